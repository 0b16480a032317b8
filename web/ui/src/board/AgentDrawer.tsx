/* AgentDrawer.tsx - one agent: what he does, his talks to listen to, his state, a message, skills, queues, signing out. */
import { Button, Select } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Dot, useReasonName } from '../app/StateButton'
import { useDeclared } from '../app/declared'
import { useSend } from '../app/send'
import { isWorking, shownState } from '../app/state'
import { useLive } from '../live/store'
import type { Agent, Contact } from '../live/types'
import { Clock, useTick } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { momentText } from '../parts/time'
import { MessageForm } from './Broadcast'
import { Fold, Frame, Section } from './Drawer'
import { MonitorBox } from './Monitor'
import { QueuesEditor, SkillsEditor } from './Skills'
import { Sure } from './Sure'
import { useMay } from './act'
import styles from './board.module.css'
import { usePeople, useTeams } from './declared'
import { boardNow, occupancy } from './figures'
import { percentText } from './format'
import { numberOf } from './model'
import { useSlow } from '../live/slow'
import { useUrl } from './url'

const STANDARD = ['break', 'meal', 'meeting', 'training', 'coaching', 'back_office', 'technical', 'personal']

export function AgentDrawer({ id }: { id: string }) {
	const { t, i18n } = useTranslation('board')
	const { t: shell } = useTranslation()
	const may = useMay()
	const reasonName = useReasonName()
	const agent = useLive((s) => s.world?.agents.get(id))
	const contacts = useSlow((s) => {
		const his: Contact[] = []
		for (const c of s.world?.contacts.values() ?? [])
			if (c.parties?.some((p) => p.kind === 'agent' && p.id === id) || c.offers?.some((o) => o.agent === id) || c.wraps?.some((w) => w.agent === id)) his.push(c)
		return his
	})
	const people = usePeople()
	const teams = useTeams()
	if (!agent)
		return (
			<Frame title={id} label={t('drawer.agent')}>
				<p>{t('drawer.agent_gone')}</p>
			</Frame>
		)
	const shown = shownState(agent)
	const reason = agent.reason && agent.presence === 'not_ready' && !isWorking(agent) ? ` · ${reasonName(agent.reason)}` : ''
	const his = people.get(id)?.teams ?? []
	return (
		<Frame
			label={t('drawer.agent')}
			title={agent.name || agent.id}
			sub={
				<>
					<span className={styles.chip} data-tone={shown.tone}>
						<Dot tone={shown.tone} /> {shell(shown.word)}
						{reason} <Clock from={agent.since_at} />
					</span>
					{agent.next_presence && <span>{shell('state.next', { state: shell(`presence.${agent.next_presence as Agent['presence']}`) })}</span>}
					<Occupied id={id} />
					<span>{t(agent.phone.kind === 'none' ? 'drawer.no_phone' : agent.phone.ready ? 'drawer.phone_ready' : 'drawer.phone_lost')}</span>
					{agent.skills_until_at && <span>{t('skills.lent', { time: momentText(agent.skills_until_at, Date.now(), i18n.language) })}</span>}
					{his.length > 0 && <span>{his.map((team) => teams.find((one) => one.id === team)?.name ?? team).join(', ')}</span>}
				</>
			}
		>
			{contacts.map((c) => (
				<Talk key={c.id} contact={c} />
			))}
			{may('agents:presence') && <ChangeState agent={agent} contacts={contacts} />}
			{may('messages:create') && (
				<Section title={t('drawer.message')}>
					<MessageForm to={{ agent: id }} onSent={() => {}} />
				</Section>
			)}
			{may('agents:skills') && (
				<>
					<Fold title={t('drawer.skills')}>
						<SkillsEditor agent={id} />
					</Fold>
					<Fold title={t('drawer.queues')}>
						<QueuesEditor agent={id} />
					</Fold>
				</>
			)}
		</Frame>
	)
}

function Occupied({ id }: { id: string }) {
	const { t, i18n } = useTranslation('board')
	const share = useTick((now) => Math.round(100 * (occupancy(boardNow().days.get(id), now) ?? -1)))
	return share >= 0 && <span>{t('drawer.occupied', { share: percentText(share / 100, i18n.language) })}</span>
}

