/* stream_test.c - TCP: bytes come in any pieces, RFC 3261 section 18.3; and RFC 4475 over both. */
#include "sip/world_test.h"

#include <stdio.h>
#include <stdlib.h>

static const char options[] = "OPTIONS sip:d SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\n"
			      "From: <sip:a@b>;tag=1\r\nTo: <sip:d>\r\nCall-ID: 1\r\n"
			      "CSeq: 1 OPTIONS\r\nContent-Length: 4\r\n\r\nbody";

static struct world *tcp_world(void)
{
	struct world *w = world_create();
	w->transport = SIP_TCP;
	return w;
}

TEST(a_stream_in_any_pieces)
{
	struct buf three = buf_grow(1024);
	buf_c(&three, options);
	buf_c(&three, "INFO sip:d SIP/2.0\r\nv: SIP/2.0/TCP a\r\nf: <sip:a@b>;tag=1\r\n"
		      "t: <sip:d>\r\ni: 2\r\nCSeq: 1 INFO\r\nl: 0\r\n\r\n");
	buf_c(&three, options);
	for (size_t piece = 1; piece < three.n; piece = piece < 20 ? piece + 1 : piece * 2) {
		struct world *w = tcp_world();
		for (size_t at = 0; at < three.n; at += piece)
			world_say_bytes(w, BOB, str_head(str_from(buf_str(&three), at), piece));
		EXPECT(w->seen_count == 3);
		for (uint32_t i = 0; i < w->seen_count; i++)
			EXPECT(world_status(w->seen[i]) == (i == 1 ? 481 : 200));
		world_destroy(w);
	}
	buf_free(&three);
}

TEST(a_stream_that_cannot_be_framed_is_dropped)
{
	static const char *const bad[] = {
		"OPTIONS sip:d SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n",
		"OPTIONS sip:d SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nFrom: <sip:a@b>;tag=1\r\n"
		"To: <sip:d>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nl: 1\r\nl: 2\r\n\r\n",
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct world *w = tcp_world();
		world_say_bytes(w, BOB, str_of(bad[i]));
		EXPECT(w->sides[BOB].dropped_stream == 5);
		EXPECT(w->seen_count == 1 && world_status(w->seen[0]) == 400);
		world_say_bytes(w, BOB, STR("more"));
		world_say_bytes(w, BOB, str_of(options));
		EXPECT(w->seen_count == 1); /* thrown away */
		sip_stream_closed(w->sides[BOB].sip, 5);
		world_say_bytes(w, BOB, str_of(options)); /* a new connection of this number */
		EXPECT(w->seen_count == 2 && world_status(w->seen[1]) == 200);
		world_destroy(w);
	}
}

TEST(a_stream_of_endless_headers_is_dropped)
{
	struct world *w = tcp_world();
	char line[1000];
	memset(line, 'x', sizeof line);
	world_say_bytes(w, BOB, STR("OPTIONS sip:d SIP/2.0\r\nX: "));
	for (int i = 0; i < 70; i++)
		world_say_bytes(w, BOB, str_make(line, sizeof line));
	EXPECT(w->sides[BOB].dropped_stream == 5);
	world_destroy(w);
}

struct shown {
	struct sip *sip;
	struct sip_address from;
	char first[4096];
	size_t n;
	uint32_t count;
};

static void keep_first(void *arg, const struct sip_address *from, struct str message)
{
	struct shown *s = arg;
	if (s->count++) {
		sip_message(s->sip, from, message);
		return;
	}
	CHECK(message.n <= sizeof s->first);
	memcpy(s->first, message.p, message.n);
	s->n = message.n;
	s->from = *from;
}

TEST(whole_messages_are_shown_before_they_are_read_and_may_wait)
{
	struct world *w = tcp_world();
	struct shown s = {.sip = w->sides[BOB].sip};
	sip_messages_to(s.sip, keep_first, &s);
	world_say_bytes(w, BOB, str_head(str_of(options), 50));
	EXPECT(!s.count);
	world_say_bytes(w, BOB, str_from(str_of(options), 50));
	EXPECT(s.count == 1 && !w->seen_count);
	EXPECT_STR(str_make(s.first, s.n), options);
	world_say_bytes(w, BOB, str_of(options)); /* what comes behind it does not wait for it */
	EXPECT(s.count == 2 && w->seen_count == 1);
	sip_message(s.sip, &s.from, str_make(s.first, s.n));
	world_run(w, 20);
	EXPECT(w->seen_count == 2 && world_status(w->seen[1]) == 200);
	sip_stream_closed(s.sip, s.from.stream);
	sip_message(s.sip, &s.from, str_make(s.first, s.n)); /* nobody is there for an answer */
	world_run(w, 20);
	EXPECT(sip_turn_away(s.sip, &s.from, str_make(s.first, s.n), 5)); /* nor for a refusal */
	world_run(w, 20);
	EXPECT(w->seen_count == 2);
	world_destroy(w);
}

