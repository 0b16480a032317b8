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
	/** Then his former skills and queues are back. */
	skills_until_at?: string
	phone: Phone
}

/** Nobody new waits there: he goes to `to`, or where his flow sends him when it is closed. */
export interface Closed {
	since_at: string
	by: string
	to?: string
	/** Without: until somebody opens it. */
	until_at?: string
}

export interface Queue {
	id: string
	name: string
	closed?: Closed
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

/** An agent asked for somebody to come. */
export interface Help {
	agent: string
	text?: string
	since_at: string
}

/** An alert that stands: its condition held for as long as it was declared to. */
export interface AlertState {
	id: string
	name?: string
	level: 'warning' | 'critical'
	since_at: string
	value?: number
	acknowledged_by?: string
	/** not on: somebody tries it */
	test?: boolean
}

/** A message to me that I have not read. */
export interface DeskMessage {
	/** The seq of its fact. */
	id: string
	at: string
	by: string
	to: string
	name?: string
	text: string
	urgent?: boolean
}

/** An alarm, or a reason an agent asks approval for: what the feed of supervisors has beside alerts. */
export interface Notice {
	/** The seq of its fact. */
	id: string
	kind: 'alarm' | 'approval'
	/** The alarm's word; of an approval the id of the reason. */
	name: string
	agent?: string
	queue?: string
	contact?: string
	trunk?: string
	at: string
	detail?: string
	acknowledged_by?: string
	acknowledged_at?: string
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
	/** nobody calls: a desk is tried */
	test?: boolean
	arrived_at?: string
	flow?: string
	node?: string
	/** Who waits in a queue: by which node of which flow he came there. */
	via_flow?: string
	via_node?: string
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
	help?: Help
}

export interface Snapshot {
	seq: number
	at: string
	me: Me
	agents: Agent[]
	queues: Queue[]
	contacts: Contact[]
	/** For who sees all of the tenant. */
	alerts?: AlertState[]
	messages?: DeskMessage[]
	notices?: Notice[]
}

/**
 * A fact. `with`: the contact after it, when this desk begins to see it, or sees no more than that it waits; `gone`: this
 * desk sees it no more. Of what is not his an agent gets some fields only.
 */
export type LiveEvent = Fact & { with?: Contact; gone?: boolean }
