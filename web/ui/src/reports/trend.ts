/*
 * trend.ts - what the chart draws: rows of all names together, interval by interval. Pure. Intervals in which nothing
 * was have no bars, and no point on the line (behaviours.md T-5).
 */
import { type Report, type Row, totals } from './columns'
import { type Range, intervals } from './period'

export interface Trend {
	at: number[]
	bars: { id: string; values: (number | null)[] }[]
	line: { id: string; values: (number | null)[] } | null
}

export function trendOf(report: Report, rows: Row[], range: Range, seconds: number, zone: string, line = report.line): Trend {
	const byTime = new Map<number, Row[]>()
	for (const row of rows) {
		const at = Date.parse(String(row.at))
		const there = byTime.get(at)
		if (there) there.push(row)
		else byTime.set(at, [row])
	}
	// the server cuts days by the tenant's clock: its intervals, and ours between them
	const grid = intervals(range, seconds, zone)
	const at = [...new Set([...grid, ...byTime.keys()])].sort((a, b) => a - b)
	const sums = at.map((x) => totals(report, byTime.get(x) ?? []))
	const values = (id: string) => sums.map((s) => (typeof s[id] === 'number' ? (s[id] as number) : null))
	const bars = report.bars.map((id) => ({ id, values: values(id) }))
	return {
		at,
		bars: bars.filter((b, i) => i === 0 || b.values.some((x) => x)),
		line: line ? { id: line, values: values(line) } : null,
	}
}
