/*
 * merge.ts - what the wizard made, laid over what is declared already. It adds: people and queues keep what they have,
 * a way of calls that exists is never rewritten, a number that is new gets its own. What does change for somebody
 * comes out as changes, to be read before it is done. Pure.
 */
import { type Declared, LINE, WAY } from './draft'

/** One sentence (start:change.*) and what it is filled with; `what` is the key of a field's own label. */
export interface Change {
	say: 'queue' | 'role' | 'name' | 'password' | 'line_password' | 'number' | 'hours' | 'field'
	what?: 'firm.name' | 'firm.locale' | 'firm.country' | 'firm.zone' | 'line.server' | 'line.user' | 'queue.name' | 'queue.wrap' | 'queue.record' | 'greeting.text'
	values: Record<string, string>
}
export interface Merged {
	objects: Declared[]
	changes: Change[]
	/** The trunk that calls come by. */
	line: string
	/** It is there already and registers: its password may stay. */
	lineStays: boolean
}

/** Equal whatever the order of their keys. */
function alike(a: unknown, b: unknown): boolean {
	if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return a === b
	const keys = (x: object) => Object.keys(x).sort()
	if (Array.isArray(a) !== Array.isArray(b) || keys(a).join('\n') !== keys(b).join('\n')) return false
	return keys(a).every((k) => alike(a[k as keyof typeof a], b[k as keyof typeof b]))
}
const both = (a: unknown, b: unknown): string[] => [...new Set([...((a ?? []) as string[]), ...((b ?? []) as string[])])]
const text = (value: unknown) => (value === undefined || value === '' ? '–' : String(value))

/** Every prompt, table of hours and flow that a flow's nodes name. */
function namedIn(nodes: unknown, into = new Set<string>()): Set<string> {
	if (typeof nodes !== 'object' || !nodes) return into
	for (const [key, value] of Object.entries(nodes)) {
		if (typeof value === 'string') into.add(`${key} ${value}`)
		else namedIn(value, into)
	}
	return into
}

