/* house.c - is the house alive, ready, measured; and the words of the control socket. */
#include "base/jsonw.h"
#include "objects/openapi.h"
#include "os/log.h"
#include "web/handlers.h"
#include "web/web_inside.h"

enum err run_healthz(struct clerk *me, struct job *j)
{
	(void)me;
	const bool failing = store_failing(j->web->o.store);
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "status", failing ? STR("degraded") : STR("ok"));
	if (failing) /* calls go on: it is alive */
		jsonw_kstr(&w, "detail", STR("the database takes nothing now"));
	jsonw_kstr(&w, "version", str_of(j->web->version));
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

/* Ready: the main thread answers and the rest of the house says nothing against it. */
enum err run_readyz(struct clerk *me, struct job *j)
{
	struct web *w = j->web;
	struct ask *a = clerk_ask(me, j, ASK_METRICS);
	struct buf why = buf_grow(64);
	enum err e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e != ERR_OK)
		buf_c(&why, "the main thread does not answer");
	const bool ready = e == ERR_OK && (!w->o.ready || w->o.ready(w->o.arg, &why));
	if (ready) {
		struct jsonw out = answer_begin(j);
		jsonw_open(&out, '{');
		jsonw_kstr(&out, "status", STR("ready"));
		jsonw_close(&out, '}');
		answer_json(j, 200);
	} else {
		buf_ch(&why, '\0');
		answer_status(j, 503, why.p);
	}
	buf_free(&why);
	return ERR_OK;
}

static void gauge(struct buf *out, const char *name, const char *type, uint64_t value)
{
	buf_fmt(out, "# TYPE %s %s\n%s %llu\n", name, type, name, (unsigned long long)value);
}

/* A line `name value` of the main thread: rooms name a thing, the house names itself. */
static void put_figure(struct buf *out, struct str line)
{
	struct str name, value;
	const bool ours = str_starts(line, STR("cc_"));
	if (!str_cut(line, ' ', &name, &value))
		return;
	const bool counter = name.n > 6 && str_is(str_from(name, name.n - 6), "_total");
	buf_fmt(out, "# TYPE %s" STR_FMT " %s\n%s" STR_FMT "\n", ours ? "" : "cc_", STR_ARG(name),
		counter ? "counter" : "gauge", ours ? "" : "cc_", STR_ARG(line));
}

/* Prometheus text format 0.0.4. */
enum err run_metrics(struct clerk *me, struct job *j)
{
	struct web *w = j->web;
	struct ask *a = clerk_ask(me, j, ASK_METRICS);
	const enum err e = clerk_wait(me, j, &a);
	const struct http_counts c = j->http_counts;
	struct buf out = buf_grow(4096);

	buf_fmt(&out, "# TYPE cc_build_info gauge\ncc_build_info{version=\"%s\"} 1\n", w->version);
	buf_c(&out, "# TYPE cc_http_answers_total counter\n");
	for (int i = 1; i < 6; i++)
		buf_fmt(&out, "cc_http_answers_total{class=\"%dxx\"} %llu\n", i,
			(unsigned long long)c.answers[i]);
	gauge(&out, "cc_http_requests_total", "counter", c.requests);
	gauge(&out, "cc_http_connections", "gauge", c.connections);
	gauge(&out, "cc_http_connections_total", "counter", c.accepted);
	gauge(&out, "cc_http_connections_evicted_total", "counter", c.evicted);
	gauge(&out, "cc_http_connections_refused_total", "counter", c.refused);
	gauge(&out, "cc_http_malformed_total", "counter", c.malformed);
	gauge(&out, "cc_http_timeouts_total", "counter", c.timed_out);
	gauge(&out, "cc_http_received_bytes_total", "counter", c.bytes_in);
	gauge(&out, "cc_http_sent_bytes_total", "counter", c.bytes_out);
	gauge(&out, "cc_event_streams", "gauge", j->stream_count);
	gauge(&out, "cc_desks", "gauge", j->live_count);
	gauge(&out, "cc_sign_ins_total", "counter", atomic_load(&w->sign_ins));
	gauge(&out, "cc_csp_reports_total", "counter", atomic_load(&w->csp_reports));
	gauge(&out, "cc_sign_ins_refused_total", "counter", atomic_load(&w->sign_ins_refused));
	gauge(&out, "cc_store_durable_seq", "gauge", atomic_load(&w->durable_seq));
	gauge(&out, "cc_log_lines_dropped_total", "counter", log_dropped());
	gauge(&out, "cc_check_differences", "gauge", atomic_load(&w->check_differences));
	gauge(&out, "cc_check_last_at", "gauge",
	      (uint64_t)atomic_load(&w->check_last_at_ms) / 1000);
	gauge(&out, "cc_main_up", "gauge", e == ERR_OK);
	if (e == ERR_OK) {
		struct str rest = a->out, line;
		while (str_line(&rest, &line))
			put_figure(&out, line);
	}
	ask_free(a);
	buf_free(&j->answer.body);
	j->answer.body = out;
	j->answer.status = 200;
	j->answer.type = "text/plain; version=0.0.4; charset=utf-8";
	return ERR_OK;
}

enum err run_openapi(struct clerk *me, struct job *j)
{
	(void)me;
	buf_free(&j->answer.body);
	j->answer.body = buf_grow(openapi_json_size);
	buf_put(&j->answer.body, str_make(openapi_json, openapi_json_size));
	answer_json(j, 200);
	return ERR_OK;
}

static enum err lines(struct clerk *me, struct job *j, struct ask *a)
{
	const enum err e = clerk_wait(me, j, &a);
	if (e == ERR_OK) {
		buf_free(&j->answer.body);
		j->answer.body = buf_grow(a->out.n);
		buf_put(&j->answer.body, a->out);
		j->answer.status = 200;
		j->answer.type = "text/plain; charset=utf-8";
	}
	ask_free(a);
	return e;
}

enum err run_show(struct clerk *me, struct job *j)
{
	struct ask *a = clerk_ask(me, j, ASK_DUMP);
	a->text = arena_copy(&a->arena, j->match.word);
	return lines(me, j, a);
}

enum err run_follow(struct clerk *me, struct job *j)
{
	(void)me;
	j->opens_stream = true;
	j->stream_lines = true;
	j->stream_after = atomic_load(&j->web->durable_seq);
	return ERR_OK;
}
