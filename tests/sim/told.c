/* told.c - what was said so far, believed; and the laws it must fulfil. */
#include "tests/sim/sim.h"

#define RING_STEP_MS 10000

static struct told_contact *contact_at(struct sim *s, struct contact_id id)
{
	struct told_contact *k = &s->contacts[id.slot];
	LAW(s, k->alive && ID_EQ(k->id, id));
	return k;
}

static struct told_agent *agent_of(struct sim *s, struct agent_id id, uint32_t *index)
{
	uint32_t tenant;
	int i = place_of(s, ID(id), &tenant);
	if (i < 0)
		return NULL;
	*index = (uint32_t)i;
	return &s->agents[tenant][i];
}

static struct told_queue *queue_of(struct sim *s, struct queue_id id, uint32_t *index)
{
	uint32_t tenant;
	int i = place_of(s, ID(id), &tenant);
	LAW(s, i >= 0);
	*index = (uint32_t)i;
	return &s->queues[tenant][i];
}

void told_unstick(struct sim *s, uint32_t tenant, uint32_t agent)
{
	for (uint32_t i = 1; i <= s->high; i++)
		if (s->contacts[i].tenant == tenant && s->contacts[i].sticky == agent + 1)
			s->contacts[i].sticky = 0;
}

/* Who served this caller last is waited for. Skills are left to laws.c of the room. */
static void stick(struct sim *s, struct told_contact *k)
{
	const struct queue_spec *q = &s->queue_specs[k->tenant][k->queue];
	uint32_t known = s->served[k->tenant][k->caller];
	k->sticky = 0;
	k->sticky_until_ms = s->core.now_ms + q->conf.sticky_ms;
	if (!q->conf.sticky_ms || !known || q->steps || k->own_steps)
		return;
	const struct agent_spec *a = &s->agent_specs[k->tenant][known - 1];
	bool signed_in = s->agents[k->tenant][known - 1].presence != PRESENCE_signed_out;
	if (a->there && a->agent && signed_in && (a->queues & BIT(k->queue)))
		k->sticky = known;
}

static void hear_enqueue(struct sim *s, const struct event_enqueue *ev)
{
	struct told_contact *k = contact_at(s, ev->contact);
	LAW(s, k->state == TOLD_FLOW && (ID_NONE(ev->consults) || k->talkers));
	queue_of(s, ev->queue, &k->queue)->offered++;
	k->state = TOLD_WAITING;
	k->priority = ev->priority_min;
	k->enqueue_ms = s->core.now_ms;
	k->order = ++s->order;
	const struct contact *c = contact_get(&s->core, ev->contact);
	bool from_arrival = s->queue_specs[k->tenant][k->queue].conf.from_arrival;
	k->place_ms = from_arrival && c ? c->arrive_ms : k->enqueue_ms;
	k->lost = false;
	stick(s, k);
	if (k->again) /* put back: kept for nobody */
		k->sticky = 0;
}

static void hear_place_resumed(struct sim *s, const struct event_place_resumed *ev)
{
	struct told_contact *k = contact_at(s, ev->contact);
	LAW(s, s->queue_specs[k->tenant][k->queue].conf.resume_ms > 0);
	LAW(s, ev->ahead_ms >= 0 && ev->priority_min >= k->priority);
	k->place_ms = MIN(k->place_ms, s->core.now_ms - ev->ahead_ms);
	k->priority = ev->priority_min;
	s->resumed++;
}

static void hear_dequeue(struct sim *s, const struct event_dequeue *ev)
{
	struct told_contact *k = contact_at(s, ev->contact);
	uint32_t queue;
	queue_of(s, ev->queue, &queue)->ended[ev->reason]++;
	LAW(s, queue == k->queue);
	LAW(s, ev->wait_ms == s->core.now_ms - k->enqueue_ms);
	LAW(s, k->state == TOLD_WAITING && !k->rings); /* offers end before their contact leaves */
	LAW(s, !k->elsewhere || ev->reason == RESULT_answered);
	/* a flow waits outside, but for a callback, which is counted in passing */
	LAW(s, !k->stretch || (ev->reason == RESULT_callback && !ev->wait_ms));
	k->elsewhere = false;
	k->state = TOLD_FLOW;
	k->again |= ev->reason == RESULT_transferred; /* moved: it keeps its time */
}

