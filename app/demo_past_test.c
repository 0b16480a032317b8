/*
 * demo_past_test.c - the demo's past with the demo's objects: the same for the same dice, shaped
 * like a firm's days and weeks, nobody lost, whatever hour of the year it ends at.
 */
#include <stdlib.h>

#include "core/batch.h"
#include "core/fact.h"
#include "core/zone.h"
#include "crowd/crowd.h"
#include "demo/customers.h"
#include "demo/past.h"
#include "objects/registry.h"
#include "tests/test.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

/* Wednesday 2026-07-15, 00:00 in Warsaw. */
#define JULY_15_MS INT64_C(1784066400000)

/* -- a past, and what is counted of it -- */

struct seen {
	uint64_t hash; /* of every byte: FNV-1a */
	uint64_t seq;
	int64_t at_ms, from_ms, until_ms;
	const struct zone *zone;
	uint32_t facts, torn, out_of_order;
	uint32_t arrived, ended, answered, abandoned, on_shift, tapes, known;
	uint32_t by_hour[24], by_weekday[7], by_queue[4], shifts_by_hour[24];
	int64_t tape_from_ms, longest_ms;
};

/* A contact's id says when it began (UUID version 7). */
static int64_t began_ms(const struct uuid *id)
{
	int64_t ms = 0;
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | id->b[i];
	return ms;
}

static void see(struct seen *s, const struct fact *f)
{
	struct local_time at;
	zone_local(s->zone, f->at_ms, &at);
	s->facts++;
	s->out_of_order += f->seq != s->seq + 1 || f->at_ms < s->at_ms || f->at_ms < s->from_ms ||
			   f->at_ms > s->until_ms;
	s->seq = f->seq;
	s->at_ms = f->at_ms;
	switch ((int)f->kind) {
	case EV_arrive:
		s->arrived++;
		s->by_hour[at.hour]++;
		s->by_weekday[at.weekday]++;
		break;
	case EV_ended:
		s->ended++;
		s->longest_ms = MAX(s->longest_ms, f->at_ms - began_ms(&f->ended.contact));
		break;
	case EV_enqueue:
		s->by_queue[str_is(f->enqueue.queue, "sales")	  ? 0
			    : str_is(f->enqueue.queue, "support") ? 1
			    : str_is(f->enqueue.queue, "billing") ? 2
								  : 3]++;
		break;
	case EV_answer:
		s->answered++;
		break;
	case EV_dequeue:
		s->abandoned += f->dequeue.reason == RESULT_abandoned;
		break;
	case EV_customer_linked:
		s->known++;
		break;
	case EV_recording_end:
		s->tapes++;
		s->tape_from_ms = s->tape_from_ms ? s->tape_from_ms : f->at_ms;
		break;
	case EV_agent_presence:
		if (f->agent_presence.from == PRESENCE_signed_out) {
			s->on_shift++;
			s->shifts_by_hour[at.hour]++;
		}
		if (f->agent_presence.to == PRESENCE_signed_out)
			s->on_shift--;
		break;
	default:
		break;
	}
}

static void take_batch(void *arg, struct str bytes)
{
	struct seen *s = arg;
	struct batch_item item;
	struct fact f;
	for (size_t i = 0; i < bytes.n; i++)
		s->hash = (s->hash ^ (uint8_t)bytes.p[i]) * UINT64_C(0x100000001b3);
	while (batch_next(&bytes, &item) == ERR_OK) {
		if (item.type != BATCH_FACT)
			continue;
		if (fact_decode(item.fact, &f) == ERR_OK)
			see(s, &f);
		else
			s->torn++;
	}
	s->torn += bytes.n > 0;
}

static bool make_tape(void *arg, struct past_tape *t)
{
	(void)arg;
	t->bytes = t->ms * 32 + 44;
	return str_copy(STR("00"), t->sha256, sizeof t->sha256);
}

