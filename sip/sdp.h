/*
 * sdp.h - what the engine knows of sound descriptions beyond sip.h: the order of the m= lines,
 * which every later description of the call must repeat (RFC 3264 sections 6 and 8).
 */
#pragma once

#include "sip/sip.h"

enum { SDP_MEDIA_MAX = 16, SDP_LAYOUT_MAX = 512 };

/* Puts one line per m= line of body: "=" for the stream we speak, else what to refuse it with
 * ("video 0 RTP/AVP 31"). ERR_TOO_LARGE past SDP_LAYOUT_MAX bytes. */
MUST_USE enum err sdp_layout(struct str body, struct buf *out);
/* As sdp_write, with the streams of layout (empty: ours alone). */
void sdp_write_layout(struct buf *out, const struct sdp_audio *a, uint64_t session_id,
		      uint32_t version, struct str layout);
