/* flow_figures.c - see flow_figures.h. */
#include "report/flow_figures.h"

#include <stdlib.h>

#define NAMES_MAX 300u /* edges of a node, or whom a flow passes to; what is more is one, "…" */

struct named_count {
	struct named_count *next;
	int64_t count;
	struct str name; /* behind the struct */
};

struct figure_row {
	struct str key;		/* own bytes: time, flow, node or path */
	struct str flow, other; /* views into the key */
	int64_t at_ms;
	int64_t counts[RUN_COUNT_COUNT]; /* or by enum step_count, which are fewer */
	int64_t ms, timed;		 /* of those that are over */
	struct named_count *names;
	uint32_t name_count;
};

void flow_figures_init(struct flow_figures *f, enum flow_report report,
		       const struct flow_filter *filter, const struct interval *interval)
{
	*f = (struct flow_figures){.report = report, .filter = filter, .interval = interval};
	map_init(&f->rows, 5);
	f->key = buf_grow(256);
}

static void row_free(struct figure_row *row)
{
	for (struct named_count *n = row->names, *next; n; n = next) {
		next = n->next;
		free(n);
	}
	free((char *)(uintptr_t)row->key.p);
	free(row);
}

void flow_figures_finish(struct flow_figures *f)
{
	uint32_t at = 0;
	for (struct figure_row *row; (row = map_next(&f->rows, &at)) != NULL;)
		row_free(row);
	map_finish(&f->rows);
	buf_free(&f->key);
}

/* Byte order of the key is the order of rows: flow, node, time. */
static struct figure_row *row_of(struct flow_figures *f, int64_t at_ms, struct str flow,
				 struct str other)
{
	char time[24];
	struct buf t = buf_make(time, sizeof time);
	buf_fmt(&t, "%020lld", (long long)at_ms);
	f->key.n = 0;
	buf_put(&f->key, flow);
	buf_ch(&f->key, 0);
	buf_put(&f->key, other);
	buf_ch(&f->key, 0);
	buf_put(&f->key, buf_str(&t));
	struct figure_row *row = map_get(&f->rows, buf_str(&f->key));
	if (row)
		return row;
	if (f->rows.count >= FLOW_ROWS_MAX) {
		f->full = true;
		return NULL;
	}
	row = xcalloc(1, sizeof *row);
	row->key = str_make(xstrndup(f->key.p, f->key.n), f->key.n);
	row->flow = str_head(row->key, flow.n);
	row->other = str_make(row->key.p + flow.n + 1, other.n);
	row->at_ms = at_ms;
	CHECK(map_add(&f->rows, row->key, row) == ERR_OK);
	return row;
}

static void count_name(struct figure_row *row, struct str name)
{
	struct named_count **at = &row->names;
	if (row->name_count >= NAMES_MAX)
		name = STR("…");
	while (*at && str_cmp((*at)->name, name) < 0)
		at = &(*at)->next;
	if (!*at || !str_eq((*at)->name, name)) {
		struct named_count *n = xcalloc(1, sizeof *n + name.n + 1);
		memcpy(n + 1, name.p, name.n);
		n->name = str_make((char *)(n + 1), name.n);
		n->next = *at;
		*at = n;
		row->name_count++;
	}
	(*at)->count++;
}

static bool wanted(struct str filter, struct str is)
{
	return !filter.n || str_eq(filter, is);
}

static bool one_wanted(struct str names, struct str is)
{
	return !names.n || str_among(names, is);
}

static bool step_wanted(const struct flow_filter *f, const struct way_step *s)
{
	return s->draft == f->drafts && one_wanted(f->flow, s->flow) &&
	       (!f->version || f->version == s->version);
}

/* -- the two walks that counting and listing share -- */

typedef void(count_h)(void *arg, const struct way_step *first, unsigned became, struct str name,
		      int64_t ms, uint32_t n);

struct run_walk {
	const struct flow_filter *filter;
	const struct way *way;
	bool paths;
	struct buf *path; /* NULL: nobody asks for it */
	count_h *count;
	void *arg;
};

static void one_run(void *arg, uint32_t n, const struct way_run *r)
{
	struct run_walk *walk = arg;
	const struct way_step *first = &walk->way->steps[r->first];
	if (!step_wanted(walk->filter, first) || (walk->paths && !r->outermost) ||
	    !wanted(walk->filter->target, r->target))
		return;
	if (walk->path) {
		walk->path->n = 0;
		way_path(walk->path, walk->way, r);
		if (!one_wanted(walk->filter->path, buf_str(walk->path)))
			return;
	}
	walk->count(walk->arg, first, r->became, r->target, r->ms, n);
}

