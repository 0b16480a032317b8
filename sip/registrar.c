/*
 * registrar.c - phones that register: RFC 3261 section 10, digest always, RFC 3581 for those behind
 * NAT. A binding is known outside by its slot in the pool.
 */
#include "base/list.h"
#include "sip/engine.h"
#include "sip/image.h"

#include <stdlib.h>

enum {
	EXPIRES_MIN_S = 60,
	EXPIRES_MAX_S = 3600,
	CONTACTS_MAX = 10, /* of one phone's user, and in one request */
	CONTACT_BYTES_MAX = 512,
	PATH_BYTES_MAX = 1024,
	INSTANCE_MAX = 128,
	/* a phone whose only connection is gone connects and registers again, or is forgotten */
	CUT_MS = 60000,
	AOR_MAX = 512,
};

struct aor {
	char *key; /* user@domain, domain in lower case; user's escapes taken off */
	size_t key_n, user_n;
	struct list bindings; /* oldest first */
};

struct binding {
	struct list link;
	struct registrar *registrar;
	struct aor *aor;
	struct text contact, call_id;
	struct text path; /* RFC 3327: routes to it, "<a>, <b>" */
	/* RFC 5626: the phone itself, and which of its flows; n 0: not said */
	struct text instance;
	uint32_t reg_id;
	uint8_t place[19]; /* of address: its key in by_place */
	uint32_t cseq;
	int64_t expires_ms;
	struct sip_address address;
	bool cut; /* its connection is gone: it cannot be reached */
	struct timer expiry;
};

struct registrar {
	struct sip *sip;
	struct pool *bindings;
	struct map by_aor;
	struct map by_place; /* -> one of the bindings reached over UDP at an address */
};

struct registrar *registrar_create(struct sip *s)
{
	struct registrar *r = xcalloc(1, sizeof *r);
	r->sip = s;
	r->bindings = pool_create("sip bindings", sizeof(struct binding), s->o.bindings_max);
	map_init(&r->by_aor, engine_dice(s));
	map_init(&r->by_place, engine_dice(s));
	return r;
}

uint32_t registrar_count(const struct sip *s)
{
	return pool_count(s->registrar->bindings);
}

static struct str aor_key(const struct aor *a)
{
	return str_make(a->key, a->key_n);
}

/* -- who lives where, for keep-alives -- */

static struct str place_key(const struct sip_address *a, uint8_t out[19])
{
	memset(out, 0, 19);
	out[0] = a->family;
	memcpy(out + 1, a->ip, a->family == 4 ? 4 : 16);
	out[17] = (uint8_t)(a->port >> 8);
	out[18] = (uint8_t)a->port;
	return str_make((const char *)out, 19);
}

/* Another phone of the same address takes its place. */
static void place_leave(struct binding *b)
{
	struct registrar *r = b->registrar;
	struct str key = str_make((const char *)b->place, sizeof b->place);
	if (map_get(&r->by_place, key) != b)
		return;
	map_remove(&r->by_place, key);
	pool_for_each (struct binding, other, r->bindings)
		if (other != b && other->address.transport == SIP_UDP &&
		    !memcmp(other->place, b->place, sizeof b->place) &&
		    map_add(&r->by_place, str_make((const char *)other->place, sizeof other->place),
			    other) == ERR_OK)
			return;
}

static void place_take(struct binding *b)
{
	struct str key = place_key(&b->address, b->place);
	if (b->address.transport == SIP_UDP && !map_get(&b->registrar->by_place, key))
		CHECK(map_add(&b->registrar->by_place, key, b) == ERR_OK);
}

bool registrar_knows(struct sip *s, const struct sip_address *from)
{
	uint8_t key[19];
	return map_get(&s->registrar->by_place, place_key(from, key)) != NULL;
}

/* Frees, without telling. */
static void drop_binding(struct binding *b)
{
	struct registrar *r = b->registrar;
	struct aor *a = b->aor;
	timer_stop(r->sip->o.timers, &b->expiry);
	list_remove(&b->link);
	text_free(&b->contact);
	text_free(&b->call_id);
	text_free(&b->path);
	text_free(&b->instance);
	place_leave(b);
	pool_give(r->bindings, b);
	if (list_empty(&a->bindings)) {
		map_remove(&r->by_aor, aor_key(a));
		free(a->key);
		free(a);
	}
}

