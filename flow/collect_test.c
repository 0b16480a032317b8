/* collect_test.c - keys into a variable, also secret ones (behaviours V-1, V-2, V-4). */
#include "flow/world_test.h"

#include "tests/test.h"

#define STAR 10
#define POUND 11

/* hello -> pin (up to 4 keys) -> branch: 4711 yes, else no; too few: few */
static void declare(struct world *w, bool masked, uint32_t min)
{
	struct flow_node n[] = {
		node_play("hello", "welcome", 1),
		node_collect("pin", "menu", "pin", 4, 2, 4),
		node_branch("check", 3),
		node_play("no", "welcome", 6),
		node_hangup("few"),
		node_play("yes", "welcome", 6),
		node_menu("menu", "menu", 3, 4),
	};
	n[1].masked = masked;
	n[1].min = min;
	node_case(&n[2], "var.pin == '4711'", 5);
	node_key(&n[6], 1, 4);
	world_flow(w, 1, n, COUNT_OF(n));
}

static void keys(struct world *w, const char *text)
{
	for (; *text; text++)
		world_digit(w, *text == '*'   ? STAR
			       : *text == '#' ? POUND
					      : (uint32_t)(*text - '0'));
}

static void to_pin(struct world *w, bool masked, uint32_t min)
{
	world_begin(w);
	declare(w, masked, min);
	EXPECT(world_start(w) == ERR_OK);
	world_played(w, true);
	EXPECT_STR(world_asked(w), "play menu pl digits");
}

TEST(collect_goes_on_with_the_last_key)
{
	struct world w;
	to_pin(&w, false, 4);
	world_digit(&w, 4);
	EXPECT_STR(world_asked(&w), "stop"); /* barge-in */
	EXPECT_STR(world_state(&w), "node=pin state=KEY tries=0 ahead=0");
	keys(&w, "71");
	EXPECT_STR(world_asked(&w), "");
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step check; step yes");
	world_end(&w);
}

TEST(collect_ends_at_the_terminator_or_after_a_pause)
{
	struct world w;
	to_pin(&w, false, 1);
	keys(&w, "47#");
	EXPECT_STR(world_told(&w), "step check; step no");
	world_end(&w);

	to_pin(&w, false, 1);
	world_played(&w, true);
	world_pass(&w, 4999);
	keys(&w, "4");
	world_pass(&w, 4999); /* the pause counts from key to key */
	EXPECT_STR(world_told(&w), "");
	world_pass(&w, 1);
	EXPECT_STR(world_told(&w), "step check; step no");
	world_end(&w);
}

TEST(collect_of_too_few_keys_goes_elsewhere)
{
	struct world w;
	to_pin(&w, false, 4);
	keys(&w, "471#");
	EXPECT_STR(world_told(&w), "step few; ivr_end completed");
	world_end(&w);

	to_pin(&w, false, 1);
	world_played(&w, true);
	world_pass(&w, 5000);
	EXPECT_STR(world_told(&w), "step few; ivr_end completed");
	world_end(&w);

	to_pin(&w, false, 0); /* nothing is enough */
	keys(&w, "#");
	EXPECT_STR(world_told(&w), "step check; step no");
	world_end(&w);
}

TEST(collect_takes_away_what_was_there_before_when_it_fails)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_set("old", "pin", "'4711'", 1),
				node_collect("pin", "menu", "pin", 4, 2, 2),
				node_branch("check", 4), node_hangup("yes"), node_hangup("no")};
	node_case(&n[2], "var.pin == '4711'", 3);
	world_flow(&w, 1, n, COUNT_OF(n));
	EXPECT(world_start(&w) == ERR_OK);
	world_digit(&w, POUND);
	EXPECT_STR(world_told(&w), "step check; step no; ivr_end completed");
	world_end(&w);
}

TEST(collect_takes_other_terminators_and_no_letters)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_collect("pin", "menu", "pin", 9, 1, NODE_NOWHERE),
				node_branch("check", 3), node_hangup("yes"), node_hangup("no")};
	n[0].terminator = 5;
	node_case(&n[1], "var.pin == '1#*'", 2);
	world_flow(&w, 1, n, COUNT_OF(n));
	EXPECT(world_start(&w) == ERR_OK);
	keys(&w, "1#");
	world_digit(&w, 12); /* A */
	keys(&w, "*5");
	EXPECT_STR(world_told(&w), "step check; step yes; ivr_end completed");
	world_end(&w);
}

