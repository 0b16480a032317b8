/* record_test.c - lives of contacts and the record each leaves (behaviours.md T-1, T-2). */
#include <jansson.h>
#include <stdlib.h>

#include "base/jsonw.h"
#include "report/record.h"
#include "report/story_test.h"
#include "tests/test.h"

#define T0 1795300000000ll
#define Q STR("support")
#define ANNA STR("anna")
#define BORIS STR("boris")

struct told {
	struct record record;
	struct story story;
	char text[1024];
};

static void apply(void *arg, const struct fact *f)
{
	struct told *t = arg;
	record_apply(&t->record, f);
}

static void begin(struct told *t)
{
	*t = (struct told){.story = {.at_ms = T0, .tenant = STR("acme"), .told = apply, .arg = t}};
	story_contact(&t->story, 1);
	record_init(&t->record);
}

/* "ended customer w7 t60 h0 a5 | flow 0-4 completed | queue support 4-11 answered | ..." in s;
 * "-" for what is still open. */
static const char *said(struct told *t)
{
	const struct record *r = &t->record;
	struct record_times x = record_times(r);
	struct buf b = buf_make(t->text, sizeof t->text - 1);
	buf_put(&b, contact_state_word(record_state(r)));
	if (r->disconnected_at)
		buf_fmt(&b, " %.*s", STR_ARG(party_word(r->ended_by)));
	buf_fmt(&b, " w%lld t%lld h%lld a%lld", (long long)x.wait_ms / 1000,
		(long long)x.talk_ms / 1000, (long long)x.hold_ms / 1000,
		(long long)x.wrap_ms / 1000);
	for (uint32_t i = 0; i < r->segment_count; i++) {
		const struct record_segment *s = &r->segments[i];
		buf_fmt(&b, " | %.*s%s%s %lld-", STR_ARG(segment_kind_word(s->kind)),
			s->kind == SEGMENT_FLOW ? "" : " ",
			s->kind == SEGMENT_QUEUE ? s->queue : s->agent,
			(long long)(s->started_at - T0) / 1000);
		if (s->ended_at)
			buf_fmt(&b, "%lld %.*s", (long long)(s->ended_at - T0) / 1000,
				STR_ARG(result_word(s->result)));
	}
	t->text[b.n] = 0;
	return t->text;
}

#define SAID(t, want) EXPECT_STR(str_of(said(t)), want)

TEST(served_held_and_wrapped)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	SAID(&t, "flow w0 t0 h0 a0 | flow 0-");
	story_wait(s, 4000);
	story_enqueue(s, Q);
	SAID(&t, "waiting w0 t0 h0 a0 | flow 0-4 completed | queue support 4-");
	SAY(s, offer, .queue = Q, .agent = ANNA);
	SAID(&t, "offered w0 t0 h0 a0 | flow 0-4 completed | queue support 4-");
	story_wait(s, 7000);
	SAY(s, offer_end, .queue = Q, .agent = ANNA, .result = OFFER_accepted);
	SAID(&t, "offered w0 t0 h0 a0 | flow 0-4 completed | queue support 4-");
	/* the way acd says it: out of the queue, then connected */
	SAY(s, dequeue, .queue = Q, .reason = RESULT_answered, .wait_ms = 7000);
	SAY(s, answer, .queue = Q, .agent = ANNA, .wait_ms = 7000);
	SAID(&t, "talking w7 t0 h0 a0 | flow 0-4 completed | queue support 4-11 answered | "
		 "agent anna 11-");
	story_wait(s, 20000);
	SAY(s, hold_on, .queue = Q, .agent = ANNA, .by = PARTY_agent);
	EXPECT(record_state(&t.record) == CONTACT_held);
	story_wait(s, 10000);
	SAY(s, hold_off, .queue = Q, .agent = ANNA, .by = PARTY_agent);
	EXPECT(record_state(&t.record) == CONTACT_talking);
	EXPECT(t.record.segments[2].hold_ms == 10000);
	story_wait(s, 30000);
	SAY(s, agent_end, .queue = Q, .agent = ANNA, .by = PARTY_customer,
	    .result = RESULT_completed, .talk_ms = 50000, .hold_ms = 10000);
	SAY(s, disconnect, .by = PARTY_customer, .cause = STR("normal"));
	SAY(s, wrap_start, .queue = Q, .agent = ANNA);
	EXPECT(record_state(&t.record) == CONTACT_wrapping);
	EXPECT(!record_visit_times(&t.record, 1).handled);
	EXPECT(t.record.ended_at == 0);
	story_wait(s, 5000);
	SAY(s, wrap_end, .queue = Q, .agent = ANNA, .outcome = STR("solved"), .note = STR("ok"),
	    .wrap_ms = 5000);
	SAY(s, ended, .contact = s->contact);
	SAID(&t,
	     "ended customer w7 t50 h10 a5 | flow 0-4 completed | queue support 4-11 answered | "
	     "agent anna 11-71 completed");
	EXPECT(t.record.disconnected_at == T0 + 71000);
	EXPECT(t.record.ended_at == T0 + 76000);
	struct record_times visit = record_visit_times(&t.record, 1);
	EXPECT(visit.handled && visit.talk_ms == 50000 && visit.wrap_ms == 5000 &&
	       visit.hold_ms == 10000 && visit.wait_ms == 7000);
	record_finish(&t.record);
}

