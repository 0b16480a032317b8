/*
 * toll.c - what calls out may use up (core/toll.h): every leg over a trunk is asked for here once,
 * whoever it is for, and pays for its tenant and for the user whose call it is.
 *
 * A limit that is reached stops new calls, never one that runs. Its filling up is an alarm
 * `dial_limit` at 50, 80 and 100 percent; every refused call is a fact `dial_blocked`.
 */
#include <stdlib.h>

#include "channel/voice/line.h"
#include "core/bytes.h"
#include "core/zone.h"

enum { HOUR_MS = 3600000, LOOK_MS = 10000, REFUSED_EVERY_MS = 60000, TOLL_IMAGE = 1 };

static const struct tenant_config *tenant_of(struct voice *v, struct str tenant)
{
	const struct object *o = objects_find(v->core->objects, KIND_tenant, tenant, tenant);
	return o ? &o->config->tenant_of : NULL;
}

static void touch(struct voice *v, const struct payer *p)
{
	core_touch(v->core, IMAGE_TOLL, (struct id){(uint32_t)(p - v->payers) + 1, 1});
}

static struct payer *payer_of(struct voice *v, struct id object)
{
	struct payer *free_one = NULL;
	if (ID_NONE(object))
		return NULL;
	for (uint32_t i = 0; i < v->payer_count; i++) {
		struct payer *p = &v->payers[i];
		if (ID_EQ(p->object, object))
			return p;
		if (!objects_get(v->core->objects, p->object) && !p->toll.calls)
			free_one = p;
	}
	if (!free_one) {
		v->payers = xrealloc(v->payers, (v->payer_count + 1) * sizeof *v->payers);
		free_one = &v->payers[v->payer_count++];
	}
	*free_one = (struct payer){.object = object};
	return free_one;
}

/* The tenant, and the user if there is one. */
struct payers {
	struct payer *who[2];
	const struct dial_limits *most[2];
};

/* Pointers live until the next payer_of. */
static bool payers_of(struct voice *v, const struct leg *leg, struct str tenant, struct payers *out)
{
	const struct object *home = objects_find(v->core->objects, KIND_tenant, tenant, tenant);
	if (!home)
		return false;
	const struct dial_rules *r = &home->config->tenant_of.dial;
	(void)payer_of(v, home->id);
	struct payer *user = payer_of(v, ID(leg->way.user));
	*out = (struct payers){{payer_of(v, home->id), user}, {&r->all, &r->user}};
	return true;
}

static struct str tenant_name(struct voice *v, const struct leg *leg)
{
	const struct contact *k = contact_get(v->core, leg->contact);
	const struct object *o = k ? objects_get(v->core->objects, ID(k->tenant)) : NULL;
	return o ? o->name : STR_NONE;
}

static void reckon(struct voice *v, struct payer *p, const struct tenant_config *t)
{
	const int64_t now_ms = v->core->utc_ms;
	toll_reckon(&p->toll, now_ms, now_ms - now_ms % HOUR_MS, zone_day_start(t->zone, now_ms));
}

/* -- alarms -- */

static void alarm_of(struct voice *v, const struct payer *p, enum toll_cap cap, uint32_t percent)
{
	char text[200];
	struct buf b = buf_make(text, sizeof text);
	const struct object *o = objects_get(v->core->objects, p->object);
	const struct object *home =
		o ? objects_find(v->core->objects, KIND_tenant, o->tenant, o->tenant) : NULL;
	if (!home)
		return;
	buf_fmt(&b, STR_FMT " " STR_FMT ": %s", STR_ARG(object_kind_word(o->kind)),
		STR_ARG(o->name), toll_cap_name(cap));
	if (percent < 100)
		buf_fmt(&b, " is used up by %u %%", percent);
	else
		buf_c(&b, " is reached: new calls are refused");
	log_line(LOG_WARN, "event=dial_limit what=" STR_FMT " limit=%s percent=%u",
		 STR_ARG(o->name), toll_cap_name(cap), percent);
	EMIT(v->core, alarm, .tenant = ID_AS(tenant_id, home->id), .name = STR("dial_limit"),
	     .detail = buf_str(&b),
	     .agent = o->kind == KIND_user ? ID_AS(agent_id, o->id) : (struct agent_id){0});
}

/* What fills up with time: once a step. */
static void watch_filling(struct voice *v, struct payer *p, const struct dial_limits *l)
{
	enum toll_cap cap;
	const uint32_t percent = toll_filled(&p->toll, l, &cap);
	const uint32_t step = percent >= 100 ? 100 : percent >= 80 ? 80 : percent >= 50 ? 50 : 0;
	if (step > p->told)
		alarm_of(v, p, cap, step);
	if (step != p->told)
		touch(v, p);
	p->told = step; /* a new hour or day begins lower */
}

