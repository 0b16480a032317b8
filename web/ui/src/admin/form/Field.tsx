/*
 * Field.tsx - one field of an object, by its schema: which input it gets. Editors of their own (hours, skills of a
 * queue …) are named in special/ and loaded with the first object that has one.
 */
import { NumberInput, PasswordInput, Select, Switch, TextInput } from '@mantine/core'
import { type ComponentType, type LazyExoticComponent, Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES } from '../../app/i18n'
import { countries } from '../../parts/country'
import { type Doc, type FieldOf, type Json, below, fieldKey, fieldsOf, mapItems, pieceOf, refersTo, resolve } from '../schema'
import { useWords } from '../words'
import { Duration, durationUnit } from './Duration'
import { EnumList, KeyedMap, OrderedList } from './lists'
import { RefMany, RefOne } from './RefPicker'
import { Recording } from './Recording'
import { Texts } from './Texts'
import { Block, type FieldProps, useDefault, useForm, useInput } from './context'
import styles from '../admin.module.css'

const Week = lazy(() => import('../special/Week'))
const SpecialDays = lazy(() => import('../special/SpecialDays'))
const SkillSteps = lazy(() => import('../special/SkillSteps'))
const Sounds = lazy(() => import('../special/Sounds'))

const SPECIAL: Record<string, LazyExoticComponent<ComponentType<FieldProps>>> = {
	'hours.weekly': Week,
	'hours.special': SpecialDays,
	'queue.skills': SkillSteps,
	'prompt.audio': Sounds,
}

export function Field(props: FieldProps) {
	const { field, at } = props
	const { schema, raw, name } = field
	const key = fieldKey(at)
	const Special = SPECIAL[key]
	if (Special)
		return (
			<Suspense fallback={<div className={styles.block} />}>
				<Special {...props} />
			</Suspense>
		)
	const piece = pieceOf(raw)
	if (piece === 'Text') return <Texts {...props} />
	if (piece === 'Record') return <Recording {...props} />
	const kind = refersTo(name, schema, raw)
	const member = mapItems(schema)
	if (member) return <KeyedMap {...props} member={member} of={kind} />
	if (schema.properties) return <Fieldset {...props} />
	if (kind && schema.type !== 'array') return <RefOne {...props} of={kind} />
	if (schema.type === 'array' && schema.items) {
		const item = resolve(schema.items)
		const of = refersTo(name, item, schema.items)
		if (of) return <RefMany {...props} of={of} />
		if (item.enum && name !== 'codecs') return <EnumList {...props} choices={item.enum} />
		return <OrderedList {...props} item={schema.items} />
	}
	if (schema.type === 'boolean') return <YesNo {...props} />
	if (schema.enum) return <Choice {...props} />
	if (durationUnit(name, schema)) return <Duration {...props} />
	if (schema.type === 'integer' || schema.type === 'number') return <Numeral {...props} />
	if (schema.writeOnly) return <Secret {...props} />
	if (name === 'time_zone') return <Zone {...props} />
	if (name === 'locale') return <Tongue {...props} />
	if (piece === 'Country') return <Country {...props} />
	return <Line {...props} />
}

function Line(props: FieldProps) {
	const input = useInput(props)
	const hint = useDefault(props.at)(props.field.schema.default as Json)
	return (
		<TextInput
			{...input}
			placeholder={hint}
			maxLength={props.field.schema.maxLength}
			value={typeof props.value === 'string' ? props.value : ''}
			onChange={(e) => props.onChange(e.currentTarget.value || undefined)}
		/>
	)
}

function Numeral(props: FieldProps) {
	const { schema } = props.field
	const input = useInput(props)
	const hint = useDefault(props.at)(schema.default as Json)
	return (
		<NumberInput
			{...input}
			className={styles.short}
			placeholder={hint}
			min={schema.minimum}
			max={schema.maximum}
			allowDecimal={schema.type === 'number'}
			clampBehavior="none"
			value={typeof props.value === 'number' ? props.value : ''}
			onChange={(v) => props.onChange(typeof v === 'number' ? v : v === '' ? undefined : Number(v))}
		/>
	)
}

