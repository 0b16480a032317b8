/* SkillTest.tsx - who has a skill, which queues ask for it, and whom any demand would find now. */
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { spanText } from '../../parts/time'
import { titleOf, useObjects } from '../api'
import { Answer } from '../parts'
import type { Doc } from '../schema'
import { fits, parseDemand, skillsOf } from '../special/demand'
import { useDemandText } from '../special/demandText'
import { People, Part, isReady, listOf, useAgentsNow, works } from './People'
import styles from '../admin.module.css'

const levelsOf = (u: Doc) => (u.skills ?? {}) as Record<string, number>
const stepsOf = (q: Doc) => (Array.isArray(q.skills) ? q.skills : []) as { after_s?: number; need?: string }[]

export default function SkillTest({ skill }: { skill: Doc }) {
	const { t, i18n } = useTranslation('admin')
	const id = String(skill.id)
	const users = useObjects('user')
	const queues = useObjects('queue')
	const skills = useObjects('skill')
	const now = useAgentsNow()
	const [text, setText] = useState(`${id} >= 1`)
	const names = new Map((skills.data ?? []).map((s) => [String(s.id), titleOf(s)]))
	const say = useDemandText(names)
	if (!users.data || !queues.data || !skills.data) return <Answer error={users.error ?? queues.error ?? skills.error} loading={users.isPending || queues.isPending || skills.isPending} />
	const agents = users.data.filter((u) => works(u) && listOf(u.roles).includes('agent'))
	const having = users.data.filter((u) => (levelsOf(u)[id] ?? 0) > 0).sort((a, b) => (levelsOf(b)[id] ?? 0) - (levelsOf(a)[id] ?? 0))
	const asking = queues.data.flatMap((q) =>
		stepsOf(q).flatMap((s) => {
			const need = parseDemand(s.need ?? '')
			return need && skillsOf(need).includes(id) ? [{ queue: q, after: s.after_s ?? 0, need }] : []
		}),
	)
	const demand = parseDemand(text)
	const unknown = demand ? skillsOf(demand).filter((s) => !names.has(s)) : []
	const found = demand && !unknown.length ? agents.filter((u) => fits(demand, levelsOf(u))) : []
	const wrong = text.trim() && !demand ? t('steps.unread') : unknown.length ? t('steps.unknown', { skills: unknown.join(', ') }) : undefined
	return (
		<>
			<Part title={t('test.skill.try')}>
				<TextInput className={styles.medium} classNames={{ input: styles.code }} label={t('test.skill.demand')} description={t('test.skill.demand_help')} value={text} error={wrong} onChange={(e) => setText(e.currentTarget.value)} />
				{demand && !wrong && (
					<p className={styles.verdict} data-open={found.length ? true : undefined} role="status">
						<b>{t('test.skill.finds', { count: found.length })}</b>
						<span>{say(demand)}{now && ` · ${t('steps.ready', { count: found.filter((u) => isReady(now.get(String(u.id)))).length })}`}</span>
					</p>
				)}
				{found.length > 0 && <People users={found} none="" note={(u) => demand && skillsOf(demand).map((s) => `${names.get(s) ?? s} ${levelsOf(u)[s] ?? 0}`).join(', ')} />}
			</Part>
			<Part title={t('test.skill.has')}>
				<People users={having} none={t('test.skill.nobody')} note={(u) => levelsOf(u)[id]} />
			</Part>
			<Part title={t('test.skill.asked')}>
				{!asking.length && <p className={styles.none}>{t('test.skill.no_queue')}</p>}
				<ul className={styles.used}>
					{asking.map(({ queue, after, need }, i) => (
						// biome-ignore lint: a queue may ask in several steps
						<li key={i}>
							<Link href={`/admin/queues/${encodeURIComponent(String(queue.id))}`} className={styles.link}>{titleOf(queue)}</Link>
							<span className={styles.usedPaths}>{after ? t('steps.later', { after: spanText(after * 1000, i18n.language), what: say(need) }) : t('steps.first', { what: say(need) })}</span>
						</li>
					))}
				</ul>
			</Part>
		</>
	)
}
