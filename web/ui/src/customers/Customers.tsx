/* Customers.tsx - the customers' pages: find, one record, duplicates, import. */
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Route, Switch } from 'wouter'
import { Duplicates } from './Duplicates'
import { ImportOne, Imports } from './Import'
import { Record_ } from './Record'
import { Search } from './Search'

export default function Customers() {
	const { t } = useTranslation()
	useEffect(() => {
		document.title = `${t('nav.customers')} · centrala`
	}, [t])
	return (
		<Switch>
			<Route path="/customers/duplicates"><Duplicates /></Route>
			<Route path="/customers/import"><Imports /></Route>
			<Route path="/customers/import/:id">{({ id }) => <ImportOne key={id} id={id} />}</Route>
			<Route path="/customers/:id">{({ id }) => <Record_ key={id} id={id} />}</Route>
			<Route><Search /></Route>
		</Switch>
	)
}
