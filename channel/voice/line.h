/* line.h - the private shapes of the voice channel, shared by its files. */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "channel/voice/place.h"
#include "channel/voice/trace.h"
#include "channel/voice/voice.h"
#include "core/number.h"
#include "core/seat.h"
#include "core/toll.h"
#include "media/order.h"
#include "rtp/srtp.h"
#include "os/log.h"
#include "sip/uri.h"

ID_TYPE(leg_id);

#define LINE_RECORDINGS 16 /* at a time: one for each seat */
#define LINE_FILES_MAX 900 /* bytes of file names in one playing; an order's text holds 1024 */
#define RECORDING_PATH 200
#define ROUTES_MAX 8 /* peers tried for one call */

/*  asked for a port    INVITE sent     200 passed      BYE, CANCEL, refusal under way
 *  PORT ─────────────▶ CALLING ──────▶ UP ───────────▶ OVER ──▶ (given back)
 *       ├─ a caller's leg: PORT ─────▶ UP
 *       └─ a user's own INVITE: PORT ─▶ EARLY ─▶ UP     not answered before whom he calls */
enum leg_state { LEG_PORT, LEG_CALLING, LEG_UP, LEG_OVER, LEG_EARLY };

enum { CODEC_PCMU = 0, CODEC_PCMA = 8, CODEC_NONE = 255, DTMF_NONE = 255, DTMF_OURS = 101 };

/* What SDP agreed about the other end. */
struct wire {
	char address[46];
	uint16_t port, ptime_ms;
	uint8_t codec, pt, dtmf_pt, dtmf_khz;
	enum sdp_direction peer; /* what the peer said of itself */
	bool secure;		 /* RTP/SAVP */
	uint8_t suite;		 /* enum srtp_suite */
	uint8_t mki_n, mki[4];
	uint32_t crypto_tag;
	uint8_t key[SRTP_KEY_MAX]; /* the peer's; a secret */
};

/* A leg's call over a trunk: whom, through whom, and who was asked in vain. */
struct way {
	char number[NUMBER_TEXT]; /* empty: this leg needs no trunk */
	struct trunk_id trunk;	  /* counted there; none: not yet */
	bool rang;		  /* 18x came: nobody else is tried any more */
	struct agent_id user;	  /* whose call it is; none: a flow's */
	bool tolled, talked;	  /* counted in toll.c; answered too */
	int64_t rate;		  /* a minute of it */
	uint32_t tried_count;
	struct sip_address tried[ROUTES_MAX];
};

struct leg {
	struct leg_id id;
	struct contact_id contact; /* dead: only the SIP side is still ending */
	enum party role;
	struct agent_id agent; /* roles agent, supervisor */
	struct queue_id queue;
	struct way way;
	enum leg_state state;
	struct sip_call_id call; /* none: over or not begun */
	struct browser *web;	 /* whose session it is (browser.h): there is no dialog; NULL: no */
	uint32_t media;		 /* the process that has the port; 0: none lived */
	bool media_open;	 /* ordered and not yet reported closed */
	bool media_seen;	 /* in the inventory being read */
	bool port_awaited;	 /* counted in voice->ports_awaited */
	bool holds;		 /* keeps its contact open */
	bool wire_known;
	bool late_offer; /* their INVITE had no SDP: our offer went in the 200 */
	uint16_t port;	 /* 0: not yet */
	struct wire wire;
	bool sealed;		    /* it has had keys: */
	uint8_t seal[SRTP_KEY_MAX]; /* ours, for its life; a secret */
	char key;		    /* pressed last, and how and when */
	bool key_by_info;
	int64_t key_ms;
	uint64_t sdp_id;
	struct timer patience;	  /* for the port, then for SIP to end */
	struct contact_id home;	  /* it stands: its own contact (standing.c); none: ordinary */
	struct contact_id wanted; /* hears beeps: this one is for him */
	struct contact_id
		left; /* it moved away from this one, which waits for its figures; or none */
	enum party left_role; /* and was this there */
	struct timer figures; /* how long */
	struct timer ring;    /* role supervisor: how long; who hears beeps */
	int64_t ring_until_ms;
	struct leg_id beside;  /* refer.c: his telephone began this one beside that leg of his */
	bool replaces;	       /* … and takes its place */
	bool swapped;	       /* … and he is back with the customer for a while */
	bool picks_up;	       /* his telephone called for who is parked; until it has its port */
	uint64_t heard;	       /* mark of whom it hears, as ordered; 0: nobody */
	int64_t talks_ms;      /* since when it hears somebody */
	enum seat_sound sound; /* ordered, of all but the customer's: his is the line's */
	uint32_t play;	       /* names it at media */
	struct list link;      /* in line->legs */
	struct voice *voice;
};

