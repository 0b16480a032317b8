/* world_test.c - whole runs, small: by hand where the dice are loaded, against theory where not.
 * The long comparison with exact results is tests/sim/exact.py. */
#include "sim/world.h"

#include <math.h>

#include "plan/erlang.h"
#include "tests/test.h"

static bool run(const char *json, struct scenario *s, struct tally *t)
{
	char room[256];
	struct buf why = buf_make(room, sizeof room);
	bool ok = scenario_read(s, str_of(json), &why) == ERR_OK;
	EXPECT(ok);
	if (!ok) {
		test_say(buf_str(&why));
		return false;
	}
	ok = world_run(s, t, &why) == ERR_OK;
	EXPECT(ok);
	if (!ok) {
		tally_finish(t);
		scenario_finish(s);
	}
	return ok;
}

static void finish(struct scenario *s, struct tally *t)
{
	tally_finish(t);
	scenario_finish(s);
}

static bool near(double got, double want, double most)
{
	bool ok = fabs(got - want) <= most * want;
	if (!ok) {
		char room[100];
		struct buf b = buf_make(room, sizeof room);
		buf_fmt(&b, "got %.6g, want %.6g", got, want);
		test_say(buf_str(&b));
	}
	return ok;
}

static double mean_wait(const struct queue_figures *f)
{
	return (double)(f->answered_wait_ms + f->abandoned_wait_ms) / 1000.0 /
	       (double)f->count[COUNT_offered];
}

/* Nobody to serve them: all of one patience, all gone after it. */
TEST(without_agents_everybody_loses_patience)
{
	struct scenario s;
	struct tally t;
	if (!run("{\"hours\":10,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":100,\"handle_s\":{"
		 "\"dist\":\"const\",\"mean\":60},\"patience_s\":{\"dist\":\"trace\",\"list\":[10,"
		 "30]}}],\"agents\":[]}",
		 &s, &t))
		return;
	const struct queue_figures *f = &t.queue[0].figures;
	int64_t n = f->count[COUNT_offered];
	EXPECT(n > 900 && n < 1100 && f->count[COUNT_abandoned] == n);
	EXPECT(f->abandoned_wait_ms == n / 2 * 40000 + n % 2 * 10000);
	EXPECT(f->count[COUNT_abandoned_in_threshold] == (n + 1) / 2);
	EXPECT(t.queue[0].waited == n && t.all.time[TIME_signed_in] == 0);
	finish(&s, &t);
}

/* And with endless patience they are still there when the world stops. */
TEST(who_can_never_be_served_is_counted_as_waiting)
{
	struct scenario s;
	struct tally t;
	if (!run("{\"hours\":10,\"warmup_hours\":5,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":"
		 "100,\"handle_s\":{\"dist\":\"const\",\"mean\":60}},{\"id\":\"r\",\"arrivals_per_"
		 "hour\":10,\"handle_s\":{\"dist\":\"const\",\"mean\":60}}],\"agents\":[{\"count\":"
		 "2,\"queues\":[\"r\"]}]}",
		 &s, &t))
		return;
	const struct queue_figures *q = &t.queue[0].figures, *r = &t.queue[1].figures;
	EXPECT(q->count[COUNT_waiting] == q->count[COUNT_offered]);
	EXPECT(q->count[COUNT_offered] > 400 && q->count[COUNT_offered] < 600);
	EXPECT(r->count[COUNT_answered] == r->count[COUNT_offered]);
	EXPECT(r->talk_ms == 60000 * r->count[COUNT_answered]);
	/* the agents' time is that of the counted half, both there from its first millisecond */
	EXPECT(t.all.time[TIME_signed_in] == 2 * 5 * 3600000);
	finish(&s, &t);
}

