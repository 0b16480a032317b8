/* imports.c - files of customers: taken, previewed, started, watched; everybody as a file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crm/columns.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "web/import.h"
#include "web/xlsx.h"

#define PREVIEW_ROWS 10u
#define PREVIEW_LOOK 200u /* records whose mistakes are told before the start */
#define PREVIEW_MISTAKES 20u
#define EXPORT_PAGE 500u

static enum err the_import(struct clerk *me, struct job *j, json_t **out)
{
	struct uuid id;
	struct buf text = buf_grow(1024);
	enum err e = uuid_parse(j->match.id, &id) == ERR_OK
			     ? query_import(me->reader, j->match.tenant, id, &text)
			     : ERR_NOT_FOUND;
	*out = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	buf_free(&text);
	return e == ERR_OK && !*out ? ERR_IO : e;
}

/* -- the preview -- */

struct preview {
	struct customers_rules *rules;
	json_t *state; /* gets mapping, when it has none */
	json_t *columns, *rows, *mistakes;
	struct str targets[CSV_FIELDS_MAX];
	char rooms[CSV_FIELDS_MAX][80];
	uint32_t target_count, seen;
	bool header;
};

static json_t *cell_text(struct str s)
{
	json_t *t = json_stringn(s.n ? s.p : "", s.n);
	return t ? t : json_string("?");
}

static void first_record(struct preview *p, const struct str *fields, uint32_t count)
{
	const json_t *mapping = json_object_get(p->state, "mapping");
	json_t *made = json_array();
	for (uint32_t i = 0; i < count; i++) {
		char number[16];
		struct buf b = buf_make(number, sizeof number);
		buf_u64(&b, i + 1);
		const struct str name =
			p->header ? str_trim(csv_unguarded(fields[i])) : buf_str(&b);
		struct str target = json_str(json_array_get(mapping, i));
		if (!mapping)
			target = p->header ? column_guess(name, p->rules->fields, p->rooms[i])
					   : STR_NONE;
		(void)str_copy(str_head(target, 79), p->rooms[i], sizeof p->rooms[i]);
		p->targets[i] = str_of(p->rooms[i]);
		json_t *column = json_object();
		json_object_set_new(column, "name", cell_text(name));
		json_object_set_new(column, "target", cell_text(p->targets[i]));
		json_array_append_new(p->columns, column);
		json_array_append_new(made, cell_text(p->targets[i]));
	}
	p->target_count = count;
	if (!mapping)
		json_object_set(p->state, "mapping", made);
	json_decref(made);
}

static void tell_mistakes(struct preview *p, const struct buf *errors, enum csv_flaw flaw,
			  uint64_t line)
{
	json_t *list = json_loadb(errors->p ? errors->p : "", errors->n, 0, NULL), *v;
	size_t i;
	if (flaw && json_array_size(p->mistakes) < PREVIEW_MISTAKES)
		json_array_append_new(p->mistakes,
				      json_pack("{s:I,s:s}", "line", (json_int_t)line, "message",
						"the line cannot be read as fields"));
	json_array_foreach(list, i, v)
	{
		if (json_array_size(p->mistakes) >= PREVIEW_MISTAKES)
			break;
		struct buf text = buf_grow(64);
		buf_put(&text, str_from(json_member(v, "path"), 2));
		buf_ch(&text, ' ');
		buf_put(&text, json_member(v, "message"));
		json_t *one = json_object();
		json_object_set_new(one, "line", json_integer((json_int_t)line));
		json_object_set_new(one, "message", cell_text(buf_str(&text)));
		json_array_append_new(p->mistakes, one);
		buf_free(&text);
	}
	json_decref(list);
}

