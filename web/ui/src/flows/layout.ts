/*
 * layout.ts - where nodes stand when nobody has said so: columns from left to right by their distance from the start, in
 * each column ordered by where the lines come from (two sweeps of barycentres), so that few of them cross. Pure.
 */
import { type FlowDoc, type NodeDoc, type Spot, exitsOf } from './doc'

export const WIDE = 240
const GAP_X = 90
const GAP_Y = 28
const HEAD = 62
const EXIT = 24

export const heightOf = (node: NodeDoc): number => HEAD + exitsOf(node).length * EXIT + 8

interface Graph {
	names: string[]
	out: Map<string, string[]>
	rank: Map<string, number>
}

/** Longest way from the start, without what leads back. */
function ranks(doc: FlowDoc): Graph {
	const names = Object.keys(doc.nodes)
	const out = new Map(names.map((n) => [n, targets(doc, n)]))
	const rank = new Map<string, number>()
	const order: string[] = []
	const state = new Map<string, 'open' | 'done'>()
	const back = new Set<string>()

	function visit(root: string) {
		const stack: [string, number][] = [[root, 0]]
		state.set(root, 'open')
		while (stack.length) {
			const top = stack[stack.length - 1] as [string, number]
			const to = out.get(top[0])?.[top[1]++]
			if (to === undefined) {
				state.set(top[0], 'done')
				order.push(top[0])
				stack.pop()
			} else if (state.get(to) === 'open') back.add(`${top[0]} ${to}`)
			else if (!state.has(to)) {
				state.set(to, 'open')
				stack.push([to, 0])
			}
		}
	}
	if (doc.nodes[doc.start]) visit(doc.start)
	for (const n of names) if (!state.has(n)) visit(n)
	for (const n of order.reverse()) {
		const mine = rank.get(n) ?? 0
		rank.set(n, mine)
		for (const to of out.get(n) ?? []) if (!back.has(`${n} ${to}`)) rank.set(to, Math.max(rank.get(to) ?? 0, mine + 1))
	}
	return { names: order, out, rank }
}

const targets = (doc: FlowDoc, name: string) => [
	...new Set(exitsOf(doc.nodes[name] as NodeDoc).flatMap((e) => (e.target && doc.nodes[e.target] ? [e.target] : []))),
]

function order(columns: string[][], neighbours: Map<string, string[]>, at: Map<string, number>) {
	for (const column of columns) {
		const weight = new Map(
			column.map((n, i) => {
				const near = (neighbours.get(n) ?? []).flatMap((m) => at.get(m) ?? [])
				return [n, near.length ? near.reduce((a, b) => a + b, 0) / near.length : i]
			}),
		)
		column.sort((a, b) => (weight.get(a) as number) - (weight.get(b) as number))
		column.forEach((n, i) => at.set(n, i))
	}
}

export function layoutOf(doc: FlowDoc): Record<string, Spot> {
	const { names, out, rank } = ranks(doc)
	const into = new Map<string, string[]>()
	for (const [n, list] of out) for (const to of list) into.set(to, [...(into.get(to) ?? []), n])
	const columns: string[][] = []
	for (const n of names) (columns[rank.get(n) as number] ??= []).push(n)
	const at = new Map<string, number>()
	for (const c of columns) c.forEach((n, i) => at.set(n, i))
	for (let i = 0; i < 2; i++) {
		order(columns, into, at)
		order([...columns].reverse(), out, at)
	}
	order(columns, into, at)

	const spots: Record<string, Spot> = {}
	columns.forEach((column, c) => {
		let y = 0
		for (const n of column) {
			// level with what leads here, where there is room
			const from = (into.get(n) ?? []).flatMap((m) => spots[m]?.y ?? [])
			const wish = from.length ? Math.min(...from) : 0
			const top = Math.max(y, c ? wish : 0)
			spots[n] = { x: c * (WIDE + GAP_X), y: top }
			y = top + heightOf(doc.nodes[n] as NodeDoc) + GAP_Y
		}
	})
	return spots
}

/** Those of the document; who has none stands right of who leads to it, below what is there. */
export function placesOf(doc: FlowDoc): Record<string, Spot> {
	const said = doc.layout ?? {}
	const missing = Object.keys(doc.nodes).filter((n) => !said[n])
	if (missing.length === Object.keys(doc.nodes).length) return layoutOf(doc)
	const spots: Record<string, Spot> = {}
	for (const n of Object.keys(doc.nodes)) if (said[n]) spots[n] = said[n] as Spot
	for (const n of missing) {
		const from = Object.keys(doc.nodes).find((m) => spots[m] && targets(doc, m).includes(n))
		const base = from ? (spots[from] as Spot) : { x: 0, y: 0 }
		const spot = { x: base.x + WIDE + GAP_X, y: base.y }
		const hit = (s: Spot) =>
			Object.entries(spots).some(
				([m, o]) => Math.abs(o.x - s.x) < WIDE && o.y < s.y + heightOf(doc.nodes[n] as NodeDoc) && s.y < o.y + heightOf(doc.nodes[m] as NodeDoc),
			)
		while (hit(spot)) spot.y += 40
		spots[n] = spot
	}
	return spots
}
