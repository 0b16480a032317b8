/* registrar_test.c - phones come, stay, go, and outlive a restart: RFC 3261 section 10. */
#include "sip/world_test.h"

static char nonce[64];
static uint32_t nc, serial;

/* A REGISTER of alice's (or whom `to` says) with good credentials, CSeq as given. */
static uint32_t say_register(struct world *w, uint32_t cseq, const char *to, const char *extra)
{
	char text[4096], answer[65], nc_text[16];
	struct buf b = buf_make(text, sizeof text - 1);
	for (int round = 0; round < 2; round++) {
		struct buf n = buf_make(nc_text, sizeof nc_text);
		buf_fmt(&n, "%08x", ++nc);
		struct digest d = {.nonce = str_of(nonce),
				   .uri = STR("sip:example.org"),
				   .qop = STR("auth"),
				   .nc = buf_str(&n),
				   .cnonce = STR("c")};
		digest_answer(&d, STR("REGISTER"), world_secret_md5, false, answer);
		b.n = 0;
		buf_fmt(&b,
			"REGISTER sip:example.org SIP/2.0\n"
			"Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKr%u;rport\n"
			"From: <%s>;tag=f\nTo: <%s>\nCall-ID: reg\nCSeq: %u REGISTER\n"
			"Authorization: Digest username=\"alice\", realm=\"example.org\", "
			"nonce=\"%s\", uri=\"sip:example.org\", response=\"%s\", qop=auth, "
			"nc=" STR_FMT ", cnonce=\"c\"\n%sContent-Length: 0\n\n",
			++serial, to, to, cseq, nonce, answer, STR_ARG(buf_str(&n)), extra);
		CHECK(!b.full);
		text[b.n] = 0;
		world_say(w, BOB, text);
		uint32_t status = world_status(world_last_seen(w));
		if (status != 401)
			return status;
		struct digest got;
		EXPECT(digest_parse(value_of(world_last_seen(w), "WWW-Authenticate"), &got) ==
		       ERR_OK);
		(void)str_copy(got.nonce, nonce, sizeof nonce);
		nc = 0;
	}
	return 401;
}

static uint32_t say(struct world *w, uint32_t cseq, const char *extra)
{
	return say_register(w, cseq, "sip:alice@example.org", extra);
}

static struct world *fresh(void)
{
	nonce[0] = 0;
	nc = 0;
	return world_create();
}

static bool at(struct world *w, const char *uri)
{
	struct sip_phone p;
	return sip_phone_find(w->sides[BOB].sip, STR("alice"), STR("EXAMPLE.org"), &p) == ERR_OK &&
	       str_is(p.contact_uri, uri);
}

TEST(a_phone_registers_refreshes_and_leaves)
{
	struct world *w = fresh();
	struct side *b = &w->sides[BOB];
	struct sip_phone p;
	EXPECT(say(w, 1, "Contact: <sip:alice@192.168.1.7:5062>;expires=120\n") == 200);
	EXPECT_STR(value_of(world_last_seen(w), "Contact"),
		   "<sip:alice@192.168.1.7:5062>;expires=120");
	EXPECT(sip_phone_find(b->sip, STR("alice"), STR("example.org"), &p) == ERR_OK);
	/* it is behind NAT: where it spoke from, not where it says */
	EXPECT(sip_address_eq(&p.address, &w->sides[MALLORY].address));
	EXPECT(p.expires_ms > w->now_ms + 119000 && b->bindings[1].n > 0);
	EXPECT(say(w, 2, "") == 200); /* only asking */
	EXPECT(value_of(world_last_seen(w), "Contact").n > 0);
	EXPECT(say(w, 3, "Contact: <sip:alice@192.168.1.7:5062>\nExpires: 600\n") == 200);
	EXPECT(registrar_count(b->sip) == 1);
	world_run(w, 599000);
	EXPECT(at(w, "sip:alice@192.168.1.7:5062"));
	world_run(w, 1100);
	EXPECT(!at(w, "sip:alice@192.168.1.7:5062"));
	EXPECT(registrar_count(b->sip) == 0 && b->bindings[1].n == 0);
	EXPECT(say(w, 4, "Contact: <sip:alice@192.168.1.7:5062>\n") == 200);
	EXPECT(has(world_last_seen(w), "expires=3600"));
	EXPECT(say(w, 5, "Contact: <sip:alice@192.168.1.7:5062>;expires=0\n") == 200);
	EXPECT(registrar_count(b->sip) == 0 && !value_of(world_last_seen(w), "Contact").p);
	world_destroy(w);
}

