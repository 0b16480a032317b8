/* Properties.tsx - the form of the picked node, by its kind; without one, the flow itself. Escape goes back to the outline. */
import { useContext, useEffect, useMemo, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/Icon'
import { useAll } from './api'
import { useDeeds } from './deeds'
import { type Case, DIALS, type NodeDoc, casesOf, changeNode, exitTarget, exitsOf, keysOf, setExit, withExit, withoutExit } from './doc'
import { useEdit } from './edit'
import { CheckField, ExpressionField, Field, IconButton, NumberField, PickField, TextField, Wrong } from './Fields'
import { LanguageTexts, PromptField, textsOf } from './PromptField'
import type { Problem } from './problems'
import { KIND_ICONS, exitSays } from './say'
import styles from './flows.module.css'

export function Properties({ problems, callers, onCallers }: { problems: Problem[]; callers: Map<string, number>; onCallers(node: string): void }) {
	const { t } = useTranslation('flows')
	const { doc, picked, focus, send, change } = useEdit()
	const box = useRef<HTMLElement>(null)
	const name = picked[picked.length - 1]
	const node = name ? doc.nodes[name] : undefined
	const mine = useMemo(() => problems.filter((p) => p.node === (name ?? null)), [problems, name])

	useEffect(() => {
		if (focus.to !== 'form' || !focus.n) return
		const timer = setTimeout(() => {
			const all = [...(box.current?.querySelectorAll<HTMLElement>('[data-path]') ?? [])]
			// the very field, else the one it lies in, else the first
			const field = focus.field ?? ''
			const hit = all.find((e) => e.dataset.path === field) ?? all.find((e) => e.dataset.path && field.startsWith(`${e.dataset.path}.`))
			;(hit ?? all[0] ?? box.current)?.focus()
		}, 60)
		return () => clearTimeout(timer)
		// eslint-disable-next-line
	}, [focus.n])

	return (
		<Wrong.Provider value={mine}>
			<section ref={box} className={styles.form} tabIndex={-1} aria-label={t('form.title')}
				onKeyDown={(e) => {
					if (e.key === 'Escape' && !e.defaultPrevented) send('outline')
				}}>
				{name && node ? (
					<>
						<NodeHead name={name} node={node} />
						<General problems={mine} />
						<NodeForm key={name} name={name} node={node} />
						<Exits name={name} node={node} />
						{(callers.get(name) ?? 0) > 0 && (
							<button type="button" className={styles.linkButton} onClick={() => onCallers(name)}>
								<Icon name="people" size={15} /> {t('node.callers', { count: callers.get(name) })}
							</button>
						)}
					</>
				) : (
					<>
						<h2 className={styles.formTitle}>{t('form.flow')}</h2>
						<General problems={mine} />
						<TextField path="name" label={t('field.name')} value={doc.name ?? ''} onChange={(v) => change((d) => ({ ...d, name: v || undefined }), 'name')} />
						<PickField path="start" label={t('field.start')} hint={t('field.start_hint')} value={doc.start} options={Object.keys(doc.nodes).map((id) => ({ id }))} onChange={(v) => change((d) => ({ ...d, start: v }))} />
						<p className={styles.quiet}>{t('form.none')}</p>
					</>
				)}
			</section>
		</Wrong.Provider>
	)
}

/** Mistakes that no field shows. */
function General({ problems }: { problems: Problem[] }) {
	const own = problems.filter((p) => p.severe && (p.field === '' || p.field === 'do'))
	return own.length ? <ul className={styles.general}>{own.map((p) => <li key={p.message}>{p.message}</li>)}</ul> : null
}

function NodeHead({ name, node }: { name: string; node: NodeDoc }) {
	const { t } = useTranslation('flows')
	const { readOnly } = useEdit()
	const deeds = useDeeds()
	return (
		<header className={styles.formHead}>
			<span className={styles.kindDot} data-kind={node.do}><Icon name={KIND_ICONS[node.do]} /></span>
			<div>
				<h2 className={styles.formTitle}>{name}</h2>
				<small>{t(`kind.${node.do}`)}</small>
			</div>
			{!readOnly && (
				<>
					<IconButton icon="edit" label={t('menu.rename')} onClick={() => deeds.rename(name)} />
					<IconButton icon="copy" label={t('menu.copy')} onClick={() => deeds.copy([name])} />
					<IconButton icon="trash" label={t('menu.remove')} onClick={() => deeds.remove([name])} />
				</>
			)}
			<p className={styles.hint}>{t(`kind_hint.${node.do}`)}</p>
		</header>
	)
}

function NodeForm({ name, node }: { name: string; node: NodeDoc }) {
	const { t } = useTranslation('flows')
	const { doc, change, readOnly } = useEdit()
	const queues = (useAll('queues') ?? []) as { id: string; name?: string }[]
	const hours = (useAll('hours') ?? []) as { id: string; name?: string }[]
	const flows = (useAll('flows') ?? []) as { id: string; name?: string }[]
	const users = (useAll('users') ?? []) as { id: string; name?: string }[]
	/** undefined and '' take the field away. */
	const put = (field: string) => (value: unknown) =>
		change((d) => changeNode(d, name, (n) => {
			const { [field]: _, ...rest } = n
			return (value === undefined || value === '' ? rest : { ...n, [field]: value }) as NodeDoc
		}), `${name} ${field}`)
	/** Fields that may not be missing keep an empty text: the list of problems says so. */
	const must = (field: string) => (value: unknown) => change((d) => changeNode(d, name, (n) => ({ ...n, [field]: value ?? '' })), `${name} ${field}`)
	const text = (field: string) => String(node[field] ?? '')
	const number = (field: string) => (typeof node[field] === 'number' ? (node[field] as number) : undefined)
	const seconds = t('unit.s')

	switch (node.do) {
		case 'play':
			return <PromptField path="prompt" label={t('field.prompt')} value={text('prompt')} node={name} onChange={must('prompt')} />
		case 'say':
			return (
				<div className={styles.field}>
					<span className={styles.label}>{t('field.text')}</span>
					<LanguageTexts path="text" texts={textsOf(node.text)} readOnly={readOnly} onChange={must('text')} />
				</div>
			)
		case 'menu':
			return (
				<>
					<PromptField path="prompt" label={t('field.prompt')} value={text('prompt')} node={name} onChange={must('prompt')} />
					<div className={styles.pair}>
						<NumberField path="timeout_s" label={t('field.timeout')} unit={seconds} usual={5} min={1} max={120} value={number('timeout_s')} onChange={put('timeout_s')} />
						<NumberField path="tries" label={t('field.tries')} usual={3} min={1} max={20} value={number('tries')} onChange={put('tries')} />
					</div>
					<PromptField path="invalid" label={t('field.invalid')} none={t('field.invalid_none')} value={text('invalid')} node={`${name}_wrong`} onChange={put('invalid')} />
				</>
			)
		case 'collect':
			return (
				<>
					<PromptField path="prompt" label={t('field.prompt')} value={text('prompt')} node={name} onChange={must('prompt')} />
					<TextField path="var" label={t('field.var')} hint={t('field.var_hint')} mono value={text('var')} onChange={must('var')} />
					<div className={styles.pair}>
						<NumberField path="min" label={t('field.min')} usual={1} min={0} max={100} value={number('min')} onChange={put('min')} />
						<NumberField path="max" label={t('field.max')} usual={20} min={1} max={100} value={number('max')} onChange={put('max')} />
					</div>
					<div className={styles.pair}>
						<PickField path="terminator" label={t('field.terminator')} value={text('terminator') || '#'} options={DIALS.map((id) => ({ id }))} onChange={(v) => put('terminator')(v === '#' ? undefined : v)} />
						<NumberField path="timeout_s" label={t('field.pause')} unit={seconds} usual={5} min={1} max={120} value={number('timeout_s')} onChange={put('timeout_s')} />
					</div>
					<CheckField path="masked" label={t('field.masked')} hint={t('field.masked_hint')} value={node.masked === true} onChange={(v) => put('masked')(v || undefined)} />
				</>
			)
		case 'hours':
			return <PickField path="hours" label={t('field.hours')} value={text('hours')} options={hours} onChange={must('hours')} />
		case 'branch':
			return <Cases name={name} node={node} />
		case 'set':
			return (
				<>
					<TextField path="var" label={t('field.var')} hint={t('field.var_hint')} mono value={text('var')} onChange={must('var')} />
					<ExpressionField path="value" label={t('field.value')} hint={t('field.value_hint')} value={text('value')} onChange={must('value')} />
				</>
			)
		case 'language':
			return <PickField path="lang" label={t('field.lang')} value={text('lang')} options={['en', 'pl', 'ru', 'uk', 'de', 'cs', 'fr', 'es', 'it'].map((id) => ({ id }))} onChange={must('lang')} />
		case 'queue':
			return (
				<>
					<PickField path="queue" label={t('field.queue')} value={text('queue')} options={queues} onChange={must('queue')} />
					<NumberField path="priority_min" label={t('field.priority')} hint={t('field.priority_hint')} unit={t('unit.min')} usual={0} min={0} max={100000} value={number('priority_min')} onChange={put('priority_min')} />
					<SkillSteps name={name} node={node} />
					<Wanted name={name} node={node} users={users} />
				</>
			)
		case 'callback':
			return (
				<>
					<PickField path="queue" label={t('field.queue')} value={text('queue')} options={queues} onChange={must('queue')} />
					<ExpressionField path="number" label={t('field.number')} hint={t('field.number_hint')} value={text('number')} onChange={put('number')} />
				</>
			)
		case 'transfer': {
			const to = node.to as string | { queue?: string; agent?: string; number?: string }
			const kind = typeof to !== 'object' || to === null ? 'number' : to.queue !== undefined ? 'queue' : to.agent !== undefined ? 'agent' : 'number'
			const value = typeof to === 'object' && to !== null ? (to[kind] ?? '') : String(to ?? '')
			const choose = (k: string, v: string) => must('to')({ [k]: v })
			return (
				<>
					<PickField path="to" label={t('field.to')} value={kind} options={(['queue', 'agent', 'number'] as const).map((id) => ({ id, name: t(`field.to_${id}`) }))} onChange={(k) => choose(k, '')} />
					{kind === 'queue' && <PickField path="to.queue" label={t('field.queue')} value={value} options={queues} onChange={(v) => choose('queue', v)} />}
					{kind === 'agent' && <PickField path="to.agent" label={t('field.agent')} value={value} options={users} onChange={(v) => choose('agent', v)} />}
					{kind === 'number' && <ExpressionField path="to.number" label={t('field.number')} hint={t('field.to_number_hint')} value={value} onChange={(v) => choose('number', v)} />}
					{kind !== 'queue' && <NumberField path="ring_s" label={t('field.ring')} unit={seconds} usual={30} min={5} max={300} value={number('ring_s')} onChange={put('ring_s')} />}
				</>
			)
		}
		case 'subflow':
			return <PickField path="flow" label={t('field.flow')} hint={t('field.flow_hint')} value={text('flow')} options={flows.filter((f) => f.id !== doc.name)} onChange={must('flow')} />
		default:
			return null
	}
}

function Cases({ name, node }: { name: string; node: NodeDoc }) {
	const { t } = useTranslation('flows')
	const { change, readOnly } = useEdit()
	const cases = casesOf(node)
	const put = (next: Case[], tag = '') => change((d) => changeNode(d, name, (n) => ({ ...n, if: next })), tag)
	const swap = (i: number, k: number) => {
		const next = [...cases]
		;[next[i], next[k]] = [next[k] as Case, next[i] as Case]
		put(next)
	}
	return (
		<fieldset className={styles.group}>
			<legend>{t('field.cases')}</legend>
			{cases.map((c, i) => (
				// their order is their name
				<div key={i} className={styles.case}>
					<ExpressionField path={`if.${i}.when`} label={t('field.when', { n: i + 1 })} value={c.when} onChange={(when) => put(cases.map((x, k) => (k === i ? { ...x, when } : x)), `${name} if ${i}`)} />
					{!readOnly && (
						<span className={styles.caseButtons}>
							<IconButton icon="back" label={t('field.case_up')} disabled={!i} onClick={() => swap(i, i - 1)} />
							<IconButton icon="trash" label={t('field.case_remove')} disabled={cases.length < 2} onClick={() => put(cases.filter((_, k) => k !== i))} />
						</span>
					)}
				</div>
			))}
			{!readOnly && (
				<button type="button" className={styles.linkButton} onClick={() => put([...cases, { when: '', next: '' }])}>
					<Icon name="plus" size={15} /> {t('field.case_add')}
				</button>
			)}
		</fieldset>
	)
}

interface SkillStep {
	after_s: number
	need: string
}

function SkillSteps({ name, node }: { name: string; node: NodeDoc }) {
	const { t } = useTranslation('flows')
	const { change, readOnly } = useEdit()
	const own = Array.isArray(node.skills)
	const steps = own ? (node.skills as SkillStep[]) : []
	const put = (skills: SkillStep[] | undefined, tag = '') =>
		change((d) => changeNode(d, name, (n) => {
			const { skills: _, ...rest } = n
			return (skills ? { ...n, skills } : rest) as NodeDoc
		}), tag)
	return (
		<fieldset className={styles.group}>
			<legend>{t('field.skills')}</legend>
			<CheckField path="skills" label={t('field.skills_own')} hint={t('field.skills_hint')} value={own} onChange={(v) => put(v ? [] : undefined)} />
			{steps.map((s, i) => (
				<div key={i} className={styles.case}>
					<NumberField path={`skills.${i}.after_s`} label={t('field.after')} unit={t('unit.s')} min={0} max={86400} value={s.after_s} onChange={(v) => put(steps.map((x, k) => (k === i ? { ...x, after_s: v ?? 0 } : x)), `${name} skills ${i}`)} />
					<TextField path={`skills.${i}.need`} label={t('field.need')} mono value={s.need} onChange={(need) => put(steps.map((x, k) => (k === i ? { ...x, need } : x)), `${name} need ${i}`)} />
					{!readOnly && <IconButton icon="trash" label={t('field.case_remove')} onClick={() => put(steps.filter((_, k) => k !== i))} />}
				</div>
			))}
			{own && !readOnly && (
				<button type="button" className={styles.linkButton} onClick={() => put([...steps, { after_s: steps.length ? (steps[steps.length - 1]?.after_s ?? 0) + 60 : 0, need: '' }])}>
					<Icon name="plus" size={15} /> {t('field.skill_add')}
				</button>
			)}
		</fieldset>
	)
}

const AGENTS_MAX = 19

/** Agents who are waited for a while: whom the caller knows, each with a score, and one whom a variable names. */
function Wanted({ name, node, users }: { name: string; node: NodeDoc; users: { id: string; name?: string }[] }) {
	const { t } = useTranslation('flows')
	const { change, readOnly } = useEdit()
	const agents = Object.entries((node.agents ?? {}) as Record<string, number>)
	const put = (field: string, value: unknown, tag = '') =>
		change((d) => changeNode(d, name, (n) => {
			const { [field]: _, ...rest } = n
			return (value === undefined || value === '' ? rest : { ...n, [field]: value }) as NodeDoc
		}), tag)
	const putAgents = (next: [string, number][], tag = '') => put('agents', next.length ? Object.fromEntries(next) : undefined, tag)
	const free = users.filter((u) => !agents.some(([id]) => id === u.id))
	const variable = String(node.agent_var ?? '')
	const label = (id: string) => users.find((u) => u.id === id)?.name ?? (users.some((u) => u.id === id) ? id : t('not_there', { id }))
	return (
		<fieldset className={styles.group}>
			<legend>{t('field.agents')}</legend>
			<p className={styles.hint}>{t('field.agents_hint')}</p>
			{agents.map(([id, score], i) => (
				<div key={id} className={styles.case}>
					<NumberField path={`agents.${id}`} label={t('field.score_of', { agent: label(id) })} min={0} max={100} value={score} onChange={(v) => putAgents(agents.map((a, k) => (k === i ? [id, v ?? 0] : a)), `${name} agents ${id}`)} />
					{!readOnly && <IconButton icon="trash" label={t('field.agent_remove', { agent: label(id) })} onClick={() => putAgents(agents.filter((_, k) => k !== i))} />}
				</div>
			))}
			{!readOnly && agents.length < AGENTS_MAX && free.length > 0 && (
				<select className={styles.addLanguage} data-path="agents" aria-label={t('field.agent_add')} value="" onChange={(e) => putAgents([...agents, [e.currentTarget.value, 50]])}>
					<option value="">{t('field.agent_add')}</option>
					{free.map((u) => <option key={u.id} value={u.id}>{u.name && u.name !== u.id ? `${u.name} (${u.id})` : u.id}</option>)}
				</select>
			)}
			<TextField path="agent_var" label={t('field.agent_var')} hint={t('field.agent_var_hint')} mono value={variable} onChange={(v) => put('agent_var', v, `${name} agent_var`)} />
			{(agents.length > 0 || variable !== '' || node.agents_wait_s !== undefined) && (
				<NumberField path="agents_wait_s" label={t('field.agents_wait')} unit={t('unit.s')} usual={20} min={1} max={86400} value={typeof node.agents_wait_s === 'number' ? node.agents_wait_s : undefined} onChange={(v) => put('agents_wait_s', v, `${name} agents_wait_s`)} />
			)}
		</fieldset>
	)
}

/** Where every exit leads: the way without pulling lines. */
function Exits({ name, node }: { name: string; node: NodeDoc }) {
	const { t } = useTranslation('flows')
	const { doc, change, readOnly } = useEdit()
	const deeds = useDeeds()
	const faults = useContext(Wrong)
	const exits = exitsOf(node)
	if (!exits.length) return null
	const options = Object.keys(doc.nodes)
	const free = node.do === 'menu' ? DIALS.filter((k) => !keysOf(node).includes(k)) : []
	const pathOf = (key: string) => (key.startsWith('if.') ? `${key}.next` : key)
	return (
		<fieldset className={styles.group}>
			<legend>{t('form.exits')}</legend>
			{exits.map((e) => {
				const target = exitTarget(node, e.key) ?? ''
				const label = exitSays(node, e.key, t)
				const wrong = faults.some((p) => p.severe && p.field === pathOf(e.key))
				return (
					<div key={e.key} className={styles.exitRow}>
						<Field path={pathOf(e.key)} label={label}>
							{(ids) => (
								<select {...ids} className={styles.input} value={target} disabled={readOnly} data-open={!target && !wrong ? true : undefined} onChange={(x) => change((d) => setExit(d, name, e.key, x.currentTarget.value || undefined))}>
									<option value="">{t(/^(keys|if)\./.test(e.key) ? 'choose' : 'link.nowhere')}</option>
									{target && !Object.hasOwn(doc.nodes, target) && <option value={target}>{t('not_there', { id: target })}</option>}
									{options.map((o) => <option key={o} value={o}>{o}</option>)}
								</select>
							)}
						</Field>
						{!readOnly && <IconButton icon="plus" label={t('form.insert_at', { exit: label })} onClick={() => deeds.add({ node: name, exit: e.key })} />}
						{!readOnly && e.key.startsWith('keys.') && <IconButton icon="trash" label={t('form.drop_key', { key: e.key.slice(5) })} onClick={() => change((d) => changeNode(d, name, (n) => withoutExit(n, e.key)))} />}
					</div>
				)
			})}
			{!readOnly && free.length > 0 && (
				<select className={styles.addLanguage} data-path="keys" aria-label={t('form.add_key')} value="" onChange={(x) => {
					const key = x.currentTarget.value
					change((d) => changeNode(d, name, (n) => withExit(n, `keys.${key}`, undefined)))
				}}>
					<option value="">{t('form.add_key')}</option>
					{free.map((k) => <option key={k} value={k}>{k}</option>)}
				</select>
			)}
		</fieldset>
	)
}
