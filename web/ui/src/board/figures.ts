/*
 * figures.ts - the figures that the server reckons and pushes each second (`{"do":"board"}`): a row a queue, and one of
 * all together under the name ''. Asked for while a board is open, anew after each reconnection; outside of React as
 * the live store is. They are shown at the beat, with all else. What did not come is not there: the page shows a dash.
 * A message comes each second, whether anything changed or not: so the page knows when what it shows is old, and says so.
 */
import { useEffect, useSyncExternalStore } from 'react'
import { live } from '../live/store'
import { useTick } from '../parts/Clock'
import { onBeat } from '../parts/beat'

/** As rows of `reports/queues` have them; null where there are no data. */
export interface Figures {
	offered?: number
	answered?: number
	abandoned?: number
	sl?: number | null
	sl_variant?: string
	threshold_ms?: number
	asa_ms?: number | null
	aht_ms?: number | null
	abandon_rate?: number | null
	wait_max_ms?: number | null
	[more: string]: unknown
}
export interface SparkPoint {
	at: string
	offered: number
	sl: number | null
	abandoned: number
}
export interface Staffed {
	ready: number
	talking: number
	wrapping: number
	not_ready: number
}
export interface BoardRow {
	queue: string | null
	today?: Figures
	half_hour?: Figures
	spark?: SparkPoint[]
	staffed?: Staffed
	ewt_ms?: number | null
	expected_15min?: number | null
}
/** What an agent did today: sums until `since`, and which of them the time since then adds to. */
export interface AgentDay {
	agent: string
	busy_ms: number
	of_ms: number
	since: string
	adds: 'busy' | 'of' | null
}
export interface BoardMessage {
	at: string
	queues: BoardRow[]
	/** Those whose day changed. */
	agents?: AgentDay[]
	whole?: boolean
}
export interface Board {
	/** Of the newest message; '' before the first. */
	at: string
	rows: ReadonlyMap<string, BoardRow>
	days: ReadonlyMap<string, AgentDay>
}

export const ALL = ''
const EMPTY: Board = { at: '', rows: new Map(), days: new Map() }
let board = EMPTY
/** When the server last said that this is so, by our clock; before that, since when we wait. null: no board is open. */
let heardAt: number | null = null
const listeners = new Set<() => void>()

/** What is known, changed by a message. Pure. */
export function applyBoard(was: Board, message: BoardMessage): Board {
	const rows = new Map(message.whole ? [] : was.rows)
	for (const row of message.queues) rows.set(row.queue ?? ALL, row)
	let { days } = was
	if (message.whole || message.agents?.length) {
		const next = new Map(message.whole ? [] : days)
		for (const day of message.agents ?? []) next.set(day.agent, day)
		days = next
	}
	return { at: message.at, rows, days }
}

/** As reports/agents has it at this moment; null: there was nothing to be occupied in. Pure. */
export function occupancy(day: AgentDay | undefined, now: number): number | null {
	if (!day) return null
	const since = Math.max(0, now - Date.parse(day.since))
	const of = day.of_ms + (day.adds ? since : 0)
	return of > 0 ? (day.busy_ms + (day.adds === 'busy' ? since : 0)) / of : null
}

function put(next: Board): void {
	board = next
	for (const l of listeners) l()
}
const subscribe = (l: () => void) => {
	listeners.add(l)
	return () => listeners.delete(l)
}

/** Figures come as long as this is mounted. */
export function useBoardFigures(): void {
	useEffect(() => {
		let asked = false
		const ask = () => {
			const up = live.get().link.is === 'up'
			if (up && !asked) live.send('board', { on: true }).catch(() => {}) // an older server: dashes
			asked = up
		}
		let newest = EMPTY
		heardAt = Date.now()
		const endMessages = live.onOther('board', (m) => {
			newest = applyBoard(newest, m as BoardMessage)
			heardAt = Date.now()
			live.moment(newest.at)
		})
		const endBeat = onBeat(() => {
			if (newest !== board) put(newest)
			if (unheardMs() < DEAD_AFTER_MS || live.get().link.is !== 'up') return
			heardAt = Date.now() - OLD_AFTER_MS - 1 // once, and old all the same
			live.silent()
		})
		const endLive = live.subscribe(ask)
		ask()
		return () => {
			endLive()
			endMessages()
			endBeat()
			if (live.get().link.is === 'up') live.send('board', { on: false }).catch(() => {})
			put(EMPTY)
			heardAt = null
		}
	}, [])
}

/** Two seconds missed. */
const OLD_AFTER_MS = 3_000
/** A connection that is open and says nothing is dead: a network that went without a word, a laptop that slept. */
const DEAD_AFTER_MS = 8_000
/** Our clock may have been set meanwhile, either way. */
const unheardMs = () => (heardAt === null ? 0 : Math.abs(Date.now() - heardAt))

/** Whether what is shown may be otherwise by now. */
export const useOld = (): boolean => useTick(() => unheardMs() > OLD_AFTER_MS)

export const useRow = (queue: string): BoardRow | undefined => useSyncExternalStore(subscribe, () => board.rows.get(queue))
export const useBoard = (): Board => useSyncExternalStore(subscribe, () => board)
export const boardNow = () => board
