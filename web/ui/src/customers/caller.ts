/*
 * caller.ts - who is on the other side: the customer the contact is linked to, else who is known by the number, else
 * a colleague, else the number alone.
 */
import { otherNumber } from '../desk/mine'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { numberText } from '../parts/number'
import { useCustomer, useMatches } from './api'
import type { Customer, Match } from './types'

export interface Caller {
	/** Empty: nobody is known by this number. */
	name: string
	/** As people read it; empty where it is withheld. */
	number: string
}

export interface Who {
	/** As the contact has it; empty where it is withheld. */
	number: string
	/** The name of a colleague whose number it is. */
	colleague: string
	/** Who it is: linked to the contact, or the only one who is known by the number. */
	customer?: Customer
	linked: boolean
	/** Who it may be, best first. */
	matches: Match[]
	looking: boolean
	failed: boolean
}

export function useWho(contact: Contact | undefined): Who {
	const number = useLive((s) => (contact && s.world ? otherNumber(contact, s.world.me.user) : ''))
	const colleague = useLive((s) => s.world?.agents.get(number)?.name ?? '')
	const outside = !!contact && contact.direction !== 'internal' && !colleague
	const linked = useCustomer((outside && contact?.customer) || undefined)
	const found = useMatches(outside && !contact?.customer ? number : '')
	const matches = found.data ?? []
	const only = matches.length === 1 && matches[0]?.rank === 'exact' ? matches[0].customer : undefined
	return {
		number,
		colleague,
		customer: linked.data ?? only,
		linked: !!linked.data,
		matches,
		looking: linked.isLoading || found.isLoading,
		failed: linked.isError || found.isError,
	}
}

export function useCaller(contact: Contact | undefined): Caller {
	const { number, colleague, customer } = useWho(contact)
	return { name: customer?.name ?? colleague, number: numberText(number) }
}
