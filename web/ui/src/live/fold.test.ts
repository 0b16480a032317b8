/*
 * The law of the desk: snapshot(n) + facts = snapshot(m), for a supervisor and for agents of two queues. The data are what
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
})

describe.each(['olga', 'anna', 'clara'])('desk of %s', (who) => {
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
