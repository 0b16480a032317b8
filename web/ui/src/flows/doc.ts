/*
 * doc.ts - a flow's document as it is edited: kinds of nodes, their exits, and what can be done with them. Pure; every
 * change gives a new document. A target that is still to be chosen is '' where the document cannot leave it out.
 */

export const KINDS = [
	'play', 'say', 'menu', 'collect', 'hours', 'branch', 'set', 'language', 'queue', 'callback', 'transfer', 'subflow',
	'hangup',
] as const
export type Kind = (typeof KINDS)[number]

export interface NodeDoc {
	do: Kind
	[field: string]: unknown
}
export interface Spot {
	x: number
	y: number
}
export interface FlowDoc {
	name?: string
	start: string
	nodes: Record<string, NodeDoc>
	layout?: Record<string, Spot>
}

/** What the server sends has more around it. */
export function docOf(told: Record<string, unknown>): FlowDoc {
	const { name, start, nodes, layout } = told as unknown as FlowDoc
	return { ...(name !== undefined && { name }), start, nodes, ...(layout && { layout }) }
}

/** A way out of a node: `next`, `else`, `keys.1`, `if.0`, `on.full`; its target, if it leads anywhere. */
export interface Exit {
	key: string
	target: string | undefined
}

export const DIALS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '*', '#'] as const

const FIXED: Record<Kind, string[]> = {
	play: ['next'],
	say: ['next'],
	menu: ['else'],
	collect: ['next', 'else'],
	hours: ['open', 'closed'],
	branch: ['else'],
	set: ['next'],
	language: ['next'],
	queue: ['next', 'on.full', 'on.timeout', 'on.no_agents'],
	callback: ['next', 'else'],
	transfer: ['next', 'on.busy', 'on.no_answer', 'on.failed'],
	subflow: ['next'],
	hangup: [],
}

const text = (x: unknown): string | undefined => (typeof x === 'string' && x ? x : undefined)
const record = (x: unknown): Record<string, unknown> => (typeof x === 'object' && x && !Array.isArray(x) ? (x as Record<string, unknown>) : {})
export interface Case {
	when: string
	next: string
}
export const casesOf = (node: NodeDoc): Case[] => (Array.isArray(node.if) ? (node.if as Case[]) : [])
export const keysOf = (node: NodeDoc): string[] => DIALS.filter((k) => k in record(node.keys))

export function exitsOf(node: NodeDoc): Exit[] {
	const one = (key: string): Exit => ({ key, target: exitTarget(node, key) })
	const before =
		node.do === 'menu' ? keysOf(node).map((k) => one(`keys.${k}`))
		: node.do === 'branch' ? casesOf(node).map((_, i) => one(`if.${i}`))
		: []
	return [...before, ...(FIXED[node.do] ?? []).map(one), ...('closed' in record(node.on) ? [one('on.closed')] : [])]
}

export function exitTarget(node: NodeDoc, key: string): string | undefined {
	const [head, tail] = split(key)
	if (tail === undefined) return text(node[head])
	if (head === 'if') return text(casesOf(node)[Number(tail)]?.next)
	return text(record(node[head])[tail])
}

function split(key: string): [string, string | undefined] {
	const at = key.indexOf('.')
	return at < 0 ? [key, undefined] : [key.slice(0, at), key.slice(at + 1)]
}

function without<T extends object>(from: T, key: string): T {
	const copy = { ...from } as Record<string, unknown>
	delete copy[key]
	return copy as T
}

/** The node with this exit leading there; undefined: nowhere. A key or a condition stays, a plain exit goes away. */
export function withExit(node: NodeDoc, key: string, target: string | undefined): NodeDoc {
	const [head, tail] = split(key)
	if (tail === undefined) return target ? { ...node, [head]: target } : without(node, head)
	if (head === 'if')
		return { ...node, if: casesOf(node).map((c, i) => (i === Number(tail) ? { ...c, next: target ?? '' } : c)) }
	const map = record(node[head])
	if (head === 'keys') return { ...node, keys: { ...map, [tail]: target ?? '' } }
	const next = target ? { ...map, [tail]: target } : without(map, tail)
	return Object.keys(next).length ? { ...node, [head]: next } : without(node, head)
}