struct recording {
	bool open;    /* started and its end not yet told */
	bool stopped; /* record_stop ordered */
	struct agent_id agent;
	struct leg_id right;
	uint64_t heard; /* mark of the voices in it, as ordered */
	char path[RECORDING_PATH];
	int64_t started_ms;
};

/*  dial_out         200             BYE, hang-up, dial_cancel
 *  ─────▶ RINGING ────────▶ TALKING ─────────────────▶ (given back)
 *            └─ refused, ring time, dial_cancel ────▶ (given back)       */
enum dial_state { DIALLED_RINGING = 1, DIALLED_TALKING };

struct dial {
	struct list link; /* in line->dials */
	struct line *line;
	uint32_t callee; /* 0: a flow's */
	enum dial_state state;
	struct leg_id leg;
	char number[NUMBER_TEXT];
	struct trunk_id trunk; /* the newest tried */
	struct agent_id user;  /* whose call it is; none: a flow's */
	int64_t began_ms, ring_until_ms, answered_ms;
	struct timer ring;
};

struct line {
	struct contact_id contact;
	struct voice *voice;
	uint32_t media; /* the process that mixes it; 0: none lived */
	struct leg_id customer;
	struct leg_id joined; /* the leg the customer hears while no seats are set; none: nobody */
	struct list legs, dials;
	struct own_call *own;  /* a user of ours began it; own_call.h */
	struct queue_id queue; /* whose music and recording rule apply */
	bool waiting;	       /* in a queue: music */
	uint32_t holds;	       /* BIT(party) that holds */
	bool disconnected;
	struct seat seats[SEATS_MAX];
	uint32_t seat_count; /* 0: customer and joined leg hear each other */
	bool paused;	     /* the recording */

	uint32_t play_serial; /* names the newest playing or music at media */
	bool playing;	      /* a flow's playing is wanted, or an announcement's */
	uint32_t play_token;  /* the flow's name for it */
	bool play_digits;     /* stopped by the first digit: the flow says so */
	char files[LINE_FILES_MAX];
	struct timer speech; /* waits for texts not spoken yet */
	/* of `files`: no announcement; texts are awaited while music goes on; `playing` is it */
	enum { ANNOUNCE_NONE, ANNOUNCE_AWAITED, ANNOUNCE_HEARD } announce;
	enum seat_sound sound; /* what the customer hears beside it, as ordered */

	struct recording recordings[LINE_RECORDINGS];
	uint32_t recording_count;
	struct timer recorded; /* patience with media after the end */
};

struct trunk_peer_at {
	struct sip_address address;
	bool any_port; /* none is declared: requests may come from all */
	uint16_t port; /* as declared, 0: none */
	struct trunk_id trunk;
	uint32_t nth;		   /* of its peers; several addresses share one */
	bool only_in;		   /* its registrar: calls come from there */
	bool certified;		   /* the trunk is known by its certificate, not by this address */
	uint16_t priority, weight; /* of its SRV record */
	char name[256];		   /* as declared */
	int64_t silent_until_ms;   /* it did not answer: others first until then */
	int64_t busy_until_ms;	   /* it asked to be left alone until then: 503 with Retry-After */
	bool down;		   /* watch.c: others first */
	uint32_t silences, signs;  /* of life, in a row */
	uint64_t asked;		   /* name of the OPTIONS that is out; 0: none */
	int64_t asked_ms;	   /* when that went out */
	/* the newest answer, 0: none yet; for how long it has been as it is */
	uint32_t status;
	int64_t rtt_ms, heard_at_ms, since_at_ms;
	enum trouble_why broken; /* why nothing could be sent there last, and when */
	int64_t broken_ms;
	int64_t ask_at_ms; /* the next one; 0: not said yet */
};

/* What a tenant's or a user's outbound calls use up. */
struct payer {
	struct id object; /* none: free */
	struct toll toll;
	uint32_t told;	 /* percent of the fullest limit, as told by an alarm */
	int64_t told_ms; /* when a call was refused and told last */
};

