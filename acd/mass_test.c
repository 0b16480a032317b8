/* mass_test.c - mass events: bulletin, helpers, limits; over a restart (behaviours.md Q-11). */
#include "acd/world_test.h"
#include "tests/test.h"

static const struct str covered[] = {{"faults", 6}}, helpers[] = {{"sales", 5}};

static void declare(struct world *w)
{
	world_object(w, &(struct config){.kind = KIND_mass_event,
					 .tenant = STR("acme"),
					 .id = STR("outage"),
					 .mass_event = {.queues = covered,
							.queue_count = 1,
							.helpers = helpers,
							.helper_count = 1,
							.bulletin = STR("news"),
							.limits = true,
							.max_waiting = 3}});
}

static enum err set(struct world *w, const char *name, bool on)
{
	return SEND(&w->core, mass_event_set, .tenant = w->tenant, .event = str_of(name), .on = on,
		    .by = STR("simon"));
}

static void outage(struct world *w)
{
	static const struct skill_term term[] = {{TERM_COMPARE, {"grid", 4}, CMP_GE, 50}};
	static const struct skill_step steps[] = {{0, {"grid >= 50", 10}, term, 1}};
	struct queue_config conf = plain_queue();
	conf.steps = steps;
	conf.step_count = 1;
	conf.max_waiting = 1;
	world_begin(w);
	world_queue(w, "faults", conf);
	world_queue(w, "sales", plain_queue());
	declare(w);
	world_agent(w, "sara", "sales"); /* knows nothing of grids */
	world_agent(w, "ivan", "faults");
	EXPECT(presence(w, "ivan", PRESENCE_not_ready, "lunch") == ERR_OK);
	world_hush(w);
}

TEST(a_mass_event_tells_helps_and_lets_more_in)
{
	struct world w;
	outage(&w);
	uint32_t c1 = call(&w, "faults");
	call(&w, "faults");
	EXPECT_SAID(&w, "enqueue c1 faults; enqueue c2 faults; dequeue c2 rejected full 0");
	EXPECT(set(&w, "outage", true) == ERR_OK); /* who waits hears it, and is helped at once */
	EXPECT_SAID(&w, "mass_start outage [faults] simon; bulletin c1 news; offer c1 sara");
	EXPECT(set(&w, "outage", true) == ERR_OK); /* again: nothing */
	EXPECT_SAID(&w, "");
	EXPECT_LAWFUL(&w);
	EXPECT(accept_offer(&w, c1, "sara") == ERR_OK);
	world_hush(&w);
	for (int i = 0; i < 4; i++)
		call(&w, "faults");
	EXPECT_SAID(&w, "enqueue c3 faults; bulletin c3 news; enqueue c4 faults; bulletin c4 news; "
			"enqueue c5 faults; bulletin c5 news; "
			"enqueue c6 faults; dequeue c6 rejected full 0");
	EXPECT_LAWFUL(&w);
	EXPECT(set(&w, "outage", false) == ERR_OK);
	EXPECT_SAID(&w, "mass_stop outage simon");
	customer_hangs_up(&w, c1); /* she is no helper any more */
	EXPECT_SAID(&w, "agent_end c1 sara customer 0 0");
	EXPECT_LAWFUL(&w);
	EXPECT(set(&w, "outage", false) == ERR_OK);
	EXPECT(set(&w, "flood", true) == ERR_NOT_FOUND);
	EXPECT_SAID(&w, "");
	world_end(&w);
}

TEST(a_mass_event_goes_on_after_a_restart)
{
	struct world w;
	outage(&w);
	EXPECT(set(&w, "outage", true) == ERR_OK);
	EXPECT(presence(&w, "sara", PRESENCE_not_ready, "lunch") == ERR_OK);
	call(&w, "faults");
	world_restart(&w);
	EXPECT_LAWFUL(&w);
	EXPECT_SAID(&w, "mass_start outage [faults] simon; enqueue c1 faults; bulletin c1 news");
	EXPECT(presence(&w, "sara", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, "offer c1 sara");
	EXPECT(set(&w, "outage", false) == ERR_OK);
	EXPECT_SAID(&w, "mass_stop outage simon");
	world_restart(&w);
	EXPECT(set(&w, "outage", false) == ERR_OK); /* and it stays over */
	EXPECT_SAID(&w, "");
	EXPECT_LAWFUL(&w);
	world_end(&w);
}

TEST(a_mass_event_ends_with_its_object_and_follows_its_changes)
{
	struct world w;
	outage(&w);
	EXPECT(set(&w, "outage", true) == ERR_OK);
	EXPECT(presence(&w, "sara", PRESENCE_not_ready, "lunch") == ERR_OK);
	call(&w, "faults");
	world_hush(&w);
	world_object(&w, &(struct config){.kind = KIND_mass_event,
					  .tenant = STR("acme"),
					  .id = STR("outage"),
					  .mass_event = {.queues = covered, .queue_count = 1}});
	EXPECT(presence(&w, "sara", PRESENCE_ready, "") == ERR_OK);
	EXPECT_SAID(&w, ""); /* nobody helps any more */
	declare(&w);
	EXPECT_SAID(&w, "offer c1 sara");
	EXPECT_LAWFUL(&w);
	world_drop(&w, KIND_mass_event, "outage");
	EXPECT_SAID(&w, "mass_stop outage system");
	EXPECT_LAWFUL(&w);
	EXPECT(accept_offer(&w, 1, "sara") == ERR_OK); /* what rings may be answered */
	EXPECT_LAWFUL(&w);
	world_end(&w);
}
