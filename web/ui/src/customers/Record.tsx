/* Record.tsx - one customer on a page of his own: who he is, everything of his record, what was between us. */
import { Button, Loader, Menu, Tabs } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation } from 'wouter'
import { Problem } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { useUser } from '../app/session'
import { Icon } from '../parts/Icon'
import { CustomerCard } from './CustomerCard'
import { Details } from './Details'
import { Notes } from './Notes'
import { Timeline } from './Timeline'
import { useCustomer, useCustomers } from './api'
import styles from './customers.module.css'
import type { Customer } from './types'

export function Record_({ id }: { id: string }) {
	const { t } = useTranslation()
	const { data: customer, error, isPending, refetch } = useCustomer(id)
	useEffect(() => {
		if (customer) document.title = `${customer.name} · centrala`
	}, [customer])
	if (isPending) return <Loader size="sm" type="dots" m={32} aria-label={t('app.loading')} />
	if (error) {
		const gone = error instanceof Problem && error.status === 404
		return (
			<main className={styles.page}>
				<div className={styles.none}>
					<Icon name="person" size={32} />
					<p>{gone ? t('customers.no_such') : t('customers.not_loaded')}</p>
					{!gone && <Button onClick={() => void refetch()}>{t('app.retry')}</Button>}
					<Link href="/customers">{t('customers.back')}</Link>
				</div>
			</main>
		)
	}
	return <Sheet customer={customer} />
}

function Sheet({ customer }: { customer: Customer }) {
	const { t } = useTranslation()
	const [, go] = useLocation()
	const { permissions } = useUser()
	const { remove } = useCustomers()
	const [sure, setSure] = useState(false)
	const drop = async () => {
		if (!sure) return setSure(true)
		try {
			await remove(customer)
			tell('good', t('customers.removed', { name: customer.name }))
			go('/customers')
		} catch (error) {
			tell('bad', problemText(error, t))
		}
	}
	return (
		<main className={styles.record}>
			<div className={styles.crumbs}>
				<Link href="/customers" className={styles.backLink}>
					<Icon name="back" size={16} /> {t('nav.customers')}
				</Link>
				{permissions.includes('customers:delete') && (
					<Menu position="bottom-end" closeOnItemClick={false} onClose={() => setSure(false)}>
						<Menu.Target>
							<Button variant="subtle" size="compact-sm" aria-label={t('customers.more')}><Icon name="more" /></Button>
						</Menu.Target>
						<Menu.Dropdown>
							<Menu.Item className="danger" leftSection={<Icon name="trash" size={16} />} onClick={() => void drop()}>
								{sure ? t('customers.remove_sure') : t('customers.remove')}
							</Menu.Item>
						</Menu.Dropdown>
					</Menu>
				)}
			</div>
			{customer.merged_into && (
				<div className={styles.merged} role="status">
					{t('customers.merged_into')} <Link href={`/customers/${customer.merged_into}`}>{t('customers.open_other')}</Link>
				</div>
			)}
			<div className={styles.columns}>
				<section className={styles.sheet} aria-label={t('customers.tab.details')}>
					<CustomerCard customer={customer} big />
					<Details customer={customer} />
				</section>
				<section className={styles.sheet} aria-label={t('customers.tab.timeline')}>
					<Tabs defaultValue="timeline" keepMounted={false}>
						<Tabs.List>
							<Tabs.Tab value="timeline" leftSection={<Icon name="history" size={16} />}>{t('customers.tab.timeline')}</Tabs.Tab>
							<Tabs.Tab value="notes" leftSection={<Icon name="note" size={16} />}>{t('customers.tab.notes')}</Tabs.Tab>
						</Tabs.List>
						<Tabs.Panel value="timeline"><Timeline customer={customer.id} /></Tabs.Panel>
						<Tabs.Panel value="notes"><Notes customer={customer.id} /></Tabs.Panel>
					</Tabs>
				</section>
			</div>
		</main>
	)
}
