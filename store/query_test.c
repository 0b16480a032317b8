/* query_test.c - what is asked of the database and what it answers. */
#include <jansson.h>
#include <stdio.h>

#include "store/house_test.h"
#include "tests/test.h"

#define ACME STR("acme")
#define Q STR("support")
#define ANNA STR("anna")

static json_t *parsed(struct house *h)
{
	json_error_t why;
	json_t *o = json_loadb(h->out.p, h->out.n, 0, &why);
	if (!o) {
		EXPECT(!"JSON");
		test_say(str_of(why.text));
		test_say(buf_str(&h->out));
		o = json_object();
	}
	h->out.n = 0;
	return o;
}

static json_t *items_of(json_t *o)
{
	return json_object_get(o, "items");
}

static void served(struct house *h, uint32_t n, struct str queue, struct str agent, int64_t wait_ms)
{
	story_contact(&h->story, n);
	story_arrive(&h->story);
	story_enqueue(&h->story, queue);
	story_answer(&h->story, queue, agent, wait_ms);
	story_serve(&h->story, queue, agent, 10000, 1000);
}

static void abandoned(struct house *h, uint32_t n, struct str queue, int64_t wait_ms)
{
	story_contact(&h->story, n);
	story_arrive(&h->story);
	story_enqueue(&h->story, queue);
	story_leave(&h->story, queue, RESULT_abandoned, wait_ms);
	story_hang_up(&h->story, PARTY_customer);
}

/* -- contacts -- */

/* Walks all pages; returns how many came and checks that none comes twice or out of order. */
static uint32_t page_through(struct house *h, struct contact_filter f, uint32_t limit)
{
	char cursor[128] = "", last[32] = "9";
	uint32_t count = 0;
	f.limit = limit;
	for (;;) {
		f.after = str_of(cursor);
		h->out.n = 0;
		EXPECT(query_contacts(h->reader, ACME, &f, &h->out) == ERR_OK);
		json_t *o = parsed(h);
		size_t n = json_array_size(items_of(o));
		EXPECT(n <= limit);
		for (size_t i = 0; i < n; i++) {
			const char *at = json_string_value(
				json_object_get(json_array_get(items_of(o), i), "arrived_at"));
			EXPECT(strcmp(at, last) <= 0);
			(void)str_copy(str_of(at), last, sizeof last);
		}
		count += (uint32_t)n;
		const char *next = json_string_value(json_object_get(o, "next"));
		(void)str_copy(str_of(next), cursor, sizeof cursor);
		json_decref(o);
		if (!cursor[0])
			return count;
	}
}

TEST(contacts_by_filter_and_page)
{
	struct house h;
	house_start(&h);
	int64_t from = h.story.at_ms;
	for (uint32_t n = 1; n <= 20; n++)
		served(&h, n, n % 2 ? Q : STR("sales"), n % 4 ? ANNA : STR("boris"), 1000);
	for (uint32_t n = 21; n <= 25; n++) { /* all in one millisecond */
		story_contact(&h.story, n);
		story_arrive(&h.story);
	}
	EXPECT(house_settle(&h));
	struct contact_filter f = {0};
	EXPECT(page_through(&h, f, 500) == 25);
	EXPECT(page_through(&h, f, 3) == 25);
	EXPECT(page_through(&h, f, 1) == 25);
	f.queue = Q;
	EXPECT(page_through(&h, f, 4) == 10);
	f.agent = STR("boris");
	EXPECT(page_through(&h, f, 4) == 0); /* boris serves the even ones only */
	f.queue = STR_NONE;
	EXPECT(page_through(&h, f, 4) == 5);
	f = (struct contact_filter){.state = STR("flow")};
	EXPECT(page_through(&h, f, 4) == 5);
	f = (struct contact_filter){.customer = STR("+48600100200")};
	EXPECT(page_through(&h, f, 50) == 25);
	f.customer = STR("+48600100201");
	EXPECT(page_through(&h, f, 50) == 0);
	f = (struct contact_filter){.from_ms = from, .to_ms = from + 1}; /* [from,to) */
	EXPECT(page_through(&h, f, 50) == 1);
	f = (struct contact_filter){.from_ms = from + 1};
	EXPECT(page_through(&h, f, 50) == 24);
	f = (struct contact_filter){.after = STR("no cursor")};
	h.out.n = 0;
	EXPECT(query_contacts(h.reader, ACME, &f, &h.out) == ERR_INVALID);
	f = (struct contact_filter){.queue = STR("' OR 1=1 --")};
	EXPECT(page_through(&h, f, 50) == 0);
	h.out.n = 0;
	f = (struct contact_filter){0};
	EXPECT(query_contacts(h.reader, STR("other"), &f, &h.out) == ERR_OK);
	EXPECT_STR(buf_str(&h.out), "{\"items\":[],\"next\":null}");
	house_finish(&h);
}

/* -- events -- */

struct seen {
	uint64_t seqs[64], prevs[64];
	uint32_t count;
};

