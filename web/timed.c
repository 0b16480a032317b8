/* timed.c - see timed.h. */
#include "web/timed.h"

#include <jansson.h>
#include <stdlib.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define LOOK_EVERY_MS 60000

static const char *const parts[] = {"skills", "queues"};

/* -- documents -- */

static json_t *none_of(const char *part)
{
	return str_is(str_of(part), "skills") ? json_object() : json_array();
}

/* What he had before all this, of one part. */
static json_t *former(const json_t *user, const json_t *for_now, const char *part)
{
	json_t *v = json_object_get(for_now, part);
	if (!v)
		v = json_object_get(user, part);
	return v ? json_incref(v) : none_of(part);
}

json_t *timed_given(const json_t *user, const json_t *wanted, struct str by)
{
	json_t *out = json_deep_copy(user), *had = json_object_get(user, "for_now");
	json_t *until = json_object_get(wanted, "until_at"), *kept = json_object();
	bool any = false;
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		json_t *v = json_object_get(wanted, parts[i]),
		       *was = json_object_get(had, parts[i]);
		if (v && until)
			json_object_set_new(kept, parts[i], former(user, had, parts[i]));
		else if (!v && was)
			json_object_set(kept, parts[i], was);
		if (v)
			json_object_set(out, parts[i], v);
		any |= v != NULL;
	}
	json_object_del(out, "for_now");
	if (json_object_size(kept)) { /* what was not named keeps its own time where none is said */
		json_object_set(kept, "until_at", until ? until : json_object_get(had, "until_at"));
		json_object_set_new(kept, "by",
				    until ? json_stringn(by.p, by.n)
					  : json_incref(json_object_get(had, "by")));
		json_object_set(out, "for_now", kept);
	}
	json_decref(kept);
	if (any)
		return out;
	json_decref(out);
	return NULL;
}

json_t *timed_back(const json_t *user)
{
	const json_t *had = json_object_get(user, "for_now");
	if (!had)
		return NULL;
	json_t *out = json_deep_copy(user);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		json_t *v = json_object_get(had, parts[i]);
		if (v)
			json_object_set(out, parts[i], v);
	}
	json_object_del(out, "for_now");
	return out;
}

/* -- when it is time -- */

static void give_back(struct clerk *me, struct job *j, struct str tenant, struct str user)
{
	struct buf doc = buf_grow(1024);
	struct registry_result res = {0};
	j->match.tenant = tenant;
	enum err e = registry_get(clerk_registry(me), KIND_user, tenant, user, &doc);
	clerk_registry_done(me);
	json_t *now = e == ERR_OK ? json_loadb(doc.p, doc.n, 0, NULL) : NULL;
	json_t *back = timed_back(now);
	if (back) {
		json_object_del(back, "version");
		char *text = json_dumps(back, JSON_COMPACT);
		e = registry_prepare_put(clerk_registry(me), KIND_user, tenant, user, str_of(text),
					 &res);
		clerk_registry_done(me);
		e = object_change_finish(me, j, e, &res);
		registry_result_finish(&res);
		free(text);
	}
	if (e != ERR_OK && e != ERR_NOT_FOUND)
		log_line(LOG_WARN,
			 "event=skills_not_back tenant=" STR_FMT " user=" STR_FMT " why=%s",
			 STR_ARG(tenant), STR_ARG(user), err_text(e));
	json_decref(now);
	json_decref(back);
	buf_free(&doc);
}

static void look(struct clerk *me, struct job *j)
{
	struct ask *a = clerk_ask(me, j, ASK_TIMED);
	str_copy(STR("system"), j->caller.user, sizeof j->caller.user); /* by whom */
	if (clerk_wait(me, j, &a) == ERR_OK) {
		timed_soon(me->web, a->at_ms);
		for (uint32_t i = 0; i < a->agent_count; i++)
			give_back(me, j, a->agents[i].name, a->agents[i].id);
	}
	j->match.tenant = STR_NONE;
	ask_free(a);
	atomic_store(&me->web->timed_looking, false);
}

void timed_soon(struct web *w, int64_t until_ms)
{
	int64_t due_ms = atomic_load(&w->timed_due_ms);
	while (until_ms < due_ms &&
	       !atomic_compare_exchange_weak(&w->timed_due_ms, &due_ms, until_ms))
		;
}

void timed_second(struct web *w, int64_t now_utc_ms)
{
	if (now_utc_ms < atomic_load(&w->timed_due_ms) || !w->clerks ||
	    atomic_load(&w->timed_looking))
		return;
	struct job *j = xcalloc(1, sizeof *j);
	j->web = w;
	j->desk = DESK_CHANGE;
	j->chore = look;
	list_init(&j->link);
	atomic_store(&w->timed_looking, true);
	atomic_store(&w->timed_due_ms, now_utc_ms + LOOK_EVERY_MS);
	if (clerks_give(w->clerks, j) == ERR_OK)
		return;
	atomic_store(&w->timed_looking, false); /* too busy: the next second tries again */
	atomic_store(&w->timed_due_ms, now_utc_ms);
	free(j);
}
