/* describe.ts - what became of a contact, in one word: a key below became. Pure. */
import type { Contact } from './api'

export type Became =
	| 'going_on' | 'answered' | 'abandoned' | 'in_flow' | 'flow_out' | 'callback' | 'rejected' | 'failed' | 'not_reached' | 'server_restart'

export function outcomeOf(c: Pick<Contact, 'ended_at' | 'segments' | 'direction' | 'talk_ms'>): { key: Became; bad: boolean } {
	const agents = c.segments.filter((s) => s.kind === 'agent')
	const queues = c.segments.filter((s) => s.kind === 'queue')
	if (!c.ended_at) return { key: 'going_on', bad: false }
	if (agents.some((s) => s.talk_ms || s.result === 'completed' || s.result === 'transferred')) return { key: 'answered', bad: false }
	const last = queues.at(-1)?.result
	switch (last) {
		case 'answered': return { key: 'answered', bad: false }
		case 'abandoned': return { key: 'abandoned', bad: true }
		case 'callback': return { key: 'callback', bad: false }
		case 'flow_out': case 'rejected': case 'failed': case 'server_restart': return { key: last, bad: true }
	}
	if (c.direction !== 'inbound') return { key: 'not_reached', bad: true }
	return { key: 'in_flow', bad: false }
}
