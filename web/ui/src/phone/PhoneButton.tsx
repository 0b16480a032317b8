/* PhoneButton.tsx - the telephone in the top bar: how it is, and its settings behind it. */
import { Popover, UnstyledButton } from '@mantine/core'
import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import styles from './phone.module.css'
import { usePhone } from './phone'

const PhoneSettings = lazy(() => import('./PhoneSettings').then((m) => ({ default: m.PhoneSettings })))

export function PhoneButton() {
	const { t } = useTranslation()
	const { state, silent } = usePhone()
	if (state === 'none') return null
	const word = t(`phone.state.${state}`)
	return (
		<Popover width={320} position="bottom-end" trapFocus returnFocus>
			<Popover.Target>
				<UnstyledButton
					className={styles.button}
					data-state={state}
					aria-label={`${t('phone.settings')} · ${word}`}
					title={word}
				>
					<Icon name={silent || state === 'blocked' ? 'micOff' : 'mic'} />
				</UnstyledButton>
			</Popover.Target>
			<Popover.Dropdown aria-label={t('phone.settings')}>
				<Suspense fallback={<div style={{ height: 260 }} />}>
					<PhoneSettings />
				</Suspense>
			</Popover.Dropdown>
		</Popover>
	)
}
