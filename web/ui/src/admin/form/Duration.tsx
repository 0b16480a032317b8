/* Duration.tsx - so many seconds (or minutes) as people say them: a number and its unit. */
import { Group, NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { spanText } from '../../parts/time'
import type { Schema } from '../schema'
import { type FieldProps, useInput } from './context'
import styles from '../admin.module.css'

const UNITS = { s: 1, min: 60, h: 3600, d: 86400 } as const
type Unit = keyof typeof UNITS

/** In what the number of a field is: its name says so. */
export function durationUnit(name: string, schema: Schema): Unit | undefined {
	if (schema.type !== 'integer') return undefined
	return name.endsWith('_s') ? 's' : name.endsWith('_minutes') ? 'min' : undefined
}

/** The largest unit in which it is a whole number. */
export const fitting = (seconds: number, least: Unit): Unit =>
	(['d', 'h', 'min', 's'] as const).find((u) => UNITS[u] >= UNITS[least] && seconds && seconds % UNITS[u] === 0) ?? least

export function Duration(props: FieldProps) {
	const { t, i18n } = useTranslation('admin')
	const { schema, name } = props.field
	const { label, ...input } = useInput(props)
	const least = durationUnit(name, schema) ?? 's'
	const toSeconds = UNITS[least]
	const value = typeof props.value === 'number' ? props.value : undefined
	const [unit, setUnit] = useState<Unit>(() => fitting((value ?? Number(schema.default ?? 0)) * toSeconds, least))
	const shown = value === undefined ? '' : (value * toSeconds) / UNITS[unit]
	const units = (Object.keys(UNITS) as Unit[]).filter((u) => UNITS[u] >= toSeconds && (schema.maximum ?? Infinity) * toSeconds >= UNITS[u])
	const standard = typeof schema.default === 'number' ? schema.default * toSeconds : undefined
	return (
		<div className={styles.duration}>
			<NumberInput
				{...input}
				label={label}
				placeholder={standard === undefined ? undefined : standard === 0 ? '0' : spanText(standard * 1000, i18n.language)}
				min={0}
				clampBehavior="none"
				decimalScale={2}
				value={shown}
				inputContainer={(children) => (
					<Group gap={6} wrap="nowrap" align="flex-start" className={styles.durationInputs}>
						{children}
						<Select
							aria-label={t('unit_of', { field: label })}
							disabled={input.disabled}
							allowDeselect={false}
							className={styles.unit}
							data={units.map((u) => ({ value: u, label: t(`unit.${u}`) }))}
							value={unit}
							onChange={(u) => u && setUnit(u as Unit)}
						/>
					</Group>
				)}
				onChange={(v) => {
					if (v === '') props.onChange(undefined)
					else props.onChange(Math.round((Number(v) * UNITS[unit]) / toSeconds))
				}}
			/>
		</div>
	)
}
