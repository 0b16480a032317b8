/*
 * stream.c - TCP and TLS: one message after the other out of a stream, RFC 3261 section 18.3; and
 * WebSockets, where a message is a message (RFC 7118 section 5.1).
 */
#include "sip/engine.h"

#include <stdlib.h>

enum { ADDRESS_KEY = 24 };

struct stream {
	uint32_t number;
	struct sip_address peer;
	uint8_t address[ADDRESS_KEY]; /* of peer: the key of by_peer */
	struct buf left;	      /* an unfinished message */
	bool lost;		      /* no framing any more: all else is thrown away */
};

static struct str number_key(const uint32_t *number)
{
	return str_make((const char *)number, sizeof *number);
}

static void address_key(const struct sip_address *a, uint8_t out[ADDRESS_KEY])
{
	memset(out, 0, ADDRESS_KEY);
	out[0] = a->family;
	memcpy(out + 1, a->ip, a->family == 4 ? 4 : 16);
	out[17] = (uint8_t)(a->port >> 8);
	out[18] = (uint8_t)a->port;
	out[19] = (uint8_t)a->transport;
	memcpy(out + 20, &a->server, sizeof a->server);
}

static struct stream *find(struct sip *s, uint32_t number)
{
	return map_get(&s->streams, number_key(&number));
}

void sip_stream_opened(struct sip *s, const struct sip_address *peer, uint32_t number)
{
	if (!number || find(s, number))
		return;
	struct stream *st = xcalloc(1, sizeof *st);
	st->number = number;
	st->peer = *peer;
	address_key(peer, st->address);
	CHECK(map_add(&s->streams, number_key(&st->number), st) == ERR_OK);
	struct str key = str_make((const char *)st->address, sizeof st->address);
	map_remove(&s->by_peer, key); /* the newest is the one to use */
	CHECK(map_add(&s->by_peer, key, st) == ERR_OK);
}

static void forget(struct sip *s, struct stream *st)
{
	struct str key = str_make((const char *)st->address, sizeof st->address);
	if (map_get(&s->by_peer, key) == st)
		map_remove(&s->by_peer, key);
	map_remove(&s->streams, number_key(&st->number));
	buf_free(&st->left);
	free(st);
}

void sip_stream_closed(struct sip *s, uint32_t number)
{
	struct stream *st = find(s, number);
	if (!st)
		return;
	struct sip_address peer = st->peer;
	forget(s, st);
	txn_peer_lost(s, &peer);
	registrar_stream_closed(s, &peer);
}

void sip_connect_failed(struct sip *s, const struct sip_address *to)
{
	txn_peer_lost(s, to);
}

void streams_finish(struct sip *s)
{
	uint32_t at = 0;
	for (struct stream *st; (st = map_next(&s->streams, &at)) != NULL;) {
		buf_free(&st->left);
		free(st);
	}
	map_finish(&s->streams);
	map_finish(&s->by_peer);
}

uint32_t stream_for(struct sip *s, const struct sip_address *to)
{
	struct stream *st = to->stream ? find(s, to->stream) : NULL;
	if (!st || st->lost) {
		uint8_t key[ADDRESS_KEY];
		address_key(to, key);
		st = map_get(&s->by_peer, str_make((const char *)key, sizeof key));
	}
	return st && !st->lost ? st->number : 0;
}

static void lose(struct sip *s, struct stream *st)
{
	st->lost = true;
	buf_free(&st->left);
	s->counters[COUNT_malformed]++;
	if (s->o.user.drop)
		s->o.user.drop(s->o.user.arg, st->number);
}

void sip_messages_to(struct sip *s,
		     void (*take)(void *arg, const struct sip_address *from, struct str message),
		     void *arg)
{
	s->take = take;
	s->take_arg = arg;
}

void sip_message(struct sip *s, const struct sip_address *from, struct str message)
{
	if (find(s, from->stream))
		engine_message(s, from, message, false);
}

static void show(struct sip *s, const struct sip_address *from, struct str message)
{
	if (s->take)
		s->take(s->take_arg, from, message);
	else
		engine_message(s, from, message, false);
}

/* Takes whole messages off *rest. False: the stream is gone or lost. */
static bool take_messages(struct sip *s, const struct sip_address *from, struct str *rest)
{
	for (;;) {
		/* RFC 3261 section 7.5: blank lines before a message; RFC 5626 section 3.5.1: two
		 * of them ask for one back */
		while (rest->n >= 2 && rest->p[0] == '\r' && rest->p[1] == '\n') {
			bool half = rest->n < 4 && (rest->n < 3 || rest->p[2] == '\r');
			if (half) /* of a ping, or a blank line: what follows tells */
				return true;
			bool ping = rest->n >= 4 && rest->p[2] == '\r' && rest->p[3] == '\n';
			if (ping)
				s->o.user.send(s->o.user.arg, from, STR("\r\n"));
			*rest = str_from(*rest, ping ? 4 : 2);
		}
		size_t n;
		enum err e = sip_frame(*rest, &n);
		struct stream *st = find(s, from->stream);
		if (!st)
			return false;
		if (e == ERR_AGAIN)
			return true;
		if (e != ERR_OK) {
			/* tell the sender what can be told: the head alone is a bad message */
			engine_message(s, from, str_head(*rest, MESSAGE_BYTES_MAX), true);
			st = find(s, from->stream);
			if (st)
				lose(s, st);
			return false;
		}
		struct str one = str_head(*rest, n);
		*rest = str_from(*rest, n);
		show(s, from, one);
	}
}

/* RFC 7118 section 5.1: one message, whole; section 6 and RFC 5626 section 3.5.1: a ping. */
static void web_message(struct sip *s, const struct sip_address *from, struct str bytes)
{
	if (str_is(bytes, "\r\n\r\n"))
		s->o.user.send(s->o.user.arg, from, STR("\r\n"));
	else if (str_trim(bytes).n)
		show(s, from, bytes);
}

void stream_input(struct sip *s, const struct sip_address *from, struct str bytes)
{
	struct stream *st = find(s, from->stream);
	if (!st) {
		sip_stream_opened(s, from, from->stream);
		st = find(s, from->stream);
	}
	if (!st || st->lost)
		return;
	if (sip_is_web(from->transport)) {
		web_message(s, from, bytes);
		return;
	}
	if (!st->left.n) {
		if (!take_messages(s, from, &bytes))
			return;
		st = find(s, from->stream);
		if (st && bytes.n) {
			if (!st->left.p)
				st->left = buf_grow(2048);
			buf_put(&st->left, bytes);
		}
		return;
	}
	buf_put(&st->left, bytes);
	/* The buffer is the stream's: it is lent to this turn while messages are taken off it. */
	struct buf lent = st->left;
	struct str rest = buf_str(&lent);
	st->left = (struct buf){0};
	bool alive = take_messages(s, from, &rest);
	st = alive ? find(s, from->stream) : NULL;
	if (!st) {
		buf_free(&lent);
		return;
	}
	memmove(lent.p, rest.p, rest.n);
	lent.n = rest.n;
	st->left = lent;
}
