/*
 * Why.tsx - why a contact went where it went, or why it still waits: the newest decision as a sentence, and as a table of
 * everybody who was looked at.
 */
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { type Page, get, tenantPath } from '../api/http'
import { useUser } from '../app/session'
import { type Decision, whyParts } from '../desk/why'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { spanText } from '../parts/time'
import styles from './board.module.css'
import { DASH } from './format'

export function Why({ contact }: { contact: Contact }) {
	const { t, i18n } = useTranslation('board')
	const { tenant } = useUser()
	const agents = useLive((s) => s.world?.agents)
	const queues = useLive((s) => s.world?.queues)
	const waits = contact.state === 'waiting'
	const { data, isLoading, isError } = useQuery({
		// a new state or offer is a new decision; who waits is reckoned anew every few seconds
		queryKey: ['why', tenant, contact.id, contact.state, contact.queue, contact.offers?.[0]?.at],
		refetchInterval: waits ? 5_000 : false,
		queryFn: ({ signal }) => get<Page<Decision>>(tenantPath(tenant, 'contacts', contact.id, 'why'), { signal }),
	})
	const decision = data?.items.at(-1)
	if (isLoading) return <p className={styles.quiet}>{t('loading')}</p>
	if (isError) return <p className={styles.quiet}>{t('why.failed')}</p>
	if (!decision) return <p className={styles.quiet}>{t('why.none')}</p>

	const nameOf = (id: string) => agents?.get(id)?.name || id
	const lang = i18n.language
	const sentence = decision.agent
		? whyParts(decision, decision.agent, contact.enqueued_at).flatMap((part) => {
				const key = `why.${part.key}` as 'why.longest_idle'
				const time = 'ms' in part ? spanText(part.ms, lang) : ''
				return part.key === 'of' || i18n.exists(`board:${key}`) ? [String(t(key, { level: 0, ...part, time, agent: nameOf(decision.agent ?? '') }))] : []
			})
		: [decision.eligible ? t('why.somebody') : t('why.nobody'), ...Object.entries(decision.refused ?? {}).map(([why, count]) => `${refusedWord(why)}: ${count}`)]
	function refusedWord(why: string): string {
		return i18n.exists(`board:refused.${why}`) ? t(`refused.${why as 'busy'}`) : why
	}
	const { score } = decision
	return (
		<div className={styles.why}>
			<p className={styles.sentence}>{sentence.join(' · ')}</p>
			<dl className={styles.facts}>
				<dt>{t('why.queue')}</dt>
				<dd>{queues?.get(decision.queue)?.name || decision.queue}</dd>
				{decision.need && (
					<>
						<dt>{t('why.needs')}</dt>
						<dd>{decision.need}</dd>
					</>
				)}
				{score && (
					<>
						<dt>{t('why.score')}</dt>
						<dd className="num">
							{t('why.score_parts', { waited: score.waited_min ?? 0, priority: score.priority_min ?? 0, class: score.class ?? DASH, score: score.score ?? (score.waited_min ?? 0) + (score.priority_min ?? 0) })}
						</dd>
					</>
				)}
			</dl>
			{(decision.candidates?.length ?? 0) > 0 && (
				<div className={styles.whyTable} tabIndex={0} role="region" aria-label={t('why.candidates')}>
					<table>
						<caption className="unseen">{t('why.candidates')}</caption>
						<thead>
							<tr>
								<th scope="col">{t('why.agent')}</th>
								<th scope="col">{t('why.result')}</th>
								<th scope="col">{t('why.idle')}</th>
								<th scope="col">{t('why.skill')}</th>
							</tr>
						</thead>
						<tbody>
							{decision.candidates?.map((c) => (
								<tr key={c.agent} data-chosen={c.agent === decision.agent || undefined}>
									<th scope="row">{nameOf(c.agent)}</th>
									<td>{c.agent === decision.agent ? t('why.chosen') : c.refused ? refusedWord(c.refused) : t('why.could')}</td>
									<td className="num">{c.idle_ms === undefined ? DASH : spanText(c.idle_ms, lang)}</td>
									<td className="num">{c.skill ?? DASH}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</div>
	)
}
