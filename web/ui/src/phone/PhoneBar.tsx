/*
 * PhoneBar.tsx - one line over the whole width when the telephone does not work: what it is, what helps, a button.
 * Nothing while it works, and nothing before it was asked for.
 */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import styles from './phone.module.css'
import { type PhoneView, phone, usePhone } from './phone'

type Say =
	| 'denied' | 'missing' | 'busy' | 'insecure' | 'refused' | 'connecting' | 'tab' | 'desk'

function toSay(view: PhoneView): Say | null {
	switch (view.state) {
		case 'blocked':
			return view.why && view.why !== 'unreachable' && view.why !== 'tab' && view.why !== 'desk' ? view.why : 'missing'
		case 'elsewhere':
			return view.why === 'desk' ? 'desk' : 'tab'
		case 'connecting':
			return 'connecting'
		default:
			return null
	}
}

export function PhoneBar() {
	const { t } = useTranslation()
	const view = usePhone()
	const say = toSay(view)
	if (!say) return null
	const calm = say === 'tab' || say === 'connecting'
	return (
		<div className={styles.bar} data-calm={calm || undefined} role={calm ? 'status' : 'alert'}>
			<Icon name={say === 'tab' || say === 'desk' ? 'tabs' : say === 'connecting' ? 'phone' : 'micOff'} />
			<span className={styles.words}>
				<b>{t(`phone.say.${say}`)}</b> {say === 'refused' ? view.detail : t(`phone.help.${say}`)}
			</span>
			{say === 'tab' || say === 'desk' ? (
				<Button size="compact-sm" variant="default" onClick={() => phone.takeOver()}>
					{t('phone.take_over')}
				</Button>
			) : say === 'connecting' || say === 'insecure' ? null : (
				<Button size="compact-sm" variant="default" onClick={() => phone.retry()}>
					{t('app.retry')}
				</Button>
			)}
		</div>
	)
}
