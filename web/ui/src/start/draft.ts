/*
 * draft.ts - what the wizard asks, and the declared objects that come of it. Pure: the same draft is the same site
 * file, applied as a whole, as often as one likes.
 */
export const STEPS = ['firm', 'line', 'hours', 'greeting', 'queue', 'people', 'test'] as const
export type Step = (typeof STEPS)[number]
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]
export type Locale = 'pl' | 'en' | 'ru'

export interface Person {
	name: string
	id: string
	password: string
	supervises: boolean
}

export interface Draft {
	firm: { name: string; id: string; country: string; time_zone: string; locale: Locale }
	/** `id`: the trunk it was declared as, once it was. */
	line: { kind: 'register' | 'address'; server: string; user: string; password: string; number: string; id?: string }
	hours: { always: boolean; days: Record<Day, [string, string] | null> }
	greeting: { welcome: string; closed: string; busy: string }
	queue: { name: string; wrap_s: number; record: boolean }
	people: Person[]
}

/** What the wizard says in the firm's own language. */
export interface Words {
	welcome: string
	closed: string
	busy: string
	queue: string
	reasons: Record<'break' | 'lunch' | 'training', string>
	outcomes: Record<'solved' | 'call_back' | 'wrong_number', string>
}

const LATIN: Record<string, string> = { ł: 'l', Ł: 'l', đ: 'd', ø: 'o', ß: 'ss', æ: 'ae' }
const CYRILLIC: Record<string, string> = Object.fromEntries(
	'а:a б:b в:v г:g д:d е:e ё:e ж:zh з:z и:i й:i к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f х:kh ц:ts ч:ch ш:sh щ:shch ъ: ы:y ь: э:e ю:yu я:ya'
		.split(' ')
		.map((pair) => pair.split(':') as [string, string]),
)

/** An id as the interface wants it ([a-z0-9][a-z0-9_-]{0,62}), out of a name in any of our languages. */
export function idOf(name: string): string {
	return [...name.toLowerCase()]
		.map((c) => LATIN[c] ?? CYRILLIC[c] ?? c)
		.join('')
		.normalize('NFD')
		.replace(/[\u0300-\u036f]/g, '')
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 40)
}

export function emptyDraft(locale: Locale, time_zone: string, words: Words): Draft {
	const workday: [string, string] = ['08:00', '16:00']
	const country = { pl: 'PL', en: 'GB', ru: 'RU' }[locale]
	return {
		firm: { name: '', id: '', country, time_zone, locale },
		line: { kind: 'register', server: '', user: '', password: '', number: '' },
		hours: {
			always: false,
			days: { mon: workday, tue: workday, wed: workday, thu: workday, fri: workday, sat: null, sun: null },
		},
		greeting: { welcome: words.welcome, closed: words.closed, busy: words.busy },
		queue: { name: words.queue, wrap_s: 30, record: false },
		people: [{ name: '', id: '', password: '', supervises: true }],
	}
}

const PASSWORD_MIN = 12
/** The trunk and the flow that the wizard declares. */
export const LINE = 'line'
export const WAY = 'main'
/** A name or an address, with or without a port; IPv6 in brackets. */
const SERVER = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?$/
const ID = /^[a-z0-9][a-z0-9_-]{0,62}$/

/** A time of a day as people type it (8, 800, 8:00, 24:00), as it is declared; empty: it is none. */
export function timeOf(text: string): string {
	const m = /^(\d{1,2})(?:[:.]?(\d\d))?$/.exec(text.trim())
	const [hour, minute] = [Number(m?.[1]), Number(m?.[2] ?? 0)]
	const two = (n: number) => String(n).padStart(2, '0')
	return m && minute < 60 && hour * 60 + minute <= 1440 ? `${two(hour)}:${two(minute)}` : ''
}

/** What begins in the evening and ends in the morning: two spans, the second on the day after. */
export const isNight = ([from, to]: [string, string]) => timeOf(to) !== '' && timeOf(to) < timeOf(from)

/** The week as it is declared: within days, in order, none over another. */
export function weeklyOf(days: Draft['hours']['days']): Partial<Record<Day, string[]>> {
	const all = new Map<Day, [string, string][]>(DAYS.map((day) => [day, []]))
	DAYS.forEach((day, n) => {
		const span = days[day]
		if (!span) return
		const [from, to] = [timeOf(span[0]), timeOf(span[1])]
		all.get(day)?.push([from, isNight(span) ? '24:00' : to])
		if (isNight(span) && to > '00:00') all.get(DAYS[(n + 1) % DAYS.length] as Day)?.push(['00:00', to])
	})
	const joined = (spans: [string, string][]) =>
		spans.sort().reduce<[string, string][]>((done, [from, to]) => {
			const last = done.at(-1)
			if (last && from <= last[1]) last[1] = to > last[1] ? to : last[1]
			else done.push([from, to])
			return done
		}, [])
	return Object.fromEntries([...all].flatMap(([day, spans]) => (spans.length ? [[day, joined(spans).map((s) => s.join('-'))]] : [])))
}

/** Who is declared already, by id: his password may stay what it is. */
export type Existing = ReadonlySet<string>
const NOBODY: Existing = new Set()

