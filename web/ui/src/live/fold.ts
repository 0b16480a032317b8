/*
 * fold.ts - apply(what was, a fact) → what is. Pure: no clock, no network, no page; a kind of fact that is not named
 * here does not compile. The law, tested: snapshot(n) + facts = snapshot(m).
 *
 * The same fold as live/live.c (agents) and live/contact.c (contacts), where each line is explained; both are tested
 * with the same data.
 */
import type { Agent, Contact, LiveEvent, Party, Phone, Word, Wrap } from './types'
import type { World } from './world'

/** A world in the making: its maps are copied when they are first written to. */
class Draft {
	private agents: Map<string, Agent> | null = null
	private contacts: Map<string, Contact> | null = null
	constructor(
		private readonly was: World,
		public seq: number,
	) {}

	contact(id: string): Contact | undefined {
		return (this.contacts ?? this.was.contacts).get(id)
	}
	putContact(contact: Contact): void {
		this.contacts ??= new Map(this.was.contacts)
		this.contacts.set(contact.id, contact)
	}
	dropContact(id: string): void {
		if (!this.contact(id)) return
		this.contacts ??= new Map(this.was.contacts)
		this.contacts.delete(id)
	}
	/** Nothing happens to whom this desk does not know. */
	changeAgent(id: string | null, change: Partial<Agent>): void {
		const was = id ? (this.agents ?? this.was.agents).get(id) : undefined
		if (!was) return
		this.agents ??= new Map(this.was.agents)
		this.agents.set(was.id, tidy({ ...was, ...change }))
	}
	changePhone(id: string | null, change: Partial<Phone>): void {
		const was = id ? (this.agents ?? this.was.agents).get(id) : undefined
		if (was) this.changeAgent(id, { phone: { ...was.phone, ...change } })
	}
	done(): World {
		return {
			...this.was,
			seq: this.seq,
			agents: this.agents ?? this.was.agents,
			contacts: this.contacts ?? this.was.contacts,
		}
	}
}

/** What is not so is left out, as in a snapshot. */
function tidy<T extends object>(one: T): T {
	for (const key of Object.keys(one) as (keyof T)[]) {
		const value = one[key]
		if (value === undefined || value === '' || value === null) delete one[key]
	}
	return one
}

export function apply(world: World, event: LiveEvent): World {
	return applyAll(world, [event])
}

/** Facts in order; those that are in the world already are passed over. */
export function applyAll(world: World, events: readonly LiveEvent[]): World {
	const draft = new Draft(world, world.seq)
	for (const event of events) {
		if (event.seq <= draft.seq) continue
		draft.seq = event.seq
		agentFact(draft, event)
		if ('contact' in event && event.contact) contactFact(draft, event, event.contact)
	}
	return draft.done()
}

function agentFact(d: Draft, e: LiveEvent): void {
	switch (e.event) {
		case 'agent_presence':
			d.changeAgent(e.agent, {
				presence: e.to,
				reason: e.reason,
				next_presence: undefined,
				next_reason: undefined,
				reason_over: undefined,
				since_at: e.at,
			})
			break
		case 'agent_next':
			d.changeAgent(e.agent, { next_presence: e.next, next_reason: e.reason })
			break
		case 'agent_work':
			d.changeAgent(e.agent, { work: e.to, since_at: e.at })
			break
		case 'agent_phone':
			d.changePhone(e.agent, { ready: e.ready })
			break
		case 'agent_connecting':
			d.changeAgent(e.agent, { connecting: e.on || undefined })
			break
		case 'reason_over':
			d.changeAgent(e.agent, { reason_over: true })
			break
	}
}

function contactFact(d: Draft, e: LiveEvent, id: string): void {
	if (e.with) {
		d.putContact(e.with)
		return
	}
	if (e.gone || e.event === 'ended') {
		d.dropContact(id)
		return
	}
	const was = d.contact(id)
	if (!was && e.event !== 'arrive') return
	const c: Contact = was
		? { ...was }
		: { id, channel: 'voice', state: 'flow', offers: [], parties: [], recording: 'off', wraps: [] }
	const state = c.state
	change(c, e)
	c.held = isHeld(c) || undefined
	c.state = stateOf(c)
	if (c.state !== state || e.event === 'arrive') c.since_at = e.at
	d.putContact(tidy(c))
}

/* -- who is on it -- */

const parties = (c: Contact): Party[] => c.parties ?? []
/** An agent who has the contact: not one who began it and has the customer's place. */
const serves = (p: Party) => p.kind === 'agent' && !p.caller

function isHeld(c: Contact): boolean {
	let any = false
	for (const p of parties(c)) {
		if (!serves(p)) continue
		any = true
		if (c.consult || p.state !== 'held') return p.state === 'held' // who came first has him
	}
	return any
}

/** The last one of that name: who comes twice is meant by his newest place. */
function partyAt(c: Contact, kind: Party['kind'], id: string | null): number {
	return parties(c).findLastIndex((p) => p.kind === kind && p.id === id)
}

