/* register_test.c - we register somewhere: with our own registrar, and with a scripted one. */
#include "sip/world_test.h"

static struct sip_registration_id at(struct world *w, int where, const char *user,
				     const char *password)
{
	struct side *a = &w->sides[ALICE];
	struct sip_registration_id id = {0};
	struct sip_registering o = {.registrar = STR("sip:example.org"),
				    .to = w->sides[where].address,
				    .user = str_of(user),
				    .password = str_of(password),
				    .expires_s = 600,
				    .delay_ms = 100,
				    .owner = a};
	EXPECT(sip_register_start(a->sip, &o, &id) == ERR_OK);
	return id;
}

static bool bob_knows(struct world *w, const char *user)
{
	struct sip_phone phone;
	return sip_phone_find(w->sides[BOB].sip, str_of(user), STR("example.org"), &phone) ==
	       ERR_OK;
}

TEST(we_register_refresh_and_leave)
{
	static const char *const users[] = {"alice" /* MD5 */, "sha" /* SHA-256 */};
	for (size_t i = 0; i < COUNT_OF(users); i++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE];
		struct sip_registration_id id = at(w, BOB, users[i], "secret");
		world_run(w, 90);
		EXPECT(w->sent == 0); /* not before its delay */
		world_run(w, 50);
		EXPECT(bob_knows(w, users[i]) && a->reg_up && a->reg_status == 200);
		EXPECT(w->sent == 4); /* REGISTER, 401, REGISTER, 200 */
		world_run(w, 440 * 1000);
		EXPECT(w->sent == 4);
		world_run(w, 110 * 1000); /* 75 to 90 % of 600 s */
		EXPECT(w->sent == 8 && a->reg_up && bob_knows(w, users[i]));
		sip_register_stop(a->sip, id);
		world_run(w, 100);
		EXPECT(!bob_knows(w, users[i]) && sip_registrations(a->sip) == 0);
		world_destroy(w);
	}
}

TEST(a_wrong_password_is_told_and_not_tried_all_the_time)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	struct sip_registration_id id = at(w, BOB, "alice", "guess");
	world_run(w, 1000);
	EXPECT(!a->reg_up && a->reg_told == 1 && (a->reg_status == 401 || a->reg_status == 403));
	uint32_t sent = w->sent;
	world_run(w, 29000);
	EXPECT(w->sent == sent);
	world_run(w, 3600 * 1000);
	EXPECT(w->sent - sent < 4 * 30);
	sip_register_stop(a->sip, id);
	world_run(w, 3000);
	EXPECT(sip_registrations(a->sip) == 0);
	world_destroy(w);
}

static bool deaf(struct world *w, const struct packet *p)
{
	(void)w;
	return p->to.ip[3] == 2; /* nothing reaches bob */
}

TEST(a_registrar_that_is_silent_is_asked_again_and_the_loss_is_told_when_it_is_one)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	at(w, BOB, "alice", "secret");
	world_run(w, 200);
	EXPECT(a->reg_up);
	w->lose = deaf;
	world_run(w, 590 * 1000); /* the refresh fails, but he still has us */
	EXPECT(a->reg_up && a->reg_status == 408 && a->reg_told >= 2);
	world_run(w, 15 * 1000);
	EXPECT(!a->reg_up);
	w->lose = NULL;
	world_run(w, 600 * 1000);
	EXPECT(a->reg_up && a->reg_status == 200 && bob_knows(w, "alice"));
	world_destroy(w);
}

static struct str answer(struct world *w, uint32_t n, const char *status, const char *more)
{
	static char text[4096];
	struct buf b = buf_make(text, sizeof text - 1);
	struct str m = w->seen[n];
	buf_fmt(&b,
		"SIP/2.0 %s\nVia: " STR_FMT "\nFrom: " STR_FMT "\nTo: " STR_FMT
		";tag=x\nCall-ID: " STR_FMT "\nCSeq: " STR_FMT "\n%sContent-Length: 0\n\n",
		status, STR_ARG(value_of(m, "Via")), STR_ARG(value_of(m, "From")),
		STR_ARG(value_of(m, "To")), STR_ARG(value_of(m, "Call-ID")),
		STR_ARG(value_of(m, "CSeq")), more);
	text[b.n] = 0;
	world_say(w, ALICE, text);
	return world_last_seen(w);
}

/* Until that many messages came; within ms. */
static bool comes(struct world *w, uint32_t count, int64_t ms)
{
	for (int64_t end = w->now_ms + ms; w->now_ms < end && w->seen_count < count;)
		world_run(w, 100);
	return w->seen_count == count;
}

