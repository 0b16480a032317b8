/*
 * WrapStrip.tsx - what came of it: outcome and note, written from the first second of the talk, sent when it is over
 * (or before: with an outcome nothing is asked afterwards). The ring shows how long wrap-up lasts by itself.
 */
import { Button, Select, TagsInput, TextInput, Textarea } from '@mantine/core'
import { useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDeclared } from '../app/declared'
import { tell } from '../app/notices'
import { useSend } from '../app/send'
import { useUser } from '../app/session'
import type { Contact, Wrap } from '../live/types'
import { Clock, useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import styles from './WrapStrip.module.css'
import { isEmpty, useDraft } from './drafts'
import { myWrap } from './mine'

/** Bytes of UTF-8 (docs/api.md). */
const NOTE_MAX = 2000
const TAGS_MAX = 20
const TAG_MAX = 40
const OUTCOMES = 'centrala.outcomes.'
const TAGS = 'centrala.tags.'

/** What this user chose lately, the last first. */
function recentOf(key: string): string[] {
	try {
		return JSON.parse(localStorage.getItem(key) ?? '[]')
	} catch {
		return []
	}
}
function remember(key: string, chosen: string[], most: number): string[] {
	const next = [...chosen, ...recentOf(key).filter((x) => !chosen.includes(x))].slice(0, most)
	localStorage.setItem(key, JSON.stringify(next))
	return next
}

export function WrapStrip({ contact, me }: { contact: Contact; me: string }) {
	const { t } = useTranslation()
	const { tenant, id } = useUser()
	const { send, busy } = useSend()
	const declared = useDeclared('outcomes')
	const queues = useDeclared('queues')
	const [draft, change, clear] = useDraft(tenant, id, contact.id)
	const [recent, setRecent] = useState(() => recentOf(`${OUTCOMES}${tenant}/${id}`))
	const [usedTags, setUsedTags] = useState(() => recentOf(`${TAGS}${tenant}/${id}`))
	const wrap = myWrap(contact, me)
	const queue = queues.find((q) => q.id === (wrap?.queue ?? contact.queue))
	const required = queue?.outcome_required === true
	const missing = required && !draft.outcome
	const [tried, setTried] = useState(false)
	const bytes = useMemo(() => new TextEncoder().encode(draft.note).length, [draft.note])

	// last used first
	const data = useMemo(() => {
		const place = (x: string) => (recent.includes(x) ? recent.indexOf(x) : 99)
		return declared
			.map((o) => ({ value: o.id as string, label: o.name ?? (o.id as string) }))
			.sort((a, b) => place(a.value) - place(b.value) || a.label.localeCompare(b.label))
	}, [declared, recent])

	async function save() {
		setTried(missing)
		if (missing || bytes > NOTE_MAX) return
		const body = {
			contact: contact.id,
			...(draft.outcome && { outcome: draft.outcome }),
			...(draft.note && { note: draft.note }),
			...(draft.tags.length && { tags: draft.tags }),
			...(draft.followUp && { follow_up_at: new Date(draft.followUp).toISOString() }),
		}
		if (!(await send('wrap', body))) return
		if (draft.outcome) setRecent(remember(`${OUTCOMES}${tenant}/${id}`, [draft.outcome], 8))
		if (draft.tags.length) setUsedTags(remember(`${TAGS}${tenant}/${id}`, draft.tags, 30))
		clear()
		if (!wrap) tell('good', t('wrap.saved'))
	}
	return (
		<section
			className={styles.box}
			data-now={wrap ? true : undefined}
			aria-label={t('wrap.title')}
			onKeyDown={(e) => {
				if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) {
					e.preventDefault()
					void save()
				}
			}}
		>
			<div className={styles.head}>
				<h2 className={styles.title}>{t('wrap.title')}</h2>
				{wrap ? <Left wrap={wrap} required={missing} /> : <span className={styles.hint}>{t('wrap.during')}</span>}
			</div>
			<div className={styles.fields}>
				{data.length > 0 && (
					<Select
						label={required ? t('wrap.outcome_required') : t('wrap.outcome')}
						placeholder={t('wrap.choose')}
						data={data}
						value={draft.outcome}
						onChange={(outcome) => change({ outcome })}
						searchable
						clearable={!required}
						nothingFoundMessage={t('wrap.no_outcome')}
						maxDropdownHeight={260}
						error={tried && missing ? t('wrap.needed') : undefined}
						comboboxProps={{ shadow: 'md' }}
						clearButtonProps={{ 'aria-label': t('wrap.clear') }}
					/>
				)}
				<Textarea
					className={styles.note}
					label={t('wrap.note')}
					placeholder={t('wrap.note_hint')}
					autosize
					minRows={wrap ? 4 : 2}
					maxRows={10}
					value={draft.note}
					onChange={(e) => change({ note: e.currentTarget.value })}
					error={bytes > NOTE_MAX ? t('wrap.too_long', { count: bytes - NOTE_MAX }) : undefined}
				/>
				<div className={styles.pair}>
					<TagsInput
						label={t('wrap.tags')}
						placeholder={draft.tags.length ? undefined : t('wrap.tags_hint')}
						data={usedTags}
						value={draft.tags}
						onChange={(tags) => change({ tags: tags.map((x) => x.trim().slice(0, TAG_MAX)).filter(Boolean) })}
						maxTags={TAGS_MAX}
						splitChars={[',', ';']}
						comboboxProps={{ shadow: 'md' }}
					/>
					<TextInput
						type="datetime-local"
						label={t('wrap.follow_up')}
						value={draft.followUp}
						onChange={(e) => change({ followUp: e.currentTarget.value })}
					/>
				</div>
			</div>
			<div className={styles.actions}>
				{wrap ? (
					<>
						<Button loading={busy === 'wrap'} onClick={() => void save()} leftSection={<Icon name="check" size={16} />}>
							{t('wrap.save_next')}
						</Button>
						{wrap.until_at && (
							<Button variant="default" onClick={() => void send('wrap', { contact: contact.id, extend: true })} leftSection={<Icon name="clock" size={16} />}>
								{t('wrap.more_time')}
							</Button>
						)}
					</>
				) : (
					<Button variant="default" loading={busy === 'wrap'} disabled={isEmpty(draft)} onClick={() => void save()}>
						{t(draft.outcome ? 'wrap.save_all' : 'wrap.save_note')}
					</Button>
				)}
				<span className={styles.kept}>{!isEmpty(draft) && t('wrap.kept')}</span>
			</div>
		</section>
	)
}

