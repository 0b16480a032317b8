/* refer_test.c - REFER and what is told of it (RFC 3515, 4488), Replaces (RFC 3891). */
#include "sip/world_test.h"

#include <stdio.h>

#define REFER_TO "Refer-To: <sip:201@example.org>\nReferred-By: <sip:mallory@example.org>\n"

static struct str last_notify(struct world *w)
{
	int at = seen_last(w, "NOTIFY ");
	return at < 0 ? STR_NONE : w->seen[at];
}

TEST(a_refer_is_told_accepted_and_reported)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	const char *tag = script_call(w);
	b->refer_answer = 202;
	say_request(w, "REFER", 2, tag, REFER_TO, "");
	EXPECT(last_heard(b)->kind == SIP_REFER && !last_heard(b)->replacing);
	EXPECT_STR(str_of(last_heard(b)->refer_user), "201");
	EXPECT_STR(str_of(last_heard(b)->refer_host), "example.org");
	EXPECT_STR(str_of(last_heard(b)->referred_by), "sip:mallory@example.org");
	EXPECT(seen_count(w, "SIP/2.0 202 ") == 1);
	/* at once: how it stands; the first subscription of a dialog needs no name */
	struct str n = last_notify(w);
	EXPECT_STR(value_of(n, "Event"), "refer");
	EXPECT(str_starts(value_of(n, "Subscription-State"), STR("active;expires=")));
	EXPECT_STR(value_of(n, "Content-Type"), "message/sipfrag;version=2.0");
	EXPECT(has(n, "\r\n\r\nSIP/2.0 100 Trying\r\n") && value_of(n, "Contact").n);
	/* one at a time: the next is said when this one was heard */
	sip_refer_progress(b->sip, b->call, 180);
	sip_refer_progress(b->sip, b->call, 183);
	world_run(w, 20);
	EXPECT(seen_count(w, "NOTIFY ") == 1);
	answer_bob(w, "NOTIFY ", "200 OK", "", "");
	EXPECT(seen_count(w, "NOTIFY ") == 2);
	EXPECT(has(last_notify(w), "SIP/2.0 183 Session Progress\r\n"));
	answer_bob(w, "NOTIFY ", "200 OK", "", "");
	EXPECT(seen_count(w, "NOTIFY ") == 2);
	sip_refer_progress(b->sip, b->call, 200);
	world_run(w, 20);
	EXPECT(has(last_notify(w), "SIP/2.0 200 OK\r\n"));
	EXPECT_STR(value_of(last_notify(w), "Subscription-State"), "terminated;reason=noresource");
	answer_bob(w, "NOTIFY ", "200 OK", "", "");
	sip_refer_progress(b->sip, b->call, 486); /* nobody waits any more */
	world_run(w, 20);
	EXPECT(seen_count(w, "NOTIFY ") == 3 && sip_call_established(b->sip, b->call));
	/* the second one in this dialog is named: RFC 3515 section 2.4.6 */
	say_request(w, "REFER", 3, tag, REFER_TO, "");
	EXPECT_STR(value_of(last_notify(w), "Event"), "refer;id=3");
	world_destroy(w);
}

TEST(a_refer_nobody_takes_is_declined)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	const char *tag = script_call(w);
	say_request(w, "REFER", 2, tag, REFER_TO, "");
	EXPECT(last_status(w) == 603);
	b->refer_answer = 403;
	say_request(w, "REFER", 3, tag, REFER_TO, "");
	EXPECT(last_status(w) == 403 && seen_count(w, "NOTIFY ") == 0);
	/* ended while being told: answered all the same */
	b->ends_when[SIP_REFER] = true;
	say_request(w, "REFER", 4, tag, REFER_TO, "");
	EXPECT(seen_count(w, "SIP/2.0 603 ") == 2);
	world_destroy(w);
}

TEST(refers_that_are_wrong)
{
	static const struct {
		const char *extra;
		uint32_t status;
	} cases[] = {
		{"", 400}, /* RFC 3515 section 2.4.2: exactly one Refer-To */
		{REFER_TO "Refer-To: <sip:202@example.org>\n", 400},
		{"Refer-To: <sip:201@example.org>, <sip:202@example.org>\n", 400},
		{"Refer-To: <http://example.org/>\n", 416},
		{"Refer-To: <sip:201@example.org;method=BYE>\n", 403},
		{"Refer-To: <sip:201@example.org?Replaces=x>\n", 400},
		{"Refer-To: <sip:201@example.org?Replaces=x%3Bto-tag%3D1>\n", 400},
		{"Refer-To: <sip:201@example.org?Replaces=x%0d%0aX>\n", 400},
		{REFER_TO "Require: wings\n", 420},
		{REFER_TO "Require: norefersub\n", 202},
		{"r: tel:+48221234567\n", 202},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		struct side *b = &w->sides[BOB];
		const char *tag = script_call(w);
		b->refer_answer = 202;
		say_request(w, "REFER", 2, tag, cases[i].extra, "");
		char start[32];
		(void)snprintf(start, sizeof start, "SIP/2.0 %u ", cases[i].status);
		EXPECT(seen_count(w, start) >= 1);
		EXPECT((count_heard(b, SIP_REFER) == 1) == (cases[i].status == 202));
		world_destroy(w);
	}
}

