import { expect, test } from 'vitest'
import en from '../text/reports/en.json'
import { LEVELS, REPORTS, type Row, columnOf, totals } from './columns'

// behaviours.md K-2: T = 20 s; answered after 5 12 19 21 60, abandoned after 3 15 40, one flow-out, one callback
const golden: Row = {
	queue: 'a', offered: 10, answered: 5, abandoned: 3, short_abandoned: 1, flow_out: 1, callbacks: 1, waiting: 0,
	answered_in_threshold: 3, abandoned_in_threshold: 2, handled: 5, transferred: 0, asa_ms: 23400, aht_ms: 1000,
	time_to_abandon_ms: 19333, wait_max_ms: 60000, sl_variant: 'sl_2_with_flow_out', abandon_variant: 'plain',
}
const empty: Row = { queue: 'b', offered: 0, answered: 0, abandoned: 0, asa_ms: null, sl_variant: 'sl_1' }

test('the golden ten, as totals of one row and of a row without data', () => {
	const all = totals(REPORTS.queues, [golden, empty])
	const wanted = {
		sl_1: 3 / 10, sl_2: 3 / 8, sl_2_with_flow_out: 3 / 9, sl_2_without_short: 3 / 7, sl_2_without_abandoned: 3 / 5,
		sl_3: 3 / 5, sl_4: 5 / 8, sl_5: 3 / 6, sl_6: 3 / 9, sl: 3 / 9,
		abandon_rate_default: 2 / 9, abandon_rate_plain: 3 / 10, abandon_rate_handled: 2 / 7, abandon_rate: 3 / 10, asa_ms: 23400,
	}
	for (const [id, value] of Object.entries(wanted)) expect(all[id], id).toBeCloseTo(value, 9)
	expect(all.wait_max_ms).toBe(60000)
})
test('no data is no number, never zero per cent (T-5)', () => {
	const all = totals(REPORTS.queues, [empty])
	for (const v of LEVELS) expect(all[v], v).toBeNull()
	expect(all.asa_ms).toBeNull()
	expect(all.offered).toBe(0)
	expect(totals(REPORTS.queues, []).offered).toBeNull()
})
test('averages weigh by how many they are of; percentiles have no total', () => {
	const all = totals(REPORTS.queues, [golden, { ...golden, queue: 'b', answered: 15, asa_ms: 3400 }])
	expect(all.asa_ms).toBeCloseTo((5 * 23400 + 15 * 3400) / 20, 6)
	expect(all.wait_p80_ms).toBeNull()
})
test('each queue by its own rule', () => {
	const other: Row = { ...golden, sl_variant: 'sl_3' }
	expect(totals(REPORTS.queues, [golden, other]).sl).toBeCloseTo(6 / 14, 9)
})
test('occupancy of several is that of their time together', () => {
	const row = (occupancy: number | null, ready_ms: number, talk_ms: number): Row => ({ occupancy, ready_ms, talk_ms })
	expect(totals(REPORTS.agents, [row(0.5, 50, 50), row(1, 0, 300)]).occupancy).toBeCloseTo(350 / 400, 9)
	expect(totals(REPORTS.agents, [row(null, 0, 0)]).occupancy).toBeNull()
})
test('every column has its name and its formula', () => {
	const words = en.c as Record<string, Record<string, { name: string; how: string } | undefined>>
	for (const report of Object.values(REPORTS)) {
		for (const { id } of report.columns)
			expect(words[report.name]?.[id] ?? words.all?.[id], `${report.name}.${id}`).toBeTruthy()
		const shown = [...report.first, ...report.numbers, ...report.bars, ...(report.line ? [report.line] : [])]
		for (const id of shown) expect(columnOf(report, id), `${report.name}.${id}`).toBeTruthy()
	}
})
