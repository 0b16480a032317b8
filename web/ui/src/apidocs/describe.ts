/* describe.ts - what the reference says of an OpenAPI description: operations, shapes, examples. Pure. */
export interface Shape {
	$ref?: string
	type?: string | string[]
	description?: string
	properties?: Record<string, Shape>
	patternProperties?: Record<string, Shape>
	required?: string[]
	items?: Shape
	enum?: unknown[]
	const?: unknown
	oneOf?: Shape[]
	anyOf?: Shape[]
	default?: unknown
	minimum?: number
	maximum?: number
	minLength?: number
	maxLength?: number
	pattern?: string
	format?: string
	writeOnly?: boolean
	readOnly?: boolean
}
export interface Parameter {
	$ref?: string
	name: string
	in: string
	required?: boolean
	description?: string
	schema?: Shape
}
interface Content {
	content?: Record<string, { schema?: Shape }>
	description?: string
	$ref?: string
}
export interface Description {
	info?: { title?: string; description?: string; version?: string }
	paths: Record<string, Record<string, unknown> & { parameters?: Parameter[] }>
	components: { schemas: Record<string, Shape>; parameters?: Record<string, Parameter>; responses?: Record<string, Content> }
}
export interface Operation {
	id: string
	method: string
	path: string
	tag: string
	summary: string
	parameters: Parameter[]
	body?: { type: string; schema: Shape }
	answers: { status: string; description: string; type: string; schema?: Shape }[]
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const last = (ref: string) => ref.split('/').pop() ?? ''

export const named = (d: Description, shape: Shape | undefined): Shape => {
	let s = shape ?? {}
	for (let i = 0; s.$ref && i < 10; i++) {
		const { $ref, ...beside } = s
		s = { ...d.components.schemas[last($ref)], ...beside }
	}
	return s
}

export function operations(d: Description): Operation[] {
	const param = (p: Parameter): Parameter => (p.$ref ? ((d.components.parameters ?? {})[last(p.$ref)] as Parameter) : p)
	const out: Operation[] = []
	for (const [path, item] of Object.entries(d.paths))
		for (const method of METHODS) {
			const op = item[method] as
				| { operationId?: string; tags?: string[]; summary?: string; parameters?: Parameter[]; requestBody?: Content; responses?: Record<string, Content> }
				| undefined
			if (!op) continue
			const bodies = Object.entries(op.requestBody?.content ?? {})
			out.push({
				id: op.operationId ?? `${method}${path}`,
				method: method.toUpperCase(),
				path,
				tag: op.tags?.[0] ?? 'other',
				summary: op.summary ?? '',
				parameters: [...(item.parameters ?? []), ...(op.parameters ?? [])].map(param),
				...(bodies[0] && { body: { type: bodies[0][0], schema: bodies[0][1].schema ?? {} } }),
				answers: Object.entries(op.responses ?? {}).map(([status, r]) => {
					const answer = r.$ref ? ((d.components.responses ?? {})[last(r.$ref)] ?? {}) : r
					const [type = '', content] = Object.entries(answer.content ?? {})[0] ?? []
					return { status, description: answer.description ?? '', type, schema: content?.schema }
				}),
			})
		}
	return out
}

/** How a shape is called in a line: string, integer 0…600, array of Queue, one of a, b. */
export function brief(d: Description, shape: Shape): string {
	if (shape.$ref) return last(shape.$ref)
	if (shape.const !== undefined) return JSON.stringify(shape.const)
	if (shape.enum) return shape.enum.map((v) => JSON.stringify(v)).join(' | ')
	const any = shape.oneOf ?? shape.anyOf
	if (any) return any.map((s) => brief(d, s)).join(' | ')
	if (shape.type === 'array') return `array of ${brief(d, shape.items ?? {})}`
	const type = Array.isArray(shape.type) ? shape.type.join(' | ') : (shape.type ?? 'any')
	const { minimum: low, maximum: high } = shape
	return low !== undefined || high !== undefined ? `${type} ${low ?? ''}…${high ?? ''}` : shape.format ? `${type} (${shape.format})` : type
}

/** A value that the shape allows, small: for an example of a call. */
export function example(d: Description, shape: Shape | undefined, depth = 0): unknown {
	const s = named(d, shape)
	if (depth > 5) return {} // a circle
	if (s.const !== undefined) return s.const
	if (s.default !== undefined) return s.default
	if (s.enum) return s.enum[0]
	const any = s.oneOf ?? s.anyOf
	if (any) return example(d, any[0], depth)
	const type = Array.isArray(s.type) ? s.type[0] : s.type
	if (type === 'array') return depth < 3 && s.items ? [example(d, s.items, depth + 1)] : []
	if (type === 'integer' || type === 'number') return s.minimum ?? 1
	if (type === 'boolean') return true
	if (type === 'null') return null
	if (s.properties) {
		const must = new Set(s.required ?? [])
		const keys = Object.keys(s.properties).filter((k) => must.has(k) || (depth === 0 && !['kind', 'tenant', 'id', 'version'].includes(k)))
		const some = keys.filter((k) => must.has(k)).concat(keys.filter((k) => !must.has(k) && !s.properties?.[k]?.readOnly).slice(0, must.size ? 2 : 3))
		return Object.fromEntries([...new Set(some)].map((k) => [k, example(d, s.properties?.[k], depth + 1)]))
	}
	if (type === 'object') return {}
	return s.format === 'date-time' ? '2026-11-22T08:00:00.000Z' : s.pattern?.startsWith('^[a-z0-9][a-z0-9_-]') ? 'sales' : '…'
}

const quoted = (text: string) => `'${text.replace(/'/g, `'\\''`)}'`
export function curl(d: Description, op: Operation): string {
	const path = op.path.replace('{tenant}', '$TENANT').replace(/\{(\w+)\}/g, (_, n: string) => n.toUpperCase())
	const parts = [`curl -s${op.method === 'GET' ? '' : ` -X ${op.method}`}`, '-H "Authorization: Bearer $TOKEN"']
	if (op.body) parts.push(`-H 'Content-Type: ${op.body.type}'`)
	parts.push(`"$URL${path}"`)
	if (op.body?.type === 'application/json') parts.push(`-d ${quoted(JSON.stringify(example(d, op.body.schema), null, 2))}`)
	else if (op.body) parts.push('--data-binary @FILE')
	return parts.join(' \\\n  ')
}

/** Found by any words of its address, its name, what it says. */
export const matches = (op: Operation, text: string): boolean => {
	const all = `${op.method} ${op.path} ${op.id} ${op.tag} ${op.summary}`.toLowerCase()
	return text.toLowerCase().split(/\s+/).every((w) => all.includes(w))
}
