/*
 * engine.h - what the engine's files share; nobody outside sip/ includes it.
 *
 *  bytes ─ stream.c ─▶ engine.c ─▶ transaction.c ─▶ uas.c / uac.c / registrar.c ─▶ user.event
 *                                        ▲                    │ dialog.c, write.c
 *  user.send ◀────────── engine_send ────┴────────────────────┘
 *
 * Variable texts (a Call-ID, a route set, a response to repeat) are `struct text`: malloc'd, owned
 * by the struct they stand in; their sizes are bounded by what one message may hold.
 */
#pragma once

#include "base/limit.h"
#include "base/map.h"
#include "sip/auth.h"
#include "sip/message.h"
#include "sip/sdp.h"
#include "sip/sip.h"
#include "sip/uri.h"

enum {
	T2_MS = 4000,
	T4_MS = 5000,
	BRANCH_TEXT = 7 + 16,
	TAG_TEXT = 16,
	ADVERTISE_MAX = 128,
	/* Head, routes, target and ids of one dialog together: keeps a call's image below 16 kB. */
	DIALOG_BYTES_MAX = 6000,
};

/* -- texts -- */
struct text {
	char *p;
	uint32_t n;
};
void text_set(struct text *t, struct str s);
void text_free(struct text *t);
static inline struct str text_str(const struct text *t)
{
	return str_make(t->p, t->n);
}

/* -- transactions, RFC 3261 section 17 and RFC 6026 -- */
enum txn_kind { TXN_CLIENT_INVITE, TXN_CLIENT, TXN_SERVER_INVITE, TXN_SERVER };

/*  client INVITE: TRYING ▶ PROCEEDING ▶ COMPLETED (3xx..6xx) | ACCEPTED (2xx) ▶ gone
 *  client:        TRYING ▶ PROCEEDING ▶ COMPLETED ▶ gone
 *  server INVITE: PROCEEDING ▶ COMPLETED ▶ CONFIRMED | ACCEPTED ▶ gone
 *  server:        TRYING ▶ COMPLETED ▶ gone                                      */
enum txn_state { TXN_TRYING, TXN_PROCEEDING, TXN_COMPLETED, TXN_CONFIRMED, TXN_ACCEPTED };

/* What a client transaction is for: where its response goes. */
enum txn_use {
	USE_NONE,
	USE_INVITE,
	USE_REINVITE,
	USE_BYE,
	USE_CANCEL,
	USE_REGISTER,
	USE_NOTIFY,
	USE_PING,
	USE_UPDATE,  /* with an offer */
	USE_REFRESH, /* without */
};

ID_TYPE(txn_id);

struct txn {
	struct sip *sip;
	enum txn_kind kind;
	enum txn_state state;
	enum txn_use use;
	enum sip_method method;
	struct text key;
	struct sip_address peer;
	struct sip_call_id call;
	struct sip_registration_id registration; /* USE_REGISTER */
	uint64_t ping;				 /* USE_PING */
	struct timer repeat, life;
	int64_t interval_ms;
	uint32_t auth_tries; /* challenges answered before this request */
	struct text bytes;   /* client: the request; server: the last response */
	struct text ack;     /* client INVITE: the ACK of a refusal */
	/* server: what every response repeats; INVITE: Record-Route lines of 1xx and 2xx too */
	struct text head, routes;
};

/* -- calls -- */

/*  OUT_SENT ▶ OUT_RINGING ▶ UP ▶ LEAVING          IN_ASKED ▶ IN_ACCEPTED ▶ UP ▶ LEAVING
 *     ▼            ▼       (2xx after all)                       ▼
 *  OUT_DYING ▶ OUT_CANCELLED ─────▶ LEAVING                  IN_DYING ─────▶ LEAVING
 *
 *  OUT_DYING: ended before any 1xx came: RFC 3261 section 9.1 forbids CANCEL until then.
 *  IN_DYING: ended before the ACK came: section 15 forbids BYE until then.           */
