/* find.ts - any declared object by a few letters, for Ctrl-K: loaded with the first letters typed there. */
import i18next from 'i18next'
import { bringWords } from '../app/i18n'
import { fold } from '../parts/fold'
import { everyPage } from '../api/http'
import { objectPath, titleOf } from './api'
import { type Doc, KINDS, type Kind } from './schema'
import { seesKind } from './tenant'
import type { Bundle } from './words'
import type { User } from '../app/session'

export interface Found {
	id: string
	label: string
	hint: string
	to: string
}

const FRESH_MS = 30_000
let known: { user: User; at: number; all: Promise<{ kind: Kind; doc: Doc }[]> } | null = null

async function everything(user: User): Promise<{ kind: Kind; doc: Doc }[]> {
	const kinds = Object.values(KINDS).filter((k) => k.kind !== 'tenant' && k.kind !== 'draft' && seesKind(user, k.kind))
	const lists = await Promise.all(kinds.map((kind) => everyPage<Doc>(objectPath(user.tenant, kind)).catch(() => []))) // one that fails hides no other
	return kinds.flatMap((kind, i) => (lists[i] ?? []).map((doc) => ({ kind, doc })))
}

export async function findObjects(user: User, text: string, most = 8): Promise<Found[]> {
	const now = Date.now()
	if (known?.user !== user || now - known.at > FRESH_MS) known = { user, at: now, all: everything(user) }
	const [all] = await Promise.all([known.all, bringWords('admin')])
	const wanted = fold(text.trim())
	const names = ((i18next.getResourceBundle(i18next.language, 'admin') as { kinds?: Bundle }).kinds ?? {}) as Bundle
	return all
		.filter(({ doc }) => fold(`${doc.id} ${doc.name ?? ''}`).includes(wanted))
		.slice(0, most)
		.map(({ kind, doc }) => ({
			id: `${kind.kind} ${doc.id}`,
			label: titleOf(doc),
			hint: names[kind.kind] ?? kind.kind,
			to: kind.kind === 'flow' ? `/flows/${encodeURIComponent(String(doc.id))}` : `/admin/${kind.plural}/${encodeURIComponent(String(doc.id))}`,
		}))
}