/* The demo's objects; its passwords, which are slow to hash on purpose, are left out. */
static struct str firm(void)
{
	static char room[1u << 16];
	struct buf b = buf_make(room, sizeof room);
	struct str rest = crowd_demo_site();
	const struct str begin = STR("\"password\":\"");
	for (ptrdiff_t at; (at = str_find_str(rest, begin)) >= 0;) {
		const struct str after = str_from(rest, (size_t)at + begin.n);
		buf_put(&b, str_head(rest, (size_t)at));
		rest = str_from(after, (size_t)str_find_str(after, STR("\"")) + 1);
		rest = rest.p[0] == ',' ? str_from(rest, 1) : rest; /* a member follows */
		if (rest.p[0] == '}')
			b.n--; /* none does: the comma before goes too */
	}
	buf_put(&b, rest);
	CHECK(!b.full);
	return buf_str(&b);
}

static void declare(struct past *p, struct registry *g)
{
	struct registry_result r;
	CHECK(registry_prepare_site(g, firm(), &r) == ERR_OK);
	for (uint32_t i = 0; i < r.change_count; i++) {
		past_declare(p, r.changes[i].config, r.changes[i].version, r.changes[i].doc);
		r.changes[i].config = NULL;
	}
	registry_result_finish(&r);
}

static uint32_t live(int64_t until_ms, uint32_t days, uint64_t seed, struct seen *out)
{
	static const struct past_dialog dialogs[] = {{"pl", 31000}, {"en", 28000}, {"ru", 30000}};
	static const uint8_t no_key[32];
	static struct uuid ids[DEMO_CUSTOMERS];
	const struct zone *warsaw = zone_get(STR("Europe/Warsaw"));
	*out = (struct seen){.hash = UINT64_C(0xcbf29ce484222325),
			     .zone = warsaw,
			     .from_ms = zone_day_start(warsaw, until_ms - days * DAY_MS),
			     .until_ms = until_ms};
	const struct past_options o = {.from_ms = out->from_ms,
				       .until_ms = until_ms,
				       .seed = seed,
				       .calls_per_hour = 64,
				       .dialogs = dialogs,
				       .dialog_count = COUNT_OF(dialogs),
				       .tapes_max = 40,
				       .tenant = STR("demo"),
				       .batch = take_batch,
				       .tape = make_tape,
				       .arg = out};
	struct registry *g = registry_create(no_key);
	struct past *p = past_create(&o);
	declare(p, g);
	for (uint32_t i = 0; i < DEMO_CUSTOMERS; i++)
		ids[i] = uuid_v7(out->from_ms, seed + i, (uint64_t)i << 20);
	past_customers(p, STR("{}\n"), 0, ids, DEMO_CUSTOMERS);
	const uint32_t contacts = past_run(p);
	past_destroy(p);
	registry_destroy(g);
	return contacts;
}

/* Nobody lost, nothing told twice or out of order, nobody left in the house. */
static bool is_whole(const struct seen *s, uint32_t contacts)
{
	return contacts == s->arrived && s->arrived == s->ended && !s->torn && !s->out_of_order &&
	       !s->on_shift;
}

/* -- the tests -- */

TEST(the_same_dice_live_the_same_past)
{
	struct seen a, b, c, d;
	live(JULY_15_MS + 15 * HOUR_MS, 2, 7, &a);
	live(JULY_15_MS + 15 * HOUR_MS, 2, 7, &b);
	live(JULY_15_MS + 15 * HOUR_MS, 2, 8, &c);
	live(JULY_15_MS + 15 * HOUR_MS + DAY_MS, 2, 7, &d);
	EXPECT(a.facts > 10000);
	EXPECT(a.hash == b.hash && a.facts == b.facts);
	EXPECT(a.hash != c.hash);
	EXPECT(a.hash != d.hash);
}

static uint32_t sum(const uint32_t *of, int from, int to)
{
	uint32_t n = 0;
	for (int i = from; i < to; i++)
		n += of[i];
	return n;
}

