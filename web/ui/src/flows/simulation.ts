/*
 * simulation.ts - the invented caller: what he is and does (kept in this browser by name), and the way the server says he goes.
 * Asked again whenever the flow or the caller changes; only the newest answer counts.
 */
import { useEffect, useMemo, useRef, useState } from 'react'
import { Problem } from '../api/http'
import { type Step, type Trace, type Wish, useFlows } from './api'
import type { FlowDoc } from './doc'
import { exitOfEdge } from './say'

export type QueueState = 'answered' | 'waits' | 'full' | 'no_agents'
export interface QueueWish {
	state: QueueState
	waiting?: number
	ewt_s?: number
	wait_s?: number
}
export interface Caller {
	number: string
	language: string
	to: string
	/** Local time of the tenant; empty: now. */
	at: string
	keys: string
	silent: boolean
	queue: QueueState
	queues: Record<string, QueueWish>
	transfer: 'answered' | 'busy' | 'no_answer' | 'failed'
}

export const FRESH: Caller = { number: '+48600100200', language: '', to: '', at: '', keys: '', silent: false, queue: 'answered', queues: {}, transfer: 'answered' }

export function wishOf(c: Caller): Wish {
	return {
		caller: { number: c.number, ...(c.language && { language: c.language }) },
		...(c.to && { to: c.to }),
		...(c.at && { at: c.at }),
		keys: c.keys,
		silent: c.silent,
		queue: { state: c.queue } as Wish['queue'],
		queues: c.queues as Wish['queues'],
		transfer: c.transfer,
	}
}

const keyOf = (tenant: string, id: string) => `flows.callers.${tenant}.${id}`
export function readVariants(tenant: string, id: string): Record<string, Caller> {
	try {
		const told = JSON.parse(localStorage.getItem(keyOf(tenant, id)) ?? '{}') as Record<string, Caller>
		return Object.fromEntries(Object.entries(told).map(([name, c]) => [name, { ...FRESH, ...c }]))
	} catch {
		return {}
	}
}
export const writeVariants = (tenant: string, id: string, all: Record<string, Caller>): void =>
	localStorage.setItem(keyOf(tenant, id), JSON.stringify(all))

/** Keys and silences that had been used up before this step. */
export function keysBefore(steps: Step[], index: number, keys: string): string {
	const used = steps.slice(0, index).flatMap((s) => s.happened).filter((h) => h.what === 'key' || h.what === 'timeout').length
	return keys.slice(0, used)
}

export interface Simulation {
	trace: Trace | null
	fault: Problem | null
	busy: boolean
	/** Nodes of this flow by their place in the way; exits taken: `node exit`. */
	trail: Map<string, number>
	walked: Set<string>
}

const NO_TRAIL = new Map<string, number>()
const NO_WAYS = new Set<string>()

export function useSimulation(id: string, doc: FlowDoc, caller: Caller, on: boolean): Simulation {
	const flows = useFlows()
	const [state, setState] = useState<{ trace: Trace | null; fault: Problem | null }>({ trace: null, fault: null })
	const [busy, setBusy] = useState(false)
	const asked = useRef(0)
	useEffect(() => {
		if (!on) return
		const mine = ++asked.current
		const abort = new AbortController()
		const timer = setTimeout(async () => {
			setBusy(true)
			try {
				const trace = await flows.simulate(id, doc, wishOf(caller), abort.signal)
				if (mine === asked.current) setState({ trace, fault: null })
			} catch (error) {
				if (mine === asked.current && error instanceof Problem) setState((s) => ({ trace: s.trace, fault: error }))
			} finally {
				if (mine === asked.current) setBusy(false)
			}
		}, 180)
		return () => {
			clearTimeout(timer)
			abort.abort()
		}
	}, [flows, id, doc, caller, on])

	return useMemo(() => {
		const { trace, fault } = state
		if (!on || !trace || fault) return { trace: on ? trace : null, fault: on ? fault : null, busy, trail: NO_TRAIL, walked: NO_WAYS }
		return { trace, fault, busy, ...wayOf(trace.steps, id, doc) }
	}, [state, busy, on, id, doc])
}

export function wayOf(steps: Step[], id: string, doc: FlowDoc): { trail: Map<string, number>; walked: Set<string> } {
	const trail = new Map<string, number>()
	const walked = new Set<string>()
	let last: string | null = null
	steps.forEach((s, i) => {
		if (s.flow !== id) return
		if (!trail.has(s.node)) trail.set(s.node, i + 1)
		const inside = i > 0 && steps[i - 1]?.flow !== id
		if (last !== null) walked.add(`${last} ${inside ? 'next' : exitOfEdge(doc.nodes[last], s.edge)}`)
		last = s.node
	})
	return { trail, walked }
}
