/*
 * query_columns_test.c - the law of K-3 and T-3 over random stories: every column that says so
 * opens, a count into exactly that many contacts; rows add up to the total, and to the row of all
 * together. A seed is a story.
 */
#include <stdlib.h>

#include "base/jsonr.h"
#include "report/columns.h"
#include "store/house_test.h"
#include "tests/test.h"

#define T0 1795252800000ll /* 2026-11-21T08:00Z */
#define STORIES 3u
#define CONTACTS 40u

static uint32_t dice(uint32_t *state, uint32_t sides)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % sides;
}

static struct str pick(uint32_t *d, const char *const *names, uint32_t count)
{
	return str_of(names[dice(d, count)]);
}

static void one_contact(struct house *h, uint32_t n, uint32_t *d)
{
	static const char *const queues[] = {"billing", "sales", "support"};
	static const char *const agents[] = {"anna", "boris", "clara"};
	static const enum result ends[] = {RESULT_abandoned, RESULT_abandoned, RESULT_flow_out,
					   RESULT_callback, RESULT_rejected};
	struct story *s = &h->story;
	const struct str queue = pick(d, queues, 3), agent = pick(d, agents, 3);
	story_wait(s, dice(d, 1200000));
	story_contact(s, n);
	story_arrive(s);
	if (dice(d, 8) == 0) { /* the flow alone */
		SAY(s, disconnect, .by = PARTY_customer, .cause = STR("normal"));
		SAY(s, ended, .contact = s->contact);
		return;
	}
	story_enqueue(s, queue);
	if (dice(d, 3) != 0) {
		story_answer(s, queue, agent, dice(d, 40000));
		story_serve(s, queue, agent, dice(d, 200000), dice(d, 9000));
		return;
	}
	if (dice(d, 6) == 0)
		return; /* waits still */
	story_leave(s, queue, ends[dice(d, COUNT_OF(ends))], dice(d, 40000));
	SAY(s, disconnect, .by = PARTY_customer, .cause = STR("normal"));
	SAY(s, ended, .contact = s->contact);
}

struct asking {
	struct house *h;
	enum report_kind report;
	struct report_filter f;
	struct contacts_query contacts;
	enum flow_report flows;
};

static enum err ask(struct asking *a, const struct report_filter *f, struct buf *out)
{
	struct contacts_query contacts = a->contacts;
	const struct flow_query flows = {.range = *f, .report = a->flows};
	out->n = 0;
	contacts.range = *f;
	if (a->report == REPORT_OF_queues)
		return query_report_queues(a->h->reader, STR("acme"), f, out);
	if (a->report == REPORT_OF_agents)
		return query_report_agents(a->h->reader, STR("acme"), f, out);
	if (a->report == REPORT_OF_contacts)
		return query_report_contacts(a->h->reader, STR("acme"), &contacts, out);
	return query_report_flows(a->h->reader, STR("acme"), &flows, out);
}

/* Lists of one name are newest first, over the borders of pages too. */
static void in_order(struct str item, bool one, int64_t *newest)
{
	int64_t at_ms;
	struct str at = jsonr_plain(jsonr_get(item, "started_at"));
	if (!at.n)
		at = jsonr_plain(jsonr_get(item, "arrived_at"));
	EXPECT(time_parse(at, &at_ms) == ERR_OK);
	EXPECT(!one || at_ms <= *newest);
	*newest = at_ms;
}

/* How many contacts the list has, by small pages. */
static int64_t listed(struct asking *a, struct report_filter f)
{
	struct buf page = buf_grow(65536), after = buf_grow(128);
	int64_t count = 0, newest = INT64_MAX;
	const bool one =
		a->report == REPORT_OF_contacts ||
		(a->report == REPORT_OF_queues && f.queue.n && str_find(f.queue, ',') < 0) ||
		(a->report == REPORT_OF_agents && f.agent.n && str_find(f.agent, ',') < 0);
	f.limit = 7;
	do {
		struct str item;
		EXPECT(ask(a, &f, &page) == ERR_OK);
		struct jsonr items = jsonr_array(jsonr_get(buf_str(&page), "items"));
		for (; jsonr_item(&items, &item); count++)
			in_order(item, one, &newest);
		after.n = 0;
		(void)jsonr_text(jsonr_get(buf_str(&page), "next"), &after);
		f.after = buf_str(&after);
	} while (after.n);
	buf_free(&page);
	buf_free(&after);
	return count;
}

