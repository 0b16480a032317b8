/*
 * agent.c - presence (what the agent chose) and work (what he is at).
 *
 *           offer          accept           end               outcome, timer
 *   IDLE ─────────▶ OFFERED ──────▶ TALKING ─────▶ WRAPPING ─────────────────▶ IDLE
 *    ▲                │ │           ▲     │ hold, consult, conference
 *    └── else ────────┘ └─missed─┐  └─ HOLDING, CONSULTING, CONFERENCING
 *    ├────────── ready ── NO_ANSWER
 *    └─ failed ─ DIALLING ── answered ──▶ TALKING      he calls (own_call.c)
 *
 * A change of presence while he works waits as `next` until the work is over (behaviours.md A-1).
 */
#include "acd/inside.h"

#define TO(w) BIT(WORK_##w)
static const uint32_t may_go[] = {
	[WORK_idle] = TO(offered) | TO(dialling) | TO(preview) | TO(talking),
	[WORK_offered] = TO(idle) | TO(talking) | TO(no_answer),
	[WORK_dialling] = TO(idle) | TO(talking) | TO(no_answer),
	[WORK_talking] = TO(idle) | TO(holding) | TO(consulting) | TO(conferencing) | TO(wrapping),
	[WORK_holding] = TO(idle) | TO(talking) | TO(consulting) | TO(conferencing) | TO(wrapping),
	[WORK_consulting] = TO(idle) | TO(talking) | TO(holding) | TO(conferencing) | TO(wrapping),
	[WORK_conferencing] = TO(idle) | TO(talking) | TO(holding) | TO(consulting) | TO(wrapping),
	[WORK_wrapping] = TO(idle),
	[WORK_preview] = TO(idle) | TO(dialling),
	[WORK_no_answer] = TO(idle) | TO(dialling),
};

#define A(word) [AVAIL_##word] = {#word, sizeof #word - 1},
static const struct str avail_words[] = {AVAILS(A)};
#undef A

struct str avail_word(enum avail a)
{
	return avail_words[a];
}

void agent_touch(struct agent *a)
{
	core_touch(a->acd->core, IMAGE_AGENT, a->image);
}

bool agent_phone_ready(const struct agent *a)
{
	const struct user_config *u = agent_conf(a);
	switch (u->phone) {
	case PHONE_none:
		return false;
	case PHONE_number:
		return !u->phone_standing || a->registered;
	case PHONE_browser:
		return a->registered;
	case PHONE_sip:
		return u->phone_contact.n > 0 || a->registered;
	}
	return false;
}

bool agent_working(const struct agent *a)
{
	return a->work != WORK_idle && a->work != WORK_no_answer;
}

enum avail agent_avail(const struct agent *a)
{
	if (a->work == WORK_wrapping)
		return AVAIL_wrapping;
	if (agent_working(a))
		return AVAIL_busy;
	if (!a->is_agent)
		return AVAIL_leaving;
	switch (a->presence) {
	case PRESENCE_signed_out:
		return AVAIL_signed_out;
	case PRESENCE_not_ready:
		return AVAIL_not_ready;
	case PRESENCE_outbound_only:
		return AVAIL_outbound_only;
	case PRESENCE_ready:
		break;
	}
	if (a->work == WORK_no_answer)
		return AVAIL_no_answer;
	if (!agent_phone_ready(a))
		return AVAIL_no_phone;
	if (a->penalty_ms > a->acd->core->now_ms)
		return AVAIL_penalty;
	return agent_conf(a)->capacity_voice ? AVAIL_ready : AVAIL_no_capacity;
}

static void phone_tell(struct agent *a)
{
	const bool ready = agent_phone_ready(a);
	if (!a->declared || ready == a->phone_told)
		return;
	a->phone_told = ready;
	EMIT(a->acd->core, agent_phone, .agent = a->id, .ready = ready);
}

void agent_refresh(struct agent *a)
{
	phone_tell(a);
	enum avail is = agent_avail(a);
	if (is == a->avail)
		return;
	for (uint32_t i = 0; i < a->member_count; i++)
		member_leave(&a->members[i]);
	a->avail = is;
	for (uint32_t i = 0; i < a->member_count; i++) {
		member_enter(&a->members[i]);
		queue_staff_check(a->members[i].queue);
	}
}

