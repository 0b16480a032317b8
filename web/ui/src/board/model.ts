/*
 * model.ts - what the board makes of what is now: who waits, what agents do, who needs a supervisor, lists filtered
 * and sorted. Pure: now is handed in.
 */
import { type Tone, isFree, shownState } from '../app/state'
import type { Agent, Contact } from '../live/types'
import { fold } from '../parts/fold'

/* -- queues -- */

export interface Waits {
	count: number
	/** Since when the one waits who waits longest. */
	oldest: string
	/** How many by each channel. */
	channels: Map<string, number>
}

/** Who waits, by queue; '' is all of them. Ringing counts: nobody has answered him. */
export function waitsOf(contacts: Iterable<Contact>): Map<string, Waits> {
	const all = new Map<string, Waits>()
	const add = (queue: string, since: string, channel: string) => {
		const was = all.get(queue)
		if (!was) all.set(queue, { count: 1, oldest: since, channels: new Map([[channel, 1]]) })
		else {
			was.count++
			was.channels.set(channel, (was.channels.get(channel) ?? 0) + 1)
			if (since < was.oldest) was.oldest = since
		}
	}
	for (const c of contacts) {
		if (!c.enqueued_at || !c.queue || c.consults) continue
		add(c.queue, c.enqueued_at, c.channel)
		add('', c.enqueued_at, c.channel)
	}
	return all
}

/* -- agents -- */

export const GROUPS = ['talking', 'wrapping', 'ready', 'paused', 'signed_out'] as const
export type Group = (typeof GROUPS)[number]

/** In one of five words what somebody does; paused is whoever is there and gets nothing. */
export function groupOf(a: Agent): Group {
	if (a.work === 'wrapping') return 'wrapping'
	if (a.work !== 'idle' && a.work !== 'no_answer') return 'talking'
	if (a.presence === 'signed_out') return 'signed_out'
	return isFree(a) ? 'ready' : 'paused'
}

export function countGroups(agents: Iterable<Agent>): Record<Group, number> {
	const counts = { talking: 0, wrapping: 0, ready: 0, paused: 0, signed_out: 0 }
	for (const a of agents) counts[groupOf(a)]++
	return counts
}

/** Why somebody should be looked at, the most urgent first. */
export const NEEDS = ['help', 'no_answer', 'long', 'over', 'phone'] as const
export type Need = (typeof NEEDS)[number]

export interface AgentRow {
	agent: Agent
	group: Group
	tone: Tone
	contact?: Contact
	need?: Need
}

/** A talk is long beyond twice what one takes in its queue today, never before this. */
const LONG_AT_LEAST_MS = 5 * 60_000
/** Where nothing is known of the queue. */
const LONG_UNKNOWN_MS = 15 * 60_000

export const longAfter = (ahtMs: number | null | undefined) =>
	ahtMs ? Math.max(LONG_AT_LEAST_MS, 2 * ahtMs) : LONG_UNKNOWN_MS

function needOf(a: Agent, c: Contact | undefined, group: Group, now: number, ahtOf: (queue: string) => number | null): Need | undefined {
	if (c?.help?.agent === a.id) return 'help'
	if (a.work === 'no_answer') return 'no_answer'
	if (group === 'talking' && c && a.work !== 'offered') {
		const since = c.parties?.find((p) => p.kind === 'agent' && p.id === a.id)?.since_at ?? a.since_at
		if (now - Date.parse(since) > longAfter(c.queue ? ahtOf(c.queue) : null)) return 'long'
	}
	if (group === 'paused' && a.reason_over) return 'over'
	if (a.presence === 'ready' && a.work === 'idle' && (a.connecting || !a.phone.ready)) return 'phone'
	return undefined
}

/** The contact each agent is busy with: one he talks in before one that rings, that before a wrap-up. */
export function contactsByAgent(contacts: Iterable<Contact>): Map<string, Contact> {
	const found = new Map<string, { contact: Contact; rank: number }>()
	const put = (agent: string, contact: Contact, rank: number) => {
		const was = found.get(agent)
		if (!was || rank < was.rank) found.set(agent, { contact, rank })
	}
	for (const c of contacts) {
		for (const p of c.parties ?? []) if (p.kind === 'agent') put(p.id, c, p.state === 'held' ? 1 : 0)
		for (const o of c.offers ?? []) put(o.agent, c, 2)
		for (const w of c.wraps ?? []) put(w.agent, c, 3)
	}
	return new Map([...found].map(([agent, { contact }]) => [agent, contact]))
}

export function agentRows(agents: Iterable<Agent>, contacts: Iterable<Contact>, now: number, ahtOf: (queue: string) => number | null): AgentRow[] {
	const busy = contactsByAgent(contacts)
	const rows: AgentRow[] = []
	for (const agent of agents) {
		const contact = busy.get(agent.id)
		const group = groupOf(agent)
		rows.push({ agent, group, tone: shownState(agent).tone, contact, need: needOf(agent, contact, group, now, ahtOf) })
	}
	return rows
}

/** What is declared of somebody and the live state does not say. */
export interface Declared {
	skills: Record<string, number>
	queues: string[]
	teams: string[]
}

export interface AgentFilter {
	q?: string
	group?: string
	team?: string
	skill?: string
	queue?: string
}

