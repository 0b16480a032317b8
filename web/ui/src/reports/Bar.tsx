/*
 * Bar.tsx - what a report is about: period, comparison, intervals, time zone, of what. Everything chosen stands in the
 * address; what narrows the report is a chip that can be taken away.
 */
import { Button, Checkbox, Menu, NativeSelect, Popover, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import { fold } from '../parts/fold'
import { INTERVALS, type Interval, type View } from './address'
import { LEVELS, type Level, type Narrow, REPORTS, SPLITS, type Split, isMany } from './columns'
import type { Names } from './names'
import { COMPARES, type Compare, PRESETS, type Period, presetRange } from './period'
import { wallRead, wallText } from './zone'
import styles from './reports.module.css'

interface Props {
	view: View
	home: string
	now: number
	names: Names
	/** Ids that rows know, where nothing else does. */
	seen: string[]
	onChange(change: Partial<View>): void
}

export const localZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** 22 Nov, 1–22 Nov 2026, 22 Nov 08:00 – 12:00. */
export function rangeText(range: { from: number; to: number }, zone: string, language: string): string {
	const days = !wallText(range.from, zone).includes('T') && !wallText(range.to, zone).includes('T')
	const f = new Intl.DateTimeFormat(language, {
		timeZone: zone, day: 'numeric', month: 'short', year: 'numeric', ...(!days && { hour: '2-digit', minute: '2-digit' }),
	})
	return f.formatRange(range.from, days ? range.to - 1 : range.to)
}

export function PeriodButton({ period, zone, now, onChange }: { period: Period; zone: string; now: number; onChange(p: Period): void }) {
	const { t, i18n } = useTranslation('reports')
	const [open, setOpen] = useState(false)
	const [from, setFrom] = useState('')
	const [to, setTo] = useState('')
	const [wrong, setWrong] = useState(false)
	const show = (next: boolean) => {
		if (next) {
			const withTime = (ms: number) => (wallText(ms, zone).includes('T') ? wallText(ms, zone) : `${wallText(ms, zone)}T00:00`)
			setFrom(withTime(period.range.from))
			setTo(withTime(period.range.to))
			setWrong(false)
		}
		setOpen(next)
	}
	const choose = (p: Period) => {
		setOpen(false)
		onChange(p)
	}
	const custom = (e: FormEvent) => {
		e.preventDefault()
		const range = { from: wallRead(from, zone) ?? Number.NaN, to: wallRead(to, zone) ?? Number.NaN }
		if (range.from < range.to) choose({ preset: 'custom', range })
		else setWrong(true)
	}
	return (
		<Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus returnFocus withinPortal>
			<Popover.Target>
				<Button variant="default" leftSection={<Icon name="clock" size={16} />} onClick={() => show(!open)} aria-haspopup="dialog">
					<span className={styles.periodName}>{t(`period.${period.preset}`)}</span>
					<span className={`${styles.periodRange} num`}>{rangeText(period.range, zone, i18n.language)}</span>
				</Button>
			</Popover.Target>
			<Popover.Dropdown className={styles.periods} aria-label={t('period.title')}>
				<div className={styles.presets}>
					{PRESETS.map((preset) => (
						<Button key={preset} size="compact-sm" variant={period.preset === preset ? 'light' : 'subtle'} justify="start"
							aria-pressed={period.preset === preset}
							onClick={() => choose({ preset, range: presetRange(preset, now, zone) })}>
							{t(`period.${preset}`)}
						</Button>
					))}
				</div>
				<form onSubmit={custom} className={styles.custom}>
					<TextInput type="datetime-local" label={t('period.from')} value={from} onChange={(e) => setFrom(e.currentTarget.value)} required />
					<TextInput type="datetime-local" label={t('period.to')} value={to} onChange={(e) => setTo(e.currentTarget.value)} required
						error={wrong && t('period.wrong')} />
					<Button type="submit">{t('period.show')}</Button>
				</form>
			</Popover.Dropdown>
		</Popover>
	)
}

export function Bar({ view, home, now, names, seen, onChange }: Props) {
	const { t } = useTranslation('reports')
	const report = REPORTS[view.report]
	const zones = [...new Set([home, localZone(), 'UTC', view.zone])]
	const known = names.all(report.of)
	const options = [...new Map([...known.map((o) => [o.id, o.name] as const), ...seen.filter((id) => !known.some((k) => k.id === id)).map((id) => [id, id] as const), ...view.of.map((id) => [id, names.of(report.of, id)] as const)])]
	return (
		<div className={styles.bar} role="group" aria-label={t('bar')}>
			<PeriodButton period={view.period} zone={view.zone} now={now} onChange={(period) => onChange({ period })} />
			<NativeSelect aria-label={t('compare.title')} value={view.compare} onChange={(e) => onChange({ compare: e.currentTarget.value as Compare | '' })}
				data={[{ value: '', label: t('compare.none') }, ...COMPARES.map((c) => ({ value: c, label: t(`compare.${c}`) }))]} />
			{report.timed && (
				<NativeSelect aria-label={t('interval.title')} value={String(view.interval)}
					onChange={(e) => onChange({ interval: Number(e.currentTarget.value) as Interval })}
					data={INTERVALS.map((i) => ({ value: String(i), label: t(`interval.${i}`) }))} />
			)}
			{view.report === 'contacts' && (
				<NativeSelect aria-label={t('split.title')} value={view.split} onChange={(e) => onChange({ split: e.currentTarget.value as Split, sort: null })}
					data={SPLITS.map((s) => ({ value: s, label: t(`split.${s}`) }))} />
			)}
			{view.report === 'queues' && (
				<NativeSelect aria-label={t('level')} value={view.level} onChange={(e) => onChange({ level: e.currentTarget.value as Level })}
					data={LEVELS.map((l) => ({ value: l, label: t(`c.queues.${l}.name`) }))} />
			)}
			<Menu position="bottom-start" closeOnItemClick={false}>
				<Menu.Target>
					<Button variant="default" aria-label={t('more')} px={10}><Icon name="settings" size={16} /></Button>
				</Menu.Target>
				<Menu.Dropdown>
					<Menu.Label>{t('zone')}</Menu.Label>
					{zones.map((z) => (
						<Menu.Item key={z} role="menuitemradio" aria-checked={z === view.zone} onClick={() => onChange({ zone: z, period: rezoned(view, z, now) })}
							rightSection={z === view.zone && <Icon name="check" size={14} />}>
							{z}{z === home && ` (${t('zone_home')})`}
						</Menu.Item>
					))}
					{view.report === 'queues' && (
						<>
							<Menu.Label>{t('by.title')}</Menu.Label>
							{(['enqueued', 'answered'] as const).map((by) => (
								<Menu.Item key={by} role="menuitemradio" aria-checked={view.by === by} onClick={() => onChange({ by })}
									rightSection={view.by === by && <Icon name="check" size={14} />}>
									{t(`by.${by}`)}
								</Menu.Item>
							))}
						</>
					)}
					{view.report.startsWith('flow') && (
						<Menu.Item role="menuitemcheckbox" aria-checked={view.drafts} onClick={() => onChange({ drafts: !view.drafts })}
							rightSection={view.drafts && <Icon name="check" size={14} />}>
							{t('drafts')}
						</Menu.Item>
					)}
				</Menu.Dropdown>
			</Menu>
			{report.of !== 'key' && <Picker title={t(`of.${report.of as 'queue'}`)} options={options.map(([id, label]) => ({ id, name: label }))} picked={view.of}
				onChange={(of) => onChange({ of })} />}
			<Narrows by={report.narrows} narrow={view.narrow} names={names} onChange={(narrow) => onChange({ narrow })} />
			{view.flow && report.of !== 'flow' && <Chip name={t('of.flow')} text={view.flow} onDrop={() => onChange({ flow: '' })} />}
			{view.of.map((id) => (
				<Chip key={id} name={t(`of.${report.of as 'queue'}`)} text={names.of(report.of, id)} onDrop={() => onChange({ of: view.of.filter((x) => x !== id) })} />
			))}
			<NarrowChips by={report.narrows} narrow={view.narrow} names={names} onChange={(narrow) => onChange({ narrow })} />
		</div>
	)
}

interface NarrowProps {
	by: readonly Narrow[]
	narrow: View['narrow']
	names: Names
	onChange(narrow: View['narrow']): void
}

export function NarrowChips({ by, narrow, names, onChange }: NarrowProps) {
	const { t } = useTranslation('reports')
	return by.flatMap((b) => (narrow[b] ?? []).map((id) => (
		<Chip key={`${b} ${id}`} name={t(`narrow.${b}`)} text={names.of(b, id)}
			onDrop={() => onChange({ ...narrow, [b]: narrow[b]?.filter((x) => x !== id) })} />
	)))
}

/** Queues and agents are picked, several at once; of all else there is one. What the firm does not have is not asked for. */
export function Narrows({ by, narrow, names, onChange }: NarrowProps) {
	const { t } = useTranslation('reports')
	const many = by.filter(isMany)
	const one = by.filter((b) => !isMany(b) && names.all(b).length > 0)
	const selects = one.map((b) => (
		<NativeSelect key={b} aria-label={t(`narrow.${b}`)} value={narrow[b]?.[0] ?? ''} className={styles.narrow}
			onChange={(e) => onChange({ ...narrow, [b]: e.currentTarget.value ? [e.currentTarget.value] : [] })}
			data={[{ value: '', label: `${t(`narrow.${b}`)}: ${t('narrow.any')}` }, ...names.all(b).map((o) => ({ value: o.id, label: o.name }))]} />
	))
	return (
		<>
			{many.map((b) => (
				<Picker key={b} title={t(`narrow.${b}`)} options={names.all(b)} picked={narrow[b] ?? []} onChange={(ids) => onChange({ ...narrow, [b]: ids })} />
			))}
			{selects.length < 2 ? selects : (
				<Popover position="bottom-start" trapFocus returnFocus>
					<Popover.Target>
						<Button variant="default" aria-haspopup="dialog" rightSection={<Icon name="chevron" size={14} />}>{t('narrow.title')}</Button>
					</Popover.Target>
					<Popover.Dropdown className={styles.columns} aria-label={t('narrow.title')}>{selects}</Popover.Dropdown>
				</Popover>
			)}
		</>
	)
}

/** What narrows the list; pressed, it does no more. */
export function Chip({ name, text, onDrop }: { name: string; text: string; onDrop(): void }) {
	const { t } = useTranslation('reports')
	return (
		<button type="button" className={styles.chip} onClick={onDrop} aria-label={t('drop', { name, text })}>
			<span className={styles.cut}>{text}</span>
			<Icon name="cross" size={12} />
		</button>
	)
}

/** Some of many, found by a few letters. */
export function Picker({ title, options, picked, onChange }: {
	title: string
	options: { id: string; name: string }[]
	picked: string[]
	onChange(ids: string[]): void
}) {
	const { t } = useTranslation('reports')
	const [open, setOpen] = useState(false)
	const [words, setWords] = useState('')
	const found = options.filter((o) => fold(o.name).includes(fold(words)))
	return (
		<Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus returnFocus>
			<Popover.Target>
				<Button variant="default" onClick={() => { setOpen(!open); setWords('') }} aria-haspopup="dialog" rightSection={<Icon name="chevron" size={14} />}>
					{title}
				</Button>
			</Popover.Target>
			<Popover.Dropdown className={styles.columns} aria-label={title}>
				<TextInput type="search" size="xs" aria-label={t('find')} placeholder={t('find')} value={words} data-autofocus
					onChange={(e) => setWords(e.currentTarget.value)} />
				{found.slice(0, 200).map((o) => (
					<Checkbox key={o.id} size="xs" label={o.name} checked={picked.includes(o.id)}
						onChange={(e) => onChange(e.currentTarget.checked ? [...picked, o.id] : picked.filter((id) => id !== o.id))} />
				))}
				{!found.length && <p className={styles.nothing}>{t('nothing_found')}</p>}
			</Popover.Dropdown>
		</Popover>
	)
}

/** The same days, as they are in another zone. */
function rezoned(view: View, zone: string, now: number): Period {
	if (view.period.preset !== 'custom') return { preset: view.period.preset, range: presetRange(view.period.preset, now, zone) }
	const same = (ms: number) => wallRead(wallText(ms, view.zone), zone) ?? ms
	return { preset: 'custom', range: { from: same(view.period.range.from), to: same(view.period.range.to) } }
}
