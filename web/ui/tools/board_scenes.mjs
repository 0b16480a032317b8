/*
 * board_scenes.mjs - the supervisor's board in states that are hard to bring about at a wish: a busy day of a middling
 * firm, a bad one, an empty one. Invented, for pictures (shots.mjs) alone.
 */
const ago = (s) => new Date(Date.now() - s * 1000).toISOString()
const uid = (n) => `01a30${String(n).padStart(3, '0')}-0000-7000-8000-000000000000`

const NAMES = [
	'Anna Nowak', 'Boris Iwanow', 'Clara Weiss', 'Dorota Żółkiewska', 'Edward Stone', 'Fatima Haddad', 'Grzegorz Brzęczyszczykiewicz', 'Helena Petrova',
	'Иван Соколов', 'Jana Dvořáková', 'Karol Wiśniewski', 'Lena Fischer', 'Marek Zając', 'Nina Орлова', 'Olek Kamiński', 'Paula Schmidt',
	'Quentin Blake', 'Rafał Król', 'Sofia Rossi', 'Tomasz Lis', 'Ula Maj', 'Viktor Novák', 'Wanda Kos', 'Zenon Duda',
]
const QUEUES = [
	['sales', 'Sales', 82], ['billing', 'Billing', 74], ['support', 'Technical support', 80], ['complaints', 'Complaints', 70], ['retention', 'Retention', 80], ['vip', 'VIP', 90],
	['returns', 'Returns and refunds', 80], ['partners', 'Partners', 75],
]
const idOf = (name) => name.split(' ')[0].toLowerCase().normalize('NFD').replace(/[^a-zа-я]/g, '')

/** [presence, work, seconds in it, reason, more] */
const DOES = [
	['ready', 'talking', 192], ['ready', 'idle', 340], ['ready', 'no_answer', 61], ['ready', 'talking', 1722], ['not_ready', 'idle', 2433, 'lunch', { reason_over: true }], ['ready', 'wrapping', 22],
	['ready', 'holding', 44], ['signed_out', 'idle', 9000], ['ready', 'talking', 75], ['ready', 'offered', 6], ['ready', 'talking', 411], ['ready', 'idle', 12], ['not_ready', 'idle', 240, 'break'],
	['ready', 'talking', 31], ['ready', 'consulting', 120], ['outbound_only', 'idle', 800], ['ready', 'idle', 95], ['ready', 'wrapping', 70], ['not_ready', 'idle', 1500, 'training'], ['ready', 'talking', 260],
	['ready', 'idle', 5, undefined, { phone: { kind: 'sip', ready: false } }], ['signed_out', 'idle', 30000], ['ready', 'talking', 12], ['ready', 'idle', 48],
]
const agents = () =>
	NAMES.map((name, i) => {
		const [presence, work, s, reason, more] = DOES[i % DOES.length]
		return { id: idOf(name) || `agent${i}`, name, presence, work, since_at: ago(s), ...(reason && { reason }), phone: { kind: 'browser', ready: true }, ...more }
	})

function contacts(people) {
	const list = []
	let n = 0
	people.forEach((a, i) => {
		const queue = QUEUES[i % QUEUES.length][0]
		const base = { channel: 'voice', direction: i % 7 === 3 ? 'outbound' : 'inbound', from: `+4860${1000000 + i * 7919}`, to: `+4822${1000000 + i * 104729}`, queue, agent: a.id, recording: 'on', recording_id: 'r', offers: [], parties: [], wraps: [] }
		const since_at = a.since_at
		if (['talking', 'holding', 'consulting'].includes(a.work)) list.push({ ...base, id: uid(n++), state: a.work === 'holding' ? 'held' : 'talking', since_at, arrived_at: ago(60 + (Date.now() - Date.parse(since_at)) / 1000), parties: [{ kind: 'agent', id: a.id, state: a.work === 'holding' ? 'held' : 'talking', since_at }] })
		if (a.work === 'offered') list.push({ ...base, id: uid(n++), state: 'offered', since_at, arrived_at: ago(70), enqueued_at: ago(50), offers: [{ agent: a.id, at: since_at, until_at: ago(-10) }] })
		if (a.work === 'wrapping') list.push({ ...base, id: uid(n++), state: 'wrapping', since_at, arrived_at: ago(400), wraps: [{ agent: a.id, queue, since_at, until_at: ago(-30) }] })
	})
	for (const [queue, s] of [['billing', 96], ['billing', 61], ['billing', 14], ['support', 22], ['sales', 9], ['vip', 3]])
		list.push({ id: uid(n++), channel: 'voice', direction: 'inbound', state: 'waiting', from: `+4850${2000000 + n * 6133}`, to: '+48221000000', queue, since_at: ago(s), enqueued_at: ago(s), arrived_at: ago(s + 15), offers: [], parties: [], recording: 'off', wraps: [], ...(n % 5 === 0 && { priority_min: 10 }) })
	list.push({ id: uid(n++), channel: 'voice', direction: 'inbound', state: 'flow', from: 'anonymous', to: '+48221000000', flow: 'main', node: 'menu', since_at: ago(4), arrived_at: ago(4), offers: [], parties: [], recording: 'off', wraps: [] })
	list.push({ id: uid(n++), channel: 'voice', direction: 'inbound', state: 'parked', from: '+74951234567', to: '+48221000000', queue: 'sales', park: { agent: 'anna', queue: 'sales', slot: 701, until_at: ago(-95) }, since_at: ago(25), arrived_at: ago(300), offers: [], parties: [], recording: 'off', wraps: [] })
	return list
}

