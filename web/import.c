/* import.c - see import.h: the clerk who brings files in. */
#include "web/import.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/map.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"

#define BATCH_RECORDS 200u
#define BATCH_BYTES (128u << 10)
#define BATCH_LINES 2000u /* with nothing to be stored */
#define REST_MS_MAX 500

/* -- files -- */

bool import_path(const struct web *w, struct str id, const char *ending, char out[4096])
{
	struct uuid u; /* nothing else becomes a path */
	return uuid_parse(id, &u) == ERR_OK &&
	       snprintf(out, 4096, "%s/" STR_FMT "%s", w->imports, STR_ARG(id), ending) < 4096;
}

const char *import_delimiter_word(char delimiter)
{
	return delimiter == ';' ? "semicolon" : delimiter == '\t' ? "tab" : "comma";
}

char import_delimiter_of(struct str word)
{
	return str_is(word, "semicolon") ? ';' : str_is(word, "tab") ? '\t' : ',';
}

struct import_form import_form(const json_t *state, struct str head)
{
	struct import_form f = {0};
	const struct str delimiter = json_member(state, "delimiter");
	f.charset = charset_guess(head, head.n < IMPORT_HEAD, &f.mark);
	enum charset said;
	if (charset_from(json_member(state, "encoding"), &said) == ERR_OK && said != f.charset) {
		f.charset = said;
		f.mark = 0;
	}
	if (delimiter.n) {
		f.delimiter = import_delimiter_of(delimiter);
		return f;
	}
	struct buf text = buf_grow(4096);
	struct charset_reader r = {.charset = f.charset};
	charset_read(&r, str_head(str_from(head, f.mark), 16384), true, &text);
	f.delimiter = csv_guess(buf_str(&text));
	buf_free(&text);
	return f;
}

enum err import_read(int fd, const struct import_form *f, struct csv_reader *r,
		     bool (*going)(void *arg), void *arg)
{
	char *room = xcalloc(1, 65536);
	struct charset_reader letters = {.charset = f->charset};
	struct buf text = buf_grow(65536);
	enum err e = ERR_OK;
	int64_t at = (int64_t)f->mark;
	for (;;) {
		const ssize_t n = pread(fd, room, 65536, at);
		e = n < 0 ? ERR_IO : ERR_OK;
		if (n < 0 || !going(arg))
			break;
		text.n = 0;
		charset_read(&letters, str_make(room, (size_t)n), n == 0, &text);
		csv_read(r, buf_str(&text));
		if (n == 0) {
			csv_end(r);
			break;
		}
		at += n;
		(void)lseek(fd, at, SEEK_SET); /* says how far it is */
	}
	buf_free(&text);
	free(room);
	return e;
}

uint32_t import_targets(const json_t *state, struct str targets[CSV_FIELDS_MAX])
{
	const json_t *mapping = json_object_get(state, "mapping");
	uint32_t n = 0;
	while (n < CSV_FIELDS_MAX && n < json_array_size(mapping)) {
		targets[n] = json_str(json_array_get(mapping, n));
		n++;
	}
	return n;
}

enum err import_say(struct clerk *me, struct job *j, const json_t *state)
{
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_customers_imported, &a);
	ev->customers_imported.import = arena_copy(&a->arena, json_member(state, "id"));
	ev->customers_imported.by = arena_copy(&a->arena, json_member(state, "by"));
	ev->customers_imported.state = customers_text(&a->arena, state);
	return customers_say(me, j, a);
}

/* -- one file being brought in -- */

enum rule { RULE_SKIP, RULE_UPDATE, RULE_ADD };

struct line {
	json_t *given;
	struct buf cells; /* as read, each followed by a zero byte: for the rejects */
	uint32_t count;
	uint64_t at;
	const char *flaw; /* NULL: fine */
};

struct importing {
	struct clerk *me;
	struct job *j;
	json_t *state;
	struct customers_rules rules;
	struct str targets[CSV_FIELDS_MAX];
	uint32_t target_count;
	enum rule rule;
	bool header;
	char delimiter;
	int fd, rejects_fd;
	int64_t bytes;
	int64_t lines, done; /* records read in this run; of an earlier one */
	int64_t created, updated, skipped, rejected, rejects_bytes;
	struct line *batch;
	uint32_t batch_count;
	size_t batch_bytes;
	struct buf docs; /* of the fact to come */
	uint32_t doc_count;
	struct map keys; /* of those: a line that meets one of them waits for it to be stored */
	struct buf rejects, head; /* head: the names of the columns, as they go into it */
	enum err err;
};

