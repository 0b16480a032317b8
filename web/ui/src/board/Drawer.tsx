/*
 * Drawer.tsx - the agent or contact that is looked at, beside the board, which stays alive and can be used. Escape closes
 * it; the focus goes in when it opens and back where it was.
 */
import { CloseButton } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { AgentDrawer } from './AgentDrawer'
import { ContactDrawer } from './ContactDrawer'
import styles from './board.module.css'
import { useUrl } from './url'

export function Drawer() {
	const [url] = useUrl()
	if (url.contact) return <ContactDrawer key={url.contact} id={url.contact} />
	if (url.agent) return <AgentDrawer key={url.agent} id={url.agent} />
	return null
}

export function Frame({ title, sub, label, children }: { title: ReactNode; sub?: ReactNode; label: string; children: ReactNode }) {
	const { t } = useTranslation('board')
	const [, setUrl] = useUrl()
	const heading = useRef<HTMLHeadingElement>(null)
	const close = () => setUrl({ agent: undefined, contact: undefined })
	useEffect(() => {
		const before = document.activeElement
		heading.current?.focus()
		return () => {
			if (before instanceof HTMLElement && before.isConnected && !document.querySelector('[data-drawer]')) before.focus()
		}
	}, [])
	return (
		<aside
			data-drawer
			className={styles.drawer}
			aria-label={label}
			onKeyDown={(e) => {
				if (e.key === 'Escape' && !e.defaultPrevented) close()
			}}
		>
			<header className={styles.drawerHead}>
				<div className={styles.drawerTitle}>
					<h2 ref={heading} tabIndex={-1}>
						{title}
					</h2>
					{sub && <div className={styles.drawerSub}>{sub}</div>}
				</div>
				<CloseButton aria-label={t('close')} onClick={close} />
			</header>
			<div className={styles.drawerBody}>{children}</div>
		</aside>
	)
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
	return (
		<section className={styles.section}>
			<h3>{title}</h3>
			{children}
		</section>
	)
}

/** Closed until somebody wants it: what is in it is asked for only then. */
export function Fold({ title, children }: { title: string; children: ReactNode }) {
	const [open, setOpen] = useState(false)
	return (
		<details className={styles.fold} onToggle={(e) => setOpen(e.currentTarget.open)}>
			<summary>{title}</summary>
			{open && <div className={styles.foldBody}>{children}</div>}
		</details>
	)
}
