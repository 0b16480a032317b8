/* orders.c - what the core orders, and what comes back from the threads; see control.h. */
#include <errno.h>
#include <string.h>
#include <stdlib.h>

#include "media/webleg.h"
#include "os/clock.h"
#include "os/log.h"

static struct seat *seat_of(struct control *c, struct id id)
{
	struct seat *s = map_get(&c->legs, id_key(&id));
	return s && !s->closing ? s : NULL;
}

struct job *control_make_job(enum job_kind kind, struct seat *a)
{
	struct job *j = xcalloc(1, sizeof *j);
	j->kind = kind;
	j->a = a ? &a->leg : NULL;
	return j;
}

static void give(struct control *c, struct worker *w, struct job *j)
{
	c->jobs++;
	worker_post(w, j);
}

static struct worker *worker_of(struct control *c, struct id contact)
{
	return c->workers[contact.slot % c->worker_count];
}

static void begin_move(struct control *c, struct seat *s, struct job *leave)
{
	s->moving = true;
	c->moving++;
	give(c, s->worker, leave);
}

/* To the thread that has the leg, or is about to get it: in the order they were made. */
void control_give_leg(struct control *c, struct seat *s, struct job *j)
{
	if (s->moving)
		list_push(&s->held, &j->link);
	else if (j->kind == JOB_LEG_LEAVE)
		begin_move(c, s, j);
	else
		give(c, s->worker, j);
}

static void say_opened(struct control *c, struct id leg, uint16_t port, enum err e)
{
	link_say(&c->link, LINK_ONCE,
		 &(struct report){.kind = REPORT_leg_opened,
				  .leg_opened = {.leg = leg, .port = port, .err = e}});
}

static void move(struct control *c, struct seat *s, struct id contact)
{
	struct job *j = control_make_job(JOB_LEG_LEAVE, s);
	s->contact = j->contact = contact;
	control_give_leg(c, s, j);
}

static void say_moved(struct control *c, struct id from, const struct report_leg_closed *r)
{
	link_say(&c->link, LINK_KEEP,
		 &(struct report){.kind = REPORT_leg_moved,
				  .leg_moved = {.leg = r->leg,
						.contact = from,
						.sent = r->sent,
						.received = r->received,
						.lost = r->lost,
						.jitter_us = r->jitter_us,
						.mos_cent = r->mos_cent,
						.forged = r->forged,
						.suite = r->suite}});
}

/* Its thread has let go of it. */
static void leg_left(struct control *c, struct job *leave)
{
	struct seat *s = CONTAINER_OF(leave->a, struct seat, leg);
	say_moved(c, s->leg.contact, &leave->closed);
	s->leg.contact = leave->contact;
	s->worker = worker_of(c, leave->contact);
	s->moving = false;
	c->moving--;
	give(c, s->worker, control_make_job(JOB_LEG_OPEN, s));
	while (!list_empty(&s->held) && !s->moving) { /* one of them may be another move */
		struct job *j = CONTAINER_OF(s->held.next, struct job, link);
		list_remove(&j->link);
		control_give_leg(c, s, j);
	}
}

static struct seat *make_seat(struct control *c, struct id leg, struct id contact)
{
	struct seat *s = xcalloc(1, sizeof *s);
	uint64_t seed;
	os_random(&seed, sizeof seed);
	leg_init(&s->leg, seed, clock_mono_us());
	s->id = s->leg.id = leg;
	s->contact = s->leg.contact = contact;
	s->worker = worker_of(c, contact);
	list_init(&s->held);
	return s;
}

static void seat_enters(struct control *c, struct seat *s)
{
	CHECK(map_add(&c->legs, id_key(&s->id), s) == ERR_OK);
	give(c, s->worker, control_make_job(JOB_LEG_OPEN, s));
}

