/* decode.c - see decode.h. */
#include "app/decode.h"

#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sndfile.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/sound.h"
#include "os/log.h"

#define WAIT_MS 20000
#define MEMORY_MAX (1ul << 30)
#define CHANNELS_MAX 8
#define BLOCK 4096 /* frames */

/* What the child's exit status says. */
enum verdict {
	SOUND_GOOD,
	SOUND_UNKNOWN = 10,
	SOUND_DAMAGED,
	SOUND_LONG,
	SOUND_EMPTY,
	SOUND_ODD,
	SOUND_NO_DECODER
};

static const struct {
	enum verdict verdict;
	enum err err;
	const char *why;
} verdicts[] = {
	{SOUND_UNKNOWN, ERR_UNSUPPORTED, "this is no WAV, MP3 or Ogg (Vorbis, Opus) file"},
	{SOUND_DAMAGED, ERR_INVALID, "the file is damaged: it cannot be decoded"},
	{SOUND_LONG, ERR_TOO_LARGE, "the sound is longer than 10 minutes"},
	{SOUND_EMPTY, ERR_INVALID, "there is no sound in the file"},
	{SOUND_NO_DECODER, ERR_UNSUPPORTED, "sound files cannot be read here: install libsndfile1"},
	{SOUND_ODD, ERR_UNSUPPORTED, "at most 8 channels and 4 to 192 kHz can be taken"},
};

/* -- the child --
 *
 * libsndfile and its decoders are taken into memory by this process alone: linked, they would cost
 * each of the others a MiB.
 */

static struct {
	__typeof__(&sf_open_fd) open_fd;
	__typeof__(&sf_readf_float) readf_float;
	__typeof__(&sf_error) error;
	__typeof__(&sf_close) close;
} sf;

static bool load_decoders(void)
{
	void *library = dlopen("libsndfile.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return false;
	*(void **)&sf.open_fd = dlsym(library, "sf_open_fd");
	*(void **)&sf.readf_float = dlsym(library, "sf_readf_float");
	*(void **)&sf.error = dlsym(library, "sf_error");
	*(void **)&sf.close = dlsym(library, "sf_close");
	return sf.open_fd && sf.readf_float && sf.error && sf.close;
}

static bool kind_wanted(int format)
{
	switch (format & SF_FORMAT_TYPEMASK) {
	case SF_FORMAT_WAV:
	case SF_FORMAT_WAVEX:
	case SF_FORMAT_RF64:
	case SF_FORMAT_OGG:
	case SF_FORMAT_MPEG:
		return true;
	default:
		return false;
	}
}

/* All channels mixed into one; *n frames, at most `most`. What is longer gives most + 1. */
static enum verdict mix(SNDFILE *f, const SF_INFO *info, int16_t *mono, size_t most, size_t *n)
{
	static float block[BLOCK * CHANNELS_MAX];
	sf_count_t got;
	*n = 0;
	while ((got = sf.readf_float(f, block, BLOCK)) > 0) {
		for (sf_count_t i = 0; i < got; i++) {
			float sum = 0;
			for (int c = 0; c < info->channels; c++)
				sum += block[i * info->channels + c];
			sum = sum / (float)info->channels * 32768;
			if (*n == most)
				return SOUND_LONG;
			mono[(*n)++] = (int16_t)lrintf(
				isfinite(sum) ? fminf(fmaxf(sum, -32767), 32767) : 0);
		}
	}
	if (sf.error(f) != SF_ERR_NO_ERROR)
		return SOUND_DAMAGED;
	return *n ? SOUND_GOOD : SOUND_EMPTY;
}

static bool put_all(const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(STDOUT_FILENO, p, n);
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static enum verdict put_wav(const int16_t *mono, size_t n, uint32_t rate)
{
	uint8_t head[WAV_HEADER];
	size_t out_n = sound_resampled(n, rate, SOUND_RATE);
	int16_t *out = xcalloc(out_n + 1, sizeof *out);
	sound_resample(mono, n, rate, out, SOUND_RATE);
	sound_wav_header(head, SOUND_RATE, 1, (uint32_t)out_n * 2);
	bool ok = out_n && put_all((char *)head, sizeof head) && put_all((char *)out, out_n * 2);
	free(out);
	return ok ? SOUND_GOOD : SOUND_EMPTY;
}

int decode_child(void)
{
	const struct rlimit time = {15, 15}, memory = {MEMORY_MAX, MEMORY_MAX},
			    size = {32u << 20, 32u << 20}, files = {16, 16}, none = {0, 0};
	SF_INFO info = {0};
	size_t n = 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CPU, &time);
	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_FSIZE, &size);
	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_CORE, &none);
	if (!load_decoders())
		return SOUND_NO_DECODER;
	SNDFILE *f = sf.open_fd(STDIN_FILENO, SFM_READ, &info, 0);
	if (!f || !kind_wanted(info.format))
		return SOUND_UNKNOWN;
	if (info.channels < 1 || info.channels > CHANNELS_MAX || info.samplerate < 4000 ||
	    info.samplerate > 192000)
		return SOUND_ODD;
	size_t most = (size_t)info.samplerate * DECODE_SECONDS_MAX;
	int16_t *mono = xcalloc(most + 1, sizeof *mono);
	enum verdict v = mix(f, &info, mono, most, &n);
	if (v == SOUND_GOOD)
		v = put_wav(mono, n, (uint32_t)info.samplerate);
	free(mono);
	sf.close(f);
	return (int)v;
}

