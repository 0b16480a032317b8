/*
 * config.h - declared objects compiled into what the rooms read: plain immutable structs.
 *
 * A `struct config` owns all its bytes in one arena. Names of other objects stay names here; a room
 * resolves them in the object table when it hears of a change, since the other side may change
 * too. Compiled from JSON by objects/config_compile.c after the schema of api/openapi.yaml and the
 * reference checks have passed; defaults are filled in.
 */
#pragma once

#include "core/expression.h"
#include "core/ids.h"
#include "core/words.h"

/* Limits of outbound calls; 0: none. Costs in millionths of the tenant's currency. */
struct dial_limits {
	uint32_t calls;			   /* at the same time */
	uint32_t per_second, per_minute;   /* new ones */
	int64_t talk_hour_ms, talk_day_ms; /* of all calls together */
	int64_t cost_hour, cost_day;
};

/* Whom a tenant's people and flows may call (core/toll.h). */
struct dial_rules {
	bool closed;	 /* nobody but help, from now on */
	bool allow_said; /* without it: what trunks carry */
	const struct str *allow, *deny;
	uint32_t allow_count, deny_count;
	const struct str *emergency; /* beside the country's own */
	uint32_t emergency_count;
	struct dial_limits all, user; /* of the tenant; of each of its users */
};

struct tenant_config {
	struct str name, domain, locale, country; /* country: ISO 3166 letters, upper case */
	const struct zone *zone;		  /* core/zone.h; UTC when unknown */
	struct str time_zone;
	uint32_t record_percent;      /* of talks whose queue says nothing */
	int64_t media_timeout_ms;     /* of talks in which one side sends nothing; 0: never */
	struct str caller_id;	      /* shown when nobody else says what; empty: none */
	const struct str *caller_ids; /* of others, that may be shown all the same */
	uint32_t caller_id_count;
	bool monitor_silent; /* agents do not see who only listens */
	struct dial_rules dial;
};

struct trunk_peer {
	struct str address; /* literal IP or host name */
	uint16_t port;	    /* 0: any for requests from it, 5060 for requests to it */
};

/* Is a call's sound encrypted (SRTP)? OPTIONAL: where the other side asks for it, and it is asked.
 */
enum srtp_rule { SRTP_RULE_OPTIONAL, SRTP_RULE_OFF, SRTP_RULE_REQUIRED };

/* What becomes of callers' identities (STIR/SHAKEN): not looked at; shown; without a good one
 * nobody comes in. */
enum identity_rule { IDENTITY_OFF, IDENTITY_SHOW, IDENTITY_REQUIRE };

/* How calls go to it; ANY: UDP, or what DNS says. */
enum trunk_transport { TRUNK_ANY, TRUNK_UDP, TRUNK_TCP, TRUNK_TLS };
struct trunk_rate {
	struct str prefix;
	int64_t per_minute; /* millionths of the tenant's currency */
};

/* How a trunk wants to read numbers. */
enum number_format {
	FORMAT_E164,	      /* +48601602603 */
	FORMAT_INTERNATIONAL, /* 48601602603 */
	FORMAT_NATIONAL,      /* 601602603; abroad with the country's prefix for that */
};

struct trunk_config {
	const struct trunk_peer *peers;
	uint32_t peer_count;
	const struct str *codecs; /* "PCMA", "PCMU" in order of preference */
	uint32_t codec_count;
	enum srtp_rule srtp;
	bool srtp_without_tls; /* keys may be offered over signalling that is not encrypted */
	struct str caller_id;
	uint32_t max_calls; /* 0: no limit of its own */
	struct str *prefixes;
	uint32_t prefix_count;
	uint32_t priority, weight, cps_max;
	bool media_fixed; /* its sound comes from where its SDP says and from nowhere else */
	struct str country;
	const struct trunk_rate *rates;
	uint32_t rate_count;
	enum number_format number_format;
	uint32_t number_strip; /* characters taken off the front, then number_add is put there */
	struct str number_add;
	int64_t ping_ms; /* OPTIONS so often; 0: never */
	struct str register_server, register_user, register_secret;
	enum trunk_transport transport;
	struct str certificate; /* its requests come over TLS with this name in its certificate */
	bool trust_identity;	/* P-Asserted-Identity is believed, and told */
	enum identity_rule identity;
	bool sign; /* calls to it say who calls, signed */
};

struct number_config {
	struct str flow;
	bool low_priority; /* its calls are refused before others when there are too many */
	bool draft; /* a test number: its calls walk the draft of the flow while there is one */
};

struct skill_config {
	struct str name;
};

struct reason_config {
	struct str name;
	bool paid, productive;
	bool approval;	       /* only a supervisor may set it */
	uint32_t max_minutes;  /* 0: none */
	uint32_t warn_minutes; /* told so long before that; 0: not */
};

struct outcome_config {
	struct str name;
};

struct lang_text {
	struct str lang, text;
};

/* The text in this language: of the very tag, else of the same first part (en-GB fits en, both
 * ways). NULL: none. */
