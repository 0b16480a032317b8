/* process_hear_test.c - the whole media process: conferences, their recordings, legs that move. */
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

static void record_hear(struct rig *r, const struct order_ids *left, const struct order_ids *right)
{
	char room[2][8 * ORDER_IDS_MAX];
	tell(r, (struct order){.kind = ORDER_record_hear,
			       .record_hear = {REC, order_ids_put(room[0], left),
					       order_ids_put(room[1], right)}});
}

/* What was ordered before has been done. Returns when, since then. */
static double settle(struct rig *r, int64_t since_us)
{
	struct report told;
	tell(r, (struct order){.kind = ORDER_inventory, .inventory = {1}});
	EXPECT(await(r, REPORT_inventory_end, 2000, &told));
	return (double)(clock_mono_us() - since_us) / 1e6;
}

/* A stretch of one channel. */
static size_t cut_out(const struct wav *w, int channel, double from_s, double to_s, int16_t *out)
{
	size_t from = (size_t)(from_s * SOUND_RATE), to = (size_t)(to_s * SOUND_RATE), n = 0;
	for (size_t i = from; i < MIN(to, sound_wav_frames(w)); i++)
		memcpy(&out[n++], w->data.p + 4 * i + 2 * (size_t)channel, 2);
	return n;
}

/* Three in a conference, recorded: the caller left, the two others right; a pause; the agent goes,
 * the recording stays. */
TEST(process_mixes_a_conference_and_records_it_with_a_pause)
{
	static struct talk_case t;
	static struct phone c;
	const struct order_ids a = {1, {LEG_A}}, b_c = {2, {LEG_B, LEG_C}}, none = {0},
			       b_a = {2, {LEG_B, LEG_A}}, a_c = {2, {LEG_A, LEG_C}};
	struct phone *const all[] = {&t.a, &t.b, &c};
	static int16_t pcm[2 * SOUND_RATE];
	struct report told;
	char path[256];
	begin_talk(&t);
	make_phone(&c, 700, SOUND_PCMU, 101);
	open_leg(&t.rig, LEG_C, &c);
	agree(&t.rig, LEG_C, &c, true, true);
	hear(&t.rig, LEG_A, &b_c);
	hear(&t.rig, LEG_B, &a_c);
	hear(&t.rig, LEG_C, &b_a);
	tell(&t.rig, (struct order){.kind = ORDER_record,
				    .record = {REC, LEG_A, LEG_B, STR("conference.wav")}});
	record_hear(&t.rig, &a, &b_c);
	(void)settle(&t.rig, 0);
	int64_t begun_us = clock_mono_us();
	talk_all(all, 3, 600);
	EXPECT(share(&t.a, 440) < 0.01 && share(&t.a, 1000) > 0.4 && share(&t.a, 700) > 0.4);
	EXPECT(share(&t.b, 1000) < 0.01 && share(&t.b, 440) > 0.4 && share(&t.b, 700) > 0.4);
	EXPECT(share(&c, 700) < 0.01 && share(&c, 440) > 0.4 && share(&c, 1000) > 0.4);
	EXPECT(t.a.breaks == 0 && t.b.breaks == 0 && c.breaks == 0);

	record_hear(&t.rig, &none, &none); /* a card number is told */
	double pause_s = settle(&t.rig, begun_us);
	talk_all(all, 3, 600);
	double on_s = (double)(clock_mono_us() - begun_us) / 1e6;
	record_hear(&t.rig, &a, &b_c);
	record_hear(&t.rig, &a, &b_c); /* said again: changes nothing */
	talk_all(all, 3, 200);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_B}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told));
	forget_heard(&t.a);
	struct phone *const rest[] = {&t.a, &c};
	talk_all(rest, 2, 500);
	EXPECT(share(&t.a, 700) > 0.9);
	tell(&t.rig, (struct order){.kind = ORDER_record_stop, .record_stop = {REC}});
	int64_t wall_ms = (clock_mono_us() - begun_us) / 1000;
	EXPECT(await(&t.rig, REPORT_recorded, 3000, &told));
	EXPECT_STR(told.recorded.flaw, "");
	EXPECT(llabs(told.recorded.duration_ms - wall_ms) <= 100);
	snprintf(path, sizeof path, "%s/conference.wav", t.rig.recordings);
	struct str file = read_file(path);
	struct wav w;
	EXPECT(sound_wav_parse(file, &w) == ERR_OK && w.channels == 2);
	size_t n = cut_out(&w, 0, 0.15, 0.55, pcm);
	EXPECT(n == 3200 && sound_tone_share(pcm, n, 440, SOUND_RATE) > 0.9);
	n = cut_out(&w, 1, 0.15, 0.55, pcm);
	EXPECT(sound_tone_share(pcm, n, 440, SOUND_RATE) < 0.01);
	EXPECT(sound_tone_share(pcm, n, 700, SOUND_RATE) > 0.4);
	EXPECT(sound_tone_share(pcm, n, 1000, SOUND_RATE) > 0.4);
	for (int channel = 0; channel < 2; channel++) {
		n = cut_out(&w, channel, pause_s + 0.05, on_s - 0.05, pcm);
		EXPECT(n > 3200 && sound_level(pcm, n) == 0);
	}
	n = cut_out(&w, 1, (double)wall_ms / 1000 - 0.35, (double)wall_ms / 1000 - 0.05, pcm);
	EXPECT(sound_tone_share(pcm, n, 700, SOUND_RATE) > 0.9); /* B has gone */
	free((char *)file.p);
	close(c.fd);
	end_talk(&t);
}

