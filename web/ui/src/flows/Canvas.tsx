/*
 * Canvas.tsx - the flow as a picture (@xyflow/react). Pulling draws ways and places nodes; the keyboard does as much: Tab and
 * arrows go from node to node, Ctrl and arrows move one, Enter opens its form, the other keys are those of the outline.
 */
import {
	Background, BackgroundVariant, type Connection, Controls, type Edge, type Node, type NodeChange, MiniMap, ReactFlow, ReactFlowProvider, useReactFlow,
} from '@xyflow/react'
import '@xyflow/react/dist/style.css'
import { useMantineColorScheme } from '@mantine/core'
import { type DragEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FlowNode, type Shown } from './FlowNode'
import { useDeeds } from './deeds'
import { KINDS, type Kind, type NodeDoc, type Spot, exitsOf, setExit, withSpots } from './doc'
import { useEdit } from './edit'
import { WIDE, heightOf, placesOf } from './layout'
import type { Problem } from './problems'
import { exitSays, saysOf } from './say'
import styles from './flows.module.css'

const TYPES = { step: FlowNode }
export const DRAGGED = 'application/x-flow-kind'

export interface CanvasProps {
	problems: Problem[]
	trail: Map<string, number>
	/** Ways that the simulated caller took: `node exit`. */
	walked: Set<string>
	/** Callers of today and callers there now, by node. */
	callers: Map<string, number>
	now: Map<string, number>
	/** Compared with another version: what is new, changed, and gone. */
	marks: Map<string, 'added' | 'changed'>
	onCallers(node: string): void
}

export function Canvas(props: CanvasProps) {
	return (
		<ReactFlowProvider>
			<Picture {...props} />
		</ReactFlowProvider>
	)
}

