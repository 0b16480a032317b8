/* MassEventRun.tsx - a mass event is started when many call at once, and stopped again. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type Page, type Schema as Api, get, post, query, tenantPath } from '../../api/http'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { Answer, ApiCall } from '../parts'
import type { Doc } from '../schema'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'

type Row = Api['MassEventReportRow']

export default function MassEventRun({ event }: { event: Doc }) {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { tenant, may } = useWhose()
	const queries = useQueryClient()
	const id = String(event.id)
	const key = ['admin', tenant, 'mass_event', 'runs', id]
	const { data, error, isPending } = useQuery({
		queryKey: key,
		refetchInterval: 5000,
		queryFn: ({ signal }) =>
			get<Page<Row>>(tenantPath(tenant, 'reports', 'mass_events') + query({ from: new Date(Date.now() - 30 * 86400_000).toISOString(), to: new Date(Date.now() + 60_000).toISOString() }), { signal }).then((p) =>
				p.items.filter((r) => r.mass_event === id),
			),
	})
	if (!data) return <Answer error={error} loading={isPending} />
	const running = data.find((r) => !r.to_at)
	const act = async (verb: 'start' | 'stop') => {
		try {
			await post(tenantPath(tenant, 'mass_events', id, verb), {})
			await queries.invalidateQueries({ queryKey: key })
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
	}
	const time = (at: string) => new Date(at).toLocaleString(i18n.language)
	return (
		<>
			<p className={styles.verdict} data-open={running ? true : undefined} role="status">
				<b>{running ? t('mass.since', { at: time(running.from_at) }) : t('mass.off')}</b>
			</p>
			<div className={styles.row}>
				{may('mass_events:start') && (
					<Button color={running ? 'gray' : 'red'} onClick={() => void act(running ? 'stop' : 'start')}>{t(running ? 'mass.stop' : 'mass.start')}</Button>
				)}
				<ApiCall calls={[{ method: 'POST', path: tenantPath(tenant, 'mass_events', id, running ? 'stop' : 'start'), body: {} }]} />
			</div>
			{data.length > 0 && (
				<ul className={styles.used}>
					{data.map((r) => (
						<li key={r.from_at}>
							<span className="num">{time(r.from_at)}{r.to_at ? ` – ${time(r.to_at)}` : ''}</span>
							<span className={styles.usedPaths}>{t('mass.figures', { offered: r.offered, answered: r.answered, abandoned: r.abandoned })}</span>
						</li>
					))}
				</ul>
			)}
		</>
	)
}
