/*
 * CallBar.tsx - whom I talk to and what I can do with the talk. Muted is red, has a struck microphone and says so in
 * words, as long as it is so. X hangs up when it is pressed twice.
 */
import { UnstyledButton } from '@mantine/core'
import { type ReactNode, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/actions'
import { page } from '../app/i18n'
import { type KeyAction, usePrefs } from '../app/prefs'
import { tell } from '../app/notices'
import { problemText, useSend } from '../app/send'
import { useUser } from '../app/session'
import { useCaller } from '../customers/caller'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { MuteWarning } from '../phone/MuteWarning'
import { QualityMark } from '../phone/QualityMark'
import { useMute, usePhone } from '../phone/phone'
import { Clock } from '../parts/Clock'
import { Icon, type IconName } from '../parts/Icon'
import { Person } from '../parts/Person'
import styles from './CallBar.module.css'
import { type Role, sinceOf } from './mine'
import { panel } from './state'

const HelpButton = page('bell', () => import('../app/HelpButton'))

const TWICE_WITHIN_MS = 2500

export function CallBar({ contact, me, role }: { contact: Contact; me: string; role: Role }) {
	const { t } = useTranslation()
	const { send, busy } = useSend()
	const caller = useCaller(contact)
	const open = panel.use()
	const queue = useLive((s) => (contact.queue && s.world?.queues.get(contact.queue)?.name) || contact.queue || '')
	const { muted, set: setMute } = useMute(contact)
	const { state: phoneState } = usePhone()
	const canDial = phoneState === 'up'
	const held = role === 'held' && !contact.consult
	const paused = contact.recording === 'paused'
	const others = (contact.parties ?? []).filter((p) => p.kind === 'agent' && p.id !== me && p.state !== 'dialling')
	const live = role === 'talking' || role === 'held'
	const talks = live && !contact.consult
	const mayAskHelp = useUser().permissions.some((p) => p.startsWith('contacts:help'))
	const verb = (name: string, body = {}) => void send(name, { contact: contact.id, ...body })
	const [armed, setArmed] = useState(false)
	useEffect(() => {
		if (!armed) return
		const timer = setTimeout(() => setArmed(false), TWICE_WITHIN_MS)
		return () => clearTimeout(timer)
	}, [armed])

	const mute = () => void setMute(!muted).catch((error) => tell('bad', problemText(error, t)))
	const hold = () => verb(held ? 'resume' : 'hold')
	const end = () => verb(others.length && !contact.consult ? 'leave' : 'end')
	// whom he calls may answer with a voice menu before anybody talks
	const reached = live || role === 'dialling'
	const toggle = (which: 'transfer' | 'keypad') => panel.set(open === which ? 'none' : which)

	useAction('mute', live ? { label: t(muted ? 'call.unmute' : 'call.mute'), icon: muted ? 'mic' : 'micOff', key: 'mute', run: mute } : null)
	useAction('hold', talks ? { label: t(held ? 'call.resume' : 'call.hold'), icon: held ? 'play' : 'pause', key: 'hold', run: hold } : null)
	useAction('transfer', talks ? { label: t('call.transfer'), icon: 'transfer', key: 'transfer', run: () => toggle('transfer') } : null)
	useAction('keypad', reached && canDial ? { label: t('call.keypad'), icon: 'keypad', key: 'keypad', run: () => toggle('keypad') } : null)
	useAction(
		'record',
		talks && contact.recording !== 'off'
			? { label: t(paused ? 'call.record_resume' : 'call.record_pause'), icon: 'recordPause', run: () => verb(paused ? 'record_resume' : 'record_pause') }
			: null,
	)
	useAction('park', talks ? { label: t('call.park'), icon: 'park', run: () => verb('park') } : null)
	useAction(
		'hang_up',
		reached ? { label: t('call.hang_up'), icon: 'hangUp', key: 'hang_up', run: () => (armed ? (setArmed(false), end()) : setArmed(true)) } : null,
	)

	const word = contact.consult ? t('work.consulting') : t(`role.${role}`)
	const tone = muted ? 'muted' : role === 'wrapping' ? 'wrap' : held ? 'held' : role === 'dialling' ? 'dial' : 'talk'
	return (
		<section className={styles.bar} data-tone={tone} aria-label={t('call.region')}>
			<div className={styles.head}>
				<div className={styles.who}>
					<h1 className={styles.name}>
						<Person contact={contact} />
					</h1>
					<div className={styles.sub}>
						{caller.name && <span className="num">{caller.number}</span>}
						{queue && <span>{queue}</span>}
						<span>{t(`direction.${contact.test ? 'test' : (contact.direction ?? 'inbound')}`)}</span>
						{contact.verstat === 'TN-Validation-Failed' && <span className={styles.bad}>{t('contact.forged')}</span>}
					</div>
				</div>
				<div className={styles.state} role="status" aria-live="polite">
					{live && <QualityMark />}
					{live && <Watchers contact={contact} me={me} />}
					{muted && (
						<span className={styles.chip} data-tone="muted">
							<Icon name="micOff" size={15} /> {t('call.muted')}
						</span>
					)}
					{contact.recording === 'on' && (
						<span className={styles.chip} data-tone="rec">
							<Icon name="record" size={12} /> {t('call.rec')}
						</span>
					)}
					{paused && (
						<span className={styles.chip} data-tone="held">
							<Icon name="recordPause" size={15} /> {t('call.rec_paused')}
						</span>
					)}
					<span className={styles.chip} data-tone={tone === 'muted' ? 'talk' : tone}>
						{word}
						<Clock from={sinceOf(contact, me)} className={styles.clock} />
					</span>
				</div>
			</div>
			{live && <MuteWarning />}
			{reached && (
				<div className={styles.buttons} role="toolbar" aria-label={t('call.region')}>
					{live && (
						<Tool icon={muted ? 'micOff' : 'mic'} label={t(muted ? 'call.unmute' : 'call.mute')} keyFor="mute" tone={muted ? 'alarm' : undefined}
							pressed={muted} onClick={mute} />
					)}
					{talks && (
						<Tool icon={held ? 'play' : 'pause'} label={t(held ? 'call.resume' : 'call.hold')} keyFor="hold" tone={held ? 'pause' : undefined}
							pressed={held} busy={busy === 'hold' || busy === 'resume'} onClick={hold} />
					)}
					{reached && canDial && (
						<Tool icon="keypad" label={t('call.keypad')} keyFor="keypad" pressed={open === 'keypad'} onClick={() => toggle('keypad')} />
					)}
					{talks && (
						<Tool icon="transfer" label={t('call.transfer')} keyFor="transfer" pressed={open === 'transfer'} onClick={() => toggle('transfer')} />
					)}
					{talks && mayAskHelp && (
						<Suspense>
							<HelpButton contact={contact} me={me} />
						</Suspense>
					)}
					{talks && <Tool icon="park" label={t('call.park')} busy={busy === 'park'} onClick={() => verb('park')} />}
					{talks && contact.recording !== 'off' && (
						<Tool icon={paused ? 'record' : 'recordPause'} label={t(paused ? 'call.record_resume' : 'call.record_pause')}
							tone={paused ? 'pause' : undefined} pressed={paused} busy={busy === 'record_pause' || busy === 'record_resume'}
							onClick={() => verb(paused ? 'record_resume' : 'record_pause')} />
					)}
					<span className={styles.space} />
					{others.length > 0 && talks && (
						<Tool icon="hangUp" label={t('call.end_all')} busy={busy === 'end'} onClick={() => verb('end')} />
					)}
					<Tool icon={others.length && talks ? 'signOut' : 'hangUp'} label={t(armed ? 'call.again' : others.length && talks ? 'call.leave' : 'call.hang_up')}
						keyFor="hang_up" tone="end" busy={busy === 'end' || busy === 'leave'} onClick={end} />
				</div>
			)}
		</section>
	)
}

/** Who listens to me, whispers or has joined; the server says it only where the tenant wants it known. */
function Watchers({ contact, me }: { contact: Contact; me: string }) {
	const { t } = useTranslation()
	const agents = useLive((s) => s.world?.agents)
	return contact.parties?.map(
		(p) =>
			p.kind === 'supervisor' &&
			p.id !== me && (
				<span key={p.id} className={styles.chip} data-tone="watched">
					<Icon name={p.state === 'listen' ? 'volume' : p.state === 'whisper' ? 'mic' : 'people'} size={15} />
					{t(`call.by_${p.state as 'listen' | 'whisper' | 'barge'}`, { who: agents?.get(p.id)?.name || p.id })}
				</span>
			),
	)
}

function Tool({ icon, label, tone, pressed, busy, keyFor, onClick }: {
	icon: IconName
	label: ReactNode
	tone?: 'alarm' | 'pause' | 'end'
	pressed?: boolean
	busy?: boolean
	keyFor?: KeyAction
	onClick(): void
}) {
	const { keys, keysOn } = usePrefs()
	return (
		<UnstyledButton className={styles.tool} data-tone={tone} data-pressed={pressed || undefined} aria-pressed={pressed} disabled={busy}
			data-busy={busy || undefined} onClick={onClick} aria-keyshortcuts={keyFor && keysOn ? keys[keyFor].toUpperCase() : undefined}>
			<Icon name={icon} size={20} />
			<span className={styles.label}>{label}</span>
			{keyFor && keysOn && (
				<kbd className={styles.key} aria-hidden="true">
					{keys[keyFor].toUpperCase()}
				</kbd>
			)}
		</UnstyledButton>
	)
}
