/* process_web_test.c - legs of browsers through the whole media process: a real ICE and DTLS peer,
 * telephones beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/rig_web_test.h"

struct web_case {
	struct rig rig;
	struct tab tab;
	struct phone phone;
};

static const struct tab_options plain_tab = {.hz = 440, .codec = SOUND_PCMU};

static void begin(struct web_case *c, const struct tab_options *o)
{
	make_rig(&c->rig);
	start_media(&c->rig, 0);
	connect_core(&c->rig);
	make_tab(&c->tab, o);
	make_phone(&c->phone, 1000, SOUND_PCMA, 101);
}

/* LEG_A is the tab's, LEG_B the telephone's; they hear each other. */
static void begin_web_talk(struct web_case *c, const struct tab_options *o)
{
	begin(c, o);
	EXPECT(tell_web(&c->rig, LEG_A, CONTACT, &c->tab, "wxyz") == ERR_OK);
	agree_web(&c->rig, LEG_A, &c->tab);
	open_leg(&c->rig, LEG_B, &c->phone);
	agree(&c->rig, LEG_B, &c->phone, true, true);
	hear_each_other(&c->rig);
	EXPECT(tab_connects(&c->rig, LEG_A, &c->tab));
}

static void talk_both(struct web_case *c, int ms)
{
	talk_tabs((struct tab *const[]){&c->tab}, 1, (struct phone *const[]){&c->phone}, 1, ms);
}

static void end(struct web_case *c)
{
	stop_media(&c->rig);
	close_tab(&c->tab);
	close(c->phone.fd);
	clear_rig(&c->rig);
}

TEST(web_leg_and_telephone_hear_each_other)
{
	static struct web_case c;
	struct report told;
	begin_web_talk(&c, &plain_tab);
	EXPECT_STR(str_of(c.tab.profile), "AEAD_AES_128_GCM"); /* ours first, whatever it likes */
	EXPECT(addr_port(&c.tab.mapped) == c.tab.phone.port);
	talk_both(&c, 1000);
	EXPECT(share(&c.tab.phone, 1000) > 0.9 && share(&c.phone, 440) > 0.9);
	EXPECT(c.tab.phone.packets > 40 && !c.tab.plain && !c.tab.bad);
	tell(&c.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&c.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(told.leg_closed.received >= 48 && told.leg_closed.sent >= 45);
	EXPECT(!told.leg_closed.lost && !told.leg_closed.forged && told.leg_closed.mos_cent > 400);
	end(&c);
}

/* -- who gets nothing (faults.md S5, S6) -- */

static void expect_silence(struct web_case *c, int ms)
{
	uint32_t before = c->tab.answers + c->tab.refusals + c->tab.bad + c->tab.records;
	int64_t until_us = clock_mono_us() + ms * 1000;
	while (clock_mono_us() < until_us) {
		sleep_until(clock_mono_us() + 5000);
		tab_hear(&c->tab);
	}
	EXPECT(c->tab.answers + c->tab.refusals + c->tab.bad + c->tab.records == before);
}

TEST(web_port_answers_nobody_without_the_password_and_no_dtls_before_a_check)
{
	static struct web_case c;
	static const char rtp[172] = {(char)0x80, 0}, junk[] = "OPTIONS sip:x SIP/2.0\r\n\r\n";
	begin(&c, &plain_tab);
	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "wxyz") == ERR_OK);
	tab_begins_dtls(&c.tab); /* a ClientHello */
	tab_checks(&c.tab, &(struct check){.fd = -1, .bare = true, .chosen = true});
	tab_checks(&c.tab, &(struct check){.fd = -1, .password = "guessed", .chosen = true});
	tab_checks(&c.tab, &(struct check){.fd = -1, .ufrag = "nobody", .chosen = true});
	EXPECT(sendto(c.tab.phone.fd, rtp, sizeof rtp, 0, &c.tab.phone.to.sa, c.tab.phone.to.len) >
	       0);
	EXPECT(sendto(c.tab.phone.fd, junk, sizeof junk, 0, &c.tab.phone.to.sa,
		      c.tab.phone.to.len) > 0);
	EXPECT(sendto(c.tab.phone.fd, "", 0, 0, &c.tab.phone.to.sa, c.tab.phone.to.len) == 0);
	expect_silence(&c, 150);
	EXPECT(tab_connects(&c.rig, LEG_A, &c.tab)); /* and it serves whom it should */
	end(&c);
}

