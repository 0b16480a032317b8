/*
 * agents.c - the firm's agents: shifts, breaks, offers taken and missed, wrap-up.
 *
 * Early, day, late and night shifts of eight hours; who is off is a rule of the day's number, so
 * that every queue is staffed. Breaks come by chance, the meal in the middle of the shift.
 */
#include "base/jsonw.h"
#include "core/zone.h"
#include "demo/inner.h"

/* In the order in which they are declared; the night has those who can do most. */
static const char SHIFTS[] = "DMEMDMDNEDNEDMMDEEMDNNNM";

static const char *const NOTES[] = {
	"Klient prosi o fakturę w PDF na adres e-mail.",
	"Router po restarcie działa, sprawdzić za tydzień.",
	"Zmiana taryfy od nowego okresu rozliczeniowego.",
	"Wyjaśniona różnica na rachunku, korekta 12,40 zł.",
	"Umówiony technik na jutro między 10 a 14.",
	"Zainteresowany światłowodem, wysłać ofertę.",
	"Zgłoszenie awarii osiedlowej, numer sprawy podany.",
	"Klient rozważa rezygnację, zaproponowano rabat.",
	"Asked for the contract in English, sent by e-mail.",
	"Новый адрес доставки записан, модем отправлен.",
	"Hasło do panelu ustawione od nowa.",
	"Przedłużenie umowy na 24 miesiące.",
};

static struct worker *worker_of(struct past *p, struct agent_id id)
{
	for (uint32_t i = 0; i < p->worker_count; i++)
		if (ID_EQ(p->workers[i].id, id))
			return &p->workers[i];
	return NULL;
}

double worker_pace(const struct past *p, struct agent_id id)
{
	for (uint32_t i = 0; i < p->worker_count; i++)
		if (ID_EQ(p->workers[i].id, id))
			return 0.82 + 0.04 * (double)(i * 7 % 11);
	return 1;
}

static void presence(struct worker *w, enum presence to, struct str reason)
{
	/* a supervisor's word: nothing to ask for, and he may always go home */
	(void)!SEND(&w->past->core, presence_set, .agent = w->id, .presence = to, .reason = reason,
		    .by = objects_get(w->past->core.objects, ID(w->id))->name, .supervised = true);
}

static void plan(struct worker *w, struct timer *t, int64_t in_ms, timer_h *fire)
{
	timer_start(&w->past->core.timers, t, w->past->core.now_ms + in_ms, fire, w);
}

/* -- shifts and breaks -- */

static void back(struct timer *t, int64_t now_ms);

static void goes_away(struct timer *t, int64_t now_ms)
{
	struct worker *w = t->arg;
	struct dice *d = &w->past->dice;
	static const struct {
		const char *reason;
		uint32_t minutes;
	} kinds[] = {{"break", 10},   {"break", 10},	{"break", 8},	    {"meal", 27},
		     {"meeting", 30}, {"training", 45}, {"back_office", 20}};
	(void)now_ms;
	if (!w->on)
		return;
	/* meetings are of the day, mostly */
	const uint32_t k = dice_below(d, w->shift == 'N' ? 4 : COUNT_OF(kinds));
	presence(w, PRESENCE_not_ready, str_of(kinds[k].reason));
	w->away = true;
	plan(w, &w->mood, (int64_t)dice_lognormal_ms(d, kinds[k].minutes * 60000.0, 0.25), back);
}

static void back(struct timer *t, int64_t now_ms)
{
	struct worker *w = t->arg;
	(void)now_ms;
	if (!w->on)
		return;
	presence(w, PRESENCE_ready, STR_NONE);
	w->away = false;
	plan(w, &w->mood, 25 * MINUTE_MS + dice_exp_ms(&w->past->dice, 75.0 * MINUTE_MS),
	     goes_away);
}

static void goes_home(struct timer *t, int64_t now_ms)
{
	struct worker *w = t->arg;
	(void)now_ms;
	w->on = w->away = false;
	timer_stop(&w->past->core.timers, &w->mood);
	timer_stop(&w->past->core.timers, &w->recovers);
	presence(w, PRESENCE_signed_out, STR_NONE);
}

