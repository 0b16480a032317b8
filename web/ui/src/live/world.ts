/*
 * world.ts - what is now, as this desk may see it: a snapshot, kept true by facts (fold.ts). Pure.
 */
import type { Agent, AlertState, Contact, DeskMessage, Me, Notice, Queue, Snapshot } from './types'

export interface World {
	/** The newest fact that is in it. */
	readonly seq: number
	readonly me: Me
	readonly agents: ReadonlyMap<string, Agent>
	readonly queues: ReadonlyMap<string, Queue>
	readonly contacts: ReadonlyMap<string, Contact>
	readonly alerts: ReadonlyMap<string, AlertState>
	/** To me, not read. */
	readonly messages: ReadonlyMap<string, DeskMessage>
	/** In the order they came; at most 200 alarms. */
	readonly notices: ReadonlyMap<string, Notice>
}

const byId = <T extends { id: string }>(list: T[]) => new Map(list.map((one) => [one.id, one]))

export function worldOf(s: Snapshot): World {
	return {
		seq: s.seq,
		me: s.me,
		agents: byId(s.agents),
		queues: byId(s.queues),
		contacts: byId(s.contacts),
		alerts: byId(s.alerts ?? []),
		messages: byId(s.messages ?? []),
		notices: byId(s.notices ?? []),
	}
}