static void each_run(struct run_walk *walk)
{
	way_runs(walk->way, one_run, walk);
}

static void each_step(const struct flow_filter *filter, const struct way *w, count_h *count,
		      void *arg)
{
	for (uint32_t i = 0; i < w->count; i++) {
		struct way_visit v = way_visit(w, i);
		if (step_wanted(filter, v.step) && one_wanted(filter->node, v.step->node) &&
		    wanted(filter->edge, v.edge))
			count(arg, v.step, v.became, v.edge, v.ms, i);
	}
}

/* -- counting -- */

struct adding {
	struct flow_figures *f;
	struct buf path;
	int64_t at_ms;
};

static void add_one(void *arg, const struct way_step *first, unsigned became, struct str name,
		    int64_t ms, uint32_t n)
{
	struct adding *a = arg;
	struct str other = a->f->report == REPORT_NODES	  ? first->node
			   : a->f->report == REPORT_PATHS ? buf_str(&a->path)
							  : STR_NONE;
	struct figure_row *row = row_of(a->f, a->at_ms, first->flow, other);
	(void)n;
	if (!row)
		return;
	row->counts[0]++; /* visited, entered */
	row->counts[became]++;
	if (ms >= 0) {
		row->ms += ms;
		row->timed++;
	}
	if (name.n)
		count_name(row, name);
}

void flow_figures_add(struct flow_figures *f, const struct way *w, int64_t arrived_at)
{
	struct adding a = {.f = f, .at_ms = interval_start(f->interval, arrived_at)};
	if (f->report == REPORT_NODES) {
		each_step(f->filter, w, add_one, &a);
		return;
	}
	bool paths = f->report == REPORT_PATHS;
	a.path = buf_grow(256);
	struct run_walk walk = {.filter = f->filter,
				.way = w,
				.paths = paths,
				.path = paths ? &a.path : NULL,
				.count = add_one,
				.arg = &a};
	each_run(&walk);
	buf_free(&a.path);
}

/* -- telling -- */

static void ratio(struct jsonw *w, const char *key, int64_t part, int64_t whole)
{
	jsonw_key(w, key);
	if (whole > 0)
		jsonw_real(w, (double)part / (double)whole);
	else
		jsonw_null(w);
}

static void put_names(struct jsonw *w, const char *key, const struct figure_row *row)
{
	jsonw_key(w, key);
	jsonw_open(w, '{');
	for (const struct named_count *n = row->names; n; n = n->next) {
		char name[256];
		CHECK(str_copy(str_head(n->name, sizeof name - 1), name, sizeof name));
		jsonw_ki64(w, name, n->count);
	}
	jsonw_close(w, '}');
}

static void put_average(struct jsonw *w, const struct figure_row *row)
{
	jsonw_key(w, "time_avg_ms");
	if (row->timed)
		jsonw_i64(w, (row->ms + row->timed / 2) / row->timed);
	else
		jsonw_null(w);
}

/* Containment is asked of those who are through and came to no other flow by themselves. */
static void put_run_counts(struct jsonw *w, const struct figure_row *row)
{
	const int64_t *c = row->counts;
	const int64_t through = c[RUN_entered] - c[RUN_inside] - c[RUN_returned];
	for (unsigned i = 0; i < RUN_COUNT_COUNT; i++)
		jsonw_ki64(w, run_count_word((enum run_count)i).p, c[i]);
	ratio(w, "containment_rate", c[RUN_contained], through);
	ratio(w, "abandon_rate", c[RUN_abandoned], through);
	put_names(w, "passed_to", row);
}

static void put_step_counts(struct jsonw *w, const struct figure_row *row)
{
	const int64_t *c = row->counts;
	for (unsigned i = 0; i < STEP_COUNT_COUNT; i++)
		if (i != STEP_left)
			jsonw_ki64(w, step_count_word((enum step_count)i).p, c[i]);
	put_names(w, "left", row);
	ratio(w, "drop_rate", c[STEP_dropped], c[STEP_visited] - c[STEP_inside]);
}

