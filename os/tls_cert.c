/* tls_cert.c - see tls.h: certificates, keys and trust, read from files as a whole or not at all.
 */
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/tls_inside.h"

#define CHAIN_BYTES_MAX 32768u /* of a peer's certificates */
#define DEPTH_MAX 8

/* RFC 9325 sections 4.1 and 4.2: AEAD with forward secrecy. TLS 1.3 has no others. */
static const char suites[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
			     "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
			     "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char groups[] = "X25519:P-256:P-384";

void tls_put_error(struct buf *why)
{
	char text[200];
	unsigned long e = ERR_peek_last_error();
	const char *reason = e ? ERR_reason_error_string(e) : NULL;
	if (reason) {
		buf_c(why, reason);
	} else {
		ERR_error_string_n(e, text, sizeof text);
		buf_c(why, e ? text : "no reason given");
	}
	ERR_clear_error();
}

static bool said(const char *path)
{
	return path && path[0];
}

/* A key with a password would ask for it on the terminal. */
static int no_password(char *room, int room_n, int writing, void *arg)
{
	(void)room;
	(void)room_n;
	(void)writing;
	(void)arg;
	return -1;
}

static SSL_CTX *context(const SSL_METHOD *method)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	CHECK(ctx);
	CHECK(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
	CHECK(SSL_CTX_set_cipher_list(ctx, suites) == 1);
	CHECK(SSL_CTX_set1_groups_list(ctx, groups) == 1);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets need no memory */
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_max_cert_list(ctx, CHAIN_BYTES_MAX);
	SSL_CTX_set_verify_depth(ctx, DEPTH_MAX);
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	return ctx;
}

static enum err use_pair(SSL_CTX *ctx, const char *cert, const char *key, struct buf *why)
{
	const char *wrong = cert;
	bool good = SSL_CTX_use_certificate_chain_file(ctx, cert) == 1;
	if (good) {
		wrong = key;
		good = SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1 &&
		       SSL_CTX_check_private_key(ctx) == 1;
	}
	if (good)
		return ERR_OK;
	buf_fmt(why, "%s: ", wrong);
	tls_put_error(why);
	return ERR_INVALID;
}

/* Whom clients' certificates must come from, and the list of them that clients are shown. */
static enum err ask_clients(SSL_CTX *ctx, const struct tls_options *o, struct buf *why)
{
	static const unsigned char here[] = "centrala";
	if (o->client_auth == TLS_CLIENT_NONE)
		return ERR_OK;
	if (!said(o->client_ca)) {
		buf_c(why, "tls.client_auth needs tls.client_ca");
		return ERR_INVALID;
	}
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(o->client_ca);
	if (!names || SSL_CTX_load_verify_file(ctx, o->client_ca) != 1) {
		buf_fmt(why, "%s: ", o->client_ca);
		tls_put_error(why);
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return ERR_INVALID;
	}
	SSL_CTX_set_client_CA_list(ctx, names);
	SSL_CTX_set_verify(ctx,
			   SSL_VERIFY_PEER | (o->client_auth == TLS_CLIENT_REQUIRED
						      ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT
						      : 0),
			   NULL);
	/* a ticket holds the certificate that was shown */
	CHECK(SSL_CTX_set_session_id_context(ctx, here, sizeof here - 1) == 1);
	return ERR_OK;
}

/* RFC 6066 section 3: the certificate for the name the client asks for. */
static int by_name(SSL *ssl, int *alert, void *arg)
{
	const struct tls *t = arg; /* a handshake that began before a reload gets what is new */
	const struct tls_files *f = t->files;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	(void)alert;
	for (uint32_t i = 0; name && i < f->count; i++) {
		X509 *cert = SSL_CTX_get0_certificate(f->certs[i].ctx);
		if (X509_check_host(cert, name, 0, 0, NULL) == 1) {
			SSL_set_SSL_CTX(ssl, f->certs[i].ctx);
			break;
		}
	}
	return SSL_TLSEXT_ERR_OK; /* nobody's name: the first certificate, as without SNI */
}

/* RFC 7301 section 3.2; refusing strangers' protocols keeps one's bytes from being read as
 * another's (ALPACA). */
static int by_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n,
		       const unsigned char *in, unsigned int in_n, void *arg)
{
	const char *ours = arg;
	unsigned char *found;
	(void)ssl;
	if (SSL_select_next_proto(&found, out_n, (const unsigned char *)ours,
				  (unsigned int)strlen(ours), in, in_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = found;
	return SSL_TLSEXT_ERR_OK;
}

static enum err add(struct tls_files *f, const struct tls_options *o, const char *cert,
		    const char *key, struct buf *why)
{
	struct tls_cert *c = &f->certs[f->count];
	if (f->count == TLS_CERTS_MAX || !str_copy(str_of(cert), c->file, sizeof c->file)) {
		buf_fmt(why, "%s: too many certificates, or too long a name", cert);
		return ERR_TOO_LARGE;
	}
	c->ctx = context(TLS_server_method());
	if (o->alpn)
		SSL_CTX_set_alpn_select_cb(c->ctx, by_protocol, (void *)o->alpn);
	f->count++;
	enum err e = use_pair(c->ctx, cert, key, why);
	return e == ERR_OK ? ask_clients(c->ctx, o, why) : e;
}

static int crt_only(const struct dirent *d)
{
	return str_ends(str_of(d->d_name), STR(".crt"));
}

static enum err add_more(struct tls_files *f, const struct tls_options *o, struct buf *why)
{
	struct dirent **list = NULL;
	int n = scandir(o->more, &list, crt_only, alphasort);
	enum err e = n < 0 ? ERR_IO : ERR_OK;
	if (n < 0)
		buf_fmt(why, "%s cannot be read", o->more);
	for (int i = 0; i < n; i++) {
		char cert[TLS_PATH_MAX], key[TLS_PATH_MAX];
		size_t stem = strlen(list[i]->d_name) - 4;
		int a = snprintf(cert, sizeof cert, "%s/%s", o->more, list[i]->d_name);
		int b = snprintf(key, sizeof key, "%s/%.*s.key", o->more, (int)stem,
				 list[i]->d_name);
		bool fits = a > 0 && b > 0 && (size_t)a < sizeof cert && (size_t)b < sizeof key;
		if (e == ERR_OK)
			e = fits ? add(f, o, cert, key, why) : ERR_TOO_LARGE;
		free(list[i]);
	}
	free(list);
	return e;
}

static enum err make_out(struct tls_files *f, const struct tls_options *o, struct buf *why)
{
	f->out = context(TLS_client_method());
	if (said(o->cert) && use_pair(f->out, o->cert, o->key, why) != ERR_OK)
		return ERR_INVALID;
	if (!o->verify)
		return ERR_OK;
	SSL_CTX_set_verify(f->out, SSL_VERIFY_PEER, NULL);
	/* the system's is a folder that is looked into when it is needed */
	if (said(o->ca) ? SSL_CTX_load_verify_file(f->out, o->ca) == 1
			: SSL_CTX_set_default_verify_paths(f->out) == 1)
		return ERR_OK;
	buf_fmt(why, "%s: ", said(o->ca) ? o->ca : "the system's certificates");
	tls_put_error(why);
	return ERR_INVALID;
}

static void forget(struct tls_files *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->count; i++)
		SSL_CTX_free(f->certs[i].ctx);
	SSL_CTX_free(f->out);
	free(f);
}

static enum err load(const struct tls_options *o, struct tls_files **out, struct buf *why)
{
	struct tls_files *f = xcalloc(1, sizeof *f);
	enum err e = ERR_OK;
	ERR_clear_error();
	if (said(o->cert) != said(o->key)) {
		buf_c(why, "tls.cert and tls.key belong together");
		e = ERR_INVALID;
	}
	if (e == ERR_OK && said(o->cert))
		e = add(f, o, o->cert, o->key, why);
	if (e == ERR_OK && said(o->more))
		e = add_more(f, o, why);
	if (e == ERR_OK)
		e = make_out(f, o, why);
	if (e != ERR_OK) {
		forget(f);
		return e;
	}
	*out = f;
	return ERR_OK;
}

static void take(struct tls *t, struct tls_files *f)
{
	forget(t->files);
	t->files = f;
	if (!f->count)
		return;
	SSL_CTX_set_tlsext_servername_callback(f->certs[0].ctx, by_name);
	SSL_CTX_set_tlsext_servername_arg(f->certs[0].ctx, t);
}

enum err tls_create(const struct tls_options *o, struct tls **out, struct buf *why)
{
	struct tls *t = xcalloc(1, sizeof *t);
	t->o = *o;
	enum err e = tls_reload(t, why);
	if (e != ERR_OK) {
		free(t);
		return e;
	}
	*out = t;
	return ERR_OK;
}

enum err tls_reload(struct tls *t, struct buf *why)
{
	struct tls_files *f;
	enum err e = load(&t->o, &f, why);
	if (e == ERR_OK)
		take(t, f);
	return e;
}

void tls_destroy(struct tls *t)
{
	if (!t)
		return;
	forget(t->files);
	free(t);
}

int64_t tls_left_s(const struct tls *t, struct buf *whose)
{
	int64_t least = INT64_MAX;
	uint32_t which = 0;
	for (uint32_t i = 0; i < t->files->count; i++) {
		int days = 0, seconds = 0;
		X509 *cert = SSL_CTX_get0_certificate(t->files->certs[i].ctx);
		if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) != 1)
			continue;
		int64_t left = (int64_t)days * 86400 + seconds;
		which = left < least ? i : which;
		least = MIN(least, left);
	}
	if (least != INT64_MAX)
		buf_c(whose, t->files->certs[which].file);
	return least;
}
