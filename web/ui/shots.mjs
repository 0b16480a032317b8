/*
 * shots.mjs - pictures of every page and state: build/screenshots/NAME-WIDTH-light|dark.png (make screenshots).
 *
 * First the real thing: the server (`centrala demo`: callers over real SIP and sound), an agent whose telephone is this
 * browser, and a colleague; they are driven through a call. Then states that are hard to bring about at a wish, by a
 * stand-in for the server (tools/stage.mjs), in all sizes, light and dark, and three languages. Each picture is
 * looked at by axe: what is serious fails the run. Then the pages without a call.
 * Words select: node shots.mjs real | staged | pages | admin | demo | start | languages | NAME… and SIZES='[[390,844]]'
 * SCHEMES=light narrow them; all of it takes half an hour on a quiet machine. A second demo on this machine finds its
 * ports taken: `unshare -n` and `ip link set lo up` give it a network of its own.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { ORIGIN, scenes, stage } from './tools/stage.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const out = join(root, 'build/screenshots')
const CENTRALA = process.env.CENTRALA ?? join(root, 'build/centrala')
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const SIZES = process.env.SIZES ? JSON.parse(process.env.SIZES) : [[1280, 720], [1440, 900], [390, 844]]
const SCHEMES = (process.env.SCHEMES ?? 'light,dark').split(',')
const axe = readFileSync(join(here, 'node_modules/axe-core/axe.min.js'), 'utf8')

const words = process.argv.slice(2)
const wants = (kind, name) => !words.length || words.includes(kind) || words.includes(name)
mkdirSync(out, { recursive: true })

const faults = []
let pictures = 0

async function picture(page, name) {
	await page.screenshot({ path: join(out, `${name}.png`) })
	pictures++
	const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
	if (wide > 1) faults.push(`${name}: ${wide} px wider than the window`)
}

/** What axe finds serious or critical on this page (WCAG 2.2 AA). */
async function accessible(page, name) {
	await page.evaluate(`if (!window.axe) { ${axe} }`)
	const found = await page.evaluate(async () => {
		const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
		return violations
			.filter((v) => v.impact === 'serious' || v.impact === 'critical')
			.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.target} (${n.any[0]?.message ?? n.failureSummary})`).join('; ')}`)
	})
	for (const f of found) faults.push(`${name}: ${f}`)
}

/** fails: the status that a stand-in answers on purpose. */
function watch(page, name, fails = 0) {
	page.on('pageerror', (e) => faults.push(`${name}: ${e.message}`))
	page.on('console', (m) => {
		if (m.type() === 'error' && !/status of 40[014]/.test(m.text()) && !m.text().includes(`status of ${fails} `)) faults.push(`${name}: ${m.text()}`)
	})
}

async function staged(browser) {
	for (const name of Object.keys(scenes())) {
		if (!wants('staged', name)) continue
		for (const [width, height] of SIZES) {
			for (const scheme of SCHEMES) {
				const scene = scenes()[name]
				const locale = scene.locale ?? 'en'
				const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale, permissions: ['microphone'] })
				const page = await context.newPage()
				const shot = `${name}-${width}-${scheme}`
				watch(page, shot, scene.fails)
				await stage(page, scene)
				await page.goto(ORIGIN + (scene.at ?? '/'))
				if (scene.see) await page.locator(scene.see).first().waitFor({ state: 'attached' })
				await page.waitForTimeout(scene.wait ?? 600)
				await scene.act?.(page, width)
				await picture(page, shot)
				if (width !== 1440) await accessible(page, shot)
				await context.close()
			}
		}
	}
}

/* -- the real server -- */

/** command: demo, or serve in an empty folder; said: what it printed until it was ready. */
async function startServer(command = 'demo') {
	const dir = mkdtempSync(join(tmpdir(), 'centrala-shots-'))
	const settings = ['http.listen=127.0.0.1:0', 'sip.listen=127.0.0.1:0'].flatMap((s) => ['--set', s])
	const server = spawn(CENTRALA, [command, '--data', dir, ...settings], { stdio: ['ignore', 'pipe', 'ignore'] })
	let text = ''
	const url = await new Promise((resolve, reject) => {
		server.on('exit', () => reject(new Error(`shots: ${CENTRALA} ended`)))
		server.stdout.on('data', (d) => {
			text += d
			const found = /ready http=(\S+)/.exec(text)
			if (found && (command !== 'demo' || text.includes('Reset '))) resolve(`http://${found[1]}`)
		})
	})
	return { url, said: () => text, stop: () => (server.removeAllListeners('exit'), server.kill('SIGTERM'), setTimeout(() => rmSync(dir, { recursive: true, force: true }), 3000)) }
}

