/* web_test.c - the door from outside: bytes in, bytes out, with a real registry and store behind
 * it. */
#include "tests/test.h"
#include "web/door_test.h"
#include "web/route.h"

static const char site[] =
	"{\"objects\":["
	"{\"kind\":\"user\",\"tenant\":\"system\",\"id\":\"admin\",\"name\":\"Admin\","
	"\"roles\":[\"admin\"],\"password\":\"correct horse\"},"
	"{\"kind\":\"tenant\",\"id\":\"acme\",\"name\":\"Acme\",\"domain\":\"acme.test\"},"
	"{\"kind\":\"tenant\",\"id\":\"other\",\"name\":\"Other\",\"domain\":\"other.test\"},"
	"{\"kind\":\"reason\",\"tenant\":\"acme\",\"id\":\"break\",\"name\":\"Break\"},"
	"{\"kind\":\"queue\",\"tenant\":\"acme\",\"id\":\"support\",\"name\":\"Support\"},"
	"{\"kind\":\"queue\",\"tenant\":\"other\",\"id\":\"secret\",\"name\":\"MARKER\"},"
	"{\"kind\":\"user\",\"tenant\":\"acme\",\"id\":\"anna\",\"name\":\"Anna\","
	"\"roles\":[\"agent\"],\"password\":\"battery staple\",\"queues\":[\"support\"]},"
	"{\"kind\":\"user\",\"tenant\":\"acme\",\"id\":\"boss\",\"name\":\"Boss\","
	"\"roles\":[\"admin\"],\"password\":\"battery staple\"}"
	"]}";

#define ACME "/api/v1/tenants/acme"

static void open_door(struct door *d)
{
	door_init(d);
	door_declare(d, site);
	door_start(d);
}

TEST(the_house_is_alive_and_ready_and_tells_its_figures)
{
	struct door d;
	open_door(&d);
	struct reply r = door_call(&d, false, "GET /healthz", NULL, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"status\":\"ok\""));
	EXPECT(has(r.head, "Content-Security-Policy: default-src 'self'"));
	buf_free(&r.all);
	EXPECT(door_status(&d, "GET /readyz", NULL, NULL, NULL) == 200);
	r = door_call(&d, false, "GET /metrics", NULL, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\n# TYPE cc_contacts gauge\ncc_contacts 3\n") &&
	       has(r.body, "\n# TYPE cc_facts_total counter\ncc_facts_total 4\n") &&
	       has(r.body, "cc_main_up 1"));
	buf_free(&r.all);
	r = door_call(&d, false, "GET /api/v1/openapi.json", NULL, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"openapi\""));
	buf_free(&r.all);
	r = door_call(&d, false, "DELETE /healthz", NULL, NULL, NULL);
	EXPECT(r.status == 405 && has(reply_header(&r, "allow"), "GET"));
	buf_free(&r.all);
	r = door_call(&d, false, "GET /nothing/here", NULL, NULL, NULL);
	EXPECT(r.status == 404 && has(r.head, "application/problem+json"));
	buf_free(&r.all);
	door_finish(&d);
}

TEST(a_sign_in_gives_a_token_that_ends_with_the_sign_out)
{
	struct door d;
	char token[128], bad[128];
	open_door(&d);
	struct reply r = door_call(&d, false, "POST /api/v1/login", NULL, NULL,
				   "{\"tenant\":\"acme\",\"user\":\"anna\","
				   "\"password\":\"battery staple\"}");
	EXPECT(r.status == 200);
	EXPECT(has(r.body, "\"user\":{\"tenant\":\"acme\",\"id\":\"anna\",\"name\":\"Anna\","
			   "\"roles\":[\"agent\"]}"));
	EXPECT(has(reply_header(&r, "set-cookie"), "HttpOnly; SameSite=Lax"));
	buf_free(&r.all);
	door_login(&d, "acme", "anna", "battery staple", token);
	EXPECT(token[0]);
	EXPECT(door_status(&d, "GET " ACME "/agents/anna", token, NULL, NULL) == 200);
	r = door_call(&d, false, "GET " ACME "/agents/anna", NULL, NULL, NULL);
	EXPECT(r.status == 401);
	EXPECT_STR(reply_header(&r, "www-authenticate"), "Bearer");
	buf_free(&r.all);
	door_login(&d, "acme", "anna", "wrong", bad);
	EXPECT(!bad[0]);
	EXPECT(door_status(&d, "POST /api/v1/logout", token, NULL, "{}") == 204);
	EXPECT(door_status(&d, "GET " ACME "/agents/anna", token, NULL, NULL) == 401);
	door_finish(&d);
}

