/*
 * Queues.tsx - the queues: service level today and in the last half hour, who waits, who serves. A figure is red only past
 * the queue's own threshold. A row renders when something of it changed.
 */
import { ActionIcon, Menu, Modal } from '@mantine/core'
import { memo, useMemo, useState } from 'react'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { Clock, serverNow, useTick } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { AddAgents, AllPriority, Close, Overflow } from './AllOfQueue'
import { Broadcast } from './Broadcast'
import { Spark } from './Spark'
import { useDeeds, useMay } from './act'
import styles from './board.module.css'
import { useAll, useQueueTargets } from './declared'
import { boardNow, useBoard, useRow } from './figures'
import { DASH, countText, percentText, spanClock } from './format'
import { type Waits, waitsOf } from './model'
import { useSlow } from '../live/slow'
import { useLive } from '../live/store'
import type { Closed } from '../live/types'
import { momentText } from '../parts/time'
import { useUrl } from './url'
import { useWindow } from './Virtual'

const ORDERS = ['need', 'name', 'sl', 'waiting'] as const
type Order = (typeof ORDERS)[number]
const FORMS = { move: Overflow, priority: AllPriority, close: Close, add: AddAgents }
const TITLES = { move: 'move_all', priority: 'prioritise_all', close: 'close', add: 'add' } as const
export type QueueDeed = keyof typeof FORMS | 'message'

export function Queues() {
	const { t } = useTranslation('board')
	const [url, setUrl] = useUrl()
	const may = useMay()
	const queues = useSlow((s) => s.world?.queues)
	const contacts = useSlow((s) => s.world?.contacts)
	const waits = useMemo(() => waitsOf(contacts?.values() ?? []), [contacts])
	const targets = useQueueTargets()
	const board = useBoard()
	const order: Order = (ORDERS as readonly string[]).includes(url.qsort ?? '') ? (url.qsort as Order) : 'need'
	const [deed, setDeed] = useState<{ what: QueueDeed; queue: string } | null>(null)
	const { box, onScroll, from, to } = useWindow(ROW_HEIGHT)

	const list = useMemo(() => {
		const all = [...(queues?.values() ?? [])]
		const name = (id: string) => queues?.get(id)?.name || id
		const byName = (a: string, b: string) => name(a).localeCompare(name(b)) || (a < b ? -1 : 1)
		const slOf = (id: string) => boardNow().rows.get(id)?.today?.sl ?? 2
		const count = (id: string) => waits.get(id)?.count ?? 0
		// past its threshold; whoever merely waits would make rows jump
		const over = (id: string) => {
			const limit = targets.get(id)?.threshold_s
			const since = waits.get(id)?.oldest
			return limit && since && serverNow() - Date.parse(since) > limit * 1000 ? 0 : 1
		}
		const compare: Record<Order, (a: string, b: string) => number> = {
			need: (a, b) => over(a) - over(b) || byName(a, b),
			name: byName,
			sl: (a, b) => slOf(a) - slOf(b) || byName(a, b),
			waiting: (a, b) => count(b) - count(a) || byName(a, b),
		}
		return all.map((q) => q.id).sort(compare[order])
	}, [queues, waits, targets, order, board])

	const head = (key: Order, word: string, title?: string) => (
		<th scope="col" aria-sort={order === key ? (key === 'name' || key === 'sl' ? 'ascending' : 'descending') : undefined}>
			<button type="button" className={styles.sort} data-on={order === key || undefined} title={title} onClick={() => setUrl({ qsort: order === key ? undefined : key })}>
				{word}
			</button>
		</th>
	)
	return (
		<section className={styles.panel} data-panel="queues" aria-label={t('part.queues')}>
			<div ref={box} className={styles.scroll} tabIndex={0} role="region" aria-label={t('part.queues')} onScroll={onScroll}>
				<table className={styles.queues} aria-rowcount={list.length + 1}>
					<thead>
						<tr>
							{head('name', t('part.queues'))}
							{head('waiting', t('queues.waiting'))}
							<th scope="col">{t('queues.longest')}</th>
							{head('sl', t('queues.sl_today'), t('hint.sl'))}
							<th scope="col" title={t('hint.half_hour')}>{t('queues.half_hour')}</th>
							<th scope="col" className={styles.wide} title={t('hint.asa')}>{t('queues.asa')}</th>
							<th scope="col" className={styles.wide} title={t('hint.aht')}>{t('queues.aht')}</th>
							<th scope="col" title={t('hint.abandoned')}>{t('queues.abandoned')}</th>
							<th scope="col" title={t('hint.staffed')}>{t('queues.staffed')}</th>
							<th scope="col">
								<span className="unseen">{t('queues.menu')}</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{from > 0 && <Gap rows={from} />}
						{list.slice(from, to).map((id, i) => (
							<Row
								key={id}
								id={id}
								index={from + i + 2}
								name={queues?.get(id)?.name || id}
								closed={queues?.get(id)?.closed}
								count={waits.get(id)?.count ?? 0}
								channels={channelsText(waits.get(id), t)}
								oldest={waits.get(id)?.oldest}
								target={targets.get(id)?.sl_target ?? null}
								thresholdMs={(targets.get(id)?.threshold_s ?? 0) * 1000}
								picked={url.queue === id}
								acts={may('contacts:act')}
								onPick={setUrl}
								onDeed={setDeed}
							/>
						))}
						{to < list.length && <Gap rows={list.length - to} />}
					</tbody>
				</table>
				{!list.length && <p className={styles.none}>{t('queues.none')}</p>}
			</div>
			{deed?.what === 'message' && <Broadcast to={{ queue: deed.queue }} onClose={() => setDeed(null)} />}
			{deed && deed.what !== 'message' && <DeedDialog what={deed.what} queue={deed.queue} onClose={() => setDeed(null)} />}
		</section>
	)
}

