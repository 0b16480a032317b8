/*
 * TransferPanel.tsx - to whom the talk shall go: people, queues and numbers with what they do now. Ask first (I talk to
 * him while the customer hears music), Send now, or Add to the call. Enter asks, Ctrl-Enter sends.
 */
import { Button, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSend } from '../app/send'
import { shownState } from '../app/state'
import { Dot } from '../app/StateButton'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { Clock } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import styles from './TransferPanel.module.css'
import { waitingOf } from './mine'
import { type Target, findTargets, targetBody } from './people'
import { panel } from './state'

type Verb = 'consult' | 'transfer' | 'conference'
const MOST = 60

export function TransferPanel({ contact, me }: { contact: Contact; me: string }) {
	const { t } = useTranslation()
	const { send, busy } = useSend()
	const [text, setText] = useState('')
	const [picked, setPicked] = useState(0)
	const agents = useLive((s) => s.world?.agents)
	const queues = useLive((s) => s.world?.queues)
	const contacts = useLive((s) => s.world?.contacts)
	const waiting = useMemo(() => waitingOf(contacts?.values() ?? []), [contacts])
	const found = useMemo(
		() => findTargets(text, agents?.values() ?? [], queues?.values() ?? [], waiting, me).slice(0, MOST),
		[text, agents, queues, waiting, me],
	)
	const at = Math.min(picked, Math.max(0, found.length - 1))

	async function go(verb: Verb, target: Target | undefined) {
		if (!target || busy) return
		if (await send(verb, { contact: contact.id, to: targetBody(target) })) panel.set('none')
	}
	return (
		<section className={styles.box} aria-label={t('call.transfer')}>
			<div className={styles.head}>
				<TextInput
					autoFocus
					className={styles.field}
					leftSection={<Icon name="search" size={16} />}
					placeholder={t('transfer.placeholder')}
					aria-label={t('transfer.placeholder')}
					value={text}
					onChange={(e) => {
						setText(e.currentTarget.value)
						setPicked(0)
					}}
					onKeyDown={(e) => {
						const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
						if (step) {
							e.preventDefault()
							setPicked((at + step + found.length) % Math.max(1, found.length))
						} else if (e.key === 'Enter') {
							e.preventDefault()
							void go(e.ctrlKey || e.metaKey ? 'transfer' : 'consult', found[at])
						} else if (e.key === 'Escape') panel.set('none')
					}}
				/>
				<Button variant="subtle" color="gray" onClick={() => panel.set('none')} aria-label={t('app.close')} px={8}>
					<Icon name="cross" />
				</Button>
			</div>
			<ul className={styles.list}>
				{found.map((target, i) => (
					<li key={`${target.kind} ${target.id}`} className={styles.row} data-picked={i === at || undefined} onMouseEnter={() => setPicked(i)}>
						<Availability target={target} />
						<span className={styles.actions}>
							<Button size="compact-sm" loading={busy === 'consult' && i === at} onClick={() => void go('consult', target)}>
								{t('transfer.ask')}
							</Button>
							<Button size="compact-sm" variant="default" loading={busy === 'transfer' && i === at} onClick={() => void go('transfer', target)}>
								{t('transfer.send')}
							</Button>
							{target.kind !== 'queue' && (
								<Button size="compact-sm" variant="default" loading={busy === 'conference' && i === at} onClick={() => void go('conference', target)}>
									{t('transfer.add')}
								</Button>
							)}
						</span>
					</li>
				))}
				{!found.length && <li className={styles.none}>{t('transfer.nobody')}</li>}
			</ul>
		</section>
	)
}

/** Who or what it is, and whether it can take something now: dot, word and clock. */
function Availability({ target }: { target: Target }) {
	const { t } = useTranslation()
	if (target.kind === 'number')
		return (
			<span className={styles.who}>
				<Icon name="phoneOut" size={16} />
				<span className={`num ${styles.name}`}>{target.name}</span>
				<span className={styles.what}>{t('transfer.number')}</span>
			</span>
		)
	if (target.kind === 'queue')
		return (
			<span className={styles.who}>
				<Icon name="queue" size={16} />
				<span className={styles.name}>{target.name}</span>
				<span className={styles.what}>
					{target.waiting ? t('transfer.waiting', { count: target.waiting }) : t('transfer.none_waiting')}
				</span>
			</span>
		)
	const shown = shownState(target.agent)
	return (
		<span className={styles.who}>
			<Dot tone={target.free ? 'ready' : shown.tone} />
			<span className={styles.name}>{target.name}</span>
			<span className={styles.what}>
				{target.free ? t('people.free') : t(shown.word)} <Clock from={target.agent.since_at} />
			</span>
		</span>
	)
}
