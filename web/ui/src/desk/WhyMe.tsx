/* WhyMe.tsx - why the matcher chose me for this one: its recorded decision (behaviours.md Q-9) in a sentence. */
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type Page, get, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import type { Contact, Word } from '../live/types'
import { Icon } from '../parts/Icon'
import { spanText } from '../parts/time'
import styles from './WhyMe.module.css'

export interface Decision {
	at: string
	agent: string | null
	queue: string
	eligible?: number
	strategy?: Word<'strategy'>
	need?: string
	candidates?: { agent: string; refused: string | null; idle_ms?: number; skill?: number }[]
	score?: { waited_min?: number; priority_min?: number }
	preferred?: boolean
}

export function WhyMe({ contact, me }: { contact: Contact; me: string }) {
	const { t, i18n } = useTranslation()
	const { tenant } = useUser()
	const { data } = useQuery({
		queryKey: ['why', tenant, contact.id, contact.offers?.find((o) => o.agent === me)?.at],
		queryFn: ({ signal }) => get<Page<Decision>>(tenantPath(tenant, 'contacts', contact.id, 'why'), { signal }),
	})
	const decision = data?.items.findLast((d) => d.agent === me)
	if (!decision) return null
	const mine = decision.candidates?.find((c) => c.agent === me)
	const parts: string[] = []
	const key = `why.${decision.strategy}` as 'why.longest_idle'
	if (decision.strategy && i18n.exists(key))
		parts.push(String(t(key, { time: spanText(mine?.idle_ms ?? 0, i18n.language), level: mine?.skill ?? 0 })))
	if (decision.eligible && decision.eligible > 1) parts.push(t('why.of', { count: decision.eligible }))
	else if (decision.eligible === 1) parts.push(t('why.only'))
	if (decision.need) parts.push(t('why.need', { need: decision.need }))
	const waited = contact.enqueued_at ? Date.parse(decision.at) - Date.parse(contact.enqueued_at) : 0
	if (waited > 5_000) parts.push(t('why.waited', { time: spanText(waited, i18n.language) }))
	if (!parts.length) return null
	return (
		<p className={styles.why}>
			<Icon name="info" size={15} />
			<span>{parts.join(' · ')}</span>
		</p>
	)
}
