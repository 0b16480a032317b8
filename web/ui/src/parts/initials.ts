/* initials.ts - AN of Anna Nowak. Pure. */
export function initials(name: string): string {
	const words = name.trim().split(/\s+/).filter((w) => /^\p{L}/u.test(w))
	const letters = words.length > 1 ? [words[0], words.at(-1)] : words
	return letters.map((w) => [...(w ?? '')][0]?.toLocaleUpperCase() ?? '').join('')
}
