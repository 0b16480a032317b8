/* watch.c - see watch.h. */
#include "watch/watch.h"

#include <math.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/map.h"
#include "base/pool.h"
#include "core/bytes.h"
#include "core/hours.h"
#include "watch/alert.h"

#define NAME 64
#define BY_MAX 80
#define MINUTE_MS 60000
#define TEST_MS 60000

struct help {
	struct list link;
	struct contact_id contact;
	char tenant[NAME], agent[NAME];
};

struct raised {
	struct id image;
	char tenant[NAME], id[NAME], by[BY_MAX]; /* by: who looks after it; empty: nobody */
	int64_t on_ms;				 /* UTC: told so */
	int64_t test_until_ms;			 /* it is a test; 0: it is not */
	struct alert alert;
};

struct sender { /* a tenant */
	char tenant[NAME];
	int64_t minute_ms;
	uint32_t sent;
};

/* The newest figure of an alert; not kept over a restart: the next one comes within a second. */
struct figure {
	uint32_t age; /* of the object in this slot */
	bool known;
	double value;
	int64_t at_ms; /* UTC; 0: none yet */
};

struct watch {
	struct room room;
	struct core *core;
	struct figure *figures; /* [object slot] */
	uint32_t figure_room;
	struct pool *helps, *alerts;
	struct list wanted;
	struct map senders;
};

static struct watch *watch_of(const struct room *r)
{
	return CONTAINER_OF(r, struct watch, room);
}

static struct str tenant_name(const struct core *c, struct tenant_id id)
{
	const struct object *o = objects_who(c->objects, ID(id));
	return o ? o->name : STR_NONE;
}

static struct tenant_id tenant_of(const struct core *c, struct str name)
{
	const struct object *o = objects_find(c->objects, KIND_tenant, name, name);
	return o ? ID_AS(tenant_id, o->id) : (struct tenant_id){0};
}

/* -- help -- */

static struct help *help_at(const struct watch *w, struct contact_id contact)
{
	list_for_each (l, &w->wanted) {
		struct help *h = CONTAINER_OF(l, struct help, link);
		if (ID_EQ(h->contact, contact))
			return h;
	}
	return NULL;
}

static struct agent_id agent_of(const struct core *c, const struct help *h)
{
	const struct object *o =
		objects_find(c->objects, KIND_user, str_of(h->tenant), str_of(h->agent));
	return o ? ID_AS(agent_id, o->id) : (struct agent_id){0};
}

static void help_forget(struct watch *w, struct help *h)
{
	core_touch(w->core, IMAGE_HELP, ID(h->contact));
	list_remove(&h->link);
	pool_give(w->helps, h);
}

static void help_over(struct watch *w, struct help *h, struct str how, struct str by)
{
	EMIT(w->core, help_end, .contact = h->contact, .agent = agent_of(w->core, h), .how = how,
	     .by = by);
	help_forget(w, h);
}

static enum err help_set(struct watch *w, const struct command_help_set *cmd)
{
	struct help *h = help_at(w, cmd->contact);
	struct id unused;
	if (cmd->on ? h != NULL : !h)
		return ERR_CONFLICT;
	if (!cmd->on) {
		help_over(w, h, cmd->how, cmd->by);
		return ERR_OK;
	}
	const struct object *o = objects_get(w->core->objects, ID(cmd->agent));
	h = o ? pool_take(w->helps, &unused) : NULL;
	if (!h)
		return o ? ERR_FULL : ERR_NOT_FOUND;
	h->contact = cmd->contact;
	str_copy(o->tenant, h->tenant, sizeof h->tenant);
	str_copy(o->name, h->agent, sizeof h->agent);
	list_init(&h->link);
	list_push(&w->wanted, &h->link);
	core_touch(w->core, IMAGE_HELP, ID(h->contact));
	EMIT(w->core, help_wanted, .contact = cmd->contact, .agent = cmd->agent, .text = cmd->text,
	     .by = cmd->by);
	return ERR_OK;
}

