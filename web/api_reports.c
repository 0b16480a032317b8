/* api_reports.c - figures and the stream of events. */
#include <jansson.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "web/handlers.h"
#include "web/web_inside.h"

/* The tenant's time zone cuts days. */
static void time_zone_of(struct clerk *me, struct job *j, struct str *out)
{
	struct buf doc = buf_grow(512);
	enum err e = registry_get(clerk_registry(me), KIND_tenant, j->match.tenant, j->match.tenant,
				  &doc);
	clerk_registry_done(me);
	json_t *tenant = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	const struct str zone = json_str(json_object_get(tenant, "time_zone"));
	*out = arena_copy(&j->req->arena, zone.n ? zone : STR("UTC"));
	json_decref(tenant);
	buf_free(&doc);
}

static enum err filter_of(struct clerk *me, struct job *j, uint64_t default_interval,
			  struct report_filter *f)
{
	uint64_t interval = default_interval;
	*f = (struct report_filter){.now_ms = clock_utc_ms()};
	f->to_ms = f->now_ms;
	if (param_time(j, "from", &f->from_ms) != ERR_OK ||
	    param_time(j, "to", &f->to_ms) != ERR_OK ||
	    param_u64(j, "interval_s", 86400, &interval) != ERR_OK ||
	    param_str(j, "queue", &f->queue) != ERR_OK ||
	    param_str(j, "agent", &f->agent) != ERR_OK ||
	    param_str(j, "list", &f->list) != ERR_OK ||
	    param_page(j, &f->limit, &f->after) != ERR_OK)
		return ERR_INVALID;
	if (interval != 0 && interval != 900 && interval != 1800 && interval != 3600 &&
	    interval != 86400)
		return answer_invalid(j, "interval_s", "must be 0, 900, 1800, 3600 or 86400");
	if (!f->from_ms) /* nothing said: the last day */
		f->from_ms = f->to_ms - 86400000;
	if (f->to_ms < f->from_ms)
		return answer_invalid(j, "to", "must not be before from");
	f->interval_s = (uint32_t)interval;
	time_zone_of(me, j, &f->time_zone);
	return ERR_OK;
}

typedef enum err(report_query)(struct store_reader *r, struct str tenant,
			       const struct report_filter *f, struct buf *out);

/* Takes the body. */
static enum err report_answered(struct job *j, enum err e, struct buf *body)
{
	if (e != ERR_OK) {
		buf_free(body);
		if (e == ERR_UNSUPPORTED)
			return answer_invalid(j, "list",
					      "no contacts stand behind this figure: it is time "
					      "or a share of time without a contact");
		return e == ERR_INVALID
			       ? answer_invalid(j, "list", "no such figure, or no cursor of ours")
			       : e;
	}
	buf_free(&j->answer.body);
	j->answer.body = *body;
	answer_json(j, 200);
	return ERR_OK;
}

static enum err answer_report(struct clerk *me, struct job *j, const struct report_filter *f,
			      report_query *query)
{
	struct buf body = buf_grow(16384);
	const enum err e = query(me->reader, j->match.tenant, f, &body);
	return report_answered(j, e, &body);
}

enum err run_report_queues(struct clerk *me, struct job *j)
{
	struct report_filter f;
	struct str view = STR_NONE;
	if (filter_of(me, j, 900, &f) != ERR_OK || param_str(j, "view", &view) != ERR_OK)
		return ERR_INVALID;
	f.by_end = str_is(view, "answered");
	if (view.n && !f.by_end && !str_is(view, "enqueued"))
		return answer_invalid(j, "view", "must be enqueued or answered");
	return answer_report(me, j, &f, query_report_queues);
}

enum err run_report_agents(struct clerk *me, struct job *j)
{
	struct report_filter f;
	if (filter_of(me, j, 0, &f) != ERR_OK)
		return ERR_INVALID;
	if (j->own_only) {
		if (f.agent.n && !str_eq(f.agent, str_of(j->caller.user)))
			return ERR_FORBIDDEN;
		f.agent = str_of(j->caller.user);
	}
	return answer_report(me, j, &f, query_report_agents);
}

static enum err run_flow_report(struct clerk *me, struct job *j, enum flow_report report)
{
	struct flow_query f = {.report = report};
	uint64_t version = 0;
	struct str drafts;
	if (filter_of(me, j, 0, &f.range) != ERR_OK ||
	    param_str(j, "flow", &f.filter.flow) != ERR_OK ||
	    param_str(j, "node", &f.filter.node) != ERR_OK ||
	    param_str(j, "edge", &f.filter.edge) != ERR_OK ||
	    param_str(j, "path", &f.filter.path) != ERR_OK ||
	    param_str(j, "target", &f.filter.target) != ERR_OK ||
	    param_str(j, "draft", &drafts) != ERR_OK ||
	    param_u64(j, "version", UINT32_MAX, &version) != ERR_OK)
		return ERR_INVALID;
	if (drafts.n && !str_is(drafts, "true") && !str_is(drafts, "false"))
		return answer_invalid(j, "draft", "must be true or false");
	f.filter.version = (uint32_t)version;
	f.filter.drafts = str_is(drafts, "true");
	struct buf body = buf_grow(16384);
	const enum err e = query_report_flows(me->reader, j->match.tenant, &f, &body);
	return report_answered(j, e, &body);
}

enum err run_report_flows(struct clerk *me, struct job *j)
{
	return run_flow_report(me, j, REPORT_FLOWS);
}

enum err run_report_flow_nodes(struct clerk *me, struct job *j)
{
	return run_flow_report(me, j, REPORT_NODES);
}

enum err run_report_flow_paths(struct clerk *me, struct job *j)
{
	return run_flow_report(me, j, REPORT_PATHS);
}

enum err run_report_mass_events(struct clerk *me, struct job *j)
{
	struct report_filter f;
	if (filter_of(me, j, 0, &f) != ERR_OK)
		return ERR_INVALID;
	return answer_report(me, j, &f, query_report_mass_events);
}

enum err run_report_trunks(struct clerk *me, struct job *j)
{
	struct report_filter f;
	if (filter_of(me, j, 900, &f) != ERR_OK)
		return ERR_INVALID;
	return answer_report(me, j, &f, query_report_trunks);
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
