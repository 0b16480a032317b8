/* trace_test.c - the circular file of SIP messages: what one contact said, over laps and deaths. */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "channel/voice/world_test.h"

static const struct sip_address peer = {.family = 4, .ip = {10, 0, 0, 1}, .port = 5060};
static const struct uuid one = {{1}}, other = {{2}};

static const char *fresh_file(void)
{
	static char name[64];
	snprintf(name, sizeof name, "/tmp/voice_trace_%d", (int)getpid());
	unlink(name);
	return name;
}

/* "> M1 sip:x SIP/2.0" a line for each message, or whole messages. */
static struct str told(const char *name, struct uuid contact, bool whole)
{
	static char text[1 << 20];
	struct buf b = buf_make(text, sizeof text);
	struct traced t;
	EXPECT(trace_read(str_of(name), contact, &t) == ERR_OK);
	for (uint32_t i = 0; i < t.message_count; i++) {
		struct str rest = t.messages[i].text, line = STR_NONE;
		EXPECT_STR(t.messages[i].peer, "10.0.0.1:5060");
		str_line(&rest, &line);
		buf_fmt(&b, "%d %s " STR_FMT "\n", (int)t.messages[i].at_ms,
			t.messages[i].out ? ">" : "<", STR_ARG(whole ? t.messages[i].text : line));
	}
	arena_finish(&t.arena);
	EXPECT(!b.full);
	return buf_str(&b);
}

static void say(struct trace *t, int64_t at, bool out, const char *call, int n)
{
	char text[256];
	struct buf b = buf_make(text, sizeof text);
	buf_fmt(&b, "M%d sip:x SIP/2.0\r\nCall-ID: %s\r\n\r\n", n, call);
	trace_message(t, at, out, &peer, buf_str(&b));
}

static void leg(struct trace *t, int64_t at, struct uuid contact, const char *call)
{
	trace_leg(t, at, contact, str_of(call), PARTY_agent, STR("anna"));
}

TEST(a_contacts_messages_and_nobody_elses)
{
	const char *name = fresh_file();
	struct trace *t = trace_open(str_of(name), 1);
	struct traced read;
	CHECK(t);
	say(t, 1000, false, "call-a", 1);
	leg(t, 1000, one, "call-a");
	say(t, 2000, false, "call-b", 2);
	leg(t, 2000, other, "call-b");
	say(t, 3000, true, "call-a", 3);
	EXPECT_STR(told(name, one, false), "1000 < M1 sip:x SIP/2.0\n3000 > M3 sip:x SIP/2.0\n");
	EXPECT_STR(told(name, one, true), "1000 < M1 sip:x SIP/2.0\r\nCall-ID: call-a\r\n\r\n\n"
					  "3000 > M3 sip:x SIP/2.0\r\nCall-ID: call-a\r\n\r\n\n");
	EXPECT_STR(told(name, other, false), "2000 < M2 sip:x SIP/2.0\n");
	EXPECT_STR(told(name, (struct uuid){{3}}, false), "");
	EXPECT(trace_read(str_of(name), one, &read) == ERR_OK && read.leg_count == 1 &&
	       read.legs[0].party == PARTY_agent && read.since_ms == 1000 && !read.written_over);
	EXPECT_STR(read.legs[0].call_id, "call-a");
	EXPECT_STR(read.legs[0].who, "anna");
	arena_finish(&read.arena);
	/* the next life goes on in it */
	trace_close(t);
	t = trace_open(str_of(name), 1);
	say(t, 4000, true, "call-a", 4);
	EXPECT(has(told(name, one, false), "M1 ") && has(told(name, one, false), "M4 "));
	/* another size begins anew */
	trace_close(t);
	t = trace_open(str_of(name), 2);
	EXPECT_STR(told(name, one, false), "");
	trace_close(t);
	t = trace_open(str_of(name), 1);
	EXPECT_STR(told(name, one, false), "");
	trace_close(t);
	unlink(name);
}

static struct str after(const char *message)
{
	const char *name = fresh_file();
	struct trace *t = trace_open(str_of(name), 1);
	CHECK(t);
	leg(t, 1, one, "call-a");
	trace_message(t, 1, false, &peer, str_of(message));
	const struct str said = told(name, one, true);
	trace_close(t);
	unlink(name);
	return str_from(said, 4);
}

