/* timer_test.c - the heap of timers: order, equal times, and changes from inside. */
#include <stdlib.h>

#include "base/str.h"
#include "base/timer.h"
#include "tests/test.h"

struct ticker {
	struct timer t;
	char name;
};

static struct timers ts;
static char fired[4096];
static size_t fired_n;

static void note(struct timer *t, int64_t now_ms)
{
	struct ticker *k = t->arg;
	(void)now_ms;
	EXPECT(!timer_running(t)); /* may be started again or freed from here */
	fired[fired_n++] = k->name;
}

static struct str said(void)
{
	struct str s = str_make(fired, fired_n);
	fired_n = 0;
	return s;
}

static void start(struct ticker *k, char name, int64_t at_ms, timer_h *fire)
{
	k->name = name;
	timer_start(&ts, &k->t, at_ms, fire, k);
}

TEST(timers_fire_in_order_of_time_then_of_start)
{
	struct ticker k[6] = {0};
	timers_init(&ts);
	EXPECT(timers_next(&ts) == INT64_MAX && timers_run(&ts, INT64_MAX, 9) == 0);
	start(&k[0], 'd', 30, note);
	start(&k[1], 'a', 10, note);
	start(&k[2], 'b', 20, note);
	start(&k[3], 'c', 20, note);
	start(&k[4], 'e', 30, note);
	start(&k[5], 'z', -5, note); /* long ago: at once */
	EXPECT(timers_next(&ts) == -5);
	EXPECT(timers_run(&ts, 9, 100) == 1);
	EXPECT_STR(said(), "z");
	EXPECT(timers_run(&ts, 20, 100) == 3);
	EXPECT_STR(said(), "abc");
	EXPECT(timers_next(&ts) == 30);
	EXPECT(timers_run(&ts, 30, 1) == 1); /* at most one */
	EXPECT_STR(said(), "d");
	start(&k[4], 'e', 40, note); /* restarted: later, and last among equals */
	start(&k[0], 'f', 40, note);
	EXPECT(timers_run(&ts, 39, 100) == 0 && timers_run(&ts, 40, 100) == 2);
	EXPECT_STR(said(), "ef");
	timers_finish(&ts);
}

TEST(a_stopped_timer_does_not_fire)
{
	struct ticker k[3] = {0};
	timers_init(&ts);
	start(&k[0], 'a', 10, note);
	start(&k[1], 'b', 10, note);
	start(&k[2], 'c', 10, note);
	timer_stop(&ts, &k[1].t);
	timer_stop(&ts, &k[1].t);
	EXPECT(timer_running(&k[0].t) && !timer_running(&k[1].t));
	EXPECT(timers_run(&ts, 10, 9) == 2);
	EXPECT_STR(said(), "ac");
	start(&k[0], 'a', 10, note);
	timers_finish(&ts);
	EXPECT(!timer_running(&k[0].t)); /* forgotten, not fired */
	EXPECT_STR(said(), "");
}

static struct ticker *victim;

static void stop_other(struct timer *t, int64_t now_ms)
{
	note(t, now_ms);
	timer_stop(&ts, &victim->t);
}

static void again(struct timer *t, int64_t now_ms)
{
	note(t, now_ms);
	timer_start(&ts, t, now_ms, again, t->arg);
}

static void free_itself(struct timer *t, int64_t now_ms)
{
	note(t, now_ms);
	free(t->arg);
}

TEST(changes_from_inside_a_timer)
{
	struct ticker k[2] = {0};
	timers_init(&ts);
	victim = &k[1];
	start(&k[0], 'a', 10, stop_other);
	start(&k[1], 'b', 10, note);
	EXPECT(timers_run(&ts, 10, 9) == 1);
	EXPECT_STR(said(), "a");
	start(&k[0], 'r', 10, again); /* for ever due: a turn stays bounded */
	EXPECT(timers_run(&ts, 10, 5) == 5);
	EXPECT_STR(said(), "rrrrr");
	timer_stop(&ts, &k[0].t);
	struct ticker *mine = xcalloc(1, sizeof *mine);
	start(mine, 'x', 10, free_itself);
	EXPECT(timers_run(&ts, 10, 5) == 1);
	EXPECT_STR(said(), "x");
	EXPECT(timers_next(&ts) == INT64_MAX);
	timers_finish(&ts);
}

static int64_t last_at;
static uint64_t last_order;
static uint32_t out_of_order;

struct numbered {
	struct timer t;
	uint64_t order;
};

static void in_order(struct timer *t, int64_t now_ms)
{
	struct numbered *k = t->arg;
	if (t->at_ms < last_at || (t->at_ms == last_at && k->order < last_order) ||
	    t->at_ms > now_ms)
		out_of_order++;
	last_at = t->at_ms;
	last_order = k->order;
}

/* Thousands started, restarted and stopped at random: what fires is always in order. */
TEST(the_heap_holds_its_law_under_a_storm)
{
	enum { N = 3000 };
	struct numbered *k = xcalloc(N, sizeof *k);
	uint64_t z = 7, order = 0;
	uint32_t alive = 0, ran = 0, started = 0;
	timers_init(&ts);
	last_at = INT64_MIN;
	out_of_order = 0;
	for (int64_t now = 0; now < 2000; now++) {
		for (int i = 0; i < 20; i++) {
			z = z * 6364136223846793005ull + 1442695040888963407ull;
			struct numbered *n = &k[(z >> 33) % N];
			if ((z >> 20) % 4 == 0) {
				timer_stop(&ts, &n->t);
				continue;
			}
			n->order = ++order;
			started++;
			timer_start(&ts, &n->t, now + (int64_t)((z >> 50) % 100), in_order, n);
		}
		ran += timers_run(&ts, now, UINT32_MAX);
		EXPECT(timers_next(&ts) > now);
	}
	for (int i = 0; i < N; i++)
		alive += timer_running(&k[i].t);
	EXPECT(out_of_order == 0 && ran > 5000 && started > ran && ts.count == alive);
	timers_finish(&ts);
	free(k);
}
