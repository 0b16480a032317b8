/* way_test.c - ways through flows: what became of each node and each flow (behaviours.md V-5). */
#include "report/flow_figures.h"
#include "report/story_test.h"
#include "tests/test.h"

#define T0 INT64_C(1795262400000)

static void told(void *arg, const struct fact *f)
{
	way_apply(arg, f);
}

static struct story begin(struct way *w)
{
	way_init(w);
	struct story s = {.at_ms = T0, .tenant = STR("acme"), .told = told, .arg = w};
	story_contact(&s, 1);
	return s;
}

static void step(struct story *s, const char *flow, const char *node, const char *edge)
{
	SAY(s, flow_step, .flow = str_of(flow), .node = str_of(node), .edge = str_of(edge),
	    .version = 3);
	story_wait(s, 1000);
}

static void over(struct story *s, enum party by)
{
	SAY(s, disconnect, .by = by, .cause = STR("flow"));
	SAY(s, ended, .contact = s->contact);
}

static void note_run(void *arg, uint32_t n, const struct way_run *r)
{
	struct buf *out = arg;
	buf_fmt(out, "%u %u-%u%s " STR_FMT " %lld" STR_FMT "; ", n, r->first, r->last,
		r->outermost ? "" : " inside", STR_ARG(run_count_word(r->became)), (long long)r->ms,
		STR_ARG(r->target));
}

/* Also of what comes back from the bytes. */
static bool runs_are(const struct way *w, const char *want)
{
	struct buf out = buf_grow(256), bytes = buf_grow(256);
	struct way again;
	way_runs(w, note_run, &out);
	bool same = str_is(buf_str(&out), want);
	if (!same)
		test_say(buf_str(&out));
	way_put(&bytes, w);
	way_init(&again);
	EXPECT(way_take(&again, buf_str(&bytes)) == ERR_OK);
	out.n = 0;
	way_runs(&again, note_run, &out);
	EXPECT_STR(buf_str(&out), want);
	struct buf twice = buf_grow(256);
	way_put(&twice, &again);
	EXPECT(str_eq(buf_str(&twice), buf_str(&bytes)));
	for (size_t n = 0; n < bytes.n; n++) { /* torn bytes are no way */
		struct way torn;
		way_init(&torn);
		EXPECT(way_take(&torn, str_make(bytes.p, n)) == ERR_INVALID);
		way_finish(&torn);
	}
	buf_free(&twice);
	buf_free(&out);
	buf_free(&bytes);
	way_finish(&again);
	return same;
}

TEST(way_that_the_flow_ends_is_contained)
{
	struct way w;
	struct story s = begin(&w);
	step(&s, "main", "hello", "");
	EXPECT(runs_are(&w, "0 0-0 inside -1; "));
	step(&s, "main", "bye", "next");
	SAY(&s, ivr_end, .flow = STR("main"), .result = RESULT_completed);
	over(&s, PARTY_system);
	EXPECT(runs_are(&w, "0 0-1 contained 2000; "));
	EXPECT(way_visit(&w, 0).became == STEP_left && way_visit(&w, 0).ms == 1000);
	EXPECT_STR(way_visit(&w, 0).edge, "next");
	EXPECT(way_visit(&w, 1).became == STEP_ended && way_visit(&w, 1).ms == 1000);
	way_finish(&w);
}

TEST(way_that_the_customer_leaves_is_abandoned_where_he_hung_up)
{
	struct way w;
	struct story s = begin(&w);
	step(&s, "main", "hello", "");
	step(&s, "main", "menu", "next");
	over(&s, PARTY_customer);
	SAY(&s, ivr_end, .flow = STR("main"), .result = RESULT_abandoned);
	EXPECT(runs_are(&w, "0 0-1 abandoned 2000; "));
	EXPECT(way_visit(&w, 1).became == STEP_dropped);
	way_finish(&w);
}

