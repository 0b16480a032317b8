/*
 * slow.ts - what is now, for lists of thousands: the same live store, looked at once a beat. A board is less than a
 * second old and a list does not run away under the eyes; offers and what concerns me stay with useLive.
 */
import { useRef, useSyncExternalStore } from 'react'
import { type LiveState, live, sameThings } from './store'
import { onBeat } from '../parts/beat'

let seen: LiveState = live.get()
let end: (() => void) | null = null
const listeners = new Set<() => void>()

function subscribe(l: () => void): () => void {
	if (!end) {
		seen = live.get()
		end = onBeat(() => {
			if (seen === live.get()) return
			seen = live.get()
			for (const one of listeners) one()
		})
	}
	listeners.add(l)
	return () => {
		listeners.delete(l)
		if (listeners.size) return
		end?.()
		end = null
	}
}

/** As useLive, up to a beat later. */
export function useSlow<T>(select: (state: LiveState) => T): T {
	const last = useRef<{ state: LiveState; select: unknown; value: T } | null>(null)
	const read = () => {
		const state = end ? seen : live.get()
		const was = last.current
		if (was && was.state === state && was.select === select) return was.value
		const next = select(state)
		const value = was && sameThings(was.value, next) ? was.value : next
		last.current = { state, select, value }
		return value
	}
	return useSyncExternalStore(subscribe, read)
}