/* What is known of a trunk beside its declaration. */
struct trunk_now {
	uint32_t calls;
	int64_t pace_at_ms; /* cps_max: when the bucket was looked at, and what is in it */
	int64_t pace_milli;
	int64_t refused_ms;    /* when its certificate was complained of last */
	int64_t blocked_at_ms; /* the second in which calls refused were told, how often */
	uint32_t blocked_told, blocked_held; /* held: refused and not told yet */
	int64_t second; /* the one whose calls are counted; in it, in the one before */
	uint32_t begun, begun_before;
};

/* What went wrong with a trunk, newest first (trouble.c). */
struct ailing {
	struct trunk_id trunk;	  /* none: free */
	struct trouble *troubles; /* TROUBLES_MAX places */
	uint32_t count;
	int64_t touched_ms;
};

/* Ourselves at a trunk's registrar. */
struct enrolment {
	struct trunk_id trunk;
	struct sip_registration_id id; /* none: its place is not known yet */
	uint64_t words;		       /* hash of what it is declared with */
	bool used;		       /* by the sweep at hand */
	bool up, lost;		       /* as told last; lost: there was an alarm */
	uint32_t tries;		       /* which of its addresses */
	char *image;		       /* of the last life, until it begins */
	uint32_t image_n;
};

struct spoken {
	char key[VOICE_KEY_TEXT + 1];
	enum { SPEECH_ASKED, SPEECH_READY, SPEECH_FAILED } state;
};

struct binding {
	char user[64], domain[128];
	uint64_t secret; /* a hash of what it was registered with; 0: nothing */
	char *image;
	uint32_t image_n;
};

/* One media process: the newest, or one that drains. */
struct voice_media {
	uint32_t number; /* 0: free place */
	bool connected;
	uint32_t inventory; /* the one asked for last */
	struct report_gauges gauges;
};

struct voice {
	struct room room;
	struct core *core;
	struct voice_options o;
	struct stir *stir;
	struct sip *sip;
	struct pool *legs, *lines, *dials, *owns, *browsers;
	struct line **by_contact; /* [contact slot] */
	struct voice_media media[VOICE_MEDIA_MAX];
	uint32_t newest;  /* number of the process that takes new lines; 0: none lives */
	uint32_t hearing; /* whose report is being heard; 0: none */
	bool media_ready; /* the newest is connected */
	uint32_t inventory;

	struct trunk_peer_at *peers;
	uint32_t peer_count;
	struct enrolment *enrolments;
	struct ailing *ailing; /* [image slot - 1] */
	uint32_t ailing_count;
	struct list trials; /* trial.c: trunks that are being tested */
	uint32_t enrolment_count;
	struct places places;
	struct timer names; /* names.c: a sweep is due */
	struct timer watch; /* watch.c: somebody is to be asked */
	uint64_t watch_serial;
	struct digest_share {
		uint32_t age, all, sha256;
	} * digests; /* [object slot of a tenant]: phones with a secret, those of SHA-256 */
	uint32_t digest_room, users_age; /* users_age: one more whenever a user changes */
	int64_t guesses_since_ms;	 /* the minute of guesses_told alarms */
	uint32_t guesses_told, guesses_held;
	struct payer *payers; /* toll.c */
	uint32_t payer_count;
	struct timer toll;	  /* runs while somebody pays */
	struct trunk_now *trunks; /* [object slot] */
	uint32_t trunk_room;

	struct map spoken;	  /* key -> struct spoken */
	struct binding *bindings; /* [slot - 1] */
	uint32_t binding_room;
	struct trace *trace;
	char key_texts[SDP_CRYPTO_MAX][64 + 1]; /* of the newest description we wrote */
	uint64_t refused, answered, lost;	/* counters for `ctl show voice` */
	struct report_gauges gauges, past;	/* sums; of processes that ended */
	bool (*offered)(void *arg, struct contact_id c, struct agent_id a);
	void *offered_arg;
	bool closed;		/* no new calls */
	uint32_t ports_awaited; /* legs that asked media for a port and have none yet */
	bool pressed;		/* too many come: calls of our own wait for a better time */
	bool leaving;		/* a clean stop: nobody is registered any more */
	bool last_life;		/* closing what died: legs are left to the inventory */
};