static void preview_record(void *arg, const struct str *fields, uint32_t count, enum csv_flaw flaw,
			   uint64_t line)
{
	struct preview *p = arg;
	if (!p->seen++) {
		first_record(p, fields, count);
		if (p->header)
			return;
	}
	if (p->seen > PREVIEW_LOOK)
		return;
	if (json_array_size(p->rows) < PREVIEW_ROWS) {
		json_t *row = json_array();
		for (uint32_t i = 0; i < count; i++)
			json_array_append_new(row, cell_text(str_head(fields[i], 200)));
		json_array_append_new(p->rows, row);
	}
	struct buf errors = buf_grow(64);
	struct mistakes m = mistakes_begin(&errors);
	const struct customer_stamp stamp = {.id = STR("00000000-0000-7000-8000-000000000000"),
					     .tenant = STR("t"),
					     .by = STR("preview"),
					     .now_ms = 1};
	json_t *given =
		columns_document(fields, count, p->targets, p->target_count, p->rules->fields);
	json_t *doc = flaw ? NULL : customer_make(given, NULL, false, &stamp, &p->rules->rules, &m);
	mistakes_end(&m);
	tell_mistakes(p, &errors, flaw, line);
	json_decref(given);
	json_decref(doc);
	buf_free(&errors);
}

static enum err read_head(struct web *w, struct str id, struct buf *head)
{
	char path[4096];
	if (!import_path(w, id, ".file", path))
		return ERR_NOT_FOUND;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char *room = xcalloc(1, IMPORT_HEAD);
	const ssize_t n = fd < 0 ? -1 : read(fd, room, IMPORT_HEAD);
	if (n > 0)
		buf_put(head, str_make(room, (size_t)n));
	free(room);
	if (fd >= 0)
		close(fd);
	return n < 0 ? ERR_NOT_FOUND : ERR_OK;
}

/* Fills encoding, delimiter, mapping of the state where it has none; *out gets the state with what
 * a preview shows. */
static enum err preview(struct clerk *me, struct job *j, json_t *state, json_t **out)
{
	struct buf head = buf_grow(IMPORT_HEAD), text = buf_grow(IMPORT_HEAD);
	struct customers_rules rules;
	enum err e = read_head(me->web, json_member(state, "id"), &head);
	if (e != ERR_OK) {
		buf_free(&head);
		buf_free(&text);
		return e;
	}
	const struct import_form form = import_form(state, buf_str(&head));
	struct charset_reader letters = {.charset = form.charset};
	struct csv_reader r;
	struct preview *p = xcalloc(1, sizeof *p);
	customers_rules(me, j->match.tenant, &rules);
	*p = (struct preview){.rules = &rules,
			      .state = state,
			      .columns = json_array(),
			      .rows = json_array(),
			      .mistakes = json_array(),
			      .header = json_flag(state, "header")};
	csv_init(&r, form.delimiter);
	r.record = preview_record;
	r.arg = p;
	charset_read(&letters, str_from(buf_str(&head), form.mark), head.n < IMPORT_HEAD, &text);
	csv_read(&r, buf_str(&text));
	if (head.n < IMPORT_HEAD) /* else the last one is cut */
		csv_end(&r);
	csv_finish(&r);
	json_object_set_new(state, "encoding", cell_text(charset_name(form.charset)));
	json_object_set_new(state, "delimiter", json_string(import_delimiter_word(form.delimiter)));
	*out = json_copy(state);
	json_object_del(*out, "mapping");
	json_object_del(*out, "rejects_bytes");
	json_object_set_new(*out, "columns", p->columns);
	json_object_set_new(*out, "rows", p->rows);
	json_object_set_new(*out, "mistakes", p->mistakes);
	free(p);
	customers_rules_finish(&rules);
	buf_free(&head);
	buf_free(&text);
	return ERR_OK;
}

/* As preview(); no lines yet, or no more: what is known of it. */
static enum err shown_of(struct clerk *me, struct job *j, json_t *state, json_t **out)
{
	const enum err e = preview(me, j, state, out);
	if (e != ERR_NOT_FOUND)
		return e;
	*out = json_deep_copy(state);
	json_object_set_new(*out, "columns", json_array());
	return ERR_OK;
}

static void answer_shown(struct job *j, const json_t *shown, int status)
{
	(void)answer_begin(j);
	buf_put(&j->answer.body, customers_text(&j->req->arena, shown));
	answer_json(j, status);
}

