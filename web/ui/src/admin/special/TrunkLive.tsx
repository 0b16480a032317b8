/*
 * TrunkLive.tsx - does a trunk work? Its registration, its addresses, its calls; a test at a click; and the last things
 * that went wrong, in plain words.
 */
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { type Schema as Api, get, post, tenantPath } from '../../api/http'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { Icon } from '../../parts/Icon'
import { Answer, ApiCall } from '../parts'
import type { Doc } from '../schema'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'

/** What an answer of a registrar means to somebody who never read RFC 3261. */
const REASONS = ['401', '403', '404', '407', '408', '423', '503'] as const
const CALL_REASONS = ['401', '403', '404', '407', '408', '484', '488', '500', '502', '503'] as const
type Wrong = Pick<Api['TrunkError'], 'asked' | 'status' | 'text'> & { why: string | null }

function meaning(t: TFunction<'admin'>, w: Wrong): string {
	const status = String(w.status ?? '')
	if (w.asked === 'register') {
		const known = REASONS.find((r) => r === status)
		return known ? t(`trunk.status.${known}`) : w.why === 'unresolved' ? t('trunk.no_address') : w.why === 'silent' ? t('trunk.status.408') : t('trunk.not_registered', { status: status || '–' })
	}
	if (w.why === 'silent') return t(w.asked === 'call' ? 'trunk.wrong.call_silent' : 'trunk.wrong.silent')
	if (w.why === 'unreachable') return t('trunk.wrong.unreachable')
	if (w.why === 'certificate') return t('trunk.wrong.certificate')
	if (w.why === 'unresolved') return t('trunk.wrong.unresolved')
	if (w.why === 'blocked') return t(w.text === 'max_calls' ? 'trunk.wrong.max_calls' : w.text === 'cps_max' ? 'trunk.wrong.cps_max' : w.status === 404 ? 'trunk.wrong.no_number' : w.status === 488 ? 'trunk.wrong.no_codec' : 'trunk.wrong.blocked', { status })
	const known = CALL_REASONS.find((r) => r === status)
	return known ? t(`trunk.call_status.${known}`) : t('trunk.wrong.refused', { status })
}

/** In their own words, as they said them; nobody's language but theirs. */
const said = (w: Wrong) => [w.status, w.text].filter(Boolean).join(' ')

function Test({ path, may, after }: { path: string; may: boolean; after(): void }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { mutate, data, isPending } = useMutation({
		mutationFn: () => post<Api['TrunkTest']>(path),
		onError: (error) => tell('bad', problemText(error, shell)),
		onSettled: after,
	})
	if (!may) return null
	return (
		<section className={styles.group} aria-label={t('trunk.test.title')}>
			<div className={styles.row}>
				<Button loading={isPending} leftSection={<Icon name="check" size={16} />} onClick={() => mutate()}>
					{t('trunk.test.now')}
				</Button>
				<span className={styles.help}>{t('trunk.test.about')}</span>
				<span className={styles.spacer} />
				<ApiCall calls={[{ method: 'POST', path, body: {} }]} />
			</div>
			<div role="status" aria-live="polite">
				{data && !isPending && (
					<>
						<p className={styles.verdict} data-open={data.ok || undefined}>
							<Icon name={data.ok ? 'check' : 'warning'} />
							<b>{t(data.ok ? 'trunk.test.good' : 'trunk.test.bad')}</b>
						</p>
						<ul className={styles.checks}>
							{data.answers.map((a) => (
								<li key={`${a.asked} ${a.peer}`} className={styles.check} data-good={a.ok || undefined}>
									<Icon name={a.ok ? 'check' : 'warning'} size={16} />
									<span>
										{a.peer}: {a.ok
											? t(a.asked === 'register' ? 'trunk.test.registers' : 'trunk.test.answered', { ms: a.ms ?? 0 })
											: meaning(t, a)}
										{said(a) && a.status !== 200 && <> (<bdi>{said(a)}</bdi>)</>}
									</span>
								</li>
							))}
						</ul>
					</>
				)}
			</div>
		</section>
	)
}