static void leg_open(struct control *c, const struct order_leg_open *o)
{
	struct seat *s = map_get(&c->legs, id_key(&o->leg));
	if (s) {
		if (!s->closing && !ID_EQ(s->contact, o->contact))
			move(c, s, o->contact);
		say_opened(c, o->leg, s->leg.port, s->closing ? ERR_CONFLICT : ERR_OK);
		return;
	}
	s = make_seat(c, o->leg, o->contact);
	enum err e = c->stopping ? ERR_CONFLICT : control_open_ports(c, &s->leg);
	if (e != ERR_OK) {
		free(s);
		say_opened(c, o->leg, 0, e);
		return;
	}
	seat_enters(c, s);
	say_opened(c, o->leg, s->leg.port, ERR_OK);
}

/* A browser's leg has no seat without a place on a port, and no place without a certificate. */
static enum err open_web(struct control *c, const struct order_leg_web *o, struct seat **out)
{
	struct seat *s = make_seat(c, o->leg, o->contact);
	enum err e = c->stopping ? ERR_CONFLICT : webleg_open(c, s);
	if (e != ERR_OK) {
		free(s);
		return e;
	}
	seat_enters(c, s);
	*out = s;
	return ERR_OK;
}

static void leg_web(struct control *c, const struct order_leg_web *o)
{
	struct seat *s = map_get(&c->legs, id_key(&o->leg));
	struct webleg_terms t;
	enum err e = webleg_terms_of(o, &t);
	if (e == ERR_OK && s && !s->web) /* ending, or a telephone's */
		e = ERR_CONFLICT;
	if (e == ERR_OK && !s)
		e = open_web(c, o, &s);
	if (e != ERR_OK) {
		link_say(&c->link, LINK_ONCE,
			 &(struct report){.kind = REPORT_leg_web_opened,
					  .leg_web_opened = {.leg = o->leg, .err = e}});
		return;
	}
	if (!ID_EQ(s->contact, o->contact))
		move(c, s, o->contact);
	webleg_come(c, s, &t);
	webleg_say_opened(c, s);
}

static bool has_family(const struct control *c, sa_family_t family)
{
	return c->ips[0].sa.sa_family == family ||
	       (c->ips[1].len && c->ips[1].sa.sa_family == family);
}

static void leg_remote(struct control *c, const struct order_leg_remote *o)
{
	struct seat *s = seat_of(c, o->leg);
	if (!s)
		return;
	if (!coder_known(o->codec)) {
		log_line(LOG_WARN, "event=codec_unknown codec=%u", o->codec);
		return;
	}
	struct job *j = control_make_job(JOB_LEG_REMOTE, s);
	j->terms = (struct leg_terms){
		.codec = (enum sound_codec)o->codec,
		.pt = o->pt & 0x7f,
		.dtmf_pt = o->dtmf_pt < 128 ? o->dtmf_pt : 255,
		.send = o->send,
		.receive = o->receive,
		.dtmf_ticks = o->dtmf_khz == 48 ? 6 : 1,
		.fixed = o->fixed,
	};
	if (!coder_stateless(j->terms.codec) && !(j->terms.state = codec_create(j->terms.codec))) {
		log_line(LOG_ERROR, "event=no_memory_for_codec codec=%u", o->codec);
		free(j);
		return;
	}
	/* 0.0.0.0 is the old way to say hold (RFC 3264 §8.4): nothing to send to */
	if (o->port &&
	    (addr_parse(o->address, o->port, &j->terms.address) != ERR_OK ||
	     !addr_is_host(&j->terms.address) || !has_family(c, j->terms.address.sa.sa_family))) {
		log_line(LOG_WARN, "event=address_unusable leg=%u.%u", o->leg.slot, o->leg.age);
		j->terms.address = (struct addr){0};
	}
	control_give_leg(c, s, j);
}

