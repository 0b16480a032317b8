/* rank_test.c - the order of a queue against a plainly sorted array. */
#include <stdlib.h>

#include "acd/rank.h"
#include "tests/test.h"

static uint64_t dice(uint64_t *s)
{
	*s = *s * 6364136223846793005u + 1442695040888963407u;
	return *s >> 33;
}

static int order(const void *a, const void *b)
{
	const struct rank_node *x = *(const struct rank_node *const *)a;
	const struct rank_node *y = *(const struct rank_node *const *)b;
	return rank_before(x, y) ? -1 : 1;
}

static void expect_sorted(const struct rank *r, struct rank_node **in, uint32_t count)
{
	qsort(in, count, sizeof *in, order);
	struct rank_node *n = rank_first(r);
	EXPECT(r->count == count);
	for (uint32_t i = 0; i < count; i++, n = rank_next(n)) {
		EXPECT(n == in[i]);
		if (n != in[i])
			return;
	}
	EXPECT(!n);
}

TEST(a_rank_keeps_order_through_random_coming_and_going)
{
	enum { ALL = 300 };
	static struct rank_node nodes[ALL];
	struct rank_node *in[ALL];
	uint64_t seed = 1;
	struct rank r = {0};
	for (int step = 0; step < 3000; step++) {
		struct rank_node *n = &nodes[dice(&seed) % ALL];
		if (n->in) {
			rank_remove(&r, n);
		} else {
			n->key = (double)(dice(&seed) % 5); /* many ties */
			n->since_ms = (int64_t)(dice(&seed) % 4);
			n->seq = (uint64_t)(n - nodes) + 1;
			rank_add(&r, n);
		}
		uint32_t count = 0;
		for (int i = 0; i < ALL; i++)
			if (nodes[i].in)
				in[count++] = &nodes[i];
		if (step % 50 == 0)
			expect_sorted(&r, in, count);
	}
}

TEST(better_key_then_earlier_then_first_come)
{
	struct rank_node a = {.key = 2, .since_ms = 9, .seq = 3},
			 b = {.key = 1, .since_ms = 1, .seq = 2},
			 c = {.key = 1, .since_ms = 2, .seq = 1},
			 d = {.key = 1, .since_ms = 2, .seq = 4};
	EXPECT(rank_before(&a, &b) && rank_before(&b, &c) && rank_before(&c, &d));
	EXPECT(!rank_before(&b, &a) && !rank_before(&d, &c) && !rank_before(&a, &a));
}
