/*
 * Monitor.tsx - a supervisor in a talk: he listens (nobody hears him), whispers (the agent does), joins (everybody does),
 * takes over. His own telephone is used: a browser's is prepared first, another one rings.
 */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useAction } from '../app/actions'
import { tell } from '../app/notices'
import { useSend } from '../app/send'
import { useUser } from '../app/session'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { Clock } from '../parts/Clock'
import { Icon, type IconName } from '../parts/Icon'
import { numberText } from '../parts/number'
import { useMyPhone } from '../phone/PhoneHost'
import { PhoneRefused, phone } from '../phone/phone'
import { Sure } from './Sure'
import { useMay } from './act'
import styles from './board.module.css'
import { agentOf, numberOf, watchedBy } from './model'
import { useSlow } from '../live/slow'
import { useUrl } from './url'

export const MODES = ['listen', 'whisper', 'barge'] as const
type Mode = (typeof MODES)[number]
const ICONS: Record<Mode, IconName> = { listen: 'volume', whisper: 'mic', barge: 'people' }

function useMonitor(contact: Contact) {
	const { t: shell } = useTranslation()
	const { send, busy } = useSend()
	const [, go] = useLocation()
	const kind = useMyPhone()
	async function monitor(mode: Mode | 'none'): Promise<void> {
		try {
			if (mode !== 'none' && kind === 'browser') await phone.prepare()
		} catch (error) {
			if (!(error instanceof PhoneRefused)) throw error
			const why = error.why === 'unreachable' ? 'refused' : error.why
			return tell('bad', `${shell(`phone.say.${why}`)} ${why === 'refused' ? error.message : shell(`phone.help.${why}`)}`)
		}
		await send('monitor', { contact: contact.id, mode })
	}
	async function takeOver(): Promise<void> {
		if (await send('take_over', { contact: contact.id })) go('/') // his own now, at his desk
	}
	return { monitor, takeOver, busy: busy === 'monitor' || busy === 'take_over', kind }
}

const isTalk = (c: Contact) => (c.state === 'talking' || c.state === 'held') && !!agentOf(c)

/** In the drawer of a contact that is talked in. */
export function MonitorBox({ contact }: { contact: Contact }) {
	const { t } = useTranslation('board')
	const may = useMay()
	const { id: me, roles } = useUser()
	const { monitor, takeOver, busy, kind } = useMonitor(contact)
	const mode = watchedBy([contact], me)?.mode
	const can = may('contacts:monitor') && isTalk(contact) && !!kind && kind !== 'none'
	useKey('listen', '1', can, () => void monitor('listen'))
	useKey('whisper', '2', can, () => void monitor('whisper'))
	useKey('barge', '3', can, () => void monitor('barge'))
	useKey('none', '0', can && !!mode, () => void monitor('none'))
	if (!may('contacts:monitor') || !isTalk(contact)) return null
	if (!can)
		return (
			<p className={styles.guide}>
				<Icon name="phone" size={16} /> {kind === undefined ? t('loading') : t('monitor.no_phone')}
			</p>
		)
	return (
		<div className={styles.monitor} role="group" aria-label={t('monitor.title')}>
			{MODES.map((m, i) => (
				<button key={m} type="button" className={styles.mode} aria-pressed={mode === m} disabled={busy} aria-keyshortcuts={String(i + 1)} onClick={() => void monitor(m)}>
					<Icon name={ICONS[m]} size={18} />
					<b>{t(`monitor.${m}`)}</b>
					<span>{t(`monitor.${m}_hint`)}</span>
					<kbd aria-hidden="true">{i + 1}</kbd>
				</button>
			))}
			<div className={styles.monitorMore}>
				{mode && roles.includes('agent') && (
					<Sure label={t('monitor.take_over')} sure={t('monitor.take_over_sure')} icon="phoneIn" busy={busy} onSure={() => void takeOver()} />
				)}
				{mode && (
					<Button size="compact-sm" variant="default" leftSection={<Icon name="cross" size={15} />} disabled={busy} onClick={() => void monitor('none')}>
						{t('monitor.stop')}
					</Button>
				)}
				{!mode && kind !== 'browser' && <span className={styles.quiet}>{t('monitor.rings')}</span>}
			</div>
		</div>
	)
}

function useKey(name: Mode | 'none', key: `${number}`, on: boolean, run: () => void): void {
	const { t } = useTranslation('board')
	useAction(`monitor_${name}`, on ? { key, label: t(name === 'none' ? 'monitor.stop' : `monitor.${name}`), icon: name === 'none' ? 'cross' : ICONS[name], run } : null)
}

/** Over the board as long as I am in somebody's talk, whatever else I look at. */
export function MonitorBar() {
	const { id: me } = useUser()
	const watched = useSlow((s) => (s.world ? watchedBy(s.world.contacts.values(), me) : null))
	return watched ? <Bar contact={watched.contact} mode={watched.mode} /> : null
}

function Bar({ contact, mode }: { contact: Contact; mode: Mode }) {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const { id: me, roles } = useUser()
	const [, setUrl] = useUrl()
	const { monitor, takeOver, busy } = useMonitor(contact)
	const agent = agentOf(contact)
	const name = useLive((s) => (agent && s.world?.agents.get(agent)?.name) || agent || '')
	const since = contact.parties?.find((p) => p.kind === 'supervisor' && p.id === me)?.since_at
	return (
		<div className={styles.monitorBar} role="status">
			<Icon name={ICONS[mode]} />
			<span className={styles.monitorText}>
				{t(`monitor.now_${mode}`, { agent: name })} <span className="num">{numberText(numberOf(contact)) || shell('contact.withheld')}</span> <Clock from={since} />
			</span>
			<span className={styles.monitorModes}>
				{MODES.map((m) => (
					<Button key={m} size="compact-sm" variant={m === mode ? 'filled' : 'default'} aria-pressed={m === mode} disabled={busy} onClick={() => void monitor(m)}>
						{t(`monitor.${m}`)}
					</Button>
				))}
				{roles.includes('agent') && <Sure label={t('monitor.take_over')} sure={t('monitor.take_over_sure')} busy={busy} onSure={() => void takeOver()} />}
				<Button size="compact-sm" variant="default" onClick={() => setUrl({ contact: contact.id, agent: undefined }, true)}>{t('monitor.open')}</Button>
				<Button size="compact-sm" variant="default" color="red" disabled={busy} onClick={() => void monitor('none')}>{t('monitor.stop')}</Button>
			</span>
		</div>
	)
}
