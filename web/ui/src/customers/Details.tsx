/*
 * Details.tsx - everything of a record, each value edited where it stands: click or Enter opens, Enter saves, Escape
 * leaves it. When somebody else changed the record meanwhile, that is told and both values are shown; nothing is
 * overwritten in silence.
 */
import { Button, Select, Switch, TagsInput, TextInput, UnstyledButton } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/http'
import { LANGUAGES } from '../app/i18n'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { type Patch, useCustomers, useFields } from './api'
import { fieldName, languageName, placeText, textOf } from './describe'
import styles from './customers.module.css'
import type { Customer, Field } from './types'

type Save = (patch: Patch) => Promise<boolean>

export function Details({ customer }: { customer: Customer }) {
	const { t, i18n } = useTranslation()
	const fields = useFields()
	const { save, conflict, settle } = useSave(customer)
	const text = (key: 'name' | 'given_name' | 'family_name' | 'title' | 'position' | 'company_name' | 'external_id') => (
		<Text
			key={key}
			label={t(`customers.f.${key}`)}
			value={customer[key] ?? ''}
			required={key === 'name'}
			save={(v) => save({ [key]: v || null })}
		/>
	)
	const zones = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : []
	return (
		<div className={styles.details}>
			{conflict && <Conflict {...conflict} settle={settle} />}
			{text('name')}
			{customer.kind === 'person' && [text('given_name'), text('family_name'), text('title')]}
			{customer.kind === 'person' && [text('position'), text('company_name')]}
			<Entries
				kind="numbers"
				entries={(customer.numbers ?? []).map((n) => ({ value: n.number, label: n.label }))}
				shown={numberText}
				save={(all) => save({ numbers: all.map((e) => ({ number: e.value, ...(e.label && { label: e.label }) })) })}
			/>
			<Entries
				kind="emails"
				entries={(customer.emails ?? []).map((e) => ({ value: e.address, label: e.label }))}
				shown={(x) => x}
				save={(all) => save({ emails: all.map((e) => ({ address: e.value, ...(e.label && { label: e.label }) })) })}
			/>
			<Address customer={customer} save={save} />
			<Pick
				label={t('customers.f.language')}
				value={customer.language ?? ''}
				shown={languageName(customer.language, i18n.language)}
				options={[...new Set([...Object.keys(LANGUAGES), 'uk', 'de', 'cs', 'lt', 'be', customer.language ?? ''])]
					.filter(Boolean)
					.map((value) => ({ value, label: languageName(value, i18n.language) }))}
				save={(v) => save({ language: v || null })}
			/>
			<Pick
				label={t('customers.f.time_zone')}
				value={customer.time_zone ?? ''}
				shown={(customer.time_zone ?? '').replace(/_/g, ' ')}
				options={zones.map((value) => ({ value, label: value.replace(/_/g, ' ') }))}
				save={(v) => save({ time_zone: v || null })}
			/>
			<Tags customer={customer} save={save} />
			<Switch
				className={styles.switch}
				label={t('customers.do_not_call_switch')}
				checked={(customer.preferences?.do_not_call ?? []).length > 0}
				onChange={(e) => {
					const do_not_call = e.currentTarget.checked ? [{ reason: t('customers.asked_for_it') }] : undefined
					void save({ preferences: { ...customer.preferences, do_not_call } })
				}}
			/>
			{text('external_id')}
			{fields.map((f) => (
				<Declared key={f.id} field={f} customer={customer} save={save} />
			))}
		</div>
	)
}

interface ConflictOf {
	patch: Patch
	theirs: Customer
}

/** Saves what was changed against the version that was read. */
function useSave(customer: Customer) {
	const { t } = useTranslation()
	const { change, one, reread } = useCustomers()
	const [conflict, setConflict] = useState<ConflictOf | null>(null)
	const save: Save = async (patch) => {
		// a field that loses the keyboard to "Save mine" would send its text again, for a version that is no more
		if (conflict && JSON.stringify(conflict.patch) === JSON.stringify(patch)) return false
		try {
			await change(customer, patch)
			setConflict(null)
			return true
		} catch (error) {
			if (error instanceof Problem && error.status === 412) {
				const theirs = await one(customer.id)
				setConflict({ patch, theirs })
				void reread()
			} else tell('bad', problemText(error, t))
			return false
		}
	}
	const settle = async (mine: boolean) => {
		const was = conflict
		setConflict(null)
		if (!was || !mine) return
		try {
			await change(was.theirs, was.patch)
		} catch (error) {
			tell('bad', problemText(error, t))
		}
	}
	return { save, conflict, settle }
}

