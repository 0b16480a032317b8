/* rank.c - see rank.h. */
#include "acd/rank.h"

bool rank_before(const struct rank_node *a, const struct rank_node *b)
{
	if (a->level != b->level)
		return a->level > b->level;
	if (a->key != b->key)
		return a->key > b->key;
	if (a->since_ms != b->since_ms)
		return a->since_ms < b->since_ms;
	return a->seq < b->seq;
}

/* splitmix64's finish: spreads consecutive numbers well enough for a treap. */
static uint32_t weight_of(uint64_t seq)
{
	uint64_t z = seq + 0x9e3779b97f4a7c15u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) >> 32);
}

static void replace_child(struct rank *r, struct rank_node *parent, struct rank_node *was,
			  struct rank_node *is)
{
	if (!parent)
		r->root = is;
	else if (parent->left == was)
		parent->left = is;
	else
		parent->right = is;
	if (is)
		is->parent = parent;
}

/* Lifts n above its parent, keeping the order from left to right. */
static void lift(struct rank *r, struct rank_node *n)
{
	struct rank_node *p = n->parent, *g = p->parent;
	if (p->left == n) {
		p->left = n->right;
		if (n->right)
			n->right->parent = p;
		n->right = p;
	} else {
		p->right = n->left;
		if (n->left)
			n->left->parent = p;
		n->left = p;
	}
	replace_child(r, g, p, n);
	p->parent = n;
}

void rank_add(struct rank *r, struct rank_node *n)
{
	CHECK(!n->in);
	struct rank_node *parent = NULL, **at = &r->root;
	while (*at) {
		parent = *at;
		at = rank_before(n, parent) ? &parent->left : &parent->right;
	}
	*at = n;
	n->parent = parent;
	n->left = n->right = NULL;
	n->weight = weight_of(n->seq);
	n->in = true;
	r->count++;
	while (n->parent && n->parent->weight < n->weight)
		lift(r, n);
}

void rank_remove(struct rank *r, struct rank_node *n)
{
	CHECK(n->in && r->count > 0);
	while (n->left && n->right)
		lift(r, n->left->weight > n->right->weight ? n->left : n->right);
	replace_child(r, n->parent, n, n->left ? n->left : n->right);
	n->parent = n->left = n->right = NULL;
	n->in = false;
	r->count--;
}

struct rank_node *rank_first(const struct rank *r)
{
	struct rank_node *n = r->root;
	while (n && n->left)
		n = n->left;
	return n;
}

struct rank_node *rank_next(const struct rank_node *n)
{
	if (n->right) {
		struct rank_node *at = n->right;
		while (at->left)
			at = at->left;
		return at;
	}
	while (n->parent && n->parent->right == n)
		n = n->parent;
	return n->parent;
}
