/* erlang_test.c - against tests/data/erlang, computed with 40 digits by three methods. */
#include <math.h>
#include <stdlib.h>

#include "plan/erlang.h"
#include "tests/test.h"

#define COLUMNS 20

/* The rows of a table of numbers, without its first line. */
struct table {
	struct str all, rest;
	double cell[COLUMNS];
	uint32_t count;
};

static struct table table_open(const char *path)
{
	struct table t = {.all = test_file(path)};
	struct str head;
	t.rest = t.all;
	EXPECT(str_line(&t.rest, &head));
	return t;
}

static bool table_next(struct table *t)
{
	struct str line, word;
	if (!str_line(&t->rest, &line) || !line.n)
		return false;
	for (t->count = 0; t->count < COLUMNS && line.n; t->count++) {
		char text[64];
		str_cut(line, ',', &word, &line);
		CHECK(str_copy(word, text, sizeof text));
		t->cell[t->count] = strtod(text, NULL);
	}
	return true;
}

static void table_close(struct table *t)
{
	free((char *)(uintptr_t)t->all.p);
}

static bool near(double got, double want, double most)
{
	bool ok = fabs(got - want) <= most * fabs(want);
	if (!ok) {
		char room[120];
		struct buf b = buf_make(room, sizeof room);
		buf_fmt(&b, "got %.17g, want %.17g", got, want);
		test_say(buf_str(&b));
	}
	return ok;
}

TEST(erlang_c_and_b_agree_with_the_table)
{
	struct table t = table_open("tests/data/erlang/erlang_c.csv");
	uint32_t rows = 0;
	for (; table_next(&t); rows++) {
		const double *c = t.cell;
		uint32_t n = (uint32_t)c[3];
		struct erlang_load l = {
			.calls = c[0], .per_s = 3600, .aht_s = c[1], .threshold_s = c[4]};
		struct erlang_figures f;
		EXPECT(erlang_figures(&l, n, &f) == ERR_OK && f.stable);
		EXPECT(near(f.p_wait, c[5], 1e-9));
		EXPECT(near(f.asa_s, c[6], 1e-9));
		EXPECT(near(f.sl, c[7], 1e-9));
		EXPECT(near(f.occupancy, c[8], 1e-9));
		EXPECT(near(erlang_b(n, f.offered_erl), c[9], 1e-9));
		EXPECT(f.p_abandon == 0);
	}
	EXPECT(rows == 24);
	table_close(&t);
}

TEST(erlang_a_agrees_with_the_table)
{
	struct table t = table_open("tests/data/erlang/erlang_a.csv");
	uint32_t rows = 0;
	for (; table_next(&t); rows++) {
		const double *c = t.cell;
		struct erlang_load l = {.calls = c[0],
					.per_s = 3600,
					.aht_s = c[1],
					.patience_s = c[2],
					.threshold_s = c[4]};
		struct erlang_figures f;
		EXPECT(erlang_figures(&l, (uint32_t)c[3], &f) == ERR_OK && f.stable);
		EXPECT(near(f.p_wait, c[5], 1e-9));
		EXPECT(near(f.p_abandon, c[6], 1e-9));
		EXPECT(near(f.wait_s, c[7], 1e-9));
		EXPECT(near(f.asa_s, c[8], 1e-9));
		EXPECT(near(f.sl, c[9], 1e-9));
		EXPECT(near(f.sl / (1 - f.p_abandon), c[10], 1e-9));
		EXPECT(near(f.occupancy, c[14], 1e-9));
	}
	EXPECT(rows == 22);
	table_close(&t);
}

TEST(least_staff_agrees_with_the_table)
{
	struct table t = table_open("tests/data/erlang/staffing.csv");
	uint32_t rows = 0;
	for (; table_next(&t); rows++) {
		const double *c = t.cell;
		struct erlang_load l = {
			.calls = c[0], .per_s = c[1], .aht_s = c[1], .threshold_s = c[3]};
		struct erlang_figures f;
		uint32_t n = 0;
		EXPECT(erlang_staff(&l, c[2], &n) == ERR_OK);
		EXPECT(n == (uint32_t)c[4]);
		EXPECT(erlang_figures(&l, n, &f) == ERR_OK && near(f.sl, c[5], 1e-9));
		EXPECT(n < 2 || erlang_figures(&l, n - 1, &f) == ERR_OK);
		EXPECT(!f.stable || near(f.sl, c[6], 1e-9));
	}
	EXPECT(rows == 51);
	table_close(&t);
}