TEST(abandoned_in_the_menu_and_in_the_queue)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	story_wait(s, 3000);
	SAY(s, disconnect, .by = PARTY_customer, .cause = STR("normal"));
	SAY(s, ivr_end, .flow = STR("main"), .result = RESULT_abandoned);
	SAY(s, ended, .contact = s->contact);
	SAID(&t, "ended customer w0 t0 h0 a0 | flow 0-3 abandoned");
	record_finish(&t.record);

	begin(&t);
	story_arrive(s);
	story_enqueue(s, Q);
	SAY(s, offer, .queue = Q, .agent = ANNA);
	story_wait(s, 9000);
	SAY(s, disconnect, .by = PARTY_customer, .cause = STR("normal"));
	SAY(s, offer_end, .queue = Q, .agent = ANNA, .result = OFFER_cancelled_by_caller);
	SAY(s, dequeue, .queue = Q, .reason = RESULT_abandoned, .wait_ms = 9000);
	SAY(s, ended, .contact = s->contact);
	SAID(&t, "ended customer w9 t0 h0 a0 | flow 0-0 completed | queue support 0-9 abandoned");
	EXPECT(t.record.offers[0].result == OFFER_cancelled_by_caller);
	record_finish(&t.record);
}

TEST(missed_offers_do_not_end_the_wait)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	story_enqueue(s, Q);
	SAY(s, offer, .queue = Q, .agent = ANNA);
	story_wait(s, 15000);
	SAY(s, offer_end, .queue = Q, .agent = ANNA, .result = OFFER_no_answer);
	SAID(&t, "waiting w0 t0 h0 a0 | flow 0-0 completed | queue support 0-");
	story_answer(s, Q, BORIS, 2000);
	EXPECT(t.record.offer_count == 2);
	EXPECT(t.record.offers[0].result == OFFER_no_answer);
	EXPECT(t.record.offers[0].ended_at - t.record.offers[0].started_at == 15000);
	EXPECT(t.record.offers[1].result == OFFER_accepted);
	EXPECT_STR(str_of(t.record.agent), "boris");
	record_finish(&t.record);
}

TEST(what_was_promised_stands_beside_the_real_wait)
{
	struct told t;
	begin(&t);
	SAY(&t.story, arrive, .from = STR("+48600"), .flow = STR("main"));
	SAY(&t.story, enqueue, .queue = Q);
	SAY(&t.story, promise, .queue = Q, .position = 3, .ewt_ms = -1);
	story_wait(&t.story, 15000);
	SAY(&t.story, promise, .queue = Q, .position = 2, .ewt_ms = 50000, .low_ms = 60000,
	    .high_ms = 120000);
	const struct record *r = &t.record;
	EXPECT(r->promise_count == 2 && record_promise_waited(r, &r->promises[1]) == -1);
	story_wait(&t.story, 45000);
	SAY(&t.story, dequeue, .queue = Q, .reason = RESULT_answered, .wait_ms = 60000);
	SAY(&t.story, answer, .queue = Q, .agent = ANNA, .wait_ms = 60000);
	EXPECT(record_promise_waited(r, &r->promises[0]) == 60000);
	EXPECT(record_promise_waited(r, &r->promises[1]) == 45000);
	const struct record_promise *p = record_visit_promise(r, 1);
	EXPECT(p == &r->promises[1]); /* the first with a wait in it */
	char room[4096];
	struct buf b = buf_make(room, sizeof room);
	record_json(&b, r);
	EXPECT(str_find_str(buf_str(&b),
			    STR("\"promises\":[{\"queue\":\"support\",\"at\":\"2026-11-")) > 0);
	EXPECT(str_find_str(buf_str(&b), STR("\"position\":3,\"ewt_ms\":null,\"low_ms\":null,"
					     "\"high_ms\":null,\"waited_ms\":60000}")) > 0);
	EXPECT(str_find_str(buf_str(&b), STR("\"position\":2,\"ewt_ms\":50000,\"low_ms\":60000,"
					     "\"high_ms\":120000,\"waited_ms\":45000}]")) > 0);
	record_finish(&t.record);
}