static bool met_lately(const struct sim *s, const struct told_contact *k, uint32_t agent)
{
	for (uint32_t i = 0; i < k->past_count; i++)
		if (k->past[i].agent == agent && s->core.now_ms < k->past[i].until_ms)
			return true;
	return false;
}

static void meet(struct sim *s, struct told_contact *k, uint32_t agent, int64_t ms)
{
	uint32_t at = k->past_count;
	for (uint32_t i = 0; i < k->past_count; i++)
		if (k->past[i].agent == agent || s->core.now_ms >= k->past[i].until_ms)
			at = i;
	LAW(s, at < 32);
	k->past[at] = (struct past){agent, s->core.now_ms + ms};
	k->past_count = MAX(k->past_count, at + 1);
}

/* Within one queue: nobody of better rank whom this agent may serve is passed over. */
static void order_law(struct sim *s, const struct told_contact *k, uint32_t agent)
{
	const struct queue_spec *q = &s->queue_specs[k->tenant][k->queue];
	double ageing = q->conf.priority_only ? 0 : q->conf.ageing;
	double key = k->priority * 60000.0 - (double)k->place_ms * ageing;
	if (q->steps || q->conf.tier_ms || k->again)
		return; /* who may serve whom: laws.c of the room looks at that */
	for (uint32_t i = 1; i <= s->high; i++) {
		const struct told_contact *o = &s->contacts[i];
		if (!o->alive || o->own_steps || o->again || o->state != TOLD_WAITING ||
		    o->tenant != k->tenant || o->queue != k->queue)
			continue;
		double other = o->priority * 60000.0 - (double)o->place_ms * ageing;
		bool first = o->place_ms != k->place_ms ? o->place_ms < k->place_ms
							: o->order < k->order;
		bool better = o->lost != k->lost ? o->lost : other > key || (other == key && first);
		LAW(s, !better || met_lately(s, o, agent) || o->sticky_until_ms > s->core.now_ms);
	}
}

static void hear_offer(struct sim *s, const struct event_offer *ev)
{
	struct told_contact *k = contact_at(s, ev->contact);
	uint32_t i = 0;
	struct told_agent *a = agent_of(s, ev->agent, &i);
	const struct queue_config *q = &s->queue_specs[k->tenant][k->queue].conf;
	LAW(s, a != NULL);
	if (k->state == TOLD_FLOW) { /* by name */
		LAW(s, !k->rings && a->presence == PRESENCE_ready && a->work == WORK_idle);
		k->state = TOLD_RINGING;
		k->rings = BIT(i);
		s->offers++;
		return;
	}
	LAW(s, k->state == TOLD_WAITING || k->state == TOLD_OFFERED);
	if (k->state == TOLD_OFFERED) /* exclusive but for two strategies (behaviours.md Q-6) */
		LAW(s, q->strategy == STRATEGY_ring_all ||
			       (q->strategy == STRATEGY_ring_progressive &&
				s->core.now_ms - k->ring_ms >= RING_STEP_MS));
	LAW(s, !(k->rings & BIT(i)) && !k->elsewhere);
	LAW(s, a->presence == PRESENCE_ready && a->work == WORK_idle);
	LAW(s, a->skip_until_ms <= s->core.now_ms);
	LAW(s, !met_lately(s, k, i));
	bool kept = k->sticky && s->core.now_ms < k->sticky_until_ms;
	LAW(s, !kept || k->sticky == i + 1);
	s->kept += kept;
	order_law(s, k, i);
	k->state = TOLD_OFFERED;
	k->rings |= BIT(i);
	k->ring_ms = s->core.now_ms;
	s->offers++;
	s->together += (k->rings & (k->rings - 1)) != 0;
}

