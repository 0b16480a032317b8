/* record.c - see record.h. */
#include "report/record.h"

#include <stdlib.h>

#include "base/jsonw.h"

static void set_text(char *out, size_t room, struct str s)
{
	if (!str_copy(s, out, room)) /* longer than any valid one: keep what fits */
		(void)str_copy(str_head(s, room - 1), out, room);
}
#define SET(field, s) set_text((field), sizeof(field), (s))

void record_init(struct record *r)
{
	*r = (struct record){0};
}

void record_finish(struct record *r)
{
	free(r->segments);
	free(r->offers);
	free(r->promises);
	free(r->recordings);
	free(r->qualities);
	free(r->dials);
	free(r->note);
	free(r->tags);
	way_finish(&r->way);
	record_init(r);
}

#define ADD(r, list, count, room)                                                                  \
	((r)->count == (r)->room                                                                   \
		 ? (void)((r)->list = xrealloc((r)->list, ((r)->room = 2 * (r)->room + 4) *        \
								  sizeof *(r)->list))              \
		 : (void)0,                                                                        \
	 memset(&(r)->list[(r)->count], 0, sizeof *(r)->list), &(r)->list[(r)->count++])

static struct record_segment *segment_open(struct record *r, enum segment_kind kind, int64_t at)
{
	struct record_segment *s = ADD(r, segments, segment_count, segment_room);
	s->kind = kind;
	s->started_at = at;
	s->dirty = true;
	return s;
}

static void segment_end(struct record_segment *s, int64_t at, enum result result)
{
	s->ended_at = MAX(at, s->started_at); /* the clock may have been set back */
	s->result = result;
	s->dirty = true;
}

static bool is_open(const struct record_segment *s)
{
	return s->result == RESULT_none;
}

/* The last segment of a kind, of this queue and agent when they are given; NULL: none. */
static struct record_segment *last_of(struct record *r, enum segment_kind kind, struct str queue,
				      struct str agent)
{
	for (uint32_t i = r->segment_count; i-- > 0;) {
		struct record_segment *s = &r->segments[i];
		if (s->kind == kind && (!queue.n || str_is(queue, s->queue)) &&
		    (!agent.n || str_is(agent, s->agent)))
			return s;
	}
	return NULL;
}

static const struct record_segment *open_of(const struct record *r, enum segment_kind kind)
{
	for (uint32_t i = r->segment_count; i-- > 0;)
		if (r->segments[i].kind == kind && is_open(&r->segments[i]))
			return &r->segments[i];
	return NULL;
}

static bool anything_open(const struct record *r)
{
	for (uint32_t i = 0; i < r->segment_count; i++)
		if (is_open(&r->segments[i]))
			return true;
	return false;
}

static void flow_end(struct record *r, int64_t at, enum result result)
{
	struct record_segment *s = last_of(r, SEGMENT_FLOW, STR_NONE, STR_NONE);
	if (s && is_open(s))
		segment_end(s, at, result == RESULT_none ? RESULT_completed : result);
}

/* Talk is what is neither hold nor yet to come; for an agent's segment that nobody summed up. */
static void agent_times(struct record_segment *s, int64_t at)
{
	if (s->held_since)
		s->held_ms += MAX(at - s->held_since, 0);
	s->held_since = 0;
	s->hold_ms = s->held_ms;
	s->talk_ms = MAX(at - s->started_at - s->hold_ms, 0);
}

static void end_open(struct record *r, int64_t at, enum result flow, enum result queue,
		     enum result agent)
{
	for (uint32_t i = 0; i < r->segment_count; i++) {
		struct record_segment *s = &r->segments[i];
		if (!is_open(s))
			continue;
		if (s->kind == SEGMENT_AGENT)
			agent_times(s, at);
		if (s->kind == SEGMENT_QUEUE)
			s->wait_ms = MAX(at - s->started_at, 0);
		segment_end(s, at,
			    s->kind == SEGMENT_FLOW    ? flow
			    : s->kind == SEGMENT_QUEUE ? queue
						       : agent);
	}
	for (uint32_t i = 0; i < r->offer_count; i++) {
		struct record_offer *o = &r->offers[i];
		if (o->ended_at)
			continue;
		o->ended_at = MAX(at, o->started_at);
		o->result = r->ended_by == PARTY_customer ? OFFER_cancelled_by_caller
							  : OFFER_agent_lost;
		o->dirty = true;
	}
}

