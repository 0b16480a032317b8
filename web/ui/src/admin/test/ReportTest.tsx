/* ReportTest.tsx - a saved report run now: its first rows, where it opens, and its mail sent at once when it has one. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Page, type Schema as Api, get, post, query, tenantPath } from '../../api/http'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { useColumnWords } from '../../reports/Formula'
import { type Saved, savedHref } from '../../reports/api'
import { REPORTS, type ReportName, type Row, columnOf } from '../../reports/columns'
import { figureText } from '../../reports/figure'
import { titleOf, useObject, useObjects } from '../api'
import { Answer, ApiCall } from '../parts'
import { type Doc, KINDS, type Kind } from '../schema'
import { useWhose } from '../tenant'
import { Part } from './People'
import styles from '../admin.module.css'

const FIRST = 10
/** The list of contacts has an address of its own, and words of its own for what it shows. */
const LIST = { arrived_at: 'when', from: 'who', queue: 'queue', agent: 'agent', state: 'state' } as const

export default function ReportTest({ report }: { report: Doc }) {
	const { t } = useTranslation('admin')
	const { tenant, may } = useWhose()
	const saved = report as unknown as Saved
	const list = saved.report === 'contact_list'
	const path = (list ? tenantPath(tenant, 'contacts') : tenantPath(tenant, 'reports', saved.report)) + query(saved.query ?? {})
	const allowed = may(list ? 'contacts:read' : `reports:${saved.report}`)
	const { data, error, isPending, refetch } = useQuery({
		queryKey: ['admin', tenant, 'saved_report', 'run', path],
		enabled: allowed,
		queryFn: ({ signal }) => get<Page<Row>>(path, { signal }),
	})
	if (!allowed) return <p className={styles.none}>{t('forbidden')}</p>
	return (
		<>
			<Part title={t('test.report.now')}>
				{data ? <Rows report={saved} rows={data.items} /> : <Answer error={error} loading={isPending} retry={() => void refetch()} />}
				<div className={styles.row}>
					{!list && <Link className={styles.link} href={savedHref(saved)}>{t('test.report.open')}</Link>}
					<ApiCall calls={[{ method: 'GET', path }]} />
				</div>
			</Part>
			<Mail report={saved} />
		</>
	)
}

function Rows({ report, rows }: { report: Saved; rows: Row[] }) {
	const { t, i18n } = useTranslation('admin')
	const known = report.report in REPORTS ? REPORTS[report.report as ReportName] : null
	const words = useColumnWords(known?.name ?? 'contacts')
	const { t: list } = useTranslation('reports')
	const { tenant } = useWhose()
	const { data: firm } = useObject(KINDS.tenant as Kind, tenant)
	const zone = typeof firm?.time_zone === 'string' ? firm.time_zone : undefined // as reports are, not as this browser is
	const { data: queues } = useObjects('queue')
	const { data: users } = useObjects('user')
	const named: Record<string, Map<string, string>> = {
		queue: new Map((queues ?? []).map((q) => [String(q.id), titleOf(q)])),
		agent: new Map((users ?? []).map((u) => [String(u.id), titleOf(u)])),
	}
	if (!rows.length) return <p className={styles.none} role="status">{t('test.report.empty')}</p>
	const heads = known ? known.columns.filter((c) => c.kind === 'name' || (c.id === 'at' && new Set(rows.map((r) => r.at)).size > 1)).map((c) => c.id) : []
	const wanted = report.columns?.length ? report.columns : (known?.first ?? [])
	const columns = known ? [...heads, ...wanted.filter((c) => !heads.includes(c) && columnOf(known, c))] : Object.keys(LIST)
	const shown = (row: Row, id: string) => {
		const value = row[id]
		const kind = known ? (columnOf(known, id)?.kind ?? 'name') : 'name'
		if (typeof value === 'string' && (kind === 'when' || id.endsWith('_at'))) return new Date(value).toLocaleString(i18n.language, { timeZone: zone })
		if (!known && id === 'state') return list(`state.${value}` as 'state.flow')
		return named[id]?.get(String(value)) ?? figureText(value, kind, i18n.language)
	}
	return (
		<>
			<p className={styles.help} role="status">{t('test.report.rows', { count: rows.length })}{rows.length > FIRST && `, ${t('test.report.first', { first: FIRST })}`}</p>
			<div className={styles.scroll} tabIndex={0} role="region" aria-label={t('test.report.now')}>
				<table className={styles.plain}>
					<thead>
						<tr>{columns.map((c) => <th scope="col" key={c}>{known ? words.name(c) : list(`list.${LIST[c as keyof typeof LIST]}`)}</th>)}</tr>
					</thead>
					<tbody>
						{rows.slice(0, FIRST).map((row, i) => (
							// biome-ignore lint: rows of a picture have no identity
							<tr key={i}>{columns.map((c) => <td className="num" key={c}>{shown(row, c)}</td>)}</tr>
						))}
					</tbody>
				</table>
			</div>
		</>
	)
}

/** As its schedule says, to whom it says; the server refuses addresses that the firm does not allow. */
function Mail({ report }: { report: Saved }) {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { tenant, may } = useWhose()
	const queries = useQueryClient()
	const [busy, setBusy] = useState(false)
	const path = (what: string) => tenantPath(tenant, 'saved_reports', report.id, what)
	const key = ['admin', tenant, 'saved_report', 'runs', report.id]
	const { data: runs } = useQuery({
		queryKey: key,
		enabled: may('saved_reports:runs') && !!report.schedule,
		queryFn: ({ signal }) => get<Api['ReportRuns']>(path('runs'), { signal }).then((p) => p.items.slice(0, 5)),
	})
	if (!report.schedule) return <p>{t('test.report.no_mail')}</p>
	const to = report.schedule.to.join(', ')
	const send = async () => {
		setBusy(true)
		try {
			await post(path('send'), {})
			tell('good', t('test.report.sent', { to }))
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
		setBusy(false)
		void queries.invalidateQueries({ queryKey: key })
	}
	return (
		<Part title={t('test.report.mail')}>
			<p>{t('test.report.goes', { to })}</p>
			{may('saved_reports:send') && <div className={styles.row}><Button variant="default" loading={busy} onClick={() => void send()}>{t('test.report.send')}</Button></div>}
			<ul className={styles.used}>
				{(runs ?? []).map((r) => (
					<li key={`${r.at} ${r.attempt}`}>
						<span className="num">{new Date(r.at).toLocaleString(i18n.language)}</span>
						<span>{t(`test.report.was_${r.state}`)}</span>
						<span className={styles.usedPaths}>{r.why ?? r.to ?? ''}</span>
					</li>
				))}
			</ul>
		</Part>
	)
}