TEST(a_refer_may_ask_not_to_be_told)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	const char *tag = script_call(w);
	b->refer_answer = 202;
	say_request(w, "REFER", 2, tag, REFER_TO "Refer-Sub: false\n", "");
	EXPECT(last_status(w) == 202);
	EXPECT_STR(value_of(world_last_seen(w), "Refer-Sub"), "false"); /* RFC 4488 section 4 */
	sip_refer_progress(b->sip, b->call, 200);
	world_run(w, 100);
	EXPECT(seen_count(w, "NOTIFY ") == 0);
	world_destroy(w);
}

TEST(what_is_told_of_a_refer_ends_with_its_listener_and_its_call)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	const char *tag = script_call(w);
	b->refer_answer = 202;
	say_request(w, "REFER", 2, tag, REFER_TO, "");
	say_request(w, "REFER", 3, tag, REFER_TO, ""); /* one at a time */
	EXPECT(seen_count(w, "SIP/2.0 491 ") == 1);
	answer_bob(w, "NOTIFY ", "481 Gone", "", ""); /* the listener; the call stays */
	sip_refer_progress(b->sip, b->call, 200);
	world_run(w, 20);
	EXPECT(seen_count(w, "NOTIFY ") == 1 && sip_call_established(b->sip, b->call));
	/* a listener that says nothing is one no more, and no reason to end the call */
	say_request(w, "REFER", 4, tag, REFER_TO, "");
	world_run(w, 40000);
	uint32_t told = seen_count(w, "NOTIFY ");
	sip_refer_progress(b->sip, b->call, 180);
	world_run(w, 20);
	EXPECT(seen_count(w, "NOTIFY ") == told && sip_call_established(b->sip, b->call));
	/* the call ends: what is known is said, and that no more will come */
	say_request(w, "REFER", 5, tag, REFER_TO, "");
	answer_bob(w, "NOTIFY ", "200 OK", "", "");
	sip_refer_progress(b->sip, b->call, 180);
	world_run(w, 20);
	sip_call_because(b->sip, b->call, 0, 16, STR("Normal \"clearing\""));
	sip_call_end(b->sip, b->call);
	world_run(w, 20);
	EXPECT(has(last_notify(w), "SIP/2.0 180 Ringing"));
	EXPECT(has(last_notify(w), "terminated;reason=noresource"));
	EXPECT(seen_last(w, "BYE ") > seen_last(w, "NOTIFY "));
	EXPECT_STR(value_of(world_last_seen(w), "Reason"),
		   "Q.850;cause=16;text=\"Normal \\\"clearing\\\"\"");
	world_destroy(w);
}

TEST(a_refer_outlives_the_engine)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	const char *tag = script_call(w);
	struct sip_call_id call = b->call;
	b->refer_answer = 202;
	say_request(w, "REFER", 2, tag, REFER_TO, "");
	answer_bob(w, "NOTIFY ", "200 OK", "", "");
	sip_refer_progress(b->sip, call, 180);
	world_run(w, 20);
	world_restart(w, BOB);
	uint32_t told = seen_count(w, "NOTIFY ");
	world_run(w, 100);
	EXPECT(seen_count(w, "NOTIFY ") == told + 1); /* perhaps nobody heard the last one */
	EXPECT(has(last_notify(w), "SIP/2.0 180 Ringing"));
	answer_bob(w, "NOTIFY ", "200 OK", "", "");
	sip_refer_progress(b->sip, call, 200);
	world_run(w, 20);
	EXPECT(has(last_notify(w), "SIP/2.0 200 OK"));
	EXPECT(has(last_notify(w), "Event: refer\r\n"));
	world_destroy(w);
}

/* -- Replaces -- */

TEST(replaces_headers)
{
	static const struct {
		const char *text;
		bool ok, early;
	} cases[] = {
		{"98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff", true, false},
		{"12adf2f34456gs5;to-tag=12345;from-tag=54321", true, false},
		{" a ; to-tag = 1 ; from-tag=2 ; early-only", true, true},
		{"a;to-tag=1;from-tag=2;x=y", true, false},
		{"a;to-tag=1", false, false},
		{"a;from-tag=1", false, false},
		{"a;to-tag=1;to-tag=2;from-tag=3", false, false},
		{"a;to-tag=;from-tag=3", false, false},
		{";to-tag=1;from-tag=2", false, false},
		{"", false, false},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct replaces r = {0};
		EXPECT((replaces_parse(str_of(cases[i].text), &r) == ERR_OK) == cases[i].ok);
		EXPECT(r.early_only == cases[i].early);
	}
}

