/*
 * SkillSteps.tsx - the steps of a queue: what is asked of an agent, and what is enough after waiting, read out as a
 * sentence, with who fulfils it now.
 */
import { ActionIcon, Button, NumberInput, TextInput } from '@mantine/core'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../../live/store'
import { Icon } from '../../parts/Icon'
import { spanText } from '../../parts/time'
import { titleOf, useObjects } from '../api'
import { Block, type FieldProps, useForm, useMistakes } from '../form/context'
import { moved } from '../form/lists'
import { type Doc, type Json, below } from '../schema'
import { fits, parseDemand, skillsOf } from './demand'
import { useDemandText } from './demandText'
import styles from '../admin.module.css'

type Step = { after_s?: number; need?: string }

export default function SkillSteps(props: FieldProps) {
	const { t } = useTranslation('admin')
	const { readOnly, id } = useForm()
	const steps = (Array.isArray(props.value) ? props.value : []) as Step[]
	const box = useRef<HTMLOListElement>(null)
	const { data: skills } = useObjects('skill')
	const { data: users } = useObjects('user')
	const names = new Map((skills ?? []).map((s) => [String(s.id), titleOf(s)]))
	const agents = (users ?? []).filter((u) => Array.isArray(u.queues) && (u.queues as Json[]).includes(id))
	const set = (next: Step[]) => props.onChange(next.length ? (next as Json) : undefined)
	const change = (i: number, c: Step) => set(steps.map((s, k) => (k === i ? { ...s, ...c } : s)))
	const add = () => {
		const skill = [...names.keys()][0]
		set([...steps, { after_s: steps.length ? (steps.at(-1)?.after_s ?? 0) + 30 : 0, need: skill ? `${skill} >= 1` : '' }])
		setTimeout(() => box.current?.lastElementChild?.querySelector<HTMLElement>('[data-path$=".need"]')?.focus())
	}
	return (
		<Block {...props}>
			{!steps.length && <p className={styles.help}>{t('steps.none')}</p>}
			<ol ref={box} className={styles.steps}>
				{steps.map((s, i) => (
					// biome-ignore lint: the place is what a step is known by
					<li key={i} className={styles.step} onKeyDown={(e) => {
						if (e.altKey && (e.key === 'ArrowUp' || e.key === 'ArrowDown')) {
							e.preventDefault()
							set(moved(steps, i, i + (e.key === 'ArrowUp' ? -1 : 1)))
						}
					}}>
						<OneStep path={below(props.path, i)} number={i + 1} step={s} names={names} agents={agents} change={(c) => change(i, c)} remove={() => set(steps.filter((_, k) => k !== i))} />
					</li>
				))}
			</ol>
			{!readOnly && (
				<Button
					size="xs"
					variant="light"
					leftSection={<Icon name="plus" size={14} />}
					onClick={add}
				>
					{t('steps.add')}
				</Button>
			)}
		</Block>
	)
}

interface StepProps {
	path: string
	number: number
	step: Step
	names: Map<string, string>
	agents: Doc[]
	change(c: Step): void
	remove(): void
}

function OneStep({ path, number, step, names, agents, change, remove }: StepProps) {
	const { t, i18n } = useTranslation('admin')
	const { readOnly } = useForm()
	const whole = useMistakes(path)
	const live = useLive((s) => s.world?.agents)
	const need = parseDemand(step.need ?? '')
	const unknown = need ? skillsOf(need).filter((s) => !names.has(s)) : []
	const fitting = need ? agents.filter((a) => fits(need, (a.skills ?? {}) as Record<string, number>)) : []
	const ready = fitting.filter((a) => live?.get(String(a.id))?.presence === 'ready')
	const say = useDemandText(names)
	return (
		<>
			<div className={styles.stepInputs}>
				<NumberInput
					className={styles.short}
					label={t('steps.after')}
					suffix=" s"
					min={0}
					disabled={readOnly}
					data-path={below(path, 'after_s')}
					value={step.after_s ?? 0}
					onChange={(v) => change({ after_s: typeof v === 'number' ? v : 0 })}
				/>
				<TextInput
					className={styles.grow}
					label={t('steps.need', { n: number })}
					disabled={readOnly}
					classNames={{ input: styles.code }}
					list={undefined}
					data-path={below(path, 'need')}
					error={whole.join('; ') || (step.need && !need ? t('steps.unread') : unknown.length ? t('steps.unknown', { skills: unknown.join(', ') }) : undefined)}
					value={step.need ?? ''}
					onChange={(e) => change({ need: e.currentTarget.value })}
				/>
				{!readOnly && (
					<ActionIcon variant="subtle" color="gray" className={styles.stepTrash} aria-label={t('list.remove', { item: t('steps.step', { n: number }) })} onClick={remove}>
						<Icon name="trash" size={16} />
					</ActionIcon>
				)}
			</div>
			{need && (
				<p className={styles.sentence}>
					{number === 1 && !step.after_s ? t('steps.first', { what: say(need) }) : t('steps.later', { after: spanText((step.after_s ?? 0) * 1000, i18n.language), what: say(need) })}{' '}
					<span className={styles.who} data-none={!fitting.length || undefined}>
						{t('steps.who', { count: fitting.length })}
						{fitting.length > 0 && `: ${fitting.slice(0, 6).map(titleOf).join(', ')}${fitting.length > 6 ? ' …' : ''}`}
						{fitting.length > 0 && ` · ${t('steps.ready', { count: ready.length })}`}
					</span>
				</p>
			)}
		</>
	)
}
