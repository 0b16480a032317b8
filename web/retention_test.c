/* retention_test.c - recordings end after their days, on an invented calendar and shelf. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"
#include "web/retention_sweep.h"

#define DAY 86400000ll
#define HOUR 3600000ll
#define T0 1790000000000ll
#define ACME STR("acme")

enum { SHELF = 4000 };

struct shelf {
	struct item {
		char id[16];
		const char *queue; /* "": of none */
		int64_t at_ms;
		bool held, gone, stuck; /* stuck: its file cannot be deleted */
	} items[SHELF];			/* in order of their time */
	uint32_t count, looks, drops, largest;
	uint32_t fails_after;	      /* so many were deleted; 0: never */
	int64_t hold_from, hold_till; /* set by somebody after the first look: [from,till) */
	struct sweep sweep;
};

static enum err next_piece(void *arg, const struct sweep_place *at,
			   struct recording_due out[SWEEP_PIECE], uint32_t *count)
{
	struct shelf *s = arg;
	uint32_t n = 0;
	EXPECT_STR(at->tenant, "acme");
	for (uint32_t i = 0; i < s->count; i++)
		if (s->looks && s->items[i].at_ms >= s->hold_from &&
		    s->items[i].at_ms < s->hold_till)
			s->items[i].held = true;
	for (uint32_t i = 0; i < s->count && n < SWEEP_PIECE; i++) {
		const struct item *it = &s->items[i];
		const struct str id = str_of(it->id);
		const bool after = it->at_ms > at->after_ms ||
				   (it->at_ms == at->after_ms && str_cmp(id, at->after_id) > 0);
		if (it->gone || it->held || it->at_ms >= at->before_ms || !after)
			continue;
		struct recording_due *d = &out[n++];
		*d = (struct recording_due){.started_at_ms = it->at_ms};
		CHECK(str_copy(id, d->id, sizeof d->id));
		CHECK(str_copy(str_of(it->queue), d->queue, sizeof d->queue));
	}
	s->looks++;
	s->largest = MAX(s->largest, n);
	*count = n;
	return ERR_OK;
}

static enum err drop(void *arg, struct str tenant, const struct recording_due *d)
{
	struct shelf *s = arg;
	EXPECT_STR(tenant, "acme");
	if (s->fails_after && s->drops == s->fails_after)
		return ERR_AGAIN;
	for (uint32_t i = 0; i < s->count; i++) {
		struct item *it = &s->items[i];
		if (strcmp(it->id, d->id) != 0)
			continue;
		EXPECT(!it->gone && !it->held); /* what is held stays, and nothing goes twice */
		if (it->stuck)
			return ERR_CONFLICT;
		it->gone = true;
		s->drops++;
		return ERR_OK;
	}
	EXPECT(!"of this shelf");
	return ERR_OK;
}

static struct item *put(struct shelf *s, const char *queue, int64_t at_ms)
{
	CHECK(s->count < SHELF && (!s->count || s->items[s->count - 1].at_ms <= at_ms));
	struct item *it = &s->items[s->count];
	*it = (struct item){.queue = queue, .at_ms = at_ms};
	snprintf(it->id, sizeof it->id, "r%06u", s->count++);
	return it;
}

/* How many it deleted. */
static uint32_t sweep(struct shelf *s, const struct retention_rules *r, int64_t now_ms)
{
	s->sweep = (struct sweep){.arg = s, .next = next_piece, .drop = drop, .now_ms = now_ms};
	s->looks = s->drops = s->largest = 0;
	sweep_tenant(&s->sweep, ACME, r);
	EXPECT(s->sweep.deleted == s->drops && s->largest <= SWEEP_PIECE);
	return s->drops;
}

static struct retention_rules *rules(int64_t tenant, int64_t support, int64_t sales)
{
	struct retention_rules *r = xcalloc(1, sizeof *r);
	r->days = tenant;
	retention_rules_put(r, STR("support"), support);
	retention_rules_put(r, STR("sales"), sales);
	return r;
}

