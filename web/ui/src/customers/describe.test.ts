import { describe, expect, test } from 'vitest'
import { changed, fieldName, languageName, localTime, mayNotBeCalled, placeText, roleLine, textOf } from './describe'
import type { Customer } from './types'

const anna: Customer = {
	id: 'c1', tenant: 'nova', version: 3, kind: 'person', name: 'Żaneta Żółć', company_name: 'Nova', position: 'Zakupy',
	created_at: '', created_by: '', updated_at: '', updated_by: '',
}

describe('a customer in words', () => {
	test('the line under the name', () => {
		expect(roleLine(anna)).toBe('Zakupy · Nova')
		expect(roleLine({ ...anna, position: undefined })).toBe('Nova')
	})
	test('an address, of what is known', () => {
		expect(placeText({ street: 'Prosta 1', postal_code: '00-001', city: 'Warszawa', country: 'PL' })).toBe(
			'Prosta 1, 00-001 Warszawa, PL',
		)
		expect(placeText({ city: 'Łódź' })).toBe('Łódź')
	})
	test('his time of day is his zone’s', () => {
		const noon = Date.UTC(2026, 5, 1, 12, 0)
		expect(localTime('Asia/Vladivostok', noon, 'en-GB')).toContain('22:00')
		expect(localTime('Mars/Olympus', noon, 'en')).toBe('')
		expect(localTime(undefined, noon, 'en')).toBe('')
	})
	test('languages by name, what is none as it stands', () => {
		expect(languageName('pl', 'en')).toBe('Polish')
		expect(languageName('ru', 'pl')).toBe('Rosyjski')
		expect(languageName('%%', 'en')).toBe('%%')
	})
	test('one text, or one a language', () => {
		expect(textOf('Segment', 'pl')).toBe('Segment')
		expect(textOf({ en: 'Tier', pl: 'Poziom' }, 'pl')).toBe('Poziom')
		expect(textOf({ en: 'Tier' }, 'ru')).toBe('Tier')
		expect(fieldName({ id: 'tier', type: 'text' }, 'en')).toBe('tier')
	})
	test('may not be called, until it is over', () => {
		const c = { ...anna, preferences: { do_not_call: [{ reason: 'asked' }, { reason: 'holiday', until: '2026-01-01' }] } }
		expect(mayNotBeCalled(c, Date.UTC(2026, 5, 1)).map((d) => d.reason)).toEqual(['asked'])
	})
	test('what a change changed, stamps aside', () => {
		const before = { ...anna, tags: ['vip'] }
		const after = { ...anna, version: 4, updated_by: 'x', tags: ['vip', 'gold'], language: 'pl' }
		expect(changed({ customer: 'c1', at: '', by: '', op: 'updated', version: 4, before, after }).sort()).toEqual([
			'language', 'tags',
		])
		expect(changed({ customer: 'c1', at: '', by: '', op: 'created', version: 1, before: null, after: { name: 'A' } as Customer })).toEqual(['name'])
	})
})
