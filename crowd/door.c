/*
 * door.c - what the crowd is told to do while it runs: lines on a socket of the file system; and a
 * look at the agent somebody rings for, so that the caller begins to speak when he is heard.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "crowd/http.h"

enum { LINE_MAX_BYTES = 512, LOOK_MS = 300, GUESTS = 8, SPEED_MAX = 10 };

struct guest {
	struct door *door;
	int fd; /* -1: nobody */
	char line[LINE_MAX_BYTES];
	size_t n;
};
struct door {
	struct crowd *crowd;
	int fd;
	struct guest guests[GUESTS];
	/* who watches */
	struct http *http;
	struct timer look;
	char token[512];
	bool signing_in;
};

/* -- words -- */

static void ring(struct door *d, struct str rest, struct buf *out)
{
	struct str agent, lang;
	if (!str_cut(rest, ' ', &agent, &lang)) {
		buf_c(out, "no for whom, and in which language?\n");
		return;
	}
	const enum err e = caller_rings_for(d->crowd, agent, lang);
	if (e == ERR_OK) {
		door_watch(d);
		buf_c(out, "ok\n");
	} else {
		buf_fmt(out, "no %s\n",
			e == ERR_NOT_FOUND ? "nobody of ours speaks that language" : err_text(e));
	}
}

static void put_state(struct door *d, struct buf *out)
{
	const struct crowd *c = d->crowd;
	const int64_t left_ms = c->storm_until_ms - c->now_ms;
	buf_fmt(out, "ok speed=%u storm_ms=%lld calls=%u\n", c->speed,
		(long long)(left_ms > 0 ? left_ms : 0), c->now_calling);
}

static void obey(struct door *d, struct str line, struct buf *out)
{
	struct crowd *c = d->crowd;
	struct str word, rest;
	uint32_t n;
	str_cut(line, ' ', &word, &rest);
	if (str_is(word, "ring")) {
		ring(d, rest, out);
	} else if (str_is(word, "storm") && (str_is(rest, "on") || str_is(rest, "off"))) {
		c->storm_until_ms = str_is(rest, "on") ? c->now_ms + CROWD_STORM_MS : 0;
		crowd_pace(c);
		put_state(d, out);
	} else if (str_is(word, "speed") && !str_to_u32(rest, SPEED_MAX, &n) && n) {
		c->speed = n;
		crowd_pace(c);
		put_state(d, out);
	} else if (str_is(word, "state")) {
		put_state(d, out);
	} else if (c->o->asked) {
		c->o->asked(c->o->arg, line, out);
	} else {
		buf_c(out, "no such word\n");
	}
}

/* -- guests -- */

static void bid_farewell(struct guest *g)
{
	if (g->fd < 0)
		return;
	loop_remove(g->door->crowd->loop, g->fd);
	close(g->fd);
	g->fd = -1;
}

