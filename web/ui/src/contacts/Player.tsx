/*
 * Player.tsx - a recording: customer above (left), agent below (right). The shape comes from the server, so that an
 * hour opens at once, and who only looks has not listened (the sound is asked for when it is played); the sound is the browser's own player with Range requests, its pitch kept at every speed. What
 * happened while they spoke is marked above the shape and told as a list of buttons.
 */
import { Button, Checkbox, NativeSelect, useComputedColorScheme } from '@mantine/core'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import WaveSurfer from 'wavesurfer.js'
import { useUser } from '../app/session'
import type { Fact } from '../live/types'
import { Icon } from '../parts/Icon'
import { clockText } from '../parts/time'
import { type Recording, soundPath, usePeaks } from './api'
import { type Mark, afterSilence, marksOf, silences } from './sound'
import styles from './contacts.module.css'

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const

/** Both sides through gains of their own; made at the first play, when the browser allows it. */
interface Mixer {
	sides: GainNode[]
	cross: GainNode[]
	context: AudioContext
}
function mixerOf(audio: HTMLMediaElement, channels: number): Mixer {
	const context = new AudioContext()
	const source = context.createMediaElementSource(audio)
	const split = context.createChannelSplitter(2)
	const merge = context.createChannelMerger(2)
	source.connect(split)
	const sides = [0, 1].map(() => context.createGain())
	const cross = [0, 1].map(() => context.createGain())
	for (const [i, gain] of sides.entries()) {
		split.connect(gain, channels > 1 ? i : 0)
		gain.connect(merge, 0, i)
		const over = cross[i] as GainNode
		gain.connect(over)
		over.gain.value = 0
		over.connect(merge, 0, 1 - i)
	}
	merge.connect(context.destination)
	return { sides, cross, context }
}

