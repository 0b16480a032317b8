/*
 * routes.ts - every page there is: its address, what the top bar calls it, who sees it there, and its code, loaded
 * when it is opened. The desk itself comes with the first load.
 */
import { type ComponentType, lazy } from 'react'
import { Desk } from '../desk/Desk'
import type { IconName } from '../parts/Icon'
import type { User } from './session'

export interface PageRoute {
	path: string
	Page: ComponentType
	/** In the top bar: the key of its name (text/*.json, nav.*), its icon, and for whom. */
	nav?: { name: 'desk' | 'customers'; icon: IconName; for: (user: User) => boolean }
}

const Account = lazy(() => import('./Account'))
const Customers = lazy(() => import('../customers/Customers'))

const seesCustomers = (user: User) => user.permissions.includes('customers:read')

export const ROUTES: PageRoute[] = [
	{ path: '/', Page: Desk, nav: { name: 'desk', icon: 'desk', for: () => true } },
	{ path: '/account', Page: Account },
	{ path: '/customers/*?', Page: Customers, nav: { name: 'customers', icon: 'customers', for: seesCustomers } },
]
