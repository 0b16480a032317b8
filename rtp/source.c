/* source.c - see source.h. */
#include "rtp/source.h"

#define SEQ_STEP_MAX 16 /* a packet that follows may have lost so many before it */

void source_expect(struct source *s, const struct addr *sdp)
{
	if (s->sdp.len == sdp->len && (!sdp->len || addr_eq(&s->sdp, sdp)))
		return;
	*s = (struct source){.sdp = *sdp, .fixed = s->fixed};
}

static struct source_candidate *candidate_of(struct source *s, const struct addr *from)
{
	for (size_t i = 0; i < SOURCE_CANDIDATES; i++)
		if (addr_eq(&s->candidates[i].from, from))
			return &s->candidates[i];
	struct source_candidate *c = &s->candidates[s->next];
	s->next = (uint8_t)((s->next + 1) % SOURCE_CANDIDATES);
	*c = (struct source_candidate){.from = *from};
	return c;
}

enum source_verdict source_see(struct source *s, const struct addr *from, uint32_t ssrc,
			       uint16_t seq, int64_t now_ms)
{
	if (s->locked.len)
		return addr_eq(&s->locked, from) ? SOURCE_OURS : SOURCE_STRAY;
	if (!s->sdp.len)
		return SOURCE_STRAY; /* nothing is agreed yet */
	if (addr_eq(&s->sdp, from)) {
		s->locked = *from;
		return SOURCE_OURS;
	}
	if (s->fixed)
		return SOURCE_STRAY;
	struct source_candidate *c = candidate_of(s, from);
	uint16_t step = (uint16_t)(seq - c->seq);
	if (!c->count || c->ssrc != ssrc || step == 0 || step > SEQ_STEP_MAX) {
		c->count = 0;
		c->ssrc = ssrc;
		c->first_ms = now_ms;
	}
	c->seq = seq;
	if (c->count < SOURCE_PROBATION)
		c->count++;
	if (c->count < SOURCE_PROBATION || now_ms - c->first_ms < SOURCE_SPAN_MS)
		return SOURCE_LEARN;
	s->locked = *from;
	return SOURCE_OURS;
}

const struct addr *source_target(const struct source *s)
{
	return s->locked.len ? &s->locked : &s->sdp;
}