/* -- the parent -- */

static int memory_file(struct str bytes)
{
	int fd = memfd_create("sound", MFD_CLOEXEC);
	for (size_t at = 0; fd >= 0 && at < bytes.n;) {
		ssize_t n = write(fd, bytes.p + at, bytes.n - at);
		if (n <= 0) {
			close(fd);
			return -1;
		}
		at += (size_t)n;
	}
	if (fd >= 0)
		CHECK(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static bool start_child(int in, int out, pid_t *pid)
{
	static char name[] = "centrala", word[] = "decode-sound", locale[] = "LC_ALL=C";
	char *const argv[] = {name, word, NULL};
	char *const env[] = {locale, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none;
	sigemptyset(&none);
	CHECK(posix_spawn_file_actions_init(&files) == 0 && posix_spawnattr_init(&how) == 0);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
	/* this very program, also when another one lies in its place meanwhile */
	int e = posix_spawn(pid, "/proc/self/exe", &files, &how, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	return e == 0;
}

/* Its wait status; killed when it takes too long. */
static int wait_child(pid_t pid)
{
	int status = -1, fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	if (fd < 0 || poll(&p, 1, WAIT_MS) <= 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (fd >= 0)
		close(fd);
	return status;
}

static enum err read_out(int fd, struct buf *wav)
{
	char piece[1 << 14];
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;)
		buf_put(wav, str_make(piece, (size_t)n));
	return wav->n > WAV_HEADER ? ERR_OK : ERR_IO;
}

static enum err judge(int status, char *why, size_t room)
{
	const int code = WIFEXITED(status) ? WEXITSTATUS(status) : SOUND_DAMAGED;
	if (code == SOUND_GOOD)
		return ERR_OK;
	if (!WIFEXITED(status))
		log_line(LOG_WARN, "event=sound_decoder_died status=%d", status);
	for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
		if ((int)verdicts[i].verdict != code)
			continue;
		snprintf(why, room, "%s", verdicts[i].why);
		return verdicts[i].err;
	}
	snprintf(why, room, "the decoder could not be run");
	return ERR_IO;
}

enum err decode_sound(void *arg, struct str file, struct buf *wav, int64_t *duration_ms, char *why,
		      size_t why_room)
{
	int in = memory_file(file), out = memory_file(STR_NONE);
	pid_t pid;
	enum err e = ERR_IO;
	(void)arg;
	if (in >= 0 && out >= 0 && start_child(in, out, &pid))
		e = judge(wait_child(pid), why, why_room);
	if (e == ERR_OK)
		e = read_out(out, wav);
	if (e == ERR_OK)
		*duration_ms = (int64_t)(wav->n - WAV_HEADER) / 2 * 1000 / SOUND_RATE;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return e;
}
