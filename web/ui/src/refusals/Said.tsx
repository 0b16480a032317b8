/* Said.tsx - a sentence of the server that came with an answer, in the language of the page. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusals } from './say'

export function Said({ text }: { text: string }) {
	const { i18n } = useTranslation()
	const [said, setSaid] = useState(text)
	useEffect(() => {
		let gone = false
		void refusals().then((say) => gone || setSaid(say(text)))
		return () => void (gone = true)
	}, [text, i18n.language])
	return said
}