function setParty(c: Contact, i: number, change: Partial<Party>): void {
	if (i < 0) return
	c.parties = parties(c).map((p, n) => (n === i ? tidy({ ...p, ...change }) : p))
}

function moveParty(c: Contact, i: number, state: Party['state'], at: string): void {
	if (i >= 0 && parties(c)[i]?.state !== state) setParty(c, i, { state, since_at: at })
}

function dropParty(c: Contact, i: number): void {
	if (i >= 0) c.parties = parties(c).filter((_, n) => n !== i)
}

const numberAt = (c: Contact, number: string, callee: number) =>
	parties(c).findLastIndex((p) => p.kind === 'number' && p.id === number && (p.callee ?? 0) === callee)

/** The same words in the same order as a record's (report/record.h). */
function stateOf(c: Contact): Word<'contact_state'> {
	const has = (kind: Party['kind'], state: Party['state']) =>
		parties(c).some((p) => p.kind === kind && p.state === state)
	if (parties(c).some(serves)) return c.held ? 'held' : 'talking'
	if (c.offers?.length) return 'offered'
	if (c.park) return 'parked'
	if (c.enqueued_at) return 'waiting'
	if (c.flow) return 'flow'
	if (has('agent', 'dialling')) return 'offered'
	if (has('number', 'talking')) return 'talking'
	if (c.wraps?.length) return 'wrapping'
	return c.disconnected_at ? 'ended' : 'flow'
}

const later = (at: string, ms: number) => new Date(Date.parse(at) + ms).toISOString()
const named = (name: string | null) => name ?? undefined
const WATCHES = { none: 'listen', listen: 'listen', whisper: 'whisper', barge: 'barge' } as const
const MUTED = { agent: 'agent', callee: 'number', supervisor: 'supervisor' } as const

