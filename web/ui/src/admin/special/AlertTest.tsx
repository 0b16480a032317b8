/* AlertTest.tsx - what an alert makes of the figure of this second; told, if wanted, to whom it would be told, as a test. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Schema as Api, post, tenantPath } from '../../api/http'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { Answer, ApiCall } from '../parts'
import type { Doc } from '../schema'
import { useWhose } from '../tenant'
import { useWords } from '../words'
import styles from '../admin.module.css'

type Test = Api['AlertTest']

/** Its words, in the order in which they decide. */
function verdictOf(test: Test): 'on' | 'no_figure' | 'unknown' | 'quiet' | 'fires' | 'fine' {
	if (test.on) return 'on'
	if (!test.as_of) return 'no_figure'
	if (test.value === null) return 'unknown'
	if (test.beyond) return test.quiet ? 'quiet' : 'fires'
	return 'fine'
}

export default function AlertTest({ alert }: { alert: Doc }) {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const words = useWords()
	const { tenant, may } = useWhose()
	const [busy, setBusy] = useState(false)
	const path = tenantPath(tenant, 'alerts', String(alert.id), 'test')
	const { data, error, isPending, refetch } = useQuery({
		queryKey: ['admin', tenant, 'alert', 'test', alert.id],
		enabled: may('alerts:test'),
		refetchInterval: 2000,
		queryFn: () => post<Test>(path, {}),
	})
	if (!may('alerts:test')) return <p className={styles.none}>{t('forbidden')}</p>
	if (!data) return <Answer error={error} loading={isPending} retry={() => void refetch()} />
	const number = (n: number) => n.toLocaleString(i18n.language, { maximumFractionDigits: 1 })
	const verdict = verdictOf(data)
	const limit = data.below ?? data.above ?? 0
	const notify = async () => {
		setBusy(true)
		try {
			await post(path, { notify: true })
			tell('good', t('alert_test.told'))
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		} finally {
			setBusy(false)
		}
	}
	return (
		<>
			<p className={styles.verdict} data-open={verdict === 'fires' || verdict === 'on' || undefined} role="status">
				<b>{t(`alert_test.${verdict}`, { count: data.for_s })}</b>
			</p>
			<dl className={styles.strip}>
				<div>
					<dt>{words.value({ kind: 'alert', names: ['measure'] }, data.measure)}</dt>
					<dd className="num">{data.value === null ? '—' : number(data.value)}</dd>
				</div>
				<div>
					<dt>{t(data.below === undefined ? 'alert_test.above' : 'alert_test.below')}</dt>
					<dd className="num">{number(limit)}</dd>
				</div>
			</dl>
			<p>{t('alert_test.about')}</p>
			<div className={styles.row}>
				<Button variant="default" loading={busy} onClick={() => void notify()}>{t('alert_test.notify')}</Button>
				<ApiCall calls={[{ method: 'POST', path, body: {} }, { method: 'POST', path, body: { notify: true } }]} />
			</div>
		</>
	)
}
