/* value.ts - one value outside of React that components read; renders where it changed. */
import { useSyncExternalStore } from 'react'

export interface Value<T> {
	get(): T
	set(next: T): void
	use(): T
}

export function value<T>(first: T): Value<T> {
	let now = first
	const listeners = new Set<() => void>()
	const subscribe = (listener: () => void) => {
		listeners.add(listener)
		return () => listeners.delete(listener)
	}
	const get = () => now
	return {
		get,
		set(next) {
			if (Object.is(next, now)) return
			now = next
			for (const listener of listeners) listener()
		},
		use: () => useSyncExternalStore(subscribe, get),
	}
}
