/* core.c - the turn, the rooms and what is said in it; see core.h. */
#include "core/hall.h"

#include <stdlib.h>

#include "core/batch.h"

#define TIMERS_PER_TURN 100000u

/* -- dice: xoshiro256** (Blackman and Vigna), seeded by splitmix64 -- */

static uint64_t rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

uint64_t core_dice(struct core *c)
{
	uint64_t *s = c->dice;
	uint64_t result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

static void dice_seed(struct core *c, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = (seed += 0x9e3779b97f4a7c15ull);
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
		z = (z ^ z >> 27) * 0x94d049bb133111ebull;
		c->dice[i] = z ^ z >> 31;
	}
}

void core_init(struct core *c, const struct core_limits *limits, uint64_t seed, uint32_t epoch)
{
	*c = (struct core){0};
	dice_seed(c, seed);
	timers_init(&c->timers);
	uint32_t birth = (epoch & 0x7fff) << 16;
	c->objects =
		objects_create(limits->objects ? limits->objects : 100000, core_dice(c), birth);
	struct core_hall *h = c->hall = xcalloc(1, sizeof *h);
	h->rooms_last = &h->rooms;
	h->contacts = pool_create("contacts", sizeof(struct contact),
				  limits->contacts ? limits->contacts : 20000);
	pool_born(h->contacts, birth);
	map_init(&h->by_uuid, core_dice(c));
	h->events_max = limits->events ? limits->events : 65536;
	h->batch = buf_grow(65536);
	h->turn = 1;
	arena_init(&h->turn_arena);
}

void core_finish(struct core *c)
{
	struct core_hall *h = c->hall;
	images_finish(c);
	pool_destroy(h->contacts);
	map_finish(&h->by_uuid);
	arena_finish(&h->turn_arena);
	buf_free(&h->batch);
	free(h->events);
	free(h->touched);
	free(h);
	objects_destroy(c->objects);
	timers_finish(&c->timers);
	*c = (struct core){0};
}

void core_add_room(struct core *c, struct room *r)
{
	r->core = c;
	r->next = NULL;
	*c->hall->rooms_last = r;
	c->hall->rooms_last = &r->next;
}

/* -- from an event to a fact: ids become names, and the tenant is found -- */

static void scope_object(struct core *c, struct fact *f, struct id id, struct str *name)
{
	const struct object *o = objects_who(c->objects, id);
	*name = o ? o->name : STR_NONE;
	if (o && !f->tenant.n)
		f->tenant = o->tenant;
}

static void fact_of_contact(struct core *c, struct fact *f, struct contact_id id, struct uuid *out)
{
	const struct contact *k = contact_get(c, id);
	if (!k) {
		*out = (struct uuid){{0}};
		return;
	}
	*out = f->contact = k->uuid;
	if (!f->tenant.n) {
		struct str unused;
		scope_object(c, f, ID(k->tenant), &unused);
	}
}

static void fact_of_past(struct core *c, struct fact *f, struct uuid v, struct uuid *out)
{
	(void)c;
	*out = f->contact = v;
}

#define FACT_OF_OBJECT(type)                                                                       \
	static void fact_of_##type(struct core *c, struct fact *f, struct type##_id id,            \
				   struct str *out)                                                \
	{                                                                                          \
		scope_object(c, f, ID(id), out);                                                   \
	}
FACT_OF_OBJECT(queue)
FACT_OF_OBJECT(agent)
FACT_OF_OBJECT(flow)
FACT_OF_OBJECT(trunk)
FACT_OF_OBJECT(tenant)

#define FACT_OF_VALUE(type, ctype)                                                                 \
	static void fact_of_##type(struct core *c, struct fact *f, ctype v, ctype *out)            \
	{                                                                                          \
		(void)c, (void)f;                                                                  \
		*out = v;                                                                          \
	}
FACT_OF_VALUE(u32, uint32_t)
FACT_OF_VALUE(i64, int64_t)
FACT_OF_VALUE(ms, int64_t)
FACT_OF_VALUE(flag, bool)
FACT_OF_VALUE(text, struct str)

#define COMMAND(name, room, fields)
#define F(type, name) fact_of_##type(c, f, ev->name, &out->name);
#define W(set, name) out->name = ev->name;
#define S(name) out->name = ev->name;
#define EVENT(name, keep, fields)                                                                  \
	static UNUSED void fact_from_##name(struct core *c, struct fact *f,                        \
					    const struct event_##name *ev,                         \
					    struct fact_##name *out)                               \
	{                                                                                          \
		fields                                                                             \
	}
#include "core/messages.def"
#undef EVENT
#undef F
#undef W
#undef S

static void keep_fact(struct core *c, const struct event *ev)
{
	struct core_hall *h = c->hall;
	struct fact f = {.seq = ++h->seq, .at_ms = c->utc_ms, .kind = ev->kind};
	switch (ev->kind) {
#define EVENT(name, keep, fields)                                                                  \
	case EV_##name:                                                                            \
		fact_from_##name(c, &f, &ev->name, &f.name);                                       \
		break;
#include "core/messages.def"
#undef EVENT
	case EV_COUNT:
		CHECK(!"an event of no kind");
	}
	if (!f.tenant.n)
		f.tenant = STR("system");
	/* the item's length is only known afterwards: encode behind it, then fill it in */
	size_t head = h->batch.n;
	batch_put_fact(&h->batch, STR_NONE);
	size_t body = h->batch.n;
	fact_encode(&h->batch, &f);
	uint32_t length = (uint32_t)(h->batch.n - body);
	memcpy(h->batch.p + head + 1, &length, sizeof length);
	if (!h->batch_first_seq)
		h->batch_first_seq = f.seq;
	h->batch_facts++;
}

