/* The reference as people read it: every operation is there, examples fit, circles end. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Description, brief, curl, example, matches, named, operations } from './describe'

const { load } = (await import('js-yaml' as string)) as { load(text: string): unknown }
const d = load(readFileSync(join(__dirname, '../../../../api/openapi.yaml'), 'utf8')) as Description
const all = operations(d)
const of = (id: string) => all.find((o) => o.id === id) as (typeof all)[number]

describe('the reference', () => {
	test('has every operation of the description, under a name of its own', () => {
		const count = Object.values(d.paths).flatMap((p) => Object.keys(p).filter((k) => /^(get|post|put|patch|delete)$/.test(k))).length
		expect(all.length).toBe(count)
		expect(new Set(all.map((o) => o.id)).size).toBe(all.length)
	})
	test('every operation has a summary, parameters with names, and an example', () => {
		for (const op of all) {
			expect(op.summary, op.id).not.toBe('')
			for (const p of op.parameters) expect(p.name, op.id).toBeTruthy()
			expect(curl(d, op)).toContain('"$URL/')
		}
	})
	test('an example of a body has what is required', () => {
		for (const op of all.filter((o) => o.body?.type === 'application/json')) {
			const s = named(d, op.body?.schema)
			if (s.properties) expect(Object.keys(example(d, s) as object), op.id).toEqual(expect.arrayContaining(s.required ?? []))
		}
		expect(example(d, { $ref: '#/components/schemas/PresenceRequest' })).toMatchObject({ presence: 'ready' })
	})
	test('a shape in a line', () => {
		expect(brief(d, { type: 'integer', minimum: 0, maximum: 600 })).toBe('integer 0…600')
		expect(brief(d, { type: 'array', items: { $ref: '#/components/schemas/Id' } })).toBe('array of Id')
		expect(brief(d, { enum: ['a', 'b'] })).toBe('"a" | "b"')
	})
	test('is searched by words in any order', () => {
		expect(matches(of('putQueue'), 'queues put')).toBe(true)
		expect(matches(of('putQueue'), 'queues delete')).toBe(false)
	})
})