static bool terms_from(uint8_t suite, struct str key, struct str mki, struct srtp_terms *out)
{
	struct srtp_terms t = {.suite = (enum srtp_suite)suite, .mki_n = (uint8_t)mki.n};
	if (suite >= SRTP_SUITES || mki.n > SRTP_MKI_MAX || key.n > SRTP_KEY_MAX ||
	    (suite && key.n != srtp_key_bytes(t.suite)))
		return false;
	if (suite) {
		memcpy(t.key, key.p, key.n);
		if (mki.n)
			memcpy(t.mki, mki.p, mki.n);
	} else {
		t.mki_n = 0;
	}
	*out = t;
	return true;
}

/* Its packets are sealed from now on, or no more; the keys it has already go on as they are. */
static void leg_keys(struct control *c, const struct order_leg_secure *o)
{
	struct seat *s = seat_of(c, o->leg);
	struct srtp_terms seal, open;
	if (!s || s->leg.web || !terms_from(o->suite, o->seal, STR_NONE, &seal) ||
	    !terms_from(o->suite, o->open, o->mki, &open))
		return;
	struct leg_keys k = {.new_seal = !srtp_same(&seal, &s->seal),
			     .new_open = !srtp_same(&open, &s->open)};
	if (!k.new_seal && !k.new_open)
		return;
	k.seal = k.new_seal ? srtp_create(&seal) : NULL;
	k.open = k.new_open ? srtp_create(&open) : NULL;
	if (o->suite && ((k.new_seal && !k.seal) || (k.new_open && !k.open))) {
		log_line(LOG_ERROR, "event=no_memory_for_keys");
		srtp_destroy(k.seal);
		srtp_destroy(k.open);
		return;
	}
	s->seal = seal;
	s->open = open;
	os_random(&k.ssrc, sizeof k.ssrc);
	struct job *j = control_make_job(JOB_LEG_SECURE, s);
	j->keys = k;
	control_give_leg(c, s, j);
}

static void close_seat(struct control *c, struct seat *s)
{
	if (s->closing)
		return;
	s->closing = true;
	webleg_close(c, s);
	control_give_leg(c, s, control_make_job(JOB_LEG_CLOSE, s));
}

static void say_closed(struct control *c, const struct report_leg_closed *closed)
{
	link_say(&c->link, LINK_KEEP,
		 &(struct report){.kind = REPORT_leg_closed, .leg_closed = *closed});
}

static void leg_close(struct control *c, struct id leg)
{
	struct seat *s = map_get(&c->legs, id_key(&leg));
	if (s)
		close_seat(c, s);
	else /* so that nobody waits for a leg that died with an earlier media process */
		say_closed(c, &(struct report_leg_closed){.leg = leg});
}

void control_close_legs(struct control *c)
{
	uint32_t at = 0;
	for (struct seat *s; (s = map_next(&c->legs, &at));)
		close_seat(c, s);
}

/* A playlist of this name for the leg; NULL when the leg is gone or plays (or played) it already.
 */
static struct playlist *begin_play(struct control *c, struct id leg, uint32_t play,
				   struct str names)
{
	struct seat *s = seat_of(c, leg);
	if (!s || (s->played && s->play == play))
		return NULL;
	s->played = true;
	s->play_stopped = false;
	s->play = play;
	struct playlist *l = playlist_create(names);
	l->leg_slot = leg.slot;
	l->leg_age = leg.age;
	l->play = play;
	return l;
}

static void play(struct control *c, const struct order_play *o)
{
	struct playlist *l = begin_play(c, o->leg, o->play, o->files);
	if (!l)
		return;
	l->start_ms = o->start_ms;
	l->loop = o->loop;
	clips_fill(c->clips, l);
}

static void music(struct control *c, const struct order_music *o)
{
	struct playlist *l = begin_play(c, o->leg, o->play, o->name);
	if (!l)
		return;
	l->music = true;
	clips_fill(c->clips, l);
}

