/*
 * live_test.c - the law of snapshots and events, over what a real run said
 * (tests/data/live_events.jsonl, recorded by tests/e2e/live_story.py), and who sees what of it.
 *
 * What each viewer's desk is told lies in tests/data/live_VIEWER.jsonl, with a snapshot after every
 * few events: the browser's fold is tested with these. LIVE_WRITE=1 makes them anew.
 */
#include <stdio.h>
#include <stdlib.h>

#include "live/desk_test.h"
#include "live/sight.h"
#include "tests/test.h"

#define EVERY 12 /* a snapshot after so many events */

static const struct live_agent_now people[] = {
	{.id = STR("anna"), .name = STR("Anna"), .phone = PHONE_sip, .phone_ready = true},
	{.id = STR("boris"), .name = STR("Boris"), .phone = PHONE_sip, .phone_ready = true},
	{.id = STR("clara"), .name = STR("Clara"), .phone = PHONE_sip, .phone_ready = true},
	{.id = STR("sara"), .name = STR("Sara Super"), .phone = PHONE_sip, .phone_ready = true},
};
static const struct str support[] = {STR("support")}, late[] = {STR("late")};
/* teresa looks after clara and the queue `late`, dora too and works in `support` herself */
static const struct str teresas[] = {STR("clara"), STR("teresa")},
			doras[] = {STR("clara"), STR("dora")};
static const struct reach teresas_reach = {teresas, late, 2, 1}, doras_reach = {doras, late, 2, 1};
static const struct {
	const char *name, *file;
	struct live_viewer viewer;
} viewers[] = {
	{"olga", "tests/data/live_olga.jsonl", {.all = true, .user = STR("olga")}},
	{"anna",
	 "tests/data/live_anna.jsonl",
	 {.agent = true, .user = STR("anna"), .queues = support, .queue_count = 1}},
	{"clara",
	 "tests/data/live_clara.jsonl",
	 {.agent = true, .user = STR("clara"), .queues = late, .queue_count = 1}},
	{"boris",
	 "tests/data/live_boris.jsonl",
	 {.agent = true, .user = STR("boris"), .queues = support, .queue_count = 1}},
	{"teresa",
	 "tests/data/live_teresa.jsonl",
	 {.reach = &teresas_reach, .user = STR("teresa")}},
	{"dora",
	 "tests/data/live_dora.jsonl",
	 {.agent = true,
	  .reach = &doras_reach,
	  .user = STR("dora"),
	  .queues = support,
	  .queue_count = 1}},
};
enum { OLGA, ANNA, CLARA, BORIS, TERESA, DORA };
#define VIEWERS COUNT_OF(viewers)

/* Read once: the text lives as long as the program. */
static struct str recorded(void)
{
	static struct str events;
	if (!events.n)
		events = test_file("tests/data/live_events.jsonl");
	return events;
}

static struct live *acme(void)
{
	struct live *l = live_create(STR("acme"));
	for (size_t i = 0; i < COUNT_OF(people); i++)
		live_agent_put(l, &people[i], 0);
	live_queue_put(l, STR("support"), STR("Support"));
	live_queue_put(l, STR("late"), STR("Late"));
	return l;
}

static void put_snapshot(const struct live *l, size_t who, int64_t at_ms, struct buf *out)
{
	char me[80];
	struct buf b = buf_make(me, sizeof me);
	buf_fmt(&b, "{\"tenant\":\"acme\",\"user\":\"%s\"}", viewers[who].name);
	live_snapshot(l, &viewers[who].viewer, at_ms, buf_str(&b), out);
	buf_ch(out, '\n');
}

/* What each desk is told of the recorded run: lines of JSON. */
static void tell_all_as(struct buf outs[VIEWERS], bool silent)
{
	struct str rest = recorded(), line;
	struct live *l = acme();
	struct live_news *n = live_news_create();
	int64_t at_ms = 0;
	live_monitor_silent(l, silent);
	for (size_t i = 0; i < VIEWERS; i++) {
		outs[i] = buf_grow(65536);
		put_snapshot(l, i, at_ms, &outs[i]);
	}
	for (uint32_t count = 1; str_line(&rest, &line); count++) {
		json_t *o = json_loadb(line.p, line.n, 0, NULL);
		const struct fact f = fact_of_json(o);
		at_ms = f.at_ms;
		live_tell(l, &f, n);
		for (size_t i = 0; i < VIEWERS; i++) {
			const struct str m = live_news_for(n, &viewers[i].viewer);
			buf_put(&outs[i], m);
			buf_c(&outs[i], m.n ? "\n" : "");
			if (count % EVERY == 0)
				put_snapshot(l, i, at_ms, &outs[i]);
		}
		json_decref(o);
	}
	EXPECT(live_contacts(l) == 0); /* the story is over */
	for (size_t i = 0; i < VIEWERS; i++)
		put_snapshot(l, i, at_ms, &outs[i]);
	live_news_destroy(n);
	live_destroy(l);
}

