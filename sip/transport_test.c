/* transport_test.c - TLS and WebSockets as far as the engine sees them: names, ways, lost flows. */
#include "sip/world_test.h"

static struct world *world_over(enum sip_transport t)
{
	struct world *w = world_create();
	w->transport = t;
	return w;
}

/* RFC 3261 sections 18.1.1 and 19.1.2, RFC 7118 section 5.2. */
TEST(a_call_over_every_transport)
{
	static const struct {
		const char *via, *contact;
	} cases[SIP_TRANSPORTS] = {
		{"SIP/2.0/UDP 10.0.0.1:5060;", "<sip:200@10.0.0.2:5060>"},
		{"SIP/2.0/TCP 10.0.0.1:5060;", "<sip:200@10.0.0.2:5060;transport=tcp>"},
		{"SIP/2.0/TLS 10.0.0.1:5060;", "<sip:200@10.0.0.2:5060;transport=tls>"},
		{"SIP/2.0/WS 10.0.0.1:5060;", "<sip:200@10.0.0.2:5060;transport=ws>"},
		{"SIP/2.0/WSS 10.0.0.1:5060;", "<sip:200@10.0.0.2:5060;transport=ws>"},
	};
	for (enum sip_transport t = SIP_UDP; t < SIP_TRANSPORTS; t++) {
		struct world *w = world_over(t);
		struct side *a = &w->sides[ALICE], *b = &w->sides[BOB];
		EXPECT(world_call(w, ALICE, MALLORY, "200") == ERR_OK);
		world_run(w, 10);
		EXPECT(str_starts(value_of(world_last_seen(w), "Via"), str_of(cases[t].via)));
		EXPECT(world_call(w, ALICE, BOB, "200") == ERR_OK);
		world_run(w, 100);
		EXPECT(sip_call_established(a->sip, a->call));
		EXPECT_STR(text_str(&call_get(b->sip, b->call)->contact), cases[t].contact);
		sip_call_end(b->sip, b->call);
		world_run(w, 100);
		EXPECT(last_heard(a)->over == SIP_OVER_REMOTE);
		world_destroy(w);
	}
}

/* RFC 3261 section 12.1.1: who asked with sips gets a sips Contact, if his way is a secure one. */
TEST(sips_is_answered_with_sips)
{
	static const struct {
		enum sip_transport transport;
		const char *uri, *route, *contact;
	} cases[] = {
		{SIP_TLS, "sips:7@10.0.0.2", "", "<sips:7@10.0.0.2:5060>"},
		{SIP_WSS, "sips:7@10.0.0.2", "", "<sips:7@10.0.0.2:5060;transport=ws>"},
		{SIP_TLS, "sip:7@10.0.0.2", "", "<sip:7@10.0.0.2:5060;transport=tls>"},
		{SIP_TLS, "sip:7@10.0.0.2", "Record-Route: <sips:p.test;lr>\n",
		 "<sips:7@10.0.0.2:5060>"},
		{SIP_UDP, "sips:7@10.0.0.2", "", "<sip:7@10.0.0.2:5060>"},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct world *w = world_over(cases[i].transport);
		char text[1024];
		struct buf b = buf_make(text, sizeof text - 1);
		buf_fmt(&b,
			"INVITE %s SIP/2.0\nVia: SIP/2.0/%s 10.0.0.3;branch=z9hG4bK1\n%sFrom: "
			"<sip:m@m>;tag=1\nTo: <sip:7@h>\nCall-ID: s\nCSeq: 1 INVITE\nContact: "
			"<sip:m@10.0.0.3>\nContent-Length: 0\n\n",
			cases[i].uri, sip_transport_name(cases[i].transport), cases[i].route);
		text[b.n] = 0;
		world_say(w, BOB, text);
		EXPECT_STR(value_of(world_last_seen(w), "Contact"), cases[i].contact);
		world_destroy(w);
	}
}

TEST(where_a_uri_leads)
{
	static const struct {
		const char *uri;
		enum sip_transport transport;
		uint16_t port;
	} cases[] = {
		{"sip:10.0.0.7", SIP_TCP, 5060},
		{"sip:10.0.0.7;transport=udp", SIP_UDP, 5060},
		{"sip:10.0.0.7;transport=TLS", SIP_TLS, 5061},
		{"sip:10.0.0.7:5070;transport=tls", SIP_TLS, 5070},
		{"sips:10.0.0.7", SIP_TLS, 5061},
		{"sips:10.0.0.7;transport=tcp", SIP_TLS, 5061},
		{"sip:10.0.0.7:80;transport=ws", SIP_WS, 80},
		{"sips:10.0.0.7:443;transport=ws", SIP_WSS, 443},
		{"sip:10.0.0.7;transport=sctp", SIP_TCP, 5060}, /* not ours: as it came */
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sip_uri u;
		struct sip_address a;
		EXPECT(sip_uri_parse(str_of(cases[i].uri), &u) == ERR_OK);
		EXPECT(sip_uri_address(&u, SIP_TCP, &a) == ERR_OK);
		EXPECT(a.transport == cases[i].transport && a.port == cases[i].port);
	}
}

