/* worker_jobs.c - see worker_jobs.h. */
#include "media/worker_jobs.h"

#include <sys/epoll.h>

#include "os/clock.h"

static void watch_door(struct worker *w, struct leg *l, struct door *d)
{
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = d};
	d->leg = l;
	CHECK(epoll_ctl(w->epoll, EPOLL_CTL_ADD, d->rtp, &e) == 0);
}

static void open_leg(struct worker *w, struct leg *l, int64_t now_us)
{
	l->worker = w;
	list_push(&w->legs, &l->link);
	list_push(worker_room(w, l->contact), &l->room);
	hear_arrived(l, now_us);
	if (leg_wants_ticks(l)) /* it comes from another thread */
		worker_activate(w, l);
	for (int i = 0; i < ADDR_FAMILIES && l->doors[i].family; i++)
		watch_door(w, l, &l->doors[i]);
}

/* A browser's leg: the packets that wait in the former socket are lost, as the network might lose
 * them. */
static void take_path(struct worker *w, struct job *j, int64_t now_us)
{
	struct leg *l = j->a;
	if (j->new_socket) {
		struct door old = l->doors[0];
		if (old.family)
			CHECK(epoll_ctl(w->epoll, EPOLL_CTL_DEL, old.rtp, NULL) == 0);
		l->doors[0] = j->door;
		j->door = old;
		if (l->doors[0].family)
			watch_door(w, l, &l->doors[0]);
	}
	leg_path(l, &j->path, now_us);
}

void worker_end_tape(struct worker *w, struct tape *t, int64_t now_us)
{
	if (!t->running)
		return;
	tape_finish(t, now_us, writer_post, w->writer);
	for (int i = 0; i < 2; i++)
		listener_clear(&t->sides[i].hears, now_us);
	list_remove(&t->link);
	writer_end(w->writer, t);
}

static bool anybody_there(struct worker *w, struct id contact)
{
	list_for_each (link, worker_room(w, contact))
		if (ID_EQ(CONTAINER_OF(link, struct leg, room)->contact, contact))
			return true;
	return false;
}

static bool records(const struct tape *t, struct id leg)
{
	struct order_ids left, right;
	listener_names(&t->sides[0].hears, &left);
	listener_names(&t->sides[1].hears, &right);
	return order_ids_have(&left, leg) || order_ids_have(&right, leg);
}

/* See record and record_hear in order.def. */
static void end_tapes_of(struct worker *w, const struct leg *l, int64_t now_us)
{
	bool last = !anybody_there(w, l->contact);
	list_for_each (link, &w->tapes) {
		struct tape *t = CONTAINER_OF(link, struct tape, link);
		if (ID_EQ(t->contact, l->contact) && (last || (!t->fed && records(t, l->id))))
			worker_end_tape(w, t, now_us);
	}
}

/* Its socket and what it plays stay as they are; packets wait in the socket. */
static void leave(struct worker *w, struct leg *l, int64_t now_us)
{
	list_remove(&l->room);
	end_tapes_of(w, l, now_us);
	for (int i = 0; i < ADDR_FAMILIES && l->doors[i].family; i++)
		CHECK(epoll_ctl(w->epoll, EPOLL_CTL_DEL, l->doors[i].rtp, NULL) == 0);
	hear_leaves(l, now_us);
	list_remove(&l->active);
	list_remove(&l->link);
}

static void count(struct leg *l, struct report_leg_closed *out, int64_t now_us)
{
	struct leg_tally t;
	leg_read_rtcp(l, now_us);
	uint32_t mos_cent = leg_figures(l, &t);
	*out = (struct report_leg_closed){
		.leg = l->id,
		.sent = t.sent,
		.received = t.received,
		.lost = t.lost,
		.jitter_us = rtp_count_jitter_us(&l->count),
		.strays = t.strays,
		.peer_lost = t.peer_lost,
		.peer_jitter_us = l->peer_jitter_us,
		.rtt_us = l->rtt_us,
		.mos_cent = mos_cent,
		.forged = t.forged,
		.suite = l->suite,
	};
}

static void close_leg(struct worker *w, struct job *j, int64_t now_us)
{
	leave(w, j->a, now_us);
	leg_play_stop(j->a);
	count(j->a, &j->closed, now_us);
}

static void hear(struct leg *l, const struct order_ids *whom, int64_t now_us)
{
	listener_set(&l->hears, l->worker, l->contact, whom, now_us);
}

static void feed(struct worker *w, struct tape *t, const struct order_ids whom[2], int64_t now_us)
{
	for (int i = 0; i < 2; i++)
		listener_set(&t->sides[i].hears, w, t->contact, &whom[i], now_us);
}

static void record(struct worker *w, struct job *j, int64_t now_us)
{
	struct tape *t = j->tape;
	feed(w, t, j->whom, now_us);
	list_push(&w->tapes, &t->link);
	tape_start(t, now_us);
}

