/* declared.ts - what the firm declared and the desk needs by name: reasons, outcomes, queues. Asked for once. */
import { useQuery } from '@tanstack/react-query'
import { type Page, type Schema, get, query, tenantPath } from '../api/http'
import { useUser } from './session'

type Kind = 'reasons' | 'outcomes' | 'queues'
type Declared = { reasons: Schema['Reason']; outcomes: Schema['Outcome']; queues: Schema['Queue'] }

/** All of a kind, by id; empty until they are there. */
export function useDeclared<K extends Kind>(kind: K): Declared[K][] {
	const { tenant } = useUser()
	const { data } = useQuery({
		queryKey: ['declared', tenant, kind],
		staleTime: 60_000,
		queryFn: async ({ signal }) => {
			const all: Declared[K][] = []
			let after: string | null = null
			do {
				const page: Page<Declared[K]> = await get(
					tenantPath(tenant, kind) + query({ limit: 500, after }),
					{ signal },
				)
				all.push(...page.items)
				after = page.next
			} while (after)
			return all
		},
	})
	return data ?? []
}
