/*
 * transaction.c - the four machines of RFC 3261 section 17, with the accepted states of RFC 6026.
 *
 * Timer names in comments are those of RFC 3261 table 4.
 */
#include "sip/engine.h"

#include <stdlib.h>

void text_set(struct text *t, struct str s)
{
	CHECK(s.n < UINT32_MAX);
	if (s.n > t->n || !t->p)
		t->p = xrealloc(t->p, s.n + 1);
	if (s.n)
		memmove(t->p, s.p, s.n);
	t->n = (uint32_t)s.n;
}

void text_free(struct text *t)
{
	free(t->p);
	*t = (struct text){0};
}

struct txn *txn_get(struct sip *s, struct txn_id id)
{
	return pool_get(s->txns, ID(id));
}

struct txn_id txn_id_of(const struct txn *t)
{
	return ID_AS(txn_id, pool_id(t->sip->txns, t));
}

static bool reliable(const struct txn *t)
{
	return sip_is_stream(t->peer.transport);
}

/* -- keys: RFC 3261 sections 17.1.3 and 17.2.3 -- */

void txn_client_key(struct buf *out, struct str branch, enum sip_method method)
{
	buf_c(out, "C ");
	buf_u64(out, method);
	buf_ch(out, ' ');
	buf_put(out, branch);
}

struct str txn_server_key(struct sip *s, enum sip_method method, struct buf *out)
{
	const struct sip_message *m = &s->in;
	const struct sip_via *v = &m->via;
	struct str text = method == METHOD_OTHER ? m->method_text : str_of(sip_method_name(method));
	/* An empty branch behind the cookie names nothing: RFC 4475 section 3.2.1 */
	if (v->branch.n > 7 && str_ieq(str_head(v->branch, 7), STR("z9hG4bK"))) {
		buf_c(out, "S ");
		buf_put(out, text);
		buf_ch(out, ' ');
		buf_put(out, v->branch);
		buf_ch(out, ' ');
		buf_put(out, v->host);
		buf_ch(out, ':');
		buf_u64(out, v->port);
	} else { /* RFC 2543 peers */
		buf_c(out, "O ");
		buf_put(out, text);
		buf_ch(out, ' ');
		buf_put(out, m->uri);
		buf_ch(out, ' ');
		buf_put(out, m->from.tag);
		buf_ch(out, ' ');
		buf_put(out, m->call_id);
		buf_ch(out, ' ');
		buf_u64(out, m->cseq);
		buf_ch(out, ' ');
		buf_put(out, v->value);
	}
	return buf_str(out);
}

struct txn *txn_find_server(struct sip *s, enum sip_method method)
{
	struct buf key = buf_make(s->scratch, sizeof s->scratch);
	return map_get(&s->by_key, txn_server_key(s, method, &key));
}

/* -- birth and death -- */

static struct txn *take(struct sip *s, enum txn_kind kind, struct str key)
{
	struct id id;
	if (map_get(&s->by_key, key))
		return NULL;
	struct txn *t = pool_take(s->txns, &id);
	if (!t) {
		s->counters[COUNT_transactions_full]++;
		return NULL;
	}
	t->sip = s;
	t->kind = kind;
	text_set(&t->key, key);
	CHECK(map_add(&s->by_key, text_str(&t->key), t) == ERR_OK);
	return t;
}

void txn_end(struct txn *t)
{
	struct sip *s = t->sip;
	timer_stop(s->o.timers, &t->repeat);
	timer_stop(s->o.timers, &t->life);
	map_remove(&s->by_key, text_str(&t->key));
	text_free(&t->key);
	text_free(&t->bytes);
	text_free(&t->ack);
	text_free(&t->head);
	text_free(&t->routes);
	pool_give(s->txns, t);
}

static void client_timeout(struct txn *t)
{
	struct sip *s = t->sip;
	struct call *c = call_get(s, t->call);
	s->counters[COUNT_timeouts]++;
	if (t->use == USE_REGISTER)
		register_timeout(s, t);
	else if (t->use == USE_PING)
		ping_timeout(s, t);
	if (c)
		uac_timeout(c, t); /* may use t's place for new ones, but not end it */
}

static void life_over(struct timer *timer, int64_t now_ms)
{
	struct txn *t = timer->arg;
	(void)now_ms;
	bool client = t->kind == TXN_CLIENT || t->kind == TXN_CLIENT_INVITE;
	if (client && (t->state == TXN_TRYING || t->state == TXN_PROCEEDING))
		client_timeout(t); /* timers B and F */
	txn_end(t);
}

static void live_for(struct txn *t, int64_t ms)
{
	timer_start(t->sip->o.timers, &t->life, t->sip->now_ms + ms, life_over, t);
}

