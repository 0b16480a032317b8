/*
 * TestStep.tsx - everything is declared; now the line is looked at, somebody gets ready and the first call comes.
 * What is ticked here is what the server knows, asked every two seconds.
 */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { type Page, type Schema, get, tenantPath } from '../api/http'
import { useSession, useUser } from '../app/session'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { type Draft, LINE, numberOf } from './draft'
import styles from './start.module.css'

const EVERY_MS = 2_000

/** What is tested: what this tab has just declared, or, anywhere else, what is declared. */
function useTested(draft: Draft): { tenant: string; number: string; person?: { id: string; name: string }; line: string; loading: boolean } {
	const user = useUser()
	const here = draft.firm.id && idFits(draft, user.tenant) ? draft.firm.id : ''
	const own = user.tenant !== 'system' ? user.tenant : ''
	const list = <T,>(on: boolean, key: string, path: string) => ({
		queryKey: ['start', 'declared', key],
		enabled: on,
		queryFn: ({ signal }: { signal: AbortSignal }) => get<Page<T>>(path, { signal, quiet: true }),
	})
	const tenants = useQuery(list<Schema['Tenant']>(!here && !own, 'tenants', '/api/v1/tenants'))
	const tenant = here || own || (tenants.data?.items.find((x) => x.id !== 'system')?.id ?? '')
	const ask = !here && !!tenant
	const numbers = useQuery(list<Schema['Number']>(ask, `${tenant} numbers`, tenantPath(tenant, 'numbers')))
	const trunks = useQuery(list<Schema['Trunk']>(ask, `${tenant} trunks`, tenantPath(tenant, 'trunks')))
	const users = useQuery(list<Schema['User']>(ask, `${tenant} users`, tenantPath(tenant, 'users')))
	if (here) return { tenant, number: numberOf(draft), person: draft.people[0], line: draft.line.id ?? LINE, loading: false }
	const person = users.data?.items.find((u) => u.id && u.roles?.includes('agent'))
	return {
		tenant,
		number: numbers.data?.items[0]?.id ?? '',
		person: person?.id ? { id: person.id, name: person.name ?? person.id } : undefined,
		line: (trunks.data?.items.find((x) => x.id === LINE) ?? trunks.data?.items[0])?.id ?? '',
		loading: tenants.isLoading || numbers.isLoading || trunks.isLoading || users.isLoading,
	}
}

/** A draft that was typed but belongs to another firm than this person's is not what he looks at. */
const idFits = (draft: Draft, tenant: string) => tenant === 'system' || tenant === draft.firm.id

export function TestStep({ draft, done }: { draft: Draft; done(): void }) {
	const { t } = useTranslation('start')
	const { signOut } = useSession()
	const [, go] = useLocation()
	const user = useUser()
	const { tenant, number, person, line: trunkId, loading } = useTested(draft)
	const asked = <T,>(on: boolean, ...path: string[]) => ({
		queryKey: ['start', tenant, ...path],
		refetchInterval: EVERY_MS,
		enabled: !!tenant && on,
		queryFn: ({ signal }: { signal: AbortSignal }) => get<T>(tenantPath(tenant, ...path), { signal, quiet: true }),
	})
	const { data: trunk } = useQuery(asked<Schema['TrunkLive']>(!!trunkId, 'trunks', trunkId, 'live'))
	const { data: agents } = useQuery(asked<Page<Schema['Agent']>>(true, 'agents'))
	const { data: contacts } = useQuery(asked<Page<Schema['Contact']>>(true, 'contacts'))
	const inbound = (contacts?.items ?? []).filter((c) => c.direction === 'inbound')
	const answered = inbound.find((c) => c.talk_ms || c.state === 'talking' || c.segments?.some((s) => s.kind === 'agent'))
	const ready = agents?.items.find((a) => a.presence === 'ready')
	useEffect(() => {
		if (answered) done()
	}, [answered, done])

	const peer = trunk?.peers[0]
	const line: [boolean, string] = !trunk
		? [false, t('test.line_unknown')]
		: trunk.registered === true
			? [true, t('test.registered')]
			: trunk.registered === false
				? [false, trunk.registrar_status ? t(trunk.registrar_status === 403 || trunk.registrar_status === 401 ? 'test.refused' : trunk.registrar_status === 408 ? 'test.silent' : 'test.status', { status: trunk.registrar_status }) : t('test.registering')]
				: !peer
					? [false, t('test.no_address')]
					: peer.down || peer.silent
						? [false, t('test.silent')]
						: [true, t('test.open', { address: peer.address })]
	if (loading) return null
	if (!tenant || !number)
		return (
			<div className={styles.actions}>
				<p>{t('test.nothing')}</p>
				<Button onClick={() => go('/start/firm')}>{t('test.begin')}</Button>
			</div>
		)
	const signInAs = () => {
		localStorage.setItem('centrala.last_user', JSON.stringify({ tenant, user: person?.id }))
		go('/')
		void signOut()
	}
	return (
		<>
			<ol className={styles.checks}>
				<Check ok={line[0]} title={t('test.line')}>
					{line[1]}
				</Check>
				<Check ok={!!ready} title={t('test.ready')}>
					{ready ? t('test.ready_ok', { name: ready.name || ready.id }) : t('test.ready_how', { name: person?.name, id: person?.id })}
				</Check>
				<Check ok={inbound.length > 0} title={t('test.call', { number: numberText(number) })}>
					{inbound.length > 0 ? t('test.call_ok', { number: numberText(inbound[0]?.from ?? '') }) : t('test.call_how')}
				</Check>
				<Check ok={!!answered} title={t('test.answered')}>
					{answered ? t('test.answered_ok') : t('test.answered_how')}
				</Check>
			</ol>
			{answered && (
				<p className={styles.finished} role="status">
					<Icon name="check" /> {t('test.finished')}
				</p>
			)}
			<div className={styles.actions}>
				{user.tenant !== tenant && person && (
					<Button size="md" onClick={signInAs} leftSection={<Icon name="person" />}>
						{t('test.sign_in_as', { name: person.name || person.id })}
					</Button>
				)}
			</div>
		</>
	)
}

function Check({ ok, title, children }: { ok: boolean; title: string; children: ReactNode }) {
	const { t } = useTranslation('start')
	return (
		<li data-ok={ok || undefined}>
			<span className={styles.mark}>
				<Icon name={ok ? 'check' : 'clock'} size={16} />
				<b className="unseen">{t(ok ? 'test.ok' : 'test.waits')}</b>
			</span>
			<span>
				<b>{title}</b>
				<small>{children}</small>
			</span>
		</li>
	)
}
