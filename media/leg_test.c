/* leg_test.c - legs on invented time, with real sockets but no thread. */
#include "media/leg.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "media/worker.h"
#include "tests/test.h"

#define SECOND 1000000
static const int64_t START_US = 50 * SECOND;

/* What the peer of a leg gets, and where from. */
struct peer {
	int rtp, rtcp;
	struct addr at;
	struct leg leg;
	struct rtp last;
	uint8_t bytes[RTP_PACKET_MAX];
};

struct stage {
	struct worker *w;
	struct peer a, b;
	int64_t now_us;
	uint64_t tick;
};

static int bound(uint16_t port, struct addr *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	EXPECT(addr_parse(STR("127.0.0.1"), port, at) == ERR_OK);
	if (bind(fd, &at->sa, at->len) < 0) {
		close(fd);
		return -1;
	}
	at->len = sizeof at->in6;
	EXPECT(getsockname(fd, &at->sa, &at->len) == 0);
	return fd;
}

static void list_back(struct letter *l, void *reader)
{
	(void)reader;
	playlist_destroy(CONTAINER_OF(l, struct playlist, letter));
}

static void make_peer(struct stage *s, struct peer *p, uint32_t slot)
{
	struct addr nowhere;
	do { /* a pair of neighbours */
		p->rtp = bound(0, &p->at);
		p->rtcp = bound((uint16_t)(addr_port(&p->at) + 1), &nowhere);
		if (p->rtcp < 0)
			close(p->rtp);
	} while (p->rtcp < 0);
	p->leg.doors[0].rtp = bound(0, &nowhere);
	p->leg.doors[0].rtcp = bound(0, &nowhere);
	p->leg.doors[0].family = AF_INET;
	p->leg.id = (struct id){slot, 1};
	p->leg.worker = s->w;
	leg_init(&p->leg, 0x123456789abcdef0u * slot, s->now_us);
	list_push(&s->w->legs, &p->leg.link);
	list_push(worker_room(s->w, p->leg.contact), &p->leg.room);
}

static void set_stage(struct stage *s)
{
	memset(s, 0, sizeof *s);
	s->w = xcalloc(1, sizeof *s->w);
	s->now_us = START_US;
	s->w->answers = mailbox_create();
	s->w->playlist_back = list_back;
	s->w->silent_us = 10 * SECOND;
	worker_init(s->w);
	make_peer(s, &s->a, 1);
	make_peer(s, &s->b, 2);
}

static void clear_stage(struct stage *s)
{
	for (int i = 0; i < 2; i++) {
		struct peer *p = i ? &s->b : &s->a;
		hear_leaves(&p->leg, s->now_us);
		leg_play_stop(&p->leg);
		close(p->rtp);
		close(p->rtcp);
		close(p->leg.doors[0].rtp);
		close(p->leg.doors[0].rtcp);
	}
	mailbox_drain(s->w->answers, NULL);
	mailbox_destroy(s->w->answers);
	free(s->w);
}

static void agree(struct stage *s, struct peer *p, enum sound_codec codec, uint8_t dtmf_pt,
		  bool send)
{
	struct leg_terms t = {.address = p->at,
			      .codec = codec,
			      .pt = (uint8_t)codec,
			      .dtmf_pt = dtmf_pt,
			      .send = send,
			      .receive = true};
	EXPECT(leg_agree(&p->leg, &t, s->now_us));
	EXPECT(!leg_agree(&p->leg, &t, s->now_us)); /* said again: nothing is new */
	p->leg.burst = 0;
}

/* Both hear each other, or nobody. */
static void join(struct stage *s, bool on)
{
	const struct order_ids of_a = {on, {s->a.leg.id}}, of_b = {on, {s->b.leg.id}};
	listener_set(&s->a.leg.hears, s->w, s->a.leg.contact, &of_b, s->now_us);
	listener_set(&s->b.leg.hears, s->w, s->b.leg.contact, &of_a, s->now_us);
}

/* The peer says one packet of value v. */
static void say(struct stage *s, struct peer *p, uint8_t pt, uint16_t seq, uint32_t ts, uint8_t v)
{
	uint8_t packet[RTP_HEADER + SOUND_FRAME];
	size_t n = pt >= 96 ? DIGIT_PAYLOAD : SOUND_FRAME;
	rtp_header(packet, &(struct rtp){.pt = pt, .seq = seq, .ts = ts, .ssrc = p->leg.id.slot});
	memset(packet + RTP_HEADER, v, n);
	leg_receive(&p->leg, (char *)packet, RTP_HEADER + n, &p->at, s->now_us);
}

