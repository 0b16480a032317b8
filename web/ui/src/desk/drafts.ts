/*
 * drafts.ts - what is written of a contact and not sent yet: kept in this browser per firm, user and contact, so that
 * neither a reload nor a crash loses a word; gone when it was sent, or after two days.
 */
import { useCallback, useState } from 'react'

export interface Draft {
	outcome: string | null
	note: string
	tags: string[]
	/** When I come back to it: as a field of date and time has it, in my own time; '': not. */
	followUp: string
}

const EMPTY: Draft = { outcome: null, note: '', tags: [], followUp: '' }
const KEEP_MS = 48 * 3600 * 1000
const PREFIX = 'centrala.draft.'
const keyOf = (tenant: string, user: string, contact: string) => `${PREFIX}${tenant}/${user}/${contact}`

export function loadDraft(storage: Storage, key: string): Draft {
	try {
		const stored = JSON.parse(storage.getItem(key) ?? 'null')
		if (!stored) return EMPTY
		return {
			outcome: typeof stored.outcome === 'string' ? stored.outcome : null,
			note: typeof stored.note === 'string' ? stored.note : '',
			tags: Array.isArray(stored.tags) ? stored.tags.filter((x: unknown) => typeof x === 'string') : [],
			followUp: typeof stored.followUp === 'string' ? stored.followUp : '',
		}
	} catch {
		return EMPTY
	}
}

export const isEmpty = (d: Draft) => !d.outcome && !d.note && !d.tags.length && !d.followUp

export function saveDraft(storage: Storage, key: string, draft: Draft, now: number): void {
	try {
		if (!isEmpty(draft)) storage.setItem(key, JSON.stringify({ ...draft, at: now }))
		else storage.removeItem(key)
	} catch {
		// the browser gives no room: the text lives on in the page
	}
}

/** Forgets what nobody came back to. */
export function sweepDrafts(storage: Storage, now: number): void {
	for (const key of Object.keys(storage)) {
		if (!key.startsWith(PREFIX)) continue
		try {
			const { at } = JSON.parse(storage.getItem(key) ?? '{}')
			if (!(now - Number(at) < KEEP_MS)) storage.removeItem(key)
		} catch {
			storage.removeItem(key)
		}
	}
}

export function useDraft(tenant: string, user: string, contact: string): [Draft, (d: Partial<Draft>) => void, () => void] {
	const key = keyOf(tenant, user, contact)
	const [draft, setDraft] = useState(() => loadDraft(localStorage, key))
	const change = useCallback(
		(part: Partial<Draft>) =>
			setDraft((was) => {
				const next = { ...was, ...part }
				saveDraft(localStorage, key, next, Date.now())
				return next
			}),
		[key],
	)
	const clear = useCallback(() => {
		localStorage.removeItem(key)
		setDraft(EMPTY)
	}, [key])
	return [draft, change, clear]
}
