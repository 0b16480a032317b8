/*
 * i18n.ts - the words of the pages, plurals by Intl.PluralRules. src/text/{en,pl,ru}.json are those of the shell and
 * the desk: English comes with the program, the others when chosen. src/text/AREA/ has the words of pages that not
 * everybody opens; they come with their page (`page`). The choice of the language stays in this browser.
 */
import i18next from 'i18next'
import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { initReactI18next } from 'react-i18next'
import type admin from '../text/admin/en.json'
import type bell from '../text/bell/en.json'
import type board from '../text/board/en.json'
import type demo from '../text/demo/en.json'
import en from '../text/en.json'
import type flows from '../text/flows/en.json'
import type reports from '../text/reports/en.json'
import type start from '../text/start/en.json'
import type wall from '../text/wall/en.json'

interface AreaWords {
	admin: typeof admin
	bell: typeof bell
	board: typeof board
	demo: typeof demo
	flows: typeof flows
	reports: typeof reports
	start: typeof start
	wall: typeof wall
}
export type Area = keyof AreaWords

declare module 'i18next' {
	interface CustomTypeOptions {
		defaultNS: 'translation'
		resources: { translation: typeof en } & AreaWords
	}
}

export const LANGUAGES = { en: 'English', pl: 'Polski', ru: 'Русский' } as const
export type Language = keyof typeof LANGUAGES

const KEY = 'centrala.language'
const others: Partial<Record<Language, () => Promise<{ default: object }>>> = {
	pl: () => import('../text/pl.json'),
	ru: () => import('../text/ru.json'),
}

const areaFiles = import.meta.glob<{ default: object }>('../text/*/*.json')
const areas = new Set<Area>()

async function bring(area: Area, language: Language): Promise<void> {
	const load = areaFiles[`../text/${area}/${language}.json`]
	if (load && !i18next.hasResourceBundle(language, area))
		i18next.addResourceBundle(language, area, (await load()).default)
}

/** The words of an area, in the language of now and of any that is chosen later. */
export async function bringWords(area: Area): Promise<void> {
	areas.add(area)
	await Promise.all([bring(area, 'en'), bring(area, i18next.language as Language)])
}

/** A page that is loaded when it is opened, with the words of its area: there, `useTranslation(area)`. */
export function page<P extends object>(
	area: Area,
	load: () => Promise<{ default: ComponentType<P> }>,
): LazyExoticComponent<ComponentType<P>> {
	return lazy(async () => (await Promise.all([load(), bringWords(area)]))[0])
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
	await Promise.all([...areas].map((area) => bring(area, language)))
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
