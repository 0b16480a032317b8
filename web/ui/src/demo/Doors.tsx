/*
 * Doors.tsx - the demo's landing page and the doors behind its links. A key stands behind the # of the link, where
 * no server log and no other site reads it; the landing page's is followed by a dot and the wallboard's own. People are kept apart in one browser by names of this machine
 * (agent.localhost …), since each name has its own cookie; where a browser does not know such names, `here` stays.
 */
import { Button, Loader } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { Problem, post } from '../api/http'
import { useSession } from '../app/session'
import { Icon, type IconName } from '../parts/Icon'
import { Logo } from '../parts/Logo'
import styles from './demo.module.css'

const DOORS = ['agent', 'super', 'admin'] as const
type Door = (typeof DOORS)[number]
/** Where each begins. */
const HOME: Record<Door, string> = { agent: '/', super: '/board', admin: '/admin' }
const ICONS: Record<Door | 'wall', IconName> = { agent: 'phone', super: 'chart', admin: 'settings', wall: 'desk' }
const isDoor = (x: string): x is Door => (DOORS as readonly string[]).includes(x)

const own = (door: Door) => {
	const host = location.hostname
	const known = host === 'localhost' || host.endsWith('.localhost')
	return known ? `${location.protocol}//${door}.localhost:${location.port}` : ''
}

export default function Doors() {
	const [at] = useLocation()
	const name = at.replace(/^\/demo\/?/, '')
	return isDoor(name) ? <Entry door={name} /> : <Landing />
}

function Landing() {
	const { t } = useTranslation('demo')
	const [key = '', wall = ''] = location.hash.slice(1).split('.')
	return (
		<main className={styles.page}>
			<div className={styles.head}>
				<Logo size={40} />
				<h1>{t('doors.title')}</h1>
				<p>{t('doors.sub')}</p>
			</div>
			{key ? (
				<ul className={styles.doors}>
					{DOORS.map((door) => (
						<Way key={door} door={door} to={`${own(door)}/demo/${door}#${key}`}>
							<a className={styles.small} href={`/demo/${door}?here#${key}`}>
								{t('doors.here')}
							</a>
						</Way>
					))}
					{wall && <Way door="wall" to={`/wall/${wall}`} />}
				</ul>
			) : (
				<>
					<div className={styles.told} role="status">
						<p>{t('doors.no_key')}</p>
					</div>
					<Button component="a" href="/">
						{t('doors.sign_in')}
					</Button>
				</>
			)}
			<p className={styles.also}>
				<a href="/api/docs?demo" target="_blank" rel="noreferrer">
					{t('door.api.name')}
				</a>{' '}
				{t('door.api.text')}
			</p>
			<p className={styles.small}>{t('doors.made_up')}</p>
		</main>
	)
}

/** The whole card opens a tab of its own; what stands below (children) is beside it. */
function Way({ door, to, children }: { door: Door | 'wall'; to: string; children?: ReactNode }) {
	const { t } = useTranslation('demo')
	return (
		<li className={styles.door} data-door={door}>
			<span className={styles.sign}>
				<Icon name={ICONS[door]} size={22} />
			</span>
			<a data-main href={to} target="_blank" rel="noreferrer">
				{t(`door.${door}.name`)}
			</a>
			<p>{t(`door.${door}.text`)}</p>
			{children}
		</li>
	)
}

function Entry({ door }: { door: Door }) {
	const { t } = useTranslation('demo')
	const { state, look } = useSession()
	const [, go] = useLocation()
	const [fault, setFault] = useState('')
	const begun = useRef(false)
	useEffect(() => {
		if (state.is === 'looking' || begun.current) return
		begun.current = true
		const [key = ''] = location.hash.slice(1).split('.')
		if (location.hostname === 'localhost' && !location.search.includes('here')) {
			location.replace(`${own(door)}/demo/${door}#${key}`)
			return
		}
		const enter = async () => {
			try {
				await post('/api/v1/demo/enter', { key, door }, { quiet: true })
				await look()
				go(HOME[door], { replace: true })
			} catch (error) {
				if (state.is === 'in') go(HOME[door], { replace: true }) // came in by it before
				else setFault(error instanceof Problem && error.status === 401 ? 'used' : 'other')
			}
		}
		void enter()
	}, [state, door, go, look])
	if (!fault) return <main className={styles.page}><Loader size="sm" type="dots" aria-label={t('doors.opening')} /></main>
	return (
		<main className={styles.page}>
			<div className={styles.told} role="alert">
				<h1>{t(`doors.${fault as 'used' | 'other'}`)}</h1>
				<p>{t('doors.again')}</p>
			</div>
			<Button component="a" href="/" variant="default">
				{t('doors.sign_in')}
			</Button>
		</main>
	)
}
