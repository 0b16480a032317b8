/* run.c - the crowd's loop: arrivals, the 20 ms tick, the report, the end. */
#include <stdlib.h>
#include <sys/epoll.h>

#include "audio/sound.h"
#include "crowd/inner.h"

enum { TICK_MS = 20, LINGER_MS = 3000 };

double crowd_day(const struct crowd *c)
{
	/* the invented day begins at nine in the morning, when things start to move */
	return 9.0 / 24 + (double)(c->now_ms - c->began_ms) * c->o->clock_factor / 86400000.0;
}

static bool all_made(const struct crowd *c)
{
	return c->o->calls_max && c->r.started + c->r.not_made >= c->o->calls_max;
}

bool crowd_is_busy(const struct crowd *c)
{
	return c->speed > 1 || c->now_ms < c->storm_until_ms;
}

static double rate(const struct crowd *c)
{
	return c->o->calls_per_hour * c->speed *
	       (c->now_ms < c->storm_until_ms ? CROWD_STORM_FACTOR : 1);
}

static void arrival(struct timer *t, int64_t now_ms);

void crowd_pace(struct crowd *c)
{
	if (c->carrier)
		timer_start(&c->timers, &c->arrival, c->now_ms, arrival, c);
}

static void arrival(struct timer *t, int64_t now_ms)
{
	struct crowd *c = t->arg;
	if (all_made(c))
		return;
	if (c->o->at_once_max && c->now_calling >= c->o->at_once_max)
		c->r.not_made++;
	else
		caller_arrive(c);
	/* from when it was due, not from now: a late loop does not make the crowd smaller */
	timer_start(&c->timers, t,
		    MAX(t->at_ms, now_ms - 1000) + people_next_arrival_ms(&c->dice, rate(c),
									  c->o->clock_factor,
									  crowd_day(c)),
		    arrival, c);
}

static void tick(struct timer *t, int64_t now_ms)
{
	struct crowd *c = t->arg;
	if (c->carrier)
		line_tick(c->carrier);
	if (c->phones)
		line_tick(c->phones);
	/* a late tick is not made up for by two at once after more than five of them */
	timer_start(&c->timers, t, MAX(t->at_ms + TICK_MS, now_ms - 5 * TICK_MS), tick, c);
}

static void report(struct timer *t, int64_t now_ms)
{
	struct crowd *c = t->arg;
	const struct crowd_result *r = &c->r;
	const uint32_t minute = (uint32_t)(crowd_day(c) * 1440) % 1440;
	fprintf(c->o->out,
		"crowd: clock=%02u:%02u calls=%u now=%u talked=%u gave_up=%u refused=%u failed=%u "
		"offers=%u let_ring=%u wraps=%u\n",
		minute / 60, minute % 60, r->started, c->now_calling, r->talked, r->gave_up,
		r->refused, r->failed, r->offers, r->offers_let_ring, r->wraps);
	fflush(c->o->out);
	timer_start(&c->timers, t, now_ms + c->o->report_ms, report, c);
}

static void sip_ready(void *arg, uint32_t events)
{
	(void)events;
	line_read(arg);
}

static void sound_ready(void *arg, uint32_t events)
{
	(void)events;
	line_read_sound(arg);
}

static enum err add_line(struct crowd *c, const char *own, struct line **out)
{
	enum err why = ERR_OK;
	if (!own)
		return ERR_OK;
	*out = line_create(c, own, c->o->sip, &why);
	if (!*out)
		return why;
	loop_add(c->loop, (*out)->sip_fd, EPOLLIN, "crowd sip", sip_ready, *out);
	loop_add(c->loop, (*out)->rtp_fd, EPOLLIN, "crowd sound", sound_ready, *out);
	return ERR_OK;
}

