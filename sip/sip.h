/*
 * sip.h - the SIP engine as its user (channel/voice) sees it: calls with sound descriptions, phones
 * that register, and bytes to send. RFC 3261, 3264, 6026; digest RFC 7616/8760.
 *
 * Pure: time, dice, datagrams and streams are handed in; what is to be sent is handed out through
 * `send`. Knows nothing of queues, agents or tenants. One thread.
 *
 * The engine calls up through `struct sip_user`; from inside such a call any function of this
 * header may be called, except sip_destroy. A call's id is dead after SIP_CALL_OVER.
 */
#pragma once

#include "base/pool.h"
#include "base/str.h"
#include "base/timer.h"

struct sip;
ID_TYPE(sip_call_id);
ID_TYPE(sip_registration_id);

/* RFC 3261 section 18; SIP_WS, SIP_WSS: RFC 7118, where each message comes whole. */
enum sip_transport { SIP_UDP, SIP_TCP, SIP_TLS, SIP_WS, SIP_WSS, SIP_TRANSPORTS };
bool sip_is_stream(enum sip_transport t);	       /* all but UDP */
bool sip_is_web(enum sip_transport t);		       /* WS and WSS: only the phone can connect */
const char *sip_transport_name(enum sip_transport t);  /* as in Via: "TLS" */
const char *sip_transport_param(enum sip_transport t); /* as in URIs: ";transport=tls", UDP: "" */

/* Where something came from or goes to. `stream` names one connection (0: none yet; the user
 * connects, see sip_user.send). Address bytes: IPv4 in the first 4, or all 16. */
struct sip_address {
	enum sip_transport transport;
	uint8_t family; /* 4 or 6 */
	uint8_t ip[16];
	uint16_t port;
	/* TLS connections of ours: whose certificate is expected there, as the user of this engine
	 * numbers names, alike in each of its lives. 0: who came to us, or whoever is there. Two of
	 * one address are two ways. */
	uint32_t server;
	uint32_t stream;
};

bool sip_address_eq(const struct sip_address *a, const struct sip_address *b); /* not the stream */
MUST_USE enum err sip_address_parse(struct str ip, uint16_t port, struct sip_address *out);
void sip_address_text(const struct sip_address *a, struct buf *out); /* "1.2.3.4:5060" */

/* Sound description of one audio stream, as far as this product speaks it. */
enum { SDP_CODEC_MAX = 12, SDP_CRYPTO_MAX = 8 };
struct sdp_codec {
	struct str name; /* "PCMA", "telephone-event", … */
	uint32_t rate;
	uint8_t pt;
	struct str fmtp; /* its parameters as said; empty: none ("0-15" of a telephone-event) */
};
/* a=crypto, RFC 4568: a key the sender of the description will use. Lines with more than one key or
 * with session parameters beyond WSH are not ours to speak and left out. */
struct sdp_crypto {
	uint32_t tag;
	struct str suite;    /* "AES_CM_128_HMAC_SHA1_80", … */
	struct str key;	     /* master key and salt in base64; a secret */
	uint32_t mki, mki_n; /* mki_n: bytes of it in each packet, at most 4; 0: none */
};
enum sdp_direction { SDP_SENDRECV, SDP_SENDONLY, SDP_RECVONLY, SDP_INACTIVE };
struct sdp_audio {
	struct str address;			/* connection address, text */
	uint16_t port;				/* 0: refused */
	struct sdp_codec codecs[SDP_CODEC_MAX]; /* in order of preference, telephone-event too */
	uint32_t codec_count;
	enum sdp_direction direction; /* c=0.0.0.0 (RFC 2543 hold) reads as SENDONLY */
	uint16_t ptime_ms;	      /* 0: not said */
	bool secure; /* RTP/SAVP: nothing without keys; with plain RTP/AVP keys are a wish */
	struct sdp_crypto cryptos[SDP_CRYPTO_MAX]; /* in order of preference */
	uint32_t crypto_count;
	uint32_t extra_media; /* m= lines beyond the first audio; answered with port 0 */
};
MUST_USE enum err sdp_parse(struct str body, struct sdp_audio *out);
/* session_id and version: RFC 3264 section 8; the version grows by one with every change. */
void sdp_write(struct buf *out, const struct sdp_audio *a, uint64_t session_id, uint32_t version);

