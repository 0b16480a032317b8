/*
 * demo_voices.c - how the demo's people sound: dialogs of demo_lines.def, spoken by espeak-ng at
 * the first start and kept as files of two channels, DIR/demo/N.wav. Without espeak-ng there are
 * none.
 */
#include "app/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/sound.h"

#define ESPEAK "/usr/bin/espeak-ng"
#define RATE 8000u
#define GAP_SAMPLES 4800u /* 0.6 s between one who has ended and the other */
#define FILE_MAX (8u << 20)
#define PATH 4096

struct script {
	const char *lang, *customer, *agent;
	const char *lines; /* "A…\nC…\n" */
};

static const struct script SCRIPTS[] = {
#define A(text) "A" text "\n"
#define C(text) "C" text "\n"
#define DIALOG(lang, customer, agent, lines) {lang, customer, agent, lines},
#include "app/demo_lines.def"
#undef A
#undef C
#undef DIALOG
};

static enum err read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char piece[65536];
	if (!f)
		return ERR_NOT_FOUND;
	for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0 && out->n < FILE_MAX;)
		buf_put(out, str_make(piece, n));
	fclose(f);
	return ERR_OK;
}

/* One sentence into a file; false: there is no voice here. */
static bool speak(const char *voice, const char *text, const char *file)
{
	char *const words[] = {(char *)(uintptr_t) "espeak-ng",
			       (char *)(uintptr_t) "-v",
			       (char *)(uintptr_t)voice,
			       (char *)(uintptr_t) "-s",
			       (char *)(uintptr_t) "155",
			       (char *)(uintptr_t) "-w",
			       (char *)(uintptr_t)file,
			       (char *)(uintptr_t)text,
			       NULL};
	char *const nothing[] = {NULL};
	posix_spawn_file_actions_t quiet;
	pid_t pid;
	int status = 1;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
	const bool began = posix_spawn(&pid, ESPEAK, &quiet, NULL, words, nothing) == 0;
	posix_spawn_file_actions_destroy(&quiet);
	while (began && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return began && status == 0;
}

/* Appends the sentence's samples, as a telephone has them. */
static bool append(const char *file, struct buf *pcm)
{
	struct buf bytes = buf_grow(1u << 18);
	struct wav w;
	bool good =
		read_file(file, &bytes) == ERR_OK && sound_wav_parse(buf_str(&bytes), &w) == ERR_OK;
	if (good) {
		const size_t n = sound_wav_frames(&w), out_n = sound_resampled(n, w.rate, RATE);
		int16_t *in = xcalloc(n + 1, sizeof *in), *out = xcalloc(out_n + 1, sizeof *out);
		sound_wav_mono(&w, in);
		sound_resample(in, n, w.rate, out, RATE);
		buf_put(pcm, str_make((const char *)out, out_n * sizeof *out));
		free(in);
		free(out);
	}
	buf_free(&bytes);
	return good;
}

static void be_silent(struct buf *pcm, size_t samples)
{
	static const int16_t silence[800];
	for (; samples; samples -= MIN(samples, COUNT_OF(silence)))
		buf_put(pcm, str_make((const char *)silence,
				      MIN(samples, COUNT_OF(silence)) * sizeof *silence));
}

/* Sides grow in turns; who listens is silent as long. */
static bool speak_all(const struct script *s, const char *file, struct buf sides[2])
{
	struct str rest = str_of(s->lines), line;
	while (str_line(&rest, &line)) {
		char text[512];
		if (!line.n)
			continue;
		const int side = line.p[0] == 'A';
		if (!str_copy(str_from(line, 1), text, sizeof text) ||
		    !speak(side ? s->agent : s->customer, text, file) ||
		    !append(file, &sides[side]))
			return false;
		be_silent(&sides[side], GAP_SAMPLES);
		be_silent(&sides[!side], (sides[side].n - sides[!side].n) / sizeof(int16_t));
	}
	return true;
}

static bool save(const char *path, const struct buf sides[2])
{
	const size_t n = sides[0].n / sizeof(int16_t);
	const int16_t *left = (const int16_t *)(const void *)sides[0].p,
		      *right = (const int16_t *)(const void *)sides[1].p;
	int16_t *both = xcalloc(2 * n + 1, sizeof *both);
	uint8_t head[WAV_HEADER];
	for (size_t i = 0; i < n; i++) {
		both[2 * i] = left[i];
		both[2 * i + 1] = right[i];
	}
	sound_wav_header(head, RATE, 2, (uint32_t)(4 * n));
	FILE *f = fopen(path, "wb");
	bool good =
		f && fwrite(head, 1, sizeof head, f) == sizeof head && fwrite(both, 4, n, f) == n;
	good = f && fclose(f) == 0 && good;
	free(both);
	return good;
}

/* path gets its name when it is whole. */
static bool make(const struct script *s, const char *path)
{
	char sentence[PATH + 8], whole[PATH + 8];
	struct buf sides[2] = {buf_grow(1u << 19), buf_grow(1u << 19)};
	snprintf(sentence, sizeof sentence, "%s.one", path);
	snprintf(whole, sizeof whole, "%s.new", path);
	const bool good =
		speak_all(s, sentence, sides) && save(whole, sides) && rename(whole, path) == 0;
	unlink(sentence);
	buf_free(&sides[0]);
	buf_free(&sides[1]);
	return good;
}

static bool load(const char *path, struct demo_dialog *out)
{
	struct buf bytes = buf_grow(1u << 20);
	struct wav w;
	const bool good = read_file(path, &bytes) == ERR_OK &&
			  sound_wav_parse(buf_str(&bytes), &w) == ERR_OK && w.channels == 2 &&
			  w.rate == RATE;
	if (good) {
		const size_t n = sound_wav_frames(&w);
		const uint8_t *p = (const uint8_t *)w.data.p;
		out->samples = (uint32_t)n;
		out->customer = xcalloc(n + 1, sizeof *out->customer);
		out->agent = xcalloc(n + 1, sizeof *out->agent);
		for (size_t i = 0; i < n; i++, p += 4) {
			out->customer[i] = (int16_t)(p[0] | p[1] << 8);
			out->agent[i] = (int16_t)(p[2] | p[3] << 8);
		}
	}
	buf_free(&bytes);
	return good;
}

void demo_voices_load(const char *dir, struct demo_voices *out)
{
	char folder[PATH - 16], path[PATH];
	*out = (struct demo_voices){.dialogs = xcalloc(COUNT_OF(SCRIPTS), sizeof *out->dialogs)};
	snprintf(folder, sizeof folder, "%s/demo", dir);
	(void)mkdir(folder, 0700);
	for (size_t i = 0; i < COUNT_OF(SCRIPTS); i++) {
		struct demo_dialog *d = &out->dialogs[out->count];
		snprintf(path, sizeof path, "%s/%zu.wav", folder, i + 1);
		if (!load(path, d) && !(make(&SCRIPTS[i], path) && load(path, d)))
			continue;
		CHECK(str_copy(str_of(SCRIPTS[i].lang), d->lang, sizeof d->lang));
		out->count++;
	}
}

void demo_voices_free(struct demo_voices *v)
{
	for (uint32_t i = 0; i < v->count; i++) {
		free(v->dialogs[i].customer);
		free(v->dialogs[i].agent);
	}
	free(v->dialogs);
	*v = (struct demo_voices){0};
}
