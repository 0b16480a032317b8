/* number.ts - telephone numbers for eyes; the digits are never changed. Pure. */

/**
 * +48 221 234 567: groups of three from the right after the country's code where we know how long it is; short
 * ones and what is no number stay as they are.
 */
export function numberText(number: string): string {
	if (!/^\+?\d{7,15}$/.test(number)) return number
	if (!number.startsWith('+')) return number.replace(/(?<=\d)(?=(\d{3})+$)/g, ' ')
	const short = number.startsWith('+1') || number.startsWith('+7')
	const rest = number.slice(short ? 2 : 3)
	if (short && rest.length === 10) {
		const parts = number.startsWith('+7') ? [3, 3, 2, 2] : [3, 3, 4]
		let at = 0
		return [number.slice(0, 2), ...parts.map((n) => rest.slice(at, (at += n)))].join(' ')
	}
	return `${number.slice(0, short ? 2 : 3)} ${rest.replace(/(?<=\d)(?=(\d{3})+$)/g, ' ')}`
}

/** What somebody typed may be dialled: a number as people write it, a short code, or an extension. */
export function looksDialled(text: string): boolean {
	return /^[+*#0-9][0-9*#_ ().-]{1,40}$/.test(text.trim())
}
