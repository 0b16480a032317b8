/* QualityMark.tsx - the network as bars and a plain sentence; calm while it is good. */
import { useTranslation } from 'react-i18next'
import styles from './phone.module.css'
import { usePhone } from './phone'

export function QualityMark({ words = false }: { words?: boolean }) {
	const { t } = useTranslation()
	const { quality, state } = usePhone()
	if (state === 'none' || state === 'off' || quality.verdict === 'unknown') return null
	const sentence = t(`phone.quality.${quality.verdict}`)
	const bad = quality.bars <= 2
	return (
		<span className={styles.quality} data-bad={bad || undefined} title={sentence} role="status">
			<span className={styles.bars} aria-hidden="true">
				{[1, 2, 3, 4].map((n) => (
					<i key={n} data-on={n <= quality.bars || undefined} />
				))}
			</span>
			<span className={words || bad ? undefined : 'unseen'}>{sentence}</span>
		</span>
	)
}
