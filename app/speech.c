/* speech.c - see speech.h. */
#include "app/speech.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/kin.h"
#include "base/list.h"
#include "audio/sound.h"
#include "core/config.h"
#include "os/log.h"

#define RATE 8000
#define ANSWER_PATIENCE_MS 30000
#define RAW_MAX (20u << 20)

struct job {
	struct letter letter;
	struct list link;
	struct str key, text; /* in one piece behind the struct */
	uint8_t voice;
};

struct verdict {
	struct letter letter;
	uint32_t job;
	bool ok;
};

struct speech {
	struct speech_options o;
	char dir[512];
	struct mailbox *in;
	struct list jobs;
	uint32_t number, answered; /* jobs given out; the one last answered */
	bool answer;
	_Atomic bool stop;
	pthread_t thread;
};

static void path_of(const struct speech *s, struct str key, const char *end, char out[640])
{
	snprintf(out, 640, "%s/" STR_FMT "%s", s->dir, STR_ARG(key), end);
}

/* -- the clerk's thread -- */

static void open_job(struct letter *l, void *reader)
{
	struct speech *s = reader;
	struct job *j = CONTAINER_OF(l, struct job, letter);
	list_push(&s->jobs, &j->link);
}

static void open_verdict(struct letter *l, void *reader)
{
	struct speech *s = reader;
	struct verdict *v = CONTAINER_OF(l, struct verdict, letter);
	s->answered = v->job;
	s->answer = v->ok;
	free(v);
}

static void wait_mail(struct speech *s, int ms)
{
	struct pollfd p = {.fd = mailbox_fd(s->in), .events = POLLIN};
	poll(&p, 1, ms);
	mailbox_drain(s->in, s);
}

/* Sends text and target file to the supervisor and waits for its word. */
static bool synthesise(struct speech *s, const struct job *j, int out)
{
	int text = memfd_create("speech", MFD_CLOEXEC);
	if (text < 0)
		return false;
	bool wrote = write(text, j->text.p, j->text.n) == (ssize_t)j->text.n &&
		     write(text, "\n", 1) == 1 && lseek(text, 0, SEEK_SET) == 0;
	char room[6] = {KIN_SPEAK};
	uint32_t number = ++s->number;
	memcpy(room + 1, &number, sizeof number);
	room[5] = (char)j->voice;
	bool asked =
		wrote && kin_send(s->o.control, str_make(room, sizeof room), text, out) == ERR_OK;
	close(text);
	for (int waited = 0; asked && waited < ANSWER_PATIENCE_MS && !s->stop; waited += 100) {
		if (s->answered == number)
			return s->answer;
		wait_mail(s, 100);
	}
	return asked && s->answered == number && s->answer;
}

