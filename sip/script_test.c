/* script_test.c - one engine and a peer that says exactly what the test wants. */
#include "sip/world_test.h"

#include <stdio.h>
#include <stdlib.h>

void say_request(struct world *w, const char *method, uint32_t cseq, const char *to_tag,
		 const char *extra, const char *body)
{
	char text[8192];
	struct buf b = buf_make(text, sizeof text - 1);
	static uint32_t branch;
	size_t crlf = 0;
	for (const char *c = body; *c; c++)
		crlf += *c == '\n';
	buf_fmt(&b, "%s sip:100@10.0.0.2 SIP/2.0\n", method);
	if (!strstr(extra, "Via:"))
		buf_fmt(&b, "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKm%u;rport\n", ++branch);
	if (!strstr(extra, "Max-Forwards:"))
		buf_c(&b, "Max-Forwards: 70\n");
	if (!strstr(extra, "From:"))
		buf_c(&b, "From: <sip:mallory@example.org>;tag=mal\n");
	buf_fmt(&b, "To: <sip:100@example.org>%s%s\nCall-ID: script-1\n", to_tag ? ";tag=" : "",
		to_tag ? to_tag : "");
	buf_fmt(&b, "CSeq: %u %s\nContact: <sip:m@10.0.0.3:5060>\n%s", cseq, method, extra);
	if (*body && !strstr(extra, "Content-Type:"))
		buf_c(&b, "Content-Type: application/sdp\n");
	buf_fmt(&b, "Content-Length: %zu\n\n%s", strlen(body) + crlf, body);
	CHECK(!b.full);
	text[b.n] = 0;
	world_say(w, BOB, text);
}

const char *tag_of(struct str message, const char *header)
{
	static char tag[64];
	struct str v = value_of(message, header), rest;
	ptrdiff_t at = str_find_str(v, STR(";tag="));
	str_cut(at < 0 ? STR_NONE : str_from(v, (size_t)at + 5), ';', &v, &rest);
	(void)str_copy(v, tag, sizeof tag);
	return tag;
}

uint32_t last_status(struct world *w)
{
	return world_status(world_last_seen(w));
}

const char *script_call(struct world *w)
{
	static char tag[64];
	say_request(w, "INVITE", 1, NULL, "", SDP_TEXT);
	EXPECT(last_status(w) == 200);
	(void)str_copy(str_of(tag_of(world_last_seen(w), "To")), tag, sizeof tag);
	say_request(w, "ACK", 1, tag, "", "");
	EXPECT(last_heard(&w->sides[BOB])->kind == SIP_CONFIRMED);
	return tag;
}

TEST(a_stranger_is_challenged_alike_for_every_user)
{
	struct world *w = world_create();
	w->sides[BOB].trusting = false;
	static const char *const froms[] = {"From: <sip:alice@example.org>;tag=1\n",
					    "From: <sip:nobody@example.org>;tag=1\n"};
	struct str first = STR_NONE;
	for (size_t i = 0; i < 2; i++) {
		say_request(w, "INVITE", 1, NULL, froms[i], SDP_TEXT);
		EXPECT(last_status(w) == 401);
		struct str v = value_of(world_last_seen(w), "WWW-Authenticate");
		EXPECT(has(v, "realm=\"example.org\"") && has(v, "algorithm=MD5"));
		EXPECT(has(v, "qop=\"auth\"") && !has(v, "stale"));
		EXPECT(value_of(world_last_seen(w), "Contact").n == 0);
		EXPECT(i == 0 || first.n == v.n);
		first = v;
	}
	/* a phone declared for SHA-256 gets that, and only that */
	say_request(w, "INVITE", 1, NULL, "From: <sip:sha@example.org>;tag=1\n", SDP_TEXT);
	EXPECT(has(value_of(world_last_seen(w), "WWW-Authenticate"), "algorithm=SHA-256"));
	EXPECT(w->sides[BOB].heard_count == 0 && pool_count(w->sides[BOB].sip->txns) == 0);
	/* the ACK of the refusal is swallowed */
	uint32_t seen = w->seen_count;
	say_request(w, "ACK", 1, "whatever", "", "");
	EXPECT(w->seen_count == seen);
	world_destroy(w);
}

static void with_credentials(struct world *w, const char *method, uint32_t cseq, const char *user,
			     const char *ha1, bool sha256, const char *nc, struct str nonce)
{
	char text[1024], answer[65];
	struct digest d = {.nonce = nonce,
			   .uri = STR("sip:100@10.0.0.2"),
			   .cnonce = STR("abc"),
			   .qop = *nc ? STR("auth") : STR_NONE,
			   .nc = str_of(nc)};
	digest_answer(&d, str_of(method), str_of(ha1), sha256, answer);
	struct buf b = buf_make(text, sizeof text - 1);
	buf_fmt(&b,
		"From: <sip:%s@example.org>;tag=1\nAuthorization: Digest username=\"%s\", "
		"realm=\"example.org\", nonce=\"" STR_FMT
		"\", uri=\"sip:100@10.0.0.2\", response=\"%s\"",
		user, user, STR_ARG(nonce), answer);
	if (sha256)
		buf_c(&b, ", algorithm=SHA-256");
	if (*nc)
		buf_fmt(&b, ", qop=auth, nc=%s, cnonce=\"abc\"", nc);
	buf_c(&b, "\n");
	text[b.n] = 0;
	say_request(w, method, cseq, NULL, text, strcmp(method, "INVITE") ? "" : SDP_TEXT);
}

