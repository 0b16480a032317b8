/* parts_test.c - the limiter on invented time, sessions, event frames, problems, origins. */
#include <stdio.h>

#include "tests/test.h"
#include "web/answer.h"
#include "web/sessions.h"
#include "web/stream.h"

TEST(a_session_is_remembered_for_seconds_and_forgotten_at_once)
{
	struct sessions *s = sessions_create(4);
	struct caller c = {.user = "anna"}, out;
	char one[65], two[65];
	token_hash(STR("one"), one);
	token_hash(STR("two"), two);
	EXPECT_STR(str_of(one), "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
	const uint64_t age = sessions_age(s);
	sessions_put(s, str_of(one), &c, age, 1000);
	EXPECT(sessions_get(s, str_of(one), 1000 + SESSION_CACHE_MS, &out));
	EXPECT(!sessions_get(s, str_of(one), 1001 + SESSION_CACHE_MS, &out));
	EXPECT(!sessions_get(s, str_of(two), 1000, &out));
	sessions_forget_all(s);
	EXPECT(!sessions_get(s, str_of(one), 1000, &out));
	sessions_put(s, str_of(one), &c, age, 1000); /* an answer from before the sign-out */
	EXPECT(!sessions_get(s, str_of(one), 1000, &out));
	sessions_destroy(s);
}

static struct h1_head head_with(const char *name, const char *value, const char *host)
{
	struct h1_head h = {.header_count = 2};
	h.headers[0] = (struct h1_header){str_of(name), str_of(value)};
	h.headers[1] = (struct h1_header){STR("Host"), str_of(host)};
	return h;
}

TEST(another_origin_is_told_from_ours)
{
	static const struct {
		const char *name, *value;
		bool same, same_if_it_must_say;
	} table[] = {
		{"Origin", "http://cc.test", true, true},
		{"Origin", "https://cc.test", true, true},
		{"Origin", "http://cc.test.evil", false, false},
		{"Origin", "http://evil/cc.test", false, false},
		{"Origin", "null", false, false},
		{"Sec-Fetch-Site", "same-origin", true, true},
		{"Sec-Fetch-Site", "none", true, true},
		{"Sec-Fetch-Site", "cross-site", false, false},
		{"Sec-Fetch-Site", "same-site", false, false},
		{"X-Nothing", "said", true, false},
	};
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct h1_head h = head_with(table[i].name, table[i].value, "cc.test");
		EXPECT(same_origin(&h, false) == table[i].same);
		EXPECT(same_origin(&h, true) == table[i].same_if_it_must_say);
	}
	bool by_cookie;
	struct h1_head h = head_with("Authorization", "bearer  abc ", "x");
	EXPECT_STR(token_of(&h, &by_cookie), "abc");
	EXPECT(!by_cookie);
	h = head_with("Cookie", "x=1; centrala_session=t0k", "x");
	EXPECT_STR(token_of(&h, &by_cookie), "t0k");
	EXPECT(by_cookie);
	h = head_with("Authorization", "Basic abc", "x");
	EXPECT(token_of(&h, &by_cookie).n == 0);
}

TEST(events_are_framed_line_by_line)
{
	struct buf b = buf_grow(64);
	stream_frame(&b, 42, STR("{\"seq\":42}"));
	EXPECT_STR(buf_str(&b), "id: 42\ndata: {\"seq\":42}\n\n");
	b.n = 0;
	stream_frame(&b, 1, STR("a\nb"));
	EXPECT_STR(buf_str(&b), "id: 1\ndata: a\ndata: b\n\n");
	b.n = 0;
	stream_line(&b, STR("{\"seq\":1,\"at\":\"T\",\"event\":\"offer\",\"agent\":\"anna\","
			    "\"note\":\"a b\\u001b[31m\",\"n\":null,\"prev\":0}"));
	EXPECT_STR(buf_str(&b), "T offer seq=1 agent=anna note=\"a b\\u001B[31m\"\n");
	buf_free(&b);
}

TEST(problems_say_what_they_are)
{
	struct buf b = buf_grow(64);
	problem_body(&b, 409, STR("no \"phone\""), STR("[{\"path\":\"$\",\"message\":\"m\"}]"));
	EXPECT_STR(buf_str(&b),
		   "{\"type\":\"about:blank\",\"title\":\"not possible now\",\"status\":409,"
		   "\"detail\":\"no \\\"phone\\\"\",\"errors\":[{\"path\":\"$\",\"message\":"
		   "\"m\"}]}\n");
	buf_free(&b);
	struct job j = {.detail = "queue secret exists"};
	answer_problem(&j, ERR_NOT_FOUND); /* the reason must not leak */
	EXPECT(j.answer.status == 404);
	EXPECT(str_find_str(buf_str(&j.answer.body), STR("secret")) < 0);
	http_answer_drop(&j.answer);
	j = (struct job){.retry_after_ms = 1500};
	answer_problem(&j, ERR_TOO_MANY);
	EXPECT_STR(buf_str(&j.answer.extra), "Retry-After: 2\r\n");
	http_answer_drop(&j.answer);
}