TEST(pings_are_answered)
{
	struct world *w = tcp_world();
	world_say_bytes(w, BOB, STR("\r\n\r\n"));
	EXPECT(w->seen_count == 1);
	EXPECT_STR(world_last_seen(w), "\r\n");
	world_say_bytes(w, BOB, str_of(options));
	EXPECT(w->seen_count == 2);
	/* however TCP cuts it */
	world_say_bytes(w, BOB, STR("\r\n"));
	EXPECT(w->seen_count == 2);
	world_say_bytes(w, BOB, STR("\r"));
	world_say_bytes(w, BOB, STR("\n"));
	EXPECT(w->seen_count == 3);
	world_say_bytes(w, BOB, STR("\r\n"));
	world_say_bytes(w, BOB, str_of(options));
	EXPECT(w->seen_count == 4);
	w->transport = SIP_UDP;
	world_say_bytes(w, BOB, STR("\r\n\r\n"));
	world_say_bytes(w, BOB, STR(""));
	EXPECT(w->seen_count == 4);
	world_destroy(w);
}

TEST(a_call_over_tcp)
{
	struct world *w = tcp_world();
	struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
	EXPECT(world_call(w, ALICE, BOB, "100") == ERR_OK);
	world_run(w, 100);
	EXPECT(sip_call_established(a->sip, a->call) && sip_call_established(b->sip, b->call));
	EXPECT(has(text_str(&call_get(b->sip, b->call)->contact), ";transport=tcp>"));
	sip_stream_closed(b->sip, 77);
	sip_call_end(b->sip, b->call); /* a new connection is the user's to make: stream 0 */
	world_run(w, 100);
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(b)->kind == SIP_CALL_OVER);
	EXPECT(w->sent == 7);
	world_run(w, 40000);
	EXPECT(w->sent == 7 && pool_count(a->sip->txns) == 0 && pool_count(b->sip->txns) == 0);
	world_destroy(w);
}

TEST(a_tcp_peer_that_cannot_be_reached_fails_at_once)
{
	for (int how = 0; how < 2; how++) {
		struct world *w = tcp_world();
		struct side *a = &w->sides[ALICE];
		struct sip_address to = w->sides[MALLORY].address;
		to.transport = SIP_TCP;
		EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
		if (how == 0) {
			sip_connect_failed(a->sip, &to);
		} else {
			sip_stream_opened(a->sip, &to, 33);
			world_run(w, 100);
			sip_stream_closed(a->sip, 33);
		}
		EXPECT(a->heard_count == 0);
		world_run(w, 1);
		EXPECT(last_heard(a)->kind == SIP_CALL_OVER);
		EXPECT(last_heard(a)->over == SIP_OVER_TIMEOUT);
		EXPECT(pool_count(a->sip->txns) == 0);
		world_destroy(w);
	}
}

/* -- RFC 4475: what each message must come to, by the manifest in tests/data/sip/rfc4475 -- */

/* status: what an engine that trusts its peer answers; 0: nothing. also: another that is right. */
static const struct torture {
	const char *name;
	uint32_t status, also;
} tortures[] = {
	{"badaspec", 400, 200}, {"badbranch", 200, 0},	  {"baddate", 200, 400},
	{"baddn", 400, 0},	{"badinv01", 0, 400},	  {"badvers", 505, 0},
	{"bcast", 0, 0},	{"bext01", 420, 0},	  {"bigcode", 0, 0},
	{"clerr", 400, 0},	{"cparam01", 401, 0},	  {"cparam02", 401, 0},
	{"dblreq", 401, 0},	{"esc01", 200, 0},	  {"esc02", 501, 405},
	{"escnull", 401, 0},	{"escruri", 400, 0},	  {"insuf", 400, 0},
	{"intmeth", 501, 405},	{"inv2543", 200, 0},	  {"invut", 415, 0},
	{"longreq", 200, 0},	{"ltgtruri", 400, 0},	  {"lwsdisp", 200, 0},
	{"lwsruri", 400, 0},	{"lwsstart", 400, 0},	  {"mcl01", 400, 0},
	{"mismatch01", 400, 0}, {"mismatch02", 400, 501}, {"mpart01", 405, 0},
	{"multi01", 400, 0},	{"ncl", 400, 0},	  {"noreason", 0, 0},
	{"novelsc", 416, 0},	{"quotbal", 400, 0},	  {"regaut01", 401, 0},
	{"regbadct", 401, 400}, {"regescrt", 401, 400},	  {"scalar02", 400, 0},
	{"scalarlg", 0, 0},	{"sdp01", 406, 488},	  {"semiuri", 200, 0},
	{"test", 0, 400},	{"transports", 200, 0},	  {"trws", 400, 0},
	{"unkscm", 416, 0},	{"unksm2", 401, 0},	  {"unreason", 0, 0},
	{"wsinv", 481, 0},	{"zeromf", 483, 200},
};

