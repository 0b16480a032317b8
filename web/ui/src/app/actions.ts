/*
 * actions.ts - what can be done now, by name: components offer actions while they are on the screen, keys and the
 * palette call them. Keys work outside of text only, without modifiers, and not while a dialog is open.
 */
import { useEffect, useRef } from 'react'
import type { IconName } from '../parts/Icon'
import { type KeyAction, getPrefs } from './prefs'

export interface Action {
	/** For the palette; without it only a key calls it. */
	label?: string
	icon?: IconName
	key?: KeyAction | `${number}`
	/** Words by which it is found too. */
	also?: string
	run(): void
}

const offered = new Map<string, Action>()

/** Offers an action while mounted; null: not now. The newest meaning is called. */
export function useAction(name: string, action: Action | null): void {
	const newest = useRef(action)
	newest.current = action
	const there = action !== null
	useEffect(() => {
		if (!there) return
		const entry: Action = {
			get label() {
				return newest.current?.label
			},
			get icon() {
				return newest.current?.icon
			},
			get key() {
				return newest.current?.key
			},
			get also() {
				return newest.current?.also
			},
			run: () => newest.current?.run(),
		}
		offered.set(name, entry)
		return () => {
			if (offered.get(name) === entry) offered.delete(name)
		}
	}, [name, there])
}

export const offeredActions = (): [string, Action][] => [...offered]

/** Somebody writes there: letters are letters. */
export function isText(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false
	if (target.isContentEditable) return true
	if (target instanceof HTMLInputElement)
		return !['button', 'checkbox', 'radio', 'range', 'submit', 'reset', 'file', 'color'].includes(target.type)
	return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** A dialog has the keyboard for itself. */
const dialogOpen = () => document.querySelector('[role="dialog"][aria-modal="true"]') !== null
/** In an open menu letters find items. */
const menuOpen = (target: EventTarget | null) =>
	target instanceof HTMLElement && target.closest('[role="menu"],[role="listbox"]') !== null

/** The one listener of the page; where actions are called by keys. */
export function listenToKeys(): () => void {
	const onKey = (e: KeyboardEvent) => {
		if (e.defaultPrevented || e.isComposing) return
		if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === 'k') {
			e.preventDefault()
			offered.get('palette')?.run()
			return
		}
		const prefs = getPrefs()
		if (!prefs.keysOn || e.ctrlKey || e.metaKey || e.altKey || e.repeat) return
		if (isText(e.target) || dialogOpen() || menuOpen(e.target)) return
		const key = e.key.length === 1 ? e.key.toLowerCase() : e.key
		for (const action of [...offered.values()].reverse()) {
			if (!action.key) continue
			const wanted = action.key in prefs.keys ? prefs.keys[action.key as KeyAction] : action.key
			if (wanted !== key) continue
			e.preventDefault()
			action.run()
			return
		}
	}
	addEventListener('keydown', onKey)
	return () => removeEventListener('keydown', onKey)
}
