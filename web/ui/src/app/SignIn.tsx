/*
 * SignIn.tsx - firm, user, password, and a code where the account asks for one. Fields are what password managers
 * know; nothing forbids to paste (WCAG 3.3.8); firm and user are remembered, so that nobody is asked twice.
 */
import { Alert, Button, Group, Paper, PasswordInput, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/http'
import { Icon } from '../parts/Icon'
import { Logo } from '../parts/Logo'
import { LANGUAGES, type Language, setLanguage } from './i18n'
import { useSession } from './session'
import styles from './SignIn.module.css'

const KEY = 'centrala.last_user'
function remembered(): { tenant: string; user: string } {
	try {
		const { tenant = '', user = '' } = JSON.parse(localStorage.getItem(KEY) ?? '{}')
		return { tenant: String(tenant), user: String(user) }
	} catch {
		return { tenant: '', user: '' }
	}
}

type Fault = 'wrong' | 'wrong_code' | 'slow' | 'unreachable' | 'other'

/** The server asks for the second step: by its words, whatever status it uses for it. */
function asksForCode(p: Problem): boolean {
	return p.extra.totp === true || p.errors.some((e) => e.path === '$.code') || /\bcode\b/i.test(p.title)
}

export function SignIn({ ended }: { ended: boolean }) {
	const { t, i18n } = useTranslation()
	const { signIn } = useSession()
	const [who, setWho] = useState(remembered)
	const [password, setPassword] = useState('')
	const [code, setCode] = useState('')
	const [step, setStep] = useState<'password' | 'code'>('password')
	const [busy, setBusy] = useState(false)
	const [fault, setFault] = useState<{ is: Fault; seconds?: number; text?: string } | null>(null)
	const first = useRef<HTMLInputElement>(null)
	const passwordField = useRef<HTMLInputElement>(null)
	const codeField = useRef<HTMLInputElement>(null)

	useEffect(() => {
		document.title = `${t('signin.title')} · centrala`
		const known = remembered()
		;(known.tenant && known.user ? passwordField : first).current?.focus()
	}, [t])
	useEffect(() => {
		if (step === 'code') codeField.current?.focus()
	}, [step])

	async function submit(event: FormEvent) {
		event.preventDefault()
		setBusy(true)
		setFault(null)
		const tenant = who.tenant.trim()
		const user = who.user.trim()
		try {
			await signIn({ tenant, user, password, ...(step === 'code' && { code: code.replace(/\s/g, '') }) })
			localStorage.setItem(KEY, JSON.stringify({ tenant, user }))
		} catch (error) {
			const p = error instanceof Problem ? error : new Problem(0, '', '')
			if (asksForCode(p)) {
				if (step === 'code') setFault({ is: 'wrong_code' })
				setStep('code')
				setCode('')
			} else if (p.status === 401 || p.status === 403) setFault({ is: step === 'code' ? 'wrong_code' : 'wrong' })
			else if (p.status === 429) setFault({ is: 'slow', seconds: p.retryAfterS || 1 })
			else if (p.status === 0) setFault({ is: 'unreachable' })
			else setFault({ is: 'other', text: p.message })
			if (step === 'password') passwordField.current?.focus()
		} finally {
			setBusy(false)
		}
	}

	return (
		<main className={styles.page}>
			<Paper className={styles.card} component="form" onSubmit={submit} aria-labelledby="signin-title">
				<Group gap={12} mb={20}>
					<Logo size={36} />
					<div>
						<Title order={1} id="signin-title" className={styles.title}>
							{t('signin.title')}
						</Title>
						<Text className={styles.sub}>{t('signin.sub')}</Text>
					</div>
				</Group>
				<div role="alert" aria-live="assertive">
					{ended && !fault && step === 'password' && (
						<Alert color="yellow" icon={<Icon name="clock" />} mb={16} p="sm">
							{t('signin.ended')}
						</Alert>
					)}
					{fault && (
						<Alert color="red" icon={<Icon name="warning" />} mb={16} p="sm">
							{fault.is === 'slow'
								? t('signin.slow', { count: fault.seconds ?? 1 })
								: fault.is === 'other'
									? fault.text
									: t(`signin.${fault.is}`)}
						</Alert>
					)}
				</div>
				{step === 'password' ? (
					<Stack gap={14}>
						<TextInput
							ref={first}
							label={t('signin.firm')}
							name="organization"
							autoComplete="organization"
							autoCapitalize="none"
							spellCheck={false}
							required
							withAsterisk={false}
							size="md"
							value={who.tenant}
							onChange={(e) => setWho({ ...who, tenant: e.currentTarget.value })}
						/>
						<TextInput
							label={t('signin.user')}
							name="username"
							autoComplete="username"
							autoCapitalize="none"
							spellCheck={false}
							required
							withAsterisk={false}
							size="md"
							value={who.user}
							onChange={(e) => setWho({ ...who, user: e.currentTarget.value })}
						/>
						<PasswordInput
							ref={passwordField}
							label={t('signin.password')}
							name="password"
							autoComplete="current-password"
							required
							withAsterisk={false}
							size="md"
							value={password}
							visibilityToggleButtonProps={{ 'aria-label': t('signin.show_password') }}
							onChange={(e) => setPassword(e.currentTarget.value)}
						/>
						<Button type="submit" size="md" loading={busy} fullWidth mt={6}>
							{t('signin.sign_in')}
						</Button>
					</Stack>
				) : (
					<Stack gap={14}>
						<TextInput
							ref={codeField}
							label={t('signin.code')}
							description={t('signin.code_hint')}
							name="code"
							autoComplete="one-time-code"
							inputMode="numeric"
							required
							withAsterisk={false}
							size="md"
							value={code}
							classNames={{ input: styles.code }}
							onChange={(e) => setCode(e.currentTarget.value)}
						/>
						<Button type="submit" size="md" loading={busy} fullWidth mt={6}>
							{t('signin.go_on')}
						</Button>
						<Button variant="subtle" onClick={() => (setStep('password'), setFault(null))}>
							{t('signin.back')}
						</Button>
					</Stack>
				)}
			</Paper>
			<Select
				className={styles.language}
				aria-label={t('app.language')}
				leftSection={<Icon name="language" size={16} />}
				data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
				value={i18n.language}
				allowDeselect={false}
				variant="unstyled"
				onChange={(value) => value && void setLanguage(value as Language)}
			/>
		</main>
	)
}
