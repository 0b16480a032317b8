/*
 * Virtual.tsx - a list of thousands of which only what is seen is there. Every row is as high as the next, or in
 * columns, all as wide. Arrows, Home, End, Page keys move; one row is in the order of Tab.
 */
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import styles from './Virtual.module.css'

const MARGIN_ROWS = 4

interface Props<T> {
	items: readonly T[]
	keyOf(item: T): string
	rowHeight: number
	/** Cards side by side, none narrower; without it one a row. */
	minWidth?: number
	label: string
	/** A row's own element takes the focus: give it these. */
	children(item: T, focus: { tabIndex: number }): ReactNode
	empty?: ReactNode
}

/** Which rows of a scrolled box are seen, and some more; for tables, whose rows lie in the flow. */
export function useWindow(rowHeight: number) {
	const box = useRef<HTMLDivElement>(null)
	const [height, setHeight] = useState(0)
	const [first, setFirst] = useState(0)
	useLayoutEffect(() => {
		const el = box.current
		if (!el) return
		const measure = () => setHeight(el.clientHeight)
		const watch = new ResizeObserver(measure)
		watch.observe(el)
		measure()
		return () => watch.disconnect()
	}, [])
	const onScroll = useCallback(() => setFirst(Math.floor((box.current?.scrollTop ?? 0) / rowHeight)), [rowHeight])
	return { box, onScroll, from: Math.max(0, first - MARGIN_ROWS), to: first + Math.ceil(height / rowHeight) + MARGIN_ROWS }
}

export function Virtual<T>({ items, keyOf, rowHeight, minWidth, label, children, empty }: Props<T>) {
	const box = useRef<HTMLDivElement>(null)
	const [size, setSize] = useState({ width: 0, height: 0 })
	const [first, setFirst] = useState(0)
	const [at, setAt] = useState(0)
	const wanted = useRef(false)

	const columns = minWidth && size.width ? Math.max(1, Math.floor(size.width / minWidth)) : 1
	const rows = Math.ceil(items.length / columns)
	const seen = Math.ceil(size.height / rowHeight)
	const from = Math.max(0, Math.min(first, rows - seen) - MARGIN_ROWS)
	const to = Math.min(rows, first + seen + MARGIN_ROWS)
	const current = Math.min(at, Math.max(0, items.length - 1))

	useLayoutEffect(() => {
		const el = box.current
		if (!el) return
		const measure = () => setSize({ width: el.clientWidth, height: el.clientHeight })
		const watch = new ResizeObserver(measure)
		watch.observe(el)
		measure()
		return () => watch.disconnect()
	}, [])
	const onScroll = useCallback(() => {
		const el = box.current
		if (el) setFirst(Math.floor(el.scrollTop / rowHeight))
	}, [rowHeight])
	// a list that became shorter scrolls by itself and says so; only the height of a row is ours
	useEffect(onScroll, [onScroll])

	// the row the keys went to is there only now
	useLayoutEffect(() => {
		if (!wanted.current) return
		const cell = box.current?.querySelector<HTMLElement>(`[data-index="${current}"]`)
		if (!cell) return
		wanted.current = false
		const focusable = cell.querySelector<HTMLElement>('[data-row]')
		focusable?.focus({ preventScroll: true })
	})

	const move = (to: number) => {
		const el = box.current
		if (!el || !items.length) return
		const next = Math.min(items.length - 1, Math.max(0, to))
		const top = Math.floor(next / columns) * rowHeight
		if (top < el.scrollTop) el.scrollTop = top
		else if (top + rowHeight > el.scrollTop + el.clientHeight) el.scrollTop = top + rowHeight - el.clientHeight
		wanted.current = true
		onScroll()
		setAt(next)
	}
	const onKeyDown = (e: KeyboardEvent) => {
		const target = e.target as HTMLElement
		if (!target.hasAttribute('data-row')) return
		const here = Number(target.closest('[data-index]')?.getAttribute('data-index') ?? current)
		const page = Math.max(1, seen - 1) * columns
		const steps: Record<string, number> = {
			ArrowDown: here + columns, ArrowUp: here - columns, PageDown: here + page, PageUp: here - page,
			Home: 0, End: items.length - 1,
			...(columns > 1 && { ArrowRight: here + 1, ArrowLeft: here - 1 }),
		}
		const next = steps[e.key]
		if (next === undefined) return
		e.preventDefault()
		move(next)
	}

	const cells: ReactNode[] = []
	for (let i = from * columns; i < Math.min(items.length, to * columns); i++) {
		const item = items[i] as T
		const width = 100 / columns
		cells.push(
			<div
				key={keyOf(item)}
				role="listitem"
				aria-setsize={items.length}
				aria-posinset={i + 1}
				className={styles.cell}
				data-index={i}
				style={{ height: rowHeight, width: `${width}%`, left: `${(i % columns) * width}%`, top: Math.floor(i / columns) * rowHeight }}
			>
				{children(item, { tabIndex: i === current ? 0 : -1 })}
			</div>,
		)
	}
	return (
		<div ref={box} className={styles.box} onScroll={onScroll} onKeyDown={onKeyDown}>
			{items.length ? (
				<div role="list" aria-label={label} className={styles.all} style={{ height: rows * rowHeight }}>
					{cells}
				</div>
			) : (
				empty
			)}
		</div>
	)
}
