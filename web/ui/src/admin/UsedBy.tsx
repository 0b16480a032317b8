/* UsedBy.tsx - who names this object, and in which of his fields. */
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { useReferrers } from './api'
import { Answer } from './parts'
import { KINDS, type Kind } from './schema'
import { useWords } from './words'
import styles from './admin.module.css'

export default function UsedBy({ kind, id }: { kind: Kind; id: string }) {
	const { t } = useTranslation('admin')
	const words = useWords()
	const { data, error, isPending, refetch } = useReferrers(kind, id)
	if (!data) return <Answer error={error} loading={isPending} retry={() => void refetch()} />
	if (!data.length) return <p className={styles.none}>{t('used_by_nobody')}</p>
	return (
		<ul className={styles.used}>
			{data.map((r) => {
				const other = KINDS[r.kind]
				const to = r.kind === 'flow' ? `/flows/${encodeURIComponent(r.id)}` : other ? `/admin/${other.plural}/${encodeURIComponent(r.id)}` : ''
				return (
					<li key={`${r.kind} ${r.id}`}>
						<span className={styles.usedKind}>{words.kind(r.kind)}</span>
						{to ? <Link href={to} className={styles.link}>{r.id}</Link> : r.id}
						<span className={styles.usedPaths}>{r.paths.map((p) => p.replace(/^\$\.?/, '')).join(', ')}</span>
					</li>
				)
			})}
		</ul>
	)
}
