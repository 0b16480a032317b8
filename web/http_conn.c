/* http_conn.c - one connection: bytes to requests, answers to bytes. See http.h. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/h2/h2.h"
#include "web/head.h"
#include "web/http_inside.h"

#define UPGRADED_ROOM (128 * 1024)
#define LINGER_MS 2000
#define SHAKE_MS 5000			/* faults.md R23 */
#define PIPELINE_MAX (2u * H1_HEAD_MAX) /* waits here while a request is answered */

static void conn_ready(void *arg, uint32_t events);
static void conn_process(struct http_conn *c);

static bool unsent(const struct http_conn *c)
{
	return c->out.n > c->out_at || c->still.n || c->file_left;
}

static void conn_watch(struct http_conn *c)
{
	uint32_t events = 0;
	if (c->state == CONN_SHAKE)
		events = tls_wants(c->tls);
	const bool busy = c->state == CONN_BUSY || c->state == CONN_SEND;
	if (!c->half_closed && !(busy && c->in.n - c->in_at >= PIPELINE_MAX))
		events |= EPOLLIN;
	if (unsent(c) || (c->h2 && h2_wants_to_send(c->h2)))
		events |= EPOLLOUT;
	if (events != c->events && !c->closing)
		loop_change(c->http->loop, c->fd, events);
	c->events = events;
}

static void conn_move(struct http_conn *c, enum conn_state to)
{
	c->state = to;
	c->since_ms = c->http->now_ms;
	list_remove(&c->idle);
	if (to == CONN_HEAD || to == CONN_H2)
		list_push(&c->http->idle, &c->idle);
}

void conn_start(struct http *h, int fd, const struct conn_from *from)
{
	struct http_conn *c = xcalloc(1, sizeof *c);
	c->http = h;
	c->fd = fd;
	c->file_fd = -1;
	c->local = from->local;
	c->loopback = from->loopback;
	str_copy(str_of(from->text), c->from, sizeof c->from);
	if (from->secure)
		c->tls = tls_accept(h->o.tls, fd, false);
	c->in = buf_grow(0);
	c->out = buf_grow(0);
	list_init(&c->idle);
	list_push(&h->conns, &c->link);
	h->counts.accepted++;
	h->counts.connections++;
	c->events = EPOLLIN;
	loop_add(h->loop, fd, EPOLLIN, "web connection", conn_ready, c);
	conn_move(c, c->tls ? CONN_SHAKE : CONN_HEAD);
}

void conn_close(struct http_conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	loop_remove(c->http->loop, c->fd);
	list_remove(&c->idle);
	list_remove(&c->link);
	list_push(&c->http->closing, &c->link);
}

struct http_request *request_new(struct http_conn *c)
{
	struct http_request *r = xcalloc(1, sizeof *r);
	arena_init(&r->arena);
	r->http = c->http;
	r->local = c->local;
	r->loopback = c->loopback;
	r->secure = c->tls != NULL;
	r->memory = buf_grow(0);
	r->body_memory = buf_grow(0);
	r->from = arena_copy(&r->arena, str_of(c->from));
	return r;
}

void request_free(struct http_request *r)
{
	buf_free(&r->memory);
	buf_free(&r->body_memory);
	arena_finish(&r->arena);
	free(r);
}

static void conn_free(struct http_conn *c)
{
	struct http *h = c->http;
	struct http_request *r = c->req;
	if (r) {
		r->conn = NULL;
		atomic_store(&r->gone, true);
		if (c->state == CONN_STREAM)
			h->o.stream_lost(h->o.arg, r);
		else if (c->state != CONN_BUSY) /* BUSY: whoever answers frees it */
			request_free(r);
	}
	h2_destroy(c->h2);
	tls_free(c->tls);
	close(c->fd);
	if (c->file_fd >= 0)
		close(c->file_fd);
	buf_free(&c->in);
	buf_free(&c->out);
	h->counts.connections--;
	free(c);
}

void conn_reap(struct http *h)
{
	list_for_each (l, &h->closing) {
		list_remove(l);
		conn_free(CONTAINER_OF(l, struct http_conn, link));
	}
}

