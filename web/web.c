/* web.c - the door put together: see web.h. */
#include "web/web.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "core/batch.h"
#include "core/bytes.h"
#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"
#include "web/handlers.h"
#include "web/live_inside.h"
#include "web/import.h"
#include "web/nightly.h"
#include "web/timed.h"
#include "web/report.h"
#include "web/retention.h"
#include "web/scheduled.h"
#include "web/web_inside.h"

#define BODY_OBJECT_MAX (16u << 20)
#define BODY_SOUND_MAX (21u << 20) /* a little more than is taken, so that 413 can say why */
#define BODY_MAX (64u << 10)
#define IDLE_LOOK_MS 5000
#define IDLE_AT_ONCE 32

static bool changes_something(enum http_method m)
{
	return m != HTTP_GET && m != HTTP_HEAD && m != HTTP_OPTIONS;
}

static size_t body_max(void *arg, const struct h1_head *head)
{
	(void)arg;
	if (head->method == HTTP_PUT && str_ends(head->path, STR("/audio")))
		return BODY_SOUND_MAX;
	if (head->method == HTTP_PUT || str_ends(head->path, STR("/apply")) ||
	    str_ends(head->path, STR("/customers/imports")))
		return BODY_OBJECT_MAX;
	return BODY_MAX;
}

static void plain_problem(void *arg, int status, const char *title, const char *detail,
			  struct buf *body)
{
	(void)arg;
	(void)title;
	problem_body(body, status, str_of(detail), STR_NONE);
}

static void door_free(struct live_door *d)
{
	if (d)
		desk_rights_finish(&d->rights);
	free(d);
}

static void job_free(struct job *j)
{
	door_free(j->live_door);
	buf_free(&j->errors);
	http_answer_drop(&j->answer);
	sodium_memzero(&j->caller, sizeof j->caller);
	free(j);
}

/* The answer goes out and the job is over. */
static void job_reply(struct job *j)
{
	if (!j->answer.type && !j->answer.status)
		answer_problem(j, ERR_IO);
	http_reply(j->req, &j->answer);
	job_free(j);
}

static void job_refuse(struct job *j, enum err e)
{
	answer_problem(j, e);
	job_reply(j);
}

static void answer_wrong_method(struct job *j)
{
	static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"};
	j->answer.extra = buf_grow(64);
	buf_c(&j->answer.extra, "Allow: OPTIONS");
	for (uint32_t i = 0; i < COUNT_OF(names); i++)
		if (j->match.allowed & BIT(i) ||
		    (i == HTTP_HEAD && j->match.allowed & BIT(HTTP_GET)))
			buf_fmt(&j->answer.extra, ", %s", names[i]);
	buf_c(&j->answer.extra, "\r\n");
	if (j->req->head.method == HTTP_OPTIONS)
		j->answer.status = 204;
	else
		answer_status(j, 405, "this address does not know that method; Allow says which");
}

/* Who asks, as far as this thread knows. False: refused already. */
static bool look_at_token(struct web *w, struct job *j)
{
	const struct h1_head *h = &j->req->head;
	bool by_cookie;

	if (j->req->local) {
		str_copy(STR("system"), j->caller.tenant, sizeof j->caller.tenant);
		str_copy(STR("local"), j->caller.user, sizeof j->caller.user);
		str_copy(STR("local"), j->caller.name, sizeof j->caller.name);
		j->caller.roles = BIT(ROLE_ADMIN);
		j->caller.local = j->signed_in = j->caller_known = true;
		return true;
	}
	const struct str token = token_of(h, &by_cookie);
	/* a page cannot make a browser send a Bearer token of ours */
	const bool bearer = token.n && !by_cookie;
	/* browsers report by themselves, whatever page made them */
	const bool report = j->match.route->run == run_csp_report;
	if (changes_something(h->method) && !bearer && !report && !same_origin(h, by_cookie)) {
		const bool silent = !h1_header(h, "origin").n && !h1_header(h, "sec-fetch-site").n;
		str_copy(silent ? STR("a change by cookie needs an Origin header; none was sent")
				: STR("a page of another origin may not ask for this"),
			 j->detail, sizeof j->detail);
		job_refuse(j, ERR_FORBIDDEN);
		return false;
	}
	if (by_cookie && j->req->body.n && is_form_type(h1_header(h, "content-type"))) {
		answer_status(j, 415, "a change by cookie must be application/json");
		job_reply(j);
		return false;
	}
	if (!token.n)
		return true;
	token_hash(token, j->token_hash);
	j->cache_age = sessions_age(w->sessions);
	j->caller_known =
		sessions_get(w->sessions, str_of(j->token_hash), clock_mono_ms(), &j->caller);
	if (j->caller_known && j->caller.expires_at_ms <= clock_utc_ms())
		j->caller_known = false;
	/* who signs in is nobody yet, whatever token he brings */
	j->caller_known = j->caller_known && j->match.route->access != ACCESS_OPEN;
	j->signed_in = j->caller_known;
	return true;
}

