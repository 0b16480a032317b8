/* route_test.c - which trunk and peer a call out goes to, and what stops it. */
#include "channel/voice/world_test.h"

#define NEAR_BY TRUNK
#define FAR BORIS
#define FRIEND "+48601602603"

/* What the three trunks of a test are declared with; index 0 is 10.0.0.1, 1: .2, 2: .3. */
static struct trunk_config declared[3];
static struct dial_rules rules;

static void three_carriers(struct world *w)
{
	static const char *const names[] = {"carrier", "second", "third"};
	static const struct trunk_peer peers[] = {{.address = {"10.0.0.1", 8}},
						  {.address = {"10.0.0.2", 8}},
						  {.address = {"10.0.0.3", 8}}};
	static const struct str codecs[] = {{"PCMA", 4}};
	world_object(w, &(struct config){.kind = KIND_tenant,
					 .tenant = STR("acme"),
					 .id = STR("acme"),
					 .tenant_of = {.domain = STR("acme.test"),
						       .country = STR("PL"),
						       .dial = rules}});
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct trunk_config t = declared[i];
		t.peers = &peers[i];
		t.peer_count = 1;
		t.codecs = codecs;
		t.codec_count = 1;
		t.caller_id = STR("+48220000001");
		world_object(w, &(struct config){.kind = KIND_trunk,
						 .tenant = STR("acme"),
						 .id = str_of(names[i]),
						 .trunk = t});
	}
}

static struct world *world_with(void)
{
	struct world *w = world_create_with(8, 100, 0);
	w->declares = three_carriers;
	TURN(w, three_carriers(w));
	call_in_flow(w);
	w->log.n = 0;
	return w;
}

static enum err call_as(struct world *w, const char *number, const char *who)
{
	enum err e;
	struct agent_id agent = {0};
	if (who)
		agent = agent_called(w, who);
	TURN(w, e = SEND(&w->core, dial_out, .contact = w->contact, .number = str_of(number),
			 .ring_ms = 20000, .agent = agent));
	world_run(w, 40);
	return e;
}

static void drop(struct world *w)
{
	enum err e;
	TURN(w, e = SEND(&w->core, dial_cancel, .contact = w->contact));
	EXPECT(e == ERR_OK || e == ERR_CONFLICT); /* it was refused and is over */
	world_run(w, 100);
	w->log.n = 0;
}

static void goes_to(struct world *w, const char *number, const char *trunk)
{
	w->log.n = 0;
	EXPECT(call_as(w, number, NULL) == ERR_OK);
	char want[100];
	struct buf b = buf_make(want, sizeof want - 1);
	buf_fmt(&b, "dial %s ", trunk);
	want[b.n] = 0;
	if (!has(buf_str(&w->log), want))
		EXPECT_STR(buf_str(&w->log), want);
	drop(w);
}

static void plain(void)
{
	memset(declared, 0, sizeof declared);
	memset(&rules, 0, sizeof rules);
}

TEST(the_longest_prefix_then_the_cheapest_of_equals_is_called)
{
	static struct str poland[] = {{"+48", 3}}, mobile[] = {{"+4860", 5}};
	static const struct trunk_rate dear[] = {{{"+48", 3}, 30000}, {{"+4860", 5}, 20000}},
				       cheap[] = {{{"+48", 3}, 10000}, {{"+4860", 5}, 50000}};
	plain();
	declared[0].priority = 5; /* never: there are better ones */
	declared[1].rates = dear;
	declared[1].rate_count = 2;
	declared[2].rates = cheap;
	declared[2].rate_count = 2;
	struct world *w = world_with();
	for (int i = 0; i < 5; i++) {
		goes_to(w, "+48221234567", "third");
		goes_to(w, FRIEND, "second");
	}
	hang_up(w, NEAR_BY);
	world_end(w);

	declared[1].prefixes = mobile; /* a way for it goes before a price */
	declared[2].prefixes = poland;
	declared[1].prefix_count = declared[2].prefix_count = 1;
	declared[1].rate_count = 0; /* and an unknown price after a known one, were they equal */
	w = world_with();
	for (int i = 0; i < 5; i++) {
		goes_to(w, FRIEND, "second");
		goes_to(w, "+48221234567", "third");
	}
	hang_up(w, NEAR_BY);
	world_end(w);
}

TEST(a_peer_that_asked_for_peace_is_left_alone)
{
	plain();
	declared[0].priority = 9;
	declared[2].priority = 1;
	declared[1].priority = 2;
	struct world *w = world_with();
	w->sides[FAR].answers = false;
	EXPECT(call_as(w, FRIEND, NULL) == ERR_OK);
	EXPECT(w->sides[FAR].incoming == 1);
	sip_call_reject(w->sides[FAR].sip, w->sides[FAR].call, 503, 20);
	world_run(w, 100);
	w->sides[FAR].answers = true;
	w->sides[ANNA].rings = true;
	drop(w);
	goes_to(w, FRIEND, "second");
	world_run(w, 15000);
	goes_to(w, FRIEND, "second");
	EXPECT(w->sides[FAR].incoming == 1);
	goes_to(w, "112", "third"); /* help does not ask */
	world_run(w, 6000);
	goes_to(w, FRIEND, "third");
	hang_up(w, NEAR_BY);
	world_end(w);
}

