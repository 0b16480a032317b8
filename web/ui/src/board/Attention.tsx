/*
 * Attention.tsx - what needs somebody, in one list: agents who ask for help, reasons that wait for approval, alerts that
 * stand, alarms. The most urgent first; what somebody has taken last. By keys: 9 goes there, arrows within, Enter opens,
 * A does what is asked (acknowledge, approve, done), R refuses.
 */
import { Button } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/actions'
import { useReasonName } from '../app/StateButton'
import { useSlow } from '../live/slow'
import { useLive } from '../live/store'
import { Clock } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { useDeeds, useMay } from './act'
import styles from './board.module.css'
import { type Item, feedOf, isOpen, itemKey } from './feed'
import { useUrl } from './url'

function useFeed(): Item[] {
	const contacts = useSlow((s) => {
		const found = []
		for (const c of s.world?.contacts.values() ?? []) if (c.help) found.push(c)
		return found
	})
	const alerts = useSlow((s) => s.world?.alerts)
	const notices = useSlow((s) => s.world?.notices)
	const agents = useSlow((s) => s.world?.agents)
	return feedOf(contacts, alerts?.values() ?? [], notices?.values() ?? [], (id) => agents?.get(id)?.reason_over ?? !agents?.has(id))
}

/** How much waits for somebody. */
export const useAttention = (): number => useFeed().filter(isOpen).length

export function Attention() {
	const { t } = useTranslation('board')
	const items = useFeed()
	const list = useRef<HTMLUListElement>(null)
	const open = items.filter(isOpen).length
	const rows = () => [...(list.current?.querySelectorAll<HTMLElement>('[data-item]') ?? [])]
	useAction('attention', items.length ? { key: '9', label: t('part.attention'), icon: 'bell', run: () => rows()[0]?.focus() } : null)
	const onKeyDown = (e: KeyboardEvent) => {
		const here = rows().indexOf(e.target as HTMLElement)
		if (here < 0 || e.ctrlKey || e.metaKey || e.altKey) return
		const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
		const deed = { Enter: 'look', a: 'do', A: 'do', r: 'refuse', R: 'refuse' }[e.key]
		if (step) rows()[here + step]?.focus()
		else if (deed) rows()[here]?.querySelector<HTMLElement>(`[data-deed="${deed}"]`)?.click()
		else return
		e.preventDefault()
	}
	return (
		<section className={styles.panel} data-panel="attention" aria-label={t('part.attention')} data-empty={!items.length || undefined}>
			<div className={styles.head}>
				<h2 className={styles.title}>
					{t('part.attention')} {open > 0 && <span className="num">{open}</span>}
				</h2>
				{!items.length && <span className={styles.quiet}>{t('attention.none')}</span>}
			</div>
			<p className="unseen" role="status">
				{open > 0 ? t('attention.count', { count: open }) : ''}
			</p>
			{items.length > 0 && (
				<ul ref={list} className={styles.feed} onKeyDown={onKeyDown}>
					{items.map((i) => (
						<Entry key={itemKey(i)} item={i} />
					))}
				</ul>
			)}
		</section>
	)
}

function Entry({ item }: { item: Item }) {
	if (item.kind === 'help') return <Help item={item} />
	if (item.kind === 'alert') return <Alert item={item} />
	return item.kind === 'approval' ? <Approval item={item} /> : <Alarm item={item} />
}
type Of<K extends Item['kind']> = { item: Extract<Item, { kind: K }> }

function Line({ level, icon, taken, from, text, more, children }: { level: string; icon: 'bell' | 'warning' | 'info' | 'clock'; taken?: boolean; from?: string; text: string; more?: ReactNode; children: ReactNode }) {
	return (
		<li className={styles.item} data-item data-level={level} data-taken={taken || undefined} tabIndex={0} aria-label={text}>
			<Icon name={icon} size={17} />
			<span className={styles.itemText}>
				<b>{text}</b> <Clock from={from} />
				{more && <span className={styles.itemMore}>{more}</span>}
			</span>
			<span className={styles.itemDeeds}>{children}</span>
		</li>
	)
}

function useName() {
	const agents = useLive((s) => s.world?.agents)
	const queues = useLive((s) => s.world?.queues)
	return {
		agent: (id?: string) => (id && agents?.get(id)?.name) || id || '',
		queue: (id?: string) => (id && queues?.get(id)?.name) || id || '',
	}
}

