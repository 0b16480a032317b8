import { expect, test } from 'vitest'
import type { Fact } from '../live/types'
import { afterSilence, marksOf, mosWord, silences } from './sound'

const seconds = (...loud: number[]) => loud.flatMap((x) => Array<number>(20).fill(x))

test('silence is where neither side speaks, with a breath left at both ends', () => {
	const peaks = { perSecond: 20, sides: [seconds(0.5, 0, 0, 0, 0.5), seconds(0, 0, 0.4, 0, 0)] }
	expect(silences(peaks)).toEqual([]) // a second each: breathing
	const long = { perSecond: 20, sides: [seconds(0.5, 0, 0, 0, 0.5, 0, 0), seconds(0, 0, 0, 0, 0, 0, 0)] }
	expect(silences(long)).toEqual([{ from: 1.25, to: 3.75 }, { from: 5.25, to: 6.75 }])
	expect(afterSilence(silences(long), 2)).toBe(3.75)
	expect(afterSilence(silences(long), 4)).toBeNull()
	expect(afterSilence(silences(long), 3.74)).toBeNull() // there already
	expect(silences({ perSecond: 20, sides: [] })).toEqual([])
})

const fact = (event: string, s: number) => ({ event, at: new Date(1_000_000 + s * 1000).toISOString(), seq: s }) as unknown as Fact

test('marks are placed in the recording, not in the call', () => {
	const facts = [fact('hold_on', 5), fact('hold_off', 8), fact('record_pause', 12), fact('transfer', 19)]
	expect(marksOf(facts, new Date(1_003_000).toISOString(), 10_000)).toEqual([
		{ kind: 'hold', at: 2, to: 5 },
		{ kind: 'pause', at: 9, to: 10 }, // never resumed
	])
	expect(marksOf(facts, new Date(1_006_000).toISOString(), 14_000)).toEqual([
		{ kind: 'hold', at: 0, to: 2 }, // began before
		{ kind: 'pause', at: 6, to: 14 },
		{ kind: 'transfer', at: 13 },
	])
	expect(marksOf(facts, new Date(1_100_000).toISOString(), 5_000)).toEqual([{ kind: 'pause', at: 0, to: 5 }])
})

test('scores in words', () => {
	expect([4.38, 3.9, 3.3, 2.6, 1.2, null].map(mosWord)).toEqual(['excellent', 'good', 'fair', 'poor', 'bad', 'unknown'])
})