/** A ring that empties, with the seconds in it; without a limit only how long it lasts. */
function Left({ wrap, required }: { wrap: Wrap; required: boolean }) {
	const { t } = useTranslation()
	const now = useNow(500)
	const until = wrap.until_at
	const from = Date.parse(wrap.since_at)
	// what an extension adds makes the ring whole again
	const [whole, setWhole] = useState(until ? Date.parse(until) - from : 0)
	useEffect(() => {
		if (until) setWhole((was) => Math.max(was, Date.parse(until) - Date.now()))
	}, [until])
	if (!until || required)
		return (
			<span className={styles.left}>
				{required && t('wrap.until_outcome')} <Clock from={wrap.since_at} />
			</span>
		)
	const part = Math.max(0, Math.min(1, (Date.parse(until) - now) / (whole || 1)))
	const R = 8
	const round = 2 * Math.PI * R
	return (
		<span className={styles.left} data-late={part < 0.25 || undefined}>
			<svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
				<circle cx="10" cy="10" r={R} fill="none" stroke="var(--line)" strokeWidth="3" />
				<circle cx="10" cy="10" r={R} fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round" strokeDasharray={`${part * round} ${round}`} transform="rotate(-90 10 10)" />
			</svg>
			{t('wrap.left')} <Clock to={until} />
		</span>
	)
}
