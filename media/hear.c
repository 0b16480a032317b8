/* hear.c - see hear.h. */
#include "media/hear.h"

#include "media/worker.h"

#define PATIENCE 5	     /* ticks: the deepest jitter buffer is not much more */
#define KNOWN_PACKETS 50     /* a second's: then its jitter says something */
#define ITS_JITTERS 4	     /* so many times the mean deviation is seldom passed */
#define AHEAD_MAX JITTER_MAX /* samples */

/* -- ears -- */

void listener_init(struct listener *l, struct leg *leg)
{
	*l = (struct listener){.leg = leg};
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++) {
		list_init(&l->ears[i].link);
		l->ears[i].of = l;
	}
}

static uint32_t delay_of(const struct leg *speaker)
{
	uint32_t jitter = speaker->count.jitter_16 / 16 * ITS_JITTERS;
	if (speaker->count.received_run < KNOWN_PACKETS)
		return JITTER_FIRST;
	return MIN(MAX(jitter, (uint32_t)JITTER_MIN), (uint32_t)JITTER_FIRST);
}

static void draw(struct ear *e, bool on)
{
	if (e->draws == on || !e->speaker)
		return;
	e->draws = on;
	if (on)
		voice_hold(&e->speaker->voice, &e->speaker->worker->voices, delay_of(e->speaker));
	else
		voice_release(&e->speaker->voice);
}

static void unplug(struct ear *e)
{
	draw(e, false);
	list_remove(&e->link);
	if (e->of->after == e->speaker)
		e->of->after = NULL;
	e->speaker = NULL;
}

static void plug(struct ear *e, struct leg *speaker)
{
	e->speaker = speaker;
	list_push(&speaker->heard_by, &e->link);
}

static struct ear *ear_of(struct listener *l, struct id whom)
{
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++)
		if (ID_EQ(l->ears[i].whom, whom))
			return &l->ears[i];
	return NULL;
}

static struct leg *only_speaker(const struct listener *l)
{
	struct leg *found = NULL;
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++) {
		if (!l->ears[i].speaker)
			continue;
		if (found)
			return NULL;
		found = l->ears[i].speaker;
	}
	return found;
}

bool listener_hears(const struct listener *l)
{
	return l->relays || l->mixes;
}

void listener_names(const struct listener *l, struct order_ids *out)
{
	*out = (struct order_ids){0};
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++)
		if (l->ears[i].whom.slot)
			out->ids[out->count++] = l->ears[i].whom;
}

/* -- from relay to mixture and back -- */

static bool can_hear(const struct leg *l)
{
	return leg_can_send(l) && !l->player.list && !digit_out_busy(&l->digits_out);
}

static bool hears_still(const struct listener *l, const struct leg *speaker)
{
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++)
		if (l->ears[i].speaker == speaker)
			return true;
	return false;
}

/* The mixture comes as much later as the jitter buffer is deep: it begins with what has not been
 * relayed yet. */
static void begin_mixture(struct listener *l, struct leg *relayed)
{
	const struct voice_out *o = &l->leg->out;
	l->after = NULL;
	l->limiter = (struct limiter){0};
	if (!relayed || !hears_still(l, relayed) || o->speaker != SPEAKER_JOINED ||
	    o->from_ssrc != relayed->count.ssrc)
		return;
	l->after = relayed;
	l->after_ts = o->ts + o->span - o->ts_shift;
	l->patience = PATIENCE;
}

/* What the jitter buffer still holds is said at once, then his packets follow. */
static void begin_relay(struct leg *l, const struct leg *speaker, int64_t now_us)
{
	int16_t pcm[AHEAD_MAX];
	uint8_t packet[RTP_HEADER + CODER_PAYLOAD_MAX];
	uint32_t n = voice_ahead(&speaker->voice, pcm, AHEAD_MAX);
	if (l->out.speaker != SPEAKER_MIX || !can_hear(l) || !speaker->receive)
		return;
	for (uint32_t at = 0; at < n;) {
		uint32_t left = n - at;
		uint32_t part = left >= 2 * SOUND_FRAME ? SOUND_FRAME : left; /* no tiny rest */
		struct rtp head = {.pt = l->pt};
		if (part > SOUND_FRAME && !coder_stateless(l->coder.codec))
			part = SOUND_FRAME;
		size_t bytes = coder_encode(&l->coder, pcm + at, part, packet + RTP_HEADER);
		leg_speak(l, SPEAKER_MIX, &head, part, now_us);
		leg_send(l, &head, packet + RTP_HEADER, bytes);
		at += part;
	}
}