function Look({ agent, contact }: { agent?: string; contact?: string }) {
	const { t } = useTranslation('board')
	const [, setUrl] = useUrl()
	if (!agent && !contact) return null
	return (
		<Button data-deed="look" size="compact-xs" variant="default" onClick={() => setUrl(contact ? { contact, agent: undefined } : { agent, contact: undefined }, true)}>
			{t('attention.look')}
		</Button>
	)
}

function Help({ item: { contact } }: Of<'help'>) {
	const { t } = useTranslation('board')
	const { drop, busy } = useDeeds()
	const may = useMay()
	const name = useName()
	return (
		<Line level="help" icon="bell" from={contact.help?.since_at} text={t('attention.help', { agent: name.agent(contact.help?.agent) })} more={contact.help?.text}>
			<Look contact={contact.id} />
			{may('contacts:act') && (
				<Button data-deed="do" size="compact-xs" disabled={busy !== null} onClick={() => void drop(['contacts', contact.id, 'help'])}>{t('attention.done')}</Button>
			)}
		</Line>
	)
}

function Approval({ item: { notice } }: Of<'approval'>) {
	const { t } = useTranslation('board')
	const { post, busy } = useDeeds()
	const may = useMay()
	const name = useName()
	const reasonName = useReasonName()
	const agent = name.agent(notice.agent)
	const decide = (grant: boolean) => void post(['agents', notice.agent ?? '', 'approval'], { grant }, t(grant ? 'attention.approved' : 'attention.refused', { agent }))
	return (
		<Line level="warning" icon="clock" from={notice.at} text={t('attention.approval', { agent, reason: reasonName(notice.name) })}>
			<Look agent={notice.agent} />
			{may('agents:approval') && (
				<>
					<Button data-deed="refuse" size="compact-xs" variant="default" disabled={busy !== null} onClick={() => decide(false)}>{t('attention.refuse')}</Button>
					<Button data-deed="do" size="compact-xs" disabled={busy !== null} onClick={() => decide(true)}>{t('attention.approve')}</Button>
				</>
			)}
		</Line>
	)
}

function Alert({ item: { alert } }: Of<'alert'>) {
	const { t } = useTranslation('board')
	const { post, busy } = useDeeds()
	const may = useMay()
	const name = useName()
	const by = name.agent(alert.acknowledged_by)
	return (
		<Line level={alert.level} icon="warning" taken={!!by} from={alert.since_at} text={alert.test ? `${t('attention.test')}: ${alert.name || alert.id}` : alert.name || alert.id} more={`${t(`level.${alert.level}`)}${by ? ` · ${t('attention.taken_by', { who: by })}` : ''}`}>
			{!by && may('alerts:acknowledge') && (
				<Button data-deed="do" size="compact-xs" variant="default" disabled={busy !== null} onClick={() => void post(['alerts', alert.id, 'acknowledge'])}>{t('attention.acknowledge')}</Button>
			)}
		</Line>
	)
}

/** Equal ones are one line; taking it takes them all. */
function Alarm({ item: { notice, ids } }: Of<'alarm'>) {
	const { t, i18n } = useTranslation('board')
	const { post, busy } = useDeeds()
	const may = useMay()
	const name = useName()
	const by = name.agent(notice.acknowledged_by)
	const known = i18n.exists(`board:alarm.${notice.name}`)
	const about = [notice.agent && name.agent(notice.agent), notice.queue && name.queue(notice.queue), notice.trunk, ids.length > 1 && t('attention.times', { count: ids.length })]
	// what is written for a log only repeats whom it is about
	const detail = /^(\w+=\S+ ?)+$/.test(notice.detail ?? '') ? '' : notice.detail
	const more = [...about.filter(Boolean), detail, by && t('attention.taken_by', { who: by })].filter(Boolean).join(' · ')
	return (
		<Line level="alarm" icon="info" taken={!!by} from={notice.at} text={known ? t(`alarm.${notice.name as 'agent_lost'}`) : notice.name} more={more}>
			<Look agent={notice.agent} contact={notice.contact} />
			{!by && may('notices:acknowledge') && (
				<Button data-deed="do" size="compact-xs" variant="default" disabled={busy !== null} onClick={() => void Promise.all(ids.map((id) => post(['notices', id, 'acknowledge'])))}>{t('attention.acknowledge')}</Button>
			)}
		</Line>
	)
}
