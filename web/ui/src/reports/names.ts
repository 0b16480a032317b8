/*
 * names.ts - what ids and words of the interface are called in rows, filters and records: agents, queues, outcomes,
 * reasons, teams by their names; states, directions, results … in the reader's language. What has no name is itself.
 */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useDeclared } from '../app/declared'
import { useUser } from '../app/session'
import { useTeams } from '../board/declared'
import { useLive } from '../live/store'
import { numberText } from '../parts/number'

export interface Names {
	of(kind: string, id: string): string
	all(kind: string): { id: string; name: string }[]
}

/** Words that are told by what they are; the reader's are below the kind's name in text/reports. */
const WORDS: Record<string, readonly string[]> = {
	direction: ['inbound', 'outbound', 'internal'],
	channel: ['voice'],
	ended_by: ['customer', 'agent', 'system'],
	state: ['flow', 'waiting', 'offered', 'talking', 'held', 'parked', 'wrapping', 'ended'],
	result: ['answered', 'abandoned', 'flow_out', 'callback', 'rejected', 'failed', 'completed', 'transferred', 'server_restart',
		'accepted', 'no_answer', 'busy', 'missed'],
	exit: ['full', 'timeout', 'no_agents', 'closed'],
	kind: ['flow', 'queue', 'agent'],
	party: ['customer', 'agent', 'system', 'callee', 'supervisor'],
}
/** What has none of what it could have: in no queue, with no agent … */
const MISSING = ['outcome', 'queue', 'agent', 'ended_by', 'customer', 'number', 'line', 'none']

/** 1 Monday to 7 Sunday; 2024 began on a Monday. */
const weekday = (day: number, language: string) =>
	new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, day))

export function useNames(): Names {
	const { t, i18n } = useTranslation('reports')
	const user = useUser()
	const queues = useDeclared('queues')
	const outcomes = useDeclared('outcomes')
	const reasons = useDeclared('reasons')
	const teams = useTeams(user.permissions.includes('objects:read'))
	const agents = useLive((s) => s.world?.agents)
	const { language } = i18n
	return useMemo(() => {
		const named = (all: Iterable<{ id?: string; name?: string }>) =>
			new Map([...all].map((o) => [o.id ?? '', o.name || o.id || '']))
		const byKind: Record<string, Map<string, string>> = {
			queue: named(queues), agent: named(agents?.values() ?? []), outcome: named(outcomes), reason: named(reasons), team: named(teams),
			...Object.fromEntries(Object.entries(WORDS).map(([kind, words]) =>
				[kind, new Map(words.map((w) => [w, t(`${kind}.${w}` as 'state.flow')]))])),
		}
		const of = (kind: string, id: string): string => {
			if (!id) return MISSING.includes(kind) ? t(`none.${kind}` as 'none.queue') : id
			if (kind === 'weekday') return weekday(Number(id), language)
			if (kind === 'hour') return `${id}:00–${id}:59`
			if (kind === 'number' || kind === 'line') return numberText(id)
			return byKind[kind]?.get(id) || id
		}
		const plain = (kind: string) => kind in WORDS
		return {
			of,
			all: (kind) => {
				const all = [...(byKind[kind] ?? [])].map(([id, name]) => ({ id, name }))
				return plain(kind) ? all : all.sort((a, b) => a.name.localeCompare(b.name, language))
			},
		}
	}, [queues, outcomes, reasons, teams, agents, t, language])
}
