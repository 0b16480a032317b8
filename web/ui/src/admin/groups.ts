/*
 * groups.ts - what of a kind is asked first (basics) and what lies in Advanced, in which order; columns of lists; the
 * tree on the left, by task. A kind or a field that is not named here is found all the same: the kind under `more`, the
 * field at the end of its form.
 */
import type { IconName } from '../parts/Icon'
import { type FieldOf, KINDS, type Kind, fieldsOf } from './schema'

export interface Group {
	id: string
	basic?: boolean
	fields: string[]
}

const GROUPS: Record<string, Group[]> = {
	tenant: [
		{ id: 'basics', basic: true, fields: ['name', 'locale', 'time_zone', 'country', 'caller_id', 'record', 'recording_retention_days'] },
		{ id: 'sign_in', fields: ['totp', 'session_idle_s', 'session_max_s', 'sessions_max'] },
		{ id: 'calls', fields: ['domain', 'caller_ids', 'media_timeout_s', 'monitor_silent', 'dial'] },
		{ id: 'figures', fields: ['formulas'] },
	],
	trunk: [
		{ id: 'basics', basic: true, fields: ['peers', 'register', 'transport', 'codecs', 'caller_id', 'max_calls'] },
		{ id: 'routing', fields: ['prefixes', 'priority', 'weight', 'rates', 'cps_max', 'ping_s'] },
		{ id: 'numbers', fields: ['country', 'number_format', 'number_strip', 'number_add'] },
		{ id: 'safety', fields: ['srtp', 'srtp_without_tls', 'certificate', 'media_fixed', 'trust_identity', 'identity', 'sign'] },
	],
	queue: [
		{ id: 'basics', basic: true, fields: ['name', 'strategy', 'skills', 'threshold_s', 'sl_target', 'ring_s', 'wrap_s', 'team', 'record', 'recording_retention_days'] },
		{ id: 'waiting', fields: ['music', 'announce', 'max_waiting', 'max_wait_s', 'ewt_limit_s', 'join_when', 'stay_when', 'no_agents_grace_s', 'resume_s'] },
		{ id: 'order', fields: ['class', 'scoring', 'ageing', 'time_base', 'sticky_s', 'tiers'] },
		{ id: 'offers', fields: ['misses_max', 'no_answer_delay_s', 'reject_delay_s', 'busy_delay_s', 'unreachable_delay_s', 'idle_reset_by_break'] },
		{ id: 'wrap', fields: ['outcome_required', 'outcome_default', 'wrap_extend_s', 'wrap_extensions'] },
		{ id: 'calls', fields: ['caller_id', 'park_s'] },
		{ id: 'figures', fields: ['short_abandon_s', 'formulas'] },
	],
	user: [
		{ id: 'basics', basic: true, fields: ['name', 'roles', 'password', 'phone', 'queues', 'skills', 'teams', 'supervises', 'disabled'] },
		{ id: 'distribution', fields: ['places', 'capacity', 'do_not_pair', 'for_now'] },
		{ id: 'calls', fields: ['extension', 'caller_id', 'sip_password', 'record'] },
	],
}

/** The groups of a form with the fields that there are. */
export function groupsOf(kind: Kind): { id: string; basic: boolean; fields: FieldOf[] }[] {
	const all = new Map(fieldsOf(kind.schema).map((f) => [f.name, f]))
	const listed = GROUPS[kind.kind] ?? [{ id: 'basics', basic: true, fields: [...all.keys()] }]
	const groups = listed.map((g) => ({
		id: g.id,
		basic: g.basic === true,
		fields: g.fields.flatMap((name) => {
			const f = all.get(name)
			all.delete(name)
			return f ? [f] : []
		}),
	}))
	const rest = [...all.values()]
	const must = rest.filter((f) => f.required)
	groups[0]?.fields.push(...must)
	if (rest.length > must.length) groups.push({ id: 'more', basic: false, fields: rest.filter((f) => !f.required) })
	return groups.filter((g) => g.fields.length)
}

