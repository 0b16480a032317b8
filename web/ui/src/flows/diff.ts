/* diff.ts - what differs between two documents of a flow, by nodes and fields; where things stand is no difference. Pure. */
import type { FlowDoc, NodeDoc } from './doc'

export interface FieldChange {
	/** As in a path: keys.1, if[0].when */
	field: string
	before: unknown
	after: unknown
}
export type Change =
	| { what: 'added' | 'removed'; node: string; kind: string }
	| { what: 'changed'; node: string; kind: string; fields: FieldChange[] }
	| { what: 'start' | 'name'; before: string; after: string }

const isMap = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x)
const same = (a: unknown, b: unknown): boolean => {
	if (a === b) return true
	if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((x, i) => same(x, b[i]))
	if (!isMap(a) || !isMap(b)) return false
	const keys = new Set([...Object.keys(a), ...Object.keys(b)])
	return [...keys].every((k) => same(a[k], b[k]))
}

function fieldsOf(before: unknown, after: unknown, field: string, out: FieldChange[]): void {
	if (same(before, after)) return
	if (isMap(before) && isMap(after))
		for (const k of new Set([...Object.keys(before), ...Object.keys(after)])) fieldsOf(before[k], after[k], field ? `${field}.${k}` : k, out)
	else if (Array.isArray(before) && Array.isArray(after))
		for (let i = 0; i < Math.max(before.length, after.length); i++) fieldsOf(before[i], after[i], `${field}[${i}]`, out)
	else out.push({ field, before, after })
}

export function diffOf(before: FlowDoc | null, after: FlowDoc): Change[] {
	const changes: Change[] = []
	const was = before?.nodes ?? {}
	if (before && (before.name ?? '') !== (after.name ?? '')) changes.push({ what: 'name', before: before.name ?? '', after: after.name ?? '' })
	if (before && before.start !== after.start) changes.push({ what: 'start', before: before.start, after: after.start })
	for (const [node, now] of Object.entries(after.nodes)) {
		const old = was[node]
		if (!old) changes.push({ what: 'added', node, kind: now.do })
		else if (!same(old, now)) {
			const fields: FieldChange[] = []
			fieldsOf(old, now, '', fields)
			changes.push({ what: 'changed', node, kind: now.do, fields })
		}
	}
	for (const [node, old] of Object.entries(was)) if (!after.nodes[node]) changes.push({ what: 'removed', node, kind: (old as NodeDoc).do })
	return changes
}

export const sameDoc = (a: FlowDoc, b: FlowDoc): boolean => same(a, b)