TEST(objects_are_put_read_listed_rolled_back_and_deleted)
{
	struct door d;
	char token[128];
	open_door(&d);
	door_login(&d, "acme", "boss", "battery staple", token);
	EXPECT(door_status(&d, "PUT " ACME "/skills/billing", token, NULL,
			   "{\"name\":\"Billing\"}") == 201);
	EXPECT(door_status(&d, "PUT " ACME "/skills/billing", token, NULL,
			   "{\"name\":\"Bills\"}") == 200);
	struct reply r = door_call(&d, false, "GET " ACME "/skills/billing", token, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"name\":\"Bills\"") &&
	       has(r.body, "\"version\":2"));
	EXPECT_STR(reply_header(&r, "etag"), "\"2\"");
	buf_free(&r.all);
	EXPECT(door_status(&d, "PUT " ACME "/skills/billing", token, "If-Match: \"1\"\r\n",
			   "{\"name\":\"Lost\"}") == 412);
	EXPECT(door_status(&d, "PUT " ACME "/skills/none", token, "If-Match: *\r\n",
			   "{\"name\":\"x\"}") == 412);
	EXPECT(door_status(&d, "PUT " ACME "/skills/billing", token, "If-None-Match: *\r\n",
			   "{\"name\":\"Lost\"}") == 412);
	EXPECT(door_status(&d, "PUT " ACME "/skills/new", token, "If-None-Match: *\r\n",
			   "{\"name\":\"New\"}") == 201);
	r = door_call(&d, false, "GET " ACME "/skills/new/referrers", token, NULL, NULL);
	EXPECT(r.status == 200);
	EXPECT_STR(r.body, "{\"items\":[],\"next\":null}");
	buf_free(&r.all);
	EXPECT(door_status(&d, "DELETE " ACME "/skills/new", token, NULL, NULL) == 204);
	EXPECT(door_status(&d, "GET " ACME "/skills/none/referrers", token, NULL, NULL) == 404);
	r = door_call(&d, false, "GET " ACME "/sessions", token, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"user\":\"boss\"") &&
	       has(r.body, "\"current\":true"));
	buf_free(&r.all);
	r = door_call(&d, false, "PUT " ACME "/skills/billing", token, NULL, "{\"nam\":1}");
	EXPECT(r.status == 400 && has(r.body, "\"errors\":[{\"path\":\"$"));
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/skills/billing/versions", token, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"by\":\"boss\"") && has(r.body, "\"before\":null"));
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/skills/billing/versions?limit=1", token, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"version\":1,\"op\":\"created\"") &&
	       !has(r.body, "\"op\":\"updated\"") && has(r.body, "\"next\":\"1\""));
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/skills/billing/versions?limit=1&after=1", token,
		      NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"items\":[{\"version\":2,\"op\":\"updated\"") &&
	       !has(r.body, "\"before\":null") && has(r.body, "\"next\":null"));
	buf_free(&r.all);
	EXPECT(door_status(&d, "GET " ACME "/skills/billing/versions?after=x", token, NULL, NULL) ==
	       400);
	r = door_call(&d, false, "POST " ACME "/skills/billing/rollback", token, NULL,
		      "{\"version\":1}");
	EXPECT(r.status == 200 && has(r.body, "\"name\":\"Billing\""));
	buf_free(&r.all);
	EXPECT(door_status(&d, "PUT " ACME "/numbers/%2B48221000000", token, NULL,
			   "{\"flow\":\"nowhere\"}") == 400);
	r = door_call(&d, false, "GET " ACME "/skills?limit=1", token, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"items\":[{") && has(r.body, "\"next\":null"));
	buf_free(&r.all);
	EXPECT(door_status(&d, "DELETE " ACME "/skills/billing", token, NULL, NULL) == 204);
	EXPECT(door_status(&d, "GET " ACME "/skills/billing", token, NULL, NULL) == 404);
	r = door_call(&d, false, "DELETE " ACME "/queues/support", token, NULL, NULL);
	EXPECT(r.status == 409 && has(r.body, "user/anna"));
	buf_free(&r.all);
	door_finish(&d);
}