void control_playlist_filled(struct letter *letter, void *reader)
{
	struct control *c = reader;
	struct playlist *l = CONTAINER_OF(letter, struct playlist, letter);
	struct seat *s = seat_of(c, (struct id){l->leg_slot, l->leg_age});
	if (!s || s->play_stopped || s->play != l->play) {
		playlist_destroy(l);
		return;
	}
	struct job *j = control_make_job(JOB_PLAY, s);
	j->list = l;
	control_give_leg(c, s, j);
}

void control_playlist_back(struct letter *l, void *reader)
{
	(void)reader;
	playlist_destroy(CONTAINER_OF(l, struct playlist, letter));
}

static void play_stop(struct control *c, const struct order_play_stop *o)
{
	struct seat *s = seat_of(c, o->leg);
	if (!s || !s->played || s->play != o->play)
		return;
	s->play_stopped = true;
	struct job *j = control_make_job(JOB_PLAY_STOP, s);
	j->play = o->play;
	control_give_leg(c, s, j);
}

static void send_digit(struct control *c, const struct order_send_digit *o)
{
	struct seat *s = seat_of(c, o->leg);
	if (!s)
		return;
	struct job *j = control_make_job(JOB_DIGIT, s);
	j->digit = o->digit;
	j->duration_ms = o->duration_ms;
	control_give_leg(c, s, j);
}

static bool names_of(struct str text, struct order_ids *out)
{
	if (order_ids_get(text, out) == ERR_OK)
		return true;
	log_line(LOG_ERROR, "event=names_unusable bytes=%zu", text.n);
	return false;
}

static void hear(struct control *c, const struct order_hear *o)
{
	struct seat *s = seat_of(c, o->leg);
	struct order_ids whom;
	if (!s || !names_of(o->whom, &whom))
		return;
	struct job *j = control_make_job(JOB_HEAR, s);
	j->whom[0] = whom;
	control_give_leg(c, s, j);
}

static void say_recorded(struct control *c, const struct rec *r)
{
	const struct recorded *d = r->result;
	if (!c->link.greeted)
		return; /* it is told after the next hello */
	link_say(&c->link, LINK_ONCE,
		 &(struct report){.kind = REPORT_recorded,
				  .recorded = {.rec = d->rec,
					       .path = str_of(d->path),
					       .duration_ms = d->duration_ms,
					       .bytes = d->bytes,
					       .sha256 = str_of(d->sha256),
					       .flaw = str_of(d->flaw)}});
}

void control_tell_recorded(struct control *c)
{
	uint32_t at = 0;
	for (struct rec *r; (r = map_next(&c->recs, &at));)
		if (r->result)
			say_recorded(c, r);
}

static struct rec *add_rec(struct control *c, struct id id)
{
	struct rec *r = xcalloc(1, sizeof *r);
	r->id = id;
	CHECK(map_add(&c->recs, id_key(&r->id), r) == ERR_OK);
	return r;
}

void control_expect_recorded(void *control, struct id rec)
{
	(void)add_rec(control, rec);
}

void control_recorded(struct letter *l, void *reader)
{
	struct control *c = reader;
	struct recorded *d = CONTAINER_OF(l, struct recorded, letter);
	struct rec *r = map_get(&c->recs, id_key(&d->rec));
	if (!r)
		r = add_rec(c, d->rec);
	if (r->result) {
		free(d);
		return;
	}
	r->worker = NULL;
	r->result = d;
	say_recorded(c, r);
}

/* It never began, and the core is told why in the same way as of one that ended. */
static void refuse_record(struct control *c, const struct order_record *o, const char *flaw)
{
	struct recorded *d = xcalloc(1, sizeof *d);
	d->rec = o->rec;
	(void)str_copy(o->path, d->path, sizeof d->path);
	CHECK(str_copy(str_of(flaw), d->flaw, sizeof d->flaw));
	log_line(LOG_ERROR, "event=record_refused rec=%u.%u reason=\"%s\"", o->rec.slot, o->rec.age,
		 flaw);
	control_recorded(&d->letter, c);
}

