/*
 * types.ts - what the desk's WebSocket `/api/v1/live` says (contract.md section 3): a snapshot at a
 * number, then every fact after it; and what the desk says up. What is not so is left out.
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
	kind: Word<'phone_kind'>
	ready: boolean
}

export interface Agent {
	id: string
	name: string
	presence: Word<'presence'>
	reason?: string
	reason_over?: boolean
	work: Word<'work'>
	since_at: string
	next_presence?: string
	next_reason?: string
	/** His desk or his browser's sound is gone for less than a minute (behaviours.md A-6). */
	connecting?: boolean
	phone: Phone
}

export interface Queue {
	id: string
	name: string
}

export interface Offer {
	agent: string
	at: string
	until_at: string
	accepted?: boolean
}

export interface Party {
	kind: 'agent' | 'number' | 'supervisor'
	id: string
	/** Numbers: call/'s name for it. */
	callee?: number
	/** Agents: began the call and has the customer's place. */
	caller?: boolean
	state: 'dialling' | 'ringing' | 'talking' | 'held' | 'listen' | 'whisper' | 'barge'
	since_at: string
	muted?: boolean
	conference?: boolean
}

export interface Consult {
	agent?: string
	target: Word<'target'>
	name: string
	since_at: string
}

export interface Park {
	agent?: string
	queue?: string
	slot?: number
	until_at: string
}

export interface Wrap {
	agent: string
	queue?: string
	since_at: string
	/** When it ends by itself. */
	until_at?: string
}

/** Who waits in one of my queues is only `id channel state queue enqueued_at priority_min park`. */
export interface Contact {
	id: string
	channel: Word<'channel'>
	state: Word<'contact_state'>
	direction?: Word<'direction'>
	since_at?: string
	from?: string
	to?: string
	customer?: string
	diverted?: string
	verstat?: string
	private?: boolean
	arrived_at?: string
	flow?: string
	node?: string
	queue?: string
	enqueued_at?: string
	priority_min?: number
	consults?: string
	agent?: string
	offers?: Offer[]
	parties?: Party[]
	consult?: Consult
	held?: boolean
	muted?: boolean
	park?: Park
	recording?: 'off' | 'on' | 'paused'
	recording_id?: string
	wraps?: Wrap[]
	disconnected_at?: string
	ended_by?: Word<'party'>
}

export interface Snapshot {
	seq: number
	at: string
	me: Me
	agents: Agent[]
	queues: Queue[]
	contacts: Contact[]
}

/**
 * A fact. `with`: the contact after it, when this desk begins to see it, or sees no more than that it waits; `gone`: this
 * desk sees it no more. Of what is not his an agent gets some fields only.
 */
export type LiveEvent = Fact & { with?: Contact; gone?: boolean }