static struct str nonce_of(struct str message)
{
	struct digest d = {0};
	EXPECT(digest_parse(value_of(message, "WWW-Authenticate"), &d) == ERR_OK);
	return d.nonce;
}

TEST(good_credentials_let_a_call_in)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	char md5[65];
	digest_ha1(STR("alice"), STR("example.org"), STR("secret"), false, md5);
	b->trusting = false;
	say_request(w, "INVITE", 1, NULL, "", SDP_TEXT);
	struct str nonce = nonce_of(world_last_seen(w));
	/* a wrong secret: 401 again, and not called stale */
	with_credentials(w, "INVITE", 2, "alice", "00000000000000000000000000000000", false,
			 "00000001", nonce);
	EXPECT(last_status(w) == 401);
	EXPECT(!has(value_of(world_last_seen(w), "WWW-Authenticate"), "stale"));
	with_credentials(w, "INVITE", 3, "nobody", md5, false, "00000001", nonce);
	EXPECT(last_status(w) == 401 && b->heard_count == 0);
	with_credentials(w, "INVITE", 4, "alice", md5, false, "00000001", nonce);
	EXPECT(b->heard_count == 1 && b->heard[0].kind == SIP_INCOMING);
	EXPECT_STR(str_of(b->heard[0].auth_user), "alice");
	EXPECT_STR(str_of(b->heard[0].auth_realm), "example.org");
	EXPECT(last_status(w) == 200);
	say_request(w, "ACK", 4, tag_of(world_last_seen(w), "To"),
		    "From: <sip:alice@example.org>;tag=1\n", "");
	EXPECT(last_heard(b)->kind == SIP_CONFIRMED);
	/* the same once more is a replay: right, but stale */
	with_credentials(w, "INVITE", 5, "alice", md5, false, "00000001", nonce);
	EXPECT(last_status(w) == 401);
	EXPECT(has(value_of(world_last_seen(w), "WWW-Authenticate"), "stale=true"));
	EXPECT(count_heard(b, SIP_INCOMING) == 1);
	/* the next count is fine; after a minute the nonce is not */
	with_credentials(w, "OPTIONS", 6, "alice", md5, false, "00000002", nonce);
	EXPECT(last_status(w) == 200);
	w->now_ms += 61000;
	with_credentials(w, "INVITE", 7, "alice", md5, false, "00000003", nonce);
	EXPECT(last_status(w) == 401);
	EXPECT(has(value_of(world_last_seen(w), "WWW-Authenticate"), "stale=true"));
	world_destroy(w);
}

TEST(a_user_may_challenge_a_call_of_a_trusted_peer)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	char md5[65];
	digest_ha1(STR("alice"), STR("example.org"), STR("secret"), false, md5);
	b->accepts = false;
	say_request(w, "INVITE", 1, NULL, "From: <sip:alice@example.org>;tag=1\n", SDP_TEXT);
	sip_call_challenge(b->sip, b->call, STR("example.org"));
	world_run(w, 20);
	EXPECT(last_status(w) == 401 && last_heard(b)->kind == SIP_CALL_OVER);
	struct str nonce = nonce_of(world_last_seen(w));
	with_credentials(w, "INVITE", 2, "alice", md5, false, "", nonce); /* RFC 2617 without qop */
	EXPECT(last_heard(b)->kind == SIP_INCOMING);
	EXPECT_STR(str_of(last_heard(b)->auth_user), "alice");
	world_destroy(w);
}

