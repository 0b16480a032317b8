/* Home.tsx - where administration begins: any object found by a few letters, and how many there are of what. */
import { TextInput } from '@mantine/core'
import { useQueries } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { Icon } from '../parts/Icon'
import { fold } from '../parts/fold'
import { everyPage } from '../api/http'
import { objectPath, titleOf } from './api'
import { tree } from './groups'
import { Head } from './parts'
import { type Doc, KINDS } from './schema'
import { useWhose } from './tenant'
import { useWords } from './words'
import styles from './admin.module.css'

const ALL = Object.values(KINDS).filter((k) => k.kind !== 'tenant' && k.kind !== 'draft')
const MOST = 40

export default function Home() {
	const { t } = useTranslation('admin')
	const words = useWords()
	const { tenant, sees } = useWhose()
	const [text, setText] = useState('')
	const wanted = useDeferredValue(fold(text.trim()))
	const searched = ALL.filter((k) => sees(k.kind))
	const lists = useQueries({
		queries: searched.map((k) => ({
			queryKey: ['admin', tenant, k.kind, 'all'],
			staleTime: 15_000,
			queryFn: ({ signal }: { signal: AbortSignal }) => everyPage<Doc>(objectPath(tenant, k), signal),
		})),
	})
	const counts = new Map(searched.map((k, i) => [k.kind, lists[i]?.data?.length]))
	const all = lists.map((l) => l.data)
	// biome-ignore lint: the lists themselves are what it depends on
	const hits = useMemo(
		() =>
			wanted
				? searched.flatMap((kind, i) => (all[i] ?? []).filter((d) => fold(`${d.id} ${d.name ?? ''} ${words.kind(kind.kind)}`).includes(wanted)).map((doc) => ({ kind, doc })))
				: [],
		[wanted, words, ...all],
	)
	return (
		<>
			<Head title={t('title')} about={t('home.about')} />
			<TextInput
				autoFocus
				size="md"
				className={styles.find}
				leftSection={<Icon name="search" size={18} />}
				aria-label={t('home.search')}
				placeholder={t('home.search')}
				value={text}
				onChange={(e) => setText(e.currentTarget.value)}
			/>
			{wanted ? (
				<ul className={styles.used} aria-label={t('home.search')}>
					{hits.slice(0, MOST).map(({ kind, doc }) => (
						<li key={`${kind.kind} ${doc.id}`}>
							<span className={styles.usedKind}>{words.kind(kind.kind)}</span>
							<Link className={styles.link} href={kind.kind === 'flow' ? `/flows/${encodeURIComponent(String(doc.id))}` : `/admin/${kind.plural}/${encodeURIComponent(String(doc.id))}`}>{titleOf(doc)}</Link>
							<span className={styles.usedPaths}>{String(doc.id)}</span>
						</li>
					))}
					{!hits.length && <li className={styles.none}>{t('no_match')}</li>}
				</ul>
			) : (
				<div className={styles.cards}>
					{tree().map((branch) => {
						const kinds = branch.leaves.flatMap((l) => (l.kind && l.kind !== 'tenant' && sees(l.kind) ? [l.kind] : []))
						return kinds.length ? (
							<section key={branch.id} className={styles.card}>
								<h2 className={styles.cardName}><Icon name={branch.icon} size={16} />{t(`tree.${branch.id}` as 'tree.flows')}</h2>
								{kinds.map((k) => (
									<Link key={k} href={`/admin/${KINDS[k]?.plural ?? ''}`} className={styles.cardLink}>
										{words.kinds(k)} <span className="num">{counts.get(k) ?? ''}</span>
									</Link>
								))}
							</section>
						) : null
					})}
				</div>
			)}
		</>
	)
}
