/* context.tsx - what a field of a form knows: its place, its value, the mistakes told of it. */
import { type ReactNode, createContext, useContext, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { FieldError } from '../../api/http'
import type { Doc, FieldOf, Json, Named } from '../schema'
import { useWords } from '../words'
import styles from '../admin.module.css'

export interface FormState {
	kind: string
	/** The object's id; empty while it is new. */
	id: string
	doc: Doc
	errors: FieldError[]
	readOnly: boolean
	/** Sets a top field of the document; undefined takes it away. */
	set(name: string, value: Json | undefined): void
}

const Context = createContext<FormState | null>(null)
export const FormProvider = Context.Provider
export function useForm(): FormState {
	const form = useContext(Context)
	if (!form) throw new Error('useForm: no form above')
	return form
}

export interface FieldProps {
	field: FieldOf
	at: Named
	/** As the server names it in its mistakes: $.announce.every_s */
	path: string
	value: Json | undefined
	onChange(value: Json | undefined): void
}

const lies = (inside: string, path: string) =>
	inside === path || (inside.startsWith(path) && /^[.[]/.test(inside.slice(path.length)))

/** Mistakes of this very place, or (whole) of anything below it too. */
export function useMistakes(path: string, whole = true): string[] {
	const { errors } = useForm()
	return errors.filter((e) => (whole ? lies(e.path, path) : e.path === path)).map((e) => e.message)
}

/** Label, help and mistakes of a single input, in the words of the language. */
export function useInput({ field, at, path }: Pick<FieldProps, 'field' | 'at' | 'path'>) {
	const words = useWords()
	const { readOnly } = useForm()
	const mistakes = useMistakes(path)
	return {
		label: words.label(at),
		description: words.help(at, field.schema) || undefined,
		withAsterisk: field.required,
		disabled: readOnly,
		error: mistakes.length ? mistakes.join('; ') : undefined,
		'data-path': path,
	}
}

/** The default as people read it: shown in an empty field. */
export function useDefault(at: Named): (value: Json | undefined) => string | undefined {
	const { t } = useTranslation('admin')
	const words = useWords()
	return (value) => {
		if (value === undefined || value === null) return undefined
		const one = (x: Json) => (typeof x === 'string' ? words.value(at, x) : typeof x === 'boolean' ? t(x ? 'yes' : 'no') : String(x))
		return t('default_is', { value: Array.isArray(value) ? value.map(one).join(', ') : one(value) })
	}
}

/** Several inputs under one name. */
export function Block({ field, at, path, children, level = 0 }: Pick<FieldProps, 'field' | 'at' | 'path'> & { children: ReactNode; level?: number }) {
	const words = useWords()
	const id = useId()
	const mistakes = useMistakes(path, false)
	const help = words.help(at, field.schema)
	return (
		<div
			className={styles.block}
			role="group"
			aria-labelledby={`${id}-name`}
			aria-describedby={help ? `${id}-help` : undefined}
			data-path={path}
			data-level={level}
			data-wrong={mistakes.length > 0 || undefined}
		>
			<div id={`${id}-name`} className={styles.blockName}>
				{words.label(at)}
				{field.required && <span className={styles.must} aria-hidden="true"> *</span>}
			</div>
			{help && <div id={`${id}-help`} className={styles.help}>{help}</div>}
			{children}
			{mistakes.map((m) => (
				<div key={m} className={styles.mistake} role="alert">{m}</div>
			))}
		</div>
	)
}
