/* Parked.tsx - somebody is parked: under which slot, until when, and who picks him up. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useSend } from '../app/send'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { Clock } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { Person } from '../parts/Person'
import styles from './Interaction.module.css'
import card from './CallBar.module.css'

export function Parked({ contact }: { contact: Contact }) {
	const { t } = useTranslation()
	const { send, busy } = useSend()
	const queue = useLive((s) => (contact.park?.queue && s.world?.queues.get(contact.park.queue)?.name) || '')
	const slot = contact.park?.slot
	return (
		<div className={styles.box}>
			<section className={card.bar} data-tone="held" aria-label={t('role.parked')}>
				<div className={card.head}>
					<div className={card.who}>
						<h1 className={card.name}>
							<Person contact={contact} />
						</h1>
						<div className={card.sub}>
							{queue && <span>{queue}</span>}
							{slot !== undefined && <span className="num">{t('park.slot', { slot })}</span>}
						</div>
					</div>
					<span className={card.chip} data-tone="held">
						{t('park.left')} <Clock to={contact.park?.until_at} className={card.clock} />
					</span>
				</div>
				<div className={card.buttons}>
					<Button color="green" loading={busy === 'accept'} leftSection={<Icon name="phone" />} onClick={() => void send('accept', { contact: contact.id })}>
						{t('park.pick_up')}
					</Button>
				</div>
			</section>
		</div>
	)
}
