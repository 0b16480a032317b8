/* customer_test.c - what becomes of what somebody wrote; words and keys; columns. */
#include <stdlib.h>

#include "crm/columns.h"
#include "crm/customer.h"
#include "crm/words.h"
#include "tests/test.h"

static const struct customer_stamp STAMP = {.id = STR("0193b5c0-0000-7000-8000-000000000001"),
					    .tenant = STR("acme"),
					    .by = STR("anna"),
					    .now_ms = 1795300000000ll};

static json_t *fields(void)
{
	return json_loads(
		"[{\"id\":\"tier\",\"type\":\"choice\",\"choices\":[{\"id\":\"gold\",\"label\":"
		"{\"pl\":\"Złoty\"}}]},{\"id\":\"debt\",\"type\":\"number\"},{\"id\":\"since\","
		"\"type\":\"date\"},{\"id\":\"paper\",\"type\":\"flag\",\"label\":{\"pl\":"
		"\"Papier\"}}]",
		0, NULL);
}

static json_t *made(const char *given, const json_t *before, bool patch, uint32_t *mistakes)
{
	json_t *declared = fields(), *g = json_loads(given, 0, NULL);
	const struct customer_rules rules = {STR("PL"), declared};
	struct buf errors = buf_grow(64);
	struct mistakes m = mistakes_begin(&errors);
	json_t *doc = customer_make(g, before, patch, &STAMP, &rules, &m);
	mistakes_end(&m);
	*mistakes = m.count;
	EXPECT((doc == NULL) == (m.count > 0));
	buf_free(&errors);
	json_decref(declared);
	json_decref(g);
	return doc;
}

TEST(a_record_is_cleaned_and_completed)
{
	uint32_t n;
	json_t *doc =
		made("{\"given_name\":\" Jan \",\"family_name\":\"No\\u0007wak\",\"title\":\"\","
		     "\"numbers\":[{\"number\":\"601 602 603\"},{\"number\":\"+48601602603\"}],"
		     "\"id\":\"x\",\"version\":9,\"tags\":null}",
		     NULL, false, &n);
	EXPECT_STR(json_member(doc, "name"), "Jan No wak");
	EXPECT_STR(json_member(doc, "id"), STAMP.id.p);
	EXPECT(json_integer_value(json_object_get(doc, "version")) == 1);
	EXPECT(json_array_size(json_object_get(doc, "numbers")) == 1);
	EXPECT(!json_object_get(doc, "title") && !json_object_get(doc, "tags"));
	json_t *two = made("{\"family_name\":null,\"name\":\"Jan\"}", doc, true, &n);
	EXPECT_STR(json_member(two, "name"), "Jan");
	EXPECT(!json_object_get(two, "family_name") && json_object_get(two, "given_name"));
	EXPECT(json_integer_value(json_object_get(two, "version")) == 2);
	json_decref(doc);
	json_decref(two);
}

TEST(mistakes_are_found)
{
	static const char *const rows[] = {
		"{}",
		"{\"name\":\"x\",\"numbers\":7}",
		"{\"name\":\"x\",\"fields\":{\"tier\":\"lead\"}}",
		"{\"name\":\"x\",\"fields\":{\"debt\":\"7\"}}",
		"{\"name\":\"x\",\"fields\":{\"since\":\"2026-02-30\"}}",
		"{\"name\":\"x\",\"fields\":{\"other\":1}}",
		"{\"name\":\"x\",\"emails\":[{\"address\":\"@x\"}]}",
		"{\"name\":\"x\",\"time_zone\":\"Moon\"}",
		"{\"name\":\"x\",\"preferences\":{\"contact_times\":{\"mon\":[\"9-12\"]}}}",
		"{\"name\":\"x\",\"wage\":1}",
		"[]",
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint32_t n;
		json_t *doc = made(rows[i], NULL, false, &n);
		EXPECT(n > 0);
		json_decref(doc);
	}
}