static enum err answer_import(struct clerk *me, struct job *j, json_t *state)
{
	json_t *shown = NULL;
	const enum err e = shown_of(me, j, state, &shown);
	if (e == ERR_OK)
		answer_shown(j, shown, 200);
	json_decref(shown);
	return e;
}

/* -- taking a file -- */

static bool is_workbook(const json_t *state)
{
	return str_is(json_member(state, "format"), "xlsx");
}

static enum err write_at(const struct job *j, const json_t *state, struct str bytes, int64_t at)
{
	char path[4096];
	(void)mkdir(j->web->imports, 0700);
	if (!import_path(j->web, json_member(state, "id"), is_workbook(state) ? ".xlsx" : ".file",
			 path))
		return ERR_NOT_FOUND;
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_IO;
	const bool good = pwrite(fd, bytes.p, bytes.n, at) == (ssize_t)bytes.n && fsync(fd) == 0;
	close(fd);
	return good ? ERR_OK : ERR_DISK_FULL;
}

static void forget_files(const struct web *w, struct str id)
{
	static const char *const endings[] = {".file", ".file.part", ".rejects", ".xlsx"};
	char path[4096];
	for (size_t i = 0; i < COUNT_OF(endings); i++)
		if (import_path(w, id, endings[i], path))
			(void)unlink(path);
}

/* Lines of a workbook's sheet, once it is whole; empty: the first one. ERR_UNSUPPORTED: why there
 * are none is answered, and stands in the state. */
static enum err read_workbook(struct job *j, json_t *state, struct str sheet)
{
	char from[4096], to[4096];
	const struct str id = json_member(state, "id");
	if (!import_path(j->web, id, ".xlsx", from) || !import_path(j->web, id, ".file", to))
		return ERR_NOT_FOUND;
	struct xlsx x = {.from = from, .to = to, .sheet = sheet, .stopping = &j->web->stopping};
	x.sheets = json_array();
	enum err e = xlsx_to_csv(&x);
	if (e == ERR_OK) {
		json_object_set(state, "sheets", x.sheets);
		json_object_set_new(state, "sheet", json_string(x.chosen));
		json_object_set_new(state, "encoding", json_string("utf-8"));
		json_object_set_new(state, "delimiter", json_string("comma"));
		json_object_del(state, "mapping");
		json_object_del(state, "detail");
	} else if (e == ERR_NOT_FOUND) { /* more of it will come */
		json_object_set_new(state, "detail", json_string("the workbook is not complete"));
		e = ERR_OK;
	} else if (e == ERR_INVALID) {
		json_object_set_new(state, "detail", cell_text(str_of(x.wrong)));
		answer_status(j, 415, x.wrong);
		e = ERR_UNSUPPORTED;
	} else if (e == ERR_UNSUPPORTED) {
		answer_status(j, 501, "workbooks need libzip and expat, which are not installed");
	} else if (e == ERR_BUSY) {
		answer_status(j, 503, "another workbook is being read: try again in a moment");
		e = ERR_UNSUPPORTED;
	}
	json_decref(x.sheets);
	return e;
}

static json_t *fresh_state(const struct job *j, struct str name)
{
	char id[UUID_TEXT + 1], at[40];
	struct buf now = buf_make(at, sizeof at);
	uuid_text(customers_new_id(), id);
	time_text(&now, clock_utc_ms());
	json_t *state = json_pack("{s:s,s:s,s:s,s:s%,s:s,s:I,s:b,s:s,s:{s:i,s:i,s:i,s:i,s:i,s:i}}",
				  "id", id, "state", "preview", "by", j->caller.user, "created_at",
				  at, now.n, "format", xlsx_begins(j->req->body) ? "xlsx" : "csv",
				  "bytes", (json_int_t)j->req->body.n, "header", 1, "duplicates",
				  "skip", "progress", "lines", 0, "created", 0, "updated", 0,
				  "skipped", 0, "rejected", 0, "percent", 0);
	CHECK(state);
	json_object_set_new(state, "name", cell_text(str_head(name, 200)));
	return state;
}