static void forget_rec(struct control *c, struct rec *r)
{
	(void)map_remove(&c->recs, id_key(&r->id));
	free(r->result);
	free(r);
}

static void record(struct control *c, const struct order_record *o)
{
	struct seat *left = seat_of(c, o->left), *right = seat_of(c, o->right);
	struct rec *r = map_get(&c->recs, id_key(&o->rec));
	if (r && r->result)
		say_recorded(c, r);
	if (r && (!r->result || str_eq(str_of(r->result->path), o->path)))
		return;
	if (r) /* an id of another life that was never acknowledged, used anew */
		forget_rec(c, r);
	if (!left || !right || left == right || !ID_EQ(left->contact, right->contact)) {
		refuse_record(c, o, "never began: legs are not there");
		return;
	}
	if (!writer_path_ok(o->path)) {
		refuse_record(c, o, "never began: bad path");
		return;
	}
	struct tape *t = tape_create(o->rec, o->path);
	if (!t) {
		refuse_record(c, o, "never began: no memory");
		return;
	}
	struct worker *w = worker_of(c, left->contact);
	add_rec(c, o->rec)->worker = w;
	writer_open(c->writer, t);
	t->contact = left->contact;
	struct job *j = control_make_job(JOB_RECORD, NULL);
	j->whom[0] = (struct order_ids){1, {o->left}};
	j->whom[1] = (struct order_ids){1, {o->right}};
	j->tape = t;
	give(c, w, j);
}

static void record_stop(struct control *c, struct id rec)
{
	struct rec *r = map_get(&c->recs, id_key(&rec));
	if (!r) { /* a process that has ended may have left it; else nobody shall wait for it */
		add_rec(c, rec);
		writer_seek(c->writer, rec);
	}
	if (!r || !r->worker)
		return;
	struct job *j = control_make_job(JOB_RECORD_STOP, NULL);
	j->rec = rec;
	give(c, r->worker, j);
}

static void record_hear(struct control *c, const struct order_record_hear *o)
{
	struct rec *r = map_get(&c->recs, id_key(&o->rec));
	struct order_ids left, right;
	if (!r || !r->worker || !names_of(o->left, &left) || !names_of(o->right, &right))
		return;
	struct job *j = control_make_job(JOB_RECORD_HEAR, NULL);
	j->rec = o->rec;
	j->whom[0] = left;
	j->whom[1] = right;
	give(c, r->worker, j);
}

static void record_ack(struct control *c, struct id rec)
{
	struct rec *r = map_get(&c->recs, id_key(&rec));
	if (!r || !r->result)
		return;
	forget_rec(c, r);
	writer_ack(c->writer, rec);
}

/* A leg between two threads would be missed: it is awaited. */
static void inventory(struct control *c, uint32_t number)
{
	c->inventory_number = number;
	c->inventory_waits = c->moving != 0;
	if (c->inventory_waits)
		return;
	struct inventory *v = xcalloc(1, sizeof *v);
	*v = (struct inventory){number, c->link.generation, c->worker_count};
	for (uint32_t i = 0; i < c->worker_count; i++) {
		struct job *j = control_make_job(JOB_INVENTORY, NULL);
		j->inventory = v;
		j->legs_room = c->legs.count;
		j->recs_room = c->recs.count;
		j->leg_is = xcalloc(j->legs_room + 1, sizeof *j->leg_is);
		j->rec_is = xcalloc(j->recs_room + 1, sizeof *j->rec_is);
		j->names_room = j->names =
			xcalloc(j->legs_room + 2 * j->recs_room + 1, 8 * ORDER_IDS_MAX);
		give(c, c->workers[i], j);
	}
}

static void say_leg(struct control *c, struct report_leg_is *is)
{
	const struct seat *s = map_get(&c->legs, id_key(&is->leg));
	if (s)
		webleg_fill_leg_is(s, is);
	link_say(&c->link, LINK_ONCE, &(struct report){.kind = REPORT_leg_is, .leg_is = *is});
}

