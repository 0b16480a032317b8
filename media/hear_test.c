/* hear_test.c - who hears whom, by tones: legs on invented time, with real sockets but no thread.
 */
#include "media/hear.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/worker.h"
#include "tests/test.h"

#define PEERS_MAX 12
#define HEARD_MAX (12 * SOUND_RATE)
#define START_US (50 * 1000000ll)
#define TICK_US 20000

static const struct id ROOM = {3, 1};

/* A telephone: says a tone, keeps what it hears at the place its timestamp says. */
struct peer {
	int fd;
	struct addr at;
	struct leg leg;
	double hz, phase, amplitude; /* amplitude 0: says nothing, sends nothing */
	uint32_t phase_us;	     /* of its packets within a tick */
	uint16_t seq;
	uint32_t ts;
	int16_t heard[HEARD_MAX];
	size_t heard_n;
	uint32_t packets, events, markers;
	uint32_t breaks; /* a number or a timestamp that does not follow */
	int64_t last_us;
	int32_t gap_us_max; /* between two packets */
	struct rtp last;
	size_t last_n;
};

struct stage {
	struct worker *w;
	struct peer peers[PEERS_MAX];
	uint32_t count;
	int64_t now_us;
};

static int bound(struct addr *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	EXPECT(addr_parse(STR("127.0.0.1"), 0, at) == ERR_OK);
	EXPECT(bind(fd, &at->sa, at->len) == 0);
	at->len = sizeof at->in6;
	EXPECT(getsockname(fd, &at->sa, &at->len) == 0);
	return fd;
}

static void list_back(struct letter *l, void *reader)
{
	(void)reader;
	playlist_destroy(CONTAINER_OF(l, struct playlist, letter));
}

static void add_peer(struct stage *s, uint32_t slot, enum sound_codec law)
{
	struct peer *p = &s->peers[slot];
	struct addr nowhere;
	p->fd = bound(&p->at);
	p->leg.doors[0].rtp = bound(&nowhere);
	p->leg.doors[0].rtcp = -1;
	p->leg.doors[0].family = AF_INET;
	p->leg.id = (struct id){slot + 1, 7};
	p->leg.contact = ROOM;
	p->leg.worker = s->w;
	p->hz = 300 + 250 * slot;
	p->amplitude = 6000;
	p->phase_us = 1000 + slot * 1700;
	p->seq = (uint16_t)(65500 + slot);
	p->ts = 0xfffff000u + slot * 77;
	leg_init(&p->leg, 0x123456789abcdef0u * (slot + 1), s->now_us);
	list_push(&s->w->legs, &p->leg.link);
	list_push(worker_room(s->w, ROOM), &p->leg.room);
	hear_arrived(&p->leg, s->now_us);
	struct leg_terms t = {.address = p->at,
			      .codec = law,
			      .pt = (uint8_t)law,
			      .dtmf_pt = 101,
			      .send = true,
			      .receive = true};
	EXPECT(leg_agree(&p->leg, &t, s->now_us));
	p->leg.burst = 0;
}

static struct stage *set_stage(uint32_t count)
{
	struct stage *s = xcalloc(1, sizeof *s);
	s->w = xcalloc(1, sizeof *s->w);
	s->now_us = START_US;
	s->w->tick = (uint64_t)START_US / TICK_US;
	s->w->answers = mailbox_create();
	s->w->playlist_back = list_back;
	worker_init(s->w);
	s->count = count;
	for (uint32_t i = 0; i < count; i++)
		add_peer(s, i, i % 2 ? SOUND_PCMU : SOUND_PCMA);
	return s;
}

static void remove_peer(struct stage *s, struct peer *p)
{
	hear_leaves(&p->leg, s->now_us);
	leg_play_stop(&p->leg);
	list_remove(&p->leg.link);
	list_remove(&p->leg.room);
	list_remove(&p->leg.active);
	EXPECT(!p->leg.voice.users && list_empty(&p->leg.voice.link));
	close(p->fd);
	close(p->leg.doors[0].rtp);
}