/* Six digits of them are published widely: 360 calls in 30 minutes, 240 s, 55 agents. */
TEST(erlang_c_as_in_the_books)
{
	static const struct {
		double calls, per, aht, threshold;
		uint32_t agents;
		double p_wait, sl, asa; /* 0: not given */
	} rows[] = {
		{360, 1800, 240, 15, 55, 0.238701, 0.845883, 8.184},
		{200, 3600, 180, 20, 14, 0.174132, 0.888350, 7.836},
		{200, 1800, 300, 20, 38, 0, 0.755702, 21.436},
		{200, 1800, 300, 20, 41, 0, 0, 5.52},
		{200, 1800, 300, 20, 42, 0, 0, 3.56},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct erlang_load l = {.calls = rows[i].calls,
					.per_s = rows[i].per,
					.aht_s = rows[i].aht,
					.threshold_s = rows[i].threshold};
		struct erlang_figures f;
		EXPECT(erlang_figures(&l, rows[i].agents, &f) == ERR_OK);
		EXPECT(!rows[i].p_wait || near(f.p_wait, rows[i].p_wait, 3e-6));
		EXPECT(!rows[i].sl || near(f.sl, rows[i].sl, 1e-6));
		EXPECT(near(f.asa_s, rows[i].asa, 1e-3));
	}
	static const struct {
		double calls, per, aht;
		uint32_t agents;
	} staff[] = {{100, 1800, 180, 14}, {200, 1800, 300, 39}, {360, 1800, 240, 54}};
	for (size_t i = 0; i < COUNT_OF(staff); i++) {
		struct erlang_load l = {.calls = staff[i].calls,
					.per_s = staff[i].per,
					.aht_s = staff[i].aht,
					.threshold_s = 20};
		uint32_t n = 0;
		EXPECT(erlang_staff(&l, 0.8, &n) == ERR_OK && n == staff[i].agents);
	}
}

TEST(who_waits_without_patience_in_an_overload_is_not_promised_numbers)
{
	struct erlang_load l = {.calls = 100, .per_s = 3600, .aht_s = 180, .threshold_s = 20};
	struct erlang_figures f;
	EXPECT(erlang_figures(&l, 5, &f) == ERR_OK && !f.stable && f.offered_erl == 5);
	EXPECT(erlang_figures(&l, 4, &f) == ERR_OK && !f.stable);
	EXPECT(erlang_figures(&l, 6, &f) == ERR_OK && f.stable);
	EXPECT(erlang_c(4, 5) == 1);
	l.patience_s = 60;
	EXPECT(erlang_figures(&l, 4, &f) == ERR_OK && f.stable && f.p_abandon > 0.2);
}

/* With endless patience Erlang A is Erlang C; a crowd many times too large does not overflow. */
TEST(erlang_a_at_its_edges)
{
	struct erlang_load c = {.calls = 200, .per_s = 3600, .aht_s = 180, .threshold_s = 20},
			   a = c;
	struct erlang_figures fc, fa;
	a.patience_s = 1e7;
	EXPECT(erlang_figures(&c, 14, &fc) == ERR_OK && erlang_figures(&a, 14, &fa) == ERR_OK);
	EXPECT(near(fa.p_wait, fc.p_wait, 1e-4) && near(fa.asa_s, fc.asa_s, 1e-4));
	EXPECT(near(fa.sl, fc.sl, 1e-4));

	a = (struct erlang_load){
		.calls = 1e6, .per_s = 3600, .aht_s = 300, .patience_s = 60, .threshold_s = 20};
	EXPECT(erlang_figures(&a, 10000, &fa) == ERR_OK);
	EXPECT(near(fa.p_wait, 1, 1e-9) && near(fa.occupancy, 1, 1e-9));
	EXPECT(near(fa.p_abandon, 1 - 10000 / fa.offered_erl, 1e-9));
	/* as a fluid: all who are answered waited until the impatient had thinned the rest */
	EXPECT(near(fa.asa_s, 60 * log(fa.offered_erl / 10000), 1e-3));
	EXPECT(fa.sl < 1e-9);

	a.calls = 1; /* a huge staff for nobody */
	EXPECT(erlang_figures(&a, 10000, &fa) == ERR_OK);
	EXPECT(fa.p_wait < 1e-12 && fa.sl == 1 && fa.p_abandon < 1e-12 && !(fa.asa_s > 1e-9));
}

TEST(nonsense_is_refused)
{
	struct erlang_load l = {.calls = 100, .per_s = 3600, .aht_s = 180, .threshold_s = 20}, w;
	struct erlang_figures f;
	uint32_t n;
	EXPECT(erlang_figures(&l, 0, &f) == ERR_INVALID);
	EXPECT(erlang_figures(&l, ERLANG_AGENTS_MAX + 1, &f) == ERR_INVALID);
	EXPECT(erlang_staff(&l, 0, &n) == ERR_INVALID && erlang_staff(&l, 1, &n) == ERR_INVALID);
	w = l, w.calls = NAN;
	EXPECT(erlang_figures(&w, 5, &f) == ERR_INVALID);
	w = l, w.per_s = 0;
	EXPECT(erlang_figures(&w, 5, &f) == ERR_INVALID);
	w = l, w.aht_s = -1;
	EXPECT(erlang_figures(&w, 5, &f) == ERR_INVALID);
	w = l, w.patience_s = -1;
	EXPECT(erlang_figures(&w, 5, &f) == ERR_INVALID);
	w = l, w.threshold_s = INFINITY;
	EXPECT(erlang_figures(&w, 5, &f) == ERR_INVALID);
	w = l, w.calls = 1e6, w.per_s = 1, w.patience_s = 11;
	EXPECT(erlang_figures(&w, 5, &f) == ERR_INVALID);
	w.patience_s = 9; /* slow, but it ends */
	EXPECT(erlang_figures(&w, 5, &f) == ERR_OK && near(f.p_abandon, 1, 1e-6));
	w = l, w.calls = 1e9;
	EXPECT(erlang_staff(&w, 0.8, &n) == ERR_NOT_FOUND);
}
