/*
 * media.c - the media processes of the voice channel: who lives, who takes new calls, and what is
 * settled with each when a connection is new.
 *
 * A line belongs to one process for life: its legs are mixed there. New lines go to the newest one;
 * after an upgrade the older ones drain. Processes are known by the supervisor's numbers.
 */
#include "channel/voice/browser.h"

static struct voice_media *find(struct voice *v, uint32_t number)
{
	for (uint32_t i = 0; i < VOICE_MEDIA_MAX; i++)
		if (number && v->media[i].number == number)
			return &v->media[i];
	return NULL;
}

bool media_connected(const struct voice *v, uint32_t number)
{
	const struct voice_media *m = find((struct voice *)(uintptr_t)v, number);
	return m && m->connected;
}

/* -- orders -- */

static void order_to(struct voice *v, uint32_t number, const struct order *o)
{
	char room[2048];
	struct buf b = buf_make(room, sizeof room);
	if (!media_connected(v, number))
		return; /* line_sync says it all again once the inventory is read */
	order_encode(&b, o);
	CHECK(!b.full);
	v->o.order(v->o.arg, number, buf_str(&b));
}

static uint32_t of_leg(const struct voice *v, struct id id)
{
	const struct leg *leg = leg_get((struct voice *)(uintptr_t)v, ID_AS(leg_id, id));
	return leg ? leg->media
		   : v->hearing; /* it is told of one that nobody knows: closed there */
}

static uint32_t of_rec(const struct voice *v, struct id id)
{
	uint32_t n;
	const struct line *l = recording_line(v, id, &n);
	return l ? l->media : v->hearing;
}

/* The process an order is for. */
static uint32_t addressee(const struct voice *v, const struct order *o)
{
	switch (o->kind) {
	case ORDER_leg_open:
		return of_leg(v, o->leg_open.leg);
	case ORDER_leg_remote:
		return of_leg(v, o->leg_remote.leg);
	case ORDER_leg_web:
		return of_leg(v, o->leg_web.leg);
	case ORDER_leg_secure:
		return of_leg(v, o->leg_secure.leg);
	case ORDER_leg_close:
		return of_leg(v, o->leg_close.leg);
	case ORDER_play:
		return of_leg(v, o->play.leg);
	case ORDER_music:
		return of_leg(v, o->music.leg);
	case ORDER_play_stop:
		return of_leg(v, o->play_stop.leg);
	case ORDER_send_digit:
		return of_leg(v, o->send_digit.leg);
	case ORDER_hear:
		return of_leg(v, o->hear.leg);
	case ORDER_record:
		return of_rec(v, o->record.rec);
	case ORDER_record_hear:
		return of_rec(v, o->record_hear.rec);
	case ORDER_record_stop:
		return of_rec(v, o->record_stop.rec);
	case ORDER_record_ack: /* whoever told it */
	case ORDER_hello:
	case ORDER_inventory:
	case ORDER_NONE:
	case ORDER_COUNT:
		return v->hearing;
	}
	return 0;
}

void voice_order(struct voice *v, const struct order *o)
{
	order_to(v, addressee(v, o), o);
}

/* -- who lives -- */