/** One fact of a contact, into a copy of it. */
function change(c: Contact, e: LiveEvent): void {
	switch (e.event) {
		case 'arrive':
			c.channel = e.channel
			c.direction = e.direction
			c.from = e.from
			c.to = e.to
			c.agent = named(e.agent)
			c.customer = e.customer
			c.flow = named(e.flow)
			c.private = e.private || undefined
			c.arrived_at = e.at
			break
		case 'diverted':
			c.diverted = e.number
			break
		case 'identity':
			c.verstat = e.verstat
			break
		case 'flow_step':
			if (parties(c).some(serves) || c.enqueued_at || c.disconnected_at) break
			c.flow = named(e.flow)
			c.node = e.node
			break
		case 'ivr_end':
			c.flow = c.node = undefined
			break
		case 'enqueue':
			c.flow = c.node = undefined
			c.queue = named(e.queue)
			c.enqueued_at = e.at
			c.priority_min = e.priority_min || undefined
			c.consults = named(e.consults)
			break
		case 'place_resumed':
		case 'prioritised':
			c.priority_min = e.priority_min || undefined
			break
		case 'dequeue':
			if (e.queue !== c.queue) break
			c.enqueued_at = c.priority_min = c.consults = undefined
			break
		case 'offer':
			c.offers = [
				...(c.offers ?? []),
				{ agent: e.agent ?? '', at: e.at, until_at: later(e.at, e.ring_ms) },
			]
			break
		case 'offer_end':
			if (e.result === 'accepted')
				c.offers = c.offers?.map((o) => (o.agent === e.agent ? { ...o, accepted: true } : o))
			else c.offers = c.offers?.filter((o) => o.agent !== e.agent)
			break
		case 'answer': {
			const i = partyAt(c, 'agent', e.agent)
			c.flow = c.node = undefined
			c.offers = c.offers?.filter((o) => o.agent !== e.agent)
			if (!parties(c).some(serves)) c.agent = named(e.agent)
			if (i >= 0) {
				moveParty(c, i, 'talking', e.at)
				setParty(c, i, { caller: undefined })
			} else addParty(c, { kind: 'agent', id: e.agent ?? '', state: 'talking', since_at: e.at })
			break
		}
		case 'agent_end': {
			// without a name: he was lost together with what was known of him
			dropParty(c, e.agent ? partyAt(c, 'agent', e.agent) : parties(c).findIndex(serves))
			const other = parties(c).find(serves)
			if (other && e.agent === c.agent) c.agent = other.id
			if (e.wraps) beginWrap(c, e.agent, e.queue, e.at) // now, so that it is his all the time
			break
		}
		case 'agent_dial':
			c.agent = named(e.agent)
			c.queue = named(e.queue)
			addParty(c, { kind: 'agent', id: e.agent ?? '', state: 'dialling', since_at: e.at, caller: true })
			break
		case 'agent_dial_end':
			dropParty(c, partyAt(c, 'agent', e.agent))
			break
		case 'agent_work': {
			const i = partyAt(c, 'agent', e.agent)
			if (parties(c)[i]?.state === 'dialling' && e.to === 'talking') moveParty(c, i, 'talking', e.at)
			break
		}
		case 'wrap_start':
			beginWrap(c, e.agent, e.queue, e.at, e.limit_ms ? later(e.at, e.limit_ms) : undefined)
			break
		case 'wrap_extended': {
			let done = false // of the first one that is his
			c.wraps = c.wraps?.map((w) => {
				if (done || w.agent !== e.agent) return w
				done = true
				return w.until_at ? { ...w, until_at: later(w.until_at, e.by_ms) } : w
			})
			break
		}
		case 'wrap_end': {
			const i = c.wraps?.findIndex((w) => w.agent === e.agent) ?? -1
			if (i >= 0) c.wraps = c.wraps?.filter((_, n) => n !== i)
			break
		}
		case 'hold_on':
			moveParty(c, partyAt(c, 'agent', e.agent), 'held', e.at)
			break
		case 'hold_off':
			moveParty(c, partyAt(c, 'agent', e.agent), 'talking', e.at)
			break
		case 'conf_on':
		case 'conf_off':
			setParty(c, partyAt(c, 'agent', e.agent), { conference: e.event === 'conf_on' || undefined })
			break
		case 'consult_start':
			c.consult = tidy({ agent: named(e.agent), target: e.target, name: e.name, since_at: e.at })
			break
		case 'consult_end':
			c.consult = undefined
			break
		case 'park':
			c.park = tidy({
				agent: named(e.agent),
				queue: named(e.queue),
				slot: e.slot || undefined,
				until_at: later(e.at, e.timeout_ms),
			})
			break
		case 'park_end':
			c.park = undefined
			break
		case 'mute_on':
		case 'mute_off': {
			const muted = e.event === 'mute_on' || undefined
			if (e.party === 'customer') c.muted = muted
			else if (e.party !== 'system') setParty(c, partyAt(c, MUTED[e.party], e.name), { muted })
			break
		}
		case 'monitor_start':
			addParty(c, { kind: 'supervisor', id: e.agent ?? '', state: WATCHES[e.mode], since_at: e.at })
			break
		case 'monitor_end':
			dropParty(c, partyAt(c, 'supervisor', e.agent))
			break
		case 'record_pause':
			if (c.recording_id) c.recording = 'paused'
			break
		case 'record_resume':
			if (c.recording_id) c.recording = 'on'
			break
		case 'recording_start':
			c.recording_id = e.recording
			c.recording = 'on'
			break
		case 'recording_end':
			if (e.recording !== c.recording_id) break // of an earlier talk: its file is whole only now
			c.recording_id = undefined
			c.recording = 'off'
			break
		case 'dial':
			addParty(c, {
				kind: 'number',
				id: e.number,
				callee: e.callee || undefined,
				state: 'ringing',
				since_at: e.at,
			})
			break
		case 'dial_answer':
			moveParty(c, numberAt(c, e.number, e.callee), 'talking', e.at)
			break
		case 'dial_end':
			dropParty(c, numberAt(c, e.number, e.callee))
			break
		case 'disconnect':
			c.disconnected_at = e.at
			c.ended_by = e.by
			c.flow = c.node = c.park = undefined
			break
		case 'ended':
		case 'bulletin':
		case 'decision':
		case 'unserved':
		case 'promise':
		case 'callback_wanted':
		case 'transfer':
		case 'transfer_back':
		case 'dial_blocked':
		case 'leg_end':
			break // nothing that is shown
		case 'agent_presence':
		case 'agent_next':
		case 'agent_phone':
		case 'agent_connecting':
		case 'reason_warning':
		case 'reason_over':
		case 'queue_unmeetable':
		case 'mass_event_start':
		case 'mass_event_stop':
		case 'server_start':
		case 'object_changed':
		case 'login':
		case 'logout':
		case 'request_done':
		case 'alarm':
		case 'blocked':
		case 'user_kept':
		case 'customer_changed':
		case 'customer_merged':
		case 'customer_unmerged':
		case 'customer_noted':
		case 'customers_imported':
		case 'customer_linked':
		case 'viewed':
			break // of no contact, or nothing that is shown
		default: {
			const unknown: never = e // a new kind of fact does not compile until it is named above
			void unknown
		}
	}
}

function addParty(c: Contact, party: Party): void {
	c.parties = [...parties(c), tidy(party)]
}

/** Begun by the end of his talk, or by its own fact; the second one knows how long it may last. */
function beginWrap(c: Contact, agent: string | null, queue: string | null, at: string, until_at?: string): void {
	const all = c.wraps ?? []
	const i = all.findIndex((w) => w.agent === agent)
	const was: Wrap = all[i] ?? tidy({ agent: agent ?? '', queue: named(queue), since_at: at })
	const wrap = tidy({ ...was, until_at })
	c.wraps = i < 0 ? [...all, wrap] : all.map((w, n) => (n === i ? wrap : w))
}
