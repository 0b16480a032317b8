/*
 * Idle.tsx - nobody is with me: what is best done next, my own figures of today, and on the right the colleagues.
 */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Page, type Schema, get, query, tenantPath } from '../api/http'
import { useDeclared } from '../app/declared'
import { Dot, useChoose, useMyself, useReasonName } from '../app/StateButton'
import { useSend } from '../app/send'
import { useUser } from '../app/session'
import { isFree, isWorking, shownState } from '../app/state'
import { live, useLive } from '../live/store'
import type { Agent } from '../live/types'
import { Clock, useNow } from '../parts/Clock'
import { Icon, type IconName } from '../parts/Icon'
import { numberText } from '../parts/number'
import { agoText, momentText, spanText } from '../parts/time'
import { useCallOut } from './callOut'
import styles from './Idle.module.css'
import { useFollowUps } from './followUps'
import { type NextItem, nextWork } from './next'

export function Idle({ ringing }: { ringing: boolean }) {
	const { t } = useTranslation()
	const me = useMyself()
	const user = useUser()
	return (
		<div className={styles.page} data-ringing={ringing || undefined}>
			{me ? <Hello me={me} name={user.name || user.id} /> : <h1 className={styles.hello}>{t('idle.hello', { name: user.name || user.id })}</h1>}
			{me && <Figures />}
			<NextWork />
		</div>
	)
}

function Hello({ me, name }: { me: Agent; name: string }) {
	const { t } = useTranslation()
	const { send, busy } = useSend()
	const choose = useChoose(send)
	const reasonName = useReasonName()
	const first = name.split(' ')[0] ?? name
	const missed = me.work === 'no_answer'
	const text = missed
		? t('idle.missed')
		: me.presence === 'not_ready'
			? t('idle.not_ready', { reason: reasonName(me.reason) })
			: t(`idle.${me.presence}`)
	return (
		<div className={styles.head}>
			<div>
				<h1 className={styles.hello}>{t('idle.hello', { name: first })}</h1>
				<p className={styles.text} data-bad={missed || undefined}>
					{missed && <Icon name="missed" size={16} />} {text}
				</p>
			</div>
			{(missed || (me.presence !== 'ready' && !isWorking(me))) && (
				<Button color="green" size="md" loading={busy === 'presence'} onClick={() => choose('ready')} leftSection={<Icon name="check" />}>
					{t(missed ? 'idle.ready_again' : 'state.go_ready')}
				</Button>
			)}
		</div>
	)
}

/** Numbers of the report row that are shown here. */
interface Row {
	agent: string
	handled: number
	missed: number
	talk_ms: number
	hold_ms: number
	aht_ms: number | null
	occupancy: number | null
	dialled_answered: number
	signed_in_ms: number
}

/** Asked again when a contact of mine ends, and every half minute. */
function Figures() {
	const { t, i18n } = useTranslation()
	const { tenant, id } = useUser()
	const today = new Date(useNow(3600_000)).toDateString()
	const { data, refetch } = useQuery({
		queryKey: ['figures', tenant, id, today],
		refetchInterval: 30_000,
		queryFn: async ({ signal }) => {
			const from = new Date(today).toISOString()
			const to = new Date(Date.parse(from) + 36 * 3600_000).toISOString()
			const path = tenantPath(tenant, 'reports', 'agents') + query({ from, to, interval_s: 0, agent: id })
			return (await get<Page<Row>>(path, { signal })).items.find((r) => r.agent === id) ?? null
		},
	})
	useEffect(() => live.onFact((e) => void (e.event === 'wrap_end' && e.agent === id && refetch())), [id, refetch])
	const span = (ms: number | null | undefined) => (ms === null || ms === undefined ? '–' : spanText(ms, i18n.language))
	const share = (x: number | null | undefined) =>
		x === null || x === undefined ? '–' : new Intl.NumberFormat(i18n.language, { style: 'percent', maximumFractionDigits: 0 }).format(x)
	const tiles: [string, string][] = [
		[t('figure.handled'), data ? String(data.handled + data.dialled_answered) : '–'],
		[t('figure.aht'), span(data?.aht_ms)],
		[t('figure.talk'), data ? span(data.talk_ms + data.hold_ms) : '–'],
		[t('figure.occupancy'), share(data?.occupancy)],
		[t('figure.missed'), data ? String(data.missed) : '–'],
	]
	return (
		<section className={styles.figures} aria-label={t('figure.title')}>
			{tiles.map(([name, shown]) => (
				<div key={name} className={styles.figure}>
					<span className={styles.figureName}>{name}</span>
					<span className={`num ${styles.figureValue}`}>{shown}</span>
				</div>
			))}
		</section>
	)
}

const NEXT_ICONS: Record<NextItem['kind'], IconName> = {
	follow_up: 'clock',
	callback: 'callback',
	abandoned: 'missed',
	not_reached: 'phoneOut',
	recent: 'history',
}

