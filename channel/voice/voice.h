/*
 * voice.h - the voice channel: joins the SIP engine and the media process to the hall.
 *
 * Owns lines (what a contact hears, who is joined) and legs (one SIP call with one media port
 * each). Knows no queues and writes no records: it answers commands and tells events of
 * messages.def. What it sends is handed out through the options; the owner keeps it back until the
 * turn is stored. Main thread only.
 */
#pragma once

#include "core/core.h"
#include "core/trouble.h"
#include "media/order.h"
#include "os/dns.h"
#include "sip/sip.h"
#include "stir/stir.h"

struct voice;

/* What a desk asks of its user's phone in the browser; as ASK_PHONE in core/ask.h. */
struct voice_phone_ask {
	struct agent_id agent;
	uint64_t desk;
	struct str offer, key; /* the offer lives until it is answered */
	bool take;
	void *token; /* the asker's own; not NULL */
};
struct voice_phone_answer {
	enum err err;
	struct str answer, key, detail; /* live until the function returns */
};

struct voice_options {
	struct core *core;
	struct str advertise_udp, advertise_tcp;   /* "host:port" told to SIP peers */
	struct str advertise_more[SIP_TRANSPORTS]; /* for the others; empty: as TCP */
	struct str media_address;		   /* told in SDP; of both families: with a comma */
	/* An address of this machine that is no loopback one, as text; false: it has none. Browsers
	 * are told of it where media listens on loopback alone: Firefox reaches no loopback
	 * address. May be NULL. */
	bool (*own_address)(void *arg, char *out, size_t room);
	struct str speech_dir; /* where spoken texts lie: speech_dir/KEY.wav */
	struct str sound_dir;  /* where uploaded sounds lie: sound_dir/SHA256.wav */
	struct str trace_file; /* circular file of SIP messages (trace.h); empty: none */
	uint32_t trace_mib;    /* its size */
	bool record_opus;      /* new recordings: Ogg Opus, else WAV */
	struct str product;
	uint32_t session_s, session_min_s; /* session timers, see sip_options; 0: the usual */
	uint32_t contacts_max;		   /* lines; legs are twice as many */
	uint32_t birth;			   /* see pool_born */
	uint8_t secret[32];		   /* keys nonces; the same over restarts */
	/* For keys of calls; may be NULL in tests: dice. */
	void (*random)(void *arg, void *out, size_t n);
	void *arg;
	void (*send)(void *arg, const struct sip_address *to, struct str bytes);
	void (*drop)(void *arg, uint32_t stream); /* this TCP stream speaks no SIP: close it */
	/* Has the peer on this TLS connection shown a good certificate for this name? May be NULL.
	 */
	bool (*certified)(void *arg, uint32_t stream, struct str name);
	/* one encoded order for the media process of this number */
	void (*order)(void *arg, uint32_t media, struct str bytes);
	/* Have this text spoken into speech_dir/KEY.wav, then voice_spoken. */
	void (*speak)(void *arg, struct str key, struct str lang, struct str text);
	/* voice_phone is answered: once, perhaps from within. */
	void (*phone_answered)(void *arg, void *token, const struct voice_phone_answer *a);
	/* This desk's phone is so now. May be NULL. */
	void (*desk_told)(void *arg, uint64_t desk, enum desk_phone state);
	/* voice_trunk_test is answered: once, perhaps from within. */
	void (*trunk_tested)(void *arg, void *token, const struct trunk_answer *answers,
			     uint32_t count);
	/* Ask DNS for this, then voice_resolved, also from within. May be NULL: no name is known.
	 */
	void (*resolve)(void *arg, enum dns_kind kind, struct str name);
};

struct voice *voice_create(const struct voice_options *o); /* adds its room to the core */
void voice_destroy(struct voice *v);
/* Who knows certificates; NULL: nobody, then no identity holds. Lives longer. */
void voice_stir(struct voice *v, struct stir *s);
void voice_time(struct voice *v); /* first thing in every turn */
struct sip *voice_sip(struct voice *v);

#define VOICE_MEDIA_MAX 4 /* media processes at once: the newest and those that drain */
/* The media processes that live, newest first: it takes new calls. What was in any other is gone.
 */
void voice_media_living(struct voice *v, const uint32_t *numbers, uint32_t count);
/* A connection to a media process stands (again): hello and inventory go out. */
void voice_media_up(struct voice *v, uint32_t number);
void voice_media_down(struct voice *v, uint32_t number);
/* Bytes of one packet from media. */
void voice_media_input(struct voice *v, uint32_t number, struct str packet);

/* Asks again for everything of this object that could be spoken (the clerk works now). */
void voice_speech_object(struct voice *v, enum object_kind kind, struct id id);

