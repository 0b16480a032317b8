/* Sessions.tsx - where I am signed in, and an end to it there: one, or all but this one. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type Page, type Schema, ask, get, query } from '../api/http'
import { useNow } from '../parts/Clock'
import { agoText, momentText } from '../parts/time'
import styles from './Account.module.css'
import { tell } from './notices'
import { problemText } from './send'

export function Sessions() {
	const { t, i18n } = useTranslation()
	const now = useNow(30_000)
	const { data, error, refetch } = useQuery({
		queryKey: ['sessions'],
		refetchInterval: 30_000,
		refetchOnMount: 'always',
		queryFn: ({ signal }) => get<Page<Schema['Session']>>('/api/v1/sessions', { signal, quiet: true }),
	})
	const items = [...(data?.items ?? [])].sort((a, b) => Number(b.current) - Number(a.current) || b.began_at.localeCompare(a.began_at))
	async function end(id?: string) {
		try {
			await ask('DELETE', `/api/v1/sessions${query({ id })}`, undefined, { quiet: true })
			tell('good', t('account.ended'))
		} catch (fault) {
			tell('bad', problemText(fault, t))
		}
		void refetch()
	}
	return (
		<section className={styles.card} aria-label={t('account.sessions')}>
			<h2 className={styles.head}>{t('account.sessions')}</h2>
			{error && <p role="alert">{problemText(error, t)}</p>}
			<ul className={styles.sessions}>
				{items.map((s) => (
					<li key={s.id}>
						<span>
							<b className="num">{s.from}</b>
							<small>
								{t('account.began', { when: momentText(s.began_at, now, i18n.language) })}
								{!s.current && s.used_at && ` · ${t('account.used', { when: agoText(s.used_at, now, i18n.language) })}`}
							</small>
						</span>
						{s.current ? (
							<em>{t('account.here')}</em>
						) : (
							<Button variant="default" size="compact-sm" onClick={() => void end(s.id)}>
								{t('account.end')}
							</Button>
						)}
					</li>
				))}
			</ul>
			{items.length > 1 && (
				<Button variant="light" color="red" onClick={() => void end()}>
					{t('account.end_others')}
				</Button>
			)}
		</section>
	)
}
