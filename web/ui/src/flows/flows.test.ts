/* flows.test.ts - what edits a flow without a screen: exits, inserting, removing, outline, layout, differences, places of mistakes. */
import { describe, expect, test } from 'vitest'
import { diffOf } from './diff'
import {
	type FlowDoc, KINDS, exitTarget, exitsOf, freeName, freshNode, insertNode, pasteNodes, reached, removeNode, renameNode, setExit, tidy,
	withExit, withoutExit,
} from './doc'
import { heightOf, layoutOf, placesOf } from './layout'
import { outlineOf } from './outline'
import { pathParts, placeOf, problemsOf } from './problems'

const stock = { prompts: ['hi'], queues: ['sales'], hours: ['office'], flows: ['other'], language: 'en' }
const flow: FlowDoc = {
	start: 'hello',
	nodes: {
		hello: { do: 'play', prompt: 'hi', next: 'menu' },
		menu: { do: 'menu', prompt: 'hi', keys: { '1': 'sales', '9': 'bye' }, else: 'menu' },
		sales: { do: 'queue', queue: 'sales', on: { full: 'sorry' } },
		sorry: { do: 'say', text: 'Sorry', next: 'bye' },
		bye: { do: 'hangup' },
		lost: { do: 'hangup' },
	},
}

describe('exits', () => {
	test('of every kind can be set and taken away', () => {
		for (const kind of KINDS)
			for (const { key } of exitsOf(freshNode(kind, stock))) {
				const node = withExit(freshNode(kind, stock), key, 'there')
				expect(exitTarget(node, key), `${kind} ${key}`).toBe('there')
				expect(exitTarget(withExit(node, key, undefined), key)).toBeUndefined()
			}
	})
	test('a key without a target stays, until it is taken away; an empty `on` goes', () => {
		const menu = withExit(flow.nodes.menu!, 'keys.1', undefined)
		expect(menu.keys).toEqual({ '1': '', '9': 'bye' })
		expect(withoutExit(menu, 'keys.1').keys).toEqual({ '9': 'bye' })
		expect(withExit(flow.nodes.sales!, 'on.full', undefined)).toEqual({ do: 'queue', queue: 'sales' })
	})
	test('conditions keep their order', () => {
		const branch = { do: 'branch' as const, if: [{ when: 'a', next: 'x' }, { when: 'b', next: 'y' }] }
		expect(exitsOf(branch).map((e) => e.key)).toEqual(['if.0', 'if.1', 'else'])
		expect(withoutExit(branch, 'if.0').if).toEqual([{ when: 'b', next: 'y' }])
	})
})

describe('a flow', () => {
	test('a node put behind an exit goes on to where that led', () => {
		const [next, name] = insertNode(flow, freshNode('say', stock), { node: 'menu', exit: 'keys.1' })
		expect(name).toBe('say')
		expect(exitTarget(next.nodes.menu!, 'keys.1')).toBe('say')
		expect(next.nodes.say!.next).toBe('sales')
	})
	test('the first node is the start', () => {
		const [next] = insertNode({ start: '', nodes: {} }, freshNode('hangup', stock))
		expect(next.start).toBe('hangup')
	})
	test('who led to a node that is removed goes on behind it', () => {
		const next = removeNode(flow, 'sorry')
		expect(exitTarget(next.nodes.sales!, 'on.full')).toBe('bye')
		expect(removeNode(flow, 'hello').start).toBe('menu')
		expect(removeNode(flow, 'bye').nodes.sorry).toEqual({ do: 'say', text: 'Sorry' })
		const alone = { start: 'a', nodes: { a: { do: 'menu' as const, prompt: 'x', keys: { '1': 'a' } } } }
		expect(removeNode(alone, 'a')).toEqual({ start: '', nodes: {} })
	})
	test('a renamed node keeps its place and all that leads to it', () => {
		const next = renameNode({ ...flow, layout: { menu: { x: 1, y: 2 } } }, 'menu', 'choose')
		expect(Object.keys(next.nodes)[1]).toBe('choose')
		expect(next.nodes.hello!.next).toBe('choose')
		expect(next.nodes.choose!.else).toBe('choose')
		expect(next.layout).toEqual({ choose: { x: 1, y: 2 } })
		expect(renameNode(flow, 'menu', 'bye')).toBe(flow)
		expect(renameNode(flow, 'menu', 'a b')).toBe(flow)
	})
	test('copies keep their ways among each other', () => {
		const [next, names] = pasteNodes(flow, { sales: flow.nodes.sales!, sorry: flow.nodes.sorry! })
		expect(names).toEqual(['sales2', 'sorry2'])
		expect(exitTarget(next.nodes.sales2!, 'on.full')).toBe('sorry2')
		expect(next.nodes.sorry2!.next).toBeUndefined()
	})
	test('names are free and possible ones', () => {
		expect(freeName(flow, 'menu')).toBe('menu2')
		expect(freeName(flow, '<img src=x>')).toBe('img_src_x_')
		expect(freeName(flow, 'żółć')).toBe('node')
		expect(freeName(flow, 'constructor')).toBe('constructor')
	})
	test('what is reached, and what is not', () => {
		expect([...reached(flow)].sort()).toEqual(['bye', 'hello', 'menu', 'sales', 'sorry'])
	})
	test('spots of nodes that are gone go too', () => {
		expect(tidy({ ...flow, layout: { gone: { x: 0, y: 0 } } }).layout).toBeUndefined()
	})
})

