/*
 * Outline.tsx - the flow as a tree for the keyboard and for screen readers, with all the power of the canvas: arrows walk,
 * Insert puts a node behind this exit, L leads it elsewhere, Enter opens the form, F2 renames, Delete removes, M lists everything.
 */
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import { useDeeds } from './deeds'
import type { NodeDoc } from './doc'
import { useEdit } from './edit'
import { type Row, outlineOf } from './outline'
import type { Problem } from './problems'
import { KIND_ICONS, exitSays, saysOf } from './say'
import styles from './flows.module.css'

interface Props {
	problems: Problem[]
	/** Nodes on the way of the simulated caller, with their place in it. */
	trail: Map<string, number>
}

export function Outline({ problems, trail }: Props) {
	const { t } = useTranslation('flows')
	const { doc, picked, exit, pick, focus, send, readOnly } = useEdit()
	const deeds = useDeeds()
	const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
	const rows = useMemo(() => outlineOf(doc, closed), [doc, closed])
	const tree = useRef<HTMLDivElement>(null)
	const chosen = picked[picked.length - 1]
	const [here, setHere] = useState('')

	// the line of what is picked, by its exit when that is known; else where the keyboard was
	const at = useMemo(() => {
		const by = rows.findIndex((r) => r.id === here && (r.node === chosen || (r.node === null && !chosen)))
		if (by >= 0) return by
		const own = rows.findIndex((r) => r.node === chosen && !r.again && (!exit || r.from?.exit === exit))
		const any = own >= 0 ? own : rows.findIndex((r) => r.node === chosen && !r.again)
		return any >= 0 ? any : Math.max(0, rows.findIndex((r) => r.id === here))
	}, [rows, here, chosen, exit])

	const go = (row: Row | undefined, take = true) => {
		if (!row) return
		setHere(row.id)
		pick(row.node ? [row.node] : [], row.from?.exit ?? null)
		if (take) requestAnimationFrame(() => lineOf(tree.current, row.id)?.focus())
	}
	useEffect(() => {
		if (focus.to !== 'outline' || !focus.n) return
		const row = rows[at]
		// after the dialog has given the keyboard back
		const timer = setTimeout(() => row && lineOf(tree.current, row.id)?.focus(), 60)
		return () => clearTimeout(timer)
		// only when somebody asks for it
		// eslint-disable-next-line
	}, [focus.n])

	// a line that had the keyboard and is gone leaves it to the one that is current now
	const had = useRef(false)
	useLayoutEffect(() => {
		if (had.current && document.activeElement === document.body) lineOf(tree.current, rows[at]?.id ?? '')?.focus()
	}, [rows, at])
	// who comes to the page begins here
	useEffect(() => {
		if (document.activeElement === document.body) tree.current?.querySelector<HTMLElement>('[role=treeitem]')?.focus()
	}, [])

	const onKeyDown = (e: KeyboardEvent) => {
		const row = rows[at]
		if (deeds.key(e, row?.node ?? null, row?.from ?? null)) return
		if (e.ctrlKey || e.metaKey || e.altKey || !row) return
		const toggle = (open: boolean) => {
			const next = new Set(closed)
			if (open) next.delete(row.node as string)
			else next.add(row.node as string)
			setClosed(next)
		}
		const parent = () => go(rows.find((r) => r.id === row.parent))
		switch (e.key) {
			case 'ArrowDown': go(rows[at + 1]); break
			case 'ArrowUp': go(rows[at - 1]); break
			case 'Home': go(rows[0]); break
			case 'End': go(rows[rows.length - 1]); break
			case 'ArrowRight':
				if (row.again) go(rows.find((r) => r.node === row.node && !r.again))
				else if (row.open === false) toggle(true)
				else go(rows[at + 1])
				break
			case 'ArrowLeft':
				if (row.open) toggle(false)
				else parent()
				break
			default: return
		}
		e.preventDefault()
	}
	const wrong = useMemo(() => {
		const map = new Map<string, boolean>()
		for (const p of problems) if (p.node) map.set(p.node, (map.get(p.node) ?? false) || p.severe)
		return map
	}, [problems])

	return (
		<section className={styles.outline} aria-label={t('outline.title')}>
			<div ref={tree} role="tree" aria-label={t('outline.title')} className={styles.tree} onKeyDown={onKeyDown}
				onFocus={() => (had.current = true)} onBlur={(e) => (had.current = had.current && e.relatedTarget === null)}>
				{rows.map((row, i) => (
					<Line key={row.id} row={row} current={i === at} picked={i === at && !!chosen} severe={row.node && !row.again ? wrong.get(row.node) : undefined}
						order={row.node && !row.again ? trail.get(row.node) : undefined} onPick={() => go(row, false)} onOpen={() => (go(row, false), send('form'))} />
				))}
			</div>
			{!rows.length && <p className={styles.quiet}>{t('outline.empty')}</p>}
			{!readOnly && (
				<p className={styles.keysHint}>
					<kbd>Ins</kbd> {t('outline.insert')} <kbd>L</kbd> {t('outline.link')} <kbd>↵</kbd> {t('outline.open')} <kbd>F2</kbd> {t('outline.rename')} <kbd>Del</kbd> {t('outline.remove')} <kbd>M</kbd> {t('outline.menu')}
				</p>
			)}
		</section>
	)
}

