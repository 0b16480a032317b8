/*
 * desk.ts - what the desk needs of the browser's telephone. The telephone puts itself here when it is up; without one
 * (a desk phone, another tab) nothing of this is there, and the desk shows no buttons for it.
 */
import { value } from '../parts/value'

export interface DeskPhone {
	/** Keys of RFC 4733 into the talk: 0-9 * # A-D. */
	dial(key: string): void
	/** One sentence when the network is bad, already in the reader's language; empty: it is good. */
	quality(): string
}

export const deskPhone = value<DeskPhone | null>(null)

export const canDial = () => deskPhone.get() !== null
export const usePhoneQuality = () => deskPhone.use()?.quality() ?? ''
