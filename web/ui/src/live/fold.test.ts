/*
 * The law of the desk: snapshot(n) + facts = snapshot(m), for supervisors, of all and of one team, and for agents of two queues. The data are what
 * a real run said (tests/data/live_*.jsonl, see live/README.md), the same as the fold in C is tested with.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { apply, applyAll } from './fold'
import type { LiveEvent, Snapshot } from './types'
import { type World, worldOf } from './world'

type Line = { snapshot: Snapshot } | LiveEvent
const linesOf = (who: string): Line[] =>
	readFileSync(join(__dirname, '../../../../tests/data', `live_${who}.jsonl`), 'utf8')
		.split('\n')
		.filter(Boolean)
		.map((line) => JSON.parse(line))

/** As two desks would compare what they show. */
const plain = (w: World) => ({
	agents: [...w.agents.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
	queues: [...w.queues.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
	contacts: [...w.contacts.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
	notices: [...w.notices.values()],
})

describe.each(['olga', 'anna', 'boris', 'clara', 'teresa', 'dora'])('desk of %s', (who) => {
	const lines = linesOf(who)
	test('a snapshot and the facts after it make every later snapshot', () => {
		let world: World | null = null
		let compared = 0
		for (const line of lines) {
			if (!('snapshot' in line)) {
				world = apply(world as World, line)
				continue
			}
			const later = worldOf(line.snapshot)
			if (world) {
				expect(plain(world), `at ${line.snapshot.seq}`).toEqual(plain(later))
				compared++
			}
			world ??= later
		}
		expect(compared).toBeGreaterThan(10)
	})
	test('it does not matter where a desk begins, nor how many facts come at once', () => {
		const last = lines.findLastIndex((l) => 'snapshot' in l)
		const end = worldOf((lines[last] as { snapshot: Snapshot }).snapshot)
		for (let i = 0; i < last; i++) {
			const line = lines[i] as Line
			if (!('snapshot' in line)) continue
			const after = lines.slice(i, last).filter((l): l is LiveEvent => !('snapshot' in l))
			expect(plain(applyAll(worldOf(line.snapshot), after)), `from ${line.snapshot.seq}`).toEqual(plain(end))
		}
	})
	test('alarms, approvals, closed queues and lent skills move on', () => {
		const first = worldOf((lines[0] as { snapshot: Snapshot }).snapshot)
		const at = (n: number) => new Date(1e12 + n * 1000).toISOString()
		const NEVER = new Date(0).toISOString()
		const told = (n: number, fact: object) => ({ seq: first.seq + n, at: at(n), tenant: 'acme', ...fact }) as LiveEvent
		const alarm = { event: 'alarm', detail: 'gone', agent: 'clara', queue: null, trunk: null, about: '' }
		let w = applyAll(first, [
			told(1, { ...alarm, name: 'agent_lost' }),
			told(3, { event: 'approval_asked', agent: 'clara', reason: 'errand' }),
			told(4, { event: 'notice_acknowledged', notice: first.seq + 1, by: 'olga' }),
			told(5, { event: 'notice_acknowledged', notice: first.seq + 1, by: 'ivan' }),
			told(6, { event: 'queue_closed', queue: 'late', to: 'support', until_at: NEVER, by: 'olga' }),
			told(7, { event: 'agent_skills', agent: 'clara', until_at: at(60), by: 'olga' }),
		])
		expect([...w.notices.values()]).toEqual([
			{ id: String(first.seq + 1), kind: 'alarm', name: 'agent_lost', agent: 'clara', at: at(1), detail: 'gone', acknowledged_by: 'olga', acknowledged_at: at(4) },
			{ id: String(first.seq + 3), kind: 'approval', name: 'errand', agent: 'clara', at: at(3) },
		])
		if (w.queues.has('late')) expect(w.queues.get('late')?.closed).toEqual({ since_at: at(6), by: 'olga', to: 'support' })
		if (w.agents.has('clara')) expect(w.agents.get('clara')?.skills_until_at).toBe(at(60))
		w = applyAll(w, [
			told(8, { event: 'approval_end', agent: 'clara', reason: 'errand', how: 'refused', by: 'olga' }),
			told(9, { event: 'queue_reopened', queue: 'late', by: 'olga' }),
			told(10, { event: 'agent_skills', agent: 'clara', until_at: NEVER, by: '' }),
		])
		expect(w.notices.size).toBe(1)
		expect(w.queues).toEqual(first.queues)
		expect(w.agents.get('clara')?.skills_until_at).toBeUndefined()
		const many = Array.from({ length: 210 }, (_, n) => told(20 + n, { ...alarm, name: 'flow' }))
		expect(applyAll(w, many).notices.size).toBe(200)
	})
	test('what is known already changes nothing', () => {
		const first = lines[0] as { snapshot: Snapshot }
		const events = lines.filter((l): l is LiveEvent => !('snapshot' in l))
		const once = applyAll(worldOf(first.snapshot), events)
		expect(plain(applyAll(once, events))).toEqual(plain(once))
	})
	test('a fact that changes nothing leaves the maps as they were: nothing renders', () => {
		const first = lines[0] as { snapshot: Snapshot }
		const world = worldOf(first.snapshot)
		const quiet = { event: 'alarm', seq: first.snapshot.seq + 1, at: '', tenant: '', name: '', detail: '' } as LiveEvent
		const after = apply(world, quiet)
		expect([after.agents, after.contacts]).toEqual([world.agents, world.contacts])
		expect(after.agents).toBe(world.agents)
	})
})
