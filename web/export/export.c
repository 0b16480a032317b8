/* export.c - see export.h. */
#include "web/export/export.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/jsonr.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "web/export/names.h"
#include "web/export/table.h"
#include "web/web_inside.h"

#define PAGE 500u      /* contacts read at once */
#define LOOK_ROWS 256u /* after so many it is asked whether anybody still wants them */

struct export
{
	struct clerk *me;
	struct job *j;
	const struct report_question *q;
	bool (*going)(void *arg);
	void *arg;
	struct table t;
	struct names names;
	struct table_cell cells[TABLE_COLUMNS_MAX];
	struct buf texts;  /* of one row */
	bool compares;	   /* the first column says of which period a row is */
	struct str period; /* of the rows that come now, when two are compared */
	enum err err;
};

static const struct table_format *format_of(enum report_format f)
{
	switch (f) {
	case FORMAT_CSV:
		return &table_csv;
	case FORMAT_XLSX:
		return &table_xlsx;
	case FORMAT_PDF:
		return &table_pdf;
	case FORMAT_JSON:
		break;
	}
	return NULL;
}

const char *export_type(enum report_format f)
{
	const struct table_format *format = format_of(f);
	return format ? format->type : "application/json";
}

void export_name(const struct report_question *q, char name[96])
{
	struct local_time l;
	const struct table_format *format = format_of(q->format);
	zone_local(q->f.time_zone.n ? zone_get(q->f.time_zone) : NULL,
		   q->f.from_ms ? q->f.from_ms : q->f.now_ms, &l);
	const bool list = q->columns_of == REPORT_OF_contact_list;
	snprintf(name, 96, "%s-%04d-%02d-%02d.%s", list ? "contacts" : report_word(q->report).p,
		 l.year, l.month, l.day, format ? format->ending : "json");
}

/* -- cells -- */

static struct str kept(struct export *x, size_t from)
{
	/* views into a buffer that may move: their places are noted, read when the row is whole */
	return (struct str){(const char *)(uintptr_t)from, x->texts.n - from};
}

static void put_list(struct export *x, struct str kind, json_t *list)
{
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one)
	{
		buf_c(&x->texts, i ? ", " : "");
		names_put(&x->names, kind, json_str(one), &x->texts);
	}
}

static void put_map(struct export *x, struct str kind, json_t *map, bool durations)
{
	const char *key;
	json_t *one;
	bool first = true;
	json_object_foreach(map, key, one)
	{
		buf_c(&x->texts, first ? "" : ", ");
		names_put(&x->names, kind, str_of(key), &x->texts);
		buf_c(&x->texts, ": ");
		first = false;
		if (durations)
			table_put_duration(&x->texts, json_integer_value(one));
		else
			buf_i64(&x->texts, json_integer_value(one));
	}
}

static void put_many(struct export *x, struct str kind, struct str value, enum column_type type)
{
	json_t *many = json_loadb(value.p, value.n, 0, NULL);
	if (type == COLUMN_LIST)
		put_list(x, kind, many);
	else
		put_map(x, kind, many, type == COLUMN_DURATIONS);
	json_decref(many);
}

/* A text as it is, then as it is called. What tells contacts apart may be missing and is then told
 * as that; elsewhere what is not known stays so. */
static bool put_text(struct export *x, struct str kind, bool key, struct str value)
{
	struct buf text = buf_grow(64);
	const bool some = jsonr_text(value, &text);
	if (some || (key && !x->names.plain))
		names_put(&x->names, kind, buf_str(&text), &x->texts);
	buf_free(&text);
	return some;
}

