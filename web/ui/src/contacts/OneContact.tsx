/*
 * OneContact.tsx - one contact, whole: who and when, what happened, how it sounded, why it went where it went, what
 * was told and written, who listened. A transcript has no place here until there are transcripts.
 */
import { Button, Loader, SegmentedControl, Switch } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Suspense, lazy, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Problem, ask, tenantPath } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { useUser } from '../app/session'
import { useCustomer } from '../customers/api'
import { useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { clockText } from '../parts/time'
import { NONE, timeText } from '../reports/figure'
import { useNames } from '../reports/names'
import { Failed } from '../reports/Failed'
import { Audit, Promises, QualityTable, RecordTable, Why } from './Sections'
import { Ladder } from './Ladder'
import { Sip } from './Sip'
import { type Contact, useContact, useEvents, useWhy } from './api'
import { outcomeOf } from './describe'
import styles from './contacts.module.css'

const Player = lazy(() => import('./Player'))

export function OneContact({ id }: { id: string }) {
	const { t } = useTranslation('reports')
	const user = useUser()
	const zone = typeof user.time_zone === 'string' ? user.time_zone : 'UTC'
	const contact = useContact(id)
	const c = contact.data
	const over = !!c?.ended_at
	const events = useEvents(id, over)
	const why = useWhy(id, over)
	useEffect(() => {
		document.title = `${t('contact.title')} · centrala`
	}, [t])
	if (contact.isPending) return <div className={styles.wait} role="status" aria-label={t('loading')}><Loader size="sm" type="dots" /></div>
	if (contact.isError || !c) {
		const unknown = contact.error instanceof Problem && contact.error.status === 404
		return (
			<main className={styles.page}>
				{unknown
					? <div className={styles.none} role="alert"><Icon name="phone" size={32} /><p>{t('contact.unknown')}</p><Link href="/contacts">{t('report.contacts')}</Link></div>
					: <Failed error={contact.error} onRetry={() => void contact.refetch()} />}
			</main>
		)
	}
	const facts = events.data ?? []
	return (
		<main className={styles.page}>
			<Head contact={c} zone={zone} />
			{c.recordings.length > 0 && <Sound contact={c} facts={facts} zone={zone} />}
			{events.isError ? <Failed error={events.error} onRetry={() => void events.refetch()} /> : <Ladder facts={facts} zone={zone} />}
			<Why decisions={why.data ?? []} contact={c} zone={zone} />
			<div className={styles.pair}>
				<QualityTable rows={c.quality ?? []} />
				<Promises promises={c.promises ?? []} zone={zone} />
			</div>
			{user.permissions.includes('contacts:sip') && <Sip contact={c} zone={zone} />}
			<RecordTable contact={c} zone={zone} />
			{user.permissions.includes('audit:read') && c.recordings.length > 0 && <Audit contact={c} zone={zone} />}
		</main>
	)
}

function Head({ contact: c, zone }: { contact: Contact; zone: string }) {
	const { t, i18n } = useTranslation('reports')
	const user = useUser()
	const names = useNames()
	const now = useNow()
	const customer = useCustomer(user.permissions.includes('customers:read') && c.customer ? c.customer : undefined)
	const out = c.direction !== 'inbound'
	const number = numberText(out ? c.to : c.from) || t('withheld')
	const became = outcomeOf(c)
	const outcome = c.outcome ? names.of('outcome', c.outcome) : ''
	const when = new Date(c.arrived_at).toLocaleString(i18n.language, { timeZone: zone, dateStyle: 'full', timeStyle: 'medium' })
	const time = (ms: number | null) => (ms === null ? NONE : timeText(ms, i18n.language))
	const figures: [string, string][] = [
		[t('list.wait'), time(c.queue ? c.wait_ms : null)],
		[t('contact.talk'), time(c.talk_ms || null)],
		[t('contact.hold'), time(c.agent ? c.hold_ms : null)],
		[t('contact.wrap'), time(c.agent ? c.wrap_ms : null)],
		[t('contact.length'), time(Date.parse(c.disconnected_at ?? c.ended_at ?? new Date(now).toISOString()) - Date.parse(c.arrived_at))],
	]
	const tags = Array.isArray(c.tags) ? (c.tags as string[]) : []
	return (
		<header className={styles.card}>
			<div className={styles.headTop}>
				<Button component={Link} href="/contacts" variant="subtle" size="compact-sm" px={4} aria-label={t('report.contacts')}
					onClick={(e: React.MouseEvent) => { if (history.length > 1) { e.preventDefault(); history.back() } }}>
					<Icon name="back" />
				</Button>
				<Icon name={out ? 'phoneOut' : 'phoneIn'} size={20} />
				<h1 className={styles.title}>
					{customer.data ? <Link href={`/customers/${customer.data.id}`}>{customer.data.name}</Link> : <span className="num">{number}</span>}
				</h1>
				<span className={styles.state} data-bad={became.bad || undefined}>{t(c.ended_at ? `became.${became.key}` : `state.${c.state}`)}</span>
				{outcome && <span className={styles.outcome}>{outcome}</span>}
				{tags.map((tag) => <span key={tag} className={styles.tag}>{tag}</span>)}
			</div>
			<p className={styles.facts}>
				{customer.data && <span className="num">{number}</span>}
				<span>{t(`direction.${c.test ? 'test' : c.direction}`)}</span>
				<span className="num">{when}</span>
				{c.queue && <span><Icon name="queue" size={14} /> {names.of('queue', c.queue)}</span>}
				{c.agent && <span><Icon name="person" size={14} /> {names.of('agent', c.agent)}</span>}
				{!c.customer && user.permissions.includes('customers:read') && <span>{t('contact.no_customer')}</span>}
			</p>
			{c.note && <p className={styles.noteText}><Icon name="note" size={15} /><span>{c.note}</span></p>}
			<dl className={styles.figures}>
				{figures.map(([name, text]) => <div key={name}><dt>{name}</dt><dd className="num">{text}</dd></div>)}
			</dl>
		</header>
	)
}

/** A legal hold: no rule deletes the sound of this contact. */
function Hold({ contact: c }: { contact: Contact }) {
	const { t } = useTranslation('reports')
	const { t: shell } = useTranslation()
	const { tenant, roles } = useUser()
	const queries = useQueryClient()
	const [busy, setBusy] = useState(false)
	const may = roles.some((r) => r === 'supervisor' || r === 'admin')
	if (!may) return c.hold ? <p className={styles.hint}>{t('player.held')}</p> : null
	const set = async (hold: boolean) => {
		setBusy(true)
		try {
			await ask('PATCH', tenantPath(tenant, 'contacts', c.id), { hold })
			await queries.invalidateQueries()
		} catch (error) {
			tell('bad', problemText(error, shell))
		}
		setBusy(false)
	}
	return <Switch size="xs" mt="xs" label={t('player.hold')} checked={c.hold === true} disabled={busy} onChange={(e) => void set(e.currentTarget.checked)} />
}

function Sound({ contact: c, facts, zone }: { contact: Contact; facts: Parameters<typeof Player>[0]['facts']; zone: string }) {
	const { t, i18n } = useTranslation('reports')
	const { permissions } = useUser()
	const [which, setWhich] = useState('0')
	const one = c.recordings[Number(which)] ?? c.recordings[0]
	if (!one || !permissions.some((p) => p.startsWith('recordings:read'))) return null
	const clock = (at: string) => new Date(at).toLocaleTimeString(i18n.language, { timeZone: zone })
	return (
		<section className={styles.card} aria-labelledby="sound">
			<header className={styles.cardHead}>
				<h2 id="sound">{t('player.title')}</h2>
				{c.recordings.length > 1 && (
					<SegmentedControl size="xs" aria-label={t('player.parts')} value={which} onChange={setWhich}
						data={c.recordings.map((r, i) => ({ value: String(i), label: `${i + 1}: ${clock(r.started_at)} (${clockText(r.duration_ms)})` }))} />
				)}
			</header>
			<Suspense fallback={<div className={styles.wait} />}>
				<Player key={one.id} recording={one} facts={facts} />
			</Suspense>
			<Hold contact={c} />
		</section>
	)
}
