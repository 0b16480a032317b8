/* UsedBy.tsx - who names this object, and in which of his fields. */
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { type Referrer, useObjects, useReferrers } from './api'
import { Answer } from './parts'
import { placeAt } from './place'
import { KINDS, type Kind } from './schema'
import { useWords } from './words'
import styles from './admin.module.css'

export default function UsedBy({ kind, id }: { kind: Kind; id: string }) {
	const { t } = useTranslation('admin')
	const { data, error, isPending, refetch } = useReferrers(kind, id)
	if (!data) return <Answer error={error} loading={isPending} retry={() => void refetch()} />
	if (!data.length) return <p className={styles.none}>{t('used_by_nobody')}</p>
	return (
		<ul className={styles.used}>
			{data.map((r) => <Referring key={`${r.kind} ${r.id}`} r={r} />)}
		</ul>
	)
}

/** By his name and the words of his fields; of a list's item only the list is told. */
function Referring({ r }: { r: Referrer }) {
	const words = useWords()
	const { data } = useObjects(r.kind)
	const other = KINDS[r.kind]
	const named = data?.find((o) => o.id === r.id)?.name
	const name = typeof named === 'string' && named ? named : r.id
	const to = r.kind === 'flow' ? `/flows/${encodeURIComponent(r.id)}` : other ? `/admin/${other.plural}/${encodeURIComponent(r.id)}` : ''
	const place = (path: string) => (other ? placeAt(path, other, (names) => words.label({ kind: r.kind, names })).text : path)
	return (
		<li>
			<span className={styles.usedKind}>{words.kind(r.kind)}</span>
			{to ? <Link href={to} className={styles.link}>{name}</Link> : name}
			<span className={styles.usedPaths}>{[...new Set(r.paths.map((p) => place(p.replace(/\[\d+\]$/, ''))))].join(', ')}</span>
		</li>
	)
}