void txn_expire(struct txn *t, int64_t after_ms)
{
	if (t->state == TXN_TRYING || t->state == TXN_PROCEEDING)
		live_for(t, after_ms);
}

/* RFC 3261 section 17.1.4: a transport error ends the wait. Once a 1xx came the peer has the
 * request and may answer on a connection of its own. */
void txn_peer_lost(struct sip *s, const struct sip_address *peer)
{
	pool_for_each (struct txn, t, s->txns) {
		bool client = t->kind == TXN_CLIENT || t->kind == TXN_CLIENT_INVITE;
		bool its_way = sip_address_eq(&t->peer, peer) ||
			       (peer->stream && t->peer.stream == peer->stream);
		if (client && t->state == TXN_TRYING && its_way)
			live_for(t, 0);
	}
}

static void repeat_now(struct timer *timer, int64_t now_ms)
{
	struct txn *t = timer->arg;
	struct sip *s = t->sip;
	s->counters[COUNT_retransmissions]++;
	t->interval_ms *= 2;
	if (t->kind != TXN_CLIENT_INVITE)
		t->interval_ms = MIN(t->interval_ms, T2_MS);
	if (t->kind == TXN_CLIENT && t->state == TXN_PROCEEDING)
		t->interval_ms = T2_MS;
	timer_start(s->o.timers, timer, now_ms + t->interval_ms, repeat_now, t);
	engine_send(s, t->call, &t->peer, text_str(&t->bytes));
}

static void repeat_from(struct txn *t, int64_t ms)
{
	t->interval_ms = ms;
	if (!reliable(t))
		timer_start(t->sip->o.timers, &t->repeat, t->sip->now_ms + ms, repeat_now, t);
}

/* -- server -- */

struct txn *txn_server_create(struct sip *s, struct sip_call_id call, struct str to_tag)
{
	struct buf key = buf_make(s->scratch, sizeof s->scratch);
	bool invite = s->in.method == METHOD_INVITE;
	struct txn *t = take(s, invite ? TXN_SERVER_INVITE : TXN_SERVER,
			     txn_server_key(s, s->in.method, &key));
	if (!t)
		return NULL;
	t->method = s->in.method;
	t->state = invite ? TXN_PROCEEDING : TXN_TRYING;
	t->call = call;
	t->peer = engine_reply_address(s);
	struct buf head = buf_make(s->head, sizeof s->head);
	write_reply_head(s, &head, to_tag);
	text_set(&t->head, buf_str(&head));
	if (invite) {
		head.n = 0;
		write_record_routes(s, &head);
		text_set(&t->routes, buf_str(&head));
	}
	return t;
}

void txn_respond(struct txn *t, uint32_t status, struct str bytes)
{
	struct sip *s = t->sip;
	struct sip_address peer = t->peer;
	text_set(&t->bytes, bytes);
	if (status >= 200) {
		if (t->kind == TXN_SERVER) {
			t->state = TXN_COMPLETED;
			live_for(t, reliable(t) ? 0 : 64 * s->t1_ms); /* J */
		} else if (status < 300) {
			t->state =
				TXN_ACCEPTED; /* RFC 6026 section 7.1; the call repeats the 2xx */
			live_for(t, 64 * s->t1_ms); /* L */
		} else {
			t->state = TXN_COMPLETED;
			repeat_from(t, s->t1_ms);   /* G */
			live_for(t, 64 * s->t1_ms); /* H */
		}
		text_free(&t->routes);
		text_free(&t->head);
	}
	engine_send(s, t->call, &peer, bytes);
}

void txn_server_again(struct txn *t, enum sip_method method)
{
	struct sip *s = t->sip;
	if (method == METHOD_ACK) {
		if (t->state != TXN_COMPLETED)
			return;
		t->state = TXN_CONFIRMED;
		timer_stop(s->o.timers, &t->repeat);
		live_for(t, reliable(t) ? 0 : T4_MS); /* I */
		return;
	}
	bool repeat = t->kind == TXN_SERVER ? t->state == TXN_COMPLETED
					    : t->state != TXN_CONFIRMED && t->state != TXN_ACCEPTED;
	if (t->state == TXN_ACCEPTED) {
		/* The peer did not see the 2xx: while its ACK is out, say it again at once. */
		struct call *c = call_get(s, t->call);
		repeat = c && c->final.n;
	}
	if (repeat && t->bytes.n) {
		s->counters[COUNT_retransmissions]++;
		engine_send(s, t->call, &t->peer, text_str(&t->bytes));
	}
}

/* -- client -- */

