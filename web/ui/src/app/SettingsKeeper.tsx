/*
 * SettingsKeeper.tsx - language, colours, keys and sounds are a person's, not a browser's: what the server keeps of him
 * is taken over when he signs in, what he changes is kept there a second later.
 */
import { useMantineColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { ask } from '../api/http'
import { LANGUAGES, type Language, setLanguage } from './i18n'
import { type Prefs, setPrefs, usePrefs } from './prefs'
import { useUser } from './session'

interface Settings {
	language?: Language
	theme?: 'auto' | 'light' | 'dark'
	prefs?: Partial<Prefs>
	[more: string]: unknown
}

export function SettingsKeeper() {
	const user = useUser()
	const { i18n } = useTranslation()
	const prefs = usePrefs()
	const { colorScheme, setColorScheme } = useMantineColorScheme()
	const kept = useRef<Settings | null>(null)

	// once for each who signs in; until it is done nothing is written
	useEffect(() => {
		const known = (user.settings ?? {}) as Settings
		kept.current = null
		void (async () => {
			if (known.language && known.language in LANGUAGES) await setLanguage(known.language)
			if (known.theme) setColorScheme(known.theme)
			if (known.prefs) setPrefs(known.prefs)
			kept.current = known
		})()
	}, [user.tenant, user.id])

	useEffect(() => {
		const before = kept.current
		if (!before) return
		const now: Settings = { ...before, language: i18n.language as Language, theme: colorScheme, prefs }
		if (JSON.stringify(now) === JSON.stringify(before)) return
		const timer = setTimeout(() => {
			kept.current = now
			void ask('PUT', '/api/v1/me/settings', now, { quiet: true }).catch(() => {
				kept.current = before // with the next change
			})
		}, 1000)
		return () => clearTimeout(timer)
	}, [i18n.language, colorScheme, prefs])
	return null
}
