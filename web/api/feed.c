/* feed.c - alarms, and reasons that agents ask approval for: what supervisors look after. */
#include "live/live.h"
#include "web/handlers.h"
#include "web/web_inside.h"

/* Those of a day, as desks have them; NULL: the database does not answer. */
static struct live *notices_of(struct clerk *me, struct job *j)
{
	struct live *l = live_create(j->match.tenant);
	if (live_fill_notices(me, j->match.tenant, l) == ERR_OK)
		return l;
	live_destroy(l);
	return NULL;
}

static struct live_viewer viewer(const struct job *j)
{
	return (struct live_viewer){.all = !j->within, .reach = j->within};
}

enum err run_notices(struct clerk *me, struct job *j)
{
	const struct live_viewer v = viewer(j);
	struct live *l = notices_of(me, j);
	struct buf list = buf_grow(4096);
	if (!l)
		return ERR_IO;
	live_notices(l, &v, &list);
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_key(&w, "items");
	jsonw_raw(&w, buf_str(&list));
	jsonw_key(&w, "next");
	jsonw_null(&w);
	jsonw_close(&w, '}');
	answer_json(j, 200);
	buf_free(&list);
	live_destroy(l);
	return ERR_OK;
}

/* Answered as it is stored. ERR_NOT_FOUND: there is none that he sees. */
static enum err answer_notice(struct clerk *me, struct job *j, uint64_t id, bool *acknowledged)
{
	const struct live_viewer v = viewer(j);
	struct live *l = notices_of(me, j);
	struct buf one = buf_grow(512);
	const bool there = l && live_notice(l, id, &v, &one, acknowledged);
	if (there && *acknowledged) {
		struct jsonw w = answer_begin(j);
		jsonw_raw(&w, buf_str(&one));
		answer_json(j, 200);
	}
	buf_free(&one);
	live_destroy(l);
	return !l ? ERR_IO : there ? ERR_OK : ERR_NOT_FOUND;
}

/* Two who do it at once leave two facts: the first one holds (live/notice.c). */
enum err run_notice_acknowledge(struct clerk *me, struct job *j)
{
	bool acknowledged = false;
	uint64_t id;
	if (str_to_u64(j->match.id, INT64_MAX, &id) != ERR_OK)
		return ERR_NOT_FOUND;
	enum err e = answer_notice(me, j, id, &acknowledged);
	if (e != ERR_OK || acknowledged)
		return e;
	struct ask *a = clerk_ask(me, j, ASK_NOTICE);
	a->number = id;
	e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e == ERR_OK)
		e = answer_notice(me, j, id, &acknowledged);
	return e == ERR_OK && !acknowledged ? ERR_NOT_FOUND : e; /* decided a moment ago */
}
