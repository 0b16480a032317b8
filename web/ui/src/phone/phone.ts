/*
 * phone.ts - this browser as a telephone: one standing session with the server, made when the agent first becomes
 * ready and kept until he goes. Contacts are put through to it by the server; nothing is negotiated for a call.
 *
 *   off ──prepare()──▶ connecting ──▶ up        offers anew when the network changed, the page was reloaded, the
 *                         ▲            │        server forgot; the microphone is asked for once
 *                         └────────────┘
 *   blocked (no microphone), elsewhere (another tab, another browser) end it until somebody does something.
 *
 * What a page needs is here: usePhone(), useMute(), usePhoneLevel(), and `phone` with what can be done. A phone of
 * another kind (a SIP phone on the desk) is `none`: everything but mute is silent then.
 */
import { useCallback, useSyncExternalStore } from 'react'
import { Problem } from '../api/http'
import { live, useLive } from '../live/store'
import type { Contact } from '../live/types'
import { Connection, type Flow } from './connection'
import { type Device, Microphone, type MicrophoneFault, NoMicrophone, listDevices, microphonePermission } from './microphone'
import { type Quality, type Reading, UNKNOWN, judge, readingOf } from './quality'
import { Tabs } from './tabs'

export type PhoneState =
	| 'none' // the user's phone is no browser
	| 'off' // asked for when he becomes ready
	| 'connecting'
	| 'up'
	| 'elsewhere' // why: tab, desk
	| 'blocked' // why: a fault of the microphone, or refused

export type PhoneFault = MicrophoneFault | 'tab' | 'desk' | 'refused' | 'unreachable'

export interface PhoneView {
	state: PhoneState
	why?: PhoneFault
	/** What the server said when it refused. */
	detail?: string
	/** The microphone says nothing to anybody. */
	silent: boolean
	/** He speaks and nobody hears it. */
	speakingMuted: boolean
	quality: Quality
	microphones: Device[]
	speakers: Device[]
	chosen: Chosen
	/** This tab has the telephone. */
	owner: boolean
	/** The microphone was pulled out: what is used instead, and how often that happened. */
	unplugged?: { now: string; times: number }
	/** Elsewhere, in another tab: how it is there. */
	there?: PhoneState
	/** Somebody listened to himself here. */
	tested?: boolean
}

export interface Chosen {
	microphone: string
	speaker: string
	ringer: string
}

const NOTHING: PhoneView = {
	state: 'none',
	silent: false,
	speakingMuted: false,
	quality: UNKNOWN,
	microphones: [],
	speakers: [],
	chosen: { microphone: '', speaker: '', ringer: '' },
	owner: false,
}

const CHOSEN_KEY = 'centrala.phone.devices'
const WISH_KEY = 'centrala.phone.on'
const LEVEL_MS = 100
const STATS_MS = 2_000
/** A path that is gone may come back by itself (a change of access point); after this it is made anew. */
const PATIENCE_MS = 2_500
const UP_WITHIN_MS = 10_000
/** The server says when it has sound too; where it did so long ago it may not say it again. */
const WORD_WITHIN_MS = 1_500

export class PhoneRefused extends Error {
	constructor(readonly why: PhoneFault, detail = '') {
		super(detail || why)
	}
}

export class Phone {
	private view: PhoneView = NOTHING
	private listeners = new Set<() => void>()
	private levelListeners = new Set<() => void>()
	private level = 0

	private tabs: Tabs<PhoneView> | null = null
	private who = ''
	private user = ''
	private microphone: Microphone | null = null
	private connection: Connection | null = null
	private making = 0 // counts tries: what an older one says is passed over
	private tries = 0
	private timer: ReturnType<typeof setTimeout> | null = null
	private ticking: (() => void)[] = []
	private spoken = 0 // tenths of a second of speech while muted, of late
	private before: Reading | null = null
	private wanted = false
	private asked = false // to take over from another tab
	private wish = false // mute was pressed, and the server has not said so yet
	private serverMuted = false
	private serverReady = false
	private lastLink = ''
	private lastWord: unknown = null
	private word = '' // what the server last said of this session

	/** What the remote side says; an <audio> of PhoneHost plays it. */
	sound: MediaStream | null = null

	get = (): PhoneView => this.view
	getLevel = (): number => this.level
	subscribe = (listener: () => void): (() => void) => {
		this.listeners.add(listener)
		return () => this.listeners.delete(listener)
	}
	subscribeLevel = (listener: () => void): (() => void) => {
		this.levelListeners.add(listener)
		return () => this.levelListeners.delete(listener)
	}

