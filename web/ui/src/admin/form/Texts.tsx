/* Texts.tsx - one text for everybody, or one a language: a string or {"pl":…,"en":…} (schema Text). */
import { Button, SegmentedControl, Textarea } from '@mantine/core'
import { Hear } from './Hear'
import { useTranslation } from 'react-i18next'
import { LANGUAGES } from '../../app/i18n'
import { Icon } from '../../parts/Icon'
import { type Doc, below } from '../schema'
import { useWords } from '../words'
import { Block, type FieldProps, useForm, useMistakes } from './context'
import styles from '../admin.module.css'

const isMap = (x: unknown): x is Doc => typeof x === 'object' && x !== null && !Array.isArray(x)
const nameOf = (tag: string, language: string) => {
	try {
		return new Intl.DisplayNames([language], { type: 'language' }).of(tag) ?? tag
	} catch {
		return tag
	}
}

export function Texts(props: FieldProps) {
	const { t } = useTranslation('admin')
	const { readOnly } = useForm()
	const words = useWords()
	const label = words.label(props.at)
	const many = isMap(props.value)
	const one = typeof props.value === 'string' ? props.value : ''
	const map: Record<string, string> = isMap(props.value) ? (props.value as Record<string, string>) : {}
	const tags = Object.keys(map)
	const missing = Object.keys(LANGUAGES).filter((l) => !tags.includes(l))
	const setOne = (tag: string, text: string) => props.onChange({ ...map, [tag]: text })
	return (
		<Block field={props.field} at={props.at} path={props.path}>
			<SegmentedControl
				size="xs"
				disabled={readOnly}
				aria-label={t('texts.how', { field: label })}
				data={[
					{ value: 'one', label: t('texts.one') },
					{ value: 'many', label: t('texts.many') },
				]}
				value={many ? 'many' : 'one'}
				onChange={(v) => {
					if (v === 'one') props.onChange(Object.values(map).find(Boolean))
					else props.onChange({ en: one })
				}}
			/>
			{many ? (
				<div className={styles.list}>
					{tags.map((tag) => (
						<Tongue key={tag} {...props} tag={tag} text={map[tag] ?? ''} set={(text) => setOne(tag, text)} remove={() => {
							const { [tag]: _, ...rest } = map
							props.onChange(Object.keys(rest).length ? rest : undefined)
						}} />
					))}
					{!readOnly && (
						<div className={styles.row}>
							{missing.map((tag) => (
								<Button key={tag} size="xs" variant="light" leftSection={<Icon name="plus" size={14} />} onClick={() => setOne(tag, '')}>
									{LANGUAGES[tag as keyof typeof LANGUAGES]}
								</Button>
							))}
						</div>
					)}
				</div>
			) : (
				<>
					<Textarea aria-label={label} autosize minRows={2} maxRows={10} disabled={readOnly} value={one} onChange={(e) => props.onChange(e.currentTarget.value || undefined)} />
					{props.at.kind === 'prompt' && <Hear text={one} />}
				</>
			)}
		</Block>
	)
}

function Tongue({ tag, text, set, remove, path, at }: FieldProps & { tag: string; text: string; set(text: string): void; remove(): void }) {
	const { t, i18n } = useTranslation('admin')
	const { readOnly } = useForm()
	const mistakes = useMistakes(below(path, tag))
	return (
		<div className={styles.tongue}>
			<Textarea
				label={nameOf(tag, i18n.language)}
				lang={tag}
				autosize
				minRows={2}
				maxRows={10}
				disabled={readOnly}
				data-path={below(path, tag)}
				error={mistakes.join('; ') || undefined}
				value={text}
				onChange={(e) => set(e.currentTarget.value)}
			/>
			<div className={styles.row}>
				{at.kind === 'prompt' && <Hear text={text} lang={tag} name={nameOf(tag, i18n.language)} />}
				{!readOnly && (
					<Button size="compact-xs" variant="subtle" color="gray" onClick={remove}>
						{t('texts.remove', { language: nameOf(tag, i18n.language) })}
					</Button>
				)}
			</div>
		</div>
	)
}
