/* Broadcast.tsx - a message to everybody, to the agents of a queue, to a team, or to one. */
import { Button, Modal, Select, Switch, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../live/store'
import { useDeeds } from './act'
import styles from './board.module.css'
import { useTeams } from './declared'

export interface To {
	queue?: string
	team?: string
	agent?: string
}
const TEXT_MOST = 1000

export function Broadcast({ to, onClose }: { to?: To; onClose(): void }) {
	const { t } = useTranslation('board')
	return (
		<Modal opened onClose={onClose} title={t('broadcast.title')} centered>
			<MessageForm to={to} onSent={onClose} />
		</Modal>
	)
}

/** To whom is asked where nobody was named. */
export function MessageForm({ to, onSent }: { to?: To; onSent(): void }) {
	const { t } = useTranslation('board')
	const { post, busy } = useDeeds()
	const queues = useLive((s) => s.world?.queues)
	const agents = useLive((s) => s.world?.agents)
	const teams = useTeams()
	const [whom, setWhom] = useState('all')
	const [text, setText] = useState('')
	const [urgent, setUrgent] = useState(false)
	const [kind, id] = to ? (Object.entries(to)[0] as [string, string]) : (whom.split(' ') as [string, string | undefined])
	const target = kind === 'all' ? { all: true } : { [kind]: id }
	const option = (prefix: string) => (one: { id: string; name?: string }) => ({ value: `${prefix} ${one.id}`, label: one.name || one.id })
	const named = kind === 'queue' ? queues?.get(id ?? '')?.name : kind === 'agent' ? agents?.get(id ?? '')?.name : undefined
	return (
		<form
			className={styles.form}
			onSubmit={(e) => {
				e.preventDefault()
				void post(['messages'], { to: target, text: text.trim(), ...(urgent && { urgent }) }, t('broadcast.sent')).then((ok) => ok && (setText(''), onSent()))
			}}
		>
			{to ? (
				kind === 'agent' ? null : <p className={styles.quiet}>{t('broadcast.to_queue', { queue: named || id })}</p>
			) : (
				<Select searchable allowDeselect={false} label={t('broadcast.to')} value={whom} onChange={(v) => setWhom(v ?? 'all')}
					data={[
						{ group: t('broadcast.many'), items: [{ value: 'all', label: t('broadcast.all') }] },
						...(teams.length ? [{ group: t('broadcast.teams'), items: teams.map(option('team')) }] : []),
						{ group: t('part.queues'), items: [...(queues?.values() ?? [])].map(option('queue')) },
						{ group: t('part.agents'), items: [...(agents?.values() ?? [])].map(option('agent')) },
					]} />
			)}
			<Textarea data-autofocus autosize minRows={to?.agent ? 2 : 3} maxRows={8} maxLength={TEXT_MOST} label={t('broadcast.text')} value={text} onChange={(e) => setText(e.currentTarget.value)}
				onKeyDown={(e) => {
					if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) e.currentTarget.form?.requestSubmit()
				}} />
			<div className={styles.row}>
				<Switch label={t('broadcast.urgent')} checked={urgent} onChange={(e) => setUrgent(e.currentTarget.checked)} />
				<span className={styles.space} />
				<Button type="submit" size="compact-md" disabled={!text.trim()} loading={busy !== null}>{t('broadcast.send')}</Button>
			</div>
		</form>
	)
}
