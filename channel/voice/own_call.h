/*
 * own_call.h - calls that users of ours begin: by POST …/calls, or from their telephone.
 *
 *  call_out          his telephone answers          somebody answers
 *  ───────▶ PHONE ────────────────────▶ CALLED ──────────────────────▶ TALK ──▶ (line over)
 *  INVITE of his telephone ──────────────▶ ▲
 *
 * whom         customer's seat     agent's seat        who is asked
 *   number     the number          his telephone       trunks; acd: dial_talk at the answer
 *   colleague  his telephone       the colleague's     acd: agent_ring
 *   number of  his telephone       whoever serves      flow: flow_start
 *     ours
 * So a talk with a number is as any talk with a customer: holds, transfers, recordings and seats
 * know no difference. His own INVITE is answered when somebody answers; until then he hears what
 * the other side sends (183), or its ringing (180).
 */
#pragma once

#include "channel/voice/line.h"

enum own_state { OWN_PHONE, OWN_CALLED, OWN_TALK };
/* Stored as a number: add at the end. */
enum own_target {
	OWN_NUMBER,
	OWN_AGENT,
	OWN_FLOW,
	OWN_STAND, /* nobody: standing.c */
	OWN_TEST,  /* nobody: ring_me.c */
};

/* Whom he means, and what is shown there. */
struct own_plan {
	const struct object *tenant, *user;
	enum own_target target;
	struct agent_id to;	      /* OWN_AGENT */
	struct flow_id flow;	      /* OWN_FLOW */
	struct queue_id queue;	      /* whose terms hold; none: nobody's */
	char number[NUMBER_TEXT];     /* as the record says it: E.164, a user's id */
	char shown[NUMBER_TEXT];      /* empty: as the trunk and the tenant say */
	bool withheld, private, help; /* help: an emergency number */
	struct str customer;
};

struct own_call {
	struct line *line;
	enum own_state state;
	enum own_target target;
	bool asked;    /* by an INVITE of his telephone … */
	bool answered; /* … which got its 200 */
	bool told;     /* `dial` was */
	bool loose;    /* acd does not know of it: help is called whatever he does */
	bool help, withheld;
	struct agent_id agent, to;
	struct queue_id queue;
	struct leg_id phone, called; /* called: only a number's */
	char number[NUMBER_TEXT], shown[NUMBER_TEXT];
	struct trunk_id trunk; /* the newest tried */
	int64_t dialled_ms, until_ms, answered_ms;
	enum dial_result result; /* how it failed */
	uint32_t status;
	struct timer timer; /* rings no longer */
};

/* own_plan.c. `said`: as it was dialled. ERR_NOT_FOUND: nobody is called so; ERR_INVALID: shown may
 * not be. tenant, user, queue and private of the plan are set. */
MUST_USE enum err own_plan_make(struct voice *v, struct str said, struct str shown,
				struct own_plan *plan);
/* May it be called now? As outbound_reserve; ERR_CONFLICT: the colleague is not free. */
MUST_USE enum err own_plan_check(struct voice *v, const struct own_plan *plan, bool busy);
/* Belongs to the tenant, or was allowed to it. */
bool own_number_ours(struct voice *v, struct str tenant, struct str number);

/* Shown to the trunk by this leg; false: it is no number that one of ours calls. */
bool own_call_shows(const struct leg *leg, const struct trunk_config *trunk,
		    struct sip_invite *out);

enum err own_call_out(struct voice *v, const struct command_call_out *cmd);
/* Why not, in words for whom asked; e again. */
enum err own_call_refused(enum err e, const struct command_call_out *cmd, const char *why);
enum err own_call_full(const struct command_call_out *cmd);
/* May a call of the agent's own begin now? help: to an emergency number, which is made as long as
 * anything is; working: acd says that he is. ERR_AGAIN, ERR_CONFLICT, with words. */
MUST_USE enum err own_call_may(struct voice *v, const struct command_call_out *cmd, bool help,
			       bool working);
/* The contact and its line, with place for so many legs. NULL: no place. */
struct own_call *own_call_create(struct voice *v, const struct contact_options *o, uint32_t legs);
bool own_call_invite(struct voice *v, const struct sip_event *ev); /* false: nobody's telephone */

/* Its legs are own_call.c's until somebody talks; all return whether this one was. */
bool own_call_port(struct leg *leg, bool ok);
bool own_call_event(struct leg *leg, const struct sip_event *ev);
bool own_call_failed(struct leg *leg, uint32_t status);
bool own_call_loads(struct leg *leg); /* own_call_loaded settles it */

bool own_call_rings(const struct line *l); /* he hears it ring */
void own_call_answer(struct line *l);	   /* somebody serves it: `answer` */
void own_call_over(struct line *l, enum party by);
void own_call_ring_end(struct line *l, enum offer_result result);
void own_call_left(struct line *l, const struct event_agent_end *e);
void own_call_forget(struct line *l); /* the contact is gone */

void own_call_touch(const struct own_call *own);
void own_call_until(struct own_call *own, int64_t at_ms); /* then nobody was there */

/* -- ring_me.c: a desk tried by a call that nobody makes -- */
enum err ring_me(struct voice *v, const struct command_call_out *cmd);
bool ring_me_is(const struct line *l);
/* The voice's files; false: not spoken (yet), or nothing here speaks. */
bool ring_me_words(struct line *l, struct buf *files);
void ring_me_spoken(struct line *l); /* a text was spoken meanwhile */
void ring_me_answered(struct line *l);
void ring_me_over(struct line *l); /* its minute is */
void ring_me_loaded(struct line *l);

/* His number is called and stays; told by phone_changed. */
MUST_USE enum err own_call_stand(struct voice *v, struct agent_id agent, int64_t until_ms);
bool own_call_confirmed(struct leg *leg); /* the key was pressed: was it his own call? */

/* standing.c: legs that stay, and keys that say somebody is there */
bool standing_returns(struct leg *leg); /* instead of ending: it is home */
void standing_ended(struct leg *leg);	/* it is over: its home too */
/* His leg sits on this line now. False: he has none and is to have none; out NULL: it is not free.
 */
bool standing_take(struct line *l, struct agent_id agent, enum party role, struct leg **out);
bool standing_free(struct voice *v, struct agent_id agent);	  /* or he needs none */
bool standing_confirms(const struct leg *leg);			  /* 1 is to be pressed */
void standing_ask(struct leg *leg);				  /* for it */
bool standing_key(struct leg *leg, char digit);			  /* false: nobody asked for one */
bool standing_offer(struct line *l, const struct event_offer *o); /* false: ring as usual */
void standing_offer_end(struct voice *v, const struct event_offer_end *e);
void standing_up(struct leg *leg);
void standing_down(struct voice *v, struct agent_id agent);
void standing_presence(struct voice *v, const struct event_agent_presence *e);
void standing_loaded(struct leg *leg);

/* -- identity.c -- */
/* Who calls, by his Identity headers; called: the number's name. 0: he may come in, else the status
 * that his trunk's rule refuses him with. */
uint32_t identity_judge(struct voice *v, const struct sip_event *ev,
			const struct tenant_config *home, const struct trunk_config *t,
			struct str called, struct stir_finding *out);
/* The value of an Identity header for a call that shows what *i says; nothing when there is none to
 * give. */
void identity_sign(struct leg *leg, struct trunk_id trunk, const struct sip_invite *i,
		   struct buf *out);

bool own_image_save(struct voice *v, struct id contact, struct buf *out);
MUST_USE enum err own_image_load(struct voice *v, struct id contact, struct str image);
void own_call_loaded(struct line *l);
