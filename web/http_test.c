/* http_test.c - the server alone, with an echo behind it: order, limits, slow and broken peers. */
#include "tests/test.h"
#include "web/door_test.h"
#include "web/http.h"

struct echo {
	struct http *http;
	pthread_t thread;
	uint16_t port;
	struct mailbox *box;
	_Atomic uint32_t requests, streams_lost;
	struct http_request *held; /* answered when the next one comes */
};

static size_t echo_max(void *arg, const struct h1_head *head)
{
	(void)arg, (void)head;
	return 1000;
}

static void echo_answer(struct http_request *r)
{
	struct http_answer a = {.status = 200, .type = "text/plain", .body = buf_grow(64)};
	buf_put(&a.body, r->head.path);
	buf_ch(&a.body, ' ');
	buf_put(&a.body, r->body);
	http_reply(r, &a);
}

static char still[8 << 20]; /* larger than what sockets hold */

static void echo_request(void *arg, struct http_request *r)
{
	struct echo *e = arg;
	atomic_fetch_add(&e->requests, 1);
	if (str_is(r->head.path, "/stream")) {
		if (http_stream_begin(r, "text/event-stream"))
			http_stream_put(r, STR("hello\n"));
		return;
	}
	if (str_is(r->head.path, "/still")) {
		struct http_answer a = {.status = 200,
					.type = "text/plain",
					.body = buf_grow(8),
					.still = str_make(still, sizeof still)};
		buf_c(&a.body, "first ");
		http_reply(r, &a);
		return;
	}
	if (str_is(r->head.path, "/hold")) {
		e->held = r;
		return;
	}
	if (e->held) {
		echo_answer(e->held);
		e->held = NULL;
	}
	echo_answer(r);
}

static void echo_lost(void *arg, struct http_request *r)
{
	struct echo *e = arg;
	atomic_fetch_add(&e->streams_lost, 1);
	http_stream_end(r);
}

static void echo_problem(void *arg, int status, const char *title, const char *detail,
			 struct buf *body)
{
	(void)arg, (void)status, (void)title;
	buf_c(body, detail);
}

static void *echo_main(void *arg)
{
	http_run(((struct echo *)arg)->http);
	return NULL;
}

static void echo_start(struct echo *e, uint32_t connections_max, int64_t head_ms)
{
	struct door d = {0};
	*e = (struct echo){0};
	const struct http_options o = {.tcp_fd = door_listen(&d, false),
				       .local_fd = -1,
				       .connections_max = connections_max,
				       .head_ms = head_ms,
				       .body_max = echo_max,
				       .request = echo_request,
				       .stream_lost = echo_lost,
				       .problem = echo_problem,
				       .arg = e};
	e->port = d.port;
	CHECK(http_create(&o, &e->http) == ERR_OK);
	CHECK(pthread_create(&e->thread, NULL, echo_main, e) == 0);
}

static struct http_counts echo_finish(struct echo *e)
{
	http_stop(e->http);
	pthread_join(e->thread, NULL);
	const struct http_counts c = http_counts(e->http);
	http_destroy(e->http);
	return c;
}

static int dial(const struct echo *e)
{
	const struct door d = {.port = e->port};
	return door_connect(&d, false);
}

/* Everything the server says until it closes. */
static struct buf all_of(int fd)
{
	char room[4096];
	struct buf b = buf_grow(1024);
	ssize_t n;
	while ((n = recv(fd, room, sizeof room, 0)) > 0)
		buf_put(&b, str_make(room, (size_t)n));
	return b;
}

static uint32_t count(struct str text, const char *what)
{
	uint32_t n = 0;
	for (ptrdiff_t at; (at = str_find_str(text, str_of(what))) >= 0; n++)
		text = str_from(text, (size_t)at + strlen(what));
	return n;
}

