/* OutcomeTest.tsx - an outcome as wrap-up offers it, which queues want one, and how often it was chosen. */
import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Page, get, query, tenantPath } from '../../api/http'
import { titleOf, useObjects } from '../api'
import type { Doc } from '../schema'
import { useWhose } from '../tenant'
import { Part } from './People'
import styles from '../admin.module.css'

const WEEK = { period: 'last_7_days' }

export default function OutcomeTest({ outcome }: { outcome: Doc }) {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { tenant, may } = useWhose()
	const id = String(outcome.id)
	const { data: all } = useObjects('outcome')
	const { data: queues } = useObjects('queue')
	const [chosen, setChosen] = useState<string | null>(id)
	const { data: used } = useQuery({
		queryKey: ['admin', tenant, 'outcome', 'used', id],
		enabled: may('reports:contacts'),
		queryFn: ({ signal }) =>
			get<Page<{ key?: string; contacts?: number }>>(tenantPath(tenant, 'reports', 'contacts') + query({ ...WEEK, by: 'outcome', outcome: id }), { signal }).then((p) =>
				p.items.filter((r) => r.key === id).reduce((sum, r) => sum + (r.contacts ?? 0), 0),
			),
	})
	const data = (all ?? []).map((o) => ({ value: String(o.id), label: titleOf(o.id === id ? outcome : o) })).sort((a, b) => a.label.localeCompare(b.label, i18n.language))
	const wanting = (queues ?? []).filter((q) => q.outcome_required === true)
	const standing = (queues ?? []).filter((q) => q.outcome_default === id)
	return (
		<>
			<Part title={t('test.outcome.wrap')}>
				<Select className={styles.medium} label={shell('wrap.outcome')} placeholder={shell('wrap.choose')} data={data} value={chosen} onChange={setChosen} searchable clearable nothingFoundMessage={shell('wrap.no_outcome')} clearButtonProps={{ 'aria-label': shell('wrap.clear') }} />
			</Part>
			<ul>
				<li>{wanting.length ? t('test.outcome.wanted', { queues: wanting.map(titleOf).join(', ') }) : t('test.outcome.not_wanted')}</li>
				{standing.length > 0 && <li>{t('test.outcome.standing', { queues: standing.map(titleOf).join(', ') })}</li>}
				{used !== undefined && (
					<li>
						{t('test.outcome.used', { count: used })}{' '}
						{used > 0 && <Link className={styles.link} href={`/reports/contacts${query({ ...WEEK, outcome: id })}`}>{t('test.open')}</Link>}
					</li>
				)}
			</ul>
		</>
	)
}
