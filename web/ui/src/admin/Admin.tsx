/* Admin.tsx - administration: the tree of tasks on the left, lists and objects beside it, each loaded when opened. */
import { Alert, Button, Center, Loader, Select } from '@mantine/core'
import { type ReactNode, Suspense, lazy, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Route, Switch, useLocation } from 'wouter'
import { Icon } from '../parts/Icon'
import { useObjects } from './api'
import { type Leaf, tree } from './groups'
import { kindOfPlural } from './schema'
import { chooseTenant, useWhose } from './tenant'
import { useWords } from './words'
import styles from './admin.module.css'

const Home = lazy(() => import('./Home'))
const KindList = lazy(() => import('./KindList'))
const ObjectPage = lazy(() => import('./ObjectPage'))
const Matrix = lazy(() => import('./special/Matrix'))
const Roles = lazy(() => import('./Roles'))
const Audit = lazy(() => import('./Audit'))
const Sessions = lazy(() => import('./Sessions'))
const Tokens = lazy(() => import('./Tokens'))
const Backup = lazy(() => import('./Backup'))
const SiteFile = lazy(() => import('./SiteFile'))
const Recordings = lazy(() => import('./Recordings'))
const ApiPage = lazy(() => import('./ApiPage'))

export default function Admin() {
	const { t } = useTranslation('admin')
	const [open, setOpen] = useState(false)
	const [at] = useLocation()
	const { tenant, may } = useWhose()
	useEffect(() => {
		document.title = `${t('title')} · centrala`
	}, [t])
	useEffect(() => setOpen(false), [at])
	if (!may('objects:read')) return <main className={styles.main}><Forbidden /></main> // agents: their desk is all they need
	return (
		<div className={styles.admin}>
			<div className={styles.treeBar}>
				<Button
					variant="default"
					size="xs"
					leftSection={<Icon name="queue" size={16} />}
					aria-expanded={open}
					aria-controls="admin-tree"
					onClick={() => setOpen(!open)}
				>
					{t('sections')}
				</Button>
			</div>
			<Tree open={open} />
			<main className={styles.main} key={tenant}>
				<Suspense fallback={<Center h="40vh"><Loader size="sm" type="dots" aria-label={t('loading')} /></Center>}>
					<Switch>
						<Route path="/admin"><Home /></Route>
						<Route path="/admin/matrix"><For needs="objects:read"><Matrix /></For></Route>
						<Route path="/admin/roles"><Roles /></Route>
						<Route path="/admin/audit"><For needs="audit:read"><Audit /></For></Route>
						<Route path="/admin/sessions"><For needs="users:sessions"><Sessions /></For></Route>
						<Route path="/admin/tokens"><For needs="tokens:read"><Tokens /></For></Route>
						<Route path="/admin/backup"><For needs="backup:create"><Backup /></For></Route>
						<Route path="/admin/sitefile"><For needs="export:read"><SiteFile /></For></Route>
						<Route path="/admin/recordings"><For needs="retention:read"><Recordings /></For></Route>
						<Route path="/admin/api"><ApiPage /></Route>
						<Route path="/admin/tenant"><One plural="tenants" id={tenant} /></Route>
						<Route path="/admin/:plural/:id">{(p) => <One plural={p.plural} id={decodeURIComponent(p.id)} />}</Route>
						<Route path="/admin/:plural">{(p) => <List plural={p.plural} />}</Route>
					</Switch>
				</Suspense>
			</main>
		</div>
	)
}

function List({ plural }: { plural: string }) {
	const kind = kindOfPlural(plural)
	const { sees } = useWhose()
	if (!kind) return <Nothing />
	return sees(kind.kind) ? <KindList key={plural} kind={kind} /> : <Forbidden />
}

/** An address that was guessed, or kept from other days. */
function For({ needs, children }: { needs: string; children: ReactNode }) {
	const { may } = useWhose()
	return may(needs) ? children : <Forbidden />
}

function Forbidden() {
	const { t } = useTranslation('admin')
	return <Alert color="red" variant="light" icon={<Icon name="warning" />} role="alert" my="md">{t('forbidden')}</Alert>
}

function One({ plural, id }: { plural: string; id: string }) {
	const kind = kindOfPlural(plural)
	const { sees } = useWhose()
	if (kind && !sees(kind.kind)) return <Forbidden />
	return kind ? <ObjectPage key={`${plural}/${id}`} kind={kind} id={id === 'new' ? null : id} /> : <Nothing />
}

function Nothing() {
	const { t } = useTranslation('admin')
	return <p className={styles.none}>{t('nothing_here')}</p>
}

function Tree({ open }: { open: boolean }) {
	const { t } = useTranslation('admin')
	const words = useWords()
	const [at] = useLocation()
	const { system, may, sees } = useWhose()
	const shown = (leaf: Leaf) => (!leaf.needs || may(leaf.needs)) && (!leaf.kind || sees(leaf.kind)) && (!leaf.systemOnly || system)
	const here = (leaf: Leaf) => at === `/admin/${leaf.to}` || at.startsWith(`/admin/${leaf.to}/`)
	return (
		<nav id="admin-tree" className={styles.tree} data-open={open || undefined} aria-label={t('title')}>
			{system && <TenantSwitch />}
			<Link href="/admin" className={styles.leaf} data-here={at === '/admin' || undefined} aria-current={at === '/admin' ? 'page' : undefined}>
				{t('pages.home')}
			</Link>
			{tree().map((branch) => {
				const leaves = branch.leaves.filter(shown)
				return leaves.length ? (
					<div key={branch.id} className={styles.branch} role="group" aria-label={t(`tree.${branch.id}` as 'tree.flows')}>
						<div className={styles.branchName}>
							<Icon name={branch.icon} size={15} />
							{t(`tree.${branch.id}` as 'tree.flows')}
						</div>
						{leaves.map((leaf) => (
							<Link
								key={leaf.to}
								href={`/admin/${leaf.to}`}
								className={styles.leaf}
								data-here={here(leaf) || undefined}
								aria-current={here(leaf) ? 'page' : undefined}
							>
								{leaf.kind ? words.kinds(leaf.kind) : t(`pages.${leaf.page}` as 'pages.home')}
							</Link>
						))}
					</div>
				) : null
			})}
		</nav>
	)
}

function TenantSwitch() {
	const { t } = useTranslation('admin')
	const { tenant } = useWhose()
	const { data } = useObjects('tenant')
	const names = new Map([['system', 'system'], ...(data ?? []).map((d) => [String(d.id), String(d.name ?? d.id)] as const)])
	return (
		<Select
			className={styles.tenants}
			label={t('tenant_switch')}
			size="xs"
			searchable
			allowDeselect={false}
			data={[...names].map(([value, label]) => ({ value, label }))}
			value={tenant}
			onChange={(v) => v && chooseTenant(v)}
		/>
	)
}
