/* OneReport.tsx - one report: its bar, four numbers, a chart, a table; saved, exported. */
import { Button, Checkbox, Loader, Menu, Popover } from '@mantine/core'
import { Suspense, lazy, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'wouter'
import { Problem } from '../api/http'
import { tell } from '../app/notices'
import { useUser } from '../app/session'
import { useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { Bar, rangeText } from './Bar'
import { Failed } from './Failed'
import { type Agreed, useColumnWords } from './Formula'
import { Grid, keyOf } from './Grid'
import { Numbers } from './Numbers'
import { SaveDialog } from './Save'
import { type View, fileColumns, readView, savedQuery, shownColumns, writeView } from './address'
import { type Saved, exportPath, paramsOf, useRows, useSaved, useSavedChanges } from './api'
import { type Cell, REPORTS, type ReportName, type Row, columnOf } from './columns'
import { useNames } from './names'
import { type Range, compareRange, intervalEnd, intervalFor } from './period'
import { trendOf } from './trend'
import styles from './reports.module.css'

const Chart = lazy(() => import('./Chart'))
const text = (c: Cell) => (typeof c === 'string' ? c : undefined)
const ms = (c: Cell) => (typeof c === 'number' || c === null ? c : undefined)

export function OneReport({ name }: { name: ReportName }) {
	const { t, i18n } = useTranslation('reports')
	const user = useUser()
	const home = typeof user.time_zone === 'string' ? user.time_zone : 'UTC'
	const now = useNow(60_000)
	const [words, setWords] = useSearchParams()
	const address = words.toString()
	const report = REPORTS[name]
	const view = useMemo(() => readView(name, new URLSearchParams(address), now, home), [name, address, now, home])
	const { range } = view.period
	const change = (part: Partial<View>) => {
		const next = writeView({ ...view, ...part }, home)
		const saved = words.get('saved')
		if (saved) next.set('saved', saved)
		setWords(next, { replace: 'sort' in part || 'columns' in part })
	}

	const cut = view.interval || (report.timed ? intervalFor(range) : 0)
	const [withTotal, together] = [name === 'mass_events' ? {} : { total: true }, report.together]
	const whole = useRows(view, range, 0, now, withTotal)
	const cutRows = useRows(view, view.interval ? range : null, cut, now)
	const drawn = useRows(view, report.timed ? range : null, cut, now, together)
	const then: Range | null = view.compare ? compareRange(view.period, view.compare, now, view.zone) : null
	const past = useRows(view, then, 0, now, withTotal)

	const { total } = whole
	const agreed = useMemo<Agreed>(
		() => ({ variant: text(total?.sl_variant), threshold_ms: ms(total?.threshold_ms), short_ms: ms(total?.short_abandon_ms) }),
		[total])
	const words_ = useColumnWords(name, agreed)
	const names = useNames()
	const shown = shownColumns(view)
	const rows = (view.interval ? cutRows.rows : whole.rows) ?? []
	const before = then && past.rows ? (past.total ?? {}) : null
	const pastRows = useMemo(
		() => (then && past.rows && !view.interval ? new Map(past.rows.map((r) => [keyOf(report, r), r])) : null),
		[report, then?.from, past.rows, view.interval])
	const levelNow = name === 'queues' ? view.level : report.line
	const trend = useMemo(
		() => (drawn.rows ? trendOf(report, drawn.rows, { from: range.from, to: Math.min(range.to, Math.max(now, range.from + 1)) }, cut, cut === 86400 ? home : view.zone, levelNow) : null),
		[report, drawn.rows, range.from, range.to, now, cut, view.zone, home, levelNow])

	/** The contacts behind a number, with everything that narrowed it. */
	const hrefOf = (column: string, row: Row | null, more: Record<string, string> = {}): string | null => {
		if (!columnOf(report, column)?.opens) return null
		const at = row && view.interval ? Date.parse(String(row.at)) : null
		const stretch = at === null ? range : { from: Math.max(at, range.from), to: Math.min(intervalEnd(at, view.interval, home), range.to) }
		const { interval_s: _, by, ...said } = paramsOf({ ...view, of: row ? [] : view.of }, stretch, 0)
		const to = new URLSearchParams({ report: name, list: column })
		for (const [k, v] of Object.entries(said)) if (v !== undefined) to.set(k, String(v))
		if (row) for (const c of report.columns) if (c.kind === 'name') to.set(c.id, String(row[c.id] ?? ''))
		if (row && by) to.set('by', String(by))
		if (!row && report.together?.group) to.set('group', 'none') // by the formula of the whole
		for (const [k, v] of Object.entries(more)) to.set(k, v)
		if (view.zone !== home) to.set('zone', view.zone)
		return `/contacts?${to}`
	}
	const when = (row: Row) => {
		if (!view.interval || !row.at) return ''
		const at = Date.parse(String(row.at))
		const day = { day: 'numeric', month: 'short', timeZone: view.interval === 86400 ? home : view.zone } as const
		return new Date(at).toLocaleString(i18n.language, view.interval === 86400 ? { ...day, weekday: 'short' } : { ...day, hour: '2-digit', minute: '2-digit' })
	}
	const against = view.compare ? t(`compare.${view.compare}`) : ''
	const numbers = report.numbers.map((id) => (id === 'sl' && name === 'queues' ? view.level : id))
	const note = (id: string) =>
		id === 'sl' && agreed.variant ? t(`c.queues.${agreed.variant}.name` as 'c.queues.sl_1.name', { defaultValue: agreed.variant }) : ''
	const failed = whole.isError || (view.interval > 0 && cutRows.isError) || drawn.isError
	const chartLabel = t('chart_label', {
		report: t(`report.${name}`), period: rangeText(range, view.zone, i18n.language),
		names: [...(trend?.bars ?? []), ...(trend?.line ? [trend.line] : [])].map((s) => words_.name(s.id)).join(', '),
	})
	return (
		<main className={styles.main}>
			<header className={styles.top}>
				<h1 className={styles.title}>{t(`report.${name}`)}</h1>
				<span className={styles.space} />
				<Tools view={view} report={name} shown={shown} range={range} savedId={words.get('saved')}
					onColumns={(columns) => change({ columns })} onSaved={(s) => setWords((w) => { w.set('saved', s.id); return w })}
					onForgotten={() => setWords((w) => { w.delete('saved'); return w })} />
			</header>
			<Bar view={view} home={home} now={now} names={names} onChange={change}
				seen={[...new Set((whole.data?.items ?? []).map((r) => String(r[report.of] ?? '')))].filter(Boolean)} />
			{failed ? (
				<Failed error={whole.error ?? cutRows.error ?? drawn.error} onRetry={() => { void whole.refetch(); void cutRows.refetch(); void drawn.refetch() }} />
			) : whole.isPending ? (
				<div className={styles.wait} role="status" aria-label={t('loading')}><Loader size="sm" type="dots" /></div>
			) : (
				<div className={styles.body} aria-busy={whole.isPlaceholderData}>
					<Numbers report={report} ids={numbers} total={total} before={view.compare ? (before ?? {}) : null} against={against}
						hrefOf={(c) => hrefOf(c, null)} note={note} agreed={agreed} />
					{!whole.rows?.length ? (
						<div className={styles.none}>
							<Icon name="chart" size={32} />
							<p>{t('nothing', { period: rangeText(range, view.zone, i18n.language) })}</p>
						</div>
					) : (
						<>
							{report.timed && trend && (
								<section className={styles.card} aria-label={t('chart')}>
									<Suspense fallback={<div className={styles.chart} />}>
										<Chart trend={trend} name={words_.name} kind={(id) => columnOf(report, id)?.kind ?? 'count'} language={i18n.language}
											zone={cut === 86400 ? home : view.zone} byDay={cut === 86400} label={chartLabel} />
									</Suspense>
								</section>
							)}
							<Grid report={report} rows={rows} total={total} before={pastRows} shown={shown} sort={view.sort}
								onSort={(sort) => change({ sort })} names={names} when={when} hrefOf={hrefOf} agreed={agreed}
								caption={t('caption', { report: t(`report.${name}`), period: rangeText(range, view.zone, i18n.language) })} />
						</>
					)}
				</div>
			)}
		</main>
	)
}

interface ToolsProps {
	view: View
	report: ReportName
	shown: string[]
	range: Range
	savedId: string | null
	onColumns(columns: string[]): void
	onSaved(saved: Saved): void
	onForgotten(): void
}

function Tools({ view, report, shown, range, savedId, onColumns, onSaved, onForgotten }: ToolsProps) {
	const { t } = useTranslation('reports')
	const user = useUser()
	const saved = useSaved()
	const changes = useSavedChanges()
	const [dialog, setDialog] = useState<'new' | 'change' | 'schedule' | null>(null)
	const open = saved.data?.find((s) => s.id === savedId)
	const said = savedQuery(view)
	const now: Saved = { id: '', name: '', report, query: said, columns: fileColumns(view) }
	const params = { ...paramsOf(view, range, view.interval), ...(view.compare && { compare: view.compare }) }
	const keeps = saved.isSuccess && user.permissions.includes('saved_reports:write')
	const exports_ = user.permissions.some((p) => p.startsWith(`reports:${report}`))
	return (
		<>
			<ColumnsButton report={report} shown={shown} onColumns={onColumns} />
			{exports_ && (
				<Menu position="bottom-end">
					<Menu.Target>
						<Button variant="default" leftSection={<Icon name="download" size={16} />}>{t('export')}</Button>
					</Menu.Target>
					<Menu.Dropdown>
						{(['csv', 'xlsx', 'pdf'] as const).map((f) => (
							<Menu.Item key={f} component="a" href={exportPath(user.tenant, report, params, f, fileColumns(view))} download>
								{t(`format.${f}`)}
							</Menu.Item>
						))}
					</Menu.Dropdown>
				</Menu>
			)}
			{keeps && (
				<Menu position="bottom-end">
					<Menu.Target>
						<Button variant={open ? 'light' : 'default'} leftSection={<Icon name="star" size={16} />}>
							<span className={styles.cut}>{open?.name ?? t('save.do')}</span>
						</Button>
					</Menu.Target>
					<Menu.Dropdown>
						<Menu.Item onClick={() => setDialog('new')}>{t('save.title')}</Menu.Item>
						<Menu.Item leftSection={<Icon name="mail" size={16} />} onClick={() => setDialog('schedule')}>{t('schedule.title')}</Menu.Item>
						{open && <Menu.Divider />}
						{open && <Menu.Item onClick={() => setDialog('change')}>{t('save.change')}</Menu.Item>}
						{open?.schedule && (
							<Menu.Item onClick={() => void changes.send(open).then(
								() => tell('good', t('schedule.sent', { to: open.schedule?.to.join(', ') })),
								(e: unknown) => tell('bad', (e instanceof Problem && e.detail) || t('schedule.not_sent')))}>
								{t('schedule.now')}
							</Menu.Item>
						)}
						{open && (
							<Menu.Item className="danger" leftSection={<Icon name="trash" size={16} />}
								onClick={() => void changes.remove(open).then(onForgotten, () => tell('bad', t('not_saved')))}>
								{t('save.delete')}
							</Menu.Item>
						)}
					</Menu.Dropdown>
				</Menu>
			)}
			{dialog && (
				<SaveDialog
					saved={dialog === 'change' && open ? { ...open, query: said, columns: fileColumns(view) } : dialog === 'schedule' && open ? { ...open } : now}
					withSchedule={dialog === 'schedule'}
					onClose={() => setDialog(null)}
					onDone={(s) => { setDialog(null); onSaved(s); tell('good', t('save.done', { name: s.name })) }}
				/>
			)}
		</>
	)
}

function ColumnsButton({ report, shown, onColumns }: { report: ReportName; shown: string[]; onColumns(columns: string[]): void }) {
	const { t } = useTranslation('reports')
	const words = useColumnWords(report)
	const all = REPORTS[report].columns.filter((c) => c.kind !== 'name' && c.id !== 'at')
	const [open, setOpen] = useState(false)
	useEffect(() => setOpen(false), [report])
	const set = (id: string, on: boolean) =>
		onColumns(all.map((c) => c.id).filter((c) => (c === id ? on : shown.includes(c))))
	return (
		<Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus>
			<Popover.Target>
				<Button variant="default" leftSection={<Icon name="tabs" size={16} />} onClick={() => setOpen(!open)} aria-haspopup="dialog">
					{t('columns')}
				</Button>
			</Popover.Target>
			<Popover.Dropdown className={styles.columns} aria-label={t('columns')}>
				{all.map((c) => (
					<Checkbox key={c.id} size="xs" label={words.name(c.id)} checked={shown.includes(c.id)}
						disabled={shown.length === 1 && shown.includes(c.id)} onChange={(e) => set(c.id, e.currentTarget.checked)} />
				))}
				<Button size="compact-sm" variant="subtle" onClick={() => onColumns([])}>{t('columns_first')}</Button>
			</Popover.Dropdown>
		</Popover>
	)
}
