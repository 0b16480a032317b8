/*
 * LinkBar.tsx - what is wrong between this page and the server, said over the whole width: why, what goes on
 * meanwhile, and Retry. A break shorter than a second is not worth a word.
 */
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { type LiveState, live, useLive } from '../live/store'
import { useNow } from '../parts/Clock'
import { Icon, type IconName } from '../parts/Icon'
import { useMyself } from './StateButton'
import styles from './LinkBar.module.css'

export function Bar({
	icon,
	text,
	tone = 'pause',
	action,
}: {
	icon: IconName
	text: string
	tone?: 'pause' | 'alarm' | 'info'
	action?: { label: string; run(): void; busy?: boolean }
}) {
	return (
		<div className={styles.bar} data-tone={tone} role="status">
			<Icon name={icon} />
			<span className={styles.text}>{text}</span>
			{action && (
				<Button size="compact-sm" variant="default" onClick={action.run} loading={action.busy}>
					{action.label}
				</Button>
			)}
		</div>
	)
}

export function LinkBar() {
	const { t } = useTranslation()
	const link = useLive((s) => s.link)
	const started = useLive((s) => s.world !== null)
	const broken = link.is === 'down' || (link.is === 'connecting' && (link.tries > 0 || !started))
	const [long, setLong] = useState(false)
	useEffect(() => {
		if (!broken) return setLong(false)
		const timer = setTimeout(() => setLong(true), 1000)
		return () => clearTimeout(timer)
	}, [broken])
	const now = useNow()
	if (broken && long) {
		const why = link.is === 'down' ? t(`link.${link.why}`) : t('link.connecting')
		const s = link.is === 'down' ? Math.ceil((link.retryAt - (now - live.get().skewMs)) / 1000) : 0
		return (
			<Bar
				icon="wifiOff"
				text={`${why} ${t('link.calls_go_on')}${s > 0 ? ` ${t('link.again_in', { count: s })}` : ''}`}
				action={{ label: t('app.retry'), run: live.retryNow, busy: link.is === 'connecting' }}
			/>
		)
	}
	return link.is === 'up' ? <PhoneBar /> : null
}

/** A telephone that cannot ring: no contact will come. */
function PhoneBar() {
	const { t } = useTranslation()
	const me = useMyself()
	if (!me || me.phone.kind === 'browser' || me.phone.ready || me.presence === 'signed_out') return null
	return <Bar icon="phone" text={t(me.phone.kind === 'none' ? 'link.no_phone' : 'link.phone_not_ready')} />
}

/** In whose talk I am, and how: `listen/ID`. */
function watched(s: LiveState): string {
	for (const contact of s.world?.contacts.values() ?? [])
		for (const p of contact.parties ?? []) if (p.kind === 'supervisor' && p.id === s.world?.me.user) return `${p.state}/${contact.id}`
	return ''
}

/** Whoever listens or whispers and looks at another page than the board, which has a bar of its own, is not to forget it. */
export function WatchBar() {
	const { t } = useTranslation()
	const [at, go] = useLocation()
	const [mode, contact] = useLive(watched).split('/')
	if (!contact || at.startsWith('/board')) return null
	const key = mode === 'whisper' || mode === 'barge' ? mode : 'listen'
	return <Bar icon="volume" tone="info" text={t(`watch.${key}`)} action={{ label: t('watch.open'), run: () => go(`/board?contact=${contact}`) }} />
}
