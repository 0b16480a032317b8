/*
 * List.tsx - contacts, newest first, by filters; or exactly those behind a number of a report (`report`, `list`). J and
 * K go through the rows, Enter opens, the player at the bottom plays one recording after the other.
 */
import { Button, Loader, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'wouter'
import { useAction } from '../app/actions'
import { useUser } from '../app/session'
import { useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { readNarrow, writeNarrow } from '../reports/address'
import { Chip, NarrowChips, Narrows, PeriodButton } from '../reports/Bar'
import { Failed } from '../reports/Failed'
import { useColumnWords } from '../reports/Formula'
import { NARROWS, REPORTS, type ReportName } from '../reports/columns'
import { timeText } from '../reports/figure'
import { useNames } from '../reports/names'
import { isPreset, presetRange, readPeriod, writePeriod } from '../reports/period'
import { isZone } from '../reports/zone'
import { Dock } from './Dock'
import { type Contact, type Filters, useContactPages } from './api'
import { outcomeOf } from './describe'
import styles from './contacts.module.css'

/** Filters that both the list and a report understand. */
const WORDS = ['team', 'queue', 'agent', 'state', 'direction', 'customer', 'number', 'outcome', 'ended_by', 'channel', 'tag'] as const
/** Of these, what only the report of contacts can narrow by. */
const REPORTED = ['number', 'outcome', 'ended_by', 'channel'] as const

export function List() {
	const { t, i18n } = useTranslation('reports')
	const user = useUser()
	const home = typeof user.time_zone === 'string' ? user.time_zone : 'UTC'
	const now = useNow(60_000)
	const [words, setWords] = useSearchParams()
	const report = words.get('report') as ReportName | null
	const drill = report !== null && report in REPORTS
	const zoneWord = words.get('zone') ?? ''
	const zone = zoneWord && isZone(zoneWord) ? zoneWord : home
	const address = words.toString()
	useEffect(() => {
		document.title = `${t('report.contacts')} · centrala`
	}, [t])

	const period = useMemo(() => {
		const said = new URLSearchParams(address)
		if (!said.get('period') && !said.get('from')) said.set('period', 'this_week')
		return readPeriod(said, now, zone)
	}, [address, now, zone])
	const filters = useMemo<Filters>(() => {
		const said = Object.fromEntries([...new URLSearchParams(address)].filter(([k, v]) => v || k === 'key'))
		if (drill) {
			const { zone: _, ...rest } = said
			return rest as Filters
		}
		const out: Filters = { from: new Date(period.range.from).toISOString(), to: new Date(period.range.to).toISOString() }
		for (const k of WORDS) if (said[k]) out[k] = said[k]
		if (REPORTED.some((k) => out[k])) return { report: 'contacts', list: 'contacts', interval_s: '0', ...out }
		return out
	}, [address, drill, period])
	const min = Number(words.get('min_s') ?? 0) || 0
	const pages = useContactPages(filters)
	const all = useMemo(() => pages.data?.pages.flatMap((p) => p.items) ?? [], [pages.data])
	const rows = min ? all.filter((c) => c.talk_ms + c.hold_ms >= min * 1000) : all

	// the end of the list is in sight: more of it
	const end = useRef<HTMLDivElement>(null)
	const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages
	useEffect(() => {
		if (!end.current) return
		const watch = new IntersectionObserver(([e]) => {
			if (e?.isIntersecting && hasNextPage && !isFetchingNextPage) void fetchNextPage()
		})
		watch.observe(end.current)
		return () => watch.disconnect()
	}, [hasNextPage, isFetchingNextPage, fetchNextPage])

	const list = useRef<HTMLTableSectionElement>(null)
	const [playing, setPlaying] = useState<number | null>(null)
	const go = (by: number) => {
		const links = [...(list.current?.querySelectorAll<HTMLElement>('a[data-open]') ?? [])]
		const at = links.findIndex((l) => l.closest('tr')?.contains(document.activeElement))
		const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + by))]
		next?.focus()
		next?.closest('tr')?.scrollIntoView({ block: 'nearest' })
	}
	useAction('contacts.next', { key: 'next', run: () => go(1) })
	useAction('contacts.previous', { key: 'previous', run: () => go(-1) })

	const set = (change: Record<string, string>) =>
		setWords((w) => {
			for (const [k, v] of Object.entries(change)) if (v) w.set(k, v); else w.delete(k)
			return w
		}, { replace: true })
	const names = useNames()
	const hasSound = (c: Contact) => c.recordings.some((r) => r.finished !== false && !r.deleted_at)
	const playNext = (from: number) => {
		const next = rows.findIndex((c, i) => i > from && hasSound(c))
		setPlaying(next < 0 ? null : next)
	}
	const playingOne = playing === null ? undefined : rows[playing]
	return (
		<main className={styles.page} data-docked={playingOne ? true : undefined}>
			<header className={styles.head}>
				<h1 className={styles.title}>{t('report.contacts')}</h1>
				{pages.isSuccess && (
					<span className={styles.count} role="status" data-count={rows.length}>
						{hasNextPage ? t('list.first', { count: rows.length }) : t('list.count', { count: rows.length })}
					</span>
				)}
			</header>
			{drill ? <Behind report={report} words={words} zone={zone} /> : (
				<Filters_ words={words} set={set} now={now} zone={zone} period={period} names={names} />
			)}
			{pages.isError ? <Failed error={pages.error} onRetry={() => void pages.refetch()} /> : pages.isPending ? (
				<div className={styles.wait} role="status" aria-label={t('loading')}><Loader size="sm" type="dots" /></div>
			) : !rows.length && !hasNextPage ? (
				<div className={styles.none}><Icon name="phone" size={32} /><p>{t('list.none')}</p></div>
			) : (
				<div className={styles.frame}>
					<table className={styles.table}>
						<caption className="unseen">{t('report.contacts')}</caption>
						<thead>
							<tr>
								<th scope="col">{t('list.when')}</th>
								<th scope="col">{t('list.who')}</th>
								<th scope="col">{t('list.queue')}</th>
								<th scope="col">{t('list.agent')}</th>
								<th scope="col">{t('list.became')}</th>
								<th scope="col" className={styles.right}>{t('list.wait')}</th>
								<th scope="col" className={styles.right}>{t('list.talk')}</th>
								<th scope="col"><span className="unseen">{t('list.sound')}</span></th>
							</tr>
						</thead>
						<tbody ref={list}>
							{rows.map((c, i) => (
								<Row key={`${c.id} ${i}`} contact={c} zone={zone} language={i18n.language} names={names} on={playing === i}
									onPlay={hasSound(c) ? () => setPlaying(playing === i ? null : i) : undefined} />
							))}
						</tbody>
					</table>
					<div ref={end} className={styles.end}>{isFetchingNextPage && <Loader size="xs" type="dots" />}</div>
				</div>
			)}
			{playingOne && (
				<Dock key={playingOne.id} contact={playingOne} title={names.of('agent', playingOne.agent ?? '')}
					onNext={() => playNext(playing ?? 0)} onClose={() => setPlaying(null)} />
			)}
		</main>
	)
}

