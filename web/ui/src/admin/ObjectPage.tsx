/*
 * ObjectPage.tsx - one object: its form by the schema (Basics, Advanced), who uses it, its history, its JSON. A save
 * is whole or nothing; mistakes are shown at their field; somebody else's change in between is told and merged.
 */
import { Alert, Button, Group, Menu, Modal, Tabs, TextInput, UnstyledButton } from '@mantine/core'
import { type KeyboardEvent, type ReactNode, Suspense, lazy, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useSearch } from 'wouter'
import { type FieldError, Problem } from '../api/http'
import { useAction } from '../app/actions'
import { page } from '../app/i18n'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import { fieldsToSend, objectPath, titleOf, useObject, useReferrers, useWrites } from './api'
import { differ, merge } from './differ'
import { Field } from './form/Field'
import { FormProvider } from './form/context'
import { groupsOf } from './groups'
import { Guard } from './guard'
import { Answer, ApiCall, type Call, Head } from './parts'
import { placeAt } from './place'
import { type Doc, KINDS, type Kind } from './schema'
import { slug } from './slug'
import { useWhose } from './tenant'
import { useWords } from './words'
import styles from './admin.module.css'

const History = lazy(() => import('./History'))
const UsedBy = lazy(() => import('./UsedBy'))
const RawJson = lazy(() => import('./RawJson'))
const Changes = lazy(() => import('./Changes'))
const QueueLive = lazy(() => import('./special/QueueLive'))
const TrunkLive = lazy(() => import('./special/TrunkLive'))
const OpenNow = lazy(() => import('./special/OpenNow'))
const Access = lazy(() => import('./special/Access'))
const CallMe = lazy(() => import('./special/CallMe'))
const CallQueue = lazy(() => import('./special/CallQueue'))
const MassEventRun = lazy(() => import('./special/MassEventRun'))
const AlertTest = lazy(() => import('./special/AlertTest'))
const WallTest = lazy(() => import('./special/WallTest'))
const SkillTest = lazy(() => import('./test/SkillTest'))
const TeamTest = lazy(() => import('./test/TeamTest'))
const ReasonTest = lazy(() => import('./test/ReasonTest'))
const OutcomeTest = lazy(() => import('./test/OutcomeTest'))
const FieldTest = lazy(() => import('./test/FieldTest'))
const PromptTest = lazy(() => import('./test/PromptTest'))
const FirmTest = lazy(() => import('./test/FirmTest'))
const FlowTest = lazy(() => import('./test/FlowTest'))
const MassEventTest = lazy(() => import('./test/MassEventTest'))
const ReportTest = page('reports', () => import('./test/ReportTest'))

interface Beside {
	tab: 'agents' | 'live' | 'preview' | 'access' | 'run' | 'try' | 'test'
	show(doc: Doc): ReactNode
}
/** Pages beside the form: what the object is now, and how it is tried. */
const BESIDE: Record<string, Beside[]> = {
	tenant: [{ tab: 'test', show: (d) => <FirmTest firm={d} /> }],
	skill: [{ tab: 'test', show: (d) => <SkillTest skill={d} /> }],
	team: [{ tab: 'test', show: (d) => <TeamTest team={d} /> }],
	reason: [{ tab: 'test', show: (d) => <ReasonTest reason={d} /> }],
	outcome: [{ tab: 'test', show: (d) => <OutcomeTest outcome={d} /> }],
	field: [{ tab: 'test', show: (d) => <FieldTest field={d} /> }],
	prompt: [{ tab: 'test', show: (d) => <PromptTest prompt={d} /> }],
	flow: [{ tab: 'test', show: (d) => <FlowTest flow={d} /> }],
	draft: [{ tab: 'test', show: (d) => <FlowTest flow={d} /> }],
	saved_report: [{ tab: 'test', show: (d) => <ReportTest report={d} /> }],
	queue: [
		{ tab: 'agents', show: (d) => <QueueLive queue={d} /> },
		{ tab: 'try', show: (d) => <CallQueue queue={d} /> },
	],
	trunk: [{ tab: 'live', show: (d) => <TrunkLive trunk={d} /> }],
	hours: [{ tab: 'preview', show: (d) => <OpenNow hours={d} /> }],
	number: [{ tab: 'try', show: (d) => <CallMe to={String(d.id)} is="number" /> }],
	user: [
		{ tab: 'access', show: (d) => <Access user={d} /> },
		{ tab: 'try', show: (d) => <CallMe to={String(d.id)} is="person" /> },
	],
	alert: [{ tab: 'test', show: (d) => <AlertTest alert={d} /> }],
	wallboard: [{ tab: 'test', show: (d) => <WallTest wallboard={d} /> }],
	mass_event: [
		{ tab: 'test', show: (d) => <MassEventTest event={d} /> },
		{ tab: 'run', show: (d) => <MassEventRun event={d} /> },
	],
}
/** Of a kind that nobody thought of here. */
const UNKNOWN: Beside[] = [{ tab: 'test', show: () => <NothingToTest /> }]

