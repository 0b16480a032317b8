/*
 * demo.c - what only the living demo has: links that sign in, callers on demand. The door hands the
 * words on to the process that plays the people (crowd/door.c, app/demo_links.c), over the socket
 * that the setting demo.socket names; without it these addresses do not exist. Decision 0054.
 */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "objects/schema.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define WORDS_MAX 512
#define WAIT_S 3
#define KNOCKS 15

/* The people come a moment after the server: a link may be faster. */
static bool knock(int fd, const struct sockaddr_un *at)
{
	for (int i = 0; i < KNOCKS; i++) {
		if (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0)
			return true;
		(void)poll(NULL, 0, WAIT_S * 1000 / KNOCKS);
	}
	return false;
}

/* One line there, one line back: "ok REST" or "no WHY". ERR_CONFLICT: no; ERR_IO: nobody answers.
 * rest is a view of room. */
static enum err tell(const struct web *w, struct str line, char room[WORDS_MAX], struct str *rest)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const struct timeval wait = {.tv_sec = WAIT_S};
	struct str word;
	size_t got = 0;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ERR_IO;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
	if (str_copy(str_of(w->demo), at.sun_path, sizeof at.sun_path) && knock(fd, &at) &&
	    send(fd, line.p, line.n, MSG_NOSIGNAL) == (ssize_t)line.n)
		for (ssize_t n; got < WORDS_MAX && (n = read(fd, room + got, WORDS_MAX - got)) > 0;)
			got += (size_t)n;
	close(fd);
	str_cut(str_trim(str_make(room, got)), ' ', &word, rest);
	return str_is(word, "ok") ? ERR_OK : str_is(word, "no") ? ERR_CONFLICT : ERR_IO;
}

static enum err cannot(struct job *j, enum err e, struct str why)
{
	if (e == ERR_IO)
		why = STR("the invented people do not answer");
	str_copy(str_head(why, sizeof j->detail - 1), j->detail, sizeof j->detail);
	return e == ERR_IO ? ERR_CONFLICT : e;
}

/* A word that fits into a line: letters, digits, - and _. */
static bool is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '-' || s.p[i] == '_'))
			return false;
	return s.n > 0 && s.n < 64;
}

/* -- links -- */

/* j->caller becomes who the link is for. */
static enum err become(struct clerk *me, struct job *j, struct str tenant, struct str user)
{
	struct caller *c = &j->caller;
	struct str name;
	const enum err e = registry_user(clerk_registry(me), tenant, user, &c->roles, &name);
	if (e == ERR_OK) {
		str_copy(tenant, c->tenant, sizeof c->tenant);
		str_copy(user, c->user, sizeof c->user);
		str_copy(str_head(name, sizeof c->name - 1), c->name, sizeof c->name);
	}
	clerk_registry_done(me);
	return e;
}

enum err run_demo_enter(struct clerk *me, struct job *j)
{
	char line[WORDS_MAX], room[WORDS_MAX];
	struct buf b = buf_make(line, sizeof line);
	struct str rest, tenant, user;
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const struct str key = json_str(json_object_get(body, "key")),
			 door = json_str(json_object_get(body, "door"));
	const bool good = is_word(key) && (!door.n || is_word(door));
	buf_fmt(&b, "enter " STR_FMT " " STR_FMT "\n", STR_ARG(key), STR_ARG(door));
	json_decref(body);
	if (!good)
		return answer_invalid(j, "$.key", "must be the key of a link of this demo");
	enum err e = tell(j->web, buf_str(&b), room, &rest);
	if (e != ERR_OK)
		return cannot(j, e == ERR_CONFLICT ? ERR_UNAUTHORIZED : e, rest);
	str_cut(rest, ' ', &tenant, &user);
	e = become(me, j, tenant, user);
	return e == ERR_OK ? sign_in(me, j) : e;
}

/* -- callers -- */

/* Why he cannot be rung for; a word for pages, a sentence for people. NULL: he can. */
static const char *unready(const struct ask_agent *a, const char **sentence)
{
	if (!a->phone_ready) {
		*sentence = "the telephone of this agent is not there: sign in at the desk first";
		return "no_phone";
	}
	if (a->presence != PRESENCE_ready) {
		*sentence = "this agent is not ready: get ready first";
		return "not_ready";
	}
	if (a->work != WORK_idle) {
		*sentence = "this agent is busy: end this contact and its wrap-up first";
		return "busy";
	}
	return NULL;
}