enum call_state {
	CALL_OUT_SENT,
	CALL_OUT_RINGING,
	CALL_OUT_DYING,
	CALL_OUT_CANCELLED,
	CALL_IN_ASKED,
	CALL_IN_ACCEPTED,
	CALL_IN_DYING,
	CALL_UP,
	CALL_LEAVING,
	CALL_STATE_COUNT
};

/* One offer at a time, RFC 3261 section 14 and RFC 3311 section 5. */
enum offer_state {
	OFFER_NONE,
	OFFER_OURS,   /* our re-INVITE is out */
	OFFER_THEIRS, /* SIP_REOFFER was told */
};

struct call {
	struct sip *sip;
	struct sip_call_id id;
	void *owner;
	enum call_state state;
	enum offer_state offer;
	bool outgoing; /* the dialog's first INVITE was ours: we own the Call-ID */

	/* dialog, RFC 3261 section 12 */
	struct text call_id, local_tag, remote_tag;
	struct text local,
		remote;	     /* From and To values as requests of ours carry them, with tags */
	struct text target;  /* remote target URI */
	struct text routes;  /* "<a>, <b>" */
	struct text contact; /* ours, with brackets */
	uint32_t local_cseq, remote_cseq;
	bool remote_cseq_known;
	struct sip_address peer; /* where requests go */

	/* our open request: INVITE, re-INVITE or BYE */
	struct text uri, to_first; /* request URI and To of the first INVITE, for its CANCEL */
	char branch[BRANCH_TEXT + 1];
	uint32_t invite_cseq;
	struct sip_address invite_peer;
	char bye_branch[BRANCH_TEXT + 1];
	uint32_t bye_cseq;
	struct text auth_user, auth_secret, auth_line; /* auth_line: header of the last INVITE */
	enum sip_header_name auth_header;
	uint32_t glare_tries;
	struct text extra; /* whole lines of the first INVITE that are its own */
	struct text why;   /* Reason line of its CANCEL or BYE */

	/* their open INVITE or UPDATE */
	struct txn_id server;
	struct sip_address source; /* where the first INVITE came from */
	uint32_t server_cseq;	   /* of the INVITE whose 2xx waits for its ACK */
	struct text final;	   /* that 2xx; n 0: none waits */
	struct sip_address final_peer;
	int64_t interval_ms;
	bool late_offer; /* our offer went out in a 2xx: the ACK brings the answer */
	struct timer resend, no_ack, again;

	/* what they asked for by REFER; see refer.c */
	uint32_t refer_cseq;		   /* of the open one, 0: none */
	uint32_t refer_status, refer_told; /* how it goes; what was told of it in this life */
	bool refer_before, refer_named;	   /* there was one; not the first: NOTIFY names it */
	bool refer_busy, refer_quiet;	   /* a NOTIFY is out; nothing is to be told */
	struct txn_id refer_txn;	   /* SIP_REFER is being told */
	uint32_t refer_asked;
	struct timer refer_again;

	/* 100rel, see reliable.c */
	bool rel_required, rel_supported;	/* by their INVITE */
	bool rel_described, rel_next_described; /* the one that is out, and the one that waits for
						 * it, hold a description */
	bool early_done;      /* both descriptions are agreed on before the answer */
	bool accept_waits;    /* sip_call_accept waits for a PRACK */
	uint32_t rseq;	      /* of our last one */
	uint32_t rel_next;    /* status of the one that waits, 0: none */
	struct text reliable; /* ours that waits for its PRACK */
	struct timer rel_resend, rel_end;
	struct {
		uint64_t tag; /* its hash, 0: free */
		uint32_t rseq;
	} forks[4];
	struct txn_id early_server; /* their PRACK or UPDATE that offers before the answer */
	struct text invite_routes;  /* of the first INVITE and its CANCEL */

	/* session timers, see session.c */
	uint32_t session_s;			 /* 0: none runs */
	uint32_t session_least_s, session_tries; /* what a 422 asked for */
	bool session_ours;			 /* we refresh */
	bool peer_update, peer_timer;		 /* their Allow and Supported */
	int64_t session_at_ms;			 /* refreshed last */
	struct timer session;

