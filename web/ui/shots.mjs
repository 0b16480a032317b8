/*
 * shots.mjs - pictures of every page and state: build/screenshots/NAME-WIDTH-light|dark.png (make screenshots).
 *
 * First the real thing: the server (`centrala demo`: callers over real SIP and sound), an agent whose telephone is this
 * browser, and a colleague; they are driven through a call. Then states that are hard to bring about at a wish, by a
 * stand-in for the server (tools/stage.mjs), in all sizes, light and dark, and three languages. Each picture is
 * looked at by axe: what is serious fails the run. Then the pages without a call.
 * Words select: node shots.mjs real | staged | pages | NAME…
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
const SIZES = [[1280, 720], [1440, 900], [390, 844]]
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

function watch(page, name) {
	page.on('pageerror', (e) => faults.push(`${name}: ${e.message}`))
	page.on('console', (m) => {
		if (m.type() === 'error' && !/status of 40[14]/.test(m.text())) faults.push(`${name}: ${m.text()}`)
	})
}

async function staged(browser) {
	for (const name of Object.keys(scenes())) {
		if (!wants('staged', name)) continue
		for (const [width, height] of SIZES) {
			for (const scheme of ['light', 'dark']) {
				const scene = scenes()[name]
				const locale = scene.locale ?? 'en'
				const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, locale, permissions: ['microphone'] })
				const page = await context.newPage()
				const shot = `${name}-${width}-${scheme}`
				watch(page, shot)
				await stage(page, scene)
				await page.goto(ORIGIN + (scene.at ?? '/'))
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

async function startServer() {
	const dir = mkdtempSync(join(tmpdir(), 'centrala-shots-'))
	const settings = ['http.listen=127.0.0.1:0', 'sip.listen=127.0.0.1:0'].flatMap((s) => ['--set', s])
	const server = spawn(CENTRALA, ['demo', '--data', dir, ...settings], { stdio: ['ignore', 'pipe', 'ignore'] })
	const url = await new Promise((resolve, reject) => {
		let text = ''
		server.on('exit', () => reject(new Error(`shots: ${CENTRALA} ended`)))
		server.stdout.on('data', (d) => {
			text += d
			const found = /ready http=(\S+)/.exec(text)
			if (found) resolve(`http://${found[1]}`)
		})
	})
	return { url, stop: () => (server.removeAllListeners('exit'), server.kill('SIGTERM'), setTimeout(() => rmSync(dir, { recursive: true, force: true }), 3000)) }
}

/** Two people of ours to whom every caller of the demo comes. */
async function declare(url) {
	let token = ''
	const api = async (method, path, body) => {
		const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) }
		const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
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
}

async function signIn(page, url, user, password = 'maria-and-olek') {
	await page.goto(url)
	await page.locator('input[name=organization]').fill('demo')
	await page.locator('input[name=username]').fill(user)
	await page.locator('input[name=password]').fill(password)
	await page.keyboard.press('Enter')
	await page.getByRole('banner').waitFor()
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
		server.stop()
	}
}

/** Pages without a call, as an administrator sees them, in all sizes, light and dark. */
async function pages(browser) {
	if (!wants('pages', 'pages')) return
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
			account: ['/account'],
		}
		for (const [name, [path, act]] of Object.entries(visits))
			for (const [width, height] of SIZES)
				for (const scheme of ['light', 'dark']) {
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
		server.stop()
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
} finally {
	await browser.close()
}
console.log(`${pictures} pictures in build/screenshots`)
for (const fault of new Set(faults)) console.log(`  ${fault}`)
process.exit(faults.length ? 1 : 0)
