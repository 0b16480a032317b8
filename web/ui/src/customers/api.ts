/*
 * api.ts - customers over HTTP, kept by React Query under ['customers', tenant, …]. Who writes says which version he
 * read (If-Match): what somebody else changed meanwhile is told (412), never overwritten.
 */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Page, ask, get, post, query, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import type {
	Customer, CustomerFacts, Duplicate, Field, Import, ImportChoice, Match, Note, TimelineItem,
} from './types'

export type Patch = { [K in keyof CustomerFacts]?: CustomerFacts[K] | null }

/** What can be done with customers of the tenant somebody is signed in to. */
export function useCustomers() {
	const { tenant } = useUser()
	const queries = useQueryClient()
	return useMemo(() => {
		const path = (...parts: string[]) => tenantPath(tenant, 'customers', ...parts)
		const stale = () => queries.invalidateQueries({ queryKey: ['customers', tenant] })
		const known = (c: Customer) => {
			queries.setQueryData(['customers', tenant, 'one', c.id], c)
			void stale()
			return c
		}
		return {
			one: (id: string) => get<Customer>(path(id)),
			create: async (facts: Partial<CustomerFacts>) => known(await post<Customer>(path(), facts)),
			change: async (was: Customer, patch: Patch) =>
				known(
					await ask<Customer>('PATCH', path(was.id), patch, { headers: { 'If-Match': `"${was.version}"` } }),
				),
			remove: async (was: Customer) => {
				await ask('DELETE', path(was.id), undefined, { headers: { 'If-Match': `"${was.version}"` } })
				await stale()
			},
			note: async (id: string, text: string) => {
				await post<Note>(path(id, 'notes'), { text })
				await stale()
			},
			link: async (contact: string, customer: string | null) => {
				await post(tenantPath(tenant, 'contacts', contact, 'customer'), { customer })
				await stale()
			},
			merge: async (into: string, from: string) => known(await post<Customer>(path(into, 'merge'), { from })),
			unmerge: async (into: string, from: string, discard = false) =>
				known(await post<Customer>(path(into, 'unmerge'), { from, ...(discard && { discard_changes: true }) })),
			upload: (file: File) =>
				upload(
					path('imports') + query({ name: file.name }),
					(id, offset) => path('imports', id, 'file') + query({ offset: String(offset) }),
					file,
				),
			preview: (id: string, choice: ImportChoice) => post<Import>(path('imports', id, 'preview'), choice),
			startImport: (id: string, choice: ImportChoice) => post<Import>(path('imports', id, 'start'), choice),
			dropImport: (id: string) => ask<void>('DELETE', path('imports', id)),
			rejectsPath: (id: string) => path('imports', id, 'rejects'),
			exportPath: (delimiter: string) => path('export') + query({ bom: 1, delimiter }),
			reread: stale,
		}
	}, [tenant, queries])
}

const PIECE = 8 * 1024 * 1024

/** In pieces: the server takes at most 16 MiB at once. */
async function upload(post: string, pieceOf: (id: string, offset: number) => string, file: File): Promise<Import> {
	const headers = { 'Content-Type': 'text/csv' }
	let one = await ask<Import>('POST', post, undefined, { raw: file.slice(0, PIECE), headers })
	for (let offset = PIECE; offset < file.size; offset += PIECE)
		one = await ask<Import>('PUT', pieceOf(one.id, offset), undefined, {
			raw: file.slice(offset, offset + PIECE),
			headers,
		})
	return one
}

/** Nothing is asked while an id is empty. */
export function useCustomer(id: string | undefined) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['customers', tenant, 'one', id],
		enabled: !!id,
		queryFn: ({ signal }) => get<Customer>(tenantPath(tenant, 'customers', id as string), { signal }),
	})
}

export function useMatches(number: string) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['customers', tenant, 'match', number],
		enabled: !!number,
		queryFn: async ({ signal }) =>
			(await get<Page<Match>>(tenantPath(tenant, 'customers', 'match') + query({ number }), { signal })).items,
	})
}

/** An empty search: the newest ones. */
export function useSearch(q: string, limit = 50) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['customers', tenant, 'search', q, limit],
		placeholderData: keepPreviousData, // the list does not blink while one types
		queryFn: async ({ signal }) =>
			(await get<Page<Customer>>(tenantPath(tenant, 'customers') + query({ q, limit }), { signal })).items,
	})
}

export function useTimeline(id: string, limit = 50) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['customers', tenant, 'timeline', id, limit],
		queryFn: async ({ signal }) =>
			get<Page<TimelineItem>>(tenantPath(tenant, 'customers', id, 'timeline') + query({ limit }), { signal }),
	})
}

export function useNotes(id: string) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['customers', tenant, 'notes', id],
		queryFn: async ({ signal }) =>
			(await get<Page<Note>>(tenantPath(tenant, 'customers', id, 'notes'), { signal })).items,
	})
}

export function useDuplicates() {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['customers', tenant, 'duplicates'],
		queryFn: ({ signal }) =>
			get<Page<Duplicate>>(tenantPath(tenant, 'customers', 'duplicates') + query({ limit: 100 }), { signal }),
	})
}

/** Fields that the firm declared for its customers. */
export function useFields(): Field[] {
	const { tenant } = useUser()
	const { data } = useQuery({
		queryKey: ['declared', tenant, 'fields'],
		staleTime: 60_000,
		queryFn: async ({ signal }) =>
			(await get<Page<Field>>(tenantPath(tenant, 'fields') + query({ limit: 500 }), { signal })).items,
	})
	return data ?? []
}

export function useImports() {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['customers', tenant, 'imports'],
		queryFn: async ({ signal }) =>
			(await get<Page<Import>>(tenantPath(tenant, 'customers', 'imports'), { signal })).items,
	})
}

/** Asked again every second while it runs. */
export function useImport(id: string) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['customers', tenant, 'import', id],
		queryFn: ({ signal }) => get<Import>(tenantPath(tenant, 'customers', 'imports', id), { signal }),
		refetchInterval: (q) => (q.state.data?.state === 'running' ? 1_000 : false),
	})
}
