/*
 * stage.mjs - a stand-in for the server, for pictures of states that are hard to bring about and for looking at the
 * pages without one: it serves web/ui/dist to a browser page and speaks the desk's WebSocket from a given world.
 * Nothing here is a test of the server; shots.mjs drives the real one for what it can do.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = join(dirname(fileURLToPath(import.meta.url)), '../dist')
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' }
export const ORIGIN = 'http://desk.test'

/** answers: { 'GET /api/v1/me': body or (url) => body }; live: (socket) => void */
export async function stage(page, answers, live) {
	await page.route(`${ORIGIN}/**`, async (route) => {
		const url = new URL(route.request().url())
		const key = `${route.request().method()} ${url.pathname}`
		if (url.pathname.startsWith('/api/')) {
			const hit = answers[key] ?? answers[Object.keys(answers).find((k) => k.endsWith('*') && key.startsWith(k.slice(0, -1)))]
			if (hit === undefined) return route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"title":"not found","status":404}' })
			const body = typeof hit === 'function' ? hit(url) : hit
			return route.fulfill({ status: body?.status_ ?? 200, contentType: 'application/json', body: JSON.stringify(body) })
		}
		const file = join(dist, url.pathname)
		const found = extname(url.pathname) && existsSync(file) ? file : join(dist, 'index.html')
		await route.fulfill({ body: readFileSync(found), contentType: TYPES[extname(found)] ?? 'application/octet-stream' })
	})
	await page.routeWebSocket(/\/api\/v1\/live/, live)
}
