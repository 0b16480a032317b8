/* Contacts.tsx - /contacts: the list, by filters or behind a number; /contacts/ID: one of them. */
import { Route, Switch } from 'wouter'
import { List } from './List'
import { OneContact } from './OneContact'

export default function Contacts() {
	return (
		<Switch>
			<Route path="/contacts/:id">{({ id }) => <OneContact key={id} id={id} />}</Route>
			<Route><List /></Route>
		</Switch>
	)
}
