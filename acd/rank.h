/*
 * rank.h - waiting contacts of one queue, best first: a treap whose links live in the contact.
 *
 * Within one queue everybody ages alike, so the order by score never changes by itself: score(now)
 * = priority + (now - enqueue) * ageing, and `now * ageing` is the same for all. Only queue heads
 * need comparing across queues. O(log n) in, out; O(1) amortised to the next. Main thread.
 */
#pragma once

#include "base/check.h"

struct rank_node {
	struct rank_node *parent, *left, *right;
	uint32_t weight; /* heap order of the treap, from seq */
	bool in;
	uint32_t level;	  /* higher first */
	double key;	  /* then higher first */
	int64_t since_ms; /* then earlier first */
	uint64_t seq;	  /* then lower first; unique */
};

struct rank {
	struct rank_node *root;
	uint32_t count;
};

bool rank_before(const struct rank_node *a, const struct rank_node *b);
void rank_add(struct rank *r, struct rank_node *n); /* not in any rank now */
void rank_remove(struct rank *r, struct rank_node *n);
struct rank_node *rank_first(const struct rank *r); /* NULL: empty */
struct rank_node *rank_next(const struct rank_node *n);
