/*
 * crowd.h - invented people: callers who ring, press keys, wait, give up and talk; agents with
 * phones and desks. Real SIP and RTP over UDP, real HTTP; nothing of the house is known here but
 * what contract.md promises to strangers.
 *
 * One thread, one loop of its own, until `calls_max` calls are over or *stop becomes true. Made for
 * the living demo and as a load generator. The same seed makes the same people in the same order;
 * what they meet is up to the server.
 */
#pragma once

#include <signal.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

enum { CROWD_AGENTS_MAX = 2000, CROWD_NUMBERS_MAX = 16, CROWD_WORDS_MAX = 12 };
/* A storm: so many times as many callers, for so long. */
enum { CROWD_STORM_FACTOR = 20, CROWD_STORM_MS = 120000 };

struct crowd_agent {
	const char *user, *password;
};

/* What two people say to each other, 8 kHz; who listens is silent. */
struct crowd_talk {
	char lang[4];
	const int16_t *customer, *agent;
	uint32_t samples;
};

/* Who can ring: number and language of person i, always the same. */
typedef void(crowd_person_h)(uint32_t i, char number[20], char lang[4]);

struct crowd_options {
	const char *sip;    /* the server, "127.0.0.1:5060" */
	const char *http;   /* the server, "127.0.0.1:8080"; NULL: nobody sits at the desks */
	const char *trunk;  /* our address as the carrier, "127.0.0.1:5080"; NULL: no callers */
	const char *phones; /* our address as all the agents' phones; NULL: no phones */
	const char *tenant;

	const char
		*numbers[CROWD_NUMBERS_MAX]; /* what callers dial, each as likely as the others */
	uint32_t number_count;
	const char *keys; /* what a caller presses in the menu: one of these; "" presses nothing */

	const struct crowd_agent *agents;
	uint32_t agent_count;
	const char *outcomes[CROWD_WORDS_MAX], *reasons[CROWD_WORDS_MAX];
	uint32_t outcome_count, reason_count;

	uint64_t seed;
	double calls_per_hour; /* real hours, in the busiest minute of the day */
	double clock_factor;   /* how fast the invented day passes; 0: always the busiest minute */
	uint32_t calls_max;    /* 0: for ever */
	uint32_t at_once_max;  /* calls at a time; more arrivals are counted as not made */
	uint32_t agent_calls;  /* 0 or the most calls a phone takes at once before it says 486 */

	/* milliseconds, means of their distributions */
	uint32_t key_ms; /* from the answer to the first key; again every key_ms until it worked */
	uint32_t patience_ms;		   /* exponential, from the answer; 0: for ever */
	uint32_t ring_ms;		   /* until an agent picks up; 0: at once */
	uint32_t talk_ms;		   /* log-normal; talk_fixed: exactly */
	uint32_t wrap_ms;		   /* at the desk before the outcome is set */
	uint32_t desk_ms;		   /* how often a desk looks */
	uint32_t break_every_ms, break_ms; /* 0: no breaks */
	bool talk_fixed;
	double deaf_share;	 /* of offers that an agent lets ring */
	double hasty_share;	 /* of callers who give up within a second or two */
	double agent_ends_share; /* of talks that the agent ends */
	bool rtp;		 /* send and count audio */

	/* people: person NULL: numbers in a row, a buzz for a voice, keys as above. In the menu
	 * who speaks another language than the first talk's presses lang_keys first ("en8ru9"). */
	crowd_person_h *person;
	uint32_t person_count;
	const char *lang_keys;
	const struct crowd_talk *talks;
	uint32_t talk_count;
	uint32_t at_work;   /* agents who come while all is as usual; 0: all */
	double verbs_share; /* of talks in which the agent holds, consults or hands on */
	const char *notes[CROWD_WORDS_MAX]; /* of wrap-ups */
	uint32_t note_count;
	const char *queues[CROWD_WORDS_MAX]; /* whom agents consult, where they hand on to */
	uint32_t queue_count;

	/* A socket at this path takes a line a connection: `ring USER LANG`, `storm on|off`,
	 * `speed N`, `state`; answers `ok …` or `no WHY`. Other words are `asked`; it writes the
	 * answer. Whoever can open the path is obeyed. */
	const char *control;
	void (*asked)(void *arg, struct str line, struct buf *answer);
	void *arg;
	struct crowd_agent watcher; /* may see any agent: how it is known that somebody answered */

	FILE *out; /* a line every report_ms (0: only at the end); NULL: silent */
	uint32_t report_ms;
	const volatile sig_atomic_t *stop;
};

/* What really happened, for whoever measures. Milliseconds unless said otherwise. */
struct crowd_delays {
	uint32_t count, p50_us, p90_us, p99_us, max_us;
};
struct crowd_result {
	uint32_t started, answered, talked, gave_up, failed, refused, not_made;
	uint32_t offers, offers_taken, offers_let_ring, offers_cancelled;
	uint32_t signed_in, desk_errors, wraps;
	uint64_t packets_out, packets_in;
	uint32_t deaf_talks;		  /* talks in which one side heard nothing at all */
	struct crowd_delays answer, ring; /* INVITE to 200; INVITE to the agent's phone ringing */
};

/* The demo's people and habits; addresses are the defaults of contract.md section 1. */
void crowd_demo_options(struct crowd_options *o);
/* The demo's site file: valid JSON for `apply`. Lives for ever. */
struct str crowd_demo_site(void);

/* ERR_INVALID: an address that is none; ERR_CONFLICT: a port of ours is taken. */
MUST_USE enum err crowd_run(const struct crowd_options *o, struct crowd_result *result);
void crowd_print(const struct crowd_result *r, FILE *out);

/* `crowd --sip A --http A …`: the load generator's command line; see crowd_usage. Returns the exit
 * status: 0 all calls went well, 1 some failed, 2 wrong usage. */
int crowd_main(int argc, char **argv);
