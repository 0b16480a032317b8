/* look.c - looking in: states of agents, queues and contacts for screens, and dumps for people. */
#include "acd/inside.h"

/* -- agents -- */

static void agent_state(const struct agent *a, struct acd_agent *out)
{
	*out = (struct acd_agent){
		.id = a->id,
		.tenant = str_of(a->tenant->name),
		.name = str_of(a->name),
		.presence = a->presence,
		.reason = str_of(a->reason),
		.work = a->work,
		.has_next = a->has_next,
		.since_utc_ms = a->since_utc_ms,
		.phone = agent_conf(a)->phone,
		.phone_ready = agent_phone_ready(a),
		.phone_connecting = a->connecting,
		.skills_until_utc_ms = a->skills_until_ms,
		.available = a->avail == AVAIL_ready,
	};
	int64_t until_ms = agent_reason_until(a);
	if (until_ms != INT64_MAX) {
		const struct core *c = a->acd->core;
		out->reason_until_utc_ms = c->utc_ms + until_ms - c->now_ms;
		out->reason_over = a->reason_told == REASON_OVER;
	}
	if (a->has_next) {
		out->next = a->next;
		out->next_reason = str_of(a->next_reason);
	}
	if (agent_working(a))
		out->contacts[out->contact_count++] = a->job.contact;
}

enum err acd_agent_get(const struct room *r, struct agent_id id, struct acd_agent *out)
{
	const struct agent *a = agent_row(acd_of(r), id);
	if (!a || !a->is_agent)
		return ERR_NOT_FOUND;
	agent_state(a, out);
	return ERR_OK;
}

bool acd_agent_next(const struct room *r, struct str tenant, struct str *after,
		    struct acd_agent *out)
{
	const struct tenant *t = map_get(&acd_of(r)->tenants, tenant);
	if (!t)
		return false;
	for (uint32_t at = staff_sorted_after(t, *after); at < t->agents.count; at++) {
		const struct agent *a = t->sorted[at];
		if (!a->is_agent)
			continue;
		agent_state(a, out);
		*after = out->name;
		return true;
	}
	return false;
}

uint32_t acd_agent_queues(const struct room *r, struct agent_id id, struct queue_id *out,
			  uint32_t room)
{
	const struct agent *a = agent_row(acd_of(r), id);
	for (uint32_t i = 0; a && i < MIN(a->member_count, room); i++)
		out[i] = a->members[i].queue->id;
	return a ? a->member_count : 0;
}

bool acd_agent_works(const struct room *r, struct agent_id id)
{
	const struct agent *a = agent_row(acd_of(r), id);
	return a && agent_working(a);
}

/* -- queues -- */

uint32_t acd_queue_length(const struct room *r, struct queue_id id)
{
	const struct queue *q = queue_row(acd_of(r), id);
	return q ? q->waiting.count + q->offered.count : 0;
}

int64_t acd_queue_ewt(const struct room *r, struct queue_id id)
{
	struct queue *q = queue_row(acd_of(r), id);
	return q ? outlook_ewt(q) : -1;
}

enum err acd_queue_live(const struct room *r, struct queue_id id, struct acd_queue_live *out)
{
	const struct acd *acd = acd_of(r);
	struct queue *q = queue_row(acd, id);
	if (!q)
		return ERR_NOT_FOUND;
	const uint32_t *n = q->counts;
	*out = (struct acd_queue_live){
		.waiting = acd_queue_length(r, id),
		.ewt_ms = outlook_ewt(q),
		.ready = n[AVAIL_ready],
		.busy = n[AVAIL_busy] + n[AVAIL_wrapping],
		.signed_in = queue_signed_in(q),
		.unmeetable = q->unmeetable,
	};
	out->not_ready = out->signed_in - out->ready - out->busy;
	const struct rank *both[] = {&q->waiting, &q->offered};
	for (size_t i = 0; i < COUNT_OF(both); i++)
		for (struct rank_node *k = rank_first(both[i]); k; k = rank_next(k))
			out->longest_wait_ms =
				MAX(out->longest_wait_ms,
				    acd->core->now_ms -
					    CONTAINER_OF(k, struct visit, rank)->enqueue_ms);
	return ERR_OK;
}

