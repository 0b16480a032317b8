/* LastContact.tsx - the last time this customer and we spoke, in one line; nothing where it is not known. */
import type { Contact } from '../live/types'

export function LastContact(_: { contact: Contact }) {
	return null
}
