/* contact.c - see contact.h: contacts are born, found, and end by themselves. */
#include "core/hall.h"

#include "core/bytes.h"

static void copy_cut(char *out, struct str s)
{
	s = str_head(s, CONTACT_TEXT_MAX - 1);
	if (s.n)
		memcpy(out, s.p, s.n);
	out[s.n] = 0;
}

static struct str uuid_key(const struct contact *k)
{
	return str_make((const char *)k->uuid.b, sizeof k->uuid.b);
}

enum err contact_create(struct core *c, const struct contact_options *o, struct contact_id *out)
{
	struct id id;
	struct contact *k = pool_take(c->hall->contacts, &id);
	if (!k)
		return ERR_FULL;
	k->id = ID_AS(contact_id, id);
	k->uuid = uuid_v7(c->utc_ms, core_dice(c), core_dice(c));
	k->tenant = o->tenant;
	k->trunk = o->trunk;
	k->flow = o->flow;
	k->channel = o->channel;
	k->direction = o->direction;
	copy_cut(k->from, o->from);
	copy_cut(k->to, o->to);
	copy_cut(k->customer, o->customer);
	copy_cut(k->diverted, o->diverted);
	(void)str_copy(o->verstat, k->verstat, sizeof k->verstat);
	(void)str_copy(o->attest, k->attest, sizeof k->attest);
	k->agent = o->agent;
	k->private = o->private || o->test;
	k->test = o->test;
	const struct tenant_config *tenant = tenant_config(c->objects, o->tenant);
	if (!tenant || !str_copy(str_head(tenant->locale, 2), k->lang, sizeof k->lang) ||
	    !k->lang[0])
		memcpy(k->lang, "en", 3);
	k->arrive_ms = c->now_ms;
	k->arrive_at_ms = c->utc_ms;
	CHECK(map_add(&c->hall->by_uuid, uuid_key(k), k) == ERR_OK);
	core_touch(c, IMAGE_CONTACT, id);
	EMIT(c, arrive, .contact = k->id, .channel = k->channel, .direction = k->direction,
	     .from = str_of(k->from), .to = str_of(k->to), .trunk = k->trunk, .flow = k->flow,
	     .agent = k->agent, .customer = str_of(k->customer), .private = k->private,
	     .test = k->test);
	if (k->diverted[0])
		EMIT(c, diverted, .contact = k->id, .number = str_of(k->diverted),
		     .why = o->diverted_why);
	if (k->verstat[0])
		EMIT(c, identity, .contact = k->id, .verstat = str_of(k->verstat),
		     .attest = str_of(k->attest), .origid = o->origid, .why = o->verstat_why);
	*out = k->id;
	return ERR_OK;
}

struct contact *contact_get(struct core *c, struct contact_id id)
{
	return pool_get(c->hall->contacts, ID(id));
}

struct contact *contact_find(struct core *c, struct tenant_id tenant, struct uuid uuid)
{
	struct contact *k =
		map_get(&c->hall->by_uuid, str_make((const char *)uuid.b, sizeof uuid.b));
	return k && ID_EQ(k->tenant, tenant) ? k : NULL;
}

enum err contact_lang_set(struct core *c, struct contact_id id, struct str lang)
{
	struct contact *k = contact_get(c, id);
	if (!k)
		return ERR_NOT_FOUND;
	if (!lang.n || lang.n >= sizeof k->lang)
		return ERR_INVALID;
	CHECK(str_copy(lang, k->lang, sizeof k->lang));
	core_touch(c, IMAGE_CONTACT, ID(id));
	return ERR_OK;
}

uint32_t contact_count(const struct core *c)
{
	return pool_count(c->hall->contacts);
}

struct contact *contact_next(struct core *c, uint32_t *slot)
{
	return pool_next(c->hall->contacts, slot);
}

static void end_if_over(struct core *c, struct contact *k)
{
	if (!k->line_gone || k->wraps || k->holds || k->over)
		return;
	k->over = true;
	EMIT(c, ended, .contact = k->id);
}

void contact_hold(struct core *c, struct contact_id id)
{
	struct contact *k = contact_get(c, id);
	if (k)
		k->holds++;
}

void contact_release(struct core *c, struct contact_id id)
{
	struct contact *k = contact_get(c, id);
	if (!k || !k->holds)
		return;
	k->holds--;
	end_if_over(c, k);
}

void contacts_loaded(struct core *c)
{
	uint32_t slot = 0;
	for (struct contact *k; (k = contact_next(c, &slot));)
		end_if_over(c, k);
}

/* At the moment of saying: a wrap-up that begins because the line is gone must count before the
 * hall looks whether the contact is over. */
void contacts_said(struct core *c, const struct event *ev)
{
	if (ev->kind != EV_wrap_start)
		return;
	struct contact *k = contact_get(c, ev->wrap_start.contact);
	if (k) {
		k->wraps++;
		core_touch(c, IMAGE_CONTACT, ID(k->id));
	}
}

