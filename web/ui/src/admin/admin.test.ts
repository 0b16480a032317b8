/* Words of every field and value in three languages; what is reckoned in the browser as the server reckons it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { placeAt } from './place'
import { differ, merge } from './differ'
import { fitting } from './form/Duration'
import { moved } from './form/lists'
import { columnsOf, groupsOf, tree } from './groups'
import { curlOf } from './parts'
import { KINDS, type Kind, allFields, below, refersTo, resolve } from './schema'
import { slug } from './slug'
import { fits, parseDemand } from './special/demand'
import { isOpen, localTime, monthGrid } from './special/hours'
import { seesKind } from './tenant'
import { heardIn, tagsOf } from './test/heard'
import { type Bundle, lookup } from './words'

const words = Object.fromEntries(
	['en', 'pl', 'ru'].map((l) => [l, JSON.parse(readFileSync(join(__dirname, `../text/admin/${l}.json`), 'utf8'))]),
) as Record<string, { fields: Bundle; values: Bundle; kinds: Bundle }>
/** The flow editor has its own words for what is in a flow. */
const FORMS = Object.values(KINDS).filter((k) => k.kind !== 'flow' && k.kind !== 'draft')

describe.each(Object.keys(words))('words in %s', (language) => {
	const { fields, values, kinds } = words[language] as (typeof words)[string]
	test('every kind has a name for one and for many', () => {
		for (const k of Object.keys(KINDS)) expect([k, kinds[k], kinds[`${k}s`]]).toEqual([k, expect.any(String), expect.any(String)])
	})
	test('every field of every kind has a label and a help', () => {
		const without = FORMS.flatMap((k) => allFields(k).map((f) => f.key)).filter((key) => !lookup(fields, key) || !lookup(fields, key, '?'))
		expect(without, 'add them to src/text/admin').toEqual([])
	})
	test('every value that can be chosen has a name', () => {
		const without = FORMS.flatMap((k) => allFields(k)).flatMap(({ key, schema }) => {
			const chosen = schema.enum ?? (schema.items ? resolve(schema.items).enum : undefined) ?? []
			return chosen.map((v) => `${key}.${v}`).filter((name) => !lookup(values, name))
		})
		expect(without, 'add them to src/text/admin').toEqual([])
	})
})

describe('forms', () => {
	test('each field of a kind stands in exactly one group', () => {
		for (const k of FORMS) {
			const shown = groupsOf(k).flatMap((g) => g.fields.map((f) => f.name))
			expect(new Set(shown).size, k.kind).toBe(shown.length)
			expect(shown.sort(), k.kind).toEqual(Object.keys(k.schema.properties ?? {}).filter((f) => !['kind', 'tenant', 'id', 'version'].includes(f)).sort())
		}
	})
	test('every kind is found in the tree, also one that nobody thought of', () => {
		const before = tree().flatMap((b) => b.leaves.map((l) => l.kind))
		for (const k of Object.keys(KINDS)) if (k !== 'draft') expect(before, k).toContain(k)
		const strange: Kind = { kind: 'gadget', plural: 'gadgets', id: {}, schema: { properties: { id: {}, colour: { type: 'string' } } } }
		KINDS.gadget = strange
		expect(tree().find((b) => b.id === 'more')?.leaves.map((l) => l.to)).toContain('gadgets')
		expect(columnsOf(strange).map((f) => f.name)).toEqual(['colour'])
		delete KINDS.gadget
	})
	test('ids know their kind: said by the schema, else by their name', () => {
		const id = { $ref: '#/components/schemas/Id' }
		expect(refersTo('bulletin', { 'x-refers': 'prompt' }, id)).toBe('prompt')
		expect(refersTo('flow', resolve(id), id)).toBe('flow')
		expect(refersTo('queues', resolve(id), id)).toBe('queue')
		expect(refersTo('colour', resolve(id), id)).toBeUndefined()
	})
	test('paths as the server writes them', () => {
		expect(below('$', 'special')).toBe('$.special')
		expect(below('$.special', '2026-12-24')).toBe('$.special.2026-12-24')
		expect(below('$.a', 'b c')).toBe('$.a["b c"]')
		expect(below('$.peers', 2)).toBe('$.peers[2]')
	})
	test('a place is told by the names of its fields', () => {
		const label = (names: string[]) => names.join('/')
		expect(placeAt('$.announce.every_s', KINDS.queue as Kind, label).text).toBe('announce › announce/every_s')
		expect(placeAt('$.skills[1].need', KINDS.queue as Kind, label).text).toBe('skills › 2 › skills/need')
		expect(placeAt('$.skills.billing', KINDS.user as Kind, label).text).toBe('skills › billing')
	})
	test('an id comes out of a name in any of the languages', () => {
		expect(slug('Żółta kolejka!')).toBe('zolta-kolejka')
		expect(slug('Отдел продаж')).toBe('otdel-prodazh')
		expect(slug('  <script> ')).toBe('script')
		expect(slug('***')).toBe('')
	})
	test('durations are shown in the largest whole unit', () => {
		expect([fitting(0, 's'), fitting(90, 's'), fitting(1800, 's'), fitting(7200, 's'), fitting(86400, 's')]).toEqual(['s', 's', 'min', 'h', 'd'])
		expect(fitting(600, 'min')).toBe('min')
	})
	test('items move, and stay at the ends', () => {
		expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
		expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
	})
})

