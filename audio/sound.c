/* sound.c - see sound.h. */
#include "audio/sound.h"

#include <math.h>
#include <stdlib.h>

int16_t sound_ulaw_pcm[256], sound_alaw_pcm[256];
uint8_t sound_ulaw_to_alaw[256], sound_alaw_to_ulaw[256];

/* G.711 table 2: sign, 3-bit segment, 4-bit step, all inverted; the bias of 33 (of 14 bits) makes
 * each segment twice the one before. */
static int16_t ulaw_decode(uint8_t code)
{
	code = (uint8_t)~code;
	int magnitude = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132;
	return (int16_t)(code & 0x80 ? -magnitude : magnitude);
}

/* G.711 table 1: even bits inverted, the first two segments have the same step. */
static int16_t alaw_decode(uint8_t code)
{
	code ^= 0x55;
	int segment = (code >> 4) & 7, magnitude = ((code & 15) << 4) + 8;
	if (segment)
		magnitude = (magnitude + 256) << (segment - 1);
	return (int16_t)(code & 0x80 ? magnitude : -magnitude);
}

uint8_t sound_ulaw(int16_t pcm)
{
	int sign = pcm < 0 ? 0x80 : 0, magnitude = pcm < 0 ? -(int)pcm : pcm;
	magnitude = MIN(magnitude, 32635) + 132;
	int segment = 31 - __builtin_clz((unsigned)magnitude) - 7; /* 132..32767: 0..7 */
	return (uint8_t) ~(sign | segment << 4 | ((magnitude >> (segment + 3)) & 15));
}

uint8_t sound_alaw(int16_t pcm)
{
	int sign = pcm < 0 ? 0 : 0x80, magnitude = pcm < 0 ? -(int)pcm - 1 : pcm, segment = 0;
	if (magnitude >= 256)
		segment = 31 - __builtin_clz((unsigned)magnitude) - 7;
	int step = magnitude >> (segment ? segment + 3 : 4);
	return (uint8_t)((sign | segment << 4 | (step & 15)) ^ 0x55);
}

__attribute__((constructor)) static void fill_tables(void)
{
	for (int i = 0; i < 256; i++) {
		sound_ulaw_pcm[i] = ulaw_decode((uint8_t)i);
		sound_alaw_pcm[i] = alaw_decode((uint8_t)i);
	}
	for (int i = 0; i < 256; i++) {
		sound_ulaw_to_alaw[i] = sound_alaw(sound_ulaw_pcm[i]);
		sound_alaw_to_ulaw[i] = sound_ulaw(sound_alaw_pcm[i]);
	}
}

void sound_encode(enum sound_codec codec, const int16_t *pcm, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = codec == SOUND_PCMA ? sound_alaw(pcm[i]) : sound_ulaw(pcm[i]);
}

void sound_decode(enum sound_codec codec, const uint8_t *in, int16_t *pcm, size_t n)
{
	const int16_t *table = codec == SOUND_PCMA ? sound_alaw_pcm : sound_ulaw_pcm;
	for (size_t i = 0; i < n; i++)
		pcm[i] = table[in[i]];
}

/* Goertzel: one bin of a Fourier transform. A sine of amplitude a gives |X|² = (a·n/2)² while the
 * sum of squares is a²·n/2, hence the factor 2/n. */
double sound_tone_share(const int16_t *pcm, size_t n, double hz, double rate)
{
	double c = 2 * cos(2 * M_PI * hz / rate), s1 = 0, s2 = 0, squares = 0;
	for (size_t i = 0; i < n; i++) {
		double s0 = pcm[i] + c * s1 - s2;
		s2 = s1;
		s1 = s0;
		squares += (double)pcm[i] * pcm[i];
	}
	if (squares <= 0)
		return 0;
	return (s1 * s1 + s2 * s2 - c * s1 * s2) * 2 / ((double)n * squares);
}

double sound_level(const int16_t *pcm, size_t n)
{
	double squares = 0;
	for (size_t i = 0; i < n; i++)
		squares += (double)pcm[i] * pcm[i];
	return n ? sqrt(squares / (double)n) : 0;
}

static int16_t saturate(double v)
{
	return (int16_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : lrint(v));
}

void sound_tone(int16_t *pcm, size_t n, double hz, double rate, double amplitude, double *phase)
{
	for (size_t i = 0; i < n; i++) {
		pcm[i] = saturate(pcm[i] + amplitude * sin(*phase));
		*phase = fmod(*phase + 2 * M_PI * hz / rate, 2 * M_PI);
	}
}

