/* differ.ts - what differs between two documents, field by field; and a save that met somebody else's. Pure. */
import type { Change } from './api'
import { type Doc, type Json, below } from './schema'

const isMap = (x: Json | undefined): x is Doc => typeof x === 'object' && x !== null && !Array.isArray(x)

export function same(a: Json | undefined, b: Json | undefined): boolean {
	if (a === b) return true
	if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => same(x, b[i]))
	if (!isMap(a) || !isMap(b)) return false
	const keys = Object.keys(a)
	return keys.length === Object.keys(b).length && keys.every((k) => k in b && same(a[k], b[k]))
}

/** As the server's VersionDiff: maps field by field, lists item by item. */
export function differ(before: Json | undefined, after: Json | undefined, path = '$'): Change[] {
	if (same(before, after)) return []
	if (before === undefined) return [{ path, op: 'added', after }]
	if (after === undefined) return [{ path, op: 'removed', before }]
	if (isMap(before) && isMap(after))
		return [...new Set([...Object.keys(before), ...Object.keys(after)])]
			.filter((k) => path !== '$' || (k !== 'version' && k !== 'kind'))
			.flatMap((k) => differ(before[k], after[k], below(path, k)))
	if (Array.isArray(before) && Array.isArray(after))
		return Array.from({ length: Math.max(before.length, after.length) }, (_, i) =>
			differ(before[i], after[i], below(path, i)),
		).flat()
	return [{ path, op: 'changed', before, after }]
}

/** Mine upon theirs: of each top field that I changed, mine; else theirs. Which fields both changed, differently. */
export function merge(base: Doc, mine: Doc, theirs: Doc): { doc: Doc; both: string[] } {
	const doc: Doc = { ...theirs }
	const both: string[] = []
	for (const k of new Set([...Object.keys(base), ...Object.keys(mine)])) {
		if (same(base[k], mine[k]) || k === 'version') continue
		if (!same(base[k], theirs[k]) && !same(mine[k], theirs[k])) both.push(k)
		if (mine[k] === undefined) delete doc[k]
		else doc[k] = mine[k] as Json
	}
	return { doc, both }
}
