/* sip.ts - the messages of a contact as steps between lanes: its calls, and the server in their midst. Pure. */
import type { SipTrace } from './api'

/** The lane of the server; the others are places in `legs`. */
export const SERVER = -1

export interface SipStep {
	at: string
	/** Milliseconds since the first message. */
	after: number
	from: number
	to: number
	/** "INVITE", or "486 Busy Here". */
	said: string
	/** What else names it: whose answer it is, whom it wants. */
	more: string
	bad: boolean
	cut: boolean
	text: string
}

/** Who came to us left of the server, whom we called right of it. */
export function lanesOf(trace: SipTrace): number[] {
	const came = trace.legs.map((_, leg) => trace.items.find((m) => m.leg === leg)).map((m) => m?.way === 'in')
	const all = trace.legs.map((_, leg) => leg).filter((leg) => trace.items.some((m) => m.leg === leg))
	return [...all.filter((leg) => came[leg]), SERVER, ...all.filter((leg) => !came[leg])]
}

/** A challenge is answered and a reinvitation tried again: they are the way SIP works. */
const USUAL = [401, 407, 422, 491]

export function stepsOfSip(trace: SipTrace): SipStep[] {
	const zero = Date.parse(trace.items[0]?.at ?? '')
	return trace.items.map((m) => ({
		at: m.at,
		after: Date.parse(m.at) - zero,
		from: m.way === 'in' ? m.leg : SERVER,
		to: m.way === 'in' ? SERVER : m.leg,
		said: m.method ?? [m.status ?? '?', m.reason].filter(Boolean).join(' '),
		more: m.method ? (m.text.split(/\r?\n/, 1)[0]?.split(' ')[1] ?? '') : (m.cseq ?? '').replace(/^\d+ +/, ''),
		bad: (m.status ?? 0) >= 400 && !USUAL.includes(m.status ?? 0),
		cut: m.cut,
		text: m.text,
	}))
}

/** To paste into a mail to the carrier. */
export const asText = (trace: SipTrace) =>
	trace.items.map((m) => `${m.at} ${m.way === 'in' ? '<--' : '-->'} ${m.peer}\n${m.text.replace(/\r\n/g, '\n').trimEnd()}\n`).join('\n')
