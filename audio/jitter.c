/* jitter.c - see jitter.h. */
#include "audio/jitter.h"

#define WINDOW SOUND_RATE     /* samples: a second */
#define SHRINK 80	      /* samples a window: 10 ms */
#define WRONG_MAX 3	      /* so many packets out of reach in a row … */
#define WRONG_SAMPLES 1600    /* … over 200 ms: the sender's clock jumped, begin anew */
#define PACKET_MAX JITTER_MAX /* samples */

void jitter_init(struct jitter *j)
{
	*j = (struct jitter){.first = JITTER_FIRST};
}

static void wipe(int16_t *pcm, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		pcm[i] = SOUND_NONE;
}

static void begin_window(struct jitter *j)
{
	j->window = 0;
	j->early_last = j->early_max;
	j->early_min = INT32_MAX;
	j->early_max = INT32_MIN;
}

static void start(struct jitter *j, uint32_t ssrc, uint32_t ts)
{
	wipe(j->ring, JITTER_ROOM);
	j->started = true;
	j->ssrc = ssrc;
	j->play_ts = ts - j->first;
	j->wrong = 0;
	j->early_max = 0;
	begin_window(j);
}

/* Out of reach: late beyond what the delay may grow, or far ahead. True: begin anew with it. */
static bool gone_wrong(struct jitter *j)
{
	if (!j->wrong++)
		j->wrong_clock = j->taken;
	return j->wrong > WRONG_MAX && j->taken - j->wrong_clock >= WRONG_SAMPLES;
}

/* A late packet makes everything later, as far as the earliest ones leave room. */
static bool grow(struct jitter *j, int32_t late)
{
	int32_t latest = MAX(MAX(j->early_max, j->early_last), 0);
	int32_t by = late + SOUND_FRAME / 2;
	if (latest + by > JITTER_MAX)
		by = late;
	if (latest + by > JITTER_MAX)
		return false;
	j->play_ts -= (uint32_t)by;
	/* what was taken from there is gone; what is ahead plays later */
	begin_window(j);
	j->early_last = latest + by;
	j->shifts++;
	return true;
}

void jitter_put(struct jitter *j, uint32_t ssrc, uint32_t ts, const int16_t *pcm, uint32_t n)
{
	if (!n || n > PACKET_MAX)
		return;
	if (!j->started || ssrc != j->ssrc)
		start(j, ssrc, ts);
	int32_t early = (int32_t)(ts - j->play_ts);
	bool reach = early >= 0 ? early <= JITTER_ROOM - (int32_t)n
				: early >= -JITTER_MAX && grow(j, -early);
	if (!reach) {
		j->late += early < 0;
		if (!gone_wrong(j))
			return;
		start(j, ssrc, ts);
	}
	j->wrong = 0;
	early = (int32_t)(ts - j->play_ts);
	j->early_min = MIN(j->early_min, early);
	j->early_max = MAX(j->early_max, early);
	for (uint32_t i = 0; i < n; i++)
		j->ring[(ts + i) % JITTER_ROOM] = MAX(pcm[i], (int16_t)(SOUND_NONE + 1));
}

/* Packets come all too early: play sooner. The skipped samples must not be heard a round later. */
static void shrink(struct jitter *j)
{
	if (j->early_min != INT32_MAX && j->early_min > JITTER_FIRST) {
		for (int i = 0; i < SHRINK; i++)
			j->ring[(j->play_ts + (uint32_t)i) % JITTER_ROOM] = SOUND_NONE;
		j->play_ts += SHRINK;
		j->shifts++;
	}
	begin_window(j);
}

void jitter_take(struct jitter *j, int16_t *out, uint32_t n)
{
	j->taken += n;
	if (!j->started) {
		wipe(out, n);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = (j->play_ts + i) % JITTER_ROOM;
		out[i] = j->ring[at];
		j->ring[at] = SOUND_NONE;
	}
	j->play_ts += n;
	j->window += n;
	if (j->window >= WINDOW)
		shrink(j);
}

uint32_t jitter_ahead(const struct jitter *j, int16_t *out, uint32_t n)
{
	uint32_t i = 0;
	n = j->started ? MIN(n, (uint32_t)JITTER_ROOM) : 0;
	for (; i < n; i++) {
		out[i] = j->ring[(j->play_ts + i) % JITTER_ROOM];
		if (out[i] == SOUND_NONE)
			break;
	}
	return i;
}
