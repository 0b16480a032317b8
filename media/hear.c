/* hear.c - see hear.h. */
#include "media/hear.h"

#include "media/worker.h"

void listener_init(struct listener *l, struct leg *leg)
{
	*l = (struct listener){.leg = leg};
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++) {
		list_init(&l->ears[i].link);
		l->ears[i].of = l;
	}
}

static void unplug(struct ear *e)
{
	list_remove(&e->link);
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

void listener_set(struct listener *l, struct worker *w, struct id contact,
		  const struct order_ids *whom)
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
}

void listener_clear(struct listener *l)
{
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++) {
		unplug(&l->ears[i]);
		l->ears[i].whom = (struct id){0};
	}
}

void listener_names(const struct listener *l, struct order_ids *out)
{
	*out = (struct order_ids){0};
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++)
		if (l->ears[i].whom.slot)
			out->ids[out->count++] = l->ears[i].whom;
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
	for (uint32_t i = 0; i < ORDER_IDS_MAX; i++)
		if (l->ears[i].speaker)
			return true;
	return false;
}

void hear_arrived(struct leg *l)
{
	list_for_each (link, worker_room(l->worker, l->contact)) {
		struct leg *other = CONTAINER_OF(link, struct leg, room);
		struct ear *e = ear_of(&other->hears, l->id);
		if (other != l && e && !e->speaker && ID_EQ(other->contact, l->contact))
			plug(e, l);
	}
}

void hear_leaves(struct leg *l)
{
	listener_clear(&l->hears);
	list_for_each (link, &l->heard_by)
		unplug(CONTAINER_OF(link, struct ear, link));
}

/* What is left out on purpose must not look like loss: the next packet begins a talkspurt. */
static void pause_relay(struct leg *to)
{
	if (to->out.speaker == SPEAKER_JOINED)
		to->out.speaker = SPEAKER_NONE;
}

void hear_agreed(struct leg *l)
{
	list_for_each (link, &l->heard_by) {
		struct leg *to = CONTAINER_OF(link, struct ear, link)->of->leg;
		if (to && !l->receive)
			pause_relay(to);
	}
}

static bool can_hear(const struct leg *l)
{
	return l->send && source_target(&l->source)->len && !l->player.list &&
	       !digit_out_busy(&l->digits_out);
}

/* Undecoded where both speak the same law. */
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
	leg_speak(to, SPEAKER_JOINED, &head, now_us);
	leg_send(to, &head, payload, r->payload.n);
}

void hear_relay(struct leg *l, const struct rtp *r, int64_t now_us)
{
	list_for_each (link, &l->heard_by) {
		struct leg *to = CONTAINER_OF(link, struct ear, link)->of->leg;
		if (to && only_speaker(&to->hears) == l)
			relay(l, to, r, now_us);
	}
}
