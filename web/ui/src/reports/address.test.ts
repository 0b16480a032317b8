import { expect, test } from 'vitest'
import { fileColumns, readView, savedAddress, savedQuery, shownColumns, writeView } from './address'

const now = Date.parse('2026-11-22T12:30Z')
const W = 'Europe/Warsaw'
const round = (text: string) => writeView(readView('queues', new URLSearchParams(text), now, W), W).toString()

test('an address means the same for everybody', () => {
	const said = 'period=last_7_days&compare=previous_week&interval=3600&zone=Asia%2FVladivostok&sl=sl_4&columns=offered%2Csl_4&sort=-offered&queue=sales%2Cbilling'
	expect(new Map(new URLSearchParams(round(said)))).toEqual(new Map(new URLSearchParams(said)))
	expect(round('')).toBe('')
	expect(round('from=2026-11-01&to=2026-11-08')).toBe('from=2026-11-01&to=2026-11-08')
})
test('names may hold anything', () => {
	const v = { ...readView('flow_nodes', new URLSearchParams(), now, W), of: ['a,b', '50%', 'żółć'] }
	expect(readView('flow_nodes', writeView(v, W), now, W).of).toEqual(['a,b', '50%', 'żółć'])
})
test('what means nothing is passed over', () => {
	const v = readView('queues', new URLSearchParams('zone=Mars/Olympus&interval=7&sl=sl_9&columns=offered,<script>&sort=x&compare=y&queue=%25'), now, W)
	expect([v.zone, v.interval, v.level, v.columns, v.sort, v.compare, v.of]).toEqual([W, 0, 'sl', ['offered'], null, '', []])
})
test('the picked service level takes the place of the agreed one', () => {
	expect(shownColumns(readView('queues', new URLSearchParams('sl=sl_4'), now, W))).toContain('sl_4')
	expect(shownColumns(readView('queues', new URLSearchParams('sl=sl_4&columns=offered'), now, W))).toEqual(['offered'])
})
test('contacts are told apart and narrowed; several queues and agents, one of all else', () => {
	const said = 'period=last_7_days&split=hour&queue=sales%2Cbilling&agent=anna&team=north&direction=inbound&outcome=solved'
	const v = readView('contacts', new URLSearchParams(said), now, W)
	expect(new Map(writeView(v, W))).toEqual(new Map(new URLSearchParams(said)))
	const kept = savedQuery(v)
	expect(kept).toEqual({ period: 'last_7_days', interval_s: 0, by: 'hour', queue: 'sales,billing', agent: 'anna', team: 'north', direction: 'inbound', outcome: 'solved' })
	expect(new Map(savedAddress(kept))).toEqual(new Map(new URLSearchParams(said)))
	expect(readView('contacts', new URLSearchParams('split=moon&team=a,b'), now, W)).toMatchObject({ split: 'outcome', narrow: { team: ['a'] } })
	expect(readView('trunks', new URLSearchParams('team=a'), now, W).narrow).toEqual({})
	expect(savedQuery(readView('queues', new URLSearchParams('queue=a,b'), now, W)).queue).toBe('a,b')
	for (const [report, of] of [['flows', 'flow'], ['flow_nodes', 'node'], ['flow_paths', 'path'], ['trunks', 'trunk']] as const)
		expect(savedQuery(readView(report, new URLSearchParams({ [of]: 'a,b' }), now, W))).toMatchObject({ [of]: 'a,b' })
})
test('a file names its rows, and says when where they are cut', () => {
	const columns = (report: 'contacts' | 'flow_nodes', text: string) => fileColumns(readView(report, new URLSearchParams(text), now, W))
	expect(columns('contacts', 'columns=contacts')).toEqual(['key', 'contacts'])
	expect(columns('flow_nodes', 'columns=flow,visited&interval=900')).toEqual(['flow', 'node', 'at', 'visited'])
})
test('what is kept has the words of the interface, and opens as it was', () => {
	const said = 'period=last_week&compare=previous_week&interval=3600&sl=sl_4&by=answered&queue=sales'
	const kept = savedQuery(readView('queues', new URLSearchParams(said), now, W))
	expect(kept).toEqual({ period: 'last_week', compare: 'previous_week', interval_s: 3600, sl: 'sl_4', view: 'answered', queue: 'sales' })
	expect(new Map(savedAddress(kept))).toEqual(new Map(new URLSearchParams(said)))
	const drafts = savedQuery(readView('flow_nodes', new URLSearchParams('drafts=true&flow=main&from=2026-11-01&to=2026-11-08'), now, W))
	expect(drafts).toEqual({ from: '2026-10-31T23:00:00.000Z', to: '2026-11-07T23:00:00.000Z', interval_s: 0, flow: 'main', draft: true })
})
