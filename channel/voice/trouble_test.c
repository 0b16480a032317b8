/* trouble_test.c - a trunk tested at a click, and the last things that went wrong with it. */
#include "channel/voice/world_test.h"

#include "sip/message.h"

#include <stdlib.h>

static const struct trunk_peer near_by = {.address = {"10.0.0.1", 8}};
static const struct trunk_peer far = {.address = {"10.0.0.3", 8}};
static const struct trunk_peer nowhere = {.address = {"sip.nowhere.test", 16}};
static struct trunk_peer peers[3];
static uint32_t peer_count;
static bool registers;

static void carrier(struct world *w)
{
	static const struct str codecs[] = {{"PCMA", 4}};
	struct trunk_config t = {
		.peers = peers, .peer_count = peer_count, .codecs = codecs, .codec_count = 1};
	if (registers) {
		t.register_server = STR("10.0.0.3:5060");
		t.register_user = STR("us");
		t.register_secret = STR("secret");
	}
	world_object(w, &(struct config){.kind = KIND_trunk,
					 .tenant = STR("acme"),
					 .id = STR("carrier"),
					 .trunk = t});
}

static struct world *world_of(const struct trunk_peer *a, const struct trunk_peer *b,
			      const struct trunk_peer *c, bool with_registrar)
{
	const struct trunk_peer *const all[] = {a, b, c};
	struct world *w = world_create();
	peer_count = 0;
	for (size_t i = 0; i < COUNT_OF(all); i++)
		if (all[i])
			peers[peer_count++] = *all[i];
	registers = with_registrar;
	w->sides[BORIS].scripted = true;
	w->declares = carrier;
	TURN(w, carrier(w));
	world_run(w, 50);
	return w;
}

static struct trunk_id trunk_named(struct world *w)
{
	return ID_AS(trunk_id,
		     objects_find(w->core.objects, KIND_trunk, STR("acme"), STR("carrier"))->id);
}

static enum err test_now(struct world *w)
{
	enum err e;
	w->tried.times = w->tried.count = 0;
	TURN(w, e = voice_trunk_test(w->voice, trunk_named(w), w));
	return e;
}

/* 10.0.0.3 answers what it was sent last. */
static void far_says(struct world *w, const char *line)
{
	char text[2048];
	struct buf b = buf_make(text, sizeof text - 1);
	struct sip_message *m = xcalloc(1, sizeof *m);
	EXPECT(sip_parse(str_of(w->sides[BORIS].last), m) == ERR_OK);
	buf_fmt(&b,
		"SIP/2.0 %s\nVia: " STR_FMT "\nFrom: " STR_FMT "\nTo: " STR_FMT
		";tag=x\nCall-ID: " STR_FMT "\nCSeq: " STR_FMT "\n\n",
		line, STR_ARG(sip_header_get(m, HDR_VIA)), STR_ARG(sip_header_get(m, HDR_FROM)),
		STR_ARG(sip_header_get(m, HDR_TO)), STR_ARG(m->call_id),
		STR_ARG(sip_header_get(m, HDR_CSEQ)));
	text[b.n] = 0;
	raw_say(w, 3, text);
	free(m);
}

static const struct trunk_answer *answer_of(const struct world *w, const char *peer)
{
	for (uint32_t i = 0; i < w->tried.count; i++)
		if (str_is(str_of(w->tried.answers[i].peer), peer))
			return &w->tried.answers[i];
	EXPECT(!"nobody like that was asked");
	return &w->tried.answers[0];
}

static const struct trouble *troubles(struct world *w, uint32_t *count)
{
	return voice_trunk_troubles(w->voice, trunk_named(w), count);
}

TEST(who_answers_who_is_silent_and_who_is_nowhere)
{
	struct world *w = world_of(&near_by, &far, &nowhere, false);
	uint32_t count;
	EXPECT(test_now(w) == ERR_OK);
	EXPECT(voice_trunk_test(w->voice, trunk_named(w), w) == ERR_CONFLICT);
	world_run(w, 3900);
	EXPECT(w->tried.times == 0); /* it waits for whom may answer yet */
	world_run(w, 700);
	EXPECT(w->tried.times == 1 && w->tried.count == 3);
	EXPECT(answer_of(w, "10.0.0.1:5060")->why == TROUBLE_none);
	EXPECT(answer_of(w, "10.0.0.1:5060")->status == 200);
	EXPECT(answer_of(w, "10.0.0.1:5060")->ms < 100);
	EXPECT(answer_of(w, "10.0.0.3:5060")->why == TROUBLE_silent);
	EXPECT(answer_of(w, "10.0.0.3:5060")->ms >= 4000);
	EXPECT(answer_of(w, "sip.nowhere.test")->why == TROUBLE_unresolved);
	const struct trouble *t = troubles(w, &count);
	EXPECT(count == 2 && t[0].asked == ASKED_options && t[0].why == TROUBLE_silent);
	EXPECT(t[1].asked == ASKED_name && t[1].count == 1);
	EXPECT(test_now(w) == ERR_OK); /* and once more: the same is counted */
	world_run(w, 5000);
	t = troubles(w, &count);
	EXPECT(count == 2 && t[0].count == 2 && t[0].at_ms > t[0].first_at_ms);
	world_destroy(w);
}