#define VOICE_KEY_TEXT 40 /* hex digits of a speech key */
void voice_speech_key(struct str lang, struct str text, char out[VOICE_KEY_TEXT + 1]);
void voice_spoken(struct voice *v, struct str key, bool ok);

void voice_resolved(struct voice *v, const struct dns_answer *a);

/* The agent's side of a talk ends as if he had hung up. ERR_CONFLICT: he is not on this contact. */
MUST_USE enum err voice_agent_hang_up(struct voice *v, struct contact_id contact,
				      struct agent_id agent);
/* A desk offers a session, or takes one up again; answered by phone_answered. */
void voice_phone(struct voice *v, const struct voice_phone_ask *a);
/* He takes what is offered to him, without a telephone that could do it: a browser's is put through
 * at once. ERR_CONFLICT: nothing waits for that, or his phone is another. */
enum err voice_accept(struct voice *v, struct contact_id contact, struct agent_id agent);
/* Nobody of the last life is left: every contact that was brought back ends as server_restart, now.
 * Their SIP side is ended once a media process has said that it knows none of them. */
void voice_all_lost(struct voice *v);
/* For whom is served first when many come (sip/gate.h): is that number one of low priority; is that
 * address a trunk's? arg is the voice. */
bool voice_is_low(void *arg, const struct sip_address *from, struct str user);
bool voice_is_trunk(void *arg, const struct sip_address *from);
/* Is media still busy with the ports of those who came before? */
bool voice_is_busy(void *arg);
/* Newcomers are turned away now: nobody begins a call of his own either (ERR_FULL). */
void voice_pressed(struct voice *v, bool yes);
/* Whether new calls are taken; refused ones get 503 with Retry-After. */
void voice_admit(struct voice *v, bool yes);
/* Clean stop: every call is ended with BYE; contacts end as by system. */
void voice_stop(struct voice *v);
/* Who knows whether an offer still stands: asked for phones that rang when the core died. */
void voice_offered_by(struct voice *v,
		      bool (*offered)(void *arg, struct contact_id c, struct agent_id a),
		      void *arg);
/* The newest figures of the media processes, summed. */
const struct report_gauges *voice_gauges(struct voice *v);
void voice_media_dump(const struct voice *v, struct buf *out); /* a line a process */
/* After voice_stop: nobody is left to say goodbye to. */
bool voice_stopped(const struct voice *v);
/* A trunk as it is now. */
struct voice_trunk {
	uint32_t calls, pace; /* pace: calls begun in the last whole second */
	bool registers, registered;
	uint32_t status;		/* of the registrar's last answer, 0: none yet */
	int64_t registered_until_at_ms; /* 0: not */
};
/* The name whose certificate is expected at this address: of a trunk's peer, of a fixed phone.
 * False: nobody is declared there. */
bool voice_tls_name(struct voice *v, const struct sip_address *to, struct buf *name);
/* It had another certificate, or a bad one: an alarm of its tenant, once a minute. */
void voice_tls_refused(struct voice *v, const struct sip_address *to, struct str why);
void voice_trunk_look(struct voice *v, struct trunk_id trunk, struct voice_trunk *out);
struct voice_peer {
	bool silent; /* it did not answer a call lately */
	bool busy;   /* it asked to be left alone for a while */
	bool down;   /* it does not answer OPTIONS */
	/* of the newest OPTIONS: UTC, 0: none was answered or missed yet; status 0: silence */
	int64_t asked_at_ms, rtt_ms;
	uint32_t status;
	int64_t since_at_ms; /* up, or down, since then; 0: not known yet */
};
/* The addresses calls go to, as "192.0.2.1:5060": *at starts at 0, false at the end. */
bool voice_trunk_peer(struct voice *v, struct trunk_id trunk, uint32_t *at, struct buf *address,
		      struct voice_peer *out);
/* The last things that went wrong, newest first; NULL and 0: none. Until the next turn. */
const struct trouble *voice_trunk_troubles(struct voice *v, struct trunk_id trunk, uint32_t *count);
/* Asks each of its peers and its registrar now; trunk_tested follows within 4.5 s.
 * ERR_CONFLICT: it is being tested; ERR_FULL: too many are; ERR_NOT_FOUND. */
MUST_USE enum err voice_trunk_test(struct voice *v, struct trunk_id trunk, void *token);
/* No connection could be made there. */
void voice_connect_failed(struct voice *v, const struct sip_address *to);
/* Trunks whose registration works, or does not. */
uint32_t voice_registered(const struct voice *v, bool works);
uint32_t voice_legs(const struct voice *v);
bool voice_media_ready(const struct voice *v); /* the newest is connected */
