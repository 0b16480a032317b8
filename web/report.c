/* report.c - see report.h. */
#include "web/report.h"

#include <jansson.h>

#include "base/jsonr.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "web/web_inside.h"

static const char *const formats[] = {"json", "csv", "xlsx", "pdf"};

struct str report_format_word(enum report_format f)
{
	return str_of((unsigned)f < COUNT_OF(formats) ? formats[f] : "?");
}

enum err report_format_from(struct str word, enum report_format *out)
{
	for (size_t i = 0; i < COUNT_OF(formats); i++) {
		if (str_is(word, formats[i])) {
			*out = (enum report_format)i;
			return ERR_OK;
		}
	}
	return ERR_INVALID;
}

struct str report_time_zone(struct clerk *me, struct arena *arena, struct str tenant)
{
	struct buf doc = buf_grow(512);
	const enum err e = registry_get(clerk_registry(me), KIND_tenant, tenant, tenant, &doc);
	clerk_registry_done(me);
	const struct str zone =
		e == ERR_OK ? jsonr_plain(jsonr_get(buf_str(&doc), "time_zone")) : STR_NONE;
	const struct str out = arena_copy(arena, zone.n ? zone : STR("UTC"));
	buf_free(&doc);
	return out;
}

/* -- when -- */

static const struct zone *zone_of(const struct report_question *q)
{
	return q->f.time_zone.n ? zone_get(q->f.time_zone) : NULL;
}

static enum err take_period(struct job *j, struct report_question *q)
{
	struct str period;
	struct range r;
	if (param_str(j, "period", &period) != ERR_OK)
		return ERR_INVALID;
	if (!period.n)
		return ERR_OK;
	if (q->f.from_ms || q->f.to_ms)
		return answer_invalid(j, "period", "stands instead of from and to");
	if (period_range(period, zone_of(q), q->f.now_ms, &r) != ERR_OK)
		return answer_invalid(j, "period", "must be one of " PERIOD_WORDS);
	q->f.from_ms = r.from_ms;
	q->f.to_ms = r.to_ms;
	return ERR_OK;
}

static enum err take_range(struct job *j, struct report_question *q)
{
	struct report_filter *f = &q->f;
	if (param_time(j, "from", &f->from_ms) != ERR_OK ||
	    param_time(j, "to", &f->to_ms) != ERR_OK || take_period(j, q) != ERR_OK)
		return ERR_INVALID;
	if (q->report == REPORT_OF_contact_list)
		return ERR_OK; /* its bounds may be open */
	if (!f->to_ms)
		f->to_ms = f->now_ms;
	if (!f->from_ms) /* nothing said: the last day */
		f->from_ms = f->to_ms - 86400000;
	if (f->to_ms < f->from_ms)
		return answer_invalid(j, "to", "must not be before from");
	return ERR_OK;
}

static enum err take_interval(struct job *j, struct report_question *q)
{
	uint64_t interval =
		q->report == REPORT_OF_queues || q->report == REPORT_OF_trunks ? 900 : 0;
	if (param_u64(j, "interval_s", 86400, &interval) != ERR_OK)
		return ERR_INVALID;
	if (interval != 0 && interval != 900 && interval != 1800 && interval != 3600 &&
	    interval != 86400)
		return answer_invalid(j, "interval_s", "must be 0, 900, 1800, 3600 or 86400");
	q->f.interval_s = (uint32_t)interval;
	return ERR_OK;
}

static enum err take_compare(struct job *j, struct report_question *q)
{
	const struct range now = {q->f.from_ms, q->f.to_ms};
	struct str with, from, to;
	if (param_str(j, "compare", &with) != ERR_OK)
		return ERR_INVALID;
	if (!with.n)
		return ERR_OK;
	q->compares = true;
	if (str_cut(with, ',', &from, &to)) {
		if (time_parse(from, &q->compare.from_ms) != ERR_OK ||
		    time_parse(to, &q->compare.to_ms) != ERR_OK ||
		    q->compare.to_ms < q->compare.from_ms)
			return answer_invalid(j, "compare", "must be two times, FROM,TO");
		return ERR_OK;
	}
	if (period_before(with, zone_of(q), &now, q->f.now_ms, &q->compare) != ERR_OK)
		return answer_invalid(j, "compare",
				      "must be previous_period, previous_week, previous_year or "
				      "FROM,TO");
	return ERR_OK;
}

/* -- whose -- */

/* Whom who asks may see, and of these whom the team has. */
static const struct reach *team_reach(struct clerk *me, struct job *j, struct str team)
{
	struct arena *a = &j->req->arena;
	struct reach of, *both = arena_alloc(a, sizeof *both);
	registry_reach_team(clerk_registry(me), j->match.tenant, team, a, &of);
	clerk_registry_done(me);
	*both = reach_both(a, &of, j->within);
	return both;
}

