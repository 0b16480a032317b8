/*
 * Grid.tsx - the table of a report: sorted by any column, its heads and totals stay while it scrolls, only rows in
 * sight are drawn. Each number behind which contacts stand is a link to exactly those (behaviours.md K-3).
 */
import {
	type ColumnDef, type SortingState, createColumnHelper, getCoreRowModel, getSortedRowModel, useReactTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Fragment, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Agreed, Formula, useColumnWords } from './Formula'
import { type Cell, type Column, type Report, type Row, columnOf } from './columns'
import { figureText, timeText } from './figure'
import type { Names } from './names'
import styles from './reports.module.css'

interface Props {
	report: Report
	rows: Row[]
	total: Row | null
	/** Rows of what it is compared with, by what they are of; null: nothing is compared. */
	before: Map<string, Row> | null
	shown: string[]
	sort: { id: string; down: boolean } | null
	onSort(sort: { id: string; down: boolean } | null): void
	names: Names
	/** When a row was, in words; empty for the whole period. */
	when(row: Row): string
	hrefOf(column: string, row: Row | null, more?: Record<string, string>): string | null
	caption: string
	agreed?: Agreed
}

/** What the name in a column is of: a row of contacts says itself what tells them apart. */
const kindOf = (c: Column, row: Row) => (c.id === 'key' ? String(row.by ?? '') : c.id)
const IN_ORDER = ['hour', 'weekday']
const ROW_PX = 37
const helper = createColumnHelper<Row>()
export const keyOf = (report: Report, row: Row) =>
	report.columns.filter((c) => c.kind === 'name').map((c) => String(row[c.id] ?? '')).join('\n')

/** Names first, then when, then what was chosen. */
function columnsOf(report: Report, shown: string[], timed: boolean): Column[] {
	const heads = report.columns.filter((c) => c.kind === 'name' || (c.id === 'at' && timed))
	const rest = shown.map((id) => columnOf(report, id)).filter((c): c is Column => !!c && !heads.includes(c) && c.id !== 'at')
	return [...heads, ...rest]
}

function worth(value: Cell): number | string {
	if (typeof value === 'number' || typeof value === 'string') return value
	if (value && typeof value === 'object') return Object.values(value).reduce((all, x) => all + x, 0)
	return Number.NEGATIVE_INFINITY
}

export function Grid(p: Props) {
	const { t, i18n } = useTranslation('reports')
	const words = useColumnWords(p.report.name, p.agreed)
	const timed = p.rows.some((r) => p.when(r) !== '')
	const columns = useMemo(() => columnsOf(p.report, p.shown, timed), [p.report, p.shown, timed])
	const defs = useMemo<ColumnDef<Row, Cell>[]>(
		() =>
			columns.map((c) =>
				helper.accessor((row) => row[c.id], {
					id: c.id,
					sortDescFirst: c.kind !== 'name' && c.kind !== 'when',
					sortingFn: (a, b) => {
						const called = (row: Row) => {
							const [kind, id] = [kindOf(c, row), String(row[c.id] ?? '')]
							return IN_ORDER.includes(kind) ? id : p.names.of(kind, id)
						}
						const [x, y] = c.kind === 'name'
							? [called(a.original), called(b.original)]
							: [worth(a.original[c.id]), worth(b.original[c.id])]
						return typeof x === 'string' || typeof y === 'string' ? String(x).localeCompare(String(y), i18n.language, { numeric: true }) : x - y
					},
				})),
		[columns, p.names, i18n.language],
	)
	const sorting = useMemo<SortingState>(
		() => (p.sort && columns.some((c) => c.id === p.sort?.id) ? [{ id: p.sort.id, desc: p.sort.down }] : []),
		[p.sort?.id, p.sort?.down, columns],
	)
	const table = useReactTable({
		data: p.rows,
		columns: defs,
		state: { sorting },
		autoResetAll: false, // there are no pages to go back to, and it would render for ever
		enableSortingRemoval: true,
		onSortingChange: (next) => {
			const [first] = typeof next === 'function' ? next(sorting) : next
			p.onSort(first ? { id: first.id, down: first.desc } : null)
		},
		getCoreRowModel: getCoreRowModel(),
		getSortedRowModel: getSortedRowModel(),
	})
	const { rows } = table.getRowModel()
	const frame = useRef<HTMLDivElement>(null)
	const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => ROW_PX, overscan: 12 })
	const inSight = virtual.getVirtualItems()
	const above = inSight[0]?.start ?? 0
	const below = virtual.getTotalSize() - (inSight.at(-1)?.end ?? 0)
	const by = String(p.rows[0]?.by ?? '')
	const headOf = (c: Column) => (c.id === 'key' && by ? t(`key.${by}` as 'key.queue') : words.name(c.id))
	const side = (c: Column) => (c.kind === 'name' || c.kind === 'when' || c.kind === 'words' ? undefined : styles.right)

	return (
		<div className={styles.frame} ref={frame} tabIndex={0} role="region" aria-label={p.caption}>
			<table className={styles.table} aria-rowcount={rows.length + (p.total ? 2 : 1)}>
				<caption className="unseen">{p.caption}</caption>
				<thead>
					{table.getHeaderGroups().map((group) => (
						<tr key={group.id}>
							{group.headers.map((head, i) => {
								const c = columns[i] as Column
								const sorted = head.column.getIsSorted()
								return (
									<th key={head.id} scope="col" className={side(c)}
										aria-sort={sorted ? (sorted === 'desc' ? 'descending' : 'ascending') : 'none'}>
										<Formula name={headOf(c)} how={words.how(c.id)}>
											<button type="button" className={styles.head} onClick={head.column.getToggleSortingHandler()}>
												{headOf(c)}
												<span aria-hidden="true" className={styles.arrow}>{sorted ? (sorted === 'desc' ? '↓' : '↑') : ''}</span>
											</button>
										</Formula>
									</th>
								)
							})}
						</tr>
					))}
				</thead>
				<tbody>
					{above > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: above, padding: 0 }} /></tr>}
					{inSight.map((item) => {
						const row = rows[item.index]
						if (!row) return null
						const before = p.before?.get(keyOf(p.report, row.original)) ?? null
						return (
							<tr key={row.id} aria-rowindex={item.index + 2}>
								{row.getVisibleCells().map((cell, i) => {
									const c = columns[i] as Column
									const inside = (
										<Value {...p} column={c} row={row.original} before={before} words={words} />
									)
									return i === 0
										? <th key={cell.id} scope="row">{inside}</th>
										: <td key={cell.id} className={side(c)} data-column={c.id}>{inside}</td>
								})}
							</tr>
						)
					})}
					{below > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: below, padding: 0 }} /></tr>}
				</tbody>
				{p.total && rows.length > 1 && (
					<tfoot>
						<tr aria-rowindex={rows.length + 2}>
							{columns.map((c, i) => i === 0
								? <th key={c.id} scope="row">{t('total')}</th>
								: <td key={c.id} className={side(c)} data-column={c.id}>
									{c.kind !== 'name' && c.kind !== 'when' && c.kind !== 'words' && (
										<Figure column={c} value={p.total?.[c.id]} href={p.hrefOf(c.id, null)} name={words.name(c.id)} row={t('total')} />
									)}
								</td>)}
						</tr>
					</tfoot>
				)}
			</table>
		</div>
	)
}