TEST(requests_outside_any_dialog)
{
	static const struct {
		const char *method, *extra;
		uint32_t status;
		const char *says;
	} cases[] = {
		{"OPTIONS", "", 200, "Allow: INVITE, ACK"},
		{"OPTIONS", "Require: foo, bar\n", 420, "Unsupported: foo, bar"},
		{"OPTIONS", "Max-Forwards: 0\n", 483, ""},
		{"INVITE", "Max-Forwards: 0\n", 483, ""},
		{"INVITE", "Require: 100rel, precondition\n", 420, "Unsupported: precondition\r\n"},
		{"INVITE", "Content-Type: text/plain\n", 415, "Accept: application/sdp"},
		{"INVITE", "Accept: text/plain\n", 406, ""},
		{"MESSAGE", "", 405, "Allow: "},
		{"SUBSCRIBE", "", 405, "Allow: "},
		{"NOTIFY", "", 405, "Allow: "},
		{"REFER", "", 403, ""},
		{"PUBLISH", "", 405, "Allow: "},
		{"FROBNICATE", "", 501, "Allow: "},
		{"BYE", "", 481, ""},
		{"INFO", "", 481, ""},
		{"CANCEL", "", 481, ""},
		{"REGISTER", "", 401, "WWW-Authenticate: "},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_create();
		say_request(w, cases[i].method, 1, NULL, cases[i].extra,
			    strcmp(cases[i].method, "INVITE") ? "" : SDP_TEXT);
		EXPECT(last_status(w) == cases[i].status);
		EXPECT(has(world_last_seen(w), cases[i].says));
		EXPECT(w->sides[BOB].heard_count == 0 && w->seen_count == 1);
		EXPECT(*tag_of(world_last_seen(w), "To"));
		world_destroy(w);
	}
}

TEST(requests_for_a_dialog_that_is_not)
{
	struct world *w = world_create();
	const char *tag = script_call(w);
	struct side *b = &w->sides[BOB];
	say_request(w, "BYE", 2, "0123456789abcdef", "", "");
	EXPECT(last_status(w) == 481);
	/* our tag alone does not make it this dialog: RFC 3261 section 12.2.2 */
	say_request(w, "BYE", 2, tag, "From: <sip:mallory@example.org>;tag=other\n", "");
	EXPECT(last_status(w) == 481);
	say_request(w, "INVITE", 2, "nonsense", "", SDP_TEXT);
	EXPECT(last_status(w) == 481);
	EXPECT(sip_call_established(b->sip, b->call));
	say_request(w, "BYE", 2, tag, "Reason: Q.850;cause=16\n", "");
	EXPECT(last_status(w) == 200 && last_heard(b)->over == SIP_OVER_REMOTE);
	EXPECT_STR(str_of(last_heard(b)->reason), "Q.850;cause=16");
	say_request(w, "BYE", 3, tag, "", "");
	EXPECT(last_status(w) == 481);
	world_destroy(w);
}

TEST(requests_inside_a_dialog)
{
	struct world *w = world_create();
	const char *tag = script_call(w);
	struct side *b = &w->sides[BOB];
	say_request(w, "OPTIONS", 1, tag, "", "");
	EXPECT(last_status(w) == 200);
	say_request(w, "INFO", 2, tag, "Content-Type: application/dtmf-relay\n",
		    "Signal= 5\nDuration=250\n");
	EXPECT(last_status(w) == 200 && last_heard(b)->kind == SIP_DIGIT);
	EXPECT(last_heard(b)->digit == '5' && last_heard(b)->digit_ms == 250);
	say_request(w, "INFO", 3, tag, "Content-Type: application/dtmf\n", "#");
	EXPECT(last_heard(b)->digit == '#');
	say_request(w, "INFO", 4, tag, "Content-Type: application/dtmf-relay\n", "Signal=10\n");
	EXPECT(last_heard(b)->digit == '*');
	uint32_t heard = b->heard_count;
	say_request(w, "INFO", 5, tag, "Content-Type: text/plain\n", "hello");
	EXPECT(last_status(w) == 415);
	say_request(w, "INFO", 6, tag, "Content-Type: application/dtmf-relay\n", "Signal=x\n");
	EXPECT(last_status(w) == 415);
	say_request(w, "INFO", 7, tag, "", "");
	EXPECT(last_status(w) == 200);
	say_request(w, "INFO", 3, tag, "Content-Type: application/dtmf\n", "9"); /* out of order */
	EXPECT(last_status(w) == 500);
	say_request(w, "PUBLISH", 8, tag, "", "");
	EXPECT(last_status(w) == 405);
	say_request(w, "FROBNICATE", 9, tag, "", "");
	EXPECT(last_status(w) == 501);
	say_request(w, "INFO", 10, tag, "Require: wings\n", "");
	EXPECT(last_status(w) == 420);
	EXPECT(b->heard_count == heard);
	say_request(w, "UPDATE", 11, tag, "", SDP_HOLD);
	EXPECT(last_status(w) == 200 && last_heard(b)->kind == SIP_REOFFER);
	EXPECT(last_heard(b)->direction == SDP_SENDONLY);
	EXPECT(has(world_last_seen(w), "m=audio 21000 RTP/AVP 8 101"));
	say_request(w, "UPDATE", 12, tag, "", "");
	EXPECT(last_status(w) == 200 && !has(world_last_seen(w), "m=audio"));
	world_destroy(w);
}

