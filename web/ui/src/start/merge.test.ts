import { expect, test } from 'vitest'
import { type Declared, type Draft, type Words, emptyDraft, siteOf } from './draft'
import { merge } from './merge'

const words: Words = {
	welcome: 'Hello.',
	closed: 'Closed.',
	busy: 'Busy.',
	queue: 'Service',
	reasons: { break: 'Break', lunch: 'Lunch', training: 'Training' },
	outcomes: { solved: 'Solved', call_back: 'Call back', wrong_number: 'Wrong number' },
}
function made(change: Partial<Draft> = {}): Declared[] {
	const d = emptyDraft('pl', 'Europe/Warsaw', words)
	return siteOf(
		{
			...d,
			firm: { ...d.firm, name: 'Żółw', id: 'zolw' },
			line: { ...d.line, server: 'sip.example.com', user: 'u', number: '+48221000001' },
			people: [{ name: 'Anna', id: 'anna', password: '', supervises: false }],
			...change,
		},
		words,
	).objects
}
const line = (change: Partial<Draft['line']>) => ({ ...emptyDraft('pl', 'UTC', words).line, server: 'sip.example.com', user: 'u', number: '+48221000001', ...change })
const queue = (name: string) => ({ name, wrap_s: 30, record: false })
const find = (objects: Declared[], kind: string, id?: string) => objects.find((o) => o.kind === kind && (!id || o.id === id))
/** Everything of before, with what was declared over it, as the server keeps it. */
function apply(before: Declared[], objects: Declared[]): Declared[] {
	const key = (o: Declared) => `${o.kind} ${o.id}`
	return [...new Map([...before, ...objects].map((o) => [key(o), { ...o, version: 1 }])).values()]
}

