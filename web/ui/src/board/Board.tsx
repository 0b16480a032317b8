/*
 * Board.tsx - the supervisor's board: six figures, queues, live contacts, agents, what needs somebody; a drawer for the
 * one that is looked at. Filters, sorting and the drawer stand in the address. On a telephone one of them at a time.
 */
import { ActionIcon, SegmentedControl } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../live/store'
import { Icon, type IconName } from '../parts/Icon'
import { useAction } from '../app/actions'
import { tell } from '../app/notices'
import { useUser } from '../app/session'
import { Agents } from './Agents'
import { Attention, useAttention } from './Attention'
import { Broadcast } from './Broadcast'
import { Contacts } from './Contacts'
import { Drawer } from './Drawer'
import { MonitorBar } from './Monitor'
import { Queues } from './Queues'
import { Tiles } from './Tiles'
import { Walls } from './Walls'
import { useMay } from './act'
import styles from './board.module.css'
import { useFreshDeclared } from './declared'
import { useBoard, useBoardFigures, useOld } from './figures'
import { useUrl } from './url'

const PARTS = ['queues', 'contacts', 'agents', 'attention'] as const

export default function Board() {
	const { t } = useTranslation('board')
	const user = useUser()
	const may = useMay()
	const started = useLive((s) => s.world !== null)
	const [url, setUrl] = useUrl()
	const [open, setOpen] = useState<'broadcast' | 'walls' | null>(null)
	const part = (PARTS as readonly string[]).includes(url.part ?? '') ? (url.part as string) : 'queues'
	useBoardFigures()
	useFreshDeclared()
	const old = useOld()
	// whoever looks for it is told; there is nothing of it to show
	useAction('dialler', { label: t('dialler.title'), icon: 'phoneOut', run: () => tell('info', t('dialler.none')) })
	const needs = useAttention()
	useEffect(() => {
		document.title = `${needs ? `(${needs}) ` : ''}${t('title')} · centrala`
	}, [t, needs])
	if (user.roles.length === 1 && user.roles[0] === 'agent') return <div className={styles.empty}>{t('not_for_you')}</div>
	if (!started) return <div className={styles.empty} role="status">{t('loading')}</div>

	return (
		<main className={styles.board} data-part={part} data-old={old || undefined}>
			<h1 className="unseen">{t('title')}</h1>
			{old && <Old />}
			<Tiles />
			<MonitorBar />
			<div className={styles.switch}>
				<SegmentedControl
					fullWidth
					size="sm"
					value={part}
					onChange={(value) => setUrl({ part: value })}
					aria-label={t('parts')}
					data={PARTS.map((p) => ({ value: p, label: p === 'attention' && needs ? `${t(`part.${p}`)} ${needs}` : t(`part.${p}`) }))}
				/>
			</div>
			<div className={styles.body}>
				<div className={styles.left}>
					<Queues />
					<Contacts />
				</div>
				<div className={styles.right}>
					<Agents
						tools={
							<>
								{may('messages:create') && <Tool icon="mail" label={t('broadcast.title')} onClick={() => setOpen('broadcast')} />}
								{may('wallboards:link') && <Tool icon="desk" label={t('wall.title')} onClick={() => setOpen('walls')} />}
							</>
						}
					/>
					<Attention />
				</div>
				<Drawer />
			</div>
			{open === 'broadcast' && <Broadcast onClose={() => setOpen(null)} />}
			{open === 'walls' && <Walls onClose={() => setOpen(null)} />}
		</main>
	)
}

/** Figures that nobody has confirmed for seconds are said to be old, by the server's clock of the last ones. */
function Old() {
	const { t, i18n } = useTranslation('board')
	const { at } = useBoard()
	const time = at && new Date(at).toLocaleTimeString(i18n.language)
	return (
		<p className={styles.oldBar} role="alert">
			<Icon name="warning" size={18} /> {time ? t('old.since', { time }) : t('old.none')}
		</p>
	)
}

/** A picture with a name, also among the commands of Ctrl-K. */
function Tool({ icon, label, onClick }: { icon: IconName; label: string; onClick(): void }) {
	useAction(`board_${icon}`, { label, icon, run: onClick })
	return (
		<ActionIcon variant="default" size={28} aria-label={label} title={label} onClick={onClick}>
			<Icon name={icon} size={16} />
		</ActionIcon>
	)
}