TEST(web_leg_of_a_thief_stays_silent)
{
	static struct web_case c;
	struct report told;
	static char honest[200];
	begin(&c, &plain_tab);
	memcpy(honest, c.tab.own_fingerprint, sizeof honest);
	tab_reloads(&c.tab, &plain_tab);
	memcpy(c.tab.own_fingerprint, honest, sizeof honest); /* what was signalled */
	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "wxyz") == ERR_OK);
	agree_web(&c.rig, LEG_A, &c.tab);
	open_leg(&c.rig, LEG_B, &c.phone);
	agree(&c.rig, LEG_B, &c.phone, true, true);
	hear_each_other(&c.rig);
	EXPECT(!tab_connects(&c.rig, LEG_A, &c.tab) && c.tab.shake_failed);
	talk_both(&c, 300);
	EXPECT(!c.tab.phone.packets && !c.tab.plain);
	EXPECT(!await(&c.rig, REPORT_leg_path, 0, &told));
	tell(&c.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&c.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(!told.leg_closed.sent && !told.leg_closed.received);
	end(&c);
}

TEST(web_leg_refuses_dtls_1_0_and_handshakes_without_srtp_of_ours)
{
	static const struct tab_options rows[] = {
		{.hz = 440, .codec = SOUND_PCMU, .version_max = DTLS1_VERSION},
		{.hz = 440, .codec = SOUND_PCMU, .profiles = "SRTP_AES128_CM_SHA1_32"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		static struct web_case c;
		begin(&c, &rows[i]);
		EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "wxyz") == ERR_OK);
		struct report told;
		tab_checks(&c.tab, &(struct check){.fd = -1, .chosen = true});
		(void)tab_shakes(&c.tab, 600);
		EXPECT(!await(&c.rig, REPORT_leg_path, 50, &told));
		end(&c);
	}
}

TEST(web_leg_takes_the_profiles_and_roles_browsers_come_with)
{
	static const struct {
		struct tab_options o;
		const char *want;
	} rows[] = {
		{{.hz = 440,
		  .codec = SOUND_PCMU,
		  .profiles = "SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_"
			      "SHA1_80"},
		 "AEAD_AES_256_GCM"},
		{{.hz = 440, .codec = SOUND_PCMU, .profiles = "SRTP_AES128_CM_SHA1_80"},
		 "AES_CM_128_HMAC_SHA1_80"},
		{{.hz = 440, .codec = SOUND_PCMU, .server = true}, "AES_CM_128_HMAC_SHA1_80"},
	};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		static struct web_case c;
		begin_web_talk(&c, &rows[i].o);
		EXPECT_STR(str_of(c.tab.profile), rows[i].want);
		talk_both(&c, 300);
		EXPECT(share(&c.tab.phone, 1000) > 0.9 && share(&c.phone, 440) > 0.9);
		end(&c);
	}
}

