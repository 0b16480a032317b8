/* map_test.c - keys to values: many, removed and added again; arenas. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/map.h"
#include "tests/test.h"

struct entry {
	char key[16];
	size_t n;
	bool in;
};

TEST(a_map_finds_what_was_put_and_nothing_else)
{
	struct map m;
	int a, b;
	map_init(&m, 7);
	EXPECT(!map_get(&m, STR("x")) && !map_remove(&m, STR("x")));
	EXPECT(map_add(&m, STR("x"), &a) == ERR_OK && map_add(&m, STR("x"), &b) == ERR_CONFLICT);
	EXPECT(map_add(&m, STR_NONE, &b) == ERR_OK); /* the empty key is a key */
	EXPECT(map_get(&m, STR("x")) == &a && map_get(&m, STR("")) == &b);
	EXPECT(!map_get(&m, STR("X")) && !map_get(&m, STR("xx")) && m.count == 2);
	EXPECT(map_remove(&m, STR("x")) == &a && !map_get(&m, STR("x")) && m.count == 1);
	EXPECT(map_remove(&m, STR("")) == &b && !map_get(&m, STR("")));
	map_finish(&m);
	EXPECT(!map_get(&m, STR("x")));
}

TEST(thousands_of_keys_come_and_go)
{
	enum { N = 5000 };
	struct entry *e = xcalloc(N, sizeof *e);
	struct map m;
	uint64_t z = 3;
	uint32_t count = 0;
	map_init(&m, 99);
	for (int i = 0; i < N; i++)
		e[i].n = (size_t)snprintf(e[i].key, sizeof e[i].key, "key%d", i);
	for (int i = 0; i < 100000; i++) {
		z = z * 6364136223846793005ull + 1442695040888963407ull;
		struct entry *x = &e[(z >> 33) % N];
		struct str key = str_make(x->key, x->n);
		EXPECT(map_get(&m, key) == (x->in ? x : NULL));
		if (x->in)
			EXPECT(map_remove(&m, key) == x);
		else
			EXPECT(map_add(&m, key, x) == ERR_OK);
		x->in = !x->in;
		count += x->in ? 1 : UINT32_MAX;
	}
	EXPECT(m.count == count && m.room < 4 * N); /* tombstones are swept */
	uint32_t at = 0, walked = 0;
	for (struct entry *x; (x = map_next(&m, &at)); walked++)
		EXPECT(x->in);
	EXPECT(walked == count);
	at = 0; /* removing what is at hand while walking */
	for (struct entry *x; (x = map_next(&m, &at));)
		map_remove(&m, str_make(x->key, x->n));
	EXPECT(m.count == 0);
	map_finish(&m);
	free(e);
}

TEST(an_arena_gives_aligned_zeroed_memory_that_stays)
{
	struct arena a;
	arena_init(&a);
	char *first = arena_alloc(&a, 1);
	*first = 'f';
	for (size_t n = 0; n < 300; n++) {
		char *p = arena_alloc(&a, n);
		CHECK(p);
		EXPECT(((uintptr_t)p & 15) == 0);
		for (size_t i = 0; i < n; i++) {
			EXPECT(p[i] == 0);
			p[i] = 'x';
		}
	}
	char *big = arena_alloc(&a, 100000);
	memset(big, 'b', 100000);
	struct str s = arena_copy(&a, STR("hello"));
	EXPECT_STR(s, "hello");
	EXPECT(s.p[5] == 0 && *first == 'f');
	EXPECT(arena_copy(&a, STR_NONE).p[0] == 0);
	EXPECT(a.used >= 100000 + 300 * 150);
	arena_finish(&a);
	EXPECT(a.used == 0 && !a.blocks);
	EXPECT(arena_alloc(&a, 5)); /* may be used again */
	arena_finish(&a);
}

TEST(lists_are_walked_in_order_and_may_lose_who_is_at_hand)
{
	struct item {
		struct list link;
		int n;
	} items[5];
	struct list head;
	list_init(&head);
	EXPECT(list_empty(&head));
	for (int i = 0; i < 5; i++) {
		items[i].n = i;
		if (i == 4)
			list_push_front(&head, &items[i].link);
		else
			list_push(&head, &items[i].link);
	}
	int seen = 0;
	list_for_each (link, &head) {
		struct item *it = CONTAINER_OF(link, struct item, link);
		seen = seen * 10 + it->n;
		if (it->n == 1 || it->n == 3)
			list_remove(link);
	}
	EXPECT(seen == 40123);
	list_remove(&items[1].link); /* twice is harmless */
	seen = 0;
	list_for_each (link, &head)
		seen = seen * 10 + CONTAINER_OF(link, struct item, link)->n;
	EXPECT(seen == 402);
}

TEST(every_error_has_its_faces)
{
	EXPECT_STR(str_of(err_name(ERR_FULL)), "FULL");
	EXPECT(err_http(ERR_FULL) == 503 && err_sip(ERR_BUSY) == 486);
	for (int e = 0; e < ERR_COUNT; e++) {
		EXPECT(err_name((enum err)e)[0] && err_text((enum err)e)[0]);
		EXPECT(err_http((enum err)e) >= 200 && err_sip((enum err)e) >= 200);
	}
	EXPECT_STR(str_of(err_name((enum err)999)), "?");
	EXPECT_STR(str_of(err_text((enum err)999)), "?");
	EXPECT(err_http((enum err)999) == 500 && err_sip((enum err) - 1) == 500);
}
