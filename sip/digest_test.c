/* digest_test.c - who tries to be somebody else: S8, S10 and S11 of the faults. */
#include "sip/world_test.h"

#include <stdio.h>

static struct str nonce_now(struct world *w)
{
	struct digest d = {0};
	EXPECT(digest_parse(value_of(world_last_seen(w), "WWW-Authenticate"), &d) == ERR_OK);
	return d.nonce;
}

/* What a wrong or a strange answer to a challenge looks like. */
struct attempt {
	const char *user, *realm, *uri, *algorithm, *qop, *nc, *nonce;
	bool password; /* the right one */
};

static uint32_t try(struct world *w, uint32_t cseq, const struct attempt *a, struct str nonce)
{
	char ha1[65], answer[65], text[1024];
	bool sha256 = a->algorithm && !strcmp(a->algorithm, "SHA-256");
	const char *user = a->user ? a->user : "alice";
	struct digest d = {.nonce = a->nonce ? str_of(a->nonce) : nonce,
			   .uri = str_of(a->uri ? a->uri : "sip:100@10.0.0.2"),
			   .qop = str_of(a->qop ? a->qop : "auth"),
			   .nc = str_of(a->nc ? a->nc : "00000001"),
			   .cnonce = STR("c")};
	struct str realm = str_of(a->realm ? a->realm : "example.org");
	digest_ha1(str_of(user), realm, a->password ? STR("secret") : STR("guess"), sha256, ha1);
	digest_answer(&d, STR("INVITE"), str_of(ha1), sha256, answer);
	struct buf b = buf_make(text, sizeof text - 1);
	buf_fmt(&b,
		"From: <sip:%s@example.org>;tag=t\nAuthorization: Digest username=\"%s\", "
		"realm=\"" STR_FMT "\", nonce=\"" STR_FMT "\", uri=\"" STR_FMT
		"\", response=\"%s\", algorithm=%s, qop=" STR_FMT ", nc=" STR_FMT
		", cnonce=\"c\"\n",
		user, user, STR_ARG(realm), STR_ARG(d.nonce), STR_ARG(d.uri), answer,
		a->algorithm ? a->algorithm : "MD5", STR_ARG(d.qop), STR_ARG(d.nc));
	text[b.n] = 0;
	say_request(w, "INVITE", cseq, NULL, text, SDP_TEXT);
	return last_status(w);
}

static struct world *guarded(void)
{
	struct world *w = world_create();
	w->sides[BOB].trusting = w->sides[BOB].accepts = w->sides[BOB].rings = false;
	return w;
}

TEST(answers_that_let_nobody_in)
{
	static const struct attempt attempts[] = {
		{.password = false},
		{.password = true, .user = "nobody"},
		{.password = true, .realm = "other.example"},
		/* an answer for another number is none for this: S10 "wrong uri" */
		{.password = true, .uri = "sip:+88166@10.0.0.2"},
		{.password = true, .uri = "sip:101@10.0.0.2"},
		{.password = true, .qop = "auth-int"},
		{.password = true, .qop = "auth", .nc = "00000000"},
		{.password = true, .qop = "auth", .nc = "1"},
		{.password = true, .algorithm = "MD5-sess"},
		{.password = true, .algorithm = "SHA-512-256"},
		/* declared for SHA-256: not talked down */
		{.password = true, .user = "both"},
	};
	for (size_t i = 0; i < COUNT_OF(attempts); i++) {
		struct world *w = guarded();
		say_request(w, "INVITE", 1, NULL, "", SDP_TEXT);
		EXPECT(try(w, 2, &attempts[i], nonce_now(w)) == 401);
		EXPECT(!has(value_of(world_last_seen(w), "WWW-Authenticate"), "stale"));
		EXPECT(w->sides[BOB].heard_count == 0);
		world_destroy(w);
	}
}

TEST(right_answers_count_once)
{
	static const struct attempt good = {.password = true},
				    second = {.password = true, .nc = "00000002"};
	/* through a proxy that made an address of our domain */
	static const struct attempt domain = {
		.password = true, .uri = "sip:100@example.org;user=phone", .nc = "00000003"};
	static const struct attempt sha = {
		.password = true, .user = "both", .algorithm = "SHA-256", .nc = "00000004"};
	struct world *w = guarded();
	struct side *b = &w->sides[BOB];
	say_request(w, "INVITE", 1, NULL, "", SDP_TEXT);
	struct str nonce = nonce_now(w);
	EXPECT(try(w, 2, &good, nonce) == 100 && b->heard_count == 1);
	EXPECT(try(w, 3, &good, nonce) == 401); /* a replay: right, but stale */
	EXPECT(has(value_of(world_last_seen(w), "WWW-Authenticate"), "stale=true"));
	EXPECT(try(w, 4, &second, nonce) == 100 && b->heard_count == 2);
	EXPECT(try(w, 5, &good, nonce) == 401); /* a count goes up only */
	EXPECT(try(w, 6, &domain, nonce) == 100 && b->heard_count == 3);
	EXPECT(try(w, 7, &sha, nonce) == 100 && b->heard_count == 4);
	EXPECT_STR(str_of(last_heard(b)->auth_user), "both");
	world_destroy(w);

	w = guarded(); /* one of another engine's, and one of another source */
	b = &w->sides[BOB];
	static const struct attempt foreign = {
		.password = true, .nonce = "0000000000000000000000000000000000000000000000000000"};
	say_request(w, "INVITE", 1, NULL, "", SDP_TEXT);
	nonce = nonce_now(w);
	EXPECT(try(w, 2, &foreign, nonce) == 401 && b->heard_count == 0);
	EXPECT(has(value_of(world_last_seen(w), "WWW-Authenticate"), "stale=true"));
	w->sides[MALLORY].address.ip[3] = 9;
	EXPECT(try(w, 3, &good, nonce) == 401 && b->heard_count == 0);
	world_destroy(w);
}