/* RFC 7118 section 5: whatever a web phone's Contact says, its connection is the only way. */
TEST(a_web_phone_is_reached_on_its_own_connection)
{
	struct sip_address source = {
		.transport = SIP_WSS, .family = 4, .ip = {10, 0, 0, 3}, .port = 40000, .stream = 9};
	static const char *const contacts[] = {"sip:x@abc.invalid;transport=ws",
					       "sip:x@203.0.113.5:5060;transport=udp",
					       "sip:x@10.0.0.3;transport=ws"};
	for (size_t i = 0; i < COUNT_OF(contacts); i++) {
		struct sip_address a = dialog_address(str_of(contacts[i]), &source);
		EXPECT(a.transport == SIP_WSS && a.stream == 9 && a.port == 40000);
	}
}

/* RFC 7118 section 5.1: a message is a message; Content-Length may be missing. */
TEST(web_messages_need_no_framing)
{
	struct world *w = world_over(SIP_WS);
	static const char one[] =
		"OPTIONS sip:d SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bK1"
		"\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:d>\r\nCall-ID: 1\r\n"
		"CSeq: 1 OPTIONS\r\n\r\n";
	world_say_bytes(w, BOB, str_of(one));
	EXPECT(w->seen_count == 1 && world_status(w->seen[0]) == 200 && w->seen_stream == 5);
	world_say_bytes(w, BOB, str_head(str_of(one), 40)); /* half of one is a bad one */
	world_say_bytes(w, BOB, str_of(one));
	EXPECT(world_status(world_last_seen(w)) == 200);
	world_say_bytes(w, BOB, STR("\r\n\r\n"));
	EXPECT_STR(world_last_seen(w), "\r\n");
	uint32_t seen = w->seen_count;
	world_say_bytes(w, BOB, STR("\r\n"));
	EXPECT(w->seen_count == seen);
	world_destroy(w);
}

/* -- a flow that is lost: RFC 5626 section 5.3 -- */

/* A REGISTER of alice with this Contact on stream w->stream. */
static void registers(struct world *w, uint32_t cseq, const char *contact, const char *more)
{
	static char nonce[64];
	char text[2048], answer[65];
	for (int round = 0; round < 2; round++) {
		struct buf b = buf_make(text, sizeof text - 1);
		struct digest d = {.nonce = str_of(nonce),
				   .uri = STR("sip:example.org"),
				   .nc = STR("00000001")};
		d.qop = STR("auth");
		d.cnonce = STR("c");
		digest_answer(&d, STR("REGISTER"), world_secret_md5, false, answer);
		buf_fmt(&b,
			"REGISTER sip:example.org SIP/2.0\nVia: SIP/2.0/WSS x.invalid;"
			"branch=z9hG4bK%u%d\nFrom: <sip:alice@example.org>;tag=f\nTo: "
			"<sip:alice@example.org>\nCall-ID: reg%u\nCSeq: %u "
			"REGISTER\nAuthorization: "
			"Digest username=\"alice\", realm=\"example.org\", nonce=\"%s\", "
			"uri=\"sip:example.org\", response=\"%s\", qop=auth, nc=00000001, "
			"cnonce=\"c\"\nContact: <%s>;expires=600\n%sContent-Length: 0\n\n",
			cseq, round, w->stream, cseq, nonce, answer, contact, more);
		text[b.n] = 0;
		world_say(w, BOB, text);
		struct digest got;
		if (world_status(world_last_seen(w)) != 401)
			break;
		EXPECT(digest_parse(value_of(world_last_seen(w), "WWW-Authenticate"), &got) ==
		       ERR_OK);
		(void)str_copy(got.nonce, nonce, sizeof nonce);
	}
	EXPECT(world_status(world_last_seen(w)) == 200);
}

static bool reachable(struct world *w, uint32_t *stream)
{
	struct sip_phone p;
	if (sip_phone_find(w->sides[BOB].sip, STR("alice"), STR("example.org"), &p) != ERR_OK)
		return false;
	*stream = p.address.stream;
	return true;
}