TEST(the_queues_rule_goes_before_the_tenants)
{
	static const struct {
		int64_t tenant, support;
		const char *queue;
		int64_t age_ms;
		bool due;
	} cases[] = {
		{-1, -1, "support", 1000 * DAY, false}, /* nobody said anything */
		{0, -1, "support", 1000 * DAY, false},	/* for ever */
		{30, -1, "support", 30 * DAY, false},	/* at the very moment not yet */
		{30, -1, "support", 30 * DAY + 1, true},
		{30, 7, "support", 7 * DAY + 1, true},
		{7, 30, "support", 8 * DAY, false},
		{7, 0, "support", 1000 * DAY, false}, /* the queue's for ever */
		{-1, 7, "support", 8 * DAY, true},
		{-1, 7, "", 8 * DAY, false}, /* of no queue: the tenant's */
		{30, 7, "", 8 * DAY, false},
		{30, 7, "", 31 * DAY, true},
		{30, 7, "gone", 31 * DAY, true}, /* a queue that is declared no more */
		{30, 7, "support", -DAY, false}, /* begun in the future: a clock was set back */
		{36500, -1, "support", 36500 * DAY + 1, true},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct retention_rules *r = rules(cases[i].tenant, cases[i].support, -1);
		EXPECT(retention_due(r, str_of(cases[i].queue), T0 - cases[i].age_ms, T0) ==
		       cases[i].due);
		free(r);
	}
}

/* Three a day, swept every six hours: each is there as long as it may be and no longer. */
TEST(days_pass_and_what_is_over_goes)
{
	static const char *const queues[] = {"support", "sales", ""};
	static const int64_t days[] = {7, 0, 30};
	struct shelf *s = xcalloc(1, sizeof *s);
	struct retention_rules *r = rules(30, 7, 0);
	for (int64_t now = T0; now < T0 + 60 * DAY; now += 6 * HOUR) {
		for (int q = 0; q < 3 && (now - T0) % DAY == 0; q++)
			put(s, queues[q], now);
		sweep(s, r, now + HOUR);
		for (uint32_t i = 0; i < s->count; i++) {
			const int64_t its = days[i % 3];
			EXPECT(s->items[i].gone ==
			       (its && now + HOUR - s->items[i].at_ms > its * DAY));
		}
	}
	free(r);
	free(s);
}

TEST(what_is_held_stays_until_it_is_let_go)
{
	struct shelf *s = xcalloc(1, sizeof *s);
	struct retention_rules *r = rules(7, -1, -1);
	for (int i = 0; i < 10; i++)
		put(s, "support", T0 + i * HOUR);
	s->items[3].held = s->items[4].held = true;
	EXPECT(sweep(s, r, T0 + 8 * DAY) == 8);
	for (int day = 9; day < 400; day += 30)
		EXPECT(sweep(s, r, T0 + day * DAY) == 0);
	s->items[3].held = false;
	EXPECT(sweep(s, r, T0 + 400 * DAY) == 1 && s->items[3].gone);
	s->items[4].held = false;
	s->items[4].held = true; /* and held again at once */
	EXPECT(sweep(s, r, T0 + 401 * DAY) == 0 && !s->items[4].gone);
	free(r);
	free(s);
}

/* Somebody holds them while a sweep goes on: at most the piece that was looked at is too late. */
TEST(a_hold_counts_from_the_next_piece_on)
{
	struct shelf *s = xcalloc(1, sizeof *s);
	struct retention_rules *r = rules(7, -1, -1);
	for (int i = 0; i < 200; i++)
		put(s, "support", T0 + i);
	s->hold_from = T0 + SWEEP_PIECE;
	s->hold_till = T0 + 150;
	EXPECT(sweep(s, r, T0 + 8 * DAY) == SWEEP_PIECE + 50);
	for (uint32_t i = 0; i < s->count; i++)
		EXPECT(s->items[i].gone == (i < SWEEP_PIECE || i >= 150));
	free(r);
	free(s);
}