TEST(several_phones_of_one_user)
{
	struct world *w = fresh();
	struct side *b = &w->sides[BOB];
	EXPECT(say(w, 1,
		   "Contact: <sip:a@10.0.0.3:1>, <sip:a@10.0.0.3:2>;q=0.5\nContact: "
		   "<sip:a@10.0.0.3:3>\n") == 200);
	EXPECT(registrar_count(b->sip) == 3 && at(w, "sip:a@10.0.0.3:3"));
	EXPECT(say(w, 2, "Contact: <sip:a@10.0.0.3:1>\n") == 200); /* the newest is asked first */
	EXPECT(registrar_count(b->sip) == 3 && at(w, "sip:a@10.0.0.3:1"));
	EXPECT(say(w, 3, "Contact: *\nExpires: 60\n") == 400);
	EXPECT(say(w, 4, "Contact: *\n") == 400);
	EXPECT(say(w, 5, "Contact: *, <sip:a@10.0.0.3:1>\nExpires: 0\n") == 400);
	EXPECT(say(w, 6, "Contact: *\nContact: <sip:a@10.0.0.3:1>\nExpires: 0\n") == 400);
	EXPECT(registrar_count(b->sip) == 3);
	EXPECT(say(w, 7, "Contact: *\nExpires: 0\n") == 200);
	EXPECT(registrar_count(b->sip) == 0);
	for (uint32_t i = 0; i < 12; i++) {
		char text[64];
		struct buf c = buf_make(text, sizeof text - 1);
		buf_fmt(&c, "Contact: <sip:a@10.0.0.3:%u>\n", 100 + i);
		text[c.n] = 0;
		EXPECT(say(w, 20 + i, text) == 200);
	}
	EXPECT(registrar_count(b->sip) == 10 && at(w, "sip:a@10.0.0.3:111"));
	world_destroy(w);
}

TEST(registers_that_are_refused)
{
	static const struct {
		const char *to, *extra;
		uint32_t status;
	} cases[] = {
		{"sip:alice@example.org", "Contact: <sip:a@10.0.0.3>;expires=59\n", 423},
		{"sip:alice@example.org", "Contact: <sip:a@10.0.0.3?Route=x>\n", 400},
		{"sip:alice@example.org", "Contact: sip:a@10.0.0.3?Route=x\n", 400},
		{"sip:alice@example.org", "Contact: <mailto:a@b>\n", 400},
		{"sip:alice@example.org", "Contact: <sip:a@10.0.0.3\n", 400},
		{"sip:alice@example.org", "Require: wings\n", 420},
		{"sip:bob@example.org", "Contact: <sip:a@10.0.0.3>\n", 403}, /* another's */
		{"tel:+1", "Contact: <sip:a@10.0.0.3>\n", 403},
		/* a phone that knows only our address gets its own domain */
		{"sip:alice@10.0.0.2", "Contact: <sip:a@10.0.0.3>\n", 200},
		{"sip:%61lice@EXAMPLE.ORG", "Contact: <sip:a@10.0.0.3>\n", 200},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = fresh();
		uint32_t status = say_register(w, 1, cases[i].to, cases[i].extra);
		EXPECT(status == cases[i].status);
		if (status != cases[i].status)
			test_say(world_last_seen(w));
		EXPECT(registrar_count(w->sides[BOB].sip) == (status == 200));
		EXPECT(status != 423 || str_is(value_of(world_last_seen(w), "Min-Expires"), "60"));
		world_destroy(w);
	}
}