TEST(a_foreign_tenant_looks_like_one_that_is_not_there)
{
	struct door d;
	char token[128], root[128];
	open_door(&d);
	door_login(&d, "acme", "boss", "battery staple", token);
	door_login(&d, "system", "admin", "correct horse", root);
	struct reply foreign =
		door_call(&d, false, "GET /api/v1/tenants/other/queues/secret", token, NULL, NULL);
	struct reply unknown =
		door_call(&d, false, "GET /api/v1/tenants/nobody/queues/x", token, NULL, NULL);
	struct reply own = door_call(&d, false, "GET " ACME "/queues/unknown", token, NULL, NULL);
	struct reply root_unknown =
		door_call(&d, false, "GET /api/v1/tenants/nobody/queues/x", root, NULL, NULL);
	EXPECT(foreign.status == 404 && str_eq(foreign.body, unknown.body));
	EXPECT(own.status == 404 && str_eq(foreign.body, own.body));
	EXPECT(root_unknown.status == 404 && str_eq(foreign.body, root_unknown.body));
	EXPECT(door_status(&d, "GET /api/v1/tenants/other/queues/secret", root, NULL, NULL) == 200);
	EXPECT(door_status(&d, "PUT /api/v1/tenants/other/skills/x", token, NULL,
			   "{\"name\":\"x\"}") == 404);
	struct reply apply = door_call(
		&d, false, "POST /api/v1/apply", token, NULL,
		"{\"objects\":[{\"kind\":\"tenant\",\"id\":\"acme\"},{\"kind\":\"skill\","
		"\"tenant\":\"other\",\"id\":\"x\"},{\"kind\":\"tenant\",\"id\":\"new\"}]}");
	EXPECT(apply.status == 403 && has(apply.body, "{\"path\":\"$.objects[1].tenant\"") &&
	       has(apply.body, "{\"path\":\"$.objects[2].id\"") && !has(apply.body, "objects[0]"));
	buf_free(&apply.all);
	EXPECT(door_status(&d, "GET /api/v1/export?tenant=other", token, NULL, NULL) == 404);
	struct reply list = door_call(&d, false, "GET /api/v1/tenants", token, NULL, NULL);
	EXPECT(list.status == 200 && has(list.body, "acme") && !has(list.body, "other"));
	buf_free(&foreign.all);
	buf_free(&unknown.all);
	buf_free(&own.all);
	buf_free(&root_unknown.all);
	buf_free(&list.all);
	door_finish(&d);
}

TEST(presence_is_his_own_or_his_supervisors_and_done_once_with_a_key)
{
	struct door d;
	char anna[128], boss[128];
	open_door(&d);
	door_login(&d, "acme", "anna", "battery staple", anna);
	door_login(&d, "acme", "boss", "battery staple", boss);
	struct reply r = door_call(&d, false, "POST " ACME "/agents/anna/presence", anna,
				   "Idempotency-Key: k1\r\n", "{\"presence\":\"ready\"}");
	EXPECT(r.status == 200 && has(r.body, "\"presence\":\"ready\""));
	struct reply again = door_call(&d, false, "POST " ACME "/agents/anna/presence", anna,
				       "Idempotency-Key: k1\r\n", "{\"presence\":\"ready\"}");
	EXPECT(again.status == 200 && str_eq(r.body, again.body));
	EXPECT(atomic_load(&d.presence_asks) == 1);
	buf_free(&r.all);
	buf_free(&again.all);
	EXPECT(door_status(&d, "POST " ACME "/agents/boris/presence", anna, NULL,
			   "{\"presence\":\"ready\"}") == 403);
	r = door_call(&d, false, "POST " ACME "/agents/boris/presence", boss, NULL,
		      "{\"presence\":\"ready\"}");
	EXPECT(r.status == 409 && has(r.body, "his phone is not ready"));
	buf_free(&r.all);
	r = door_call(&d, false, "POST " ACME "/agents/anna/presence", anna, NULL,
		      "{\"presence\":\"asleep\"}");
	EXPECT(r.status == 400 && has(r.body, "$.presence"));
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/agents?limit=1", boss, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"id\":\"anna\"") &&
	       has(r.body, "\"next\":\"anna\""));
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/queues/support/live", boss, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"ewt_ms\":null"));
	buf_free(&r.all);
	door_finish(&d);
}