TEST(a_peer_that_wants_no_calls_says_so_and_any_other_answer_is_one)
{
	struct world *w = world_of(&far, NULL, NULL, false);
	uint32_t count;
	EXPECT(test_now(w) == ERR_OK);
	world_run(w, 20);
	far_says(w, "503 Come back tomorrow");
	EXPECT(w->tried.times == 1 && w->tried.answers[0].why == TROUBLE_refused);
	EXPECT(w->tried.answers[0].status == 503);
	EXPECT_STR(str_of(w->tried.answers[0].text), "Come back tomorrow");
	EXPECT(test_now(w) == ERR_OK);
	world_run(w, 20);
	far_says(w, "405 Not here");
	EXPECT(w->tried.times == 1 && w->tried.answers[0].why == TROUBLE_none);
	(void)troubles(w, &count);
	EXPECT(count == 1);
	world_destroy(w);
}

TEST(a_registration_is_asked_for_at_once)
{
	struct world *w = world_of(&near_by, NULL, NULL, true);
	uint32_t count;
	world_run(w, 1000); /* of itself */
	far_says(w, "200 OK");
	w->sides[BORIS].last[0] = 0;
	EXPECT(test_now(w) == ERR_OK);
	world_run(w, 50);
	EXPECT(has(str_of(w->sides[BORIS].last), "REGISTER "));
	EXPECT(w->tried.times == 0);
	far_says(w, "403 Who are you");
	EXPECT(w->tried.times == 1 && w->tried.count == 2);
	const struct trunk_answer *a = answer_of(w, "10.0.0.3:5060");
	EXPECT(a->asked == ASKED_register && a->why == TROUBLE_refused && a->status == 403);
	const struct trouble *t = troubles(w, &count);
	EXPECT(count == 1 && t[0].asked == ASKED_register && t[0].status == 403);
	world_destroy(w);
}

TEST(the_last_twenty_outlive_the_core)
{
	struct world *w = world_of(&near_by, NULL, NULL, false);
	uint32_t count;
	for (uint32_t status = 500; status < 525; status++) {
		struct trouble t = {.asked = ASKED_call, .why = TROUBLE_refused, .status = status};
		TURN(w, trouble_note(w->voice, trunk_named(w), &t));
	}
	world_restart(w);
	const struct trouble *t = troubles(w, &count);
	EXPECT(count == TROUBLES_MAX && t[0].status == 524 && t[19].status == 505);
	struct id id;
	TURN(w, id = objects_drop(w->core.objects, KIND_trunk, STR("acme"), STR("carrier"));
	     EMIT(&w->core, object_moved, .kind = KIND_trunk, .slot = id.slot, .age = id.age));
	TURN(w, carrier(w)); /* another one of the same name */
	(void)troubles(w, &count);
	EXPECT(count == 0);
	w->declares = NULL;
	world_destroy(w);
}

TEST(calls_refused_either_way_and_busy_people_are_no_trouble)
{
	static const struct {
		uint32_t status, troubles;
	} cases[] = {{486, 0}, {603, 0}, {404, 1}, {488, 1}};
	uint32_t count;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		enum err e;
		struct world *w = world_of(&near_by, NULL, NULL, false);
		call_in_flow(w);
		w->sides[TRUNK].refuses = cases[i].status;
		TURN(w, e = SEND(&w->core, dial_out, .contact = w->contact,
				 .number = STR("+48601602603"), .ring_ms = 20000));
		EXPECT(e == ERR_OK);
		world_run(w, 200);
		const struct trouble *t = troubles(w, &count);
		EXPECT(count == cases[i].troubles);
		EXPECT(!count || (t[0].status == cases[i].status && t[0].asked == ASKED_call));
		w->sides[TRUNK].refuses = 0;
		dial(w, "+48999999999"); /* theirs: no such number */
		t = troubles(w, &count);
		EXPECT(count == cases[i].troubles + 1 && t[0].asked == ASKED_inbound &&
		       t[0].status == 404);
		EXPECT_STR(str_of(t[0].number), "+48999999999");
		world_destroy(w);
	}
}
