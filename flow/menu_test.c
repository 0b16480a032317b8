/* menu_test.c - nodes that are heard: play, say, menu (behaviours V-1, V-2). */
#include "flow/world_test.h"

#include "tests/test.h"

#define STAR 10
#define POUND 11

/* hello -> menu: 1 sales, 9 bye, else support */
static void declare(struct world *w)
{
	struct flow_node n[] = {
		node_play("hello", "welcome", 1),
		node_menu("menu", "menu", 3, 3),
		node_say("sales", &(struct lang_text){STR("pl"), STR("Sprzedaz")}, 1, 4),
		node_queue("support", "support"),
		node_hangup("bye"),
	};
	n[1].invalid = STR("invalid");
	node_key(&n[1], 1, 2);
	node_key(&n[1], 9, 4);
	node_key(&n[1], STAR, 1);
	world_flow(w, 1, n, COUNT_OF(n));
}

static void to_menu(struct world *w)
{
	world_begin(w);
	declare(w);
	EXPECT(world_start(w) == ERR_OK);
	world_played(w, true);
	EXPECT_STR(world_asked(w), "play menu pl digits");
}

TEST(play_goes_on_when_it_was_heard)
{
	struct world w;
	world_begin(&w);
	declare(&w);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_asked(&w), "play welcome pl");
	EXPECT_STR(world_told(&w), "step hello");
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	EXPECT_STR(world_told(&w), "step menu");
	world_end(&w);
}

TEST(play_goes_on_when_it_cannot_be_heard)
{
	struct world w;
	world_begin(&w);
	declare(&w);
	EXPECT(world_start(&w) == ERR_OK);
	world_played(&w, false); /* a file that cannot be read */
	EXPECT_STR(world_told(&w), "step menu");
	world_end(&w);

	world_begin(&w);
	declare(&w);
	w.play_err = ERR_NOT_FOUND; /* voice refuses */
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step hello; step menu");
	EXPECT_STR(world_state(&w), "node=menu state=KEY tries=0 ahead=0");
	world_end(&w);

	world_begin(&w);
	declare(&w);
	world_drop(&w, KIND_prompt, "welcome");
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_end(&w);
}

TEST(play_ignores_the_end_of_another_play)
{
	struct world w;
	world_begin(&w);
	declare(&w);
	EXPECT(world_start(&w) == ERR_OK);
	w.token += 7;
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "");
	EXPECT_STR(world_state(&w), "node=hello state=PLAYING tries=0 ahead=0");
	world_end(&w);
}

TEST(say_speaks_the_contacts_language_or_any)
{
	static const struct lang_text rows[][3] = {
		{{STR_NONE, STR("any")}, {STR("en"), STR("hello")}, {STR("pl"), STR("witam")}},
		{{STR("en"), STR("hello")}, {STR_NONE, STR("any")}, {STR("ru"), STR("privet")}},
		{{STR("en"), STR("hello")}, {STR("ru"), STR("privet")}, {STR("de"), STR("hallo")}},
	};
	static const char *const heard[] = {"say witam pl", "say any pl", "say hello en"};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct world w;
		world_begin(&w);
		struct flow_node n[] = {node_say("hi", rows[i], 3, NODE_NOWHERE)};
		world_flow(&w, 1, n, 1);
		EXPECT(world_start(&w) == ERR_OK);
		EXPECT_STR(world_asked(&w), heard[i]);
		world_end(&w);
	}
}

TEST(an_edge_to_nowhere_ends_the_call)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_play("only", "welcome", NODE_NOWHERE)};
	world_flow(&w, 1, n, 1);
	EXPECT(world_start(&w) == ERR_OK);
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "hang_up system flow");
	EXPECT_STR(world_told(&w), "ivr_end completed");
	world_disconnect(&w, PARTY_system);
	EXPECT_STR(world_told(&w), ""); /* the stretch was ended already */
	EXPECT_STR(world_state(&w), "");
	world_end(&w);
}

TEST(menu_takes_the_key_that_is_pressed)
{
	struct world w;
	to_menu(&w);
	world_digit(&w, 9); /* barge-in */
	EXPECT_STR(world_asked(&w), "stop; hang_up system flow");
	EXPECT_STR(world_told(&w), "step bye; ivr_end completed");
	world_end(&w);

	to_menu(&w);
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "");
	world_pass(&w, 4999);
	world_digit(&w, 1); /* after the prompt there is nothing to stop */
	EXPECT_STR(world_asked(&w), "say Sprzedaz pl");
	EXPECT_STR(world_told(&w), "step sales");
	world_pass(&w, 60000); /* and its timer is gone */
	EXPECT_STR(world_told(&w), "");
	world_end(&w);
}