TEST(a_cookie_alone_does_not_let_other_pages_change_things)
{
	struct door d;
	char token[128], cookie[256];
	open_door(&d);
	door_login(&d, "acme", "anna", "battery staple", token);
	snprintf(cookie, sizeof cookie, "Cookie: a=b; centrala_session=%s\r\n", token);
	EXPECT(door_status(&d, "GET " ACME "/agents/anna", NULL, cookie, NULL) == 200);
	const char *what = "POST " ACME "/agents/anna/presence", *body = "{\"presence\":\"ready\"}";
	struct reply r = door_call(&d, false, what, NULL, cookie, body);
	EXPECT(r.status == 403 && has(r.body, "needs an Origin header"));
	buf_free(&r.all);
	snprintf(cookie, sizeof cookie,
		 "Cookie: centrala_session=%s\r\nOrigin: http://evil.example\r\n", token);
	EXPECT(door_status(&d, what, NULL, cookie, body) == 403);
	snprintf(cookie, sizeof cookie,
		 "Cookie: centrala_session=%s\r\nOrigin: http://localhost\r\n", token);
	EXPECT(door_status(&d, what, NULL, cookie, body) == 200);
	door_finish(&d);
}

TEST(guessing_is_slowed_for_the_guesser)
{
	struct door d;
	open_door(&d);
	const char *body = "{\"tenant\":\"acme\",\"user\":\"anna\",\"password\":\"no\"}";
	for (int i = 0; i < 5; i++)
		EXPECT(door_status(&d, "POST /api/v1/login", NULL, NULL, body) == 401);
	struct reply r = door_call(&d, false, "POST /api/v1/login", NULL, NULL, body);
	EXPECT(r.status == 429 && reply_header(&r, "retry-after").n);
	buf_free(&r.all);
	door_finish(&d);
}

static void tell_a_contact(struct door *d)
{
	pthread_mutex_lock(&d->say_lock);
	d->story.at_ms = ARRIVED_AT;
	story_contact(&d->story, 7);
	story_arrive(&d->story);
	story_enqueue(&d->story, STR("support"));
	story_answer(&d->story, STR("support"), STR("anna"), 4000);
	SAY(&d->story, recording_start, .queue = STR("support"), .agent = STR("anna"),
	    .recording = STR("rec1"));
	SAY(&d->story, recording_end, .recording = STR("rec1"), .duration_ms = 5000, .channels = 2,
	    .codec = STR("wav"), .bytes = 1000, .sha256 = STR("abcd"), .path = STR("rec1.wav"));
	story_serve(&d->story, STR("support"), STR("anna"), 5000, 2000);
	pthread_mutex_unlock(&d->say_lock);
	door_settle(d);
}

#define SEVEN "00000007-0000-0000-0000-000000000001" /* story_uuid(7) */

