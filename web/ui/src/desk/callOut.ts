/* callOut.ts - a call that begins with a click: my telephone rings, then the number is called. */
import { useCallback } from 'react'
import { useSend } from '../app/send'

/** to: a number as people write it, a colleague's id or extension. True when it was begun. */
export function useCallOut(): (to: string, more?: { queue?: string; customer?: string }) => Promise<boolean> {
	const { send } = useSend()
	return useCallback((to, more = {}) => send('call', { to, ...more }), [send])
}
