/* rehearsal_test.c - a flow walked by an invented caller (behaviours V-3, Z-5). */
#include "flow/rehearsal.h"

#include "core/zone.h"
#include "flow/world_test.h"
#include "tests/test.h"

#define STAR 10
#define POUND 11
/* Monday, 23 November 2026, 09:00 UTC: 10:00 in Warsaw */
#define MONDAY INT64_C(1795424400000)

struct stage {
	struct rehearsal *r;
	struct rehearsal_wish wish;
	struct rehearsal_key keys[16];
	struct rehearsal_queue queue;
	struct buf out;
};

static void put(struct stage *s, struct config *c)
{
	EXPECT(rehearsal_declare(s->r, c, 1) == ERR_OK);
}

static void declare_prompt(struct stage *s, const char *name, const char *pl, const char *en)
{
	struct config *c = world_config(KIND_prompt, name);
	struct lang_text *t = arena_alloc(&c->arena, 2 * sizeof *t);
	if (pl)
		t[c->prompt.text_count++] = (struct lang_text){STR("pl"), str_of(pl)};
	if (en)
		t[c->prompt.text_count++] = (struct lang_text){STR("en"), str_of(en)};
	c->prompt.texts = t;
	put(s, c);
}

static void stage_begin(struct stage *s)
{
	*s = (struct stage){.r = rehearsal_create(32), .out = buf_grow(4096)};
	s->wish = (struct rehearsal_wish){
		.tenant = STR("acme"),
		.flow = STR("main"),
		.from = STR("+48600100200"),
		.to = STR("+48221000000"),
		.utc_ms = MONDAY,
		.keys = s->keys,
		.talk_ms = 30000,
		.hang_up_ms = -1,
	};
	s->queue = (struct rehearsal_queue){.ewt_ms = -1};
	struct config *tenant = world_config(KIND_tenant, "acme");
	tenant->tenant_of.locale = STR("pl");
	tenant->tenant_of.country = STR("PL");
	tenant->tenant_of.zone = zone_get(STR("Europe/Warsaw"));
	put(s, tenant);
	put(s, world_config(KIND_trunk, "carrier"));
	put(s, world_config(KIND_user, "anna"));
	struct config *queue = world_config(KIND_queue, "support");
	queue->queue.max_wait_ms = 600000;
	put(s, queue);
	struct config *hours = world_config(KIND_hours, "office");
	struct span *span = arena_alloc(&hours->arena, sizeof *span);
	*span = (struct span){8 * 60, 16 * 60};
	for (int i = 0; i < 5; i++)
		hours->hours.week[i] = (struct day_plan){span, 1};
	put(s, hours);
	declare_prompt(s, "welcome", "Dzien dobry", "Good morning");
	declare_prompt(s, "menu", NULL, "One or nine");
	declare_prompt(s, "nothing", NULL, NULL);
}

static void stage_keys(struct stage *s, const char *keys)
{
	for (const char *k = keys; *k; k++) {
		uint32_t key = *k == '*'   ? STAR
			       : *k == '#' ? POUND
			       : *k == ',' ? REHEARSAL_SILENCE
					   : (uint32_t)(*k - '0');
		s->keys[s->wish.key_count++] = (struct rehearsal_key){key, -1};
	}
}

static struct str stage_run(struct stage *s, const struct flow_node *nodes, uint32_t count)
{
	if (s->queue.end || s->queue.waiting || s->queue.wait_ms) {
		s->wish.queues = &s->queue;
		s->wish.queue_count = 1;
	}
	put(s, world_flow_config(KIND_flow, "main", nodes, count));
	EXPECT(rehearsal_run(s->r, &s->wish, &s->out) == ERR_OK);
	return buf_str(&s->out);
}

static void stage_end(struct stage *s)
{
	rehearsal_destroy(s->r);
	buf_free(&s->out);
}

static bool has(struct str text, const char *part)
{
	return str_find_str(text, str_of(part)) >= 0;
}

/* "hello menu support" */
static struct str way(struct str text)
{
	static char room[8192];
	struct buf b = buf_make(room, sizeof room);
	for (ptrdiff_t at; (at = str_find_str(text, STR("\"node\":\""))) >= 0;) {
		text = str_from(text, (size_t)at + 8);
		if (b.n)
			buf_ch(&b, ' ');
		buf_put(&b, str_head(text, (size_t)str_find(text, '"')));
	}
	return buf_str(&b);
}

