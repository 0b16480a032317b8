/*
 * door_test.h - for tests: the real door with a real registry and store, and a main thread that
 * keeps facts and answers simply: agents have the presence they were given, verbs other than wrap
 * are not built, contacts are those of a story.
 */
#pragma once

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/batch.h"
#include "os/clock.h"
#include "report/story_test.h"
#include "store/ring.h"
#include "web/web.h"

#define ARRIVED_AT 1795300000000ll

struct door {
	char dir[64];
	struct ring *ring;
	struct store *store;
	struct registry *registry;
	_Atomic(struct web *) web; /* the store thread looks */
	pthread_t main;
	struct mailbox *box;
	pthread_mutex_t say_lock; /* the test and the main thread both tell */
	struct story story;
	enum presence anna;
	uint16_t port;
	_Atomic uint32_t presence_asks, changes;
	atomic_bool mute, stop; /* mute: the main thread says nothing */
	struct web_options options;
};

static inline void door_durable(void *arg, uint64_t seq)
{
	struct door *d = arg;
	web_durable(atomic_load(&d->web), seq);
}

static inline void door_trouble(void *arg, bool failed, struct str detail)
{
	(void)arg, (void)failed, (void)detail;
}

static inline void door_told(void *arg, const struct fact *f)
{
	struct door *d = arg;
	struct buf fact = buf_grow(256), batch = buf_grow(256);
	fact_encode(&fact, f);
	batch_put_fact(&batch, buf_str(&fact));
	CHECK(ring_append(d->ring, buf_str(&batch), f->seq, NULL) == ERR_OK);
	store_wake(d->store);
	buf_free(&fact);
	buf_free(&batch);
}

static inline uint64_t door_say(struct door *d, struct str tenant, const struct fact *f)
{
	pthread_mutex_lock(&d->say_lock);
	const struct str before = d->story.tenant;
	d->story.tenant = tenant;
	d->story.at_ms = clock_utc_ms();
	story_fact(&d->story, f);
	d->story.tenant = before;
	const uint64_t seq = d->story.seq;
	pthread_mutex_unlock(&d->say_lock);
	return seq;
}

