/* backup.c - see backup.h: made, listed, deleted. Taking one back is in restore.c. */
#include "store/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/jsonw.h"
#include "base/tar.h"
#include "store/backup_inside.h"
#include "store/store_inside.h"

#define ENDING ".tar"
#define PART ".part"
#define FILES_MAX 100000u

void backup_key_print(const uint8_t key[32], char out[17])
{
	static const char salt[] = "centrala backup";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	uint8_t text[32 + sizeof salt];
	memcpy(text, key, 32);
	memcpy(text + 32, salt, sizeof salt);
	CHECK(EVP_Digest(text, sizeof text, digest, &n, EVP_sha256(), NULL) == 1 && n == 32);
	OPENSSL_cleanse(text, sizeof text);
	struct buf b = buf_make(out, 16);
	buf_hex(&b, digest, 8);
	out[16] = '\0';
}

static bool path(char out[BACKUP_PATH], const char *folder, struct str name, const char *ending)
{
	struct buf b = buf_make(out, BACKUP_PATH - 1);
	buf_c(&b, folder);
	buf_ch(&b, '/');
	buf_put(&b, name);
	buf_c(&b, ending);
	out[b.n] = '\0';
	return !b.full;
}

static enum err failed(void)
{
	return errno == ENOSPC || errno == EDQUOT ? ERR_DISK_FULL : ERR_IO;
}

static enum err put(int fd, const void *bytes, size_t n)
{
	for (size_t done = 0; done < n;) {
		const ssize_t k = write(fd, (const char *)bytes + done, n - done);
		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return failed();
		done += (size_t)k;
	}
	return ERR_OK;
}

/* -- the files that go in -- */

struct file {
	char name[101], path[BACKUP_PATH];
	uint64_t bytes;
	char sha256[65];
};

struct making {
	const struct backup_options *o;
	struct file *files;
	uint32_t count, room;
	int fd;
	uint64_t seq;
};

static bool going(const struct making *m)
{
	return !m->o->going || m->o->going(m->o->arg);
}

static struct file *add_file(struct making *m)
{
	if (m->count == m->room) {
		m->room = 2 * m->room + 16;
		m->files = xrealloc(m->files, m->room * sizeof *m->files);
	}
	memset(&m->files[m->count], 0, sizeof *m->files);
	return &m->files[m->count++];
}

/* Hashes it, and copies it when `to` is not -1; what was hashed and what is copied are one length.
 */
static enum err walk(const struct making *m, struct file *f, int to)
{
	char piece[65536];
	uint64_t bytes = 0;
	enum err e = ERR_OK;
	struct backup_sum sum;
	const int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return failed();
	backup_sum_begin(&sum);
	for (ssize_t n; e == ERR_OK && (n = read(fd, piece, sizeof piece)) != 0;) {
		if (n < 0) {
			e = ERR_IO;
			break;
		}
		backup_sum_add(&sum, piece, (size_t)n);
		bytes += (uint64_t)n;
		if (to >= 0 && bytes > f->bytes)
			e = ERR_IO; /* it grew: it is no file of ours */
		else if (to >= 0)
			e = put(to, piece, (size_t)n);
		if (!going(m))
			e = ERR_AGAIN;
	}
	close(fd);
	if (to >= 0 && bytes != f->bytes)
		e = e == ERR_OK ? ERR_IO : e;
	f->bytes = bytes;
	backup_sum_end(&sum, f->sha256);
	return e;
}

static bool is_sound(const char *name)
{
	const size_t n = strlen(name);
	return n == 64 + 4 && strspn(name, "0123456789abcdef") == 64 && !strcmp(name + 64, ".wav");
}

static enum err add_sounds(struct making *m)
{
	DIR *d = opendir(m->o->sounds);
	if (!d)
		return errno == ENOENT ? ERR_OK : ERR_IO;
	enum err e = ERR_OK;
	for (struct dirent *entry; e == ERR_OK && (entry = readdir(d)) != NULL;) {
		if (!is_sound(entry->d_name))
			continue;
		if (m->count >= FILES_MAX) {
			e = ERR_FULL;
			break;
		}
		struct file *f = add_file(m);
		struct buf name = buf_make(f->name, sizeof f->name - 1);
		buf_fmt(&name, "prompts/%s", entry->d_name);
		e = path(f->path, m->o->sounds, str_of(entry->d_name), "") ? walk(m, f, -1)
									   : ERR_IO;
	}
	closedir(d);
	return e;
}