	/* sound */
	uint64_t session_id;
	uint32_t session_version;
	struct text body;	 /* our last description */
	struct text remote_body; /* theirs */
	struct text early_tag;	 /* who described himself before the answer */
	struct text layout;	 /* see sdp.h */
	struct text pending;	 /* our offer that waits after 491 */
};

/* -- phones, see registrar.c -- */
struct registrar;

enum sip_counter {
#define COUNTER(name) COUNT_##name,
#include "sip/counters.def"
#undef COUNTER
	COUNTER_COUNT
};

struct sip {
	struct sip_options o; /* its strings point at the arrays below */
	int64_t now_ms, t1_ms;
	char advertise[SIP_TRANSPORTS][ADVERTISE_MAX];
	char product[128], default_realm[256];
	struct pool *calls, *txns, *registrations;
	struct map by_tag;	     /* local tag -> call */
	struct map by_key;	     /* -> txn */
	struct map streams, by_peer; /* -> struct stream */
	/* sip_messages_to */
	void (*take)(void *arg, const struct sip_address *from, struct str message);
	void *take_arg;
	struct auth auth;
	struct limit *guesses; /* of passwords */
	struct registrar *registrar;
	uint64_t counters[COUNTER_COUNT];

	/* the message at hand */
	struct sip_message in;
	struct str in_bytes;
	const struct sip_address *in_source;
	bool in_traced;
	bool hushed; /* what is answered is not traced */
	char head[MESSAGE_BYTES_MAX], out[MESSAGE_BYTES_MAX * 2];
	char body[16384], scratch[MESSAGE_BYTES_MAX], names[8192];
};

/* -- engine.c -- */
uint64_t engine_dice(struct sip *s);
void engine_send(struct sip *s, struct sip_call_id call, const struct sip_address *to,
		 struct str bytes);
/* Tells the trace about the message at hand, once. */
void engine_trace_in(struct sip *s, struct sip_call_id call);
void engine_hex16(uint64_t v, char out[17]);
/* Where responses to the message at hand go, RFC 3261 section 18.2.2 and RFC 3581. */
struct sip_address engine_reply_address(struct sip *s);
/* Answers the message at hand without a transaction. extra: whole header lines. */
void engine_refuse(struct sip *s, uint32_t status, struct str extra);
void engine_reply(struct sip *s, uint32_t status, struct str to_tag, struct str extra);
/* Puts a WWW-Authenticate line for whoever is behind this address of record. */
void engine_challenge_line(struct sip *s, struct buf *out, struct str realm, struct str who_uri,
			   const struct sip_address *source, bool stale);
/* Checks the credentials of the message at hand; AUTH_GOOD sets user and realm. */
enum auth_verdict engine_credentials(struct sip *s, struct str *user, struct str *realm);
/* Our answer to the 401 or 407 at hand, by user and password, into *line for *header.
 * ERR_NOT_FOUND: nothing there we can answer; again: only a stale nonce is worth another try. */
MUST_USE enum err auth_answer(struct sip *s, bool again, struct str user, struct str password,
			      struct str method, struct str uri, struct text *line,
			      enum sip_header_name *header);
/* 401 to the message at hand */
void engine_challenge(struct sip *s, struct str realm, bool stale);
/* False: it requires what we do not have, and was refused with 420. */
bool engine_require_known(struct sip *s);
struct str engine_realm(struct sip *s, struct str first, struct str second);

/* -- transport.c -- */
void transport_advertise(struct sip *s, const struct sip_options *o);
/* "<sip:USER@WHERE>" as peers over this transport reach us; user escaped or empty. secure: sips. */
void put_our_contact(const struct sip *s, struct buf *out, struct str user,
		     enum sip_transport transport, bool secure);

