/*
 * CustomerPanel.tsx - who it is about: the right region of the desk, filled while it rings. Somebody is matched by
 * his number (why is said), corrected or created in one click.
 */
import { Button, Loader, Menu, Tabs, TextInput, Tooltip, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import type { Contact } from '../live/types'
import { Icon, type IconName } from '../parts/Icon'
import { numberText } from '../parts/number'
import { Avatar, CustomerCard } from './CustomerCard'
import { Details } from './Details'
import { NewCustomer } from './NewCustomer'
import { Notes } from './Notes'
import { Timeline } from './Timeline'
import { useCustomers, useSearch } from './api'
import { useWho } from './caller'
import { roleLine } from './describe'
import styles from './customers.module.css'
import type { Customer, Match } from './types'

export function CustomerPanel({ contact }: { contact: Contact }) {
	const { t } = useTranslation()
	const { number, colleague, customer: one, linked, matches: list, looking, failed } = useWho(contact)
	const [mode, setMode] = useState<'show' | 'find' | 'new'>('show')
	const { link } = useCustomers()

	const choose = async (customer: Customer) => {
		setMode('show')
		try {
			await link(contact.id, customer.id)
		} catch (error) {
			tell('bad', problemText(error, t))
		}
	}
	if (contact.direction === 'internal' || colleague)
		return <p className={styles.empty}>{t('customers.colleague', { name: colleague || numberText(number) })}</p>
	if (mode === 'new')
		return <NewCustomer number={number} onCancel={() => setMode('show')} onMade={(c) => void choose(c)} />
	if (mode === 'find')
		return <Find onPick={(c) => void choose(c)} onNew={() => setMode('new')} onCancel={() => setMode('show')} />

	if (one)
		return (
			<div className={styles.panel}>
				<div className={styles.how}>
					<span>{linked ? t('customers.linked') : t('customers.by_number')}</span>
					<Menu position="bottom-end">
						<Menu.Target>
							<Button size="compact-xs" variant="subtle">{t('customers.not_him')}</Button>
						</Menu.Target>
						<Menu.Dropdown>
							<Menu.Item leftSection={<Icon name="search" size={16} />} onClick={() => setMode('find')}>
								{t('customers.find_other')}
							</Menu.Item>
							<Menu.Item leftSection={<Icon name="addPerson" size={16} />} onClick={() => setMode('new')}>
								{t('customers.create')}
							</Menu.Item>
						</Menu.Dropdown>
					</Menu>
				</div>
				<CustomerCard customer={one} />
				<CustomerTabs customer={one} />
			</div>
		)
	if (looking) return <Loader size="xs" type="dots" m={20} aria-label={t('app.loading')} />
	if (list.length)
		return (
			<div className={styles.panel}>
				<h2 className={styles.title}>{t('customers.who_is_it')}</h2>
				<ul className={styles.matches}>
					{list.map((m) => (
						<li key={m.customer.id}>
							<Person customer={m.customer} why={<Why match={m} />} onPick={() => void choose(m.customer)} />
						</li>
					))}
				</ul>
				<div className={styles.row}>
					<Button size="compact-sm" variant="default" onClick={() => setMode('find')}>{t('customers.find_other')}</Button>
					<Button size="compact-sm" variant="default" onClick={() => setMode('new')}>{t('customers.create')}</Button>
				</div>
			</div>
		)
	return (
		<div className={styles.panel}>
			<div className={styles.unknown}>
				<span className={styles.avatar} style={{ width: 48, height: 48 }} aria-hidden="true">
					<Icon name="person" size={24} />
				</span>
				<b className="num">{numberText(number) || t('contact.withheld')}</b>
				<span className={styles.sub}>
					{failed ? t('customers.not_loaded') : number ? t('customers.nobody') : t('customers.no_number')}
				</span>
				<Button leftSection={<Icon name="addPerson" size={16} />} onClick={() => setMode('new')}>
					{t('customers.create')}
				</Button>
				<Button variant="subtle" onClick={() => setMode('find')}>{t('customers.find_other')}</Button>
			</div>
		</div>
	)
}

function Why({ match }: { match: Match }) {
	const { t } = useTranslation()
	if (match.rank === 'exact')
		return <>{match.label ? t('customers.why_label', { label: match.label }) : t('customers.why_exact')}</>
	return <>{t(`customers.why_${match.rank}`, { who: match.through_name ?? '' })}</>
}

function Person({ customer, why, onPick }: { customer: Customer; why?: React.ReactNode; onPick: () => void }) {
	return (
		<UnstyledButton className={styles.pick} onClick={onPick}>
			<Avatar customer={customer} size={34} />
			<span className={styles.who}>
				<b className={styles.cut}>{customer.name}</b>
				<span className={styles.sub}>{why ?? roleLine(customer)}</span>
			</span>
			<Icon name="chevronRight" size={16} />
		</UnstyledButton>
	)
}

function Find({ onPick, onNew, onCancel }: {
	onPick: (c: Customer) => void
	onNew: () => void
	onCancel: () => void
}) {
	const { t } = useTranslation()
	const [q, setQ] = useState('')
	const { data } = useSearch(q.trim(), 8)
	return (
		<div className={styles.panel}>
			<div className={styles.findHead}>
				<TextInput
					autoFocus
					aria-label={t('customers.search')}
					placeholder={t('customers.search')}
					leftSection={<Icon name="search" size={16} />}
					value={q}
					onChange={(e) => setQ(e.currentTarget.value)}
					onKeyDown={(e) => {
						if (e.key === 'Escape') onCancel()
						else if (e.key === 'Enter' && q.trim() && data?.[0]) onPick(data[0])
					}}
				/>
			</div>
			<ul className={styles.matches}>
				{q.trim() !== '' && data?.map((c) => <li key={c.id}><Person customer={c} onPick={() => onPick(c)} /></li>)}
			</ul>
			<div className={styles.row}>
				<Button size="compact-sm" variant="default" onClick={onNew}>{t('customers.create')}</Button>
				<Button size="compact-sm" variant="subtle" onClick={onCancel}>{t('customers.cancel')}</Button>
			</div>
		</div>
	)
}

const TABS: { value: 'timeline' | 'notes' | 'details'; icon: IconName }[] = [
	{ value: 'timeline', icon: 'history' },
	{ value: 'notes', icon: 'note' },
	{ value: 'details', icon: 'edit' },
]

export function CustomerTabs({ customer }: { customer: Customer }) {
	const { t } = useTranslation()
	return (
		<Tabs defaultValue="timeline" className={styles.tabs} keepMounted={false}>
			<Tabs.List grow>
				{TABS.map(({ value, icon }) => (
					<Tooltip key={value} label={t(`customers.tab.${value}`)}>
						<Tabs.Tab value={value} aria-label={t(`customers.tab.${value}`)}>
							<Icon name={icon} />
						</Tabs.Tab>
					</Tooltip>
				))}
			</Tabs.List>
			<Tabs.Panel value="timeline"><Timeline customer={customer.id} /></Tabs.Panel>
			<Tabs.Panel value="notes"><Notes customer={customer.id} /></Tabs.Panel>
			<Tabs.Panel value="details"><Details customer={customer} /></Tabs.Panel>
		</Tabs>
	)
}
