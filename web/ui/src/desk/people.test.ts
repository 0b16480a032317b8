import { expect, test } from 'vitest'
import type { Agent } from '../live/types'
import { findTargets } from './people'

const agent = (id: string, name: string, more: Partial<Agent> = {}): Agent => ({
	id,
	name,
	presence: 'ready',
	work: 'idle',
	since_at: '2026-01-01T00:00:00.000Z',
	phone: { kind: 'browser', ready: true },
	...more,
})
const agents = [
	agent('anna', 'Anna Nowak'),
	agent('bo', 'Bożena Żak', { work: 'talking' }),
	agent('cz', 'Czesław Łoś'),
	agent('de', 'Derek', { presence: 'signed_out' }),
	agent('ela', 'Ela', { presence: 'not_ready' }),
]
const queues = [{ id: 'sales', name: 'Sprzedaż' }]

test('the available first, without myself; queues after people', () => {
	const found = findTargets('', agents, queues, [{ queue: 'sales', count: 2, oldest: '' }], 'anna')
	expect(found.map((f) => f.id)).toEqual(['cz', 'bo', 'ela', 'de', 'sales'])
	expect(found.at(-1)).toMatchObject({ waiting: 2 })
})
test('found without Polish letters', () => {
	expect(findTargets('bozena z', agents, queues, [], 'anna').map((f) => f.id)).toEqual(['bo'])
	expect(findTargets('los', agents, queues, [], 'anna').map((f) => f.id)).toEqual(['cz'])
	expect(findTargets('sprzedaz', agents, queues, [], 'anna').map((f) => f.id)).toEqual(['sales'])
})
test('a number is what it is', () => {
	expect(findTargets('600 700 800', agents, queues, [], 'anna')).toEqual([
		{ kind: 'number', id: '600 700 800', name: '600 700 800' },
	])
})
