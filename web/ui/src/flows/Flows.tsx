/* Flows.tsx - the pages of flows: all of them, one of them. */
import { useTranslation } from 'react-i18next'
import { Route, Switch } from 'wouter'
import { useUser } from '../app/session'
import { Editor } from './Editor'
import { FlowList } from './FlowList'
import styles from './flows.module.css'

export default function Flows() {
	const { t } = useTranslation('flows')
	const { permissions } = useUser()
	if (!permissions.includes('flows:draft')) return <p className={styles.quiet}>{t('not_for_you')}</p>
	return (
		<Switch>
			<Route path="/flows/:id">{({ id }) => <Editor key={id} id={id} />}</Route>
			<Route><FlowList /></Route>
		</Switch>
	)
}
