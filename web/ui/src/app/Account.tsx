/*
 * Account.tsx - what guards my sign-in: my second factor, my password, where I am signed in. Where the firm demands a second factor of me,
 * nothing else is there until I have one (App.tsx). Secret and recovery codes are told once, here.
 */
import { Alert, Button, Code, Group, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask, post, renewSession } from '../api/http'
import { Icon } from '../parts/Icon'
import styles from './Account.module.css'
import { tell } from './notices'
import { Sessions } from './Sessions'
import { problemText } from './send'
import { useSession, useUser } from './session'

function factorOf(user: Record<string, unknown>): { on: boolean; required: boolean } {
	const totp = (user.totp ?? {}) as Record<string, unknown>
	return { on: totp.on === true, required: totp.required === true }
}

export default function Account() {
	const { t } = useTranslation()
	const user = useUser()
	const { signOut } = useSession()
	const { on, required } = factorOf(user)
	const must = required && !on
	return (
		<main className={styles.page}>
			<Title order={1} className={styles.title}>
				{t('account.title')}
			</Title>
			{must && (
				<Alert color="yellow" icon={<Icon name="lock" />}>
					{t('account.must')}
				</Alert>
			)}
			<SecondFactor on={on} required={required} />
			{must ? (
				<Button variant="subtle" onClick={() => void signOut()}>
					{t('user.sign_out')}
				</Button>
			) : (
				<>
					<Password />
					<Sessions />
				</>
			)}
		</main>
	)
}

function SecondFactor({ on, required }: { on: boolean; required: boolean }) {
	const { t } = useTranslation()
	const { look } = useSession()
	const [password, setPassword] = useState('')
	const [code, setCode] = useState('')
	const [secret, setSecret] = useState<{ secret: string; uri: string } | null>(null)
	const [recovery, setRecovery] = useState<string[] | null>(null)
	const [fault, setFault] = useState('')
	const [busy, setBusy] = useState(false)

	const step = (what: () => Promise<void>) => async (e: FormEvent) => {
		e.preventDefault()
		setBusy(true)
		setFault('')
		try {
			await what()
		} catch (error) {
			setFault(problemText(error, t))
		} finally {
			setBusy(false)
		}
	}
	const begin = step(async () => {
		setSecret(await post<{ secret: string; uri: string }>('/api/v1/me/totp', { password }, { quiet: true }))
		setPassword('')
	})
	const confirm = step(async () => {
		const body = { code: code.replace(/\s/g, '') }
		const told = await post<{ recovery_codes: string[] }>('/api/v1/me/totp/confirm', body, { quiet: true })
		setRecovery(told.recovery_codes)
		setSecret(null)
	})
	const remove = step(async () => {
		await ask('DELETE', '/api/v1/me/totp', { password }, { quiet: true })
		setPassword('')
		await look()
	})
	const proof = (
		<PasswordInput
			label={t('account.password')}
			autoComplete="current-password"
			required
			withAsterisk={false}
			value={password}
			error={fault}
			visibilityToggleButtonProps={{ 'aria-label': t('signin.show_password') }}
			onChange={(e) => setPassword(e.currentTarget.value)}
		/>
	)
	return (
		<section className={styles.card} aria-label={t('account.factor')}>
			<h2 className={styles.head}>{t('account.factor')}</h2>
			{recovery ? (
				<Stack gap={12}>
					<Text size="sm">{t('account.recovery')}</Text>
					<Code block>{recovery.join('\n')}</Code>
					<Button onClick={() => void look()}>{t('account.kept')}</Button>
				</Stack>
			) : secret ? (
				<form onSubmit={confirm}>
					<Stack gap={12}>
						<Text size="sm">{t('account.scan')}</Text>
						<Code block className={styles.secret}>
							{secret.secret.replace(/(.{4})/g, '$1 ').trim()}
						</Code>
						<a href={secret.uri} className={styles.link}>
							{t('account.open_app')}
						</a>
						<TextInput
							label={t('signin.code')}
							autoFocus
							autoComplete="one-time-code"
							inputMode="numeric"
							required
							withAsterisk={false}
							value={code}
							error={fault}
							onChange={(e) => setCode(e.currentTarget.value)}
						/>
						<Button type="submit" loading={busy}>
							{t('account.confirm')}
						</Button>
					</Stack>
				</form>
			) : (
				<form onSubmit={on ? remove : begin}>
					<Stack gap={12}>
						<Text size="sm">{t(on ? 'account.on' : 'account.off')}</Text>
						{!(on && required) && (
							<>
								{proof}
								<Group>
									<Button type="submit" loading={busy} variant={on ? 'default' : 'filled'}>
										{t(on ? 'account.remove' : 'account.begin')}
									</Button>
								</Group>
							</>
						)}
					</Stack>
				</form>
			)}
		</section>
	)
}

function Password() {
	const { t } = useTranslation()
	const [old, setOld] = useState('')
	const [fresh, setFresh] = useState('')
	const [fault, setFault] = useState('')
	const [busy, setBusy] = useState(false)
	async function change(e: FormEvent) {
		e.preventDefault()
		setBusy(true)
		setFault('')
		try {
			await renewSession(() => post('/api/v1/me/password', { old, new: fresh }, { quiet: true }))
			setOld('')
			setFresh('')
			tell('good', t('account.changed'))
		} catch (error) {
			setFault(problemText(error, t))
		} finally {
			setBusy(false)
		}
	}
	const show = { 'aria-label': t('signin.show_password') }
	return (
		<section className={styles.card} aria-label={t('account.change')}>
			<h2 className={styles.head}>{t('account.change')}</h2>
			<form onSubmit={change}>
				<Stack gap={12}>
					<PasswordInput label={t('account.password')} autoComplete="current-password" required withAsterisk={false} value={old}
						error={fault} visibilityToggleButtonProps={show} onChange={(e) => setOld(e.currentTarget.value)} />
					<PasswordInput label={t('account.new_password')} autoComplete="new-password" required withAsterisk={false} value={fresh}
						visibilityToggleButtonProps={show} onChange={(e) => setFresh(e.currentTarget.value)} />
					<Group>
						<Button type="submit" loading={busy} variant="default">
							{t('account.change')}
						</Button>
					</Group>
				</Stack>
			</form>
		</section>
	)
}
