/* Spans.tsx - several spans of one day: two times each, and a bar that shows them. */
import { ActionIcon, Button, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/Icon'
import { useForm, useMistakes } from '../form/context'
import { below } from '../schema'
import { ends, minutes } from './hours'
import styles from '../admin.module.css'

export function DayBar({ spans, minute }: { spans: string[]; minute?: number }) {
	const percent = (n: number) => `${(n / 1440) * 100}%`
	return (
		<div className={styles.dayBar} aria-hidden="true">
			{spans.map((s, i) => {
				const [from, to] = ends(s).map(minutes)
				return from != null && to != null && to > from ? (
					// biome-ignore lint: bars have no identity
					<i key={i} style={{ left: percent(from), width: percent(to - from) }} />
				) : null
			})}
			{minute !== undefined && <b style={{ left: percent(minute) }} />}
		</div>
	)
}

export function Spans({ label, path, spans, set }: { label: string; path: string; spans: string[]; set(spans: string[]): void }) {
	const { t } = useTranslation('admin')
	const { readOnly } = useForm()
	const mistakes = useMistakes(path)
	const put = (i: number, from: string, to: string) => set(spans.map((s, k) => (k === i ? `${from}-${to}` : s)))
	const last = ends(spans.at(-1) ?? '')[1]
	const next = last && (minutes(last) ?? 1440) < 1380 ? `${last}-${String(Math.min(24, Math.floor((minutes(last) ?? 0) / 60) + 1)).padStart(2, '0')}:00` : '09:00-17:00'
	return (
		<div className={styles.spans} data-path={path}>
			{spans.map((s, i) => {
				const [from, to] = ends(s)
				const wrong = (x: string) => minutes(x) === null || undefined
				return (
					// biome-ignore lint: the place is what a span is known by
					<span key={i} className={styles.span} data-path={below(path, i)}>
						<TextInput size="xs" className={styles.time} disabled={readOnly} inputMode="numeric" placeholder="08:00" maxLength={5} aria-label={t('hours.from', { day: label, n: i + 1 })} error={wrong(from)} value={from} onChange={(e) => put(i, e.currentTarget.value, to)} />
						<span aria-hidden="true">–</span>
						<TextInput size="xs" className={styles.time} disabled={readOnly} inputMode="numeric" placeholder="16:00" maxLength={5} aria-label={t('hours.to', { day: label, n: i + 1 })} error={wrong(to)} value={to} onChange={(e) => put(i, from, e.currentTarget.value)} />
						{!readOnly && (
							<ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('list.remove', { item: `${label} ${s}` })} onClick={() => set(spans.filter((_, k) => k !== i))}>
								<Icon name="cross" size={14} />
							</ActionIcon>
						)}
					</span>
				)
			})}
			{!spans.length && <span className={styles.closed}>{t('hours.closed')}</span>}
			{!readOnly && (
				<Button size="compact-xs" variant="subtle" leftSection={<Icon name="plus" size={12} />} aria-label={t('hours.add', { day: label })} onClick={() => set([...spans, next])}>
					{t('hours.span')}
				</Button>
			)}
			{mistakes.map((m) => <div key={m} className={styles.mistake} role="alert">{m}</div>)}
		</div>
	)
}