/* A stranger's packets at a port in use, from the browser's side of it and from elsewhere. */
TEST(web_leg_bears_strangers_and_repeated_packets)
{
	static struct web_case c;
	struct phone stranger;
	struct report told;
	char got[256];
	static const char hello[] = "\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x10"
				    "\1\0\0\x34\0\0\0\0\0\0\0\x34\xfe\xfd\0";
	begin_web_talk(&c, &plain_tab);
	talk_both(&c, 200);
	make_phone(&stranger, 3000, SOUND_PCMU, 101);
	stranger.to = c.tab.phone.to;
	for (uint8_t i = 0; i < 50; i++) {
		uint8_t forged[172] = {0x80, 0, 1, i};
		EXPECT(sendto(stranger.fd, hello, sizeof hello, 0, &stranger.to.sa,
			      stranger.to.len) > 0);
		tab_checks(&c.tab,
			   &(struct check){.fd = stranger.fd, .chosen = true, .bare = true});
		tab_checks(&c.tab,
			   &(struct check){.fd = stranger.fd, .chosen = true, .password = "x"});
		phone_speak(&stranger);
		/* from the browser's own socket, as who can forge its address would */
		EXPECT(sendto(c.tab.phone.fd, forged, sizeof forged, 0, &stranger.to.sa,
			      stranger.to.len) > 0);
		EXPECT(sendto(c.tab.phone.fd, hello, sizeof hello, 0, &stranger.to.sa,
			      stranger.to.len) > 0);
		talk_both(&c, 20);
	}
	tab_speaks_twice(&c.tab);
	talk_both(&c, 200);
	EXPECT(recv(stranger.fd, got, sizeof got, MSG_DONTWAIT) < 0);
	EXPECT(share(&c.phone, 440) > 0.9 && share(&c.phone, 3000) < 0.01);
	EXPECT(share(&c.tab.phone, 1000) > 0.9 && !c.phone.breaks && !c.tab.phone.breaks);
	tell(&c.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&c.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(told.leg_closed.forged == 51 && !told.leg_closed.lost);
	close(stranger.fd);
	end(&c);
}

/* -- the browser moves, comes anew, goes -- */

TEST(web_leg_follows_its_browser_when_that_chooses_another_path)
{
	static struct web_case c;
	begin_web_talk(&c, &plain_tab);
	talk_both(&c, 200);
	tab_moves(&c.tab);
	c.tab.no_checks = true;
	talk_both(&c, 100); /* what was on its way arrives */
	forget_heard(&c.phone);
	tab_forgets(&c.tab);
	talk_both(&c, 100); /* its sound comes from an address it did not choose */
	tab_checks(&c.tab, &(struct check){.fd = -1});
	talk_both(&c, 100); /* and did but check */
	EXPECT(c.phone.packets == 0 && c.tab.phone.packets == 0);
	tab_checks(&c.tab, &(struct check){.fd = -1, .chosen = true});
	talk_both(&c, 400);
	EXPECT(c.phone.packets >= 17 && share(&c.phone, 440) > 0.9);
	EXPECT(c.tab.phone.packets >= 17 && share(&c.tab.phone, 1000) > 0.9 && !c.tab.plain);
	end(&c);
}

TEST(web_leg_goes_on_through_an_ice_restart_and_a_reload)
{
	static struct web_case c;
	static char before[64];
	begin_web_talk(&c, &plain_tab);
	talk_both(&c, 200);
	memcpy(before, c.tab.ufrag, sizeof before);
	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "wxyz") ==
	       ERR_OK); /* again: the same names */
	EXPECT_STR(str_of(before), c.tab.ufrag);

	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "restart") == ERR_OK);
	EXPECT(!str_is(str_of(before), c.tab.ufrag));
	forget_heard(&c.phone);
	talk_both(&c, 400); /* the old path serves until there is another */
	EXPECT(c.phone.packets >= 8);
	tab_moves(&c.tab);
	tab_checks(&c.tab, &(struct check){.fd = -1, .chosen = true});
	forget_heard(&c.phone);
	talk_both(&c, 300);
	EXPECT(c.phone.packets >= 12 && share(&c.phone, 440) > 0.9 && !c.tab.plain);

	uint32_t ssrc = c.tab.phone.last.ssrc;
	tab_reloads(&c.tab, &plain_tab);
	order_web(&c.rig, LEG_A, CONTACT, &c.tab, "reload");
	EXPECT(await_path(&c.rig, LEG_A, false, 1000));
	EXPECT(await_web(&c.rig, LEG_A, &c.tab) == ERR_OK);
	forget_heard(&c.phone);
	EXPECT(tab_connects(&c.rig, LEG_A, &c.tab));
	talk_both(&c, 400); /* nobody said again who hears whom */
	EXPECT(share(&c.phone, 440) > 0.9 && share(&c.tab.phone, 1000) > 0.9 && !c.tab.plain);
	EXPECT(c.tab.phone.last.ssrc != ssrc);
	end(&c);
}