TEST(what_a_registrar_may_ask_for)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	at(w, MALLORY, "u@1 x", "pw");
	world_run(w, 150);
	EXPECT(w->seen_count == 1);
	EXPECT(str_starts(w->seen[0], STR("REGISTER sip:example.org SIP/2.0\r\n")));
	EXPECT_STR(value_of(w->seen[0], "To"), "<sip:u%401%20x@example.org>");
	EXPECT_STR(value_of(w->seen[0], "Contact"), "<sip:u%401%20x@10.0.0.1:5060>");
	EXPECT_STR(value_of(w->seen[0], "Expires"), "600");
	EXPECT(!has(w->seen[0], "Authorization"));
	struct str again = answer(w, 0, "423 Interval Too Brief", "Min-Expires: 1800\n");
	EXPECT(w->seen_count == 2);
	EXPECT_STR(value_of(again, "Expires"), "1800");
	EXPECT(str_eq(value_of(again, "Call-ID"), value_of(w->seen[0], "Call-ID")));
	/* the first of its challenges that we can answer; SHA-512-256 is none */
	again = answer(w, 1, "401 Unauthorized",
		       "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
		       "algorithm=SHA-512-256\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", "
		       "algorithm=SHA-256, qop=\"auth\"\nWWW-Authenticate: Digest realm=\"r\", "
		       "nonce=\"n\"\n");
	EXPECT(w->seen_count == 3 && has(again, "Authorization: Digest username=\"u@1 x\""));
	EXPECT(has(again, "algorithm=SHA-256"));
	/* it gives less than asked, to us; another phone's time is not ours */
	answer(w, 2, "200 OK",
	       "Contact: <sip:other@10.0.0.9>;expires=5, "
	       "<sip:u%401%20x@10.0.0.1:5060>;expires=100\nExpires: 3000\n");
	EXPECT(a->reg_up && a->reg_status == 200);
	world_run(w, 74000);
	EXPECT(w->seen_count == 3);
	EXPECT(comes(w, 4, 17000));
	/* it has no time for us, and says when */
	answer(w, 3, "503 Service Unavailable", "Retry-After: 120 (busy);duration=5\n");
	EXPECT(a->reg_up && a->reg_status == 503);
	world_run(w, 59000);
	EXPECT(!a->reg_up && w->seen_count == 4);
	EXPECT(comes(w, 5, 62000));
	/* it moves */
	sip_register_place(a->sip, (struct sip_registration_id){1, 1}, &w->sides[BOB].address);
	world_run(w, 40);
	world_destroy(w);
}

TEST(never_answered_without_a_password_nor_for_ever)
{
	static const char challenge[] = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\n";
	struct world *w = world_create();
	at(w, MALLORY, "u", "");
	world_run(w, 150);
	answer(w, 0, "401 Unauthorized", challenge);
	EXPECT(w->seen_count == 1 && w->sides[ALICE].reg_status == 401);
	world_destroy(w);
	w = world_create();
	at(w, MALLORY, "u", "pw");
	world_run(w, 150);
	answer(w, 0, "401 Unauthorized", challenge);
	answer(w, 1, "401 Unauthorized",
	       "WWW-Authenticate: Digest realm=\"r\", nonce=\"m\", stale=true\n");
	EXPECT(w->seen_count == 3);
	answer(w, 2, "401 Unauthorized",
	       "WWW-Authenticate: Digest realm=\"r\", nonce=\"o\", stale=true\n");
	EXPECT(w->seen_count == 3 && !w->sides[ALICE].reg_up);
	world_destroy(w);
}

TEST(the_next_life_says_nothing_before_the_refresh)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	struct sip_registration_id id = at(w, MALLORY, "u", "pw");
	char text[4096];
	struct buf image = buf_make(text, sizeof text);
	world_run(w, 150);
	answer(w, 0, "200 OK", "Expires: 600\n");
	EXPECT(a->reg_up);
	sip_register_save(a->sip, id, &image);
	world_kill_side(w, ALICE);
	a->reg_up = false;
	world_start_side(w, ALICE, 1);
	id = at(w, MALLORY, "u", "pw");
	sip_register_recall(a->sip, id, str_head(buf_str(&image), image.n - 3)); /* torn: ignored */
	EXPECT(!a->reg_up);
	sip_register_recall(a->sip, id, buf_str(&image));
	EXPECT(a->reg_up);
	world_run(w, 299 * 1000);
	EXPECT(w->seen_count == 1);
	EXPECT(comes(w, 2, 152 * 1000));
	EXPECT(str_eq(value_of(w->seen[0], "Call-ID"), value_of(w->seen[1], "Call-ID")));
	/* known there, so it is told that we leave */
	answer(w, 1, "200 OK", "Expires: 600\n");
	sip_register_stop(a->sip, id);
	world_run(w, 30);
	EXPECT_STR(value_of(world_last_seen(w), "Expires"), "0");
	world_run(w, 3000);
	EXPECT(sip_registrations(a->sip) == 0); /* without an answer too */
	world_destroy(w);
}

TEST(registrations_that_cannot_be)
{
	struct world *w = world_create();
	struct sip_registration_id id;
	static const char *const uris[] = {"",
					   "carrier.test",
					   "sip:",
					   "sip:u@carrier.test",
					   "tel:+48221234567",
					   "sips:carrier.test"};
	for (size_t i = 0; i < COUNT_OF(uris); i++)
		EXPECT(sip_register_start(w->sides[ALICE].sip,
					  &(struct sip_registering){.registrar = str_of(uris[i]),
								    .to = w->sides[BOB].address,
								    .user = STR("u")},
					  &id) == ERR_INVALID);
	sip_register_stop(w->sides[ALICE].sip, (struct sip_registration_id){9, 9});
	EXPECT(sip_registrations(w->sides[ALICE].sip) == 0);
	world_destroy(w);
}