static enum err begin(struct crowd *c)
{
	enum err e = add_line(c, c->o->trunk, &c->carrier);
	if (!e)
		e = add_line(c, c->o->phones, &c->phones);
	if (e)
		return e;
	if (c->carrier) {
		c->carrier->event = caller_event;
		if (!c->o->number_count || c->o->calls_per_hour <= 0)
			return ERR_INVALID;
		timer_start(&c->timers, &c->arrival, c->now_ms, arrival, c);
	}
	if (c->phones)
		c->phones->event = phone_event;
	if (c->o->http && !(c->desks = desks_create(c)))
		return ERR_INVALID;
	if (c->o->control && !(c->door = door_create(c)))
		return ERR_CONFLICT;
	if (c->o->rtp)
		timer_start(&c->timers, &c->tick, c->now_ms, tick, c);
	if (c->o->out && c->o->report_ms)
		timer_start(&c->timers, &c->report, c->now_ms + c->o->report_ms, report, c);
	return ERR_OK;
}

static void look_at_the_clock(void *arg)
{
	struct crowd *c = arg;
	c->now_ms = clock_mono_ms();
	if (c->carrier)
		sip_time(c->carrier->sip, c->now_ms);
	if (c->phones)
		sip_time(c->phones->sip, c->now_ms);
}

static void turn(struct crowd *c)
{
	const int64_t wait_ms = timers_next(&c->timers) - c->now_ms;
	loop_wait(c->loop, (int)(wait_ms < 0 ? 0 : MIN(wait_ms, 200)), look_at_the_clock, c);
	look_at_the_clock(c);
	timers_run(&c->timers, c->now_ms, 10000);
}

/* Everybody hangs up; the answers to that may take a moment. */
static void go_home(struct crowd *c)
{
	const int64_t until_ms = c->now_ms + LINGER_MS;
	timer_stop(&c->timers, &c->arrival);
	door_destroy(c->door);
	c->door = NULL;
	desks_destroy(c->desks);
	c->desks = NULL;
	if (c->carrier) {
		list_for_each (link, &c->carrier->talkers)
			caller_hang_up(CONTAINER_OF(link, struct talker, link));
	}
	while (c->now_ms < until_ms && c->now_calling > 0)
		turn(c);
}

static void tracks_make(struct crowd *c)
{
	c->tracks = xcalloc(c->o->talk_count + 1, sizeof *c->tracks);
	for (uint32_t i = 0; i < c->o->talk_count; i++) {
		const struct crowd_talk *t = &c->o->talks[i];
		for (int side = 0; side < 2; side++) {
			c->tracks[i][side] = xcalloc(t->samples + 1, 1);
			sound_encode(SOUND_PCMA, side ? t->agent : t->customer, c->tracks[i][side],
				     t->samples);
		}
	}
}

static void tracks_free(struct crowd *c)
{
	for (uint32_t i = 0; i < c->o->talk_count; i++) {
		free(c->tracks[i][0]);
		free(c->tracks[i][1]);
	}
	free(c->tracks);
}

enum err crowd_run(const struct crowd_options *o, struct crowd_result *result)
{
	struct crowd *c = xcalloc(1, sizeof *c);
	uint8_t *ulaw = voices_make(false), *alaw = voices_make(true);
	c->o = o;
	c->speed = 1;
	tracks_make(c);
	c->dice = dice_make(o->seed);
	c->loop = loop_create();
	c->voices[0] = ulaw;
	c->voices[1] = alaw;
	c->agent_calls = xcalloc(MAX(o->agent_count, 1u), sizeof *c->agent_calls);
	c->began_ms = c->now_ms = clock_mono_ms();
	timers_init(&c->timers);
	map_init(&c->callers, dice_next(&c->dice));

	const enum err e = begin(c);
	while (!e && !(o->stop && *o->stop) && !(all_made(c) && c->now_calling == 0))
		turn(c);
	if (!e)
		go_home(c);

	c->r.answer = delays_sum(&c->answer);
	c->r.ring = delays_sum(&c->ring);
	*result = c->r;
	door_destroy(c->door);
	desks_destroy(c->desks);
	tracks_free(c);
	line_destroy(c->carrier);
	line_destroy(c->phones);
	map_finish(&c->callers);
	timers_finish(&c->timers);
	loop_destroy(c->loop);
	free(c->agent_calls);
	free(ulaw);
	free(alaw);
	free(c);
	return e;
}
