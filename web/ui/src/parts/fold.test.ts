import { expect, test } from 'vitest'
import { fold } from './fold'
import { initials } from './initials'

test('found as it is typed', () => {
	expect(fold('Żółć')).toBe('zolc')
	expect(fold('Ёлка')).toBe('елка')
	expect(fold('Straße')).toBe('strasse')
})
test('initials', () => {
	expect(initials('Anna Maria Nowak')).toBe('AN')
	expect(initials('Борис')).toBe('Б')
	expect(initials('')).toBe('')
	expect(initials('<script>')).toBe('')
})