static bool is_wall(const struct route *rt)
{
	return rt->run == run_wall || rt->run == run_wall_live;
}

/* A sign-in that must wait is refused here, before it costs anything. */
static bool may_try_password(struct web *w, struct job *j)
{
	struct buf b = buf_make(j->account, sizeof j->account - 1);
	if (j->match.route->run == run_login) {
		json_t *body = json_loadb(j->req->body.p, j->req->body.n, 0, NULL);
		buf_put(&b, str_head(json_str(json_object_get(body, "tenant")), 64));
		buf_ch(&b, '/');
		buf_put(&b, str_head(json_str(json_object_get(body, "user")), 64));
		json_decref(body);
	} else if (is_wall(j->match.route)) {
		buf_c(&b, "system/wall");
	} else { /* somebody signed in proves who he is: by his token, one account each */
		buf_c(&b, "me/");
		buf_put(&b, str_of(j->token_hash));
	}
	j->account[b.n] = '\0';
	j->retry_after_ms =
		limit_wait_ms(w->limit, j->req->from, str_of(j->account), clock_mono_ms());
	if (!j->retry_after_ms)
		return true;
	atomic_fetch_add(&w->sign_ins_refused, 1);
	log_line(LOG_WARN, "event=sign_in_slowed from=" STR_FMT " wait_ms=%lld",
		 STR_ARG(j->req->from), (long long)j->retry_after_ms);
	str_copy(STR("too many wrong passwords from here: wait"), j->detail, sizeof j->detail);
	job_refuse(j, ERR_TOO_MANY);
	return false;
}

/* The same key sent twice side by side: the second must not run before the first is remembered. */
static bool key_is_free(struct web *w, struct job *j)
{
	const struct h1_head *h = &j->req->head;
	const struct str key = h1_header(h, "idempotency-key");
	if (h->method != HTTP_POST || !key.n || !j->token_hash[0])
		return true;
	struct buf b = buf_make(j->key_text, sizeof j->key_text);
	buf_put(&b, str_of(j->token_hash));
	buf_ch(&b, ' ');
	buf_put(&b, str_head(key, 255));
	buf_ch(&b, ' ');
	buf_put(&b, str_head(h->path, 512));
	j->key = buf_str(&b);
	if (map_add(&w->keys_under_way, j->key, j) == ERR_OK)
		return true;
	j->key = STR_NONE;
	str_copy(STR("a request with this Idempotency-Key is being worked on"), j->detail,
		 sizeof j->detail);
	job_refuse(j, ERR_CONFLICT);
	return false;
}

static bool asks_password(const struct route *rt)
{
	return rt->run == run_login || rt->run == run_password || rt->run == run_totp_enrol ||
	       rt->run == run_totp_delete || is_wall(rt);
}

