/* People.tsx - what tests of objects are made of: a heading with what follows, people with what they do now. */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { shownState } from '../../app/state'
import { useUser } from '../../app/session'
import { useLive } from '../../live/store'
import type { Agent } from '../../live/types'
import { titleOf } from '../api'
import type { Doc, Json } from '../schema'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'

export const listOf = (value: Json | undefined): string[] => (Array.isArray(value) ? value.filter((v) => typeof v === 'string') : [])
export const works = (u: Doc) => u.disabled !== true

/** Who does what at this moment; undefined of a firm that is not one's own: nobody tells it here. */
export function useAgentsNow(): ReadonlyMap<string, Agent> | undefined {
	const user = useUser()
	const { tenant } = useWhose()
	const agents = useLive((s) => s.world?.agents)
	return user.tenant === tenant ? agents : undefined
}

export const isReady = (a: Agent | undefined) => a?.presence === 'ready' && a.work === 'idle'

export function Part({ title, children }: { title: string; children: ReactNode }) {
	return (
		<section className={styles.testPart} aria-label={title}>
			<h2 className={styles.groupName}>{title}</h2>
			{children}
		</section>
	)
}

/** none: the sentence in the place of an empty list. */
export function People({ users, none, note }: { users: Doc[]; none: string; note?: (u: Doc) => ReactNode }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const now = useAgentsNow()
	if (!users.length) return <p className={styles.none}>{none}</p>
	return (
		<ul className={styles.used}>
			{users.map((u) => {
				const agent = now?.get(String(u.id))
				return (
					<li key={String(u.id)}>
						<Link href={`/admin/users/${encodeURIComponent(String(u.id))}`} className={styles.link}>{titleOf(u)}</Link>
						{note && <span className="num">{note(u)}</span>}
						<span className={styles.spacer} />
						<span className={styles.usedPaths}>{!works(u) ? t('test.disabled') : agent ? shell(shownState(agent).word) : now && listOf(u.roles).includes('agent') ? t('live.away') : ''}</span>
					</li>
				)
			})}
		</ul>
	)
}