	/** For a user whose phone is a browser; the function ends it. */
	start(tenant: string, user: string): () => void {
		this.who = `${tenant}/${user}`
		this.user = user
		this.set({ ...NOTHING, state: 'off', chosen: chosen() })
		if (!navigator.locks || !navigator.mediaDevices) {
			this.set({ state: 'blocked', why: 'insecure' })
			return () => this.set(NOTHING)
		}
		this.tabs = new Tabs<PhoneView>(`centrala.phone.${this.who}`, {
			onOwn: () => this.own(),
			onLost: () => this.drop({ state: 'elsewhere', why: 'tab', owner: false }),
			onMirror: (view) => this.mirror(view),
		})
		void this.tabs.taken().then((taken) => {
			if (taken && this.view.state === 'off') this.set({ state: 'elsewhere', why: 'tab' })
		})
		const devices = () => void this.devicesChanged()
		const network = () => this.networkChanged()
		const stopLive = live.subscribe(() => this.hearLive())
		const connection = (navigator as { connection?: EventTarget }).connection
		navigator.mediaDevices.addEventListener('devicechange', devices)
		addEventListener('online', network)
		connection?.addEventListener?.('change', network)
		this.lastLink = live.get().link.is
		this.lastWord = live.get().phone
		this.hearLive()
		void this.devicesChanged()
		return () => {
			stopLive()
			navigator.mediaDevices.removeEventListener('devicechange', devices)
			removeEventListener('online', network)
			connection?.removeEventListener?.('change', network)
			this.tabs?.close()
			this.tabs = null
			this.wanted = false
			this.drop({ ...NOTHING })
		}
	}

	/**
	 * Before `ready`: the microphone (asked for now, for somebody clicked), the session. Resolves when the phone is up,
	 * here or in another tab, or when there is nothing to do; rejects with PhoneRefused.
	 */
	async prepare(): Promise<void> {
		askForNotifications()
		const { state, why, there } = this.view
		if (state === 'none' || state === 'up') return
		if (!this.tabs) throw new PhoneRefused('insecure')
		if (state === 'elsewhere') {
			if (why === 'desk') throw new PhoneRefused('desk')
			if (there === 'up') return
			this.takeOver() // that tab has it and does not use it; this one was clicked in
		} else if (state !== 'connecting') {
			this.tries = 0
			void this.open()
		}
		await this.whenUp()
	}

	/** A key into the talk; false: this phone cannot. */
	dial(key: string): boolean {
		return this.connection?.dial(key) ?? false
	}

	/** Here, not in that other tab or browser. */
	takeOver(): void {
		localStorage.setItem(WISH_KEY, this.who)
		this.tries = 0
		if (this.tabs?.owner) void this.open()
		else {
			this.asked = true
			this.set({ state: 'connecting', why: undefined })
			this.tabs?.take()
		}
	}

	retry(): void {
		if (!this.tabs?.owner) return this.takeOver()
		this.tries = 0
		void this.open()
	}

	async choose(kind: keyof Chosen, id: string): Promise<void> {
		const next = { ...this.view.chosen, [kind]: id }
		localStorage.setItem(CHOSEN_KEY, JSON.stringify(next))
		this.set({ chosen: next })
		if (kind === 'microphone' && this.microphone) await this.changeMicrophone()
	}

	/** A microphone for a test where there is no session yet; asks for it when it must. */
	async listen(): Promise<MediaStream> {
		if (!this.microphone) {
			await this.openMicrophone()
			if (!this.ticking.length) this.tick()
		}
		this.set({ tested: true })
		return new MediaStream([(this.microphone as unknown as Microphone).track.clone()])
	}

	/**
	 * Mute is one truth: what the server says of this contact (useMute), or, until it has said so, that it was
	 * pressed. Muting takes effect here before it is asked for; unmuting after it was granted.
	 */
	async mute(contact: string, on: boolean): Promise<void> {
		if (on) {
			this.wish = true
			this.applyMute()
			await live.send('mute', { contact }).catch((p: Problem) => {
				if (p.status !== 409) throw p // 409: he is muted already
			})
			return
		}
		await live.send('unmute', { contact }).catch((p: Problem) => {
			if (p.status !== 409) throw p
		})
		this.wish = false
		this.applyMute()
	}

	get wishesMute(): boolean {
		return this.wish
	}

	// -- which tab --

