/* rtp.c - see rtp.h. */
#include "rtp/rtp.h"

#define SEQ_JUMP_MAX 3000    /* RFC 3550 A.1: MAX_DROPOUT */
#define SEQ_DISORDER_MAX 100 /* RFC 3550 A.1: MAX_MISORDER */

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

enum err rtp_parse(struct str packet, struct rtp *out)
{
	const uint8_t *p = (const uint8_t *)packet.p;
	if (packet.n < RTP_HEADER || p[0] >> 6 != 2)
		return ERR_INVALID;
	size_t head = RTP_HEADER + 4u * (p[0] & 15), end = packet.n;
	if (p[0] & 0x10) { /* extension: profile, length in words, words */
		if (end < head + 4)
			return ERR_INVALID;
		head += 4 + 4 * get16(p + head + 2);
	}
	if (head > end)
		return ERR_INVALID;
	if (p[0] & 0x20) { /* the last byte counts the padding with itself */
		uint8_t padding = p[end - 1];
		if (!padding || padding > end - head)
			return ERR_INVALID;
		end -= padding;
	}
	*out = (struct rtp){
		.pt = p[1] & 0x7f,
		.marker = p[1] >> 7,
		.seq = (uint16_t)get16(p + 2),
		.ts = get32(p + 4),
		.ssrc = get32(p + 8),
		.payload = str_make(packet.p + head, end - head),
	};
	return ERR_OK;
}

void rtp_header(uint8_t out[RTP_HEADER], const struct rtp *r)
{
	out[0] = 0x80;
	out[1] = (uint8_t)(r->marker << 7 | r->pt);
	put16(out + 2, r->seq);
	put32(out + 4, r->ts);
	put32(out + 8, r->ssrc);
}

static uint32_t expected_run(const struct rtp_count *c)
{
	return c->started ? c->cycles + c->seq_max - c->seq_first + 1 : 0;
}

static void begin_run(struct rtp_count *c, const struct rtp *r)
{
	c->expected_before += expected_run(c);
	c->received_before += c->received_run;
	c->started = true;
	c->ssrc = r->ssrc;
	c->seq_first = c->seq_max = r->seq;
	c->cycles = 0;
	c->received_run = 0;
	c->transit = 0;
}

/* RFC 3550 A.1; a jump counts as one only when a second packet goes on from it. */
static bool see_seq(struct rtp_count *c, const struct rtp *r)
{
	uint16_t ahead = (uint16_t)(r->seq - c->seq_max);
	if (!c->started || r->ssrc != c->ssrc) {
		begin_run(c, r);
	} else if (ahead < SEQ_JUMP_MAX) {
		if (r->seq < c->seq_max)
			c->cycles += 1u << 16;
		c->gaps += ahead > 1;
		c->seq_max = r->seq;
	} else if (ahead <= UINT16_MAX - SEQ_DISORDER_MAX) {
		bool follows = r->seq == c->seq_bad;
		c->seq_bad = (uint16_t)(r->seq + 1);
		if (!follows)
			return false;
		begin_run(c, r);
	}
	c->seq_bad = (uint16_t)(c->seq_max + (1u << 15)); /* far from what comes next */
	c->received_run++;
	return true;
}

void rtp_count_see(struct rtp_count *c, const struct rtp *r, int64_t now_us)
{
	if (!see_seq(c, r))
		return;
	/* A.8; with whole timestamp units 1/8 ms */
	uint32_t transit = (uint32_t)(now_us * 8 / 1000) - r->ts;
	if (c->received_run > 1) {
		int32_t d = (int32_t)(transit - c->transit);
		uint32_t size = d < 0 ? 0u - (uint32_t)d : (uint32_t)d;
		if (size < 8000) /* a second: the sender's clock jumped, this is no jitter */
			c->jitter_16 += size - ((c->jitter_16 + 8) >> 4);
	}
	c->transit = transit;
}

uint32_t rtp_count_received(const struct rtp_count *c)
{
	return c->received_before + c->received_run;
}

uint32_t rtp_count_expected(const struct rtp_count *c)
{
	return c->expected_before + expected_run(c);
}

uint32_t rtp_count_lost(const struct rtp_count *c)
{
	uint32_t expected = rtp_count_expected(c), received = rtp_count_received(c);
	return expected > received ? expected - received : 0;
}

