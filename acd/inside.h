/*
 * inside.h - what the files of this room share. Nobody outside acd/ includes it.
 *
 * Rows: a tenant has queues and agents; a member is one agent in one queue; a visit is one contact
 * that is or was in a queue. The matcher keeps this promise after every handler: no waiting contact
 * has an eligible agent. So a freed agent need only look at contacts, a new contact only at agents.
 * Configurations are looked up each time they are needed: they may be replaced behind our back.
 */
#pragma once

#include "acd/acd.h"
#include "acd/forecast.h"
#include "acd/known.h"
#include "acd/left.h"
#include "acd/lore.h"
#include "acd/rank.h"
#include "base/arena.h"
#include "base/list.h"
#include "base/map.h"
#include "core/bytes.h"

#define NAME_MAX_BYTES 64 /* an object's id has at most 63 */
#define BY_MAX_BYTES 80
#define RING_STEP_MS 10000 /* behaviours.md Q-4: ring_progressive adds one each time */
#define WHY_BYTES_MAX 6144
#define MINUTE_MS 60000
#define WATCHDOG_MS 1000
#define ORPHAN_MS 2000	   /* behaviours.md A-7 */
#define AHT_GUESS_MS 90000 /* behaviours.md P-2: without data */

/* Why an agent cannot be offered anything; `ready` is none; those from `skill` on concern one
 * contact only; `sticky`: it is kept for others. */
#define AVAILS(A)                                                                                  \
	A(ready)                                                                                   \
	A(signed_out)                                                                              \
	A(not_ready)                                                                               \
	A(outbound_only)                                                                           \
	A(busy)                                                                                    \
	A(wrapping)                                                                                \
	A(no_answer)                                                                               \
	A(no_phone)                                                                                \
	A(penalty)                                                                                 \
	A(no_capacity)                                                                             \
	A(leaving)                                                                                 \
	A(skill)                                                                                   \
	A(excluded)                                                                                \
	A(do_not_pair)                                                                             \
	A(sticky)                                                                                  \
	A(tier)
/* clang-format off */
enum avail {
#define A(word) AVAIL_##word,
	AVAILS(A)
#undef A
	AVAIL_COUNT
};
/* clang-format on */
struct str avail_word(enum avail a);

struct tenant {
	char name[NAME_MAX_BYTES];
	struct map agents, queues; /* by name; declared ones */
	struct agent **sorted;	   /* the same agents by name, ascending */
	uint32_t sorted_room;
	uint32_t rows; /* agents and queues that point here, leavers too */
};

struct member {
	struct agent *agent;
	struct queue *queue;
	struct list of_queue; /* all members */
	struct list of_ready; /* linked when the agent is available; longest idle first */
	struct user_place place;
	bool helper;	     /* only by a mass event: no skill is asked of him */
	bool able;	     /* counted in queue->able */
	uint64_t step_mask;  /* bit i: fulfils step i of the queue (i < 64) */
	uint64_t last_offer; /* number of the last offer here; 0: never */
};

/* How long one would wait, as reckoned less than a second ago. */
struct outlook {
	bool known;
	int64_t at_ms;
	struct forecast forecast;
	struct queue_id
		shares[FORECAST_LINES_MAX - 1]; /* queues whose contacts its agents serve too */
	uint32_t share_count;
};

struct queue {
	struct acd *acd;
	struct queue_id id;
	struct tenant *tenant;
	char name[NAME_MAX_BYTES];
	int32_t class_rank; /* copies: the order of `waiting` depends on them */
	bool priority_only, idle_by_break;
	double ageing; /* 0 when priority_only */
	struct rank waiting, offered;
	struct list members, ready;
	uint32_t member_count, counts[AVAIL_COUNT];
	uint32_t tier_members[TIERS_MAX], tier_staff[TIERS_MAX]; /* all; signed in */
	uint32_t able;	      /* signed in, and fulfil some step of its skills */
	struct list demands;  /* of contacts here that ask for skills of their own */
	uint32_t own_waiting; /* of those the ones that wait, ring not */
	bool demands_stale;   /* members came, left or changed since they were looked at */
	bool unmeetable;      /* told so */
	struct list of_stale;
	char last_offered[NAME_MAX_BYTES]; /* round robin: his name and position */
	uint32_t last_position;
	uint64_t last_offer;
	bool staffed;
	int64_t unstaffed_ms; /* since when nobody is signed in */
	struct timer grace;
	struct { /* closed for now: gate.c */
		char to[NAME_MAX_BYTES], by[BY_MAX_BYTES];
		int64_t since_ms, until_ms; /* UTC; since 0: open; until 0: no time was said */
		struct timer timer;
	} gate;
	struct lore lore;
	int64_t lore_saved_ms;
	struct outlook outlook;
};

