/* PartyList.tsx - a conference: who is in it, who is heard, and silence for one of them. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useSend } from '../app/send'
import { useLive } from '../live/store'
import type { Contact, Party } from '../live/types'
import { Clock } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { Person } from '../parts/Person'
import { numberText } from '../parts/number'
import styles from './PartyList.module.css'

export function PartyList({ contact, me }: { contact: Contact; me: string }) {
	const { t } = useTranslation()
	const { send, busy } = useSend()
	const agents = useLive((s) => s.world?.agents)
	if (contact.consult) return null
	// the customer of an outbound call is a number of the contact, and its first party
	const customer = contact.direction === 'outbound' ? contact.to : undefined
	const others = (contact.parties ?? []).filter((p) => p.kind !== 'supervisor' && p.id !== me && !(p.kind === 'number' && p.id === customer))
	if (!others.length) return null
	const silence = (who: unknown, muted?: boolean) => void send(muted ? 'unmute' : 'mute', { contact: contact.id, who })
	const name = (p: Party) => (p.kind === 'agent' ? agents?.get(p.id)?.name || p.id : numberText(p.id))
	return (
		<section className={styles.box} aria-label={t('conference.title')}>
			<h2 className={styles.title}>
				<Icon name="people" size={16} /> {t('conference.title')}
			</h2>
			<ul className={styles.list}>
				<li>
					<Icon name="person" size={16} />
					<span className={styles.name}>
						<Person contact={contact} />
					</span>
					<span className={styles.what}>{t('conference.customer')}</span>
					<Mute muted={contact.muted} busy={busy !== null} onClick={() => silence('customer', contact.muted)} />
				</li>
				{others.map((p) => (
					<li key={`${p.kind} ${p.id} ${p.callee ?? 0}`}>
						<Icon name={p.kind === 'agent' ? 'person' : 'phoneOut'} size={16} />
						<span className={`${styles.name} ${p.kind === 'number' ? 'num' : ''}`}>{name(p)}</span>
						<span className={styles.what}>
							{t(`party.${p.state}`)} <Clock from={p.since_at} />
						</span>
						<Mute muted={p.muted} busy={busy !== null} onClick={() => silence({ [p.kind]: p.id }, p.muted)} />
					</li>
				))}
			</ul>
		</section>
	)
}

function Mute({ muted, busy, onClick }: { muted?: boolean; busy: boolean; onClick(): void }) {
	const { t } = useTranslation()
	return (
		<Button size="compact-sm" variant={muted ? 'filled' : 'default'} color={muted ? 'red' : undefined} disabled={busy} onClick={onClick}
			leftSection={<Icon name={muted ? 'micOff' : 'mic'} size={15} />}>
			{t(muted ? 'call.unmute' : 'call.mute')}
		</Button>
	)
}
