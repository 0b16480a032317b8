/*
 * api.ts - flows over HTTP, kept by React Query under ['flows', tenant, …]. A draft names the version it was written upon
 * (If-Match, or If-None-Match for the first): what somebody else wrote meanwhile is told (412), never overwritten.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Page, Problem, type Schema, ask, everyPage, get, post, query, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import { refusals } from '../refusals/say'
import { useWhose } from '../admin/tenant'
import type { FlowDoc } from './doc'
import type { Mistake } from './problems'

export type Told = Record<string, unknown> & { id: string; version: number; name?: string }
export type Trace = Schema['SimulateAnswer']
export type Step = Trace['steps'][number]
export type Happened = Step['happened'][number]
export type Wish = Partial<Omit<Schema['SimulateRequest'], 'draft'>>
export interface Version {
	version: number
	op: string
	by: string
	at: string
	after: (Record<string, unknown> & FlowDoc) | null
}
export type NodeFigures = Schema['FlowNodeReportRow']
export interface Visitor {
	id: string
	from?: string
	arrived_at?: string
}

const orNull = async <T>(what: Promise<T>): Promise<T | null> => {
	try {
		return await what
	} catch (error) {
		if (error instanceof Problem && error.status === 404) return null
		throw error
	}
}

export type Kinds = 'flows' | 'drafts' | 'prompts' | 'queues' | 'hours' | 'users' | 'numbers' | 'skills'

/** All objects of a kind; undefined until they are there. */
export function useAll(kind: Kinds): Told[] | undefined {
	const { tenant } = useWhose()
	return useQuery({
		queryKey: ['flows', tenant, 'all', kind],
		staleTime: 10_000,
		queryFn: ({ signal }) => everyPage<Told>(tenantPath(tenant, kind), signal),
	}).data
}

export function useTenant(): { time_zone?: string; locale?: string } | undefined {
	const { tenant } = useWhose()
	return useQuery({
		queryKey: ['flows', tenant, 'tenant'],
		staleTime: 60_000,
		queryFn: ({ signal }) => get<{ time_zone?: string; locale?: string }>(tenantPath(tenant), { signal }),
	}).data
}

/** Not from the cache: what is edited begins with what is true now. */
export function usePublished(id: string) {
	const { tenant } = useWhose()
	return useQuery({
		queryKey: ['flows', tenant, 'one', id],
		staleTime: 0,
		gcTime: 0,
		queryFn: async ({ signal }) => {
			// most flows have no draft: the list says so without a 404
			const [flow, drafts] = await Promise.all([
				orNull(get<Told>(tenantPath(tenant, 'flows', id), { signal })),
				everyPage<Told>(tenantPath(tenant, 'drafts'), signal),
			])
			return { flow, draft: drafts.find((d) => d.id === id) ?? null }
		},
	})
}

export function useVersions(id: string, on: boolean) {
	const { tenant } = useWhose()
	return useQuery({
		queryKey: ['flows', tenant, 'versions', id],
		enabled: on,
		queryFn: async ({ signal }) =>
			(await everyPage<Version>(tenantPath(tenant, 'flows', id, 'versions'), signal)).reverse(),
	})
}

/** When today began in the tenant's zone, in UTC. */
export function dayStart(zone: string | undefined, now: number): string {
	const parts = new Intl.DateTimeFormat('en-CA', {
		timeZone: zone ?? 'UTC', hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
	}).formatToParts(now)
	const n = (type: string) => Number(parts.find((p) => p.type === type)?.value)
	const offset = Date.UTC(n('year'), n('month') - 1, n('day'), n('hour'), n('minute'), n('second')) - Math.floor(now / 1000) * 1000
	return new Date(Date.UTC(n('year'), n('month') - 1, n('day')) - offset).toISOString()
}

function useToday(): { from: string; to: string } | null {
	const zone = useTenant()?.time_zone
	const from = zone ? dayStart(zone, Date.now()) : null
	return useMemo(() => (from ? { from, to: new Date(Date.parse(from) + 26 * 3600_000).toISOString() } : null), [from])
}

