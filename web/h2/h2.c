/* h2.c - see h2.h: frames and time; answers are in answer.c. */
#include "web/h2/inside.h"

#include <stdlib.h>
#include <unistd.h>

#include "os/log.h"

#define STREAMS_MAX 100u
#define BUDGET 200 /* of costly frames at once, and how many come back in a second */
#define BUDGET_PER_S 20
#define RESETS_BURST 200
#define RESETS_PER_S 20
#define CONTINUATIONS_MAX 8

const char *h2_alpn(void)
{
	if (ng_load())
		return "\x02h2\x08http/1.1";
	log_line(LOG_INFO, "event=http2_off why=\"libnghttp2 is missing or too old\"");
	return "\x08http/1.1";
}

/* -- a budget -- */

/* A frame that is cheap to send and dear to take (CVE-2019-9512 and its kin, CVE-2023-44487,
 * CVE-2025-8671). Past the budget the connection ends. */
static void spend(struct h2 *h)
{
	const int64_t now_ms = h->c->http->now_ms;
	const int64_t back = (now_ms - h->budget_ms) * BUDGET_PER_S / 1000;
	if (back > 0) {
		h->budget = MIN(BUDGET, h->budget + back);
		h->budget_ms = now_ms;
	}
	if (h->budget-- > 0 || h->ended)
		return;
	h->ended = true;
	h->c->http->counts.malformed++;
	(void)nghttp2_session_terminate_session(h->session, NGHTTP2_ENHANCE_YOUR_CALM);
}

static int on_begin_frame(nghttp2_session *session, const nghttp2_frame_hd *hd, void *arg)
{
	(void)session;
	switch (hd->type) {
	case NGHTTP2_RST_STREAM:
	case NGHTTP2_PING:
	case NGHTTP2_SETTINGS:
	case NGHTTP2_PRIORITY:
	case NGHTTP2_CONTINUATION:
		spend(arg);
		break;
	case NGHTTP2_DATA:
		if (!hd->length && !(hd->flags & NGHTTP2_FLAG_END_STREAM))
			spend(arg);
		break;
	default:
		break;
	}
	return 0;
}

/* -- streams -- */

static struct h2_stream *stream_of(struct h2 *h, int32_t id)
{
	return nghttp2_session_get_stream_user_data(h->session, id);
}

static void stream_free(struct h2_stream *s)
{
	struct h2 *h = s->h2;
	struct http *http = h->c->http;
	struct http_request *r = s->req;
	s->req = NULL;
	if (r) {
		r->h2 = NULL;
		atomic_store(&r->gone, true);
		if (r->streaming)
			http->o.stream_lost(http->o.arg, r);
		else if (!s->dispatched) /* else whoever answers frees it */
			request_free(r);
	}
	if (s->file_fd >= 0)
		close(s->file_fd);
	buf_free(&s->out);
	buf_free(&s->cookie);
	list_remove(&s->link);
	free(s);
	if (--h->count)
		return;
	h->c->since_ms = http->now_ms;
	if (!h->c->closing)
		list_push(&http->idle, &h->c->idle);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct h2 *h = arg;
	struct http_conn *c = h->c;
	h->heading_ms = c->http->now_ms;
	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	struct h2_stream *s = xcalloc(1, sizeof *s);
	struct http_request *r = request_new(c);
	s->h2 = h;
	s->id = frame->hd.stream_id;
	s->file_fd = -1;
	s->out = buf_grow(0);
	s->cookie = buf_grow(0);
	s->since_ms = s->moved_ms = c->http->now_ms;
	s->req = r;
	r->h2 = s;
	list_push(&h->streams, &s->link);
	h->count++;
	list_remove(&c->idle);
	(void)nghttp2_session_set_stream_user_data(session, s->id, s);
	return 0;
}

static void add_header(struct h2_stream *s, struct str name, struct str value)
{
	struct h1_head *head = &s->req->head;
	if (head->header_count == H1_HEADERS_MAX)
		s->refuse = 431;
	else
		head->headers[head->header_count++] = (struct h1_header){name, value};
}

/* nghttp2 has seen to RFC 9113 section 8: pseudo-headers, their order, forbidden ones, lower case.
 */
