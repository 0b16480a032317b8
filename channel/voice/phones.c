/* phones.c - registered phones: whose they are, their secrets, and their images. */
#include <stdlib.h>

#include "channel/voice/line.h"
#include "core/bytes.h"

const struct object *phones_tenant(struct voice *v, struct str domain)
{
	uint32_t at = 0;
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_tenant, &at));)
		if (str_ieq(o->config->tenant_of.domain, domain))
			return o;
	return NULL;
}

static const struct object *user_at(struct voice *v, struct str user, struct str domain)
{
	const struct object *tenant = domain.n ? phones_tenant(v, domain) : NULL;
	return tenant ? objects_find(v->core->objects, KIND_user, tenant->name, user) : NULL;
}

/* Strangers are challenged alike, whatever domain they name: with that of the first tenant. */
void phones_realm(struct voice *v)
{
	uint32_t at = 0;
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_tenant, &at));) {
		if (str_is(o->name, "system") || !o->config->tenant_of.domain.n)
			continue;
		sip_default_realm(v->sip, o->config->tenant_of.domain);
		return;
	}
}

bool phones_domain(void *arg, struct str domain)
{
	return domain.n && phones_tenant(arg, domain) != NULL;
}

/* Phones that are challenged with SHA-256 must not be told from names nobody has: of the strangers
 * as many are challenged so, and a name always alike. */
static bool stranger_sha256(struct voice *v, struct str user, struct str realm)
{
	const struct object *tenant = phones_tenant(v, realm);
	uint64_t seed;
	if (!tenant)
		return false;
	if (tenant->id.slot >= v->digest_room) {
		uint32_t room = MAX(tenant->id.slot + 1, 64u);
		v->digests = xrealloc(v->digests, room * sizeof *v->digests);
		memset(v->digests + v->digest_room, 0,
		       (room - v->digest_room) * sizeof *v->digests);
		v->digest_room = room;
	}
	struct digest_share *d = &v->digests[tenant->id.slot];
	if (d->age != v->users_age + 1) {
		uint32_t at = 0;
		*d = (struct digest_share){.age = v->users_age + 1};
		for (const struct object *o; (o = objects_next(v->core->objects, KIND_user, &at));)
			if (str_eq(o->tenant, tenant->name) && o->config->user.ha1_md5.n) {
				d->all++;
				d->sha256 += o->config->user.phone_sha256;
			}
	}
	memcpy(&seed, v->o.secret, sizeof seed);
	return d->sha256 && str_hash(user, str_hash(realm, seed)) % d->all < d->sha256;
}

enum err phones_secret(void *arg, struct str user, struct str realm, struct str *md5,
		       struct str *sha256, bool *use_sha256)
{
	const struct object *o = user_at(arg, user, realm);
	if (!o || !o->config->user.ha1_md5.n) {
		*use_sha256 = stranger_sha256(arg, user, realm);
		return ERR_NOT_FOUND;
	}
	*md5 = o->config->user.ha1_md5;
	*sha256 = o->config->user.ha1_sha256;
	*use_sha256 = o->config->user.phone_sha256;
	return ERR_OK;
}

/* An alarm of the tenant whose realm it is, else of `system`; a crowd of guessers is summed up. */
void phones_guessed(void *arg, const struct sip_address *from, struct str user, struct str realm,
		    uint32_t wrong)
{
	enum { ALARMS_A_MINUTE = 20 };
	struct voice *v = arg;
	struct objects *os = v->core->objects;
	const struct object *t = phones_tenant(v, realm);
	char text[300];
	struct buf b = buf_make(text, sizeof text);
	v->guesses_held++;
	if (v->core->now_ms - v->guesses_since_ms >= 60000) {
		v->guesses_since_ms = v->core->now_ms;
		v->guesses_told = 0;
	}
	if (!t)
		t = objects_find(os, KIND_tenant, STR("system"), STR("system"));
	if (v->guesses_told++ >= ALARMS_A_MINUTE || !t)
		return;
	buf_fmt(&b, "%u wrong passwords for " STR_FMT "@" STR_FMT " from ", wrong,
		STR_ARG(str_head(user, 64)), STR_ARG(str_head(realm, 64)));
	sip_address_text(from, &b);
	if (v->guesses_held > 1)
		buf_fmt(&b, "; %u more since the last alarm", v->guesses_held - 1);
	v->guesses_held = 0;
	log_line(LOG_WARN, "event=phone_guessing wrong=%u", wrong);
	EMIT(v->core, alarm, .tenant = ID_AS(tenant_id, t->id), .name = STR("phone_guessing"),
	     .detail = buf_str(&b));
}

