/* sight.c - see sight.h. */
#include "live/sight.h"

#include <stdlib.h>

#define NOBODY                                                                                     \
	{                                                                                          \
		TOLD_NOBODY,                                                                       \
		{                                                                                  \
			NULL                                                                       \
		}                                                                                  \
	}
#define OWN                                                                                        \
	{                                                                                          \
		TOLD_BY_SIGHT,                                                                     \
		{                                                                                  \
			NULL                                                                       \
		}                                                                                  \
	}
#define WAITS(...)                                                                                 \
	{                                                                                          \
		TOLD_BY_SIGHT,                                                                     \
		{                                                                                  \
			__VA_ARGS__, NULL                                                          \
		}                                                                                  \
	}
#define ALL(...)                                                                                   \
	{                                                                                          \
		TOLD_TO_ALL,                                                                       \
		{                                                                                  \
			__VA_ARGS__, NULL                                                          \
		}                                                                                  \
	}

/* clang-format off */
static const struct live_rule rules[EV_COUNT] = {
	/* colleagues */
	[EV_agent_presence] = ALL("agent", "from", "to", "reason"),
	[EV_agent_next] = ALL("agent", "next", "reason"),
	[EV_agent_work] = ALL("agent", "from", "to"),
	[EV_agent_phone] = ALL("agent", "ready"),
	[EV_agent_connecting] = ALL("agent", "on"),
	[EV_reason_warning] = ALL("agent", "reason", "left_ms"),
	[EV_reason_over] = ALL("agent", "reason", "max_ms"),
	/* that somebody waits */
	[EV_enqueue] = WAITS("contact", "queue", "priority_min"),
	[EV_place_resumed] = WAITS("contact", "queue", "priority_min"),
	[EV_prioritised] = WAITS("contact", "queue", "priority_min"),
	[EV_dequeue] = WAITS("contact", "queue"),
	[EV_park] = WAITS("contact", "queue", "slot", "timeout_ms"),
	[EV_park_end] = WAITS("contact", "agent"),
	/* the house, as far as a desk needs it */
	[EV_mass_event_start] = ALL("mass_event", "queues"),
	[EV_mass_event_stop] = ALL("mass_event"),
	[EV_queue_unmeetable] = ALL("queue", "on"),
	[EV_queue_closed] = ALL("queue", "to", "until_at", "by"),
	[EV_queue_reopened] = ALL("queue", "by"),
	[EV_agent_skills] = ALL("agent", "until_at"),
	[EV_object_changed] = ALL("kind", "object", "op"),
	[EV_customer_changed] = ALL("customer", "op"),
	[EV_customer_merged] = ALL("customer", "from"),
	[EV_customer_unmerged] = ALL("customer", "from"),
	[EV_customer_noted] = ALL("customer", "note"),
	/* a contact: whose it is */
	[EV_customer_linked] = OWN, [EV_contact_tagged] = OWN, [EV_follow_up] = OWN,
	[EV_recording_deleted] = OWN, [EV_recording_hold] = OWN,
	[EV_arrive] = OWN, [EV_diverted] = OWN, [EV_identity] = OWN, [EV_flow_step] = OWN,
	[EV_ivr_end] = OWN, [EV_bulletin] = OWN, [EV_decision] = OWN, [EV_unserved] = OWN,
	[EV_offer] = OWN, [EV_offer_end] = OWN, [EV_answer] = OWN, [EV_promise] = OWN,
	[EV_callback_wanted] = OWN, [EV_hold_on] = OWN, [EV_hold_off] = OWN, [EV_agent_end] = OWN,
	[EV_conf_on] = OWN, [EV_conf_off] = OWN, [EV_consult_start] = OWN, [EV_consult_end] = OWN,
	[EV_transfer] = OWN, [EV_transfer_back] = OWN, [EV_mute_on] = OWN, [EV_mute_off] = OWN,
	[EV_record_pause] = OWN, [EV_record_resume] = OWN, [EV_wrap_start] = OWN,
	[EV_wrap_extended] = OWN, [EV_wrap_end] = OWN, [EV_agent_dial] = OWN,
	[EV_agent_dial_end] = OWN, [EV_disconnect] = OWN, [EV_dial] = OWN, [EV_dial_answer] = OWN,
	[EV_dial_end] = OWN, [EV_dial_blocked] = OWN, [EV_leg_end] = OWN,
	[EV_recording_start] = OWN, [EV_recording_end] = OWN, [EV_ended] = OWN,
	[EV_help_wanted] = OWN, [EV_help_end] = OWN,
	[EV_monitor_start] = OWN, [EV_monitor_end] = OWN, /* sight_hides */
	/* messages: to whom they are */
	[EV_message] = NOBODY, [EV_message_read] = NOBODY,
	/* notices: notice_for */
	[EV_alarm] = NOBODY, [EV_approval_asked] = NOBODY, [EV_approval_end] = NOBODY,
	[EV_notice_acknowledged] = NOBODY,
	/* not for agents */
	[EV_alert_on] = NOBODY, [EV_alert_off] = NOBODY, [EV_alert_acknowledged] = NOBODY,
	[EV_wall_linked] = NOBODY,
	[EV_server_start] = NOBODY,
	[EV_login] = NOBODY, [EV_user_kept] = NOBODY, [EV_logout] = NOBODY, [EV_request_done] = NOBODY,
	[EV_customers_imported] = NOBODY, [EV_viewed] = NOBODY, [EV_blocked] = NOBODY,
	[EV_token_made] = NOBODY, [EV_token_used] = NOBODY, [EV_token_ended] = NOBODY,
	[EV_backup_made] = NOBODY,
	[EV_report_sent] = NOBODY, [EV_report_failed] = NOBODY,
};
/* clang-format on */

