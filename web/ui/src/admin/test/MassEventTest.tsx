/* MassEventTest.tsx - what would come of a mass event started now: who serves its queues, who would help, what is said. */
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { titleOf, useObjects } from '../api'
import { Answer } from '../parts'
import type { Doc } from '../schema'
import { Part, isReady, listOf, useAgentsNow } from './People'
import styles from '../admin.module.css'

export default function MassEventTest({ event }: { event: Doc }) {
	const { t } = useTranslation('admin')
	const queues = useObjects('queue')
	const users = useObjects('user')
	const now = useAgentsNow()
	if (!queues.data || !users.data) return <Answer error={queues.error ?? users.error} loading={queues.isPending || users.isPending} />
	const list = (ids: string[]) => (
		<ul className={styles.used}>
			{ids.map((id) => {
				const people = users.data.filter((u) => listOf(u.queues).includes(id))
				const queue = queues.data.find((q) => q.id === id)
				return (
					<li key={id}>
						<Link className={styles.link} href={`/admin/queues/${encodeURIComponent(id)}`}>{queue ? titleOf(queue) : id}</Link>
						<span className={styles.usedPaths}>
							{t('steps.who', { count: people.length })}
							{now && ` · ${t('steps.ready', { count: people.filter((u) => isReady(now.get(String(u.id)))).length })}`}
						</span>
					</li>
				)
			})}
		</ul>
	)
	const bulletin = typeof event.bulletin === 'string' ? event.bulletin : ''
	const most = typeof event.max_waiting === 'number' ? event.max_waiting : undefined
	return (
		<>
			<p>{t('test.mass.about')}</p>
			<Part title={t('test.mass.queues')}>{list(listOf(event.queues))}</Part>
			<Part title={t('test.mass.helpers')}>
				{listOf(event.helpers).length ? list(listOf(event.helpers)) : <p className={styles.none}>{t('test.mass.no_helpers')}</p>}
			</Part>
			<ul>
				<li>{bulletin ? <>{t('test.mass.bulletin')} <Link className={styles.link} href={`/admin/prompts/${encodeURIComponent(bulletin)}?tab=test`}>{bulletin}</Link></> : t('test.mass.no_bulletin')}</li>
				<li>{most ? t('test.mass.most', { count: most }) : t(most === 0 ? 'test.mass.no_most' : 'test.mass.own_most')}</li>
			</ul>
		</>
	)
}
