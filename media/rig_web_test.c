/* rig_web_test.c - see rig_web_test.h. */
#include "media/rig_web_test.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int take_any(X509_STORE_CTX *store, void *arg)
{
	(void)store;
	(void)arg;
	return 1; /* the test compares */
}

static void put_fingerprint(const X509 *cert, char *out, size_t room)
{
	uint8_t hash[32];
	unsigned n = 0;
	EXPECT(X509_digest(cert, EVP_sha256(), hash, &n) == 1 && n == 32);
	int at = snprintf(out, room, "sha-256 ");
	for (unsigned i = 0; i < n; i++)
		at += snprintf(out + at, room - (size_t)at, "%s%02X", i ? ":" : "", hash[i]);
}

static void make_association(struct tab *t, const struct tab_options *o)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_set_version(cert, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	X509_set_pubkey(cert, key);
	EXPECT(X509_sign(cert, key, EVP_sha256()) > 0);
	put_fingerprint(cert, t->own_fingerprint, sizeof t->own_fingerprint);
	t->ctx = SSL_CTX_new(DTLS_method());
	SSL_CTX_set_security_level(t->ctx, 0); /* it shall be we who refuse old versions */
	SSL_CTX_set_min_proto_version(t->ctx, DTLS1_VERSION);
	if (o->version_max)
		SSL_CTX_set_max_proto_version(t->ctx, o->version_max);
	EXPECT(SSL_CTX_use_certificate(t->ctx, cert) == 1 &&
	       SSL_CTX_use_PrivateKey(t->ctx, key) == 1);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(t->ctx, take_any, NULL);
	EXPECT(SSL_CTX_set_tlsext_use_srtp(t->ctx,
					   o->profiles ? o->profiles
						       : "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_"
							 "AES_256_GCM:SRTP_AEAD_AES_128_GCM") == 0);
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_QUERY_MTU);
	t->ssl = SSL_new(t->ctx);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	BIO_set_mem_eof_return(t->in, -1);
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_mtu(t->ssl, 1200);
	t->server = o->server;
	if (o->server)
		SSL_set_accept_state(t->ssl);
	else
		SSL_set_connect_state(t->ssl);
	t->shook = t->shake_failed = false;
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void drop_association(struct tab *t)
{
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	srtp_destroy(t->seal);
	srtp_destroy(t->open);
	t->seal = t->open = NULL;
}

void make_tab(struct tab *t, const struct tab_options *o)
{
	memset(t, 0, sizeof *t);
	make_phone_at(&t->phone, o->ip ? o->ip : "127.0.0.1", o->hz, o->codec, 126);
	t->phone.pt = o->codec == SOUND_OPUS ? 111 : (uint8_t)o->codec;
	if (o->codec == SOUND_OPUS) {
		t->codec = codec_create(SOUND_OPUS);
		coder_set(&t->phone.ear, SOUND_OPUS, t->codec);
	}
	coder_set(&t->mouth, o->codec, t->codec);
	make_association(t, o);
}

void close_tab(struct tab *t)
{
	drop_association(t);
	codec_destroy(t->codec);
	close(t->phone.fd);
}

