/*
 * trial.c - a trunk that is tried now, because somebody asked: OPTIONS to each of its peers, and
 * REGISTER where it registers. Answered when all of them have, or after 4.5 s. What it finds wrong
 * is also one of the trunk's troubles.
 */
#include <stdlib.h>

#include "channel/voice/line.h"

enum { TRIALS_MAX = 8, QUESTIONS_MAX = 32, TRIAL_MS = SIP_PING_MS + 500 };

struct trial {
	struct list link; /* in voice->trials */
	struct voice *voice;
	struct trunk_id trunk;
	void *token;
	int64_t began_ms;
	struct timer patience;
	struct question {
		uint64_t ping; /* its name; 0: a registration, or not sent */
		bool open;
		struct sip_address to;
		struct trunk_answer answer;
	} questions[QUESTIONS_MAX];
	uint32_t count;
};

static void note(const struct trial *r, const struct trunk_answer *a)
{
	struct trouble t = {.asked = a->asked, .why = a->why, .status = a->status};
	if (a->why == TROUBLE_none || a->why == TROUBLE_unreachable ||
	    a->why == TROUBLE_certificate) /* those are noted where they are found */
		return;
	memcpy(t.peer, a->peer, sizeof t.peer);
	memcpy(t.text, a->text, sizeof t.text);
	trouble_note(r->voice, r->trunk, &t);
}

static void finish(struct trial *r)
{
	struct voice *v = r->voice;
	struct trunk_answer answers[QUESTIONS_MAX];
	for (uint32_t i = 0; i < r->count; i++) {
		answers[i] = r->questions[i].answer;
		note(r, &answers[i]);
	}
	timer_stop(&v->core->timers, &r->patience);
	list_remove(&r->link);
	v->o.trunk_tested(v->o.arg, r->token, answers, r->count);
	free(r);
}

static void finish_if_done(struct trial *r)
{
	bool open = false;
	for (uint32_t i = 0; i < r->count; i++)
		open = open || r->questions[i].open;
	if (!open)
		finish(r);
}

static void close_question(struct trial *r, struct question *q, enum trouble_why why,
			   uint32_t status, struct str text)
{
	q->open = false;
	q->answer.why = why;
	q->answer.status = status;
	q->answer.ms = r->voice->core->now_ms - r->began_ms;
	(void)str_copy(str_head(text, sizeof q->answer.text - 1), q->answer.text,
		       sizeof q->answer.text);
}

static void nobody_waits(struct timer *t, int64_t now_ms)
{
	struct trial *r = t->arg;
	(void)now_ms;
	for (uint32_t i = 0; i < r->count; i++)
		if (r->questions[i].open)
			close_question(r, &r->questions[i], TROUBLE_silent, 0, STR_NONE);
	finish(r);
}

/* -- asking -- */

static struct question *add(struct trial *r, enum trunk_question asked)
{
	if (r->count == QUESTIONS_MAX)
		return NULL;
	struct question *q = &r->questions[r->count++];
	q->answer.asked = asked;
	return q;
}

static void ask_peer(struct trial *r, const struct trunk_peer_at *p)
{
	struct question *q = add(r, ASKED_options);
	if (!q)
		return;
	trouble_peer(&p->address, q->answer.peer);
	q->to = p->address;
	q->ping = ++r->voice->watch_serial;
	q->open = watch_ping(r->voice, p, q->ping) == ERR_OK;
	if (!q->open)
		close_question(r, q, TROUBLE_unreachable, 0, STR_NONE);
}

/* A name that stands for nothing has no address that could be asked. */
static void ask_names(struct trial *r, const struct trunk_config *t)
{
	const struct voice *v = r->voice;
	for (uint32_t nth = 0; nth < t->peer_count; nth++) {
		bool placed = false;
		for (uint32_t i = 0; i < v->peer_count; i++)
			placed = placed || (ID_EQ(v->peers[i].trunk, r->trunk) &&
					    !v->peers[i].only_in && v->peers[i].nth == nth);
		struct question *q = placed ? NULL : add(r, ASKED_name);
		if (!q)
			continue;
		(void)str_copy(str_head(t->peers[nth].address, TROUBLE_PEER - 1), q->answer.peer,
			       sizeof q->answer.peer);
		q->answer.why = TROUBLE_unresolved;
	}
}