/* -- the watchdog: nobody works on what is not there (behaviours.md A-7) -- */

bool agent_orphaned(const struct agent *a)
{
	const struct visit *v = visit_row(a->acd, a->job.contact);
	bool talks = v && !list_empty(&a->of_talk) && contact_get(a->acd->core, v->contact);
	if (v && v->caller == a) /* he called: he stays while the contact does */
		return a->work != WORK_dialling && a->work != WORK_talking;
	switch (a->work) {
	case WORK_idle:
	case WORK_no_answer:
	case WORK_preview:
		return false;
	case WORK_offered:
		return !v || !visit_rings(v, a) || !contact_get(a->acd->core, v->contact);
	case WORK_dialling:
	case WORK_talking:
	case WORK_holding:
	case WORK_consulting:
	case WORK_conferencing:
		return !talks;
	case WORK_wrapping:
		return !contact_get(a->acd->core, a->job.contact);
	}
	return false;
}

void agent_close(struct agent *a)
{
	char room[256];
	struct buf b = buf_make(room, sizeof room);
	buf_fmt(&b, "agent=%s work=" STR_FMT, a->name, STR_ARG(work_word(a->work)));
	acd_alarm(a, "agent_work_closed", buf_str(&b));
	list_remove(&a->of_talk);
	a->idle_ms = a->acd->core->now_ms;
	agent_done(a, WORK_idle);
	match_agent(a);
}

static void watch(struct timer *t, int64_t now_ms)
{
	struct acd *acd = t->arg;
	list_for_each (l, &acd->working) {
		struct agent *a = CONTAINER_OF(l, struct agent, of_working);
		if (a->work == WORK_wrapping || !agent_orphaned(a))
			a->orphan_ms = 0;
		else if (!a->orphan_ms)
			a->orphan_ms = now_ms;
		else if (now_ms - a->orphan_ms >= ORPHAN_MS)
			agent_close(a);
	}
	agent_watch(acd);
	acd_settle(acd);
}

void agent_watch(struct acd *acd)
{
	if (!list_empty(&acd->working) && !timer_running(&acd->watchdog))
		timer_start(&acd->core->timers, &acd->watchdog, acd->core->now_ms + WATCHDOG_MS,
			    watch, acd);
}

/* -- work -- */

/* The only writer of a->work. */
void agent_move(struct agent *a, enum work to)
{
	struct acd *acd = a->acd;
	CHECK(may_go[a->work] & BIT(to));
	const struct contact *k = contact_get(acd->core, a->job.contact);
	EMIT(acd->core, agent_work, .agent = a->id, .from = a->work, .to = to,
	     .contact = a->job.contact, .private = k && k->private);
	a->work = to;
	a->since_utc_ms = acd->core->utc_ms;
	a->orphan_ms = 0;
	list_remove(&a->of_working);
	if (agent_working(a)) {
		list_push(&acd->working, &a->of_working);
		agent_watch(acd);
	}
	agent_refresh(a);
	agent_touch(a);
}

static void presence_move(struct agent *a, enum presence to, struct str reason, struct str by);
static void next_set(struct agent *a, enum presence to, struct str reason, struct str by);

/* An agent may keep his presence for so long without a phone (behaviours.md A-6). */
#define PHONE_PATIENCE_MS 60000

/* Since when his phone, or the desk he had, is gone; INT64_MAX: they are there. */
static int64_t lost_ms(const struct agent *a)
{
	int64_t phone_ms = a->phone_lost_ms ? a->phone_lost_ms : INT64_MAX;
	return a->desk_lost_ms ? MIN(a->desk_lost_ms, phone_ms) : phone_ms;
}

static bool waits_for_phone(const struct agent *a)
{
	return lost_ms(a) != INT64_MAX &&
	       (a->presence == PRESENCE_ready || a->presence == PRESENCE_outbound_only);
}

static void connecting_set(struct agent *a, bool on)
{
	if (a->connecting == on)
		return;
	a->connecting = on;
	EMIT(a->acd->core, agent_connecting, .agent = a->id, .on = on);
	agent_touch(a);
}

/* Desks are people's: their supervisor is told. A telephone that is not registered says so itself.
 */
