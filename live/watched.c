/*
 * watched.c - alerts that are on, and messages: what is beside agents, queues and contacts.
 *
 * A viewer's messages are those to him that he has not read. Alerts are for those who see all.
 */
#include <stdlib.h>

#include "live/inside.h"

static struct live_alert *alert_at(const struct live *l, struct str id)
{
	for (uint32_t i = 0; i < l->alerts.count; i++)
		if (str_is(id, l->alerts.at[i].id))
			return &l->alerts.at[i];
	return NULL;
}

static void alert_drop(struct live *l, struct str id)
{
	struct live_alert *a = alert_at(l, id);
	if (!a)
		return;
	free(a->name);
	const uint32_t i = (uint32_t)(a - l->alerts.at);
	LIST_DROP(&l->alerts, i);
}

static struct live_alert *alert_make(struct live *l, struct str id, struct str name,
				     struct str level)
{
	alert_drop(l, id);
	struct live_alert *a = LIST_ADD(&l->alerts);
	SET(a->id, id);
	SET(a->level, level);
	a->name = str_dup(name);
	return a;
}

void live_alert_put(struct live *l, const struct live_alert_now *now, uint64_t seq)
{
	struct live_alert *a = alert_make(l, now->id, now->name, now->level);
	SET(a->by, now->by);
	a->since_at = now->since_at_ms;
	a->value = now->value;
	a->test = now->test;
	l->alert_seq = seq;
}

static void alert_fact(struct live *l, const struct fact *f)
{
	struct live_alert *a;
	if (f->seq <= l->alert_seq)
		return;
	switch ((int)f->kind) {
	case EV_alert_on:
		a = alert_make(l, f->alert_on.alert, f->alert_on.name, f->alert_on.level);
		a->since_at = f->at_ms;
		a->value = f->alert_on.value;
		a->test = f->alert_on.test;
		break;
	case EV_alert_off:
		alert_drop(l, f->alert_off.alert);
		break;
	case EV_alert_acknowledged:
		a = alert_at(l, f->alert_acknowledged.alert);
		if (a)
			SET(a->by, f->alert_acknowledged.by);
		break;
	}
}

/* -- messages -- */

static struct live_message *message_at(const struct live *l, uint64_t id)
{
	for (uint32_t i = l->messages.count; i-- > 0;)
		if (l->messages.at[i].id == id)
			return &l->messages.at[i];
	return NULL;
}

static bool was_read(const struct live_message *m, struct str user)
{
	for (uint32_t i = 0; i < m->readers.count; i++)
		if (str_is(user, m->readers.at[i].user))
			return true;
	return false;
}

static void message_fact(struct live *l, const struct fact *f)
{
	struct live_message *m;
	if (f->kind == EV_message && !message_at(l, f->seq)) {
		m = LIST_ADD(&l->messages);
		m->id = f->seq;
		m->at = f->at_ms;
		m->urgent = f->message.urgent;
		m->text = str_dup(f->message.text);
		SET(m->to, f->message.to);
		SET(m->name, f->message.name);
		SET(m->by, f->message.by);
	} else if (f->kind == EV_message_read) {
		m = message_at(l, (uint64_t)f->message_read.message);
		if (m && !was_read(m, f->message_read.by)) {
			struct live_reader *r = LIST_ADD(&m->readers);
			SET(r->user, f->message_read.by);
		}
	}
}

void live_past_message(struct live *l, const struct fact *f)
{
	message_fact(l, f);
	l->past_seq = MAX(l->past_seq, f->seq);
}

void watched_fact(struct live *l, const struct fact *f)
{
	alert_fact(l, f);
	message_fact(l, f);
}

static bool listed(const struct str *names, uint32_t count, struct str name)
{
	for (uint32_t i = 0; i < count; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

/* Who sent it knows it. */
static bool is_for(const struct live_viewer *v, struct str to, struct str name, struct str by)
{
	if (str_eq(v->user, by))
		return false;
	return str_is(to, "all") || (str_is(to, "agent") && str_eq(name, v->user)) ||
	       (str_is(to, "queue") && listed(v->queues, v->queue_count, name)) ||
	       (str_is(to, "team") && listed(v->teams, v->team_count, name));
}

bool watched_for(const struct live *l, const struct fact *f, const struct live_viewer *v)
{
	const struct live_message *m;
	if (f->kind == EV_message)
		return is_for(v, f->message.to, f->message.name, f->message.by);
	if (f->kind != EV_message_read || !str_eq(f->message_read.by, v->user))
		return false;
	m = message_at(l, (uint64_t)f->message_read.message);
	return m && is_for(v, str_of(m->to), str_of(m->name), str_of(m->by));
}

/* -- as JSON -- */

static void put_alert(struct jsonw *w, const struct live_alert *a)
{
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", str_of(a->id));
	jsonw_kstr(w, "name", str_of(a->name));
	jsonw_kstr(w, "level", str_of(a->level));
	jsonw_ktime(w, "since_at", a->since_at);
	jsonw_ki64(w, "value", a->value);
	if (a->by[0])
		jsonw_kstr(w, "acknowledged_by", str_of(a->by));
	if (a->test)
		jsonw_kbool(w, "test", true);
	jsonw_close(w, '}');
}

void watched_message_json(struct jsonw *w, const struct live_message *m)
{
	char id[24];
	struct buf b = buf_make(id, sizeof id);
	buf_u64(&b, m->id);
	jsonw_open(w, '{');
	jsonw_kstr(w, "id", buf_str(&b));
	jsonw_ktime(w, "at", m->at);
	jsonw_kstr(w, "by", str_of(m->by));
	jsonw_kstr(w, "to", str_of(m->to));
	if (m->name[0])
		jsonw_kstr(w, "name", str_of(m->name));
	jsonw_kstr(w, "text", str_of(m->text));
	if (m->urgent)
		jsonw_kbool(w, "urgent", true);
	jsonw_close(w, '}');
}

void watched_json(struct jsonw *w, const struct live *l, const struct live_viewer *v)
{
	if (v->all) {
		jsonw_key(w, "alerts");
		jsonw_open(w, '[');
		for (uint32_t i = 0; i < l->alerts.count; i++)
			put_alert(w, &l->alerts.at[i]);
		jsonw_close(w, ']');
	}
	jsonw_key(w, "messages");
	jsonw_open(w, '[');
	for (uint32_t i = 0; i < l->messages.count; i++) {
		const struct live_message *m = &l->messages.at[i];
		if (is_for(v, str_of(m->to), str_of(m->name), str_of(m->by)) &&
		    !was_read(m, v->user))
			watched_message_json(w, m);
	}
	jsonw_close(w, ']');
}

void watched_finish(struct live *l)
{
	for (uint32_t i = 0; i < l->alerts.count; i++)
		free(l->alerts.at[i].name);
	for (uint32_t i = 0; i < l->messages.count; i++) {
		free(l->messages.at[i].text);
		free(l->messages.at[i].readers.at);
	}
	free(l->alerts.at);
	free(l->messages.at);
}