static void hear_offer_end(struct sim *s, const struct event_offer_end *ev)
{
	struct told_contact *k = contact_at(s, ev->contact);
	uint32_t i = 0;
	struct told_agent *a = agent_of(s, ev->agent, &i);
	bool named = k->state == TOLD_RINGING;
	LAW(s, (named || k->state == TOLD_OFFERED) && (k->rings & BIT(i)) && a);
	k->rings &= ~BIT(i);
	if (named) {
		LAW(s, ev->result != OFFER_answered_elsewhere);
		k->state = TOLD_FLOW;
		return;
	}
	if (k->sticky == i + 1 && ev->result != OFFER_cancelled_by_caller)
		k->sticky = 0; /* he had his chance */
	if (!k->rings) {
		k->state = TOLD_WAITING;
		k->lost |= ev->result == OFFER_agent_lost;
	}
	const struct queue_config *q = &s->queue_specs[k->tenant][k->queue].conf;
	switch (ev->result) {
	case OFFER_no_answer:
		s->missed++;
		meet(s, k, i, q->no_answer_delay_ms);
		break;
	case OFFER_rejected:
		meet(s, k, i, q->reject_delay_ms);
		break;
	case OFFER_busy:
		a->skip_until_ms = s->core.now_ms + q->busy_delay_ms;
		break;
	case OFFER_unreachable:
	case OFFER_agent_lost:
		a->skip_until_ms = s->core.now_ms + q->unreachable_delay_ms;
		break;
	case OFFER_answered_elsewhere:
		k->elsewhere = true;
		break;
	case OFFER_accepted:
		LAW(s, !k->rings); /* the others were told before */
		break;
	case OFFER_cancelled_by_caller:
		break;
	}
	if (ev->result != OFFER_accepted)
		LAW(s, !k->elsewhere || ev->result == OFFER_answered_elsewhere);
}

static void hear_answer(struct sim *s, const struct event_answer *ev)
{
	struct told_contact *k = contact_at(s, ev->contact);
	uint32_t i = 0;
	LAW(s, agent_of(s, ev->agent, &i));
	LAW(s, k->state == TOLD_FLOW && !(k->talkers & BIT(i))); /* after its dequeue */
	for (uint32_t n = 1; n <= s->high; n++)			 /* never two for one */
		LAW(s, !s->contacts[n].alive || !(s->contacts[n].talkers & BIT(i)) ||
			       s->contacts[n].tenant != k->tenant);
	if (k->caller && !k->talkers)
		s->served[k->tenant][k->caller] = i + 1;
	k->talkers |= BIT(i);
	k->again = true;
}

static void hear_agent_end(struct sim *s, const struct event_agent_end *ev)
{
	struct told_contact *k = contact_at(s, ev->contact);
	uint32_t i = 0;
	if (!agent_of(s, ev->agent,
		      &i)) /* a user deleted while he talked has no name in the next */
		while (i < AGENTS && (!(k->talkers & BIT(i)) || s->agent_specs[k->tenant][i].there))
			i++;
	LAW(s, i < AGENTS && (k->talkers & BIT(i)));
	LAW(s, ev->talk_ms >= 0 && ev->hold_ms >= 0);
	k->talkers &= ~BIT(i);
	k->holders &= ~BIT(i);
	s->handed += ev->result == RESULT_transferred;
	s->lost += ev->result == RESULT_failed;
}

static void hear_hold(struct sim *s, const struct event_hold_on *ev, bool on)
{
	struct told_contact *k = contact_at(s, ev->contact);
	uint32_t i = 0;
	if (!agent_of(s, ev->agent, &i))
		return;
	LAW(s, (k->talkers & BIT(i)) && on == !(k->holders & BIT(i)));
	k->holders ^= BIT(i);
}

