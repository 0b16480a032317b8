/* ways.ts - by which numbers callers come to a queue: those of flows that lead into it, also by flows inside others. Pure. */
import type { Doc, Json } from '../schema'

const nodesOf = (flow: Doc): Record<string, Json>[] => {
	const { nodes } = flow
	return nodes && typeof nodes === 'object' ? (Object.values(nodes) as Record<string, Json>[]) : []
}

/** Numbers of drafts are for those who draw them. */
export function numbersInto(queue: string, numbers: Doc[], flows: Doc[]): string[] {
	const into = new Set(flows.filter((f) => nodesOf(f).some((n) => n.do === 'queue' && n.queue === queue)).map((f) => String(f.id)))
	for (let before = -1; before !== into.size; ) {
		before = into.size
		for (const f of flows) if (nodesOf(f).some((n) => n.do === 'subflow' && into.has(String(n.flow)))) into.add(String(f.id))
	}
	return numbers.filter((n) => into.has(String(n.flow)) && n.draft !== true).map((n) => String(n.id))
}
