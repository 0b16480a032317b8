/*
 * i18n.ts - the words of the pages: src/text/{en,pl,ru}.json, plurals by Intl.PluralRules. English comes with the
 * program, the others when chosen. The choice stays in this browser.
 */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import en from '../text/en.json'

declare module 'i18next' {
	interface CustomTypeOptions {
		defaultNS: 'translation'
		resources: { translation: typeof en }
	}
}

export const LANGUAGES = { en: 'English', pl: 'Polski', ru: 'Русский' } as const
export type Language = keyof typeof LANGUAGES

const KEY = 'centrala.language'
const others: Partial<Record<Language, () => Promise<{ default: object }>>> = {
	pl: () => import('../text/pl.json'),
	ru: () => import('../text/ru.json'),
}

const isLanguage = (x: unknown): x is Language => typeof x === 'string' && x in LANGUAGES

function wanted(): Language {
	const stored = localStorage.getItem(KEY)
	if (isLanguage(stored)) return stored
	for (const one of navigator.languages) {
		const base = one.slice(0, 2).toLowerCase()
		if (isLanguage(base)) return base
	}
	return 'en'
}

export async function setLanguage(language: Language, keep = true): Promise<void> {
	const load = others[language]
	if (load && !i18next.hasResourceBundle(language, 'translation'))
		i18next.addResourceBundle(language, 'translation', (await load()).default)
	await i18next.changeLanguage(language)
	document.documentElement.lang = language
	if (keep) localStorage.setItem(KEY, language)
}

export async function startI18n(): Promise<void> {
	await i18next.use(initReactI18next).init({
		lng: 'en',
		fallbackLng: 'en',
		resources: { en: { translation: en } },
		interpolation: { escapeValue: false }, // React writes text, never markup
		returnNull: false,
	})
	await setLanguage(wanted(), false)
}