#define DOOR_SAY(d, tenant, name_, ...)                                                            \
	door_say((d), (tenant), &(struct fact){.kind = EV_##name_, .name_ = {__VA_ARGS__}})

/* -- the main thread -- */

static inline void door_agents(struct door *d, struct ask *a)
{
	if (a->object.n && !str_is(a->object, "anna") && !str_is(a->object, "boris")) {
		a->err = ERR_NOT_FOUND;
		return;
	}
	a->agents = arena_alloc(&a->arena, 2 * sizeof *a->agents);
	a->agent_count = 2;
	a->agents[0] = (struct ask_agent){.id = STR("boris"),
					  .name = STR("Boris"),
					  .presence = PRESENCE_not_ready,
					  .reason = STR("break")};
	a->agents[1] = (struct ask_agent){.id = STR("anna"),
					  .name = STR("Anna Nowak"),
					  .presence = d->anna,
					  .since_at_ms = ARRIVED_AT,
					  .phone = PHONE_sip,
					  .phone_ready = true};
	a->agents[1].contacts = arena_alloc(&a->arena, sizeof *a->agents[1].contacts);
	a->agents[1].contacts[0] = story_uuid(9);
	a->agents[1].contact_count = 1;
}

static inline void door_change(struct door *d, struct ask *a)
{
	for (uint32_t i = 0; i < a->change_count; i++) {
		struct ask_change *c = &a->changes[i];
		config_free(c->config);
		a->seq = DOOR_SAY(d, c->tenant, object_changed, .tenant = c->tenant,
				  .kind = c->kind, .object = c->object, .version = c->version,
				  .op = str_of(c->op), .by = a->actor, .doc = c->doc);
		atomic_fetch_add(&d->changes, 1);
	}
}

static inline void door_presence(struct door *d, struct ask *a)
{
	atomic_fetch_add(&d->presence_asks, 1);
	if (str_is(a->object, "boris") && a->presence == PRESENCE_ready) {
		a->err = ERR_CONFLICT;
		a->detail = STR("his phone is not ready");
		return;
	}
	a->seq = DOOR_SAY(d, a->tenant, agent_presence, .agent = a->object, .from = d->anna,
			  .to = a->presence, .by = a->actor);
	d->anna = a->presence;
}

static inline void door_answer(struct door *d, struct ask *a)
{
	a->err = ERR_OK;
	switch (a->kind) {
	case ASK_AGENTS:
		door_agents(d, a);
		break;
	case ASK_QUEUE_LIVE:
		a->live = (struct ask_queue_live){.longest_wait_ms = -1, .ewt_ms = -1, .ready = 1};
		if (!str_is(a->object, "support"))
			a->err = ERR_NOT_FOUND;
		break;
	case ASK_WHY:
		a->err = ERR_CONFLICT; /* nobody waits */
		break;
	case ASK_PRESENCE:
		door_presence(d, a);
		break;
	case ASK_VERB:
		if (a->verb != VERB_WRAP)
			a->err = ERR_UNSUPPORTED;
		break;
	case ASK_CHANGE:
		door_change(d, a);
		break;
	case ASK_LOGIN:
		a->seq = DOOR_SAY(d, a->tenant, login, .tenant = a->tenant, .user = a->actor,
				  .from = a->from, .expires_at = a->expires_at_ms,
				  .token = a->token_hash);
		break;
	case ASK_LOGOUT:
		a->seq = DOOR_SAY(d, a->tenant, logout, .tenant = a->tenant, .user = a->actor,
				  .token = a->token_hash);
		break;
	case ASK_DONE:
		a->seq = DOOR_SAY(d, a->tenant, request_done, .tenant = a->tenant, .user = a->actor,
				  .key = a->key, .status = a->status, .body = a->text);
		break;
	case ASK_SAY: /* of a view; its fields are the hall's matter */
		a->seq = DOOR_SAY(d, a->tenant, viewed, .tenant = a->tenant, .by = a->actor);
		break;
	case ASK_DUMP:
		a->out = STR("queue support waiting 0\n");
		a->err = str_is(a->text, "queues") ? ERR_OK : ERR_NOT_FOUND;
		break;
	case ASK_METRICS:
		a->out = STR("contacts 3\ncc_facts_total 4\n");
		break;
	default:
		a->err = ERR_UNSUPPORTED;
	}
}

struct door_letter {
	struct letter letter;
	struct ask *ask;
};

static inline void door_open_letter(struct letter *l, void *reader)
{
	struct door *d = reader;
	struct ask *a = CONTAINER_OF(l, struct door_letter, letter)->ask;
	door_answer(d, a);
	if (a->reply)
		mailbox_post(a->reply, &a->letter);
	else
		ask_free(a);
}

static inline void *door_main(void *arg)
{
	struct door *d = arg;
	struct pollfd p = {.fd = mailbox_fd(d->box), .events = POLLIN};
	while (!atomic_load(&d->stop)) {
		poll(&p, 1, 20);
		if (!atomic_load(&d->mute))
			mailbox_drain(d->box, d);
	}
	return NULL;
}

static inline void door_ask(void *arg, struct ask *a)
{
	struct door *d = arg;
	struct door_letter *l = arena_alloc(&a->arena, sizeof *l);
	l->letter.open = door_open_letter;
	l->ask = a;
	mailbox_post(d->box, &l->letter);
}

/* -- opening and closing -- */

static inline int door_listen(struct door *d, bool local)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	socklen_t n = sizeof v4;
	const int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0);
	if (local) {
		snprintf(un.sun_path, sizeof un.sun_path, "%s/ctl.sock", d->dir);
		CHECK(bind(fd, (struct sockaddr *)&un, sizeof un) == 0);
	} else {
		CHECK(bind(fd, (struct sockaddr *)&v4, sizeof v4) == 0);
		CHECK(getsockname(fd, (struct sockaddr *)&v4, &n) == 0);
		d->port = ntohs(v4.sin_port);
	}
	CHECK(listen(fd, 512) == 0);
	return fd;
}

/* What is declared before the door opens: straight into registry and store. */
static inline void door_declare(struct door *d, const char *site)
{
	struct registry_result res = {0};
	const enum err e = registry_prepare_site(d->registry, str_of(site), &res);
	if (res.errors.n)
		test_say(buf_str(&res.errors));
	CHECK(e == ERR_OK);
	for (uint32_t i = 0; i < res.change_count; i++) {
		const struct registry_change *c = &res.changes[i];
		DOOR_SAY(d, c->tenant, object_changed, .tenant = c->tenant, .kind = c->kind,
			 .object = c->id, .version = c->version, .op = str_of(c->op),
			 .by = STR("test"), .doc = c->doc);
	}
	registry_commit(d->registry, &res);
	registry_result_finish(&res);
}

static inline void door_settle(struct door *d)
{
	for (int i = 0; i < 10000 && store_last_seq(d->store) < d->story.seq; i++)
		poll(NULL, 0, 1);
	CHECK(store_last_seq(d->store) == d->story.seq);
}

static inline void door_init(struct door *d)
{
	char room[256];
	struct buf detail = buf_make(room, sizeof room);
	static const uint8_t key[32] = {1, 2, 3};
	*d = (struct door){.dir = "/tmp/centrala-door-XXXXXX", .anna = PRESENCE_signed_out};
	CHECK(mkdtemp(d->dir));
	pthread_mutex_init(&d->say_lock, NULL);
	CHECK(ring_open(str_of(d->dir), 1 << 20, &d->ring, &detail) == ERR_OK);
	const struct store_options so = {.dir = str_of(d->dir),
					 .url = STR("sqlite:centrala.db"),
					 .ring = d->ring,
					 .durable = door_durable,
					 .trouble = door_trouble,
					 .arg = d};
	CHECK(store_open(&so, &d->store, &detail) == ERR_OK);
	store_start(d->store);
	d->registry = registry_create(key);
	d->story = (struct story){
		.at_ms = ARRIVED_AT, .tenant = STR("acme"), .told = door_told, .arg = d};
	d->box = mailbox_create();
	d->options = (struct web_options){.http_fd = door_listen(d, false),
					  .local_fd = door_listen(d, true),
					  .store = d->store,
					  .registry = d->registry,
					  .recordings = str_of(d->dir),
					  .version = STR("0.0.1-test"),
					  .ask = door_ask,
					  .arg = d};
}

