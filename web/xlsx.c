/* xlsx.c - see xlsx.h. */
#include "web/xlsx.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

#include "crm/sheet.h"
#include "os/late.h"
#include "web/import.h"

#define PART_MAX (64ll << 20)	/* bytes of a part that is no sheet and holds no texts, unpacked */
#define TEXTS_MAX (256ll << 20) /* markup of the shared texts, unpacked */
#define SHEET_MAX (1ll << 30)	/* of a sheet, unpacked */
#define RATIO_MAX 250 /* unpacked to packed; deflate reaches a thousand, sheets some thirty */
#define RATIO_FROM (16ll << 20)	 /* unpacked bytes from which it counts */
#define ENTRIES_MAX 4096u	 /* parts of the archive */
#define DIRECTORY_MAX (4u << 20) /* bytes of its directory: libzip reads it whole */

#define FUNCTIONS(W)                                                                               \
	W(zip_open)                                                                                \
	W(zip_discard)                                                                             \
	W(zip_name_locate)                                                                         \
	W(zip_stat_index)                                                                          \
	W(zip_fopen_index)                                                                         \
	W(zip_fread)                                                                               \
	W(zip_fclose)

LATE_LIBRARY("libzip.so.4", FUNCTIONS)

bool xlsx_begins(struct str head)
{
	return str_starts(head, STR("PK\x03\x04")) || str_starts(head, STR("PK\x05\x06"));
}

const char *xlsx_refused(struct str head)
{
	/* a compound file, which holds an old workbook or an encrypted new one [MS-CFB 2.2] */
	if (!str_starts(head, STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))
		return NULL;
	if (memmem(head.p, head.n, u"EncryptedPackage", 32))
		return "the workbook is encrypted: save it without a password";
	return "this is an old Excel file (.xls) or an encrypted one: save it as .xlsx or CSV";
}

/* -- the end of the archive -- */

static uint64_t little(const unsigned char *p, int n)
{
	uint64_t v = 0;
	while (n--)
		v = v << 8 | p[n];
	return v;
}

/* What the directory claims to be, before libzip makes room for it. [APPNOTE 4.3.14-16] */
static enum err check_end(int fd, struct xlsx *x)
{
	enum { END = 22, LOCATOR = 20, END64 = 56, TAIL = END + 65535 + LOCATOR };
	const int64_t size = lseek(fd, 0, SEEK_END);
	unsigned char *tail = xcalloc(1, TAIL), end64[END64];
	const int64_t from = MAX(size - TAIL, 0);
	const int64_t n = pread(fd, tail, TAIL, from);
	int64_t at = n - END;
	while (at >= 0 && (memcmp(tail + at, "PK\x05\x06", 4) != 0 ||
			   at + END + (int64_t)little(tail + at + 20, 2) != n))
		at--;
	enum err e = at < 0 ? ERR_NOT_FOUND : ERR_OK;
	uint64_t entries = 0, bytes = 0;
	if (e == ERR_OK) {
		entries = little(tail + at + 10, 2);
		bytes = little(tail + at + 12, 4);
	}
	if (at >= LOCATOR && memcmp(tail + at - LOCATOR, "PK\x06\x07", 4) == 0) {
		const uint64_t where = little(tail + at - LOCATOR + 8, 8);
		if (where < (uint64_t)size && pread(fd, end64, END64, (off_t)where) == END64) {
			entries = little(end64 + 32, 8);
			bytes = little(end64 + 40, 8);
		} else {
			entries = UINT64_MAX;
		}
	}
	free(tail);
	if (e == ERR_OK && (entries > ENTRIES_MAX || bytes > DIRECTORY_MAX)) {
		str_copy(STR("the archive has more parts than a workbook needs"), x->wrong,
			 sizeof x->wrong);
		e = ERR_INVALID;
	}
	return e;
}

/* -- its parts -- */

struct open_book {
	struct xlsx *x;
	zip_t *zip;
	struct workbook book;
	struct buf csv;
	int fd; /* of what is written */
	int64_t written;
	uint32_t lines;
	enum err err;
};

static enum err say(struct xlsx *x, const char *why)
{
	str_copy(str_of(why), x->wrong, sizeof x->wrong);
	return ERR_INVALID;
}

typedef bool(feed_h)(void *arg, struct str piece, bool last);

static enum err pour(struct open_book *o, zip_file_t *f, const zip_stat_t *stat, int64_t most,
		     feed_h *feed, void *arg)
{
	char *room = xcalloc(1, 65536);
	int64_t sum = 0;
	enum err e = ERR_OK;
	for (zip_int64_t n = 1; n > 0 && e == ERR_OK;) {
		n = library.f_zip_fread(f, room, 65536);
		sum += MAX(n, 0);
		if (n < 0)
			e = say(o->x, "the archive is broken");
		else if (sum > most)
			e = say(o->x, "the workbook is too large when unpacked");
		else if (sum > RATIO_FROM && (uint64_t)sum / RATIO_MAX > stat->comp_size)
			e = say(o->x, "the workbook is packed more tightly than any real one");
		else if (atomic_load(o->x->stopping))
			e = ERR_AGAIN;
		else if (!feed(arg, str_make(room, (size_t)n), n == 0))
			e = ERR_INVALID; /* who was fed knows why */
	}
	free(room);
	return e;
}

