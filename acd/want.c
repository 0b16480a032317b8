/*
 * want.c - a contact is kept for some agents for a while: for those its flow names, or for the one
 * who knows the caller (behaviours.md Q-4, preferred and last agent).
 *
 * Only for who is signed in and could serve it; while any of them is left the others pass by.
 */
#include "acd/inside.h"

void want_add(struct visit *v, struct agent *a, uint32_t score)
{
	struct id unused;
	struct want *w = want_of(v, a) ? NULL : pool_take(v->acd->wants, &unused);
	if (!w)
		return;
	*w = (struct want){.visit = v, .agent = a, .score = score};
	list_init(&w->of_visit);
	list_init(&w->of_agent);
	list_push(&v->wants, &w->of_visit);
	list_push(&a->wanted, &w->of_agent);
}

static void want_end(struct want *w)
{
	list_remove(&w->of_visit);
	list_remove(&w->of_agent);
	pool_give(w->visit->acd->wants, w);
}

const struct want *want_of(const struct visit *v, const struct agent *a)
{
	list_for_each (l, &v->wants) {
		const struct want *w = CONTAINER_OF(l, struct want, of_visit);
		if (w->agent == a)
			return w;
	}
	return NULL;
}

void want_drop(struct visit *v, const struct agent *a)
{
	list_for_each (l, &v->wants) {
		struct want *w = CONTAINER_OF(l, struct want, of_visit);
		if (w->agent == a)
			want_end(w);
	}
}

void want_none(struct visit *v)
{
	list_remove(&v->of_freed);
	list_for_each (l, &v->wants)
		want_end(CONTAINER_OF(l, struct want, of_visit));
}

/* Here and now, or as soon as he is free. */
static bool could(const struct visit *v, const struct agent *a)
{
	return a->is_agent && a->presence != PRESENCE_signed_out && match_serves(v, a);
}

void want_review(struct visit *v)
{
	if (v->acd->core->now_ms >= v->wanted_until_ms)
		want_none(v);
	list_for_each (l, &v->wants) {
		struct want *w = CONTAINER_OF(l, struct want, of_visit);
		if (!could(v, w->agent))
			want_end(w);
	}
}

void want_unstick(struct agent *a)
{
	list_for_each (l, &a->wanted) {
		struct want *w = CONTAINER_OF(l, struct want, of_agent);
		struct visit *v = w->visit;
		if (could(v, a))
			continue;
		want_end(w);
		list_remove(&v->of_freed);
		list_push(&a->acd->freed, &v->of_freed);
		visit_touch(v);
	}
}

void want_begin(struct visit *v, const struct command_queue_join *cmd)
{
	struct acd *acd = v->acd;
	int64_t sticky_ms = queue_conf(v->queue)->sticky_ms;
	v->wanted_until_ms = v->enqueue_ms + cmd->wish_ms;
	for (uint32_t i = 0; i < cmd->wish_count && cmd->wish_ms > 0; i++) {
		struct agent *a = agent_row(acd, cmd->wishes[i].agent);
		if (a && could(v, a))
			want_add(v, a, cmd->wishes[i].score);
	}
	if (cmd->wish_count || sticky_ms <= 0)
		return;
	v->wanted_until_ms = v->enqueue_ms + sticky_ms;
	struct agent *a =
		agent_row(acd, known_agent(acd->known, contact_get(acd->core, v->contact)));
	if (a && could(v, a))
		want_add(v, a, 0);
}
