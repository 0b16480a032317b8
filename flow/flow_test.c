/* flow_test.c - who may begin, versions, hours, hanging up at every moment, full pools. */
#include "flow/world_test.h"

#include "flow/journey.h"
#include "tests/test.h"

static void declare_play(struct world *w, uint32_t version, const char *then)
{
	struct flow_node n[] = {node_play("hello", "welcome", 1), node_play(then, "menu", 0)};
	world_flow(w, version, n, 2);
}

TEST(flow_start_refuses_what_cannot_begin)
{
	struct world w;
	world_begin(&w);
	EXPECT(world_start(&w) == ERR_NOT_FOUND); /* no such flow */
	declare_play(&w, 1, "then");
	EXPECT(world_start(&w) == ERR_OK);

	const struct contact *k = contact_get(&w.core, w.contact);
	struct flow_id flow = k->flow;
	world_turn(&w);
	EXPECT(SEND(&w.core, flow_start, .contact = w.contact, .flow = flow) == ERR_CONFLICT);
	EXPECT(SEND(&w.core, flow_start, .contact = {99, 1}, .flow = flow) == ERR_NOT_FOUND);
	EXPECT(SEND(&w.core, flow_start, .contact = w.contact, .flow = ID_AS(flow_id, k->tenant)) ==
	       ERR_NOT_FOUND);
	world_done(&w);
	EXPECT_STR(world_state(&w), "node=hello state=PLAYING tries=0 ahead=0");

	world_turn(&w);
	EMIT(&w.core, wrap_start, .contact = w.contact); /* keeps the contact itself alive */
	world_done(&w);
	world_disconnect(&w, PARTY_customer);
	world_turn(&w);
	EXPECT(SEND(&w.core, flow_start, .contact = w.contact, .flow = flow) == ERR_CONFLICT);
	world_done(&w);
	EXPECT_STR(world_state(&w), "");
	world_end(&w);
}

TEST(a_foreign_tenants_flow_does_not_begin)
{
	struct world w;
	world_begin(&w);
	declare_play(&w, 1, "then");
	EXPECT(world_start(&w) == ERR_OK);
	struct config *other = xcalloc(1, sizeof *other);
	arena_init(&other->arena);
	other->kind = KIND_flow;
	other->tenant = STR("rival");
	other->id = STR("main");
	world_turn(&w);
	struct id id;
	struct contact_options o = {.tenant = contact_get(&w.core, w.contact)->tenant};
	struct contact_id second;
	EXPECT(objects_put(w.core.objects, other, 1, &id) == ERR_OK);
	EXPECT(contact_create(&w.core, &o, &second) == ERR_OK);
	EXPECT(SEND(&w.core, flow_start, .contact = second, .flow = ID_AS(flow_id, id)) ==
	       ERR_NOT_FOUND);
	world_done(&w);
	world_end(&w);
}

TEST(a_full_room_refuses_and_loses_nobody)
{
	struct world w;
	world_begin(&w);
	declare_play(&w, 1, "then");
	flow_starve(w.flow, 0);
	EXPECT(world_start(&w) == ERR_FULL);
	flow_starve(w.flow, 1);
	EXPECT(world_start(&w) == ERR_OK);
	struct contact_id first = w.contact;
	EXPECT(world_start(&w) == ERR_FULL);
	EXPECT_STR(world_state(&w), "");
	w.contact = first;
	EXPECT_STR(world_state(&w), "node=hello state=PLAYING tries=0 ahead=0");
	world_disconnect(&w, PARTY_customer);
	EXPECT(world_start(&w) == ERR_OK); /* the place is free again */
	world_end(&w);
}