/** The node without this key or condition at all. */
export function withoutExit(node: NodeDoc, key: string): NodeDoc {
	const [head, tail] = split(key)
	if (head === 'keys' && tail !== undefined) return { ...node, keys: without(record(node.keys), tail) }
	if (head === 'if') return { ...node, if: casesOf(node).filter((_, i) => i !== Number(tail)) }
	return withExit(node, key, undefined)
}

/** The exit that what is put behind this node would come to. */
export const mainExit = (node: NodeDoc): string | undefined => {
	const all = exitsOf(node)
	return (all.find((e) => e.key === 'next' || e.key === 'open') ?? all[0])?.key
}

/* -- a flow -- */

const putNode = (doc: FlowDoc, name: string, node: NodeDoc): FlowDoc => ({ ...doc, nodes: { ...doc.nodes, [name]: node } })

export const changeNode = (doc: FlowDoc, name: string, change: (node: NodeDoc) => NodeDoc): FlowDoc => {
	const node = doc.nodes[name]
	return node ? putNode(doc, name, change(node)) : doc
}
export const setExit = (doc: FlowDoc, name: string, key: string, target: string | undefined): FlowDoc =>
	changeNode(doc, name, (n) => withExit(n, key, target))

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/
export const isName = (name: string): boolean => NAME.test(name)

export function freeName(doc: FlowDoc, wanted: string): string {
	const base = wanted.replace(/[^A-Za-z0-9_-]/g, '_').replace(/^[^A-Za-z0-9]+/, '').slice(0, 55) || 'node'
	if (!Object.hasOwn(doc.nodes, base)) return base
	for (let i = 2; ; i++) if (!Object.hasOwn(doc.nodes, `${base}${i}`)) return `${base}${i}`
}

/** Things of the tenant that a new node may begin with. */
export interface Stock {
	prompts: string[]
	queues: string[]
	hours: string[]
	flows: string[]
	language: string
}

export function freshNode(kind: Kind, stock: Stock): NodeDoc {
	const first = (list: string[]) => list[0] ?? ''
	switch (kind) {
		case 'play':
			return { do: kind, prompt: first(stock.prompts) }
		case 'say':
			return { do: kind, text: { [stock.language]: '' } }
		case 'menu':
			return { do: kind, prompt: first(stock.prompts), keys: { '1': '' } }
		case 'collect':
			return { do: kind, prompt: first(stock.prompts), var: 'digits', max: 10 }
		case 'hours':
			return { do: kind, hours: first(stock.hours) }
		case 'branch':
			return { do: kind, if: [{ when: "caller.country == 'PL'", next: '' }] }
		case 'set':
			return { do: kind, var: 'note', value: 'yes' }
		case 'language':
			return { do: kind, lang: stock.language }
		case 'queue':
		case 'callback':
			return { do: kind, queue: first(stock.queues) }
		case 'transfer':
			return { do: kind, to: { queue: first(stock.queues) } }
		case 'subflow':
			return { do: kind, flow: first(stock.flows) }
		case 'hangup':
			return { do: kind }
	}
}

/** Puts a node behind an exit: what the exit led to comes after it. Without `from` it stands alone. */
export function insertNode(doc: FlowDoc, node: NodeDoc, from?: { node: string; exit: string }, at?: Spot): [FlowDoc, string] {
	const name = freeName(doc, node.do)
	const source = from && doc.nodes[from.node]
	const target = source && exitTarget(source, from.exit)
	const main = mainExit(node)
	const placed = target && main ? withExit(node, main, target) : node
	let next = putNode(doc, name, placed)
	if (from) next = setExit(next, from.node, from.exit, name)
	if (!Object.keys(doc.nodes).length) next = { ...next, start: name }
	if (at) next = { ...next, layout: { ...next.layout, [name]: at } }
	return [next, name]
}

