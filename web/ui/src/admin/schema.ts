/*
 * schema.ts - the kinds of declared objects as api/openapi.yaml has them (gen/kinds.json): what a new kind brings is
 * here without a line of code. Pure.
 */
import made from '../api/gen/kinds.json'

export interface Schema {
	$ref?: string
	type?: string | string[]
	description?: string
	properties?: Record<string, Schema>
	patternProperties?: Record<string, Schema>
	required?: string[]
	items?: Schema
	enum?: string[]
	const?: string
	anyOf?: Schema[]
	default?: unknown
	minimum?: number
	maximum?: number
	minLength?: number
	maxLength?: number
	minItems?: number
	maxItems?: number
	uniqueItems?: boolean
	pattern?: string
	writeOnly?: boolean
	readOnly?: boolean
	'x-refers'?: string
	'x-message'?: string
}

export interface Kind {
	kind: string
	/** Its collection's name in addresses. */
	plural: string
	schema: Schema
	/** The schema of its id. */
	id: Schema
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Doc = { [key: string]: Json }

const file = made as unknown as { kinds: Record<string, { plural: string; schema: string }>; schemas: Record<string, Schema> }

/** What a schema really says: what stands beside a $ref goes before what it leads to. */
export function resolve(schema: Schema): Schema {
	let s = schema
	while (s.$ref) {
		const { $ref, ...beside } = s
		s = { ...file.schemas[$ref.split('/').pop() ?? ''], ...beside }
	}
	return s
}

/** The name of the piece that a schema is, such as Text or Record. */
export const pieceOf = (schema: Schema): string => schema.$ref?.split('/').pop() ?? ''

export const KINDS: Record<string, Kind> = Object.fromEntries(
	Object.entries(file.kinds).map(([kind, { plural, schema }]) => {
		const whole = file.schemas[schema] ?? {}
		return [kind, { kind, plural, schema: whole, id: resolve(whole.properties?.id ?? {}) }]
	}),
)

const byPlural = new Map(Object.values(KINDS).map((k) => [k.plural, k]))
export const kindOfPlural = (plural: string): Kind | undefined => byPlural.get(plural)

/** What every object has is no field of the form. */
const OUTSIDE = new Set(['kind', 'tenant', 'id', 'version'])

export interface FieldOf {
	name: string
	schema: Schema
	/** The schema as it stands there, perhaps only a $ref. */
	raw: Schema
	required: boolean
}

/** The fields of an object, in the order of the schema. */
export function fieldsOf(schema: Schema, inside = true): FieldOf[] {
	const required = new Set(schema.required ?? [])
	return Object.entries(schema.properties ?? {})
		.filter(([name]) => !inside || !OUTSIDE.has(name))
		.map(([name, raw]) => ({ name, raw, schema: resolve(raw), required: required.has(name) }))
}

/** Which kind the ids in a field are of; a field that is called like a kind is of it. */
export function refersTo(name: string, schema: Schema, raw: Schema = schema): string | undefined {
	const said = schema['x-refers']
	if (said) return said
	if (name === 'supervises' && KINDS.team) return 'team'
	if (name === 'quiet' && pieceOf(raw) === 'Id') return 'hours'
	if (pieceOf(raw) !== 'Id') return undefined
	return KINDS[name] ? name : byPlural.get(name)?.kind
}

/** The schema of what a map from names to values holds; undefined: it is no such map. */
export function mapItems(schema: Schema): Schema | undefined {
	const [only, ...more] = Object.values(schema.patternProperties ?? {})
	return only && !more.length && !schema.properties ? only : undefined
}

const isPlain = (key: string) => /^[A-Za-z0-9_-]+$/.test(key)
/** The path of a member, written as the server writes it in its mistakes. */
export const below = (path: string, key: string | number): string =>
	typeof key === 'number' ? `${path}[${key}]` : isPlain(key) ? `${path}.${key}` : `${path}["${key}"]`

/** The name of a field's words: queue.announce.every_s, whatever index or key is on the way. */
export interface Named {
	kind: string
	/** Names of fields from the object down, without indices and keys of maps. */
	names: string[]
}
export const fieldKey = ({ kind, names }: Named): string => [kind, ...names].join('.')

/** Every field with words of its own below a kind: for the test that all have them. */
export function allFields(kind: Kind): { key: string; schema: Schema }[] {
	const out: { key: string; schema: Schema }[] = []
	const walk = (schema: Schema, names: string[], inside: boolean) => {
		for (const f of fieldsOf(schema, inside)) {
			const at = [...names, f.name]
			out.push({ key: fieldKey({ kind: kind.kind, names: at }), schema: f.schema })
			const item = f.schema.items ? resolve(f.schema.items) : undefined
			const member = mapItems(f.schema)
			if (f.schema.properties) walk(f.schema, at, false)
			if (item?.properties) walk(item, at, false)
			if (member && resolve(member).properties) walk(resolve(member), at, false)
		}
	}
	walk(kind.schema, [], true)
	return out
}