/** Enter in an input of a test is its own: it does not save the object. */
function notOfTheForm(e: KeyboardEvent) {
	if (e.key === 'Enter' && e.target instanceof HTMLInputElement) e.preventDefault()
}

function NothingToTest() {
	const { t } = useTranslation('admin')
	return <p className={styles.none}>{t('test.nothing')}</p>
}

export default function ObjectPage({ kind, id }: { kind: Kind; id: string | null }) {
	const from = new URLSearchParams(useSearch()).get('from')
	const { data, error, isPending, refetch } = useObject(kind, id ?? from ?? '', id !== null || from !== null)
	if (id === null && !from) return <Editor kind={kind} was={null} />
	if (!data) return <Answer error={error} loading={isPending} retry={() => void refetch()} />
	return id === null ? <Editor kind={kind} was={null} like={data} /> : <Editor key={String(data.tenant)} kind={kind} was={data} />
}

/** Not what cannot be sent back: what the server says of itself. */
const copyOf = (doc: Doc): Doc => {
	const { version: _, ...rest } = doc
	return rest
}

function Editor({ kind, was: newest, like }: { kind: Kind; was: Doc | null; like?: Doc }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const words = useWords()
	const { tenant, writes, may } = useWhose()
	const mayReferrers = may('objects:referrers')
	const mayHistory = may(kind.kind === 'tenant' ? 'versions:read' : kind.kind === 'saved_report' ? 'saved_reports:versions' : 'objects:versions')
	const [, go] = useLocation()
	const params = new URLSearchParams(useSearch())
	const tab = params.get('tab') ?? 'basics'
	const writesTo = useWrites(kind)
	const [was, setWas] = useState(newest) // what the form began with
	const [doc, setDoc] = useState<Doc>(() => newest ?? (like ? { ...fieldsToSend(like) } : {}))
	const [id, setId] = useState('')
	const [idTyped, setIdTyped] = useState(false)
	const [errors, setErrors] = useState<FieldError[]>([])
	const [busy, setBusy] = useState(false)
	const [met, setMet] = useState<{ theirs: Doc; both: string[] } | null>(null)
	const [deleting, setDeleting] = useState(false)
	const fresh = was === null
	const readOnly = !writes
	const dirty = !readOnly && (fresh ? Object.keys(doc).length > 0 || id !== '' : differ(copyOf(was), copyOf(doc)).length > 0)
	const groups = useMemo(() => groupsOf(kind), [kind])
	const basic = groups.filter((g) => g.basic)
	const advanced = groups.filter((g) => !g.basic)
	const beside = fresh ? [] : (BESIDE[kind.kind] ?? UNKNOWN)
	const box = useRef<HTMLFormElement>(null)
	const numberKind = kind.kind === 'number'
	const wantedId = fresh ? (numberKind ? id.replace(/[ ()-]/g, '') : id || (idTyped ? '' : slug(String(doc.name ?? '')))) : String(was.id)
	const { data: referrers } = useReferrers(kind, String(was?.id ?? ''), !fresh)
	const title = fresh ? t('new_of', { kind: words.kind(kind.kind) }) : titleOf(was)

	// somebody rolled it back, or it was saved elsewhere, and nothing was changed here
	useEffect(() => {
		if (newest && was && newest.version !== was.version && !dirty) {
			setWas(newest)
			setDoc(newest)
			setErrors([])
		}
	}, [newest, was, dirty])

	const showTab = (next: string | null) => {
		const p = new URLSearchParams(location.search)
		if (next && next !== 'basics') p.set('tab', next)
		else p.delete('tab')
		go(location.pathname + (p.size ? `?${p}` : ''), { replace: true })
	}
	/** Where a mistake is: its tab opens, its field takes the keyboard. */
	const goTo = (path: string) => {
		const top = /^\$\.?([A-Za-z0-9_]+)?/.exec(path)?.[1] ?? ''
		showTab(advanced.some((g) => g.fields.some((f) => f.name === top)) ? 'advanced' : 'basics')
		setTimeout(() => {
			const all = [...(box.current?.querySelectorAll<HTMLElement>('[data-path]') ?? [])]
			const hits = all.filter((e) => path === e.dataset.path || path.startsWith(`${e.dataset.path}.`) || path.startsWith(`${e.dataset.path}[`))
			const best = hits.sort((a, b) => (b.dataset.path ?? '').length - (a.dataset.path ?? '').length)[0]
			const input = best?.matches('input,textarea,select') ? best : best?.querySelector<HTMLElement>('input,textarea,button,select')
			;(input ?? best)?.focus()
			best?.scrollIntoView({ block: 'center' })
		}, 60)
	}
	const refused = async (error: unknown) => {
		if (!(error instanceof Problem)) return tell('bad', problemText(error, shell))
		if (error.status === 412 && fresh) {
			setErrors([{ path: '$.id', message: t('exists') }])
			return goTo('$.id')
		}
		if (error.status === 412 && was) {
			const theirs = await writesTo.read(String(was.id))
			return setMet({ theirs, both: merge(was, doc, theirs).both })
		}
		if (error.errors.length) {
			setErrors(error.errors)
			return goTo(error.errors[0]?.path ?? '$')
		}
		tell('bad', problemText(error, shell))
	}
	const save = async (whole: Doc = doc, version = Number(was?.version ?? 0)) => {
		if (readOnly || busy) return
		if (fresh && !wantedId) {
			setErrors([{ path: '$.id', message: t('id_missing') }])
			return goTo('$.id')
		}
		setBusy(true)
		try {
			const saved = fresh ? await writesTo.create(wantedId, whole) : await writesTo.save(wantedId, version, whole)
			setErrors([])
			setMet(null)
			setWas(saved)
			setDoc(saved)
			tell('good', t(fresh ? 'created' : 'saved', { name: titleOf(saved) }))
			if (fresh) setTimeout(() => go(`/admin/${kind.plural}/${encodeURIComponent(wantedId)}`, { replace: true }))
		} catch (error) {
			await refused(error)
		} finally {
			setBusy(false)
		}
	}
	const path = objectPath(tenant, kind, wantedId || 'ID')
	const calls: Call[] = fresh
		? [{ method: 'PUT', path, body: fieldsToSend(doc), headers: { 'If-None-Match': '*' } }]
		: dirty
			? [{ method: 'PUT', path, body: fieldsToSend(doc), headers: { 'If-Match': `"${was.version}"` } }]
			: [{ method: 'GET', path }]
	useAction('save', dirty ? { label: t('save'), icon: 'check', run: () => void save() } : null)
	useEffect(() => {
		const onKey = (e: globalThis.KeyboardEvent) => {
			if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 's') {
				e.preventDefault()
				box.current?.requestSubmit()
			}
		}
		addEventListener('keydown', onKey)
		return () => removeEventListener('keydown', onKey)
	}, [])

	const form = (which: typeof groups) =>
		which.map((g) => (
			<section key={g.id} className={styles.group} aria-label={t(`group.${g.id}` as 'group.basics')}>
				{which.length > 1 && <h2 className={styles.groupName}>{t(`group.${g.id}` as 'group.basics')}</h2>}
				{fresh && g.id === 'basics' && <IdField kind={kind} value={wantedId} errors={errors} set={(v) => (setId(v), setIdTyped(true))} />}
				{g.fields.map((f) => (
					<Field
						key={f.name}
						field={f}
						at={{ kind: kind.kind, names: [f.name] }}
						path={`$.${f.name}`}
						value={doc[f.name]}
						onChange={(v) => state.set(f.name, v)}
					/>
				))}
			</section>
		))
	const state = {
		kind: kind.kind,
		id: fresh ? '' : wantedId,
		doc,
		errors,
		readOnly,
		set: (name: string, value: Doc[string] | undefined) => {
			setDoc((d) => {
				const { [name]: _, ...rest } = d
				return value === undefined ? rest : { ...d, [name]: value }
			})
			setErrors((all) => all.filter((e) => !(e.path === `$.${name}` || e.path.startsWith(`$.${name}.`) || e.path.startsWith(`$.${name}[`))))
		},
	}
	return (
		<FormProvider value={state}>
			<Guard dirty={dirty && !busy} />
			<div className={styles.crumbs}>
				{kind.kind !== 'tenant' && <Link href={`/admin/${kind.plural}`} className={styles.link}>{words.kinds(kind.kind)}</Link>}
			</div>
			<Head
				title={title}
				about={
					fresh ? t(`about.${kind.kind}` as 'about.queue', { defaultValue: kind.schema.description ?? '' }) : (
						<>
							<code>{wantedId}</code> · {t('version', { version: String(was.version ?? 1) })}
							{referrers && ` · ${t('used_times', { count: referrers.length })}`}
							{readOnly && ` · ${t('read_only')}`}
						</>
					)
				}
			>
				<ApiCall calls={calls} />
				{!fresh && writes && (
					<Menu position="bottom-end">
						<Menu.Target>
							<Button variant="default" aria-label={t('more')} px={8}><Icon name="more" /></Button>
						</Menu.Target>
						<Menu.Dropdown>
							{kind.kind !== 'tenant' && (
								<Menu.Item component={Link} href={`/admin/${kind.plural}/new?from=${encodeURIComponent(wantedId)}`} leftSection={<Icon name="copy" size={16} />}>
									{t('duplicate')}
								</Menu.Item>
							)}
							<Menu.Item className="danger" leftSection={<Icon name="trash" size={16} />} onClick={() => setDeleting(true)}>
								{t('delete')}
							</Menu.Item>
						</Menu.Dropdown>
					</Menu>
				)}
			</Head>
			{errors.length > 0 && (
				<Alert color="red" variant="light" icon={<Icon name="warning" />} title={t('mistakes', { count: errors.length })} role="alert" mb="md">
					<p className={styles.flat}>{t('nothing_changed')}</p>
					<ul className={styles.errors}>
						{errors.map((e) => (
							<li key={`${e.path} ${e.message}`}>
								<UnstyledButton className={styles.link} onClick={() => goTo(e.path)}>{placeAt(e.path, kind, (names) => words.label({ kind: kind.kind, names })).text || words.kind(kind.kind)}</UnstyledButton>: {e.message}
							</li>
						))}
					</ul>
				</Alert>
			)}
			<form
				ref={box}
				noValidate
				onSubmit={(e) => {
					e.preventDefault()
					if (dirty || fresh) void save()
				}}
			>
				<Tabs value={tab} onChange={showTab} keepMounted={false}>
					<Tabs.List className={styles.tabs}>
						<Tabs.Tab value="basics">{t('tab.basics')}</Tabs.Tab>
						{advanced.length > 0 && <Tabs.Tab value="advanced">{t('tab.advanced')}</Tabs.Tab>}
						{beside.map((b) => <Tabs.Tab key={b.tab} value={b.tab}>{t(`tab.${b.tab}`)}</Tabs.Tab>)}
						{!fresh && kind.kind !== 'tenant' && mayReferrers && <Tabs.Tab value="used">{t('tab.used')}</Tabs.Tab>}
						{!fresh && mayHistory && <Tabs.Tab value="history">{t('tab.history')}</Tabs.Tab>}
						<Tabs.Tab value="json">{t('tab.json')}</Tabs.Tab>
					</Tabs.List>
					<Suspense fallback={<Answer loading />}>
						<Tabs.Panel value="basics" className={styles.panel}>{form(basic)}</Tabs.Panel>
						{advanced.length > 0 && <Tabs.Panel value="advanced" className={styles.panel}>{form(advanced)}</Tabs.Panel>}
						{beside.map((b) => <Tabs.Panel key={b.tab} value={b.tab} className={styles.panel} onKeyDown={notOfTheForm}>{b.show(doc)}</Tabs.Panel>)}
						{!fresh && mayReferrers && <Tabs.Panel value="used" className={styles.panel}><UsedBy kind={kind} id={wantedId} /></Tabs.Panel>}
						{!fresh && mayHistory && (
							<Tabs.Panel value="history" className={styles.panel}>
								<History kind={kind} id={wantedId} newest={Number(was.version ?? 0)} dirty={dirty} />
							</Tabs.Panel>
						)}
						<Tabs.Panel value="json" className={styles.panel}>
							<RawJson doc={doc} readOnly={readOnly} take={(next) => (setDoc({ ...next, ...(was && { kind: was.kind ?? null, tenant: was.tenant ?? null, id: was.id ?? null, version: was.version ?? null }) }), setErrors([]))} />
						</Tabs.Panel>
					</Suspense>
				</Tabs>
				{!readOnly && (dirty || fresh) && (
					<div className={styles.saveBar}>
						<span role="status">{t(fresh ? 'not_created' : 'not_saved')}</span>
						<Group gap="xs">
							{!fresh && <Button variant="default" onClick={() => (setDoc(was), setErrors([]))}>{t('discard')}</Button>}
							<Button type="submit" loading={busy} aria-keyshortcuts="Control+S">{t(fresh ? 'create' : 'save')}</Button>
						</Group>
					</div>
				)}
			</form>
			{met && was && (
				<Modal opened onClose={() => setMet(null)} title={t('met.title')} size="lg" centered>
					<p>{t(met.both.length ? 'met.both' : 'met.apart')}</p>
					<Suspense><Changes kind={kind} changes={differ(copyOf(was), copyOf(met.theirs))} /></Suspense>
					<Group justify="flex-end" mt="md">
						<Button variant="default" onClick={() => { setWas(met.theirs); setDoc(met.theirs); setMet(null) }}>{t('met.theirs')}</Button>
						<Button onClick={() => { const m = merge(was, doc, met.theirs).doc; setWas(met.theirs); setDoc(m); void save(m, Number(met.theirs.version)) }}>
							{t(met.both.length ? 'met.mine' : 'met.merge')}
						</Button>
					</Group>
				</Modal>
			)}
			{deleting && was && <Delete kind={kind} doc={was} close={() => setDeleting(false)} gone={() => go(`/admin/${kind.plural}`)} />}
		</FormProvider>
	)
}

