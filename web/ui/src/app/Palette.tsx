/*
 * Palette.tsx - Ctrl-K: what can be done now, pages, colleagues and numbers to call, found by a few letters.
 * A combobox: the focus stays in the field, arrows move, Enter does it.
 */
import { Modal, TextInput } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { focusId } from '../desk/state'
import { useCallOut } from '../desk/callOut'
import { inOrder, otherNumber, workOf } from '../desk/mine'
import { useLive } from '../live/store'
import { Icon, type IconName } from '../parts/Icon'
import { fold } from '../parts/fold'
import { looksDialled, numberText } from '../parts/number'
import { offeredActions } from './actions'
import { ROUTES } from './routes'
import { useUser } from './session'
import { isFree, shownState } from './state'
import styles from './Palette.module.css'

interface Entry {
	id: string
	group: 'contacts' | 'actions' | 'pages' | 'call'
	label: string
	hint?: string
	icon: IconName
	also?: string
	run(): void
}

const MOST = 14

/** Declared objects of that name, for who may read them all; their code comes with the first letters. */
function useObjectsFound(text: string, go: (to: string) => void): Entry[] {
	const user = useUser()
	const [found, setFound] = useState<Entry[]>([])
	const may = user.permissions.includes('objects:read')
	useEffect(() => {
		let current = true
		const look = async () => {
			const { findObjects } = await import('../admin/find')
			const hits = await findObjects(user, text)
			if (current) setFound(hits.map((h) => ({ id: `object ${h.id}`, group: 'pages', icon: 'settings', label: h.label, hint: h.hint, run: () => go(h.to) })))
		}
		if (!may || text.trim().length < 2) {
			setFound([])
			return
		}
		const timer = setTimeout(() => void look().catch(() => {}), 120)
		return () => {
			current = false
			clearTimeout(timer)
		}
	}, [may, text, user, go])
	return found
}

export default function Palette({ onClose, go }: { onClose(): void; go(to: string): void }) {
	const { t } = useTranslation()
	const user = useUser()
	const callOut = useCallOut()
	const [text, setText] = useState('')
	const [picked, setPicked] = useState(0)
	const agents = useLive((s) => s.world?.agents)
	const contacts = useLive((s) => s.world?.contacts)

	const entries = useMemo(() => {
		const list: Entry[] = []
		for (const c of inOrder(workOf(contacts?.values() ?? [], user.id)))
			list.push({
				id: `contact ${c.id}`,
				group: 'contacts',
				icon: 'phone',
				label: numberText(otherNumber(c, user.id)) || t('contact.withheld'),
				hint: t(`contact_state.${c.state}`),
				run: () => (focusId.set(c.id), go('/')),
			})
		for (const [name, action] of offeredActions()) {
			const { label } = action
			if (label) list.push({ id: `do ${name}`, group: 'actions', icon: action.icon ?? 'chevronRight', label, also: action.also, run: action.run })
		}
		for (const { path, nav } of ROUTES)
			if (nav?.for(user))
				list.push({ id: `go ${path}`, group: 'pages', icon: nav.icon, label: t(`nav.${nav.name}`), run: () => go(path.replace(/\/\*\??$/, '')) })
		for (const a of agents?.values() ?? [])
			if (a.id !== user.id)
				list.push({
					id: `call ${a.id}`,
					group: 'call',
					icon: 'phoneOut',
					label: t('palette.call', { who: a.name || a.id }),
					hint: t(isFree(a) ? 'people.free' : shownState(a).word),
					also: a.id,
					run: () => callOut(a.id),
				})
		return list
	}, [agents, contacts, user, callOut, go, t])

	const objects = useObjectsFound(text, go)
	const found = useMemo(() => {
		const wanted = fold(text.trim())
		const hits = entries.filter((e) => !wanted || fold(`${e.label} ${e.also ?? ''}`).includes(wanted))
		if (looksDialled(text))
			hits.unshift({
				id: 'dial',
				group: 'call',
				icon: 'phoneOut',
				label: t('palette.call', { who: text.trim() }),
				run: () => callOut(text.trim()),
			})
		return [...hits.filter((e) => wanted || e.group !== 'call').slice(0, objects.length ? 8 : MOST), ...objects].slice(0, MOST)
	}, [entries, objects, text, callOut, t])
	const at = Math.min(picked, found.length - 1)

	const choose = (entry: Entry | undefined) => {
		if (!entry) return
		onClose()
		entry.run()
	}
	return (
		<Modal.Root opened onClose={onClose} padding={0} size={560} yOffset="12vh" transitionProps={{ duration: 80 }}>
			<Modal.Overlay />
			<Modal.Content radius="lg" aria-label={t('palette.open')}>
			<TextInput
				data-autofocus
				variant="unstyled"
				size="lg"
				className={styles.field}
				leftSection={<Icon name="search" />}
				placeholder={t('palette.placeholder')}
				value={text}
				role="combobox"
				aria-expanded
				aria-controls="palette-list"
				aria-activedescendant={found[at] ? `palette-${at}` : undefined}
				aria-label={t('palette.open')}
				onChange={(e) => {
					setText(e.currentTarget.value)
					setPicked(0)
				}}
				onKeyDown={(e) => {
					const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
					if (step) {
						e.preventDefault()
						setPicked((at + step + found.length) % Math.max(1, found.length))
					} else if (e.key === 'Enter') {
						e.preventDefault()
						choose(found[at])
					}
				}}
			/>
			<div id="palette-list" role="listbox" aria-label={t('palette.open')} className={styles.list}>
				{found.map((e, i) => (
					<div key={e.id}>
						{(i === 0 || found[i - 1]?.group !== e.group) && (
							<div className={styles.group}>{t(e.group === 'call' ? 'palette.calls' : `palette.${e.group}`)}</div>
						)}
						<div
							id={`palette-${i}`}
							role="option"
							tabIndex={-1}
							aria-selected={i === at}
							className={styles.entry}
							onMouseMove={() => setPicked(i)}
							onClick={() => choose(e)}
							onKeyDown={() => {}}
						>
							<Icon name={e.icon} />
							<span className={styles.label}>{e.label}</span>
							{e.hint && <span className={styles.hint}>{e.hint}</span>}
						</div>
					</div>
				))}
				{!found.length && <div className={styles.none}>{t('palette.nothing')}</div>}
			</div>
			</Modal.Content>
		</Modal.Root>
	)
}
