/* desk_test.c - see desk_test.h. */
#include "live/desk_test.h"

#include <stdlib.h>

static struct str text_at(json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	return json_is_string(v) ? str_make(json_string_value(v), json_string_length(v)) : STR_NONE;
}

static int64_t time_at(json_t *o, const char *key)
{
	int64_t ms = 0;
	const struct str s = text_at(o, key);
	CHECK(!s.n || time_parse(s, &ms) == ERR_OK);
	return ms;
}

static bool flag_at(json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static int64_t int_at(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* A number, or the time of a field ..._at. */
static int64_t moment_at(json_t *o, const char *key)
{
	return str_ends(str_of(key), STR("_at")) ? time_at(o, key) : int_at(o, key);
}

static struct uuid uuid_at(json_t *o, const char *key)
{
	struct uuid u = {0};
	const struct str s = text_at(o, key);
	CHECK(!s.n || uuid_parse(s, &u) == ERR_OK);
	return u;
}

/* -- a fact -- */

#define get_contact(o, key) uuid_at(o, key)
#define get_past(o, key) uuid_at(o, key)
#define get_queue(o, key) text_at(o, key)
#define get_agent(o, key) text_at(o, key)
#define get_flow(o, key) text_at(o, key)
#define get_trunk(o, key) text_at(o, key)
#define get_tenant(o, key) text_at(o, key)
#define get_text(o, key) text_at(o, key)
#define get_u32(o, key) (uint32_t) int_at(o, key)
#define get_i64(o, key) moment_at(o, key)
#define get_ms(o, key) int_at(o, key)
#define get_flag(o, key) flag_at(o, key)

struct fact fact_of_json(json_t *o)
{
	const struct str name = text_at(o, "event");
	struct fact f = {.seq = (uint64_t)int_at(o, "seq"),
			 .at_ms = time_at(o, "at"),
			 .kind = EV_COUNT,
			 .tenant = text_at(o, "tenant"),
			 .contact = uuid_at(o, "contact")};
	for (int k = 0; k < EV_COUNT; k++)
		if (str_eq(event_name((enum event_kind)k), name))
			f.kind = (enum event_kind)k;
	switch (f.kind) {
#define F(type, field) v->field = get_##type(o, #field);
#define W(set, field)                                                                              \
	if (text_at(o, #field).n)                                                                  \
		CHECK(set##_from(text_at(o, #field), &v->field) == ERR_OK);
#define S(field)
#define COMMAND(name, room, fields)
#define EVENT(name, keep, fields)                                                                  \
	case EV_##name: {                                                                          \
		struct fact_##name *v = &f.name;                                                   \
		fields                                                                             \
	} break;
#include "core/messages.def"
#undef EVENT
#undef COMMAND
#undef F
#undef W
#undef S
	case EV_COUNT:
		CHECK(!"an event that nobody knows");
	}
	return f;
}

/* -- rows from their JSON -- */

static enum live_party_kind kind_of(struct str s)
{
	return str_is(s, "agent")    ? LIVE_AGENT
	       : str_is(s, "number") ? LIVE_NUMBER
				     : LIVE_SUPERVISOR;
}

static enum live_party_state party_state_of(struct str s)
{
	static const char *const words[] = {"dialling", "ringing", "talking", "held",
					    "listen",	"whisper", "barge"};
	int i = 0;
	while (!str_is(s, words[i]))
		i++;
	return (enum live_party_state)i;
}

static void lists_of(struct live_contact *c, json_t *o)
{
	size_t i;
	json_t *v;
	json_array_foreach(json_object_get(o, "offers"), i, v)
	{
		struct live_offer *x = LIST_ADD(&c->offers);
		SET(x->agent, text_at(v, "agent"));
		x->at = time_at(v, "at");
		x->until_at = time_at(v, "until_at");
		x->accepted = flag_at(v, "accepted");
	}
	json_array_foreach(json_object_get(o, "parties"), i, v)
	{
		struct live_party *x = LIST_ADD(&c->parties);
		x->kind = kind_of(text_at(v, "kind"));
		SET(x->id, text_at(v, "id"));
		x->callee = (uint32_t)int_at(v, "callee");
		x->state = party_state_of(text_at(v, "state"));
		x->since_at = time_at(v, "since_at");
		x->caller = flag_at(v, "caller");
		x->muted = flag_at(v, "muted");
		x->conference = flag_at(v, "conference");
	}
	json_array_foreach(json_object_get(o, "wraps"), i, v)
	{
		struct live_wrap *x = LIST_ADD(&c->wraps);
		SET(x->agent, text_at(v, "agent"));
		SET(x->queue, text_at(v, "queue"));
		x->since_at = time_at(v, "since_at");
		x->until_at = time_at(v, "until_at");
	}
}

static void parts_of(struct live_contact *c, json_t *o)
{
	json_t *consult = json_object_get(o, "consult"), *park = json_object_get(o, "park");
	if (consult) {
		SET(c->consult.agent, text_at(consult, "agent"));
		SET(c->consult.name, text_at(consult, "name"));
		CHECK(target_from(text_at(consult, "target"), &c->consult.target) == ERR_OK);
		c->consult.since_at = time_at(consult, "since_at");
	}
	if (park) {
		SET(c->park.agent, text_at(park, "agent"));
		SET(c->park.queue, text_at(park, "queue"));
		c->park.slot = (uint32_t)int_at(park, "slot");
		c->park.until_at = time_at(park, "until_at");
	}
	json_t *help = json_object_get(o, "help");
	if (help) {
		SET(c->help.agent, text_at(help, "agent"));
		c->help.text = str_dup(text_at(help, "text"));
		c->help.since_at = time_at(help, "since_at");
	}
	SET(c->recording, text_at(o, "recording_id"));
	c->paused = str_is(text_at(o, "recording"), "paused");
	c->disconnected_at = time_at(o, "disconnected_at");
	if (c->disconnected_at)
		CHECK(party_from(text_at(o, "ended_by"), &c->ended_by) == ERR_OK);
}

static struct live_contact *contact_of_json(json_t *o)
{
	struct live_contact *c = contact_make(uuid_at(o, "id"));
	CHECK(channel_from(text_at(o, "channel"), &c->channel) == ERR_OK);
	CHECK(contact_state_from(text_at(o, "state"), &c->state) == ERR_OK);
	SET(c->queue, text_at(o, "queue"));
	c->enqueued_at = time_at(o, "enqueued_at");
	c->priority_min = (uint32_t)int_at(o, "priority_min");
	if (text_at(o, "direction").n)
		CHECK(direction_from(text_at(o, "direction"), &c->direction) == ERR_OK);
	c->since_at = time_at(o, "since_at");
	SET(c->from, text_at(o, "from"));
	SET(c->to, text_at(o, "to"));
	SET(c->customer, text_at(o, "customer"));
	SET(c->diverted, text_at(o, "diverted"));
	SET(c->verstat, text_at(o, "verstat"));
	c->private = flag_at(o, "private");
	c->test = flag_at(o, "test");
	c->muted = flag_at(o, "muted");
	c->arrived_at = time_at(o, "arrived_at");
	SET(c->flow, text_at(o, "flow"));
	SET(c->via_flow, text_at(o, "via_flow"));
	SET(c->via_node, text_at(o, "via_node"));
	SET(c->node, text_at(o, "node"));
	SET(c->consults, text_at(o, "consults"));
	SET(c->agent, text_at(o, "agent"));
	lists_of(c, o);
	parts_of(c, o);
	return c;
}

/* -- a desk -- */

struct desk_contact {
	struct live_contact *row;
	bool whole; /* else it only waits */
};

struct desk {
	char user[LIVE_NAME];
	bool sees_alerts;
	struct live *live; /* agents and queues */
	struct desk_contact contacts[200];
	uint32_t count;
};

static void put_agent(struct live *l, json_t *o)
{
	json_t *phone = json_object_get(o, "phone");
	struct live_agent_now now = {.id = text_at(o, "id"),
				     .name = text_at(o, "name"),
				     .reason = text_at(o, "reason"),
				     .next_presence = text_at(o, "next_presence"),
				     .next_reason = text_at(o, "next_reason"),
				     .connecting = flag_at(o, "connecting"),
				     .since_at_ms = time_at(o, "since_at"),
				     .reason_over = flag_at(o, "reason_over"),
				     .phone_ready = flag_at(phone, "ready"),
				     .skills_until_at_ms = time_at(o, "skills_until_at")};
	CHECK(presence_from(text_at(o, "presence"), &now.presence) == ERR_OK);
	CHECK(work_from(text_at(o, "work"), &now.work) == ERR_OK);
	CHECK(phone_kind_from(text_at(phone, "kind"), &now.phone) == ERR_OK);
	live_agent_put(l, &now, 0);
}

static void put_contact(struct desk *d, json_t *o)
{
	const struct uuid id = uuid_at(o, "id");
	uint32_t i = 0;
	while (i < d->count && !uuid_eq(d->contacts[i].row->id, id))
		i++;
	CHECK(i < COUNT_OF(d->contacts));
	if (i == d->count)
		d->count++;
	else
		contact_free(d->contacts[i].row);
	d->contacts[i] = (struct desk_contact){contact_of_json(o), json_object_get(o, "parties")};
}

static void put_watched(struct desk *d, json_t *s)
{
	const json_t *alerts = json_object_get(s, "alerts");
	size_t i;
	json_t *v;
	d->sees_alerts = alerts != NULL;
	str_copy(text_at(json_object_get(s, "me"), "user"), d->user, sizeof d->user);
	json_array_foreach((json_t *)alerts, i, v)
		live_alert_put(d->live,
			       &(struct live_alert_now){.id = text_at(v, "id"),
							.name = text_at(v, "name"),
							.level = text_at(v, "level"),
							.by = text_at(v, "acknowledged_by"),
							.since_at_ms = time_at(v, "since_at"),
							.value = int_at(v, "value"),
							.test = flag_at(v, "test")},
			       0);
	json_array_foreach(json_object_get(s, "messages"), i, v)
	{
		uint64_t id = 0;
		CHECK(str_to_u64(text_at(v, "id"), INT64_MAX, &id) == ERR_OK);
		live_past_message(d->live,
				  &(struct fact){.kind = EV_message,
						 .seq = id,
						 .at_ms = time_at(v, "at"),
						 .message = {.to = text_at(v, "to"),
							     .name = text_at(v, "name"),
							     .by = text_at(v, "by"),
							     .text = text_at(v, "text"),
							     .urgent = flag_at(v, "urgent")}});
	}
}

static void put_notices(struct desk *d, json_t *list)
{
	size_t i;
	json_t *v;
	json_array_foreach(list, i, v)
	{
		uint64_t id = 0;
		CHECK(str_to_u64(text_at(v, "id"), INT64_MAX, &id) == ERR_OK);
		struct live_notice *n = LIST_ADD(&d->live->notices);
		n->id = id;
		n->at = time_at(v, "at");
		n->acknowledged_at = time_at(v, "acknowledged_at");
		n->approval = str_is(text_at(v, "kind"), "approval");
		n->detail = text_at(v, "detail").n ? str_dup(text_at(v, "detail")) : NULL;
		SET(n->name, text_at(v, "name"));
		SET(n->agent, text_at(v, "agent"));
		SET(n->queue, text_at(v, "queue"));
		SET(n->trunk, text_at(v, "trunk"));
		SET(n->contact, text_at(v, "contact"));
		SET(n->by, text_at(v, "acknowledged_by"));
	}
}

static void put_queue(struct desk *d, json_t *o)
{
	json_t *closed = json_object_get(o, "closed");
	live_queue_put(d->live, text_at(o, "id"), text_at(o, "name"));
	if (closed)
		live_closed_put(
			d->live,
			&(struct live_closed_now){.queue = text_at(o, "id"),
						  .to = text_at(closed, "to"),
						  .by = text_at(closed, "by"),
						  .since_at_ms = time_at(closed, "since_at"),
						  .until_at_ms = time_at(closed, "until_at")},
			0);
}

struct desk *desk_open(struct str snapshot)
{
	struct desk *d = xcalloc(1, sizeof *d);
	json_t *o = json_loadb(snapshot.p, snapshot.n, 0, NULL), *s, *v;
	size_t i;
	s = json_object_get(o, "snapshot");
	CHECK(s);
	d->live = live_create(text_at(json_object_get(s, "me"), "tenant"));
	json_array_foreach(json_object_get(s, "agents"), i, v) put_agent(d->live, v);
	json_array_foreach(json_object_get(s, "queues"), i, v) put_queue(d, v);
	json_array_foreach(json_object_get(s, "contacts"), i, v) put_contact(d, v);
	put_watched(d, s);
	put_notices(d, json_object_get(s, "notices"));
	live_filled(d->live, (uint64_t)int_at(s, "seq"));
	json_decref(o);
	return d;
}

void desk_close(struct desk *d)
{
	for (uint32_t i = 0; i < d->count; i++)
		contact_free(d->contacts[i].row);
	live_destroy(d->live);
	free(d);
}

static void drop(struct desk *d, uint32_t i)
{
	contact_free(d->contacts[i].row);
	d->contacts[i] = d->contacts[--d->count];
}

void desk_hear(struct desk *d, struct str message)
{
	json_t *o = json_loadb(message.p, message.n, 0, NULL), *with;
	CHECK(o);
	const struct fact f = fact_of_json(o);
	with = json_object_get(o, "with");
	CHECK(f.seq > live_seq(d->live));
	live_apply(d->live, &f); /* agents; no contact is known there */
	for (uint32_t i = 0; i < d->count && !uuid_none(f.contact); i++) {
		if (!uuid_eq(d->contacts[i].row->id, f.contact))
			continue;
		if (flag_at(o, "gone"))
			drop(d, i);
		else if (d->contacts[i].whole && !with)
			CHECK(!contact_apply(d->contacts[i].row, &f));
		break;
	}
	if (with)
		put_contact(d, with);
	json_decref(o);
}

static int contact_order(const void *a, const void *b)
{
	const struct desk_contact *x = a, *y = b;
	return memcmp(x->row->id.b, y->row->id.b, sizeof x->row->id.b);
}

json_t *desk_look(const struct desk *d)
{
	/* agents and queues as any snapshot has them; contacts beside them */
	const struct live_viewer nobody = {.all = d->sees_alerts, .agent = true, .user = STR("-")};
	struct buf text = buf_grow(4096);
	struct desk_contact sorted[COUNT_OF(d->contacts)];
	live_snapshot(d->live, &nobody, 0, STR("null"), &text);
	json_t *o = json_loadb(text.p, text.n, 0, NULL), *contacts = json_array(),
	       *s = json_incref(json_object_get(o, "snapshot"));
	json_decref(o);
	memcpy(sorted, d->contacts, sizeof sorted);
	qsort(sorted, d->count, sizeof *sorted, contact_order);
	for (uint32_t i = 0; i < d->count; i++) {
		text.n = 0;
		struct jsonw w = jsonw_make(&text);
		contact_json(&w, sorted[i].row, sorted[i].whole ? LEVEL_ALL : LEVEL_WAITS, false);
		json_array_append_new(contacts, json_loadb(text.p, text.n, 0, NULL));
	}
	json_object_set_new(s, "messages", json_array());
	for (uint32_t i = 0; i < d->live->messages.count; i++) {
		const struct live_message *m = &d->live->messages.at[i];
		text.n = 0;
		struct jsonw w = jsonw_make(&text);
		watched_message_json(&w, m);
		if (!m->readers.count) /* only his own reading was told */
			json_array_append_new(json_object_get(s, "messages"),
					      json_loadb(text.p, text.n, 0, NULL));
	}
	text.n = 0;
	live_notices(d->live, &(struct live_viewer){.all = true}, &text); /* what came is his */
	json_object_set_new(s, "notices", json_loadb(text.p, text.n, 0, NULL));
	buf_free(&text);
	json_object_set_new(s, "contacts", contacts);
	json_object_del(s, "at");
	json_object_del(s, "me");
	return s;
}