static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name_p,
		     size_t name_n, const uint8_t *value_p, size_t value_n, uint8_t flags,
		     void *arg)
{
	struct h2_stream *s = stream_of(arg, frame->hd.stream_id);
	(void)session;
	(void)flags;
	if (!s || !s->req || s->headed || s->refuse)
		return 0;			/* trailers say nothing to us */
	s->head_bytes += name_n + value_n + 32; /* RFC 9113 section 10.5.1 */
	if (s->head_bytes > H1_HEAD_MAX) {
		s->refuse = 431;
		return 0;
	}
	struct http_request *r = s->req;
	struct str name = arena_copy(&r->arena, str_make((const char *)name_p, name_n)),
		   value = arena_copy(&r->arena, str_make((const char *)value_p, value_n)), query;
	if (str_is(name, ":method")) {
		r->head.method_text = value;
		r->head.method = http_method_of(value);
	} else if (str_is(name, ":path")) {
		if (value.n > H1_TARGET_MAX)
			s->refuse = 431;
		str_cut(value, '?', &r->head.path, &query);
		r->head.query = query;
	} else if (str_is(name, ":authority")) {
		s->authority = value;
	} else if (str_is(name, "cookie")) { /* RFC 9113 section 8.2.3 */
		if (s->cookie.n)
			buf_c(&s->cookie, "; ");
		buf_put(&s->cookie, value);
	} else if (str_is(name, "host")) {
		if (!s->authority.n)
			s->authority = value;
	} else if (name.n && name.p[0] != ':') {
		add_header(s, name, value);
	}
	return 0;
}

static void dispatch(struct h2_stream *s)
{
	struct http *http = s->h2->c->http;
	struct http_request *r = s->req;
	r->body = buf_str(&r->body_memory);
	s->dispatched = true;
	http->counts.requests++;
	s->h2->c->requests++;
	http->o.request(http->o.arg, r);
}

static void head_complete(struct h2_stream *s, bool ends)
{
	struct http *http = s->h2->c->http;
	struct http_request *r = s->req;
	s->headed = true;
	if (s->authority.n)
		add_header(s, STR("host"), s->authority);
	if (s->cookie.n)
		add_header(s, STR("cookie"), arena_copy(&r->arena, buf_str(&s->cookie)));
	const struct str length = h1_header(&r->head, "content-length");
	if (length.n && str_to_u64(length, INT64_MAX, &r->head.length) != ERR_OK)
		s->refuse = 400;
	if (!r->head.path.n || r->head.path.p[0] != '/')
		s->refuse = s->refuse ? s->refuse : 400;
	s->head_only = r->head.method == HTTP_HEAD;
	s->body_max = s->refuse ? 0 : http->o.body_max(http->o.arg, &r->head);
	if (!s->refuse && r->head.length > s->body_max)
		s->refuse = 413;
	if (s->refuse) {
		h2_refuse(s);
		return;
	}
	if (ends) {
		dispatch(s);
	} else if (str_ieq(h1_header(&r->head, "expect"), STR("100-continue"))) {
		const nghttp2_nv go_on = {.name = (uint8_t *)":status",
					  .value = (uint8_t *)"100",
					  .namelen = 7,
					  .valuelen = 3};
		(void)nghttp2_submit_headers(s->h2->session, NGHTTP2_FLAG_NONE, s->id, NULL, &go_on,
					     1, NULL);
	}
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *p, size_t n,
		   void *arg)
{
	struct h2_stream *s = stream_of(arg, id);
	(void)session;
	(void)flags;
	if (!s || !s->req || s->dispatched)
		return 0; /* answered already: the rest is thrown away */
	if (s->req->body_memory.n + n > s->body_max) {
		s->refuse = 413;
		h2_refuse(s);
		return 0;
	}
	buf_put(&s->req->body_memory, str_make((const char *)p, n));
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct h2 *h = arg;
	const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
	(void)session;
	if (frame->hd.type == NGHTTP2_HEADERS)
		h->heading_ms = 0;
	else if (frame->hd.type != NGHTTP2_DATA)
		return 0;
	struct h2_stream *s = stream_of(h, frame->hd.stream_id);
	if (!s || !s->req || s->dispatched)
		return 0;
	if (!s->headed)
		head_complete(s, ends);
	else if (ends)
		dispatch(s);
	return 0;
}

static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	(void)session;
	if (frame->hd.type == NGHTTP2_RST_STREAM &&
	    frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
		spend(arg); /* a peer may make us reset as well */
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
	struct h2_stream *s = stream_of(arg, id);
	(void)code;
	if (!s)
		return 0;
	(void)nghttp2_session_set_stream_user_data(session, id, NULL);
	stream_free(s);
	return 0;
}

/* -- the connection -- */

