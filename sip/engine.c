/*
 * engine.c - the way of a message through the engine: parse, find what it belongs to, judge who
 * may, hand it on. Refusals that need no memory are made here.
 */
#include "sip/engine.h"
#include "sip/gate.h"

#include <stdlib.h>

uint64_t engine_dice(struct sip *s)
{
	return s->o.dice(s->o.dice_arg);
}

void engine_hex16(uint64_t v, char out[17])
{
	static const char digit[] = "0123456789abcdef";
	for (int i = 0; i < 16; i++)
		out[i] = digit[v >> (60 - 4 * i) & 15];
	out[16] = 0;
}

/* -- life -- */

struct sip *sip_create(const struct sip_options *o)
{
	struct sip *s = xcalloc(1, sizeof *s);
	s->o = *o;
	s->t1_ms = o->t1_ms ? o->t1_ms : 500;
	s->calls = pool_create("sip calls", sizeof(struct call), o->calls_max);
	pool_born(s->calls, o->birth);
	s->txns = pool_create("sip transactions", sizeof(struct txn), o->transactions_max);
	map_init(&s->by_tag, engine_dice(s));
	map_init(&s->by_key, engine_dice(s));
	map_init(&s->streams, engine_dice(s));
	map_init(&s->by_peer, engine_dice(s));
	auth_init(&s->auth, o->secret);
	/* A digest costs microseconds: the ceilings are there for guessing's sake alone. */
	s->guesses = limit_create(&(struct limit_options){.places = 65536,
							  .seed = engine_dice(s),
							  .wrong_burst = 1000,
							  .wrong_per_second = 50,
							  .source_burst = 100,
							  .source_per_second = 10});
	struct buf product = buf_make(s->product, sizeof s->product - 1);
	put_value(&product, str_head(o->product.n ? o->product : STR("centrala"), 100));
	transport_advertise(s, o);
	sip_default_realm(s, o->default_realm);
	s->registrar = registrar_create(s);
	registrations_init(s);
	return s;
}

void sip_destroy(struct sip *s)
{
	if (!s)
		return;
	pool_for_each (struct call, c, s->calls)
		call_free(c);
	pool_for_each (struct txn, t, s->txns)
		txn_end(t);
	registrations_finish(s);
	registrar_destroy(s->registrar);
	streams_finish(s);
	map_finish(&s->by_tag);
	map_finish(&s->by_key);
	auth_finish(&s->auth);
	limit_destroy(s->guesses);
	pool_destroy(s->calls);
	pool_destroy(s->txns);
	free(s);
}

void sip_time(struct sip *s, int64_t now_ms)
{
	s->now_ms = now_ms;
}

void sip_default_realm(struct sip *s, struct str realm)
{
	struct buf b = buf_make(s->default_realm, sizeof s->default_realm - 1);
	struct str port;
	if (!realm.n)
		str_cut(str_of(s->advertise[0]), ':', &realm, &port);
	put_value(&b, str_head(realm, sizeof s->default_realm - 1));
	s->default_realm[b.n] = 0;
	s->o.default_realm = str_of(s->default_realm);
}

void sip_counters(const struct sip *s, struct buf *out)
{
	static const char *const names[] = {
#define COUNTER(name) #name,
#include "sip/counters.def"
#undef COUNTER
	};
	for (uint32_t i = 0; i < COUNTER_COUNT; i++)
		buf_fmt(out, "sip_%s_total %llu\n", names[i], (unsigned long long)s->counters[i]);
	buf_fmt(out, "sip_calls %u\nsip_transactions %u\nsip_bindings %u\n", pool_count(s->calls),
		pool_count(s->txns), registrar_count(s));
}

/* -- out -- */

void engine_trace_in(struct sip *s, struct sip_call_id call)
{
	if (s->in_traced || !s->in_source)
		return;
	s->in_traced = true;
	if (s->o.user.trace)
		s->o.user.trace(s->o.user.arg, call, false, s->in_source, s->in_bytes);
}

void engine_send(struct sip *s, struct sip_call_id call, const struct sip_address *to,
		 struct str bytes)
{
	struct sip_address where = *to;
	if (!bytes.n)
		return; /* did not fit: the writers are bounded, the peer's texts too */
	engine_trace_in(s, call);
	where.stream = sip_is_stream(to->transport) ? stream_for(s, to) : 0;
	/* a phone that lost its connection and came back on another one: RFC 5626 section 5.3 */
	const struct call *c =
		where.stream || !sip_is_stream(to->transport) ? NULL : call_get(s, call);
	if (c && registrar_flow(s, text_str(&c->target), &where))
		where.stream = stream_for(s, &where);
	s->counters[COUNT_messages_out]++;
	if (s->o.user.trace && !s->hushed)
		s->o.user.trace(s->o.user.arg, call, true, &where, bytes);
	s->o.user.send(s->o.user.arg, &where, bytes);
}