/* -- stream.c -- */
void stream_input(struct sip *s, const struct sip_address *from, struct str bytes);
/* The stream to use for this address: its own while open, another to the same peer, or 0. */
uint32_t stream_for(struct sip *s, const struct sip_address *to);
void streams_finish(struct sip *s);
/* unframed: its stream is lost, so it can only be refused. */
void engine_message(struct sip *s, const struct sip_address *from, struct str bytes, bool unframed);

/* -- transaction.c -- */
/* Key of the server transaction the message at hand belongs to. */
struct str txn_server_key(struct sip *s, enum sip_method method, struct buf *out);
struct txn *txn_find_server(struct sip *s, enum sip_method method);
struct txn *txn_get(struct sip *s, struct txn_id id);
struct txn_id txn_id_of(const struct txn *t);
/* For the message at hand; NULL: none to be had. to_tag: ours, put into every response. */
struct txn *txn_server_create(struct sip *s, struct sip_call_id call, struct str to_tag);
/* Sends and keeps a response; moves the machine by its status. */
void txn_respond(struct txn *t, uint32_t status, struct str bytes);
/* A request of the message at hand that this transaction knows already, or its ACK. */
void txn_server_again(struct txn *t, enum sip_method method);
/* Sends a request and keeps it; NULL: sent once, none to be had. */
struct txn *txn_client_create(struct sip *s, enum sip_method method, struct str branch,
			      const struct sip_address *peer, struct str bytes, enum txn_use use,
			      struct sip_call_id call);
/* Puts one of an earlier life back: nothing is sent. */
struct txn *txn_restore(struct sip *s, enum txn_kind kind, enum sip_method method, struct str key,
			const struct sip_address *peer, struct sip_call_id call);
/* Already answered with this 2xx, or with one whose ACK came (n 0). */
void txn_restore_accepted(struct txn *t, struct str final);
void txn_client_key(struct buf *out, struct str branch, enum sip_method method);
/* The response at hand; false when it belongs to nothing of ours. */
bool txn_response(struct sip *s);
/* Give up on a client INVITE that was cancelled, 64*T1 from now (RFC 3261 section 9.1). */
void txn_expire(struct txn *t, int64_t after_ms);
void txn_end(struct txn *t);
/* No way to this stream's peer any more: what it has not answered at all has failed. */
void txn_peer_lost(struct sip *s, const struct sip_address *peer);

/* -- write.c -- */
/* Everything of a request that is not the same for all. Views. */
struct request {
	enum sip_method method;
	struct str uri, branch, local, remote, call_id, routes, contact;
	uint32_t cseq;
	enum sip_transport transport;
	struct str auth; /* "Authorization: …" value; empty: none */
	enum sip_header_name auth_header;
	struct str extra; /* whole header lines */
	struct str body;
	const char *body_type; /* NULL: SDP */
};
struct str write_request(struct sip *s, const struct request *r); /* in s->out */
/* Via to CSeq of the message at hand, To with the tag; RFC 3261 section 8.2.6. */
void write_reply_head(struct sip *s, struct buf *out, struct str to_tag);
void write_record_routes(struct sip *s, struct buf *out);
struct reply {
	uint32_t status;
	struct str head, routes, contact;
	struct str extra; /* whole header lines */
	struct str body;  /* SDP */
};
struct str write_reply(struct sip *s, const struct reply *r); /* in s->out */
void write_abilities(struct buf *out);			      /* Allow and Supported */