/* A repeated request is answered again and has no second effect. */
TEST(repeated_requests_have_one_effect)
{
	struct world *w = world_create();
	const char *tag = script_call(w);
	struct side *b = &w->sides[BOB];
	const char *extra = "Content-Type: application/dtmf\nVia: SIP/2.0/UDP "
			    "10.0.0.3;branch=z9hG4bKtwice\n";
	for (int i = 0; i < 3; i++) {
		uint32_t seen = w->seen_count;
		say_request(w, "INFO", 2, tag, extra, "7");
		EXPECT(w->seen_count == seen + 1 && last_status(w) == 200);
	}
	EXPECT(count_heard(b, SIP_DIGIT) == 1);
	const char *bye = "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKbye\n";
	for (int i = 0; i < 3; i++) {
		say_request(w, "BYE", 3, tag, bye, "");
		EXPECT(last_status(w) == 200);
	}
	EXPECT(count_heard(b, SIP_CALL_OVER) == 1);
	world_destroy(w);
}

TEST(an_invite_without_sound_gets_our_offer)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	say_request(w, "INVITE", 1, NULL, "", "");
	EXPECT(b->heard[0].kind == SIP_INCOMING && !b->heard[0].sdp);
	EXPECT(last_status(w) == 200 && has(world_last_seen(w), "m=audio 21000"));
	const char *tag = tag_of(world_last_seen(w), "To");
	say_request(w, "ACK", 1, tag, "", SDP_TEXT);
	EXPECT(last_heard(b)->kind == SIP_CONFIRMED && last_heard(b)->sdp);
	EXPECT(last_heard(b)->port == 4000);
	/* and so does a re-INVITE without: the user is asked for a whole one */
	say_request(w, "INVITE", 2, tag, "", "");
	EXPECT(last_heard(b)->kind == SIP_REOFFER && !last_heard(b)->sdp);
	EXPECT(last_status(w) == 200 && has(world_last_seen(w), " 1 IN IP4 192.0.2.77"));
	say_request(w, "ACK", 2, tag, "", SDP_HOLD);
	EXPECT(last_heard(b)->kind == SIP_REANSWER && last_heard(b)->direction == SDP_SENDONLY);
	/* refused: nothing is owed with the ACK, and the next offer is theirs again */
	b->answers = false;
	say_request(w, "INVITE", 3, tag, "", "");
	sip_call_answer(b->sip, b->call, NULL);
	world_run(w, 20);
	EXPECT(last_status(w) == 488);
	b->answers = true;
	say_request(w, "INVITE", 4, tag, "", SDP_TEXT);
	uint32_t heard = b->heard_count;
	EXPECT(last_status(w) == 200 && last_heard(b)->sdp);
	say_request(w, "ACK", 4, tag, "", "");
	EXPECT(b->heard_count == heard);
	/* cancelled before it was answered */
	b->answers = false;
	say_request(w, "INVITE", 5, tag, "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKlate\n", "");
	say_request(w, "CANCEL", 5, tag, "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKlate\n", "");
	EXPECT(sip_call_established(b->sip, b->call));
	world_destroy(w);
}

TEST(an_ack_without_the_answer_it_owes_ends_the_call)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	say_request(w, "INVITE", 1, NULL, "", "");
	say_request(w, "ACK", 1, tag_of(world_last_seen(w), "To"), "", "");
	EXPECT(last_heard(b)->kind == SIP_CALL_OVER && last_heard(b)->over == SIP_OVER_BROKEN);
	EXPECT(str_starts(world_last_seen(w), STR("BYE ")));
	world_destroy(w);
}

TEST(cancel_at_every_stage)
{
	const char *via = "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKc\n";
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	b->accepts = false;
	say_request(w, "INVITE", 1, NULL, via, SDP_TEXT);
	EXPECT(last_status(w) == 180);
	const char *tag = tag_of(world_last_seen(w), "To");
	say_request(w, "CANCEL", 1, NULL,
		    "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKc\nReason: SIP;cause=200\n", "");
	EXPECT(last_heard(b)->kind == SIP_CALL_OVER && last_heard(b)->over == SIP_OVER_REMOTE);
	EXPECT_STR(str_of(last_heard(b)->reason), "SIP;cause=200");
	EXPECT(world_status(w->seen[w->seen_count - 2]) == 200 && last_status(w) == 487);
	EXPECT_STR(str_of(tag_of(world_last_seen(w), "To")), tag);
	/* the user's own late words do no harm */
	struct sdp_audio mine = sound(1);
	sip_call_accept(b->sip, b->call, &mine);
	sip_call_reject(b->sip, b->call, 486, 0);
	world_destroy(w);

	/* after the 200: its own 200, and nothing else changes (RFC 3261 section 9.2) */
	w = world_create();
	b = &w->sides[BOB];
	say_request(w, "INVITE", 1, NULL, via, SDP_TEXT);
	EXPECT(last_status(w) == 200);
	tag = tag_of(world_last_seen(w), "To");
	say_request(w, "CANCEL", 1, NULL, via, "");
	EXPECT(last_status(w) == 200 && has(world_last_seen(w), "1 CANCEL"));
	EXPECT(count_heard(b, SIP_CALL_OVER) == 0);
	say_request(w, "ACK", 1, tag, "", "");
	EXPECT(last_heard(b)->kind == SIP_CONFIRMED);
	/* a re-INVITE may be cancelled, the call stays */
	b->answers = false;
	via = "Via: SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKre\n";
	say_request(w, "INVITE", 2, tag, via, SDP_HOLD);
	say_request(w, "CANCEL", 2, tag, via, "");
	EXPECT(last_status(w) == 487 && sip_call_established(b->sip, b->call));
	sip_call_answer(b->sip, b->call, &mine); /* too late: ignored */
	say_request(w, "ACK", 2, tag, via, "");
	say_request(w, "INVITE", 3, tag, "", SDP_HOLD);
	EXPECT(last_heard(b)->kind == SIP_REOFFER && count_heard(b, SIP_REOFFER) == 2);
	/* one at a time: the next meets 500 with Retry-After (RFC 3261 section 14.2) */
	say_request(w, "INVITE", 4, tag, "", SDP_HOLD);
	EXPECT(last_status(w) == 500 && value_of(world_last_seen(w), "Retry-After").n);
	world_destroy(w);
}

