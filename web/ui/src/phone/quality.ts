/*
 * quality.ts - what getStats() says of the network, as one word that has a plain sentence. Pure.
 *
 * Two readings some seconds apart are compared; shares are of that time alone. Bounds: speech suffers audibly from
 * some 3 % lost packets (Opus hides less than that), from 60 ms of jitter (the buffer grows), and people begin to
 * talk into each other's words from some 300 ms there and back (ITU-T G.114: 150 ms one way).
 */
export type Verdict = 'unknown' | 'good' | 'upload_loses' | 'download_loses' | 'uneven' | 'slow' | 'silent'

export interface Reading {
	atMs: number
	sent: number
	received: number
	lost: number
	/** What the server says of our packets (RTCP); absent until it said something. */
	uploadLost?: number
	uploadJitterMs?: number
	roundTripMs?: number
	jitterMs?: number
}

export interface Quality {
	verdict: Verdict
	/** 0 none … 4 best, for the bars. */
	bars: 0 | 1 | 2 | 3 | 4
	uploadLoss: number
	downloadLoss: number
	roundTripMs?: number
	jitterMs?: number
}

export const UNKNOWN: Quality = { verdict: 'unknown', bars: 0, uploadLoss: 0, downloadLoss: 0 }

/** What we need of a report of getStats(). */
export function readingOf(report: Iterable<Record<string, unknown>>, atMs: number): Reading {
	const r: Reading = { atMs, sent: 0, received: 0, lost: 0 }
	const number = (x: unknown) => (typeof x === 'number' && Number.isFinite(x) ? x : undefined)
	const ms = (x: unknown) => {
		const s = number(x)
		return s === undefined ? undefined : s * 1000
	}
	for (const s of report) {
		if (s.type === 'outbound-rtp') r.sent += number(s.packetsSent) ?? 0
		else if (s.type === 'inbound-rtp') {
			r.received += number(s.packetsReceived) ?? 0
			r.lost += number(s.packetsLost) ?? 0
			r.jitterMs = ms(s.jitter)
		} else if (s.type === 'remote-inbound-rtp') {
			r.uploadLost = (r.uploadLost ?? 0) + (number(s.packetsLost) ?? 0)
			r.uploadJitterMs = ms(s.jitter)
			r.roundTripMs ??= ms(s.roundTripTime)
		} else if (s.type === 'candidate-pair' && s.nominated === true)
			r.roundTripMs = ms(s.currentRoundTripTime) ?? r.roundTripMs
	}
	return r
}

const share = (lost: number, all: number) => (all > 0 ? Math.min(1, Math.max(0, lost) / all) : 0)

/** before: some seconds ago; talking: sound is due from the server. */
export function judge(before: Reading, now: Reading, talking: boolean): Quality {
	const seconds = (now.atMs - before.atMs) / 1000
	if (seconds <= 0) return UNKNOWN
	const sent = now.sent - before.sent
	const received = now.received - before.received
	const lost = now.lost - before.lost
	const uploadLoss =
		now.uploadLost === undefined ? 0 : share(now.uploadLost - (before.uploadLost ?? 0), sent)
	const downloadLoss = share(lost, lost + received)
	const jitterMs = Math.max(now.jitterMs ?? 0, now.uploadJitterMs ?? 0)
	const roundTripMs = now.roundTripMs
	const figures = { uploadLoss, downloadLoss, roundTripMs, jitterMs }

	// a packet each 20 ms is due; nothing at all for the whole time is no loss but a hole
	if (talking && received === 0 && seconds >= 2) return { verdict: 'silent', bars: 0, ...figures }
	const worst = Math.max(uploadLoss, downloadLoss)
	if (worst >= 0.03)
		return {
			verdict: uploadLoss >= downloadLoss ? 'upload_loses' : 'download_loses',
			bars: worst >= 0.1 ? 1 : 2,
			...figures,
		}
	if (jitterMs >= 60) return { verdict: 'uneven', bars: jitterMs >= 120 ? 1 : 2, ...figures }
	if ((roundTripMs ?? 0) >= 300) return { verdict: 'slow', bars: 2, ...figures }
	const fair = worst >= 0.01 || jitterMs >= 30 || (roundTripMs ?? 0) >= 200
	return { verdict: 'good', bars: fair ? 3 : 4, ...figures }
}