/* Section 10.3 step 7: an old request of the same Call-ID changes nothing. */
TEST(an_overtaken_register_changes_nothing)
{
	struct world *w = fresh();
	EXPECT(say(w, 5, "Contact: <sip:a@10.0.0.3:1>\n") == 200);
	EXPECT(say(w, 4, "Contact: <sip:a@10.0.0.3:1>;expires=0\n") == 500);
	EXPECT(say(w, 4, "Contact: *\nExpires: 0\n") == 500);
	EXPECT(registrar_count(w->sides[BOB].sip) == 1);
	world_destroy(w);
}

TEST(wrong_credentials_register_nobody)
{
	struct world *w = fresh();
	struct str keep = world_secret_md5;
	world_secret_md5 = STR("ffffffffffffffffffffffffffffffff");
	/* the phone's secret is right, the house knows another */
	char right[65];
	digest_ha1(STR("alice"), STR("example.org"), STR("secret"), false, right);
	char text[] = "REGISTER sip:example.org SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.3;rport\n"
		      "From: <sip:alice@example.org>;tag=f\nTo: <sip:alice@example.org>\n"
		      "Call-ID: reg\nCSeq: 1 REGISTER\nContact: <sip:a@10.0.0.3>\n"
		      "Authorization: Digest username=\"alice\", realm=\"example.org\", "
		      "nonce=\"x\", uri=\"sip:example.org\", response=\"0\"\n\n";
	world_say(w, BOB, text);
	EXPECT(world_status(world_last_seen(w)) == 401);
	EXPECT(registrar_count(w->sides[BOB].sip) == 0);
	world_secret_md5 = keep;
	world_destroy(w);
}

TEST(a_full_registrar_refuses)
{
	struct world *w = fresh();
	pool_starve(w->sides[BOB].sip->registrar ? w->sides[BOB].sip->txns : NULL, 0);
	EXPECT(say(w, 1, "Contact: <sip:a@10.0.0.3:1>\n") == 503);
	pool_starve(w->sides[BOB].sip->txns, 64);
	EXPECT(registrar_count(w->sides[BOB].sip) == 0);
	world_destroy(w);
}

TEST(phones_outlive_a_restart)
{
	struct world *w = fresh();
	struct side *b = &w->sides[BOB];
	EXPECT(say(w, 1, "Contact: <sip:a@10.0.0.3:1>, <sip:a@10.0.0.3:2>;expires=100\n") == 200);
	world_kill_side(w, BOB);
	world_start_side(w, BOB, 0);
	for (uint32_t slot = 0; slot < IMAGES_MAX; slot++)
		if (b->bindings[slot].n) {
			struct str image = str_make(b->bindings[slot].bytes, b->bindings[slot].n);
			EXPECT(sip_binding_load(b->sip, slot, image) == ERR_OK);
			EXPECT(sip_binding_load(b->sip, slot, image) == ERR_CONFLICT);
			for (size_t n = 0; n < image.n; n++)
				EXPECT(sip_binding_load(b->sip, 9, str_head(image, n)) ==
				       ERR_INVALID);
		}
	EXPECT(registrar_count(b->sip) == 2 && at(w, "sip:a@10.0.0.3:2"));
	world_run(w, 100001);
	EXPECT(registrar_count(b->sip) == 1 && at(w, "sip:a@10.0.0.3:1"));
	/* the old nonce is answered with stale, so the phone does not ask its user */
	EXPECT(say(w, 2, "Contact: <sip:a@10.0.0.3:1>\n") == 200);
	EXPECT(registrar_count(b->sip) == 1);
	world_destroy(w);
}

/* Answers the nonce with one wrong password after the other; gives the status of the last. */
static uint32_t guess(struct world *w, const char *user, uint32_t count)
{
	char text[1024];
	struct buf b = buf_make(text, sizeof text - 1);
	for (uint32_t i = 0; i < count; i++) {
		b.n = 0;
		nc++;
		buf_fmt(&b,
			"REGISTER sip:example.org SIP/2.0\n"
			"Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKg%u;rport\n"
			"From: <sip:%s@example.org>;tag=f\nTo: <sip:%s@example.org>\nCall-ID: g\n"
			"CSeq: %u REGISTER\nAuthorization: Digest username=\"%s\", "
			"realm=\"example.org\", nonce=\"%s\", uri=\"sip:example.org\", "
			"response=\"0123456789abcdef0123456789abcdef\", qop=auth, nc=%08x, "
			"cnonce=\"c\"\nContent-Length: 0\n\n",
			nc, user, user, nc, user, nonce, nc);
		text[b.n] = 0;
		world_say(w, BOB, text);
	}
	return world_status(world_last_seen(w));
}

