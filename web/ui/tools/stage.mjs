/*
 * stage.mjs - a stand-in for the server, for pictures of states that are hard to bring about and for looking at the
 * pages without one: it serves web/ui/dist to a browser page and speaks the desk's WebSocket from a given world.
 * Nothing here is a test of the server; shots.mjs drives the real one for what it can do.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { boardScenes } from './board_scenes.mjs'

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist')
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' }
export const ORIGIN = 'http://desk.test'

const ago = (s) => new Date(Date.now() - s * 1000).toISOString()
const uid = (n) => `01a20${String(n).padStart(3, '0')}-0000-7000-8000-000000000000`
const queues = [{ id: 'sales', name: 'Sales' }, { id: 'billing', name: 'Billing' }, { id: 'support', name: 'Technical support' }]

/** Every scene, its clocks set to now. act: what is done before the picture is taken. */
export function scenes() {
	const agents = [
	 ['anna','Anna Nowak','ready','talking',192],['boris','Boris Iwanow','ready','idle',340],['clara','Clara Weiss','ready','idle',61],
	 ['dorota','Dorota Żółkiewska','ready','talking',722],['edward','Edward Stone','not_ready','idle',433,'lunch'],['fatima','Fatima Haddad','ready','wrapping',22],
	 ['grzegorz','Grzegorz Brzęczyszczykiewicz','ready','holding',44],['helena','Helena Petrova','signed_out','idle',9000],['ivan','Иван Соколов','ready','no_answer',100],
	].map(([id,name,presence,work,s,reason]) => ({ id, name, presence, work, since_at: ago(s), ...(reason && { reason }), phone: { kind: 'browser', ready: true } }))
	const base = (n, more) => ({ id: uid(n), channel: 'voice', direction: 'inbound', state: 'talking', since_at: ago(192), from: '+48600700800', to: '+48221000000', arrived_at: ago(240 + n), queue: 'sales', agent: 'anna', offers: [], parties: [], recording: 'on', recording_id: 'r', wraps: [], ...more })
	const me = (state, more = {}) => ({ kind: 'agent', id: 'anna', state, since_at: ago(192), ...more })
	const waiting = [['sales', 41], ['sales', 20], ['sales', 3], ['billing', 15]].map(([queue, s], i) => ({ id: uid(100 + i), channel: 'voice', state: 'waiting', queue, enqueued_at: ago(s) }))
	const ringing = base(2, { state: 'offered', from: '+48501234567', queue: 'billing', parties: [], recording: 'off', recording_id: undefined, enqueued_at: ago(48), offers: [{ agent: 'anna', at: ago(4), until_at: ago(-11) }] })
	const talk = base(1, { parties: [me('talking')] })
	const wrapping = base(3, { state: 'wrapping', from: '+48791222333', parties: [], recording: 'off', recording_id: undefined, wraps: [{ agent: 'anna', queue: 'support', since_at: ago(9), until_at: ago(-21) }], queue: 'support' })
	const parked = base(4, { state: 'parked', from: '+74951234567', parties: [], recording: 'off', park: { agent: 'anna', queue: 'sales', slot: 701, until_at: ago(-95) } })
	const A = (a) => agents.map((x) => x.id === 'anna' ? { ...x, ...a } : x)
	return {
	 idle: { agents: A({ work: 'idle' }), contacts: waiting },
	 paused: { agents: A({ work: 'idle', presence: 'not_ready', reason: 'lunch', since_at: ago(1950), reason_over: true }), contacts: [] },
	 missed: { agents: A({ work: 'no_answer' }), contacts: waiting },
	 ringing: { agents: A({ work: 'offered', since_at: ago(4) }), contacts: [ringing, ...waiting] },
	 talking: { agents: A({}), contacts: [talk, parked, ...waiting] },
	 polish: { locale: 'pl', agents: A({}), contacts: [talk, parked, ...waiting] },
	 russian: { locale: 'ru', agents: A({ work: 'idle' }), contacts: waiting },
	 messages: { agents: A({}), contacts: [talk, ...waiting], messages: [{ id: '7', at: ago(300), by: 'helena', to: 'queue', name: 'sales', text: 'Prices of the spring offer are on the first page of the price list.' }, { id: '9', at: ago(20), by: 'helena', to: 'all', text: 'The payment page is down. Please offer a call back.', urgent: true }], see: '[aria-label="2 messages"]', act: async (p) => { await p.getByRole('button', { name: '2 messages' }).click(); await p.waitForTimeout(400) } },
	 help: { agents: A({}), contacts: [talk, ...waiting], act: async (p) => { await p.getByRole('button', { name: 'Help', exact: true }).click(); await p.waitForTimeout(500) } },
	 listened: { agents: A({}), contacts: [base(1, { parties: [me('talking'), { kind: 'supervisor', id: 'helena', state: 'listen', since_at: ago(20) }] }), ...waiting] },
	 muted: { agents: A({}), contacts: [base(1, { parties: [me('talking', { muted: true })], recording: 'paused' }), ...waiting] },
	 held: { agents: A({ work: 'holding', next_presence: 'not_ready' }), contacts: [base(1, { state: 'held', held: true, parties: [me('held', { since_at: ago(31) })] }), ...waiting] },
	 transfer: { agents: A({}), contacts: [talk, ...waiting], act: async (p) => { await p.keyboard.press('t'); await p.waitForTimeout(400); await p.keyboard.press('ArrowDown') } },
	 consult: { agents: A({ work: 'consulting' }), contacts: [base(1, { state: 'held', held: true, parties: [me('held', { since_at: ago(31) }), { kind: 'agent', id: 'clara', state: 'talking', since_at: ago(12) }], consult: { agent: 'anna', target: 'agent', name: 'clara', since_at: ago(31) } }), ...waiting] },
	 conference: { agents: A({ work: 'conferencing' }), contacts: [base(1, { parties: [me('talking', { conference: true }), { kind: 'agent', id: 'clara', state: 'talking', since_at: ago(12), conference: true }, { kind: 'number', id: '+48225554433', state: 'ringing', since_at: ago(5), callee: 2 }] }), ...waiting] },
	 wrapup: { agents: A({ work: 'wrapping', since_at: ago(9) }), contacts: [wrapping, ...waiting] },
	 busyring: { agents: A({}), contacts: [talk, ringing, parked, ...waiting] },
	 palette: { agents: A({}), contacts: [talk, ...waiting], act: async (p) => { await p.keyboard.press('Control+k'); await p.waitForTimeout(500) } },
	 keys: { agents: A({ work: 'idle' }), contacts: waiting, act: async (p) => { await p.keyboard.press('?'); await p.waitForTimeout(500) } },
	 menu: { agents: A({ work: 'idle' }), contacts: waiting, act: async (p) => { await p.keyboard.press('p'); await p.waitForTimeout(400) } },
	 user: { agents: A({ work: 'idle' }), contacts: waiting, act: async (p) => { await p.getByRole('button', { name: 'Anna Nowak: ' }).click(); await p.waitForTimeout(400) } },
	 signin: { out: true },
	 down: { agents: A({}), contacts: [talk], down: true, see: 'button:has-text("Retry")' },
	 ...boardScenes(),
	}
}

