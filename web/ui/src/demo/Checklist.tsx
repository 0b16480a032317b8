/*
 * Checklist.tsx - the strip of a newcomer's steps (steps.ts) below the demo's bar, where it covers nothing; the step
 * that comes next says what to do.
 */
import { Checkbox, CloseButton, CopyButton, UnstyledButton } from '@mantine/core'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useMyself } from '../app/StateButton'
import { useUser } from '../app/session'
import { live } from '../live/store'
import { usePhone } from '../phone/phone'
import { STEPS, type Step, done, undone, useSteps } from './steps'
import styles from './demo.module.css'

/** What the live state and the page say of the steps. */
function useTicks() {
	const me = useMyself()
	const [at] = useLocation()
	const { tested } = usePhone()
	useEffect(() => {
		if (tested) done('test')
	}, [tested])
	useEffect(() => {
		if (me?.presence === 'ready') done('ready')
		if (me?.work === 'talking') done('answer')
	}, [me])
	useEffect(() => {
		if (at.startsWith('/board')) done('board')
		if (at.startsWith('/reports')) done('report')
	}, [at])
	useEffect(
		() =>
			live.onFact((fact, after) => {
				const f = fact as unknown as Record<string, unknown>
				const mine = f.agent === after.me.user
				if (f.event === 'wrap_end' && mine) done('wrap')
				if (f.event === 'monitor_start' && mine) done('listen')
				if (f.event === 'object_changed' && f.kind === 'draft') done('greeting')
				if (f.event === 'object_changed' && f.op === 'published') done('publish')
			}),
		[],
	)
}

export function Checklist() {
	const { t } = useTranslation('demo')
	const user = useUser()
	const { done: ticked } = useSteps()
	useTicks()
	const role = user.roles.includes('admin') ? 'admin' : user.roles.includes('supervisor') ? 'supervisor' : 'agent'
	const steps: readonly Step[] = STEPS[role]
	const now = steps.find((s) => !ticked.includes(s))
	const command = [
		`TOKEN=$(curl -s ${here()}/api/v1/login -H 'Content-Type: application/json' -d '{"tenant":"demo","user":"ada","password":"demo-ada"}' | sed 's/.*"token":"\\([^"]*\\).*/\\1/')`,
		`curl -s -H "Authorization: Bearer $TOKEN" '${here()}/api/v1/tenants/demo/contacts?limit=3'`,
	].join('\n')
	return (
		<aside className={styles.card} aria-label={t('list.title')}>
			<h2>
				{now ? t('list.title') : t('list.all')}{' '}
				<span className="num">
					{steps.filter((s) => ticked.includes(s)).length} / {steps.length}
				</span>
			</h2>
			<ol className={styles.steps}>
				{steps.map((step) => (
					<li key={step} data-now={step === now || undefined} aria-current={step === now ? 'step' : undefined}>
						<Checkbox
							size="xs"
							checked={ticked.includes(step)}
							label={t(`step.${step}.name`)}
							onChange={(e) => (e.currentTarget.checked ? done(step) : undone(step))}
						/>
						{step === now && <span className={styles.hint}>{t(`step.${step}.text`)}</span>}
						{step === now && step === 'curl' && (
							<CopyButton value={command}>
								{({ copied, copy }) => (
									<UnstyledButton
										onClick={() => {
											copy()
											done('curl')
										}}
									>
										<code title={command}>{copied ? t('list.copied') : command}</code>
									</UnstyledButton>
								)}
							</CopyButton>
						)}
					</li>
				))}
			</ol>
			<CloseButton size="sm" aria-label={t('list.close')} onClick={() => done('', false)} />
		</aside>
	)
}

/** The server by a name that every program knows, not only browsers. */
function here(): string {
	return location.origin.replace(/\/\/[a-z]+\.localhost/, '//localhost')
}
