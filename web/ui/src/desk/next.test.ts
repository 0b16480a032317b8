import { expect, test } from 'vitest'
import type { Schema } from '../api/http'
import { nextWork } from './next'

const record = (id: string, minute: number, more: object): Schema['Contact'] =>
	({
		id,
		direction: 'inbound',
		state: 'ended',
		from: '+48600000001',
		to: '+48221000000',
		agent: 'anna',
		queue: 'sales',
		arrived_at: `2026-01-01T10:${String(minute).padStart(2, '0')}:00.000Z`,
		ended_at: `2026-01-01T10:${String(minute + 1).padStart(2, '0')}:00.000Z`,
		talk_ms: 0,
		segments: [],
		...more,
	}) as unknown as Schema['Contact']
const gaveUp = { segments: [{ kind: 'queue', result: 'abandoned' }] }
const spoken = { talk_ms: 9000, segments: [{ kind: 'agent', result: 'completed' }] }
const kinds = (items: ReturnType<typeof nextWork>) => items.map((i) => `${i.kind} ${i.contact}`)

test('callbacks first, then who gave up, then whom I did not reach', () => {
	const own = [record('out', 5, { direction: 'outbound', to: '+48600000003', from: '+48221000000' })]
	const others = [
		record('lost', 4, { from: '+48600000002', ...gaveUp }),
		record('back', 3, { from: '+48600000004', segments: [{ kind: 'queue', result: 'callback' }] }),
	]
	expect(kinds(nextWork(own, others, [], 'anna'))).toEqual(['callback back', 'abandoned lost', 'not_reached out', 'recent out'])
})
test('who was spoken with since is done; who called twice stands there once', () => {
	const others = [record('lost', 1, gaveUp), record('again', 2, gaveUp)]
	expect(kinds(nextWork([], others, [], 'anna'))).toEqual(['abandoned again'])
	expect(kinds(nextWork([record('talk', 3, spoken)], others, [], 'anna'))).toEqual(['recent talk'])
})
test('nobody can be called back whose number is withheld', () => {
	expect(kinds(nextWork([], [record('lost', 1, { from: 'anonymous', ...gaveUp })], [], 'anna'))).toEqual([])
})
test('what I wanted to come back to is first, and stands there once', () => {
	const due = [record('mine', 1, { ...spoken, follow_up: { at: '2026-11-22T09:00:00.000Z', agent: 'anna' } })]
	expect(kinds(nextWork([], [record('lost', 2, gaveUp)], due, 'anna'))).toEqual(['follow_up mine'])
})