/* ERR_NOT_FOUND: no such part. */
static enum err read_part(struct open_book *o, const char *name, int64_t most, feed_h *feed,
			  void *arg)
{
	zip_stat_t stat;
	const zip_int64_t i = library.f_zip_name_locate(o->zip, name, ZIP_FL_NOCASE);
	if (i < 0)
		return ERR_NOT_FOUND;
	if (library.f_zip_stat_index(o->zip, (zip_uint64_t)i, 0, &stat) != 0 ||
	    (stat.valid & (ZIP_STAT_COMP_SIZE | ZIP_STAT_ENCRYPTION_METHOD)) !=
		    (ZIP_STAT_COMP_SIZE | ZIP_STAT_ENCRYPTION_METHOD))
		return say(o->x, "the archive is broken");
	if (stat.encryption_method != ZIP_EM_NONE)
		return say(o->x, "the workbook is encrypted: save it without a password");
	zip_file_t *f = library.f_zip_fopen_index(o->zip, (zip_uint64_t)i, 0);
	if (!f)
		return say(o->x, "the archive is broken");
	const enum err e = pour(o, f, &stat, most, feed, arg);
	library.f_zip_fclose(f);
	return e;
}

static bool feed_book(void *arg, struct str piece, bool last)
{
	struct workbook *b = arg;
	return workbook_feed(b, piece, last);
}

static enum err read_book_part(struct open_book *o, enum workbook_part part, const char *name,
			       struct str folder)
{
	enum err e = workbook_begin(&o->book, part, folder);
	if (e == ERR_OK)
		e = read_part(o, name, part == PART_TEXTS ? TEXTS_MAX : PART_MAX, feed_book,
			      &o->book);
	if (e == ERR_INVALID && o->book.wrong)
		snprintf(o->x->wrong, sizeof o->x->wrong, "the workbook cannot be read: %s",
			 o->book.wrong);
	return e;
}

/* "xl/workbook.xml": folder "xl/", and where its relationships lie. */
static bool rels_of(const char *path, char folder[160], char rels[200])
{
	const char *slash = strrchr(path, '/');
	const size_t n = slash ? (size_t)(slash - path) + 1 : 0;
	return str_copy(str_make(path, n), folder, 160) &&
	       snprintf(rels, 200, "%s_rels/%s.rels", folder, path + n) < 200;
}

static enum err read_book(struct open_book *o)
{
	char path[160] = "xl/workbook.xml", folder[160], rels[200];
	const struct workbook_rel *r;
	enum err e = read_book_part(o, PART_RELS, "_rels/.rels", STR_NONE);
	if (e == ERR_OK && (r = workbook_rel(&o->book, "officeDocument", STR_NONE)))
		str_copy(str_of(r->path), path, sizeof path);
	if (e == ERR_OK || e == ERR_NOT_FOUND)
		e = read_book_part(o, PART_BOOK, path, STR_NONE);
	if (e == ERR_NOT_FOUND || (e == ERR_OK && !o->book.sheet_count))
		e = say(o->x, "there is no sheet in it: it is no Excel workbook (.xlsx)");
	if (e == ERR_OK)
		e = rels_of(path, folder, rels) ? read_book_part(o, PART_RELS, rels, str_of(folder))
						: ERR_NOT_FOUND;
	if (e == ERR_NOT_FOUND)
		e = say(o->x, "the workbook does not say where its sheets are");
	if (e == ERR_OK && (r = workbook_rel(&o->book, "styles", STR_NONE)))
		e = read_book_part(o, PART_STYLES, r->path, STR_NONE);
	if ((e == ERR_OK || e == ERR_NOT_FOUND) &&
	    (r = workbook_rel(&o->book, "sharedStrings", STR_NONE)))
		e = read_book_part(o, PART_TEXTS, r->path, STR_NONE);
	return e == ERR_NOT_FOUND ? ERR_OK : e; /* without them cells say what they can */
}

/* -- the sheet -- */

static enum err write_csv(struct open_book *o)
{
	size_t at = 0;
	while (at < o->csv.n) {
		const ssize_t n = write(o->fd, o->csv.p + at, o->csv.n - at);
		if (n <= 0)
			return ERR_DISK_FULL;
		at += (size_t)n;
	}
	o->written += (int64_t)o->csv.n;
	o->csv.n = 0;
	return ERR_OK;
}

