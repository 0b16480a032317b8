/* say.ts - what a node is and does, in a few words: for the canvas, the outline and screen readers. */
import type { TFunction } from 'i18next'
import type { IconName } from '../parts/Icon'
import type { Told } from './api'
import { type Kind, type NodeDoc, casesOf } from './doc'

export type T = TFunction<'flows'>

export const KIND_ICONS: Record<Kind, IconName> = {
	play: 'play', say: 'volume', menu: 'keypad', collect: 'keyboard', hours: 'clock', branch: 'swap', set: 'tag', language: 'language',
	queue: 'people', callback: 'callback', transfer: 'transfer', subflow: 'tabs', hangup: 'hangUp',
}

export interface Named {
	prompts: Map<string, Told>
	queues: Map<string, Told>
	users: Map<string, Told>
	flows: Map<string, Told>
	/** In which language texts are shown. */
	language: string
}

/** One text, or one by language: the one for this language, else any. */
export function textIn(text: unknown, language: string): string {
	if (typeof text === 'string') return text
	if (typeof text !== 'object' || !text) return ''
	const map = text as Record<string, string>
	return map[language] ?? map.en ?? Object.values(map)[0] ?? ''
}

const nameOf = (map: Map<string, Told>, id: unknown): string => String(map.get(String(id))?.name ?? id ?? '')

export function saysOf(node: NodeDoc, named: Named, t: T): string {
	const spoken = (id: unknown) => textIn(named.prompts.get(String(id))?.text, named.language) || String(id ?? '')
	const to = node.to as string | { queue?: string; agent?: string; number?: string } | undefined
	switch (node.do) {
		case 'play':
		case 'menu':
			return spoken(node.prompt)
		case 'collect':
			return `${spoken(node.prompt)} → ${String(node.var ?? '')}`
		case 'say':
			return textIn(node.text, named.language)
		case 'hours':
			return String(node.hours ?? '')
		case 'branch':
			return t('says.branch', { count: casesOf(node).length })
		case 'set':
			return `${String(node.var ?? '')} = ${String(node.value ?? '')}`
		case 'language':
			return String(node.lang ?? '')
		case 'queue':
		case 'callback':
			return nameOf(named.queues, node.queue)
		case 'transfer':
			if (typeof to !== 'object') return String(to ?? '')
			return to.queue !== undefined ? nameOf(named.queues, to.queue) : to.agent !== undefined ? nameOf(named.users, to.agent) : String(to.number ?? '')
		case 'subflow':
			return nameOf(named.flows, node.flow)
		default:
			return ''
	}
}

/** The name of an exit, for eyes. */
export function exitSays(node: NodeDoc, key: string, t: T): string {
	if (key.startsWith('keys.')) return t('exit.key', { key: key.slice(5) })
	if (key.startsWith('if.')) return casesOf(node)[Number(key.slice(3))]?.when || t('exit.if')
	if (key === 'next') return t(node.do === 'queue' || node.do === 'transfer' ? 'exit.after' : 'exit.next')
	if (key === 'else')
		return t(node.do === 'menu' ? 'exit.else_menu' : node.do === 'collect' ? 'exit.else_collect' : node.do === 'callback' ? 'exit.else_callback' : 'exit.else')
	switch (key) {
		case 'open': return t('exit.open')
		case 'closed': return t('exit.closed')
		case 'on.full': return t('exit.full')
		case 'on.timeout': return t('exit.timeout')
		case 'on.no_agents': return t('exit.no_agents')
		case 'on.closed': return t('exit.queue_closed')
		case 'on.busy': return t('exit.busy')
		case 'on.no_answer': return t('exit.no_answer')
		case 'on.failed': return t('exit.failed')
		default: return key
	}
}

/** The edge of a step or a fact (`1`, `if[0]`, `full`) as an exit of this node. */
export function exitOfEdge(node: NodeDoc | undefined, edge: string): string {
	if (!node) return edge
	if (node.do === 'menu' && /^[0-9*#]$/.test(edge)) return `keys.${edge}`
	const at = /^if\[(\d+)\]$/.exec(edge)
	if (at) return `if.${at[1]}`
	return ['full', 'timeout', 'no_agents', 'busy', 'no_answer', 'failed'].includes(edge) || (edge === 'closed' && node.do === 'queue') ? `on.${edge}` : edge
}
