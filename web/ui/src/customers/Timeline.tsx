/*
 * Timeline.tsx - what was between this customer and us, newest first: contacts of all channels, notes, changes of
 * the record. Changes are quiet: who looks for the last call should find it.
 */
import { Button, Loader } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useDeclared } from '../app/declared'
import { useUser } from '../app/session'
import { useLive } from '../live/store'
import { useNow } from '../parts/Clock'
import { Icon, type IconName } from '../parts/Icon'
import { numberText } from '../parts/number'
import { momentText, spanText } from '../parts/time'
import { useTimeline } from './api'
import { changed } from './describe'
import styles from './customers.module.css'
import type { PastContact, TimelineItem } from './types'

export function Timeline({ customer }: { customer: string }) {
	const { t } = useTranslation()
	const [limit, setLimit] = useState(30)
	const { data, isPending, isError, refetch } = useTimeline(customer, limit)
	if (isPending) return <Loader size="xs" type="dots" m={16} />
	if (isError)
		return (
			<p className={styles.empty}>
				{t('customers.not_loaded')} <Button size="compact-xs" variant="subtle" onClick={() => void refetch()}>{t('app.retry')}</Button>
			</p>
		)
	if (!data.items.length) return <p className={styles.empty}>{t('customers.no_history')}</p>
	return (
		<>
			<ol className={styles.timeline}>
				{data.items.map((item, i) => (
					<Item key={`${item.kind} ${item.at} ${i}`} item={item} />
				))}
			</ol>
			{data.next && (
				<Button variant="subtle" size="compact-sm" m={12} onClick={() => setLimit((n) => Math.min(500, n + 100))}>
					{t('customers.older')}
				</Button>
			)}
		</>
	)
}

function Item({ item }: { item: TimelineItem }) {
	const { i18n } = useTranslation()
	const now = useNow(60_000)
	const when = momentText(item.at, now, i18n.language)
	if (item.contact) return <ContactItem contact={item.contact} when={when} />
	if (item.note)
		return (
			<Row icon="note" when={when} by={item.note.by}>
				<p className={styles.note}>{item.note.text}</p>
			</Row>
		)
	if (item.change) return <ChangeItem change={item.change} when={when} />
	return null
}

function Row({ icon, when, by, children, quiet }: {
	icon: IconName
	when: string
	by?: string | null
	children: React.ReactNode
	quiet?: boolean
}) {
	const name = useLive((s) => (by ? (s.world?.agents.get(by)?.name ?? by) : ''))
	return (
		<li className={styles.item} data-quiet={quiet || undefined}>
			<span className={styles.itemIcon}>
				<Icon name={icon} size={15} />
			</span>
			<div className={styles.itemBody}>
				<span className={styles.when}>
					<span className="num">{when}</span>
					{name && <span>{name}</span>}
				</span>
				{children}
			</div>
		</li>
	)
}

function ContactItem({ contact: c, when }: { contact: PastContact; when: string }) {
	const { t, i18n } = useTranslation()
	const user = useUser()
	const outcomes = useDeclared('outcomes')
	const queue = useLive((s) => (c.queue ? (s.world?.queues.get(c.queue)?.name ?? c.queue) : ''))
	const outbound = c.direction === 'outbound'
	const missed = !!c.ended_at && !c.talk_ms
	const title = t(outbound ? 'customers.call_out' : 'customers.call_in')
	const mayOpen = user.permissions.includes('contacts:read') || c.agent === user.id
	const outcome = c.outcome ? (outcomes.find((o) => o.id === c.outcome)?.name ?? c.outcome) : ''
	const what = !c.ended_at
		? t('customers.going_on')
		: missed
			? t(outbound ? 'customers.not_reached' : 'customers.not_answered')
			: t('customers.talked', { span: spanText(c.talk_ms ?? 0, i18n.language) })
	return (
		<Row icon={outbound ? 'phoneOut' : missed ? 'missed' : 'phoneIn'} when={when} by={c.agent}>
			<div className={styles.what}>
				<b>{mayOpen ? <Link href={`/contacts/${c.id}`} className={styles.contactLink}>{title}</Link> : title}</b>
				{queue && <span>{queue}</span>}
				<span data-bad={missed || undefined}>{what}</span>
			</div>
			{outcome && <div className={styles.outcome}>{outcome}</div>}
			{c.note && <p className={styles.note}>{c.note}</p>}
			{!c.agent && c.from && !outbound && <span className={`${styles.small} num`}>{numberText(c.from)}</span>}
		</Row>
	)
}

function ChangeItem({ change, when }: { change: NonNullable<TimelineItem['change']>; when: string }) {
	const { t } = useTranslation()
	const fields = changed(change).map((f) => t(`customers.f.${f}`))
	return (
		<Row icon="edit" when={when} by={change.by} quiet>
			<span className={styles.small}>
				{t(`customers.op.${change.op}`)}
				{change.op === 'updated' && fields.length > 0 && `: ${fields.join(', ')}`}
			</span>
		</Row>
	)
}
