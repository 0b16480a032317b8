/*
 * deeds.tsx - what can be done with nodes, the same from the outline, the canvas and the menu: put in, lead somewhere, rename,
 * remove, copy, paste, find. What has to be asked is asked here; afterwards the keyboard is where the work is.
 */
import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, type KeyboardEvent, type ReactNode, createContext, useContext, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../app/notices'
import { type Choice, Chooser } from './Chooser'
import {
	KINDS, type Kind, type NodeDoc, type Spot, changeNode, exitTarget, exitsOf, freshNode, insertNode, isName, mainExit, pasteNodes, removeNode,
	renameNode, setExit, withoutExit,
} from './doc'
import { useEdit } from './edit'
import { KIND_ICONS, type Named, exitSays, saysOf } from './say'

interface Way {
	node: string
	exit: string
}
export interface Deeds {
	/** Asks which kind, and puts it behind this exit (none: alone). */
	add(from?: Way, at?: Spot): void
	addKind(kind: Kind, from?: Way, at?: Spot): void
	/** Behind a node, whichever exit that is. */
	addAfter(node: string): void
	link(from: Way): void
	menu(node: string | null, from: Way | null): void
	rename(node: string): void
	remove(names: string[]): void
	copy(names: string[]): void
	paste(): void
	find(): void
	/** Keys that mean the same wherever a node has the keyboard. True: it was one. */
	key(e: KeyboardEvent, node: string | null, from: Way | null): boolean
	named: Named
}

const Context = createContext<Deeds | null>(null)
export function useDeeds(): Deeds {
	const deeds = useContext(Context)
	if (!deeds) throw new Error('nothing can be done here')
	return deeds
}

type Asking =
	| { what: 'kind'; from?: Way; at?: Spot }
	| { what: 'target'; from: Way }
	| { what: 'menu'; node: string | null; from: Way | null }
	| { what: 'rename'; node: string }
	| { what: 'find' }

const COPIED = 'flows.copied'

export function DeedsProvider({ named, onSimulate, children }: { named: Named; onSimulate(): void; children: ReactNode }) {
	const { t } = useTranslation('flows')
	const edit = useEdit()
	const { doc, picked, readOnly, change, pick, send } = edit
	const [asking, setAsking] = useState<Asking | null>(null)

	const deeds = useMemo((): Deeds => {
		const addKind: Deeds['addKind'] = (kind, from, at) => {
			if (readOnly) return
			const [, name] = insertNode(doc, freshNode(kind, edit.stock), from, at)
			change((d) => insertNode(d, freshNode(kind, edit.stock), from, at)[0])
			pick([name])
			send('outline')
		}
		const self: Deeds = {
			named,
			addKind,
			add: (from, at) => readOnly || setAsking({ what: 'kind', from, at }),
			addAfter: (node) => {
				const main = doc.nodes[node] && mainExit(doc.nodes[node])
				self.add(main ? { node, exit: main } : undefined)
			},
			link: (from) => readOnly || setAsking({ what: 'target', from }),
			menu: (node, from) => setAsking({ what: 'menu', node, from }),
			rename: (node) => readOnly || setAsking({ what: 'rename', node }),
			remove: (names) => {
				if (readOnly || !names.length) return
				change((d) => names.reduce(removeNode, d))
				tell('info', t('removed', { count: names.length }))
				send('outline')
			},
			copy: (names) => {
				const copied = Object.fromEntries(names.flatMap((n) => (doc.nodes[n] ? [[n, doc.nodes[n]]] : [])))
				localStorage.setItem(COPIED, JSON.stringify(copied))
				tell('info', t('copied', { count: Object.keys(copied).length }))
			},
			paste: () => {
				const copied = readCopied()
				if (readOnly || !copied) return
				pick(pasteNodes(doc, copied)[1])
				change((d) => pasteNodes(d, copied)[0])
				send('outline')
			},
			find: () => setAsking({ what: 'find' }),
			key: (e, node, from) => {
				const ctrl = e.ctrlKey || e.metaKey
				const names = node ? (picked.includes(node) ? picked : [node]) : []
				if (ctrl && e.key === 'c' && names.length) self.copy(names)
				else if (ctrl && e.key === 'v') self.paste()
				else if (ctrl || e.altKey) return false
				else if (e.key === 'Insert' || e.key === '+') from ? self.add(from) : node ? self.addAfter(node) : self.add()
				else if (e.key === 'Delete' && node) self.remove(names)
				else if (e.key === 'F2' && node) self.rename(node)
				else if (e.key.toLowerCase() === 'l' && from) self.link(from)
				else if (e.key === 'ContextMenu' || (e.key === 'F10' && e.shiftKey) || e.key.toLowerCase() === 'm') self.menu(node, from)
				else if (e.key === 'Enter' && node) {
					pick([node], from?.exit ?? null)
					send('form')
				} else if (e.key === 'Enter' && from) self.add(from)
				else return false
				e.preventDefault()
				e.stopPropagation()
				return true
			},
		}
		return self
	}, [doc, picked, readOnly, change, pick, send, named, t, edit.stock])

	const nodeChoices = (): Choice[] =>
		Object.entries(doc.nodes).map(([name, n]) => ({
			id: name, label: name, icon: KIND_ICONS[n.do], hint: [t(`kind.${n.do}`), saysOf(n, named, t)].filter(Boolean).join(' · '),
		}))
	const close = () => setAsking(null)

	return (
		<Context.Provider value={deeds}>
			{children}
			{asking?.what === 'kind' && (
				<Chooser title={t('add.title')} onClose={close}
					choices={KINDS.map((k) => ({ id: k, label: t(`kind.${k}`), hint: t(`kind_hint.${k}`), icon: KIND_ICONS[k] }))}
					onPick={(k) => deeds.addKind(k as Kind, asking.from, asking.at)} />
			)}
			{asking?.what === 'target' && (
				<Chooser title={t('link.title', { exit: exitSays(doc.nodes[asking.from.node] as NodeDoc, asking.from.exit, t), node: asking.from.node })} onClose={close}
					choices={[{ id: '', label: t('link.nowhere'), icon: 'cross' as const }, ...nodeChoices()]}
					onPick={(to) => {
						change((d) => setExit(d, asking.from.node, asking.from.exit, to || undefined))
						pick(to ? [to] : [], asking.from.exit)
						send('outline')
					}} />
			)}
			{asking?.what === 'find' && (
				<Chooser title={t('find')} onClose={close} choices={nodeChoices()} onPick={(n) => (pick([n]), send('outline'))} />
			)}
			{asking?.what === 'menu' && <NodeMenu node={asking.node} from={asking.from} deeds={deeds} onSimulate={onSimulate} onClose={close} />}
			{asking?.what === 'rename' && <Rename node={asking.node} onClose={close} />}
		</Context.Provider>
	)
}