/* The database as it is at one moment, as a file beside the archive. */
static enum err add_database(struct making *m, struct store_reader *r, const char *copy)
{
	enum err e = sql_copy(r->db, copy, m->o->going, m->o->arg);
	struct file *f = add_file(m);
	struct sql *db = NULL;
	str_copy(STR("centrala.db"), f->name, sizeof f->name);
	str_copy(str_of(copy), f->path, sizeof f->path);
	if (e == ERR_OK) {
		char url[BACKUP_PATH + 8];
		struct buf b = buf_make(url, sizeof url - 1);
		buf_fmt(&b, "sqlite:%s", copy);
		e = sql_open(&(struct sql_options){.url = buf_str(&b), .mode = SQL_READER}, &db,
			     NULL);
	}
	if (e == ERR_OK) {
		struct sql_stmt *q = sql_query(db, "SELECT max(seq) FROM events");
		if (sql_step(q))
			m->seq = (uint64_t)sql_col_i64(q, 0);
		e = sql_done(q);
	}
	sql_close(db);
	return e == ERR_OK ? walk(m, f, -1) : e;
}

/* -- the archive -- */

static void put_manifest(const struct making *m, struct buf *out)
{
	struct jsonw w = jsonw_make(out);
	jsonw_open(&w, '{');
	jsonw_ki64(&w, "centrala_backup", 1);
	jsonw_kstr(&w, "version", str_of(m->o->version));
	jsonw_ktime(&w, "at", m->o->now_ms);
	jsonw_key(&w, "seq");
	jsonw_u64(&w, m->seq);
	jsonw_kstr(&w, "key", str_of(m->o->key_print));
	jsonw_key(&w, "files");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < m->count; i++) {
		jsonw_open(&w, '{');
		jsonw_kstr(&w, "name", str_of(m->files[i].name));
		jsonw_ki64(&w, "bytes", (int64_t)m->files[i].bytes);
		jsonw_kstr(&w, "sha256", str_of(m->files[i].sha256));
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, ']');
	jsonw_key(&w, "left_out");
	jsonw_raw(&w,
		  STR("[\"recordings\",\"imports\",\"secret.key\",\"centrala.conf\",\"ring\"]"));
	jsonw_close(&w, '}');
	buf_ch(out, '\n');
}

static enum err put_head(const struct making *m, struct str name, uint64_t bytes)
{
	char head[TAR_BLOCK];
	tar_head(head, name, bytes, m->o->now_ms / 1000);
	return put(m->fd, head, sizeof head);
}

static enum err put_fill(const struct making *m, uint64_t bytes)
{
	static const char zeros[TAR_BLOCK];
	return put(m->fd, zeros, tar_fill(bytes));
}

static enum err archive(struct making *m)
{
	static const char end[2 * TAR_BLOCK];
	struct buf manifest = buf_grow(1024);
	put_manifest(m, &manifest);
	enum err e = put_head(m, STR("manifest.json"), manifest.n);
	if (e == ERR_OK)
		e = put(m->fd, manifest.p, manifest.n);
	if (e == ERR_OK)
		e = put_fill(m, manifest.n);
	buf_free(&manifest);
	for (uint32_t i = 0; e == ERR_OK && i < m->count; i++) {
		struct file *f = &m->files[i];
		char told[65];
		memcpy(told, f->sha256, sizeof told);
		e = put_head(m, str_of(f->name), f->bytes);
		if (e == ERR_OK)
			e = walk(m, f, m->fd);
		if (e == ERR_OK && strcmp(told, f->sha256) != 0)
			e = ERR_IO; /* another one than a moment ago */
		if (e == ERR_OK)
			e = put_fill(m, f->bytes);
	}
	if (e == ERR_OK)
		e = put(m->fd, end, sizeof end);
	return e == ERR_OK && fsync(m->fd) < 0 ? failed() : e;
}

static void sync_folder(const char *folder)
{
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
}

static void make_id(const struct backup_options *o, char id[BACKUP_ID_MAX])
{
	char when[40];
	struct buf t = buf_make(when, sizeof when - 1), b = buf_make(id, BACKUP_ID_MAX - 1);
	time_text(&t, o->now_ms); /* 2026-11-22T12:10:00.000Z */
	for (size_t i = 0; i < 19; i++)
		if (when[i] >= '0' && when[i] <= '9')
			buf_ch(&b, when[i]);
		else if (when[i] == 'T')
			buf_ch(&b, '-');
	buf_fmt(&b, "-%06x", o->dice & 0xffffff);
	id[b.n] = '\0';
}

/* What a server that died while it made one left behind; one is made at a time. */
static void sweep(const char *folder)
{
	DIR *d = opendir(folder);
	for (struct dirent *entry; d && (entry = readdir(d)) != NULL;)
		if (str_ends(str_of(entry->d_name), STR(PART)))
			(void)unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
}

