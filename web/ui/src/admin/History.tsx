/* History.tsx - every version: who, when, what; two compared, one brought back. */
import { Button, Group, Modal } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import Changes from './Changes'
import { type Version, useVersions, useWrites } from './api'
import { differ } from './differ'
import { Answer } from './parts'
import type { Kind } from './schema'
import { useWhose } from './tenant'
import styles from './admin.module.css'

export default function History({ kind, id, newest, dirty }: { kind: Kind; id: string; newest: number; dirty: boolean }) {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { writes } = useWhose()
	const { data, error, isPending, refetch } = useVersions(kind, id)
	const { rollback } = useWrites(kind)
	const [open, setOpen] = useState<number | null>(null)
	const [wanted, setWanted] = useState<Version | null>(null)
	if (!data) return <Answer error={error} loading={isPending} retry={() => void refetch()} />
	const current = data.at(-1)
	const back = async () => {
		const to = wanted
		setWanted(null)
		if (!to) return
		try {
			await rollback(id, to.version)
			tell('good', t('rolled_back', { version: String(to.version) }))
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
	}
	return (
		<>
			<ol className={styles.history}>
				{[...data].reverse().map((v) => {
					const changes = differ(v.before ?? undefined, v.after ?? undefined)
					const shown = open === v.version
					return (
						<li key={v.version} className={styles.past} data-now={v.version === newest || undefined}>
							<div className={styles.pastHead}>
								<span className={styles.pastNumber}>{t('version', { version: String(v.version) })}</span>
								<span>{t(`op.${v.op}` as 'op.updated', { defaultValue: v.op })}</span>
								<b>{v.by}</b>
								<time dateTime={v.at} className="num">{new Date(v.at).toLocaleString(i18n.language)}</time>
								<span className={styles.spacer} />
								<Button size="compact-sm" variant="subtle" aria-expanded={shown} onClick={() => setOpen(shown ? null : v.version)}>
									{t('show_changes', { count: v.before && v.after ? changes.length : 1 })}
								</Button>
								{writes && v.version !== newest && v.after && (
									<Button size="compact-sm" variant="light" leftSection={<Icon name="undo" size={14} />} disabled={dirty} title={dirty ? t('save_first') : undefined} onClick={() => setWanted(v)}>
										{t('roll_back')}
									</Button>
								)}
							</div>
							{shown && <Changes kind={kind} changes={v.before && v.after ? changes : differ(v.before ?? {}, v.after ?? {})} />}
						</li>
					)
				})}
			</ol>
			{wanted && (
				<Modal opened onClose={() => setWanted(null)} title={t('roll_back_title', { version: String(wanted.version) })} size="lg" centered>
					<p>{t('roll_back_text')}</p>
					<Changes kind={kind} changes={differ(current?.after ?? {}, wanted.after ?? {})} />
					<Group justify="flex-end" mt="md">
						<Button variant="default" onClick={() => setWanted(null)}>{t('cancel')}</Button>
						<Button data-autofocus onClick={() => void back()}>{t('roll_back')}</Button>
					</Group>
				</Modal>
			)}
		</>
	)
}
