/* Access.tsx - how somebody gets in: where he is signed in, his second factor, what his roles let him do. */
import { Button, Group, Modal } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { ask, tenantPath } from '../../api/http'
import { tell } from '../../app/notices'
import { problemText } from '../../app/send'
import { SessionTable } from '../Sessions'
import { titleOf } from '../api'
import type { Doc } from '../schema'
import { useWhose } from '../tenant'
import styles from '../admin.module.css'

export default function Access({ user }: { user: Doc }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	const { tenant, may } = useWhose()
	const [sure, setSure] = useState(false)
	const id = String(user.id)
	const reset = async () => {
		setSure(false)
		try {
			await ask('DELETE', tenantPath(tenant, 'users', id, 'totp'))
			tell('good', t('access.totp_gone'))
		} catch (error) {
			tell('bad', problemText(error, shell))
		}
	}
	return (
		<>
			<section className={styles.group}>
				<h2 className={styles.groupName}>{t('pages.sessions')}</h2>
				{may('users:sessions') ? <SessionTable user={id} /> : <p className={styles.none}>{t('forbidden')}</p>}
			</section>
			{may('users:totp_delete') && (
				<section className={styles.group}>
					<h2 className={styles.groupName}>{t('access.factor')}</h2>
					<p className={styles.help}>{t('access.factor_help')} <Link href="/admin/tenant?tab=advanced" className={styles.link}>{t('access.force')}</Link></p>
					<Button variant="default" w="fit-content" onClick={() => setSure(true)}>{t('access.totp_reset')}</Button>
				</section>
			)}
			<section className={styles.group}>
				<h2 className={styles.groupName}>{t('pages.roles')}</h2>
				<Link href="/admin/roles" className={styles.link}>{t('access.roles')}</Link>
			</section>
			<Modal opened={sure} onClose={() => setSure(false)} title={t('access.totp_reset')} centered>
				<p>{t('access.totp_sure', { name: titleOf(user) })}</p>
				<Group justify="flex-end" mt="md">
					<Button variant="default" data-autofocus onClick={() => setSure(false)}>{t('cancel')}</Button>
					<Button color="red" onClick={() => void reset()}>{t('access.totp_reset')}</Button>
				</Group>
			</Modal>
		</>
	)
}