enum err run_import_upload(struct clerk *me, struct job *j)
{
	struct str name;
	const char *refused = xlsx_refused(j->req->body);
	if (param_str(j, "name", &name) != ERR_OK)
		return ERR_INVALID;
	if (!j->req->body.n)
		return answer_invalid(j, "", "is empty: send the file as the body");
	if (refused) {
		answer_status(j, 415, refused);
		return ERR_OK;
	}
	json_t *state = fresh_state(j, name), *shown = NULL;
	enum err e = write_at(j, state, j->req->body, 0);
	if (e == ERR_OK && is_workbook(state))
		e = read_workbook(j, state, STR_NONE);
	if (e == ERR_OK)
		e = shown_of(me, j, state, &shown);
	json_object_del(state, "mapping"); /* nobody chose it yet */
	if (e == ERR_OK)
		e = import_say(me, j, state);
	if (e == ERR_OK)
		answer_shown(j, shown, 201);
	else
		forget_files(me->web, json_member(state, "id"));
	json_decref(shown);
	json_decref(state);
	return e == ERR_UNSUPPORTED ? ERR_OK : e;
}

static enum err not_now(struct job *j, const char *why)
{
	str_copy(str_of(why), j->detail, sizeof j->detail);
	return ERR_CONFLICT;
}

static bool is_in(const json_t *state, const char *word)
{
	return str_is(json_member(state, "state"), word);
}

/* Lines of before are no more; what cannot be read stays in the list, with its reason. */
static enum err append_workbook(struct clerk *me, struct job *j, json_t *state)
{
	static const char *const keys[] = {"sheet", "sheets", "mapping"};
	char path[4096];
	for (size_t i = 0; i < COUNT_OF(keys); i++)
		json_object_del(state, keys[i]);
	if (import_path(j->web, j->match.id, ".file", path))
		(void)unlink(path);
	const enum err e = read_workbook(j, state, STR_NONE);
	if (e != ERR_UNSUPPORTED || j->answer.status != 415)
		return e;
	json_object_set_new(state, "state", json_string("failed"));
	const enum err said = import_say(me, j, state);
	return said == ERR_OK ? e : said;
}

enum err run_import_append(struct clerk *me, struct job *j)
{
	uint64_t offset = UINT64_MAX;
	json_t *state;
	if (param_u64(j, "offset", IMPORT_FILE_MAX, &offset) != ERR_OK)
		return ERR_INVALID;
	enum err e = the_import(me, j, &state);
	if (e != ERR_OK)
		return e;
	const int64_t bytes = json_integer_value(json_object_get(state, "bytes"));
	if (!is_in(state, "preview"))
		e = not_now(j, "it began already");
	else if ((int64_t)offset != bytes)
		e = not_now(j, "offset must be the number of bytes that are there already");
	else if (bytes + (int64_t)j->req->body.n > IMPORT_FILE_MAX)
		e = ERR_TOO_LARGE;
	if (e == ERR_OK)
		e = write_at(j, state, j->req->body, bytes);
	if (e == ERR_OK) {
		json_object_set_new(state, "bytes", json_integer(bytes + (int64_t)j->req->body.n));
		json_object_del(state, "encoding"); /* there is more to guess from */
	}
	if (e == ERR_OK && is_workbook(state))
		e = append_workbook(me, j, state);
	if (e == ERR_OK)
		e = import_say(me, j, state);
	if (e == ERR_OK)
		e = answer_import(me, j, state);
	json_decref(state);
	return e == ERR_UNSUPPORTED ? ERR_OK : e; /* answered */
}

/* -- what is wanted of it -- */

