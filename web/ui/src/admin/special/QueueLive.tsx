/* QueueLive.tsx - a queue as it is now: who waits, who serves it; who belongs to it is changed here too. */
import { Button, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Schema as Api, get, tenantPath } from '../../api/http'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { shownState } from '../../app/state'
import { useLive } from '../../live/store'
import { clockText } from '../../parts/time'
import { titleOf, useObjects, useWrites } from '../api'
import { Answer } from '../parts'
import { type Doc, type Json, KINDS, type Kind } from '../schema'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'

const queuesOf = (u: Doc): string[] => (Array.isArray(u.queues) ? (u.queues as string[]) : [])

export default function QueueLive({ queue }: { queue: Doc }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const id = String(queue.id)
	const { tenant, writes } = useWhose()
	const live = useLive((s) => s.world?.agents)
	const { data: users, error, isPending } = useObjects('user')
	const { save } = useWrites(KINDS.user as Kind)
	const [busy, setBusy] = useState('')
	const { data: now } = useQuery({
		queryKey: ['admin', tenant, 'queue', 'live', id],
		refetchInterval: 2000,
		queryFn: ({ signal }) => get<Api['QueueLive']>(tenantPath(tenant, 'queues', id, 'live'), { signal }),
	})
	const put = async (user: Doc, queues: string[]) => {
		setBusy(String(user.id))
		try {
			await save(String(user.id), Number(user.version), { ...user, queues: queues as Json })
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
		setBusy('')
	}
	const mine = (users ?? []).filter((u) => queuesOf(u).includes(id))
	const others = (users ?? []).filter((u) => !queuesOf(u).includes(id))
	return (
		<>
			{now && (
				<dl className={styles.strip}>
					<div><dt>{t('live.waiting')}</dt><dd className="num">{now.waiting}</dd></div>
					<div><dt>{t('live.longest')}</dt><dd className="num">{now.longest_wait_ms == null ? '–' : clockText(now.longest_wait_ms)}</dd></div>
					<div><dt>{t('live.ready')}</dt><dd className="num">{now.agents?.ready ?? 0}</dd></div>
					<div><dt>{t('live.busy')}</dt><dd className="num">{now.agents?.busy ?? 0}</dd></div>
					<div><dt>{t('live.not_ready')}</dt><dd className="num">{now.agents?.not_ready ?? 0}</dd></div>
				</dl>
			)}
			<Answer error={error} loading={isPending} />
			{users && !mine.length && <p className={styles.none}>{t('live.no_agents')}</p>}
			<ul className={styles.used}>
				{mine.map((u) => {
					const a = live?.get(String(u.id))
					return (
						<li key={String(u.id)}>
							<Link href={`/admin/users/${encodeURIComponent(String(u.id))}`} className={styles.link}>{titleOf(u)}</Link>
							<span className={styles.usedPaths}>{a ? shell(shownState(a).word) : t('live.away')}</span>
							<span className={styles.spacer} />
							{writes && (
								<Button size="compact-sm" variant="subtle" color="gray" loading={busy === u.id} onClick={() => void put(u, queuesOf(u).filter((q) => q !== id))}>
									{t('live.remove')}
								</Button>
							)}
						</li>
					)
				})}
			</ul>
			{writes && (
				<Select
					className={styles.medium}
					searchable
					label={t('live.add')}
					placeholder={t('pick.choose')}
					nothingFoundMessage={t('pick.none')}
					data={others.map((u) => ({ value: String(u.id), label: titleOf(u) }))}
					value={null}
					onChange={(v) => {
						const user = others.find((u) => u.id === v)
						if (user) void put(user, [...queuesOf(user), id])
					}}
				/>
			)}
		</>
	)
}
