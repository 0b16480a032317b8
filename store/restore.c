/* restore.c - a data folder out of a backup; see backup.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tar.h"
#include "store/backup_inside.h"

void backup_sum_begin(struct backup_sum *s)
{
	s->sha = EVP_MD_CTX_new();
	CHECK(s->sha && EVP_DigestInit_ex(s->sha, EVP_sha256(), NULL) == 1);
}

void backup_sum_add(struct backup_sum *s, const void *bytes, size_t n)
{
	CHECK(EVP_DigestUpdate(s->sha, bytes, n) == 1);
}

void backup_sum_end(struct backup_sum *s, char hex[65])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buf b = buf_make(hex, 64);
	CHECK(EVP_DigestFinal_ex(s->sha, digest, NULL) == 1);
	EVP_MD_CTX_free(s->sha);
	buf_hex(&b, digest, 32);
	hex[64] = '\0';
}

static bool take(int fd, void *out, size_t n)
{
	for (size_t done = 0; done < n;) {
		const ssize_t k = read(fd, (char *)out + done, n - done);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		done += (size_t)k;
	}
	return true;
}

enum err backup_manifest(int fd, json_t **out)
{
	char block[TAR_BLOCK];
	struct tar_entry e;
	if (!take(fd, block, sizeof block) || tar_read(block, &e) != ERR_OK ||
	    strcmp(e.name, "manifest.json") != 0 || e.bytes > MANIFEST_MAX)
		return ERR_INVALID;
	const size_t n = (size_t)e.bytes + tar_fill(e.bytes);
	char *text = xcalloc(n + 1, 1);
	*out = take(fd, text, n) ? json_loadb(text, (size_t)e.bytes, JSON_REJECT_DUPLICATES, NULL)
				 : NULL;
	free(text);
	if (json_integer_value(json_object_get(*out, "centrala_backup")) == 1 &&
	    json_is_array(json_object_get(*out, "files")))
		return ERR_OK;
	json_decref(*out);
	*out = NULL;
	return ERR_INVALID;
}

/* The names a backup of ours can have; nothing else is ever written. */
static bool name_ok(const char *name)
{
	static const char sounds[] = "prompts/";
	const size_t n = sizeof sounds - 1;
	if (!strcmp(name, "centrala.db"))
		return true;
	return !strncmp(name, sounds, n) && strlen(name) == n + 64 + 4 &&
	       strspn(name + n, "0123456789abcdef") == 64 && !strcmp(name + n + 64, ".wav");
}

