/* Versions.tsx - what was published when and by whom, what differs from what is edited now, and back to it in one click. */
import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import { momentText } from '../parts/time'
import { type Version, useFlows, useVersions } from './api'
import { type Change, diffOf } from './diff'
import { type FlowDoc, docOf } from './doc'
import { useEdit } from './edit'
import { type T } from './say'
import styles from './flows.module.css'

interface Props {
	id: string
	current: number
	/** Shown on the canvas: the document of this version is what it is compared with. */
	compared: number | null
	onCompare(version: Version | null): void
	onRolledBack(): void
}

export function Versions({ id, current, compared, onCompare, onRolledBack }: Props) {
	const { t, i18n } = useTranslation('flows')
	const { t: shell } = useTranslation()
	const flows = useFlows()
	const { doc } = useEdit()
	const { data, isPending } = useVersions(id, current > 0)
	const [busy, setBusy] = useState(0)

	async function back(version: number) {
		setBusy(version)
		try {
			await flows.rollback(id, version)
			tell('good', t('versions.rolled_back', { version }))
			onRolledBack()
		} catch (error) {
			tell('bad', problemText(error, shell))
		} finally {
			setBusy(0)
		}
	}
	if (!current) return <p className={styles.quiet}>{t('versions.none')}</p>
	if (isPending) return <p className={styles.quiet}>{t('loading')}</p>
	return (
		<section className={styles.versions} aria-label={t('versions.title')}>
			<ol>
				{(data ?? []).map((v) => (
					<li key={v.version} data-current={v.version === current || undefined}>
						<div className={styles.versionHead}>
							<b>{t('versions.version', { version: v.version })}</b>
							{v.version === current && <span className={styles.startMark}>{t('versions.current')}</span>}
							<span>{t(`versions.op.${opOf(v.op)}`)}</span>
						</div>
						<small>{momentText(v.at, Date.now(), i18n.language)} · {v.by}</small>
						<div className={styles.versionButtons}>
							{v.after && (
								<button type="button" className={styles.linkButton} aria-pressed={compared === v.version} onClick={() => onCompare(compared === v.version ? null : v)}>
									<Icon name="merge" size={15} /> {t(compared === v.version ? 'versions.uncompare' : 'versions.compare')}
								</button>
							)}
							{flows.mayEdit && v.after && v.version !== current && (
								<button type="button" className={styles.linkButton} disabled={busy > 0} onClick={() => void back(v.version)}>
									<Icon name="history" size={15} /> {t('versions.roll_back', { version: v.version })}
								</button>
							)}
						</div>
						{compared === v.version && v.after && <ChangeList changes={diffOf(docOf(v.after), doc)} t={t} />}
					</li>
				))}
			</ol>
		</section>
	)
}

const OPS = ['created', 'updated', 'deleted', 'rolled_back', 'published'] as const
const opOf = (op: string) => OPS.find((o) => o === op) ?? 'updated'

const valueText = (v: unknown, t: T): string =>
	v === undefined || v === '' ? t('change.nothing') : typeof v === 'string' || typeof v === 'number' || typeof v === 'boolean' ? String(v) : JSON.stringify(v)

export function ChangeList({ changes, t }: { changes: Change[]; t: T }) {
	if (!changes.length) return <p className={styles.quiet}>{t('change.none')}</p>
	return (
		<ul className={styles.changes}>
			{changes.map((c) => (
				<li key={`${c.what} ${'node' in c ? c.node : ''}`} data-what={c.what}>
					{c.what === 'added' && <span>{t('change.added', { node: c.node, kind: t(`kind.${c.kind as 'play'}`) })}</span>}
					{c.what === 'removed' && <span>{t('change.removed', { node: c.node, kind: t(`kind.${c.kind as 'play'}`) })}</span>}
					{(c.what === 'start' || c.what === 'name') && <span>{t(`change.${c.what}`, { before: c.before, after: c.after })}</span>}
					{c.what === 'changed' && (
						<>
							<span>{t('change.changed', { node: c.node })}</span>
							<ul>
								{c.fields.map((f) => (
									<li key={f.field}>
										<code>{f.field}</code> <del>{valueText(f.before, t)}</del> → <ins>{valueText(f.after, t)}</ins>
									</li>
								))}
							</ul>
						</>
					)}
				</li>
			))}
		</ul>
	)
}

interface PublishProps {
	id: string
	published: FlowDoc | null
	numbers: string[]
	live: number
	/** The draft as it is now is stored; rejects when it cannot be. */
	save(): Promise<void>
	onDone(): void
	onClose(): void
}

/** What will be different for callers, before it is. */
export function Publish({ id, published, numbers, live, save, onDone, onClose }: PublishProps) {
	const { t } = useTranslation('flows')
	const { t: shell } = useTranslation()
	const flows = useFlows()
	const { doc } = useEdit()
	const [busy, setBusy] = useState(false)
	const changes = diffOf(published, doc)
	async function publish() {
		setBusy(true)
		try {
			await save()
			const told = await flows.publish(id)
			tell('good', t('publish.done', { version: told.version }))
			onDone()
		} catch (error) {
			tell('bad', problemText(error, shell))
			setBusy(false)
		}
	}
	return (
		<Modal opened onClose={onClose} title={t('publish.title', { id })} size={620}>
			<p className={styles.publishWho}>
				{numbers.length ? t('publish.numbers', { numbers: numbers.join(', ') }) : t('publish.no_numbers')}
				{live > 0 && <> {t('publish.live', { count: live })}</>}
			</p>
			<div className={styles.publishChanges}><ChangeList changes={changes} t={t} /></div>
			<Button data-autofocus loading={busy} onClick={() => void publish()}>{t('publish.do')}</Button>
		</Modal>
	)
}
