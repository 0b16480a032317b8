/* Backup.tsx - copies of everything stored, made while the server runs; for admins of tenant system. */
import { Button, Group, Modal } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Page, ask, get, post } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Answer, ApiCall, Head } from './parts'
import { useWhose } from './tenant'
import styles from './admin.module.css'

interface Copy {
	id: string
	state: 'whole' | 'making'
	at?: string
	bytes?: number
	files?: number
	version?: string
}
const PATH = '/api/v1/backups'

export default function Backup() {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const queries = useQueryClient()
	const key = ['admin', 'backups']
	const { system } = useWhose()
	const { data, error, isPending } = useQuery({ queryKey: key, enabled: system, refetchInterval: 5000, queryFn: ({ signal }) => get<Page<Copy>>(PATH, { signal }).then((p) => p.items) })
	const [busy, setBusy] = useState(false)
	const [gone, setGone] = useState<Copy | null>(null)
	const run = async (what: () => Promise<unknown>, done: string) => {
		setBusy(true)
		try {
			await what()
			tell('good', done)
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
		await queries.invalidateQueries({ queryKey: key })
		setBusy(false)
	}
	const size = (bytes = 0) => new Intl.NumberFormat(i18n.language, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 }).format(bytes / 1e6)
	if (!system)
		return (
			<>
				<Head title={t('pages.backup')} about={t('backup.about')} />
				<p className={styles.none}>{t('backup.not_for_you')}</p>
			</>
		)
	return (
		<>
			<Head title={t('pages.backup')} about={t('backup.about')}>
				<ApiCall calls={[{ method: 'POST', path: '/api/v1/backup', body: {} }, { method: 'GET', path: PATH }]} />
				<Button loading={busy} onClick={() => void run(() => post('/api/v1/backup', {}), t('backup.made'))}>{t('backup.make')}</Button>
			</Head>
			<Answer error={error} loading={isPending} />
			{data && !data.length && <p className={styles.none}>{t('backup.none')}</p>}
			<ul className={styles.used}>
				{data?.map((b) => (
					<li key={b.id}>
						<span className={styles.usedKind}>{b.at ? new Date(b.at).toLocaleString(i18n.language) : b.id}</span>
						<span className={styles.usedPaths}>{b.state === 'making' ? t('backup.making') : `${size(b.bytes)} · ${t('backup.files', { count: b.files ?? 0 })} · ${b.version ?? ''}`}</span>
						<span className={styles.spacer} />
						{b.state === 'whole' && <Button component="a" size="compact-sm" variant="light" href={`${PATH}/${encodeURIComponent(b.id)}`} download={`centrala-${b.id}.tar`}>{t('backup.download')}</Button>}
						<Button size="compact-sm" variant="subtle" color="red" onClick={() => setGone(b)}>{t('delete')}</Button>
					</li>
				))}
			</ul>
			<Modal opened={gone !== null} onClose={() => setGone(null)} title={t('backup.delete')} centered>
				<p>{t('delete_sure')}</p>
				<Group justify="flex-end" mt="md">
					<Button variant="default" data-autofocus onClick={() => setGone(null)}>{t('cancel')}</Button>
					<Button color="red" onClick={() => { const b = gone; setGone(null); if (b) void run(() => ask('DELETE', `${PATH}/${encodeURIComponent(b.id)}`), t('deleted', { name: b.id })) }}>{t('delete')}</Button>
				</Group>
			</Modal>
		</>
	)
}