function readCopied(): Record<string, NodeDoc> | null {
	try {
		const told = JSON.parse(localStorage.getItem(COPIED) ?? 'null') as Record<string, NodeDoc> | null
		const good = told && Object.values(told).every((n) => KINDS.includes(n.do)) && Object.keys(told).every(isName)
		return good && Object.keys(told).length ? told : null
	} catch {
		return null
	}
}

function NodeMenu(props: { node: string | null; from: Way | null; deeds: Deeds; onSimulate(): void; onClose(): void }) {
	const { node, from, deeds, onSimulate, onClose } = props
	const { t } = useTranslation('flows')
	const { doc, readOnly, change, pick, send } = useEdit()
	const n = node ? doc.nodes[node] : undefined
	const source = from ? doc.nodes[from.node] : undefined
	const choices: (Choice & { run(): void })[] = []
	const add = (id: string, icon: Choice['icon'], label: string, run: () => void, keys?: string) => choices.push({ id, icon, label, run, keys })

	if (node && n) add('open', 'edit', t('menu.open'), () => (pick([node]), send('form')), '↵')
	if (!readOnly) {
		if (from) add('add', 'plus', t('menu.add_here'), () => deeds.add(from), 'Ins')
		if (from) add('link', 'link', t('menu.link'), () => deeds.link(from), 'L')
		if (from && source && exitTarget(source, from.exit)) add('cut', 'cross', t('menu.cut'), () => change((d) => setExit(d, from.node, from.exit, undefined)))
		if (from && /^(keys|if)\./.test(from.exit))
			add('drop', 'trash', t('menu.drop_exit'), () => change((d) => changeNode(d, from.node, (x) => withoutExit(x, from.exit))))
		if (node && n) {
			for (const e of exitsOf(n))
				add(`after ${e.key}`, 'plus', t('menu.add_behind', { exit: exitSays(n, e.key, t) }), () => deeds.add({ node, exit: e.key }))
			for (const e of exitsOf(n))
				add(`link ${e.key}`, 'link', t('menu.link_exit', { exit: exitSays(n, e.key, t) }), () => deeds.link({ node, exit: e.key }))
			add('rename', 'tag', t('menu.rename'), () => deeds.rename(node), 'F2')
			add('copy', 'copy', t('menu.copy'), () => deeds.copy([node]), 'Ctrl C')
			if (doc.start !== node) add('start', 'star', t('menu.start'), () => change((d) => ({ ...d, start: node })))
			add('remove', 'trash', t('menu.remove'), () => deeds.remove([node]), 'Del')
		}
		add('paste', 'copy', t('menu.paste'), () => deeds.paste(), 'Ctrl V')
	}
	add('simulate', 'phone', t('menu.simulate'), onSimulate)
	return <Chooser title={node ?? t('menu.title')} choices={choices} onClose={onClose} onPick={(id) => choices.find((c) => c.id === id)?.run()} />
}

function Rename({ node, onClose }: { node: string; onClose(): void }) {
	const { t } = useTranslation('flows')
	const { doc, change, pick, send } = useEdit()
	const [name, setName] = useState(node)
	const fault = !isName(name) ? t('rename.bad') : name !== node && Object.hasOwn(doc.nodes, name) ? t('rename.taken') : ''
	const submit = (e: FormEvent) => {
		e.preventDefault()
		if (fault) return
		change((d) => renameNode(d, node, name))
		pick([name])
		onClose()
		send('outline')
	}
	return (
		<Modal opened onClose={onClose} title={t('rename.title', { node })}>
			<form onSubmit={submit}>
				<TextInput data-autofocus label={t('rename.label')} value={name} error={fault} onFocus={(e) => e.currentTarget.select()} onChange={(e) => setName(e.currentTarget.value)} />
				<Button type="submit" mt="md" disabled={!!fault}>{t('rename.do')}</Button>
			</form>
		</Modal>
	)
}
