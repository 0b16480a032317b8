/* Keypad.tsx - keys into the talk, for menus of others; what was pressed stays readable. */
import { UnstyledButton } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../app/notices'
import { phone } from '../phone/phone'
import styles from './Keypad.module.css'

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#']

export function Keypad() {
	const { t } = useTranslation()
	const [pressed, setPressed] = useState('')
	const box = useRef<HTMLDivElement>(null)
	useEffect(() => box.current?.focus(), [])
	const press = (key: string) => {
		if (phone.dial(key)) setPressed((was) => (was + key).slice(-24))
		else tell('bad', t('call.no_keys'))
	}
	return (
		<div
			ref={box}
			tabIndex={-1}
			className={styles.box}
			role="group"
			aria-label={t('call.keypad')}
			onKeyDown={(e) => {
				if (!KEYS.includes(e.key)) return
				e.preventDefault()
				e.stopPropagation()
				press(e.key)
			}}
		>
			<output className={`num ${styles.pressed}`}>{pressed || t('call.keypad_hint')}</output>
			<div className={styles.keys}>
				{KEYS.map((key) => (
					<UnstyledButton key={key} className={styles.key} onClick={() => press(key)}>
						{key}
					</UnstyledButton>
				))}
			</div>
		</div>
	)
}
