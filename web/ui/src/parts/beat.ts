/*
 * beat.ts - the page's pulse: clocks, lists of thousands and figures look at what is now four times a second, all in the
 * same moment, so that a frame is made of all of it at once. What is urgent (offers, what concerns me) does not wait for it.
 */
export const BEAT_MS = 250

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | null = null

/** Called at every beat until the function that comes back is called. */
export function onBeat(listener: () => void): () => void {
	listeners.add(listener)
	timer ??= setInterval(() => {
		for (const l of listeners) l()
	}, BEAT_MS)
	return () => {
		listeners.delete(listener)
		if (listeners.size || !timer) return
		clearInterval(timer)
		timer = null
	}
}
