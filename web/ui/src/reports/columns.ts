/*
 * columns.ts - every figure of every report: what kind of number it is, how many rows make one (totals), whether
 * contacts stand behind it. Names and formulas are words: text/reports, c.REPORT.COLUMN. Pure.
 *
 * What the interface calls a column is its id here, so that an address, a saved report and an export mean the same.
 */
export type Kind = 'name' | 'when' | 'count' | 'ms' | 'ratio' | 'number' | 'words'
export type Cell = string | number | boolean | null | undefined | Record<string, number>
export type Row = Record<string, Cell>
export type ReportName = 'queues' | 'agents' | 'contacts' | 'flows' | 'flow_nodes' | 'flow_paths' | 'trunks' | 'mass_events'

export interface Column {
	id: string
	kind: Kind
	/** Contacts stand behind it: `&list=` takes it. */
	opens?: boolean
	/** Of all rows together; without it there is no such number. */
	total?: (rows: Row[]) => number | null
	/** Which way is good news: for the colour of a change. */
	good?: 'up' | 'down'
}

const n = (row: Row, field: string): number => {
	const x = row[field]
	return typeof x === 'number' ? x : 0
}
const sum = (field: string) => (rows: Row[]) => rows.reduce((all, r) => all + n(r, field), 0)
const most = (field: string) => (rows: Row[]) => {
	const all = rows.map((r) => r[field]).filter((x) => typeof x === 'number')
	return all.length ? Math.max(...all) : null
}
/** Two sums, one over the other; no data is no number (behaviours.md T-5). */
const over = (top: (r: Row) => number, base: (r: Row) => number) => (rows: Row[]) => {
	const below = rows.reduce((all, r) => all + base(r), 0)
	return below > 0 ? rows.reduce((all, r) => all + top(r), 0) / below : null
}
/** An average of averages, each by how many it is of. */
const weighed = (field: string, weight: (r: Row) => number) => (rows: Row[]) =>
	over((r) => n(r, field) * weight(r), (r) => (typeof r[field] === 'number' ? weight(r) : 0))(rows)

const count = (id: string, good?: 'up' | 'down'): Column => ({ id, kind: 'count', opens: true, total: sum(id), good })
const time = (id: string, more: Partial<Column> = {}): Column => ({ id, kind: 'ms', ...more })

/* -- queues: the service level of rows together is that of their contacts together, each queue by its own rule -- */

const ANSWERED = (r: Row) => n(r, 'answered')
/** What stands above and below the line of a variant; of `sl` it is the row's own (K-1). */
function level(variant: string): [(r: Row) => number, (r: Row) => number] {
	const name = (r: Row) => (variant === 'sl' ? String(r.sl_variant ?? 'sl_1') : variant)
	const top = (r: Row) =>
		n(r, 'answered_in_threshold') + (name(r).startsWith('sl_4') ? n(r, 'abandoned_in_threshold') : 0)
	const base = (r: Row) => {
		const v = name(r)
		const [answered, abandoned] = [n(r, 'answered'), n(r, 'abandoned')]
		switch (v.slice(0, 4)) {
			case 'sl_2': {
				const lost = v.includes('without_abandoned') ? 0 : abandoned - (v.includes('without_short') ? n(r, 'short_abandoned') : 0)
				return answered + lost + (v.includes('with_flow_out') ? n(r, 'flow_out') : 0)
			}
			case 'sl_3': return answered
			case 'sl_4': return answered + abandoned
			case 'sl_5': return answered + abandoned - n(r, 'abandoned_in_threshold')
			case 'sl_6': return n(r, 'offered') - n(r, 'short_abandoned')
			default: return n(r, 'offered')
		}
	}
	return [top, base]
}
function lost(variant: string): [(r: Row) => number, (r: Row) => number] {
	const name = (r: Row) => (variant === 'agreed' ? String(r.abandon_variant ?? 'default') : variant)
	return [
		(r) => n(r, 'abandoned') - (name(r) === 'plain' ? 0 : n(r, 'short_abandoned')),
		(r) =>
			(name(r) === 'handled' ? n(r, 'answered') + n(r, 'abandoned') : n(r, 'offered')) -
			(name(r) === 'plain' ? 0 : n(r, 'short_abandoned')),
	]
}
const ratio = (id: string, parts: [(r: Row) => number, (r: Row) => number] | null, good?: 'up' | 'down'): Column => ({
	id, kind: 'ratio', opens: true, good, ...(parts && { total: over(...parts) }),
})

