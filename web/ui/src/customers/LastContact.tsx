/* LastContact.tsx - the last time this customer and we spoke, in one line; nothing where it is not known. */
import { useTranslation } from 'react-i18next'
import { useDeclared } from '../app/declared'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { agoText } from '../parts/time'
import { useTimeline } from './api'
import { useWho } from './caller'
import styles from './customers.module.css'

export function LastContact({ contact }: { contact: Contact }) {
	const { customer } = useWho(contact)
	return customer ? <Last customer={customer.id} now={contact.id} /> : null
}

function Last({ customer, now: id }: { customer: string; now: string }) {
	const { t, i18n } = useTranslation()
	const now = useNow(60_000)
	const outcomes = useDeclared('outcomes')
	const { data } = useTimeline(customer, 30)
	const last = data?.items.find((i) => i.contact && i.contact.id !== id && i.contact.ended_at)
	const agent = useLive((s) => {
		const by = last?.contact?.agent
		return by ? (s.world?.agents.get(by)?.name ?? by) : ''
	})
	if (!last) return null
	const outcome = outcomes.find((o) => o.id === last.contact?.outcome)?.name ?? last.contact?.outcome
	const words = [agoText(last.at, now, i18n.language), outcome, agent].filter(Boolean).join(' · ')
	return (
		<p className={styles.lastContact}>
			<Icon name="history" size={15} />
			<span>{t('customers.last_contact', { words })}</span>
		</p>
	)
}