	private own(): void {
		this.set({ owner: true, state: 'off', why: undefined, there: undefined })
		if (this.asked) void this.open()
		else void this.goOn()
		this.asked = false
	}

	/**
	 * After a reload, or when the tab that had it is gone: without a click if nobody has to be asked. Who is in a
	 * call, listens to one or takes contacts is asked all the same (Firefox remembers a microphone only for those who tick that).
	 */
	private async goOn(): Promise<void> {
		const idle = () => this.view.state === 'off' && !this.wanted && !!this.tabs?.owner
		const { world } = live.get()
		const me = world?.agents.get(this.user)
		const watches = watching(world?.contacts.values() ?? [], this.user) // he is in somebody's talk, whatever his presence
		if (!idle() || !(watches || (me && me.presence !== 'signed_out'))) return
		if (localStorage.getItem(WISH_KEY) !== this.who) return
		const needed = watches || me?.presence === 'ready' || me?.work !== 'idle'
		const permission = await microphonePermission()
		if ((permission === 'granted' || (permission === 'prompt' && needed)) && idle()) void this.open()
	}

	private mirror(view: PhoneView): void {
		if (this.tabs?.owner) return
		if (this.asked) return
		const { chosen } = this.view
		this.set({ ...view, owner: false, state: 'elsewhere', why: 'tab', chosen, there: view.state })
	}

	// -- the session --

	private async open(): Promise<void> {
		// this browser had it last: whatever the server still holds for it is ours (a page that was killed)
		const take = localStorage.getItem(WISH_KEY) === this.who
		this.wanted = true
		localStorage.setItem(WISH_KEY, this.who)
		this.set({ state: 'connecting', why: undefined, detail: undefined })
		try {
			if (!this.microphone) await this.openMicrophone()
		} catch (error) {
			this.wanted = false
			this.set({ state: 'blocked', why: error instanceof NoMicrophone ? error.why : 'missing' })
			return
		}
		if (!this.ticking.length) this.tick()
		await this.connect(take)
	}

	private async openMicrophone(): Promise<void> {
		const microphone = await Microphone.open(this.view.chosen.microphone)
		this.microphone?.close()
		this.microphone = microphone
		microphone.track.onended = () => void this.pulledOut()
		this.applyMute()
		void this.devicesChanged() // their names are told from now on
	}

	private async changeMicrophone(): Promise<void> {
		try {
			await this.openMicrophone()
			await this.connection?.replace((this.microphone as Microphone).track)
			if (this.view.state === 'blocked') {
				if (this.connection) this.settle()
				else void this.open()
			}
		} catch (error) {
			this.microphone?.close()
			this.microphone = null
			await this.connection?.replace(null).catch(() => {})
			this.set({ state: 'blocked', why: error instanceof NoMicrophone ? error.why : 'missing' })
		}
	}

	private async pulledOut(): Promise<void> {
		await this.changeMicrophone()
		if (this.microphone) this.set({ unplugged: { now: this.microphone.track.label, times: (this.view.unplugged?.times ?? 0) + 1 } })
	}

	private async connect(take: boolean): Promise<void> {
		const { microphone } = this
		if (!microphone || !this.wanted) return
		if (live.get().link.is !== 'up') return // hearLive comes back here
		this.clearTimer()
		const turn = ++this.making
		const connection = new Connection(microphone.track, microphone.stream, {
			flow: (flow) => connection === this.connection && this.flows(flow),
			sound: (stream) => {
				this.sound = stream
				this.tell()
			},
		})
		this.set({ state: 'connecting' })
		try {
			const offer = await connection.offer()
			const { answer, session } = await live.send<{ answer: string; session: string }>('phone', {
				offer,
				...(take && { take: true }),
			})
			if (turn !== this.making) return connection.close()
			await connection.answer(answer)
			connection.session = session
			this.word = ''
			this.connection?.close()
			this.connection = connection
			this.before = null
			this.flows(connection.flow)
		} catch (error) {
			connection.close()
			if (turn === this.making) this.refused(error)
		}
	}

	private refused(error: unknown): void {
		const p = error instanceof Problem ? error : new Problem(500, '', String(error))
		if (p.status === 409 && /another|elsewhere/i.test(p.detail)) {
			this.toOther()
		} else if (p.status === 0 || p.status === 503 || p.status === 404 || p.status === 429) {
			this.later() // the link, or a server that starts
		} else {
			this.wanted = false
			this.set({ state: 'blocked', why: 'refused', detail: p.message })
		}
	}