const struct live_rule *sight_rule(enum event_kind kind)
{
	return &rules[kind];
}

bool sight_hides(const struct fact *f, bool silent)
{
	if (!silent)
		return false;
	switch ((int)f->kind) {
	case EV_monitor_start: /* who speaks to him is heard anyway */
		return f->monitor_start.mode == MONITOR_listen;
	case EV_monitor_end:
		return f->monitor_end.mode == MONITOR_listen;
	case EV_leg_end:
		return f->leg_end.party == PARTY_supervisor;
	case EV_mute_on:
		return f->mute_on.party == PARTY_supervisor;
	case EV_mute_off:
		return f->mute_off.party == PARTY_supervisor;
	}
	return false;
}

/* Names of people and queues in an event; contacts' are whose they are. */
static bool names_contact(const struct reach *r, struct uuid v)
{
	(void)r, (void)v;
	return false;
}
static bool names_agent(const struct reach *r, struct str v)
{
	return v.n && reach_agent(r, v);
}
static bool names_queue(const struct reach *r, struct str v)
{
	return v.n && reach_queue(r, v);
}
static bool names_text(const struct reach *r, struct str v)
{
	(void)r, (void)v;
	return false;
}
static bool names_number(const struct reach *r, int64_t v)
{
	(void)r, (void)v;
	return false;
}
#define names_past names_contact
#define names_flow names_text
#define names_trunk names_text
#define names_tenant names_text
#define names_u32 names_number
#define names_i64 names_number
#define names_ms names_number
#define names_flag names_number

bool sight_reaches(const struct fact *f, const struct reach *r)
{
	switch (f->kind) {
#define COMMAND(name, room, fields)
#define F(type, name) || names_##type(r, v->name)
#define W(set, name)
#define S(name)
#define EVENT(name, keep, fields)                                                                  \
	case EV_##name: {                                                                          \
		const struct fact_##name *v = &f->name;                                            \
		(void)v;                                                                           \
		return false fields;                                                               \
	}
#include "core/messages.def"
#undef COMMAND
#undef EVENT
#undef F
#undef W
#undef S
	case EV_COUNT:
		break;
	}
	return false;
}

bool sight_of_agent(const struct live_viewer *v, const char *agent)
{
	return v->all || v->agent || reach_agent(v->reach, str_of(agent));
}

bool sight_of_queue(const struct live_viewer *v, const char *queue)
{
	return v->all || v->agent || reach_queue(v->reach, str_of(queue));
}

static void own(struct live_sight *s, const char *agent)
{
	struct live_owner *o = LIST_ADD(&s->owners);
	SET(o->agent, str_of(agent));
}

void sight_take(struct live_sight *s, const struct live_contact *c)
{
	s->there = c != NULL;
	s->waits_in[0] = s->queue[0] = s->agent[0] = '\0';
	s->owners.count = 0;
	if (!c)
		return;
	memcpy(s->queue, c->queue, sizeof s->queue);
	memcpy(s->agent, c->agent, sizeof s->agent);
	if (c->enqueued_at)
		memcpy(s->waits_in, c->queue, sizeof s->waits_in);
	else if (c->park.until_at)
		memcpy(s->waits_in, c->park.queue, sizeof s->waits_in);
	for (uint32_t i = 0; i < c->offers.count; i++)
		own(s, c->offers.at[i].agent);
	for (uint32_t i = 0; i < c->parties.count; i++)
		if (c->parties.at[i].kind == LIVE_AGENT)
			own(s, c->parties.at[i].id);
	for (uint32_t i = 0; i < c->wraps.count; i++)
		own(s, c->wraps.at[i].agent);
	if (c->park.until_at && c->park.agent[0])
		own(s, c->park.agent);
}

void sight_finish(struct live_sight *s)
{
	free(s->owners.at);
	*s = (struct live_sight){0};
}

static bool reaches(const struct live_sight *s, const struct reach *r)
{
	bool his = (s->queue[0] && reach_queue(r, str_of(s->queue))) ||
		   (s->agent[0] && reach_agent(r, str_of(s->agent))) ||
		   (s->waits_in[0] && reach_queue(r, str_of(s->waits_in)));
	for (uint32_t i = 0; !his && i < s->owners.count; i++)
		his = reach_agent(r, str_of(s->owners.at[i].agent));
	return his;
}

enum live_level sight_level(const struct live_sight *s, const struct live_viewer *v)
{
	if (!s->there)
		return LEVEL_NONE;
	if (v->all || (v->reach && reaches(s, v->reach)))
		return LEVEL_ALL;
	if (!v->agent)
		return LEVEL_NONE;
	for (uint32_t i = 0; i < s->owners.count; i++)
		if (str_is(v->user, s->owners.at[i].agent))
			return LEVEL_OWN;
	for (uint32_t i = 0; s->waits_in[0] && i < v->queue_count; i++)
		if (str_is(v->queues[i], s->waits_in))
			return LEVEL_WAITS;
	return LEVEL_NONE;
}

enum live_level sight_of_contact(const struct live_contact *c, const struct live_viewer *v)
{
	struct live_sight s = {0};
	sight_take(&s, c);
	const enum live_level level = sight_level(&s, v);
	sight_finish(&s);
	return level;
}