TEST(wrap_up_takes_its_time)
{
	struct scenario s;
	struct tally t;
	if (!run("{\"hours\":20,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":30,\"handle_s\":{"
		 "\"dist\":\"const\",\"mean\":60},\"wrap_s\":15}],\"agents\":[{\"count\":2,"
		 "\"queues\":[\"q\"]}]}",
		 &s, &t))
		return;
	const struct queue_figures *f = &t.queue[0].figures;
	EXPECT(f->count[COUNT_handled] == f->count[COUNT_offered]);
	EXPECT(f->wrap_ms == 15000 * f->count[COUNT_offered]);
	EXPECT(near((double)t.all.time[TIME_wrap], 0.25 * (double)t.all.time[TIME_talk], 0.01));
	finish(&s, &t);
}

TEST(erlang_a)
{
	struct erlang_load l = {
		.calls = 240, .per_s = 3600, .aht_s = 240, .patience_s = 180, .threshold_s = 20};
	struct erlang_figures e;
	struct scenario s;
	struct tally t;
	EXPECT(erlang_figures(&l, 16, &e) == ERR_OK);
	if (!run("{\"seed\":3,\"hours\":250,\"warmup_hours\":5,\"queues\":[{\"id\":\"q\","
		 "\"arrivals_per_hour\":240,\"handle_s\":{\"dist\":\"exp\",\"mean\":240},"
		 "\"patience_s\":{\"dist\":\"exp\",\"mean\":180}}],\"agents\":[{\"count\":16,"
		 "\"queues\":[\"q\"]}]}",
		 &s, &t))
		return;
	const struct queue_figures *f = &t.queue[0].figures;
	double n = (double)f->count[COUNT_offered];
	EXPECT(near(n, 240 * 245, 0.015));
	EXPECT(near((double)t.queue[0].waited / n, e.p_wait, 0.04));
	EXPECT(near((double)f->count[COUNT_abandoned] / n, e.p_abandon, 0.06));
	EXPECT(near((double)f->count[COUNT_answered_in_threshold] / n, e.sl, 0.03));
	EXPECT(near(mean_wait(f), e.wait_s, 0.06));
	EXPECT(f->count[COUNT_answered] + f->count[COUNT_abandoned] == f->count[COUNT_offered]);
	finish(&s, &t);
}

/* Whoever goes first, the mean wait of all stays what it was (the conservation law), and the
 * callers are the very same. */
TEST(priority_moves_the_wait_and_does_not_make_any)
{
	static const char *const worlds[] = {
		"{\"seed\":5,\"hours\":150,\"queues\":[{\"id\":\"a\",\"arrivals_per_hour\":60,"
		"\"handle_s\":{\"dist\":\"exp\",\"mean\":180}},{\"id\":\"b\",\"arrivals_per_hour\":"
		"120,\"handle_s\":{\"dist\":\"exp\",\"mean\":180}}],\"agents\":[{\"count\":10,"
		"\"queues\":[\"a\",\"b\"]}]}",
		"{\"seed\":5,\"hours\":150,\"queues\":[{\"id\":\"a\",\"arrivals_per_hour\":60,"
		"\"handle_s\":{\"dist\":\"exp\",\"mean\":180},\"class\":1},{\"id\":\"b\","
		"\"arrivals_per_hour\":120,\"handle_s\":{\"dist\":\"exp\",\"mean\":180}}],"
		"\"agents\":[{\"count\":10,\"queues\":[\"a\",\"b\"]}]}",
	};
	double wait[2][2], all[2];
	int64_t offered[2];
	for (int i = 0; i < 2; i++) {
		struct scenario s;
		struct tally t;
		if (!run(worlds[i], &s, &t))
			return;
		const struct queue_figures *a = &t.queue[0].figures, *b = &t.queue[1].figures;
		wait[i][0] = mean_wait(a);
		wait[i][1] = mean_wait(b);
		offered[i] = a->count[COUNT_offered] + b->count[COUNT_offered];
		all[i] = (double)(a->answered_wait_ms + b->answered_wait_ms);
		finish(&s, &t);
	}
	EXPECT(offered[0] == offered[1]);
	EXPECT(near(all[1], all[0], 0.03));
	EXPECT(near(wait[0][0], wait[0][1], 0.1)); /* first come, first served */
	EXPECT(wait[1][0] * 5 < wait[1][1]);
}

