/* WhyMe.tsx - why the matcher chose me for this one: its recorded decision (behaviours.md Q-9) in a sentence. */
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type Page, get, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import type { Contact } from '../live/types'
import { Icon } from '../parts/Icon'
import { spanText } from '../parts/time'
import styles from './WhyMe.module.css'
import { type Decision, whyParts } from './why'

export function WhyMe({ contact, me }: { contact: Contact; me: string }) {
	const { t, i18n } = useTranslation()
	const { tenant } = useUser()
	const { data } = useQuery({
		queryKey: ['why', tenant, contact.id, contact.offers?.find((o) => o.agent === me)?.at],
		queryFn: ({ signal }) => get<Page<Decision>>(tenantPath(tenant, 'contacts', contact.id, 'why'), { signal }),
	})
	const decision = data?.items.findLast((d) => d.agent === me)
	if (!decision) return null
	const words = whyParts(decision, me, contact.enqueued_at).flatMap((part) => {
		const key = `why.${part.key}` as 'why.longest_idle'
		const time = 'ms' in part ? spanText(part.ms, i18n.language) : ''
		return part.key === 'of' || i18n.exists(key) ? [String(t(key, { level: 0, ...part, time }))] : []
	})
	if (!words.length) return null
	return (
		<p className={styles.why}>
			<Icon name="info" size={15} />
			<span>{words.join(' · ')}</span>
		</p>
	)
}