export function filterAgents(rows: AgentRow[], f: AgentFilter, declared: ReadonlyMap<string, Declared>): AgentRow[] {
	const words = fold(f.q?.trim() ?? '')
	return rows.filter(({ agent, group }) => {
		if (f.group ? group !== f.group : group === 'signed_out' && !words) return false
		if (words && !fold(`${agent.name} ${agent.id}`).includes(words)) return false
		const known = declared.get(agent.id)
		if (f.team && !known?.teams.includes(f.team)) return false
		if (f.skill && !(f.skill in (known?.skills ?? {}))) return false
		return !f.queue || !!known?.queues.includes(f.queue)
	})
}

export const AGENT_ORDERS = ['need', 'name', 'state', 'since'] as const
export type AgentOrder = (typeof AGENT_ORDERS)[number]

const byName = (a: AgentRow, b: AgentRow) =>
	compareText(a.agent.name || a.agent.id, b.agent.name || b.agent.id) || compareText(a.agent.id, b.agent.id)
const bySince = (a: AgentRow, b: AgentRow) => compareText(a.agent.since_at, b.agent.since_at) || byName(a, b)
const byGroup = (a: AgentRow, b: AgentRow) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group)
const needRank = (need: Need | undefined) => (need ? NEEDS.indexOf(need) : NEEDS.length)

const ORDER: Record<AgentOrder, (a: AgentRow, b: AgentRow) => number> = {
	need: (a, b) => needRank(a.need) - needRank(b.need) || byGroup(a, b) || bySince(a, b),
	name: byName,
	state: (a, b) => byGroup(a, b) || bySince(a, b),
	since: bySince,
}
export const sortAgents = (rows: AgentRow[], order: AgentOrder): AgentRow[] => rows.sort(ORDER[order])

/* localeCompare of two hundred names takes a frame; letters of one alphabet sort well enough by their numbers */
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/* -- contacts -- */

export const CONTACT_STATES = ['waiting', 'offered', 'talking', 'held', 'parked', 'flow', 'wrapping'] as const
export const CONTACT_ORDERS = ['need', 'state', 'from', 'queue', 'agent', 'age'] as const
export type ContactOrder = (typeof CONTACT_ORDERS)[number]

export interface ContactFilter {
	q?: string
	state?: string
	queue?: string
	agent?: string
}

/** Whom the contact is with, else to whom it rings. */
export const agentOf = (c: Contact): string | undefined =>
	c.parties?.find((p) => p.kind === 'agent')?.id ?? c.offers?.[0]?.agent ?? c.wraps?.[0]?.agent ?? c.park?.agent

/** Since when the customer is with us: what age means here. */
export const ageFrom = (c: Contact): string => c.arrived_at ?? c.enqueued_at ?? c.since_at ?? ''
/** Since when it is as it is; for who waits, since when he waits. */
export const stateFrom = (c: Contact): string => (isWaiting(c) && c.enqueued_at) || c.since_at || ageFrom(c)
export const isWaiting = (c: Contact) => !!c.enqueued_at && (c.state === 'waiting' || c.state === 'offered')
/** The number of the customer, as it came. */
export const numberOf = (c: Contact) => (c.direction === 'outbound' ? c.to : c.from) ?? ''

export function filterContacts(contacts: Iterable<Contact>, f: ContactFilter): Contact[] {
	const found: Contact[] = []
	const digits = f.q?.replace(/[^\d+*#a-z]/gi, '').toLowerCase() ?? ''
	for (const c of contacts) {
		if (c.state === 'ended') continue
		if (f.state && c.state !== f.state) continue
		if (f.queue && c.queue !== f.queue) continue
		if (f.agent && agentOf(c) !== f.agent) continue
		if (digits && !`${c.from ?? ''} ${c.to ?? ''}`.toLowerCase().includes(digits)) continue
		found.push(c)
	}
	return found
}

const byAge = (a: Contact, b: Contact) => compareText(ageFrom(a), ageFrom(b)) || compareText(a.id, b.id)
const stateRank = (c: Contact) => {
	const at = CONTACT_STATES.indexOf(c.state as (typeof CONTACT_STATES)[number])
	return at < 0 ? CONTACT_STATES.length : at
}
const CONTACT_ORDER: Record<ContactOrder, (a: Contact, b: Contact) => number> = {
	/* help wanted, then who waits, the longest first; then the others, the oldest first */
	need: (a, b) =>
		Number(!a.help) - Number(!b.help) ||
		Number(!isWaiting(a)) - Number(!isWaiting(b)) ||
		(isWaiting(a) ? compareText(a.enqueued_at ?? '', b.enqueued_at ?? '') : 0) ||
		byAge(a, b),
	state: (a, b) => stateRank(a) - stateRank(b) || compareText(stateFrom(a), stateFrom(b)) || byAge(a, b),
	from: (a, b) => compareText(numberOf(a), numberOf(b)) || byAge(a, b),
	queue: (a, b) => compareText(a.queue ?? '~', b.queue ?? '~') || byAge(a, b),
	agent: (a, b) => compareText(agentOf(a) ?? '~', agentOf(b) ?? '~') || byAge(a, b),
	age: byAge,
}
export function sortContacts(list: Contact[], order: ContactOrder, down = false): Contact[] {
	list.sort(CONTACT_ORDER[order])
	return down ? list.reverse() : list
}

/** The contact somebody listens to, and how. */
export function watchedBy(contacts: Iterable<Contact>, me: string): { contact: Contact; mode: 'listen' | 'whisper' | 'barge' } | null {
	for (const contact of contacts)
		for (const p of contact.parties ?? [])
			if (p.kind === 'supervisor' && p.id === me) return { contact, mode: p.state as 'listen' | 'whisper' | 'barge' }
	return null
}