/* What an agent is working on. */
struct job {
	struct contact_id contact;
	struct queue_id queue;
	int64_t wrap_ms, wrap_until_ms; /* from; until (0: no timer) */
	int64_t handle_ms;		/* talk and hold, once they are over */
	int64_t ring_until_ms;		/* while offered */
	uint64_t offer_seq;		/* number of the offer: the order in which phones rang */
	uint32_t extensions;		/* of the wrap-up */
	struct {			/* while he talks */
		int64_t from_ms;
		int64_t hold_ms, hold_from_ms; /* sum of holds; 0: not held */
		uint32_t holders;	       /* bits of who holds: talk.c */
		enum work does;		       /* talking, consulting, conferencing */
		uint64_t seq;		       /* the order in which they came */
	} talk;
	bool has_outcome; /* or a note: given while talking */
	char outcome[NAME_MAX_BYTES];
	char by[BY_MAX_BYTES];
	uint32_t note_bytes;
	char note[ACD_NOTE_MAX];
};

struct agent {
	struct acd *acd;
	struct agent_id id;
	struct id image; /* of his own: the slot of a deleted user's object may be another's now */
	struct tenant *tenant;
	char name[NAME_MAX_BYTES];
	struct list of_working; /* linked while offered .. wrapping */
	struct list of_leavers; /* linked when the user is no longer declared */
	struct list wanted;	/* contacts kept for him */
	struct list of_offer;	/* linked while offered: in the contact's offers */
	struct list of_talk;	/* linked while he talks: in the contact's talkers */
	bool declared;		/* the object lives */
	bool is_agent;		/* and has the role */
	bool avoids;		/* there are callers he is not to meet: asked for each candidate */
	bool registered;	/* phone_changed said so */
	bool phone_told;	/* agent_phone: what it said last */
	int64_t phone_lost_ms;	/* since when the phone is gone; 0: it is there */
	bool connecting;	/* agent_connecting: a browser is his phone, and is away */
	uint32_t desks;		/* of his that are there; desk_changed */
	int64_t desk_lost_ms;	/* since when the last one is gone; 0: one is there, or none was */
	enum presence presence;
	char reason[NAME_MAX_BYTES];
	char asks[NAME_MAX_BYTES]; /* a reason that waits for approval; empty: none */
	int64_t skills_until_ms;   /* UTC; as last told (agent_skills); 0: they stay */
	enum { REASON_FINE, REASON_WARNED, REASON_OVER } reason_told; /* stored as a number */
	bool has_next;
	enum presence next;
	char next_reason[NAME_MAX_BYTES], next_by[BY_MAX_BYTES];
	enum work work;
	int64_t since_utc_ms, presence_ms, idle_ms, penalty_ms /* until */, orphan_ms;
	uint32_t misses;  /* in a row */
	uint32_t handled; /* since sign-in */
	int64_t talk_ms;
	struct job job;
	struct timer timer;
	enum avail avail;
	struct member *members;
	uint32_t member_count;
};

/* Stored as a number: add at the end. RINGING: at one named agent, in no queue. 3 was: with an
 * agent, which is told by `talkers` since there may be several, beside whom another is waited for.
 */
enum visit_state { VISIT_NONE, VISIT_WAITING, VISIT_OFFERED, VISIT_RINGING = 4 };
#define VISIT_WAS_TALKING 3u

struct shun {
	struct list of_visit;
	struct agent *agent;
	int64_t until_ms;
};