static void take_cell(struct export *x, uint32_t i, struct str value)
{
	struct table_cell *cell = &x->cells[i];
	const enum column_type type = x->t.columns[i].type;
	const struct str name = str_of(x->q->columns[i - x->compares]->name);
	const bool key = str_is(name, "key");
	const struct str kind = key ? contacts_by_word(x->q->by) : name;
	const size_t from = x->texts.n;
	switch (type) {
	case COLUMN_TEXT:
		cell->some = put_text(x, kind, key, value) || x->texts.n > from;
		break;
	case COLUMN_LIST:
	case COLUMN_COUNTS:
	case COLUMN_DURATIONS:
		put_many(x, kind, value, type);
		cell->some = x->texts.n > from;
		break;
	case COLUMN_TIME:
		cell->some = time_parse(jsonr_plain(value), &cell->n) == ERR_OK;
		return;
	case COLUMN_COUNT:
	case COLUMN_DURATION:
		cell->some = jsonr_i64(value, &cell->n);
		return;
	case COLUMN_RATIO:
	case COLUMN_REAL:
		cell->some = jsonr_real(value, &cell->real);
		return;
	}
	cell->text = kept(x, from);
}

static void take_row(struct export *x, struct str row)
{
	const uint32_t first = x->compares; /* the period's column */
	struct jsonr r = jsonr_make(row);
	struct str key, value;
	memset(x->cells, 0, sizeof x->cells);
	x->texts.n = 0;
	while (jsonr_next(&r, &key, &value))
		for (uint32_t i = 0; i < x->q->column_count; i++)
			if (str_is(key, x->q->columns[i]->name))
				take_cell(x, first + i, value);
	for (uint32_t i = first; i < x->t.column_count; i++)
		if (x->cells[i].text.n)
			x->cells[i].text.p = x->texts.p + (uintptr_t)x->cells[i].text.p;
	if (first)
		x->cells[0] = (struct table_cell){.some = true, .text = x->period};
}

static const char *total_word(enum report_lang lang)
{
	static const char *const words[] = {"Total", "Razem", "Всего"};
	return words[lang];
}

/* The total is of nobody and of no time: its first column of text says what it is. */
static void name_total(struct export *x)
{
	bool named = false;
	for (uint32_t i = x->compares; i < x->t.column_count; i++) {
		struct table_cell *cell = &x->cells[i];
		if (x->t.columns[i].type == COLUMN_TIME ||
		    str_is(STR("key"), x->q->columns[i - x->compares]->name))
			cell->some = false;
		if (!named && !cell->some &&
		    (x->t.columns[i].type == COLUMN_TEXT || x->t.columns[i].type == COLUMN_TIME)) {
			named = x->t.columns[i].type == COLUMN_TEXT;
			if (named)
				*cell = (struct table_cell){.some = true,
							    .text = str_of(total_word(x->t.lang))};
		}
	}
}

static bool put_row(void *arg, struct str row, bool total)
{
	struct export *x = arg;
	if (!total && x->t.rows % LOOK_ROWS == 0 && !x->going(x->arg)) {
		x->err = ERR_AGAIN;
		return false;
	}
	if (!total && ++x->t.rows > x->t.format->rows_max) {
		x->err = ERR_TOO_LARGE;
		return false;
	}
	take_row(x, row);
	if (total)
		name_total(x);
	x->err = x->t.format->row(&x->t, total ? TABLE_TOTAL : TABLE_ROW, x->cells);
	return x->err == ERR_OK;
}

/* -- what stands above -- */

static const char *const titles[REPORT_KIND_COUNT][REPORT_LANG_COUNT] = {
	[REPORT_OF_queues] = {"Queues", "Kolejki", "Очереди"},
	[REPORT_OF_agents] = {"Agents", "Agenci", "Операторы"},
	[REPORT_OF_contacts] = {"Contacts", "Kontakty", "Контакты"},
	[REPORT_OF_flows] = {"Flows", "Przepływy", "Сценарии"},
	[REPORT_OF_flow_nodes] = {"Nodes of flows", "Węzły przepływów", "Узлы сценариев"},
	[REPORT_OF_flow_paths] = {"Paths through flows", "Ścieżki w przepływach",
				  "Пути по сценариям"},
	[REPORT_OF_trunks] = {"Trunks", "Łącza", "Транки"},
	[REPORT_OF_mass_events] = {"Mass events", "Zdarzenia masowe", "Массовые события"},
	[REPORT_OF_contact_list] = {"List of contacts", "Lista kontaktów", "Список контактов"},
};

