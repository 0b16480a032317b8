/* process_test.c - the whole media process: bridges, recordings, cores that come and go. Takes real
 * time: a few seconds. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <openssl/sha.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "media/rig_test.h"

static void check_sha256(struct str file, struct str want)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	char hex[65];
	struct buf b = buf_make(hex, sizeof hex);
	EXPECT(file.n > 0);
	SHA256((const uint8_t *)file.p, file.n, digest);
	buf_hex(&b, digest, sizeof digest);
	EXPECT(str_eq(buf_str(&b), want));
}

static void check_channel(const struct wav *w, int channel, double hz, double other_hz)
{
	size_t n = sound_wav_frames(w), skip = 2400;
	int16_t *pcm = xcalloc(n, sizeof *pcm);
	for (size_t i = 0; i < n; i++)
		memcpy(&pcm[i], w->data.p + 4 * i + 2 * channel, 2);
	EXPECT(n > 2 * skip);
	if (n > 2 * skip) {
		EXPECT(sound_tone_share(pcm + skip, n - 2 * skip, hz, SOUND_RATE) > 0.9);
		EXPECT(sound_tone_share(pcm + skip, n - 2 * skip, other_hz, SOUND_RATE) < 0.01);
		EXPECT(fabs(sound_level(pcm + skip, n - 2 * skip) - 8000 / sqrt(2)) < 600);
	}
	free(pcm);
}

static void check_inventory(struct rig *r, uint32_t number, uint32_t want_legs, uint32_t want_recs)
{
	struct report told;
	tell(r, (struct order){.kind = ORDER_inventory, .inventory = {number}});
	for (uint32_t i = 0; i < want_legs; i++) {
		EXPECT(await(r, REPORT_leg_is, 2000, &told));
		EXPECT(told.leg_is.locked == 1 && ID_EQ(told.leg_is.contact, CONTACT));
		struct order_ids hears;
		EXPECT(order_ids_get(told.leg_is.hears, &hears) == ERR_OK && hears.count == 1);
		EXPECT(ID_EQ(hears.ids[0], ID_EQ(told.leg_is.leg, LEG_A) ? LEG_B : LEG_A));
	}
	for (uint32_t i = 0; i < want_recs; i++)
		EXPECT(await(r, REPORT_rec_is, 2000, &told) && ID_EQ(told.rec_is.rec, REC));
	EXPECT(await(r, REPORT_inventory_end, 2000, &told) && told.inventory_end.number == number);
}

TEST(process_bridges_and_records_while_cores_come_and_go)
{
	static struct talk_case t;
	struct report told;
	char path[256];
	begin_talk(&t);
	struct order record = {.kind = ORDER_record,
			       .record = {REC, LEG_A, LEG_B, STR("acme/2026/one.wav")}};
	int64_t begun_us = clock_mono_us();
	tell(&t.rig, record);
	talk(&t.a, &t.b, 600);
	close(t.rig.core); /* the core dies */
	t.rig.core = -1;
	talk(&t.a, &t.b, 300);
	connect_core(&t.rig);
	check_inventory(&t.rig, 77, 2, 1);
	tell(&t.rig, record); /* said again: changes nothing */
	hear_each_other(&t.rig);
	talk(&t.a, &t.b, 500);
	tell(&t.rig, (struct order){.kind = ORDER_record_stop, .record_stop = {REC}});
	int64_t wall_ms = (clock_mono_us() - begun_us) / 1000;

	EXPECT(share(&t.a, 1000) > 0.9 && share(&t.a, 440) < 0.01);
	EXPECT(share(&t.b, 440) > 0.9 && share(&t.b, 1000) < 0.01);
	EXPECT(t.a.heard_n > 1200 * 8 && t.b.heard_n > 1200 * 8);

	EXPECT(await(&t.rig, REPORT_recorded, 3000, &told));
	EXPECT(ID_EQ(told.recorded.rec, REC));
	EXPECT_STR(told.recorded.path, "acme/2026/one.wav");
	EXPECT_STR(told.recorded.flaw, "");
	/* to the sample: tape_test.c; here a loaded machine may do the orders late */
	EXPECT(llabs(told.recorded.duration_ms - wall_ms) <= 60);
	snprintf(path, sizeof path, "%s/acme/2026/one.wav", t.rig.recordings);
	struct str file = read_file(path);
	struct wav w;
	check_sha256(file, told.recorded.sha256);
	EXPECT(told.recorded.bytes == (int64_t)file.n);
	EXPECT(sound_wav_parse(file, &w) == ERR_OK && w.channels == 2 && w.rate == 8000);
	EXPECT(llabs((int64_t)sound_wav_frames(&w) / 8 - told.recorded.duration_ms) <= 1);
	check_channel(&w, 0, 440, 1000);
	check_channel(&w, 1, 1000, 440);
	free((char *)file.p);

	connect_core(&t.rig); /* not acknowledged: told again */
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told) && ID_EQ(told.recorded.rec, REC));
	tell(&t.rig, (struct order){.kind = ORDER_record_ack, .record_ack = {REC}});
	connect_core(&t.rig);
	check_inventory(&t.rig, 78, 2, 0);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(told.leg_closed.received == (uint16_t)(t.a.seq - 65530u));
	EXPECT(told.leg_closed.lost == 0 && told.leg_closed.sent >= 60);
	/* of our own pace, on a machine that may be busy */
	EXPECT(told.leg_closed.jitter_us < 50000 && told.leg_closed.strays == 0);
	end_talk(&t);
}

