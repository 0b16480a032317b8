/* Recording.tsx - always, never, or so many of a hundred talks (schema Record). */
import { Group, NumberInput, Select } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { type FieldProps, useInput } from './context'
import styles from '../admin.module.css'

const percentOf = (x: unknown) => (typeof x === 'number' ? x : typeof x === 'string' && x.endsWith('%') ? Number(x.slice(0, -1)) : undefined)

export function Recording(props: FieldProps) {
	const { t } = useTranslation('admin')
	const input = useInput(props)
	const percent = percentOf(props.value)
	const now = percent !== undefined ? 'share' : typeof props.value === 'string' ? props.value : null
	return (
		<Group align="flex-end" gap="sm" wrap="nowrap">
			<Select
				{...input}
				className={styles.medium}
				clearable
				placeholder={t('record.inherited')}
				data={(['always', 'never', 'share'] as const).map((value) => ({ value, label: t(`record.${value}`) }))}
				value={now}
				onChange={(v) => props.onChange(v === null ? undefined : v === 'share' ? 50 : v)}
			/>
			{percent !== undefined && (
				<NumberInput
					className={styles.short}
					aria-label={t('record.percent')}
					suffix=" %"
					min={0}
					max={100}
					disabled={input.disabled}
					value={percent}
					onChange={(v) => typeof v === 'number' && props.onChange(v)}
				/>
			)}
		</Group>
	)
}
