/* core_test.c - the hall: turns, facts, images, the end of a contact. */
#include <stdlib.h>

#include "core/batch.h"
#include "core/core.h"
#include "tests/test.h"

static struct config *tenant_acme(void)
{
	struct config *k = xcalloc(1, sizeof *k);
	arena_init(&k->arena);
	k->kind = KIND_tenant;
	k->tenant = k->id = STR("acme");
	k->tenant_of = (struct tenant_config){.name = STR("Acme"), .locale = STR("pl-PL")};
	return k;
}

struct echo {
	struct room room;
	uint32_t heard, digits, last, disordered;
};

static void echo_event(struct room *r, const struct event *ev)
{
	struct echo *e = CONTAINER_OF(r, struct echo, room);
	e->heard++;
	if (ev->kind != EV_digit)
		return;
	e->disordered += ev->digit.digit < e->last;
	e->last = ev->digit.digit;
	e->digits = e->digits * 10 + ev->digit.digit;
}

static enum err echo_command(struct room *r, const struct command *cmd)
{
	(void)r;
	return cmd->kind == CMD_flow_start ? ERR_OK : ERR_UNSUPPORTED;
}

struct world {
	struct core core;
	struct echo echo;
	struct tenant_id acme;
};

static void world_begin(struct world *w, uint32_t epoch)
{
	*w = (struct world){0};
	core_init(&w->core, &(struct core_limits){.contacts = 2, .objects = 8}, 7, epoch);
	w->echo.room = (struct room){.name = "flow", .event = echo_event, .command = echo_command};
	core_add_room(&w->core, &w->echo.room);
	struct id id;
	EXPECT(objects_put(w->core.objects, tenant_acme(), 1, &id) == ERR_OK);
	w->acme = ID_AS(tenant_id, id);
	core_turn_begin(&w->core, 1000, 1700000000000);
}

static struct contact_id arrive(struct world *w)
{
	struct contact_id id = {0};
	EXPECT(contact_create(&w->core,
			      &(struct contact_options){.tenant = w->acme, .from = STR("+48221")},
			      &id) == ERR_OK);
	return id;
}

TEST(a_contact_ends_when_its_line_is_gone_and_no_wrap_up_is_open)
{
	struct world w;
	world_begin(&w, 0);
	struct contact_id id = arrive(&w);
	EXPECT_STR(str_of(contact_get(&w.core, id)->lang), "pl");
	EMIT(&w.core, disconnect, .contact = id, .by = PARTY_customer);
	EMIT(&w.core, wrap_start, .contact = id);
	core_deliver(&w.core);
	EXPECT(contact_get(&w.core, id));
	EMIT(&w.core, wrap_end, .contact = id);
	core_deliver(&w.core);
	EXPECT(!contact_get(&w.core, id));
	struct core_batch b = core_turn_end(&w.core);
	EXPECT(b.facts == 5); /* arrive, disconnect, wrap_start, wrap_end, ended */
	EXPECT(b.first_seq == 1 && b.last_seq == 5);
	core_finish(&w.core);
}

TEST(a_full_pool_refuses_and_a_dead_id_looks_up_to_nothing)
{
	struct world w;
	world_begin(&w, 0);
	arrive(&w);
	struct contact_id second = arrive(&w), third;
	EXPECT(contact_create(&w.core, &(struct contact_options){.tenant = w.acme}, &third) ==
	       ERR_FULL);
	EMIT(&w.core, disconnect, .contact = second);
	core_deliver(&w.core);
	EXPECT(!contact_get(&w.core, second));
	struct contact_id again = arrive(&w);
	EXPECT(again.slot == second.slot && again.age != second.age);
	core_turn_end(&w.core);
	core_finish(&w.core);
}

TEST(facts_survive_their_encoding)
{
	struct world w;
	world_begin(&w, 0);
	struct contact_id id = arrive(&w);
	struct uuid uuid = contact_get(&w.core, id)->uuid;
	struct core_batch b = core_turn_end(&w.core);
	struct str rest = b.bytes;
	struct batch_item item;
	struct fact f;
	EXPECT(batch_next(&rest, &item) == ERR_OK && item.type == BATCH_FACT);
	EXPECT(fact_decode(item.fact, &f) == ERR_OK);
	EXPECT(f.kind == EV_arrive && f.seq == 1 && uuid_eq(f.contact, uuid));
	EXPECT_STR(f.tenant, "acme");
	EXPECT_STR(f.arrive.from, "+48221");
	char room[512];
	struct buf out = buf_make(room, sizeof room);
	fact_json_open(&out, &f);
	EXPECT(str_find_str(buf_str(&out), STR("\"event\":\"arrive\"")) > 0);
	for (size_t n = 0; n < 8 + 8; n++) /* torn in its head */
		EXPECT(fact_decode(str_head(item.fact, n), &f) == ERR_INVALID);
	core_finish(&w.core);
}