static uint64_t secret_of(struct voice *v, struct str user, struct str domain)
{
	const struct object *o = user_at(v, user, domain);
	uint64_t seed;
	memcpy(&seed, v->o.secret, sizeof seed);
	return o && o->config->user.ha1_md5.n ? str_hash(o->config->user.ha1_md5, seed) | 1 : 0;
}

static void tell(struct voice *v, struct str user, struct str domain)
{
	const struct object *o = user_at(v, user, domain);
	struct sip_phone phone;
	if (o && o->config->user.phone == PHONE_sip)
		EMIT(v->core, phone_changed, .agent = ID_AS(agent_id, o->id),
		     .ready = sip_phone_find(v->sip, user, domain, &phone) == ERR_OK);
}

static struct binding *binding_at(struct voice *v, uint32_t slot)
{
	if (slot >= v->binding_room) {
		uint32_t room = MAX(slot + 1, MAX(64u, v->binding_room * 2));
		v->bindings = xrealloc(v->bindings, room * sizeof *v->bindings);
		memset(v->bindings + v->binding_room, 0,
		       (room - v->binding_room) * sizeof *v->bindings);
		v->binding_room = room;
	}
	return &v->bindings[slot];
}

void phones_binding(void *arg, uint32_t slot, struct str user, struct str domain, struct str image)
{
	struct voice *v = arg;
	struct binding *b = binding_at(v, slot);
	free(b->image);
	*b = (struct binding){0};
	if (image.n && str_copy(user, b->user, sizeof b->user) &&
	    str_copy(domain, b->domain, sizeof b->domain)) {
		b->secret = secret_of(v, user, domain);
		b->image = xstrndup(image.p, image.n);
		b->image_n = (uint32_t)image.n;
	}
	core_touch(v->core, IMAGE_BINDING, (struct id){slot + 1, 1});
	tell(v, user, domain);
}

bool phones_save(struct voice *v, struct id id, struct buf *out)
{
	struct binding *b = id.slot <= v->binding_room ? &v->bindings[id.slot - 1] : NULL;
	if (!b || !b->image)
		return false;
	put_word(out, str_of(b->user));
	put_word(out, str_of(b->domain));
	put_text(out, str_make(b->image, b->image_n));
	return true;
}

enum err phones_load(struct voice *v, struct id id, struct str image)
{
	struct take t = {.rest = image};
	struct str user = take_word(&t), domain = take_word(&t), bytes = take_text(&t);
	struct binding *b = binding_at(v, id.slot - 1);
	if (t.torn || !str_copy(user, b->user, sizeof b->user) ||
	    !str_copy(domain, b->domain, sizeof b->domain))
		return ERR_INVALID;
	enum err e = sip_binding_load(v->sip, id.slot - 1, bytes);
	if (e != ERR_OK)
		return e;
	free(b->image);
	b->image = xstrndup(bytes.p, bytes.n);
	b->image_n = (uint32_t)bytes.n;
	return ERR_OK;
}

/* A registration does not outlive the password it was made with, nor its user (faults.md S14). */
void phones_user(struct voice *v)
{
	for (uint32_t i = 0; i < v->binding_room; i++) {
		const struct binding b = v->bindings[i]; /* it goes while it is told */
		if (b.image && b.secret != secret_of(v, str_of(b.user), str_of(b.domain)))
			sip_phone_forget(v->sip, str_of(b.user), str_of(b.domain));
	}
}

/* Of every phone that registers: also of those whose binding ended while nobody lived to hear it.
 */
void phones_loaded(struct voice *v)
{
	uint32_t at = 0;
	for (uint32_t i = 0; i < v->binding_room; i++)
		if (v->bindings[i].image)
			v->bindings[i].secret = secret_of(v, str_of(v->bindings[i].user),
							  str_of(v->bindings[i].domain));
	for (const struct object *o; (o = objects_next(v->core->objects, KIND_user, &at));) {
		const struct object *t =
			objects_find(v->core->objects, KIND_tenant, o->tenant, o->tenant);
		if (t && o->config->user.phone == PHONE_sip && !o->config->user.phone_contact.n)
			tell(v, o->name, t->config->tenant_of.domain);
	}
}

void phones_finish(struct voice *v)
{
	for (uint32_t i = 0; i < v->binding_room; i++)
		free(v->bindings[i].image);
	free(v->bindings);
	free(v->digests);
}
