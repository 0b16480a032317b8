/*
 * world_test.h - the real hall, voice room and SIP engine in an invented world, for the tests of
 * this room: a carrier and two phones are SIP engines of their own on a wire of 5 ms, media is a
 * fake that does as order.def says, flow and acd are fakes that answer as messages.def says.
 * Time is a number. Everything the core lets out leaves at the end of the turn, as in the program.
 */
#pragma once

#include "channel/voice/browser.h"
#include "sip/sip.h"
#include "tests/test.h"

enum { TRUNK, ANNA, BORIS, SIDES };
enum { PACKETS_MAX = 512, MEDIA_MAX = 64, ROWS_MAX = 64 };

#define NUMBER "+48221234567"
#define CALLER "+48501501501"

/* Somebody on the other end of the wire. */
struct side {
	struct world *w;
	struct sip *sip;
	struct timers timers;
	struct sip_address address;
	struct sip_call_id call; /* the newest */
	bool rings, answers;	 /* by himself */
	uint32_t refuses;	 /* with this status */
	bool scripted;		 /* his words are the test's (raw_say) */
	bool early;		 /* 183 with sound instead of 180 */
	uint16_t port;		 /* of his sound */
	const char *codec;	 /* the only one he speaks; NULL: PCMA and PCMU */
	/* what he heard */
	uint32_t incoming, answered, over, reoffers, reanswers, status;
	enum sip_over how;
	enum sdp_direction direction;
	uint16_t peer_port;
	char first_codec[16];
	uint32_t codec_count;
	char from_user[64];
	char last[4096]; /* the newest message that came, as text */
};

struct packet {
	int64_t at_ms;
	uint64_t order;
	struct sip_address from, to;
	struct str bytes; /* malloc'd */
};

/* A leg as the fake media process has it. */
struct media_leg {
	struct id id, contact;
	struct order_ids hears;
	struct id joined; /* the one it hears, when that one hears only this */
	uint16_t port, remote_port;
	bool send, receive;
	uint8_t codec, dtmf_pt;
	uint32_t play;
	bool loop;
	char files[LINE_FILES_MAX], music[32]; /* what sounds; empty: nothing */
	char ufrag[64];			       /* of a browser; empty: none */
	bool up;
};

struct media_rec {
	struct id id;
	struct order_ids left, right;
	bool rules; /* record_hear was said: only record_stop ends it */
	char path[RECORDING_PATH];
	int64_t from_ms;
	bool over, acked;
};

/* What the fakes of acd and flow know of a contact: outlives the core. */
struct row {
	struct contact_id c;
	enum { ROW_FREE, ROW_FLOW, ROW_WAITING, ROW_OFFERED, ROW_TALKING } state;
	const char *agent, *beside; /* beside: rung or talking while the agent does */
	bool named;		    /* by agent_ring: no flow, no queue */
	bool held, line_holds, phone_holds, beside_talks;
};

struct world {
	int64_t now_ms;
	uint32_t life;
	struct core core;
	struct voice *voice;
	struct room acd, flow, call, ear;
	bool calls_done; /* call_do is heard (and does nothing) */
	struct side sides[SIDES];
	struct packet packets[PACKETS_MAX];
	uint32_t packet_count;
	uint64_t packet_order, sent;
	bool wire_cut;		   /* what the core and the others send is lost */
	struct contact_id contact; /* the last that arrived */
	struct row rows[ROWS_MAX];

	bool anna_works;   /* agent_dial is refused */
	bool flow_refuses; /* flow_start is refused */
	bool goes_on;	   /* after an agent the flow has a next node: no hang-up */
	uint32_t flow_starts;
	enum offer_result failed; /* last offer_fail */
	uint32_t fails, accepts_refused;

	/* the fake media process */
	bool media_up, media_mute_open, media_mute_close, media_mute_recorded, media_mute_moved;
	bool media_no_ports;
	uint32_t media_number;
	uint32_t media_beside, orders_beside; /* another media process, and what it was told */
	struct media_leg media_legs[MEDIA_MAX];
	struct media_rec media_recs[MEDIA_MAX];
	struct buf orders, reports; /* not yet carried over */
	uint16_t next_port;
	uint32_t plays, musics, joins, records, stops, opens,
		odd; /* orders counted; odd: for unknown legs */