static void text_of_run(uint64_t seed, struct buf *out)
{
	char json[512];
	struct buf b = buf_make(json, sizeof json);
	struct scenario s;
	struct tally t;
	buf_fmt(&b,
		"{\"seed\":%llu,\"hours\":20,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":100,"
		"\"handle_s\":{\"dist\":\"lognormal\",\"mean\":180,\"cv\":1.2},\"patience_s\":{"
		"\"dist\":\"exp\",\"mean\":60},\"strategy\":\"random\"}],\"agents\":[{\"count\":5,"
		"\"queues\":[\"q\"]}]}%c",
		(unsigned long long)seed, 0);
	if (!run(json, &s, &t))
		return;
	struct jsonw w = jsonw_make(out);
	tally_json(&w, &t);
	finish(&s, &t);
}

TEST(same_seed_same_text)
{
	struct buf a = buf_grow(1024), b = buf_grow(1024), c = buf_grow(1024);
	text_of_run(11, &a);
	text_of_run(11, &b);
	text_of_run(12, &c);
	EXPECT(a.n > 100 && str_eq(buf_str(&a), buf_str(&b)));
	EXPECT(!str_eq(buf_str(&a), buf_str(&c)));
	buf_free(&a);
	buf_free(&b);
	buf_free(&c);
}

/* behaviours.md P-4 in short: half a day, 30 % more calls from the middle on; the long run is
 * tests/sim/promise.py. Where nobody gives up the base formula is the mean of what comes, and as
 * near as anybody can be; but half of all callers wait longer than a mean. */
static void promises(const char *json, bool nearer)
{
	struct scenario s;
	struct tally t;
	if (!run(json, &s, &t))
		return;
	struct queue_figures *f = &t.queue[0].figures, *base = &t.queue[0].base;
	char room[1000];
	struct buf b = buf_make(room, sizeof room);
	struct jsonw w = jsonw_make(&b);
	jsonw_open(&w, '{'); /* sorts the errors */
	queue_figures_promises(&w, f);
	queue_figures_promises(&w, base);
	jsonw_close(&w, '}');
	EXPECT(f->count[COUNT_promised] > 200);
	double error = f->errors[f->error_count / 2], theirs = base->errors[base->error_count / 2];
	EXPECT(error <= 0.3 && error < theirs * (nearer ? 1 : 1.1));
	EXPECT((double)f->count[COUNT_promise_kept] >= 0.8 * (double)f->count[COUNT_promised]);
	EXPECT(f->count[COUNT_promise_kept] > base->count[COUNT_promise_kept]);
	finish(&s, &t);
}

#define DAY(calls, patience, agents)                                                               \
	"{\"seed\":3,\"hours\":10,\"warmup_hours\":1,\"queues\":[{\"id\":\"q\","                   \
	"\"arrivals_per_hour\":" calls ",\"handle_s\":{\"dist\":\"exp\",\"mean\":240},"            \
	"\"patience_s\":" patience ",\"load\":[{\"from_h\":5,\"factor\":1.3}],"                    \
	"\"announce\":{\"position\":true,\"wait\":true}}],\"agents\":[{\"count\":" agents          \
	",\"queues\":[\"q\"]}]}"

TEST(promises_to_patient_callers_are_kept)
{
	promises(DAY("102", "null", "8"), false);
}

TEST(promises_to_callers_who_give_up_are_kept_and_nearer_than_the_base_formula)
{
	promises(DAY("255", "{\"dist\":\"exp\",\"mean\":600}", "20"), true);
}

/* Ten an hour for 100 hours, nobody for 50, a hundred an hour for 50. */
TEST(more_come_from_an_hour_on)
{
	struct scenario s;
	struct tally t;
	if (!run("{\"hours\":200,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":10,\"handle_s\":{"
		 "\"dist\":\"const\",\"mean\":1},\"load\":[{\"from_h\":100,\"factor\":0},{"
		 "\"from_h\":150,\"factor\":10}]}],\"agents\":[{\"count\":5,\"queues\":[\"q\"]}]}",
		 &s, &t))
		return;
	EXPECT(near((double)t.queue[0].figures.count[COUNT_offered], 1000 + 0 + 5000, 0.05));
	finish(&s, &t);
}
