/* limit_test.c - guessing becomes slow, its victim does not notice. */
#include "base/limit.h"

#include <stdio.h>

#include "tests/test.h"

#define HERE STR("192.0.2.1")
#define THERE STR("198.51.100.7")
#define ANNA STR("acme/anna")

static struct limit *limit_of(uint32_t places, uint32_t source_burst)
{
	return limit_create(&(struct limit_options){.places = places,
						    .seed = 1,
						    .wrong_burst = 300,
						    .wrong_per_second = 5,
						    .source_burst = source_burst,
						    .source_per_second = 1});
}

static int64_t guess(struct limit *l, struct str from, struct str account, int64_t now_ms)
{
	const int64_t wait = limit_wait_ms(l, from, account, now_ms);
	if (!wait)
		(void)limit_result(l, from, account, false, now_ms);
	return wait;
}

TEST(five_mistakes_are_free_and_then_each_doubles_the_wait)
{
	struct limit *l = limit_of(64, 0);
	int64_t now = 1000000;
	for (int i = 0; i < 5; i++)
		EXPECT(guess(l, HERE, ANNA, now) == 0);
	EXPECT(guess(l, HERE, ANNA, now) == 1000);
	EXPECT(guess(l, HERE, ANNA, now + 999) == 1);
	now += 1000;
	EXPECT(guess(l, HERE, ANNA, now) == 0);
	EXPECT(guess(l, HERE, ANNA, now) == 2000);
	for (int64_t wait = 2000; wait <= 512000; wait *= 2) {
		now += wait;
		EXPECT(guess(l, HERE, ANNA, now) == 0);
	}
	EXPECT(limit_wait_ms(l, HERE, ANNA, now) ==
	       900000); /* no longer than a quarter of an hour */
	limit_destroy(l);
}

TEST(the_owner_elsewhere_and_other_accounts_are_not_held_up)
{
	struct limit *l = limit_of(64, 0);
	for (int i = 0; i < 20; i++)
		(void)!guess(l, HERE, ANNA, 1000);
	EXPECT(limit_wait_ms(l, HERE, ANNA, 1000) > 0);
	EXPECT(limit_wait_ms(l, THERE, ANNA, 1000) == 0);
	EXPECT(limit_wait_ms(l, HERE, STR("acme/boris"), 1000) == 0);
	limit_destroy(l);
}

TEST(a_right_password_or_silence_forgets_the_mistakes)
{
	struct limit *l = limit_of(64, 0);
	for (int i = 0; i < 4; i++)
		EXPECT(guess(l, HERE, ANNA, 1000) == 0);
	EXPECT(limit_wait_ms(l, HERE, ANNA, 1000) == 0);
	(void)limit_result(l, HERE, ANNA, true, 1000);
	for (int i = 0; i < 5; i++)
		EXPECT(guess(l, HERE, ANNA, 2000) == 0);
	EXPECT(limit_wait_ms(l, HERE, ANNA, 2000) > 0);
	EXPECT(limit_wait_ms(l, HERE, ANNA, 2000 + 15 * 60 * 1000 + 1) == 0);
	limit_destroy(l);
}

TEST(guesses_side_by_side_are_counted_before_they_fail)
{
	struct limit *l = limit_of(64, 0);
	int let_through = 0;
	for (int i = 0; i < 100; i++)
		let_through += limit_wait_ms(l, HERE, ANNA, 1000) == 0;
	EXPECT(let_through == 5);
	limit_destroy(l);
}

TEST(a_crowd_of_addresses_meets_a_ceiling_that_new_ones_pass)
{
	struct limit *l = limit_of(4096, 0);
	char from[32];
	uint32_t let_through = 0;
	/* 50 addresses guess at 40 accounts each, four times: never five from one pair */
	for (int turn = 0; turn < 4; turn++)
		for (int i = 0; i < 2000; i++) {
			char account[32];
			snprintf(from, sizeof from, "10.0.0.%d", i / 40);
			snprintf(account, sizeof account, "acme/a%d", i % 40);
			let_through += guess(l, str_of(from), str_of(account), 1000) == 0;
		}
	EXPECT(let_through < 2500); /* of 8000 */
	EXPECT(limit_wait_ms(l, THERE, STR("acme/owner"), 1000) == 0);
	limit_destroy(l);
}

TEST(one_source_that_tries_many_accounts_is_slowed_but_not_those_it_knows)
{
	struct limit *l = limit_of(4096, 20);
	char account[32];
	uint32_t let_through = 0;
	EXPECT(limit_wait_ms(l, HERE, ANNA, 1000) == 0); /* a phone behind the same address */
	EXPECT(limit_result(l, HERE, ANNA, true, 1000) == 0);
	for (int i = 0; i < 200; i++) {
		snprintf(account, sizeof account, "acme/a%d", i);
		let_through += guess(l, HERE, str_of(account), 1000) == 0;
	}
	EXPECT(let_through == 20);
	EXPECT(limit_wait_ms(l, HERE, ANNA, 1000) == 0);
	EXPECT(limit_wait_ms(l, THERE, STR("acme/a7"), 1000) == 0);
	EXPECT(limit_wait_ms(l, HERE, STR("acme/boris"), 1000) > 0);
	EXPECT(limit_wait_ms(l, HERE, STR("acme/boris"), 2100) == 0); /* one a second */
	limit_destroy(l);
}