/** The fields of a step that are not good yet, as keys of words (start:fault.*). */
export function faultsOf(draft: Draft, step: Step, existing: Existing = NOBODY): Record<string, string> {
	const out: Record<string, string> = {}
	if (step === 'firm') {
		if (!draft.firm.name.trim()) out.name = 'needed'
		if (!ID.test(draft.firm.id) || draft.firm.id === 'system') out.id = 'id'
		if (!/^[A-Za-z]{2}$/.test(draft.firm.country)) out.country = 'country'
	}
	if (step === 'line') {
		if (!draft.line.server.trim()) out.server = 'needed'
		else if (!SERVER.test(draft.line.server.trim())) out.server = 'server'
		if (draft.line.kind === 'register' && !draft.line.user.trim()) out.user = 'needed'
		if (!/^\+[1-9]\d{5,14}$/.test(numberOf(draft))) out.number = 'number'
	}
	if (step === 'hours' && !draft.hours.always) {
		for (const day of DAYS) {
			const span = draft.hours.days[day]
			if (!span) continue
			const [from, to] = [timeOf(span[0]), timeOf(span[1])]
			if (!from || !to || from === '24:00') out[day] = 'time'
			else if (from === to) out[day] = 'span'
		}
		if (DAYS.every((day) => !draft.hours.days[day])) out.mon = 'never'
	}
	if (step === 'greeting') {
		if (!draft.greeting.welcome.trim()) out.welcome = 'needed'
		if (!draft.hours.always && !draft.greeting.closed.trim()) out.closed = 'needed'
		if (!draft.greeting.busy.trim()) out.busy = 'needed'
	}
	if (step === 'queue' && !idOf(draft.queue.name)) out.name = 'needed'
	if (step === 'people')
		draft.people.forEach((p, n) => {
			if (!p.name.trim()) out[`name${n}`] = 'needed'
			if (!ID.test(p.id) || draft.people.findIndex((q) => q.id === p.id) !== n) out[`id${n}`] = 'id'
			const stays = !p.password && existing.has(p.id)
			if (!stays && [...p.password].length < PASSWORD_MIN) out[`password${n}`] = 'password'
		})
	return out
}

/** As it is declared and called. */
export const numberOf = (draft: Draft) => draft.line.number.replace(/[\s()/.-]/g, '')

export type Declared = Record<string, unknown> & { kind: string; id: string }

export function siteOf(draft: Draft, words: Words): { objects: Declared[] } {
	const { firm, line, hours, greeting, queue } = draft
	const tenant = firm.id
	const country = firm.country.toUpperCase()
	const number = numberOf(draft)
	const queueId = idOf(queue.name)
	const text = (said: string) => ({ [firm.locale]: said.trim() })
	const named = (kind: string, names: Record<string, string>, more: Record<string, object> = {}) =>
		Object.entries(names).map(([id, name]) => ({ kind, tenant, id, name, ...more[id] }))
	const register = { server: line.server.trim(), user: line.user.trim(), ...(line.password && { password: line.password }) }
	const objects: Declared[] = [
		{ kind: 'tenant', id: tenant, name: firm.name.trim(), domain: `${tenant}.internal`, locale: firm.locale, time_zone: firm.time_zone, country },
		{
			kind: 'trunk',
			tenant,
			id: LINE,
			peers: [line.server.trim()],
			codecs: ['PCMA', 'PCMU'],
			caller_id: number,
			country,
			...(line.kind === 'register' && { register }),
		},
		...named('reason', words.reasons, { break: { paid: true, max_minutes: 15 }, lunch: { paid: false, max_minutes: 60 }, training: { paid: true, productive: true } }),
		...named('outcome', words.outcomes),
		{ kind: 'prompt', tenant, id: 'welcome', text: text(greeting.welcome) },
		{ kind: 'prompt', tenant, id: 'busy', text: text(greeting.busy) },
		{ kind: 'queue', tenant, id: queueId, name: queue.name.trim(), strategy: 'longest_idle', ring_s: 20, wrap_s: queue.wrap_s, record: queue.record ? 'always' : 'never', music: 'default' },
	]
	const nodes: Record<string, object> = {
		hello: { do: 'play', prompt: 'welcome', next: 'wait' },
		wait: { do: 'queue', queue: queueId, on: { full: 'busy', no_agents: 'busy' } },
		busy: { do: 'play', prompt: 'busy', next: 'bye' },
		bye: { do: 'hangup' },
	}
	if (!hours.always) {
		objects.push({ kind: 'hours', tenant, id: 'office', weekly: weeklyOf(hours.days) }, { kind: 'prompt', tenant, id: 'closed', text: text(greeting.closed) })
		nodes.open = { do: 'hours', hours: 'office', open: 'hello', closed: 'shut' }
		nodes.shut = { do: 'play', prompt: 'closed', next: 'bye' }
	}
	objects.push({ kind: 'flow', tenant, id: WAY, start: hours.always ? 'hello' : 'open', nodes }, { kind: 'number', tenant, id: number, flow: WAY })
	for (const p of draft.people)
		objects.push({
			kind: 'user',
			tenant,
			id: p.id,
			name: p.name.trim(),
			roles: p.supervises ? ['agent', 'supervisor', 'admin'] : ['agent'],
			...(p.password && { password: p.password }), // without one the one he has stays
			phone: { kind: 'browser' },
			queues: [queueId],
			capacity: { voice: 100 },
		})
	return { objects }
}

/** Which step a mistake of the server is about: `$.objects[n]…` of the site that was sent. */
export function stepOfMistake(path: string, objects: Declared[]): Step {
	const kind = objects[Number(/objects\[(\d+)\]/.exec(path)?.[1] ?? -1)]?.kind
	const steps: Record<string, Step> = { tenant: 'firm', trunk: 'line', number: 'line', hours: 'hours', prompt: 'greeting', flow: 'greeting', queue: 'queue', user: 'people' }
	return steps[kind ?? ''] ?? 'people'
}

/** Words one can say over a desk and type without looking; 66 bits. */
export function passwordOf(dice: Uint8Array): string {
	const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
	return [...dice.slice(0, 14)].map((d, n) => letters[d % letters.length] + (n === 4 || n === 9 ? '-' : '')).join('')
}
