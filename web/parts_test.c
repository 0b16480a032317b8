/* parts_test.c - the limiter on invented time, sessions, event frames, problems, origins. */
#include <stdio.h>

#include "tests/test.h"
#include "web/answer.h"
#include "web/sessions.h"
#include "web/stream.h"

TEST(a_session_is_remembered_for_seconds_and_forgotten_at_once)
{
	struct sessions *s = sessions_create(4, 1);
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

TEST(a_session_that_is_not_used_becomes_idle)
{
	struct sessions *s = sessions_create(2, 1);
	struct caller c = {.idle_ms = 1000}, out;
	char hash[65];
	sessions_put(s, STR("aa"), &c, sessions_age(s), 0);
	sessions_put(s, STR("bb"), &c, sessions_age(s), 0);
	EXPECT(sessions_get(s, STR("aa"), 900, &out)); /* a use */
	sessions_use(s, STR("nobody"), 900);
	EXPECT(!sessions_take_idle(s, 1000, hash));
	EXPECT(!sessions_get(s, STR("bb"), 1001, &out));
	EXPECT(sessions_get(s, STR("aa"), 1900, &out));
	EXPECT(sessions_take_idle(s, 1901, hash));
	EXPECT_STR(str_of(hash), "bb");
	EXPECT(!sessions_take_idle(s, 1901, hash) && sessions_used_ms(s, STR("bb")) == -1);
	sessions_use(s, STR("aa"), 2500); /* an open stream */
	EXPECT(sessions_used_ms(s, STR("aa")) == 2500);
	/* no limit, no idleness */
	sessions_put(s, STR("cc"), &(struct caller){0}, sessions_age(s), 2500);
	EXPECT(sessions_take_idle(s, 99000, hash) && !sessions_take_idle(s, 99000, hash));
	sessions_destroy(s);
}

TEST(the_session_unused_longest_is_forgotten_first_and_ended_ones_stay_ended)
{
	struct sessions *s = sessions_create(2, 1);
	struct caller c = {0}, out;
	sessions_put(s, STR("aa"), &c, sessions_age(s), 0);
	sessions_put(s, STR("bb"), &c, sessions_age(s), 1);
	EXPECT(sessions_get(s, STR("aa"), 2, &out));
	sessions_put(s, STR("cc"), &c, sessions_age(s), 3);
	EXPECT(sessions_used_ms(s, STR("bb")) == -1 && sessions_used_ms(s, STR("aa")) == 2);
	const uint64_t age = sessions_age(s);
	sessions_drop(s, STR("aa"));
	sessions_put(s, STR("aa"), &c, age, 4); /* an answer that was under way */
	EXPECT(!sessions_get(s, STR("aa"), 4, &out));
	sessions_destroy(s);
}

TEST(a_form_can_send_only_what_a_form_can)
{
	EXPECT(is_form_type(STR("")) && is_form_type(STR("Text/Plain; application/json")) &&
	       is_form_type(STR(" multipart/form-data ; boundary=x")) &&
	       is_form_type(STR("application/x-www-form-urlencoded")));
	EXPECT(!is_form_type(STR("application/json")) &&
	       !is_form_type(STR("application/json;charset=utf-8")) &&
	       !is_form_type(STR("audio/wav")));
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
