/* http.c - see http.h. RFC 9112. */
#include "crowd/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ANSWER_MS = 10000, ANSWER_MAX = 4 << 20 };

struct http {
	struct crowd *crowd;
	struct sip_address server;
	http_h *done;
	void *arg;
	int fd;	    /* -1: not connected */
	bool open;  /* a request waits for its answer */
	bool fresh; /* nothing was ever answered on this connection */
	bool again; /* this request was tried before on a connection that had gone stale */
	struct buf out, in;
	size_t sent;
	struct timer deadline;
};

/* -- the parser -- */

static bool header(struct str head, struct str name, struct str *value)
{
	struct str line, key;
	while (str_line(&head, &line))
		if (str_cut(line, ':', &key, value) && str_ieq(str_trim(key), name)) {
			*value = str_trim(*value);
			return true;
		}
	return false;
}

/* RFC 9112 section 7.1; joins the chunks where they lie. Extensions and trailers are skipped. */
static enum err unchunk(char *p, size_t n, struct str *body, size_t *used)
{
	size_t at = 0, to = 0;
	for (;;) {
		uint64_t size = 0;
		size_t digits = 0;
		for (; at < n && digits < 8; at++, digits++) {
			const char c = p[at];
			const int v = c >= '0' && c <= '9'   ? c - '0'
				      : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : c >= 'A' && c <= 'F' ? c - 'A' + 10
							     : -1;
			if (v < 0)
				break;
			size = size * 16 + (uint64_t)v;
		}
		const ptrdiff_t eol = str_find(str_make(p + at, n - at), '\n');
		if (eol < 0)
			return ERR_FULL;
		if (!digits)
			return ERR_INVALID;
		at += (size_t)eol + 1;
		if (size == 0)
			break;
		if (size + 2 > n - at)
			return size > ANSWER_MAX ? ERR_INVALID : ERR_FULL;
		memmove(p + to, p + at, size);
		to += size;
		at += size + 2;
	}
	for (;;) { /* trailers end with an empty line */
		const ptrdiff_t eol = str_find(str_make(p + at, n - at), '\n');
		if (eol < 0)
			return ERR_FULL;
		at += (size_t)eol + 1;
		if (eol <= 1)
			break;
	}
	*body = str_make(p, to);
	*used = at;
	return ERR_OK;
}

enum err http_parse(char *in, size_t n, bool closed, uint32_t *status, struct str *body,
		    size_t *used, bool *keeps)
{
	const struct str all = str_make(in, n);
	const ptrdiff_t end = str_find_str(all, STR("\r\n\r\n"));
	struct str head, value, line;
	uint32_t code;
	if (end < 0)
		return closed ? ERR_INVALID : ERR_FULL;
	head = str_head(all, (size_t)end + 2);
	const size_t at = (size_t)end + 4;
	if (!str_line(&head, &line) || !str_starts(line, STR("HTTP/1.")) || line.n < 12 ||
	    str_to_u32(str_make(line.p + 9, 3), 999, &code))
		return ERR_INVALID;
	*keeps = !header(head, STR("connection"), &value) || !str_ieq(value, STR("close"));
	if (code == 204 || code == 304) {
		*body = STR_NONE;
		*used = at;
	} else if (header(head, STR("transfer-encoding"), &value) &&
		   str_ieq(value, STR("chunked"))) {
		const enum err e = unchunk(in + at, n - at, body, used);
		if (e)
			return e == ERR_FULL && closed ? ERR_INVALID : e;
		*used += at;
	} else if (header(head, STR("content-length"), &value)) {
		uint64_t length;
		if (str_to_u64(value, ANSWER_MAX, &length))
			return ERR_INVALID;
		if (length > n - at)
			return closed ? ERR_INVALID : ERR_FULL;
		*body = str_make(in + at, length);
		*used = at + length;
	} else {
		if (!closed)
			return ERR_FULL;
		*body = str_make(in + at, n - at);
		*used = n;
		*keeps = false;
	}
	*status = code;
	return ERR_OK;
}

/* -- the connection -- */

static void http_ready(void *arg, uint32_t events);

static void hang_up(struct http *h)
{
	if (h->fd < 0)
		return;
	loop_remove(h->crowd->loop, h->fd);
	close(h->fd);
	h->fd = -1;
}

/* The last thing of its caller: `done` may do anything but destroy h. */
static void answer(struct http *h, uint32_t status, struct str body)
{
	timer_stop(&h->crowd->timers, &h->deadline);
	h->open = false;
	h->done(h->arg, status, body);
}

