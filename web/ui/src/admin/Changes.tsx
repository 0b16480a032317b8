/* Changes.tsx - what changed, field by field: its name, what it was, what it is. */
import { useTranslation } from 'react-i18next'
import type { Change } from './api'
import { differ } from './differ'
import { placeAt } from './place'
import type { Doc, Json, Kind } from './schema'
import { useShown } from './Shown'
import { useWords } from './words'
import styles from './admin.module.css'

const isMap = (x: Json | undefined): x is Doc => typeof x === 'object' && x !== null && !Array.isArray(x)

/** What came or went as a whole, field by field. */
function leaves(c: Change): Change[] {
	const whole = c.before ?? c.after
	if (c.op === 'changed' || !isMap(whole) || !Object.keys(whole).length) return [c]
	return differ(c.op === 'removed' ? whole : {}, c.op === 'removed' ? {} : whole, c.path).flatMap(leaves)
}

const plain = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 1) ?? '')

export default function Changes({ kind, changes }: { kind: Kind; changes: Change[] }) {
	const { t } = useTranslation('admin')
	const words = useWords()
	const shown = useShown()
	const lines = changes.flatMap(leaves)
	if (!changes.length) return <p className={styles.none}>{t('no_changes')}</p>
	return (
		<div className={styles.changes} role="table" aria-label={t('changes')}>
			<div role="row" className={styles.changesHead}>
				<span role="columnheader">{t('field')}</span>
				<span role="columnheader">{t('before')}</span>
				<span role="columnheader">{t('after')}</span>
			</div>
			{lines.map((c) => {
				const place = placeAt(c.path, kind, (names) => words.label({ kind: kind.kind, names }))
				const at = { kind: kind.kind, names: place.names }
				const told = (value: Json | undefined) => {
					if (value === undefined) return ''
					return place.field && (typeof value !== 'object' || value === null) ? shown(place.field, at, value) : plain(value)
				}
				return (
					<div role="row" key={c.path} className={styles.change}>
						<span role="cell" className={styles.changeField} title={c.path}>{place.text || c.path}</span>
						<span role="cell" className={styles.gone}>{c.before === undefined ? <i>{t('was_not')}</i> : <del>{told(c.before)}</del>}</span>
						<span role="cell" className={styles.came}>{c.after === undefined ? <i>{t('is_gone')}</i> : <ins>{told(c.after)}</ins>}</span>
					</div>
				)
			})}
		</div>
	)
}
