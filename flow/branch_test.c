/* branch_test.c - nodes that decide and remember: set, branch, language. */
#include "flow/world_test.h"

#include <stdio.h>

#include "tests/test.h"

/* Where one condition sends a caller: "yes" or "no". */
static const char *decides(struct world *w, const char *when)
{
	static uint32_t version;
	struct flow_node n[] = {node_set("start", "n", "5", 1), node_branch("branch", 3),
				node_hangup("yes"), node_hangup("no")};
	node_case(&n[1], when, 2);
	world_flow(w, ++version, n, COUNT_OF(n));
	EXPECT(world_start(w) == ERR_OK);
	bool yes = str_find_str(world_told(w), STR("step yes")) >= 0;
	bool no = str_find_str(world_told(w), STR("step no")) >= 0;
	EXPECT(yes != no);
	world_disconnect(w, PARTY_system);
	return yes ? "yes" : "no";
}

/* The world's clock says Saturday, 13:00 in Warsaw. */
TEST(branch_knows_what_the_contract_names)
{
	static const struct {
		const char *when, *way, *from;
	} rows[] = {
		{"var.n == 5", "yes", NULL},
		{"var.nobody == 5", "no", NULL},
		{"caller.number == '+48600100200'", "yes", NULL},
		{"caller.country in ('PL', 'DE')", "yes", NULL},
		{"caller.country == 'DE'", "yes", "+4930123456"},
		{"caller.country != 'DE'", "no", "112"},
		{"caller.number", "no", "anonymous"},
		{"caller.number", "no", ""},
		{"caller.number != ''", "no", "Anonymous"},
		{"call.to == '+48221000000'", "yes", NULL},
		{"time.hour == 13", "yes", NULL},
		{"time.weekday == 6 && time.weekday == 'sat'", "yes", NULL},
		{"time.weekday in ('mon', 'tue', 'wed', 'thu', 'fri')", "no", NULL},
		{"customer.language == 'pl'", "yes", NULL},
		{"queue.support.waiting == 4", "yes", NULL},
		{"queue.support.ewt_s == 90.5", "yes", NULL},
		{"queue.gone.waiting >= 0", "no", NULL},
	};
	struct world w;
	world_begin(&w);
	w.glance = (struct queue_glance){4, 90500};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		w.from = rows[i].from;
		const char *way = decides(&w, rows[i].when);
		if (!str_is(str_of(way), rows[i].way))
			test_failed(rows[i].when, __FILE__, __LINE__);
	}
	w.glance.ewt_ms = -1; /* nobody serves it: not known, which is not a short time */
	EXPECT_STR(str_of(decides(&w, "queue.support.ewt_s < 60")), "no");
	EXPECT_STR(str_of(decides(&w, "queue.support.waiting == 4")), "yes");
	world_end(&w);
}

TEST(branch_takes_the_first_that_is_true)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_branch("branch", 3), node_hangup("one"), node_hangup("two"),
				node_hangup("none")};
	node_case(&n[0], "1 > 2", 1);
	node_case(&n[0], "1 < 2", 2);
	node_case(&n[0], "true", 1);
	world_flow(&w, 1, n, COUNT_OF(n));
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step branch; step two; ivr_end completed");
	n[0].case_count = 1;
	n[0].otherwise = NODE_NOWHERE;
	world_flow(&w, 2, n, COUNT_OF(n));
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step branch; ivr_end completed");
	EXPECT_STR(world_asked(&w), "hang_up system flow");
	world_end(&w);
}

/* a menu in between, so that there is something to wait in and to restart at */
static void declare_counter(struct world *w, uint32_t version)
{
	struct flow_node n[] = {node_set("zero", "count", "0", 1),
				node_menu("menu", "menu", 1, 5),
				node_set("more", "count", "var.count + 1", 3),
				node_branch("enough", 1),
				node_hangup("bye"),
				node_hangup("silent")};
	node_key(&n[1], 1, 2);
	node_case(&n[3], "var.count >= 3", 4);
	world_flow(w, version, n, COUNT_OF(n));
}

TEST(set_counts_from_node_to_node_also_over_a_restart)
{
	struct world w;
	world_begin(&w);
	declare_counter(&w, 1);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_told(&w), "step zero; step menu");
	world_digit(&w, 1);
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play menu pl digits");
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step more; step enough; step menu");
	world_restart(&w);
	world_restart(&w);
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step more; step enough; step bye; ivr_end completed");
	world_end(&w);
}

