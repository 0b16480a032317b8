/*
 * outline.ts - a flow as lines to be read from top to bottom: each node once, at its first place from the start, with its
 * ways out below it; where a way leads back or to what stands elsewhere, a line says so. What nothing leads to
 * comes last. A node with one way out is followed on its own level: a plain sequence does not wander to the right.
 */
import { type FlowDoc, exitsOf } from './doc'

export interface Row {
	/** Unique and lasting as long as the way there does. */
	id: string
	level: number
	/** The exit this line stands for; null: a beginning. */
	from: { node: string; exit: string } | null
	/** Its node; null: the way leads nowhere. */
	node: string | null
	/** The node stands elsewhere, this line leads there. */
	again: boolean
	loose: boolean
	/** Lines that hang below it, when they are shown. */
	parent: string | null
	open: boolean | null
}

export function outlineOf(doc: FlowDoc, closed: ReadonlySet<string> = new Set()): Row[] {
	const rows: Row[] = []
	const seen = new Set<string>()

	function walk(name: string | null, from: Row['from'], level: number, parent: string | null, loose: boolean, hidden: boolean) {
		let [at, way, above] = [name, from, parent]
		for (;;) {
			const node = at ? doc.nodes[at] : undefined
			const again = !!at && !!node && seen.has(at)
			const exits = node && !again ? exitsOf(node) : []
			const id = way ? `${way.node} ${way.exit}` : `@${at ?? ''}`
			const branches = exits.length > 1
			const open = branches && at ? !closed.has(at) : null
			if (!hidden) rows.push({ id, level, from: way, node: node ? at : null, again, loose: loose && !way, parent: above, open })
			if (!node || !at || again) return
			seen.add(at)
			if (branches) {
				for (const e of exits) walk(e.target ?? null, { node: at, exit: e.key }, level + 1, id, loose, hidden || open === false)
				return
			}
			const only = exits[0]
			if (!only) return
			way = { node: at, exit: only.key }
			above = parent
			at = only.target ?? null
		}
	}

	if (doc.start) walk(doc.start, null, 1, null, false, false)
	for (const name of Object.keys(doc.nodes)) if (!seen.has(name)) walk(name, null, 1, null, true, false)
	return rows
}
