/*
 * head.h - the head of an answer: its status, and the headers every answer has. Pure but for Date.
 *
 * What each header is for: docs/security.md.
 */
#pragma once

#include "base/str.h"

/* Where browsers tell what the policy kept from running. */
#define CSP_REPORTS "/api/v1/csp_reports"

struct head_options {
	int status;
	const char *type; /* of the body; NULL: none */
	int64_t length;	  /* of the body; negative: not known */
	struct str extra; /* further lines, each with CRLF */
	struct str host;  /* whom the request named; may be anything */
	bool secure;	  /* over TLS */
};

/* Header lines, each with CRLF; neither status line nor the empty line, nor what only one
 * connection is told. A Cache-Control in `extra` replaces `no-store`. */
void head_put(struct buf *out, const struct head_options *o);
const char *status_text(int status);