TEST(guessing_is_slowed_where_it_comes_from)
{
	struct world *w = fresh();
	struct side *b = &w->sides[BOB];
	EXPECT(say(w, 1, "Contact: <sip:alice@10.0.0.3>\n") == 200);
	EXPECT(guess(w, "alice", 4) == 401 && w->sides[BOB].guessed == 0);
	EXPECT(guess(w, "alice", 1) == 401 && w->sides[BOB].guessed == 1);
	EXPECT(b->sip->counters[COUNT_slowed_credentials] == 0);
	/* even the right one is not looked at now; the answer is the same */
	EXPECT(say(w, 2, "Contact: <sip:alice@10.0.0.3>\n") == 401);
	EXPECT(b->sip->counters[COUNT_slowed_credentials] > 0);
	world_run(w, 1100);
	EXPECT(say(w, 3, "Contact: <sip:alice@10.0.0.3>\n") == 200);
	/* somebody who does not exist is slowed alike */
	EXPECT(guess(w, "nobody", 10) == 401 && w->sides[BOB].guessed == 2);
	EXPECT(b->sip->counters[COUNT_bad_credentials] == 10);
	/* the owner elsewhere does not notice */
	EXPECT(guess(w, "alice", 50) == 401);
	w->sides[MALLORY].address.ip[3] = 77;
	EXPECT(say(w, 4, "Contact: <sip:alice@10.0.0.77>\n") == 200);
	world_destroy(w);
}

/* BOB's engine dies, and the next one knows its phones. */
static void reborn(struct world *w)
{
	struct side *b = &w->sides[BOB];
	world_kill_side(w, BOB);
	world_start_side(w, BOB, 1000);
	for (uint32_t i = 0; i < IMAGES_MAX; i++) {
		struct str image = str_make(b->bindings[i].bytes, b->bindings[i].n);
		if (image.n)
			EXPECT(sip_binding_load(b->sip, i, image) == ERR_OK);
	}
}

/* RFC 5626: a phone is known by its instance, and each of its flows is one binding, wherever it
 * comes from. */
TEST(a_phone_moves_and_stays_one_phone)
{
#define INSTANCE(id) ";+sip.instance=\"<urn:uuid:" id ">\""
	struct world *w = fresh();
	struct side *b = &w->sides[BOB];
	const char *out = "Supported: path, outbound\n";
	char text[512];
	static const char *const contacts[] = {
		"<sip:a@10.0.0.3:1;ob>;reg-id=1" INSTANCE("one"),
		"<sip:a@10.0.0.3:2;ob>;reg-id=1" INSTANCE("one"), /* it moved */
		"<sip:a@10.0.0.3:3;ob>;reg-id=2" INSTANCE("one"), /* its second flow */
		"<sip:a@10.0.0.3:4;ob>;reg-id=1" INSTANCE("two"), /* another phone */
		"<sip:a@10.0.0.3:5>" INSTANCE("one"),		  /* no flow named: by its URI */
		"<sip:a@10.0.0.3:6>;reg-id=0" INSTANCE("one"),
	};
	static const uint32_t counts[] = {1, 1, 2, 3, 4, 5};
	for (uint32_t i = 0; i < COUNT_OF(contacts); i++) {
		struct buf t = buf_make(text, sizeof text - 1);
		buf_fmt(&t, "Contact: %s\n%s", contacts[i], out);
		text[t.n] = 0;
		EXPECT(say(w, 1 + i, text) == 200);
		EXPECT(registrar_count(b->sip) == counts[i]);
	}
	EXPECT(has(world_last_seen(w), ";reg-id=2;+sip.instance=\"<urn:uuid:one>\""));
	EXPECT(has(world_last_seen(w), "Supported: path, outbound\r\n"));
	EXPECT(has(world_last_seen(w), "Require: outbound\r\n"));
	/* after a restart it is still the same one */
	reborn(w);
	EXPECT(say(w, 30, "Contact: <sip:a@10.0.0.3:9>;reg-id=2" INSTANCE("one") "\n") == 200);
	EXPECT(registrar_count(b->sip) == 5 && at(w, "sip:a@10.0.0.3:9"));
	world_destroy(w);
}

