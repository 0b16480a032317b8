/*
 * test.mjs - types, vitest; the last line is `N passed, N failed, N skipped` as of every test program here.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ui = join(dirname(fileURLToPath(import.meta.url)), '..')
await import('./generate.mjs')

const sums = { passed: 0, failed: 0, skipped: 0 }
const bin = (name) => join(ui, 'node_modules/.bin', name)

const types = spawnSync(bin('tsc'), ['--noEmit'], { cwd: ui, encoding: 'utf8' })
if (types.status === 0) sums.passed++
else {
	sums.failed++
	console.log(`types:\n${types.stdout}${types.stderr}`)
}

const report = join(mkdtempSync(join(tmpdir(), 'centrala-ui-')), 'report.json')
const words = ['run', '--reporter=default', '--reporter=json', `--outputFile=${report}`]
const tests = spawnSync(bin('vitest'), words, { cwd: ui, encoding: 'utf8' })
try {
	const told = JSON.parse(readFileSync(report, 'utf8'))
	sums.passed += told.numPassedTests
	sums.failed += told.numFailedTests
	sums.skipped += told.numPendingTests + told.numTodoTests
} catch {
	sums.failed++ // it died before it could tell
}
if (tests.status !== 0) {
	console.log(tests.stdout + tests.stderr)
	if (!sums.failed) sums.failed = 1
}
console.log(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`)
process.exit(sums.failed ? 1 : 0)