static struct str range_text(struct export *x, int64_t from_ms, int64_t to_ms)
{
	struct table plain = {.zone = x->t.zone};
	if (!from_ms && !to_ms)
		return STR_NONE;
	struct buf b = buf_grow(64);
	plain.days = zone_day_start(plain.zone, from_ms) == from_ms &&
		     zone_day_start(plain.zone, to_ms) == to_ms;
	const bool one_day = plain.days && to_ms == zone_next_day_start(plain.zone, from_ms);
	if (from_ms)
		table_put_time(&b, &plain, from_ms, false);
	if (!one_day)
		buf_c(&b, " – ");
	if (to_ms && !one_day) /* whole days are named by their last one */
		table_put_time(&b, &plain, plain.days ? to_ms - 1 : to_ms, false);
	const struct str out = arena_copy(&x->j->req->arena, buf_str(&b));
	buf_free(&b);
	return out;
}

static struct str tenant_name(struct clerk *me, struct job *j)
{
	struct buf doc = buf_grow(512), name = buf_grow(64);
	const enum err e = registry_get(clerk_registry(me), KIND_tenant, j->match.tenant,
					j->match.tenant, &doc);
	clerk_registry_done(me);
	if (e != ERR_OK || !jsonr_text(jsonr_get(buf_str(&doc), "name"), &name) || !name.n)
		buf_put(&name, j->match.tenant);
	const struct str out = arena_copy(&j->req->arena, buf_str(&name));
	buf_free(&doc);
	buf_free(&name);
	return out;
}

static void add_column(struct table *t, struct str title, struct str formula, enum column_type type)
{
	CHECK(t->column_count < TABLE_COLUMNS_MAX);
	t->columns[t->column_count++] = (struct table_column){title, formula, type};
}

/* What narrows it, so that a page that was printed says of what it is. */
static struct str notes_of(struct export *x)
{
	const struct report_question *q = x->q;
	const struct contact_narrow *n = &q->narrow;
	const bool list = q->report == REPORT_OF_contact_list;
	const struct {
		const char *name;
		struct str value;
	} said[] = {{"queue", q->f.queue},
		    {"agent", q->f.agent},
		    {"team", q->team},
		    {"flow", q->flow.flow},
		    {"direction", list ? q->contacts.direction : n->direction},
		    {"channel", n->channel},
		    {"state", list ? q->contacts.state : n->state},
		    {"outcome", n->outcome},
		    {"ended_by", n->ended_by},
		    {"number", n->number},
		    {"line", n->line},
		    {"customer", list ? q->contacts.customer : n->customer},
		    {"by", q->by ? contacts_by_word(q->by) : STR_NONE},
		    {"time zone", q->f.time_zone}};
	struct names *names = &x->names;
	struct buf b = buf_grow(128);
	for (size_t i = 0; i < COUNT_OF(said); i++) {
		if (!said[i].value.n)
			continue;
		buf_c(&b, b.n ? " · " : "");
		names_put(names, STR("label"), str_of(said[i].name), &b);
		buf_c(&b, ": ");
		names_put_all(names, str_of(said[i].name), str_head(said[i].value, 200), &b);
	}
	const struct str out = arena_copy(&x->j->req->arena, buf_str(&b));
	buf_free(&b);
	return out;
}

static void describe(struct export *x)
{
	static const char *const periods[] = {"Period", "Okres", "Период"};
	const struct report_question *q = x->q;
	struct table *t = &x->t;
	t->lang = q->lang;
	t->delimiter = q->delimiter;
	t->zone = q->f.time_zone.n ? zone_get(q->f.time_zone) : NULL;
	t->days = q->f.interval_s == 86400 && q->columns_of != REPORT_OF_contact_list &&
		  q->report != REPORT_OF_mass_events;
	t->title = str_of(titles[q->columns_of][q->lang]);
	t->tenant = tenant_name(x->me, x->j);
	t->range = range_text(x, q->f.from_ms, q->f.to_ms);
	t->notes = notes_of(x);
	t->made_at_ms = q->f.now_ms;
	x->compares = q->compares && q->columns_of != REPORT_OF_contact_list;
	if (x->compares)
		add_column(t, str_of(periods[q->lang]), STR_NONE, COLUMN_TEXT);
	for (uint32_t i = 0; i < q->column_count; i++)
		add_column(t, column_title(q->columns_of, q->columns[i], q->lang),
			   column_formula(q->columns_of, q->columns[i], q->lang),
			   q->columns[i]->type);
}

