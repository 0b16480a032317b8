/*
 * ConsultStrip.tsx - somebody is asked while the customer hears music: who hears whom, and the ways on: swap, merge,
 * complete, cancel.
 */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useSend } from '../app/send'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { Clock } from '../parts/Clock'
import { Icon, type IconName } from '../parts/Icon'
import { Person } from '../parts/Person'
import { numberText } from '../parts/number'
import styles from './ConsultStrip.module.css'
import { myParty } from './mine'

export function ConsultStrip({ contact, me }: { contact: Contact; me: string }) {
	const { t } = useTranslation()
	const { send, busy } = useSend()
	const consult = contact.consult
	const target = useLive((s) => {
		if (!consult) return ''
		if (consult.target === 'agent') return s.world?.agents.get(consult.name)?.name || consult.name
		if (consult.target === 'queue') return s.world?.queues.get(consult.name)?.name || consult.name
		return numberText(consult.name)
	})
	if (!consult || (consult.agent && consult.agent !== me)) return null
	const asked = contact.parties?.find((p) => p.id === consult.name && p.kind === consult.target)
	const other = asked ?? contact.parties?.find((p) => p.kind === 'agent' && p.id !== me)
	const there = other !== undefined && other.state !== 'ringing' && other.state !== 'dialling'
	const withHim = there && contact.held === true
	const verb = (name: string) => void send(name, { contact: contact.id })
	const action = (name: 'swap' | 'conference' | 'complete' | 'cancel', icon: IconName, needs = true, primary = false) => (
		<Button
			variant={primary ? 'filled' : 'default'}
			leftSection={<Icon name={icon} size={16} />}
			disabled={!needs}
			loading={busy === name}
			onClick={() => verb(name)}
		>
			{t(`consult.${name}`)}
		</Button>
	)
	return (
		<section className={styles.box} aria-label={t('consult.region')} aria-live="polite">
			<div className={styles.sides}>
				<Side name={target} state={there ? (withHim ? 'talks' : 'waits') : consult.target === 'queue' && !other ? 'in_line' : 'rings'} since={other?.since_at ?? consult.since_at} />
				<Side name={<Person contact={contact} />} state={withHim || !there ? 'music' : 'talks'} since={withHim || !there ? myParty(contact, me)?.since_at : contact.since_at} />
			</div>
			<div className={styles.actions}>
				{action('swap', 'swap', there)}
				{action('conference', 'merge', there)}
				{action('complete', 'check', true, true)}
				{action('cancel', 'cross')}
			</div>
		</section>
	)
}

function Side({ name, state, since }: { name: React.ReactNode; state: 'talks' | 'waits' | 'rings' | 'in_line' | 'music'; since?: string }) {
	const { t } = useTranslation()
	const icon: IconName = state === 'talks' ? 'phone' : state === 'rings' ? 'bell' : state === 'in_line' ? 'queue' : 'pause'
	return (
		<div className={styles.side} data-state={state}>
			<Icon name={icon} size={16} />
			<span className={styles.name}>{name}</span>
			<span className={styles.state}>
				{t(`consult.${state}`)} <Clock from={since} />
			</span>
		</div>
	)
}
