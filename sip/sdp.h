/*
 * sdp.h - what the engine knows of sound descriptions beyond sip.h: the order of the m= lines,
 * which every later description of the call must repeat (RFC 3264 sections 6 and 8).
 */
#pragma once

#include "sip/sip.h"

enum { SDP_MEDIA_MAX = 16, SDP_LAYOUT_MAX = 512 };

struct sdp_media {
	struct str type, port, proto, formats;
};
/* The value of an m= line; views into it. */
bool sdp_media_split(struct str v, struct sdp_media *m);
bool sdp_media_web(const struct sdp_media *m); /* sound over DTLS */
/* As sdp_parse, of a browser's offer (sdp_web.h): the first sound stream over DTLS. */
MUST_USE enum err sdp_parse_web(struct str body, struct sdp_audio *out);

/* Parts of what is written; nothing of a description may begin a line of its own. */
void sdp_put_word(struct buf *out, struct str s);
void sdp_put_formats(struct buf *out, const struct sdp_audio *a); /* " 8 101" and the line's end */
void sdp_put_codecs(struct buf *out, const struct sdp_audio *a);  /* rtpmap, fmtp */
void sdp_put_direction(struct buf *out, enum sdp_direction d);

/* Puts one line per m= line of body: "=" for the stream we speak, else what to refuse it with
 * ("video 0 RTP/AVP 31"). ERR_TOO_LARGE past SDP_LAYOUT_MAX bytes. */
MUST_USE enum err sdp_layout(struct str body, struct buf *out);
/* As sdp_write, with the streams of layout (empty: ours alone). */
void sdp_write_layout(struct buf *out, const struct sdp_audio *a, uint64_t session_id,
		      uint32_t version, struct str layout);