static void on_arrive(struct record *r, const struct fact *f)
{
	const struct fact_arrive *a = &f->arrive;
	r->id = f->contact;
	SET(r->tenant, f->tenant);
	r->channel = a->channel;
	r->direction = a->direction;
	SET(r->from, a->from);
	SET(r->to, a->to);
	r->arrived_at = f->at_ms;
	SET(r->agent, a->agent);
	SET(r->customer, a->customer);
	r->private = a->private;
	r->test = a->test;
	if (a->flow.n)
		segment_open(r, SEGMENT_FLOW, f->at_ms);
}

static void on_enqueue(struct record *r, const struct fact *f)
{
	flow_end(r, f->at_ms, RESULT_completed);
	struct record_segment *s = segment_open(r, SEGMENT_QUEUE, f->at_ms);
	SET(s->queue, f->enqueue.queue);
	SET(r->queue, f->enqueue.queue);
}

static void on_dequeue(struct record *r, const struct fact *f)
{
	const struct fact_dequeue *d = &f->dequeue;
	struct record_segment *s = last_of(r, SEGMENT_QUEUE, d->queue, STR_NONE);
	if (!s)
		return;
	s->exit = d->exit;
	s->dirty = true;
	if (!is_open(s))
		return;
	s->wait_ms = d->wait_ms;
	segment_end(s, f->at_ms, d->reason == RESULT_none ? RESULT_failed : d->reason);
}

static void on_promise(struct record *r, const struct fact *f)
{
	const struct fact_promise *p = &f->promise;
	struct record_segment *s = last_of(r, SEGMENT_QUEUE, p->queue, STR_NONE);
	if (!s)
		return;
	struct record_promise *to = ADD(r, promises, promise_count, promise_room);
	*to = (struct record_promise){.segment = (uint32_t)(s - r->segments),
				      .at = f->at_ms,
				      .position = p->position,
				      .ewt_ms = p->ewt_ms,
				      .low_ms = p->low_ms,
				      .high_ms = p->high_ms};
	s->dirty = true;
}

static void on_answer(struct record *r, const struct fact *f)
{
	const struct fact_answer *a = &f->answer;
	flow_end(r, f->at_ms, RESULT_completed); /* rung without a queue: from within the flow */
	struct record_segment *visit =
		a->queue.n ? last_of(r, SEGMENT_QUEUE, a->queue, STR_NONE) : NULL;
	uint32_t index = visit ? (uint32_t)(visit - r->segments) + 1 : 0;
	if (visit && !a->named && (is_open(visit) || visit->result == RESULT_answered)) {
		visit->wait_ms = a->wait_ms;
		segment_end(visit, f->at_ms, RESULT_answered);
	}
	if (visit && visit->result != RESULT_answered)
		index = 0;		/* it was moved past this queue */
	if (!open_of(r, SEGMENT_AGENT)) /* else he is asked for advice, or joins */
		SET(r->agent, a->agent);
	struct record_segment *s = segment_open(r, SEGMENT_AGENT, f->at_ms);
	SET(s->queue, a->queue);
	SET(s->agent, a->agent);
	s->visit = index;
	if (a->dialled) {
		s->dialled = s->handles = true;
		s->dial_ms = a->wait_ms;
		r->dialling = false;
	}
}

static void on_offer(struct record *r, const struct fact *f)
{
	struct record_offer *o = ADD(r, offers, offer_count, offer_room);
	SET(o->queue, f->offer.queue);
	SET(o->agent, f->offer.agent);
	o->started_at = f->at_ms;
	o->dirty = true;
}

static void on_offer_end(struct record *r, const struct fact *f)
{
	for (uint32_t i = r->offer_count; i-- > 0;) {
		struct record_offer *o = &r->offers[i];
		if (!str_is(f->offer_end.agent, o->agent))
			continue;
		o->result = f->offer_end.result;
		if (!o->ended_at)
			o->ended_at = MAX(f->at_ms, o->started_at);
		o->dirty = true;
		return;
	}
}

static void on_hold(struct record *r, struct str queue, struct str agent, int64_t at, bool on)
{
	struct record_segment *s = last_of(r, SEGMENT_AGENT, queue, agent);
	if (!s || !is_open(s) || on == (s->held_since != 0))
		return;
	if (on) {
		s->held_since = at;
	} else {
		s->held_ms += MAX(at - s->held_since, 0);
		s->held_since = 0;
	}
	s->hold_ms = s->held_ms;
	s->dirty = true;
}

