/*
 * address.ts - a report as its address says it, so that a link shows the same to whoever opens it. What is not said
 * is the usual. Pure.
 */
import { LEVELS, type Level, NARROWS, type Narrow, REPORTS, type ReportName, SPLITS, type Split, isMany } from './columns'
import { COMPARES, type Compare, type Period, isCompare, readPeriod, writePeriod } from './period'
import { isZone } from './zone'

export const INTERVALS = [0, 86400, 3600, 1800, 900] as const
export type Interval = (typeof INTERVALS)[number]

export interface View {
	report: ReportName
	period: Period
	zone: string
	compare: Compare | ''
	/** What rows are cut into; 0: the whole period. */
	interval: Interval
	/** Ids of what the report is about; none: all. */
	of: string[]
	/** Of nodes and ways: the flow. */
	flow: string
	/** What tells contacts apart. */
	split: Split
	/** What else narrows it. */
	narrow: Partial<Record<Narrow, string[]>>
	level: Level
	/** Queues: where a visit counts. */
	by: 'enqueued' | 'answered'
	drafts: boolean
	columns: string[]
	sort: { id: string; down: boolean } | null
}

const list = (text: string | null) => (text ?? '').split(',').map(decodeURIComponent_).filter(Boolean)
function decodeURIComponent_(text: string): string {
	try {
		return decodeURIComponent(text)
	} catch {
		return ''
	}
}
const join = (ids: string[]) => ids.map((id) => id.replace(/[%,]/g, encodeURIComponent)).join(',')

export function readNarrow(words: URLSearchParams, by: readonly Narrow[]): View['narrow'] {
	const narrow: View['narrow'] = {}
	for (const b of by) {
		const said = list(words.get(b))
		if (said.length) narrow[b] = isMany(b) ? said : said.slice(0, 1)
	}
	return narrow
}
/** Of each of them; nothing where it narrows nothing. */
export const writeNarrow = (narrow: View['narrow']): Partial<Record<Narrow, string>> =>
	Object.fromEntries(Object.entries(narrow).map(([by, ids]) => [by, join(ids)]))

export function readView(report: ReportName, words: URLSearchParams, now: number, home: string): View {
	const zone = isZone(words.get('zone') ?? '') && words.get('zone') ? (words.get('zone') as string) : home
	const compare = words.get('compare')
	const interval = Number(words.get('interval') ?? 0) as Interval
	const level = words.get('sl') as Level
	const known = new Set(REPORTS[report].columns.map((c) => c.id))
	const heads = new Set(REPORTS[report].columns.filter((c) => c.kind === 'name' || c.id === 'at').map((c) => c.id))
	const sort = words.get('sort') ?? ''
	const split = words.get('split') as Split
	return {
		report,
		zone,
		period: readPeriod(words, now, zone),
		compare: isCompare(compare) ? compare : '',
		interval: INTERVALS.includes(interval) && REPORTS[report].timed ? interval : 0,
		of: report === 'contacts' ? [] : list(words.get(REPORTS[report].of)),
		flow: REPORTS[report].of === 'flow' ? '' : (words.get('flow') ?? ''), // of flows it is what the report is about
		split: SPLITS.includes(split) ? split : 'outcome',
		narrow: readNarrow(words, REPORTS[report].narrows),
		level: LEVELS.includes(level) ? level : 'sl',
		by: words.get('by') === 'answered' ? 'answered' : 'enqueued',
		drafts: words.get('drafts') === 'true',
		columns: list(words.get('columns')).filter((c) => known.has(c) && !heads.has(c)),
		sort: known.has(sort.replace(/^-/, '')) ? { id: sort.replace(/^-/, ''), down: sort.startsWith('-') } : null,
	}
}

export function writeView(v: View, home: string): URLSearchParams {
	const said: Record<string, string> = {
		...writePeriod(v.period, v.zone),
		compare: COMPARES.includes(v.compare as Compare) ? v.compare : '',
		interval: v.interval ? String(v.interval) : '',
		zone: v.zone === home ? '' : v.zone,
		flow: v.flow,
		split: v.report === 'contacts' && v.split !== 'outcome' ? v.split : '',
		sl: v.level === 'sl' ? '' : v.level,
		by: v.by === 'answered' ? 'answered' : '',
		drafts: v.drafts ? 'true' : '',
		columns: join(v.columns),
		sort: v.sort ? (v.sort.down ? '-' : '') + v.sort.id : '',
	}
	if (v.of.length) said[REPORTS[v.report].of] = join(v.of)
	Object.assign(said, writeNarrow(v.narrow))
	if (said.period === 'today') said.period = ''
	return new URLSearchParams(Object.entries(said).filter(([, text]) => text))
}

/** Columns that are shown: chosen ones, else the report's first, with the service level that was picked. */
export function shownColumns(v: View): string[] {
	const { first } = REPORTS[v.report]
	return v.columns.length ? v.columns : first.map((id) => (id === 'sl' && v.report === 'queues' ? v.level : id))
}

/** Columns of a file: what a row is of, when it is of an interval, and what is shown. */
export function fileColumns(v: View): string[] {
	const heads = REPORTS[v.report].columns.filter((c) => c.kind === 'name' || (c.id === 'at' && v.interval > 0)).map((c) => c.id)
	return [...heads, ...shownColumns(v).filter((id) => !heads.includes(id))]
}

export type Kept = Record<string, string | number | boolean>

/** The same question in the words of the interface: what a saved report keeps, and the server mails. */
export function savedQuery(v: View): Kept {
	const custom = v.period.preset === 'custom'
	const at = (ms: number) => new Date(ms).toISOString()
	return {
		...(custom ? { from: at(v.period.range.from), to: at(v.period.range.to) } : { period: v.period.preset }),
		...(v.compare && { compare: v.compare }),
		interval_s: v.interval,
		...(v.level !== 'sl' && { sl: v.level }),
		...(v.by === 'answered' && { view: 'answered' }),
		...(v.flow && { flow: v.flow }),
		...(v.drafts && { draft: true }),
		...(v.report === 'contacts' && { by: v.split }),
		...asked(v),
	}
}

/** What narrows it, as the interface takes it: several by commas, where it takes several. */
export function asked(v: View): Record<string, string> {
	const { of } = REPORTS[v.report]
	const said: Record<string, string> = {}
	if (v.of.length === 1 || (v.of.length && isMany(of))) said[of] = v.of.join(',')
	for (const by of NARROWS) if (v.narrow[by]?.length) said[by] = v.narrow[by].join(',')
	return said
}

/** And back: the address it opens at. */
export function savedAddress(kept: Kept): URLSearchParams {
	const words = new URLSearchParams()
	const names: Record<string, string> = { interval_s: 'interval', view: 'by', draft: 'drafts', by: 'split' }
	for (const [k, value] of Object.entries(kept)) {
		const text = String(value)
		if (k === 'interval_s' && value === 0) continue
		words.set(names[k] ?? k, /^(from|to)$/.test(k) ? text.slice(0, 16) : text)
	}
	// moments are kept in UTC
	if (words.has('from')) words.set('zone', 'UTC')
	return words
}
