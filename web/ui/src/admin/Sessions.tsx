/* Sessions.tsx - who is signed in, from where; a sign-in that should not be is ended here. */
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Page, type Schema as Api, ask, get, query, tenantPath } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import { fold } from '../parts/fold'
import { agoText } from '../parts/time'
import { Answer, ApiCall, Head } from './parts'
import { useWhose } from './tenant'
import styles from './admin.module.css'

type Session = Api['Session'] & { user?: string }

/** user: of one; without, of everybody. */
export function SessionTable({ user, text = '' }: { user?: string; text?: string }) {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { tenant, may } = useWhose()
	const queries = useQueryClient()
	const [ending, setEnding] = useState<{ user: string; id?: string } | null>(null)
	const { data, error, isPending } = useQuery({
		queryKey: ['admin', tenant, 'sessions', user ?? ''],
		refetchInterval: 10_000,
		queryFn: ({ signal }) => get<Page<Session>>(user ? tenantPath(tenant, 'users', user, 'sessions') : tenantPath(tenant, 'sessions'), { signal }).then((p) => p.items),
	})
	if (!data) return <Answer error={error} loading={isPending} />
	const shown = data.filter((s) => fold(`${s.user ?? ''} ${s.from}`).includes(fold(text.trim())))
	const end = async () => {
		const what = ending
		setEnding(null)
		if (!what) return
		try {
			await ask('DELETE', tenantPath(tenant, 'users', what.user, 'sessions') + query({ id: what.id }))
			await queries.invalidateQueries({ queryKey: ['admin', tenant, 'sessions'] })
			tell('good', t('sessions.ended'))
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
	}
	const mayEnd = may('users:sessions_delete')
	const when = (at: string | null) => (at ? agoText(at, Date.now(), i18n.language) : '–')
	return (
		<>
			{!shown.length && <p className={styles.none}>{t('sessions.none')}</p>}
			{shown.length > 0 && (
				<div className={styles.scroll} tabIndex={0} role="region" aria-label={t('pages.sessions')}>
					<table className={styles.plain}>
						<thead>
							<tr>
								{!user && <th scope="col">{t('sessions.user')}</th>}
								<th scope="col">{t('sessions.from')}</th>
								<th scope="col">{t('sessions.began')}</th>
								<th scope="col">{t('sessions.used')}</th>
								<th scope="col"><span className="unseen">{t('sessions.end')}</span></th>
							</tr>
						</thead>
						<tbody>
							{shown.map((s) => (
								<tr key={s.id}>
									{!user && <td><Link href={`/admin/users/${encodeURIComponent(s.user ?? '')}?tab=access`} className={styles.link}>{s.user}</Link></td>}
									<td className="num">{s.from}{s.current && <b> · {t('sessions.current')}</b>}</td>
									<td><time dateTime={s.began_at} title={new Date(s.began_at).toLocaleString(i18n.language)}>{when(s.began_at)}</time></td>
									<td>{when(s.used_at ?? null)}</td>
									<td className={styles.right}>
										{mayEnd && !s.current && <Button size="compact-sm" variant="subtle" color="red" onClick={() => setEnding({ user: s.user ?? user ?? '', id: s.id })}>{t('sessions.end')}</Button>}
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			{user && mayEnd && shown.length > 0 && (
				<Button mt="sm" w="fit-content" color="red" variant="light" onClick={() => setEnding({ user })}>{t('sessions.end_all')}</Button>
			)}
			<Modal opened={ending !== null} onClose={() => setEnding(null)} title={t(ending?.id ? 'sessions.end' : 'sessions.end_all')} centered>
				<p>{t('sessions.sure')}</p>
				<Group justify="flex-end" mt="md">
					<Button variant="default" data-autofocus onClick={() => setEnding(null)}>{t('cancel')}</Button>
					<Button color="red" onClick={() => void end()}>{t('sessions.end')}</Button>
				</Group>
			</Modal>
		</>
	)
}

export default function Sessions() {
	const { t } = useTranslation('admin')
	const { tenant } = useWhose()
	const [text, setText] = useState('')
	return (
		<>
			<Head title={t('pages.sessions')} about={t('sessions.about')}>
				<ApiCall calls={[{ method: 'GET', path: tenantPath(tenant, 'sessions') }, { method: 'DELETE', path: `${tenantPath(tenant, 'users', 'USER', 'sessions')}?id=ID` }]} />
			</Head>
			<TextInput className={styles.medium} leftSection={<Icon name="search" size={16} />} aria-label={t('sessions.search')} placeholder={t('search')} value={text} onChange={(e) => setText(e.currentTarget.value)} />
			<SessionTable text={text} />
		</>
	)
}