/* -- dialog.c: what both sides of a call share -- */
struct call *call_get(struct sip *s, struct sip_call_id id);
struct call *call_create(struct sip *s); /* NULL: full */
void call_changed(struct call *c);
/* The only writer of c->state. */
void call_move(struct call *c, enum call_state to);
/* Ends it and tells; last line of a branch. */
void call_over(struct call *c, enum sip_over over, uint32_t status, struct str reason);
void call_free(struct call *c);
void call_tell(struct call *c, struct sip_event *ev);
/* Where requests with this first hop go, when `source` is where the peer spoke from. */
struct sip_address dialog_address(struct str uri, const struct sip_address *source);
/* Target (Contact of the message at hand) and next hop. */
void dialog_retarget(struct call *c, const struct sip_address *source);
MUST_USE enum err dialog_routes(struct sip *s, bool reversed, struct buf *out);
void dialog_place(struct call *c, const struct sip_address *source);
/* A request inside the dialog, with target and routes filled in (strict routers too). */
void dialog_request(struct call *c, enum sip_method method, struct request *r);
void call_new_branch(struct call *c, char branch[BRANCH_TEXT + 1]);
void call_bye(struct call *c);
/* BYE without waiting for its answer, and over. */
void call_break(struct call *c, enum sip_over over, uint32_t status, struct str reason);
/* All pieces of the dialog within DIALOG_BYTES_MAX? */
bool dialog_fits(const struct call *c, size_t more);
/* Body for this description; grows the version when it changed. */
struct str call_describe(struct call *c, const struct sdp_audio *sdp);
/* Reads a body into *sdp and remembers it with its layout. */
MUST_USE enum err call_heard(struct call *c, struct str body, struct sdp_audio *sdp);
/* ERR_NOT_FOUND: no body; ERR_UNSUPPORTED: one of another kind. */
MUST_USE enum err message_sdp(const struct sip_message *m, struct str *body);

/* -- caller.c -- */
/* A display name as people read it: quoted pairs taken off, control characters made blanks. */
struct str caller_name(struct buf *names, struct str quoted);
/* What the message at hand says of its caller; texts into names. False: nothing but From. */
bool caller_read(struct sip *s, const struct sip_uri *from, struct buf *names,
		 struct sip_caller *out);
/* The Q.850 cause of the message at hand, 0: none. */
uint32_t reason_q850(struct sip *s);

/* -- refer.c -- */
struct replaces {
	struct str call_id, to_tag, from_tag;
	bool early_only;
};
/* RFC 3891 section 6.1. ERR_INVALID: a tag is missing or said twice. */
MUST_USE enum err replaces_parse(struct str value, struct replaces *out);
struct call *replaces_find(struct sip *s, const struct replaces *r);
/* May the INVITE at hand replace what it names? 0: yes (out 0: it names nothing), else the status
 * to refuse with; RFC 3891 section 3. */
uint32_t replaces_judge(struct sip *s, struct sip_call_id *out);
void refer_request(struct sip *s, struct call *c);
void refer_notified(struct call *c, uint32_t status);
void refer_close(struct call *c);  /* the call ends: so does what is told of its REFER */
void refer_resume(struct call *c); /* after a restart */

/* -- uac.c -- */
void uac_response(struct call *c, struct txn *t);
void uac_timeout(struct call *c, struct txn *t);
/* A 2xx to an INVITE whose call is gone or that another fork answered: ACK and BYE. */
void uac_orphan_2xx(struct sip *s, struct txn *t);
/* A 2xx said again whose transaction an earlier life had. False: it is none of a call's. */
bool uac_known_2xx(struct sip *s);
void uac_cancel(struct call *c);
struct str uac_invite_bytes(struct call *c);
/* The dialog with whom the message at hand comes from, RFC 3261 section 12.1.2. */
enum err uac_confirm_dialog(struct call *c);
void uac_wait_after_glare(struct call *c);
void uac_offer_pending(struct call *c);	       /* as soon as may be */
MUST_USE enum err uac_refresh(struct call *c); /* a re-INVITE that changes nothing */
void uac_resume(struct call *c);	       /* after a restart */

/* -- uas.c -- */
void uas_invite(struct sip *s, struct str auth_user, struct str auth_realm);
void uas_in_dialog(struct sip *s, struct call *c);
void uas_ack(struct sip *s, struct call *c);
void uas_cancel(struct sip *s, struct txn *t);
void uas_end(struct call *c); /* sip_call_end of a call that came in */
void uas_resend_start(struct call *c, int64_t first_ms);
/* Refuses what is open from their side (487, or 500 for an UPDATE). */
void uas_close_offer(struct call *c);
void uas_resume(struct call *c); /* after a restart */
struct str uas_reply_bytes(struct call *c, struct txn *t, uint32_t status, struct str extra,
			   struct str body);
