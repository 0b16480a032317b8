/*
 * notices.tsx - short words about what a click came to; they go by themselves, mistakes stay longer. Read out
 * politely: only an offered contact may interrupt.
 */
import { CloseButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Icon, type IconName } from '../parts/Icon'
import { value } from '../parts/value'
import styles from './notices.module.css'

interface Notice {
	id: number
	kind: 'good' | 'bad' | 'info'
	text: string
}

const notices = value<Notice[]>([])
let lastId = 0

const drop = (id: number) => notices.set(notices.get().filter((n) => n.id !== id))

export function tell(kind: Notice['kind'], text: string): void {
	const id = ++lastId
	notices.set([...notices.get().filter((n) => n.text !== text).slice(-3), { id, kind, text }])
	setTimeout(() => drop(id), kind === 'bad' ? 9_000 : 4_000)
}

const ICONS: Record<Notice['kind'], IconName> = { good: 'check', bad: 'warning', info: 'info' }

export function Notices() {
	const all = notices.use()
	const { t } = useTranslation()
	return (
		<div className={styles.stack} role="status" aria-live="polite">
			{all.map((n) => (
				<div key={n.id} className={styles.notice} data-kind={n.kind}>
					<Icon name={ICONS[n.kind]} />
					<span>{n.text}</span>
					<CloseButton size="sm" aria-label={t('app.close')} onClick={() => drop(n.id)} />
				</div>
			))}
		</div>
	)
}
