/*
 * zone.ts - days of a time zone: what the clock on the wall shows, and when that was. Pure. A day has 23, 24 or 25
 * hours (behaviours.md T-6), so days are counted on the calendar, never by 86400 seconds.
 */
export interface Wall {
	year: number
	month: number // 1..12
	day: number
	hour: number
	minute: number
	second: number
}

const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(zone: string): Intl.DateTimeFormat {
	let format = formats.get(zone)
	if (!format) {
		format = new Intl.DateTimeFormat('en-US', {
			timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
			hour: 'numeric', minute: 'numeric', second: 'numeric',
		})
		formats.set(zone, format)
	}
	return format
}

export function isZone(zone: string): boolean {
	try {
		formatOf(zone)
		return true
	} catch {
		return false
	}
}

/** What a clock in that zone shows. */
export function wallOf(ms: number, zone: string): Wall {
	const w: Record<string, number> = {}
	for (const part of formatOf(zone).formatToParts(ms)) w[part.type] = Number(part.value)
	return { year: w.year ?? 0, month: w.month ?? 1, day: w.day ?? 1, hour: w.hour ?? 0, minute: w.minute ?? 0, second: w.second ?? 0 }
}

const asUtc = (w: Wall) => Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second)

/**
 * When a clock there shows this; members out of range count on (day 0 is the last of the month before). In the hour
 * that is left out in spring: as much later as is left out. In the hour that comes twice: the first time.
 */
export function momentOf(wall: Wall, zone: string): number {
	const wanted = asUtc(wall)
	const offset = (ms: number) => asUtc(wallOf(ms, zone)) - ms
	const before = offset(wanted - 86_400_000)
	const after = offset(wanted + 86_400_000)
	const first = wanted - Math.max(before, after)
	if (asUtc(wallOf(first, zone)) === wanted) return first
	const second = wanted - Math.min(before, after)
	return asUtc(wallOf(second, zone)) === wanted ? second : wanted - before
}

/** Midnight of that day, `days` days on. */
export function dayStart(ms: number, zone: string, days = 0): number {
	const w = wallOf(ms, zone)
	return momentOf({ ...w, day: w.day + days, hour: 0, minute: 0, second: 0 }, zone)
}

/** The same time of the day, so much later on the calendar; 31 March a month before is 28 or 29 February. */
export function shift(ms: number, zone: string, by: { days?: number; months?: number; years?: number }): number {
	const w = wallOf(ms, zone)
	const month = w.month + (by.months ?? 0) + 12 * (by.years ?? 0)
	const last = new Date(Date.UTC(w.year, month, 0)).getUTCDate()
	const day = by.months || by.years ? Math.min(w.day, last) : w.day
	return momentOf({ ...w, month, day: day + (by.days ?? 0) }, zone)
}

/** 0 is Monday. */
export function weekday(ms: number, zone: string): number {
	const w = wallOf(ms, zone)
	return (new Date(Date.UTC(w.year, w.month - 1, w.day)).getUTCDay() + 6) % 7
}

const two = (n: number) => String(n).padStart(2, '0')

/** 2026-11-22, or 2026-11-22T14:05 where it is not midnight: as addresses and input fields have it. */
export function wallText(ms: number, zone: string): string {
	const w = wallOf(ms, zone)
	const day = `${String(w.year).padStart(4, '0')}-${two(w.month)}-${two(w.day)}`
	return w.hour || w.minute ? `${day}T${two(w.hour)}:${two(w.minute)}` : day
}

/** What was written so; null when it is no such text. */
export function wallRead(text: string, zone: string): number | null {
	const m = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?$/.exec(text)
	if (!m) return null
	const [year, month, day, hour, minute] = m.slice(1).map((x) => Number(x ?? 0)) as [number, number, number, number, number]
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || year < 2000) return null
	return momentOf({ year, month, day, hour, minute, second: 0 }, zone)
}
