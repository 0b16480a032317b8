/* Shell.tsx - what is around every page: the bar at the top, and what is said when the link is lost. */
import { Menu, UnstyledButton } from '@mantine/core'
import { type ReactNode, Suspense, lazy, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { Icon } from '../parts/Icon'
import { Logo } from '../parts/Logo'
import { PhoneBar } from '../phone/PhoneBar'
import { PhoneButton } from '../phone/PhoneButton'
import { LinkBar, WatchBar } from './LinkBar'
import { QueueStrip } from './QueueStrip'
import { SettingsKeeper } from './SettingsKeeper'
import { StateButton } from './StateButton'
import { UserMenu } from './UserMenu'
import { listenToKeys, useAction } from './actions'
import { page } from './i18n'
import { Notices } from './notices'
import { ROUTES } from './routes'
import { useUser } from './session'
import styles from './Shell.module.css'

const Bell = page('bell', () => import('./Bell'))
const DemoBar = page('demo', () => import('../demo/DemoBar'))
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
	const pages = ROUTES.flatMap(({ path, nav }) => (nav?.for(user) ? [{ nav, href: path.replace(/\/\*\??$/, '') }] : []))
	const here = (href: string) => (href === '/' ? at === '/' : at.startsWith(href))
	const close = () => setOpen(null)

	return (
		<div className={styles.shell}>
			<header className={styles.top} data-pages={pages.length > 3 ? 'many' : pages.length > 1 ? 'few' : 'one'}>
				<Link href="/" className={styles.logo} aria-label={t('nav.desk')}>
					<Logo size={26} />
				</Link>
				<StateButton />
				<QueueStrip />
				<div className={styles.space} />
				<nav className={styles.nav} aria-label={t('nav.pages')}>
					{pages.map(({ href, nav }) => (
						<Link
							key={href}
							href={href}
							className={styles.page}
							aria-label={t(`nav.${nav.name}`)}
							data-here={here(href) || undefined}
							aria-current={here(href) ? 'page' : undefined}
						>
							<Icon name={nav.icon} />
							<span>{t(`nav.${nav.name}`)}</span>
						</Link>
					))}
				</nav>
				{pages.length > 1 && <PagesMenu pages={pages} here={here} go={go} />}
				<UnstyledButton className={styles.search} onClick={() => setOpen('palette')}>
					<b className="unseen">{t('palette.open')}</b>
					<Icon name="search" size={16} />
					<span aria-hidden="true">{t('palette.open')}</span>
					<kbd aria-hidden="true">{t('palette.key')}</kbd>
				</UnstyledButton>
				<Suspense>
					<Bell />
				</Suspense>
				<PhoneButton />
				<UserMenu onKeys={() => setOpen('keys')} />
			</header>
			<LinkBar />
			<PhoneBar />
			<WatchBar />
			{user.demo === true && (
				<Suspense>
					<DemoBar />
				</Suspense>
			)}
			<div className={styles.page_body}>{children}</div>
			<SettingsKeeper />
			<Notices />
			<Suspense>
				{open === 'palette' && <Palette onClose={close} go={go} />}
				{open === 'keys' && <KeySheet onClose={close} />}
			</Suspense>
		</div>
	)
}

type Page = { href: string; nav: NonNullable<(typeof ROUTES)[number]['nav']> }

/** The same pages where the bar has no room for all of them: a menu under the icon of the one that is shown. */
function PagesMenu({ pages, here, go }: { pages: Page[]; here(href: string): boolean; go(to: string): void }) {
	const { t } = useTranslation()
	const now = pages.find((p) => here(p.href))
	return (
		<Menu position="bottom-end" width={240}>
			<Menu.Target>
				<UnstyledButton className={styles.pages}>
					<b className="unseen">{t('nav.pages')}</b>
					<Icon name={now?.nav.icon ?? 'desk'} />
					<Icon name="chevron" size={14} />
				</UnstyledButton>
			</Menu.Target>
			<Menu.Dropdown>
				{pages.map(({ href, nav }) => (
					<Menu.Item key={href} leftSection={<Icon name={nav.icon} />} aria-current={here(href) ? 'page' : undefined} data-here={here(href) || undefined} className={styles.pagesItem} onClick={() => go(href)}>
						{t(`nav.${nav.name}`)}
					</Menu.Item>
				))}
			</Menu.Dropdown>
		</Menu>
	)
}