/* After the ears or a codec changed: how it hears now. */
static void settle(struct listener *l, int64_t now_us)
{
	struct leg *one = only_speaker(l), *was = l->relays;
	bool same = l->leg && one && coder_relays(one->coder.codec, l->leg->coder.codec);
	bool several = false, drew = false;
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++) {
		several |= l->ears[i].speaker != NULL;
		drew |= l->ears[i].speaker == one && l->ears[i].draws;
	}
	l->relays = same ? one : NULL;
	if (l->leg && l->mixes && same && drew)
		begin_relay(l->leg, one, now_us);
	if (l->leg && !l->mixes && several && !same) {
		begin_mixture(l, was);
		worker_activate(l->leg->worker, l->leg);
	}
	l->mixes = several && !same;
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++)
		draw(&l->ears[i], l->mixes);
}

void listener_set(struct listener *l, struct worker *w, struct id contact,
		  const struct order_ids *whom, int64_t now_us)
{
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++) {
		struct ear *e = &l->ears[i];
		if (!e->whom.slot || order_ids_have(whom, e->whom))
			continue;
		unplug(e);
		e->whom = (struct id){0};
	}
	for (uint32_t i = 0; i < whom->count; i++) {
		if (ear_of(l, whom->ids[i]))
			continue;
		struct ear *e = ear_of(l, (struct id){0});
		struct leg *speaker = worker_leg(w, contact, whom->ids[i]);
		e->whom = whom->ids[i];
		if (speaker && speaker != l->leg)
			plug(e, speaker);
	}
	settle(l, now_us);
}

void listener_clear(struct listener *l, int64_t now_us)
{
	static const struct order_ids nobody;
	listener_set(l, NULL, (struct id){0}, &nobody, now_us);
}

static void arrived(struct listener *l, struct leg *speaker, int64_t now_us)
{
	struct ear *e = ear_of(l, speaker->id);
	if (!e || e->speaker || l->leg == speaker)
		return;
	plug(e, speaker);
	settle(l, now_us);
}

void hear_arrived(struct leg *l, int64_t now_us)
{
	list_for_each (link, worker_room(l->worker, l->contact)) {
		struct leg *other = CONTAINER_OF(link, struct leg, room);
		if (ID_EQ(other->contact, l->contact))
			arrived(&other->hears, l, now_us);
	}
	list_for_each (link, &l->worker->tapes) {
		struct tape *t = CONTAINER_OF(link, struct tape, link);
		for (int i = 0; i < 2 && ID_EQ(t->contact, l->contact); i++)
			arrived(&t->sides[i].hears, l, now_us);
	}
}

void hear_leaves(struct leg *l, int64_t now_us)
{
	listener_clear(&l->hears, now_us);
	list_for_each (link, &l->heard_by) {
		struct ear *e = CONTAINER_OF(link, struct ear, link);
		unplug(e);
		settle(e->of, now_us);
	}
}

/* What is left out on purpose must not look like loss: the next packet begins a talkspurt. */
static void pause_relay(struct leg *to)
{
	if (to->out.speaker == SPEAKER_JOINED)
		to->out.speaker = SPEAKER_NONE;
}

void hear_agreed(struct leg *l, int64_t now_us)
{
	settle(&l->hears, now_us);
	list_for_each (link, &l->heard_by) {
		struct listener *of = CONTAINER_OF(link, struct ear, link)->of;
		if (of->relays == l && !l->receive)
			pause_relay(of->leg);
		settle(of, now_us);
	}
}

/* -- packets as they come -- */

static void relay(struct leg *l, struct leg *to, const struct rtp *r, int64_t now_us)
{
	uint8_t room[RTP_HEADER + CODER_PAYLOAD_MAX];
	bool event = r->pt == l->dtmf_pt;
	if (!can_hear(to) || (event && to->dtmf_pt == 255)) {
		pause_relay(to);
		return;
	}
	struct rtp head = *r;
	uint8_t *payload = (uint8_t *)(uintptr_t)r->payload.p; /* in the thread's own buffer */
	head.pt = event ? to->dtmf_pt : to->pt;
	if (!event && l->coder.codec != to->coder.codec) {
		payload = memcpy(room + RTP_HEADER, payload, r->payload.n);
		coder_translate(l->coder.codec, to->coder.codec, payload, r->payload.n);
	}
	to->burst = 0;
	leg_speak(to, SPEAKER_JOINED, &head,
		  event ? SOUND_FRAME : coder_span(l->coder.codec, r->payload), now_us);
	leg_send(to, &head, payload, r->payload.n);
}