/** How many callers came to each node today. */
export function useCallers(id: string): Map<string, NodeFigures> {
	const { tenant } = useWhose()
	const today = useToday()
	const { data } = useQuery({
		queryKey: ['flows', tenant, 'callers', id, today?.from],
		enabled: !!today,
		refetchInterval: 10_000,
		queryFn: async ({ signal }) => {
			const path = tenantPath(tenant, 'reports', 'flow_nodes')
			const page = await get<Page<NodeFigures>>(path + query({ ...today, flow: id, interval_s: 0, limit: 500 }), { signal })
			return new Map(page.items.map((row) => [row.node, row]))
		},
	})
	return data ?? NOBODY
}
const NOBODY = new Map<string, NodeFigures>()

/** Passages through each flow today. */
export function useEntered(): Map<string, number> | undefined {
	const { tenant } = useWhose()
	const today = useToday()
	return useQuery({
		queryKey: ['flows', tenant, 'entered', today?.from],
		enabled: !!today,
		refetchInterval: 30_000,
		queryFn: async ({ signal }) => {
			const path = tenantPath(tenant, 'reports', 'flows')
			const page = await get<Page<{ flow: string; entered: number }>>(path + query({ ...today, interval_s: 0, limit: 500 }), { signal })
			return new Map(page.items.map((row) => [row.flow, row.entered]))
		},
	}).data
}

export function useVisitors(id: string, node: string) {
	const { tenant } = useWhose()
	const today = useToday()
	return useQuery({
		queryKey: ['flows', tenant, 'visitors', id, node, today?.from],
		enabled: !!today && !!node,
		queryFn: async ({ signal }) => {
			const path = tenantPath(tenant, 'reports', 'flow_nodes')
			return (await get<Page<Visitor>>(path + query({ ...today, flow: id, node, list: 'visited', interval_s: 0, limit: 100 }), { signal })).items
		},
	})
}

const onlyOver = (version: number | null): Record<string, string> =>
	version === null ? {} : version ? { 'If-Match': `"${version}"` } : { 'If-None-Match': '*' }

/** What can be done with flows of the tenant somebody is signed in to. */
export function useFlows() {
	const { tenant } = useWhose()
	const { permissions } = useUser()
	const queries = useQueryClient()
	return useMemo(() => {
		const path = (id: string, ...parts: string[]) => tenantPath(tenant, 'flows', id, ...parts)
		const stale = () => queries.invalidateQueries({ queryKey: ['flows', tenant] })
		return {
			tenant,
			mayEdit: permissions.includes('flows:publish'),
			mayHear: permissions.includes('speech:create'),
			stale,
			check: async (id: string, doc: FlowDoc, signal?: AbortSignal) => {
				const [{ errors }, say] = await Promise.all([post<{ errors: Mistake[] }>(path(id, 'check'), doc, { signal }), refusals()])
				return errors.map((e) => ({ ...e, message: say(e.message) }))
			},
			simulate: (id: string, doc: FlowDoc, wish: Wish, signal?: AbortSignal) =>
				post<Trace>(path(id, 'simulate'), { ...wish, draft: doc }, { signal }),
			/** over: the version it replaces; 0: there is none; null: whatever is there. */
			save: (id: string, doc: FlowDoc, over: number | null) =>
				ask<Told>('PUT', path(id, 'draft'), doc, {
					headers: onlyOver(over),
				}),
			drop: async (id: string) => {
				await ask('DELETE', path(id, 'draft'))
				await stale()
			},
			publish: async (id: string) => {
				const told = await post<Told>(path(id, 'publish'))
				await stale()
				return told
			},
			rollback: async (id: string, version: number) => {
				const told = await post<Told>(path(id, 'rollback'), { version })
				await stale()
				return told
			},
			prompt: async (id: string, text: Record<string, string>, over: number) => {
				const headers = onlyOver(over)
				const told = await ask<Told>('PUT', tenantPath(tenant, 'prompts', id), { text }, { headers })
				await queries.invalidateQueries({ queryKey: ['flows', tenant, 'all', 'prompts'] })
				return told
			},
			/** What callers will hear for a text, as a sound. */
			speech: async (text: string, lang: string) => {
				const answer = await fetch(tenantPath(tenant, 'speech'), {
					method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text, lang }),
				})
				if (!answer.ok) throw await Problem.of(answer.status, await answer.json().catch(() => null))
				return answer.blob()
			},
			soundPath: (id: string, lang: string) => tenantPath(tenant, 'prompts', id, 'audio') + query({ lang }),
		}
	}, [tenant, permissions, queries])
}