TEST(a_contact_finishes_on_the_version_it_began_with)
{
	struct world w;
	world_begin(&w);
	declare_play(&w, 1, "old");
	EXPECT(world_start(&w) == ERR_OK);
	struct contact_id first = w.contact;
	uint32_t first_token = w.token;
	declare_play(&w, 2, "new"); /* frees version 1 in the table */
	EXPECT(world_start(&w) == ERR_OK);
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step new");
	w.contact = first;
	w.token = first_token;
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step old");
	world_drop(&w, KIND_flow, "main"); /* even a flow that is gone is finished */
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step hello");
	world_disconnect(&w, PARTY_customer);
	world_end(&w);
}

TEST(a_version_that_is_gone_still_speaks)
{
	struct world w;
	world_begin(&w);
	char text[] = "old words";
	struct lang_text texts[] = {{STR("pl"), str_of(text)}};
	struct flow_node n[] = {node_play("hello", "welcome", 1),
				node_say("words", texts, 1, NODE_NOWHERE)};
	world_flow(&w, 1, n, 2);
	EXPECT(world_start(&w) == ERR_OK);
	texts[0].text = STR("new words");
	world_flow(&w, 2, n, 2);
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "say old words pl");
	world_end(&w);
}

TEST(a_version_is_kept_while_used_and_no_longer)
{
	struct world w;
	world_begin(&w);
	struct contact_id contacts[3];
	for (uint32_t i = 0; i < 3; i++) {
		if (i < 2)
			declare_play(&w, i + 1, "then");
		EXPECT(world_start(&w) == ERR_OK);
		contacts[i] = w.contact;
	}
	const struct flow_room *f = CONTAINER_OF(w.flow, struct flow_room, room);
	static const uint32_t left[] = {1, 1, 0};
	EXPECT(f->versions.by_key.count == 2); /* the second and third share one */
	for (uint32_t i = 0; i < 3; i++) {
		w.contact = contacts[i];
		world_disconnect(&w, PARTY_customer);
		EXPECT(f->versions.by_key.count == left[i]);
	}
	world_end(&w);
}

TEST(hours_follow_the_tenants_clock)
{
	/* Saturday 21 November 2026, 12:00 UTC is 13:00 in Warsaw */
	static const struct {
		uint16_t from_min, to_min;
		const char *special, *told;
	} rows[] = {
		{13 * 60, 14 * 60, NULL, "step hours; step open"},
		{12 * 60, 13 * 60, NULL, "step hours; step closed"}, /* the end is outside */
		{0, 1440, NULL, "step hours; step open"},
		{12 * 60 + 59, 13 * 60 + 1, NULL, "step hours; step open"},
		{0, 1440, "2026-11-21", "step hours; step closed"}, /* a special day wins */
		{0, 1440, "2026-11-22", "step hours; step open"},
		{0, 1440, "2025-11-21", "step hours; step open"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		world_begin(&w);
		world_hours(&w, "office", rows[i].from_min, rows[i].to_min, rows[i].special);
		struct flow_node n[] = {node_hours("hours", "office", 1, 2),
					node_play("open", "welcome", NODE_NOWHERE),
					node_play("closed", "welcome", NODE_NOWHERE)};
		world_flow(&w, 1, n, 3);
		EXPECT(world_start(&w) == ERR_OK);
		EXPECT_STR(world_told(&w), rows[i].told);
		world_end(&w);
	}
}

TEST(hours_of_weekday_and_midnight)
{
	struct world w;
	world_begin(&w);
	world_hours(&w, "office", 0, 1440, NULL);
	world_turn(&w);
	const struct object *o =
		objects_find(w.core.objects, KIND_hours, STR("acme"), STR("office"));
	struct config *c = (struct config *)(uintptr_t)o->config;
	c->hours.week[5] = (struct day_plan){0}; /* closed on Saturdays */
	world_done(&w);
	struct flow_node n[] = {node_hours("hours", "office", 1, 2),
				node_play("open", "welcome", NODE_NOWHERE),
				node_play("closed", "welcome", NODE_NOWHERE)};
	world_flow(&w, 1, n, 3);
	w.utc_ms += 11 * 3600000 - 1; /* 23:59:59.999 on Saturday in Warsaw */
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step hours; step closed");
	w.utc_ms += 1;
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step hours; step open");
	world_end(&w);
}

TEST(hours_that_are_gone_count_as_closed)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_hours("hours", "office", 1, 2), node_hangup("open"),
				node_play("closed", "welcome", NODE_NOWHERE)};
	world_flow(&w, 1, n, 3);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step hours; alarm flow main node hours: hours do not exist: "
				   "taken as closed; step closed");
	world_end(&w);
}

