/*
 * Desk.tsx - the agent's desk: what is with me (left), the one I look at (centre), who it is about (right).
 * What rings lies above the centre as a card and never takes the work away from under the hands.
 */
import { useEffect, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/actions'
import { CustomerPanel } from '../customers/CustomerPanel'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { Idle, IdleSide } from './Idle'
import { Interaction } from './Interaction'
import { OfferCard } from './OfferCard'
import { WorkList } from './WorkList'
import styles from './Desk.module.css'
import { inOrder, roleOf, workOf } from './mine'
import { focusId, panel } from './state'

export function Desk() {
	const { t } = useTranslation()
	const me = useLive((s) => s.world?.me.user ?? '')
	const contacts = useLive((s) => s.world?.contacts)
	const work = useMemo(() => workOf(contacts?.values() ?? [], me), [contacts, me])
	const all = inOrder(work)
	const wanted = focusId.use()
	const focus = focused(all, wanted, me)

	useEffect(() => {
		document.title = `${t('nav.desk')} · centrala`
	}, [t])
	// what was mine a moment ago and is no more: the next one that is there
	useEffect(() => {
		if (wanted && !all.some((c) => c.id === wanted)) focusId.set(null)
	}, [wanted, all])
	useEffect(() => {
		if (focus?.id) panel.set('none')
	}, [focus?.id])

	const step = (by: number) => {
		const at = all.findIndex((c) => c.id === focus?.id)
		const next = all[(at + by + all.length) % all.length]
		if (next) focusId.set(next.id)
	}
	useAction('next', all.length > 1 ? { key: 'next', run: () => step(1) } : null)
	useAction('previous', all.length > 1 ? { key: 'previous', run: () => step(-1) } : null)

	const working = focus && roleOf(focus, me) !== 'ringing' ? focus : undefined
	return (
		<div className={styles.desk} data-idle={focus ? undefined : true}>
			<aside className={styles.list} aria-label={t('desk.work')}>
				<WorkList work={work} me={me} focus={focus?.id} />
			</aside>
			<main className={styles.centre}>
				{working ? <Interaction key={working.id} contact={working} me={me} /> : <Idle ringing={!!focus} />}
				<div className={styles.offers} data-beside={working ? true : undefined} role="region" aria-label={t('offer.region')} aria-live="assertive">
					{work.ringing.map((c) => (
						<OfferCard key={c.id} contact={c} me={me} alone={!working} />
					))}
				</div>
			</main>
			<aside className={styles.side} aria-label={focus ? t('desk.customer') : t('people.title')}>
				{focus ? <CustomerPanel key={focus.id} contact={focus} /> : <IdleSide />}
			</aside>
		</div>
	)
}

/** Whom I chose; else whom I work with, else who rings. */
function focused(all: Contact[], wanted: string | null, me: string): Contact | undefined {
	const chosen = all.find((c) => c.id === wanted)
	if (chosen) return chosen
	const rank = { talking: 0, dialling: 0, held: 1, wrapping: 2, ringing: 3, parked: 9, none: 9 }
	const best = [...all].sort((a, b) => rank[roleOf(a, me)] - rank[roleOf(b, me)])[0]
	return best && rank[roleOf(best, me)] < 9 ? best : undefined
}
