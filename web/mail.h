/*
 * mail.h - a mail with a file to a mail server of ours, by SMTP (RFC 5321) with libcurl, taken into
 * memory by the first one. Texts from people go into headers as encoded words (RFC 2047) only, so
 * that nothing in them can begin a header. On a clerk's thread, which waits.
 */
#pragma once

#include <stdatomic.h>

#include "base/str.h"

/* url smtp://HOST:PORT (with STARTTLS where the server offers it; with a user it must, but on this
 * machine) or smtps://HOST:PORT; user empty: none is told. */
struct mail_server {
	const char *url, *user, *secret, *from;
};

struct mail {
	struct str to;			      /* addresses by commas */
	struct str subject, text, message_id; /* message_id without <> */
	int64_t at_ms;
	int file_fd; /* read from its beginning */
	const char *file_name, *file_type;
};

#define MAIL_FILE_MAX (20ll << 20)

/* name@domain in ASCII, nothing that a header or a command could take for its own. */
bool mail_address(struct str s);
/* allow: addresses, or @domain for everybody there, by commas; letters without case. */
bool mail_allowed(struct str allow, struct str address);

/* The whole message into fd, from its beginning; *bytes: of it. folder-less: fd is the caller's. */
MUST_USE enum err mail_compose(const struct mail_server *s, const struct mail *m, int fd,
			       int64_t *bytes);
/*
 * Waits until the server has taken it. ERR_UNSUPPORTED: libcurl is not installed; ERR_AGAIN: not
 * now (stopping, refused, unreachable, too slow); ERR_INVALID: refused for good (5xx). why: for
 * people.
 */
MUST_USE enum err mail_send(const struct mail_server *s, const struct mail *m, int message_fd,
			    int64_t bytes, const atomic_bool *stopping, char why[240]);
