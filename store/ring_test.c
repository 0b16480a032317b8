/* ring_test.c - what the ring holds after a kill, a full disk, a change of segments. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/house_test.h"
#include "store/ring.h"
#include "store/ring_file.h"
#include "tests/test.h"

static struct ring *open_ring(const char *dir, size_t segment_bytes)
{
	struct ring *r = NULL;
	char room[200];
	struct buf detail = buf_make(room, sizeof room);
	EXPECT(ring_open(str_of(dir), segment_bytes, &r, &detail) == ERR_OK);
	if (detail.n)
		test_say(buf_str(&detail));
	return r;
}

/* A batch says its seq in its first 8 bytes and is filled with a byte made from it. */
static struct str batch_of(char room[4096], uint64_t seq)
{
	size_t n = 8 + seq * 37 % 300;
	memset(room, (int)(seq % 251), n);
	memcpy(room, &seq, 8);
	return str_make(room, n);
}

static uint64_t seq_of(struct str batch)
{
	uint64_t seq = 0;
	char want[4096];
	if (batch.n < 8)
		return 0;
	memcpy(&seq, batch.p, 8);
	return str_eq(batch_of(want, seq), batch) ? seq : 0;
}

static void append(struct ring *r, uint64_t seq, const struct ring_saver *saver)
{
	char room[4096];
	EXPECT(ring_append(r, batch_of(room, seq), seq, saver) == ERR_OK);
}

/* Segments that were begun: what waits to be taken has no header yet. */
static uint32_t files_in(const char *dir)
{
	char path[80], magic[8];
	uint32_t count = 0;
	for (unsigned number = 1; number < 400; number++) {
		snprintf(path, sizeof path, "%s/ring/%08u.ring", dir, number);
		int fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		count += read(fd, magic, 8) == 8 && memcmp(magic, "centring", 8) == 0;
		close(fd);
	}
	return count;
}

struct replayed {
	struct buf heads;
	uint64_t first, last;
	uint32_t batches, bad;
};

static void on_replay(void *arg, struct str items)
{
	struct replayed *p = arg;
	if (str_starts(items, STR("IMAGES"))) {
		buf_put(&p->heads, items);
		return;
	}
	uint64_t seq = seq_of(items);
	if (!seq || (p->last && seq != p->last + 1))
		p->bad++;
	if (!p->first)
		p->first = seq;
	p->last = seq;
	p->batches++;
}

static bool save_images(void *arg, bool anew, size_t bytes,
			void (*item)(void *to, struct str bytes), void *to)
{
	(void)bytes;
	EXPECT(anew);
	item(to, STR("IMAGES"));
	item(to, str_of(arg));
	return true;
}

TEST(crc32c_as_in_rfc_3720)
{
	/* appendix B.4: 32 bytes of zeros, of ones, ascending */
	unsigned char b[32] = {0};
	EXPECT(crc32c(0, b, 32) == 0x8a9136aa);
	memset(b, 0xff, 32);
	EXPECT(crc32c(0, b, 32) == 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		b[i] = (unsigned char)i;
	EXPECT(crc32c(0, b, 32) == 0x46dd794e);
	EXPECT(crc32c(crc32c(0, b, 13), b + 13, 19) == 0x46dd794e);
}

TEST(ring_counts_its_openings_and_keeps_what_was_appended)
{
	char dir[64];
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 1 << 20);
	EXPECT(ring_epoch(r) == 0);
	EXPECT(!ring_same_boot(r));
	EXPECT(ring_last_seq(r) == 0);
	struct replayed p = {0};
	ring_replay(r, on_replay, &p);
	EXPECT(p.batches == 0);
	for (uint64_t seq = 1; seq <= 100; seq++)
		append(r, seq, NULL);
	ring_close(r);
	r = open_ring(dir, 1 << 20);
	EXPECT(ring_epoch(r) == 1);
	EXPECT(ring_same_boot(r));
	EXPECT(ring_last_seq(r) == 100);
	ring_replay(r, on_replay, &p);
	EXPECT(p.first == 1 && p.last == 100 && p.bad == 0);
	append(r, 101, NULL);
	EXPECT(files_in(dir) == 1); /* goes on in the same segment */
	ring_close(r);
	r = open_ring(dir, 1 << 20);
	EXPECT(ring_epoch(r) == 2);
	EXPECT(ring_last_seq(r) == 101);
	ring_close(r);
	test_dir_remove(dir);
}