/* line.c: what a contact hears */
struct line *line_of(struct voice *v, struct contact_id contact); /* NULL: not a call */
struct line *line_begin(struct voice *v, struct contact_id contact);
struct leg *line_customer(struct line *l); /* NULL: gone */
void line_touch(struct line *l);
void line_log(const struct line *l, const char *what, const struct leg *leg, struct str detail);
/* The leg's call belongs to its contact: told to the trace. */
void line_trace(const struct leg *leg);
void line_sync(struct line *l); /* orders everything that should be heard */
enum err line_play(struct line *l, const struct command_media_play *cmd);
void line_play_stop(struct line *l, uint32_t token);
void line_hush(struct line *l); /* the playing ends, nobody is told */
void line_play_done(struct line *l, uint32_t serial, bool ok);
void line_music(struct line *l);	       /* decides whether music belongs here now */
void line_hold(struct line *l, enum party by); /* says whether the talk is on hold now */
void line_join(struct line *l, struct leg *leg);
void line_leaves(struct line *l); /* a leg ended: who is joined now? */
void line_order_sound(struct line *l, struct leg *leg, uint32_t play, enum seat_sound sound);
void line_speech_ready(struct line *l);
void line_order_play(struct line *l);
void line_gone(struct line *l);
void line_recorded_patience(struct line *l);
void line_disconnect(struct line *l, enum party by, struct str cause, uint32_t sip_code);

/* seats.c: who hears whom */
enum err line_seats(struct line *l, const struct seat *seats, uint32_t count);
enum seat_sound line_sound_wanted(struct line *l); /* by the customer */
void line_hear(struct line *l);			   /* something changed: order what is different */
void line_hear_again(struct line *l);		   /* order all of it */

/* announce.c: what who waits is told of his place and his wait */
void announce_promise(struct voice *v, const struct event_promise *ev);
void announce_bulletin(struct voice *v, const struct event_bulletin *ev);
void announce_heard(struct line *l); /* its texts are spoken: now it is played */
void announce_stop(struct line *l);  /* music goes on at once */
void announce_prepare(struct voice *v, const struct queue_config *q, struct str tag);

/* recording.c */
void recording_begin(struct line *l, struct leg *agent);
void recording_stop(struct line *l, struct agent_id agent); /* none: all */
enum err recording_pause(struct line *l, bool on);
/* From now on these legs are heard in it. */
void recording_hear(struct line *l, uint32_t n, const struct order_ids *left,
		    const struct order_ids *right, bool again);
void recording_sync(struct line *l);
void recording_done(struct voice *v, const struct report_recorded *r);
struct id recording_id(const struct line *l, uint32_t n);
/* Whose it may be, and which: the age is not looked at. NULL: of nobody who lives. */
struct line *recording_line(const struct voice *v, struct id rec, uint32_t *n);

/* leg.c: one SIP call and its port */
struct leg *leg_get(struct voice *v, struct leg_id id);
/* l NULL: of no contact. */
struct leg *leg_create(struct voice *v, struct line *l, enum party role);
bool leg_lives(const struct leg *leg); /* somebody is behind it: a dialog, or a browser */
void leg_port_heard(struct leg *leg);  /* nothing is awaited of media for it any more */
void leg_touch(struct leg *leg);
void leg_hold(struct leg *leg);
void leg_order_open(struct leg *leg);
void leg_order_remote(struct leg *leg);
void leg_port(struct leg *leg, uint16_t port, enum err e);
void leg_end(struct leg *leg); /* SIP and media; the leg gives itself back when both are through */
void leg_media_closed(struct leg *leg, const struct report_leg_closed *r);
/* It moved away from a contact that it held: that one waits for the figures of the time it was
 * there, when media will tell them. */
void leg_leaves(struct leg *leg, struct contact_id was, enum party role);
void leg_media_moved(struct leg *leg, const struct report_leg_moved *r);
void leg_left_loaded(struct leg *leg); /* after a restart it waits again */
/* Ours of this family (IPv6 or not); the only one where there is no other. */
struct str leg_media_address(const struct voice *v, bool six);
/* Of the peer's family where his description is known; a first offer may be given the one it is
 * sent to. */