TEST(a_bye_in_place_of_cancel)
{
	struct world *w = world_create();
	struct side *b = &w->sides[BOB];
	b->accepts = false;
	say_request(w, "INVITE", 1, NULL, "", SDP_TEXT);
	say_request(w, "BYE", 2, tag_of(world_last_seen(w), "To"), "", "");
	EXPECT(world_status(w->seen[w->seen_count - 2]) == 200 && last_status(w) == 487);
	EXPECT(last_heard(b)->over == SIP_OVER_REMOTE && last_heard(b)->kind == SIP_CALL_OVER);
	world_destroy(w);
}

TEST(a_ringing_call_says_so_every_minute)
{
	struct world *w = world_create();
	w->sides[BOB].accepts = false;
	say_request(w, "INVITE", 1, NULL, "", SDP_TEXT);
	uint32_t seen = w->seen_count;
	world_run(w, 185000);
	EXPECT(w->seen_count == seen + 3 && last_status(w) == 180);
	world_destroy(w);
}

/* -- our INVITE to MALLORY -- */

/* Answers the request MALLORY saw at `index` with these bytes behind its copied head. */
void answer_request(struct world *w, uint32_t index, const char *status, const char *to_tag,
		    const char *extra, const char *body)
{
	char text[8192];
	struct str q = w->seen[index], v;
	struct buf b = buf_make(text, sizeof text - 1);
	size_t crlf = 0;
	for (const char *c = body; *c; c++)
		crlf += *c == '\n';
	buf_fmt(&b, "SIP/2.0 %s\n", status);
	static const char *const copied[] = {"Via", "From", "Call-ID", "CSeq"};
	for (size_t i = 0; i < COUNT_OF(copied); i++) {
		v = value_of(q, copied[i]);
		buf_fmt(&b, "%s: " STR_FMT "\n", copied[i], STR_ARG(v));
	}
	v = value_of(q, "To");
	buf_fmt(&b, "To: " STR_FMT "%s%s\n%s", STR_ARG(v), *to_tag ? ";tag=" : "", to_tag, extra);
	if (*body)
		buf_c(&b, "Content-Type: application/sdp\n");
	buf_fmt(&b, "Content-Length: %zu\n\n%s", strlen(body) + crlf, body);
	CHECK(!b.full);
	text[b.n] = 0;
	world_say(w, ALICE, text);
}

int seen_last(struct world *w, const char *start)
{
	for (int i = (int)w->seen_count - 1; i >= 0; i--)
		if (str_starts(w->seen[i], str_of(start)))
			return i;
	return -1;
}

uint32_t seen_count(struct world *w, const char *start)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < w->seen_count; i++)
		n += str_starts(w->seen[i], str_of(start));
	return n;
}

void answer_bob(struct world *w, const char *start, const char *status, const char *extra,
		const char *body)
{
	char text[4096];
	int at = seen_last(w, start);
	struct buf b = buf_make(text, sizeof text - 1);
	EXPECT(at >= 0);
	if (at < 0)
		return;
	buf_fmt(&b, "SIP/2.0 %s\n", status);
	static const char *const copied[] = {"Via", "From", "To", "Call-ID", "CSeq"};
	for (size_t i = 0; i < COUNT_OF(copied); i++) {
		struct str v = value_of(w->seen[at], copied[i]);
		buf_fmt(&b, "%s: " STR_FMT "\n", copied[i], STR_ARG(v));
	}
	size_t crlf = 0;
	for (const char *c = body; *c; c++)
		crlf += *c == '\n';
	buf_fmt(&b, "%s%sContent-Length: %zu\n\n%s", extra,
		*body ? "Content-Type: application/sdp\n" : "", strlen(body) + crlf, body);
	CHECK(!b.full);
	text[b.n] = 0;
	world_say(w, BOB, text);
}

