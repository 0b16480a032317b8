/* people.ts - whom a talk can be given to, found by a few letters, the available ones first. Pure. */
import { isFree } from '../app/state'
import type { Agent, Queue } from '../live/types'
import { fold } from '../parts/fold'
import { looksDialled } from '../parts/number'
import type { Waiting } from './mine'

export type Target =
	| { kind: 'agent'; id: string; name: string; agent: Agent; free: boolean }
	| { kind: 'queue'; id: string; name: string; waiting: number }
	| { kind: 'number'; id: string; name: string }

const order = (a: Agent) => (isFree(a) ? 0 : a.presence === 'ready' ? 1 : a.presence === 'signed_out' ? 3 : 2)

export function findTargets(
	text: string,
	agents: Iterable<Agent>,
	queues: Iterable<Queue>,
	waiting: Waiting[],
	me: string,
): Target[] {
	const wanted = fold(text.trim())
	const hit = (name: string, id: string) => !wanted || fold(`${name} ${id}`).includes(wanted)
	const people = [...agents]
		.filter((a) => a.id !== me && hit(a.name, a.id))
		.sort((a, b) => order(a) - order(b) || (a.name || a.id).localeCompare(b.name || b.id))
		.map((agent): Target => ({ kind: 'agent', id: agent.id, name: agent.name || agent.id, agent, free: isFree(agent) }))
	const lines = [...queues]
		.filter((q) => hit(q.name, q.id))
		.map((q): Target => ({
			kind: 'queue',
			id: q.id,
			name: q.name || q.id,
			waiting: waiting.find((w) => w.queue === q.id)?.count ?? 0,
		}))
	const number = text.trim()
	const dial: Target[] = looksDialled(number) ? [{ kind: 'number', id: number, name: number }] : []
	return [...dial, ...people, ...lines]
}

/** As bodies of verbs name it: {"agent":"jan"} … */
export const targetBody = (target: Target) => ({ [target.kind]: target.id })