enum sip_event_kind {
	SIP_INCOMING,  /* a new INVITE, 100 was sent; answer with sip_call_ring/accept/reject */
	SIP_RINGING,   /* our INVITE: 18x; sdp when early media is described: of forks the newest */
	SIP_ANSWERED,  /* our INVITE: 2xx, ACK was sent; sdp is the answer */
	SIP_CONFIRMED, /* their INVITE: ACK came */
	SIP_REOFFER,  /* re-INVITE (or UPDATE): answer with sip_call_answer. Without sdp an offer of
		       * ours is asked for, a whole one (RFC 3261 section 14.2); SIP_REANSWER follows
		       * with the ACK. */
	SIP_REANSWER, /* our offer was answered (sdp) or refused (status >= 300); also one the
		       * engine made to refresh a session, and one of a 183 */
	SIP_DIGIT,    /* DTMF by INFO */
	SIP_REFER,    /* REFER inside a call: whom we talk to wants to be replaced by somebody else.
		       * sip_refer_answer before the event returns, else it is declined (603). */
	SIP_CALL_OVER, /* refused, cancelled, BYE, timed out, broken; the last of its call */
};

/* Who ended it. */
enum sip_over {
	SIP_OVER_LOCAL,	  /* we did */
	SIP_OVER_REMOTE,  /* BYE, CANCEL or a final refusal from there */
	SIP_OVER_TIMEOUT, /* no answer to INVITE (timer B) or BYE, no ACK (timer H) */
	SIP_OVER_BROKEN,  /* protocol error, transport gone */
};

struct sip_party {
	struct str user, host, name; /* escapes and quoted pairs taken off, as in sip_event */
};

/* Who calls, as headers besides From say it: whatever a stranger likes to write. */
struct sip_caller {
	/* P-Asserted-Identity, else Remote-Party-ID: worth something only from a trunk that is
	 * trusted with it (RFC 3325 section 5). P-Preferred-Identity is a phone's wish. */
	struct sip_party asserted, preferred;
	/* Whom was called first, before somebody diverted the call here: the oldest Diversion (RFC
	 * 5806) or the first of History-Info (RFC 7044); and why, in their words. */
	struct sip_party diverted;
	struct str diverted_why;
	bool withheld; /* Privacy asks for it (RFC 3323), or From is the anonymous one */
};

/* What REFER asks for (RFC 3515): call user@host, and connect him with whom we talk to. */
struct sip_refer {
	struct str user, host; /* escapes taken off */
	struct str uri;	       /* Refer-To without its headers, as it came */
	/* The new call is to replace this one (RFC 3891): replaces is ours, or 0 when it is no
	 * call here. */
	bool replacing;
	struct sip_call_id replaces;
	struct str by; /* URI of Referred-By (RFC 3892), empty: not said */
};

struct sip_event {
	enum sip_event_kind kind;
	struct sip_call_id call;
	void *owner;		     /* what sip_call_set_owner said; NULL for SIP_INCOMING */
	const struct sdp_audio *sdp; /* NULL: none */
	/* SIP_INCOMING */
	struct sip_address source;
	/* Escapes and quoted pairs taken off (but for a user whose escapes hide CR, LF or NUL,
	 * which stays as it came); live until the event returns. */
	struct str uri_user, uri_host; /* request URI */
	struct str from_user, from_host, from_name, to_user;
	struct str user_agent;
	struct str auth_user, auth_realm; /* set when the INVITE carried credentials that hold */
	const struct sip_caller *caller;  /* NULL: no header says more than From */
	/* Values of its Identity headers (RFC 8224), the first few; not looked into here. */
	const struct str *identities;
	uint32_t identity_count;
	/* The call of ours that this one is to replace (RFC 3891), 0: none. The user decides
	 * whether he may; when he accepts, ending the other one is the user's too. */
	struct sip_call_id replaces;
	const struct sip_refer *refer; /* SIP_REFER */
	/* SIP_CALL_OVER, SIP_RINGING, SIP_REANSWER */
	uint32_t status; /* SIP status there was, or 0 */
	enum sip_over over;
	uint32_t retry_after_s; /* of a refusal, 0: none. RFC 3261 section 20.33 */
	struct str reason;	/* reason phrase or Reason header text */
	uint32_t q850;		/* cause that a Reason header gave (RFC 3326), 0: none */
	struct str redirect;	/* 3xx: URI of the first Contact; never followed by the engine */
	char digit;
	uint32_t digit_ms;
};