static bool hears(struct peer *p)
{
	ssize_t n = recv(p->rtp, p->bytes, sizeof p->bytes, 0);
	return n > 0 && rtp_parse(str_make((char *)p->bytes, (size_t)n), &p->last) == ERR_OK;
}

static void tick(struct stage *s, struct peer *p)
{
	s->now_us += 20000;
	leg_tick(&p->leg, ++s->tick, s->now_us);
}

TEST(leg_relays_with_its_own_numbers_law_and_types)
{
	struct stage s;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 101, true);
	agree(&s, &s.b, SOUND_PCMU, 96, true);
	join(&s, true);
	say(&s, &s.a, 8, 65535, 0xffffff60u, ALAW_SILENCE);
	EXPECT(hears(&s.b));
	struct rtp first = s.b.last;
	EXPECT(first.marker && first.pt == 0 && first.ssrc == s.b.leg.out.ssrc);
	EXPECT((uint8_t)first.payload.p[0] == sound_alaw_to_ulaw[ALAW_SILENCE]);
	say(&s, &s.a, 101, 0, 0, 5); /* an event: over the edge of both numbers */
	EXPECT(hears(&s.b) && s.b.last.pt == 96 && s.b.last.payload.p[0] == 5);
	EXPECT(s.b.last.seq == (uint16_t)(first.seq + 1) && s.b.last.ts == first.ts + 160);
	say(&s, &s.a, 8, 3, 480, 1); /* two are lost: the peer may know */
	EXPECT(hears(&s.b) && s.b.last.seq == (uint16_t)(first.seq + 4) && !s.b.last.marker);
	say(&s, &s.a, 8, 2, 320, 1); /* and one comes late */
	EXPECT(hears(&s.b) && s.b.last.seq == (uint16_t)(first.seq + 3));
	EXPECT(s.b.last.ts == first.ts + 480);
	say(&s, &s.a, 13, 4, 640, 1); /* comfort noise is not agreed */
	EXPECT(!hears(&s.b) && s.a.leg.strays == 0);
	join(&s, false);
	say(&s, &s.a, 8, 5, 800, 1);
	EXPECT(!hears(&s.b) && !hears(&s.a));
	clear_stage(&s);
}

TEST(leg_stream_goes_on_when_the_speaker_changes)
{
	static int16_t pcm[SOUND_FRAME * 4];
	struct stage s;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 101, true);
	agree(&s, &s.b, SOUND_PCMA, 101, true);
	join(&s, true);
	say(&s, &s.a, 8, 100, 5000, 1);
	EXPECT(hears(&s.b));
	struct rtp was = s.b.last;
	struct playlist *l = playlist_create(STR_NONE);
	l->clips[l->count++] = clip_make(pcm, COUNT_OF(pcm));
	l->whole = true;
	l->play = 3;
	leg_play(&s.b.leg, l);
	s.now_us += 480000; /* half a second after the last packet, the prompt begins */
	tick(&s, &s.b);
	EXPECT(hears(&s.b) && s.b.last.marker && s.b.last.seq == (uint16_t)(was.seq + 1));
	EXPECT(s.b.last.ts == was.ts + 4000 && s.b.last.ssrc == was.ssrc);
	say(&s, &s.a, 8, 101, 5160, 1); /* nothing is heard from the joined leg meanwhile */
	EXPECT(!hears(&s.b));
	for (int i = 0; i < 3; i++) {
		tick(&s, &s.b);
		EXPECT(hears(&s.b) && !s.b.last.marker);
	}
	EXPECT(s.b.last.ts == was.ts + 4000 + 480);
	tick(&s, &s.b);
	struct report r;
	EXPECT(!hears(&s.b) && worker_take_report(s.w, &r));
	EXPECT(r.kind == REPORT_play_done && r.play_done.play == 3 && r.play_done.ok);
	/* a digit: one timestamp for all, then sound goes on behind it */
	was = s.b.last;
	EXPECT(digit_out_add(&s.b.leg.digits_out, '7', 60) == ERR_OK);
	for (int i = 0; i < 5; i++) {
		tick(&s, &s.b);
		EXPECT(hears(&s.b) && s.b.last.pt == 101 && s.b.last.marker == (i == 0));
		EXPECT(s.b.last.ts == was.ts + 320); /* two ticks after the last frame */
		EXPECT(s.b.last.seq == (uint16_t)(was.seq + 1 + i));
		say(&s, &s.a, 8, (uint16_t)(102 + i), 5320, 1);
		EXPECT(!hears(&s.b));
	}
	for (int i = 0; i < 3; i++)
		tick(&s, &s.b);
	say(&s, &s.a, 8, 107, 9000, 1);
	EXPECT(hears(&s.b) && s.b.last.marker && s.b.last.seq == (uint16_t)(was.seq + 6));
	EXPECT(s.b.last.ts == was.ts + 320 + 7 * 160);
	clear_stage(&s);
}

