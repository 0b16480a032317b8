/*
 * generate.mjs - TypeScript types from what the server is made of:
 *
 *   api/openapi.yaml                     → src/api/gen/openapi.ts   bodies of the HTTP interface
 *   core/messages.def, core/words.def    → src/api/gen/events.ts    the facts, as the event stream gives them
 *   api/openapi.yaml                     → src/api/gen/kinds.json   schemas of declared objects, for src/admin
 *
 * Not committed: they follow from files that many people change. Made again only when those changed.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../../..')
const out = join(here, '../src/api/gen')
const sources = ['api/openapi.yaml', 'core/messages.def', 'core/words.def', 'web/ui/tools/generate.mjs']

const read = (name) => readFileSync(join(root, name), 'utf8')
const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '')

/** `WORDS(presence, W(PRESENCE, signed_out) …)` → { presence: ['signed_out', …] } */
function words(text) {
	const sets = {}
	for (const [, set, list] of withoutComments(text).matchAll(/WORDS\((\w+),((?:[^()]|\([^()]*\))*)\)/g))
		sets[set] = [...list.matchAll(/W\(\w+,\s*(\w+)\)/g)].map((m) => m[1])
	return sets
}

/** The KEEP events with the fields that are told outside (core/fact.c: ids are null where none is). */
function events(text) {
	const found = []
	const pattern = /EVENT\((\w+),\s*KEEP,((?:[^()]|\([^()]*\))*)\)/g
	for (const [, name, list] of withoutComments(text).matchAll(pattern)) {
		const fields = [...list.matchAll(/([FWSP])\(([^()]*)\)/g)]
			.filter(([, kind]) => kind === 'F' || kind === 'W')
			.map(([, kind, inside]) => {
				const [type, field] = inside.split(',').map((s) => s.trim())
				return { kind, type, field }
			})
		found.push({ name, fields })
	}
	return found
}

const numbers = new Set(['u32', 'ms'])
function typeOf({ kind, type, field }) {
	if (kind === 'W') return `Word<'${type}'>`
	if (numbers.has(type)) return 'number'
	if (type === 'i64') return field.endsWith('_at') ? 'string' : 'number'
	if (type === 'flag') return 'boolean'
	if (type === 'text' || type === 'tenant') return 'string'
	return 'string | null' // an id: its name, null where there is none
}

function eventsFile(sets, list) {
	const lines = ['// made by tools/generate.mjs from core/messages.def and core/words.def', '']
	lines.push('export interface Words {')
	for (const [set, all] of Object.entries(sets))
		lines.push(`\t${set}: ${all.map((w) => `'${w}'`).join(' | ')}`)
	lines.push('}', 'export type Word<S extends keyof Words> = Words[S]', '')
	lines.push('/** What every fact has; prev: its predecessor in the tenant\'s stream. */')
	lines.push('export interface FactHead {\n\tseq: number\n\tprev?: number\n\tat: string\n\ttenant: string\n}', '')
	for (const { name, fields } of list) {
		lines.push(`export interface Fact_${name} extends FactHead {`, `\tevent: '${name}'`)
		for (const f of fields.filter((f) => f.type !== 'tenant')) lines.push(`\t${f.field}: ${typeOf(f)}`)
		lines.push('}')
	}
	lines.push('', `export type Fact =\n${list.map((e) => `\t| Fact_${e.name}`).join('\n')}`, '')
	return lines.join('\n')
}

/** Declared kinds: the name of their collection and of their schema, and every schema these need but a flow's nodes. */
function kindsFile(doc) {
	const all = doc.components.schemas
	const kinds = {}
	const schemas = {}
	const need = (value, key) => {
		if (key === 'nodes' || !value || typeof value !== 'object') return
		const name = typeof value.$ref === 'string' ? value.$ref.split('/').pop() : ''
		if (name && !schemas[name]) {
			schemas[name] = all[name]
			need(all[name])
		}
		for (const [k, v] of Object.entries(value)) need(v, k)
	}
	const collections = Object.entries(doc.paths).flatMap(([path, item]) => {
		const ref = item.put?.requestBody?.content?.['application/json']?.schema?.$ref
		const plural = /\/([a-z_]+)\/\{id\}$/.exec(path)?.[1]
		return ref && plural ? [[ref, plural]] : []
	})
	for (const [kind, ref] of Object.entries(all.SiteObject.discriminator.mapping)) {
		const plural = collections.find(([r]) => r === ref)?.[1]
		if (!plural) throw new Error(`openapi.yaml: no address for objects of kind ${kind}`)
		kinds[kind] = { plural, schema: ref.split('/').pop() }
		need({ $ref: ref })
	}
	return JSON.stringify({ kinds, schemas })
}

const hash = createHash('sha256')
for (const name of sources) hash.update(read(name))
const stamp = hash.digest('hex')
const stampFile = join(out, '.made_from')

if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
	mkdirSync(out, { recursive: true })
	const list = events(read('core/messages.def'))
	const declared = withoutComments(read('core/messages.def')).match(/EVENT\(\w+,\s*KEEP/g).length
	if (list.length !== declared) throw new Error(`messages.def: ${declared} facts, ${list.length} understood`)
	writeFileSync(join(out, 'events.ts'), eventsFile(words(read('core/words.def')), list))
	const { default: openapi, astToString } = await import('openapi-typescript')
	const ast = await openapi(pathToFileURL(join(root, 'api/openapi.yaml')))
	writeFileSync(join(out, 'openapi.ts'), astToString(ast))
	const { load } = await import('js-yaml')
	writeFileSync(join(out, 'kinds.json'), kindsFile(load(read('api/openapi.yaml'))))
	writeFileSync(stampFile, stamp)
}