TEST(two_forks_answer_and_one_is_kept)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "200 OK", "one", CONTACT, SDP_TEXT);
	EXPECT(last_heard(a)->kind == SIP_ANSWERED);
	EXPECT(str_starts(world_last_seen(w), STR("ACK ")));
	answer_request(w, 0, "200 OK", "one", CONTACT, SDP_TEXT); /* our ACK was lost: again */
	EXPECT(str_starts(world_last_seen(w), STR("ACK ")) && w->seen_count == 3);
	for (int i = 0; i < 3; i++) /* the other fork: ACK each time, BYE once */
		answer_request(w, 0, "200 OK", "two", "Contact: <sip:n@10.0.0.3:5060>\n", SDP_TEXT);
	EXPECT(w->seen_count == 3 + 3 + 1);
	EXPECT(str_starts(w->seen[3], STR("ACK sip:n@10.0.0.3:5060 ")));
	EXPECT(str_starts(w->seen[4], STR("BYE sip:n@10.0.0.3:5060 ")));
	EXPECT(has(value_of(w->seen[4], "To"), ";tag=two"));
	EXPECT(count_heard(a, SIP_ANSWERED) == 1 && sip_call_established(a->sip, a->call));
	world_destroy(w);
}

TEST(a_200_that_crosses_our_cancel)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	sip_call_end(a->sip, a->call); /* before any 1xx: no CANCEL yet */
	world_run(w, 100);
	EXPECT(w->seen_count == 1);
	answer_request(w, 0, "180 Ringing", "one", CONTACT, "");
	EXPECT(str_starts(world_last_seen(w), STR("CANCEL ")));
	EXPECT(str_eq(value_of(w->seen[0], "Via"), value_of(w->seen[1], "Via")));
	EXPECT(str_eq(value_of(w->seen[0], "To"), value_of(w->seen[1], "To")));
	answer_request(w, 0, "200 OK", "one", CONTACT, SDP_TEXT);
	EXPECT(str_starts(w->seen[2], STR("ACK ")) && str_starts(w->seen[3], STR("BYE ")));
	EXPECT(a->heard_count == 0);
	answer_request(w, 3, "200 OK", "", "", "");
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->over == SIP_OVER_LOCAL);
	/* a 2xx that comes when all is over is still acknowledged, and hung up */
	uint32_t seen = w->seen_count;
	answer_request(w, 0, "200 OK", "two", CONTACT, SDP_TEXT);
	EXPECT(w->seen_count == seen + 2 && str_starts(world_last_seen(w), STR("BYE ")));
	world_destroy(w);
}

TEST(a_200_comes_before_anything_else_to_a_call_given_up)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	sip_call_end(a->sip, a->call);
	answer_request(w, 0, "200 OK", "one", CONTACT, SDP_TEXT);
	EXPECT(str_starts(w->seen[1], STR("ACK ")) && str_starts(w->seen[2], STR("BYE ")));
	answer_request(w, 2, "200 OK", "", "", "");
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->over == SIP_OVER_LOCAL);
	world_destroy(w);
}

TEST(a_cancel_without_any_final_answer_ends_after_32_s)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "180 Ringing", "one", CONTACT, "");
	world_run(w, 100000); /* ringing has no limit of its own: that is the user's to set */
	EXPECT(count_heard(a, SIP_CALL_OVER) == 0);
	sip_call_end(a->sip, a->call);
	world_run(w, 33000);
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->over == SIP_OVER_LOCAL);
	world_destroy(w);
}

/* RFC 3261 section 12.1.2: the route set is the Record-Route reversed; loose and strict routers */
TEST(routes_are_followed)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "200 OK", "one",
		       "Record-Route: <sip:far.example.com;lr>, <sip:10.0.0.3;lr>\n"
		       "Contact: <sip:m@203.0.113.1>\n",
		       SDP_TEXT);
	EXPECT(str_starts(w->seen[1], STR("ACK sip:m@203.0.113.1 SIP/2.0")));
	EXPECT_STR(value_of(w->seen[1], "Route"), "<sip:10.0.0.3;lr>, <sip:far.example.com;lr>");
	sip_call_end(a->sip, a->call);
	world_run(w, 20);
	EXPECT_STR(value_of(w->seen[2], "Route"), "<sip:10.0.0.3;lr>, <sip:far.example.com;lr>");
	world_destroy(w);

	w = world_create();
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "200 OK", "one",
		       "Record-Route: <sip:far.example.com;lr>\nRecord-Route: <sip:10.0.0.3>\n"
		       "Contact: <sip:m@203.0.113.1>\n",
		       SDP_TEXT);
	EXPECT(str_starts(w->seen[1], STR("ACK sip:10.0.0.3 SIP/2.0")));
	EXPECT_STR(value_of(w->seen[1], "Route"), "<sip:far.example.com;lr>, <sip:m@203.0.113.1>");
	world_destroy(w);
}