static void press(struct phone *p, uint8_t event)
{
	for (int i = 1; i <= 6; i++) {
		uint16_t duration = (uint16_t)(MIN(i, 4) * 160);
		uint8_t payload[] = {event, (uint8_t)(i > 3 ? 0x8a : 0x0a),
				     (uint8_t)(duration >> 8), (uint8_t)duration};
		phone_send(p, p->dtmf_pt, payload, sizeof payload, i == 1);
	}
	p->ts += 160 * 6;
}

TEST(process_passes_digits_plays_and_hears_nobody_else)
{
	static struct talk_case t;
	static struct phone thief;
	struct report told;
	char path[256];
	int16_t pcm[8000] = {0};
	double phase = 0;
	uint8_t header[WAV_HEADER];
	begin_talk(&t);
	talk(&t.a, &t.b, 300);

	press(&t.a, 5);
	EXPECT(await(&t.rig, REPORT_digit, 2000, &told));
	EXPECT(ID_EQ(told.digit.leg, LEG_A) && told.digit.digit == '5');
	EXPECT(told.digit.duration_ms == 80);
	talk(&t.a, &t.b, 60);
	EXPECT(t.b.events == 6 && t.b.last_event[0] == 5 && t.b.last_event[1] & 0x80);
	EXPECT(!await(&t.rig, REPORT_digit, 100, &told)); /* once */

	forget_heard(&t.b);
	tell(&t.rig, (struct order){.kind = ORDER_send_digit, .send_digit = {LEG_B, '#', 100}});
	talk(&t.a, &t.b, 300);
	EXPECT(t.b.events == 7 && t.b.last_event[0] == 11); /* 5 of 20 ms, and 2 more ends */
	EXPECT(t.b.last_event[2] == 800 >> 8 && t.b.last_event[3] == (800 & 255));

	/* also shows that the file thread, which composes at first, is ready */
	tell(&t.rig, (struct order){.kind = ORDER_play,
				    .play = {.leg = LEG_A, .play = 3, .files = STR("/none.wav")}});
	EXPECT(await(&t.rig, REPORT_play_done, 2000, &told));
	EXPECT(told.play_done.play == 3 && told.play_done.ok == 0);

	/* one second of 600 Hz at 16 kHz */
	sound_tone(pcm, 8000, 600, 16000, 9000, &phase);
	sound_wav_header(header, 16000, 1, sizeof pcm);
	snprintf(path, sizeof path, "%s/prompt.wav", t.rig.dir);
	FILE *f = fopen(path, "wb");
	EXPECT(f && fwrite(header, sizeof header, 1, f) == 1 && fwrite(pcm, sizeof pcm, 1, f) == 1);
	if (f)
		fclose(f);
	make_phone(&thief, 2000, SOUND_PCMA, 101);
	thief.to = t.a.to;
	forget_heard(&t.a);
	forget_heard(&t.b);
	tell(&t.rig, (struct order){.kind = ORDER_play,
				    .play = {.leg = LEG_A, .play = 4, .files = str_of(path)}});
	int64_t begun_ms = clock_mono_ms();
	for (int i = 0; i < 8; i++) {
		talk(&t.a, &t.b, 60);
		phone_speak(&thief);
	}
	EXPECT(await(&t.rig, REPORT_play_done, 2000, &told));
	EXPECT(told.play_done.play == 4 && told.play_done.ok == 1);
	EXPECT(clock_mono_ms() - begun_ms >= 480); /* half a second, up to a tick */
	EXPECT(t.a.heard_n > 3200 && share(&t.a, 600) > 0.9 && share(&t.a, 1000) < 0.01);
	EXPECT(share(&t.b, 440) > 0.9 && share(&t.b, 2000) < 0.01); /* the other way goes on */

	forget_heard(&t.b);
	tell(&t.rig, (struct order){.kind = ORDER_music, .music = {LEG_B, 6, STR("default")}});
	talk(&t.a, &t.b, 500);
	double level = sound_level(t.b.heard, t.b.heard_n); /* A's tone would be 5657 */
	EXPECT(t.b.heard_n >= 400 * 8 && level > 100 && level < 4000);
	tell(&t.rig, (struct order){.kind = ORDER_play_stop, .play_stop = {LEG_B, 6}});

	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told) && told.leg_closed.strays == 8);
	EXPECT(t.a.breaks == 0 && t.b.breaks == 0); /* one stream, whoever spoke */
	phone_hear(&thief);
	EXPECT(thief.packets == 0);
	close(thief.fd);
	end_talk(&t);
}