static void clear_stage(struct stage *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		if (!list_empty(&s->peers[i].leg.link))
			remove_peer(s, &s->peers[i]);
	EXPECT(list_empty(&s->w->voices) && list_empty(&s->w->active));
	mailbox_drain(s->w->answers, NULL);
	mailbox_destroy(s->w->answers);
	free(s->w);
	free(s);
}

/* whom: bits of those it hears */
static void hears(struct stage *s, uint32_t listener, uint32_t whom)
{
	struct order_ids ids = {0};
	for (uint32_t i = 0; i < s->count; i++)
		if (whom & 1u << i)
			ids.ids[ids.count++] = s->peers[i].leg.id;
	struct leg *l = &s->peers[listener].leg;
	listener_set(&l->hears, s->w, l->contact, &ids, s->now_us);
}

static void say(struct peer *p, int64_t now_us)
{
	char packet[RTP_HEADER + SOUND_FRAME];
	int16_t pcm[SOUND_FRAME] = {0};
	sound_tone(pcm, SOUND_FRAME, p->hz, SOUND_RATE, p->amplitude, &p->phase);
	rtp_header((uint8_t *)packet,
		   &(struct rtp){
			   .pt = p->leg.pt, .seq = p->seq++, .ts = p->ts, .ssrc = p->leg.id.slot});
	sound_encode(p->leg.coder.codec, pcm, (uint8_t *)packet + RTP_HEADER, SOUND_FRAME);
	p->ts += SOUND_FRAME;
	leg_receive(&p->leg, packet, sizeof packet, &p->at, now_us);
}

static void keep(struct peer *p, const struct rtp *r, int64_t now_us)
{
	if (p->packets) {
		p->gap_us_max = MAX(p->gap_us_max, (int32_t)(now_us - p->last_us));
		p->breaks += r->seq != (uint16_t)(p->last.seq + 1) || r->ssrc != p->last.ssrc ||
			     r->ts != p->last.ts + p->last_n;
	}
	p->packets++;
	p->markers += r->marker;
	p->last = *r;
	p->last_n = r->payload.n;
	p->last_us = now_us;
	EXPECT(p->heard_n + r->payload.n <= HEARD_MAX);
	sound_decode(p->leg.coder.codec, (const uint8_t *)r->payload.p, p->heard + p->heard_n,
		     r->payload.n);
	p->heard_n += r->payload.n;
}

static void take_in(struct peer *p, int64_t now_us)
{
	char packet[RTP_PACKET_MAX];
	struct rtp r;
	for (ssize_t n; (n = recv(p->fd, packet, sizeof packet, 0)) > 0;) {
		EXPECT(rtp_parse(str_make(packet, (size_t)n), &r) == ERR_OK);
		if (r.pt == 101)
			p->events++;
		else
			keep(p, &r, now_us);
	}
}

/* Everybody says a packet each 20 ms at his own phase; ticks fall between. */
static void run(struct stage *s, int ms)
{
	for (int i = 0; i < ms / 20; i++) {
		for (uint32_t k = 0; k < s->count; k++) {
			struct peer *p = &s->peers[k];
			if (list_empty(&p->leg.link))
				continue;
			if (p->amplitude > 0)
				say(p, s->now_us + p->phase_us);
			for (uint32_t l = 0; l < s->count; l++)
				if (!list_empty(&s->peers[l].leg.link))
					take_in(&s->peers[l], s->now_us + p->phase_us);
		}
		s->now_us += TICK_US;
		worker_tick(s->w, s->now_us);
		for (uint32_t l = 0; l < s->count; l++)
			if (!list_empty(&s->peers[l].leg.link))
				take_in(&s->peers[l], s->now_us);
	}
}

static void forget(struct stage *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		s->peers[i].heard_n = s->peers[i].packets = 0;
		s->peers[i].breaks = s->peers[i].markers = s->peers[i].events = 0;
		s->peers[i].gap_us_max = 0;
	}
}

