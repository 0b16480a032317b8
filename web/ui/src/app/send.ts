/* send.ts - a command of somebody's click: it goes up, its answer is awaited, a refusal is told in words. */
import type { TFunction } from 'i18next'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/http'
import { live } from '../live/store'
import { tell } from './notices'

/** What people read of a Problem: the server's own words, or ours where it could not answer. */
export function problemText(error: unknown, t: TFunction): string {
	if (!(error instanceof Problem)) return t('problem.other')
	if (error.status === 0) return t(error.title === 'no_answer' ? 'problem.no_answer' : 'problem.unreachable')
	if (error.errors.length) return error.errors.map((e) => e.message).join('; ')
	return error.detail || error.title || t('problem.other')
}

export interface Sender {
	/** True when it was done. */
	send(verb: string, body?: Record<string, unknown>): Promise<boolean>
	/** The verb that is on its way. */
	busy: string | null
}

export function useSend(): Sender {
	const { t } = useTranslation()
	const [busy, setBusy] = useState<string | null>(null)
	return useMemo(
		() => ({
			busy,
			async send(verb, body = {}) {
				setBusy(verb)
				try {
					await live.send(verb, body)
					return true
				} catch (error) {
					tell('bad', problemText(error, t))
					return false
				} finally {
					setBusy(null)
				}
			},
		}),
		[busy, t],
	)
}