const struct lang_text *lang_text_find(const struct lang_text *texts, uint32_t count,
				       struct str lang);

struct prompt_config {
	const struct lang_text *texts;
	uint32_t text_count;
	const struct lang_text *sounds; /* uploaded: text is the SHA-256 that names the file */
	uint32_t sound_count;
};

struct span {
	uint16_t from_min, to_min; /* minutes since local midnight; to_min <= 1440 */
};

struct day_plan {
	const struct span *spans;
	uint32_t span_count;
};

struct special_day {
	int32_t year, month, day;
	struct day_plan plan;
};

struct hours_config {
	struct day_plan week[7]; /* 0 = Monday */
	const struct special_day *special;
	uint32_t special_count;
};

/* A skill demand, compiled: comparisons joined by && and ||, in postfix order. */
struct skill_term {
	enum { TERM_COMPARE, TERM_AND, TERM_OR, TERM_NOT } op;
	struct str skill; /* TERM_COMPARE */
	enum { CMP_GT, CMP_GE, CMP_LT, CMP_LE, CMP_EQ, CMP_NE } compare;
	uint32_t level;
};

struct skill_step {
	int64_t after_ms;
	struct str need; /* as written, for the "why" */
	const struct skill_term *terms;
	uint32_t term_count;
};

struct queue_config {
	struct str name, music;
	enum strategy strategy;
	const struct skill_step *steps; /* ascending after_ms; none: no skill needed */
	uint32_t step_count;
	int64_t threshold_ms, short_abandon_ms, ring_ms, wrap_ms, max_wait_ms /* 0: none */;
	int64_t no_agents_grace_ms, sticky_ms, park_ms;
	bool idle_reset_by_break; /* who comes back from a break is idle from then on */
	bool priority_only;	  /* the score is the priority alone, and above those that age */
	bool from_arrival;	  /* the score counts from the contact's arrival */
	int64_t resume_ms;	  /* who calls again within it has his old place; 0: nobody */
	/* how long this agent is not offered this contact; how long not any */
	int64_t no_answer_delay_ms, reject_delay_ms, busy_delay_ms, unreachable_delay_ms;
	int64_t ewt_limit_ms;	       /* 0: none */
	uint32_t join_when, stay_when; /* BIT(enum staff_state); 0: signed_in */
	int64_t tier_ms;	       /* from one tier to the next; 0: tiers do not count */
	bool tier_alone, tier_skip;
	int64_t wrap_extend_ms; /* a wrap-up may be made longer by it */
	uint32_t wrap_extensions;
	struct str wrap_outcome; /* of a wrap-up that its time ended without one */
	bool outcome_required;
	uint32_t max_waiting; /* 0: none */
	uint32_t misses_max;
	int32_t class_rank;
	double ageing;
	uint32_t record_percent;		      /* 0..100 */
	bool record_said;			      /* else the tenant's rule holds */
	struct str caller_id;			      /* of calls its agents make for it */
	int64_t announce_every_ms, announce_first_ms; /* 0: never; at once */
	bool announce_position, announce_wait, announce_only_if_improved, announce_head;
};

enum role { ROLE_AGENT, ROLE_SUPERVISOR, ROLE_ADMIN, ROLE_VIEWER };

struct user_skill {
	struct str skill;
	uint32_t level; /* 0..100 */
};

/* How a user stands in one queue. */
struct user_place {
	struct str queue;
	uint32_t tier;	   /* 1.. TIERS_MAX */
	uint32_t weight;   /* weighted_random */
	uint32_t position; /* top_down and round_robin: ascending, then by id */
};
#define TIERS_MAX 32u

struct user_config {
	struct str name;
	uint32_t roles; /* BIT(enum role) */
	enum phone_kind phone;
	struct str phone_contact; /* sip: URI of a fixed phone; empty: it registers */
	struct str phone_number;
	bool phone_sha256, phone_auto_answer;
	bool phone_standing; /* a number that is called once and stays */
	bool phone_confirm;  /* a number: 1 is pressed there before anybody is put through */
	const struct str *phone_codecs; /* in order of preference; none: G.711 and the customer's */
	uint32_t phone_codec_count;
	enum srtp_rule phone_srtp;
	bool phone_srtp_without_tls;
	struct str caller_id; /* shown to whom he calls */
	struct str extension; /* what colleagues dial, beside his id */
	const struct user_skill *skills;
	uint32_t skill_count;
	const struct str *queues;
	uint32_t queue_count;
	const struct user_place *places; /* of queues where he stands otherwise than all */
	uint32_t place_count;
	const struct str *do_not_pair; /* numbers whose calls he is not offered */
	uint32_t do_not_pair_count;
	uint32_t capacity_voice;
	uint32_t record_percent;	/* of his talks, whatever the queue says … */
	bool record_said;		/* … when he has a rule of his own */
	struct str ha1_md5, ha1_sha256; /* lower-case hex over user:domain:password; empty: none */
	int64_t for_now_until_ms; /* UTC: then other skills and queues are his; 0: these stay */
	struct str for_now_by;
	struct str password_hash; /* argon2id in libsodium's text form; empty: cannot sign in */
};