function Talk({ contact }: { contact: Contact }) {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const [, setUrl] = useUrl()
	const queue = useLive((s) => (contact.queue && (s.world?.queues.get(contact.queue)?.name || contact.queue)) || '')
	return (
		<Section title={`${shell(`contact_state.${contact.state}`)}${queue ? ` · ${queue}` : ''}`}>
			<div className={styles.row}>
				<span className="num">{numberText(numberOf(contact)) || shell('contact.withheld')}</span>
				<Clock from={contact.since_at} className={styles.quiet} />
				<span className={styles.space} />
				<Button size="compact-xs" variant="default" onClick={() => setUrl({ contact: contact.id, agent: undefined }, true)}>{t('drawer.open_contact')}</Button>
			</div>
			<MonitorBox contact={contact} />
		</Section>
	)
}

function ChangeState({ agent, contacts }: { agent: Agent; contacts: Contact[] }) {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const { send, busy } = useSend()
	const reasonName = useReasonName()
	const reasons = useDeclared('reasons')
	const [reason, setReason] = useState<string | null>(null)
	const [nowAsked, setNowAsked] = useState(false)
	const list = useMemo(() => (reasons.length ? reasons.map((r) => r.id as string) : STANDARD), [reasons])
	const set = (presence: string, why?: string | null) => void send('presence', { agent: agent.id, presence, ...(why && { reason: why }) })
	return (
		<Section title={t('drawer.state')}>
			{isWorking(agent) && <p className={styles.quiet}>{t('drawer.after_work')}</p>}
			<div className={styles.row}>
				<Button size="compact-sm" variant="default" leftSection={<Dot tone="ready" />} disabled={busy !== null || (agent.presence === 'ready' && agent.work !== 'no_answer' && !agent.next_presence)} onClick={() => set('ready')}>
					{shell('presence.ready')}
				</Button>
				<Select size="xs" className={styles.reason} aria-label={t('drawer.reason')} placeholder={t('drawer.reason')} value={reason} onChange={setReason} clearable data={list.map((r) => ({ value: r, label: reasonName(r) }))} />
				<Button size="compact-sm" variant="default" leftSection={<Dot tone="pause" />} disabled={busy !== null} onClick={() => set('not_ready', reason)}>{shell('presence.not_ready')}</Button>
			</div>
			{nowAsked && (
				<div className={styles.ask} role="group" aria-label={t('drawer.sign_out_now')}>
					<p>
						{contacts.some((c) => c.state === 'talking' || c.state === 'held')
							? t('drawer.now_talk', { agent: agent.name || agent.id })
							: contacts.some((c) => c.state === 'offered')
								? t('drawer.now_rings', { agent: agent.name || agent.id })
								: t('drawer.now_plain', { agent: agent.name || agent.id })}
					</p>
					<div className={styles.row}>
						<Button size="compact-sm" color="red" loading={busy !== null} onClick={() => void send('presence', { agent: agent.id, presence: 'signed_out', now: true }).then(() => setNowAsked(false))}>
							{t('drawer.sign_out_now')}
						</Button>
						<Button data-autofocus size="compact-sm" variant="default" onClick={() => setNowAsked(false)}>{t('cancel')}</Button>
					</div>
				</div>
			)}
			<div className={styles.row}>
				<Sure label={t('drawer.sign_out')} sure={t('drawer.sign_out_sure')} icon="signOut" busy={busy !== null || agent.presence === 'signed_out'} onSure={() => set('signed_out')} />
				{!nowAsked && (
					<Button size="compact-sm" variant="default" color="red" disabled={busy !== null} onClick={() => setNowAsked(true)}>{t('drawer.sign_out_now')}…</Button>
				)}
				{isWorking(agent) && !nowAsked && (
					<span className={styles.quiet}>
						<Icon name="info" size={13} className={styles.inline} /> {t('drawer.work_first')}
					</span>
				)}
			</div>
		</Section>
	)
}
