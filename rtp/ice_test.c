/* ice_test.c - ICE-lite and DTLS of one browser, on a clock of the test; the other side is OpenSSL
 * by way of our own dtls.h, which process_web_test.c meets with another OpenSSL of its own. */
#include "rtp/ice.h"
#include "tests/test.h"

#define SENT_MAX 64
#define DATAGRAM 1500

/* Both sides, and what is on its way between them. */
struct world {
	struct ice ice;
	struct dtls_identity *ours, *theirs;
	struct dtls *peer;
	int64_t now_ms;
	struct addr to[SENT_MAX]; /* what ice sent */
	char sent[SENT_MAX][DATAGRAM];
	size_t sent_n[SENT_MAX];
	uint32_t count, taken;
	char said[SENT_MAX][DATAGRAM]; /* what the peer sent */
	size_t said_n[SENT_MAX];
	uint32_t said_count, said_taken;
	struct addr at; /* the peer's address */
	unsigned news;	/* all there were */
};

static struct addr at(const char *ip, uint16_t port)
{
	struct addr a;
	EXPECT(addr_parse(str_of(ip), port, &a) == ERR_OK);
	return a;
}

static void keep_sent(void *arg, const struct addr *to, struct str d)
{
	struct world *w = arg;
	EXPECT(w->count < SENT_MAX && d.n <= DATAGRAM);
	if (w->count == SENT_MAX || d.n > DATAGRAM)
		return;
	w->to[w->count] = *to;
	memcpy(w->sent[w->count], d.p, d.n);
	w->sent_n[w->count++] = d.n;
}

static void keep_said(void *arg, struct str d)
{
	struct world *w = arg;
	EXPECT(w->said_count < SENT_MAX && d.n <= DATAGRAM);
	if (w->said_count == SENT_MAX || d.n > DATAGRAM)
		return;
	memcpy(w->said[w->said_count], d.p, d.n);
	w->said_n[w->said_count++] = d.n;
}

static void make_peer(struct world *w, bool begins, struct str ours)
{
	struct dtls_options o = {
		.identity = w->theirs, .begins = begins, .send = keep_said, .arg = w};
	EXPECT(fingerprint_parse(ours, &o.peer) == ERR_OK);
	dtls_destroy(w->peer);
	w->peer = dtls_create(&o);
	EXPECT(w->peer != NULL);
}

static struct ice_terms terms_of(struct world *w, const char *ufrag, bool active)
{
	struct ice_terms t = {.ufrag = str_of(ufrag), .active = active, .identity = w->ours};
	static uint32_t dice;
	EXPECT(fingerprint_parse(dtls_identity_fingerprint(w->theirs), &t.peer) == ERR_OK);
	for (size_t i = 0; i < sizeof t.dice; i++, dice++)
		t.dice[i] = (uint8_t)(dice * 37 + dice / 64);
	return t;
}

static void begin(struct world *w, bool active)
{
	memset(w, 0, sizeof *w);
	w->now_ms = 1000000;
	w->ours = dtls_identity_create();
	w->theirs = dtls_identity_create();
	EXPECT(w->ours && w->theirs);
	w->at = at("192.0.2.7", 40000);
	ice_init(&w->ice, keep_sent, w);
	struct ice_terms t = terms_of(w, "peer", active);
	ice_come(&w->ice, &t);
	make_peer(w, active, dtls_identity_fingerprint(w->ours));
}

static void end(struct world *w)
{
	ice_finish(&w->ice);
	dtls_destroy(w->peer);
	dtls_identity_release(w->ours);
	dtls_identity_release(w->theirs);
}

struct asks {
	const char *password; /* NULL: ours */
	bool chosen, bare, controlled;
};

static unsigned check_from(struct world *w, const struct addr *from, const struct asks *a)
{
	char room[STUN_MESSAGE_MAX], name[300];
	struct buf b = buf_make(room, sizeof room), n = buf_make(name, sizeof name);
	struct stun m;
	buf_fmt(&n, "%s:%s", w->ice.ufrag, w->ice.peer_ufrag);
	stun_begin(&b, STUN_REQUEST, STUN_BINDING, (const uint8_t *)"abcdefghijkl");
	stun_put(&b, STUN_USERNAME, buf_str(&n), 0);
	stun_put(&b, STUN_PRIORITY, STR("\x6e\x7f\x1e\xff"), 0);
	stun_put(&b, a->controlled ? STUN_ICE_CONTROLLED : STUN_ICE_CONTROLLING, STR("12345678"),
		 0);
	if (a->chosen)
		stun_put(&b, STUN_USE_CANDIDATE, STR_NONE, 0);
	if (!a->bare)
		stun_put_integrity(&b, str_of(a->password ? a->password : w->ice.password));
	stun_put_fingerprint(&b);
	EXPECT(stun_parse(buf_str(&b), &m) == ERR_OK && ice_is_asked(&w->ice, &m));
	unsigned news = ice_check(&w->ice, buf_str(&b), &m, from, w->now_ms);
	w->news |= news;
	return news;
}