function NextWork() {
	const { t, i18n } = useTranslation()
	const { tenant, id, roles } = useUser()
	const callOut = useCallOut()
	const me = useMyself()
	const queueNames = useLive((s) => s.world?.queues)
	const outcomes = useDeclared('outcomes')
	const now = useNow(30_000)
	const contacts = (more: Record<string, string | number>) => query({ limit: 30, ...more })
	const { data: own, refetch } = useQuery({
		queryKey: ['recent', tenant, id],
		refetchOnMount: 'always', // what just ended is why this page is here again
		refetchInterval: 60_000,
		queryFn: ({ signal }) => get<Page<Schema['Contact']>>(tenantPath(tenant, 'contacts') + contacts({ agent: id }), { signal }),
	})
	// who may see more than his own sees who gave up in the queues
	const all = roles.some((r) => r !== 'agent')
	const { data: queues } = useQuery({
		queryKey: ['lost', tenant],
		enabled: all,
		refetchInterval: 60_000,
		queryFn: ({ signal }) => get<Page<Schema['Contact']>>(tenantPath(tenant, 'contacts') + contacts({ state: 'ended', direction: 'inbound', limit: 60 }), { signal }),
	})
	useEffect(() => live.onFact((e) => void (e.event === 'wrap_end' && e.agent === id && refetch())), [id, refetch])
	const [due, done] = useFollowUps()
	const items = useMemo(() => nextWork(own?.items ?? [], queues?.items ?? [], due, id), [own, queues, due, id])
	const best = items.filter((i) => i.kind !== 'recent')
	const recent = items.filter((i) => i.kind === 'recent')

	const line = (item: NextItem) => (
		<li key={`${item.kind} ${item.contact}`} className={styles.item}>
			<span className={styles.itemIcon} data-kind={item.kind}>
				<Icon name={NEXT_ICONS[item.kind]} size={16} />
			</span>
			<span className={styles.itemText}>
				<Link href={`/contacts/${item.contact}`} className={`num ${styles.itemWho}`}>{numberText(item.number) || t('contact.withheld')}</Link>
				<span className={styles.itemWhat}>
					{item.kind === 'recent' ? t(`direction.${item.direction}`) : t(`next.${item.kind}`)}
					{item.queue ? ` · ${queueNames?.get(item.queue)?.name ?? item.queue}` : ''}
					{item.outcome ? ` · ${outcomes.find((o) => o.id === item.outcome)?.name ?? item.outcome}` : ''}
				</span>
			</span>
			<span className={styles.itemWhen} title={momentText(item.at, now, i18n.language)}>
				{agoText(item.at, now, i18n.language)}
			</span>
			{item.number && me && (
				<Button variant="default" size="compact-sm" disabled={isWorking(me)} leftSection={<Icon name="phoneOut" size={15} />} onClick={() => void callOut(item.number, item.queue ? { queue: item.queue } : {})}>
					{t('dial.call')}
				</Button>
			)}
			{item.kind === 'follow_up' && (
				<Button variant="subtle" size="compact-sm" leftSection={<Icon name="check" size={15} />} onClick={() => void done(item.contact)}>
					{t('next.done')}
				</Button>
			)}
		</li>
	)
	return (
		<>
			{best.length > 0 && (
				<section className={styles.section}>
					<h2 className={styles.title}>{t('next.title')}</h2>
					<ul className={styles.items}>{best.map(line)}</ul>
				</section>
			)}
			<section className={styles.section}>
				<h2 className={styles.title}>{t('next.recent')}</h2>
				{recent.length ? <ul className={styles.items}>{recent.map(line)}</ul> : <p className={styles.none}>{t('next.none')}</p>}
			</section>
		</>
	)
}

/** Colleagues: who is there, what they do; a click calls. */
export function IdleSide() {
	const { t } = useTranslation()
	const callOut = useCallOut()
	const myself = useMyself()
	const agents = useLive((s) => s.world?.agents)
	const me = useLive((s) => s.world?.me.user)
	const there = [...(agents?.values() ?? [])]
		.filter((a) => a.id !== me && a.presence !== 'signed_out')
		.sort((a, b) => Number(isFree(b)) - Number(isFree(a)) || (a.name || a.id).localeCompare(b.name || b.id))
	return (
		<div className={styles.side}>
			<h2 className={styles.title}>
				{t('people.title')} <span className="num">{there.length}</span>
			</h2>
			{!there.length && <p className={styles.none}>{t('people.nobody')}</p>}
			<ul className={styles.people}>
				{there.map((a) => {
					const shown = shownState(a)
					return (
						<li key={a.id} className={styles.person}>
							<Dot tone={isFree(a) ? 'ready' : shown.tone} />
							<span className={styles.personText}>
								<span className={styles.personName}>{a.name || a.id}</span>
								<span className={styles.personWhat}>
									{isFree(a) ? t('people.free') : t(shown.word)} · <Clock from={a.since_at} />
								</span>
							</span>
							{myself && (
								<Button variant="subtle" size="compact-sm" px={8} disabled={isWorking(myself) || isWorking(a)} aria-label={t('palette.call', { who: a.name || a.id })} onClick={() => void callOut(a.id)}>
									<Icon name="phone" size={16} />
								</Button>
							)}
						</li>
					)
				})}
			</ul>
		</div>
	)
}
