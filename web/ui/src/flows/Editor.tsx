/* Editor.tsx - one flow: outline and palette, canvas, form, simulator and versions around it, problems below. */
import { Button } from '@mantine/core'
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useLive } from '../live/store'
import type { Contact } from '../live/types'
import { Icon, type IconName } from '../parts/Icon'
import { type Told, type Version, useAll, useCallers, useFlows, usePublished, useTenant } from './api'
import { Canvas, DRAGGED } from './Canvas'
import { DeedsProvider, useDeeds } from './deeds'
import { diffOf, sameDoc } from './diff'
import { type FlowDoc, KINDS, type Stock, docOf, mainExit, tidy } from './doc'
import { type Draft, dropWork, readWork, useDraft } from './draft'
import { EditProvider, useEdit } from './edit'
import { IconButton } from './Fields'
import { Outline } from './Outline'
import { Properties } from './Properties'
import { type Problem, problemsOf } from './problems'
import { KIND_ICONS, type Named } from './say'
import { type Caller, FRESH, useSimulation } from './simulation'
import { Simulator } from './Simulator'
import { ChangeList, Publish, Versions } from './Versions'
import { Visitors } from './Visitors'
import styles from './flows.module.css'

interface Base {
	doc: FlowDoc
	draft: number
	/** Of a draft that is not the one this was begun upon. */
	stale: boolean
	published: FlowDoc | null
	version: number
	/** What the server has, whatever this browser kept: what is compared to know whether something is to be stored. */
	behind: FlowDoc
}

const EMPTY: FlowDoc = { start: '', nodes: {} }

/** What is edited begins with: what this browser kept, else the draft, else what is published. */
function baseOf(told: { flow: Told | null; draft: Told | null }, tenant: string, id: string, mayEdit: boolean): Base {
	const published = told.flow ? docOf(told.flow) : null
	const work = mayEdit ? readWork(tenant, id) : null
	const draft = told.draft?.version ?? 0
	const doc = told.draft ? docOf(told.draft) : (published ?? EMPTY)
	// what was stored as the page was left is not somebody else's
	const stale = !!work && work.over !== draft && !sameDoc(tidy(work.doc), doc)
	return { doc: work?.doc ?? doc, draft, stale, published, version: told.flow?.version ?? 0, behind: doc }
}

export function Editor({ id }: { id: string }) {
	const { t } = useTranslation('flows')
	const { data, error, refetch, dataUpdatedAt } = usePublished(id)
	const flows = useFlows()
	const locale = useTenant()?.locale
	const prompts = useAll('prompts')
	const queues = useAll('queues')
	const hours = useAll('hours')
	const all = useAll('flows')
	const stock = useMemo((): Stock => {
		const ids = (list: Told[] | undefined) => (list ?? []).map((o) => o.id)
		return { prompts: ids(prompts), queues: ids(queues), hours: ids(hours), flows: ids(all).filter((f) => f !== id), language: (locale ?? 'en').slice(0, 2) }
	}, [prompts, queues, hours, all, locale, id])
	const [turn, setTurn] = useState(0)
	// eslint-disable-next-line
	const base = useMemo(() => (data ? baseOf(data, flows.tenant, id, flows.mayEdit) : null), [turn, !!data, id])
	useEffect(() => {
		document.title = `${id} · ${t('title')} · centrala`
	}, [id, t])

	/** What the server has takes the place of what is here. */
	const reload = useCallback(
		async (forget: boolean) => {
			if (forget) dropWork(flows.tenant, id)
			await refetch()
			setTurn((n) => n + 1)
		},
		[flows.tenant, id, refetch],
	)
	if (error) return <p className={styles.quiet}>{t('unreachable')}</p>
	if (!base || !prompts || !queues || !hours || !all) return <p className={styles.quiet}>{t('loading')}</p>
	return (
		<EditProvider key={`${turn} ${turn ? dataUpdatedAt : 0}`} doc={base.doc} stock={stock} readOnly={!flows.mayEdit}>
			<Bench id={id} base={base} reload={reload} />
		</EditProvider>
	)
}

type Tab = 'form' | 'sim' | 'versions'
type View = 'outline' | 'canvas' | 'side'

