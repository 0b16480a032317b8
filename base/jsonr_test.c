/* jsonr_test.c - what jsonw writes is read again; what is torn ends the walk. */
#include "base/jsonr.h"

#include <stdlib.h>

#include "base/jsonw.h"
#include "tests/test.h"

TEST(jsonr_reads_members_as_they_were_written)
{
	struct buf b = buf_grow(64), text = buf_grow(64);
	struct jsonw w = jsonw_make(&b);
	int64_t n = 0;
	double x = 0;
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "name", STR("J\"ó\\n\t\x01,}]"));
	jsonw_key(&w, "list");
	jsonw_open(&w, '[');
	jsonw_str(&w, STR("]}"));
	jsonw_close(&w, ']');
	jsonw_ki64(&w, "count", -12);
	jsonw_key(&w, "ratio");
	jsonw_real(&w, 0.25);
	jsonw_key(&w, "none");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	const struct str o = buf_str(&b);

	EXPECT(jsonr_text(jsonr_get(o, "name"), &text));
	EXPECT_STR(buf_str(&text), "J\"ó\\n\t\x01,}]");
	EXPECT_STR(jsonr_get(o, "list"), "[\"]}\"]");
	EXPECT(jsonr_i64(jsonr_get(o, "count"), &n) && n == -12);
	EXPECT(jsonr_real(jsonr_get(o, "ratio"), &x) && x == 0.25);
	EXPECT_STR(jsonr_get(o, "none"), "null");
	EXPECT(jsonr_get(o, "absent").n == 0);
	EXPECT(!jsonr_i64(jsonr_get(o, "none"), &n) && !jsonr_real(jsonr_get(o, "name"), &x));
	EXPECT(jsonr_plain(jsonr_get(o, "name")).n == 0);
	buf_free(&b);
	buf_free(&text);
}

TEST(jsonr_walks_arrays)
{
	struct jsonr r = jsonr_array(STR(" [ {\"a\":\"]\"} , 12,\"x\" ,[] ]"));
	struct str v;
	EXPECT(jsonr_item(&r, &v));
	EXPECT_STR(v, "{\"a\":\"]\"}");
	EXPECT(jsonr_item(&r, &v));
	EXPECT_STR(v, "12");
	EXPECT(jsonr_item(&r, &v));
	EXPECT_STR(v, "\"x\"");
	EXPECT(jsonr_item(&r, &v));
	EXPECT_STR(v, "[]");
	EXPECT(!jsonr_item(&r, &v));
	r = jsonr_array(STR("[]"));
	EXPECT(!jsonr_item(&r, &v));
}

TEST(jsonr_stops_at_whatever_is_torn)
{
	static const char whole[] = "{\"a\":\"x\\\"\",\"b\":[1,{\"c\":\"]\"}],\"d\":12}";
	for (size_t n = 0; n < sizeof whole - 1; n++) {
		/* a copy of exactly that size, so that a step too far is seen by the sanitizer */
		char *torn = str_dup(str_make(whole, n));
		struct jsonr r = jsonr_make(str_make(torn, n));
		struct str key, value;
		int members = 0;
		while (jsonr_next(&r, &key, &value))
			members++;
		EXPECT(members <= 3);
		free(torn);
	}
	EXPECT(jsonr_get(STR("[1]"), "a").n == 0);
	EXPECT(jsonr_get(STR("{\"a\":]}"), "a").n == 0);
}
