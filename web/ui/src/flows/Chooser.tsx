/*
 * Chooser.tsx - one of many, by a few letters and the arrows: which kind of node, where an exit leads, which node to find,
 * what to do with it. The focus stays in the field; Enter takes, Escape leaves.
 */
import { Modal, TextInput } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon, type IconName } from '../parts/Icon'
import { fold } from '../parts/fold'
import styles from './flows.module.css'

export interface Choice {
	id: string
	label: string
	hint?: string
	icon?: IconName
	keys?: string
}

interface Props {
	title: string
	choices: Choice[]
	onPick(id: string): void
	onClose(): void
}

export function Chooser({ title, choices, onPick, onClose }: Props) {
	const { t } = useTranslation('flows')
	const [text, setText] = useState('')
	const [at, setAt] = useState(0)
	const list = useRef<HTMLDivElement>(null)
	const shown = useMemo(() => {
		const wanted = fold(text)
		const hits = choices.filter((c) => !wanted || fold(`${c.label} ${c.hint ?? ''}`).includes(wanted))
		return hits.sort((a, b) => Number(fold(b.label).startsWith(wanted)) - Number(fold(a.label).startsWith(wanted))).slice(0, 200)
	}, [choices, text])
	const picked = Math.min(at, shown.length - 1)
	useEffect(() => {
		list.current?.children[picked]?.scrollIntoView({ block: 'nearest' })
	}, [picked])

	const take = (c: Choice | undefined) => {
		if (!c) return
		onClose()
		onPick(c.id)
	}
	const onKeyDown = (e: React.KeyboardEvent) => {
		const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[e.key]
		if (move) {
			e.preventDefault()
			setAt(Math.max(0, Math.min(shown.length - 1, picked + move)))
		} else if (e.key === 'Enter') {
			e.preventDefault()
			take(shown[picked])
		}
	}
	return (
		<Modal opened onClose={onClose} title={title} size={520} yOffset="12vh" padding="md">
			<TextInput
				data-autofocus
				value={text}
				placeholder={t('filter')}
				aria-label={title}
				role="combobox"
				aria-expanded
				aria-controls="chooser-list"
				aria-activedescendant={shown[picked] ? `choice-${picked}` : undefined}
				leftSection={<Icon name="search" size={16} />}
				onChange={(e) => {
					setText(e.currentTarget.value)
					setAt(0)
				}}
				onKeyDown={onKeyDown}
			/>
			<div id="chooser-list" role="listbox" aria-label={title} className={styles.choices} ref={list}>
				{shown.map((c, i) => (
					<div key={c.id} id={`choice-${i}`} role="option" aria-selected={i === picked} className={styles.choice} onClick={() => take(c)}>
						{c.icon && <Icon name={c.icon} />}
						<span className={styles.choiceText}>
							<b>{c.label}</b>
							{c.hint && <small>{c.hint}</small>}
						</span>
						{c.keys && <kbd>{c.keys}</kbd>}
					</div>
				))}
			</div>
			{!shown.length && <p className={styles.quiet}>{t('nothing_found')}</p>}
		</Modal>
	)
}
