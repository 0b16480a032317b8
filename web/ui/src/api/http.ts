/*
 * http.ts - the HTTP interface as the pages use it: JSON, the session's cookie, problems as errors (RFC 9457).
 *
 * Bodies are those of api/openapi.yaml; Schema['Contact'] is its type.
 */
import { refusals } from '../refusals/say'
import type { components } from './gen/openapi'

export type Schema = components['schemas']

export interface FieldError {
	path: string
	message: string
}

/** What the server refused, or that it could not be asked at all (status 0). */
export class Problem extends Error {
	constructor(
		readonly status: number,
		readonly title: string,
		readonly detail: string,
		readonly errors: FieldError[] = [],
		readonly retryAfterS = 0,
		readonly extra: Record<string, unknown> = {},
	) {
		super(detail || title)
	}
	/** By the body of a refusal, its sentences in the language of the page; `extra` has them as they came. */
	static async of(status: number, body: unknown, retryAfterS = 0): Promise<Problem> {
		const say = await refusals()
		const b = (typeof body === 'object' && body ? body : {}) as Record<string, unknown>
		const text = (key: string) => (typeof b[key] === 'string' ? say(b[key] as string) : '')
		const errors = Array.isArray(b.errors) ? (b.errors as FieldError[]) : []
		const said = errors.map((e) => ({ ...e, message: say(e.message) }))
		return new Problem(status, text('title'), text('detail'), said, retryAfterS, b)
	}
}

type Listener = () => void
const onSignedOut = new Set<Listener>()
/** Called when the server says that nobody is signed in any more. */
export function whenSignedOut(listener: Listener): () => void {
	onSignedOut.add(listener)
	return () => onSignedOut.delete(listener)
}
export function tellSignedOut(): void {
	for (const listener of onSignedOut) listener()
}

let renewal: Promise<unknown> | null = null
/** A request that ends this session and begins another one: the end is believed only once it was answered. */
export async function renewSession<T>(request: () => Promise<T>): Promise<T> {
	const answer = request()
	renewal = answer
	try {
		return await answer
	} finally {
		renewal = null
	}
}
/** What is asked before somebody is sent away: is nobody signed in indeed? */
export const sessionRenewed = async () => void (await renewal?.catch(() => {}))

export interface AskOptions {
	signal?: AbortSignal
	headers?: Record<string, string>
	/** A 401 is an answer like any other: the sign-in page itself asks. */
	quiet?: boolean
	/** A body that is no JSON: a file. */
	raw?: Blob
}

/** One request. Resolves with the parsed body (undefined for 204), rejects with a Problem. */
export async function ask<T>(
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
	path: string,
	body?: unknown,
	options: AskOptions = {},
): Promise<T> {
	const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
	if (body !== undefined) headers['Content-Type'] = 'application/json'
	let answer: Response
	try {
		answer = await fetch(path, {
			method,
			headers,
			body: options.raw ?? (body === undefined ? undefined : JSON.stringify(body)),
			signal: options.signal,
			credentials: 'same-origin',
		})
	} catch (error) {
		if (options.signal?.aborted) throw error
		throw new Problem(0, 'unreachable', '')
	}
	const text = await answer.text()
	let parsed: unknown
	try {
		parsed = text ? JSON.parse(text) : undefined
	} catch {
		parsed = undefined
	}
	if (answer.ok) return parsed as T
	if (answer.status === 401 && !options.quiet) tellSignedOut()
	throw await Problem.of(answer.status, parsed, Number(answer.headers.get('Retry-After')) || 0)
}

export const get = <T>(path: string, options?: AskOptions) => ask<T>('GET', path, undefined, options)
export const post = <T>(path: string, body: unknown = {}, options?: AskOptions) =>
	ask<T>('POST', path, body, options)

/** A path below the tenant, its parts escaped: tenantPath('acme', 'contacts', id, 'why') */
export function tenantPath(tenant: string, ...parts: string[]): string {
	return `/api/v1/tenants/${[tenant, ...parts].map(encodeURIComponent).join('/')}`
}

/** `?a=1&b=2` of what is there; empty for nothing. A space is %20: + is only itself for the server (RFC 3986). */
export function query(values: Record<string, string | number | boolean | null | undefined>): string {
	const pairs = Object.entries(values).filter(([, v]) => v !== undefined && v !== null && v !== '')
	const one = ([k, v]: [string, unknown]) => `${encodeURIComponent(k)}=${encodeURIComponent(String(v))}`
	return pairs.length ? `?${pairs.map(one).join('&')}` : ''
}

export interface Page<T> {
	items: T[]
	next: string | null
}

/** All pages of a collection, one after the other. */
export async function everyPage<T>(path: string, signal?: AbortSignal): Promise<T[]> {
	const all: T[] = []
	let after: string | null = null
	do {
		const page: Page<T> = await get(path + query({ limit: 500, after }), { signal })
		all.push(...page.items)
		after = page.next
	} while (after)
	return all
}