/** Two people of ours to whom every caller of the demo comes. */
async function declare(url) {
	let token = ''
	const api = async (method, path, body) => {
		const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) }
		const once = () => fetch(url + path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null)
		let answer = await once()
		for (let i = 0; i < 10 && (!answer || answer.status >= 503); i++) { // a busy machine
			await new Promise((r) => setTimeout(r, 1000))
			answer = await once()
		}
		if (!answer?.ok) throw new Error(`${method} ${path}: ${answer?.status} ${await answer?.text()}`)
		return answer.json()
	}
	token = (await api('POST', '/api/v1/login', { tenant: 'demo', user: 'ada', password: 'demo-ada' })).token
	const T = '/api/v1/tenants/demo'
	const put = (path, body) => api('PUT', `${T}/${path}`, body)
	await put('reasons/lunch', { name: 'Lunch', max_minutes: 30 })
	await put('reasons/break', { name: 'Short break', max_minutes: 10 })
	for (const [id, name] of [['order', 'Order taken'], ['info', 'Information given'], ['complaint', 'Complaint']]) await put(`outcomes/${id}`, { name })
	for (const q of ['sales', 'billing']) {
		const { kind, tenant, id, version, ...doc } = await api('GET', `${T}/queues/${q}`)
		await put(`queues/${q}`, { ...doc, strategy: 'most_skilled', wrap_s: 60 })
	}
	const agent = (name, level) => ({ name, roles: ['agent'], password: 'maria-and-olek', phone: { kind: 'browser' }, skills: { sales: level, billing: level }, queues: ['sales', 'billing'] })
	await api('POST', `${T}/customers`, { name: 'Katarzyna Żółkiewska', language: 'pl', tags: ['regular'], numbers: [{ number: '+48601000001' }] })
	for (const [name, number, more] of [
		['Иван Ёлкин', '+74951234567', { language: 'ru', tags: ['vip'] }],
		['Karol Groß', '+493012345678', { language: 'de', emails: [{ address: 'karol.gross@example.com' }] }],
		['Katarzyna Zolkiewska', '+48601000001', { language: 'pl' }],
		['Nova Telecom', '+48221234500', { kind: 'company', tags: ['partner'] }],
	]) await api('POST', `${T}/customers`, { name, numbers: [{ number, label: 'work' }], ...more })
	await put('users/maria', agent('Maria Wiśniewska', 100))
	await put('users/olek', agent('Olek Zając', 99))
	return put
}

async function signIn(page, url, user, password = 'maria-and-olek') {
	await page.goto(url)
	await page.locator('input[name=organization]').fill('demo')
	await page.locator('input[name=username]').fill(user)
	await page.locator('input[name=password]').fill(password)
	await page.keyboard.press('Enter')
	await page.getByRole('banner').waitFor()
}

/** First the pages, then their server: nobody complains that it has gone. */
async function over(browser, server) {
	await Promise.all(browser.contexts().map((context) => context.close()))
	server.stop()
}

async function real(browser) {
	if (!wants('real', 'real')) return
	if (!existsSync(CENTRALA)) throw new Error(`shots: no ${CENTRALA}; run make`)
	const server = await startServer()
	try {
		await declare(server.url)
		const context = () => browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['microphone'], locale: 'en' })
		const page = await (await context()).newPage()
		const other = await (await context()).newPage()
		watch(page, 'real')
		await page.goto(server.url)
		await page.locator('input[name=password]').waitFor()
		await picture(page, 'real-1-sign-in')
		await signIn(page, server.url, 'maria')
		await page.waitForTimeout(800)
		await picture(page, 'real-2-signed-out')
		await page.getByRole('button', { name: 'Go ready' }).click()
		await page.getByRole('button', { name: 'Accept' }).waitFor({ timeout: 90_000 })
		await page.waitForTimeout(500)
		await picture(page, 'real-3-ringing')
		await page.keyboard.press('a')
		await page.getByRole('button', { name: 'Hang up' }).waitFor()
		await signIn(other, server.url, 'olek')
		await other.getByRole('button', { name: 'Go ready' }).click()
		await page.waitForTimeout(2500)
		await picture(page, 'real-4-talking')
		await page.keyboard.press('m')
		await page.waitForTimeout(700)
		await picture(page, 'real-5-muted')
		await page.keyboard.press('m')
		await page.keyboard.press('t')
		await page.waitForTimeout(500)
		await page.keyboard.type('olek')
		await page.waitForTimeout(300)
		await picture(page, 'real-6-transfer')
		await page.keyboard.press('Enter')
		await page.waitForTimeout(900)
		await picture(page, 'real-7-asking')
		await picture(other, 'real-8-asked')
		await page.getByRole('button', { name: 'Cancel' }).click().catch(() => {})
		await page.waitForTimeout(700)
		await page.keyboard.press('x')
		await page.keyboard.press('x')
		await page.waitForTimeout(900)
		await picture(page, 'real-9-wrap-up')
	} finally {
		await over(browser, server)
	}
}

