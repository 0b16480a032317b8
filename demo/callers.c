/*
 * callers.c - the firm's callers: when they come, what they press, how long they wait and talk.
 *
 * They come by a Poisson process that follows the hour (crowd/people.h), the weekday, a growth of
 * a third over the time, and the luck of the day; one day something is out of order.
 */
#include "base/jsonw.h"
#include "core/zone.h"
#include "demo/inner.h"

#define OUTAGE_DAY 61 /* of the past: half a town without a network, from nine to two */

/* What is told after his line was over starts nothing any more. */
static void timer_for(struct caller *k, struct timer *t, int64_t in_ms, timer_h *fire)
{
	if (!k->alive)
		return;
	timer_start(&k->past->core.timers, t, k->past->core.now_ms + in_ms, fire, k);
}

/* -- they come -- */

static double rate_at(const struct past *p, int64_t at_ms)
{
	static const double weekdays[] = {1.12, 1.0, 0.97, 1.0, 0.95, 0.52, 0.36};
	struct local_time at;
	zone_local(p->zone, at_ms, &at);
	const double through =
		(double)(at_ms - p->o.from_ms) / (double)(p->o.until_ms - p->o.from_ms);
	const double growth = 0.75 + 0.25 * through;
	double rate = people_rhythm((at.hour + at.minute / 60.0) / 24) * weekdays[at.weekday] *
		      growth * p->day_factor;
	if ((at_ms - p->o.from_ms) / DAY_MS == OUTAGE_DAY && at.hour >= 9 && at.hour < 14)
		rate *= 1.8;
	return rate;
}

static void hangs_up(struct timer *t, int64_t now_ms)
{
	struct caller *k = t->arg;
	(void)now_ms;
	if (k->gone)
		return;
	k->gone = true;
	EMIT(&k->past->core, disconnect, .contact = k->id, .by = PARTY_customer,
	     .cause = STR("normal"));
}

static enum want wanted(struct dice *d, struct str to)
{
	if (str_ends(to, STR("2")))
		return WANT_ADVISER;
	if (str_ends(to, STR("1")))
		return WANT_BILLING;
	const uint32_t n = dice_below(d, 100);
	return n < 36 ? WANT_SALES : n < 82 ? WANT_SUPPORT : WANT_BILLING;
}

static void somebody_calls(struct past *p)
{
	struct dice *d = &p->dice;
	const uint32_t line = dice_below(d, 100);
	const struct str to = line < 80	  ? STR("+48221000000")
			      : line < 96 ? STR("+48221000001")
					  : STR("+48221000002");
	/* two of three are customers, some of them often */
	const double share = dice_share(d);
	const uint32_t who = dice_chance(d, 0.66) && p->customer_count
				     ? (uint32_t)(share * share * p->customer_count)
				     : DEMO_CUSTOMERS + dice_below(d, 6000);
	const struct object *number = objects_find(p->core.objects, KIND_number, p->o.tenant, to);
	const struct object *flow = number ? objects_find(p->core.objects, KIND_flow, p->o.tenant,
							  number->config->number.flow)
					   : NULL;
	struct demo_customer customer;
	struct contact_id id;
	if (!flow)
		return;
	demo_customer(who, &customer);
	const struct contact_options o = {.tenant = p->tenant,
					  .trunk = p->trunk,
					  .flow = ID_AS(flow_id, flow->id),
					  .direction = DIRECTION_inbound,
					  .from = dice_chance(d, 0.03) ? STR("anonymous")
								       : str_of(customer.number),
					  .to = to};
	if (contact_create(&p->core, &o, &id) != ERR_OK)
		return;
	struct caller *k = &p->callers[id.slot];
	*k = (struct caller){.past = p, .id = id, .alive = true, .who = who, .want = wanted(d, to)};
	CHECK(str_copy(str_of(customer.lang), k->lang, sizeof k->lang));
	k->spoke_language = str_is(str_of(k->lang), "pl");
	contact_hold(&p->core, id); /* until the figures of his line are told */
	p->arrived++;
	if (who < p->customer_count && !str_is(o.from, "anonymous")) {
		char text[UUID_TEXT + 1];
		uuid_text(p->customers[who], text);
		EMIT(&p->core, customer_linked, .tenant = p->tenant,
		     .contact = contact_get(&p->core, id)->uuid, .customer = str_of(text),
		     .how = STR("exact"), .by = STR_NONE);
	}
	if (dice_chance(d, 0.03)) /* wrong number, or he thinks better of it */
		timer_for(k, &k->leaves, 1500 + dice_below(d, 12000), hangs_up);
	if (SEND(&p->core, flow_start, .contact = id, .flow = o.flow) != ERR_OK)
		hangs_up(&(struct timer){.arg = k}, 0);
}