static void see(void *arg, uint64_t seq, struct str json)
{
	struct seen *s = arg;
	json_t *o = json_loadb(json.p, json.n, 0, NULL);
	EXPECT(json_is_object(o));
	EXPECT((uint64_t)json_integer_value(json_object_get(o, "seq")) == seq);
	CHECK(s->count < COUNT_OF(s->seqs));
	s->seqs[s->count] = seq;
	s->prevs[s->count++] = (uint64_t)json_integer_value(json_object_get(o, "prev"));
	json_decref(o);
}

TEST(a_tenants_events_name_their_predecessor)
{
	struct house h;
	house_start(&h);
	for (uint32_t i = 0; i < 12; i++) {
		h.story.tenant = i % 3 == 1 ? ACME : STR("other");
		SAY(&h.story, alarm, .name = STR("x"), .detail = STR("y"));
	}
	EXPECT(house_settle(&h));
	struct seen s = {0};
	uint64_t last;
	EXPECT(query_events(h.reader, ACME, 0, 100, see, &s, &last) == ERR_OK);
	EXPECT(s.count == 4 && last == 11);
	for (uint32_t i = 0; i < s.count; i++) {
		EXPECT(s.seqs[i] == 2 + 3 * i);
		EXPECT(s.prevs[i] == (i ? s.seqs[i - 1] : 0));
	}
	/* from the middle, also from a number that is not the tenant's own; page by page */
	s = (struct seen){0};
	EXPECT(query_events(h.reader, ACME, 6, 1, see, &s, &last) == ERR_OK);
	EXPECT(s.count == 1 && s.seqs[0] == 8 && s.prevs[0] == 5 && last == 8);
	s = (struct seen){0};
	EXPECT(query_events(h.reader, STR_NONE, 0, 100, see, &s, &last) == ERR_OK);
	EXPECT(s.count == 12 && s.prevs[11] == 11);
	s = (struct seen){0};
	EXPECT(query_events(h.reader, ACME, 11, 100, see, &s, &last) == ERR_OK);
	EXPECT(s.count == 0 && last == 11);
	EXPECT(query_events(h.reader, ACME, UINT64_MAX, 100, see, &s, &last) == ERR_OK);
	EXPECT(s.count == 0);
	house_finish(&h);
}

TEST(why_stands_beside_time_and_agent)
{
	struct house h;
	house_start(&h);
	story_contact(&h.story, 1);
	story_arrive(&h.story);
	SAY(&h.story, decision, .queue = Q, .agent = ANNA,
	    .why = STR("{\"rank\":{\"class\":0},\"candidates\":[]}"));
	SAY(&h.story, decision, .queue = Q, .why = STR("not JSON"));
	SAY(&h.story, decision, .queue = Q, .why = STR("{}"));
	EXPECT(house_settle(&h));
	h.out.n = 0;
	EXPECT(query_contact_why(h.reader, ACME, story_uuid(1), &h.out) == ERR_OK);
	json_t *o = parsed(&h);
	EXPECT(json_array_size(items_of(o)) == 3);
	json_t *first = json_array_get(items_of(o), 0), *second = json_array_get(items_of(o), 1);
	EXPECT(json_is_object(json_object_get(first, "rank")));
	EXPECT(json_is_array(json_object_get(first, "candidates")));
	EXPECT_STR(str_of(json_string_value(json_object_get(first, "agent"))), "anna");
	EXPECT_STR(str_of(json_string_value(json_object_get(second, "why"))), "not JSON");
	EXPECT(json_is_null(json_object_get(second, "agent")));
	json_decref(o);
	EXPECT(query_contact_why(h.reader, STR("other"), story_uuid(1), &h.out) == ERR_NOT_FOUND);
	EXPECT(query_contact_events(h.reader, STR("other"), story_uuid(1), &h.out) ==
	       ERR_NOT_FOUND);
	house_finish(&h);
}

/* -- objects, sessions, requests -- */

static void list_row(void *arg, const struct object_row *o)
{
	buf_fmt(arg, "%.*s/%.*s/%.*s %u %.*s %.*s; ", STR_ARG(object_kind_word(o->kind)),
		STR_ARG(o->tenant), STR_ARG(o->id), o->version, STR_ARG(o->op), STR_ARG(o->doc));
}

