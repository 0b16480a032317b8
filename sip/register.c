/*
 * register.c - our own registrations at somebody's registrar: RFC 3261 section 10.2, digest, and
 * the patience of RFC 5626 section 4.5 when it does not work.
 *
 *   WAITING ──▶ ASKING ──200──▶ WAITING (for the refresh)
 *                  └─ refused, silent ──▶ WAITING (for the next try, longer each time)
 *   any ── sip_register_stop ──▶ LEAVING (Expires: 0) ──▶ gone
 */
#include "sip/engine.h"
#include "sip/image.h"

#include <openssl/crypto.h>

enum {
	RETRY_MIN_MS = 5000,
	RETRY_MAX_MS = 600000,
	REFUSED_MS = 60000, /* 401, 403, 404: the same answer will come again */
	LEAVE_MS = 2000,
	EXPIRES_MOST_S = 86400,
	AUTH_TRIES = 2,
};

enum registration_state { REGISTER_WAITING, REGISTER_ASKING, REGISTER_LEAVING };

struct registration {
	struct sip *sip;
	struct sip_registration_id id;
	void *owner;
	enum registration_state state;
	bool up; /* as told to the user */
	struct text registrar, user, password, call_id, tag, auth_line;
	enum sip_header_name auth_header;
	struct sip_address to;
	uint32_t cseq, expires_s, failures;
	int64_t until_ms; /* the registrar keeps us until then */
	uint32_t status;  /* of the last answer; 0: none came */
	struct timer timer, end;
};

static struct registration *get(struct sip *s, struct sip_registration_id id)
{
	return pool_get(s->registrations, ID(id));
}

static void forget(struct registration *r)
{
	struct sip *s = r->sip;
	struct text *const texts[] = {&r->registrar, &r->user, &r->password,
				      &r->call_id,   &r->tag,  &r->auth_line};
	if (r->password.n)
		OPENSSL_cleanse(r->password.p, r->password.n);
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		text_free(texts[i]);
	timer_stop(s->o.timers, &r->timer);
	timer_stop(s->o.timers, &r->end);
	pool_give(s->registrations, r);
}

static void tell(struct registration *r)
{
	struct sip *s = r->sip;
	bool up = r->until_ms > s->now_ms;
	r->up = up;
	if (s->o.user.registered)
		s->o.user.registered(s->o.user.arg, r->id, r->owner, up, r->status);
}

/* -- asking -- */

static void ask_again(struct timer *t, int64_t now_ms);

static void wait_ms(struct registration *r, int64_t ms)
{
	r->state = REGISTER_WAITING;
	timer_start(r->sip->o.timers, &r->timer, r->sip->now_ms + ms, ask_again, r);
}

static void put_aor(const struct registration *r, struct buf *out)
{
	struct sip_uri u;
	buf_c(out, "<sip:");
	sip_escape_user(out, text_str(&r->user));
	buf_ch(out, '@');
	if (sip_uri_parse(text_str(&r->registrar), &u) == ERR_OK) {
		bool ip6 = str_find(u.host, ':') >= 0;
		buf_c(out, ip6 ? "[" : "");
		put_value(out, u.host);
		buf_c(out, ip6 ? "]" : "");
	}
	buf_ch(out, '>');
}

static void put_contact(const struct registration *r, struct buf *out)
{
	char text[512];
	struct buf user = buf_make(text, sizeof text);
	sip_escape_user(&user, text_str(&r->user));
	put_our_contact(r->sip, out, buf_str(&user), r->to.transport, false);
}