static void arrival(struct timer *t, int64_t now_ms)
{
	struct past *p = t->arg;
	const double most = 2.2; /* of rate_at */
	if (p->closing)
		return;
	if (dice_chance(&p->dice, rate_at(p, now_ms) / most))
		somebody_calls(p);
	timer_start(&p->core.timers, t,
		    now_ms + dice_exp_ms(&p->dice, 3600000.0 / (p->o.calls_per_hour * most)),
		    arrival, p);
}

void callers_begin(struct past *p)
{
	timer_start(&p->core.timers, &p->arrival, p->core.now_ms + 1, arrival, p);
}

void callers_send_home(struct past *p)
{
	for (uint32_t i = 1; i <= PAST_CONTACTS; i++)
		if (p->callers[i].alive)
			hangs_up(&(struct timer){.arg = &p->callers[i]}, 0);
}

/* -- what they hear and press -- */

static void played(struct timer *t, int64_t now_ms)
{
	struct caller *k = t->arg;
	(void)now_ms;
	EMIT(&k->past->core, play_done, .contact = k->id, .token = k->token, .ok = true);
}

static uint32_t key_of(struct caller *k)
{
	struct dice *d = &k->past->dice;
	if (k->in_menu_of_callback)
		return dice_chance(d, 0.65) ? 1 : 2;
	if (dice_chance(d, 0.03))
		return 5; /* there is nothing at five */
	if (!k->spoke_language) {
		k->spoke_language = true;
		return str_is(str_of(k->lang), "en") ? 8 : 9;
	}
	return k->want == WANT_SALES ? 1 : k->want == WANT_SUPPORT ? 2 : 3;
}

static void presses(struct timer *t, int64_t now_ms)
{
	struct caller *k = t->arg;
	(void)now_ms;
	EMIT(&k->past->core, digit, .contact = k->id, .digit = key_of(k));
}

static enum err media_play(struct past *p, const struct command_media_play *c)
{
	struct caller *k = &p->callers[c->contact.slot];
	const struct object *first =
		c->count ? objects_get(p->core.objects, ID(c->items[0].prompt)) : NULL;
	const int64_t ms = (c->digits ? 4500 : 2600) + (int64_t)dice_below(&p->dice, 900);
	if (!k->alive || k->gone)
		return ERR_NOT_FOUND;
	k->token = c->token;
	k->in_menu_of_callback = first && str_is(first->name, "callback");
	timer_for(k, &k->plays, ms, played);
	if (c->digits && !dice_chance(&p->dice, 0.05)) /* some never press anything */
		timer_for(k, &k->presses, 900 + dice_lognormal_ms(&p->dice, 3800, 0.45), presses);
	return ERR_OK;
}

enum err past_caller_command(struct past *p, const struct command *cmd)
{
	struct caller *k;
	switch ((int)cmd->kind) {
	case CMD_media_play:
		return media_play(p, &cmd->media_play);
	case CMD_media_stop:
		k = &p->callers[cmd->media_stop.contact.slot];
		if (!timer_running(&k->plays) || k->token != cmd->media_stop.token)
			return ERR_NOT_FOUND;
		timer_stop(&p->core.timers, &k->plays);
		return ERR_OK;
	case CMD_hang_up:
		k = &p->callers[cmd->hang_up.contact.slot];
		if (!k->alive || k->gone)
			return ERR_NOT_FOUND;
		k->gone = true;
		EMIT(&p->core, disconnect, .contact = k->id, .by = cmd->hang_up.by,
		     .cause = cmd->hang_up.cause);
		return ERR_OK;
	case CMD_seats_set:
		return p->callers[cmd->seats_set.contact.slot].alive ? ERR_OK : ERR_NOT_FOUND;
	case CMD_recording_pause:
		return ERR_CONFLICT;
	default: /* no trunk leads out of the past */
		return ERR_NOT_FOUND;
	}
}

/* -- talks -- */

static enum err call_does(struct caller *k, enum call_verb verb, enum target target,
			  struct str name)
{
	struct core *c = &k->past->core;
	const struct object *agent = objects_get(c->objects, ID(k->agent));
	return SEND(c, call_do, .contact = k->id, .agent = k->agent, .verb = verb, .target = target,
		    .name = name, .by = agent ? agent->name : STR_NONE);
}

