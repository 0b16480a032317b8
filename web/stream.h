/*
 * stream.h - open event streams (SSE): each is told every event of its tenant after the one it
 * knows.
 *
 * A stream is read for by the QUERY desk whenever something became durable, a page at a time, and
 * not while its peer has not taken what it got: memory stays bounded, a slow reader is only late.
 * One that takes nothing for 30 s is closed by http_conn.c. Every few seconds the reader's right to
 * it is looked at again: a stream ends with its session. Web thread only.
 */
#pragma once

#include "web/clerks.h"

#define STREAM_PAGE 200u
#define STREAM_UNSENT_MAX (256u * 1024)
#define STREAM_HEARTBEAT_MS 15000
#define STREAM_CHECK_MS 4000

struct streams;

struct streams *streams_create(struct web *w, uint32_t most);
void streams_destroy(struct streams *ss);
/* From now on the job's request is a stream. ERR_FULL. lines: for people, not SSE. */
MUST_USE enum err streams_open(struct streams *ss, struct job *j, bool lines);
void streams_lost(struct streams *ss, struct http_request *r);
void streams_durable(struct streams *ss, uint64_t seq); /* something new may be there */
void streams_read_done(struct streams *ss, struct job *j);
void streams_second(struct streams *ss, int64_t now_ms);
void streams_check(struct streams *ss); /* rights may have changed: look at once, not in 4 s */
uint32_t streams_count(const struct streams *ss);

/* On a QUERY clerk: fills job->text. */
void stream_read(struct clerk *me, struct job *j);
/* One event as SSE (WHATWG HTML section 9.2): id, event, data. json is one line. */
void stream_frame(struct buf *out, uint64_t seq, struct str json);
/* One event as a line for people. */
void stream_line(struct buf *out, struct str json);
