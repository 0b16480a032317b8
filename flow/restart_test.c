/* restart_test.c - the process ends and starts anew at every moment of a call. */
#include "flow/world_test.h"

#include "core/bytes.h"
#include "tests/test.h"

static void declare(struct world *w, uint32_t version)
{
	struct flow_node n[] = {node_play("hello", "welcome", 1), node_menu("menu", "menu", 3, 2),
				node_queue("support", "support"),
				node_play("survey", "welcome", NODE_NOWHERE)};
	n[1].invalid = STR("invalid");
	node_key(&n[1], 1, 2);
	n[2].next = 3;
	n[2].has_next = true;
	node_exit(&n[2], EXIT_timeout, 3);
	world_flow(w, version, n, COUNT_OF(n));
}

static void begin(struct world *w)
{
	world_begin(w);
	declare(w, 1);
	EXPECT(world_start(w) == ERR_OK);
}

static void to_menu(struct world *w)
{
	begin(w);
	world_played(w, true);
}

static void to_queue(struct world *w)
{
	to_menu(w);
	world_digit(w, 1);
}

TEST(restart_in_a_prompt_begins_it_again)
{
	struct world w;
	begin(&w);
	world_digit(&w, 1);
	uint32_t token = w.token;
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play welcome pl");
	EXPECT_STR(world_told(&w), ""); /* the node was entered once */
	EXPECT(w.token != token);
	EXPECT_STR(world_state(&w), "node=hello state=PLAYING tries=0 ahead=1");
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step menu; step support; ivr_end completed");
	world_end(&w);
}

TEST(restart_in_a_menu_keeps_the_tries)
{
	struct world w;
	to_menu(&w);
	world_digit(&w, 7);
	world_restart(&w); /* told of the wrong key */
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	EXPECT_STR(world_state(&w), "node=menu state=PROMPT tries=1 ahead=0");
	world_restart(&w); /* hearing the menu */
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_digit(&w, 7);
	world_digit(&w, 7);
	EXPECT_STR(world_told(&w), "step support; ivr_end completed");
	world_end(&w);
}

TEST(restart_while_waiting_for_a_key_keeps_the_deadline)
{
	struct world w;
	to_menu(&w);
	world_played(&w, true);
	world_pass(&w, 3000);
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "");
	EXPECT_STR(world_state(&w), "node=menu state=KEY tries=0 ahead=0");
	world_pass(&w, 1999);
	EXPECT_STR(world_asked(&w), "");
	world_pass(&w, 1);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	EXPECT_STR(world_state(&w), "node=menu state=PROMPT tries=1 ahead=0");
	world_end(&w);
}

TEST(restart_in_a_queue_waits_on)
{
	struct world w;
	to_queue(&w);
	world_restart(&w);
	EXPECT_STR(world_asked(&w), ""); /* acd has the place, nobody joins twice */
	EXPECT_STR(world_told(&w), "");
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "");
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_told(&w), "step survey");
	world_end(&w);
}

TEST(restart_while_hanging_up_says_it_again)
{
	struct world w;
	to_queue(&w);
	world_dequeue(&w, RESULT_flow_out, EXIT_no_agents);
	EXPECT_STR(world_asked(&w), "hang_up system no agents");
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "hang_up system no agents");
	EXPECT_STR(world_told(&w), "");
	world_disconnect(&w, PARTY_system);
	EXPECT_STR(world_state(&w), "");
	world_end(&w);
}

TEST(restart_after_the_line_is_gone_finds_nobody)
{
	struct world w;
	begin(&w);
	world_turn(&w);
	EMIT(&w.core, wrap_start, .contact = w.contact); /* keeps the contact itself alive */
	world_done(&w);
	world_disconnect(&w, PARTY_customer);
	world_restart(&w);
	EXPECT(contact_get(&w.core, w.contact) != NULL);
	EXPECT_STR(world_state(&w), "");
	EXPECT_STR(world_asked(&w), "");
	world_end(&w);
}

