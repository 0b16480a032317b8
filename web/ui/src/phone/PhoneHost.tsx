/*
 * PhoneHost.tsx - the telephone's place in the page: once, above all pages. It plays what the other side says and
 * rings; what it looks like is PhoneBar, PhoneButton and the desk's call bar.
 */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { type Schema, get, tenantPath } from '../api/http'
import { tell } from '../app/notices'
import { usePrefs } from '../app/prefs'
import { type LiveState, useLive } from '../live/store'
import type { Word } from '../live/types'
import { myOffer, otherNumber } from '../desk/mine'
import { numberText } from '../parts/number'
import { phone, usePhone } from './phone'
import { blinkTitle, notify, playOn, startRing } from './ring'

const agentPhone = (s: LiveState) => s.world?.agents.get(s.world.me.user)?.phone?.kind
const isNoAgent = (s: LiveState) => !!s.world && !s.world.agents.has(s.world.me.user) && s.world.me.permissions.includes('contacts:monitor')
const whose = (s: LiveState) => s.world?.me

/** The kind of telephone I have; of a supervisor who serves nobody it is declared, and no live state. */
export function useMyPhone(): Word<'phone_kind'> | undefined {
	const me = useLive(whose)
	const kind = useLive(agentPhone)
	const { data } = useQuery({
		queryKey: ['my_phone', me?.tenant, me?.user],
		enabled: useLive(isNoAgent),
		staleTime: Number.POSITIVE_INFINITY,
		queryFn: ({ signal }) => get<Schema['User']>(tenantPath(me?.tenant ?? '', 'users', me?.user ?? ''), { signal }),
	})
	return kind ?? (data && (data.phone?.kind ?? 'none'))
}

export function PhoneHost() {
	const me = useLive(whose)
	const kind = useMyPhone()
	const tenant = me?.tenant ?? ''
	const user = me?.user ?? ''
	useEffect(
		() => (kind === 'browser' && user ? phone.start(tenant, user) : undefined),
		[kind, tenant, user],
	)
	useRinging(kind === 'browser')
	useUnplugged()
	return <Speaker />
}

/** Said while the talk goes on: whoever changes headsets wants to know which one is heard. */
function useUnplugged(): void {
	const { t } = useTranslation()
	const { unplugged } = usePhone()
	useEffect(() => {
		if (unplugged) tell('bad', t('phone.unplugged', { name: unplugged.now }))
	}, [unplugged, t])
}

function Speaker() {
	const { chosen, state } = usePhone()
	const element = useRef<HTMLAudioElement>(null)
	const { sound } = phone
	useEffect(() => {
		const audio = element.current
		if (!audio || audio.srcObject === sound) return
		audio.srcObject = sound
		if (sound) void audio.play().catch(() => {})
	}, [sound, state])
	useEffect(() => {
		if (element.current) void playOn(element.current, chosen.speaker)
	}, [chosen.speaker, sound])
	return <audio ref={element} autoPlay hidden />
}

/** What rings for me now: the number and the queue's name. */
function ringing(s: LiveState): { id: string; number: string; queue: string; test: boolean } | null {
	const { world } = s
	if (!world) return null
	const me = world.me.user
	for (const contact of world.contacts.values())
		if (myOffer(contact, me))
			return {
				id: contact.id,
				number: numberText(otherNumber(contact, me)),
				queue: (contact.queue && world.queues.get(contact.queue)?.name) || '',
				test: !!contact.test,
			}
	return null
}

function useRinging(loud: boolean): void {
	const { t } = useTranslation()
	const offer = useLive(ringing)
	const { state, chosen } = usePhone()
	const here = loud && state !== 'elsewhere'
	const id = offer?.id
	const number = offer?.number || t(offer?.test ? 'contact.test' : 'contact.withheld')
	const body = offer?.queue ? `${number} · ${offer.queue}` : number
	useEffect(() => {
		if (!id) return
		const ends = [blinkTitle(`● ${t('phone.rings')}: ${number}`), notify(t('phone.rings'), body, id)]
		return () => ends.forEach((end) => end())
	}, [id, number, body, t])
	const { soundOn } = usePrefs()
	useEffect(() => (id && here && soundOn ? startRing(chosen.ringer) : undefined), [id, here, soundOn, chosen.ringer])
}
