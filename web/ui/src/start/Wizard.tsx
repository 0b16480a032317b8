/*
 * Wizard.tsx - from nothing to the first answered call: firm, line, hours, greeting, queue, people; then everything is
 * declared at once and the page watches the first call come in. What is typed stays in this tab until then.
 */
import { Alert, Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { Problem, type Schema, everyPage, get, post, query } from '../api/http'
import { problemText } from '../app/send'
import { useUser } from '../app/session'
import { Icon } from '../parts/Icon'
import { Changes } from './Changes'
import { type Declared, type Draft, STEPS, type Step, type Words, emptyDraft, faultsOf, idOf, siteOf, stepOfMistake } from './draft'
import { type Change, merge } from './merge'
import { FirmStep, GreetingStep, HoursStep, LineStep, PeopleStep, QueueStep } from './steps'
import { TestStep } from './TestStep'
import styles from './start.module.css'

const KEY = 'centrala.start'
const NOTHING: Declared[] = []

/** In the words of the language that is read now; the firm's prompts can be changed before they are saved. */
function useFirmWords(): Words {
	const { t } = useTranslation('start')
	return useMemo(
		() => ({
			welcome: t('words.welcome'),
			closed: t('words.closed'),
			busy: t('words.busy'),
			queue: t('words.queue'),
			reasons: { break: t('words.break'), lunch: t('words.lunch'), training: t('words.training') },
			outcomes: { solved: t('words.solved'), call_back: t('words.call_back'), wrong_number: t('words.wrong_number') },
		}),
		[t],
	)
}

function useWizardDraft(words: Words): [Draft, (change: Partial<Draft>) => void] {
	const { i18n } = useTranslation()
	const user = useUser()
	const [draft, setDraft] = useState<Draft>(() => {
		const locale = (['pl', 'ru', 'en'] as const).find((l) => l === i18n.language) ?? 'en'
		const fresh = emptyDraft(locale, Intl.DateTimeFormat().resolvedOptions().timeZone || 'Europe/Warsaw', words)
		const me = user.name && user.name !== 'Administrator' ? user.name : ''
		let kept: Partial<Draft> | null = null
		try {
			kept = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
		} catch {
			// begun anew
		}
		return { ...fresh, people: [{ name: me, id: idOf(me.split(' ')[0] ?? ''), password: '', supervises: true }], ...kept }
	})
	const change = (part: Partial<Draft>) =>
		setDraft((was) => {
			const next = { ...was, ...part }
			// passwords stay in memory alone
			const kept = { ...next, line: { ...next.line, password: '' }, people: next.people.map((p) => ({ ...p, password: '' })) }
			sessionStorage.setItem(KEY, JSON.stringify(kept))
			return next
		})
	return [draft, change]
}

/** What is declared already in that firm; nothing in one that is not there yet. */
function useDeclared(firm: string): { declared: Declared[]; looking: boolean; again(): Promise<Declared[]> } {
	const { tenant, permissions } = useUser()
	const queries = useQueryClient()
	const on = permissions.includes('export:read') && firm !== ''
	const ask = {
		queryKey: ['start', 'declared', firm],
		queryFn: async ({ signal }: { signal?: AbortSignal }) => {
			if (tenant !== firm && !(await everyPage<Schema['Tenant']>('/api/v1/tenants', signal)).some((f) => f.id === firm)) return []
			return (await get<{ objects: Declared[] }>(`/api/v1/export${query({ tenant: firm })}`, { signal })).objects
		},
	}
	const { data, isLoading } = useQuery({ ...ask, enabled: on })
	return { declared: data ?? NOTHING, looking: on && isLoading, again: () => queries.fetchQuery({ ...ask, staleTime: 0 }) }
}

export default function Wizard() {
	const { t } = useTranslation('start')
	const { t: words } = useTranslation()
	const user = useUser()
	const firmWords = useFirmWords()
	const [draft, change] = useWizardDraft(firmWords)
	const [at, go] = useLocation()
	const [tried, setTried] = useState(false)
	const [mistakes, setMistakes] = useState<{ step: Step; text: string }[]>([])
	const [busy, setBusy] = useState(false)
	const title = useRef<HTMLHeadingElement>(null)
	const asked = at.split('/')[2] as Step
	const step: Step = STEPS.includes(asked) ? asked : 'firm'
	const n = STEPS.indexOf(step)
	const { declared, looking, again } = useDeclared(draft.firm.id)
	const existing = useMemo(() => new Set(declared.flatMap((o) => (o.kind === 'user' ? [o.id] : []))), [declared])
	const hasLine = useMemo(() => merge(siteOf(draft, firmWords).objects, declared).lineStays, [draft, firmWords, declared])
	const [shownChanges, setShownChanges] = useState<Change[]>([])
	const faults = faultsOf(draft, step, existing)
	const shown = tried ? faults : {}
	const faultText = (key: string) => (shown[key] ? t(`fault.${shown[key]}` as 'fault.needed') : undefined)

	useEffect(() => {
		setTried(false)
		setShownChanges([])
		title.current?.focus()
	}, [step])

	async function next() {
		setTried(true)
		if (Object.keys(faults).length) return
		if (step !== 'people') return go(`/start/${STEPS[n + 1]}`)
		const missing = STEPS.find((s) => Object.keys(faultsOf(draft, s, existing)).length)
		if (missing) return go(`/start/${missing}`)
		setBusy(true)
		setMistakes([])
		let objects: Declared[] = []
		try {
			const merged = merge(siteOf(draft, firmWords).objects, await again())
			objects = merged.objects
			setShownChanges(merged.changes)
			// what changes for somebody is read first; what changed since it was read is read again
			if (merged.changes.length === 0 || JSON.stringify(merged.changes) === JSON.stringify(shownChanges)) {
				await post('/api/v1/apply', { objects }, { quiet: true })
				change({ line: { ...draft.line, id: merged.line } })
				setShownChanges([])
				void again()
				go('/start/test')
			}
		} catch (error) {
			const p = error instanceof Problem ? error : new Problem(0, 'unreachable', '')
			const found = p.errors.map((e) => ({ step: stepOfMistake(e.path, objects), text: e.message }))
			setMistakes(found.length ? found : [{ step, text: problemText(p, words) }])
			if (found[0]) go(`/start/${found[0].step}`)
		}
		setBusy(false)
	}

	if (!user.permissions.includes('apply:create')) return <main className={styles.page}><p className={styles.lead}>{t('not_for_you')}</p></main>
	const props = { draft, change, fault: faultText }
	const here = mistakes.filter((m) => m.step === step)
	return (
		<main className={styles.page}>
			<nav className={styles.steps} aria-label={t('title')}>
				<h1>{t('title')}</h1>
				<ol>
					{STEPS.map((s, k) => (
						<li key={s} data-here={s === step || undefined} data-done={k < n || undefined}>
							<button type="button" disabled={k > n} onClick={() => go(`/start/${s}`)} aria-current={s === step ? 'step' : undefined}>
								<span aria-hidden="true">{k < n ? <Icon name="check" size={14} /> : k + 1}</span>
								{t(`step.${s}`)}
							</button>
						</li>
					))}
				</ol>
			</nav>
			<form
				className={styles.body}
				onSubmit={(e) => {
					e.preventDefault()
					void next()
				}}
			>
				<h2 ref={title} tabIndex={-1}>
					{t(`step.${step}`)}
				</h2>
				<p className={styles.lead}>{t(`lead.${step}`)}</p>
				{here.length > 0 && (
					<Alert color="red" icon={<Icon name="warning" />} role="alert" mb={16}>
						{here.map((m) => m.text).join(' · ')}
					</Alert>
				)}
				{step === 'firm' && <FirmStep {...props} />}
				{step === 'line' && <LineStep {...props} exists={hasLine} />}
				{step === 'hours' && <HoursStep {...props} />}
				{step === 'greeting' && <GreetingStep {...props} />}
				{step === 'queue' && <QueueStep {...props} />}
				{step === 'people' && <PeopleStep {...props} existing={existing} />}
				{shownChanges.length > 0 && <Changes changes={shownChanges} />}
				{step === 'test' && <TestStep draft={draft} done={() => sessionStorage.removeItem(KEY)} />}
				{step !== 'test' && (
					<div className={styles.actions}>
						{n > 0 && (
							<Button variant="default" onClick={() => go(`/start/${STEPS[n - 1]}`)}>
								{t('back')}
							</Button>
						)}
						<Button type="submit" loading={busy || (step === 'people' && looking)}>
							{t(shownChanges.length ? 'change.go' : step === 'people' ? 'set_up' : 'continue')}
						</Button>
					</div>
				)}
			</form>
		</main>
	)
}