/* All that may differ between two answers: what is random or ours to choose. */
static struct str masked(struct str m, char out[2048])
{
	struct buf b = buf_make(out, 2048);
	for (struct str line; str_line(&m, &line);) {
		static const char *const cuts[] = {"nonce=\"", ";tag=", "branch="};
		size_t n = line.n;
		for (size_t i = 0; i < COUNT_OF(cuts); i++) {
			ptrdiff_t at = str_find_str(line, str_of(cuts[i]));
			if (at >= 0)
				n = MIN(n, (size_t)at);
		}
		if (!str_starts(line, STR("From:")) && !str_starts(line, STR("To:")))
			buf_put(&b, str_head(line, n));
		buf_ch(&b, '\n');
		buf_u64(&b, line.n);
	}
	return buf_str(&b);
}

TEST(known_and_unknown_users_are_answered_alike)
{
	static const char *const methods[] = {"REGISTER", "INVITE",  "OPTIONS", "SUBSCRIBE",
					      "MESSAGE",  "PUBLISH", "NOTIFY",	"REFER"};
	/* as long as each other, so that Content-Length and lines are too */
	static const char *const users[] = {"alice", "alicf"};
	for (size_t m = 0; m < COUNT_OF(methods); m++)
		for (int wrong = 0; wrong < 2; wrong++) {
			char text[2][2048], extra[512];
			struct str answers[2];
			struct world *w = guarded();
			for (size_t i = 0; i < 2; i++) {
				(void)snprintf(extra, sizeof extra,
					       "From: <sip:%s@example.org>;tag=t\n%s%s%s", users[i],
					       wrong ? "Authorization: Digest username=\"" : "",
					       wrong ? users[i] : "",
					       wrong ? "\", realm=\"example.org\", nonce=\"n\", "
						       "uri=\"sip:100@10.0.0.2\", response="
						       "\"00000000000000000000000000000000\"\n"
						     : "");
				say_request(w, methods[m], 1, NULL, extra, m == 1 ? SDP_TEXT : "");
				answers[i] = masked(world_last_seen(w), text[i]);
			}
			EXPECT(str_eq(answers[0], answers[1]));
			EXPECT(w->sides[BOB].heard_count == 0);
			EXPECT(pool_count(w->sides[BOB].sip->txns) == 0);
			world_destroy(w);
		}
}

/* CVE-2021-41158: who has no credentials configured is never answered, whatever it asks. */
TEST(a_challenge_inside_a_call_leaks_nothing)
{
	static const char *const challenge =
		"WWW-Authenticate: Digest realm=\"example.org\", nonce=\"n\", qop=\"auth\"\n";
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	struct sdp_audio mine = sound(24000);
	(void)script_call(w);
	EXPECT(sip_call_reoffer(b->sip, b->call, &mine) == ERR_OK);
	world_run(w, 20);
	answer_bob(w, "INVITE ", "401 Unauthorized", challenge, "");
	EXPECT(last_heard(b)->kind == SIP_REANSWER && last_heard(b)->status == 401);
	sip_call_end(b->sip, b->call);
	world_run(w, 20);
	answer_bob(w, "BYE ", "407 Proxy Authentication Required", challenge, "");
	world_run(w, 5000);
	EXPECT(seen_count(w, "INVITE ") == 1 && seen_count(w, "BYE ") == 1);
	for (uint32_t i = 0; i < w->seen_count; i++)
		EXPECT(!has(w->seen[i], "\r\nAuthorization:") &&
		       !has(w->seen[i], "\r\nProxy-Authorization:"));
	EXPECT(last_heard(b)->kind == SIP_CALL_OVER);
	world_destroy(w);
}

/* S11: no method of a stranger has an effect, on a call neither. */
TEST(a_stranger_changes_nothing)
{
	static const char *const methods[] = {"MESSAGE", "SUBSCRIBE", "PUBLISH", "NOTIFY",
					      "INFO",	 "REFER",     "UPDATE",	 "PRACK",
					      "BYE",	 "CANCEL",    "OPTIONS"};
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	char tag[64];
	(void)str_copy(str_of(script_call(w)), tag, sizeof tag);
	b->refer_answer = 202;
	uint32_t heard = b->heard_count;
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		/* outside, then with our tag but not theirs */
		static const char *const refer = "Refer-To: <sip:+88166@example.org>\n";
		say_request(w, methods[i], 50 + (uint32_t)i, NULL, refer, "");
		uint32_t status = last_status(w);
		EXPECT(status == 401 || status == 403 || status == 405 || status == 481 ||
		       !strcmp(methods[i], "OPTIONS"));
		char extra[256];
		(void)snprintf(extra, sizeof extra, "From: <sip:x@example.org>;tag=x\n%s", refer);
		say_request(w, methods[i], 80 + (uint32_t)i, tag, extra, "");
		EXPECT(last_status(w) == 481);
	}
	EXPECT(b->heard_count == heard && sip_call_established(b->sip, b->call));
	world_destroy(w);
}
