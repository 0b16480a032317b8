/* PromptTest.tsx - what callers hear of a prompt, in each of its languages, and which of them is this firm's. */
import { useTranslation } from 'react-i18next'
import { query } from '../../api/http'
import { LANGUAGES } from '../../app/i18n'
import { clockText } from '../../parts/time'
import { objectPath, useObject } from '../api'
import { Hear } from '../form/Hear'
import { type Doc, KINDS, type Kind } from '../schema'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'
import { heardIn, tagsOf } from './heard'

export default function PromptTest({ prompt }: { prompt: Doc }) {
	const { t } = useTranslation('admin')
	const { tenant, may } = useWhose()
	const { data: firm } = useObject(KINDS.tenant as Kind, tenant)
	const locale = typeof firm?.locale === 'string' ? firm.locale : 'en'
	const tags = tagsOf(prompt)
	const heard = heardIn(tags, locale)
	const nameOf = (tag: string) => (tag === '' ? t('texts.one') : (LANGUAGES[tag as keyof typeof LANGUAGES] ?? tag))
	if (!tags.length) return <p className={styles.none}>{t('test.prompt.silent')}</p>
	return (
		<>
			<p>{t('test.prompt.about')}</p>
			<ul className={styles.used}>
				{tags.map((tag) => {
					const sound = ((prompt.audio ?? {}) as Record<string, { sha256: string; duration_ms: number }>)[tag]
					const text = typeof prompt.text === 'string' ? prompt.text : String(((prompt.text ?? {}) as Record<string, string>)[tag] ?? '')
					return (
						<li key={tag}>
							<span className={styles.usedKind}>{nameOf(tag)}</span>
							{sound ? (
								<>
									{may('prompts:audio') && <audio controls preload="none" src={`${objectPath(tenant, KINDS.prompt as Kind, String(prompt.id), 'audio')}${query({ lang: tag })}&v=${sound.sha256.slice(0, 12)}`} aria-label={t('sounds.hear', { language: nameOf(tag) })} className={styles.audio} />}
									<span className="num">{clockText(sound.duration_ms)}</span>
								</>
							) : (
								<>
									<Hear text={text} lang={tag || locale} name={nameOf(tag)} />
									<q>{text}</q>
								</>
							)}
							<span className={styles.spacer} />
							{tag === heard && <b>{t('test.prompt.ours')}</b>}
						</li>
					)
				})}
			</ul>
			{!may('speech:create') && <p className={styles.help}>{t('test.prompt.admins')}</p>}
		</>
	)
}
