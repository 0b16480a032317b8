/*
 * prefs.ts - what a person chose for himself in this browser: keys, sounds. Colours and language have their own
 * places (Mantine, i18n.ts).
 */
import { useSyncExternalStore } from 'react'

/** What keys do; the letter is what they are until somebody changes it (WCAG 2.1.4: off, or another). */
export const KEY_ACTIONS = {
	answer: 'a',
	mute: 'm',
	hold: 'h',
	transfer: 't',
	hang_up: 'x',
	ready: 'r',
	pause: 'p',
	keypad: 'd',
	next: 'j',
	previous: 'k',
	search: '/',
	help: '?',
} as const
export type KeyAction = keyof typeof KEY_ACTIONS

export interface Prefs {
	keysOn: boolean
	keys: Record<KeyAction, string>
	soundOn: boolean
}

const KEY = 'centrala.prefs'
const standard: Prefs = { keysOn: true, keys: { ...KEY_ACTIONS }, soundOn: true }

function load(): Prefs {
	try {
		const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}')
		return { ...standard, ...stored, keys: { ...standard.keys, ...stored.keys } }
	} catch {
		return standard
	}
}

let prefs = typeof localStorage === 'undefined' ? standard : load()
const listeners = new Set<() => void>()

export const getPrefs = () => prefs
export function setPrefs(change: Partial<Prefs>): void {
	prefs = { ...prefs, ...change }
	localStorage.setItem(KEY, JSON.stringify(prefs))
	for (const listener of listeners) listener()
}
export function usePrefs(): Prefs {
	return useSyncExternalStore((listener) => {
		listeners.add(listener)
		return () => listeners.delete(listener)
	}, getPrefs)
}
