/* why.c - the record of a decision: who could have, who could not and why not (behaviours.md Q-9).
 */
#include "acd/inside.h"

#include "base/jsonw.h"

#define LISTED_MAX 16u
#define NEED_BYTES_MAX 200u

/* The best LISTED_MAX of the eligible, by the strategy's order. */
static uint32_t eligible(const struct pick *p, member_order *order, const struct member **best,
			 uint32_t *all)
{
	uint32_t count = 0;
	*all = 0;
	list_for_each (l, &p->visit->queue->ready) {
		const struct member *m = CONTAINER_OF(l, struct member, of_ready);
		if (match_refusal(p->visit, m) != AVAIL_ready)
			continue;
		++*all;
		uint32_t at = count < LISTED_MAX ? count++ : LISTED_MAX;
		if (at == LISTED_MAX) {
			if (order(p, m, best[LISTED_MAX - 1]) >= 0)
				continue;
			at = LISTED_MAX - 1;
		}
		for (; at > 0 && order(p, m, best[at - 1]) < 0; at--)
			best[at] = best[at - 1];
		best[at] = m;
	}
	return count;
}

static void candidate(struct jsonw *w, const struct pick *p, const struct member *m,
		      enum avail refused)
{
	const struct agent *a = m->agent;
	jsonw_open(w, '{');
	jsonw_kstr(w, "agent", str_of(a->name));
	jsonw_key(w, "refused");
	if (refused == AVAIL_ready)
		jsonw_null(w);
	else
		jsonw_str(w, avail_word(refused));
	if (a->presence != PRESENCE_signed_out)
		jsonw_ki64(w, "idle_ms", a->acd->core->now_ms - member_idle_from(m));
	if (p->step != UINT32_MAX)
		jsonw_ki64(w, "skill", skill_sum(agent_conf(a), &p->demand.steps[p->step]));
	jsonw_close(w, '}');
}

static void candidates(struct jsonw *w, const struct pick *p, const struct member *chosen,
		       member_order *order, uint32_t *all)
{
	const struct member *best[LISTED_MAX];
	uint32_t count = eligible(p, order, best, all), listed = 0;
	jsonw_key(w, "candidates");
	jsonw_open(w, '[');
	if (chosen) { /* first also when the dice chose him */
		candidate(w, p, chosen, AVAIL_ready);
		listed++;
	}
	for (uint32_t i = 0; i < count && listed < LISTED_MAX; i++)
		if (best[i] != chosen) {
			candidate(w, p, best[i], AVAIL_ready);
			listed++;
		}
	list_for_each (l, &p->visit->queue->members) {
		if (listed >= LISTED_MAX)
			break;
		const struct member *m = CONTAINER_OF(l, struct member, of_queue);
		enum avail refused = match_refusal(p->visit, m);
		if (refused == AVAIL_ready)
			continue;
		candidate(w, p, m, refused);
		listed++;
	}
	jsonw_close(w, ']');
}

static void refused_counts(struct jsonw *w, const struct pick *p)
{
	const struct queue *q = p->visit->queue;
	uint32_t counts[AVAIL_COUNT];
	memcpy(counts, q->counts, sizeof counts);
	list_for_each (l, &q->ready)
		counts[match_refusal(p->visit, CONTAINER_OF(l, struct member, of_ready))]++;
	jsonw_key(w, "refused");
	jsonw_open(w, '{');
	for (int i = 0; i < AVAIL_COUNT; i++)
		if (i != AVAIL_ready && counts[i]) {
			jsonw_key(w, avail_word((enum avail)i).p);
			jsonw_i64(w, counts[i]);
		}
	jsonw_close(w, '}');
}

static void score(struct jsonw *w, const struct pick *p)
{
	const struct visit *v = p->visit;
	jsonw_key(w, "score");
	jsonw_open(w, '{');
	jsonw_ki64(w, "class", v->queue->class_rank);
	jsonw_ki64(w, "priority_min", v->priority_min);
	jsonw_key(w, "waited_min");
	jsonw_real(w, (double)(v->acd->core->now_ms - v->enqueue_ms) / 60000.0);
	jsonw_key(w, "score");
	jsonw_real(w, match_score(v));
	jsonw_close(w, '}');
}

void why_write(const struct pick *p, const struct member *chosen, member_order *order,
	       struct buf *out)
{
	const struct queue *q = p->visit->queue;
	const struct object *o = objects_who(q->acd->core->objects, ID(q->id));
	struct jsonw w = jsonw_make(out);
	uint32_t all = 0;
	jsonw_open(&w, '{');
	candidates(&w, p, chosen, order, &all);
	refused_counts(&w, p);
	jsonw_ki64(&w, "eligible", all);
	score(&w, p);
	jsonw_kstr(&w, "strategy", strategy_word(p->conf->strategy));
	if (p->step != UINT32_MAX) {
		jsonw_ki64(&w, "step", p->step);
		jsonw_kstr(&w, "need", str_head(p->demand.steps[p->step].need, NEED_BYTES_MAX));
	}
	jsonw_ki64(&w, "queue_version", o ? o->version : 0);
	jsonw_close(&w, '}');
	CHECK(!out->full);
}

void why_nobody(struct visit *v, struct buf *out)
{
	const struct pick p = pick_of(v);
	why_write(&p, NULL, strategy_order(p.conf->strategy), out);
}