static enum err take_wishes(struct clerk *me, struct job *j, json_t *state)
{
	static const char *const keys[] = {"encoding", "delimiter", "header", "mapping",
					   "duplicates"};
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	struct customers_rules rules;
	enum err e = ERR_OK;
	customers_rules(me, j->match.tenant, &rules);
	for (size_t i = is_workbook(state) ? 2 : 0; i < COUNT_OF(keys); i++)
		if (json_object_get(body, keys[i]))
			json_object_set(state, keys[i], json_object_get(body, keys[i]));
	const json_t *mapping = json_object_get(body, "mapping");
	for (size_t i = 0; e == ERR_OK && i < json_array_size(mapping); i++) {
		char path[40];
		snprintf(path, sizeof path, "$.mapping[%zu]", i);
		if (!column_target_known(json_str(json_array_get(mapping, i)), rules.fields))
			e = answer_invalid(j, path, "is no target a column can have");
	}
	customers_rules_finish(&rules);
	json_decref(body);
	return e;
}

/* Another sheet: its lines take the place of those there were. */
static enum err change_sheet(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL), *state = NULL;
	const struct str sheet = json_member(body, "sheet");
	enum err e = sheet.n ? the_import(me, j, &state) : ERR_OK;
	if (e == ERR_OK && sheet.n && is_in(state, "preview") && json_object_get(state, "sheet") &&
	    !str_eq(sheet, json_member(state, "sheet"))) {
		e = read_workbook(j, state, sheet);
		if (e == ERR_OK)
			e = import_say(me, j, state);
	}
	json_decref(state);
	json_decref(body);
	return e;
}

static enum err with_wishes(struct clerk *me, struct job *j, bool start)
{
	json_t *state = NULL, *shown = NULL;
	enum err e = change_sheet(me, j);
	if (e != ERR_OK)
		return e == ERR_UNSUPPORTED ? ERR_OK : e;
	pthread_mutex_lock(&me->web->customers_lock);
	e = the_import(me, j, &state);
	if (e == ERR_OK && !is_in(state, "preview"))
		e = not_now(j, "it began already");
	if (e == ERR_OK && is_workbook(state) && !json_object_get(state, "sheet"))
		e = not_now(j, "the workbook is not complete: send the rest of it");
	if (e == ERR_OK)
		e = take_wishes(me, j, state);
	if (e == ERR_OK)
		e = preview(me, j, state, &shown);
	if (e == ERR_OK && start) {
		json_object_set_new(state, "state", json_string("running"));
		json_object_set_new(shown, "state", json_string("running"));
	}
	if (e == ERR_OK)
		e = import_say(me, j, state);
	pthread_mutex_unlock(&me->web->customers_lock);
	if (e == ERR_OK) {
		if (start)
			atomic_store(&me->web->imports_due, true);
		answer_shown(j, shown, 200);
	}
	json_decref(state);
	json_decref(shown);
	return e;
}

enum err run_import_preview(struct clerk *me, struct job *j)
{
	return with_wishes(me, j, false);
}

enum err run_import_start(struct clerk *me, struct job *j)
{
	return with_wishes(me, j, true);
}

enum err run_import(struct clerk *me, struct job *j)
{
	json_t *state;
	enum err e = the_import(me, j, &state);
	if (e == ERR_OK)
		e = answer_import(me, j, state);
	json_decref(state);
	return e;
}

enum err run_imports(struct clerk *me, struct job *j)
{
	uint32_t limit;
	struct str after;
	if (param_page(j, &limit, &after) != ERR_OK)
		return ERR_INVALID;
	struct buf body = buf_grow(4096);
	const enum err e = query_imports(me->reader, j->match.tenant, limit, after, &body);
	if (e != ERR_OK) {
		buf_free(&body);
		return e == ERR_INVALID ? answer_invalid(j, "after", "is no cursor of ours") : e;
	}
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, 200);
	return ERR_OK;
}

/* What is imported stays; a running one stops, any other is forgotten with its file. */
enum err run_import_delete(struct clerk *me, struct job *j)
{
	json_t *state;
	pthread_mutex_lock(&me->web->customers_lock);
	enum err e = the_import(me, j, &state);
	if (e == ERR_OK && is_in(state, "running")) {
		json_object_set_new(state, "state", json_string("stopped"));
		e = import_say(me, j, state);
	} else if (e == ERR_OK) {
		struct ask *a;
		struct event *ev = customers_event(me, j, EV_customers_imported, &a);
		ev->customers_imported.import = arena_copy(&a->arena, j->match.id);
		ev->customers_imported.by = a->actor;
		e = customers_say(me, j, a);
		if (e == ERR_OK)
			forget_files(me->web, j->match.id);
	}
	pthread_mutex_unlock(&me->web->customers_lock);
	json_decref(state);
	if (e == ERR_OK)
		j->answer.status = 204;
	return e;
}

