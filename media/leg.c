/* leg.c - see leg.h. What comes in, and on to the joined leg. */
#include "media/leg.h"

#include <sys/socket.h>

#include "media/worker.h"

#define NOISE_MOST_US 30000000 /* who says nothing for so long is gone */
#define SEQ_JUMP 3000	       /* RFC 3550 A.1: MAX_DROPOUT */
#define TS_JUMP (10 * 8000)    /* a sender whose clock jumped */
#define BURST 3
#define ALIVE_US 5000000
#define PT_NOISE 13    /* RFC 3551 table 4: comfort noise; never offered, but some send it */
#define BEHIND_MAX 480 /* timestamp units: 60 ms, what jitter buffers of peers bear */
#define LISTEN_ON_US                                                                               \
	5000000	    /* a key may come while the music begins again after an announcement           \
		     */
#define LEAK_MS 150 /* a gateway's tone before its event packets */
#define FLOOD_MAX                                                                                  \
	450 /* packets a second: three times 20 ms packets (50), 60 ms tails and digits            \
	     */

const struct door *leg_door(const struct leg *l, const struct addr *to)
{
	return &l->doors[l->doors[1].family && to->sa.sa_family == l->doors[1].family];
}

void leg_init(struct leg *l, uint64_t seed, int64_t now_us)
{
	list_init(&l->link);
	list_init(&l->active);
	list_init(&l->room);
	list_init(&l->heard_by);
	voice_init(&l->voice);
	listener_init(&l->hears, l);
	l->dtmf_pt = 255;
	l->out.ssrc = (uint32_t)seed;
	l->out.seq =
		(uint16_t)(seed >> 32) & 0x7fff; /* far from a wrap at first (RFC 3711 §3.3.1) */
	l->out.ts = (uint32_t)(seed >> 17);
	l->rtcp_due_us = now_us + 2500000 + (int64_t)(seed >> 40) % 5000000;
}

bool leg_agree(struct leg *l, const struct leg_terms *t, int64_t now_us)
{
	static const struct addr nobody;
	const struct addr *to = addr_port(&t->address) ? &t->address : &nobody;
	if (l->web)
		to = &l->source.sdp;
	bool same_place = l->source.sdp.len == to->len && (!to->len || addr_eq(&l->source.sdp, to));
	if (l->agreed && same_place && l->coder.codec == t->codec && l->coder.state == l->codec &&
	    l->pt == t->pt && l->dtmf_pt == t->dtmf_pt && l->send == t->send &&
	    l->receive == t->receive && l->source.fixed == t->fixed)
		return false;
	if (t->receive && !l->receive) { /* hold is over: its silence does not count */
		l->heard_us = l->heard_us ? now_us : 0;
		l->told_silent_us = 0;
	}
	l->source.fixed = t->fixed;
	source_expect(&l->source, to);
	coder_set(&l->coder, t->codec, l->codec);
	coder_set(&l->coder_in, t->codec, l->codec);
	l->pt = t->pt;
	l->dtmf_pt = t->dtmf_pt;
	l->dtmf_ticks = t->dtmf_ticks;
	l->quiet = false;
	l->send = t->send;
	l->receive = t->receive;
	l->agreed = true;
	hear_agreed(l, now_us);
	l->burst = l->send && to->len ? BURST : 0;
	worker_activate(l->worker, l);
	return true;
}

void leg_path(struct leg *l, const struct addr *path, int64_t now_us)
{
	bool same = l->source.sdp.len == path->len && (!path->len || addr_eq(&l->source.sdp, path));
	if (same)
		return;
	l->source = (struct source){.sdp = *path, .locked = *path, .fixed = true};
	l->quiet = false;
	hear_agreed(l, now_us);
	l->burst = l->send && path->len ? BURST : 0;
	worker_activate(l->worker, l);
}

