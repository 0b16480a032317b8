/* KindList.tsx - all objects of a kind: found, sorted, opened; ten thousand rows scroll as ten. */
import { Button, TextInput, UnstyledButton } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useSearch } from 'wouter'
import { useAction } from '../app/actions'
import { Icon } from '../parts/Icon'
import { fold } from '../parts/fold'
import { useShown } from './Shown'
import { objectPath, titleOf, useObjects } from './api'
import { columnsOf } from './groups'
import { Answer, ApiCall, Head } from './parts'
import type { Doc, Json, Kind } from './schema'
import { useWhose } from './tenant'
import { useWords } from './words'
import styles from './admin.module.css'

const ROW = 40

/** Names of what objects of this kind refer to, as far as they are few kinds. */
function useNames(kind: Kind): (of: string, id: string) => string {
	const wants = kind.kind === 'number' ? 'flow' : kind.kind === 'user' || kind.kind === 'mass_event' ? 'queue' : ''
	const { data } = useObjects(wants, wants !== '')
	const names = useMemo(() => new Map((data ?? []).map((d) => [String(d.id), titleOf(d)])), [data])
	return (of, id) => (of === wants ? (names.get(id) ?? id) : id)
}

export default function KindList({ kind }: { kind: Kind }) {
	const { t, i18n } = useTranslation('admin')
	const words = useWords()
	const { tenant, writes, system } = useWhose()
	const [, go] = useLocation()
	const params = new URLSearchParams(useSearch())
	const [text, setText] = useState(params.get('q') ?? '')
	const sort = params.get('sort') ?? 'id'
	const down = params.get('down') === '1'
	const { data, error, isPending, refetch } = useObjects(kind.kind)
	const columns = useMemo(() => columnsOf(kind), [kind])
	const shown = useShown(useNames(kind))
	const wanted = useDeferredValue(fold(text.trim()))
	const field = useRef<HTMLInputElement>(null)
	const hasName = kind.schema.properties?.name !== undefined
	useAction('search', { key: 'search', run: () => field.current?.focus() })

	const address = (change: Record<string, string>) => {
		const next = new URLSearchParams(location.search)
		for (const [k, v] of Object.entries(change)) if (v) next.set(k, v)
		else next.delete(k)
		const q = next.toString()
		go(location.pathname + (q ? `?${q}` : ''), { replace: true })
	}
	// biome-ignore lint: the address follows what was typed, a moment later
	useEffect(() => {
		const timer = setTimeout(() => {
			if ((new URLSearchParams(location.search).get('q') ?? '') !== text) address({ q: text })
		}, 300)
		return () => clearTimeout(timer)
	}, [text])

	const rows = useMemo(() => {
		const all = (data ?? []).map((doc) => {
			const cells = columns.map((f) => shown(f, { kind: kind.kind, names: [f.name] }, doc[f.name] ?? (f.schema.default as Json | undefined)))
			return { doc, cells, words: fold(`${doc.id} ${doc.name ?? ''} ${cells.join(' ')}`) }
		})
		const hits = wanted ? all.filter((r) => r.words.includes(wanted)) : all
		const at = columns.findIndex((f) => f.name === sort)
		const keyOf = (r: (typeof all)[number]) => (at >= 0 ? r.cells[at] : sort === 'name' ? titleOf(r.doc) : String(r.doc.id)) ?? ''
		const order = new Intl.Collator(i18n.language, { numeric: true })
		hits.sort((a, b) => order.compare(keyOf(a), keyOf(b)) * (down ? -1 : 1))
		return hits
	}, [data, columns, shown, wanted, sort, down, kind.kind, i18n.language])

	const mayMake = writes && (kind.kind !== 'tenant' || system)
	const newPath = `/admin/${kind.plural}/new`
	useAction('new', mayMake ? { label: t('new_of', { kind: words.kind(kind.kind) }), icon: 'plus', run: () => go(newPath) } : null)
	const head = (name: string, label: string) => (
		<UnstyledButton
			role="columnheader"
			key={name}
			className={styles.th}
			aria-sort={sort === name ? (down ? 'descending' : 'ascending') : 'none'}
			onClick={() => address({ sort: name === 'id' ? '' : name, down: sort === name && !down ? '1' : '' })}
		>
			<span>{label}</span>
			{sort === name && <span className={down ? undefined : styles.up}><Icon name="chevron" size={12} /></span>}
		</UnstyledButton>
	)
	const grid = { gridTemplateColumns: `minmax(120px, 1fr) ${hasName ? 'minmax(140px, 1.3fr) ' : ''}${columns.map(() => 'minmax(90px, 1fr)').join(' ')}` }
	return (
		<div className={styles.listPage}>
			<Head title={words.kinds(kind.kind)} about={t(`about.${kind.kind}` as 'about.queue', { defaultValue: kind.schema.description ?? '' })}>
				<ApiCall calls={[{ method: 'GET', path: kind.kind === 'tenant' ? '/api/v1/tenants' : objectPath(tenant, kind) }]} />
				{mayMake && (
					<Button component={Link} href={newPath} leftSection={<Icon name="plus" size={16} />}>
						{t('new_of', { kind: words.kind(kind.kind) })}
					</Button>
				)}
			</Head>
			<div className={styles.row}>
				<TextInput
					ref={field}
					className={styles.medium}
					leftSection={<Icon name="search" size={16} />}
					aria-label={t('search_in', { kinds: words.kinds(kind.kind) })}
					placeholder={t('search')}
					value={text}
					onChange={(e) => setText(e.currentTarget.value)}
				/>
				<span className={styles.count} role="status">{data ? t('found', { count: rows.length }) : ''}</span>
			</div>
			<Answer error={error} loading={isPending} retry={() => void refetch()} />
			{data && !data.length && (
				<div className={styles.empty}>
					<p>{t('none_yet', { kinds: words.kinds(kind.kind) })}</p>
					{mayMake && <Button component={Link} href={newPath}>{t('new_of', { kind: words.kind(kind.kind) })}</Button>}
				</div>
			)}
			{data && data.length > 0 && (
				<div className={styles.table} role="table" aria-label={words.kinds(kind.kind)} aria-rowcount={rows.length + 1}>
					<div className={styles.thead} role="row" style={grid}>
						{head('id', words.label({ kind: kind.kind, names: ['id'] }))}
						{hasName && head('name', words.label({ kind: kind.kind, names: ['name'] }))}
						{columns.map((f) => head(f.name, words.label({ kind: kind.kind, names: [f.name] })))}
					</div>
					<Rows kind={kind} rows={rows} grid={grid} hasName={hasName} />
				</div>
			)}
			{data && data.length > 0 && !rows.length && <p className={styles.none}>{t('no_match')}</p>}
		</div>
	)
}

