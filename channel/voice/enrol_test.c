/* enrol_test.c - trunks we register at: begun, declared anew, over a restart, left. */
#include "channel/voice/world_test.h"

#include "sip/message.h"

#include <stdlib.h>

static const char *password = "secret";

static void registering(struct world *w)
{
	static const struct trunk_peer peers[] = {{.address = {"10.0.0.1", 8}}};
	static const struct str codecs[] = {{"PCMA", 4}};
	world_object(w, &(struct config){.kind = KIND_trunk,
					 .tenant = STR("acme"),
					 .id = STR("carrier"),
					 .trunk = {.peers = peers,
						   .peer_count = 1,
						   .codecs = codecs,
						   .codec_count = 1,
						   .register_server = STR("10.0.0.3:5060"),
						   .register_user = STR("us"),
						   .register_secret = str_of(password)}});
}

/* 10.0.0.3 is the registrar, by hand: what came last, and 200 for it. */
static void let_in(struct world *w)
{
	char text[2048];
	struct buf b = buf_make(text, sizeof text - 1);
	struct sip_message *m = xcalloc(1, sizeof *m);
	EXPECT(sip_parse(str_of(w->sides[BORIS].last), m) == ERR_OK);
	struct str via = sip_header_get(m, HDR_VIA), from = sip_header_get(m, HDR_FROM),
		   to = sip_header_get(m, HDR_TO), cseq = sip_header_get(m, HDR_CSEQ);
	buf_fmt(&b,
		"SIP/2.0 200 OK\nVia: " STR_FMT "\nFrom: " STR_FMT "\nTo: " STR_FMT
		";tag=x\nCall-ID: " STR_FMT "\nCSeq: " STR_FMT "\nExpires: 600\n\n",
		STR_ARG(via), STR_ARG(from), STR_ARG(to), STR_ARG(m->call_id), STR_ARG(cseq));
	text[b.n] = 0;
	raw_say(w, 3, text);
	free(m);
}

static struct world *registered(void)
{
	struct world *w = world_create();
	w->sides[BORIS].scripted = true;
	w->declares = registering;
	TURN(w, registering(w));
	world_run(w, 600);
	EXPECT(str_starts(str_of(w->sides[BORIS].last), STR("REGISTER sip:10.0.0.3:5060 ")));
	let_in(w);
	EXPECT(voice_registered(w->voice, true) == 1 && voice_registered(w->voice, false) == 0);
	w->sides[BORIS].last[0] = 0;
	return w;
}

TEST(a_registration_outlives_the_core_without_a_word)
{
	struct world *w = registered();
	world_restart(w);
	EXPECT(voice_registered(w->voice, true) == 1);
	world_run(w, 200000);
	EXPECT_STR(str_of(w->sides[BORIS].last), "");
	world_run(w, 300000); /* the refresh */
	EXPECT(has(str_of(w->sides[BORIS].last), "REGISTER "));
	TURN(w, voice_stop(w->voice));
	world_run(w, 50);
	EXPECT(has(str_of(w->sides[BORIS].last), "Expires: 0\r\n"));
	world_run(w, 2000);
	EXPECT(voice_stopped(w->voice));
	w->declares = NULL;
	world_destroy(w);
}

TEST(a_trunk_that_is_declared_anew_or_not_at_all_any_more)
{
	struct world *w = registered();
	TURN(w, registering(w)); /* the same words: nothing is said */
	world_run(w, 1000);
	EXPECT_STR(str_of(w->sides[BORIS].last), "");
	password = "other";
	TURN(w, registering(w));
	world_run(w, 1000);
	EXPECT(has(str_of(w->sides[BORIS].last), "REGISTER "));
	EXPECT(voice_registered(w->voice, true) == 0);
	let_in(w);
	EXPECT(voice_registered(w->voice, true) == 1);
	password = "secret";
	struct id id;
	TURN(w, id = objects_drop(w->core.objects, KIND_trunk, STR("acme"), STR("carrier"));
	     EMIT(&w->core, object_moved, .kind = KIND_trunk, .slot = id.slot, .age = id.age));
	world_run(w, 50);
	EXPECT(has(str_of(w->sides[BORIS].last), "Expires: 0\r\n"));
	EXPECT(voice_registered(w->voice, true) + voice_registered(w->voice, false) == 0);
	world_destroy(w);
}

TEST(servers_as_people_write_them)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
	} cases[] = {
		{"sip.carrier.test", "sip.carrier.test", 0},
		{"sip.carrier.test:5070", "sip.carrier.test", 5070},
		{"192.0.2.1:5060", "192.0.2.1", 5060},
		{"[2001:db8::1]:5070", "2001:db8::1", 5070},
		{"2001:db8::1", "2001:db8::1", 0},
		{"", NULL, 0},
		{"a b", NULL, 0},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct trunk_config t = {.register_server = str_of(cases[i].text)};
		struct str host = STR_NONE;
		uint16_t port = 0;
		EXPECT(enrol_server(&t, &host, &port) == (cases[i].host != NULL));
		if (cases[i].host) {
			EXPECT_STR(host, cases[i].host);
			EXPECT(port == cases[i].port);
		}
	}
}
