/* caller_test.c - who calls and why it ended, as headers say it. */
#include "sip/world_test.h"

TEST(what_headers_say_of_a_caller)
{
	static const struct {
		const char *extra;
		bool caller, withheld;
		const char *asserted, *diverted, *why;
	} cases[] = {
		{"", false, false, "", "", ""},
		/* RFC 3325 section 10.1 */
		{"P-Asserted-Identity: \"Cullen Jennings\" <sip:fluffy@cisco.com>\n"
		 "P-Asserted-Identity: tel:+14085264000\nPrivacy: id\n",
		 true, true, "fluffy", "", ""},
		{"P-Asserted-Identity: <tel:+14085264000>\nPrivacy: none\n", true, false,
		 "+14085264000", "", ""},
		{"From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\n", true, true, "",
		 "", ""},
		{"From: <sip:Anonymous@1.2.3.4>;tag=1\n", true, true, "", "", ""},
		{"Privacy: header;session;user\n", true, true, "", "", ""},
		{"Remote-Party-ID: \"x\" <sip:1001@1.2.3.4>;party=calling;privacy=full\n", true,
		 true, "1001", "", ""},
		{"Remote-Party-ID: <sip:1002@1.2.3.4>;party=called;privacy=full\n", true, false, "",
		 "", ""},
		{"P-Asserted-Identity: <sip:1@a>\nRemote-Party-ID: <sip:2@a>\n", true, false, "1",
		 "", ""},
		/* RFC 5806 section 8: the newest on top */
		{"Diversion: <sip:carol@c.com>;reason=no-answer, "
		 "<sip:+48221112233@b.com;user=phone>;reason=user-busy\n",
		 true, false, "", "+48221112233", "user-busy"},
		{"Diversion: <sip:a@b>;reason=away\nDiversion: <sip:c@d>;reason=deflection\n", true,
		 false, "", "c", "deflection"},
		/* RFC 7044 */
		{"History-Info: <sip:bob@example.com?Reason=SIP%3Bcause%3D302>;index=1, "
		 "<sip:office@example.com>;index=1.1;mp=1\n",
		 true, false, "", "bob", ""},
		{"History-Info: <sip:bob@example.com>;index=1\n", true, false, "", "", ""},
		/* what cannot be read says nothing */
		{"P-Asserted-Identity: <<>\nDiversion: ;;;\nHistory-Info: <\n", true, false, "", "",
		 ""},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		say_request(w, "INVITE", 1, NULL, cases[i].extra, SDP_TEXT);
		const struct heard *h = &w->sides[BOB].heard[0];
		EXPECT(h->kind == SIP_INCOMING && h->caller == cases[i].caller);
		EXPECT(h->withheld == cases[i].withheld);
		EXPECT_STR(str_of(h->asserted), cases[i].asserted);
		EXPECT_STR(str_of(h->diverted), cases[i].diverted);
		EXPECT_STR(str_of(h->diverted_why), cases[i].why);
		world_destroy(w);
	}
}

static struct str invite_of(struct world *w, struct sip_invite *i)
{
	struct side *a = &w->sides[ALICE];
	i->uri = STR("sip:100@10.0.0.3");
	i->to = w->sides[MALLORY].address;
	i->from_host = STR("10.0.0.1");
	i->sdp = sound(20000);
	i->owner = a;
	EXPECT(sip_call_start(a->sip, i, &a->call) == ERR_OK);
	world_run(w, 20);
	return world_last_seen(w);
}

TEST(who_is_withheld_appears_in_no_header_but_the_asserted_one)
{
	struct world *w = world_create();
	struct sip_invite i = {
		.from_user = STR("48601602603"), .from_name = STR("Jan"), .withheld = true};
	struct str m = invite_of(w, &i);
	EXPECT(str_starts(value_of(m, "From"),
			  STR("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=")));
	EXPECT_STR(value_of(m, "Privacy"), "id");
	EXPECT(!has(m, "48601602603") && !has(m, "Jan"));
	/* a trunk that is trusted is told */
	i.asserted = (struct sip_party){STR("+48601602603"), STR_NONE, STR("J \"J\"")};
	m = invite_of(w, &i);
	EXPECT_STR(value_of(m, "P-Asserted-Identity"),
		   "\"J \\\"J\\\"\" <sip:+48601602603@10.0.0.1>");
	EXPECT(str_starts(value_of(m, "From"), STR("\"Anonymous\"")));
	/* a name cannot begin a header of its own */
	i.asserted.name = STR("a\r\nX-Bad: 1");
	m = invite_of(w, &i);
	EXPECT(!value_of(m, "X-Bad").n);
	world_destroy(w);
}

TEST(a_phone_is_asked_to_answer_by_itself)
{
	struct world *w = world_create();
	struct sip_invite i = {.from_user = STR("100"), .auto_answer = true};
	struct str m = invite_of(w, &i);
	EXPECT(has(value_of(m, "Call-Info"), ";answer-after=0"));
	EXPECT(has(value_of(m, "Alert-Info"), "info=alert-autoanswer"));
	EXPECT_STR(value_of(m, "Answer-Mode"), "Auto");
	i.auto_answer = false;
	EXPECT(!has(invite_of(w, &i), "Auto"));
	world_destroy(w);
}

TEST(routes_in_front_of_a_phone_are_used)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	struct sip_invite i = {.routes = STR("<sip:10.0.0.3;lr>")};
	EXPECT_STR(value_of(invite_of(w, &i), "Route"), "<sip:10.0.0.3;lr>");
	answer_request(w, 0, "180 Ringing", "t", "", "");
	sip_call_because(a->sip, a->call, 200, 0, STR("Call completed elsewhere"));
	sip_call_end(a->sip, a->call);
	world_run(w, 20);
	struct str m = world_last_seen(w);
	EXPECT(str_starts(m, STR("CANCEL ")));
	EXPECT_STR(value_of(m, "Route"), "<sip:10.0.0.3;lr>");
	EXPECT_STR(value_of(m, "Reason"), "SIP;cause=200;text=\"Call completed elsewhere\"");
	world_destroy(w);
}

TEST(the_reason_of_an_end_is_read)
{
	static const struct {
		const char *reason;
		uint32_t cause;
	} cases[] = {
		{"Reason: Q.850;cause=17;text=\"User busy\"\n", 17},
		{"Reason: SIP;cause=600, q.850 ; cause=\"21\"\n", 21},
		{"Reason: SIP;cause=486\nReason: Q.850;cause=31\n", 31},
		{"Reason: Q.850;cause=128\n", 0},
		{"Reason: Q.850\n", 0},
		{"Reason: SIP;cause=480\n", 0},
		{"", 0},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		const char *tag = script_call(w);
		say_request(w, "BYE", 2, tag, cases[i].reason, "");
		EXPECT(last_heard(&w->sides[BOB])->kind == SIP_CALL_OVER);
		EXPECT(last_heard(&w->sides[BOB])->q850 == cases[i].cause);
		world_destroy(w);
	}
}