/* Bits of those whose tone is in what it heard, after the first 100 ms. */
static uint32_t tones(const struct stage *s, uint32_t listener)
{
	const struct peer *p = &s->peers[listener];
	size_t skip = MIN(p->heard_n, 800u), n = p->heard_n - skip;
	uint32_t bits = 0;
	for (uint32_t i = 0; i < s->count && n; i++)
		if (sound_tone_share(p->heard + skip, n, s->peers[i].hz, SOUND_RATE) > 0.01)
			bits |= 1u << i;
	return bits;
}

#define CALLER 1u
#define AGENT 2u
#define BOSS 4u
#define OTHER 8u

/* behaviours.md R-3; RFC 5359 has conference and call hold. */
TEST(hear_any_graph_by_tones)
{
	static const struct {
		const char *name;
		uint32_t hears[4]; /* caller, agent, supervisor, somebody else */
	} rows[] = {
		{"call", {AGENT, CALLER, 0, 0}},
		{"listen", {AGENT, CALLER, CALLER | AGENT, 0}},
		{"whisper", {AGENT, CALLER | BOSS, CALLER | AGENT, 0}},
		{"barge", {AGENT | BOSS, CALLER | BOSS, CALLER | AGENT, 0}},
		{"mute", {AGENT, 0, 0, 0}},
		{"two calls", {AGENT, CALLER, OTHER, BOSS}},
		{"conference", {14, 13, 11, 7}},
		{"muted in it", {14 - 2, 13, 11 - 2, 7 - 2}},
		{"ring", {AGENT, BOSS, OTHER, CALLER}},
		{"one speaks to all", {0, CALLER, CALLER, CALLER}},
		{"nobody", {0, 0, 0, 0}},
	};
	struct stage *s = set_stage(4);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		for (uint32_t k = 0; k < 4; k++)
			hears(s, k, rows[i].hears[k]);
		run(s, 200); /* what was before dies away */
		forget(s);
		run(s, 400);
		for (uint32_t k = 0; k < 4; k++) {
			EXPECT(tones(s, k) == rows[i].hears[k]);
			EXPECT(s->peers[k].breaks == 0);
			if (tones(s, k) != rows[i].hears[k])
				printf("%s: %u hears %x\n", rows[i].name, k, tones(s, k));
		}
	}
	clear_stage(s);
}

TEST(hear_in_a_conference_of_twelve_everybody_else_and_never_oneself)
{
	struct stage *s = set_stage(12);
	for (uint32_t k = 0; k < 12; k++)
		hears(s, k, 4095u & ~(1u << k));
	run(s, 1000);
	for (uint32_t k = 0; k < 12; k++) {
		const struct peer *p = &s->peers[k];
		EXPECT(tones(s, k) == (4095u & ~(1u << k)));
		EXPECT(p->packets == 50 && p->breaks == 0 && p->markers == 1);
	}
	/* two leave; those who stay go on */
	remove_peer(s, &s->peers[3]);
	remove_peer(s, &s->peers[11]);
	run(s, 200);
	forget(s);
	run(s, 400);
	EXPECT(tones(s, 0) == (4095u & ~(1u | 1u << 3 | 1u << 11)));
	EXPECT(s->peers[0].breaks == 0 && s->peers[0].packets == 20);
	clear_stage(s);
}

/* For a pure tone x[n] - 2 cos(w) x[n-1] + x[n-2] is nought; a click or a gap is as large as the
 * tone. The laws' own noise stays below 700 at this amplitude. */
static uint32_t clicks(const int16_t *x, size_t n, double hz)
{
	double c = 2 * cos(2 * M_PI * hz / SOUND_RATE);
	uint32_t count = 0;
	for (size_t i = 2; i < n; i++)
		count += fabs(x[i] - c * x[i - 1] + x[i - 2]) > 1000;
	return count;
}

