/*
 * tabs.ts - of all tabs of one user in one browser, one has the telephone; the others mirror what it says.
 *
 * A Web Lock is who has it: it is given back with the tab, however that ends, and then the next one has it. "Take
 * over here" steals it, and the tab that had it is told. A BroadcastChannel carries what the others show.
 */
export interface TabsHandlers<T> {
	/** This tab has the telephone from now on. */
	onOwn(): void
	/** Another one took it. */
	onLost(): void
	/** What the tab says that has it. */
	onMirror(view: T): void
}

export class Tabs<T> {
	private channel: BroadcastChannel
	private giveBack: (() => void) | null = null
	private waiting = new AbortController()
	private last: T | null = null
	owner = false

	constructor(
		private readonly name: string,
		private readonly on: TabsHandlers<T>,
	) {
		this.channel = new BroadcastChannel(name)
		this.channel.onmessage = (e: MessageEvent<{ ask?: true; view?: T }>) => {
			if (e.data.ask && this.owner && this.last) this.channel.postMessage({ view: this.last })
			else if (e.data.view && !this.owner) this.on.onMirror(e.data.view)
		}
		this.request({ signal: this.waiting.signal })
		this.channel.postMessage({ ask: true })
	}

	/** Has another tab of this browser got it? */
	async taken(): Promise<boolean> {
		const now = await navigator.locks.query()
		return !this.owner && !!now.held?.some((lock) => lock.name === this.name)
	}

	take(): void {
		if (this.owner) return
		this.waiting.abort()
		this.waiting = new AbortController()
		this.request({ steal: true })
	}

	tell(view: T): void {
		if (!this.owner) return
		this.last = view
		this.channel.postMessage({ view })
	}

	close(): void {
		this.waiting.abort()
		this.owner = false
		this.giveBack?.()
		this.giveBack = null
		this.channel.onmessage = null
		this.channel.close()
	}

	private request(options: LockOptions): void {
		const waiting = this.waiting
		navigator.locks
			.request(this.name, options, () => {
				if (waiting.signal.aborted) return undefined
				this.owner = true
				this.on.onOwn()
				return new Promise<void>((resolve) => (this.giveBack = resolve))
			})
			.catch(() => {
				if (waiting.signal.aborted || !this.owner) return
				this.owner = false // stolen: stand in the line again, for when that tab closes
				this.giveBack = null
				this.on.onLost()
				this.request({ signal: waiting.signal })
			})
	}
}
