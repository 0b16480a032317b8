/*
 * leg.h - one side of a call as the media thread knows it.
 *
 * The control thread makes a leg with its sockets, hands it to one media thread by a letter and
 * gets it back when it is closed; in between only that thread touches it. Times are microseconds of
 * the monotonic clock, handed in. Nothing here allocates or blocks.
 */
#pragma once

#include "audio/dtmf.h"
#include "media/clip.h"
#include "media/coder.h"
#include "rtp/digit.h"
#include "media/hear.h"
#include "audio/noise.h"
#include "rtp/source.h"
#include "rtp/srtp.h"
#include "media/tape.h"
#include "media/voice.h"

/* Who speaks to the peer at the moment. A change of speaker goes on in sequence numbers and in
 * timestamps, so that the peer hears one stream from us (RFC 3550 §5.1) whatever is behind it. */
enum speaker { SPEAKER_NONE, SPEAKER_JOINED, SPEAKER_MIX, SPEAKER_PLAYER, SPEAKER_DIGIT };

struct voice_out {
	enum speaker speaker;
	uint32_t ssrc;
	uint32_t from_ssrc; /* of the joined leg's stream */
	uint16_t seq;	    /* newest sent */
	uint32_t ts;	    /* newest sent */
	uint32_t span;	    /* what that packet lasts, timestamp units */
	int32_t behind; /* how much later than its timestamp says it was sent, at the last change */
	int64_t at_us;	/* when it was sent; 0: nothing yet */
	uint16_t seq_shift; /* joined stream to ours */
	uint32_t ts_shift;
	uint32_t packets, octets;
	uint32_t packets_told; /* at the last RTCP report */
};

struct player {
	struct playlist *list; /* NULL: nothing plays */
	uint32_t item, frame;
	uint32_t passed; /* frames since the beginning of the list */
};

/* Keys in the sound of a peer that sends no telephone events (decision 0012). */
struct inband {
	struct dtmf dtmf;
	uint16_t seq;	   /* of the newest packet heard */
	int64_t heard_us;  /* when; 0: never */
	uint8_t key;	   /* told last, */
	int64_t key_ms;	   /* and when */
	int64_t listen_us; /* until then it listens though there is music */
};

/* The sockets of one address family, on the same ports as the other one's. A browser's leg has only
 * the first, of either family: connected to the browser, for RTP and RTCP (RFC 5761), from a port
 * it shares with others. */
struct door {
	struct leg *leg;
	int rtp, rtcp;	    /* rtcp -1: comes and goes with RTP */
	sa_family_t family; /* 0: media has none of the second family; a browser is not there */
};

/* What only grows while a leg lives. */
struct leg_tally {
	uint32_t sent, received, expected, lost, gaps, strays, peer_lost, forged;
};

struct leg {
	/* constant */
	struct id id, contact;
	struct door doors[ADDR_FAMILIES];
	uint16_t port;
	bool web; /* of a browser: nothing is heard or said but sealed, and on the path it chose */

	_Atomic int64_t proven_us; /* when something came that only the browser can have sealed */

	struct worker *worker;
	struct list link;   /* in the thread's legs */
	struct list active; /* in the thread's legs that want each tick; itself when none */
	struct list room;   /* in the thread's legs of this contact and some others */

	/* what SDP agreed */
	struct source source;
	struct coder coder, coder_in; /* of what we send, of what comes */
	struct codec *codec;	      /* their state, owned; NULL: they need none */
	uint8_t pt, dtmf_pt;	      /* 255: none */
	uint8_t dtmf_ticks;	      /* of its clock, in 1/8000 s */
	bool agreed, send, receive;
	struct srtp *seal, *open; /* owned; NULL: plain */
	uint32_t forged;	  /* packets refused because of that */
	uint8_t suite;		  /* enum srtp_suite: the last one it sealed with */

	/* what comes on a faster clock than ours: the newest packet's time on both */
	uint32_t ts_theirs, ts_ours;
	uint16_t seq_heard; /* the newest decoded, and of which stream */
	uint32_t ssrc_heard;
	bool any_heard;
	struct noise noise;
	bool quiet; /* the peer is silent and has told how loud his silence is */
	uint32_t quiet_ts;

	struct listener hears;
	struct list heard_by; /* struct ear */
	struct voice_out out;
	struct player player;
	uint32_t play; /* number of the last play or music, running or over */
	struct digit_out digits_out;
	uint8_t burst; /* packets of silence still to send, to open the way through a NAT */