void tab_moves(struct tab *t)
{
	struct addr at;
	close(t->phone.fd);
	EXPECT(addr_parse(str_of(t->phone.ip), 0, &at) == ERR_OK);
	t->phone.fd = socket(at.sa.sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	EXPECT(bind(t->phone.fd, &at.sa, at.len) == 0);
}

void tab_reloads(struct tab *t, const struct tab_options *o)
{
	drop_association(t);
	tab_moves(t);
	make_association(t, o);
	t->phone.ssrc++;
	t->phone.seq -= 200; /* a stream of its own: no later packet of the former */
	memset(&t->phone.last, 0, sizeof t->phone.last);
}

/* -- the core's side -- */

enum err await_web(struct rig *r, struct id leg, struct tab *t)
{
	struct report told;
	EXPECT(await(r, REPORT_leg_web_opened, 2000, &told));
	const struct report_leg_web_opened *o = &told.leg_web_opened;
	EXPECT(ID_EQ(o->leg, leg));
	if (o->err != ERR_OK) {
		EXPECT(!o->port && !o->ufrag.n && !o->password.n);
		return (enum err)o->err;
	}
	EXPECT(o->port >= r->port_low && o->port <= r->port_high);
	EXPECT(str_copy(o->ufrag, t->ufrag, sizeof t->ufrag));
	EXPECT(str_copy(o->password, t->password, sizeof t->password));
	EXPECT(str_copy(o->fingerprint, t->fingerprint, sizeof t->fingerprint));
	EXPECT(addr_parse(str_of(t->phone.ip), o->port, &t->phone.to) == ERR_OK);
	return ERR_OK;
}

void order_web(struct rig *r, struct id leg, struct id contact, struct tab *t, const char *ufrag)
{
	snprintf(t->own_ufrag, sizeof t->own_ufrag, "%s", ufrag);
	tell(r, (struct order){.kind = ORDER_leg_web,
			       .leg_web = {.leg = leg,
					   .contact = contact,
					   .ufrag = str_of(t->own_ufrag),
					   .fingerprint = str_of(t->own_fingerprint),
					   .active = !t->server}});
}

enum err tell_web(struct rig *r, struct id leg, struct id contact, struct tab *t, const char *ufrag)
{
	order_web(r, leg, contact, t, ufrag);
	return await_web(r, leg, t);
}

void tab_forgets(struct tab *t)
{
	tab_hear(t);
	t->phone.heard_n = 0;
	t->phone.packets = t->phone.events = 0;
}

void agree_web(struct rig *r, struct id leg, const struct tab *t)
{
	tell(r, (struct order){.kind = ORDER_leg_remote,
			       .leg_remote = {.leg = leg,
					      .codec = (uint8_t)t->phone.law,
					      .pt = t->phone.pt,
					      .dtmf_pt = t->phone.dtmf_pt,
					      .send = 1,
					      .receive = 1,
					      .ptime_ms = 20,
					      .dtmf_khz = 8}});
}

bool await_path(struct rig *r, struct id leg, bool up, int ms)
{
	struct report told;
	int64_t until_ms = clock_mono_ms() + ms;
	while (await(r, REPORT_leg_path, (int)MAX(until_ms - clock_mono_ms(), 0), &told))
		if (ID_EQ(told.leg_path.leg, leg) && told.leg_path.up == up)
			return true;
	return false;
}

/* -- ICE -- */

void tab_checks(struct tab *t, const struct check *c)
{
	char room[STUN_MESSAGE_MAX], name[128];
	static uint32_t number;
	uint8_t id[STUN_ID] = {0};
	struct buf b = buf_make(room, sizeof room);
	number++;
	memcpy(id, &number, sizeof number);
	snprintf(name, sizeof name, "%s:%s", c->ufrag ? c->ufrag : t->ufrag, t->own_ufrag);
	stun_begin(&b, STUN_REQUEST, STUN_BINDING, id);
	stun_put(&b, STUN_USERNAME, str_of(name), 0);
	stun_put(&b, STUN_PRIORITY, STR("\x6e\x7f\x1e\xff"), 0);
	stun_put(&b, STUN_ICE_CONTROLLING, STR("12345678"), 0);
	if (c->chosen)
		stun_put(&b, STUN_USE_CANDIDATE, STR_NONE, 0);
	if (!c->bare)
		stun_put_integrity(&b, str_of(c->password ? c->password : t->password));
	stun_put_fingerprint(&b);
	EXPECT(sendto(c->fd < 0 ? t->phone.fd : c->fd, b.p, b.n, 0, &t->phone.to.sa,
		      t->phone.to.len) > 0);
}

static void hear_answer(struct tab *t, struct str packet)
{
	struct stun m;
	if (stun_parse(packet, &m) != ERR_OK || !stun_authentic(packet, &m, str_of(t->password))) {
		t->bad++;
	} else if (m.class == STUN_SUCCESS) {
		t->answers++;
		t->mapped = m.mapped;
	} else {
		t->refusals++;
	}
}

/* -- DTLS: what stands in the memory BIO is cut into records, each its own datagram -- */

static void flush_records(struct tab *t)
{
	char *p;
	long n = BIO_get_mem_data(t->out, &p);
	for (long at = 0; at + 13 <= n;) {
		long whole = 13 + ((uint8_t)p[at + 11] << 8 | (uint8_t)p[at + 12]);
		EXPECT(at + whole <= n);
		EXPECT(sendto(t->phone.fd, p + at, (size_t)whole, 0, &t->phone.to.sa,
			      t->phone.to.len) == whole);
		at += whole;
	}
	(void)BIO_reset(t->out);
}

static void take_keys(struct tab *t)
{
	static const struct {
		unsigned long id;
		enum srtp_suite suite;
		size_t key, salt;
	} rows[] = {{SRTP_AEAD_AES_128_GCM, SRTP_AES128_GCM, 16, 12},
		    {SRTP_AEAD_AES_256_GCM, SRTP_AES256_GCM, 32, 12},
		    {SRTP_AES128_CM_SHA1_80, SRTP_AES128_SHA1_80, 16, 14}};
	const SRTP_PROTECTION_PROFILE *p = SSL_get_selected_srtp_profile(t->ssl);
	uint8_t all[120];
	struct srtp_terms client = {0}, server = {0};
	if (!p)
		return;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (rows[i].id != p->id)
			continue;
		size_t k = rows[i].key, s = rows[i].salt;
		EXPECT(SSL_export_keying_material(t->ssl, all, 2 * (k + s), "EXTRACTOR-dtls_srtp",
						  19, NULL, 0, 0) == 1);
		client.suite = server.suite = rows[i].suite;
		memcpy(client.key, all, k);
		memcpy(server.key, all + k, k);
		memcpy(client.key + k, all + 2 * k, s);
		memcpy(server.key + k, all + 2 * k + s, s);
		snprintf(t->profile, sizeof t->profile, "%s", srtp_name(rows[i].suite));
	}
	t->seal = srtp_create(t->server ? &server : &client);
	t->open = srtp_create(t->server ? &client : &server);
	EXPECT(t->seal && t->open);
}