/* What a waiting contact is told about its place and its wait. */
#define TOLD_KEPT 4u
struct told {
	struct timer timer;
	int64_t next_ms; /* 0: nothing more */
	uint32_t place;	 /* as last told; 0: nothing was */
	int64_t high_ms; /* as last told; 0: no wait was */
	uint32_t kept;	 /* the first promises, for the lore of the queue */
	struct {
		int64_t at_ms;
		uint32_t place;
	} promises[TOLD_KEPT];
};

/* A contact is kept for this agent, maybe among others; the higher score first. */
struct want {
	struct list of_visit, of_agent;
	struct visit *visit;
	struct agent *agent;
	uint32_t score;
};

/* What a contact asks of an agent: the steps of its queue, or its own. */
struct demand {
	const struct skill_step *steps;
	uint32_t count;
};

/* The same one serves all contacts of a queue that came with it. */
struct own_demand {
	struct list of_queue;
	uint32_t users, waiting; /* contacts; those of them that wait, ring not */
	bool able; /* somebody signed in fulfils some step; as of when it was looked at */
	struct demand is;
	struct arena arena;
};

struct visit {
	struct acd *acd;
	struct contact_id contact;
	enum visit_state state;
	struct queue *queue;	    /* waiting and offered */
	struct queue_id talk_queue; /* whose rules hold since the last offer: may be gone by then */
	struct rank_node rank;
	int64_t enqueue_ms;
	int64_t place_ms; /* from when the score counts the waiting: not after enqueue_ms */
	int64_t first_ms; /* the same of its first queue: counts when it is put back; 0: none yet */
	struct queue_id
		flow_queue; /* the one its flow led it to; what `flow` says holds there only */
	struct {
		uint32_t exits, callbacks;
	} flow;
	struct agent_id asker; /* waits for this agent, who has the customer; none: himself */
	uint32_t priority_min, exits, callbacks;
	struct own_demand *own;	     /* NULL: as the queue asks; only while in it */
	struct kept_demand *kept;    /* what its flow said of flow_queue; NULL: nothing */
	struct queue_id called_back; /* left this one as callback, which was not taken yet */
	struct list talkers;	     /* agents, in the order in which they came */
	uint32_t missing;	     /* of them, while images come in */
	struct agent *caller; /* who of ours began it: dials, or talks to another; own_call.c */
	bool caller_missed;   /* he was in no_answer before */
	int64_t dial_ms, caller_talk_ms; /* when he began; when he was answered, 0: not yet */
	struct list offers; /* offered: agents, in the order in which they rang; never empty then */
	int64_t next_ring_ms;	 /* ring_progressive: from then on one more may ring */
	struct list wants;	 /* agents it is kept for, until */
	int64_t wanted_until_ms; /* then */
	struct list of_freed;	 /* in the room's list when they cannot serve it any more */
	struct list shuns;
	struct timer timer;
	struct told told;
};

/* A talk as its contact's image knows it, until its agent's own comes in. */
struct old_talk {
	int64_t talk_ms, hold_ms, hold_from_ms;
};

struct acd {
	struct room room;
	struct core *core;
	struct pool *visits, *shuns, *wants;
	struct map tenants;
	struct agent **agents;	 /* by object slot */
	struct agent **by_image; /* by slot of their images */
	struct queue **queues;
	struct visit **by_contact;   /* by contact slot */
	struct old_talk **old_talks; /* by contact slot; while images come in */
	uint32_t agents_room, queues_room, by_contact_room, images_room, old_talks_room;
	uint32_t image_hint; /* no free slot of by_image is below */
	struct list leavers, working;
	struct list masses; /* mass events that go on */
	struct pool *mass_pool;
	struct list freed; /* contacts to be settled, now that all agents may have them */
	struct list stale; /* queues to be matched anew */
	struct known *known;
	struct forecast_room *forecast_room;
	struct forecast_world *forecast_world;
	struct left *left;
	struct timer watchdog;
	uint64_t join_seq, offer_seq, talk_seq;
	bool synced;
	bool loading; /* images come in: not all is there */
};

static inline struct acd *acd_of(const struct room *r)
{
	return CONTAINER_OF(r, struct acd, room);
}

