/*
 * socket.ts - the desk's WebSocket: opened again when it is lost (with jitter, within 5 s while somebody may be
 * calling), commands with their answers, everything else handed on. Knows nothing of what the messages mean.
 */
import { Problem } from '../api/http'

export type LinkState =
	| { is: 'connecting'; tries: number }
	| { is: 'up' }
	| { is: 'down'; why: LinkFault; retryAt: number; tries: number }
	| { is: 'ended'; why: string }
export type LinkFault = 'offline' | 'unreachable' | 'silent' | 'server_stopping'

export interface SocketHandlers {
	onLink(state: LinkState): void
	onMessage(message: Record<string, unknown>): void
}

export interface Clockwork {
	now(): number
	random(): number
	after(ms: number, f: () => void): () => void
	open(url: string): WebSocket
}

export const realClockwork: Clockwork = {
	now: () => Date.now(),
	random: () => Math.random(),
	after: (ms, f) => {
		const t = setTimeout(f, ms)
		return () => clearTimeout(t)
	},
	open: (url) => new WebSocket(url),
}

/** The session is over: no use in trying again (the server's close code). */
const CLOSE_SESSION_ENDED = 4401
const ANSWER_WITHIN_MS = 15_000
const OPEN_WITHIN_MS = 8_000

/** How long to wait before try n (0, 1, …): soon at first, never more than 5 s, never all desks at once. */
export function retryDelay(tries: number, dice: number): number {
	const most = Math.min(5_000, 400 * 2 ** tries)
	return Math.round(most * (0.3 + 0.7 * dice))
}

interface Waiting {
	resolve(value: unknown): void
	reject(problem: Problem): void
	cancel(): void
}

export class LiveSocket {
	private socket: WebSocket | null = null
	private tries = 0
	private lastId = 0
	private waiting = new Map<number, Waiting>()
	private stopTimer: () => void = () => {}
	private why: LinkFault = 'unreachable'
	private closed = false

	constructor(
		private readonly url: () => string,
		private readonly handlers: SocketHandlers,
		private readonly clock: Clockwork = realClockwork,
	) {}

	open(): void {
		if (this.closed || this.socket) return
		this.stopTimer()
		this.handlers.onLink({ is: 'connecting', tries: this.tries })
		const socket = this.clock.open(this.url())
		this.socket = socket
		this.stopTimer = this.clock.after(OPEN_WITHIN_MS, () => socket.close())
		socket.onmessage = (m) => this.hear(socket, m.data)
		socket.onclose = (e) => this.lost(socket, e.code)
		socket.onerror = () => {} // onclose follows
	}

	/** For good: signed out, or the page goes. */
	close(): void {
		this.closed = true
		this.stopTimer()
		const socket = this.socket
		this.socket = null
		socket?.close()
		this.failAll('closed')
	}

	/** The server has ended it, or we have: it does not try again. */
	get over(): boolean {
		return this.closed
	}

	/** Now rather than when its time comes: somebody pressed Retry, or the network is back. */
	retryNow(): void {
		if (this.closed || this.socket) return
		this.tries = 0
		this.open()
	}

	/** What is open may be dead without knowing it (a laptop that slept): start over. */
	reopen(why = this.why): void {
		const socket = this.socket
		if (!socket) return this.retryNow()
		this.why = why
		this.tries = 0
		socket.onclose = null
		socket.onmessage = null
		socket.close()
		this.lost(socket, 0)
	}

	/** A command; its answer, or the Problem. Never sent twice: when the link is lost, nobody knows. */
	ask(command: Record<string, unknown>): Promise<unknown> {
		const socket = this.socket
		if (!socket || socket.readyState !== 1)
			return Promise.reject(new Problem(0, 'unreachable', ''))
		const id = ++this.lastId
		return new Promise((resolve, reject) => {
			const cancel = this.clock.after(ANSWER_WITHIN_MS, () => {
				this.waiting.delete(id)
				reject(new Problem(0, 'no_answer', ''))
				if (socket !== this.socket) return
				this.reopen('silent') // half open: the network went while the server closed it
			})
			this.waiting.set(id, { resolve, reject, cancel })
			socket.send(JSON.stringify({ id, ...command }))
		})
	}

	private hear(socket: WebSocket, data: unknown): void {
		if (socket !== this.socket || typeof data !== 'string') return
		let message: Record<string, unknown>
		try {
			message = JSON.parse(data)
		} catch {
			return
		}
		const waiting = typeof message.id === 'number' && this.waiting.get(message.id)
		if (waiting && ('ok' in message || 'error' in message)) {
			this.waiting.delete(message.id as number)
			waiting.cancel()
			if ('error' in message) {
				const problem = message.error as Record<string, unknown>
				void Problem.of(Number(problem?.status) || 500, problem).then(waiting.reject)
			} else waiting.resolve(message.ok)
			return
		}
		if ('snapshot' in message) {
			this.stopTimer()
			this.tries = 0
			this.handlers.onMessage(message)
			this.handlers.onLink({ is: 'up' })
			return
		}
		if ('bye' in message) {
			const reason = (message.bye as Record<string, unknown>)?.reason
			if (reason === 'server_stopping') this.why = 'server_stopping'
		}
		this.handlers.onMessage(message)
	}

	private lost(socket: WebSocket, code: number): void {
		if (socket !== this.socket) return
		this.stopTimer()
		this.socket = null
		this.failAll('unreachable')
		if (this.closed) return
		if (code === CLOSE_SESSION_ENDED) {
			this.closed = true
			this.handlers.onLink({ is: 'ended', why: 'session_ended' })
			return
		}
		const offline = typeof navigator !== 'undefined' && navigator.onLine === false
		const why = offline ? 'offline' : this.why
		this.why = 'unreachable'
		const ms = retryDelay(this.tries++, this.clock.random())
		this.handlers.onLink({ is: 'down', why, retryAt: this.clock.now() + ms, tries: this.tries })
		this.stopTimer = this.clock.after(ms, () => this.open())
	}

	private failAll(title: string): void {
		for (const w of this.waiting.values()) {
			w.cancel()
			w.reject(new Problem(0, title, ''))
		}
		this.waiting.clear()
	}
}
