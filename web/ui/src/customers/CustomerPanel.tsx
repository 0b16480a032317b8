/*
 * CustomerPanel.tsx - who it is about: the right region of the desk, filled while it rings.
 * Given the contact in focus; what the panel asks for itself comes over HTTP.
 */
import type { Contact } from '../live/types'
import { Person } from '../parts/Person'

export function CustomerPanel({ contact }: { contact: Contact }) {
	return <Person contact={contact} />
}