static nghttp2_session *make_session(struct h2 *h)
{
	nghttp2_session_callbacks *cb;
	nghttp2_option *o;
	nghttp2_session *session = NULL;
	if (nghttp2_session_callbacks_new(&cb) != 0)
		return NULL;
	if (nghttp2_option_new(&o) != 0) {
		nghttp2_session_callbacks_del(cb);
		return NULL;
	}
	nghttp2_session_callbacks_set_on_begin_frame_callback(cb, on_begin_frame);
	nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame);
	nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_close);
	nghttp2_option_set_no_closed_streams(o, 1);
	nghttp2_option_set_max_settings(o, 32);
	nghttp2_option_set_max_continuations(o, CONTINUATIONS_MAX);
	nghttp2_option_set_stream_reset_rate_limit(o, RESETS_BURST, RESETS_PER_S);
	if (nghttp2_session_server_new2(&session, cb, h, o) != 0)
		session = NULL;
	nghttp2_option_del(o);
	nghttp2_session_callbacks_del(cb);
	return session;
}

struct h2 *h2_create(struct http_conn *c)
{
	static const nghttp2_settings_entry ours[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
		{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, H1_HEAD_MAX},
	};
	struct h2 *h = xcalloc(1, sizeof *h);
	h->c = c;
	h->budget = BUDGET;
	h->budget_ms = c->http->now_ms;
	list_init(&h->streams);
	h->session = make_session(h);
	if (!h->session) {
		free(h);
		return NULL;
	}
	(void)nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, ours, COUNT_OF(ours));
	return h;
}

void h2_destroy(struct h2 *h)
{
	if (!h)
		return;
	h->inside = true;
	list_for_each (l, &h->streams)
		stream_free(CONTAINER_OF(l, struct h2_stream, link));
	nghttp2_session_del(h->session);
	free(h);
}

bool h2_take(struct h2 *h, struct str bytes)
{
	h->inside = true;
	const ssize_t n = nghttp2_session_mem_recv(h->session, (const uint8_t *)bytes.p, bytes.n);
	h->inside = false;
	if (n >= 0)
		return true;
	h->c->http->counts.malformed++;
	return false;
}

bool h2_fill(struct h2 *h)
{
	struct buf *out = &h->c->out;
	const uint8_t *p;
	ssize_t n = 0;
	out->n = h->c->out_at = 0;
	h->inside = true;
	while (out->n < H2_OUT && (n = nghttp2_session_mem_send(h->session, &p)) > 0)
		buf_put(out, str_make((const char *)p, (size_t)n));
	h->inside = false;
	if (n < 0)
		conn_close(h->c);
	return out->n > 0;
}

bool h2_wants_to_send(const struct h2 *h)
{
	return nghttp2_session_want_write(h->session) != 0;
}

bool h2_over(const struct h2 *h)
{
	return !nghttp2_session_want_read(h->session) && !nghttp2_session_want_write(h->session);
}

static void give_up(struct h2_stream *s, uint32_t code)
{
	s->h2->c->http->counts.timed_out++;
	(void)nghttp2_submit_rst_stream(s->h2->session, NGHTTP2_FLAG_NONE, s->id, code);
}

bool h2_in_time(struct h2 *h)
{
	const struct http_conn *c = h->c;
	const int64_t now_ms = c->http->now_ms;
	if (h->heading_ms && now_ms - h->heading_ms > c->http->o.head_ms)
		return false;
	if (c->out.n > c->out_at && now_ms - c->moved_ms > STUCK_MS)
		return false;
	if (!h->count)
		return now_ms - c->since_ms <= (c->requests ? IDLE_MS : c->http->o.head_ms);
	list_for_each (l, &h->streams) {
		struct h2_stream *s = CONTAINER_OF(l, struct h2_stream, link);
		const bool unsent = s->out.n > s->out_at || s->still.n || s->file_left;
		if (s->req && !s->dispatched) {
			if (now_ms - s->since_ms >
			    BODY_DEADLINE_MS + (int64_t)s->req->body_memory.n)
				give_up(s, NGHTTP2_CANCEL);
		} else if (s->refuse && now_ms - s->since_ms > BODY_DEADLINE_MS) {
			/* what still comes is thrown away, for a while: many clients read an answer
			 * only when they have said all (RFC 9113 section 8.1) */
			give_up(s, NGHTTP2_NO_ERROR);
		} else if (unsent &&
			   now_ms - s->moved_ms > (s->file_left ? STUCK_FILE_MS : STUCK_MS)) {
			give_up(s, NGHTTP2_CANCEL);
		}
	}
	return true;
}
