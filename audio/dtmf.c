/* dtmf.c - see dtmf.h. */
#include "audio/dtmf.h"

/*
 * Where the limits come from. With N samples a tone of amplitude A gives |X|^2 = (A N / 2)^2 and
 * has an energy of N A^2 / 2, so |X|^2 / energy = N / 2 = 51 for a pure tone on its frequency.
 *
 * Level: Q.24 asks for keys down to about -25 dBm0 a tone; we take them from -30. A full-scale sine
 * is +3.14 dBm0, so A = 32768 * 10^(-33.14/20) = 721.
 *
 * Twist: columns up to 4 dB stronger and up to 8 dB weaker than rows (Q.24, North America).
 *
 * Share: a tone that is off by f Hz keeps sinc(f N / 8000)^2 of its part: by 1.5 %, the most that
 * must be taken, what `keeps` says. So much of the energy, less 10 % for noise, must be in the two
 * tones; by 3.5 %, which must be refused, at most 0.6 of it is. Speech hardly ever comes that near
 * to two pure tones twice in a row (talk-off; decision 0012 has figures).
 *
 * Others: every other tone of the same group is at least 8 dB weaker.
 */
#define LEVEL (721.0f * 721.0f * DTMF_BLOCK * DTMF_BLOCK / 4)
#define COLUMN_OVER 2.5f /* 4 dB */
#define ROW_OVER 6.3f	 /* 8 dB */
#define SHARE (0.90f * DTMF_BLOCK / 2)
#define OTHERS_UNDER 6.3f /* 8 dB */
#define AWAY 3		  /* blocks */

/* 2 cos(2 pi f / 8000): 697 770 852 941 Hz, 1209 1336 1477 1633 Hz (Q.23) */
static const float turn[8] = {1.70773781f, 1.64528104f, 1.56868698f, 1.47820457f,
			      1.16410402f, 0.99637021f, 0.79861839f, 0.56853271f};

static const float keeps[8] = {0.943f, 0.931f, 0.915f, 0.898f, 0.833f, 0.800f, 0.762f, 0.718f};

static size_t strongest(const float power[4])
{
	size_t best = 0;
	for (size_t i = 1; i < 4; i++)
		if (power[i] > power[best])
			best = i;
	return best;
}

static bool others_weak(const float power[4], size_t best)
{
	for (size_t i = 0; i < 4; i++)
		if (i != best && power[i] * OTHERS_UNDER > power[best])
			return false;
	return true;
}

/* The key in a whole block; 0: none. */
static char judge(const struct dtmf *d)
{
	static const char keys[4][5] = {"123A", "456B", "789C", "*0#D"};
	float power[8];
	for (size_t i = 0; i < 8; i++)
		power[i] =
			d->s1[i] * d->s1[i] + d->s2[i] * d->s2[i] - turn[i] * d->s1[i] * d->s2[i];
	size_t row = strongest(power), column = strongest(power + 4);
	float r = power[row], c = power[4 + column];
	if (r < LEVEL || c < LEVEL || c > r * COLUMN_OVER || r > c * ROW_OVER ||
	    r / keeps[row] + c / keeps[4 + column] < SHARE * d->energy)
		return 0;
	if (!others_weak(power, row) || !others_weak(power + 4, column))
		return 0;
	return keys[row][column];
}

static void add(struct dtmf *d, const int16_t *pcm, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		float x = pcm[k];
		d->energy += x * x;
		for (size_t i = 0; i < 8; i++) { /* side by side in vector registers */
			float s = x + turn[i] * d->s1[i] - d->s2[i];
			d->s2[i] = d->s1[i];
			d->s1[i] = s;
		}
	}
	d->n += (uint32_t)n;
}

/* Returns a key that has just become certain. */
static char end_block(struct dtmf *d)
{
	char key = judge(d), told = 0;
	d->away = key == d->now ? 0 : d->away + 1;
	if (key && key != d->now && key == d->last)
		d->now = told = key;
	else if (d->away >= AWAY)
		d->now = 0;
	d->last = key;
	memset(d->s1, 0, sizeof d->s1);
	memset(d->s2, 0, sizeof d->s2);
	d->energy = 0;
	d->n = 0;
	return told;
}

char dtmf_hear(struct dtmf *d, const int16_t *pcm, size_t n, size_t *used)
{
	for (size_t at = 0; at < n;) {
		size_t part = MIN(n - at, (size_t)(DTMF_BLOCK - d->n));
		add(d, pcm + at, part);
		at += part;
		char key = d->n == DTMF_BLOCK ? end_block(d) : 0;
		if (key) {
			*used = at;
			return key;
		}
	}
	*used = n;
	return 0;
}
