/*
 * CallMe.tsx - a number, a person or a queue is tried by a real call: my own telephone rings, then it is called. Whoever
 * tries a number is its caller and hears what callers hear; keys are pressed on the desk.
 */
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { tell } from '../../app/notices'
import { problemText, useSend } from '../../app/send'
import { useMyself } from '../../app/StateButton'
import { useUser } from '../../app/session'
import { isWorking } from '../../app/state'
import { Icon } from '../../parts/Icon'
import { numberText } from '../../parts/number'
import { RingMe } from '../../phone/RingMe'
import { phone } from '../../phone/phone'
import { ApiCall } from '../parts'
import { tenantPath } from '../../api/http'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'

/** `to` of a queue: the numbers by which callers come to it. */
export default function CallMe({ to, is }: { to: string | string[]; is: 'number' | 'person' | 'queue' }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { tenant } = useWhose()
	const user = useUser()
	const me = useMyself()
	const { send, busy } = useSend()
	const [begun, setBegun] = useState(false)
	const has = user.tenant === tenant && !!me?.phone
	const working = !!me && isWorking(me)

	const ways = typeof to === 'string' ? [to] : to

	async function call(to: string) {
		try {
			if (me?.phone?.kind === 'browser') await phone.prepare()
			setBegun(await send('call', { to }))
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
	}
	if (is === 'person' && user.tenant === tenant && user.id === to) return <><p>{t('call_me.yourself')}</p><OwnDesk tenant={tenant} /></>
	return (
		<>
			<p>{t(`call_me.${is}`)}</p>
			{!has && <p role="note">{t('call_me.no_phone')}</p>}
			<div className={styles.row}>
				{ways.map((way) => (
					<Button key={way} disabled={!has || working} loading={busy === 'call'} leftSection={<Icon name="phone" size={16} />} onClick={() => void call(way)}>
						{is === 'person' ? t('call_me.ring') : ways.length > 1 ? t('call_me.call_by', { number: numberText(way) }) : t('call_me.call')}
					</Button>
				))}
				<ApiCall calls={ways.map((way) => ({ method: 'POST', path: tenantPath(tenant, 'calls'), body: { to: way } }))} />
			</div>
			{(begun || working) && has && (
				<p role="status">
					{t(working ? 'call_me.rings' : 'call_me.begun')} <Link href="/">{t('call_me.desk')}</Link>
				</p>
			)}
			{has && (
				<>
					<h2 className={styles.groupName}>{t('call_me.own_desk')}</h2>
					<OwnDesk tenant={tenant} />
				</>
			)}
		</>
	)
}

function OwnDesk({ tenant }: { tenant: string }) {
	return (
		<div className={styles.row}>
			<RingMe />
			<ApiCall calls={[{ method: 'POST', path: tenantPath(tenant, 'calls'), body: { test: true } }]} />
		</div>
	)
}
