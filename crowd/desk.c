/*
 * desk.c - the agents' hands: sign in, be ready, end the wrap-up with an outcome, take breaks. Each
 * desk looks at its agent every desk_ms and does what a person would do then.
 */
#include <jansson.h>
#include <stdlib.h>

#include "crowd/http.h"

enum desk_doing { DESK_SIGNING_IN, DESK_LOOKING, DESK_PRESENCE, DESK_WRAPPING, DESK_VERB };
/* what he does in a talk, and what follows it */
enum desk_plan { PLAN_NONE, PLAN_HOLD, PLAN_RESUME, PLAN_CONSULT, PLAN_DECIDE, PLAN_HAND_ON };
#define AWAY_LOOK_MS 4000

struct desk {
	struct crowd *crowd;
	const struct crowd_agent *agent;
	struct http *http;
	enum desk_doing doing; /* the request that is open or comes next */
	char token[512];
	struct timer timer;
	int64_t break_at_ms, break_until_ms; /* until 0: no break now */
	int64_t act_at_ms;		     /* wrap-up or penalty: when to do something; 0: none */
	char presence[16];		     /* what to set */
	char contact[64];		     /* whose wrap-up */
	char talk[64];			     /* the one he talks in; its plan was made */
	enum desk_plan plan;
	int64_t plan_at_ms;
	const char *verb;
	bool comes; /* of those who come while all is as usual */
};
struct desks {
	struct crowd *crowd;
	uint32_t count;
	struct desk desk[];
};

static void act(struct timer *t, int64_t now_ms);

static void later(struct desk *d, enum desk_doing doing, uint32_t in_ms)
{
	d->doing = doing;
	timer_start(&d->crowd->timers, &d->timer, d->crowd->now_ms + in_ms, act, d);
}

/* Not all at the same moment. */
static uint32_t look_ms(struct desk *d)
{
	const uint32_t ms = MAX(d->crowd->o->desk_ms, 100u);
	return ms / 2 + dice_below(&d->crowd->dice, ms);
}

static void plan_break(struct desk *d)
{
	const uint32_t every_ms = d->crowd->o->break_every_ms;
	d->break_until_ms = 0;
	d->break_at_ms = every_ms && d->crowd->o->reason_count
				 ? d->crowd->now_ms + dice_exp_ms(&d->crowd->dice, every_ms)
				 : INT64_MAX;
}

static void ask(struct desk *d, const char *method, const char *path, struct str body)
{
	CHECK(!http_ask(d->http, method, str_of(path), str_of(d->token), body));
}

static void act(struct timer *t, int64_t now_ms)
{
	struct desk *d = t->arg;
	const struct crowd_options *o = d->crowd->o;
	struct dice *dice = &d->crowd->dice;
	char path[256], body[512];
	struct buf p = buf_make(path, sizeof path - 1), b = buf_make(body, sizeof body);
	(void)now_ms;
	memset(path, 0, sizeof path);
	switch (d->doing) {
	case DESK_SIGNING_IN:
		d->token[0] = 0;
		buf_fmt(&b, "{\"tenant\":\"%s\",\"user\":\"%s\",\"password\":\"%s\"}", o->tenant,
			d->agent->user, d->agent->password);
		ask(d, "POST", "/api/v1/login", buf_str(&b));
		break;
	case DESK_LOOKING:
		buf_fmt(&p, "/api/v1/tenants/%s/agents/%s", o->tenant, d->agent->user);
		ask(d, "GET", path, STR_NONE);
		break;
	case DESK_PRESENCE:
		buf_fmt(&p, "/api/v1/tenants/%s/agents/%s/presence", o->tenant, d->agent->user);
		buf_fmt(&b, "{\"presence\":\"%s\"", d->presence);
		if (str_is(str_of(d->presence), "not_ready"))
			buf_fmt(&b, ",\"reason\":\"%s\"",
				o->reasons[dice_below(dice, o->reason_count)]);
		buf_c(&b, "}");
		ask(d, "POST", path, buf_str(&b));
		break;
	case DESK_WRAPPING:
		buf_fmt(&p, "/api/v1/tenants/%s/contacts/%s/wrap", o->tenant, d->contact);
		buf_c(&b, "{");
		if (o->outcome_count)
			buf_fmt(&b, "\"outcome\":\"%s\",",
				o->outcomes[dice_below(dice, o->outcome_count)]);
		buf_fmt(&b, "\"note\":\"%s\"}",
			o->note_count && dice_chance(dice, 0.4)
				? o->notes[dice_below(dice, o->note_count)]
				: "");
		ask(d, "POST", path, buf_str(&b));
		break;
	case DESK_VERB:
		buf_fmt(&p, "/api/v1/tenants/%s/contacts/%s/%s", o->tenant, d->talk, d->verb);
		if (str_is(str_of(d->verb), "consult") || str_is(str_of(d->verb), "transfer"))
			buf_fmt(&b, "{\"to\":{\"queue\":\"%s\"}}",
				o->queues[dice_below(dice, o->queue_count)]);
		else
			buf_c(&b, "{}");
		ask(d, "POST", path, buf_str(&b));
		break;
	}
}

