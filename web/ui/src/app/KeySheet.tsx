/* KeySheet.tsx - what keys do; each can be another, all can be off (WCAG 2.1.4). */
import { Button, Modal, Switch, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { KEY_ACTIONS, type KeyAction, setPrefs, usePrefs } from './prefs'
import styles from './KeySheet.module.css'

const NAMES = Object.keys(KEY_ACTIONS) as KeyAction[]
const FIXED = [
	['1 – 9', 'work_list'],
	['Enter', 'accept'],
	['Ctrl K', 'palette'],
	['Ctrl Enter', 'save'],
	['Esc', 'close'],
] as const

export default function KeySheet({ onClose }: { onClose(): void }) {
	const { t } = useTranslation()
	const prefs = usePrefs()
	const [changing, setChanging] = useState<KeyAction | null>(null)

	function take(key: string) {
		const wanted = key.toLowerCase()
		if (!changing || key.length !== 1 || /[0-9\s]/.test(key)) return
		const other = NAMES.find((n) => prefs.keys[n] === wanted)
		const keys = { ...prefs.keys, [changing]: wanted }
		if (other && other !== changing) keys[other] = prefs.keys[changing] // two things never share a key
		setPrefs({ keys })
		setChanging(null)
	}
	return (
		<Modal opened onClose={onClose} title={t('keys.title')} size={520} radius="lg" transitionProps={{ duration: 80 }}>
			<Switch
				label={t('keys.on')}
				description={t('keys.on_hint')}
				checked={prefs.keysOn}
				onChange={(e) => setPrefs({ keysOn: e.currentTarget.checked })}
				mb={16}
			/>
			<dl className={styles.list}>
				{NAMES.map((name) => (
					<div key={name} className={styles.row}>
						<dt>{t(`keys.${name}`)}</dt>
						<dd>
							<UnstyledButton
								className={styles.key}
								data-changing={changing === name || undefined}
								onClick={() => setChanging(changing === name ? null : name)}
								onKeyDown={(e) => {
									if (changing !== name || e.key === 'Tab' || e.key === 'Escape') return
									e.preventDefault()
									take(e.key)
								}}
								onBlur={() => setChanging(null)}
							>
								<b className="unseen">{t('keys.change', { what: t(`keys.${name}`) })}</b>
								{changing === name ? t('keys.press') : prefs.keys[name].toUpperCase()}
							</UnstyledButton>
						</dd>
					</div>
				))}
				{FIXED.map(([key, name]) => (
					<div key={name} className={styles.row}>
						<dt>{t(`keys.${name}`)}</dt>
						<dd>
							<kbd className={styles.key} data-fixed>
								{key}
							</kbd>
						</dd>
					</div>
				))}
			</dl>
			<Button variant="subtle" mt={12} onClick={() => setPrefs({ keys: { ...KEY_ACTIONS } })}>
				{t('keys.reset')}
			</Button>
		</Modal>
	)
}