static void shake(struct tab *t)
{
	char dump[256], theirs[200];
	ERR_clear_error();
	if (t->shook || t->shake_failed) {
		(void)SSL_read(t->ssl, dump, sizeof dump);
		flush_records(t);
		return;
	}
	int done = SSL_do_handshake(t->ssl);
	if (done != 1 && SSL_get_error(t->ssl, done) != SSL_ERROR_WANT_READ)
		t->shake_failed = true;
	flush_records(t);
	if (done != 1)
		return;
	t->shook = true;
	X509 *cert = SSL_get1_peer_certificate(t->ssl);
	put_fingerprint(cert, theirs, sizeof theirs);
	EXPECT_STR(str_of(theirs), t->fingerprint); /* who we said we were */
	X509_free(cert);
	take_keys(t);
}

void tab_begins_dtls(struct tab *t)
{
	shake(t);
}

bool tab_shakes(struct tab *t, int ms)
{
	int64_t until_ms = clock_mono_ms() + ms;
	if (!t->server)
		shake(t);
	while (!t->shook && !t->shake_failed && clock_mono_ms() < until_ms) {
		sleep_until(clock_mono_us() + 2000);
		tab_hear(t);
		if (DTLSv1_handle_timeout(t->ssl) == 1)
			flush_records(t);
	}
	return t->shook;
}

bool tab_connects(struct rig *r, struct id leg, struct tab *t)
{
	tab_checks(t, &(struct check){.fd = -1});
	for (int i = 0; i < 100 && !t->answers; i++) {
		sleep_until(clock_mono_us() + 5000);
		tab_hear(t);
	}
	tab_checks(t, &(struct check){.fd = -1, .chosen = true});
	return t->answers && tab_shakes(t, 3000) && await_path(r, leg, true, 2000);
}

/* -- sound -- */

void tab_sends(struct tab *t, uint8_t pt, const uint8_t *payload, size_t n)
{
	uint8_t packet[RTP_HEADER + CODER_PAYLOAD_MAX + SRTP_GROWTH];
	struct phone *p = &t->phone;
	struct rtp head = {.pt = pt, .seq = p->seq++, .ts = p->ts, .ssrc = p->ssrc};
	memcpy(packet + RTP_HEADER, payload, n);
	rtp_header(packet, &head);
	n += RTP_HEADER;
	EXPECT(srtp_seal(t->seal, packet, &n) == ERR_OK);
	EXPECT(sendto(p->fd, packet, n, 0, &p->to.sa, p->to.len) > 0);
}