static bool dial(struct http *h)
{
	struct sockaddr_in s = {.sin_family = AF_INET, .sin_port = htons(h->server.port)};
	const int on = 1;
	memcpy(&s.sin_addr, h->server.ip, 4);
	h->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (h->fd < 0)
		return false;
	(void)setsockopt(h->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(h->fd, (struct sockaddr *)&s, sizeof s) && errno != EINPROGRESS) {
		close(h->fd);
		h->fd = -1;
		return false;
	}
	h->fresh = true;
	loop_add(h->crowd->loop, h->fd, EPOLLIN | EPOLLOUT, "desk", http_ready, h);
	return true;
}

static void broken(struct http *h, bool stale)
{
	hang_up(h);
	h->in.n = 0;
	if (!h->open)
		return;
	/* a kept connection may be closed by the server at any time: ask once more on a new one */
	if (stale && !h->again) {
		h->again = true;
		h->sent = 0;
		if (dial(h))
			return;
	}
	answer(h, 0, STR_NONE);
}

static void http_ready(void *arg, uint32_t events)
{
	struct http *h = arg;
	bool closed = false;
	if ((events & EPOLLOUT) && h->sent < h->out.n) {
		const ssize_t n = send(h->fd, h->out.p + h->sent, h->out.n - h->sent, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN) {
			broken(h, !h->fresh);
			return;
		}
		if (n > 0)
			h->sent += (size_t)n;
	}
	if (h->sent == h->out.n)
		loop_change(h->crowd->loop, h->fd, EPOLLIN);
	for (;;) {
		char piece[16384];
		const ssize_t n = recv(h->fd, piece, sizeof piece, 0);
		if (n <= 0) {
			closed = n == 0 || (errno != EAGAIN && errno != EINTR);
			break;
		}
		buf_put(&h->in, str_make(piece, (size_t)n));
		if (h->in.n > ANSWER_MAX) {
			broken(h, false);
			return;
		}
	}
	if (!h->open) {
		if (closed || h->in.n)
			broken(h, false);
		return;
	}
	uint32_t status;
	struct str body;
	size_t used;
	bool keeps;
	const enum err e = http_parse(h->in.p, h->in.n, closed, &status, &body, &used, &keeps);
	if (e == ERR_FULL)
		return;
	if (e) {
		broken(h, closed && h->in.n == 0 && !h->fresh);
		return;
	}
	h->fresh = false;
	if (closed || !keeps)
		hang_up(h);
	h->in.n = 0; /* body is a view into it; nothing is read before `done` has returned */
	answer(h, status, body);
}

static void too_late(struct timer *t, int64_t now_ms)
{
	(void)now_ms;
	broken(t->arg, false);
}

struct http *http_client_create(struct crowd *c, const struct sip_address *server, http_h *done,
				void *arg)
{
	struct http *h = xcalloc(1, sizeof *h);
	*h = (struct http){.crowd = c,
			   .server = *server,
			   .done = done,
			   .arg = arg,
			   .fd = -1,
			   .out = buf_grow(1024),
			   .in = buf_grow(4096)};
	return h;
}

void http_client_destroy(struct http *h)
{
	if (!h)
		return;
	timer_stop(&h->crowd->timers, &h->deadline);
	hang_up(h);
	buf_free(&h->out);
	buf_free(&h->in);
	free(h);
}

enum err http_ask(struct http *h, const char *method, struct str path, struct str token,
		  struct str body)
{
	if (h->open)
		return ERR_CONFLICT;
	h->out.n = h->sent = 0;
	buf_fmt(&h->out, "%s " STR_FMT " HTTP/1.1\r\nHost: centrala\r\n", method, STR_ARG(path));
	if (token.n)
		buf_fmt(&h->out, "Authorization: Bearer " STR_FMT "\r\n", STR_ARG(token));
	if (body.n)
		buf_c(&h->out, "Content-Type: application/json\r\n");
	buf_fmt(&h->out, "Content-Length: %zu\r\n\r\n", body.n);
	buf_put(&h->out, body);
	h->open = true;
	h->again = false;
	timer_start(&h->crowd->timers, &h->deadline, h->crowd->now_ms + ANSWER_MS, too_late, h);
	if (h->fd >= 0)
		loop_change(h->crowd->loop, h->fd, EPOLLIN | EPOLLOUT);
	else if (!dial(h)) {
		/* told from the loop, like every other answer */
		timer_start(&h->crowd->timers, &h->deadline, h->crowd->now_ms, too_late, h);
	}
	return ERR_OK;
}
