/* TeamTest.tsx - a team's people, queues and supervisors, and what a supervisor who is held to it sees. */
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { titleOf, useObjects } from '../api'
import { Answer } from '../parts'
import type { Doc } from '../schema'
import { Part, People, listOf } from './People'
import styles from '../admin.module.css'

export default function TeamTest({ team }: { team: Doc }) {
	const { t } = useTranslation('admin')
	const id = String(team.id)
	const users = useObjects('user')
	const queues = useObjects('queue')
	if (!users.data || !queues.data) return <Answer error={users.error ?? queues.error} loading={users.isPending || queues.isPending} />
	const people = users.data.filter((u) => listOf(u.teams).includes(id))
	const mine = queues.data.filter((q) => q.team === id)
	const heads = users.data.filter((u) => listOf(u.supervises).includes(id) && listOf(u.roles).includes('supervisor'))
	return (
		<>
			<p className={styles.verdict} role="status">
				<b>{t('test.team.sees')}</b>
				<span>{t('test.team.people', { count: people.length })} · {t('test.team.queues', { count: mine.length })}</span>
				<span>{t('test.team.not')}</span>
			</p>
			<Part title={t('test.team.members')}>
				<People users={people} none={t('test.team.nobody')} />
			</Part>
			<Part title={t('test.team.its_queues')}>
				{!mine.length && <p className={styles.none}>{t('test.team.no_queue')}</p>}
				<ul className={styles.used}>
					{mine.map((q) => (
						<li key={String(q.id)}>
							<Link href={`/admin/queues/${encodeURIComponent(String(q.id))}`} className={styles.link}>{titleOf(q)}</Link>
							<span className={styles.usedPaths}>{t('steps.who', { count: users.data.filter((u) => listOf(u.queues).includes(String(q.id))).length })}</span>
						</li>
					))}
				</ul>
			</Part>
			<Part title={t('test.team.heads')}>
				<People users={heads} none={t('test.team.no_head')} note={(u) => (listOf(u.supervises).length > 1 ? t('test.team.also', { teams: listOf(u.supervises).filter((x) => x !== id).join(', ') }) : '')} />
			</Part>
		</>
	)
}
