/* nightly.c - see nightly.h. */
#include "web/nightly.h"

#include <stdlib.h>

#include "os/clock.h"
#include "os/log.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define MINUTE_MS 60000ll
#define DAY_MS (1440 * MINUTE_MS)
#define QUARTER_MS (15 * MINUTE_MS)
#define LOOK_BACK_MS (2 * DAY_MS)

int64_t nightly_due(int64_t after_ms, uint32_t minute)
{
	const int64_t today = after_ms - after_ms % DAY_MS + minute * MINUTE_MS;
	return today > after_ms ? today : today + DAY_MS;
}

void nightly_second(struct web *w, int64_t now_utc_ms)
{
	if (!w->check_due_ms)
		w->check_due_ms = nightly_due(now_utc_ms, w->o.check_minute);
	if (now_utc_ms < w->check_due_ms || !w->clerks)
		return;
	w->check_due_ms = nightly_due(now_utc_ms, w->o.check_minute);
	struct job *j = xcalloc(1, sizeof *j);
	j->web = w;
	j->desk = DESK_CHECK;
	j->nightly = true;
	list_init(&j->link);
	if (clerks_give(w->clerks, j) != ERR_OK) {
		log_line(LOG_ERROR, "event=nightly_check_not_run why=busy");
		free(j);
	}
}

static bool going(void *arg)
{
	return !atomic_load(&((struct web *)arg)->stopping);
}

static void raise_alarm(struct clerk *me, struct job *j, uint32_t differences, struct str lines)
{
	struct ask *a = clerk_ask(me, j, ASK_ALARM);
	struct buf detail = buf_grow(256);
	struct str first;
	buf_fmt(&detail, "%u differences between facts and figures of the last two days",
		differences);
	if (str_line(&lines, &first))
		buf_fmt(&detail, "; the first: " STR_FMT, STR_ARG(first));
	a->object = STR("conservation");
	a->text = arena_copy(&a->arena, buf_str(&detail));
	buf_free(&detail);
	if (clerk_wait(me, j, &a) != ERR_OK)
		log_line(LOG_ERROR, "event=alarm_not_raised name=conservation differences=%u",
			 differences);
	ask_free(a);
}

/* One tenant after the other; each of those with differences gets its alarm. */
static enum err check_tenants(struct clerk *me, struct job *j, struct buf *out, uint32_t *total)
{
	const int64_t now_ms = clock_utc_ms();
	const int64_t to_ms = now_ms - now_ms % QUARTER_MS + QUARTER_MS;
	char tenant[64] = "";
	enum err e;
	while ((e = store_tenant_after(me->reader, str_of(tenant), tenant)) == ERR_OK) {
		uint32_t differences = 0;
		struct buf lines = buf_grow(256);
		e = store_check_recent(me->reader, str_of(tenant), to_ms - LOOK_BACK_MS, to_ms,
				       going, me->web, &lines, &differences);
		if (e == ERR_OK && differences) {
			j->match.tenant = str_of(tenant);
			raise_alarm(me, j, differences, buf_str(&lines));
			j->match.tenant = STR_NONE;
		}
		buf_put(out, buf_str(&lines));
		buf_free(&lines);
		if (e != ERR_OK)
			return e;
		*total += differences;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err run_check(struct clerk *me, struct job *j)
{
	struct web *w = me->web;
	struct buf out = buf_grow(256);
	uint32_t differences = 0;
	const int64_t since_ms = clock_mono_ms();
	const enum err e = check_tenants(me, j, &out, &differences);
	if (e == ERR_OK) {
		log_line(differences ? LOG_ERROR : LOG_INFO,
			 "event=nightly_check differences=%u took_ms=%lld", differences,
			 (long long)(clock_mono_ms() - since_ms));
		atomic_store(&w->check_differences, differences);
		atomic_store(&w->check_last_at_ms, clock_utc_ms());
		buf_fmt(&out, "%u differences\n", differences);
		j->answer.status = 200;
		j->answer.type = "text/plain; charset=utf-8";
	} else {
		log_line(LOG_ERROR, "event=nightly_check_failed why=%s", err_text(e));
	}
	buf_free(&j->answer.body);
	j->answer.body = out;
	return e;
}