TEST(restart_brings_back_the_version_a_contact_began_with)
{
	struct world w;
	struct flow_node one[] = {node_menu("menu", "menu", 1, 1), node_play("old", "welcome", 2),
				  node_queue("support", "support")};
	struct flow_node two[] = {node_menu("menu", "invalid", 1, 1), node_hangup("new")};
	world_begin(&w);
	world_flow(&w, 1, one, 3);
	EXPECT(world_start(&w) == ERR_OK);
	world_flow(&w, 2, two, 2);
	w.past_kind = KIND_flow;
	w.past_flow = "main";
	w.past_version = 1;
	w.past_nodes = one;
	w.past_count = 3;
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play menu pl digits"); /* not version 2's */
	world_restart(&w);				    /* and again */
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_played(&w, true);
	world_pass(&w, 5000);
	EXPECT_STR(world_told(&w), "step old");
	world_drop(&w, KIND_flow, "main"); /* the flow itself may be gone */
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play welcome pl");
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "join support 0");
	world_end(&w);
}

TEST(restart_brings_back_the_versions_of_flows_around_and_inside)
{
	struct world w;
	struct flow_node outer[] = {node_subflow("in", "inner", 1),
				    node_play("after", "welcome", 2), node_hangup("bye")};
	struct flow_node inner[] = {node_play("first", "menu", 1),
				    node_play("second", "welcome", NODE_NOWHERE)};
	struct flow_node other[] = {node_hangup("in")};
	world_begin(&w);
	world_flow_named(&w, "inner", 4, inner, 2);
	world_flow(&w, 7, outer, 3);
	EXPECT(world_start(&w) == ERR_OK);
	world_flow(&w, 8, other, 1);
	w.past_kind = KIND_flow;
	w.past_flow = "main";
	w.past_version = 7;
	w.past_nodes = outer;
	w.past_count = 3;
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play menu pl");
	world_played(&w, true);
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step after");
	world_end(&w);
}

TEST(restart_of_a_test_call_goes_on_in_the_draft_even_when_it_was_published)
{
	struct world w;
	struct flow_node flow[] = {node_hangup("bye")};
	struct flow_node draft[] = {node_menu("menu", "menu", 1, 1), node_play("old", "welcome", 2),
				    node_hangup("bye")};
	world_begin(&w);
	world_flow(&w, 1, flow, 1);
	world_draft(&w, "main", 3, draft, 3);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_drop(&w, KIND_draft, "main");
	world_flow(&w, 2, flow, 1);
	w.past_kind = KIND_draft;
	w.past_flow = "main";
	w.past_version = 3;
	w.past_nodes = draft;
	w.past_count = 3;
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_played(&w, true);
	world_pass(&w, 5000);
	EXPECT_STR(world_told(&w), "step old");
	world_end(&w);
}

/* Only where nobody has the old version any more. */
TEST(restart_onto_a_newer_version_goes_by_the_nodes_name)
{
	struct world w;
	to_menu(&w);
	struct flow_node n[] = {node_queue("support", "support"),
				node_menu("menu", "invalid", 1, 0)};
	world_flow(&w, 2, n, 2);
	EXPECT_STR(world_asked(&w), "");
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play invalid pl digits"); /* its prompt in version 2 */
	world_played(&w, true);
	world_pass(&w, 5000);
	EXPECT_STR(world_told(&w), "step support; ivr_end completed");
	world_end(&w);
}

TEST(restart_onto_a_version_without_the_node_ends_the_call)
{
	static const enum node_kind kinds[] = {NODE_PLAY, NODE_MENU};
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		struct world w;
		to_menu(&w);
		/* no node menu; a node menu of another kind */
		struct flow_node n[] = {node_play(i ? "menu" : "other", "welcome", NODE_NOWHERE)};
		world_flow(&w, 2, n, 1);
		world_restart(&w);
		EXPECT_STR(world_asked(&w), "hang_up system its node is gone since a restart");
		EXPECT_STR(world_told(&w),
			   "alarm flow main node ?: its node is gone since a restart; "
			   "ivr_end failed");
		world_digit(&w, 1);
		world_restart(&w);
		EXPECT_STR(world_asked(&w), "hang_up system its node is gone since a restart");
		EXPECT_STR(world_told(&w), "");
		world_end(&w);
	}
}

TEST(restart_without_the_flow_leaves_those_in_talk_alone)
{
	struct world w;
	to_queue(&w);
	world_dequeue(&w, RESULT_answered, EXIT_none);
	world_drop(&w, KIND_flow, "main");
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "");
	EXPECT_STR(world_state(&w), "node=? state=AGENT tries=0 ahead=0");
	world_agent_end(&w, PARTY_agent, RESULT_completed);
	EXPECT_STR(world_asked(&w), "hang_up agent agent hung up");
	world_end(&w);

	to_queue(&w);
	world_drop(&w, KIND_flow, "main");
	world_restart(&w);
	world_dequeue(&w, RESULT_flow_out, EXIT_timeout);
	EXPECT_STR(world_asked(&w), "hang_up system waited too long");
	world_end(&w);
}