TEST(hear_changes_between_relay_and_mixture_without_gap_or_click)
{
	for (uint32_t phase_us = 500; phase_us < 20000; phase_us += 1500) {
		struct stage *s = set_stage(3);
		struct peer *b = &s->peers[1];
		s->peers[0].phase_us = phase_us;
		s->peers[0].hz = 400;
		s->peers[2].amplitude = 0; /* is there, and silent */
		hears(s, 1, 1);
		run(s, 1500);
		EXPECT(b->leg.hears.relays == &s->peers[0].leg && b->packets == 75);
		for (int turn = 0; turn < 4; turn++) {
			hears(s, 1, 5);
			EXPECT(b->leg.hears.mixes);
			run(s, 500);
			hears(s, 1, 1);
			EXPECT(!b->leg.hears.mixes && !s->peers[0].leg.voice.users);
			run(s, 500);
		}
		EXPECT(b->breaks == 0 && b->markers == 9);
		/* all he said is heard once: what is missing is under way */
		EXPECT(b->heard_n >= 5500 * 8 - 160 && b->heard_n <= 5500 * 8);
		EXPECT(clicks(b->heard, b->heard_n, 400) == 0);
		EXPECT(b->gap_us_max <= 80000);
		clear_stage(s);
	}
}

/* A recording keeps the speaker's voice already: a mixture finds its jitter buffer running. */
TEST(hear_changes_to_a_mixture_of_one_who_is_recorded_without_click)
{
	struct stage *s = set_stage(3);
	struct peer *b = &s->peers[1];
	struct tape *t = tape_create((struct id){1, 1}, STR("x.wav"));
	const struct order_ids left = {1, {s->peers[0].leg.id}};
	s->peers[0].hz = 400;
	s->peers[2].amplitude = 0;
	listener_set(&t->sides[0].hears, s->w, ROOM, &left, s->now_us);
	hears(s, 1, 1);
	run(s, 1000);
	for (int turn = 0; turn < 3; turn++) {
		hears(s, 1, 5);
		run(s, 300);
		hears(s, 1, 1);
		run(s, 300);
	}
	EXPECT(b->breaks == 0 && clicks(b->heard, b->heard_n, 400) == 0);
	listener_clear(&t->sides[0].hears, s->now_us);
	tape_destroy(t);
	clear_stage(s);
}

TEST(hear_keeps_the_stream_near_the_clock_through_many_changes)
{
	struct stage *s = set_stage(3);
	struct peer *b = &s->peers[1];
	s->peers[2].amplitude = 0;
	hears(s, 1, 1);
	run(s, 100);
	uint32_t ts = b->last.ts;
	int64_t at_us = b->last_us;
	for (int turn = 0; turn < 50; turn++) {
		hears(s, 1, 5);
		run(s, 60);
		hears(s, 1, 1);
		run(s, 60);
	}
	int32_t off = (int32_t)(b->last.ts - ts) - (int32_t)((b->last_us - at_us) * 8 / 1000);
	EXPECT(abs(off) <= 640);
	clear_stage(s);
}

TEST(hear_names_who_is_not_there_yet_and_forgets_nobody_who_stays)
{
	struct stage *s = set_stage(2);
	struct order_ids names;
	s->count = 3; /* so that the third can be named */
	s->peers[2].leg.id = (struct id){3, 7};
	list_init(&s->peers[2].leg.link);
	hears(s, 0, 6);
	EXPECT(s->peers[0].leg.hears.relays == &s->peers[1].leg);
	listener_names(&s->peers[0].leg.hears, &names);
	EXPECT(names.count == 2);
	run(s, 200);
	add_peer(s, 2, SOUND_PCMA);
	EXPECT(s->peers[0].leg.hears.mixes);
	run(s, 100);
	forget(s);
	run(s, 400);
	EXPECT(tones(s, 0) == 6 && s->peers[0].breaks == 0);
	/* one of another contact is not heard, whoever names it */
	hear_leaves(&s->peers[2].leg, s->now_us);
	list_remove(&s->peers[2].leg.room);
	s->peers[2].leg.contact = (struct id){3 + WORKER_ROOMS, 1}; /* in the same drawer */
	list_push(worker_room(s->w, s->peers[2].leg.contact), &s->peers[2].leg.room);
	hear_arrived(&s->peers[2].leg, s->now_us);
	hears(s, 0, 6);
	EXPECT(s->peers[0].leg.hears.relays == &s->peers[1].leg);
	/* oneself neither */
	hears(s, 0, 7);
	EXPECT(s->peers[0].leg.hears.relays == &s->peers[1].leg);
	clear_stage(s);
}