function Conflict({ patch, theirs, settle }: ConflictOf & { settle: (mine: boolean) => Promise<void> }) {
	const { t } = useTranslation()
	const plain = (x: unknown) => (typeof x === 'string' ? x : x == null ? '—' : JSON.stringify(x))
	return (
		<div className={styles.conflict} role="alert">
			<p>
				<Icon name="warning" size={16} /> {t('customers.conflict', { who: theirs.updated_by })}
			</p>
			<dl>
				{Object.entries(patch).map(([key, mine]) => (
					<div key={key}>
						<dt>{t(`customers.f.${key as 'name'}`)}</dt>
						<dd>{t('customers.theirs')}: {plain(theirs[key as keyof Customer])}</dd>
						<dd>{t('customers.yours')}: {plain(mine)}</dd>
					</div>
				))}
			</dl>
			<Button size="compact-sm" onClick={() => void settle(true)}>{t('customers.keep_yours')}</Button>{' '}
			<Button size="compact-sm" variant="default" onClick={() => void settle(false)}>{t('customers.keep_theirs')}</Button>
		</div>
	)
}

/** A value that is text until it is clicked. */
function Line({ label, shown, children }: { label: string; shown: ReactNode; children: (close: () => void) => ReactNode }) {
	const { t } = useTranslation()
	const [open, setOpen] = useState(false)
	return (
		<div className={styles.line}>
			<span className={styles.lineLabel}>{label}</span>
			{open ? (
				<div className={styles.lineEdit}>{children(() => setOpen(false))}</div>
			) : (
				<UnstyledButton
					className={styles.value}
					onClick={() => setOpen(true)}
				>
					<span className="unseen">{t('customers.edit', { what: label })}</span>
					<span className={styles.shown}>{shown || <span className={styles.add}>{t('customers.add')}</span>}</span>
					<Icon name="edit" size={13} className={styles.pen} />
				</UnstyledButton>
			)}
		</div>
	)
}

function Text({ label, value, required, save }: {
	label: string
	value: string
	required?: boolean
	save: (v: string) => Promise<boolean>
}) {
	return (
		<Line label={label} shown={value}>
			{(close) => <Field1 label={label} value={value} required={required} save={save} close={close} />}
		</Line>
	)
}

function Field1({ label, value, required, save, close }: {
	label: string
	value: string
	required?: boolean
	save: (v: string) => Promise<boolean>
	close: () => void
}) {
	const [text, setText] = useState(value)
	const done = async () => {
		const next = text.trim()
		if (next === value || (required && !next) || (await save(next))) close()
	}
	return (
		<TextInput
			size="xs"
			autoFocus
			aria-label={label}
			value={text}
			maxLength={200}
			onChange={(e) => setText(e.currentTarget.value)}
			onBlur={() => void done()}
			onKeyDown={(e) => {
				if (e.key === 'Enter') void done()
				else if (e.key === 'Escape') {
					e.stopPropagation()
					close()
				}
			}}
		/>
	)
}

function Pick({ label, value, shown, options, save }: {
	label: string
	value: string
	shown: string
	options: { value: string; label: string }[]
	save: (v: string) => Promise<boolean>
}) {
	return (
		<Line label={label} shown={shown}>
			{(close) => (
				<Select
					size="xs"
					autoFocus
					defaultDropdownOpened
					searchable
					clearable
					aria-label={label}
					data={options}
					limit={60}
					value={value || null}
					onChange={(v) => void save(v ?? '').then((ok) => ok && close())}
					onBlur={close}
				/>
			)}
		</Line>
	)
}

function Tags({ customer, save }: { customer: Customer; save: Save }) {
	const { t } = useTranslation()
	const label = t('customers.f.tags')
	return (
		<Line label={label} shown={customer.tags?.join(', ')}>
			{(close) => <TagsEdit label={label} tags={customer.tags ?? []} close={close} save={(tags) => save({ tags })} />}
		</Line>
	)
}
function TagsEdit({ label, tags, save, close }: {
	label: string
	tags: string[]
	save: (tags: string[]) => Promise<boolean>
	close: () => void
}) {
	const [now, setNow] = useState(tags)
	const done = async () => {
		if (JSON.stringify(now) === JSON.stringify(tags) || (await save(now))) close()
	}
	return (
		<TagsInput
			size="xs"
			autoFocus
			aria-label={label}
			value={now}
			maxTags={50}
			onChange={setNow}
			onBlur={() => void done()}
		/>
	)
}

interface Entry {
	value: string
	label?: string
}