TEST(web_leg_waits_for_a_browser_that_sleeps_and_is_told_of_one_that_goes)
{
	static struct web_case c;
	struct report told;
	begin_web_talk(&c, &plain_tab);
	talk_both(&c, 200);
	c.tab.sleeps = true;
	int64_t since_ms = clock_mono_ms();
	talk_both(&c, 600);
	EXPECT(!await(&c.rig, REPORT_leg_path, 0, &told));
	EXPECT(await_path(&c.rig, LEG_A, false, 3000)); /* the rig's browsers are gone after 1 s */
	EXPECT(clock_mono_ms() - since_ms >= 950);
	talk_both(&c, 40); /* its thread hears of it with its next tick */
	tab_forgets(&c.tab);
	talk_both(&c, 200);
	EXPECT(!c.tab.phone.packets); /* a lost path says nothing */
	c.tab.sleeps = false;
	talk_both(&c, 100);
	EXPECT(await_path(&c.rig, LEG_A, true, 1000));
	forget_heard(&c.phone);
	talk_both(&c, 300);
	EXPECT(c.phone.packets >= 12 && share(&c.phone, 440) > 0.9 && c.tab.phone.packets >= 12);
	tab_says_goodbye(&c.tab);
	EXPECT(await_path(&c.rig, LEG_A, false, 300)); /* at once */
	tell(&c.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&c.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(told.leg_closed.received >= 25 && told.leg_closed.sent >= 25);
	end(&c);
}

/* -- what other legs can do -- */

TEST(web_leg_outlives_the_core)
{
	static struct web_case c;
	struct report told;
	begin_web_talk(&c, &plain_tab);
	talk_both(&c, 100);
	close(c.rig.core);
	c.rig.core = -1;
	forget_heard(&c.phone);
	talk_both(&c, 300);
	EXPECT(c.phone.packets >= 13);
	connect_core(&c.rig);
	EXPECT(await_path(&c.rig, LEG_A, true, 1000)); /* told again */
	tell(&c.rig, (struct order){.kind = ORDER_inventory, .inventory = {9}});
	for (int i = 0; i < 2; i++) {
		EXPECT(await(&c.rig, REPORT_leg_is, 2000, &told));
		const struct report_leg_is *is = &told.leg_is;
		EXPECT(is->web == ID_EQ(is->leg, LEG_A) && is->up == is->web);
		if (!is->web) {
			EXPECT(!is->ufrag.n && !is->password.n && !is->peer_ufrag.n);
			continue;
		}
		EXPECT(is->port == addr_port(&c.tab.phone.to) && is->locked);
		EXPECT_STR(is->ufrag, c.tab.ufrag);
		EXPECT_STR(is->password, c.tab.password);
		EXPECT_STR(is->fingerprint, c.tab.fingerprint);
		EXPECT_STR(is->peer_ufrag, "wxyz");
	}
	talk_both(&c, 200);
	EXPECT(share(&c.phone, 440) > 0.9 && share(&c.tab.phone, 1000) > 0.9);
	end(&c);
}

TEST(web_leg_tells_and_hears_by_rtcp_on_its_one_port)
{
	static struct web_case c;
	struct report told;
	begin_web_talk(&c, &plain_tab);
	talk_both(&c, 300);
	tab_sends_rtcp(&c.tab);
	for (int i = 0; i < 80 && !c.tab.report.last_sr; i++)
		talk_both(&c, 100);
	EXPECT(c.tab.rtcp && c.tab.report.has_block && c.tab.report.lost == 0);
	EXPECT(c.tab.report.last_sr ==
	       0x456789ab); /* the middle of our stamp: a round can be told */
	tell(&c.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&c.rig, REPORT_leg_closed, 2000, &told) && !told.leg_closed.forged);
	end(&c);
}

TEST(web_leg_hears_and_says_digits)
{
	static struct web_case c;
	struct report told;
	static const uint8_t five[DIGIT_PAYLOAD] = {5, 0x8a, 3, 0x20};
	begin_web_talk(&c, &plain_tab);
	talk_both(&c, 100);
	for (int i = 0; i < 3; i++)
		tab_sends(&c.tab, 126, five, sizeof five);
	EXPECT(await(&c.rig, REPORT_digit, 2000, &told) && told.digit.digit == '5');
	talk_both(&c, 100);
	EXPECT(c.phone.events == 3 && c.phone.last_event[0] == 5);
	tell(&c.rig, (struct order){.kind = ORDER_send_digit, .send_digit = {LEG_A, '#', 100}});
	talk_both(&c, 400);
	EXPECT(c.tab.phone.events >= 5 && c.tab.phone.last_event[0] == 11);
	end(&c);
}

/* Of ten windows of 100 ms those that hold this tone: on a loaded machine a jitter buffer shrinks
 * now and then, and what is behind the cut is out of step with what is before it. */
