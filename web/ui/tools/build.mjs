/*
 * build.mjs - the pages, ready to be served: types, vite, pre-compressed siblings, and the budget of
 * the first load (dependencies.md 2.2): beyond it the build fails. --list: every file with its size.
 */
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const FIRST_LOAD_MAX = 270_000 // bytes of gzipped JavaScript before the first useful screen
const COMPRESSED = new Set(['.js', '.css', '.html', '.svg', '.json', '.txt'])

const ui = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(ui, 'dist')

await import('./generate.mjs')
await build({ root: ui, logLevel: 'warn' })

// what index.html loads: its script and everything that is imported statically from it
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
rmSync(join(dist, '.vite'), { recursive: true })
const first = new Set()
function load(key) {
	if (first.has(manifest[key].file)) return
	first.add(manifest[key].file)
	for (const below of manifest[key].imports ?? []) load(below)
}
load('index.html')
// the desk is what an agent signs in to: its lazy chunk is part of the first useful screen
for (const key of Object.keys(manifest)) if (/^src\/(desk|phone)\/[^/]*\.tsx?$/.test(key)) load(key)

const kB = (n) => `${(n / 1000).toFixed(1)} kB`
let firstBytes = 0
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
	if (!entry.isFile()) continue
	const path = join(entry.parentPath ?? entry.path, entry.name)
	const name = path.slice(dist.length + 1)
	if (!COMPRESSED.has(extname(name))) continue
	const plain = readFileSync(path)
	const gzip = gzipSync(plain, { level: 9 })
	const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }
	const brotli = brotliCompressSync(plain, options)
	if (gzip.length < plain.length) writeFileSync(`${path}.gz`, gzip)
	if (brotli.length < plain.length) writeFileSync(`${path}.br`, brotli)
	if (first.has(name) && name.endsWith('.js')) firstBytes += gzip.length
	if (process.argv.includes('--list') && /\.(js|css)$/.test(name))
		console.log(`  ${name.padEnd(44)} ${kB(plain.length).padStart(10)}  gzip ${kB(gzip.length)}${first.has(name) ? '  first load' : ''}`)
}
console.log(`first load: ${kB(firstBytes)} of gzipped JavaScript, at most ${kB(FIRST_LOAD_MAX)}`)
if (firstBytes > FIRST_LOAD_MAX) {
	console.error('build.mjs: the first load is over its budget')
	process.exit(1)
}
utimesSync(join(dist, 'index.html'), new Date(), new Date()) // make looks at this one
