/* marks.c - what people say of a contact, during the talk or long after: tags, and who comes back
 * to it when. */
#include <jansson.h>

#include "objects/schema.h"

#include "web/customers.h"
#include "web/handlers.h"
#include "web/web_inside.h"

static bool one_line(struct str tag)
{
	for (size_t i = 0; i < tag.n; i++)
		if ((unsigned char)tag.p[i] < ' ')
			return false;
	return true;
}

/* Lines, each once, without blanks around them. */
static struct str tags_of(struct arena *arena, const json_t *list)
{
	struct buf b = buf_grow(256);
	size_t i;
	const json_t *one;
	json_array_foreach(list, i, one)
	{
		const struct str tag = str_trim(json_str(one));
		struct str rest = buf_str(&b), line;
		bool again = !tag.n;
		while (!again && str_line(&rest, &line))
			again = str_eq(line, tag);
		if (again)
			continue;
		if (b.n)
			buf_ch(&b, '\n');
		buf_put(&b, tag);
	}
	const struct str out = arena_copy(arena, buf_str(&b));
	buf_free(&b);
	return out;
}

static bool is_user(struct clerk *me, struct str tenant, struct str user)
{
	struct buf doc = buf_grow(512);
	const enum err e = registry_get(clerk_registry(me), KIND_user, tenant, user, &doc);
	clerk_registry_done(me);
	buf_free(&doc);
	return e == ERR_OK;
}

enum err marks_take(struct clerk *me, struct job *j, const json_t *body, struct arena *arena,
		    struct ask_marks **out)
{
	const json_t *tags = json_object_get(body, "tags"),
		     *at = json_object_get(body, "follow_up_at");
	const struct str agent = json_member(body, "follow_up_agent");
	struct ask_marks m = {.tagged = tags != NULL, .due = at != NULL};
	size_t i;
	const json_t *one;
	json_array_foreach(tags, i, one) if (!one_line(json_str(one))) return answer_invalid(
		j, "$.tags", "a tag is of one line");
	if (json_is_string(at) && time_parse(json_str(at), &m.due_at_ms) != ERR_OK)
		return answer_invalid(j, "$.follow_up_at",
				      "must be a time such as 2026-11-21T20:33:25.123Z");
	if (agent.n && !m.due)
		return answer_invalid(j, "$.follow_up_agent", "says nothing without follow_up_at");
	m.agent = arena_copy(arena, agent.n ? agent : str_of(j->caller.user));
	if (m.due_at_ms && !is_user(me, j->match.tenant, m.agent))
		return answer_invalid(j, "$.follow_up_agent", "is no user of this tenant");
	*out = NULL;
	if (!m.tagged && !m.due)
		return ERR_OK;
	m.tags = tags_of(arena, tags);
	*out = arena_alloc(arena, sizeof m);
	**out = m;
	return ERR_OK;
}

static enum err say_tags(struct clerk *me, struct job *j, struct uuid contact, struct str tags)
{
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_contact_tagged, &a);
	ev->contact_tagged.contact = contact;
	ev->contact_tagged.tags = arena_copy(&a->arena, tags);
	ev->contact_tagged.by = a->actor;
	return customers_say(me, j, a);
}

static enum err say_follow_up(struct clerk *me, struct job *j, struct uuid contact,
			      const struct ask_marks *m)
{
	struct ask *a;
	struct event *ev = customers_event(me, j, EV_follow_up, &a);
	ev->follow_up.contact = contact;
	ev->follow_up.agent = arena_copy(&a->arena, m->agent);
	ev->follow_up.due_at = m->due_at_ms;
	ev->follow_up.by = a->actor;
	return customers_say(me, j, a);
}

static enum err say_hold(struct clerk *me, struct job *j, struct uuid contact, bool on)
{
	struct ask *a;
	if (!caller_supervises(&j->caller))
		return ERR_FORBIDDEN;
	struct event *ev = customers_event(me, j, EV_recording_hold, &a);
	ev->recording_hold.contact = contact;
	ev->recording_hold.on = on;
	ev->recording_hold.by = a->actor;
	return customers_say(me, j, a);
}

enum err run_marks(struct clerk *me, struct job *j)
{
	struct uuid contact;
	struct arena arena;
	struct ask_marks *m;
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	arena_init(&arena);
	enum err e = marks_take(me, j, body, &arena, &m);
	if (e == ERR_OK)
		e = contact_of_path(me, j, &contact);
	if (e == ERR_OK && json_object_get(body, "hold"))
		e = say_hold(me, j, contact, json_is_true(json_object_get(body, "hold")));
	if (e == ERR_OK && m && m->tagged)
		e = say_tags(me, j, contact, m->tags);
	if (e == ERR_OK && m && m->due)
		e = say_follow_up(me, j, contact, m);
	arena_finish(&arena);
	json_decref(body);
	return e == ERR_OK ? contact_answer(me, j, contact) : e;
}
