/* ContactDrawer.tsx - one contact: who, where, with whom; listening in; moving, assigning, pulling, ranking, ending; why. */
import { Button, Select, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useSend } from '../app/send'
import { shownState } from '../app/state'
import { useUser } from '../app/session'
import { useLive } from '../live/store'
import type { Contact, Party } from '../live/types'
import { Clock } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { Person } from '../parts/Person'
import { numberText } from '../parts/number'
import { momentText } from '../parts/time'
import { Fold, Frame, Section } from './Drawer'
import { MonitorBox } from './Monitor'
import { Sure } from './Sure'
import { Why } from './Why'
import { useMay } from './act'
import styles from './board.module.css'
import { ageFrom, groupOf, isWaiting, numberOf, stateFrom } from './model'
import { useUrl } from './url'
import { CONTACT_LOOK } from './words'

export function ContactDrawer({ id }: { id: string }) {
	const { t, i18n } = useTranslation('board')
	const { t: shell } = useTranslation()
	const may = useMay()
	const now = useLive((s) => s.world?.contacts.get(id))
	// who ended stays on the screen as he was last seen
	const last = useRef<Contact | undefined>(undefined)
	if (now) last.current = now
	const contact = last.current
	const queue = useLive((s) => (contact?.queue && (s.world?.queues.get(contact.queue)?.name || contact.queue)) || '')
	if (!contact)
		return (
			<Frame title={t('drawer.not_here')} label={t('drawer.contact')}>
				<p>{t('drawer.contact_gone')}</p>
				<PageLink id={id} />
			</Frame>
		)
	const look = CONTACT_LOOK[now ? contact.state : 'ended']
	const named = may('customers:read')
	return (
		<Frame
			label={t('drawer.contact')}
			title={named ? <Person contact={contact} /> : <span className="num">{numberText(numberOf(contact)) || shell('contact.withheld')}</span>}
			sub={
				<>
					<span className={styles.chip} data-tone={look.tone}>
						<Icon name={look.icon} size={14} /> {shell(`contact_state.${now ? contact.state : 'ended'}`)} {now && <Clock from={stateFrom(contact)} />}
					</span>
					{queue && <span>{queue}</span>}
					<span>{shell(`direction.${contact.test ? 'test' : (contact.direction ?? 'inbound')}`)}</span>
				</>
			}
		>
			{now && <MonitorBox contact={now} />}
			{now && isWaitingOrParked(now) && may('contacts:act') && <Waiting contact={now} />}
			{now?.help && (
				<p className={styles.helpText}>
					<Icon name="bell" size={15} /> {now.help.text || t('attention.help_plain')}
				</p>
			)}
			<Section title={t('drawer.about')}>
				<dl className={styles.facts}>
					<dt>{t('drawer.number')}</dt>
					<dd className="num">{numberText(numberOf(contact)) || shell('contact.withheld')}</dd>
					{contact.direction !== 'outbound' && contact.to && (
						<>
							<dt>{t('drawer.called')}</dt>
							<dd className="num">{numberText(contact.to)}</dd>
						</>
					)}
					<dt>{t('drawer.since')}</dt>
					<dd className="num">
						{momentText(ageFrom(contact), Date.now(), i18n.language)}
						{now && (
							<>
								{' · '}
								<Clock from={ageFrom(contact)} />
							</>
						)}
					</dd>
					{contact.flow && (
						<>
							<dt>{t('drawer.flow')}</dt>
							<dd>
								{contact.flow}
								{contact.node ? ` › ${contact.node}` : ''}
							</dd>
						</>
					)}
					{!!contact.priority_min && (
						<>
							<dt>{t('drawer.priority')}</dt>
							<dd className="num">{t('drawer.minutes', { count: contact.priority_min })}</dd>
						</>
					)}
					{contact.recording && contact.recording !== 'off' && (
						<>
							<dt>{t('drawer.recording')}</dt>
							<dd>{shell(contact.recording === 'on' ? 'call.rec' : 'call.rec_paused')}</dd>
						</>
					)}
				</dl>
				<Parties contact={contact} />
			</Section>
			{may('contacts:why') && (
				<Fold title={t('why.title')}>
					<Why contact={contact} />
				</Fold>
			)}
			<div className={styles.row}>
				<PageLink id={id} />
				<span className={styles.space} />
				{now && may('contacts:act') && <End id={id} />}
			</div>
		</Frame>
	)
}

const isWaitingOrParked = (c: Contact) => isWaiting(c) || c.state === 'parked'