void leg_secure(struct leg *l, struct leg_keys *k)
{
	struct srtp *seal = l->seal, *open = l->open;
	if (k->new_seal) {
		l->seal = k->seal;
		k->seal = seal;
		if (l->out.packets)
			l->out.ssrc = k->ssrc;
		if (l->seal || !l->web) /* a browser that is away was not plain */
			l->suite = l->seal ? (uint8_t)srtp_suite(l->seal) : SRTP_NONE;
		l->out.speaker = SPEAKER_NONE;
	}
	if (k->new_open) {
		if (k->open && open)
			srtp_follow(k->open, open);
		l->open = k->open;
		k->open = open;
	}
}

/* How much later than its timestamp the next packet goes out, when it follows the last one. */
static int64_t lateness(const struct voice_out *o, int64_t now_us)
{
	if (!o->at_us)
		return 0;
	int64_t late = o->behind + (now_us - o->at_us) * 8 / 1000 - o->span;
	return MAX(late, (int64_t)-BEHIND_MAX);
}

/* A new speaker's first packet. Between a relayed voice and a mixture the sound itself goes on, a
 * little sooner or later than before: so do the timestamps, as long as they stay near the clock. */
static void change_speaker(struct voice_out *o, enum speaker who, struct rtp *head, int64_t now_us)
{
	bool both_heard = (who == SPEAKER_JOINED || who == SPEAKER_MIX) &&
			  (o->speaker == SPEAKER_JOINED || o->speaker == SPEAKER_MIX);
	uint16_t seq = (uint16_t)(o->seq + 1);
	uint32_t ts = o->ts + o->span;
	int64_t late = lateness(o, now_us);
	if (late > (both_heard ? BEHIND_MAX : 0)) {
		ts += (uint32_t)late;
		late = 0;
	}
	o->behind = (int32_t)late;
	o->seq_shift = (uint16_t)(seq - head->seq);
	o->ts_shift = ts - head->ts;
	o->from_ssrc = head->ssrc;
	o->speaker = who;
	head->marker = true;
	head->seq = seq;
	head->ts = ts;
}

/* What the speaker's next packet is in our stream. In: for a joined stream its own numbers. */
void leg_speak(struct leg *l, enum speaker who, struct rtp *head, uint32_t span, int64_t now_us)
{
	struct voice_out *o = &l->out;
	bool same = o->speaker == who && o->at_us;
	uint16_t seq = (uint16_t)(o->seq + 1);
	uint32_t ts = o->ts + o->span;
	if (who == SPEAKER_JOINED && same) {
		seq = (uint16_t)(head->seq + o->seq_shift);
		ts = head->ts + o->ts_shift;
		int16_t step = (int16_t)(seq - o->seq);
		int32_t time = (int32_t)(ts - o->ts);
		same = head->ssrc == o->from_ssrc && step > -SEQ_JUMP && step < SEQ_JUMP &&
		       time > -TS_JUMP && time < TS_JUMP;
	}
	if (same) {
		if (who == SPEAKER_MIX)
			o->behind = (int32_t)MIN(lateness(o, now_us), (int64_t)2 * BEHIND_MAX);
		head->seq = seq;
		head->ts = ts;
	} else {
		change_speaker(o, who, head, now_us);
	}
	head->ssrc = o->ssrc;
	if ((int16_t)(head->seq - o->seq) > 0 || !o->at_us) {
		o->seq = head->seq;
		o->ts = head->ts;
		o->span = span;
		o->at_us = now_us;
	}
}

/* RFC 4733 §2.3.5: the duration is in ticks of the event's clock. */
static void scale_event(uint8_t *payload, size_t n, uint32_t ticks, bool outwards)
{
	if (n < DIGIT_PAYLOAD || ticks <= 1)
		return;
	uint32_t d = (uint32_t)payload[2] << 8 | payload[3];
	d = outwards ? MIN(d * ticks, UINT16_MAX) : d / ticks;
	payload[2] = (uint8_t)(d >> 8);
	payload[3] = (uint8_t)d;
}