TEST(leaves_a_full_queue_by_rule_and_goes_on_in_the_flow)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	story_enqueue(s, Q);
	SAY(s, dequeue, .queue = Q, .reason = RESULT_rejected, .exit = EXIT_full);
	SAY(s, flow_step, .flow = STR("main"), .node = STR("other"));
	SAID(&t, "flow w0 t0 h0 a0 | flow 0-0 completed | queue support 0-0 rejected | flow 0-");
	story_wait(s, 2000);
	SAY(s, flow_step, .flow = STR("main"), .node = STR("bye")); /* the same stretch */
	story_wait(s, 1000);
	SAY(s, ivr_end, .flow = STR("main"), .result = RESULT_completed);
	SAY(s, disconnect, .by = PARTY_system, .cause = STR("flow"));
	SAY(s, ended, .contact = s->contact);
	SAID(&t, "ended system w0 t0 h0 a0 | flow 0-0 completed | queue support 0-0 rejected | "
		 "flow 0-3 completed");
	EXPECT(t.record.segments[1].exit == EXIT_full);
	record_finish(&t.record);
}

TEST(served_twice_in_two_queues)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	story_enqueue(s, Q);
	story_answer(s, Q, ANNA, 5000);
	story_wait(s, 10000);
	SAY(s, agent_end, .queue = Q, .agent = ANNA, .by = PARTY_agent, .result = RESULT_completed,
	    .talk_ms = 10000);
	SAY(s, flow_step, .flow = STR("main"), .node = STR("survey"));
	SAY(s, wrap_start, .queue = Q, .agent = ANNA);
	SAID(&t, "flow w5 t10 h0 a0 | flow 0-0 completed | queue support 0-5 answered | "
		 "agent anna 5-15 completed | flow 15-");
	SAY(s, ivr_end, .flow = STR("main"), .result = RESULT_completed);
	SAY(s, enqueue, .queue = STR("sales"));
	story_answer(s, STR("sales"), BORIS, 3000);
	story_wait(s, 1000);
	SAY(s, wrap_end, .queue = Q, .agent = ANNA, .wrap_ms = 4000);
	EXPECT(record_state(&t.record) == CONTACT_talking);
	story_serve(s, STR("sales"), BORIS, 6000, 0);
	SAID(&t, "ended customer w8 t16 h0 a4 | flow 0-0 completed | queue support 0-5 answered | "
		 "agent anna 5-15 completed | flow 15-15 completed | queue sales 15-18 answered | "
		 "agent boris 18-25 completed");
	EXPECT(record_visit_times(&t.record, 1).wrap_ms == 4000);
	EXPECT(record_visit_times(&t.record, 1).talk_ms == 10000);
	EXPECT(record_visit_times(&t.record, 4).talk_ms == 6000);
	EXPECT(record_visit_times(&t.record, 4).wrap_ms == 0);
	EXPECT_STR(str_of(t.record.queue), "sales");
	record_finish(&t.record);
}

