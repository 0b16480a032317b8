/* check_recordings.c - recordings' files against what was told of them; see check.h. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/check.h"

#define LENGTH_MS                                                                                  \
	1000 /* how far the file's length may be from the segment's (contract section 4) */

struct sound_file {
	int64_t bytes;
	char sha256[65];
	unsigned char head[512]; /* the first bytes */
	size_t head_n;
	unsigned char tail[70000]; /* the last bytes: more than the longest page of Ogg */
	size_t tail_n;
};

static size_t read_tail(FILE *f, unsigned char *out, size_t room)
{
	size_t n = 0;
	if (fseek(f, 0, SEEK_END) == 0) {
		long size = ftell(f);
		if (fseek(f, MAX(size - (long)room, 0L), SEEK_SET) == 0)
			n = fread(out, 1, room, f);
	}
	rewind(f);
	return n;
}

static enum err file_read(const char *path, struct sound_file *out)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return ERR_NOT_FOUND;
	EVP_MD_CTX *sha = EVP_MD_CTX_new();
	CHECK(sha && EVP_DigestInit_ex(sha, EVP_sha256(), NULL) == 1);
	struct sound_file s = {0};
	s.tail_n = read_tail(f, s.tail, sizeof s.tail);
	unsigned char *piece = xcalloc(1, 1 << 16);
	for (size_t n; (n = fread(piece, 1, 1 << 16, f)) > 0;) {
		if (!s.bytes) {
			s.head_n = MIN(n, sizeof s.head);
			memcpy(s.head, piece, s.head_n);
		}
		s.bytes += (int64_t)n;
		CHECK(EVP_DigestUpdate(sha, piece, n) == 1);
	}
	bool failed = ferror(f) != 0;
	fclose(f);
	free(piece);
	unsigned char digest[32];
	CHECK(EVP_DigestFinal_ex(sha, digest, NULL) == 1);
	EVP_MD_CTX_free(sha);
	struct buf hex = buf_make(s.sha256, sizeof s.sha256 - 1);
	buf_hex(&hex, digest, sizeof digest);
	if (failed)
		return ERR_IO;
	*out = s;
	return ERR_OK;
}

static uint32_t le32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* RIFF/WAVE: "RIFF" size "WAVE", then chunks; `fmt ` tells bytes a second, `data` how many. The
 * chunks before `data` must lie in the head. ERR_INVALID: no such file. */
static enum err wav_length(const struct sound_file *s, int64_t *ms)
{
	const unsigned char *h = s->head;
	if (s->head_n < 44 || memcmp(h, "RIFF", 4) != 0 || memcmp(h + 8, "WAVE", 4) != 0 ||
	    (int64_t)le32(h + 4) + 8 != s->bytes)
		return ERR_INVALID;
	uint32_t rate = 0; /* bytes a second */
	for (size_t at = 12; at + 8 <= s->head_n;) {
		uint32_t size = le32(h + at + 4);
		if (memcmp(h + at, "fmt ", 4) == 0 && at + 24 <= s->head_n)
			rate = le32(h + at + 16);
		if (memcmp(h + at, "data", 4) == 0) {
			if (!rate || (int64_t)size > s->bytes - (int64_t)at - 8)
				return ERR_INVALID;
			*ms = (int64_t)size * 1000 / rate;
			return ERR_OK;
		}
		at += 8 + (size_t)size + (size & 1);
	}
	return ERR_INVALID;
}

/* Ogg Opus, RFC 7845: the position of the last page less the pre-skip, at 48 kHz; the last page is
 * marked. ERR_INVALID: no such file. */
static enum err opus_length(const struct sound_file *s, int64_t *ms)
{
	const unsigned char *h = s->head, *t = s->tail;
	if (s->head_n < 47 || memcmp(h, "OggS", 4) != 0 || memcmp(h + 28, "OpusHead", 8) != 0)
		return ERR_INVALID;
	for (size_t at = s->tail_n < 27 ? 0 : s->tail_n - 26; at--;) {
		if (memcmp(t + at, "OggS", 4) != 0)
			continue;
		int64_t granule = le32(t + at + 6) | (int64_t)le32(t + at + 10) << 32;
		if (!(t[at + 5] & 4))
			return ERR_INVALID;
		*ms = (granule - (h[38] | h[39] << 8)) / 48;
		return ERR_OK;
	}
	return ERR_INVALID;
}