void hear_relay(struct leg *l, const struct rtp *r, int64_t now_us)
{
	list_for_each (link, &l->heard_by) {
		const struct listener *of = CONTAINER_OF(link, struct ear, link)->of;
		if (of->relays == l)
			relay(l, of->leg, r, now_us);
	}
}

void hear_noise(struct leg *l, const int16_t pcm[SOUND_FRAME], int64_t now_us)
{
	list_for_each (link, &l->heard_by) {
		const struct listener *of = CONTAINER_OF(link, struct ear, link)->of;
		uint8_t packet[RTP_HEADER + CODER_PAYLOAD_MAX];
		if (of->relays != l || !can_hear(of->leg))
			continue;
		struct rtp head = {.pt = of->leg->pt};
		size_t n = coder_encode(&of->leg->coder, pcm, SOUND_FRAME, packet + RTP_HEADER);
		leg_speak(of->leg, SPEAKER_MIX, &head, SOUND_FRAME, now_us);
		leg_send(of->leg, &head, packet + RTP_HEADER, n);
	}
}

void hear_digit(struct leg *l, uint8_t digit, uint16_t duration_ms)
{
	list_for_each (link, &l->heard_by) {
		const struct listener *of = CONTAINER_OF(link, struct ear, link)->of;
		if (!of->leg || !of->mixes || of->leg->dtmf_pt == 255)
			continue;
		if (digit_out_add(&of->leg->digits_out, digit, duration_ms) != ERR_OK)
			return; /* more keys than a telephone can send */
	}
}

/* -- mixtures -- */

/* Who says something in this tick. */
static uint32_t talkers(const struct listener *l, struct voice **out)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++) {
		const struct ear *e = &l->ears[i];
		if (e->speaker && e->draws && !e->speaker->voice.silent)
			out[n++] = &e->speaker->voice;
	}
	return n;
}

void listener_mix(struct listener *l, uint64_t tick, int16_t *out)
{
	static const struct mix silence;
	struct voice *who[ORDER_IDS_MAX];
	uint32_t n = talkers(l, who);
	if (!n && !l->limiter.down)
		memset(out, 0, SOUND_FRAME * sizeof *out);
	else if (n == 1 && limiter_idle(&l->limiter, 0))
		memcpy(out, who[0]->frame, SOUND_FRAME * sizeof *out);
	else
		limit(&l->limiter, n ? &voice_mixdown(who, n, tick)->mix : &silence, out);
}

/* True: this frame may be said, but for its first `skip` samples. */
static bool goes_on(struct listener *l, uint32_t *skip)
{
	const struct voice *v = l->after ? &l->after->voice : NULL;
	*skip = 0;
	if (!v)
		return true;
	int32_t early = (int32_t)(l->after_ts - v->at);
	bool there = v->jitter.started && early < SOUND_FRAME;
	if (!there && l->patience--)
		return false;
	if (there && early > 0)
		*skip = (uint32_t)early;
	l->after = NULL;
	return true;
}

/* The bytes all may share who hear the same ones and need no limiter; NULL: make your own. */
static const uint8_t *shared_bytes(struct leg *l, uint64_t tick)
{
	struct voice *who[ORDER_IDS_MAX];
	uint32_t n = talkers(&l->hears, who);
	if (!n || !coder_stateless(l->coder.codec))
		return NULL;
	struct mixdown *m = voice_mixdown(who, n, tick);
	return limiter_idle(&l->hears.limiter, m->peak) ? mixdown_bytes(m, l->coder.codec) : NULL;
}

void hear_tick(struct leg *l, uint64_t tick, int64_t now_us)
{
	uint8_t packet[RTP_HEADER + CODER_PAYLOAD_MAX];
	int16_t pcm[SOUND_FRAME];
	uint32_t skip;
	struct rtp head = {.pt = l->pt};
	if (!leg_can_send(l)) {
		l->out.speaker = SPEAKER_NONE;
		return;
	}
	if (!goes_on(&l->hears, &skip))
		return;
	uint32_t span = SOUND_FRAME - skip;
	const uint8_t *shared = skip ? NULL : shared_bytes(l, tick);
	size_t n = SOUND_FRAME;
	if (shared) {
		memcpy(packet + RTP_HEADER, shared, n);
	} else {
		listener_mix(&l->hears, tick, pcm);
		n = coder_encode(&l->coder, pcm + skip, span, packet + RTP_HEADER);
	}
	l->burst = 0;
	leg_speak(l, SPEAKER_MIX, &head, span, now_us);
	leg_send(l, &head, packet + RTP_HEADER, n);
}
