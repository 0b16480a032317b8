/*
 * uri.h - SIP URIs as views, RFC 3261 section 19.1. Pure functions.
 *
 * A view keeps the escapes as they came; sip_unescape takes them off where a value is used.
 */
#pragma once

#include "base/str.h"
#include "sip/sip.h"

enum { URI_BYTES_MAX = 2048 };

enum sip_scheme { SCHEME_SIP, SCHEME_SIPS, SCHEME_TEL, SCHEME_OTHER };

struct sip_uri {
	enum sip_scheme scheme;
	struct str text;	   /* whole */
	struct str user, password; /* escaped; user is empty when absent */
	struct str host;	   /* IPv6 without its brackets; empty for tel and other schemes */
	uint16_t port;		   /* 0: not said */
	struct str params;	   /* without the first ';' */
	struct str headers;	   /* without the '?' */
};

/* ERR_INVALID; ERR_TOO_LARGE past URI_BYTES_MAX. A scheme we do not know is accepted as
 * SCHEME_OTHER with nothing but its text. */
MUST_USE enum err sip_uri_parse(struct str text, struct sip_uri *out);
/* False when absent; value is empty when the parameter has none. */
bool sip_uri_param(const struct sip_uri *u, const char *name, struct str *value);
/* RFC 3261 section 19.1.4, but parameters must be the same as text: a phone that registers another
 * parameter means another binding. */
bool sip_uri_eq(const struct sip_uri *a, const struct sip_uri *b);
/* Whom it names: the user without escapes; of a telephone number (tel:, or such a user) without its
 * parameters, behind a global phone-context. RFC 3966, RFC 3261 section 19.1.6. ERR_INVALID as
 * sip_unescape. */
MUST_USE enum err sip_uri_person(const struct sip_uri *u, struct buf *out);
/* Takes %XX escapes off. ERR_INVALID for a broken escape or one that hides CR, LF or NUL. */
MUST_USE enum err sip_unescape(struct str s, struct buf *out);
/* Puts a user part with what must be escaped escaped. */
void sip_escape_user(struct buf *out, struct str user);
/* The literal address a URI names (port 5060, over TLS 5061, when not said; transport from its
 * scheme, its parameter or `otherwise`). ERR_NOT_FOUND when the host is a name. */
MUST_USE enum err sip_uri_address(const struct sip_uri *u, enum sip_transport otherwise,
				  struct sip_address *out);
