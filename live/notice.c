/*
 * notice.c - what the feed of supervisors has beside alerts: alarms, and approvals of reasons.
 *
 * An alarm stays, acknowledged or not, until newer ones take its place; an approval until it is
 * decided. Who sees all of the tenant sees all notices; a supervisor of teams those that tell of
 * people and queues of his; an agent the approval he asked for himself.
 */
#include <stdlib.h>

#include "live/inside.h"

static struct live_notice *notice_at(const struct live *l, uint64_t id)
{
	for (uint32_t i = l->notices.count; i-- > 0;)
		if (l->notices.at[i].id == id)
			return &l->notices.at[i];
	return NULL;
}

static struct live_notice *approval_of(const struct live *l, struct str agent)
{
	for (uint32_t i = l->notices.count; i-- > 0;)
		if (l->notices.at[i].approval && str_is(agent, l->notices.at[i].agent))
			return &l->notices.at[i];
	return NULL;
}

static void drop(struct live *l, const struct live_notice *n)
{
	if (!n)
		return;
	free(n->detail);
	const uint32_t i = (uint32_t)(n - l->notices.at);
	LIST_DROP(&l->notices, i);
}

/* The oldest alarm makes way. */
static void keep_newest(struct live *l)
{
	uint32_t alarms = 0, first = l->notices.count;
	for (uint32_t i = l->notices.count; i-- > 0;)
		if (!l->notices.at[i].approval) {
			alarms++;
			first = i;
		}
	if (alarms > NOTICES_KEPT)
		drop(l, &l->notices.at[first]);
}

static struct live_notice *make(struct live *l, const struct fact *f, bool approval)
{
	struct live_notice *n = LIST_ADD(&l->notices);
	n->id = f->seq;
	n->at = f->at_ms;
	n->approval = approval;
	return n;
}

static void on_alarm(struct live *l, const struct fact *f)
{
	const struct fact_alarm *a = &f->alarm;
	if (notice_at(l, f->seq))
		return;
	struct live_notice *n = make(l, f, false);
	SET(n->name, a->name);
	SET(n->agent, a->agent);
	SET(n->queue, a->queue);
	SET(n->trunk, a->trunk);
	SET(n->contact, a->about);
	n->detail = a->detail.n ? str_dup(a->detail) : NULL;
	keep_newest(l);
}

static void on_approval(struct live *l, const struct fact *f)
{
	if (notice_at(l, f->seq))
		return;
	drop(l, approval_of(l, f->approval_asked.agent));
	struct live_notice *n = make(l, f, true);
	SET(n->name, f->approval_asked.reason);
	SET(n->agent, f->approval_asked.agent);
}

static void on_acknowledged(struct live *l, const struct fact *f)
{
	struct live_notice *n = notice_at(l, (uint64_t)f->notice_acknowledged.notice);
	if (!n || n->acknowledged_at)
		return;
	SET(n->by, f->notice_acknowledged.by);
	n->acknowledged_at = f->at_ms;
}

void notice_fact(struct live *l, const struct fact *f)
{
	const struct live_notice *n;
	switch ((int)f->kind) {
	case EV_alarm:
		on_alarm(l, f);
		break;
	case EV_approval_asked:
		on_approval(l, f);
		break;
	case EV_approval_end:
		n = approval_of(l, f->approval_end.agent);
		if (n && n->id < f->seq) /* an older end than what was filled in changes nothing */
			drop(l, n);
		break;
	case EV_notice_acknowledged:
		on_acknowledged(l, f);
		break;
	}
}

void live_past_notice(struct live *l, const struct fact *f)
{
	notice_fact(l, f);
	l->past_seq = MAX(l->past_seq, f->seq);
}

/* -- who sees it -- */

static bool sees(const struct live_viewer *v, struct str agent, struct str queue, bool approval)
{
	if (v->all || (v->agent && approval && str_eq(agent, v->user)))
		return true;
	return v->reach && ((agent.n && reach_agent(v->reach, agent)) ||
			    (queue.n && reach_queue(v->reach, queue)));
}