struct sip_address engine_reply_address(struct sip *s)
{
	struct sip_address to = *s->in_source;
	/* To the address it came from, never to one it names (maddr): nobody is to be shot at
	 * through us. Only the port is the peer's to say, and not when it asked for rport. */
	if (to.transport == SIP_UDP && !s->in.via.rport)
		to.port = s->in.via.port ? s->in.via.port : 5060;
	return to;
}

/* The tag of a stateless answer: the same for every repetition, RFC 3261 section 8.2.7. */
static void stateless_tag(struct sip *s, char out[17])
{
	uint64_t seed;
	memcpy(&seed, s->o.secret, sizeof seed);
	seed = str_hash(s->in.via.branch, seed);
	seed = str_hash(s->in.call_id, seed);
	engine_hex16(str_hash(s->in.from.tag, seed), out);
}

void engine_reply(struct sip *s, uint32_t status, struct str to_tag, struct str extra)
{
	if (s->in.method == METHOD_ACK)
		return; /* RFC 3261 section 17: never answered */
	struct buf head = buf_make(s->head, sizeof s->head);
	write_reply_head(s, &head, to_tag);
	struct reply r = {.status = status, .head = buf_str(&head), .extra = extra};
	struct sip_address to = engine_reply_address(s);
	engine_send(s, (struct sip_call_id){0}, &to, write_reply(s, &r));
}

void engine_refuse(struct sip *s, uint32_t status, struct str extra)
{
	char tag[17];
	if (s->in.method == METHOD_ACK)
		return;
	if (status >= 400)
		s->counters[COUNT_refused_requests]++;
	stateless_tag(s, tag);
	engine_reply(s, status, str_of(tag), extra);
}

static void refuse_with_allow(struct sip *s, uint32_t status)
{
	char text[512];
	struct buf allow = buf_make(text, sizeof text);
	write_abilities(&allow);
	engine_refuse(s, status, buf_str(&allow));
}

/* -- who is it -- */

static struct str uri_host(struct str text)
{
	struct sip_uri u;
	return sip_uri_parse(text, &u) == ERR_OK ? u.host : STR_NONE;
}

struct str engine_realm(struct sip *s, struct str first, struct str second)
{
	const struct str hosts[] = {uri_host(first), uri_host(second)};
	for (size_t i = 0; i < COUNT_OF(hosts); i++)
		if (hosts[i].n && s->o.user.domain_ours(s->o.user.arg, hosts[i]))
			return hosts[i];
	return str_of(s->default_realm);
}

/* The digest's uri may be of another form than ours (sipp says its host alone), but not of another
 * user: else what somebody signed for one number could be sent for another. RFC 7616 section 3.4.6
 */
static bool same_resource(struct sip *s, struct str digest_uri)
{
	struct sip_uri said, asked;
	if (sip_uri_parse(digest_uri, &said) != ERR_OK || !said.user.n)
		return true;
	return sip_uri_parse(s->in.uri, &asked) == ERR_OK && str_eq(said.user, asked.user);
}

/* Checks one digest, unless too many wrong ones came from there for this account: then none is
 * looked at for a while, and the answer is the same challenge as ever. */
static enum auth_verdict check_slowly(struct sip *s, const struct digest *d)
{
	struct str md5 = STR_NONE, sha256 = STR_NONE;
	bool wants_sha256 = false;
	char account_text[200], from_text[64];
	struct buf account = buf_make(account_text, sizeof account_text);
	struct buf from = buf_make(from_text, sizeof from_text);
	buf_put(&account, str_head(d->username, 100));
	buf_ch(&account, '@');
	buf_put(&account, str_head(d->realm, 90));
	buf_hex(&from, s->in_source->ip, s->in_source->family == 4 ? 4 : 16);
	if (limit_wait_ms(s->guesses, buf_str(&from), buf_str(&account), s->now_ms)) {
		s->counters[COUNT_slowed_credentials]++;
		return AUTH_BAD;
	}
	if (s->o.user.secret(s->o.user.arg, d->username, d->realm, &md5, &sha256, &wants_sha256) !=
	    ERR_OK)
		md5 = sha256 = STR_NONE;
	if (wants_sha256 && sha256.n)
		md5 = STR_NONE; /* what it was declared for is not talked down: RFC 8760 */
	enum auth_verdict verdict =
		auth_check(&s->auth, d, s->in.method_text, md5, sha256, s->in_source, s->now_ms);
	if (verdict == AUTH_GOOD && !same_resource(s, d->uri))
		verdict = AUTH_BAD;
	uint32_t wrong = limit_result(s->guesses, buf_str(&from), buf_str(&account),
				      verdict != AUTH_BAD, s->now_ms);
	if (verdict == AUTH_BAD)
		s->counters[COUNT_bad_credentials]++;
	if (wrong && wrong % LIMIT_FREE_TRIES == 0 && s->o.user.guessed)
		s->o.user.guessed(s->o.user.arg, s->in_source, d->username, d->realm, wrong);
	return verdict;
}