TEST(server_restart_ends_what_was_open)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t); /* with an agent: answered stays answered */
	story_arrive(s);
	story_enqueue(s, Q);
	story_answer(s, Q, ANNA, 5000);
	story_wait(s, 20000);
	SAY(s, hold_on, .queue = Q, .agent = ANNA);
	story_wait(s, 3000);
	SAY(s, disconnect, .by = PARTY_system, .cause = STR("server_restart"));
	SAY(s, ended, .contact = s->contact);
	SAID(&t, "ended system w5 t20 h3 a0 | flow 0-0 completed | queue support 0-5 answered | "
		 "agent anna 5-28 server_restart");
	record_finish(&t.record);

	begin(&t); /* waiting; acd's own words that follow change nothing */
	story_arrive(s);
	story_enqueue(s, Q);
	story_wait(s, 4000);
	SAY(s, disconnect, .by = PARTY_system, .cause = STR("server_restart"));
	SAY(s, dequeue, .queue = Q, .reason = RESULT_failed, .wait_ms = 4000);
	SAY(s, ended, .contact = s->contact);
	SAID(&t, "ended system w4 t0 h0 a0 | flow 0-0 completed | queue support 0-4 "
		 "server_restart");
	record_finish(&t.record);

	begin(&t); /* the program forgot all of it */
	story_arrive(s);
	story_enqueue(s, Q);
	SAY(s, offer, .queue = Q, .agent = ANNA);
	record_lost(&t.record, T0 + 2000);
	SAID(&t, "ended system w2 t0 h0 a0 | flow 0-0 completed | queue support 0-2 "
		 "server_restart");
	EXPECT(t.record.offers[0].result == OFFER_agent_lost);
	EXPECT_STR(str_of(t.record.cause), "server_restart");
	record_finish(&t.record);
}

TEST(a_record_never_stays_open_when_its_contact_ended)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	story_enqueue(s, Q);
	story_wait(s, 2000);
	story_hang_up(s, PARTY_customer); /* nobody said dequeue */
	SAID(&t, "ended customer w2 t0 h0 a0 | flow 0-0 completed | queue support 0-2 abandoned");
	record_finish(&t.record);
}

TEST(a_recording_nobody_finished_is_told_lost)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	SAY(s, recording_start, .queue = Q, .agent = ANNA, .recording = STR("r-1"));
	EXPECT(!t.record.recordings[0].finished);
	story_hang_up(s, PARTY_customer);
	EXPECT(t.record.recording_count == 1 && t.record.recordings[0].finished);
	EXPECT_STR(str_of(t.record.recordings[0].flaw), "lost: the server forgot it");
	EXPECT(t.record.recordings[0].bytes == 0 && !t.record.recordings[0].path[0]);
	record_finish(&t.record);
}

TEST(facts_seen_before_change_nothing)
{
	struct told t, u;
	begin(&t);
	begin(&u);
	story_arrive(&t.story);
	story_arrive(&u.story);
	story_enqueue(&t.story, Q);
	story_enqueue(&u.story, Q);
	u.story.seq = 0; /* the same facts come again */
	story_arrive(&u.story);
	story_enqueue(&u.story, Q);
	char first[1024];
	(void)str_copy(str_of(said(&t)), first, sizeof first);
	SAID(&u, first);
	EXPECT(u.record.segment_count == 2);
	record_finish(&t.record);
	record_finish(&u.record);
}

TEST(the_clock_set_back_makes_no_negative_times)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	story_enqueue(s, Q);
	story_wait(s, -3600000);
	SAY(s, disconnect, .by = PARTY_system, .cause = STR("server_restart"));
	SAY(s, ended, .contact = s->contact);
	for (uint32_t i = 0; i < t.record.segment_count; i++) {
		EXPECT(t.record.segments[i].ended_at >= t.record.segments[i].started_at);
		EXPECT(t.record.segments[i].wait_ms >= 0);
	}
	record_finish(&t.record);
}

static json_t *member(json_t *o, const char *key)
{
	json_t *v = json_object_get(o, key);
	if (!v) {
		EXPECT(!"member of the contract");
		test_say(str_of(key));
	}
	return v;
}