TEST(process_holds_and_notices_silence)
{
	static struct talk_case t;
	struct report told;
	begin_talk(&t);
	talk(&t.a, &t.b, 100);
	/* hold: nothing is sent, nothing is heard */
	agree(&t.rig, LEG_B, &t.b, false, false);
	talk(&t.a, &t.b, 60);
	forget_heard(&t.a);
	forget_heard(&t.b);
	talk(&t.a, &t.b, 200);
	EXPECT(t.a.packets == 0 && t.b.packets == 0);
	agree(&t.rig, LEG_B, &t.b, true, true);
	talk(&t.a, &t.b, 400);
	EXPECT(share(&t.a, 1000) > 0.9 && share(&t.b, 440) > 0.9);

	/* B goes silent: told once */
	talk(&t.a, NULL, 2200);
	EXPECT(await(&t.rig, REPORT_silent, 1000, &told));
	EXPECT(ID_EQ(told.silent.leg, LEG_B) && told.silent.ms >= 1000);
	EXPECT(await(&t.rig, REPORT_gauges, 2000, &told) && told.gauges.legs == 2);

	EXPECT(t.a.breaks == 0 && t.b.breaks == 0);
	end_talk(&t);
}

/* A tone of 1 s in 5: with one clock for all, one of two who begin 1.4 s apart hears silence. */
TEST(process_rings_for_each_from_when_it_begins)
{
	static struct talk_case t;
	begin_talk(&t);
	struct phone *const phones[] = {&t.a, &t.b};
	const struct id legs[] = {LEG_A, LEG_B};
	for (uint32_t i = 0; i < 2; i++) {
		tell(&t.rig,
		     (struct order){.kind = ORDER_music, .music = {legs[i], 7, STR("ringing")}});
		const int64_t until_ms = clock_mono_ms() + 1000;
		do {
			forget_heard(phones[i]);
			talk(&t.a, &t.b, 40);
		} while (clock_mono_ms() < until_ms &&
			 sound_tone_share(phones[i]->heard, phones[i]->heard_n, 425, SOUND_RATE) <
				 0.9);
		forget_heard(phones[i]);
		talk(&t.a, &t.b, 600);
		EXPECT(phones[i]->heard_n > 500 * 8 && share(phones[i], 425) > 0.9);
		talk(&t.a, &t.b, 600);
	}
	EXPECT(t.a.breaks == 0 && t.b.breaks == 0);
	end_talk(&t);
}

