/* heard.ts - which language of a prompt callers of a firm hear, as the server chooses it (flow/, docs/administer.md). Pure. */
import type { Doc, Json } from '../schema'

const keysOf = (value: Json | undefined): string[] => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [])

/** Its languages, sounds and texts; '' is a text for everybody. */
export const tagsOf = (prompt: Doc): string[] => [...new Set([...(typeof prompt.text === 'string' ? [''] : keysOf(prompt.text)), ...keysOf(prompt.audio)])]

/** The firm's own language, else a kind of it, else the text for everybody, English, the first. */
export function heardIn(tags: string[], locale: string): string | undefined {
	const near = (language: string) => tags.find((tag) => tag === language) ?? tags.find((tag) => tag.split(/[-_]/)[0] === language)
	return near(locale) ?? (tags.includes('') ? '' : (near('en') ?? tags[0]))
}
