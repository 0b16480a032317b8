/*
 * CustomerCard.tsx - a customer at a glance: name, where he belongs, tags, language, his time of day, what he wants
 * (not to be called, by whom to be served), his numbers.
 */
import { Badge, Tooltip, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useCallOut } from '../desk/callOut'
import { useLive } from '../live/store'
import { useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { initials } from '../parts/initials'
import { numberText } from '../parts/number'
import { languageName, localTime, mayNotBeCalled, roleLine } from './describe'
import styles from './customers.module.css'
import type { Customer } from './types'

export function Avatar({ customer, size = 40 }: { customer: Pick<Customer, 'name' | 'kind'>; size?: number }) {
	const letters = initials(customer.name)
	return (
		<span className={styles.avatar} style={{ width: size, height: size, fontSize: size * 0.38 }} aria-hidden="true">
			{letters || <Icon name={customer.kind === 'company' ? 'customers' : 'person'} size={size * 0.5} />}
		</span>
	)
}

export function CustomerCard({ customer, big = false }: { customer: Customer; big?: boolean }) {
	const { t, i18n } = useTranslation()
	const now = useNow(30_000)
	const preferred = customer.preferences?.agent
	const agent = useLive((s) => (preferred ? (s.world?.agents.get(preferred)?.name ?? preferred) : ''))
	const role = roleLine(customer)
	const time = localTime(customer.time_zone, now, i18n.language)
	const speaks = languageName(customer.language, i18n.language)
	const no = mayNotBeCalled(customer, now)
	return (
		<div className={styles.card}>
			<div className={styles.head}>
				<Avatar customer={customer} size={big ? 52 : 40} />
				<div className={styles.who}>
					{big ? (
						<h1 className={styles.bigName}>{customer.name}</h1>
					) : (
						<Link href={`/customers/${customer.id}`} className={styles.name} title={t('customers.open_record')}>
							{customer.name}
						</Link>
					)}
					<span className={styles.sub}>{role || t(`customers.kind_${customer.kind}`)}</span>
				</div>
			</div>
			{(customer.tags?.length ?? 0) > 0 && (
				<div className={styles.tags}>
					{customer.tags?.map((tag) => (
						<Badge key={tag} variant="light" color="gray" tt="none" className={styles.tag}>
							{tag}
						</Badge>
					))}
				</div>
			)}
			{no.map((d) => (
				<div key={d.reason} className={styles.warn}>
					<Icon name="warning" size={16} />
					<span>
						<b>{t('customers.do_not_call')}</b> {d.reason}
						{d.until ? ` (${t('customers.until', { when: d.until })})` : ''}
					</span>
				</div>
			))}
			<dl className={styles.glance}>
				{speaks && <Fact icon="language" label={t('customers.language')} value={speaks} />}
				{time && <Fact icon="clock" label={t('customers.local_time')} value={time} />}
				{agent && <Fact icon="star" label={t('customers.preferred_agent')} value={agent} />}
				{customer.preferences?.channel && (
					<Fact icon="link" label={t('customers.preferred_channel')} value={customer.preferences.channel} />
				)}
			</dl>
			<Numbers customer={customer} />
		</div>
	)
}

function Fact({ icon, label, value }: { icon: Parameters<typeof Icon>[0]['name']; label: string; value: string }) {
	return (
		<Tooltip label={label}>
			<div className={styles.fact}>
				<dt>
					<Icon name={icon} size={15} />
					<span className="unseen">{label}</span>
				</dt>
				<dd className="num">{value}</dd>
			</div>
		</Tooltip>
	)
}

function Numbers({ customer }: { customer: Customer }) {
	const { t } = useTranslation()
	const callOut = useCallOut()
	return (
		<ul className={styles.numbers}>
			{customer.numbers?.map((n) => (
				<li key={n.number}>
					<UnstyledButton
						className={styles.call}
						title={t('customers.call', { number: numberText(n.number) })}
						aria-label={t('customers.call', { number: numberText(n.number) })}
						onClick={() => void callOut(n.number, { customer: customer.id })}
					>
						<Icon name="phoneOut" size={15} />
						<span className="num">{numberText(n.number)}</span>
					</UnstyledButton>
					{n.label && <span className={styles.label}>{n.label}</span>}
				</li>
			))}
			{customer.emails?.map((e) => (
				<li key={e.address}>
					<a className={styles.call} href={`mailto:${encodeURIComponent(e.address)}`}>
						<Icon name="mail" size={15} />
						<span className={styles.cut}>{e.address}</span>
					</a>
					{e.label && <span className={styles.label}>{e.label}</span>}
				</li>
			))}
		</ul>
	)
}