/* -- acd.c -- */
/* Makes array[slot] exist; new places are NULL. Only when the configuration or the world grows. */
#define GROW_SLOTS(array, room, slot)                                                              \
	do {                                                                                       \
		if ((slot) >= (room)) {                                                            \
			uint32_t room_ = MAX((slot) + 1, MAX(64u, (room)*2));                      \
			(array) = xrealloc((array), room_ * sizeof *(array));                      \
			memset((array) + (room), 0, (room_ - (room)) * sizeof *(array));           \
			(room) = room_;                                                            \
		}                                                                                  \
	} while (0)
struct agent *agent_row(const struct acd *acd, struct agent_id id);
struct queue *queue_row(const struct acd *acd, struct queue_id id);
struct visit *visit_row(const struct acd *acd, struct contact_id id);
bool visit_is_test(const struct visit *v); /* nobody calls: a desk is tried */
void acd_alarm(const struct agent *a, const char *name, struct str detail); /* of him */

/* What changed for many at once is settled now; at the end of a cause. */
void acd_settle(struct acd *acd);
void queue_stale(struct queue *q); /* who may serve whom here changed: acd_settle matches it */

/* -- skill.c -- */
bool skill_fulfils(const struct user_config *u, const struct skill_step *step);
uint32_t skill_sum(const struct user_config *u, const struct skill_step *step);

/* -- staff.c: declared objects -- */
void staff_sync(struct acd *acd);
void staff_moved(struct acd *acd, const struct event_object_moved *ev);
void staff_free_agent(struct agent *a);
void staff_rejoin(struct tenant *t);		       /* all agents get their queues anew */
void staff_release(struct acd *acd, struct tenant *t); /* one row fewer of it */
void staff_free(struct acd *acd);
struct tenant *staff_tenant(struct acd *acd, struct str name);
uint32_t staff_sorted_after(const struct tenant *t, struct str name); /* index; may be the count */
struct agent *staff_leaver(struct acd *acd, struct str tenant, struct str name, struct agent_id id);
/* Never NULL; of no queue: what holds for an agent rung without one. */
const struct queue_config *queue_conf(const struct queue *q);
const struct user_config *agent_conf(const struct agent *a); /* never NULL */
uint32_t queue_signed_in(const struct queue *q);
/* How many agents are in one of these states: BIT(enum staff_state), 0 for signed_in. */
uint32_t queue_staff_in(const struct queue *q, uint32_t states);
/* Tells when a waiting contact cannot be served by anybody signed in, and when that is over. */
void queue_meet_check(struct queue *q);
void queue_staff_check(struct queue *q);
void member_enter(struct member *m); /* into counts and the ready list, by agent->avail */
void member_leave(struct member *m);
/* Since when he is without work, as this queue counts it (behaviours.md Q-4). */
int64_t member_idle_from(const struct member *m);

/* -- agent.c: presence and work -- */
bool agent_phone_ready(const struct agent *a);
bool agent_working(const struct agent *a); /* offered .. wrapping */
void agent_move(struct agent *a, enum work to);
enum avail agent_avail(const struct agent *a); /* by his state; a->avail is what was filed */
void agent_refresh(struct agent *a);	       /* availability from state; into the queues' lists */
void agent_arm(struct agent *a);
/* The current work is over: idle or no_answer; next presence; then he may be matched. */
void agent_done(struct agent *a, enum work to);
void agent_leave(struct agent *a); /* no longer an agent: out at once, or after his work */
/* Frees the rows of deleted users whose work is over; at the end of a cause, never inside one. */
void agent_sweep(struct acd *acd);
void agent_touch(struct agent *a);
int64_t agent_reason_until(const struct agent *a); /* his reason's limit; INT64_MAX: none */
enum err agent_presence_set(struct acd *acd, const struct command_presence_set *cmd);
enum err agent_wrap_set(struct acd *acd, const struct command_wrap_set *cmd);
enum err agent_wrap_extend(struct acd *acd, const struct command_wrap_extend *cmd);
/* He stopped talking: wraps up, or is done. */
bool agent_wraps(const struct agent *a); /* his talk over: is there a wrap-up? */
void agent_talk_over(struct agent *a);
void agent_wrap_end(struct agent *a, struct str by);
enum err agent_wrap_stop(struct acd *acd, const struct command_wrap_stop *cmd);
void agent_wrap_tell(struct agent *a);	    /* an outcome given before, without a wrap-up */
void agent_watch(struct acd *acd);	    /* somebody works: the watchdog runs */
bool agent_orphaned(const struct agent *a); /* works on what is not there */
void agent_close(struct agent *a);	    /* and is freed from it (behaviours.md A-7) */
void agent_phone_changed(struct acd *acd, const struct event_phone_changed *ev);
void agent_desk_changed(struct acd *acd, const struct event_desk_changed *ev);
void agent_desk_forgotten(struct agent *a); /* he had one when the core died: it comes, or not */