static void talk_ends(struct timer *t, int64_t now_ms)
{
	struct caller *k = t->arg;
	struct past *p = k->past;
	/* the recorded ones end as they were spoken; after more than a talk the customer hangs up
	 */
	if (!k->event_step && dice_chance(&p->dice, 0.42) &&
	    SEND(&p->core, call_left, .contact = k->id, .agent = k->agent) == ERR_OK)
		return;
	hangs_up(t, now_ms);
}

enum { NOTHING, HOLDS, RESUMES, CONSULTS, DECIDES, HANDS_ON };

static void event(struct timer *t, int64_t now_ms)
{
	struct caller *k = t->arg;
	struct dice *d = &k->past->dice;
	static const char *const queues[] = {"sales", "support", "billing"};
	(void)now_ms;
	if (!k->alive || !k->talks)
		return;
	switch (k->event_step) {
	case HOLDS:
		k->event_step = RESUMES;
		if (call_does(k, CALL_hold, TARGET_none, STR_NONE) == ERR_OK)
			timer_for(k, t, 15 * SECOND_MS + dice_exp_ms(d, 25000), event);
		break;
	case RESUMES:
		(void)!call_does(k, CALL_resume, TARGET_none, STR_NONE);
		break;
	case CONSULTS:
		k->event_step = DECIDES;
		if (call_does(k, CALL_consult, TARGET_queue, str_of(queues[dice_below(d, 3)])) ==
		    ERR_OK)
			timer_for(k, t, 20 * SECOND_MS + dice_below(d, 30000), event);
		break;
	case DECIDES:
		if (dice_chance(d, 0.45) ||
		    call_does(k, CALL_complete, TARGET_none, STR_NONE) != ERR_OK)
			(void)!call_does(k, CALL_cancel, TARGET_none, STR_NONE);
		break;
	case HANDS_ON:
		(void)!call_does(k, CALL_transfer, TARGET_queue,
				 str_of(queues[(k->want + 1 + dice_below(d, 2)) % 3]));
		break;
	default:
		break;
	}
}

/* One of the prepared talks in his language, for some of the last days. */
static bool tape_begins(struct caller *k, const struct event_answer *ev)
{
	struct past *p = k->past;
	struct core *c = &p->core;
	const int64_t left_ms = p->o.until_ms - c->now_ms;
	const double share = left_ms < DAY_MS ? 0.06 : left_ms < 9 * DAY_MS ? 0.011 : 0;
	if (k->taped || p->taped >= p->o.tapes_max || left_ms < 10 * MINUTE_MS ||
	    !dice_chance(&p->dice, share))
		return false;
	const uint32_t from = dice_below(&p->dice, MAX(p->o.dialog_count, 1u));
	for (uint32_t i = 0; i < p->o.dialog_count; i++) {
		k->dialog = (from + i) % p->o.dialog_count;
		if (str_is(str_of(k->lang), p->o.dialogs[k->dialog].lang))
			break;
	}
	struct uuid name = uuid_v7(c->utc_ms, core_dice(c), core_dice(c));
	char text[UUID_TEXT + 1];
	int year, month, day;
	struct buf b = buf_make(k->tape_path, sizeof k->tape_path - 1);
	uuid_text(name, text);
	civil_from_days(c->utc_ms / DAY_MS, &year, &month, &day);
	buf_fmt(&b, STR_FMT "/%04d-%02d-%02d/%s.wav", STR_ARG(p->o.tenant), year, month, day, text);
	k->tape_path[b.n] = 0;
	k->taped = true;
	k->tape_agent = ev->agent;
	k->tape_queue = ev->queue;
	p->taped++;
	contact_hold(c, k->id);
	return true;
}

static struct str tape_name(const struct caller *k)
{
	const struct str path = str_of(k->tape_path);
	return str_head(str_from(path, path.n - UUID_TEXT - 4), UUID_TEXT);
}

