/*
 * http.h - a small HTTP/1.1 client: one request at a time over one kept connection. Non-blocking,
 * on the crowd's loop.
 */
#pragma once

#include "crowd/inner.h"

struct http;
/* status 0: no answer came. body lives until `done` returns; a new request may be made inside. */
typedef void(http_h)(void *arg, uint32_t status, struct str body);

struct http *http_client_create(struct crowd *c, const struct sip_address *server, http_h *done,
				void *arg);
void http_client_destroy(struct http *h); /* NULL is fine; `done` is not called any more */
/* token and body may be empty. ERR_CONFLICT while a request is open. */
MUST_USE enum err http_ask(struct http *h, const char *method, struct str path, struct str token,
			   struct str body);

/* One response at the start of `in`. ERR_OK: *used bytes were it; ERR_FULL: more is to come;
 * ERR_INVALID: not HTTP. `closed`: nothing more will come. Bodies with a length, in chunks (joined
 * in place) or until the end. */
enum err http_parse(char *in, size_t n, bool closed, uint32_t *status, struct str *body,
		    size_t *used, bool *keeps);
