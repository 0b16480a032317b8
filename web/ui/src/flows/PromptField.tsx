/*
 * PromptField.tsx - which prompt is heard, and its words in place: read, heard, changed, made anew. Prompts are the firm's, not the
 * flow's: what is saved here is heard at once wherever the prompt is played, and says so.
 */
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import { useAll, useFlows, useTenant } from './api'
import { useEdit } from './edit'
import { PickField } from './Fields'
import { textIn } from './say'
import styles from './flows.module.css'

interface Props {
	path: string
	label: string
	value: string
	none?: string
	/** For the name of a new one. */
	node: string
	onChange(id: string): void
}

export function PromptField({ path, label, value, none, node, onChange }: Props) {
	const { t } = useTranslation('flows')
	const { t: shell } = useTranslation()
	const { readOnly } = useEdit()
	const flows = useFlows()
	const prompts = useAll('prompts') ?? []
	const prompt = prompts.find((p) => p.id === value)
	const options = prompts.map((p) => ({ id: p.id, name: short(textIn(p.text, 'en')) }))

	async function make() {
		const base = node.toLowerCase().replace(/[^a-z0-9_-]/g, '_').replace(/^[^a-z0-9]+/, '') || 'prompt'
		let id = base
		for (let i = 2; prompts.some((p) => p.id === id); i++) id = `${base}_${i}`
		try {
			await flows.prompt(id, { [flows_language(undefined)]: '…' }, 0)
			onChange(id)
		} catch (error) {
			tell('bad', problemText(error, shell))
		}
	}
	return (
		<div className={styles.prompt}>
			<PickField path={path} label={label} value={value} options={options} none={none} onChange={onChange} />
			{prompt && <Words key={prompt.id} id={prompt.id} version={prompt.version} text={textsOf(prompt.text)} sounds={Object.keys((prompt.audio as object | undefined) ?? {})} />}
			{!readOnly && !prompt && (
				<button type="button" className={styles.linkButton} onClick={() => void make()}>
					<Icon name="plus" size={15} /> {t('prompt.new')}
				</button>
			)}
		</div>
	)
}

const short = (text: string) => (text.length > 48 ? `${text.slice(0, 46)}…` : text)
const flows_language = (locale: string | undefined) => (locale ?? document.documentElement.lang ?? 'en').slice(0, 2) || 'en'

export function textsOf(text: unknown): Record<string, string> {
	if (typeof text === 'string') return { en: text }
	return { ...((text ?? {}) as Record<string, string>) }
}

function Words({ id, version, text, sounds }: { id: string; version: number; text: Record<string, string>; sounds: string[] }) {
	const { t } = useTranslation('flows')
	const { t: shell } = useTranslation()
	const { readOnly } = useEdit()
	const flows = useFlows()
	const [words, setWords] = useState(text)
	const [busy, setBusy] = useState(false)
	const told = JSON.stringify(text)
	useEffect(() => setWords(JSON.parse(told) as Record<string, string>), [told])
	const dirty = JSON.stringify(words) !== told

	async function save() {
		setBusy(true)
		try {
			await flows.prompt(id, Object.fromEntries(Object.entries(words).filter(([, v]) => v.trim())), version)
			tell('good', t('prompt.saved'))
		} catch (error) {
			tell('bad', problemText(error, shell))
		} finally {
			setBusy(false)
		}
	}
	return (
		<div className={styles.words}>
			<LanguageTexts texts={words} onChange={setWords} readOnly={readOnly} sound={(lang) => (sounds.includes(lang) ? flows.soundPath(id, lang) : null)} />
			{dirty && (
				<div className={styles.saveRow}>
					<button type="button" className={styles.button} data-main onClick={() => void save()} disabled={busy}>{t('prompt.save')}</button>
					<small>{t('prompt.shared')}</small>
				</div>
			)}
		</div>
	)
}

interface TextsProps {
	texts: Record<string, string>
	onChange(texts: Record<string, string>): void
	readOnly: boolean
	/** Where an uploaded sound lies; null: it is spoken. */
	sound?(lang: string): string | null
	/** In the node, for mistakes. */
	path?: string
}

/** A text in several languages, each to be heard. */
export function LanguageTexts({ texts, onChange, readOnly, sound, path }: TextsProps) {
	const { t } = useTranslation('flows')
	const locale = useTenant()?.locale
	const main = (locale ?? 'en').slice(0, 2)
	const languages = [...new Set([main, ...Object.keys(texts)])].filter((l) => l === main || l in texts)
	const missing = ['en', 'pl', 'ru', 'uk', 'de', 'cs'].filter((l) => !languages.includes(l))
	return (
		<div className={styles.languages}>
			{languages.map((lang) => (
				<div key={lang} className={styles.language}>
					<span aria-hidden="true">{lang}</span>
					<textarea rows={2} className={styles.input} data-path={path ? `${path}.${lang}` : undefined} aria-label={t('prompt.text_in', { lang })} lang={lang} value={texts[lang] ?? ''} readOnly={readOnly}
						onChange={(e) => onChange({ ...texts, [lang]: e.currentTarget.value })} />
					<Hear text={texts[lang] ?? ''} lang={lang} sound={sound?.(lang) ?? null} />
				</div>
			))}
			{!readOnly && missing.length > 0 && (
				<select className={styles.addLanguage} aria-label={t('prompt.add_language')} value="" onChange={(e) => onChange({ ...texts, [e.currentTarget.value]: '' })}>
					<option value="">{t('prompt.add_language')}</option>
					{missing.map((l) => <option key={l} value={l}>{l}</option>)}
				</select>
			)}
		</div>
	)
}

/** The uploaded sound, or the words as the server will speak them to callers. */
export function Hear({ text, lang, sound }: { text: string; lang: string; sound?: string | null }) {
	const { t } = useTranslation('flows')
	const { t: shell } = useTranslation()
	const flows = useFlows()
	const playing = useRef<HTMLAudioElement | null>(null)
	const [on, setOn] = useState(false)
	const stop = () => {
		playing.current?.pause()
		playing.current = null
		setOn(false)
	}
	const start = async () => {
		setOn(true)
		try {
			const url = sound ?? URL.createObjectURL(await flows.speech(text.slice(0, 1000), lang))
			const audio = new Audio(url)
			playing.current = audio
			audio.onended = audio.onerror = () => {
				if (!sound) URL.revokeObjectURL(url)
				setOn(false)
			}
			await audio.play()
		} catch (error) {
			setOn(false)
			tell('bad', problemText(error, shell))
		}
	}
	useEffect(() => () => playing.current?.pause(), [])
	const can = !!sound || (flows.mayHear && !!text.trim())
	return (
		<button type="button" className={styles.iconButton} disabled={!can} aria-pressed={on} title={t(sound ? 'prompt.hear_sound' : 'prompt.hear')} aria-label={t('prompt.hear_in', { lang })} onClick={on ? stop : () => void start()}>
			<Icon name={on ? 'pause' : 'volume'} size={17} />
		</button>
	)
}
