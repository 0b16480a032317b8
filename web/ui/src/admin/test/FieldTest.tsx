/* FieldTest.tsx - a field as the record of a customer shows it: by the very code of the record, with nobody's value. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES } from '../../app/i18n'
import { Declared } from '../../customers/Details'
import { fieldName, textOf } from '../../customers/describe'
import type { Customer, Field } from '../../customers/types'
import type { Doc } from '../schema'
import { Part } from './People'
import styles from '../admin.module.css'

export default function FieldTest({ field: doc }: { field: Doc }) {
	const { t } = useTranslation('admin')
	const [values, setValues] = useState<Record<string, unknown>>({})
	const field = doc as unknown as Field
	const stored = values[field.id]
	const save = async (patch: { fields?: unknown }) => {
		setValues((patch.fields ?? {}) as Record<string, unknown>)
		return true
	}
	return (
		<>
			<Part title={t('test.field.record')}>
				<div className={styles.testBox}>
					<Declared field={field} customer={{ fields: values } as unknown as Customer} save={save} />
				</div>
				<p className={styles.help} role="status">
					{t('test.field.try')} {stored === undefined || stored === null ? t('test.field.empty') : <>{t('test.field.stored')} <code>{JSON.stringify(stored)}</code></>}
				</p>
			</Part>
			<Part title={t('test.field.names')}>
				<ul className={styles.used}>
					{Object.entries(LANGUAGES).map(([language, name]) => (
						<li key={language}>
							<span className={styles.usedKind}>{name}</span>
							<span>{fieldName(field, language)}</span>
							{field.type === 'choice' && <span className={styles.usedPaths}>{(field.choices ?? []).map((c) => textOf(c.label, language) || c.id).join(', ')}</span>}
						</li>
					))}
				</ul>
			</Part>
		</>
	)
}