function Bench({ id, base, reload }: { id: string; base: Base; reload(forget: boolean): Promise<void> }) {
	const { t, i18n } = useTranslation('flows')
	const edit = useEdit()
	const { doc, focus, readOnly } = edit
	const draft = useDraft(id, doc, { doc: base.behind, version: base.draft, stale: base.stale }, readOnly)
	const [tab, setTab] = useState<Tab>('form')
	const [left, setLeft] = useState<'outline' | 'add'>('outline')
	const [view, setView] = useState<View>('outline')
	const [caller, setCaller] = useState<Caller>(FRESH)
	const [compared, setCompared] = useState<Version | null>(null)
	const [publishing, setPublishing] = useState(false)
	const [visited, setVisited] = useState<string | null>(null)
	const clean = useMemo(() => tidy(doc), [doc])
	const simulation = useSimulation(id, clean, caller, tab === 'sim')
	const problems = useMemo(() => (draft.checked ? problemsOf(doc, draft.mistakes) : []), [doc, draft.checked, draft.mistakes])
	const figures = useCallers(id)
	const callers = useMemo(() => new Map([...figures].map(([n, f]) => [n, f.visited])), [figures])
	const now = useNow(id)
	const numbers = (useAll('numbers') ?? []).filter((n) => n.flow === id)
	const users = useAll('users')
	const prompts = useAll('prompts')
	const queues = useAll('queues')
	const flows = useAll('flows')
	const named = useMemo((): Named => {
		const by = (list: Told[] | undefined) => new Map((list ?? []).map((o) => [o.id, o]))
		return { prompts: by(prompts), queues: by(queues), users: by(users), flows: by(flows), language: caller.language || i18n.language }
	}, [prompts, queues, users, flows, caller.language, i18n.language])
	const marks = useMemo(() => {
		const map = new Map<string, 'added' | 'changed'>()
		if (compared?.after) for (const c of diffOf(docOf(compared.after), doc)) if (c.what === 'added' || c.what === 'changed') map.set(c.node, c.what)
		return map
	}, [compared, doc])
	const onCallers = useCallback((node: string) => setVisited(node), [])
	const [dial, setDial] = useState(0)
	const simulate = () => {
		setTab('sim')
		setView('side')
		setDial((n) => n + 1)
	}
	useEffect(() => {
		if (!focus.n) return
		if (focus.to === 'form') setTab('form')
		if (focus.to === 'form') setView('side')
		if (focus.to === 'outline') {
			setLeft('outline')
			setView('outline')
		}
	}, [focus.n, focus.to])
	const live = [...now.values()].reduce((a, b) => a + b, 0)

	return (
		<DeedsProvider named={named} onSimulate={simulate}>
			<Keys problems={problems} onSimulate={simulate}>
				<Bar id={id} base={base} draft={draft} numbers={numbers} onSimulate={simulate} onPublish={() => setPublishing(true)} onReload={reload}
					wrong={problems.some((p) => p.severe)} same={!diffOf(base.published, doc).length && !!base.published} />
				{draft.kept === 'conflict' && (
					<div className={styles.conflict} role="alert">
						<Icon name="warning" />
						<span>{t('conflict.text')}</span>
						<Button size="xs" variant="default" onClick={() => void reload(true)}>{t('conflict.theirs')}</Button>
						<Button size="xs" onClick={draft.overwrite}>{t('conflict.mine')}</Button>
					</div>
				)}
				<div className={styles.views} role="group" aria-label={t('views.title')}>
					{(['outline', 'canvas', 'side'] as const).map((v) => (
						<button key={v} type="button" aria-pressed={view === v} onClick={() => setView(v)}>{t(`views.${v}`)}</button>
					))}
				</div>
				<div className={styles.bench} data-view={view}>
					<aside className={styles.left}>
						<div className={styles.tabs} role="tablist" aria-label={t('left.title')}>
							<TabButton on={left === 'outline'} label={t('left.outline')} onClick={() => setLeft('outline')} />
							<TabButton on={left === 'add'} label={t('left.add')} onClick={() => setLeft('add')} />
						</div>
						{left === 'outline' ? <Outline problems={problems} trail={simulation.trail} /> : <PaletteList />}
					</aside>
					<div className={styles.middle}>
						<Canvas problems={problems} trail={simulation.trail} walked={simulation.walked} callers={callers} now={now} marks={marks} onCallers={onCallers} />
						<Problems problems={problems} checked={draft.checked} />
					</div>
					<aside className={styles.right}>
						<div className={styles.tabs} role="tablist" aria-label={t('right.title')}>
							<TabButton on={tab === 'form'} label={t('right.form')} onClick={() => setTab('form')} />
							<TabButton on={tab === 'sim'} label={t('right.sim')} onClick={() => setTab('sim')} />
							<TabButton on={tab === 'versions'} label={t('right.versions')} onClick={() => setTab('versions')} />
						</div>
						<div className={styles.rightBody}>
							{tab === 'form' && <Properties problems={problems} callers={callers} onCallers={onCallers} />}
							{tab === 'sim' && <Simulator id={id} caller={caller} onCaller={setCaller} simulation={simulation} dial={dial} />}
							{tab === 'versions' && (
								<>
									{draft.there && base.published && !compared && (
										<section className={styles.pending}>
											<h2 className={styles.formTitle}>{t('versions.pending')}</h2>
											<ChangeList changes={diffOf(base.published, doc)} t={t} />
										</section>
									)}
									<Versions id={id} current={base.version} compared={compared?.version ?? null} onCompare={setCompared} onRolledBack={() => void reload(!draft.there)} />
								</>
							)}
						</div>
					</aside>
				</div>
				{publishing && (
					<Publish id={id} published={base.published} numbers={numbers.filter((n) => !n.draft).map((n) => n.id)} live={live} save={draft.save} onDone={() => void reload(true)} onClose={() => setPublishing(false)} />
				)}
				{visited !== null && <Visitors id={id} node={visited} onClose={() => setVisited(null)} />}
			</Keys>
		</DeedsProvider>
	)
}

