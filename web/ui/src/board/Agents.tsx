/*
 * Agents.tsx - everybody who takes contacts, as cards or lines: state by colour, icon, word and clock, with whom, and why
 * he should be looked at. Those who need it stand first.
 */
import { ActionIcon, Select, TextInput } from '@mantine/core'
import { type ReactNode, memo, useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Dot, useReasonName } from '../app/StateButton'
import { shownState } from '../app/state'
import { live } from '../live/store'
import type { Agent } from '../live/types'
import { Clock, useNow, useTick } from '../parts/Clock'
import { Icon, type IconName } from '../parts/Icon'
import { numberText } from '../parts/number'
import { momentText } from '../parts/time'
import { Virtual } from './Virtual'
import styles from './board.module.css'
import { useAll, usePeople, useTeams } from './declared'
import { boardNow, occupancy } from './figures'
import { percentText } from './format'
import { AGENT_ORDERS, type AgentOrder, type AgentRow, GROUPS, type Group, agentRows, countGroups, filterAgents, numberOf, sortAgents } from './model'
import { useSlow } from '../live/slow'
import { useUrl } from './url'
import { NEED_ICON } from './words'

const ahtOf = (queue: string) => boardNow().rows.get(queue)?.today?.aht_ms ?? null

export function Agents({ tools }: { tools?: ReactNode }) {
	const { t, i18n } = useTranslation('board')
	const { t: shell } = useTranslation()
	const [url, setUrl] = useUrl()
	const agents = useSlow((s) => s.world?.agents)
	const contacts = useSlow((s) => s.world?.contacts)
	const queues = useSlow((s) => s.world?.queues)
	const people = usePeople()
	const reasonName = useReasonName()
	const wordOf = (a: Agent) => (a.work === 'idle' && a.presence === 'not_ready' && a.reason ? reasonName(a.reason) : shell(shownState(a).word))
	// a talk becomes long by itself
	const now = useNow(5_000)
	const order = orderOf(url.asort)
	const { team, skill, queue, aq: q } = url
	const group = url.group
	const all = useMemo(() => agentRows(agents?.values() ?? [], contacts?.values() ?? [], now, ahtOf), [agents, contacts, now])
	const rows = useMemo(
		() => sortAgents(filterAgents(all, { q, group, team, skill, queue }, people), order),
		[all, q, group, team, skill, queue, people, order],
	)
	const lines = url.agents === 'lines'
	const open = useCallback((id: string) => setUrl({ agent: id, contact: undefined }, true), [setUrl])

	return (
		<section className={styles.panel} data-panel="agents" aria-label={t('part.agents')}>
			<div className={styles.head}>
				<h2 className={styles.title}>
					{t('part.agents')} <span className="num">{rows.length}</span>
				</h2>
				<span className={styles.space} />
				<Tools>{tools}</Tools>
			</div>
			<Filters />
			<Virtual
				items={rows}
				keyOf={keyOf}
				rowHeight={lines ? 40 : 74}
				minWidth={lines ? undefined : 196}
				label={t('part.agents')}
				empty={<p className={styles.none}>{t(all.length ? 'agents.none_found' : 'agents.none')}</p>}
			>
				{({ agent, contact, need, tone }, { tabIndex }) => (
					<Card
						id={agent.id}
						name={agent.name || agent.id}
						word={wordOf(agent)}
						icon={shownState(agent).icon}
						since={agent.since_at}
						tone={tone}
						need={need}
						needWord={need && t(`need.${need}`)}
						queue={contact?.queue ? queues?.get(contact.queue)?.name || contact.queue : undefined}
						number={contact && (numberText(numberOf(contact)) || shell('contact.withheld'))}
						occupied={t('agents.occupancy')}
						lent={agent.skills_until_at && t('skills.lent', { time: momentText(agent.skills_until_at, now, i18n.language) })}
						tabIndex={tabIndex}
						lines={lines}
						picked={url.agent === agent.id}
						onOpen={open}
					/>
				)}
			</Virtual>
		</section>
	)
}

const keyOf = (row: AgentRow) => row.agent.id

const orderOf = (sort: string | undefined): AgentOrder => ((AGENT_ORDERS as readonly string[]).includes(sort ?? '') ? (sort as AgentOrder) : 'need')

