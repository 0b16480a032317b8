/* Spark.tsx - the course of the service level in a few pixels; the numbers stand beside it. */
import { memo } from 'react'
import type { SparkPoint } from './figures'
import styles from './board.module.css'

const [W, H] = [56, 18]

/** Points of 0 to 1 as lines; a gap where there are no data. Pure. */
export function sparkPath(values: (number | null)[], width: number, height: number): string {
	const step = values.length > 1 ? width / (values.length - 1) : 0
	let path = ''
	let pen = false
	values.forEach((v, i) => {
		if (v === null) {
			pen = false
			return
		}
		const y = 1 + (1 - Math.min(1, Math.max(0, v))) * (height - 2)
		path += `${pen ? 'L' : 'M'}${(i * step).toFixed(1)} ${y.toFixed(1)}`
		// a single point is seen as a dot
		if (!pen && (i + 1 >= values.length || values[i + 1] === null)) path += 'h.01'
		pen = true
	})
	return path
}

export const Spark = memo(function Spark({ points, target }: { points?: SparkPoint[]; target?: number | null }) {
	if (!points?.length) return <span className={styles.spark} />
	const y = target ? 1 + (1 - target) * (H - 2) : null
	return (
		<svg className={styles.spark} viewBox={`0 0 ${W} ${H}`} width={W} height={H} aria-hidden="true" focusable="false">
			{y !== null && <path d={`M0 ${y}H${W}`} className={styles.sparkTarget} />}
			<path d={sparkPath(points.map((p) => p.sl), W, H)} className={styles.sparkLine} />
		</svg>
	)
})
