/* Hear.tsx - what callers will hear for a text, spoken by the server, before anything is saved. */
import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem, tenantPath } from '../../api/http'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { useUser } from '../../app/session'
import { Icon } from '../../parts/Icon'
import { useWhose } from '../tenant'

async function speech(path: string, body: object): Promise<Blob> {
	const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body), credentials: 'same-origin' })
	if (!answer.ok) throw await Problem.of(answer.status, await answer.json().catch(() => null))
	return answer.blob()
}

export function Hear({ text, lang, name }: { text: string; lang?: string; name?: string }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { tenant, may } = useWhose()
	const { locale } = useUser()
	const [busy, setBusy] = useState(false)
	const sound = useRef<HTMLAudioElement | null>(null)
	useEffect(() => () => sound.current?.pause(), [])
	if (!may('speech:create')) return null
	const hear = async () => {
		setBusy(true)
		sound.current?.pause()
		try {
			const url = URL.createObjectURL(await speech(tenantPath(tenant, 'speech'), { text, lang: lang ?? (typeof locale === 'string' ? locale : 'en') }))
			const audio = new Audio(url)
			audio.onended = () => URL.revokeObjectURL(url)
			sound.current = audio
			await audio.play()
		} catch (error) {
			tell('bad', problemText(error, shell))
		}
		setBusy(false)
	}
	return (
		<Button size="compact-xs" variant="light" mt={4} loading={busy} disabled={!text.trim()} leftSection={<Icon name="volume" size={14} />} onClick={() => void hear()}>
			{t('sounds.hear_text')}
			{name && <span className="unseen"> {name}</span>}
		</Button>
	)
}