export function merge(made: Declared[], declared: Declared[]): Merged {
	const tenant = made.find((o) => o.kind === 'tenant')?.id
	const ours = declared.filter((o) => (o.kind === 'tenant' ? o.id : o.tenant) === tenant)
	const there = (kind: string, id: unknown) => ours.find((o) => o.kind === kind && o.id === id)
	const changes: Change[] = []
	const objects: Declared[] = []
	const change = (say: Change['say'], values: Record<string, unknown>, what?: Change['what']) =>
		changes.push({ say, what, values: Object.fromEntries(Object.entries(values).map(([k, v]) => [k, text(v)])) })
	/** What stands there with some of its fields set; each that becomes another is told. */
	function over(was: Declared, fields: [key: string, becomes: unknown, what: Change['what']][]): Declared {
		for (const [key, becomes, what] of fields)
			if (!alike(was[key], becomes)) change('field', { of: was.name ?? was.id, was: was[key], becomes }, what)
		return { ...was, ...Object.fromEntries(fields.map(([key, becomes]) => [key, becomes])) }
	}
	/** base, base-2, base-3 …: the first that nobody has, or that is the same already. */
	function beside(base: string, o: Declared): string {
		for (let n = 1; ; n++) {
			const id = n === 1 ? base : `${base}-${n}`
			const was = there(o.kind, id)
			if (!was || alike({ ...was, ...o, id }, was)) return id
		}
	}

	const number = made.find((o) => o.kind === 'number') as Declared
	const numberWas = there('number', number.id)
	const wayWas = there('flow', numberWas?.flow)
	// what the way of this number alone uses is corrected in place; what others use, too, gets one of its own beside it
	const others = new Set(ours.filter((o) => o.kind === 'flow' && o !== wayWas).flatMap((o) => [...namedIn(o.nodes)]))
	const wayIsShared = !!wayWas && (others.has(`flow ${wayWas.id}`) || ours.some((o) => o.kind === 'number' && o !== numberWas && o.flow === wayWas.id))
	const own = wayWas && !wayIsShared ? namedIn(wayWas.nodes) : new Set<string>()
	const names = new Map<string, string>()
	/** The one of this number's way that stands for `o`: main-2 plays welcome-2. */
	const standing = (o: Declared) =>
		ours.find((x) => x.kind === o.kind && (x.id === o.id || (x.id.startsWith(`${o.id}-`) && /^\d+$/.test(x.id.slice(o.id.length + 1)))) && own.has(`${o.kind} ${x.id}`) && !others.has(`${o.kind} ${x.id}`))

	function partOfWay(o: Declared) {
		const was = standing(o)
		const id = was?.id ?? beside(o.id, o)
		names.set(`${o.kind} ${o.id}`, id)
		if (!was) return objects.push({ ...o, id })
		const texts = (x: Declared) => (x.text ?? {}) as Record<string, string>
		if (o.kind === 'prompt') {
			for (const [language, said] of Object.entries(texts(o)))
				if (texts(was)[language] !== said) change('field', { of: was.id, was: texts(was)[language], becomes: said }, 'greeting.text')
			return objects.push({ ...was, text: { ...texts(was), ...texts(o) } })
		}
		if (!alike(was.weekly, o.weekly)) change('hours', { id: was.id })
		return objects.push({ ...was, weekly: o.weekly })
	}
	function person(o: Declared) {
		const was = there('user', o.id)
		if (!was) return objects.push(o)
		const roles = both(was.roles ?? ['agent'], o.roles)
		const { for_now } = was as { for_now?: { queues?: string[] } }
		const queue = (o.queues as string[])[0] ?? ''
		if (!both(was.queues, []).includes(queue)) change('queue', { name: was.name ?? was.id, queue: there('queue', queue)?.name ?? made.find((q) => q.kind === 'queue')?.name })
		if (roles.length > both(was.roles ?? ['agent'], []).length) change('role', { name: was.name ?? was.id })
		if (was.name !== o.name) change('name', { id: was.id, was: was.name, becomes: o.name })
		if (o.password) change('password', { name: was.name ?? was.id, id: was.id })
		return objects.push({
			phone: o.phone, // who has none answers in the browser
			...was,
			name: o.name,
			roles,
			queues: both(was.queues, o.queues),
			...(for_now && { for_now: { ...for_now, queues: both(for_now.queues, o.queues) } }), // he keeps it when what was lent goes
			...(o.password !== undefined && { password: o.password }),
		})
	}
	const registerOf = (o: Declared) => o.register as { server?: string; user?: string; password?: string } | undefined
	/** The same account at the same provider, or, for a number that is there, the line that is corrected. */
	function lineFor(o: Declared): Declared | undefined {
		const server = (o.peers as string[])[0] ?? ''
		const same = ours.find((x) => x.kind === 'trunk' && (x.peers as string[]).includes(server) && registerOf(x)?.user === registerOf(o)?.user)
		return same ?? (numberWas && there('trunk', LINE))
	}
	let line = LINE
	let lineStays = false
	function trunk(o: Declared) {
		const was = lineFor(o)
		line = was?.id ?? beside(LINE, o)
		if (!was) return objects.push({ ...o, id: line })
		const [register, before] = [registerOf(o), registerOf(was)]
		lineStays = !!before
		if (before?.user !== register?.user) change('field', { of: was.id, was: before?.user, becomes: register?.user }, 'line.user')
		if (register?.password && before) change('line_password', {})
		const peers = o.peers as string[]
		if (!(was.peers as string[]).includes(peers[0] ?? '')) change('field', { of: was.id, was: (was.peers as string[]).join(', '), becomes: peers[0] }, 'line.server')
		else peers.splice(0, peers.length, ...(was.peers as string[]))
		const { register: _, ...rest } = was
		return objects.push({ ...rest, peers, ...(register && { register: { ...before, ...register } }) })
	}
	let wayId = WAY
	/** Comes after what it plays: names are known by then. */
	function way(o: Declared) {
		const nodes = Object.fromEntries(
			Object.entries(o.nodes as Record<string, Record<string, unknown>>).map(([name, node]) => [
				name,
				Object.fromEntries(Object.entries(node).map(([key, value]) => [key, names.get(`${key} ${String(value)}`) ?? value])),
			]),
		)
		const laid = { ...o, nodes }
		const same = wayWas && wayWas.start === o.start && alike(wayWas.nodes, nodes)
		wayId = same ? wayWas.id : beside(WAY, laid)
		if (!there('flow', wayId)) objects.push({ ...laid, id: wayId })
	}
	function called(o: Declared) {
		if (numberWas && numberWas.flow !== wayId) change('number', { number: o.id, was: numberWas.flow, becomes: wayId })
		objects.push({ ...numberWas, ...o, flow: wayId })
	}

	for (const o of made) {
		const was = there(o.kind, o.id)
		if (o.kind === 'prompt' || o.kind === 'hours') partOfWay(o)
		else if (o.kind === 'user') person(o)
		else if (o.kind === 'trunk') trunk(o)
		else if (o.kind === 'flow') way(o)
		else if (o.kind === 'number') called(o)
		else if (!was) objects.push(o)
		else if (o.kind === 'tenant') objects.push(over(was, [['name', o.name, 'firm.name'], ['locale', o.locale, 'firm.locale'], ['country', o.country, 'firm.country'], ['time_zone', o.time_zone, 'firm.zone']]))
		else if (o.kind === 'queue') {
			// other ways of recording than always and never are not asked for here
			const record = (was.record === 'always') === (o.record === 'always') ? was.record : o.record
			objects.push(over(was, [['name', o.name, 'queue.name'], ['wrap_s', o.wrap_s, 'queue.wrap'], ...(record === was.record ? [] : ([['record', record, 'queue.record']] as [string, unknown, Change['what']][]))]))
		} // reasons and outcomes of that name are what the firm made of them
	}
	return { objects: objects.map(({ version: _, ...o }) => o as Declared), changes, line, lineStays }
}
