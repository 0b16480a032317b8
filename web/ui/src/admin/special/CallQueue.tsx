/* CallQueue.tsx - a queue is tried as its callers come to it: by any of the numbers that lead there. */
import { useTranslation } from 'react-i18next'
import { useObjects } from '../api'
import { Answer } from '../parts'
import type { Doc } from '../schema'
import { useWhose } from '../tenant'
import CallMe from './CallMe'
import { numbersInto } from './ways'
import styles from '../admin.module.css'

export default function CallQueue({ queue }: { queue: Doc }) {
	const { t } = useTranslation('admin')
	const { sees } = useWhose()
	const numbers = useObjects('number')
	const flows = useObjects('flow')
	if (!sees('number') || !sees('flow')) return <p className={styles.none}>{t('call_me.not_seen')}</p>
	if (!numbers.data || !flows.data) return <Answer error={numbers.error ?? flows.error} loading={numbers.isPending || flows.isPending} />
	const ways = numbersInto(String(queue.id), numbers.data, flows.data)
	return ways.length ? <CallMe to={ways} is="queue" /> : <p className={styles.none}>{t('call_me.no_way')}</p>
}
