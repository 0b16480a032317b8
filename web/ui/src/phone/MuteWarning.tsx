/* MuteWarning.tsx - somebody speaks and is muted: said at once, where he looks, and to a screen reader. */
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import styles from './phone.module.css'
import { usePhone } from './phone'

export function MuteWarning() {
	const { t } = useTranslation()
	const { speakingMuted } = usePhone()
	return (
		<div role="alert">
			{speakingMuted && (
				<div className={styles.muteWarning}>
					<Icon name="micOff" />
					{t('phone.speaking_muted')}
				</div>
			)}
		</div>
	)
}
