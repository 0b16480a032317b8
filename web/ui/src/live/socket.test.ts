import { expect, test } from 'vitest'
import { Problem } from '../api/http'
import { type Clockwork, type LinkState, LiveSocket, retryDelay } from './socket'

/** A WebSocket and a clock of which the test holds the strings. */
function bench() {
	const sockets: (WebSocket & { sent: string[] })[] = []
	const timers: { at: number; f: () => void }[] = []
	const links: LinkState[] = []
	const heard: Record<string, unknown>[] = []
	let now = 0
	const clock: Clockwork = {
		now: () => now,
		random: () => 0.5,
		after: (ms, f) => {
			const timer = { at: now + ms, f }
			timers.push(timer)
			return () => void timers.splice(timers.indexOf(timer) >>> 0, 1)
		},
		open: () => {
			const s = { readyState: 0, sent: [] as string[], send: (x: string) => s.sent.push(x), close: () => (s as any).onclose?.({ code: 1006 }) }
			sockets.push(s as never)
			return s as never
		},
	}
	const socket = new LiveSocket(() => 'ws://x', { onLink: (l) => links.push(l), onMessage: (m) => heard.push(m) }, clock)
	const pass = (ms: number) => {
		now += ms
		for (const t of [...timers]) if (t.at <= now) (timers.splice(timers.indexOf(t), 1), t.f())
	}
	const last = () => sockets.at(-1) as WebSocket & { sent: string[] }
	const up = () => {
		Object.assign(last(), { readyState: 1 })
		last().onmessage?.({ data: '{"snapshot":{"seq":1}}' } as MessageEvent)
	}
	return { socket, sockets, links, heard, pass, last, up }
}

test('lost and opened again within five seconds, however often', () => {
	const b = bench()
	b.socket.open()
	for (let i = 0; i < 12; i++) {
		b.last().onclose?.({ code: 1006 } as CloseEvent)
		const count = b.sockets.length
		b.pass(5_000)
		expect(b.sockets.length).toBe(count + 1)
	}
	for (const dice of [0, 0.5, 1]) for (let n = 0; n < 40; n++) expect(retryDelay(n, dice)).toBeLessThanOrEqual(5_000)
	expect(retryDelay(9, 0)).toBeLessThan(retryDelay(9, 1)) // never all desks at once
})
test('an ended session is not tried again', () => {
	const b = bench()
	b.socket.open()
	b.up()
	b.last().onclose?.({ code: 4401 } as CloseEvent)
	b.pass(60_000)
	expect([b.sockets.length, b.links.at(-1)?.is]).toEqual([1, 'ended'])
})
test('a command has its answer, its problem, or nobody knows', async () => {
	const b = bench()
	b.socket.open()
	b.up()
	const good = b.socket.ask({ do: 'hold' })
	const bad = b.socket.ask({ do: 'hold' })
	const lost = b.socket.ask({ do: 'hold' })
	expect(JSON.parse(b.last().sent[1] as string)).toEqual({ id: 2, do: 'hold' })
	b.last().onmessage?.({ data: '{"id":1,"ok":{"state":"held"}}' } as MessageEvent)
	b.last().onmessage?.({ data: '{"id":2,"error":{"status":409,"detail":"not now"}}' } as MessageEvent)
	expect(await good).toEqual({ state: 'held' })
	await expect(bad).rejects.toMatchObject({ status: 409, message: 'not now' })
	b.last().onclose?.({ code: 1006 } as CloseEvent)
	await expect(lost).rejects.toMatchObject({ status: 0 })
	await expect(b.socket.ask({ do: 'hold' })).rejects.toBeInstanceOf(Problem)
})
test('why it was lost is told', () => {
	const b = bench()
	b.socket.open()
	b.up()
	b.last().onmessage?.({ data: '{"bye":{"reason":"server_stopping"}}' } as MessageEvent)
	b.last().onclose?.({ code: 1001 } as CloseEvent)
	expect(b.links.at(-1)).toMatchObject({ is: 'down', why: 'server_stopping' })
})
test('what is no JSON is passed over', () => {
	const b = bench()
	b.socket.open()
	b.last().onmessage?.({ data: '{' } as MessageEvent)
	expect(b.heard).toEqual([])
})