TEST(ring_belongs_to_one_process)
{
	char dir[64], room[200];
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 1 << 20), *other;
	struct buf detail = buf_make(room, sizeof room);
	EXPECT(ring_open(str_of(dir), 1 << 20, &other, &detail) == ERR_CONFLICT);
	EXPECT(str_find_str(buf_str(&detail), STR("another process")) >= 0);
	ring_close(r);
	r = open_ring(dir, 1 << 20);
	EXPECT(ring_epoch(r) == 1); /* the refused one does not count */
	ring_close(r);
	test_dir_remove(dir);
}

TEST(ring_begins_a_segment_with_images_and_drops_followed_ones)
{
	char dir[64], state[32] = "";
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 16384);
	struct ring_saver saver = {save_images, state};
	for (uint64_t seq = 1; seq <= 1000; seq++) {
		snprintf(state, sizeof state, "<%llu>", (unsigned long long)seq);
		append(r, seq, &saver);
	}
	uint32_t all = files_in(dir);
	EXPECT(all > 5); /* nobody follows: they pile up */
	struct replayed p = {.heads = buf_grow(64)};
	ring_replay(r, on_replay, &p);
	EXPECT(p.bad == 0 && p.last == 1000 && p.first > 900);
	/* the images are of the turn that opened the segment */
	char want[64];
	snprintf(want, sizeof want, "IMAGES<%llu>", (unsigned long long)p.first);
	EXPECT_STR(buf_str(&p.heads), want);
	struct str items;
	uint64_t last = 0;
	while (ring_follow(r, &items)) {
		EXPECT(seq_of(items) == last + 1);
		last++;
		if (last == 500) {
			ring_followed(r, 500);
			EXPECT(files_in(dir) < all);
			EXPECT(files_in(dir) > 1);
		}
	}
	EXPECT(last == 1000);
	ring_followed(r, last);
	EXPECT(files_in(dir) == 1);
	buf_free(&p.heads);
	ring_close(r);
	test_dir_remove(dir);
}

/* At start the store's thread follows while the core has not replayed yet. */
TEST(nothing_is_deleted_before_it_was_replayed)
{
	char dir[64], state[32] = "now";
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 16384);
	struct ring_saver saver = {save_images, state};
	for (uint64_t seq = 1; seq <= 1000; seq++)
		append(r, seq, &saver);
	const uint32_t all = files_in(dir);
	struct replayed p = {.heads = buf_grow(64)};
	struct str items;
	ring_keep(r, true);
	while (ring_follow(r, &items))
		;
	ring_followed(r, 1000);
	EXPECT(files_in(dir) == all);
	ring_replay(r, on_replay, &p);
	EXPECT(p.bad == 0 && p.last == 1000);
	ring_keep(r, false);
	ring_followed(r, 1000);
	EXPECT(files_in(dir) < all);
	buf_free(&p.heads);
	ring_close(r);
	test_dir_remove(dir);
}

TEST(a_follower_goes_on_after_what_the_database_has)
{
	char dir[64];
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 16384);
	for (uint64_t seq = 1; seq <= 400; seq++)
		append(r, seq, NULL);
	ring_close(r);
	r = open_ring(dir, 16384);
	ring_followed(r, 250);
	struct str items;
	EXPECT(ring_follow(r, &items) && seq_of(items) == 251);
	EXPECT(ring_follow(r, &items) && seq_of(items) == 252);
	/* a batch without facts has nothing for the follower */
	EXPECT(ring_append(r, STR("only images"), 0, NULL) == ERR_OK);
	append(r, 401, NULL);
	uint64_t last = 252;
	while (ring_follow(r, &items))
		EXPECT(seq_of(items) == ++last);
	EXPECT(last == 401);
	ring_close(r);
	test_dir_remove(dir);
}

