/* laws.c - what must hold between two causes; tests and the simulation ask after every step. */
#include "acd/inside.h"
#include "core/law.h"

static bool agent_lawful(const struct agent *a, struct buf *out)
{
	LAW(a->avoids == (agent_conf(a)->do_not_pair_count > 0));
	LAW(a->avail == agent_avail(a));
	LAW(list_empty(&a->of_working) == !agent_working(a));
	LAW(!agent_orphaned(a));
	LAW((a->work == WORK_offered) == !list_empty(&a->of_offer));
	const struct visit *v = visit_row(a->acd, a->job.contact);
	bool talks = agent_working(a) && (!v || v->caller != a) && a->work != WORK_offered &&
		     a->work != WORK_wrapping;
	LAW(talks == !list_empty(&a->of_talk));
	LAW(!talks || a->work == talk_work(a));
	LAW(!talks || !a->job.talk.holders == !a->job.talk.hold_from_ms);
	LAW(agent_working(a) || ID_NONE(a->job.contact));
	LAW(agent_working(a) || !a->has_next);
	return true;
}

static bool order_lawful(const struct rank *r, enum visit_state state, struct buf *out)
{
	uint32_t count = 0;
	for (const struct rank_node *n = rank_first(r), *next; n; n = next) {
		const struct visit *v = CONTAINER_OF(n, const struct visit, rank);
		next = rank_next(n);
		LAW(v->state == state);
		LAW(!next || rank_before(n, next));
		count++;
	}
	LAW(count == r->count);
	return true;
}

static bool nobody_waits_in_vain(const struct queue *q, struct buf *out)
{
	for (const struct rank_node *n = rank_first(&q->waiting); n; n = rank_next(n)) {
		const struct visit *v = CONTAINER_OF(n, const struct visit, rank);
		list_for_each (l, &q->ready)
			LAW(match_refusal(v, CONTAINER_OF(l, struct member, of_ready)) !=
			    AVAIL_ready);
		LAW(timer_running(&v->timer) ||
		    (match_next_step_ms(v) == INT64_MAX && tier_next_ms(v) == INT64_MAX));
	}
	for (struct rank_node *n = rank_first(&q->offered); n; n = rank_next(n)) {
		const struct visit *v = CONTAINER_OF(n, const struct visit, rank);
		list_for_each (l, &q->ready)
			LAW(!match_more(v) ||
			    match_refusal(v, CONTAINER_OF(l, struct member, of_ready)) !=
				    AVAIL_ready);
		LAW(timer_running(&v->timer));
	}
	return true;
}

static bool tiers_lawful(const struct queue *q)
{
	uint32_t members[TIERS_MAX] = {0}, staff[TIERS_MAX] = {0};
	list_for_each (l, &q->members) {
		const struct member *m = CONTAINER_OF(l, struct member, of_queue);
		members[m->place.tier - 1]++;
		staff[m->place.tier - 1] +=
			m->agent->avail != AVAIL_signed_out && m->agent->avail != AVAIL_leaving;
	}
	return !memcmp(members, q->tier_members, sizeof members) &&
	       !memcmp(staff, q->tier_staff, sizeof staff);
}

static bool somebody_is_unmeetable(const struct queue *q)
{
	for (const struct rank_node *n = rank_first(&q->waiting); n; n = rank_next(n)) {
		const struct demand d = demand_of(CONTAINER_OF(n, const struct visit, rank));
		bool could = false;
		list_for_each (l, &q->members)
			could |= demand_could(&d, CONTAINER_OF(l, struct member, of_queue));
		if (!could)
			return true;
	}
	return false;
}

static bool demands_lawful(const struct queue *q, struct buf *out)
{
	uint32_t own = 0, users = 0;
	list_for_each (l, &q->demands) {
		const struct own_demand *d = CONTAINER_OF(l, struct own_demand, of_queue);
		own += d->waiting;
		users += d->users;
		LAW(d->users && d->waiting <= d->users);
	}
	LAW(own == q->own_waiting);
	for (const struct rank_node *n = rank_first(&q->waiting); n; n = rank_next(n)) {
		const struct visit *v = CONTAINER_OF(n, const struct visit, rank);
		own -= v->own != NULL;
		users -= v->own != NULL;
	}
	for (const struct rank_node *n = rank_first(&q->offered); n; n = rank_next(n))
		users -= CONTAINER_OF(n, const struct visit, rank)->own != NULL;
	LAW(!own && !users);
	return true;
}

