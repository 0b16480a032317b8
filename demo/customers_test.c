/* customers_test.c - the invented customers: always the same, all different, nobody's numbers. */
#include "demo/customers.h"

#include <jansson.h>
#include <stdlib.h>

#include "tests/test.h"

TEST(number_i_is_always_the_same_person)
{
	for (uint32_t i = 0; i < DEMO_CUSTOMERS + 6000; i += 7) {
		struct demo_customer a, b;
		demo_customer(i, &a);
		demo_customer(i, &b);
		EXPECT(!memcmp(&a, &b, sizeof a));
	}
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(a, b);
}

TEST(no_two_customers_share_a_number)
{
	static char numbers[DEMO_CUSTOMERS][20];
	struct demo_customer c;
	for (uint32_t i = 0; i < DEMO_CUSTOMERS; i++) {
		demo_customer(i, &c);
		memcpy(numbers[i], c.number, sizeof numbers[i]);
	}
	qsort(numbers, DEMO_CUSTOMERS, sizeof numbers[0], by_bytes);
	for (uint32_t i = 1; i < DEMO_CUSTOMERS; i++)
		EXPECT(strcmp(numbers[i - 1], numbers[i]) != 0);
}

/* Polish area code 28 has no place; Ofcom keeps 07700 900000 to 900999 for films and plays. */
TEST(numbers_are_nobodys)
{
	for (uint32_t i = 0; i < DEMO_CUSTOMERS + 6000; i++) {
		struct demo_customer c;
		demo_customer(i, &c);
		const struct str n = str_of(c.number);
		EXPECT(str_starts(n, STR("+4828")) ? n.n == 12
						   : str_starts(n, STR("+447700900")) && n.n == 13);
	}
}

TEST(they_speak_three_languages_and_are_json)
{
	uint32_t pl = 0, en = 0, ru = 0;
	char room[1024];
	for (uint32_t i = 0; i < DEMO_CUSTOMERS; i++) {
		struct demo_customer c;
		struct buf b = buf_make(room, sizeof room);
		demo_customer(i, &c);
		pl += str_is(str_of(c.lang), "pl");
		en += str_is(str_of(c.lang), "en");
		ru += str_is(str_of(c.lang), "ru");
		demo_customer_json(&c, &b);
		json_t *doc = json_loadb(b.p, b.n, 0, NULL);
		EXPECT(doc && !strcmp(json_string_value(json_object_get(doc, "name")), c.name));
		json_decref(doc);
	}
	EXPECT(pl == 2400 && en == 300 && ru == 300);
}
