/* past.c - see past.h: the house, its days and its turns. */
#include <stdlib.h>

#include "acd/acd.h"
#include "call/call.h"
#include "core/zone.h"
#include "demo/inner.h"
#include "flow/flow.h"

enum { LAST_CALLS_MS = 240000, LAST_TALKS_MS = 20000, LAST_AGENTS_MS = 8000 };

struct str queue_name(const struct past *p, struct queue_id q)
{
	const struct object *o = objects_get(p->core.objects, ID(q));
	return o ? o->name : STR_NONE;
}

/* The room `voice`: what the rooms ask of lines, and what they say. */
static enum err voice_command(struct room *r, const struct command *cmd)
{
	return past_caller_command(CONTAINER_OF(r, struct past, voice), cmd);
}

static void voice_event(struct room *r, const struct event *ev)
{
	struct past *p = CONTAINER_OF(r, struct past, voice);
	past_worker_event(p, ev);
	past_caller_event(p, ev);
}

struct past *past_create(const struct past_options *o)
{
	struct past *p = xcalloc(1, sizeof *p);
	p->o = *o;
	p->dice = dice_make(o->seed);
	p->callers = xcalloc(PAST_CONTACTS + 1, sizeof *p->callers);
	core_init(&p->core, &(struct core_limits){.contacts = PAST_CONTACTS, .objects = 4000},
		  o->seed, 0);
	p->acd = acd_create_limited(
		&p->core, &(struct acd_limits){.contacts = PAST_CONTACTS, .exclusions = 4000});
	core_add_room(&p->core, p->acd);
	p->flow = flow_create_limited(&p->core, PAST_CONTACTS);
	p->call = call_room_create(&p->core, PAST_CONTACTS);
	p->voice = (struct room){.name = "voice", .command = voice_command, .event = voice_event};
	core_add_room(&p->core, &p->voice);
	core_turn_begin(&p->core, o->from_ms, o->from_ms);
	CHECK(core_loaded(&p->core) == 0);
	return p;
}

void past_destroy(struct past *p)
{
	acd_destroy(p->acd);
	flow_destroy(p->flow);
	call_room_destroy(p->call);
	core_finish(&p->core);
	free(p->callers);
	free(p);
}

void past_declare(struct past *p, struct config *config, uint32_t version, struct str doc)
{
	struct objects *os = p->core.objects;
	const enum object_kind kind = config->kind;
	const struct str tenant = config->tenant, name = config->id;
	struct id id;
	CHECK(objects_put(os, config, version, &id) == ERR_OK);
	const struct object *t = objects_find(os, KIND_tenant, tenant, tenant);
	struct tenant_id whose = {0};
	if (t)
		whose = ID_AS(tenant_id, t->id);
	EMIT(&p->core, object_changed, .tenant = whose, .kind = kind, .object = name,
	     .version = version, .op = STR("created"), .by = STR("local"), .doc = doc);
	EMIT(&p->core, object_moved, .kind = kind, .slot = id.slot, .age = id.age);
	core_deliver(&p->core);
	if (!str_eq(tenant, p->o.tenant))
		return;
	if (kind == KIND_tenant) {
		p->tenant = ID_AS(tenant_id, id);
		p->zone = objects_get(os, id)->config->tenant_of.zone;
	} else if (kind == KIND_trunk) {
		p->trunk = ID_AS(trunk_id, id);
	}
}

void past_customers(struct past *p, struct str docs, uint32_t first, const struct uuid *ids,
		    uint32_t count)
{
	CHECK(first + count <= DEMO_CUSTOMERS);
	memcpy(p->customers + first, ids, count * sizeof *ids);
	p->customer_count = first + count;
	EMIT(&p->core, customer_changed, .tenant = p->tenant, .op = STR("imported"),
	     .by = STR("ada"), .count = count, .docs = docs);
	core_deliver(&p->core);
}

static void turn_end(struct past *p)
{
	const struct core_batch b = core_turn_end(&p->core);
	if (b.bytes.n)
		p->o.batch(p->o.arg, b.bytes);
}

static void run_until(struct past *p, int64_t until_ms)
{
	for (int64_t at; (at = core_next_timer(&p->core)) <= until_ms;) {
		at = MAX(at, p->core.now_ms);
		core_turn_begin(&p->core, at, at);
		turn_end(p);
	}
	const int64_t now_ms = MAX(until_ms, p->core.now_ms);
	core_turn_begin(&p->core, now_ms, now_ms);
}

uint32_t past_run(struct past *p)
{
	callers_begin(p);
	workers_begin(p);
	turn_end(p);
	run_until(p, p->o.until_ms - LAST_CALLS_MS);
	p->closing = true;
	turn_end(p);
	run_until(p, p->o.until_ms - LAST_TALKS_MS);
	callers_send_home(p);
	turn_end(p);
	run_until(p, p->o.until_ms - LAST_AGENTS_MS);
	workers_send_home(p);
	turn_end(p);
	run_until(p, p->o.until_ms);
	turn_end(p);
	CHECK(contact_count(&p->core) == 0);
	return p->arrived;
}
