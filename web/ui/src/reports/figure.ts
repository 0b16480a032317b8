/* figure.ts - one number of a report for eyes, in the reader's language. Pure. "—" is no data (behaviours.md T-5). */
import type { Cell, Kind } from './columns'

export const NONE = '—'

/** Seconds where they matter: 4.1 s, 23 s, 3:05, 2:14:05. */
export function timeText(ms: number, language: string): string {
	const seconds = (x: number, maximumFractionDigits: number) =>
		new Intl.NumberFormat(language, { style: 'unit', unit: 'second', unitDisplay: 'narrow', maximumFractionDigits }).format(x)
	if (ms < 10_000) return seconds(ms === 0 ? 0 : Math.max(0.1, Math.round(ms / 100) / 10), 1)
	const s = Math.round(ms / 1000)
	const two = (x: number) => String(x).padStart(2, '0')
	const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
	return h ? `${h}:${two(m)}:${two(s % 60)}` : m ? `${m}:${two(s % 60)}` : seconds(s, 0)
}

export function figureText(value: Cell, kind: Kind, language: string): string {
	if (value === null || value === undefined || value === '') return NONE
	if (typeof value !== 'number') return typeof value === 'object' ? NONE : String(value)
	if (!Number.isFinite(value)) return NONE
	switch (kind) {
		case 'ms': return timeText(value, language)
		case 'ratio': {
			const style = { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 } as const
			return new Intl.NumberFormat(language, value === 0 || value === 1 ? { style: 'percent' } : style).format(value)
		}
		case 'number': return new Intl.NumberFormat(language, { maximumFractionDigits: value < 10 ? 3 : 1 }).format(value)
		default: return new Intl.NumberFormat(language, { maximumFractionDigits: 0, useGrouping: true }).format(value)
	}
}

/** How much more or less: percent of a count or a time, percentage points of a ratio. Null: nothing to compare. */
export function changeText(now: Cell, was: Cell, kind: Kind, language: string): { text: string; sign: -1 | 0 | 1 } | null {
	if (typeof now !== 'number' || typeof was !== 'number') return null
	const signed = (n: number, more: Intl.NumberFormatOptions) =>
		new Intl.NumberFormat(language, { signDisplay: 'exceptZero', maximumFractionDigits: 1, ...more }).format(n)
	const sign = (x: number) => (Math.abs(x) < 0.0005 ? 0 : x > 0 ? 1 : -1)
	if (kind === 'ratio') return { text: signed((now - was) * 100, {}), sign: sign(now - was) }
	if (was === 0) return now === 0 ? { text: signed(0, { style: 'percent' }), sign: 0 } : null
	const by = (now - was) / was
	return { text: signed(by, { style: 'percent', maximumFractionDigits: Math.abs(by) < 0.1 ? 1 : 0 }), sign: sign(by) }
}