/* Its rows are people's or queues'. */
static bool of_people(enum report_kind r)
{
	return r == REPORT_OF_queues || r == REPORT_OF_agents || r == REPORT_OF_contacts ||
	       r == REPORT_OF_contact_list;
}

static enum err take_agents(struct clerk *me, struct job *j, struct report_question *q)
{
	struct report_filter *f = &q->f;
	struct str *const team = &q->team;
	if (param_str(j, "queue", &f->queue) != ERR_OK ||
	    param_str(j, "agent", &f->agent) != ERR_OK ||
	    param_str(j, "trunk", &f->trunk) != ERR_OK || param_str(j, "team", team) != ERR_OK)
		return ERR_INVALID;
	if (team->n && !of_people(q->report))
		return answer_invalid(j, "team", "is for queues, agents and contacts");
	f->within = team->n ? team_reach(me, j, *team) : j->within;
	if (!j->own_only)
		return ERR_OK;
	if (f->agent.n && !str_eq(f->agent, str_of(j->caller.user)))
		return ERR_FORBIDDEN;
	f->agent = str_of(j->caller.user);
	return ERR_OK;
}

/* -- how -- */

static enum err take_formulas(struct job *j, struct report_question *q)
{
	struct queue_choice *c = &q->f.choice;
	uint64_t threshold_s = UINT64_MAX, short_s = UINT64_MAX;
	struct str level, lost;
	if (param_str(j, "sl", &level) != ERR_OK || param_str(j, "abandon", &lost) != ERR_OK ||
	    param_u64(j, "threshold_s", 86400, &threshold_s) != ERR_OK ||
	    param_u64(j, "short_abandon_s", 60, &short_s) != ERR_OK)
		return ERR_INVALID;
	c->level = level.n != 0;
	c->lost = lost.n != 0;
	c->threshold = threshold_s != UINT64_MAX;
	c->shorts = short_s != UINT64_MAX;
	if (c->threshold)
		c->rules.threshold_ms = (int64_t)threshold_s * 1000;
	if (c->shorts)
		c->rules.short_ms = (int64_t)short_s * 1000;
	if (level.n && queue_level_from(level, &c->rules) != ERR_OK)
		return answer_invalid(j, "sl",
				      "must be a service level such as sl_1 or "
				      "sl_2_without_short");
	if (lost.n && abandon_formula_from(lost, &c->rules.abandon) != ERR_OK)
		return answer_invalid(j, "abandon", "must be default, plain or handled");
	return ERR_OK;
}

static enum err take_flag(struct job *j, const char *name, bool *out)
{
	struct str s;
	if (param_str(j, name, &s) != ERR_OK)
		return ERR_INVALID;
	if (s.n && !str_is(s, "true") && !str_is(s, "false"))
		return answer_invalid(j, name, "must be true or false");
	*out = *out || str_is(s, "true");
	return ERR_OK;
}

static enum err take_queue_words(struct job *j, struct report_question *q)
{
	struct str view;
	if (param_str(j, "view", &view) != ERR_OK || take_formulas(j, q) != ERR_OK)
		return ERR_INVALID;
	q->f.by_end = str_is(view, "answered");
	if (view.n && !q->f.by_end && !str_is(view, "enqueued"))
		return answer_invalid(j, "view", "must be enqueued or answered");
	return ERR_OK;
}

static enum err take_flow_words(struct job *j, struct report_question *q)
{
	uint64_t version = 0;
	if (param_str(j, "flow", &q->flow.flow) != ERR_OK ||
	    param_str(j, "node", &q->flow.node) != ERR_OK ||
	    param_str(j, "edge", &q->flow.edge) != ERR_OK ||
	    param_str(j, "path", &q->flow.path) != ERR_OK ||
	    param_str(j, "target", &q->flow.target) != ERR_OK ||
	    take_flag(j, "draft", &q->flow.drafts) != ERR_OK ||
	    param_u64(j, "version", UINT32_MAX, &version) != ERR_OK)
		return ERR_INVALID;
	q->flow.version = (uint32_t)version;
	return ERR_OK;
}

/* Records are compared as they are written: a name from outside may need escapes. */
static enum err take_written(struct job *j, const char *name, struct str *out)
{
	struct str s;
	if (param_str(j, name, &s) != ERR_OK)
		return ERR_INVALID;
	struct buf b = buf_grow(s.n + 16);
	struct jsonw w = jsonw_make(&b);
	jsonw_str(&w, s);
	*out = arena_copy(&j->req->arena, str_make(b.p + 1, b.n - 2));
	buf_free(&b);
	return ERR_OK;
}