TEST(objects_newest_and_all_versions)
{
	struct house h;
	house_start(&h);
	SAY(&h.story, object_changed, .kind = KIND_queue, .object = Q, .version = 1,
	    .op = STR("created"), .by = STR("admin"), .doc = STR("{\"a\":1}"));
	SAY(&h.story, object_changed, .kind = KIND_tenant, .object = ACME, .version = 1,
	    .op = STR("created"), .doc = STR("{}"));
	SAY(&h.story, object_changed, .kind = KIND_queue, .object = Q, .version = 2,
	    .op = STR("updated"), .doc = STR("{\"a\":2}"));
	SAY(&h.story, object_changed, .kind = KIND_flow, .object = STR("old"), .version = 1,
	    .op = STR("created"), .doc = STR("{}"));
	SAY(&h.story, object_changed, .kind = KIND_flow, .object = STR("old"), .version = 2,
	    .op = STR("deleted"));
	EXPECT(house_settle(&h));
	h.out.n = 0;
	EXPECT(query_objects(h.reader, list_row, &h.out) == ERR_OK);
	EXPECT_STR(buf_str(&h.out), "tenant/acme/acme 1 created {}; flow/acme/old 2 deleted ; "
				    "queue/acme/support 2 updated {\"a\":2}; ");
	h.out.n = 0;
	EXPECT(query_versions(h.reader, KIND_flow, ACME, STR("old"), list_row, &h.out) == ERR_OK);
	EXPECT_STR(buf_str(&h.out), "flow/acme/old 1 created {}; flow/acme/old 2 deleted ; ");
	/* made anew and counted from 1 by whoever forgot the deleted one: history stays */
	SAY(&h.story, object_changed, .kind = KIND_flow, .object = STR("old"), .version = 1,
	    .op = STR("created"), .doc = STR("{\"n\":1}"));
	EXPECT(house_settle(&h));
	h.out.n = 0;
	EXPECT(query_versions(h.reader, KIND_flow, ACME, STR("old"), list_row, &h.out) == ERR_OK);
	EXPECT_STR(buf_str(&h.out), "flow/acme/old 1 created {}; flow/acme/old 2 deleted ; "
				    "flow/acme/old 3 created {\"n\":1}; ");
	house_finish(&h);
}

TEST(sessions_end_by_time_and_by_logout)
{
	struct house h;
	house_start(&h);
	int64_t now = h.story.at_ms;
	SAY(&h.story, login, .user = ANNA, .expires_at = now + 1000, .token = STR("aa"));
	SAY(&h.story, login, .user = ANNA, .expires_at = now + 5000, .token = STR("bb"));
	EXPECT(house_settle(&h));
	struct session_row s;
	EXPECT(query_session(h.reader, STR("aa"), now + 999, &s) == ERR_OK);
	EXPECT_STR(str_of(s.user), "anna");
	EXPECT_STR(str_of(s.tenant), "acme");
	EXPECT(query_session(h.reader, STR("aa"), now + 1000, &s) == ERR_NOT_FOUND);
	EXPECT(query_session(h.reader, STR("cc"), now, &s) == ERR_NOT_FOUND);
	SAY(&h.story, logout, .user = ANNA, .token = STR("bb"));
	EXPECT(house_settle(&h));
	EXPECT(query_session(h.reader, STR("bb"), now, &s) == ERR_NOT_FOUND);
	house_finish(&h);
}

static void say_user(struct house *h, const char *op, struct str doc)
{
	SAY(&h->story, object_changed, .kind = KIND_user, .object = ANNA, .version = 1,
	    .op = str_of(op), .by = STR("admin"), .doc = doc);
}

TEST(sessions_end_with_the_password_and_the_user)
{
	struct house h;
	struct session_row s;
	house_start(&h);
	int64_t now = h.story.at_ms;
	say_user(&h, "created", STR("{\"password_hash\":\"$a\",\"name\":\"A\"}"));
	SAY(&h.story, login, .user = ANNA, .expires_at = now + 90000, .token = STR("aa"));
	SAY(&h.story, login, .user = STR("boris"), .expires_at = now + 90000, .token = STR("bb"));
	say_user(&h, "updated", STR("{\"password_hash\":\"$a\",\"name\":\"B\"}"));
	EXPECT(house_settle(&h));
	EXPECT(query_session(h.reader, STR("aa"), now, &s) == ERR_OK); /* another name only */
	say_user(&h, "updated", STR("{\"password_hash\":\"$b\",\"name\":\"B\"}"));
	EXPECT(house_settle(&h));
	EXPECT(query_session(h.reader, STR("aa"), now, &s) == ERR_NOT_FOUND);
	SAY(&h.story, login, .user = ANNA, .expires_at = now + 90000, .token = STR("cc"));
	say_user(&h, "deleted", STR_NONE);
	say_user(&h, "created", STR("{\"password_hash\":\"$b\"}"));
	EXPECT(house_settle(&h));
	EXPECT(query_session(h.reader, STR("cc"), now, &s) == ERR_NOT_FOUND);
	EXPECT(query_session(h.reader, STR("bb"), now, &s) == ERR_OK);
	/* other rights end them, too */
	SAY(&h.story, login, .user = ANNA, .expires_at = now + 90000, .token = STR("dd"));
	say_user(&h, "updated", STR("{\"password_hash\":\"$b\",\"roles\":[\"admin\"]}"));
	EXPECT(house_settle(&h));
	EXPECT(query_session(h.reader, STR("dd"), now, &s) == ERR_NOT_FOUND);
	SAY(&h.story, login, .user = ANNA, .expires_at = now + 90000, .token = STR("ee"));
	say_user(&h, "updated",
		 STR("{\"password_hash\":\"$b\",\"roles\":[\"admin\"],\"disabled\":true}"));
	EXPECT(house_settle(&h));
	EXPECT(query_session(h.reader, STR("ee"), now, &s) == ERR_NOT_FOUND);
	house_finish(&h);
}

struct listed {
	char hashes[64];
	struct buf text;
};

static void list_session(void *arg, struct str token_hash, const struct session_row *s)
{
	struct listed *l = arg;
	buf_put(&l->text, token_hash);
	buf_fmt(&l->text, "/%s ", s->from);
}

