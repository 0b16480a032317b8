/* api.ts - reports over HTTP, kept by React Query under ['reports', tenant, …]. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Page, ask, get, post, query, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import { type Kept, type View, asked, savedAddress } from './address'
import { REPORTS, type ReportName, type Row, isMany, totals } from './columns'
import type { Range } from './period'

export type Params = Record<string, string | number | boolean | undefined>

const stamp = (ms: number) => new Date(ms).toISOString()

/** What of a view narrows a question, for this range and interval. Several mass events are asked for as all, and picked from. */
export function paramsOf(v: View, range: Range, interval: number): Params {
	return {
		from: stamp(range.from),
		to: stamp(range.to),
		interval_s: interval,
		...asked(v),
		by: v.report === 'contacts' ? v.split : undefined,
		...(v.report === 'flow_nodes' || v.report === 'flow_paths' ? { flow: v.flow || undefined } : {}),
		view: v.report === 'queues' && v.by === 'answered' ? 'answered' : undefined,
		draft: v.drafts || undefined,
	}
}

export type Answer = Page<Row> & { total?: Row }

/** Rows of a report and all of them together; asked for again while the range goes on, so that they are what is live (K-3, T-4). */
export function useRows(v: View, range: Range | null, interval: number, now: number, more: Params = {}) {
	const { tenant } = useUser()
	const params = range ? { ...paramsOf(v, range, interval), ...more } : {}
	const goesOn = range !== null && range.to > now
	const result = useQuery({
		queryKey: ['reports', tenant, v.report, params],
		enabled: range !== null,
		placeholderData: keepPreviousData,
		refetchInterval: goesOn ? 10_000 : false,
		queryFn: ({ signal }) => get<Answer>(tenantPath(tenant, 'reports', v.report) + query(params), { signal }),
	})
	const { data } = result
	const { of } = REPORTS[v.report]
	const picked = v.of.length > 1 && !isMany(of) ? v.of.join('\n') : ''
	const rows = useMemo(() => {
		const wanted = new Set(picked ? picked.split('\n') : [])
		return wanted.size ? data?.items.filter((r) => wanted.has(String(r[of]))) : data?.items
	}, [data, picked, of])
	/** The server's own: percentiles are of all, not of rows. Of what is picked here, it is reckoned here. */
	const total = useMemo(
		() => (!rows?.length ? null : !picked && data?.total ? data.total : totals(REPORTS[v.report], rows)),
		[rows, data, picked, v.report])
	return { ...result, rows, total }
}

/** A report somebody keeps, with what its address said. */
export interface Saved {
	kind?: 'saved_report'
	id: string
	version?: number
	name: string
	report: string
	query: Kept
	columns?: string[]
	shared?: boolean
	owner?: string
	schedule?: Schedule
	[more: string]: unknown
}
export interface Schedule {
	weekdays?: string[]
	every?: 'day' | 'month'
	day?: number
	lang?: string
	at: string
	format: 'pdf' | 'xlsx' | 'csv'
	to: string[]
}

/** The page it opens at. */
export const savedHref = (s: Saved) => {
	const words = savedAddress(s.query)
	if (s.columns?.length) words.set('columns', s.columns.join(','))
	words.set('saved', s.id)
	return `/reports/${encodeURIComponent(s.report)}?${words}`
}

/** Saved reports, by name; null where this server keeps none. */
export function useSaved() {
	const { tenant } = useUser()
	return useQuery({
		queryKey: ['reports', tenant, 'saved'],
		staleTime: 30_000,
		retry: false,
		queryFn: async ({ signal }) =>
			(await get<Page<Saved>>(tenantPath(tenant, 'saved_reports') + query({ limit: 500 }), { signal })).items.sort(
				(a, b) => a.name.localeCompare(b.name)),
	})
}

export function useSavedChanges() {
	const { tenant } = useUser()
	const queries = useQueryClient()
	return useMemo(() => {
		const stale = () => queries.invalidateQueries({ queryKey: ['reports', tenant, 'saved'] })
		return {
			async put(saved: Saved): Promise<void> {
				const { id, version, kind, tenant: _, owner, ...doc } = saved as Saved & { tenant?: string }
				const headers = version ? { 'If-Match': `"${version}"` } : undefined
				await ask('PUT', tenantPath(tenant, 'saved_reports', id), doc, { headers })
				await stale()
			},
			async remove(saved: Saved): Promise<void> {
				await ask('DELETE', tenantPath(tenant, 'saved_reports', saved.id))
				await stale()
			},
			async send(saved: Saved): Promise<void> {
				await post(tenantPath(tenant, 'saved_reports', saved.id, 'send'))
			},
		}
	}, [tenant, queries])
}

/** Where a file of what is shown comes from. */
export function exportPath(tenant: string, report: ReportName, params: Params, format: string, columns: string[]): string {
	return tenantPath(tenant, 'reports', report) + query({ ...params, format, names: true, columns: columns.join(',') })
}