static void send_register(struct registration *r, uint32_t auth_tries)
{
	struct sip *s = r->sip;
	char branch[BRANCH_TEXT + 1] = "z9hG4bK", extra_text[40];
	char local_text[1024], remote_text[1024], contact_text[1024];
	struct buf local = buf_make(local_text, sizeof local_text);
	struct buf remote = buf_make(remote_text, sizeof remote_text);
	struct buf contact = buf_make(contact_text, sizeof contact_text);
	struct buf extra = buf_make(extra_text, sizeof extra_text);
	engine_hex16(engine_dice(s), branch + 7);
	put_aor(r, &remote);
	buf_put(&local, buf_str(&remote));
	buf_c(&local, ";tag=");
	buf_put(&local, text_str(&r->tag));
	put_contact(r, &contact);
	buf_c(&extra, "Expires: ");
	buf_u64(&extra, r->state == REGISTER_LEAVING ? 0 : r->expires_s);
	buf_c(&extra, "\r\n");
	struct request q = {
		.method = METHOD_REGISTER,
		.uri = text_str(&r->registrar),
		.branch = str_of(branch),
		.local = buf_str(&local),
		.remote = buf_str(&remote),
		.call_id = text_str(&r->call_id),
		.contact = buf_str(&contact),
		.cseq = ++r->cseq,
		.transport = r->to.transport,
		.auth = auth_tries ? text_str(&r->auth_line) : STR_NONE,
		.auth_header = r->auth_header,
		.extra = buf_str(&extra),
	};
	if (r->state != REGISTER_LEAVING)
		r->state = REGISTER_ASKING;
	struct txn *t =
		txn_client_create(s, METHOD_REGISTER, q.branch, &r->to, write_request(s, &q),
				  USE_REGISTER, (struct sip_call_id){0});
	if (t) {
		t->auth_tries = auth_tries;
		t->registration = r->id;
	} else if (r->state == REGISTER_ASKING) {
		wait_ms(r, RETRY_MIN_MS);
	}
	if (s->o.user.registration_changed)
		s->o.user.registration_changed(s->o.user.arg, r->id, r->owner);
}

static void ask_again(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	send_register(t->arg, 0);
}

static void end_now(struct timer *t, int64_t now_ms)
{
	struct registration *r = t->arg;
	(void)now_ms;
	if (r->state == REGISTER_LEAVING) {
		forget(r);
		return;
	}
	tell(r); /* what the registrar gave us is over */
}

/* -- answers -- */

static uint32_t number_of(struct str v, uint32_t otherwise)
{
	uint32_t n;
	return v.n && str_to_u32(str_trim(v), UINT32_MAX, &n) == ERR_OK ? n : otherwise;
}

/* RFC 3261 section 10.2.4: of our own contact, else of all, else what was asked. */
static uint32_t granted_s(struct registration *r)
{
	struct sip *s = r->sip;
	struct str v, value, expires = sip_header_get(&s->in, HDR_EXPIRES);
	struct sip_uri ours, theirs;
	uint32_t at = 0, usual = number_of(expires, r->expires_s);
	char text[1024];
	struct buf b = buf_make(text, sizeof text);
	put_contact(r, &b);
	struct str mine = str_from(str_head(buf_str(&b), b.n - 1), 1);
	if (sip_uri_parse(mine, &ours) != ERR_OK)
		return usual;
	while (sip_header_next(&s->in, HDR_CONTACT, &at, &v))
		while (v.n) {
			struct sip_name_addr a;
			if (sip_take_name_addr(&v, &a) != ERR_OK)
				break;
			if (sip_uri_parse(a.uri, &theirs) == ERR_OK &&
			    str_eq(ours.user, theirs.user) && str_ieq(ours.host, theirs.host) &&
			    sip_param(a.params, "expires", &value))
				return number_of(value, usual);
		}
	return usual;
}

static void registered(struct registration *r)
{
	struct sip *s = r->sip;
	int64_t ms = (int64_t)MIN(granted_s(r), (uint32_t)EXPIRES_MOST_S) * 1000;
	r->failures = 0;
	r->until_ms = s->now_ms + ms;
	/* between 75 and 90 % of it: before it ends, and not all trunks at once */
	wait_ms(r, MAX(ms / 4 * 3 + (int64_t)(engine_dice(s) % (uint64_t)(ms / 100 * 15 + 1)),
		       (int64_t)1000));
	timer_start(s->o.timers, &r->end, r->until_ms, end_now, r);
	tell(r);
}

