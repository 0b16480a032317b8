/* describe.ts - a customer in words: what stands under the name, his time of day, what a change changed. Pure. */
import type { Change, Customer, CustomerFacts, Field, Place } from './types'

export const companyOf = (c: Customer): string => c.company_name ?? ''

/** Purchasing · Nova sp. z o.o. */
export function roleLine(c: Customer): string {
	return [c.position, companyOf(c)].filter(Boolean).join(' · ')
}

export function placeText(p: Place): string {
	const city = [p.postal_code, p.city].filter(Boolean).join(' ')
	return [p.street, city, p.region, p.country].filter(Boolean).join(', ')
}

/** His time of day; empty where his zone is not known, or unknown to this browser. */
export function localTime(zone: string | undefined, now: number, language: string): string {
	if (!zone) return ''
	try {
		return new Intl.DateTimeFormat(language, { timeZone: zone, hour: '2-digit', minute: '2-digit', weekday: 'short' })
			.format(now)
	} catch {
		return ''
	}
}

/** pl → polski, Polish, польский; the code itself where the browser does not know it. */
export function languageName(code: string | undefined, language: string): string {
	if (!code) return ''
	try {
		const name = new Intl.DisplayNames([language], { type: 'language' }).of(code) ?? code
		return name.charAt(0).toLocaleUpperCase(language) + name.slice(1)
	} catch {
		return code
	}
}

/** The text of somebody's language, of several; else the first there is. */
export function textOf(text: string | Record<string, string> | undefined, language: string): string {
	if (typeof text === 'string' || !text) return text ?? ''
	return text[language] ?? text.en ?? Object.values(text)[0] ?? ''
}
export const fieldName = (f: Field, language: string) => textOf(f.label, language) || f.name || f.id

export const mayNotBeCalled = (c: Customer, now: number) =>
	(c.preferences?.do_not_call ?? []).filter((d) => !d.until || Date.parse(d.until) > now || Number.isNaN(Date.parse(d.until)))

/** Members that are not the same before and after; those that nobody wrote are left out. */
export function changed(change: Change): (keyof CustomerFacts)[] {
	const silent = new Set(['id', 'tenant', 'version', 'created_at', 'created_by', 'updated_at', 'updated_by', 'merged_into', 'found'])
	const before = (change.before ?? {}) as Record<string, unknown>
	const after = (change.after ?? {}) as Record<string, unknown>
	const keys = new Set([...Object.keys(before), ...Object.keys(after)])
	return [...keys].filter(
		(k) => !silent.has(k) && JSON.stringify(before[k]) !== JSON.stringify(after[k]),
	) as (keyof CustomerFacts)[]
}