static int windows_of(const struct wav *w, uint32_t side, double hz)
{
	int16_t pcm[800];
	int count = 0;
	EXPECT(sound_wav_frames(w) >= 9600);
	for (size_t at = 1600; at < 9600 && at + 800 <= sound_wav_frames(w); at += 800) {
		for (size_t i = 0; i < 800; i++)
			memcpy(&pcm[i], w->data.p + 4 * (at + i) + 2 * side, 2);
		count += sound_tone_share(pcm, 800, hz, SOUND_RATE) > 0.9;
	}
	return count;
}

/* Opus between two browsers as it comes; recorded, it is heard as well. */
TEST(web_legs_speak_opus_to_each_other_and_are_recorded)
{
	static const struct tab_options opus[] = {{.hz = 440, .codec = SOUND_OPUS},
						  {.hz = 1000, .codec = SOUND_OPUS}};
	static struct rig r;
	static struct tab tabs[2];
	static const struct id legs[] = {LEG_A, LEG_B};
	struct report told;
	char path[256];
	make_rig(&r);
	start_media(&r, 0);
	connect_core(&r);
	for (int i = 0; i < 2; i++) {
		make_tab(&tabs[i], &opus[i]);
		EXPECT(tell_web(&r, legs[i], CONTACT, &tabs[i], i ? "efgh" : "abcd") == ERR_OK);
		agree_web(&r, legs[i], &tabs[i]);
	}
	EXPECT(addr_port(&tabs[0].phone.to) == addr_port(&tabs[1].phone.to)); /* one port */
	for (int i = 0; i < 2; i++)
		EXPECT(tab_connects(&r, legs[i], &tabs[i]));
	hear_each_other(&r);
	tell(&r, (struct order){.kind = ORDER_record,
				.record = {REC, LEG_A, LEG_B, STR("acme/web.wav")}});
	talk_tabs((struct tab *const[]){&tabs[0], &tabs[1]}, 2, NULL, 0, 1400);
	EXPECT(share(&tabs[0].phone, 1000) > 0.9 && share(&tabs[1].phone, 440) > 0.9);
	EXPECT(!tabs[0].phone.breaks && !tabs[0].plain && tabs[0].phone.last.pt == 111);
	tell(&r, (struct order){.kind = ORDER_record_stop, .record_stop = {REC}});
	EXPECT(await(&r, REPORT_recorded, 3000, &told));
	EXPECT_STR(told.recorded.flaw, "");
	snprintf(path, sizeof path, "%s/acme/web.wav", r.recordings);
	struct str file = read_file(path);
	struct wav w;
	EXPECT(sound_wav_parse(file, &w) == ERR_OK && w.channels == 2);
	for (uint32_t side = 0; side < 2; side++)
		EXPECT(windows_of(&w, side, side ? 1000 : 440) >= 5);
	free((char *)file.p);
	stop_media(&r);
	for (int i = 0; i < 2; i++)
		close_tab(&tabs[i]);
	clear_rig(&r);
}

/* It was there for 300 ms. */
static void expect_moved(struct web_case *c, struct id contact)
{
	struct report told;
	do
		EXPECT(await(&c->rig, REPORT_leg_moved, 2000, &told));
	while (told.kind == REPORT_leg_moved && !ID_EQ(told.leg_moved.contact, contact));
	const struct report_leg_moved *m = &told.leg_moved;
	EXPECT(ID_EQ(m->leg, LEG_A) && m->received >= 12 && m->received <= 20 && m->sent >= 12);
	EXPECT(!m->lost && !m->forged && m->mos_cent > 400);
	EXPECT(m->suite == SRTP_AES128_GCM);
}