/** Every exit that leads to `name` leads to `to` now. */
function redirect(doc: FlowDoc, name: string, to: string | undefined): FlowDoc {
	const nodes: Record<string, NodeDoc> = {}
	for (const [n, node] of Object.entries(doc.nodes)) {
		let next = node
		for (const e of exitsOf(node)) if (e.target === name) next = withExit(next, e.key, to)
		nodes[n] = next
	}
	return { ...doc, nodes, start: doc.start === name ? (to ?? '') : doc.start }
}

/** Who led to it goes on to where it went by its main exit. */
export function removeNode(doc: FlowDoc, name: string): FlowDoc {
	const node = doc.nodes[name]
	if (!node) return doc
	const main = mainExit(node)
	const after = main ? exitTarget(node, main) : undefined
	const rest = redirect(doc, name, after === name ? undefined : after)
	const next: FlowDoc = { ...rest, nodes: without(rest.nodes, name) }
	if (next.layout) next.layout = without(next.layout, name)
	if (!next.start) next.start = Object.keys(next.nodes)[0] ?? ''
	return next
}

/** In place: the order of nodes stays. */
export function renameNode(doc: FlowDoc, from: string, to: string): FlowDoc {
	if (from === to || !doc.nodes[from] || Object.hasOwn(doc.nodes, to) || !isName(to)) return doc
	const moved = redirect(doc, from, to)
	const rename = <T>(map: Record<string, T>) => Object.fromEntries(Object.entries(map).map(([k, v]) => [k === from ? to : k, v]))
	return { ...moved, nodes: rename(moved.nodes), ...(moved.layout && { layout: rename(moved.layout) }) }
}

/** Copies of nodes, their ways among each other kept, ways to others left out. */
export function pasteNodes(doc: FlowDoc, copied: Record<string, NodeDoc>): [FlowDoc, string[]] {
	const names = new Map<string, string>()
	let next = doc
	for (const name of Object.keys(copied)) {
		const fresh = freeName(next, name)
		names.set(name, fresh)
		next = putNode(next, fresh, copied[name] as NodeDoc)
	}
	for (const [name, fresh] of names)
		for (const e of exitsOf(copied[name] as NodeDoc))
			next = setExit(next, fresh, e.key, e.target ? names.get(e.target) : undefined)
	return [next, [...names.values()]]
}

export const withSpots = (doc: FlowDoc, spots: Record<string, Spot>): FlowDoc => ({
	...doc,
	layout: { ...doc.layout, ...Object.fromEntries(Object.entries(spots).map(([k, s]) => [k, { x: Math.round(s.x), y: Math.round(s.y) }])) },
})

/** Without what the server would refuse for being about nodes that are gone. */
export function tidy(doc: FlowDoc): FlowDoc {
	if (!doc.layout) return doc
	const layout = Object.fromEntries(Object.entries(doc.layout).filter(([name]) => Object.hasOwn(doc.nodes, name)))
	return Object.keys(layout).length ? { ...doc, layout } : without(doc, 'layout')
}

/** From the start, in the order somebody would read it. */
export function reached(doc: FlowDoc): Set<string> {
	const seen = new Set<string>()
	const open = [doc.start]
	while (open.length) {
		const name = open.pop() as string
		const node = doc.nodes[name]
		if (!node || seen.has(name)) continue
		seen.add(name)
		for (const e of exitsOf(node)) if (e.target) open.push(e.target)
	}
	return seen
}

export function variablesOf(doc: FlowDoc): string[] {
	const names = new Set<string>()
	for (const n of Object.values(doc.nodes)) if ((n.do === 'set' || n.do === 'collect') && text(n.var)) names.add(n.var as string)
	return [...names].sort()
}
