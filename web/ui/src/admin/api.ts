/*
 * api.ts - declared objects over HTTP, kept by React Query under ['admin', tenant, kind, …]. Who writes names the
 * version he read (If-Match), who creates wants nothing replaced (If-None-Match: *): 412 tells that somebody was first.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Page, ask, everyPage, get, tenantPath } from '../api/http'
import { type Doc, type Json, KINDS, type Kind } from './schema'
import { useWhose } from './tenant'

export interface Version {
	version: number
	at: string
	by: string
	op: string
	before: Doc | null
	after: Doc | null
}
export interface Change {
	path: string
	op: 'added' | 'removed' | 'changed'
	before?: Json
	after?: Json
}
export interface Referrer {
	kind: string
	id: string
	paths: string[]
}

export const objectPath = (tenant: string, kind: Kind, ...rest: string[]): string =>
	kind.kind === 'tenant'
		? tenantPath(rest[0] ?? tenant, ...rest.slice(1))
		: tenantPath(tenant, kind.plural, ...rest)

/** Every object of a kind, by id; never asked for, and so undefined, where his role may not see the kind. */
export function useObjects(kind: string, enabled = true) {
	const { tenant, sees } = useWhose()
	const one = KINDS[kind]
	return useQuery({
		queryKey: ['admin', tenant, kind, 'all'],
		enabled: enabled && one !== undefined && sees(kind),
		staleTime: 15_000,
		queryFn: ({ signal }) =>
			one ? everyPage<Doc>(one.kind === 'tenant' ? '/api/v1/tenants' : objectPath(tenant, one), signal) : [],
	})
}

export function useObject(kind: Kind, id: string, enabled = true) {
	const { tenant } = useWhose()
	return useQuery({
		queryKey: ['admin', tenant, kind.kind, 'one', id],
		enabled,
		staleTime: 0,
		refetchOnWindowFocus: false, // what somebody else did is told when it is saved, not under one's hands
		queryFn: ({ signal }) => get<Doc>(objectPath(tenant, kind, id), { signal }),
	})
}

export function useVersions(kind: Kind, id: string) {
	const { tenant } = useWhose()
	return useQuery({
		queryKey: ['admin', tenant, kind.kind, 'versions', id],
		queryFn: ({ signal }) => everyPage<Version>(objectPath(tenant, kind, id, 'versions'), signal),
	})
}

export function useReferrers(kind: Kind, id: string, enabled = true) {
	const { tenant, may } = useWhose()
	return useQuery({
		queryKey: ['admin', tenant, kind.kind, 'referrers', id],
		enabled: enabled && kind.kind !== 'tenant' && may('objects:referrers'),
		queryFn: ({ signal }) => get<Page<Referrer>>(objectPath(tenant, kind, id, 'referrers'), { signal }).then((p) => p.items),
	})
}

/** The fields that are sent: who it is stands in the address. */
export function fieldsToSend(doc: Doc): Doc {
	const { kind: _k, tenant: _t, id: _i, version: _v, ...fields } = doc
	return fields
}

export function useWrites(kind: Kind) {
	const { tenant } = useWhose()
	const queries = useQueryClient()
	return useMemo(() => {
		const path = (...rest: string[]) => objectPath(tenant, kind, ...rest)
		const stale = () =>
			Promise.all([
				queries.invalidateQueries({ queryKey: ['admin', tenant] }),
				queries.invalidateQueries({ queryKey: ['declared', tenant] }),
			])
		const known = (doc: Doc) => {
			queries.setQueryData(['admin', tenant, kind.kind, 'one', String(doc.id)], doc)
			void stale()
			return doc
		}
		return {
			create: async (id: string, doc: Doc) =>
				known(await ask<Doc>('PUT', path(id), fieldsToSend(doc), { headers: { 'If-None-Match': '*' } })),
			save: async (id: string, version: number, doc: Doc) =>
				known(await ask<Doc>('PUT', path(id), fieldsToSend(doc), { headers: { 'If-Match': `"${version}"` } })),
			remove: async (id: string, version: number) => {
				await ask('DELETE', path(id), undefined, { headers: { 'If-Match': `"${version}"` } })
				queries.removeQueries({ queryKey: ['admin', tenant, kind.kind, 'one', id] })
				await stale()
			},
			rollback: async (id: string, version: number) => known(await ask<Doc>('POST', path(id, 'rollback'), { version })),
			read: (id: string) => get<Doc>(path(id)),
			stale,
		}
	}, [tenant, kind, queries])
}

/** The name people know it by, else its id. */
export const titleOf = (doc: Doc): string => (typeof doc.name === 'string' && doc.name ? doc.name : String(doc.id ?? ''))
