import { expect, test } from 'vitest'
import pl from './pl.json'
import ru from './ru.json'
import { sayBy } from './say'

test('a sentence of the server is said by its translation', () => {
	const say = sayBy(pl)
	expect(say('must not be empty')).toBe('nie może być puste')
	expect(say('must be address or address:port')).toBe('musi być adresem albo adresem:portem')
})

test('what the server puts in comes along', () => {
	const say = sayBy(ru)
	expect(say('must have at most 200 characters')).toBe('знаков должно быть не больше: 200')
	expect(say("there is no node 'main' in this flow")).toBe('в этом сценарии нет узла «main»')
	expect(say('must be one of none, first')).toBe('должно быть одним из: none, first')
})

test('a sentence inside a sentence is said, too', () => {
	expect(sayBy(pl)('nested too deep at character 12')).toBe('zagnieżdżone za głęboko (znak 12)')
	expect(sayBy(pl)('must be an integer')).toBe('musi być: liczbą całkowitą')
})

test('what nobody knows stays as it came, and nothing in it is a pattern', () => {
	expect(sayBy(pl)('(a+)+$ $& is strange')).toBe('(a+)+$ $& is strange')
	expect(sayBy({ 'no {} here': 'brak {}' })('no $& here')).toBe('brak $&')
})
