/*
 * next.ts - what is best done while nobody is there, out of records: what I wanted to come back to, callbacks wanted, calls that were given up in the
 * queues, my own calls that reached nobody; then what I did last. A number that was spoken with since is done. Pure.
 */
import type { Schema } from '../api/http'

export interface NextItem {
	kind: 'follow_up' | 'callback' | 'abandoned' | 'not_reached' | 'recent'
	contact: string
	number: string
	at: string
	direction: 'inbound' | 'outbound' | 'internal'
	queue: string
	outcome: string
}

type Record_ = Schema['Contact']
const BEST_MOST = 8
const RECENT_MOST = 12
const RANK = { follow_up: 0, callback: 1, abandoned: 2, not_reached: 3, recent: 4 }

const otherOf = (c: Record_) => {
	const number = c.direction === 'outbound' ? c.to : c.from
	return !number || number === 'anonymous' ? '' : number
}
const talked = (c: Record_) => (c.segments ?? []).some((s) => s.kind === 'agent') && (c.talk_ms ?? 0) > 0

function kindOf(c: Record_, me: string): NextItem['kind'] | null {
	const queue = (c.segments ?? []).findLast((s) => s.kind === 'queue')
	if (queue?.result === 'callback') return 'callback'
	if (queue?.result === 'abandoned') return 'abandoned'
	if (c.direction === 'outbound' && c.agent === me && c.ended_at && !talked(c)) return 'not_reached'
	return null
}

/** own: my records, newest first; others: those of the queues, where I may see them; due: what I come back to. */
export function nextWork(own: Record_[], others: Record_[], due: Record_[], me: string): NextItem[] {
	const all = new Map<string, Record_>()
	for (const c of [...own, ...others]) all.set(c.id, c)
	const newest = [...all.values()].sort((a, b) => b.arrived_at.localeCompare(a.arrived_at))
	const spokenSince = new Map<string, string>() // number → when it was spoken with last
	for (const c of newest) {
		const number = otherOf(c)
		if (number && talked(c) && !spokenSince.has(number)) spokenSince.set(number, c.arrived_at)
	}
	const seen = new Set<string>()
	const best: NextItem[] = []
	const recent: NextItem[] = []
	for (const c of due) {
		const number = otherOf(c)
		seen.add(number)
		best.push({ kind: 'follow_up', contact: c.id, number, at: c.follow_up?.at ?? c.arrived_at, direction: c.direction, queue: c.queue ?? '', outcome: c.outcome ?? '' })
	}
	for (const c of newest) {
		const item = (kind: NextItem['kind']): NextItem => ({
			kind,
			contact: c.id,
			number: otherOf(c),
			at: c.ended_at ?? c.arrived_at,
			direction: c.direction,
			queue: c.queue ?? '',
			outcome: c.outcome ?? '',
		})
		const kind = kindOf(c, me)
		const number = otherOf(c)
		const done = (spokenSince.get(number) ?? '') > c.arrived_at
		if (kind && number && !done && !seen.has(number)) {
			seen.add(number)
			best.push(item(kind))
		}
		if (own.some((o) => o.id === c.id) && c.ended_at) recent.push(item('recent'))
	}
	best.sort((a, b) => RANK[a.kind] - RANK[b.kind] || b.at.localeCompare(a.at))
	return [...best.slice(0, BEST_MOST), ...recent.slice(0, RECENT_MOST)]
}