static void lost_tell(struct agent *a)
{
	char room[256];
	struct buf b = buf_make(room, sizeof room);
	if (agent_conf(a)->phone != PHONE_browser && !a->desk_lost_ms)
		return;
	buf_fmt(&b, "agent=%s", a->name);
	acd_alarm(a, "agent_away", buf_str(&b));
}

static void phone_given_up(struct agent *a)
{
	lost_tell(a);
	a->phone_lost_ms = a->desk_lost_ms = 0;
	connecting_set(a, false);
	if (agent_working(a))
		next_set(a, PRESENCE_not_ready, STR("technical"), STR("system"));
	else
		presence_move(a, PRESENCE_not_ready, STR("technical"), STR("system"));
}

/* -- reasons with a limit (behaviours.md A-2) -- */

static const struct reason_config *reason_of(const struct agent *a, struct str reason)
{
	const struct object *o =
		objects_find(a->acd->core->objects, KIND_reason, str_of(a->tenant->name), reason);
	return o ? &o->config->reason : NULL;
}

int64_t agent_reason_until(const struct agent *a)
{
	const struct reason_config *r =
		a->presence == PRESENCE_not_ready ? reason_of(a, str_of(a->reason)) : NULL;
	return r && r->max_minutes ? a->presence_ms + r->max_minutes * (int64_t)MINUTE_MS
				   : INT64_MAX;
}

/* When there is something to tell about it; INT64_MAX: no more. */
static int64_t reason_tell_ms(const struct agent *a)
{
	int64_t until_ms = agent_reason_until(a);
	if (until_ms == INT64_MAX || a->reason_told == REASON_OVER)
		return INT64_MAX;
	const struct reason_config *r = reason_of(a, str_of(a->reason));
	bool warns = r->warn_minutes && r->warn_minutes < r->max_minutes &&
		     a->reason_told == REASON_FINE;
	return warns ? until_ms - r->warn_minutes * (int64_t)MINUTE_MS : until_ms;
}

/* He and his supervisors are told; his presence is his own. */
static void reason_tell(struct agent *a)
{
	struct core *c = a->acd->core;
	int64_t until_ms = agent_reason_until(a);
	if (until_ms > c->now_ms) {
		a->reason_told = REASON_WARNED;
		EMIT(c, reason_warning, .agent = a->id, .reason = str_of(a->reason),
		     .left_ms = until_ms - c->now_ms);
	} else {
		char room[256];
		struct buf b = buf_make(room, sizeof room);
		buf_fmt(&b, "agent=%s reason=%s", a->name, a->reason);
		a->reason_told = REASON_OVER;
		EMIT(c, reason_over, .agent = a->id, .reason = str_of(a->reason),
		     .max_ms = until_ms - a->presence_ms);
		acd_alarm(a, "reason_over", buf_str(&b));
	}
	agent_touch(a);
}

static void agent_fire(struct timer *t, int64_t now_ms)
{
	struct agent *a = t->arg;
	if (reason_tell_ms(a) <= now_ms)
		reason_tell(a);
	if (waits_for_phone(a) && lost_ms(a) + PHONE_PATIENCE_MS <= now_ms)
		phone_given_up(a);
	else if (a->connecting && lost_ms(a) + PHONE_PATIENCE_MS <= now_ms)
		connecting_set(a, false);
	if (a->work == WORK_wrapping && a->job.wrap_until_ms && a->job.wrap_until_ms <= now_ms)
		agent_wrap_end(a, STR("timer"));
	agent_refresh(a);
	agent_arm(a);
	match_agent(a);
	acd_settle(a->acd);
}

void agent_arm(struct agent *a)
{
	struct core *c = a->acd->core;
	int64_t at_ms = INT64_MAX;
	if (a->work == WORK_wrapping && a->job.wrap_until_ms)
		at_ms = a->job.wrap_until_ms;
	if (a->penalty_ms > c->now_ms)
		at_ms = MIN(at_ms, a->penalty_ms);
	if (waits_for_phone(a) || (a->connecting && lost_ms(a) != INT64_MAX))
		at_ms = MIN(at_ms, lost_ms(a) + PHONE_PATIENCE_MS);
	at_ms = MIN(at_ms, reason_tell_ms(a));
	if (at_ms == INT64_MAX)
		timer_stop(&c->timers, &a->timer);
	else
		timer_start(&c->timers, &a->timer, at_ms, agent_fire, a);
}