/* Whatever comes after: the flow did not do it alone. */
TEST(way_to_a_queue_is_passed_on_also_when_it_comes_back)
{
	static const struct {
		enum party by;
		bool answered;
		enum step_count last;
	} rows[] = {{PARTY_customer, false, STEP_dropped},
		    {PARTY_customer, true, STEP_served},
		    {PARTY_agent, true, STEP_served},
		    {PARTY_system, false, STEP_ended}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct way w;
		struct story s = begin(&w);
		step(&s, "main", "support", "");
		SAY(&s, enqueue, .queue = STR("sales"));
		story_wait(&s, 5000);
		if (rows[i].answered)
			SAY(&s, answer, .queue = STR("sales"), .agent = STR("anna"));
		over(&s, rows[i].by);
		EXPECT(runs_are(&w, "0 0-0 passed_queue 0sales; "));
		EXPECT(way_visit(&w, 0).became == rows[i].last && way_visit(&w, 0).ms == 6000);
		way_finish(&w);
	}
	struct way w;
	struct story s = begin(&w);
	step(&s, "main", "support", "");
	SAY(&s, enqueue, .queue = STR("sales"));
	step(&s, "main", "sorry", "timeout");
	over(&s, PARTY_system);
	EXPECT(runs_are(&w, "0 0-1 passed_queue 0sales; "));
	EXPECT(way_visit(&w, 1).became == STEP_ended);
	way_finish(&w);
}

TEST(way_to_an_agent_a_number_and_a_callback)
{
	struct way w;
	struct story s = begin(&w);
	step(&s, "main", "to", "");
	SAY(&s, offer, .queue = STR(""), .agent = STR("anna"));
	over(&s, PARTY_customer);
	EXPECT(runs_are(&w, "0 0-0 passed_agent 0anna; "));
	way_finish(&w);
	s = begin(&w);
	step(&s, "main", "to", "");
	SAY(&s, dial, .number = STR("+48600"));
	SAY(&s, dial_answer, .number = STR("+48600"));
	over(&s, PARTY_system);
	EXPECT(runs_are(&w, "0 0-0 passed_number 0+48600; "));
	EXPECT(way_visit(&w, 0).became == STEP_served);
	way_finish(&w);
	s = begin(&w); /* from the queue, by an exit */
	step(&s, "main", "wait", "");
	SAY(&s, enqueue, .queue = STR("sales"));
	step(&s, "main", "back", "timeout");
	SAY(&s, callback_wanted, .queue = STR("sales"), .number = STR("+48600"));
	over(&s, PARTY_system);
	EXPECT(runs_are(&w, "0 0-1 passed_callback 0sales; "));
	way_finish(&w);
	s = begin(&w); /* without waiting: counted by an enqueue too */
	step(&s, "main", "back", "");
	SAY(&s, enqueue, .queue = STR("sales"));
	SAY(&s, callback_wanted, .queue = STR("sales"), .number = STR("+48600"));
	over(&s, PARTY_system);
	EXPECT(runs_are(&w, "0 0-0 passed_callback 0sales; "));
	way_finish(&w);
}

TEST(way_through_flows_inside_each_other_is_a_run_of_each)
{
	struct way w;
	struct story s = begin(&w);
	step(&s, "main", "in", "");
	step(&s, "sub", "ask", "flow");
	step(&s, "deep", "ask", "flow");
	step(&s, "main", "after", "next"); /* both are through */
	step(&s, "sub", "ask", "flow");	   /* again */
	over(&s, PARTY_customer);
	EXPECT(runs_are(&w, "0 0-3 abandoned 5000; 1 1-1 inside returned 2000; "
			    "2 2-2 inside returned 1000; 3 4-4 inside abandoned 1000; "));
	struct way_run r = {.first = 0, .last = 3, .outermost = true};
	struct buf path = buf_grow(64);
	way_path(&path, &w, &r);
	EXPECT_STR(buf_str(&path), "in>sub/ask>deep/ask>after>sub/ask");
	buf_free(&path);
	way_finish(&w);

	s = begin(&w); /* passed on within the inner one: both did */
	step(&s, "main", "in", "");
	step(&s, "sub", "wait", "flow");
	SAY(&s, enqueue, .queue = STR("sales"));
	step(&s, "main", "after", "next");
	over(&s, PARTY_system);
	EXPECT(runs_are(&w, "0 0-2 passed_queue 1000sales; 1 1-1 inside passed_queue 0sales; "));
	way_finish(&w);
}

