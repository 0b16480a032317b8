/* Week.tsx - the week of opening hours: a row a day, its spans and its bar. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Block, type FieldProps, useForm } from '../form/context'
import { below } from '../schema'
import { useWords } from '../words'
import { DayBar, Spans } from './Spans'
import { DAYS, type Day, type HoursDoc } from './hours'
import styles from '../admin.module.css'

export default function Week(props: FieldProps) {
	const { t } = useTranslation('admin')
	const words = useWords()
	const { readOnly } = useForm()
	const week = (props.value ?? {}) as NonNullable<HoursDoc['weekly']>
	const set = (day: Day, spans: string[]) => {
		const { [day]: _, ...rest } = week
		props.onChange(spans.length ? { ...rest, [day]: spans } : rest)
	}
	const copyMonday = () => props.onChange({ ...week, ...Object.fromEntries(DAYS.slice(1, 5).map((d) => [d, week.mon ?? []])) })
	return (
		<Block {...props}>
			<div className={styles.week}>
				{DAYS.map((day) => {
					const name = words.label({ kind: 'hours', names: ['weekly', day] })
					return (
						<div key={day} className={styles.day} role="group" aria-label={name}>
							<span className={styles.dayName}>{name}</span>
							<DayBar spans={week[day] ?? []} />
							<Spans label={name} path={below(props.path, day)} spans={week[day] ?? []} set={(s) => set(day, s)} />
						</div>
					)
				})}
			</div>
			{!readOnly && (week.mon ?? []).length > 0 && (
				<Button size="xs" variant="light" onClick={copyMonday}>{t('hours.copy_monday')}</Button>
			)}
		</Block>
	)
}