static const char *replaces_line(const char *to_tag, const char *from_tag, const char *more)
{
	static char text[256];
	(void)snprintf(text, sizeof text, "Replaces: script-1;to-tag=%s;from-tag=%s%s\n", to_tag,
		       from_tag, more);
	return text;
}

/* RFC 3891 section 3, in its order */
TEST(who_may_replace_what)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	char tag[64];
	(void)str_copy(str_of(script_call(w)), tag, sizeof tag);
	struct sip_call_id first = b->call;
	b->accepts = false;
	static const char *const froms[] = {"From: <sip:other@example.org>;tag=oth\n"};
	const struct {
		const char *to, *from, *more;
		uint32_t status;
	} cases[] = {
		{"0123", "mal", "", 481},	  /* none such */
		{tag, "mallory", "", 481},	  /* our half alone is not enough */
		{tag, "mal", ";early-only", 486}, /* it was answered */
		{tag, "mal", ";to-tag=1", 400},
		{tag, "mal", "\nReplaces: a;to-tag=1;from-tag=2", 400}, /* two */
		{tag, "mal", "", 180},
		{tag, "mal", "\nRequire: replaces", 180},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char extra[512];
		(void)snprintf(extra, sizeof extra, "%s%s", froms[0],
			       replaces_line(cases[i].to, cases[i].from, cases[i].more));
		say_request(w, "INVITE", 100 + (uint32_t)i, NULL, extra, SDP_TEXT);
		EXPECT(last_status(w) == cases[i].status);
		if (cases[i].status == 180) {
			EXPECT(last_heard(b)->kind == SIP_INCOMING);
			EXPECT(ID_EQ(last_heard(b)->replaces, first));
		}
	}
	/* inside a dialog it means nothing */
	say_request(w, "INVITE", 2, tag, replaces_line(tag, "mal", ""), SDP_TEXT);
	EXPECT(last_status(w) == 400);
	EXPECT(sip_call_established(b->sip, first));
	/* what rings here was not begun by us */
	say_request(w, "INVITE", 300, NULL, "From: <sip:x@example.org>;tag=x\n", SDP_TEXT);
	EXPECT(last_status(w) == 180);
	char ringing[64], extra[512];
	(void)str_copy(str_of(tag_of(world_last_seen(w), "To")), ringing, sizeof ringing);
	(void)snprintf(extra, sizeof extra, "%s%s", froms[0], replaces_line(ringing, "x", ""));
	say_request(w, "INVITE", 301, NULL, extra, SDP_TEXT);
	EXPECT(last_status(w) == 481);
	world_destroy(w);
}

TEST(a_stranger_learns_nothing_of_our_dialogs)
{
	struct world *w = world_create();
	char tag[64];
	(void)str_copy(str_of(script_call(w)), tag, sizeof tag);
	w->sides[BOB].trusting = false;
	say_request(w, "INVITE", 100, NULL, replaces_line(tag, "mal", ""), SDP_TEXT);
	EXPECT(last_status(w) == 401);
	say_request(w, "INVITE", 101, NULL, replaces_line("1", "mal", ""), SDP_TEXT);
	EXPECT(last_status(w) == 401);
	world_destroy(w);
}

TEST(a_refer_names_the_call_it_replaces)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	char first[64], extra[512];
	(void)str_copy(str_of(script_call(w)), first, sizeof first);
	struct sip_call_id consult = b->call;
	say_request(w, "INVITE", 50, NULL, "From: <sip:m@example.org>;tag=two\n", SDP_TEXT);
	char second[64];
	(void)str_copy(str_of(tag_of(world_last_seen(w), "To")), second, sizeof second);
	say_request(w, "ACK", 50, second, "From: <sip:m@example.org>;tag=two\n", "");
	b->refer_answer = 202;
	(void)snprintf(
		extra, sizeof extra,
		"From: <sip:m@example.org>;tag=two\nRefer-To: "
		"<sip:201@example.org?Replaces=script-1%%3Bto-tag%%3D%s%%3Bfrom-tag%%3Dmal>\n",
		first);
	say_request(w, "REFER", 51, second, extra, "");
	EXPECT(last_heard(b)->kind == SIP_REFER && last_heard(b)->replacing);
	EXPECT(ID_EQ(last_heard(b)->replaces, consult));
	EXPECT_STR(str_of(last_heard(b)->refer_user), "201");
	/* somebody else's call */
	say_request(w, "BYE", 52, second, "From: <sip:m@example.org>;tag=two\n", "");
	say_request(w, "REFER", 2, first,
		    "Refer-To: <sip:201@example.org?Require=replaces&Replaces=abc%3Bto-tag%3D1%3B"
		    "from-tag%3D2>\n",
		    "");
	EXPECT(last_heard(b)->kind == SIP_REFER && last_heard(b)->replacing);
	EXPECT(ID_NONE(last_heard(b)->replaces));
	world_destroy(w);
}
