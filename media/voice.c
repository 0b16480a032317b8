/* voice.c - see voice.h. */
#include "media/voice.h"

#define QUIET 16 /* the idle noise of G.711: +-8 in A-law */

void voice_init(struct voice *v)
{
	list_init(&v->link);
}

void voice_hold(struct voice *v, struct list *voices, uint32_t delay)
{
	if (v->users++)
		return;
	jitter_init(&v->jitter);
	v->jitter.first = delay;
	v->conceal = (struct conceal){0};
	v->silent = true;
	list_push(voices, &v->link);
}

void voice_release(struct voice *v)
{
	CHECK(v->users);
	if (!--v->users)
		list_remove(&v->link);
}

void voice_put(struct voice *v, uint32_t ssrc, uint32_t ts, const int16_t *pcm, uint32_t n)
{
	if (v->users)
		jitter_put(&v->jitter, ssrc, ts, pcm, n);
}

static bool is_silent(const int16_t *pcm)
{
	int16_t high = 0, low = 0;
	for (uint32_t i = 0; i < SOUND_FRAME; i++) {
		high = MAX(high, pcm[i]);
		low = MIN(low, pcm[i]);
	}
	return high <= QUIET && low >= -QUIET;
}

void voice_tick(struct voice *v)
{
	v->at = v->jitter.play_ts;
	jitter_take(&v->jitter, v->frame, SOUND_FRAME);
	conceal(&v->conceal, v->frame, SOUND_FRAME);
	v->silent = is_silent(v->frame);
}

uint32_t voice_ahead(const struct voice *v, int16_t *out, uint32_t n)
{
	return v->users ? jitter_ahead(&v->jitter, out, n) : 0;
}

/* Few, and mostly in order already. */
static void sort(struct voice **who, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct voice *v = who[i];
		uint32_t at = i;
		for (; at && who[at - 1] > v; at--)
			who[at] = who[at - 1];
		who[at] = v;
	}
}

struct mixdown *voice_mixdown(struct voice **who, uint32_t count, uint64_t tick)
{
	CHECK(count && count <= ORDER_IDS_MAX);
	sort(who, count);
	struct mixdown *m = &who[0]->mixdown;
	if (m->tick == tick && m->count == count && !memcmp(m->who, who, count * sizeof *who))
		return m;
	m->tick = tick;
	m->count = count;
	memcpy(m->who, who, count * sizeof *who);
	m->mix = (struct mix){0};
	m->coded[0] = m->coded[1] = false;
	for (uint32_t i = 0; i < count; i++)
		mix_add(&m->mix, who[i]->frame);
	m->peak = mix_peak(&m->mix);
	return m;
}

const uint8_t *mixdown_bytes(struct mixdown *m, enum sound_codec law)
{
	int16_t pcm[SOUND_FRAME];
	const int at = law == SOUND_PCMU;
	if (m->coded[at])
		return m->bytes[at];
	for (uint32_t i = 0; i < SOUND_FRAME; i++)
		pcm[i] = (int16_t)m->mix.sum[i];
	sound_encode(law, pcm, m->bytes[at], SOUND_FRAME);
	m->coded[at] = true;
	return m->bytes[at];
}
