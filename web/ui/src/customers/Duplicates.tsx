/*
 * Duplicates.tsx - pairs who may be one: side by side with what they have in common, merged in one click, and taken
 * apart again in one click as long as nobody changed the result.
 */
import { Button, Loader } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Problem } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { CustomerCard } from './CustomerCard'
import { useCustomers, useDuplicates } from './api'
import styles from './customers.module.css'
import type { Customer, Duplicate } from './types'

interface Done {
	into: Customer
	from: Customer
	/** The result was changed since: taking it apart loses that. */
	changed?: boolean
}

export function Duplicates() {
	const { t } = useTranslation()
	const { data, isPending, isError, refetch } = useDuplicates()
	const { merge, unmerge } = useCustomers()
	const [done, setDone] = useState<Done[]>([])
	const [busy, setBusy] = useState('')

	const join = async (into: Customer, from: Customer) => {
		setBusy(into.id)
		try {
			await merge(into.id, from.id)
			setDone((all) => [{ into, from }, ...all])
		} catch (error) {
			tell('bad', problemText(error, t))
		} finally {
			setBusy('')
		}
	}
	const undo = async (one: Done) => {
		try {
			await unmerge(one.into.id, one.from.id, one.changed)
			setDone((all) => all.filter((d) => d !== one))
		} catch (error) {
			if (error instanceof Problem && error.status === 409 && !one.changed)
				setDone((all) => all.map((d) => (d === one ? { ...d, changed: true } : d)))
			else tell('bad', problemText(error, t))
		}
	}
	const pairs = data?.items ?? []
	return (
		<main className={styles.page}>
			<div className={styles.toolbar}>
				<Link href="/customers" className={styles.backLink}><Icon name="back" size={16} /> {t('nav.customers')}</Link>
				<h1 className={styles.pageTitle}>{t('customers.duplicates')}</h1>
			</div>
			<div role="status">
				{done.map((d) => (
					<div key={d.from.id} className={styles.undo}>
						<span>{t('customers.merged', { from: d.from.name, into: d.into.name })} {d.changed && t('customers.merged_changed')}</span>
						<Button size="compact-sm" variant="default" leftSection={<Icon name="undo" size={15} />} onClick={() => void undo(d)}>
							{d.changed ? t('customers.undo_anyway') : t('customers.undo')}
						</Button>
					</div>
				))}
			</div>
			{isPending && <Loader size="sm" type="dots" />}
			{isError && <p className={styles.empty}>{t('customers.not_loaded')} <Button size="compact-sm" variant="subtle" onClick={() => void refetch()}>{t('app.retry')}</Button></p>}
			{data && !pairs.length && (
				<div className={styles.none}>
					<Icon name="check" size={32} />
					<p>{t('customers.no_duplicates')}</p>
				</div>
			)}
			{pairs.map((pair, i) => (
				<Pair key={`${pair.customers.map((c) => c.id).join()} ${i}`} pair={pair} busy={busy} join={join} />
			))}
		</main>
	)
}

function Pair({ pair, busy, join }: {
	pair: Duplicate
	busy: string
	join: (into: Customer, from: Customer) => Promise<void>
}) {
	const { t } = useTranslation()
	const [a, b] = pair.customers
	if (!a || !b) return null
	const value = pair.why === 'number' ? numberText(pair.value) : pair.value
	return (
		<section className={styles.pair} aria-label={`${a.name}, ${b.name}`}>
			<p className={styles.pairWhy}>
				{t(`customers.same_${pair.why}`)} <b className="num">{value}</b>
			</p>
			<div className={styles.pairSides}>
				{[[a, b] as const, [b, a] as const].map(([one, other]) => (
					<div key={one.id} className={styles.pairSide}>
						<CustomerCard customer={one} />
						<Button
							variant="light"
							loading={busy === one.id}
							leftSection={<Icon name="merge" size={16} />}
							onClick={() => void join(one, other)}
						>
							{t('customers.keep_this')}
						</Button>
					</div>
				))}
			</div>
		</section>
	)
}
