/*
 * rig_web_test.h - a browser's tab for tests with real packets: ICE that controls, DTLS on
 * OpenSSL's own BIOs, SRTP. Nothing of ours but STUN's bytes and SRTP, which have vectors of their
 * own.
 */
#pragma once

#include <openssl/ssl.h>

#include "media/rig_test.h"
#include "rtp/srtp.h"
#include "rtp/stun.h"

struct tab {
	struct phone phone; /* its socket, what it says and hears */
	int64_t checks_us;  /* when it checked last, while it talks */
	bool sleeps;	    /* it sends nothing: the lid is closed */
	bool no_checks;	    /* while it talks: the test sends them */

	/* what was told by leg_web_opened */
	char ufrag[64], password[64], fingerprint[200];

	char own_ufrag[16], own_fingerprint[200];
	SSL_CTX *ctx;
	SSL *ssl;
	BIO *in, *out;
	bool server; /* we answered `active`, it waits for our ClientHello */
	bool shook, shake_failed;
	struct srtp *seal, *open;
	char profile[40];
	struct codec *codec; /* Opus */
	struct coder mouth;

	uint32_t answers;  /* of STUN: successes, */
	uint32_t refusals; /* errors, */
	uint32_t bad;	   /* and what was neither ours nor right */
	struct addr mapped;
	uint32_t rtcp, records, plain; /* plain: RTP or RTCP that did not open */
	struct rtcp_in report;
};

struct tab_options {
	double hz;
	enum sound_codec codec;
	int version_max;      /* 0: any */
	const char *profiles; /* NULL: all */
	const char *ip;	      /* NULL: 127.0.0.1 */
	bool server;
};
void make_tab(struct tab *t, const struct tab_options *o);
void close_tab(struct tab *t);
/* Another socket: another network. */
void tab_moves(struct tab *t);
/* A new PeerConnection: another certificate, another association. */
void tab_reloads(struct tab *t, const struct tab_options *o);

void tab_forgets(struct tab *t); /* what it heard */

/* leg_web; what is told goes into the tab. ERR_OK or what was told. */
void order_web(struct rig *r, struct id leg, struct id contact, struct tab *t, const char *ufrag);
enum err tell_web(struct rig *r, struct id leg, struct id contact, struct tab *t,
		  const char *ufrag);
enum err await_web(struct rig *r, struct id leg, struct tab *t);
void agree_web(struct rig *r, struct id leg, const struct tab *t);

/* A binding request, from this socket. */
struct check {
	int fd;		      /* -1: the tab's */
	bool chosen;	      /* USE-CANDIDATE */
	const char *password; /* NULL: the right one */
	const char *ufrag;    /* NULL: the right one */
	bool bare;	      /* no MESSAGE-INTEGRITY */
};
void tab_checks(struct tab *t, const struct check *c);
/* What has come is looked at; handshake and all. */
void tab_hear(struct tab *t);
void tab_speak(struct tab *t);
void tab_sends(struct tab *t, uint8_t pt, const uint8_t *payload, size_t n);
void tab_speaks_twice(struct tab *t); /* the same packet again */
void tab_says_goodbye(struct tab *t); /* the page closes its connection */
void tab_begins_dtls(struct tab *t);
/* Until so many ms are over or the handshake is; true: it is done. */
bool tab_shakes(struct tab *t, int ms);
/* Check, choice, DTLS: true when it is done and the leg's path is told as up. */
bool tab_connects(struct rig *r, struct id leg, struct tab *t);
/* Tabs and phones speak and hear for so long; tabs check every 500 ms. */
void talk_tabs(struct tab *const *tabs, int tab_count, struct phone *const *phones, int phone_count,
	       int ms);
bool await_path(struct rig *r, struct id leg, bool up, int ms);
void tab_sends_rtcp(struct tab *t);
