/*
 * OfferCard.tsx - somebody rings: who, for which queue, why me, and how long it still rings. Beside the work, never
 * over it; Enter and A accept as long as nobody is writing.
 */
import { Button, Menu } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/actions'
import { useSend } from '../app/send'
import { useMyself } from '../app/StateButton'
import { useCaller } from '../customers/caller'
import { LastContact } from '../customers/LastContact'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { serverNow, useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { Person } from '../parts/Person'
import styles from './OfferCard.module.css'
import { WhyMe } from './WhyMe'
import { myOffer } from './mine'

const DECLINE = ['not_mine', 'other_work', 'technical'] as const

export function OfferCard({ contact, me, alone }: { contact: Contact; me: string; alone: boolean }) {
	const { t } = useTranslation()
	const { send, busy } = useSend()
	const myself = useMyself()
	const caller = useCaller(contact)
	const queue = useLive((s) => (contact.queue && s.world?.queues.get(contact.queue)?.name) || contact.queue || '')
	// a colleague wants advice, or hands over: he is in the talk, and I come to him
	const asks = useLive((s) => {
		const by = contact.consult?.agent
		return by && by !== me ? s.world?.agents.get(by)?.name || by : ''
	})
	const offer = myOffer(contact, me)
	const card = useRef<HTMLElement>(null)
	const here = myself?.phone.kind === 'browser' // else it is a telephone that must be picked up
	const accept = () => here && void send('accept', { contact: contact.id })
	const decline = (reason?: string) => void send('reject', { contact: contact.id, ...(reason && { reason }) })
	const who = contact.test ? t('contact.test') : caller.name || caller.number || t('contact.withheld')

	// Enter accepts where nobody is writing and nothing else would be pressed by it
	useEffect(() => {
		if (document.activeElement === document.body || !document.activeElement) card.current?.focus()
	}, [])
	useAction('answer', here ? { label: t('offer.accept'), icon: 'phone', key: 'answer', run: accept } : null)

	return (
		<section
			ref={card}
			tabIndex={-1}
			className={styles.card}
			data-alone={alone || undefined}
			aria-label={t('offer.ringing', { who })}
			onKeyDown={(e) => {
				if (e.key === 'Enter' && e.target === card.current) accept()
			}}
		>
			<div className={styles.head}>
				<span className={styles.icon}>
					<Icon name="phoneIn" size={20} />
				</span>
				<div className={styles.who}>
					<Person contact={contact} className={styles.name} />
					<span className={styles.sub}>
						{caller.name && <span className="num">{caller.number}</span>}
						{queue && <span>{queue}</span>}
						{contact.diverted && <span>{t('offer.diverted', { number: contact.diverted })}</span>}
					</span>
				</div>
			</div>
			{asks && (
				<p className={styles.asks}>
					<Icon name="people" size={16} /> {t('offer.asks', { who: asks })}
				</p>
			)}
			<LastContact contact={contact} />
			<WhyMe contact={contact} me={me} />
			<div className={styles.actions}>
				{here ? (
					<Button color="green" size="md" className={styles.accept} loading={busy === 'accept'} onClick={accept}
						leftSection={<Icon name="phone" />}>
						{t('offer.accept')}
					</Button>
				) : (
					<span className={styles.phone}>
						<Icon name="phone" size={16} /> {t('offer.on_phone')}
					</span>
				)}
				<Menu position="bottom-end">
					<Menu.Target>
						<Button variant="default" size="md" loading={busy === 'reject'} rightSection={<Icon name="chevron" size={14} />}>
							{t('offer.decline')}
						</Button>
					</Menu.Target>
					<Menu.Dropdown>
						{DECLINE.map((why) => (
							<Menu.Item key={why} onClick={() => decline(t(`offer.${why}`))}>
								{t(`offer.${why}`)}
							</Menu.Item>
						))}
						<Menu.Item onClick={() => decline()}>{t('offer.no_reason')}</Menu.Item>
					</Menu.Dropdown>
				</Menu>
			</div>
			{offer && <CountDown at={offer.at} until={offer.until_at} />}
		</section>
	)
}

/** How long it still rings: a bar that shrinks, and the seconds in a number. */
function CountDown({ at, until }: { at: string; until: string }) {
	const { t } = useTranslation()
	useNow()
	const whole = Date.parse(until) - Date.parse(at)
	const left = Math.min(whole, Math.max(0, Date.parse(until) - serverNow()))
	return (
		<div className={styles.count}>
			<div className={styles.bar}>
				<div
					className={styles.left}
					data-late={left < whole / 3 || undefined}
					style={{ transform: `scaleX(${whole > 0 ? left / whole : 0})` }}
				/>
			</div>
			<span className="num" role="timer" aria-live="off">
				{t('offer.seconds', { count: Math.ceil(left / 1000) })}
			</span>
		</div>
	)
}
