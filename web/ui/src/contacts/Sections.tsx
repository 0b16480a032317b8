/* Sections.tsx - the smaller parts of a contact's page: why, how it sounded, what was told, all fields, who listened. */
import { Loader } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNames } from '../reports/names'
import { numberText } from '../parts/number'
import { whyParts } from '../desk/why'
import { spanText } from '../parts/time'
import { NONE, figureText, timeText } from '../reports/figure'
import { type Contact, type Promised, type Quality, type Recorded, useListened } from './api'
import { mosWord } from './sound'
import styles from './contacts.module.css'

function useClock(zone: string) {
	const { i18n } = useTranslation('reports')
	return (at: string) => new Date(at).toLocaleTimeString(i18n.language, { timeZone: zone })
}

function Card({ id, title, children }: { id: string; title: string; children: ReactNode }) {
	return (
		<section className={styles.card} aria-labelledby={id}>
			<header className={styles.cardHead}><h2 id={id}>{title}</h2></header>
			{children}
		</section>
	)
}

/** A scroll of its own on small screens; the keyboard can move it. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
	return <div className={styles.wide} role="region" aria-label={label} tabIndex={0}>{children}</div>
}

export function Why({ decisions, contact, zone }: { decisions: Recorded[]; contact: Contact; zone: string }) {
	const { t, i18n } = useTranslation('reports')
	const names = useNames()
	const clock = useClock(zone)
	if (!decisions.length) return null
	const entered = (d: Recorded) => contact.segments.findLast((s) => s.kind === 'queue' && s.queue === d.queue && s.started_at <= d.at)?.started_at
	return (
		<Card id="why" title={t('why.title')}>
			{decisions.map((d, i) => {
				const agent = d.agent ? names.of('agent', d.agent) : ''
				const queue = names.of('queue', d.queue)
				const since = entered(d)
				const parts = (d.agent ? whyParts(d, d.agent, since) : []).flatMap((part) => {
					const key = `why.${part.key}` as 'why.of'
					const time = 'ms' in part ? spanText(part.ms, i18n.language) : ''
					return i18n.exists(key, { ns: 'reports', count: 1 }) ? [String(t(key, { count: 0, level: 0, ...part, agent, time }))] : []
				})
				const head = d.now ? t('why.now', { queue }) : d.agent ? t('why.given', { agent, queue, at: clock(d.at) }) : t('why.left', { queue, at: clock(d.at) })
				return (
					<details key={`${d.at} ${i}`} className={styles.why} open={decisions.length === 1 || undefined}>
						<summary><span>{head}</span>{parts.length > 0 && <span className={styles.whyParts}>{parts.join(' · ')}</span>}</summary>
						<Wide label={t('why.title')}>
							<table className={styles.small}>
								<thead>
									<tr><th scope="col">{t('list.agent')}</th><th scope="col">{t('why.answer')}</th><th scope="col" className={styles.right}>{t('why.idle')}</th><th scope="col" className={styles.right}>{t('why.skill')}</th></tr>
								</thead>
								<tbody>
									{(d.candidates ?? []).map((k) => (
										<tr key={k.agent} data-picked={k.agent === d.agent || undefined}>
											<th scope="row">{names.of('agent', k.agent)}</th>
											<td>{k.agent === d.agent ? <b>{t('why.taken')}</b> : k.refused
												? (i18n.exists(`why.refused.${k.refused}`, { ns: 'reports' }) ? t(`why.refused.${k.refused}` as 'why.refused.busy') : k.refused)
												: t('why.could')}</td>
											<td className={`${styles.right} num`}>{k.idle_ms === undefined ? NONE : timeText(k.idle_ms, i18n.language)}</td>
											<td className={`${styles.right} num`}>{k.skill ?? NONE}</td>
										</tr>
									))}
								</tbody>
							</table>
						</Wide>
						{d.score && (
							<p className={styles.hint}>
								{t('why.score', {
									score: figureText(d.score.score, 'number', i18n.language), waited: figureText(d.score.waited_min, 'number', i18n.language),
									priority: d.score.priority_min ?? 0, level: d.score.class ?? 0,
								})}
								{d.queue_version !== undefined && ` ${t('why.version', { version: d.queue_version })}`}
							</p>
						)}
					</details>
				)
			})}
		</Card>
	)
}

export function QualityTable({ rows }: { rows: Quality[] }) {
	const { t, i18n } = useTranslation('reports')
	if (!rows.length) return null
	return (
		<Card id="quality" title={t('quality.title')}>
			<Wide label={t('quality.title')}>
				<table className={styles.small}>
					<thead>
						<tr>
							<th scope="col">{t('quality.party')}</th><th scope="col">{t('quality.sounded')}</th><th scope="col" className={styles.right}>{t('quality.lost')}</th>
							<th scope="col" className={styles.right}>{t('quality.jitter')}</th><th scope="col">{t('quality.codec')}</th>
						</tr>
					</thead>
					<tbody>
						{rows.map((q, i) => {
							const share = q.received + q.lost > 0 ? q.lost / (q.received + q.lost) : null
							const word = mosWord(q.mos)
							return (
								<tr key={i}>
									<th scope="row">{t(`party.${q.party as 'customer'}`)}</th>
									<td><span className={styles.mos} data-word={word}>{t(`quality.${word}`)}</span>{q.mos !== null && <span className="num"> {figureText(q.mos, 'number', i18n.language)}</span>}</td>
									<td className={`${styles.right} num`}>{figureText(share, 'ratio', i18n.language)}</td>
									<td className={`${styles.right} num`}>{t('quality.ms', { ms: figureText(q.jitter_ms, 'number', i18n.language) })}</td>
									<td>{[q.codec, q.srtp && t('quality.encrypted')].filter(Boolean).join(', ') || NONE}</td>
								</tr>
							)
						})}
					</tbody>
				</table>
			</Wide>
		</Card>
	)
}

export function Promises({ promises, zone }: { promises: Promised[]; zone: string }) {
	const { t, i18n } = useTranslation('reports')
	const clock = useClock(zone)
	if (!promises.length) return null
	const time = (ms: number | null) => (ms === null ? NONE : timeText(ms, i18n.language))
	return (
		<Card id="promises" title={t('promises.title')}>
			<Wide label={t('promises.title')}>
				<table className={styles.small}>
					<thead>
						<tr><th scope="col">{t('list.when')}</th><th scope="col" className={styles.right}>{t('promises.position')}</th><th scope="col" className={styles.right}>{t('promises.told')}</th><th scope="col" className={styles.right}>{t('promises.reckoned')}</th><th scope="col" className={styles.right}>{t('promises.waited')}</th></tr>
					</thead>
					<tbody>
						{promises.map((p, i) => (
							<tr key={i}>
								<th scope="row" className="num">{clock(p.at)}</th>
								<td className={`${styles.right} num`}>{p.position ?? NONE}</td>
								<td className={`${styles.right} num`}>{p.high_ms === null ? NONE : p.low_ms ? `${time(p.low_ms)} – ${time(p.high_ms)}` : `≤ ${time(p.high_ms)}`}</td>
								<td className={`${styles.right} num`}>{time(p.ewt_ms)}</td>
								<td className={`${styles.right} num`}>{time(p.waited_ms)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</Wide>
		</Card>
	)
}

/** Every field of the record, as the interface gives it: names where there are some. */
export function RecordTable({ contact: c, zone }: { contact: Contact; zone: string }) {
	const { t, i18n } = useTranslation('reports')
	const names = useNames()
	const text = (key: string, value: unknown): string => {
		if (value === null || value === undefined || value === '') return NONE
		if (key.endsWith('_at') && typeof value === 'string') return new Date(value).toLocaleString(i18n.language, { timeZone: zone, dateStyle: 'medium', timeStyle: 'medium' })
		if (key.endsWith('_ms') && typeof value === 'number') return timeText(value, i18n.language)
		if (key === 'from' || key === 'to' || key === 'number') return numberText(String(value))
		if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
		if (typeof value === 'string') return names.of(key, value)
		if (Array.isArray(value)) return value.map((x) => (typeof x === 'object' ? JSON.stringify(x) : String(x))).join(', ') || NONE
		return typeof value === 'object' ? JSON.stringify(value) : String(value)
	}
	const label = (key: string) => (i18n.exists(`f.${key}`, { ns: 'reports' }) ? t(`f.${key}` as 'f.id') : key)
	const plain = Object.entries(c).filter(([k]) => !['segments', 'recordings', 'quality', 'promises', 'dials'].includes(k))
	return (
		<Card id="record" title={t('record.title')}>
			<dl className={styles.fields}>
				{plain.map(([k, v]) => <div key={k}><dt>{label(k)}</dt><dd className={typeof v === 'number' || k.endsWith('_at') ? 'num' : undefined}>{text(k, v)}</dd></div>)}
			</dl>
			<Rows title={t('record.segments')} rows={c.segments as unknown as Record<string, unknown>[]} text={text} label={label} />
			<Rows title={t('record.dials')} rows={(c.dials ?? []) as Record<string, unknown>[]} text={text} label={label} />
			<Rows title={t('record.recordings')} rows={c.recordings as unknown as Record<string, unknown>[]} text={text} label={label} />
		</Card>
	)
}