/* The first digest there decides: trying many would be a free guess each. */
enum auth_verdict engine_credentials(struct sip *s, struct str *user, struct str *realm)
{
	uint32_t at = 0;
	for (struct str v; sip_header_next(&s->in, HDR_AUTHORIZATION, &at, &v);) {
		struct digest d;
		enum err e = digest_parse(v, &d);
		if (e == ERR_UNSUPPORTED)
			continue;
		if (e != ERR_OK || !d.username.n || !d.realm.n || !d.nonce.n)
			return AUTH_BAD;
		enum auth_verdict verdict = check_slowly(s, &d);
		if (verdict == AUTH_GOOD) {
			*user = d.username;
			*realm = d.realm;
		}
		return verdict;
	}
	return AUTH_NONE;
}

/* Which algorithm the phone behind this address of record is declared for. */
static bool wants_sha256(struct sip *s, struct str who_uri, struct str realm)
{
	struct sip_uri u;
	struct str md5 = STR_NONE, sha256 = STR_NONE;
	bool wants = false;
	if (sip_uri_parse(who_uri, &u) != ERR_OK || !u.user.n)
		return false;
	enum err e = s->o.user.secret(s->o.user.arg, u.user, realm, &md5, &sha256, &wants);
	return wants && (e != ERR_OK || sha256.n); /* a stranger may be taken for such a phone */
}

void engine_challenge_line(struct sip *s, struct buf *out, struct str realm, struct str who_uri,
			   const struct sip_address *source, bool stale)
{
	bool sha256 = wants_sha256(s, who_uri, realm);
	s->counters[COUNT_challenges]++;
	buf_c(out, "WWW-Authenticate: ");
	auth_challenge(&s->auth, out, realm, source, s->now_ms, sha256, stale);
	buf_c(out, "\r\n");
}

