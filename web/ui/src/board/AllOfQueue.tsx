/* AllOfQueue.tsx - what a row of the queues can do: rank or send on all who wait, close it, more people for it. */
import { Button, MultiSelect, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { post, tenantPath } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { useUser } from '../app/session'
import { shownState } from '../app/state'
import { live, useLive } from '../live/store'
import { Until } from './Skills'
import { useDeeds } from './act'
import styles from './board.module.css'
import { useAll } from './declared'
import { isWaiting } from './model'
import { untilOf } from './until'

/** Four at a time: quick for a long queue, and calls go before it on the server. */
const SIDE_BY_SIDE = 4

function useForAll(queue: string) {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const { tenant } = useUser()
	const [left, setLeft] = useState<number | null>(null)
	/** Who waits now; those who come later are not meant. */
	async function run(verb: string, body: unknown): Promise<void> {
		const all = [...(live.get().world?.contacts.values() ?? [])].filter((c) => c.queue === queue && isWaiting(c)).map((c) => c.id)
		const count = all.length
		let done = 0
		let problem: unknown = null
		const worker = async () => {
			for (let id = all.shift(); id; id = all.shift()) {
				setLeft(all.length)
				await post(tenantPath(tenant, 'contacts', id, verb), body).then(
					() => done++,
					(error) => (problem = error),
				)
			}
		}
		await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
		setLeft(null)
		tell(done === count ? 'good' : 'bad', `${t('queues.done_of', { done, all: count })}${problem ? ` ${problemText(problem, shell)}` : ''}`)
	}
	return { left, run }
}

function useWaiting(queue: string): number {
	return useLive((s) => {
		let n = 0
		for (const c of s.world?.contacts.values() ?? []) if (c.queue === queue && isWaiting(c)) n++
		return n
	})
}

/** All at once, in their order and with their time. */
export function Overflow({ queue, onDone }: { queue: string; onDone(): void }) {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const { tenant } = useUser()
	const queues = useLive((s) => s.world?.queues)
	const [to, setTo] = useState<string | null>(null)
	const [busy, setBusy] = useState(false)
	const count = useWaiting(queue)
	async function run() {
		setBusy(true)
		try {
			const { moved, left } = await post<{ moved: number; left: number }>(tenantPath(tenant, 'queues', queue, 'overflow'), { to })
			tell(left ? 'bad' : 'good', t('queues.done_of', { done: moved, all: moved + left }))
			onDone()
		} catch (error) {
			tell('bad', problemText(error, shell))
		} finally {
			setBusy(false)
		}
	}
	return (
		<form
			className={styles.form}
			onSubmit={(e) => {
				e.preventDefault()
				if (to) void run()
			}}
		>
			<p>{t('queues.waits_in', { count, queue: queues?.get(queue)?.name || queue })}</p>
			<Select data-autofocus searchable label={t('drawer.to_queue')} value={to} onChange={setTo} comboboxProps={{ withinPortal: true }}
				data={[...(queues?.values() ?? [])].filter((q) => q.id !== queue).map((q) => ({ value: q.id, label: q.name || q.id }))} />
			<Button type="submit" disabled={!to || !count} loading={busy}>{t('queues.move_all')}</Button>
		</form>
	)
}

/** New callers go elsewhere, or where their flow sends them; who waits goes on waiting. */
export function Close({ queue, onDone }: { queue: string; onDone(): void }) {
	const { t } = useTranslation('board')
	const { post, busy } = useDeeds()
	const queues = useLive((s) => s.world?.queues)
	const [to, setTo] = useState<string | null>(null)
	const [until, setUntil] = useState('')
	const name = queues?.get(queue)?.name || queue
	return (
		<form
			className={styles.form}
			onSubmit={(e) => {
				e.preventDefault()
				void post(['queues', queue, 'close'], { ...(to && { to }), ...untilOf(until, Date.now()) }, t('queues.closed_now', { queue: name })).then((ok) => ok && onDone())
			}}
		>
			<p>{t('queues.close_hint', { queue: name })}</p>
			<Select searchable clearable label={t('queues.close_to')} placeholder={t('queues.close_flow')} value={to} onChange={setTo} comboboxProps={{ withinPortal: true }}
				data={[...(queues?.values() ?? [])].filter((q) => q.id !== queue && !q.closed).map((q) => ({ value: q.id, label: q.name || q.id }))} />
			<Until value={until} onChange={setUntil} />
			<Button type="submit" color="red" loading={busy !== null}>{t('queues.close')}</Button>
		</form>
	)
}

/** Whoever does not serve it may do so from now on, for a while or for good. */
export function AddAgents({ queue, onDone }: { queue: string; onDone(): void }) {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const { post, busy } = useDeeds()
	const agents = useLive((s) => s.world?.agents)
	const users = useAll('users').filter((u) => agents?.has(u.id) && !u.queues?.includes(queue))
	const [picked, setPicked] = useState<string[]>([])
	const [until, setUntil] = useState('120')
	async function run() {
		const end = untilOf(until, Date.now())
		const done = await Promise.all(users.filter((u) => picked.includes(u.id)).map((u) => post(['agents', u.id, 'skills'], { queues: [...(u.queues ?? []), queue].sort(), ...end })))
		if (!done.every(Boolean)) return
		tell('good', t('skills.saved'))
		onDone()
	}
	return (
		<form
			className={styles.form}
			onSubmit={(e) => {
				e.preventDefault()
				void run()
			}}
		>
			<MultiSelect data-autofocus searchable label={t('queues.add_who')} value={picked} onChange={setPicked} comboboxProps={{ withinPortal: true }}
				data={users.map((u) => {
					const agent = agents?.get(u.id)
					return { value: u.id, label: `${u.name || u.id}${agent ? ` · ${shell(shownState(agent).word)}` : ''}` }
				})} />
			<Until value={until} onChange={setUntil} />
			<Button type="submit" disabled={!picked.length} loading={busy !== null}>{t('queues.add')}</Button>
		</form>
	)
}

export function AllPriority({ queue, onDone }: { queue: string; onDone(): void }) {
	const { t } = useTranslation('board')
	const queues = useLive((s) => s.world?.queues)
	const [minutes, setMinutes] = useState('10')
	const count = useWaiting(queue)
	const { left, run } = useForAll(queue)
	return (
		<form
			className={styles.form}
			onSubmit={(e) => {
				e.preventDefault()
				void run('prioritise', { priority_min: Number(minutes) }).then(onDone)
			}}
		>
			<p>{t('queues.waits_in', { count, queue: queues?.get(queue)?.name || queue })}</p>
			<TextInput data-autofocus type="number" min={0} max={100000} label={t('drawer.priority')} description={t('drawer.priority_hint')} value={minutes} onChange={(e) => setMinutes(e.currentTarget.value)} />
			<Button type="submit" disabled={!count || minutes === ''} loading={left !== null}>{t('queues.prioritise_all')}</Button>
		</form>
	)
}