static void failed(struct registration *r, uint32_t status, uint32_t retry_after_s)
{
	struct sip *s = r->sip;
	int64_t ms = RETRY_MIN_MS;
	r->status = status;
	for (uint32_t i = 0; i < r->failures && ms < RETRY_MAX_MS; i++)
		ms *= 2;
	r->failures++;
	if (status == 401 || status == 403 || status == 404 || status == 407)
		ms = MAX(ms, (int64_t)REFUSED_MS);
	ms = MIN(MAX(ms, (int64_t)retry_after_s * 1000), (int64_t)RETRY_MAX_MS);
	wait_ms(r, ms - (int64_t)(engine_dice(s) % (uint64_t)(ms / 2)));
	tell(r);
}

static enum err answer_challenge(struct registration *r, struct txn *t)
{
	struct str password = text_str(&r->password);
	if (!password.n || t->auth_tries >= AUTH_TRIES)
		return ERR_NOT_FOUND;
	return auth_answer(r->sip, t->auth_tries > 0, text_str(&r->user), password, STR("REGISTER"),
			   text_str(&r->registrar), &r->auth_line, &r->auth_header);
}

void register_response(struct sip *s, struct txn *t)
{
	struct registration *r = get(s, t->registration);
	uint32_t status = s->in.status;
	if (!r || s->in.cseq != r->cseq)
		return; /* an older one's */
	if ((status == 401 || status == 407) && answer_challenge(r, t) == ERR_OK) {
		send_register(r, t->auth_tries + 1);
		return;
	}
	if (r->state == REGISTER_LEAVING) {
		forget(r);
		return;
	}
	if (r->state != REGISTER_ASKING)
		return;
	r->status = status;
	uint32_t least_s = number_of(sip_header_get(&s->in, HDR_MIN_EXPIRES), 0);
	if (status < 300) {
		registered(r);
	} else if (status == 423 && least_s > r->expires_s && least_s <= EXPIRES_MOST_S) {
		r->expires_s = least_s; /* RFC 3261 section 10.2.8 */
		send_register(r, 0);
	} else {
		failed(r, status, engine_retry_after(s));
	}
}

void register_timeout(struct sip *s, struct txn *t)
{
	struct registration *r = get(s, t->registration);
	if (r && r->state == REGISTER_ASKING)
		failed(r, 408, 0);
}

/* -- from the user -- */

enum err sip_register_start(struct sip *s, const struct sip_registering *o,
			    struct sip_registration_id *out)
{
	struct sip_uri u;
	struct id id;
	char call_id[33], tag[17];
	if (sip_uri_parse(o->registrar, &u) != ERR_OK || u.scheme != SCHEME_SIP || u.user.n ||
	    !o->user.n || o->user.n > 200 || o->registrar.n > 300)
		return ERR_INVALID;
	struct registration *r = pool_take(s->registrations, &id);
	if (!r)
		return ERR_FULL;
	r->sip = s;
	r->id = ID_AS(sip_registration_id, id);
	r->owner = o->owner;
	r->to = o->to;
	r->expires_s = o->expires_s ? o->expires_s : 3600;
	text_set(&r->registrar, o->registrar);
	text_set(&r->user, o->user);
	text_set(&r->password, o->password);
	engine_hex16(engine_dice(s), call_id);
	engine_hex16(engine_dice(s), call_id + 16);
	text_set(&r->call_id, str_of(call_id));
	engine_hex16(engine_dice(s), tag);
	text_set(&r->tag, str_of(tag));
	wait_ms(r, o->delay_ms);
	*out = r->id;
	return ERR_OK;
}

