import { expect, test } from 'vitest'
import { looksDialled, numberText } from './number'

test('numbers are grouped, digits stay', () => {
	expect(numberText('+48221234567')).toBe('+48 221 234 567')
	expect(numberText('+74232201234')).toBe('+7 423 220 12 34')
	expect(numberText('112')).toBe('112')
	expect(numberText('anna')).toBe('anna')
	expect(numberText('+48221234567').replace(/ /g, '')).toBe('+48221234567')
})
test('what may be dialled', () => {
	for (const good of ['600 700 800', '+48 (22) 123-45-67', '*8701', '#31#600700800', '12']) expect(looksDialled(good), good).toBe(true)
	for (const bad of ['', '+', 'anna', '<b>', '1']) expect(looksDialled(bad), bad).toBe(false)
})