TEST(a_phone_whose_connection_is_gone_cannot_be_reached_until_it_comes_back)
{
	struct world *w = world_over(SIP_WSS);
	struct side *b = &w->sides[BOB];
	uint32_t stream = 0;
	w->stream = 11;
	registers(w, 1, "sip:q1@abc.invalid;transport=ws", "");
	EXPECT(reachable(w, &stream) && stream == 11);
	sip_stream_closed(b->sip, 11);
	EXPECT(!reachable(w, &stream) && registrar_count(b->sip) == 1);
	w->stream = 12;
	registers(w, 1, "sip:q1@abc.invalid;transport=ws", "");
	EXPECT(reachable(w, &stream) && stream == 12 && registrar_count(b->sip) == 1);
	world_run(w, 120000); /* it is not forgotten as a lost one */
	EXPECT(reachable(w, &stream));
	sip_stream_closed(b->sip, 12);
	world_run(w, 61000);
	EXPECT(registrar_count(b->sip) == 0);
	world_destroy(w);
}

/* The core dies: no connection outlives it, the phone comes back on a new one. */
TEST(a_restored_phone_is_reachable_when_it_registers_again)
{
	struct world *w = world_over(SIP_TLS);
	struct side *b = &w->sides[BOB];
	uint32_t stream = 0;
	w->stream = 11;
	registers(w, 1, "sip:q1@10.0.0.3:5061;transport=tls", "");
	EXPECT(b->bindings[1].n > 0);
	struct str image = str_make(b->bindings[1].bytes, b->bindings[1].n);
	world_kill_side(w, BOB);
	world_start_side(w, BOB, 1);
	EXPECT(sip_binding_load(b->sip, 1, image) == ERR_OK);
	EXPECT(!reachable(w, &stream) && registrar_count(b->sip) == 1);
	w->stream = 3;
	registers(w, 2, "sip:q1@10.0.0.3:5061;transport=tls", "");
	EXPECT(reachable(w, &stream) && stream == 3 && registrar_count(b->sip) == 1);
	world_destroy(w);
}

/* Its dialog lives on: our requests in it take the new connection. */
TEST(a_dialog_follows_its_phone_to_another_connection)
{
	struct world *w = world_over(SIP_WS);
	struct side *b = &w->sides[BOB];
	w->stream = 11;
	registers(w, 1, "sip:q1@abc.invalid;transport=ws", "");
	world_say(w, BOB,
		  "INVITE sip:7@h SIP/2.0\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bKi\nFrom: "
		  "<sip:m@m>;tag=1\nTo: <sip:7@h>\nCall-ID: d\nCSeq: 1 INVITE\nContact: "
		  "<sip:q1@abc.invalid;transport=ws;ob>\nContent-Type: application/sdp\n\nv=0\n"
		  "o=- 1 1 IN IP4 10.0.0.3\ns=-\nc=IN IP4 10.0.0.3\nt=0 0\n"
		  "m=audio 4000 RTP/AVP 8\n");
	char ack[600];
	struct buf out = buf_make(ack, sizeof ack - 1);
	buf_fmt(&out,
		"ACK sip:7@h SIP/2.0\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bKa\nFrom: "
		"<sip:m@m>;tag=1\nTo: " STR_FMT "\nCall-ID: d\nCSeq: 1 ACK\n\n",
		STR_ARG(value_of(world_last_seen(w), "To")));
	ack[out.n] = 0;
	world_say(w, BOB, ack);
	sip_stream_closed(b->sip, 11);
	w->stream = 12;
	registers(w, 1, "sip:q1@abc.invalid;transport=ws", "");
	uint32_t seen = w->seen_count;
	sip_call_end(b->sip, b->call);
	world_run(w, 20);
	EXPECT(w->seen_count == seen + 1 && w->seen_stream == 12);
	EXPECT(str_starts(world_last_seen(w), STR("BYE sip:q1@abc.invalid")));
	world_destroy(w);
}

/* RFC 3327: the proxy before it can be connected to again, whatever became of this connection. */
TEST(a_phone_behind_a_proxy_stays_reachable_without_that_connection)
{
	struct world *w = world_over(SIP_TLS);
	struct side *b = &w->sides[BOB];
	uint32_t stream = 0;
	w->stream = 11;
	registers(w, 1, "sip:q1@192.168.7.7", "Path: <sip:10.0.0.3:5061;transport=tls;lr>\n");
	EXPECT(reachable(w, &stream) && stream == 11);
	sip_stream_closed(b->sip, 11);
	EXPECT(reachable(w, &stream));
	world_destroy(w);
}