TEST(sessions_of_one_user_are_listed_newest_first)
{
	struct house h;
	struct listed l;
	house_start(&h);
	const int64_t now = h.story.at_ms;
	l.text = buf_make(l.hashes, sizeof l.hashes);
	SAY(&h.story, login, .user = ANNA, .from = STR("::1"), .expires_at = now + 90000,
	    .token = STR("aa"));
	SAY(&h.story, login, .user = STR("boris"), .expires_at = now + 90000, .token = STR("bb"));
	h.story.at_ms += 1000;
	SAY(&h.story, login, .user = ANNA, .from = STR("10.0.0.1"), .expires_at = now + 90000,
	    .token = STR("cc"));
	SAY(&h.story, login, .user = ANNA, .expires_at = now + 500, .token = STR("dd"));
	EXPECT(house_settle(&h));
	EXPECT(query_sessions(h.reader, STR("acme"), ANNA, now + 600, list_session, &l) == ERR_OK);
	EXPECT_STR(buf_str(&l.text), "cc/10.0.0.1 aa/::1 ");
	house_finish(&h);
}

TEST(what_is_kept_for_a_user_is_replaced_and_goes_with_him)
{
	struct house h;
	struct buf b = buf_grow(64);
	house_start(&h);
	say_user(&h, "created", STR("{\"password_hash\":\"$a\"}"));
	SAY(&h.story, user_kept, .user = ANNA, .what = STR("settings"), .value = STR("{}"));
	SAY(&h.story, user_kept, .user = ANNA, .what = STR("settings"), .value = STR("{\"a\":1}"));
	SAY(&h.story, user_kept, .user = ANNA, .what = STR("totp"), .value = STR("x"));
	SAY(&h.story, user_kept, .user = ANNA, .what = STR("totp"), .value = STR_NONE);
	EXPECT(house_settle(&h));
	EXPECT(query_user_kept(h.reader, STR("acme"), ANNA, "settings", &b) == ERR_OK);
	EXPECT_STR(buf_str(&b), "{\"a\":1}");
	EXPECT(query_user_kept(h.reader, STR("acme"), ANNA, "totp", &b) == ERR_NOT_FOUND);
	EXPECT(query_user_kept(h.reader, STR("other"), ANNA, "settings", &b) == ERR_NOT_FOUND);
	say_user(&h, "deleted", STR_NONE);
	EXPECT(house_settle(&h));
	EXPECT(query_user_kept(h.reader, STR("acme"), ANNA, "settings", &b) == ERR_NOT_FOUND);
	buf_free(&b);
	house_finish(&h);
}

TEST(an_answer_is_given_once_per_key)
{
	struct house h;
	house_start(&h);
	SAY(&h.story, request_done, .user = ANNA, .key = STR("k"), .status = 201,
	    .body = STR("{\"first\":1}"));
	SAY(&h.story, request_done, .user = ANNA, .key = STR("k"), .status = 500,
	    .body = STR("{}"));
	EXPECT(house_settle(&h));
	uint32_t status = 0;
	h.out.n = 0;
	EXPECT(query_request_done(h.reader, ACME, ANNA, STR("k"), &status, &h.out) == ERR_OK);
	EXPECT(status == 201);
	EXPECT_STR(buf_str(&h.out), "{\"first\":1}");
	EXPECT(query_request_done(h.reader, ACME, STR("boris"), STR("k"), &status, &h.out) ==
	       ERR_NOT_FOUND);
	story_wait(&h.story, 50ll * 3600 * 1000); /* kept two days */
	SAY(&h.story, request_done, .user = ANNA, .key = STR("l"), .status = 200);
	EXPECT(house_settle(&h));
	EXPECT(query_request_done(h.reader, ACME, ANNA, STR("k"), &status, &h.out) ==
	       ERR_NOT_FOUND);
	house_finish(&h);
}

/* -- reports -- */

static json_t *queues(struct house *h, struct report_filter *f)
{
	f->to_ms = h->story.at_ms + 1;
	h->out.n = 0;
	EXPECT(query_report_queues(h->reader, ACME, f, &h->out) == ERR_OK);
	return parsed(h);
}

static int64_t number_of(json_t *row, const char *key)
{
	json_t *v = json_object_get(row, key);
	EXPECT(json_is_integer(v));
	return json_integer_value(v);
}

/* Lists are newest first, over the borders of pages too. */
static void expect_not_after(json_t *item, char newest[32])
{
	const char *at = json_string_value(json_object_get(item, "started_at"));
	if (!at)
		at = json_string_value(json_object_get(item, "arrived_at"));
	EXPECT(at && strcmp(at, newest) <= 0);
	(void)str_copy(str_of(at), newest, 32);
}

