/* stream.c - see stream.h. */
#include "web/stream.h"

#include <jansson.h>
#include <stdlib.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/web_inside.h"

struct stream {
	struct list link;
	struct streams *of;
	struct http_request *req; /* NULL: its peer has left while it was being read for */
	struct job *reading;	  /* not NULL: a clerk has it */
	char tenant[64];	  /* empty: all */
	char token_hash[TOKEN_HASH_TEXT];
	bool lines, again; /* again: more became durable meanwhile */
	uint64_t after;
	bool local;
	int64_t said_ms, checked_ms;
};

struct streams {
	struct web *web;
	struct list all;
	uint32_t count, most;
	int64_t now_ms;
};

struct streams *streams_create(struct web *w, uint32_t most)
{
	struct streams *ss = xcalloc(1, sizeof *ss);
	ss->web = w;
	ss->most = most;
	list_init(&ss->all);
	return ss;
}

static void stream_free(struct stream *s)
{
	list_remove(&s->link);
	s->of->count--;
	store_followers(s->of->web->o.store, -1);
	if (s->req)
		http_stream_end(s->req);
	free(s);
}

void streams_destroy(struct streams *ss)
{
	if (!ss)
		return;
	list_for_each (l, &ss->all)
		stream_free(CONTAINER_OF(l, struct stream, link));
	free(ss);
}

static void stream_want(struct stream *s)
{
	struct web *w = s->of->web;
	if (!s->req || !w->clerks)
		return;
	if (s->reading) {
		s->again = true;
		return;
	}
	const bool due = !s->local && s->of->now_ms - s->checked_ms >= STREAM_CHECK_MS;
	const bool news = atomic_load(&w->durable_seq) > s->after &&
			  http_stream_unsent(s->req) <= STREAM_UNSENT_MAX;
	if (!due && !news)
		return;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = w;
	j->desk = DESK_QUERY;
	j->stream = s;
	j->match.tenant = str_of(s->tenant);
	j->stream_after = s->after;
	j->stream_lines = s->lines;
	j->check_rights = due;
	memcpy(j->token_hash, s->token_hash, sizeof j->token_hash);
	j->last_seq = news ? atomic_load(&w->durable_seq) : s->after;
	j->text = buf_grow(1024);
	list_init(&j->link);
	s->again = false;
	if (clerks_give(w->clerks, j) == ERR_OK) {
		s->reading = j;
		if (due)
			s->checked_ms = s->of->now_ms;
		return;
	}
	buf_free(&j->text); /* too busy now: the next second tries again */
	free(j);
}

enum err streams_open(struct streams *ss, struct job *j, bool lines)
{
	if (ss->count >= ss->most)
		return ERR_FULL;
	struct stream *s = xcalloc(1, sizeof *s);
	s->of = ss;
	s->req = j->req;
	s->lines = lines;
	s->after = j->stream_after;
	s->said_ms = s->checked_ms = ss->now_ms;
	s->local = j->req->local;
	str_copy(j->match.tenant, s->tenant, sizeof s->tenant);
	memcpy(s->token_hash, j->token_hash, sizeof s->token_hash);
	list_push(&ss->all, &s->link);
	ss->count++;
	store_followers(ss->web->o.store, 1);
	j->req->owner = s;
	if (!http_stream_begin(j->req, lines ? "text/plain; charset=utf-8" : "text/event-stream")) {
		stream_free(s);
		return ERR_OK; /* its peer has left already */
	}
	if (!lines)
		http_stream_put(s->req, STR("retry: 2000\n\n"));
	stream_want(s);
	return ERR_OK;
}

void streams_lost(struct streams *ss, struct http_request *r)
{
	struct stream *s = r->owner;
	(void)ss;
	if (s->reading) { /* a clerk holds a job that points here: freed when it comes back */
		http_stream_end(s->req);
		s->req = NULL;
		return;
	}
	stream_free(s);
}

void streams_check(struct streams *ss)
{
	list_for_each (l, &ss->all) {
		struct stream *s = CONTAINER_OF(l, struct stream, link);
		s->checked_ms = ss->now_ms - STREAM_CHECK_MS;
		stream_want(s);
	}
}