/* -- visit.c: contacts in queues and with agents -- */
enum err visit_join(struct acd *acd, const struct command_queue_join *cmd);
/* The row of a contact that is in no queue and rings nobody, made if it was never here.
 * ERR_NOT_FOUND: gone, or another tenant's; ERR_CONFLICT: it is in a queue or rings. */
enum err visit_idle(struct acd *acd, struct contact_id contact, const struct tenant *tenant,
		    struct visit **out);
enum err visit_queue_leave(struct acd *acd, const struct command_queue_leave *cmd);
enum err visit_prioritise(struct acd *acd, const struct command_queue_prioritise *cmd);
enum err visit_callback(struct acd *acd, const struct command_callback_take *cmd);
void visit_disconnect(struct acd *acd, const struct event_disconnect *ev);
void visit_forget(struct visit *v);					/* the contact is gone */
struct visit *visit_take(struct acd *acd, struct contact_id id);	/* NULL: full */
void visit_place(struct visit *v, struct queue *q, struct rank *where); /* computes the key */
void visit_leave(struct visit *v, enum result reason, enum queue_exit exit);
void visit_arm(struct visit *v);
int64_t visit_timeout_ms(const struct visit *v); /* INT64_MAX: waits as long as it takes */
/* Waiting: leaves by rule when it is time, else is matched. Offered: more phones ring, if due. */
void visit_settle(struct visit *v);
bool visit_shunned(const struct visit *v, const struct agent *a);
void visit_shun(struct visit *v, struct agent *a, int64_t until_ms);
void visit_touch(const struct visit *v);
/* Forget him in all exclusions: O(contacts); only when a user is deleted. */
void visit_forget_agent(struct acd *acd, const struct agent *a);

/* -- talk.c: agents with a contact; it may have several -- */
static inline struct agent *talk_first(const struct visit *v) /* NULL: none */
{
	return list_empty(&v->talkers) ? NULL
				       : CONTAINER_OF(v->talkers.next, struct agent, of_talk);
}
/* How he came to it: his queue gave it to him, he was asked for by name, he called himself. */
enum talk_by { TALK_BY_QUEUE, TALK_BY_NAME, TALK_BY_DIALLING };
void talk_start(struct visit *v, struct agent *a, int64_t wait_ms, enum talk_by by);
void talk_link(struct visit *v, struct agent *a); /* by talk.seq; images come in any order */
/* All agents leave it. */
void talks_over(struct visit *v, enum party by, enum result result);
enum err talk_end(struct acd *acd, const struct command_talk_end *cmd);
enum err talk_hold(struct acd *acd, const struct command_hold_set *cmd);
enum err talk_set(struct acd *acd, const struct command_talk_set *cmd);
enum err talk_begin(struct acd *acd, const struct command_talk_begin *cmd);
enum err talk_look(struct acd *acd, const struct command_talk_look *cmd);
enum work talk_work(const struct agent *a); /* what he does, by his row */

/* -- want.c: contacts kept for agents -- */
/* For those its flow names; else for him who served this caller last, if the queue is sticky. */
void want_begin(struct visit *v, const struct command_queue_join *cmd);
void want_add(struct visit *v, struct agent *a,
	      uint32_t score); /* no place: he is not waited for */
const struct want *want_of(const struct visit *v,
			   const struct agent *a); /* NULL: not kept for him */
void want_drop(struct visit *v, const struct agent *a);
void want_none(struct visit *v);   /* kept for nobody any more */
void want_review(struct visit *v); /* only for those who can serve it, while it is time */
/* He signed out or serves other queues now: acd_settle gives what was kept for him to everybody. */
void want_unstick(struct agent *a);

