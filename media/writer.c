/* writer.c - see writer.h. */
#include "media/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/ledger.h"
#include "media/lives.h"
#include "os/log.h"

#define SLICE (4u << 20) /* bytes hashed before the mailbox is looked at again */
#define DYING_MS 2000	 /* for another process that was killed to be gone */

/* A file whose last page is written: it is hashed in slices, so that others need not wait. */
struct finishing {
	struct list link;
	struct tape *tape;
	struct ledger_hash *hash;
	struct recorded *result;
};

struct writer {
	pthread_t thread;
	struct mailbox *box, *answers;
	void (*recorded)(struct letter *, void *);
	int root, state;
	struct lives lives; /* state is our own folder there */
	_Atomic uint32_t behind;
	struct list finishing;
	struct letter stop;
	bool stopping;
};

struct ack { /* and the question for one */
	struct letter letter;
	struct id rec;
};

/* The first failure is told to people at once; the core hears of it at the end. */
static void look(struct tape *t)
{
	if (!t->file.wrong || t->moaned)
		return;
	t->moaned = true;
	log_line(LOG_ERROR, "event=recording_failed rec=%u.%u doing=%s error=%s", t->rec.slot,
		 t->rec.age, t->file.doing, strerrorname_np((int)t->file.wrong));
}

static void count_down(struct writer *w)
{
	atomic_fetch_sub_explicit(&w->behind, 1, memory_order_relaxed);
}

static void post(struct writer *w, struct letter *l, void (*open)(struct letter *, void *))
{
	atomic_fetch_add_explicit(&w->behind, 1, memory_order_relaxed);
	l->open = open;
	mailbox_post(w->box, l);
}

static void open_tape(struct letter *l, void *reader)
{
	struct writer *w = reader;
	struct tape *t = CONTAINER_OF(l, struct tape, open);
	count_down(w);
	bool noted = ledger_begin(w->state, t->rec, str_of(t->path));
	uint32_t wrong = (uint32_t)errno;
	sound_file_open(&t->file, w->root, str_of(t->path));
	if (!noted && !t->file.wrong) {
		t->file.wrong = wrong;
		t->file.doing = "ledger";
	}
	look(t);
}

static void write_page(struct letter *l, void *reader)
{
	struct page *p = CONTAINER_OF(l, struct page, letter);
	struct tape *t = p->tape;
	count_down(reader);
	sound_file_write(&t->file, p->at, p->pcm, p->count);
	look(t);
	atomic_store_explicit(&p->busy, false, memory_order_release);
}

static void describe_flaw(const struct tape *t, char *out)
{
	if (t->file.wrong)
		snprintf(out, WRITER_FLAW_MAX, "truncated: %s",
			 strerrordesc_np((int)t->file.wrong));
	else if (t->lost)
		snprintf(out, WRITER_FLAW_MAX, "truncated: %u ms lost, disk too slow", t->lost / 8);
}

static void end_tape(struct letter *l, void *reader)
{
	struct writer *w = reader;
	struct tape *t = CONTAINER_OF(l, struct tape, end);
	struct finishing *f = xcalloc(1, sizeof *f);
	struct recorded *r = xcalloc(1, sizeof *r);
	count_down(w);
	r->duration_ms = sound_file_end(&t->file, w->root, str_of(t->path), t->made);
	look(t);
	r->rec = t->rec;
	CHECK(str_copy(str_of(t->path), r->path, sizeof r->path));
	*f = (struct finishing){.tape = t, .result = r, .hash = ledger_hash_start()};
	list_push(&w->finishing, &f->link);
}

static void tell(struct writer *w, struct recorded *r)
{
	r->letter.open = w->recorded;
	mailbox_post(w->answers, &r->letter);
}

static void finish(struct writer *w, struct finishing *f)
{
	struct recorded *r = f->result;
	list_remove(&f->link);
	sound_file_close(&f->tape->file);
	r->bytes = ledger_hash_end(f->hash, r->sha256);
	if (!r->bytes)
		r->sha256[0] = 0;
	describe_flaw(f->tape, r->flaw);
	if (!ledger_done(w->state, r))
		log_line(LOG_WARN, "event=ledger_failed rec=%u.%u", r->rec.slot, r->rec.age);
	tape_destroy(f->tape);
	free(f);
	tell(w, r);
}

