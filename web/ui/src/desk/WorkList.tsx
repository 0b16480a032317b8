/*
 * WorkList.tsx - everything that is with me: ringing, active, wrap-up, parked; clocks, and the key that reaches it.
 */
import { UnstyledButton } from '@mantine/core'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/actions'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { Clock } from '../parts/Clock'
import { Icon, type IconName } from '../parts/Icon'
import { Person } from '../parts/Person'
import { DialBox } from './DialBox'
import styles from './WorkList.module.css'
import { type Role, type Work, inOrder, myParty, roleOf, sinceOf } from './mine'
import { focusId } from './state'

const GROUPS = ['ringing', 'active', 'wrapping', 'parked'] as const
const ICONS: Record<Role, IconName> = {
	ringing: 'phoneIn',
	dialling: 'phoneOut',
	talking: 'phone',
	held: 'pause',
	wrapping: 'edit',
	parked: 'park',
	none: 'phone',
}

export function WorkList({ work, me, focus }: { work: Work; me: string; focus?: string }) {
	const { t } = useTranslation()
	const order = inOrder(work)
	return (
		<div className={styles.box} data-count={Math.min(order.length, 2)}>
			<DialBox />
			{order.length === 0 && <p className={styles.empty}>{t('desk.nothing')}</p>}
			{GROUPS.map((group) =>
				work[group].length ? (
					<Fragment key={group}>
						<h2 className={styles.group}>
							{t(`desk.${group}`)} <span className="num">{work[group].length}</span>
						</h2>
						<ul className={styles.rows}>
							{work[group].map((c) => (
								<Row key={c.id} contact={c} me={me} index={order.indexOf(c)} picked={c.id === focus} />
							))}
						</ul>
					</Fragment>
				) : null,
			)}
		</div>
	)
}

function Row({ contact, me, index, picked }: { contact: Contact; me: string; index: number; picked: boolean }) {
	const { t } = useTranslation()
	const queue = useLive((s) => (contact.queue && s.world?.queues.get(contact.queue)?.name) || contact.queue)
	const role = roleOf(contact, me)
	const pick = () => focusId.set(contact.id)
	const muted = myParty(contact, me)?.muted
	useAction(`contact ${index + 1}`, index < 9 ? { key: `${index + 1}`, run: pick } : null)
	return (
		<li>
			<UnstyledButton
				className={styles.row}
				data-role={role}
				data-picked={picked || undefined}
				aria-current={picked || undefined}
				onClick={pick}
			>
				<span className={styles.icon}>
					<Icon name={muted ? 'micOff' : ICONS[role]} />
				</span>
				<span className={styles.text}>
					<Person contact={contact} className={styles.who} />
					<span className={styles.what}>
						{t(`role.${role}`)}
						{queue ? ` · ${queue}` : ''}
					</span>
				</span>
				<span className={styles.right}>
					<Clock from={sinceOf(contact, me)} className={styles.clock} />
					{index < 9 && <kbd className={styles.key}>{index + 1}</kbd>}
				</span>
			</UnstyledButton>
		</li>
	)
}
