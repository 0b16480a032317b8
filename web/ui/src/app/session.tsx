/*
 * session.tsx - who is signed in: `GET /api/v1/me` tells, signing in and out change it, a 401 anywhere ends it.
 */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, createContext, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { Problem, ask, get, post, sessionRenewed, whenSignedOut } from '../api/http'
import { live } from '../live/store'

export interface User {
	tenant: string
	id: string
	name: string
	roles: string[]
	permissions: string[]
	[more: string]: unknown
}

export type SessionState =
	| { is: 'looking' }
	| { is: 'out'; why?: 'ended' | 'signed_out' }
	| { is: 'unreachable' }
	| { is: 'in'; user: User }

interface Session {
	state: SessionState
	/** Rejects with the Problem; `code` when a second step asked for it. */
	signIn(who: SignIn): Promise<void>
	signOut(): Promise<void>
	look(): Promise<void>
}

export interface SignIn {
	tenant: string
	user: string
	password: string
	code?: string
}

const Context = createContext<Session | null>(null)

/** Both `/me` and `/login` tell who it is. */
function userOf(body: Record<string, unknown>): User {
	const inner = (body.user && typeof body.user === 'object' ? body.user : body) as Record<string, unknown>
	const list = (key: string) => (inner[key] ?? body[key] ?? []) as string[]
	return {
		...inner,
		tenant: String(inner.tenant ?? body.tenant ?? ''),
		id: String(inner.id ?? inner.user ?? body.user ?? ''),
		name: String(inner.name ?? body.name ?? ''),
		roles: list('roles'),
		permissions: list('permissions'),
	}
}

export function SessionProvider({ children }: { children: ReactNode }) {
	const [state, setState] = useState<SessionState>({ is: 'looking' })
	const queries = useQueryClient()
	const now = useRef(state)
	now.current = state

	const look = useCallback(async () => {
		try {
			const me = await get<Record<string, unknown>>('/api/v1/me', { quiet: true })
			setState({ is: 'in', user: userOf(me) })
		} catch (error) {
			const status = error instanceof Problem ? error.status : 0
			setState(status === 401 || status === 403 ? { is: 'out' } : { is: 'unreachable' })
		}
	}, [])
	useEffect(() => void look(), [look])

	useEffect(
		() =>
			whenSignedOut(async () => {
				await sessionRenewed()
				const still = await get('/api/v1/me', { quiet: true }).then(
					() => true,
					() => false,
				)
				if (still) return live.again() // another session has taken its place
				if (now.current.is !== 'in') return // he has signed out himself
				queries.clear()
				setState({ is: 'out', why: 'ended' })
			}),
		[queries],
	)

	const signIn = useCallback(
		async (who: SignIn) => {
			const body = await ask<Record<string, unknown>>('POST', '/api/v1/login', who, { quiet: true })
			queries.clear()
			// `/me` knows the permissions; the login answer does where `/me` is silent
			const me = await get<Record<string, unknown>>('/api/v1/me', { quiet: true }).catch(() => body)
			setState({ is: 'in', user: userOf(me) })
		},
		[queries],
	)
	const signOut = useCallback(async () => {
		await post('/api/v1/logout', {}, { quiet: true }).catch(() => {})
		queries.clear()
		setState({ is: 'out', why: 'signed_out' })
	}, [queries])

	return <Context value={{ state, signIn, signOut, look }}>{children}</Context>
}

export function useSession(): Session {
	const session = useContext(Context)
	if (!session) throw new Error('useSession: no SessionProvider above')
	return session
}

/** Who is signed in; only below the shell, where somebody is. */
export function useUser(): User {
	const { state } = useSession()
	if (state.is !== 'in') throw new Error('useUser: nobody is signed in')
	return state.user
}
