/*
 * Sip.tsx - what was said in SIP about a contact: a lane for each call and one for the server, a line for each message,
 * the message itself on demand. Asked for when it is opened (`?sip=1`): most who look at a contact never do.
 */
import { Button, Loader } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'wouter'
import { tell } from '../app/notices'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { Failed } from '../reports/Failed'
import { useNames } from '../reports/names'
import { Wide } from './Sections'
import { type Contact, type SipTrace, useSip } from './api'
import { SERVER, type SipStep, asText, lanesOf, stepsOfSip } from './sip'
import styles from './contacts.module.css'

const LANE = 108

export function Sip({ contact: c, zone }: { contact: Contact; zone: string }) {
	const { t } = useTranslation('reports')
	const [words, setWords] = useSearchParams()
	const open = words.get('sip') === '1'
	const show = (on: boolean) => setWords((w) => { if (on) w.set('sip', '1'); else w.delete('sip'); return w }, { replace: true })
	const trace = useSip(c.id, !!c.ended_at, open)
	const copy = (text: string) =>
		void navigator.clipboard?.writeText(text).then(() => tell('good', t('sip.copied')), () => tell('bad', t('sip.not_copied')))
	return (
		<section className={styles.card} aria-labelledby="sip">
			<header className={styles.cardHead} data-closed={!open || undefined}>
				<h2 id="sip">{t('sip.title')}</h2>
				{open && !!trace.data?.items.length && (
					<Button variant="default" size="compact-sm" leftSection={<Icon name="copy" size={15} />} onClick={() => copy(asText(trace.data))}>{t('sip.copy_all')}</Button>
				)}
				<Button variant="default" size="compact-sm" aria-expanded={open} aria-controls="sip-body" onClick={() => show(!open)}>{t(open ? 'sip.hide' : 'sip.show')}</Button>
			</header>
			<div id="sip-body">
				{open && (trace.isError ? <Failed error={trace.error} onRetry={() => void trace.refetch()} />
					: !trace.data ? <div role="status" aria-label={t('loading')}><Loader size="xs" type="dots" /></div>
						: <Messages trace={trace.data} zone={zone} onCopy={copy} />)}
			</div>
		</section>
	)
}

function Messages({ trace, zone, onCopy }: { trace: SipTrace; zone: string; onCopy(text: string): void }) {
	const { t, i18n } = useTranslation('reports')
	const names = useNames()
	const since = trace.since ? new Date(trace.since).toLocaleString(i18n.language, { timeZone: zone, dateStyle: 'medium', timeStyle: 'short' }) : ''
	if (trace.kept === 'gone') return <p className={styles.hint}>{t('sip.gone', { since })}</p>
	if (trace.kept === 'none') return <p className={styles.hint}>{t('sip.none')}</p>
	const lanes = lanesOf(trace)
	const laneName = (leg: number) => {
		const of = trace.legs[leg]
		if (leg === SERVER || !of) return t('sip.server')
		return of.agent ? names.of('agent', of.agent) : of.number ? numberText(of.number) : t(`party.${of.party}`)
	}
	return (
		<>
			{trace.kept === 'part' && <p className={styles.hint}>{t('sip.part', { since })}</p>}
			{trace.more && <p className={styles.hint}>{t('sip.more', { count: trace.items.length })}</p>}
			<Wide label={t('sip.title')}>
				<div className={styles.sip} style={{ '--wide': `${lanes.length * LANE}px` } as React.CSSProperties}>
					<div className={styles.sipLanes} aria-hidden="true">
						{lanes.map((leg) => <span key={leg} style={{ width: LANE }} title={laneName(leg)}>{laneName(leg)}</span>)}
					</div>
					<ol className={styles.sipSteps}>
						{stepsOfSip(trace).map((s, i) => (
							<li key={i} data-bad={s.bad || undefined}>
								<Arrow lanes={lanes} step={s} />
								<details className={styles.step}>
									<summary>
										<span className={`${styles.sipAt} num`} title={s.at}>{t('sip.after', { time: new Intl.NumberFormat(i18n.language, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(s.after / 1000) })}</span>
										<b>{s.said}</b>
										<span className={styles.sipWho}> {laneName(s.from)} → {laneName(s.to)}</span>
										<span className={styles.sipMore}> {s.more}</span>
									</summary>
									<div className={styles.sipMessage}>
										<Button variant="default" size="compact-xs" leftSection={<Icon name="copy" size={13} />} onClick={() => onCopy(s.text)}
											aria-label={t('sip.copy_one', { what: s.said })}>{t('sip.copy')}</Button>
										<pre tabIndex={0} aria-label={s.said}>{s.text}</pre>
										{s.cut && <p className={styles.hint}>{t('sip.cut')}</p>}
									</div>
								</details>
							</li>
						))}
					</ol>
				</div>
			</Wide>
			<p className={styles.hint}>{t('sip.hidden')}</p>
		</>
	)
}

/** From lane to lane, over the lines of the others. */
function Arrow({ lanes, step }: { lanes: number[]; step: SipStep }) {
	const x = (leg: number) => LANE * (lanes.indexOf(leg) + 0.5)
	const [a, b] = [x(step.from), x(step.to)]
	const head = b > a ? -8 : 8
	return (
		<svg className={styles.sipArrow} width={LANE * lanes.length} aria-hidden="true" focusable="false">
			{lanes.map((l) => <line key={l} x1={x(l)} x2={x(l)} y1="0" y2="100%" className={styles.rail} />)}
			<line x1={a} x2={b + head} y1={14} y2={14} className={styles.arrow} />
			<path d={`M${b} 14l${head}-4v8z`} className={styles.dot} />
		</svg>
	)
}