TEST(two_weeks_have_mornings_lunches_nights_and_sundays)
{
	struct seen s;
	const uint32_t contacts = live(JULY_15_MS, 14, 20260101, &s);
	EXPECT(is_whole(&s, contacts));
	/* busiest before noon, less at lunch, again in the afternoon, next to nobody at night */
	EXPECT(s.by_hour[10] > 3 * s.by_hour[13] / 2);
	EXPECT(s.by_hour[15] > 6 * s.by_hour[13] / 5);
	EXPECT(s.by_hour[10] > s.by_hour[15]);
	EXPECT(sum(s.by_hour, 0, 6) * 20 < contacts);
	EXPECT(sum(s.by_hour, 0, 6) > 0);
	/* Mondays most, Saturdays half of a working day, Sundays least */
	for (int day = 1; day < 7; day++)
		EXPECT(s.by_weekday[0] > s.by_weekday[day]);
	for (int day = 0; day < 5; day++)
		EXPECT(s.by_weekday[day] * 3 > s.by_weekday[5] * 4);
	EXPECT(s.by_weekday[6] < s.by_weekday[5]);
	/* every queue has its share, most are answered, some give up, two of three are known */
	for (int q = 0; q < 3; q++)
		EXPECT(s.by_queue[q] * 8 > contacts);
	EXPECT(s.by_queue[3] > 0);
	EXPECT(s.answered * 4 > contacts * 3);
	EXPECT(s.abandoned * 100 > contacts && s.abandoned * 4 < contacts);
	EXPECT(s.known * 10 > contacts * 5 && s.known * 10 < contacts * 8);
	/* shifts begin at six, nine, two and ten */
	static const int begins[] = {6, 9, 14, 22};
	uint32_t shifts = 0;
	for (size_t i = 0; i < COUNT_OF(begins); i++)
		shifts += s.shifts_by_hour[begins[i]];
	EXPECT(shifts == sum(s.shifts_by_hour, 0, 24));
	/* nobody is forgotten in the line */
	EXPECT(s.longest_ms > 30 * MINUTE_MS && s.longest_ms < 2 * HOUR_MS);
	/* the recorded talks are of the last nine days */
	EXPECT(s.tapes == 40);
	EXPECT(s.tape_from_ms > s.until_ms - 9 * DAY_MS);
}

/* Somebody starts the demo at any time of the day, in the middle of whatever there was. */
TEST(it_may_end_at_any_hour)
{
	for (int hour = 0; hour < 24; hour++) {
		struct seen s;
		const uint32_t contacts = live(JULY_15_MS + hour * HOUR_MS + 17 * MINUTE_MS, 1,
					       (uint64_t)hour + 1, &s);
		EXPECT(is_whole(&s, contacts));
		EXPECT(contacts > 50);
	}
}

/* Clocks go forward on 2026-03-29 and back on 2026-10-25: people come by the clock on the wall. */
TEST(days_on_which_clocks_are_moved_are_days)
{
	static const struct {
		int64_t sunday_ms; /* its midnight in Warsaw */
		int hours;
	} days[] = {{INT64_C(1774738800000), 23}, {INT64_C(1792879200000), 25}};
	for (size_t i = 0; i < COUNT_OF(days); i++) {
		struct seen s;
		const int64_t monday_ms = days[i].sunday_ms + days[i].hours * HOUR_MS;
		EXPECT(zone_next_day_start(zone_get(STR("Europe/Warsaw")), days[i].sunday_ms) ==
		       monday_ms);
		const uint32_t contacts = live(monday_ms - 1000, 1, 3, &s);
		EXPECT(is_whole(&s, contacts));
		EXPECT(sum(s.shifts_by_hour, 0, 24) > 0);
		EXPECT(s.shifts_by_hour[6] + s.shifts_by_hour[9] + s.shifts_by_hour[14] +
			       s.shifts_by_hour[22] ==
		       sum(s.shifts_by_hour, 0, 24));
	}
}

TEST(a_past_of_no_recordings_has_none)
{
	static const uint8_t no_key[32];
	struct seen s = {.zone = zone_get(STR("Europe/Warsaw")),
			 .from_ms = JULY_15_MS,
			 .until_ms = JULY_15_MS + 12 * HOUR_MS};
	const struct past_options o = {.from_ms = s.from_ms,
				       .until_ms = s.until_ms,
				       .seed = 5,
				       .calls_per_hour = 64,
				       .tenant = STR("demo"),
				       .batch = take_batch,
				       .tape = make_tape,
				       .arg = &s};
	struct registry *g = registry_create(no_key);
	struct past *p = past_create(&o);
	declare(p, g);
	EXPECT(is_whole(&s, 0));
	const uint32_t contacts = past_run(p);
	EXPECT(is_whole(&s, contacts));
	EXPECT(!s.tapes && !s.known); /* nor customers */
	past_destroy(p);
	registry_destroy(g);
}
