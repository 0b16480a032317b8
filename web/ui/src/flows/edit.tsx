/*
 * edit.tsx - the flow that is being edited, for all parts of the page: the document with what was before and after, what
 * is picked, where the keyboard is sent. Changes of one field that follow each other are one step back.
 */
import { type ReactNode, createContext, useCallback, useContext, useMemo, useReducer } from 'react'
import type { Stock } from './doc'
import type { FlowDoc } from './doc'

const STEPS_MAX = 200
const TOGETHER_MS = 1500

interface State {
	doc: FlowDoc
	past: FlowDoc[]
	future: FlowDoc[]
	tag: string
	at: number
	/** Picked nodes; the last one is shown in the form. */
	picked: string[]
	/** The exit whose line in the outline has the keyboard: what is put in comes there. */
	exit: string | null
	/** Counts up: somebody asked for the keyboard to go there. */
	focus: { to: 'form' | 'outline' | 'canvas'; field?: string; n: number }
}

type Deed =
	| { do: 'change'; change: (doc: FlowDoc) => FlowDoc; tag: string; at: number }
	| { do: 'load'; doc: FlowDoc }
	| { do: 'undo' | 'redo' }
	| { do: 'pick'; names: string[]; exit: string | null }
	| { do: 'focus'; to: State['focus']['to']; field?: string }

const alive = (doc: FlowDoc, names: string[]) => {
	const left = names.filter((n) => Object.hasOwn(doc.nodes, n))
	return left.length === names.length ? names : left
}

function step(s: State, deed: Deed): State {
	switch (deed.do) {
		case 'change': {
			const doc = deed.change(s.doc)
			if (doc === s.doc) return s
			const together = deed.tag !== '' && deed.tag === s.tag && deed.at - s.at < TOGETHER_MS
			const past = together ? s.past : [...s.past.slice(-STEPS_MAX), s.doc]
			return { ...s, doc, past, future: [], tag: deed.tag, at: deed.at, picked: alive(doc, s.picked) }
		}
		case 'load':
			return { ...s, doc: deed.doc, past: [], future: [], tag: '', picked: alive(deed.doc, s.picked) }
		case 'undo': {
			const before = s.past[s.past.length - 1]
			if (!before) return s
			return { ...s, doc: before, past: s.past.slice(0, -1), future: [s.doc, ...s.future], tag: '', picked: alive(before, s.picked) }
		}
		case 'redo': {
			const after = s.future[0]
			if (!after) return s
			return { ...s, doc: after, past: [...s.past, s.doc], future: s.future.slice(1), tag: '', picked: alive(after, s.picked) }
		}
		case 'pick':
			return { ...s, picked: deed.names, exit: deed.exit }
		case 'focus':
			return { ...s, focus: { to: deed.to, field: deed.field, n: s.focus.n + 1 } }
	}
}

export interface Edit extends Omit<State, 'past' | 'future' | 'tag' | 'at'> {
	canUndo: boolean
	canRedo: boolean
	stock: Stock
	readOnly: boolean
	/** tag: changes with the same one, soon after each other, are one step back; empty: each is its own. */
	change(change: (doc: FlowDoc) => FlowDoc, tag?: string): void
	load(doc: FlowDoc): void
	undo(): void
	redo(): void
	pick(names: string[], exit?: string | null): void
	send(to: State['focus']['to'], field?: string): void
}

const Context = createContext<Edit | null>(null)
export function useEdit(): Edit {
	const edit = useContext(Context)
	if (!edit) throw new Error('no flow is edited here')
	return edit
}

export function EditProvider(props: { doc: FlowDoc; stock: Stock; readOnly: boolean; children: ReactNode }) {
	const { doc, stock, readOnly, children } = props
	const [s, act] = useReducer(step, doc, (first): State => ({
		doc: first, past: [], future: [], tag: '', at: 0, picked: [], exit: null, focus: { to: 'outline', n: 0 },
	}))
	const change = useCallback<Edit['change']>(
		(f, tag = '') => readOnly || act({ do: 'change', change: f, tag, at: Date.now() }),
		[readOnly],
	)
	const load = useCallback((to: FlowDoc) => act({ do: 'load', doc: to }), [])
	const undo = useCallback(() => act({ do: 'undo' }), [])
	const redo = useCallback(() => act({ do: 'redo' }), [])
	const pick = useCallback((names: string[], exit: string | null = null) => act({ do: 'pick', names, exit }), [])
	const send = useCallback((to: State['focus']['to'], field?: string) => act({ do: 'focus', to, field }), [])
	const edit = useMemo(
		(): Edit => ({
			doc: s.doc, picked: s.picked, exit: s.exit, focus: s.focus, canUndo: s.past.length > 0, canRedo: s.future.length > 0,
			stock, readOnly, change, load, undo, redo, pick, send,
		}),
		[s, stock, readOnly, change, load, undo, redo, pick, send],
	)
	return <Context.Provider value={edit}>{children}</Context.Provider>
}
