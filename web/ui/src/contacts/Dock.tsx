/* Dock.tsx - the player at the bottom of the list: one recording after the other, at the speed that was chosen. */
import { Button, CloseButton, NativeSelect } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useUser } from '../app/session'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { clockText } from '../parts/time'
import { value } from '../parts/value'
import { type Contact, soundPath } from './api'
import styles from './contacts.module.css'

/** Stays from one recording to the next. */
const chosen = value(1)

interface Props {
	contact: Contact
	title: string
	onNext(): void
	onClose(): void
}

export function Dock({ contact: c, title, onNext, onClose }: Props) {
	const { t } = useTranslation('reports')
	const { tenant } = useUser()
	const speed = chosen.use()
	const audio = useRef<HTMLAudioElement>(null)
	const [which, setWhich] = useState(0)
	const [playing, setPlaying] = useState(false)
	const [at, setAt] = useState(0)
	const [failed, setFailed] = useState(false)
	const sounds = c.recordings.filter((r) => r.finished !== false && !r.deleted_at)
	const one = sounds[which]
	useEffect(() => {
		if (!audio.current) return
		audio.current.playbackRate = chosen.get()
		audio.current.play().catch((e: unknown) => setFailed((e as Error).name === 'NotSupportedError'))
	}, [one?.id])
	useEffect(() => {
		if (audio.current) audio.current.playbackRate = speed
	}, [speed])
	if (!one) return null
	const ended = () => (which + 1 < sounds.length ? setWhich(which + 1) : onNext())
	const toggle = () => {
		if (audio.current?.paused) void audio.current.play()
		else audio.current?.pause()
	}
	const length = one.duration_ms / 1000
	return (
		<section className={styles.dock} aria-label={t('player.title')}>
			<audio ref={audio} src={soundPath(tenant, one.id)} onEnded={ended} onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)}
				onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)} onError={() => setFailed(true)} />
			<Button onClick={toggle} leftSection={<Icon name={playing ? 'pause' : 'play'} size={16} />}>{t(playing ? 'player.pause' : 'player.play')}</Button>
			<Link href={`/contacts/${c.id}`} className={styles.dockWho}>{numberText(c.direction === 'inbound' ? c.from : c.to) || t('withheld')}{title && ` · ${title}`}</Link>
			<input type="range" className={styles.dockAt} aria-label={t('player.position')} min={0} max={Math.max(1, Math.round(length * 10))} value={Math.round(at * 10)}
				aria-valuetext={t('player.at', { at: clockText(at * 1000), of: clockText(length * 1000) })}
				onChange={(e) => { if (audio.current) audio.current.currentTime = Number(e.currentTarget.value) / 10 }} />
			<span className="num">{clockText(at * 1000)} / {clockText(length * 1000)}</span>
			<NativeSelect size="xs" aria-label={t('player.speed')} value={String(speed)} onChange={(e) => chosen.set(Number(e.currentTarget.value))}
				data={['0.5', '1', '1.25', '1.5', '2'].map((s) => ({ value: s, label: `${s}×` }))} />
			<Button variant="default" onClick={onNext}>{t('player.next')}</Button>
			{failed && <span className={styles.bad} role="alert">{t('player.failed')}</span>}
			<CloseButton aria-label={t('close')} onClick={onClose} />
		</section>
	)
}