static void give_to_desk(struct web *w, struct job *j)
{
	j->desk = report_wants_file(j) ? DESK_EXPORT : j->match.route->desk;
	if (j->desk == DESK_EXPORT &&
	    clerks_waiting_of(w->clerks, DESK_EXPORT, j->match.tenant) >= EXPORTS_WAITING_MAX) {
		str_copy(STR("other files of this tenant are being made: try again"), j->detail,
			 sizeof j->detail);
		j->retry_after_ms = 5000;
		job_refuse(j, ERR_TOO_MANY);
		return;
	}
	if (asks_password(j->match.route) && !may_try_password(w, j))
		return;
	if (!key_is_free(w, j))
		return;
	j->http_counts = http_counts(w->http);
	j->stream_count = streams_count(w->streams);
	j->live_count = lives_count(w->lives);
	if (clerks_give(w->clerks, j) == ERR_OK)
		return;
	if (j->account[0])
		limit_none(w->limit, j->req->from, str_of(j->account), clock_mono_ms());
	if (j->key.n)
		map_remove(&w->keys_under_way, j->key);
	job_refuse(j, ERR_FULL);
}

static void request(void *arg, struct http_request *r)
{
	struct web *w = arg;
	struct job *j = xcalloc(1, sizeof *j);
	struct path path;

	j->web = w;
	j->req = r;
	list_init(&j->link);
	enum err e = path_split(&r->arena, r->head.path, &path);
	if (e == ERR_OK)
		e = route_find(r->head.method, &path, &j->match);
	if (e == ERR_OK && !w->demo && route_is_demo(j->match.route))
		e = ERR_NOT_FOUND;
	if (e == ERR_NOT_FOUND) {
		e = pages_answer(&w->o.pages, &r->head, &j->answer);
		if (e == ERR_OK) {
			job_reply(j);
			return;
		}
		if (e == ERR_UNSUPPORTED)
			j->match.allowed = BIT(HTTP_GET);
	}
	if (e == ERR_UNSUPPORTED) {
		answer_wrong_method(j);
		job_reply(j);
	} else if (e != ERR_OK) {
		job_refuse(j, e);
	} else if (!look_at_token(w, j)) {
		return;
	} else if (j->match.route->desk == DESK_WEB) {
		job_run(NULL, j);
		job_reply(j);
	} else {
		give_to_desk(w, j);
	}
}

/* A fact for those who look after the house: the first time, and each time it grew by half. */
static void tell_guessing(struct web *w, const struct job *j, uint32_t wrong)
{
	struct str tenant, user;
	if (wrong % LIMIT_FREE_TRIES)
		return;
	str_cut(str_of(j->account), '/', &tenant, &user);
	if (j->match.route->run != run_login) {
		tenant = str_of(j->caller.tenant);
		user = str_of(j->caller.user);
	}
	struct ask *a = ask_create(ASK_ALARM, NULL, NULL);
	struct buf detail = buf_make(arena_alloc(&a->arena, 200), 200);
	buf_fmt(&detail, "%u wrong passwords for " STR_FMT " from " STR_FMT, wrong, STR_ARG(user),
		STR_ARG(str_head(j->req->from, 60)));
	a->tenant = arena_copy(&a->arena, tenant);
	a->object = STR("sign_in_guessing");
	a->text = buf_str(&detail);
	w->o.ask(w->o.arg, a);
}

/* An attempt that never came to the password, or still lacks its code, says nothing about it. */
static void attempt_done(struct web *w, const struct job *j, int64_t now_ms)
{
	if (!j->password_checked) {
		limit_none(w->limit, j->req->from, str_of(j->account), now_ms);
	} else {
		const uint32_t wrong = limit_result(w->limit, j->req->from, str_of(j->account),
						    j->password_right, now_ms);
		if (wrong >= LIMIT_FREE_TRIES)
			tell_guessing(w, j, wrong);
	}
	if (j->match.route->run == run_login)
		atomic_fetch_add(j->password_right ? &w->sign_ins : &w->sign_ins_refused, 1);
}

