/* sound_file_test.c - recordings' files as they are written, cut off, and found again. */
#include "media/sound_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "media/ledger.h"
#include "tests/test.h"

#define SECOND SOUND_RATE

struct folder {
	char path[64];
	int root;
};

static void make_folder(struct folder *f)
{
	snprintf(f->path, sizeof f->path, "/tmp/media-file-XXXXXX");
	EXPECT(mkdtemp(f->path) != NULL);
	f->root = ledger_open_dir(f->path);
	EXPECT(f->root >= 0);
}

static void remove_folder(struct folder *f)
{
	char command[128];
	close(f->root);
	snprintf(command, sizeof command, "rm -rf %s", f->path);
	EXPECT(system(command) == 0);
}

static struct buf read_file(struct folder *f, const char *name)
{
	struct buf b = buf_grow(1 << 16);
	char piece[4096];
	int fd = openat(f->root, name, O_RDONLY);
	for (ssize_t n; fd >= 0 && (n = read(fd, piece, sizeof piece)) > 0;)
		buf_put(&b, str_make(piece, (size_t)n));
	if (fd >= 0)
		close(fd);
	return b;
}

/* Left 1000 Hz, right 440 Hz, in pages as tapes have them. */
static void write_tones(struct sound_file *f, uint64_t from, uint64_t until)
{
	static int16_t pcm[2 * 3200];
	for (uint64_t at = from; at < until; at += 3200) {
		size_t n = (size_t)MIN(until - at, (uint64_t)3200);
		for (size_t i = 0; i < n; i++) {
			double t = (double)(at + i) / SOUND_RATE;
			pcm[2 * i] = (int16_t)(8000 * sin(2 * M_PI * 1000 * t));
			pcm[2 * i + 1] = (int16_t)(8000 * sin(2 * M_PI * 440 * t));
		}
		sound_file_write(f, at, pcm, n);
	}
}

struct heard {
	uint64_t frames;
	double power[2];
};

static void hear(void *arg, const int16_t *pcm, size_t frames)
{
	struct heard *h = arg;
	h->frames += frames;
	for (size_t i = 0; i < 2 * frames; i++)
		h->power[i % 2] += (double)pcm[i] * pcm[i];
}

/* The whole file decodes; returns its length by the last page, -1 when it is not valid. */
static int64_t decode(struct str bytes, struct heard *h)
{
	struct opus_in *in = opus_in_create();
	struct ogg_read page = {0};
	int64_t ms = -1;
	*h = (struct heard){0};
	while (bytes.n && ogg_page_read(bytes, &page) == ERR_OK &&
	       opus_in_page(in, &page, hear, h) == ERR_OK) {
		bytes = str_from(bytes, page.size);
		ms = opus_in_ms(in, page.granule);
	}
	opus_in_destroy(in);
	return bytes.n || !(page.flags & OGG_LAST) ? -1 : ms;
}

static uint32_t points(struct folder *f, const char *name)
{
	struct buf b = read_file(f, name);
	uint32_t n = b.n >= PEAKS_HEADER ? (uint8_t)b.p[16] | (uint32_t)(uint8_t)b.p[17] << 8 : 0;
	EXPECT(b.n == PEAKS_HEADER + (size_t)n * PEAKS_POINT || !b.n);
	buf_free(&b);
	return n;
}

TEST(sound_file_opus_is_as_long_as_what_was_heard_with_what_fell_out_as_silence)
{
	struct folder d;
	struct sound_file f;
	struct heard h;
	make_folder(&d);
	sound_file_open(&f, d.root, STR("t/a.opus"));
	write_tones(&f, 0, 3 * SECOND);
	write_tones(&f, 5 * SECOND, 7 * SECOND); /* two seconds fell out */
	EXPECT(sound_file_end(&f, d.root, STR("t/a.opus"), 8 * SECOND + 88) == 8011);
	EXPECT(!f.wrong);
	sound_file_close(&f);
	struct buf b = read_file(&d, "t/a.opus");
	EXPECT(decode(buf_str(&b), &h) == 8011);
	EXPECT(h.frames >= 8 * SECOND && b.n < 8 * 24000 / 8 * 5 / 4);
	EXPECT(h.power[0] > 3e6 * 5 * SECOND && h.power[0] < 33e6 * 5.2 * SECOND);
	EXPECT(points(&d, "t/a.peaks") == 161); /* 20 a second and a rest */
	buf_free(&b);
	remove_folder(&d);
}