/* What the engine asks of its user. All are called on the same thread. */
struct sip_user {
	void *arg;
	void (*event)(void *arg, const struct sip_event *ev);
	/* Bytes to the wire. For a stream with number 0 the user opens a connection, remembers it
	 * and tells its number with sip_stream_opened; bytes given meanwhile are kept by the user.
	 */
	void (*send)(void *arg, const struct sip_address *to, struct str bytes);
	/* May this source send requests without credentials (a trunk's peer)? */
	bool (*trusted)(void *arg, const struct sip_address *from);
	/* Digest secrets of user@realm: lower-case hex HA1s, empty when there is none.
	 * ERR_NOT_FOUND: no such user (the engine answers exactly as for a known one; sha256 says
	 * how he is challenged, so that those who are cannot be told apart by it).
	 * sha256: this phone is challenged with SHA-256 instead of MD5. */
	enum err (*secret)(void *arg, struct str user, struct str realm, struct str *ha1_md5,
			   struct str *ha1_sha256, bool *sha256);
	/* Is this domain one of ours (realm to challenge with)? Else the first tenant's is used. */
	bool (*domain_ours)(void *arg, struct str domain);
	/* A phone's bindings changed: contact is empty when the last one is gone. `aor_user` and
	 * `aor_domain` as registered. The image is what sip_binding_load takes after a restart;
	 * empty: forget it. slot is stable per binding. */
	void (*binding)(void *arg, uint32_t slot, struct str aor_user, struct str aor_domain,
			struct str image);
	/* Every message in or out, for traces; call is zero when it belongs to none (yet). */
	void (*trace)(void *arg, struct sip_call_id call, bool out, const struct sip_address *peer,
		      struct str bytes);
	/* The state of this call changed in a way that must survive a restart (touch its image). */
	void (*changed)(void *arg, struct sip_call_id call);
	/* May be NULL. This stream cannot be read any more (no framing): close it. What comes on it
	 * meanwhile is thrown away. */
	void (*drop)(void *arg, uint32_t stream);
	/* May be NULL. One of ours at a registrar works (up) or does not, as far as we know; status
	 * of its last answer, 408: none came. Told whenever something was tried. */
	void (*registered)(void *arg, struct sip_registration_id id, void *owner, bool up,
			   uint32_t status);
	/* May be NULL. The fifth wrong password in a row for this account from there, the tenth …
	 */
	void (*guessed)(void *arg, const struct sip_address *from, struct str user,
			struct str realm, uint32_t wrong);
	/* May be NULL. What came of a sip_ping: the final status with its phrase, 408 when there
	 * was silence. */
	void (*pinged)(void *arg, uint64_t token, uint32_t status, struct str phrase);
	/* May be NULL. Its image is another one now. */
	void (*registration_changed)(void *arg, struct sip_registration_id id, void *owner);
};

struct sip_options {
	struct sip_user user;
	struct timers *timers; /* shared with the user */
	uint64_t (*dice)(void *arg);
	void *dice_arg;
	struct str advertise_udp; /* "host:port" for Via and Contact when sent over UDP */
	struct str advertise_tcp;
	struct str advertise_more[SIP_TRANSPORTS]; /* for the others; empty: as TCP */
	struct str product;			   /* User-Agent and Server header */
	uint32_t calls_max, transactions_max, bindings_max;
	uint32_t birth; /* pool_born of the calls */
	uint32_t t1_ms; /* 0: 500 */
	/* session timers, RFC 4028: asked for, and the least we accept. 0: 1800, 90 */
	uint32_t session_s, session_min_s;
	uint8_t secret[32]; /* keys nonces and tags */
	/* Realm of challenges to requests for no domain of ours (the first tenant's domain); empty:
	 * the host of the advertised address. See sip_default_realm. */
	struct str default_realm;
};