/* One file; *sha is what it really is. */
static enum err take_file(int from, int dir, const struct tar_entry *e, char sha[65])
{
	char piece[65536];
	struct backup_sum sum;
	enum err err = ERR_OK;
	const int to = openat(dir, e->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return ERR_IO;
	backup_sum_begin(&sum);
	for (uint64_t left = e->bytes; left && err == ERR_OK;) {
		const size_t n = (size_t)MIN(left, (uint64_t)sizeof piece);
		if (!take(from, piece, n)) {
			err = ERR_INVALID; /* it ends too soon */
			break;
		}
		backup_sum_add(&sum, piece, n);
		for (size_t done = 0; done < n && err == ERR_OK;) {
			const ssize_t k = write(to, piece + done, n - done);
			if (k <= 0)
				err = errno == ENOSPC ? ERR_DISK_FULL : ERR_IO;
			else
				done += (size_t)k;
		}
		left -= n;
	}
	backup_sum_end(&sum, sha);
	if (err == ERR_OK && !take(from, piece, tar_fill(e->bytes)))
		err = ERR_INVALID;
	if (err == ERR_OK && fsync(to) < 0)
		err = ERR_IO;
	close(to);
	return err;
}

static enum err next_file(int from, int dir, const json_t *told, struct buf *said)
{
	char block[TAR_BLOCK], sha[65];
	struct tar_entry e;
	const char *name = json_string_value(json_object_get(told, "name")),
		   *sum = json_string_value(json_object_get(told, "sha256"));
	if (!take(from, block, sizeof block) || tar_read(block, &e) != ERR_OK || !name || !sum ||
	    strcmp(name, e.name) != 0 || !name_ok(name)) {
		buf_c(said, "the archive is damaged: its files are not those of its manifest\n");
		return ERR_INVALID;
	}
	const enum err err = take_file(from, dir, &e, sha);
	if (err == ERR_OK && strcmp(sha, sum) != 0) {
		buf_fmt(said, "%s is damaged: its SHA-256 is another than the manifest says\n",
			name);
		return ERR_INVALID;
	}
	if (err == ERR_INVALID)
		buf_fmt(said, "the archive ends within %s\n", name);
	else if (err != ERR_OK)
		buf_fmt(said, "%s: %s\n", name, strerror(errno));
	return err;
}

/* Made, or empty: what is there is never written over. */
static int empty_folder(const char *dir, struct buf *said)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST) {
		buf_fmt(said, "%s: %s\n", dir, strerror(errno));
		return -1;
	}
	DIR *d = opendir(dir);
	uint32_t entries = 0;
	for (struct dirent *e; d && (e = readdir(d)) != NULL;)
		entries += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
			   strcmp(e->d_name, "centrala.conf") != 0;
	if (d)
		closedir(d);
	if (!d || entries) {
		buf_fmt(said, "%s: %s\n", dir,
			d ? "is not empty; a backup is taken back into a new folder only"
			  : strerror(errno));
		return -1;
	}
	const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || mkdirat(fd, "prompts", 0700) < 0) {
		buf_fmt(said, "%s: %s\n", dir, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static enum err put_key(int dir, const json_t *manifest, const struct backup_key *key,
			struct buf *said)
{
	const char *print = json_string_value(json_object_get(manifest, "key"));
	if (!key) {
		buf_c(said, "without the key: passwords of trunks and second factors must be set "
			    "anew\n");
		return ERR_OK;
	}
	if (!print || strcmp(print, key->print) != 0) {
		buf_c(said, "this is not the key of the installation the backup comes from\n");
		return ERR_CONFLICT;
	}
	const int fd = openat(dir, "secret.key", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const bool good = fd >= 0 && write(fd, key->bytes, 32) == 32 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!good)
		buf_fmt(said, "secret.key: %s\n", strerror(errno));
	return good ? ERR_OK : ERR_IO;
}

/* What was begun and is not whole must not look like an installation. */
static void take_away(int dir, const json_t *manifest)
{
	const json_t *files = json_object_get(manifest, "files");
	for (size_t i = 0; i < json_array_size(files); i++) {
		const char *name =
			json_string_value(json_object_get(json_array_get(files, i), "name"));
		if (name && name_ok(name))
			(void)unlinkat(dir, name, 0);
	}
	(void)unlinkat(dir, "secret.key", 0);
	(void)unlinkat(dir, "prompts", AT_REMOVEDIR);
}

enum err backup_restore(const char *file, const char *dir, const struct backup_key *key,
			struct buf *said)
{
	json_t *manifest = NULL;
	const int from = open(file, O_RDONLY | O_CLOEXEC);
	if (from < 0) {
		buf_fmt(said, "%s: %s\n", file, strerror(errno));
		return ERR_NOT_FOUND;
	}
	enum err e = backup_manifest(from, &manifest);
	if (e != ERR_OK)
		buf_fmt(said, "%s: is no backup of centrala\n", file);
	const int to = e == ERR_OK ? empty_folder(dir, said) : -1;
	if (e == ERR_OK && to < 0)
		e = ERR_CONFLICT;
	if (e == ERR_OK) {
		const json_t *files = json_object_get(manifest, "files");
		e = put_key(to, manifest, key, said);
		for (size_t i = 0; e == ERR_OK && i < json_array_size(files); i++)
			e = next_file(from, to, json_array_get(files, i), said);
		if (e == ERR_OK && fsync(to) < 0)
			e = ERR_IO;
		const char *at = json_string_value(json_object_get(manifest, "at"));
		if (e == ERR_OK)
			buf_fmt(said, "%zu files of %s, as of event %lld\n", json_array_size(files),
				at ? at : "?",
				(long long)json_integer_value(json_object_get(manifest, "seq")));
		else
			take_away(to, manifest);
	}
	if (to >= 0)
		close(to);
	close(from);
	json_decref(manifest);
	return e;
}
