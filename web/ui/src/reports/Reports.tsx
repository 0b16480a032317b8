/* Reports.tsx - /reports/…: which report, the saved ones, and the one that is open. */
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Redirect, Route, Switch, useLocation, useSearch } from 'wouter'
import { useUser } from '../app/session'
import { Icon } from '../parts/Icon'
import { OneReport } from './OneReport'
import { savedHref, useSaved } from './api'
import { REPORTS, type ReportName } from './columns'
import styles from './reports.module.css'

const ORDER: ReportName[] = ['queues', 'agents', 'contacts', 'flows', 'flow_nodes', 'flow_paths', 'trunks', 'mass_events']

export default function Reports() {
	const { t } = useTranslation('reports')
	const user = useUser()
	const may = (r: ReportName) => user.permissions.some((p) => p === `reports:${r}` || p === `reports:${r}:own`)
	const mine = ORDER.filter(may)
	useEffect(() => {
		document.title = `${t('title')} · centrala`
	}, [t])
	return (
		<div className={styles.page}>
			<Side reports={mine} />
			<Switch>
				<Route path="/reports/:name">
					{({ name }) => name in REPORTS && may(name as ReportName)
						? <OneReport key={name} name={name as ReportName} />
						: <main className={styles.main}><p className={styles.empty}>{t('no_such_report')}</p></main>}
				</Route>
				<Route>{mine[0] ? <Redirect to={`/reports/${mine[0]}`} replace /> : null}</Route>
			</Switch>
		</div>
	)
}

function Side({ reports }: { reports: ReportName[] }) {
	const { t } = useTranslation('reports')
	const [at] = useLocation()
	const search = useSearch()
	const saved = useSaved()
	const words = new URLSearchParams(search)
	const open = words.get('saved')
	// another report of the same time
	const kept = new URLSearchParams([...words].filter(([k]) => ['period', 'from', 'to', 'zone', 'compare'].includes(k)))
	const on = (name: string) => at === `/reports/${name}` && !open
	return (
		<nav className={styles.side} aria-label={t('title')}>
			<ul>
				{reports.map((r) => (
					<li key={r}>
						<Link href={`/reports/${r}${kept.size ? `?${kept}` : ''}`} className={styles.sideLink} aria-current={on(r) ? 'page' : undefined}>
							{t(`report.${r}`)}
						</Link>
					</li>
				))}
				<li>
					<Link href={`/contacts${kept.size ? `?${kept}` : ''}`} className={styles.sideLink}>
						{t('report.contact_list')}
					</Link>
				</li>
			</ul>
			{saved.data && saved.data.length > 0 && (
				<>
					<h2 className={styles.sideTitle}>{t('saved')}</h2>
					<ul>
						{saved.data.map((s) => (
							<li key={s.id}>
								<Link href={savedHref(s)} className={styles.sideLink} aria-current={open === s.id ? 'page' : undefined}>
									<span className={styles.cut}>{s.name}</span>
									{s.schedule && <Icon name="mail" size={14} />}
									{s.schedule && <span className="unseen">{t('scheduled')}</span>}
								</Link>
							</li>
						))}
					</ul>
				</>
			)}
		</nav>
	)
}
