/* Changes.tsx - what "set everything up" would change for those who are there already, before it is done. */
import { Alert } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import type { Change } from './merge'

export function Changes({ changes }: { changes: Change[] }) {
	const { t } = useTranslation('start')
	const box = useRef<HTMLDivElement>(null)
	useEffect(() => box.current?.focus(), [])
	/** Values that are words of the interface: languages, and whether calls are recorded. */
	const value = (c: Change, text: string) => {
		if (c.what === 'queue.record') return t(text === 'always' ? 'change.on' : 'change.off')
		return c.what === 'firm.locale' ? (LANGUAGES[text] ?? text) : text
	}
	return (
		<Alert ref={box} tabIndex={-1} color="yellow" icon={<Icon name="warning" />} title={t('change.title')} mt={20}>
			<p>{t('change.stays')}</p>
			<ul>
				{changes.map((c, n) => (
					<li key={n}>
						{c.say === 'field'
							? t('change.field', { ...c.values, what: c.what ? t(c.what) : '', was: value(c, c.values.was ?? ''), becomes: value(c, c.values.becomes ?? '') })
							: t(`change.${c.say}` as 'change.hours', c.values as { id: string })}
					</li>
				))}
			</ul>
		</Alert>
	)
}

const LANGUAGES: Record<string, string> = { pl: 'Polski', ru: 'Русский', en: 'English' }