static void put_head(struct http_conn *c, int status, const char *type, int64_t length,
		     struct str extra)
{
	struct buf *out = &c->out;
	buf_fmt(out, "HTTP/1.1 %d %s\r\n", status, status_text(status));
	head_put(out, &(struct head_options){.status = status,
					     .type = type,
					     .length = length,
					     .extra = extra,
					     .host = c->req ? h1_header(&c->req->head, "host")
							    : STR_NONE,
					     .secure = c->tls != NULL});
	buf_c(out, c->keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
	if (status >= 100 && status < 600)
		c->http->counts.answers[status / 100]++;
}

/* A mistake on this level: said, then the connection ends, since what follows cannot be trusted. */
static void conn_refuse(struct http_conn *c, int status, const char *detail)
{
	struct buf body = buf_grow(256);
	c->keep_alive = false;
	c->http->counts.malformed += status == 400;
	c->http->o.problem(c->http->o.arg, status, status_text(status), detail, &body);
	put_head(c, status, "application/problem+json", (int64_t)body.n, STR_NONE);
	if (!c->head_only)
		buf_put(&c->out, buf_str(&body));
	buf_free(&body);
	if (c->req) {
		request_free(c->req);
		c->req = NULL;
	}
	conn_move(c, CONN_SEND);
	c->moved_ms = c->http->now_ms;
	conn_flush(c);
}

static void refuse_head(struct http_conn *c, enum err e)
{
	if (e == ERR_TOO_LARGE)
		conn_refuse(c, 431,
			    "the request's head is larger than 16 KiB or has too many fields");
	else if (e == ERR_UNSUPPORTED)
		conn_refuse(c, 501,
			    "only HTTP/1.1 and the transfer coding `chunked` are spoken here");
	else
		conn_refuse(c, 400, "not a well-formed HTTP/1.1 request");
}

static void dispatch(struct http_conn *c)
{
	struct http_request *r = c->req;
	struct http *h = c->http;
	r->body = buf_str(&r->body_memory);
	h->counts.requests++;
	c->requests++;
	conn_move(c, CONN_BUSY);
	h->o.request(h->o.arg, r);
}

/* A complete head stands at in_at: makes the request and says what body it has. */
static void begin_request(struct http_conn *c, const struct h1_head *seen, size_t used)
{
	struct http *h = c->http;
	struct http_request *r = request_new(c);
	r->conn = c;
	buf_put(&r->memory, str_make(c->in.p + c->in_at, used));
	/* parsed again, so that the views lie in memory that stays */
	size_t again;
	CHECK(h1_parse_head(buf_str(&r->memory), &r->head, &again) == ERR_OK);
	c->in_at += used;
	c->req = r;
	c->keep_alive = seen->keep_alive;
	c->head_only = seen->method == HTTP_HEAD;
	c->chunks = (struct h1_chunks){0};
	c->body_left = seen->length;
	conn_move(c, CONN_BODY);
	c->body_max = h->o.body_max(h->o.arg, &r->head);
	if (seen->length > c->body_max) {
		conn_refuse(c, 413, "the body is larger than this address takes");
		return;
	}
	if (seen->expect_continue && (seen->chunked || seen->length))
		buf_c(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

/* True when the body is complete. */
static bool take_body(struct http_conn *c)
{
	struct http_request *r = c->req;
	struct str in = str_make(c->in.p + c->in_at, c->in.n - c->in_at), piece;

	if (!r->head.chunked) {
		piece = str_head(in, c->body_left < in.n ? (size_t)c->body_left : in.n);
		buf_put(&r->body_memory, piece);
		c->in_at += piece.n;
		c->body_left -= piece.n;
		return !c->body_left;
	}
	for (;;) {
		const size_t before = in.n;
		const int at = (int)c->chunks.at;
		if (h1_chunks_next(&c->chunks, &in, &piece) != ERR_OK) {
			conn_refuse(c, 400, "the body's chunks are not well-formed");
			return false;
		}
		if (r->body_memory.n + piece.n > c->body_max) {
			conn_refuse(c, 413, "the body is larger than this address takes");
			return false;
		}
		buf_put(&r->body_memory, piece);
		c->in_at = c->in.n - in.n;
		if (c->chunks.at == CHUNK_DONE)
			return true;
		if (in.n == before && at == (int)c->chunks.at)
			return false;
	}
}

/* Gives back what was read and used. */
static void compact(struct http_conn *c)
{
	if (c->in_at == c->in.n) {
		if (c->in.cap > 65536) {
			buf_free(&c->in);
			c->in = buf_grow(0);
		}
		c->in.n = c->in_at = 0;
	} else if (c->in_at > 65536) {
		memmove(c->in.p, c->in.p + c->in_at, c->in.n - c->in_at);
		c->in.n -= c->in_at;
		c->in_at = 0;
	}
}

/* Goes on with what has been read, as far as it goes. */
static void conn_process(struct http_conn *c)
{
	if (c->processing)
		return; /* an answer given at once comes back here: the loop below goes on */
	c->processing = true;
	while (!c->closing) {
		if (c->state == CONN_HEAD && c->in.n > c->in_at) {
			struct h1_head head;
			size_t used;
			struct str in = str_make(c->in.p + c->in_at, c->in.n - c->in_at);
			enum err e = h1_parse_head(in, &head, &used);
			if (e == ERR_AGAIN)
				break;
			if (e != ERR_OK)
				refuse_head(c, e);
			else
				begin_request(c, &head, used);
		} else if (c->state == CONN_BODY && take_body(c)) {
			dispatch(c);
		} else {
			break;
		}
	}
	c->processing = false;
	compact(c);
	if (!c->closing && c->out.n > c->out_at)
		conn_flush(c);
	if (!c->closing)
		conn_watch(c);
}

static void answer_sent(struct http_conn *c)
{
	c->out.n = c->out_at = 0;
	if (c->out.cap > 65536) {
		buf_free(&c->out);
		c->out = buf_grow(0);
	}
	if (c->state != CONN_SEND)
		return;
	if (c->half_closed) {
		conn_close(c);
	} else if (!c->keep_alive) {
		/* closing with unread input would send a reset that can overtake the answer */
		if (c->tls)
			tls_end(c->tls);
		shutdown(c->fd, SHUT_WR);
		conn_move(c, CONN_LINGER);
		c->in.n = c->in_at = 0;
	} else {
		conn_move(c, CONN_HEAD);
		conn_process(c);
	}
}

/* Of a file over TLS; -1 with errno as send has it, 0: it became shorter. A piece that was not
 * taken is read again: the same bytes, as OpenSSL wants them. */
static ssize_t send_piece(struct http_conn *c)
{
	char *room = c->http->scratch;
	const size_t most = (size_t)MIN(c->file_left, (int64_t)16384);
	const ssize_t got = pread(c->file_fd, room, most, c->file_at);
	const ssize_t n = got > 0 ? tls_write(c->tls, room, (size_t)got) : got;
	if (n > 0) {
		c->file_at += n;
		c->file_left -= n;
	}
	return n;
}

static ssize_t send_bytes(struct http_conn *c, struct str s)
{
	return c->tls ? tls_write(c->tls, s.p, s.n) : send(c->fd, s.p, s.n, MSG_NOSIGNAL);
}

static bool send_some(struct http_conn *c)
{
	ssize_t n;
	if (c->out.n > c->out_at) {
		n = send_bytes(c, str_from(buf_str(&c->out), c->out_at));
		if (n > 0)
			c->out_at += (size_t)n;
	} else if (c->still.n) {
		n = send_bytes(c, c->still);
		if (n > 0)
			c->still = str_from(c->still, (size_t)n);
	} else if (c->tls) {
		n = send_piece(c);
	} else {
		off_t at = c->file_at;
		n = sendfile(c->fd, c->file_fd, &at, (size_t)MIN(c->file_left, 1 << 20));
		if (n > 0) {
			c->file_at += n;
			c->file_left -= n;
		}
	}
	if (n == 0) { /* the file became shorter: the length we promised cannot be kept */
		conn_close(c);
		return false;
	}
	if (n > 0) {
		c->moved_ms = c->http->now_ms;
		c->http->counts.bytes_out += (uint64_t)n;
		return true;
	}
	if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		conn_close(c);
	return false;
}

void conn_flush(struct http_conn *c)
{
	for (int i = 0; i < 8; i++) { /* a fast reader of a large file must not starve the others */
		if (c->closing)
			return;
		if (!unsent(c) && !(c->h2 && h2_fill(c->h2))) {
			if (c->h2 && h2_over(c->h2))
				conn_close(c);
			if (c->closing)
				return;
			if (c->file_fd >= 0) {
				close(c->file_fd);
				c->file_fd = -1;
			}
			answer_sent(c);
			break;
		}
		if (!send_some(c))
			break;
	}
	if (!c->closing)
		conn_watch(c);
}

static void conn_read(struct http_conn *c)
{
	struct http *h = c->http;
	/* one record at most comes of one call, and the room takes a whole one: nothing stays
	 * behind in OpenSSL that no event would tell of */
	const ssize_t n = c->tls ? tls_read(c->tls, h->scratch, sizeof h->scratch)
				 : recv(c->fd, h->scratch, sizeof h->scratch, 0);
	if (n < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			conn_close(c);
		return;
	}
	h->counts.bytes_in += (uint64_t)n;
	if (n == 0) {
		/* one that only closed its sending side may still want its answer */
		if (c->state != CONN_BUSY && c->state != CONN_SEND)
			conn_close(c);
		c->half_closed = true;
		c->keep_alive = false;
		if (!c->closing)
			conn_watch(c);
		return;
	}
	if (c->state == CONN_STREAM && c->req->upgraded) {
		h->o.stream_input(h->o.arg, c->req, str_make(h->scratch, (size_t)n));
		return;
	}
	if (c->h2) {
		if (h2_take(c->h2, str_make(h->scratch, (size_t)n)))
			conn_flush(c);
		else
			conn_close(c);
		return;
	}
	if (c->state == CONN_LINGER || c->state == CONN_STREAM)
		return; /* nothing is expected there */
	if (c->state == CONN_HEAD && c->in.n == c->in_at)
		c->since_ms = h->now_ms; /* the clock of the head runs from its first byte */
	buf_put(&c->in, str_make(h->scratch, (size_t)n));
	conn_process(c);
}

/* The handshake goes on. True: it is done. */
static bool conn_shake(struct http_conn *c)
{
	const enum err e = tls_handshake(c->tls);
	if (e == ERR_OK) {
		c->http->counts.shaken++;
		if (str_is(tls_protocol(c->tls), "h2")) {
			c->h2 = h2_create(c);
			if (!c->h2) {
				conn_close(c);
				return false;
			}
		}
		conn_move(c, c->h2 ? CONN_H2 : CONN_HEAD);
		conn_watch(c);
		return true;
	}
	if (e == ERR_AGAIN)
		conn_watch(c);
	else
		conn_close(c);
	return false;
}

static void conn_ready(void *arg, uint32_t events)
{
	struct http_conn *c = arg;
	if (events & (EPOLLERR | EPOLLHUP)) {
		conn_close(c);
		return;
	}
	if (c->state == CONN_SHAKE && !conn_shake(c))
		return;
	if (events & EPOLLIN)
		conn_read(c);
	if (!c->closing && (events & EPOLLOUT))
		conn_flush(c);
}

/* So long no byte of what is said may be taken. */
static int64_t stuck_ms(const struct http_conn *c)
{
	if (c->file_left)
		return STUCK_FILE_MS;
	return c->state == CONN_STREAM && c->req->upgraded ? STUCK_LIVE_MS : STUCK_MS;
}

void conn_check_deadline(struct http_conn *c)
{
	struct http *h = c->http;
	const int64_t held_ms = h->now_ms - c->since_ms;
	switch (c->state) {
	case CONN_SHAKE:
		if (held_ms > SHAKE_MS)
			conn_close(c);
		break;
	case CONN_HEAD:
		if (c->in.n > c->in_at && held_ms > h->o.head_ms) {
			h->counts.timed_out++;
			conn_refuse(c, 408, "the request's head did not come in time");
		} else if (held_ms > (c->requests ? IDLE_MS : h->o.head_ms)) {
			conn_close(c);
		}
		break;
	case CONN_BODY:
		if (held_ms > BODY_DEADLINE_MS + (int64_t)c->req->body_memory.n) {
			h->counts.timed_out++;
			conn_refuse(c, 408, "the request's body did not come in time");
		}
		break;
	case CONN_H2:
		if (!h2_in_time(c->h2)) {
			h->counts.timed_out++;
			conn_close(c);
		} else {
			conn_flush(c);
		}
		break;
	case CONN_BUSY: /* whoever answers has a deadline of his own */
		break;
	case CONN_SEND:
	case CONN_STREAM:
		if (unsent(c) && h->now_ms - c->moved_ms > stuck_ms(c)) {
			h->counts.timed_out++;
			conn_close(c);
		}
		break;
	case CONN_LINGER:
		if (held_ms > LINGER_MS)
			conn_close(c);
		break;
	}
}

void http_answer_drop(struct http_answer *a)
{
	buf_free(&a->body);
	buf_free(&a->extra);
	if (a->file_fd > 0)
		close(a->file_fd);
	*a = (struct http_answer){0};
}

void http_reply(struct http_request *r, struct http_answer *a)
{
	struct http_conn *c = r->conn;
	if (r->h2) {
		h2_reply(r, a);
		return;
	}
	if (!c || c->closing) {
		if (c)
			c->req = NULL;
		http_answer_drop(a);
		request_free(r);
		return;
	}
	const bool file = a->file_fd > 0;
	put_head(c, a->status, a->type, file ? a->file_bytes : (int64_t)(a->body.n + a->still.n),
		 buf_str(&a->extra));
	if (!c->head_only) {
		buf_put(&c->out, buf_str(&a->body));
		c->still = a->still;
		if (file) {
			c->file_fd = a->file_fd;
			c->file_at = a->file_from;
			c->file_left = a->file_bytes;
			a->file_fd = 0;
		}
	}
	http_answer_drop(a);
	c->req = NULL;
	request_free(r);
	conn_move(c, CONN_SEND);
	c->moved_ms = c->http->now_ms;
	conn_flush(c);
}

struct http_request *http_request_inner(const struct http_request *like, enum http_method method,
					struct str path, struct str body)
{
	struct http_request *r = xcalloc(1, sizeof *r);
	arena_init(&r->arena);
	r->memory = buf_grow(0);
	r->body_memory = buf_grow(0);
	r->http = like->http;
	r->local = like->local;
	r->loopback = like->loopback;
	r->secure = like->secure;
	r->from = arena_copy(&r->arena, like->from);
	r->head.method = method;
	r->head.path = arena_copy(&r->arena, path);
	r->body = arena_copy(&r->arena, body);
	return r;
}

bool http_upgrade(struct http_request *r, struct str head)
{
	struct http_conn *c = r->conn;
	r->streaming = r->upgraded = true;
	if (!c || c->closing)
		return false;
	/* who does not read shall fall behind here, not in the kernel's megabytes */
	const int room = UPGRADED_ROOM;
	setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	c->keep_alive = false;
	buf_put(&c->out, head);
	c->http->counts.answers[1]++;
	conn_move(c, CONN_STREAM);
	c->moved_ms = c->http->now_ms;
	const struct str early = arena_copy(&r->arena, str_from(buf_str(&c->in), c->in_at));
	c->in.n = c->in_at = 0;
	conn_flush(c);
	if (early.n && !c->closing)
		c->http->o.stream_input(c->http->o.arg, r, early);
	return true;
}

bool http_stream_begin(struct http_request *r, const char *type)
{
	struct http_conn *c = r->conn;
	r->streaming = true;
	if (r->h2) {
		h2_stream_begin(r, type);
		return true;
	}
	if (!c || c->closing)
		return false;
	c->keep_alive = false;
	put_head(c, 200, type, -1, STR("X-Accel-Buffering: no\r\n"));
	conn_move(c, CONN_STREAM);
	c->moved_ms = c->http->now_ms;
	conn_flush(c);
	return true;
}

void http_stream_put(struct http_request *r, struct str text)
{
	struct http_conn *c = r->conn;
	if (r->h2)
		h2_stream_put(r, text);
	if (!c || c->closing)
		return;
	if (c->out.n == c->out_at)
		c->moved_ms = c->http->now_ms;
	if (c->out_at > 65536) {
		memmove(c->out.p, c->out.p + c->out_at, c->out.n - c->out_at);
		c->out.n -= c->out_at;
		c->out_at = 0;
	}
	buf_put(&c->out, text);
	conn_flush(c);
}

size_t http_stream_unsent(const struct http_request *r)
{
	if (r->h2)
		return h2_stream_unsent(r);
	return r->conn ? r->conn->out.n - r->conn->out_at : 0;
}

void http_stream_end(struct http_request *r)
{
	struct http_conn *c = r->conn;
	if (r->h2) {
		h2_stream_end(r);
		return;
	}
	if (c) {
		c->req = NULL;
		if (!c->closing) {
			conn_move(c, CONN_SEND);
			conn_flush(c);
		}
	}
	request_free(r);
}
