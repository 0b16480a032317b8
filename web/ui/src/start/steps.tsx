/* steps.tsx - the questions of the wizard, one page each. */
import { Button, Checkbox, NumberInput, PasswordInput, SegmentedControl, Select, Switch, TextInput, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useUser } from '../app/session'
import { Icon } from '../parts/Icon'
import { countries } from '../parts/country'
import { DAYS, type Draft, type Existing, type Locale, idOf, isNight, passwordOf, timeOf } from './draft'
import { Hear } from './Hear'
import styles from './start.module.css'

export interface StepProps {
	draft: Draft
	change(part: Partial<Draft>): void
	/** The sentence about a field that is not good; nothing before Continue was pressed. */
	fault(key: string): string | undefined
}

const zones = (): string[] => {
	try {
		return (Intl as unknown as { supportedValuesOf(key: string): string[] }).supportedValuesOf('timeZone')
	} catch {
		return ['Europe/Warsaw', 'Europe/Moscow', 'Europe/London', 'UTC']
	}
}

export function FirmStep({ draft: { firm }, change, fault }: StepProps) {
	const { t, i18n } = useTranslation('start')
	const user = useUser()
	const own = user.tenant !== 'system' // who runs one firm sets up that one
	const set = (part: Partial<Draft['firm']>) => change({ firm: { ...firm, ...part } })
	const derived = !firm.id || firm.id === idOf(firm.name)
	return (
		<div className={styles.fields}>
			<TextInput
				label={t('firm.name')}
				value={firm.name}
				error={fault('name')}
				data-autofocus
				onChange={(e) => {
					const name = e.currentTarget.value
					set({ name, ...(own ? { id: user.tenant } : derived && { id: idOf(name) }) })
				}}
			/>
			<TextInput label={t('firm.id')} description={t('firm.id_hint')} value={firm.id} readOnly={own} error={fault('id')} onChange={(e) => set({ id: e.currentTarget.value })} />
			<div className={styles.two}>
				<Select
					label={t('firm.locale')}
					data={[
						{ value: 'pl', label: 'Polski' },
						{ value: 'ru', label: 'Русский' },
						{ value: 'en', label: 'English' },
					]}
					allowDeselect={false}
					value={firm.locale}
					onChange={(v) => v && set({ locale: v as Locale })}
				/>
				<Select
					label={t('firm.country')}
					searchable
					allowDeselect={false}
					data={countries(i18n.language, firm.country)}
					value={firm.country}
					error={fault('country')}
					onChange={(v) => v && set({ country: v })}
					nothingFoundMessage="—"
					maxDropdownHeight={260}
				/>
			</div>
			<Select label={t('firm.zone')} searchable allowDeselect={false} data={[...new Set([...zones(), 'UTC', firm.time_zone])]} value={firm.time_zone} onChange={(v) => v && set({ time_zone: v })} nothingFoundMessage="—" maxDropdownHeight={260} />
		</div>
	)
}

export function LineStep({ draft: { line }, change, fault, exists }: StepProps & { exists: boolean }) {
	const { t } = useTranslation('start')
	const { t: words } = useTranslation()
	const set = (part: Partial<Draft['line']>) => change({ line: { ...line, ...part } })
	return (
		<div className={styles.fields}>
			<TextInput label={t('line.number')} description={t('line.number_hint')} type="tel" value={line.number} error={fault('number')} onChange={(e) => set({ number: e.currentTarget.value })} />
			<SegmentedControl
				className={styles.choice}
				aria-label={t('line.kind')}
				data={[
					{ value: 'register', label: t('line.register') },
					{ value: 'address', label: t('line.address') },
				]}
				value={line.kind}
				onChange={(kind) => set({ kind: kind as Draft['line']['kind'] })}
			/>
			<TextInput label={t('line.server')} description={t('line.server_hint')} value={line.server} error={fault('server')} onChange={(e) => set({ server: e.currentTarget.value })} />
			{line.kind === 'register' && (
				<div className={styles.two}>
					<TextInput label={t('line.user')} autoComplete="off" value={line.user} error={fault('user')} onChange={(e) => set({ user: e.currentTarget.value })} />
					<PasswordInput label={t('line.password')} description={exists ? t(line.password ? 'line.password_replaces' : 'line.password_stays') : undefined} autoComplete="off" visibilityToggleButtonProps={{ 'aria-label': words('signin.show_password') }} value={line.password} onChange={(e) => set({ password: e.currentTarget.value })} />
				</div>
			)}
		</div>
	)
}