static void on_agent_end(struct record *r, const struct fact *f)
{
	const struct fact_agent_end *a = &f->agent_end;
	struct record_segment *s = last_of(r, SEGMENT_AGENT, a->queue, a->agent);
	if (!s)
		return;
	s->talk_ms = a->talk_ms;
	s->hold_ms = a->hold_ms;
	s->held_since = 0;
	s->dirty = true;
	if (is_open(s)) /* else a server_restart ended it already */
		segment_end(s, f->at_ms, a->result == RESULT_none ? RESULT_completed : a->result);
	const struct record_segment *other = open_of(r, SEGMENT_AGENT);
	if (other && str_eq(str_of(r->agent), a->agent))
		SET(r->agent, str_of(other->agent));
}

static void on_wrap(struct record *r, const struct fact *f)
{
	bool start = f->kind == EV_wrap_start;
	struct record_segment *s =
		start ? last_of(r, SEGMENT_AGENT, f->wrap_start.queue, f->wrap_start.agent)
		      : last_of(r, SEGMENT_AGENT, f->wrap_end.queue, f->wrap_end.agent);
	if (s) {
		s->wrapping = start;
		s->dirty = true;
	}
	if (start)
		return;
	if (s)
		s->wrap_ms = f->wrap_end.wrap_ms;
	if (f->wrap_end.outcome.n)
		SET(r->outcome, f->wrap_end.outcome);
	if (f->wrap_end.note.n) {
		free(r->note);
		r->note = str_dup(f->wrap_end.note);
	}
}

static void on_agent_dial(struct record *r, const struct fact *f)
{
	SET(r->agent, f->agent_dial.agent);
	SET(r->queue, f->agent_dial.queue);
	r->dialling = true;
}

/* A call of his that led to no `answer` of his own: one segment, from its first moment. */
static void on_agent_dial_end(struct record *r, const struct fact *f)
{
	const struct fact_agent_dial_end *a = &f->agent_dial_end;
	int64_t from = f->at_ms - a->dial_ms - a->talk_ms;
	struct record_segment *s = segment_open(r, SEGMENT_AGENT, MAX(from, r->arrived_at));
	SET(s->queue, a->queue);
	SET(s->agent, a->agent);
	s->dialled = true;
	s->dial_ms = a->dial_ms;
	s->talk_ms = a->talk_ms;
	segment_end(s, f->at_ms, a->result == RESULT_none ? RESULT_failed : a->result);
	r->dialling = false;
}

static struct record_dial *dial_of(struct record *r, uint32_t callee, struct str number)
{
	for (uint32_t i = r->dial_count; i-- > 0;)
		if (r->dials[i].callee == callee && !r->dials[i].ended_at &&
		    str_is(number, r->dials[i].number))
			return &r->dials[i];
	return NULL;
}

static void on_dial(struct record *r, const struct fact *f)
{
	struct record_dial *d = ADD(r, dials, dial_count, dial_room);
	d->callee = f->dial.callee;
	SET(d->number, f->dial.number);
	SET(d->trunk, f->dial.trunk);
	d->started_at = f->at_ms;
}

static void on_dial_answer(struct record *r, const struct fact *f)
{
	struct record_dial *d = dial_of(r, f->dial_answer.callee, f->dial_answer.number);
	if (!d)
		return;
	SET(d->trunk, f->dial_answer.trunk);
	d->answered_at = f->at_ms;
}

static void on_dial_end(struct record *r, const struct fact *f)
{
	struct record_dial *d = dial_of(r, f->dial_end.callee, f->dial_end.number);
	if (!d)
		return;
	SET(d->trunk, f->dial_end.trunk);
	d->ended_at = f->at_ms;
	d->result = f->dial_end.result;
	d->sip_code = f->dial_end.sip_code;
}

static void on_disconnect(struct record *r, const struct fact *f)
{
	r->dialling = false;
	r->disconnected_at = f->at_ms;
	r->ended_by = f->disconnect.by;
	SET(r->cause, f->disconnect.cause);
	/* otherwise the rooms that hear of it say how their segment ended */
	if (str_is(f->disconnect.cause, "server_restart"))
		end_open(r, f->at_ms, RESULT_server_restart, RESULT_server_restart,
			 RESULT_server_restart);
}

