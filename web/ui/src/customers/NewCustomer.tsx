/* NewCustomer.tsx - a new record with what is known already; a name is enough. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/http'
import { problemText } from '../app/send'
import { useCustomers } from './api'
import styles from './customers.module.css'
import type { Customer } from './types'

export function NewCustomer({ number = '', name = '', titled = false, onMade, onCancel }: {
	number?: string
	name?: string
	/** What is around it has the title already. */
	titled?: boolean
	onMade: (c: Customer) => void
	onCancel: () => void
}) {
	const { t } = useTranslation()
	const { create } = useCustomers()
	const [kind, setKind] = useState<'person' | 'company'>('person')
	const [busy, setBusy] = useState(false)
	const [fault, setFault] = useState('')

	async function submit(event: FormEvent<HTMLFormElement>) {
		event.preventDefault()
		const form = new FormData(event.currentTarget)
		const text = (key: string) => String(form.get(key) ?? '').trim()
		const emails = text('email') ? [{ address: text('email') }] : undefined
		const numbers = text('number') ? [{ number: text('number') }] : undefined
		setBusy(true)
		setFault('')
		try {
			const company_name = kind === 'person' && text('company') ? text('company') : undefined
			onMade(await create({ kind, name: text('name'), numbers, emails, company_name }))
		} catch (error) {
			setFault(error instanceof Problem ? problemText(error, t) : t('customers.not_saved'))
		} finally {
			setBusy(false)
		}
	}
	return (
		<form className={styles.form} data-titled={titled || undefined} onSubmit={(e) => void submit(e)} aria-label={t('customers.create')}>
			{!titled && <h2 className={styles.title}>{t('customers.create')}</h2>}
			<SegmentedControl
				aria-label={t('customers.kind')}
				value={kind}
				onChange={(v) => setKind(v as 'person' | 'company')}
				data={[
					{ value: 'person', label: t('customers.kind_person') },
					{ value: 'company', label: t('customers.kind_company') },
				]}
			/>
			<TextInput name="name" autoFocus required withAsterisk={false} maxLength={200} label={t('customers.f.name')} defaultValue={name} />
			<TextInput name="number" label={t('customers.number')} defaultValue={number} maxLength={40} inputMode="tel" />
			<TextInput name="email" type="email" label={t('customers.email')} maxLength={254} />
			{kind === 'person' && <TextInput name="company" label={t('customers.f.company_name')} maxLength={200} />}
			{fault && <p className={styles.fault} role="alert">{fault}</p>}
			<div className={styles.row}>
				<Button type="submit" loading={busy}>{t('customers.create_now')}</Button>
				<Button variant="subtle" onClick={onCancel}>{t('customers.cancel')}</Button>
			</div>
		</form>
	)
}
