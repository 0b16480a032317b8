/* tenant.ts - whose objects are administered: one's own tenant's; who belongs to `system` chooses one. */
import { type User, useUser } from '../app/session'
import { value } from '../parts/value'

const KEY = 'centrala.admin.tenant'
const chosen = value<string>(typeof sessionStorage === 'undefined' ? '' : (sessionStorage.getItem(KEY) ?? ''))

export function chooseTenant(tenant: string): void {
	sessionStorage.setItem(KEY, tenant)
	chosen.set(tenant)
}

/** What tells nothing of others is for agents too, and of teams is what their supervisors know (web/authorise.c). */
const NOT_FOR_AGENTS = new Set(['user', 'trunk', 'flow', 'draft', 'number'])
const OF_TEAMS = new Set(['user', 'queue', 'team', 'skill', 'reason', 'outcome', 'prompt', 'hours', 'field'])

/** Objects of this kind: what would be refused is not asked for. */
export function seesKind(user: User, kind: string): boolean {
	const may = (permission: string) => user.permissions.includes(permission)
	if (kind === 'tenant') return may('tenants:read')
	if (kind === 'saved_report') return may('saved_reports:read')
	if (may('objects:referrers')) return true // not held to teams
	return (may('objects:read') && OF_TEAMS.has(kind)) || (user.roles.includes('agent') && !NOT_FOR_AGENTS.has(kind))
}

export interface Whose {
	tenant: string
	/** May look after every tenant. */
	system: boolean
	/** May change what is declared. */
	writes: boolean
	may(permission: string): boolean
	/** May see objects of this kind. */
	sees(kind: string): boolean
}

export function useWhose(): Whose {
	const user = useUser()
	const other = chosen.use()
	const system = user.tenant === 'system' && user.roles.includes('admin')
	const may = (permission: string) => user.permissions.includes(permission)
	const sees = (kind: string) => seesKind(user, kind)
	return { tenant: system && other ? other : user.tenant, system, writes: may('objects:write'), may, sees }
}