export const LEVELS = [
	'sl', 'sl_1', 'sl_2', 'sl_2_with_flow_out', 'sl_2_without_short', 'sl_2_without_abandoned', 'sl_3', 'sl_4', 'sl_5', 'sl_6',
] as const
export type Level = (typeof LEVELS)[number]

const served = (r: Row) => n(r, 'handled')
const service: Column[] = [
	time('aht_ms', { opens: true, good: 'down', total: weighed('aht_ms', served) }),
	time('acw_ms', { opens: true, total: weighed('acw_ms', served) }),
]
const sums: Column[] = ['talk_ms', 'hold_ms', 'wrap_ms'].map((id) => time(id, { opens: true, total: sum(id) }))

const queues: Column[] = [
	{ id: 'queue', kind: 'name' }, { id: 'at', kind: 'when' },
	count('offered'), count('answered', 'up'), count('abandoned', 'down'), count('short_abandoned'), count('flow_out'),
	count('callbacks'), count('rejected', 'down'), count('failed', 'down'), count('waiting'),
	...LEVELS.map((v) => ratio(v, level(v), 'up')),
	{ id: 'sl_variant', kind: 'words' }, time('threshold_ms'),
	ratio('abandon_rate', lost('agreed'), 'down'), ratio('abandon_rate_default', lost('default'), 'down'),
	ratio('abandon_rate_plain', lost('plain'), 'down'), ratio('abandon_rate_handled', lost('handled'), 'down'),
	count('answered_in_threshold', 'up'), count('abandoned_in_threshold'),
	time('asa_ms', { opens: true, good: 'down', total: weighed('asa_ms', ANSWERED) }),
	time('wait_p50_ms', { opens: true, good: 'down' }), time('wait_p80_ms', { opens: true, good: 'down' }),
	time('wait_p90_ms', { opens: true, good: 'down' }),
	time('wait_max_ms', { opens: true, good: 'down', total: most('wait_max_ms') }),
	time('time_to_abandon_ms', { opens: true, total: weighed('time_to_abandon_ms', (r) => n(r, 'abandoned')) }),
	count('handled', 'up'), ...service, ...sums,
	count('transferred'), ratio('transfer_rate', [(r) => n(r, 'transferred'), ANSWERED]),
	count('promised'), count('promise_kept', 'up'),
	ratio('promise_kept_rate', [(r) => n(r, 'promise_kept'), (r) => n(r, 'promised')], 'up'),
	{ id: 'promise_error_p50', kind: 'ratio', opens: true, good: 'down' },
]

/* -- agents -- */

const STATES = [
	'ready_ms', 'not_ready_ms', 'outbound_only_ms', 'offered_ms', 'dialling_ms', 'preview_ms', 'no_answer_ms', 'private_ms',
]
const atWork = (r: Row) => n(r, 'talk_ms') + n(r, 'hold_ms') + n(r, 'wrap_ms')
const offers = (r: Row) => n(r, 'offers')
const agents: Column[] = [
	{ id: 'agent', kind: 'name' }, { id: 'at', kind: 'when' },
	time('signed_in_ms', { total: sum('signed_in_ms') }),
	count('handled', 'up'), ...service,
	{ id: 'occupancy', kind: 'ratio', total: weighed('occupancy', (r) => atWork(r) + n(r, 'ready_ms') + n(r, 'offered_ms')) },
	{ id: 'utilisation', kind: 'ratio', total: weighed('utilisation', (r) => n(r, 'signed_in_ms')) },
	ratio('answer_rate', [(r) => n(r, 'accepted'), (r) => n(r, 'offers') - n(r, 'cancelled')], 'up'),
	ratio('answer_rate_plain', [(r) => n(r, 'accepted'), offers], 'up'),
	...sums,
	...STATES.map((id) => time(id, { total: sum(id) })),
	{ id: 'reasons', kind: 'words' },
	count('offers'), count('accepted', 'up'), count('missed', 'down'), count('rejected', 'down'), count('unreachable', 'down'),
	count('busy', 'down'), count('cancelled'), count('answered_elsewhere'), count('lost', 'down'),
	count('dialled'), count('dialled_answered', 'up'), time('dialled_talk_ms', { opens: true, total: sum('dialled_talk_ms') }),
]

/* -- contacts, told apart by one thing -- */

/** What tells contacts apart, in the words of the interface. */
export const SPLITS = ['outcome', 'hour', 'weekday', 'queue', 'agent', 'channel', 'direction', 'ended_by', 'customer', 'number', 'line', 'none'] as const
export type Split = (typeof SPLITS)[number]

