/* url.ts - what is filtered, sorted and open stands in the address, so that it can be sent to somebody. */
import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'

/** ?agent=anna&q=… as an object, and a way to change some of it; open: a step that Back undoes. */
export function useUrl(): [Record<string, string>, (change: Record<string, string | undefined>, open?: boolean) => void] {
	const search = useSearch()
	const [path, go] = useLocation()
	const now = useMemo(() => Object.fromEntries(new URLSearchParams(search)), [search])
	const set = useCallback(
		(change: Record<string, string | undefined>, open = false) => {
			const next = new URLSearchParams(location.search)
			for (const [key, value] of Object.entries(change))
				if (value) next.set(key, value)
				else next.delete(key)
			const text = next.toString()
			go(text ? `${path}?${text}` : path, { replace: !open })
		},
		[go, path],
	)
	return [now, set]
}
