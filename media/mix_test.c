/* mix_test.c - sums and the limiter, on computed tones. */
#include "media/mix.h"

#include <math.h>
#include <stdlib.h>

#include "tests/test.h"

#define SECONDS 2
#define SAMPLES (SECONDS * SOUND_RATE)

/* Tones of these amplitudes through the limiter, from the sample `from` on. */
static void run(int16_t *out, const double *hz, const double *amplitude, int tones, size_t from)
{
	struct limiter l = {0};
	double phase[4] = {0};
	for (size_t at = 0; at < SAMPLES; at += SOUND_FRAME) {
		struct mix m = {0};
		for (int t = 0; t < tones && at >= from; t++) {
			int16_t pcm[SOUND_FRAME] = {0};
			sound_tone(pcm, SOUND_FRAME, hz[t], SOUND_RATE, amplitude[t], &phase[t]);
			mix_add(&m, pcm);
		}
		limit(&l, &m, out + at);
	}
}

static int peak(const int16_t *pcm, size_t n)
{
	int most = 0;
	for (size_t i = 0; i < n; i++)
		most = MAX(most, abs(pcm[i]));
	return most;
}

TEST(mix_of_two_that_fit_is_their_sum_to_the_sample)
{
	struct mix m = {0};
	struct limiter l = {0};
	int16_t a[SOUND_FRAME], b[SOUND_FRAME], out[SOUND_FRAME];
	for (int i = 0; i < SOUND_FRAME; i++) {
		a[i] = (int16_t)(i * 90 - 7000);
		b[i] = (int16_t)(9000 - i * 50);
	}
	mix_add(&m, a);
	mix_add(&m, b);
	EXPECT(mix_peak(&m) == 40 * 159 + 2000 && limiter_idle(&l, mix_peak(&m)));
	limit(&l, &m, out);
	for (int i = 0; i < SOUND_FRAME; i++)
		EXPECT(out[i] == a[i] + b[i]);
	EXPECT(l.down == 0);
}

/* Clipping would put a tenth of the power and more into other tones. */
TEST(mix_of_three_loud_talkers_is_turned_down_not_clipped)
{
	static int16_t out[SAMPLES];
	static const double hz[] = {300, 1000, 1700}, loud[] = {24000, 24000, 24000};
	run(out, hz, loud, 3, 0);
	const int16_t *steady = out + SOUND_RATE;
	double share = 0;
	for (int t = 0; t < 3; t++)
		share += sound_tone_share(steady, SOUND_RATE, hz[t], SOUND_RATE);
	EXPECT(share > 0.999);
	EXPECT(peak(out, SAMPLES) <= 32767 && peak(steady, SOUND_RATE) <= LIMIT_PEAK);
	EXPECT(sound_level(steady, SOUND_RATE) > 9000);
}

/* The attack: from silence into an overload nothing is cut but, at most, 5 ms. */
TEST(mix_limiter_is_there_in_time_and_lets_go_slowly)
{
	static int16_t out[SAMPLES];
	static const double hz[] = {440, 800}, loud[] = {30000, 30000};
	run(out, hz, loud, 2, 4000);
	int cut = 0;
	for (size_t i = 0; i < SAMPLES; i++)
		cut += abs(out[i]) == INT16_MAX;
	EXPECT(cut < 40);
	struct limiter l = {0};
	struct mix m = {0};
	int16_t frame[SOUND_FRAME];
	m.sum[0] = 64000;
	limit(&l, &m, frame);
	EXPECT(l.down > 0 && frame[0] > 25000);
	int frames = 0;
	for (m.sum[0] = 0; l.down; frames++)
		limit(&l, &m, frame);
	EXPECT(frames > 2 && frames <= 20);
}

TEST(mix_of_fifteen_at_full_scale_stays_a_sample)
{
	struct mix m = {0};
	struct limiter l = {0};
	int16_t low[SOUND_FRAME], out[SOUND_FRAME];
	for (int i = 0; i < SOUND_FRAME; i++)
		low[i] = INT16_MIN + 1;
	for (int i = 0; i < 15; i++)
		mix_add(&m, low);
	EXPECT(mix_peak(&m) == 15 * 32767);
	for (int i = 0; i < 3; i++)
		limit(&l, &m, out);
	EXPECT(out[SOUND_FRAME - 1] >= -LIMIT_PEAK && out[SOUND_FRAME - 1] < -LIMIT_PEAK + 40);
}
