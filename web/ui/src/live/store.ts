/*
 * store.ts - the pages' one source of what is now: the World, the link, the phone's word; outside of
 * React, so that a thousand facts a second cost one render of what they touch.
 *
 * Facts that arrive together are folded together, at most once a frame (at once for those that concern me:
 * an offer may not wait). Components read by useLive(selector): they render when what they selected changed.
 */
import { useRef, useSyncExternalStore } from 'react'
import { tellSignedOut } from '../api/http'
import { applyAll } from './fold'
import { LiveSocket, type LinkState } from './socket'
import type { LiveEvent, Snapshot } from './types'
import { type World, worldOf } from './world'

export interface PhoneWord {
	state: 'none' | 'up' | 'lost' | 'elsewhere'
	[more: string]: unknown
}

export interface LiveState {
	link: LinkState
	world: World | null
	/** The server's clock minus ours, ms. */
	skewMs: number
	phone: PhoneWord
}

export type FactListener = (event: LiveEvent, after: World) => void

const FRAME_MS = 16
const CLOCK_SET_MS = 1_000

export class LiveStore {
	private state: LiveState = {
		link: { is: 'connecting', tries: 0 },
		world: null,
		skewMs: 0,
		phone: { state: 'none' },
	}
	private listeners = new Set<() => void>()
	private factListeners = new Set<FactListener>()
	private otherListeners = new Map<string, (body: unknown) => void>()
	private pending: LiveEvent[] = []
	private flushing: ReturnType<typeof setTimeout> | null = null
	private socket: LiveSocket | null = null
	private make: (() => LiveSocket) | null = null

	get = (): LiveState => this.state
	subscribe = (listener: () => void): (() => void) => {
		this.listeners.add(listener)
		return () => this.listeners.delete(listener)
	}
	/** Each fact once, in order, after it was folded; not those that a snapshot stands for. */
	onFact = (listener: FactListener): (() => void) => {
		this.factListeners.add(listener)
		return () => this.factListeners.delete(listener)
	}

	/** Messages that a page asks for and the fold does not need: {"board":…} goes to who listens to `board`. */
	onOther = (key: string, listener: (body: unknown) => void): (() => void) => {
		this.otherListeners.set(key, listener)
		return () => this.otherListeners.delete(key)
	}

	start(tenant?: string): () => void {
		const url = () => {
			const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
			const whose = tenant ? `?tenant=${encodeURIComponent(tenant)}` : ''
			return `${scheme}//${location.host}/api/v1/live${whose}`
		}
		this.make = () =>
			new LiveSocket(url, {
				onLink: (link) => this.onLink(link),
				onMessage: (message) => this.hear(message),
			})
		this.socket = this.make()
		const back = () => this.socket?.retryNow()
		const gone = () => this.socket?.reopen()
		addEventListener('online', back)
		addEventListener('offline', gone)
		this.socket.open()
		return () => {
			removeEventListener('online', back)
			removeEventListener('offline', gone)
			this.stop()
		}
	}
	stop(): void {
		this.socket?.close()
		this.socket = null
		if (this.flushing) clearTimeout(this.flushing)
		this.flushing = null
		this.pending = []
		this.set({ link: { is: 'connecting', tries: 0 }, world: null, phone: { state: 'none' } })
	}
	retryNow = (): void => this.socket?.retryNow()
	/** What should have come did not: the connection is dead, whatever the browser says. */
	silent = (): void => this.socket?.reopen('silent')
	/** The server's clock as of what just came: who was less delayed is nearer to the truth, and a second's delay is a clock
	    that was set meanwhile (were it a delay, the next message says so). */
	moment(at: string): void {
		const skewMs = Date.parse(at) - Date.now()
		const nearer = skewMs - this.state.skewMs
		if (nearer > 0 || nearer < -CLOCK_SET_MS) this.set({ skewMs })
	}
	/** Another session has taken the place of the one that ended; what is shown stays until its snapshot. */
	again(): void {
		if (!this.socket?.over || !this.make) return
		this.socket = this.make()
		this.socket.open()
	}

	/** A command: { do: 'hold', contact } … Rejects with a Problem. */
	send<T = unknown>(verb: string, body: Record<string, unknown> = {}): Promise<T> {
		if (!this.socket) return Promise.reject(new Error('live: not started'))
		return this.socket.ask({ do: verb, ...body }) as Promise<T>
	}

	/** What a message of the socket means; public for the tests. */
	hear(message: Record<string, unknown>): void {
		if ('snapshot' in message) {
			const snapshot = message.snapshot as Snapshot
			this.pending = []
			const skewMs = Date.parse(snapshot.at) - Date.now()
			this.set({ world: worldOf(snapshot), skewMs: Number.isFinite(skewMs) ? skewMs : 0 })
		} else if ('event' in message) {
			this.take(message as unknown as LiveEvent)
		} else if ('phone' in message) {
			this.set({ phone: message.phone as PhoneWord })
		} else if ('bye' in message) {
			const reason = (message.bye as Record<string, unknown>)?.reason
			if (reason === 'session_ended') tellSignedOut()
		} else for (const key in message) this.otherListeners.get(key)?.(message[key])
	}

	private take(event: LiveEvent): void {
		this.pending.push(event)
		const mine = 'agent' in event && event.agent === this.state.world?.me.user
		if (mine) this.flush()
		else this.flushing ??= setTimeout(() => this.flush(), FRAME_MS)
	}

	private flush(): void {
		if (this.flushing) clearTimeout(this.flushing)
		this.flushing = null
		const before = this.state.world
		const events = this.pending
		this.pending = []
		if (!before || !events.length) return
		const after = applyAll(before, events)
		this.set({ world: after })
		for (const event of events)
			if (event.seq > before.seq) for (const listener of this.factListeners) listener(event, after)
	}

	private onLink(link: LinkState): void {
		this.set({ link })
		if (link.is === 'ended') tellSignedOut()
	}

	private set(change: Partial<LiveState>): void {
		this.state = { ...this.state, ...change }
		for (const listener of this.listeners) listener()
	}
}

export const live = new LiveStore()

/** Arrays and plain objects of the same things are the same. */
export function sameThings(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true
	if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false
	const kind = Object.getPrototypeOf(a)
	if (kind !== Object.getPrototypeOf(b)) return false
	if (kind !== Object.prototype && kind !== Array.prototype) return false // a Map has no keys to compare
	const ka = Object.keys(a)
	if (ka.length !== Object.keys(b).length) return false
	return ka.every((k) =>
		Object.is((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]),
	)
}

/** What the selector takes out of what is now; renders again only when that changed. */
export function useLive<T>(select: (state: LiveState) => T): T {
	const last = useRef<{ state: LiveState; select: unknown; value: T } | null>(null)
	const read = () => {
		const state = live.get()
		const was = last.current
		if (was && was.state === state && was.select === select) return was.value
		const next = select(state)
		const value = was && sameThings(was.value, next) ? was.value : next
		last.current = { state, select, value }
		return value
	}
	return useSyncExternalStore(live.subscribe, read)
}
