/* measures.ts - what a wallboard shows, as eyes read it, and when it is past its target. Names are the server's. Pure. */
import { DASH, countText, percentText, spanClock } from '../board/format'

export const MEASURES = [
	'sl', 'sl_half_hour', 'waiting', 'longest_wait', 'abandoned', 'abandon_rate', 'abandon_rate_half_hour', 'asa', 'aht', 'offered', 'answered',
	'ready', 'talking', 'wrapping', 'not_ready', 'ewt', 'expected_15min',
] as const
export type Measure = (typeof MEASURES)[number]

export interface WallTile {
	measure: string
	queue?: string
	queues?: string[]
	/** Of its queue or queues, as the server tells it to a wall. */
	name?: string
	target?: number
}
export interface WallPage {
	title?: string
	tiles: WallTile[]
}

/** Shares 0 to 1; their targets are in percent. */
export const SHARES: ReadonlySet<string> = new Set(['sl', 'sl_half_hour', 'abandon_rate', 'abandon_rate_half_hour'])
/** In ms; their targets are in seconds. */
export const SPANS: ReadonlySet<string> = new Set(['longest_wait', 'asa', 'aht', 'ewt'])
const MORE_IS_BETTER: ReadonlySet<string> = new Set(['sl', 'sl_half_hour', 'answered', 'ready', 'talking'])

export function valueText(measure: string, value: number | null | undefined, language: string): string {
	if (value === null || value === undefined) return DASH
	if (SHARES.has(measure)) return percentText(value, language)
	if (SPANS.has(measure)) return spanClock(value)
	return value > 0 && value < 1 ? '<1' : countText(Math.round(value), language)
}

export function targetText(measure: string, target: number, language: string): string {
	if (SHARES.has(measure)) return percentText(target / 100, language)
	return SPANS.has(measure) ? spanClock(target * 1000) : countText(target, language)
}

export function isPast({ measure, target }: WallTile, value: number | null | undefined): boolean {
	if (target === undefined || value === null || value === undefined) return false
	const scaled = SHARES.has(measure) ? value * 100 : SPANS.has(measure) ? value / 1000 : value
	return MORE_IS_BETTER.has(measure) ? scaled < target : scaled > target
}