function Rows({ title, rows, text, label }: {
	title: string
	rows: Record<string, unknown>[]
	text(key: string, value: unknown): string
	label(key: string): string
}) {
	if (!rows.length) return null
	const keys = [...new Set(rows.flatMap((r) => Object.keys(r)))]
	return (
		<Fragment>
			<h3 className={styles.subTitle}>{title}</h3>
			<Wide label={title}>
				<table className={styles.small}>
					<thead><tr>{keys.map((k) => <th key={k} scope="col">{label(k)}</th>)}</tr></thead>
					<tbody>{rows.map((r, i) => <tr key={i}>{keys.map((k) => <td key={k}>{text(k, r[k])}</td>)}</tr>)}</tbody>
				</table>
			</Wide>
		</Fragment>
	)
}

export function Audit({ contact: c, zone }: { contact: Contact; zone: string }) {
	const { t, i18n } = useTranslation('reports')
	const names = useNames()
	const listened = useListened(c.id, c.arrived_at)
	return (
		<Card id="audit" title={t('audit.title')}>
			{listened.isPending ? <Loader size="xs" type="dots" /> : listened.isError ? <p className={styles.hint}>{t('not_loaded')}</p> : !listened.data.length ? <p className={styles.hint}>{t('audit.nobody')}</p> : (
				<ul className={styles.plain}>
					{listened.data.map((s) => (
						<li key={s.seq}>
							<span className="num">{new Date(s.at).toLocaleString(i18n.language, { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' })}</span>
							<b>{names.of('agent', s.by)}</b>
							<span>{t('audit.listened', { part: c.recordings.findIndex((r) => r.id === s.detail.query) + 1 })}</span>
						</li>
					))}
				</ul>
			)}
		</Card>
	)
}
