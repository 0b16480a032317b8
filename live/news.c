/*
 * news.c - what one fact is to each who looks on.
 *
 * There are few different messages of one fact, however many look on: the event whole or only what
 * an agent may know of it, with the contact as this desk begins to see it, or with the word that it
 * is gone. Each is made once.
 */
#include <stdlib.h>

#include "live/sight.h"

enum tail { TAIL_NONE, TAIL_WITH, TAIL_GONE, TAIL_COUNT };

struct live_news {
	const struct live *live;
	struct fact fact; /* its texts are the caller's */
	uint64_t prev;
	const struct live_rule *rule;
	bool of_contact;
	struct live_sight before, after;
	struct buf texts[2][LEVEL_ALL + 1][TAIL_COUNT]; /* [whole][level of the contact] */
};

struct live_news *live_news_create(void)
{
	return xcalloc(1, sizeof(struct live_news));
}

static void forget(struct live_news *n)
{
	for (int whole = 0; whole < 2; whole++)
		for (int level = 0; level <= LEVEL_ALL; level++)
			for (int tail = 0; tail < TAIL_COUNT; tail++)
				n->texts[whole][level][tail].n = 0;
}

void live_news_destroy(struct live_news *n)
{
	if (!n)
		return;
	for (int whole = 0; whole < 2; whole++)
		for (int level = 0; level <= LEVEL_ALL; level++)
			for (int tail = 0; tail < TAIL_COUNT; tail++)
				buf_free(&n->texts[whole][level][tail]);
	sight_finish(&n->before);
	sight_finish(&n->after);
	free(n);
}

void live_tell(struct live *l, const struct fact *f, struct live_news *n)
{
	forget(n);
	n->live = l;
	n->fact = *f;
	n->prev = live_seq(l);
	n->rule = sight_rule(f->kind);
	n->of_contact = !uuid_none(f->contact);
	sight_take(&n->before, live_contact_at(l, f->contact));
	live_apply(l, f);
	sight_take(&n->after, live_contact_at(l, f->contact));
}

static struct str message(struct live_news *n, bool whole, enum live_level level, enum tail tail)
{
	struct buf *b = &n->texts[whole][level][tail];
	if (b->n)
		return buf_str(b);
	if (!b->p)
		*b = buf_grow(512);
	fact_json_some(b, &n->fact, whole ? NULL : n->rule->fields);
	buf_fmt(b, ",\"prev\":%llu", (unsigned long long)n->prev);
	if (!whole && n->of_contact && n->rule->told == TOLD_BY_SIGHT && !n->rule->fields[0]) {
		char id[UUID_TEXT + 1];
		uuid_text(n->fact.contact, id);
		buf_fmt(b, ",\"contact\":\"%s\"", id);
	}
	if (tail == TAIL_WITH) {
		struct jsonw w = jsonw_make(b);
		buf_c(b, ",\"with\":");
		contact_json(&w, live_contact_at(n->live, n->fact.contact), level,
			     n->live->monitor_silent);
	} else if (tail == TAIL_GONE) {
		buf_c(b, ",\"gone\":true");
	}
	buf_ch(b, '}');
	return buf_str(b);
}

/* What is new to him in the contact itself. */
static enum tail tail_of(enum live_level before, enum live_level after)
{
	if (before && !after)
		return TAIL_GONE;
	/* who only sees it wait gets it anew each time: his desk need not know how it moves on */
	return after && (before != after || after == LEVEL_WAITS) ? TAIL_WITH : TAIL_NONE;
}

/* Of the house, of no people, queue or contact: a supervisor of teams hears it as agents do. */
static bool for_everybody(const struct live_news *n, const struct reach *r)
{
	switch ((int)n->fact.kind) {
	case EV_object_changed:
		return n->fact.object_changed.kind == KIND_user
			       ? reach_agent(r, n->fact.object_changed.object)
		       : n->fact.object_changed.kind == KIND_queue
			       ? reach_queue(r, n->fact.object_changed.object)
			       : true;
	case EV_customer_changed:
	case EV_customer_merged:
	case EV_customer_unmerged:
	case EV_customer_noted:
		return true;
	}
	return false;
}

/* A supervisor of teams: what is of a contact of his, or tells of his people and queues. */
static bool in_reach(const struct live_news *n, const struct reach *r, enum live_level level)
{
	if (!r || level == LEVEL_ALL)
		return r != NULL;
	return (!n->of_contact || n->rule->told == TOLD_TO_ALL) && sight_reaches(&n->fact, r);
}

struct str live_news_for(struct live_news *n, const struct live_viewer *v)
{
	const enum live_level before = sight_level(&n->before, v),
			      after = sight_level(&n->after, v), most = MAX(before, after);
	enum tail tail = n->of_contact ? tail_of(before, after) : TAIL_NONE;
	if (n->fact.kind == EV_message || n->fact.kind == EV_message_read) /* nobody else's */
		return watched_for(n->live, &n->fact, v) ? message(n, true, after, tail) : STR_NONE;
	if (notice_is(n->fact.kind))
		return notice_for(n->live, &n->fact, v) ? message(n, true, after, tail) : STR_NONE;
	if (v->all || in_reach(n, v->reach, most))
		return message(n, true, after, tail);
	if (!v->agent && !for_everybody(n, v->reach))
		return STR_NONE;
	if (n->rule->told == TOLD_UNSAID || n->rule->told == TOLD_NOBODY ||
	    sight_hides(&n->fact, n->live->monitor_silent))
		return STR_NONE;
	if (most == LEVEL_OWN)
		return message(n, true, after, tail);
	if (n->rule->told == TOLD_TO_ALL)
		return message(n, false, LEVEL_NONE, TAIL_NONE);
	/* he sees it wait; what does not change that is not for him */
	if (most == LEVEL_NONE || (before == after && !n->rule->fields[0]))
		return STR_NONE;
	return message(n, false, after, tail);
}