function YesNo(props: FieldProps) {
	const { schema } = props.field
	const { withAsterisk: _, ...input } = useInput(props)
	const on = typeof props.value === 'boolean' ? props.value : schema.default === true
	return (
		<Switch
			{...input}
			className={styles.switch}
			checked={on}
			onChange={(e) => {
				const next = e.currentTarget.checked
				props.onChange(next === (schema.default === true) ? undefined : next)
			}}
		/>
	)
}

function Choice(props: FieldProps) {
	const words = useWords()
	const input = useInput(props)
	const hint = useDefault(props.at)(props.field.schema.default as Json)
	const now = typeof props.value === 'string' ? props.value : null
	const help = words.valueHelp(props.at, now ?? String(props.field.schema.default ?? ''))
	return (
		<Select
			{...input}
			description={help ? `${input.description ?? ''}. ${help}.`.replace(/^\. /, '') : input.description}
			placeholder={hint}
			clearable={!props.field.required}
			data={(props.field.schema.enum ?? []).map((v) => ({ value: v, label: words.value(props.at, v) }))}
			renderOption={({ option }) => (
				<div>
					<div>{option.label}</div>
					<div className={styles.optionHelp}>{words.valueHelp(props.at, option.value)}</div>
				</div>
			)}
			value={now}
			onChange={(v) => props.onChange(v ?? undefined)}
		/>
	)
}

/** Never told by the server: empty leaves what is there. */
function Secret(props: FieldProps) {
	const { t } = useTranslation('admin')
	const input = useInput(props)
	const { id } = useForm()
	return (
		<PasswordInput
			{...input}
			className={styles.medium}
			autoComplete="new-password"
			placeholder={id ? t('secret_stays') : undefined}
			visibilityToggleButtonProps={{ 'aria-label': t('secret_show') }}
			value={typeof props.value === 'string' ? props.value : ''}
			onChange={(e) => props.onChange(e.currentTarget.value || undefined)}
		/>
	)
}

function Zone(props: FieldProps) {
	const input = useInput(props)
	const zones = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : []
	const now = typeof props.value === 'string' ? props.value : null
	return (
		<Select
			{...input}
			searchable
			clearable
			placeholder="UTC"
			limit={60}
			data={[...new Set(['UTC', ...zones, ...(now ? [now] : [])])].map((z) => ({ value: z, label: z.replace(/_/g, ' ') }))}
			value={now}
			onChange={(v) => props.onChange(v ?? undefined)}
		/>
	)
}

function Country(props: FieldProps) {
	const input = useInput(props)
	const { i18n } = useTranslation()
	const now = typeof props.value === 'string' ? props.value.toUpperCase() : null
	return (
		<Select
			{...input}
			searchable
			clearable
			data={countries(i18n.language, now)}
			value={now}
			onChange={(v) => props.onChange(v ?? undefined)}
		/>
	)
}

function Tongue(props: FieldProps) {
	const input = useInput(props)
	const now = typeof props.value === 'string' ? props.value : null
	const all = { ...LANGUAGES, ...(now && !(now in LANGUAGES) ? { [now]: now } : {}) }
	return (
		<Select
			{...input}
			clearable
			data={Object.entries(all).map(([value, label]) => ({ value, label }))}
			value={now}
			onChange={(v) => props.onChange(v ?? undefined)}
		/>
	)
}

/** An object inside the object: its fields under one name. */
function Fieldset(props: FieldProps) {
	return (
		<Block field={props.field} at={props.at} path={props.path}>
			<div className={styles.inner}>
				<Fields {...props} fields={fieldsOf(props.field.schema, false)} />
			</div>
		</Block>
	)
}

/** The fields of an object that lies at `path`. */
export function Fields({ fields, at, path, value, onChange }: Omit<FieldProps, 'field'> & { fields: FieldOf[] }) {
	const map: Doc = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
	return fields.map((f) => (
		<Field
			key={f.name}
			field={f}
			at={{ kind: at.kind, names: [...at.names, f.name] }}
			path={below(path, f.name)}
			value={map[f.name]}
			onChange={(v) => {
				const { [f.name]: _, ...rest } = map
				const next: Doc = v === undefined ? rest : { ...map, [f.name]: v }
				onChange(Object.keys(next).length ? next : undefined)
			}}
		/>
	))
}
