/* tls_test.c - handshakes over a socket pair with certificates made here. */
#include "os/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/clock.h"
#include "os/tls_inside.h"
#include "tests/test.h"

/* -- certificates -- */

static char dir[64];

static const char *file(const char *name)
{
	static char room[8][128];
	static unsigned at;
	char *path = room[at++ % 8];
	snprintf(path, 128, "%s/%s", dir, name);
	return path;
}

struct made {
	X509 *cert;
	EVP_PKEY *key;
};

static void put_file(const char *name, const struct made *m, bool key)
{
	FILE *f = fopen(file(name), "w");
	CHECK(f);
	if (key)
		CHECK(PEM_write_PrivateKey(f, m->key, NULL, NULL, 0, NULL, NULL) == 1);
	else
		CHECK(PEM_write_X509(f, m->cert) == 1);
	fclose(f);
}

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	CHECK(e && X509_add_ext(cert, e, -1) == 1);
	X509_EXTENSION_free(e);
}

/* Written to NAME.crt and NAME.key. names: of subjectAltName; NULL: an authority. by NULL: itself
 * signs. */
static struct made make(const char *name, const char *names, const struct made *by, long days)
{
	struct made m = {X509_new(), EVP_EC_gen("P-256")};
	static long serial;
	char crt[64], key[64];
	X509_set_version(m.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(m.cert), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(m.cert), -200L * 86400);
	X509_gmtime_adj(X509_getm_notAfter(m.cert), days * 86400);
	X509_set_pubkey(m.cert, m.key);
	X509_NAME *n = X509_get_subject_name(m.cert);
	X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(m.cert, by ? X509_get_subject_name(by->cert) : n);
	add_extension(m.cert, NID_basic_constraints, names ? "CA:FALSE" : "critical,CA:TRUE");
	if (names)
		add_extension(m.cert, NID_subject_alt_name, names);
	CHECK(X509_sign(m.cert, by ? by->key : m.key, EVP_sha256()) > 0);
	snprintf(crt, sizeof crt, "%s.crt", name);
	snprintf(key, sizeof key, "%s.key", name);
	put_file(crt, &m, false);
	put_file(key, &m, true);
	return m;
}

static void drop(struct made *m)
{
	X509_free(m->cert);
	EVP_PKEY_free(m->key);
}

static struct made ca;

static void begin(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/centrala-tls-XXXXXX");
	CHECK(mkdtemp(dir));
	signal(SIGPIPE, SIG_IGN);
	ca = make("ca", NULL, NULL, 100);
	struct made a = make("a", "DNS:a.test,DNS:*.w.test,IP:192.0.2.1,URI:sip:u.test", &ca, 50);
	struct made b = make("b", "DNS:b.test", &ca, 5);
	drop(&a);
	drop(&b);
}

static void finish(void)
{
	char command[128];
	drop(&ca);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	CHECK(system(command) == 0);
}

/* -- two ends -- */

struct ends {
	int fds[2];
	struct tls_conn *server, *client;
	enum err server_is, client_is;
};

static struct ends shake(struct tls *server, struct tls *client, const char *name)
{
	struct ends e = {.server_is = ERR_AGAIN, .client_is = ERR_AGAIN};
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, e.fds) == 0);
	e.server = tls_accept(server, e.fds[0], true);
	e.client = tls_connect(client, e.fds[1], str_of(name));
	for (int i = 0; i < 20; i++) {
		if (e.client_is == ERR_AGAIN)
			e.client_is = tls_handshake(e.client);
		if (e.server_is == ERR_AGAIN)
			e.server_is = tls_handshake(e.server);
	}
	return e;
}

static void part(struct ends *e)
{
	tls_free(e->client);
	tls_free(e->server);
	close(e->fds[0]);
	close(e->fds[1]);
}

static struct tls *make_tls(struct tls_options o)
{
	struct tls *t = NULL;
	char room[300];
	struct buf why = buf_make(room, sizeof room);
	enum err e = tls_create(&o, &t, &why);
	if (e != ERR_OK)
		test_say(buf_str(&why));
	EXPECT(e == ERR_OK);
	return t;
}

