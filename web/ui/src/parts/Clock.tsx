/*
 * Clock.tsx - time that runs: one beat for all clocks of the page. By the server's time, so that a computer whose clock
 * is wrong shows the same as the desk beside it.
 */
import { useLayoutEffect, useRef, useSyncExternalStore } from 'react'
import { live } from '../live/store'
import { onBeat } from './beat'
import { clockText } from './time'

const listeners = new Set<() => void>()
let end: (() => void) | null = null
let tick = Date.now()

function subscribe(listener: () => void): () => void {
	listeners.add(listener)
	end ??= onBeat(() => {
		tick = Date.now()
		for (const l of listeners) l()
	})
	return () => {
		listeners.delete(listener)
		if (listeners.size) return
		end?.()
		end = null
	}
}

/** Now by the server's clock, ms; read in event handlers. */
export const serverNow = () => Date.now() + live.get().skewMs
/** The same, as of the last beat: one time for all that is seen. */
const shownNow = () => (end ? tick : Date.now()) + live.get().skewMs

/** What is read of the time; renders when that changed. */
export const useTick = <T extends string | number | boolean>(read: (now: number) => T): T =>
	useSyncExternalStore(subscribe, () => read(shownNow()))

/** Now, renders every second; every: ms, coarser for what changes seldom. */
export const useNow = (every = 1000): number => useTick((now) => Math.floor(now / every) * every)

/** Since `from`, or until `to`, as 4:12. Written past React: a board has two hundred of them, and each changes every second. */
export function Clock({ from, to, className }: { from?: string; to?: string; className?: string }) {
	const span = useRef<HTMLSpanElement>(null)
	useLayoutEffect(() => {
		const then = Date.parse(to ?? from ?? '')
		const text = span.current?.firstChild
		if (!text) return
		const show = () => {
			const now = shownNow()
			const next = clockText(Number.isNaN(then) ? 0 : to ? then - now : now - then)
			if (text.nodeValue !== next) text.nodeValue = next
		}
		show()
		return subscribe(show)
	}, [from, to])
	return (
		<span ref={span} className={`num ${className ?? ''}`} role="timer" aria-live="off">
			0:00
		</span>
	)
}
