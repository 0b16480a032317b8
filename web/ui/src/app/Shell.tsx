/* Shell.tsx - what is around every page: the bar at the top, and what is said when the link is lost. */
import type { ReactNode } from 'react'

export function Shell({ children }: { children: ReactNode }) {
	return <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>{children}</div>
}
