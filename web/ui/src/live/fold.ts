/*
 * fold.ts - apply(what was, a fact) → what is. Pure: no clock, no network, no page; a fact of a kind that is not
 * named here does not compile. The law, tested: snapshot(n) + facts = snapshot(m).
 */
import type { Agent, Contact, LiveEvent } from './types'
import type { World } from './world'

/** A world in the making: its maps are copied when they are first written to. */
class Draft {
	private agents: Map<string, Agent> | null = null
	private contacts: Map<string, Contact> | null = null
	constructor(
		private readonly was: World,
		public seq: number,
	) {}

	contact(id: string | null): Contact | undefined {
		return id ? (this.contacts ?? this.was.contacts).get(id) : undefined
	}
	agent(id: string | null): Agent | undefined {
		return id ? (this.agents ?? this.was.agents).get(id) : undefined
	}
	/** Nothing happens to what this desk does not see. */
	setContact(id: string | null, change: Partial<Contact>): void {
		const was = this.contact(id)
		if (!was || !id) return
		this.contacts ??= new Map(this.was.contacts)
		this.contacts.set(id, { ...was, ...change })
	}
	putContact(contact: Contact): void {
		this.contacts ??= new Map(this.was.contacts)
		this.contacts.set(contact.id, contact)
	}
	dropContact(id: string | null): void {
		if (!this.contact(id)) return
		this.contacts ??= new Map(this.was.contacts)
		this.contacts.delete(id as string)
	}
	setAgent(id: string | null, change: Partial<Agent>): void {
		const was = this.agent(id)
		if (!was || !id) return
		this.agents ??= new Map(this.was.agents)
		this.agents.set(id, { ...was, ...change })
	}
	done(): World {
		return {
			...this.was,
			seq: this.seq,
			agents: this.agents ?? this.was.agents,
			contacts: this.contacts ?? this.was.contacts,
		}
	}
}

export function apply(world: World, event: LiveEvent): World {
	return applyAll(world, [event])
}

/** Facts in order; those that are in the world already are passed over. */
export function applyAll(world: World, events: readonly LiveEvent[]): World {
	const draft = new Draft(world, world.seq)
	for (const event of events) {
		if (event.seq <= draft.seq) continue
		draft.seq = event.seq
		fold(draft, event)
	}
	return draft.done()
}

function fold(d: Draft, e: LiveEvent): void {
	if (e.with) {
		d.putContact(e.with)
		return
	}
	switch (e.event) {
		case 'ended':
			d.dropContact(e.contact)
			return
		default:
			return
	}
}