static struct record_recording *recording_of(struct record *r, struct str id)
{
	for (uint32_t i = 0; i < r->recording_count; i++)
		if (str_is(id, r->recordings[i].id))
			return &r->recordings[i];
	struct record_recording *g = ADD(r, recordings, recording_count, recording_room);
	SET(g->id, id);
	return g;
}

static void on_recording_start(struct record *r, const struct fact *f)
{
	struct record_recording *g = recording_of(r, f->recording_start.recording);
	SET(g->queue, f->recording_start.queue);
	SET(g->agent, f->recording_start.agent);
	g->started_at = f->at_ms;
	g->dirty = true;
}

static void on_recording_deleted(struct record *r, const struct fact *f)
{
	struct record_recording *g = recording_of(r, f->recording_deleted.recording);
	g->deleted_at = f->at_ms;
	g->dirty = true;
}

static void on_recording_end(struct record *r, const struct fact *f)
{
	const struct fact_recording_end *e = &f->recording_end;
	struct record_recording *g = recording_of(r, e->recording);
	if (!g->started_at)
		g->started_at = f->at_ms - e->duration_ms;
	g->duration_ms = e->duration_ms;
	g->channels = e->channels;
	g->bytes = e->bytes;
	SET(g->codec, e->codec);
	SET(g->sha256, e->sha256);
	SET(g->flaw, e->flaw);
	SET(g->path, e->path);
	g->finished = true;
	g->dirty = true;
}

static void on_leg_end(struct record *r, const struct fact *f)
{
	const struct fact_leg_end *e = &f->leg_end;
	if (!e->sent && !e->received) /* it rang, or media died with its figures */
		return;
	struct record_quality *q = ADD(r, qualities, quality_count, quality_room);
	q->party = e->party;
	SET(q->codec, e->codec);
	q->sent = e->sent;
	q->received = e->received;
	q->lost = e->lost;
	q->jitter_us = e->jitter_us;
	q->mos_cent = e->mos_cent;
	SET(q->srtp, e->srtp);
	q->forged = e->forged;
}

static void on_ended(struct record *r, int64_t at)
{
	r->ended_at = at;
	r->dialling = false;
	if (!r->disconnected_at)
		r->disconnected_at = at;
	/* what nobody ended before: a room forgot; the record must not stay open */
	bool left = r->ended_by == PARTY_customer;
	end_open(r, r->disconnected_at, left ? RESULT_abandoned : RESULT_failed,
		 left ? RESULT_abandoned : RESULT_failed, RESULT_completed);
	for (uint32_t i = 0; i < r->segment_count; i++) {
		if (r->segments[i].wrapping)
			r->segments[i].dirty = true;
		r->segments[i].wrapping = false;
	}
	for (uint32_t i = 0; i < r->recording_count; i++) {
		struct record_recording *g = &r->recordings[i];
		if (g->finished)
			continue;
		SET(g->flaw, STR("lost: the server forgot it")); /* a file there may be, unknown */
		g->finished = true;
		g->dirty = true;
	}
}

void record_lost(struct record *r, int64_t at_ms)
{
	if (r->ended_at)
		return;
	way_lost(&r->way, at_ms);
	if (!r->disconnected_at) {
		r->disconnected_at = at_ms;
		r->ended_by = PARTY_system;
		SET(r->cause, STR("server_restart"));
	}
	end_open(r, at_ms, RESULT_server_restart, RESULT_server_restart, RESULT_server_restart);
	on_ended(r, at_ms);
}