describe('outline', () => {
	const rows = outlineOf(flow)
	test('every node stands in it once, every exit is a line', () => {
		const full = rows.filter((r) => r.node && !r.again).map((r) => r.node)
		expect(full).toEqual(['hello', 'menu', 'sales', 'sorry', 'bye', 'lost'])
		const exits = Object.entries(flow.nodes).flatMap(([n, node]) => exitsOf(node).map((e) => `${n} ${e.key}`))
		expect(rows.filter((r) => r.from).map((r) => r.id).sort()).toEqual(exits.sort())
		expect(new Set(rows.map((r) => r.id)).size).toBe(rows.length)
	})
	test('a sequence stays on its level, ways out of a fork go in', () => {
		const level = (id: string) => rows.find((r) => r.id === id)?.level
		expect([level('@hello'), level('hello next'), level('menu keys.1'), level('sales on.full'), level('sorry next')]).toEqual([1, 1, 2, 3, 3])
	})
	test('ways back are lines that lead there; nothing goes round for ever', () => {
		expect(rows.find((r) => r.id === 'menu else')).toMatchObject({ node: 'menu', again: true })
		expect(rows.find((r) => r.id === 'sales next')).toMatchObject({ node: null })
	})
	test('what is closed hides what is below it', () => {
		expect(outlineOf(flow, new Set(['menu'])).map((r) => r.id)).toEqual(['@hello', 'hello next', '@lost'])
	})
	test('a target that does not exist leads nowhere', () => {
		expect(outlineOf(setExit(flow, 'hello', 'next', 'ghost'))[1]).toMatchObject({ id: 'hello next', node: null })
	})
})

describe('layout', () => {
	test('goes from left to right, and nothing lies on another thing', () => {
		const spots = layoutOf(flow)
		expect(spots.hello!.x).toBeLessThan(spots.menu!.x)
		expect(spots.menu!.x).toBeLessThan(spots.sales!.x)
		const all = Object.entries(spots)
		for (const [a, p] of all)
			for (const [b, q] of all)
				if (a < b && p.x === q.x) expect(Math.abs(p.y - q.y), `${a} ${b}`).toBeGreaterThanOrEqual(Math.min(heightOf(flow.nodes[a]!), heightOf(flow.nodes[b]!)))
	})
	test('large and looping flows are laid out', () => {
		const nodes: FlowDoc['nodes'] = {}
		for (let i = 0; i < 2000; i++) nodes[`n${i}`] = { do: 'menu', prompt: 'x', keys: { '1': `n${(i + 1) % 2000}`, '2': `n${(i * 7) % 2000}` } }
		expect(Object.keys(layoutOf({ start: 'n0', nodes }))).toHaveLength(2000)
	})
	test('what has no spot finds a free one beside who leads to it', () => {
		const spots = placesOf({ ...flow, layout: { hello: { x: 0, y: 0 }, menu: { x: 330, y: 0 }, sales: { x: 660, y: 0 }, sorry: { x: 990, y: 0 }, lost: { x: 0, y: 500 } } })
		expect(spots.hello).toEqual({ x: 0, y: 0 })
		expect(spots.bye!.x).toBe(660)
		expect(spots.bye!.y).toBeGreaterThan(0)
	})
})

describe('differences', () => {
	test('are told by node and field', () => {
		let next = setExit(flow, 'menu', 'keys.9', 'sorry')
		next = removeNode(next, 'lost')
		;[next] = insertNode(next, freshNode('say', stock))
		expect(diffOf(flow, next)).toEqual([
			{ what: 'changed', node: 'menu', kind: 'menu', fields: [{ field: 'keys.9', before: 'bye', after: 'sorry' }] },
			{ what: 'added', node: 'say', kind: 'say' },
			{ what: 'removed', node: 'lost', kind: 'hangup' },
		])
		expect(diffOf(flow, { ...flow, layout: { menu: { x: 1, y: 1 } } })).toEqual([])
		expect(diffOf(null, flow)).toHaveLength(6)
	})
})

describe('mistakes', () => {
	test.each([
		['$.nodes.menu.keys.1', 'menu', 'keys.1'],
		['$.nodes["a-b"].if[0].when', 'a-b', 'if.0.when'],
		['$.nodes.menu.keys["*"]', 'menu', 'keys.*'],
		['$.start', null, 'start'],
		['$', null, ''],
	])('%s', (path, node, field) => {
		expect(placeOf(path)).toEqual({ node, field })
	})
	test('nothing odd in a path hurts', () => {
		expect(pathParts('$["<b>\\"x"].y')).toEqual(['<b>\\"x', 'y'])
	})
	test('our own hints', () => {
		const own = problemsOf(setExit(flow, 'hello', 'next', undefined), []).map((p) => `${p.own} ${p.node}`)
		expect(own).toContain('dead_end hello')
		expect(own).toContain('unreached lost')
	})
})