TEST(requests_sent_together_are_answered_in_order)
{
	struct echo e;
	echo_start(&e, 10, 0);
	const int fd = dial(&e);
	send_all(fd, STR("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
			 "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
			 "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
			 "2\r\nxy\r\n1\r\nz\r\n0\r\n\r\n"
			 "HEAD /4 HTTP/1.1\r\nHost: h\r\n\r\n"
			 "GET /5 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	struct buf b = all_of(fd);
	const struct str s = buf_str(&b);
	EXPECT(count(s, "HTTP/1.1 200 OK") == 5);
	EXPECT(has(s, "\r\n\r\n/1 HTTP") && has(s, "\r\n\r\n/2 abcHTTP") &&
	       has(s, "\r\n\r\n/3 xyzHTTP") && has(s, "\r\n\r\n/5 ") && !has(s, "/4"));
	EXPECT(str_find_str(s, STR("/2 abc")) < str_find_str(s, STR("/3 xyz")));
	buf_free(&b);
	close(fd);
	echo_finish(&e);
}

TEST(bytes_that_come_one_by_one_make_the_same_request)
{
	struct echo e;
	echo_start(&e, 10, 0);
	const int fd = dial(&e);
	const struct str text = STR("POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
				    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	for (size_t i = 0; i < text.n; i++)
		send_all(fd, str_head(str_from(text, i), 1));
	struct buf b = all_of(fd);
	EXPECT(has(buf_str(&b), "/a abc"));
	buf_free(&b);
	close(fd);
	echo_finish(&e);
}

/* After a refusal nothing more of that connection is run. */
TEST(what_follows_a_broken_request_is_not_run)
{
	static const struct {
		const char *text, *status;
	} table[] = {
		{"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"
		 "\r\n\r\n0\r\n\r\n",
		 " 400 "},
		{"GET /a HTTP/1.1\nHost: h\n\n", " 400 "},
		{"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		 " 400 "},
		{"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n", " 413 "},
		{"POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
		 NULL},
		{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", " 400 "}, /* TLS by mistake */
		{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", " 501 "},
	};
	struct echo e;
	echo_start(&e, 10, 0);
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		const int fd = dial(&e);
		struct buf send = buf_grow(4096);
		buf_c(&send, table[i].text);
		if (!table[i].status) /* a chunk larger than its welcome */
			for (int k = 0; k < 2000; k++)
				buf_ch(&send, 'x');
		buf_c(&send, "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n");
		send_all(fd, buf_str(&send));
		struct buf b = all_of(fd);
		EXPECT(has(buf_str(&b), table[i].status ? table[i].status : " 413 "));
		EXPECT(count(buf_str(&b), "Date: ") == 1 && !has(buf_str(&b), "smuggled"));
		buf_free(&b);
		buf_free(&send);
		close(fd);
	}
	EXPECT(atomic_load(&e.requests) == 0);
	echo_finish(&e);
}

TEST(a_caller_who_waits_for_permission_to_send_gets_it)
{
	struct echo e;
	echo_start(&e, 10, 0);
	const int fd = dial(&e);
	char room[256];
	send_all(fd, STR("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n"
			 "Expect: 100-continue\r\n\r\n"));
	const ssize_t n = recv(fd, room, sizeof room, 0);
	EXPECT(n > 0 && has(str_make(room, (size_t)n), "100 Continue"));
	send_all(fd, STR("ok"));
	struct buf b = all_of(fd);
	EXPECT(has(buf_str(&b), "/a ok"));
	buf_free(&b);
	close(fd);
	echo_finish(&e);
}

TEST(one_who_closes_his_sending_side_still_gets_his_answer)
{
	struct echo e;
	echo_start(&e, 10, 0);
	const int half = dial(&e);
	send_all(half, STR("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"));
	shutdown(half, SHUT_WR);
	while (atomic_load(&e.requests) < 1)
		poll(NULL, 0, 1);
	poll(NULL, 0, 30); /* the server has seen the end by now */
	const int fd = dial(&e);
	send_all(fd, STR("GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	struct buf b = all_of(half);
	EXPECT(has(buf_str(&b), "/hold"));
	buf_free(&b);
	close(half);
	close(fd);
	echo_finish(&e);
}

TEST(an_answer_whose_asker_has_left_is_dropped)
{
	struct echo e;
	echo_start(&e, 10, 0);
	int fd = dial(&e);
	send_all(fd, STR("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"));
	while (atomic_load(&e.requests) < 1)
		poll(NULL, 0, 1);
	const struct linger reset = {.l_onoff = 1};
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	close(fd);
	poll(NULL, 0, 20);
	fd = dial(&e);
	send_all(fd, STR("GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	struct buf b = all_of(fd);
	EXPECT(has(buf_str(&b), "/next") && !has(buf_str(&b), "/hold"));
	buf_free(&b);
	close(fd);
	echo_finish(&e);
}

TEST(a_stream_without_a_listener_is_ended)
{
	struct echo e;
	echo_start(&e, 10, 0);
	const int fd = dial(&e);
	char room[2048];
	send_all(fd, STR("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
	EXPECT(recv(fd, room, sizeof room, 0) > 0);
	close(fd);
	for (int i = 0; i < 5000 && !atomic_load(&e.streams_lost); i++)
		poll(NULL, 0, 1);
	EXPECT(atomic_load(&e.streams_lost) == 1);
	const int other = dial(&e); /* and one that is open when the server ends */
	send_all(other, STR("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
	EXPECT(recv(other, room, sizeof room, 0) > 0);
	echo_finish(&e);
	EXPECT(atomic_load(&e.streams_lost) == 2);
	close(other);
}

/* faults.md R22: the one idle longest gives way. */
TEST(when_all_places_are_taken_an_idle_one_gives_way)
{
	struct echo e;
	int idle[8];
	echo_start(&e, 8, 0);
	for (size_t i = 0; i < COUNT_OF(idle); i++) {
		idle[i] = dial(&e);
		send_all(idle[i], STR("GET /x HTTP/1.1\r\nHost"));
	}
	poll(NULL, 0, 50);
	const int fd = dial(&e);
	send_all(fd, STR("GET /new HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	struct buf b = all_of(fd);
	EXPECT(has(buf_str(&b), "/new"));
	buf_free(&b);
	close(fd);
	b = all_of(idle[0]);
	EXPECT(b.n == 0); /* closed without a word */
	buf_free(&b);
	for (size_t i = 0; i < COUNT_OF(idle); i++)
		close(idle[i]);
	EXPECT(echo_finish(&e).evicted == 1);
}

/* faults.md R23, with a shorter clock */
TEST(a_head_that_trickles_in_is_cut_off_while_others_are_served)
{
	struct echo e;
	echo_start(&e, 100, 300);
	const int slow = dial(&e);
	send_all(slow, STR("GET /slow HTTP/1.1\r\nHost: h\r\nX-A: b\r\n"));
	const int fd = dial(&e);
	send_all(fd, STR("GET /fast HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
	struct buf b = all_of(fd);
	EXPECT(has(buf_str(&b), "/fast"));
	buf_free(&b);
	b = all_of(slow);
	EXPECT(has(buf_str(&b), " 408 "));
	buf_free(&b);
	close(fd);
	close(slow);
	EXPECT(echo_finish(&e).timed_out == 1);
}

TEST(thousands_of_requests_leave_nothing_behind)
{
	struct echo e;
	echo_start(&e, 100, 0);
	const int fd = dial(&e);
	for (int i = 0; i < 4000; i++) {
		struct reply r;
		send_all(fd, STR("POST /again HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"));
		reply_read(fd, &r);
		EXPECT(r.status == 200);
		buf_free(&r.all);
	}
	close(fd);
	const struct http_counts c = echo_finish(&e);
	EXPECT(c.requests == 4000 && c.answers[2] == 4000 && c.accepted == 1);
}

TEST(bytes_that_never_go_away_are_sent_whole_to_a_slow_reader_while_others_are_served)
{
	struct echo e;
	static char room[65536];
	for (size_t i = 0; i < sizeof still; i++)
		still[i] = (char)('a' + i % 23);
	echo_start(&e, 100, 0);
	const int slow = dial(&e), quick = dial(&e);
	send_all(slow, STR("GET /still HTTP/1.1\r\nHost: x\r\n\r\n"
			   "HEAD /still HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
	send_all(quick, STR("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
	struct buf answer = all_of(quick); /* nobody reads the slow one meanwhile */
	EXPECT(has(buf_str(&answer), "/a "));
	buf_free(&answer);
	struct buf all = buf_grow(sizeof still + 4096);
	ssize_t n;
	while ((n = recv(slow, room, sizeof room, 0)) > 0)
		buf_put(&all, str_make(room, (size_t)n));
	const ptrdiff_t at = str_find_str(buf_str(&all), STR("first abc"));
	EXPECT(at > 0 && has(str_head(buf_str(&all), (size_t)at), "Content-Length: 8388614\r\n"));
	EXPECT(!memcmp(all.p + at + 6, still, sizeof still));
	const struct str second = str_from(buf_str(&all), (size_t)at + 6 + sizeof still);
	EXPECT(str_starts(second, STR("HTTP/1.1 200")) && str_ends(second, STR("\r\n\r\n")) &&
	       has(second, "Content-Length: 8388614\r\n"));
	buf_free(&all);
	close(slow);
	close(quick);
	echo_finish(&e);
}