static void hear_agent(struct sim *s, const struct event *ev)
{
	uint32_t i;
	struct told_agent *a;
	if (ev->kind == EV_agent_work) {
		a = agent_of(s, ev->agent_work.agent, &i);
		if (!a && s->restarts)
			return; /* as above */
		LAW(s, a && a->work == ev->agent_work.from);
		a->work = ev->agent_work.to;
		a->contact = ev->agent_work.contact;
	} else if (ev->kind == EV_agent_presence) {
		a = agent_of(s, ev->agent_presence.agent, &i);
		if (!a && s->restarts)
			return;
		LAW(s, a && a->presence == ev->agent_presence.from);
		a->presence = ev->agent_presence.to;
		uint32_t tenant;
		if (a->presence == PRESENCE_signed_out &&
		    place_of(s, ID(ev->agent_presence.agent), &tenant) >= 0)
			told_unstick(s, tenant, i);
		a->has_next = false;
	} else {
		a = agent_of(s, ev->agent_next.agent, &i);
		LAW(s, a != NULL);
		a->has_next = ev->agent_next.next.n > 0;
		if (a->has_next)
			LAW(s, presence_from(ev->agent_next.next, &a->next) == ERR_OK);
	}
}

void told_hear(struct sim *s, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_enqueue:
		hear_enqueue(s, &ev->enqueue);
		break;
	case EV_place_resumed:
		hear_place_resumed(s, &ev->place_resumed);
		break;
	case EV_dequeue:
		hear_dequeue(s, &ev->dequeue);
		break;
	case EV_offer:
		hear_offer(s, &ev->offer);
		break;
	case EV_offer_end:
		hear_offer_end(s, &ev->offer_end);
		break;
	case EV_answer:
		hear_answer(s, &ev->answer);
		break;
	case EV_agent_end:
		hear_agent_end(s, &ev->agent_end);
		break;
	case EV_hold_on:
	case EV_hold_off:
		hear_hold(s, &ev->hold_on, ev->kind == EV_hold_on);
		break;
	case EV_park:
	case EV_park_end:
		contact_at(s, ev->park.contact)->parked = ev->kind == EV_park;
		break;
	case EV_agent_work:
	case EV_agent_presence:
	case EV_agent_next:
		hear_agent(s, ev);
		break;
	case EV_contact_gone: {
		struct told_contact *k = contact_at(s, ev->contact_gone.contact);
		LAW(s, k->state == TOLD_FLOW && !k->stretch && !k->talkers && !k->parked);
		k->alive = false;
		s->alive--;
		break;
	}
	case EV_flow_step:
		contact_at(s, ev->flow_step.contact)->stretch = true;
		break;
	case EV_ivr_end:
		LAW(s, contact_at(s, ev->ivr_end.contact)->stretch);
		contact_at(s, ev->ivr_end.contact)->stretch = false;
		break;
	case EV_alarm: /* flows that lead to what an administrator took away say so, lost people too
			*/
		s->alarms += !str_is(ev->alarm.name, "flow") &&
			     !str_is(ev->alarm.name, "agent_lost") &&
			     !str_is(ev->alarm.name, "agent_away");
		break;
	default:
		break;
	}
}

/* -- what was told is what is -- */

static void check_contact(struct sim *s, const struct told_contact *k,
			  uint64_t waiting[TENANTS][QUEUES])
{
	struct acd_contact c = {.state = CONTACT_flow};
	enum err e = acd_contact_get(s->acd, k->id, &c);
	const struct contact *row = contact_get(&s->core, k->id);
	LAW(s, row);
	const struct record *stored = books_of(s, row->uuid);
	LAW(s, stored);
	enum contact_state told = record_state(stored);
	if (k->talkers) {
		LAW(s, told == c.state);
		LAW(s, c.state == (k->holders ? CONTACT_held : CONTACT_talking) ||
			       (k->talkers & (k->talkers - 1)));
		waiting[k->tenant][k->queue] +=
			k->state == TOLD_WAITING || k->state == TOLD_OFFERED;
		return;
	}
	switch (k->state) {
	case TOLD_FLOW:
		if (k->parked) {
			LAW(s, told == CONTACT_parked && call_is_parked(s->call, k->id));
			break;
		}
		LAW(s, told == CONTACT_flow || told == CONTACT_wrapping || told == CONTACT_ended);
		LAW(s, e != ERR_OK || c.state == CONTACT_flow || c.state == CONTACT_wrapping);
		break;
	case TOLD_WAITING:
		LAW(s, c.state == CONTACT_waiting && told == CONTACT_waiting);
		waiting[k->tenant][k->queue]++;
		break;
	case TOLD_OFFERED:
		LAW(s, c.state == CONTACT_offered && told == CONTACT_offered);
		for (uint32_t i = 0; i < AGENTS; i++)
			LAW(s, acd_rings_at(s->acd, k->id, agent_at(s, k->tenant, i)) ==
				       ((k->rings & BIT(i)) != 0));
		waiting[k->tenant][k->queue]++;
		break;
	case TOLD_RINGING:
		LAW(s, c.state == CONTACT_offered && told == CONTACT_offered);
		break;
	}
}