/* K-3: every count opens into exactly that many, whatever the page. */
static void expect_lists_as_long(struct house *h, json_t *row)
{
	static const char *const counts[] = {"offered",
					     "answered",
					     "abandoned",
					     "short_abandoned",
					     "flow_out",
					     "callbacks",
					     "rejected",
					     "failed",
					     "waiting",
					     "handled",
					     "answered_in_threshold",
					     "abandoned_in_threshold"};
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		int64_t listed = 0;
		char cursor[160] = "", newest[32] = "9";
		do {
			struct report_filter f = {
				.queue = str_of(json_string_value(json_object_get(row, "queue"))),
				.list = str_of(counts[i]),
				.limit = 2,
				.after = str_of(cursor)};
			json_t *o = queues(h, &f);
			for (size_t k = 0; k < json_array_size(items_of(o)); k++, listed++)
				expect_not_after(json_array_get(items_of(o), k), newest);
			const char *next = json_string_value(json_object_get(o, "next"));
			(void)str_copy(str_of(next), cursor, sizeof cursor);
			json_decref(o);
		} while (cursor[0]);
		EXPECT(listed == number_of(row, counts[i]));
	}
}

TEST(every_count_opens_into_as_many_contacts)
{
	struct house h;
	house_start(&h);
	for (uint32_t n = 1; n <= 5; n++)
		served(&h, n, Q, ANNA, 6000 * n);
	abandoned(&h, 6, Q, 3000);
	abandoned(&h, 7, STR("sales"), 30000);
	/* twice in the same queue: rejected, then served */
	story_contact(&h.story, 8);
	story_arrive(&h.story);
	story_enqueue(&h.story, Q);
	SAY(&h.story, dequeue, .queue = Q, .reason = RESULT_rejected, .exit = EXIT_full);
	SAY(&h.story, flow_step, .flow = STR("main"), .node = STR("again"));
	story_enqueue(&h.story, Q);
	story_answer(&h.story, Q, ANNA, 1000);
	story_serve(&h.story, Q, ANNA, 1000, 0);
	story_contact(&h.story, 9); /* waits still */
	story_arrive(&h.story);
	story_enqueue(&h.story, Q);
	EXPECT(house_settle(&h));
	struct report_filter f = {0};
	json_t *o = queues(&h, &f);
	EXPECT(json_array_size(items_of(o)) == 2); /* sorted: sales, support */
	json_t *support = json_array_get(items_of(o), 1);
	EXPECT(number_of(support, "offered") == 9);
	EXPECT(number_of(support, "answered") == 6);
	EXPECT(number_of(support, "rejected") == 1);
	EXPECT(number_of(support, "waiting") == 1);
	expect_lists_as_long(&h, support);
	expect_lists_as_long(&h, json_array_get(items_of(o), 0));
	json_decref(o);
	f = (struct report_filter){.list = STR("offered"), .limit = 50};
	o = queues(&h, &f); /* over both queues; page borders in expect_lists above */
	EXPECT(json_array_size(items_of(o)) == 10);
	json_decref(o);
	f.list = STR("no such field");
	h.out.n = 0;
	EXPECT(query_report_queues(h.reader, ACME, &f, &h.out) == ERR_INVALID);
	f = (struct report_filter){.interval_s = 7};
	EXPECT(query_report_queues(h.reader, ACME, &f, &h.out) == ERR_INVALID);
	house_finish(&h);
}

TEST(the_queues_own_limits_count)
{
	struct house h;
	house_start(&h);
	SAY(&h.story, object_changed, .kind = KIND_queue, .object = Q, .version = 1,
	    .op = STR("created"), .doc = STR("{\"threshold_s\":3,\"short_abandon_s\":10}"));
	served(&h, 1, Q, ANNA, 3000);
	served(&h, 2, Q, ANNA, 4000);
	abandoned(&h, 3, Q, 9000);
	EXPECT(house_settle(&h));
	struct report_filter f = {0};
	json_t *o = queues(&h, &f), *row = json_array_get(items_of(o), 0);
	EXPECT(number_of(row, "answered_in_threshold") == 1);
	EXPECT(number_of(row, "short_abandoned") == 1);
	json_decref(o);
	house_finish(&h);
}

static void say_object(struct house *h, enum object_kind kind, struct str id, const char *doc)
{
	SAY(&h->story, object_changed, .kind = kind, .object = id, .version = 1,
	    .op = STR("updated"), .by = STR("admin"), .doc = str_of(doc));
}

static double real_of(json_t *row, const char *key)
{
	json_t *v = json_object_get(row, key);
	EXPECT(json_is_number(v));
	return json_number_value(v);
}

static bool near(double a, double b)
{
	return a - b < 1e-6 && b - a < 1e-6;
}

/* What behaviours.md K-4 asks: the same visits, other words for them. */
static void expect_past(struct house *h, const char *variant, double sl, int64_t in_time,
			int64_t brief)
{
	struct report_filter f = {0};
	EXPECT(house_settle(h));
	json_t *o = queues(h, &f), *row = json_array_get(items_of(o), 0);
	EXPECT_STR(str_of(json_string_value(json_object_get(row, "sl_variant"))), variant);
	EXPECT(near(real_of(row, "sl"), sl));
	EXPECT(number_of(row, "answered_in_threshold") == in_time);
	EXPECT(number_of(row, "short_abandoned") == brief);
	expect_lists_as_long(h, row);
	f.list = STR("sl"); /* opens into what stands above its line */
	json_t *list = queues(h, &f);
	int64_t top = in_time;
	if (!strcmp(variant, "sl_4"))
		top += number_of(row, "abandoned_in_threshold");
	EXPECT((int64_t)json_array_size(items_of(list)) == top);
	json_decref(list);
	json_decref(o);
}

