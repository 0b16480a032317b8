/* Who waits, who needs somebody, and in which order they stand. */
import { describe, expect, test } from 'vitest'
import type { Agent, Contact } from '../live/types'
import { type AgentDay, applyBoard, occupancy } from './figures'
import { agentOf, agentRows, contactsByAgent, countGroups, filterAgents, filterContacts, groupOf, longAfter, sortAgents, sortContacts, waitsOf, watchedBy } from './model'
import { sparkPath } from './Spark'

const NOW = Date.parse('2026-11-22T12:00:00.000Z')
const ago = (s: number) => new Date(NOW - s * 1000).toISOString()
const agent = (id: string, more: Partial<Agent> = {}): Agent => ({
	id, name: id, presence: 'ready', work: 'idle', since_at: ago(60), phone: { kind: 'sip', ready: true }, ...more,
})
const contact = (id: string, more: Partial<Contact> = {}): Contact => ({ id, channel: 'voice', state: 'talking', arrived_at: ago(100), since_at: ago(50), ...more })
const talk = (id: string, who: string, s = 50, more: Partial<Contact> = {}) =>
	contact(id, { queue: 'sales', parties: [{ kind: 'agent', id: who, state: 'talking', since_at: ago(s) }], ...more })
const nobodyKnows = () => null

describe('who waits', () => {
	test('ringing counts, consulting colleagues do not; the oldest of each queue and of all', () => {
		const waits = waitsOf([
			contact('1', { state: 'waiting', queue: 'a', enqueued_at: ago(30) }),
			contact('2', { state: 'offered', queue: 'a', enqueued_at: ago(40) }),
			contact('3', { state: 'waiting', queue: 'b', enqueued_at: ago(10) }),
			contact('4', { state: 'waiting', queue: 'b', enqueued_at: ago(99), consults: 'anna' }),
			talk('5', 'anna'),
		])
		expect(waits.get('a')).toEqual({ count: 2, oldest: ago(40), channels: new Map([['voice', 2]]) })
		expect(waits.get('')).toEqual({ count: 3, oldest: ago(40), channels: new Map([['voice', 3]]) })
	})
})

describe('agents', () => {
	test('five groups: work before presence, and ready is who could take something', () => {
		expect(groupOf(agent('a'))).toBe('ready')
		expect(groupOf(agent('a', { phone: { kind: 'sip', ready: false } }))).toBe('paused')
		expect(groupOf(agent('a', { work: 'no_answer' }))).toBe('paused')
		expect(groupOf(agent('a', { presence: 'signed_out' }))).toBe('signed_out')
		expect(groupOf(agent('a', { presence: 'signed_out', work: 'talking' }))).toBe('talking')
		expect(groupOf(agent('a', { work: 'wrapping' }))).toBe('wrapping')
		expect(countGroups([agent('a'), agent('b', { work: 'holding' })])).toMatchObject({ ready: 1, talking: 1 })
	})
	test('what needs a supervisor stands first: help, no answer, long, over, phone, then work, the longest first', () => {
		const agents = [
			agent('idle'), agent('busy', { work: 'talking' }), agent('older', { work: 'talking', since_at: ago(400) }),
			agent('phone', { phone: { kind: 'sip', ready: false } }), agent('over', { presence: 'not_ready', reason: 'break', reason_over: true }),
			agent('long', { work: 'talking' }), agent('missed', { work: 'no_answer' }), agent('help', { work: 'talking' }),
		]
		const contacts = [
			talk('1', 'busy'), talk('2', 'older', 400), talk('3', 'long', 16 * 60), talk('4', 'help', 5, { help: { agent: 'help', since_at: ago(1) } }),
		]
		const rows = sortAgents(agentRows(agents, contacts, NOW, nobodyKnows), 'need')
		expect(rows.map((r) => r.agent.id)).toEqual(['help', 'missed', 'long', 'over', 'phone', 'older', 'busy', 'idle'])
		expect(rows.map((r) => r.need)).toEqual(['help', 'no_answer', 'long', 'over', 'phone', undefined, undefined, undefined])
	})
	test('long is twice what a talk takes in that queue, five minutes at least, a quarter of an hour where nobody knows', () => {
		expect(longAfter(200_000)).toBe(400_000)
		expect(longAfter(60_000)).toBe(300_000)
		expect(longAfter(null)).toBe(900_000)
		const row = (aht: number) => agentRows([agent('a', { work: 'talking' })], [talk('1', 'a', 500)], NOW, () => aht)[0]
		expect(row(240_000)?.need).toBe('long')
		expect(row(260_000)?.need).toBeUndefined()
	})
	test('who is signed out is found when he is asked for, else not there', () => {
		const rows = agentRows([agent('Łukasz', { presence: 'signed_out' }), agent('anna')], [], NOW, nobodyKnows)
		const ids = (f: object) => filterAgents(rows, f, new Map([['anna', { skills: { x: 5 }, queues: ['q'], teams: ['t'] }]])).map((r) => r.agent.id)
		expect(ids({})).toEqual(['anna'])
		expect(ids({ q: 'luk' })).toEqual(['Łukasz'])
		expect(ids({ group: 'signed_out' })).toEqual(['Łukasz'])
		expect(ids({ team: 't', skill: 'x', queue: 'q' })).toEqual(['anna'])
		expect(ids({ skill: 'y' })).toEqual([])
	})
	test('of several contacts the one he talks in', () => {
		const his = contactsByAgent([
			contact('w', { wraps: [{ agent: 'a', since_at: ago(1) }] }), talk('t', 'a'), contact('o', { offers: [{ agent: 'a', at: ago(1), until_at: ago(0) }] }),
		])
		expect(his.get('a')?.id).toBe('t')
	})
})