static struct payer *next_paying(struct voice *v, uint32_t *at)
{
	while (*at < v->payer_count) {
		struct payer *p = &v->payers[(*at)++];
		if (p->toll.talking)
			return p;
	}
	return NULL;
}

static void look(struct timer *t, int64_t now_ms)
{
	struct voice *v = t->arg;
	uint32_t at = 0;
	bool any = false;
	for (struct payer *p; (p = next_paying(v, &at));) {
		const struct object *o = objects_get(v->core->objects, p->object);
		const struct tenant_config *home = o ? tenant_of(v, o->tenant) : NULL;
		any = true;
		if (!home)
			continue;
		reckon(v, p, home);
		watch_filling(v, p, o->kind == KIND_tenant ? &home->dial.all : &home->dial.user);
	}
	if (any)
		timer_start(&v->core->timers, &v->toll, now_ms + LOOK_MS, look, v);
}

/* -- a leg's call -- */

void toll_blocked(struct leg *leg, const char *cause)
{
	struct voice *v = leg->voice;
	log_line(LOG_INFO, "event=dial_blocked cause=%s", cause);
	if (contact_get(v->core, leg->contact))
		EMIT(v->core, dial_blocked, .contact = leg->contact, .agent = leg->way.user,
		     .number = str_of(leg->way.number), .cause = str_of(cause));
}

static enum toll_cap full(struct voice *v, struct payers *p, const struct tenant_config *home)
{
	for (size_t i = 0; i < COUNT_OF(p->who); i++) {
		if (!p->who[i])
			continue;
		reckon(v, p->who[i], home);
		const enum toll_cap cap = toll_full(&p->who[i]->toll, p->most[i], v->core->utc_ms);
		if (cap == TOLL_CAP_none)
			continue;
		watch_filling(v, p->who[i], p->most[i]);
		if (cap < TOLL_CAP_minutes_per_hour &&
		    v->core->utc_ms - p->who[i]->told_ms >= REFUSED_EVERY_MS) {
			p->who[i]->told_ms = v->core->utc_ms;
			alarm_of(v, p->who[i], cap, 100);
		}
		return cap;
	}
	return TOLL_CAP_none;
}

enum err toll_ask(struct leg *leg, struct str tenant)
{
	struct voice *v = leg->voice;
	const struct tenant_config *home = tenant_of(v, tenant);
	struct payers p;
	if (!home || !payers_of(v, leg, tenant, &p))
		return ERR_NOT_FOUND;
	const struct str number = str_of(leg->way.number);
	if (toll_rule(&home->dial, number, home->country) != TOLL_HELP) {
		if (!toll_is_number(number)) {
			toll_blocked(leg, "not_a_number");
			return ERR_INVALID;
		}
		const enum toll_cap cap = full(v, &p, home);
		if (home->dial.closed || cap != TOLL_CAP_none) {
			toll_blocked(leg, home->dial.closed ? "closed" : toll_cap_name(cap));
			return home->dial.closed ? ERR_FORBIDDEN : ERR_FULL;
		}
	}
	leg->way.tolled = true;
	for (size_t i = 0; i < COUNT_OF(p.who); i++)
		if (p.who[i])
			toll_begin(&p.who[i]->toll, p.most[i], v->core->utc_ms);
	leg_touch(leg);
	return ERR_OK;
}

void toll_talk(struct leg *leg)
{
	struct voice *v = leg->voice;
	const struct str tenant = tenant_name(v, leg);
	const struct tenant_config *home = tenant_of(v, tenant);
	const struct trunk_config *trunk = trunk_config(v->core->objects, leg->way.trunk);
	struct payers p;
	if (!leg->way.tolled || leg->way.talked || !home || !payers_of(v, leg, tenant, &p))
		return;
	const struct str number = str_of(leg->way.number);
	const int64_t rate = trunk ? toll_rate(trunk->rates, trunk->rate_count, number) : -1;
	leg->way.talked = true;
	leg->way.rate = MAX(rate, (int64_t)0);
	for (size_t i = 0; i < COUNT_OF(p.who); i++) {
		if (!p.who[i])
			continue;
		reckon(v, p.who[i], home);
		toll_answer(&p.who[i]->toll, leg->way.rate);
		touch(v, p.who[i]);
	}
	leg_touch(leg);
	timer_start(&v->core->timers, &v->toll, v->core->now_ms + LOOK_MS, look, v);
}