static bool goes_on(void *arg)
{
	const struct importing *im = arg;
	return im->err == ERR_OK && !atomic_load(&im->me->web->stopping);
}

static void set_count(json_t *o, const char *key, int64_t v)
{
	json_object_set_new(o, key, json_integer(v));
}

static void put_progress(struct importing *im, const char *state)
{
	json_t *p = json_object();
	const int64_t lines = im->created + im->updated + im->skipped + im->rejected;
	set_count(p, "lines", lines);
	set_count(p, "created", im->created);
	set_count(p, "updated", im->updated);
	set_count(p, "skipped", im->skipped);
	set_count(p, "rejected", im->rejected);
	const int64_t at = str_is(str_of(state), "done") ? im->bytes : lseek(im->fd, 0, SEEK_CUR);
	set_count(p, "percent", im->bytes ? MIN(100, 100 * MAX(at, 0) / im->bytes) : 100);
	json_object_set_new(im->state, "progress", p);
	json_object_set_new(im->state, "state", json_string(state));
	set_count(im->state, "rejects_bytes", im->rejects_bytes);
}

/* The rejects of these lines are on the disk before anything says so. */
static enum err write_rejects(struct importing *im)
{
	if (!im->rejects.n)
		return ERR_OK;
	if (pwrite(im->rejects_fd, im->rejects.p, im->rejects.n, im->rejects_bytes) !=
		    (ssize_t)im->rejects.n ||
	    fdatasync(im->rejects_fd) != 0)
		return ERR_DISK_FULL;
	im->rejects_bytes += (int64_t)im->rejects.n;
	im->rejects.n = 0;
	return ERR_OK;
}

static void drop_keys(struct importing *im)
{
	uint32_t at = 0;
	for (char *k; (k = map_next(&im->keys, &at)) != NULL;)
		free(k);
	map_finish(&im->keys);
	map_init(&im->keys, 9);
}

/* What is made so far, in one fact with how far the file is read. */
static enum err say_docs(struct importing *im, const char *state)
{
	struct ask *a;
	enum err e = write_rejects(im);
	if (e != ERR_OK)
		return e;
	put_progress(im, state);
	struct event *ev = customers_event(im->me, im->j, EV_customer_changed, &a);
	ev->customer_changed.op = STR("imported");
	ev->customer_changed.by = arena_copy(&a->arena, json_member(im->state, "by"));
	ev->customer_changed.count = im->doc_count;
	ev->customer_changed.import = arena_copy(&a->arena, json_member(im->state, "id"));
	ev->customer_changed.docs = arena_copy(&a->arena, buf_str(&im->docs));
	ev->customer_changed.state = customers_text(&a->arena, im->state);
	e = customers_say(im->me, im->j, a);
	im->docs.n = 0;
	im->doc_count = 0;
	drop_keys(im);
	return e;
}

static void reject(struct importing *im, const struct line *l, struct str why)
{
	struct str rest = buf_str(&l->cells), cell;
	if (!im->rejects_bytes && !im->rejects.n)
		buf_put(&im->rejects, buf_str(&im->head));
	for (uint32_t i = 0; i < l->count; i++) {
		str_cut(rest, '\0', &cell, &rest);
		if (i)
			buf_ch(&im->rejects, im->delimiter);
		csv_put(&im->rejects, csv_unguarded(cell), im->delimiter);
	}
	for (uint32_t i = l->count; i < im->target_count; i++)
		buf_ch(&im->rejects, im->delimiter);
	buf_ch(&im->rejects, im->delimiter);
	csv_put(&im->rejects, why, im->delimiter);
	buf_c(&im->rejects, "\r\n");
	im->rejected++;
}

/* The mistakes of a document as one text for people. */
static void reason_of(const struct buf *errors, struct buf *out)
{
	json_t *list = json_loadb(errors->p ? errors->p : "", errors->n, 0, NULL), *v;
	size_t i;
	json_array_foreach(list, i, v)
	{
		if (i)
			buf_c(out, "; ");
		buf_put(out, str_from(json_member(v, "path"), 2)); /* without $. */
		buf_ch(out, ' ');
		buf_put(out, json_member(v, "message"));
	}
	json_decref(list);
}

struct looking {
	struct importing *im;
	struct uuid found;
	uint32_t count; /* different customers it could be */
	bool in_batch;
	bool add;
};

