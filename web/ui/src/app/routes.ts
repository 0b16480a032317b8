/*
 * routes.ts - every page there is: its address, what the top bar calls it, who sees it there, and its code, loaded
 * when it is opened. The desk itself comes with the first load.
 */
import { type ComponentType, lazy } from 'react'
import { Desk } from '../desk/Desk'
import { page } from './i18n'
import type { IconName } from '../parts/Icon'
import type { User } from './session'

export interface PageRoute {
	path: string
	Page: ComponentType
	/** In the top bar: the key of its name (text/*.json, nav.*), its icon, and for whom. */
	nav?: { name: 'desk' | 'customers' | 'board' | 'reports' | 'admin'; icon: IconName; for: (user: User) => boolean }
}

const Board = page('board', () => import('../board/Board'))
const Flows = page('flows', () => import('../flows/Flows'))
const Start = page('start', () => import('../start/Wizard'))
const Account = lazy(() => import('./Account'))
const Admin = page('admin', () => import('../admin/Admin'))
const Customers = lazy(() => import('../customers/Customers'))
const Reports = page('reports', () => import('../reports/Reports'))
const Contacts = page('reports', () => import('../contacts/Contacts'))

const seesBoard = (user: User) => user.permissions.includes('reports:queues')
const seesAdmin = (user: User) => user.permissions.includes('objects:read')
const seesCustomers = (user: User) => user.permissions.includes('customers:read')
/** Of everybody; agents read their own figures at the desk. */
const seesReports = (user: User) => user.permissions.includes('reports:queues')

export const ROUTES: PageRoute[] = [
	{ path: '/', Page: Desk, nav: { name: 'desk', icon: 'desk', for: () => true } },
	{ path: '/board', Page: Board, nav: { name: 'board', icon: 'chart', for: seesBoard } },
	{ path: '/flows/*?', Page: Flows },
	{ path: '/account', Page: Account },
	{ path: '/start/*?', Page: Start },
	{ path: '/customers/*?', Page: Customers, nav: { name: 'customers', icon: 'customers', for: seesCustomers } },
	{ path: '/reports/*?', Page: Reports, nav: { name: 'reports', icon: 'note', for: seesReports } },
	{ path: '/contacts/*?', Page: Contacts },
	{ path: '/admin/*?', Page: Admin, nav: { name: 'admin', icon: 'settings', for: seesAdmin } },
]
