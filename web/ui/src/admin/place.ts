/* place.ts - a path in a document ("$.announce.every_s") as people know it: Announcements › Again every. Pure. */
import { type FieldOf, type Kind, type Schema, mapItems, resolve } from './schema'

export interface Place {
	text: string
	field: FieldOf | null
	names: string[]
}

/** The field at a path, and how people call the place. */
export function placeAt(path: string, kind: Kind, label: (names: string[]) => string): Place {
	let schema: Schema | undefined = kind.schema
	let field: FieldOf | null = null
	const names: string[] = []
	const text: string[] = []
	for (const [, name, index, key] of path.matchAll(/\.([A-Za-z0-9_-]+)|\[(\d+)\]|\["([^"]*)"\]/g)) {
		const step: string = name ?? key ?? ''
		const raw: Schema | undefined = index !== undefined ? schema?.items : (schema?.properties?.[step] ?? (schema && mapItems(schema)))
		if (index !== undefined) text.push(String(Number(index) + 1))
		else if (schema?.properties?.[step]) {
			names.push(step)
			text.push(label([...names]))
		} else text.push(step)
		schema = raw && resolve(raw)
		field = raw && schema ? { name: names.at(-1) ?? '', raw, schema, required: false } : null
	}
	return { text: text.join(' › '), field, names }
}