static bool lives(const uint32_t *numbers, uint32_t count, uint32_t number)
{
	for (uint32_t i = 0; i < count; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

static void lost(struct voice *v, struct leg *leg)
{
	struct line *l = line_of(v, leg->contact);
	v->lost++;
	leg->media_open = false;
	if (!l) {
		leg_end(leg);
		return;
	}
	if (l->disconnected) { /* ended when it was brought back */
		leg_end(leg);
		return;
	}
	/* the sound of this contact is gone: nobody could talk on */
	line_disconnect(l, PARTY_system, STR("server_restart"), 0);
}

/* Its port is gone. */
static void leg_gone(struct voice *v, struct leg *leg)
{
	if (leg->state == LEG_OVER) /* its figures died with the process */
		leg_media_closed(leg, &(struct report_leg_closed){.leg = ID(leg->id)});
	else if (leg->port)
		lost(v, leg);
	else if (leg->web)
		browser_not_opened(leg, ERR_AGAIN);
}

static void sync_line(struct line *l)
{
	if (!l->disconnected || l->recording_count)
		line_sync(l);
}

/* Its process is gone: what has no port yet gets one from the newest, and that one also answers for
 * the recordings the dead one left. */
static void line_moves(struct voice *v, struct line *l)
{
	l->media = v->newest;
	line_touch(l);
	list_for_each (link, &l->legs) {
		struct leg *leg = CONTAINER_OF(link, struct leg, link);
		if (leg->port)
			continue;
		leg->media = v->newest;
		leg_touch(leg);
	}
	if (v->media_ready)
		sync_line(l);
}

static void forget(struct voice *v, struct voice_media *m)
{
	v->past.packets_in += m->gauges.packets_in;
	v->past.packets_out += m->gauges.packets_out;
	v->past.strays += m->gauges.strays;
	v->past.forged += m->gauges.forged;
	*m = (struct voice_media){0};
}

void voice_media_living(struct voice *v, const uint32_t *numbers, uint32_t count)
{
	v->newest = count ? numbers[0] : 0;
	v->media_ready = media_connected(v, v->newest);
	for (uint32_t i = 0; i < VOICE_MEDIA_MAX; i++)
		if (v->media[i].number && !lives(numbers, count, v->media[i].number))
			forget(v, &v->media[i]);
	pool_for_each (struct leg, leg, v->legs)
		if (!lives(numbers, count, leg->media))
			leg_gone(v, leg);
	browser_drain(v);
	pool_for_each (struct line, l, v->lines)
		if (!lives(numbers, count, l->media))
			line_moves(v, l);
}

void voice_media_up(struct voice *v, uint32_t number)
{
	struct voice_media *m = find(v, number);
	for (uint32_t i = 0; i < VOICE_MEDIA_MAX && !m; i++)
		if (!v->media[i].number)
			m = &v->media[i];
	CHECK(m && number); /* the supervisor runs no more */
	m->number = number;
	m->connected = true;
	v->media_ready = media_connected(v, v->newest);
	pool_for_each (struct leg, leg, v->legs)
		if (leg->media == number)
			leg->media_seen = false;
	order_to(v, number,
		 &(struct order){.kind = ORDER_hello, .hello = {.version = ORDER_VERSION}});
	m->inventory = ++v->inventory;
	order_to(v, number,
		 &(struct order){.kind = ORDER_inventory, .inventory = {.number = m->inventory}});
}

void voice_media_down(struct voice *v, uint32_t number)
{
	struct voice_media *m = find(v, number);
	if (m)
		m->connected = false;
	v->media_ready = media_connected(v, v->newest);
}

bool voice_media_ready(const struct voice *v)
{
	return v->media_ready;
}

/* -- what really runs -- */

void media_leg_is(struct voice *v, const struct report_leg_is *r)
{
	struct leg *leg = leg_get(v, ID_AS(leg_id, r->leg));
	if (leg && leg->media != v->hearing)
		leg = NULL;
	if (leg)
		leg->media_seen = leg->media_open = true;
	if (leg) /* what it hears is said anew, under a number media has not heard */
		leg->play = MAX(leg->play, r->play);
	if (!leg || leg->state == LEG_OVER) /* ending here: its figures come with leg_closed */
		order_to(v, v->hearing,
			 &(struct order){.kind = ORDER_leg_close, .leg_close = {.leg = r->leg}});
	else if (leg->web)
		browser_path(leg, r->up);
	else if (r->port)
		leg_port(leg, r->port, ERR_OK);
}

void media_inventory_end(struct voice *v, uint32_t inventory)
{
	const struct voice_media *m = find(v, v->hearing);
	if (!m || m->inventory != inventory)
		return;
	const uint64_t before = v->lost;
	pool_for_each (struct leg, leg, v->legs) {
		if (leg->media != m->number)
			continue;
		const struct line *l = line_of(v, leg->contact);
		if (!leg->media_seen)
			leg_gone(v, leg);
		else if (l && l->disconnected)
			leg_end(leg); /* of a life that was set aside */
	}
	pool_for_each (struct line, l, v->lines)
		if (l->media == m->number)
			sync_line(l);
	browser_sync(v, m->number);
	log_line(LOG_INFO, "event=media_settled number=%u legs=%u lost=%llu", m->number,
		 pool_count(v->legs), (unsigned long long)(v->lost - before));
}

/* -- figures -- */

void media_gauges(struct voice *v, const struct report_gauges *g)
{
	struct voice_media *m = find(v, v->hearing);
	if (m)
		m->gauges = *g;
}

/* The sum of all processes, with what those that ended had counted. */
const struct report_gauges *voice_gauges(struct voice *v)
{
	struct report_gauges sum = v->past;
	for (uint32_t i = 0; i < VOICE_MEDIA_MAX; i++) {
		const struct report_gauges *g = &v->media[i].gauges;
		sum.threads += g->threads;
		sum.legs += g->legs;
		sum.recordings += g->recordings;
		sum.files_behind += g->files_behind;
		sum.packets_in += g->packets_in;
		sum.packets_out += g->packets_out;
		sum.strays += g->strays;
		sum.forged += g->forged;
		sum.tick_late_max_us = MAX(sum.tick_late_max_us, g->tick_late_max_us);
	}
	v->gauges = sum;
	return &v->gauges;
}

void voice_media_dump(const struct voice *v, struct buf *out)
{
	for (uint32_t i = 0; i < VOICE_MEDIA_MAX; i++) {
		const struct voice_media *m = &v->media[i];
		if (m->number)
			buf_fmt(out, "process %u %s legs %u %s\n", m->number,
				m->connected ? "connected" : "away", m->gauges.legs,
				m->number == v->newest ? "takes calls" : "drains");
	}
}
