/* fold.ts - letters as people type them in a hurry: żółć is found by zolc, Ёлка by елка. Pure. */
const ALONE: Record<string, string> = { ł: 'l', ß: 'ss', ø: 'o', đ: 'd', æ: 'ae' }

export function fold(text: string): string {
	return text
		.toLowerCase()
		.normalize('NFD')
		.replace(/\p{M}/gu, '')
		.replace(/[łßøđæ]/g, (c) => ALONE[c] ?? c)
}