	/** Another browser of the same user has it. */
	private toOther(): void {
		this.wanted = false
		localStorage.removeItem(WISH_KEY)
		this.drop({ state: 'elsewhere', why: 'desk' })
	}

	private flows(flow: Flow): void {
		if (flow === 'connected') {
			this.clearTimer()
			this.tries = 0
			if (this.word === 'up') this.settle()
			else this.timer = setTimeout(() => this.settle(), WORD_WITHIN_MS)
			return
		}
		if (this.view.state === 'up') this.set({ state: 'connecting' })
		if (flow === 'failed') this.later()
		else this.timer ??= setTimeout(() => this.again(), flow === 'connecting' ? UP_WITHIN_MS : PATIENCE_MS)
	}

	/** A new session, some time from now: soon at first. */
	private later(): void {
		this.clearTimer()
		const ms = Math.min(5_000, 250 * 2 ** this.tries++) * (0.7 + 0.6 * Math.random())
		this.timer = setTimeout(() => this.again(), ms)
	}
	private again(): void {
		this.timer = null
		if (this.wanted) void this.connect(false)
	}
	private clearTimer(): void {
		if (this.timer) clearTimeout(this.timer)
		this.timer = null
	}

	private settle(): void {
		this.clearTimer()
		const flows = this.connection?.flow === 'connected'
		this.set({ state: flows ? 'up' : 'connecting', why: undefined, detail: undefined })
	}

	/** Ends what there is of a session here; what is said of it instead. */
	private drop(change: Partial<PhoneView>): void {
		this.making++
		this.clearTimer()
		for (const stop of this.ticking.splice(0)) stop()
		this.connection?.close()
		this.connection = null
		this.microphone?.close()
		this.microphone = null
		this.sound = null
		this.wish = false
		this.set({ quality: UNKNOWN, speakingMuted: false, silent: false, ...change })
	}

	private async whenUp(): Promise<void> {
		const done = () => this.view.state !== 'connecting' && this.view.state !== 'off'
		if (!done())
			await new Promise<void>((resolve) => {
				const end = () => {
					clearTimeout(limit)
					stop()
					resolve()
				}
				const limit = setTimeout(end, UP_WITHIN_MS)
				const stop = this.subscribe(() => done() && end())
			})
		const { state, why, detail } = this.view
		if (state === 'up' || (state === 'elsewhere' && why === 'tab')) return
		throw new PhoneRefused(why ?? 'unreachable', detail)
	}

	// -- what changes around us --

	private hearLive(): void {
		const { link, phone, world } = live.get()
		if (link.is !== this.lastLink) {
			this.lastLink = link.is
			if (link.is === 'up') void this.linkBack()
		}
		if (phone !== this.lastWord) {
			this.lastWord = phone
			if (this.tabs?.owner && this.wanted) this.hearWord(phone.state)
		}
		const ready = world?.agents.get(this.user)?.phone?.ready === true
		if (ready && !this.serverReady && this.wanted) this.hearWord('up')
		this.serverReady = ready
		if (this.view.state === 'off') void this.goOn()
		const muted = mutedIn(world?.contacts.values() ?? [], this.user)
		if (muted !== this.serverMuted) {
			this.serverMuted = muted
			this.wish = false // the server has spoken
			this.applyMute()
		}
	}

	/** The desk's link is back: the same session goes on if both sides still have it. */
	private async linkBack(): Promise<void> {
		if (!this.wanted || !this.tabs?.owner) return
		const { connection } = this
		if (!connection?.session || connection.flow === 'failed') {
			void this.connect(false)
			return
		}
		try {
			await live.send('phone', { session: connection.session })
			if (connection === this.connection) this.flows(connection.flow)
		} catch (error) {
			if (connection !== this.connection) return
			const p = error instanceof Problem ? error : null
			if (p?.status === 404) void this.connect(false)
			else this.refused(error)
		}
	}

	private hearWord(state: string): void {
		this.word = state
		if (state === 'elsewhere') {
			this.toOther()
		} else if (state === 'lost') void this.connect(false)
		else if (state === 'up' && this.connection?.flow === 'connected') this.flows('connected')
		else if (state === 'connecting' && this.connection?.flow === 'connected') this.flows('disconnected')
	}

	private networkChanged(): void {
		if (this.connection && this.wanted) this.timer ??= setTimeout(() => this.check(), 500)
	}
	private check(): void {
		this.timer = null
		if (this.connection?.flow !== 'connected') this.again()
	}