static void tell_all(struct buf outs[VIEWERS])
{
	tell_all_as(outs, false);
}

static bool same_as_file(struct str text, size_t who)
{
	static struct str files[VIEWERS];
	files[who] = test_file(viewers[who].file);
	return str_eq(files[who], text);
}

static void let_go(struct buf outs[VIEWERS])
{
	for (size_t i = 0; i < VIEWERS; i++)
		buf_free(&outs[i]);
}

TEST(what_desks_are_told_is_what_the_browser_is_tested_with)
{
	struct buf outs[VIEWERS];
	tell_all(outs);
	for (size_t i = 0; i < VIEWERS; i++) {
		if (getenv("LIVE_WRITE")) {
			FILE *f = fopen(viewers[i].file, "w");
			CHECK(f && fwrite(outs[i].p, 1, outs[i].n, f) == outs[i].n && !fclose(f));
		}
		EXPECT(same_as_file(buf_str(&outs[i]), i));
	}
	let_go(outs);
}

static bool is_snapshot(struct str line)
{
	return str_starts(line, STR("{\"snapshot\""));
}

/* The desk that began with an earlier snapshot has now what this one says. */
static bool agrees(const struct desk *d, struct str snapshot)
{
	json_t *o = json_loadb(snapshot.p, snapshot.n, 0, NULL), *want, *got = desk_look(d);
	want = json_object_get(o, "snapshot");
	json_object_del(want, "at");
	json_object_del(want, "me");
	/* what was not for him is not known to have been: the number says how far he has heard */
	json_object_del(want, "seq");
	json_object_del(got, "seq");
	const bool same = json_equal(want, got);
	if (!same) {
		char *w = json_dumps(want, JSON_COMPACT), *g = json_dumps(got, JSON_COMPACT);
		test_say(str_of(w));
		test_say(str_of(g));
		free(w);
		free(g);
	}
	json_decref(o);
	json_decref(got);
	return same;
}

static uint32_t hold_the_law(struct buf outs[VIEWERS])
{
	uint32_t compared = 0;
	for (size_t i = 0; i < VIEWERS; i++) {
		struct str from = buf_str(&outs[i]), first, line;
		bool same = true;
		while (same && str_line(&from, &first)) {
			if (!is_snapshot(first))
				continue;
			struct desk *d = desk_open(first);
			for (struct str rest = from; same && str_line(&rest, &line);) {
				if (!is_snapshot(line)) {
					desk_hear(d, line);
					continue;
				}
				same = agrees(d, line);
				compared++;
			}
			desk_close(d);
		}
		EXPECT(same);
	}
	return compared;
}

TEST(a_snapshot_and_the_events_after_it_are_any_later_snapshot)
{
	struct buf outs[VIEWERS];
	for (int silent = 0; silent < 2; silent++) {
		tell_all_as(outs, silent);
		EXPECT(hold_the_law(outs) > 500);
		let_go(outs);
	}
}

TEST(every_event_has_a_rule_of_who_hears_it)
{
	for (int k = 0; k < EV_COUNT; k++) {
		const bool said = sight_rule((enum event_kind)k)->told != TOLD_UNSAID;
		EXPECT(said == event_kept((enum event_kind)k));
		if (said != event_kept((enum event_kind)k))
			test_say(event_name((enum event_kind)k));
	}
}

/* Fields of rules exist: each is told when an event has it. */
TEST(every_field_of_a_rule_is_one_of_its_event)
{
	for (int k = 0; k < EV_COUNT; k++) {
		const struct live_rule *r = sight_rule((enum event_kind)k);
		const struct fact f = {.kind = (enum event_kind)k, .seq = 1, .at_ms = 1};
		for (size_t i = 0; i < COUNT_OF(r->fields) && r->fields[i]; i++) {
			char key[64];
			const char *const only[] = {r->fields[i], NULL};
			struct buf all = buf_grow(256), name = buf_make(key, sizeof key);
			buf_fmt(&name, "\"%s\":", r->fields[i]);
			fact_json_some(&all, &f, only);
			const bool there = str_find_str(buf_str(&all), buf_str(&name)) > 0;
			EXPECT(there);
			if (!there)
				test_say(buf_str(&all));
			buf_free(&all);
		}
	}
}