TEST(merging_keeps_what_is_there_and_adds_what_is_not)
{
	json_t *a =
		json_loads("{\"id\":\"a\",\"name\":\"A\",\"tags\":[\"x\"],\"numbers\":[{\"number\":"
			   "\"+1\"}],\"fields\":{\"p\":1},\"household\":\"b\"}",
			   0, NULL);
	json_t *b =
		json_loads("{\"id\":\"b\",\"name\":\"B\",\"tags\":[\"x\",\"y\"],\"numbers\":[{"
			   "\"number\":\"+1\"},{\"number\":\"+2\"}],\"fields\":{\"p\":2,\"q\":3},"
			   "\"language\":\"pl\"}",
			   0, NULL);
	json_t *m = customer_merged(a, b);
	char *text = json_dumps(m, JSON_COMPACT);
	EXPECT_STR(str_of(text),
		   "{\"id\":\"a\",\"name\":\"A\",\"tags\":[\"x\",\"y\"],\"numbers\":[{"
		   "\"number\":\"+1\"},{\"number\":\"+2\"}],\"fields\":{\"p\":1,\"q\":3},"
		   "\"language\":\"pl\"}");
	free(text);
	json_decref(a);
	json_decref(b);
	json_decref(m);
}

TEST(words_of_a_record)
{
	json_t *doc =
		json_loads("{\"name\":\"Jan Żółć\",\"given_name\":\"Jan\",\"numbers\":[{\"number\":"
			   "\"+48123\"}],\"tags\":[\"vip\"],\"fields\":{\"debt\":7}}",
			   0, NULL);
	struct buf out = buf_grow(64), query = buf_grow(64);
	words_of(doc, STR("acme"), &out);
	EXPECT_STR(buf_str(&out), "pn4jan pn4zolc pn4#48123 pn4#8123 pn4vip pn47");
	words_query(STR("ŻÓŁ jan"), STR("acme"), WORDS_FTS5, false, &query);
	EXPECT_STR(buf_str(&query), "\"pn4zol\"* AND \"pn4jan\"*");
	query.n = 0;
	words_query(STR("jan"), STR("acme"), WORDS_TSQUERY, true, &query);
	EXPECT_STR(buf_str(&query), "'pn4jan'");
	query.n = 0;
	words_query(STR("0048 12"), STR("acme"), WORDS_TSQUERY, false, &query);
	EXPECT_STR(buf_str(&query), "('pn4#004812':* | 'pn4#4812':* | ('pn40048':* & 'pn412':*))");
	query.n = 0;
	words_query(STR("'\" *& |()"), STR("acme"), WORDS_TSQUERY, false, &query);
	EXPECT(query.n == 0);
	EXPECT(words_score(doc, STR("zolc jan"), STR("PL")).points >
	       words_score(doc, STR("zol jan"), STR("PL")).points);
	EXPECT(words_score(doc, STR("+48123"), STR("PL")).by == FOUND_number);
	json_decref(doc);
	buf_free(&out);
	buf_free(&query);
}

TEST(columns_are_recognised_and_read)
{
	static const struct {
		const char *name, *target;
	} rows[] = {{"Imię", "given_name"},
		    {"NAZWISKO", "family_name"},
		    {"Nr telefonu", "number"},
		    {"Телефон", "number"},
		    {"Фамилия", "family_name"},
		    {"E-mail", "email"},
		    {"PSČ", "postal_code"},
		    {"Straße", "street"},
		    {"Papier", "field:paper"},
		    {"number:home", "number:home"},
		    {"whatever", ""}};
	json_t *declared = fields();
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char room[80];
		EXPECT_STR(column_guess(str_of(rows[i].name), declared, room), rows[i].target);
	}
	const struct str targets[] = {
		STR("name"),	    STR("numbers"),	STR("field:tier"), STR("field:debt"),
		STR("field:since"), STR("field:paper"), STR("country"),	   STR("")};
	const struct str cells[] = {STR("'=x"),	       STR("home:+481 | +482"),
				    STR("złoty"),      STR("1 000,5"),
				    STR("22.11.2026"), STR("tak"),
				    STR("pl"),	       STR("gone")};
	json_t *doc = columns_document(cells, 8, targets, 8, declared);
	char *text = json_dumps(doc, JSON_COMPACT);
	EXPECT_STR(str_of(text),
		   "{\"name\":\"=x\",\"numbers\":[{\"number\":\"+481\",\"label\":\"home\"},{"
		   "\"number\":\"+482\"}],\"fields\":{\"tier\":\"gold\",\"debt\":1000.5,"
		   "\"since\":\"2026-11-22\",\"paper\":true},\"addresses\":[{\"country\":"
		   "\"PL\"}]}");
	free(text);
	json_decref(doc);
	json_decref(declared);
}
