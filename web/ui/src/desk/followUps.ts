/*
 * followUps.ts - what I said I would come back to, when its time has come: asked each minute and when I say so anew.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { type Page, type Schema, ask, get, query, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import { live } from '../live/store'

const EMPTY: Schema['Contact'][] = []

/** Due now, the oldest first; and how one of them is done. */
export function useFollowUps(): [Schema['Contact'][], (contact: string) => Promise<void>] {
	const { tenant, id } = useUser()
	const queries = useQueryClient()
	const { data } = useQuery({
		queryKey: ['follow_ups', tenant, id],
		refetchOnMount: 'always', // what was just saved may be due already
		refetchInterval: 60_000,
		queryFn: async ({ signal }) => {
			const now = new Date().toISOString()
			const path = tenantPath(tenant, 'contacts') + query({ agent: id, follow_up_agent: id, follow_up_before: now })
			const { items } = await get<Page<Schema['Contact']>>(path, { signal })
			return items.sort((a, b) => (a.follow_up?.at ?? '').localeCompare(b.follow_up?.at ?? ''))
		},
	})
	const again = useCallback(() => void queries.invalidateQueries({ queryKey: ['follow_ups', tenant, id] }), [queries, tenant, id])
	useEffect(() => live.onFact((e) => void (e.event === 'follow_up' && e.agent === id && again())), [id, again])
	const done = useCallback(
		async (contact: string) => {
			await ask('PATCH', tenantPath(tenant, 'contacts', contact), { follow_up_at: null })
			again()
		},
		[tenant, again],
	)
	return [data ?? EMPTY, done]
}