/* -- messages -- */

static enum err message_send(struct watch *w, const struct command_message_send *cmd)
{
	const struct str tenant = tenant_name(w->core, cmd->tenant);
	struct sender *s = map_get(&w->senders, tenant);
	if (!s) {
		s = xcalloc(1, sizeof *s);
		str_copy(tenant, s->tenant, sizeof s->tenant);
		CHECK(map_add(&w->senders, str_of(s->tenant), s) == ERR_OK);
	}
	if (w->core->utc_ms - s->minute_ms >= MINUTE_MS) {
		s->minute_ms = w->core->utc_ms;
		s->sent = 0;
	}
	if (s->sent >= WATCH_MESSAGES_PER_MINUTE)
		return ERR_TOO_MANY;
	s->sent++;
	EMIT(w->core, message, .tenant = cmd->tenant, .to = cmd->to, .name = cmd->name,
	     .text = cmd->text, .urgent = cmd->urgent, .by = cmd->by);
	return ERR_OK;
}

/* -- alerts -- */

static struct raised *raised_at(const struct watch *w, struct str tenant, struct str id)
{
	uint32_t at = 0;
	for (struct raised *r; (r = pool_next(w->alerts, &at)) != NULL;)
		if (str_is(tenant, r->tenant) && str_is(id, r->id))
			return r;
	return NULL;
}

static struct raised *raised_make(struct watch *w, struct str tenant, struct str name)
{
	struct id id;
	struct raised *r = pool_take(w->alerts, &id);
	if (!r)
		return NULL;
	r->image = id;
	str_copy(tenant, r->tenant, sizeof r->tenant);
	str_copy(name, r->id, sizeof r->id);
	return r;
}

static void raised_forget(struct watch *w, struct raised *r)
{
	core_touch(w->core, IMAGE_ALERT, r->image);
	pool_give(w->alerts, r);
}

static bool is_quiet(const struct core *c, struct str tenant, const struct alert_config *a)
{
	const struct object *h =
		a->quiet.n ? objects_find(c->objects, KIND_hours, tenant, a->quiet) : NULL;
	const struct tenant_config *t = tenant_config(c->objects, tenant_of(c, tenant));
	return h && hours_open(&h->config->hours, t ? t->zone : NULL, c->utc_ms);
}

static int64_t told_value(const struct alert *a)
{
	return (int64_t)llround(a->value);
}

static void alert_over(struct watch *w, const struct raised *r, struct str why)
{
	EMIT(w->core, alert_off, .tenant = tenant_of(w->core, str_of(r->tenant)),
	     .alert = str_of(r->id), .why = why, .value = told_value(&r->alert));
}

static void keep_figure(struct watch *w, const struct object *o, const double *value)
{
	if (o->id.slot >= w->figure_room) {
		const uint32_t room = MAX(o->id.slot + 1, w->figure_room * 2);
		w->figures = xrealloc(w->figures, room * sizeof *w->figures);
		memset(w->figures + w->figure_room, 0,
		       (room - w->figure_room) * sizeof *w->figures);
		w->figure_room = room;
	}
	w->figures[o->id.slot] = (struct figure){.age = o->id.age,
						 .known = value != NULL,
						 .value = value ? *value : 0,
						 .at_ms = w->core->utc_ms};
}

static void test_over(struct watch *w, struct raised *r)
{
	alert_over(w, r, STR("test"));
	raised_forget(w, r);
}