function DeedDialog({ what, queue, onClose }: { what: keyof typeof FORMS; queue: string; onClose(): void }) {
	const { t } = useTranslation('board')
	const name = useLive((s) => s.world?.queues.get(queue)?.name || queue)
	const Form = FORMS[what]
	return (
		<Modal opened onClose={onClose} title={`${name}: ${t(`queues.${TITLES[what]}`)}`} centered>
			<Form queue={queue} onDone={onClose} />
		</Modal>
	)
}

/** Rows that are not seen are not there; what stands in their place is as high. */
const ROW_HEIGHT = 34
const Gap = ({ rows }: { rows: number }) => (
	<tr aria-hidden="true" className={styles.gap} style={{ height: rows * ROW_HEIGHT }}>
		<td colSpan={10} />
	</tr>
)

function channelsText(waits: Waits | undefined, t: TFunction<'board'>): string {
	if (!waits || waits.channels.size < 2) return ''
	return `(${[...waits.channels].map(([channel, n]) => `${t(`channel.${channel as 'voice'}`)} ${n}`).join(', ')})`
}

interface RowProps {
	id: string
	/** In the whole table, its head is 1. */
	index: number
	name: string
	closed?: Closed
	count: Waits['count']
	/** How many of each, where they wait by more than one way. */
	channels: string
	oldest?: string
	target: number | null
	thresholdMs: number
	picked: boolean
	acts: boolean
	onPick(change: Record<string, string | undefined>): void
	onDeed(deed: { what: QueueDeed; queue: string }): void
}

const Row = memo(function Row({ id, index, name, closed, count, channels, oldest, target, thresholdMs, picked, acts, onPick, onDeed }: RowProps) {
	const { t, i18n } = useTranslation('board')
	const row = useRow(id)
	const { today, half_hour: recent, staffed } = row ?? {}
	const lang = i18n.language
	const toName = useLive((s) => (closed?.to && (s.world?.queues.get(closed.to)?.name || closed.to)) || '')
	const wanted = target ? target / 100 : null
	const since = Date.parse(oldest ?? '')
	const over = useTick((now) => thresholdMs > 0 && now - since > thresholdMs)
	const below = (sl: number | null | undefined) => (wanted !== null && typeof sl === 'number' && sl < wanted) || undefined
	return (
		<tr aria-rowindex={index} data-picked={picked || undefined} data-over={over || undefined}>
			<th scope="row">
				<button type="button" className={styles.queueName} aria-pressed={picked} title={t('queues.filter', { queue: name })} onClick={() => onPick({ queue: picked ? undefined : id })}>
					{name}
				</button>
				{closed && (
					<span className={styles.closed} title={closed.to ? t('queues.closed_to', { queue: toName }) : undefined}>
						{closed.until_at ? t('queues.closed_until', { time: momentText(closed.until_at, Date.now(), lang) }) : t('queues.closed')}
						{closed.to && ` → ${toName}`}
					</span>
				)}
			</th>
			<td className={`num ${count ? styles.strong : styles.quiet}`}>
				{count}
				{channels && <span className={styles.quiet}> {channels}</span>}
			</td>
			<td title={over ? t('tile.within', { time: spanClock(thresholdMs) }) : undefined}>
				{oldest ? <Clock from={oldest} className={over ? styles.bad : ''} /> : <span className={styles.quiet}>{DASH}</span>}
			</td>
			<td className="num" data-bad={below(today?.sl)} title={wanted ? t('tile.target', { target: percentText(wanted, lang) }) : undefined}>
				{percentText(today?.sl, lang)}
			</td>
			<td className="num" data-bad={below(recent?.sl)}>
				<span className={styles.course}>
					{percentText(recent?.sl, lang)} <Spark points={row?.spark} target={wanted} />
				</span>
			</td>
			<td className={`num ${styles.wide}`}>{spanClock(today?.asa_ms)}</td>
			<td className={`num ${styles.wide}`}>{spanClock(today?.aht_ms)}</td>
			<td className="num">
				{today ? `${countText(today.abandoned, lang)} · ${percentText(today.abandon_rate, lang)}` : DASH}
			</td>
			<td className="num">
				{staffed ? (
					<span title={t('queues.staffed_words', { ...staffed })}>
						<b>{staffed.ready + staffed.talking + staffed.wrapping}</b>
						<span className={styles.quiet}>
							{' '}
							/ {staffed.ready + staffed.talking + staffed.wrapping + staffed.not_ready}
						</span>
					</span>
				) : (
					DASH
				)}
			</td>
			<td>{acts && <RowMenu id={id} name={name} onDeed={onDeed} />}</td>
		</tr>
	)
})