TEST(leg_plays_nothing_before_the_answer_and_waits)
{
	static int16_t pcm[SOUND_FRAME * 2];
	struct stage s;
	set_stage(&s);
	struct playlist *l = playlist_create(STR_NONE);
	l->clips[l->count++] = clip_make(pcm, COUNT_OF(pcm));
	leg_play(&s.a.leg, l);
	for (int i = 0; i < 10; i++)
		tick(&s, &s.a);
	EXPECT(!hears(&s.a) && s.a.leg.player.list);
	agree(&s, &s.a, SOUND_PCMU, 255, true);
	tick(&s, &s.a);
	EXPECT(hears(&s.a));
	agree(&s, &s.a, SOUND_PCMU, 255, false); /* hold: time passes unheard */
	tick(&s, &s.a);
	tick(&s, &s.a);
	EXPECT(!hears(&s.a) && !s.a.leg.player.list);
	clear_stage(&s);
}

TEST(leg_opens_the_way_with_three_packets_of_silence)
{
	struct stage s;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	s.a.leg.burst = 3; /* taken away by agree() */
	for (int i = 0; i < 3; i++) {
		EXPECT(leg_wants_ticks(&s.a.leg));
		tick(&s, &s.a);
		EXPECT(hears(&s.a) && (uint8_t)s.a.last.payload.p[80] == ALAW_SILENCE);
	}
	EXPECT(!leg_wants_ticks(&s.a.leg));
	tick(&s, &s.a);
	EXPECT(!hears(&s.a));
	clear_stage(&s);
}

TEST(leg_that_hears_nobody_gets_a_sign_of_life_every_five_seconds)
{
	struct stage s;
	uint32_t packets = 0;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	for (int i = 0; i < 60 * 50; i++) {
		if (i % 50 == 0)
			leg_second(&s.a.leg, s.now_us);
		tick(&s, &s.a);
		uint16_t seq = s.a.last.seq;
		if (!hears(&s.a))
			continue;
		EXPECT(!packets++ || s.a.last.seq == (uint16_t)(seq + 1));
		EXPECT((uint8_t)s.a.last.payload.p[80] == ALAW_SILENCE);
	}
	EXPECT(packets >= 10 && packets <= 13);
	struct leg_terms held = {.address = s.a.at, .codec = SOUND_PCMA, .pt = 8, .dtmf_pt = 255};
	EXPECT(leg_agree(&s.a.leg, &held, s.now_us)); /* it wants to hear nothing */
	leg_second(&s.a.leg, s.now_us + 9 * SECOND);
	tick(&s, &s.a);
	EXPECT(!hears(&s.a));
	clear_stage(&s);
}

TEST(leg_flooded_relays_no_more_than_a_peer_may_say)
{
	struct stage s;
	uint32_t heard = 0;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	agree(&s, &s.b, SOUND_PCMA, 255, true);
	join(&s, true);
	for (uint32_t i = 0; i < 2000; i++) {
		say(&s, &s.a, 8, (uint16_t)i, i * 160, 1);
		heard += hears(&s.b);
	}
	EXPECT(heard >= 150 && heard <= 450);
	leg_second(&s.a.leg, s.now_us + SECOND);
	say(&s, &s.a, 8, 2001, 2001 * 160, 1);
	EXPECT(hears(&s.b));
	clear_stage(&s);
}