TEST(a_restarted_hall_knows_its_living_contacts_by_the_same_ids)
{
	struct world w, next;
	world_begin(&w, 0);
	struct contact_id gone = arrive(&w), here = arrive(&w);
	struct uuid uuid = contact_get(&w.core, here)->uuid;
	struct core_batch b = core_turn_end(&w.core);
	char *first = xstrndup(b.bytes.p, b.bytes.n);
	size_t first_n = b.bytes.n;
	core_turn_begin(&w.core, 1001, 1700000000001);
	EMIT(&w.core, disconnect, .contact = gone);
	struct str second = core_turn_end(&w.core).bytes;

	world_begin(&next, 1);
	core_load_batch(&next.core, str_make(first, first_n), UINT32_MAX);
	core_load_batch(&next.core, second, UINT32_MAX);
	EXPECT(core_loaded(&next.core) == 0);
	EXPECT(!contact_get(&next.core, gone));
	struct contact *k = contact_get(&next.core, here);
	EXPECT(k && uuid_eq(k->uuid, uuid) && ID_EQ(k->tenant, next.acme));
	EXPECT(contact_find(&next.core, next.acme, uuid) == k);
	core_turn_end(&next.core);
	core_finish(&next.core);
	core_finish(&w.core);
	free(first);
}

TEST(events_are_delivered_in_order_and_texts_live_until_the_turn_ends)
{
	struct world w;
	world_begin(&w, 0);
	for (uint32_t d = 1; d <= 9; d++)
		EMIT(&w.core, digit, .digit = d);
	core_deliver(&w.core);
	EXPECT(w.echo.digits == 123456789);
	EXPECT(SEND(&w.core, flow_start, .contact = {0}) == ERR_OK);
	EXPECT(SEND(&w.core, hang_up, .contact = {0}) == ERR_UNSUPPORTED);
	core_turn_end(&w.core);
	core_finish(&w.core);
}

TEST(a_door_holds_a_contact_open)
{
	struct world w;
	world_begin(&w, 0);
	struct contact_id id = arrive(&w);
	contact_hold(&w.core, id);
	contact_hold(&w.core, id);
	EMIT(&w.core, disconnect, .contact = id);
	core_deliver(&w.core);
	contact_release(&w.core, id);
	core_deliver(&w.core);
	EXPECT(contact_get(&w.core, id));
	contact_release(&w.core, id);
	contact_release(&w.core, id); /* one too many is harmless */
	contact_hold(&w.core, id);    /* too late: its end was said, and is not said again */
	contact_release(&w.core, id);
	core_deliver(&w.core);
	EXPECT(!contact_get(&w.core, id));
	contact_release(&w.core, id);
	contact_hold(&w.core, id);
	/* released before the line is gone it lives on */
	id = arrive(&w);
	contact_hold(&w.core, id);
	contact_release(&w.core, id);
	core_deliver(&w.core);
	EXPECT(contact_get(&w.core, id) && contact_count(&w.core) == 1);
	EXPECT(core_turn_end(&w.core).facts == 4); /* arrive, disconnect, ended; arrive */
	core_finish(&w.core);
}

TEST(a_contact_ends_once_whatever_is_said_twice)
{
	struct world w;
	world_begin(&w, 0);
	struct contact_id id = arrive(&w);
	EMIT(&w.core, wrap_start, .contact = id);
	EMIT(&w.core, wrap_start, .contact = id);
	EMIT(&w.core, disconnect, .contact = id);
	EMIT(&w.core, disconnect, .contact = id);
	EMIT(&w.core, wrap_end, .contact = id);
	core_deliver(&w.core);
	EXPECT(contact_get(&w.core, id));
	EMIT(&w.core, wrap_end, .contact = id);
	EMIT(&w.core, wrap_end, .contact = id);
	EMIT(&w.core, wrap_end, .contact = id);
	core_deliver(&w.core);
	EXPECT(contact_count(&w.core) == 0);
	/* arrive, 2 wrap_start, 2 disconnect, 4 wrap_end, ended: once */
	EXPECT(core_turn_end(&w.core).facts == 10);
	core_finish(&w.core);
}

