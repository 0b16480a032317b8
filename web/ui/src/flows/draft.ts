/*
 * draft.ts - what is edited is kept by itself: checked by the server at every pause, stored there as the draft when nothing is wrong,
 * and in this browser until then. Whoever else wrote meanwhile is told of, and nothing is overwritten unasked.
 */
import { useCallback, useEffect, useRef, useState } from 'react'
import { Problem } from '../api/http'
import { useFlows } from './api'
import { sameDoc } from './diff'
import { type FlowDoc, tidy } from './doc'
import type { Mistake } from './problems'

/** clean: as published; local: mistakes keep it in this browser. */
export type Kept = 'clean' | 'saving' | 'saved' | 'local' | 'conflict' | 'offline'

interface Work {
	doc: FlowDoc
	/** The draft's version it was made upon. */
	over: number
}
const keyOf = (tenant: string, id: string) => `flows.work.${tenant}.${id}`

export function readWork(tenant: string, id: string): Work | null {
	try {
		const told = JSON.parse(localStorage.getItem(keyOf(tenant, id)) ?? 'null') as Work | null
		return told && typeof told.doc === 'object' && typeof told.doc.nodes === 'object' ? told : null
	} catch {
		return null
	}
}
export const dropWork = (tenant: string, id: string): void => localStorage.removeItem(keyOf(tenant, id))

const same = (a: FlowDoc, b: FlowDoc) => sameDoc(a, b) && JSON.stringify(a.layout ?? {}) === JSON.stringify(b.layout ?? {})

export interface Draft {
	kept: Kept
	mistakes: Mistake[]
	checked: boolean
	/** There is one on the server. */
	there: boolean
	/** Stores what is edited now; rejects when it cannot be. */
	save(): Promise<void>
	/** After a conflict: mine shall be it. */
	overwrite(): void
}

export function useDraft(id: string, doc: FlowDoc, base: { doc: FlowDoc; version: number; stale: boolean }, readOnly: boolean): Draft {
	const flows = useFlows()
	const [kept, setKept] = useState<Kept>(base.stale ? 'conflict' : base.version ? 'saved' : 'clean')
	const [mistakes, setMistakes] = useState<Mistake[]>([])
	const [checked, setChecked] = useState(false)
	const stored = useRef({ doc: base.doc, version: base.version })
	const force = useRef(false)
	const newest = useRef(doc)
	newest.current = doc
	const shown = useRef(kept)
	shown.current = kept
	const [version, setVersion] = useState(base.version)

	const keep = useCallback(
		(what: FlowDoc) => localStorage.setItem(keyOf(flows.tenant, id), JSON.stringify({ doc: what, over: stored.current.version })),
		[flows.tenant, id],
	)
	const putNow = useCallback(
		async (what: FlowDoc) => {
			if (!same(newest.current, what)) return // what took its place is stored itself
			setKept('saving')
			try {
				const told = await flows.save(id, tidy(what), force.current ? null : stored.current.version)
				force.current = false
				stored.current = { doc: what, version: told.version }
				setVersion(told.version)
				if (!same(newest.current, what)) return keep(newest.current) // over this version now
				dropWork(flows.tenant, id)
				setKept('saved')
			} catch (error) {
				if (error instanceof Problem) {
					setKept(error.status === 412 ? 'conflict' : error.status === 400 ? 'local' : 'offline')
					if (error.status === 400) setMistakes(error.errors)
				}
				throw error
			}
		},
		[flows, id, keep],
	)
	// one after the other: each names the version that the one before it made
	const underWay = useRef(Promise.resolve())
	const put = useCallback(
		(what: FlowDoc) => {
			const mine = underWay.current.then(() => putNow(what))
			underWay.current = mine.catch(() => {})
			return mine
		},
		[putNow],
	)

	useEffect(() => {
		const dirty = !same(doc, stored.current.doc)
		if (dirty && !readOnly) keep(doc)
		if (dirty && !readOnly) setKept((k) => (k === 'conflict' ? k : 'saving'))
		const abort = new AbortController()
		const timer = setTimeout(async () => {
			try {
				const found = await flows.check(id, tidy(doc), abort.signal)
				setMistakes(found)
				setChecked(true)
				await underWay.current
				if (readOnly || !same(newest.current, doc)) return
				if (same(doc, stored.current.doc)) return setKept((k) => (k === 'conflict' ? k : stored.current.version ? 'saved' : 'clean'))
				if (found.length) return setKept((k) => (k === 'conflict' ? k : 'local'))
				if (shown.current !== 'conflict' || force.current) void put(doc).catch(() => {})
			} catch (error) {
				if (!abort.signal.aborted && error instanceof Problem) setKept('offline')
			}
		}, 450)
		return () => {
			clearTimeout(timer)
			abort.abort()
		}
	}, [doc, flows, id, keep, put, readOnly])

	const save = useCallback(async () => {
		await underWay.current
		if (!stored.current.version || !same(newest.current, stored.current.doc)) await put(newest.current)
	}, [put])
	const overwrite = useCallback(() => {
		force.current = true
		void put(newest.current).catch(() => {})
	}, [put])
	return { kept, mistakes, checked, there: version > 0, save, overwrite }
}