	bool speaks_at_once; /* the clerk has every text already */
	uint32_t asked;	     /* texts asked for */
	char asked_key[VOICE_KEY_TEXT + 1], asked_lang[8], asked_text[64];

	uint32_t names_asked; /* of DNS */
	char name_asked[DNS_NAME_MAX + 1];

	bool hears_phones;
	/* desks: what they were answered last, and told */
	struct {
		uint32_t answers;
		enum err err;
		char answer[SDP_WEB_BYTES], key[64], detail[128];
	} phone;
	struct { /* what came of voice_trunk_test */
		uint32_t times, count;
		struct trunk_answer answers[8];
	} tried;
	struct buf log; /* what was said in the hall since the last look */
	struct buf all; /* images, as the store would have them */
	bool in_turn;
	uint32_t torn_leg; /* the image of this slot is damaged at the next start */
	uint32_t contacts_max;
	const char *trace_file;
	uint32_t record_percent, max_calls;
	uint32_t blocked_facts, blocked_calls; /* as told */
	uint32_t tenant_records,
		anna_records; /* per cent; of the tenant: 0: the queue has a rule */
	bool anna_says;
	const char *queue_music;
	void (*declares)(struct world *w); /* more objects, in every life */
};

struct world *world_create(void);
struct world *world_create_rules(uint32_t queue, uint32_t tenant, uint32_t anna, bool anna_says);
struct world *world_create_with(uint32_t contacts_max, uint32_t record_percent, uint32_t max_calls);
void world_destroy(struct world *w);
/* Everything over: a minute passes, then nobody may be left anywhere. Destroys the world. */
void world_end(struct world *w);
void world_run(struct world *w, int64_t ms);
void turn(struct world *w);
void turn_end(struct world *w);
#define TURN(w, ...)                                                                               \
	do {                                                                                       \
		turn(w);                                                                           \
		__VA_ARGS__;                                                                       \
		turn_end(w);                                                                       \
	} while (0)
/* The core dies and a new one is built from the images; media and phones go on. */
void world_restart(struct world *w);
/* The two halves, for what happens while no core lives. Between them only the peers' time runs. */
void world_die(struct world *w);
void world_live(struct world *w);

/* Media dies with all its legs, or comes back empty. */
void media_dies(struct world *w);
void media_introduced(struct world *w);
void media_comes(struct world *w);
/* The media leg of the customer or of the (newest) agent of w->contact; NULL: none. */
struct media_leg *media_of(struct world *w, enum party role);
struct media_leg *media_leg_of(struct world *w, struct id id);
void media_says(struct world *w, const struct report *r);
#define MEDIA_SAYS(w, name_, ...)                                                                  \
	media_says((w), &(struct report){.kind = REPORT_##name_, .name_ = {__VA_ARGS__}})
/* A recording is told (again). */
void media_tells_recorded(struct world *w, const struct media_rec *r);

/* The carrier calls this number: its call. Runs 50 ms. */
struct sip_call_id dial(struct world *w, const char *number);
/* A call in the flow, in the queue, ringing at anna, talking with her. */
void call_in_flow(struct world *w);
void call_waiting(struct world *w);
void call_ringing(struct world *w);
void call_talking(struct world *w);
void enqueue(struct world *w);
void offer(struct world *w, const char *agent);
void offer_times_out(struct world *w);
void offer_beside(struct world *w, const char *agent);
void agent_leaves(struct world *w);
void hang_up(struct world *w, int side);
enum err play(struct world *w, uint32_t token, const char *a, const char *b);
struct row *row_of(struct world *w, struct contact_id c);
struct agent_id agent_called(struct world *w, const char *name);
struct queue_id queue_called(struct world *w, const char *name);
struct sdp_audio sound_of(const struct side *s);
uint32_t lines_of(struct world *w);
void world_object(struct world *w, const struct config *c);
/* Text with \n line ends goes as a datagram from 10.0.0.LAST_BYTE: 9 is a peer of the trunk, 66 is
 * nobody. Content-Length is added. Runs 20 ms; gives what came back last, empty when nothing. */
struct str raw_say(struct world *w, uint8_t last_byte, const char *text);
bool has(struct str text, const char *part);

#define EXPECT_SAID(w, text)                                                                       \
	do {                                                                                       \
		EXPECT_STR(buf_str(&(w)->log), text);                                              \
		(w)->log.n = 0;                                                                    \
	} while (0)