TEST(restart_words_between_loading_and_resuming_are_heard)
{
	struct world w;
	begin(&w);
	char image_room[1024];
	struct buf image = buf_make(image_room, sizeof image_room);
	EXPECT(w.flow->save(w.flow, IMAGE_FLOW, ID(w.contact), &image));
	/* the same journey anew, and in the turn that loads it the prompt is already over */
	world_disconnect(&w, PARTY_customer);
	world_turn(&w);
	struct contact_id again;
	struct contact_options o = {
		.tenant = ID_AS(
			tenant_id,
			objects_find(w.core.objects, KIND_tenant, STR("acme"), STR("acme"))->id),
	};
	EXPECT(contact_create(&w.core, &o, &again) == ERR_OK);
	w.contact = again;
	EXPECT(w.flow->load(w.flow, IMAGE_FLOW, ID(again), buf_str(&image)) == ERR_OK);
	w.flow->loaded(w.flow);
	EMIT(&w.core, play_done, .contact = again, .token = w.token, .ok = true);
	world_done(&w);
	EXPECT_STR(world_asked(&w), "play menu pl digits"); /* once */
	world_end(&w);
}

/* An image as journey_save writes it. */
static void put_image(struct buf *b, const char *node, const char *kind, const char *state)
{
	put_word(b, STR("acme"));
	put_word(b, STR("main"));
	put_u32(b, 1);
	put_word(b, str_of(node));
	put_word(b, str_of(kind));
	put_word(b, str_of(state));
	put_i64(b, 0);
	put_u32(b, 1);
	put_u32(b, 0);
	put_word(b, STR_NONE);
	put_i64(b, 0);
	put_word(b, STR("customer"));
	put_word(b, STR_NONE);
	put_word(b, STR_NONE); /* input */
	put_u32(b, 0);	       /* flows around it */
	put_u32(b, 0);	       /* variables */
}

TEST(restart_does_not_trust_a_state_that_does_not_fit_its_node)
{
	static const struct {
		const char *node, *kind, *state, *after; /* after NULL: refused */
	} rows[] = {
		{"hello", "play", "PLAYING", "node=hello state=PLAYING tries=0 ahead=0"},
		{"hello", "play", "KEY", "node=? state=ENDING tries=0 ahead=0"},
		{"menu", "menu", "PLAYING", "node=? state=ENDING tries=0 ahead=0"},
		{"hello", "menu", "KEY", "node=? state=ENDING tries=0 ahead=0"},
		{"hello", "play", "QUEUED", "node=? state=QUEUED tries=0 ahead=0"},
		{"hello", "dance", "PLAYING", "node=? state=ENDING tries=0 ahead=0"},
		{"hello", "play", "WALKING", "node=? state=ENDING tries=0 ahead=0"},
		{"hello", "play", "DANCING", NULL},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		begin(&w);
		world_disconnect(&w, PARTY_customer);
		flow_starve(w.flow, 0);
		EXPECT(world_start(&w) == ERR_FULL); /* a contact without a journey */
		flow_starve(w.flow, 1);
		char image_room[256];
		struct buf image = buf_make(image_room, sizeof image_room);
		put_image(&image, rows[i].node, rows[i].kind, rows[i].state);
		world_turn(&w);
		enum err e = w.flow->load(w.flow, IMAGE_FLOW, ID(w.contact), buf_str(&image));
		EXPECT((e == ERR_OK) == (rows[i].after != NULL));
		w.stretch[w.contact.slot] = true; /* which began before the restart */
		w.flow->loaded(w.flow);
		world_done(&w);
		EXPECT_STR(world_state(&w), rows[i].after ? rows[i].after : "");
		world_end(&w);
	}
}

TEST(restart_does_not_take_up_a_line_that_is_gone)
{
	struct world w;
	begin(&w);
	char image_room[256];
	struct buf image = buf_make(image_room, sizeof image_room);
	put_image(&image, "hello", "play", "PLAYING");
	world_turn(&w);
	EMIT(&w.core, wrap_start, .contact = w.contact);
	world_done(&w);
	world_disconnect(&w, PARTY_customer);
	world_turn(&w);
	EXPECT(w.flow->load(w.flow, IMAGE_FLOW, ID(w.contact), buf_str(&image)) == ERR_INVALID);
	world_done(&w);
	world_end(&w);
}

