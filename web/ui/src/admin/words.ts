/*
 * words.ts - the words of fields and values, by the names in text/admin. A field that has none yet (a kind that is
 * newer than its words) shows its name and what the schema says of it, in English.
 */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { type Named, type Schema, fieldKey } from './schema'

export type Bundle = Record<string, string>

/** The most special name first: queue.formulas.sl, then *.formulas.sl, *.sl. */
export function lookup(bundle: Bundle, key: string, end = ''): string | undefined {
	const exact = bundle[key + end]
	if (exact) return exact
	const parts = key.split('.')
	for (let i = 1; i < parts.length; i++) {
		const found = bundle[`*.${parts.slice(i).join('.')}${end}`]
		if (found) return found
	}
	return undefined
}

const pretty = (name: string) => {
	const text = name.replace(/_(s|ms)$/, '').replace(/_/g, ' ')
	return text.charAt(0).toUpperCase() + text.slice(1)
}

export interface Words {
	kind(kind: string): string
	kinds(kind: string): string
	label(at: Named): string
	help(at: Named, schema?: Schema): string
	value(at: Named, value: string): string
	valueHelp(at: Named, value: string): string
}

export function useWords(): Words {
	const { i18n } = useTranslation('admin')
	const language = i18n.language
	return useMemo(() => {
		const part = (name: 'fields' | 'values' | 'kinds'): Bundle =>
			((i18n.getResourceBundle(language, 'admin') ?? i18n.getResourceBundle('en', 'admin')) as Record<string, Bundle>)?.[name] ?? {}
		const fields = part('fields')
		const values = part('values')
		const kinds = part('kinds')
		return {
			kind: (kind) => kinds[kind] ?? pretty(kind),
			kinds: (kind) => kinds[`${kind}s`] ?? pretty(kind),
			label: (at) => lookup(fields, fieldKey(at)) ?? pretty(at.names.at(-1) ?? at.kind),
			help: (at, schema) => lookup(fields, fieldKey(at), '?') ?? schema?.description ?? '',
			value: (at, value) => lookup(values, `${fieldKey(at)}.${value}`) ?? value,
			valueHelp: (at, value) => lookup(values, `${fieldKey(at)}.${value}`, '?') ?? '',
		}
	}, [i18n, language])
}
