/* HelpButton.tsx - in a talk: a supervisor is wanted. Who asked sees that he did, and can take it back. */
import { Button, Popover, Textarea, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDeeds } from '../board/act'
import styles from '../desk/CallBar.module.css'
import type { Contact } from '../live/types'
import { Icon } from '../parts/Icon'
import { useAction } from './actions'

const TEXT_MOST = 300

export default function HelpButton({ contact, me }: { contact: Contact; me: string }) {
	const { t } = useTranslation('bell')
	const { post, drop, busy } = useDeeds()
	const [open, setOpen] = useState(false)
	const [text, setText] = useState('')
	const asked = contact.help?.agent === me
	const path = ['contacts', contact.id, 'help']
	useAction('ask_help', { label: t(asked ? 'help_withdraw' : 'help_title'), icon: 'bell', run: () => (asked ? void drop(path) : setOpen(true)) })
	if (asked)
		return (
			<UnstyledButton className={styles.tool} data-tone="alarm" data-pressed aria-pressed="true" disabled={busy !== null} title={t('help_withdraw')} onClick={() => void drop(path)}>
				<Icon name="bell" size={20} />
				<span className={styles.label}>{t('help_asked')}</span>
			</UnstyledButton>
		)
	return (
		<Popover opened={open} onChange={setOpen} width={300} trapFocus returnFocus>
			<Popover.Target>
				<UnstyledButton className={styles.tool} aria-pressed="false" disabled={busy !== null} onClick={() => setOpen(!open)}>
					<Icon name="bell" size={20} />
					<span className={styles.label}>{t('help')}</span>
				</UnstyledButton>
			</Popover.Target>
			<Popover.Dropdown aria-label={t('help_title')}>
				<form
					onSubmit={(e) => {
						e.preventDefault()
						void post(path, text.trim() ? { text: text.trim() } : {}).then((ok) => ok && (setText(''), setOpen(false)))
					}}
				>
					<Textarea data-autofocus autosize minRows={2} maxRows={5} maxLength={TEXT_MOST} label={t('help_text')} description={t('help_hint')} value={text} onChange={(e) => setText(e.currentTarget.value)}
						onKeyDown={(e) => {
							if (e.key === 'Enter' && !e.shiftKey) {
								e.preventDefault()
								e.currentTarget.form?.requestSubmit()
							}
						}} />
					<Button type="submit" fullWidth mt={8} size="compact-md" loading={busy !== null}>
						{t('help_send')}
					</Button>
				</form>
			</Popover.Dropdown>
		</Popover>
	)
}