static enum err take_contact_words(struct job *j, struct report_question *q)
{
	struct contact_narrow *n = &q->narrow;
	struct str by;
	if (param_str(j, "direction", &n->direction) != ERR_OK ||
	    param_str(j, "channel", &n->channel) != ERR_OK ||
	    param_str(j, "outcome", &n->outcome) != ERR_OK ||
	    param_str(j, "state", &n->state) != ERR_OK ||
	    param_str(j, "ended_by", &n->ended_by) != ERR_OK ||
	    take_written(j, "customer", &n->customer) != ERR_OK ||
	    take_written(j, "number", &n->number) != ERR_OK ||
	    take_written(j, "line", &n->line) != ERR_OK || param_str(j, "by", &by) != ERR_OK ||
	    take_written(j, "key", &q->key) != ERR_OK)
		return ERR_INVALID;
	struct str unused;
	q->keyed = query_get(&j->req->arena, j->req->head.query, "key", &unused) == ERR_OK;
	if (by.n && contacts_by_from(by, &q->by) != ERR_OK)
		return answer_invalid(j, "by",
				      "must be none, direction, channel, outcome, queue, "
				      "agent, customer, number, line, ended_by, hour or "
				      "weekday");
	return ERR_OK;
}

static enum err take_group(struct job *j, struct report_question *q)
{
	struct str group;
	if (param_str(j, "group", &group) != ERR_OK)
		return ERR_INVALID;
	q->f.together = str_is(group, "none");
	if (!group.n)
		return ERR_OK;
	if (q->report != REPORT_OF_queues && q->report != REPORT_OF_agents)
		return answer_invalid(j, "group", "is for queues and agents");
	if (!q->f.together)
		return answer_invalid(j, "group", "must be none: all of them together");
	return ERR_OK;
}

/* -- as what -- */

static enum err take_lang(struct job *j, struct report_question *q)
{
	struct str lang;
	if (param_str(j, "lang", &lang) != ERR_OK)
		return ERR_INVALID;
	if (lang.n && report_lang_from(lang, &q->lang) != ERR_OK)
		return answer_invalid(j, "lang", "must be en, pl or ru");
	const struct str wanted = h1_header(&j->req->head, "accept-language");
	if (!lang.n && report_lang_from(str_head(wanted, 2), &q->lang) != ERR_OK)
		q->lang = REPORT_EN;
	return ERR_OK;
}

static enum report_format accepted(const struct job *j)
{
	const struct str accept = h1_header(&j->req->head, "accept");
	return str_starts(accept, STR("text/csv"))			   ? FORMAT_CSV
	       : str_starts(accept, STR("application/pdf"))		   ? FORMAT_PDF
	       : str_starts(accept, STR("application/vnd.openxmlformats")) ? FORMAT_XLSX
									   : FORMAT_JSON;
}

bool report_wants_file(const struct job *j)
{
	const struct route *rt = j->match.route;
	struct str format;
	enum report_format f;
	if (rt->desk != DESK_REPORT && rt->run != run_contacts)
		return false;
	if (query_get(&j->req->arena, j->req->head.query, "format", &format) != ERR_OK)
		return accepted(j) != FORMAT_JSON;
	return report_format_from(format, &f) == ERR_OK && f != FORMAT_JSON;
}

static enum err take_format(struct job *j, struct report_question *q)
{
	struct str format, delimiter;
	if (param_str(j, "format", &format) != ERR_OK ||
	    param_str(j, "delimiter", &delimiter) != ERR_OK)
		return ERR_INVALID;
	if (format.n && report_format_from(format, &q->format) != ERR_OK)
		return answer_invalid(j, "format", "must be json, csv, xlsx or pdf");
	if (!format.n)
		q->format = accepted(j);
	q->names = q->format == FORMAT_PDF; /* nobody reads it but people */
	q->delimiter = str_is(delimiter, ";") || str_is(delimiter, "semicolon") ? ';'
		       : str_is(delimiter, "tab")				? '\t'
										: ',';
	return take_flag(j, "names", &q->names);
}

static enum err take_columns(struct job *j, struct report_question *q)
{
	struct str names, one;
	if (param_str(j, "columns", &names) != ERR_OK)
		return ERR_INVALID;
	q->columns_of = q->f.list.n ? REPORT_OF_contact_list : q->report;
	const uint32_t count = report_column_count(q->columns_of);
	for (uint32_t i = 0; !names.n && i < count; i++) {
		const struct column *c = report_column_at(q->columns_of, i);
		if (c->shown && q->column_count < REPORT_COLUMNS_MAX)
			q->columns[q->column_count++] = c;
	}
	while (names.n) {
		str_cut(names, ',', &one, &names);
		const struct column *c = report_column(q->columns_of, one);
		if (!c || q->column_count == REPORT_COLUMNS_MAX)
			return answer_invalid(j, "columns",
					      "names a column that the report does not have");
		q->columns[q->column_count++] = c;
	}
	return ERR_OK;
}