static struct tls *server_of(const char *name)
{
	static char crt[4][128], key[4][128];
	static unsigned at;
	unsigned i = at++ % 4;
	snprintf(crt[i], 128, "%s/%s.crt", dir, name);
	snprintf(key[i], 128, "%s/%s.key", dir, name);
	return make_tls((struct tls_options){.cert = crt[i], .key = key[i]});
}

static struct tls *careful_client(void)
{
	return make_tls((struct tls_options){.ca = file("ca.crt"), .verify = true});
}

/* Says something both ways. */
static bool talks(struct ends *e)
{
	char room[16];
	return tls_write(e->client, "hello", 5) == 5 && tls_read(e->server, room, 16) == 5 &&
	       !memcmp(room, "hello", 5) && tls_write(e->server, "you", 3) == 3 &&
	       tls_read(e->client, room, 16) == 3;
}

TEST(a_handshake_and_bytes_both_ways)
{
	begin();
	struct tls *s = server_of("a"), *c = careful_client();
	struct ends e = shake(s, c, "a.test");
	char text[100], room[8];
	struct buf b = buf_make(text, sizeof text);
	EXPECT(e.client_is == ERR_OK && e.server_is == ERR_OK && talks(&e));
	tls_describe(e.server, &b);
	EXPECT_STR(buf_str(&b), "TLSv1.3 TLS_AES_256_GCM_SHA384");
	EXPECT(tls_read(e.server, room, 8) == -1 && errno == EAGAIN);
	EXPECT(tls_wants(e.server) == EPOLLIN);
	tls_free(e.client);
	e.client = NULL;
	EXPECT(tls_read(e.server, room, 8) == 0); /* their goodbye */
	part(&e);
	tls_destroy(s);
	tls_destroy(c);
	finish();
}

/* RFC 6125, RFC 5922 section 7.1: whose certificate is it? */
TEST(a_peer_must_be_who_he_should_be)
{
	static const struct {
		const char *name;
		bool good;
	} cases[] = {
		{"a.test", true},      {"A.TEST", true},      {"b.test", false},
		{"x.w.test", true},    {"x.y.w.test", false}, {"w.test", false},
		{"192.0.2.1", true},   {"192.0.2.2", false},  {"u.test", true},
		{"sip:u.test", false}, {"", false},
	};
	begin();
	struct tls *s = server_of("a"), *c = careful_client();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct ends e = shake(s, c, cases[i].name);
		EXPECT((e.client_is == ERR_OK) == cases[i].good);
		EXPECT(cases[i].good || str_starts(tls_why(e.client), STR("certificate: not for")));
		part(&e);
	}
	tls_destroy(s);
	tls_destroy(c);
	finish();
}

TEST(bad_certificates_are_refused_unless_nobody_looks)
{
	begin();
	struct made other = make("other", NULL, NULL, 100);
	struct made old = make("old", "DNS:a.test", &ca, -1),
		    self = make("self", "DNS:a.test", NULL, 9),
		    foreign = make("foreign", "DNS:a.test", &other, 9);
	static const struct {
		const char *name, *why;
	} cases[] = {{"old", "certificate: certificate has expired"},
		     {"self", "certificate: self-signed certificate"},
		     {"foreign", "certificate: unable to get local issuer certificate"}};
	struct tls *c = careful_client(), *anybody = make_tls((struct tls_options){0});
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct tls *s = server_of(cases[i].name);
		struct ends e = shake(s, c, "a.test");
		EXPECT(e.client_is == ERR_INVALID && e.server_is != ERR_OK);
		EXPECT_STR(tls_why(e.client), cases[i].why);
		EXPECT(!tls_certified(e.client, STR("a.test")));
		part(&e);
		e = shake(s, anybody, "a.test");
		EXPECT(e.client_is == ERR_OK && talks(&e));
		EXPECT(!tls_certified(e.client, STR("a.test"))); /* taken, but not believed */
		part(&e);
		tls_destroy(s);
	}
	tls_destroy(c);
	tls_destroy(anybody);
	drop(&other);
	drop(&old);
	drop(&self);
	drop(&foreign);
	finish();
}

