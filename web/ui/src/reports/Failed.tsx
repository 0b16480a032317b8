/* Failed.tsx - why a page has nothing to show, and another try. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/http'
import { Icon } from '../parts/Icon'
import styles from './reports.module.css'

export function Failed({ error, onRetry }: { error: unknown; onRetry(): void }) {
	const { t } = useTranslation('reports')
	const p = error instanceof Problem ? error : null
	const what = p?.status === 403 ? t('may_not') : p?.status === 400 ? p.errors.map((e) => e.message).join('; ') || p.detail : t('not_loaded')
	return (
		<div className={styles.none} role="alert">
			<Icon name="warning" size={32} />
			<p>{what}</p>
			{p?.status !== 403 && <Button variant="default" onClick={onRetry}>{t('retry')}</Button>}
		</div>
	)
}