/** Pages without a call, as an administrator sees them, in all sizes, light and dark. */
async function pages(browser) {
	if (words.length && !words.includes('pages') && !words.some((w) => /^(reports|agents|contacts?|nothing|report-.*)$/.test(w))) return
	const server = await startServer()
	try {
		await declare(server.url)
		const context = await browser.newContext({ locale: 'en' })
		const page = await context.newPage()
		watch(page, 'page')
		await signIn(page, server.url, 'ada', 'demo-ada')
		const found = await page.evaluate(async () => (await fetch('/api/v1/tenants/demo/customers?q=zolkiewska')).json())
		const visits = {
			customers: ['/customers'],
			search: ['/customers', async () => page.getByRole('searchbox').first().fill('zolk')],
			record: [`/customers/${found.items[0].id}`],
			duplicates: ['/customers/duplicates'],
			import: ['/customers/import', async () => {
				const file = 'Nazwisko;Telefon;E-mail\nŻółć;601 222 333;z@example.com\nŁęcka;22 555 44 33;\n'
				await page.locator('input[type=file]').setInputFiles({ name: 'klienci.csv', mimeType: 'text/csv', buffer: Buffer.from(file) })
				await page.waitForTimeout(1200)
			}],
			flows: ['/flows'],
			flow: ['/flows/main', async () => page.keyboard.press('F9')],
			account: ['/account'],
			reports: ['/reports/queues?period=last_30_days&compare=previous_period'],
			agents: ['/reports/agents?interval=3600'],
			'report-contacts': ['/reports/contacts?period=last_30_days&split=hour&compare=previous_period'],
			'report-outcomes': ['/reports/contacts?period=last_7_days&direction=inbound', async () => page.getByRole('button', { name: 'Filter', exact: true }).click()],
			'report-formula': ['/reports/queues?period=last_30_days', async () => page.locator('[class*=term]').nth(1).focus()],
			'report-save': ['/reports/contacts?period=last_30_days&split=weekday', async () => {
				await page.getByRole('button', { name: 'Save', exact: true }).click()
				await page.getByRole('menuitem', { name: /e-mail/ }).click()
			}],
			nothing: ['/reports/queues?from=2020-01-01&to=2020-01-02'],
			contacts: ['/contacts'],
			contact: ['/contacts', async () => {
				await page.locator('a[data-open]').last().click({ timeout: 20_000 })
				await page.waitForTimeout(900)
			}],
		}
		for (const [name, [path, act]] of Object.entries(visits).filter(([name]) => wants('pages', name)))
			for (const [width, height] of SIZES)
				for (const scheme of SCHEMES) {
					await page.setViewportSize({ width, height })
					await page.emulateMedia({ colorScheme: scheme })
					await page.goto(server.url + path)
					await page.waitForTimeout(700)
					await act?.()
					await page.waitForTimeout(500)
					const shot = `page-${name}-${width}-${scheme}`
					await picture(page, shot)
					if (width !== 1440) await accessible(page, shot)
				}
	} finally {
		await over(browser, server)
	}
}

/** The language is the person's, whatever this browser's is. */
async function speak(page, language) {
	const answer = await page.evaluate(async (l) => (await fetch('/api/v1/me/settings', { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ language: l }) })).status, language)
	if (answer >= 300) throw new Error(`shots: settings: ${answer}`)
}