TEST(process_learns_a_phone_behind_a_nat)
{
	static struct talk_case t;
	static struct phone said, nat; /* where the SDP points, where packets come from */
	begin_talk(&t);
	make_phone(&said, 600, SOUND_PCMA, 101);
	make_phone(&nat, 600, SOUND_PCMA, 101);
	said.to = nat.to = t.a.to;
	agree(&t.rig, LEG_A, &said, true, true);
	talk(&t.b, &nat, 400);
	EXPECT(share(&t.b, 600) > 0.9); /* learnt after five packets, heard since */
	EXPECT(nat.heard_n > 200 * 8 && share(&nat, 1000) > 0.9);
	phone_hear(&said);
	uint32_t before = said.packets; /* what went there until then */
	EXPECT(before >= 3 && before <= 12);
	phone_speak(&said); /* too late: somebody else is locked */
	talk(&t.b, &nat, 100);
	phone_hear(&said);
	EXPECT(said.packets == before);
	close(said.fd);
	close(nat.fd);
	end_talk(&t);
}

TEST(process_without_ports_refuses_and_told_to_stop_finishes)
{
	static struct talk_case t;
	static struct rig next;
	struct report told;
	make_rig(&t.rig);
	t.rig.port_high = (uint16_t)(t.rig.port_low + 3); /* two pairs */
	start_media(&t.rig, 0);
	connect_core(&t.rig);
	make_phone(&t.a, 440, SOUND_PCMA, 101);
	make_phone(&t.b, 1000, SOUND_PCMA, 101);
	open_leg(&t.rig, LEG_A, &t.a);
	open_leg(&t.rig, LEG_B, &t.b);
	struct order third = {.kind = ORDER_leg_open, .leg_open = {{3, 1}, CONTACT}};
	tell(&t.rig, third);
	EXPECT(await(&t.rig, REPORT_leg_opened, 2000, &told));
	EXPECT(told.leg_opened.err == ERR_FULL && told.leg_opened.port == 0);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_B}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told));
	tell(&t.rig, third);
	EXPECT(await(&t.rig, REPORT_leg_opened, 2000, &told) && told.leg_opened.err == ERR_OK);

	/* a recording that cannot begin is told like one that ended */
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {{9, 9}, LEG_A, LEG_B, STR("acme/no.wav")}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told) && told.recorded.bytes == 0);
	EXPECT_STR(told.recorded.flaw, "never began: legs are not there");
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {{8, 9}, LEG_A, {3, 1}, STR("../no.wav")}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT_STR(told.recorded.flaw, "never began: bad path");
	/* the same id for another file: the old one is told once more, the new one is made */
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {{8, 9}, LEG_A, {3, 1}, STR("acme/new.wav")}});
	tell(&t.rig, (struct order){.kind = ORDER_record_stop, .record_stop = {{8, 9}}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT_STR(told.recorded.path, "../no.wav");
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT_STR(told.recorded.path, "acme/new.wav");
	EXPECT_STR(told.recorded.flaw, "");
	tell(&t.rig, (struct order){.kind = ORDER_record_ack, .record_ack = {{8, 9}}});
	tell(&t.rig, (struct order){.kind = ORDER_record_stop, .record_stop = {{8, 9}}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT_STR(told.recorded.flaw, "lost: not known");
	/* strangers' ids and bytes are harmless */
	const struct order_ids a = {1, {LEG_A}};
	hear(&t.rig, (struct id){77, 7}, &a);
	hear(&t.rig, LEG_A, &a);
	tell(&t.rig, (struct order){.kind = ORDER_hear, .hear = {LEG_A, STR("no ids")}});
	EXPECT(send(t.rig.core, "\xff\xff\x07", 3, 0) == 3);

	const int64_t begun_ms = clock_mono_ms();
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {REC, LEG_A, {3, 1}, STR("acme/stop.wav")}});
	tell(&t.rig, (struct order){.kind = ORDER_inventory, .inventory = {5}});
	EXPECT(await(&t.rig, REPORT_inventory_end, 2000, &told)); /* it has begun */
	int64_t least_ms = clock_mono_ms();
	sleep_until(clock_mono_us() + 300000);
	least_ms = clock_mono_ms() - least_ms;
	stop_media(&t.rig);
	const int64_t most_ms = clock_mono_ms() - begun_ms;
	EXPECT(await(&t.rig, REPORT_recorded, 1000, &told) && ID_EQ(told.recorded.rec, REC));
	EXPECT(told.recorded.duration_ms >= least_ms - 40 && !told.recorded.flaw.n);
	EXPECT(told.recorded.duration_ms <= most_ms + 40);
	EXPECT(!await(&t.rig, REPORT_recorded, 100, &told)); /* it has ended */
	next = t.rig;
	close(t.rig.control);
	start_media(&next, 0);
	connect_core(&next); /* not acknowledged: the next life tells it */
	EXPECT(await(&next, REPORT_recorded, 2000, &told) && ID_EQ(told.recorded.rec, REC));
	EXPECT(!told.recorded.flaw.n);
	t.rig = next;
	end_talk(&t);
}

TEST(process_killed_while_recording_repairs_the_file_and_tells)
{
	static struct talk_case t;
	struct report told;
	char path[256];
	begin_talk(&t);
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {REC, LEG_A, LEG_B, STR("acme/cut.wav")}});
	talk(&t.a, &t.b, 1300);
	EXPECT(kill(t.rig.pid, SIGKILL) == 0);
	EXPECT(waitpid(t.rig.pid, NULL, 0) == t.rig.pid);
	close(t.rig.control);
	close(t.rig.core);
	start_media(&t.rig, 300);
	connect_core(&t.rig);
	EXPECT(await(&t.rig, REPORT_recorded, 3000, &told));
	EXPECT(ID_EQ(told.recorded.rec, REC));
	EXPECT_STR(told.recorded.flaw, "truncated: media restart");
	/* whole pages, at least all but the one under way */
	EXPECT(told.recorded.duration_ms >= 800 && told.recorded.duration_ms % 400 == 0);
	snprintf(path, sizeof path, "%s/acme/cut.wav", t.rig.recordings);
	struct str file = read_file(path);
	struct wav w;
	check_sha256(file, told.recorded.sha256);
	EXPECT(sound_wav_parse(file, &w) == ERR_OK &&
	       sound_wav_frames(&w) == (size_t)told.recorded.duration_ms * 8);
	free((char *)file.p);

	/* an orphan: no core for 300 ms ends legs, and the next core hears of it */
	open_leg(&t.rig, LEG_A, &t.a);
	close(t.rig.core);
	t.rig.core = -1;
	sleep_until(clock_mono_us() + 1500000);
	connect_core(&t.rig);
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told) && ID_EQ(told.leg_closed.leg, LEG_A));
	end_talk(&t);
}