static enum err alert_try(struct watch *w, const struct command_alert_try *cmd)
{
	struct core *c = w->core;
	const struct str tenant = tenant_name(c, cmd->tenant);
	const struct object *o = objects_find(c->objects, KIND_alert, tenant, cmd->alert);
	if (!o)
		return ERR_NOT_FOUND;
	if (raised_at(w, tenant, cmd->alert))
		return ERR_CONFLICT;
	struct raised *r = raised_make(w, tenant, o->name);
	if (!r)
		return ERR_FULL;
	const struct alert_config *conf = &o->config->alert;
	const struct figure *f = o->id.slot < w->figure_room ? &w->figures[o->id.slot] : NULL;
	const bool known = f && f->age == o->id.age && f->known;
	r->alert = (struct alert){ALERT_ON, c->utc_ms, known ? f->value : 0};
	r->on_ms = c->utc_ms;
	r->test_until_ms = c->utc_ms + TEST_MS;
	core_touch(c, IMAGE_ALERT, r->image);
	EMIT(c, alert_on, .tenant = cmd->tenant, .alert = o->name, .name = conf->name,
	     .level = conf->critical ? STR("critical") : STR("warning"),
	     .value = told_value(&r->alert), .test = true, .by = cmd->by);
	return ERR_OK;
}

static enum err alert_figure(struct watch *w, const struct command_alert_figure *cmd)
{
	struct core *c = w->core;
	const struct str tenant = tenant_name(c, cmd->tenant);
	const struct object *o = objects_find(c->objects, KIND_alert, tenant, cmd->alert);
	if (!o)
		return ERR_NOT_FOUND;
	const struct alert_config *conf = &o->config->alert;
	const bool quiet = is_quiet(c, tenant, conf);
	struct raised *r = raised_at(w, tenant, cmd->alert);
	keep_figure(w, o, cmd->value);
	if (r && r->test_until_ms) { /* nothing real is kept back by a test */
		if (c->utc_ms < r->test_until_ms && !alert_beyond(conf, cmd->value))
			return ERR_OK;
		test_over(w, r);
		r = NULL;
	}
	struct alert fine = {0}, before = r ? r->alert : fine;
	const enum alert_told told =
		alert_step(r ? &r->alert : &fine, conf, cmd->value, quiet, c->utc_ms);
	if (!r && fine.state == ALERT_FINE)
		return ERR_OK;
	if (!r && !(r = raised_make(w, tenant, o->name)))
		return ERR_FULL;
	if (before.state == ALERT_FINE)
		r->alert = fine;
	if (told == ALERT_BEGINS) {
		r->on_ms = c->utc_ms;
		EMIT(c, alert_on, .tenant = cmd->tenant, .alert = o->name, .name = conf->name,
		     .level = conf->critical ? STR("critical") : STR("warning"),
		     .value = told_value(&r->alert));
	} else if (told == ALERT_ENDS) {
		alert_over(w, r, quiet ? STR("quiet") : STR("clear"));
	}
	if (r->alert.state == ALERT_FINE)
		raised_forget(w, r);
	else if (r->alert.state != before.state)
		core_touch(c, IMAGE_ALERT, r->image);
	return ERR_OK;
}

static enum err alert_acknowledge(struct watch *w, const struct command_alert_acknowledge *cmd)
{
	struct raised *r = raised_at(w, tenant_name(w->core, cmd->tenant), cmd->alert);
	if (!r || !alert_is_on(&r->alert))
		return ERR_CONFLICT;
	if (r->by[0])
		return ERR_OK;
	str_copy(str_head(cmd->by, BY_MAX - 1), r->by, sizeof r->by);
	core_touch(w->core, IMAGE_ALERT, r->image);
	EMIT(w->core, alert_acknowledged, .tenant = cmd->tenant, .alert = cmd->alert,
	     .by = cmd->by);
	if (r->test_until_ms) /* it has come through: over with the next figure */
		r->test_until_ms = w->core->utc_ms;
	return ERR_OK;
}

/* Whose object is gone is over. */
static void alert_moved(struct watch *w, struct id id)
{
	const struct object *o = objects_who(w->core->objects, id);
	if (!o || objects_get(w->core->objects, id))
		return;
	struct raised *r = raised_at(w, o->tenant, o->name);
	if (!r)
		return;
	if (alert_is_on(&r->alert)) /* or a test of it */
		alert_over(w, r, STR("deleted"));
	raised_forget(w, r);
}