static void guest_ready(void *arg, uint32_t events)
{
	struct guest *g = arg;
	(void)events;
	const ssize_t n = read(g->fd, g->line + g->n, sizeof g->line - g->n);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	g->n += n > 0 ? (size_t)n : 0;
	const char *end = memchr(g->line, '\n', g->n);
	if (end) {
		char room[LINE_MAX_BYTES];
		struct buf out = buf_make(room, sizeof room);
		obey(g->door, str_make(g->line, (size_t)(end - g->line)), &out);
		(void)!send(g->fd, out.p, out.n, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	if (end || n <= 0 || g->n == sizeof g->line)
		bid_farewell(g);
}

static void knock(void *arg, uint32_t events)
{
	struct door *d = arg;
	(void)events;
	const int fd = accept4(d->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	for (size_t i = 0; i < GUESTS; i++) {
		struct guest *g = &d->guests[i];
		if (g->fd >= 0)
			continue;
		*g = (struct guest){.door = d, .fd = fd};
		loop_add(d->crowd->loop, fd, EPOLLIN, "crowd door", guest_ready, g);
		return;
	}
	close(fd);
}

/* -- who watches -- */

static struct talker *awaited(struct door *d)
{
	if (!d->crowd->carrier)
		return NULL;
	list_for_each (link, &d->crowd->carrier->talkers) {
		struct talker *t = CONTAINER_OF(link, struct talker, link);
		if (t->rings_for[0] && (t->state == TALKER_CALLING || t->state == TALKER_LISTENING))
			return t;
	}
	return NULL;
}

static void look(struct timer *timer, int64_t now_ms)
{
	struct door *d = timer->arg;
	const struct crowd_options *o = d->crowd->o;
	const struct talker *t = awaited(d);
	char path[256], body[512];
	struct buf p = buf_make(path, sizeof path), b = buf_make(body, sizeof body);
	(void)now_ms;
	if (!t || !d->http)
		return;
	d->signing_in = !d->token[0];
	enum err e;
	if (d->signing_in) {
		buf_fmt(&b, "{\"tenant\":\"%s\",\"user\":\"%s\",\"password\":\"%s\"}", o->tenant,
			o->watcher.user, o->watcher.password);
		e = http_ask(d->http, "POST", STR("/api/v1/login"), STR_NONE, buf_str(&b));
	} else {
		buf_fmt(&p, "/api/v1/tenants/%s/agents/%s", o->tenant, t->rings_for);
		e = http_ask(d->http, "GET", buf_str(&p), str_of(d->token), STR_NONE);
	}
	(void)e; /* ERR_CONFLICT: the look before is still under way, and looks again */
}

static void looked(void *arg, uint32_t status, struct str text)
{
	struct door *d = arg;
	struct talker *t = awaited(d);
	json_t *body = json_loadb(text.p, text.n, 0, NULL);
	if (d->signing_in) {
		const char *token = json_string_value(json_object_get(body, "token"));
		if (token && !str_copy(str_of(token), d->token, sizeof d->token))
			d->token[0] = 0;
	} else if (status == 401) {
		d->token[0] = 0;
	} else if (t) {
		const char *work = json_string_value(json_object_get(body, "work"));
		if (work && str_is(str_of(work), "talking"))
			caller_is_heard(t);
	}
	json_decref(body);
	door_watch(d);
}

void door_watch(struct door *d)
{
	if (awaited(d))
		timer_start(&d->crowd->timers, &d->look, d->crowd->now_ms + LOOK_MS, look, d);
}

/* -- the door itself -- */

static int listen_on(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	if (!str_copy(str_of(path), at.sun_path, sizeof at.sun_path))
		return -1;
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unlink(path);
	const mode_t before = umask(0177);
	const bool good =
		fd >= 0 && !bind(fd, (struct sockaddr *)&at, sizeof at) && !listen(fd, 16);
	umask(before);
	if (!good && fd >= 0)
		close(fd);
	return good ? fd : -1;
}

struct door *door_create(struct crowd *c)
{
	struct sip_address server;
	struct door *d = xcalloc(1, sizeof *d);
	d->crowd = c;
	for (size_t i = 0; i < GUESTS; i++)
		d->guests[i].fd = -1;
	d->fd = listen_on(c->o->control);
	if (d->fd < 0) {
		free(d);
		return NULL;
	}
	loop_add(c->loop, d->fd, EPOLLIN, "crowd door", knock, d);
	if (c->o->http && c->o->watcher.user && !crowd_address(c->o->http, &server))
		d->http = http_client_create(c, &server, looked, d);
	return d;
}

void door_destroy(struct door *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < GUESTS; i++)
		bid_farewell(&d->guests[i]);
	timer_stop(&d->crowd->timers, &d->look);
	http_client_destroy(d->http);
	loop_remove(d->crowd->loop, d->fd);
	close(d->fd);
	unlink(d->crowd->o->control);
	free(d);
}