/* Our clock to the peer's, and the seal: the last thing before the wire. */
static size_t finish_packet(struct leg *l, const struct rtp *head, const uint8_t *payload, size_t n,
			    uint8_t room[RTP_PACKET_MAX + SRTP_GROWTH])
{
	struct rtp h = *head;
	size_t size = RTP_HEADER + n;
	CHECK(size <= RTP_PACKET_MAX);
	h.ts *= coder_ticks(l->coder.codec);
	rtp_header(room, &h);
	memcpy(room + RTP_HEADER, payload, n);
	if (h.pt == l->dtmf_pt)
		scale_event(room + RTP_HEADER, n, l->dtmf_ticks, true);
	return !l->seal || srtp_seal(l->seal, room, &size) == ERR_OK ? size : 0;
}

void leg_send(struct leg *l, const struct rtp *head, uint8_t *payload, size_t n)
{
	const struct addr *to = source_target(&l->source);
	uint8_t room[RTP_PACKET_MAX + SRTP_GROWTH], *packet = payload - RTP_HEADER;
	size_t size = RTP_HEADER + n;
	if (l->web && !l->seal)
		return;
	if (l->seal || coder_ticks(l->coder.codec) != 1) {
		packet = room;
		size = finish_packet(l, head, payload, n, room);
	} else {
		rtp_header(packet, head);
	}
	if (!size) /* a number that was sealed before: a peer's duplicate */
		return;
	/* a full socket or an unreachable peer loses this packet, as the network would */
	(void)sendto(leg_door(l, to)->rtp, packet, size, MSG_DONTWAIT | MSG_NOSIGNAL,
		     l->web ? NULL : &to->sa, l->web ? 0 : to->len);
	l->out.packets++;
	l->out.octets += (uint32_t)n;
	worker_count(&l->worker->packets_out);
}

static void tell_digit(struct leg *l, const struct digit_told *told)
{
	worker_report(l->worker, &(struct report){
					 .kind = REPORT_digit,
					 .digit = {.leg = l->id,
						   .digit = told->digit,
						   .duration_ms = told->duration_ms},
				 });
}

/* Somebody may listen for keys: nobody talks with him, and he does not only wait with music.
 * Whoever has sent one telephone event is taken to send all keys so, and every browser does. */
static bool listens(struct leg *l, int64_t now_us)
{
	const struct playlist *list = l->player.list;
	if ((l->web && l->dtmf_pt != 255) || listener_hears(&l->hears) || l->digits_in.any)
		return false;
	if (list && (list->music || list->loop))
		return now_us < l->inband.listen_us;
	l->inband.listen_us = now_us + LISTEN_ON_US;
	return true;
}

/* Lost packets shorten a key rather than splitting it in two: what comes is put together. */
static void hear_keys(struct leg *l, const struct rtp *r, const int16_t *pcm, size_t n,
		      int64_t now_us)
{
	struct inband *b = &l->inband;
	size_t used;
	if (b->heard_us && (int16_t)(r->seq - b->seq) <= 0 &&
	    (int16_t)(r->seq - b->seq) > -SEQ_JUMP)
		return; /* late, or a duplicate */
	b->seq = r->seq;
	b->heard_us = now_us;
	for (size_t at = 0; at < n; at += used) {
		char key = dtmf_hear(&b->dtmf, pcm + at, n - at, &used);
		if (!key)
			continue;
		b->key = (uint8_t)key;
		b->key_ms = now_us / 1000;
		tell_digit(l, &(struct digit_told){(uint8_t)key, 0});
	}
}

/* What the packets before this one said, where it says that again. */
static void recover(struct leg *l, const struct rtp *r)
{
	int16_t pcm[CODER_SAMPLES_MAX];
	uint32_t span = coder_span(l->coder_in.codec, r->payload);
	if ((uint16_t)(r->seq - l->seq_heard) != 2 || !l->any_heard || !span ||
	    !coder_recover(&l->coder_in, r->payload, pcm, span))
		return;
	voice_put(&l->voice, r->ssrc, r->ts - span, pcm, span);
}

