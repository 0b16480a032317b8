/* feed.ts - what needs somebody, put in order of urgency. Pure. */
import type { AlertState, Contact, Notice } from '../live/types'

export type Item =
	| { kind: 'help'; contact: Contact }
	| { kind: 'approval'; notice: Notice }
	| { kind: 'alert'; alert: AlertState }
	/** notice: the newest of those that say the same of the same. */
	| { kind: 'alarm'; notice: Notice; ids: string[] }

/** What somebody has taken is kept in sight for a few lines, not for a day. */
const TAKEN_SHOWN = 5

/** Taken by somebody: it waits for nobody any more. */
export const isOpen = (i: Item) => !(i.kind === 'alert' ? i.alert.acknowledged_by : i.kind === 'alarm' ? i.notice.acknowledged_by : '')

export const itemKey = (i: Item) =>
	i.kind === 'help' ? `help ${i.contact.id}` : i.kind === 'alert' ? `alert ${i.alert.id}` : i.kind === 'approval' ? `approval ${i.notice.id}` : `alarm ${i.ids[0]}`

const atOf = (i: Item) => (i.kind === 'help' ? i.contact.help?.since_at : i.kind === 'alert' ? i.alert.since_at : i.notice.at) ?? ''

/** Somebody waits for an answer: help, what is critical, approvals; then warnings; then what has happened; then the taken. */
function rank(i: Item): number {
	if (!isOpen(i)) return 5
	if (i.kind === 'help') return 0
	if (i.kind === 'alert') return i.alert.level === 'critical' ? 1 : 3
	return i.kind === 'approval' ? 2 : 4
}

/** over: whether an agent's pause is over its time now; what was said of a pause goes with it. */
export function feedOf(contacts: Iterable<Contact>, alerts: Iterable<AlertState>, notices: Iterable<Notice>, over: (agent: string) => boolean = () => true): Item[] {
	const items: Item[] = []
	for (const contact of contacts) if (contact.help) items.push({ kind: 'help', contact })
	for (const alert of alerts) items.push({ kind: 'alert', alert })
	const same = new Map<string, Extract<Item, { kind: 'alarm' }>>()
	for (const notice of notices) {
		if (notice.kind === 'approval') {
			items.push({ kind: 'approval', notice })
			continue
		}
		if (notice.name === 'reason_over' && notice.agent && !over(notice.agent)) continue
		const key = [notice.name, notice.agent, notice.queue, notice.trunk, notice.acknowledged_by].join(' ')
		const was = same.get(key)
		if (was) {
			was.notice = notice
			was.ids.push(notice.id)
		} else same.set(key, { kind: 'alarm', notice, ids: [notice.id] })
	}
	items.push(...same.values())
	// who asked first is answered first; of what happened, the newest is news
	const waits = (i: Item) => i.kind === 'help' || i.kind === 'approval'
	items.sort((a, b) => rank(a) - rank(b) || (atOf(a) < atOf(b) ? -1 : 1) * (waits(a) ? 1 : -1))
	let taken = 0
	return items.filter((i) => isOpen(i) || i.kind === 'alert' || ++taken <= TAKEN_SHOWN)
}