test('where nothing is, everything is new and nobody is asked', () => {
	expect(merge(made(), [])).toMatchObject({ objects: made(), changes: [], line: 'line', lineStays: false })
	const elsewhere = made().map((o) => (o.kind === 'tenant' ? { ...o, id: 'other' } : { ...o, tenant: 'other' }))
	expect(merge(made(), elsewhere)).toMatchObject({ objects: made(), changes: [] })
})
test('the same once more changes nothing', () => {
	const there = apply([], made())
	const again = merge(made(), there)
	expect([again.changes, again.lineStays]).toEqual([[], true])
	expect(apply(there, again.objects)).toEqual(there)
})
test('a person keeps skills, queues, telephone and roles; the new queue is added and told', () => {
	const anna = { kind: 'user', tenant: 'zolw', id: 'anna', name: 'Anna', roles: ['agent', 'supervisor'], skills: { pl: 80 }, queues: ['sales'], phone: { kind: 'sip' }, for_now: { until_at: 'x', by: 'b', queues: ['vip'] } }
	const { objects, changes } = merge(made(), [...made().filter((o) => o.kind === 'tenant'), anna])
	expect(find(objects, 'user')).toEqual({ ...anna, queues: ['sales', 'service'], for_now: { ...anna.for_now, queues: ['vip', 'service'] } })
	expect(changes).toEqual([{ say: 'queue', what: undefined, values: { name: 'Anna', queue: 'Service' } }])
})
test('another name, a role and a password are told', () => {
	const there = apply([], made())
	const { changes } = merge(made({ people: [{ name: 'Ania', id: 'anna', password: 'a long password', supervises: true }] }), there)
	expect(changes.map((c) => c.say)).toEqual(['role', 'name', 'password'])
})
test('a queue and a firm keep what the wizard does not ask about', () => {
	const there = apply([], made()).map((o) => (o.kind === 'queue' ? { ...o, max_waiting: 7, record: 'on_demand' } : o.kind === 'tenant' ? { ...o, domain: 'pbx.zolw.pl', totp: 'admins' } : o))
	const { objects, changes } = merge(made({ queue: { name: 'Service', wrap_s: 60, record: false } }), there)
	expect(find(objects, 'queue')).toMatchObject({ max_waiting: 7, record: 'on_demand', wrap_s: 60 })
	expect(find(objects, 'tenant')).toMatchObject({ domain: 'pbx.zolw.pl', totp: 'admins' })
	expect(changes).toEqual([{ say: 'field', what: 'queue.wrap', values: { of: 'Service', was: '30', becomes: '60' } }])
})
test('a second number gets a way of its own; the first keeps greeting, hours and line', () => {
	const there = apply([], made())
	const { objects, changes, line: by } = merge(
		made({ line: line({ number: '+48221000002' }), queue: queue('Sales'), greeting: { welcome: 'Sales here.', closed: 'Closed.', busy: 'Busy.' }, hours: { ...emptyDraft('pl', 'UTC', words).hours, always: true } }),
		there,
	)
	const after = apply(there, objects)
	for (const [kind, id] of [['flow', 'main'], ['prompt', 'welcome'], ['hours', 'office'], ['number', '+48221000001'], ['trunk', 'line']] as const) expect(find(after, kind, id)).toEqual(find(there, kind, id))
	expect(find(after, 'number', '+48221000002')).toMatchObject({ flow: 'main-2' })
	expect(find(after, 'flow', 'main-2')?.nodes).toMatchObject({ hello: { prompt: 'welcome-2' }, busy: { prompt: 'busy' }, wait: { queue: 'sales' } })
	expect(find(after, 'user', 'anna')?.queues).toEqual(['service', 'sales'])
	expect([by, changes.map((c) => c.say)]).toEqual(['line', ['queue']])
	// its greeting is then corrected in place, and that of the first is not
	const corrected = merge(made({ line: line({ number: '+48221000002' }), queue: queue('Sales'), greeting: { welcome: 'Hello, sales.', closed: 'Closed.', busy: 'Busy.' }, hours: { ...emptyDraft('pl', 'UTC', words).hours, always: true } }), after)
	expect(corrected.changes).toEqual([{ say: 'field', what: 'greeting.text', values: { of: 'welcome-2', was: 'Sales here.', becomes: 'Hello, sales.' } }])
})
test('what two ways play is not corrected under the other one', () => {
	const first = apply([], made())
	const there = apply(first, merge(made({ line: line({ number: '+48221000002' }), queue: queue('Sales') }), first).objects)
	expect(find(there, 'flow', 'main-2')?.nodes).toMatchObject({ hello: { prompt: 'welcome' } })
	const { objects } = merge(made({ greeting: { welcome: 'New.', closed: 'Closed.', busy: 'Busy.' } }), there)
	expect(find(objects, 'prompt', 'welcome')).toBeUndefined()
	expect(find(objects, 'prompt', 'welcome-2')).toMatchObject({ text: { pl: 'New.' } })
})
test('a way that was changed in the editor stays; the number leaves it, and that is told', () => {
	const there = apply([], made()).map((o) => (o.kind === 'flow' ? { ...o, nodes: { ...(o.nodes as object), more: { do: 'hangup' } } } : o))
	const { objects, changes } = merge(made(), there)
	expect(find(objects, 'flow')).toMatchObject({ id: 'main-2' })
	expect(changes).toEqual([{ say: 'number', what: undefined, values: { number: '+48221000001', was: 'main', becomes: 'main-2' } }])
})
test('hours of this number alone are corrected in place', () => {
	const days = emptyDraft('pl', 'UTC', words).hours.days
	const { objects, changes } = merge(made({ hours: { always: false, days: { ...days, sat: ['9', '12'] } } }), apply([], made()))
	expect(find(objects, 'hours')).toMatchObject({ id: 'office', weekly: { sat: ['09:00-12:00'] } })
	expect(changes.map((c) => c.say)).toEqual(['hours'])
})
test('another provider: corrected for a number that is there, beside the first for a new one', () => {
	const there = apply([], made()).map((o) => (o.kind === 'trunk' ? { ...o, max_calls: 9 } : o))
	const corrected = merge(made({ line: line({ server: 'sip.example.org' }) }), there)
	expect(find(corrected.objects, 'trunk')).toMatchObject({ id: 'line', peers: ['sip.example.org'], max_calls: 9, register: { server: 'sip.example.org', user: 'u' } })
	expect(corrected.changes).toEqual([{ say: 'field', what: 'line.server', values: { of: 'line', was: 'sip.example.com', becomes: 'sip.example.org' } }])
	const second = merge(made({ line: line({ server: 'sip.example.org', number: '+48221000002' }) }), there)
	expect([second.line, second.lineStays, find(second.objects, 'trunk', 'line')]).toEqual(['line-2', false, undefined])
})