static bool path_escapes(struct str path)
{
	if (!path.n || path.p[0] == '/')
		return true;
	for (struct str part, rest = path; rest.n;) {
		str_cut(rest, '/', &part, &rest);
		if (str_is(part, ".."))
			return true;
	}
	return false;
}

struct told {
	struct str id, path, sha256;
	int64_t duration_ms, bytes;
};

static void check_one(struct checking *c, struct str root, const struct told *t)
{
	char path[1024];
	int n = snprintf(path, sizeof path, STR_FMT "/" STR_FMT, STR_ARG(root), STR_ARG(t->path));
	if (path_escapes(t->path) || n < 0 || (size_t)n >= sizeof path) {
		check_problem(c, "recording " STR_FMT ": no path below the recordings' root",
			      STR_ARG(t->id));
		return;
	}
	struct sound_file s;
	enum err e = file_read(path, &s);
	if (e != ERR_OK) {
		check_problem(c, "recording " STR_FMT ": file %s %s", STR_ARG(t->id), path,
			      e == ERR_NOT_FOUND ? "is not there" : "cannot be read");
		return;
	}
	if (s.bytes != t->bytes)
		check_problem(c, "recording " STR_FMT ": %lld bytes, told %lld", STR_ARG(t->id),
			      (long long)s.bytes, (long long)t->bytes);
	if (!str_is(t->sha256, s.sha256))
		check_problem(c, "recording " STR_FMT ": SHA-256 differs", STR_ARG(t->id));
	int64_t ms;
	bool opus = str_ends(t->path, STR(".opus"));
	if ((opus ? opus_length(&s, &ms) : wav_length(&s, &ms)) != ERR_OK)
		check_problem(c, "recording " STR_FMT ": its header is not valid", STR_ARG(t->id));
	else if (llabs(ms - t->duration_ms) > LENGTH_MS)
		check_problem(c, "recording " STR_FMT ": %lld ms long, told %lld", STR_ARG(t->id),
			      (long long)ms, (long long)t->duration_ms);
}

/* What was told as deleted is gone indeed. */
static void check_deleted(struct checking *c, struct str root, const struct told *t)
{
	char path[1024];
	int n = snprintf(path, sizeof path, STR_FMT "/" STR_FMT, STR_ARG(root), STR_ARG(t->path));
	if (path_escapes(t->path) || n < 0 || (size_t)n >= sizeof path)
		return;
	if (access(path, F_OK) == 0)
		check_problem(c, "recording " STR_FMT ": told as deleted, but its file is there",
			      STR_ARG(t->id));
}

enum err check_recordings(struct checking *c, struct str root)
{
	struct sql_stmt *q = sql_query(
		check_db(c),
		"SELECT g.id, g.path, g.sha256, g.duration_ms, g.bytes, g.finished, "
		"g.flaw, c.ended_at, g.deleted_at FROM recordings g LEFT JOIN contacts c ON "
		"c.tenant = g.tenant AND c.id = g.contact ORDER BY g.started_at");
	while (sql_step(q)) {
		struct told t = {sql_col_text(q, 0), sql_col_text(q, 1), sql_col_text(q, 2),
				 sql_col_i64(q, 3), sql_col_i64(q, 4)};
		bool flawed = sql_col_text(q, 6).n != 0;
		if (sql_col_i64(q, 8)) {
			check_deleted(c, root, &t);
		} else if (sql_col_i64(q, 5)) {
			/* a flaw says that there may be no file, or not all of it */
			if (!flawed || (t.path.n && t.bytes > 0))
				check_one(c, root, &t);
		} else if (!sql_col_null(q, 7)) {
			check_problem(c, "recording " STR_FMT ": not finished, but its contact is",
				      STR_ARG(t.id));
		}
	}
	return sql_done(q);
}
