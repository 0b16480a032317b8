/* refer_test.c - what an agent does at his telephone: REFER, a second call, INVITE with Replaces;
 * and talks in which one side sends nothing any more. */
#include "channel/voice/world_test.h"

/* A header of the newest message that came to this side. */
static struct str header(struct world *w, int side, const char *name)
{
	struct str rest = str_of(w->sides[side].last), line;
	while (str_cut(rest, '\n', &line, &rest))
		if (str_starts(line, str_of(name)) && line.n > strlen(name) &&
		    line.p[strlen(name)] == ':')
			return str_trim(str_from(line, strlen(name) + 1));
	return STR_NONE;
}

struct dialog {
	char id[128], ours[160], theirs[160];
};

/* As the side that was called sees it, from the ACK it got. */
static struct dialog dialog_of(struct world *w, int side)
{
	struct dialog d = {0};
	EXPECT(has(str_of(w->sides[side].last), "ACK sip:"));
	EXPECT(str_copy(header(w, side, "Call-ID"), d.id, sizeof d.id));
	EXPECT(str_copy(header(w, side, "To"), d.ours, sizeof d.ours));
	EXPECT(str_copy(header(w, side, "From"), d.theirs, sizeof d.theirs));
	return d;
}

static struct str refer(struct world *w, uint8_t from, const struct dialog *d, const char *to)
{
	static uint32_t n;
	char room[1024];
	struct buf b = buf_make(room, sizeof room - 1);
	n++;
	buf_fmt(&b,
		"REFER sip:core@10.0.0.100:5060 SIP/2.0\nVia: SIP/2.0/UDP "
		"10.0.0.%u:5060;branch=z9hG4bKrefer%u\n"
		"Max-Forwards: 70\nFrom: %s\nTo: %s\nCall-ID: %s\nCSeq: %u REFER\n"
		"Contact: <sip:x@10.0.0.%u>\nRefer-To: %s\n\n",
		from, n, d->ours, d->theirs, d->id, 2000000000u + n, from, to);
	room[b.n] = 0;
	return raw_say(w, from, room);
}

static struct world *talk(void)
{
	struct world *w = world_create();
	w->calls_done = true;
	call_talking(w);
	return w;
}

TEST(an_agents_telephone_hands_the_customer_on)
{
	static const struct {
		const char *to, *said;
		const char *answer;
	} cases[] = {
		{"<sip:boris@acme.test>", "transfer anna agent boris", "Event: refer"},
		{"<sip:sales@acme.test>", "transfer anna queue sales", "Event: refer"},
		{"<sip:+48601602603@acme.test>", "transfer anna number +48601602603",
		 "Event: refer"},
		{"<sip:200@10.0.0.100:5060>", "transfer anna number 200", "Event: refer"},
		{"<sip:*8@acme.test>", "park anna none ", "Event: refer"},
		{"<sip:*8@elsewhere.test>", "", "SIP/2.0 403"},
		{"<sip:boris@elsewhere.test>", "", "SIP/2.0 403"},
		{"<sip:+48601602603@203.0.113.1>", "", "SIP/2.0 403"},
		{"<sip:nobody@acme.test>", "", "SIP/2.0 404"},
		/* Replaces: a call that is none of ours, and one that is not his */
		{"<sip:boris@acme.test?Replaces=1%3Bto-tag%3D2%3Bfrom-tag%3D3>", "", "SIP/2.0 403"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = talk();
		struct dialog d = dialog_of(w, ANNA);
		struct str last = refer(w, 2, &d, cases[i].to);
		EXPECT(has(last, cases[i].answer));
		EXPECT_SAID(w, cases[i].said);
		hang_up(w, TRUNK);
		world_end(w);
	}
}

TEST(a_customer_refers_nobody)
{
	struct world *w = talk();
	/* of the call he began he has the 200: To is ours */
	struct side *t = &w->sides[TRUNK];
	struct dialog d = {0};
	EXPECT(has(str_of(t->last), "SIP/2.0 200"));
	EXPECT(str_copy(header(w, TRUNK, "Call-ID"), d.id, sizeof d.id));
	EXPECT(str_copy(header(w, TRUNK, "From"), d.ours, sizeof d.ours));
	EXPECT(str_copy(header(w, TRUNK, "To"), d.theirs, sizeof d.theirs));
	struct str last = refer(w, 1, &d, "<sip:+48601602603@acme.test>");
	EXPECT(has(last, "SIP/2.0 603"));
	EXPECT_SAID(w, "");
	hang_up(w, ANNA);
	world_end(w);
}

/* -- silence -- */

static void silent(struct world *w, enum party role, uint32_t ms)
{
	struct media_leg *m = media_of(w, role);
	MEDIA_SAYS(w, silent, .leg = m->id, .ms = ms);
	world_run(w, 100);
}

TEST(a_talk_in_which_one_side_sends_nothing_ends)
{
	for (int side = TRUNK; side <= ANNA; side++) {
		struct world *w = talk();
		enum party role = side == TRUNK ? PARTY_customer : PARTY_agent;
		world_run(w, 20000);
		silent(w, role, 40000); /* they talk for 20 s only */
		EXPECT_SAID(w, "");
		world_run(w, 10000);
		silent(w, role, 29999);
		EXPECT_SAID(w, "");
		silent(w, role, 30000);
		EXPECT(has(buf_str(&w->log), side == TRUNK ? "disconnect system 0 media_timeout"
							   : "left anna lost; agent_end anna"));
		EXPECT(w->sides[ANNA].over == 1);
		EXPECT(contact_count(&w->core) == (side == TRUNK ? 0u : 1u));
		if (side == ANNA)
			hang_up(w, TRUNK);
		world_end(w);
	}
}

TEST(who_waits_or_is_held_may_be_silent)
{
	struct world *w = world_create();
	w->calls_done = true;
	call_waiting(w);
	world_run(w, 60000);
	silent(w, PARTY_customer, 60000);
	EXPECT(w->sides[TRUNK].over == 0);
	offer(w, "anna");
	const struct seat s[] = {{.party = PARTY_customer, .sound = SOUND_music},
				 {.party = PARTY_agent, .agent = agent_called(w, "anna")}};
	TURN(w, EXPECT(SEND(&w->core, seats_set, .contact = w->contact, .seats = s, .count = 2) ==
		       ERR_OK));
	world_run(w, 60000);
	silent(w, PARTY_customer, 60000);
	silent(w, PARTY_agent, 60000);
	TURN(w, EXPECT(SEND(&w->core, seats_set, .contact = w->contact) == ERR_OK));
	world_run(w, 29000);
	silent(w, PARTY_customer, 89000); /* he is back for 29 s */
	EXPECT(w->sides[TRUNK].over == 0 && w->sides[ANNA].over == 0);
	world_run(w, 1000);
	silent(w, PARTY_customer, 90000);
	EXPECT(w->sides[TRUNK].over == 1 && w->sides[ANNA].over == 1);
	world_end(w);
}