describe('what differs', () => {
	test('field by field, also inside', () => {
		expect(differ({ name: 'a', wrap_s: 1, version: 1 }, { name: 'b', ring_s: 2, version: 2 })).toEqual([
			{ path: '$.name', op: 'changed', before: 'a', after: 'b' },
			{ path: '$.wrap_s', op: 'removed', before: 1 },
			{ path: '$.ring_s', op: 'added', after: 2 },
		])
		expect(differ({ a: { b: [1, 2] } }, { a: { b: [1, 3] } })).toEqual([{ path: '$.a.b[1]', op: 'changed', before: 2, after: 3 }])
		expect(differ({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual([])
	})
	test('two people at once: fields that one of them changed are kept, those of both are told', () => {
		const base = { name: 'a', ring_s: 10, wrap_s: 5, version: 1 }
		const theirs = { name: 'a', ring_s: 20, wrap_s: 6, version: 2 }
		expect(merge(base, { ...base, name: 'b' }, theirs)).toEqual({ doc: { ...theirs, name: 'b' }, both: [] })
		expect(merge(base, { ...base, wrap_s: 7 }, theirs)).toEqual({ doc: { ...theirs, wrap_s: 7 }, both: ['wrap_s'] })
		const { wrap_s: _, ...without } = base
		expect(merge(base, without, { ...base, version: 2 }).doc).toEqual({ name: 'a', ring_s: 10, version: 2 })
	})
})

describe('what a queue asks', () => {
	// the rows of core/skill_expr_test.c that matter here
	const cases: [string, Record<string, number>, boolean][] = [
		['billing > 4', { billing: 5 }, true],
		['billing > 4', {}, false],
		['billing >= 5 && english > 0', { billing: 5, english: 1 }, true],
		['a > 1 && b > 1 || c > 1', { c: 2 }, true],
		['a > 1 && (b > 1 || c > 1)', { c: 2 }, false],
		['!(a > 1) & b = 0', {}, true],
		['a != 3 | b == 3', { a: 3, b: 3 }, true],
	]
	test.each(cases)('%s', (text, levels, answer) => {
		const d = parseDemand(text)
		expect(d && fits(d, levels)).toBe(answer)
	})
	test.each(['', 'billing', 'billing >', 'billing > 101', '(a > 1', 'a > 1 &&', 'a > 1 b > 1', '> 1', 'a ~ 1'])('unread: %s', (text) => {
		expect(parseDemand(text)).toBeNull()
	})
})

describe('opening hours', () => {
	const hours = { weekly: { mon: ['08:00-12:00', '13:00-24:00'] }, special: { '2026-11-23': [], '2026-11-29': ['10:00-11:00'] } }
	test('a span begins with its first minute and ends before its last', () => {
		expect(isOpen(hours, '2026-11-30', 479).open).toBe(false)
		expect(isOpen(hours, '2026-11-30', 480)).toEqual({ open: true, by: '08:00-12:00', special: false })
		expect(isOpen(hours, '2026-11-30', 720).open).toBe(false)
		expect(isOpen(hours, '2026-11-30', 1439).open).toBe(true)
	})
	test('a special day takes the place of its weekday', () => {
		expect(isOpen(hours, '2026-11-23', 600)).toEqual({ open: false, by: undefined, special: true })
		expect(isOpen(hours, '2026-11-29', 600).open).toBe(true)
	})
	test('clocks are those of the firm', () => {
		const at = new Date('2026-11-22T23:30:00Z')
		expect(localTime(at, 'Europe/Warsaw')).toEqual({ date: '2026-11-23', day: 'mon', minute: 30 })
		expect(localTime(at, 'America/New_York')).toEqual({ date: '2026-11-22', day: 'sun', minute: 1110 })
	})
	test('a month is whole weeks from Monday', () => {
		const grid = monthGrid('2026-11')
		expect([grid[0]?.[0], grid.at(-1)?.[6], grid.length]).toEqual(['2026-10-26', '2026-12-06', 6])
	})
})

test('a call for the shell: nothing in it can leave its quotes', () => {
	globalThis.location = { origin: 'http://h' } as never
	expect(curlOf({ method: 'PUT', path: '/x', body: { name: "it's $(rm)" } })).toBe(
		`curl -s \\\n  -X PUT \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  'http://h/x' \\\n  -d '{\n  "name": "it'\\''s $(rm)"\n}'`,
	)
})

describe('who sees which kinds (web/authorise.c)', () => {
	const kindsOf = (roles: string[], ...permissions: string[]) =>
		Object.keys(KINDS).filter((kind) => seesKind({ tenant: 'acme', id: 'x', name: '', roles, permissions: ['tenants:read', ...permissions] }, kind))
	test('who is held to nothing sees all, agents what tells nothing of others, supervisors of teams what is of teams', () => {
		expect(kindsOf(['viewer'], 'objects:read', 'objects:referrers', 'saved_reports:read')).toEqual(Object.keys(KINDS))
		const agent = kindsOf(['agent'], 'objects:read:own')
		for (const kind of ['user', 'trunk', 'flow', 'draft', 'number', 'saved_report']) expect(agent, kind).not.toContain(kind)
		expect(agent).toContain('alert')
		const held = kindsOf(['supervisor'], 'objects:read', 'saved_reports:read')
		expect(held.sort()).toEqual(['field', 'hours', 'outcome', 'prompt', 'queue', 'reason', 'saved_report', 'skill', 'team', 'tenant', 'user'])
		expect(kindsOf(['supervisor', 'agent'], 'objects:read')).toContain('alert')
	})
})

describe('which language of a prompt is heard (docs/administer.md)', () => {
	test.each([
		[{ text: 'x' }, 'pl', ''],
		[{ text: { en: 'x', pl: 'y' } }, 'pl', 'pl'],
		[{ text: { 'en-GB': 'x', de: 'y' } }, 'en', 'en-GB'],
		[{ text: { de: 'x', en: 'y' } }, 'ru', 'en'],
		[{ text: { de: 'x' }, audio: { fr: {} } }, 'ru', 'de'],
		[{ text: { en: 'x' }, audio: { pl: {} } }, 'pl', 'pl'],
		[{}, 'pl', undefined],
	] as const)('%j in %s: %s', (prompt, locale, heard) => {
		expect(heardIn(tagsOf(prompt as never), locale)).toBe(heard)
	})
})