TEST(agents_never_read_whose_contact_waits)
{
	struct buf outs[VIEWERS];
	struct str line;
	uint32_t clara = 0, waiting = 0;
	tell_all(outs);
	for (struct str rest = buf_str(&outs[2]); str_line(&rest, &line);) {
		json_t *o = json_loadb(line.p, line.n, 0, NULL), *with = json_object_get(o, "with");
		/* of callers only the one she talked to */
		if (str_find_str(line, STR("+4860100000")) >= 0) {
			EXPECT(str_find_str(line, STR("+48601000001")) >= 0);
			clara++;
		}
		if (with && !json_object_get(with, "parties")) {
			EXPECT(!json_object_get(with, "from") && !json_object_get(with, "to"));
			waiting++;
		}
		json_decref(o);
	}
	EXPECT(clara > 0 && waiting > 0);
	let_go(outs);
}

static bool told(const struct buf *out, const char *text)
{
	return str_find_str(buf_str(out), str_of(text)) >= 0;
}

/* boris is the one who is listened to; sara listens, then whispers and joins */
TEST(an_agent_sees_who_listens_to_him)
{
	struct buf outs[VIEWERS];
	tell_all(outs);
	EXPECT(told(&outs[BORIS], "\"mode\":\"listen\""));
	EXPECT(told(&outs[BORIS], "\"kind\":\"supervisor\",\"id\":\"sara\""));
	EXPECT(!told(&outs[ANNA], "monitor_") && !told(&outs[ANNA], "\"supervisor\""));
	let_go(outs);
}

TEST(where_listening_is_silent_an_agent_sees_only_who_speaks)
{
	struct buf outs[VIEWERS];
	tell_all_as(outs, true);
	EXPECT(!told(&outs[BORIS], "\"mode\":\"listen\"") && !told(&outs[BORIS], "\"listen\""));
	EXPECT(!told(&outs[BORIS], "\"party\":\"supervisor\"")); /* the line of who listened */
	EXPECT(told(&outs[OLGA], "\"mode\":\"listen\""));	 /* who may, sees it */
	let_go(outs);
}

/* teresa hears nothing of who is not hers and never was on a contact of hers. */
static bool is_hers(const json_t *m, const json_t *seen)
{
	const char *contact = json_string_value(json_object_get(m, "contact")),
		   *agent = json_string_value(json_object_get(m, "agent")),
		   *queue = json_string_value(json_object_get(m, "queue"));
	const bool known = contact && json_object_get(seen, contact);
	return known || (agent && !strcmp(agent, "clara")) || (queue && !strcmp(queue, "late")) ||
	       (!contact && !agent && !queue);
}

TEST(supervisors_of_teams_see_what_is_with_their_people_and_in_their_queues)
{
	struct buf outs[VIEWERS];
	struct str line;
	uint32_t came = 0, gone = 0, foreign = 0;
	json_t *seen = json_object();
	tell_all(outs);
	for (struct str rest = buf_str(&outs[TERESA]); str_line(&rest, &line);) {
		json_t *o = json_loadb(line.p, line.n, 0, NULL), *with = json_object_get(o, "with"),
		       *a;
		size_t i;
		json_array_foreach(json_object_get(json_object_get(o, "snapshot"), "agents"), i, a)
			EXPECT_STR(str_of(json_string_value(json_object_get(a, "id"))), "clara");
		if (with) {
			came++;
			json_object_set(seen, json_string_value(json_object_get(with, "id")), with);
		}
		gone += json_is_true(json_object_get(o, "gone"));
		foreign += json_object_get(o, "event") && !is_hers(o, seen);
		json_decref(o);
	}
	EXPECT(came > 0 && gone > 0 && foreign == 0);
	EXPECT(outs[TERESA].n < outs[OLGA].n && outs[DORA].n > outs[TERESA].n);
	json_decref(seen);
	let_go(outs);
}

TEST(what_is_known_already_changes_nothing)
{
	struct buf once = buf_grow(4096), twice = buf_grow(4096);
	struct str rest = recorded(), line;
	struct live *a = acme(), *b = acme();
	for (uint32_t i = 0; i < 60 && str_line(&rest, &line); i++) {
		json_t *o = json_loadb(line.p, line.n, 0, NULL);
		const struct fact f = fact_of_json(o);
		live_apply(a, &f);
		live_apply(b, &f);
		live_apply(b, &f);
		json_decref(o);
	}
	put_snapshot(a, 0, 0, &once);
	put_snapshot(b, 0, 0, &twice);
	EXPECT(once.n > 500 && str_eq(buf_str(&once), buf_str(&twice)));
	buf_free(&once);
	buf_free(&twice);
	live_destroy(a);
	live_destroy(b);
}