/* False when nothing is left to do. */
static bool hash_some(struct writer *w)
{
	if (list_empty(&w->finishing))
		return false;
	struct finishing *f = CONTAINER_OF(w->finishing.next, struct finishing, link);
	int fd = f->tape->file.fd;
	if (fd < 0 || !ledger_hash_more(f->hash, fd, SLICE))
		finish(w, f);
	return true;
}

static void forget(struct letter *l, void *reader)
{
	struct ack *a = CONTAINER_OF(l, struct ack, letter);
	struct writer *w = reader;
	count_down(w);
	ledger_forget(w->state, a->rec);
	free(a);
}

struct seeking {
	struct writer *w;
	struct id rec;
	bool found;
};

static void found(void *arg, struct id rec)
{
	struct seeking *s = arg;
	s->found |= ID_EQ(rec, s->rec);
	tell(s->w, ledger_recover_one(s->w->state, s->w->root, rec));
}

static void seek(struct letter *l, void *reader)
{
	struct ack *a = CONTAINER_OF(l, struct ack, letter);
	struct writer *w = reader;
	struct seeking s = {.w = w, .rec = a->rec};
	count_down(w);
	lives_inherit(&w->lives, 0, found, &s);
	if (!s.found) {
		struct recorded *r = xcalloc(1, sizeof *r);
		*r = (struct recorded){.rec = a->rec, .flaw = "lost: not known"};
		tell(w, r);
	}
	free(a);
}

static void stop(struct letter *l, void *reader)
{
	struct writer *w = reader;
	CHECK(l == &w->stop);
	w->stopping = true;
}

static void tell_old(void *arg, struct recorded *r)
{
	tell(arg, r);
}

static void *run(void *arg)
{
	struct writer *w = arg;
	ledger_recover(w->state, w->root, tell_old, w);
	bool busy = false;
	while (!w->stopping || busy) {
		struct pollfd p = {.fd = mailbox_fd(w->box), .events = POLLIN};
		if (poll(&p, 1, busy ? 0 : -1) > 0)
			mailbox_drain(w->box, w);
		busy = hash_some(w);
	}
	return NULL;
}

static void ignore(void *arg, struct id rec)
{
	(void)arg;
	(void)rec; /* it is listed with what is ours */
}

struct writer *writer_start(const struct writer_options *o)
{
	struct writer *w = xcalloc(1, sizeof *w);
	w->answers = o->answers;
	w->recorded = o->recorded;
	w->stop.open = stop;
	list_init(&w->finishing);
	w->root = ledger_open_dir(o->root);
	if (w->root < 0 || !lives_begin(&w->lives, o->state)) {
		log_line(LOG_ERROR, "event=directory_failed path=%s error=%s",
			 w->root < 0 ? o->root : o->state, strerrorname_np(errno));
		if (w->root >= 0)
			close(w->root);
		free(w);
		return NULL;
	}
	w->state = w->lives.own;
	lives_inherit(&w->lives, o->alone ? DYING_MS : 0, ignore, NULL);
	ledger_list(w->state, o->known, o->arg);
	w->box = mailbox_create();
	CHECK(pthread_create(&w->thread, NULL, run, w) == 0);
	pthread_setname_np(w->thread, "media-writer");
	return w;
}

void writer_stop(struct writer *w)
{
	mailbox_post(w->box, &w->stop);
	pthread_join(w->thread, NULL);
	mailbox_destroy(w->box);
	close(w->root);
	lives_end(&w->lives);
	free(w);
}

uint32_t writer_behind(const struct writer *w)
{
	return atomic_load_explicit(&w->behind, memory_order_relaxed);
}

void writer_open(struct writer *w, struct tape *t)
{
	post(w, &t->open, open_tape);
}

void writer_post(void *writer, struct letter *l)
{
	post(writer, l, write_page);
}

void writer_end(struct writer *w, struct tape *t)
{
	post(w, &t->end, end_tape);
}

void writer_ack(struct writer *w, struct id rec)
{
	struct ack *a = xcalloc(1, sizeof *a);
	a->rec = rec;
	post(w, &a->letter, forget);
}

void writer_seek(struct writer *w, struct id rec)
{
	struct ack *a = xcalloc(1, sizeof *a);
	a->rec = rec;
	post(w, &a->letter, seek);
}
