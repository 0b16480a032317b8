/* trunk_figures.c - see trunk_figures.h. */
#include "report/trunk_figures.h"

#include <stdlib.h>

struct edge {
	int64_t at_ms;
	int step; /* +1 begins, -1 ends */
};

/* At the same instant an end comes before a beginning: the line is free again. */
static int by_time(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->step - y->step;
}

void trunk_figures_make(struct trunk_figures *out, const struct trunk_use *uses, uint32_t count,
			int64_t from_ms, int64_t to_ms, uint32_t max_calls)
{
	struct edge *edges = xcalloc(2 * (size_t)count + 1, sizeof *edges);
	uint32_t n = 0;
	*out = (struct trunk_figures){.full_ms = max_calls ? 0 : -1};
	for (uint32_t i = 0; i < count; i++) {
		const struct trunk_use *u = &uses[i];
		if (u->from_ms >= from_ms && u->from_ms < to_ms) {
			out->inbound += !u->outbound;
			out->outbound += u->outbound;
		}
		int64_t begins = MAX(u->from_ms, from_ms), ends = MIN(u->to_ms, to_ms);
		if (begins >= ends)
			continue;
		out->used_ms += ends - begins;
		edges[n++] = (struct edge){begins, +1};
		edges[n++] = (struct edge){ends, -1};
	}
	qsort(edges, n, sizeof *edges, by_time);
	uint32_t now = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (max_calls && now >= max_calls)
			out->full_ms += edges[i].at_ms - edges[i - 1].at_ms;
		now = edges[i].step > 0 ? now + 1 : now - 1;
		if (now > out->most) {
			out->most = now;
			out->most_at_ms = edges[i].at_ms;
		}
	}
	free(edges);
}

void trunk_figures_merge(struct trunk_figures *f, const struct trunk_figures *other)
{
	f->inbound += other->inbound;
	f->outbound += other->outbound;
	f->blocked += other->blocked;
	f->used_ms += other->used_ms;
	f->most = UINT32_MAX;
	f->full_ms = -1;
}

bool trunk_figures_any(const struct trunk_figures *f)
{
	return f->used_ms || f->inbound || f->outbound || f->blocked;
}

void trunk_figures_json(struct jsonw *w, const struct trunk_figures *f, int64_t length_ms)
{
	jsonw_ki64(w, "calls", (int64_t)f->inbound + f->outbound);
	jsonw_ki64(w, "inbound", f->inbound);
	jsonw_ki64(w, "outbound", f->outbound);
	jsonw_ki64(w, "blocked", (int64_t)f->blocked);
	jsonw_ki64(w, "used_ms", f->used_ms);
	jsonw_key(w, "erlangs");
	jsonw_real(w, (double)f->used_ms / (double)length_ms);
	jsonw_key(w, "most");
	if (f->most == UINT32_MAX)
		jsonw_null(w);
	else
		jsonw_i64(w, f->most);
	jsonw_key(w, "full_ms");
	if (f->full_ms < 0)
		jsonw_null(w);
	else
		jsonw_i64(w, f->full_ms);
}