void record_apply(struct record *r, const struct fact *f)
{
	if (f->seq <= r->last_seq)
		return;
	r->last_seq = f->seq;
	way_apply(&r->way, f);
	switch (f->kind) {
	case EV_arrive:
		on_arrive(r, f);
		break;
	case EV_identity:
		SET(r->verstat, f->identity.verstat);
		SET(r->attest, f->identity.attest);
		SET(r->origid, f->identity.origid);
		break;
	case EV_flow_step:
		/* back in the flow after a queue or an agent; the first stretch begins at arrive */
		if (!anything_open(r) && !r->disconnected_at)
			segment_open(r, SEGMENT_FLOW, f->at_ms);
		break;
	case EV_ivr_end:
		flow_end(r, f->at_ms, f->ivr_end.result);
		break;
	case EV_enqueue:
		on_enqueue(r, f);
		break;
	case EV_dequeue:
		on_dequeue(r, f);
		break;
	case EV_offer:
		on_offer(r, f);
		break;
	case EV_offer_end:
		on_offer_end(r, f);
		break;
	case EV_answer:
		on_answer(r, f);
		break;
	case EV_hold_on:
		on_hold(r, f->hold_on.queue, f->hold_on.agent, f->at_ms, true);
		break;
	case EV_hold_off:
		on_hold(r, f->hold_off.queue, f->hold_off.agent, f->at_ms, false);
		break;
	case EV_agent_end:
		on_agent_end(r, f);
		break;
	case EV_agent_dial:
		on_agent_dial(r, f);
		break;
	case EV_agent_dial_end:
		on_agent_dial_end(r, f);
		break;
	case EV_dial:
		on_dial(r, f);
		break;
	case EV_dial_answer:
		on_dial_answer(r, f);
		break;
	case EV_dial_end:
		on_dial_end(r, f);
		break;
	case EV_wrap_start:
	case EV_wrap_end:
		on_wrap(r, f);
		break;
	case EV_disconnect:
		on_disconnect(r, f);
		break;
	case EV_leg_end:
		on_leg_end(r, f);
		break;
	case EV_recording_start:
		on_recording_start(r, f);
		break;
	case EV_recording_end:
		on_recording_end(r, f);
		break;
	case EV_ended:
		on_ended(r, f->at_ms);
		break;
	case EV_promise:
		on_promise(r, f);
		break;
	case EV_consult_start:
	case EV_consult_end:
		r->consulting = f->kind == EV_consult_start;
		break;
	case EV_park:
	case EV_park_end:
		r->parked = f->kind == EV_park;
		r->slot = r->parked ? f->park.slot : 0;
		break;
	case EV_customer_linked:
		/* what a person said is not undone by the house */
		if (!r->customer[0] || !str_is(f->customer_linked.how, "exact"))
			SET(r->customer, f->customer_linked.customer);
		break;
	case EV_recording_deleted:
		on_recording_deleted(r, f);
		break;
	case EV_recording_hold:
		r->held = f->recording_hold.on;
		break;
	case EV_contact_tagged:
		free(r->tags);
		r->tags = f->contact_tagged.tags.n ? str_dup(f->contact_tagged.tags) : NULL;
		break;
	case EV_follow_up:
		r->follow_up_at = f->follow_up.due_at;
		SET(r->follow_up_agent, r->follow_up_at ? f->follow_up.agent : STR_NONE);
		break;
	case EV_help_wanted:
	case EV_help_end:
	case EV_message:
	case EV_message_read:
	case EV_alert_on:
	case EV_alert_off:
	case EV_alert_acknowledged:
	case EV_wall_linked:
	case EV_customer_changed:
	case EV_customer_merged:
	case EV_customer_unmerged:
	case EV_customer_noted:
	case EV_customers_imported:
	case EV_viewed:
	case EV_token_made:
	case EV_token_used:
	case EV_token_ended:
	case EV_backup_made:
	case EV_report_sent:
	case EV_report_failed:
	case EV_mass_event_start:
	case EV_mass_event_stop:
	case EV_bulletin:
	case EV_conf_on:
	case EV_conf_off:
	case EV_transfer:
	case EV_transfer_back:
	case EV_mute_on:
	case EV_mute_off:
	case EV_monitor_start:
	case EV_monitor_end:
	case EV_record_pause:
	case EV_record_resume:
	case EV_unserved:
	case EV_agent_connecting:
	case EV_reason_warning:
	case EV_reason_over:
	case EV_queue_unmeetable:
	case EV_place_resumed:
	case EV_prioritised:
	case EV_wrap_extended:
	case EV_decision:
	case EV_callback_wanted:
	case EV_agent_presence:
	case EV_agent_next:
	case EV_agent_phone:
	case EV_agent_work:
	case EV_server_start:
	case EV_object_changed:
	case EV_login:
	case EV_logout:
	case EV_user_kept:
	case EV_request_done:
	case EV_alarm:
	case EV_approval_asked:
	case EV_approval_end:
	case EV_notice_acknowledged:
	case EV_agent_skills:
	case EV_queue_closed:
	case EV_queue_reopened:
	case EV_diverted:
	case EV_blocked:
	case EV_dial_blocked:
	case EV_play_done:
	case EV_digit:
	case EV_agent_ring_end:
	case EV_phone_changed:
	case EV_desk_changed:
	case EV_phone_up:
	case EV_phone_over:
	case EV_object_moved:
	case EV_contact_gone:
	case EV_COUNT:
		break;
	}
}

