/* clerks.c - see clerks.h. */
#include "web/clerks.h"

#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "objects/schema.h"
#include "os/clock.h"
#include "os/log.h"
#include "web/answer.h"
#include "web/handlers.h"
#include "web/import.h"
#include "web/web_inside.h"

#define ANSWER_WAIT_MS                                                                             \
	10000 /* the main thread answers in milliseconds, or something is very wrong */
#define PROBE_WAIT_MS 2000
#define FAILING_WAIT_MS 500 /* a database that only stumbled works again by then */
#define STOP_WAIT_MS 1500
#define CATCH_UP_MS 500 /* a database that is away must not stop those who look */
#define DESK_QUEUE_MAX 512u

static const uint32_t staff[DESK_COUNT] = {
	[DESK_QUERY] = 2,  [DESK_COMMAND] = 2, [DESK_CHANGE] = 1,    [DESK_SIGN_IN] = 2,
	[DESK_PROBE] = 1,  [DESK_CHECK] = 1,   [DESK_CUSTOMERS] = 2, [DESK_IMPORT] = 1,
	[DESK_REPORT] = 2, [DESK_EXPORT] = 1,  [DESK_MAIL] = 1,	     [DESK_WAIT] = 2};
#define CLERKS_MAX 18

struct clerks {
	struct clerk all[CLERKS_MAX];
	uint32_t count;
	struct list waiting[DESK_COUNT];
	uint32_t waiting_count[DESK_COUNT];
};

static void take_job(struct letter *l, void *reader)
{
	struct job *j = CONTAINER_OF(l, struct job, letter);
	struct clerk *me = reader;
	/* whoever has seen a call end will find its end in the record */
	if (!j->stream && !j->live_work &&
	    (me->desk == DESK_QUERY || me->desk == DESK_COMMAND || me->desk == DESK_REPORT ||
	     me->desk == DESK_EXPORT || me->desk == DESK_MAIL))
		(void)store_catch_up(me->web->o.store, CATCH_UP_MS);
	if (j->stream)
		stream_read(me, j);
	else if (j->chore)
		j->chore(me, j);
	else if (j->importing)
		j->failed = import_run(me, j) != ERR_OK;
	else if (j->nightly)
		j->failed = run_check(me, j) != ERR_OK;
	else
		job_run(me, j);
	j->letter.open = web_job_done;
	mailbox_post(me->web->box, &j->letter);
}

static void take_stop(struct letter *l, void *reader)
{
	(void)l;
	((struct clerk *)reader)->stop = true;
}

static bool wait_for(const struct mailbox *m, int64_t until_ms)
{
	struct pollfd p = {.fd = mailbox_fd(m), .events = POLLIN};
	int64_t left = until_ms < 0 ? -1 : MAX(0, until_ms - clock_mono_ms());
	return poll(&p, 1, (int)left) > 0;
}

static void *clerk_main(void *arg)
{
	struct clerk *me = arg;
	if (me->desk == DESK_CHECK || me->desk == DESK_IMPORT ||
	    me->desk == DESK_EXPORT) /* of this thread alone, on Linux; without it, it works too */
		(void)setpriority(PRIO_PROCESS, (id_t)gettid(), 19);
	while (!me->stop) {
		wait_for(me->jobs, -1);
		mailbox_drain(me->jobs, me);
		mailbox_drain(me->answers, me); /* what came too late */
	}
	return NULL;
}

enum err clerks_start(struct web *w, struct clerks **out)
{
	struct clerks *cs = xcalloc(1, sizeof *cs);
	enum err e = ERR_OK;
	for (int d = 0; d < DESK_COUNT; d++)
		list_init(&cs->waiting[d]);
	for (int d = 0; d < DESK_COUNT && e == ERR_OK; d++) {
		for (uint32_t i = 0; i < staff[d] && e == ERR_OK; i++) {
			CHECK(cs->count < CLERKS_MAX);
			struct clerk *me = &cs->all[cs->count++];
			me->web = w;
			me->desk = (enum desk)d;
			me->jobs = mailbox_create();
			me->answers = mailbox_create();
			e = store_reader_open(w->o.store, &me->reader);
			if (e != ERR_OK)
				break;
			me->running = pthread_create(&me->thread, NULL, clerk_main, me) == 0;
			e = me->running ? ERR_OK : ERR_IO;
			if (me->running)
				pthread_setname_np(me->thread, "clerk");
		}
	}
	if (e != ERR_OK) {
		clerks_destroy(cs);
		return e;
	}
	*out = cs;
	return ERR_OK;
}

