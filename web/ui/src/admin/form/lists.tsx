/* lists.tsx - several values: in an order that the keyboard changes too, as a set, or under names. */
import { ActionIcon, Autocomplete, Button, Checkbox, NumberInput, Select, TextInput } from '@mantine/core'
import { type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/Icon'
import { titleOf, useObjects } from '../api'
import { type Doc, type FieldOf, type Json, type Schema, below, fieldsOf, resolve } from '../schema'
import { useWords } from '../words'
import { Fields } from './Field'
import { Block, type FieldProps, useForm, useMistakes } from './context'
import styles from '../admin.module.css'

export function moved<T>(list: T[], from: number, to: number): T[] {
	if (to < 0 || to >= list.length) return list
	const next = [...list]
	next.splice(to, 0, ...next.splice(from, 1))
	return next
}

/** A list whose order counts: Alt with an arrow moves an item, Delete buttons take it away. */
export function OrderedList({ item, ...props }: FieldProps & { item: Schema }) {
	const { t } = useTranslation('admin')
	const { readOnly } = useForm()
	const words = useWords()
	const box = useRef<HTMLDivElement>(null)
	const schema = resolve(item)
	const list = Array.isArray(props.value) ? props.value : []
	const set = (next: Json[]) => props.onChange(next.length ? next : undefined)
	const focus = (i: number) =>
		setTimeout(() => {
			const row = box.current?.querySelectorAll<HTMLElement>('[data-item]')[i]
			row?.querySelector<HTMLElement>('input,textarea,button')?.focus()
		})
	const move = (from: number, to: number) => {
		if (to < 0 || to >= list.length) return
		set(moved(list, from, to))
		focus(to)
	}
	const keys = (i: number) => (e: KeyboardEvent) => {
		if (!e.altKey || (e.key !== 'ArrowUp' && e.key !== 'ArrowDown')) return
		e.preventDefault()
		move(i, i + (e.key === 'ArrowUp' ? -1 : 1))
	}
	const add = () => {
		set([...list, schema.properties ? {} : (schema.enum?.find((v) => !list.includes(v)) ?? '')])
		focus(list.length)
	}
	const label = words.label(props.at)
	return (
		<Block field={props.field} at={props.at} path={props.path}>
			<div ref={box} className={styles.list}>
				{list.map((value, i) => (
					// biome-ignore lint: the place is what an item is known by
					<div key={i} className={styles.item} data-item onKeyDown={keys(i)}>
						<span className={styles.itemNumber}>{i + 1}</span>
						<div className={styles.itemBody}>
							<Item
								{...props}
								schema={schema}
								path={below(props.path, i)}
								label={`${label} ${i + 1}`}
								value={value}
								taken={list}
								onChange={(v) => set(list.map((x, k) => (k === i ? (v ?? (schema.properties ? {} : '')) : x)))}
							/>
						</div>
						{!readOnly && (
							<>
								<ActionIcon variant="subtle" color="gray" disabled={i === 0} aria-label={t('list.up', { item: `${label} ${i + 1}` })} onClick={() => move(i, i - 1)}>
									<span className={styles.up}><Icon name="chevron" size={16} /></span>
								</ActionIcon>
								<ActionIcon variant="subtle" color="gray" disabled={i === list.length - 1} aria-label={t('list.down', { item: `${label} ${i + 1}` })} onClick={() => move(i, i + 1)}>
									<Icon name="chevron" size={16} />
								</ActionIcon>
								<ActionIcon variant="subtle" color="gray" aria-label={t('list.remove', { item: `${label} ${i + 1}` })} onClick={() => set(list.filter((_, k) => k !== i))}>
									<Icon name="trash" size={16} />
								</ActionIcon>
							</>
						)}
					</div>
				))}
			</div>
			{!readOnly && list.length < (schema.enum?.length ?? props.field.schema.maxItems ?? 1000) && (
				<Button size="xs" variant="light" leftSection={<Icon name="plus" size={14} />} onClick={add} aria-label={t('list.add_to', { field: label })}>
					{t('list.add')}
				</Button>
			)}
		</Block>
	)
}

function Item({ schema, label, taken, ...props }: FieldProps & { schema: Schema; label: string; taken: Json[] }) {
	const words = useWords()
	const { readOnly } = useForm()
	const mistakes = useMistakes(props.path)
	const common = { 'aria-label': label, disabled: readOnly, error: mistakes.join('; ') || undefined, 'data-path': props.path }
	if (schema.properties)
		return (
			<div className={styles.itemFields}>
				<Fields fields={fieldsOf(schema, false)} at={props.at} path={props.path} value={props.value} onChange={props.onChange} />
			</div>
		)
	if (schema.enum)
		return (
			<Select
				{...common}
				allowDeselect={false}
				data={schema.enum.map((v) => ({ value: v, label: words.value(props.at, v), disabled: v !== props.value && taken.includes(v) }))}
				value={String(props.value)}
				onChange={(v) => props.onChange(v ?? undefined)}
			/>
		)
	return <TextInput {...common} maxLength={schema.maxLength} value={typeof props.value === 'string' ? props.value : ''} onChange={(e) => props.onChange(e.currentTarget.value)} />
}

/** Some of a few words; their order says nothing. */
export function EnumList({ choices, ...props }: FieldProps & { choices: string[] }) {
	const words = useWords()
	const { readOnly } = useForm()
	const standard = Array.isArray(props.field.schema.default) ? (props.field.schema.default as string[]) : []
	const list = Array.isArray(props.value) ? props.value : standard
	return (
		<Block field={props.field} at={props.at} path={props.path}>
			<div className={styles.checks}>
				{choices.map((v) => (
					<Checkbox
						key={v}
						disabled={readOnly}
						label={words.value(props.at, v)}
						description={words.valueHelp(props.at, v) || undefined}
						checked={list.includes(v)}
						onChange={(e) => {
							const next = choices.filter((c) => (c === v ? e.currentTarget.checked : list.includes(c)))
							props.onChange(next.length ? next : undefined)
						}}
					/>
				))}
			</div>
		</Block>
	)
}

/** Values under names: levels of skills, places in queues. Names are ids of a kind, where the schema says which. */
export function KeyedMap({ member, of, ...props }: FieldProps & { member: Schema; of?: string }) {
	const { t } = useTranslation('admin')
	const words = useWords()
	const { readOnly } = useForm()
	const { data } = useObjects(of ?? '', of !== undefined)
	const [name, setName] = useState('')
	const schema = resolve(member)
	const map: Doc = typeof props.value === 'object' && props.value !== null && !Array.isArray(props.value) ? props.value : {}
	const names = new Map((data ?? []).map((d) => [String(d.id), titleOf(d)]))
	const set = (next: Doc) => props.onChange(Object.keys(next).length ? next : undefined)
	const add = (key: string) => {
		if (!key || key in map) return
		set({ ...map, [key]: schema.properties ? {} : 1 })
		setName('')
	}
	const label = words.label(props.at)
	return (
		<Block field={props.field} at={props.at} path={props.path}>
			<div className={styles.list}>
				{Object.entries(map).map(([key, value]) => (
					<MapRow
						key={key}
						{...props}
						schema={schema}
						label={`${label}: ${names.get(key) ?? key}`}
						shown={names.get(key) ?? key}
						path={below(props.path, key)}
						value={value}
						onChange={(v) => set({ ...map, [key]: v ?? (schema.properties ? {} : 0) })}
						remove={() => {
							const { [key]: _, ...rest } = map
							set(rest)
						}}
					/>
				))}
			</div>
			{!readOnly &&
				(of ? (
					<Select
						className={styles.medium}
						searchable
						aria-label={t('list.add_to', { field: label })}
						placeholder={t('list.add')}
						data={[...names].filter(([id]) => !(id in map)).map(([value, l]) => ({ value, label: l }))}
						value={null}
						onChange={(v) => v && add(v)}
					/>
				) : (
					<Autocomplete
						className={styles.medium}
						aria-label={t('list.add_to', { field: label })}
						placeholder={t('list.add')}
						value={name}
						onChange={setName}
						onKeyDown={(e) => e.key === 'Enter' && (e.preventDefault(), add(name.trim()))}
					/>
				))}
		</Block>
	)
}

function MapRow({ schema, label, shown, remove, ...props }: FieldProps & { schema: Schema; label: string; shown: string; remove(): void }) {
	const { t } = useTranslation('admin')
	const { readOnly } = useForm()
	const mistakes = useMistakes(props.path)
	const fields: FieldOf[] = schema.properties ? fieldsOf(schema, false) : []
	return (
		<div className={styles.item} data-item>
			<span className={styles.mapName}>{shown}</span>
			<div className={styles.itemBody}>
				{fields.length ? (
					<div className={styles.itemFields}>
						<Fields fields={fields} at={props.at} path={props.path} value={props.value} onChange={props.onChange} />
					</div>
				) : (
					<NumberInput
						aria-label={label}
						className={styles.short}
						disabled={readOnly}
						min={schema.minimum}
						max={schema.maximum}
						data-path={props.path}
						error={mistakes.join('; ') || undefined}
						value={typeof props.value === 'number' ? props.value : ''}
						onChange={(v) => props.onChange(typeof v === 'number' ? v : undefined)}
					/>
				)}
			</div>
			{!readOnly && (
				<ActionIcon variant="subtle" color="gray" aria-label={t('list.remove', { item: label })} onClick={remove}>
					<Icon name="trash" size={16} />
				</ActionIcon>
			)}
		</div>
	)
}