void web_job_done(struct letter *l, void *reader)
{
	struct web *w = reader;
	struct job *j = CONTAINER_OF(l, struct job, letter);
	const int64_t now_ms = clock_mono_ms();

	if (w->clerks)
		clerks_done(w->clerks, j);
	if (j->stream) {
		streams_read_done(w->streams, j);
		return;
	}
	if (j->wall_checked) {
		walls_checked(w->walls, j);
		job_free(j);
		return;
	}
	if (j->board_work) {
		boards_work_done(w->boards, j);
		job_free(j);
		return;
	}
	if (j->live_work) {
		lives_work_done(w->lives, j);
		job_free(j);
		return;
	}
	if (j->importing)
		w->importing = false;
	if (j->nightly || j->chore || j->importing) {
		job_free(j);
		return;
	}
	if (j->account[0]) {
		attempt_done(w, j, now_ms);
	}
	if (j->signed_in && !j->caller_known && j->token_hash[0] && !j->session_ended) {
		sessions_put(w->sessions, str_of(j->token_hash), &j->caller, j->cache_age, now_ms);
	}
	if (j->key.n)
		map_remove(&w->keys_under_way, j->key);
	if (j->forget_sessions) {
		sessions_forget_all(w->sessions);
		streams_check(w->streams);
		lives_check(w->lives);
	}
	if (j->live_desk) {
		lives_answer(w->lives, j);
		return;
	}
	if (j->wall && j->answer.status == 0) {
		if (w->clerks && walls_open(w->walls, j) == ERR_OK)
			job_free(j);
		else
			job_refuse(j, ERR_FULL);
		return;
	}
	if (j->live_door && j->answer.status == 0) {
		if (w->clerks && lives_open(w->lives, j) == ERR_OK)
			job_free(j);
		else
			job_refuse(j, ERR_FULL);
		return;
	}
	if (j->opens_stream && j->answer.status == 0) {
		if (w->clerks && streams_open(w->streams, j, j->stream_lines) == ERR_OK)
			job_free(j);
		else
			job_refuse(j, ERR_FULL);
		return;
	}
	job_reply(j);
}

static void stream_lost(void *arg, struct http_request *r)
{
	struct web *w = arg;
	if (r->wall)
		walls_lost(w->walls, r);
	else if (r->upgraded)
		lives_lost(w->lives, r);
	else
		streams_lost(w->streams, r);
}

static void stream_input(void *arg, struct http_request *r, struct str bytes)
{
	lives_input(((struct web *)arg)->lives, r, bytes);
}

void web_durable(struct web *w, uint64_t seq)
{
	if (!w)
		return; /* the store may commit before the door is made */
	pthread_mutex_lock(&w->durable_lock);
	if (seq > atomic_load(&w->durable_seq))
		atomic_store(&w->durable_seq, seq);
	pthread_cond_broadcast(&w->durable_moved);
	pthread_mutex_unlock(&w->durable_lock);
	if (!atomic_exchange(&w->durable_posted, true))
		mailbox_post(w->box, &w->durable_letter);
}

/* On a clerk: asking who that is ends it, if it is idle. */
static void look_at_idle(struct clerk *me, struct job *j)
{
	struct caller who;
	(void)!clerk_caller(me, str_of(j->token_hash), STR_NONE, &who);
}

/* Those nobody tries again end, too; a few at a time. */
static void end_idle_sessions(struct web *w, int64_t now_ms)
{
	char hash[TOKEN_HASH_TEXT];
	if (now_ms - w->idle_looked_ms < IDLE_LOOK_MS || !w->clerks)
		return;
	w->idle_looked_ms = now_ms;
	for (int i = 0; i < IDLE_AT_ONCE && sessions_take_idle(w->sessions, now_ms, hash); i++) {
		struct job *j = xcalloc(1, sizeof *j);
		j->web = w;
		j->desk = DESK_QUERY;
		j->chore = look_at_idle;
		list_init(&j->link);
		memcpy(j->token_hash, hash, sizeof j->token_hash);
		if (clerks_give(w->clerks, j) != ERR_OK)
			free(j);
	}
}

struct stored_letter {
	struct letter letter;
	struct buf facts; /* u32 length and bytes, one by one */
};

static void stored_told(struct letter *l, void *reader)
{
	struct stored_letter *s = CONTAINER_OF(l, struct stored_letter, letter);
	struct web *w = reader;
	if (w->lives)
		lives_facts(w->lives, buf_str(&s->facts));
	buf_free(&s->facts);
	free(s);
}

