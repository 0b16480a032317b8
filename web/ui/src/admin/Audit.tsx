/* Audit.tsx - who changed and who saw what, newest first; a change of an object opens into its fields. */
import { Button, Select, TextInput } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useSearch } from 'wouter'
import { type Page, type Schema as Api, get, query, tenantPath } from '../api/http'
import { Icon } from '../parts/Icon'
import Changes from './Changes'
import { objectPath, useObjects } from './api'
import { Answer, ApiCall, Head } from './parts'
import { KINDS, type Kind } from './schema'
import { useWhose } from './tenant'
import { useWords } from './words'
import styles from './admin.module.css'

type Entry = Api['AuditEntry'] & { detail?: Record<string, unknown> }
const WHAT = ['object_changed', 'login', 'logout', 'viewed', 'customer_changed', 'customer_merged', 'customer_unmerged', 'customer_noted', 'customer_linked', 'customers_imported', 'alarm'] as const
const FILTERS = ['user', 'what', 'customer', 'from', 'to'] as const

export default function Audit() {
	const { t } = useTranslation('admin')
	const { tenant } = useWhose()
	const [, go] = useLocation()
	const params = new URLSearchParams(useSearch())
	const { data: users } = useObjects('user')
	const of = (name: (typeof FILTERS)[number]) => params.get(name) ?? ''
	const put = (name: (typeof FILTERS)[number], value: string | null) => {
		const next = new URLSearchParams(location.search)
		if (value) next.set(name, value)
		else next.delete(name)
		go(location.pathname + (next.size ? `?${next}` : ''), { replace: true })
	}
	const day = (d: string, end: boolean) => (d ? new Date(`${d}T${end ? '23:59:59.999' : '00:00:00'}`).toISOString() : undefined)
	const asked = { user: of('user'), what: of('what'), customer: of('customer'), from: day(of('from'), false), to: day(of('to'), true) }
	const path = tenantPath(tenant, 'audit')
	const { data, error, isPending, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
		queryKey: ['admin', tenant, 'audit', asked],
		initialPageParam: '',
		queryFn: ({ pageParam, signal }) => get<Page<Entry>>(path + query({ ...asked, limit: 100, after: pageParam }), { signal }),
		getNextPageParam: (last) => last.next ?? undefined,
	})
	const rows = data?.pages.flatMap((p) => p.items) ?? []
	return (
		<>
			<Head title={t('pages.audit')} about={t('audit.about')}>
				<ApiCall calls={[{ method: 'GET', path: path + query(asked) }]} />
			</Head>
			<div className={styles.filters}>
				<Select label={t('audit.who')} clearable searchable data={[...new Set([...(users ?? []).map((u) => String(u.id)), 'local', ...(of('user') ? [of('user')] : [])])]} value={of('user') || null} onChange={(v) => put('user', v)} />
				<Select label={t('audit.what')} clearable data={WHAT.map((value) => ({ value, label: t(`audit.event.${value}`) }))} value={of('what') || null} onChange={(v) => put('what', v)} />
				<TextInput label={t('audit.customer')} value={of('customer')} onChange={(e) => put('customer', e.currentTarget.value)} />
				<TextInput type="date" label={t('audit.from')} value={of('from')} onChange={(e) => put('from', e.currentTarget.value)} />
				<TextInput type="date" label={t('audit.to')} value={of('to')} onChange={(e) => put('to', e.currentTarget.value)} />
			</div>
			<Answer error={error} loading={isPending} />
			{data && !rows.length && <p className={styles.none}>{t('audit.none')}</p>}
			<ol className={styles.history}>{rows.map((e) => <Row key={e.seq} entry={e} />)}</ol>
			{hasNextPage && <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>{t('audit.older')}</Button>}
		</>
	)
}

function Row({ entry }: { entry: Entry }) {
	const { t, i18n } = useTranslation('admin')
	const words = useWords()
	const [open, setOpen] = useState(false)
	const d = entry.detail ?? {}
	const text = (key: string) => (typeof d[key] === 'string' || typeof d[key] === 'number' ? String(d[key]) : '')
	const kind = KINDS[text('kind')]
	const id = text('object') || text('id')
	const version = Number(d.version)
	const rest = Object.entries(d).filter(([k, v]) => !['seq', 'at', 'event', 'tenant', 'prev', 'by', 'user', 'kind', 'object', 'id', 'customer', 'contact'].includes(k) && v !== null && v !== '')
	return (
		<li className={styles.past}>
			<div className={styles.pastHead}>
				<time dateTime={entry.at} className="num">{new Date(entry.at).toLocaleString(i18n.language)}</time>
				<b>{entry.by || '–'}</b>
				<span>{t(`audit.event.${entry.what}` as 'audit.event.login', { defaultValue: entry.what })}</span>
				{kind && id && <Link href={`/admin/${kind.plural}/${encodeURIComponent(id)}?tab=history`} className={styles.link}>{words.kind(kind.kind)} {id}</Link>}
				{entry.customer && <Link href={`/customers/${encodeURIComponent(entry.customer)}`} className={styles.link}>{t('audit.customer')}</Link>}
				<span className={styles.spacer} />
				<Button size="compact-sm" variant="subtle" aria-expanded={open} rightSection={<Icon name="chevron" size={14} />} onClick={() => setOpen(!open)}>{t('audit.details')}</Button>
			</div>
			{open && (
				<>
					{kind && id && version > 0 && <Diff kind={kind} id={id} version={version} />}
					<dl className={styles.facts}>
						{rest.map(([k, v]) => (
							<div key={k}><dt>{k}</dt><dd>{typeof v === 'object' ? JSON.stringify(v) : String(v)}</dd></div>
						))}
					</dl>
				</>
			)}
		</li>
	)
}

function Diff({ kind, id, version }: { kind: Kind; id: string; version: number }) {
	const { tenant } = useWhose()
	const { data, error, isPending } = useQuery({
		queryKey: ['admin', tenant, kind.kind, 'diff', id, version],
		queryFn: ({ signal }) => get<Api['VersionDiff']>(objectPath(tenant, kind, id, 'diff') + query({ from: version - 1, to: version }), { signal }),
	})
	if (!data) return <Answer error={error} loading={isPending} />
	return <Changes kind={kind} changes={data.changes as never} />
}