static void say_inventory(struct control *c, struct job *j)
{
	struct inventory *v = j->inventory;
	bool wanted = v->generation == c->link.generation; /* else another core asked */
	for (uint32_t i = 0; wanted && i < j->legs; i++)
		say_leg(c, &j->leg_is[i]);
	for (uint32_t i = 0; wanted && i < j->recs; i++)
		link_say(&c->link, LINK_ONCE,
			 &(struct report){.kind = REPORT_rec_is, .rec_is = j->rec_is[i]});
	free(j->leg_is);
	free(j->rec_is);
	free(j->names_room);
	if (--v->parts)
		return;
	if (wanted)
		link_say(&c->link, LINK_ONCE,
			 &(struct report){.kind = REPORT_inventory_end,
					  .inventory_end = {.number = v->number}});
	free(v);
}

static void leg_closed(struct control *c, struct job *j)
{
	struct seat *s = CONTAINER_OF(j->a, struct seat, leg);
	say_closed(c, &j->closed);
	control_close_doors(&s->leg);
	codec_destroy(s->leg.codec);
	srtp_destroy(s->leg.seal);
	srtp_destroy(s->leg.open);
	CHECK(map_remove(&c->legs, id_key(&s->id)) == s);
	explicit_bzero(&s->seal, sizeof s->seal);
	explicit_bzero(&s->open, sizeof s->open);
	free(s);
}

void control_job_back(struct letter *l, void *reader)
{
	struct control *c = reader;
	struct job *j = CONTAINER_OF(l, struct job, letter);
	c->jobs--;
	if (j->kind == JOB_LEG_CLOSE)
		leg_closed(c, j);
	else if (j->kind == JOB_LEG_LEAVE)
		leg_left(c, j);
	else if (j->kind == JOB_INVENTORY)
		say_inventory(c, j);
	codec_destroy(j->terms.state);
	srtp_destroy(j->keys.seal);
	srtp_destroy(j->keys.open);
	control_close_door(&j->door);
	free(j);
	if (c->inventory_waits && !c->moving)
		inventory(c, c->inventory_number);
}

void control_obey(struct control *c, const struct order *o)
{
	switch (o->kind) {
	case ORDER_hello:
		if (o->hello.version != ORDER_VERSION)
			log_line(LOG_WARN, "event=core_version version=%u", o->hello.version);
		c->link.greeted = true;
		control_tell_recorded(c);
		webleg_tell_paths(c);
		break;
	case ORDER_leg_open:
		leg_open(c, &o->leg_open);
		break;
	case ORDER_leg_web:
		leg_web(c, &o->leg_web);
		break;
	case ORDER_leg_remote:
		leg_remote(c, &o->leg_remote);
		break;
	case ORDER_leg_secure:
		leg_keys(c, &o->leg_secure);
		break;
	case ORDER_leg_close:
		leg_close(c, o->leg_close.leg);
		break;
	case ORDER_play:
		play(c, &o->play);
		break;
	case ORDER_music:
		music(c, &o->music);
		break;
	case ORDER_play_stop:
		play_stop(c, &o->play_stop);
		break;
	case ORDER_send_digit:
		send_digit(c, &o->send_digit);
		break;
	case ORDER_hear:
		hear(c, &o->hear);
		break;
	case ORDER_record_hear:
		record_hear(c, &o->record_hear);
		break;
	case ORDER_record:
		record(c, &o->record);
		break;
	case ORDER_record_stop:
		record_stop(c, o->record_stop.rec);
		break;
	case ORDER_record_ack:
		record_ack(c, o->record_ack.rec);
		break;
	case ORDER_inventory:
		inventory(c, o->inventory.number);
		break;
	case ORDER_NONE: /* of a newer core */
	case ORDER_COUNT:
		break;
	}
}
