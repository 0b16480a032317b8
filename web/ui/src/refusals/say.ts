/*
 * say.ts - what the server refuses, in the language of the page. The server speaks English sentences (its interface
 * is read by programs, too); pl.json and ru.json have each of them, {} for what it puts in. tools/refusals.py
 * sees to it that none is missing. They are loaded with the first refusal.
 */
import i18next from 'i18next'

export type Sentences = Record<string, string>
type Say = (english: string) => string

const files: Record<string, () => Promise<{ default: Sentences }>> = {
	pl: () => import('./pl.json'),
	ru: () => import('./ru.json'),
}

const plain = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Says each sentence by its translation; what is none of them stays as it came. */
export function sayBy(sentences: Sentences): Say {
	const known = new Map(Object.entries(sentences))
	// the one with the most words of its own comes first: "must be one of {}" before "must be {}"
	const open = Object.keys(sentences)
		.filter((s) => s.includes('{}'))
		.sort((a, b) => b.length - a.length)
		.map((s) => ({ form: new RegExp(`^${s.split('{}').map(plain).join('([^]*)')}$`), said: sentences[s] ?? s }))
	const say: Say = (english) => {
		const whole = known.get(english)
		if (whole !== undefined) return whole
		for (const { form, said } of open) {
			const found = form.exec(english)
			if (!found) continue
			let n = 0
			return said.replace(/\{\}/g, () => known.get(found[++n] ?? '') ?? found[n] ?? '')
		}
		return english
	}
	return say
}

const ready = new Map<string, Promise<Say>>()

/** How refusals are said in the language of now. */
export function refusals(): Promise<Say> {
	const language = i18next.language
	const load = files[language]
	if (!load) return Promise.resolve((english) => english)
	const asked = ready.get(language) ?? load().then((file) => sayBy(file.default))
	ready.set(language, asked)
	// a page that was left alone through an upgrade: its words are gone, English is there
	return asked.catch(() => {
		ready.delete(language)
		return (english) => english
	})
}