static void set_presence(struct desk *d, const char *presence)
{
	CHECK(str_copy(str_of(presence), d->presence, sizeof d->presence));
	later(d, DESK_PRESENCE, 0);
}

static const char *word(const json_t *agent, const char *key)
{
	const char *w = json_string_value(json_object_get(agent, key));
	return w ? w : "";
}

/* In wrap-up, or in penalty for a missed offer: something is to be done, after a while. */
static bool after_a_while(struct desk *d, uint32_t mean_ms)
{
	const int64_t now_ms = d->crowd->now_ms;
	if (!d->act_at_ms)
		d->act_at_ms = now_ms + dice_lognormal_ms(&d->crowd->dice, mean_ms, 0.5);
	if (now_ms < d->act_at_ms) {
		const int64_t left_ms = d->act_at_ms - now_ms;
		later(d, DESK_LOOKING, (uint32_t)MIN(left_ms + 1, 60000));
		return false;
	}
	d->act_at_ms = 0;
	return true;
}

/* Once a talk: what he does in it, and when. */
static void plan_talk(struct desk *d, const char *contact)
{
	struct dice *dice = &d->crowd->dice;
	if (str_is(str_of(contact), d->talk) || !str_copy(str_of(contact), d->talk, sizeof d->talk))
		return;
	const uint32_t n = dice_below(dice, 10);
	d->plan = !dice_chance(dice, d->crowd->o->verbs_share) ? PLAN_NONE
		  : n < 7 || !d->crowd->o->queue_count	       ? PLAN_HOLD
		  : n < 9				       ? PLAN_HAND_ON
							       : PLAN_CONSULT;
	d->plan_at_ms = d->crowd->now_ms + 6000 + dice_below(dice, 10000);
}

/* True: it is time, and he does it. */
static bool follow_plan(struct desk *d)
{
	static const struct {
		const char *verb;
		enum desk_plan next;
	} steps[] = {[PLAN_HOLD] = {"hold", PLAN_RESUME},
		     [PLAN_RESUME] = {"resume", PLAN_NONE},
		     [PLAN_CONSULT] = {"consult", PLAN_DECIDE},
		     [PLAN_DECIDE] = {"cancel", PLAN_NONE},
		     [PLAN_HAND_ON] = {"transfer", PLAN_NONE}};
	struct dice *dice = &d->crowd->dice;
	if (d->plan == PLAN_NONE || d->crowd->now_ms < d->plan_at_ms)
		return false;
	d->verb =
		d->plan == PLAN_DECIDE && dice_chance(dice, 0.5) ? "complete" : steps[d->plan].verb;
	d->plan = steps[d->plan].next;
	d->plan_at_ms = d->crowd->now_ms + 8000 + dice_below(dice, 10000);
	later(d, DESK_VERB, 0);
	return true;
}

static bool wanted(const struct desk *d)
{
	return d->comes || crowd_is_busy(d->crowd);
}

