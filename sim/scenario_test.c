/* scenario_test.c - the contract's own scenario is read, and what is wrong is named by its path. */
#include "sim/scenario.h"

#include "tests/test.h"

#define QUEUE "\"arrivals_per_hour\":200,\"handle_s\":{\"dist\":\"exp\",\"mean\":300}"
#define AGENTS "\"agents\":[{\"count\":18,\"queues\":[\"q\"]}]}"

TEST(the_contract_s_scenario)
{
	char room[256];
	struct buf why = buf_make(room, sizeof room);
	struct scenario s;
	EXPECT(scenario_read(
		       &s,
		       STR("{\"seed\":7,\"hours\":200,\"warmup_hours\":20,\"queues\":[{\"id\":"
			   "\"q\",\"arrivals_per_hour\":200,\"handle_s\":{\"dist\":\"exp\","
			   "\"mean\":300},\"patience_s\":{\"dist\":\"exp\",\"mean\":180},"
			   "\"threshold_s\":20}],\"agents\":[{\"count\":18,\"queues\":[\"q\"]}"
			   "]}"),
		       &why) == ERR_OK);
	EXPECT(s.seed == 7 && s.hours == 200 && s.warmup_hours == 20);
	EXPECT(s.queue_count == 1 && s.agents_count == 1);
	EXPECT(s.queues[0].arrivals_per_hour == 200 && s.queues[0].threshold_ms == 20000);
	EXPECT(s.queues[0].handle_s.kind == DIST_EXP && s.queues[0].handle_s.mean == 300);
	EXPECT(s.queues[0].patience_s.mean == 180 && s.queues[0].ageing == 1);
	EXPECT(s.agents[0].count == 18 && s.agents[0].queues[0] == 0);
	scenario_finish(&s);
}

TEST(all_distributions_are_read)
{
	char room[256];
	struct buf why = buf_make(room, sizeof room);
	struct scenario s;
	EXPECT(scenario_read(
		       &s,
		       STR("{\"hours\":1,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":1,"
			   "\"handle_s\":{\"dist\":\"lognormal\",\"mean\":180,\"cv\":0.8},"
			   "\"patience_s\":null,\"class\":3,\"strategy\":\"top_down\",\"wrap_s\":"
			   "0.5},{\"id\":\"r\",\"arrivals_per_hour\":1,\"handle_s\":{\"dist\":"
			   "\"trace\",\"list\":[1,2.5,3]},\"patience_s\":{\"dist\":\"const\","
			   "\"mean\":2}}],\"agents\":[]}"),
		       &why) == ERR_OK);
	EXPECT(s.seed == 1 && s.warmup_hours == 0);
	EXPECT(s.queues[0].handle_s.cv == 0.8 && s.queues[0].patience_s.kind == DIST_NEVER);
	EXPECT(s.queues[0].class_rank == 3 && s.queues[0].strategy == STRATEGY_top_down);
	EXPECT(s.queues[0].wrap_ms == 500);
	EXPECT(s.queues[1].handle_s.length == 3 && s.queues[1].handle_s.list[1] == 2.5);
	EXPECT(s.queues[1].patience_s.kind == DIST_CONST);
	scenario_finish(&s);
}

TEST(what_is_wrong_is_named_by_its_path)
{
	static const struct {
		const char *json, *why;
	} rows[] = {
		{"", "line 1: "},
		{"{\"hours\":1,\"hours\":2}", "line 1: "},
		{"[]", "an object is wanted"},
		{"{\"hour\":1}", "\"hour\" is not known here"},
		{"{\"seed\":1.5,\"hours\":1}", "seed: a whole number is wanted"},
		{"{\"hours\":\"1\"}", "hours: a number is wanted"},
		{"{\"hours\":0}", "hours: 0.001 to 1000000 is allowed"},
		{"{\"hours\":2,\"warmup_hours\":2}", "warmup_hours: not shorter than hours"},
		{"{\"hours\":1,\"agents\":[]}", "queues: is missing"},
		{"{\"hours\":1,\"queues\":[],\"agents\":[]}", "queues: at least one queue"},
		{"{\"hours\":1,\"queues\":[{}]," AGENTS, "queues[0].id: is missing"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"}]," AGENTS,
		 "queues[0].arrivals_per_hour: is missing"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":1}]," AGENTS,
		 "queues[0].handle_s: is missing"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":1,\"handle_s\":5}]"
		 "," AGENTS,
		 "queues[0].handle_s: an object with \"dist\" is wanted"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":1,\"handle_s\":{"
		 "\"dist\":\"normal\"}}]," AGENTS,
		 "queues[0].handle_s.dist: exp, lognormal, const or trace is wanted"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":1,\"handle_s\":{"
		 "\"dist\":\"trace\",\"list\":[1,-2]}}]," AGENTS,
		 "queues[0].handle_s.list[1]: 0 to 10000000 is allowed"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\",\"arrivals_per_hour\":1,\"handle_s\":{"
		 "\"dist\":\"exp\",\"mean\":0}}]," AGENTS,
		 "queues[0].handle_s.mean: 0.001 to 10000000 is allowed"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE ",\"patience\":1}]," AGENTS,
		 "queues[0]: \"patience\" is not known here"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE "},{\"id\":\"q\"," QUEUE
		 "}]," AGENTS,
		 "queues[1].id: two queues are called so"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE
		 ",\"announce\":{\"wait\":1}}]," AGENTS,
		 "queues[0].announce.wait: true or false is wanted"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE
		 ",\"announce\":{\"every\":1}}]," AGENTS,
		 "queues[0].announce: \"every\" is not known here"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE
		 ",\"load\":[{\"from_h\":1}]}]," AGENTS,
		 "queues[0].load[0].factor: is missing"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE
		 ",\"load\":[{\"from_h\":1,\"factor\":2},{"
		 "\"from_h\":1,\"factor\":3}]}]," AGENTS,
		 "queues[0].load[1].from_h: not after the one before"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE ",\"strategy\":\"best\"}]," AGENTS,
		 "queues[0].strategy: no such strategy"},
		{"{\"hours\":1000000,\"queues\":[{\"id\":\"q\"," QUEUE "}]," AGENTS,
		 "queues: 2e+08 calls in all"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"r\"," QUEUE "}]," AGENTS,
		 "agents[0].queues[0]: no queue is called \"q\""},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE "}],\"agents\":[{\"count\":1}]}",
		 "agents[0].queues: a list of queues is wanted"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE
		 "}],\"agents\":[{\"count\":-1,\"queues\":[\"q\"]}]}",
		 "agents[0].count: 0 to 15000 is allowed"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE
		 "}],\"agents\":[{\"count\":1,\"queues\":[\"q\",\"q\"]}]}",
		 "agents[0].queues[1]: is in the list twice"},
		{"{\"hours\":1,\"queues\":[{\"id\":\"q\"," QUEUE
		 "}],\"agents\":[{\"count\":9000,\"queues\":[\"q\"]},{\"count\":9000,\"queues\":["
		 "\"q\"]}]}",
		 "agents: more than 15000 agents"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char room[256];
		struct buf why = buf_make(room, sizeof room);
		struct scenario s;
		EXPECT(scenario_read(&s, str_of(rows[i].json), &why) == ERR_INVALID);
		EXPECT(str_starts(buf_str(&why), str_of(rows[i].why)));
		if (!str_starts(buf_str(&why), str_of(rows[i].why)))
			test_say(buf_str(&why));
		EXPECT(!s.queues && !s.agents);
	}
}
