/* RawJson.tsx - the document as it is sent, for those who know it; what is written here goes into the form. */
import { Button, Group, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fieldsToSend } from './api'
import type { Doc } from './schema'
import styles from './admin.module.css'

export default function RawJson({ doc, readOnly, take }: { doc: Doc; readOnly: boolean; take(doc: Doc): void }) {
	const { t } = useTranslation('admin')
	const now = JSON.stringify(fieldsToSend(doc), null, 2)
	const [text, setText] = useState<string | null>(null)
	const [wrong, setWrong] = useState('')
	const use = () => {
		try {
			const parsed: unknown = JSON.parse(text ?? now)
			if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new Error(t('json.no_object'))
			take(fieldsToSend(parsed as Doc))
			setText(null)
			setWrong('')
		} catch (error) {
			setWrong(error instanceof Error ? error.message : String(error))
		}
	}
	return (
		<>
			<Textarea
				label={t('json.label')}
				description={t('json.help')}
				classNames={{ input: styles.code }}
				autosize
				minRows={12}
				maxRows={40}
				spellCheck={false}
				readOnly={readOnly}
				error={wrong || undefined}
				value={text ?? now}
				onChange={(e) => setText(e.currentTarget.value)}
			/>
			{!readOnly && (
				<Group mt="sm">
					<Button variant="light" disabled={text === null || text === now} onClick={use}>{t('json.use')}</Button>
				</Group>
			)}
		</>
	)
}