bool watch_alert_next(const struct room *room, struct str tenant, uint32_t *at,
		      struct watch_alert *out)
{
	const struct watch *w = watch_of(room);
	for (struct raised *r; (r = pool_next(w->alerts, at)) != NULL;) {
		const struct object *o = objects_find(w->core->objects, KIND_alert,
						      str_of(r->tenant), str_of(r->id));
		if (!str_is(tenant, r->tenant) || !alert_is_on(&r->alert) || !o)
			continue;
		*out = (struct watch_alert){.id = str_of(r->id),
					    .name = o->config->alert.name,
					    .acknowledged_by = str_of(r->by),
					    .critical = o->config->alert.critical,
					    .test = r->test_until_ms != 0,
					    .since_utc_ms = r->on_ms,
					    .value = told_value(&r->alert)};
		return true;
	}
	return false;
}

bool watch_alert_look(const struct room *room, struct str tenant, struct str alert,
		      struct watch_figure *out)
{
	const struct watch *w = watch_of(room);
	const struct object *o = objects_find(w->core->objects, KIND_alert, tenant, alert);
	if (!o)
		return false;
	const struct alert_config *conf = &o->config->alert;
	const struct raised *r = raised_at(w, tenant, alert);
	const struct figure *f = o->id.slot < w->figure_room ? &w->figures[o->id.slot] : NULL;
	*out = (struct watch_figure){.quiet = is_quiet(w->core, tenant, conf),
				     .test = r && r->test_until_ms,
				     .on = r && !r->test_until_ms && alert_is_on(&r->alert)};
	if (f && f->age == o->id.age && f->at_ms) {
		out->at_utc_ms = f->at_ms;
		out->known = f->known;
		out->value = f->value;
		out->beyond = alert_beyond(conf, f->known ? &f->value : NULL);
	}
	return true;
}

/* -- the room -- */

static enum err command(struct room *room, const struct command *cmd)
{
	struct watch *w = watch_of(room);
	switch ((int)cmd->kind) {
	case CMD_help_set:
		return help_set(w, &cmd->help_set);
	case CMD_message_send:
		return message_send(w, &cmd->message_send);
	case CMD_alert_figure:
		return alert_figure(w, &cmd->alert_figure);
	case CMD_alert_try:
		return alert_try(w, &cmd->alert_try);
	case CMD_alert_acknowledge:
		return alert_acknowledge(w, &cmd->alert_acknowledge);
	}
	return ERR_UNSUPPORTED;
}

static void event(struct room *room, const struct event *ev)
{
	struct watch *w = watch_of(room);
	struct help *h;
	switch ((int)ev->kind) {
	case EV_agent_end:
		h = list_empty(&w->wanted) ? NULL : help_at(w, ev->agent_end.contact);
		if (h && ID_EQ(agent_of(w->core, h), ev->agent_end.agent))
			help_over(w, h, STR("over"), STR_NONE);
		break;
	case EV_monitor_start:
		h = help_at(w, ev->monitor_start.contact);
		if (h)
			help_over(w, h, STR("answered"), ev->monitor_start.by);
		break;
	case EV_contact_gone:
		h = list_empty(&w->wanted) ? NULL : help_at(w, ev->contact_gone.contact);
		if (h)
			help_forget(w, h);
		break;
	case EV_object_moved:
		if (ev->object_moved.kind == KIND_alert)
			alert_moved(w, (struct id){ev->object_moved.slot, ev->object_moved.age});
		break;
	}
}

/* -- images -- */