TEST(process_that_drains_goes_on_and_ends_with_its_last_leg)
{
	static struct talk_case t;
	struct report told;
	int status = -1;
	begin_talk(&t);
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {REC, LEG_A, LEG_B, STR("acme/drained.wav")}});
	talk(&t.a, &t.b, 100);
	EXPECT(send(t.rig.control, "D", 1, 0) == 1);
	forget_heard(&t.a);
	talk(&t.a, &t.b, 400);
	EXPECT(share(&t.a, 1000) > 0.9);
	tell(&t.rig, (struct order){.kind = ORDER_leg_open, .leg_open = {{3, 1}, CONTACT}});
	EXPECT(await(&t.rig, REPORT_leg_opened, 2000, &told)); /* an old call gets its second leg */
	EXPECT(told.leg_opened.err == ERR_OK);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {{3, 1}}});
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_B}});
	EXPECT(await(&t.rig, REPORT_recorded, 2000, &told));
	EXPECT(waitpid(t.rig.pid, &status, WNOHANG) == 0); /* it waits to be acknowledged */
	tell(&t.rig, (struct order){.kind = ORDER_record_ack, .record_ack = {REC}});
	EXPECT(waitpid(t.rig.pid, &status, 0) == t.rig.pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(t.a.fd);
	close(t.b.fd);
	clear_rig(&t.rig);
}
