/* tape_test.c - recordings on invented time; the writer and its ledger on a real disk. */
#include "media/tape.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media/ledger.h"
#include "media/lives.h"
#include "tests/test.h"

#define START 777777 /* us */

/* A writer that keeps what it gets and gives pages back, or does not. */
struct sink {
	bool hold;
	uint32_t pages, samples, next, gap;
	int16_t first_left;
};

static void to_sink(void *arg, struct letter *l)
{
	struct sink *s = arg;
	struct page *p = CONTAINER_OF(l, struct page, letter);
	s->gap += p->at - s->next;
	s->next = p->at + p->count;
	s->samples += p->count;
	s->pages++;
	if (!s->hold)
		atomic_store(&p->busy, false);
}

/* Each 20 ms of time up to now, as the media thread's ticks hand them in. */
static void run_to(struct tape *t, int64_t *tick_us, int64_t now_us, const int16_t *right,
		   struct sink *s)
{
	static const int16_t silence[SOUND_FRAME];
	for (; *tick_us + 20000 <= now_us; *tick_us += 20000)
		tape_frame(t, *tick_us + 20000, silence, right ? right : silence, to_sink, s);
}

TEST(tape_length_is_wall_time_to_the_sample)
{
	static const int64_t lengths_us[] = {0, 100, 20000, 999999, 1000000, 12345678};
	for (size_t i = 0; i < COUNT_OF(lengths_us); i++) {
		struct sink s = {0};
		struct tape *t = tape_create((struct id){1, 1}, STR("x.wav"));
		uint32_t dice = 3;
		int64_t tick_us = START - START % 20000;
		tape_start(t, START);
		for (int64_t at = 0; at < lengths_us[i];) { /* ticks come late now and then */
			dice = dice * 1664525u + 1013904223u;
			at += 20000 + (dice >> 16) % 30000;
			run_to(t, &tick_us, START + MIN(at, lengths_us[i]), NULL, &s);
		}
		tape_finish(t, START + lengths_us[i], to_sink, &s);
		EXPECT(s.samples == lengths_us[i] * 8 / 1000 && s.gap == 0);
		EXPECT(t->made == s.samples && t->lost == 0);
		tape_destroy(t);
	}
}

TEST(tape_whose_writer_hangs_loses_sound_but_no_time)
{
	struct sink s = {.hold = true};
	int64_t tick_us = START;
	struct tape *t = tape_create((struct id){1, 1}, STR("x.wav"));
	tape_start(t, START);
	run_to(t, &tick_us, START + 500 * 20000, NULL, &s);
	EXPECT(s.pages == TAPE_PAGES && t->made == 80000);
	EXPECT(t->lost == 80000 - TAPE_PAGES * TAPE_PAGE_SAMPLES);
	for (int i = 0; i < TAPE_PAGES; i++) /* it wakes */
		atomic_store(&t->pages[i].busy, false);
	s.hold = false;
	run_to(t, &tick_us, START + 600 * 20000, NULL, &s);
	tape_finish(t, START + 12000000, to_sink, &s);
	EXPECT(s.next == 96000 && s.gap == t->lost);
	tape_destroy(t);
}

TEST(tape_over_a_machine_that_slept_leaps)
{
	struct sink s = {0};
	struct tape *t = tape_create((struct id){1, 1}, STR("x.wav"));
	tape_start(t, START);
	int64_t tick_us = START;
	run_to(t, &tick_us, START + 500000, NULL, &s);
	tick_us = START + 3600000000 - 20000; /* the ticks between are left out */
	run_to(t, &tick_us, START + 3600000000, NULL, &s);
	tape_finish(t, START + 3600020000, to_sink, &s);
	EXPECT(t->made == 28800160 && s.pages <= 3 && t->lost == 0);
	tape_destroy(t);
}

struct heard {
	struct recorded *all[8];
	uint32_t n;
};

static void keep(void *arg, struct recorded *r)
{
	struct heard *h = arg;
	if (h->n < COUNT_OF(h->all))
		h->all[h->n++] = r;
}

static void on_recorded(struct letter *l, void *reader)
{
	keep(reader, CONTAINER_OF(l, struct recorded, letter));
}

static void make_dir(char out[64])
{
	snprintf(out, 64, "/tmp/media-tape-XXXXXX");
	EXPECT(mkdtemp(out) != NULL);
}