enum err auth_answer(struct sip *s, bool again, struct str user, struct str password,
		     struct str method, struct str uri, struct text *line,
		     enum sip_header_name *header)
{
	bool proxy = s->in.status == 407;
	enum sip_header_name from = proxy ? HDR_PROXY_AUTHENTICATE : HDR_WWW_AUTHENTICATE;
	char text[2048];
	uint32_t at = 0;
	for (struct str v; sip_header_next(&s->in, from, &at, &v);) {
		struct digest d;
		struct buf b = buf_make(text, sizeof text);
		if (digest_parse(v, &d) != ERR_OK || !d.nonce.n)
			continue;
		if (again && !d.stale) /* wrong once is wrong again */
			return ERR_NOT_FOUND;
		if (auth_respond(&b, &d, user, password, method, uri, engine_dice(s)) != ERR_OK ||
		    b.full)
			continue;
		text_set(line, buf_str(&b));
		*header = proxy ? HDR_PROXY_AUTHORIZATION : HDR_AUTHORIZATION;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

void engine_challenge(struct sip *s, struct str realm, bool stale)
{
	char text[1024];
	struct buf extra = buf_make(text, sizeof text);
	bool registering = s->in.method == METHOD_REGISTER;
	engine_challenge_line(s, &extra, realm, registering ? s->in.to.uri : s->in.from.uri,
			      s->in_source, stale);
	engine_refuse(s, 401, buf_str(&extra));
}

/* -- what is it -- */

static bool known_extension(struct str tag)
{
	static const char *const known[] = {"100rel",	  "timer", "replaces",
					    "norefersub", "path",  "outbound"};
	for (size_t i = 0; i < COUNT_OF(known); i++)
		if (str_ieq(tag, str_of(known[i])))
			return true;
	return false;
}

/* RFC 3261 section 8.2.2.3. False: refused. */
bool engine_require_known(struct sip *s)
{
	char text[2048];
	struct buf extra = buf_make(text, sizeof text - 2);
	uint32_t at = 0;
	bool any = false;
	for (struct str v, tag; sip_header_next(&s->in, HDR_REQUIRE, &at, &v);) {
		while (sip_take_element(&v, &tag)) {
			if (known_extension(tag))
				continue;
			buf_c(&extra, any ? ", " : "Unsupported: ");
			put_value(&extra, tag);
			any = true;
		}
	}
	if (!any)
		return true;
	extra.cap += 2;
	extra.full = false;
	buf_c(&extra, "\r\n");
	engine_refuse(s, 420, buf_str(&extra));
	return false;
}

/* RFC 3261 section 8.1.1.6 and 11: hops used up; OPTIONS to ourselves may still be answered. */
static bool hops_left(struct sip *s)
{
	if (s->in.max_forwards > 0)
		return true;
	struct str host = uri_host(s->in.uri);
	if (s->in.method == METHOD_OPTIONS && host.n && s->o.user.domain_ours(s->o.user.arg, host))
		return true;
	engine_refuse(s, 483, STR_NONE);
	return false;
}

static void answer_options(struct sip *s)
{
	char text[512];
	struct buf extra = buf_make(text, sizeof text);
	write_abilities(&extra);
	buf_c(&extra, "Accept: application/sdp\r\n");
	engine_refuse(s, 200, buf_str(&extra));
}

/* The last places are for help and for calls that live: their BYE needs a transaction too. Refused
 * without memory, or the refusals would take them. */
static bool has_room(struct sip *s)
{
	char text[40];
	struct buf extra = buf_make(text, sizeof text);
	const struct pool *pools[] = {s->calls, s->txns};
	bool room = true;
	for (size_t i = 0; i < COUNT_OF(pools); i++)
		room = room &&
		       pool_count(pools[i]) + pool_limit(pools[i]) / 16 < pool_limit(pools[i]);
	if (room || gate_kind(s->in_bytes) == GATE_HELP)
		return true;
	s->counters[COUNT_calls_full]++;
	buf_fmt(&extra, "Retry-After: %u\r\n", 1 + (uint32_t)(engine_dice(s) % 10));
	engine_refuse(s, 503, buf_str(&extra));
	return false;
}

static void out_of_dialog(struct sip *s)
{
	struct str user = STR_NONE, realm = STR_NONE;
	struct sip_uri uri;
	enum auth_verdict verdict;
	bool trusted;
	CHECK(sip_uri_parse(s->in.uri, &uri) == ERR_OK);
	switch (s->in.method) {
	case METHOD_INVITE:
		/* A trunk's peer needs none, but may be asked (sip_call_challenge) and answer. */
		trusted = s->o.user.trusted(s->o.user.arg, s->in_source);
		verdict = engine_credentials(s, &user, &realm);
		if (verdict == AUTH_STALE || (verdict != AUTH_GOOD && !trusted)) {
			engine_challenge(s, engine_realm(s, s->in.from.uri, s->in.to.uri),
					 verdict == AUTH_STALE);
			return;
		}
		if (hops_left(s) && engine_require_known(s) && has_room(s))
			uas_invite(s, user, realm);
		break;
	case METHOD_REGISTER:
		registrar_register(s);
		break;
	case METHOD_OPTIONS:
		if (hops_left(s) && engine_require_known(s))
			answer_options(s);
		break;
	case METHOD_BYE:
	case METHOD_INFO:
	case METHOD_UPDATE:
	case METHOD_PRACK:
		engine_refuse(s, 481, STR_NONE);
		break;
	case METHOD_MESSAGE:
	case METHOD_SUBSCRIBE:
	case METHOD_NOTIFY:
	case METHOD_PUBLISH:
		refuse_with_allow(s, 405);
		break;
	case METHOD_REFER: /* only about a call that is there */
		engine_refuse(s, 403, STR_NONE);
		break;
	case METHOD_OTHER:
		refuse_with_allow(s, 501);
		break;
	case METHOD_ACK:
	case METHOD_CANCEL:
		break; /* were dealt with before */
	}
}

static struct call *dialog_find(struct sip *s)
{
	struct call *c = map_get(&s->by_tag, s->in.to.tag);
	if (!c || !str_eq(text_str(&c->call_id), s->in.call_id) ||
	    !str_eq(text_str(&c->remote_tag), s->in.from.tag))
		return NULL;
	return c;
}

static void inside_dialog(struct sip *s)
{
	struct call *c = dialog_find(s);
	if (!c) {
		engine_refuse(s, 481, STR_NONE);
		return;
	}
	engine_trace_in(s, c->id);
	if (s->in.method == METHOD_ACK) {
		uas_ack(s, c);
		return;
	}
	if (!engine_require_known(s))
		return;
	switch (s->in.method) {
	case METHOD_INVITE:
	case METHOD_BYE:
	case METHOD_INFO:
	case METHOD_UPDATE:
	case METHOD_REFER:
	case METHOD_PRACK:
		uas_in_dialog(s, c);
		break;
	case METHOD_OPTIONS:
		answer_options(s);
		break;
	case METHOD_OTHER:
		refuse_with_allow(s, 501);
		break;
	default:
		refuse_with_allow(s, 405);
		break;
	}
}

static void on_request(struct sip *s)
{
	enum sip_method method = s->in.method;
	struct sip_uri uri;
	struct txn *t = txn_find_server(s, method == METHOD_ACK ? METHOD_INVITE : method);
	/* RFC 6026 section 7.1: the ACK of a 2xx is not the transaction's */
	if (t && (method != METHOD_ACK || t->state == TXN_COMPLETED || t->state == TXN_CONFIRMED)) {
		engine_trace_in(s, t->call);
		txn_server_again(t, method);
		return;
	}
	if (method == METHOD_CANCEL) {
		t = txn_find_server(s, METHOD_INVITE);
		if (t) {
			engine_trace_in(s, t->call);
			uas_cancel(s, t);
		} else {
			engine_refuse(s, 481, STR_NONE);
		}
		return;
	}
	if (sip_uri_parse(s->in.uri, &uri) != ERR_OK) {
		engine_refuse(s, 400, STR_NONE);
	} else if (uri.scheme != SCHEME_SIP && uri.scheme != SCHEME_SIPS &&
		   uri.scheme != SCHEME_TEL) {
		engine_refuse(s, 416, STR_NONE);
	} else if (uri.headers.n) {
		engine_refuse(s, 400, STR_NONE); /* RFC 3261 section 19.1.1: not in a request URI */
	} else if (s->in.to.tag.n) {
		inside_dialog(s);
	} else {
		out_of_dialog(s);
	}
}

void engine_message(struct sip *s, const struct sip_address *from, struct str bytes, bool unframed)
{
	s->counters[COUNT_messages_in]++;
	s->in_source = from;
	s->in_bytes = bytes;
	s->in_traced = false;
	enum err e = sip_parse(bytes, &s->in);
	if (e == ERR_OK && unframed) {
		e = ERR_INVALID;
		s->in.refuse = s->in.request ? 400 : 0;
	}
	if (e != ERR_OK) {
		s->counters[COUNT_malformed]++;
		if (s->in.refuse)
			engine_refuse(s, s->in.refuse, STR_NONE);
	} else if (s->in.request) {
		on_request(s);
	} else if (!txn_response(s) && !uac_known_2xx(s)) {
		s->counters[COUNT_stray_responses]++;
	}
	engine_trace_in(s, (struct sip_call_id){0});
	s->in_source = NULL;
}

bool sip_turn_away(struct sip *s, const struct sip_address *from, struct str bytes,
		   uint32_t retry_after_s)
{
	char text[40];
	struct buf extra = buf_make(text, sizeof text);
	bool newcomer;
	if (sip_is_stream(from->transport) && stream_for(s, from) != from->stream)
		return true; /* he is gone: nobody is connected to for a refusal */
	s->in_source = from;
	s->in_bytes = bytes;
	s->in_traced = s->hushed = true; /* a flood must not wash the traces of calls away */
	newcomer = sip_parse(bytes, &s->in) == ERR_OK && s->in.request && !s->in.to.tag.n &&
		   !txn_find_server(s, s->in.method);
	if (newcomer) {
		s->counters[COUNT_messages_in]++;
		buf_fmt(&extra, "Retry-After: %u\r\n", retry_after_s);
		engine_refuse(s, 503, buf_str(&extra));
	}
	s->in_source = NULL;
	s->hushed = false;
	return newcomer;
}

void sip_input(struct sip *s, const struct sip_address *from, struct str bytes)
{
	if (sip_is_stream(from->transport)) {
		stream_input(s, from, bytes);
		return;
	}
	if (bytes.n && (unsigned char)bytes.p[0] < 4 && keepalive_is(bytes)) {
		keepalive_input(s, from, bytes);
		return;
	}
	while (bytes.n && (bytes.p[0] == '\r' || bytes.p[0] == '\n'))
		bytes = str_from(bytes, 1);
	if (bytes.n > 4) /* shorter ones keep a NAT open */
		engine_message(s, from, bytes, false);
}