function Value({ column: c, row, before, words, ...p }: Pick<Props, 'report' | 'names' | 'when' | 'hrefOf'> & {
	column: Column
	row: Row
	before: Row | null
	words: ReturnType<typeof useColumnWords>
}) {
	const { t, i18n } = useTranslation('reports')
	const value = row[c.id]
	const title = p.names.of(p.report.of === 'key' ? String(row.by ?? '') : p.report.of, String(row[p.report.of] ?? ''))
	if (c.kind === 'name') return <>{p.names.of(kindOf(c, row), String(value ?? ''))}</>
	if (c.kind === 'when') {
		if (c.id === 'at') return <span className="num">{p.when(row)}</span>
		return <span className="num">{value ? new Date(String(value)).toLocaleString(i18n.language, { dateStyle: 'short', timeStyle: 'short' }) : '—'}</span>
	}
	if (c.kind === 'words') return <Words column={c} row={row} hrefOf={p.hrefOf} names={p.names} />
	return (
		<>
			<Figure column={c} value={value} href={p.hrefOf(c.id, row)} name={words.name(c.id)} row={title} />
			{before && <span className={styles.wasCell} title={t('before')}>{figureText(before[c.id], c.kind, i18n.language)}</span>}
		</>
	)
}

function Figure({ column, value, href, name, row }: { column: Column; value: Cell; href: string | null; name: string; row: string }) {
	const { t, i18n } = useTranslation('reports')
	const text = figureText(value, column.kind, i18n.language)
	const opens = column.opens && href && typeof value === 'number' && value > 0
	return (
		<span className="num">
			{opens ? <Link href={href} className={styles.open} aria-label={t('open_cell', { row, name, value: text })}>{text}</Link> : text}
		</span>
	)
}

/** How many of each: reasons with their time, edges and targets with their contacts. */
function Words({ column: c, row, hrefOf, names }: { column: Column; row: Row } & Pick<Props, 'hrefOf' | 'names'>) {
	const { t, i18n } = useTranslation('reports')
	const value = row[c.id]
	if (Array.isArray(value)) return <>{value.map((id) => names.of('queue', String(id))).join(', ')}</>
	if (c.id === 'sl_variant') return <>{t(`c.queues.${String(value ?? 'sl_1')}.name` as 'c.queues.sl_1.name', { defaultValue: String(value) })}</>
	if (c.id === 'started_by' || c.id === 'stopped_by') return <>{value ? names.of('agent', String(value)) : '—'}</>
	if (typeof value !== 'object' || !value) return <>{value ? String(value) : '—'}</>
	const pairs = Object.entries(value).sort((a, b) => b[1] - a[1])
	if (!pairs.length) return <>—</>
	return (
		<span className={styles.pairs}>
			{pairs.map(([word, count], i) => {
				const text = c.id === 'reasons' ? timeText(count, i18n.language) : String(count)
				const href = c.opens ? hrefOf(c.id, row, { [c.id === 'left' ? 'edge' : 'target']: word }) : null
				return (
					<Fragment key={word}>
						{i > 0 && ', '}
						<span className={styles.pair}>
							{names.of(c.id === 'reasons' ? 'reason' : 'queue', word)}{' '}
							{href ? <Link href={href} className={`${styles.open} num`}>{text}</Link> : <span className="num">{text}</span>}
						</span>
					</Fragment>
				)
			})}
		</span>
	)
}