/* K-2's ten contacts, then every formula changed under them (K-4): nothing of the old rules is
 * baked into what is stored. */
TEST(a_changed_formula_recomputes_the_past)
{
	static const int64_t answered[] = {5000, 12000, 19000, 21000, 60000};
	static const int64_t lost[] = {3000, 15000, 40000};
	struct house h;
	house_start(&h);
	say_object(&h, KIND_tenant, ACME, "{}");
	say_object(&h, KIND_queue, Q, "{}");
	for (uint32_t i = 0; i < COUNT_OF(answered); i++)
		served(&h, 1 + i, Q, ANNA, answered[i]);
	for (uint32_t i = 0; i < COUNT_OF(lost); i++)
		abandoned(&h, 6 + i, Q, lost[i]);
	for (uint32_t i = 0; i < 2; i++) {
		story_contact(&h.story, 9 + i);
		story_arrive(&h.story);
		story_enqueue(&h.story, Q);
		story_leave(&h.story, Q, i ? RESULT_callback : RESULT_flow_out, 1000);
		story_hang_up(&h.story, PARTY_system);
	}
	expect_past(&h, "sl_1", 0.3, 3, 1);
	say_object(&h, KIND_queue, Q, "{\"threshold_s\":21,\"short_abandon_s\":15}");
	expect_past(&h, "sl_1", 0.4, 4, 2); /* 21 s is in time now, 15 s short */
	say_object(&h, KIND_tenant, ACME,
		   "{\"formulas\":{\"sl\":\"sl_2\",\"sl_2_without_short\":true}}");
	expect_past(&h, "sl_2_without_short", 4.0 / 6, 4, 2);
	say_object(&h, KIND_queue, Q, "{\"short_abandon_s\":0,\"formulas\":{\"sl\":\"sl_4\"}}");
	expect_past(&h, "sl_4", 5.0 / 8, 3, 0); /* the queue's word over the tenant's */
	say_object(&h, KIND_queue, Q, "");	/* deleted: as it was last */
	expect_past(&h, "sl_4", 5.0 / 8, 3, 0);
	say_object(&h, KIND_tenant, ACME, "{\"formulas\":{\"abandon\":\"plain\"}}");
	say_object(&h, KIND_queue, Q, "{}");
	expect_past(&h, "sl_1", 0.3, 3, 1);
	struct report_filter f = {0};
	json_t *o = queues(&h, &f), *row = json_array_get(items_of(o), 0);
	EXPECT(near(real_of(row, "abandon_rate"), 0.3));
	EXPECT(near(real_of(row, "abandon_rate_default"), 0.222222));
	EXPECT(number_of(row, "asa_ms") == 23400);
	EXPECT(number_of(row, "time_to_abandon_ms") == 19333);
	json_decref(o);
	f.list = STR("sl_variant"); /* a name: nobody stands behind it */
	h.out.n = 0;
	EXPECT(query_report_queues(h.reader, ACME, &f, &h.out) == ERR_UNSUPPORTED);
	house_finish(&h);
}

/* T-4: the other view counts where the wait ended, says so, and opens as exactly. */
TEST(by_answer_time_is_another_view_and_says_so)
{
	struct house h;
	house_start(&h);
	h.story.at_ms = 1795300200000ll; /* 22:30:00 */
	story_wait(&h.story, 890000);
	served(&h, 1, Q, ANNA, 20000); /* answered at 22:45:10 */
	story_contact(&h.story, 2);    /* waits still: in no interval of this view */
	story_arrive(&h.story);
	story_enqueue(&h.story, Q);
	EXPECT(house_settle(&h));
	struct report_filter f = {.interval_s = 900, .by_end = true};
	json_t *o = queues(&h, &f), *row = json_array_get(items_of(o), 0);
	EXPECT(json_array_size(items_of(o)) == 1);
	EXPECT_STR(str_of(json_string_value(json_object_get(row, "at"))),
		   "2026-11-21T22:45:00.000Z");
	EXPECT_STR(str_of(json_string_value(json_object_get(row, "view"))), "answered");
	EXPECT(number_of(row, "answered") == 1 && number_of(row, "offered") == 1);
	EXPECT(number_of(row, "waiting") == 0);
	json_decref(o);
	f = (struct report_filter){
		.from_ms = 1795300200000ll + 900000, .by_end = true, .list = STR("answered")};
	o = queues(&h, &f);
	EXPECT(json_array_size(items_of(o)) == 1);
	json_decref(o);
	f.by_end = false; /* he entered the quarter before */
	o = queues(&h, &f);
	EXPECT(json_array_size(items_of(o)) == 0);
	json_decref(o);
	house_finish(&h);
}