void streams_durable(struct streams *ss, uint64_t seq)
{
	(void)seq;
	list_for_each (l, &ss->all)
		stream_want(CONTAINER_OF(l, struct stream, link));
}

void streams_read_done(struct streams *ss, struct job *j)
{
	struct stream *s = j->stream;
	s->reading = NULL;
	if (!s->req) {
		stream_free(s);
	} else if (j->failed) {
		stream_free(s); /* the client comes again and says what it has */
	} else {
		s->after = j->last_seq;
		if (j->text.n) {
			http_stream_put(s->req, buf_str(&j->text));
			s->said_ms = ss->now_ms;
		}
		if (j->more || s->again)
			stream_want(s);
	}
	buf_free(&j->text);
	free(j);
}

void streams_second(struct streams *ss, int64_t now_ms)
{
	ss->now_ms = now_ms;
	list_for_each (l, &ss->all) {
		struct stream *s = CONTAINER_OF(l, struct stream, link);
		if (!s->req)
			continue;
		if (now_ms - s->said_ms >= STREAM_HEARTBEAT_MS) {
			http_stream_put(s->req, s->lines ? STR("\n") : STR(": still here\n\n"));
			s->said_ms = now_ms;
		}
		stream_want(s);
	}
}

uint32_t streams_count(const struct streams *ss)
{
	return ss->count;
}

static void put_item(void *arg, uint64_t seq, struct str json)
{
	struct job *j = arg;
	if (j->stream_lines)
		stream_line(&j->text, json);
	else
		stream_frame(&j->text, seq, json);
}

/* The same questions as for a new request, asked of the same people. */
static bool may_still(struct clerk *me, struct job *j)
{
	struct caller c;
	if (clerk_caller(me, str_of(j->token_hash), STR_NONE, &c) != ERR_OK || c.must_enrol)
		return false;
	return caller_is_system(&c) || (str_eq(str_of(c.tenant), j->match.tenant) &&
					(c.roles & ~(uint32_t)BIT(ROLE_AGENT)));
}

void stream_read(struct clerk *me, struct job *j)
{
	if (j->check_rights && !may_still(me, j)) {
		j->failed = true;
		return;
	}
	const uint64_t durable = j->last_seq;
	uint64_t last = j->stream_after;
	const enum err e = query_events(me->reader, j->match.tenant, j->stream_after, STREAM_PAGE,
					put_item, j, &last);
	j->failed = e != ERR_OK;
	/* what was durable before we looked has been seen, whether it was this tenant's or not,
	 * once a look finds nothing new */
	j->more = last > j->stream_after && last < durable;
	j->last_seq = j->more ? last : MAX(last, durable);
}

void stream_frame(struct buf *out, uint64_t seq, struct str json)
{
	struct str line;
	buf_c(out, "id: ");
	buf_u64(out, seq);
	buf_c(out, "\n");
	/* one `data:` a line, should the text ever hold line ends */
	while (json.n && str_line(&json, &line)) {
		buf_c(out, "data: ");
		buf_put(out, line);
		buf_c(out, "\n");
	}
	buf_c(out, "\n");
}

static void put_value(struct buf *out, const json_t *v)
{
	char *text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
	if (json_is_string(v) && !strpbrk(json_string_value(v), " \t\r\n\"=\x1b"))
		buf_c(out, json_string_value(v));
	else
		buf_c(out, text ? text : "?");
	free(text);
}

void stream_line(struct buf *out, struct str json)
{
	json_t *event = json_loadb(json.p, json.n, 0, NULL), *v;
	const char *key;
	buf_put(out, json_str(json_object_get(event, "at")));
	buf_ch(out, ' ');
	buf_put(out, json_str(json_object_get(event, "event")));
	json_object_foreach(event, key, v)
	{
		if (!strcmp(key, "at") || !strcmp(key, "event") || !strcmp(key, "prev") ||
		    json_is_null(v))
			continue;
		buf_ch(out, ' ');
		buf_c(out, key);
		buf_ch(out, '=');
		put_value(out, v);
	}
	buf_ch(out, '\n');
	json_decref(event);
}
