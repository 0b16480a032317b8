/* number.ts - telephone numbers for eyes; the digits are never changed. Pure. */
import type { Contact } from '../live/types'

/** Whom an agent talks to: who called, or whom he called. */
export function numberOf(contact: Pick<Contact, 'direction' | 'from' | 'to'>): string {
	const number = (contact.direction === 'inbound' ? contact.from : contact.to) ?? ''
	return number === 'anonymous' ? '' : number
}