TEST(contacts_recordings_and_reports_are_read)
{
	struct door d;
	char boss[128], anna[128], path[128], bytes[1000];
	open_door(&d);
	tell_a_contact(&d);
	snprintf(path, sizeof path, "%s/rec1.wav", d.dir);
	FILE *f = fopen(path, "w");
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)('a' + i % 26);
	CHECK(f && fwrite(bytes, sizeof bytes, 1, f) == 1);
	fclose(f);
	door_login(&d, "acme", "boss", "battery staple", boss);
	door_login(&d, "acme", "anna", "battery staple", anna);

	struct reply r =
		door_call(&d, false, "GET " ACME "/contacts?queue=support", boss, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, SEVEN));
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/contacts/" SEVEN, anna, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"outcome\":\"solved\""));
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/contacts/" SEVEN "/events", boss, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"event\":\"enqueue\""));
	buf_free(&r.all);
	EXPECT(door_status(&d, "GET " ACME "/contacts/" SEVEN "/why", boss, NULL, NULL) == 200);
	EXPECT(door_status(&d, "GET " ACME "/contacts/not-a-uuid", boss, NULL, NULL) == 404);
	r = door_call(&d, false, "POST " ACME "/contacts/" SEVEN "/hold", anna, NULL, NULL);
	EXPECT(r.status == 501 && has(r.body, "hold"));
	buf_free(&r.all);
	r = door_call(&d, false, "POST " ACME "/contacts/" SEVEN "/wrap", anna, NULL,
		      "{\"outcome\":\"solved\"}");
	EXPECT(r.status == 200 && has(r.body, SEVEN));
	buf_free(&r.all);

	r = door_call(&d, false, "GET " ACME "/recordings/rec1.json", boss, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"sha256\":\"abcd\""));
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/recordings/rec1", anna, NULL, NULL);
	EXPECT(r.status == 200 && str_eq(r.body, str_make(bytes, sizeof bytes)));
	EXPECT_STR(reply_header(&r, "content-type"), "audio/wav");
	buf_free(&r.all);
	r = door_call(&d, false, "GET " ACME "/recordings/rec1", boss, "Range: bytes=26-29\r\n",
		      NULL);
	EXPECT(r.status == 206);
	EXPECT_STR(r.body, "abcd");
	EXPECT_STR(reply_header(&r, "content-range"), "bytes 26-29/1000");
	buf_free(&r.all);
	EXPECT(door_status(&d, "GET " ACME "/recordings/rec1", boss, "Range: bytes=1000-\r\n",
			   NULL) == 416);

	r = door_call(&d, false,
		      "GET " ACME
		      "/reports/queues?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"
		      "&interval_s=0",
		      boss, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"answered\":1"));
	buf_free(&r.all);
	EXPECT(door_status(&d, "GET " ACME "/reports/queues?interval_s=7", boss, NULL, NULL) ==
	       400);
	EXPECT(door_status(&d, "GET " ACME "/reports/queues", anna, NULL, NULL) == 403);
	door_finish(&d);
}

/* Reads a stream until it has said `what`; false after ten seconds. */
static bool read_until(int fd, struct buf *got, const char *what)
{
	char room[4096];
	const int64_t until_ms = clock_mono_ms() + 10000;
	while (!has(buf_str(got), what)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		if (clock_mono_ms() > until_ms || poll(&p, 1, 1000) < 0)
			return false;
		if (!(p.revents & POLLIN))
			continue;
		const ssize_t n = recv(fd, room, sizeof room, 0);
		if (n <= 0)
			return false;
		buf_put(got, str_make(room, (size_t)n));
	}
	return true;
}

TEST(events_are_replayed_and_then_followed)
{
	struct door d;
	char boss[128], line[128];
	open_door(&d);
	tell_a_contact(&d);
	door_login(&d, "acme", "boss", "battery staple", boss);

	struct reply r = door_call(&d, false, "GET " ACME "/events?limit=3", boss, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "\"prev\":") && !has(r.body, "\"next\":null"));
	buf_free(&r.all);

	const int fd = door_connect(&d, false);
	struct buf b = buf_grow(512), got = buf_grow(4096);
	buf_fmt(&b,
		"GET " ACME "/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
		"Authorization: Bearer %s\r\n\r\n",
		boss);
	send_all(fd, buf_str(&b));
	EXPECT(read_until(fd, &got, "\"event\":\"wrap_end\""));
	EXPECT(has(buf_str(&got), "Content-Type: text/event-stream"));
	EXPECT(!has(buf_str(&got), "\"other\""));
	got.n = 0;
	DOOR_SAY(&d, STR("other"), agent_presence, .agent = STR("zed"));
	const uint64_t seq = DOOR_SAY(&d, STR("acme"), agent_presence, .agent = STR("anna"),
				      .to = PRESENCE_ready);
	snprintf(line, sizeof line, "id: %llu\n", (unsigned long long)seq);
	EXPECT(read_until(fd, &got, line));
	EXPECT(!has(buf_str(&got), "zed"));
	close(fd);
	buf_free(&b);
	buf_free(&got);
	door_finish(&d);
}

