import { expect, test } from 'vitest'
import { changeText, figureText, timeText } from './figure'

test('no data is a dash, never a number', () => {
	for (const kind of ['count', 'ms', 'ratio', 'number'] as const) {
		expect(figureText(null, kind, 'en')).toBe('—')
		expect(figureText(undefined, kind, 'en')).toBe('—')
		expect(figureText(Number.NaN, kind, 'en')).toBe('—')
	}
	expect(figureText(0, 'ratio', 'en')).toBe('0%')
	expect(figureText(0, 'ms', 'en')).toBe('0s')
})
test('numbers in the language of the reader', () => {
	expect(figureText(0.375, 'ratio', 'en')).toBe('37.5%')
	expect(figureText(0.375, 'ratio', 'pl').replace(/\s/g, ' ')).toBe('37,5%')
	expect(figureText(1234567, 'count', 'ru').replace(/\s/g, ' ')).toBe('1 234 567')
	expect(figureText(0.001321, 'number', 'en')).toBe('0.001')
})
test('times are as exact as they matter', () => {
	expect([4125, 23_400, 185_000, 8_045_000, 40].map((ms) => timeText(ms, 'en'))).toEqual(['4.1s', '23s', '3:05', '2:14:05', '0.1s'])
})
test('changes: percent of counts, points of ratios, nothing of nothing', () => {
	expect(changeText(110, 100, 'count', 'en')).toEqual({ text: '+10%', sign: 1 })
	expect(changeText(0.84, 0.8, 'ratio', 'en')).toEqual({ text: '+4', sign: 1 })
	expect(changeText(5, 0, 'count', 'en')).toBeNull()
	expect(changeText(null, 3, 'ms', 'en')).toBeNull()
	expect(changeText(0, 0, 'count', 'en')?.sign).toBe(0)
})