/* The standing leg of an agent is patched into one contact after another, which live on different
 * threads: its port, its stream and every packet go along. */
TEST(process_moves_a_leg_between_threads_and_loses_nothing)
{
	static struct talk_case t;
	static struct phone c;
	static const struct id OTHER = {6, 1};
	const struct order_ids a = {1, {LEG_A}}, b = {1, {LEG_B}}, other = {1, {LEG_C}};
	struct phone *const all[] = {&t.a, &t.b, &c};
	struct report told;
	memset(&t, 0, sizeof t);
	make_rig(&t.rig);
	t.rig.threads = 2;
	start_media(&t.rig, 0);
	connect_core(&t.rig);
	make_phone(&t.a, 440, SOUND_PCMA, 101);
	make_phone(&t.b, 1000, SOUND_PCMA, 101);
	make_phone(&c, 700, SOUND_PCMA, 101);
	uint16_t port = open_leg(&t.rig, LEG_A, &t.a);
	uint32_t moved = 0;
	open_leg(&t.rig, LEG_B, &t.b);
	open_leg_in(&t.rig, LEG_C, OTHER, &c);
	agree(&t.rig, LEG_A, &t.a, true, true);
	agree(&t.rig, LEG_B, &t.b, true, true);
	agree(&t.rig, LEG_C, &c, true, true);
	hear(&t.rig, LEG_B, &a);
	hear(&t.rig, LEG_C, &a); /* of another contact: not yet */
	(void)settle(&t.rig, 0);
	for (int turn = 0; turn < 6; turn++) {
		bool there = turn % 2;
		EXPECT(open_leg_in(&t.rig, LEG_A, there ? OTHER : CONTACT, &t.a) == port);
		if (turn) { /* it was here before: the 400 ms of the former turn are told */
			EXPECT(await(&t.rig, REPORT_leg_moved, 2000, &told));
			const struct report_leg_moved *m = &told.leg_moved;
			EXPECT(ID_EQ(m->leg, LEG_A) && ID_EQ(m->contact, there ? CONTACT : OTHER));
			EXPECT(m->received >= 16 && m->received <= 24 && m->sent >= 16);
			EXPECT(!m->lost && !m->forged && !m->suite && m->mos_cent > 400);
			moved += m->received;
		}
		hear(&t.rig, LEG_A, there ? &other : &b);
		forget_heard(&t.a);
		forget_heard(&t.b);
		forget_heard(&c);
		talk_all(all, 3, 400);
		EXPECT(share(&t.a, there ? 700 : 1000) > 0.9);
		EXPECT(share(there ? &c : &t.b, 440) > 0.9);
		EXPECT((there ? &c : &t.b)->packets >= 16);
		EXPECT((there ? &t.b : &c)->packets <= 3);
	}
	EXPECT(t.a.breaks == 0);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told));
	EXPECT(told.leg_closed.received >= 16 && told.leg_closed.received <= 24);
	EXPECT(moved + told.leg_closed.received == (uint16_t)(t.a.seq - 65530u));
	EXPECT(told.leg_closed.lost == 0 && told.leg_closed.strays == 0);
	close(c.fd);
	end_talk(&t);
}

