/* pool_test.c - places with ages: a dead id never looks alive. */
#include "base/pool.h"
#include "base/str.h"
#include "tests/test.h"

struct thing {
	int value;
};

TEST(places_are_given_zeroed_and_dead_ids_look_up_to_nothing)
{
	struct pool *p = pool_create("things", sizeof(struct thing), 2);
	struct id a, b, c;
	struct thing *x = pool_take(p, &a), *y = pool_take(p, &b);
	EXPECT(x && y && x != y && a.slot && b.slot && !pool_take(p, &c));
	EXPECT(pool_count(p) == 2 && pool_limit(p) == 2 && pool_peak(p) == 2);
	EXPECT_STR(str_of(pool_name(p)), "things");
	x->value = 5;
	EXPECT(pool_get(p, a) == x && ID_EQ(pool_id(p, x), a));
	pool_give(p, x);
	EXPECT(!pool_get(p, a) && pool_get(p, b) == y && pool_count(p) == 1);
	struct thing *z = pool_take(p, &c);
	EXPECT(z == x && z->value == 0 && c.slot == a.slot && c.age != a.age);
	EXPECT(!pool_get(p, a) && pool_get(p, c) == z);
	EXPECT(!pool_get(p, (struct id){0}) && !pool_get(p, (struct id){99, 1}));
	EXPECT(!pool_get(p, (struct id){a.slot, 0}) && !pool_get(p, (struct id){a.slot, 2}));
	EXPECT(pool_peak(p) == 2);
	pool_destroy(p);
	pool_destroy(NULL);
}

TEST(the_newest_freed_place_is_given_out_last)
{
	struct pool *p = pool_create("things", 4, 3);
	struct id id[3], next;
	void *at[3];
	for (int i = 0; i < 3; i++)
		at[i] = pool_take(p, &id[i]);
	pool_give(p, at[1]);
	pool_give(p, at[0]);
	pool_give(p, at[2]);
	EXPECT(pool_take(p, &next) == at[1] && pool_take(p, &next) == at[0]);
	EXPECT(pool_take(p, &next) == at[2] && !pool_take(p, &next));
	pool_destroy(p);
}

TEST(a_place_is_taken_again_by_its_id)
{
	struct pool *p = pool_create("things", 4, 8);
	struct id id;
	EXPECT(!pool_take_at(p, (struct id){0, 1}) && !pool_take_at(p, (struct id){9, 1}));
	EXPECT(!pool_take_at(p, (struct id){3, 2})); /* even ages are free places */
	void *x = pool_take_at(p, (struct id){5, 77});
	EXPECT(x && pool_get(p, (struct id){5, 77}) == x);
	EXPECT(!pool_take_at(p, (struct id){5, 79})); /* occupied */
	EXPECT(pool_take_at(p, (struct id){2, 9}));   /* from among those below */
	bool slots[9] = {[5] = true, [2] = true};
	for (int i = 0; i < 6; i++) {
		EXPECT(pool_take(p, &id) && !slots[id.slot]);
		slots[id.slot] = true;
	}
	EXPECT(!pool_take(p, &id) && pool_count(p) == 8);
	pool_give(p, x);
	EXPECT(pool_take(p, &id) == x && id.slot == 5 && id.age == 79);
	pool_destroy(p);
}

TEST(the_free_list_is_whole_after_taking_from_its_middle)
{
	for (uint32_t middle = 1; middle <= 4; middle++) {
		struct pool *p = pool_create("things", 4, 4);
		struct id id[4], next;
		void *at[4];
		for (int i = 0; i < 4; i++)
			at[i] = pool_take(p, &id[i]);
		for (int i = 0; i < 4; i++)
			pool_give(p, at[i]);
		EXPECT(pool_take_at(p, (struct id){middle, 9}));
		uint32_t seen = BIT(middle);
		while (pool_take(p, &next))
			seen |= BIT(next.slot);
		EXPECT(seen == (BIT(1) | BIT(2) | BIT(3) | BIT(4)) && pool_count(p) == 4);
		pool_destroy(p);
	}
}

TEST(ids_of_an_earlier_life_stay_dead)
{
	struct pool *one = pool_create("things", 4, 4), *two = pool_create("things", 4, 4);
	struct id old, id;
	EXPECT(pool_take(one, &old));
	pool_born(two, 1u << 16);
	EXPECT(pool_take(two, &id) && id.slot == old.slot && id.age == (1u << 16) + 1);
	EXPECT(!pool_get(two, old));
	pool_destroy(one);
	pool_destroy(two);
	two = pool_create("things", 4, 4);
	pool_born(two, 7); /* odd: made even */
	EXPECT(pool_take(two, &id) && id.age == 7);
	pool_destroy(two);
}

TEST(a_starved_pool_refuses)
{
	struct pool *p = pool_create("things", 4, 4);
	struct id id;
	pool_starve(p, 0);
	EXPECT(!pool_take(p, &id) && pool_limit(p) == 0);
	pool_starve(p, 1);
	void *x = pool_take(p, &id);
	EXPECT(x && !pool_take(p, &id));
	pool_give(p, x);
	EXPECT(pool_take(p, &id));
	pool_starve(p, 99);
	EXPECT(pool_limit(p) == 4);
	pool_destroy(p);
}

TEST(walking_the_living_while_giving_back)
{
	struct pool *p = pool_create("things", sizeof(struct thing), 8);
	struct id id;
	for (int i = 0; i < 6; i++) {
		struct thing *t = pool_take(p, &id);
		CHECK(t);
		t->value = i;
	}
	int sum = 0;
	pool_for_each (struct thing, t, p) {
		sum = sum * 10 + t->value;
		if (t->value % 2)
			pool_give(p, t);
	}
	EXPECT(sum == 12345 && pool_count(p) == 3);
	sum = 0;
	pool_for_each (struct thing, left, p)
		sum = sum * 10 + left->value;
	EXPECT(sum == 24);
	pool_destroy(p);
}