/* As any program would write it: no guard, for nobody has put these cells in danger yet. */
static void put_field(struct buf *out, struct str field)
{
	bool quoted = false;
	for (size_t i = 0; i < field.n; i++)
		quoted |= strchr("\",\r\n", field.p[i]) != NULL;
	if (quoted)
		buf_ch(out, '"');
	for (size_t i = 0; i < field.n; i++) {
		if (field.p[i] == '"')
			buf_ch(out, '"');
		buf_ch(out, field.p[i]);
	}
	if (quoted)
		buf_ch(out, '"');
}

struct pouring {
	struct open_book *o;
	struct sheet sheet;
};

static void take_row(void *arg, uint32_t number, const struct str *fields, uint32_t count)
{
	struct pouring *p = arg;
	struct open_book *o = p->o;
	for (; o->lines + 1 < number; o->lines++) /* so that a line has its row's number */
		buf_ch(&o->csv, '\n');
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			buf_ch(&o->csv, ',');
		put_field(&o->csv, fields[i]);
	}
	buf_ch(&o->csv, '\n');
	o->lines = number;
	if (o->csv.n >= 65536)
		o->err = write_csv(o);
	if (o->err != ERR_OK)
		sheet_stop(&p->sheet, "no space is left");
	else if (o->written > IMPORT_FILE_MAX)
		sheet_stop(&p->sheet, "its cells are larger than 512 MiB");
}

static bool feed_sheet(void *arg, struct str piece, bool last)
{
	struct pouring *p = arg;
	return sheet_feed(&p->sheet, piece, last);
}

static const struct workbook_sheet *choose(const struct workbook *b, struct str name)
{
	for (uint32_t i = 0; i < b->sheet_count; i++)
		if (name.n ? str_is(name, b->sheets[i].name) : !b->sheets[i].hidden)
			return &b->sheets[i];
	return name.n ? NULL : &b->sheets[0];
}

static enum err read_sheet(struct open_book *o)
{
	const struct workbook_sheet *s = choose(&o->book, o->x->sheet);
	for (uint32_t i = 0; i < o->book.sheet_count; i++)
		json_array_append_new(o->x->sheets, json_string(o->book.sheets[i].name));
	if (!s)
		return say(o->x, "the workbook has no sheet of this name");
	str_copy(str_of(s->name), o->x->chosen, sizeof o->x->chosen);
	const struct workbook_rel *r = workbook_rel(&o->book, NULL, str_of(s->rel));
	if (!r || !str_is(STR("worksheet"), r->kind))
		return say(o->x, "the sheet holds no cells: choose another one");
	struct pouring *p = xcalloc(1, sizeof *p);
	*p = (struct pouring){.o = o};
	p->sheet.row = take_row;
	p->sheet.arg = p;
	p->sheet.book = &o->book;
	buf_c(&o->csv, "\xef\xbb\xbf"); /* so that nobody guesses */
	enum err e = sheet_init(&p->sheet);
	if (e == ERR_OK)
		e = read_part(o, r->path, SHEET_MAX, feed_sheet, p);
	if (e == ERR_NOT_FOUND)
		e = say(o->x, "the sheet is not in the archive");
	if (e == ERR_INVALID && p->sheet.wrong)
		snprintf(o->x->wrong, sizeof o->x->wrong, "the sheet cannot be read: %s",
			 p->sheet.wrong);
	if (o->err != ERR_OK)
		e = o->err;
	sheet_finish(&p->sheet);
	free(p);
	return e == ERR_OK ? write_csv(o) : e;
}

static enum err to_file(struct open_book *o)
{
	char part[4200];
	snprintf(part, sizeof part, "%s.part", o->x->to);
	o->fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (o->fd < 0)
		return ERR_IO;
	enum err e = read_book(o);
	if (e == ERR_OK)
		e = read_sheet(o);
	if (e == ERR_OK && (fsync(o->fd) != 0 || rename(part, o->x->to) != 0))
		e = ERR_DISK_FULL;
	close(o->fd);
	if (e != ERR_OK)
		(void)unlink(part);
	return e;
}

static enum err convert(struct xlsx *x)
{
	struct open_book o = {.x = x};
	const int fd = open(x->from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return ERR_IO;
	enum err e = check_end(fd, x);
	close(fd);
	if (e != ERR_OK)
		return e;
	o.zip = library.f_zip_open(x->from, ZIP_RDONLY, NULL);
	if (!o.zip)
		return say(x, "the archive is broken");
	o.csv = buf_grow(65536);
	workbook_init(&o.book);
	e = to_file(&o);
	workbook_finish(&o.book);
	buf_free(&o.csv);
	library.f_zip_discard(o.zip);
	return e;
}

enum err xlsx_to_csv(struct xlsx *x)
{
	static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER; /* at a time: it costs memory */
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	if (!loaded)
		return ERR_UNSUPPORTED;
	if (pthread_mutex_trylock(&one) != 0)
		return ERR_BUSY;
	const enum err e = convert(x);
	pthread_mutex_unlock(&one);
	return e;
}
