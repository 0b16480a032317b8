import { expect, test, vi } from 'vitest'
import { LiveStore, sameThings } from './store'

const snapshot = (seq: number, more: object = {}) => ({
	snapshot: { seq, at: '2026-01-01T00:00:00.000Z', me: { tenant: 't', user: 'anna', name: '', roles: [], permissions: [] }, agents: [], queues: [], contacts: [], ...more },
})
const arrive = (seq: number, agent: string | null = null) => ({
	event: 'arrive', seq, at: '2026-01-01T00:00:01.000Z', tenant: 't', contact: `c${seq}`, channel: 'voice', direction: 'inbound', from: '', to: '', trunk: null, flow: 'main', agent, customer: '', private: false,
})

test('the same things are the same; Maps are what they are', () => {
	expect(sameThings([1, 'a'], [1, 'a'])).toBe(true)
	expect(sameThings({ a: 1 }, { a: 1 })).toBe(true)
	expect(sameThings({ a: 1 }, { a: 2 })).toBe(false)
	expect(sameThings([], {})).toBe(false)
	expect(sameThings(new Map([[1, 2]]), new Map([[3, 4]]))).toBe(false)
})
test('a thousand facts are one change; one that concerns me is told at once', () => {
	vi.useFakeTimers()
	const store = new LiveStore()
	store.hear(snapshot(0))
	let changes = 0
	store.subscribe(() => changes++)
	for (let seq = 1; seq <= 1000; seq++) store.hear(arrive(seq))
	expect(changes).toBe(0)
	vi.advanceTimersByTime(20)
	expect([changes, store.get().world?.contacts.size]).toEqual([1, 1000])
	store.hear(arrive(1001, 'anna'))
	expect([changes, store.get().world?.contacts.size]).toEqual([2, 1001])
	vi.useRealTimers()
})
test('a new snapshot forgets what was; facts are told once, after they were folded', () => {
	const store = new LiveStore()
	const told: [number, number][] = []
	store.onFact((e, after) => told.push([e.seq, after.contacts.size]))
	store.hear(snapshot(0))
	store.hear(arrive(1, 'anna'))
	store.hear(arrive(1, 'anna'))
	expect(told).toEqual([[1, 1]])
	store.hear(snapshot(7))
	expect(store.get().world?.contacts.size).toBe(0)
})
test("the server's clock: who is less delayed is nearer, a clock that was set is believed at once", () => {
	vi.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00.000Z') })
	const store = new LiveStore()
	store.moment('2025-12-31T23:59:59.700Z') // 300 ms late
	expect(store.get().skewMs).toBe(0)
	store.moment('2026-01-01T00:00:00.400Z')
	expect(store.get().skewMs).toBe(400)
	store.moment('2026-01-01T00:00:00.100Z')
	expect(store.get().skewMs).toBe(400)
	vi.setSystemTime(Date.parse('2026-01-01T02:00:00.000Z')) // somebody sets ours two hours ahead
	store.moment('2026-01-01T00:00:01.000Z')
	expect(store.get().skewMs).toBe(-7_199_000)
	vi.setSystemTime(Date.parse('2026-01-01T00:00:02.000Z')) // and back
	store.moment('2026-01-01T00:00:02.000Z')
	expect(store.get().skewMs).toBe(0)
	store.moment('nonsense')
	expect(store.get().skewMs).toBe(0)
	vi.useRealTimers()
})