/* -- demand.c: what contacts ask of agents -- */
/* A copy of what a flow said of a queue, for when its contact is put back there. */
struct kept_demand {
	struct demand is;
	struct arena arena;
};

struct demand demand_of(const struct visit *v);
void demand_keep(struct visit *v, const struct demand *said); /* NULL: nothing any more */
/* Its own from now on; v->queue is set, it does not wait yet. */
void demand_begin(struct visit *v, const struct skill_step *steps, uint32_t count);
void demand_wait(struct visit *v, int by); /* +1: into the waiting order; -1: out of it */
void demand_end(struct visit *v);	   /* leaves the queue; it does not wait any more */
/* Signed in, and fulfils some step. */
bool demand_could(const struct demand *d, const struct member *m);
/* The first waiting contact whom nobody signed in could ever serve; NULL: there is none. */
struct visit *demand_unmeetable(struct queue *q);
void demand_save(const struct visit *v, struct buf *out);
void demand_save_kept(const struct visit *v, struct buf *out);
void demand_load_kept(struct visit *v, struct take *t);
void demand_skip(struct take *t);
void demand_load(struct visit *v, struct take *t); /* before it waits; v->queue is set */
void demand_free(struct queue *q); /* the room ends: of contacts that are still here */

/* -- mass.c: mass events (behaviours.md Q-11) -- */
struct pool *mass_pool_create(void);
void mass_free(struct acd *acd);
enum err mass_set(struct acd *acd, const struct command_mass_event_set *cmd);
void mass_moved(struct acd *acd, struct id id); /* the object changed or is gone */
/* Queues this agent helps in now: calls for each. */
void mass_helps(const struct agent *a, void (*queue)(void *arg, struct queue *q), void *arg);
/* What the queue holds now: its own limit, or that of a mass event; 0: none. */
uint32_t mass_max_waiting(const struct queue *q);
bool mass_covers(const struct queue *q);
void mass_bulletin(struct visit *v); /* he hears what has happened, if anything */
bool mass_save(const struct acd *acd, struct id id, struct buf *out);
enum err mass_load(struct acd *acd, struct id id, struct str image);

/* -- tier.c: who may serve after how long -- */
void tier_member(struct member *m, int by);   /* he is one of the queue, or no more */
void tier_staff(struct member *m, int by);    /* and counts as what his agent is filed as */
uint32_t tiers_open(const struct visit *v);   /* BIT(tier - 1) */
int64_t tier_next_ms(const struct visit *v);  /* when more are open; INT64_MAX: never */
int64_t tier_from_ms(const struct member *m); /* who has waited so long may be offered to him */

/* -- strategy.c: the queue's order of agents; ties by longest idle, then by id -- */
struct pick {
	struct visit *visit;
	const struct queue_config *conf;
	uint32_t step;
	struct demand demand;
};
struct pick pick_of(struct visit *v);
typedef int(member_order)(const struct pick *p, const struct member *a, const struct member *b);
member_order *strategy_order(enum strategy s);
int order_by_idle(const struct pick *p, const struct member *a, const struct member *b);

/* -- offer.c: phones ring -- */
/* The caller arms the contact when all its phones ring or stopped. */
void visit_offer(struct visit *v, struct member *m);
/* One offer of maybe several; the caller settles the contact and matches the agent. */
void visit_offer_end(struct visit *v, struct agent *a, enum offer_result result);
bool visit_rings(const struct visit *v, const struct agent *a); /* an open offer to him */
/* Waiting, offered or ringing: out of the queue, all phones stop, their agents are matched. */
void visit_withdraw(struct visit *v, enum result reason);
/* Agents whose offers just ended: linked by of_offer until they are offered something else. */
void offer_match_freed(struct list *freed);
enum err visit_accept(struct acd *acd, const struct command_offer_accept *cmd);
enum err visit_fail(struct acd *acd, const struct command_offer_fail *cmd);
enum err visit_ring_agent(struct acd *acd, const struct command_agent_ring *cmd);

