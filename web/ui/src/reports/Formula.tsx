/*
 * Formula.tsx - a figure's name that says how the figure is made, when pointed at and when the keyboard comes to it
 * (WCAG 1.4.13: it stays while pointed at, Escape takes it away).
 */
import { Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReportName } from './columns'
import { timeText } from './figure'

/** What the formulas of a report rest on at this moment: which service level, within how long; null: queues differ. */
export interface Agreed {
	variant?: string
	threshold_ms?: number | null
	short_ms?: number | null
}

/** Name and formula of a column, in words; agreed: with its limits. */
export function useColumnWords(report: ReportName, agreed?: Agreed) {
	const { t, i18n } = useTranslation('reports')
	const key = (id: string, what: 'name' | 'how') => {
		const own = `c.${report}.${id}.${what}`
		return (i18n.exists(own, { ns: 'reports' }) ? own : `c.all.${id}.${what}`) as 'c.all.at.name'
	}
	const known = (id: string) => i18n.exists(`c.${report}.${id}.how`, { ns: 'reports' })
	const how = (id: string): string => {
		const variant = id === 'sl' && agreed?.variant && known(agreed.variant) ? agreed.variant : id
		const plain = variant === id ? t(key(id, 'how')) : `${t(key(variant, 'name'))}: ${t(key(variant, 'how'))}`
		return withLimits(variant, plain)
	}
	const withLimits = (id: string, plain: string): string => {
		const { threshold_ms: T, short_ms: short } = agreed ?? {}
		if (report !== 'queues' || T === undefined || !/^(sl_\d|(answered|abandoned)_in_threshold)/.test(id)) return plain
		const told = T === null ? t('how_own', { how: plain }) : t('how_t', { how: plain, time: timeText(T, i18n.language) })
		return short && /sl_6|without_short/.test(id) ? t('how_short', { how: told, time: timeText(short, i18n.language) }) : told
	}
	return { name: (id: string) => t(key(id, 'name')), how }
}

export function Formula({ name, how, children }: { name: string; how: string; children: ReactNode }) {
	return (
		<Tooltip
			label={<><b>{name}</b><br />{how}</>}
			events={{ hover: true, focus: true, touch: true }}
			openDelay={250}
			multiline
			maw={360}
			position="bottom-start"
			zIndex={400}
		>
			{children}
		</Tooltip>
	)
}
