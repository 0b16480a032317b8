/*
 * Bell.tsx - messages to me that I have not read: how many, in the top bar; which, behind it. Urgent ones lie over the page
 * until they are read.
 */
import { Button, Popover, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useLive } from '../live/store'
import type { DeskMessage } from '../live/types'
import { useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { agoText } from '../parts/time'
import styles from './Bell.module.css'
import { useSend } from './send'

export default function Bell() {
	const { t } = useTranslation('bell')
	const { send, busy } = useSend()
	const all = useLive((s) => [...(s.world?.messages.values() ?? [])])
	const newest = [...all].reverse()
	const urgent = all.filter((m) => m.urgent)
	// the server says that it was read, then it goes
	const read = (m: DeskMessage) => send('read', { message: Number(m.id) })
	const label = all.length ? t('open', { count: all.length }) : t('none')
	return (
		<>
			<Popover width={340} position="bottom-end" trapFocus returnFocus>
				<Popover.Target>
					<UnstyledButton className={styles.bell} data-new={all.length || undefined} aria-label={label} title={label}>
						<Icon name="bell" />
						{all.length > 0 && (
							<span className={`num ${styles.count}`} aria-hidden="true">
								{all.length}
							</span>
						)}
					</UnstyledButton>
				</Popover.Target>
				<Popover.Dropdown aria-label={t('title')}>
					<h2 className={styles.title}>{t('title')}</h2>
					{!all.length && <p className={styles.none}>{t('empty')}</p>}
					<ul className={styles.list}>
						{newest.map((m) => (
							<li key={m.id}>
								<Message message={m} />
								<Button size="compact-xs" variant="default" disabled={busy !== null} onClick={() => void read(m)}>
									{t('read')}
								</Button>
							</li>
						))}
					</ul>
					{all.length > 1 && (
						<Button fullWidth size="compact-sm" variant="default" disabled={busy !== null} onClick={() => void Promise.all(all.map(read))}>
							{t('read_all')}
						</Button>
					)}
				</Popover.Dropdown>
			</Popover>
			<div className={styles.urgent} role="alert">
				{urgent.map((m) => (
					<div key={m.id} className={styles.banner}>
						<Icon name="warning" />
						<Message message={m} />
						<Button size="compact-sm" color="red" disabled={busy !== null} onClick={() => void read(m)}>
							{t('read')}
						</Button>
					</div>
				))}
			</div>
		</>
	)
}

function Message({ message: m }: { message: DeskMessage }) {
	const { t, i18n } = useTranslation('bell')
	const now = useNow(30_000)
	const by = useLive((s) => s.world?.agents.get(m.by)?.name || m.by)
	const name = useLive((s) => (m.to === 'queue' && m.name && s.world?.queues.get(m.name)?.name) || m.name || '')
	const key = `to_${m.to}` as 'to_queue'
	return (
		<div className={styles.message}>
			<p>{m.text}</p>
			<span>
				{m.urgent ? `${t('urgent')} · ` : ''}
				{by} {i18n.exists(`bell:${key}`) ? t(key, { name }) : ''} · {agoText(m.at, Math.max(now, Date.parse(m.at)), i18n.language)}
			</span>
		</div>
	)
}