uint32_t rtp_count_jitter_us(const struct rtp_count *c)
{
	return (uint32_t)((uint64_t)c->jitter_16 * 125 / 16);
}

/* RFC 3550 §6.4.1, A.3 */
static size_t write_block(uint8_t *p, const struct rtcp_out *o, struct rtp_count *c)
{
	uint32_t expected = rtp_count_expected(c), received = rtp_count_received(c);
	int32_t expected_now = (int32_t)(expected - c->expected_told);
	int32_t lost_now = expected_now - (int32_t)(received - c->received_told);
	uint32_t share = expected_now > 0 && lost_now > 0
				 ? MIN(255u, (uint32_t)(((int64_t)lost_now << 8) / expected_now))
				 : 0;
	c->expected_told = expected;
	c->received_told = received;
	put32(p, c->ssrc);
	put32(p + 4, share << 24 | MIN(rtp_count_lost(c), 0x7fffffu));
	put32(p + 8, c->cycles + c->seq_max);
	put32(p + 12, (c->jitter_16 >> 4) * MAX(o->ticks, 1u));
	put32(p + 16, o->peer_sr_middle);
	put32(p + 20, o->peer_sr_middle ? o->peer_sr_age : 0);
	return 24;
}

size_t rtcp_write(uint8_t out[RTCP_MAX], const struct rtcp_out *o, struct rtp_count *c)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 8;
	put32(out + 4, o->ssrc);
	if (o->sent) {
		put32(out + 8, (uint32_t)(o->ntp >> 32));
		put32(out + 12, (uint32_t)o->ntp);
		put32(out + 16, o->ts);
		put32(out + 20, o->packets);
		put32(out + 24, o->octets);
		n = 28;
	}
	bool block = c->started;
	if (block)
		n += write_block(out + n, o, c);
	out[0] = (uint8_t)(0x80 | block);
	out[1] = o->sent ? 200 : 201;
	put16(out + 2, (uint32_t)(n / 4 - 1));
	/* SDES, one chunk: CNAME of 8 hex digits, then the end, to whole words (§6.5) */
	uint8_t *s = out + n;
	s[0] = 0x81;
	s[1] = 202;
	put16(s + 2, 5);
	put32(s + 4, o->ssrc);
	s[8] = 1;
	s[9] = 8;
	for (int i = 0; i < 8; i++)
		s[10 + i] = (uint8_t)hex[(o->ssrc >> (28 - 4 * i)) & 15];
	memset(s + 18, 0, 6);
	return n + 24;
}

static void parse_blocks(const uint8_t *p, size_t count, uint32_t our_ssrc, struct rtcp_in *in)
{
	for (; count; count--, p += 24) {
		if (get32(p) != our_ssrc)
			continue;
		in->has_block = true;
		in->lost_share = p[4];
		in->lost = get32(p + 4) & 0xffffff;
		in->seq_max = get32(p + 8);
		in->jitter = get32(p + 12);
		in->last_sr = get32(p + 16);
		in->since_last_sr = get32(p + 20);
	}
}

enum err rtcp_parse(struct str packet, uint32_t our_ssrc, struct rtcp_in *out)
{
	struct rtcp_in in = {0};
	bool first = true;
	while (packet.n) {
		const uint8_t *p = (const uint8_t *)packet.p;
		if (packet.n < 8 || p[0] >> 6 != 2)
			return ERR_INVALID;
		size_t n = 4 * (get16(p + 2) + 1), count = p[0] & 31;
		if (n > packet.n || (first && p[1] != 200 && p[1] != 201))
			return ERR_INVALID;
		if (p[1] == 200 || p[1] == 201) {
			size_t head = p[1] == 200 ? 28 : 8;
			if (n < head + 24 * count)
				return ERR_INVALID;
			in.ssrc = get32(p + 4);
			if (p[1] == 200) {
				in.has_sr = true;
				in.sr_middle = get32(p + 10);
			}
			parse_blocks(p + head, count, our_ssrc, &in);
		}
		in.has_bye |= p[1] == 203;
		packet = str_from(packet, n);
		first = false;
	}
	if (first)
		return ERR_INVALID;
	*out = in;
	return ERR_OK;
}
