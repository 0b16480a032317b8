/* act.ts - a supervisor's deed: asked of the server, its refusal told in plain words, never guessed. */
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask, tenantPath } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { useUser } from '../app/session'

export interface Deeds {
	/** What is on its way: the last part of its path. */
	busy: string | null
	/** True when it was done; `done`: said then. */
	post(path: string[], body?: unknown, done?: string): Promise<boolean>
	drop(path: string[], done?: string): Promise<boolean>
}

export function useDeeds(): Deeds {
	const { t } = useTranslation()
	const { tenant } = useUser()
	const [busy, setBusy] = useState<string | null>(null)
	return useMemo(() => {
		const does = async (method: 'POST' | 'DELETE', path: string[], body: unknown, done?: string) => {
			setBusy(path.at(-1) ?? '')
			try {
				await ask(method, tenantPath(tenant, ...path), body)
				if (done) tell('good', done)
				return true
			} catch (error) {
				tell('bad', problemText(error, t))
				return false
			} finally {
				setBusy(null)
			}
		}
		return {
			busy,
			post: (path, body = {}, done) => does('POST', path, body, done),
			drop: (path, done) => does('DELETE', path, undefined, done),
		}
	}, [busy, t, tenant])
}

/** What he may do here; the server decides anyhow. */
export function useMay(): (permission: string) => boolean {
	const { permissions } = useUser()
	return (permission) => permissions.includes(permission)
}
