/*
 * RingMe.tsx - my own desk is rung and a voice says that it is a test: does it ring, do I hear it? It is accepted and
 * ended here as at the desk, and counts nowhere.
 */
import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../app/notices'
import { problemText, useSend } from '../app/send'
import { useMyself } from '../app/StateButton'
import { isWorking } from '../app/state'
import { roleOf } from '../desk/mine'
import { useLive } from '../live/store'
import { Icon } from '../parts/Icon'
import { phone } from './phone'

/** Mine, when it is one: whether it rings or is heard. */
function useTest(): { id: string; rings: boolean } | null {
	const id = useLive((s) => {
		const me = s.world?.me.user
		for (const c of s.world?.contacts.values() ?? []) if (c.test && me && roleOf(c, me) !== 'none') return c.id
		return ''
	})
	const rings = useLive((s) => {
		const c = id ? s.world?.contacts.get(id) : undefined
		return !!c && roleOf(c, s.world?.me.user ?? '') === 'ringing'
	})
	return id ? { id, rings } : null
}

export function RingMe() {
	const { t, i18n } = useTranslation()
	const me = useMyself()
	const test = useTest()
	const { send, busy } = useSend()
	const [was, setWas] = useState(false)
	const browser = me?.phone.kind === 'browser'
	if (!me?.phone) return null

	async function ring() {
		try {
			if (browser) await phone.prepare()
			setWas(await send('call', { test: true, lang: i18n.language.slice(0, 2) }))
		} catch (problem) {
			tell('bad', problemText(problem, t))
		}
	}
	return (
		<div>
			<Group gap="xs">
				{!test && (
					<Button variant="default" leftSection={<Icon name="phoneIn" size={16} />} disabled={isWorking(me)} loading={busy === 'call'} onClick={() => void ring()}>
						{t('ring_me.ring')}
					</Button>
				)}
				{test?.rings && browser && (
					<Button color="green" leftSection={<Icon name="phone" size={16} />} loading={busy === 'accept'} onClick={() => void send('accept', { contact: test.id })}>
						{t('offer.accept')}
					</Button>
				)}
				{test && (
					<Button
						variant="default"
						leftSection={<Icon name="hangUp" size={16} />}
						loading={busy === 'end' || busy === 'reject'}
						onClick={() => void send(test.rings ? 'reject' : 'end', { contact: test.id })}
					>
						{t(test.rings ? 'offer.decline' : 'call.hang_up')}
					</Button>
				)}
			</Group>
			<Text size="xs" c="var(--ink-3)" mt={6} role="status">
				{t(test ? (test.rings ? 'ring_me.rings' : 'ring_me.heard') : isWorking(me) ? 'ring_me.busy' : was ? 'ring_me.over' : 'ring_me.about')}
			</Text>
		</div>
	)
}