TEST(leg_silence_is_told_once_and_not_in_hold)
{
	struct stage s;
	struct report r;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	leg_second(&s.a.leg, s.now_us + 100 * SECOND);
	EXPECT(!worker_take_report(s.w, &r)); /* it never spoke: no answer yet, perhaps */
	say(&s, &s.a, 8, 1, 160, 1);
	leg_second(&s.a.leg, s.now_us + 9 * SECOND);
	EXPECT(!worker_take_report(s.w, &r));
	for (int i = 10; i < 20; i++)
		leg_second(&s.a.leg, s.now_us + i * SECOND);
	EXPECT(worker_take_report(s.w, &r) && r.kind == REPORT_silent && r.silent.ms == 10000);
	EXPECT(!worker_take_report(s.w, &r));
	s.now_us += 20 * SECOND;
	say(&s, &s.a, 8, 2, 320, 1);
	struct leg_terms hold = {.address = s.a.at, .codec = SOUND_PCMA, .pt = 8, .dtmf_pt = 255};
	EXPECT(leg_agree(&s.a.leg, &hold, s.now_us));
	s.now_us += 60 * SECOND;
	leg_second(&s.a.leg, s.now_us);
	hold.receive = true;
	EXPECT(leg_agree(&s.a.leg, &hold, s.now_us));
	leg_second(&s.a.leg, s.now_us + 9 * SECOND);
	EXPECT(!worker_take_report(s.w, &r));
	leg_second(&s.a.leg, s.now_us + 10 * SECOND);
	EXPECT(worker_take_report(s.w, &r) && r.kind == REPORT_silent);
	clear_stage(&s);
}

TEST(leg_silence_is_told_after_what_the_leg_was_told)
{
	struct stage s;
	struct report r;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	s.w->silent_us = 3 * SECOND;
	say(&s, &s.a, 77, 1, 160, 1); /* no valid packet: it arms nothing */
	leg_second(&s.a.leg, s.now_us + 5 * SECOND);
	EXPECT(!worker_take_report(s.w, &r));
	say(&s, &s.a, 8, 1, 160, 1);
	leg_second(&s.a.leg, s.now_us + 2 * SECOND);
	EXPECT(!worker_take_report(s.w, &r));
	leg_second(&s.a.leg, s.now_us + 3 * SECOND);
	EXPECT(worker_take_report(s.w, &r) && r.kind == REPORT_silent && r.silent.ms == 3000);
	clear_stage(&s);
}

TEST(leg_tells_and_hears_by_rtcp)
{
	struct stage s;
	uint8_t packet[RTCP_MAX];
	struct rtcp_in in;
	struct addr to;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	for (uint16_t i = 0; i < 100; i++)
		if (i % 10)
			say(&s, &s.a, 8, i, i * 160, 1);
	/* the peer's report about us: 7 lost, 80 timestamp units (10 ms) of jitter */
	struct rtp_count theirs = {.started = true,
				   .ssrc = s.a.leg.out.ssrc,
				   .seq_max = 99,
				   .received_run = 93,
				   .jitter_16 = 80 * 16};
	size_t n = rtcp_write(packet, &(struct rtcp_out){.ssrc = 1}, &theirs);
	to.len = sizeof to.in6;
	EXPECT(getsockname(s.a.leg.doors[0].rtcp, &to.sa, &to.len) == 0);
	EXPECT(sendto(s.a.rtcp, packet, n, 0, &to.sa, to.len) == (ssize_t)n);
	leg_second(&s.a.leg, s.now_us + 8 * SECOND);
	EXPECT(s.a.leg.peer_lost == 7 && s.a.leg.peer_jitter_us == 10000);
	ssize_t got = recv(s.a.rtcp, packet, sizeof packet, 0);
	EXPECT(got > 0 &&
	       rtcp_parse(str_make((char *)packet, (size_t)MAX(got, 0)), 1, &in) == ERR_OK);
	EXPECT(!in.has_sr && in.has_block && in.lost == 9); /* the first is before the count */
	leg_second(&s.a.leg, s.now_us + 9 * SECOND);
	EXPECT(recv(s.a.rtcp, packet, sizeof packet, 0) < 0); /* every five seconds */
	clear_stage(&s);
}

