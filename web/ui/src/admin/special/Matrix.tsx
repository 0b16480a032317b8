/*
 * Matrix.tsx - people by skills: levels are typed where they stand, arrows go from cell to cell, one button saves
 * everybody who was changed.
 */
import { Button, TextInput } from '@mantine/core'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { Icon } from '../../parts/Icon'
import { fold } from '../../parts/fold'
import { objectPath, titleOf, useObjects, useWrites } from '../api'
import { Guard } from '../guard'
import { Answer, ApiCall, Head } from '../parts'
import { type Doc, KINDS, type Kind } from '../schema'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'

const levelsOf = (u: Doc) => (u.skills ?? {}) as Record<string, number>

export default function Matrix() {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { tenant, writes } = useWhose()
	const users = useObjects('user')
	const skills = useObjects('skill')
	const { save } = useWrites(KINDS.user as Kind)
	const [changed, setChanged] = useState<Map<string, Record<string, string>>>(new Map())
	const [text, setText] = useState('')
	const [busy, setBusy] = useState(false)
	const table = useRef<HTMLTableElement>(null)
	const people = useMemo(
		() => (users.data ?? []).filter((u) => (Array.isArray(u.roles) ? u.roles.includes('agent') : true) || u.skills).filter((u) => fold(`${u.id} ${u.name ?? ''}`).includes(fold(text.trim()))),
		[users.data, text],
	)
	const set = (user: string, skill: string, level: string) => setChanged((was) => new Map(was).set(user, { ...was.get(user), [skill]: level }))
	const valid = (x: string) => x === '' || (/^\d{1,3}$/.test(x) && Number(x) <= 100)
	const wrong = [...changed.values()].some((c) => Object.values(c).some((x) => !valid(x)))
	const saveAll = async () => {
		setBusy(true)
		for (const [id, c] of changed) {
			const user = users.data?.find((u) => u.id === id)
			if (!user) continue
			const next = { ...levelsOf(user) }
			for (const [skill, level] of Object.entries(c)) {
				if (level === '') delete next[skill]
				else next[skill] = Number(level)
			}
			try {
				await save(id, Number(user.version), { ...user, skills: next })
				setChanged((was) => {
					const rest = new Map(was)
					rest.delete(id)
					return rest
				})
			} catch (error) {
				tell('bad', `${titleOf(user)}: ${problemText(error, shell)}`)
			}
		}
		setBusy(false)
	}
	const keys = (e: KeyboardEvent<HTMLTableElement>) => {
		const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[e.key]
		const input = e.target
		if (!by || !(input instanceof HTMLInputElement)) return
		if (by[1] && input.selectionStart !== input.selectionEnd && input.value && input.selectionEnd !== input.value.length) return
		const [row = 0, column = 0] = (input.dataset.cell ?? '').split(':').map(Number)
		const next = table.current?.querySelector<HTMLInputElement>(`[data-cell="${row + (by[0] ?? 0)}:${column + (by[1] ?? 0)}"]`)
		if (!next) return
		e.preventDefault()
		next.focus()
		next.select()
	}
	const first = people[0]
	return (
		<>
			<Guard dirty={changed.size > 0 && !busy} />
			<Head title={t('pages.matrix')} about={t('matrix.about')}>
				{first && <ApiCall calls={[{ method: 'PUT', path: objectPath(tenant, KINDS.user as Kind, String(first.id)), body: { name: first.name, skills: levelsOf(first) } }]} />}
			</Head>
			<Answer error={users.error ?? skills.error} loading={users.isPending || skills.isPending} />
			<TextInput className={styles.medium} leftSection={<Icon name="search" size={16} />} aria-label={t('matrix.search')} placeholder={t('search')} value={text} onChange={(e) => setText(e.currentTarget.value)} />
			{skills.data && !skills.data.length && <p className={styles.none}>{t('matrix.no_skills')} <Link href="/admin/skills/new" className={styles.link}>{t('create')}</Link></p>}
			{users.data && skills.data && skills.data.length > 0 && (
				<div className={styles.scroll} tabIndex={0} role="region" aria-label={t('pages.matrix')}>
					<table ref={table} className={styles.matrix} onKeyDown={keys}>
						<thead>
							<tr>
								<th scope="col">{t('matrix.person')}</th>
								{skills.data.map((s) => (
									<th scope="col" key={String(s.id)}>
										<Link href={`/admin/skills/${encodeURIComponent(String(s.id))}`} className={styles.link}>{titleOf(s)}</Link>
									</th>
								))}
							</tr>
						</thead>
						<tbody>
							{people.map((u, row) => (
								<tr key={String(u.id)}>
									<th scope="row"><Link href={`/admin/users/${encodeURIComponent(String(u.id))}`} className={styles.link}>{titleOf(u)}</Link></th>
									{skills.data.map((s, column) => {
										const id = String(u.id)
										const skill = String(s.id)
										const now = changed.get(id)?.[skill]
										const level = now ?? String(levelsOf(u)[skill] ?? '')
										return (
											<td key={skill} data-changed={now !== undefined || undefined} style={{ '--level': `${Math.min(100, Number(level) || 0)}%` } as React.CSSProperties}>
												<input
													className={styles.cell}
													data-cell={`${row}:${column}`}
													inputMode="numeric"
													maxLength={3}
													readOnly={!writes}
													aria-label={`${titleOf(u)}, ${titleOf(s)}`}
													aria-invalid={!valid(level) || undefined}
													value={level}
													onFocus={(e) => e.currentTarget.select()}
													onChange={(e) => set(id, skill, e.currentTarget.value.trim())}
												/>
											</td>
										)
									})}
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			{changed.size > 0 && (
				<div className={styles.saveBar}>
					<span role="status">{t('matrix.changed', { count: changed.size })}</span>
					<div className={styles.row}>
						<Button variant="default" onClick={() => setChanged(new Map())}>{t('discard')}</Button>
						<Button loading={busy} disabled={wrong} onClick={() => void saveAll()}>{t('save')}</Button>
					</div>
				</div>
			)}
		</>
	)
}