void sip_register_place(struct sip *s, struct sip_registration_id id, const struct sip_address *to)
{
	struct registration *r = get(s, id);
	if (!r || r->state == REGISTER_LEAVING || sip_address_eq(&r->to, to))
		return;
	r->to = *to;
	if (r->failures == 0 && r->until_ms > s->now_ms)
		send_register(r, 0); /* the new one does not know us yet */
}

void sip_register_again(struct sip *s, struct sip_registration_id id)
{
	struct registration *r = get(s, id);
	if (!r || r->state != REGISTER_WAITING)
		return; /* it asks already, or leaves */
	timer_stop(s->o.timers, &r->timer);
	send_register(r, 0);
}

void sip_register_stop(struct sip *s, struct sip_registration_id id)
{
	struct registration *r = get(s, id);
	if (!r || r->state == REGISTER_LEAVING)
		return;
	r->owner = NULL;
	timer_stop(s->o.timers, &r->timer);
	if (r->until_ms <= s->now_ms && r->state != REGISTER_ASKING) {
		forget(r);
		return;
	}
	r->state = REGISTER_LEAVING;
	timer_start(s->o.timers, &r->end, s->now_ms + LEAVE_MS, end_now, r);
	send_register(r, 0);
}

bool sip_register_look(struct sip *s, struct sip_registration_id id, uint32_t *status,
		       int64_t *until_ms)
{
	struct registration *r = get(s, id);
	*status = r ? r->status : 0;
	*until_ms = r ? r->until_ms : 0;
	return r && r->until_ms > s->now_ms;
}

uint32_t sip_registrations(const struct sip *s)
{
	return pool_count(s->registrations);
}

/* -- for the next life: the registrar knows us, so nothing is to be said before the refresh -- */

void sip_register_save(struct sip *s, struct sip_registration_id id, struct buf *out)
{
	struct registration *r = get(s, id);
	if (!r)
		return;
	image_put(out, 'i', text_str(&r->call_id));
	image_put(out, 't', text_str(&r->tag));
	image_put_u64(out, 'c', r->cseq);
	image_put_u64(out, 'e', r->expires_s);
	image_put_u64(out, 'u', (uint64_t)MAX(r->until_ms, (int64_t)0));
}

void sip_register_recall(struct sip *s, struct sip_registration_id id, struct str image)
{
	struct registration *r = get(s, id);
	uint64_t cseq = 0, expires_s = 0, until_ms = 0;
	struct str v, call_id = STR_NONE, tag = STR_NONE;
	char key;
	while (image_take(&image, &key, &v) == ERR_OK) {
		if (key == 'i')
			call_id = v;
		else if (key == 't')
			tag = v;
		else if (str_to_u64(v, INT64_MAX,
				    key == 'c'	 ? &cseq
				    : key == 'e' ? &expires_s
						 : &until_ms) != ERR_OK)
			return;
	}
	if (!r || !call_id.n || !tag.n || cseq > INT32_MAX / 2 || expires_s > EXPIRES_MOST_S)
		return;
	text_set(&r->call_id, call_id);
	text_set(&r->tag, tag);
	r->cseq = (uint32_t)cseq + 10;
	r->expires_s = (uint32_t)expires_s;
	if ((int64_t)until_ms <= s->now_ms)
		return;
	int64_t left = MIN((int64_t)until_ms - s->now_ms, (int64_t)EXPIRES_MOST_S * 1000);
	r->until_ms = s->now_ms + left;
	r->status = 200;
	wait_ms(r, left / 2 + (int64_t)(engine_dice(s) % (uint64_t)(left / 4 + 1)));
	timer_start(s->o.timers, &r->end, r->until_ms, end_now, r);
	tell(r);
}

void registrations_finish(struct sip *s)
{
	pool_for_each (struct registration, r, s->registrations)
		forget(r);
	pool_destroy(s->registrations);
}

void registrations_init(struct sip *s)
{
	s->registrations = pool_create("sip registrations", sizeof(struct registration), 4096);
}
