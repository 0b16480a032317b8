/* phones_test.c - phones that register: whose they are, when they are lost, and over restarts. */
#include "channel/voice/world_test.h"
#include "sip/auth.h"

static struct str say_register(struct world *w, const char *domain, uint32_t cseq,
			       const char *expires, const char *extra)
{
	char text[2048];
	struct buf b = buf_make(text, sizeof text - 1);
	buf_fmt(&b,
		"REGISTER sip:%s SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.3:5060;branch=z9hG4bKr%u\n"
		"Max-Forwards: 70\nFrom: <sip:boris@%s>;tag=r\nTo: <sip:boris@%s>\n"
		"Call-ID: register\nCSeq: %u REGISTER\nContact: <sip:boris@10.0.0.3:5060>\n"
		"Expires: %s\n%s\n",
		domain, cseq, domain, domain, cseq, expires, extra);
	text[b.n] = 0;
	return raw_say(w, 3, text);
}

static struct str registers(struct world *w, const char *password, uint32_t cseq,
			    const char *expires)
{
	char extra[512], ha1[DIGEST_HEX_MAX + 1], answer[DIGEST_HEX_MAX + 1], nonce[128];
	struct str said = say_register(w, "acme.test", cseq, expires, ""), line;
	struct digest d = {0};
	EXPECT(has(said, "SIP/2.0 401"));
	while (str_line(&said, &line))
		if (str_starts(line, STR("WWW-Authenticate: ")))
			EXPECT(digest_parse(str_from(line, 18), &d) == ERR_OK);
	EXPECT_STR(d.realm, "acme.test");
	EXPECT(str_copy(d.nonce, nonce, sizeof nonce));
	digest_ha1(STR("boris"), STR("acme.test"), str_of(password), false, ha1);
	struct digest mine = {.nonce = str_of(nonce),
			      .uri = STR("sip:acme.test"),
			      .qop = STR("auth"),
			      .nc = STR("00000001"),
			      .cnonce = STR("c")};
	digest_answer(&mine, STR("REGISTER"), str_of(ha1), false, answer);
	struct buf b = buf_make(extra, sizeof extra - 1);
	buf_fmt(&b,
		"Authorization: Digest username=\"boris\", realm=\"acme.test\", nonce=\"%s\", "
		"uri=\"sip:acme.test\", response=\"%s\", qop=auth, nc=00000001, cnonce=\"c\"\n",
		nonce, answer);
	extra[b.n] = 0;
	return say_register(w, "acme.test", cseq + 1, expires, extra);
}

static struct world *world_of_phones(void)
{
	struct world *w = world_create();
	w->hears_phones = true;
	return w;
}

TEST(a_phone_registers_rings_and_expires)
{
	struct world *w = world_of_phones();
	EXPECT(has(registers(w, "swordfish", 1, "120"), "SIP/2.0 200"));
	EXPECT_SAID(w, "phone boris ready");
	call_waiting(w);
	offer(w, "boris");
	EXPECT(w->sides[BORIS].incoming == 1 && row_of(w, w->contact)->state == ROW_TALKING);
	hang_up(w, TRUNK);
	w->log.n = 0;
	world_run(w, 125000);
	EXPECT_SAID(w, "phone boris away");
	call_waiting(w);
	offer(w, "boris");
	EXPECT(w->failed == OFFER_unreachable && w->sides[BORIS].incoming == 1);
	hang_up(w, TRUNK);
	world_end(w);
}

TEST(a_phone_with_a_wrong_password_stays_away)
{
	struct world *w = world_of_phones();
	EXPECT(has(registers(w, "sword", 1, "120"), "SIP/2.0 401"));
	EXPECT(has(say_register(w, "elsewhere.test", 5, "120", ""), "SIP/2.0 40"));
	EXPECT_SAID(w, "");
	world_end(w);
}

TEST(a_phone_signs_off)
{
	struct world *w = world_of_phones();
	EXPECT(has(registers(w, "swordfish", 1, "120"), "SIP/2.0 200"));
	EXPECT(has(registers(w, "swordfish", 3, "0"), "SIP/2.0 200"));
	EXPECT_SAID(w, "phone boris ready; phone boris away");
	world_end(w);
}

TEST(a_registered_phone_is_known_to_the_next_core)
{
	struct world *w = world_of_phones();
	EXPECT(has(registers(w, "swordfish", 1, "120"), "SIP/2.0 200"));
	w->log.n = 0;
	world_restart(w);
	EXPECT_SAID(w, "phone boris ready; phone clara away");
	call_waiting(w);
	offer(w, "boris");
	EXPECT(w->sides[BORIS].incoming == 1);
	hang_up(w, TRUNK);
	w->log.n = 0;
	/* it runs out while nobody lives */
	world_die(w);
	w->now_ms += 130000;
	world_live(w);
	world_run(w, 100);
	EXPECT(has(buf_str(&w->log), "phone boris away"));
	EXPECT(!has(buf_str(&w->log), "phone boris ready"));
	world_end(w);
}

TEST(a_phone_of_a_deleted_user_is_nobodys)
{
	struct world *w = world_of_phones();
	EXPECT(has(registers(w, "swordfish", 1, "120"), "SIP/2.0 200"));
	w->log.n = 0;
	struct id id = objects_drop(w->core.objects, KIND_user, STR("acme"), STR("boris"));
	TURN(w, EMIT(&w->core, object_moved, .kind = KIND_user, .slot = id.slot, .age = id.age));
	world_run(w, 130000);
	EXPECT_SAID(w, "");
	world_end(w);
}

TEST(a_registration_ends_with_the_password_it_was_made_with)
{
	struct world *w = world_of_phones();
	EXPECT(has(registers(w, "swordfish", 1, "120"), "SIP/2.0 200"));
	const struct object *boris =
		objects_find(w->core.objects, KIND_user, STR("acme"), STR("boris"));
	const struct config same = *boris->config;
	w->log.n = 0;
	world_object(w, &same); /* something else of him changed */
	world_run(w, 100);
	EXPECT_SAID(w, "");
	struct config other = same;
	other.user.ha1_md5 = STR("00000000000000000000000000000000");
	world_object(w, &other);
	EXPECT_SAID(w, "phone boris away");
	/* disabled, he has none at all */
	w->log.n = 0;
	world_object(w, &same);
	EXPECT(has(registers(w, "swordfish", 3, "120"), "SIP/2.0 200"));
	world_restart(w);
	w->log.n = 0;
	struct config none = same;
	none.user.ha1_md5 = STR_NONE;
	world_object(w, &none);
	EXPECT_SAID(w, "phone boris away");
	world_end(w);
}