/* -- own_call.c: calls that agents begin -- */
enum err own_call_begin(struct acd *acd, const struct command_agent_dial *cmd);
enum err own_call_talk(struct acd *acd, const struct command_dial_talk *cmd);
void own_call_answered(struct visit *v);	   /* whom he called talks to him */
void own_call_end(struct visit *v, enum party by); /* the line is gone; the caller, if any */
void own_call_save(const struct visit *v, struct buf *out);
void own_call_load(struct visit *v, const struct tenant *t, struct take *in);
void own_call_recover(struct visit *v); /* all images are in */

/* -- match.c -- */
uint32_t match_step(const struct visit *v); /* index into steps; UINT32_MAX: no skill needed yet */
int64_t match_next_step_ms(const struct visit *v); /* INT64_MAX: none */
enum avail match_refusal(const struct visit *v, const struct member *m);
double match_score(const struct visit *v); /* minutes */
void match_contact(struct visit *v);
bool match_more(const struct visit *v); /* rings, and one more may ring now */
void match_ring(struct visit *v);	/* so they do */
void match_agent(struct agent *a);
void match_queue(struct queue *q);
/* A member of its queue with the skills it asks for now, be he free or not. */
bool match_serves(const struct visit *v, const struct agent *a);
void member_masks(struct member *m); /* recomputes which steps he fulfils */
bool match_outranks(const struct visit *a, const struct visit *b);

/* -- why.c -- */
/* Nobody was chosen: why each of the queue's agents is refused now. */
void why_nobody(struct visit *v, struct buf *out);
void why_write(const struct pick *p, const struct member *chosen, member_order *order,
	       struct buf *out);

/* -- outlook.c: how long one would wait -- */
const struct outlook *outlook_of(struct queue *q); /* reckoned anew at most once a second */
/* Of the contact at `place`; FORECAST_NEVER: nobody serves it now. */
int64_t outlook_wait(struct queue *q, uint32_t place, enum forecast_quantile quantile);
/* Of a caller who came now, the median; -1: nobody serves it now. */
int64_t outlook_ewt(struct queue *q);
/* Base formula of behaviours.md P-2, for comparison; -1: nobody serves it now. */
int64_t outlook_base(const struct queue *q, uint32_t ahead);
/* Rank among all who compete for the same agents (behaviours.md P-1); waiting and offered only. */
uint32_t outlook_place(const struct visit *v);

/* -- promise.c: what callers are told, and what queues learn -- */
void promise_hear(struct acd *acd, const struct event *ev);
void promise_handled(struct queue *q, int64_t ms); /* talk, hold and wrap-up of one contact */
bool promise_save(const struct acd *acd, struct contact_id id, struct buf *out);
enum err promise_load(struct acd *acd, struct contact_id id, struct str image);
bool promise_lore_save(const struct acd *acd, struct queue_id id, struct buf *out);
enum err promise_lore_load(struct acd *acd, struct str image);
void promise_loaded(struct acd *acd);

/* -- image.c -- */
bool image_save(struct room *r, enum image_kind kind, struct id id, struct buf *out);
enum err image_load(struct room *r, enum image_kind kind, struct id id, struct str image);
void image_loaded(struct room *r);

/* -- look.c -- */
bool look_dump(struct room *r, struct str what, struct buf *out);

/* -- approval.c -- */

bool approval_needed(const struct agent *a, struct str reason);
void approval_ask(struct agent *a, struct str reason);
void approval_over(struct agent *a, const char *how, struct str by);
/* His presence becomes another one. */
void approval_settle(struct agent *a, enum presence to, struct str reason, struct str by);
enum err approval_decide(struct acd *acd, const struct command_approval_decide *cmd);

/* -- gate.c -- */

#define GATE_HOPS_MAX 8u /* closed queues that send callers on to one another */

bool gate_closed(const struct queue *q);
/* Where new callers go instead; NULL: nowhere. It may be closed itself, without a way on. */
struct queue *gate_way(const struct queue *q);
void gate_open(struct queue *q, struct str by);
void gate_stop(struct queue *q); /* without a word: the queue is about to be freed */
enum err gate_set(struct acd *acd, const struct command_queue_gate_set *cmd);
bool gate_save(const struct acd *acd, struct queue_id id, struct buf *out);
enum err gate_load(struct acd *acd, struct str image);
void gates_loaded(struct acd *acd);