/* After all rooms have heard. */
void contacts_hear(struct core *c, const struct event *ev)
{
	struct contact *k;
	switch ((int)ev->kind) {
	case EV_disconnect:
		k = contact_get(c, ev->disconnect.contact);
		if (!k || k->line_gone)
			return;
		k->line_gone = true;
		core_touch(c, IMAGE_CONTACT, ID(k->id));
		end_if_over(c, k);
		break;
	case EV_wrap_end:
		k = contact_get(c, ev->wrap_end.contact);
		if (!k || !k->wraps)
			return;
		k->wraps--;
		core_touch(c, IMAGE_CONTACT, ID(k->id));
		end_if_over(c, k);
		break;
	case EV_ended:
		EMIT(c, contact_gone, .contact = ev->ended.contact);
		break;
	case EV_contact_gone:
		k = contact_get(c, ev->contact_gone.contact);
		if (!k)
			return;
		core_touch(c, IMAGE_CONTACT, ID(k->id));
		map_remove(&c->hall->by_uuid, uuid_key(k));
		pool_give(c->hall->contacts, k);
		break;
	default:
		break;
	}
}

bool contact_save(struct core *c, struct id id, struct buf *out)
{
	const struct contact *k = pool_get(c->hall->contacts, id);
	if (!k)
		return false;
	put_bytes(out, k->uuid.b, sizeof k->uuid.b);
	objects_put_name(c->objects, out, ID(k->tenant));
	objects_put_name(c->objects, out, ID(k->trunk));
	objects_put_name(c->objects, out, ID(k->flow));
	put_word(out, channel_word(k->channel));
	put_word(out, direction_word(k->direction));
	put_word(out, str_of(k->from));
	put_word(out, str_of(k->to));
	put_word(out, str_of(k->lang));
	put_i64(out, k->arrive_ms);
	put_i64(out, k->arrive_at_ms);
	put_u8(out, k->line_gone);
	put_u32(out, k->wraps);
	const struct object *flow = objects_who(c->objects, ID(k->flow));
	put_u8(out, flow && flow->kind == KIND_draft);
	put_u8(out, k->private);
	put_word(out, str_of(k->customer));
	objects_put_name(c->objects, out, ID(k->agent));
	put_word(out, str_of(k->diverted));
	put_word(out, str_of(k->verstat));
	put_word(out, str_of(k->attest));
	put_u8(out, k->test);
	return true;
}

enum err contact_load(struct core *c, struct id id, struct str image)
{
	struct take t = {.rest = image};
	struct contact k = {.id = ID_AS(contact_id, id)};
	take_into(&t, k.uuid.b, sizeof k.uuid.b);
	k.tenant = ID_AS(tenant_id, objects_take_name(c->objects, &t, KIND_tenant));
	k.trunk = ID_AS(trunk_id, objects_take_name(c->objects, &t, KIND_trunk));
	struct take draft = t; /* which of the two it was is said at the end */
	k.flow = ID_AS(flow_id, objects_take_name(c->objects, &t, KIND_flow));
	bool words = channel_from(take_word(&t), &k.channel) == ERR_OK;
	words &= direction_from(take_word(&t), &k.direction) == ERR_OK;
	copy_cut(k.from, take_word(&t));
	copy_cut(k.to, take_word(&t));
	bool lang = str_copy(take_word(&t), k.lang, sizeof k.lang);
	k.arrive_ms = take_i64(&t);
	k.arrive_at_ms = take_i64(&t);
	k.line_gone = take_u8(&t) != 0;
	k.wraps = take_u32(&t);
	if (t.rest.n && take_u8(&t)) { /* a build that knew no drafts wrote none */
		struct id id_of = objects_take_name(c->objects, &draft, KIND_draft);
		if (id_of.slot) /* published since: the flow it became */
			k.flow = ID_AS(flow_id, id_of);
	}
	if (t.rest.n) { /* a build that knew no calls of agents wrote none */
		k.private = take_u8(&t) != 0;
		copy_cut(k.customer, take_word(&t));
		k.agent = ID_AS(agent_id, objects_take_name(c->objects, &t, KIND_user));
	}
	if (t.rest.n) /* nor of diversions */
		copy_cut(k.diverted, take_word(&t));
	if (t.rest.n) { /* nor of identities */
		(void)str_copy(take_word(&t), k.verstat, sizeof k.verstat);
		(void)str_copy(take_word(&t), k.attest, sizeof k.attest);
	}
	if (t.rest.n) /* nor of test calls */
		k.test = take_u8(&t) != 0;
	if (t.torn || !words || !lang || ID_NONE(k.tenant))
		return ERR_INVALID;
	struct contact *place = pool_take_at(c->hall->contacts, id);
	if (!place)
		return ERR_INVALID;
	*place = k;
	if (map_add(&c->hall->by_uuid, uuid_key(place), place) == ERR_OK)
		return ERR_OK;
	pool_give(c->hall->contacts, place);
	return ERR_INVALID;
}