TEST(restart_refuses_torn_images)
{
	struct world w;
	begin(&w);
	char image_room[1024];
	struct buf image = buf_make(image_room, sizeof image_room);
	EXPECT(w.flow->save(w.flow, IMAGE_FLOW, ID(w.contact), &image));
	world_disconnect(&w, PARTY_customer);
	world_turn(&w);
	struct contact_id k;
	struct contact_options o = {
		.tenant = ID_AS(
			tenant_id,
			objects_find(w.core.objects, KIND_tenant, STR("acme"), STR("acme"))->id),
	};
	EXPECT(contact_create(&w.core, &o, &k) == ERR_OK);
	/* one byte less is whole: as builds wrote it that knew no drafts */
	for (size_t n = 0; n + 1 < image.n; n++)
		EXPECT(w.flow->load(w.flow, IMAGE_FLOW, ID(k), str_make(image.p, n)) ==
		       ERR_INVALID);
	EXPECT(w.flow->load(w.flow, IMAGE_FLOW, (struct id){63, 1}, buf_str(&image)) ==
	       ERR_INVALID); /* no such contact */
	EXPECT(w.flow->load(w.flow, IMAGE_FLOW, ID(k), buf_str(&image)) == ERR_OK);
	EXPECT(w.flow->load(w.flow, IMAGE_FLOW, ID(k), buf_str(&image)) == ERR_CONFLICT);
	world_done(&w);
	world_end(&w);
}

TEST(restart_with_a_full_room_drops_what_does_not_fit)
{
	struct world w;
	begin(&w);
	char image_room[1024];
	struct buf image = buf_make(image_room, sizeof image_room);
	EXPECT(w.flow->save(w.flow, IMAGE_FLOW, ID(w.contact), &image));
	world_disconnect(&w, PARTY_customer);
	flow_starve(w.flow, 0);
	EXPECT(world_start(&w) == ERR_FULL);
	world_turn(&w);
	EXPECT(w.flow->load(w.flow, IMAGE_FLOW, ID(w.contact), buf_str(&image)) == ERR_FULL);
	world_done(&w);
	world_end(&w);
}

/* Any word at any moment: nothing of it may break the room or the law of stretches. */
static void anything(struct world *w)
{
	static const enum result reasons[] = {RESULT_answered,	  RESULT_flow_out, RESULT_rejected,
					      RESULT_transferred, RESULT_failed,   RESULT_none};
	uint64_t dice = core_dice(&w->core);
	uint32_t pick = (uint32_t)(dice >> 32);
	w->play_err = dice & 256 && dice & 512 ? ERR_NOT_FOUND : ERR_OK;
	w->join_err = dice & 1024 && dice & 2048 && dice & 4096 ? ERR_FULL : ERR_OK;
	switch (dice % 10) {
	case 0:
	case 1:
		world_played(w, pick & 1);
		break;
	case 2:
	case 3:
		world_digit(w, pick % 13);
		break;
	case 4:
		world_pass(w, pick % 7000);
		break;
	case 5:
	case 6:
		world_dequeue(w, reasons[pick % COUNT_OF(reasons)],
			      (enum queue_exit)(pick / 16 % 5));
		break;
	case 7:
		world_agent_end(w, (enum party)(pick % 3), RESULT_completed);
		break;
	case 8:
		if (pick % 4 == 0)
			world_restart(w);
		else
			declare(w, 2 + pick % 1000);
		break;
	case 9:
		if (pick % 3 == 0 || !world_state(w).n) {
			world_disconnect(w, (enum party)(pick % 3));
			EXPECT(world_start(w) == ERR_OK);
		}
		break;
	}
}

TEST(restart_among_a_storm_of_words)
{
	struct world w;
	begin(&w);
	for (int i = 0; i < 10000; i++) {
		anything(&w);
		/* a time-out runs when a key is waited for, and only then */
		bool key = str_find_str(world_state(&w), STR("state=KEY")) >= 0;
		EXPECT(key == (timers_next(&w.core.timers) != INT64_MAX));
	}
	world_disconnect(&w, PARTY_customer);
	world_end(&w);
}