TEST(way_that_breaks_is_failed_whoever_tells_it_first)
{
	struct way w;
	struct story s = begin(&w);
	step(&s, "main", "a", "");
	SAY(&s, ivr_end, .flow = STR("main"), .result = RESULT_failed); /* an alarm */
	over(&s, PARTY_system);
	EXPECT(runs_are(&w, "0 0-0 failed 1000; "));
	way_finish(&w);
	s = begin(&w);
	step(&s, "main", "a", "");
	SAY(&s, disconnect, .by = PARTY_agent, .cause = STR("ended by olga"));
	SAY(&s, ivr_end, .flow = STR("main"), .result = RESULT_failed);
	EXPECT(runs_are(&w, "0 0-0 failed 1000; "));
	way_finish(&w);
	s = begin(&w);
	step(&s, "main", "a", "");
	SAY(&s, disconnect, .by = PARTY_system, .cause = STR("server_restart"));
	EXPECT(runs_are(&w, "0 0-0 failed 1000; "));
	way_finish(&w);
	s = begin(&w);
	step(&s, "main", "a", "");
	way_lost(&w, T0 + 500);
	EXPECT(runs_are(&w, "0 0-0 failed 500; "));
	way_finish(&w);
}

TEST(way_without_end_is_bounded)
{
	struct way w;
	struct story s = begin(&w);
	for (uint32_t i = 0; i < WAY_STEPS_MAX + 20; i++)
		step(&s, "main", "menu", i ? "1" : "");
	over(&s, PARTY_customer);
	EXPECT(w.count == WAY_STEPS_MAX);
	struct way_run r = {.first = 0, .last = WAY_STEPS_MAX - 1, .outermost = true};
	struct buf path = buf_grow(64);
	way_path(&path, &w, &r);
	EXPECT(str_ends(buf_str(&path), STR(">menu>…")));
	buf_free(&path);
	way_finish(&w);
}

/* -- figures -- */

struct figures {
	struct flow_figures f;
	struct interval interval;
	struct flow_filter filter;
	struct way ways[8];
	uint32_t count;
	char text[8192];
};

/* Ten seconds apart: two contained, one abandoned in the menu, two to the queue, one test call, one
 * inside a menu now. */
static void seven_calls(struct figures *g)
{
	static const char *const ends[] = {"bye", "bye", "", "queue", "queue", "test", "now"};
	*g = (struct figures){.interval = {.from_ms = T0, .to_ms = INT64_MAX}};
	for (uint32_t i = 0; i < COUNT_OF(ends); i++) {
		struct way *w = &g->ways[g->count++];
		struct story s = begin(w);
		s.at_ms += 10000 * i;
		bool test = str_is(str_of(ends[i]), "test");
		SAY(&s, flow_step, .flow = STR("main"), .node = STR("menu"),
		    .version = i < 3 ? 1 : 2, .draft = test);
		story_wait(&s, 2000);
		if (str_is(str_of(ends[i]), "now"))
			continue;
		if (ends[i][0] == 'b' || test)
			step(&s, "main", "bye", "9");
		w->steps[w->count - 1].draft = test;
		if (ends[i][0] == 'q') {
			SAY(&s, flow_step, .flow = STR("main"), .node = STR("support"),
			    .edge = STR("1"), .version = 2);
			SAY(&s, enqueue, .queue = STR("sales"));
		}
		over(&s, ends[i][0] ? PARTY_system : PARTY_customer);
	}
}