TEST(numbers_are_written_as_the_trunk_reads_them)
{
	static const struct {
		enum number_format format;
		uint32_t strip;
		const char *add, *number, *uri;
	} rows[] = {
		{FORMAT_E164, 0, "", FRIEND, "INVITE sip:" FRIEND "@"},
		{FORMAT_INTERNATIONAL, 0, "", FRIEND, "INVITE sip:48601602603@"},
		{FORMAT_NATIONAL, 0, "", FRIEND, "INVITE sip:601602603@"},
		{FORMAT_NATIONAL, 0, "0", FRIEND, "INVITE sip:0601602603@"},
		{FORMAT_NATIONAL, 0, "", "+442079460000", "INVITE sip:00442079460000@"},
		{FORMAT_E164, 1, "00", FRIEND, "INVITE sip:0048601602603@"},
		{FORMAT_E164, 3, "9#", FRIEND, "INVITE sip:9%23601602603@"},
		{FORMAT_NATIONAL, 2, "77", "112", "INVITE sip:112@"},
	};
	static const struct str world[] = {{"+", 1}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		plain();
		rules.allow_said = true;
		rules.allow = world;
		rules.allow_count = 1;
		declared[0].priority = declared[1].priority = 9;
		declared[2].number_format = rows[i].format;
		declared[2].number_strip = rows[i].strip;
		declared[2].number_add = str_of(rows[i].add);
		struct world *w = world_with();
		w->sides[FAR].answers = false;
		EXPECT(call_as(w, rows[i].number, NULL) == ERR_OK);
		if (!has(str_of(w->sides[FAR].last), rows[i].uri))
			EXPECT_STR(str_of(w->sides[FAR].last), rows[i].uri);
		drop(w);
		hang_up(w, NEAR_BY);
		world_end(w);
	}
}

static void blocked(struct world *w, const char *number, const char *who, enum err want,
		    const char *said)
{
	w->log.n = 0;
	EXPECT(call_as(w, number, who) == want);
	EXPECT_SAID(w, said);
}

TEST(whatever_stands_in_the_way_of_a_call_is_told)
{
	static const struct str home[] = {{"+48", 3}}, mobile[] = {{"+4860", 5}};
	plain();
	rules = (struct dial_rules){.allow_said = true,
				    .allow = home,
				    .allow_count = 1,
				    .deny = mobile,
				    .deny_count = 1};
	struct world *w = world_with();
	blocked(w, "+442079460000", NULL, ERR_FORBIDDEN,
		"dial_blocked - +442079460000 not_allowed");
	blocked(w, FRIEND, "anna", ERR_FORBIDDEN, "dial_blocked anna " FRIEND " not_allowed");
	blocked(w, "+48221234567;tag=1@evil.test", NULL, ERR_FORBIDDEN,
		"dial_blocked - +48221234567;tag=1@evil.test not_allowed");
	blocked(w, "sip:1@10.0.0.66", NULL, ERR_FORBIDDEN,
		"dial_blocked - sip:1@10.0.0.66 not_allowed");
	EXPECT(w->sides[ANNA].incoming + w->sides[FAR].incoming == 0);
	rules.closed = true;
	TURN(w, three_carriers(w));
	blocked(w, "+48221234567", NULL, ERR_FORBIDDEN, "dial_blocked - +48221234567 closed");
	EXPECT(call_as(w, "112", NULL) == ERR_OK);
	EXPECT(has(buf_str(&w->log), "dial_answer "));
	hang_up(w, NEAR_BY);
	world_end(w);
}

TEST(a_users_limit_is_his_own_and_a_running_call_stays)
{
	plain();
	rules.user.calls = 1;
	rules.all.calls = 2;
	struct world *w = world_with();
	EXPECT(call_as(w, FRIEND, "anna") == ERR_OK);
	struct contact_id first = w->contact;
	(void)first;
	dial(w, NUMBER);
	blocked(w, "+48221234567", "anna", ERR_FULL,
		"alarm dial_limit; dial_blocked anna +48221234567 calls");
	blocked(w, "+48221234567", "anna", ERR_FULL, "dial_blocked anna +48221234567 calls");
	EXPECT(call_as(w, "+48221234567", NULL) == ERR_OK); /* a flow's */
	dial(w, NUMBER);
	blocked(w, FRIEND, NULL, ERR_FULL, "alarm dial_limit; dial_blocked - " FRIEND " calls");
	TURN(w, voice_stop(w->voice));
	world_end(w);
}

TEST(money_spent_outlives_the_core_and_stops_the_next_call)
{
	static const struct trunk_rate rate[] = {{{"+48", 3}, 1000000}}; /* 1 a minute */
	plain();
	rules.all.cost_day = 2000000;
	for (size_t i = 0; i < 3; i++) {
		declared[i].rates = rate;
		declared[i].rate_count = 1;
	}
	struct world *w = world_with();
	EXPECT(call_as(w, FRIEND, NULL) == ERR_OK);
	w->log.n = 0;
	world_run(w, 55000);
	EXPECT_SAID(w, "");
	world_run(w, 15000); /* looked at every ten seconds */
	EXPECT_SAID(w, "alarm dial_limit");
	world_restart(w); /* it goes on, and on being counted */
	world_run(w, 40000);
	EXPECT_SAID(w, "alarm dial_limit"); /* 80 % */
	world_run(w, 30000);
	EXPECT_SAID(w, "alarm dial_limit"); /* all of it: nobody is cut off */
	EXPECT(media_of(w, PARTY_callee) != NULL);
	dial(w, NUMBER);
	blocked(w, "+48221234567", NULL, ERR_FULL, "dial_blocked - +48221234567 cost_per_day");
	world_restart(w);
	dial(w, NUMBER);
	blocked(w, "+48221234567", NULL, ERR_FULL, "dial_blocked - +48221234567 cost_per_day");
	world_run(w, 24 * 3600 * 1000); /* a new day */
	dial(w, NUMBER);
	w->log.n = 0;
	TURN(w, voice_stop(w->voice));
	world_end(w);
}
