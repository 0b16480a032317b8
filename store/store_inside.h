/* store_inside.h - what the store's own files know of each other. */
#pragma once

#include "base/jsonw.h"
#include "report/queue_figures.h"
#include "store/query.h"
#include "store/sql.h"

struct store_reader {
	struct sql *db;
	struct sql *local; /* declared objects and sign-ins; the same as db when that is a file */
};

struct str store_dir(const struct store *s);
struct sql_options store_sql(const struct store *s, enum sql_mode mode);

/* Where a page of a list ended: the order's key (a queue, an agent; may be empty), time, contact
 * and number within it. As text "KEY.MS.HEX.N", since ids hold no dots. */
struct cursor {
	struct str key; /* view into the text it was taken from */
	int64_t at_ms;
	uint8_t contact[16];
	uint32_t n;
};
void cursor_json(struct buf *out, const struct cursor *c); /* with its quotes */
MUST_USE enum err cursor_take(struct str text, struct cursor *out);
/* Copies 16 bytes; anything else gives zeros. */
void copy_contact(struct str from, uint8_t out[16]);

/* An item of a report's list: the contact's record with which visit, offer or segment it is. */
void list_item(struct jsonw *w, struct str record, const char *key, uint32_t n, int64_t at_ms);
struct list_hit {
	int64_t at_ms;
	uint8_t contact[16];
	uint32_t n;
};
#define LIST_MAX 500u
/* Their records are read one by one, afterwards: joining them to all that is only looked at costs
 * more than the list. ERR_NOT_FOUND: one is not there. */
MUST_USE enum err list_items(struct store_reader *r, struct str tenant, struct jsonw *w,
			     const char *key, const struct list_hit *hits, uint32_t count);
/* A visit of a queue as `SELECT at` VISIT_COLUMNS gives it; columns 7 and 8: contact and number. */
#define VISIT_COLUMNS                                                                              \
	", s.result, s.wait_ms, s.talk_ms, s.hold_ms, s.wrap_ms, s.handled, s.contact, s.n, "      \
	"s.promise_ewt_ms, s.promise_ms, s.promise_waited_ms, s.transferred"
struct visit visit_of_row(struct sql_stmt *q);
/* Closes items and object; next NULL: the last page. */
void list_end(struct jsonw *w, const struct cursor *next);

/* The rows of a report on their way: into `items` of `out`, or one by one to whoever wants them so
 * (report_filter.row). */
struct rows {
	struct jsonw w;
	struct buf *out;
	const struct report_filter *f;
	uint32_t count;
	bool stop; /* whoever wants them has enough */
};
struct rows rows_begin(const struct report_filter *f, struct buf *out);
struct jsonw *row_open(struct rows *rs); /* the caller writes members … */
void row_close(struct rows *rs);	 /* … and says that they are all */
/* No more of `items`; between these two a total may be opened and closed. */
void rows_end(struct rows *rs);
struct jsonw *total_open(struct rows *rs);
void total_close(struct rows *rs);
enum err rows_done(struct rows *rs, enum err e);

/* The newest document of an object, the caller's; NULL: there never was one. */
struct json_t;
MUST_USE enum err object_newest(struct store_reader *r, const char *kind, struct str tenant,
				struct str id, struct json_t **out);

/* The formulas a queue's figures are made with, as declared now (K-4). */
MUST_USE enum err rules_of_queue(struct store_reader *r, struct str tenant, struct str queue,
				 struct queue_rules *out);
/* The same with what the reader has chosen instead; an empty queue: of the tenant. */
MUST_USE enum err rules_for(struct store_reader *r, struct str tenant,
			    const struct report_filter *f, struct str queue,
			    struct queue_rules *out);
/* Whether the tenant counts ringing phones as work. */
MUST_USE enum err ringing_works(struct store_reader *r, struct str tenant, bool *out);
/* Walks the names an index begins with, so that a report reads its range of each and not the whole
 * past: steps and ends a query `SELECT min(NAME) … WHERE … NAME > ?`. False: no more, or *e. */
bool next_name(struct sql_stmt *q, char name[64], enum err *e);
/* The same by a query of the tenant and of the name there is. */
bool name_after(struct store_reader *r, const char *query, struct str tenant, char name[64],
		enum err *e);

/* The names a report goes through: those asked for, or all that its query finds after (tenant,
 * name); of them those only that are reached. */
struct name_walk {
	const char *query;
	struct str tenant, asked; /* asked: by commas; empty: all */
	bool (*reached)(const struct reach *within, struct str name);
	const struct reach *within;
};
/* The first one after `name`. False: no more, or *e. */
bool walk_next(struct store_reader *r, const struct name_walk *walk, char name[64], enum err *e);
bool walk_holds(const struct name_walk *walk, struct str name);
