/* LanguageChoice.tsx - before anybody is signed in there is no menu: the language by itself. */
import { Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { LANGUAGES, type Language, setLanguage } from '../app/i18n'

export function LanguageChoice() {
	const { t, i18n } = useTranslation()
	return (
		<Select
			aria-label={t('app.language')}
			w={140}
			size="sm"
			variant="unstyled"
			allowDeselect={false}
			data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
			value={i18n.language}
			onChange={(v) => v && void setLanguage(v as Language)}
		/>
	)
}
