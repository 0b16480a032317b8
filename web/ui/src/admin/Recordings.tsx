/* Recordings.tsx - which talks are recorded, by every rule there is: the tenant's, the queues', the agents'. */
import { NumberInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Schema as Api, get, query, tenantPath } from '../api/http'
import { titleOf, useObject, useObjects } from './api'
import { Answer, Head } from './parts'
import { type Doc, KINDS, type Kind } from './schema'
import { useWhose } from './tenant'
import { useWords } from './words'
import styles from './admin.module.css'

const size = (bytes: number, language: string) =>
	new Intl.NumberFormat(language, { maximumFractionDigits: 1, style: 'unit', unit: bytes < 1e6 ? 'kilobyte' : bytes < 1e9 ? 'megabyte' : 'gigabyte' }).format(bytes / (bytes < 1e6 ? 1e3 : bytes < 1e9 ? 1e6 : 1e9))

/** How long recordings are kept, what is over its time, and what a rule that is thought of would delete. */
function Retention({ names }: { names: Map<string, string> }) {
	const { t, i18n } = useTranslation('admin')
	const { tenant } = useWhose()
	const [days, setDays] = useState<number | ''>('')
	const path = tenantPath(tenant, 'retention')
	const { data, error, isPending } = useQuery({
		queryKey: ['admin', tenant, 'retention'],
		refetchInterval: 30_000,
		queryFn: ({ signal }) => get<Api['Retention']>(path, { signal }),
	})
	const would = useQuery({
		queryKey: ['admin', tenant, 'retention', days],
		enabled: days !== '' && days > 0,
		queryFn: ({ signal }) => get<Api['Retention']>(path + query({ days: String(days) }), { signal }),
	}).data?.items[0]
	return (
		<section className={styles.group} aria-label={t('recordings.how_long')}>
			<h2 className={styles.groupName}>{t('recordings.how_long')}</h2>
			<Answer error={error} loading={isPending} />
			<ul className={styles.used}>
				{data?.items.map((r) => (
					<li key={r.queue ?? ''}>
						{r.queue === null
							? <Link href="/admin/tenant" className={styles.link}>{t('recordings.rest')}</Link>
							: <Link href={`/admin/queues/${encodeURIComponent(r.queue)}`} className={styles.link}>{names.get(r.queue) ?? r.queue}</Link>}
						<b>{r.days === null ? t('recordings.for_ever') : t('recordings.days', { count: r.days })}</b>
						<span className={styles.usedPaths}>
							{[
								t('recordings.there', { count: r.recordings }),
								r.held > 0 && t('recordings.held', { count: r.held }),
								r.oldest_at && t('recordings.oldest', { date: new Date(r.oldest_at).toLocaleDateString(i18n.language) }),
								r.days !== null && (r.due ? t('recordings.due', { count: r.due, size: size(r.due_bytes, i18n.language) }) : t('recordings.due_none')),
							].filter(Boolean).join(' · ')}
						</span>
					</li>
				))}
			</ul>
			<p className={styles.help}>{t('recordings.change')} {t('recordings.kept')}</p>
			<NumberInput className={styles.medium} label={t('recordings.try_days')} min={1} max={36500} allowDecimal={false} value={days} onChange={(v) => setDays(typeof v === 'number' ? v : '')} />
			<p className={styles.flat} role="status">{would && days !== '' ? t('recordings.would', { count: would.due, size: size(would.due_bytes, i18n.language) }) : ''}</p>
		</section>
	)
}

export default function Recordings() {
	const { t } = useTranslation('admin')
	const words = useWords()
	const { tenant } = useWhose()
	const firm = useObject(KINDS.tenant as Kind, tenant)
	const queues = useObjects('queue')
	const users = useObjects('user')
	const rule = (d: Doc | undefined) => {
		const r = d?.record
		if (r === undefined || r === null) return t('record.inherited')
		return r === 'always' || r === 'never' ? t(`record.${r}`) : t('record.of_hundred', { percent: String(r).replace('%', '') })
	}
	const own = (users.data ?? []).filter((u) => u.record !== undefined)
	const row = (d: Doc, to: string) => (
		<li key={String(d.id)}>
			<Link href={to} className={styles.link}>{titleOf(d)}</Link>
			<span className={styles.usedPaths}>{rule(d)}</span>
		</li>
	)
	return (
		<>
			<Head title={t('pages.recordings')} about={t('recordings.about')} />
			<Answer error={queues.error ?? users.error} loading={queues.isPending || users.isPending} />
			<section className={styles.group}>
				<h2 className={styles.groupName}>{t('pages.tenant')}</h2>
				<p className={styles.flat}>
					<Link href="/admin/tenant" className={styles.link}>{firm.data ? titleOf(firm.data) : tenant}</Link>: {firm.data?.record === undefined ? t('record.none') : rule(firm.data)}
				</p>
			</section>
			<section className={styles.group}>
				<h2 className={styles.groupName}>{words.kinds('queue')}</h2>
				<ul className={styles.used}>{(queues.data ?? []).map((q) => row(q, `/admin/queues/${encodeURIComponent(String(q.id))}`))}</ul>
			</section>
			<section className={styles.group}>
				<h2 className={styles.groupName}>{t('recordings.people')}</h2>
				{own.length ? <ul className={styles.used}>{own.map((u) => row(u, `/admin/users/${encodeURIComponent(String(u.id))}?tab=advanced`))}</ul> : <p className={styles.none}>{t('recordings.nobody')}</p>}
			</section>
			<Retention names={new Map((queues.data ?? []).map((q) => [String(q.id), titleOf(q)]))} />
		</>
	)
}
