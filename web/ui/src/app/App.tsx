/*
 * App.tsx - who is nobody signs in; who is somebody has the shell with its pages. Pages are loaded when they are
 * first opened; a page is one line in ROUTES.
 */
import { Button, Center, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Suspense, lazy, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Route, Switch, useLocation } from 'wouter'
import { get } from '../api/http'
import { live } from '../live/store'
import { PhoneHost } from '../phone/PhoneHost'
import { page } from './i18n'
import { ROUTES } from './routes'
import { Shell } from './Shell'
import { SignIn } from './SignIn'
import { useSession, useUser } from './session'

const Doors = page('demo', () => import('../demo/Doors'))
const FirstRun = page('start', () => import('../start/FirstRun'))
const Account = lazy(() => import('./Account'))

export function App() {
	const { state, look } = useSession()
	const { t } = useTranslation()
	const [at] = useLocation()
	if (state.is === 'looking') return <Wait />
	if (/^\/demo(\/|$)/.test(at)) // whoever is signed in: the demo's doors (elsewhere they open nothing)
		return (
			<Suspense fallback={<Wait />}>
				<Doors />
			</Suspense>
		)
	if (state.is === 'unreachable')
		return (
			<Center h="100%" style={{ flexDirection: 'column', gap: 12 }} role="alert">
				<div>{t('app.unreachable')}</div>
				<Button onClick={() => void look()}>{t('app.retry')}</Button>
			</Center>
		)
	if (state.is === 'out') return <Door ended={state.why === 'ended'} />
	// nothing but his second factor is allowed until he has one
	const totp = (state.user.totp ?? {}) as { on?: boolean; required?: boolean }
	if (totp.required && !totp.on)
		return (
			<Suspense fallback={<Wait />}>
				<Account />
			</Suspense>
		)
	return <SignedIn />
}

/** Who is nobody signs in; where nobody was ever declared, the first administrator is made. */
function Door({ ended }: { ended: boolean }) {
	const { data, isPending } = useQuery({
		queryKey: ['setup'],
		retry: false,
		queryFn: () => get<{ needed: boolean; token_needed?: boolean }>('/api/v1/setup', { quiet: true }),
	})
	if (isPending && !ended) return <Wait />
	if (!data?.needed) return <SignIn ended={ended} />
	return (
		<Suspense fallback={<Wait />}>
			<FirstRun tokenNeeded={data.token_needed === true} />
		</Suspense>
	)
}

function Wait() {
	const { t } = useTranslation()
	return (
		<Center h="100%" role="status" aria-label={t('app.loading')}>
			<Loader size="sm" type="dots" />
		</Center>
	)
}

function SignedIn() {
	const user = useUser()
	const { t } = useTranslation()
	useEffect(() => live.start(), [user.tenant, user.id])
	return (
		<Shell>
			<PhoneHost />
			<Suspense fallback={<Wait />}>
				<Switch>
					{ROUTES.map(({ path, Page }) => (
						<Route key={path} path={path}>
							<Page />
						</Route>
					))}
					<Route>
						<Center h="100%">{t('app.no_such_page')}</Center>
					</Route>
				</Switch>
			</Suspense>
		</Shell>
	)
}
