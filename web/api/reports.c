/* reports.c - figures and the stream of events. */
#include <unistd.h>

#include "web/customers.h"
#include "web/export/export.h"

/* -- as JSON -- */

static enum err refused(struct job *j, enum err e)
{
	if (e == ERR_UNSUPPORTED)
		return answer_invalid(j, "list",
				      "no contacts stand behind this figure: it is time or a share "
				      "of time without a contact");
	return e == ERR_INVALID ? answer_invalid(j, "list", "no such figure, or no cursor of ours")
				: e;
}

static void put_range(struct jsonw *w, const struct range *r)
{
	jsonw_ktime(w, "from", r->from_ms);
	jsonw_ktime(w, "to", r->to_ms);
}

/* Members behind those of the rows: what they are of, and what they are compared with. */
static enum err put_rest(struct clerk *me, struct job *j, const struct report_question *q,
			 struct buf *body)
{
	struct report_filter f = q->f;
	struct buf before = buf_grow(256);
	struct jsonw w = jsonw_make(body);
	const struct range now = {f.from_ms, f.to_ms};
	enum err e = ERR_OK;
	body->n--; /* its brace */
	w.depth = 1;
	w.comma = 1u << 1;
	put_range(&w, &now);
	jsonw_ki64(&w, "interval_s", f.interval_s);
	jsonw_kstr(&w, "time_zone", f.time_zone);
	if (q->compares) {
		f.from_ms = q->compare.from_ms;
		f.to_ms = q->compare.to_ms;
		e = report_rows(me, j->match.tenant, q, &f, &before);
		jsonw_key(&w, "compare");
		jsonw_open(&w, '{');
		put_range(&w, &q->compare);
		if (e == ERR_OK) { /* its members stand beside the range */
			buf_ch(body, ',');
			buf_put(body, str_from(str_head(buf_str(&before), before.n - 1), 1));
		}
		jsonw_close(&w, '}');
	}
	buf_ch(body, '}');
	buf_free(&before);
	return e;
}

static enum err answer_rows(struct clerk *me, struct job *j, const struct report_question *q)
{
	struct buf body = buf_grow(16384);
	enum err e = report_rows(me, j->match.tenant, q, &q->f, &body);
	if (e != ERR_OK)
		e = refused(j, e);
	else if (!q->f.list.n)
		e = put_rest(me, j, q, &body);
	if (e != ERR_OK) {
		buf_free(&body);
		return e;
	}
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, 200);
	return ERR_OK;
}

/* -- as a file -- */

static bool still_wanted(void *arg)
{
	struct job *j = arg;
	return !atomic_load(&j->req->gone) && !atomic_load(&j->web->stopping);
}

enum err report_file(struct clerk *me, struct job *j, const struct report_question *q)
{
	char name[96];
	int fd;
	uint64_t rows;
	enum err e = export_report(me, j, q, still_wanted, j, &fd, &rows);
	if (e != ERR_OK)
		return e == ERR_INVALID ? refused(j, e) : e;
	if (q->columns_of == REPORT_OF_contact_list)
		e = customers_viewed(me, j, "export", STR_NONE, STR_NONE, (uint32_t)rows);
	if (e != ERR_OK) {
		close(fd);
		return e;
	}
	export_name(q, name);
	e = answer_file(j, fd, lseek(fd, 0, SEEK_END), export_type(q->format), "");
	buf_fmt(&j->answer.extra, "Content-Disposition: attachment; filename=\"%s\"\r\n", name);
	return e;
}

static enum err run_report(struct clerk *me, struct job *j, enum report_kind report)
{
	struct report_question q;
	const enum err e = report_ask(me, j, report, &q);
	if (e != ERR_OK)
		return e;
	return q.format == FORMAT_JSON ? answer_rows(me, j, &q) : report_file(me, j, &q);
}

enum err run_report_queues(struct clerk *me, struct job *j)
{
	return run_report(me, j, REPORT_OF_queues);
}

enum err run_report_agents(struct clerk *me, struct job *j)
{
	return run_report(me, j, REPORT_OF_agents);
}

enum err run_report_contacts(struct clerk *me, struct job *j)
{
	return run_report(me, j, REPORT_OF_contacts);
}