static unsigned choose(struct world *w, const struct addr *from)
{
	return check_from(w, from, &(struct asks){.chosen = true});
}

/* What is on its way arrives, until nothing is. */
static void deliver(struct world *w)
{
	while (w->taken < w->count || w->said_taken < w->said_count) {
		if (w->said_taken < w->said_count) {
			uint32_t i = w->said_taken++;
			w->news |= ice_record(&w->ice, str_make(w->said[i], w->said_n[i]), &w->at,
					      w->now_ms);
			continue;
		}
		uint32_t i = w->taken++;
		struct str d = str_make(w->sent[i], w->sent_n[i]);
		if (dtls_is(d) && addr_eq(&w->to[i], &w->at))
			(void)dtls_receive(w->peer, d);
	}
	w->count = w->taken = w->said_count = w->said_taken = 0;
}

static void shake(struct world *w)
{
	(void)dtls_start(w->peer);
	deliver(w);
}

static bool same_keys(struct world *w)
{
	struct srtp_terms seal, open;
	dtls_keys(w->peer, &seal, &open);
	return srtp_same(&seal, &w->ice.open) && srtp_same(&open, &w->ice.seal);
}

TEST(ice_and_dtls_end_in_the_same_keys_whoever_begins)
{
	static struct world w;
	for (int active = 0; active < 2; active++) {
		begin(&w, active);
		EXPECT(choose(&w, &w.at) & ICE_MOVED && addr_eq(&w.ice.path, &w.at));
		if (active)
			(void)dtls_start(w.peer);
		deliver(&w);
		EXPECT(w.news & ICE_KEYED && w.ice.keyed && !(w.news & ICE_FAILED));
		EXPECT(dtls_state(w.peer) == DTLS_DONE && same_keys(&w));
		EXPECT(w.ice.seal.suite == SRTP_AES128_GCM);
		EXPECT(ice_due_ms(&w.ice, w.now_ms) == INT64_MAX);
		end(&w);
	}
}

TEST(ice_ufrags_are_rfc_8839_ones)
{
	char longest[257];
	memset(longest, 'a', sizeof longest);
	EXPECT(ice_ufrag_ok(STR("aB3+")) && ice_ufrag_ok(STR("////")));
	EXPECT(!ice_ufrag_ok(STR("abc")) && !ice_ufrag_ok(STR("ab:cd")) &&
	       !ice_ufrag_ok(STR("ab d")));
	EXPECT(ice_ufrag_ok(str_make(longest, 256)) && !ice_ufrag_ok(str_make(longest, 257)));
}

TEST(dtls_fingerprints_are_read_by_rfc_8122)
{
	static const char sha256[] =
		"SHA-256 12:df:3e:5d:49:6b:19:e5:7c:ab:4a:ad:b9:b1:3f:82:18:3b:"
		"54:02:12:df:3e:5d:49:6b:19:e5:7c:ab:4a:ad";
	struct fingerprint f;
	EXPECT(fingerprint_parse(str_of(sha256), &f) == ERR_OK);
	EXPECT(f.n == 32 && f.bytes[0] == 0x12 && f.bytes[1] == 0xdf && f.bytes[31] == 0xad);
	EXPECT(fingerprint_parse(
		       STR("sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"),
		       &f) == ERR_UNSUPPORTED);
	EXPECT(fingerprint_parse(STR(""), &f) == ERR_UNSUPPORTED);
	EXPECT(fingerprint_parse(STR("sha-256 12:df"), &f) == ERR_INVALID);
	char twisted[sizeof sha256];
	for (size_t i = 8; i + 1 < sizeof sha256; i++) { /* any character that is another kind */
		memcpy(twisted, sha256, sizeof sha256);
		twisted[i] = 'g';
		EXPECT(fingerprint_parse(str_of(twisted), &f) == ERR_INVALID);
	}
	EXPECT(fingerprint_parse(str_make(sha256, sizeof sha256 - 2), &f) == ERR_INVALID);
}

