/* Tiles.tsx - six figures at a glance, each with what it is measured by; colour only for what is wrong. */
import { type ReactNode, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { Clock, useTick } from '../parts/Clock'
import styles from './board.module.css'
import { useQueueTargets } from './declared'
import { ALL, useBoard, useRow } from './figures'
import { DASH, countText, percentText, spanClock } from './format'
import { type Group, countGroups, waitsOf } from './model'
import { useSlow } from '../live/slow'
import { Dot } from '../app/StateButton'
import { TONE_OF } from './words'

function Tile({ name, value, more, bad, title }: { name: string; value: ReactNode; more?: ReactNode; bad?: boolean; title?: string }) {
	return (
		<section className={styles.tile} data-bad={bad || undefined} aria-label={name} title={title}>
			<h2 className={styles.tileName}>{name}</h2>
			<div className={`num ${styles.tileValue}`}>{value}</div>
			<div className={styles.tileMore}>{more}</div>
		</section>
	)
}

export function Tiles() {
	return (
		<div className={styles.tiles}>
			<ServiceLevel />
			<Waiting />
			<Longest />
			<Abandoned />
			<People />
			<Expected />
		</div>
	)
}

/** The agreed variant by its name; the target is that of the queues where all have the same. */
function ServiceLevel() {
	const { t, i18n } = useTranslation('board')
	const row = useRow(ALL)
	const board = useBoard()
	const queues = useQueueTargets()
	const { target, reached, measured } = useMemo(() => {
		const targets = new Set([...queues.values()].map((q) => q.sl_target))
		let reached = 0
		let measured = 0
		for (const [id, r] of board.rows) {
			const wanted = queues.get(id)?.sl_target
			if (id === ALL || !wanted || typeof r.today?.sl !== 'number') continue
			measured++
			if (r.today.sl * 100 >= wanted) reached++
		}
		const only = targets.size === 1 ? [...targets][0] : null
		return { target: only ? only / 100 : null, reached, measured }
	}, [board, queues])
	const sl = row?.today?.sl
	const variant = row?.today?.sl_variant
	const words = [
		row?.half_hour ? t('tile.half_hour', { value: percentText(row.half_hour.sl, i18n.language) }) : '',
		target ? t('tile.target', { target: percentText(target, i18n.language) }) : measured ? t('tile.on_target', { reached, all: measured }) : '',
	].filter(Boolean)
	const known = variant && i18n.exists(`board:variant.${variant}`)
	return (
		<Tile
			name={known ? `${t('tile.sl')} (${variant?.replace('sl_', 'SL-')})` : t('tile.sl')}
			value={percentText(sl, i18n.language)}
			more={words.join(' · ')}
			bad={typeof sl === 'number' && target !== null && sl < target}
			title={known ? t(`variant.${variant as 'sl_1'}`) : undefined}
		/>
	)
}

function useWaits() {
	const contacts = useSlow((s) => s.world?.contacts)
	return useMemo(() => waitsOf(contacts?.values() ?? []), [contacts])
}

function Waiting() {
	const { t, i18n } = useTranslation('board')
	const waits = useWaits()
	const all = waits.get(ALL)?.count ?? 0
	return <Tile name={t('tile.waiting')} value={countText(all, i18n.language)} more={all ? t('tile.in_queues', { count: waits.size - 1 }) : t('tile.nobody')} />
}

function Longest() {
	const { t } = useTranslation('board')
	const waits = useWaits()
	const queues = useSlow((s) => s.world?.queues)
	const declared = useQueueTargets()
	const oldest = waits.get(ALL)?.oldest
	const queue = oldest ? [...waits].find(([id, w]) => id !== ALL && w.oldest === oldest)?.[0] : undefined
	const threshold = queue ? declared.get(queue)?.threshold_s : undefined
	const since = Date.parse(oldest ?? '')
	const over = useTick((now) => !!threshold && now - since > threshold * 1000)
	return (
		<Tile
			name={t('tile.longest')}
			value={oldest ? <Clock from={oldest} /> : DASH}
			more={queue ? `${threshold ? `${t('tile.within', { time: spanClock(threshold * 1000) })} · ` : ''}${queues?.get(queue)?.name || queue}` : t('tile.nobody')}
			bad={over}
		/>
	)
}

function Abandoned() {
	const { t, i18n } = useTranslation('board')
	const today = useRow(ALL)?.today
	return (
		<Tile
			name={t('tile.abandoned')}
			value={percentText(today?.abandon_rate, i18n.language)}
			more={today ? t('tile.of_offered', { count: today.abandoned ?? 0, all: countText(today.offered, i18n.language) }) : ''}
		/>
	)
}

const SHOWN: Group[] = ['ready', 'talking', 'wrapping', 'paused']

function People() {
	const { t } = useTranslation('board')
	const agents = useSlow((s) => s.world?.agents)
	const counts = useMemo(() => countGroups(agents?.values() ?? []), [agents])
	return (
		<section className={styles.tile} aria-label={t('tile.agents')}>
			<h2 className={styles.tileName}>{t('tile.agents')}</h2>
			<ul className={styles.people}>
				{SHOWN.map((g) => (
					<li key={g}>
						<span className={`num ${styles.peopleCount}`}>
							<Dot tone={TONE_OF[g]} /> {counts[g]}
						</span>
						<span className={styles.tileMore}>{t(`group.${g}`)}</span>
					</li>
				))}
			</ul>
		</section>
	)
}

function Expected() {
	const { t, i18n } = useTranslation('board')
	const expected = useRow(ALL)?.expected_15min
	const few = typeof expected === 'number' && expected > 0 && expected < 1
	return (
		<Tile
			name={t('tile.expected')}
			value={few ? '<1' : countText(expected && Math.round(expected), i18n.language)}
			more={expected != null ? t('tile.contacts') : t('tile.no_forecast')}
		/>
	)
}