/* The filter of one row: its name, its interval. */
static struct report_filter of_row(struct asking *a, struct str row)
{
	struct report_filter f = a->f;
	const struct str queue = jsonr_plain(jsonr_get(row, "queue"));
	const struct str agent = jsonr_plain(jsonr_get(row, "agent"));
	if (queue.n)
		f.queue = queue;
	if (agent.n)
		f.agent = agent;
	EXPECT(time_parse(jsonr_plain(jsonr_get(row, "at")), &f.from_ms) == ERR_OK);
	if (f.interval_s)
		f.to_ms = MIN(f.to_ms, f.from_ms + f.interval_s * 1000ll);
	f.from_ms = MAX(f.from_ms, a->f.from_ms);
	a->contacts.key = jsonr_plain(jsonr_get(row, "key"));
	a->contacts.keyed = a->report == REPORT_OF_contacts;
	return f;
}

static void say_which(const char *column, struct str row, int64_t listed_count)
{
	static char text[4096];
	struct buf b = buf_make(text, sizeof text - 1);
	buf_fmt(&b, "%s: %lld listed of ", column, (long long)listed_count);
	buf_put(&b, str_head(row, sizeof text - 200));
	text[b.n] = 0;
	test_failed(text, __FILE__, __LINE__);
}

static uint32_t row_opens(struct asking *a, struct str row)
{
	struct report_filter f = of_row(a, row);
	uint32_t opened = 0;
	for (uint32_t i = 0; i < report_column_count(a->report); i++) {
		const struct column *c = report_column_at(a->report, i);
		int64_t told;
		if (!column_opens(a->report, c))
			continue;
		f.list = str_of(c->name);
		const int64_t count = listed(a, f);
		opened++;
		if (c->type == COLUMN_COUNT && jsonr_i64(jsonr_get(row, c->name), &told) &&
		    told != count)
			say_which(c->name, row, count);
	}
	a->contacts.keyed = false;
	return opened;
}

/* Counts of all rows are those of the total. */
static void rows_add_up(struct asking *a, struct str report)
{
	const struct str total = jsonr_get(report, "total");
	for (uint32_t i = 0; i < report_column_count(a->report); i++) {
		const struct column *c = report_column_at(a->report, i);
		struct jsonr items = jsonr_array(jsonr_get(report, "items"));
		struct str row;
		int64_t sum = 0, one, want;
		if (c->type != COLUMN_COUNT)
			continue;
		while (jsonr_item(&items, &row))
			if (jsonr_i64(jsonr_get(row, c->name), &one))
				sum += one;
		EXPECT(jsonr_i64(jsonr_get(total, c->name), &want) && want == sum);
	}
}

static uint32_t report_opens(struct asking *a)
{
	struct buf report = buf_grow(65536);
	struct str row;
	uint32_t opened = 0;
	a->f.total = true;
	EXPECT(ask(a, &a->f, &report) == ERR_OK);
	a->f.total = false;
	rows_add_up(a, buf_str(&report));
	struct jsonr items = jsonr_array(jsonr_get(buf_str(&report), "items"));
	while (jsonr_item(&items, &row))
		opened += row_opens(a, row);
	buf_free(&report);
	return opened;
}

static void story_opens(uint32_t seed)
{
	static const char *const queues[] = {"", "sales", "billing,support"};
	static const char *const agents[] = {"", "anna,clara"};
	struct house h;
	uint32_t d = seed, opened = 0;
	house_start(&h);
	h.story.at_ms = T0;
	for (uint32_t n = 1; n <= CONTACTS; n++)
		one_contact(&h, n, &d);
	EXPECT(house_settle(&h));
	struct asking a = {.h = &h, .f = {.from_ms = T0, .to_ms = h.story.at_ms + 1}};
	a.f.now_ms = a.f.to_ms;
	for (uint32_t i = 0; i < 12; i++) { /* queues: names, interval, together */
		a.report = REPORT_OF_queues;
		a.f.queue = str_of(queues[i % 3]);
		a.f.interval_s = i & 1 ? 3600 : 0;
		a.f.together = i >= 6;
		opened += report_opens(&a);
	}
	a.f.queue = STR_NONE;
	for (uint32_t i = 0; i < 4; i++) {
		a.report = REPORT_OF_agents;
		a.f.agent = str_of(agents[i & 1]);
		a.f.interval_s = 0;
		a.f.together = i >= 2;
		opened += report_opens(&a);
	}
	a.f.together = false;
	for (int by = 0; by <= CONTACTS_BY_weekday; by++) {
		a.report = REPORT_OF_contacts;
		a.contacts.by = (enum contacts_by)by;
		a.f.agent = str_of(agents[by & 1]);
		a.f.queue = str_of(queues[by % 3]);
		opened += report_opens(&a);
	}
	a.f.agent = a.f.queue = STR_NONE;
	a.report = REPORT_OF_flows;
	opened += report_opens(&a);
	EXPECT(opened > 500);
	house_finish(&h);
}

TEST(every_column_of_random_stories_opens_into_as_many_contacts)
{
	for (uint32_t seed = 1; seed <= STORIES; seed++)
		story_opens(seed);
}