enum err run_report_flows(struct clerk *me, struct job *j)
{
	return run_report(me, j, REPORT_OF_flows);
}

enum err run_report_flow_nodes(struct clerk *me, struct job *j)
{
	return run_report(me, j, REPORT_OF_flow_nodes);
}

enum err run_report_flow_paths(struct clerk *me, struct job *j)
{
	return run_report(me, j, REPORT_OF_flow_paths);
}

enum err run_report_mass_events(struct clerk *me, struct job *j)
{
	return run_report(me, j, REPORT_OF_mass_events);
}

enum err run_report_trunks(struct clerk *me, struct job *j)
{
	return run_report(me, j, REPORT_OF_trunks);
}

static void put_column(struct jsonw *w, enum report_kind report, const struct column *c,
		       enum report_lang lang)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "name", str_of(c->name));
	jsonw_kstr(w, "type", column_type_word(c->type));
	jsonw_kstr(w, "title", column_title(report, c, lang));
	jsonw_kstr(w, "formula", column_formula(report, c, lang));
	jsonw_kbool(w, "opens", column_opens(report, c));
	jsonw_kbool(w, "shown", c->shown);
	jsonw_close(w, '}');
}

enum err run_report_columns(struct clerk *me, struct job *j)
{
	enum report_kind report;
	enum report_lang lang = REPORT_EN;
	struct str wanted;
	(void)me;
	if (report_from(j->match.word, &report) != ERR_OK)
		return ERR_NOT_FOUND;
	if (param_str(j, "lang", &wanted) != ERR_OK)
		return ERR_INVALID;
	if (wanted.n && report_lang_from(wanted, &lang) != ERR_OK)
		return answer_invalid(j, "lang", "must be en, pl or ru");
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "report", report_word(report));
	jsonw_key(&w, "columns");
	jsonw_open(&w, '[');
	for (uint32_t i = 0; i < report_column_count(report); i++)
		put_column(&w, report, report_column_at(report, i), lang);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

struct page {
	struct jsonw w;
	uint32_t count;
};

static void put_event(void *arg, uint64_t seq, struct str json)
{
	struct page *p = arg;
	(void)seq;
	jsonw_raw(&p->w, json);
	p->count++;
}

static bool wants_stream(const struct job *j)
{
	const struct h1_head *h = &j->req->head;
	return h->method == HTTP_GET &&
	       str_find_str(h1_header(h, "accept"), STR("text/event-stream")) >= 0;
}

/* Where to go on: the last event the client has seen. */
static enum err after_of(struct job *j, uint64_t *after)
{
	const struct str last = h1_header(&j->req->head, "last-event-id");
	*after = 0;
	if (param_u64(j, "after", INT64_MAX, after) != ERR_OK)
		return ERR_INVALID;
	/* EventSource repeats the address it was made with; what it has seen since counts more */
	if (last.n && str_to_u64(last, INT64_MAX, after) != ERR_OK)
		return answer_invalid(j, "Last-Event-ID", "must be a sequence number");
	return ERR_OK;
}

enum err run_events(struct clerk *me, struct job *j)
{
	uint32_t limit;
	struct str unused;
	uint64_t after, last;
	if (after_of(j, &after) != ERR_OK)
		return ERR_INVALID;
	if (wants_stream(j)) {
		j->opens_stream = true;
		j->stream_after = after;
		return ERR_OK;
	}
	if (param_page(j, &limit, &unused) != ERR_OK)
		return ERR_INVALID;
	struct page p = {.w = answer_begin(j)};
	jsonw_open(&p.w, '{');
	jsonw_key(&p.w, "items");
	jsonw_open(&p.w, '[');
	const enum err e =
		query_events(me->reader, j->match.tenant, after, limit, put_event, &p, &last);
	jsonw_close(&p.w, ']');
	jsonw_key(&p.w, "next");
	if (e == ERR_OK && p.count == limit) {
		char text[24];
		struct buf b = buf_make(text, sizeof text);
		buf_u64(&b, last);
		jsonw_str(&p.w, buf_str(&b));
	} else {
		jsonw_null(&p.w);
	}
	jsonw_close(&p.w, '}');
	answer_json(j, 200);
	return e;
}
