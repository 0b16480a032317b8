import { expect, test } from 'vitest'
import type { Contact } from '../live/types'
import { inOrder, otherNumber, roleOf, waitingOf, workOf } from './mine'

const at = '2026-01-01T10:00:00.000Z'
const contact = (id: string, more: Partial<Contact>): Contact => ({
	id,
	channel: 'voice',
	state: 'talking',
	direction: 'inbound',
	from: '+48600700800',
	to: '+48221000000',
	...more,
})
const offer = { agent: 'anna', at, until_at: at }
const party = (state: 'talking' | 'held' | 'dialling', id = 'anna') => ({ kind: 'agent' as const, id, state, since_at: at })

test('what a contact is to me', () => {
	expect(roleOf(contact('1', { offers: [offer] }), 'anna')).toBe('ringing')
	expect(roleOf(contact('1', { offers: [{ ...offer, accepted: true }] }), 'anna')).toBe('talking')
	expect(roleOf(contact('1', { offers: [{ ...offer, agent: 'jan' }] }), 'anna')).toBe('none')
	expect(roleOf(contact('1', { parties: [party('held')] }), 'anna')).toBe('held')
	expect(roleOf(contact('1', { parties: [party('talking', 'jan')] }), 'anna')).toBe('none')
	expect(roleOf(contact('1', { wraps: [{ agent: 'anna', since_at: at }] }), 'anna')).toBe('wrapping')
	expect(roleOf(contact('1', { park: { until_at: at } }), 'anna')).toBe('parked')
})
test('the work list: ringing, active, wrap-up; the older first', () => {
	const list = [
		contact('w', { wraps: [{ agent: 'anna', since_at: at }] }),
		contact('b', { parties: [party('talking')], arrived_at: '2026-01-01T10:00:02.000Z' }),
		contact('a', { parties: [party('talking')], arrived_at: '2026-01-01T10:00:01.000Z' }),
		contact('r', { offers: [offer] }),
		contact('x', {}),
	]
	expect(inOrder(workOf(list, 'anna')).map((c) => c.id)).toEqual(['r', 'a', 'b', 'w'])
})
test('whom I talk to', () => {
	expect(otherNumber(contact('1', {}), 'anna')).toBe('+48600700800')
	expect(otherNumber(contact('1', { direction: 'outbound' }), 'anna')).toBe('+48221000000')
	expect(otherNumber(contact('1', { from: 'anonymous' }), 'anna')).toBe('')
})
test('who waits: the longest first; who waits for a colleague beside him is no customer in line', () => {
	const w = waitingOf([
		contact('1', { queue: 'sales', enqueued_at: '2026-01-01T10:00:05.000Z' }),
		contact('2', { queue: 'billing', enqueued_at: '2026-01-01T10:00:03.000Z' }),
		contact('3', { queue: 'sales', enqueued_at: '2026-01-01T10:00:01.000Z' }),
		contact('4', { queue: 'it', enqueued_at: '2026-01-01T10:00:00.000Z', consults: 'anna' }),
	])
	expect(w.map((q) => [q.queue, q.count, q.oldest.slice(17, 19)])).toEqual([
		['sales', 2, '01'],
		['billing', 1, '03'],
	])
})
