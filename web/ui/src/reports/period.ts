/*
 * period.ts - the stretch of time a report is about, as the address has it, and the one it is compared with. Pure:
 * now and the zone are handed in.
 */
import { dayStart, momentOf, shift, wallOf, wallRead, wallText, weekday } from './zone'

/** As the interface calls them (`period=`), and mailed reports mean them. */
export const PRESETS = ['today', 'yesterday', 'this_week', 'last_week', 'last_7_days', 'last_30_days', 'this_month', 'last_month'] as const
export type Preset = (typeof PRESETS)[number]
export const COMPARES = ['previous_period', 'previous_week', 'previous_year'] as const
export type Compare = (typeof COMPARES)[number]

/** [from, to), ms. */
export interface Range {
	from: number
	to: number
}

export interface Period {
	preset: Preset | 'custom'
	range: Range
}

export const isPreset = (x: unknown): x is Preset => PRESETS.includes(x as Preset)
export const isCompare = (x: unknown): x is Compare => COMPARES.includes(x as Compare)

/** Whole days; what goes on ends in the future. */
export function presetRange(preset: Preset, now: number, zone: string): Range {
	const day = (n: number) => dayStart(now, zone, n)
	const month = (n: number) => {
		const w = wallOf(now, zone)
		return momentOf({ ...w, month: w.month + n, day: 1, hour: 0, minute: 0, second: 0 }, zone)
	}
	switch (preset) {
		case 'today': return { from: day(0), to: day(1) }
		case 'yesterday': return { from: day(-1), to: day(0) }
		case 'this_week': return { from: day(-weekday(now, zone)), to: day(7 - weekday(now, zone)) }
		case 'last_week': return { from: day(-7 - weekday(now, zone)), to: day(-weekday(now, zone)) }
		case 'last_7_days': return { from: day(-7), to: day(0) }
		case 'last_30_days': return { from: day(-30), to: day(0) }
		case 'this_month': return { from: month(0), to: month(1) }
		case 'last_month': return { from: month(-1), to: month(0) }
	}
}

/** Of the address: `period=`, or `from=` and `to=` as the wall shows it there; whatever else is today. */
export function readPeriod(words: URLSearchParams, now: number, zone: string): Period {
	const preset = words.get('period')
	if (isPreset(preset)) return { preset, range: presetRange(preset, now, zone) }
	const from = wallRead(words.get('from') ?? '', zone)
	const to = wallRead(words.get('to') ?? '', zone)
	if (from !== null && to !== null && from < to) return { preset: 'custom', range: { from, to } }
	return { preset: 'today', range: presetRange('today', now, zone) }
}

/** What of the address says this period. */
export function writePeriod(period: Period, zone: string): Record<'period' | 'from' | 'to', string> {
	if (period.preset !== 'custom') return { period: period.preset, from: '', to: '' }
	return { period: '', from: wallText(period.range.from, zone), to: wallText(period.range.to, zone) }
}

const isMonth = (p: Period) => p.preset === 'this_month' || p.preset === 'last_month'

/**
 * What it is compared with: as much of it as there is of this one, so that a day that goes on is compared with
 * yesterday up to the same hour.
 */
export function compareRange(period: Period, compare: Compare, now: number, zone: string): Range {
	const { from } = period.range
	const to = Math.max(from, Math.min(period.range.to, now))
	const by = (step: Parameters<typeof shift>[2]) => ({ from: shift(from, zone, step), to: shift(to, zone, step) })
	if (compare === 'previous_week') return by({ days: -7 })
	if (compare === 'previous_year') return by(isMonth(period) ? { years: -1 } : { days: -364 }) // the same weekdays
	if (period.preset === 'this_month') return by({ months: -1 })
	if (period.preset === 'last_month') return { from: shift(from, zone, { months: -1 }), to: from }
	const days = Math.round((period.range.to - from) / 86_400_000)
	if (days >= 1 && dayStart(from, zone, days) === period.range.to) return by({ days: -days })
	return { from: from - (period.range.to - from), to: to - (period.range.to - from) }
}

/** What a chart of it is cut into, seconds: some dozens of points. */
export function intervalFor(range: Range): 900 | 1800 | 3600 | 86400 {
	const hours = (range.to - range.from) / 3_600_000
	if (hours <= 6) return 900
	if (hours <= 26) return 1800
	return hours <= 80 ? 3600 : 86400
}

/** Where the interval ends that begins there; days are those of the zone. */
export const intervalEnd = (at: number, seconds: number, zone: string): number =>
	seconds === 86400 ? dayStart(at, zone, 1) : at + seconds * 1000

/** Every interval of a range, also those in which nothing was. */
export function intervals(range: Range, seconds: number, zone: string): number[] {
	const out: number[] = []
	const first = seconds === 86400 ? dayStart(range.from, zone) : Math.floor(range.from / 1000 / seconds) * seconds * 1000
	for (let at = first; at < range.to && out.length < 5000; at = intervalEnd(at, seconds, zone)) out.push(at)
	return out
}
