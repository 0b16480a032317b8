/*
 * Every string in three languages: the same keys, the plural forms that Intl.PluralRules asks for, the same
 * places to fill; and no words for people outside of these files.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

type Tree = { [key: string]: string | Tree }
const LANGUAGES = ['en', 'pl', 'ru']
const read = (dir: string) =>
	Object.fromEntries(LANGUAGES.map((l) => [l, JSON.parse(readFileSync(join(dir, `${l}.json`), 'utf8')) as Tree]))
/** Folders with words: the shell's and the desk's, and one for each area. */
const folders = readdirSync(__dirname, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? [e.name] : []))
const FORMS = ['zero', 'one', 'two', 'few', 'many', 'other']
const plural = new RegExp(`^(.*)_(${FORMS.join('|')})$`)

function flat(tree: Tree, before = ''): Record<string, string> {
	const out: Record<string, string> = {}
	for (const [key, value] of Object.entries(tree))
		if (typeof value === 'string') out[before + key] = value
		else Object.assign(out, flat(value, `${before}${key}.`))
	return out
}
/** Which keys are counted: those with `_other` and `_one`. */
function counted(keys: string[]): Set<string> {
	const set = new Set(keys)
	return new Set(
		keys.map((k) => plural.exec(k)?.[1] ?? '').filter((k) => k && set.has(`${k}_other`) && set.has(`${k}_one`)),
	)
}
const base = (key: string, numbers: Set<string>) => {
	const stem = plural.exec(key)?.[1]
	return stem && numbers.has(stem) ? stem : key
}
const holes = (text: string) => [...text.matchAll(/\{\{\s*(\w+)[^}]*\}\}/g)].map((m) => m[1]).sort()

describe.each(['', ...folders])('texts %s', (folder) => {
	const all = read(join(__dirname, folder))
	const english = flat(all.en ?? {})
	const numbers = counted(Object.keys(english))

	for (const [language, tree] of Object.entries(all)) {
		const texts = flat(tree)
		test(`${language}: the same keys as English`, () => {
			const keys = (of: Record<string, string>) => [...new Set(Object.keys(of).map((k) => base(k, numbers)))].sort()
			expect(keys(texts)).toEqual(keys(english))
		})
		test(`${language}: every plural form of the language, no other`, () => {
			const wanted = [...new Intl.PluralRules(language).resolvedOptions().pluralCategories].sort()
			for (const stem of numbers) {
				const forms = FORMS.filter((f) => `${stem}_${f}` in texts).sort()
				expect(forms, stem).toEqual(wanted)
			}
		})
		test(`${language}: nothing empty, the same places to fill`, () => {
			for (const [key, text] of Object.entries(texts)) {
				expect(text.trim(), key).not.toBe('')
				const same = english[key] ?? english[`${base(key, numbers)}_other`] ?? ''
				const may = new Set(holes(same))
				for (const hole of holes(text)) expect(may, `${key}: {{${hole}}}`).toContain(hole)
				if (!numbers.has(base(key, numbers))) expect(holes(text), key).toEqual(holes(same))
			}
		})
	}
})

/** Source files of the pages, without tests and what is generated. */
function sources(dir: string): string[] {
	return readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
		const path = join(dir, e.name)
		if (e.isDirectory()) return e.name === 'gen' ? [] : sources(path)
		return /\.tsx?$/.test(e.name) && !/\.test\.tsx?$/.test(e.name) ? [path] : []
	})
}

describe('sources', () => {
	const files = sources(join(__dirname, '..')).map((path) => ({ path, text: readFileSync(path, 'utf8') }))
	test('what comes from outside is text, never markup, never code', () => {
		const banned = /dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(|srcDoc=|href=\{`?javascript/
		for (const { path, text } of files) expect(banned.exec(text)?.[0], path).toBeUndefined()
	})
	test('words for people stand in src/text', () => {
		// text between tags, or in an attribute that people read or hear
		const inTags = />\s*([A-Z][a-z]+(?: [a-z]+)+)[.!?]?\s*</g
		const inAttributes = /\b(?:label|placeholder|title|aria-label|description)="([^"]*[a-z]{3}[^"]*)"/g
		for (const { path, text } of files.filter((f) => f.path.endsWith('.tsx')))
			for (const pattern of [inTags, inAttributes])
				expect([...text.matchAll(pattern)].map((m) => m[1]), path).toEqual([])
	})
})