TEST(early_sound_and_an_answer_without_any)
{
	struct world *w = world_create();
	struct side *a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "100 Trying", "", "", "");
	EXPECT(a->heard_count == 0);
	answer_request(w, 0, "183 Session Progress", "one", CONTACT, SDP_TEXT);
	EXPECT(last_heard(a)->kind == SIP_RINGING && last_heard(a)->status == 183);
	EXPECT(last_heard(a)->port == 4000);
	answer_request(w, 0, "200 OK", "one", CONTACT, ""); /* said already */
	EXPECT(last_heard(a)->kind == SIP_ANSWERED && last_heard(a)->port == 4000);
	world_destroy(w);

	/* two forks describe themselves: the newest is heard, and the answer says whose it is */
	w = world_create();
	a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "183 Session Progress", "one", CONTACT, SDP_TEXT);
	answer_request(w, 0, "183 Session Progress", "two", CONTACT, SDP_HOLD);
	EXPECT(last_heard(a)->kind == SIP_RINGING && last_heard(a)->direction == SDP_SENDONLY);
	answer_request(w, 0, "200 OK", "one", CONTACT, SDP_TEXT);
	EXPECT(last_heard(a)->kind == SIP_ANSWERED && last_heard(a)->direction == SDP_SENDRECV);
	EXPECT(has(value_of(world_last_seen(w), "To"), ";tag=one"));
	world_destroy(w);

	/* the other fork's early sound is no answer of this one */
	w = world_create();
	a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "183 Session Progress", "two", CONTACT, SDP_TEXT);
	answer_request(w, 0, "200 OK", "one", CONTACT, "");
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->over == SIP_OVER_BROKEN);
	world_destroy(w);

	w = world_create();
	a = &w->sides[ALICE];
	EXPECT(world_call(w, ALICE, MALLORY, "100") == ERR_OK);
	world_run(w, 20);
	answer_request(w, 0, "200 OK", "one", CONTACT, "");
	EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->over == SIP_OVER_BROKEN);
	EXPECT(str_starts(w->seen[1], STR("ACK ")) && str_starts(w->seen[2], STR("BYE ")));
	world_destroy(w);
}

TEST(a_trunk_that_challenges)
{
	for (int secret = 0; secret < 2; secret++) {
		struct world *w = world_create();
		struct side *a = &w->sides[ALICE];
		struct sip_invite i = {.uri = STR("sip:100@10.0.0.3"),
				       .to = w->sides[MALLORY].address,
				       .from_user = STR("alice"),
				       .from_host = STR("example.org"),
				       .sdp = sound(20000)};
		if (secret) {
			i.auth_user = STR("alice");
			i.auth_password = STR("secret");
		}
		EXPECT(sip_call_start(a->sip, &i, &a->call) == ERR_OK);
		world_run(w, 20);
		answer_request(w, 0, "407 Proxy Authentication Required", "x",
			       "Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"n1\", "
			       "qop=\"auth,auth-int\", opaque=\"\"\n",
			       "");
		EXPECT(str_starts(w->seen[1], STR("ACK sip:100@10.0.0.3 ")));
		EXPECT(has(value_of(w->seen[1], "To"), ";tag=x"));
		EXPECT(str_eq(value_of(w->seen[0], "Via"), value_of(w->seen[1], "Via")));
		if (!secret) { /* never answered without being told to */
			EXPECT(w->seen_count == 2 && last_heard(a)->status == 407);
			world_destroy(w);
			continue;
		}
		EXPECT(w->seen_count == 3 && str_starts(w->seen[2], STR("INVITE ")));
		struct digest d = {0};
		char want[65];
		EXPECT(digest_parse(value_of(w->seen[2], "Proxy-Authorization"), &d) == ERR_OK);
		digest_answer(&d, STR("INVITE"), world_secret_md5, false, want);
		EXPECT_STR(d.response, want);
		EXPECT_STR(d.nc, "00000001");
		EXPECT(d.opaque.p && d.opaque.n == 0);
		EXPECT(!has(value_of(w->seen[2], "To"), "tag"));
		/* wrong is wrong: no second try but for a stale nonce */
		answer_request(w, 2, "407 Again", "y",
			       "Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"n2\", "
			       "stale=TRUE\n",
			       "");
		EXPECT(str_starts(world_last_seen(w), STR("INVITE ")));
		answer_request(w, w->seen_count - 1, "407 Again", "z",
			       "Proxy-Authenticate: Digest realm=\"example.org\", nonce=\"n3\"\n",
			       "");
		EXPECT(last_heard(a)->kind == SIP_CALL_OVER && last_heard(a)->status == 407);
		world_destroy(w);
	}
}

