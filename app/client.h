/*
 * client.h - a small HTTP client for our own commands: to a server's socket in DIR, or to a URL.
 */
#pragma once

#include "os/tls.h"

struct client {
	int fd;		      /* -1: not connected */
	struct tls *trust;    /* NULL: in the clear */
	struct tls_conn *tls; /* of https */
	char host[128];
};

/* DIR/ctl.sock; ERR_NOT_FOUND: no server runs there. */
MUST_USE enum err client_local(const char *dir, struct client *out);
/* http:// or https://host:port[/]; ERR_INVALID, ERR_IO; ERR_FORBIDDEN: its certificate is not good
 * for that host. The system's authorities, or those in the file SSL_CERT_FILE names. */
MUST_USE enum err client_url(const char *url, struct client *out);
void client_close(struct client *c);

/* One request per connection. token and body may be empty. The answer's body goes to out (a growing
 * buf), or piece by piece to `piece` when it is given (a stream). */
MUST_USE enum err client_request(struct client *c, const char *method, const char *path,
				 struct str token, struct str body, int *status, struct buf *out,
				 void (*piece)(struct str bytes));