TEST(leg_knows_the_round_trip_and_tells_when_a_report_came)
{
	struct stage s;
	uint8_t packet[RTCP_MAX];
	struct rtcp_in in;
	struct addr to;
	struct leg_tally t;
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	for (uint16_t i = 0; i < 50; i++)
		say(&s, &s.a, 8, i, i * 160, 1);
	EXPECT(leg_figures(&s.b.leg, &t) == 0);
	EXPECT(leg_figures(&s.a.leg, &t) > 430 && t.received == 50 && t.expected == 50);
	EXPECT(leg_figures(&s.a.leg, &t) == 0 && !t.received && !t.expected); /* they begin anew */
	s.a.leg.told = (struct leg_tally){0};
	s.a.leg.out.packets = 100; /* so that it is a sender */
	leg_second(&s.a.leg, s.now_us + 8 * SECOND);
	ssize_t got = recv(s.a.rtcp, packet, sizeof packet, 0);
	EXPECT(got > 0 &&
	       rtcp_parse(str_make((char *)packet, (size_t)MAX(got, 0)), 1, &in) == ERR_OK);
	EXPECT(in.has_sr);
	/* the peer answers at once that half of ours was lost, with a sender report of its own */
	struct rtp_count theirs = {
		.started = true, .ssrc = s.a.leg.out.ssrc, .seq_max = 99, .received_run = 50};
	struct rtcp_out o = {.ssrc = 1,
			     .sent = true,
			     .ntp = 0x1234567890abcdefull,
			     .peer_sr_middle = in.sr_middle,
			     .peer_sr_age = 0};
	size_t n = rtcp_write(packet, &o, &theirs);
	to.len = sizeof to.in6;
	EXPECT(getsockname(s.a.leg.doors[0].rtcp, &to.sa, &to.len) == 0);
	EXPECT(sendto(s.a.rtcp, packet, n, 0, &to.sa, to.len) == (ssize_t)n);
	leg_read_rtcp(&s.a.leg, s.now_us + 9 * SECOND);
	EXPECT(s.a.leg.rtt_us > 0 && s.a.leg.rtt_us < 2 * SECOND);
	EXPECT(leg_figures(&s.a.leg, &t) < 200 && t.peer_lost == 50); /* the worse way counts */
	leg_second(&s.a.leg, s.now_us + 14 * SECOND);
	got = recv(s.a.rtcp, packet, sizeof packet, 0);
	EXPECT(got > 0 && rtcp_parse(str_make((char *)packet, (size_t)MAX(got, 0)),
				     s.a.leg.count.ssrc, &in) == ERR_OK);
	EXPECT(in.has_block && in.last_sr == 0x567890ab);
	EXPECT(in.since_last_sr > 4 * 65536 && in.since_last_sr < 6 * 65536);
	clear_stage(&s);
}

/* Keys in the sound, 20 ms a packet; ms of one key, then silence of 60 ms. */
struct keypad {
	uint16_t seq;
	uint32_t ts;
};

static void say_pcm(struct stage *s, struct peer *p, struct keypad *k, const int16_t *pcm)
{
	uint8_t packet[RTP_HEADER + SOUND_FRAME];
	rtp_header(packet, &(struct rtp){.pt = 8, .seq = k->seq, .ts = k->ts, .ssrc = 9});
	sound_encode(SOUND_PCMA, pcm, packet + RTP_HEADER, SOUND_FRAME);
	leg_receive(&p->leg, (char *)packet, sizeof packet, &p->at, s->now_us);
	k->seq++;
	k->ts += SOUND_FRAME;
	s->now_us += 20000;
}

static void press_in_band(struct stage *s, struct peer *p, struct keypad *k, char key, int frames)
{
	static const char keys[] = "123A456B789C*0#D";
	static const double rows[4] = {697, 770, 852, 941}, columns[4] = {1209, 1336, 1477, 1633};
	size_t at = (size_t)(strchr(keys, key) - keys);
	double phase[2] = {0};
	for (int i = 0; i < frames + 3; i++) {
		int16_t pcm[SOUND_FRAME] = {0};
		if (i < frames) {
			sound_tone(pcm, SOUND_FRAME, rows[at / 4], 8000, 5000, &phase[0]);
			sound_tone(pcm, SOUND_FRAME, columns[at % 4], 8000, 5000, &phase[1]);
		}
		say_pcm(s, p, k, pcm);
	}
}