/** Everything in a list of visits, in all sizes, light and dark. */
async function visitAll(page, url, kind, visits, { sizes = SIZES, schemes = SCHEMES } = {}) {
	for (const [name, [path, act]] of Object.entries(visits))
		for (const [width, height] of sizes)
			for (const scheme of schemes) {
				const shot = `${kind}-${name}-${width}-${scheme}`
				await page.setViewportSize({ width, height })
				await page.emulateMedia({ colorScheme: scheme })
				await page.goto('about:blank') // what differs behind the # alone is no new page
				await page.goto(url + path)
				await page.waitForTimeout(900)
				await page.locator('[role=status][data-tone]').first().waitFor({ state: 'hidden', timeout: 8000 }).catch(() => {})
				await act?.(page).catch((e) => faults.push(`${shot}: ${e.message.split('\n')[0]}`))
				await page.waitForTimeout(300)
				await picture(page, shot)
				if (width !== 1440) await accessible(page, shot)
			}
}

/** The demo's doors, and what its bar and steps do to the pages. */
async function demo(browser) {
	if (!wants('demo', 'demo')) return
	const server = await startServer()
	try {
		const key = /\/demo#(\S+)/.exec(server.said())[1]
		for (const locale of ['en', 'pl', 'ru']) {
			const context = await browser.newContext({ locale, permissions: ['microphone'] })
			const page = await context.newPage()
			const kind = locale === 'en' ? 'demo' : `demo-${locale}`
			const some = locale === 'en' ? {} : { sizes: SIZES.filter(([w]) => w !== 1440), schemes: ['light'] }
			watch(page, kind)
			await visitAll(page, server.url, kind, { landing: [`/demo#${key}`], 'no-key': ['/demo'], used: ['/demo/agent?here#0'] }, some)
			for (const [door, path] of [['agent', '/'], ['super', '/board'], ['admin', '/flows/main']]) {
				await context.clearCookies()
				await page.goto('about:blank')
				await page.goto(`${server.url}/demo/${door}?here#${key}`)
				await page.getByRole('banner').waitFor()
				await speak(page, locale)
				await page.waitForTimeout(2000)
				await visitAll(page, server.url, kind, { [door]: [path] }, some)
			}
			await context.close()
		}
	} finally {
		await over(browser, server)
	}
}

/** From an empty folder: the first page, and the wizard filled in. */
async function start(browser) {
	if (!wants('start', 'start')) return
	const server = await startServer('serve')
	const locales = ['en', 'pl', 'ru']
	const some = (locale) => (locale === 'en' ? {} : { sizes: SIZES.filter(([w]) => w !== 1440), schemes: ['light'] })
	const kind = (locale) => (locale === 'en' ? 'start' : `start-${locale}`)
	try {
		for (const locale of locales) {
			const page = await (await browser.newContext({ locale })).newPage()
			watch(page, kind(locale))
			await visitAll(page, server.url, kind(locale), { first: ['/'] }, some(locale))
		}
		const made = await fetch(`${server.url}/api/v1/setup`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"password":"a root of all passwords","name":"Jola Żuk"}' })
		if (!made.ok) throw new Error(`shots: setup: ${made.status}`)
		for (const locale of locales) {
			const page = await (await browser.newContext({ locale })).newPage()
			watch(page, kind(locale))
			await page.goto(server.url)
			await page.locator('input[name=organization]').fill('system')
			await page.locator('input[name=username]').fill('admin')
			await page.locator('input[name=password]').fill('a root of all passwords')
			await page.keyboard.press('Enter')
			await page.getByRole('banner').waitFor()
			await speak(page, locale)
			const missing = async (p) => p.locator('form button[type=submit]').click()
			await visitAll(page, server.url, kind(locale), { 'firm-missing': ['/start/firm', missing] }, some(locale))
			await page.evaluate(() => {
				const kept = JSON.parse(sessionStorage.getItem('centrala.start') ?? '{}')
				kept.firm = { ...kept.firm, name: 'Żółw i Spółka', id: 'zolw', country: 'PL', time_zone: 'Europe/Warsaw', locale: 'pl' }
				kept.line = { kind: 'register', server: 'sip.example.net', user: '48221000001', password: '', number: '+48 22 100 00 01' }
				kept.people = [{ name: 'Jola Żuk', id: 'jola', password: '', supervises: true }, { name: 'Иван Ёлкин', id: 'ivan', password: '', supervises: false }]
				sessionStorage.setItem('centrala.start', JSON.stringify(kept))
			})
			const steps = Object.fromEntries(['firm', 'line', 'hours', 'greeting', 'queue', 'people', 'test'].map((s) => [s, [`/start/${s}`]]))
			await visitAll(page, server.url, kind(locale), steps, some(locale))
		}
	} finally {
		await over(browser, server)
	}
}