function figures(queue, i, bad) {
	const sl = queue === 'billing' ? 0.58 : 0.78 + ((i * 7) % 19) / 100 - (bad ? 0.25 : 0)
	const spark = Array.from({ length: 12 }, (_, k) => ({ at: ago((12 - k) * 300), offered: 6, answered_in_threshold: 5, abandoned: 0, sl: k === 4 && i % 3 === 0 ? null : Math.min(1, Math.max(0.2, sl + Math.sin(i * 3 + k) * 0.14)) }))
	const offered = 90 + i * 37
	const today = { offered, answered: offered - 6 - i, abandoned: 4 + i, sl, sl_variant: 'sl_1', asa_ms: 9000 + i * 3100, aht_ms: 231000 + i * 14000, abandon_rate: (4 + i) / offered, wait_max_ms: 140000, threshold_ms: 20000 }
	return { queue, today, half_hour: { ...today, offered: 14, answered: 13, abandoned: 1, sl: Math.max(0, sl - 0.03), abandon_rate: 1 / 14 }, spark, staffed: { ready: 2 + (i % 3), talking: 3 + (i % 4), wrapping: i % 2, not_ready: 1 + (i % 3) }, ewt_ms: 22000 + i * 4000, expected_15min: 8 + i * 2 }
}
const board = (bad) => ({
	at: new Date().toISOString(),
	whole: true,
	queues: [...QUEUES.map(([id], i) => figures(id, i, bad)), { ...figures(null, 4, bad), today: { ...figures(null, 4, bad).today, offered: 1312, abandoned: 41, sl: bad ? 0.52 : 0.84, abandon_rate: 41 / 1312 }, expected_15min: 61 }],
})

const PERMISSIONS = [
	'reports:queues', 'contacts:act', 'contacts:monitor', 'contacts:why', 'contacts:read', 'agents:presence', 'agents:skills', 'agents:approval', 'notices:acknowledge', 'queues:close', 'queues:open', 'queues:overflow', 'messages:create', 'alerts:acknowledge', 'wallboards:link', 'objects:read', 'objects:write', 'mass_events:start',
	'customers:read',
]
const olga = { tenant: 'demo', id: 'anna', user: 'anna', name: 'Anna Nowak', roles: ['supervisor', 'agent'], permissions: PERMISSIONS }
const T = '/api/v1/tenants/demo'
const page = (items) => ({ items, next: null })
const told = () => ({
	'GET /api/v1/me': olga,
	[`GET ${T}/users`]: page(NAMES.map((name, i) => ({ id: idOf(name), name, version: 1, skills: { billing: 40 + i, polish: 100 }, queues: [QUEUES[i % 8][0], 'sales'], teams: [i % 2 ? 'north' : 'south'] }))),
	[`GET ${T}/teams`]: page([{ id: 'north', name: 'Team North' }, { id: 'south', name: 'Team South' }]),
	[`GET ${T}/skills`]: page([{ id: 'billing', name: 'Billing' }, { id: 'polish', name: 'Polish' }, { id: 'technical', name: 'Technical' }]),
	[`GET ${T}/queues`]: page(QUEUES.map(([id, name, sl_target]) => ({ id, name, threshold_s: 20, sl_target: id === 'billing' ? sl_target : 80 }))),
	[`GET ${T}/mass_events`]: page([{ id: 'outage', name: 'Network outage', queues: ['support', 'billing'] }]),
	[`GET ${T}/wallboards`]: page([{ id: 'hall', name: 'Main hall' }, { id: 'kitchen', name: 'Kitchen' }]),
	[`POST ${T}/wallboards/hall/link`]: { url: '/wall/3jq9b1wUTbq0d7eXamp1e', expires_at: ago(-86400 * 90) },
	[`GET ${T}/contacts/*`]: (url) =>
		url.pathname.endsWith('/why')
			? page([{ at: ago(4), seq: 9, queue: 'billing', agent: 'dorota', eligible: 3, strategy: 'longest_idle', need: 'billing >= 50', score: { class: 0, waited_min: 1.5, priority_min: 10, score: 11.5 }, refused: { busy: 2, skill: 1 }, candidates: [
				{ agent: 'dorota', refused: null, idle_ms: 252000, skill: 74 }, { agent: 'clara', refused: null, idle_ms: 61000, skill: 60 }, { agent: 'boris', refused: 'skill', idle_ms: 340000, skill: 41 }, { agent: 'fatima', refused: 'wrapping', skill: 66 }, { agent: 'edward', refused: 'not_ready', skill: 51 } ] }])
			: { status_: 404 },
})
const alerts = () => [
	{ id: 'long-wait', name: 'Billing: longest wait over 90 s', level: 'critical', since_at: ago(45), value: 96 },
	{ id: 'sl', name: 'Billing: service level under 70 %', level: 'warning', since_at: ago(610), value: 0.58, acknowledged_by: 'karol' },
]

