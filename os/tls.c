/* tls.c - see tls.h: connections. */
#include "os/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "os/tls_inside.h"

#define NAME_MAX_BYTES 256
#define WHY_MAX 160

struct tls_conn {
	SSL *ssl;
	char *expected; /* whose certificate the other end must have; NULL: anybody's */
	char *why;	/* of a failure; NULL: none */
	bool waits_for_room, broken;
};

static struct tls_conn *conn_on(SSL_CTX *ctx, int fd)
{
	struct tls_conn *c = xcalloc(1, sizeof *c);
	c->ssl = SSL_new(ctx);
	CHECK(c->ssl && SSL_set_fd(c->ssl, fd) == 1);
	return c;
}

struct tls_conn *tls_accept(struct tls *t, int fd, bool ask)
{
	CHECK(t->files->count > 0);
	struct tls_conn *c = conn_on(t->files->certs[0].ctx, fd);
	SSL_set_accept_state(c->ssl);
	if (!ask)
		SSL_set_verify(c->ssl, SSL_VERIFY_NONE, NULL);
	return c;
}

static bool is_address(const char *name)
{
	ASN1_OCTET_STRING *ip = a2i_IPADDRESS(name);
	ASN1_OCTET_STRING_free(ip);
	ERR_clear_error();
	return ip != NULL;
}

struct tls_conn *tls_connect(struct tls *t, int fd, struct str name)
{
	struct tls_conn *c = conn_on(t->files->out, fd);
	SSL_set_connect_state(c->ssl);
	c->expected = str_dup(name);
	/* RFC 6066 section 3: no addresses in SNI */
	if (name.n && name.n < NAME_MAX_BYTES && !is_address(c->expected))
		(void)SSL_set_tlsext_host_name(c->ssl, c->expected);
	return c;
}

void tls_end(struct tls_conn *c)
{
	ERR_clear_error();
	if (!c->broken && SSL_is_init_finished(c->ssl))
		(void)SSL_shutdown(c->ssl); /* one record, once */
	ERR_clear_error();
}

void tls_free(struct tls_conn *c)
{
	if (!c)
		return;
	tls_end(c);
	SSL_free(c->ssl);
	free(c->expected);
	free(c->why);
	free(c);
}

static void fail(struct tls_conn *c, struct str why)
{
	c->broken = true;
	if (!c->why)
		c->why = str_dup(str_head(why, WHY_MAX));
}

/* RFC 5922 section 7.1: a URI without a user part names the domain. */
static bool uri_names(X509 *cert, struct str name)
{
	GENERAL_NAMES *all = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool found = false;
	for (int i = 0; i < sk_GENERAL_NAME_num(all) && !found; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);
		if (g->type != GEN_URI)
			continue;
		struct str uri = str_make(
			(const char *)ASN1_STRING_get0_data(g->d.uniformResourceIdentifier),
			(size_t)ASN1_STRING_length(g->d.uniformResourceIdentifier));
		if (str_starts(uri, STR("sip:")))
			found = str_ieq(str_from(uri, 4), name);
	}
	GENERAL_NAMES_free(all);
	return found;
}

static bool is_for(X509 *cert, const char *name)
{
	if (is_address(name))
		return X509_check_ip_asc(cert, name, 0) == 1;
	return X509_check_host(cert, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1 ||
	       uri_names(cert, str_of(name));
}

bool tls_certified(const struct tls_conn *c, struct str name)
{
	char text[NAME_MAX_BYTES];
	X509 *cert = SSL_get1_peer_certificate(c->ssl);
	/* without SSL_VERIFY_PEER nobody looked at the chain */
	bool good = cert && !c->broken && SSL_is_init_finished(c->ssl) &&
		    (SSL_get_verify_mode(c->ssl) & SSL_VERIFY_PEER) &&
		    SSL_get_verify_result(c->ssl) == X509_V_OK && name.n &&
		    str_copy(name, text, sizeof text) && is_for(cert, text);
	X509_free(cert);
	return good;
}

/* What SSL_get_error makes of a result. True: try again later. */
static bool later(struct tls_conn *c, int result)
{
	int e = SSL_get_error(c->ssl, result);
	c->waits_for_room = e == SSL_ERROR_WANT_WRITE;
	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
		return true;
	char text[WHY_MAX];
	struct buf why = buf_make(text, sizeof text);
	long verdict = SSL_get_verify_result(c->ssl);
	if (verdict != X509_V_OK && (SSL_get_verify_mode(c->ssl) & SSL_VERIFY_PEER))
		buf_fmt(&why, "certificate: %s", X509_verify_cert_error_string(verdict));
	else if (ERR_peek_last_error())
		tls_put_error(&why);
	else
		buf_c(&why, "the connection ended");
	fail(c, buf_str(&why));
	return false;
}

enum err tls_handshake(struct tls_conn *c)
{
	if (c->broken)
		return ERR_INVALID;
	ERR_clear_error();
	int done = SSL_do_handshake(c->ssl);
	if (done != 1)
		return later(c, done) ? ERR_AGAIN : ERR_INVALID;
	c->waits_for_room = false;
	if (c->expected && (SSL_get_verify_mode(c->ssl) & SSL_VERIFY_PEER) &&
	    !tls_certified(c, str_of(c->expected))) {
		char text[WHY_MAX];
		struct buf why = buf_make(text, sizeof text);
		buf_fmt(&why, "certificate: not for %.100s", c->expected);
		fail(c, buf_str(&why));
		return ERR_INVALID;
	}
	return ERR_OK;
}

static ssize_t result_of(struct tls_conn *c, int done, size_t moved)
{
	if (done == 1) {
		c->waits_for_room = false;
		return (ssize_t)moved;
	}
	if (SSL_get_error(c->ssl, done) == SSL_ERROR_ZERO_RETURN)
		return 0; /* their goodbye */
	errno = later(c, done) ? EAGAIN : EPROTO;
	return -1;
}

ssize_t tls_read(struct tls_conn *c, void *to, size_t n)
{
	size_t got = 0;
	ERR_clear_error();
	int done = SSL_read_ex(c->ssl, to, n, &got);
	return result_of(c, done, got);
}

ssize_t tls_write(struct tls_conn *c, const void *from, size_t n)
{
	size_t sent = 0;
	ERR_clear_error();
	int done = SSL_write_ex(c->ssl, from, n, &sent);
	return result_of(c, done, sent);
}

uint32_t tls_wants(const struct tls_conn *c)
{
	return EPOLLIN | (c->waits_for_room ? EPOLLOUT : 0u);
}

struct str tls_protocol(const struct tls_conn *c)
{
	const unsigned char *name = NULL;
	unsigned int n = 0;
	SSL_get0_alpn_selected(c->ssl, &name, &n);
	return str_make((const char *)name, n);
}

struct str tls_why(const struct tls_conn *c)
{
	return str_of(c->why);
}

void tls_describe(const struct tls_conn *c, struct buf *out)
{
	buf_fmt(out, "%s %s%s", SSL_get_version(c->ssl), SSL_get_cipher_name(c->ssl),
		SSL_session_reused(c->ssl) ? " resumed" : "");
}
