/* FlowTest.tsx - a flow is tried where it is drawn; the numbers that lead to it are called from their own pages. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { numberText } from '../../parts/number'
import { useObjects } from '../api'
import type { Doc } from '../schema'
import { Part } from './People'
import styles from '../admin.module.css'

export default function FlowTest({ flow }: { flow: Doc }) {
	const { t } = useTranslation('admin')
	const { data } = useObjects('number')
	const id = String(flow.id)
	const numbers = (data ?? []).filter((n) => n.flow === id || n.draft === id)
	return (
		<>
			<p>{t('test.flow.about')}</p>
			<div className={styles.row}>
				<Button component={Link} href={`/flows/${encodeURIComponent(id)}`} variant="default">{t('test.flow.editor')}</Button>
			</div>
			<Part title={t('test.flow.numbers')}>
				{data && !numbers.length && <p className={styles.none}>{t('test.flow.no_number')}</p>}
				<ul className={styles.used}>
					{numbers.map((n) => (
						<li key={String(n.id)}>
							<Link className={styles.link} href={`/admin/numbers/${encodeURIComponent(String(n.id))}?tab=try`}>{numberText(String(n.id))}</Link>
						</li>
					))}
				</ul>
			</Part>
		</>
	)
}