/** The main pages in Polish and Russian, where words are longest. */
async function languages(browser) {
	if (!wants('languages', 'languages')) return
	const server = await startServer()
	const visits = {
		board: ['/board'],
		desk: ['/'],
		customers: ['/customers'],
		reports: ['/reports/queues?period=last_30_days&compare=previous_period'],
		'reports-agents': ['/reports/agents'],
		'reports-flows': ['/reports/flows'],
		contacts: ['/contacts'],
		contact: ['/contacts', async (p) => {
			await p.locator('a[data-open]').last().click({ timeout: 20_000 })
			await p.waitForTimeout(900)
		}],
		flow: ['/flows/main'],
		account: ['/account'],
		admin: ['/admin'],
		queues: ['/admin/queues'],
		queue: ['/admin/queues/sales'],
		person: ['/admin/users/anna'],
		hours: ['/admin/hours/billing'],
		trunk: ['/admin/trunks/carrier'],
		number: ['/admin/numbers/+48221000000'],
		audit: ['/admin/audit'],
		backup: ['/admin/backup'],
		tokens: ['/admin/tokens'],
		matrix: ['/admin/matrix'],
		recordings: ['/admin/recordings'],
	}
	try {
		for (const locale of ['pl', 'ru']) {
			const page = await (await browser.newContext({ locale })).newPage()
			watch(page, locale)
			await signIn(page, server.url, 'ada', 'demo-ada')
			await speak(page, locale)
			await page.evaluate(() => localStorage.setItem('centrala.demo.steps', '{"done":[],"shown":false}'))
			await visitAll(page, server.url, locale, visits, { sizes: SIZES.filter(([w]) => w !== 1440), schemes: ['light'] })
		}
	} finally {
		await over(browser, server)
	}
}