/* The standing leg of an agent goes from contact to contact, over threads, and loses no packet. */
TEST(web_leg_moves_between_contacts_and_threads)
{
	static struct web_case c;
	struct report told;
	const struct id elsewhere = {6, 1};
	make_rig(&c.rig);
	c.rig.threads = 2;
	start_media(&c.rig, 0);
	connect_core(&c.rig);
	make_tab(&c.tab, &plain_tab);
	make_phone(&c.phone, 1000, SOUND_PCMA, 101);
	EXPECT(tell_web(&c.rig, LEG_A, elsewhere, &c.tab, "wxyz") == ERR_OK);
	uint16_t port = addr_port(&c.tab.phone.to);
	agree_web(&c.rig, LEG_A, &c.tab);
	EXPECT(tab_connects(&c.rig, LEG_A, &c.tab));
	open_leg(&c.rig, LEG_B, &c.phone);
	agree(&c.rig, LEG_B, &c.phone, true, true);
	for (int i = 0; i < 4; i++) {
		forget_heard(&c.phone);
		tab_forgets(&c.tab);
		tell(&c.rig, (struct order){.kind = ORDER_leg_open, .leg_open = {LEG_A, CONTACT}});
		EXPECT(await(&c.rig, REPORT_leg_opened, 2000, &told));
		EXPECT(told.leg_opened.err == ERR_OK && told.leg_opened.port == port);
		hear_each_other(&c.rig);
		talk_both(&c, 300);
		EXPECT(share(&c.phone, 440) > 0.9 && share(&c.tab.phone, 1000) > 0.9);
		EXPECT(tell_web(&c.rig, LEG_A, elsewhere, &c.tab, "wxyz") == ERR_OK);
		EXPECT(addr_port(&c.tab.phone.to) == port);
		expect_moved(&c, CONTACT);
		talk_both(&c, 60);
		forget_heard(&c.phone);
		talk_both(&c, 100);
		EXPECT(!c.phone.packets);
	}
	tell(&c.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&c.rig, REPORT_leg_closed, 2000, &told));
	/* a packet may have been sooner than the keys: they come to the thread with its next tick
	 */
	EXPECT(!told.leg_closed.lost && told.leg_closed.strays <= 1 && !told.leg_closed.forged);
	end(&c);
}

TEST(web_legs_are_refused_plainly)
{
	static struct web_case c;
	begin(&c, &plain_tab);
	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "abc") == ERR_INVALID);
	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "a:bcd") == ERR_INVALID);
	c.tab.own_fingerprint[12] = 'x';
	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "abcd") == ERR_INVALID);
	snprintf(c.tab.own_fingerprint, sizeof c.tab.own_fingerprint, "sha-1 00");
	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "abcd") == ERR_UNSUPPORTED);
	open_leg(&c.rig, LEG_B, &c.phone); /* a telephone's leg is none of a browser */
	tab_reloads(&c.tab, &plain_tab);
	EXPECT(tell_web(&c.rig, LEG_B, CONTACT, &c.tab, "abcd") == ERR_CONFLICT);
	EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "abcd") == ERR_OK);
	end(&c);
}

TEST(web_legs_beyond_a_ports_worth_get_another_port)
{
	static struct web_case c;
	struct report told;
	uint16_t ports[66];
	begin(&c, &plain_tab);
	for (uint32_t i = 0; i < 66; i++) {
		EXPECT(tell_web(&c.rig, (struct id){i + 1, 1}, CONTACT, &c.tab, "abcd") == ERR_OK);
		ports[i] = addr_port(&c.tab.phone.to);
		EXPECT((ports[i] == ports[0]) == (i < 64));
	}
	EXPECT(ports[64] == ports[65]);
	tell(&c.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {{5, 1}}});
	EXPECT(await(&c.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(tell_web(&c.rig, (struct id){99, 1}, CONTACT, &c.tab, "abcd") == ERR_OK);
	EXPECT(addr_port(&c.tab.phone.to) == ports[0]);
	end(&c);
}

/* Of several addresses, and of all the machine has: there only connect() says which one. */
TEST(web_leg_speaks_ipv6_and_on_any_address)
{
	static const struct {
		const char *bound, *tab;
	} rows[] = {{"127.0.0.1,::1", "::1"}, {"0.0.0.0", "127.0.0.1"}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		static struct web_case c;
		struct tab_options o = plain_tab;
		make_rig(&c.rig);
		c.rig.ip = rows[i].bound;
		start_media(&c.rig, 0);
		connect_core(&c.rig);
		o.ip = rows[i].tab;
		make_tab(&c.tab, &o);
		make_phone(&c.phone, 1000, SOUND_PCMA, 101);
		EXPECT(tell_web(&c.rig, LEG_A, CONTACT, &c.tab, "wxyz") == ERR_OK);
		agree_web(&c.rig, LEG_A, &c.tab);
		open_leg(&c.rig, LEG_B, &c.phone);
		agree(&c.rig, LEG_B, &c.phone, true, true);
		hear_each_other(&c.rig);
		EXPECT(tab_connects(&c.rig, LEG_A, &c.tab));
		talk_both(&c, 300);
		EXPECT(share(&c.phone, 440) > 0.9 && share(&c.tab.phone, 1000) > 0.9);
		end(&c);
	}
}