static void looked(struct desk *d, const json_t *agent)
{
	const struct crowd_options *o = d->crowd->o;
	const int64_t now_ms = d->crowd->now_ms;
	const struct str work = str_of(word(agent, "work"));
	const struct str presence = str_of(word(agent, "presence"));
	const char *contact =
		json_string_value(json_array_get(json_object_get(agent, "contacts"), 0));

	if (str_is(work, "wrapping") && contact) {
		if (!after_a_while(d, o->wrap_ms))
			return;
		if (!str_copy(str_of(contact), d->contact, sizeof d->contact))
			d->crowd->r.desk_errors++;
		later(d, DESK_WRAPPING, 0);
		return;
	}
	if (contact &&
	    (str_is(work, "talking") || str_is(work, "holding") || str_is(work, "consulting"))) {
		plan_talk(d, contact);
		if (follow_plan(d))
			return;
	}
	if (!wanted(d) && !contact) {
		if (str_is(presence, "signed_out"))
			later(d, DESK_LOOKING, AWAY_LOOK_MS);
		else
			set_presence(d, "signed_out");
		return;
	}
	if (str_is(work, "no_answer")) {
		if (after_a_while(d, 5000))
			set_presence(d, "ready");
		return;
	}
	d->act_at_ms = 0;
	if (d->break_until_ms) {
		if (now_ms >= d->break_until_ms) {
			plan_break(d);
			set_presence(d, "ready");
			return;
		}
	} else if (now_ms >= d->break_at_ms && !contact) {
		d->break_until_ms = now_ms + dice_lognormal_ms(&d->crowd->dice, o->break_ms, 0.5);
		set_presence(d, "not_ready");
		return;
	} else if (!str_is(presence, "ready")) {
		set_presence(d, "ready");
		return;
	}
	later(d, DESK_LOOKING, look_ms(d));
}

static void signed_in(struct desk *d, const json_t *body)
{
	const char *token = json_string_value(json_object_get(body, "token"));
	if (!token || !str_copy(str_of(token), d->token, sizeof d->token)) {
		d->crowd->r.desk_errors++;
		later(d, DESK_SIGNING_IN, 5000);
		return;
	}
	d->crowd->r.signed_in++;
	if (wanted(d))
		set_presence(d, "ready");
	else
		later(d, DESK_LOOKING, 0);
}

static void answered(void *arg, uint32_t status, struct str text)
{
	struct desk *d = arg;
	if (status == 0 || status >= 500 || status == 429) { /* away, or too much: later */
		d->crowd->r.desk_errors += status != 0;
		later(d, d->token[0] ? DESK_LOOKING : DESK_SIGNING_IN, 500 + look_ms(d));
		return;
	}
	if (status == 401) {
		d->crowd->r.desk_errors += d->doing == DESK_SIGNING_IN;
		later(d, DESK_SIGNING_IN, d->doing == DESK_SIGNING_IN ? 10000 : 0);
		return;
	}
	json_t *body = json_loadb(text.p, text.n, 0, NULL);
	switch (d->doing) {
	case DESK_SIGNING_IN:
		signed_in(d, body);
		break;
	case DESK_LOOKING:
		if (status == 200) {
			looked(d, body);
			break;
		}
		d->crowd->r.desk_errors++;
		later(d, DESK_LOOKING, 5000);
		break;
	case DESK_WRAPPING:
		d->crowd->r.wraps += status == 200; /* else it ended a moment ago by itself */
		later(d, DESK_LOOKING, look_ms(d));
		break;
	case DESK_VERB:	    /* 409: the talk is over, or nobody can be asked */
	case DESK_PRESENCE: /* 409: not possible just now, the next look will tell */
		later(d, DESK_LOOKING, look_ms(d));
		break;
	}
	json_decref(body);
}

struct desks *desks_create(struct crowd *c)
{
	struct sip_address server;
	if (crowd_address(c->o->http, &server))
		return NULL;
	struct desks *all = xcalloc(1, sizeof *all + c->o->agent_count * sizeof(struct desk));
	all->crowd = c;
	all->count = c->o->agent_count;
	for (uint32_t i = 0; i < all->count; i++) {
		struct desk *d = &all->desk[i];
		d->crowd = c;
		d->agent = &c->o->agents[i];
		d->http = http_client_create(c, &server, answered, d);
		d->comes = !c->o->at_work || i < c->o->at_work;
		plan_break(d);
		/* checking a password is slow on purpose: one after the other */
		later(d, DESK_SIGNING_IN, 50 * i);
	}
	return all;
}

void desks_destroy(struct desks *all)
{
	if (!all)
		return;
	for (uint32_t i = 0; i < all->count; i++) {
		timer_stop(&all->crowd->timers, &all->desk[i].timer);
		http_client_destroy(all->desk[i].http);
	}
	free(all);
}
