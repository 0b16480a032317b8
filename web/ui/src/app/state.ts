/*
 * state.ts - an agent's state as a colour, an icon and a word: work first, then what he chose himself. Pure.
 */
import type { Agent, Word } from '../live/types'
import type { IconName } from '../parts/Icon'

export type Tone = 'ready' | 'talk' | 'wrap' | 'pause' | 'alarm' | 'off'

const WORK: Record<Exclude<Word<'work'>, 'idle'>, { tone: Tone; icon: IconName }> = {
	offered: { tone: 'talk', icon: 'phoneIn' },
	dialling: { tone: 'talk', icon: 'phoneOut' },
	talking: { tone: 'talk', icon: 'phone' },
	holding: { tone: 'pause', icon: 'pause' },
	consulting: { tone: 'talk', icon: 'people' },
	conferencing: { tone: 'talk', icon: 'people' },
	wrapping: { tone: 'wrap', icon: 'edit' },
	preview: { tone: 'talk', icon: 'info' },
	no_answer: { tone: 'alarm', icon: 'missed' },
}
const PRESENCE: Record<Word<'presence'>, { tone: Tone; icon: IconName }> = {
	ready: { tone: 'ready', icon: 'check' },
	not_ready: { tone: 'pause', icon: 'clock' },
	signed_out: { tone: 'off', icon: 'signOut' },
	outbound_only: { tone: 'talk', icon: 'phoneOut' },
}

export interface Shown {
	tone: Tone
	icon: IconName
	/** Key of its word in the texts. */
	word: `work.${Exclude<Word<'work'>, 'idle'>}` | `presence.${Word<'presence'>}` | 'presence.connecting'
}

export function shownState(a: Pick<Agent, 'presence' | 'work' | 'connecting' | 'reason_over'>): Shown {
	if (a.connecting) return { tone: 'alarm', icon: 'wifiOff', word: 'presence.connecting' }
	if (a.work !== 'idle') return { ...WORK[a.work], word: `work.${a.work}` }
	const shown = PRESENCE[a.presence]
	const tone = a.presence === 'not_ready' && a.reason_over ? 'alarm' : shown.tone
	return { tone, icon: shown.icon, word: `presence.${a.presence}` }
}

/** He could take something now. */
export const isFree = (a: Agent) => a.presence === 'ready' && a.work === 'idle' && a.phone.ready && !a.connecting
/** Everything he does for customers would end first. */
export const isWorking = (a: Agent) => a.work !== 'idle' && a.work !== 'no_answer'