/** Several values of a kind: numbers, addresses; each with a label. */
function Entries({ kind, entries, shown, save }: {
	kind: 'numbers' | 'emails'
	entries: Entry[]
	shown: (value: string) => string
	save: (all: Entry[]) => Promise<boolean>
}) {
	const { t } = useTranslation()
	const label = t(`customers.f.${kind}`)
	const words = entries.map((e) => shown(e.value) + (e.label ? ` (${e.label})` : '')).join(', ')
	return (
		<Line label={label} shown={words && <span className="num">{words}</span>}>
			{(close) => <EntriesEdit label={label} entries={entries} save={save} close={close} />}
		</Line>
	)
}
function EntriesEdit({ label, entries, save, close }: {
	label: string
	entries: Entry[]
	save: (all: Entry[]) => Promise<boolean>
	close: () => void
}) {
	const { t } = useTranslation()
	const [rows, setRows] = useState<Entry[]>([...entries, { value: '' }])
	const set = (i: number, change: Partial<Entry>) => setRows(rows.map((r, n) => (n === i ? { ...r, ...change } : r)))
	const done = async () => {
		const all = rows.map((r) => ({ value: r.value.trim(), label: r.label?.trim() })).filter((r) => r.value)
		if (await save(all)) close()
	}
	return (
		<div
			className={styles.entries}
			role="group"
			aria-label={label}
			onKeyDown={(e) => {
				if (e.key === 'Enter') void done()
				else if (e.key === 'Escape') {
					e.stopPropagation()
					close()
				}
			}}
		>
			{rows.map((row, i) => (
				<div key={i} className={styles.entry}>
					<TextInput
						size="xs"
						autoFocus={i === rows.length - 1}
						aria-label={`${label} ${i + 1}`}
						value={row.value}
						onChange={(e) => {
							const value = e.currentTarget.value
							if (i === rows.length - 1 && value) setRows([...rows.slice(0, i), { ...row, value }, { value: '' }])
							else set(i, { value })
						}}
					/>
					<TextInput
						size="xs"
						w={84}
						aria-label={`${t('customers.entry_label')} ${i + 1}`}
						placeholder={t('customers.entry_label')}
						value={row.label ?? ''}
						maxLength={40}
						onChange={(e) => set(i, { label: e.currentTarget.value })}
					/>
				</div>
			))}
			<div className={styles.entry}>
				<Button size="compact-xs" onClick={() => void done()}>{t('customers.save')}</Button>
				<Button size="compact-xs" variant="subtle" onClick={close}>{t('customers.cancel')}</Button>
			</div>
		</div>
	)
}

const PLACE = ['street', 'postal_code', 'city', 'region', 'country'] as const

function Address({ customer, save }: { customer: Customer; save: Save }) {
	const { t } = useTranslation()
	const first = customer.addresses?.[0] ?? {}
	const label = t('customers.f.addresses')
	return (
		<Line label={label} shown={placeText(first)}>
			{(close) => (
				<form
					className={styles.entries}
					aria-label={label}
					onSubmit={async (e) => {
						e.preventDefault()
						const form = new FormData(e.currentTarget)
						const place: Record<string, string> = {}
						for (const key of PLACE) {
							const v = String(form.get(key) ?? '').trim()
							if (v) place[key] = key === 'country' ? v.toUpperCase() : v
						}
						const rest = customer.addresses?.slice(1) ?? []
						if (await save({ addresses: [...(Object.keys(place).length ? [{ ...first, ...place }] : []), ...rest] })) close()
					}}
				>
					{PLACE.map((key) => (
						<TextInput
							key={key}
							size="xs"
							name={key}
							autoFocus={key === 'street'}
							placeholder={t(`customers.place.${key}`)}
							aria-label={t(`customers.place.${key}`)}
							defaultValue={first[key] ?? ''}
							maxLength={key === 'country' ? 2 : 200}
						/>
					))}
					<div className={styles.entry}>
						<Button type="submit" size="compact-xs">{t('customers.save')}</Button>
						<Button size="compact-xs" variant="subtle" onClick={close}>{t('customers.cancel')}</Button>
					</div>
				</form>
			)}
		</Line>
	)
}

/** A field that the firm declared. */
export function Declared({ field, customer, save }: { field: Field; customer: Customer; save: Save }) {
	const { i18n } = useTranslation()
	const label = fieldName(field, i18n.language)
	const value = customer.fields?.[field.id]
	const write = (v: unknown) => save({ fields: { [field.id]: v === '' ? null : v } as Record<string, unknown> })
	if (field.type === 'flag')
		return (
			<Switch
				className={styles.switch}
				label={label}
				checked={value === true}
				onChange={(e) => void write(e.currentTarget.checked)}
			/>
		)
	if (field.type === 'choice') {
		const options = (field.choices ?? []).map((c) => ({ value: c.id, label: textOf(c.label, i18n.language) || c.id }))
		const shown = options.find((o) => o.value === value)?.label ?? String(value ?? '')
		return <Pick label={label} value={String(value ?? '')} shown={shown} options={options} save={write} />
	}
	if (field.type === 'number')
		return (
			<Line label={label} shown={value === undefined ? '' : String(value)}>
				{(close) => (
					<TextInput
						type="number"
						step="any"
						size="xs"
						autoFocus
						aria-label={label}
						defaultValue={typeof value === 'number' ? value : ''}
						onBlur={(e) => {
							const text = e.currentTarget.value
							void write(text === '' ? '' : Number(text)).then((ok) => ok && close())
						}}
						onKeyDown={(e) => e.key === 'Enter' && e.currentTarget.blur()}
					/>
				)}
			</Line>
		)
	return <Text label={label} value={String(value ?? '')} save={write} />
}