void leg_sdp(struct leg *leg, bool offer, struct sdp_audio *out);
enum err wire_from(const struct sdp_audio *sdp, const struct str *allowed, uint32_t allowed_count,
		   struct wire *out);
void leg_silent(struct leg *leg, int64_t ms); /* nothing came from there for so long */
void leg_sip_event(struct leg *leg, const struct sip_event *ev);
/* '0'..'9' '*' '#' 'A'..'D'; else it was heard in the sound or by RFC 4733 */
void leg_digit(struct leg *leg, char digit, bool by_info);
void leg_set_wire(struct leg *leg, const struct wire *w);
/* What somebody offers who calls over this trunk. ERR_UNSUPPORTED: nothing its rules allow. */
enum err wire_offered(const struct sdp_audio *sdp, const struct trunk_config *trunk,
		      const struct sip_address *from, struct wire *out);
const char *wire_codec_name(uint8_t codec);
/* Before leg_set_wire of an offer of theirs within a call: a key of ours serves one suite. */
void leg_renew_key(struct leg *leg, const struct wire *w);
enum sdp_direction wire_mirrored(enum sdp_direction d);
enum err leg_wire_agreed(const struct leg *leg, const struct sdp_audio *sdp, struct wire *out);
struct str leg_our_host(const struct voice *v);		/* ours in From */
void leg_not_reached(struct leg *leg, uint32_t status); /* our call came to nothing */
enum err leg_patience(struct leg *leg, int64_t ms);

/* agent.c: users' telephones */
struct leg *agent_leg(struct line *l, enum party role, struct agent_id agent); /* NULL: none */
/* The leg of who answered; one who was on the line already (a supervisor) is an agent now. */
struct leg *agent_serves(struct line *l, struct agent_id agent);
void leg_ring_agent(struct voice *v, const struct event_offer *o);
void agent_has_port(struct leg *leg);
void agent_failed(struct leg *leg, uint32_t status);
void agent_answered(struct leg *leg, const struct sip_event *ev);
void agent_over(struct leg *leg, const struct sip_event *ev, enum leg_state was);
void agent_holds(struct leg *leg, bool held);
/* He is not on the contact any more; lost: without a word of his telephone. */
enum err agent_left(struct voice *v, struct contact_id contact, struct agent_id agent, bool lost);
enum err agent_phone_ring(struct line *l, const struct command_phone_ring *cmd);
enum err agent_phone_drop(struct line *l, struct agent_id agent);
void agent_ring_again(struct leg *leg);
void agent_lost(struct leg *leg);

/* Its port is asked for; agent_call_phone, when it has one: he is called. */
void agent_phone_begin(struct leg *leg);
MUST_USE enum err agent_call_phone(struct leg *leg);
bool agent_has_phone(struct voice *v, struct agent_id agent); /* that could be rung now */

/* refer.c: what agents do at their telephones */
bool refer_invite(struct voice *v, const struct sip_event *ev); /* false: an own call of his */
void refer_has_port(struct leg *leg);
void refer_picked_up(struct leg *leg); /* it has its port */
void refer_asked(struct leg *leg, const struct sip_event *ev);
struct leg *refer_other(const struct leg *leg); /* his other one of the same talk; NULL: none */
void refer_taken_up(struct leg *leg);
void refer_over(struct leg *leg); /* the second one, by his telephone */
void refer_consult_end(struct line *l, struct agent_id agent);

/* inbound.c: who may call, and whom */
/* The draft of a test number, while there is one; NULL: it is gone. */
const struct object *inbound_flow(struct voice *v, struct str tenant,
				  const struct number_config *n);
void inbound_invite(struct voice *v, const struct sip_event *ev);

/* trunk.c: whose peers, how many calls, which one carries a number */
struct trunk_route {
	struct trunk_id trunk;
	struct sip_address to;
	struct str host; /* for the URI: the peer as declared; until the next trunk_peers */
	uint16_t port;	 /* the same */
};
void trunk_peers(struct voice *v); /* from what is declared and what DNS says of it */
enum place_way trunk_way(const struct trunk_config *t);
bool trunk_trusted(struct voice *v, const struct sip_address *from);
/* The peers a request came from, one after the other: *at starts at 0; NULL at the end. */
const struct object *trunk_next_from(struct voice *v, const struct sip_address *from, uint32_t *at);
void trunk_count(struct voice *v, struct trunk_id trunk, int change);
/* One more call now? A yes uses up a place of its pace. ERR_FULL: max_calls; ERR_AGAIN: cps_max. */
MUST_USE enum err trunk_admit(struct voice *v, const struct object *trunk);
/* route.c. The next peer for this call of a tenant: the same trunk's while it has one, else by
 * priority, the longest prefix, cost and weight. Those not heard of lately come last.
 * ERR_NOT_FOUND: no trunk; ERR_FORBIDDEN: the tenant may not call it, or no trunk carries it;
 * ERR_FULL: no place, or everybody was tried. */
