/* SpecialDays.tsx - a month's calendar: days that differ from the week are chosen there and get spans of their own. */
import { ActionIcon, Button, UnstyledButton } from '@mantine/core'
import { type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/Icon'
import { Block, type FieldProps, useForm } from '../form/context'
import { below } from '../schema'
import { Spans } from './Spans'
import { type HoursDoc, datePlus, monthGrid, planOf } from './hours'
import styles from '../admin.module.css'

export default function SpecialDays(props: FieldProps) {
	const { t, i18n } = useTranslation('admin')
	const { readOnly, doc } = useForm()
	const special = (props.value ?? {}) as NonNullable<HoursDoc['special']>
	const [at, setAt] = useState(() => Object.keys(special).sort().find((d) => d >= new Date().toISOString().slice(0, 10)) ?? new Date().toISOString().slice(0, 10))
	const grid = useRef<HTMLDivElement>(null)
	const month = at.slice(0, 7)
	const hours: HoursDoc = { weekly: doc.weekly as HoursDoc['weekly'], special }
	const set = (date: string, spans: string[] | undefined) => {
		const { [date]: _, ...rest } = special
		const next = spans ? { ...rest, [date]: spans } : rest
		props.onChange(Object.keys(next).length ? Object.fromEntries(Object.entries(next).sort()) : undefined)
	}
	const day = (date: string, options: Intl.DateTimeFormatOptions) => new Date(`${date}T12:00:00Z`).toLocaleDateString(i18n.language, { timeZone: 'UTC', ...options })
	const turn = (by: number) => {
		const d = new Date(`${month}-15T00:00:00Z`)
		d.setUTCMonth(d.getUTCMonth() + by)
		setAt(`${d.toISOString().slice(0, 7)}-01`)
	}
	const keys = (e: KeyboardEvent) => {
		const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[e.key]
		if (!by) return
		e.preventDefault()
		setAt(datePlus(at, by))
		setTimeout(() => grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus())
	}
	const toggle = (date: string) => {
		setAt(date)
		if (readOnly) return
		if (!(date in special)) set(date, [])
	}
	return (
		<Block {...props}>
			<div className={styles.calendarHead}>
				<ActionIcon variant="default" aria-label={t('hours.month_before')} onClick={() => turn(-1)}><Icon name="back" size={16} /></ActionIcon>
				<b aria-live="polite">{day(`${month}-01`, { month: 'long', year: 'numeric' })}</b>
				<ActionIcon variant="default" aria-label={t('hours.month_after')} onClick={() => turn(1)}><Icon name="chevronRight" size={16} /></ActionIcon>
			</div>
			<div ref={grid} className={styles.calendar} role="grid" aria-label={t('hours.calendar')} onKeyDown={keys}>
				<div role="row" className={styles.calendarRow}>
					{monthGrid('2024-01')[0]?.map((d) => <span key={d} role="columnheader" className={styles.calendarName}>{day(d, { weekday: 'short' })}</span>)}
				</div>
				{monthGrid(month).map((week) => (
					<div key={week[0]} role="row" className={styles.calendarRow}>
						{week.map((date) => {
							const plan = planOf(hours, date)
							const word = t(plan.special ? (plan.spans.length ? 'hours.special_open' : 'hours.special_closed') : plan.spans.length ? 'hours.as_week' : 'hours.closed')
							return (
								<div role="gridcell" key={date} aria-selected={date === at}>
									<UnstyledButton
										className={styles.calendarDay}
										tabIndex={date === at ? 0 : -1}
										data-other={!date.startsWith(month) || undefined}
										data-special={plan.special || undefined}
										data-open={plan.spans.length > 0 || undefined}
										aria-label={`${day(date, { day: 'numeric', month: 'long', year: 'numeric' })}: ${word}`}
										onClick={() => toggle(date)}
									>
										{Number(date.slice(8))}
									</UnstyledButton>
								</div>
							)
						})}
					</div>
				))}
			</div>
			<p className={styles.help}>{t('hours.calendar_help')}</p>
			<div className={styles.list}>
				{Object.entries(special).sort().map(([date, spans]) => {
					const name = day(date, { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' })
					return (
						<div key={date} className={styles.day} role="group" aria-label={name}>
							<span className={styles.dayName}>{name}</span>
							<Spans label={name} path={below(props.path, date)} spans={spans} set={(s) => set(date, s)} />
							{!readOnly && (
								<Button size="compact-xs" variant="subtle" color="gray" aria-label={t('hours.as_week_again', { day: name })} onClick={() => set(date, undefined)}>
									{t('hours.forget')}
								</Button>
							)}
						</div>
					)
				})}
			</div>
		</Block>
	)
}
