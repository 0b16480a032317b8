/* ledger.c - see ledger.h. */
#include "media/ledger.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/log.h"

#define SIDE_MAX 2048
#define RESTARTED "truncated: media restart"

struct ledger_hash {
	EVP_MD_CTX *md;
	int64_t read;
};

bool writer_path_ok(struct str path)
{
	if (!path.n || path.n >= TAPE_PATH_MAX || memchr(path.p, 0, path.n) ||
	    str_find(path, '\n') >= 0)
		return false;
	bool more = true;
	while (more) {
		struct str part;
		more = str_cut(path, '/', &part, &path);
		if (!part.n || part.n > 255 || str_is(part, ".") || str_is(part, ".."))
			return false;
	}
	return true;
}

int ledger_open_dir(const char *path)
{
	char part[4096];
	if (!str_copy(str_of(path), part, sizeof part)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (char *at = part + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = 0;
		if (mkdir(part, 0750) < 0 && errno != EEXIST)
			return -1;
		*at = '/';
	}
	if (mkdir(part, 0750) < 0 && errno != EEXIST)
		return -1;
	return open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Opens the folder that holds the path's last part; -1 and errno. */
static int open_folder(int root, struct str path, bool make, char last[256])
{
	int folder = dup(root);
	struct str part = STR_NONE;
	if (folder < 0)
		return -1;
	if (!writer_path_ok(path)) {
		close(folder);
		errno = EINVAL;
		return -1;
	}
	while (folder >= 0 && str_cut(path, '/', &part, &path)) {
		char name[256];
		CHECK(str_copy(part, name, sizeof name));
		if (make && mkdirat(folder, name, 0750) < 0 && errno != EEXIST) {
			close(folder);
			return -1;
		}
		int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(folder);
		folder = inner;
	}
	if (folder >= 0)
		CHECK(str_copy(part, last, 256));
	return folder;
}

static int open_below(int root, struct str path, bool create)
{
	char name[256];
	int folder = open_folder(root, path, create, name);
	if (folder < 0)
		return -1;
	int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0);
	int fd = openat(folder, name, flags, 0640), wrong = errno;
	close(folder);
	errno = wrong;
	return fd;
}

int ledger_create_below(int root, struct str path)
{
	return open_below(root, path, true);
}

static void side_name(char out[64], struct id rec)
{
	snprintf(out, 64, "rec-%u-%u", rec.slot, rec.age);
}

/* Whole or not at all: written beside, then renamed. */
static bool write_side(int state, struct id rec, struct str text)
{
	char name[64], beside[80];
	side_name(name, rec);
	snprintf(beside, sizeof beside, "%s.new", name);
	int fd = openat(state, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return false;
	bool ok = write(fd, text.p, text.n) == (ssize_t)text.n;
	close(fd);
	if (ok && renameat(state, beside, state, name) == 0)
		return true;
	unlinkat(state, beside, 0);
	return false;
}

bool ledger_begin(int state, struct id rec, struct str path)
{
	char text[SIDE_MAX];
	struct buf b = buf_make(text, sizeof text);
	buf_put(&b, path);
	buf_ch(&b, '\n');
	return write_side(state, rec, buf_str(&b));
}

bool ledger_done(int state, const struct recorded *r)
{
	char text[SIDE_MAX];
	struct buf b = buf_make(text, sizeof text);
	buf_fmt(&b, "%s\n%lld\n%lld\n%s\n%s\n", r->path, (long long)r->duration_ms,
		(long long)r->bytes, r->sha256, r->flaw);
	return !b.full && write_side(state, r->rec, buf_str(&b));
}

void ledger_forget(int state, struct id rec)
{
	char name[64];
	side_name(name, rec);
	unlinkat(state, name, 0);
}

struct ledger_hash *ledger_hash_start(void)
{
	struct ledger_hash *h = xcalloc(1, sizeof *h);
	h->md = EVP_MD_CTX_new();
	CHECK(h->md && EVP_DigestInit_ex(h->md, EVP_sha256(), NULL));
	return h;
}

bool ledger_hash_more(struct ledger_hash *h, int fd, size_t most)
{
	static _Thread_local uint8_t piece[65536];
	for (size_t done = 0; done < most;) {
		ssize_t n = pread(fd, piece, sizeof piece, h->read);
		if (n <= 0)
			return false;
		CHECK(EVP_DigestUpdate(h->md, piece, (size_t)n));
		h->read += n;
		done += (size_t)n;
	}
	return true;
}

int64_t ledger_hash_end(struct ledger_hash *h, char out[65])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	int64_t read = h->read;
	CHECK(EVP_DigestFinal_ex(h->md, digest, &n) && n == 32);
	EVP_MD_CTX_free(h->md);
	free(h);
	struct buf b = buf_make(out, 65);
	buf_hex(&b, digest, n);
	out[b.n] = 0;
	return read;
}

/* A file that nobody finished says what is really there. */
static void repair(int root, struct recorded *r)
{
	int fd = open_below(root, str_of(r->path), false);
	CHECK(str_copy(STR(RESTARTED), r->flaw, sizeof r->flaw));
	if (fd < 0)
		return;
	struct stat st;
	r->duration_ms = sound_file_repair(fd, root, str_of(r->path));
	if (fstat(fd, &st) == 0 && st.st_size >= WAV_HEADER) {
		struct ledger_hash *h = ledger_hash_start();
		while (ledger_hash_more(h, fd, 1u << 20))
			;
		r->bytes = ledger_hash_end(h, r->sha256);
	}
	close(fd);
}

bool ledger_name(struct str name, struct id *rec)
{
	struct str slot, age;
	return str_starts(name, STR("rec-")) && str_cut(str_from(name, 4), '-', &slot, &age) &&
	       str_to_u32(slot, UINT32_MAX, &rec->slot) == ERR_OK &&
	       str_to_u32(age, UINT32_MAX, &rec->age) == ERR_OK;
}

static bool parse_side(struct str text, struct recorded *r, bool *done)
{
	struct str line;
	if (!str_line(&text, &line) || !writer_path_ok(line) ||
	    !str_copy(line, r->path, sizeof r->path))
		return false;
	struct str duration, bytes, sha, flaw;
	*done = str_line(&text, &duration) && str_line(&text, &bytes) && str_line(&text, &sha) &&
		str_line(&text, &flaw) && str_to_i64(duration, &r->duration_ms) == ERR_OK &&
		str_to_i64(bytes, &r->bytes) == ERR_OK &&
		str_copy(sha, r->sha256, sizeof r->sha256) &&
		str_copy(flaw, r->flaw, sizeof r->flaw);
	return true;
}

struct recorded *ledger_recover_one(int state, int root, struct id rec)
{
	char text[SIDE_MAX], name[64];
	side_name(name, rec);
	int fd = openat(state, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
	if (fd >= 0)
		close(fd);
	struct recorded *r = xcalloc(1, sizeof *r);
	bool done = false;
	r->rec = rec;
	if (n <= 0 || !parse_side(str_make(text, (size_t)n), r, &done)) {
		log_line(LOG_WARN, "event=ledger_unreadable file=%s", name);
		*r = (struct recorded){.rec = rec, .flaw = "lost: side file unreadable"};
		return r;
	}
	if (!done) {
		repair(root, r);
		(void)ledger_done(state, r); /* else it is repaired once more next time */
		log_line(LOG_WARN, "event=recording_repaired path=%s duration_ms=%lld", r->path,
			 (long long)r->duration_ms);
	}
	return r;
}

static DIR *open_state(int state)
{
	int fd = openat(state, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

void ledger_list(int state, void (*told)(void *arg, struct id rec), void *arg)
{
	DIR *dir = open_state(state);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir));) {
		struct id rec;
		if (ledger_name(str_of(e->d_name), &rec))
			told(arg, rec);
	}
	closedir(dir);
}

struct ids {
	struct id *ids;
	uint32_t count, room;
};

static void add_id(void *arg, struct id rec)
{
	struct ids *all = arg;
	if (all->count == all->room) {
		all->room = all->room * 2 + 64;
		all->ids = xrealloc(all->ids, all->room * sizeof *all->ids);
	}
	all->ids[all->count++] = rec;
}

/* The folder is read before it is changed. */
void ledger_recover(int state, int root, void (*told)(void *arg, struct recorded *r), void *arg)
{
	struct ids all = {0};
	ledger_list(state, add_id, &all);
	for (uint32_t i = 0; i < all.count; i++)
		told(arg, ledger_recover_one(state, root, all.ids[i]));
	free(all.ids);
}
