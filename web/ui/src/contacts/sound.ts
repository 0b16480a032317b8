/*
 * sound.ts - what a player knows of a recording beside its sound: where nobody speaks, what happened when. Pure.
 * Times are seconds from the recording's beginning.
 */
import type { Fact } from '../live/types'
import type { Peaks } from './api'

export interface Stretch {
	from: number
	to: number
}

const QUIET = 3.5 / 128 // below it is line noise
const PAUSE_S = 1.2 // shorter than this is breathing
const EDGE_S = 0.25 // of a silence stays, on both sides: words are not cut off

/** Where neither side is heard. */
export function silences(peaks: Peaks): Stretch[] {
	const length = Math.max(0, ...peaks.sides.map((s) => s.length))
	const out: Stretch[] = []
	let began = -1
	for (let i = 0; i <= length; i++) {
		const quiet = i < length && peaks.sides.every((s) => (s[i] ?? 0) <= QUIET)
		if (quiet && began < 0) began = i
		if (quiet || began < 0) continue
		const [from, to] = [began / peaks.perSecond, i / peaks.perSecond]
		if (to - from >= PAUSE_S) out.push({ from: from + EDGE_S, to: to - EDGE_S })
		began = -1
	}
	return out
}

/** Where to go on from a moment within a silence; null: somebody speaks. */
export const afterSilence = (all: Stretch[], at: number): number | null => all.find((s) => at >= s.from && at < s.to - 0.05)?.to ?? null

export type MarkKind = 'hold' | 'pause' | 'mute' | 'consult' | 'transfer' | 'conference' | 'supervisor' | 'note'
export interface Mark {
	kind: MarkKind
	at: number
	/** Of what lasts. */
	to?: number
}

const BEGINS: Partial<Record<Fact['event'], MarkKind>> = {
	hold_on: 'hold', record_pause: 'pause', mute_on: 'mute', consult_start: 'consult', conf_on: 'conference', monitor_start: 'supervisor',
}
const ENDS: Partial<Record<Fact['event'], MarkKind>> = {
	hold_off: 'hold', record_resume: 'pause', mute_off: 'mute', consult_end: 'consult', conf_off: 'conference', monitor_end: 'supervisor',
}

/** What happened while it was recorded; what began before begins with it, what does not end lasts to its end. */
export function marksOf(facts: Fact[], startedAt: string, durationMs: number): Mark[] {
	const zero = Date.parse(startedAt)
	const length = durationMs / 1000
	const inside = (at: string) => (Date.parse(at) - zero) / 1000
	const marks: Mark[] = []
	const open = new Map<MarkKind, Mark>()
	const keep = (m: Mark, to: number) => {
		if (to < 0 || m.at > length) return
		marks.push({ ...m, at: Math.max(0, m.at), to: Math.min(to, length) })
	}
	for (const fact of facts) {
		const at = inside(fact.at)
		const begins = BEGINS[fact.event]
		const ends = ENDS[fact.event]
		if (begins && !open.has(begins)) open.set(begins, { kind: begins, at })
		const was = ends && open.get(ends)
		if (ends && was) {
			open.delete(ends)
			keep(was, at)
		}
		if (fact.event === 'transfer' && at >= 0 && at <= length + 1) marks.push({ kind: 'transfer', at: Math.min(at, length) })
		if (fact.event === 'contact_tagged' && at >= 0 && at <= length) marks.push({ kind: 'note', at })
	}
	for (const m of open.values()) keep(m, length)
	return marks.sort((a, b) => a.at - b.at)
}

/** In plain words what an opinion score is (ITU-T P.800): a key below quality. */
export function mosWord(mos: number | null): 'excellent' | 'good' | 'fair' | 'poor' | 'bad' | 'unknown' {
	if (mos === null) return 'unknown'
	if (mos >= 4.1) return 'excellent'
	if (mos >= 3.7) return 'good'
	if (mos >= 3.1) return 'fair'
	return mos >= 2.5 ? 'poor' : 'bad'
}