/* A packet is decoded once, and only when somebody wants its samples. */
static void hear_sound(struct leg *l, const struct rtp *r, int64_t now_us)
{
	int16_t pcm[CODER_SAMPLES_MAX];
	bool keys = listens(l, now_us);
	bool wanted = keys || l->voice.users;
	l->any_heard = l->any_heard && l->ssrc_heard == r->ssrc;
	bool late = l->any_heard && (int16_t)(r->seq - l->seq_heard) <= 0 &&
		    (int16_t)(r->seq - l->seq_heard) > -SEQ_JUMP;
	if (!wanted || (late && !coder_stateless(l->coder_in.codec))) {
		l->any_heard = l->any_heard && wanted;
		return; /* a decoder does not go back */
	}
	recover(l, r);
	l->any_heard = true;
	l->seq_heard = r->seq;
	l->ssrc_heard = r->ssrc;
	size_t n = coder_decode(&l->coder_in, r->payload, pcm);
	if (keys)
		hear_keys(l, r, pcm, n, now_us);
	voice_put(&l->voice, r->ssrc, r->ts, pcm, (uint32_t)n);
}

/* The first event of a peer whose tone of the same key was heard before it. */
static bool told_in_band(const struct leg *l, const struct digit_told *told, int64_t now_ms)
{
	return l->inband.key == told->digit &&
	       l->inband.key_ms >= now_ms - told->duration_ms - DIGIT_QUIET_MS - LEAK_MS;
}

static void tell_event(struct leg *l, const struct digit_told *told, int64_t now_ms)
{
	if (!told_in_band(l, told, now_ms))
		tell_digit(l, told);
	hear_digit(l, told->digit, told->duration_ms);
	l->inband.key = 0;
}

/* An event whose end packets were lost. */
void leg_late_event(struct leg *l, int64_t now_us)
{
	struct digit_told told;
	if (digit_in_late(&l->digits_in, now_us / 1000, &told))
		tell_event(l, &told, now_us / 1000);
}

static void hear_event(struct leg *l, const struct rtp *r, int64_t now_us)
{
	struct digit_told told[2];
	uint32_t count = digit_in_see(&l->digits_in, r, now_us / 1000, told);
	for (uint32_t i = 0; i < count; i++)
		tell_event(l, &told[i], now_us / 1000);
	if (l->digits_in.open) /* so that its end is noticed soon */
		worker_activate(l->worker, l);
}

static void stray(struct leg *l)
{
	l->strays++;
	worker_count(&l->worker->strays);
}

/* True: from our peer, of an agreed kind. */
static bool accept_packet(struct leg *l, const struct rtp *r, const struct addr *from,
			  int64_t now_us)
{
	bool known = l->agreed && (r->pt == l->pt || (l->dtmf_pt != 255 && r->pt == l->dtmf_pt) ||
				   r->pt == PT_NOISE);
	if (!known && !(l->source.locked.len && addr_eq(&l->source.locked, from))) {
		stray(l);
		return false;
	}
	if (!known)
		return false; /* another codec of our peer's */
	switch (source_see(&l->source, from, r->ssrc, r->seq, now_us / 1000)) {
	case SOURCE_OURS:
		return ++l->flood <= FLOOD_MAX;
	case SOURCE_LEARN:
		return false;
	case SOURCE_STRAY:
		break;
	}
	stray(l);
	return false;
}

/* RFC 3389: from now on he is silent, and that is how loud it is around him. */
static void hear_quiet(struct leg *l, const struct rtp *r)
{
	noise_set(&l->noise, (const uint8_t *)r->payload.p, r->payload.n);
	if (!l->quiet)
		l->quiet_ts = r->ts;
	l->quiet = true;
	worker_activate(l->worker, l);
}

void leg_quiet_tick(struct leg *l, int64_t now_us)
{
	int16_t pcm[SOUND_FRAME];
	if (!l->receive || now_us - l->heard_us > NOISE_MOST_US) {
		l->quiet = false;
		return;
	}
	noise_make(&l->noise, pcm, SOUND_FRAME);
	if (l->voice.users)
		voice_put(&l->voice, l->count.ssrc, l->quiet_ts, pcm, SOUND_FRAME);
	l->quiet_ts += SOUND_FRAME;
	hear_noise(l, pcm, now_us);
}

