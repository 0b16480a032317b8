/* gate_test.c - who goes first when many come, and who is turned away. */
#include "sip/gate.h"

#include "sip/world_test.h"

static const struct sip_address nobody = {
	.transport = SIP_UDP, .family = 4, .ip = {10, 0, 0, 3}, .port = 5060};

TEST(what_a_message_is_by_its_first_line_and_its_to)
{
	static const struct {
		const char *text;
		enum gate_kind kind;
	} rows[] = {
		{"INVITE sip:1@h SIP/2.0\r\nTo: <sip:1@h>\r\n\r\n", GATE_CALL},
		{"INVITE sip:1@h SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\nt: <sip:1@h>\r\n\r\n",
		 GATE_CALL},
		{"INVITE sip:1@h SIP/2.0\r\nTo: <sip:1@h>;tag=x\r\n\r\n", GATE_INSIDE},
		{"INVITE sip:1@h SIP/2.0\r\nt :<sip:1@h> ; TAG = x\r\n\r\n", GATE_INSIDE},
		{"INVITE sip:1@h SIP/2.0\r\nTo: \"a;b\" <sip:1@h;x=tag>\r\n\r\n", GATE_CALL},
		{"INVITE sip:112@h SIP/2.0\r\nTo: <sip:112@h>\r\n\r\n", GATE_HELP},
		{"INVITE urn:service:sos.fire SIP/2.0\r\nTo: <urn:service:sos>\r\n\r\n", GATE_HELP},
		{"INVITE sip:1@h SIP/2.0\r\nTo: <sip:1@h>\r\nresource-priority : esnet.1\r\n\r\n",
		 GATE_HELP},
		{"INVITE sip:1@h SIP/2.0\r\nTo: <sip:1@h>\r\nResource-Priority: dsn.flash\r\n\r\n",
		 GATE_CALL},
		/* what follows the empty line is a body */
		{"INVITE sip:1@h SIP/2.0\r\nTo: <sip:1@h>\r\n\r\nTo: <sip:1@h>;tag=x\r\n",
		 GATE_CALL},
		{"REGISTER sip:h SIP/2.0\r\nTo: <sip:1@h>\r\n\r\n", GATE_ASIDE},
		{"OPTIONS sip:h SIP/2.0\r\nTo: <sip:1@h>\r\n\r\n", GATE_ASIDE},
		{"OPTIONS sip:h SIP/2.0\r\nTo: <sip:1@h>;tag=1\r\n\r\n", GATE_INSIDE},
		{"SUBSCRIBE sip:h SIP/2.0\r\n\r\n", GATE_ASIDE},
		{"BYE sip:h SIP/2.0\r\nTo: <sip:1@h>\r\n\r\n", GATE_INSIDE},
		{"ACK sip:h SIP/2.0\r\n\r\n", GATE_INSIDE},
		{"CANCEL sip:h SIP/2.0\r\nTo: <sip:1@h>\r\n\r\n", GATE_INSIDE},
		{"SIP/2.0 200 OK\r\n\r\n", GATE_INSIDE},
		{"", GATE_INSIDE},
		{"INVITE", GATE_INSIDE},
		{"INVITE ", GATE_CALL},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++)
		if (gate_kind(str_of(rows[i].text)) != rows[i].kind)
			EXPECT_STR(str_of(rows[i].text), "another kind");
	EXPECT_STR(gate_user(STR("INVITE sip:+48221234567@h SIP/2.0\r\n")), "+48221234567");
	EXPECT_STR(gate_user(STR("INVITE sip:h SIP/2.0\r\n")), "");
	EXPECT_STR(gate_user(STR("INVITE")), "");
}

struct taken {
	char order[512];
	uint32_t n;
	bool busy;
};

static void take(void *arg, const struct sip_address *from, struct str message)
{
	struct taken *t = arg;
	(void)from;
	CHECK(t->n < sizeof t->order - 1);
	t->order[t->n++] = message.p[0];
}

static bool is_low(void *arg, const struct sip_address *from, struct str user)
{
	(void)arg;
	(void)from;
	return str_is(user, "low");
}

static bool is_busy(void *arg)
{
	return ((struct taken *)arg)->busy;
}

static struct gate *gate_for(struct world *w, struct taken *t, uint32_t most)
{
	*t = (struct taken){0};
	return gate_create(&(struct gate_options){.sip = w->sides[BOB].sip,
						  .most = most,
						  .seed = 7,
						  .arg = t,
						  .take = take,
						  .low = is_low,
						  .busy = is_busy});
}

