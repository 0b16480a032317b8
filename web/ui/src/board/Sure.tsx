/* Sure.tsx - a button for what cannot be undone: it asks once, in its own place; who does nothing did nothing. */
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Icon, type IconName } from '../parts/Icon'

const ASKED_FOR_MS = 4_000

export function Sure({ label, sure, icon, busy, onSure }: { label: string; sure: string; icon?: IconName; busy?: boolean; onSure(): void }) {
	const [asked, setAsked] = useState(false)
	useEffect(() => {
		if (!asked) return
		const timer = setTimeout(() => setAsked(false), ASKED_FOR_MS)
		return () => clearTimeout(timer)
	}, [asked])
	return (
		<Button size="compact-sm" variant={asked ? 'filled' : 'default'} color="red" disabled={busy} leftSection={icon && <Icon name={icon} size={15} />}
			onClick={() => (asked ? (setAsked(false), onSure()) : setAsked(true))} onBlur={() => setAsked(false)}>
			{asked ? sure : label}
		</Button>
	)
}