const closed = (r: Row) => n(r, 'contacts') - n(r, 'open')
const queued = (r: Row) => n(r, 'queued')
const contacts: Column[] = [
	{ id: 'key', kind: 'name' }, { id: 'at', kind: 'when' },
	count('contacts'), count('answered', 'up'), count('abandoned', 'down'), count('in_flow'), count('unanswered', 'down'),
	count('open'), count('queued'), count('recorded'),
	ratio('answer_rate', [ANSWERED, closed], 'up'), ratio('abandon_rate', [(r) => n(r, 'abandoned'), queued], 'down'),
	time('wait_avg_ms', { opens: true, good: 'down', total: weighed('wait_avg_ms', queued) }),
	time('aht_ms', { opens: true, good: 'down', total: weighed('aht_ms', ANSWERED) }),
	time('duration_avg_ms', { opens: true, total: weighed('duration_avg_ms', closed) }),
	...sums,
]

/* -- flows -- */

const entered = (r: Row) => n(r, 'entered') - n(r, 'inside') - n(r, 'returned')
const passages: Column[] = [
	count('entered'), count('contained', 'up'), count('abandoned', 'down'), count('passed_queue'), count('passed_agent'),
	count('passed_number'), count('passed_callback'), count('failed', 'down'), count('returned'), count('inside'),
	ratio('containment_rate', [(r) => n(r, 'contained'), entered], 'up'),
	ratio('abandon_rate', [(r) => n(r, 'abandoned'), entered], 'down'),
	time('time_avg_ms', { opens: true, good: 'down', total: weighed('time_avg_ms', (r) => n(r, 'entered') - n(r, 'inside')) }),
	{ id: 'passed_to', kind: 'words', opens: true },
]
const flows: Column[] = [{ id: 'flow', kind: 'name' }, { id: 'at', kind: 'when' }, ...passages]
const flow_paths: Column[] = [{ id: 'flow', kind: 'name' }, { id: 'path', kind: 'name' }, { id: 'at', kind: 'when' }, ...passages]
const left = (r: Row) => Object.values((r.left ?? {}) as Record<string, number>).reduce((all, x) => all + x, 0)
const flow_nodes: Column[] = [
	{ id: 'flow', kind: 'name' }, { id: 'node', kind: 'name' }, { id: 'at', kind: 'when' },
	count('visited'), count('dropped', 'down'),
	ratio('drop_rate', [(r) => n(r, 'dropped'), (r) => n(r, 'visited') - n(r, 'inside')], 'down'),
	count('ended'), count('served', 'up'), count('failed', 'down'), count('inside'),
	time('time_avg_ms', { opens: true, total: weighed('time_avg_ms', left) }),
	{ id: 'left', kind: 'words', opens: true },
]

/* -- lines and bulletins -- */

const trunks: Column[] = [
	{ id: 'trunk', kind: 'name' }, { id: 'at', kind: 'when' },
	count('calls'), count('inbound'), count('outbound'), { id: 'blocked', kind: 'count', total: sum('blocked'), good: 'down' },
	time('used_ms', { opens: true, total: sum('used_ms') }), { id: 'erlangs', kind: 'number', opens: true, total: sum('erlangs') },
	{ id: 'most', kind: 'count', opens: true }, time('full_ms', { good: 'down' }),
]
const mass_events: Column[] = [
	{ id: 'mass_event', kind: 'name' }, { id: 'from_at', kind: 'when' }, { id: 'to_at', kind: 'when' },
	{ id: 'queues', kind: 'words' }, { id: 'started_by', kind: 'words' }, { id: 'stopped_by', kind: 'words' },
	...['offered', 'answered', 'abandoned', 'flow_out', 'callbacks', 'rejected', 'failed', 'waiting', 'bulletins'].map(
		(id): Column => ({ id, kind: 'count', total: sum(id) })),
	{ id: 'waiting_peak', kind: 'count', total: most('waiting_peak') },
]

/** What else a report can be narrowed by. */
export const NARROWS = ['team', 'queue', 'agent', 'direction', 'channel', 'outcome', 'ended_by'] as const
export type Narrow = (typeof NARROWS)[number]
/** Of these the server is asked for several at once. */
export const isMany = (by: string) => ['queue', 'agent', 'flow', 'node', 'path', 'trunk'].includes(by)