static struct str read_all(int fd)
{
	struct stat st;
	if (fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > (off_t)RAW_MAX ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return STR_NONE;
	char *p = xcalloc(1, (size_t)st.st_size);
	size_t n = 0;
	for (ssize_t got;
	     n < (size_t)st.st_size && (got = read(fd, p + n, (size_t)st.st_size - n)) > 0;)
		n += (size_t)got;
	return str_make(p, n);
}

static bool write_all(int fd, const void *p, size_t n)
{
	const char *at = p;
	while (n) {
		ssize_t put = write(fd, at, n);
		if (put <= 0)
			return false;
		at += put;
		n -= (size_t)put;
	}
	return true;
}

/* Whatever the synthesiser wrote becomes a small true WAV at the telephone's rate. */
static bool convert(struct str raw, const char *path)
{
	struct wav w;
	if (sound_wav_parse(raw, &w) != ERR_OK)
		return false;
	size_t n = sound_wav_frames(&w), out_n = sound_resampled(n, w.rate, RATE);
	int16_t *mono = xcalloc(n, sizeof *mono), *out = xcalloc(out_n, sizeof *out);
	sound_wav_mono(&w, mono);
	sound_resample(mono, n, w.rate, out, RATE);
	uint8_t head[WAV_HEADER];
	sound_wav_header(head, RATE, 1, (uint32_t)(out_n * 2));
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	bool good = fd >= 0 && write_all(fd, head, sizeof head) && write_all(fd, out, out_n * 2) &&
		    fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	free(mono);
	free(out);
	return good && n > 0;
}

static bool speak(struct speech *s, const struct job *j)
{
	char raw[640], ready[640], final[640];
	path_of(s, j->key, ".raw", raw);
	path_of(s, j->key, ".tmp", ready);
	path_of(s, j->key, ".wav", final);
	if (access(final, R_OK) == 0)
		return true; /* asked for twice while it waited */
	unlink(raw);	     /* a helper of a core that died may be writing to it still */
	int fd = open(raw, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	bool good = synthesise(s, j, fd);
	if (good) {
		struct str bytes = read_all(fd);
		good = bytes.n && convert(bytes, ready) && rename(ready, final) == 0;
		free((char *)(uintptr_t)bytes.p);
	}
	close(fd);
	unlink(raw);
	return good;
}

static void *run(void *arg)
{
	struct speech *s = arg;
	while (!s->stop) {
		if (list_empty(&s->jobs)) {
			wait_mail(s, 1000);
			continue;
		}
		struct job *j = CONTAINER_OF(s->jobs.next, struct job, link);
		list_remove(&j->link);
		bool ok = speak(s, j);
		if (!ok)
			log_line(LOG_ERROR, "event=speech_failed key=" STR_FMT, STR_ARG(j->key));
		if (!s->stop)
			s->o.done(s->o.arg, j->key, ok);
		free(j);
	}
	return NULL;
}

/* -- the main thread's side -- */

bool speech_want(struct speech *s, struct str key, struct str lang, struct str text)
{
	char path[640];
	path_of(s, key, ".wav", path);
	if (access(path, R_OK) == 0)
		return true;
	struct job *j = xcalloc(1, sizeof *j + key.n + text.n);
	char *p = (char *)(j + 1);
	memcpy(p, key.p, key.n);
	memcpy(p + key.n, text.p, text.n);
	j->key = str_make(p, key.n);
	j->text = str_make(p + key.n, text.n);
	const struct lang_text voices[] = {{STR("pl"), {0}}, {STR("ru"), {0}}};
	const struct lang_text *voice = lang_text_find(voices, COUNT_OF(voices), lang); /* pl-PL */
	j->voice = !voice ? VOICE_EN : voice == voices ? VOICE_PL : VOICE_RU;
	j->letter.open = open_job;
	mailbox_post(s->in, &j->letter);
	return false;
}

void speech_spoken(struct speech *s, uint32_t job, bool ok)
{
	struct verdict *v = xcalloc(1, sizeof *v);
	v->letter.open = open_verdict;
	v->job = job;
	v->ok = ok;
	mailbox_post(s->in, &v->letter);
}

struct speech *speech_start(const struct speech_options *o)
{
	struct speech *s = xcalloc(1, sizeof *s);
	s->o = *o;
	CHECK(str_copy(o->dir, s->dir, sizeof s->dir));
	if (mkdir(s->dir, 0750) < 0 && errno != EEXIST)
		log_line(LOG_ERROR, "event=speech_dir dir=%s", s->dir);
	s->in = mailbox_create();
	list_init(&s->jobs);
	CHECK(pthread_create(&s->thread, NULL, run, s) == 0);
	pthread_setname_np(s->thread, "speech");
	return s;
}

void speech_stop(struct speech *s)
{
	if (!s)
		return;
	s->stop = true;
	pthread_join(s->thread, NULL);
	mailbox_drain(s->in, s);
	list_for_each (link, &s->jobs)
		free(CONTAINER_OF(link, struct job, link));
	mailbox_destroy(s->in);
	free(s);
}
