/* Shell.tsx - what is around every page: the bar at the top, and what is said when the link is lost. */
import { UnstyledButton } from '@mantine/core'
import { type ReactNode, Suspense, lazy, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { Icon } from '../parts/Icon'
import { Logo } from '../parts/Logo'
import { PhoneBar } from '../phone/PhoneBar'
import { PhoneButton } from '../phone/PhoneButton'
import { LinkBar } from './LinkBar'
import { QueueStrip } from './QueueStrip'
import { StateButton } from './StateButton'
import { UserMenu } from './UserMenu'
import { listenToKeys, useAction } from './actions'
import { Notices } from './notices'
import { ROUTES } from './routes'
import { useUser } from './session'
import styles from './Shell.module.css'

const Palette = lazy(() => import('./Palette'))
const KeySheet = lazy(() => import('./KeySheet'))

export function Shell({ children }: { children: ReactNode }) {
	const { t } = useTranslation()
	const user = useUser()
	const [at, go] = useLocation()
	const [open, setOpen] = useState<'palette' | 'keys' | null>(null)
	useEffect(listenToKeys, [])
	useAction('palette', { key: 'search', run: () => setOpen('palette') })
	useAction('help', { label: t('keys.title'), icon: 'keyboard', key: 'help', run: () => setOpen('keys') })
	const pages = ROUTES.filter((r) => r.nav?.for(user))
	const here = (path: string) => (path === '/' ? at === '/' : at.startsWith(path.replace(/\/\*\??$/, '')))
	const close = () => setOpen(null)

	return (
		<div className={styles.shell}>
			<header className={styles.top}>
				<Link href="/" className={styles.logo} aria-label={t('nav.desk')}>
					<Logo size={26} />
				</Link>
				<StateButton />
				<QueueStrip />
				<div className={styles.space} />
				<nav className={styles.nav} aria-label={t('nav.pages')}>
					{pages.map(({ path, nav }) => {
						const href = path.replace(/\/\*\??$/, '')
						return nav ? (
							<Link
								key={path}
								href={href}
								className={styles.page}
								aria-label={t(`nav.${nav.name}`)}
								data-here={here(path) || undefined}
								aria-current={here(path) ? 'page' : undefined}
							>
								<Icon name={nav.icon} />
								<span>{t(`nav.${nav.name}`)}</span>
							</Link>
						) : null
					})}
				</nav>
				<UnstyledButton className={styles.search} onClick={() => setOpen('palette')}>
					<b className="unseen">{t('palette.open')}</b>
					<Icon name="search" size={16} />
					<span aria-hidden="true">{t('palette.open')}</span>
					<kbd aria-hidden="true">{t('palette.key')}</kbd>
				</UnstyledButton>
				<PhoneButton />
				<UserMenu onKeys={() => setOpen('keys')} />
			</header>
			<LinkBar />
			<PhoneBar />
			<div className={styles.page_body}>{children}</div>
			<Notices />
			<Suspense>
				{open === 'palette' && <Palette onClose={close} go={go} />}
				{open === 'keys' && <KeySheet onClose={close} />}
			</Suspense>
		</div>
	)
}