TEST(set_goes_on_with_its_own_version)
{
	struct world w;
	world_begin(&w);
	declare_counter(&w, 1);
	EXPECT(world_start(&w) == ERR_OK);
	struct flow_node n[] = {node_hangup("new")};
	world_flow(&w, 2, n, 1); /* the old configuration is freed */
	for (int i = 0; i < 3; i++)
		world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step more; step enough; step bye; ivr_end completed");
	world_end(&w);
}

TEST(set_of_every_kind_survives_a_restart)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {
		node_set("a", "text", "'żółw'", 1),
		node_set("b", "number", "-1.25", 2),
		node_set("c", "flag", "true", 3),
		node_set("d", "day", "time.weekday", 4),
		node_set("e", "copy", "var.text", 5),
		node_set("f", "text", "var.text", 6),
		node_set("g", "gone", "1", 7),
		node_set("h", "gone", "var.nobody", 8),
		node_menu("menu", "menu", 1, 10),
		node_branch("branch", 10),
		node_hangup("no"),
		node_hangup("yes"),
	};
	node_key(&n[8], 1, 9);
	node_case(&n[9],
		  "var.text == 'żółw' && var.number == -1.25 && var.flag == true && "
		  "var.day == 'sat' && var.day == 6 && var.copy == var.text && !(var.gone == 1)",
		  11);
	world_flow(&w, 1, n, COUNT_OF(n));
	EXPECT(world_start(&w) == ERR_OK);
	world_restart(&w);
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step branch; step yes; ivr_end completed");
	world_end(&w);
}

TEST(set_beyond_the_limit_alarms_and_goes_on)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[36];
	static char names[33][8];
	for (uint32_t i = 0; i < 33; i++) {
		snprintf(names[i], sizeof names[i], "v%u", i);
		n[i] = node_set(names[i], names[i], "1", i + 1);
	}
	n[33] = node_branch("branch", 35);
	node_case(&n[33], "var.v0 == 1 && var.v31 == 1 && !var.v32", 34);
	n[34] = node_hangup("yes");
	n[35] = node_hangup("no");
	world_flow(&w, 1, n, 36);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT(str_find_str(world_told(&w), STR("more than 32 variables")) > 0);
	EXPECT(str_find_str(world_told(&w), STR("step yes")) > 0);
	world_end(&w);
}

TEST(set_of_the_longest_values_fits_into_an_image)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[35];
	static char names[32][64], value[259];
	memset(value, 'x', 258);
	value[0] = value[257] = '\'';
	for (uint32_t i = 0; i < 32; i++) {
		memset(names[i], 'z', 63);
		names[i][0] = (char)('A' + i % 26);
		names[i][1] = (char)('A' + i / 26);
		names[i][63] = 0;
		n[i] = node_set(names[i], names[i], value, i + 1);
	}
	n[32] = node_menu("menu", "menu", 1, 34);
	n[33] = node_hangup("yes");
	n[34] = node_hangup("no");
	node_key(&n[32], 1, 33);
	world_flow(&w, 1, n, 35);
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT(str_find_str(world_told(&w), STR("alarm")) < 0);
	world_restart(&w);
	world_digit(&w, 1);
	EXPECT_STR(world_told(&w), "step yes; ivr_end completed");
	world_end(&w);
}

TEST(language_is_spoken_from_then_on_also_after_a_restart)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_play("hello", "welcome", 1),
				node_language("en", "en", 2),
				node_play("again", "welcome", 3),
				node_branch("branch", 4),
				node_hangup("bye"),
				node_hangup("english")};
	node_case(&n[3], "customer.language == 'en'", 5);
	world_flow(&w, 1, n, COUNT_OF(n));
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT_STR(world_asked(&w), "play welcome pl");
	world_played(&w, true);
	EXPECT_STR(world_asked(&w), "play welcome en");
	world_restart(&w);
	EXPECT_STR(world_asked(&w), "play welcome en");
	world_played(&w, true);
	EXPECT_STR(world_told(&w), "step branch; step english; ivr_end completed");
	world_end(&w);
}

TEST(nodes_that_do_not_wait_are_stopped_when_they_go_round)
{
	struct world w;
	world_begin(&w);
	struct flow_node n[] = {node_set("a", "n", "1", 1), node_branch("b", 0)};
	world_flow(&w, 1, n, COUNT_OF(n)); /* apply would refuse it */
	EXPECT(world_start(&w) == ERR_OK);
	EXPECT(str_find_str(world_told(&w), STR("goes round and round")) > 0);
	EXPECT_STR(world_asked(&w), "hang_up system goes round and round");
	world_end(&w);
}
