/* Tokens.tsx - keys for other systems: made with a name, roles and an end; told once, kept as a hash. */
import { Alert, Button, Checkbox, Code, CopyButton, Group, Modal, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Page, ask, get, post, tenantPath } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import { agoText } from '../parts/time'
import { Answer, ApiCall, Head } from './parts'
import { useWhose } from './tenant'
import { useWords } from './words'
import styles from './admin.module.css'

interface Token {
	id: string
	name: string
	roles: string[]
	by: string
	made_at: string
	expires_at: string | null
	used_at: string | null
	used_from: string | null
	token?: string
}
const ROLES = ['agent', 'supervisor', 'admin', 'viewer']

export default function Tokens() {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const words = useWords()
	const { tenant, may } = useWhose()
	const queries = useQueryClient()
	const path = tenantPath(tenant, 'tokens')
	const key = ['admin', tenant, 'tokens']
	const { data, error, isPending } = useQuery({ queryKey: key, queryFn: ({ signal }) => get<Page<Token>>(path, { signal }).then((p) => p.items) })
	const [making, setMaking] = useState(false)
	const [name, setName] = useState('')
	const [roles, setRoles] = useState(['viewer'])
	const [until, setUntil] = useState('')
	const [fresh, setFresh] = useState<Token | null>(null)
	const [ending, setEnding] = useState<Token | null>(null)
	const body = { name: name.trim(), roles, ...(until && { expires_at: new Date(`${until}T23:59:59`).toISOString() }) }
	const run = async (what: () => Promise<unknown>) => {
		try {
			await what()
			await queries.invalidateQueries({ queryKey: key })
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
	}
	const make = () =>
		run(async () => {
			setFresh(await post<Token>(path, body))
			setMaking(false)
			setName('')
		})
	const at = { kind: 'user', names: ['roles'] }
	const when = (moment: string | null) => (moment ? agoText(moment, Date.now(), i18n.language) : '–')
	return (
		<>
			<Head title={t('pages.tokens')} about={t('tokens.about')}>
				<ApiCall calls={[{ method: 'GET', path }, { method: 'POST', path, body: { name: 'CRM', roles: ['viewer'] } }]} />
				{may('tokens:create') && <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setMaking(true)}>{t('tokens.make')}</Button>}
			</Head>
			{fresh?.token && (
				<Alert color="green" variant="light" title={t('tokens.once', { name: fresh.name })} mb="md" role="status">
					<Code block className={styles.secret}>{fresh.token}</Code>
					<CopyButton value={fresh.token}>
						{({ copied, copy }) => <Button mt="xs" size="xs" variant="light" onClick={copy}>{t(copied ? 'copied' : 'copy')}</Button>}
					</CopyButton>
				</Alert>
			)}
			<Answer error={error} loading={isPending} />
			{data && !data.length && <p className={styles.none}>{t('tokens.none')}</p>}
			{data && data.length > 0 && (
				<div className={styles.scroll} tabIndex={0} role="region" aria-label={t('pages.tokens')}>
					<table className={styles.plain}>
						<thead>
							<tr>{(['name', 'roles', 'made', 'used', 'expires'] as const).map((c) => <th scope="col" key={c}>{t(`tokens.${c}`)}</th>)}<th scope="col"><span className="unseen">{t('tokens.end')}</span></th></tr>
						</thead>
						<tbody>
							{data.map((k) => (
								<tr key={k.id}>
									<td>{k.name}</td>
									<td>{k.roles.map((r) => words.value(at, r)).join(', ')}</td>
									<td>{when(k.made_at)} · {k.by}</td>
									<td>{when(k.used_at)}{k.used_from ? ` · ${k.used_from}` : ''}</td>
									<td>{k.expires_at ? new Date(k.expires_at).toLocaleDateString(i18n.language) : t('tokens.never')}</td>
									<td className={styles.right}>{may('tokens:delete') && <Button size="compact-sm" variant="subtle" color="red" onClick={() => setEnding(k)}>{t('tokens.end')}</Button>}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			<Modal opened={making} onClose={() => setMaking(false)} title={t('tokens.make')} centered>
				<form onSubmit={(e) => { e.preventDefault(); void make() }}>
					<TextInput data-autofocus label={t('tokens.name')} description={t('tokens.name_help')} withAsterisk value={name} onChange={(e) => setName(e.currentTarget.value)} />
					<Checkbox.Group label={t('tokens.roles')} mt="sm" value={roles} onChange={setRoles}>
						{ROLES.map((r) => <Checkbox key={r} mt={6} value={r} label={words.value(at, r)} description={words.valueHelp(at, r)} />)}
					</Checkbox.Group>
					<TextInput type="date" mt="sm" label={t('tokens.expires')} description={t('tokens.expires_help')} value={until} onChange={(e) => setUntil(e.currentTarget.value)} />
					<Group justify="flex-end" mt="md">
						<Button variant="default" onClick={() => setMaking(false)}>{t('cancel')}</Button>
						<Button type="submit" disabled={!name.trim() || !roles.length}>{t('create')}</Button>
					</Group>
				</form>
			</Modal>
			<Modal opened={ending !== null} onClose={() => setEnding(null)} title={t('tokens.end')} centered>
				<p>{t('tokens.end_sure', { name: ending?.name ?? '' })}</p>
				<Group justify="flex-end" mt="md">
					<Button variant="default" data-autofocus onClick={() => setEnding(null)}>{t('cancel')}</Button>
					<Button color="red" onClick={() => { const k = ending; setEnding(null); if (k) void run(() => ask('DELETE', `${path}/${encodeURIComponent(k.id)}`)) }}>{t('tokens.end')}</Button>
				</Group>
			</Modal>
		</>
	)
}