static void press(struct stage *s, struct peer *p, uint8_t event)
{
	for (int i = 1; i <= 7; i++) {
		char packet[RTP_HEADER + DIGIT_PAYLOAD] = {0};
		uint16_t duration = (uint16_t)(MIN(i, 5) * 160);
		rtp_header((uint8_t *)packet, &(struct rtp){.pt = 101,
							    .marker = i == 1,
							    .seq = p->seq++,
							    .ts = p->ts,
							    .ssrc = p->leg.id.slot});
		packet[RTP_HEADER] = (char)event;
		packet[RTP_HEADER + 1] = i > 4 ? (char)0x80 : 0;
		packet[RTP_HEADER + 2] = (char)(duration >> 8);
		packet[RTP_HEADER + 3] = (char)duration;
		leg_receive(&p->leg, packet, sizeof packet, &p->at, s->now_us);
	}
	p->ts += 800;
}

TEST(hear_keys_go_to_all_who_hear_him_and_into_no_sound)
{
	struct stage *s = set_stage(4);
	for (uint32_t k = 0; k < 3; k++)
		hears(s, k, 7u & ~(1u << k));
	hears(s, 3, 1); /* a relay beside the mixtures */
	run(s, 200);
	forget(s);
	s->peers[0].amplitude = 0;
	press(s, &s->peers[0], 5);
	run(s, 400);
	EXPECT(s->peers[0].events == 0 && s->peers[3].events == 7);
	EXPECT(s->peers[1].events >= 6 && s->peers[2].events == s->peers[1].events);
	EXPECT(tones(s, 1) == 4);
	clear_stage(s);
}

TEST(hear_nothing_of_a_mixture_while_something_plays_and_all_after_it)
{
	static int16_t quiet[SOUND_FRAME * 5];
	struct stage *s = set_stage(3);
	hears(s, 0, 6);
	run(s, 200);
	forget(s);
	struct playlist *l = playlist_create(STR_NONE);
	l->clips[l->count++] = clip_make(quiet, COUNT_OF(quiet));
	l->music = true;
	leg_play(&s->peers[0].leg, l);
	run(s, 400);
	EXPECT(tones(s, 0) == 0 && s->peers[0].packets == 20 && s->peers[0].breaks == 0);
	leg_play_stop(&s->peers[0].leg);
	forget(s);
	run(s, 400);
	EXPECT(tones(s, 0) == 6 && s->peers[0].breaks == 0);
	clear_stage(s);
}

/* Ten who hear the same two talkers: their mixture is made and encoded once. */
TEST(hear_shares_what_many_listeners_hear)
{
	struct stage *s = set_stage(10);
	for (uint32_t k = 0; k < 10; k++) {
		hears(s, k, 1023u & ~(1u << k));
		s->peers[k].amplitude = k < 2 ? 6000 : 0;
	}
	run(s, 300);
	const struct voice *first = &s->peers[0].leg.voice;
	const struct voice *second = &s->peers[1].leg.voice;
	const struct mixdown *m = first < second ? &first->mixdown : &second->mixdown;
	EXPECT(m->tick == s->w->tick && m->coded[0] && m->coded[1]);
	EXPECT(s->peers[2].packets == s->peers[9].packets && tones(s, 5) == 3);
	EXPECT(tones(s, 0) == 2 && tones(s, 1) == 1);
	clear_stage(s);
}