function Errors({ errors }: { errors: Api['TrunkError'][] }) {
	const { t, i18n } = useTranslation('admin')
	const time = (at: string) => new Date(at).toLocaleString(i18n.language, { dateStyle: 'short', timeStyle: 'medium' })
	return (
		<section aria-label={t('trunk.errors.title')}>
			<h2 className={styles.groupName}>{t('trunk.errors.title')}</h2>
			{!errors.length && <p className={styles.none}>{t('trunk.errors.none')}</p>}
			{errors.length > 0 && (
				<div className={styles.scroll} tabIndex={0} role="region" aria-label={t('trunk.errors.title')}>
					<table className={styles.plain}>
						<thead>
							<tr>
								<th scope="col">{t('trunk.errors.at')}</th>
								<th scope="col">{t('trunk.errors.peer')}</th>
								<th scope="col">{t('trunk.errors.asked')}</th>
								<th scope="col">{t('trunk.errors.what')}</th>
							</tr>
						</thead>
						<tbody>
							{errors.map((e) => (
								<tr key={`${e.first_at} ${e.asked} ${e.why} ${e.peer} ${e.status} ${e.text}`}>
									<td className="num">
										{time(e.at)}
										{e.count > 1 && <div className={styles.help}>{t('trunk.errors.times', { count: e.count, since: time(e.first_at) })}</div>}
									</td>
									<td><bdi>{e.peer}</bdi></td>
									<td>
										{t(`trunk.asked.${e.asked}`)}
										{e.number && <div className="num"><bdi>{e.number}</bdi></div>}
									</td>
									<td className={styles.wrap}>
										{meaning(t, e)}
										{said(e) && <div className={styles.help}><bdi>{said(e)}</bdi></div>}
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</section>
	)
}

export default function TrunkLive({ trunk }: { trunk: Doc }) {
	const { t, i18n } = useTranslation('admin')
	const { tenant, may } = useWhose()
	const asked = useQueryClient()
	const id = String(trunk.id)
	const path = tenantPath(tenant, 'trunks', id, 'live')
	const queryKey = ['admin', tenant, 'trunk', 'live', id]
	const { data, error, isPending, dataUpdatedAt } = useQuery({
		queryKey,
		refetchInterval: 2000,
		queryFn: ({ signal }) => get<Api['TrunkLive']>(path, { signal }),
	})
	if (!data) return <Answer error={error} loading={isPending} />
	const bad = data.peers.filter((p) => p.down || p.silent || p.busy)
	const works = data.registered !== false && data.peers.length > 0 && bad.length < data.peers.length
	const time = (at: string) => new Date(at).toLocaleString(i18n.language, { dateStyle: 'short', timeStyle: 'short' })
	const line = (good: boolean, text: string, key: string, more = '') => (
		<li key={key} className={styles.check} data-good={good || undefined}>
			<Icon name={good ? 'check' : 'warning'} size={16} />
			<span>
				{text}
				{more && <span className={styles.help}> · {more}</span>}
			</span>
		</li>
	)
	const peer = (p: Api['TrunkLive']['peers'][number]) =>
		line(
			!(p.down || p.silent || p.busy),
			`${p.address}: ${t(p.down ? 'trunk.down' : p.busy ? 'trunk.peer_busy' : p.silent ? 'trunk.silent' : p.asked_at ? 'trunk.answers' : 'trunk.not_asked')}`,
			p.address,
			[p.ms !== null && t('trunk.ms', { ms: p.ms }), p.since_at && t('trunk.since', { time: time(p.since_at) })].filter(Boolean).join(' · '),
		)
	return (
		<>
			<div role="status" aria-live="polite">
				<p className={styles.verdict} data-open={works || undefined}>
					<Icon name={works ? 'check' : 'warning'} />
					<b>{t(works ? 'trunk.works' : 'trunk.fails')}</b>
				</p>
			</div>
			<dl className={styles.strip}>
				<div><dt>{t('trunk.calls_now')}</dt><dd className="num">{data.calls}{data.max_calls !== null && <small> / {data.max_calls}</small>}</dd></div>
				<div><dt>{t('trunk.cps')}</dt><dd className="num">{data.cps}{data.cps_max !== null && <small> / {data.cps_max}</small>}</dd></div>
			</dl>
			<ul className={styles.checks}>
				{data.registered === null
					? line(true, t('trunk.no_registration'), 'r')
					: data.registered
						? line(true, t('trunk.registered'), 'r', data.registered_until_at ? t('trunk.until', { time: time(data.registered_until_at) }) : '')
						: line(false, meaning(t, { asked: 'register', why: 'refused', status: data.registrar_status, text: null }), 'r')}
				{!data.peers.length && line(false, t('trunk.no_address'), 'none')}
				{data.peers.map(peer)}
			</ul>
			<p className={styles.help}>
				{t('trunk.watched', { time: new Date(dataUpdatedAt).toLocaleTimeString(i18n.language) })} <ApiCall calls={[{ method: 'GET', path }]} />
			</p>
			<Test path={tenantPath(tenant, 'trunks', id, 'test')} may={may('trunks:test')} after={() => void asked.invalidateQueries({ queryKey })} />
			<Errors errors={data.errors} />
		</>
	)
}
