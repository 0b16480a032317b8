/*
 * declared.ts - what is declared of people, queues and mass events and the live state does not say; asked for once and
 * again when somebody changed it.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { type Page, get, query, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import { live } from '../live/store'
import type { Declared } from './model'

export interface Named {
	id: string
	name?: string
}
export interface DeclaredUser extends Named {
	skills?: Record<string, number>
	queues?: string[]
	teams?: string[]
	phone?: { kind?: string }
	/** What he had before, and when he has it again. */
	for_now?: { until_at: string; by: string; skills?: Record<string, number>; queues?: string[] }
	version: number
}
export interface DeclaredQueue extends Named {
	threshold_s?: number
	sl_target?: number
}
export interface MassEvent extends Named {
	queues: string[]
	active?: boolean
}
interface Kinds {
	users: DeclaredUser
	queues: DeclaredQueue
	skills: Named
	teams: Named
	mass_events: MassEvent
	reasons: Named
	wallboards: Named
}

/** All of a kind, by id; empty while nothing has come or where it may not be read. */
export function useAll<K extends keyof Kinds>(kind: K, enabled = true): Kinds[K][] {
	const { tenant } = useUser()
	const { data } = useQuery({
		queryKey: ['board', tenant, kind],
		enabled,
		staleTime: 60_000,
		queryFn: async ({ signal }) => {
			const all: Kinds[K][] = []
			let after: string | null = null
			do {
				const page: Page<Kinds[K]> = await get(tenantPath(tenant, kind) + query({ limit: 500, after }), { signal })
				all.push(...page.items)
				after = page.next
			} while (after)
			return all
		},
	})
	return data ?? (NONE as Kinds[K][])
}
const NONE: never[] = []

/** Once a page: what somebody declares anew is asked for anew. */
export function useFreshDeclared(): void {
	const { tenant } = useUser()
	const queries = useQueryClient()
	useEffect(
		() =>
			live.onFact((e) => {
				if (e.event === 'object_changed' || e.event === 'agent_skills') void queries.invalidateQueries({ queryKey: ['board', tenant] })
			}),
		[queries, tenant],
	)
}

/** Teams by name; nobody asks where nobody is in one, or who may not. */
export function useTeams(may = true): Named[] {
	const inTeams = useAll('users', may).some((u) => u.teams?.length)
	return useAll('teams', inTeams)
}

const NOBODY: Declared = { skills: {}, queues: [], teams: [] }
export function usePeople(): ReadonlyMap<string, Declared> {
	const users = useAll('users')
	return useMemo(
		() => new Map(users.map((u) => [u.id, { ...NOBODY, ...(u.skills && { skills: u.skills }), ...(u.queues && { queues: u.queues }), ...(u.teams && { teams: u.teams }) }])),
		[users],
	)
}

/** What holds for a queue that does not say it: the defaults of its schema (api/openapi.yaml). */
const TARGETS = { threshold_s: 20, sl_target: 80 }
export function useQueueTargets(): ReadonlyMap<string, DeclaredQueue & typeof TARGETS> {
	const queues = useAll('queues')
	return useMemo(() => new Map(queues.map((q) => [q.id, { ...TARGETS, ...q }])), [queues])
}