enum err run_import_rejects(struct clerk *me, struct job *j)
{
	json_t *state;
	char path[4096];
	enum err e = the_import(me, j, &state);
	const int64_t bytes = json_integer_value(json_object_get(state, "rejects_bytes"));
	json_decref(state);
	if (e == ERR_OK)
		e = customers_viewed(me, j, "rejects", STR_NONE, j->match.id, 1);
	if (e != ERR_OK)
		return e;
	if (!import_path(me->web, j->match.id, ".rejects", path))
		return ERR_NOT_FOUND;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? ERR_NOT_FOUND : answer_file(j, fd, bytes, "text/csv; charset=utf-8", "");
}

/* -- everybody as a file -- */

struct exporting {
	struct buf text;
	const json_t *fields;
	char delimiter;
	bool first;
	uint32_t count;
};

static void put_cell(void *arg, struct str text)
{
	struct exporting *x = arg;
	if (!x->first)
		buf_ch(&x->text, x->delimiter);
	x->first = false;
	csv_put(&x->text, text, x->delimiter);
}

static void put_customer(void *arg, struct str text)
{
	struct exporting *x = arg;
	json_t *doc = json_loadb(text.p, text.n, 0, NULL);
	x->first = true;
	columns_cells(doc, x->fields, put_cell, x);
	buf_c(&x->text, "\r\n");
	x->count++;
	json_decref(doc);
}

static enum err write_all(int fd, struct buf *text)
{
	size_t at = 0;
	while (at < text->n) {
		const ssize_t n = write(fd, text->p + at, text->n - at);
		if (n <= 0)
			return ERR_DISK_FULL;
		at += (size_t)n;
	}
	text->n = 0;
	return ERR_OK;
}

static enum err export_to(struct clerk *me, struct job *j, int fd, struct exporting *x)
{
	struct uuid after = {{0}};
	enum err e = ERR_OK;
	x->first = true;
	(void)columns_exported(x->fields, put_cell, x);
	buf_c(&x->text, "\r\n");
	while (e == ERR_OK) {
		e = write_all(fd, &x->text);
		if (e == ERR_OK)
			e = query_customers_each(me->reader, j->match.tenant, &after, EXPORT_PAGE,
						 put_customer, x);
	}
	return e == ERR_NOT_FOUND ? write_all(fd, &x->text) : e;
}

enum err run_customers_export(struct clerk *me, struct job *j)
{
	struct str bom, delimiter;
	struct customers_rules rules;
	if (param_str(j, "bom", &bom) != ERR_OK || param_str(j, "delimiter", &delimiter) != ERR_OK)
		return ERR_INVALID;
	(void)mkdir(j->web->imports, 0700);
	const int fd = open(j->web->imports, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd < 0)
		return ERR_IO;
	customers_rules(me, j->match.tenant, &rules);
	struct exporting x = {.text = buf_grow(65536),
			      .fields = rules.fields,
			      .delimiter = import_delimiter_of(delimiter)};
	if (str_is(bom, "1"))
		buf_c(&x.text, "\xef\xbb\xbf");
	enum err e = export_to(me, j, fd, &x);
	customers_rules_finish(&rules);
	buf_free(&x.text);
	if (e == ERR_OK)
		e = customers_viewed(me, j, "export", STR_NONE, STR_NONE, x.count);
	if (e != ERR_OK) {
		close(fd);
		return e;
	}
	e = answer_file(j, fd, lseek(fd, 0, SEEK_END), "text/csv; charset=utf-8", "");
	buf_c(&j->answer.extra, "Content-Disposition: attachment; filename=\"customers.csv\"\r\n");
	return e;
}
