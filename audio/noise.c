/* noise.c - see noise.h. */
#include "audio/noise.h"

#include <math.h>

#define LOUDEST (-20) /* dBov; what claims to be louder than speech is no background */

void noise_set(struct noise *s, const uint8_t *payload, size_t n)
{
	int level = n ? -(payload[0] & 127) : -127;
	/* evenly spread samples up to `reach` have an effective value of reach / √3, 0 dBov is that
	 * of a square wave, 32,768 */
	double reach = 32768 * sqrt(3) * pow(10, MIN(level, LOUDEST) / 20.0);
	s->reach = (int32_t)lrint(reach);
}

void noise_make(struct noise *s, int16_t *pcm, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		s->dice = s->dice * 1664525u + 1013904223u;
		int64_t at = (int32_t)s->dice;
		pcm[i] = (int16_t)((at * s->reach) >> 31);
	}
}
