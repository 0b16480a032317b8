/* answer.c - see h2.h: answers to streams. */
#include <string.h>
#include <unistd.h>

#include "web/h2/inside.h"
#include "web/head.h"

#define HEADERS_OUT 48

static ssize_t take_file(struct h2_stream *s, uint8_t *to, size_t room)
{
	const size_t most = (size_t)MIN(s->file_left, (int64_t)room);
	const ssize_t n = pread(s->file_fd, to, most, s->file_at);
	if (n <= 0) /* it became shorter: the length we promised cannot be kept */
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	s->file_at += n;
	s->file_left -= n;
	return n;
}

static ssize_t read_answer(nghttp2_session *session, int32_t id, uint8_t *to, size_t room,
			   uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct h2_stream *s = source->ptr;
	ssize_t n = 0;
	(void)session;
	(void)id;
	(void)arg;
	if (s->out.n > s->out_at) {
		n = (ssize_t)MIN(room, s->out.n - s->out_at);
		memcpy(to, s->out.p + s->out_at, (size_t)n);
		s->out_at += (size_t)n;
	} else if (s->still.n) {
		n = (ssize_t)MIN(room, s->still.n);
		memcpy(to, s->still.p, (size_t)n);
		s->still = str_from(s->still, (size_t)n);
	} else if (s->file_left) {
		n = take_file(s, to, room);
		if (n < 0)
			return n;
	} else if (s->streaming) {
		return NGHTTP2_ERR_DEFERRED;
	}
	s->moved_ms = s->h2->c->http->now_ms;
	if (s->out.n == s->out_at && !s->still.n && !s->file_left && !s->streaming)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return n;
}

/* "Name: value" lines as nghttp2 wants them; names become lower case where they lie. */
static size_t headers_of(struct buf *lines, char status[4], nghttp2_nv nv[HEADERS_OUT])
{
	struct str rest = buf_str(lines), line, name, value;
	size_t n = 0;
	nv[n++] = (nghttp2_nv){.name = (uint8_t *)":status",
			       .value = (uint8_t *)status,
			       .namelen = 7,
			       .valuelen = 3};
	while (str_line(&rest, &line)) {
		if (!str_cut(line, ':', &name, &value))
			continue;
		value = str_trim(value);
		char *p = lines->p + (name.p - lines->p);
		for (size_t i = 0; i < name.n; i++)
			if (p[i] >= 'A' && p[i] <= 'Z')
				p[i] = (char)(p[i] + 32);
		CHECK(n < HEADERS_OUT);
		nv[n++] = (nghttp2_nv){.name = (uint8_t *)p,
				       .value = (uint8_t *)lines->p + (value.p - lines->p),
				       .namelen = name.n,
				       .valuelen = value.n};
	}
	return n;
}

static void submit(struct h2_stream *s, const struct head_options *o)
{
	nghttp2_nv nv[HEADERS_OUT];
	char status[4];
	struct buf lines = buf_grow(2048), b = buf_make(status, sizeof status);
	const nghttp2_data_provider body = {.source.ptr = s, .read_callback = read_answer};
	struct http *http = s->h2->c->http;
	const bool empty =
		s->head_only || (!s->streaming && !s->out.n && !s->still.n && !s->file_left);

	buf_u64(&b, (uint64_t)o->status);
	head_put(&lines, o);
	const size_t n = headers_of(&lines, status, nv);
	(void)nghttp2_submit_response(s->h2->session, s->id, nv, n, empty ? NULL : &body);
	buf_free(&lines);
	s->moved_ms = http->now_ms;
	if (o->status >= 100 && o->status < 600)
		http->counts.answers[o->status / 100]++;
}

static void send_soon(struct h2 *h)
{
	if (!h->inside && !h->c->closing)
		conn_flush(h->c);
}

/* The request is done with; the stream goes on with its answer. */
static void part(struct h2_stream *s)
{
	struct http_request *r = s->req;
	s->req = NULL;
	r->h2 = NULL;
	request_free(r);
}

void h2_refuse(struct h2_stream *s)
{
	struct http *http = s->h2->c->http;
	const char *detail = s->refuse == 413	? "the body is larger than this address takes"
			     : s->refuse == 431 ? "the request's head is larger than 16 KiB or has "
						  "too many fields"
						: "not a well-formed request";
	http->counts.malformed += s->refuse == 400;
	http->o.problem(http->o.arg, s->refuse, status_text(s->refuse), detail, &s->out);
	part(s);
	submit(s, &(struct head_options){.status = s->refuse,
					 .type = "application/problem+json",
					 .length = (int64_t)s->out.n,
					 .secure = true});
}

void h2_reply(struct http_request *r, struct http_answer *a)
{
	struct h2_stream *s = r->h2;
	struct h2 *h = s->h2;
	const bool file = a->file_fd > 0;
	buf_free(&s->out);
	s->out = a->body;
	a->body = (struct buf){0};
	s->still = a->still;
	if (file) {
		s->file_fd = a->file_fd;
		s->file_at = a->file_from;
		s->file_left = a->file_bytes;
		a->file_fd = 0;
	}
	submit(s, &(struct head_options){.status = a->status,
					 .type = a->type,
					 .length = file ? s->file_left
							: (int64_t)(s->out.n + s->still.n),
					 .extra = buf_str(&a->extra),
					 .host = h1_header(&r->head, "host"),
					 .secure = true});
	http_answer_drop(a);
	part(s);
	send_soon(h);
}

void h2_stream_begin(struct http_request *r, const char *type)
{
	struct h2_stream *s = r->h2;
	s->streaming = true;
	submit(s, &(struct head_options){.status = 200,
					 .type = type,
					 .length = -1,
					 .extra = STR("X-Accel-Buffering: no\r\n"),
					 .host = h1_header(&r->head, "host"),
					 .secure = true});
	send_soon(s->h2);
}

void h2_stream_put(struct http_request *r, struct str text)
{
	struct h2_stream *s = r->h2;
	if (s->out.n == s->out_at) {
		s->moved_ms = s->h2->c->http->now_ms;
		s->out.n = s->out_at = 0;
	} else if (s->out_at > H2_OUT) {
		memmove(s->out.p, s->out.p + s->out_at, s->out.n - s->out_at);
		s->out.n -= s->out_at;
		s->out_at = 0;
	}
	buf_put(&s->out, text);
	(void)nghttp2_session_resume_data(s->h2->session, s->id);
	send_soon(s->h2);
}

size_t h2_stream_unsent(const struct http_request *r)
{
	return r->h2->out.n - r->h2->out_at;
}

void h2_stream_end(struct http_request *r)
{
	struct h2_stream *s = r->h2;
	struct h2 *h = s->h2;
	s->streaming = false;
	part(s);
	(void)nghttp2_session_resume_data(h->session, s->id);
	send_soon(h);
}
