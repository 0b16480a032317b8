/*
 * Import.tsx - customers from a file, in three steps on one page: the file; what its columns are, with the first
 * rows as they are read; how it goes, and the lines that were not taken. Nothing is written before Start.
 */
import { Button, FileButton, Loader, Progress, Select, Switch } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { useQueryClient } from '@tanstack/react-query'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { useUser } from '../app/session'
import { useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { momentText } from '../parts/time'
import { Said } from '../refusals/Said'
import { useCustomers, useFields, useImport, useImports } from './api'
import { fieldName } from './describe'
import styles from './customers.module.css'
import type { Import, ImportChoice } from './types'

const TARGETS = [
	'name', 'given_name', 'family_name', 'title', 'kind', 'position', 'company_name', 'external_id', 'number',
	'number:mobile', 'number:home', 'number:work', 'email', 'email:work', 'street', 'postal_code', 'city', 'region',
	'country', 'language', 'time_zone', 'tags',
] as const
const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1250', 'windows-1251', 'iso-8859-2']
const DELIMITERS = ['comma', 'semicolon', 'tab'] as const
const LARGEST = 512 * 1024 * 1024

export function Imports() {
	const { t, i18n } = useTranslation()
	const [, go] = useLocation()
	const { upload } = useCustomers()
	const { data } = useImports()
	const now = useNow(60_000)
	const [busy, setBusy] = useState(false)
	const [over, setOver] = useState(false)

	const take = async (file: File | null | undefined) => {
		if (!file || busy) return
		if (file.size > LARGEST) return tell('bad', t('customers.imp.too_large'))
		setBusy(true)
		try {
			go(`/customers/import/${(await upload(file)).id}`)
		} catch (error) {
			tell('bad', problemText(error, t))
		} finally {
			setBusy(false)
		}
	}
	return (
		<main className={styles.page}>
			<Head />
			<div
				className={styles.drop}
				data-over={over || undefined}
				onDragOver={(e) => {
					e.preventDefault()
					setOver(true)
				}}
				onDragLeave={() => setOver(false)}
				onDrop={(e) => {
					e.preventDefault()
					setOver(false)
					void take(e.dataTransfer.files[0])
				}}
			>
				<Icon name="upload" size={32} />
				<p>{t('customers.imp.drop')}</p>
				<FileButton accept=".csv,.txt,.tsv,.xlsx,text/csv" onChange={(f) => void take(f)}>
					{(props) => <Button {...props} loading={busy}>{t('customers.imp.choose')}</Button>}
				</FileButton>
			</div>
			{(data?.length ?? 0) > 0 && (
				<>
					<h2 className={styles.title}>{t('customers.imp.earlier')}</h2>
					<ul className={styles.results}>
						{data?.map((one) => (
							<li key={one.id}>
								<Link href={`/customers/import/${one.id}`} className={styles.result}>
									<Icon name="note" />
									<span className={styles.who}>
										<b className={styles.cut}>{one.name || t('customers.imp.unnamed')}</b>
										<span className={styles.sub}>{one.created_at && momentText(one.created_at, now, i18n.language)}</span>
									</span>
									<span>{t(`customers.imp.state.${one.state}`)}</span>
								</Link>
							</li>
						))}
					</ul>
				</>
			)}
		</main>
	)
}

function Head({ name }: { name?: string }) {
	const { t } = useTranslation()
	return (
		<div className={styles.toolbar}>
			<Link href={name === undefined ? '/customers' : '/customers/import'} className={styles.backLink}>
				<Icon name="back" size={16} /> {name === undefined ? t('nav.customers') : t('customers.import')}
			</Link>
			<h1 className={styles.pageTitle}>{name ?? t('customers.import')}</h1>
		</div>
	)
}

export function ImportOne({ id }: { id: string }) {
	const { t } = useTranslation()
	const { data, isPending } = useImport(id)
	if (isPending) return <Loader size="sm" type="dots" m={32} aria-label={t('app.loading')} />
	if (!data)
		return (
			<main className={styles.page}>
				<Head name="" />
				<p className={styles.empty}>{t('customers.not_loaded')}</p>
			</main>
		)
	return (
		<main className={styles.page}>
			<Head name={data.name || t('customers.imp.unnamed')} />
			{data.state === 'preview' ? <Preview file={data} /> : <Going file={data} />}
		</main>
	)
}

function Preview({ file }: { file: Import }) {
	const { t, i18n } = useTranslation()
	const { tenant } = useUser()
	const queries = useQueryClient()
	const fields = useFields()
	const { preview, startImport } = useCustomers()
	const [busy, setBusy] = useState(false)
	const mapping = file.columns.map((c) => c.target ?? '')

	const put = (next: Import) => queries.setQueryData(['customers', tenant, 'import', file.id], next)
	const choose = async (choice: ImportChoice) => {
		setBusy(true)
		try {
			put(await preview(file.id, choice))
		} catch (error) {
			tell('bad', problemText(error, t))
		} finally {
			setBusy(false)
		}
	}
	const start = async () => {
		setBusy(true)
		try {
			put(await startImport(file.id, { mapping, duplicates: file.duplicates ?? 'skip' }))
		} catch (error) {
			tell('bad', problemText(error, t))
		} finally {
			setBusy(false)
		}
	}
	const known = new Set<string>([...TARGETS, ...fields.map((f) => `field:${f.id}`)])
	const targets = [
		{ value: '', label: t('customers.imp.leave_out') },
		...TARGETS.map((value) => ({ value: value as string, label: targetName(value) })),
		...fields.map((f) => ({ value: `field:${f.id}`, label: fieldName(f, i18n.language) })),
		...[...new Set(mapping)].filter((m) => m && !known.has(m)).map((m) => ({ value: m, label: m })),
	]
	function targetName(value: (typeof TARGETS)[number]): string {
		const [what, label] = value.split(':') as [keyof typeof names, string | undefined]
		const names = {
			name: t('customers.f.name'), given_name: t('customers.f.given_name'), family_name: t('customers.f.family_name'),
			title: t('customers.f.title'), kind: t('customers.kind'), position: t('customers.f.position'),
			company_name: t('customers.f.company_name'), external_id: t('customers.f.external_id'),
			number: t('customers.number'), email: t('customers.email'), street: t('customers.place.street'),
			postal_code: t('customers.place.postal_code'), city: t('customers.place.city'),
			region: t('customers.place.region'), country: t('customers.place.country'),
			language: t('customers.f.language'), time_zone: t('customers.f.time_zone'), tags: t('customers.f.tags'),
		}
		return label ? `${names[what]} (${label})` : names[what]
	}
	const named = mapping.some((m) => ['name', 'given_name', 'family_name', 'company_name'].includes(m))
	return (
		<>
			<div className={styles.choices}>
				{(file.sheets?.length ?? 0) > 1 && (
					<Select label={t('customers.imp.sheet')} data={[...new Set(file.sheets)]} value={file.sheet ?? null} allowDeselect={false}
						onChange={(sheet) => sheet && void choose({ sheet })} />
				)}
				{file.format === 'csv' && (
					<>
						<Select label={t('customers.imp.encoding')} data={ENCODINGS} value={file.encoding ?? 'utf-8'} allowDeselect={false}
							onChange={(encoding) => encoding && void choose({ encoding })} />
						<Select label={t('customers.imp.delimiter')} value={file.delimiter ?? 'comma'} allowDeselect={false}
							data={DELIMITERS.map((value) => ({ value, label: t(`customers.imp.d.${value}`) }))}
							onChange={(delimiter) => delimiter && void choose({ delimiter })} />
					</>
				)}
				<Select label={t('customers.imp.duplicates')} value={file.duplicates || 'skip'} allowDeselect={false}
					data={(['skip', 'update', 'add'] as const).map((value) => ({ value, label: t(`customers.imp.dup.${value}`) }))}
					onChange={(duplicates) => duplicates && void choose({ duplicates, mapping })} />
				<Switch label={t('customers.imp.header')} checked={file.header ?? true}
					onChange={(e) => void choose({ header: e.currentTarget.checked })} />
			</div>
			<div className={styles.tableBox} tabIndex={0} role="region" aria-label={t('customers.imp.preview')}>
				<table className={styles.table}>
					<thead>
						<tr>
							{file.columns.map((c, i) => (
								<th key={i} scope="col" data-out={!mapping[i] || undefined}>
									<span className={styles.column}>{c.name || t('customers.imp.column', { n: i + 1 })}</span>
									<Select
										size="xs"
										searchable
										aria-label={t('customers.imp.target', { column: c.name || String(i + 1) })}
										data={targets}
										value={mapping[i] ?? ''}
										allowDeselect={false}
										onChange={(v) => void choose({ mapping: mapping.map((m, n) => (n === i ? (v ?? '') : m)) })}
									/>
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{(file.rows ?? []).slice(0, 12).map((row, i) => (
							<tr key={i}>
								{file.columns.map((_, n) => <td key={n} data-out={!mapping[n] || undefined}>{row[n]}</td>)}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			<Mistakes file={file} />
			<div className={styles.row}>
				<Button size="md" loading={busy} disabled={!named} onClick={() => void start()}>{t('customers.imp.start')}</Button>
				{!named && <span className={styles.sub}>{t('customers.imp.needs_name')}</span>}
			</div>
		</>
	)
}

function Mistakes({ file }: { file: Import }) {
	const { t } = useTranslation()
	if (!file.mistakes?.length) return null
	return (
		<div className={styles.mistakes} role="status">
			<b>{t('customers.imp.mistakes', { count: file.mistakes.length })}</b>
			<ul>
				{file.mistakes.slice(0, 8).map((m, i) => (
					<li key={i}><span className="num">{t('customers.imp.line', { n: m.line })}</span> <Said text={m.message} /></li>
				))}
			</ul>
		</div>
	)
}

function Going({ file }: { file: Import }) {
	const { t } = useTranslation()
	const { dropImport, rejectsPath, reread } = useCustomers()
	const p = file.progress
	const numbers = [
		['created', p.created ?? 0], ['updated', p.updated ?? 0], ['skipped', p.skipped ?? 0], ['rejected', p.rejected ?? 0],
	] as const
	return (
		<>
			<div className={styles.going} role="status">
				<b>{t(`customers.imp.state.${file.state}`)}</b>
				{file.detail && <span className={styles.fault}><Said text={file.detail} /></span>}
				<Progress value={file.state === 'done' ? 100 : (p.percent ?? 0)} size="lg" animated={file.state === 'running'}
					color={file.state === 'failed' ? 'red' : file.state === 'done' ? 'green' : 'blue'} aria-label={t('customers.imp.progress')} />
				<dl className={styles.figures}>
					{numbers.map(([key, n]) => (
						<div key={key} data-bad={(key === 'rejected' && n > 0) || undefined}>
							<dt>{t(`customers.imp.${key}`)}</dt>
							<dd className="num">{n.toLocaleString()}</dd>
						</div>
					))}
				</dl>
			</div>
			<Mistakes file={file} />
			<div className={styles.row}>
				{file.state === 'running' && (
					<Button variant="default" onClick={() => void dropImport(file.id).then(reread)}>{t('customers.imp.stop')}</Button>
				)}
				{(p.rejected ?? 0) > 0 && (
					<Button component="a" href={rejectsPath(file.id)} download="rejects.csv" variant="default" leftSection={<Icon name="download" size={16} />}>
						{t('customers.imp.rejects')}
					</Button>
				)}
				{file.state === 'done' && <Link href="/customers">{t('customers.imp.see')}</Link>}
			</div>
		</>
	)
}