void web_stored(struct web *w, const struct str *batches, uint32_t count)
{
	if (atomic_load(&w->stopping) || !atomic_load(&w->facts_wanted))
		return;
	struct stored_letter *s = xcalloc(1, sizeof *s);
	s->letter.open = stored_told;
	s->facts = buf_grow(4096);
	for (uint32_t i = 0; i < count; i++) {
		struct str rest = batches[i];
		struct batch_item item;
		while (batch_next(&rest, &item) == ERR_OK) {
			if (item.type != BATCH_FACT)
				continue;
			put_u32(&s->facts, (uint32_t)item.fact.n);
			buf_put(&s->facts, item.fact);
		}
	}
	mailbox_post(w->box, &s->letter);
}

struct phone_letter {
	struct letter letter;
	uint64_t desk;
	enum desk_phone state;
};

static void phone_told(struct letter *l, void *reader)
{
	struct phone_letter *p = CONTAINER_OF(l, struct phone_letter, letter);
	struct web *w = reader;
	if (w->lives)
		lives_phone(w->lives, p->desk, p->state);
	free(p);
}

void web_desk_phone(struct web *w, uint64_t desk, enum desk_phone state)
{
	if (!w || atomic_load(&w->stopping))
		return;
	struct phone_letter *p = xcalloc(1, sizeof *p);
	*p = (struct phone_letter){{.open = phone_told}, desk, state};
	mailbox_post(w->box, &p->letter);
}

void web_followers(struct web *w, int by)
{
	w->followers += (uint32_t)by;
	store_followers(w->o.store, by);
	atomic_store(&w->facts_wanted, w->followers != 0);
}

static void second(void *arg, int64_t now_ms)
{
	struct web *w = arg;
	const uint64_t stored = store_last_seq(w->o.store);
	if (stored > atomic_load(&w->durable_seq))
		web_durable(w, stored);
	streams_second(w->streams, now_ms);
	end_idle_sessions(w, now_ms);
	lives_second(w->lives, now_ms);
	boards_second(w->boards, now_ms);
	walls_second(w->walls, now_ms);
	nightly_second(w, clock_utc_ms());
	timed_second(w, clock_utc_ms());
	scheduled_second(w, clock_utc_ms());
	retention_second(w, clock_utc_ms());
	imports_second(w);
}

static void durable_told(struct letter *l, void *reader)
{
	struct web *w = reader;
	(void)l;
	atomic_store(&w->durable_posted, false);
	streams_durable(w->streams, atomic_load(&w->durable_seq));
}

static void reload_asked(struct letter *l, void *reader)
{
	struct web *w = reader;
	char room[300];
	struct buf why = buf_make(room, sizeof room);
	(void)l;
	atomic_store(&w->reload_posted, false);
	/* the main thread reads the same files and tells everybody */
	if (http_reload(w->http, &why) != ERR_OK)
		log_line(LOG_WARN, "event=https_certificate_stays why=\"" STR_FMT "\"",
			 STR_ARG(buf_str(&why)));
}

void web_reload(struct web *w)
{
	if (!atomic_exchange(&w->reload_posted, true))
		mailbox_post(w->box, &w->reload_letter);
}

static void *web_main(void *arg)
{
	struct web *w = arg;
	http_run(w->http);
	return NULL;
}

static void make_locks(struct web *w)
{
	pthread_condattr_t attr;
	pthread_rwlockattr_t rw;
	pthread_rwlockattr_init(&rw); /* or a busy hour of readers keeps a change out for ever */
	pthread_rwlockattr_setkind_np(&rw, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&w->registry_lock, &rw);
	pthread_rwlockattr_destroy(&rw);
	pthread_mutex_init(&w->durable_lock, NULL);
	pthread_mutex_init(&w->customers_lock, NULL);
	pthread_mutex_init(&w->factor_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->durable_moved, &attr);
	pthread_condattr_destroy(&attr);
}

enum err web_start(const struct web_options *o, struct web **out)
{
	struct web *w = xcalloc(1, sizeof *w);
	uint64_t dice[2];

