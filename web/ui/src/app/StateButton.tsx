/*
 * StateButton.tsx - what I am doing, and what I shall be: dot, word and clock; behind it the menu of states.
 * While I work a choice waits until the work is over (behaviours.md A-1): it is shown, and can be taken back.
 */
import { Button, Menu, Tooltip, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import type { Schema } from '../api/http'
import { useLive } from '../live/store'
import type { Agent } from '../live/types'
import { Clock, useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'

import { clockText } from '../parts/time'
import { PhoneRefused, phone } from '../phone/phone'
import { useAction } from './actions'
import { useDeclared } from './declared'
import { usePrefs } from './prefs'
import { type Sender, useSend } from './send'
import { isWorking, shownState } from './state'
import styles from './StateButton.module.css'

/** Reasons that every firm has (docs/agent.md); shown where the firm declared none of its own. */
const STANDARD = ['break', 'meal', 'meeting', 'training', 'coaching', 'back_office', 'technical', 'personal'] as const

/** The agent that I am; undefined for who takes no calls. */
export function useMyself(): Agent | undefined {
	return useLive((s) => s.world?.agents.get(s.world.me.user))
}

export function useReasonName(): (id: string | undefined) => string {
	const { t, i18n } = useTranslation()
	const reasons = useDeclared('reasons')
	return (id) => {
		if (!id) return ''
		const named = reasons.find((r) => r.id === id)?.name
		if (named) return named
		return i18n.exists(`reason.${id}`) ? t(`reason.${id as (typeof STANDARD)[number]}`) : id
	}
}

/**
 * A choice of presence. Who becomes ready has his browser's telephone made first; where that is refused the bar of
 * the telephone says why, and he stays as he is.
 */
export function useChoose(send: Sender['send']): (presence: Agent['presence'], reason?: string) => void {
	return async (presence, reason) => {
		try {
			if (presence === 'ready') await phone.prepare()
		} catch (error) {
			if (error instanceof PhoneRefused) return
			throw error
		}
		await send('presence', { presence, ...(reason && { reason }) })
	}
}

export function StateButton() {
	const me = useMyself()
	return me ? <Button_ me={me} /> : null
}

function Button_({ me }: { me: Agent }) {
	const { t } = useTranslation()
	const { send, busy } = useSend()
	const { keys } = usePrefs()
	const [open, setOpen] = useState(false)
	const reasonName = useReasonName()
	const reasons = useDeclared('reasons')
	const [at] = useLocation()
	const shown = shownState(me)
	const reason = reasons.find((r) => r.id === me.reason)

	const choose = useChoose(send)
	const readyNow = me.presence === 'ready' && me.work !== 'no_answer' && !me.next_presence
	useAction('ready', {
		label: t('state.go_ready'),
		icon: 'check',
		key: 'ready',
		run: () => !readyNow && choose('ready'),
	})
	useAction('pause', { label: t('state.menu'), icon: 'clock', key: 'pause', run: () => setOpen(true) })

	const word = me.presence === 'not_ready' && !isWorking(me) && me.reason ? reasonName(me.reason) : t(shown.word)
	const list = reasons.length ? reasons.map((r) => r.id as string) : [...STANDARD]

	return (
		<div className={styles.box}>
			<Menu opened={open} onChange={setOpen} position="bottom-start" width={300} trapFocus returnFocus>
				<Menu.Target>
					<UnstyledButton
						className={styles.button}
						data-tone={shown.tone}
						disabled={busy !== null}
					>
						<span className={styles.dot} />
						<span className="unseen">{t('state.label', { state: word })}</span>
						<span className={styles.word} aria-hidden="true">
							{word}
						</span>
						<Clock from={me.since_at} className={styles.clock} />
						{reason?.max_minutes && me.presence === 'not_ready' ? <Limit me={me} reason={reason} /> : null}
						<Icon name="chevron" size={14} />
					</UnstyledButton>
				</Menu.Target>
				<Menu.Dropdown>
					{isWorking(me) && <Menu.Label aria-hidden="true">{t('state.after_work')}</Menu.Label>}
					<Menu.Item
						leftSection={<Dot tone="ready" />}
						rightSection={<Key name={keys.ready} />}
						onClick={() => choose('ready')}
						disabled={readyNow}
					>
						{t('presence.ready')}
					</Menu.Item>
					<Menu.Divider />
					<Menu.Label aria-hidden="true">{t('presence.not_ready')}</Menu.Label>
					{list.map((id) => {
						const declared = reasons.find((r) => r.id === id)
						return (
							<Menu.Item
								key={id}
								leftSection={<Dot tone="pause" />}
								rightSection={
									<span className={styles.hint}>
										{declared?.approval && <Icon name="lock" size={14} />}
										{declared?.max_minutes ? t('state.minutes', { count: declared.max_minutes }) : ''}
									</span>
								}
								disabled={me.presence === 'not_ready' && me.reason === id && !me.next_presence}
								onClick={() => choose('not_ready', id)}
							>
								{reasonName(id)}
							</Menu.Item>
						)
					})}
					<Menu.Divider />
					<Menu.Item
						leftSection={<Dot tone="talk" />}
						onClick={() => choose('outbound_only')}
						disabled={me.presence === 'outbound_only' && !me.next_presence}
					>
						{t('presence.outbound_only')}
					</Menu.Item>
					<Menu.Item
						leftSection={<Dot tone="off" />}
						onClick={() => choose('signed_out')}
						disabled={me.presence === 'signed_out' && !me.next_presence}
					>
						{t('presence.signed_out')}
					</Menu.Item>
				</Menu.Dropdown>
			</Menu>
			{me.next_presence ? (
				<Tooltip label={t('state.withdraw_hint')}>
					<UnstyledButton
						className={styles.next}
						onClick={() => choose(me.presence, me.reason)}
					>
						<b className="unseen">{t('state.withdraw', { state: t(`presence.${me.next_presence as Agent['presence']}`) })}</b>
						{t('state.next', { state: t(`presence.${me.next_presence as Agent['presence']}`) })}
						<Icon name="cross" size={12} />
					</UnstyledButton>
				</Tooltip>
			) : me.presence !== 'ready' && !isWorking(me) && at !== '/' ? (
				<Button size="compact-sm" color="green" onClick={() => choose('ready')} loading={busy === 'presence'}>
					{t('state.go_ready')}
				</Button>
			) : null}
		</div>
	)
}

/** How much of the allowed time is gone: amber in the last minutes, red beyond. */
function Limit({ me, reason }: { me: Agent; reason: Schema['Reason'] }) {
	const { t } = useTranslation()
	const now = useNow()
	const allowed = (reason.max_minutes ?? 0) * 60_000
	const left = Date.parse(me.since_at) + allowed - now
	const tone = left <= 0 ? 'over' : left <= (reason.warn_minutes ?? 1) * 60_000 ? 'soon' : 'fine'
	return (
		<span className={styles.limit} data-limit={tone}>
			{left <= 0 ? t('state.over', { time: clockText(-left) }) : t('state.of', { time: clockText(allowed) })}
		</span>
	)
}

export function Dot({ tone }: { tone: string }) {
	return <span className={styles.dot} data-tone={tone} />
}

function Key({ name }: { name: string }) {
	return <kbd className={styles.key}>{name.toUpperCase()}</kbd>
}