static void come(struct gate *g, const char *method, const char *user, uint32_t n, bool crowded,
		 int64_t now_us)
{
	char text[600];
	struct buf b = buf_make(text, sizeof text);
	buf_fmt(&b,
		"%s sip:%s@h SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKg%s%u\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=f\r\nTo: <sip:%s@h>\r\nCall-ID: g%u\r\n"
		"CSeq: 1 %s\r\nContact: <sip:a@10.0.0.3>\r\nContent-Length: 0\r\n\r\n",
		method, user, user, n, user, n, method);
	gate_input(g, &nobody, buf_str(&b), crowded, now_us);
}

TEST(calls_that_live_go_before_new_ones_and_those_before_the_rest)
{
	struct world *w = world_create();
	struct taken t;
	struct gate *g = gate_for(w, &t, 100);
	come(g, "INVITE", "x", 1, false, 1000); /* nobody waits: as it comes */
	EXPECT(t.n == 1);
	t.n = 0;
	come(g, "OPTIONS", "x", 2, true, 1000);
	come(g, "INVITE", "low", 3, true, 1000);
	come(g, "INVITE", "x", 4, true, 1000);
	come(g, "BYE", "x", 5, true, 1000);
	come(g, "REGISTER", "x", 6, false, 1000); /* others wait: he does too */
	come(g, "INVITE", "112", 7, true, 1000);
	EXPECT(gate_waiting(g) == 4);
	for (int64_t now = 2000; gate_serve(g, now); now += 1000)
		;
	t.order[t.n] = 0;
	EXPECT_STR(str_of(t.order), "BIIIOR"); /* BYE, 112, x, low, then aside */
	EXPECT(!gate_presses(g, 10000));
	gate_destroy(g);
	world_destroy(w);
}

TEST(who_would_wait_too_long_is_turned_away_first_those_who_matter_least)
{
	struct world *w = world_create();
	struct taken t;
	struct gate *g = gate_for(w, &t, 100000);
	int64_t now = 1000;
	uint32_t serial = 0;
	/* two new ones a millisecond for one that is served in it */
	for (int i = 0; i < 200; i++) {
		now += 1000;
		come(g, "INVITE", "x", ++serial, true, now);
		come(g, i % 2 ? "OPTIONS" : "INVITE", i % 2 ? "x" : "low", ++serial, true, now);
		(void)!gate_serve(g, now);
	}
	/* the calls are served as they come, and of the others only so many may wait */
	EXPECT(t.n >= 195 && gate_waiting(g) < 100);
	EXPECT(gate_presses(g, now) && !gate_presses(g, now + 2000000));
	world_run(w, 20);
	struct str last = world_last_seen(w);
	EXPECT(world_status(last) == 503);
	uint32_t seconds;
	EXPECT(str_to_u32(value_of(last, "Retry-After"), 100, &seconds) == ERR_OK && seconds >= 1 &&
	       seconds <= 10);
	char text[600];
	struct buf b = buf_make(text, sizeof text - 1);
	gate_counters(g, &b);
	text[b.n] = 0;
	EXPECT(strstr(text, "turned_away_calls_total 0\n"));
	gate_destroy(g);
	world_destroy(w);
}

TEST(nothing_is_begun_while_the_house_is_busy)
{
	struct world *w = world_create();
	struct taken t;
	struct gate *g = gate_for(w, &t, 3);
	t.busy = true;
	for (uint32_t i = 0; i < 5; i++)
		come(g, "INVITE", "x", i, false, 1000);
	come(g, "BYE", "x", 9, false, 1000);
	EXPECT(t.n == 1 && gate_waiting(g) == 3); /* the bound of those who may wait */
	EXPECT(!gate_serve(g, 2000));
	t.busy = false;
	EXPECT(gate_serve(g, 3000) && t.n == 2);
	EXPECT(gate_serve(g, 900000) && t.n == 2); /* stale: he has given up or said it again */
	gate_destroy(g);			   /* with one who still waits */
	world_destroy(w);
}

TEST(what_has_a_transaction_is_never_turned_away)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	static const char invite[] =
		"INVITE sip:x@h SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKsame\n"
		"Max-Forwards: 70\nFrom: <sip:a@b>;tag=f\nTo: <sip:x@h>\nCall-ID: same\n"
		"CSeq: 1 INVITE\nContact: <sip:a@10.0.0.3>\nContent-Length: 0\n\n";
	b->trusting = true;
	world_say(w, BOB, invite);
	EXPECT(b->heard_count == 1);
	EXPECT(!sip_turn_away(b->sip, &w->sides[MALLORY].address, STR("BYE"), 5));
	EXPECT(!sip_turn_away(b->sip, &w->sides[MALLORY].address, str_of(invite), 5));
	world_destroy(w);
}
