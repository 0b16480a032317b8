/* demandText.ts - a demand as a sentence: "Billing of at least 3 and English above 0". */
import { useTranslation } from 'react-i18next'
import type { Demand } from './demand'

/** names: of skills, by id. */
export function useDemandText(names: Map<string, string>): (d: Demand) => string {
	const { t } = useTranslation('admin')
	const say = (d: Demand): string => {
		if (d.is === 'not') return t('steps.not', { what: say(d.of) })
		if (d.is === 'and' || d.is === 'or') return d.all.map((x) => (x.is === 'or' && d.is === 'and' ? `(${say(x)})` : say(x))).join(` ${t(`steps.${d.is}`)} `)
		const skill = names.get(d.skill) ?? d.skill
		return t(`steps.op.${{ '>': 'more', '>=': 'least', '<': 'less', '<=': 'most', '=': 'exactly', '!=': 'other' }[d.op] ?? 'exactly'}` as 'steps.op.least', { skill, level: d.level })
	}
	return say
}