void clerks_stop(struct clerks *cs)
{
	if (!cs)
		return;
	for (uint32_t i = 0; i < cs->count; i++) {
		struct clerk *me = &cs->all[i];
		me->stop_letter.open = take_stop;
		if (me->running)
			mailbox_post(me->jobs, &me->stop_letter);
	}
	for (uint32_t i = 0; i < cs->count; i++) {
		struct clerk *me = &cs->all[i];
		if (me->running)
			pthread_join(me->thread, NULL);
		me->running = false;
		store_reader_close(me->reader);
		me->reader = NULL;
	}
	for (int d = 0; d < DESK_COUNT; d++)
		list_for_each (l, &cs->waiting[d]) {
			struct job *j = CONTAINER_OF(l, struct job, link);
			list_remove(&j->link);
			j->failed = true;
			if (j->req)
				answer_problem(j, ERR_FULL);
			j->letter.open = web_job_done;
			mailbox_post(j->web->box, &j->letter);
		}
}

void clerks_destroy(struct clerks *cs)
{
	if (!cs)
		return;
	clerks_stop(cs);
	for (uint32_t i = 0; i < cs->count; i++) {
		struct clerk *me = &cs->all[i];
		mailbox_drain(me->answers, me);
		mailbox_destroy(me->jobs);
		if (!me->lost) /* else an answer would fall into freed memory: let it lie */
			mailbox_destroy(me->answers);
	}
	free(cs);
}

static struct clerk *free_clerk(struct clerks *cs, enum desk desk)
{
	for (uint32_t i = 0; i < cs->count; i++)
		if (cs->all[i].desk == desk && !cs->all[i].busy)
			return &cs->all[i];
	return NULL;
}

static void hand_over(struct clerk *to, struct job *j)
{
	to->busy = true;
	j->clerk = to;
	j->letter.open = take_job;
	mailbox_post(to->jobs, &j->letter);
}

enum err clerks_give(struct clerks *cs, struct job *j)
{
	struct clerk *me = free_clerk(cs, j->desk);
	if (me) {
		hand_over(me, j);
		return ERR_OK;
	}
	if (cs->waiting_count[j->desk] >= DESK_QUEUE_MAX)
		return ERR_FULL;
	list_push(&cs->waiting[j->desk], &j->link);
	cs->waiting_count[j->desk]++;
	return ERR_OK;
}

void clerks_done(struct clerks *cs, struct job *j)
{
	struct clerk *me = j->clerk;
	struct list *queue = &cs->waiting[me->desk];
	me->busy = false;
	j->clerk = NULL;
	if (list_empty(queue))
		return;
	struct job *next = CONTAINER_OF(queue->next, struct job, link);
	list_remove(&next->link);
	cs->waiting_count[me->desk]--;
	hand_over(me, next);
}

uint32_t clerks_waiting_of(const struct clerks *cs, enum desk desk, struct str tenant)
{
	uint32_t count = 0;
	list_for_each (l, (struct list *)&cs->waiting[desk])
		count += str_eq(CONTAINER_OF(l, struct job, link)->match.tenant, tenant);
	return count;
}

uint32_t clerks_waiting(const struct clerks *cs, enum desk desk)
{
	return cs->waiting_count[desk];
}

/* The answer to what is being waited for; or one that came after its asker gave up. */
static void take_answer(struct letter *l, void *reader)
{
	struct ask *a = CONTAINER_OF(l, struct ask, letter);
	struct clerk *me = reader;
	if (a == me->asked) {
		me->answered = true;
		return;
	}
	me->lost--;
	ask_free(a);
}

struct ask *clerk_ask(struct clerk *me, const struct job *j, enum ask_kind kind)
{
	struct ask *a = ask_create(kind, me->answers, me);
	a->letter.open = take_answer;
	a->tenant = arena_copy(&a->arena, j->match.tenant);
	a->actor = arena_copy(&a->arena, str_of(j->caller.user));
	a->actor_supervises = j->signed_in && caller_supervises(&j->caller);
	a->actor_system = j->signed_in && caller_is_system(&j->caller);
	return a;
}

