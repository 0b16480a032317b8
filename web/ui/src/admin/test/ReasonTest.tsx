/* ReasonTest.tsx - a break reason as the menu of an agent's state has it, what follows from it, and who is in it now. */
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/Icon'
import { useObjects } from '../api'
import type { Doc } from '../schema'
import { Part, People, useAgentsNow } from './People'
import styles from '../admin.module.css'

export default function ReasonTest({ reason }: { reason: Doc }) {
	const { t } = useTranslation('admin')
	const { t: shell, i18n } = useTranslation()
	const { data: all } = useObjects('reason')
	const { data: users } = useObjects('user')
	const now = useAgentsNow()
	const id = String(reason.id)
	const shown = (all ?? []).map((r) => (r.id === id ? reason : r))
	const nameOf = (r: Doc) => (typeof r.name === 'string' && r.name ? r.name : i18n.exists(`reason.${r.id}`) ? shell(`reason.${r.id}` as 'reason.break') : String(r.id))
	const most = Number(reason.max_minutes ?? 0)
	const warn = Number(reason.warn_minutes ?? 1)
	const inIt = (users ?? []).filter((u) => now?.get(String(u.id))?.presence === 'not_ready' && now.get(String(u.id))?.reason === id)
	return (
		<>
			<Part title={t('test.reason.menu')}>
				<ul className={styles.menu}>
					{(shown.length ? shown : [reason]).map((r) => (
						<li key={String(r.id)} data-this={r.id === id || undefined}>
							<span>{nameOf(r)}</span>
							<span className={styles.usedPaths}>
								{r.approval === true && <Icon name="lock" size={14} />} {Number(r.max_minutes ?? 0) > 0 && shell('state.minutes', { count: Number(r.max_minutes) })}
							</span>
						</li>
					))}
				</ul>
			</Part>
			<ul>
				<li>{t(reason.approval === true ? 'test.reason.asks' : 'test.reason.free')}</li>
				<li>{most ? t('test.reason.limit', { count: most }) : t('test.reason.no_limit')}</li>
				{most > 0 && warn > 0 && <li>{t('test.reason.warn', { count: warn })}</li>}
			</ul>
			{now && (
				<Part title={t('test.reason.now')}>
					<People users={inIt} none={t('test.reason.nobody')} />
				</Part>
			)}
		</>
	)
}