/** Where somebody came from, as he left it; a link of somebody else's opens the report anew. */
const goBack = (e: React.MouseEvent) => {
	if (history.length < 2) return
	e.preventDefault()
	history.back()
}

/** What the list is behind: a number of a report, and what narrowed it. */
function Behind({ report, words, zone }: { report: ReportName; words: URLSearchParams; zone: string }) {
	const { t, i18n } = useTranslation('reports')
	const columns = useColumnWords(report)
	const names = useNames()
	const moment = (key: string) => {
		const ms = Date.parse(words.get(key) ?? '')
		return Number.isNaN(ms) ? '' : new Date(ms).toLocaleString(i18n.language, { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' })
	}
	const narrow = ['team', 'queue', 'agent', 'direction', 'channel', 'outcome', 'ended_by', 'flow', 'node', 'path', 'trunk', 'edge', 'target']
		.flatMap((k) => (words.get(k) ?? '').split(',').filter(Boolean).map((v) => names.of(k, v)))
	if (words.get('by') && words.has('key')) narrow.unshift(names.of(words.get('by') ?? '', words.get('key') ?? ''))
	const column = words.get('list') ?? ''
	const known = REPORTS[report].columns.some((c) => c.id === column)
	return (
		<p className={styles.behind}>
			<Icon name="chart" size={16} />
			<span>
				<b>{known ? columns.name(column) : column}</b>
				{narrow.length > 0 && ` · ${narrow.join(' · ')}`}
				<span className="num"> · {moment('from')} – {moment('to')}</span>
			</span>
			<Link href={`/reports/${report}`} onClick={goBack}>{t('list.back')}</Link>
		</p>
	)
}

function Filters_({ words, set, now, zone, period, names }: {
	words: URLSearchParams
	set(change: Record<string, string>): void
	now: number
	zone: string
	period: ReturnType<typeof readPeriod>
	names: ReturnType<typeof useNames>
}) {
	const { t, i18n } = useTranslation('reports')
	const user = useUser()
	const all = user.permissions.includes('contacts:read')
	const [number, setNumber] = useState(words.get('number') ?? '')
	const [settled] = useDebouncedValue(number.trim(), 300)
	useEffect(() => {
		if (settled !== (words.get('number') ?? '')) set({ number: settled })
	}, [settled])
	const pick = (key: string, title: string, options: { value: string; label: string }[]) => (
		<NativeSelect aria-label={title} value={words.get(key) ?? ''} onChange={(e) => set({ [key]: e.currentTarget.value })}
			data={[{ value: '', label: title }, ...options]} />
	)
	// his own contacts are one agent's
	const by = all ? NARROWS : NARROWS.filter((b) => b === 'queue' || b === 'direction')
	const narrow = readNarrow(words, by)
	const said = (n: typeof narrow) => ({ ...Object.fromEntries(by.map((b) => [b, ''])), ...writeNarrow(n) })
	return (
		<div className={styles.filters} role="search" aria-label={t('list.filters')}>
			<PeriodButton period={period} zone={zone} now={now}
				onChange={(p) => set(isPreset(p.preset) ? { period: p.preset, from: '', to: '' } : writePeriod({ ...p, range: p.range ?? presetRange('today', now, zone) }, zone))} />
			<Narrows by={by} narrow={narrow} names={names} onChange={(n) => set(said(n))} />
			{pick('state', t('list.state'), names.all('state').map((o) => ({ value: o.id, label: o.name })))}
			{pick('min_s', t('list.length'), ['30', '60', '180', '300', '600'].map((s) => ({ value: s, label: t('list.longer', { time: timeText(Number(s) * 1000, i18n.language) }) })))}
			{all && <TextInput type="search" aria-label={t('list.number')} placeholder={t('list.number')} value={number} maxLength={40}
				onChange={(e) => setNumber(e.currentTarget.value)} />}
			<NarrowChips by={by} narrow={narrow} names={names} onChange={(n) => set(said(n))} />
			{words.get('customer') && <Chip name={t('list.customer')} text={t('list.one_customer')} onDrop={() => set({ customer: '' })} />}
			{words.get('tag') && <Chip name={t('list.tag')} text={words.get('tag') ?? ''} onDrop={() => set({ tag: '' })} />}
			{[...words].length > 0 && <Button variant="subtle" size="compact-sm" onClick={() => { setNumber(''); set(Object.fromEntries([...words.keys()].map((k) => [k, '']))) }}>{t('clear')}</Button>}
		</div>
	)
}

function Row({ contact: c, zone, language, names, on, onPlay }: {
	contact: Contact
	zone: string
	language: string
	names: ReturnType<typeof useNames>
	on: boolean
	onPlay?: () => void
}) {
	const { t } = useTranslation('reports')
	const out = c.direction !== 'inbound'
	const other = c.test ? t('direction.test') : numberText(out ? c.to : c.from) || t('withheld')
	const became = outcomeOf(c)
	const outcome = c.outcome ? names.of('outcome', c.outcome) : ''
	const when = new Date(c.arrived_at).toLocaleString(language, { timeZone: zone, day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' })
	return (
		<tr data-on={on || undefined}>
			<td><Link href={`/contacts/${c.id}`} data-open className={`${styles.openRow} num`}>{when}</Link></td>
			<td><span className={styles.who}><Icon name={out ? 'phoneOut' : 'phoneIn'} size={15} />{!c.test && <span className="unseen">{t(`direction.${c.direction}`)}</span>}<span className="num">{other}</span></span></td>
			<td>{c.queue ? names.of('queue', c.queue) : '—'}</td>
			<td>{c.agent ? names.of('agent', c.agent) : '—'}</td>
			<td><span data-bad={became.bad || undefined} className={styles.became}>{t(`became.${became.key}`)}</span>{outcome && <span className={styles.outcome}>{outcome}</span>}</td>
			<td className={`${styles.right} num`}>{c.queue ? timeText(c.wait_ms, language) : '—'}</td>
			<td className={`${styles.right} num`}>{c.talk_ms ? timeText(c.talk_ms + c.hold_ms, language) : '—'}</td>
			<td>
				{onPlay && (
					<button type="button" className={styles.playRow} onClick={onPlay} aria-pressed={on} aria-label={t('list.play', { number: other })}>
						<Icon name={on ? 'pause' : 'play'} size={16} />
					</button>
				)}
			</td>
		</tr>
	)
}
