import { describe, expect, test } from 'vitest'
import { type Reading, judge, readingOf } from './quality'

const start: Reading = { atMs: 0, sent: 1000, received: 1000, lost: 0, uploadLost: 0, roundTripMs: 20, jitterMs: 2 }
const after = (change: Partial<Reading>): Reading => ({ ...start, atMs: 2000, sent: 1100, received: 1100, ...change })

describe('quality', () => {
	const table: [string, Partial<Reading>, string, number][] = [
		['all arrives', {}, 'good', 4],
		['one of a hundred is lost', { lost: 1, received: 1099 }, 'good', 3],
		['we lose five of a hundred', { uploadLost: 5 }, 'upload_loses', 2],
		['we lose every fifth', { uploadLost: 20 }, 'upload_loses', 1],
		['they lose four of a hundred', { lost: 4, received: 1096 }, 'download_loses', 2],
		['both lose, ours is worse', { uploadLost: 9, lost: 4, received: 1096 }, 'upload_loses', 2],
		['packets dance', { jitterMs: 70 }, 'uneven', 2],
		['our packets dance', { uploadJitterMs: 130 }, 'uneven', 1],
		['far away', { roundTripMs: 350 }, 'slow', 2],
		['a little far', { roundTripMs: 220 }, 'good', 3],
		['nothing comes at all', { received: 1000 }, 'silent', 0],
	]
	for (const [what, change, verdict, bars] of table)
		test(what, () => {
			const q = judge(start, after(change), true)
			expect([q.verdict, q.bars]).toEqual([verdict, bars])
		})

	test('silence between calls is no fault', () => {
		expect(judge(start, after({ received: 1000 }), false).verdict).toBe('good')
	})
	test('what was lost before counts no more', () => {
		const bad = { ...start, lost: 500, uploadLost: 500 }
		expect(judge(bad, { ...bad, atMs: 2000, sent: 1100, received: 1100 }, true).verdict).toBe('good')
	})
	test('packets found again (lost goes down) are no loss', () => {
		const bad = { ...start, lost: 5 }
		expect(judge(bad, after({ lost: 2, received: 1103 }), true).downloadLoss).toBe(0)
	})
	test('no time between: nothing is said', () => {
		expect(judge(start, start, true).verdict).toBe('unknown')
	})
	test('a report of getStats, in seconds there, in ms here', () => {
		const r = readingOf(
			[
				{ type: 'outbound-rtp', packetsSent: 50 },
				{ type: 'inbound-rtp', packetsReceived: 40, packetsLost: 2, jitter: 0.004 },
				{ type: 'remote-inbound-rtp', packetsLost: 1, jitter: 0.01, roundTripTime: 0.08 },
				{ type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
				{ type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.03 },
			],
			7,
		)
		expect(r).toEqual({
			atMs: 7, sent: 50, received: 40, lost: 2, jitterMs: 4, uploadLost: 1, uploadJitterMs: 10, roundTripMs: 30,
		})
	})
})
