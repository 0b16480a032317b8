/* declared.ts - what the firm declared and the desk needs by name: reasons, outcomes, queues. Asked for once. */
import { useQuery } from '@tanstack/react-query'
import { type Schema, everyPage, tenantPath } from '../api/http'
import { useUser } from './session'

type Kind = 'reasons' | 'outcomes' | 'queues'
type Declared = { reasons: Schema['Reason']; outcomes: Schema['Outcome']; queues: Schema['Queue'] }

/** All of a kind, by id; empty until they are there. */
export function useDeclared<K extends Kind>(kind: K): Declared[K][] {
	const { tenant } = useUser()
	const { data } = useQuery({
		queryKey: ['declared', tenant, kind],
		staleTime: 60_000,
		queryFn: ({ signal }) => everyPage<Declared[K]>(tenantPath(tenant, kind), signal),
	})
	return data ?? []
}