void registrar_destroy(struct registrar *r)
{
	pool_for_each (struct binding, b, r->bindings)
		drop_binding(b);
	pool_destroy(r->bindings);
	map_finish(&r->by_aor);
	map_finish(&r->by_place);
	free(r);
}

/* user@domain; ERR_INVALID when a piece cannot be one. */
static enum err make_key(struct buf *out, struct str user, struct str domain)
{
	if (!user.n || !domain.n || out->n)
		return ERR_INVALID;
	buf_put(out, user);
	buf_ch(out, '@');
	for (size_t i = 0; i < domain.n; i++) {
		char c = domain.p[i];
		buf_ch(out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

static struct aor *aor_get(struct registrar *r, struct str key, size_t user_n)
{
	struct aor *a = map_get(&r->by_aor, key);
	if (a)
		return a;
	a = xcalloc(1, sizeof *a);
	a->key = xstrndup(key.p, key.n);
	a->key_n = key.n;
	a->user_n = user_n;
	list_init(&a->bindings);
	CHECK(map_add(&r->by_aor, aor_key(a), a) == ERR_OK);
	return a;
}

/* -- telling and restoring -- */

static void write_image(const struct binding *b, struct buf *out)
{
	image_put(out, 'u', str_make(b->aor->key, b->aor->user_n));
	image_put(out, 'd', str_from(aor_key(b->aor), b->aor->user_n + 1));
	image_put(out, 'c', text_str(&b->contact));
	image_put(out, 'i', text_str(&b->call_id));
	image_put_u64(out, 's', b->cseq);
	image_put_u64(out, 'e', (uint64_t)MAX(b->expires_ms, 0));
	image_put_address(out, 'a', &b->address);
	if (b->path.n)
		image_put(out, 'p', text_str(&b->path));
	if (b->instance.n) {
		image_put(out, 'n', text_str(&b->instance));
		image_put_u64(out, 'r', b->reg_id);
	}
}

static void tell(struct binding *b, bool gone)
{
	struct sip *s = b->registrar->sip;
	char text[4096];
	struct buf image = buf_make(text, sizeof text);
	if (!gone)
		write_image(b, &image);
	CHECK(!image.full);
	if (s->o.user.binding)
		s->o.user.binding(s->o.user.arg, pool_id(b->registrar->bindings, b).slot,
				  str_make(b->aor->key, b->aor->user_n),
				  str_from(aor_key(b->aor), b->aor->user_n + 1), buf_str(&image));
}

static void remove_binding(struct binding *b)
{
	list_remove(&b->link); /* whoever is told looks whether a phone is left */
	tell(b, true);
	drop_binding(b);
}

static void expired(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	remove_binding(t->arg);
}

static void live_until(struct binding *b, int64_t at_ms)
{
	b->expires_ms = at_ms;
	timer_start(b->registrar->sip->o.timers, &b->expiry, at_ms, expired, b);
}

/* TLS and WebSockets: the phone connects to us, never we to it (RFC 7118 section 5, RFC 5626). A
 * proxy on its Path can be connected to again. */
static bool flow_only(const struct binding *b)
{
	enum sip_transport t = b->address.transport;
	return sip_is_web(t) || (t == SIP_TLS && !b->path.n);
}

void registrar_stream_closed(struct sip *s, const struct sip_address *peer)
{
	pool_for_each (struct binding, b, s->registrar->bindings) {
		if (b->cut || !flow_only(b) || b->address.stream != peer->stream)
			continue;
		b->cut = true;
		live_until(b, MIN(b->expires_ms, s->now_ms + CUT_MS));
		tell(b, false);
	}
}

static bool same_phone(const struct sip_uri *a, const struct sip_uri *b)
{
	return str_eq(a->user, b->user) && str_ieq(a->host, b->host) && a->port == b->port;
}

bool registrar_flow(struct sip *s, struct str contact, struct sip_address *out)
{
	struct sip_uri want, have;
	if (sip_uri_parse(contact, &want) != ERR_OK)
		return false;
	pool_for_each (struct binding, b, s->registrar->bindings) {
		if (b->cut || !flow_only(b) ||
		    sip_uri_parse(text_str(&b->contact), &have) != ERR_OK ||
		    !same_phone(&want, &have))
			continue;
		*out = b->address;
		return true;
	}
	return false;
}

enum err sip_binding_load(struct sip *s, uint32_t slot, struct str image)
{
	struct registrar *r = s->registrar;
	struct str user = STR_NONE, domain = STR_NONE, contact = STR_NONE, call_id = STR_NONE,
		   path = STR_NONE, instance = STR_NONE;
	struct sip_address address = {0};
	uint64_t cseq = 0, expires = 0, reg_id = 0;
	struct sip_uri uri;
	char key, text[AOR_MAX];
	enum err e;
	for (struct str v; (e = image_take(&image, &key, &v)) == ERR_OK;) {
		if (key == 'u')
			user = v;
		else if (key == 'd')
			domain = v;
		else if (key == 'c')
			contact = v;
		else if (key == 'i')
			call_id = v;
		else if (key == 'p')
			path = v;
		else if (key == 'n')
			instance = v;
		else if (key == 's'   ? str_to_u64(v, UINT32_MAX, &cseq) != ERR_OK
			 : key == 'e' ? str_to_u64(v, INT64_MAX, &expires) != ERR_OK
			 : key == 'r' ? str_to_u64(v, UINT32_MAX, &reg_id) != ERR_OK
			 : key == 'a' ? image_address(v, &address) != ERR_OK
				      : false)
			return ERR_INVALID;
	}
	struct buf b = buf_make(text, sizeof text);
	if (e != ERR_NOT_FOUND || make_key(&b, user, domain) != ERR_OK || !address.family ||
	    contact.n > CONTACT_BYTES_MAX || sip_uri_parse(contact, &uri) != ERR_OK)
		return ERR_INVALID;
	struct binding *n = pool_take_at(r->bindings, (struct id){slot, 1});
	if (!n)
		return ERR_CONFLICT;
	n->registrar = r;
	n->aor = aor_get(r, buf_str(&b), user.n);
	list_init(&n->link);
	list_push(&n->aor->bindings, &n->link);
	text_set(&n->contact, contact);
	text_set(&n->call_id, call_id);
	text_set(&n->path, str_head(path, PATH_BYTES_MAX));
	text_set(&n->instance, str_head(instance, INSTANCE_MAX));
	n->reg_id = (uint32_t)reg_id;
	n->cseq = (uint32_t)cseq;
	n->address = address;
	place_take(n);
	/* after a reboot the clock begins anew: no binding lives longer than one can be asked for
	 */
	n->cut = flow_only(n); /* no connection outlives the process */
	live_until(n, MIN((int64_t)expires, s->now_ms + (n->cut ? CUT_MS : EXPIRES_MAX_S * 1000)));
	return ERR_OK;
}

enum err sip_phone_find(struct sip *s, struct str user, struct str domain, struct sip_phone *out)
{
	char text[AOR_MAX];
	struct buf key = buf_make(text, sizeof text);
	if (make_key(&key, user, domain) != ERR_OK)
		return ERR_NOT_FOUND;
	struct aor *a = map_get(&s->registrar->by_aor, buf_str(&key));
	if (!a)
		return ERR_NOT_FOUND;
	for (struct list *l = a->bindings.prev; l != &a->bindings; l = l->prev) {
		struct binding *b = CONTAINER_OF(l, struct binding, link);
		if (b->expires_ms <= s->now_ms || b->cut)
			continue;
		*out = (struct sip_phone){text_str(&b->contact), text_str(&b->path), b->address,
					  b->expires_ms};
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

void sip_phone_forget(struct sip *s, struct str user, struct str domain)
{
	char text[AOR_MAX];
	struct buf key = buf_make(text, sizeof text);
	if (make_key(&key, user, domain) != ERR_OK)
		return;
	/* with its last binding the name goes */
	for (struct aor *a; (a = map_get(&s->registrar->by_aor, buf_str(&key)));)
		remove_binding(CONTAINER_OF(a->bindings.next, struct binding, link));
}

/* -- REGISTER -- */

struct wish { /* one Contact of the request */
	struct sip_uri uri;
	uint32_t expires_s;
	struct str instance; /* empty: none, or no flow of it named */
	uint32_t reg_id;
};

static uint32_t read_expires(struct str v, uint32_t otherwise)
{
	uint64_t n;
	if (!v.n)
		return otherwise;
	/* RFC 3261 section 20.19: what cannot be read counts as an hour */
	return str_to_u64(v, UINT64_MAX, &n) == ERR_OK ? (uint32_t)MIN(n, EXPIRES_MAX_S)
						       : EXPIRES_MAX_S;
}

/* RFC 5626 section 6: an instance counts with the number of its flow. */
static void read_flow(const struct sip_name_addr *a, struct wish *w)
{
	struct str instance, reg_id;
	w->instance = STR_NONE;
	w->reg_id = 0;
	if (sip_param(a->params, "+sip.instance", &instance) && instance.n &&
	    instance.n <= INSTANCE_MAX && sip_param(a->params, "reg-id", &reg_id) &&
	    str_to_u32(reg_id, INT32_MAX, &w->reg_id) == ERR_OK && w->reg_id)
		w->instance = instance;
}

/* 0: fine, else the status to refuse with. RFC 3261 section 10.3 steps 6 and 7. */
static uint32_t read_wishes(struct sip *s, struct wish wishes[CONTACTS_MAX], uint32_t *count,
			    bool *star)
{
	struct str expires = sip_header_get(&s->in, HDR_EXPIRES), v;
	uint32_t usual = read_expires(expires, EXPIRES_MAX_S), at = 0;
	*count = 0;
	*star = false;
	while (sip_header_next(&s->in, HDR_CONTACT, &at, &v)) {
		if (str_is(v, "*")) {
			if (*star || *count || !str_is(expires, "0"))
				return 400;
			*star = true;
			continue;
		}
		while (v.n) {
			struct sip_name_addr a;
			struct str own = STR_NONE;
			struct wish *w = &wishes[*count];
			if (*star || *count == CONTACTS_MAX ||
			    sip_take_name_addr(&v, &a) != ERR_OK || a.uri.n > CONTACT_BYTES_MAX ||
			    sip_uri_parse(a.uri, &w->uri) != ERR_OK)
				return 400;
			/* headers in a Contact would be put into our own INVITE: RFC 4475
			 * section 3.3.14 */
			if ((w->uri.scheme != SCHEME_SIP && w->uri.scheme != SCHEME_SIPS) ||
			    w->uri.headers.n)
				return 400;
			read_flow(&a, w);
			sip_param(a.params, "expires", &own);
			w->expires_s = read_expires(own, usual);
			if (w->expires_s && w->expires_s < EXPIRES_MIN_S)
				return 423;
			++*count;
		}
	}
	return 0;
}

/* The binding a wish is about: of the same flow of the same phone, wherever it is now; else by URI.
 */
static struct binding *find_binding(struct aor *a, const struct wish *w)
{
	if (!a)
		return NULL;
	list_for_each (l, &a->bindings) {
		struct binding *b = CONTAINER_OF(l, struct binding, link);
		struct sip_uri have;
		if (w->instance.n && b->instance.n) {
			if (w->reg_id == b->reg_id && str_eq(w->instance, text_str(&b->instance)))
				return b;
			continue;
		}
		if (sip_uri_parse(text_str(&b->contact), &have) == ERR_OK &&
		    sip_uri_eq(&have, &w->uri))
			return b;
	}
	return NULL;
}

/* An older request of the same phone that overtook or was repeated, section 10.3 step 7. */
static bool too_late(struct sip *s, const struct binding *b)
{
	return str_eq(text_str(&b->call_id), s->in.call_id) && s->in.cseq <= b->cseq;
}

static struct binding *add_binding(struct registrar *r, struct str key, size_t user_n)
{
	struct id id;
	struct binding *b = pool_take(r->bindings, &id);
	if (!b)
		return NULL;
	b->registrar = r;
	b->aor = aor_get(r, key, user_n);
	list_init(&b->link);
	list_push(&b->aor->bindings, &b->link);
	return b;
}

static void trim_oldest(struct aor *a)
{
	uint32_t n = 0;
	list_for_each (l, &a->bindings)
		n++;
	while (n-- > CONTACTS_MAX)
		remove_binding(CONTAINER_OF(a->bindings.next, struct binding, link));
}

/* RFC 3327 section 5.3: all Path values in their order; what is too long or none is refused. */
static enum err read_path(struct sip *s, struct buf *out)
{
	uint32_t at = 0;
	for (struct str v; sip_header_next(&s->in, HDR_PATH, &at, &v);) {
		struct str check = v;
		struct sip_name_addr a;
		while (check.n)
			if (sip_take_name_addr(&check, &a) != ERR_OK)
				return ERR_INVALID;
		if (out->n)
			buf_c(out, ", ");
		put_value(out, v);
	}
	return out->full ? ERR_TOO_LARGE : ERR_OK;
}

/* Where the phone is reached: through the first of its Path, or by itself. */
static struct sip_address place_of(struct sip *s, struct str path, struct str contact)
{
	struct sip_name_addr a;
	if (path.n && sip_take_name_addr(&path, &a) == ERR_OK)
		return dialog_address(a.uri, s->in_source);
	return dialog_address(contact, s->in_source);
}

static uint32_t bind(struct sip *s, struct str key, size_t user_n, const struct wish *w,
		     struct str path)
{
	struct registrar *r = s->registrar;
	struct binding *b = find_binding(map_get(&r->by_aor, key), w);
	if (!w->expires_s) {
		if (b)
			remove_binding(b);
		return 0;
	}
	if (!b)
		b = add_binding(r, key, user_n);
	if (!b)
		return 503;
	list_remove(&b->link); /* the newest stands last */
	list_push(&b->aor->bindings, &b->link);
	text_set(&b->contact, w->uri.text);
	text_set(&b->call_id, str_head(s->in.call_id, 256));
	b->cseq = s->in.cseq;
	b->cut = false;
	text_set(&b->path, path);
	text_set(&b->instance, w->instance);
	b->reg_id = w->reg_id;
	place_leave(b);
	b->address = place_of(s, path, w->uri.text);
	place_take(b);
	live_until(b, s->now_ms + (int64_t)w->expires_s * 1000);
	tell(b, false);
	trim_oldest(b->aor);
	return 0;
}

/* All or nothing but for a full pool. */
static uint32_t apply(struct sip *s, struct str key, size_t user_n)
{
	struct wish wishes[CONTACTS_MAX];
	uint32_t count;
	bool star;
	char text[PATH_BYTES_MAX];
	struct buf path = buf_make(text, sizeof text);
	uint32_t status = read_wishes(s, wishes, &count, &star);
	struct aor *a = map_get(&s->registrar->by_aor, key);
	if (!status && read_path(s, &path) != ERR_OK)
		status = 400;
	if (status)
		return status;
	if (a)
		list_for_each (l, &a->bindings)
			if (star && too_late(s, CONTAINER_OF(l, struct binding, link)))
				return 500;
	for (uint32_t i = 0; i < count; i++) {
		struct binding *b = find_binding(a, &wishes[i]);
		if (b && too_late(s, b))
			return 500;
	}
	while (star && (a = map_get(&s->registrar->by_aor, key)) != NULL)
		remove_binding(CONTAINER_OF(a->bindings.next, struct binding, link));
	for (uint32_t i = 0; i < count && !status; i++)
		status = bind(s, key, user_n, &wishes[i], buf_str(&path));
	return status ? status : 200;
}

static void put_bindings(struct sip *s, struct str key, struct buf *out)
{
	struct aor *a = map_get(&s->registrar->by_aor, key);
	if (!a)
		return;
	list_for_each (l, &a->bindings) {
		struct binding *b = CONTAINER_OF(l, struct binding, link);
		if (b->expires_ms <= s->now_ms)
			continue;
		buf_c(out, "Contact: <");
		put_value(out, text_str(&b->contact));
		buf_c(out, ">;expires=");
		buf_u64(out, (uint64_t)(b->expires_ms - s->now_ms + 999) / 1000);
		if (b->instance.n) {
			buf_c(out, ";reg-id=");
			buf_u64(out, b->reg_id);
			buf_c(out, ";+sip.instance=");
			put_quoted(out, text_str(&b->instance));
		}
		buf_c(out, "\r\n");
	}
}

/* Has the request at hand a flow of RFC 5626 among what it bound? */
static bool flows(struct sip *s, struct str key)
{
	struct aor *a = map_get(&s->registrar->by_aor, key);
	if (a)
		list_for_each (l, &a->bindings) {
			struct binding *b = CONTAINER_OF(l, struct binding, link);
			if (b->instance.n && str_eq(text_str(&b->call_id), s->in.call_id))
				return true;
		}
	return false;
}

/* Whose bindings may this one change? Only his own: section 10.3 steps 4 and 5. */
static enum err whose(struct sip *s, struct str auth_user, struct str auth_realm, struct buf *key)
{
	struct sip_uri to;
	char text[256];
	struct buf user = buf_make(text, sizeof text);
	if (sip_uri_parse(s->in.to.uri, &to) != ERR_OK ||
	    (to.scheme != SCHEME_SIP && to.scheme != SCHEME_SIPS) ||
	    sip_unescape(to.user, &user) != ERR_OK || user.full ||
	    !str_eq(buf_str(&user), auth_user))
		return ERR_FORBIDDEN;
	if (s->o.user.domain_ours(s->o.user.arg, to.host) && !str_ieq(to.host, auth_realm))
		return ERR_FORBIDDEN;
	return make_key(key, auth_user, auth_realm);
}

void registrar_register(struct sip *s)
{
	struct str user, realm;
	char text[AOR_MAX], tag[17];
	struct buf key = buf_make(text, sizeof text);
	enum auth_verdict verdict = engine_credentials(s, &user, &realm);
	if (verdict != AUTH_GOOD) {
		engine_challenge(s, engine_realm(s, s->in.to.uri, s->in.uri),
				 verdict == AUTH_STALE);
		return;
	}
	if (whose(s, user, realm, &key) != ERR_OK) {
		engine_refuse(s, 403, STR_NONE);
		return;
	}
	if (!engine_require_known(s))
		return;
	/* with a transaction: a repetition must get the same answer, its count is used up */
	engine_hex16(engine_dice(s), tag);
	struct txn *t = txn_server_create(s, (struct sip_call_id){0}, str_of(tag));
	if (!t) {
		engine_refuse(s, 503, STR("Retry-After: 5\r\n"));
		return;
	}
	uint32_t status = apply(s, buf_str(&key), user.n);
	struct buf extra = buf_make(s->names, sizeof s->names);
	if (status == 200) {
		uint32_t at = 0;
		s->counters[COUNT_registrations]++;
		for (struct str v; sip_header_next(&s->in, HDR_PATH, &at, &v);)
			put_header(&extra, "Path", v);
		put_bindings(s, buf_str(&key), &extra);
		if (s->in.first[HDR_SUPPORTED] &&
		    sip_header_lists(&s->in, HDR_SUPPORTED, "outbound") && flows(s, buf_str(&key)))
			buf_c(&extra, "Require: outbound\r\n"); /* RFC 5626 section 6 */
		buf_c(&extra, "Supported: path, outbound\r\n");
	} else if (status == 423) {
		buf_c(&extra, "Min-Expires: 60\r\n");
	} else if (status == 503) {
		buf_c(&extra, "Retry-After: 60\r\n");
	}
	struct reply r = {.status = status, .head = text_str(&t->head), .extra = buf_str(&extra)};
	txn_respond(t, status, write_reply(s, &r));
}
