/* DialBox.tsx - a number or a colleague to call: typed, pasted, or put there by a click elsewhere. */
import { ActionIcon, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/actions'
import { useMyself } from '../app/StateButton'
import { isWorking } from '../app/state'
import { Icon } from '../parts/Icon'
import { useCallOut } from './callOut'

export function DialBox() {
	const { t } = useTranslation()
	const callOut = useCallOut()
	const me = useMyself()
	const [text, setText] = useState('')
	const [busy, setBusy] = useState(false)
	const field = useRef<HTMLInputElement>(null)
	useAction('dial', { label: t('dial.label'), icon: 'phoneOut', run: () => field.current?.focus() })
	if (!me) return null

	async function dial() {
		if (!text.trim() || busy) return
		setBusy(true)
		if (await callOut(text.trim())) {
			setText('')
			field.current?.blur()
		}
		setBusy(false)
	}
	return (
		<TextInput
			ref={field}
			aria-label={t('dial.label')}
			placeholder={t('dial.placeholder')}
			value={text}
			type="tel"
			autoComplete="off"
			leftSection={<Icon name="keypad" size={16} />}
			onChange={(e) => setText(e.currentTarget.value)}
			onKeyDown={(e) => {
				if (e.key === 'Enter') void dial()
				if (e.key === 'Escape') field.current?.blur()
			}}
			rightSection={
				text.trim() ? (
					<ActionIcon
						color="green"
						size={26}
						radius="md"
						aria-label={t('dial.call')}
						loading={busy}
						disabled={isWorking(me)}
						onClick={() => void dial()}
					>
						<Icon name="phone" size={16} />
					</ActionIcon>
				) : null
			}
		/>
	)
}
