/*
 * Clock.tsx - time that runs: one ticker for all clocks of the page, each renders only itself. By the server's
 * time, so that a computer whose clock is wrong shows the same as the desk beside it.
 */
import { useSyncExternalStore } from 'react'
import { live } from '../live/store'
import { clockText } from './time'

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null
let tick = Date.now()

function subscribe(listener: () => void): () => void {
	listeners.add(listener)
	timer ??= setInterval(() => {
		tick = Date.now()
		for (const l of listeners) l()
	}, 500)
	return () => {
		listeners.delete(listener)
		if (!listeners.size && timer) {
			clearInterval(timer)
			timer = null
		}
	}
}

/** Now by the server's clock, ms; read in event handlers. */
export const serverNow = () => Date.now() + live.get().skewMs

/** Now, renders every second; every: ms, coarser for what changes seldom. */
export function useNow(every = 1000): number {
	return useSyncExternalStore(subscribe, () => {
		const now = (timer ? tick : Date.now()) + live.get().skewMs
		return Math.floor(now / every) * every
	})
}

/** Since `from`, or until `to`, as 4:12. */
export function Clock({ from, to, className }: { from?: string; to?: string; className?: string }) {
	const now = useNow(500)
	const ms = to ? Date.parse(to) - now : from ? now - Date.parse(from) : 0
	return (
		<span className={`num ${className ?? ''}`} role="timer" aria-live="off">
			{clockText(ms)}
		</span>
	)
}