static void comes(struct timer *t, int64_t now_ms)
{
	struct worker *w = t->arg;
	struct past *p = w->past;
	(void)now_ms;
	w->on = true;
	/* whoever works in a browser has his telephone with him */
	EMIT(&p->core, phone_changed, .agent = w->id, .ready = true);
	core_deliver(&p->core);
	presence(w, PRESENCE_ready, STR_NONE);
	plan(w, &w->mood, 40 * MINUTE_MS + dice_exp_ms(&p->dice, 60.0 * MINUTE_MS), goes_away);
	plan(w, &w->comes, 8 * HOUR_MS + dice_below(&p->dice, 9 * MINUTE_MS), goes_home);
}

/* How many of his shift are declared before him. */
static uint32_t rank_of(const struct past *p, uint32_t i)
{
	uint32_t rank = 0;
	for (uint32_t k = 0; k < i; k++)
		rank += p->workers[k].shift == p->workers[i].shift;
	return rank;
}

/* Two of the five who can do nights; of the others three quarters, at weekends half. */
static bool works_on(const struct past *p, uint32_t i, uint32_t day, int weekday)
{
	const uint32_t rank = rank_of(p, i);
	if (p->workers[i].shift == 'N')
		return rank == day % 5 || rank == (day + 2) % 5;
	return weekday >= 5 ? (rank + day) % 2 == 0 : (rank + day) % 4 != 0;
}

/* When the clock on the wall shows this hour, by day: clocks are moved before six. */
static int64_t when_hour(const struct zone *zone, int64_t midnight_ms, int hour)
{
	struct local_time at;
	zone_local(zone, midnight_ms + hour * HOUR_MS, &at);
	return midnight_ms + (2 * hour - at.hour) * HOUR_MS;
}

static void day_begins(struct timer *t, int64_t now_ms)
{
	struct past *p = t->arg;
	struct local_time at;
	zone_local(p->zone, now_ms, &at);
	const uint32_t day = (uint32_t)(days_from_civil(at.year, at.month, at.day));
	const int64_t midnight_ms = zone_day_start(p->zone, now_ms);
	p->day_factor = 0.92 + 0.16 * dice_share(&p->dice);
	for (uint32_t i = 0; i < p->worker_count; i++) {
		struct worker *w = &p->workers[i];
		const int hour = w->shift == 'M'   ? 6
				 : w->shift == 'D' ? 9
				 : w->shift == 'E' ? 14
						   : 22;
		const int64_t in_ms = when_hour(p->zone, midnight_ms, hour) - now_ms +
				      dice_below(&p->dice, 6 * MINUTE_MS);
		/* ill: one day in forty */
		if (in_ms > 0 && !timer_running(&w->comes) && !dice_chance(&p->dice, 0.025) &&
		    works_on(p, i, day, at.weekday))
			plan(w, &w->comes, in_ms, comes);
	}
	timer_start(&p->core.timers, t, zone_next_day_start(p->zone, now_ms), day_begins, p);
}

void workers_begin(struct past *p)
{
	const struct object *o;
	for (uint32_t at = 0; (o = objects_next(p->core.objects, KIND_user, &at)) != NULL;) {
		if (!(o->config->user.roles & BIT(ROLE_AGENT)) || p->worker_count == PAST_AGENTS)
			continue;
		struct worker *w = &p->workers[p->worker_count];
		w->past = p;
		w->id = ID_AS(agent_id, o->id);
		w->shift = SHIFTS[p->worker_count++ % (sizeof SHIFTS - 1)];
	}
	p->midnight.arg = p;
	day_begins(&p->midnight, p->core.now_ms);
}

void workers_send_home(struct past *p)
{
	timer_stop(&p->core.timers, &p->midnight);
	for (uint32_t i = 0; i < p->worker_count; i++) {
		struct worker *w = &p->workers[i];
		timer_stop(&p->core.timers, &w->comes);
		if (w->on)
			goes_home(&w->comes, p->core.now_ms);
	}
}

