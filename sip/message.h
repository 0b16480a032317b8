/*
 * message.h - a SIP message as views into the bytes it came in. RFC 3261 sections 7 and 25.
 *
 * Nothing is allocated or copied: a message lives as long as its bytes. Values may hold folds
 * (CRLF and blanks, section 7.3.1): every reader here treats them as blanks, and put_value writes
 * them as such.
 */
#pragma once

#include "base/str.h"

enum {
	MESSAGE_BYTES_MAX = 65536,
	HEADER_BYTES_MAX = 8192, /* one header with its folds */
	HEADERS_MAX = 256,
	VIAS_MAX = 64,
};

enum sip_header_name {
#define HEADER(id, text, compact, single) HDR_##id,
#include "sip/headers.def"
#undef HEADER
	HDR_OTHER,
	HDR_COUNT = HDR_OTHER
};

enum sip_method {
#define METHOD(name, served) METHOD_##name,
#include "sip/methods.def"
#undef METHOD
	METHOD_OTHER
};

struct sip_header {
	struct str value; /* trimmed */
	uint16_t name;
	uint16_t next; /* index + 1 of the next one of this name */
};

/* "Name" <uri>;params or uri;params */
struct sip_name_addr {
	struct str name;   /* display name without its quotes, escapes left */
	struct str uri;	   /* text only; sip_uri_parse reads it */
	struct str params; /* from the first ';' on */
	struct str tag;
};

struct sip_via {
	struct str version, transport;
	struct str host, branch, params; /* host with brackets when IPv6 */
	struct str value;		 /* all of it */
	uint16_t port;			 /* 0: not said */
	bool rport;			 /* RFC 3581: asked for */
};

struct sip_message {
	bool request;
	enum sip_method method; /* of the request, or of the response's CSeq */
	struct str method_text, uri;
	uint32_t status;
	struct str reason;
	struct str version;

	struct sip_header headers[HEADERS_MAX];
	uint32_t header_count;
	uint16_t first[HDR_COUNT]; /* index + 1 */
	uint16_t last[HDR_COUNT];

	struct sip_via via; /* the top one; value.n 0 when there is none to be read */
	struct sip_name_addr from, to;
	struct str call_id;
	uint32_t cseq;
	uint32_t max_forwards; /* 70 when not said */
	struct str body;
	/* A bad request that can be answered: the status to answer with. 0: nothing can be. */
	uint32_t refuse;
	bool nuls; /* some byte is NUL: a question for the reader */
};

/* One datagram, or exactly one framed message of a stream. ERR_OK: every header named above is
 * whole and sound. ERR_INVALID: see refuse. */
MUST_USE enum err sip_parse(struct str bytes, struct sip_message *m);
/* RFC 3261 section 18.3: how many bytes of a stream the first message takes.
 * ERR_AGAIN: more must come; ERR_TOO_LARGE, ERR_INVALID: the stream is lost. */
MUST_USE enum err sip_frame(struct str stream, size_t *length);

/* First value of a header; empty view (p NULL) when absent. */
struct str sip_header_get(const struct sip_message *m, enum sip_header_name name);
/* Walks headers of one name: *at starts at 0. */
bool sip_header_next(const struct sip_message *m, enum sip_header_name name, uint32_t *at,
		     struct str *value);
/* Is this token one of the comma-separated list that the headers of this name are? */
bool sip_header_lists(const struct sip_message *m, enum sip_header_name name, const char *token);
const char *sip_header_text(enum sip_header_name name);
const char *sip_method_name(enum sip_method m);
enum sip_method sip_method_of(struct str text);

/* -- values; each takes one off *rest, with the comma behind it -- */
MUST_USE enum err sip_take_name_addr(struct str *rest, struct sip_name_addr *out);
MUST_USE enum err sip_take_via(struct str *rest, struct sip_via *out);
/* Takes the next list element, respecting quotes and angle brackets. False when none is left. */
bool sip_take_element(struct str *rest, struct str *element);
/* name[=value] pairs behind semicolons. False when absent or at the end. */
bool sip_param(struct str params, const char *name, struct str *value);

/* The first part of this type in a multipart body. ERR_UNSUPPORTED: it is no such body, or has
 * none. */
MUST_USE enum err sip_body_part(struct str content_type, struct str body, const char *type,
				struct str *out);

/* -- writing -- */
/* CR, LF and NUL become blanks: nothing from outside begins a header of its own. */
void put_value(struct buf *out, struct str s);
void put_header(struct buf *out, const char *name, struct str value);
/* In quotes, with what must be escaped escaped. */
void put_quoted(struct buf *out, struct str s);
const char *sip_reason_phrase(uint32_t status);
