/* FirmTest.tsx - what follows from the firm's page: its clock now, how numbers and times are written for whoever reads. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { LANGUAGES } from '../../app/i18n'
import { spanText } from '../../parts/time'
import type { Doc } from '../schema'
import { Part } from './People'
import styles from '../admin.module.css'

const clock = (now: Date, zone: string, language: string) => {
	try {
		return now.toLocaleString(language, { timeZone: zone, dateStyle: 'full', timeStyle: 'medium' })
	} catch {
		return '–' // a zone that is being typed
	}
}

export default function FirmTest({ firm }: { firm: Doc }) {
	const { t, i18n } = useTranslation('admin')
	const [now, setNow] = useState(() => new Date())
	useEffect(() => {
		const timer = setInterval(() => setNow(new Date()), 1000)
		return () => clearInterval(timer)
	}, [])
	const zone = typeof firm.time_zone === 'string' ? firm.time_zone : 'UTC'
	const locale = typeof firm.locale === 'string' ? firm.locale : 'en'
	const domain = typeof firm.domain === 'string' && firm.domain ? firm.domain : String(firm.id)
	return (
		<>
			<p className={styles.verdict}>
				<b className="num">{clock(now, zone, i18n.language)}</b>
				<span>{t('test.firm.clock', { zone })}</span>
			</p>
			<Part title={t('test.firm.pages')}>
				<p className={styles.help}>{t('test.firm.about')}</p>
				<div className={styles.scroll} tabIndex={0} role="region" aria-label={t('test.firm.pages')}>
					<table className={styles.plain}>
						<thead>
							<tr>
								{(['language', 'time', 'number', 'percent', 'span'] as const).map((c) => <th scope="col" key={c}>{t(`test.firm.${c}`)}</th>)}
							</tr>
						</thead>
						<tbody>
							{Object.entries(LANGUAGES).map(([language, name]) => (
								<tr key={language}>
									<th scope="row">{name}{language === locale.slice(0, 2) && <> · <b>{t('test.firm.own')}</b></>}</th>
									<td className="num">{clock(now, zone, language)}</td>
									<td className="num">{(1234567.5).toLocaleString(language)}</td>
									<td className="num">{(0.825).toLocaleString(language, { style: 'percent', minimumFractionDigits: 1 })}</td>
									<td>{spanText(200_000, language)}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			</Part>
			<p>{t('test.firm.phones')} <code>sip:USER@{domain}</code></p>
		</>
	)
}
