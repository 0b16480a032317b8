import { expect, test } from 'vitest'
import { agoText, clockText, spanText } from './time'

test('a running clock', () => {
	expect([0, 7_400, 252_000, 3_723_000, -5].map(clockText)).toEqual(['0:00', '0:07', '4:12', '1:02:03', '0:00'])
})
test('spans in the language of the reader', () => {
	expect(spanText(200_000, 'en')).toBe('3 min 20 sec')
	expect(spanText(45_000, 'pl')).toBe('45 sek.')
	expect(spanText(7_500_000, 'en')).toBe('2 hr 5 min')
})
test('how long ago', () => {
	const now = Date.parse('2026-03-02T12:00:00Z')
	expect(agoText('2026-03-02T11:55:00Z', now, 'en')).toBe('5 minutes ago')
	expect(agoText('2026-03-01T11:55:00Z', now, 'en')).toBe('yesterday')
	expect(agoText('2026-03-02T10:00:00Z', now, 'ru')).toBe('2 часа назад')
})
