/* customers_test.c - customers' rows folded from facts, searched, matched, checked; on both
 * databases. */
#include "store/customers.h"
#include "store/house_test.h"
#include "store/query_customers.h"
#include "tests/test.h"

#define JAN "0193b5c0-0000-7000-8000-000000000001"
#define EWA "0193b5c0-0000-7000-8000-000000000002"

static void changed(struct house *h, const char *op, const char *id, const char *docs)
{
	SAY(&h->story, customer_changed, .op = str_of(op), .customer = str_of(id),
	    .by = STR("anna"), .count = 1, .docs = str_of(docs));
}

static void two_people(struct house *h)
{
	changed(h, "imported", "",
		"{\"id\":\"" JAN
		"\",\"tenant\":\"acme\",\"version\":1,\"kind\":\"person\",\"name\":\"Jan "
		"Żółć\",\"numbers\":[{\"number\":\"+48601602603\"}]}\n"
		"{\"id\":\"" EWA
		"\",\"tenant\":\"acme\",\"version\":1,\"kind\":\"person\",\"name\":\"Ewa "
		"Żółw\",\"household\":\"" JAN "\"}\n");
}

static uint32_t differences(struct house *h)
{
	uint32_t problems = 99;
	h->out.n = 0;
	EXPECT(house_settle(h));
	EXPECT(store_check(h->reader, STR_NONE, &h->out, &problems) == ERR_OK);
	return problems;
}

/* Names found, best first, "Jan Żółć" in short: how many. */
static uint32_t found(struct house *h, const char *question)
{
	uint32_t count = 0;
	h->out.n = 0;
	const struct customer_filter f = {
		.question = str_of(question), .country = STR("PL"), .limit = 10};
	EXPECT(house_settle(h));
	EXPECT(query_customers(h->reader, STR("acme"), &f, &h->out, &count) == ERR_OK);
	return count;
}

TEST(customers_are_folded_found_and_gone)
{
	struct house h;
	uint32_t count = 0;
	house_start(&h);
	two_people(&h);
	EXPECT(found(&h, "zol") == 2 && found(&h, "ZOLC jan") == 1 && found(&h, "0160") == 1);
	EXPECT(found(&h, "601 602 603") == 1 && has(buf_str(&h.out), "\"found\":\"number\""));
	EXPECT(differences(&h) == 0);
	h.out.n = 0;
	EXPECT(query_match(h.reader, STR("acme"), STR("+48601602603"), &h.out, &count) == ERR_OK);
	EXPECT(count == 2 && has(buf_str(&h.out), "\"rank\":\"household\""));
	EXPECT(query_match(h.reader, STR("globex"), STR("+48601602603"), &h.out, &count) == ERR_OK);
	EXPECT(count == 0);
	/* another name and number: the old ones find nobody */
	changed(&h, "updated", JAN,
		"{\"id\":\"" JAN
		"\",\"tenant\":\"acme\",\"version\":2,\"kind\":\"person\",\"name\":\"Jan "
		"Nowak\",\"numbers\":[{\"number\":\"+48700700700\"}]}");
	EXPECT(found(&h, "zolc") == 0 && found(&h, "601602603") == 0 && found(&h, "nowak") == 1);
	EXPECT(differences(&h) == 0);
	changed(&h, "deleted", JAN, "{\"id\":\"" JAN "\",\"version\":2}");
	EXPECT(found(&h, "nowak") == 0 && differences(&h) == 0);
	house_finish(&h);
}

TEST(check_sees_another_hand_in_customers)
{
	static const char *const hands[] = {
		"UPDATE customers SET doc = '{}'", "UPDATE customers SET words = 'x'",
		"DELETE FROM customers WHERE n = 1", "DELETE FROM customer_keys"};
	for (size_t i = 0; i < COUNT_OF(hands); i++) {
		struct house h;
		house_start(&h);
		two_people(&h);
		EXPECT(differences(&h) == 0);
		house_say(&h, hands[i]);
		EXPECT(differences(&h) > 0);
		house_finish(&h);
	}
}
