/* parts.tsx - what several pages of administration are made of: heads, empty states, problems, a call for the shell. */
import { Alert, Button, Code, CopyButton, Loader, Popover } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/http'
import { problemText } from '../app/send'
import { Icon } from '../parts/Icon'
import styles from './admin.module.css'

export function Head({ title, about, children }: { title: ReactNode; about?: ReactNode; children?: ReactNode }) {
	return (
		<header className={styles.head}>
			<div className={styles.headText}>
				<h1 className={styles.title}>{title}</h1>
				{about && <p className={styles.about}>{about}</p>}
			</div>
			<div className={styles.headActions}>{children}</div>
		</header>
	)
}

/** What became of a question: still on its way, refused, or nothing there. */
export function Answer({ error, loading, retry }: { error?: unknown; loading?: boolean; retry?(): void }) {
	const { t } = useTranslation('admin')
	const { t: shell } = useTranslation()
	if (loading) return <div className={styles.none}><Loader size="sm" type="dots" aria-label={t('loading')} /></div>
	if (!error) return null
	const known = error instanceof Problem && (error.status === 403 || error.status === 404)
	return (
		<Alert color="red" variant="light" icon={<Icon name="warning" />} role="alert" my="md">
			{known ? t(error.status === 403 ? 'forbidden' : 'not_found') : problemText(error, shell)}
			{retry && !known && (
				<Button size="compact-sm" variant="subtle" ml="sm" onClick={retry}>
					{t('again')}
				</Button>
			)}
		</Alert>
	)
}

export interface Call {
	method: 'GET' | 'PUT' | 'POST' | 'DELETE'
	path: string
	body?: unknown
	headers?: Record<string, string>
}

const quoted = (text: string) => `'${text.replace(/'/g, `'\\''`)}'`

/** One command for a shell; the token comes from a variable, never from here. */
export function curlOf({ method, path, body, headers = {} }: Call): string {
	const parts = ['curl -s']
	if (method !== 'GET') parts.push(`-X ${method}`)
	parts.push('-H "Authorization: Bearer $TOKEN"')
	for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`)
	if (body !== undefined) parts.push("-H 'Content-Type: application/json'")
	parts.push(quoted(location.origin + path))
	if (body !== undefined) parts.push(`-d ${quoted(JSON.stringify(body, null, 2))}`)
	return parts.join(' \\\n  ')
}

/** "Show as API call": what this page does can be done by HTTP, so. */
export function ApiCall({ calls }: { calls: Call[] }) {
	const { t } = useTranslation('admin')
	const text = calls.map(curlOf).join('\n\n')
	return (
		<Popover width={560} position="bottom-end" trapFocus returnFocus>
			<Popover.Target>
				<Button variant="subtle" color="gray" leftSection={<Icon name="link" size={16} />}>
					{t('api_call')}
				</Button>
			</Popover.Target>
			<Popover.Dropdown className={styles.call}>
				<Code block className={styles.callText} tabIndex={0} role="region" aria-label={t('api_call')}>
					{text}
				</Code>
				<div className={styles.row}>
					<CopyButton value={text}>
						{({ copied, copy }) => (
							<Button size="xs" variant="light" onClick={copy} leftSection={<Icon name={copied ? 'check' : 'copy'} size={14} />}>
								{t(copied ? 'copied' : 'copy')}
							</Button>
						)}
					</CopyButton>
					<a className={styles.link} href="/api/docs" target="_blank" rel="noreferrer">
						{t('pages.api')}
					</a>
				</div>
			</Popover.Dropdown>
		</Popover>
	)
}
