/* WallForm.tsx - a wallboard as a form: up to four pages, up to six figures each. Stored as every declared object is. */
import { Button, NumberInput, Select, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask, get, tenantPath } from '../api/http'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { useUser } from '../app/session'
import { useLive } from '../live/store'
import { Icon } from '../parts/Icon'
import styles from './board.module.css'
import { MEASURES, SHARES, SPANS, type WallPage, type WallTile } from '../wall/measures'

interface Wallboard {
	id?: string
	version?: number
	name: string
	rotate_s?: number
	pages: WallPage[]
}
const PAGES_MOST = 4
const TILES_MOST = 6
const FRESH: Wallboard = {
	name: '',
	rotate_s: 20,
	pages: [{ title: '', tiles: [{ measure: 'sl', target: 80 }, { measure: 'waiting' }, { measure: 'longest_wait' }, { measure: 'abandon_rate' }, { measure: 'ready' }, { measure: 'talking' }] }],
}

/** id '': a new one. */
export default function WallForm({ id, onDone }: { id: string; onDone(): void }) {
	const { t } = useTranslation('board')
	const { tenant } = useUser()
	const { data } = useQuery({
		queryKey: ['board', tenant, 'wallboards', id],
		enabled: id !== '',
		queryFn: ({ signal }) => get<Wallboard>(tenantPath(tenant, 'wallboards', id), { signal }),
	})
	if (id && !data) return <p className={styles.quiet}>{t('loading')}</p>
	return <Form stored={data ?? FRESH} id={id} onDone={onDone} />
}

/** Letters, digits and hyphens of a name, for its address. */
export const idOf = (name: string) =>
	name.normalize('NFD').replace(/\p{M}/gu, '').replace(/ł/gi, 'l').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60) || `wall-${Date.now().toString(36)}`

function Form({ stored, id, onDone }: { stored: Wallboard; id: string; onDone(): void }) {
	const { t } = useTranslation('board')
	const { t: tw } = useTranslation('wall')
	const { t: shell } = useTranslation()
	const { tenant } = useUser()
	const queries = useQueryClient()
	const queues = useLive((s) => s.world?.queues)
	const [wall, setWall] = useState(stored)
	const [busy, setBusy] = useState(false)
	const page = (i: number, change: Partial<WallPage>) => setWall({ ...wall, pages: wall.pages.map((p, n) => (n === i ? { ...p, ...change } : p)) })
	const tile = (i: number, k: number, change: Partial<WallTile> | null) =>
		page(i, { tiles: (wall.pages[i]?.tiles ?? []).flatMap((one, n) => (n !== k ? [one] : change ? [clean({ ...one, ...change })] : [])) })
	async function save() {
		setBusy(true)
		const { version, ...rest } = wall as Wallboard & Record<string, unknown>
		const body = { ...rest, kind: 'wallboard', tenant, id: id || idOf(wall.name), pages: wall.pages.map((p) => ({ ...p, title: p.title || wall.name })) }
		try {
			await ask('PUT', tenantPath(tenant, 'wallboards', body.id), body, { headers: version ? { 'If-Match': `"${version}"` } : { 'If-None-Match': '*' } })
			await queries.invalidateQueries({ queryKey: ['board', tenant, 'wallboards'] })
			onDone()
		} catch (error) {
			tell('bad', problemText(error, shell))
		} finally {
			setBusy(false)
		}
	}
	return (
		<form
			className={styles.wallForm}
			onSubmit={(e) => {
				e.preventDefault()
				void save()
			}}
		>
			<div className={styles.pair}>
				<TextInput size="xs" required label={t('wall.name')} value={wall.name} onChange={(e) => setWall({ ...wall, name: e.currentTarget.value })} />
				<NumberInput size="xs" min={5} max={600} label={t('wall.rotate')} value={wall.rotate_s ?? 20} onChange={(v) => setWall({ ...wall, rotate_s: Number(v) || 20 })} />
			</div>
			{wall.pages.map((p, i) => (
				<fieldset key={i} className={styles.wallPage}>
					<legend>{t('wall.page', { n: i + 1 })}</legend>
					<TextInput size="xs" label={t('wall.page_title')} value={p.title ?? ''} onChange={(e) => page(i, { title: e.currentTarget.value })} />
					<ul>
						{p.tiles.map((one, k) => (
							<li key={k} className={styles.row}>
								<Select size="xs" allowDeselect={false} aria-label={t('wall.measure')} value={one.measure} onChange={(v) => v && tile(i, k, { measure: v })}
									data={MEASURES.map((m) => ({ value: m, label: tw(`measure.${m}`) }))} />
								<Select size="xs" clearable searchable aria-label={t('wall.queue')} placeholder={t('wall.all_queues')} value={one.queue ?? null} onChange={(v) => tile(i, k, { queue: v ?? undefined })}
									data={[...(queues?.values() ?? [])].map((q) => ({ value: q.id, label: q.name || q.id }))} />
								<NumberInput size="xs" w={96} min={0} aria-label={t('wall.target')} placeholder={t('wall.target')} suffix={SHARES.has(one.measure) ? ' %' : SPANS.has(one.measure) ? ' s' : ''} value={one.target ?? ''} onChange={(v) => tile(i, k, { target: v === '' ? undefined : Number(v) })} />
								<Button size="compact-xs" variant="subtle" color="gray" aria-label={t('wall.remove_tile')} onClick={() => tile(i, k, null)}><Icon name="cross" size={14} /></Button>
							</li>
						))}
					</ul>
					<div className={styles.row}>
						{p.tiles.length < TILES_MOST && <Button size="compact-xs" variant="default" onClick={() => page(i, { tiles: [...p.tiles, { measure: 'waiting' }] })}>{t('wall.add_tile')}</Button>}
						{wall.pages.length > 1 && <Button size="compact-xs" variant="default" onClick={() => setWall({ ...wall, pages: wall.pages.filter((_, n) => n !== i) })}>{t('wall.remove_page')}</Button>}
					</div>
				</fieldset>
			))}
			<div className={styles.row}>
				{wall.pages.length < PAGES_MOST && <Button size="compact-sm" variant="default" onClick={() => setWall({ ...wall, pages: [...wall.pages, { title: '', tiles: [{ measure: 'waiting' }] }] })}>{t('wall.add_page')}</Button>}
				<span className={styles.space} />
				<Button size="compact-sm" variant="default" onClick={onDone}>{t('cancel')}</Button>
				<Button type="submit" size="compact-sm" loading={busy} disabled={wall.pages.some((p) => !p.tiles.length)}>{t('save')}</Button>
			</div>
		</form>
	)
}

/** What is not set is left out of what is stored. */
function clean<T extends object>(one: T): T {
	return Object.fromEntries(Object.entries(one).filter(([, v]) => v !== undefined)) as T
}
