/*
 * Interaction.tsx - the contact in focus: the call bar, whom I ask or confer with, the panel that is open, the wrap-up
 * that can be written from the first second on.
 */
import { useTranslation } from 'react-i18next'
import type { Contact } from '../live/types'
import { Icon } from '../parts/Icon'
import { CallBar } from './CallBar'
import { ConsultStrip } from './ConsultStrip'
import styles from './Interaction.module.css'
import { Keypad } from './Keypad'
import { Parked } from './Parked'
import { PartyList } from './PartyList'
import { TransferPanel } from './TransferPanel'
import { WrapStrip } from './WrapStrip'
import { roleOf } from './mine'
import { panel } from './state'

export function Interaction({ contact, me }: { contact: Contact; me: string }) {
	const { t } = useTranslation()
	const role = roleOf(contact, me)
	const open = panel.use()
	if (role === 'parked') return <Parked contact={contact} />
	const talking = role === 'talking' || role === 'held' || role === 'dialling'
	return (
		<div className={styles.box}>
			<CallBar contact={contact} me={me} role={role} />
			{talking && <ConsultStrip contact={contact} me={me} />}
			{talking && <PartyList contact={contact} me={me} />}
			{talking && open === 'transfer' && <TransferPanel contact={contact} me={me} />}
			{talking && open === 'keypad' && <Keypad />}
			<WrapStrip contact={contact} me={me} />
			{contact.private && (
				<p className={styles.private}>
					<Icon name="lock" size={16} /> {t(contact.test ? 'contact.is_test' : 'contact.private')}
				</p>
			)}
		</div>
	)
}
