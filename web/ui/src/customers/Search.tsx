/*
 * Search.tsx - found as one types: names without their marks, numbers by a few digits, addresses. Arrows move, Enter
 * opens. The words stay in the address, so that Back finds the list again.
 */
import { Button, Menu, Modal, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useLocation, useSearchParams } from 'wouter'
import { useUser } from '../app/session'
import { useNow } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { agoText } from '../parts/time'
import { Avatar } from './CustomerCard'
import { NewCustomer } from './NewCustomer'
import { useCustomers, useSearch } from './api'
import { roleLine } from './describe'
import styles from './customers.module.css'
import type { Customer } from './types'

export function Search() {
	const { t } = useTranslation()
	const { permissions } = useUser()
	const may = (what: string) => permissions.includes(`customers:${what}`)
	const [, go] = useLocation()
	const [words, setWords] = useSearchParams()
	const [q, setQ] = useState(words.get('q') ?? '')
	const [wanted] = useDebouncedValue(q.trim(), 120)
	const { data, isError, refetch, isFetching } = useSearch(wanted)
	const [picked, setPicked] = useState(0)
	const [making, setMaking] = useState(false)
	const { exportPath } = useCustomers()
	const list = data ?? []
	const at = Math.min(picked, list.length - 1)

	const type = (next: string) => {
		setQ(next)
		setPicked(0)
		setWords(next ? { q: next } : {}, { replace: true })
	}
	return (
		<main className={styles.page}>
			<div className={styles.toolbar}>
				<h1 className={styles.pageTitle}>{t('nav.customers')}</h1>
				<TextInput
					className={styles.search}
					autoFocus
					type="search"
					aria-label={t('customers.search')}
					placeholder={t('customers.search_hint')}
					leftSection={<Icon name="search" />}
					value={q}
					maxLength={200}
					onChange={(e) => type(e.currentTarget.value)}
					onKeyDown={(e) => {
						const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
						if (step && list.length) {
							e.preventDefault()
							setPicked((at + step + list.length) % list.length)
						} else if (e.key === 'Enter' && list[at]) go(`/customers/${list[at].id}`)
					}}
				/>
				<Button leftSection={<Icon name="addPerson" size={16} />} onClick={() => setMaking(true)}>
					{t('customers.create')}
				</Button>
				{may('duplicates') && (
					<Menu position="bottom-end">
						<Menu.Target>
							<Button variant="default" aria-label={t('customers.more')} px={10}>
								<Icon name="more" />
							</Button>
						</Menu.Target>
						<Menu.Dropdown>
							<Menu.Item leftSection={<Icon name="merge" size={16} />} onClick={() => go('/customers/duplicates')}>
								{t('customers.duplicates')}
							</Menu.Item>
							{may('imports') && (
								<Menu.Item leftSection={<Icon name="upload" size={16} />} onClick={() => go('/customers/import')}>
									{t('customers.import')}
								</Menu.Item>
							)}
							{may('export') && <Menu.Label>{t('customers.export')}</Menu.Label>}
							{may('export') && (['comma', 'semicolon'] as const).map((d) => (
								<Menu.Item key={d} component="a" href={exportPath(d)} download="customers.csv"
									leftSection={<Icon name="download" size={16} />}>
									{t(`customers.csv_${d}`)}
								</Menu.Item>
							))}
						</Menu.Dropdown>
					</Menu>
				)}
			</div>
			{isError ? (
				<p className={styles.empty}>
					{t('customers.not_loaded')} <Button size="compact-sm" variant="subtle" onClick={() => void refetch()}>{t('app.retry')}</Button>
				</p>
			) : list.length === 0 && !isFetching ? (
				<div className={styles.none}>
					<Icon name={wanted ? 'search' : 'customers'} size={32} />
					<p>{wanted ? t('customers.none_found', { words: wanted }) : t('customers.none_yet')}</p>
					<Button variant="default" onClick={() => setMaking(true)}>{t('customers.create')}</Button>
				</div>
			) : (
				<ul className={styles.results} aria-label={t('customers.results')} aria-busy={isFetching}>
					{list.map((c, i) => <Result key={c.id} customer={c} picked={wanted !== '' && i === at} />)}
				</ul>
			)}
			<Modal opened={making} onClose={() => setMaking(false)} title={t('customers.create')}>
				<NewCustomer
					titled
					name={/^[+0-9 ]*$/.test(q) ? '' : q.trim()}
					number={/^[+0-9 ]+$/.test(q) ? q.trim() : ''}
					onCancel={() => setMaking(false)}
					onMade={(c) => go(`/customers/${c.id}`)}
				/>
			</Modal>
		</main>
	)
}

function Result({ customer: c, picked }: { customer: Customer; picked: boolean }) {
	const { i18n } = useTranslation()
	const now = useNow(60_000)
	return (
		<li>
			<Link href={`/customers/${c.id}`} className={styles.result} data-picked={picked || undefined}>
				<Avatar customer={c} size={36} />
				<span className={styles.who}>
					<b className={styles.cut}>{c.name}</b>
					<span className={styles.sub}>{roleLine(c)}</span>
				</span>
				<span className={`${styles.resultNumber} num`}>{c.numbers?.[0] ? numberText(c.numbers[0].number) : ''}</span>
				<span className={`${styles.resultMail} ${styles.cut}`}>{c.emails?.[0]?.address}</span>
				<span className={styles.resultTags}>{c.tags?.slice(0, 3).map((tag) => <span key={tag} className={styles.miniTag}>{tag}</span>)}</span>
				<span className={styles.resultWhen}>{agoText(c.updated_at, Math.max(now, Date.parse(c.updated_at)), i18n.language)}</span>
			</Link>
		</li>
	)
}