	CHECK(sodium_init() >= 0 && schema_house()); /* made now, before there are threads */
	os_random(dice, sizeof dice);
	w->o = *o;
	w->recordings = str_dup(o->recordings);
	w->sounds = str_dup(o->sounds);
	map_init(&w->reports_posted, 11);
	w->imports = str_dup(o->imports);
	w->speech = str_dup(o->speech);
	w->backups = str_dup(o->backups);
	setup_begin(w);
	atomic_store(&w->imports_due, true); /* what a life before left */
	w->version = str_dup(o->version);
	w->demo = o->demo.n ? str_dup(o->demo) : NULL;
	w->box = mailbox_create();
	/* An argon2id check takes some 50 ms: more would only fill the queue for honest people. */
	w->limit = limit_create(&(struct limit_options){
		.places = 65536, .seed = dice[0], .wrong_burst = 300, .wrong_per_second = 5});
	w->sessions = sessions_create(65536, dice[1]);
	w->opened_at_ms = clock_utc_ms();
	w->views = views_create(dice[0]);
	w->streams = streams_create(w, o->streams_max ? o->streams_max : 1000);
	w->lives = lives_create(w, o->desks_max ? o->desks_max : 2000);
	w->boards = boards_create(w);
	w->walls = walls_create(w);
	map_init(&w->keys_under_way, dice[1]);
	w->durable_letter.open = durable_told;
	w->reload_letter.open = reload_asked;
	atomic_store(&w->durable_seq, store_last_seq(o->store));
	make_locks(w);

	const struct http_options http = {
		.tcp_fd = o->http_fd,
		.local_fd = o->local_fd,
		.tls = o->tls,
		.tls_fd = o->https_fd,
		.connections_max = o->connections_max ? o->connections_max : 4000,
		.box = w->box,
		.body_max = body_max,
		.request = request,
		.stream_input = stream_input,
		.stream_lost = stream_lost,
		.second = second,
		.problem = plain_problem,
		.arg = w,
	};
	enum err e = http_create(&http, &w->http);
	if (e == ERR_OK)
		e = clerks_start(w, &w->clerks);
	if (e == ERR_OK) {
		w->running = pthread_create(&w->thread, NULL, web_main, w) == 0;
		e = w->running ? ERR_OK : ERR_IO;
	}
	if (e != ERR_OK) {
		web_destroy(w);
		return e;
	}
	pthread_setname_np(w->thread, "web");
	*out = w;
	return ERR_OK;
}

/* First the clerks, so that no answer comes to a door that is gone; what they leave is answered
 * here; then the connections. */
void web_stop(struct web *w)
{
	if (!w || atomic_load(&w->stopping))
		return;
	if (w->running) {
		http_stop(w->http);
		pthread_join(w->thread, NULL);
	}
	pthread_mutex_lock(&w->durable_lock);
	atomic_store(&w->stopping, true);
	pthread_cond_broadcast(&w->durable_moved);
	pthread_mutex_unlock(&w->durable_lock);
	w->retired = w->clerks;
	w->clerks = NULL;
	clerks_stop(w->retired);
	mailbox_drain(w->box, w);
	lives_destroy(w->lives);
	w->lives = NULL;
	walls_destroy(w->walls);
	w->walls = NULL;
	boards_destroy(w->boards);
	w->boards = NULL;
	http_destroy(w->http);
	w->http = NULL;
	streams_destroy(w->streams);
	w->streams = NULL;
}

void web_destroy(struct web *w)
{
	if (!w)
		return;
	web_stop(w);
	clerks_destroy(w->retired);
	sessions_destroy(w->sessions);
	limit_destroy(w->limit);
	map_finish(&w->keys_under_way);
	mailbox_destroy(w->box);
	pthread_cond_destroy(&w->durable_moved);
	pthread_mutex_destroy(&w->durable_lock);
	pthread_mutex_destroy(&w->customers_lock);
	views_destroy(w->views);
	pthread_mutex_destroy(&w->factor_lock);
	pthread_rwlock_destroy(&w->registry_lock);
	free(w->recordings);
	free(w->sounds);
	free(w->speech);
	free(w->setup_file);
	uint32_t at = 0;
	for (void *p; (p = map_next(&w->reports_posted, &at)) != NULL;)
		free(p);
	map_finish(&w->reports_posted);
	free(w->imports);
	free(w->backups);
	free(w->version);
	free(w->demo);
	free(w);
}