TEST(a_stream_ends_with_the_session_that_opened_it)
{
	struct door d;
	char boss[128];
	open_door(&d);
	door_login(&d, "acme", "boss", "battery staple", boss);
	const int fd = door_connect(&d, false);
	struct buf b = buf_grow(512), got = buf_grow(4096);
	buf_fmt(&b,
		"GET " ACME "/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n"
		"Authorization: Bearer %s\r\n\r\n",
		boss);
	send_all(fd, buf_str(&b));
	EXPECT(read_until(fd, &got, "\"event\":\"login\""));
	EXPECT(door_status(&d, "POST /api/v1/logout", boss, NULL, NULL) == 204);
	const int64_t then_ms = clock_mono_ms();
	EXPECT(!read_until(fd, &got, "never said"));
	EXPECT(clock_mono_ms() - then_ms < 5000); /* closed, not waited out */
	close(fd);
	buf_free(&b);
	buf_free(&got);
	door_finish(&d);
}

TEST(a_change_of_roles_counts_at_once)
{
	struct door d;
	char boss[128], anna[128];
	open_door(&d);
	door_login(&d, "acme", "boss", "battery staple", boss);
	door_login(&d, "acme", "anna", "battery staple", anna);
	EXPECT(door_status(&d, "GET " ACME "/users", anna, NULL, NULL) == 403);
	EXPECT(door_status(&d, "PUT " ACME "/users/anna", boss, NULL,
			   "{\"name\":\"Anna\",\"roles\":[\"agent\",\"viewer\"],\"queues\":["
			   "\"support\"]}") == 200);
	EXPECT(door_status(&d, "GET " ACME "/users", anna, NULL, NULL) == 401);
	door_login(&d, "acme", "anna", "battery staple", anna);
	EXPECT(door_status(&d, "GET " ACME "/users", anna, NULL, NULL) == 200);
	EXPECT(door_status(&d, "DELETE " ACME "/users/anna", boss, NULL, NULL) == 204);
	EXPECT(door_status(&d, "GET " ACME "/users", anna, NULL, NULL) == 401);
	door_finish(&d);
}

TEST(a_silent_main_thread_is_told_by_readiness_and_does_not_hold_up_the_rest)
{
	struct door d;
	char boss[128];
	open_door(&d);
	door_login(&d, "acme", "boss", "battery staple", boss);
	atomic_store(&d.mute, true);
	int stuck[6];
	for (size_t i = 0; i < COUNT_OF(stuck); i++) {
		struct buf b = buf_grow(512);
		stuck[i] = door_connect(&d, false);
		buf_fmt(&b,
			"GET " ACME "/agents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s"
			"\r\n\r\n",
			boss);
		send_all(stuck[i], buf_str(&b));
		buf_free(&b);
	}
	EXPECT(door_status(&d, "GET /healthz", NULL, NULL, NULL) == 200);
	EXPECT(door_status(&d, "GET " ACME "/queues/support", boss, NULL, NULL) == 200);
	EXPECT(door_status(&d, "GET /readyz", NULL, NULL, NULL) == 503);
	door_finish(&d); /* with questions nobody will answer */
	for (size_t i = 0; i < COUNT_OF(stuck); i++)
		close(stuck[i]);
}

TEST(the_control_socket_has_full_rights_and_nobody_else_sees_it)
{
	struct door d;
	open_door(&d);
	EXPECT(door_status(&d, "GET /ctl/show/queues", NULL, NULL, NULL) == 404);
	struct reply r = door_call(&d, true, "GET /ctl/show/queues", NULL, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "queue support"));
	buf_free(&r.all);
	r = door_call(&d, true, "POST /ctl/apply", NULL, NULL,
		      "{\"objects\":[{\"kind\":\"skill\",\"tenant\":\"other\",\"id\":\"x\","
		      "\"name\":\"x\"}]}");
	EXPECT(r.status == 200 && has(r.body, "\"created\":[\"skill/other/x\"]"));
	buf_free(&r.all);
	r = door_call(&d, true, "GET /api/v1/export", NULL, NULL, NULL);
	EXPECT(r.status == 200 && has(r.body, "MARKER") && !has(r.body, "battery"));
	buf_free(&r.all);
	const int fd = door_connect(&d, true);
	struct buf got = buf_grow(256);
	send_all(fd, STR("GET /ctl/follow HTTP/1.1\r\nHost: x\r\n\r\n"));
	EXPECT(read_until(fd, &got, "\r\n\r\n"));
	DOOR_SAY(&d, STR("other"), agent_presence, .agent = STR("zed"), .to = PRESENCE_ready);
	EXPECT(read_until(fd, &got, "agent_presence"));
	EXPECT(has(buf_str(&got), "agent=zed"));
	close(fd);
	buf_free(&got);
	door_finish(&d);
}