/* What stands over the list does not change with it. */
const Tools = memo(function Tools({ children }: { children: ReactNode }) {
	const { t } = useTranslation('board')
	const [url, setUrl] = useUrl()
	const lines = url.agents === 'lines'
	return (
		<>
			<Select className={styles.order} size="xs" allowDeselect={false} aria-label={t('agents.order')} value={orderOf(url.asort)} onChange={(v) => setUrl({ asort: v === 'need' ? undefined : (v ?? undefined) })}
				data={AGENT_ORDERS.map((o) => ({ value: o, label: t(`order.${o}`) }))} />
			{children}
			<ActionIcon variant="default" size={28} aria-label={t(lines ? 'agents.as_cards' : 'agents.as_lines')} title={t(lines ? 'agents.as_cards' : 'agents.as_lines')}
				onClick={() => setUrl({ agents: lines ? undefined : 'lines' })}>
				<Icon name={lines ? 'keypad' : 'queue'} size={16} />
			</ActionIcon>
		</>
	)
})

const Filters = memo(function Filters() {
	const { t } = useTranslation('board')
	const [url, setUrl] = useUrl()
	// how many there are of each, as of when the list was opened
	const [counts, setCounts] = useState<Record<Group, number> | null>(null)
	const teams = useTeams()
	const skills = useAll('skills')
	const data = (list: { id: string; name?: string }[]) => list.map((one) => ({ value: one.id, label: one.name || one.id }))
	return (
		<div className={styles.filters}>
			<TextInput size="xs" className={styles.find} leftSection={<Icon name="search" size={14} />} aria-label={t('agents.find')} placeholder={t('agents.find')}
				value={url.aq ?? ''} onChange={(e) => setUrl({ aq: e.currentTarget.value })} />
			<Select size="xs" clearable aria-label={t('agents.state')} placeholder={t('agents.state')} value={url.group ?? null} onChange={(v) => setUrl({ group: v ?? undefined })}
				onDropdownOpen={() => setCounts(countGroups(live.get().world?.agents.values() ?? []))} onDropdownClose={() => setCounts(null)}
				data={GROUPS.map((g) => ({ value: g, label: counts ? `${t(`group.${g}`)} (${counts[g]})` : t(`group.${g}`) }))} />
			{teams.length > 0 && (
				<Select size="xs" clearable searchable aria-label={t('agents.team')} placeholder={t('agents.team')} value={url.team ?? null} onChange={(v) => setUrl({ team: v ?? undefined })} data={data(teams)} />
			)}
			{skills.length > 0 && (
				<Select size="xs" clearable searchable aria-label={t('agents.skill')} placeholder={t('agents.skill')} value={url.skill ?? null} onChange={(v) => setUrl({ skill: v ?? undefined })} data={data(skills)} />
			)}
		</div>
	)
})

interface CardProps extends Pick<AgentRow, 'tone' | 'need'> {
	id: string
	name: string
	word: string
	icon: IconName
	since: string
	needWord?: string
	queue?: string
	number?: string
	/** What the share of his day is called. */
	occupied: string
	/** Skills for a while: until when. */
	lent?: string
	tabIndex: number
	lines: boolean
	picked: boolean
	onOpen(id: string): void
}

/** The share of an agent's time today that he was occupied in; nothing before there is any. */
export function Occupancy({ id, title, className }: { id: string; title: string; className?: string }) {
	const { i18n } = useTranslation()
	const text = useTick((now) => {
		const share = occupancy(boardNow().days.get(id), now)
		return share === null ? '' : percentText(share, i18n.language)
	})
	return text && (
		<span className={`num ${className ?? ''}`} title={title}>
			{text}
		</span>
	)
}

/* Words come from above: what a card asked for by itself, five hundred would. */
const Card = memo(function Card({ id, name, word, icon, since, tone, need, needWord, queue, number, occupied, lent, tabIndex, lines, picked, onOpen }: CardProps) {
	return (
		<button type="button" data-row tabIndex={tabIndex} className={lines ? styles.line : styles.card} data-tone={tone} data-need={need} data-picked={picked || undefined} onClick={() => onOpen(id)}>
			<span className={styles.cardHead}>
				<Dot tone={tone} />
				<span className={styles.cardName}>{name}</span>
				{need && (
					<span className={styles.need}>
						<Icon name={NEED_ICON[need]} size={13} /> {needWord}
					</span>
				)}
			</span>
			<span className={styles.cardState}>
				<Icon name={icon} size={14} />
				<span className={styles.cardWord}>{word}</span>
				<Clock from={since} className={styles.cardClock} />
			</span>
			<span className={styles.cardWith}>
				<span className={styles.cardQueue}>{queue}</span> <span className={`num ${styles.cardNumber}`}>{number}</span>
				{lent && (
					<span className={styles.lent}>
						<Icon name="star" size={12} className={styles.inline} />
						{lent}
					</span>
				)}
				<Occupancy id={id} title={occupied} className={styles.cardShare} />
			</span>
		</button>
	)
})
