/* QueueStrip.tsx - who waits now, in one line of the top bar: the queues with the longest waits first. */
import { Popover, UnstyledButton } from '@mantine/core'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { type Waiting, waitingOf } from '../desk/mine'
import { useSlow } from '../live/slow'
import { Clock } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import styles from './QueueStrip.module.css'

/* One look at everybody for all parts of the strip. */
let looked: { contacts: unknown; waiting: Waiting[] } = { contacts: null, waiting: [] }
function useWaiting(): Waiting[] {
	const contacts = useSlow((s) => s.world?.contacts)
	if (looked.contacts !== contacts) looked = { contacts, waiting: waitingOf(contacts?.values() ?? []) }
	return looked.waiting
}

function useQueueName(): (id: string) => string {
	const queues = useSlow((s) => s.world?.queues)
	return (id) => queues?.get(id)?.name ?? id
}

export function QueueStrip() {
	const { t } = useTranslation()
	const known = useSlow((s) => s.world !== null)
	const anybody = useWaiting().length > 0
	if (!known) return null
	if (anybody) return <Strip />
	return (
		<span className={styles.none}>
			<Icon name="queue" size={16} />
			<span>{t('queue.nobody')}</span>
		</span>
	)
}

/* Who waits changes all the time, what is around it does not: each part reads for itself. */
const Strip = memo(function Strip() {
	return (
		<Popover position="bottom-start" width={320}>
			<Popover.Target>
				<UnstyledButton className={styles.strip}>
					<Summary />
				</UnstyledButton>
			</Popover.Target>
			<Popover.Dropdown p={6}>
				<All />
			</Popover.Dropdown>
		</Popover>
	)
})

function Summary() {
	const { t } = useTranslation()
	const waiting = useWaiting()
	const name = useQueueName()
	const first = waiting[0]
	if (!first) return null
	return (
		<>
			<b className="unseen">{t('queue.waiting_label', { count: waiting.reduce((n, w) => n + w.count, 0) })}</b>
			<Icon name="queue" size={16} />
			<span className={styles.name}>{name(first.queue)}</span>
			<span className={`num ${styles.count}`}>{first.count}</span>
			<span className={styles.oldest}>
				{t('queue.oldest')} <Clock from={first.oldest} />
			</span>
			{waiting.length > 1 && <span className={styles.more}>{t('queue.more', { count: waiting.length - 1 })}</span>}
		</>
	)
}

function All() {
	const { t } = useTranslation()
	const waiting = useWaiting()
	const name = useQueueName()
	return (
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
	)
}
