import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { countries } from './country'

test('the pages offer the countries that the server takes', () => {
	const source = readFileSync(new URL('../../../../core/country.c', import.meta.url), 'utf8')
	const table = /static const char known\[\] =([^;]*);/.exec(source)?.[1] ?? ''
	const server = [...table.matchAll(/\b[A-Z]{2}\b/g)].map((m) => m[0])
	expect(server).toHaveLength(250)
	expect(countries('pl').map((c) => c.value).sort()).toEqual(server.sort())
})

test('by name, in the language of the page', () => {
	const pl = countries('pl')
	expect(pl.find((c) => c.value === 'PL')?.label).toBe('Polska (PL)')
	expect(countries('ru').find((c) => c.value === 'PL')?.label).toBe('Польша (PL)')
	const at = (code: string) => pl.findIndex((c) => c.value === code)
	expect(at('PL')).toBeLessThan(at('ZW')) // Zimbabwe
	expect(at('CZ')).toBeLessThan(at('PL')) // Czechy
})

test('what is declared stays visible', () => {
	expect(countries('en', 'UK').at(-1)).toEqual({ value: 'UK', label: 'UK' })
	expect(countries('en', 'GB')).toHaveLength(250)
})