TEST(counts_belong_to_the_interval_of_enqueue)
{
	struct house h;
	house_start(&h);
	h.story.at_ms = 1795300200000ll; /* 22:30:00 */
	story_wait(&h.story, 890000);
	served(&h, 1, Q, ANNA, 20000); /* answered in the next quarter */
	story_wait(&h.story, 3600000);
	abandoned(&h, 2, Q, 1000);
	EXPECT(house_settle(&h));
	struct report_filter f = {.interval_s = 900};
	json_t *o = queues(&h, &f);
	EXPECT(json_array_size(items_of(o)) == 2); /* empty ones are left out */
	json_t *first = json_array_get(items_of(o), 0);
	EXPECT_STR(str_of(json_string_value(json_object_get(first, "at"))),
		   "2026-11-21T22:30:00.000Z");
	EXPECT(number_of(first, "answered") == 1 && number_of(first, "offered") == 1);
	json_decref(o);
	house_finish(&h);
}

static json_t *agents(struct house *h, const struct report_filter *f)
{
	h->out.n = 0;
	EXPECT(query_report_agents(h->reader, ACME, f, &h->out) == ERR_OK);
	return parsed(h);
}

TEST(agents_time_is_cut_at_the_edges)
{
	struct house h;
	house_start(&h);
	int64_t t = h.story.at_ms = 1795300200000ll; /* 22:30:00 */
	story_wait(&h.story, 600000);
	SAY(&h.story, agent_presence, .agent = ANNA, .to = PRESENCE_ready);
	story_wait(&h.story, 1200000); /* until 23:00:00 */
	SAY(&h.story, agent_presence, .agent = ANNA, .from = PRESENCE_ready,
	    .to = PRESENCE_not_ready, .reason = STR("break"));
	story_wait(&h.story, 60000);
	EXPECT(house_settle(&h));
	struct report_filter f = {
		.from_ms = t, .to_ms = t + 7200000, .now_ms = h.story.at_ms, .interval_s = 900};
	json_t *o = agents(&h, &f);
	EXPECT(json_array_size(items_of(o)) == 3);
	static const int64_t ready[] = {300000, 900000, 0}, away[] = {0, 0, 60000};
	for (size_t i = 0; i < 3; i++) {
		json_t *row = json_array_get(items_of(o), i);
		EXPECT(number_of(row, "ready_ms") == ready[i]);
		EXPECT(number_of(row, "not_ready_ms") == away[i]);
		EXPECT(number_of(row, "signed_in_ms") == ready[i] + away[i]);
	}
	json_decref(o);
	/* a range that begins and ends inside */
	f = (struct report_filter){
		.from_ms = t + 700000, .to_ms = t + 800000, .now_ms = h.story.at_ms};
	o = agents(&h, &f);
	EXPECT(number_of(json_array_get(items_of(o), 0), "ready_ms") == 100000);
	json_decref(o);
	house_finish(&h);
}

static size_t agent_opens(struct house *h, int64_t from, int64_t to, const char *list)
{
	struct report_filter f = {.from_ms = from, .to_ms = to, .list = str_of(list)};
	json_t *o = agents(h, &f);
	size_t n = json_array_size(items_of(o));
	json_decref(o);
	return n;
}

/* Time is told where it passed, a contact counted where it began. */
TEST(agents_time_opens_into_the_contacts_it_was_spent_on)
{
	struct house h;
	house_start(&h);
	story_contact(&h.story, 1);
	story_arrive(&h.story);
	story_enqueue(&h.story, Q);
	story_answer(&h.story, Q, ANNA, 1000);
	int64_t t = h.story.at_ms;
	story_serve(&h.story, Q, ANNA, 60000, 30000);
	story_contact(&h.story, 2); /* talks still */
	story_arrive(&h.story);
	story_enqueue(&h.story, Q);
	story_answer(&h.story, Q, ANNA, 1000);
	EXPECT(house_settle(&h));
	int64_t end = h.story.at_ms + 1;
	EXPECT(agent_opens(&h, t, end, "talk_ms") == 2);
	EXPECT(agent_opens(&h, t, end, "hold_ms") == 0);
	EXPECT(agent_opens(&h, t, end, "wrap_ms") == 1);
	EXPECT(agent_opens(&h, t, end, "aht_ms") == 1);
	EXPECT(agent_opens(&h, t + 30000, t + 60000, "talk_ms") == 1);
	EXPECT(agent_opens(&h, t + 30000, t + 60000, "handled") == 0);
	EXPECT(agent_opens(&h, t + 30000, t + 60000, "wrap_ms") == 0);
	EXPECT(agent_opens(&h, t + 60000, t + 61000, "wrap_ms") == 1);
	EXPECT(agent_opens(&h, t + 60000, t + 61000, "talk_ms") == 0);
	EXPECT(agent_opens(&h, t + 90000, t + 90001, "wrap_ms") == 0);
	house_finish(&h);
}