static bool queue_lawful(const struct queue *q, struct buf *out)
{
	uint32_t counts[AVAIL_COUNT] = {0}, members = 0, ready = 0;
	list_for_each (l, &q->members) {
		const struct member *m = CONTAINER_OF(l, struct member, of_queue);
		counts[m->agent->avail]++;
		members++;
		LAW(list_empty(&m->of_ready) == (m->agent->avail != AVAIL_ready));
	}
	uint32_t able = 0;
	list_for_each (l, &q->members)
		able += CONTAINER_OF(l, struct member, of_queue)->able;
	LAW(able == q->able);
	const struct member *before = NULL;
	list_for_each (l, &q->ready) {
		const struct member *m = CONTAINER_OF(l, struct member, of_ready);
		LAW(!before || order_by_idle(NULL, before, m) < 0);
		before = m;
		ready++;
	}
	LAW(tiers_lawful(q));
	LAW(members == q->member_count && ready == counts[AVAIL_ready]);
	LAW(memcmp(counts, q->counts, sizeof counts) == 0);
	LAW(q->staffed == (queue_staff_in(q, queue_conf(q)->stay_when) > 0));
	LAW(q->unmeetable == somebody_is_unmeetable(q));
	return demands_lawful(q, out) && order_lawful(&q->waiting, VISIT_WAITING, out) &&
	       order_lawful(&q->offered, VISIT_OFFERED, out) && nobody_waits_in_vain(q, out);
}

static bool visit_lawful(const struct acd *acd, const struct visit *v, struct buf *out)
{
	const struct agent *before = NULL;
	LAW(contact_get(acd->core, v->contact));
	uint64_t seq = 0;
	list_for_each (l, &v->talkers) {
		const struct agent *a = CONTAINER_OF(l, struct agent, of_talk);
		LAW(ID_EQ(a->job.contact, v->contact) && a->job.talk.seq > seq);
		seq = a->job.talk.seq;
	}
	LAW(ID_NONE(v->asker) || (v->queue && talk_first(v)));
	LAW(!v->missing);
	LAW(!v->caller ||
	    (list_empty(&v->caller->of_talk) && ID_EQ(v->caller->job.contact, v->contact)));
	LAW((v->state == VISIT_OFFERED || v->state == VISIT_RINGING) == !list_empty(&v->offers));
	LAW(v->state != VISIT_RINGING ||
	    (v->offers.next == v->offers.prev && !v->queue && timer_running(&v->timer)));
	list_for_each (l, &v->offers) {
		const struct agent *a = CONTAINER_OF(l, struct agent, of_offer);
		LAW(visit_rings(v, a));
		LAW(!before || before->job.offer_seq < a->job.offer_seq);
		before = a;
	}
	list_for_each (l, &v->wants) {
		const struct want *w = CONTAINER_OF(l, struct want, of_visit);
		LAW(w->visit == v && v->rank.in && w->agent->presence != PRESENCE_signed_out);
		/* a later demand may ask for less and for other things: looked at when it rings no
		 * more */
		LAW(v->state == VISIT_OFFERED || match_serves(v, w->agent));
	}
	LAW(!v->own || v->queue);
	LAW(v->rank.in == (v->state == VISIT_WAITING || v->state == VISIT_OFFERED));
	return true;
}

enum err acd_self_check(const struct room *r, struct buf *out)
{
	const struct acd *acd = acd_of(r);
	bool fine = true;
	for (uint32_t i = 0; i < acd->agents_room && fine; i++)
		fine = !acd->agents[i] || agent_lawful(acd->agents[i], out);
	for (uint32_t i = 0; i < acd->queues_room && fine; i++)
		fine = !acd->queues[i] || queue_lawful(acd->queues[i], out);
	uint32_t slot = 0;
	const struct visit *v;
	while (fine && (v = pool_next(acd->visits, &slot)) != NULL)
		fine = visit_lawful(acd, v, out);
	return fine ? ERR_OK : ERR_CONFLICT;
}
