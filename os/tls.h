/*
 * tls.h - TLS 1.2 and 1.3 over sockets that never block, on OpenSSL 3.
 *
 * `struct tls` holds certificates, keys and whom we trust; it can be loaded anew while connections
 * live: they go on with what they began with. AEAD suites with forward secrecy only, no
 * renegotiation, no early data (RFC 9325); resumption by tickets, whose keys die with the process
 * and with every reload.
 *
 * A `struct tls_conn` never owns its socket. Its buffers exist only while a record is on its way
 * (SSL_MODE_RELEASE_BUFFERS). Time limits are the owner's. One thread for both, any; SIGPIPE must
 * be ignored.
 */
#pragma once

#include <sys/types.h>

#include "base/str.h"

struct tls;
struct tls_conn;

/* Are clients asked for a certificate? REQUIRED: without a good one no connection. */
enum tls_client_auth { TLS_CLIENT_NONE, TLS_CLIENT_OPTIONAL, TLS_CLIENT_REQUIRED };

struct tls_options {
	/* PEM: the chain, leaf first, and its key without a password. NULL or empty: none, then
	 * there are only connections out. Connections out show it when they are asked. */
	const char *cert, *key;
	/* Folder of more of them, NAME.crt with NAME.key: clients get the one for the name they
	 * ask for (SNI), else `cert`. Empty: none. */
	const char *more;
	const char *client_ca; /* PEM: who vouches for clients; needed unless TLS_CLIENT_NONE */
	enum tls_client_auth client_auth;
	const char *ca; /* PEM: who vouches for servers we connect to; empty: the system's */
	/* Protocols for connections that are accepted, as ALPN has them (RFC 7301): each with its
	 * length before it, the one we like best first. A client that offers others only is
	 * refused; one that offers none is not. NULL: nothing is agreed on. */
	const char *alpn;
	bool verify; /* false: connections out take any certificate */
};

/* Reads the files; the options' strings must live as long as it. why: what is wrong with which. */
MUST_USE enum err tls_create(const struct tls_options *o, struct tls **out, struct buf *why);
/* Reads them again. Anything but ERR_OK: all stays as it was. */
MUST_USE enum err tls_reload(struct tls *t, struct buf *why);
void tls_destroy(struct tls *t); /* after its connections; NULL is fine */
/* Until the first of our certificates ends, in seconds, negative: it has; whose: its file.
 * INT64_MAX: there is none. */
int64_t tls_left_s(const struct tls *t, struct buf *whose);

/* ask: by the options' client_auth, else never. */
struct tls_conn *tls_accept(struct tls *t, int fd, bool ask);
/* name: host or literal address whose certificate is expected, and SNI. */
struct tls_conn *tls_connect(struct tls *t, int fd, struct str name);
/* Says goodbye if that can be done at once. The socket stays open. */
void tls_free(struct tls_conn *c);

/* ERR_AGAIN: wait for tls_wants; ERR_INVALID: over, see tls_why. Done once, before the rest. */
MUST_USE enum err tls_handshake(struct tls_conn *c);
/* What ALPN has agreed on; empty: nothing. */
struct str tls_protocol(const struct tls_conn *c);
/* Says goodbye without waiting; what is still to be read is thrown away by the caller. */
void tls_end(struct tls_conn *c);
/* As recv and send: bytes, 0 for the end, or -1 with errno EAGAIN (see tls_wants) or EPROTO. Read
 * until EAGAIN: what is decrypted already makes no socket ready. */
ssize_t tls_read(struct tls_conn *c, void *to, size_t n);
ssize_t tls_write(struct tls_conn *c, const void *from, size_t n);
/* EPOLLIN, with EPOLLOUT when what was tried last waits for room. */
uint32_t tls_wants(const struct tls_conn *c);
/* Why the handshake failed, for people. */
struct str tls_why(const struct tls_conn *c);
/* Has the peer shown a certificate that is good, and for this name or address? Its subjectAltName
 * decides: DNS and IP (RFC 6125), URI `sip:name` (RFC 5922 section 7.1). */
bool tls_certified(const struct tls_conn *c, struct str name);
/* "TLSv1.3 TLS_AES_128_GCM_SHA256", " resumed" behind it when a ticket was taken. */
void tls_describe(const struct tls_conn *c, struct buf *out);
