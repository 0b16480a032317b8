/*
 * Wall.tsx - a screen on the wall: few figures, large, one page after another, no names of people, nobody signed in. Read
 * from across the room; past its target a figure changes its ground and says so by a sign, too.
 */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { Icon } from '../parts/Icon'
import styles from './Wall.module.css'
import { OLD_AFTER_MS, type WallState, sameShape, useWall } from './feed'
import { type WallTile, isPast, targetText, valueText } from './measures'

export default function WallScreen() {
	const { t } = useTranslation('wall')
	const [path] = useLocation()
	const token = decodeURIComponent(path.split('/')[2] ?? '')
	const state = useWall(token)
	useAwake()
	useEffect(() => {
		document.title = state.is === 'there' ? state.wall.name : t('title')
	}, [state, t])
	if (state.is === 'looking') return <main className={styles.plain} role="status">{t('looking')}</main>
	if (state.is === 'gone')
		return (
			<main className={styles.plain} role="alert">
				<b>{t('gone')}</b>
				<span>{t('gone_more')}</span>
			</main>
		)
	return <Pages state={state} />
}

function Pages({ state }: { state: Extract<WallState, { is: 'there' }> }) {
	const { t, i18n } = useTranslation('wall')
	const { wall, figures, heardAt } = state
	const [at, setAt] = useState(0)
	const [still, setStill] = useState(false)
	const now = useSecond()
	const many = wall.pages.length
	const shown = at % many
	useEffect(() => {
		if (still || many < 2) return
		const timer = setTimeout(() => setAt((n) => (n + 1) % many), Math.max(5, wall.rotate_s) * 1000)
		return () => clearTimeout(timer)
	}, [shown, still, many, wall.rotate_s])
	useEffect(() => {
		const onKey = (e: KeyboardEvent) => {
			if (e.key === 'ArrowRight') setAt((n) => (n + 1) % many)
			else if (e.key === 'ArrowLeft') setAt((n) => (n + many - 1) % many)
			else if (e.key === ' ') setStill((s) => !s)
			else return
			e.preventDefault()
		}
		addEventListener('keydown', onKey)
		return () => removeEventListener('keydown', onKey)
	}, [many])

	const page = wall.pages[shown]
	const known = sameShape(wall, figures) ? figures : null
	const old = !known || Math.abs(now - heardAt) > OLD_AFTER_MS
	const time = (ms: number) => new Date(ms).toLocaleTimeString(i18n.language, { hour: '2-digit', minute: '2-digit' })
	if (!page) return null
	return (
		<main className={styles.wall} data-old={old || undefined}>
			<header className={styles.head}>
				<h1 className={styles.name}>
					{wall.name}
					{page.title && page.title !== wall.name ? <span> {page.title}</span> : null}
				</h1>
				{many > 1 && (
					<span className={styles.dots} role="img" aria-label={t('page', { n: shown + 1, all: many })}>
						{wall.pages.map((_, i) => (
							<i key={i} data-here={i === shown || undefined} />
						))}
						{still && <Icon name="pause" size={22} />}
					</span>
				)}
				<span className={`num ${styles.clock}`}>{time(now)}</span>
				<button type="button" className={styles.full} onClick={() => void document.documentElement.requestFullscreen?.().catch(() => {})}>
					{t('full_screen')}
				</button>
			</header>
			<div className={styles.tiles} data-count={Math.min(12, page.tiles.length)}>
				{page.tiles.map((tile, k) => (
					<Tile key={k} tile={tile} value={known?.pages[shown]?.[k]?.value} variant={known?.pages[shown]?.[k]?.variant} />
				))}
			</div>
			<footer className={styles.foot} role="status" aria-live="polite">
				{old && (
					<b>
						<Icon name="warning" size={30} /> {heardAt ? t('old', { time: time(heardAt) }) : t('waiting')}
					</b>
				)}
			</footer>
		</main>
	)
}

function Tile({ tile, value, variant }: { tile: WallTile; value: number | null | undefined; variant?: string }) {
	const { t, i18n } = useTranslation('wall')
	const past = isPast(tile, value)
	const text = valueText(tile.measure, value, i18n.language)
	const named = i18n.exists(`wall:measure.${tile.measure}`) ? t(`measure.${tile.measure as 'sl'}`) : tile.measure
	return (
		<section className={styles.tile} data-past={past || undefined}>
			<h2 className={styles.label}>
				{named}
				{variant && variant !== 'sl_1' ? ` (${variant.replace('sl_', 'SL-')})` : ''}
			</h2>
			<div className={`num ${styles.value}`} data-long={text.length > 5 || undefined}>
				{text}
			</div>
			<div className={styles.more}>
				{tile.name && <span className={styles.queue}>{tile.name}</span>}
				{tile.target !== undefined && (
					<span className={styles.target}>
						{past && <Icon name="warning" size={26} />} {t('target', { target: targetText(tile.measure, tile.target, i18n.language) })}
					</span>
				)}
			</div>
		</section>
	)
}

function useSecond(): number {
	const [now, setNow] = useState(Date.now)
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), 1000)
		return () => clearInterval(timer)
	}, [])
	return now
}

/** The screen does not go dark, where the browser lets us say so. */
function useAwake(): void {
	useEffect(() => {
		let lock: { release(): Promise<void> } | undefined
		const ask = () => {
			if (document.visibilityState === 'visible')
				void navigator.wakeLock?.request('screen').then(
					(l) => (lock = l),
					() => {},
				)
		}
		ask()
		document.addEventListener('visibilitychange', ask)
		return () => {
			document.removeEventListener('visibilitychange', ask)
			void lock?.release()
		}
	}, [])
}
