/* Roles.tsx - what each role may: the server's own table, address by address. */
import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Schema as Api } from '../api/http'
import { Icon } from '../parts/Icon'
import { fold } from '../parts/fold'
import { everyPage } from '../api/http'
import { Answer, ApiCall, Head } from './parts'
import { useWords } from './words'
import styles from './admin.module.css'

const ROLES = ['agent', 'supervisor', 'admin', 'viewer'] as const
type Row = Api['PermissionPage']['items'][number]
const COLUMNS = ['agent', 'supervisor', 'supervisor_of_teams', 'admin', 'viewer'] as const

export default function Roles() {
	const { t } = useTranslation('admin')
	const words = useWords()
	const [text, setText] = useState('')
	const { data, error, isPending } = useQuery({
		queryKey: ['admin', 'roles'],
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: ({ signal }) => everyPage<Row>('/api/v1/permissions', signal),
	})
	const rows = (data ?? []).filter((r) => fold(`${r.permission} ${r.method} ${r.address}`).includes(fold(text.trim())))
	const title = (c: (typeof COLUMNS)[number]) => (c === 'supervisor_of_teams' ? t('roles.of_teams') : words.value(at, c))
	const at = { kind: 'user', names: ['roles'] }
	return (
		<>
			<Head title={t('pages.roles')} about={t('roles.about')}>
				<ApiCall calls={[{ method: 'GET', path: '/api/v1/permissions' }]} />
			</Head>
			<dl className={styles.cards}>
				{ROLES.map((r) => (
					<div key={r} className={styles.card}>
						<dt>{words.value(at, r)}</dt>
						<dd>{words.valueHelp(at, r)}</dd>
					</div>
				))}
			</dl>
			<TextInput className={styles.medium} leftSection={<Icon name="search" size={16} />} aria-label={t('roles.search')} placeholder={t('search')} value={text} onChange={(e) => setText(e.currentTarget.value)} />
			<Answer error={error} loading={isPending} />
			{data && (
				<div className={styles.scroll} tabIndex={0} role="region" aria-label={t('roles.table')}>
					<table className={styles.plain}>
						<thead>
							<tr>
								<th scope="col">{t('roles.permission')}</th>
								{COLUMNS.map((c) => <th scope="col" key={c}>{title(c)}</th>)}
							</tr>
						</thead>
						<tbody>
							{rows.map((r) => (
								<tr key={`${r.method} ${r.address}`}>
									<th scope="row" title={`${r.method} ${r.address}`}>
										<code>{r.permission}</code> <span className={styles.usedPaths}>{r.method} {r.address}</span>
									</th>
									{COLUMNS.map((c) => <td key={c} data-may={r[c] === 'yes' ? 'all' : r[c] === 'no' ? undefined : 'own'}>{t(`roles.${r[c]}` as 'roles.own')}</td>)}
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</>
	)
}
