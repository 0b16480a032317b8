/* time.ts - durations and moments for eyes. Pure: now is handed in. */

/** 0:07, 4:12, 1:02:03: what a running clock shows. */
export function clockText(ms: number): string {
	const s = Math.max(0, Math.floor(ms / 1000))
	const two = (n: number) => String(n).padStart(2, '0')
	const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
	return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`
}

/** 45 s, 3 min 20 s, 2 h 5 min, in the language's own short units. */
export function spanText(ms: number, language: string): string {
	const s = Math.round(ms / 1000)
	const unit = (n: number, name: string) =>
		new Intl.NumberFormat(language, { style: 'unit', unit: name, unitDisplay: 'short' }).format(n)
	const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
	if (h) return m ? `${unit(h, 'hour')} ${unit(m, 'minute')}` : unit(h, 'hour')
	if (m && s % 60 && m < 10) return `${unit(m, 'minute')} ${unit(s % 60, 'second')}`
	return m ? unit(m, 'minute') : unit(s, 'second')
}

const sameDay = (a: Date, b: Date) => a.toDateString() === b.toDateString()

/** Today 14:05, else 3 Nov 14:05; another year is named. */
export function momentText(at: string, now: number, language: string): string {
	const then = new Date(at)
	const today = new Date(now)
	const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
	if (sameDay(then, today)) return then.toLocaleTimeString(language, time)
	const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }
	if (then.getFullYear() !== today.getFullYear()) day.year = 'numeric'
	return then.toLocaleString(language, { ...day, ...time })
}

/** 5 minutes ago, yesterday … What is newer than the page's last beat is now, not in 20 seconds. */
export function agoText(at: string, now: number, language: string): string {
	const s = Math.min(0, Date.parse(at) - now) / 1000
	const f = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
	const steps: [number, Intl.RelativeTimeFormatUnit][] = [
		[60, 'second'],
		[3600, 'minute'],
		[86400, 'hour'],
		[86400 * 30, 'day'],
		[86400 * 365, 'month'],
		[Number.POSITIVE_INFINITY, 'year'],
	]
	let below = 1
	for (const [limit, unit] of steps) {
		if (Math.abs(s) < limit) return f.format(Math.round(s / below), unit)
		below = limit
	}
	return ''
}
