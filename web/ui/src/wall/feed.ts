/*
 * feed.ts - what a wall shows and its figures each second, by the token in its address alone. It reconnects for ever: a
 * screen on a wall has nobody who presses Retry. What is shown says how old it is.
 */
import { useEffect, useRef, useState } from 'react'
import { Problem, get } from '../api/http'
import type { WallPage } from './measures'

export interface Wall {
	name: string
	rotate_s: number
	expires_at?: string
	pages: WallPage[]
}
export interface WallFigures {
	at: string
	pages: { value: number | null; variant?: string }[][]
}
export type WallState = { is: 'looking' } | { is: 'gone' } | { is: 'there'; wall: Wall; figures: WallFigures | null; heardAt: number }

/** Figures come each second; later than this they are old, and the wall says so. */
export const OLD_AFTER_MS = 3_000
const AGAIN_MS = 3_000
/** A stream that is open and says nothing is dead (a network that went without a word). */
const SILENT_MS = 8_000

export function useWall(token: string): WallState {
	const [state, setState] = useState<WallState>({ is: 'looking' })
	const heardAt = useRef(0)
	useEffect(() => {
		let source: EventSource | null = null
		let timer: ReturnType<typeof setTimeout> | undefined
		let over = false
		const path = `/api/v1/wall/${encodeURIComponent(token)}`

		const later = () => {
			source?.close()
			source = null
			if (timer) clearTimeout(timer)
			if (!over) timer = setTimeout(() => void open(), AGAIN_MS)
		}
		const silence = () => {
			if (timer) clearTimeout(timer)
			timer = setTimeout(later, SILENT_MS)
		}
		const hear = (text: string) => {
			let figures: WallFigures
			try {
				figures = JSON.parse(text)
			} catch {
				return
			}
			if (!Array.isArray(figures.pages)) return
			heardAt.current = Date.now()
			silence()
			setState((was) => (was.is === 'there' ? { ...was, figures, heardAt: heardAt.current } : was))
		}
		async function open(): Promise<void> {
			try {
				// asked anew each time: somebody may have changed its pages
				const wall = await get<Wall>(path, { quiet: true })
				if (over) return
				setState((was) => ({ is: 'there', wall, figures: was.is === 'there' && sameShape(wall, was.figures) ? was.figures : null, heardAt: heardAt.current }))
			} catch (error) {
				const status = error instanceof Problem ? error.status : 0
				if (!over && (status === 404 || status === 401 || status === 410)) setState({ is: 'gone' })
				return later()
			}
			source = new EventSource(`${path}/live`)
			source.onmessage = (e) => hear(e.data)
			source.addEventListener('figures', (e) => hear((e as MessageEvent).data))
			source.onerror = later
			silence()
		}
		void open()
		return () => {
			over = true
			source?.close()
			if (timer) clearTimeout(timer)
		}
	}, [token])
	return state
}

/** As many figures as tiles; else somebody changed the wallboard between the two. */
export const sameShape = (wall: Wall, figures: WallFigures | null): boolean =>
	!!figures && figures.pages.length === wall.pages.length && wall.pages.every((p, i) => p.tiles.length === figures.pages[i]?.length)