enum err backup_make(struct store_reader *r, const struct backup_options *o, struct backup_row *out)
{
	char id[BACKUP_ID_MAX], copy[BACKUP_PATH], part[BACKUP_PATH], whole[BACKUP_PATH];
	struct making m = {.o = o, .fd = -1};
	struct stat st;
	if (sql_is_server(r->db))
		return ERR_UNSUPPORTED;
	make_id(o, id);
	if (mkdir(o->folder, 0700) < 0 && errno != EEXIST)
		return failed();
	sweep(o->folder);
	if (!path(copy, o->folder, str_of(id), ".db" PART) ||
	    !path(part, o->folder, str_of(id), ENDING PART) ||
	    !path(whole, o->folder, str_of(id), ENDING))
		return ERR_IO;
	m.fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	enum err e = m.fd < 0 ? failed() : add_database(&m, r, copy);
	if (e == ERR_OK)
		e = add_sounds(&m);
	if (e == ERR_OK)
		e = archive(&m);
	(void)unlink(copy);
	if (m.fd >= 0)
		close(m.fd);
	if (e == ERR_OK && (stat(part, &st) < 0 || rename(part, whole) < 0))
		e = failed();
	if (e != ERR_OK)
		(void)unlink(part);
	free(m.files);
	if (e != ERR_OK)
		return e;
	sync_folder(o->folder);
	*out = (struct backup_row){.at_ms = o->now_ms,
				   .bytes = st.st_size,
				   .seq = m.seq,
				   .files = m.count,
				   .whole = true};
	memcpy(out->id, id, sizeof id);
	str_copy(str_head(str_of(o->version), sizeof out->version - 1), out->version,
		 sizeof out->version);
	return ERR_OK;
}

/* -- those that are there -- */

static bool id_ok(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!((id.p[i] >= '0' && id.p[i] <= '9') || (id.p[i] >= 'a' && id.p[i] <= 'f') ||
		      id.p[i] == '-'))
			return false;
	return id.n > 8 && id.n < BACKUP_ID_MAX;
}

enum err backup_open(const char *folder, struct str id, struct backup_row *out, int *fd)
{
	char name[BACKUP_PATH];
	struct stat st;
	json_t *manifest = NULL;
	if (!id_ok(id) || !path(name, folder, id, ENDING))
		return ERR_NOT_FOUND;
	const int file = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (file < 0)
		return ERR_NOT_FOUND;
	enum err e = fstat(file, &st) == 0 && S_ISREG(st.st_mode) ? backup_manifest(file, &manifest)
								  : ERR_NOT_FOUND;
	if (e != ERR_OK) {
		close(file);
		return ERR_NOT_FOUND;
	}
	*out = (struct backup_row){.whole = true, .bytes = st.st_size};
	str_copy(id, out->id, sizeof out->id);
	const char *at = json_string_value(json_object_get(manifest, "at")),
		   *version = json_string_value(json_object_get(manifest, "version"));
	if (!at || time_parse(str_of(at), &out->at_ms) != ERR_OK)
		out->at_ms = st.st_mtime * 1000;
	str_copy(str_head(str_of(version ? version : "?"), sizeof out->version - 1), out->version,
		 sizeof out->version);
	out->seq = (uint64_t)json_integer_value(json_object_get(manifest, "seq"));
	out->files = (uint32_t)json_array_size(json_object_get(manifest, "files"));
	json_decref(manifest);
	*fd = file;
	return ERR_OK;
}

static int newest_first(const void *a, const void *b)
{
	return strcmp(*(char *const *)b, *(char *const *)a); /* ids begin with the time */
}

void backup_each(const char *folder, void (*each)(void *arg, const struct backup_row *b), void *arg)
{
	char **names = NULL;
	uint32_t count = 0;
	DIR *d = opendir(folder);
	for (struct dirent *entry; d && (entry = readdir(d)) != NULL;) {
		const struct str name = str_of(entry->d_name);
		if (!str_ends(name, STR(ENDING)) && !str_ends(name, STR(ENDING PART)))
			continue;
		names = xrealloc(names, (count + 1) * sizeof *names);
		names[count++] = str_dup(name);
	}
	if (d)
		closedir(d);
	if (count)
		qsort(names, count, sizeof *names, newest_first);
	for (uint32_t i = 0; i < count; i++) {
		const struct str name = str_of(names[i]);
		const bool part = str_ends(name, STR(PART));
		const struct str id = str_head(name, name.n - strlen(part ? ENDING PART : ENDING));
		struct backup_row row = {0};
		int fd;
		if (part && id_ok(id)) {
			str_copy(id, row.id, sizeof row.id);
			each(arg, &row);
		} else if (!part && backup_open(folder, id, &row, &fd) == ERR_OK) {
			close(fd);
			each(arg, &row);
		}
		free(names[i]);
	}
	free(names);
}

enum err backup_delete(const char *folder, struct str id)
{
	char name[BACKUP_PATH];
	if (!id_ok(id) || !path(name, folder, id, ENDING) || unlink(name) < 0)
		return ERR_NOT_FOUND;
	sync_folder(folder);
	return ERR_OK;
}
