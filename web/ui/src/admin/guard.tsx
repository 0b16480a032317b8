/* guard.tsx - what was changed and not saved is not lost by a click: leaving asks. */
import { Button, Group, Modal } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'

/** While dirty: links of the page, closing the tab, going back. The dialog to be shown. */
export function Guard({ dirty }: { dirty: boolean }) {
	const { t } = useTranslation('admin')
	const [, go] = useLocation()
	const [wanted, setWanted] = useState<string | null>(null)
	useEffect(() => {
		if (!dirty) return
		const here = location.pathname + location.search
		const path = location.pathname
		const unload = (e: BeforeUnloadEvent) => e.preventDefault()
		const click = (e: MouseEvent) => {
			const a = e.target instanceof Element ? e.target.closest('a[href]') : null
			if (!(a instanceof HTMLAnchorElement) || e.button || e.ctrlKey || e.metaKey || e.shiftKey || a.target) return
			if (a.origin !== location.origin || a.pathname === path) return
			e.preventDefault()
			e.stopPropagation()
			setWanted(a.pathname + a.search)
		}
		const back = () => {
			if (location.pathname === path) return
			const to = location.pathname + location.search
			history.pushState(null, '', here)
			setWanted(to)
		}
		addEventListener('beforeunload', unload)
		document.addEventListener('click', click, true)
		addEventListener('popstate', back, true)
		return () => {
			removeEventListener('beforeunload', unload)
			document.removeEventListener('click', click, true)
			removeEventListener('popstate', back, true)
		}
	}, [dirty])
	return (
		<Modal opened={wanted !== null} onClose={() => setWanted(null)} title={t('guard.title')} centered>
			<p>{t('guard.text')}</p>
			<Group justify="flex-end" mt="md">
				<Button variant="default" data-autofocus onClick={() => setWanted(null)}>
					{t('guard.stay')}
				</Button>
				<Button
					color="red"
					onClick={() => {
						const to = wanted
						setWanted(null)
						if (to) setTimeout(() => go(to))
					}}
				>
					{t('guard.leave')}
				</Button>
			</Group>
		</Modal>
	)
}
