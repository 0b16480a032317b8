/*
 * sound.h - samples: G.711, tones, WAV, resampling. Pure; any thread.
 *
 * PCM is 16-bit signed in the machine's order. Tables are filled before main.
 */
#pragma once

#include "base/str.h"

#define SOUND_RATE 8000
#define SOUND_FRAME 160 /* samples in 20 ms */
#define ULAW_SILENCE 0xff
#define ALAW_SILENCE 0xd5
#define SOUND_NONE INT16_MIN /* a place where no sample came; never a sample's value */

/* The numbers are the static RTP payload types of RFC 3551; Opus has none, its is only ours.
 * What of this header takes a codec takes the two laws of G.711; codec.h takes all. */
enum sound_codec { SOUND_PCMU = 0, SOUND_PCMA = 8, SOUND_G722 = 9, SOUND_OPUS = 120 };

/* ITU-T G.711. */
extern int16_t sound_ulaw_pcm[256], sound_alaw_pcm[256]; /* decode */
extern uint8_t sound_ulaw_to_alaw[256], sound_alaw_to_ulaw[256];
uint8_t sound_ulaw(int16_t pcm);
uint8_t sound_alaw(int16_t pcm);
/* n samples at once; codec decides which law. */
void sound_encode(enum sound_codec codec, const int16_t *pcm, uint8_t *out, size_t n);
void sound_decode(enum sound_codec codec, const uint8_t *in, int16_t *pcm, size_t n);

/* Power at one frequency as a share of the whole power in these samples: 0..1, where a pure tone
 * gives about 1. Silence gives 0. */
double sound_tone_share(const int16_t *pcm, size_t n, double hz, double rate);
/* Root mean square, 0..32768. */
double sound_level(const int16_t *pcm, size_t n);
/* Adds a sine to n samples, saturating; *phase (radians) goes on from call to call. */
void sound_tone(int16_t *pcm, size_t n, double hz, double rate, double amplitude, double *phase);

#define WAV_HEADER 44
struct wav {
	uint32_t rate;
	uint16_t channels;
	struct str data; /* interleaved PCM16 little-endian, whole frames */
};
/* The canonical header; data_bytes may be corrected later by writing it again. */
void sound_wav_header(uint8_t out[WAV_HEADER], uint32_t rate, uint16_t channels,
		      uint32_t data_bytes);
/* Views into the file's bytes. PCM16 only, 1 or 2 channels, 4..192 kHz; a length that says more
 * than there is (streamed files) means all there is. ERR_INVALID otherwise. */
MUST_USE enum err sound_wav_parse(struct str file, struct wav *out);
/* Mono samples of a parsed file at its own rate, both channels mixed; out has room for wav_frames
 */
size_t sound_wav_frames(const struct wav *w);
void sound_wav_mono(const struct wav *w, int16_t *out);

/* How many samples sound_resample writes. */
size_t sound_resampled(size_t n, uint32_t from, uint32_t to);
/* Linear-phase low-pass (windowed sinc) polyphase conversion; allocates its filter. */
void sound_resample(const int16_t *in, size_t n, uint32_t from, int16_t *out, uint32_t to);