function Rows({ kind, rows, grid, hasName }: { kind: Kind; rows: { doc: Doc; cells: string[] }[]; grid: { gridTemplateColumns: string }; hasName: boolean }) {
	const box = useRef<HTMLDivElement>(null)
	const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12 })
	return (
		<div ref={box} className={styles.tbody} role="rowgroup" tabIndex={-1} style={{ height: rows.length * ROW }}>
			<div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
				{virtual.getVirtualItems().map((v) => {
					const r = rows[v.index]
					if (!r) return null
					const id = String(r.doc.id)
					const to = kind.kind === 'flow' || kind.kind === 'draft' ? `/flows/${encodeURIComponent(id)}` : `/admin/${kind.plural}/${encodeURIComponent(id)}`
					return (
						<div key={id} role="row" aria-rowindex={v.index + 2} className={styles.tr} style={{ ...grid, height: ROW, transform: `translateY(${v.start}px)` }}>
							<span role="cell" className={styles.td}>
								<Link href={to} className={styles.rowLink}>{id}</Link>
							</span>
							{hasName && <span role="cell" className={styles.td}>{typeof r.doc.name === 'string' ? r.doc.name : '–'}</span>}
							{r.cells.map((c, i) => (
								// biome-ignore lint: columns do not move
								<span role="cell" key={i} className={styles.td} title={c}>{c}</span>
							))}
						</div>
					)
				})}
			</div>
		</div>
	)
}