static enum err refuse(struct job *j, const char *why, const char *sentence)
{
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kstr(&w, "type", STR("about:blank"));
	jsonw_kstr(&w, "title", str_of(problem_title(409)));
	jsonw_ki64(&w, "status", 409);
	jsonw_kstr(&w, "detail", str_of(sentence));
	jsonw_kstr(&w, "why", str_of(why));
	jsonw_close(&w, '}');
	j->answer.status = 409;
	j->answer.type = "application/problem+json";
	return ERR_OK;
}

/* *done: refused already. */
static enum err look_at_agent(struct clerk *me, struct job *j, struct str agent, bool *done)
{
	struct ask *a = clerk_ask(me, j, ASK_AGENTS);
	const char *why = "unknown", *sentence = "nobody with this name takes calls";
	a->tenant = arena_copy(&a->arena, str_of(j->caller.tenant));
	a->object = arena_copy(&a->arena, agent);
	const enum err e = clerk_wait(me, j, &a);
	for (uint32_t i = 0; e == ERR_OK && i < a->agent_count; i++)
		if (str_eq(a->agents[i].id, agent))
			why = unready(&a->agents[i], &sentence);
	ask_free(a);
	*done = e == ERR_OK && why;
	return *done ? refuse(j, why, sentence) : e;
}

/* An agent has a line of his own to ring at: a number called as he is. */
static bool has_line(struct clerk *me, const struct job *j, struct str agent)
{
	struct buf doc = buf_grow(256);
	const enum err e = registry_get(clerk_registry(me), KIND_number, str_of(j->caller.tenant),
					agent, &doc);
	clerk_registry_done(me);
	buf_free(&doc);
	return e == ERR_OK;
}

static enum err answer_ok(struct job *j, struct str state)
{
	struct jsonw w = answer_begin(j);
	struct str pair, key, value;
	jsonw_open(&w, '{');
	while (state.n) { /* "speed=1 storm_ms=0" */
		str_cut(state, ' ', &pair, &state);
		uint32_t n;
		if (str_cut(pair, '=', &key, &value) && !str_to_u32(value, UINT32_MAX, &n)) {
			char name[32];
			if (str_copy(key, name, sizeof name))
				jsonw_ki64(&w, name, n);
		}
	}
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

static enum err do_words(struct job *j, struct str line)
{
	char room[WORDS_MAX];
	struct str rest;
	const enum err e = tell(j->web, line, room, &rest);
	return e == ERR_OK ? answer_ok(j, rest) : cannot(j, e, rest);
}

enum err run_demo_ring(struct clerk *me, struct job *j)
{
	char line[WORDS_MAX], agent_room[64];
	struct buf b = buf_make(line, sizeof line);
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	struct str agent = json_str(json_object_get(body, "agent")),
		   lang = json_str(json_object_get(body, "lang"));
	const bool good = (!agent.n || is_word(agent)) && (!lang.n || is_word(lang));
	if (!agent.n || !good)
		agent = str_of(j->caller.user);
	str_copy(agent, agent_room, sizeof agent_room);
	agent = str_of(agent_room);
	buf_fmt(&b, "ring " STR_FMT " " STR_FMT "\n", STR_ARG(agent),
		STR_ARG(lang.n ? lang : STR("pl")));
	json_decref(body);
	if (!good)
		return answer_invalid(j, "$", "agent and lang must be words");
	if (!str_eq(agent, str_of(j->caller.user)) && !caller_supervises(&j->caller))
		return ERR_FORBIDDEN;
	bool done;
	const enum err e = look_at_agent(me, j, agent, &done);
	if (e != ERR_OK || done)
		return e;
	if (!has_line(me, j, agent))
		return refuse(j, "no_line", "no number of the demo leads to this agent");
	return do_words(j, buf_str(&b));
}

enum err run_demo_storm(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const json_t *on = json_object_get(body, "on");
	const bool good = json_is_boolean(on), yes = json_is_true(on);
	(void)me;
	json_decref(body);
	if (!good)
		return answer_invalid(j, "$.on", "must be true or false");
	return do_words(j, yes ? STR("storm on\n") : STR("storm off\n"));
}

enum err run_demo_speed(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const json_int_t factor = json_integer_value(json_object_get(body, "factor"));
	char line[64];
	struct buf b = buf_make(line, sizeof line);
	(void)me;
	json_decref(body);
	if (factor < 1 || factor > 10)
		return answer_invalid(j, "$.factor", "must be 1 to 10");
	buf_fmt(&b, "speed %d\n", (int)factor);
	return do_words(j, buf_str(&b));
}

enum err run_demo_state(struct clerk *me, struct job *j)
{
	(void)me;
	return do_words(j, STR("state\n"));
}
