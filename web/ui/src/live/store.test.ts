import { describe, expect, test } from 'vitest'
import { sameThings } from './store'

describe('what a selector took is the same', () => {
	test('lists and objects of the same things', () => {
		const one = {}
		expect(sameThings([1, one], [1, one])).toBe(true)
		expect(sameThings({ a: 1 }, { a: 1 })).toBe(true)
		expect(sameThings([1], { 0: 1 })).toBe(false)
		expect(sameThings([{}], [{}])).toBe(false)
	})
	test('a Map with one more is another one', () => {
		expect(sameThings(new Map(), new Map([['a', 1]]))).toBe(false)
	})
})
