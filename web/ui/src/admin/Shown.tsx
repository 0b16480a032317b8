/* Shown.tsx - a value as people read it: words instead of codes, names instead of ids, nothing as a dash. */
import { useTranslation } from 'react-i18next'
import { spanText } from '../parts/time'
import { type FieldOf, type Json, type Named, refersTo, resolve } from './schema'
import { useWords } from './words'

const isMap = (x: Json): x is { [key: string]: Json } => typeof x === 'object' && x !== null && !Array.isArray(x)

/** names: of the objects that a field may refer to, by kind. */
export function useShown(names: (kind: string, id: string) => string = (_, id) => id) {
	const { t, i18n } = useTranslation('admin')
	const words = useWords()
	return (field: FieldOf, at: Named, value: Json | undefined): string => {
		const { schema, name, raw } = field
		if (value === undefined || value === null || value === '') return '–'
		if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
		if (typeof value === 'number')
			return name.endsWith('_s') ? spanText(value * 1000, i18n.language) : name.endsWith('_minutes') ? spanText(value * 60_000, i18n.language) : value.toLocaleString(i18n.language)
		const of = refersTo(name, schema, raw)
		if (typeof value === 'string') return schema.enum ? words.value(at, value) : of ? names(of, value) : value
		if (Array.isArray(value)) {
			const item = schema.items ? resolve(schema.items) : undefined
			const itemOf = item && refersTo(name, item, schema.items)
			if (value.every((v) => typeof v === 'string'))
				return value.map((v) => (item?.enum ? words.value(at, v) : itemOf ? names(itemOf, v) : v)).join(', ')
			if (name === 'skills') return value.map((v) => (isMap(v) ? String(v.need ?? '') : '')).join(' → ')
			return t('items', { count: value.length })
		}
		if (!isMap(value)) return String(value)
		if (name === 'weekly') return Object.keys(value).filter((d) => Array.isArray(value[d]) && value[d].length).map((d) => words.label({ kind: at.kind, names: ['weekly', d] })).join(', ') || '–'
		if (typeof value.kind === 'string') return words.value({ kind: at.kind, names: [...at.names, 'kind'] }, value.kind)
		const texts = Object.values(value).filter((v) => typeof v === 'string')
		if (texts.length && texts.length === Object.keys(value).length) return String(texts[0])
		return t('items', { count: Object.keys(value).length })
	}
}