MUST_USE enum err trunk_route(struct voice *v, struct str tenant, const struct way *way,
			      struct trunk_route *out);
void trunk_take(struct voice *v, struct trunk_id trunk); /* a call of ours: place and pace */
void trunk_silent(struct voice *v, const struct sip_address *peer);
/* It said 503 with a Retry-After. */
void trunk_busy(struct voice *v, const struct sip_address *peer, uint32_t seconds);
bool trunk_has_place(struct voice *v, const struct object *trunk);
bool trunk_has_pace(struct voice *v, const struct object *trunk, bool take);
/* A call from there got 503 for this: counted, and told as `blocked` at most ten times a second. */
void trunk_blocked(struct voice *v, struct trunk_id trunk, struct str from, struct str to,
		   struct str cause);
void trunk_dump(struct voice *v, struct buf *out); /* for `ctl show trunks` */
void trunk_finish(struct voice *v);

/* names.c: hosts that are declared by name */
void names_soon(struct voice *v);  /* what is declared changed: look at all names this turn */
void names_sweep(struct voice *v); /* now */
/* Where a sip: URI with a fixed host leads. False: nowhere, or its name is not known (yet). */
bool names_of_uri(struct voice *v, struct str uri, struct sip_address *out);

/* enrol.c: our registrations at trunks */
void enrol_sweep(struct voice *v);
/* False: it has none that could be read. */
bool enrol_server(const struct trunk_config *t, struct str *host, uint16_t *port);
void enrol_told(void *arg, struct sip_registration_id id, void *owner, bool up, uint32_t status);
bool enrol_again(struct voice *v, struct trunk_id trunk); /* now; false: it cannot be asked */
void enrol_changed(void *arg, struct sip_registration_id id, void *owner);
bool enrol_save(struct voice *v, struct id id, struct buf *out);
MUST_USE enum err enrol_load(struct voice *v, struct str image);
void enrol_finish(struct voice *v);

/* watch.c: signs of life of trunks' peers */
void watch_soon(struct voice *v); /* peers changed */
void watch_told(void *arg, uint64_t token, uint32_t status, struct str phrase);
/* OPTIONS to it now. ERR_TOO_LARGE, ERR_FULL: not sent. */
MUST_USE enum err watch_ping(struct voice *v, const struct trunk_peer_at *p, uint64_t token);
void watch_finish(struct voice *v);

/* trouble.c: what went wrong with trunks lately */
void trouble_note(struct voice *v, struct trunk_id trunk, const struct trouble *t); /* now, once */
void trouble_make(struct trouble *t, const struct sip_address *peer, struct str text);
void trouble_peer(const struct sip_address *at, char out[TROUBLE_PEER]); /* "1.2.3.4:5060/tcp" */
void trouble_refused(struct leg *leg, const struct sip_event *ev);	 /* a call of ours */
void trouble_silent(struct leg *leg);
/* A call of theirs that we refused. trunk none: of whom that address is. */
void trouble_inbound(struct voice *v, const struct sip_event *ev, struct trunk_id trunk,
		     uint32_t status, struct str cause);
/* Nothing can be sent there. */
void trouble_broken(struct voice *v, const struct sip_address *to, enum trouble_why why,
		    struct str text);
void trouble_name(struct voice *v, struct str name); /* DNS knows nothing of it */
bool trouble_save(struct voice *v, struct id id, struct buf *out);
MUST_USE enum err trouble_load(struct voice *v, struct id id, struct str image);
void trouble_finish(struct voice *v);

/* trial.c: trunks tested now */
void trial_pinged(struct voice *v, uint64_t ping, uint32_t status, struct str text);
void trial_registered(struct voice *v, struct trunk_id trunk, bool up, uint32_t status);
void trial_finish(struct voice *v);