struct txn *txn_client_create(struct sip *s, enum sip_method method, struct str branch,
			      const struct sip_address *peer, struct str bytes, enum txn_use use,
			      struct sip_call_id call)
{
	char text[64];
	struct buf key = buf_make(text, sizeof text);
	bool invite = method == METHOD_INVITE;
	txn_client_key(&key, branch, method);
	struct txn *t = take(s, invite ? TXN_CLIENT_INVITE : TXN_CLIENT, buf_str(&key));
	if (!t) {
		if (!invite)
			engine_send(s, call, peer, bytes);
		return NULL;
	}
	t->method = method;
	t->use = use;
	t->call = call;
	t->peer = *peer;
	text_set(&t->bytes, bytes);
	repeat_from(t, s->t1_ms);   /* A, E */
	live_for(t, 64 * s->t1_ms); /* B, F */
	engine_send(s, call, peer, text_str(&t->bytes));
	return t;
}

struct txn *txn_restore(struct sip *s, enum txn_kind kind, enum sip_method method, struct str key,
			const struct sip_address *peer, struct sip_call_id call)
{
	struct txn *t = take(s, kind, key);
	if (!t)
		return NULL;
	t->method = method;
	t->state = TXN_PROCEEDING;
	t->call = call;
	t->peer = *peer;
	return t;
}

void txn_restore_accepted(struct txn *t, struct str final)
{
	t->state = t->kind == TXN_SERVER_INVITE ? TXN_ACCEPTED : TXN_COMPLETED;
	if (final.n)
		text_set(&t->bytes, final);
	live_for(t, 64 * t->sip->t1_ms);
}

/* RFC 3261 section 17.1.1.3: made of our own INVITE and of the To of the refusal. */
static void acknowledge_refusal(struct txn *t)
{
	struct sip *s = t->sip;
	if (!t->ack.n) {
		struct sip_message invite;
		uint32_t at = 0;
		CHECK(sip_parse(text_str(&t->bytes), &invite) == ERR_OK);
		struct request r = {
			.method = METHOD_ACK,
			.uri = invite.uri,
			.branch = invite.via.branch,
			.local = sip_header_get(&invite, HDR_FROM),
			.remote = sip_header_get(&s->in, HDR_TO),
			.call_id = invite.call_id,
			.cseq = invite.cseq,
			.transport = t->peer.transport,
		};
		if (!sip_header_next(&invite, HDR_ROUTE, &at, &r.routes))
			r.routes = STR_NONE;
		text_set(&t->ack, write_request(s, &r));
	}
	engine_send(s, t->call, &t->peer, text_str(&t->ack));
}

static void tell_response(struct txn *t)
{
	struct call *c = call_get(t->sip, t->call);
	if (t->use == USE_REGISTER)
		register_response(t->sip, t);
	else if (t->use == USE_PING)
		ping_response(t->sip, t);
	else if (c)
		uac_response(c, t);
	else if (t->kind == TXN_CLIENT_INVITE && t->sip->in.status / 100 == 2)
		uac_orphan_2xx(t->sip, t);
}

static void invite_response(struct txn *t, uint32_t status)
{
	struct sip *s = t->sip;
	if (t->state == TXN_COMPLETED) {
		if (status >= 300)
			acknowledge_refusal(t);
		return;
	}
	if (t->state == TXN_ACCEPTED) {
		if (status >= 200 && status < 300)
			tell_response(t);
		return;
	}
	timer_stop(s->o.timers, &t->repeat);
	if (status < 200) {
		/* Timer B is for the first answer only; one set since by CANCEL stays. */
		if (t->state == TXN_TRYING)
			timer_stop(s->o.timers, &t->life);
		t->state = TXN_PROCEEDING;
	} else if (status < 300) {
		t->state = TXN_ACCEPTED;
		live_for(t, 64 * s->t1_ms); /* M */
	} else {
		t->state = TXN_COMPLETED;
		acknowledge_refusal(t);
		live_for(t, reliable(t) ? 0 : 64 * s->t1_ms); /* D */
	}
	tell_response(t);
}

bool txn_response(struct sip *s)
{
	char text[64];
	struct buf key = buf_make(text, sizeof text);
	uint32_t status = s->in.status;
	if (s->in.via.branch.n != BRANCH_TEXT || s->in.method == METHOD_OTHER)
		return false;
	txn_client_key(&key, s->in.via.branch, s->in.method);
	struct txn *t = map_get(&s->by_key, buf_str(&key));
	if (!t)
		return false;
	engine_trace_in(s, t->call);
	if (t->kind == TXN_CLIENT_INVITE) {
		invite_response(t, status);
		return true;
	}
	if (t->state == TXN_COMPLETED)
		return true;
	if (status < 200) {
		t->state = TXN_PROCEEDING;
		return true;
	}
	t->state = TXN_COMPLETED;
	timer_stop(s->o.timers, &t->repeat);
	live_for(t, reliable(t) ? 0 : T4_MS); /* K */
	tell_response(t);
	return true;
}
