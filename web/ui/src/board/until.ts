/* until.ts - "for two hours", "until 15:00" as a moment. Pure: now is handed in. */

/** '': for good; '120': so many minutes; '15:00': then, tomorrow where that is over today. */
export function untilOf(value: string, now: number): { until_at?: string } {
	if (!value) return {}
	if (!value.includes(':')) return { until_at: new Date(now + Number(value) * 60_000).toISOString() }
	const [hours, minutes] = value.split(':').map(Number)
	const then = new Date(now)
	then.setHours(hours ?? 0, minutes ?? 0, 0, 0)
	if (then.getTime() <= now) then.setDate(then.getDate() + 1)
	return { until_at: then.toISOString() }
}