static bool sees_notice(const struct live_viewer *v, const struct live_notice *n)
{
	return sees(v, str_of(n->agent), str_of(n->queue), n->approval);
}

bool notice_is(enum event_kind kind)
{
	return kind == EV_alarm || kind == EV_approval_asked || kind == EV_approval_end ||
	       kind == EV_notice_acknowledged;
}

bool notice_for(const struct live *l, const struct fact *f, const struct live_viewer *v)
{
	const struct live_notice *n;
	switch ((int)f->kind) {
	case EV_alarm:
		return sees(v, f->alarm.agent, f->alarm.queue, false);
	case EV_approval_asked:
		return sees(v, f->approval_asked.agent, STR_NONE, true);
	case EV_approval_end:
		return sees(v, f->approval_end.agent, STR_NONE, true);
	case EV_notice_acknowledged:
		n = notice_at(l, (uint64_t)f->notice_acknowledged.notice);
		return n && sees_notice(v, n);
	}
	return false;
}

/* -- as JSON -- */

void notice_json(struct jsonw *w, const struct live_notice *n)
{
	char id[24];
	struct buf b = buf_make(id, sizeof id);
	const struct {
		const char *key, *text;
	} parts[] = {{"agent", n->agent},
		     {"queue", n->queue},
		     {"contact", n->contact},
		     {"trunk", n->trunk}};
	buf_u64(&b, n->id);
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", buf_str(&b));
	jsonw_kstr(w, "kind", n->approval ? STR("approval") : STR("alarm"));
	jsonw_kstr(w, "name", str_of(n->name));
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (parts[i].text[0])
			jsonw_kstr(w, parts[i].key, str_of(parts[i].text));
	jsonw_ktime(w, "at", n->at);
	if (n->detail)
		jsonw_kstr(w, "detail", str_of(n->detail));
	if (n->acknowledged_at) {
		jsonw_kstr(w, "acknowledged_by", str_of(n->by));
		jsonw_ktime(w, "acknowledged_at", n->acknowledged_at);
	}
	jsonw_close(w, '}');
}

/* Where the newest NOTICES_SHOWN alarms of his begin. */
static uint32_t first_shown(const struct live *l, const struct live_viewer *v)
{
	uint32_t alarms = 0, i = l->notices.count;
	while (i > 0 && alarms < NOTICES_SHOWN) {
		const struct live_notice *n = &l->notices.at[--i];
		alarms += !n->approval && sees_notice(v, n);
	}
	return i;
}

static void put_list(struct jsonw *w, const struct live *l, const struct live_viewer *v)
{
	const uint32_t first = first_shown(l, v);
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < l->notices.count; i++) {
		const struct live_notice *n = &l->notices.at[i];
		if ((i >= first || n->approval) && sees_notice(v, n))
			notice_json(w, n);
	}
	jsonw_close(w, ']');
}

void notices_json(struct jsonw *w, const struct live *l, const struct live_viewer *v)
{
	jsonw_key(w, "notices");
	put_list(w, l, v);
}

void live_notices(const struct live *l, const struct live_viewer *v, struct buf *out)
{
	struct jsonw w = jsonw_make(out);
	put_list(&w, l, v);
}

bool live_notice(const struct live *l, uint64_t id, const struct live_viewer *v, struct buf *out,
		 bool *acknowledged)
{
	const struct live_notice *n = notice_at(l, id);
	if (!n || !sees_notice(v, n))
		return false;
	struct jsonw w = jsonw_make(out);
	notice_json(&w, n);
	*acknowledged = n->acknowledged_at != 0;
	return true;
}

void notices_finish(struct live *l)
{
	for (uint32_t i = 0; i < l->notices.count; i++)
		free(l->notices.at[i].detail);
	free(l->notices.at);
}