int64_t acd_base_wait(const struct room *r, struct queue_id id, uint32_t place)
{
	const struct queue *q = queue_row(acd_of(r), id);
	return q && place ? outlook_base(q, place - 1) : -1;
}

/* The better one of two orders, taken off. */
static struct visit *merge_next(struct rank_node **a, struct rank_node **b)
{
	struct rank_node **from = !*a ? b : !*b ? a : rank_before(*a, *b) ? a : b, *n = *from;
	if (!n)
		return NULL;
	*from = rank_next(n);
	return CONTAINER_OF(n, struct visit, rank);
}

uint32_t acd_queue_waiting(const struct room *r, struct queue_id id, struct acd_waiting *out,
			   uint32_t room)
{
	const struct acd *acd = acd_of(r);
	const struct queue *q = queue_row(acd, id);
	uint32_t count = 0;
	if (!q)
		return 0;
	struct rank_node *a = rank_first(&q->waiting), *b = rank_first(&q->offered);
	struct visit *v;
	while (count < room && (v = merge_next(&a, &b)) != NULL) {
		out[count] = (struct acd_waiting){v->contact, count + 1,
						  acd->core->now_ms - v->enqueue_ms,
						  v->state == VISIT_OFFERED};
		count++;
	}
	return count;
}

/* -- contacts -- */

static uint32_t position_of(const struct visit *v)
{
	struct rank_node *a = rank_first(&v->queue->waiting), *b = rank_first(&v->queue->offered);
	uint32_t position = 1;
	while (merge_next(&a, &b) != v)
		position++;
	return position;
}

static const struct agent *wrapper_of(const struct acd *acd, struct contact_id id)
{
	list_for_each (l, &acd->working) {
		const struct agent *a = CONTAINER_OF(l, struct agent, of_working);
		if (a->work == WORK_wrapping && ID_EQ(a->job.contact, id))
			return a;
	}
	return NULL;
}

/* The customer hears music: all who have him hold, or who does consults. */
static bool is_held(const struct visit *v)
{
	list_for_each (l, &v->talkers) {
		const struct agent *a = CONTAINER_OF(l, struct agent, of_talk);
		if (a->job.talk.does == WORK_consulting || !a->job.talk.holders)
			return a->job.talk.holders != 0; /* who came first has him */
	}
	return true;
}

enum err acd_contact_get(const struct room *r, struct contact_id id, struct acd_contact *out)
{
	const struct acd *acd = acd_of(r);
	const struct visit *v = visit_row(acd, id);
	if (!v)
		return ERR_NOT_FOUND;
	*out = (struct acd_contact){.enqueue_ms = v->enqueue_ms, .queue = v->talk_queue};
	if (v->caller)
		out->caller = v->caller->id;
	const struct agent *with = talk_first(v);
	if (with) { /* another one may be asked for beside him */
		out->agent = with->id;
		out->queue = with->job.queue;
		out->state = is_held(v) ? CONTACT_held : CONTACT_talking;
		return ERR_OK;
	}
	if (!list_empty(&v->offers))
		out->agent = CONTAINER_OF(v->offers.next, struct agent, of_offer)->id;
	switch (v->state) {
	case VISIT_NONE: {
		const struct agent *a = wrapper_of(acd, id);
		out->state = a ? CONTACT_wrapping : CONTACT_flow;
		out->queue = a ? a->job.queue : (struct queue_id){0};
		out->agent = a ? a->id : (struct agent_id){0};
		if (v->caller) {
			out->state = CONTACT_offered;
			out->queue = v->caller->job.queue;
			out->agent = v->caller->id;
		}
		break;
	}
	case VISIT_WAITING:
	case VISIT_OFFERED:
		out->state = v->state == VISIT_WAITING ? CONTACT_waiting : CONTACT_offered;
		out->queue = v->queue->id;
		out->position = position_of(v);
		break;
	case VISIT_RINGING:
		out->state = CONTACT_offered;
		break;
	}
	return ERR_OK;
}