TEST(long_texts_of_a_contact_are_cut)
{
	struct world w;
	char text[200];
	struct contact_id id;
	world_begin(&w, 0);
	memset(text, 'x', sizeof text);
	EXPECT(contact_create(&w.core,
			      &(struct contact_options){.tenant = w.acme,
							.from = str_make(text, sizeof text),
							.to = STR("")},
			      &id) == ERR_OK);
	EXPECT(strlen(contact_get(&w.core, id)->from) == CONTACT_TEXT_MAX - 1);
	/* another tenant's name does not find it */
	struct uuid uuid = contact_get(&w.core, id)->uuid;
	EXPECT(contact_find(&w.core, w.acme, uuid));
	EXPECT(!contact_find(&w.core, (struct tenant_id){7, 1}, uuid));
	EXPECT(!contact_find(&w.core, w.acme, (struct uuid){{9}}));
	core_turn_end(&w.core);
	core_finish(&w.core);
}

static void tick(struct timer *t, int64_t now_ms)
{
	struct world *w = t->arg;
	(void)now_ms;
	EMIT(&w->core, digit, .digit = 7);
}

static void tock(struct timer *t, int64_t now_ms)
{
	struct world *w = t->arg;
	(void)now_ms;
	/* what the timer before said was delivered: each is a cause of its own */
	EXPECT(w->echo.digits == 7);
	EMIT(&w->core, digit, .digit = 8);
}

TEST(timers_run_at_the_end_of_a_turn_each_a_cause_of_its_own)
{
	struct world w;
	struct timer a = {0}, b = {0};
	world_begin(&w, 0);
	timer_start(&w.core.timers, &a, 1000, tick, &w);
	timer_start(&w.core.timers, &b, 1000, tock, &w);
	EXPECT(core_next_timer(&w.core) == 1000);
	core_turn_end(&w.core);
	EXPECT(w.echo.digits == 78 && core_next_timer(&w.core) == INT64_MAX);
	core_finish(&w.core);
}

TEST(a_batch_is_empty_when_nothing_happened_and_counts_go_on)
{
	struct world w;
	world_begin(&w, 0);
	core_seq_set(&w.core, 41);
	struct core_batch b = core_turn_end(&w.core);
	EXPECT(!b.bytes.n && !b.facts && !b.first_seq && !b.last_seq);
	core_turn_begin(&w.core, 1000, 5); /* the same instant; UTC may go back */
	EMIT(&w.core, alarm, .name = STR("x"), .detail = STR("y"));
	EMIT(&w.core, digit, .digit = 1); /* told, not kept */
	b = core_turn_end(&w.core);
	EXPECT(b.facts == 1 && b.first_seq == 42 && b.last_seq == 42 && core_seq(&w.core) == 42);
	struct str rest = b.bytes;
	struct batch_item item;
	struct fact f;
	EXPECT(batch_next(&rest, &item) == ERR_OK && fact_decode(item.fact, &f) == ERR_OK);
	EXPECT_STR(f.tenant, "system"); /* of nobody's */
	core_finish(&w.core);
}

TEST(the_same_seed_throws_the_same_dice)
{
	struct core a, b, c;
	core_init(&a, &(struct core_limits){.contacts = 1, .objects = 1}, 5, 0);
	core_init(&b, &(struct core_limits){.contacts = 1, .objects = 1}, 5, 0);
	core_init(&c, &(struct core_limits){.contacts = 1, .objects = 1}, 6, 0);
	uint32_t same = 0;
	for (int i = 0; i < 100; i++) {
		uint64_t x = core_dice(&a);
		EXPECT(x == core_dice(&b));
		same += x == core_dice(&c);
	}
	EXPECT(same == 0);
	core_finish(&a);
	core_finish(&b);
	core_finish(&c);
}

/* Events said while a ring of them is full grow it without losing their order. */
TEST(many_events_of_one_turn_keep_their_order)
{
	struct world w;
	uint32_t n = 0;
	world_begin(&w, 0);
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 700; i++)
			EMIT(&w.core, digit, .digit = ++n);
		core_deliver(&w.core);
		EXPECT(w.echo.heard == n && w.echo.last == n && w.echo.disordered == 0);
	}
	core_turn_end(&w.core);
	core_finish(&w.core);
}