const WALL = {
	name: 'Nova Telecom', rotate_s: 20,
	pages: [
		{ title: 'All queues', tiles: [{ measure: 'sl', target: 80 }, { measure: 'waiting', target: 10 }, { measure: 'longest_wait', target: 60 }, { measure: 'abandon_rate', target: 5 }, { measure: 'ready' }, { measure: 'expected_15min' }] },
		{ title: 'Billing', tiles: [{ measure: 'sl', name: 'Billing', target: 70 }, { measure: 'waiting', name: 'Billing' }, { measure: 'longest_wait', name: 'Billing', target: 60 }, { measure: 'asa', name: 'Billing' }] },
	],
}
const wall = (more) => ({
	at: '/wall/3jq9b1wUTbq0d7eXamp1e', agents: [], contacts: [], see: 'main h1, main b', wait: 500,
	answers: {
		'GET /api/v1/wall/3jq9b1wUTbq0d7eXamp1e': WALL,
		'GET /api/v1/wall/3jq9b1wUTbq0d7eXamp1e/live': { stream_: { at: new Date().toISOString(), pages: [[{ value: 0.84, variant: 'sl_1' }, { value: 7 }, { value: 98000 }, { value: 0.031 }, { value: 4 }, { value: 61 }], [{ value: 0.58, variant: 'sl_1' }, { value: 4 }, { value: 98000 }, { value: 12000 }]] } },
		...more,
	},
})

/** Alarms and asked-for approvals: what the feed has beside alerts and help. */
const notices = () => [
	{ id: '71', kind: 'approval', name: 'training', agent: 'ula', at: ago(64) },
	{ id: '72', kind: 'alarm', name: 'agent_lost', agent: 'fatima', at: ago(140), contact: uid(2) },
	{ id: '73', kind: 'alarm', name: 'trunk_not_registered', trunk: 'carrier', at: ago(400), detail: 'sip.example.net answered 403' },
	{ id: '74', kind: 'alarm', name: 'recording_refused', queue: 'sales', contact: uid(4), at: ago(800), detail: 'no space left on device' },
	{ id: '75', kind: 'alarm', name: 'agent_lost', agent: 'olek', at: ago(3000), acknowledged_by: 'karol', acknowledged_at: ago(2900) },
]

const OPEN_AT = '/board'
function scene(more = {}) {
	const people = agents()
	return { me: olga, at: OPEN_AT, agents: people, contacts: contacts(people), queues: QUEUES.map(([id, name]) => ({ id, name })), board: board(false), alerts: [], answers: told(), see: 'h1', ...more }
}
const talkOf = (s, id) => s.contacts.find((c) => c.parties.some((p) => p.id === id))

