/* Visitors.tsx - who came to a node today: exactly as many as its number says, each a link to his record. */
import { Modal } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { numberText } from '../parts/number'
import { momentText } from '../parts/time'
import { useVisitors } from './api'
import styles from './flows.module.css'

export function Visitors({ id, node, onClose }: { id: string; node: string; onClose(): void }) {
	const { t, i18n } = useTranslation('flows')
	const { data, isPending } = useVisitors(id, node)
	return (
		<Modal opened onClose={onClose} title={t('visitors.title', { node })}>
			{isPending ? <p className={styles.quiet}>{t('loading')}</p> : !data?.length ? <p className={styles.quiet}>{t('visitors.none')}</p> : (
				<ul className={styles.visitors}>
					{data.map((v, i) => (
						<li key={`${v.id} ${i}`}>
							<Link href={`/contacts/${v.id}`}>
								<span>{numberText(v.from ?? '') || t('visitors.withheld')}</span>
								<time>{v.arrived_at ? momentText(v.arrived_at, Date.now(), i18n.language) : ''}</time>
							</Link>
						</li>
					))}
				</ul>
			)}
		</Modal>
	)
}
