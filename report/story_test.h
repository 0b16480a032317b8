/*
 * story_test.h - for tests: facts told one after another, as the hall would number them.
 *
 *   struct story s = story_make(T0);
 *   story_contact(&s, 7);
 *   SAY(&s, arrive, .from = STR("+48600"), .flow = STR("main"));
 *   story_wait(&s, 5000);
 */
#pragma once

#include "core/fact.h"

struct story {
	uint64_t seq;
	int64_t at_ms;
	struct str tenant;
	struct uuid contact;
	void (*told)(void *arg, const struct fact *f);
	void *arg;
};

static inline struct uuid story_uuid(uint32_t n) /* ascending, as version 7 is */
{
	struct uuid u = {{(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
	u.b[15] = 1;
	return u;
}

static inline void story_contact(struct story *s, uint32_t n)
{
	s->contact = story_uuid(n);
}

static inline void story_wait(struct story *s, int64_t ms)
{
	s->at_ms += ms;
}

static inline void story_fact(struct story *s, const struct fact *said)
{
	struct fact f = *said;
	f.seq = ++s->seq;
	f.at_ms = s->at_ms;
	f.tenant = s->tenant;
	switch ((int)f.kind) {
	case EV_agent_presence:
	case EV_agent_next:
	case EV_server_start:
	case EV_object_changed:
	case EV_login:
	case EV_logout:
	case EV_request_done:
	case EV_alarm:
	case EV_blocked:
	case EV_customer_changed:
	case EV_customer_merged:
	case EV_customer_unmerged:
	case EV_customer_noted:
	case EV_customers_imported:
	case EV_viewed:
	case EV_token_made:
	case EV_token_used:
	case EV_token_ended:
	case EV_backup_made:
	case EV_report_sent:
	case EV_report_failed:
		break;
	default:
		f.contact = s->contact;
	}
	s->told(s->arg, &f);
}

#define SAY(s, name_, ...)                                                                         \
	story_fact((s), &(struct fact){.kind = EV_##name_, .name_ = {__VA_ARGS__}})

/* -- whole stretches of a contact's life -- */

static inline void story_arrive(struct story *s)
{
	SAY(s, arrive, .from = STR("+48600100200"), .to = STR("+48221000000"), .flow = STR("main"));
	SAY(s, flow_step, .flow = STR("main"), .node = STR("hello"));
}

static inline void story_enqueue(struct story *s, struct str queue)
{
	SAY(s, ivr_end, .flow = STR("main"), .result = RESULT_completed);
	SAY(s, enqueue, .queue = queue);
}

static inline void story_leave(struct story *s, struct str queue, enum result reason,
			       int64_t wait_ms)
{
	story_wait(s, wait_ms);
	SAY(s, dequeue, .queue = queue, .reason = reason, .wait_ms = wait_ms);
}

static inline void story_answer(struct story *s, struct str queue, struct str agent,
				int64_t wait_ms)
{
	SAY(s, offer, .queue = queue, .agent = agent, .ring_ms = 15000);
	story_wait(s, wait_ms);
	SAY(s, offer_end, .queue = queue, .agent = agent, .result = OFFER_accepted);
	SAY(s, answer, .queue = queue, .agent = agent, .wait_ms = wait_ms);
}

static inline void story_serve(struct story *s, struct str queue, struct str agent, int64_t talk_ms,
			       int64_t wrap_ms)
{
	story_wait(s, talk_ms);
	SAY(s, agent_end, .queue = queue, .agent = agent, .by = PARTY_customer,
	    .result = RESULT_completed, .talk_ms = talk_ms);
	SAY(s, disconnect, .by = PARTY_customer, .cause = STR("normal"));
	SAY(s, wrap_start, .queue = queue, .agent = agent);
	story_wait(s, wrap_ms);
	SAY(s, wrap_end, .queue = queue, .agent = agent, .outcome = STR("solved"),
	    .by = STR("anna"), .wrap_ms = wrap_ms);
	SAY(s, ended, .contact = s->contact);
}

static inline void story_hang_up(struct story *s, enum party by)
{
	SAY(s, disconnect, .by = by, .cause = STR("normal"));
	SAY(s, ended, .contact = s->contact);
}