static void newest_path(const char *dir, char path[160])
{
	uint32_t number = 0;
	do
		snprintf(path, 160, "%s/ring/%08u.ring", dir, number + 1);
	while (access(path, F_OK) == 0 && ++number);
	snprintf(path, 160, "%s/ring/%08u.ring", dir, number);
}

/* Writes bytes into the newest segment file at an offset. */
static void scribble(const char *dir, off_t at, const void *p, size_t n)
{
	char path[160];
	newest_path(dir, path);
	int fd = open(path, O_RDWR);
	CHECK(fd >= 0 && pwrite(fd, p, n, at) == (ssize_t)n);
	close(fd);
}

TEST(a_torn_batch_is_as_if_it_had_not_been)
{
	char dir[64], room[4096];
	for (int kind = 0; kind < 3; kind++) {
		test_dir_make(dir);
		struct ring *r = open_ring(dir, 65536);
		off_t at = SEGMENT_HEADER;
		for (uint64_t seq = 1; seq <= 20; seq++) {
			append(r, seq, NULL);
			if (seq < 20)
				at += (off_t)record_room(batch_of(room, seq).n);
		}
		ring_close(r);
		uint32_t zero = 0, huge = 0x7fffffff;
		if (kind == 0) /* killed before the length was written */
			scribble(dir, at, &zero, 4);
		else if (kind == 1) /* a page that a power cut lost */
			scribble(dir, at + 30, "torn", 4);
		else
			scribble(dir, at, &huge, 4);
		r = open_ring(dir, 65536);
		EXPECT(ring_last_seq(r) == 19);
		/* what comes next is shorter than what was torn: its leftovers are no record */
		EXPECT(ring_append(r, STR("12345678"), 20, NULL) == ERR_OK);
		ring_close(r);
		r = open_ring(dir, 65536);
		EXPECT(ring_last_seq(r) == 20);
		struct str items;
		ring_followed(r, 19);
		EXPECT(ring_follow(r, &items));
		EXPECT_STR(items, "12345678");
		EXPECT(!ring_follow(r, &items));
		ring_close(r);
		test_dir_remove(dir);
	}
}

/* A power cut lost one page in the middle: what stood behind it is no part of the ring, and must
 * not come back when a new batch of the same length takes the lost one's place. */
TEST(what_follows_a_lost_batch_stays_lost)
{
	char dir[64];
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 65536);
	off_t at = SEGMENT_HEADER;
	for (uint64_t seq = 1; seq <= 5; seq++) {
		EXPECT(ring_append(r, STR("0123456789abcdef"), seq, NULL) == ERR_OK);
		if (seq < 4)
			at += (off_t)record_room(16);
	}
	ring_close(r);
	scribble(dir, at + RECORD_HEADER, "lost", 4);
	r = open_ring(dir, 65536);
	EXPECT(ring_last_seq(r) == 3);
	EXPECT(ring_append(r, STR("another sixteen."), 4, NULL) == ERR_OK);
	ring_close(r);
	r = open_ring(dir, 65536);
	EXPECT(ring_last_seq(r) == 4);
	ring_close(r);
	test_dir_remove(dir);
}