static void check_agent(struct sim *s, uint32_t t, uint32_t i)
{
	struct acd_agent a;
	const struct told_agent *told = &s->agents[t][i];
	if (!s->agent_specs[t][i].there || !s->agent_specs[t][i].agent)
		return;
	LAW(s, acd_agent_get(s->acd, agent_at(s, t, i), &a) == ERR_OK);
	if (a.presence != told->presence || a.work != told->work) {
		char room[200];
		struct buf b = buf_make(room, sizeof room);
		buf_fmt(&b, "agent t%u/a%u is %.*s %.*s, told %.*s %.*s", t, i,
			STR_ARG(presence_word(a.presence)), STR_ARG(work_word(a.work)),
			STR_ARG(presence_word(told->presence)), STR_ARG(work_word(told->work)));
		broken(s, "what was told is what is", buf_str(&b));
	}
	LAW(s, a.has_next == told->has_next && (!a.has_next || a.next == told->next));
	LAW(s, a.contact_count == (told->work != WORK_idle && told->work != WORK_no_answer));
	if (a.contact_count) {
		LAW(s, ID_EQ(a.contacts[0], told->contact));
		LAW(s, contact_get(&s->core, a.contacts[0]));
	}
}

static void check_queue(struct sim *s, uint32_t t, uint32_t i, uint64_t waiting)
{
	const struct told_queue *q = &s->queues[t][i];
	uint64_t out = 0;
	for (size_t r = 0; r < COUNT_OF(q->ended); r++)
		out += q->ended[r];
	LAW(s, q->offered == out + waiting); /* behaviours.md T-3 */
	LAW(s, out == q->ended[RESULT_answered] + q->ended[RESULT_abandoned] +
			       q->ended[RESULT_flow_out] + q->ended[RESULT_callback] +
			       q->ended[RESULT_rejected] + q->ended[RESULT_failed] +
			       q->ended[RESULT_transferred]);
	LAW(s, acd_queue_length(s->acd, queue_at(s, t, i)) == waiting);
}

void told_check(struct sim *s)
{
	static uint64_t waiting[TENANTS][QUEUES];
	char room[256];
	struct buf out = buf_make(room, sizeof room);
	if (acd_self_check(s->acd, &out) != ERR_OK)
		broken(s, "the room's own laws", buf_str(&out));
	if (call_self_check(s->call, &out) != ERR_OK)
		broken(s, "the laws of call", buf_str(&out));
	memset(waiting, 0, sizeof waiting);
	uint32_t alive = 0;
	for (uint32_t i = 1; i <= s->high; i++)
		if (s->contacts[i].alive) {
			check_contact(s, &s->contacts[i], waiting);
			alive++;
		}
	LAW(s, alive == s->alive && alive == contact_count(&s->core));
	for (uint32_t t = 0; t < TENANTS; t++) {
		for (uint32_t i = 0; i < AGENTS; i++)
			check_agent(s, t, i);
		for (uint32_t i = 0; i < QUEUES; i++)
			check_queue(s, t, i, waiting[t][i]);
	}
}
