/*
 * types.ts - what the desk's WebSocket `/api/v1/live` says (contract.md section 3): a snapshot at a
 * number, then every fact after it; and what the desk says up.
 */
import type { Fact, Word } from '../api/gen/events'

export type { Fact, Word }

export interface Me {
	tenant: string
	user: string
	name: string
	roles: string[]
	permissions: string[]
}

export interface Phone {
	kind: string
	ready: boolean
}

export interface Agent {
	id: string
	name: string
	presence: Word<'presence'>
	reason?: string | null
	reason_until_at?: string | null
	reason_over?: boolean
	work: Word<'work'>
	since_at?: string | null
	next_presence?: string | null
	next_reason?: string | null
	phone?: Phone
	contacts?: string[]
}

export interface Queue {
	id: string
	name: string
	[more: string]: unknown
}

export interface Offer {
	agent: string
	at: string
	until_at: string
}

export interface Party {
	kind: string
	id: string
	state: string
}

export interface Contact {
	id: string
	channel: Word<'channel'>
	direction: Word<'direction'>
	state: Word<'contact_state'>
	from?: string
	to?: string
	queue?: string | null
	agent?: string | null
	customer?: string | null
	priority_min?: number
	arrived_at?: string
	enqueued_at?: string | null
	since_at?: string
	offers?: Offer[]
	parties?: Party[]
	[more: string]: unknown
}

export interface Snapshot {
	seq: number
	at: string
	me: Me
	agents: Agent[]
	queues: Queue[]
	contacts: Contact[]
}

/** A fact; `with`: the contact after it, when it becomes visible to this desk by it. */
export type LiveEvent = Fact & { with?: Contact }