/* hello -> menu: 1 queue, 9 bye, else say */
static const struct flow_node *usual(uint32_t *count)
{
	static struct flow_node n[5];
	static struct lang_text text;
	text = (struct lang_text){STR("pl"), STR("Do widzenia")};
	n[0] = node_play("hello", "welcome", 1);
	n[1] = node_menu("menu", "menu", 2, 3);
	n[2] = node_queue("support", "support");
	n[3] = node_say("sorry", &text, 1, 4);
	n[4] = node_hangup("bye");
	node_key(&n[1], 1, 2);
	node_key(&n[1], 9, 4);
	*count = COUNT_OF(n);
	return n;
}

TEST(keys_lead_to_the_queue_and_all_that_is_heard_is_told)
{
	struct stage s;
	uint32_t count;
	const struct flow_node *n = usual(&count);
	stage_begin(&s);
	stage_keys(&s, "1");
	struct str t = stage_run(&s, n, count);
	EXPECT_STR(way(t), "hello menu support");
	EXPECT(has(t, "\"prompt\":\"welcome\",\"text\":\"Dzien dobry\",\"lang\":\"pl\""));
	EXPECT(has(t, "\"text\":\"One or nine\",\"lang\":\"en\""));	 /* no Polish: English */
	EXPECT(has(t, "\"what\":\"key\",\"at_ms\":3140,\"key\":\"1\"")); /* 1170 + 1170 + 800 */
	EXPECT(has(t, "\"what\":\"queue\",\"at_ms\":3140,\"queue\":\"support\""));
	EXPECT(has(t, "\"end\":{\"how\":\"queue\"}"));
	EXPECT(has(t, "\"problems\":[]"));
	stage_end(&s);
}

TEST(it_stops_where_a_key_is_asked_for)
{
	struct stage s;
	uint32_t count;
	const struct flow_node *n = usual(&count);
	stage_begin(&s);
	struct str t = stage_run(&s, n, count);
	EXPECT_STR(way(t), "hello menu");
	EXPECT(has(t, "\"end\":{\"how\":\"asks\",\"asks\":{\"timeout_ms\":5000,\"keys\":"
		      "[\"1\",\"9\"]}}"));
	stage_end(&s);
}

TEST(silence_and_wrong_keys_use_tries_up)
{
	static const char *const scripts[] = {",,", "5,", ",5", "55"};
	for (size_t i = 0; i < COUNT_OF(scripts); i++) {
		struct stage s;
		uint32_t count;
		const struct flow_node *n = usual(&count);
		stage_begin(&s);
		stage_keys(&s, scripts[i]);
		struct str t = stage_run(&s, n, count);
		EXPECT_STR(way(t), "hello menu sorry bye");
		EXPECT(has(t, "\"end\":{\"how\":\"hangup\",\"by\":\"system\""));
		stage_end(&s);
	}
}

TEST(who_stays_silent_for_good_comes_to_the_end)
{
	struct stage s;
	uint32_t count;
	const struct flow_node *n = usual(&count);
	stage_begin(&s);
	s.wish.silent = true;
	struct str t = stage_run(&s, n, count);
	EXPECT_STR(way(t), "hello menu sorry bye");
	EXPECT(has(t, "\"what\":\"timeout\",\"at_ms\":7340")); /* 1170 + 1170 + 5000 */
	stage_end(&s);
}

