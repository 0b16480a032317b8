/*
 * Save.tsx - a report kept under a name, for oneself or everybody, and sent by e-mail when one says. What is kept is
 * what the address says.
 */
import { Button, Checkbox, Group, Modal, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/http'
import { type Saved, type Schedule, useSavedChanges } from './api'
import styles from './reports.module.css'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
/** Letters an id may have; another one for each name. */
const idOf = (name: string) => {
	const plain = name.toLowerCase().normalize('NFD').replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 40)
	return `${plain || 'report'}_${Date.now().toString(36).slice(-5)}`
}

interface Props {
	/** What would be kept; id empty: a new one. */
	saved: Saved
	withSchedule: boolean
	onClose(): void
	onDone(saved: Saved): void
}

export function SaveDialog({ saved, withSchedule, onClose, onDone }: Props) {
	const { t, i18n } = useTranslation('reports')
	const changes = useSavedChanges()
	const [name, setName] = useState(saved.name)
	const [shared, setShared] = useState(saved.shared ?? false)
	const [on, setOn] = useState(withSchedule || !!saved.schedule)
	const [days, setDays] = useState<string[]>(saved.schedule?.weekdays ?? ['mon', 'tue', 'wed', 'thu', 'fri'])
	const [at, setAt] = useState(saved.schedule?.at ?? '07:00')
	const [format, setFormat] = useState<Schedule['format']>(saved.schedule?.format ?? 'pdf')
	const [to, setTo] = useState((saved.schedule?.to ?? []).join(', '))
	const addresses = to.split(/[\s,;]+/).filter(Boolean)
	const [wrong, setWrong] = useState('')
	const [busy, setBusy] = useState(false)
	const [tried, setTried] = useState(false)
	const noDay = on && days.length === 0
	const nobody = on && (addresses.length === 0 || addresses.some((a) => !/^[^@\s]+@[^@\s]+$/.test(a)))

	const save = async (e: FormEvent) => {
		e.preventDefault()
		setTried(true)
		if (noDay || nobody || !name.trim()) return
		setBusy(true)
		setWrong('')
		const { schedule: _, ...rest } = saved
		const doc: Saved = {
			...rest,
			id: saved.id || idOf(name),
			name: name.trim(),
			shared,
			...(on && { schedule: { weekdays: DAYS.filter((d) => days.includes(d)), at, format, to: addresses, lang: i18n.language } }),
		}
		try {
			await changes.put(doc)
			onDone(doc)
		} catch (error) {
			const p = error instanceof Problem ? error : null
			setWrong(p?.errors.map((x) => `${x.path} ${x.message}`).join('; ') || p?.detail || t('not_saved'))
		} finally {
			setBusy(false)
		}
	}
	const dayName = (i: number) => new Intl.DateTimeFormat(i18n.language, { weekday: 'short', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 1 + i))
	return (
		<Modal opened onClose={onClose} title={t(saved.id ? 'save.change' : 'save.title')}>
			<form onSubmit={(e) => void save(e)} className={styles.form}>
				<TextInput label={t('save.name')} value={name} maxLength={100} required data-autofocus onChange={(e) => setName(e.currentTarget.value)} />
				<Checkbox label={t('save.shared')} checked={shared} onChange={(e) => setShared(e.currentTarget.checked)} />
				<Checkbox label={t('schedule.on')} checked={on} onChange={(e) => setOn(e.currentTarget.checked)} />
				{on && (
					<fieldset className={styles.schedule}>
						<legend className="unseen">{t('schedule.on')}</legend>
						<div role="group" aria-label={t('schedule.days')}>
							<Group gap={12}>
								{DAYS.map((d, i) => (
									<Checkbox key={d} size="xs" label={dayName(i)} checked={days.includes(d)}
										onChange={(e) => setDays(e.currentTarget.checked ? [...days, d] : days.filter((x) => x !== d))} />
								))}
							</Group>
							{noDay && <p className={styles.wrong}>{t('schedule.no_day')}</p>}
						</div>
						<Group grow align="start">
							<TextInput type="time" label={t('schedule.at')} value={at} required onChange={(e) => setAt(e.currentTarget.value)} />
							<NativeSelect label={t('schedule.format')} value={format} data={['pdf', 'xlsx', 'csv'].map((f) => ({ value: f, label: f.toUpperCase() }))}
								onChange={(e) => setFormat(e.currentTarget.value as Schedule['format'])} />
						</Group>
						<TextInput label={t('schedule.to')} description={t('schedule.to_hint')} value={to} maxLength={1000}
							error={tried && nobody && t('schedule.nobody')} onChange={(e) => setTo(e.currentTarget.value)} />
					</fieldset>
				)}
				{wrong && <p className={styles.wrong} role="alert">{wrong}</p>}
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose}>{t('cancel')}</Button>
					<Button type="submit" loading={busy}>{t('save.do')}</Button>
				</Group>
			</form>
		</Modal>
	)
}