const rec = (n, more) => ({ id: uid(200 + n), direction: 'inbound', channel: 'voice', state: 'ended', from: '+4860070080' + n, to: '+48221000000', queue: 'sales', agent: 'anna', arrived_at: ago(900 * n + 300), ended_at: ago(900 * n + 60), segments: [{ kind: 'agent', result: 'completed' }], talk_ms: 90000, outcome: 'order', ...more })
export const TENANT = 'demo'
const T = '/api/v1/tenants/demo'
export const agentUser = { tenant: 'demo', id: 'anna', user: 'anna', name: 'Anna Nowak', roles: ['agent'], permissions: ['contacts:help:own'] }
export const answers = {
 'GET /api/v1/me': agentUser,
 'GET /api/v1/tenants/demo/customers/match': { number: '', items: [], next: null },
 [`GET ${T}/reasons`]: { items: [{ id: 'lunch', name: 'Lunch', max_minutes: 30, warn_minutes: 5 }, { id: 'break', name: 'Short break', max_minutes: 10 }, { id: 'training', name: 'Training', approval: true }, { id: 'admin', name: 'Paperwork' }], next: null },
 [`GET ${T}/outcomes`]: { items: [{ id: 'order', name: 'Order taken' }, { id: 'complaint', name: 'Complaint' }, { id: 'info', name: 'Information given' }, { id: 'callback', name: 'To be called back' }], next: null },
 [`GET ${T}/queues`]: { items: [{ id: 'sales', name: 'Sales' }, { id: 'support', name: 'Technical support', outcome_required: true }], next: null },
 [`GET ${T}/reports/agents`]: { items: [{ agent: 'anna', handled: 23, missed: 1, talk_ms: 6720000, hold_ms: 300000, aht_ms: 305000, occupancy: 0.78, dialled_answered: 4, signed_in_ms: 2 }], next: null },
 [`GET ${T}/contacts`]: (url) => ({ items: [rec(1, {}), rec(2, { direction: 'outbound', from: '+48221000000', to: '+48502111222', talk_ms: 0, segments: [], outcome: null }), rec(3, { segments: [{ kind: 'queue', result: 'callback' }], talk_ms: 0, outcome: null }), rec(4, { outcome: 'complaint', queue: 'billing' }), rec(6, { segments: [{ kind: 'queue', result: 'abandoned' }], talk_ms: 0, outcome: null }), rec(8, {})], next: null }),
 [`GET ${T}/contacts/*`]: (url) => url.pathname.endsWith('/why') ? { items: [{ at: ago(4), seq: 1, queue: 'billing', agent: 'anna', eligible: 3, strategy: 'longest_idle', need: 'billing >= 2', candidates: [{ agent: 'anna', refused: null, idle_ms: 252000, skill: 4 }] }], next: null } : {},
}

