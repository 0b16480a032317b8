/* Sounds.tsx - uploaded sounds of a prompt, one a language: heard, replaced, taken away. Each is a version at once. */
import { Button, FileButton } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask, query } from '../../api/http'
import { LANGUAGES } from '../../app/i18n'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { Icon } from '../../parts/Icon'
import { clockText } from '../../parts/time'
import { objectPath, useWrites } from '../api'
import { Block, type FieldProps, useForm } from '../form/context'
import { type Doc, KINDS, type Kind } from '../schema'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'

export default function Sounds(props: FieldProps) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { id, doc, readOnly } = useForm()
	const { tenant } = useWhose()
	const kind = KINDS.prompt as Kind
	const { stale } = useWrites(kind)
	const [busy, setBusy] = useState('')
	const sounds = (typeof props.value === 'object' && props.value !== null ? props.value : {}) as Record<string, { sha256: string; duration_ms: number }>
	const spoken = typeof doc.text === 'object' && doc.text !== null ? Object.keys(doc.text as Doc) : []
	const tags = [...new Set([...Object.keys(sounds), ...spoken, ...Object.keys(LANGUAGES)])]
	const path = (lang: string) => objectPath(tenant, kind, id, 'audio') + query({ lang })
	const run = async (lang: string, what: () => Promise<unknown>) => {
		setBusy(lang)
		try {
			await what()
			await stale()
		} catch (error) {
			tell('bad', problemText(error, shell))
		}
		setBusy('')
	}
	if (!id)
		return (
			<Block {...props}>
				<p className={styles.help}>{t('sounds.later')}</p>
			</Block>
		)
	return (
		<Block {...props}>
			<ul className={styles.used}>
				{tags.map((lang) => {
					const sound = sounds[lang]
					const name = LANGUAGES[lang as keyof typeof LANGUAGES] ?? lang
					return (
						<li key={lang}>
							<span className={styles.usedKind}>{name}</span>
							{sound ? (
								<>
									<audio controls preload="none" src={`${path(lang)}&v=${sound.sha256.slice(0, 12)}`} aria-label={t('sounds.hear', { language: name })} className={styles.audio} />
									<span className="num">{clockText(sound.duration_ms)}</span>
								</>
							) : (
								<span className={styles.usedPaths}>{t('sounds.spoken')}</span>
							)}
							<span className={styles.spacer} />
							{!readOnly && (
								<FileButton accept="audio/*" onChange={(file) => file && void run(lang, () => ask('PUT', path(lang), undefined, { raw: file, headers: { 'Content-Type': file.type || 'application/octet-stream' } }))}>
									{(p) => (
										<Button {...p} size="compact-sm" variant="light" loading={busy === lang} leftSection={<Icon name="upload" size={14} />}>
											{t(sound ? 'sounds.replace' : 'sounds.upload')}
											<span className="unseen"> {name}</span>
										</Button>
									)}
								</FileButton>
							)}
							{!readOnly && sound && (
								<Button size="compact-sm" variant="subtle" color="gray" onClick={() => void run(lang, () => ask('DELETE', path(lang)))}>
									{t('sounds.remove')}
								</Button>
							)}
						</li>
					)
				})}
			</ul>
		</Block>
	)
}
