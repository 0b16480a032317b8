/* FlowNode.tsx - one node on the canvas: what it is, what it says, its ways out by name, and what is known of it now. */
import { Handle, type Node, type NodeProps, Position } from '@xyflow/react'
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import type { NodeDoc } from './doc'
import { KIND_ICONS } from './say'
import styles from './flows.module.css'

export interface Shown extends Record<string, unknown> {
	name: string
	node: NodeDoc
	says: string
	exits: { key: string; label: string; open: boolean }[]
	start: boolean
	wrong: boolean | undefined
	order: number | undefined
	callers: number
	/** 0 to 1 of the busiest one. */
	heat: number
	now: number
	mark: 'added' | 'changed' | undefined
	onCallers(): void
}

export const FlowNode = memo(function FlowNode({ data, selected }: NodeProps<Node<Shown>>) {
	const { t } = useTranslation('flows')
	const { name, node, says, exits, start, wrong, order, callers, heat, now, mark, onCallers } = data
	return (
		<div className={styles.node} data-kind={node.do} data-selected={selected || undefined} data-trail={order !== undefined || undefined} data-mark={mark}>
			<Handle type="target" position={Position.Left} className={styles.in} />
			<div className={styles.nodeHead}>
				<span className={styles.kindDot} data-kind={node.do}><Icon name={KIND_ICONS[node.do] ?? 'more'} size={16} /></span>
				<span className={styles.nodeName}>
					<b>{name}</b>
					<small>{t(`kind.${node.do}`)}</small>
				</span>
				{start && <span className={styles.startMark}>{t('node.start')}</span>}
				{mark && <span className={styles.diffMark} data-mark={mark}>{t(`node.${mark}`)}</span>}
				{wrong !== undefined && <span className={styles.mark} data-severe={wrong || undefined} title={t(wrong ? 'outline.wrong' : 'outline.hint')}><Icon name="warning" size={15} /></span>}
				{order !== undefined && <span className={styles.orderMark}>{order}</span>}
			</div>
			<p className={styles.says}>{says || '—'}</p>
			<ul className={styles.exits}>
				{exits.map((e) => (
					<li key={e.key} data-open={e.open || undefined}>
						<span className={e.key.startsWith('keys.') ? styles.keyCap : undefined}>{e.key.startsWith('keys.') ? e.key.slice(5) : e.label}</span>
						<Handle type="source" id={e.key} position={Position.Right} className={styles.out} />
					</li>
				))}
			</ul>
			{(callers > 0 || now > 0) && (
				<button type="button" className={`${styles.heat} nodrag nopan`} tabIndex={-1} style={{ '--heat': `${Math.round(18 + heat * 70)}%` } as React.CSSProperties}
					title={t('node.callers', { count: callers })} onClick={onCallers}>
					<Icon name="person" size={12} />
					<span>{callers}</span>
					{now > 0 && <b>{t('node.now', { count: now })}</b>}
				</button>
			)}
		</div>
	)
})