/* -- rows -- */

static enum err rows_between(struct export *x, int64_t from_ms, int64_t to_ms)
{
	struct report_filter f = x->q->f;
	struct buf scratch = buf_grow(4096);
	f.from_ms = from_ms;
	f.to_ms = to_ms;
	f.total = x->q->report != REPORT_OF_mass_events;
	f.limit = 0;
	f.list = f.after = STR_NONE;
	if (x->q->report == REPORT_OF_flow_paths)
		f.limit = x->q->f.limit;
	f.row = put_row;
	f.row_arg = x;
	x->period = range_text(x, from_ms, to_ms);
	const enum err e = report_rows(x->me, x->j->match.tenant, x->q, &f, &scratch);
	buf_free(&scratch);
	return x->err != ERR_OK ? x->err : e;
}

/* Page by page, so that no read of the database lasts. */
static enum err contact_pages(struct export *x)
{
	struct report_filter f = x->q->f;
	struct buf page = buf_grow(65536), after = buf_grow(128);
	enum err e;
	f.limit = PAGE;
	do {
		struct str record;
		page.n = 0;
		e = report_rows(x->me, x->j->match.tenant, x->q, &f, &page);
		struct jsonr items = jsonr_array(jsonr_get(buf_str(&page), "items"));
		while (e == ERR_OK && x->err == ERR_OK && jsonr_item(&items, &record))
			(void)put_row(x, record, false);
		after.n = 0;
		(void)jsonr_text(jsonr_get(buf_str(&page), "next"), &after);
		f.after = buf_str(&after);
	} while (e == ERR_OK && x->err == ERR_OK && after.n);
	buf_free(&page);
	buf_free(&after);
	return x->err != ERR_OK ? x->err : e;
}

static enum err fill(struct export *x)
{
	const struct report_question *q = x->q;
	if (q->columns_of == REPORT_OF_contact_list)
		return contact_pages(x);
	enum err e = rows_between(x, q->f.from_ms, q->f.to_ms);
	if (e == ERR_OK && q->compares)
		e = rows_between(x, q->compare.from_ms, q->compare.to_ms);
	return e;
}

static void explain(struct export *x, enum err e)
{
	struct job *j = x->j;
	const struct table_format *f = x->t.format;
	if (e == ERR_UNSUPPORTED)
		snprintf(
			j->detail, sizeof j->detail,
			"this server cannot make .%s files: the Debian package %s is not installed",
			f->ending, f->package);
	if (e == ERR_TOO_LARGE)
		snprintf(j->detail, sizeof j->detail,
			 "more than %llu rows, the most a .%s file takes here: choose a shorter "
			 "range, or another format",
			 (unsigned long long)f->rows_max, f->ending);
}

enum err export_report(struct clerk *me, struct job *j, const struct report_question *q,
		       bool (*going)(void *arg), void *arg, int *fd, uint64_t *rows)
{
	struct export *x = xcalloc(1, sizeof *x);
	*x = (struct export){.me = me, .j = j, .q = q, .going = going, .arg = arg};
	x->texts = buf_grow(1024);
	names_init(&x->names, me, j->match.tenant, q->lang, !q->names);
	x->t.format = format_of(q->format);
	x->t.folder = me->web->imports;
	(void)mkdir(me->web->imports, 0700);
	x->t.fd = open(me->web->imports, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	enum err e = x->t.fd < 0 ? ERR_IO : ERR_OK;
	if (e == ERR_OK) {
		describe(x);
		e = x->t.format->open(&x->t);
		if (e == ERR_OK)
			e = fill(x);
		if (e == ERR_OK)
			e = x->t.format->close(&x->t);
		x->t.format->drop(&x->t);
	}
	explain(x, e);
	*fd = x->t.fd;
	*rows = x->t.rows;
	if (e != ERR_OK && x->t.fd >= 0)
		close(x->t.fd);
	buf_free(&x->texts);
	names_finish(&x->names);
	free(x);
	return e;
}
