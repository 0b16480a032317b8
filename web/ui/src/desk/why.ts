/* why.ts - a recorded routing decision (behaviours.md Q-9) as parts of a sentence; the words are the page's. Pure. */
import type { Word } from '../live/types'

export interface Candidate {
	agent: string
	/** null: he could have had it. */
	refused: string | null
	idle_ms?: number
	skill?: number
}

export interface Decision {
	at: string
	/** Nobody yet: how things stand this moment. */
	now?: boolean
	agent: string | null
	queue: string
	eligible?: number
	strategy?: Word<'strategy'>
	step?: number
	need?: string
	candidates?: Candidate[]
	refused?: Record<string, number>
	score?: { class?: number; waited_min?: number; priority_min?: number; score?: number }
	preferred?: boolean
}

export type WhyPart =
	| { key: Word<'strategy'>; ms: number; level: number }
	| { key: 'of'; count: number }
	| { key: 'only' }
	| { key: 'need'; need: string }
	| { key: 'waited'; ms: number }

const WORTH_A_WORD_MS = 5_000

/** Why that agent: by which rule, of how many, what was needed, after which wait. */
export function whyParts(d: Decision, agent: string, enqueuedAt: string | undefined): WhyPart[] {
	const mine = d.candidates?.find((c) => c.agent === agent)
	const parts: WhyPart[] = []
	if (d.strategy) parts.push({ key: d.strategy, ms: mine?.idle_ms ?? 0, level: mine?.skill ?? 0 })
	if (d.eligible && d.eligible > 1) parts.push({ key: 'of', count: d.eligible })
	else if (d.eligible === 1) parts.push({ key: 'only' })
	if (d.need) parts.push({ key: 'need', need: d.need })
	const ms = enqueuedAt ? Date.parse(d.at) - Date.parse(enqueuedAt) : 0
	if (ms > WORTH_A_WORD_MS) parts.push({ key: 'waited', ms })
	return parts
}
