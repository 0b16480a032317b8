/* Numbers.tsx - the four numbers above a report: how much, how it changed, and what it is. */
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Agreed, Formula, useColumnWords } from './Formula'
import { type Report, type Row, columnOf } from './columns'
import { changeText, figureText } from './figure'
import styles from './reports.module.css'

interface Props {
	report: Report
	ids: string[]
	total: Row | null
	before: Row | null
	/** In words, what it is compared with. */
	against: string
	hrefOf(column: string): string | null
	note?: (id: string) => string
	agreed?: Agreed
}

export function Numbers({ report, ids, total, before, against, hrefOf, note, agreed }: Props) {
	const { t, i18n } = useTranslation('reports')
	const words = useColumnWords(report.name, agreed)
	return (
		<dl className={styles.numbers}>
			{ids.map((id) => {
				const column = columnOf(report, id)
				if (!column) return null
				const text = figureText(total?.[id], column.kind, i18n.language)
				const change = before ? changeText(total?.[id], before[id], column.kind, i18n.language) : null
				const good = change && column.good && change.sign ? (change.sign > 0) === (column.good === 'up') : null
				const href = column.opens && total?.[id] ? hrefOf(id) : null
				return (
					<div key={id} className={styles.number}>
						<dt>
							<Formula name={words.name(id)} how={words.how(id)}>
								<span tabIndex={0} className={styles.term}>{words.name(id)}</span>
							</Formula>
							{note?.(id) && <span className={styles.note}>{note(id)}</span>}
						</dt>
						<dd>
							<span className={`${styles.big} num`} data-figure={id}>
								{href ? <Link href={href} aria-label={t('open_number', { name: words.name(id), value: text })}>{text}</Link> : text}
							</span>
							{before && typeof before[id] === 'number' && (
								<span className={styles.change} data-good={good ?? undefined}>
									{change ? (
										<>
											<span aria-hidden="true">{change.sign > 0 ? '▲' : change.sign < 0 ? '▼' : '='}</span>{' '}
											<span className="num">{change.text}{column.kind === 'ratio' ? ` ${t('points')}` : ''}</span>
										</>
									) : '—'}
									<span className={styles.was}>
										{t('was', { value: figureText(before[id], column.kind, i18n.language), when: against })}
									</span>
								</span>
							)}
						</dd>
					</div>
				)
			})}
		</dl>
	)
}