	private async devicesChanged(): Promise<void> {
		const devices = await listDevices()
		if (!this.tabs) return
		const { microphones, speakers } = this.view
		if (JSON.stringify(devices) !== JSON.stringify({ microphones, speakers })) this.set(devices)
		const { microphone } = this
		// some systems hand the track to another device without a word: it lives, but is not what was chosen
		const known = !microphone?.id || devices.microphones.some((d) => d.id === microphone.id)
		if (this.wanted && microphone && (microphone.track.readyState === 'ended' || !known)) await this.pulledOut()
		else if (this.wanted && this.view.state === 'blocked' && this.view.why === 'missing') await this.changeMicrophone()
	}

	// -- ten times a second --

	private tick(): void {
		const level = setInterval(() => this.meter(), LEVEL_MS)
		const stats = setInterval(() => {
			void this.measure()
			void this.devicesChanged() // not every system tells when one comes or goes
		}, STATS_MS)
		this.ticking = [() => clearInterval(level), () => clearInterval(stats)]
	}

	private meter(): void {
		const { level, speech } = this.microphone?.level() ?? { level: 0, speech: false }
		this.level = level
		for (const listener of this.levelListeners) listener()
		const silent = this.view.silent
		// half a second of speech within the last two; then said for as long as he goes on, and two seconds more
		this.spoken = silent ? Math.min(25, Math.max(0, this.spoken + (speech ? 2 : -1))) : 0
		const speaking = this.view.speakingMuted ? this.spoken > 0 : this.spoken >= 10
		if (speaking !== this.view.speakingMuted) {
			if (speaking) this.spoken = 25
			this.set({ speakingMuted: speaking })
		}
	}

	private async measure(): Promise<void> {
		const { connection } = this
		if (!connection || this.view.state !== 'up') return
		const now = readingOf(await connection.stats().catch(() => []), Date.now())
		if (connection !== this.connection) return
		const talking = inTalk(live.get().world?.contacts.values() ?? [], this.user)
		if (this.before) this.set({ quality: judge(this.before, now, talking) })
		this.before = now
	}

	private applyMute(): void {
		const silent = this.wish || this.serverMuted
		if (this.microphone) this.microphone.track.enabled = !silent
		this.set({ silent })
	}

	// -- telling --

	private set(change: Partial<PhoneView>): void {
		this.view = { ...this.view, ...change }
		if (this.tabs?.owner) this.view.owner = true
		this.tell()
	}
	private tell(): void {
		this.tabs?.tell(this.view)
		for (const listener of this.listeners) listener()
	}
}

function chosen(): Chosen {
	try {
		return { ...NOTHING.chosen, ...JSON.parse(localStorage.getItem(CHOSEN_KEY) ?? '{}') }
	} catch {
		return NOTHING.chosen
	}
}

/** Only ever after a click, never on load. */
function askForNotifications(): void {
	if (typeof Notification !== 'undefined' && Notification.permission === 'default')
		void Notification.requestPermission().catch(() => {})
}

function partyOf(contact: Contact, user: string): { state: string; muted?: boolean } | undefined {
	return contact.parties?.filter((p) => p.kind === 'agent' && p.id === user).at(-1)
}

function mutedIn(contacts: Iterable<Contact>, user: string): boolean {
	for (const contact of contacts) if (partyOf(contact, user)?.muted) return true
	return false
}
function inTalk(contacts: Iterable<Contact>, user: string): boolean {
	for (const contact of contacts) if (partyOf(contact, user)?.state === 'talking') return true
	return false
}
function watching(contacts: Iterable<Contact>, user: string): boolean {
	for (const contact of contacts) if (contact.parties?.some((p) => p.kind === 'supervisor' && p.id === user)) return true
	return false
}

export const phone = new Phone()

export const usePhone = (): PhoneView => useSyncExternalStore(phone.subscribe, phone.get)
/** 0 silence … 1 loud; ten times a second. */
export const usePhoneLevel = (): number => useSyncExternalStore(phone.subscribeLevel, phone.getLevel)

/** My mute on a contact, for phones of every kind. `set` rejects with the Problem. */
export function useMute(contact: Contact | undefined): { muted: boolean; set: (on: boolean) => Promise<void> } {
	const me = useLive((s) => s.world?.me.user ?? '')
	const { silent } = usePhone()
	const id = contact?.id ?? ''
	const said = !!contact && !!partyOf(contact, me)?.muted
	const set = useCallback((on: boolean) => phone.mute(id, on), [id])
	return { muted: said || (!!contact && silent), set }
}
