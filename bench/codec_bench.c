/*
 * codec_bench.c - what a packet costs at the edge of a leg: sealed and opened, decoded and encoded.
 *
 *   cc -O2 -std=gnu11 -D_GNU_SOURCE -I. -o codec_bench bench/codec_bench.c rtp/srtp.c \
 *      media/coder.c $(ls {base,audio}/[a-z]*.c | grep -v '_test\|_fuzz') -lopus -lcrypto \
 *      -ljansson -lm
 *   ./codec_bench
 *
 * CPU time of one thread, 160 bytes of payload (20 ms); a percent of a core is 50 packets a second.
 */
#include <stdio.h>
#include <time.h>

#include "media/coder.h"
#include "rtp/srtp.h"

enum { PACKETS = 200000, FRAMES = 20000 };

static double cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void suite(enum srtp_suite which)
{
	struct srtp_terms terms = {.suite = which};
	struct srtp *out = srtp_create(&terms), *in = srtp_create(&terms);
	double sealing = 0, opening = 0;
	for (uint32_t i = 0; i < PACKETS; i++) {
		uint8_t p[12 + 160 + SRTP_GROWTH] = {0x80, 8, (uint8_t)(i >> 8), (uint8_t)i};
		size_t n = 12 + 160;
		double begun = cpu_us();
		CHECK(srtp_seal(out, p, &n) == ERR_OK);
		double sealed = cpu_us();
		CHECK(srtp_open(in, p, &n) == ERR_OK);
		opening += cpu_us() - sealed;
		sealing += sealed - begun;
	}
	printf("%-26s seal %.2f us, open %.2f us\n", srtp_name(which), sealing / PACKETS,
	       opening / PACKETS);
	srtp_destroy(out);
	srtp_destroy(in);
}

static void codec(enum sound_codec which)
{
	struct codec *state = which == SOUND_PCMA ? NULL : codec_create(which);
	struct coder out = {0}, in = {0};
	int16_t pcm[CODER_SAMPLES_MAX];
	double encoding = 0, decoding = 0, phase = 0;
	uint32_t dice = 1;
	coder_set(&out, which, state);
	coder_set(&in, which, state);
	for (uint32_t i = 0; i < FRAMES; i++) {
		uint8_t p[CODER_PAYLOAD_MAX];
		for (int k = 0; k < SOUND_FRAME; k++)
			pcm[k] = (int16_t)((dice = dice * 1664525u + 1013904223u) >> 22);
		sound_tone(pcm, SOUND_FRAME, 300 + i % 1000, SOUND_RATE, 6000, &phase);
		double begun = cpu_us();
		size_t n = coder_encode(&out, pcm, SOUND_FRAME, p);
		double encoded = cpu_us();
		CHECK(coder_decode(&in, str_make((char *)p, n), pcm) == SOUND_FRAME);
		decoding += cpu_us() - encoded;
		encoding += encoded - begun;
	}
	double encode_us = encoding / FRAMES, decode_us = decoding / FRAMES;
	printf("%-26s encode %.1f us, decode %.1f us: %.2f %% of a core a leg both ways\n",
	       codec_facts(which)->name, encode_us, decode_us,
	       (encode_us + decode_us) * 50 / 1e6 * 100);
	codec_destroy(state);
}

int main(void)
{
	for (int i = SRTP_NONE + 1; i < SRTP_SUITES; i++)
		suite((enum srtp_suite)i);
	codec(SOUND_PCMA);
	codec(SOUND_G722);
	codec(SOUND_OPUS);
	return 0;
}