/* The list of contacts as …/contacts has it: queue and agent are one each. */
static enum err take_contact_list(struct job *j, struct report_question *q)
{
	struct contact_filter *c = &q->contacts;
	enum contact_state state;
	enum direction direction;
	*c = (struct contact_filter){.from_ms = q->f.from_ms,
				     .to_ms = q->f.to_ms,
				     .queue = q->f.queue,
				     .agent = q->f.agent};
	if (param_str(j, "customer", &c->customer) != ERR_OK ||
	    param_str(j, "state", &c->state) != ERR_OK ||
	    param_str(j, "direction", &c->direction) != ERR_OK ||
	    param_str(j, "tag", &c->tag) != ERR_OK ||
	    param_str(j, "follow_up_agent", &c->follow_up_agent) != ERR_OK ||
	    param_time(j, "follow_up_before", &c->follow_up_before_ms) != ERR_OK)
		return ERR_INVALID;
	if (c->state.n && contact_state_from(c->state, &state) != ERR_OK)
		return answer_invalid(j, "state", "is not known");
	if (c->direction.n && direction_from(c->direction, &direction) != ERR_OK)
		return answer_invalid(j, "direction", "is not known");
	return ERR_OK;
}

enum err report_ask(struct clerk *me, struct job *j, enum report_kind report,
		    struct report_question *q)
{
	*q = (struct report_question){.report = report, .f.now_ms = clock_utc_ms()};
	if (j->as_of_ms) /* what came later is not in it */
		q->f.now_ms = j->as_of_ms;
	struct report_filter *f = &q->f;
	f->time_zone = report_time_zone(me, &j->req->arena, j->match.tenant);
	const bool flows = report == REPORT_OF_flows || report == REPORT_OF_flow_nodes ||
			   report == REPORT_OF_flow_paths;
	enum err e = take_range(j, q);
	if (e == ERR_OK)
		e = take_interval(j, q);
	if (e == ERR_OK)
		e = take_compare(j, q);
	if (e == ERR_OK)
		e = take_agents(me, j, q);
	if (e == ERR_OK)
		e = param_str(j, "list", &f->list);
	if (e == ERR_OK)
		e = param_page(j, &f->limit, &f->after);
	if (e == ERR_OK)
		e = take_flag(j, "total", &f->total);
	if (e == ERR_OK)
		e = take_group(j, q);
	if (e == ERR_OK && report == REPORT_OF_queues)
		e = take_queue_words(j, q);
	if (e == ERR_OK && flows)
		e = take_flow_words(j, q);
	if (e == ERR_OK && report == REPORT_OF_contacts)
		e = take_contact_words(j, q);
	if (e == ERR_OK && report == REPORT_OF_contact_list)
		e = take_contact_list(j, q);
	if (e == ERR_OK)
		e = take_lang(j, q);
	if (e == ERR_OK)
		e = take_format(j, q);
	return e == ERR_OK ? take_columns(j, q) : e;
}

/* -- what answers it -- */

static enum err flow_rows(struct clerk *me, struct str tenant, const struct report_question *q,
			  const struct report_filter *f, enum flow_report report, struct buf *out)
{
	const struct flow_query flow = {*f, report, q->flow};
	return query_report_flows(me->reader, tenant, &flow, out);
}

static enum err contact_list(struct clerk *me, struct str tenant, const struct report_question *q,
			     const struct report_filter *f, struct buf *out)
{
	struct contact_filter c = q->contacts;
	c.within = f->within;
	c.limit = f->limit;
	c.after = f->after;
	return query_contacts(me->reader, tenant, &c, out);
}

enum err report_rows(struct clerk *me, struct str tenant, const struct report_question *q,
		     const struct report_filter *f, struct buf *out)
{
	const struct contacts_query contacts = {*f, q->by, q->keyed, q->key, q->narrow};
	switch (q->report) {
	case REPORT_OF_queues:
		return query_report_queues(me->reader, tenant, f, out);
	case REPORT_OF_agents:
		return query_report_agents(me->reader, tenant, f, out);
	case REPORT_OF_contacts:
		return query_report_contacts(me->reader, tenant, &contacts, out);
	case REPORT_OF_flows:
		return flow_rows(me, tenant, q, f, REPORT_FLOWS, out);
	case REPORT_OF_flow_nodes:
		return flow_rows(me, tenant, q, f, REPORT_NODES, out);
	case REPORT_OF_flow_paths:
		return flow_rows(me, tenant, q, f, REPORT_PATHS, out);
	case REPORT_OF_trunks:
		return query_report_trunks(me->reader, tenant, f, out);
	case REPORT_OF_mass_events:
		return query_report_mass_events(me->reader, tenant, f, out);
	case REPORT_OF_contact_list:
		return contact_list(me, tenant, q, f, out);
	case REPORT_KIND_COUNT:
		break;
	}
	return ERR_UNSUPPORTED;
}