export function boardScenes() {
	const busy = scene({ alerts: alerts(), board: board(true) })
	const helped = talkOf(busy, 'dorota')
	helped.help = { agent: 'dorota', text: 'He wants to cancel and asks for a manager', since_at: ago(20) }
	const plain = scene()
	const dorota = talkOf(plain, 'dorota')
	const watched = scene()
	const heard = talkOf(watched, 'dorota')
	heard.parties = [...heard.parties, { kind: 'supervisor', id: 'anna', state: 'whisper', since_at: ago(15) }]
	const waiting = plain.contacts.find((c) => c.state === 'waiting')
	const press = (...names) => async (p) => {
		for (const name of names) {
			await p.getByRole('button', { name }).or(p.getByRole('menuitem', { name })).first().click()
			await p.waitForTimeout(400)
		}
	}
	const feed = (more) => ({ ...scene({ alerts: alerts(), notices: notices(), ...more }), contacts: busy.contacts })
	const lent = scene()
	lent.agents.find((a) => a.id === 'boris').skills_until_at = ago(-5400)
	lent.answers = { ...told(), [`GET ${T}/users`]: page(NAMES.map((name) => ({ id: idOf(name), name, version: 3, skills: { billing: 60, polish: 100 }, queues: ['billing'], ...(idOf(name) === 'boris' && { for_now: { until_at: ago(-5400), skills: { polish: 100 }, queues: ['sales'] } }) }))) }
	const shut = scene()
	shut.queues = shut.queues.map((q) => (q.id === 'billing' ? { ...q, closed: { since_at: ago(700), by: 'karol', to: 'sales', until_at: ago(-3000) } } : q.id === 'returns' ? { ...q, closed: { since_at: ago(70), by: 'karol' } } : q))
	return {
		'board-feed': feed({ at: '/board?part=attention' }),
		'board-feed-polish': feed({ at: '/board?part=attention', locale: 'pl' }),
		'board-feed-russian': feed({ at: '/board?part=attention', locale: 'ru' }),
		'board-lent': { ...lent, at: '/board?agent=boris', act: async (p) => { await p.getByText('Skills', { exact: true }).click(); await p.waitForTimeout(400) } },
		'board-closed': shut,
		'board-close': { ...scene(), act: press('Billing: actions', /^Close the queue/) },
		'board-move': { ...scene(), act: press('Billing: actions', /^Send/) },
		'board-out': { ...scene(), at: '/board?agent=dorota', act: press(/^Sign out now/) },
		board: scene(),
		wall: wall(),
		'wall-old': { ...wall({ 'GET /api/v1/wall/3jq9b1wUTbq0d7eXamp1e/live': { status_: 503 } }), fails: 503, wait: 1500 },
		'wall-gone': wall({ 'GET /api/v1/wall/3jq9b1wUTbq0d7eXamp1e': { status_: 404 } }),
		'board-bad': busy,
		'board-older': scene({ board: undefined }),
		'board-empty': { ...scene({ board: undefined }), agents: [], contacts: [], queues: [], answers: { ...told(), [`GET ${T}/users`]: page([]), [`GET ${T}/queues`]: page([]) } },
		'board-polish': scene({ locale: 'pl', alerts: alerts() }),
		'board-russian': scene({ locale: 'ru', alerts: alerts() }),
		'board-agent': { ...plain, at: '/board?agent=dorota' },
		'board-skills': { ...scene(), at: '/board?agent=boris', act: async (p) => { await p.getByText('Skills', { exact: true }).click(); await p.waitForTimeout(400) } },
		'board-talk': { ...plain, at: `/board?contact=${dorota.id}`, act: async (p) => { await p.getByText('Why this one?').click(); await p.waitForTimeout(500) } },
		'board-waiting': { ...plain, at: `/board?contact=${waiting.id}` },
		'board-listening': { ...watched, at: `/board?contact=${heard.id}` },
		'board-contacts': scene({ at: '/board?part=contacts&agents=lines' }),
		'board-agents': scene({ at: '/board?part=agents&group=talking' }),
		'board-message': { ...scene(), act: async (p, width) => { if (width > 900) { await p.getByRole('button', { name: 'Message to agents' }).click(); await p.waitForTimeout(400) } } },
		'board-walls': { ...scene(), act: async (p, width) => { if (width > 900) { await p.getByRole('button', { name: 'Wallboards' }).click(); await p.getByRole('button', { name: 'Make a link' }).first().click(); await p.waitForTimeout(400) } } },
		'board-wall-form': { ...scene(), act: async (p, width) => { if (width > 900) { await p.getByRole('button', { name: 'Wallboards' }).click(); await p.getByRole('button', { name: 'New wallboard' }).click(); await p.waitForTimeout(400) } } },
		'board-menu': { ...scene(), act: async (p) => { await p.getByRole('button', { name: 'Billing: actions' }).click(); await p.waitForTimeout(400) } },
	}
}
