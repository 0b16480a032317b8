/* dtls.c - see dtls.h. */
#include "rtp/dtls.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>

#define DATAGRAMS_MAX 256 /* of one handshake; an honest one needs ten */
#define CHAIN_BYTES_MAX 8192
#define FIRST_WAIT_US                                                                              \
	100000u /* browsers begin with 50 ms; the path has just been measured by ICE */
#define LONGEST_WAIT_US 3000000u
#define DAY_S 86400
#define VALID_DAYS 30 /* nobody looks: the fingerprint is what counts */
#define HEAD 13	      /* of a record; RFC 6347 §4.1 */

static const char suites[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
			     "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
			     "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char groups[] = "X25519:P-256:P-384";
/* RFC 7714 §14.2, RFC 5764 §4.1.2; the first that both have */
static const char profiles[] = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";

struct dtls_identity {
	SSL_CTX *ctx;
	uint32_t holders;
	char fingerprint[DTLS_FINGERPRINT_MAX];
};

struct dtls {
	struct dtls_options o;
	SSL *ssl;
	enum dtls_state state;
	struct str in; /* the datagram being handed in */
	uint32_t datagrams;
	const char *why;
};

bool dtls_is(struct str packet)
{
	return packet.n >= HEAD && (uint8_t)packet.p[0] >= 20 && (uint8_t)packet.p[0] <= 63;
}

bool dtls_begins(struct str packet)
{
	return packet.n > HEAD && packet.p[0] == 22 && packet.p[3] == 0 && packet.p[4] == 0 &&
	       packet.p[HEAD] == 1;
}

/* -- fingerprints, RFC 8122 §5 -- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err fingerprint_parse(struct str text, struct fingerprint *out)
{
	static const struct {
		const char *said, *name;
		uint8_t n;
	} hashes[] = {
		{"sha-256", "SHA256", 32}, {"sha-384", "SHA384", 48}, {"sha-512", "SHA512", 64}};
	struct str hash, hex;
	struct fingerprint f = {0};
	(void)str_cut(text, ' ', &hash, &hex);
	for (size_t i = 0; i < COUNT_OF(hashes) && !f.n; i++) {
		if (!str_ieq(hash, str_of(hashes[i].said)))
			continue;
		CHECK(str_copy(str_of(hashes[i].name), f.hash, sizeof f.hash));
		f.n = hashes[i].n;
	}
	if (!f.n)
		return ERR_UNSUPPORTED;
	if (hex.n != 3u * f.n - 1)
		return ERR_INVALID;
	for (size_t i = 0; i < f.n; i++) {
		int high = hex_digit(hex.p[3 * i]), low = hex_digit(hex.p[3 * i + 1]);
		if (high < 0 || low < 0 || (i + 1 < f.n && hex.p[3 * i + 2] != ':'))
			return ERR_INVALID;
		f.bytes[i] = (uint8_t)(high << 4 | low);
	}
	*out = f;
	return ERR_OK;
}

bool fingerprint_eq(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->n == b->n && !memcmp(a->bytes, b->bytes, a->n);
}

static bool put_fingerprint(const X509 *cert, char out[DTLS_FINGERPRINT_MAX])
{
	uint8_t bytes[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct buf b = buf_make(out, DTLS_FINGERPRINT_MAX - 1);
	if (X509_digest(cert, EVP_sha256(), bytes, &n) != 1)
		return false;
	buf_c(&b, "sha-256 ");
	for (unsigned i = 0; i < n; i++)
		buf_fmt(&b, "%s%02X", i ? ":" : "", bytes[i]);
	out[b.n] = 0;
	return !b.full;
}

/* -- who we are -- */

/* Whoever has no certificate of the fingerprint that was signalled gets no further (RFC 8842 §5.1).
 * Who signed it does not matter. */
static int is_our_peer(X509_STORE_CTX *store, void *arg)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct dtls *d = SSL_get_app_data(ssl);
	const X509 *cert = X509_STORE_CTX_get0_cert(store);
	const EVP_MD *hash = EVP_get_digestbyname(d->o.peer.hash);
	struct fingerprint got = {0};
	unsigned n = 0;
	(void)arg;
	if (cert && hash && EVP_MD_get_size(hash) <= (int)sizeof got.bytes &&
	    X509_digest(cert, hash, got.bytes, &n) == 1) {
		got.n = (uint8_t)n;
		if (fingerprint_eq(&got, &d->o.peer))
			return 1;
	}
	d->why = "another certificate than was signalled";
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

static X509 *make_certificate(EVP_PKEY *key)
{
	static const uint8_t name[] = "centrala";
	X509 *cert = X509_new();
	uint8_t serial[8] = {0};
	bool good = cert && X509_set_version(cert, X509_VERSION_3) == 1 &&
		    RAND_bytes(serial, sizeof serial) == 1;
	serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40); /* RFC 5280 §4.1.2.2: positive */
	BIGNUM *number = good ? BN_bin2bn(serial, sizeof serial, NULL) : NULL;
	good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), -DAY_S) &&
	       X509_gmtime_adj(X509_getm_notAfter(cert), (long)VALID_DAYS * DAY_S) &&
	       X509_set_pubkey(cert, key) == 1 &&
	       X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, name, -1,
					  -1, 0) == 1 &&
	       X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 &&
	       X509_sign(cert, key, EVP_sha256()) > 0;
	BN_free(number);
	if (good)
		return cert;
	X509_free(cert);
	return NULL;
}