TEST(hangup_ends_the_call)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_hangup("bye")};
	world_flow(&w, 1, n, 1);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_asked(&w), "hang_up system flow");
	EXPECT_STR(world_told(&w), "step bye; ivr_end completed");
	EXPECT_STR(world_state(&w), "node=bye state=ENDING tries=0 ahead=0");
	world_digit(&w, 1); /* nothing reaches it any more */
	world_played(&w, true);
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_state(&w), "node=bye state=ENDING tries=0 ahead=0");
	world_disconnect(&w, PARTY_system);
	EXPECT_STR(world_state(&w), "");
	world_end(&w);
}

TEST(a_customer_may_hang_up_at_every_moment)
{
	/* how far the call goes, and what is said when it is cut there */
	static const char *const told[] = {
		"ivr_end abandoned", /* greeting */
		"ivr_end abandoned", /* menu prompt */
		"ivr_end abandoned", /* wrong key */
		"ivr_end abandoned", /* waiting for a key */
		"",		     /* queue */
		"",		     /* agent */
		"",		     /* being hung up */
	};
	for (size_t moment = 0; moment < COUNT_OF(told); moment++) {
		struct world w;
		world_begin(&w);
		struct flow_node n[] = {node_play("hello", "welcome", 1),
					node_menu("menu", "menu", 3, 2),
					node_queue("support", "support")};
		n[1].invalid = STR("invalid");
		node_key(&n[1], 1, 2);
		world_flow(&w, 1, n, 3);
		EXPECT(world_start(&w) == ERR_OK);
		if (moment >= 1)
			world_played(&w, true);
		if (moment >= 2)
			world_digit(&w, 7);
		if (moment >= 3) {
			world_played(&w, true);
			world_played(&w, true);
		}
		if (moment >= 4)
			world_digit(&w, 1);
		if (moment >= 5)
			world_dequeue(&w, RESULT_answered, EXIT_none);
		if (moment >= 6)
			world_agent_end(&w, PARTY_agent, RESULT_completed);
		world_disconnect(&w, PARTY_customer);
		EXPECT_STR(world_told(&w), told[moment]);
		EXPECT_STR(world_asked(&w), "");
		EXPECT_STR(world_state(&w), "");
		world_played(&w, true); /* late words about a contact that is gone */
		world_digit(&w, 1);
		world_dequeue(&w, RESULT_abandoned, EXIT_none);
		world_agent_end(&w, PARTY_customer, RESULT_completed);
		world_pass(&w, 600000);
		EXPECT_STR(world_asked(&w), "");
		EXPECT(timers_next(&w.core.timers) == INT64_MAX);
		world_end(&w);
	}
}

TEST(a_line_that_fails_ends_the_flow_as_failed)
{
	struct world w;
	world_begin(&w);
	declare_play(&w, 1, "then");
	EXPECT(world_start(&w) == ERR_OK);
	world_disconnect(&w, PARTY_system);
	EXPECT_STR(world_told(&w), "ivr_end failed");

	EXPECT(world_start(&w) == ERR_OK);
	world_turn(&w);
	EMIT(&w.core, disconnect, .contact = w.contact, .by = PARTY_system,
	     .cause = STR("server_restart"));
	world_done(&w);
	EXPECT_STR(world_told(&w), "ivr_end server_restart");
	world_end(&w);
}