TEST(a_restart_begins_where_all_images_are)
{
	char dir[64], state[32] = "new";
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 8192);
	struct ring_saver saver = {save_images, state};
	uint64_t seq = 0;
	do
		append(r, ++seq, &saver);
	while (files_in(dir) < 3);
	ring_close(r);
	uint32_t not_yet = 0; /* `complete`, behind the header's checksum */
	scribble(dir, 44, &not_yet, 4);
	r = open_ring(dir, 8192);
	EXPECT(files_in(dir) == 3);
	EXPECT(ring_last_seq(r) == seq);
	struct replayed p = {.heads = buf_grow(64)};
	ring_replay(r, on_replay, &p);
	EXPECT(p.first > 1 && p.last == seq && p.bad == 0);
	EXPECT_STR(buf_str(&p.heads), "IMAGESnewIMAGESnew"); /* of the one before, and its own */
	append(r, ++seq, &saver);			     /* images again: now it is complete */
	buf_free(&p.heads);
	p = (struct replayed){.heads = buf_grow(64)};
	ring_replay(r, on_replay, &p);
	EXPECT(p.first == seq - 1 && p.last == seq && p.bad == 0);
	buf_free(&p.heads);
	ring_close(r);
	test_dir_remove(dir);
}

/* A world of numbered things, each with the seq at which it changed last. */
struct things {
	uint64_t seq[100];
	unsigned at;
};

static bool save_things(void *arg, bool anew, size_t bytes,
			void (*item)(void *to, struct str bytes), void *to)
{
	struct things *w = arg;
	(void)bytes; /* few at a time, however much is asked for */
	if (anew)
		w->at = 0;
	for (unsigned i = 0; i < 3 && w->at < COUNT_OF(w->seq); i++, w->at++) {
		uint64_t one[2] = {w->at, w->seq[w->at]};
		item(to, str_make((const char *)one, sizeof one));
	}
	return w->at == COUNT_OF(w->seq);
}

static void take_things(void *arg, struct str items)
{
	struct things *w = arg;
	for (; items.n >= 16; items = str_from(items, 16)) {
		uint64_t one[2];
		memcpy(one, items.p, sizeof one);
		w->seq[one[0]] = one[1];
	}
}

TEST(pieces_of_images_and_batches_give_the_world_of_the_end)
{
	char dir[64];
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 4096);
	struct things w = {0}, again = {0};
	struct ring_saver saver = {save_things, &w};
	struct str items;
	for (uint64_t seq = 1; seq <= 3000; seq++) {
		uint64_t one[2] = {seq * 7919 % COUNT_OF(w.seq), seq};
		w.seq[one[0]] = seq;
		EXPECT(ring_append(r, str_make((const char *)one, sizeof one), seq, &saver) ==
		       ERR_OK);
		while (ring_follow(r, &items))
			;
		ring_followed(r, seq);
		if (seq % 197)
			continue;
		EXPECT(files_in(dir) <= 3);
		ring_close(r);
		r = open_ring(dir, 4096);
		memset(&again, 0, sizeof again);
		ring_replay(r, take_things, &again);
		EXPECT(memcmp(w.seq, again.seq, sizeof w.seq) == 0);
	}
	ring_close(r);
	test_dir_remove(dir);
}

TEST(a_ring_of_a_newer_version_is_refused_and_left_alone)
{
	char dir[64], room[200];
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 8192);
	append(r, 1, NULL);
	ring_close(r);
	uint32_t newer = 99;
	scribble(dir, 8, &newer, 4);
	struct buf detail = buf_make(room, sizeof room);
	EXPECT(ring_open(str_of(dir), 8192, &r, &detail) == ERR_UNSUPPORTED);
	EXPECT(files_in(dir) == 1);
	test_dir_remove(dir);
}

/* A child appends as fast as it can and says each seq that was accepted; it is killed at a random
 * moment. Everything it said must be there, in order, unharmed. */