static bool settle_context(SSL_CTX *ctx)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
					 SSL_OP_NO_QUERY_MTU);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(ctx, CHAIN_BYTES_MAX);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, is_our_peer, NULL);
	return SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, suites) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, groups) == 1 &&
	       SSL_CTX_set_tlsext_use_srtp(ctx, profiles) == 0; /* 0 is good, only here */
}

struct dtls_identity *dtls_identity_create(void)
{
	struct dtls_identity *i = xcalloc(1, sizeof *i);
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = key ? make_certificate(key) : NULL;
	i->holders = 1;
	i->ctx = SSL_CTX_new(DTLS_method());
	bool good = cert && i->ctx && settle_context(i->ctx) &&
		    SSL_CTX_use_certificate(i->ctx, cert) == 1 &&
		    SSL_CTX_use_PrivateKey(i->ctx, key) == 1 &&
		    put_fingerprint(cert, i->fingerprint);
	X509_free(cert);
	EVP_PKEY_free(key);
	ERR_clear_error();
	if (good)
		return i;
	dtls_identity_release(i);
	return NULL;
}

struct dtls_identity *dtls_identity_hold(struct dtls_identity *i)
{
	i->holders++;
	return i;
}

void dtls_identity_release(struct dtls_identity *i)
{
	if (!i || --i->holders)
		return;
	SSL_CTX_free(i->ctx);
	free(i);
}

struct str dtls_identity_fingerprint(const struct dtls_identity *i)
{
	return str_of(i->fingerprint);
}

/* -- datagrams in and out: OpenSSL's memory BIO knows no borders -- */

static int bio_write(BIO *b, const char *p, int n)
{
	struct dtls *d = BIO_get_data(b);
	if (n > 0)
		d->o.send(d->o.arg, str_make(p, (size_t)n));
	return n;
}

static int bio_read(BIO *b, char *p, int n)
{
	struct dtls *d = BIO_get_data(b);
	struct str in = str_head(d->in, n > 0 ? (size_t)n : 0);
	BIO_clear_retry_flags(b);
	if (!in.n) {
		BIO_set_retry_read(b);
		return -1;
	}
	memcpy(p, in.p, in.n);
	d->in = STR_NONE; /* as a socket: what did not fit is gone */
	return (int)in.n;
}

static long bio_ctrl(BIO *b, int what, long n, void *p)
{
	(void)b;
	(void)n;
	(void)p;
	switch (what) {
	case BIO_CTRL_FLUSH:
	case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return DTLS_MTU;
	case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
		return 48; /* IPv6 and UDP */
	default:
		return 0;
	}
}

static BIO_METHOD *method;

static void make_method(void)
{
	method = BIO_meth_new(BIO_TYPE_DGRAM, "datagrams");
	CHECK(method && BIO_meth_set_write(method, bio_write) == 1 &&
	      BIO_meth_set_read(method, bio_read) == 1 && BIO_meth_set_ctrl(method, bio_ctrl) == 1);
}

static BIO *make_bio(struct dtls *d)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_method);
	BIO *b = BIO_new(method);
	if (!b)
		return NULL;
	BIO_set_data(b, d);
	BIO_set_init(b, 1);
	return b;
}

/* -- one association -- */

static unsigned wait_us(SSL *ssl, unsigned before_us)
{
	(void)ssl;
	return before_us ? MIN(2 * before_us, LONGEST_WAIT_US) : FIRST_WAIT_US;
}

struct dtls *dtls_create(const struct dtls_options *o)
{
	struct dtls *d = xcalloc(1, sizeof *d);
	d->o = *o;
	d->why = "";
	(void)dtls_identity_hold(o->identity);
	d->ssl = SSL_new(o->identity->ctx);
	BIO *bio = d->ssl ? make_bio(d) : NULL;
	if (!bio) {
		dtls_destroy(d);
		return NULL;
	}
	SSL_set_bio(d->ssl, bio, bio);
	SSL_set_app_data(d->ssl, d);
	DTLS_set_timer_cb(d->ssl, wait_us);
	if (o->begins)
		SSL_set_connect_state(d->ssl);
	else
		SSL_set_accept_state(d->ssl);
	(void)SSL_set_mtu(d->ssl, DTLS_MTU);
	return d;
}

