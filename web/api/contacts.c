/* contacts.c - contacts: their records, their facts, what is done with them, their sound. */
#include <fcntl.h>
#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "objects/schema.h"
#include "web/customers.h"
#include "web/export/export.h"

/* How near a contact is to people and queues: those of a supervisor's teams, or one agent. */
enum near { NEAR_NOT, NEAR_WAS, NEAR_IS };

static enum near near_of_part(const json_t *part, const struct reach *r)
{
	const struct str queue = json_str(json_object_get(part, "queue")),
			 agent = json_str(json_object_get(part, "agent"));
	if (!(queue.n && reach_queue(r, queue)) && !(agent.n && reach_agent(r, agent)))
		return NEAR_NOT;
	return json_is_string(json_object_get(part, "ended_at")) ? NEAR_WAS : NEAR_IS;
}

/* The record knows who had it, and the last ones are its own; of one that is over all of it was. */
static enum near near_of_record(const json_t *record, const struct reach *r)
{
	enum near near = near_of_part(record, r);
	const json_t *segments = json_object_get(record, "segments");
	for (size_t i = 0; i < json_array_size(segments); i++)
		near = MAX(near, near_of_part(json_array_get(segments, i), r));
	return near;
}

/* The main thread knows whom it rings at this moment. */
static enum err rings_near(struct clerk *me, struct job *j, const struct reach *r,
			   struct uuid contact, enum near *near)
{
	struct ask *a = clerk_ask(me, j, ASK_AGENTS);
	if (j->own_only)
		a->object = arena_copy(&a->arena, str_of(j->caller.user));
	const enum err e = clerk_wait(me, j, &a);
	for (uint32_t n = 0; e == ERR_OK && n < a->agent_count; n++)
		for (uint32_t k = 0; k < a->agents[n].contact_count; k++)
			if (reach_agent(r, a->agents[n].id) &&
			    uuid_eq(a->agents[n].contacts[k], contact))
				*near = NEAR_IS;
	ask_free(a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Whose contacts the caller may see; NULL: all. */
static const struct reach *whose(const struct job *j, const struct str *self, struct reach *room)
{
	if (!j->own_only)
		return j->within;
	*room = (struct reach){.agents = self, .agent_count = 1};
	return room;
}

static enum err near_of(struct clerk *me, struct job *j, struct uuid contact, enum near *near)
{
	const struct str self = str_of(j->caller.user);
	struct reach room;
	const struct reach *r = whose(j, &self, &room);
	struct buf text = buf_grow(1024);
	enum err e = query_contact(me->reader, j->match.tenant, contact, &text);
	json_t *record = e == ERR_OK ? json_loadb(text.p, text.n, 0, NULL) : NULL;
	*near = r ? near_of_record(record, r) : NEAR_IS;
	json_decref(record);
	buf_free(&text);
	return e == ERR_OK && *near == NEAR_NOT ? rings_near(me, j, r, contact, near) : e;
}

/* An agent is told that a contact is not his; to a supervisor of other teams it is not there. */
static enum err may_see(struct clerk *me, struct job *j, struct uuid contact)
{
	enum near near;
	const enum err e = near_of(me, j, contact, &near);
	if (e != ERR_OK || near != NEAR_NOT)
		return e;
	return j->own_only ? ERR_FORBIDDEN : ERR_NOT_FOUND;
}

/* The contact of the path, when the caller may see it. What is no UUID is simply unknown. */
static enum err the_contact(struct clerk *me, struct job *j, struct uuid *out)
{
	if (uuid_parse(j->match.id, out) != ERR_OK)
		return ERR_NOT_FOUND;
	return j->own_only || j->within ? may_see(me, j, *out) : ERR_OK;
}

enum err contact_of_path(struct clerk *me, struct job *j, struct uuid *out)
{
	struct buf record = buf_grow(1024);
	enum err e = the_contact(me, j, out);
	if (e == ERR_OK) /* of this tenant, and it is known */
		e = query_contact(me->reader, j->match.tenant, *out, &record);
	buf_free(&record);
	return e;
}

typedef enum err(contact_query)(struct store_reader *r, struct str tenant, struct uuid contact,
				struct buf *out);

static enum err answer_with(struct clerk *me, struct job *j, contact_query *query,
			    struct uuid contact, int status)
{
	struct buf body = buf_grow(2048);
	const enum err e = query(me->reader, j->match.tenant, contact, &body);
	if (e != ERR_OK) {
		buf_free(&body);
		return e;
	}
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, status);
	return ERR_OK;
}

enum err contact_answer(struct clerk *me, struct job *j, struct uuid contact)
{
	return answer_with(me, j, query_contact, contact, 200);
}

static enum err answer_contact(struct clerk *me, struct job *j, contact_query *query)
{
	struct uuid contact;
	const enum err e = the_contact(me, j, &contact);
	return e == ERR_OK ? answer_with(me, j, query, contact, 200) : e;
}

enum err run_contact(struct clerk *me, struct job *j)
{
	return answer_contact(me, j, query_contact);
}

enum err run_contact_events(struct clerk *me, struct job *j)
{
	const bool silent = j->own_only && tenant_monitor_silent(me, j->match.tenant);
	return answer_contact(me, j, silent ? query_contact_events_silent : query_contact_events);
}

/* A contact that waits: why nobody has it at this moment, last in the list; no `seq`. */
static void put_why_now(struct clerk *me, struct job *j, struct buf *body)
{
	static const char tail[] = "],\"next\":null}";
	struct uuid contact;
	CHECK(uuid_parse(j->match.id, &contact) == ERR_OK);
	struct ask *a = clerk_ask(me, j, ASK_WHY);
	a->contact = contact;
	if (clerk_wait(me, j, &a) == ERR_OK && str_ends(buf_str(body), str_of(tail)) &&
	    a->out.n > 2) {
		body->n -= sizeof tail - 1;
		if (body->p[body->n - 1] != '[')
			buf_ch(body, ',');
		buf_fmt(body, "{\"now\":true,\"queue\":\"" STR_FMT "\",\"agent\":null,",
			STR_ARG(a->object));
		buf_put(body, str_from(a->out, 1));
		buf_c(body, tail);
	}
	ask_free(a);
}

enum err run_contact_why(struct clerk *me, struct job *j)
{
	const enum err e = answer_contact(me, j, query_contact_why);
	if (e == ERR_OK)
		put_why_now(me, j, &j->answer.body);
	return e;
}

enum err run_contacts(struct clerk *me, struct job *j)
{
	struct report_question q;
	enum err e = report_ask(me, j, REPORT_OF_contact_list, &q);
	if (e != ERR_OK)
		return e;
	if (q.format != FORMAT_JSON)
		return report_file(me, j, &q);
	struct buf body = buf_grow(8192);
	e = report_rows(me, j->match.tenant, &q, &q.f, &body);
	if (e != ERR_OK) {
		buf_free(&body);
		return e == ERR_INVALID ? answer_invalid(j, "after", "is no cursor of ours") : e;
	}
	buf_free(&j->answer.body);
	j->answer.body = body;
	answer_json(j, 200);
	return ERR_OK;
}

static enum err check_verb_body(struct job *j)
{
	struct str body = j->req->body.n ? j->req->body : STR("{}");
	buf_free(&j->errors);
	j->errors = buf_grow(64);
	return registry_check_body(verb_schema(j->match.verb), body, &j->errors);
}

static enum err verb_too_late(struct clerk *me, struct job *j, struct uuid contact)
{
	struct buf record = buf_grow(2048);
	const enum err e = query_contact(me->reader, j->match.tenant, contact, &record);
	buf_free(&record);
	if (e != ERR_OK)
		return e;
	str_copy(STR("this contact is over"), j->detail, sizeof j->detail);
	return ERR_CONFLICT;
}

/* {"to":{"queue":…}}, {"who":{"agent":…}}, {"who":"customer"}: the schema saw to the rest. */
static void target_of(struct ask *a, json_t *body)
{
	json_t *to = json_object_get(body, "to"), *value;
	const char *key;
	if (!to)
		to = json_object_get(body, "who");
	if (json_is_string(to))
		a->target_name = arena_copy(&a->arena, json_str(to));
	json_object_foreach(to, key, value)
	{
		if (target_from(str_of(key), &a->target) == ERR_OK)
			a->target_name = arena_copy(&a->arena, json_str(value));
	}
}

/* A supervisor of teams acts on what is with his people or in his queues now; what only was there
 * he may see and no more. */
static enum err may_act(struct clerk *me, struct job *j, struct uuid contact)
{
	enum near near = NEAR_NOT;
	enum err e = near_of(me, j, contact, &near);
	if (e != ERR_OK || near == NEAR_IS)
		return e;
	if (near == NEAR_NOT)
		return ERR_NOT_FOUND;
	str_copy(STR("this contact is with other teams now"), j->detail, sizeof j->detail);
	return ERR_FORBIDDEN;
}

/* Whom he names must be his, too: for whom he does it, and to whom it goes, unless he works as an
 * agent and may give contacts to everybody. */
static bool names_his(const struct job *j, const struct ask *a)
{
	const bool agent = j->caller.roles & BIT(ROLE_AGENT);
	if (a->object.n && !reach_agent(j->within, a->object))
		return false;
	if (agent || !a->target_name.n)
		return true;
	return a->target == TARGET_agent   ? reach_agent(j->within, a->target_name)
	       : a->target == TARGET_queue ? reach_queue(j->within, a->target_name)
					   : true;
}

/* A verb may name a contact so young that the database has not heard of it: the main thread is
 * asked whose it is, so an agent's right is not looked at here. */
enum err run_verb(struct clerk *me, struct job *j)
{
	struct uuid contact;
	if (uuid_parse(j->match.id, &contact) != ERR_OK)
		return ERR_NOT_FOUND;
	enum err e = check_verb_body(j);
	if (e == ERR_OK && j->within)
		e = may_act(me, j, contact);
	if (e != ERR_OK)
		return e;
	struct ask *a = clerk_ask(me, j, ASK_VERB);
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	a->contact = contact;
	a->verb = j->match.verb;
	a->outcome = arena_copy(&a->arena, json_str(json_object_get(body, "outcome")));
	a->note = arena_copy(&a->arena, json_str(json_object_get(body, "note")));
	a->reason = arena_copy(&a->arena, json_str(json_object_get(body, "reason")));
	a->priority_min = (uint32_t)json_integer_value(json_object_get(body, "priority_min"));
	a->extend = json_is_true(json_object_get(body, "extend"));
	a->object = arena_copy(&a->arena, json_str(json_object_get(body, "agent")));
	target_of(a, body);
	if (a->verb == VERB_WRAP)
		e = marks_take(me, j, body, &a->arena, &a->marks);
	if (monitor_mode_from(json_str(json_object_get(body, "mode")), &a->mode) != ERR_OK)
		a->mode = MONITOR_none;
	a->text = arena_copy(&a->arena, j->req->body);
	json_decref(body);
	if (e == ERR_OK && !names_his(j, a))
		e = ERR_NOT_FOUND;
	if (e != ERR_OK) {
		ask_free(a);
		return e;
	}
	e = clerk_wait(me, j, &a);
	ask_free(a);
	if (e == ERR_NOT_FOUND) /* it does not live: did it ever, for this tenant? */
		return verb_too_late(me, j, contact);
	if (e == ERR_UNSUPPORTED && !j->detail[0]) {
		struct buf b = buf_make(j->detail, sizeof j->detail - 1);
		buf_c(&b, "the verb `");
		buf_put(&b, verb_word(j->match.verb));
		buf_c(&b, "` is not built yet");
		j->detail[b.n] = '\0';
	}
	return e == ERR_OK ? answer_with(me, j, query_contact, contact, 200) : e;
}

/* A test calls nobody, every other call somebody. */
static enum err call_answer_invalid(struct job *j, bool test)
{
	return answer_invalid(j, "$.to",
			      test ? "a test call calls nobody: leave it out" : "is required");
}

/* Whoever asks calls, unless he names somebody. */
enum err run_calls(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const bool test = json_is_true(json_object_get(body, "test"));
	if (test == (json_object_get(body, "to") != NULL)) {
		json_decref(body);
		return call_answer_invalid(j, test);
	}
	struct ask *a = clerk_ask(me, j, ASK_CALL);
	const struct str agent = json_str(json_object_get(body, "agent"));
	const struct str queue = json_str(json_object_get(body, "queue"));
	const bool nobody = j->caller.token && !agent.n;
	if (nobody || (agent.n && !reach_agent(j->within, agent)) ||
	    (queue.n && !reach_queue(j->within, queue))) {
		json_decref(body);
		ask_free(a);
		if (!nobody)
			return ERR_NOT_FOUND;
		str_copy(STR("an API token is no person: name the agent who calls"), j->detail,
			 sizeof j->detail);
		return ERR_CONFLICT;
	}
	a->object = arena_copy(&a->arena, agent.n ? agent : str_of(j->caller.user));
	a->text = arena_copy(&a->arena, json_str(json_object_get(body, "to")));
	a->from = arena_copy(&a->arena, json_str(json_object_get(body, "from")));
	a->queue = arena_copy(&a->arena, json_str(json_object_get(body, "queue")));
	a->outcome = arena_copy(&a->arena, json_str(json_object_get(body, "customer")));
	a->on = json_is_true(json_object_get(body, "private"));
	a->test = test;
	a->key = arena_copy(&a->arena, json_str(json_object_get(body, "lang")));
	json_decref(body);
	enum err e = clerk_wait(me, j, &a);
	const struct uuid contact = a->contact;
	ask_free(a);
	return e == ERR_OK ? answer_with(me, j, query_contact, contact, 201) : e;
}

/* A path from the database, below the recordings' root and nowhere else; with another ending when
 * one is given. */
static enum err open_recording(struct job *j, const struct recording_row *row, const char *ending,
			       int *fd, int64_t *size)
{
	struct str path = str_of(row->path), rest = path;
	char full[4096];
	struct buf b = buf_make(full, sizeof full - 1);
	struct stat st;

	if (!path.n || path.p[0] == '/' || str_find_str(path, STR("..")) >= 0)
		return ERR_NOT_FOUND;
	if (ending) {
		while (rest.n && rest.p[rest.n - 1] != '.')
			rest.n--;
		path = rest;
	}
	buf_c(&b, j->web->recordings);
	buf_ch(&b, '/');
	buf_put(&b, path);
	buf_c(&b, ending ? ending : "");
	if (b.full)
		return ERR_NOT_FOUND;
	full[b.n] = '\0';
	*fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (*fd < 0)
		return ERR_NOT_FOUND;
	if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(*fd);
		return ERR_NOT_FOUND;
	}
	*size = st.st_size;
	return ERR_OK;
}

