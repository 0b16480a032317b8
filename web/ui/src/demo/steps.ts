/*
 * steps.ts - the newcomer's first five minutes: which steps each person has, which are done; kept in this browser.
 * Most tick by themselves from what happens; what a page cannot know is ticked by hand.
 */
import { useSyncExternalStore } from 'react'

export const STEPS = {
	agent: ['ready', 'test', 'ring', 'answer', 'wrap'],
	supervisor: ['board', 'listen', 'storm', 'report'],
	admin: ['greeting', 'publish', 'hear', 'curl'],
} as const
export type Step = (typeof STEPS)[keyof typeof STEPS][number]

interface Kept {
	done: string[]
	shown: boolean
}
const KEY = 'centrala.demo.steps'

function load(): Kept {
	try {
		const { done, shown } = JSON.parse(localStorage.getItem(KEY) ?? '{}')
		return { done: Array.isArray(done) ? done.map(String) : [], shown: shown !== false }
	} catch {
		return { done: [], shown: true }
	}
}

let kept: Kept = load()
const listeners = new Set<() => void>()
function keep(next: Kept) {
	kept = next
	localStorage.setItem(KEY, JSON.stringify(kept))
	for (const listener of listeners) listener()
}

/** This was done, or (empty) nothing was; the card is shown or put away. */
export function done(step: Step | '', shown = kept.shown): void {
	const more = step && !kept.done.includes(step) ? [...kept.done, step] : kept.done
	if (more !== kept.done || shown !== kept.shown) keep({ done: more, shown })
}
export function undone(step: Step): void {
	keep({ ...kept, done: kept.done.filter((s) => s !== step) })
}
export function useSteps(): Kept {
	return useSyncExternalStore(
		(listener) => {
			listeners.add(listener)
			return () => listeners.delete(listener)
		},
		() => kept,
	)
}