const lineOf = (tree: HTMLElement | null, id: string): HTMLElement | undefined =>
	[...(tree?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? [])].find((e) => e.dataset.row === id)

interface LineProps {
	row: Row
	current: boolean
	picked: boolean
	severe: boolean | undefined
	order: number | undefined
	onPick(): void
	onOpen(): void
}

function Line({ row, current, picked, severe, order, onPick, onOpen }: LineProps) {
	const { t } = useTranslation('flows')
	const { doc } = useEdit()
	const { named } = useDeeds()
	const node = row.node ? doc.nodes[row.node] : undefined
	const source = row.from ? doc.nodes[row.from.node] : undefined
	const way = row.from && source ? exitSays(source as NodeDoc, row.from.exit, t) : row.loose ? t('outline.loose') : t('outline.start')
	const says = node ? saysOf(node, named, t) : ''
	const key = row.from?.exit.startsWith('keys.') ? row.from.exit.slice(5) : null
	/** What icons and colours say, for those who hear it. */
	const more = [
		row.again ? t('outline.again') : node ? t(`kind.${node.do}`) : '', severe !== undefined ? t(severe ? 'outline.wrong' : 'outline.hint') : '',
		order !== undefined ? t('outline.walked', { n: order }) : '',
	]
	return (
		<div role="treeitem" data-row={row.id} tabIndex={current ? 0 : -1} aria-level={row.level} aria-selected={picked} aria-expanded={row.open ?? undefined}
			className={styles.line} style={{ paddingLeft: 6 + (row.level - 1) * 14 }} data-trail={order !== undefined || undefined}
			onClick={onPick} onDoubleClick={onOpen}>
			{key !== null && <span className="unseen">{t('exit.key', { key: '' })}</span>}
			<span className={styles.way} data-key={key !== null || undefined}>{key ?? way}</span>{' '}
			{node && !row.again ? (
				<>
					<span className={styles.kindDot} data-kind={node.do}><Icon name={KIND_ICONS[node.do]} size={14} /></span>
					<b>{row.node}</b>{' '}
					<small>{says}</small>
					{severe !== undefined && <span className={styles.mark} data-severe={severe || undefined}><Icon name="warning" size={14} /></span>}
					{order !== undefined && <span className={styles.orderMark} aria-hidden="true">{order}</span>}
				</>
			) : (
				<i className={row.node ? styles.again : undefined}>{row.node ?? t('outline.ends')}</i>
			)}
			<span className="unseen"> {more.filter(Boolean).join(', ')}</span>
		</div>
	)
}
