/*
 * inner.h - what the files of the crowd share. Nobody outside includes it.
 *
 * Times are monotonic milliseconds, read once a turn of the loop in run.c; only delays that are
 * measured read the clock themselves, in microseconds.
 */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "base/timer.h"
#include "crowd/crowd.h"
#include "crowd/people.h"
#include "os/clock.h"
#include "os/loop.h"
#include "sip/sip.h"

struct crowd;

/* -- measuring -- */
enum { DELAYS_KEPT = 8192 };
struct delays { /* all up to DELAYS_KEPT, then a fair sample (Vitter's algorithm R) */
	uint32_t count;
	uint32_t us[DELAYS_KEPT];
};
void delays_add(struct delays *d, struct dice *dice, int64_t us);
struct crowd_delays delays_sum(struct delays *d); /* sorts what is kept */

/* -- one side of a call, with its sound -- */
enum talker_state {
	TALKER_CALLING,	  /* caller: INVITE is out */
	TALKER_RINGING,	  /* phone: 180 is out */
	TALKER_LISTENING, /* caller: answered, menu and music */
	TALKER_TALKING,
	TALKER_ENDING, /* we have hung up, SIP_CALL_OVER is to come */
};
struct talker {
	struct list link; /* in its line's talkers */
	struct line *line;
	struct sip_call_id call;
	enum talker_state state;
	struct timer timer;	/* callers: patience; phones: ringing, then talking */
	struct timer key_timer; /* callers: the next key */
	struct talker *other;	/* the other side when it is ours too, while talking */
	uint32_t agent;		/* phones: index in options.agents */
	char number[16];	/* callers: what we are called, nine digits; key in crowd.callers */
	char rung_by[16];	/* phones: the number of a caller of ours */
	int64_t began_us;
	/* sound */
	bool sends, hears_talk;
	uint8_t pt, dtmf_pt;
	struct sip_address to;
	bool alaw, talking;   /* talking: voice is a part of a talk, in A-law */
	const uint8_t *voice; /* said again and again, whole frames */
	uint32_t voice_at, voice_bytes, ssrc, time;
	/* people (options.person) */
	char lang[4];
	uint32_t talk;	    /* index in options.talks */
	bool chose_lang;    /* has pressed the key of his language */
	char rings_for[64]; /* callers who were asked for (door.c): the agent; else empty */
	uint16_t seq;
	char digit; /* being sent, or 0 */
	uint32_t digit_ticks;
	uint32_t digit_time;
	uint32_t heard; /* packets since the talk began */
};

/* -- a SIP address of ours with its engine and its sound -- */
struct line {
	struct crowd *crowd;
	struct sip *sip;
	int sip_fd, rtp_fd;
	struct sip_address server;
	char host[64], advertise[80];
	uint16_t rtp_port;
	struct list talkers;
	struct talker **by_port; /* 65536: who hears what comes from this port of the server */
	void (*event)(struct line *l, const struct sip_event *ev);
};
/* own, server: "ip:port". NULL: no address, or the port is taken (*why says which). */
struct line *line_create(struct crowd *c, const char *own, const char *server, enum err *why);
void line_destroy(struct line *l); /* NULL is fine */
void line_read(struct line *l);	   /* all datagrams that wait */
void line_read_sound(struct line *l);
void line_tick(struct line *l); /* every 20 ms: one packet for each who speaks */
struct talker *talker_create(struct line *l);
void talker_destroy(struct talker *t);
/* Our description; `theirs` NULL: an offer, else the answer to it (codec_count 0: nothing shared).
 */
void talker_sdp(struct talker *t, const struct sdp_audio *theirs, struct sdp_audio *out);
/* Speak there from now on. */
void talker_hear(struct talker *t, const struct sdp_audio *theirs);
void talker_press(struct talker *t, char digit);
/* Begins to say his part of his talk; nothing without talks. */
void talker_speaks(struct talker *t, bool agent);

/* -- people -- */
void caller_arrive(struct crowd *c);
/* Somebody who speaks this language rings for this agent. ERR_NOT_FOUND: nobody speaks it. */
MUST_USE enum err caller_rings_for(struct crowd *c, struct str agent, struct str lang);
void caller_is_heard(struct talker *caller); /* somebody who is not ours has picked up */
void caller_event(struct line *l, const struct sip_event *ev);
void caller_talks(struct talker *caller, struct talker *phone); /* the agent has picked up */
void caller_hang_up(struct talker *caller);
struct talker *caller_find(struct crowd *c, struct str number); /* NULL: none of ours */
void phone_event(struct line *l, const struct sip_event *ev);
void talk_over(struct talker *t); /* counts what was heard, forgets the other side */

/* -- desks over HTTP -- */
struct desks;
struct desks *desks_create(struct crowd *c); /* NULL: options.http is no address */
void desks_destroy(struct desks *d);	     /* NULL is fine */

/* -- the door: what we are told to do, and whether somebody picked up (door.c) -- */
struct door;
struct door *door_create(struct crowd *c); /* NULL: the path is no place for a socket */
void door_destroy(struct door *d);	   /* NULL is fine */
void door_watch(struct door *d);	   /* a caller who was asked for is on his way */

/* -- the loop -- */
struct crowd {
	const struct crowd_options *o;
	struct crowd_result r;
	struct timers timers;
	struct dice dice;
	int64_t now_ms, began_ms;
	struct loop *loop;
	struct line *carrier, *phones;
	struct desks *desks;
	struct door *door;
	struct map callers; /* by number */
	struct timer arrival, tick, report;
	uint32_t now_calling, serial;
	uint32_t *agent_calls; /* calls at each agent's phone */
	struct delays answer, ring;
	uint32_t speed; /* so many times as many callers */
	int64_t storm_until_ms;
	uint8_t *(*tracks)[2];	  /* of each talk: customer, agent; A-law */
	const uint8_t *voices[2]; /* [0] PCMU, [1] PCMA: VOICES loops of VOICE_BYTES each */
};
enum { VOICES = 4, VOICE_BYTES = 32000, FRAME_BYTES = 160 };
bool crowd_is_busy(const struct crowd *c); /* all hands are needed */
void crowd_pace(struct crowd *c);	   /* speed or storm have changed */
double crowd_day(const struct crowd *c);   /* the invented time of day, in days */
/* "127.0.0.1:5060"; ERR_INVALID otherwise */
MUST_USE enum err crowd_address(const char *text, struct sip_address *out);
/* Something like speech: VOICES voices in A-law or µ-law. The caller frees. */
uint8_t *voices_make(bool alaw);