TEST(record_as_the_contract_names_its_parts)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	story_enqueue(s, Q);
	story_answer(s, Q, ANNA, 5000);
	SAY(s, recording_start, .queue = Q, .agent = ANNA, .recording = STR("r-1"));
	story_serve(s, Q, ANNA, 6000, 1000);
	SAY(s, leg_end, .party = PARTY_agent, .codec = STR("PCMA"), .sent = 300, .received = 297,
	    .lost = 3, .jitter_us = 1250, .mos_cent = 432);
	SAY(s, leg_end, .party = PARTY_agent); /* a phone that only rang is nobody's quality */
	SAY(s, leg_end, .party = PARTY_customer, .codec = STR("PCMU"), .sent = 9);
	SAY(s, recording_end, .recording = STR("r-1"), .duration_ms = 6000, .channels = 2,
	    .codec = STR("wav"), .bytes = 192044, .sha256 = STR("ab"), .path = STR("a/b.wav"));
	struct buf b = buf_grow(1024);
	record_json(&b, &t.record);
	json_t *o = json_loadb(b.p, b.n, 0, NULL);
	EXPECT(json_is_object(o));
	static const char *const keys[] = {"id",       "channel",    "direction",  "state",
					   "from",     "to",	     "queue",	   "agent",
					   "customer", "arrived_at", "ended_at",   "ended_by",
					   "outcome",  "segments",   "wait_ms",	   "talk_ms",
					   "hold_ms",  "wrap_ms",    "recordings", "quality"};
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		(void)member(o, keys[i]);
	EXPECT_STR(str_of(json_string_value(member(o, "arrived_at"))), "2026-11-21T22:26:40.000Z");
	EXPECT_STR(str_of(json_string_value(member(o, "direction"))), "inbound");
	json_t *segments = member(o, "segments");
	EXPECT(json_array_size(segments) == 3);
	json_t *flow = json_array_get(segments, 0), *agent = json_array_get(segments, 2);
	EXPECT(!json_object_get(flow, "queue") && !json_object_get(flow, "agent"));
	EXPECT_STR(str_of(json_string_value(member(agent, "agent"))), "anna");
	EXPECT_STR(str_of(json_string_value(member(agent, "queue"))), "support");
	json_t *legs = member(o, "quality"), *leg = json_array_get(legs, 0);
	EXPECT(json_array_size(legs) == 2);
	EXPECT_STR(str_of(json_string_value(member(leg, "party"))), "agent");
	EXPECT_STR(str_of(json_string_value(member(leg, "codec"))), "PCMA");
	EXPECT(json_integer_value(member(leg, "lost")) == 3);
	EXPECT(json_real_value(member(leg, "jitter_ms")) > 1.249);
	EXPECT(json_real_value(member(leg, "mos")) > 4.319);
	EXPECT(json_is_null(member(json_array_get(legs, 1), "mos")));
	json_t *recording = json_array_get(member(o, "recordings"), 0);
	EXPECT(json_integer_value(member(recording, "duration_ms")) == 6000);
	EXPECT(json_integer_value(member(recording, "channels")) == 2);
	EXPECT_STR(str_of(json_string_value(member(recording, "codec"))), "wav");
	EXPECT(!json_object_get(recording, "path")); /* nobody's business outside */
	json_decref(o);
	buf_free(&b);
	record_finish(&t.record);
}

/* agent_ring: from a queue's agent on to a named one; the visit of before is not touched. */
TEST(a_named_agent_without_a_queue)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	story_arrive(s);
	story_wait(s, 2000);
	SAY(s, offer, .agent = BORIS, .ring_ms = 15000);
	SAID(&t, "offered w0 t0 h0 a0 | flow 0-");
	story_wait(s, 3000);
	SAY(s, offer_end, .agent = BORIS, .result = OFFER_rejected);
	SAID(&t, "flow w0 t0 h0 a0 | flow 0-");
	story_enqueue(s, Q);
	story_answer(s, Q, ANNA, 4000);
	story_wait(s, 10000);
	SAY(s, agent_end, .queue = Q, .agent = ANNA, .by = PARTY_agent, .result = RESULT_completed,
	    .talk_ms = 10000);
	SAY(s, flow_step, .flow = STR("main"), .node = STR("on"));
	story_answer(s, STR_NONE, BORIS, 1000);
	SAID(&t, "talking w4 t10 h0 a0 | flow 0-5 completed | queue support 5-9 answered | "
		 "agent anna 9-19 completed | flow 19-20 completed | agent boris 20-");
	EXPECT(t.record.segments[4].visit == 0);
	story_wait(s, 7000);
	SAY(s, agent_end, .agent = BORIS, .by = PARTY_agent, .result = RESULT_completed,
	    .talk_ms = 7000);
	SAY(s, disconnect, .by = PARTY_agent, .cause = STR("normal"));
	SAY(s, ended, .contact = s->contact);
	EXPECT(record_visit_times(&t.record, 1).talk_ms == 10000); /* not boris's */
	EXPECT(t.record.segments[4].talk_ms == 7000);
	record_finish(&t.record);
}

/* -- calls that agents begin -- */

static void dials(struct story *s, bool private)
{
	SAY(s, arrive, .direction = DIRECTION_outbound, .from = STR("+48221000000"),
	    .to = STR("+48600100200"), .agent = ANNA, .customer = STR("C-17"), .private = private);
	SAY(s, agent_dial, .queue = Q, .agent = ANNA);
	story_wait(s, 2000);
	SAY(s, dial, .number = STR("+48600100200"), .trunk = STR("carrier"));
}

