/* state.ts - what this desk looks at: the contact in focus and the panel that is open. */
import { value } from '../parts/value'

/** Which contact is looked at; null: the first that is there. */
export const focusId = value<string | null>(null)

export type Panel = 'none' | 'transfer' | 'keypad'
export const panel = value<Panel>('none')