void toll_leave(struct leg *leg)
{
	struct voice *v = leg->voice;
	const struct str tenant = tenant_name(v, leg);
	const struct tenant_config *home = tenant_of(v, tenant);
	struct payers p;
	if (!leg->way.tolled)
		return;
	leg->way.tolled = false;
	if (!home || !payers_of(v, leg, tenant, &p))
		return; /* its tenant is gone, and its payers with it */
	for (size_t i = 0; i < COUNT_OF(p.who); i++) {
		if (!p.who[i] || !p.who[i]->toll.calls)
			continue;
		reckon(v, p.who[i], home);
		toll_end(&p.who[i]->toll, leg->way.talked, leg->way.rate);
		if (leg->way.talked)
			watch_filling(v, p.who[i], p.most[i]);
		touch(v, p.who[i]);
	}
	leg->way.talked = false;
}

/* -- the next life -- */

void toll_loaded(struct leg *leg)
{
	struct voice *v = leg->voice;
	struct payers p;
	if (!leg->way.tolled || !payers_of(v, leg, tenant_name(v, leg), &p)) {
		leg->way.tolled = leg->way.talked = false;
		return;
	}
	for (size_t i = 0; i < COUNT_OF(p.who); i++) {
		if (!p.who[i])
			continue;
		p.who[i]->toll.calls++;
		if (leg->way.talked)
			toll_answer(&p.who[i]->toll, leg->way.rate);
	}
	if (leg->way.talked)
		timer_start(&v->core->timers, &v->toll, v->core->now_ms, look, v);
}

bool toll_save(struct voice *v, struct id id, struct buf *out)
{
	const struct payer *p = id.slot <= v->payer_count ? &v->payers[id.slot - 1] : NULL;
	const struct object *o = p ? objects_get(v->core->objects, p->object) : NULL;
	if (!o)
		return false;
	put_u8(out, TOLL_IMAGE);
	put_u8(out, (uint8_t)o->kind);
	objects_put_name(v->core->objects, out, p->object);
	put_i64(out, p->toll.reckoned_ms);
	put_i64(out, p->toll.hour_ms);
	put_i64(out, p->toll.day_ms);
	put_i64(out, p->toll.talk_hour_ms);
	put_i64(out, p->toll.talk_day_ms);
	put_i64(out, p->toll.due_hour);
	put_i64(out, p->toll.due_day);
	put_u32(out, p->told);
	return true;
}

enum err toll_load(struct voice *v, struct id id, struct str image)
{
	struct take t = {.rest = image};
	struct payer p = {0};
	const uint8_t version = take_u8(&t), kind = take_u8(&t);
	if (version != TOLL_IMAGE || (kind != KIND_tenant && kind != KIND_user) ||
	    id.slot > 1000000)
		return ERR_INVALID;
	p.object = objects_take_name(v->core->objects, &t, (enum object_kind)kind);
	p.toll.reckoned_ms = take_i64(&t);
	p.toll.hour_ms = take_i64(&t);
	p.toll.day_ms = take_i64(&t);
	p.toll.talk_hour_ms = take_i64(&t);
	p.toll.talk_day_ms = take_i64(&t);
	p.toll.due_hour = take_i64(&t);
	p.toll.due_day = take_i64(&t);
	p.told = take_u32(&t);
	if (t.torn)
		return ERR_INVALID;
	if (ID_NONE(p.object)) /* deleted meanwhile */
		return ERR_OK;
	while (v->payer_count < id.slot) {
		v->payers = xrealloc(v->payers, (v->payer_count + 1) * sizeof *v->payers);
		v->payers[v->payer_count++] = (struct payer){0};
	}
	v->payers[id.slot - 1] = p;
	return ERR_OK;
}

/* -- looking -- */

void toll_dump(struct voice *v, struct buf *out)
{
	buf_c(out, "tenant           who              calls talking min/hour  min/day  cost/hour   "
		   "cost/day\n");
	for (uint32_t i = 0; i < v->payer_count; i++) {
		struct payer *p = &v->payers[i];
		const struct object *o = objects_get(v->core->objects, p->object);
		const struct tenant_config *home = o ? tenant_of(v, o->tenant) : NULL;
		if (!home)
			continue;
		reckon(v, p, home);
		buf_fmt(out, "%-16.*s %-16.*s %5u %7u %8lld %8lld %10.2f %10.2f\n",
			STR_ARG(o->tenant), STR_ARG(o->kind == KIND_tenant ? STR("-") : o->name),
			p->toll.calls, p->toll.talking, (long long)p->toll.talk_hour_ms / 60000,
			(long long)p->toll.talk_day_ms / 60000, (double)p->toll.due_hour / 6e10,
			(double)p->toll.due_day / 6e10);
	}
}

void toll_finish(struct voice *v)
{
	timer_stop(&v->core->timers, &v->toll);
	free(v->payers);
}
