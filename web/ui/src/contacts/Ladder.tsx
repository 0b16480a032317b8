/*
 * Ladder.tsx - what happened with a contact: lanes for customer, flow, queue, agents, supervisors; a step for each
 * fact, told in a sentence; close together or to the scale of time; the fact itself on demand.
 */
import { SegmentedControl, Switch } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDeclared } from '../app/declared'
import type { Fact } from '../live/types'
import { numberText } from '../parts/number'
import { spanText } from '../parts/time'
import { timeText } from '../reports/figure'
import { useNames } from '../reports/names'
import { LANES, type Lane, type Step, gaps, stepsOf } from './lanes'
import styles from './contacts.module.css'

export function Ladder({ facts, zone }: { facts: Fact[]; zone: string }) {
	const { t, i18n } = useTranslation('reports')
	const names = useNames()
	const outcomes = useDeclared('outcomes')
	const [scale, setScale] = useState(false)
	const [all, setAll] = useState(false)
	const steps = useMemo(
		() =>
			stepsOf(facts, {
				of: (kind, id) => (kind === 'outcome' ? (outcomes.find((o) => o.id === id)?.name ?? id) : names.of(kind, id)),
				number: numberText,
				time: (ms) => timeText(ms, i18n.language),
			}),
		[facts, names, outcomes, i18n.language])
	const shown = all ? steps : steps.filter((s) => !s.quiet)
	const space = gaps(shown, scale)
	const used = LANES.filter((l) => shown.some((s) => s.from === l || s.to === l))
	const zero = steps[0]?.at ?? 0
	const clock = new Intl.DateTimeFormat(i18n.language, { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: all ? 3 : undefined })
	const sentence = (s: Step) => {
		const key = `e.${s.key}`
		return i18n.exists(key, { ns: 'reports' }) ? String(t(key as 'e.other', s.values as { event: string })) : t('e.other', { event: s.fact.event })
	}
	return (
		<section className={styles.card} aria-labelledby="ladder">
			<header className={styles.cardHead}>
				<h2 id="ladder">{t('ladder.title')}</h2>
				<SegmentedControl size="xs" aria-label={t('ladder.title')} value={scale ? 'scale' : 'compact'} onChange={(v) => setScale(v === 'scale')}
					data={[{ value: 'compact', label: t('ladder.compact') }, { value: 'scale', label: t('ladder.scale') }]} />
				<Switch size="xs" label={t('ladder.all')} checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />
			</header>
			<div className={styles.lanes} aria-hidden="true" style={{ '--lanes': used.length, '--at': all ? '104px' : '84px' } as React.CSSProperties}>
				<span />
				{used.map((l) => <span key={l}>{t(`lane.${l}`)}</span>)}
				<span />
			</div>
			<ol className={styles.ladder} style={{ '--lanes': used.length, '--at': all ? '104px' : '84px' } as React.CSSProperties}>
				{shown.map((s, i) => (
					<li key={s.seq} data-bad={s.bad || undefined} data-quiet={s.quiet || undefined} data-event={s.fact.event}>
						{scale && (space[i]?.px ?? 0) > 12 && (
							<span className={styles.gap} style={{ height: space[i]?.px }} aria-hidden="true">
								<span>{spanText(space[i]?.ms ?? 0, i18n.language)}{space[i]?.cut ? ' ⋮' : ''}</span>
							</span>
						)}
						<span className={`${styles.stepAt} num`} title={t('ladder.after', { time: timeText(s.at - zero, i18n.language) })}>
							{clock.format(s.at)}
						</span>
						<Rails used={used} from={s.from} to={s.to} />
						<details className={styles.step}>
							<summary>{sentence(s)}</summary>
							<Details fact={s.fact} />
						</details>
					</li>
				))}
			</ol>
			{!shown.length && <p className={styles.hint}>{t('ladder.none')}</p>}
		</section>
	)
}

/** The lines of all lanes, and who did something to whom. */
function Rails({ used, from, to }: { used: Lane[]; from: Lane; to: Lane }) {
	const [a, b] = [used.indexOf(from), used.indexOf(to)]
	const x = (i: number) => 20 + 40 * i
	const back = b < a
	return (
		<svg className={styles.rails} width={40 * used.length} height={24} viewBox={`0 0 ${40 * used.length} 24`} aria-hidden="true" focusable="false">
			{used.map((l, i) => <line key={l} x1={x(i)} x2={x(i)} y1={0} y2={24} className={styles.rail} />)}
			{a === b
				? <circle cx={x(a)} cy={12} r={4} className={styles.dot} />
				: (
					<>
						<line x1={x(a)} x2={x(b) + (back ? 6 : -6)} y1={12} y2={12} className={styles.arrow} />
						<path d={`M${x(b)} 12l${back ? 7 : -7}-4v8z`} className={styles.dot} />
						<circle cx={x(a)} cy={12} r={2.5} className={styles.dot} />
					</>
				)}
		</svg>
	)
}

/** A fact as it is kept; a decision's reasons are JSON inside. */
function Details({ fact }: { fact: Fact }) {
	const shown = Object.entries(fact).filter(([k, v]) => !['tenant', 'contact', 'prev'].includes(k) && v !== null && v !== '')
	return (
		<dl className={styles.fact}>
			{shown.map(([k, v]) => (
				<div key={k}>
					<dt>{k}</dt>
					<dd>{typeof v === 'object' ? JSON.stringify(v) : String(v)}</dd>
				</div>
			))}
		</dl>
	)
}