/** Where he is in this flow; who waits in a queue is at the node that sent him there. */
function nodeNow(c: Contact, flow: string): string | undefined {
	if (c.enqueued_at) return c.via_flow === flow && !c.consults ? c.via_node : undefined
	return c.flow === flow && c.state !== 'ended' && c.state !== 'wrapping' ? c.node : undefined
}

/** Callers who are at a node of this flow now. Rendered anew only when that changes. */
function useNow(id: string): Map<string, number> {
	const text = useLive((s) => {
		const counts: Record<string, number> = {}
		for (const c of s.world?.contacts.values() ?? []) {
			const node = nodeNow(c, id)
			if (node) counts[node] = (counts[node] ?? 0) + 1
		}
		return JSON.stringify(counts)
	})
	return useMemo(() => new Map(Object.entries(JSON.parse(text) as Record<string, number>)), [text])
}

function TabButton({ on, label, onClick }: { on: boolean; label: string; onClick(): void }) {
	return <button type="button" role="tab" aria-selected={on} onClick={onClick}>{label}</button>
}

/** Keys of the page: back and forth, find, the next problem. */
function Keys({ problems, onSimulate, children }: { problems: Problem[]; onSimulate(): void; children: ReactNode }) {
	const { undo, redo, pick, send } = useEdit()
	const deeds = useDeeds()
	const [at, setAt] = useState(-1)
	const newest = useRef<(e: KeyboardEvent) => void>(() => {})
	newest.current = (e) => {
		const target = e.target as HTMLElement
		if (e.defaultPrevented || (target !== document.body && !target.closest('[data-flow-editor]'))) return
		const writes = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
		const ctrl = e.ctrlKey || e.metaKey
		const key = e.key.toLowerCase()
		if (ctrl && key === 'z' && !writes) e.shiftKey ? redo() : undo()
		else if (ctrl && key === 'y' && !writes) redo()
		else if (ctrl && key === 'f') deeds.find()
		else if (e.key === 'F8' && problems.length) {
			const next = (at + 1) % problems.length
			const p = problems[next] as Problem
			setAt(next)
			pick(p.node ? [p.node] : [])
			send('form', p.field)
		} else if (e.key === 'F9') onSimulate()
		else return
		e.preventDefault()
		e.stopPropagation()
	}
	useEffect(() => {
		const listen = (e: KeyboardEvent) => newest.current(e)
		addEventListener('keydown', listen)
		return () => removeEventListener('keydown', listen)
	}, [])
	return <main className={styles.editor} data-flow-editor>{children}</main>
}

interface BarProps {
	id: string
	base: Base
	draft: Draft
	numbers: Told[]
	wrong: boolean
	same: boolean
	onSimulate(): void
	onPublish(): void
	onReload(forget: boolean): Promise<void>
}