static void remove_dir(const char *dir)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	EXPECT(system(command) == 0);
}

static void await(struct mailbox *m, struct heard *h, uint32_t n)
{
	for (int i = 0; i < 100 && h->n < n; i++) {
		struct pollfd p = {.fd = mailbox_fd(m), .events = POLLIN};
		if (poll(&p, 1, 100) > 0)
			mailbox_drain(m, h);
	}
	EXPECT(h->n == n);
}

static struct recorded *write_one(struct writer *w, struct mailbox *m, struct heard *h,
				  struct id rec, const char *path)
{
	struct tape *t = tape_create(rec, str_of(path));
	writer_open(w, t);
	tape_start(t, 0);
	int16_t pcm[SOUND_FRAME], silence[SOUND_FRAME] = {0};
	for (int i = 0; i < SOUND_FRAME; i++)
		pcm[i] = 1000;
	for (uint32_t i = 1; i <= 100; i++) {
		tape_frame(t, i * 20000, silence, pcm, writer_post, w);
	}
	tape_finish(t, 2000000, writer_post, w);
	uint32_t n = h->n;
	writer_end(w, t);
	await(m, h, n + 1);
	return h->n > n ? h->all[n] : NULL;
}

static uint32_t known;

static void count_known(void *arg, struct id rec)
{
	(void)arg;
	known += rec.slot != 0;
}

static struct writer *start(const char *dir, struct mailbox *m, char root[96], char state[96])
{
	snprintf(root, 96, "%s/rec", dir);
	snprintf(state, 96, "%s/state", dir);
	known = 0;
	return writer_start(&(struct writer_options){.root = root,
						     .state = state,
						     .answers = m,
						     .recorded = on_recorded,
						     .known = count_known});
}

TEST(writer_makes_whole_files_and_remembers_them_until_acknowledged)
{
	char dir[64], root[96], state[96], path[256];
	struct heard h = {0};
	struct mailbox *m = mailbox_create();
	make_dir(dir);
	struct writer *w = start(dir, m, root, state);
	EXPECT(w != NULL);
	struct recorded *r = write_one(w, m, &h, (struct id){4, 2}, "a/b/one.wav");
	EXPECT(r && r->duration_ms == 2000 && r->bytes == WAV_HEADER + 64000 && !r->flaw[0]);
	snprintf(path, sizeof path, "%s/a/b/one.wav", root);
	struct stat st;
	EXPECT(stat(path, &st) == 0 && st.st_size == WAV_HEADER + 64000);
	/* the same path again: the first one is not harmed, the second one says why */
	struct recorded *again = write_one(w, m, &h, (struct id){5, 2}, "a/b/one.wav");
	EXPECT(again && again->bytes == 0 && !again->sha256[0]);
	EXPECT_STR(str_of(again ? again->flaw : ""), "truncated: File exists");
	EXPECT(stat(path, &st) == 0 && st.st_size == WAV_HEADER + 64000);
	writer_ack(w, (struct id){5, 2});
	writer_stop(w);

	w = start(dir, m, root, state); /* another life: what is not acknowledged is told */
	EXPECT(known == 1);
	await(m, &h, 3);
	EXPECT(ID_EQ(h.all[2]->rec, ((struct id){4, 2})));
	EXPECT(!strcmp(h.all[2]->sha256, r->sha256) && h.all[2]->duration_ms == 2000);
	EXPECT(h.all[2]->bytes == r->bytes && !h.all[2]->flaw[0]);
	writer_ack(w, (struct id){4, 2});
	writer_stop(w);
	w = start(dir, m, root, state);
	writer_stop(w);
	mailbox_drain(m, &h);
	EXPECT(h.n == 3);
	for (uint32_t i = 0; i < h.n; i++)
		free(h.all[i]);
	mailbox_destroy(m);
	remove_dir(dir);
}

