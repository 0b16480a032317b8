/* RefPicker.tsx - a field that names another object: chosen among those there are, made in place, opened by a link. */
import { Anchor, Button, Group, Modal, MultiSelect, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { problemText } from '../../app/send'
import { fold } from '../../parts/fold'
import { objectPath, titleOf, useObjects, useWrites } from '../api'
import { slug } from '../slug'
import { type FieldOf, KINDS, type Kind } from '../schema'
import { useWhose } from '../tenant'
import { useWords } from '../words'
import { type FieldProps, useInput } from './context'
import styles from '../admin.module.css'

const NEW = '\u0000new'

/** What can be chosen, and what was chosen although it is gone. */
function useChoices(of: string, field: FieldOf, chosen: string[]) {
	const { t } = useTranslation('admin')
	const { writes } = useWhose()
	const { data } = useObjects(of)
	const all = new Map((data ?? []).map((d) => [String(d.id), titleOf(d)]))
	if (/default/.test(field.schema.description ?? '') && field.schema.default === 'default') all.set('default', t('standard'))
	for (const id of chosen) if (!all.has(id)) all.set(id, id)
	const kind = KINDS[of]
	const simple = kind !== undefined && !(kind.schema.required ?? []).length && kind.kind !== 'tenant'
	const label = (id: string, title: string) => (title === id ? id : `${title} (${id})`)
	return {
		kind,
		choices: [...all].map(([value, title]) => ({ value, label: value === 'default' ? title : label(value, title) })),
		maker: writes && simple ? { value: NEW, label: t('pick.create') } : undefined,
	}
}

const filter = ({ options, search }: { options: unknown[]; search: string }) =>
	(options as { value: string; label: string }[]).filter((o) => o.value === NEW || fold(o.label).includes(fold(search.trim()))) as never

export function RefOne({ of, ...props }: FieldProps & { of: string }) {
	const { t } = useTranslation('admin')
	const input = useInput(props)
	const now = typeof props.value === 'string' ? props.value : null
	const { kind, choices, maker } = useChoices(of, props.field, now ? [now] : [])
	const [making, setMaking] = useState<string | null>(null)
	const [search, setSearch] = useState('')
	return (
		<div className={styles.ref}>
			<Select
				{...input}
				searchable
				clearable={!props.field.required}
				filter={filter}
				searchValue={search}
				onSearchChange={setSearch}
				nothingFoundMessage={t('pick.none')}
				data={maker ? [...choices, maker] : choices}
				value={now}
				onChange={(v) => (v === NEW ? setMaking(search) : props.onChange(v ?? undefined))}
			/>
			{now && kind && now !== 'default' && (
				<Anchor component={Link} href={`/admin/${kind.plural}/${encodeURIComponent(now)}`} className={styles.refOpen}>
					{t('pick.open')}
				</Anchor>
			)}
			{making !== null && kind && (
				<Maker kind={kind} first={making} close={() => setMaking(null)} made={(id) => props.onChange(id)} />
			)}
		</div>
	)
}

export function RefMany({ of, ...props }: FieldProps & { of: string }) {
	const { t } = useTranslation('admin')
	const input = useInput(props)
	const now = Array.isArray(props.value) ? props.value.filter((v) => typeof v === 'string') : []
	const { kind, choices, maker } = useChoices(of, props.field, now)
	const [making, setMaking] = useState<string | null>(null)
	const [search, setSearch] = useState('')
	return (
		<div className={styles.ref}>
			<MultiSelect
				{...input}
				searchable
				filter={filter}
				searchValue={search}
				onSearchChange={setSearch}
				placeholder={now.length ? undefined : t('pick.choose')}
				nothingFoundMessage={t('pick.none')}
				maxValues={props.field.schema.maxItems}
				data={maker ? [...choices, maker] : choices}
				value={now}
				onChange={(list) => {
					if (list.includes(NEW)) setMaking(search)
					else props.onChange(list.length ? list : undefined)
				}}
			/>
			{making !== null && kind && (
				<Maker kind={kind} first={making} close={() => setMaking(null)} made={(id) => props.onChange([...now, id])} />
			)}
		</div>
	)
}

/** A new object by its name alone; the rest is set on its own page. */
function Maker({ kind, first, close, made }: { kind: Kind; first: string; close(): void; made(id: string): void }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const words = useWords()
	const { create } = useWrites(kind)
	const { tenant } = useWhose()
	const [name, setName] = useState(first)
	const [wrong, setWrong] = useState('')
	const id = slug(name)
	const make = async () => {
		try {
			await create(id, kind.schema.properties?.name && name.trim() ? { name: name.trim() } : {})
			made(id)
			close()
		} catch (error) {
			setWrong(problemText(error, shell))
		}
	}
	return (
		<Modal opened onClose={close} title={t('new_of', { kind: words.kind(kind.kind) })} centered>
			<form
				onSubmit={(e) => {
					e.preventDefault()
					e.stopPropagation()
					void make()
				}}
			>
				<TextInput
					data-autofocus
					label={words.label({ kind: kind.kind, names: ['name'] })}
					description={id ? objectPath(tenant, kind, id) : undefined}
					error={wrong || undefined}
					value={name}
					onChange={(e) => setName(e.currentTarget.value)}
				/>
				<Group justify="flex-end" mt="md">
					<Button variant="default" onClick={close}>{t('cancel')}</Button>
					<Button type="submit" disabled={!id}>{t('create')}</Button>
				</Group>
			</form>
		</Modal>
	)
}
