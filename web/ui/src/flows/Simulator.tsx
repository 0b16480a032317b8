/* Simulator.tsx - an invented caller: who he is, a telephone keypad, and what he hears and meets, step by step. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Icon, type IconName } from '../parts/Icon'
import { numberText } from '../parts/number'
import { clockText } from '../parts/time'
import { type Happened, type Step, useAll, useFlows } from './api'
import { DIALS } from './doc'
import { useEdit } from './edit'
import { IconButton } from './Fields'
import { Hear } from './PromptField'
import { type T, exitOfEdge, exitSays, KIND_ICONS } from './say'
import { type Caller, FRESH, type QueueState, type Simulation, keysBefore, readVariants, writeVariants } from './simulation'
import styles from './flows.module.css'

interface Props {
	id: string
	caller: Caller
	onCaller(caller: Caller): void
	simulation: Simulation
	/** Counts up: the keyboard is sent to the keys. */
	dial: number
}

let dialled = 0

export function Simulator({ id, caller, onCaller, simulation, dial }: Props) {
	const { t } = useTranslation('flows')
	const { trace, fault, busy } = simulation
	const { doc, picked, pick } = useEdit()
	const press = (key: string) => onCaller({ ...caller, keys: caller.keys + key })
	const keys = useRef<HTMLInputElement>(null)
	const end = trace?.end
	useEffect(() => {
		if (dial === dialled) return
		dialled = dial
		if (dial) keys.current?.focus()
	}, [dial])
	const asks = end?.how === 'asks' ? end.asks : undefined

	const onKeyDown = (e: KeyboardEvent) => {
		const target = e.target as HTMLElement
		if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return
		if (/^[0-9*#,]$/.test(e.key)) press(e.key)
		else if (e.key === 'Backspace') onCaller({ ...caller, keys: caller.keys.slice(0, -1) })
		else return
		e.preventDefault()
		e.stopPropagation()
	}
	return (
		<section className={styles.simulator} aria-label={t('sim.title')} onKeyDown={onKeyDown}>
			<CallerForm caller={caller} onCaller={onCaller} id={id} />
			<div className={styles.phone}>
				<div className={styles.dialled}>
					<input ref={keys} className={`${styles.input} ${styles.mono}`} aria-label={t('sim.keys')} placeholder={t('sim.keys_hint')} value={caller.keys} inputMode="tel" autoComplete="off"
						onChange={(e) => onCaller({ ...caller, keys: e.currentTarget.value.replace(/[^0-9*#,]/g, '').slice(0, 200) })} />
					<IconButton icon="undo" label={t('sim.back')} disabled={!caller.keys} onClick={() => onCaller({ ...caller, keys: caller.keys.slice(0, -1) })} />
					<IconButton icon="trash" label={t('sim.again')} disabled={!caller.keys} onClick={() => onCaller({ ...caller, keys: '' })} />
				</div>
				<div className={styles.pad} role="group" aria-label={t('sim.pad')}>
					{['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'].map((k) => (
						<button key={k} type="button" data-asked={asks?.keys?.includes(k) || (asks && !asks.keys && DIALS.includes(k as '1')) || undefined} onClick={() => press(k)}>{k}</button>
					))}
					<button type="button" className={styles.silence} onClick={() => press(',')}>{t('sim.silence')}</button>
				</div>
			</div>
			<div role="status" className={styles.endLine} data-how={fault ? 'fault' : end?.how} data-busy={busy || undefined}>
				{fault ? t('sim.fault', { count: fault.errors.length || 1 }) : trace ? <EndText trace={trace} t={t} /> : t('sim.waiting')}
			</div>
			{trace && !fault && (
				<ol className={styles.trace} aria-label={t('sim.way')}>
					{trace.steps.map((s, i) => (
						<StepLine key={i} step={s} n={i + 1} way={edgeText(trace.steps, i, id, doc, t)} own={s.flow === id} picked={s.flow === id && picked.includes(s.node)}
							onPick={() => s.flow === id && pick([s.node])} onFrom={() => onCaller({ ...caller, keys: keysBefore(trace.steps, i, caller.keys) })} />
					))}
				</ol>
			)}
			<ByTelephone id={id} />
			{trace && !fault && trace.problems.length > 0 && (
				<ul className={styles.general}>
					{trace.problems.map((p, i) => <li key={i}>{p.message}</li>)}
				</ul>
			)}
		</section>
	)
}

/** The real thing: my own telephone rings, and I am a caller of one of its numbers. */
function ByTelephone({ id }: { id: string }) {
	const { t } = useTranslation('flows')
	const numbers = (useAll('numbers') ?? []).filter((n) => n.flow === id)
	if (!numbers.length) return null
	return (
		<p className={styles.byTelephone}>
			<Icon name="phone" size={15} /> {t('sim.by_telephone')}{' '}
			{numbers.map((n) => (
				<Link key={n.id} href={`/admin/numbers/${encodeURIComponent(n.id)}?tab=try`}>
					{numberText(n.id)}
					{n.draft === true && ` (${t('sim.draft')})`}
				</Link>
			))}
		</p>
	)
}

function edgeText(steps: Step[], i: number, id: string, doc: ReturnType<typeof useEdit>['doc'], t: T): string {
	const step = steps[i] as Step
	const before = i ? steps[i - 1] : undefined
	if (!before) return ''
	const node = before.flow === id ? doc.nodes[before.node] : undefined
	return node ? exitSays(node, exitOfEdge(node, step.edge), t) : step.edge
}

function EndText({ trace, t }: { trace: NonNullable<Simulation['trace']>; t: T }) {
	const { end, steps, elapsed_ms } = trace
	const last = [...steps].reverse().flatMap((s) => [...s.happened].reverse()).find((h) => h.what === 'queue' || h.what === 'transfer')
	const words = {
		queue: t('end.queue', { queue: last?.queue ?? '' }),
		waits: t('end.waits', { queue: last?.queue ?? '' }),
		transfer: t('end.transfer', { to: last?.number ?? last?.agent ?? last?.queue ?? '' }),
		hangup: t('end.hangup'),
		asks: end.asks?.keys ? t('end.asks', { keys: end.asks.keys.join(' ') }) : t('end.asks_digits', { min: end.asks?.min ?? 1, max: end.asks?.max ?? 1 }),
		caller: t('end.caller'),
		bound: t('end.bound'),
		failed: t('end.failed'),
	}[end.how]
	const icons: Partial<Record<typeof end.how, IconName>> = { queue: 'people', waits: 'clock', transfer: 'transfer', asks: 'keypad', bound: 'warning', failed: 'warning' }
	return (
		<>
			<Icon name={icons[end.how] ?? 'hangUp'} />
			<b>{words}</b>
			<span>{clockText(elapsed_ms)}</span>
		</>
	)
}

interface StepProps {
	step: Step
	n: number
	way: string
	own: boolean
	picked: boolean
	onPick(): void
	onFrom(): void
}

function StepLine({ step, n, way, own, picked, onPick, onFrom }: StepProps) {
	const { t } = useTranslation('flows')
	const icon = KIND_ICONS[step.do as keyof typeof KIND_ICONS] ?? 'more'
	const shown = step.variables?.filter((v) => v.name)
	return (
		<li className={styles.step} data-picked={picked || undefined} style={{ marginLeft: step.depth * 12 }}>
			<div className={styles.stepHead}>
				<span className={styles.orderMark}>{n}</span>
				{way && <span className={styles.way}>{way}</span>}
				<button type="button" className={styles.stepName} disabled={!own} onClick={onPick}>
					<span className={styles.kindDot} data-kind={step.do}><Icon name={icon} size={14} /></span>
					<b>{own ? step.node : `${step.flow} / ${step.node}`}</b>
				</button>
				<time>{clockText(step.at_ms)}</time>
				{n > 1 && <IconButton icon="history" label={t('sim.from', { node: step.node })} onClick={onFrom} />}
			</div>
			<ul>
				{step.happened.map((h, i) => <li key={i}><HappenedText h={h} t={t} /></li>)}
			</ul>
			{shown && shown.length > 0 && (
				<p className={styles.variables}>
					{shown.map((v) => <code key={v.name}>{v.name} = {v.masked ? '•••' : String(v.value)}</code>)}
				</p>
			)}
		</li>
	)
}

function HappenedText({ h, t }: { h: Happened; t: T }) {
	switch (h.what) {
		case 'heard':
			return (
				<span className={styles.heard} data-cut={h.cut || undefined}>
					<Hear text={h.text ?? ''} lang={h.lang ?? 'en'} />
					<q lang={h.lang}>{h.text || h.prompt}</q>
					{h.cut && <small>{t('happened.cut')}</small>}
				</span>
			)
		case 'key': return <span>{h.masked ? t('happened.key_masked') : t('happened.key', { key: h.key })}</span>
		case 'timeout': return <span>{t('happened.timeout')}</span>
		case 'tested': return <span>{h.is?.map((yes, i) => <em key={i} data-yes={yes || undefined}>{t(yes ? 'happened.true' : 'happened.false', { n: i + 1 })} </em>)}</span>
		case 'queue':
			return (
				<span>
					{t('happened.queue', { queue: h.queue, count: h.waiting ?? 0 })}
					{!!h.priority_min && <> {t('happened.priority', { count: h.priority_min })}</>}
					{!!h.skills?.length && <small> {h.skills.map((s) => (s.after_s ? t('happened.skill_after', { need: s.need, s: s.after_s }) : s.need)).join('; ')}</small>}
				</span>
			)
		case 'transfer': return <span>{t('happened.transfer', { to: h.number ?? h.agent ?? '' })}</span>
		case 'callback': return <span>{t('happened.callback', { number: h.number, queue: h.queue })}</span>
		case 'answer': return <span>{t('happened.answer')}</span>
		default: return null
	}
}

function CallerForm({ id, caller, onCaller }: { id: string; caller: Caller; onCaller(c: Caller): void }) {
	const { t } = useTranslation('flows')
	const { doc } = useEdit()
	const numbers = (useAll('numbers') ?? []).filter((n) => n.flow === id)
	const queues = [...new Set(Object.values(doc.nodes).flatMap((n) => (typeof n.queue === 'string' && n.queue ? [n.queue] : [])))]
	const put = <K extends keyof Caller>(key: K) => (value: Caller[K]) => onCaller({ ...caller, [key]: value })
	const states: QueueState[] = ['answered', 'waits', 'full', 'no_agents']
	return (
		<details className={styles.callerForm}>
			<summary><b>{t('sim.who')}</b> {[caller.number, caller.language, caller.at.replace('T', ' ') || t('sim.now'), t(`queue_state.${caller.queue}`)].filter(Boolean).join(' · ')}</summary>
			<div className={styles.pair}>
				<label>{t('sim.number')}<input className={styles.input} value={caller.number} onChange={(e) => put('number')(e.currentTarget.value)} /></label>
				<label>{t('sim.language')}
					<select className={styles.input} value={caller.language} onChange={(e) => put('language')(e.currentTarget.value)}>
						<option value="">{t('sim.language_usual')}</option>
						{['en', 'pl', 'ru', 'uk', 'de'].map((l) => <option key={l} value={l}>{l}</option>)}
					</select>
				</label>
				<label>{t('sim.at')}<input type="datetime-local" className={styles.input} value={caller.at} onChange={(e) => put('at')(e.currentTarget.value)} /></label>
				<label>{t('sim.to')}
					<select className={styles.input} value={caller.to} onChange={(e) => put('to')(e.currentTarget.value)}>
						<option value="">{t('sim.to_any')}</option>
						{numbers.map((n) => <option key={n.id} value={n.id}>{n.id}</option>)}
					</select>
				</label>
				<label>{t('sim.queues')}
					<select className={styles.input} value={caller.queue} onChange={(e) => put('queue')(e.currentTarget.value as QueueState)}>
						{states.map((s) => <option key={s} value={s}>{t(`queue_state.${s}`)}</option>)}
					</select>
				</label>
				<label>{t('sim.transfers')}
					<select className={styles.input} value={caller.transfer} onChange={(e) => put('transfer')(e.currentTarget.value as Caller['transfer'])}>
						{(['answered', 'busy', 'no_answer', 'failed'] as const).map((s) => <option key={s} value={s}>{t(`transfer_state.${s}`)}</option>)}
					</select>
				</label>
			</div>
			{queues.map((q) => {
				const own = caller.queues[q]
				const set = (more: Partial<NonNullable<typeof own>> | null) => {
					const { [q]: _, ...rest } = caller.queues
					put('queues')(more ? { ...rest, [q]: { state: caller.queue, ...own, ...more } } : rest)
				}
				const n = (x: string) => (x === '' ? undefined : Math.max(0, Math.trunc(Number(x))))
				return (
					<fieldset key={q} className={styles.queueWish}>
						<legend>{q}</legend>
						<select className={styles.input} aria-label={t('sim.queue_state', { queue: q })} value={own?.state ?? ''} onChange={(e) => set(e.currentTarget.value ? { state: e.currentTarget.value as QueueState } : null)}>
							<option value="">{t('sim.as_all')}</option>
							{states.map((s) => <option key={s} value={s}>{t(`queue_state.${s}`)}</option>)}
						</select>
						<input type="number" min={0} className={styles.input} aria-label={t('sim.queue_waiting', { queue: q })} placeholder={t('sim.waiting_short')} value={own?.waiting ?? ''} onChange={(e) => set({ waiting: n(e.currentTarget.value) })} />
						<input type="number" min={0} className={styles.input} aria-label={t('sim.queue_ewt', { queue: q })} placeholder={t('sim.ewt_short')} value={own?.ewt_s ?? ''} onChange={(e) => set({ ewt_s: n(e.currentTarget.value) })} />
					</fieldset>
				)
			})}
			<Variants id={id} caller={caller} onCaller={onCaller} />
			<label className={styles.check}>
				<input type="checkbox" checked={caller.silent} onChange={(e) => put('silent')(e.currentTarget.checked)} /> {t('sim.silent')}
			</label>
		</details>
	)
}

function Variants({ id, caller, onCaller }: { id: string; caller: Caller; onCaller(c: Caller): void }) {
	const { t } = useTranslation('flows')
	const { tenant } = useFlows()
	const [all, setAll] = useState(() => readVariants(tenant, id))
	const [name, setName] = useState('')
	useEffect(() => setAll(readVariants(tenant, id)), [tenant, id])
	const put = (next: Record<string, Caller>) => {
		setAll(next)
		writeVariants(tenant, id, next)
	}
	const names = Object.keys(all)
	return (
		<div className={styles.variants}>
			<select className={styles.input} aria-label={t('sim.variants')} value="" onChange={(e) => {
				const one = e.currentTarget.value === ' ' ? FRESH : all[e.currentTarget.value]
				if (one) onCaller(one)
			}}>
				<option value="">{t('sim.variants')}</option>
				<option value=" ">{t('sim.fresh')}</option>
				{names.map((n) => <option key={n} value={n}>{n}</option>)}
			</select>
			<input className={styles.input} aria-label={t('sim.variant_name')} placeholder={t('sim.variant_name')} value={name} onChange={(e) => setName(e.currentTarget.value)} />
			<IconButton icon="download" label={t('sim.keep')} disabled={!name.trim()} onClick={() => put({ ...all, [name.trim()]: caller })} />
			<IconButton icon="trash" label={t('sim.forget')} disabled={!names.includes(name.trim())} onClick={() => {
				const { [name.trim()]: _, ...rest } = all
				put(rest)
			}} />
		</div>
	)
}