enum node_kind {
	NODE_PLAY,
	NODE_SAY,
	NODE_MENU,
	NODE_QUEUE,
	NODE_HOURS,
	NODE_HANGUP,
	NODE_SET,
	NODE_BRANCH,
	NODE_LANGUAGE,
	NODE_COLLECT,
	NODE_SUBFLOW,
	NODE_CALLBACK,
	NODE_TRANSFER,
};

enum transfer_to { TRANSFER_QUEUE, TRANSFER_AGENT, TRANSFER_NUMBER };

#define NODE_NOWHERE UINT32_MAX /* an edge that is not there: the call ends */

struct flow_case {
	struct expression when;
	uint32_t next;
};

#define FLOW_VARIABLES_MAX 32u /* of one contact */
#define FLOW_VALUE_MAX EXPR_TEXT_MAX
#define FLOW_DEPTH_MAX 8u    /* flows that wait for one another to end */
#define FLOW_NEEDS_MAX 4000u /* bytes of a queue node's skill demands together */
#define FLOW_DIGITS_MAX 100u /* of one collect */

struct flow_wish {
	struct str agent;
	uint32_t score;
};

struct flow_node {
	struct str name;
	enum node_kind kind;
	uint32_t next, otherwise;      /* indexes into nodes; `else`, and `closed` of hours */
	uint32_t open;		       /* hours */
	struct str prompt;	       /* play, menu, collect */
	const struct lang_text *texts; /* say: one text or one a language (lang empty: any) */
	uint32_t text_count;
	uint32_t keys[12]; /* menu: 0..9 * #; NODE_NOWHERE: not a choice */
	uint32_t key_mask; /* BIT(n): key n is a choice */
	int64_t timeout_ms;
	uint32_t tries;
	struct str invalid; /* menu: prompt after a wrong key; may be empty */
	struct str queue, hours;
	uint32_t priority_min;
	const struct flow_wish *wishes; /* queue: agents it is kept for, for wish_ms */
	uint32_t wish_count;
	struct str wish_var; /* a variable that names one of them; empty: none */
	int64_t wish_ms;
	bool own_steps; /* queue: asks for these skills instead of those of the queue */
	const struct skill_step *steps;
	uint32_t step_count;
	uint32_t exits[5];  /* indexed by enum queue_exit */
	uint32_t exit_mask; /* BIT(enum queue_exit): named in `on` */
	bool has_next;
	struct str var;		       /* set, collect */
	struct expression value;       /* set */
	const struct flow_case *cases; /* branch: the first that is true */
	uint32_t case_count;
	struct str lang;     /* language */
	uint32_t min, max;   /* collect: keys */
	uint32_t terminator; /* collect: 0..9, 10 is *, 11 is # */
	bool masked;
	struct str flow; /* subflow */
	/* transfer; `queue` above is one of the three */
	enum transfer_to to;
	struct str agent;
	int64_t ring_ms;
	uint32_t fails[4];	  /* indexed by enum dial_result */
	struct expression number; /* callback (empty: the caller's), transfer */
	bool number_made;	  /* it is no constant: somebody may have keyed it in */
};

struct flow_config {
	uint32_t start;
	const struct flow_node *nodes;
	uint32_t node_count;
	bool secret; /* something masked is collected here, so what is keyed in early may be */
};

/* What is done when many call at once (behaviours.md Q-11). */
struct mass_event_config {
	struct str name;
	const struct str *queues; /* it covers these */
	uint32_t queue_count;
	const struct str *helpers; /* queues whose agents serve them too */
	uint32_t helper_count;
	struct str bulletin;  /* a prompt; empty: none */
	bool limits;	      /* max_waiting replaces that of the queues */
	uint32_t max_waiting; /* 0: none */
};

/* A figure beyond a limit for so long. Counts, seconds, percent. */
struct alert_config {
	struct str name;
	enum measure measure;
	struct str queue, trunk; /* empty: all */
	struct str state;	 /* agent_time: a word of presence or work */
	struct str alarm;	 /* measure alarm: of this name … */
	int64_t window_ms;	 /* … that came so lately */
	bool below;		 /* on when it is below the limit, else above */
	double limit, clear;
	int64_t for_ms, clear_for_ms;
	struct str quiet; /* hours; empty: none */
	bool critical;
};

struct config {
	struct arena arena;
	enum object_kind kind;
	struct str tenant, id;
	union {
		struct tenant_config tenant_of; /* kind tenant */
		struct trunk_config trunk;
		struct number_config number;
		struct skill_config skill;
		struct reason_config reason;
		struct outcome_config outcome; /* kinds field, team, saved_report, wallboard */
		struct prompt_config prompt;
		struct hours_config hours;
		struct queue_config queue;
		struct user_config user;
		struct flow_config flow; /* kind draft too */
		struct mass_event_config mass_event;
		struct alert_config alert;
	};
};

void config_free(struct config *c); /* NULL is fine */
