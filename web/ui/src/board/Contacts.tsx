/* Contacts.tsx - every contact that lives: state, who, queue, with whom, how long. Who waits longest stands first. */
import { Select, TextInput } from '@mantine/core'
import { memo, useCallback, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Contact } from '../live/types'
import { Clock } from '../parts/Clock'
import { Icon } from '../parts/Icon'
import { numberText } from '../parts/number'
import { Virtual } from './Virtual'
import styles from './board.module.css'
import { CONTACT_ORDERS, CONTACT_STATES, type ContactOrder, ageFrom, agentOf, filterContacts, numberOf, sortContacts, stateFrom } from './model'
import { useSlow } from '../live/slow'
import { useUrl } from './url'
import { CONTACT_LOOK } from './words'

const orderOf = (sort: string | undefined): ContactOrder => ((CONTACT_ORDERS as readonly string[]).includes(sort ?? '') ? (sort as ContactOrder) : 'need')

export function Contacts() {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const [url, setUrl] = useUrl()
	const contacts = useSlow((s) => s.world?.contacts)
	const queues = useSlow((s) => s.world?.queues)
	const agents = useSlow((s) => s.world?.agents)
	const nameOf = (id: string | undefined) => (id ? agents?.get(id)?.name || id : '')
	const order = orderOf(url.csort)
	const down = url.cdown === '1'
	const { cq: q, state, queue } = url
	const list = useMemo(
		() => sortContacts(filterContacts(contacts?.values() ?? [], { q, state, queue }), order, down),
		[contacts, q, state, queue, order, down],
	)
	const open = useCallback((id: string) => setUrl({ contact: id, agent: undefined }, true), [setUrl])
	const words = useMemo(
		() => ({ state: Object.fromEntries(CONTACT_STATES.map((s) => [s, shell(`contact_state.${s}`)])), withheld: shell('contact.withheld'), test: shell('contact.test'), watched: t('contacts.watched') }),
		[t, shell],
	)
	return (
		<section className={styles.panel} data-panel="contacts" aria-label={t('part.contacts')}>
			<div className={styles.head}>
				<h2 className={styles.title}>
					{t('part.contacts')} <span className="num">{list.length}</span>
				</h2>
				<span className={styles.space} />
				<Filters />
			</div>
			<Heads />
			<Virtual items={list} keyOf={keyOf} rowHeight={34} label={t('part.contacts')} empty={<p className={styles.none}>{t(contacts?.size ? 'contacts.none_found' : 'contacts.none')}</p>}>
				{(contact, { tabIndex }) => (
					<Row
						contact={contact}
						state={words.state[contact.state] ?? ''}
						number={contact.test ? words.test : numberText(numberOf(contact)) || words.withheld}
						queue={contact.queue ? queues?.get(contact.queue)?.name || contact.queue : (contact.flow ?? '')}
						agent={nameOf(agentOf(contact))}
						watched={contact.parties?.some((p) => p.kind === 'supervisor') ? words.watched : ''}
						tabIndex={tabIndex}
						picked={url.contact === contact.id}
						onOpen={open}
					/>
				)}
			</Virtual>
		</section>
	)
}

/* What stands over the list does not change with it. */
const Filters = memo(function Filters() {
	const { t } = useTranslation('board')
	const { t: shell } = useTranslation()
	const [url, setUrl] = useUrl()
	const queues = useSlow((s) => s.world?.queues)
	return (
		<>
			<TextInput size="xs" className={styles.find} leftSection={<Icon name="search" size={14} />} aria-label={t('contacts.find')} placeholder={t('contacts.find')} value={url.cq ?? ''}
				onChange={(e) => setUrl({ cq: e.currentTarget.value })} />
			<Select size="xs" className={styles.pick} clearable aria-label={t('contacts.state')} placeholder={t('contacts.state')} value={url.state ?? null} onChange={(v) => setUrl({ state: v ?? undefined })}
				data={CONTACT_STATES.map((s) => ({ value: s, label: shell(`contact_state.${s}`) }))} />
			<Select size="xs" className={styles.pick} clearable searchable aria-label={t('contacts.queue')} placeholder={t('contacts.queue')} value={url.queue ?? null} onChange={(v) => setUrl({ queue: v ?? undefined })}
				data={[...(queues?.values() ?? [])].map((one) => ({ value: one.id, label: one.name || one.id }))} />
		</>
	)
})

const HEADS = ['state', 'from', 'queue', 'agent', 'age'] as const

const Heads = memo(function Heads() {
	const { t } = useTranslation('board')
	const [url, setUrl] = useUrl()
	const order = orderOf(url.csort)
	const down = url.cdown === '1'
	const sort = (key: ContactOrder) => setUrl(order !== key ? { csort: key, cdown: undefined } : down ? { csort: undefined, cdown: undefined } : { cdown: '1' })
	return (
		<div className={styles.contactHead}>
			{HEADS.map((key) => (
				<button key={key} type="button" className={styles.sort} data-on={order === key || undefined} aria-pressed={order === key} onClick={() => sort(key)}>
					{t(`contacts.${key}`)}
					{order === key ? (down ? ' ↓' : ' ↑') : ''}
				</button>
			))}
		</div>
	)
})

const keyOf = (c: Contact) => c.id

interface RowProps {
	contact: Contact
	state: string
	number: string
	queue: string
	agent: string
	watched: string
	tabIndex: number
	picked: boolean
	onOpen(id: string): void
}

/* Numbers, not customers' names: each name shown is a look at personal data that the audit keeps. */
const Row = memo(function Row({ contact, state, number, queue, agent, watched, tabIndex, picked, onOpen }: RowProps) {
	const look = CONTACT_LOOK[contact.state]
	return (
		<button type="button" data-row tabIndex={tabIndex} className={styles.contact} data-tone={look.tone} data-picked={picked || undefined} data-need={contact.help ? 'help' : undefined} onClick={() => onOpen(contact.id)}>
			<span className={styles.contactState}>
				<Icon name={look.icon} size={14} />
				<span className={styles.cut}>{state}</span>
				<Clock from={stateFrom(contact)} className={styles.contactClock} />
			</span>
			<span className={`num ${styles.cut}`}>
				{contact.direction === 'outbound' && <Icon name="phoneOut" size={13} className={styles.inline} />}
				{number}
			</span>
			<span className={styles.cut}>{queue}</span>
			<span className={styles.cut}>
				{contact.help && <Icon name="bell" size={13} className={styles.inline} />}
				{watched && <Icon name="volume" size={13} className={styles.inline} />}
				{agent}
				{watched && <span className="unseen"> {watched}</span>}
			</span>
			<Clock from={ageFrom(contact)} className={styles.contactAge} />
		</button>
	)
})
