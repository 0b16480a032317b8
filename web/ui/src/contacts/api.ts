/* api.ts - contact records, their facts, decisions and recordings over HTTP, kept by React Query under ['contacts', tenant, …]. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { type Page, type Schema, get, query, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import type { Fact } from '../live/types'
import type { Decision } from '../desk/why'

/** As the interface gives it; behind a number of a report also what of it was counted. */
export type Contact = Schema['Contact']
export type Segment = Schema['Segment']
export type Recording = Schema['ContactRecording']
export type Quality = Schema['ContactQuality']
export type SipTrace = Schema['SipTrace']
export type Promised = NonNullable<Schema['Contact']['promises']>[number]

export type Filters = Record<string, string>

/** Pages of a list: of records by filters, or of those behind a number of a report (`report`, `list`). */
export function useContactPages(filters: Filters | null) {
	const { tenant } = useUser()
	return useInfiniteQuery({
		queryKey: ['contacts', tenant, 'list', filters],
		enabled: filters !== null,
		initialPageParam: null as string | null,
		queryFn: ({ pageParam: after, signal }) => {
			const { report, ...words } = filters ?? {}
			const path = report ? tenantPath(tenant, 'reports', report) : tenantPath(tenant, 'contacts')
			return get<Page<Contact>>(path + query({ limit: 100, ...words, after }) + keyOf(words), { signal })
		},
		getNextPageParam: (page) => page.next,
	})
}

/** An empty key means those that have none, and is said: query() passes over what is empty. */
const keyOf = (words: Filters) => (words.key === '' ? '&key=' : '')

const overYet = (c: Contact | undefined) => !!c?.ended_at

export function useContact(id: string) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['contacts', tenant, 'one', id],
		queryFn: ({ signal }) => get<Contact>(tenantPath(tenant, 'contacts', id), { signal }),
		refetchInterval: (q) => (overYet(q.state.data) ? false : 2_000),
	})
}

/** over: nothing more will happen to it. */
export function useEvents(id: string, over: boolean) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['contacts', tenant, 'events', id, over],
		queryFn: async ({ signal }) => (await get<Page<Fact>>(tenantPath(tenant, 'contacts', id, 'events'), { signal })).items,
		refetchInterval: over ? false : 2_000,
	})
}

/** By which version of the queue it was decided. */
export type Recorded = Decision & { queue_version?: number }

export function useWhy(id: string, over: boolean) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['contacts', tenant, 'why', id, over],
		queryFn: async ({ signal }) => (await get<Page<Recorded>>(tenantPath(tenant, 'contacts', id, 'why'), { signal })).items,
		refetchInterval: over ? false : 5_000,
	})
}

/** What was said in SIP; for who may trace. on: somebody looks. */
export function useSip(id: string, over: boolean, on: boolean) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['contacts', tenant, 'sip', id, over],
		enabled: on,
		queryFn: ({ signal }) => get<SipTrace>(tenantPath(tenant, 'contacts', id, 'sip'), { signal }),
		refetchInterval: over ? false : 3_000,
	})
}

/** Shape of the sound, a point each 50 ms: loudness 0 to 1 of each side. */
export interface Peaks {
	sides: number[][]
	perSecond: number
}

export function usePeaks(recording: Recording | undefined) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['contacts', tenant, 'peaks', recording?.id],
		enabled: !!recording && recording.finished !== false,
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: async ({ signal }): Promise<Peaks> => {
			const p = await get<Schema['Peaks']>(tenantPath(tenant, 'recordings', `${recording?.id}.peaks.json`), { signal })
			const full = 2 ** (p.bits - 1)
			const sides = Array.from({ length: p.channels }, (_, side) =>
				Array.from({ length: p.length }, (_, i) => {
					const at = (i * p.channels + side) * 2
					return Math.min(1, Math.max(Math.abs(p.data[at] ?? 0), Math.abs(p.data[at + 1] ?? 0)) / full)
				}))
			return { sides, perSecond: p.sample_rate / p.samples_per_pixel }
		},
	})
}

export const soundPath = (tenant: string, recording: string) => tenantPath(tenant, 'recordings', recording)

export interface Seen {
	seq: number
	at: string
	what: string
	by: string
	detail: { what?: string; query?: string; [more: string]: unknown }
}

/** A player asks for a sound piece by piece: what one person asked for within ten minutes is one time. */
export function onceEach(seen: Seen[]): Seen[] {
	return seen.filter((s, i) => {
		const after = seen.slice(0, i).findLast((x) => x.by === s.by && x.detail.query === s.detail.query)
		return !after || Date.parse(after.at) - Date.parse(s.at) > 600_000
	})
}

/** Who listened to a contact's recordings, newest first; for who may read the audit. since: it was not there before. */
export function useListened(contact: string, since: string) {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['contacts', tenant, 'audit', contact],
		queryFn: async ({ signal }) => {
			const all: Seen[] = []
			let after: string | null = null
			for (let pages = 0; pages < 5; pages++) {
				const page: Page<Seen> = await get(
					tenantPath(tenant, 'audit') + query({ contact, what: 'viewed', from: since, limit: 200, after }), { signal })
				all.push(...page.items.filter((s) => s.detail.what === 'recording'))
				after = page.next
				if (!after) break
			}
			return onceEach(all)
		},
	})
}
