/* Notes.tsx - what somebody wrote about a customer; a note stays as it was written. Ctrl-Enter saves. */
import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { useLive } from '../live/store'
import { useNow } from '../parts/Clock'
import { momentText } from '../parts/time'
import { useCustomers, useNotes } from './api'
import styles from './customers.module.css'
import type { Note } from './types'

/** Drafts outlive the panel: whoever answers a second call finds what he wrote about the first. */
const drafts = new Map<string, string>()

export function Notes({ customer }: { customer: string }) {
	const { t } = useTranslation()
	const { note } = useCustomers()
	const { data } = useNotes(customer)
	const [text, setText] = useState(drafts.get(customer) ?? '')
	const [busy, setBusy] = useState(false)

	const write = (next: string) => {
		setText(next)
		if (next) drafts.set(customer, next)
		else drafts.delete(customer)
	}
	async function save() {
		if (!text.trim()) return
		setBusy(true)
		try {
			await note(customer, text.trim())
			write('')
		} catch (error) {
			tell('bad', problemText(error, t))
		} finally {
			setBusy(false)
		}
	}
	return (
		<div className={styles.notes}>
			<Textarea
				aria-label={t('customers.new_note')}
				placeholder={t('customers.new_note')}
				autosize
				minRows={2}
				maxRows={10}
				maxLength={10_000}
				value={text}
				onChange={(e) => write(e.currentTarget.value)}
				onKeyDown={(e) => {
					if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) void save()
				}}
			/>
			<div className={styles.noteActions}>
				<span className={styles.small}>{t('customers.note_keys')}</span>
				<Button size="compact-sm" disabled={!text.trim()} loading={busy} onClick={() => void save()}>
					{t('customers.save_note')}
				</Button>
			</div>
			<ol className={styles.noteList}>
				{data?.map((n) => <NoteItem key={n.id} note={n} />)}
				{data?.length === 0 && <li className={styles.empty}>{t('customers.no_notes')}</li>}
			</ol>
		</div>
	)
}

function NoteItem({ note }: { note: Note }) {
	const { i18n } = useTranslation()
	const now = useNow(60_000)
	const by = useLive((s) => s.world?.agents.get(note.by)?.name ?? note.by)
	return (
		<li>
			<span className={styles.when}>
				<span className="num">{momentText(note.at, now, i18n.language)}</span>
				<span>{by}</span>
			</span>
			<p className={styles.note}>{note.text}</p>
		</li>
	)
}