TEST(a_key_at_a_moment_cuts_what_is_heard_or_comes_before_the_question)
{
	static const struct {
		int64_t at_ms;
		const char *cut;
	} cases[] = {
		{200, "\"ms\":1170,\"cut\":false"}, /* in a greeting: kept for the menu */
		{1500, "\"ms\":330,\"cut\":true"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct stage s;
		uint32_t count;
		const struct flow_node *n = usual(&count);
		stage_begin(&s);
		s.keys[s.wish.key_count++] = (struct rehearsal_key){1, cases[i].at_ms};
		struct str t = stage_run(&s, n, count);
		EXPECT_STR(way(t), "hello menu support");
		EXPECT(has(t, cases[i].cut));
		stage_end(&s);
	}
}

TEST(queues_do_as_their_state_says)
{
	static const struct {
		enum rehearsal_queue_end end;
		enum queue_exit named;
		const char *way, *how;
	} cases[] = {
		{REHEARSAL_ANSWERED, EXIT_full, "support", "queue"},
		{REHEARSAL_FULL, EXIT_full, "support bye", "hangup"},
		{REHEARSAL_FULL, EXIT_timeout, "support", "hangup"}, /* unnamed: the call ends */
		{REHEARSAL_NO_AGENTS, EXIT_no_agents, "support bye", "hangup"},
		{REHEARSAL_NO_AGENTS, EXIT_full, "support", "waits"},
		{REHEARSAL_NO_AGENTS, EXIT_timeout, "support bye", "hangup"},
		{REHEARSAL_WAITS, EXIT_timeout, "support bye", "hangup"},
		{REHEARSAL_WAITS, EXIT_full, "support", "waits"},
		{REHEARSAL_CLOSED, EXIT_closed, "support bye", "hangup"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct stage s;
		struct flow_node n[] = {node_queue("support", "support"), node_hangup("bye")};
		char end[64];
		struct buf b = buf_make(end, sizeof end - 1);
		node_exit(&n[0], cases[i].named, 1);
		stage_begin(&s);
		s.queue.end = cases[i].end;
		s.queue.waiting = 1;
		struct str t = stage_run(&s, n, COUNT_OF(n));
		EXPECT_STR(way(t), cases[i].way);
		buf_fmt(&b, "\"end\":{\"how\":\"%s\"", cases[i].how);
		end[b.n] = 0;
		EXPECT(has(t, end));
		stage_end(&s);
	}
}

TEST(after_the_talk_it_goes_on_where_the_flow_does)
{
	struct stage s;
	struct flow_node n[] = {node_queue("support", "support"), node_play("ask", "welcome", 2),
				node_hangup("bye")};
	n[0].next = 1;
	n[0].has_next = true;
	stage_begin(&s);
	s.queue.wait_ms = 12000;
	struct str t = stage_run(&s, n, COUNT_OF(n));
	EXPECT_STR(way(t), "support ask bye");
	EXPECT(has(t, "\"what\":\"answer\",\"at_ms\":12000"));
	EXPECT(has(t, "\"node\":\"ask\",\"do\":\"play\",\"edge\":\"next\",\"depth\":0,"
		      "\"at_ms\":42000"));
	stage_end(&s);
}

TEST(transfers_are_answered_or_fail)
{
	static const struct {
		enum transfer_to to;
		enum dial_result result;
		const char *way, *how;
	} cases[] = {
		{TRANSFER_NUMBER, DIAL_none, "away", "transfer"},
		{TRANSFER_NUMBER, DIAL_busy, "away bye", "hangup"},
		{TRANSFER_NUMBER, DIAL_no_answer, "away", "hangup"}, /* unnamed */
		{TRANSFER_AGENT, DIAL_none, "away", "transfer"},
		{TRANSFER_AGENT, DIAL_busy, "away bye", "hangup"},
		{TRANSFER_QUEUE, DIAL_none, "away", "queue"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		static const char *const whom[] = {
			[TRANSFER_QUEUE] = "support",
			[TRANSFER_AGENT] = "anna",
			[TRANSFER_NUMBER] = "'+48601602603'",
		};
		struct world w;
		struct stage s;
		char end[64];
		struct buf b = buf_make(end, sizeof end - 1);
		world_begin(&w); /* keeps the expressions */
		struct flow_node n[] = {
			node_transfer("away", cases[i].to, whom[cases[i].to], NODE_NOWHERE),
			node_hangup("bye")};
		for (unsigned r = 0; r < COUNT_OF(n[0].fails); r++)
			n[0].fails[r] = r == DIAL_busy ? 1 : NODE_NOWHERE;
		stage_begin(&s);
		s.wish.transfer = cases[i].result;
		struct str t = stage_run(&s, n, COUNT_OF(n));
		EXPECT_STR(way(t), cases[i].way);
		buf_fmt(&b, "\"end\":{\"how\":\"%s\"", cases[i].how);
		end[b.n] = 0;
		EXPECT(has(t, end));
		stage_end(&s);
		world_end(&w);
	}
}

TEST(hours_are_those_of_the_tenants_zone)
{
	static const struct {
		int64_t ms;
		const char *way;
	} cases[] = {
		{MONDAY, "hours hello"},
		{MONDAY - 2 * 3600000 - 1, "hours bye"}, /* 07:59:59.999 */
		{MONDAY - 2 * 3600000, "hours hello"},
		{MONDAY + 6 * 3600000, "hours bye"},  /* 16:00 */
		{MONDAY - 24 * 3600000, "hours bye"}, /* Sunday */
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct stage s;
		struct flow_node n[] = {node_hours("hours", "office", 1, 2),
					node_play("hello", "welcome", NODE_NOWHERE),
					node_hangup("bye")};
		stage_begin(&s);
		s.wish.utc_ms = cases[i].ms;
		EXPECT_STR(way(stage_run(&s, n, COUNT_OF(n))), cases[i].way);
		stage_end(&s);
	}
}

TEST(variables_are_told_but_secrets_are_not)
{
	struct world w;
	struct stage s;
	world_begin(&w);
	struct flow_node n[] = {
		node_collect("pin", "menu", "pin", 4, 1, 3),
		node_set("mark", "level", "'gold'", 2),
		node_branch("which", 3),
		node_hangup("bye"),
	};
	n[0].masked = true;
	node_case(&n[2], "var.level == 'silver'", 0);
	node_case(&n[2], "var.pin == '7391'", 3);
	stage_begin(&s);
	stage_keys(&s, "7391");
	struct str t = stage_run(&s, n, COUNT_OF(n));
	EXPECT_STR(way(t), "pin mark which bye");
	EXPECT(!has(t, "7391"));
	EXPECT(has(t, "{\"name\":\"pin\",\"value\":null,\"masked\":true}"));
	EXPECT(has(t, "{\"name\":\"level\",\"value\":\"gold\",\"masked\":false}"));
	EXPECT(has(t, "\"what\":\"tested\",\"at_ms\":2720,\"is\":[false,true]"));
	stage_end(&s);
	world_end(&w);
}

TEST(half_an_input_is_asked_for_further)
{
	struct stage s;
	struct flow_node n[] = {node_collect("ask", "menu", "digits", 6, 1, 1), node_hangup("bye")};
	n[0].min = 4;
	stage_begin(&s);
	stage_keys(&s, "12");
	struct str t = stage_run(&s, n, COUNT_OF(n));
	EXPECT(has(t, "\"how\":\"asks\",\"asks\":{\"timeout_ms\":5000,\"min\":4,\"max\":6,"
		      "\"terminator\":\"#\",\"masked\":false}"));
	stage_end(&s);
}

TEST(what_cannot_be_heard_is_passed_over)
{
	struct stage s;
	struct flow_node n[] = {node_play("mute", "nothing", 1),
				node_play("hello", "welcome", NODE_NOWHERE)};
	stage_begin(&s);
	struct str t = stage_run(&s, n, COUNT_OF(n));
	EXPECT_STR(way(t), "mute hello");
	EXPECT(has(t, "\"elapsed_ms\":1170"));
	stage_end(&s);
}

TEST(what_goes_wrong_is_told)
{
	struct stage s;
	struct flow_node n[] = {node_queue("gone", "nowhere")};
	stage_begin(&s);
	struct str t = stage_run(&s, n, COUNT_OF(n));
	EXPECT(has(t, "\"message\":\"flow main node gone: queue does not exist\""));
	EXPECT(has(t, "\"how\":\"hangup\",\"by\":\"system\",\"cause\":\"queue does not exist\""));
	stage_end(&s);
}

TEST(the_caller_may_hang_up)
{
	struct stage s;
	uint32_t count;
	const struct flow_node *n = usual(&count);
	stage_begin(&s);
	s.wish.hang_up_ms = 1500;
	struct str t = stage_run(&s, n, count);
	EXPECT(has(t, "\"end\":{\"how\":\"caller\"},\"elapsed_ms\":1500"));
	EXPECT(has(t, "\"ms\":330,\"cut\":true"));
	stage_end(&s);
}

/* A menu that asks for ever is declared easily: nobody is kept waiting for it. */
TEST(what_has_no_end_is_cut)
{
	struct stage s;
	struct flow_node n[] = {node_menu("menu", "menu", 1, 0)};
	stage_begin(&s);
	s.wish.silent = true;
	struct str t = stage_run(&s, n, COUNT_OF(n));
	EXPECT(has(t, "\"end\":{\"how\":\"bound\"}"));
	stage_end(&s);
}

TEST(a_flow_inside_another_is_told_with_its_name_and_depth)
{
	struct stage s;
	struct flow_node inner[] = {node_play("in", "welcome", NODE_NOWHERE)};
	struct flow_node n[] = {node_subflow("sub", "inner", 1), node_hangup("bye")};
	stage_begin(&s);
	put(&s, world_flow_config(KIND_flow, "inner", inner, COUNT_OF(inner)));
	struct str t = stage_run(&s, n, COUNT_OF(n));
	EXPECT_STR(way(t), "sub in bye");
	EXPECT(has(t, "\"flow\":\"inner\",\"node\":\"in\",\"do\":\"play\",\"edge\":\"flow\","
		      "\"depth\":1"));
	stage_end(&s);
}

TEST(nothing_is_walked_without_a_tenant_or_a_flow)
{
	struct stage s;
	stage_begin(&s);
	s.wish.flow = STR("other");
	EXPECT(rehearsal_run(s.r, &s.wish, &s.out) == ERR_NOT_FOUND);
	stage_end(&s);
}