static enum err answer_audio(struct job *j, const struct recording_row *row)
{
	const bool opus = str_ends(str_of(row->path), STR(".opus"));
	int fd;
	int64_t size;
	const enum err e = open_recording(j, row, NULL, &fd, &size);
	return e == ERR_OK ? answer_file(j, fd, size, opus ? "audio/ogg" : "audio/wav", row->sha256)
			   : e;
}

/* audiowaveform's JSON: the 24 bytes of the file's head as words, then its points as numbers. */
static enum err answer_peaks_json(struct job *j, int fd, int64_t size)
{
	uint8_t head[24];
	signed char piece[4096];
	struct jsonw w;
	if (size < (int64_t)sizeof head || read(fd, head, sizeof head) != sizeof head)
		return ERR_NOT_FOUND;
	static const char *const keys[] = {"version",		NULL,	  "sample_rate",
					   "samples_per_pixel", "length", "channels"};
	w = answer_begin(j);
	jsonw_open(&w, '{');
	for (size_t i = 0; i < COUNT_OF(keys); i++) {
		const uint8_t *p = head + 4 * i;
		if (keys[i])
			jsonw_ki64(&w, keys[i],
				   p[0] | p[1] << 8 | p[2] << 16 | (int64_t)p[3] << 24);
	}
	jsonw_ki64(&w, "bits", 8);
	jsonw_key(&w, "data");
	jsonw_open(&w, '[');
	for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;)
		for (ssize_t i = 0; i < n; i++)
			jsonw_i64(&w, piece[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

static enum err answer_peaks(struct job *j, const struct recording_row *row, bool json)
{
	int fd;
	int64_t size;
	enum err e = open_recording(j, row, "peaks", &fd, &size);
	if (e != ERR_OK)
		return e;
	if (!json)
		return answer_file(j, fd, size, "application/octet-stream", "");
	e = answer_peaks_json(j, fd, size);
	close(fd);
	return e;
}

/* What is asked for of a recording, by the ending behind its id. */
enum recording_part { PART_SOUND, PART_METADATA, PART_PEAKS, PART_PEAKS_JSON };

static enum recording_part cut_ending(struct str *id)
{
	static const struct {
		const char *ending;
		enum recording_part part;
	} rows[] = {
		{".peaks.json", PART_PEAKS_JSON}, {".peaks", PART_PEAKS}, {".json", PART_METADATA}};
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		if (!str_ends(*id, str_of(rows[i].ending)))
			continue;
		*id = str_head(*id, id->n - strlen(rows[i].ending));
		return rows[i].part;
	}
	return PART_SOUND;
}

enum err run_recording(struct clerk *me, struct job *j)
{
	struct recording_row row = {0};
	struct str id = j->match.id;
	const enum recording_part part = cut_ending(&id);
	struct buf json = buf_grow(512);

	enum err e = query_recording(me->reader, j->match.tenant, id, &row, &json);
	if (e == ERR_OK && (j->own_only || j->within))
		e = may_see(me, j, row.contact);
	if (e == ERR_OK && (part == PART_SOUND || part == PART_METADATA))
		e = customers_viewed(me, j, "recording", STR_NONE, id, 1);
	if (e == ERR_OK && part == PART_METADATA) {
		buf_free(&j->answer.body);
		j->answer.body = json;
		answer_json(j, 200);
		return ERR_OK;
	}
	buf_free(&json);
	if (e == ERR_OK && !row.finished) {
		str_copy(STR("the recording is not finished yet"), j->detail, sizeof j->detail);
		e = ERR_CONFLICT;
	}
	if (e == ERR_OK && row.deleted_at_ms) {
		str_copy(STR("its sound was deleted: the rule for keeping recordings says so"),
			 j->detail, sizeof j->detail);
		e = ERR_NOT_FOUND;
	}
	if (e != ERR_OK)
		return e;
	return part == PART_SOUND ? answer_audio(j, &row)
				  : answer_peaks(j, &row, part == PART_PEAKS_JSON);
}