static bool save(struct room *room, enum image_kind kind, struct id id, struct buf *out)
{
	struct watch *w = watch_of(room);
	if (kind == IMAGE_HELP) {
		const struct help *h = help_at(w, ID_AS(contact_id, id));
		if (!h)
			return false;
		put_word(out, str_of(h->tenant));
		put_word(out, str_of(h->agent));
		return true;
	}
	const struct raised *r = pool_get(w->alerts, id);
	if (!r)
		return false;
	put_word(out, str_of(r->tenant));
	put_word(out, str_of(r->id));
	put_word(out, str_of(r->by));
	put_u32(out, (uint32_t)r->alert.state);
	put_i64(out, r->alert.since_ms);
	put_i64(out, r->on_ms);
	put_i64(out, (int64_t)llround(r->alert.value * 1000));
	put_i64(out, r->test_until_ms);
	return true;
}

static enum err load_help(struct watch *w, struct id id, struct take *t)
{
	const struct str tenant = take_word(t), agent = take_word(t);
	struct id unused;
	if (t->torn || t->rest.n || tenant.n >= NAME || agent.n >= NAME ||
	    !contact_get(w->core, ID_AS(contact_id, id)))
		return ERR_INVALID;
	struct help *h = pool_take(w->helps, &unused);
	if (!h)
		return ERR_INVALID;
	h->contact = ID_AS(contact_id, id);
	str_copy(tenant, h->tenant, sizeof h->tenant);
	str_copy(agent, h->agent, sizeof h->agent);
	list_init(&h->link);
	list_push(&w->wanted, &h->link);
	return ERR_OK;
}

static enum err load_alert(struct watch *w, struct id id, struct take *t)
{
	const struct str tenant = take_word(t), name = take_word(t), by = take_word(t);
	const uint32_t state = take_u32(t);
	const int64_t since_ms = take_i64(t), on_ms = take_i64(t), milli = take_i64(t);
	const int64_t test_until_ms = t->rest.n ? take_i64(t) : 0; /* older builds knew no tests */
	if (t->torn || t->rest.n || tenant.n >= NAME || name.n >= NAME || by.n >= BY_MAX ||
	    state > ALERT_FALLING || !objects_find(w->core->objects, KIND_alert, tenant, name))
		return ERR_INVALID;
	struct raised *r = pool_take_at(w->alerts, id);
	if (!r)
		return ERR_INVALID;
	r->image = id;
	str_copy(tenant, r->tenant, sizeof r->tenant);
	str_copy(name, r->id, sizeof r->id);
	str_copy(by, r->by, sizeof r->by);
	r->on_ms = on_ms;
	r->test_until_ms = test_until_ms;
	r->alert = (struct alert){(enum alert_state)state, since_ms, (double)milli / 1000};
	return ERR_OK;
}

static enum err load(struct room *room, enum image_kind kind, struct id id, struct str image)
{
	struct take t = {.rest = image};
	struct watch *w = watch_of(room);
	return kind == IMAGE_HELP ? load_help(w, id, &t) : load_alert(w, id, &t);
}

struct room *watch_create(struct core *c)
{
	struct watch *w = xcalloc(1, sizeof *w);
	w->room = (struct room){.name = "watch",
				.command = command,
				.event = event,
				.save = save,
				.load = load,
				.images = BIT(IMAGE_HELP) | BIT(IMAGE_ALERT)};
	w->core = c;
	w->helps = pool_create("watch helps", sizeof(struct help), WATCH_HELPS_MAX);
	w->alerts = pool_create("watch alerts", sizeof(struct raised), WATCH_ALERTS_MAX);
	list_init(&w->wanted);
	map_init(&w->senders, 4);
	core_add_room(c, &w->room);
	return &w->room;
}

void watch_destroy(struct room *r)
{
	if (!r)
		return;
	struct watch *w = watch_of(r);
	uint32_t at = 0;
	for (struct sender *s; (s = map_next(&w->senders, &at)) != NULL;)
		free(s);
	map_finish(&w->senders);
	pool_destroy(w->helps);
	pool_destroy(w->alerts);
	free(w->figures);
	free(w);
}