export interface Report {
	name: ReportName
	/** The member of a row that says what it is about; of the address too. */
	of: string
	columns: Column[]
	/** What is shown unless somebody chooses. */
	first: string[]
	/** The four numbers above. */
	numbers: string[]
	/** Counts stacked in the chart, and a figure drawn as a line over them. */
	bars: string[]
	line?: string
	/** Rows by interval can be asked for. */
	timed: boolean
	narrows: readonly Narrow[]
	/** Asks the server for all rows together, interval by interval: what the chart draws. */
	together?: Record<string, string>
}

export const REPORTS: Record<ReportName, Report> = {
	queues: {
		name: 'queues', of: 'queue', columns: queues, timed: true, narrows: ['team'], together: { group: 'none' },
		first: ['offered', 'answered', 'abandoned', 'flow_out', 'sl', 'abandon_rate', 'asa_ms', 'wait_max_ms', 'aht_ms', 'waiting'],
		numbers: ['offered', 'sl', 'abandon_rate', 'asa_ms'],
		bars: ['answered', 'abandoned', 'flow_out', 'callbacks'], line: 'sl',
	},
	agents: {
		name: 'agents', of: 'agent', columns: agents, timed: true, narrows: ['team'], together: { group: 'none' },
		first: ['signed_in_ms', 'handled', 'aht_ms', 'occupancy', 'answer_rate', 'missed', 'talk_ms', 'wrap_ms', 'not_ready_ms', 'reasons'],
		numbers: ['handled', 'aht_ms', 'occupancy', 'answer_rate'],
		bars: ['handled', 'missed', 'rejected'], line: 'occupancy',
	},
	contacts: {
		name: 'contacts', of: 'key', columns: contacts, timed: true, narrows: NARROWS, together: { by: 'none' },
		first: ['contacts', 'answered', 'abandoned', 'in_flow', 'unanswered', 'answer_rate', 'wait_avg_ms', 'aht_ms', 'talk_ms'],
		numbers: ['contacts', 'answer_rate', 'wait_avg_ms', 'aht_ms'],
		bars: ['answered', 'abandoned', 'in_flow', 'unanswered', 'open'], line: 'answer_rate',
	},
	flows: {
		name: 'flows', of: 'flow', columns: flows, timed: true, narrows: [],
		first: ['entered', 'contained', 'abandoned', 'passed_queue', 'containment_rate', 'abandon_rate', 'time_avg_ms', 'passed_to'],
		numbers: ['entered', 'containment_rate', 'abandon_rate', 'time_avg_ms'],
		bars: ['contained', 'abandoned', 'passed_queue', 'passed_agent', 'passed_number', 'passed_callback'], line: 'containment_rate',
	},
	flow_nodes: {
		name: 'flow_nodes', of: 'node', columns: flow_nodes, timed: true, narrows: [],
		first: ['visited', 'dropped', 'drop_rate', 'ended', 'served', 'time_avg_ms', 'left'],
		numbers: ['visited', 'dropped', 'drop_rate', 'time_avg_ms'],
		bars: ['visited', 'dropped'], line: 'drop_rate',
	},
	flow_paths: {
		name: 'flow_paths', of: 'path', columns: flow_paths, timed: false, narrows: [],
		first: ['entered', 'contained', 'abandoned', 'passed_queue', 'time_avg_ms'],
		numbers: ['entered', 'containment_rate', 'abandon_rate', 'time_avg_ms'],
		bars: ['contained', 'abandoned', 'passed_queue'], line: undefined,
	},
	trunks: {
		name: 'trunks', of: 'trunk', columns: trunks, timed: true, narrows: [],
		first: ['calls', 'inbound', 'outbound', 'blocked', 'used_ms', 'erlangs', 'most', 'full_ms'],
		numbers: ['calls', 'blocked', 'erlangs', 'used_ms'],
		bars: ['inbound', 'outbound', 'blocked'], line: 'erlangs',
	},
	mass_events: {
		name: 'mass_events', of: 'mass_event', columns: mass_events, timed: false, narrows: [],
		first: ['from_at', 'to_at', 'queues', 'offered', 'answered', 'abandoned', 'waiting_peak', 'bulletins'],
		numbers: ['offered', 'answered', 'abandoned', 'waiting_peak'],
		bars: ['answered', 'abandoned', 'flow_out'], line: undefined,
	},
}

export const columnOf = (report: Report, id: string): Column | undefined => report.columns.find((c) => c.id === id)

/** All rows together, column by column; what no sum can say is null. */
export function totals(report: Report, rows: Row[]): Row {
	const all: Row = {}
	for (const c of report.columns) all[c.id] = rows.length && c.total ? c.total(rows) : null
	return all
}
