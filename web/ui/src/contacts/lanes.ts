/*
 * lanes.ts - the facts of a contact as steps of a ladder: who did something (lane), to whom, and the sentence that
 * says it (text/reports, e.*). Pure: what an id is called is handed in. A kind of fact that is not named here is told
 * by its name; nothing is left out.
 */
import type { Fact } from '../live/types'

export const LANES = ['customer', 'system', 'queue', 'agent', 'supervisor'] as const
export type Lane = (typeof LANES)[number]

export interface Step {
	seq: number
	at: number
	from: Lane
	to: Lane
	/** Of the sentence, below e. */
	key: string
	values: Record<string, string | number>
	/** Inner book-keeping: shown when asked for. */
	quiet: boolean
	/** Something went wrong, or somebody was lost. */
	bad: boolean
	fact: Fact
}

export interface Called {
	of(kind: string, id: string): string
	number(text: string): string
	time(ms: number): string
}

type Say = Omit<Step, 'seq' | 'at' | 'fact' | 'quiet' | 'bad'> & { quiet?: boolean; bad?: boolean }

const say = (from: Lane, to: Lane, key: string, values: Step['values'] = {}, more: { quiet?: boolean; bad?: boolean } = {}): Say => ({
	from, to, key, values, ...more,
})

/** Who a supervisor is: named by `by`, and not the agent of the contact. What time did, nobody did. */
const whose = (f: { by?: string; agent?: string | null }): Lane =>
	f.by === 'timer' ? 'system' : f.by && f.by !== f.agent ? 'supervisor' : 'agent'

