/* format.ts - figures for eyes: a dash where there are no data. Formatters are made once a language, they are slow to make. Pure. */
import { clockText } from '../parts/time'

export const DASH = '—'
const made = new Map<string, Intl.NumberFormat>()

function format(language: string, kind: 'percent' | 'decimal'): Intl.NumberFormat {
	const key = `${language} ${kind}`
	let one = made.get(key)
	if (!one) {
		one = new Intl.NumberFormat(language, kind === 'percent' ? { style: 'percent', maximumFractionDigits: 0 } : {})
		made.set(key, one)
	}
	return one
}

const known = (n: number | null | undefined): n is number => typeof n === 'number' && Number.isFinite(n)

export const percentText = (n: number | null | undefined, language: string) =>
	known(n) ? format(language, 'percent').format(n) : DASH
export const countText = (n: number | null | undefined, language: string) =>
	known(n) ? format(language, 'decimal').format(n) : DASH
export const spanClock = (ms: number | null | undefined) => (known(ms) ? clockText(ms) : DASH)
