/* ApiPage.tsx - the way to the reference of the interface, and how to begin. */
import { Button, Code } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Head } from './parts'
import { useWhose } from './tenant'
import styles from './admin.module.css'

export default function ApiPage() {
	const { t } = useTranslation('admin')
	const { tenant } = useWhose()
	const begin = `URL=${location.origin}\nTOKEN=$(curl -s $URL/api/v1/login -d '{"tenant":"${tenant}","user":"…","password":"…"}' | jq -r .token)\ncurl -s -H "Authorization: Bearer $TOKEN" $URL/api/v1/tenants/${tenant}/queues | jq`
	return (
		<>
			<Head title={t('pages.api')} about={t('api.about')}>
				<Button component="a" href="/api/docs" target="_blank">{t('api.open')}</Button>
			</Head>
			<Code block className={styles.callText} tabIndex={0} role="region" aria-label={t('api.begin')}>{begin}</Code>
			<p className={styles.help}>
				<a className={styles.link} href="/api/v1/openapi.json" download="centrala-openapi.json">{t('api.json')}</a>
			</p>
		</>
	)
}
