/* inside.h - what h2.c (frames, time) and answer.c (answers) share. */
#pragma once

#include "web/h2/h2.h"
#include "web/h2/ng.h"

#define H2_OUT 65536u /* so much is put together before it is sent */

struct h2 {
	struct http_conn *c;
	nghttp2_session *session;
	struct list streams;
	uint32_t count;
	int64_t heading_ms; /* a head began to come; 0: none is under way */
	int64_t budget, budget_ms;
	bool inside; /* nghttp2 is at work: what is submitted now is sent afterwards */
	bool ended;
};

struct h2_stream {
	struct list link;
	struct h2 *h2;
	int32_t id;
	struct http_request *req; /* NULL: answered, or refused */
	size_t head_bytes, body_max;
	struct str authority;
	struct buf cookie;
	int refuse; /* a status instead of handing it up; 0: none */
	bool headed, dispatched, head_only;
	bool streaming;		    /* more may follow */
	int64_t since_ms, moved_ms; /* began; last byte of its answer was taken */

	/* of the answer, in this order */
	struct buf out;
	size_t out_at;
	struct str still;
	int file_fd; /* -1: none */
	int64_t file_at, file_left;
};

/* Answers with s->refuse and a problem. */
void h2_refuse(struct h2_stream *s);