static void kill_once(unsigned seed)
{
	char dir[64], room[4096];
	int said[2];
	test_dir_make(dir);
	CHECK(pipe(said) == 0);
	pid_t child = fork();
	if (child == 0) {
		struct ring *r;
		struct ring_saver saver = {save_images, (void *)"x"};
		if (ring_open(str_of(dir), 32768, &r, NULL) != ERR_OK)
			_exit(1);
		for (uint64_t seq = 1;; seq++) {
			if (ring_append(r, batch_of(room, seq), seq, &saver) != ERR_OK ||
			    write(said[1], &seq, sizeof seq) != (ssize_t)sizeof seq)
				_exit(1);
		}
	}
	close(said[1]);
	uint64_t seq, last = 0;
	uint64_t stop_at = seed * 7919u % 900 + 1;
	while (last < stop_at && read(said[0], &seq, sizeof seq) == (ssize_t)sizeof seq)
		last = seq;
	usleep(seed * 104729u % 400);
	kill(child, SIGKILL);
	while (read(said[0], &seq, sizeof seq) == (ssize_t)sizeof seq)
		last = seq;
	waitpid(child, NULL, 0);
	close(said[0]);
	struct ring *r = open_ring(dir, 32768);
	/* one more may have been appended and not yet said */
	EXPECT(ring_last_seq(r) == last || ring_last_seq(r) == last + 1);
	struct str items;
	uint64_t followed = 0;
	while (ring_follow(r, &items))
		EXPECT(seq_of(items) == ++followed);
	EXPECT(followed == ring_last_seq(r));
	struct replayed p = {.heads = buf_grow(64)};
	ring_replay(r, on_replay, &p);
	EXPECT(p.bad == 0 && p.last == ring_last_seq(r));
	EXPECT(str_starts(buf_str(&p.heads), STR("IMAGESx")));
	append(r, ring_last_seq(r) + 1, NULL);
	buf_free(&p.heads);
	ring_close(r);
	test_dir_remove(dir);
}

TEST(what_was_accepted_survives_a_kill)
{
	for (unsigned seed = 1; seed <= 60; seed++)
		kill_once(seed);
}

TEST(a_full_disk_is_an_error_and_ends_when_there_is_room)
{
	char dir[64];
	test_dir_make(dir);
	if (mount("none", dir, "tmpfs", 0, "size=1m") != 0) {
		test_skip("mounting a small tmpfs needs root");
		test_dir_remove(dir);
		return;
	}
	struct ring *r = open_ring(dir, 131072);
	char big[20000];
	memset(big, 7, sizeof big);
	uint64_t seq = 0;
	enum err e;
	while ((e = ring_append(r, str_make(big, sizeof big), seq + 1, NULL)) == ERR_OK)
		seq++;
	EXPECT(e == ERR_DISK_FULL);
	EXPECT(seq > 10);
	EXPECT(ring_last_seq(r) == seq);
	struct statvfs disk; /* the database must be able to take what is here */
	CHECK(statvfs(dir, &disk) == 0);
	EXPECT(disk.f_bavail * disk.f_frsize >= 131072);
	/* small ones may fit still; what does not fit changes nothing */
	EXPECT(ring_append(r, str_make(big, sizeof big), seq + 1, NULL) == ERR_DISK_FULL);
	struct str items;
	uint64_t followed = 0;
	while (ring_follow(r, &items))
		followed++;
	EXPECT(followed == seq);
	ring_followed(r, seq); /* the database took them */
	EXPECT(ring_append(r, str_make(big, sizeof big), seq + 1, NULL) == ERR_OK);
	ring_close(r);
	r = open_ring(dir, 131072);
	EXPECT(ring_last_seq(r) == seq + 1);
	ring_close(r);
	umount(dir);
	test_dir_remove(dir);
}

TEST(images_larger_than_a_segment_get_a_larger_one)
{
	char dir[64];
	test_dir_make(dir);
	struct ring *r = open_ring(dir, 8192);
	char *state = xcalloc(1, 300001);
	memset(state, 's', 300000);
	struct ring_saver saver = {save_images, state};
	for (uint64_t seq = 1; seq < 1000; seq++)
		append(r, seq, &saver);
	EXPECT(files_in(dir) == 2); /* room for batches is left, not images again and again */
	ring_close(r);
	r = open_ring(dir, 8192);
	struct replayed p = {.heads = buf_grow(64)};
	ring_replay(r, on_replay, &p);
	EXPECT(p.heads.n == 300006 && p.last == 999 && p.bad == 0);
	buf_free(&p.heads);
	free(state);
	ring_close(r);
	test_dir_remove(dir);
}