function Bar({ id, base, draft, numbers, wrong, same, onSimulate, onPublish, onReload }: BarProps) {
	const { t } = useTranslation('flows')
	const { doc, change, undo, redo, canUndo, canRedo, readOnly } = useEdit()
	const flows = useFlows()
	const deeds = useDeeds()
	const tests = numbers.filter((n) => n.draft === true).map((n) => n.id)
	const icons: Record<Draft['kept'], IconName> = { clean: 'check', saving: 'clock', saved: 'check', local: 'edit', conflict: 'warning', offline: 'wifiOff' }
	return (
		<header className={styles.bar}>
			<Link href="/flows" className={styles.backLink} aria-label={t('back')}><Icon name="back" /></Link>
			<div className={styles.barName}>
				<h1>{doc.name || id}</h1>
				<small>
					{base.version ? t('bar.version', { version: base.version }) : t('bar.new')}
					{readOnly ? ` · ${t('bar.read_only')}` : ''}
				</small>
			</div>
			{!readOnly && (
				<span className={styles.kept} data-kept={draft.kept} role="status">
					<Icon name={icons[draft.kept]} size={15} /> {t(`kept.${draft.kept}`)}
				</span>
			)}
			{tests.length > 0 && draft.there && <span className={styles.tests} title={t('bar.test_hint')}><Icon name="phone" size={15} /> {t('bar.test', { number: tests[0] })}</span>}
			<span className={styles.space} />
			{!readOnly && <IconButton icon="undo" label={t('bar.undo')} disabled={!canUndo} onClick={undo} />}
			{!readOnly && <IconButton icon="callback" label={t('bar.redo')} disabled={!canRedo} onClick={redo} />}
			<IconButton icon="search" label={t('find')} onClick={deeds.find} />
			{!readOnly && <IconButton icon="merge" label={t('bar.arrange')} disabled={!doc.layout} onClick={() => change((d) => {
				const { layout: _, ...rest } = d
				return rest
			})} />}
			{!readOnly && draft.there && base.published && (
				<Button size="xs" variant="subtle" onClick={() => void flows.drop(id).then(() => onReload(true))}>{t('bar.discard')}</Button>
			)}
			<Button size="xs" variant="default" leftSection={<Icon name="phone" size={15} />} onClick={onSimulate}>{t('bar.simulate')}</Button>
			{!readOnly && <Button size="xs" disabled={wrong || same || !Object.keys(doc.nodes).length} onClick={onPublish}>{t('bar.publish')}</Button>}
		</header>
	)
}

/** Every kind with its sentence; pulled onto the canvas, or pressed: behind what is picked. */
function PaletteList() {
	const { t } = useTranslation('flows')
	const { doc, picked, readOnly } = useEdit()
	const deeds = useDeeds()
	const last = picked[picked.length - 1]
	const main = last && doc.nodes[last] ? mainExit(doc.nodes[last]) : undefined
	return (
		<ul className={styles.palette} aria-label={t('left.add')}>
			{KINDS.map((k) => (
				<li key={k}>
					<button type="button" disabled={readOnly} draggable={!readOnly} onDragStart={(e) => e.dataTransfer.setData(DRAGGED, k)}
						onClick={() => deeds.addKind(k, last && main ? { node: last, exit: main } : undefined)}>
						<span className={styles.kindDot} data-kind={k}><Icon name={KIND_ICONS[k]} size={16} /></span>
						<span><b>{t(`kind.${k}`)}</b><small>{t(`kind_hint.${k}`)}</small></span>
					</button>
				</li>
			))}
		</ul>
	)
}

function Problems({ problems, checked }: { problems: Problem[]; checked: boolean }) {
	const { t } = useTranslation('flows')
	const { pick, send } = useEdit()
	const severe = problems.filter((p) => p.severe).length
	const [open, setOpen] = useState(false)
	const show = open || severe > 0
	return (
		<section className={styles.problems} aria-label={t('problems.title')} data-severe={severe > 0 || undefined}>
			<button type="button" className={styles.problemsHead} aria-expanded={show} onClick={() => setOpen(!open)}>
				<Icon name={problems.length ? 'warning' : 'check'} size={16} />
				<b role="status">{!checked ? t('problems.checking') : severe ? t('problems.severe', { count: severe }) : problems.length ? t('problems.hints', { count: problems.length }) : t('problems.none')}</b>
				<kbd>F8</kbd>
			</button>
			{show && problems.length > 0 && (
				<ul>
					{problems.map((p, i) => (
						<li key={i} data-severe={p.severe || undefined}>
							<button type="button" onClick={() => (pick(p.node ? [p.node] : []), send('form', p.field))}>
								<b>{p.node ?? t('form.flow')}</b> {p.field && <code>{p.field}</code>} <span>{p.own ? t(`problems.${p.own}`) : p.message}</span>
							</button>
						</li>
					))}
				</ul>
			)}
		</section>
	)
}