TEST(collect_takes_what_was_keyed_in_before_it)
{
	struct world w;
	world_begin(&w);
	declare(&w, false, 4);
	EXPECT(world_start(&w) == ERR_OK);
	keys(&w, "4711#1"); /* pin, its # that is not needed, and the menu's 1 */
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step pin; step check; step yes");
	EXPECT_STR(world_state(&w), "node=yes state=PLAYING tries=0 ahead=1");
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step menu; step few; ivr_end completed");
	world_end(&w);

	world_begin(&w);
	declare(&w, false, 4);
	EXPECT(world_start(&w) == ERR_OK);
	keys(&w, "47");
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), ""); /* no prompt over somebody who is typing */
	EXPECT_STR(world_state(&w), "node=pin state=KEY tries=0 ahead=0");
	keys(&w, "11");
	EXPECT_STR(world_told(&w), "step check; step yes");
	world_end(&w);
}

TEST(collect_passes_over_the_terminator_that_came_too_late)
{
	struct world w;
	to_pin(&w, false, 4);
	keys(&w, "4711#");
	EXPECT_STR(world_state(&w), "node=yes state=PLAYING tries=0 ahead=0");
	keys(&w, "#");
	EXPECT_STR(world_state(&w), "node=yes state=PLAYING tries=0 ahead=1");
	world_end(&w);

	to_pin(&w, false, 4);
	keys(&w, "4711");
	world_pass(&w, 2000);
	keys(&w, "#"); /* too long after it to belong to it */
	EXPECT_STR(world_state(&w), "node=yes state=PLAYING tries=0 ahead=1");
	world_end(&w);
}

TEST(collect_without_a_prompt_that_can_be_played_waits_for_keys)
{
	struct world w;
	world_begin(&w);
	declare(&w, false, 4);
	EXPECT(world_start(&w) == ERR_OK);
	w.play_err = ERR_FULL;
	world_played(&w, true);
	EXPECT_STR(world_state(&w), "node=pin state=KEY tries=0 ahead=0");
	world_end(&w);
}

TEST(collect_keeps_its_digits_and_its_deadline_over_a_restart)
{
	struct world w;
	to_pin(&w, false, 4);
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	keys(&w, "47");
	world_pass(&w, 3000);
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "");
	keys(&w, "1");
	world_restart(&w);
	world_pass(&w, 4999);
	keys(&w, "1");
	EXPECT_STR(world_told(&w), "step check; step yes");
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play welcome pl");
	world_end(&w);
}

/* Digits as text and as numbers: neither may be in any batch of any turn. */
TEST(masked_digits_are_stored_nowhere)
{
	static const struct str forms[] = {{"471", 3}, {"\4\7\1", 3}};
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		struct world w;
		to_pin(&w, true, 4);
		w.secret = forms[i];
		keys(&w, "471");
		world_restart(&w);
		EXPECT_STR(world_asked(&w), "play menu pl digits"); /* asks again */
		EXPECT_STR(world_state(&w), "node=pin state=PROMPT tries=0 ahead=0");
		keys(&w, "4711");
		EXPECT_STR(world_told(&w), "step check; step yes");
		world_restart(&w);
		EXPECT_STR(world_asked(&w), "play welcome pl");
		world_disconnect(&w, PARTY_customer);
		/* and keyed in early */
		EXPECT(world_start(&w) == ERR_OK);
		keys(&w, "471");
		world_restart(&w);
		EXPECT_STR(world_state(&w), "node=hello state=PLAYING tries=0 ahead=0");
		world_end(&w);
	}
}

TEST(what_is_made_of_masked_digits_is_masked)
{
	struct world w;
	world_begin(&w);
	w.secret = STR("4711");
	struct flow_node n[] = {node_collect("pin", "menu", "pin", 4, 1, 5),
				node_set("copy", "copy", "var.pin", 2),
				node_set("open", "open", "'seen'", 3),
				node_menu("menu", "menu", 3, 5),
				node_branch("check", 6),
				node_hangup("no"),
				node_hangup("forgotten"),
				node_hangup("kept")};
	n[0].masked = true;
	node_key(&n[3], 1, 4);
	node_case(&n[4], "var.pin == '4711' && var.copy == 4711", 7);
	node_case(&n[4], "var.open != 'seen'", 5);
	world_flow(&w, 1, n, COUNT_OF(n));
	EXPECT(world_start(&w) == ERR_OK);
	keys(&w, "47111");
	EXPECT_STR(world_told(&w), "step check; step kept; ivr_end completed");
	world_disconnect(&w, PARTY_customer);

	EXPECT(world_start(&w) == ERR_OK);
	keys(&w, "4711");
	world_restart(&w);
	keys(&w, "1");
	EXPECT_STR(world_told(&w), "step check; step forgotten; ivr_end completed");
	world_end(&w);
}

TEST(masked_input_that_is_not_masked_is_noticed_by_these_tests)
{
	struct world w;
	to_pin(&w, false, 4);
	struct buf image = buf_grow(256);
	keys(&w, "471");
	EXPECT(w.flow->save(w.flow, IMAGE_FLOW, ID(w.contact), &image));
	EXPECT(str_find_str(buf_str(&image), STR("471")) >= 0);
	buf_free(&image);
	world_end(&w);
}