/* -- every route, asked over the wire (faults.md S12, S13) -- */

/* The pattern with names filled in, or false where that needs a contact of ours. */
static void fill_pattern(const char *pattern, const char *tenant, char out[256])
{
	static const struct {
		const char *word, *value;
	} words[] = {{"{id}", "secret"},
		     {"{kinds}", "queues"},
		     {"{verb}", "hold"},
		     {"{word}", "queues"},
		     {"{seq}", "1"}};
	struct str rest = str_from(str_of(pattern), 1), part;
	struct buf b = buf_make(out, 255);
	while (rest.n) {
		str_cut(rest, '/', &part, &rest);
		buf_ch(&b, '/');
		const char *value = str_is(part, "{t}") ? tenant : NULL;
		for (size_t i = 0; i < COUNT_OF(words) && !value; i++)
			value = str_is(part, words[i].word) ? words[i].value : NULL;
		buf_put(&b, value ? str_of(value) : part);
	}
	out[b.n] = '\0';
}

TEST(no_route_tells_or_does_anything_in_another_tenant)
{
	struct door d;
	char boss[128], path[256], what[300];
	uint32_t asked = 0;
	open_door(&d);
	door_login(&d, "acme", "boss", "battery staple", boss);
	const uint32_t changes = atomic_load(&d.changes);
	for (uint32_t i = 0; i < route_count; i++) {
		const struct route *rt = &routes[i];
		const char *body = rt->method == HTTP_GET ? NULL : "{}";
		if (rt->access != ACCESS_TENANT)
			continue;
		fill_pattern(rt->pattern, "other", path);
		snprintf(what, sizeof what, "%s %s", http_method_word(rt->method), path);
		struct reply foreign = door_call(&d, false, what, boss, NULL, body);
		fill_pattern(rt->pattern, "nowhere", path);
		snprintf(what, sizeof what, "%s %s", http_method_word(rt->method), path);
		struct reply nowhere = door_call(&d, false, what, boss, NULL, body);
		const int nobody = door_status(&d, what, NULL, NULL, body);
		const bool good = foreign.status == 404 && nowhere.status == 404 &&
				  str_eq(foreign.body, nowhere.body) &&
				  !has(foreign.body, "MARKER") && nobody == 401;
		if (!good) {
			test_failed("another tenant shows", __FILE__, __LINE__);
			test_say(str_of(what));
		}
		buf_free(&foreign.all);
		buf_free(&nowhere.all);
		asked++;
	}
	EXPECT(asked > 50 && atomic_load(&d.changes) == changes);
	door_finish(&d);
}

TEST(every_route_over_the_wire_refuses_whom_the_table_refuses)
{
	struct door d;
	char anna[128], path[256], what[300];
	uint32_t refused = 0;
	open_door(&d);
	door_login(&d, "acme", "anna", "battery staple", anna);
	for (uint32_t i = 0; i < route_count; i++) {
		const struct route *rt = &routes[i];
		const bool may = (rt->any | rt->own) & BIT(ROLE_AGENT);
		if (may || (rt->access != ACCESS_TENANT && rt->access != ACCESS_SIGNED_IN))
			continue;
		fill_pattern(rt->pattern, "acme", path);
		snprintf(what, sizeof what, "%s %s", http_method_word(rt->method), path);
		const int status =
			door_status(&d, what, anna, NULL, rt->method == HTTP_GET ? NULL : "{}");
		if (status != 403) {
			test_failed("an agent was not refused", __FILE__, __LINE__);
			test_say(str_of(what));
		}
		refused++;
	}
	EXPECT(refused > 20);
	door_finish(&d);
}