void dtls_destroy(struct dtls *d)
{
	if (!d)
		return;
	SSL_free(d->ssl);
	dtls_identity_release(d->o.identity);
	free(d);
}

enum dtls_state dtls_state(const struct dtls *d)
{
	return d->state;
}

const char *dtls_why(const struct dtls *d)
{
	return d->why;
}

static void fail(struct dtls *d)
{
	unsigned long e = ERR_peek_last_error();
	const char *reason = e ? ERR_reason_error_string(e) : NULL;
	d->state = DTLS_FAILED;
	if (!d->why[0])
		d->why = reason ? reason : "no reason given";
}

static void shake(struct dtls *d)
{
	int done = SSL_do_handshake(d->ssl);
	if (done != 1 && SSL_get_error(d->ssl, done) == SSL_ERROR_WANT_READ)
		return;
	if (done == 1 && SSL_get_selected_srtp_profile(d->ssl)) {
		d->state = DTLS_DONE;
		return;
	}
	if (done == 1)
		d->why = "no SRTP profile in common";
	fail(d);
}

/* After the handshake: the peer's last flight said again, or its goodbye. Nothing else is expected,
 * what it may send is thrown away. */
static void listen(struct dtls *d)
{
	char nothing[DTLS_MTU];
	int n;
	while ((n = SSL_read(d->ssl, nothing, sizeof nothing)) > 0)
		;
	if (SSL_get_error(d->ssl, n) != SSL_ERROR_WANT_READ)
		d->state = DTLS_ENDED;
}

static enum dtls_state go_on(struct dtls *d)
{
	ERR_clear_error();
	if (d->state == DTLS_SHAKES)
		shake(d);
	else if (d->state == DTLS_DONE)
		listen(d);
	ERR_clear_error();
	return d->state;
}

enum dtls_state dtls_start(struct dtls *d)
{
	return go_on(d);
}

enum dtls_state dtls_receive(struct dtls *d, struct str datagram)
{
	if (d->state == DTLS_SHAKES && ++d->datagrams > DATAGRAMS_MAX) {
		d->why = "too many datagrams";
		fail(d);
	}
	d->in = datagram;
	(void)go_on(d);
	d->in = STR_NONE;
	return d->state;
}

int64_t dtls_wait_ms(const struct dtls *d)
{
	struct timeval left;
	if (d->state != DTLS_SHAKES || DTLSv1_get_timeout(d->ssl, &left) != 1)
		return INT64_MAX;
	return (int64_t)left.tv_sec * 1000 + left.tv_usec / 1000 + 1;
}

enum dtls_state dtls_time(struct dtls *d)
{
	ERR_clear_error();
	if (d->state == DTLS_SHAKES && DTLSv1_handle_timeout(d->ssl) < 0) {
		d->why = "no answer";
		fail(d);
	}
	ERR_clear_error();
	return d->state;
}

void dtls_give_up(struct dtls *d)
{
	d->why = "took too long";
	fail(d);
}

void dtls_goodbye(struct dtls *d)
{
	ERR_clear_error();
	if (d->state == DTLS_DONE)
		(void)SSL_shutdown(d->ssl);
	ERR_clear_error();
}

/* RFC 5764 §4.2: the client's key, the server's, the client's salt, the server's. */
void dtls_keys(const struct dtls *d, struct srtp_terms *seal, struct srtp_terms *open)
{
	static const char label[] = "EXTRACTOR-dtls_srtp";
	uint8_t all[2 * SRTP_KEY_MAX];
	enum srtp_suite suite = SRTP_NONE;
	CHECK(d->state == DTLS_DONE);
	switch (SSL_get_selected_srtp_profile(d->ssl)->id) {
	case SRTP_AEAD_AES_128_GCM:
		suite = SRTP_AES128_GCM;
		break;
	case SRTP_AEAD_AES_256_GCM:
		suite = SRTP_AES256_GCM;
		break;
	case SRTP_AES128_CM_SHA1_80:
		suite = SRTP_AES128_SHA1_80;
		break;
	}
	CHECK(suite);
	size_t whole = srtp_key_bytes(suite), salt = suite == SRTP_AES128_SHA1_80 ? 14 : 12;
	size_t key = whole - salt;
	CHECK(SSL_export_keying_material(d->ssl, all, 2 * whole, label, sizeof label - 1, NULL, 0,
					 0) == 1);
	struct srtp_terms *of_client = d->o.begins ? seal : open;
	struct srtp_terms *of_server = d->o.begins ? open : seal;
	*of_client = *of_server = (struct srtp_terms){.suite = suite};
	memcpy(of_client->key, all, key);
	memcpy(of_server->key, all + key, key);
	memcpy(of_client->key + key, all + 2 * key, salt);
	memcpy(of_server->key + key, all + 2 * key + salt, salt);
	OPENSSL_cleanse(all, sizeof all);
}