static void look_key(void *arg, char kind, struct str key)
{
	struct looking *k = arg;
	struct uuid ids[2];
	uint32_t n = 0;
	char text[CUSTOMER_KEY_MAX + 2] = {kind};
	if (kind == 'p' || k->im->err != ERR_OK) /* a namesake is somebody else */
		return;
	memcpy(text + 1, key.p, MIN(key.n, CUSTOMER_KEY_MAX));
	if (k->add) {
		char *own = str_dup(str_of(text));
		if (map_add(&k->im->keys, str_of(own), own) != ERR_OK)
			free(own);
		return;
	}
	k->in_batch |= map_get(&k->im->keys, str_of(text)) != NULL;
	if (k->count && kind != 'x')
		return; /* the external id says more than the others, and came last */
	k->im->err = query_key(k->im->me->reader, k->im->j->match.tenant, kind, key, ids, 2, &n);
	if (n)
		k->found = ids[0];
	k->count = MAX(k->count, n);
}

/* Who the line is about already, if anybody. */
static void look(struct importing *im, const json_t *doc, struct looking *k)
{
	*k = (struct looking){.im = im};
	customer_keys(doc, look_key, k);
}

static json_t *stored(struct importing *im, struct uuid id)
{
	struct buf text = buf_grow(1024);
	const enum err e = query_customer(im->me->reader, im->j->match.tenant, id, &text);
	json_t *doc = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	buf_free(&text);
	return doc;
}

static json_t *make(struct importing *im, const json_t *given, const json_t *before, struct str id,
		    struct mistakes *m)
{
	const struct customer_stamp stamp = {.id = id,
					     .tenant = im->j->match.tenant,
					     .by = json_member(im->state, "by"),
					     .now_ms = clock_utc_ms()};
	return customer_make(given, before, false, &stamp, &im->rules.rules, m);
}

static void keep(struct importing *im, const json_t *doc)
{
	struct looking k = {.im = im, .add = true};
	char *text = json_dumps(doc, JSON_COMPACT);
	CHECK(text);
	buf_c(&im->docs, text);
	buf_ch(&im->docs, '\n');
	im->doc_count++;
	free(text);
	customer_keys(doc, look_key, &k);
}

/* A customer who is there already gets what the line says; what it does not say stays. */
static void update(struct importing *im, const json_t *line, const json_t *before,
		   struct mistakes *m)
{
	json_t *both = customer_merged(line, before);
	json_t *doc = make(im, both, before, json_member(before, "id"), m);
	if (doc && customer_same(before, doc))
		im->skipped++;
	else if (doc)
		keep(im, doc), im->updated++;
	json_decref(doc);
	json_decref(both);
}

/* Under the lock. False: it meets somebody of this batch, who must be stored first. */
static bool take_line(struct importing *im, const struct line *l)
{
	struct buf errors = buf_grow(64), why = buf_grow(64);
	struct mistakes m = mistakes_begin(&errors);
	char id[UUID_TEXT + 1];
	struct looking k = {0};
	uuid_text(customers_new_id(), id);
	json_t *doc = l->flaw ? NULL : make(im, l->given, NULL, str_of(id), &m);
	if (doc && im->rule != RULE_ADD)
		look(im, doc, &k);
	if (!k.in_batch && im->err == ERR_OK && doc) {
		json_t *before = k.count ? stored(im, k.found) : NULL;
		if (!before)
			keep(im, doc), im->created++;
		else if (im->rule == RULE_SKIP)
			im->skipped++;
		else if (k.count > 1)
			buf_c(&why, "several customers have this number or address");
		else
			update(im, l->given, before, &m);
		json_decref(before);
	}
	mistakes_end(&m);
	if (l->flaw)
		buf_c(&why, l->flaw);
	reason_of(&errors, &why);
	if (why.n && !k.in_batch && im->err == ERR_OK)
		reject(im, l, buf_str(&why));
	json_decref(doc);
	buf_free(&errors);
	buf_free(&why);
	return !k.in_batch;
}

/* Is it still to go on? Somebody may have stopped it meanwhile. */
static bool is_wanted(struct importing *im)
{
	struct uuid id;
	struct buf text = buf_grow(1024);
	enum err e = uuid_parse(json_member(im->state, "id"), &id);
	if (e == ERR_OK)
		e = query_import(im->me->reader, im->j->match.tenant, id, &text);
	const bool wanted =
		e == ERR_OK && str_find_str(buf_str(&text), STR("\"state\":\"running\"")) >= 0;
	buf_free(&text);
	if (!wanted)
		im->err = ERR_CONFLICT;
	return wanted;
}

