import { expect, test } from 'vitest'
import { isPast, targetText, valueText } from './measures'

test('shares are percent, waits are clocks, the rest are counts, what nobody knows is a dash', () => {
	expect(valueText('sl', 0.836, 'en')).toBe('84%')
	expect(valueText('longest_wait', 101_000, 'en')).toBe('1:41')
	expect(valueText('expected_15min', 0.4, 'en')).toBe('<1')
	expect(valueText('offered', 1312, 'en')).toBe('1,312')
	expect(valueText('asa', null, 'en')).toBe('—')
	expect([targetText('sl', 80, 'en'), targetText('longest_wait', 90, 'en'), targetText('waiting', 5, 'en')]).toEqual(['80%', '1:30', '5'])
})
test('of some figures more is better, of others less', () => {
	expect(isPast({ measure: 'sl', target: 80 }, 0.79)).toBe(true)
	expect(isPast({ measure: 'sl', target: 80 }, 0.8)).toBe(false)
	expect(isPast({ measure: 'longest_wait', target: 60 }, 60_001)).toBe(true)
	expect(isPast({ measure: 'abandon_rate', target: 5 }, 0.06)).toBe(true)
	expect(isPast({ measure: 'ready', target: 3 }, 2)).toBe(true)
	expect(isPast({ measure: 'waiting' }, 99)).toBe(false)
	expect(isPast({ measure: 'sl', target: 80 }, null)).toBe(false)
})
