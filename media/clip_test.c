/* clip_test.c - sounds, their cache, players and the built-in music. */
#include "media/clip.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/leg.h"
#include "audio/music.h"
#include "tests/test.h"

static void write_wav(const char *path, uint32_t rate, uint32_t frames, int16_t value)
{
	uint8_t header[WAV_HEADER];
	FILE *f = fopen(path, "wb");
	EXPECT(f != NULL);
	sound_wav_header(header, rate, 1, frames * 2);
	EXPECT(fwrite(header, sizeof header, 1, f) == 1);
	for (uint32_t i = 0; i < frames; i++)
		EXPECT(fwrite(&value, 2, 1, f) == 1);
	fclose(f);
}

TEST(clip_holds_both_laws_filled_up_with_silence)
{
	int16_t pcm[SOUND_FRAME + 10];
	for (size_t i = 0; i < COUNT_OF(pcm); i++)
		pcm[i] = 1000;
	struct clip *c = clip_make(pcm, COUNT_OF(pcm));
	EXPECT(c->frames == 2);
	EXPECT(clip_frame(c, SOUND_PCMU, 1)[9] == sound_ulaw(1000));
	EXPECT(clip_frame(c, SOUND_PCMU, 1)[10] == ULAW_SILENCE);
	EXPECT(clip_frame(c, SOUND_PCMA, 1)[9] == sound_alaw(1000));
	EXPECT(clip_frame(c, SOUND_PCMA, 1)[SOUND_FRAME - 1] == ALAW_SILENCE);
	clip_drop(c);
	c = clip_make(pcm, 0);
	EXPECT(c->frames == 0);
	clip_drop(c);
}

TEST(clip_cache_shares_renews_and_forgets)
{
	char dir[64] = "/tmp/media-clip-XXXXXX", a[96], b[96], command[96];
	EXPECT(mkdtemp(dir) != NULL);
	snprintf(a, sizeof a, "%s/a.wav", dir);
	snprintf(b, sizeof b, "%s/b.wav", dir);
	write_wav(a, 8000, 8000, 100);
	write_wav(b, 16000, 16000, 100);
	struct clip_cache *cache = clip_cache_create(20000);
	struct clip *one = clip_cache_get(cache, str_of(a)),
		    *two = clip_cache_get(cache, str_of(a));
	EXPECT(one && one == two && one->frames == 50);
	EXPECT(clip_cache_bytes(cache) == 16000);
	write_wav(a, 8000, 4000, 100); /* spoken anew under the same name */
	struct clip *three = clip_cache_get(cache, str_of(a));
	EXPECT(three && three != one && three->frames == 25);
	struct clip *four = clip_cache_get(cache, str_of(b)); /* a has to go */
	EXPECT(four && four->frames == 50 && clip_cache_bytes(cache) == 16000);
	EXPECT(clip_frame(one, SOUND_PCMU, 0)[0] == sound_ulaw(100)); /* who holds it may play on */
	snprintf(command, sizeof command, "%s/none.wav", dir);
	EXPECT(clip_cache_get(cache, str_of(command)) == NULL);
	EXPECT(clip_cache_get(cache, str_of(dir)) == NULL);
	FILE *f = fopen(a, "wb");
	EXPECT(f && fputs("this is no sound", f) >= 0);
	fclose(f);
	EXPECT(clip_cache_get(cache, str_of(a)) == NULL);
	clip_cache_destroy(cache);
	clip_drop(one);
	clip_drop(two);
	clip_drop(three);
	clip_drop(four);
	snprintf(command, sizeof command, "rm -rf %s", dir);
	EXPECT(system(command) == 0);
}

static struct playlist *list_of(uint32_t first, uint32_t second)
{
	static int16_t pcm[SOUND_FRAME * 20];
	struct playlist *l = playlist_create(STR_NONE);
	l->clips[l->count++] = clip_make(pcm, first * SOUND_FRAME);
	l->clips[l->count++] = clip_make(pcm, second * SOUND_FRAME);
	return l;
}

static uint32_t frames_left(struct player *p, uint32_t most)
{
	uint32_t n = 0;
	while (n < most && player_next(p, SOUND_PCMA))
		n++;
	return n;
}

TEST(player_goes_through_its_list_from_where_it_was_told)
{
	struct player p;
	struct playlist *l = list_of(3, 4);
	player_start(&p, l);
	EXPECT(frames_left(&p, 100) == 7 && p.passed == 7);
	l->start_ms = 100; /* 5 frames: into the second */
	player_start(&p, l);
	EXPECT(p.item == 1 && p.frame == 2 && frames_left(&p, 100) == 2);
	l->start_ms = 140;
	player_start(&p, l);
	EXPECT(frames_left(&p, 100) == 0);
	l->start_ms = UINT32_MAX;
	player_start(&p, l);
	EXPECT(frames_left(&p, 100) == 0);
	l->loop = true;
	l->start_ms = (7 * 1000 + 4) * 20;
	player_start(&p, l);
	EXPECT(p.item == 1 && p.frame == 1 && p.passed == 4);
	EXPECT(frames_left(&p, 100) == 100);
	EXPECT(p.passed == (4 + 100 - 1) % 7 + 1);
	playlist_destroy(l);
	l = list_of(0, 0); /* empty files must not turn for ever */
	l->loop = true;
	player_start(&p, l);
	EXPECT(frames_left(&p, 100) == 0);
	playlist_destroy(l);
}

TEST(music_is_the_same_each_time_and_never_loud_nor_still)
{
	static int16_t one[MUSIC_SAMPLES], two[MUSIC_SAMPLES];
	music_make(one);
	music_make(two);
	EXPECT(!memcmp(one, two, sizeof one));
	EXPECT(MUSIC_SAMPLES % SOUND_FRAME == 0);
	EXPECT(MUSIC_SAMPLES / SOUND_RATE >= 60 && MUSIC_SAMPLES / SOUND_RATE <= 90);
	int peak = 0, step = 0;
	for (size_t i = 0; i < MUSIC_SAMPLES; i++) {
		peak = MAX(peak, abs(one[i]));
		step = MAX(step, abs(one[i] - one[i ? i - 1 : MUSIC_SAMPLES - 1]));
	}
	EXPECT(peak <= 11000 && peak >= 10000);
	EXPECT(abs(one[0] - one[MUSIC_SAMPLES - 1]) <= step / 2); /* no seam */
	for (size_t i = 0; i + SOUND_RATE <= MUSIC_SAMPLES; i += SOUND_RATE)
		EXPECT(sound_level(one + i, SOUND_RATE) > 500); /* a caller hears he is not alone */
}
