/* FlowList.tsx - the firm's flows: who comes there, what is published, what is being drawn. */
import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { Icon } from '../parts/Icon'
import { fold } from '../parts/fold'
import { numberText } from '../parts/number'
import { useAll, useEntered, useFlows } from './api'
import styles from './flows.module.css'

export function FlowList() {
	const { t } = useTranslation('flows')
	const { mayEdit } = useFlows()
	const flows = useAll('flows')
	const drafts = useAll('drafts')
	const numbers = useAll('numbers')
	const entered = useEntered()
	const [text, setText] = useState(() => new URLSearchParams(location.search).get('q') ?? '')
	const [making, setMaking] = useState(false)
	useEffect(() => {
		document.title = `${t('title')} · centrala`
	}, [t])
	useEffect(() => {
		const q = text ? `?q=${encodeURIComponent(text)}` : location.pathname
		history.replaceState(history.state, '', q)
	}, [text])
	const rows = useMemo(() => {
		const by = new Map((flows ?? []).map((f) => [f.id, f]))
		const made = new Map((drafts ?? []).map((d) => [d.id, d]))
		const ids = [...new Set([...by.keys(), ...made.keys()])].sort()
		return ids.map((id) => ({
			id, name: by.get(id)?.name ?? made.get(id)?.name ?? '', version: by.get(id)?.version, draft: made.get(id)?.version,
			nodes: Object.keys((by.get(id)?.nodes ?? made.get(id)?.nodes ?? {}) as object).length, numbers: (numbers ?? []).filter((n) => n.flow === id),
		}))
	}, [flows, drafts, numbers])
	const shown = rows.filter((r) => fold(`${r.id} ${r.name} ${r.numbers.map((n) => n.id).join(' ')}`).includes(fold(text)))
	return (
		<main className={styles.list}>
			<header className={styles.listHead}>
				<h1>{t('title')}</h1>
				<TextInput type="search" aria-label={t('list.search')} placeholder={t('list.search')} leftSection={<Icon name="search" size={16} />} value={text} onChange={(e) => setText(e.currentTarget.value)} />
				{mayEdit && <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setMaking(true)}>{t('list.new')}</Button>}
			</header>
			{!flows ? <p className={styles.quiet}>{t('loading')}</p> : !rows.length ? <p className={styles.quiet}>{t('list.none')}</p> : (
				<div className={styles.tableBox}>
					<table className={styles.table}>
						<thead>
							<tr><th scope="col">{t('list.name')}</th><th scope="col">{t('list.numbers')}</th><th scope="col">{t('list.published')}</th><th scope="col">{t('list.draft')}</th><th scope="col" className={styles.number}>{t('list.today')}</th></tr>
						</thead>
						<tbody>
							{shown.map((r) => (
								<tr key={r.id}>
									<td><Link href={`/flows/${r.id}`} className={styles.flowLink}><b>{r.name || r.id}</b>{r.name && <small>{r.id}</small>}<small>{t('list.nodes', { count: r.nodes })}</small></Link></td>
									<td>{r.numbers.length ? r.numbers.map((n) => <span key={n.id} className={styles.numberTag} data-test={n.draft === true || undefined} title={n.draft === true ? t('list.test_number') : undefined}>{numberText(n.id)}</span>) : <span className={styles.dim}>{t('list.no_number')}</span>}</td>
									<td>{r.version ? t('list.version', { version: r.version }) : <span className={styles.dim}>{t('list.never')}</span>}</td>
									<td>{r.draft ? <span className={styles.draftTag}><Icon name="edit" size={14} /> {t('list.has_draft')}</span> : ''}</td>
									<td className={styles.number}>{entered?.get(r.id) ?? 0}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			{making && <NewFlow taken={rows.map((r) => r.id)} onClose={() => setMaking(false)} />}
		</main>
	)
}

function NewFlow({ taken, onClose }: { taken: string[]; onClose(): void }) {
	const { t } = useTranslation('flows')
	const [, go] = useLocation()
	const [id, setId] = useState('')
	const fault = taken.includes(id) ? t('list.taken') : id && !/^[a-z0-9][a-z0-9_-]{0,62}$/.test(id) ? t('list.bad_id') : ''
	const submit = (e: FormEvent) => {
		e.preventDefault()
		if (id && !fault) go(`/flows/${id}`)
	}
	return (
		<Modal opened onClose={onClose} title={t('list.new')}>
			<form onSubmit={submit}>
				<TextInput data-autofocus label={t('list.id')} description={t('list.id_hint')} value={id} error={fault} onChange={(e) => setId(e.currentTarget.value.trim())} />
				<Button type="submit" mt="md" disabled={!id || !!fault}>{t('list.make')}</Button>
			</form>
		</Modal>
	)
}