/** One scene: its world over the WebSocket, the answers over HTTP, the pages of web/ui/dist. */
export async function stage(page, scene) {
	const told = scene.out ? { 'GET /api/v1/me': { status_: 401 } } : { ...answers, ...scene.answers }
	const keys = Object.keys(told)
	await page.route(`${ORIGIN}/**`, async (route) => {
		const url = new URL(route.request().url())
		const key = `${route.request().method()} ${url.pathname}`
		if (url.pathname.startsWith('/api/')) {
			const hit = told[key] ?? told[keys.find((k) => k.endsWith('*') && key.startsWith(k.slice(0, -1)))]
			if (hit === undefined) return route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"title":"not found","status":404}' })
			const body = typeof hit === 'function' ? hit(url) : hit
			if (body?.stream_) return route.fulfill({ contentType: 'text/event-stream', body: `data: ${JSON.stringify(body.stream_)}\n\n` })
			return route.fulfill({ status: body?.status_ ?? 200, contentType: 'application/json', body: JSON.stringify(body) })
		}
		const file = join(dist, url.pathname)
		const found = extname(url.pathname) && existsSync(file) ? file : join(dist, 'index.html')
		await route.fulfill({ body: readFileSync(found), contentType: TYPES[extname(found)] ?? 'application/octet-stream' })
	})
	let links = 0
	await page.routeWebSocket(/\/api\/v1\/live/, (ws) => {
		if (scene.down && links++ > 0) return ws.close()
		ws.onMessage((m) => {
			const command = JSON.parse(m)
			ws.send(JSON.stringify({ id: command.id, ok: {} }))
			if (command.do === 'board' && command.on && scene.board) ws.send(JSON.stringify({ board: scene.board }))
		})
		const { agents, contacts, alerts, messages, notices } = scene
		ws.send(JSON.stringify({ snapshot: { seq: 10, at: new Date().toISOString(), me: scene.me ?? agentUser, agents, queues: scene.queues ?? queues, contacts, ...(alerts && { alerts }), ...(notices && { notices }), ...(messages && { messages }) } }))
		if (scene.down) setTimeout(() => ws.close(), 300)
	})
}
