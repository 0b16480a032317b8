/* watch_test.c - the room: help, messages, alerts over a restart and a deletion. */
#include "watch/watch.h"

#include <stdlib.h>

#include "tests/test.h"

struct ears {
	struct room room;
	uint32_t on, off, acknowledged, messages;
	char why[16];
};

static void heard(struct room *r, const struct event *ev)
{
	struct ears *e = CONTAINER_OF(r, struct ears, room);
	if (ev->kind == EV_alert_on)
		e->on++;
	else if (ev->kind == EV_alert_acknowledged)
		e->acknowledged++;
	else if (ev->kind == EV_message)
		e->messages++;
	else if (ev->kind == EV_alert_off) {
		e->off++;
		str_copy(ev->alert_off.why, e->why, sizeof e->why);
	}
}

struct world {
	struct core core;
	struct room *watch;
	struct ears ears;
	struct tenant_id tenant;
	struct id alert;
	int64_t ms;
};

static struct id put(struct world *w, struct config *c)
{
	struct id id;
	CHECK(objects_put(w->core.objects, c, 1, &id) == ERR_OK);
	return id;
}

static struct config *make(enum object_kind kind, const char *id)
{
	struct config *c = xcalloc(1, sizeof *c);
	arena_init(&c->arena);
	c->kind = kind;
	c->tenant = STR("acme");
	c->id = str_of(id);
	return c;
}

static void begin(struct world *w, int64_t ms)
{
	*w = (struct world){.ms = ms};
	core_init(&w->core, &(struct core_limits){.contacts = 8, .objects = 16, .events = 256}, 7,
		  (uint32_t)(ms / 100000));
	w->watch = watch_create(&w->core);
	w->ears.room = (struct room){.name = "ears", .event = heard};
	core_add_room(&w->core, &w->ears.room);
	w->tenant = ID_AS(tenant_id, put(w, make(KIND_tenant, "acme")));
	struct config *c = make(KIND_alert, "queue");
	c->alert = (struct alert_config){
		.name = STR("Queue"), .limit = 5, .clear = 5, .for_ms = 10000};
	w->alert = put(w, c);
}

static void end(struct world *w)
{
	watch_destroy(w->watch);
	core_finish(&w->core);
}

/* A second in which the figure is this. */
static struct core_batch second(struct world *w, double value)
{
	w->ms += 1000;
	core_turn_begin(&w->core, w->ms, w->ms);
	EXPECT(SEND(&w->core, alert_figure, .tenant = w->tenant, .alert = STR("queue"),
		    .value = &value) == ERR_OK);
	core_deliver(&w->core);
	return core_turn_end(&w->core);
}

TEST(alerts_clock_goes_on_over_a_restart)
{
	struct world w, next;
	begin(&w, 500000);
	struct buf image = buf_grow(256);
	for (int i = 0; i < 6; i++) {
		struct core_batch b = second(&w, 9);
		if (b.bytes.n) {
			image.n = 0;
			buf_put(&image, b.bytes);
		}
	}
	EXPECT(w.ears.on == 0);
	begin(&next, w.ms); /* it died, and was away for no time */
	core_load_batch(&next.core, buf_str(&image), UINT32_MAX);
	core_turn_begin(&next.core, next.ms, next.ms);
	EXPECT(core_loaded(&next.core) == 0);
	core_turn_end(&next.core);
	for (int i = 0; i < 4; i++)
		second(&next, 9);
	EXPECT(next.ears.on == 0);
	second(&next, 9); /* ten seconds since the first */
	EXPECT(next.ears.on == 1);
	buf_free(&image);
	end(&w);
	end(&next);
}

TEST(alert_is_acknowledged_once_and_ends_with_its_object)
{
	struct world w;
	uint32_t at = 0;
	struct watch_alert one;
	begin(&w, 500000);
	core_turn_begin(&w.core, w.ms, w.ms);
	EXPECT(SEND(&w.core, alert_acknowledge, .tenant = w.tenant, .alert = STR("queue"),
		    .by = STR("olga")) == ERR_CONFLICT);
	core_turn_end(&w.core);
	for (int i = 0; i < 12; i++)
		second(&w, 9);
	EXPECT(w.ears.on == 1 && watch_alert_next(w.watch, STR("acme"), &at, &one));
	EXPECT(one.value == 9 && !one.acknowledged_by.n);
	core_turn_begin(&w.core, w.ms, w.ms);
	for (int i = 0; i < 2; i++)
		EXPECT(SEND(&w.core, alert_acknowledge, .tenant = w.tenant, .alert = STR("queue"),
			    .by = STR("olga")) == ERR_OK);
	core_deliver(&w.core);
	EXPECT(w.ears.acknowledged == 1);
	objects_drop(w.core.objects, KIND_alert, STR("acme"), STR("queue"));
	EMIT(&w.core, object_moved, .kind = KIND_alert, .slot = w.alert.slot, .age = w.alert.age);
	core_deliver(&w.core);
	core_turn_end(&w.core);
	EXPECT(w.ears.off == 1 && str_is(str_of(w.ears.why), "deleted"));
	at = 0;
	EXPECT(!watch_alert_next(w.watch, STR("acme"), &at, &one));
	end(&w);
}

TEST(messages_have_a_measure)
{
	struct world w;
	begin(&w, 500000);
	core_turn_begin(&w.core, w.ms, w.ms);
	for (uint32_t i = 0; i < WATCH_MESSAGES_PER_MINUTE + 3; i++)
		EXPECT(SEND(&w.core, message_send, .tenant = w.tenant, .to = STR("all"),
			    .text = STR("hello"), .by = STR("olga")) ==
		       (i < WATCH_MESSAGES_PER_MINUTE ? ERR_OK : ERR_TOO_MANY));
	core_deliver(&w.core);
	core_turn_end(&w.core);
	EXPECT(w.ears.messages == WATCH_MESSAGES_PER_MINUTE);
	core_turn_begin(&w.core, w.ms + 60000, w.ms + 60000);
	EXPECT(SEND(&w.core, message_send, .tenant = w.tenant, .to = STR("all"),
		    .text = STR("hello"), .by = STR("olga")) == ERR_OK);
	core_turn_end(&w.core);
	end(&w);
}
