/* OpenNow.tsx - is it open? Now, or at any moment, by the clocks of the tenant; and the next two weeks. */
import { TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/Icon'
import { useObject } from '../api'
import { type Doc, KINDS, type Kind } from '../schema'
import { useWhose } from '../tenant'
import { DayBar } from './Spans'
import { type HoursDoc, datePlus, isOpen, localTime, planOf } from './hours'
import styles from '../admin.module.css'

export default function OpenNow({ hours }: { hours: Doc }) {
	const { t, i18n } = useTranslation('admin')
	const { tenant } = useWhose()
	const { data } = useObject(KINDS.tenant as Kind, tenant)
	const zone = typeof data?.time_zone === 'string' ? data.time_zone : 'UTC'
	const [now, setNow] = useState(() => new Date())
	const [moment, setMoment] = useState('')
	useEffect(() => {
		const timer = setInterval(() => setNow(new Date()), 20_000)
		return () => clearInterval(timer)
	}, [])
	const here = localTime(now, zone)
	const [date, time] = moment ? moment.split('T') : [here.date, '']
	const minute = time ? Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5)) : here.minute
	const it = isOpen(hours as HoursDoc, date ?? here.date, minute)
	const shown = (d: string) => new Date(`${d}T12:00:00Z`).toLocaleDateString(i18n.language, { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' })
	return (
		<div className={styles.preview}>
			<TextInput
				type="datetime-local"
				className={styles.medium}
				label={t('hours.moment', { zone })}
				description={t('hours.moment_help')}
				value={moment || `${here.date}T${String(Math.floor(here.minute / 60)).padStart(2, '0')}:${String(here.minute % 60).padStart(2, '0')}`}
				onChange={(e) => setMoment(e.currentTarget.value)}
			/>
			<p className={styles.verdict} data-open={it.open || undefined} role="status">
				<Icon name={it.open ? 'check' : 'cross'} />
				<b>{t(it.open ? 'hours.is_open' : 'hours.is_closed')}</b>
				<span>{it.by ? t(it.special ? 'hours.by_special' : 'hours.by_week', { span: it.by }) : t(it.special ? 'hours.no_special' : 'hours.no_week')}</span>
			</p>
			<div className={styles.week}>
				{Array.from({ length: 14 }, (_, i) => datePlus(here.date, i)).map((d) => {
					const plan = planOf(hours as HoursDoc, d)
					return (
						<div key={d} className={styles.day}>
							<span className={styles.dayName}>{shown(d)}</span>
							<DayBar spans={plan.spans} minute={d === here.date ? here.minute : undefined} />
							<span className="num">
								{plan.spans.length ? plan.spans.join(', ') : t('hours.closed')}
								{plan.special && ` · ${t('hours.special_mark')}`}
							</span>
						</div>
					)
				})}
			</div>
		</div>
	)
}
