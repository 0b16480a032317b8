/*
 * caller.ts - who is on the other side, as one line: a name where somebody is known by that number, else the number.
 */
import { otherNumber } from '../desk/mine'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { numberText } from '../parts/number'

export interface Caller {
	/** Empty: nobody is known by this number. */
	name: string
	/** As people read it; empty where it is withheld. */
	number: string
}

export function useCaller(contact: Contact | undefined): Caller {
	const raw = useLive((s) => (contact && s.world ? otherNumber(contact, s.world.me.user) : ''))
	const colleague = useLive((s) => s.world?.agents.get(raw)?.name ?? '')
	return { name: colleague, number: numberText(raw) }
}
