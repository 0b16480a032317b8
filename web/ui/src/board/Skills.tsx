/* Skills.tsx - what somebody can do and which queues he serves; the next match obeys. */
import { Button, CloseButton, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDeeds } from './act'
import styles from './board.module.css'
import { type DeclaredUser, useAll } from './declared'
import { untilOf } from './until'
import { momentText } from '../parts/time'

export function SkillsEditor({ agent }: { agent: string }) {
	const { t } = useTranslation('board')
	const { post, busy } = useDeeds()
	const skills = useAll('skills')
	const user = useAll('users').find((u) => u.id === agent)
	const [changed, setChanged] = useState<Record<string, string> | null>(null)
	const [until, setUntil] = useState('')
	const stored = Object.fromEntries(Object.entries(user?.skills ?? {}).map(([id, level]) => [id, String(level)]))
	const now = changed ?? stored
	const name = (id: string) => skills.find((s) => s.id === id)?.name || id
	const change = (id: string, level: string | null) => {
		const { [id]: _, ...rest } = now
		setChanged(level === null ? rest : { ...now, [id]: level })
	}
	const levels = Object.fromEntries(Object.entries(now).map(([id, level]) => [id, Math.min(100, Math.max(0, Math.round(Number(level) || 0)))]))
	if (!user) return <p className={styles.quiet}>{t('loading')}</p>
	return (
		<form
			className={styles.form}
			onSubmit={(e) => {
				e.preventDefault()
				void post(['agents', agent, 'skills'], { skills: levels, ...untilOf(until, Date.now()) }, t('skills.saved')).then((ok) => ok && (setChanged(null), setUntil('')))
			}}
		>
			<ul className={styles.levels}>
				{Object.keys(now)
					.sort((a, b) => name(a).localeCompare(name(b)))
					.map((id) => (
						<li key={id}>
							<span className={styles.cut}>{name(id)}</span>
							<TextInput size="xs" w={72} type="number" min={0} max={100} required aria-label={t('skills.level', { skill: name(id) })} value={now[id] ?? ''} onChange={(e) => change(id, e.currentTarget.value)} />
							<CloseButton size="sm" aria-label={t('skills.remove', { skill: name(id) })} onClick={() => change(id, null)} />
						</li>
					))}
			</ul>
			{!Object.keys(now).length && <p className={styles.quiet}>{t('skills.none')}</p>}
			<div className={styles.row}>
				<Select size="xs" searchable className={styles.reason} aria-label={t('skills.add')} placeholder={t('skills.add')} value={null} onChange={(v) => v && change(v, '50')}
					data={skills.filter((s) => !(s.id in now)).map((s) => ({ value: s.id, label: s.name || s.id }))} />
				<span className={styles.space} />
				<Button type="submit" size="compact-sm" disabled={!changed} loading={busy !== null}>{t('save')}</Button>
			</div>
			<Until value={until} onChange={setUntil} />
			<Lent user={user} />
			<p className={styles.quiet}>{t('skills.hint')}</p>
		</form>
	)
}

export function QueuesEditor({ agent }: { agent: string }) {
	const { t } = useTranslation('board')
	const { post, busy } = useDeeds()
	const queues = useAll('queues')
	const user = useAll('users').find((u) => u.id === agent)
	const [changed, setChanged] = useState<Set<string> | null>(null)
	const [until, setUntil] = useState('')
	const now = changed ?? new Set(user?.queues ?? [])
	if (!user) return <p className={styles.quiet}>{t('loading')}</p>
	return (
		<form
			className={styles.form}
			onSubmit={(e) => {
				e.preventDefault()
				void post(['agents', agent, 'skills'], { queues: [...now].sort(), ...untilOf(until, Date.now()) }, t('skills.saved')).then((ok) => ok && (setChanged(null), setUntil('')))
			}}
		>
			<ul className={styles.checks}>
				{queues.map((q) => (
					<li key={q.id}>
						<label>
							<input
								type="checkbox"
								checked={now.has(q.id)}
								onChange={(e) => {
									const next = new Set(now)
									if (e.currentTarget.checked) next.add(q.id)
									else next.delete(q.id)
									setChanged(next)
								}}
							/>{' '}
							{q.name || q.id}
						</label>
					</li>
				))}
			</ul>
			<Until value={until} onChange={setUntil} />
			<Lent user={user} />
			<div className={styles.row}>
				<span className={styles.quiet}>{t('skills.hint')}</span>
				<span className={styles.space} />
				<Button type="submit" size="compact-sm" disabled={!changed} loading={busy !== null}>{t('save')}</Button>
			</div>
		</form>
	)
}

const SPANS = ['30', '60', '120', '240']

/** For good, for so many minutes, or until a time of day. */
export function Until({ value, onChange }: { value: string; onChange(value: string): void }) {
	const { t } = useTranslation('board')
	const clock = value.includes(':')
	return (
		<div className={styles.pair}>
			<Select size="xs" allowDeselect={false} label={t('until.label')} value={clock ? 'clock' : value} onChange={(v) => onChange(v === 'clock' ? inAnHour() : (v ?? ''))}
				data={[{ value: '', label: t('until.always') }, ...SPANS.map((m) => ({ value: m, label: Number(m) < 60 ? t('until.minutes', { count: Number(m) }) : t('until.hours', { count: Number(m) / 60 }) })), { value: 'clock', label: t('until.clock') }]} />
			{clock && <TextInput size="xs" type="time" required label={t('until.at')} value={value} onChange={(e) => onChange(e.currentTarget.value || ':')} />}
		</div>
	)
}
const inAnHour = () => {
	const then = new Date(Date.now() + 3600_000)
	return `${String(then.getHours()).padStart(2, '0')}:00`
}

/** What he has for now, and a way back before its time. */
function Lent({ user }: { user: DeclaredUser }) {
	const { t, i18n } = useTranslation('board')
	const { post, busy } = useDeeds()
	const lent = user.for_now
	if (!lent) return null
	const back = { ...(lent.skills && { skills: lent.skills }), ...(lent.queues && { queues: lent.queues }) }
	return (
		<p className={styles.guide}>
			<span>{t('skills.lent_long', { time: momentText(lent.until_at, Date.now(), i18n.language) })}</span>
			<span className={styles.space} />
			<Button size="compact-xs" variant="default" disabled={busy !== null} onClick={() => void post(['agents', user.id, 'skills'], back, t('skills.saved'))}>{t('skills.back_now')}</Button>
		</p>
	)
}
