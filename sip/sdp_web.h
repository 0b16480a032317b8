/*
 * sdp_web.h - the offer of a browser (JSEP, RFC 9429; WebRTC's sound), and the answer of an
 * ICE-lite server to it: one sound stream, every other m= line refused.
 *
 * Views in, views out; nothing is kept. What is accepted can be answered: DTLS-SRTP with a
 * fingerprint, rtcp-mux, a browser that may be the DTLS client.
 */
#pragma once

#include "sip/sdp.h"

enum { SDP_MID_MAX = 32, SDP_UFRAG_MAX = 256, SDP_WEB_BYTES = 8192 };

struct sdp_web {
	struct sdp_audio audio; /* codecs in the browser's order, direction; address and port mean
				 * nothing before ICE */
	struct str ufrag;	/* RFC 8839 section 5.4 */
	struct str fingerprint; /* "sha-256 AB:CD:…", RFC 8122 section 5 */
	struct str mid;		/* of the sound stream; empty: none was said */
	bool bundled;		/* its mid is in the BUNDLE group (RFC 9143) */
	struct str body;	/* the offer itself: its m= lines */
};

/* What we say of ourselves. */
struct sdp_web_answer {
	const struct sdp_audio *audio; /* codecs that were chosen, direction of ours */
	const struct str *addresses; /* candidates, IPv4 or IPv6 as text; the first is also in c= */
	uint32_t address_count;
	uint16_t port;
	struct str ufrag, password, fingerprint;
	uint64_t session_id;
};

/* ERR_UNSUPPORTED: nothing we could answer, *why says what is missing, for people; ERR_INVALID,
 * ERR_TOO_LARGE: not a description (*why too). `out` and `why` are written only then and then. */
MUST_USE enum err sdp_web_parse(struct str body, struct sdp_web *out, const char **why);
/* At most SDP_WEB_BYTES for any offer that was accepted. */
void sdp_web_answer(struct buf *out, const struct sdp_web *offer, const struct sdp_web_answer *a);