const RowMenu = memo(function RowMenu({ id, name, onDeed }: Pick<RowProps, 'id' | 'name' | 'onDeed'>) {
	const { t } = useTranslation('board')
	return (
		<Menu position="bottom-end" width={260} withinPortal>
			<Menu.Target>
				<ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('queues.menu_of', { queue: name })}>
					<Icon name="more" size={16} />
				</ActionIcon>
			</Menu.Target>
			<Menu.Dropdown>
				<RowMenuItems id={id} onDeed={onDeed} />
			</Menu.Dropdown>
		</Menu>
	)
})

/** Mounted when the menu opens: mass events are asked for only then. */
function RowMenuItems({ id, onDeed }: Pick<RowProps, 'id' | 'onDeed'>) {
	const { t } = useTranslation('board')
	const waiting = useSlow((s) => waitsOf(s.world?.contacts.values() ?? []).has(id))
	const may = useMay()
	const { post } = useDeeds()
	const events = useAll('mass_events', may('mass_events:start')).filter((m) => m.queues.includes(id))
	const { name = id, closed } = useLive((s) => s.world?.queues.get(id)) ?? {}
	return (
		<>
			{may('agents:skills') && (
				<Menu.Item leftSection={<Icon name="addPerson" size={16} />} onClick={() => onDeed({ what: 'add', queue: id })}>
					{t('queues.add')}
				</Menu.Item>
			)}
			<Menu.Item leftSection={<Icon name="star" size={16} />} disabled={!waiting} onClick={() => onDeed({ what: 'priority', queue: id })}>
				{t('queues.prioritise_all')}
			</Menu.Item>
			{may('queues:overflow') && (
				<Menu.Item leftSection={<Icon name="transfer" size={16} />} disabled={!waiting} onClick={() => onDeed({ what: 'move', queue: id })}>
					{t('queues.move_all')}
				</Menu.Item>
			)}
			{may('messages:create') && (
				<Menu.Item leftSection={<Icon name="mail" size={16} />} onClick={() => onDeed({ what: 'message', queue: id })}>
					{t('queues.message')}
				</Menu.Item>
			)}
			{may('queues:close') && !closed && (
				<Menu.Item className="danger" leftSection={<Icon name="cross" size={16} />} onClick={() => onDeed({ what: 'close', queue: id })}>
					{t('queues.close')}…
				</Menu.Item>
			)}
			{may('queues:open') && closed && (
				<Menu.Item leftSection={<Icon name="check" size={16} />} onClick={() => void post(['queues', id, 'open'], {}, t('queues.opened', { queue: name }))}>
					{t('queues.open')}
				</Menu.Item>
			)}
			{may('mass_events:start') && events.length > 0 && <Menu.Divider />}
			{may('mass_events:start') &&
				events.map((m) => (
					<div key={m.id}>
						<Menu.Item leftSection={<Icon name="warning" size={16} />} onClick={() => void post(['mass_events', m.id, 'start'], {}, t('queues.mass_started', { name: m.name || m.id }))}>
							{t('queues.mass_start', { name: m.name || m.id })}
						</Menu.Item>
						<Menu.Item leftSection={<Icon name="check" size={16} />} onClick={() => void post(['mass_events', m.id, 'stop'], {}, t('queues.mass_stopped', { name: m.name || m.id }))}>
							{t('queues.mass_stop', { name: m.name || m.id })}
						</Menu.Item>
					</div>
				))}
		</>
	)
}
