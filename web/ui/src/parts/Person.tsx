/* Person.tsx - the other side of a contact in one line: name, else number, else that it is withheld. */
import { useTranslation } from 'react-i18next'
import { useCaller } from '../customers/caller'
import type { Contact } from '../live/types'

export function Person({ contact, className }: { contact: Contact; className?: string }) {
	const { t } = useTranslation()
	const { name, number } = useCaller(contact)
	if (contact.test) return <span className={className}>{t('contact.test')}</span>
	return (
		<span className={`${className ?? ''} ${name ? '' : 'num'}`} title={name ? number : undefined}>
			{name || number || t('contact.withheld')}
		</span>
	)
}
