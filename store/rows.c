/* rows.c - the rows of a report on their way out; see store_inside.h. */
#include "store/store_inside.h"

struct rows rows_begin(const struct report_filter *f, struct buf *out)
{
	struct rows rs = {.w = jsonw_make(out), .out = out, .f = f};
	if (!f->row) {
		jsonw_open(&rs.w, '{');
		jsonw_key(&rs.w, "items");
		jsonw_open(&rs.w, '[');
	}
	return rs;
}

static void hand_over(struct rows *rs, bool total)
{
	rs->stop = rs->stop || !rs->f->row(rs->f->row_arg, buf_str(rs->out), total);
	rs->out->n = 0;
}

static struct jsonw *object_open(struct rows *rs)
{
	if (rs->f->row)
		rs->w = jsonw_make(rs->out); /* each is a text by itself */
	jsonw_open(&rs->w, '{');
	return &rs->w;
}

struct jsonw *row_open(struct rows *rs)
{
	return object_open(rs);
}

void row_close(struct rows *rs)
{
	jsonw_close(&rs->w, '}');
	rs->count++;
	if (rs->f->row)
		hand_over(rs, false);
}

void rows_end(struct rows *rs)
{
	if (rs->f->row)
		return;
	jsonw_close(&rs->w, ']');
	jsonw_key(&rs->w, "next");
	jsonw_null(&rs->w);
}

struct jsonw *total_open(struct rows *rs)
{
	if (!rs->f->row)
		jsonw_key(&rs->w, "total");
	return object_open(rs);
}

void total_close(struct rows *rs)
{
	jsonw_close(&rs->w, '}');
	if (rs->f->row)
		hand_over(rs, true);
}

enum err rows_done(struct rows *rs, enum err e)
{
	if (!rs->f->row)
		jsonw_close(&rs->w, '}');
	return e == ERR_OK && rs->stop ? ERR_AGAIN : e;
}

static bool names_next(struct str names, char name[64])
{
	struct str best = STR_NONE, one;
	while (names.n) {
		str_cut(names, ',', &one, &names);
		if (one.n && one.n < 64 && str_cmp(one, str_of(name)) > 0 &&
		    (!best.n || str_cmp(one, best) < 0))
			best = one;
	}
	return best.n && str_copy(best, name, 64);
}

bool walk_next(struct store_reader *r, const struct name_walk *walk, char name[64], enum err *e)
{
	*e = ERR_OK;
	do {
		if (walk->asked.n) {
			if (!names_next(walk->asked, name))
				return false;
			continue;
		}
		if (!name_after(r, walk->query, walk->tenant, name, e))
			return false;
	} while (!walk->reached(walk->within, str_of(name)));
	return true;
}

bool walk_holds(const struct name_walk *walk, struct str name)
{
	return name.n && (!walk->asked.n || str_among(walk->asked, name)) &&
	       walk->reached(walk->within, name);
}