/* The digits told since the last time. */
static struct str told_digits(struct stage *s, char out[32])
{
	struct report r;
	struct buf b = buf_make(out, 32);
	while (worker_take_report(s->w, &r))
		if (r.kind == REPORT_digit)
			buf_ch(&b, (char)r.digit.digit);
	return buf_str(&b);
}

TEST(leg_hears_keys_in_the_sound_while_nobody_talks)
{
	struct stage s;
	struct keypad k = {100, 5000};
	char digits[32];
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	agree(&s, &s.b, SOUND_PCMA, 255, true);
	for (const char *key = "1#D0"; *key; key++)
		press_in_band(&s, &s.a, &k, *key, 5);
	EXPECT_STR(told_digits(&s, digits), "1#D0");
	/* packets that come twice, and one that is lost in the middle of a key */
	uint16_t seq = k.seq;
	press_in_band(&s, &s.a, &k, '4', 6);
	k.seq = seq;
	press_in_band(&s, &s.a, &k, '4', 6);
	EXPECT_STR(told_digits(&s, digits), "4");
	double phase[2] = {0};
	for (int i = 0; i < 8; i++) {
		int16_t pcm[SOUND_FRAME] = {0};
		sound_tone(pcm, SOUND_FRAME, 697, 8000, 5000, &phase[0]);
		sound_tone(pcm, SOUND_FRAME, 1477, 8000, 5000, &phase[1]);
		k.seq += i == 4;
		say_pcm(&s, &s.a, &k, pcm);
	}
	EXPECT_STR(told_digits(&s, digits), "3");
	join(&s, true); /* two people talk: it is theirs */
	press_in_band(&s, &s.a, &k, '5', 5);
	EXPECT_STR(told_digits(&s, digits), "");
	clear_stage(&s);
}

TEST(leg_hears_no_keys_under_music_but_just_after_an_announcement)
{
	static int16_t pcm[SOUND_FRAME];
	struct stage s;
	struct keypad k = {100, 5000};
	char digits[32];
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 255, true);
	struct playlist *music = playlist_create(STR_NONE);
	music->clips[music->count++] = clip_make(pcm, SOUND_FRAME);
	music->music = true;
	leg_play(&s.a.leg, music);
	press_in_band(&s, &s.a, &k, '1', 5);
	EXPECT_STR(told_digits(&s, digits), "");
	s.a.leg.inband.listen_us = s.now_us + SECOND; /* an announcement was a moment ago */
	press_in_band(&s, &s.a, &k, '2', 5);
	EXPECT_STR(told_digits(&s, digits), "2");
	s.now_us += SECOND;
	press_in_band(&s, &s.a, &k, '3', 5);
	EXPECT_STR(told_digits(&s, digits), "");
	clear_stage(&s);
}

/* A gateway lets the beginning of the tone through before it sends events of the same key. */
TEST(leg_tells_a_key_once_that_comes_as_sound_and_as_event)
{
	struct stage s;
	struct keypad k = {100, 5000};
	char digits[32];
	set_stage(&s);
	agree(&s, &s.a, SOUND_PCMA, 101, true);
	for (int round = 0; round < 2; round++) {
		press_in_band(&s, &s.a, &k, '7', 3);
		uint8_t packet[RTP_HEADER + DIGIT_PAYLOAD];
		for (uint32_t i = 1; i <= 8; i++) {
			rtp_header(packet,
				   &(struct rtp){.pt = 101, .seq = k.seq++, .ts = k.ts, .ssrc = 9});
			packet[RTP_HEADER] = 7;
			packet[RTP_HEADER + 1] = i > 5 ? 0x80 : 0;
			packet[RTP_HEADER + 2] = (uint8_t)(MIN(i, 6u) * 160 >> 8);
			packet[RTP_HEADER + 3] = (uint8_t)(MIN(i, 6u) * 160);
			leg_receive(&s.a.leg, (char *)packet, sizeof packet, &s.a.at, s.now_us);
			s.now_us += 20000;
		}
		k.ts += 1600;
		EXPECT_STR(told_digits(&s, digits), "7");
	}
	press_in_band(&s, &s.a, &k, '8', 5); /* it sends its keys as events, we know now */
	EXPECT_STR(told_digits(&s, digits), "");
	clear_stage(&s);
}