/* RFC 6066 section 3 */
TEST(clients_get_the_certificate_they_ask_for)
{
	begin();
	CHECK(symlink(file("b.crt"), file("zz.crt")) == 0 && mkdir(file("more"), 0700) == 0);
	CHECK(rename(file("b.crt"), file("more/b.crt")) == 0);
	CHECK(rename(file("b.key"), file("more/b.key")) == 0);
	struct tls_options o = {.cert = file("a.crt"), .key = file("a.key"), .more = file("more")};
	struct tls *s = make_tls(o), *c = careful_client();
	static const char *const names[] = {"a.test", "b.test"};
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct ends e = shake(s, c, names[i]);
		EXPECT(e.client_is == ERR_OK && talks(&e));
		part(&e);
	}
	struct ends e = shake(s, c, "c.test");
	EXPECT(e.client_is == ERR_INVALID);
	part(&e);
	char text[128];
	struct buf whose = buf_make(text, sizeof text);
	int64_t left = tls_left_s(s, &whose);
	EXPECT(left > 4 * 86400 && left <= 5 * 86400 &&
	       str_ends(buf_str(&whose), STR("more/b.crt")));
	tls_destroy(s);
	tls_destroy(c);
	finish();
}

TEST(clients_show_who_they_are)
{
	begin();
	struct made other = make("other", NULL, NULL, 100),
		    m = make("mallory", "DNS:b.test", &other, 9);
	struct tls_options o = {.cert = file("a.crt"),
				.key = file("a.key"),
				.client_ca = file("ca.crt"),
				.client_auth = TLS_CLIENT_OPTIONAL};
	struct tls *optional = make_tls(o);
	o.client_auth = TLS_CLIENT_REQUIRED;
	struct tls *required = make_tls(o), *nobody = careful_client();
	struct tls_options b = {
		.cert = file("b.crt"), .key = file("b.key"), .ca = file("ca.crt"), .verify = true};
	struct tls *bob = make_tls(b);
	b.cert = file("mallory.crt");
	b.key = file("mallory.key");
	struct tls *mallory = make_tls(b);

	struct ends e = shake(required, bob, "a.test");
	EXPECT(e.server_is == ERR_OK && tls_certified(e.server, STR("b.test")));
	EXPECT(!tls_certified(e.server, STR("a.test")) && talks(&e));
	part(&e);
	e = shake(optional, nobody, "a.test");
	EXPECT(e.server_is == ERR_OK && !tls_certified(e.server, STR("b.test")) && talks(&e));
	part(&e);
	e = shake(required, nobody, "a.test");
	EXPECT(e.server_is == ERR_INVALID);
	part(&e);
	struct tls *const both[] = {optional, required};
	for (size_t i = 0; i < COUNT_OF(both); i++) { /* a bad one is worse than none */
		e = shake(both[i], mallory, "a.test");
		EXPECT(e.server_is == ERR_INVALID);
		part(&e);
		tls_destroy(both[i]);
	}
	tls_destroy(bob);
	tls_destroy(nobody);
	tls_destroy(mallory);
	drop(&other);
	drop(&m);
	finish();
}

TEST(files_are_read_again_while_connections_live)
{
	begin();
	struct tls *s = make_tls((struct tls_options){.cert = file("a.crt"), .key = file("a.key")});
	struct tls *c = careful_client();
	char room[300];
	struct buf why = buf_make(room, sizeof room);
	struct ends before = shake(s, c, "a.test");
	struct ends halfway = {0};
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, halfway.fds) == 0);
	halfway.server = tls_accept(s, halfway.fds[0], true);
	halfway.client = tls_connect(c, halfway.fds[1], STR("a.test"));
	EXPECT(tls_handshake(halfway.client) == ERR_AGAIN);

	struct made fresh = make("a", "DNS:fresh.test", &ca, 60);
	EXPECT(tls_reload(s, &why) == ERR_OK);
	for (int i = 0; i < 9; i++) { /* one that had begun ends somehow */
		(void)!tls_handshake(halfway.server);
		(void)!tls_handshake(halfway.client);
	}
	part(&halfway);
	EXPECT(talks(&before));
	struct ends after = shake(s, c, "fresh.test");
	EXPECT(after.client_is == ERR_OK && talks(&after));
	part(&after);

	/* broken, foreign key, missing: what works stays */
	FILE *f = fopen(file("a.crt"), "w");
	fputs("-----BEGIN CERTIFICATE-----\nrubbish\n", f);
	fclose(f);
	EXPECT(tls_reload(s, &why) == ERR_INVALID &&
	       str_find_str(buf_str(&why), STR("a.crt")) >= 0);
	put_file("a.crt", &fresh, false);
	put_file("a.key", &ca, true);
	why.n = 0;
	EXPECT(tls_reload(s, &why) == ERR_INVALID &&
	       str_find_str(buf_str(&why), STR("a.key")) >= 0);
	unlink(file("a.key"));
	EXPECT(tls_reload(s, &why) != ERR_OK);
	after = shake(s, c, "fresh.test");
	EXPECT(after.client_is == ERR_OK && talks(&after) && talks(&before));
	part(&after);
	part(&before);
	tls_destroy(s);
	tls_destroy(c);
	drop(&fresh);
	finish();
}

