/*
 * demand.ts - what a queue asks of an agent, read as core/skill_expr.h reads it. Pure.
 *
 *   need    = and { ("||" | "|") and }
 *   and     = unary { ("&&" | "&") unary }
 *   unary   = "!" unary | "(" need ")" | SKILL compare LEVEL
 */
export type Demand =
	| { is: 'compare'; skill: string; op: string; level: number }
	| { is: 'not'; of: Demand }
	| { is: 'and'; all: Demand[] }
	| { is: 'or'; all: Demand[] }

const TOKEN = /\s*(\|\|?|&&?|[()]|!(?!=)|>=|<=|==|!=|>|<|=|[a-z0-9][a-z0-9_-]*)/y

export function parseDemand(text: string): Demand | null {
	const tokens: string[] = []
	TOKEN.lastIndex = 0
	while (TOKEN.lastIndex < text.trimEnd().length) {
		const m = TOKEN.exec(text)
		if (!m) return null
		tokens.push(m[1] as string)
	}
	let at = 0
	const list = (is: 'and' | 'or', mark: RegExp, one: () => Demand | null): Demand | null => {
		const all: Demand[] = []
		do {
			const next = one()
			if (!next) return null
			all.push(next)
		} while (mark.test(tokens[at] ?? '') && ++at)
		return all.length === 1 ? (all[0] as Demand) : { is, all }
	}
	const need = (): Demand | null => list('or', /^\|\|?$/, () => list('and', /^&&?$/, unary))
	const unary = (): Demand | null => {
		const token = tokens[at++]
		if (token === '!') {
			const of = unary()
			return of && { is: 'not', of }
		}
		if (token === '(') {
			const inner = need()
			return tokens[at++] === ')' ? inner : null
		}
		const op = tokens[at++] ?? ''
		const level = Number(tokens[at++])
		if (!token || !/^[a-z0-9]/.test(token) || !/^(>=?|<=?|==?|!=)$/.test(op) || !Number.isInteger(level) || level < 0 || level > 100) return null
		return { is: 'compare', skill: token, op: op === '==' ? '=' : op, level }
	}
	const whole = need()
	return at === tokens.length ? whole : null
}

/** Does somebody with these levels fit? What he has not is 0. */
export function fits(d: Demand, levels: Record<string, number>): boolean {
	if (d.is === 'not') return !fits(d.of, levels)
	if (d.is === 'and') return d.all.every((x) => fits(x, levels))
	if (d.is === 'or') return d.all.some((x) => fits(x, levels))
	const has = levels[d.skill] ?? 0
	switch (d.op) {
		case '>':
			return has > d.level
		case '>=':
			return has >= d.level
		case '<':
			return has < d.level
		case '<=':
			return has <= d.level
		case '!=':
			return has !== d.level
		default:
			return has === d.level
	}
}

export const skillsOf = (d: Demand): string[] =>
	d.is === 'compare' ? [d.skill] : d.is === 'not' ? skillsOf(d.of) : [...new Set(d.all.flatMap(skillsOf))]