function sentence(f: Fact, c: Called): Say {
	const agent = 'agent' in f && f.agent ? c.of('agent', f.agent) : ''
	const queue = 'queue' in f && f.queue ? c.of('queue', f.queue) : ''
	const by = 'by' in f && f.by ? c.of('agent', f.by) : ''
	const target = (kind: string, name: string) => (kind === 'number' ? c.number(name) : c.of(kind, name))
	switch (f.event) {
		case 'arrive':
			if (f.direction === 'inbound')
				return say('customer', 'system', f.from ? 'arrive' : 'arrive_withheld', { from: c.number(f.from), to: c.number(f.to) })
			return say('agent', 'customer', 'arrive_out', { agent, to: c.of('agent', c.number(f.to)) })
		case 'diverted': return say('customer', 'system', 'diverted', { number: c.number(f.number), why: f.why })
		case 'identity':
			return say('system', 'system', f.verstat === 'TN-Validation-Passed' ? 'identity_passed' : f.verstat === 'TN-Validation-Failed' ? 'identity_failed' : 'identity_none',
				{}, { bad: f.verstat === 'TN-Validation-Failed' })
		case 'flow_step':
			return say('customer', 'system', f.edge ? 'flow_step_by' : 'flow_step', { flow: f.flow ?? '', node: f.node, edge: f.edge })
		case 'ivr_end':
			return f.result === 'abandoned' ? say('customer', 'system', 'ivr_abandoned', { flow: f.flow ?? '' }, { bad: true })
				: f.result === 'completed' ? say('system', 'system', 'ivr_completed', { flow: f.flow ?? '' }, { quiet: true })
				: say('system', 'system', 'ivr_other', { flow: f.flow ?? '', result: f.result })
		case 'enqueue':
			return f.consults ? say('agent', 'queue', 'enqueue_consult', { agent: c.of('agent', f.consults), queue }) : say('system', 'queue', 'enqueue', { queue })
		case 'place_resumed': return say('queue', 'queue', 'place_resumed', { time: c.time(f.ahead_ms) })
		case 'prioritised': return say('supervisor', 'queue', 'prioritised', { by, minutes: f.priority_min })
		case 'bulletin': return say('system', 'customer', 'bulletin')
		case 'promise':
			if (f.high_ms > 0 && f.position > 0) return say('system', 'customer', 'promise_both', { position: f.position, time: c.time(f.high_ms) })
			if (f.high_ms > 0) return say('system', 'customer', 'promise_wait', { time: c.time(f.high_ms) })
			return say('system', 'customer', f.position > 0 ? 'promise_position' : 'promise_none', { position: f.position })
		case 'decision': return say('queue', 'agent', 'decision', { agent, queue }, { quiet: true })
		case 'unserved': return say('queue', 'system', 'unserved', { queue }, { quiet: true, bad: true })
		case 'offer': return say('queue', 'agent', 'offer', { agent })
		case 'offer_end':
			return say('agent', 'queue', `offer_${f.result}`, { agent }, {
				quiet: f.result === 'accepted', bad: !['accepted', 'cancelled_by_caller', 'answered_elsewhere'].includes(f.result),
			})
		case 'answer':
			return f.dialled ? say('customer', 'agent', 'answer_dialled', { agent }) : say('agent', 'customer', 'answer', { agent, time: c.time(f.wait_ms) })
		case 'dequeue': {
			const waited = { queue, time: c.time(f.wait_ms) }
			if (f.reason === 'answered') return say('queue', 'agent', 'dequeue_answered', waited, { quiet: true })
			if (f.reason === 'abandoned') return say('customer', 'queue', 'dequeue_abandoned', waited, { bad: true })
			if (f.exit !== 'none') return say('queue', 'system', `dequeue_${f.exit}`, waited, { bad: true })
			return say('queue', 'system', `dequeue_${f.reason}`, waited, { bad: f.reason !== 'callback' && f.reason !== 'transferred' })
		}
		case 'callback_wanted': return say('customer', 'queue', 'callback_wanted', { queue, number: c.number(f.number) })
		case 'hold_on': return say(f.by === 'customer' ? 'customer' : 'agent', f.by === 'customer' ? 'agent' : 'customer', f.by === 'customer' ? 'hold_on_customer' : 'hold_on', { agent })
		case 'hold_off': return say(f.by === 'customer' ? 'customer' : 'agent', f.by === 'customer' ? 'agent' : 'customer', 'hold_off', { agent })
		case 'agent_end':
			return say(f.by === 'customer' ? 'customer' : 'agent', f.by === 'customer' ? 'agent' : 'customer',
				f.goes_on ? 'agent_end_goes_on' : f.result === 'completed' ? (f.by === 'customer' ? 'agent_end_customer' : 'agent_end_agent') : 'agent_end_other',
				{ agent, time: c.time(f.talk_ms), result: f.result }, { bad: f.result === 'failed' || f.result === 'server_restart' })
		case 'conf_on': return say('agent', 'customer', 'conf_on', { agent })
		case 'conf_off': return say('agent', 'customer', 'conf_off', { agent })
		case 'consult_start': return say('agent', 'agent', 'consult_start', { agent, name: target(f.target, f.name) })
		case 'consult_end': return say('agent', 'agent', f.ok ? 'consult_ok' : 'consult_not', { agent })
		case 'transfer':
			return f.agent ? say('agent', f.target === 'queue' ? 'queue' : f.target === 'agent' ? 'agent' : 'customer', 'transfer', { agent, name: target(f.target, f.name) })
				: say('supervisor', f.target === 'queue' ? 'queue' : 'agent', 'moved', { by, name: target(f.target, f.name) })
		case 'transfer_back': return say('system', 'agent', 'transfer_back', { name: target(f.target, f.name) }, { bad: true })
		case 'park': return say('agent', 'system', f.slot ? 'park_slot' : 'park', { agent, slot: f.slot })
		case 'park_end': return say(f.agent ? 'agent' : 'system', 'customer', f.agent ? 'park_end' : 'park_over', { agent })
		case 'mute_on': return say(whose({ by: f.by, agent: f.name }), 'customer', f.party === 'agent' && f.by === f.name ? 'mute_self' : 'mute_on', { by, name: f.name ? c.of('agent', f.name) : '' })
		case 'mute_off': return say(whose({ by: f.by, agent: f.name }), 'customer', 'mute_off', { by, name: f.name ? c.of('agent', f.name) : '' })
		case 'monitor_start': return say('supervisor', f.mode === 'barge' ? 'customer' : 'agent', `monitor_${f.mode}`, { agent })
		case 'monitor_end': return say('supervisor', 'supervisor', 'monitor_end', { agent })
		case 'record_pause': return say(whose(f), 'system', 'record_pause', { by: by || agent })
		case 'record_resume': return say(whose(f), 'system', 'record_resume', { by: by || agent })
		case 'wrap_start': return say('agent', 'system', f.limit_ms ? 'wrap_start_limit' : 'wrap_start', { agent, time: c.time(f.limit_ms) })
		case 'wrap_extended': return say('agent', 'system', 'wrap_extended', { agent, time: c.time(f.by_ms) })
		case 'wrap_end':
			return say(whose(f), 'system', f.outcome ? 'wrap_end_outcome' : 'wrap_end', { agent, outcome: f.outcome ? c.of('outcome', f.outcome) : '', time: c.time(f.wrap_ms) })
		case 'agent_dial': return say('agent', 'system', 'agent_dial', { agent })
		case 'agent_dial_end': return say('agent', 'system', 'agent_dial_end', { agent, result: f.result }, { quiet: true })
		case 'disconnect':
			return f.by === 'customer' ? say('customer', 'system', 'disconnect_customer')
				: f.by === 'agent' ? say('agent', 'customer', 'disconnect_agent')
				: say('system', 'customer', f.cause ? 'disconnect_system_why' : 'disconnect_system', { cause: f.cause })
		case 'dial': return say('system', 'customer', f.trunk ? 'dial_trunk' : 'dial', { number: c.number(f.number), trunk: f.trunk ?? '' })
		case 'dial_answer': return say('customer', 'system', 'dial_answer', { number: c.number(f.number), time: c.time(f.ring_ms) })
		case 'dial_end':
			return say('customer', 'system', `dial_${f.result}`, { number: c.number(f.number), code: f.sip_code }, { bad: f.result !== 'none' })
		case 'dial_blocked': return say('system', 'agent', 'dial_blocked', { number: c.number(f.number), cause: f.cause }, { bad: true })
		case 'leg_end':
			return say(f.party === 'agent' ? 'agent' : f.party === 'supervisor' ? 'supervisor' : f.party === 'system' ? 'system' : 'customer', 'system', `leg_${f.party}`,
				{ mos: (f.mos_cent / 100).toFixed(1) }, { quiet: true, bad: f.mos_cent > 0 && f.mos_cent < 310 })
		case 'recording_start': return say('system', 'system', 'recording_start')
		case 'recording_end': return say('system', 'system', f.flaw ? 'recording_flaw' : 'recording_end', { time: c.time(f.duration_ms), flaw: f.flaw }, { bad: !!f.flaw })
		case 'recording_deleted': return say('system', 'system', 'recording_deleted')
		case 'recording_hold': return say('system', 'system', f.on ? 'recording_held' : 'recording_released', { by })
		case 'customer_linked':
			return say('system', 'system', !f.customer ? 'unlinked' : f.how === 'picked' ? 'linked_picked' : 'linked', { by }, {})
		case 'contact_tagged': return say('agent', 'system', f.tags ? 'tagged' : 'untagged', { by, tags: f.tags.split(/[\n,]/).filter(Boolean).join(', ') })
		case 'follow_up': return say('agent', 'system', 'follow_up', { by })
		case 'agent_work': return say('agent', 'system', 'agent_work', { agent, from: f.from, to: f.to }, { quiet: true })
		case 'alarm': return say('system', 'system', 'alarm', { name: f.name }, { bad: true })
		case 'ended': return say('system', 'system', 'ended')
		default: return say('system', 'system', 'other', { event: f.event }, { quiet: true })
	}
}

export function stepsOf(facts: Fact[], c: Called): Step[] {
	return facts.map((fact) => ({ seq: fact.seq, at: Date.parse(fact.at), quiet: false, bad: false, ...sentence(fact, c), fact }))
}

/**
 * How far below the step before, px: to scale (so many px a second), or as close as words allow. Long silence is cut
 * off at `most`, and says so.
 */
export function gaps(steps: Step[], scale: boolean, pxPerSecond = 6, most = 180): { px: number; cut: boolean; ms: number }[] {
	return steps.map((step, i) => {
		const ms = i ? step.at - (steps[i - 1]?.at ?? step.at) : 0
		const px = scale ? (ms / 1000) * pxPerSecond : 0
		return { px: Math.min(px, most), cut: px > most, ms }
	})
}