/* An agent calls twice and talks once; then his mother: that counts nowhere. */
TEST(agents_own_calls_count_apart_and_private_ones_nowhere)
{
	static const bool private[] = {false, false, true};
	static const bool answered[] = {true, false, true};
	static const struct {
		const char *list;
		size_t n;
	} lists[] = {{"dialled", 2}, {"dialled_answered", 1}, {"dialled_talk_ms", 1},
		     {"handled", 1}, {"talk_ms", 1},	      {"wrap_ms", 0}};
	struct house h;
	house_start(&h);
	struct story *s = &h.story;
	int64_t t = s->at_ms;
	SAY(s, agent_presence, .agent = ANNA, .to = PRESENCE_ready);
	for (uint32_t i = 0; i < COUNT_OF(private); i++) {
		story_contact(s, i + 1);
		SAY(s, arrive, .direction = DIRECTION_outbound, .to = STR("+48600"), .agent = ANNA,
		    .customer = STR("C-17"), .private = private[i]);
		SAY(s, agent_dial, .queue = Q, .agent = ANNA);
		SAY(s, agent_work, .agent = ANNA, .to = WORK_dialling, .private = private[i]);
		story_wait(s, 3000);
		if (answered[i]) {
			SAY(s, answer, .queue = Q, .agent = ANNA, .wait_ms = 3000, .dialled = true);
			SAY(s, agent_work, .agent = ANNA, .from = WORK_dialling, .to = WORK_talking,
			    .private = private[i]);
			story_wait(s, 10000);
			SAY(s, agent_end, .queue = Q, .agent = ANNA, .result = RESULT_completed,
			    .talk_ms = 10000);
		} else {
			SAY(s, agent_dial_end, .queue = Q, .agent = ANNA, .result = RESULT_failed,
			    .dial_ms = 3000);
		}
		SAY(s, agent_work, .agent = ANNA, .to = WORK_idle);
		story_hang_up(s, PARTY_customer);
	}
	EXPECT(house_settle(&h));
	struct report_filter f = {.from_ms = t, .to_ms = s->at_ms + 1, .now_ms = s->at_ms};
	json_t *o = agents(&h, &f), *row = json_array_get(items_of(o), 0);
	EXPECT(number_of(row, "dialled") == 2 && number_of(row, "dialled_answered") == 1);
	EXPECT(number_of(row, "dialled_talk_ms") == 10000 && number_of(row, "handled") == 1);
	EXPECT(number_of(row, "talk_ms") == 10000 && number_of(row, "dialling_ms") == 6000);
	EXPECT(number_of(row, "private_ms") == 13000 && number_of(row, "offers") == 0);
	json_decref(o);
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		EXPECT(agent_opens(&h, t, s->at_ms + 1, lists[i].list) == lists[i].n);
	struct contact_filter by = {.customer = STR("C-17"), .direction = STR("outbound")};
	h.out.n = 0;
	EXPECT(query_contacts(h.reader, ACME, &by, &h.out) == ERR_OK);
	EXPECT(str_find_str(buf_str(&h.out), STR("\"dials\"")) >= 0);
	by.direction = STR("inbound");
	h.out.n = 0;
	EXPECT(query_contacts(h.reader, ACME, &by, &h.out) == ERR_OK);
	EXPECT(str_find_str(buf_str(&h.out), STR("\"items\":[]")) >= 0);
	house_finish(&h);
}

TEST(agents_offers_and_contacts_open)
{
	struct house h;
	house_start(&h);
	int64_t t = h.story.at_ms;
	served(&h, 1, Q, ANNA, 1000);
	story_contact(&h.story, 2);
	story_arrive(&h.story);
	story_enqueue(&h.story, Q);
	for (int i = 0; i < 3; i++) {
		SAY(&h.story, offer, .queue = Q, .agent = ANNA);
		story_wait(&h.story, 15000);
		SAY(&h.story, offer_end, .queue = Q, .agent = ANNA, .result = OFFER_no_answer);
	}
	story_answer(&h.story, Q, STR("boris"), 1000);
	EXPECT(house_settle(&h));
	struct report_filter f = {
		.from_ms = t, .to_ms = h.story.at_ms + 1, .now_ms = h.story.at_ms, .agent = ANNA};
	json_t *o = agents(&h, &f), *row = json_array_get(items_of(o), 0);
	EXPECT(json_array_size(items_of(o)) == 1);
	EXPECT(number_of(row, "offers") == 4);
	EXPECT(number_of(row, "accepted") == 1);
	EXPECT(number_of(row, "missed") == 3);
	EXPECT(number_of(row, "handled") == 1);
	json_decref(o);
	static const struct {
		const char *list;
		size_t n;
	} lists[] = {{"offers", 4}, {"missed", 3}, {"accepted", 1}, {"handled", 1}, {"busy", 0}};
	for (size_t i = 0; i < COUNT_OF(lists); i++) {
		f.list = str_of(lists[i].list);
		o = agents(&h, &f);
		EXPECT(json_array_size(items_of(o)) == lists[i].n);
		json_decref(o);
	}
	f.list = STR("ready_ms"); /* nobody was served in that time */
	h.out.n = 0;
	EXPECT(query_report_agents(h.reader, ACME, &f, &h.out) == ERR_UNSUPPORTED);
	f.list = STR("offers");
	f.limit = 3;
	o = agents(&h, &f);
	char cursor[160];
	CHECK(str_copy(str_of(json_string_value(json_object_get(o, "next"))), cursor,
		       sizeof cursor));
	json_decref(o);
	f.after = str_of(cursor);
	o = agents(&h, &f);
	EXPECT(json_array_size(items_of(o)) == 1);
	EXPECT(json_is_null(json_object_get(o, "next")));
	json_decref(o);
	house_finish(&h);
}
