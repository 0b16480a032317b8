/*
 * DemoBar.tsx - what only the demo has, on every page: a customer who calls me now, more callers, a storm; and the
 * card that leads through the first five minutes.
 */
import { Button, SegmentedControl } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { Problem, get, post } from '../api/http'
import { useSend } from '../app/send'
import { useChoose, useMyself } from '../app/StateButton'
import { useUser } from '../app/session'
import { isWorking } from '../app/state'
import { INVENTED } from '../phone/microphone'
import { PhoneRefused, phone, usePhone } from '../phone/phone'
import { Checklist } from './Checklist'
import { done, useSteps } from './steps'
import styles from './demo.module.css'

interface DemoState {
	speed: number
	storm_ms: number
	calls: number
}
/** The main line of the demo's firm. */
const LINE = '+48221000000'
const WHY = ['not_ready', 'busy', 'no_phone', 'no_line', 'unknown'] as const

export default function DemoBar() {
	const { t, i18n } = useTranslation('demo')
	const user = useUser()
	const me = useMyself()
	const queries = useQueryClient()
	const [said, setSaid] = useState('')
	const [lang, setLang] = useState('pl')
	const { shown } = useSteps()
	const { send } = useSend()
	const choose = useChoose(send)
	const [, go] = useLocation()
	const { state, why } = usePhone()
	const mute = state === 'blocked' && (why === 'missing' || why === 'denied' || why === 'busy')
	const works = user.permissions.includes('demo:ring')
	const { data } = useQuery({
		queryKey: ['demo'],
		queryFn: () => get<DemoState>('/api/v1/demo', { quiet: true }),
		refetchInterval: 5_000,
	})
	async function ask(path: string, body: unknown, good: string) {
		try {
			await post(path, body, { quiet: true })
			setSaid(good)
			void queries.invalidateQueries({ queryKey: ['demo'] })
			return true
		} catch (error) {
			const p = error instanceof Problem ? error : null
			const why = WHY.find((w) => w === p?.extra.why)
			setSaid(why ? t(`why.${why}`) : p?.detail || t('why.other'))
			return false
		}
	}
	async function ring() {
		if (!(await ask('/api/v1/demo/ring', { lang }, t('bar.rings')))) return
		done('ring')
		if (document.activeElement instanceof HTMLElement) document.activeElement.blur() // Enter accepts what rings
	}
	/** My telephone calls the firm, so that I hear what its customers hear. */
	async function hear() {
		try {
			if (me?.phone?.kind === 'browser') await phone.prepare()
			if (!(await send('call', { to: LINE }))) return
			done('hear')
			go('/')
		} catch (error) {
			if (!(error instanceof PhoneRefused)) throw error
			setSaid(t('why.no_phone'))
		}
	}
	/** Two notes speak for who has no microphone, and what an agent had pressed goes on: he gets ready. */
	async function playInstead() {
		setSaid('')
		await phone.choose('microphone', INVENTED)
		if (user.roles.includes('agent')) await choose('ready')
		else await phone.prepare().catch(() => {})
		setSaid(t('bar.notes'))
	}
	const storm = (data?.storm_ms ?? 0) > 0
	const languages = ['pl', 'en', 'ru'].map((value) => ({ value, label: value.toUpperCase() }))
	return (
		<section className={styles.bar} aria-label={t('bar.name')}>
			<b>{t('bar.name')}</b>
			{works && user.roles.includes('agent') && me && (
				<>
					<Button size="compact-xs" onClick={() => void ring()}>
						{t('bar.ring')}
					</Button>
					<SegmentedControl size="xs" aria-label={t('bar.speaks')} data={languages} value={lang} onChange={setLang} />
				</>
			)}
			{works && me?.phone && (
				<Button size="compact-xs" variant="default" disabled={isWorking(me)} onClick={() => void hear()}>
					{t('bar.hear')}
				</Button>
			)}
			{mute && (
				<Button size="compact-xs" variant="default" onClick={() => void playInstead()}>
					{t('bar.no_microphone')}
				</Button>
			)}
			<span className={styles.said} role="status">
				{said}
			</span>
			<span className={styles.space} />
			{works && data && (
				<>
					<span className={styles.calls}>{t('bar.calls', { count: data.calls, n: new Intl.NumberFormat(i18n.language).format(data.calls) })}</span>
					<Button
						size="compact-xs"
						variant={data.speed > 1 ? 'filled' : 'default'}
						aria-pressed={data.speed > 1}
						onClick={() => void ask('/api/v1/demo/speed', { factor: data.speed > 1 ? 1 : 10 }, '')}
					>
						{t('bar.speed')}
					</Button>
					<Button
						size="compact-xs"
						variant={storm ? 'filled' : 'default'}
						aria-pressed={storm}
						onClick={() => {
							done('storm')
							void ask('/api/v1/demo/storm', { on: !storm }, '')
						}}
					>
						{t('bar.storm')}
					</Button>
				</>
			)}
			{!shown && (
				<Button size="compact-xs" variant="subtle" onClick={() => done('', true)}>
					{t('list.title')}
				</Button>
			)}
			{shown && <Checklist />}
		</section>
	)
}
