/* agents_today.c - see agents_today.h. */
#include "report/agents_today.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct agent_today {
	char agent[64];
	int64_t time[AGENT_TIME_COUNT]; /* of spells that are over */
	struct spell spell;		/* the one that lasts; its reason does not matter here */
	int64_t since_ms;
	uint64_t news;
	bool seen; /* signed in today */
};

void agents_today_init(struct agents_today *t, int64_t day_ms)
{
	*t = (struct agents_today){.day_ms = day_ms};
	map_init(&t->rows, 3);
}

void agents_today_finish(struct agents_today *t)
{
	uint32_t at = 0;
	for (struct agent_today *a; (a = map_next(&t->rows, &at)) != NULL;)
		free(a);
	map_finish(&t->rows);
}

static struct agent_today *row_of(struct agents_today *t, struct str agent)
{
	struct agent_today *a = map_get(&t->rows, agent);
	if (a)
		return a;
	a = xcalloc(1, sizeof *a);
	(void)str_copy(str_head(agent, sizeof a->agent - 1), a->agent, sizeof a->agent);
	a->spell.presence = PRESENCE_signed_out;
	a->spell.work = WORK_idle;
	CHECK(map_add(&t->rows, str_of(a->agent), a) == ERR_OK);
	return a;
}

/* Its spell is over at that moment, another begins. */
static void turn(struct agents_today *t, struct agent_today *a, struct spell next, int64_t at_ms)
{
	enum agent_time time;
	at_ms = MAX(at_ms, MAX(a->since_ms, t->day_ms)); /* the clock may have been set back */
	if (agent_time_of(&a->spell, &time))
		a->time[time] += at_ms - a->since_ms;
	next.reason = STR_NONE;
	a->spell = next;
	a->since_ms = at_ms;
	a->seen |= agent_time_of(&next, &time);
	a->news = ++t->news;
}

void agents_today_spell(struct agents_today *t, struct str agent, const struct spell *s,
			int64_t from_ms, int64_t to_ms)
{
	const struct spell out = {.presence = PRESENCE_signed_out, .work = WORK_idle};
	struct agent_today *a = row_of(t, agent);
	turn(t, a, *s, from_ms);
	if (to_ms != INT64_MAX)
		turn(t, a, out, to_ms);
}

void agents_today_fact(struct agents_today *t, const struct fact *f)
{
	if (f->kind == EV_agent_work) {
		struct agent_today *a = row_of(t, f->agent_work.agent);
		struct spell next = a->spell;
		next.work = f->agent_work.to;
		next.private = f->agent_work.private;
		turn(t, a, next, f->at_ms);
	} else if (f->kind == EV_agent_presence) {
		struct agent_today *a = row_of(t, f->agent_presence.agent);
		struct spell next = a->spell;
		next.presence = f->agent_presence.to;
		turn(t, a, next, f->at_ms);
	}
}

void agents_today_begin(struct agents_today *t, int64_t day_ms)
{
	enum agent_time time;
	uint32_t at = 0;
	t->day_ms = day_ms;
	for (struct agent_today *a; (a = map_next(&t->rows, &at)) != NULL;) {
		memset(a->time, 0, sizeof a->time);
		a->since_ms = MAX(a->since_ms, day_ms);
		a->seen = agent_time_of(&a->spell, &time);
		a->news = ++t->news;
	}
}

static void put_row(const struct agents_today *t, const struct agent_today *a, struct jsonw *w)
{
	int64_t one[AGENT_TIME_COUNT] = {0}, busy_ms, of_ms, busy, of = 0;
	enum agent_time time;
	agent_occupancy(a->time, t->ringing_works, &busy_ms, &of_ms);
	if (agent_time_of(&a->spell, &time))
		one[time] = 1;
	agent_occupancy(one, t->ringing_works, &busy, &of);
	jsonw_open(w, '{');
	jsonw_kstr(w, "agent", str_of(a->agent));
	jsonw_ki64(w, "busy_ms", busy_ms);
	jsonw_ki64(w, "of_ms", of_ms);
	jsonw_ktime(w, "since", a->since_ms);
	jsonw_key(w, "adds");
	if (of)
		jsonw_str(w, busy ? STR("busy") : STR("of"));
	else
		jsonw_null(w);
	jsonw_close(w, '}');
}

bool agents_today_json(const struct agents_today *t, const struct reach *r, uint64_t news,
		       struct jsonw *w)
{
	bool any = false;
	uint32_t at = 0;
	for (const struct agent_today *a; (a = map_next(&t->rows, &at)) != NULL;) {
		if (a->news <= news || !reach_agent(r, str_of(a->agent)) ||
		    (!a->seen && !news)) /* gone with his day: told to who knew him */
			continue;
		if (!any) {
			jsonw_key(w, "agents");
			jsonw_open(w, '[');
		}
		any = true;
		put_row(t, a, w);
	}
	if (any)
		jsonw_close(w, ']');
	return any;
}