TEST(menu_star_leads_back_with_all_tries)
{
	struct world w;
	to_menu(&w);
	world_digit(&w, POUND);
	world_played(&w, true);
	EXPECT_STR(world_state(&w), "node=menu state=PROMPT tries=1 ahead=0");
	world_digit(&w, STAR);
	EXPECT_STR(world_told(&w), "step menu");
	EXPECT_STR(world_state(&w), "node=menu state=PROMPT tries=0 ahead=0");
	world_end(&w);
}

TEST(menu_gives_up_after_its_time_outs)
{
	struct world w;
	to_menu(&w);
	for (int i = 0; i < 2; i++) {
		world_played(&w, true);
		world_pass(&w, 4999);
		EXPECT_STR(world_asked(&w), "");
		world_pass(&w, 1);
		EXPECT_STR(world_asked(&w), "play menu pl digits"); /* no word about a wrong key */
	}
	world_played(&w, true);
	world_pass(&w, 5000);
	EXPECT_STR(world_asked(&w), "join support 0");
	EXPECT_STR(world_told(&w), "step support; ivr_end completed");
	world_end(&w);
}

TEST(menu_gives_up_after_wrong_keys)
{
	struct world w;
	to_menu(&w);
	world_digit(&w, 7);
	EXPECT_STR(world_asked(&w), "stop; play invalid pl digits");
	world_digit(&w, 15); /* D: barges in on the word about the wrong key, and is wrong too */
	EXPECT_STR(world_asked(&w), "stop; play invalid pl digits");
	EXPECT_STR(world_state(&w), "node=menu state=INVALID tries=2 ahead=0");
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_played(&w, true);
	world_digit(&w, 16);
	EXPECT_STR(world_asked(&w), "join support 0");
	world_end(&w);
}

TEST(menu_answers_while_told_of_a_wrong_key)
{
	struct world w;
	to_menu(&w);
	world_digit(&w, 7);
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step sales");
	world_end(&w);
}

TEST(menu_without_a_prompt_waits_all_the_same)
{
	struct world w;
	to_menu(&w);
	w.play_err = ERR_NOT_FOUND;
	world_digit(&w, 7); /* neither the word nor the menu can be played */
	EXPECT_STR(world_state(&w), "node=menu state=KEY tries=1 ahead=0");
	world_pass(&w, 5000);
	EXPECT_STR(world_state(&w), "node=menu state=KEY tries=2 ahead=0");
	world_digit(&w, 9);
	EXPECT_STR(world_told(&w), "step bye; ivr_end completed");
	world_end(&w);
}

TEST(menu_takes_what_was_typed_ahead)
{
	struct world w;
	world_begin(&w);
	declare(&w);
	EXPECT(world_start(&w) == ERR_OK);
	world_digit(&w, STAR);
	world_digit(&w, 1);
	world_digit(&w, 5);
	EXPECT_STR(world_asked(&w), ""); /* the greeting is heard to its end */
	EXPECT_STR(world_state(&w), "node=hello state=PLAYING tries=0 ahead=3");
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step menu; step menu; step sales");
	EXPECT_STR(world_asked(&w), "say Sprzedaz pl");
	EXPECT_STR(world_state(&w), "node=sales state=PLAYING tries=0 ahead=1");
	world_end(&w);
}

TEST(menu_forgets_what_was_typed_after_a_slip)
{
	struct world w;
	world_begin(&w);
	declare(&w);
	EXPECT(world_start(&w) == ERR_OK);
	world_digit(&w, 7);
	world_digit(&w, 9);
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "play invalid pl digits");
	EXPECT_STR(world_state(&w), "node=menu state=INVALID tries=1 ahead=0");
	world_end(&w);
}

TEST(menu_type_ahead_has_an_end)
{
	struct world w;
	world_begin(&w);
	declare(&w);
	EXPECT(world_start(&w) == ERR_OK);
	for (int i = 0; i < 40; i++)
		world_digit(&w, STAR);
	world_digit(&w, 9);
	EXPECT_STR(world_state(&w), "node=hello state=PLAYING tries=0 ahead=16");
	world_played(&w, true);
	EXPECT_STR(world_state(&w), "node=menu state=PROMPT tries=0 ahead=0");
	world_end(&w);
}

TEST(nodes_that_never_wait_end_the_call)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_play("a", "welcome", 1), node_play("b", "menu", 0)};
	world_flow(&w, 1, n, 2);
	w.play_err = ERR_FULL;
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT(str_ends(world_asked(&w), STR("hang_up system goes round and round")));
	EXPECT(str_ends(world_told(&w),
			STR("; alarm flow main node b: goes round and round; ivr_end failed")));
	world_end(&w);
}