static void ask_registrar(struct trial *r, const struct trunk_config *t)
{
	struct question *q = t->register_user.n ? add(r, ASKED_register) : NULL;
	if (!q)
		return;
	(void)str_copy(str_head(t->register_server, TROUBLE_PEER - 1), q->answer.peer,
		       sizeof q->answer.peer);
	q->open = enrol_again(r->voice, r->trunk);
	if (!q->open)
		q->answer.why = TROUBLE_unresolved;
}

enum err voice_trunk_test(struct voice *v, struct trunk_id trunk, void *token)
{
	const struct trunk_config *t = trunk_config(v->core->objects, trunk);
	uint32_t running = 0;
	if (!t)
		return ERR_NOT_FOUND;
	list_for_each (link, &v->trials) {
		if (ID_EQ(CONTAINER_OF(link, struct trial, link)->trunk, trunk))
			return ERR_CONFLICT;
		running++;
	}
	if (running >= TRIALS_MAX)
		return ERR_FULL;
	struct trial *r = xcalloc(1, sizeof *r);
	r->voice = v;
	r->trunk = trunk;
	r->token = token;
	r->began_ms = v->core->now_ms;
	list_push(&v->trials, &r->link);
	ask_registrar(r, t);
	ask_names(r, t);
	for (uint32_t i = 0; i < v->peer_count; i++)
		if (ID_EQ(v->peers[i].trunk, trunk) && !v->peers[i].only_in)
			ask_peer(r, &v->peers[i]);
	timer_start(&v->core->timers, &r->patience, r->began_ms + TRIAL_MS, nobody_waits, r);
	finish_if_done(r);
	return ERR_OK;
}

/* -- answers -- */

/* Why there was silence: perhaps nothing could be sent at all. */
static enum trouble_why why_silent(const struct trial *r, const struct question *q)
{
	const struct voice *v = r->voice;
	for (uint32_t i = 0; i < v->peer_count; i++)
		if (sip_address_eq(&v->peers[i].address, &q->to) &&
		    v->peers[i].broken != TROUBLE_none && v->peers[i].broken_ms >= r->began_ms)
			return v->peers[i].broken;
	return TROUBLE_silent;
}

void trial_pinged(struct voice *v, uint64_t ping, uint32_t status, struct str text)
{
	list_for_each (link, &v->trials) {
		struct trial *r = CONTAINER_OF(link, struct trial, link);
		for (uint32_t i = 0; i < r->count; i++) {
			struct question *q = &r->questions[i];
			if (!q->open || q->ping != ping)
				continue;
			if (status == 408)
				close_question(r, q, why_silent(r, q), 0, STR_NONE);
			else /* any answer but "not now" is a sign of life, as in watch.c */
				close_question(r, q, status == 503 ? TROUBLE_refused : TROUBLE_none,
					       status, text);
			finish_if_done(r);
			return;
		}
	}
}

void trial_registered(struct voice *v, struct trunk_id trunk, bool up, uint32_t status)
{
	list_for_each (link, &v->trials) {
		struct trial *r = CONTAINER_OF(link, struct trial, link);
		for (uint32_t i = 0; i < r->count && ID_EQ(r->trunk, trunk); i++) {
			struct question *q = &r->questions[i];
			if (!q->open || q->answer.asked != ASKED_register)
				continue;
			close_question(r, q,
				       up && status < 300 ? TROUBLE_none
				       : status == 408	  ? TROUBLE_silent
							  : TROUBLE_refused,
				       status, STR_NONE);
			finish_if_done(r);
			return;
		}
	}
}

void trial_finish(struct voice *v)
{
	list_for_each (link, &v->trials) {
		struct trial *r = CONTAINER_OF(link, struct trial, link);
		timer_stop(&v->core->timers, &r->patience);
		list_remove(&r->link);
		free(r);
	}
}