/* faults.md S6 */
TEST(ice_answers_and_moves_for_nobody_without_the_password)
{
	static struct world w;
	static const struct asks wrong[] = {
		{.bare = true, .chosen = true},
		{.password = "guess", .chosen = true},
		{.password = "", .chosen = true},
	};
	struct addr else_where = at("203.0.113.9", 666);
	begin(&w, true);
	(void)choose(&w, &w.at);
	w.count = 0;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		EXPECT(check_from(&w, &else_where, &wrong[i]) == 0);
	EXPECT(w.count == 0 && addr_eq(&w.ice.path, &w.at) && !ice_knows(&w.ice, &else_where));
	/* refused with a reason, since he has the password: he claims to be controlled, as we are
	 */
	EXPECT(check_from(&w, &else_where, &(struct asks){.controlled = true, .chosen = true}) ==
	       0);
	EXPECT(w.count == 1 && addr_eq(&w.ice.path, &w.at) && !ice_knows(&w.ice, &else_where));
	/* a check alone moves nothing; chosen, it does */
	EXPECT(check_from(&w, &else_where, &(struct asks){0}) == 0);
	EXPECT(addr_eq(&w.ice.path, &w.at) && ice_knows(&w.ice, &else_where));
	EXPECT(choose(&w, &else_where) == ICE_MOVED && addr_eq(&w.ice.path, &else_where));
	EXPECT(choose(&w, &else_where) == 0);
	end(&w);
}

TEST(ice_remembers_the_ways_checked_last)
{
	static struct world w;
	begin(&w, true);
	for (uint16_t i = 0; i < 6; i++, w.now_ms++) {
		struct addr from = at("192.0.2.7", (uint16_t)(1000 + i));
		(void)check_from(&w, &from, &(struct asks){0});
	}
	for (uint16_t i = 0; i < 6; i++) {
		struct addr from = at("192.0.2.7", (uint16_t)(1000 + i));
		EXPECT(ice_knows(&w.ice, &from) == (i >= 2));
	}
	end(&w);
}

/* faults.md S5: not before a check, and not from elsewhere while hands are shaken */
TEST(dtls_is_heard_from_checked_addresses_only)
{
	static struct world w;
	struct addr else_where = at("203.0.113.9", 666);
	begin(&w, true);
	(void)dtls_start(w.peer);
	EXPECT(w.said_count == 1 && dtls_begins(str_make(w.said[0], w.said_n[0])));
	struct str hello = str_make(w.said[0], w.said_n[0]);
	EXPECT(ice_record(&w.ice, hello, &w.at, w.now_ms) == 0 && w.count == 0 && !w.ice.dtls);
	(void)choose(&w, &w.at);
	w.count = 0;
	EXPECT(ice_record(&w.ice, hello, &else_where, w.now_ms) == 0 && w.count == 0 &&
	       !w.ice.dtls);
	(void)ice_record(&w.ice, hello, &w.at, w.now_ms);
	EXPECT(w.count >= 1 && w.ice.dtls);
	const struct dtls *mine = w.ice.dtls;
	uint32_t sent = w.count;
	EXPECT(ice_record(&w.ice, hello, &else_where, w.now_ms) == 0);
	EXPECT(w.count == sent && w.ice.dtls == mine);
	w.said_taken = 1;
	deliver(&w);
	EXPECT(w.ice.keyed && same_keys(&w));
	end(&w);
}

TEST(dtls_with_another_certificate_gets_no_keys)
{
	static struct world w;
	begin(&w, true);
	struct dtls_identity *thief = dtls_identity_create(), *honest = w.theirs;
	w.theirs = thief;
	make_peer(&w, true, dtls_identity_fingerprint(w.ours));
	(void)choose(&w, &w.at);
	shake(&w);
	EXPECT(w.news & ICE_FAILED && !w.ice.keyed);
	EXPECT_STR(str_of(ice_why(&w.ice)), "another certificate than was signalled");
	EXPECT(dtls_state(w.peer) == DTLS_FAILED); /* told by an alert */
	/* five times, then it is not even begun */
	for (int i = 0; i < 5; i++) {
		make_peer(&w, true, dtls_identity_fingerprint(w.ours));
		shake(&w);
	}
	EXPECT(w.ice.tries == ICE_TRIES && dtls_state(w.peer) == DTLS_SHAKES);
	w.theirs = honest;
	/* the honest one comes: said anew by the core */
	struct ice_terms t = terms_of(&w, "anew", true);
	ice_come(&w.ice, &t);
	make_peer(&w, true, dtls_identity_fingerprint(w.ours));
	(void)choose(&w, &w.at);
	shake(&w);
	EXPECT(w.ice.keyed && same_keys(&w));
	dtls_identity_release(thief);
	end(&w);
}

