import { expect, test } from 'vitest'
import type { Doc } from './schema'
import { numbersInto } from './special/ways'

test('numbers that lead into a queue, by whatever flows', () => {
	const flows: Doc[] = [
		{ id: 'main', nodes: { menu: { do: 'menu', keys: { '1': 'sales' } }, sales: { do: 'subflow', flow: 'sales' } } },
		{ id: 'sales', nodes: { wait: { do: 'queue', queue: 'sales' }, again: { do: 'subflow', flow: 'main' } } },
		{ id: 'other', nodes: { wait: { do: 'queue', queue: 'support' }, back: { do: 'callback', queue: 'sales' } } },
		{ id: 'empty' },
	]
	const numbers: Doc[] = [
		{ id: '+48221000001', flow: 'main' },
		{ id: '+48221000002', flow: 'sales' },
		{ id: '+48221000003', flow: 'other' },
		{ id: '700', flow: 'main', draft: true },
		{ id: '800' },
	]
	expect(numbersInto('sales', numbers, flows)).toEqual(['+48221000001', '+48221000002'])
	expect(numbersInto('support', numbers, flows)).toEqual(['+48221000003'])
	expect(numbersInto('nowhere', numbers, flows)).toEqual([])
})