enum err acd_contact_why(const struct room *r, struct contact_id id, struct buf *out)
{
	struct visit *v = visit_row(acd_of(r), id);
	if (!v || !v->queue)
		return ERR_CONFLICT;
	why_nobody(v, out);
	return ERR_OK;
}

bool acd_rings_at(const struct room *r, struct contact_id contact, struct agent_id agent)
{
	const struct visit *v = visit_row(acd_of(r), contact);
	const struct agent *a = agent_row(acd_of(r), agent);
	return v && a && visit_rings(v, a);
}

/* -- for people -- */

static void dump_queues(const struct acd *acd, struct buf *out)
{
	for (uint32_t i = 0; i < acd->queues_room; i++) {
		const struct queue *q = acd->queues[i];
		if (!q)
			continue;
		buf_fmt(out, "%s/%s waiting=%u offered=%u ready=%u busy=%u signed_in=%u of=%u",
			q->tenant->name, q->name, q->waiting.count, q->offered.count,
			q->counts[AVAIL_ready], q->counts[AVAIL_busy] + q->counts[AVAIL_wrapping],
			queue_signed_in(q), q->member_count);
		const struct rank_node *n = rank_first(&q->waiting);
		if (n)
			buf_fmt(out, " head_wait_ms=%lld",
				(long long)(acd->core->now_ms -
					    CONTAINER_OF(n, struct visit, rank)->enqueue_ms));
		buf_fmt(out, " handled=%u quits_per_h=%.2f comes_per_h=%.1f\n", q->lore.handled,
			lore_quits_per_ms(&q->lore) * 3600000,
			lore_comes_per_ms(&q->lore, acd->core->now_ms) * 3600000);
	}
	buf_fmt(out, "contacts=%u/%u exclusions=%u/%u known_callers=%u\n", pool_count(acd->visits),
		pool_limit(acd->visits), pool_count(acd->shuns), pool_limit(acd->shuns),
		known_count(acd->known));
}

static void dump_agent(const struct agent *a, struct buf *out)
{
	buf_fmt(out, "%s/%s presence=" STR_FMT, a->tenant->name, a->name,
		STR_ARG(presence_word(a->presence)));
	if (a->reason[0])
		buf_fmt(out, " reason=%s", a->reason);
	if (a->has_next)
		buf_fmt(out, " next=" STR_FMT, STR_ARG(presence_word(a->next)));
	buf_fmt(out, " work=" STR_FMT " can=" STR_FMT " phone=%s queues=%u idle_ms=",
		STR_ARG(work_word(a->work)), STR_ARG(avail_word(a->avail)),
		agent_phone_ready(a) ? "ready" : "no", a->member_count);
	if (a->presence == PRESENCE_signed_out && a->work == WORK_idle)
		buf_c(out, "-"); /* nobody waits for work who is not there */
	else
		buf_i64(out, a->acd->core->now_ms - a->idle_ms);
	const struct contact *k = contact_get(a->acd->core, a->job.contact);
	if (k) {
		char text[UUID_TEXT + 1];
		uuid_text(k->uuid, text);
		buf_fmt(out, " contact=%s", text);
	}
	buf_c(out, "\n");
}

bool look_dump(struct room *r, struct str what, struct buf *out)
{
	const struct acd *acd = acd_of(r);
	if (str_is(what, "queues")) {
		dump_queues(acd, out);
		return true;
	}
	if (!str_is(what, "agents"))
		return false;
	for (uint32_t i = 0; i < acd->agents_room; i++)
		if (acd->agents[i] && acd->agents[i]->is_agent)
			dump_agent(acd->agents[i], out);
	list_for_each (l, &acd->leavers)
		dump_agent(CONTAINER_OF(l, struct agent, of_leavers), out);
	return true;
}

bool acd_queue_gate(const struct room *r, struct queue_id id, struct acd_gate *out)
{
	const struct queue *q = queue_row(acd_of((struct room *)r), id);
	if (!q || !gate_closed(q))
		return false;
	*out = (struct acd_gate){str_of(q->gate.to), str_of(q->gate.by), q->gate.since_ms,
				 q->gate.until_ms};
	return true;
}
