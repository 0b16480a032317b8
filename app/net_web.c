/*
 * net_web.c - SIP over WebSockets (RFC 7118): the offer of a page, then a SIP message in each
 * message. Whoever it is proves it by digest, as every phone.
 */
#include <stdlib.h>

#include "app/net_inside.h"
#include "os/clock.h"
#include "sip/message.h"
#include "web/upgrade.h"

#define PING_MS 25000 /* a proxy before us closes what is silent for a minute */
#define DEAF_MS 80000 /* three unanswered pings */

struct net_web {
	struct buf offer; /* of an unfinished head */
	struct ws_reader reader;
	int64_t heard_ms, pinged_ms;
};

struct net_web *net_web_create(void)
{
	struct net_web *w = xcalloc(1, sizeof *w);
	ws_reader_init(&w->reader, MESSAGE_BYTES_MAX);
	w->heard_ms = w->pinged_ms = clock_mono_ms();
	return w;
}

void net_web_destroy(struct net_web *w)
{
	if (!w)
		return;
	buf_free(&w->offer);
	ws_reader_finish(&w->reader);
	free(w);
}

/* -- the offer -- */

static bool listed(struct str list, struct str origin)
{
	struct str one;
	while (list.n) {
		str_cut(list, ',', &one, &list);
		one = str_trim(one);
		if (str_is(one, "*") || str_ieq(one, origin))
			return true;
	}
	return false;
}

/* RFC 6455 section 10.2. A page of this very host may, others must be named. */
static bool may_come(const struct net *n, const struct h1_head *h)
{
	const struct str origin = h1_header(h, "Origin");
	return !origin.n || listed(n->o.origins, origin) || upgrade_from_own_page(h);
}

static void refuse(struct stream *s, uint32_t status)
{
	const char *text = status == 426   ? "426 Upgrade Required"
			   : status == 403 ? "403 Forbidden"
			   : status == 431 ? "431 Request Header Fields Too Large"
					   : "400 Bad Request";
	char room[256];
	struct buf b = buf_make(room, sizeof room);
	buf_fmt(&b, "HTTP/1.1 %s\r\n%sContent-Length: 0\r\nConnection: close\r\n\r\n", text,
		status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" : "");
	stream_put(s, buf_str(&b));
	stream_end(s);
}

static void answer_offer(struct stream *s, const struct h1_head *h)
{
	char accept[WS_ACCEPT_TEXT + 1];
	const struct ws_offer o = upgrade_offer(h);
	uint32_t status = ws_judge(&o, STR("sip"), accept);
	if (status == 101 && !may_come(s->net, h))
		status = 403;
	if (status != 101) {
		refuse(s, status);
		return;
	}
	char room[256];
	struct buf b = buf_make(room, sizeof room);
	ws_welcome(&b, accept, STR("sip"));
	stream_put(s, buf_str(&b));
	stream_open(s);
}

/* Takes the head off *bytes. False: more must come, or it was refused. */
static bool take_offer(struct stream *s, struct str *bytes)
{
	struct net_web *w = s->web;
	struct h1_head head;
	size_t used, had = w->offer.n;
	if (!w->offer.p)
		w->offer = buf_grow(1024);
	buf_put(&w->offer, str_head(*bytes, H1_HEAD_MAX + 1 - had));
	enum err e = h1_parse_head(buf_str(&w->offer), &head, &used);
	if (e == ERR_AGAIN && w->offer.n <= H1_HEAD_MAX)
		return false;
	if (e == ERR_OK)
		answer_offer(s, &head);
	else
		refuse(s, e == ERR_INVALID ? 400 : 431);
	buf_free(&w->offer);
	*bytes = e == ERR_OK ? str_from(*bytes, used - had) : STR_NONE;
	return s->state == STREAM_OPEN;
}

/* -- messages -- */

static void put_frame(struct stream *s, enum ws_kind kind, struct str bytes)
{
	struct buf b = buf_grow(bytes.n + 16);
	ws_write(&b, kind, bytes);
	stream_put(s, buf_str(&b));
	buf_free(&b);
}

static void say_goodbye(struct stream *s, uint32_t code)
{
	char room[16];
	struct buf b = buf_make(room, sizeof room);
	ws_write_close(&b, code, STR_NONE);
	stream_put(s, buf_str(&b));
	stream_end(s);
}

static void take_message(struct stream *s, const struct ws_message *m)
{
	struct sip_address from = s->peer;
	switch (m->kind) {
	case WS_TEXT:
	case WS_BINARY:
		s->heard = true;
		s->net->o.input(s->net->o.arg, &from, m->bytes, false);
		break;
	case WS_PING:
		put_frame(s, WS_PONG, m->bytes);
		break;
	case WS_PONG:
		break;
	case WS_CLOSE:
		say_goodbye(s, m->code);
		break;
	}
}

void net_web_input(struct stream *s, struct str bytes)
{
	struct net *n = s->net;
	const uint32_t number = s->number;
	struct ws_message m;
	enum err e;
	s->web->heard_ms = clock_mono_ms();
	if (s->state == STREAM_OFFERED && !take_offer(s, &bytes))
		return;
	while ((e = ws_read(&s->web->reader, &bytes, &m)) == ERR_OK) {
		take_message(s, &m);
		if (!stream_at(n, number) || s->state != STREAM_OPEN)
			return;
	}
	if (e == ERR_INVALID)
		say_goodbye(s, s->web->reader.code);
}

/* RFC 7118 section 5.1: text is UTF-8, what is not goes as bytes. */
void net_web_send(struct stream *s, struct str message)
{
	put_frame(s, ws_is_text(message) ? WS_TEXT : WS_BINARY, message);
}

bool net_web_alive(struct stream *s, int64_t now_ms)
{
	struct net_web *w = s->web;
	if (now_ms - w->heard_ms > DEAF_MS)
		return false;
	if (now_ms - MAX(w->heard_ms, w->pinged_ms) > PING_MS) {
		w->pinged_ms = now_ms;
		put_frame(s, WS_PING, STR_NONE);
	}
	return true;
}