/* Time on our clock. Packets of Opus last whole multiples of 20 of its ticks. */
static uint32_t ours(struct leg *l, uint32_t ts)
{
	int32_t ticks = (int32_t)coder_ticks(l->coder_in.codec);
	if (ticks == 1)
		return ts;
	int32_t step = (int32_t)(ts - l->ts_theirs) / ticks;
	l->ts_theirs += (uint32_t)(step * ticks);
	return l->ts_ours += (uint32_t)step;
}

/* False: it is not the peer's. Nothing is looked at in a packet before its tag is proven. */
static bool prove(struct leg *l, char *packet, size_t *n, int64_t now_us)
{
	if (l->web && !l->open) {
		stray(l);
		return false;
	}
	if (!l->open || srtp_open(l->open, (uint8_t *)packet, n) == ERR_OK) {
		if (l->web)
			atomic_store_explicit(&l->proven_us, now_us, memory_order_relaxed);
		return true;
	}
	l->forged++;
	worker_count(&l->worker->forged);
	return false;
}

/* RFC 5761 §4: on one port with RTP, whose payload types leave this range free. */
static bool is_rtcp(const char *packet, size_t n)
{
	return n > 1 && (packet[1] & 0x7f) >= 64 && (packet[1] & 0x7f) < 96;
}

void leg_receive(struct leg *l, char *packet, size_t n, const struct addr *from, int64_t now_us)
{
	struct rtp r;
	worker_count(&l->worker->packets_in);
	if (l->web && is_rtcp(packet, n)) {
		if (leg_hear_rtcp(l, packet, n, now_us, 0))
			atomic_store_explicit(&l->proven_us, now_us, memory_order_relaxed);
		return;
	}
	if (!prove(l, packet, &n, now_us) || rtp_parse(str_make(packet, n), &r) != ERR_OK ||
	    !accept_packet(l, &r, from, now_us))
		return;
	r.ts = ours(l, r.ts);
	if (r.pt == l->dtmf_pt)
		scale_event((uint8_t *)(uintptr_t)r.payload.p, r.payload.n, l->dtmf_ticks, false);
	rtp_count_see(&l->count, &r, now_us);
	l->heard_us = now_us;
	l->told_silent_us = 0;
	if (!l->receive || !r.payload.n || r.payload.n > CODER_PAYLOAD_MAX)
		return;
	if (r.pt == PT_NOISE && l->pt != PT_NOISE) {
		hear_quiet(l, &r);
		return;
	}
	l->quiet = false;
	if (r.pt == l->dtmf_pt)
		hear_event(l, &r, now_us);
	else
		hear_sound(l, &r, now_us);
	hear_relay(l, &r, now_us);
}

/* Who hears nobody is told now and then that we live: ways through a NAT stay open, and a peer that
 * waits for audio does not give up (RFC 6263). */
static void keep_alive(struct leg *l, int64_t now_us)
{
	if (!l->agreed || !leg_can_send(l) || now_us - l->out.at_us < ALIVE_US || l->burst)
		return;
	l->burst = 1;
	worker_activate(l->worker, l);
}

void leg_second(struct leg *l, int64_t now_us)
{
	keep_alive(l, now_us);
	l->flood = 0;
	leg_late_event(l, now_us);
	int64_t quiet_us = now_us - MAX(l->heard_us, l->told_silent_us);
	int64_t most_us = l->worker->silent_us;
	if (l->receive && l->heard_us && quiet_us >= most_us && !l->web) {
		l->told_silent_us = now_us;
		worker_report(l->worker,
			      &(struct report){
				      .kind = REPORT_silent,
				      .silent = {.leg = l->id,
						 .ms = (uint32_t)((now_us - l->heard_us) / 1000)},
			      });
	}
	leg_rtcp(l, now_us);
}
