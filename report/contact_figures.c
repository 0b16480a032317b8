/* contact_figures.c - see contact_figures.h. */
#include "report/contact_figures.h"

#include <stdlib.h>

#include "base/jsonr.h"
#include "report/queue_figures.h" /* figures_average */

static const char *const by_words[] = {
#define X(name) #name,
	CONTACTS_BY(X)
#undef X
};

struct str contacts_by_word(enum contacts_by by)
{
	return str_of((unsigned)by < COUNT_OF(by_words) ? by_words[by] : "?");
}

enum err contacts_by_from(struct str word, enum contacts_by *out)
{
	for (size_t i = 0; i < COUNT_OF(by_words); i++) {
		if (str_is(word, by_words[i])) {
			*out = (enum contacts_by)i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

/* -- one contact -- */

/* A caller's number and name come from outside: escapes are left as they stand, since a key only
 * has to tell one from the other and numbers hold none. */
static struct str inside(struct str value)
{
	return value.n >= 2 && value.p[0] == '"' ? str_make(value.p + 1, value.n - 2) : STR_NONE;
}

static void take_time(struct str value, int64_t *out)
{
	int64_t at_ms;
	if (time_parse(jsonr_plain(value), &at_ms) == ERR_OK)
		*out = at_ms;
}

enum err contact_see(struct str record, struct contact_seen *out)
{
	struct contact_seen c = {.arrived_at = -1, .ended_at = -1};
	struct jsonr r = jsonr_make(record);
	struct str key, value;
	while (jsonr_next(&r, &key, &value)) {
		const struct {
			const char *name;
			struct str *text;
		} texts[] = {{"direction", &c.direction},
			     {"channel", &c.channel},
			     {"state", &c.state},
			     {"from", &c.from},
			     {"to", &c.to},
			     {"queue", &c.queue},
			     {"agent", &c.agent},
			     {"customer", &c.customer},
			     {"outcome", &c.outcome},
			     {"ended_by", &c.ended_by}};
		const struct {
			const char *name;
			int64_t *ms;
		} times[] = {{"wait_ms", &c.wait_ms},
			     {"talk_ms", &c.talk_ms},
			     {"hold_ms", &c.hold_ms},
			     {"wrap_ms", &c.wrap_ms}};
		for (size_t i = 0; i < COUNT_OF(texts); i++)
			if (str_is(key, texts[i].name))
				*texts[i].text = inside(value);
		for (size_t i = 0; i < COUNT_OF(times); i++)
			if (str_is(key, times[i].name))
				(void)jsonr_i64(value, times[i].ms);
		if (str_is(key, "arrived_at"))
			take_time(value, &c.arrived_at);
		else if (str_is(key, "ended_at"))
			take_time(value, &c.ended_at);
		else if (str_is(key, "private"))
			c.private = str_is(value, "true");
		else if (str_is(key, "recordings"))
			c.recorded = value.n > 2;
	}
	if (c.arrived_at < 0)
		return ERR_INVALID;
	*out = c;
	return ERR_OK;
}

static bool answered(const struct contact_seen *c)
{
	return c->talk_ms > 0 || str_is(c->state, "talking") || str_is(c->state, "held") ||
	       str_is(c->state, "wrapping");
}

static enum contact_count became(const struct contact_seen *c)
{
	const bool inbound = str_is(c->direction, "inbound");
	if (answered(c))
		return CONTACT_answered;
	if (c->ended_at < 0)
		return CONTACT_open;
	if (inbound && !c->queue.n && !c->agent.n)
		return CONTACT_in_flow;
	if (inbound && c->queue.n && str_is(c->ended_by, "customer"))
		return CONTACT_abandoned;
	return CONTACT_unanswered;
}

bool contact_counts(enum contact_count count, const struct contact_seen *c)
{
	if (c->private)
		return false;
	switch (count) {
	case CONTACT_contacts:
		return true;
	case CONTACT_queued:
		return c->queue.n != 0;
	case CONTACT_recorded:
		return c->recorded;
	case CONTACT_answered:
	case CONTACT_abandoned:
	case CONTACT_in_flow:
	case CONTACT_unanswered:
	case CONTACT_open:
		return became(c) == count;
	case CONTACT_COUNT_COUNT:
		break;
	}
	return false;
}

static struct str number_of(const struct contact_seen *c, bool ours)
{
	return str_is(c->direction, "outbound") != ours ? c->to : c->from;
}

static bool wanted(struct str filter, struct str is)
{
	return !filter.n || str_eq(filter, is);
}

bool contact_fits(const struct contact_narrow *n, const struct contact_seen *c)
{
	return wanted(n->direction, c->direction) && wanted(n->channel, c->channel) &&
	       wanted(n->outcome, c->outcome) && wanted(n->state, c->state) &&
	       wanted(n->ended_by, c->ended_by) && wanted(n->number, number_of(c, false)) &&
	       wanted(n->line, number_of(c, true)) &&
	       (!n->customer.n || str_eq(n->customer, c->customer) ||
		str_eq(n->customer, number_of(c, false)));
}

struct str contact_key(enum contacts_by by, const struct zone *zone, const struct contact_seen *c,
		       char room[4])
{
	struct local_time local;
	struct buf b = buf_make(room, 4);
	switch (by) {
	case CONTACTS_BY_none:
		return STR_NONE;
	case CONTACTS_BY_direction:
		return c->direction;
	case CONTACTS_BY_channel:
		return c->channel;
	case CONTACTS_BY_outcome:
		return c->outcome;
	case CONTACTS_BY_queue:
		return c->queue;
	case CONTACTS_BY_agent:
		return c->agent;
	case CONTACTS_BY_customer:
		return c->customer;
	case CONTACTS_BY_number:
		return number_of(c, false);
	case CONTACTS_BY_line:
		return number_of(c, true);
	case CONTACTS_BY_ended_by:
		return c->ended_by;
	case CONTACTS_BY_hour:
		zone_local(zone, c->arrived_at, &local);
		buf_fmt(&b, "%02d", local.hour);
		return buf_str(&b);
	case CONTACTS_BY_weekday:
		zone_local(zone, c->arrived_at, &local);
		buf_fmt(&b, "%d", local.weekday + 1);
		return buf_str(&b);
	}
	return STR_NONE;
}

/* -- many -- */

struct contact_row {
	struct str key;	 /* own bytes: key, 0, time */
	struct str name; /* view into it */
	int64_t at_ms;
	int64_t count[CONTACT_COUNT_COUNT];
	int64_t wait_ms, talk_ms, hold_ms, wrap_ms, lasted_ms;
	int64_t over;		/* that have an end */
	int64_t handled;	/* answered ones that have an end, and */
	int64_t handled_ms;	/* what was spent on them: talk, hold, wrap-up */
	int64_t queued_wait_ms; /* of those who were in a queue */
};

void contact_figures_init(struct contact_figures *f, enum contacts_by by,
			  const struct interval *interval)
{
	*f = (struct contact_figures){.by = by, .interval = interval, .key = buf_grow(128)};
	map_init(&f->rows, 7);
}

void contact_figures_finish(struct contact_figures *f)
{
	uint32_t at = 0;
	for (struct contact_row *row; (row = map_next(&f->rows, &at)) != NULL;) {
		free((char *)(uintptr_t)row->key.p);
		free(row);
	}
	map_finish(&f->rows);
	buf_free(&f->key);
}

static struct contact_row *row_of(struct contact_figures *f, struct str name, int64_t at_ms)
{
	f->key.n = 0;
	buf_put(&f->key, name);
	buf_fmt(&f->key, "%c%020lld", 0, (long long)at_ms);
	struct contact_row *row = map_get(&f->rows, buf_str(&f->key));
	if (row)
		return row;
	if (f->rows.count >= CONTACT_ROWS_MAX) {
		f->full = true;
		return NULL;
	}
	row = xcalloc(1, sizeof *row);
	row->key = str_make(xstrndup(f->key.p, f->key.n), f->key.n);
	row->name = str_head(row->key, name.n);
	row->at_ms = at_ms;
	CHECK(map_add(&f->rows, row->key, row) == ERR_OK);
	return row;
}

void contact_figures_add(struct contact_figures *f, const struct contact_seen *c)
{
	char room[4];
	if (c->private)
		return;
	struct contact_row *row = row_of(f, contact_key(f->by, f->interval->zone, c, room),
					 interval_start(f->interval, c->arrived_at));
	if (!row)
		return;
	for (int i = 0; i < CONTACT_COUNT_COUNT; i++)
		row->count[i] += contact_counts((enum contact_count)i, c);
	row->wait_ms += c->wait_ms;
	row->talk_ms += c->talk_ms;
	row->hold_ms += c->hold_ms;
	row->wrap_ms += c->wrap_ms;
	if (c->queue.n)
		row->queued_wait_ms += c->wait_ms;
	if (c->ended_at < 0)
		return;
	row->over++;
	row->lasted_ms += c->ended_at - c->arrived_at;
	if (answered(c)) {
		row->handled++;
		row->handled_ms += c->talk_ms + c->hold_ms + c->wrap_ms;
	}
}

static int by_key(const void *a, const void *b)
{
	const struct contact_row *x = *(struct contact_row *const *)a;
	const struct contact_row *y = *(struct contact_row *const *)b;
	return str_cmp(x->key, y->key);
}

void contact_figures_rows(const struct contact_figures *f,
			  bool (*row)(void *arg, const struct contact_row *r), void *arg)
{
	struct contact_row **rows = xcalloc(f->rows.count + 1, sizeof(void *));
	uint32_t at = 0, n = 0;
	for (struct contact_row *one; (one = map_next(&f->rows, &at)) != NULL;)
		rows[n++] = one;
	qsort(rows, n, sizeof(void *), by_key);
	for (uint32_t i = 0; i < n && row(arg, rows[i]);)
		i++;
	free(rows);
}

static void merge(struct contact_row *all, const struct contact_row *one)
{
	for (int i = 0; i < CONTACT_COUNT_COUNT; i++)
		all->count[i] += one->count[i];
	all->wait_ms += one->wait_ms;
	all->talk_ms += one->talk_ms;
	all->hold_ms += one->hold_ms;
	all->wrap_ms += one->wrap_ms;
	all->lasted_ms += one->lasted_ms;
	all->over += one->over;
	all->handled += one->handled;
	all->handled_ms += one->handled_ms;
	all->queued_wait_ms += one->queued_wait_ms;
}

static void put_figures(struct jsonw *w, const struct contact_row *r)
{
	static const char *const names[] = {
#define X(name) #name,
		CONTACT_COUNTS(X)
#undef X
	};
	const int64_t *n = r->count;
	for (int i = 0; i < CONTACT_COUNT_COUNT; i++)
		jsonw_ki64(w, names[i], n[i]);
	figures_put_ratio(w, "answer_rate", n[CONTACT_answered],
			  n[CONTACT_contacts] - n[CONTACT_open]);
	figures_put_ratio(w, "abandon_rate", n[CONTACT_abandoned], n[CONTACT_queued]);
	figures_put_average(w, "wait_avg_ms", r->queued_wait_ms, n[CONTACT_queued]);
	figures_put_average(w, "aht_ms", r->handled_ms, r->handled);
	figures_put_average(w, "duration_avg_ms", r->lasted_ms, r->over);
	jsonw_ki64(w, "talk_ms", r->talk_ms);
	jsonw_ki64(w, "hold_ms", r->hold_ms);
	jsonw_ki64(w, "wrap_ms", r->wrap_ms);
}

/* The key as it stands in a record: its escapes are JSON's already. */
static void put_key(struct jsonw *w, struct str name)
{
	jsonw_key(w, "key");
	if (!name.n) {
		jsonw_null(w);
		return;
	}
	jsonw_raw(w, STR("\""));
	buf_put(w->out, name);
	buf_ch(w->out, '"');
}

void contact_row_json(struct jsonw *w, const struct contact_figures *f, const struct contact_row *r,
		      int64_t from_ms)
{
	struct contact_row all = {.at_ms = from_ms};
	uint32_t at = 0;
	for (const struct contact_row *one; !r && (one = map_next(&f->rows, &at)) != NULL;)
		merge(&all, one);
	jsonw_kstr(w, "by", contacts_by_word(f->by));
	put_key(w, r ? r->name : STR_NONE);
	jsonw_ktime(w, "at", r ? r->at_ms : from_ms);
	put_figures(w, r ? r : &all);
}

enum err contact_field(struct str name, enum contact_count *out)
{
	static const struct {
		const char *name;
		enum contact_count count;
	} fields[] = {
#define X(name) {#name, CONTACT_##name},
		CONTACT_COUNTS(X)
#undef X
			{"answer_rate", CONTACT_answered},
		{"abandon_rate", CONTACT_abandoned},
		{"wait_avg_ms", CONTACT_queued},
		{"aht_ms", CONTACT_answered},
		{"duration_avg_ms", CONTACT_contacts},
		{"talk_ms", CONTACT_answered},
		{"hold_ms", CONTACT_answered},
		{"wrap_ms", CONTACT_answered},
	};
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		if (str_is(name, fields[i].name)) {
			*out = fields[i].count;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}
