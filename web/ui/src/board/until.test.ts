import { expect, test } from 'vitest'
import { untilOf } from './until'

const noon = new Date(2026, 10, 22, 12, 0).getTime()
const at = (day: number, h: number, m = 0) => ({ until_at: new Date(2026, 10, day, h, m).toISOString() })

test('for good, for a while, until a time of day', () => {
	expect(untilOf('', noon)).toEqual({})
	expect(untilOf('30', noon)).toEqual(at(22, 12, 30))
	expect(untilOf('120', noon)).toEqual(at(22, 14))
	expect(untilOf('15:00', noon)).toEqual(at(22, 15))
	expect(untilOf('09:30', noon)).toEqual(at(23, 9, 30))
	expect(untilOf('12:00', noon)).toEqual(at(23, 12))
})