struct telling {
	struct figures *figures;
	struct jsonw w;
};

static bool tell_row(void *arg, const struct figure_row *row)
{
	struct telling *t = arg;
	jsonw_open(&t->w, '{');
	flow_row_json(&t->w, &t->figures->f, row, 0);
	jsonw_close(&t->w, '}');
	return true;
}

static struct str figures_of(struct figures *g, enum flow_report report)
{
	struct buf out = buf_make(g->text, sizeof g->text);
	struct telling t = {g, jsonw_make(&out)};
	flow_figures_init(&g->f, report, &g->filter, &g->interval);
	for (uint32_t i = 0; i < g->count; i++)
		flow_figures_add(&g->f, &g->ways[i], g->ways[i].steps[0].at_ms);
	jsonw_open(&t.w, '[');
	flow_figures_rows(&g->f, 10, tell_row, &t);
	jsonw_close(&t.w, ']');
	flow_figures_finish(&g->f);
	return buf_str(&out);
}

static void finish(struct figures *g)
{
	for (uint32_t i = 0; i < g->count; i++)
		way_finish(&g->ways[i]);
}

TEST(figures_of_a_flow_add_up)
{
	struct figures g;
	seven_calls(&g);
	EXPECT_STR(figures_of(&g, REPORT_FLOWS),
		   "[{\"flow\":\"main\",\"at\":\"2026-11-21T12:00:00.000Z\",\"entered\":6,"
		   "\"contained\":2,\"abandoned\":1,\"passed_queue\":2,\"passed_agent\":0,"
		   "\"passed_number\":0,\"passed_callback\":0,\"failed\":0,\"returned\":0,"
		   "\"inside\":1,\"containment_rate\":0.4,\"abandon_rate\":0.2,"
		   "\"passed_to\":{\"sales\":2},\"time_avg_ms\":2400}]");
	g.filter.version = 1;
	EXPECT(str_find_str(figures_of(&g, REPORT_FLOWS), STR("\"entered\":3")) > 0);
	g.filter = (struct flow_filter){.drafts = true};
	EXPECT(str_find_str(figures_of(&g, REPORT_FLOWS), STR("\"entered\":1")) > 0);
	g.filter = (struct flow_filter){.flow = STR("other")};
	EXPECT_STR(figures_of(&g, REPORT_FLOWS), "[]");
	g.filter = (struct flow_filter){.flow = STR("other,main")};
	EXPECT(str_find_str(figures_of(&g, REPORT_FLOWS), STR("\"entered\":6,")) > 0);
	g.filter = (struct flow_filter){.flow = STR("mai,main2")};
	EXPECT_STR(figures_of(&g, REPORT_FLOWS), "[]");
	g.filter = (struct flow_filter){.target = STR("sales")};
	EXPECT(str_find_str(figures_of(&g, REPORT_FLOWS), STR("\"entered\":2,")) > 0);
	finish(&g);
}

TEST(figures_of_nodes_add_up)
{
	struct figures g;
	seven_calls(&g);
	EXPECT_STR(figures_of(&g, REPORT_NODES),
		   "[{\"flow\":\"main\",\"node\":\"bye\",\"at\":\"2026-11-21T12:00:00.000Z\","
		   "\"visited\":2,\"dropped\":0,\"ended\":2,\"served\":0,\"failed\":0,\"inside\":0,"
		   "\"left\":{},\"drop_rate\":0,\"time_avg_ms\":1000},"
		   "{\"flow\":\"main\",\"node\":\"menu\",\"at\":\"2026-11-21T12:00:00.000Z\","
		   "\"visited\":6,\"dropped\":1,\"ended\":0,\"served\":0,\"failed\":0,\"inside\":1,"
		   "\"left\":{\"1\":2,\"9\":2},\"drop_rate\":0.2,\"time_avg_ms\":2000},"
		   "{\"flow\":\"main\",\"node\":\"support\",\"at\":\"2026-11-21T12:00:00.000Z\","
		   "\"visited\":2,\"dropped\":0,\"ended\":2,\"served\":0,\"failed\":0,\"inside\":0,"
		   "\"left\":{},\"drop_rate\":0,\"time_avg_ms\":0}]");
	finish(&g);
}