const COLUMNS: Record<string, string[]> = {
	trunk: ['peers', 'codecs', 'max_calls'],
	number: ['flow', 'draft'],
	queue: ['strategy', 'skills', 'threshold_s', 'wrap_s'],
	user: ['roles', 'phone', 'queues', 'disabled'],
	reason: ['paid', 'max_minutes', 'approval'],
	field: ['type', 'label'],
	prompt: ['text', 'audio'],
	hours: ['weekly', 'special'],
	mass_event: ['queues', 'bulletin'],
	tenant: ['domain', 'time_zone', 'locale'],
	flow: ['start'],
	draft: ['start'],
}
export function columnsOf(kind: Kind): FieldOf[] {
	const all = fieldsOf(kind.schema).filter((f) => f.name !== 'name' && !f.schema.writeOnly)
	const wanted = COLUMNS[kind.kind]
	return wanted ? wanted.flatMap((n) => all.find((f) => f.name === n) ?? []) : all.slice(0, 3)
}

/** A page of the tree: a kind's list, or a page of its own. */
export interface Leaf {
	/** Below /admin/. */
	to: string
	/** A kind: its plural names it. Else a key of text/admin `pages`. */
	kind?: string
	page?: string
	/** Seen with this permission only. */
	needs?: string
	systemOnly?: boolean
}
export interface Branch {
	id: string
	icon: IconName
	leaves: Leaf[]
}

const kindLeaf = (kind: string): Leaf[] => (KINDS[kind] ? [{ to: KINDS[kind].plural, kind }] : [])

const TASKS: { id: string; icon: IconName; kinds: string[]; pages?: Leaf[] }[] = [
	{ id: 'channels', icon: 'phone', kinds: ['number', 'trunk'] },
	{ id: 'flows', icon: 'merge', kinds: ['flow'] },
	{ id: 'queues', icon: 'queue', kinds: ['queue', 'skill'], pages: [{ to: 'matrix', page: 'matrix', needs: 'objects:read' }] },
	{ id: 'people', icon: 'people', kinds: ['user', 'team'], pages: [{ to: 'roles', page: 'roles' }] },
	{ id: 'hours', icon: 'clock', kinds: ['hours'] },
	{ id: 'messages', icon: 'note', kinds: ['prompt', 'outcome', 'reason', 'mass_event'] },
	{ id: 'customers', icon: 'customers', kinds: ['field'] },
	{ id: 'watch', icon: 'chart', kinds: ['alert', 'wallboard', 'saved_report'] },
	{ id: 'recordings', icon: 'record', kinds: [], pages: [{ to: 'recordings', page: 'recordings', needs: 'retention:read' }] },
	{
		id: 'integrations',
		icon: 'link',
		kinds: [],
		pages: [
			{ to: 'tokens', page: 'tokens', needs: 'tokens:read' },
			{ to: 'api', page: 'api' },
		],
	},
	{
		id: 'security',
		icon: 'lock',
		kinds: [],
		pages: [
			{ to: 'audit', page: 'audit', needs: 'audit:read' },
			{ to: 'sessions', page: 'sessions', needs: 'users:sessions' },
		],
	},
	{
		id: 'system',
		icon: 'settings',
		kinds: [],
		pages: [
			{ to: 'tenant', page: 'tenant' },
			{ to: 'tenants', kind: 'tenant', systemOnly: true },
			{ to: 'sitefile', page: 'sitefile', needs: 'export:read' },
			{ to: 'backup', page: 'backup', needs: 'backup:create' },
		],
	},
]

/** The tree: every kind there is, known here or not. */
export function tree(): Branch[] {
	const known = new Set(TASKS.flatMap((t) => t.kinds).concat('tenant', 'draft'))
	const strange = Object.keys(KINDS).filter((k) => !known.has(k))
	return [
		...TASKS.map((t) => ({ id: t.id, icon: t.icon, leaves: [...t.kinds.flatMap(kindLeaf), ...(t.pages ?? [])] })),
		{ id: 'more', icon: 'more' as const, leaves: strange.flatMap(kindLeaf) },
	].filter((b) => b.leaves.length)
}
