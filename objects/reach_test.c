/* reach_test.c - whom a supervisor of teams looks after, out of declared objects. */
#include "objects/site_test.h"
#include "tests/test.h"

/* nora is north, sam south, nils both; `both` is served by all, `vip` is north's. */
static struct registry *firm(void)
{
	struct registry *g = site_registry();
	(void)put(g, KIND_team, "north", "{}");
	(void)put(g, KIND_team, "south", "{}");
	(void)put(g, KIND_queue, "both", "{}");
	(void)put(g, KIND_queue, "far", "{}");
	(void)put(g, KIND_queue, "vip", "{\"team\":\"north\"}");
	(void)put(g, KIND_user, "nora", "{\"teams\":[\"north\"],\"queues\":[\"both\"]}");
	(void)put(g, KIND_user, "nils", "{\"teams\":[\"south\",\"north\"]}");
	(void)put(g, KIND_user, "sam",
		  "{\"teams\":[\"south\"],\"queues\":[\"both\",\"far\",\"vip\"]}");
	(void)put(g, KIND_user, "tina", "{\"roles\":[\"supervisor\"],\"supervises\":[\"north\"]}");
	(void)put(g, KIND_user, "sven", "{\"roles\":[\"supervisor\"],\"supervises\":[\"south\"]}");
	(void)put(g, KIND_user, "olga", "{\"roles\":[\"supervisor\"]}");
	(void)put(g, KIND_user, "none", "{\"roles\":[\"supervisor\"],\"supervises\":[]}");
	return g;
}

static void expect_names(const struct str *got, uint32_t count, const char *want)
{
	char room[256];
	struct buf b = buf_make(room, sizeof room);
	for (uint32_t i = 0; i < count; i++) {
		buf_put(&b, got[i]);
		buf_ch(&b, ' ');
	}
	EXPECT_STR(buf_str(&b), want);
}

static void expect_reach(struct registry *g, const char *user, const char *agents,
			 const char *queues)
{
	struct arena a;
	struct reach r;
	arena_init(&a);
	EXPECT(registry_reach(g, STR("acme"), str_of(user), &a, &r));
	expect_names(r.agents, r.agent_count, agents);
	expect_names(r.queues, r.queue_count, queues);
	arena_finish(&a);
}

TEST(a_reach_is_members_and_what_they_serve_and_what_says_to_be_theirs)
{
	struct registry *g = firm();
	expect_reach(g, "tina", "nils nora tina ", "both vip ");
	expect_reach(g, "sven", "nils sam sven ", "both far "); /* sam helps out in vip */
	expect_reach(g, "none", "none ", "");
	registry_destroy(g);
}

static void expect_team(struct registry *g, const char *team, const struct reach *who,
			const char *agents, const char *queues)
{
	struct arena a;
	struct reach of, both;
	arena_init(&a);
	registry_reach_team(g, STR("acme"), str_of(team), &a, &of);
	both = reach_both(&a, &of, who);
	expect_names(both.agents, both.agent_count, agents);
	expect_names(both.queues, both.queue_count, queues);
	arena_finish(&a);
}

TEST(a_team_is_its_members_and_queues_and_of_them_those_one_reaches)
{
	struct registry *g = firm();
	struct arena a;
	struct reach sven;
	arena_init(&a);
	expect_team(g, "north", NULL, "nils nora ", "both vip ");
	expect_team(g, "nowhere", NULL, "", "");
	EXPECT(registry_reach(g, STR("acme"), STR("sven"), &a, &sven));
	expect_team(g, "north", &sven, "nils ", "both "); /* what north and south share */
	expect_team(g, "south", &sven, "nils sam ", "both far ");
	arena_finish(&a);
	registry_destroy(g);
}

TEST(who_supervises_no_team_is_held_to_nothing)
{
	struct registry *g = firm();
	struct arena a;
	struct reach r;
	arena_init(&a);
	EXPECT(!registry_reach(g, STR("acme"), STR("olga"), &a, &r));
	EXPECT(!registry_held(g, STR("acme"), STR("olga")));
	EXPECT(!registry_held(g, STR("acme"), STR("nobody")));
	EXPECT(registry_held(g, STR("acme"), STR("none")));
	EXPECT(reach_agent(NULL, STR("anybody")) && reach_queue(NULL, STR("any")));
	EXPECT(!reach_agent(&r, STR("")) && !reach_queue(&r, STR("both")));
	arena_finish(&a);
	registry_destroy(g);
}

TEST(a_reach_follows_what_is_declared)
{
	struct registry *g = firm();
	(void)put(g, KIND_user, "sam", "{\"teams\":[\"north\"],\"queues\":[\"far\"]}");
	expect_reach(g, "tina", "nils nora sam tina ", "both far vip ");
	(void)put(g, KIND_queue, "far", "{\"team\":\"south\"}");
	expect_reach(g, "tina", "nils nora sam tina ", "both vip ");
	registry_destroy(g);
}