static void say(struct tab *t, int times)
{
	uint8_t packet[RTP_HEADER + CODER_PAYLOAD_MAX + SRTP_GROWTH];
	int16_t pcm[SOUND_FRAME] = {0};
	struct phone *p = &t->phone;
	sound_tone(pcm, SOUND_FRAME, p->hz, SOUND_RATE, 8000, &p->phase);
	struct rtp head = {.pt = p->pt, .seq = p->seq++, .ts = p->ts, .ssrc = p->ssrc};
	size_t n = RTP_HEADER + coder_encode(&t->mouth, pcm, SOUND_FRAME, packet + RTP_HEADER);
	rtp_header(packet, &head);
	p->ts += SOUND_FRAME * coder_ticks(p->law);
	EXPECT(srtp_seal(t->seal, packet, &n) == ERR_OK);
	while (times--)
		EXPECT(sendto(p->fd, packet, n, 0, &p->to.sa, p->to.len) > 0);
}

void tab_speak(struct tab *t)
{
	say(t, 1);
}

void tab_speaks_twice(struct tab *t)
{
	say(t, 2);
}

void tab_says_goodbye(struct tab *t)
{
	(void)SSL_shutdown(t->ssl);
	flush_records(t);
}

void tab_sends_rtcp(struct tab *t)
{
	uint8_t packet[RTCP_MAX + SRTP_GROWTH];
	struct rtp_count count = {.started = true, .ssrc = t->phone.last.ssrc};
	size_t n = rtcp_write(packet,
			      &(struct rtcp_out){.ssrc = t->phone.ssrc,
						 .sent = true,
						 .ntp = 0x0123456789abcdefu,
						 .packets = 1},
			      &count);
	EXPECT(srtcp_seal(t->seal, packet, &n) == ERR_OK);
	EXPECT(sendto(t->phone.fd, packet, n, 0, &t->phone.to.sa, t->phone.to.len) > 0);
}

static void hear_sealed(struct tab *t, char *packet, size_t n)
{
	bool rtcp = (packet[1] & 0x7f) >= 64 && (packet[1] & 0x7f) < 96;
	if (!t->open || (rtcp ? srtcp_open(t->open, (uint8_t *)packet, &n)
			      : srtp_open(t->open, (uint8_t *)packet, &n)) != ERR_OK) {
		t->plain++;
		return;
	}
	if (!rtcp) {
		phone_take(&t->phone, str_make(packet, n));
		return;
	}
	t->rtcp++;
	EXPECT(rtcp_parse(str_make(packet, n), t->phone.ssrc, &t->report) == ERR_OK);
}

void tab_hear(struct tab *t)
{
	char packet[2048];
	for (ssize_t n; (n = recv(t->phone.fd, packet, sizeof packet, 0)) > 0;) {
		uint8_t first = (uint8_t)packet[0];
		if (first < 4) {
			hear_answer(t, str_make(packet, (size_t)n));
		} else if (first >= 20 && first <= 63) {
			t->records++;
			EXPECT(BIO_write(t->in, packet, (int)n) == n);
			shake(t);
		} else {
			hear_sealed(t, packet, (size_t)n);
		}
	}
}

void talk_tabs(struct tab *const *tabs, int tab_count, struct phone *const *phones, int phone_count,
	       int ms)
{
	int64_t at_us = clock_mono_us();
	for (int i = 0; i < ms / 20; i++) {
		for (int k = 0; k < tab_count; k++) {
			if (tabs[k]->sleeps)
				continue;
			if (tabs[k]->seal)
				tab_speak(tabs[k]);
			if (tabs[k]->no_checks || at_us - tabs[k]->checks_us < 500000)
				continue;
			tabs[k]->checks_us = at_us;
			tab_checks(tabs[k], &(struct check){.fd = -1, .chosen = true});
		}
		for (int k = 0; k < phone_count; k++)
			phone_speak(phones[k]);
		at_us += 20000;
		sleep_until(at_us);
		for (int k = 0; k < tab_count; k++)
			tab_hear(tabs[k]);
		for (int k = 0; k < phone_count; k++)
			phone_hear(phones[k]);
	}
}