TEST(dtls_survives_datagrams_that_are_lost_or_come_twice)
{
	static struct world w;
	begin(&w, true);
	(void)choose(&w, &w.at);
	(void)dtls_start(w.peer);
	/* our first flight is lost */
	(void)ice_record(&w.ice, str_make(w.said[0], w.said_n[0]), &w.at, w.now_ms);
	EXPECT(w.count >= 1);
	(void)ice_record(&w.ice, str_make(w.said[0], w.said_n[0]), &w.at, w.now_ms); /* twice */
	int64_t due_ms = ice_due_ms(&w.ice, w.now_ms);
	EXPECT(due_ms > w.now_ms && due_ms <= w.now_ms + 110);
	EXPECT(ice_due_ms(&w.ice, w.now_ms + 30000) <= w.now_ms + DTLS_SHAKE_MS);
	w.count = w.taken = 0;
	w.said_taken = w.said_count;
	deliver(&w);
	/* given up at last */
	w.now_ms += DTLS_SHAKE_MS;
	EXPECT(ice_time(&w.ice, w.now_ms) == ICE_FAILED && !w.ice.keyed);
	EXPECT(ice_due_ms(&w.ice, w.now_ms) == INT64_MAX && ice_time(&w.ice, w.now_ms) == 0);
	/* and begun again by another ClientHello */
	make_peer(&w, true, dtls_identity_fingerprint(w.ours));
	shake(&w);
	EXPECT(w.ice.keyed && same_keys(&w));
	end(&w);
}

TEST(ice_restart_keeps_the_keys_and_a_reload_does_not)
{
	static struct world w;
	begin(&w, true);
	(void)choose(&w, &w.at);
	shake(&w);
	struct srtp_terms before = w.ice.seal;
	char ufrag[ICE_UFRAG + 1];
	memcpy(ufrag, w.ice.ufrag, sizeof ufrag);
	struct ice_terms t = terms_of(&w, "peer", true);
	EXPECT(ice_same(&w.ice, &t));
	t = terms_of(&w, "wifi", true);
	EXPECT(!ice_same(&w.ice, &t));
	ice_come(&w.ice, &t); /* the same certificate: ICE restart */
	EXPECT(!str_is(str_of(ufrag), w.ice.ufrag) && w.ice.keyed && addr_eq(&w.ice.path, &w.at));
	EXPECT(!ice_knows(&w.ice, &w.at)); /* by the old password */
	struct addr moved = at("198.51.100.4", 5000);
	w.news = 0;
	EXPECT(choose(&w, &moved) == ICE_MOVED && srtp_same(&before, &w.ice.seal));
	w.count = w.taken = 0;
	/* a page that keeps its certificate shakes hands anew */
	w.at = moved;
	make_peer(&w, true, dtls_identity_fingerprint(w.ours));
	shake(&w);
	EXPECT(w.news & ICE_KEYED && same_keys(&w) && !srtp_same(&before, &w.ice.seal));
	/* once: not again and again without the core's word */
	const struct dtls *mine = w.ice.dtls;
	make_peer(&w, true, dtls_identity_fingerprint(w.ours));
	shake(&w);
	EXPECT(w.ice.dtls == mine && dtls_state(w.peer) == DTLS_SHAKES);
	/* another certificate */
	dtls_identity_release(w.theirs);
	w.theirs = dtls_identity_create();
	t = terms_of(&w, "page", true);
	ice_come(&w.ice, &t);
	EXPECT(!w.ice.keyed && !w.ice.path.len && !w.ice.dtls && !w.ice.seal.suite);
	end(&w);
}

TEST(dtls_goodbye_ends_path_and_keys)
{
	static struct world w;
	begin(&w, true);
	(void)choose(&w, &w.at);
	shake(&w);
	w.count = w.taken = w.news = 0;
	EXPECT(w.ice.keyed);
	dtls_goodbye(w.peer);
	deliver(&w);
	EXPECT(w.news == ICE_ENDED && !w.ice.keyed && !w.ice.path.len && !ice_knows(&w.ice, &w.at));
	end(&w);
}