enum err clerk_wait(struct clerk *me, struct job *j, struct ask **a)
{
	const int64_t patience_ms = me->desk == DESK_PROBE ? PROBE_WAIT_MS : ANSWER_WAIT_MS;
	int64_t until_ms = clock_mono_ms() + patience_ms;
	bool hurry = false;
	me->asked = *a;
	me->answered = false;
	me->web->o.ask(me->web->o.arg, *a);
	while (!me->answered && clock_mono_ms() < until_ms) {
		if (!hurry && atomic_load(&me->web->stopping)) {
			hurry = true;
			until_ms = MIN(until_ms, clock_mono_ms() + STOP_WAIT_MS);
		}
		wait_for(me->answers, MIN(until_ms, clock_mono_ms() + 500));
		mailbox_drain(me->answers, me);
	}
	me->asked = NULL;
	if (!me->answered) {
		log_line(LOG_ERROR, "event=main_silent kind=%d", (int)(*a)->kind);
		me->lost++;
		*a = NULL; /* it is freed when it comes back */
		return ERR_TIMEOUT;
	}
	if ((*a)->err != ERR_OK) {
		if ((*a)->where) {
			char message[sizeof j->detail];
			str_copy(str_head((*a)->detail, sizeof message - 1), message,
				 sizeof message);
			(void)answer_invalid(j, (*a)->where, message);
		}
		str_copy(str_head((*a)->detail, sizeof j->detail - 1), j->detail, sizeof j->detail);
		return (*a)->err;
	}
	enum err e = (*a)->seq && !(*a)->soon ? clerk_wait_durable(me, (*a)->seq) : ERR_OK;
	if (e == ERR_AGAIN)
		str_copy(STR("done, but the database takes nothing now: stored as soon as it does"),
			 j->detail, sizeof j->detail);
	return e;
}

enum err clerk_wait_durable(struct clerk *me, uint64_t seq)
{
	struct web *w = me->web;
	const int64_t since_ms = clock_mono_ms(), until_ms = since_ms + ANSWER_WAIT_MS;
	bool waiting = true;
	enum err e = ERR_OK;

	pthread_mutex_lock(&w->durable_lock);
	while (waiting) {
		const int64_t now_ms = clock_mono_ms();
		waiting = false;
		/* asked of the store too, should its call have come before the door was known to it
		 */
		if (atomic_load(&w->durable_seq) >= seq || store_last_seq(w->o.store) >= seq) {
			e = ERR_OK;
		} else if (now_ms >= until_ms || atomic_load(&w->stopping)) {
			e = ERR_AGAIN;
		} else if (now_ms >= since_ms + FAILING_WAIT_MS && store_failing(w->o.store)) {
			e = ERR_AGAIN; /* a full disk: clerks who wait would keep all others waiting
					*/
		} else {
			const int64_t look_ms = now_ms + 200;
			waiting = true;
			const struct timespec look = {.tv_sec = look_ms / 1000,
						      .tv_nsec = look_ms % 1000 * 1000000};
			pthread_cond_timedwait(&w->durable_moved, &w->durable_lock, &look);
		}
	}
	pthread_mutex_unlock(&w->durable_lock);
	if (e != ERR_OK)
		log_line(LOG_ERROR, "event=store_slow waited_for=%llu", (unsigned long long)seq);
	return e;
}

struct registry *clerk_registry(struct clerk *me)
{
	pthread_rwlock_rdlock(&me->web->registry_lock);
	return me->web->o.registry;
}

struct registry *clerk_registry_alone(struct clerk *me)
{
	pthread_rwlock_wrlock(&me->web->registry_lock);
	return me->web->o.registry;
}

void clerk_registry_done(struct clerk *me)
{
	pthread_rwlock_unlock(&me->web->registry_lock);
}

void clerk_each_object(struct clerk *me, enum object_kind kind, struct str tenant,
		       void (*each)(void *arg, const json_t *doc), void *arg)
{
	char after[80] = "";
	do {
		struct buf page = buf_grow(16384);
		const enum err e =
			registry_list(clerk_registry(me), kind, tenant, 500, str_of(after), &page);
		clerk_registry_done(me);
		json_t *list = e == ERR_OK ? json_loadb(page.p, page.n, 0, NULL) : NULL, *one;
		size_t i;
		buf_free(&page);
		json_array_foreach(json_object_get(list, "items"), i, one) each(arg, one);
		if (!str_copy(json_str(json_object_get(list, "next")), after, sizeof after))
			after[0] = '\0';
		json_decref(list);
	} while (after[0]);
}
