/* FirstRun.tsx - an installation that has just been started: its first administrator, and then the wizard. */
import { Alert, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { Problem, post } from '../api/http'
import { useSession } from '../app/session'
import { Icon } from '../parts/Icon'
import { Logo } from '../parts/Logo'
import { LanguageChoice } from './LanguageChoice'
import styles from './start.module.css'

export default function FirstRun({ tokenNeeded }: { tokenNeeded: boolean }) {
	const { t } = useTranslation('start')
	const { t: words } = useTranslation()
	const { look } = useSession()
	const [, go] = useLocation()
	const [name, setName] = useState('')
	const [password, setPassword] = useState('')
	const [token, setToken] = useState('')
	const [fault, setFault] = useState('')
	const [busy, setBusy] = useState(false)

	async function submit(e: FormEvent) {
		e.preventDefault()
		setBusy(true)
		setFault('')
		try {
			const body = { password, ...(name.trim() && { name: name.trim() }), ...(token && { token: token.trim() }) }
			await post('/api/v1/setup', body, { quiet: true })
			go('/start')
			await look()
		} catch (error) {
			const p = error instanceof Problem ? error : new Problem(0, '', '')
			setFault(p.status === 400 ? t('fault.password') : p.status === 403 ? t('fault.token') : p.message || words('app.unreachable'))
			setBusy(false)
		}
	}
	return (
		<main className={styles.door}>
			<Paper component="form" onSubmit={submit} className={styles.card} aria-labelledby="first-title">
				<Logo size={40} />
				<Title order={1} id="first-title" className={styles.title}>
					{t('first.title')}
				</Title>
				<Text className={styles.sub}>{t('first.sub')}</Text>
				{fault && (
					<Alert color="red" icon={<Icon name="warning" />} role="alert" my={12}>
						{fault}
					</Alert>
				)}
				<Stack gap={14} mt={16}>
					<TextInput label={t('first.name')} autoComplete="name" autoFocus value={name} onChange={(e) => setName(e.currentTarget.value)} />
					<TextInput label={t('first.user')} readOnly value="admin" description={t('first.user_hint')} />
					<PasswordInput
						label={t('first.password')}
						description={t('first.password_hint')}
						autoComplete="new-password"
						required
						withAsterisk={false}
						visibilityToggleButtonProps={{ 'aria-label': words('signin.show_password') }}
						value={password}
						onChange={(e) => setPassword(e.currentTarget.value)}
					/>
					{tokenNeeded && (
						<TextInput label={t('first.token')} description={t('first.token_hint')} required withAsterisk={false} value={token} onChange={(e) => setToken(e.currentTarget.value)} />
					)}
					<Button type="submit" size="md" loading={busy}>
						{t('first.go')}
					</Button>
				</Stack>
			</Paper>
			<LanguageChoice />
		</main>
	)
}
