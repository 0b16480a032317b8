/* QueueStrip.tsx - who waits now, in one line of the top bar: the queues with the longest waits first. */
import { Popover, UnstyledButton } from '@mantine/core'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { waitingOf } from '../desk/mine'
import { useLive } from '../live/store'
import { Clock } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import styles from './QueueStrip.module.css'

export function QueueStrip() {
	const { t } = useTranslation()
	const contacts = useLive((s) => s.world?.contacts)
	const queues = useLive((s) => s.world?.queues)
	const waiting = useMemo(() => waitingOf(contacts?.values() ?? []), [contacts])
	if (!contacts) return null
	const name = (id: string) => queues?.get(id)?.name ?? id
	const total = waiting.reduce((n, w) => n + w.count, 0)
	const first = waiting[0]
	if (!first)
		return (
			<span className={styles.none}>
				<Icon name="queue" size={16} />
				<span>{t('queue.nobody')}</span>
			</span>
		)
	return (
		<Popover position="bottom-start" width={320}>
			<Popover.Target>
				<UnstyledButton className={styles.strip}>
					<b className="unseen">{t('queue.waiting_label', { count: total })}</b>
					<Icon name="queue" size={16} />
					<span className={styles.name}>{name(first.queue)}</span>
					<span className={`num ${styles.count}`}>{first.count}</span>
					<span className={styles.oldest}>
						{t('queue.oldest')} <Clock from={first.oldest} />
					</span>
					{waiting.length > 1 && (
						<span className={styles.more}>{t('queue.more', { count: waiting.length - 1 })}</span>
					)}
				</UnstyledButton>
			</Popover.Target>
			<Popover.Dropdown p={6}>
				<table className={styles.table}>
					<thead>
						<tr>
							<th>{t('queue.queue')}</th>
							<th>{t('queue.waiting')}</th>
							<th>{t('queue.oldest')}</th>
						</tr>
					</thead>
					<tbody>
						{waiting.map((w) => (
							<tr key={w.queue}>
								<td>{name(w.queue)}</td>
								<td className="num">{w.count}</td>
								<td>
									<Clock from={w.oldest} />
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</Popover.Dropdown>
		</Popover>
	)
}