TEST(a_changed_rule_counts_at_the_next_sweep)
{
	struct shelf *s = xcalloc(1, sizeof *s);
	struct retention_rules *r = rules(30, -1, -1);
	for (int day = 0; day < 30; day++)
		put(s, "support", T0 + day * DAY);
	EXPECT(sweep(s, r, T0 + 30 * DAY) == 0);
	free(r);
	r = rules(90, -1, -1); /* longer, before it was due */
	EXPECT(sweep(s, r, T0 + 35 * DAY) == 0);
	free(r);
	r = rules(30, -1, -1); /* as it was */
	EXPECT(sweep(s, r, T0 + 35 * DAY) == 5);
	free(r);
	r = rules(30, 7, -1); /* the queue's own, shorter */
	EXPECT(sweep(s, r, T0 + 35 * DAY) == 23);
	free(r);
	r = rules(30, -1, -1); /* and gone again */
	EXPECT(sweep(s, r, T0 + 40 * DAY) == 0);
	free(r);
	r = rules(0, -1, -1); /* for ever */
	EXPECT(sweep(s, r, T0 + 4000 * DAY) == 0 && s->looks == 0);
	free(r);
	free(s);
}

/* Many are over at once, behind many that stay for longer: in bounded sweeps all go. */
TEST(many_go_in_pieces)
{
	struct shelf *s = xcalloc(1, sizeof *s);
	struct retention_rules *r = rules(7, -1, 365);
	uint32_t left = 2500, sweeps = 0;
	for (int i = 0; i < 500; i++)
		put(s, "sales", T0); /* all in one millisecond */
	for (int i = 0; i < 2500; i++)
		put(s, "support", T0 + i / 100);
	while (left && sweeps < 10) {
		const uint32_t went = sweep(s, r, T0 + 8 * DAY + sweeps++ * 60000);
		EXPECT(went == MIN(left, (uint32_t)SWEEP_MAX));
		left -= MIN(went, left);
	}
	EXPECT(!left && sweeps == 3);
	EXPECT(sweep(s, r, T0 + 9 * DAY) == 0 && s->looks == 500 / SWEEP_PIECE + 1);
	for (uint32_t i = 0; i < s->count; i++)
		EXPECT(s->items[i].gone == (i >= 500));
	free(r);
	free(s);
}

TEST(a_file_that_cannot_go_holds_up_no_other)
{
	struct shelf *s = xcalloc(1, sizeof *s);
	struct retention_rules *r = rules(7, -1, -1);
	for (int i = 0; i < 100; i++)
		put(s, "support", T0 + i)->stuck = i < 50;
	EXPECT(sweep(s, r, T0 + 8 * DAY) == 50 && !s->sweep.failed);
	EXPECT(sweep(s, r, T0 + 8 * DAY) == 0);
	for (int i = 0; i < 50; i++)
		s->items[i].stuck = false;
	EXPECT(sweep(s, r, T0 + 8 * DAY) == 50);
	free(r);
	free(s);
}

/* The server stops, or the fact is not taken: nothing more is deleted, the next sweep goes on. */
TEST(a_sweep_that_is_broken_off_goes_on_where_it_was)
{
	struct shelf *s = xcalloc(1, sizeof *s);
	struct retention_rules *r = rules(7, -1, -1);
	for (int i = 0; i < 100; i++)
		put(s, "support", T0 + i);
	s->fails_after = 33;
	EXPECT(sweep(s, r, T0 + 8 * DAY) == 33 && s->sweep.failed);
	const uint32_t looks = s->looks;
	sweep_tenant(&s->sweep, ACME, r); /* the next tenant of this sweep */
	EXPECT(s->looks == looks && s->drops == 33);
	s->fails_after = 0;
	EXPECT(sweep(s, r, T0 + 8 * DAY) == 67 && !s->sweep.failed);
	free(r);
	free(s);
}
