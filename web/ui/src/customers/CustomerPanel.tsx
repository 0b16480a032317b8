/*
 * CustomerPanel.tsx - who it is about: the right region of the desk, filled while it rings.
 * Given the contact in focus; what the panel asks for itself comes over HTTP.
 */
import { useTranslation } from 'react-i18next'
import type { Contact } from '../live/types'
import { Person } from '../parts/Person'

export function CustomerPanel({ contact }: { contact: Contact }) {
	const { t } = useTranslation()
	return (
		<div style={{ padding: '20px 16px' }}>
			<h2 style={{ margin: '0 0 4px', fontSize: 16, fontWeight: 650 }}>
				<Person contact={contact} />
			</h2>
			<p style={{ margin: 0, color: 'var(--ink-3)', fontSize: 13 }}>{t(`direction.${contact.direction ?? 'inbound'}`)}</p>
		</div>
	)
}