/* -- speaking -- */

static void copy_text(struct core_hall *h, struct str *s)
{
	if (s->n)
		*s = arena_copy(&h->turn_arena, *s);
}

#define COPY_contact(v)
#define COPY_past(v)
#define COPY_queue(v)
#define COPY_agent(v)
#define COPY_flow(v)
#define COPY_trunk(v)
#define COPY_tenant(v)
#define COPY_u32(v)
#define COPY_i64(v)
#define COPY_ms(v)
#define COPY_flag(v)
#define COPY_text(v) copy_text(h, &(v));
#define F(type, name) COPY_##type(ev->name)
#define W(set, name)
#define S(name) copy_text(h, &ev->name);
#define EVENT(name, keep, fields)                                                                  \
	static void copy_##name(UNUSED struct core_hall *h, UNUSED struct event_##name *ev)        \
	{                                                                                          \
		fields                                                                             \
	}
#include "core/messages.def"
#undef EVENT
#undef F
#undef W
#undef S

static void copy_texts(struct core_hall *h, struct event *ev)
{
	switch (ev->kind) {
#define EVENT(name, keep, fields)                                                                  \
	case EV_##name:                                                                            \
		copy_##name(h, &ev->name);                                                         \
		break;
#include "core/messages.def"
#undef EVENT
	case EV_COUNT:
		CHECK(!"an event of no kind");
	}
}
#undef COMMAND

static void events_grow(struct core_hall *h)
{
	uint32_t room = h->event_room ? h->event_room * 2 : 256;
	struct event *bigger = xcalloc(room, sizeof *bigger);
	for (uint32_t i = 0; i < h->event_count; i++)
		bigger[i] = h->events[(h->event_first + i) % h->event_room];
	free(h->events);
	h->events = bigger;
	h->event_room = room;
	h->event_first = 0;
}

void core_emit(struct core *c, const struct event *ev)
{
	struct core_hall *h = c->hall;
	CHECK(h->event_count < h->events_max); /* two rooms answering each other for ever */
	if (h->event_count == h->event_room)
		events_grow(h);
	struct event *e = &h->events[(h->event_first + h->event_count++) % h->event_room];
	*e = *ev;
	copy_texts(h, e);
	if (event_kept(ev->kind))
		keep_fact(c, ev);
	contacts_said(c, ev);
}

void core_deliver(struct core *c)
{
	struct core_hall *h = c->hall;
	CHECK(!h->delivering); /* only the loop delivers: rooms never see an event inside a call */
	h->delivering = true;
	while (h->event_count) {
		struct event ev = h->events[h->event_first];
		h->event_first = (h->event_first + 1) % h->event_room;
		h->event_count--;
		for (struct room *r = h->rooms; r; r = r->next)
			if (r->event)
				r->event(r, &ev);
		contacts_hear(c, &ev);
	}
	h->delivering = false;
}

static const char *const command_rooms[CMD_COUNT] = {
#define COMMAND(name, room, fields) #room,
#define EVENT(name, keep, fields)
#include "core/messages.def"
#undef COMMAND
#undef EVENT
};

enum err core_send(struct core *c, const struct command *cmd)
{
	/* a handful of rooms: walking them is quicker than any table */
	struct str name = str_of(command_rooms[cmd->kind]);
	for (struct room *r = c->hall->rooms; r; r = r->next)
		if (r->command && str_is(name, r->name))
			return r->command(r, cmd);
	return ERR_UNSUPPORTED;
}

/* -- the turn -- */

void core_turn_begin(struct core *c, int64_t now_ms, int64_t utc_ms)
{
	struct core_hall *h = c->hall;
	CHECK(now_ms >= c->now_ms && !h->event_count);
	c->now_ms = now_ms;
	c->utc_ms = utc_ms;
	h->turn++;
	h->batch.n = 0;
	h->batch_first_seq = 0;
	h->batch_facts = 0;
	arena_finish(&h->turn_arena);
}

struct core_batch core_turn_end(struct core *c)
{
	struct core_hall *h = c->hall;
	core_deliver(c);
	for (uint32_t fired = 0; fired < TIMERS_PER_TURN; fired++) {
		if (!timers_run(&c->timers, c->now_ms, 1))
			break;
		core_deliver(c); /* each timer is a cause of its own */
	}
	images_save(c);
	return (struct core_batch){buf_str(&h->batch), h->batch_first_seq,
				   h->batch_facts ? h->seq : 0, h->batch_facts};
}

int64_t core_next_timer(const struct core *c)
{
	return timers_next(&c->timers);
}

void core_seq_set(struct core *c, uint64_t last_seq)
{
	c->hall->seq = last_seq;
}

uint64_t core_seq(const struct core *c)
{
	return c->hall->seq;
}

bool core_dump(struct core *c, struct str what, struct buf *out)
{
	for (struct room *r = c->hall->rooms; r; r = r->next)
		if (r->dump && r->dump(r, what, out))
			return true;
	return false;
}