	struct rtp_count count;
	struct digit_in digits_in;
	struct inband inband;
	int64_t heard_us;	/* last packet; 0: none since it may be heard */
	int64_t told_silent_us; /* 0: since it spoke last it was not told */
	uint32_t strays, flood; /* flood: packets in the running second */

	/* RTCP */
	int64_t rtcp_due_us;
	uint32_t peer_lost, peer_jitter_us; /* of what we send, as the peer tells */
	bool peer_told;
	uint32_t rtt_us;	 /* by the newest report; 0: not known */
	uint32_t peer_sr_middle; /* of the peer's newest sender report; 0: none came */
	int64_t peer_sr_us;	 /* when it came */

	struct leg_tally told; /* when its figures were told last */

	struct voice voice; /* last: a relayed leg never touches it */
};

struct worker;

/* The sockets through which packets to this address go. */
const struct door *leg_door(const struct leg *l, const struct addr *to);

/* seed: random; SSRC, first sequence number and timestamp come from it (RFC 3550 §5.1) */
void leg_init(struct leg *l, uint64_t seed, int64_t now_us);

struct leg_terms {
	struct addr address; /* port 0 or len 0: nothing to send to */
	enum sound_codec codec;
	uint8_t pt, dtmf_pt;
	bool send, receive;
	bool fixed;	     /* its sound comes from `address` alone */
	uint8_t dtmf_ticks;  /* see struct leg; 0 means 1 */
	struct codec *state; /* for the codec; it becomes the leg's when the codec is new to it */
};
/* True when something is new. */
bool leg_agree(struct leg *l, const struct leg_terms *terms, int64_t now_us);

/* Both directions sealed from now on, or plain (NULL). What was before comes back in the pointers;
 * ssrc: of our stream under a new key, which begins anew (decision 0025). */
struct leg_keys {
	bool new_seal, new_open;
	struct srtp *seal, *open;
	uint32_t ssrc;
};
void leg_secure(struct leg *l, struct leg_keys *keys);

/* A browser's leg: the path it has, or none (len 0): then it hears nothing and says nothing. */
void leg_path(struct leg *l, const struct addr *path, int64_t now_us);

/* A datagram from the leg's socket; it is changed on its way through. */
void leg_receive(struct leg *l, char *packet, size_t n, const struct addr *from, int64_t now_us);
/* Each 20 ms while leg_wants_ticks; tick counts them since the clock began. */
void leg_tick(struct leg *l, uint64_t tick, int64_t now_us);
bool leg_wants_ticks(const struct leg *l);
/* About once a second: silence, digits whose end was lost, RTCP. */
void leg_second(struct leg *l, int64_t now_us);

/* l becomes the leg's; a former list is given back. */
void leg_play(struct leg *l, struct playlist *list);
void leg_play_stop(struct leg *l);
uint32_t leg_position_ms(const struct leg *l, uint64_t tick);

/* The next frame of a list that is not music; NULL when it is over. */
const uint8_t *player_next(struct player *p, enum sound_codec codec);
void player_start(struct player *p, struct playlist *list);

/* Private to leg*.c: a packet with a header of our own; payload stands behind RTP_HEADER bytes of
 * room which are written here. The payload itself stays as it is: others may be sent it too. */
void leg_send(struct leg *l, const struct rtp *head, uint8_t *payload, size_t n);
void leg_speak(struct leg *l, enum speaker who, struct rtp *head, uint32_t span, int64_t now_us);
bool leg_can_send(const struct leg *l);
void leg_rtcp(struct leg *l, int64_t now_us);
/* A packet of RTCP, so long ago. False: it is not our peer's. */
bool leg_hear_rtcp(struct leg *l, char *packet, size_t n, int64_t now_us, int64_t age_us);
/* What is left in the socket is read, too: then the figures are the last there will be. */
void leg_read_rtcp(struct leg *l, int64_t now_us);
/* What came and went since the figures were told last; they begin anew. mos_cent: mean opinion
 * score times 100, the worse of both ways; 0: nothing came. */
uint32_t leg_figures(struct leg *l, struct leg_tally *out);
void leg_late_event(struct leg *l, int64_t now_us);
void leg_quiet_tick(struct leg *l, int64_t now_us);