static void rest(int64_t since_ms)
{
	poll(NULL, 0, (int)MIN(MAX(clock_mono_ms() - since_ms, 1), REST_MS_MAX));
}

static void drop_batch(struct importing *im)
{
	for (uint32_t i = 0; i < im->batch_count; i++) {
		json_decref(im->batch[i].given);
		buf_free(&im->batch[i].cells);
	}
	im->batch_count = 0;
	im->batch_bytes = 0;
}

static void flush(struct importing *im, const char *state)
{
	const int64_t since_ms = clock_mono_ms();
	pthread_mutex_lock(&im->me->web->customers_lock);
	bool wanted = is_wanted(im);
	for (uint32_t i = 0; wanted && i < im->batch_count && im->err == ERR_OK; i++) {
		if (take_line(im, &im->batch[i]) || im->err != ERR_OK)
			continue;
		im->err = say_docs(im, "running");
		if (im->err == ERR_OK && !take_line(im, &im->batch[i]))
			im->err = ERR_IO; /* the batch is empty: it meets nobody */
	}
	if (wanted && im->err == ERR_OK)
		im->err = say_docs(im, state);
	pthread_mutex_unlock(&im->me->web->customers_lock);
	drop_batch(im);
	if (str_is(str_of(state), "running"))
		rest(since_ms); /* without the lock: others come in between */
}

static const char *flaw_text(enum csv_flaw f)
{
	static const char *const texts[] = {NULL, "the line is longer than 256 KiB",
					    "the line has more than 200 fields",
					    "a quote is not closed", "the line holds a NUL byte"};
	return texts[f];
}

static void take_head(struct importing *im, const struct str *fields, uint32_t count)
{
	buf_c(&im->head, "\xef\xbb\xbf");
	for (uint32_t i = 0; i < MAX(count, im->target_count); i++) {
		csv_put(&im->head, i < count ? csv_unguarded(fields[i]) : STR_NONE, im->delimiter);
		buf_ch(&im->head, im->delimiter);
	}
	buf_c(&im->head, "reason\r\n");
}

static void take_record(void *arg, const struct str *fields, uint32_t count, enum csv_flaw flaw,
			uint64_t at)
{
	struct importing *im = arg;
	const int64_t n = im->lines++;
	if (n == 0 && im->header)
		take_head(im, fields, count);
	if (!goes_on(im) || n < im->done + im->header)
		return;
	struct line *l = &im->batch[im->batch_count++];
	*l = (struct line){
		.count = count, .at = at, .flaw = flaw_text(flaw), .cells = buf_grow(64)};
	for (uint32_t i = 0; i < count; i++) {
		buf_put(&l->cells, flaw == CSV_TOO_LONG ? str_head(fields[i], 200) : fields[i]);
		buf_ch(&l->cells, 0);
		im->batch_bytes += fields[i].n;
	}
	l->given = flaw ? NULL
			: columns_document(fields, count, im->targets, im->target_count,
					   im->rules.fields);
	if (im->batch_count == BATCH_RECORDS || im->batch_bytes >= BATCH_BYTES)
		flush(im, "running");
}

static int64_t count_of(const json_t *state, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(state, "progress"), key));
}

static enum err open_files(struct importing *im)
{
	char path[4096];
	const struct str id = json_member(im->state, "id");
	if (!import_path(im->me->web, id, ".file", path))
		return ERR_NOT_FOUND;
	im->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (im->fd < 0 || !import_path(im->me->web, id, ".rejects", path))
		return ERR_NOT_FOUND;
	im->rejects_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (im->rejects_fd < 0)
		return ERR_IO;
	im->bytes = lseek(im->fd, 0, SEEK_END);
	(void)lseek(im->fd, 0, SEEK_SET);
	/* what a life before wrote and did not come to tell */
	return ftruncate(im->rejects_fd, im->rejects_bytes) == 0 ? ERR_OK : ERR_IO;
}

static enum err bring_in(struct importing *im)
{
	char *head = xcalloc(1, IMPORT_HEAD);
	const ssize_t n = pread(im->fd, head, IMPORT_HEAD, 0);
	const struct import_form form =
		import_form(im->state, str_make(head, n > 0 ? (size_t)n : 0));
	struct csv_reader r;
	free(head);
	csv_init(&r, form.delimiter);
	im->delimiter = form.delimiter;
	r.record = take_record;
	r.arg = im;
	const enum err e = import_read(im->fd, &form, &r, goes_on, im);
	csv_finish(&r);
	if (e == ERR_OK && goes_on(im))
		flush(im, "done");
	return e == ERR_OK ? im->err : e;
}