TEST(writer_on_a_full_disk_says_so_and_the_file_stays_readable)
{
	char dir[64], root[96], state[96], path[256], bytes[32768];
	struct heard h = {0};
	struct mailbox *m = mailbox_create();
	struct rlimit was, small = {20000, RLIM_INFINITY}; /* a disk of 20 kB */
	make_dir(dir);
	struct writer *w = start(dir, m, root, state);
	EXPECT(getrlimit(RLIMIT_FSIZE, &was) == 0);
	small.rlim_max = was.rlim_max;
	void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
	EXPECT(setrlimit(RLIMIT_FSIZE, &small) == 0);
	struct recorded *r = write_one(w, m, &h, (struct id){1, 1}, "x.wav");
	EXPECT(setrlimit(RLIMIT_FSIZE, &was) == 0);
	(void)signal(SIGXFSZ, old);
	EXPECT(r && r->bytes == 20000 && r->duration_ms == (20000 - WAV_HEADER) / 32);
	EXPECT_STR(str_of(r ? r->flaw : ""), "truncated: File too large");
	snprintf(path, sizeof path, "%s/x.wav", root);
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, bytes, sizeof bytes);
	struct wav wav;
	EXPECT(n == 20000 && sound_wav_parse(str_make(bytes, (size_t)MAX(n, 0)), &wav) == ERR_OK);
	EXPECT(sound_wav_frames(&wav) == (20000 - WAV_HEADER) / 4);
	close(fd);
	writer_stop(w);
	for (uint32_t i = 0; i < h.n; i++)
		free(h.all[i]);
	mailbox_destroy(m);
	remove_dir(dir);
}

TEST(writer_on_a_disk_without_any_room_tells_of_no_recording)
{
	char dir[64], root[96], state[96];
	struct heard h = {0};
	struct mailbox *m = mailbox_create();
	struct rlimit was, none = {0, RLIM_INFINITY};
	make_dir(dir);
	struct writer *w = start(dir, m, root, state);
	EXPECT(getrlimit(RLIMIT_FSIZE, &was) == 0);
	none.rlim_max = was.rlim_max;
	void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
	EXPECT(setrlimit(RLIMIT_FSIZE, &none) == 0);
	struct recorded *r = write_one(w, m, &h, (struct id){1, 1}, "x.wav");
	EXPECT(setrlimit(RLIMIT_FSIZE, &was) == 0);
	(void)signal(SIGXFSZ, old);
	EXPECT(r && r->bytes == 0 && r->duration_ms == 0 && !r->sha256[0]);
	EXPECT_STR(str_of(r ? r->flaw : ""), "truncated: File too large");
	writer_stop(w);
	for (uint32_t i = 0; i < h.n; i++)
		free(h.all[i]);
	mailbox_destroy(m);
	remove_dir(dir);
}

TEST(writer_repairs_what_a_crash_left)
{
	char dir[64], root[96], state[96];
	uint8_t header[WAV_HEADER];
	struct heard h = {0};
	make_dir(dir);
	snprintf(root, sizeof root, "%s/rec", dir);
	snprintf(state, sizeof state, "%s/state", dir);
	int root_fd = ledger_open_dir(root), state_fd = ledger_open_dir(state);
	EXPECT(root_fd >= 0 && state_fd >= 0);
	/* 1001 bytes of sound: the last frame is torn */
	int fd = ledger_create_below(root_fd, STR("t/cut.wav"));
	static char sound[1001];
	sound_wav_header(header, 8000, 2, 0);
	EXPECT(write(fd, header, sizeof header) == sizeof header);
	EXPECT(write(fd, sound, sizeof sound) == sizeof sound);
	close(fd);
	EXPECT(ledger_begin(state_fd, (struct id){1, 1}, STR("t/cut.wav")));
	EXPECT(ledger_begin(state_fd, (struct id){2, 1}, STR("t/never-made.wav")));
	EXPECT(ledger_begin(state_fd, (struct id){3, 1}, STR("../../etc/passwd")));
	ledger_recover(state_fd, root_fd, keep, &h);
	EXPECT(h.n == 3);
	for (uint32_t i = 0; i < h.n; i++) {
		struct recorded *r = h.all[i];
		EXPECT_STR(str_of(r->flaw), r->rec.slot == 3 ? "lost: side file unreadable"
							     : "truncated: media restart");
		EXPECT(r->bytes == (r->rec.slot == 1 ? WAV_HEADER + 1000 : 0));
		EXPECT(r->duration_ms == (r->rec.slot == 1 ? 31 : 0));
		EXPECT(strlen(r->sha256) == (r->rec.slot == 1 ? 64 : 0));
		free(r);
	}
	fd = openat(root_fd, "t/cut.wav", O_RDONLY);
	char bytes[2048];
	ssize_t n = read(fd, bytes, sizeof bytes);
	struct wav w;
	EXPECT(n == WAV_HEADER + 1000);
	EXPECT(sound_wav_parse(str_make(bytes, (size_t)MAX(n, 0)), &w) == ERR_OK);
	EXPECT(w.data.n == 1000);
	close(fd);
	h.n = 0; /* told again in the next life, now as a finished one */
	ledger_recover(state_fd, root_fd, keep, &h);
	EXPECT(h.n == 3);
	for (uint32_t i = 0; i < h.n; i++)
		free(h.all[i]);
	close(root_fd);
	close(state_fd);
	remove_dir(dir);
}