/* toll.c: what calls out may use up, and have used up */
/* May this leg's call begin? What it is refused with (not for help); told as `dial_blocked`. */
MUST_USE enum err toll_ask(struct leg *leg, struct str tenant);
void toll_blocked(struct leg *leg, const char *cause);
void toll_talk(struct leg *leg);   /* it was answered: the trunk's rate counts from now */
void toll_leave(struct leg *leg);  /* it ends */
void toll_loaded(struct leg *leg); /* one of the last life */
bool toll_save(struct voice *v, struct id id, struct buf *out);
MUST_USE enum err toll_load(struct voice *v, struct id id, struct str image);
void toll_dump(struct voice *v, struct buf *out); /* for `ctl show toll` */
void toll_finish(struct voice *v);

/* outbound.c: a leg's call over a trunk */
enum err outbound_reserve(struct leg *leg); /* a place on a trunk; as trunk_route */
enum err outbound_call(struct leg *leg);    /* INVITE to the next peer; the same */
/* It was refused: somebody else was asked. */
bool outbound_again(struct leg *leg, uint32_t status, uint32_t retry_after_s);
void outbound_leave(struct leg *leg); /* the leg ends: its place is free */
void outbound_loaded(struct leg *leg);

/* dial.c: numbers called for a contact */
struct dial *dial_of(struct line *l, uint32_t callee); /* NULL: it is not called */
struct dial *dial_by_leg(const struct leg *leg);       /* NULL: the leg only ends */
struct dial *dial_take(struct line *l);		       /* NULL: no place */
enum err dial_begin(struct line *l, const struct command_dial_out *cmd);
enum err dial_cancel(struct line *l, uint32_t callee);
void dial_has_port(struct leg *leg);
void dial_sounds(struct leg *leg, const struct sip_event *ev); /* 18x */
void dial_answered(struct leg *leg, const struct sip_event *ev);
void dial_failed(struct leg *leg, uint32_t status); /* refused, or nobody could be asked */
void dial_hung_up(struct leg *leg, enum party by, uint32_t status);
void dial_over(struct dial *d, enum dial_result result, enum party by, uint32_t sip_code);
void dial_over_all(struct line *l, enum party by);
void dial_forget_all(struct line *l); /* the contact is gone */
void dial_loaded(struct line *l);

/* speech.c: texts become files */
void speech_object(struct voice *v, enum object_kind kind, struct id id);
void speech_item(struct voice *v, const struct contact *k, const struct play_item *item,
		 struct buf *files, bool *pending);
void speech_prepare(struct voice *v, struct str lang, struct str text);
void speech_init(struct voice *v);
void speech_finish(struct voice *v);
bool speech_pending(struct voice *v, struct str files);

/* phones.c: registrations and secrets */
enum err phones_secret(void *arg, struct str user, struct str realm, struct str *md5,
		       struct str *sha256, bool *use_sha256);
void phones_guessed(void *arg, const struct sip_address *from, struct str user, struct str realm,
		    uint32_t wrong);
void phones_realm(struct voice *v);
bool phones_domain(void *arg, struct str domain);
void phones_binding(void *arg, uint32_t slot, struct str user, struct str domain, struct str image);
bool phones_save(struct voice *v, struct id id, struct buf *out);
enum err phones_load(struct voice *v, struct id id, struct str image);
void phones_loaded(struct voice *v);
void phones_user(struct voice *v); /* a user was changed or deleted */
void phones_finish(struct voice *v);
const struct object *phones_tenant(struct voice *v, struct str domain);

/* image.c */
bool voice_save(struct room *r, enum image_kind kind, struct id id, struct buf *out);
enum err voice_load(struct room *r, enum image_kind kind, struct id id, struct str image);

/* media.c: the processes that make the sound */
bool media_connected(const struct voice *v, uint32_t number);
void media_leg_is(struct voice *v, const struct report_leg_is *r);
void media_inventory_end(struct voice *v, uint32_t inventory);
void media_gauges(struct voice *v, const struct report_gauges *g);

/* To the process that has the leg or the recording. */
#define ORDER_NOW(v, name_, ...)                                                                   \
	voice_order((v), &(struct order){.kind = ORDER_##name_, .name_ = {__VA_ARGS__}})
void voice_order(struct voice *v, const struct order *o);
