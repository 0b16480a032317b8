/* WallTest.tsx - a wallboard as its screen shows it now, page by page with its figures, and whether its link is good. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Schema as Api, get, post, tenantPath } from '../../api/http'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { Button } from '@mantine/core'
import { targetText, valueText } from '../../wall/measures'
import type { WallFigures } from '../../wall/feed'
import { Answer, ApiCall } from '../parts'
import type { Doc } from '../schema'
import { useWhose } from '../tenant'
import { useWords } from '../words'
import styles from '../admin.module.css'

export default function WallTest({ wallboard }: { wallboard: Doc }) {
	const { t, i18n } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const words = useWords()
	const { tenant, may } = useWhose()
	const id = String(wallboard.id)
	const path = tenantPath(tenant, 'wallboards', id, 'test')
	const allowed = may('wallboards:test')
	const { data, error, isPending, refetch } = useQuery({
		queryKey: ['admin', tenant, 'wallboard', 'test', id, wallboard.version],
		enabled: allowed,
		queryFn: ({ signal }) => get<Api['WallTest']>(path, { signal }),
	})
	const [figures, setFigures] = useState<WallFigures | null>(null)
	const [url, setUrl] = useState('')
	useEffect(() => {
		if (!allowed) return
		const source = new EventSource(`${path}/live`)
		source.onmessage = (e) => {
			try {
				setFigures(JSON.parse(e.data as string) as WallFigures)
			} catch {
				// a line that was cut: the next second says it again
			}
		}
		return () => source.close()
	}, [path, allowed])
	if (!allowed) return <p className={styles.none}>{t('forbidden')}</p>
	if (!data) return <Answer error={error} loading={isPending} retry={() => void refetch()} />
	const link = async () => {
		try {
			setUrl((await post<{ url: string }>(tenantPath(tenant, 'wallboards', id, 'link'), {})).url)
			await refetch()
		} catch (problem) {
			tell('bad', problemText(problem, shell))
		}
	}
	return (
		<>
			{data.pages.map((page, i) => (
				<section key={i} className={styles.group} aria-label={t('wall_test.page', { n: i + 1 })}>
					<h2 className={styles.groupName}>{page.title ?? t('wall_test.page', { n: i + 1 })}</h2>
					<table className={styles.plain}>
						<thead>
							<tr><th scope="col">{t('wall_test.figure')}</th><th scope="col">{t('wall_test.of')}</th><th scope="col">{t('wall_test.now')}</th><th scope="col">{t('wall_test.target')}</th></tr>
						</thead>
						<tbody>
							{page.tiles.map((tile, k) => (
								<tr key={k}>
									<td>{words.value({ kind: 'wallboard', names: ['pages', 'tiles', 'measure'] }, tile.measure)}</td>
									<td>{tile.name ?? t('wall_test.all')}</td>
									<td className="num">{valueText(tile.measure, figures?.pages[i]?.[k]?.value, i18n.language)}</td>
									<td className="num">{tile.target === undefined ? '—' : targetText(tile.measure, tile.target, i18n.language)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</section>
			))}
			<p role="status">
				{t(`wall_test.link_${data.link.state}`, { at: data.link.expires_at ? new Date(data.link.expires_at).toLocaleString(i18n.language) : '' })}
			</p>
			{url && <p><a className={styles.link} href={url} target="_blank" rel="noreferrer">{location.origin + url}</a></p>}
			<div className={styles.row}>
				{may('wallboards:link') && <Button variant="default" onClick={() => void link()}>{t(data.link.state === 'good' ? 'wall_test.renew' : 'wall_test.make')}</Button>}
				<ApiCall calls={[{ method: 'GET', path }, { method: 'GET', path: `${path}/live` }]} />
			</div>
		</>
	)
}
