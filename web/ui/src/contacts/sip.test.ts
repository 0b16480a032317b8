import { expect, test } from 'vitest'
import type { SipTrace } from './api'
import { SERVER, asText, lanesOf, stepsOfSip } from './sip'

const leg = (party: string, agent: string | null = null) => ({ call_id: party, party, agent, number: null })
const item = (ms: number, leg: number, way: string, start: string, more: object = {}) => {
	const status = Number(/^SIP\/2.0 (\d+)/.exec(start)?.[1]) || null
	return {
		at: new Date(Date.UTC(2026, 10, 22, 12, 0, 0, ms)).toISOString(), leg, way, peer: '192.0.2.1:5060', method: status ? null : start.split(' ')[0], status,
		reason: status ? start.split(' ').slice(2).join(' ') : null, cseq: '1 INVITE', text: `${start}\r\nCSeq: 1 INVITE\r\n\r\n`, cut: false, ...more,
	}
}
const trace = {
	kept: 'all', since: null, more: false, next: null,
	legs: [leg('customer'), leg('agent', 'anna'), leg('agent', 'eva'), leg('supervisor', 'olga')],
	items: [
		item(0, 0, 'in', 'INVITE sip:1@x SIP/2.0'), item(5, 0, 'out', 'SIP/2.0 200 OK'), item(40, 1, 'out', 'INVITE sip:anna@y SIP/2.0'),
		item(90, 1, 'in', 'SIP/2.0 486 Busy Here'), item(95, 2, 'in', 'INVITE sip:*81@x SIP/2.0'), item(96, 2, 'out', 'SIP/2.0 401 Unauthorized'),
	],
} as unknown as SipTrace

test('who came to us is left of the server, whom we called right; who said nothing has no lane', () => {
	expect(lanesOf(trace)).toEqual([0, 2, SERVER, 1])
})

test('each message goes from one to the other, after its time, with its name; a refusal is bad, a challenge is not', () => {
	expect(stepsOfSip(trace).map((s) => [s.from, s.to, s.after, s.said, s.more, s.bad])).toEqual([
		[0, SERVER, 0, 'INVITE', 'sip:1@x', false],
		[SERVER, 0, 5, '200 OK', 'INVITE', false],
		[SERVER, 1, 40, 'INVITE', 'sip:anna@y', false],
		[1, SERVER, 90, '486 Busy Here', 'INVITE', true],
		[2, SERVER, 95, 'INVITE', 'sip:*81@x', false],
		[SERVER, 2, 96, '401 Unauthorized', 'INVITE', false],
	])
})

test('copied, a message stands under when and with whom', () => {
	expect(asText(trace).split('\n').slice(0, 4)).toEqual(['2026-11-22T12:00:00.000Z <-- 192.0.2.1:5060', 'INVITE sip:1@x SIP/2.0', 'CSeq: 1 INVITE', ''])
	expect(asText({ ...trace, items: [] })).toBe('')
})

test('of nothing comes nothing', () => {
	expect(stepsOfSip({ ...trace, items: [], legs: [] })).toEqual([])
	expect(lanesOf({ ...trace, items: [], legs: [] })).toEqual([SERVER])
})
