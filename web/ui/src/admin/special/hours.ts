/* hours.ts - opening hours reckoned as the server does (flow/hours.c): a special day takes the place of its weekday. Pure. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]
export interface HoursDoc {
	weekly?: Partial<Record<Day, string[]>>
	special?: Record<string, string[]>
}

/** Minutes since midnight; null: no time of a day. */
export function minutes(text: string): number | null {
	const m = /^(\d\d):(\d\d)$/.exec(text)
	const n = m ? Number(m[1]) * 60 + Number(m[2]) : Number.NaN
	return m && Number(m[2]) < 60 && n <= 1440 ? n : null
}

/** Both ends of "08:00-16:00", as they were typed. */
export function ends(span: string): [string, string] {
	const [from = '', to = ''] = span.split('-')
	return [from, to]
}

export interface LocalTime {
	date: string
	day: Day
	minute: number
}

/** What clocks of a zone show at a moment. */
export function localTime(at: Date, zone: string): LocalTime {
	const parts = new Intl.DateTimeFormat('en-GB', {
		timeZone: zone || 'UTC', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', weekday: 'short',
	}).formatToParts(at)
	const of = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
	return {
		date: `${of('year')}-${of('month')}-${of('day')}`,
		day: of('weekday').toLowerCase() as Day,
		minute: Number(of('hour')) * 60 + Number(of('minute')),
	}
}

const weekdayOf = (date: string): Day => DAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7] as Day

/** The spans that hold on a date, and whether they are of that date alone. */
export function planOf(hours: HoursDoc, date: string): { spans: string[]; special: boolean } {
	const special = hours.special?.[date]
	return special ? { spans: special, special: true } : { spans: hours.weekly?.[weekdayOf(date)] ?? [], special: false }
}

/** Open at this minute of this date? by: the span that says so. */
export function isOpen(hours: HoursDoc, date: string, minute: number): { open: boolean; by?: string; special: boolean } {
	const { spans, special } = planOf(hours, date)
	const by = spans.find((s) => {
		const [from, to] = ends(s).map(minutes)
		return from != null && to != null && minute >= from && minute < to
	})
	return { open: by !== undefined, by, special }
}

export function datePlus(date: string, days: number): string {
	const d = new Date(`${date}T00:00:00Z`)
	d.setUTCDate(d.getUTCDate() + days)
	return d.toISOString().slice(0, 10)
}

/** The weeks of a month, Monday first; days of its neighbours fill the corners. */
export function monthGrid(month: string): string[][] {
	const first = `${month}-01`
	let day = datePlus(first, -((new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7))
	const weeks: string[][] = []
	do {
		weeks.push(Array.from({ length: 7 }, (_, i) => datePlus(day, i)))
		day = datePlus(day, 7)
	} while (day.startsWith(month))
	return weeks
}