struct sip *sip_create(const struct sip_options *o); /* copies; never NULL */
void sip_destroy(struct sip *s);
/* The time of this turn (monotonic); before anything else in a turn. utc_s for nonces' age. */
void sip_time(struct sip *s, int64_t now_ms);
void sip_default_realm(struct sip *s, struct str realm); /* copies */

/* One datagram, one message of a WebSocket, or the next bytes of a stream (framing by
 * Content-Length is the engine's). */
void sip_input(struct sip *s, const struct sip_address *from, struct str bytes);
/* Who is shown every whole message of a stream before the engine reads it, and hands it on with
 * sip_message: at once, later or never. Without him they are read as they come. */
void sip_messages_to(struct sip *s,
		     void (*take)(void *arg, const struct sip_address *from, struct str message),
		     void *arg);
/* A message that came whole. One of a stream that is closed by now is forgotten: nobody waits for
 * an answer. */
void sip_message(struct sip *s, const struct sip_address *from, struct str message);
/* Refuses a message with 503 and forgets it. False: it is no new request (of a transaction that is
 * there, inside a dialog, or nothing that can be read) and wants sip_input. */
MUST_USE bool sip_turn_away(struct sip *s, const struct sip_address *from, struct str bytes,
			    uint32_t retry_after_s);
void sip_stream_opened(struct sip *s, const struct sip_address *peer, uint32_t stream);
/* Requests that went out on it and heard nothing yet fail with the next timers, as if timed out. */
void sip_stream_closed(struct sip *s, uint32_t stream);
/* The connection asked for by a send with stream 0 could not be made: the same. */
void sip_connect_failed(struct sip *s, const struct sip_address *to);

/* -- calls -- */
struct sip_invite {
	struct str uri;					    /* request URI, sip:… */
	struct sip_address to;				    /* where the packet goes */
	struct str from_user, from_host, from_name, to_uri; /* to_uri empty: as uri */
	struct sdp_audio sdp;				    /* the offer */
	struct str auth_user, auth_password; /* for one that challenges; no user: never answer */
	/* Routes in front of it, "<sip:…;lr>, <…>": a phone's Path (RFC 3327). */
	struct str routes;
	/* P-Asserted-Identity; no user: not sent. Only to a trunk that is trusted with it. */
	struct sip_party asserted;
	struct str identity; /* value of an Identity header; empty: none */
	/* The caller is not to be known there: From is anonymous, Privacy: id (RFC 3323, 3325). */
	bool withheld;
	bool auto_answer; /* asks the phone to take it by itself: Call-Info and Alert-Info */
	void *owner;
};
MUST_USE enum err sip_call_start(struct sip *s, const struct sip_invite *i,
				 struct sip_call_id *out);
void sip_call_set_owner(struct sip *s, struct sip_call_id c, void *owner);
void *sip_call_owner(struct sip *s, struct sip_call_id c);
/* status 180 (sdp NULL) or 183 with sdp */
void sip_call_ring(struct sip *s, struct sip_call_id c, uint32_t status,
		   const struct sdp_audio *sdp);
void sip_call_accept(struct sip *s, struct sip_call_id c, const struct sdp_audio *sdp);
/* retry_after_s 0: no header */
void sip_call_reject(struct sip *s, struct sip_call_id c, uint32_t status, uint32_t retry_after_s);
/* 401 with a challenge of this realm, then the call is over (the phone tries again). */
void sip_call_challenge(struct sip *s, struct sip_call_id c, struct str realm);
/* Whatever it takes: CANCEL, BYE or a refusal (480). SIP_CALL_OVER follows, perhaps at once. */
void sip_call_end(struct sip *s, struct sip_call_id c);
/* Why it will be ended, for the Reason of its CANCEL or BYE (RFC 3326): a SIP status or a Q.850
 * cause, the other one 0. Said before sip_call_end; the last word counts. */
void sip_call_because(struct sip *s, struct sip_call_id c, uint32_t status, uint32_t q850,
		      struct str text);