static void begin(struct importing *im, struct clerk *me, struct job *j, json_t *state)
{
	const struct str rule = json_member(state, "duplicates");
	*im = (struct importing){.me = me, .j = j, .state = state, .fd = -1, .rejects_fd = -1};
	customers_rules(me, j->match.tenant, &im->rules);
	im->target_count = import_targets(state, im->targets);
	im->rule = str_is(rule, "update") ? RULE_UPDATE
		   : str_is(rule, "add")  ? RULE_ADD
					  : RULE_SKIP;
	im->header = json_flag(state, "header");
	im->created = count_of(state, "created");
	im->updated = count_of(state, "updated");
	im->skipped = count_of(state, "skipped");
	im->rejected = count_of(state, "rejected");
	im->done = im->created + im->updated + im->skipped + im->rejected;
	im->rejects_bytes = json_integer_value(json_object_get(state, "rejects_bytes"));
	im->batch = xcalloc(BATCH_RECORDS, sizeof *im->batch);
	im->docs = buf_grow(BATCH_BYTES);
	im->rejects = buf_grow(1024);
	im->head = buf_grow(256);
	map_init(&im->keys, 9);
}

static void end(struct importing *im)
{
	drop_batch(im);
	drop_keys(im);
	map_finish(&im->keys);
	customers_rules_finish(&im->rules);
	buf_free(&im->docs);
	buf_free(&im->rejects);
	buf_free(&im->head);
	free(im->batch);
	if (im->fd >= 0)
		close(im->fd);
	if (im->rejects_fd >= 0)
		close(im->rejects_fd);
}

/* ERR_AGAIN: the house stops or the database is away: later. */
static enum err run_one(struct clerk *me, struct job *j, struct str tenant, json_t *state)
{
	struct importing im;
	j->match.tenant = tenant;
	begin(&im, me, j, state);
	enum err e = open_files(&im);
	if (e == ERR_OK)
		e = bring_in(&im);
	if (e == ERR_NOT_FOUND || e == ERR_IO) {
		json_object_set_new(state, "detail", json_string("its file cannot be read"));
		json_object_set_new(state, "state", json_string("failed"));
		e = import_say(me, j, state);
	}
	log_line(LOG_INFO,
		 "event=import tenant=" STR_FMT " id=" STR_FMT " created=%lld updated=%lld "
		 "skipped=%lld rejected=%lld why=%s",
		 STR_ARG(tenant), STR_ARG(json_member(state, "id")), (long long)im.created,
		 (long long)im.updated, (long long)im.skipped, (long long)im.rejected, err_text(e));
	end(&im);
	j->match.tenant = STR_NONE;
	return e;
}

/* -- whose turn it is -- */

struct found {
	char tenant[64];
	json_t *state;
	uint32_t pass; /* of how many were passed over already */
};

static void take_running(void *arg, struct str tenant, struct str state)
{
	struct found *f = arg;
	if (f->state || f->pass--)
		return;
	(void)str_copy(tenant, f->tenant, sizeof f->tenant);
	f->state = json_loadb(state.p, state.n, 0, NULL);
}

enum err import_run(struct clerk *me, struct job *j)
{
	for (uint32_t pass = 0; !atomic_load(&me->web->stopping); pass++) {
		struct found f = {.pass = pass};
		enum err e = query_imports_running(me->reader, take_running, &f);
		if (e != ERR_OK || !f.state)
			return e;
		e = run_one(me, j, str_of(f.tenant), f.state);
		json_decref(f.state);
		if (e == ERR_OK)
			pass = UINT32_MAX; /* it is over: from the first one again */
		else if (e != ERR_CONFLICT)
			atomic_store(&me->web->imports_due, true); /* once more, a second later */
	}
	return ERR_AGAIN;
}

void imports_second(struct web *w)
{
	if (!w->clerks || w->importing || !atomic_exchange(&w->imports_due, false))
		return;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = w;
	j->desk = DESK_IMPORT;
	j->importing = true;
	list_init(&j->link);
	w->importing = clerks_give(w->clerks, j) == ERR_OK;
	if (!w->importing) {
		atomic_store(&w->imports_due, true);
		free(j);
	}
}
