/*
 * Chart.tsx - the one chart of a report: counts as stacked bars, a figure as a line. Bars have patterns, not colours
 * alone; colours are the theme's. ECharts is loaded with this file, by its parts; what it says of a point is drawn,
 * never markup, since names come from outside.
 */
import { useComputedColorScheme } from '@mantine/core'
import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { type EChartsType, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import type { Kind } from './columns'
import { figureText } from './figure'
import type { Trend } from './trend'
import styles from './reports.module.css'

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

interface Props {
	trend: Trend
	name(id: string): string
	kind(id: string): Kind
	language: string
	zone: string
	/** Days, not hours, below the bars. */
	byDay: boolean
	/** In a sentence, for who does not see it. */
	label: string
}

const COLOURS = ['--talk', '--alarm', '--pause', '--wrap', '--off', '--ready']
const DECALS = [
	{ symbol: 'none' },
	{ dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: -Math.PI / 4 },
	{ dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbol: 'circle', symbolSize: 0.5 },
	{ dashArrayX: [1, 0], dashArrayY: [3, 4], rotation: Math.PI / 4 },
	{ dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: 0 },
	{ dashArrayX: [2, 4], dashArrayY: [1, 0], rotation: 0 },
]

export default function Chart(p: Props) {
	const box = useRef<HTMLDivElement>(null)
	const chart = useRef<EChartsType | null>(null)
	const scheme = useComputedColorScheme()
	useEffect(() => {
		if (!box.current) return
		const made = init(box.current, null, { renderer: 'canvas' })
		chart.current = made
		const watch = new ResizeObserver(() => made.resize())
		watch.observe(box.current)
		return () => {
			watch.disconnect()
			made.dispose()
			chart.current = null
		}
	}, [])
	useEffect(() => {
		chart.current?.setOption(optionsOf(p), true)
	}, [p, scheme])
	return <div ref={box} className={styles.chart} role="img" aria-label={p.label} />
}

function optionsOf({ trend, name, kind, language, zone, byDay, label }: Props) {
	const css = getComputedStyle(document.documentElement)
	const colour = (variable: string) => css.getPropertyValue(variable).trim()
	const format = (more: Intl.DateTimeFormatOptions) => {
		const f = new Intl.DateTimeFormat(language, { timeZone: zone, ...more })
		return (at: number) => f.format(at)
	}
	const short = byDay ? format({ day: 'numeric', month: 'short' }) : format({ hour: '2-digit', minute: '2-digit' })
	const long = format(byDay ? { dateStyle: 'full' } : { dateStyle: 'medium', timeStyle: 'short' })
	const still = matchMedia('(prefers-reduced-motion: reduce)').matches
	const lineKind = trend.line ? kind(trend.line.id) : 'count'
	const text = { color: colour('--ink-2'), fontFamily: 'Inter Variable, sans-serif' }
	return {
		animation: !still,
		animationDuration: 250,
		aria: { enabled: true, label: { description: label }, decal: { show: true, decals: DECALS } },
		textStyle: text,
		color: COLOURS.map(colour),
		grid: { left: 8, right: 8, top: 34, bottom: 4, containLabel: true },
		legend: { top: 0, left: 0, icon: 'rect', itemWidth: 16, itemHeight: 10, itemGap: 16, textStyle: text, type: 'scroll', pageTextStyle: text },
		tooltip: {
			trigger: 'axis', renderMode: 'richText', confine: true, axisPointer: { type: 'shadow' },
			backgroundColor: colour('--card'), borderColor: colour('--line-strong'), textStyle: { ...text, color: colour('--ink') },
			formatter: (points: { dataIndex: number; seriesIndex: number; value: number | null }[]) => {
				const at = trend.at[points[0]?.dataIndex ?? 0] ?? 0
				const all = [...trend.bars, ...(trend.line ? [trend.line] : [])]
				const lines = points.map(({ seriesIndex, value }) => {
					const id = all[seriesIndex]?.id ?? ''
					return `${name(id)}: ${figureText(value, kind(id), language)}`
				})
				return [long(at), ...lines].join('\n')
			},
		},
		xAxis: {
			type: 'category', data: trend.at.map(short), axisTick: { show: false },
			axisLine: { lineStyle: { color: colour('--line-strong') } }, axisLabel: { color: colour('--ink-3'), hideOverlap: true },
		},
		yAxis: [
			{
				type: 'value', minInterval: 1, axisLabel: { color: colour('--ink-3') },
				splitLine: { lineStyle: { color: colour('--line') } },
			},
			{
				type: 'value', show: !!trend.line, splitLine: { show: false }, min: 0, ...(lineKind === 'ratio' && { max: 1, interval: 0.25 }),
				axisLabel: { color: colour('--ink-3'), formatter: (x: number) => (lineKind === 'ratio' ? `${Math.round(x * 100)}%` : figureText(x, lineKind, language)) },
			},
		],
		series: [
			...trend.bars.map((b) => ({ type: 'bar' as const, name: name(b.id), stack: 'all', data: b.values, barMaxWidth: 36 })),
			...(trend.line
				? [{
					type: 'line' as const, name: name(trend.line.id), yAxisIndex: 1, data: trend.line.values, smooth: false, symbol: 'circle',
					symbolSize: 6, lineStyle: { width: 2, color: colour('--ink') }, itemStyle: { color: colour('--ink') }, connectNulls: false,
				}]
				: []),
		],
	}
}
