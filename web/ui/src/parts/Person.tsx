/* Person.tsx - the other side of a contact, as far as the contact itself tells: a name, else the number. */
import { useTranslation } from 'react-i18next'
import type { Contact } from '../live/types'
import { numberOf } from './number'

export function Person({ contact }: { contact: Contact }) {
	const { t } = useTranslation()
	return <span className="num">{numberOf(contact) || t('contact.withheld')}</span>
}
