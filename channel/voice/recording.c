/*
 * recording.c - one file per agent segment: begun at the answer, ended with the segment. Who is
 * heard in it is what the seats' tracks say (seats.c).
 *
 * The path is TENANT/DAY/RECORDING.wav or .opus; RECORDING is the recording's id outside. The
 * contact is held open until media has told how the file ended, so that an ended record is a whole
 * one.
 */
#include "base/jsonw.h"
#include "channel/voice/line.h"

/* A name at media holds the contact's slot and age, so that a report finds it without a search, and
 * the place: three bits of it in the age, the others above the slot. In a life of a high number the
 * product wraps: the way back is by slot, then compare. */
#define SLOT_BITS 28
#define PLACES 8u

struct id recording_id(const struct line *l, uint32_t n)
{
	return (struct id){l->contact.slot | n / PLACES << SLOT_BITS,
			   l->contact.age * PLACES + n % PLACES};
}

struct line *recording_line(const struct voice *v, struct id rec, uint32_t *n)
{
	uint32_t slot = rec.slot & ((1u << SLOT_BITS) - 1);
	*n = rec.age % PLACES + (rec.slot >> SLOT_BITS) * PLACES;
	return slot <= v->o.contacts_max ? v->by_contact[slot] : NULL;
}

static struct str recording_name(const struct recording *r)
{
	struct str path = str_of(r->path), head;
	while (str_cut(path, '/', &head, &path))
		;
	return str_head(head, UUID_TEXT);
}

static uint64_t mark(const struct order_ids *left, const struct order_ids *right)
{
	char room[8 * ORDER_IDS_MAX];
	uint64_t of_left = str_hash(order_ids_put(room, left), 1);
	return str_hash(order_ids_put(room, right), of_left);
}

/* Of a recording as it begins: the customer, and the agent it is made for. */
static uint64_t mark_of(struct leg_id left, struct leg_id right)
{
	return mark(&(struct order_ids){1, {ID(left)}}, &(struct order_ids){1, {ID(right)}});
}

static void order_record(struct line *l, uint32_t n)
{
	struct recording *r = &l->recordings[n];
	ORDER_NOW(l->voice, record, .rec = recording_id(l, n), .left = ID(l->customer),
		  .right = ID(r->right), .path = str_of(r->path));
}

/* behaviours.md X-1: the agent's rule goes before the queue's, that before the tenant's. */
static uint32_t wanted_percent(struct voice *v, struct str tenant, const struct object *queue,
			       struct agent_id agent)
{
	const struct user_config *user = agent_config(v->core->objects, agent);
	if (user && user->record_said)
		return user->record_percent;
	if (queue && queue->config->queue.record_said)
		return queue->config->queue.record_percent;
	const struct object *t = objects_find(v->core->objects, KIND_tenant, tenant, tenant);
	return t ? t->config->tenant_of.record_percent : 0;
}

/* A place of one whose end was told is free again; NULL: as many run as can. */
static struct recording *take_place(struct line *l)
{
	for (uint32_t i = 0; i < l->recording_count; i++)
		if (!l->recordings[i].open)
			return &l->recordings[i];
	return l->recording_count < LINE_RECORDINGS ? &l->recordings[l->recording_count++] : NULL;
}

static void put_path(struct line *l, struct str tenant, char path[RECORDING_PATH])
{
	struct core *c = l->voice->core;
	struct uuid name = uuid_v7(c->utc_ms, core_dice(c), core_dice(c));
	struct buf b = buf_make(path, RECORDING_PATH - 1);
	char text[UUID_TEXT + 1];
	int year, month, day;
	uuid_text(name, text);
	civil_from_days(c->utc_ms / 86400000, &year, &month, &day);
	buf_put(&b, tenant);
	buf_fmt(&b, "/%04d-%02d-%02d/%s.%s", year, month, day, text,
		l->voice->o.record_opus ? "opus" : "wav");
	CHECK(!b.full);
}

/* It is to be recorded and is not: the record says so, and somebody is told at once. */
static void no_place(struct line *l, struct leg *agent, const struct recording *r)
{
	struct core *c = l->voice->core;
	const struct contact *k = contact_get(c, l->contact);
	char room[80], uuid[UUID_TEXT + 1];
	struct buf b = buf_make(room, sizeof room);
	uuid_text(k->uuid, uuid);
	buf_fmt(&b, "contact=%s", uuid);
	line_log(l, "recording_refused", agent, STR("too many of this contact"));
	EMIT(c, recording_start, .contact = l->contact, .queue = agent->queue,
	     .agent = agent->agent, .recording = recording_name(r));
	EMIT(c, recording_end, .contact = l->contact, .recording = recording_name(r),
	     .flaw = STR("never began: too many recordings of this contact"),
	     .path = str_of(r->path));
	EMIT(c, alarm, .tenant = k->tenant, .name = STR("recording_refused"), .detail = buf_str(&b),
	     .agent = agent->agent, .queue = agent->queue, .about = str_of(uuid));
}