/* faults.md S31: what old or careless clients offer is refused. */
TEST(old_versions_and_weak_suites_are_refused)
{
	static const struct {
		int version;
		const char *suites;
		bool good;
	} cases[] = {
		{TLS1_VERSION, "ALL:@SECLEVEL=0", false},
		{TLS1_1_VERSION, "ALL:@SECLEVEL=0", false},
		{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", false},
		{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", false},
		{TLS1_2_VERSION, "AES128-GCM-SHA256", false}, /* no forward secrecy */
		{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", true},
		{TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", true},
	};
	begin();
	struct tls *s = server_of("a");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct tls *c = make_tls((struct tls_options){0});
		SSL_CTX_set_min_proto_version(c->files->out, 0);
		SSL_CTX_set_max_proto_version(c->files->out, cases[i].version);
		EXPECT(SSL_CTX_set_cipher_list(c->files->out, cases[i].suites) == 1);
		struct ends e = shake(s, c, "a.test");
		EXPECT((e.server_is == ERR_OK) == cases[i].good);
		if (cases[i].good)
			EXPECT(talks(&e));
		part(&e);
		tls_destroy(c);
	}
	tls_destroy(s);
	finish();
}

TEST(rubbish_ends_a_handshake_and_nothing_waits_for_ever)
{
	begin();
	struct tls *s = server_of("a");
	static const char *const said[] = {"INVITE sip:x SIP/2.0\r\n\r\n",
					   "\x16\x03\x01\x40\x00\x01\x00\x3f\xfc",
					   "\x16\x03\x01\xff\xff", "GET / HTTP/1.1\r\n\r\n"};
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		int fds[2];
		CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
		struct tls_conn *c = tls_accept(s, fds[0], true);
		EXPECT(tls_handshake(c) == ERR_AGAIN);
		CHECK(write(fds[1], said[i], strlen(said[i]) + (i == 1)) > 0);
		enum err e = tls_handshake(c);
		EXPECT(e == ERR_INVALID || (i == 1 && e == ERR_AGAIN)); /* 1: a beginning */
		close(fds[1]);
		EXPECT(tls_handshake(c) == ERR_INVALID && tls_why(c).n);
		EXPECT(tls_handshake(c) == ERR_INVALID); /* said again */
		tls_free(c);
		close(fds[0]);
	}
	tls_destroy(s);
	finish();
}

/* More than the socket takes: what was not taken waits, and wakes by EPOLLOUT. */
TEST(a_full_socket_is_no_error)
{
	begin();
	struct tls *s = server_of("a"), *c = careful_client();
	struct ends e = shake(s, c, "a.test");
	static char room[65536];
	size_t sent = 0, got = 0;
	ssize_t n;
	while ((n = tls_write(e.server, room, sizeof room)) > 0)
		sent += (size_t)n;
	EXPECT(errno == EAGAIN && (tls_wants(e.server) & EPOLLOUT) && sent > 0);
	while ((n = tls_read(e.client, room, sizeof room)) > 0)
		got += (size_t)n;
	EXPECT(got <= sent + 16384);
	n = tls_write(e.server, room, sizeof room);
	EXPECT(n > 0 && tls_wants(e.server) == EPOLLIN);
	part(&e);
	tls_destroy(s);
	tls_destroy(c);
	finish();
}