static void tape_ends(struct caller *k)
{
	struct past *p = k->past;
	struct past_tape t = {.path = str_of(k->tape_path),
			      .dialog = k->dialog,
			      .ms = p->core.now_ms - k->answered_ms};
	if (p->o.tape(p->o.arg, &t)) {
		EMIT(&p->core, recording_end, .contact = k->id, .recording = tape_name(k),
		     .duration_ms = t.ms, .channels = 2, .codec = STR("pcm_s16le"),
		     .bytes = t.bytes, .sha256 = str_of(t.sha256), .path = t.path);
	} else {
		EMIT(&p->core, recording_end, .contact = k->id, .recording = tape_name(k),
		     .flaw = STR("the file could not be made"), .path = t.path);
	}
	k->tape_path[0] = 0;
	contact_release(&p->core, k->id);
}

static void answered(struct caller *k, const struct event_answer *ev)
{
	static const double means_s[] = {240, 330, 200, 360};
	struct past *p = k->past;
	struct dice *d = &p->dice;
	const bool first = !k->agent.slot;
	if (k->talks || !k->alive)
		return; /* somebody is asked; the customer has his agent */
	k->talks = true;
	k->agent = ev->agent;
	k->answered_ms = p->core.now_ms;
	k->event_step = NOTHING;
	if (tape_begins(k, ev)) {
		EMIT(&p->core, recording_start, .contact = k->id, .queue = ev->queue,
		     .agent = ev->agent, .recording = tape_name(k));
		k->event_step = NOTHING;
		timer_for(k, &k->leaves, p->o.dialogs[k->dialog].ms, talk_ends);
		return;
	}
	const int64_t talk_ms =
		12 * SECOND_MS +
		dice_lognormal_ms(d, means_s[k->want] * 1000 * worker_pace(p, ev->agent), 0.75);
	timer_for(k, &k->leaves, MIN(talk_ms, 40 * MINUTE_MS), talk_ends);
	const uint32_t n = dice_below(d, 100);
	k->event_step = !first	 ? NOTHING
			: n < 15 ? HOLDS
			: n < 20 ? CONSULTS
			: n < 26 ? HANDS_ON
				 : NOTHING;
	if (k->event_step)
		timer_for(k, &k->event, (int64_t)((double)talk_ms * (0.25 + 0.35 * dice_share(d))),
			  event);
}

/* What his line was like; then nothing of him is to come. */
static void line_over(struct caller *k)
{
	struct past *p = k->past;
	struct core *c = &p->core;
	const struct contact *of = contact_get(c, k->id);
	const uint32_t packets = of ? (uint32_t)((c->now_ms - of->arrive_ms) / 20) : 0;
	struct timer *all[] = {&k->plays, &k->presses, &k->leaves, &k->event};
	for (size_t i = 0; i < COUNT_OF(all); i++)
		timer_stop(&c->timers, all[i]);
	k->alive = k->talks = false;
	const uint32_t lost =
		dice_chance(&p->dice, 0.1) ? packets * dice_below(&p->dice, 30) / 1000 : 0;
	EMIT(c, leg_end, .contact = k->id, .party = PARTY_customer, .codec = STR("PCMA"),
	     .sent = packets, .received = packets - lost, .lost = lost,
	     .jitter_us = 200 + dice_exp_ms(&p->dice, 1800),
	     .mos_cent = 441 - (packets ? lost * 2400 / packets : 0));
	contact_release(c, k->id);
}

void past_caller_event(struct past *p, const struct event *ev)
{
	struct caller *k;
	switch ((int)ev->kind) {
	case EV_enqueue:
		k = &p->callers[ev->enqueue.contact.slot];
		if (k->talks)
			break; /* somebody is looked for beside his agent */
		timer_for(k, &k->leaves, 6 * SECOND_MS + dice_exp_ms(&p->dice, 165000), hangs_up);
		break;
	case EV_dequeue:
		k = &p->callers[ev->dequeue.contact.slot];
		if (!k->talks) /* whatever the flow does with him, he does not listen for ever */
			timer_for(k, &k->leaves, 5 * MINUTE_MS, hangs_up);
		break;
	case EV_answer:
		answered(&p->callers[ev->answer.contact.slot], &ev->answer);
		break;
	case EV_agent_end:
		k = &p->callers[ev->agent_end.contact.slot];
		if (k->tape_path[0] && ID_EQ(k->tape_agent, ev->agent_end.agent))
			tape_ends(k);
		if (ev->agent_end.result == RESULT_transferred ||
		    ID_EQ(k->agent, ev->agent_end.agent))
			k->talks = false;
		break;
	case EV_disconnect:
		k = &p->callers[ev->disconnect.contact.slot];
		if (k->alive)
			line_over(k);
		break;
	default:
		break;
	}
}