/* A side of a recording is the sum of its legs; none is silence (pause). */
TEST(hear_on_tape_several_legs_a_side)
{
	struct stage *s = set_stage(3);
	struct tape *t = tape_create((struct id){1, 1}, STR("x.wav"));
	static int16_t side[2][400 * 8];
	struct order_ids left = {1, {s->peers[0].leg.id}};
	struct order_ids right = {2, {s->peers[1].leg.id, s->peers[2].leg.id}}, none = {0};
	for (int part = 0; part < 2; part++) {
		listener_set(&t->sides[0].hears, s->w, ROOM, part ? &none : &left, s->now_us);
		listener_set(&t->sides[1].hears, s->w, ROOM, part ? &none : &right, s->now_us);
		run(s, 200);
		for (int i = 0; i < 20; i++) {
			run(s, 20);
			listener_mix(&t->sides[0].hears, s->w->tick, side[0] + i * SOUND_FRAME);
			listener_mix(&t->sides[1].hears, s->w->tick, side[1] + i * SOUND_FRAME);
		}
		if (part) {
			EXPECT(sound_level(side[0], 3200) == 0 && sound_level(side[1], 3200) == 0);
			continue;
		}
		EXPECT(sound_tone_share(side[0], 3200, s->peers[0].hz, SOUND_RATE) > 0.99);
		EXPECT(sound_tone_share(side[1], 3200, s->peers[0].hz, SOUND_RATE) < 0.001);
		EXPECT(fabs(sound_tone_share(side[1], 3200, s->peers[1].hz, SOUND_RATE) - 0.5) <
		       0.02);
		EXPECT(fabs(sound_tone_share(side[1], 3200, s->peers[2].hz, SOUND_RATE) - 0.5) <
		       0.02);
	}
	for (int i = 0; i < 2; i++)
		listener_clear(&t->sides[i].hears, s->now_us);
	tape_destroy(t);
	clear_stage(s);
}

/* Every speaker's voice is kept for exactly those who draw it; nobody holds on to who has gone. */
static void check_laws(const struct stage *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		const struct leg *l = &s->peers[i].leg;
		uint32_t drawn = 0, heard = 0;
		if (list_empty(&l->link))
			continue;
		list_for_each (link, &l->heard_by) {
			const struct ear *e = CONTAINER_OF(link, struct ear, link);
			EXPECT(e->speaker == l && ID_EQ(e->whom, l->id));
			drawn += e->draws;
		}
		EXPECT(l->voice.users == drawn && list_empty(&l->voice.link) == !drawn);
		for (uint32_t k = 0; k < ORDER_IDS_MAX; k++) {
			const struct ear *e = &l->hears.ears[k];
			heard += e->speaker != NULL;
			EXPECT(e->speaker != l && e->draws == (e->speaker && l->hears.mixes));
			EXPECT(!e->speaker || !list_empty(&e->speaker->link));
		}
		EXPECT(!l->hears.relays || heard == 1);
		EXPECT((l->hears.relays || l->hears.mixes) == (heard > 0));
	}
}

TEST(hear_keeps_its_laws_whatever_is_ordered)
{
	for (uint32_t seed = 1; seed <= 5; seed++) {
		struct stage *s = set_stage(6);
		uint32_t dice = seed;
		for (int i = 0; i < 400; i++) {
			dice = dice * 1664525u + 1013904223u;
			uint32_t who = (dice >> 8) % 6, what = (dice >> 16) % 12;
			struct peer *p = &s->peers[who];
			bool there = !list_empty(&p->leg.link);
			if (what == 0 && there) {
				remove_peer(s, p);
			} else if (what < 3 && !there) {
				memset(p, 0, sizeof *p);
				add_peer(s, who, dice >> 20 & 1 ? SOUND_PCMU : SOUND_PCMA);
			} else if (what < 9 && there) {
				hears(s, who, dice >> 20 & 63);
			} else {
				run(s, 20);
				for (uint32_t k = 0; k < 6; k++) /* a long run is not kept */
					s->peers[k].heard_n = 0;
			}
			check_laws(s);
		}
		for (uint32_t k = 0; k < 6; k++)
			EXPECT(list_empty(&s->peers[k].leg.link) || !s->peers[k].leg.out.packets ||
			       s->peers[k].breaks <= s->peers[k].markers);
		clear_stage(s);
	}
}
