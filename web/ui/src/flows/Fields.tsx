/* Fields.tsx - the fields of a node's form: each knows its path in the node, so that a mistake finds it; native controls throughout. */
import { type ReactNode, createContext, useContext, useId, useLayoutEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import { useAll } from './api'
import { variablesOf } from './doc'
import { useEdit } from './edit'
import type { Problem } from './problems'
import styles from './flows.module.css'

/** What is wrong in the form that is shown. */
export const Wrong = createContext<Problem[]>([])

export function useFault(path: string): string {
	const list = useContext(Wrong)
	return list.filter((p) => p.severe && p.field === path).map((p) => p.message).join('; ')
}

interface FieldProps {
	path: string
	label: string
	hint?: string
	children(ids: { id: string; 'aria-invalid': boolean | undefined; 'aria-describedby': string | undefined; 'data-path': string }): ReactNode
}

export function Field({ path, label, hint, children }: FieldProps) {
	const id = useId()
	const fault = useFault(path)
	const said = fault || hint
	return (
		<div className={styles.field} data-wrong={!!fault || undefined}>
			<label htmlFor={id}>{label}</label>
			{children({ id, 'aria-invalid': fault ? true : undefined, 'aria-describedby': said ? `${id}-said` : undefined, 'data-path': path })}
			{said && <p id={`${id}-said`} className={fault ? styles.fault : styles.hint}>{said}</p>}
		</div>
	)
}

interface Of<V> {
	path: string
	label: string
	hint?: string
	value: V
	onChange(value: V): void
}

export function TextField({ path, label, hint, value, onChange, lines, mono }: Of<string> & { lines?: number; mono?: boolean }) {
	const { readOnly } = useEdit()
	return (
		<Field path={path} label={label} hint={hint}>
			{(ids) =>
				lines ? (
					<textarea {...ids} className={styles.input} rows={lines} value={value} readOnly={readOnly} onChange={(e) => onChange(e.currentTarget.value)} />
				) : (
					<input {...ids} className={`${styles.input} ${mono ? styles.mono : ''}`} value={value} readOnly={readOnly} autoComplete="off" spellCheck={!mono} onChange={(e) => onChange(e.currentTarget.value)} />
				)
			}
		</Field>
	)
}

/** undefined: as the server has it, shown as a placeholder. */
export function NumberField({ path, label, hint, value, usual, min, max, unit, onChange }: Of<number | undefined> & { usual?: number; min: number; max: number; unit?: string }) {
	const { readOnly } = useEdit()
	return (
		<Field path={path} label={label} hint={hint}>
			{(ids) => (
				<span className={styles.withUnit}>
					<input {...ids} type="number" inputMode="numeric" className={styles.input} min={min} max={max} value={value ?? ''} placeholder={usual === undefined ? '' : String(usual)} readOnly={readOnly}
						onChange={(e) => onChange(e.currentTarget.value === '' ? undefined : Math.trunc(Number(e.currentTarget.value)))} />
					{unit && <span>{unit}</span>}
				</span>
			)}
		</Field>
	)
}

export function PickField({ path, label, hint, value, options, none, onChange }: Of<string> & { options: { id: string; name?: string }[]; none?: string }) {
	const { t } = useTranslation('flows')
	const { readOnly } = useEdit()
	const there = options.some((o) => o.id === value)
	return (
		<Field path={path} label={label} hint={hint}>
			{(ids) => (
				<select {...ids} className={styles.input} value={value} disabled={readOnly} onChange={(e) => onChange(e.currentTarget.value)}>
					{(none !== undefined || !value) && <option value="">{none ?? t('choose')}</option>}
					{value && !there && <option value={value}>{t('not_there', { id: value })}</option>}
					{options.map((o) => (
						<option key={o.id} value={o.id}>{o.name && o.name !== o.id ? `${o.name} (${o.id})` : o.id}</option>
					))}
				</select>
			)}
		</Field>
	)
}

export function CheckField({ path, label, hint, value, onChange }: Of<boolean>) {
	const { readOnly } = useEdit()
	const id = useId()
	return (
		<div className={styles.check}>
			<input id={id} type="checkbox" data-path={path} checked={value} disabled={readOnly} aria-describedby={hint ? `${id}-said` : undefined} onChange={(e) => onChange(e.currentTarget.checked)} />
			<label htmlFor={id}>{label}</label>
			{hint && <p id={`${id}-said`} className={styles.hint}>{hint}</p>}
		</div>
	)
}

const NAMES = ['caller.number', 'caller.country', 'caller.verstat', 'caller.attest', 'call.to', 'call.diverted', 'time.hour', 'time.weekday', 'customer.language']
const SIGNS = ['==', '!=', '>=', '<=', '&&', '||', 'in (']
/** The piece of a name that stands before the cursor. */
const PIECE = /[A-Za-z_][\w.]*$/

/** What may stand in a condition, proposed while it is written: names of this flow and this firm. */
export function ExpressionField({ path, label, hint, value, onChange }: Of<string>) {
	const { t } = useTranslation('flows')
	const { doc, readOnly } = useEdit()
	const queues = useAll('queues')
	const [open, setOpen] = useState(false)
	const [at, setAt] = useState(-1)
	const input = useRef<HTMLInputElement>(null)
	const wanted = useRef(-1)
	const listId = useId()
	const caret = input.current?.selectionStart ?? value.length
	const before = value.slice(0, caret)
	const piece = PIECE.exec(before)?.[0] ?? ''
	const quoted = (before.match(/'/g)?.length ?? 0) % 2 === 1
	const all = [...variablesOf(doc).map((v) => `var.${v}`), ...NAMES, ...(queues ?? []).flatMap((q) => [`queue.${q.id}.waiting`, `queue.${q.id}.ewt_s`])]
	const begins = piece !== '' || /(^|[(!,[<>+*/-]|&&|\|\||[=!<>]=|\bin)\s*$/.test(before)
	const names = quoted || !begins ? [] : all.filter((n) => n.startsWith(piece) && n !== piece)
	const afterName = !quoted && /[\w.')]\s+$/.test(before) && !/(&&|\|\||==|!=|[<>]=?|in|[-+*/(,])\s+$/.test(before)
	const shown = (afterName ? SIGNS : names).slice(0, 8)
	const take = (word: string) => {
		const start = caret - (afterName ? 0 : piece.length)
		const next = `${value.slice(0, start)}${word}${value.slice(caret).startsWith(' ') ? '' : ' '}${value.slice(caret)}`
		onChange(next)
		setAt(-1)
		wanted.current = start + word.length + 1
	}
	// before the next key is heard
	useLayoutEffect(() => {
		if (wanted.current < 0) return
		input.current?.setSelectionRange(wanted.current, wanted.current)
		wanted.current = -1
	})
	const show = open && shown.length > 0 && !readOnly
	return (
		<Field path={path} label={label} hint={hint ?? t('expression.hint')}>
			{(ids) => (
				<div className={styles.expression}>
					<input {...ids} ref={input} className={`${styles.input} ${styles.mono}`} value={value} readOnly={readOnly} autoComplete="off" spellCheck={false}
						role="combobox" aria-autocomplete="list" aria-expanded={show} aria-controls={show ? listId : undefined} aria-activedescendant={show && at >= 0 ? `${listId}-${at}` : undefined}
						onFocus={() => setOpen(true)} onBlur={() => setOpen(false)}
						onChange={(e) => (onChange(e.currentTarget.value), setOpen(true), setAt(-1))}
						onKeyDown={(e) => {
							if (!show) return
							if (e.key === 'ArrowDown') setAt(Math.min(shown.length - 1, at + 1))
							else if (e.key === 'ArrowUp') setAt(Math.max(-1, at - 1))
							else if (e.key === 'Enter' && at >= 0) take(shown[at] as string)
							else if (e.key === 'Escape') setOpen(false)
							else return
							e.preventDefault()
							e.stopPropagation()
						}} />
					{show && (
						<ul id={listId} role="listbox" aria-label={t('expression.names')} className={styles.suggestions}>
							{shown.map((s, i) => (
								<li key={s} id={`${listId}-${i}`} role="option" aria-selected={i === at} onMouseDown={(e) => (e.preventDefault(), take(s))}>{s}</li>
							))}
						</ul>
					)}
				</div>
			)}
		</Field>
	)
}

export function IconButton({ icon, label, onClick, disabled, pressed }: { icon: Parameters<typeof Icon>[0]['name']; label: string; onClick(): void; disabled?: boolean; pressed?: boolean }) {
	return (
		<button type="button" className={styles.iconButton} aria-label={label} title={label} disabled={disabled} aria-pressed={pressed} onClick={onClick}>
			<Icon name={icon} size={17} />
		</button>
	)
}
