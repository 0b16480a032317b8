/* problems.ts - which node and field a mistake is about, out of its JSON path ($.nodes.menu.keys.1, $.nodes["a-b"].if[0].when). Pure. */
import { type FlowDoc, exitsOf, reached } from './doc'

export interface Mistake {
	path: string
	message: string
}
export interface Problem {
	severe: boolean
	node: string | null
	/** As fields are named in forms: keys.1, if.0.when; empty: the node itself. */
	field: string
	/** The server's words, or ours by name. */
	message: string
	own?: 'unreached' | 'dead_end'
}

/** $.a["b c"][0] → a, b c, 0 */
export function pathParts(path: string): string[] {
	const parts: string[] = []
	for (const m of path.matchAll(/\.([^.[\]]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/g)) parts.push(m[1] ?? m[2] ?? m[3] ?? '')
	return parts
}

export function placeOf(path: string): { node: string | null; field: string } {
	const parts = pathParts(path)
	if (parts[0] === 'nodes' && parts.length > 1) return { node: parts[1] as string, field: parts.slice(2).join('.') }
	return { node: null, field: parts.join('.') }
}

export function problemsOf(doc: FlowDoc, mistakes: Mistake[]): Problem[] {
	const list: Problem[] = mistakes.map(({ path, message }) => ({ severe: true, message, ...placeOf(path) }))
	const there = reached(doc)
	for (const [node, n] of Object.entries(doc.nodes)) {
		if (!there.has(node)) list.push({ severe: false, node, field: '', message: '', own: 'unreached' })
		const dead = exitsOf(n).filter((e) => !e.target && (e.key === 'next' || e.key === 'open' || e.key === 'closed'))
		for (const e of dead)
			if (n.do !== 'queue' && n.do !== 'transfer') list.push({ severe: false, node, field: e.key, message: '', own: 'dead_end' })
	}
	return list
}