/* -- what they do with calls -- */

static void takes(struct timer *t, int64_t now_ms)
{
	struct worker *w = t->arg;
	struct core *c = &w->past->core;
	(void)now_ms;
	(void)!SEND(c, offer_accept, .contact = w->offered, .agent = w->id);
}

static void rejects(struct timer *t, int64_t now_ms)
{
	struct worker *w = t->arg;
	(void)now_ms;
	(void)!SEND(&w->past->core, offer_fail, .contact = w->offered, .agent = w->id,
		    .result = OFFER_rejected);
}

static void rings(struct worker *w, const struct event_offer *ev)
{
	struct dice *d = &w->past->dice;
	w->offered = ev->contact;
	if (dice_chance(d, 0.025))
		return; /* he is not at his desk */
	const int64_t in_ms =
		MIN(dice_lognormal_ms(d, 4200, 0.5), (uint32_t)MAX(ev->ring_ms - 500, 500));
	plan(w, &w->answers, in_ms, dice_chance(d, 0.008) ? rejects : takes);
}

static struct str outcome_for(struct dice *d, struct str queue)
{
	const uint32_t n = dice_below(d, 100);
	if (str_is(queue, "sales"))
		return n < 34	? STR("sold")
		       : n < 62 ? STR("no_interest")
		       : n < 84 ? STR("call_back")
				: STR("solved");
	if (str_is(queue, "billing"))
		return n < 82 ? STR("solved") : n < 94 ? STR("complaint") : STR("call_back");
	return n < 68	? STR("solved")
	       : n < 86 ? STR("technician")
	       : n < 94 ? STR("complaint")
			: STR("call_back");
}

static void wraps(struct timer *t, int64_t now_ms)
{
	struct worker *w = t->arg;
	struct past *p = w->past;
	const struct str note = dice_chance(&p->dice, 0.35)
					? str_of(NOTES[dice_below(&p->dice, COUNT_OF(NOTES))])
					: STR_NONE;
	(void)now_ms;
	(void)!SEND(&p->core, wrap_set, .contact = w->wrapping, .agent = w->id,
		    .outcome = outcome_for(&p->dice, queue_name(p, w->wrap_queue)), .note = note,
		    .by = objects_get(p->core.objects, ID(w->id))->name);
}

static void recovers(struct timer *t, int64_t now_ms)
{
	struct worker *w = t->arg;
	(void)now_ms;
	if (w->on && !w->away)
		presence(w, PRESENCE_ready, STR_NONE);
}

void past_worker_event(struct past *p, const struct event *ev)
{
	struct worker *w;
	switch ((int)ev->kind) {
	case EV_offer:
		w = worker_of(p, ev->offer.agent);
		if (w)
			rings(w, &ev->offer);
		break;
	case EV_offer_end:
		w = worker_of(p, ev->offer_end.agent);
		if (w)
			timer_stop(&p->core.timers, &w->answers);
		break;
	case EV_wrap_start:
		w = worker_of(p, ev->wrap_start.agent);
		if (!w)
			break;
		w->wrapping = ev->wrap_start.contact;
		w->wrap_queue = ev->wrap_start.queue;
		plan(w, &w->wraps,
		     p->closing ? SECOND_MS
				: (int64_t)dice_lognormal_ms(&p->dice,
							     17000 * worker_pace(p, w->id), 0.6),
		     wraps);
		break;
	case EV_wrap_end:
		w = worker_of(p, ev->wrap_end.agent);
		if (w)
			timer_stop(&p->core.timers, &w->wraps);
		break;
	case EV_agent_work:
		w = worker_of(p, ev->agent_work.agent);
		if (w && ev->agent_work.to == WORK_no_answer)
			plan(w, &w->recovers, 15 * SECOND_MS + dice_exp_ms(&p->dice, 60000),
			     recovers);
		break;
	default:
		break;
	}
}