static inline void door_start(struct door *d)
{
	door_settle(d);
	CHECK(pthread_create(&d->main, NULL, door_main, d) == 0);
	struct web *w;
	CHECK(web_start(&d->options, &w) == ERR_OK);
	atomic_store(&d->web, w);
}

static inline int door_remove(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st, (void)what, (void)at;
	return remove(path);
}

static inline void door_finish(struct door *d)
{
	struct web *w = atomic_load(&d->web);
	web_stop(w);
	atomic_store(&d->stop, true);
	pthread_join(d->main, NULL);
	atomic_store(&d->mute, false);
	mailbox_drain(d->box, d);
	mailbox_destroy(d->box);
	store_stop(d->store);
	web_destroy(w);
	store_close(d->store);
	ring_close(d->ring);
	registry_destroy(d->registry);
	CHECK(nftw(d->dir, door_remove, 8, FTW_DEPTH | FTW_PHYS) == 0);
}

/* -- a caller -- */

static inline int door_connect(const struct door *d, bool local)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons(d->port)};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	const int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval patience = {.tv_sec = 20};
	CHECK(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	snprintf(un.sun_path, sizeof un.sun_path, "%s/ctl.sock", d->dir);
	CHECK(connect(fd, local ? (struct sockaddr *)&un : (struct sockaddr *)&v4,
		      local ? sizeof un : sizeof v4) == 0);
	return fd;
}

struct reply {
	int status;
	struct buf all;
	struct str head, body;
};

static inline bool has(struct str text, const char *what)
{
	return str_find_str(text, str_of(what)) >= 0;
}

static inline struct str reply_header(const struct reply *r, const char *name)
{
	struct str rest = r->head, line, key, value;
	while (str_line(&rest, &line))
		if (str_cut(line, ':', &key, &value) && str_ieq(key, str_of(name)))
			return str_trim(value);
	return STR_NONE;
}

/* Reads one answer; bytes after it are lost. */
static inline void reply_read(int fd, struct reply *r)
{
	char room[65536];
	*r = (struct reply){.all = buf_grow(4096)};
	for (;;) {
		const ptrdiff_t end = str_find_str(buf_str(&r->all), STR("\r\n\r\n"));
		if (end >= 0) {
			uint64_t length = 0;
			r->head = str_head(buf_str(&r->all), (size_t)end + 2);
			r->body = str_from(buf_str(&r->all), (size_t)end + 4);
			uint32_t status = 0;
			(void)!str_to_u32(str_head(str_from(r->head, 9), 3), 999, &status);
			r->status = (int)status;
			(void)!str_to_u64(reply_header(r, "content-length"), 1 << 30, &length);
			if (r->body.n >= length && r->status != 100)
				break;
			if (r->status == 100)
				r->all.n = 0;
		}
		const ssize_t n = recv(fd, room, sizeof room, 0);
		if (n <= 0)
			break;
		buf_put(&r->all, str_make(room, (size_t)n));
	}
}

static inline void send_all(int fd, struct str s)
{
	while (s.n) {
		const ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		s = str_from(s, (size_t)n);
	}
}

/* what: "GET /path"; headers: lines with CRLF, or NULL; body may be NULL. */
static inline struct reply door_call(const struct door *d, bool local, const char *what,
				     const char *token, const char *headers, const char *body)
{
	struct reply r;
	struct buf b = buf_grow(1024);
	const int fd = door_connect(d, local);
	buf_fmt(&b, "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", what);
	if (token)
		buf_fmt(&b, "Authorization: Bearer %s\r\n", token);
	if (headers)
		buf_c(&b, headers);
	if (body)
		buf_fmt(&b, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
			strlen(body));
	buf_c(&b, "\r\n");
	if (body)
		buf_c(&b, body);
	send_all(fd, buf_str(&b));
	reply_read(fd, &r);
	buf_free(&b);
	close(fd);
	return r;
}

static inline int door_status(const struct door *d, const char *what, const char *token,
			      const char *headers, const char *body)
{
	struct reply r = door_call(d, false, what, token, headers, body);
	buf_free(&r.all);
	return r.status;
}

/* The token, or an empty text. */
static inline void door_login(const struct door *d, const char *tenant, const char *user,
			      const char *password, char out[128])
{
	char body[256];
	snprintf(body, sizeof body, "{\"tenant\":\"%s\",\"user\":\"%s\",\"password\":\"%s\"}",
		 tenant, user, password);
	struct reply r = door_call(d, false, "POST /api/v1/login", NULL, NULL, body);
	const ptrdiff_t at = str_find_str(r.body, STR("\"token\":\""));
	struct str token = STR_NONE;
	if (r.status == 200 && at >= 0)
		str_cut(str_from(r.body, (size_t)at + 9), '"', &token, &(struct str){0});
	str_copy(token, out, 128);
	buf_free(&r.all);
}
