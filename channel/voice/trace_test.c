/* trace_test.c - the circular file of SIP messages: what one contact said, over laps and deaths. */
#include <fcntl.h>
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

static struct str printed(struct trace *t, struct uuid contact)
{
	static char text[1 << 20];
	struct buf b = buf_make(text, sizeof text);
	trace_print(t, contact, &b);
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

TEST(a_contacts_messages_and_nobody_elses)
{
	const char *name = fresh_file();
	struct trace *t = trace_open(str_of(name));
	CHECK(t);
	say(t, 1000, false, "call-a", 1);
	trace_leg(t, 1000, one, STR("call-a"));
	say(t, 2000, false, "call-b", 2);
	trace_leg(t, 2000, other, STR("call-b"));
	say(t, 3000, true, "call-a", 3);
	EXPECT_STR(printed(t, one),
		   "1970-01-01T00:00:01.000Z  SIP ◀── 10.0.0.1:5060          M1 sip:x SIP/2.0\n"
		   "                              | Call-ID: call-a\n"
		   "                              | \n"
		   "1970-01-01T00:00:03.000Z  SIP ──▶ 10.0.0.1:5060          M3 sip:x SIP/2.0\n"
		   "                              | Call-ID: call-a\n"
		   "                              | \n");
	EXPECT(has(printed(t, other), "M2 ") && !has(printed(t, other), "M1 "));
	EXPECT_STR(printed(t, (struct uuid){{3}}), "");
	/* another process reads the same */
	trace_close(t);
	t = trace_open(str_of(name));
	EXPECT(has(printed(t, one), "M1 ") && has(printed(t, one), "M3 "));
	trace_close(t);
	unlink(name);
}

TEST(keys_that_were_pressed_are_in_no_trace)
{
	const char *name = fresh_file();
	struct trace *t = trace_open(str_of(name));
	CHECK(t);
	trace_leg(t, 1000, one, STR("call-a"));
	trace_message(t, 1000, false, &peer,
		      STR("INFO sip:x SIP/2.0\r\nCall-ID: call-a\r\nContent-Length: 10\r\n\r\n"
			  "Signal=7\r\n"));
	trace_message(t, 2000, true, &peer,
		      STR("INVITE sip:x SIP/2.0\r\nCall-ID: call-a\r\n\r\nv=0\r\n"));
	EXPECT(has(printed(t, one), "INFO sip:x") && !has(printed(t, one), "Signal"));
	EXPECT(has(printed(t, one), "v=0"));
	trace_close(t);
	unlink(name);
}

TEST(only_the_last_lap_is_kept_and_it_is_whole)
{
	const char *name = fresh_file();
	struct trace *t = trace_open(str_of(name));
	char big[5000];
	CHECK(t);
	memset(big, 'x', sizeof big);
	trace_leg(t, 1, one, STR("call-a"));
	say(t, 1, false, "call-a", 1);
	for (int i = 0; i < 5000; i++) /* 20 MB of somebody else's, cut to 4000 bytes each */
		trace_message(t, 2, true, &peer, str_make(big, sizeof big));
	EXPECT_STR(printed(t, one), "");
	trace_leg(t, 3, one, STR("call-c"));
	for (int i = 0; i < 100; i++)
		say(t, 3, false, "call-c", i);
	struct str all = printed(t, one), line;
	int n = 0;
	while (str_line(&all, &line))
		if (has(line, "SIP ◀──")) {
			char want[32];
			snprintf(want, sizeof want, "M%d sip:x", n++);
			EXPECT(has(line, want));
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
		struct trace *t = trace_open(str_of(name));
		CHECK(t);
		trace_leg(t, 1, one, STR("call-a"));
		say(t, 1, false, "call-a", 1);
		trace_close(t);
		int fd = open(name, O_WRONLY);
		for (int i = 0; i < 20000; i++) {
			z = z * 6364136223846793005ull + 1442695040888963407ull;
			uint32_t word = (uint32_t)(z >> 40) & (round ? 0xff : 0xffffffff);
			/* from the head on, but for the magic */
			off_t at = (off_t)(8 + (z >> 33) % 60000);
			EXPECT(pwrite(fd, &word, round ? 1 : 4, at) > 0);
		}
		close(fd);
		t = trace_open(str_of(name));
		printed(t, one);
		say(t, 9, false, "call-a", 9);
		trace_close(t);
	}
	unlink(name);
}

TEST(a_trace_that_cannot_be_had_costs_nothing)
{
	struct trace *t = trace_open(STR("/nowhere/at/all"));
	EXPECT(!t);
	trace_leg(t, 1, one, STR("x"));
	say(t, 1, false, "x", 1);
	EXPECT_STR(printed(t, one), "");
	trace_close(t);
	EXPECT(!trace_open(STR_NONE));
}

TEST(a_real_calls_ladder_survives_the_core)
{
	const char *name = fresh_file();
	struct world *w = world_create();
	w->trace_file = name;
	world_restart(w);
	call_talking(w);
	struct uuid uuid = contact_get(&w->core, w->contact)->uuid;
	world_restart(w);
	hang_up(w, TRUNK);
	char *text = xcalloc(1, 1 << 20);
	struct buf b = buf_make(text, 1 << 20);
	voice_trace(w->voice, uuid, &b);
	EXPECT(has(buf_str(&b), "◀── 10.0.0.1:5060          INVITE sip:" NUMBER));
	EXPECT(has(buf_str(&b), "──▶ 10.0.0.2:5060          INVITE sip:anna@"));
	EXPECT(has(buf_str(&b), "◀── 10.0.0.1:5060          BYE "));
	EXPECT(has(buf_str(&b), "──▶ 10.0.0.2:5060          BYE "));
	free(text);
	world_end(w);
	unlink(name);
}

TEST(keys_of_calls_stand_in_no_trace)
{
	const char *name = fresh_file();
	struct trace *t = trace_open(str_of(name));
	CHECK(t);
	trace_leg(t, 1000, one, STR("call-a"));
	trace_message(
		t, 1000, true, &peer,
		STR("INVITE sip:x SIP/2.0\r\nCall-ID: call-a\r\n\r\n"
		    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:NzB4d1BINUAvLEw6|2^20|1:4 WSH=64\r\n"
		    "a=crypto:2 AEAD_AES_128_GCM inline:QUJDREVGR0g\r\na=ptime:20\r\n"));
	struct str text = printed(t, one);
	EXPECT(!has(text, "NzB4") && !has(text, "QUJD") && !has(text, "2^20"));
	EXPECT(has(text, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:") && has(text, " WSH=64"));
	EXPECT(has(text, "a=crypto:2 AEAD_AES_128_GCM inline:") && has(text, "a=ptime:20"));
	trace_close(t);
}