/* RFC 3264 section 6: as many m= lines as were offered, the others refused */
TEST(other_media_are_refused_one_by_one)
{
	struct world *w = world_create();
	say_request(w, "INVITE", 1, NULL, "",
		    "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n"
		    "m=video 5000 RTP/AVP 31\nm=audio 4000 RTP/AVP 8\nm=audio 4002 RTP/AVP 8\n");
	struct str r = world_last_seen(w);
	EXPECT(has(r, "m=video 0 RTP/AVP 31\r\nm=audio 21000 RTP/AVP 8 101\r\n"));
	EXPECT(has(r, "m=audio 0 RTP/AVP 8\r\n"));
	world_destroy(w);
}

/* RFC 3581 and RFC 3261 section 18.2.2 */
TEST(responses_go_where_they_should)
{
	struct world *w = world_create();
	say_request(w, "OPTIONS", 1, NULL,
		    "Via: SIP/2.0/UDP 192.168.1.7:9999;rport;branch=z9hG4bKq\n", "");
	EXPECT_STR(value_of(world_last_seen(w), "Via"),
		   "SIP/2.0/UDP 192.168.1.7:9999;branch=z9hG4bKq;received=10.0.0.3;rport=5060");
	say_request(w, "OPTIONS", 1, NULL,
		    "Via: SIP/2.0/UDP phone.invalid;branch=z9hG4bKr, SIP/2.0/TCP far:99\n", "");
	EXPECT(has(world_last_seen(w), "Via: SIP/2.0/UDP phone.invalid;branch=z9hG4bKr;"
				       "received=10.0.0.3\r\nVia: SIP/2.0/TCP far:99\r\n"));
	/* without rport to the port it names: nobody listens there */
	uint32_t seen = w->seen_count;
	say_request(w, "OPTIONS", 1, NULL, "Via: SIP/2.0/UDP 10.0.0.3:7;branch=z9hG4bKs\n", "");
	EXPECT(w->seen_count == seen);
	world_destroy(w);
}

/* A phone behind NAT names an address of its own net; we speak to where it spoke from. */
TEST(a_peer_behind_nat_is_answered_where_it_is)
{
	static const struct {
		const char *uri;
		uint8_t last;
		uint16_t port;
	} cases[] = {
		{"sip:m@192.168.7.7:5070", 3, 5060}, /* private, and not where it spoke from */
		{"sip:m@phone.lan", 3, 5060},	     /* a name */
		{"sip:m@10.0.0.3:5070", 3, 5070},    /* itself, by another port */
		{"sip:m@198.51.100.4", 4, 5060},     /* a public address is meant so */
		{"sip:m@255.255.255.255", 3, 5060},  /* nobody's */
	};
	struct sip_address source = {.family = 4, .ip = {10, 0, 0, 3}, .port = 5060};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sip_address a = dialog_address(str_of(cases[i].uri), &source);
		EXPECT(a.ip[3] == cases[i].last && a.port == cases[i].port);
	}
}

/* While the connection stands it is used; after it, a new one to what the Contact names. */
TEST(a_peer_on_tcp_is_spoken_to_on_its_connection)
{
	struct sip_address source = {
		.transport = SIP_TCP, .family = 4, .ip = {10, 0, 0, 3}, .port = 40000, .stream = 9};
	struct sip_address a = dialog_address(STR("sip:m@10.0.0.3:5070;transport=tcp"), &source);
	EXPECT(a.transport == SIP_TCP && a.stream == 9 && a.port == 5070);
	a = dialog_address(STR("sip:m@192.168.7.7:5070"), &source);
	EXPECT(a.transport == SIP_TCP && a.stream == 9 && a.port == 40000);
	a = dialog_address(STR("sip:m@10.0.0.3;transport=udp"), &source);
	EXPECT(a.transport == SIP_UDP && a.stream == 0 && a.port == 5060);
}

/* However much a peer says, the image of its call stays below 16 kB; more is refused with 513. */
TEST(a_call_that_says_much_still_fits_its_image)
{
	uint32_t taken = 0, refused = 0;
	for (size_t routes = 0; routes < 60; routes += 3) {
		struct world *w = world_create(); /* on_changed of the world tries every image */
		char extra[8000];
		struct buf b = buf_make(extra, sizeof extra - 1);
		for (size_t i = 0; i < routes; i++)
			buf_fmt(&b,
				"Record-Route: <sip:proxy-%zu-with-a-rather-long-name-in-front.of."
				"a-domain-that-is-long-too.example.com;lr>\n",
				i);
		extra[b.n] = 0;
		say_request(w, "INVITE", 1, NULL, extra, SDP_TEXT);
		if (last_status(w) == 200) {
			const char *tag = tag_of(world_last_seen(w), "To");
			taken++;
			say_request(w, "ACK", 1, tag, "", "");
			say_request(w, "INVITE", 2, tag, extra, SDP_HOLD);
			EXPECT(last_status(w) == 200 || last_status(w) == 513);
		} else {
			EXPECT(last_status(w) == 513);
			refused++;
		}
		world_destroy(w);
	}
	EXPECT(taken >= 10 && refused >= 2);
}