static struct tape *tape_of(struct worker *w, struct id rec)
{
	list_for_each (link, &w->tapes) {
		struct tape *t = CONTAINER_OF(link, struct tape, link);
		if (ID_EQ(t->rec, rec))
			return t;
	}
	return NULL;
}

static void record_hear(struct worker *w, struct job *j, int64_t now_us)
{
	struct tape *t = tape_of(w, j->rec);
	if (!t)
		return;
	t->fed = true;
	feed(w, t, j->whom, now_us);
}

static struct str put_names(struct job *j, const struct order_ids *ids)
{
	struct str s = order_ids_put(j->names, ids);
	j->names += s.n;
	return s;
}

static void take_inventory(struct worker *w, struct job *j)
{
	list_for_each (link, &w->legs) {
		struct leg *l = CONTAINER_OF(link, struct leg, link);
		struct order_ids hears;
		CHECK(j->legs < j->legs_room);
		listener_names(&l->hears, &hears);
		j->leg_is[j->legs++] = (struct report_leg_is){
			.leg = l->id,
			.contact = l->contact,
			.port = l->port,
			.hears = put_names(j, &hears),
			.play = l->player.list ? l->play : 0,
			.position_ms = leg_position_ms(l, w->tick),
			.locked = l->source.locked.len != 0,
		};
	}
	list_for_each (link, &w->tapes) {
		struct tape *t = CONTAINER_OF(link, struct tape, link);
		CHECK(j->recs < j->recs_room);
		struct order_ids left, right;
		listener_names(&t->sides[0].hears, &left);
		listener_names(&t->sides[1].hears, &right);
		j->rec_is[j->recs++] =
			(struct report_rec_is){t->rec, put_names(j, &left), put_names(j, &right)};
	}
}

static void play(struct worker *w, struct job *j)
{
	if (j->list->count) {
		leg_play(j->a, j->list);
		return;
	}
	/* nothing of it could be read */
	leg_play_stop(j->a);
	j->a->play = j->list->play;
	worker_report(w, &(struct report){
				 .kind = REPORT_play_done,
				 .play_done = {.leg = j->a->id, .play = j->list->play, .ok = 0},
			 });
	worker_give_back(w, j->list);
}

static void send_digit(struct worker *w, struct job *j)
{
	if (digit_out_add(&j->a->digits_out, j->digit, j->duration_ms) == ERR_OK)
		worker_activate(w, j->a);
}

/* The state of a codec it speaks already stays: what was said before is in it. */
static void agree(struct job *j, int64_t now_us)
{
	struct leg *l = j->a;
	if (l->coder.codec != j->terms.codec) {
		struct codec *old = l->codec;
		l->codec = j->terms.state;
		j->terms.state = old;
	}
	(void)leg_agree(l, &j->terms, now_us);
}

static void do_job(struct letter *letter, void *reader)
{
	struct worker *w = reader;
	struct job *j = CONTAINER_OF(letter, struct job, letter);
	struct tape *tape;
	int64_t now_us = clock_mono_us();
	switch (j->kind) {
	case JOB_LEG_OPEN:
		open_leg(w, j->a, now_us);
		break;
	case JOB_LEG_REMOTE:
		agree(j, now_us);
		break;
	case JOB_LEG_SECURE:
		leg_secure(j->a, &j->keys);
		break;
	case JOB_LEG_PATH:
		take_path(w, j, now_us);
		break;
	case JOB_LEG_CLOSE:
		close_leg(w, j, now_us);
		break;
	case JOB_LEG_LEAVE:
		leave(w, j->a, now_us);
		count(j->a, &j->closed, now_us);
		break;
	case JOB_PLAY:
		play(w, j);
		break;
	case JOB_PLAY_STOP:
		if (j->a->play == j->play)
			leg_play_stop(j->a);
		break;
	case JOB_DIGIT:
		send_digit(w, j);
		break;
	case JOB_HEAR:
		hear(j->a, &j->whom[0], now_us);
		break;
	case JOB_RECORD:
		record(w, j, now_us);
		break;
	case JOB_RECORD_HEAR:
		record_hear(w, j, now_us);
		break;
	case JOB_RECORD_STOP:
		tape = tape_of(w, j->rec);
		if (tape)
			worker_end_tape(w, tape, now_us);
		break;
	case JOB_INVENTORY:
		take_inventory(w, j);
		break;
	case JOB_STOP:
		w->stopping = true;
		return; /* its maker waits for the thread */
	}
	letter->open = w->job_back;
	mailbox_post(w->answers, letter);
}

void worker_post(struct worker *w, struct job *j)
{
	j->letter.open = do_job;
	mailbox_post(w->box, &j->letter);
}