static void put_name(struct jsonw *w, const char *key, struct str name, bool known)
{
	jsonw_key(w, key);
	if (known)
		jsonw_str(w, name);
	else
		jsonw_null(w);
}

static void put_members(struct jsonw *w, const struct flow_figures *f, const struct figure_row *row,
			bool total)
{
	put_name(w, "flow", row->flow, !total);
	if (f->report == REPORT_NODES)
		put_name(w, "node", row->other, !total);
	if (f->report == REPORT_PATHS)
		put_name(w, "path", row->other, !total);
	jsonw_ktime(w, "at", row->at_ms);
	if (f->report == REPORT_NODES)
		put_step_counts(w, row);
	else
		put_run_counts(w, row);
	put_average(w, row);
}

/* Names are not added up: whom a flow passed to is one row's. */
void flow_row_json(struct jsonw *w, const struct flow_figures *f, const struct figure_row *row,
		   int64_t from_ms)
{
	struct figure_row all = {.at_ms = from_ms};
	uint32_t at = 0;
	for (const struct figure_row *one; !row && (one = map_next(&f->rows, &at)) != NULL;) {
		for (unsigned i = 0; i < RUN_COUNT_COUNT; i++)
			all.counts[i] += one->counts[i];
		all.ms += one->ms;
		all.timed += one->timed;
	}
	put_members(w, f, row ? row : &all, !row);
}

static int by_key(const void *a, const void *b)
{
	const struct figure_row *x = *(struct figure_row *const *)a,
				*y = *(struct figure_row *const *)b;
	return str_cmp(x->key, y->key);
}

static int by_use(const void *a, const void *b)
{
	const struct figure_row *x = *(struct figure_row *const *)a,
				*y = *(struct figure_row *const *)b;
	if (x->counts[0] != y->counts[0])
		return x->counts[0] < y->counts[0] ? 1 : -1;
	return by_key(a, b);
}

void flow_figures_rows(const struct flow_figures *f, uint32_t limit,
		       bool (*row)(void *arg, const struct figure_row *r), void *arg)
{
	struct figure_row **rows = xcalloc(f->rows.count + 1, sizeof(void *));
	uint32_t at = 0, n = 0;
	for (struct figure_row *one; (one = map_next(&f->rows, &at)) != NULL;)
		rows[n++] = one;
	qsort(rows, n, sizeof(void *), f->report == REPORT_PATHS ? by_use : by_key);
	if (f->report == REPORT_PATHS)
		n = MIN(n, limit);
	for (uint32_t i = 0; i < n && row(arg, rows[i]);)
		i++;
	free(rows);
}

/* -- the contacts behind a number -- */

/* Behind a share stand those above its line. */
static struct str counted(struct str field)
{
	return str_is(field, "containment_rate") ? STR("contained")
	       : str_is(field, "abandon_rate")	 ? STR("abandoned")
	       : str_is(field, "drop_rate")	 ? STR("dropped")
						 : field;
}

enum err flow_field(enum flow_report report, struct str field, unsigned *out)
{
	field = counted(field);
	if (report == REPORT_NODES) {
		enum step_count c;
		enum err e = step_count_from(field, &c);
		if (e == ERR_OK)
			*out = c;
		return e;
	}
	enum run_count c;
	enum err e = run_count_from(field, &c);
	if (e == ERR_OK)
		*out = c;
	return e;
}

struct listing {
	unsigned field;
	void (*item)(void *arg, uint32_t n, int64_t at_ms);
	void *arg;
};

static void list_one(void *arg, const struct way_step *first, unsigned became, struct str name,
		     int64_t ms, uint32_t n)
{
	const struct listing *l = arg;
	(void)name, (void)ms;
	if (l->field == 0 || l->field == became)
		l->item(l->arg, n, first->at_ms);
}

void flow_items(enum flow_report report, unsigned field, const struct flow_filter *filter,
		const struct way *w, void (*item)(void *arg, uint32_t n, int64_t at_ms), void *arg)
{
	struct listing l = {.field = field, .item = item, .arg = arg};
	if (report == REPORT_NODES) {
		each_step(filter, w, list_one, &l);
		return;
	}
	struct buf path = buf_grow(256);
	struct run_walk walk = {.filter = filter,
				.way = w,
				.paths = report == REPORT_PATHS,
				.path = filter->path.n ? &path : NULL,
				.count = list_one,
				.arg = &l};
	each_run(&walk);
	buf_free(&path);
}