/* Orders that come while a leg moves keep their order; the inventory never misses it. */
TEST(process_moves_a_leg_to_and_fro_without_waiting)
{
	static struct talk_case t;
	struct report told;
	memset(&t, 0, sizeof t);
	make_rig(&t.rig);
	t.rig.threads = 4;
	start_media(&t.rig, 0);
	connect_core(&t.rig);
	make_phone(&t.a, 440, SOUND_PCMA, 101);
	make_phone(&t.b, 700, SOUND_PCMA, 101);
	open_leg(&t.rig, LEG_A, &t.a);
	agree(&t.rig, LEG_A, &t.a, true, true);
	for (uint32_t i = 0; i < 40; i++) {
		tell(&t.rig, (struct order){.kind = ORDER_leg_open,
					    .leg_open = {LEG_A, {100 + i * 7 % 11, 1}}});
		tell(&t.rig,
		     (struct order){.kind = ORDER_music, .music = {LEG_A, i + 1, STR("default")}});
		if (i % 5)
			continue;
		tell(&t.rig, (struct order){.kind = ORDER_inventory, .inventory = {i + 1}});
		EXPECT(await(&t.rig, REPORT_leg_is, 2000, &told));
		EXPECT(await(&t.rig, REPORT_inventory_end, 2000, &told));
		EXPECT(told.inventory_end.number == i + 1);
	}
	tell(&t.rig, (struct order){.kind = ORDER_inventory, .inventory = {99}});
	EXPECT(await(&t.rig, REPORT_leg_is, 2000, &told));
	EXPECT(told.leg_is.contact.slot == 100 + 39 * 7 % 11);
	tell(&t.rig, (struct order){.kind = ORDER_leg_open, .leg_open = {LEG_A, CONTACT}});
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_A}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told));
	end_talk(&t);
}

/* A telephone with IPv6 talks with one without; a re-INVITE may take it to the other family. */
TEST(process_speaks_both_families)
{
	static struct talk_case t;
	static struct phone old;
	struct report told;
	memset(&t, 0, sizeof t);
	make_rig(&t.rig);
	t.rig.ip = "127.0.0.1,::1";
	start_media(&t.rig, 0);
	connect_core(&t.rig);
	make_phone(&t.a, 440, SOUND_PCMA, 101);
	make_phone_at(&t.b, "::1", 1000, SOUND_PCMA, 101);
	make_phone(&old, 700, SOUND_PCMA, 101);
	open_leg(&t.rig, LEG_A, &t.a);
	uint16_t port = open_leg(&t.rig, LEG_B, &t.b);
	agree(&t.rig, LEG_A, &t.a, true, true);
	agree(&t.rig, LEG_B, &t.b, true, true);
	hear_each_other(&t.rig);
	(void)settle(&t.rig, 0);
	talk(&t.a, &t.b, 300);
	EXPECT(share(&t.a, 1000) > 0.9 && share(&t.b, 440) > 0.9);
	EXPECT(t.b.from.sa.sa_family == AF_INET6 && addr_port(&t.b.from) == port);
	/* from the other family nobody else is heard, either */
	struct addr to = old.to = t.a.to;
	addr_set_port(&to, port);
	old.to = to;
	phone_speak(&old);
	forget_heard(&t.a);
	talk(&t.a, &t.b, 300);
	EXPECT(share(&t.a, 1000) > 0.9 && share(&t.a, 700) < 0.01);
	agree(&t.rig, LEG_B, &old, true, true);
	(void)settle(&t.rig, 0);
	forget_heard(&t.a);
	talk(&t.a, &old, 300);
	EXPECT(share(&t.a, 700) > 0.9 && share(&old, 440) > 0.9);
	tell(&t.rig, (struct order){.kind = ORDER_leg_close, .leg_close = {LEG_B}});
	EXPECT(await(&t.rig, REPORT_leg_closed, 2000, &told) && told.leg_closed.strays == 1);
	close(old.fd);
	end_talk(&t);
}
