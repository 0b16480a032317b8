/*
 * setup.c - the first minutes of an installation: its first administrator, and what a text sounds
 * like.
 *
 * While nobody was ever declared, whoever sits at this machine may name the administrator; from
 * elsewhere only who has read DIR/setup.token. There is no default password (faults.md S33).
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"
#include "web/handlers.h"
#include "web/web_inside.h"

#define ADMIN "admin"
#define SPOKEN_WITHIN_MS 15000
#define LOOK_EVERY_MS 40

/* Written where only the owner of DIR reads it; the log says that it is there, not what it says. */
void setup_begin(struct web *w)
{
	unsigned char dice[16];
	char path[4096];
	if (!w->o.setup_token.n || !str_copy(w->o.setup_token, path, sizeof path))
		return;
	(void)unlink(path);
	if (!registry_is_fresh(w->o.registry))
		return;
	os_random(dice, sizeof dice);
	struct buf b = buf_make(w->setup_token, sizeof w->setup_token - 1);
	buf_hex(&b, dice, sizeof dice);
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	const bool ok = fd >= 0 && write(fd, w->setup_token, b.n) == (ssize_t)b.n &&
			write(fd, "\n", 1) == 1;
	if (fd >= 0)
		close(fd);
	w->setup_file = str_dup(w->o.setup_token);
	log_line(LOG_WARN, "event=first_run page=/start token_file=%s%s", path,
		 ok ? "" : " (could not be written)");
}

/* A page whose name was made to lead here (DNS rebinding) has another Host: localhost.evil.example
 * is none of ours. */
static bool names_this_machine(struct str host)
{
	struct str name, port;
	if (str_is(host, "[::1]") || str_starts(host, STR("[::1]:")))
		return true;
	str_cut(host, ':', &name, &port);
	if (!str_starts(name, STR("127.")))
		return str_ieq(name, STR("localhost"));
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] != '.' && (name.p[i] < '0' || name.p[i] > '9'))
			return false;
	return true;
}

static bool at_this_machine(const struct http_request *r)
{
	const bool named = names_this_machine(h1_header(&r->head, "host"));
	const bool passed_on = h1_header(&r->head, "forwarded").n ||
			       h1_header(&r->head, "x-forwarded-for").n ||
			       h1_header(&r->head, "via").n;
	return r->loopback && named && !passed_on;
}

static bool is_needed(struct clerk *me)
{
	const bool fresh = registry_is_fresh(clerk_registry(me));
	clerk_registry_done(me);
	return fresh && me->web->setup_token[0];
}

enum err run_setup(struct clerk *me, struct job *j)
{
	const bool needed = is_needed(me);
	struct jsonw w = answer_begin(j);
	jsonw_open(&w, '{');
	jsonw_kbool(&w, "needed", needed);
	if (needed)
		jsonw_kbool(&w, "token_needed", !at_this_machine(j->req));
	jsonw_close(&w, '}');
	answer_json(j, 200);
	return ERR_OK;
}

static bool knows_token(const struct job *j, struct str said)
{
	const struct str token = str_of(j->web->setup_token);
	return said.n == token.n && sodium_memcmp(said.p, token.p, token.n) == 0;
}

/* Tenant `system` gets its administrator, as a site file would declare him. */
static enum err declare(struct clerk *me, struct job *j, const json_t *body)
{
	struct registry_result res = {0};
	json_t *doc = json_pack("{s:[s],s:s,s:s}", "roles", "admin", "name", "Administrator",
				"password", json_string_value(json_object_get(body, "password")));
	const struct str name = json_str(json_object_get(body, "name"));
	if (name.n)
		json_object_set(doc, "name", json_object_get(body, "name"));
	char *text = json_dumps(doc, JSON_COMPACT);
	json_decref(doc);
	CHECK(text);
	struct registry *g = clerk_registry(me);
	enum err e = registry_is_fresh(g) ? registry_prepare_put(g, KIND_user, STR("system"),
								 STR(ADMIN), str_of(text), &res)
					  : ERR_CONFLICT;
	clerk_registry_done(me);
	sodium_memzero(text, strlen(text));
	free(text);
	e = object_change_finish(me, j, e, &res);
	registry_result_finish(&res);
	return e;
}

enum err run_setup_done(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	const struct str password = json_str(json_object_get(body, "password"));
	enum err e = ERR_OK;
	if (!is_needed(me)) {
		str_copy(STR("this installation has its people already: sign in"), j->detail,
			 sizeof j->detail);
		e = ERR_CONFLICT;
	} else if (!at_this_machine(j->req) &&
		   !knows_token(j, json_str(json_object_get(body, "token")))) {
		str_copy(
			STR("from another machine the words in setup.token are needed: they lie in "
			    "the folder of the data"),
			j->detail, sizeof j->detail);
		e = ERR_FORBIDDEN;
	} else {
		e = password_good(j, "$.password", STR(ADMIN), password);
	}
	if (e == ERR_OK) {
		str_copy(STR("system"), j->caller.tenant, sizeof j->caller.tenant);
		str_copy(STR(ADMIN), j->caller.user, sizeof j->caller.user);
		e = declare(me, j, body);
	}
	json_decref(body);
	if (e != ERR_OK)
		return e;
	(void)unlink(me->web->setup_file);
	struct str name;
	e = registry_user(clerk_registry(me), STR("system"), STR(ADMIN), &j->caller.roles, &name);
	if (e == ERR_OK)
		str_copy(str_head(name, sizeof j->caller.name - 1), j->caller.name,
			 sizeof j->caller.name);
	clerk_registry_done(me);
	return e == ERR_OK ? sign_in(me, j) : e;
}

/* -- what callers will hear -- */

static int opened(const char *path, int64_t *size)
{
	struct stat st;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !st.st_size)) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		*size = st.st_size;
	return fd;
}

enum err run_speech(struct clerk *me, struct job *j)
{
	json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
	struct ask *a = clerk_ask(me, j, ASK_SPEAK);
	char path[4096], key[80];
	a->key = arena_copy(&a->arena, json_str(json_object_get(body, "lang")));
	a->text = arena_copy(&a->arena, json_str(json_object_get(body, "text")));
	json_decref(body);
	enum err e = clerk_wait(me, j, &a);
	if (e == ERR_OK)
		snprintf(path, sizeof path, "%s/" STR_FMT ".wav", me->web->speech, STR_ARG(a->out));
	ask_free(a);
	int64_t size = 0;
	int fd = -1;
	const int64_t until = clock_mono_ms() + SPOKEN_WITHIN_MS;
	while (e == ERR_OK && (fd = opened(path, &size)) < 0 && clock_mono_ms() < until)
		usleep(LOOK_EVERY_MS * 1000);
	if (e == ERR_OK && fd < 0) {
		str_copy(STR("the text could not be spoken: is espeak-ng installed?"), j->detail,
			 sizeof j->detail);
		return ERR_UNSUPPORTED;
	}
	return e == ERR_OK ? answer_file(j, fd, size, "audio/wav", key) : e;
}
