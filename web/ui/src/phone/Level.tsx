/* Level.tsx - how loud the microphone is, as a bar that moves. */
import { useTranslation } from 'react-i18next'
import { usePhoneLevel } from './phone'
import styles from './phone.module.css'

export function Level() {
	const { t } = useTranslation()
	const level = usePhoneLevel()
	return (
		<div
			className={styles.level}
			role="meter"
			aria-label={t('phone.level')}
			aria-valuemin={0}
			aria-valuemax={100}
			aria-valuenow={Math.round(level * 100)}
		>
			<div style={{ transform: `scaleX(${level.toFixed(2)})` }} />
		</div>
	)
}
