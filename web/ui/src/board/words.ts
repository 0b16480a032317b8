/* words.ts - states of contacts and groups of agents as colour and icon; their words are in src/text. */
import type { Tone } from '../app/state'
import type { Word } from '../live/types'
import type { IconName } from '../parts/Icon'
import type { Group, Need } from './model'

export const TONE_OF: Record<Group, Tone> = { ready: 'ready', talking: 'talk', wrapping: 'wrap', paused: 'pause', signed_out: 'off' }

export const CONTACT_LOOK: Record<Word<'contact_state'>, { tone: Tone; icon: IconName }> = {
	flow: { tone: 'off', icon: 'keypad' },
	waiting: { tone: 'pause', icon: 'clock' },
	offered: { tone: 'talk', icon: 'phoneIn' },
	talking: { tone: 'talk', icon: 'phone' },
	held: { tone: 'pause', icon: 'pause' },
	parked: { tone: 'off', icon: 'park' },
	wrapping: { tone: 'wrap', icon: 'edit' },
	ended: { tone: 'off', icon: 'check' },
}

export const NEED_ICON: Record<Need, IconName> = { help: 'bell', no_answer: 'missed', long: 'clock', over: 'clock', phone: 'wifiOff' }
