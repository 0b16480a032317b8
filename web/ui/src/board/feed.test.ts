import { describe, expect, test } from 'vitest'
import type { AlertState, Contact, Notice } from '../live/types'
import { feedOf, isOpen, itemKey } from './feed'

const at = (s: number) => new Date(s * 1000).toISOString()
const alarm = (id: string, more: Partial<Notice> = {}): Notice => ({ id, kind: 'alarm', name: 'agent_lost', at: at(Number(id)), ...more })

describe('the feed', () => {
	const help = { id: 'c', help: { agent: 'anna', since_at: at(50) } } as Contact
	const alerts: AlertState[] = [
		{ id: 'taken', level: 'critical', since_at: at(99), acknowledged_by: 'olga' },
		{ id: 'warns', level: 'warning', since_at: at(10) },
		{ id: 'worst', level: 'critical', since_at: at(5) },
	]
	const asks = (id: string): Notice => ({ id, kind: 'approval', name: 'errand', agent: `a${id}`, at: at(Number(id)) })

	test('who waits for an answer stands before what has happened, what is taken last', () => {
		const feed = feedOf([help, { id: 'quiet' } as Contact], alerts, [asks('30'), alarm('70', { agent: 'b' }), asks('20')])
		expect(feed.map(itemKey)).toEqual(['help c', 'alert worst', 'approval 20', 'approval 30', 'alert warns', 'alarm 70', 'alert taken'])
		expect(feed.filter(isOpen)).toHaveLength(6)
	})
	test('equal alarms are one line, of the newest; other people are another', () => {
		const feed = feedOf([], [], [alarm('1', { agent: 'anna' }), alarm('2', { agent: 'boris' }), alarm('3', { agent: 'anna' })])
		expect(feed.map((i) => i.kind === 'alarm' && [i.notice.id, i.ids])).toEqual([['3', ['1', '3']], ['2', ['2']]])
	})
	test('a pause that is over, or back within its time, needs nobody any more', () => {
		const pauses = ['anna', 'boris'].map((agent, i) => alarm(String(i), { name: 'reason_over', agent }))
		expect(feedOf([], [], [...pauses, alarm('7', { agent: 'boris' })], (agent) => agent === 'anna').map(itemKey)).toEqual(['alarm 7', 'alarm 0'])
	})
	test('taken ones do not pile up', () => {
		const many = Array.from({ length: 30 }, (_, i) => alarm(String(i + 1), { agent: `a${i}`, acknowledged_by: 'olga' }))
		expect(feedOf([], [], many).map(itemKey)).toEqual(['alarm 30', 'alarm 29', 'alarm 28', 'alarm 27', 'alarm 26'])
	})
})