/* Another media process beside us: its folder is locked until it is told to end. */
struct neighbour {
	pid_t pid;
	int tell;
};

static struct neighbour neighbour_begin(const char *state, const char *path)
{
	int up[2], down[2];
	char said;
	EXPECT(pipe(up) == 0 && pipe(down) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct lives l;
		close(down[1]);
		if (!lives_begin(&l, state) ||
		    !ledger_begin(l.own, (struct id){7, 7}, str_of(path)))
			_exit(1);
		(void)!write(up[1], "x", 1);
		(void)!read(down[0], &said, 1);
		_exit(0); /* as one that was killed: the folder stays */
	}
	close(down[0]);
	EXPECT(read(up[0], &said, 1) == 1);
	close(up[0]);
	close(up[1]);
	return (struct neighbour){pid, down[1]};
}

static void neighbour_end(struct neighbour *n)
{
	close(n->tell);
	EXPECT(waitpid(n->pid, NULL, 0) == n->pid);
}

TEST(writer_leaves_a_living_neighbour_alone_and_inherits_from_a_dead_one)
{
	char dir[64], root[96], state[96];
	struct heard h = {0};
	struct mailbox *m = mailbox_create();
	make_dir(dir);
	snprintf(state, sizeof state, "%s/state", dir);
	struct neighbour n = neighbour_begin(state, "t/his.wav");
	struct writer *w = start(dir, m, root, state);
	EXPECT(known == 0);
	writer_seek(w, (struct id){7, 7}); /* he lives: it is his to tell */
	await(m, &h, 1);
	EXPECT_STR(str_of(h.all[0]->flaw), "lost: not known");
	neighbour_end(&n);
	writer_seek(w, (struct id){7, 7});
	await(m, &h, 2);
	EXPECT_STR(str_of(h.all[1]->path), "t/his.wav");
	EXPECT_STR(str_of(h.all[1]->flaw), "truncated: media restart");
	writer_ack(w, (struct id){7, 7});
	writer_stop(w);
	/* all that was is acknowledged: no folder is left */
	EXPECT(rmdir(state) == 0);
	n = neighbour_begin(state, "t/his.wav");
	neighbour_end(&n);
	w = start(dir, m, root, state);
	EXPECT(known == 1);
	await(m, &h, 3);
	writer_stop(w);
	for (uint32_t i = 0; i < h.n; i++)
		free(h.all[i]);
	mailbox_destroy(m);
	remove_dir(dir);
}

TEST(writer_paths_stay_below_the_root)
{
	static const char *const bad[] = {"",	 "/etc/x", "..",    "../x", "a/../../x", "a//b",
					  "./a", "a/",	   "a/./b", "a\nb", "a/.."};
	char dir[64], out[80], link[96];
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(!writer_path_ok(str_of(bad[i])));
	EXPECT(!writer_path_ok(STR("a\0b")));
	EXPECT(writer_path_ok(STR("acme/2026/11/x-1.wav")) && writer_path_ok(STR("..x/...")));
	make_dir(dir);
	snprintf(out, sizeof out, "%s/root", dir);
	int root = ledger_open_dir(out);
	snprintf(link, sizeof link, "%s/root/out", dir);
	EXPECT(symlink("/tmp", link) == 0);
	EXPECT(ledger_create_below(root, STR("out/media-test-escaped.wav")) == -1);
	EXPECT(access("/tmp/media-test-escaped.wav", F_OK) != 0);
	EXPECT(ledger_create_below(root, STR("../x.wav")) == -1 && errno == EINVAL);
	int fd = ledger_create_below(root, STR("a/x.wav"));
	EXPECT(fd >= 0);
	close(fd);
	EXPECT(ledger_create_below(root, STR("a/x.wav")) == -1 && errno == EEXIST);
	EXPECT(ledger_create_below(root, STR("a/x.wav/y.wav")) == -1);
	close(root);
	remove_dir(dir);
}