TEST(a_number_called_by_an_agent)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	dials(s, false);
	SAID(&t, "offered w0 t0 h0 a0");
	EXPECT_STR(str_of(t.record.agent), "anna");
	EXPECT_STR(str_of(t.record.customer), "C-17");
	story_wait(s, 5000);
	SAY(s, dial_answer, .number = STR("+48600100200"), .trunk = STR("backup"));
	SAY(s, answer, .queue = Q, .agent = ANNA, .wait_ms = 7000, .dialled = true);
	SAID(&t, "talking w0 t0 h0 a0 | agent anna 7-");
	story_wait(s, 10000);
	SAY(s, disconnect, .by = PARTY_customer, .cause = STR("hung up"));
	SAY(s, agent_end, .queue = Q, .agent = ANNA, .by = PARTY_customer,
	    .result = RESULT_completed, .talk_ms = 10000);
	SAY(s, dial_end, .number = STR("+48600100200"), .trunk = STR("backup"),
	    .by = PARTY_customer, .talk_ms = 10000);
	SAY(s, ended, .contact = s->contact);
	SAID(&t, "ended customer w0 t10 h0 a0 | agent anna 7-17 completed");
	EXPECT(t.record.segments[0].dialled && t.record.segments[0].dial_ms == 7000);
	EXPECT(t.record.dial_count == 1 &&
	       t.record.dials[0].answered_at - t.record.dials[0].started_at == 5000);
	EXPECT_STR(str_of(t.record.dials[0].trunk), "backup");
	struct buf json = buf_grow(2000);
	record_json(&json, &t.record);
	EXPECT(str_find_str(buf_str(&json), STR("\"customer\":\"C-17\"")) >= 0);
	EXPECT(str_find_str(buf_str(&json), STR("\"result\":\"answered\"")) >= 0);
	EXPECT(str_find_str(buf_str(&json), STR("private")) < 0);
	buf_free(&json);
	record_finish(&t.record);
}

TEST(a_number_that_is_busy)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	dials(s, true);
	story_wait(s, 1000);
	SAY(s, dial_end, .number = STR("+48600100200"), .trunk = STR("carrier"),
	    .result = DIAL_busy, .by = PARTY_customer, .sip_code = 486);
	SAY(s, disconnect, .by = PARTY_customer, .cause = STR("busy"), .sip_code = 486);
	SAY(s, agent_dial_end, .queue = Q, .agent = ANNA, .by = PARTY_customer,
	    .result = RESULT_failed, .dial_ms = 3000);
	SAY(s, ended, .contact = s->contact);
	SAID(&t, "ended customer w0 t0 h0 a0 | agent anna 0-3 failed");
	struct buf json = buf_grow(2000);
	record_json(&json, &t.record);
	EXPECT(str_find_str(buf_str(&json), STR("\"result\":\"busy\",\"sip_code\":486")) >= 0);
	EXPECT(str_find_str(buf_str(&json), STR("\"private\":true")) >= 0);
	buf_free(&json);
	record_finish(&t.record);
}

/* Two agents, one talk: its time is counted once. */
TEST(a_colleague_called_by_an_agent)
{
	struct told t;
	struct story *s = &t.story;
	begin(&t);
	SAY(s, arrive, .direction = DIRECTION_internal, .from = STR("anna"), .to = STR("boris"),
	    .agent = ANNA);
	SAY(s, agent_dial, .agent = ANNA);
	SAY(s, offer, .agent = STR("boris"));
	story_wait(s, 4000);
	SAY(s, offer_end, .agent = STR("boris"), .result = OFFER_accepted);
	SAY(s, answer, .agent = STR("boris"), .wait_ms = 4000);
	SAID(&t, "talking w0 t0 h0 a0 | agent boris 4-");
	story_wait(s, 6000);
	SAY(s, disconnect, .by = PARTY_agent, .cause = STR("hung up"));
	SAY(s, agent_end, .agent = STR("boris"), .by = PARTY_agent, .result = RESULT_completed,
	    .talk_ms = 6000);
	SAY(s, agent_dial_end, .agent = ANNA, .by = PARTY_agent, .result = RESULT_completed,
	    .dial_ms = 4000, .talk_ms = 6000);
	SAY(s, ended, .contact = s->contact);
	SAID(&t, "ended agent w0 t6 h0 a0 | agent boris 4-10 completed | "
		 "agent anna 0-10 completed");
	record_finish(&t.record);
}