export function HoursStep({ draft: { hours }, change, fault }: StepProps) {
	const { t, i18n } = useTranslation('start')
	const set = (part: Partial<Draft['hours']>) => change({ hours: { ...hours, ...part } })
	const time = { className: styles.time, inputMode: 'numeric', maxLength: 5, placeholder: '08:00' } as const
	const dayName = (n: number) => new Date(Date.UTC(2024, 0, 1 + n)).toLocaleDateString(i18n.language, { weekday: 'long', timeZone: 'UTC' })
	return (
		<div className={styles.fields}>
			<Switch label={t('hours.always')} checked={hours.always} onChange={(e) => set({ always: e.currentTarget.checked })} />
			{!hours.always && (
				<ul className={styles.days}>
					{DAYS.map((day, n) => {
						const span = hours.days[day]
						const name = dayName(n)
						const wrong = fault(day)
						const put = (value: [string, string] | null) => set({ days: { ...hours.days, [day]: value } })
						return (
							<li key={day}>
								<Checkbox label={name} checked={!!span} onChange={(e) => put(e.currentTarget.checked ? ['08:00', '16:00'] : null)} />
								{span ? (
									<span className={styles.when}>
										<span className={styles.span}>
											<TextInput {...time} aria-label={t('hours.from', { day: name })} aria-describedby={`note-${day}`} value={span[0]} error={!!wrong} onChange={(e) => put([e.currentTarget.value, span[1]])} onBlur={() => put([timeOf(span[0]) || span[0], span[1]])} />
											<span aria-hidden="true">–</span>
											<TextInput {...time} aria-label={t('hours.to', { day: name })} aria-describedby={`note-${day}`} value={span[1]} error={!!wrong} onChange={(e) => put([span[0], e.currentTarget.value])} onBlur={() => put([span[0], timeOf(span[1]) || span[1]])} />
										</span>
										<small id={`note-${day}`} data-wrong={wrong ? true : undefined}>
											{wrong ?? (isNight(span) && timeOf(span[1]) > '00:00' ? t('hours.night', { to: timeOf(span[1]), day: dayName((n + 1) % DAYS.length) }) : '')}
										</small>
									</span>
								) : (
									<span className={styles.closed}>{wrong ?? t('hours.closed')}</span>
								)}
							</li>
						)
					})}
				</ul>
			)}
		</div>
	)
}

export function GreetingStep({ draft, change, fault }: StepProps) {
	const { t } = useTranslation('start')
	const user = useUser()
	const { greeting, firm } = draft
	const field = (key: keyof Draft['greeting']) => (
		<Hear label={t(`greeting.${key}`)} value={greeting[key]} error={fault(key)} lang={firm.locale} tenant={user.tenant} onChange={(text) => change({ greeting: { ...greeting, [key]: text } })} />
	)
	return (
		<div className={styles.fields}>
			{field('welcome')}
			{!draft.hours.always && field('closed')}
			{field('busy')}
		</div>
	)
}

export function QueueStep({ draft: { queue }, change, fault }: StepProps) {
	const { t } = useTranslation('start')
	const set = (part: Partial<Draft['queue']>) => change({ queue: { ...queue, ...part } })
	return (
		<div className={styles.fields}>
			<TextInput label={t('queue.name')} value={queue.name} error={fault('name')} onChange={(e) => set({ name: e.currentTarget.value })} />
			<NumberInput label={t('queue.wrap')} description={t('queue.wrap_hint')} min={0} max={7200} value={queue.wrap_s} onChange={(v) => set({ wrap_s: Number(v) || 0 })} />
			<Switch label={t('queue.record')} description={t('queue.record_hint')} checked={queue.record} onChange={(e) => set({ record: e.currentTarget.checked })} />
		</div>
	)
}

export function PeopleStep({ draft: { people }, change, fault, existing }: StepProps & { existing: Existing }) {
	const { t } = useTranslation('start')
	const put = (n: number, part: Partial<Draft['people'][number]>) => change({ people: people.map((p, k) => (k === n ? { ...p, ...part } : p)) })
	return (
		<div className={styles.fields}>
			{people.map((p, n) => (
				<fieldset key={n} className={styles.person}>
					<legend className="unseen">{p.name || t('people.person', { n: n + 1 })}</legend>
					<TextInput
						label={t('people.name')}
						value={p.name}
						error={fault(`name${n}`)}
						onChange={(e) => {
							const name = e.currentTarget.value
							const derived = !p.id || p.id === idOf(p.name.split(' ')[0] ?? '')
							put(n, { name, ...(derived && { id: idOf(name.split(' ')[0] ?? '') }) })
						}}
					/>
					<TextInput label={t('people.id')} autoComplete="off" value={p.id} error={fault(`id${n}`)} onChange={(e) => put(n, { id: e.currentTarget.value })} />
					<TextInput
						label={t('people.password')}
						description={existing.has(p.id) ? t(p.password ? 'people.password_replaces' : 'people.password_stays', { id: p.id }) : undefined}
						autoComplete="off"
						value={p.password}
						error={fault(`password${n}`)}
						onChange={(e) => put(n, { password: e.currentTarget.value })}
						rightSectionWidth={90}
						rightSection={
							<UnstyledButton className={styles.propose} onClick={() => put(n, { password: passwordOf(crypto.getRandomValues(new Uint8Array(14))) })}>
								{t('people.propose')}
							</UnstyledButton>
						}
					/>
					<div className={styles.role}>
						<Checkbox label={t('people.supervises')} checked={p.supervises} onChange={(e) => put(n, { supervises: e.currentTarget.checked })} />
						{people.length > 1 && (
							<Button variant="subtle" color="red" size="compact-sm" leftSection={<Icon name="trash" size={14} />} onClick={() => change({ people: people.filter((_, k) => k !== n) })}>
								{t('people.remove')}
							</Button>
						)}
					</div>
				</fieldset>
			))}
			<div>
				<Button variant="default" leftSection={<Icon name="plus" size={14} />} onClick={() => change({ people: [...people, { name: '', id: '', password: '', supervises: false }] })}>
					{t('people.more')}
				</Button>
			</div>
		</div>
	)
}
