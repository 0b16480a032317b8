/*
 * fold.ts - apply(what was, a fact) → what is. Pure: no clock, no network, no page; a kind of fact that is not named
 * here does not compile. The law, tested: snapshot(n) + facts = snapshot(m).
 *
 * The same fold as live/live.c (agents) and live/contact.c (contacts), where each line is explained; both are tested
 * with the same data.
 */
import type { Agent, AlertState, Contact, DeskMessage, LiveEvent, Notice, Party, Phone, Queue, Word, Wrap } from './types'
import type { World } from './world'

/** The newest alarms of those that this desk sees. */
const NOTICES_SHOWN = 200

/** A world in the making: its maps are copied when they are first written to. */
class Draft {
	private agents: Map<string, Agent> | null = null
	private contacts: Map<string, Contact> | null = null
	private alerts: Map<string, AlertState> | null = null
	private messages: Map<string, DeskMessage> | null = null
	private notices: Map<string, Notice> | null = null
	private queues: Map<string, Queue> | null = null
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
	changeAlert(id: string, change: Partial<AlertState> | null): void {
		this.alerts ??= new Map(this.was.alerts)
		const was = this.alerts.get(id)
		if (!change) this.alerts.delete(id)
		else if (was || 'since_at' in change) this.alerts.set(id, tidy({ ...was, id, ...change } as AlertState))
	}
	putMessage(message: DeskMessage): void {
		this.messages ??= new Map(this.was.messages)
		this.messages.set(message.id, tidy(message))
	}
	dropMessage(id: string): void {
		this.messages ??= new Map(this.was.messages)
		this.messages.delete(id)
	}
	changeQueue(id: string | null, change: Partial<Queue>): void {
		const was = id ? (this.queues ?? this.was.queues).get(id) : undefined
		if (!was) return
		this.queues ??= new Map(this.was.queues)
		this.queues.set(was.id, tidy({ ...was, ...change }))
	}
	/** The oldest alarm makes way. */
	putNotice(notice: Notice): void {
		this.notices ??= new Map(this.was.notices)
		this.notices.set(notice.id, tidy(notice))
		const alarms = [...this.notices.values()].filter((one) => one.kind === 'alarm')
		if (alarms.length > NOTICES_SHOWN) this.notices.delete(alarms[0]!.id)
	}
	acknowledgeNotice(id: string, by: string, at: string): void {
		const was = (this.notices ?? this.was.notices).get(id)
		if (!was || was.acknowledged_at) return
		this.notices ??= new Map(this.was.notices)
		this.notices.set(id, { ...was, acknowledged_by: by, acknowledged_at: at })
	}
	/** What he asked for is decided, or he asks for something else. */
	dropApproval(agent: string | null): void {
		for (const one of (this.notices ?? this.was.notices).values()) {
			if (one.kind !== 'approval' || one.agent !== agent) continue
			this.notices ??= new Map(this.was.notices)
			this.notices.delete(one.id)
		}
	}
	done(): World {
		return {
			...this.was,
			seq: this.seq,
			agents: this.agents ?? this.was.agents,
			contacts: this.contacts ?? this.was.contacts,
			alerts: this.alerts ?? this.was.alerts,
			messages: this.messages ?? this.was.messages,
			notices: this.notices ?? this.was.notices,
			queues: this.queues ?? this.was.queues,
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
		watchedFact(draft, event)
		noticeFact(draft, event)
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
		case 'agent_skills':
			d.changeAgent(e.agent, { skills_until_at: moment(e.until_at) })
			break
		case 'queue_closed':
			d.changeQueue(e.queue, {
				closed: tidy({ since_at: e.at, by: e.by, to: e.to, until_at: moment(e.until_at) }),
			})
			break
		case 'queue_reopened':
			d.changeQueue(e.queue, { closed: undefined })
			break
	}
}

/** Alerts, and messages: only those to this desk come. */
function watchedFact(d: Draft, e: LiveEvent): void {
	switch (e.event) {
		case 'alert_on':
			d.changeAlert(e.alert, {
				name: e.name,
				level: e.level === 'critical' ? 'critical' : 'warning',
				since_at: e.at,
				value: e.value,
				acknowledged_by: undefined,
				test: e.test || undefined,
			})
			break
		case 'alert_off':
			d.changeAlert(e.alert, null)
			break
		case 'alert_acknowledged':
			d.changeAlert(e.alert, { acknowledged_by: e.by })
			break
		case 'message':
			d.putMessage({ id: String(e.seq), at: e.at, by: e.by, to: e.to, name: e.name, text: e.text, urgent: e.urgent || undefined })
			break
		case 'message_read':
			d.dropMessage(String(e.message))
			break
	}
}

/** Alarms, and approvals that are asked for (live/notice.c): only those that this desk may see come. */
function noticeFact(d: Draft, e: LiveEvent): void {
	switch (e.event) {
		case 'alarm':
			d.putNotice({
				id: String(e.seq),
				kind: 'alarm',
				name: e.name,
				agent: named(e.agent),
				queue: named(e.queue),
				contact: e.about || undefined,
				trunk: named(e.trunk),
				at: e.at,
				detail: e.detail || undefined,
			})
			break
		case 'approval_asked':
			d.dropApproval(e.agent)
			d.putNotice({ id: String(e.seq), kind: 'approval', name: e.reason, agent: named(e.agent), at: e.at })
			break
		case 'approval_end':
			d.dropApproval(e.agent)
			break
		case 'notice_acknowledged':
			d.acknowledgeNotice(String(e.notice), e.by, e.at)
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

/** None is told as the beginning of time. */
const moment = (at: string) => (Date.parse(at) ? at : undefined)
const later = (at: string, ms: number) => new Date(Date.parse(at) + ms).toISOString()
const named = (name: string | null) => name ?? undefined
const WATCHES = { none: 'listen', listen: 'listen', whisper: 'whisper', barge: 'barge' } as const
const MUTED = { agent: 'agent', callee: 'number', supervisor: 'supervisor' } as const

/** He waits where this node sent him; it is told as long as he does. */
function flowLeft(c: Contact): void {
	if (c.node) {
		c.via_flow = c.flow
		c.via_node = c.node
	}
	c.flow = c.node = undefined
}

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
			c.test = e.test || undefined
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
			c.via_flow = c.via_node = undefined
			break
		case 'ivr_end':
			flowLeft(c)
			break
		case 'enqueue':
			flowLeft(c)
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
			c.flow = c.node = c.via_flow = c.via_node = undefined
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
		case 'help_wanted':
			c.help = tidy({ agent: e.agent ?? '', text: e.text, since_at: e.at })
			break
		case 'help_end':
			c.help = undefined
			break
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
			c.flow = c.node = c.via_flow = c.via_node = c.park = undefined
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
		case 'contact_tagged':
		case 'follow_up':
		case 'recording_deleted':
		case 'recording_hold':
		case 'viewed':
		case 'token_made':
		case 'token_used':
		case 'token_ended':
		case 'backup_made':
		case 'report_sent':
		case 'report_failed':
		case 'message':
		case 'message_read':
		case 'alert_on':
		case 'alert_off':
		case 'alert_acknowledged':
		case 'wall_linked':
		case 'approval_asked':
		case 'approval_end':
		case 'notice_acknowledged':
		case 'agent_skills':
		case 'queue_closed':
		case 'queue_reopened':
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