function PageLink({ id }: { id: string }) {
	const { t } = useTranslation('board')
	return (
		<Link href={`/contacts/${id}`} className={styles.link}>
			<Icon name="link" size={15} /> {t('drawer.page')}
		</Link>
	)
}

function End({ id }: { id: string }) {
	const { t } = useTranslation('board')
	const { send, busy } = useSend()
	return <Sure label={t('drawer.end')} sure={t('drawer.end_sure')} icon="hangUp" busy={busy === 'end'} onSure={() => void send('end', { contact: id })} />
}

/** Whoever waits or is parked can be given a place, an agent or a rank. */
function Waiting({ contact }: { contact: Contact }) {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const { send, busy } = useSend()
	const { id: me, roles } = useUser()
	const queues = useLive((s) => s.world?.queues)
	const agents = useLive((s) => s.world?.agents)
	const [minutes, setMinutes] = useState(String(contact.priority_min ?? 10))
	const move = (to: Record<string, string>) => void send('move', { contact: contact.id, to })
	const people = [...(agents?.values() ?? [])]
		.filter((a) => a.presence !== 'signed_out')
		.sort((a, b) => Number(groupOf(b) === 'ready') - Number(groupOf(a) === 'ready') || (a.name || a.id).localeCompare(b.name || b.id))
	return (
		<Section title={t('drawer.waits')}>
			<div className={styles.pair}>
				<Select size="xs" searchable label={t('drawer.to_queue')} placeholder={t('drawer.choose')} value={null} disabled={busy !== null} onChange={(v) => v && move({ queue: v })}
					data={[...(queues?.values() ?? [])].filter((q) => q.id !== contact.queue).map((q) => ({ value: q.id, label: q.name || q.id }))} />
				<Select size="xs" searchable label={t('drawer.to_agent')} placeholder={t('drawer.choose')} value={null} disabled={busy !== null} onChange={(v) => v && move({ agent: v })}
					data={people.map((a) => ({ value: a.id, label: `${a.name || a.id} · ${shell(shownState(a).word)}` }))} />
			</div>
			<div className={styles.row}>
				{isWaiting(contact) && (
					<form
						className={styles.row}
						onSubmit={(e) => {
							e.preventDefault()
							void send('prioritise', { contact: contact.id, priority_min: Number(minutes) })
						}}
					>
						<TextInput size="xs" w={76} type="number" min={0} max={100000} aria-label={t('drawer.priority')} title={t('drawer.priority_hint')} value={minutes} onChange={(e) => setMinutes(e.currentTarget.value)} />
						<Button type="submit" size="compact-sm" variant="default" disabled={minutes === ''} loading={busy === 'prioritise'}>{t('drawer.prioritise')}</Button>
					</form>
				)}
				<span className={styles.space} />
				{roles.includes('agent') && (
					<Button size="compact-sm" leftSection={<Icon name="phoneIn" size={15} />} loading={busy === 'move'} onClick={() => move({ agent: me })}>{t('drawer.pull')}</Button>
				)}
			</div>
		</Section>
	)
}

function Parties({ contact }: { contact: Contact }) {
	const { t: shell } = useTranslation()
	const [, setUrl] = useUrl()
	const agents = useLive((s) => s.world?.agents)
	const parties = contact.parties ?? []
	if (!parties.length && !contact.offers?.length) return null
	const name = (id: string) => agents?.get(id)?.name || id
	const line = (p: Party) => (p.kind === 'number' ? <span className="num">{numberText(p.id)}</span> : <button type="button" className={styles.linkButton} onClick={() => setUrl({ agent: p.id, contact: undefined }, true)}>{name(p.id)}</button>)
	return (
		<ul className={styles.parties}>
			{parties.map((p) => (
				<li key={`${p.kind} ${p.id} ${p.callee ?? 0}`}>
					<Icon name={p.kind === 'supervisor' ? 'volume' : p.kind === 'agent' ? 'person' : 'phoneOut'} size={15} />
					{line(p)}
					<span className={styles.quiet}>
						{shell(`party.${p.state}`)} <Clock from={p.since_at} />
					</span>
				</li>
			))}
			{contact.offers?.map((o) => (
				<li key={`offer ${o.agent}`}>
					<Icon name="phoneIn" size={15} />
					<button type="button" className={styles.linkButton} onClick={() => setUrl({ agent: o.agent, contact: undefined }, true)}>{name(o.agent)}</button>
					<span className={styles.quiet}>
						{shell('party.ringing')} <Clock from={o.at} />
					</span>
				</li>
			))}
		</ul>
	)
}