static struct str torture_file(const struct torture *t)
{
	static struct str files[COUNT_OF(tortures)]; /* reachable until the program ends */
	struct str *file = &files[t - tortures];
	char path[128];
	struct buf b = buf_make(path, sizeof path - 1);
	buf_fmt(&b, "tests/data/sip/rfc4475/%s.dat", t->name);
	path[b.n] = 0;
	if (!file->p)
		*file = test_file(path);
	return *file;
}

/* The best answer: the last one with a status of 200 or more. */
static uint32_t final_status(struct world *w)
{
	uint32_t status = 0;
	for (uint32_t i = 0; i < w->sent && i < SEEN_MAX; i++)
		if (world_status(w->seen[i]) >= 200)
			status = world_status(w->seen[i]);
	return status;
}

/* Everything the engine sends comes to be seen, whatever address a Via names. */
static bool see_all(struct world *w, const struct packet *p)
{
	EXPECT(!str_starts(p->bytes, STR("INVITE ")));
	if (w->seen_count < SEEN_MAX)
		w->seen[w->seen_count++] = str_make(str_dup(p->bytes), p->bytes.n);
	return true;
}

TEST(torture_messages_of_rfc_4475_over_udp)
{
	for (size_t i = 0; i < COUNT_OF(tortures); i++) {
		const struct torture *t = &tortures[i];
		struct world *w = world_create();
		struct str bytes = torture_file(t);
		EXPECT(bytes.n > 0);
		w->lose = see_all;
		world_say_bytes(w, BOB, bytes);
		uint32_t got = final_status(w);
		bool right = got == t->status || (t->also && got == t->also);
		EXPECT(right);
		if (!right)
			printf("\t%s: got %u, want %u\n", t->name, got, t->status);
		EXPECT(count_heard(&w->sides[BOB], SIP_INCOMING) ==
		       (t->status == 200 && str_starts(bytes, STR("INVITE"))));
		/* alive: it still answers */
		w->transport = SIP_UDP;
		uint32_t seen = w->seen_count;
		world_say_bytes(w, BOB, str_of(options));
		EXPECT(w->seen_count > seen && world_status(w->seen[w->seen_count - 1]) == 200);
		world_destroy(w);
	}
}

/* Over TCP, byte by byte and at once: no harm, and never a call from the invalid ones. */
TEST(torture_messages_of_rfc_4475_over_tcp)
{
	for (size_t i = 0; i < COUNT_OF(tortures); i++)
		for (int split = 0; split < 2; split++) {
			struct world *w = tcp_world();
			struct str bytes = torture_file(&tortures[i]);
			w->lose = see_all;
			if (!split)
				world_say_bytes(w, BOB, bytes);
			for (size_t at = 0; split && at < bytes.n; at++)
				world_say_bytes(w, BOB, str_head(str_from(bytes, at), 1));
			if (tortures[i].status >= 400)
				EXPECT(count_heard(&w->sides[BOB], SIP_INCOMING) == 0);
			world_destroy(w);
		}
}

/* And each of them cut at every byte: accepted or refused, without harm. */
TEST(torture_messages_of_rfc_4475_cut_short)
{
	static struct sip_message m;
	for (size_t i = 0; i < COUNT_OF(tortures); i++) {
		struct str bytes = torture_file(&tortures[i]);
		for (size_t n = 0; n <= bytes.n; n++) {
			char *cut = xcalloc(1, n + 1);
			if (n)
				memcpy(cut, bytes.p, n);
			char *exact = xrealloc(cut, n ? n : 1);
			enum err e = sip_parse(str_make(exact, n), &m);
			EXPECT(e == ERR_OK || e == ERR_INVALID);
			free(exact);
		}
	}
}