function IdField({ kind, value, errors, set }: { kind: Kind; value: string; errors: FieldError[]; set(v: string): void }) {
	const words = useWords()
	const at = { kind: kind.kind, names: ['id'] }
	const wrong = errors.filter((e) => e.path === '$.id' || e.path === '$').map((e) => e.message)
	return (
		<TextInput
			label={words.label(at)}
			description={words.help(at, kind.id)}
			withAsterisk
			className={styles.medium}
			data-path="$.id"
			autoFocus
			error={wrong.join('; ') || undefined}
			value={value}
			onChange={(e) => set(e.currentTarget.value)}
		/>
	)
}

function Delete({ kind, doc, close, gone }: { kind: Kind; doc: Doc; close(): void; gone(): void }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const words = useWords()
	const { remove } = useWrites(kind)
	const [refusal, setRefusal] = useState<Problem | null>(null)
	const id = String(doc.id)
	const sure = async () => {
		try {
			await remove(id, Number(doc.version ?? 0))
			tell('good', t('deleted', { name: titleOf(doc) }))
			gone()
		} catch (error) {
			if (error instanceof Problem && error.status === 409 && error.errors.length) setRefusal(error)
			else {
				tell('bad', problemText(error, shell))
				close()
			}
		}
	}
	return (
		<Modal opened onClose={close} title={t('delete_title', { name: titleOf(doc) })} centered>
			{refusal ? (
				<>
					<p role="alert">{t('delete_refused')}</p>
					<ul className={styles.errors}>
						{refusal.errors.map((e) => {
							const [k = '', ...rest] = e.path.split('/')
							const other = KINDS[k]
							const otherId = rest.join('/')
							return (
								<li key={e.path}>
									{other ? <Link href={`/admin/${other.plural}/${encodeURIComponent(otherId)}`} className={styles.link}>{words.kind(k)} {otherId}</Link> : e.path}
								</li>
							)
						})}
					</ul>
					<Group justify="flex-end" mt="md"><Button data-autofocus onClick={close}>{t('close')}</Button></Group>
				</>
			) : (
				<>
					<p>{t('delete_sure')}</p>
					<Group justify="flex-end" mt="md">
						<Button variant="default" data-autofocus onClick={close}>{t('cancel')}</Button>
						<Button color="red" onClick={() => void sure()}>{t('delete')}</Button>
					</Group>
				</>
			)}
		</Modal>
	)
}