static void put_le(uint8_t *p, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get_le(const char *p, int bytes)
{
	uint32_t v = 0;
	for (int i = 0; i < bytes; i++)
		v |= (uint32_t)(uint8_t)p[i] << (8 * i);
	return v;
}

void sound_wav_header(uint8_t out[WAV_HEADER], uint32_t rate, uint16_t channels,
		      uint32_t data_bytes)
{
	memcpy(out, "RIFF", 4);
	put_le(out + 4, data_bytes + WAV_HEADER - 8, 4);
	memcpy(out + 8, "WAVEfmt ", 8);
	put_le(out + 16, 16, 4);
	put_le(out + 20, 1, 2); /* PCM */
	put_le(out + 22, channels, 2);
	put_le(out + 24, rate, 4);
	put_le(out + 28, rate * channels * 2, 4);
	put_le(out + 32, channels * 2u, 2);
	put_le(out + 34, 16, 2);
	memcpy(out + 36, "data", 4);
	put_le(out + 40, data_bytes, 4);
}

/* 1: PCM; 0xfffe: extensible, whose sub-format begins at byte 24 of the chunk */
static bool parse_format(struct str chunk, struct wav *w)
{
	if (chunk.n < 16)
		return false;
	uint32_t tag = get_le(chunk.p, 2);
	if (tag == 0xfffe && chunk.n >= 26)
		tag = get_le(chunk.p + 24, 2);
	w->channels = (uint16_t)get_le(chunk.p + 2, 2);
	w->rate = get_le(chunk.p + 4, 4);
	return tag == 1 && get_le(chunk.p + 14, 2) == 16 && w->channels >= 1 && w->channels <= 2 &&
	       w->rate >= 4000 && w->rate <= 192000;
}

enum err sound_wav_parse(struct str file, struct wav *out)
{
	struct wav w = {0};
	if (file.n < 12 || memcmp(file.p, "RIFF", 4) || memcmp(file.p + 8, "WAVE", 4))
		return ERR_INVALID;
	struct str rest = str_from(file, 12);
	while (rest.n >= 8) {
		const char *name = rest.p;
		size_t says = get_le(rest.p + 4, 4);
		rest = str_from(rest, 8);
		struct str chunk = str_head(rest, says);
		if (!memcmp(name, "fmt ", 4) && !parse_format(chunk, &w))
			return ERR_INVALID;
		if (!memcmp(name, "data", 4)) {
			if (!w.channels)
				return ERR_INVALID;
			w.data = str_head(chunk, chunk.n - chunk.n % (2u * w.channels));
			*out = w;
			return ERR_OK;
		}
		rest = str_from(rest, chunk.n + (says & 1)); /* chunks begin at even places */
	}
	return ERR_INVALID;
}

size_t sound_wav_frames(const struct wav *w)
{
	return w->data.n / (2u * w->channels);
}

void sound_wav_mono(const struct wav *w, int16_t *out)
{
	size_t frames = sound_wav_frames(w);
	const char *p = w->data.p;
	for (size_t i = 0; i < frames; i++) {
		int sum = 0;
		for (int c = 0; c < w->channels; c++, p += 2)
			sum += (int16_t)get_le(p, 2);
		out[i] = (int16_t)(sum / w->channels);
	}
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t c = a % b;
		a = b;
		b = c;
	}
	return a;
}

size_t sound_resampled(size_t n, uint32_t from, uint32_t to)
{
	return (size_t)((uint64_t)n * to / from);
}

/* Blackman window: side lobes below -58 dB, more than G.711's 38 dB of signal to noise. */
static double window(double x) /* -1..1 */
{
	return fabs(x) >= 1 ? 0 : 0.42 + 0.5 * cos(M_PI * x) + 0.08 * cos(2 * M_PI * x);
}

#define HALF_LOBES 16 /* zero crossings of the sinc on each side */

/* One set of taps for each place an output sample can have between two input samples. */
static float *make_filter(uint32_t phases, uint32_t taps, double cut)
{
	float *filter = xcalloc((size_t)phases * taps, sizeof *filter);
	double half = taps / 2.0;
	for (uint32_t p = 0; p < phases; p++) {
		double sum = 0;
		for (uint32_t t = 0; t < taps; t++) {
			double x = t - half + 1 - (double)p / phases; /* from the output's place */
			double v = (x == 0 ? 1 : sin(M_PI * cut * x) / (M_PI * cut * x)) *
				   window(x / half);
			filter[(size_t)p * taps + t] = (float)v;
			sum += v;
		}
		for (uint32_t t = 0; t < taps; t++) /* the same loudness at every phase */
			filter[(size_t)p * taps + t] /= (float)sum;
	}
	return filter;
}

void sound_resample(const int16_t *in, size_t n, uint32_t from, int16_t *out, uint32_t to)
{
	size_t made = sound_resampled(n, from, to);
	if (from == to) {
		memcpy(out, in, n * sizeof *in);
		return;
	}
	uint32_t divisor = common_divisor(from, to), up = to / divisor, down = from / divisor;
	/* cut a little below the lower Nyquist frequency, so that the slope ends at it */
	double cut = (to < from ? (double)to / from : 1) * 0.92;
	uint32_t taps = 2 * (uint32_t)ceil(HALF_LOBES / cut);
	float *filter = make_filter(up, taps, cut);
	for (size_t i = 0; i < made; i++) {
		uint64_t place = (uint64_t)i * down;
		int64_t first = (int64_t)(place / up) - taps / 2 + 1;
		const float *f = filter + (size_t)(place % up) * taps;
		float sum = 0;
		for (uint32_t t = 0; t < taps; t++)
			if (first + t >= 0 && first + t < (int64_t)n)
				sum += f[t] * in[first + t];
		out[i] = saturate(sum);
	}
	free(filter);
}