TEST(what_must_not_be_shown_is_not_written)
{
	static const struct {
		const char *said, *kept;
	} rows[] = {
		/* RFC 6086: a key that was pressed; RFC 3428: what somebody wrote */
		{"INFO sip:x SIP/2.0\r\nCall-ID: call-a\r\nContent-Length: 10\r\n\r\nSignal=7\r\n",
		 "INFO sip:x SIP/2.0\r\nCall-ID: call-a\r\nContent-Length: 10\r\n\r\n\n"},
		{"MESSAGE sip:x SIP/2.0\r\nCall-ID: call-a\r\n\r\nmy pin is 7\r\n",
		 "MESSAGE sip:x SIP/2.0\r\nCall-ID: call-a\r\n\r\n\n"},
		/* RFC 3261 section 20; 7.3.1: names in any case, blanks before the colon, lines
		 * that go on */
		{"INVITE sip:x SIP/2.0\r\nAUTHORIZATION : Digest username=\"anna\",\r\n"
		 "\tresponse=\"6629fae49393a05397450978507c4ef1\"\r\ni: call-a\r\n\r\nv=0\r\n",
		 "INVITE sip:x SIP/2.0\r\nAUTHORIZATION : (hidden)\r\ni: call-a\r\n\r\nv=0\r\n\n"},
		{"SIP/2.0 407 No\r\nProxy-Authenticate: Digest nonce=\"84a4cc6f\"\r\n"
		 "Proxy-Authorization: Digest response=\"1\"\r\nWWW-Authenticate: Basic "
		 "realm=\"x\"\r\n"
		 "Authentication-Info: rspauth=\"2\"\r\nCall-ID: call-a\r\n\r\n",
		 "SIP/2.0 407 No\r\nProxy-Authenticate: (hidden)\r\nProxy-Authorization: "
		 "(hidden)\r\nWWW-Authenticate: (hidden)\r\nAuthentication-Info: "
		 "(hidden)\r\nCall-ID: call-a\r\n\r\n\n"},
		/* section 19.1.1 */
		{"INVITE sip:bob:geheim@x SIP/2.0\r\nCall-ID: call-a\r\n"
		 "From: \"a@b:c\" <SIPS:anna:s3:cret@y;x=1>;tag=1\r\nContact: "
		 "sip:anna@z:5060\r\n\r\n",
		 "INVITE sip:bob:......@x SIP/2.0\r\nCall-ID: call-a\r\n"
		 "From: \"a@b:c\" <SIPS:anna:.......@y;x=1>;tag=1\r\nContact: "
		 "sip:anna@z:5060\r\n\r\n\n"},
		/* RFC 4568, RFC 8839 */
		{"INVITE sip:x SIP/2.0\r\nCall-ID: call-a\r\n\r\na=crypto:1 "
		 "AES_CM_128_HMAC_SHA1_80 "
		 "inline:NzB4d1BI|2^20|1:4 "
		 "WSH=64\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\na=ptime:20\r\n",
		 "INVITE sip:x SIP/2.0\r\nCall-ID: call-a\r\n\r\na=crypto:1 "
		 "AES_CM_128_HMAC_SHA1_80 "
		 "inline:................. "
		 "WSH=64\r\na=ice-pwd:......................\r\na=ptime:20\r\n\n"},
		/* belongs to no contact, whatever it says */
		{"REGISTER sip:x SIP/2.0\r\nCall-ID: call-a\r\nCSeq: 1 REGISTER\r\n\r\n", ""},
		{"SIP/2.0 200 OK\r\nCall-ID: call-a\r\nCSeq: 7  OPTIONS\r\n\r\n", ""},
		{"\r\n\r\n", ""},
		{"", ""},
		{"INVITE", ""},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		EXPECT_STR(after(rows[i].said), rows[i].kept);
}

TEST(only_the_last_lap_is_kept_and_it_is_whole)
{
	const char *name = fresh_file();
	struct trace *t = trace_open(str_of(name), 1);
	struct traced read;
	char big[5000];
	CHECK(t);
	memset(big, 'x', sizeof big);
	static const char head[] = "X sip:x SIP/2.0\r\nCall-ID: b\r\n\r\n";
	memcpy(big, head, sizeof head - 1);
	leg(t, 1, one, "call-a");
	say(t, 1, false, "call-a", 1);
	for (int i = 0; i < 400; i++) /* 1.6 MB of somebody else's, cut to 4000 bytes each */
		trace_message(t, 2 + i, true, &peer, str_make(big, sizeof big));
	EXPECT_STR(told(name, one, false), "");
	leg(t, 500, other, "b");
	EXPECT(trace_read(str_of(name), other, &read) == ERR_OK);
	EXPECT(read.since_ms > 2 && read.written_over && read.message_count > 250 &&
	       read.message_count < 262 && read.since_ms == read.messages[0].at_ms);
	for (uint32_t i = 0; i < read.message_count; i++)
		EXPECT(read.messages[i].cut && read.messages[i].text.n == 4000 &&
		       read.messages[i].at_ms == read.since_ms + i);
	arena_finish(&read.arena);
	leg(t, 600, one, "call-c");
	for (int i = 0; i < 100; i++)
		say(t, 600, false, "call-c", i);
	struct str all = told(name, one, false), line;
	int n = 0;
	while (str_line(&all, &line)) {
		char want[40];
		snprintf(want, sizeof want, "600 < M%d sip:x SIP/2.0", n++);
		EXPECT_STR(line, want);
	}
	EXPECT(n == 100);
	trace_close(t);
	unlink(name);
}

TEST(a_file_full_of_anything_is_no_danger)
{
	const char *name = fresh_file();
	uint64_t z = 1;
	for (int round = 0; round < 3; round++) {
		struct traced read;
		struct trace *t = trace_open(str_of(name), 1);
		CHECK(t);
		leg(t, 1, one, "call-a");
		say(t, 1, false, "call-a", 1);
		trace_close(t);
		int fd = open(name, O_WRONLY);
		for (int i = 0; i < 20000; i++) {
			z = z * 6364136223846793005ull + 1442695040888963407ull;
			uint32_t word = (uint32_t)(z >> 40) & (round ? 0xff : 0xffffffff);
			/* from the head on, but for the magic and, in the last round, all of it */
			off_t at = (off_t)((round == 2 ? 32 : 16) + (z >> 33) % 60000);
			EXPECT(pwrite(fd, &word, round ? 1 : 4, at) > 0);
		}
		close(fd);
		for (int again = 0; again < 2; again++) {
			if (trace_read(str_of(name), one, &read) != ERR_OK)
				EXPECT(!read.message_count);
			arena_finish(&read.arena);
			t = trace_open(str_of(name), 1);
			say(t, 9, false, "call-a", 9);
			trace_close(t);
		}
	}
	unlink(name);
}

struct reading {
	const char *name;
	atomic_bool stop;
	uint32_t reads, told;
};

/* Whatever the writer does meanwhile: what is told is whole and of this contact. */
static void *read_on(void *arg)
{
	struct reading *r = arg;
	while (!atomic_load(&r->stop)) {
		struct traced t;
		r->reads++;
		if (trace_read(str_of(r->name), one, &t) == ERR_OK)
			for (uint32_t i = 0; i < t.message_count; i++, r->told++)
				EXPECT(str_ends(t.messages[i].text, STR("mine mine mine\r\n")) &&
				       !has(t.messages[i].text, "other"));
		arena_finish(&t.arena);
	}
	return NULL;
}

TEST(who_reads_while_it_is_written_sees_nobody_elses)
{
	const char *name = fresh_file();
	struct trace *t = trace_open(str_of(name), 1);
	struct reading r = {.name = name};
	pthread_t thread;
	CHECK(t && pthread_create(&thread, NULL, read_on, &r) == 0);
	for (int lap = 0; lap < 60; lap++)
		for (int i = 0; i < 2000; i++) {
			char text[700];
			const bool mine = i % 3 == 0;
			struct buf b = buf_make(text, sizeof text);
			buf_fmt(&b, "M sip:x SIP/2.0\r\nCall-ID: %s\r\n\r\n", mine ? "a" : "other");
			for (int k = 0; k < i % 40; k++)
				buf_c(&b, mine ? "mine " : "other ");
			buf_c(&b, mine ? "mine mine mine\r\n" : "other\r\n");
			if (i % 500 == 0)
				leg(t, lap, one, "a");
			trace_message(t, lap, i % 2, &peer, buf_str(&b));
		}
	atomic_store(&r.stop, true);
	pthread_join(thread, NULL);
	EXPECT(r.reads);
	trace_close(t);
	unlink(name);
}

TEST(a_trace_that_cannot_be_had_costs_nothing)
{
	struct traced read;
	struct trace *t = trace_open(STR("/nowhere/at/all"), 1);
	EXPECT(!t);
	leg(t, 1, one, "x");
	say(t, 1, false, "x", 1);
	EXPECT(trace_read(STR("/nowhere/at/all"), one, &read) == ERR_OK && !read.message_count);
	arena_finish(&read.arena);
	EXPECT(trace_read(STR("/dev/null"), one, &read) == ERR_IO && !read.message_count);
	arena_finish(&read.arena);
	trace_close(t);
	EXPECT(!trace_open(STR_NONE, 1));
}

TEST(a_real_calls_ladder_survives_the_core)
{
	const char *name = fresh_file();
	struct world *w = world_create();
	struct traced t;
	w->trace_file = name;
	world_restart(w);
	call_talking(w);
	struct uuid uuid = contact_get(&w->core, w->contact)->uuid;
	world_restart(w);
	hang_up(w, TRUNK);
	EXPECT(trace_read(str_of(name), uuid, &t) == ERR_OK && t.leg_count == 2);
	EXPECT(t.legs[0].party == PARTY_customer && t.legs[1].party == PARTY_agent);
	EXPECT_STR(t.legs[0].who, "");
	EXPECT_STR(t.legs[1].who, "anna");
	static const struct {
		bool out;
		uint32_t leg;
		const char *peer, *start;
	} want[] = {{false, 0, "10.0.0.1:5060", "INVITE sip:" NUMBER},
		    {true, 1, "10.0.0.2:5060", "INVITE sip:anna@"},
		    {false, 0, "10.0.0.1:5060", "BYE "},
		    {true, 1, "10.0.0.2:5060", "BYE "}};
	uint32_t next = 0;
	for (uint32_t i = 0; i < t.message_count && next < COUNT_OF(want); i++)
		if (t.messages[i].out == want[next].out && t.messages[i].leg == want[next].leg &&
		    str_is(t.messages[i].peer, want[next].peer) &&
		    str_starts(t.messages[i].text, str_of(want[next].start)))
			next++;
	EXPECT(next == COUNT_OF(want));
	arena_finish(&t.arena);
	world_end(w);
	unlink(name);
}
