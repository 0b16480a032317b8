import { expect, test } from 'vitest'
import type { Fact } from '../live/types'
import { stepsOf } from './lanes'

const called = { of: (_: string, id: string) => id, number: (n: string) => n, time: (ms: number) => `${ms}` }
const wrapEnd = (by: string) =>
	({ event: 'wrap_end', seq: 1, at: '2026-11-22T12:00:00Z', agent: 'anna', queue: 'q', outcome: '', note: '', by, wrap_ms: 1000 }) as unknown as Fact

test('who ended the wrap-up: himself, a supervisor, or nobody but time', () => {
	expect(stepsOf([wrapEnd('anna'), wrapEnd('olga'), wrapEnd('timer')], called).map((s) => s.from)).toEqual(['agent', 'supervisor', 'system'])
})
