/*
 * mine.ts - a contact as one agent sees it: what it is to him, since when, whom he talks to. Pure.
 */
import type { Contact, Offer, Party, Wrap } from '../live/types'

/** ringing: offered to me; dialling: my own call, not answered yet; others as they say. */
export type Role = 'ringing' | 'dialling' | 'talking' | 'held' | 'wrapping' | 'parked' | 'none'

export const myOffer = (c: Contact, me: string): Offer | undefined =>
	c.offers?.find((o) => o.agent === me && !o.accepted)
export const myParty = (c: Contact, me: string): Party | undefined =>
	c.parties?.find((p) => p.kind === 'agent' && p.id === me)
export const myWrap = (c: Contact, me: string): Wrap | undefined => c.wraps?.find((w) => w.agent === me)

export function roleOf(c: Contact, me: string): Role {
	const party = myParty(c, me)
	if (party) {
		if (party.state === 'dialling') return 'dialling'
		if (!isTalking(c)) return 'dialling'
		return party.state === 'held' ? 'held' : 'talking'
	}
	if (myOffer(c, me)) return 'ringing'
	if (c.offers?.some((o) => o.agent === me && o.accepted)) return 'talking'
	if (myWrap(c, me)) return 'wrapping'
	if (c.park) return 'parked'
	return 'none'
}

/** An outbound call whose number rings is not a talk yet. */
function isTalking(c: Contact): boolean {
	if (c.direction !== 'outbound') return true
	return c.state !== 'offered'
}

export interface Work {
	ringing: Contact[]
	active: Contact[]
	wrapping: Contact[]
	parked: Contact[]
}

const byTime = (a: Contact, b: Contact) => (a.arrived_at ?? '').localeCompare(b.arrived_at ?? '') || a.id.localeCompare(b.id)

/** Everything that is with me now, in the order of the work list. */
export function workOf(contacts: Iterable<Contact>, me: string): Work {
	const work: Work = { ringing: [], active: [], wrapping: [], parked: [] }
	for (const c of contacts) {
		const role = roleOf(c, me)
		if (role === 'ringing') work.ringing.push(c)
		else if (role === 'talking' || role === 'held' || role === 'dialling') work.active.push(c)
		else if (role === 'wrapping') work.wrapping.push(c)
		else if (role === 'parked') work.parked.push(c)
	}
	for (const list of Object.values(work) as Contact[][]) list.sort(byTime)
	return work
}

/** In the order in which 1 to 9 reach them. */
export const inOrder = (w: Work): Contact[] => [...w.ringing, ...w.active, ...w.wrapping, ...w.parked]

/** Since when it is what it is to me. */
export function sinceOf(c: Contact, me: string): string | undefined {
	return myWrap(c, me)?.since_at ?? myOffer(c, me)?.at ?? talkSince(c, me) ?? c.since_at
}

function talkSince(c: Contact, me: string): string | undefined {
	return myParty(c, me)?.since_at
}

/** The number on the other side; empty where it is withheld, or not ours to know. */
export function otherNumber(c: Contact, me: string): string {
	if (c.test) return ''
	let number = c.from
	if (c.direction === 'outbound') number = c.to
	else if (c.direction === 'internal') number = c.agent === me || c.from === me ? c.to : c.from
	return !number || number === 'anonymous' ? '' : number
}

export interface Waiting {
	queue: string
	count: number
	oldest: string
}

/** Who waits, queue by queue; the longest wait first. */
export function waitingOf(contacts: Iterable<Contact>): Waiting[] {
	const queues = new Map<string, Waiting>()
	for (const c of contacts) {
		if (!c.enqueued_at || !c.queue || c.consults) continue
		const was = queues.get(c.queue)
		if (!was) queues.set(c.queue, { queue: c.queue, count: 1, oldest: c.enqueued_at })
		else {
			was.count++
			if (c.enqueued_at < was.oldest) was.oldest = c.enqueued_at
		}
	}
	return [...queues.values()].sort((a, b) => (a.oldest < b.oldest ? -1 : 1))
}