/* Somebody who just signed in is given the least of his colleagues' figures, so that strategies
 * that count do not flood him (behaviours.md Q-4, Rocket.Chat #13134). */
static void figures_begin(struct agent *a)
{
	bool found = false;
	a->handled = 0;
	a->talk_ms = 0;
	for (uint32_t i = 0; i < a->member_count; i++) {
		list_for_each (l, &a->members[i].queue->members) {
			const struct agent *other = CONTAINER_OF(l, struct member, of_queue)->agent;
			if (other == a || other->presence == PRESENCE_signed_out)
				continue;
			a->handled = found ? MIN(a->handled, other->handled) : other->handled;
			a->talk_ms = found ? MIN(a->talk_ms, other->talk_ms) : other->talk_ms;
			found = true;
		}
	}
}

static void presence_move(struct agent *a, enum presence to, struct str reason, struct str by)
{
	struct core *c = a->acd->core;
	EMIT(c, agent_presence, .agent = a->id, .from = a->presence, .to = to, .reason = reason,
	     .by = by);
	if (a->presence == PRESENCE_signed_out && to != PRESENCE_signed_out) {
		figures_begin(a);
		a->misses = 0;
		/* his place in the lists depends on it: it may only change while he is out of them
		 */
		a->idle_ms = c->now_ms;
	}
	a->presence = to;
	if (to == PRESENCE_signed_out) {
		approval_over(a, "withdrawn", by);
		want_unstick(a);
		connecting_set(a, false);
	}
	str_copy(reason, a->reason, sizeof a->reason);
	a->presence_ms = c->now_ms;
	a->reason_told = REASON_FINE;
	a->since_utc_ms = c->utc_ms;
	a->has_next = false;
	if (a->work == WORK_no_answer && (to == PRESENCE_ready || to == PRESENCE_signed_out)) {
		a->misses = 0;
		agent_move(a, WORK_idle);
	}
	agent_refresh(a);
	agent_touch(a);
}

void agent_done(struct agent *a, enum work to)
{
	/* told without a contact: he is on none any more */
	a->job = (struct job){0};
	agent_move(a, to);
	if (a->has_next) {
		char reason[NAME_MAX_BYTES], by[BY_MAX_BYTES];
		memcpy(reason, a->next_reason, sizeof reason);
		memcpy(by, a->next_by, sizeof by);
		presence_move(a, a->next, str_of(reason), str_of(by));
	}
	agent_arm(a);
	if (!a->is_agent)
		agent_leave(a);
}

void agent_leave(struct agent *a)
{
	if (a->work == WORK_offered) {
		struct visit *v = visit_row(a->acd, a->job.contact);
		CHECK(v);
		visit_offer_end(v, a, OFFER_agent_lost); /* comes back here, idle */
		visit_settle(v);
		return;
	}
	if (agent_working(a))
		return;
	if (a->presence != PRESENCE_signed_out)
		presence_move(a, PRESENCE_signed_out, STR_NONE, STR("system"));
	agent_refresh(a);
}

void agent_sweep(struct acd *acd)
{
	acd_settle(acd);
	list_for_each (l, &acd->leavers) {
		struct agent *a = CONTAINER_OF(l, struct agent, of_leavers);
		if (!agent_working(a)) {
			agent_touch(a); /* his image goes with him */
			staff_free_agent(a);
		}
	}
}

void agent_phone_changed(struct acd *acd, const struct event_phone_changed *ev)
{
	struct agent *a = agent_row(acd, ev->agent);
	if (!a)
		return;
	bool stands = agent_conf(a)->phone_standing;
	if (a->registered == ev->ready && !(stands && !ev->ready))
		return;
	a->registered = ev->ready;
	a->phone_lost_ms = agent_phone_ready(a) ? 0 : acd->core->now_ms;
	if (agent_conf(a)->phone == PHONE_browser)
		connecting_set(a, !ev->ready && a->presence != PRESENCE_signed_out);
	if (stands && waits_for_phone(a)) /* nobody calls it again but he himself */
		phone_given_up(a);
	agent_refresh(a);
	agent_arm(a);
	agent_touch(a);
	match_agent(a);
}

