/*
 * PhoneSettings.tsx - which microphone, which loudspeaker, what rings where; the level; and a test that gives one's
 * own voice back after some seconds: who hears himself well is heard well.
 */
import { Button, Select, Stack, Text } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import { Level } from './Level'
import { INVENTED, NoMicrophone } from './microphone'
import { type Chosen, phone, usePhone } from './phone'
import { QualityMark } from './QualityMark'
import { RingMe } from './RingMe'
import { playOn, startRing } from './ring'

const TEST_MS = 4_000

export function PhoneSettings() {
	const { t } = useTranslation()
	const { microphones, speakers, chosen } = usePhone()
	const sinks = 'setSinkId' in HTMLMediaElement.prototype
	const mouths = chosen.microphone === INVENTED ? [...microphones, { id: INVENTED, label: t('phone.invented') }] : microphones
	const choice = (kind: keyof Chosen, label: string, devices: { id: string; label: string }[]) => (
		<Select
			label={label}
			data={[
				{ value: '', label: t('phone.device_default') },
				...devices
					.filter((d) => d.id !== 'default' && d.id !== 'communications')
					.map((d, i) => ({ value: d.id, label: d.label || t('phone.device_n', { n: i + 1 }) })),
			]}
			value={devices.some((d) => d.id === chosen[kind]) ? chosen[kind] : ''}
			allowDeselect={false}
			comboboxProps={{ withinPortal: false }}
			onChange={(id) => void phone.choose(kind, id ?? '')}
		/>
	)
	return (
		<Stack gap={12}>
			<QualityMark words />
			{choice('microphone', t('phone.microphone'), mouths)}
			<Level />
			{sinks && choice('speaker', t('phone.speaker'), speakers)}
			{sinks && choice('ringer', t('phone.ringer'), speakers)}
			<Test />
			<RingMe />
		</Stack>
	)
}

type TestState = 'idle' | 'recording' | 'playing' | 'failed'

function Test() {
	const { t } = useTranslation()
	const { chosen } = usePhone()
	const [state, setState] = useState<TestState>('idle')
	const [why, setWhy] = useState<'denied' | 'missing' | 'busy' | 'insecure'>('missing')
	const stop = useRef<() => void>(() => {})
	useEffect(() => () => stop.current(), [])

	async function record() {
		try {
			const stream = await phone.listen()
			const parts: Blob[] = []
			const recorder = new MediaRecorder(stream)
			recorder.ondataavailable = (e) => parts.push(e.data)
			recorder.onstop = () => {
				for (const track of stream.getTracks()) track.stop()
				void playBack(new Blob(parts, { type: recorder.mimeType }))
			}
			recorder.start()
			setState('recording')
			const timer = setTimeout(() => recorder.stop(), TEST_MS)
			stop.current = () => {
				clearTimeout(timer)
				recorder.onstop = null
				if (recorder.state !== 'inactive') recorder.stop()
				for (const track of stream.getTracks()) track.stop()
			}
		} catch (error) {
			setWhy(error instanceof NoMicrophone ? error.why : 'missing')
			setState('failed')
		}
	}

	async function playBack(recording: Blob) {
		const url = URL.createObjectURL(recording)
		const audio = new Audio(url)
		const end = () => {
			audio.pause()
			URL.revokeObjectURL(url)
			setState('idle')
		}
		stop.current = end
		audio.onended = end
		audio.onerror = end
		setState('playing')
		await playOn(audio, chosen.speaker)
		await audio.play().catch(end)
	}

	return (
		<div>
			<Button.Group>
				<Button
					variant="default"
					fullWidth
					leftSection={<Icon name={state === 'playing' ? 'volume' : 'mic'} size={16} />}
					disabled={state === 'recording' || state === 'playing'}
					onClick={() => void record()}
				>
					{t('phone.test')}
				</Button>
				<Button
					variant="default"
					style={{ flexShrink: 0 }} // its word is whole in every language
					leftSection={<Icon name="bell" size={16} />}
					onClick={() => {
						const end = startRing(chosen.ringer)
						setTimeout(end, 2_500)
					}}
				>
					{t('phone.test_ring')}
				</Button>
			</Button.Group>
			<Text size="xs" c="var(--ink-3)" mt={6} role="status">
				{state === 'failed' ? t(`phone.help.${why}`) : t(`phone.test_${state}`)}
			</Text>
		</div>
	)
}
