/*
 * rtp.h - RTP and RTCP packets and what RFC 3550 counts about them. Pure: times are handed in.
 */
#pragma once

#include "base/str.h"

#define RTP_HEADER 12
#define RTP_PACKET_MAX 1500

struct rtp {
	uint8_t pt;
	bool marker;
	uint16_t seq;
	uint32_t ts, ssrc;
	struct str payload; /* view; may be empty */
};

/* RFC 3550 §5.1, §5.3.1: skips contributing sources and the extension, takes padding off.
 * ERR_INVALID when it is not RTP version 2 or lies about its lengths. */
MUST_USE enum err rtp_parse(struct str packet, struct rtp *out);
/* Writes the 12 bytes of a header without extras; the payload is not looked at. */
void rtp_header(uint8_t out[RTP_HEADER], const struct rtp *r);

/* What is received from one source, RFC 3550 §6.4.1, A.1, A.3, A.8. */
struct rtp_count {
	bool started;
	uint16_t seq_max, seq_bad;
	uint32_t ssrc;
	uint32_t seq_first, cycles;				 /* of the present run */
	uint32_t received_run, expected_before, received_before; /* runs that ended with a jump */
	uint32_t jitter_16;					 /* timestamp units times 16 */
	uint32_t transit;
	uint32_t expected_told, received_told; /* at the last report block */
	uint32_t gaps;			       /* times the numbers jumped over some */
};

/* ts units are 1/8000 s; now_us: any monotonic clock. */
void rtp_count_see(struct rtp_count *c, const struct rtp *r, int64_t now_us);
uint32_t rtp_count_received(const struct rtp_count *c);
uint32_t rtp_count_lost(const struct rtp_count *c); /* never below 0, though duplicates come */
uint32_t rtp_count_expected(const struct rtp_count *c);
uint32_t rtp_count_jitter_us(const struct rtp_count *c);

/* What we tell and hear by RTCP. ntp: 32.32 seconds since 1900; middle: its middle 32 bits. */
struct rtcp_out {
	uint32_t ssrc; /* ours */
	bool sent;     /* something since the last report: SR, else RR */
	uint64_t ntp;
	uint32_t ts;
	uint32_t ticks; /* of the peer's clock in 1/8000 s; 0: 1 */
	uint32_t packets, octets;
	uint32_t peer_sr_middle; /* 0: none came */
	uint32_t peer_sr_age;	 /* 1/65536 s */
};
#define RTCP_MAX 128
/* SR or RR, and SDES with a CNAME made of the SSRC; returns its length. Begins a new interval. */
size_t rtcp_write(uint8_t out[RTCP_MAX], const struct rtcp_out *o, struct rtp_count *c);

struct rtcp_in {
	bool has_sr, has_block, has_bye;
	uint32_t ssrc, sr_middle;
	uint32_t lost, jitter, last_sr, since_last_sr; /* of the block about our SSRC */
	uint32_t seq_max;			       /* the highest it has of ours, with cycles */
	uint8_t lost_share;			       /* of 256 */
};
/* A compound packet, RFC 3550 §6.1, A.2. ERR_INVALID when it is none. */
MUST_USE enum err rtcp_parse(struct str packet, uint32_t our_ssrc, struct rtcp_in *out);