export default function Player({ recording, facts }: { recording: Recording; facts: Fact[] }) {
	const { t, i18n } = useTranslation('reports')
	const { tenant } = useUser()
	const scheme = useComputedColorScheme()
	const peaks = usePeaks(recording)
	const audio = useRef<HTMLAudioElement>(null)
	const box = useRef<HTMLDivElement>(null)
	const mixer = useRef<Mixer | null>(null)
	const [at, setAt] = useState(0)
	const [playing, setPlaying] = useState(false)
	const [speed, setSpeed] = useState(1)
	const [skip, setSkip] = useState(false)
	const [both, setBoth] = useState(false)
	const [volumes, setVolumes] = useState<[number, number]>([100, 100])
	const [failed, setFailed] = useState(false)
	const length = recording.duration_ms / 1000
	const marks = useMemo(() => marksOf(facts, recording.started_at, recording.duration_ms), [facts, recording])
	const still = useMemo(() => (peaks.data ? silences(peaks.data) : []), [peaks.data])
	const quietS = still.reduce((all, s) => all + s.to - s.from, 0)

	useEffect(() => {
		if (!box.current || !audio.current || !peaks.data) return
		const css = getComputedStyle(document.documentElement)
		const colour = (v: string) => css.getPropertyValue(v).trim()
		// quiet talks fill the height too; both sides by the same measure
		const most = Math.max(0.05, ...peaks.data.sides.map((s) => s.reduce((a, x) => Math.max(a, x), 0)))
		const made = WaveSurfer.create({
			container: box.current,
			media: audio.current,
			peaks: peaks.data.sides.map((s) => s.map((x) => x / most)),
			duration: length,
			height: 56,
			barWidth: 2,
			barGap: 1,
			barRadius: 1,
			cursorColor: colour('--ink'),
			cursorWidth: 2,
			normalize: false,
			dragToSeek: true,
			splitChannels: [
				{ waveColor: colour('--off'), progressColor: colour('--talk') },
				{ waveColor: colour('--off'), progressColor: colour('--ready') },
			],
		})
		return () => made.destroy()
	}, [peaks.data, length, scheme])

	useEffect(() => {
		if (audio.current) audio.current.playbackRate = speed
	}, [speed])
	useEffect(() => {
		for (const [i, gain] of mixer.current?.sides.entries() ?? []) gain.gain.value = (volumes[i] ?? 100) / 100
		for (const gain of mixer.current?.cross ?? []) gain.gain.value = both ? 1 : 0
	}, [volumes, both, playing])
	useEffect(() => () => void mixer.current?.context.close(), [])

	const seek = (to: number) => {
		if (!audio.current) return
		audio.current.currentTime = Math.max(0, Math.min(length, to))
		setAt(audio.current.currentTime)
	}
	const toggle = () => {
		const a = audio.current
		if (!a) return
		mixer.current ??= mixerOf(a, recording.channels)
		void mixer.current.context.resume()
		if (a.paused) a.play().catch(() => setFailed(true))
		else a.pause()
	}
	const onTime = () => {
		const a = audio.current
		if (!a) return
		setAt(a.currentTime)
		const next = skip && !a.paused ? afterSilence(still, a.currentTime) : null
		if (next !== null) a.currentTime = next
	}
	const step = (by: number) => {
		const i = SPEEDS.indexOf(speed as 1) + by
		const next = SPEEDS[i]
		if (next) setSpeed(next)
	}
	const onKey = (e: KeyboardEvent) => {
		if (e.ctrlKey || e.metaKey || e.altKey) return
		const own = (e.target as HTMLElement).closest('input,select')
		if (own && !(own instanceof HTMLInputElement && own.type === 'checkbox' && e.key !== ' ')) return
		const inButton = (e.target as HTMLElement).closest('button') !== null
		const does: Record<string, () => void> = {
			ArrowLeft: () => seek(at - (e.shiftKey ? 15 : 5)),
			ArrowRight: () => seek(at + (e.shiftKey ? 15 : 5)),
			ArrowUp: () => step(1),
			ArrowDown: () => step(-1),
			Home: () => seek(0),
			End: () => seek(length),
			...(!inButton && { ' ': toggle }),
		}
		const act = does[e.key]
		if (!act) return
		e.preventDefault()
		act()
	}

	if (recording.finished === false) return <p className={styles.hint}>{t('player.going_on')}</p>
	if (recording.deleted_at) return <p className={styles.hint}>{t('player.deleted', { time: new Date(recording.deleted_at).toLocaleDateString(i18n.language) })}</p>
	return (
		<section className={styles.player} aria-label={t('player.title')} onKeyDown={onKey}>
			<audio ref={audio} src={soundPath(tenant, recording.id)} preload="none" onTimeUpdate={onTime} onSeeked={onTime}
				onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)} onError={() => setFailed(true)} />
			<Marks marks={marks} length={length} onSeek={seek} />
			<div className={styles.waveRow}>
				<div className={styles.sides} aria-hidden="true">
					<span>{t('player.customer')}</span>
					<span>{t('player.agent')}</span>
				</div>
				<div className={styles.wave} ref={box} data-wave role="slider" tabIndex={0} aria-label={t('player.position')} aria-valuemin={0}
					aria-valuemax={Math.round(length)} aria-valuenow={Math.round(at)} aria-valuetext={t('player.at', { at: clockText(at * 1000), of: clockText(length * 1000) })} />
			</div>
			{peaks.isError && <p className={styles.hint}>{t('player.no_shape')}</p>}
			<div className={styles.controls}>
				<Button size="sm" onClick={toggle} leftSection={<Icon name={playing ? 'pause' : 'play'} size={16} />}>
					{playing ? t('player.pause') : t('player.play')}
				</Button>
				<span className="num" data-player-at={at.toFixed(2)}>{clockText(at * 1000)} / {clockText(length * 1000)}</span>
				<NativeSelect aria-label={t('player.speed')} value={String(speed)} onChange={(e) => setSpeed(Number(e.currentTarget.value))}
					data={SPEEDS.map((s) => ({ value: String(s), label: `${s}×` }))} />
				<Checkbox label={t('player.skip', { time: clockText(quietS * 1000) })} checked={skip} disabled={quietS < 1}
					onChange={(e) => setSkip(e.currentTarget.checked)} />
				<Checkbox label={t('player.both')} checked={both} onChange={(e) => setBoth(e.currentTarget.checked)} />
				<span className={styles.volumes}>
					{([0, 1] as const).map((i) => (
						<label key={i} className={styles.volume}>
							<span>{t(i ? 'player.volume_agent' : 'player.volume_customer')}</span>
							<input type="range" min={0} max={200} step={10} value={volumes[i]}
								onChange={(e) => { const v = Number(e.currentTarget.value); setVolumes(i ? [volumes[0], v] : [v, volumes[1]]) }} />
							<span className="num">{volumes[i]}%</span>
						</label>
					))}
				</span>
				<Button component="a" variant="subtle" size="compact-sm" href={soundPath(tenant, recording.id)} download leftSection={<Icon name="download" size={14} />}>
					{t('player.download')}
				</Button>
			</div>
			<p className={styles.hint}>{t('player.keys')}</p>
			{failed && <p className={styles.bad} role="alert">{t('player.failed')}</p>}
		</section>
	)
}

function Marks({ marks, length, onSeek }: { marks: Mark[]; length: number; onSeek(to: number): void }) {
	const { t } = useTranslation('reports')
	if (!marks.length) return null
	const percent = (s: number) => `${(100 * s) / Math.max(length, 0.01)}%`
	return (
		<div className={styles.marks} role="group" aria-label={t('player.marks')}>
			{marks.map((m, i) => (
				<button key={i} type="button" className={styles.mark} data-kind={m.kind} onClick={() => onSeek(m.at)}
					style={{ left: percent(m.at), width: m.to === undefined ? undefined : `max(18px, ${percent(m.to - m.at)})` }}
					title={`${t(`mark.${m.kind}`)} ${clockText(m.at * 1000)}`}>
					<span>{t(`mark.${m.kind}`)}</span>
					<span className="unseen">{clockText(m.at * 1000)}</span>
				</button>
			))}
		</div>
	)
}