void recording_begin(struct line *l, struct leg *agent)
{
	struct core *c = l->voice->core;
	const struct object *queue =
		objects_get(c->objects, ID(agent->queue)); /* NULL: without one */
	const struct object *whose = queue ? queue : objects_get(c->objects, ID(agent->agent));
	const struct contact *k = contact_get(c, l->contact);
	if (!whose || !k || k->private ||
	    core_dice(c) % 100 >= wanted_percent(l->voice, whose->tenant, queue, agent->agent))
		return;
	struct recording *place = take_place(l), refused;
	struct recording *r = place ? place : &refused;
	*r = (struct recording){.open = true,
				.agent = agent->agent,
				.right = agent->id,
				.heard = mark_of(l->customer, agent->id),
				.started_ms = c->now_ms};
	put_path(l, whose->tenant, r->path);
	if (!place) {
		no_place(l, agent, r);
		return;
	}
	contact_hold(c, l->contact);
	order_record(l, (uint32_t)(place - l->recordings));
	line_touch(l);
	line_hear(l);
	EMIT(c, recording_start, .contact = l->contact, .queue = agent->queue,
	     .agent = agent->agent, .recording = recording_name(r));
}

void recording_stop(struct line *l, struct agent_id agent)
{
	bool goes_on = false;
	for (uint32_t i = 0; i < l->recording_count; i++) {
		struct recording *r = &l->recordings[i];
		if (!r->open || r->stopped)
			continue;
		if (!ID_NONE(agent) && !ID_NONE(r->agent) && !ID_EQ(r->agent, agent)) {
			goes_on = true;
			continue;
		}
		r->stopped = true;
		line_touch(l);
		ORDER_NOW(l->voice, record_stop, .rec = recording_id(l, i));
	}
	l->paused = l->paused && goes_on;
}

enum err recording_pause(struct line *l, bool on)
{
	bool runs = false;
	for (uint32_t i = 0; i < l->recording_count; i++)
		runs = runs || (l->recordings[i].open && !l->recordings[i].stopped);
	if (!runs)
		return ERR_CONFLICT;
	l->paused = on;
	line_touch(l);
	line_hear(l);
	return ERR_OK;
}

void recording_hear(struct line *l, uint32_t n, const struct order_ids *left,
		    const struct order_ids *right, bool again)
{
	char left_room[8 * ORDER_IDS_MAX], right_room[8 * ORDER_IDS_MAX];
	struct recording *r = &l->recordings[n];
	const uint64_t heard = mark(left, right);
	if (r->heard == heard && !again)
		return;
	r->heard = heard;
	ORDER_NOW(l->voice, record_hear, .rec = recording_id(l, n),
		  .left = order_ids_put(left_room, left),
		  .right = order_ids_put(right_room, right));
}

void recording_sync(struct line *l)
{
	for (uint32_t i = 0; i < l->recording_count; i++) {
		struct recording *r = &l->recordings[i];
		if (r->open && !r->stopped)
			order_record(l, i);
		else if (r->open)
			ORDER_NOW(l->voice, record_stop, .rec = recording_id(l, i));
	}
}

/* Some of it is missing: the record says what; somebody is told at once. */
static void tell_flaw(struct voice *v, struct contact_id contact, struct str flaw)
{
	const struct contact *k = contact_get(v->core, contact);
	char uuid[UUID_TEXT + 1];
	if (!k || !flaw.n)
		return;
	uuid_text(k->uuid, uuid);
	EMIT(v->core, alarm, .tenant = k->tenant, .name = STR("recording_flaw"), .detail = flaw,
	     .about = str_of(uuid));
}

void recording_done(struct voice *v, const struct report_recorded *rep)
{
	uint32_t n;
	struct line *l = recording_line(v, rep->rec, &n);
	ORDER_NOW(v, record_ack, .rec = rep->rec);
	if (!l || n >= l->recording_count || !l->recordings[n].open ||
	    !ID_EQ(recording_id(l, n), rep->rec) ||
	    (rep->path.n && !str_is(rep->path, l->recordings[n].path)))
		return; /* told before, and lost only the acknowledgement */
	struct contact_id contact = l->contact;
	struct recording *r = &l->recordings[n];
	r->open = false;
	line_touch(l);
	EMIT(v->core, recording_end, .contact = contact, .recording = recording_name(r),
	     .duration_ms = rep->duration_ms, .channels = 2,
	     .codec = str_ends(rep->path, STR(".opus")) ? STR("opus") : STR("wav"),
	     .bytes = rep->bytes, .sha256 = rep->sha256, .flaw = rep->flaw,
	     .path = str_of(r->path));
	tell_flaw(v, contact, rep->flaw);
	contact_release(v->core, contact);
}
