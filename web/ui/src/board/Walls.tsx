/* Walls.tsx - wallboards: what is declared, a new one out of today's figures, and a link that opens without signing in. */
import { Button, Modal, TextInput } from '@mantine/core'
import { Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ask, post, tenantPath } from '../api/http'
import { page } from '../app/i18n'
import { tell } from '../app/notices'
import { problemText } from '../app/send'
import { useUser } from '../app/session'
import { Icon } from '../parts/Icon'
import { useMay } from './act'
import styles from './board.module.css'
import { useAll } from './declared'

const WallForm = page('wall', () => import('./WallForm'))

interface WallLink {
	url: string
	expires_at?: string
}

export function Walls({ onClose }: { onClose(): void }) {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const may = useMay()
	const { tenant } = useUser()
	const walls = useAll('wallboards')
	const [made, setMade] = useState<{ id: string; link: WallLink } | null>(null)
	const [editing, setEditing] = useState<string | null>(null)
	const [busy, setBusy] = useState('')
	async function link(id: string) {
		setBusy(id)
		try {
			setMade({ id, link: await post<WallLink>(tenantPath(tenant, 'wallboards', id, 'link')) })
		} catch (error) {
			tell('bad', problemText(error, shell))
		} finally {
			setBusy('')
		}
	}
	async function remove(id: string) {
		try {
			await ask('DELETE', tenantPath(tenant, 'wallboards', id))
		} catch (error) {
			tell('bad', problemText(error, shell))
		}
	}
	const address = made ? new URL(made.link.url, location.origin).href : ''
	const edits = may('objects:write')
	return (
		<Modal opened onClose={onClose} title={t('wall.title')} size="lg" centered>
			<div className={styles.form}>
				<p className={styles.quiet}>{t('wall.hint')}</p>
				{!walls.length && <p>{t(edits ? 'wall.none' : 'wall.none_ask')}</p>}
				<ul className={styles.walls}>
					{walls.map((w) => (
						<li key={w.id}>
							<b className={styles.cut}>{w.name || w.id}</b>
							<span className={styles.space} />
							{may('wallboards:link') && (
								<Button size="compact-sm" variant="default" leftSection={<Icon name="link" size={15} />} loading={busy === w.id} onClick={() => void link(w.id)}>{t('wall.link')}</Button>
							)}
							{edits && <Button size="compact-sm" variant="default" onClick={() => setEditing(w.id)}>{t('wall.edit')}</Button>}
							{edits && <Button size="compact-sm" variant="default" color="red" aria-label={t('wall.remove', { name: w.name || w.id })} onClick={() => void remove(w.id)}><Icon name="trash" size={15} /></Button>}
						</li>
					))}
				</ul>
				{made && (
					<div className={styles.madeLink} role="status">
						<TextInput readOnly label={t('wall.made')} description={t('wall.once')} value={address} onFocus={(e) => e.currentTarget.select()} />
						<div className={styles.row}>
							<Button size="compact-sm" leftSection={<Icon name="copy" size={15} />} onClick={() => void navigator.clipboard?.writeText(address).then(() => tell('good', t('wall.copied')))}>{t('wall.copy')}</Button>
							<Button size="compact-sm" variant="default" component="a" href={made.link.url} target="_blank" rel="noreferrer">{t('wall.show')}</Button>
						</div>
					</div>
				)}
				{edits && (editing === null ? <Button variant="default" size="compact-md" leftSection={<Icon name="plus" size={15} />} onClick={() => setEditing('')}>{t('wall.new')}</Button> : (
					<Suspense>
						<WallForm key={editing} id={editing} onDone={() => setEditing(null)} />
					</Suspense>
				))}
			</div>
		</Modal>
	)
}
