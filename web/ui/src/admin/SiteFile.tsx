/* SiteFile.tsx - everything declared as one file: taken out, looked at, put in; all of it or nothing. */
import { Alert, Button, FileButton, Group } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type FieldError, Problem, get, post, query } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import { ApiCall, Head } from './parts'
import type { Doc } from './schema'
import { useWhose } from './tenant'
import { useWords } from './words'
import styles from './admin.module.css'

interface Applied {
	created: string[]
	updated: string[]
	deleted: string[]
	unchanged: number
}

export default function SiteFile() {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const words = useWords()
	const { tenant, system, may } = useWhose()
	const queries = useQueryClient()
	const [site, setSite] = useState<{ name: string; objects: Doc[] } | null>(null)
	const [errors, setErrors] = useState<FieldError[]>([])
	const [done, setDone] = useState<Applied | null>(null)
	const [busy, setBusy] = useState(false)
	const exportPath = `/api/v1/export${system ? query({ tenant }) : ''}`
	const save = async () => {
		const all = await get<Doc>(exportPath)
		const a = document.createElement('a')
		a.href = URL.createObjectURL(new Blob([`${JSON.stringify(all, null, 2)}\n`], { type: 'application/json' }))
		a.download = `${tenant}.json`
		a.click()
		setTimeout(() => URL.revokeObjectURL(a.href), 10_000)
	}
	const read = async (file: File | null) => {
		if (!file) return
		setErrors([])
		setDone(null)
		try {
			const doc = JSON.parse(await file.text())
			if (!Array.isArray(doc?.objects)) throw new Error(t('site.no_objects'))
			setSite({ name: file.name, objects: doc.objects })
		} catch (error) {
			setSite(null)
			setErrors([{ path: file.name, message: error instanceof Error ? error.message : String(error) }])
		}
	}
	const apply = async () => {
		setBusy(true)
		try {
			setDone(await post<Applied>('/api/v1/apply', { objects: site?.objects ?? [] }))
			setErrors([])
			setSite(null)
			await queries.invalidateQueries({ queryKey: ['admin'] })
		} catch (error) {
			if (error instanceof Problem && error.errors.length) setErrors(error.errors)
			else tell('bad', problemText(error, shell))
		}
		setBusy(false)
	}
	const counts = new Map<string, number>()
	for (const o of site?.objects ?? []) counts.set(String(o?.kind), (counts.get(String(o?.kind)) ?? 0) + 1)
	return (
		<>
			<Head title={t('pages.sitefile')} about={t('site.about')}>
				<ApiCall calls={[{ method: 'GET', path: exportPath }, { method: 'POST', path: '/api/v1/apply', body: { objects: site?.objects.slice(0, 2) ?? [] } }]} />
			</Head>
			<section className={styles.group}>
				<h2 className={styles.groupName}>{t('site.export')}</h2>
				<p className={styles.help}>{t('site.export_help')}</p>
				<Button variant="default" leftSection={<Icon name="download" size={16} />} onClick={() => void save().catch((e) => tell('bad', problemText(e, shell)))}>{t('site.download')}</Button>
			</section>
			{may('apply:create') && (
				<section className={styles.group}>
					<h2 className={styles.groupName}>{t('site.import')}</h2>
					<p className={styles.help}>{t('site.import_help')}</p>
					<FileButton accept="application/json,.json" onChange={(f) => void read(f)}>
						{(p) => <Button {...p} variant="default" leftSection={<Icon name="upload" size={16} />}>{t('site.choose')}</Button>}
					</FileButton>
					{site && (
						<div className={styles.block}>
							<b>{site.name}</b>: {[...counts].map(([k, n]) => `${words.kinds(k)} ${n}`).join(', ')}
							<Group mt="sm">
								<Button loading={busy} onClick={() => void apply()}>{t('site.apply', { count: site.objects.length })}</Button>
								<Button variant="default" onClick={() => setSite(null)}>{t('cancel')}</Button>
							</Group>
						</div>
					)}
				</section>
			)}
			{errors.length > 0 && (
				<Alert color="red" variant="light" title={t('mistakes', { count: errors.length })} role="alert" mt="md">
					<p className={styles.flat}>{t('nothing_changed')}</p>
					<ul className={styles.errors}>{errors.map((e) => <li key={`${e.path}${e.message}`}><code>{e.path}</code>: {e.message}</li>)}</ul>
				</Alert>
			)}
			{done && (
				<Alert color="green" variant="light" role="status" mt="md" title={t('site.done')}>
					{(['created', 'updated', 'deleted'] as const).map((k) => done[k].length > 0 && <p key={k} className={styles.flat}>{t(`site.${k}`)}: {done[k].join(', ')}</p>)}
					<p className={styles.flat}>{t('site.unchanged', { count: done.unchanged })}</p>
				</Alert>
			)}
		</>
	)
}