/* kill -9 at any byte: what is whole stays, and is valid. */
TEST(sound_file_repairs_an_opus_stream_cut_anywhere)
{
	struct folder d;
	struct sound_file f;
	struct heard h;
	make_folder(&d);
	sound_file_open(&f, d.root, STR("a.opus"));
	write_tones(&f, 0, 5 * SECOND);
	struct buf whole = read_file(&d, "a.opus");
	EXPECT(sound_file_end(&f, d.root, STR("a.opus"), 5 * SECOND) == 5000);
	sound_file_close(&f);
	EXPECT(whole.n > 5000);
	for (size_t cut = 0; cut < whole.n; cut += 397) {
		int fd = openat(d.root, "b.opus", O_RDWR | O_CREAT | O_TRUNC, 0600);
		EXPECT(write(fd, whole.p, cut) == (ssize_t)cut);
		if (cut > 3000 && cut % 2) /* a page that was torn by the disk, too */
			EXPECT(pwrite(fd, "torn", 4, (off_t)cut - 100) == 4);
		int64_t ms = sound_file_repair(fd, d.root, STR("b.opus"));
		close(fd);
		struct buf b = read_file(&d, "b.opus");
		EXPECT(ms <= (int64_t)(cut * 5000 / whole.n) + 1000);
		EXPECT(ms >= (int64_t)(cut * 5000 / whole.n) - 3000);
		EXPECT(cut < 500 || decode(buf_str(&b), &h) == ms);
		EXPECT(points(&d, "b.peaks") == (uint32_t)(ms + 49) / 50);
		buf_free(&b);
		(void)unlinkat(d.root, "b.peaks", 0);
	}
	buf_free(&whole);
	remove_folder(&d);
}

TEST(sound_file_repairs_a_wav_with_its_peaks)
{
	struct folder d;
	struct sound_file f;
	make_folder(&d);
	sound_file_open(&f, d.root, STR("a.wav"));
	write_tones(&f, 0, 3 * SECOND);
	EXPECT(sound_file_repair(f.fd, d.root, STR("a.wav")) == 3000);
	EXPECT(points(&d, "a.peaks") == 60);
	struct buf b = read_file(&d, "a.peaks");
	EXPECT((int8_t)b.p[PEAKS_HEADER] < -28 && (int8_t)b.p[PEAKS_HEADER + 1] > 28);
	buf_free(&b);
	peaks_finish(&f.peaks);
	sound_file_close(&f);
	remove_folder(&d);
}

/* A disk of some kilobytes: what found room is valid, the flaw is known, and the length goes on. */
TEST(sound_file_opus_on_a_full_disk_stays_valid)
{
	static const rlim_t sizes[] = {0, 20, 70, 200, 3000, 6000};
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		struct folder d;
		struct sound_file f;
		struct heard h;
		struct rlimit was, small;
		make_folder(&d);
		EXPECT(getrlimit(RLIMIT_FSIZE, &was) == 0);
		small = (struct rlimit){sizes[i], was.rlim_max};
		void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
		EXPECT(setrlimit(RLIMIT_FSIZE, &small) == 0);
		sound_file_open(&f, d.root, STR("a.opus"));
		write_tones(&f, 0, 5 * SECOND);
		EXPECT(f.wrong == EFBIG);
		if (sizes[i] == 3000) /* there is room again */
			EXPECT(setrlimit(RLIMIT_FSIZE, &was) == 0);
		write_tones(&f, 5 * SECOND, 6 * SECOND);
		int64_t ms = sound_file_end(&f, d.root, STR("a.opus"), 6 * SECOND);
		EXPECT(setrlimit(RLIMIT_FSIZE, &was) == 0);
		(void)signal(SIGXFSZ, old);
		sound_file_close(&f);
		struct buf b = read_file(&d, "a.opus");
		if (sizes[i] < 200)
			EXPECT(ms == 0 && b.n == 0);
		else if (sizes[i] == 3000)
			EXPECT(ms == 6000 && decode(buf_str(&b), &h) == 6000);
		else
			EXPECT(ms <= 6000 && b.n <= sizes[i] && b.n > 50);
		buf_free(&b);
		remove_folder(&d);
	}
}
