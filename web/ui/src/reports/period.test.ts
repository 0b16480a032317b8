import { describe, expect, test } from 'vitest'
import { compareRange, intervals, presetRange, readPeriod, writePeriod } from './period'
import { dayStart, momentOf, shift, wallOf, wallRead, wallText, weekday } from './zone'

const W = 'Europe/Warsaw'
const utc = (text: string) => Date.parse(text)
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16)

describe('the clock on the wall', () => {
	test('there and back, also around the changes of summer time (29 March and 25 October 2026)', () => {
		for (let ms = utc('2026-03-28T12:00Z'); ms < utc('2026-03-30T12:00Z'); ms += 1_800_000)
			expect(momentOf(wallOf(ms, W), W), iso(ms)).toBe(ms)
		for (let ms = utc('2026-10-24T12:00Z'); ms < utc('2026-10-26T12:00Z'); ms += 1_800_000) {
			const again = momentOf(wallOf(ms, W), W) // 02:30 comes twice: the first time
			expect(ms - again, iso(ms)).toBe(ms >= utc('2026-10-25T01:00Z') && ms < utc('2026-10-25T02:00Z') ? 3_600_000 : 0)
		}
	})
	test('an hour that is left out is an hour later', () => {
		expect(iso(momentOf({ year: 2026, month: 3, day: 29, hour: 2, minute: 30, second: 0 }, W))).toBe('2026-03-29T01:30')
	})
	test('days have 23 and 25 hours', () => {
		const length = (at: string) => (dayStart(utc(at), W, 1) - dayStart(utc(at), W)) / 3_600_000
		expect([length('2026-03-29T12:00Z'), length('2026-10-25T12:00Z'), length('2026-11-22T12:00Z')]).toEqual([23, 25, 24])
	})
	test('weeks begin on Monday, months end where they end', () => {
		expect(weekday(utc('2026-11-22T12:00Z'), W)).toBe(6)
		expect(weekday(utc('2026-11-22T23:30Z'), W)).toBe(0)
		expect(iso(shift(utc('2026-03-31T10:00Z'), 'UTC', { months: -1 }))).toBe('2026-02-28T10:00')
		expect(iso(shift(utc('2028-02-29T10:00Z'), 'UTC', { years: -1 }))).toBe('2027-02-28T10:00')
	})
	test('as addresses have it', () => {
		expect(wallText(utc('2026-11-21T23:00Z'), W)).toBe('2026-11-22')
		expect(wallText(utc('2026-11-22T08:05Z'), W)).toBe('2026-11-22T09:05')
		expect(iso(wallRead('2026-11-22T09:05', W) ?? 0)).toBe('2026-11-22T08:05')
		for (const bad of ['', '22.11.2026', '2026-13-01', '2026-11-22T24:00', '<script>']) expect(wallRead(bad, W)).toBeNull()
	})
})

describe('periods', () => {
	const now = utc('2026-11-22T12:30Z') // a Sunday, 13:30 in Warsaw
	const told = (p: Parameters<typeof presetRange>[0]) => {
		const r = presetRange(p, now, W)
		return [iso(r.from), iso(r.to)]
	}
	test('presets', () => {
		expect(told('today')).toEqual(['2026-11-21T23:00', '2026-11-22T23:00'])
		expect(told('yesterday')).toEqual(['2026-11-20T23:00', '2026-11-21T23:00'])
		expect(told('this_week')).toEqual(['2026-11-15T23:00', '2026-11-22T23:00'])
		expect(told('last_week')).toEqual(['2026-11-08T23:00', '2026-11-15T23:00'])
		expect(told('last_7_days')).toEqual(['2026-11-14T23:00', '2026-11-21T23:00'])
		expect(told('last_30_days')).toEqual(['2026-10-22T22:00', '2026-11-21T23:00'])
		expect(told('this_month')).toEqual(['2026-10-31T23:00', '2026-11-30T23:00'])
		expect(told('last_month')).toEqual(['2026-09-30T22:00', '2026-10-31T23:00']) // 25 hours in it
	})
	test('the address and back', () => {
		const words = new URLSearchParams('from=2026-10-25&to=2026-10-26')
		const period = readPeriod(words, now, W)
		expect(period.preset).toBe('custom')
		expect((period.range.to - period.range.from) / 3_600_000).toBe(25)
		expect(writePeriod(period, W)).toEqual({ period: '', from: '2026-10-25', to: '2026-10-26' })
		expect(readPeriod(new URLSearchParams('from=2026-10-26&to=2026-10-25'), now, W).preset).toBe('today')
		expect(readPeriod(new URLSearchParams('period=<b>'), now, W).preset).toBe('today')
	})
	test('a day that goes on is compared up to the same hour', () => {
		const today = readPeriod(new URLSearchParams('period=today'), now, W)
		const was = compareRange(today, 'previous_period', now, W)
		expect([iso(was.from), iso(was.to)]).toEqual(['2026-11-20T23:00', '2026-11-21T12:30'])
		const week = compareRange(today, 'previous_week', now, W)
		expect([iso(week.from), iso(week.to)]).toEqual(['2026-11-14T23:00', '2026-11-15T12:30'])
		const year = compareRange(today, 'previous_year', now, W)
		expect([iso(year.from), iso(year.to)]).toEqual(['2025-11-22T23:00', '2025-11-23T12:30']) // a Sunday, too
	})
	test('a whole month is compared with the whole month before', () => {
		const last = readPeriod(new URLSearchParams('period=last_month'), now, W)
		const was = compareRange(last, 'previous_period', now, W)
		expect([iso(was.from), iso(was.to)]).toEqual(['2026-08-31T22:00', '2026-09-30T22:00'])
	})
	test('hours are compared with the hours before', () => {
		const few = readPeriod(new URLSearchParams('from=2026-11-22T08:00&to=2026-11-22T10:00'), now, W)
		const was = compareRange(few, 'previous_period', now, W)
		expect([iso(was.from), iso(was.to)]).toEqual(['2026-11-22T05:00', '2026-11-22T07:00'])
	})
	test('every interval once, days by the calendar', () => {
		const month = presetRange('last_month', now, W)
		expect(intervals(month, 86400, W)).toHaveLength(31)
		const day = { from: utc('2026-10-24T22:00Z'), to: utc('2026-10-25T23:00Z') }
		expect(intervals(day, 3600, W)).toHaveLength(25)
	})
})
