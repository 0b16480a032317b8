import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.layer.css' // a layer: our own styles win, whatever chunk comes first
import './app/theme.css'
import { MantineProvider, localStorageColorSchemeManager } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, StrictMode, Suspense, useMemo } from 'react'
import { createRoot } from 'react-dom/client'
import { useTranslation } from 'react-i18next'
import { Problem } from './api/http'
import { App } from './app/App'
import { page, startI18n } from './app/i18n'
import { SessionProvider } from './app/session'
import { themeOf } from './app/theme'

const queries = new QueryClient({
	defaultOptions: {
		queries: {
			staleTime: 15_000,
			refetchOnWindowFocus: false,
			// what the server refused stays refused; that it could not be reached may pass
			retry: (tries, error) => tries < 2 && error instanceof Problem && (error.status === 0 || error.status === 503),
		},
	},
})
const colours = localStorageColorSchemeManager({ key: 'centrala.colours' })

// a screen on a wall is nobody's desk: no session, and dark
const onWall = location.pathname.startsWith('/wall/')
const Wall = page('wall', () => import('./wall/Wall'))

function Themed({ children }: { children: ReactNode }) {
	const close = useTranslation().t('app.close')
	const theme = useMemo(() => themeOf(close), [close])
	return (
		<MantineProvider theme={theme} colorSchemeManager={colours} defaultColorScheme="auto" forceColorScheme={onWall ? 'dark' : undefined}>
			{children}
		</MantineProvider>
	)
}

function show(): void {
	createRoot(document.getElementById('root') as HTMLElement).render(
		<StrictMode>
			<Themed>
				{onWall ? (
					<Suspense>
						<Wall />
					</Suspense>
				) : (
					<QueryClientProvider client={queries}>
						<SessionProvider>
							<App />
						</SessionProvider>
					</QueryClientProvider>
				)}
			</Themed>
		</StrictMode>,
	)
}

// no await at the top: with one, rollup keeps apart what is loaded at first from what pages need of it, 20 kB more
void startI18n().then(show)