/* A browser that is his phone tells by itself whether it is there (phone_changed). */
void agent_desk_changed(struct acd *acd, const struct event_desk_changed *ev)
{
	struct agent *a = agent_row(acd, ev->agent);
	if (!a || (!ev->on && !a->desks))
		return;
	a->desks += ev->on ? 1 : -1u;
	bool gone = !a->desks && agent_conf(a)->phone != PHONE_browser;
	a->desk_lost_ms = gone ? acd->core->now_ms : 0;
	agent_arm(a);
	agent_touch(a);
}

void agent_desk_forgotten(struct agent *a)
{
	if (agent_conf(a)->phone != PHONE_browser)
		a->desk_lost_ms = a->acd->core->now_ms;
}

/* -- presence_set -- */

static bool system_reason(struct str reason)
{
	static const char *const words[] = {"break",	 "meal",     "meeting",
					    "training",	 "coaching", "back_office",
					    "technical", "personal", "system"};
	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (str_is(reason, words[i]))
			return true;
	return false;
}

static bool tenant_has_reasons(const struct acd *acd, struct str tenant)
{
	const struct object *o;
	for (uint32_t at = 0; (o = objects_next(acd->core->objects, KIND_reason, &at)) != NULL;)
		if (str_eq(o->tenant, tenant))
			return true;
	return false;
}

static enum err reason_check(const struct agent *a, struct str reason)
{
	struct str tenant = str_of(a->tenant->name);
	if (!reason.n)
		return tenant_has_reasons(a->acd, tenant) ? ERR_INVALID : ERR_OK;
	if (reason.n >= NAME_MAX_BYTES)
		return ERR_INVALID;
	if (system_reason(reason) ||
	    objects_find(a->acd->core->objects, KIND_reason, tenant, reason))
		return ERR_OK;
	return ERR_INVALID;
}

static void next_set(struct agent *a, enum presence to, struct str reason, struct str by)
{
	struct core *c = a->acd->core;
	bool same = to == a->presence && str_is(reason, a->reason);
	if (same && !a->has_next)
		return;
	if (!same && a->has_next && a->next == to && str_is(reason, a->next_reason))
		return;
	a->has_next = !same;
	a->next = to;
	str_copy(reason, a->next_reason, sizeof a->next_reason);
	str_copy(str_head(by, BY_MAX_BYTES - 1), a->next_by, sizeof a->next_by);
	EMIT(c, agent_next, .agent = a->id, .next = same ? STR_NONE : presence_word(to),
	     .reason = same ? STR_NONE : reason);
	agent_touch(a);
}

enum err agent_presence_set(struct acd *acd, const struct command_presence_set *cmd)
{
	struct agent *a = agent_row(acd, cmd->agent);
	struct str reason = cmd->presence == PRESENCE_not_ready ? cmd->reason : STR_NONE;
	if (!a || !a->is_agent)
		return ERR_NOT_FOUND;
	/* a standing leg is called because he says so */
	bool phone = agent_phone_ready(a) || agent_conf(a)->phone == PHONE_number;
	if ((cmd->presence == PRESENCE_ready || cmd->presence == PRESENCE_outbound_only) && !phone)
		return ERR_CONFLICT;
	if (cmd->presence == PRESENCE_not_ready) {
		enum err e = reason_check(a, reason);
		if (e != ERR_OK)
			return e;
		if (!cmd->supervised && approval_needed(a, reason)) {
			approval_ask(a, reason); /* they are told that he asks */
			return ERR_FORBIDDEN;
		}
	}
	approval_settle(a, cmd->presence, reason, cmd->by);
	if (agent_working(a)) {
		next_set(a, cmd->presence, reason, cmd->by);
		return ERR_OK;
	}
	if (cmd->presence != a->presence || !str_is(reason, a->reason)) {
		presence_move(a, cmd->presence, reason, str_head(cmd->by, BY_MAX_BYTES - 1));
	} else if (a->work == WORK_no_answer && cmd->presence == PRESENCE_ready) {
		a->misses = 0;
		agent_move(a, WORK_idle);
	}
	agent_arm(a);
	match_agent(a);
	return ERR_OK;
}
