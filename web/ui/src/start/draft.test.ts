import { expect, test } from 'vitest'
import { DAYS, type Draft, STEPS, type Words, emptyDraft, faultsOf, idOf, isNight, passwordOf, siteOf, stepOfMistake, timeOf, weeklyOf } from './draft'

const words: Words = {
	welcome: 'Hello.',
	closed: 'Closed.',
	busy: 'Busy.',
	queue: 'Service',
	reasons: { break: 'Break', lunch: 'Lunch', training: 'Training' },
	outcomes: { solved: 'Solved', call_back: 'Call back', wrong_number: 'Wrong number' },
}
function filled(change: Partial<Draft> = {}): Draft {
	const d = emptyDraft('pl', 'Europe/Warsaw', words)
	return {
		...d,
		firm: { ...d.firm, name: 'Żółw i Spółka', id: 'zolw' },
		line: { ...d.line, server: 'sip.example.com', user: 'u', password: 'p', number: '+48 22 100 00 01' },
		people: [{ name: 'Anna', id: 'anna', password: 'a long password', supervises: true }],
		...change,
	}
}

test('ids out of names of three alphabets', () => {
	expect(['Żółw i Spółka', 'Щука и Ёж', '  --A&B  ', '日本'].map(idOf)).toEqual(['zolw-i-spolka', 'shchuka-i-ezh', 'a-b', ''])
})
test('an empty draft is not good, a filled one is', () => {
	const bad = STEPS.filter((s) => Object.keys(faultsOf(emptyDraft('en', 'UTC', words), s)).length)
	expect(bad).toEqual(['firm', 'line', 'people'])
	expect(STEPS.filter((s) => Object.keys(faultsOf(filled(), s)).length)).toEqual([])
})
test('spans without an hour, times that are none, weeks without an hour, ids twice', () => {
	const d = filled()
	const tuesday = (tue: [string, string]) => faultsOf({ ...d, hours: { always: false, days: { ...d.hours.days, tue } } }, 'hours')
	expect(tuesday(['16:00', '16:00'])).toEqual({ tue: 'span' })
	for (const bad of [['25:00', '26:00'], ['', '16:00'], ['08:00', '16:60'], ['24:00', '08:00'], ['8h', '16']]) expect(tuesday(bad as [string, string])).toEqual({ tue: 'time' })
	for (const good of [['08:00', '24:00'], ['00:00', '24:00'], ['22:00', '06:00'], ['8', '1630']]) expect(tuesday(good as [string, string])).toEqual({})
	const never = Object.fromEntries(DAYS.map((day) => [day, null])) as Draft['hours']['days']
	expect(faultsOf({ ...d, hours: { always: false, days: never } }, 'hours')).toEqual({ mon: 'never' })
	expect(Object.keys(faultsOf({ ...d, people: [...d.people, ...d.people] }, 'people'))).toEqual(['id1'])
	expect(faultsOf({ ...d, firm: { ...d.firm, id: 'system' } }, 'firm')).toEqual({ id: 'id' })
})
test('times as people type them', () => {
	expect(['8', '08', '800', '0800', '8:00', '8.05', ' 24:00 ', '0'].map(timeOf)).toEqual(['08:00', '08:00', '08:00', '08:00', '08:00', '08:05', '24:00', '00:00'])
	expect(['', 'x', '24:01', '8:60', '99', '8:0', '-1', '08:00:00'].map(timeOf)).toEqual(['', '', '', '', '', '', '', ''])
})
test('a night is two spans, on two days; none lies over another', () => {
	const never = Object.fromEntries(DAYS.map((day) => [day, null])) as Draft['hours']['days']
	expect(weeklyOf({ ...never, fri: ['8', '24:00'] })).toEqual({ fri: ['08:00-24:00'] })
	expect(weeklyOf({ ...never, sun: ['22:00', '06:00'] })).toEqual({ mon: ['00:00-06:00'], sun: ['22:00-24:00'] })
	expect(weeklyOf({ ...never, mon: ['22:00', '06:00'], tue: ['05:00', '12:00'], wed: ['20:00', '00:00'] })).toEqual({ mon: ['22:00-24:00'], tue: ['00:00-12:00'], wed: ['20:00-24:00'] })
	expect(weeklyOf(Object.fromEntries(DAYS.map((day) => [day, ['22:00', '06:00']])) as Draft['hours']['days']).thu).toEqual(['00:00-06:00', '22:00-24:00'])
	expect([isNight(['22:00', '06:00']), isNight(['08:00', '16:00']), isNight(['08:00', '24:00']), isNight(['x', '06:00'])]).toEqual([true, false, false, false])
	expect(siteOf(filled(), words).objects.find((o) => o.kind === 'hours')?.weekly).toMatchObject({ mon: ['08:00-16:00'] })
})
test('the password of somebody who exists stays when none is typed', () => {
	const d = filled({ people: [{ name: 'Anna', id: 'anna', password: '', supervises: true }, { name: 'Jan', id: 'jan', password: '', supervises: false }] })
	expect(faultsOf(d, 'people')).toEqual({ password0: 'password', password1: 'password' })
	expect(faultsOf(d, 'people', new Set(['anna']))).toEqual({ password1: 'password' })
	const [anna] = siteOf(d, words).objects.filter((o) => o.kind === 'user')
	expect(anna && 'password' in anna).toBe(false)
	expect(faultsOf({ ...d, people: [{ name: 'Anna', id: 'anna', password: 'short', supervises: true }] }, 'people', new Set(['anna']))).toEqual({ password0: 'password' })
})
test('what cannot be a server is said at once, not at the end', () => {
	const of = (server: string) => faultsOf(filled({ line: { ...filled().line, server } }), 'line').server
	expect(['sip.example.com', '203.0.113.5:5060', '[2001:db8::1]:5060', ' a '].map(of)).toEqual([undefined, undefined, undefined, undefined])
	expect(['no such host!!', 'http://x', 'a:b', '-x', 'x:123456'].map(of)).toEqual(['server', 'server', 'server', 'server', 'server'])
})
test('every object that is referred to is there', () => {
	for (const always of [false, true]) {
		const { objects } = siteOf(filled({ hours: { ...filled().hours, always } }), words)
		const has = (kind: string, id: unknown) => objects.some((o) => o.kind === kind && o.id === id)
		const flow = objects.find((o) => o.kind === 'flow') as unknown as { start: string; nodes: Record<string, Record<string, string>> }
		for (const node of Object.values(flow.nodes)) {
			for (const kind of ['prompt', 'queue', 'hours']) if (node[kind]) expect(has(kind, node[kind])).toBe(true)
			for (const to of ['next', 'open', 'closed']) if (node[to]) expect(flow.nodes[node[to]]).toBeDefined()
		}
		expect(flow.nodes[flow.start]).toBeDefined()
		expect(has('hours', 'office')).toBe(!always)
		expect(has('number', '+48221000001')).toBe(true)
	}
})
test('a provider known by its address gets no registration, an empty password stays unsaid', () => {
	const trunk = (line: Partial<Draft['line']>) => siteOf(filled({ line: { ...filled().line, ...line } }), words).objects.find((o) => o.kind === 'trunk')
	expect(trunk({ kind: 'address' })?.register).toBeUndefined()
	expect(trunk({ password: '' })?.register).toEqual({ server: 'sip.example.com', user: 'u' })
})
test('a mistake leads to the step that asked for it', () => {
	const { objects } = siteOf(filled(), words)
	const at = (kind: string) => `$.objects[${objects.findIndex((o) => o.kind === kind)}].x`
	expect(['tenant', 'number', 'queue', 'user'].map((k) => stepOfMistake(at(k), objects))).toEqual(['firm', 'line', 'queue', 'people'])
	expect(stepOfMistake('$', objects)).toBe('people')
})
test('passwords that are proposed are good ones', () => {
	const one = passwordOf(new Uint8Array(14).map((_, n) => n * 17))
	expect(one).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{4}$/)
})