TEST(figures_of_paths_begin_with_the_most_frequent)
{
	struct figures g;
	seven_calls(&g);
	g.filter.version = 2;
	struct str text = figures_of(&g, REPORT_PATHS);
	ptrdiff_t queue = str_find_str(text, STR("\"menu>support\"")),
		  alone = str_find_str(text, STR("\"menu\""));
	EXPECT(queue > 0 && alone > queue); /* two, and the one who is inside */
	EXPECT(str_find_str(text, STR("menu>bye")) < 0);
	finish(&g);
}

TEST(figures_belong_to_the_quarter_in_which_the_contact_arrived)
{
	struct figures g;
	seven_calls(&g);
	g.interval.seconds = 900;
	for (uint32_t i = 3; i < g.count; i++)
		g.ways[i].steps[0].at_ms += 900000;
	struct str text = figures_of(&g, REPORT_FLOWS);
	EXPECT(str_find_str(text, STR("\"at\":\"2026-11-21T12:00:00.000Z\",\"entered\":3")) > 0);
	EXPECT(str_find_str(text, STR("\"at\":\"2026-11-21T12:15:00.000Z\",\"entered\":3")) > 0);
	finish(&g);
}

static void count_item(void *arg, uint32_t n, int64_t at_ms)
{
	(void)n, (void)at_ms;
	++*(uint32_t *)arg;
}

/* K-3: whatever number a report shows opens into exactly that many. */
TEST(figures_open_into_exactly_as_many)
{
	struct figures g;
	seven_calls(&g);
	static const struct {
		enum flow_report report;
		const char *field, *node, *edge, *path;
		uint32_t want;
	} rows[] = {
		{REPORT_FLOWS, "entered", "", "", "", 6},
		{REPORT_FLOWS, "contained", "", "", "", 2},
		{REPORT_FLOWS, "abandoned", "", "", "", 1},
		{REPORT_FLOWS, "passed_queue", "", "", "", 2},
		{REPORT_FLOWS, "inside", "", "", "", 1},
		{REPORT_NODES, "visited", "menu", "", "", 6},
		{REPORT_NODES, "dropped", "menu", "", "", 1},
		{REPORT_NODES, "left", "menu", "", "", 4},
		{REPORT_NODES, "visited", "menu,support", "", "", 8},
		{REPORT_NODES, "left", "menu", "9", "", 2},
		{REPORT_PATHS, "entered", "", "", "menu>bye", 2},
		{REPORT_PATHS, "contained", "", "", "menu>bye", 2},
		{REPORT_PATHS, "abandoned", "", "", "menu", 1},
		{REPORT_PATHS, "entered", "", "", "menu>bye,menu>support", 4},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct flow_filter f = {.node = str_of(rows[i].node),
					.edge = str_of(rows[i].edge),
					.path = str_of(rows[i].path)};
		unsigned field;
		uint32_t found = 0;
		EXPECT(flow_field(rows[i].report, str_of(rows[i].field), &field) == ERR_OK);
		for (uint32_t k = 0; k < g.count; k++)
			flow_items(rows[i].report, field, &f, &g.ways[k], count_item, &found);
		EXPECT(found == rows[i].want);
	}
	unsigned field;
	EXPECT(flow_field(REPORT_NODES, STR("entered"), &field) == ERR_INVALID);
	EXPECT(flow_field(REPORT_FLOWS, STR("visited"), &field) == ERR_INVALID);
	finish(&g);
}