/* The customer hears music: all who have him hold, or who does consults. */
static bool held(const struct record *r)
{
	for (uint32_t i = 0; i < r->segment_count; i++) {
		const struct record_segment *s = &r->segments[i];
		if (s->kind != SEGMENT_AGENT || !is_open(s))
			continue;
		if (r->consulting || !s->held_since) /* who came first has him */
			return s->held_since != 0;
	}
	return true;
}

enum contact_state record_state(const struct record *r)
{
	if (r->ended_at)
		return CONTACT_ended;
	if (open_of(r, SEGMENT_AGENT))
		return held(r) ? CONTACT_held : CONTACT_talking;
	for (uint32_t i = 0; i < r->offer_count; i++)
		if (!r->offers[i].ended_at)
			return CONTACT_offered;
	if (r->parked)
		return CONTACT_parked;
	const struct record_segment *visit = open_of(r, SEGMENT_QUEUE);
	if (visit) {
		const struct record_offer *last = &r->offers[r->offer_count - 1];
		bool taken = r->offer_count && last->started_at >= visit->started_at &&
			     last->result == OFFER_accepted; /* but not connected yet */
		return taken ? CONTACT_offered : CONTACT_waiting;
	}
	if (open_of(r, SEGMENT_FLOW))
		return CONTACT_flow;
	if (r->dialling) /* somebody's telephone rings */
		return CONTACT_offered;
	for (uint32_t i = 0; i < r->dial_count; i++) /* with a number, without an agent */
		if (r->dials[i].answered_at && !r->dials[i].ended_at)
			return CONTACT_talking;
	for (uint32_t i = 0; i < r->segment_count; i++)
		if (r->segments[i].wrapping)
			return CONTACT_wrapping;
	return r->disconnected_at ? CONTACT_ended : CONTACT_flow;
}

struct record_times record_visit_times(const struct record *r, uint32_t segment)
{
	struct record_times t = {.wait_ms = r->segments[segment].wait_ms};
	bool served = false, busy = false;
	for (uint32_t i = 0; i < r->segment_count; i++) {
		const struct record_segment *s = &r->segments[i];
		if (s->kind != SEGMENT_AGENT || s->visit != segment + 1)
			continue;
		served = true;
		busy |= is_open(s) || s->wrapping;
		t.transferred |= s->result == RESULT_transferred;
		t.talk_ms += s->talk_ms;
		t.hold_ms += s->hold_ms;
		t.wrap_ms += s->wrap_ms;
	}
	t.handled = served && !busy;
	return t;
}

int64_t record_promise_waited(const struct record *r, const struct record_promise *p)
{
	const struct record_segment *s = &r->segments[p->segment];
	return is_open(s) ? -1 : MAX(s->ended_at - p->at, 0);
}

const struct record_promise *record_visit_promise(const struct record *r, uint32_t segment)
{
	for (uint32_t i = 0; i < r->promise_count; i++)
		if (r->promises[i].segment == segment && r->promises[i].high_ms)
			return &r->promises[i];
	return NULL;
}

struct visit record_visit(const struct record *r, uint32_t segment)
{
	const struct record_segment *s = &r->segments[segment];
	const struct record_times t = record_visit_times(r, segment);
	const struct record_promise *p = record_visit_promise(r, segment);
	return (struct visit){.started_at = s->started_at,
			      .result = s->result,
			      .wait_ms = t.wait_ms,
			      .talk_ms = t.talk_ms,
			      .hold_ms = t.hold_ms,
			      .wrap_ms = t.wrap_ms,
			      .handled = t.handled,
			      .transferred = t.transferred,
			      .promise_ewt_ms = p ? p->ewt_ms : 0,
			      .promise_ms = p ? p->high_ms : 0,
			      .promise_waited_ms = p ? MAX(record_promise_waited(r, p), 0) : 0};
}

struct record_times record_times(const struct record *r)
{
	struct record_times t = {0};
	for (uint32_t i = 0; i < r->segment_count; i++) {
		if (r->segments[i].dialled && !r->segments[i].handles)
			continue; /* of the caller: his colleague's says the same talk */
		t.wait_ms += r->segments[i].wait_ms;
		t.talk_ms += r->segments[i].talk_ms;
		t.hold_ms += r->segments[i].hold_ms;
		t.wrap_ms += r->segments[i].wrap_ms;
	}
	return t;
}