function Picture({ problems, trail, walked, callers, now, marks, onCallers }: CanvasProps) {
	const { t } = useTranslation('flows')
	const { doc, picked, pick, change, focus, send, readOnly } = useEdit()
	const deeds = useDeeds()
	const { named } = deeds
	const { colorScheme } = useMantineColorScheme()
	const flow = useReactFlow()
	const box = useRef<HTMLDivElement>(null)
	const [dragged, setDragged] = useState<Record<string, Spot>>({})
	const places = useMemo(() => placesOf(doc), [doc])
	const most = useMemo(() => Math.max(0, ...callers.values()), [callers])

	const nodes = useMemo((): Node<Shown>[] => {
		const wrong = new Map<string, boolean>()
		for (const p of problems) if (p.node) wrong.set(p.node, (wrong.get(p.node) ?? false) || p.severe)
		return Object.entries(doc.nodes).map(([name, node]) => {
			const says = saysOf(node, named, t)
			return {
				id: name, type: 'step', position: dragged[name] ?? places[name] ?? { x: 0, y: 0 }, width: WIDE, height: heightOf(node), selected: picked.includes(name),
				ariaLabel: [name, t(`kind.${node.do}`), says].filter(Boolean).join(', '),
				data: {
					name, node, says, exits: exitsOf(node).map((e) => ({ key: e.key, label: exitSays(node, e.key, t), open: !e.target })), start: doc.start === name,
					wrong: wrong.get(name), order: trail.get(name), callers: callers.get(name) ?? 0, heat: most ? (callers.get(name) ?? 0) / most : 0, now: now.get(name) ?? 0,
					mark: marks.get(name), onCallers: () => onCallers(name),
				},
			}
		})
	}, [doc, places, dragged, picked, problems, trail, callers, most, now, marks, named, t, onCallers])

	const edges = useMemo((): Edge[] => {
		const list: Edge[] = []
		for (const [source, node] of Object.entries(doc.nodes))
			for (const e of exitsOf(node))
				if (e.target && doc.nodes[e.target]) {
					const on = walked.has(`${source} ${e.key}`)
					list.push({
						id: `${source} ${e.key}`, source, sourceHandle: e.key, target: e.target, type: 'smoothstep', pathOptions: { borderRadius: 14 },
						animated: on, className: on ? styles.walked : picked.includes(source) || picked.includes(e.target) ? styles.near : undefined,
						ariaLabel: t('edge', { from: source, exit: exitSays(node, e.key, t), to: e.target }), focusable: false, zIndex: on ? 5 : 0,
					} as Edge)
				}
		return list
	}, [doc, walked, picked, t])

	const onNodesChange = (changes: NodeChange<Node<Shown>>[]) => {
		const spots: Record<string, Spot> = {}
		let done = false
		for (const c of changes) {
			if (c.type === 'position' && c.position) spots[c.id] = c.position
			if (c.type === 'position' && c.dragging === false) done = true
		}
		const select = changes.flatMap((c) => (c.type === 'select' ? [c] : []))
		if (select.length) {
			const off = new Set(select.filter((c) => !c.selected).map((c) => c.id))
			const next = [...picked.filter((n) => !off.has(n)), ...select.filter((c) => c.selected && !picked.includes(c.id)).map((c) => c.id)]
			if (next.length !== picked.length || next.some((n, i) => n !== picked[i])) pick(next)
		}
		if (done) {
			const all = { ...dragged, ...spots }
			const before = doc.layout ? {} : places // the first one that is placed keeps the others where they are
			if (Object.keys(all).length) change((d) => withSpots(d, { ...before, ...all }))
			setDragged({})
		} else if (Object.keys(spots).length) setDragged({ ...dragged, ...spots })
	}
	const onConnect = (c: Connection) => c.sourceHandle && change((d) => setExit(d, c.source, c.sourceHandle as string, c.target))

	const focusNode = (name: string) => box.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(name)}"]`)?.focus()
	useEffect(() => {
		if (focus.to === 'canvas' && focus.n && picked.length) focusNode(picked[picked.length - 1] as string)
		// eslint-disable-next-line
	}, [focus.n])
	// what is picked elsewhere is brought into the picture
	const last = picked[picked.length - 1]
	useEffect(() => {
		const spot = last && places[last]
		if (!spot || !box.current) return
		const { x, y, zoom } = flow.getViewport()
		const at = { x: spot.x * zoom + x, y: spot.y * zoom + y }
		const { clientWidth: w, clientHeight: h } = box.current
		const inside = at.x > 0 && at.y > 0 && at.x + WIDE * zoom < w && at.y + 90 * zoom < h
		if (!inside && !box.current.contains(document.activeElement)) void flow.setCenter(spot.x + WIDE / 2, spot.y + 60, { zoom: Math.max(zoom, 0.7), duration: 200 })
		// eslint-disable-next-line
	}, [last])
	// all of it, as long as it can be read; else its beginning
	const show = () => {
		const start = places[doc.start]
		const spots = Object.entries(places)
		if (!box.current || !start || !spots.length) return
		const { clientWidth: w, clientHeight: h } = box.current
		const [left, top] = [Math.min(...spots.map(([, s]) => s.x)), Math.min(...spots.map(([, s]) => s.y))]
		const right = Math.max(...spots.map(([, s]) => s.x + WIDE))
		const bottom = Math.max(...spots.map(([n, s]) => s.y + heightOf(doc.nodes[n] as NodeDoc)))
		const fits = Math.min((w - 60) / (right - left), (h - 60) / (bottom - top), 1)
		const zoom = Math.max(fits, 0.66)
		const tall = (bottom - top) * zoom < h - 60
		const x = (right - left) * zoom < w - 60 ? (w - (right - left) * zoom) / 2 - left * zoom : 30 - start.x * zoom
		const y = tall ? (h - (bottom - top) * zoom) / 2 - top * zoom : Math.min(60 - top * zoom, h / 3 - start.y * zoom)
		void flow.setViewport({ x, y, zoom })
	}
	const none = nodes.length === 0
	useEffect(() => {
		const timer = setTimeout(show, 60)
		return () => clearTimeout(timer)
		// eslint-disable-next-line
	}, [none])

	const onKeyDown = (e: KeyboardEvent) => {
		const name = (document.activeElement as HTMLElement | null)?.closest<HTMLElement>('.react-flow__node')?.dataset.id
		if (!name || !places[name]) {
			if (!e.defaultPrevented) deeds.key(e, null, null)
			return
		}
		const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key]
		if (step && (e.ctrlKey || e.metaKey)) {
			const spot = places[name] as Spot
			const to = { x: spot.x + (step[0] as number) * 20, y: spot.y + (step[1] as number) * 20 }
			change((d) => withSpots(d, { ...(d.layout ? {} : places), [name]: to }), `move ${name}`)
		} else if (step) {
			const near = nearest(places, name, step as [number, number])
			if (near) {
				pick([near])
				focusNode(near)
			}
		} else if (e.key === 'Escape') send('outline')
		else {
			if (e.key === ' ') pick([name])
			else if (!deeds.key(e, name, null)) return
		}
		e.preventDefault()
		e.stopPropagation()
	}
	const onDrop = (e: DragEvent) => {
		const kind = e.dataTransfer.getData(DRAGGED) as Kind
		if (!KINDS.includes(kind)) return
		e.preventDefault()
		deeds.addKind(kind, undefined, flow.screenToFlowPosition({ x: e.clientX - WIDE / 2, y: e.clientY - 20 }))
	}
	return (
		<section ref={box} className={styles.canvas} aria-label={t('canvas.title')} onKeyDownCapture={onKeyDown}
			onDragOver={(e) => e.dataTransfer.types.includes(DRAGGED) && e.preventDefault()} onDrop={onDrop}>
			<ReactFlow nodes={nodes} edges={edges} nodeTypes={TYPES} onNodesChange={onNodesChange} onConnect={onConnect}
				onReconnect={(old, to) => {
					change((d) => {
						const cut = setExit(d, old.source, old.sourceHandle as string, undefined)
						return to.sourceHandle ? setExit(cut, to.source, to.sourceHandle, to.target) : d
					})
				}}
				onEdgesDelete={(gone) => change((d) => gone.reduce((x, g) => setExit(x, g.source, g.sourceHandle as string, undefined), d))}
				onNodeDoubleClick={(_, n) => (pick([n.id]), send('form'))}
				onNodeContextMenu={(e, n) => (e.preventDefault(), pick([n.id]), deeds.menu(n.id, null))}
				onPaneClick={() => pick([])}
				onConnectEnd={(_, c) => {
					// let go over nothing: what comes there?
					if (!c.toNode && c.fromNode && c.fromHandle?.type === 'source' && c.to) deeds.add({ node: c.fromNode.id, exit: c.fromHandle.id as string }, { x: c.to.x, y: c.to.y - 20 })
				}}
				nodesDraggable={!readOnly} nodesConnectable={!readOnly} edgesReconnectable={!readOnly} deleteKeyCode={null} disableKeyboardA11y selectionKeyCode="Shift" multiSelectionKeyCode="Shift"
				minZoom={0.15} maxZoom={1.6} colorMode={colorScheme === 'auto' ? 'system' : colorScheme}
				proOptions={{ hideAttribution: true }} zoomOnDoubleClick={false} panOnScroll zoomOnPinch
				ariaLabelConfig={{
					'controls.ariaLabel': t('canvas.controls'), 'controls.zoomIn.ariaLabel': t('canvas.zoom_in'), 'controls.zoomOut.ariaLabel': t('canvas.zoom_out'),
					'controls.fitView.ariaLabel': t('canvas.fit'), 'minimap.ariaLabel': t('canvas.map'), 'node.a11yDescription.default': t('canvas.keys'),
				}}>
				<Background variant={BackgroundVariant.Dots} gap={22} size={1.4} color="var(--line-strong)" />
				<Controls showInteractive={false} fitViewOptions={{ padding: 0.1, maxZoom: 1 }} />
				<MiniMap pannable zoomable nodeStrokeWidth={0} nodeBorderRadius={8} nodeColor={(n) => (n.selected ? 'var(--accent)' : trail.has(n.id) ? 'var(--ready)' : 'var(--line-strong)')} className={styles.minimap} />
			</ReactFlow>
		</section>
	)
}

/** The next one in this direction: rather straight ahead than near. */
function nearest(places: Record<string, Spot>, from: string, [dx, dy]: [number, number]): string | undefined {
	const here = places[from] as Spot
	let best: string | undefined
	let least = Number.POSITIVE_INFINITY
	for (const [name, spot] of Object.entries(places)) {
		const [x, y] = [spot.x - here.x, spot.y - here.y]
		const ahead = x * dx + y * dy
		if (name === from || ahead <= 0) continue
		const cost = ahead + 2.5 * Math.abs(x * dy + y * dx)
		if (cost < least) [best, least] = [name, cost]
	}
	return best
}
