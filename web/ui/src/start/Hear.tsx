/* Hear.tsx - a text and, at a click, what callers will hear: the server's own voice. */
import { Button, Textarea } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tenantPath } from '../api/http'
import { tell } from '../app/notices'
import { Icon } from '../parts/Icon'
import styles from './start.module.css'

const TEXT_MAX = 1000

export function Hear({ label, value, lang, tenant, error, onChange }: { label: string; value: string; lang: string; tenant: string; error?: string; onChange(text: string): void }) {
	const { t } = useTranslation('start')
	const [busy, setBusy] = useState(false)
	const audio = useRef<HTMLAudioElement | null>(null)
	useEffect(() => () => audio.current?.pause(), [])

	async function play() {
		audio.current?.pause()
		setBusy(true)
		try {
			const answer = await fetch(tenantPath(tenant, 'speech'), {
				method: 'POST',
				headers: { 'Content-Type': 'application/json' },
				body: JSON.stringify({ text: value, lang }),
			})
			if (!answer.ok) throw new Error(String(answer.status))
			const url = URL.createObjectURL(await answer.blob())
			const player = new Audio(url)
			audio.current = player
			player.onended = player.onpause = () => URL.revokeObjectURL(url)
			await player.play()
		} catch {
			tell('bad', t('greeting.silent'))
		}
		setBusy(false)
	}
	return (
		<div className={styles.hear}>
			<Textarea label={label} autosize minRows={2} maxRows={6} maxLength={TEXT_MAX} value={value} error={error} onChange={(e) => onChange(e.currentTarget.value)} />
			<Button variant="default" loading={busy} disabled={!value.trim()} leftSection={<Icon name="play" size={14} />} onClick={() => void play()} aria-label={`${t('greeting.hear')}: ${label}`}>
				{t('greeting.hear')}
			</Button>
		</div>
	)
}