/* Answer to SIP_REFER: 202, or 300 and more. Told otherwise after 202: sip_refer_progress. */
void sip_refer_answer(struct sip *s, struct sip_call_id c, uint32_t status);
/* How it goes with what this call's REFER asked for: from 200 on it is over. Nothing when nobody
 * waits to hear it; a call that ends says what was said last. */
void sip_refer_progress(struct sip *s, struct sip_call_id c, uint32_t status);
/* Our own re-INVITE with this offer; before the answer an UPDATE, when both have agreed on sound
 * and the peer knows it. ERR_CONFLICT: not now. */
MUST_USE enum err sip_call_reoffer(struct sip *s, struct sip_call_id c,
				   const struct sdp_audio *sdp);
/* Answer to SIP_REOFFER; sdp NULL: 488. */
void sip_call_answer(struct sip *s, struct sip_call_id c, const struct sdp_audio *sdp);
/* Has the other side answered our INVITE with anything, be it 100? */
bool sip_call_heard(struct sip *s, struct sip_call_id c);
/* True once 200 and ACK have passed either way. */
bool sip_call_established(struct sip *s, struct sip_call_id c);
struct str sip_call_call_id(struct sip *s, struct sip_call_id c);

/* -- restart (design.md section 2): dialog, CSeqs, routes, target, open INVITEs, last 2xx -- */
void sip_call_save(struct sip *s, struct sip_call_id c, struct buf *out);
/* Takes the same id again. Open transactions go on: an unacknowledged 2xx is sent again, a BYE or
 * CANCEL without answer too, an unanswered INVITE of ours is cancelled with its branch. The local
 * CSeq goes on at +100. */
MUST_USE enum err sip_call_load(struct sip *s, struct sip_call_id c, struct str image, void *owner);

/* -- phones -- */
struct sip_phone {
	struct str contact_uri; /* live until the next sip_input */
	struct str routes;	/* for sip_invite.routes; the same */
	struct sip_address address;
	int64_t expires_ms;
};
/* The newest live binding. ERR_NOT_FOUND: none. */
MUST_USE enum err sip_phone_find(struct sip *s, struct str user, struct str domain,
				 struct sip_phone *out);
/* All its bindings end now, as if they had expired. */
void sip_phone_forget(struct sip *s, struct str user, struct str domain);
MUST_USE enum err sip_binding_load(struct sip *s, uint32_t slot, struct str image);

/* -- ourselves at a registrar: refreshed in time, tried again when it fails -- */
struct sip_registering {
	struct str registrar;	   /* "sip:carrier.test" */
	struct sip_address to;	   /* where it is */
	struct str user, password; /* as whom */
	uint32_t expires_s;	   /* 0: an hour */
	int64_t delay_ms;	   /* before the first try */
	void *owner;
};
MUST_USE enum err sip_register_start(struct sip *s, const struct sip_registering *o,
				     struct sip_registration_id *out);
/* It moved: there at once. */
void sip_register_place(struct sip *s, struct sip_registration_id id, const struct sip_address *to);
/* Asks now instead of when it would; told by `registered`. */
void sip_register_again(struct sip *s, struct sip_registration_id id);
/* Says goodbye where it is known, and forgets it within 2 s. Nothing more is told. */
void sip_register_stop(struct sip *s, struct sip_registration_id id);
/* Does it work? With the status of the last answer and until when it would. */
bool sip_register_look(struct sip *s, struct sip_registration_id id, uint32_t *status,
		       int64_t *until_ms);
uint32_t sip_registrations(const struct sip *s); /* also those that are leaving */
/* What the registrar knows of us, for the next life; recall it after sip_register_start. */
void sip_register_save(struct sip *s, struct sip_registration_id id, struct buf *out);
void sip_register_recall(struct sip *s, struct sip_registration_id id, struct str image);

/* OPTIONS to somebody, told by `pinged` within SIP_PING_MS. uri: "sip:carrier.test". */
enum { SIP_PING_MS = 4000 };
MUST_USE enum err sip_ping(struct sip *s, const struct sip_address *to, struct str uri,
			   uint64_t token);

/* For `ctl show sip` and /metrics: `name value` lines. */
void sip_counters(const struct sip *s, struct buf *out);