describe('contacts', () => {
	const list = [
		talk('talk', 'anna', 50, { arrived_at: ago(900), from: '+48600700800' }),
		contact('wait1', { state: 'waiting', queue: 'b', enqueued_at: ago(20), arrived_at: ago(21), from: '+48500100200' }),
		contact('wait2', { state: 'waiting', queue: 'a', enqueued_at: ago(60), arrived_at: ago(61) }),
		contact('flow', { state: 'flow', arrived_at: ago(5) }),
		contact('gone', { state: 'ended' }),
	]
	const ids = (l: Contact[]) => l.map((c) => c.id)
	test('who waits longest stands first, who ended is not there', () => {
		expect(ids(sortContacts(filterContacts(list, {}), 'need'))).toEqual(['wait2', 'wait1', 'talk', 'flow'])
		expect(ids(sortContacts(filterContacts(list, {}), 'age', true))).toEqual(['flow', 'wait1', 'wait2', 'talk'])
	})
	test('found by state, queue and some digits of the number, however they are written', () => {
		expect(ids(filterContacts(list, { state: 'waiting', queue: 'a' }))).toEqual(['wait2'])
		expect(ids(filterContacts(list, { q: '600 700' }))).toEqual(['talk'])
	})
	test('whom a contact is with, and who listens to it', () => {
		expect(agentOf(list[0] as Contact)).toBe('anna')
		const heard = talk('h', 'anna')
		heard.parties?.push({ kind: 'supervisor', id: 'olga', state: 'whisper', since_at: ago(2) })
		expect(watchedBy([list[0] as Contact, heard], 'olga')).toMatchObject({ mode: 'whisper', contact: { id: 'h' } })
		expect(watchedBy([heard], 'anna')).toBeNull()
	})
})

describe('figures', () => {
	test('a whole message replaces, another one changes what it names and leaves the rest alone', () => {
		const a = { queue: 'a' }
		const first = applyBoard({ at: '', rows: new Map(), days: new Map() }, { at: '1', queues: [a, { queue: 'b' }, { queue: null }], whole: true })
		expect([...first.rows.keys()]).toEqual(['a', 'b', ''])
		const second = applyBoard(first, { at: '2', queues: [{ queue: 'b', ewt_ms: 5 }] })
		expect(second.rows.get('a')).toBe(a)
		expect(second.rows.get('b')?.ewt_ms).toBe(5)
		expect([...applyBoard(second, { at: '3', queues: [a], whole: true }).rows.keys()]).toEqual(['a'])
	})
	test('how occupied somebody was runs on by itself, and is told anew only when he turns to something else', () => {
		const day = (adds: AgentDay['adds']): AgentDay => ({ agent: 'anna', busy_ms: 30_000, of_ms: 60_000, since: '2026-11-22T10:00:00.000Z', adds })
		const at = (s: number) => Date.parse('2026-11-22T10:00:00Z') + s * 1000
		expect(occupancy(day('busy'), at(60))).toBe(0.75)
		expect(occupancy(day('of'), at(60))).toBe(0.25)
		expect(occupancy(day(null), at(60))).toBe(0.5)
		expect(occupancy(day('busy'), at(-5))).toBe(0.5)
		expect(occupancy({ ...day(null), busy_ms: 0, of_ms: 0 }, at(0))).toBeNull()
		expect(occupancy(undefined, at(0))).toBeNull()
		const first = applyBoard({ at: '', rows: new Map(), days: new Map() }, { at: '1', queues: [], agents: [day('of')] })
		const second = applyBoard(first, { at: '2', queues: [] })
		expect(second.days).toBe(first.days)
		expect(applyBoard(second, { at: '3', queues: [], whole: true }).days.size).toBe(0)
	})
	test('a course has gaps where there are no data, and a lone point is a dot', () => {
		expect(sparkPath([0, 1], 10, 12)).toBe('M0.0 11.0L10.0 1.0')
		expect(sparkPath([1, null, 0.5], 10, 12)).toBe('M0.0 1.0h.01M10.0 6.0h.01')
		expect(sparkPath([null, null], 10, 12)).toBe('')
	})
})