TEST(a_path_is_kept_and_used)
{
	struct world *w = fresh();
	struct side *b = &w->sides[BOB];
	struct sip_phone p;
	EXPECT(say(w, 1,
		   "Contact: <sip:a@192.168.1.1>\nPath: <sip:10.0.0.3:7;lr>\n"
		   "Path: <sip:far.example.net;lr>\nSupported: path\n") == 200);
	EXPECT_STR(value_of(world_last_seen(w), "Path"), "<sip:10.0.0.3:7;lr>");
	EXPECT(sip_phone_find(b->sip, STR("alice"), STR("example.org"), &p) == ERR_OK);
	EXPECT_STR(p.routes, "<sip:10.0.0.3:7;lr>, <sip:far.example.net;lr>");
	EXPECT(p.address.port == 7);
	EXPECT(say(w, 2, "Contact: <sip:a@10.0.0.3>\nPath: <sip:\n") == 400);
	reborn(w);
	EXPECT(sip_phone_find(b->sip, STR("alice"), STR("example.org"), &p) == ERR_OK);
	EXPECT_STR(p.routes, "<sip:10.0.0.3:7;lr>, <sip:far.example.net;lr>");
	world_destroy(w);
}

/* RFC 5626 section 3.5.2: STUN on the port of SIP, for phones that are registered from there */
TEST(a_phone_behind_nat_keeps_its_way_open)
{
	static const char request[] = "\x00\x01\x00\x00\x21\x12\xa4\x42"
				      "0123456789ab";
	struct str ping = str_make(request, 20);
	struct world *w = fresh();
	uint32_t seen = w->seen_count;
	world_say_bytes(w, BOB, ping);
	EXPECT(w->seen_count == seen); /* a stranger */
	EXPECT(say(w, 1, "Contact: <sip:a@192.168.1.1;ob>\n") == 200);
	EXPECT(say(w, 2, "Contact: <sip:b@192.168.1.1;ob>\n") == 200);
	seen = w->seen_count;
	world_say_bytes(w, BOB, ping);
	EXPECT(w->seen_count == seen + 1);
	/* 10.0.0.3:5060 with the cookie over it */
	EXPECT(str_eq(world_last_seen(w), str_make("\x01\x01\x00\x0c\x21\x12\xa4\x42"
						   "0123456789ab\x00\x20\x00\x08\x00\x01"
						   "\x32\xd6\x2b\x12\xa4\x41",
						   32)));
	/* no binding request, a length that lies, another cookie */
	static const char *const bad[] = {"\x01\x01\x00\x00\x21\x12\xa4\x42"
					  "0123456789ab",
					  "\x00\x01\x00\x04\x21\x12\xa4\x42"
					  "0123456789ab",
					  "\x00\x01\x00\x00\x21\x12\xa4\x43"
					  "0123456789ab"};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		world_say_bytes(w, BOB, str_make(bad[i], 20));
	EXPECT(w->seen_count == seen + 1);
	/* one of the two leaves, the other one is there still; then nobody */
	EXPECT(say(w, 3, "Contact: <sip:a@192.168.1.1;ob>;expires=0\n") == 200);
	seen = w->seen_count;
	world_say_bytes(w, BOB, ping);
	EXPECT(w->seen_count == seen + 1);
	EXPECT(say(w, 4, "Contact: <sip:b@192.168.1.1;ob>;expires=0\n") == 200);
	seen = w->seen_count;
	world_say_bytes(w, BOB, ping);
	EXPECT(w->seen_count == seen);
	world_destroy(w);
}