/** Administration, of a firm with a bit of everything; the words after `admin` in its names select pages. */
async function admin(browser) {
	const visits = {
		home: ['/admin'],
		queues: ['/admin/queues'],
		queue: ['/admin/queues/sales'],
		'queue-advanced': ['/admin/queues/sales?tab=advanced'],
		'queue-agents': ['/admin/queues/sales?tab=agents'],
		'queue-history': ['/admin/queues/sales?tab=history', async (p) => p.getByRole('button', { name: /change/ }).first().click()],
		'queue-used': ['/admin/queues/sales?tab=used'],
		'queue-mistake': ['/admin/queues/sales', async (p) => {
			await p.getByLabel('Name', { exact: false }).first().fill('')
			await p.getByLabel('Step 1: needs').fill('nobody > 5')
			await p.getByRole('button', { name: 'Save' }).click()
		}],
		'queue-call': ['/admin/queues/sales', async (p) => p.getByRole('button', { name: 'Show as API call' }).click()],
		people: ['/admin/users'],
		person: ['/admin/users/maria'],
		access: ['/admin/users/ada?tab=access'],
		matrix: ['/admin/matrix'],
		roles: ['/admin/roles'],
		hours: ['/admin/hours/office'],
		'hours-now': ['/admin/hours/office?tab=preview'],
		trunk: ['/admin/trunks/carrier'],
		'trunk-live': ['/admin/trunks/carrier?tab=live'],
		'trunk-tested': ['/admin/trunks/carrier?tab=live', async (p) => {
			await p.getByRole('button', { name: 'Test now' }).click()
			await p.waitForTimeout(6000)
		}],
		alerts: ['/admin/alerts'],
		'new-alert': ['/admin/alerts/new'],
		'test-skill': ['/admin/skills/sales?tab=test'],
		'test-reason': ['/admin/reasons/break?tab=test'],
		'test-prompt': ['/admin/prompts/welcome?tab=test'],
		'test-firm': ['/admin/tenant?tab=test'],
		'test-field': ['/admin/fields/plan?tab=test'],
		'test-report': ['/admin/saved_reports/today?tab=test'],
		wallboards: ['/admin/wallboards'],
		wallboard: ['/admin/wallboards/floor'],
		'new-token': ['/admin/tokens', async (p) => {
			await p.getByRole('button', { name: 'New token' }).click()
			await p.waitForTimeout(400)
		}],
		prompt: ['/admin/prompts/welcome'],
		'new-number': ['/admin/numbers/new'],
		firm: ['/admin/tenant?tab=advanced'],
		audit: ['/admin/audit', async (p) => p.getByRole('button', { name: 'Details' }).first().click()],
		sessions: ['/admin/sessions'],
		sitefile: ['/admin/sitefile'],
		recordings: ['/admin/recordings'],
		backup: ['/admin/backup'],
		tokens: ['/admin/tokens'],
		numbers: ['/admin/numbers'],
		number: ['/admin/numbers/+48221000000'],
		json: ['/admin/queues/sales?tab=json'],
		api: ['/admin/api'],
		reference: ['/api/docs'],
	}
	const chosen = Object.keys(visits).filter((name) => wants('admin', `admin-${name}`))
	if (!chosen.length) return
	const server = await startServer()
	try {
		const put = await declare(server.url)
		await put('skills/english', { name: 'English' })
		await put('skills/billing', { name: 'Billing and invoices' })
		await put('skills/sales', { name: 'Sales' })
		await put('hours/office', { weekly: Object.fromEntries(['mon', 'tue', 'wed', 'thu', 'fri'].map((d) => [d, ['08:00-12:00', '12:30-18:00']])), special: { '2026-12-24': ['08:00-13:00'], '2026-12-25': [], '2026-12-26': [] } })
		await put('trunks/carrier', { peers: ['192.0.2.10', 'sip.example.net:5061'], codecs: ['PCMA', 'opus'], register: { server: '127.0.0.1:9', user: 'nova', password: 'secret' }, prefixes: ['+48'], rates: [{ prefix: '+48', per_minute: 0.05 }] })
		await put('prompts/welcome', { text: { en: 'Welcome to Nova Telecom.', pl: 'Witamy w Nova Telecom.', ru: 'Здравствуйте, это Нова Телеком.' } })
		const sales = { name: 'Sales', strategy: 'most_skilled', wrap_s: 30, skills: [{ need: 'sales >= 5' }, { after_s: 60, need: 'sales > 0 || english >= 3' }] }
		await put('queues/sales', sales)
		await put('reasons/break', { name: 'Break', paid: true, max_minutes: 15 })
		await put('fields/plan', { type: 'choice', label: { en: 'Plan', pl: 'Taryfa', ru: 'Тариф' }, choices: [{ id: 'home', label: { en: 'Home', pl: 'Dom', ru: 'Дом' } }, { id: 'firm', label: { en: 'Business', pl: 'Firma', ru: 'Бизнес' } }] })
		await put('saved_reports/today', { name: 'Today', report: 'queues', query: { period: 'today', interval_s: 0 }, shared: true })
		await put('queues/sales', { ...sales, wrap_s: 60, max_waiting: 20, announce: { every_s: 60, position: true }, music: 'default' })
		const context = await browser.newContext({ locale: process.env.LOCALE ?? 'en' })
		const page = await context.newPage()
		watch(page, 'admin')
		await signIn(page, server.url, 'ada', 'demo-ada')
		for (const name of chosen)
			for (const [width, height] of SIZES)
				for (const scheme of SCHEMES) {
					const [path, act] = visits[name]
					const shot = `admin-${name}-${width}-${scheme}`
					await page.setViewportSize({ width, height })
					await page.emulateMedia({ colorScheme: scheme })
					await page.goto(server.url + path)
					await page.waitForTimeout(700)
					await act?.(page).catch((e) => faults.push(`${shot}: ${e.message.split('\n')[0]}`))
					await page.waitForTimeout(400)
					await picture(page, shot)
					if (width !== 1440) await accessible(page, shot)
					page.removeAllListeners('dialog')
					page.on('dialog', (d) => void d.accept().catch(() => {}))
				}
	} finally {
		await over(browser, server)
	}
}

const browser = await chromium.launch({
	executablePath: CHROMIUM,
	args: ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', `--unsafely-treat-insecure-origin-as-secure=${ORIGIN}`],
})
try {
	await staged(browser)
	await real(browser)
	await pages(browser)
	await admin(browser)
	await demo(browser)
	await start(browser)
	await languages(browser)
} finally {
	await browser.close()
}
console.log(`${pictures} pictures in build/screenshots`)
for (const fault of new Set(faults)) console.log(`  ${fault}`)
process.exit(faults.length ? 1 : 0)