void uas_reply(struct call *c, struct txn *t, uint32_t status, struct str extra, struct str body);
/* Answers a request of this dialog that is no INVITE, with a transaction if there is room. */
void uas_reply_now(struct sip *s, struct call *c, uint32_t status, struct str extra);
/* The description in the request at hand; body empty: none. 0: fine, else what to answer. */
uint32_t uas_judge_body(struct sip *s, struct str *body, struct sdp_audio *sdp);
void uas_accept_now(struct call *c, struct txn *t);

/* -- reliable.c -- */
/* Is a provisional answer to this INVITE to be sent reliably? */
bool reliable_wanted(const struct call *c, bool described);
void reliable_ring(struct call *c, struct txn *t, uint32_t status, struct str body);
void reliable_prack(struct sip *s, struct call *c);
void reliable_goes_on(struct call *c); /* what waited for a PRACK, or for an answer of the user */
void reliable_stop(struct call *c);
void reliable_resume(struct call *c); /* after a restart */
/* The 1xx at hand: acknowledges it when asked to. False: it was heard, or comes out of order. */
bool reliable_heard(struct call *c);

/* -- update.c -- */
/* May we offer before the call is answered? */
bool update_early(const struct call *c);
/* tries: challenges answered before */
MUST_USE enum err update_send(struct call *c, bool offer, uint32_t tries);
void update_answered(struct call *c, uint32_t status);

/* -- session.c -- */
uint32_t session_usual_s(const struct sip *s);
/* Does the request at hand ask for too brief a session? 0: no, else 422. */
uint32_t session_judge(struct sip *s);
void session_put_least(const struct sip *s, struct buf *out); /* Min-SE line */
/* Takes over what the request at hand asks for; its 2xx says it (session_put, session_begin). */
void session_asked(struct call *c);
/* Lines of a request (we_ask) or of a 2xx; nothing when no session runs. */
void session_put(const struct call *c, bool we_ask, struct buf *out);
void session_begin(struct call *c);    /* refreshed now */
void session_answered(struct call *c); /* the 2xx at hand to an INVITE or UPDATE of ours */
/* The answer at hand is a 422 worth another try, with the interval it wants. */
bool session_too_brief(struct call *c);
void session_refreshed(struct call *c, uint32_t status);
void session_resume(struct call *c); /* after a restart */

/* -- register.c -- */
void registrations_init(struct sip *s);
void registrations_finish(struct sip *s);
void register_response(struct sip *s, struct txn *t);
void register_timeout(struct sip *s, struct txn *t);

/* -- ping.c -- */
void ping_response(struct sip *s, struct txn *t);
void ping_timeout(struct sip *s, struct txn *t);
/* Seconds of a Retry-After in the message at hand, RFC 3261 section 20.33; 0: none. */
uint32_t engine_retry_after(struct sip *s);

/* -- registrar.c -- */
struct registrar *registrar_create(struct sip *s);
void registrar_destroy(struct registrar *r);
void registrar_register(struct sip *s);
uint32_t registrar_count(const struct sip *s);
/* This connection is gone, and with it the way to the phones behind it. */
void registrar_stream_closed(struct sip *s, const struct sip_address *peer);
/* The connection on which whoever is behind this Contact registered last; false: none is open. */
bool registrar_flow(struct sip *s, struct str contact, struct sip_address *out);
/* Does a phone that registered over UDP live there? */
bool registrar_knows(struct sip *s, const struct sip_address *from);

/* -- keepalive.c -- */
enum { KEEPALIVE_MAX = 48 };
bool keepalive_is(struct str bytes); /* by its first bytes; no SIP message begins so */
/* 0: nothing to answer */
size_t keepalive_answer(struct str request, const struct sip_address *from,
			unsigned char out[KEEPALIVE_MAX]);
void keepalive_input(struct sip *s, const struct sip_address *from, struct str bytes);
