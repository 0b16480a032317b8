/* rtp_test.c - packets and counts of RFC 3550. */
#include "rtp/rtp.h"
#include "tests/test.h"

static enum err parse(const uint8_t *p, size_t n, struct rtp *out)
{
	return rtp_parse(str_make((const char *)p, n), out);
}

TEST(rtp_parse_reads_each_part_of_the_header)
{
	/* version 2, padding, extension, 1 contributing source; marker, type 8 */
	static const uint8_t p[] = {0xb1, 0x88, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8, /* header */
				    9,	  9,	9,    9,			    /* CSRC */
				    0xbe, 0xde, 0,    1,    0, 0, 0, 0,		    /* extension */
				    'a',  'b',	'c',  0,    2}; /* 2 of padding */
	struct rtp r;
	EXPECT(parse(p, sizeof p, &r) == ERR_OK);
	EXPECT(r.pt == 8 && r.marker && r.seq == 0x1234 && r.ts == 0x01020304);
	EXPECT(r.ssrc == 0x05060708);
	EXPECT_STR(r.payload, "abc");
}

TEST(rtp_parse_refuses_what_lies_about_its_length)
{
	static const struct {
		uint8_t bytes[16];
		size_t n;
	} bad[] = {
		{{0x80}, 11},		      /* shorter than a header */
		{{0x00}, 12},		      /* version 0: STUN looks so */
		{{0x40}, 12},		      /* version 1 */
		{{0xc0}, 12},		      /* version 3 */
		{{0x81}, 12},		      /* source list not there */
		{{0x90}, 12},		      /* extension not there */
		{{[0] = 0x90, [15] = 1}, 16}, /* extension longer than all */
		{{[0] = 0x90, [14] = 0xff, [15] = 0xff}, 16},
		{{0xa0}, 12},		      /* padding of no bytes */
		{{[0] = 0xa0, [12] = 0}, 13}, /* padding counts itself */
		{{[0] = 0xa0, [12] = 2}, 13}, /* longer than the payload */
	};
	struct rtp r = {.pt = 77};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		EXPECT(parse(bad[i].bytes, bad[i].n, &r) == ERR_INVALID);
		EXPECT(r.pt == 77);
	}
}

TEST(rtp_header_is_read_back)
{
	uint8_t p[RTP_HEADER];
	struct rtp r = {.pt = 101, .marker = true, .seq = 65535, .ts = 0xdeadbeef, .ssrc = 1}, got;
	rtp_header(p, &r);
	EXPECT(parse(p, sizeof p, &got) == ERR_OK);
	EXPECT(got.pt == 101 && got.marker && got.seq == 65535 && got.ts == 0xdeadbeef);
	EXPECT(got.ssrc == 1 && got.payload.n == 0);
}

/* Packets 20 ms apart; `late_us` of each. */
static void see(struct rtp_count *c, uint16_t seq, int64_t late_us)
{
	struct rtp r = {.seq = seq, .ts = seq * 160u, .ssrc = 1};
	rtp_count_see(c, &r, 5000000 + seq * 20000 + late_us);
}

TEST(rtp_count_knows_losses_duplicates_and_disorder)
{
	struct rtp_count c = {0};
	for (uint32_t i = 0; i < 200; i++)
		if (i % 20 != 7) /* 10 of 200 are lost */
			see(&c, (uint16_t)i, 0);
	EXPECT(rtp_count_received(&c) == 190 && rtp_count_lost(&c) == 10);
	see(&c, 198, 0); /* again */
	EXPECT(rtp_count_lost(&c) == 9);
	see(&c, 187, 0); /* late, not lost */
	EXPECT(rtp_count_received(&c) == 192 && rtp_count_lost(&c) == 8);
}

TEST(rtp_count_goes_on_over_the_end_of_16_bits)
{
	struct rtp_count c = {0};
	for (uint32_t i = 65000; i < 65536 + 500; i++)
		see(&c, (uint16_t)i, 0);
	EXPECT(rtp_count_lost(&c) == 0 && rtp_count_received(&c) == 1036);
	EXPECT(c.cycles == 65536);
}

TEST(rtp_count_takes_a_jump_only_when_it_goes_on)
{
	struct rtp_count c = {0};
	for (uint16_t i = 0; i < 50; i++)
		see(&c, i, 0);
	see(&c, 30000, 0); /* a single wild one is no packet of this stream */
	see(&c, 50, 0);
	EXPECT(rtp_count_received(&c) == 51 && rtp_count_lost(&c) == 0);
	see(&c, 40000, 0);
	see(&c, 40001, 0);
	see(&c, 40002, 0);
	EXPECT(rtp_count_received(&c) == 53 && rtp_count_lost(&c) == 0);
	struct rtp r = {.seq = 5, .ssrc = 2}; /* another stream begins, sums go on */
	rtp_count_see(&c, &r, 0);
	EXPECT(rtp_count_received(&c) == 54 && rtp_count_lost(&c) == 0);
}

TEST(rtp_count_jitter_is_that_of_rfc_3550)
{
	struct rtp_count c = {0};
	for (uint16_t i = 0; i < 500; i++)
		see(&c, i, 0);
	EXPECT(rtp_count_jitter_us(&c) == 0);
	/* every second packet 8 ms late: |D| is always 8 ms, which J approaches */
	for (uint16_t i = 500; i < 1000; i++)
		see(&c, i, i % 2 ? 8000 : 0);
	EXPECT(rtp_count_jitter_us(&c) > 7500 && rtp_count_jitter_us(&c) <= 8000);
}

TEST(rtcp_report_is_read_by_the_one_it_is_about)
{
	struct rtp_count c = {0};
	uint8_t p[RTCP_MAX];
	struct rtcp_in in;
	for (uint16_t i = 0; i < 100; i++)
		if (i % 4)
			see(&c, i, 0);
	c.ssrc = 77;
	struct rtcp_out o = {
		.ssrc = 0xabcd1234, .sent = true, .ntp = 0x1122334455667788, .packets = 9};
	size_t n = rtcp_write(p, &o, &c);
	EXPECT(n == 28 + 24 + 24 && n % 4 == 0);
	EXPECT(rtcp_parse(str_make((char *)p, n), 77, &in) == ERR_OK);
	EXPECT(in.has_sr && in.ssrc == 0xabcd1234 && in.sr_middle == 0x33445566);
	EXPECT(in.has_block && in.lost == 24 && in.lost_share == 24 * 256 / 99);
	EXPECT(rtcp_parse(str_make((char *)p, n), 78, &in) == ERR_OK && !in.has_block);
	n = rtcp_write(p, &o, &c); /* nothing since: no loss in this interval */
	EXPECT(rtcp_parse(str_make((char *)p, n), 77, &in) == ERR_OK && in.lost_share == 0);
	o.sent = false;
	n = rtcp_write(p, &o, &c);
	EXPECT(p[1] == 201 && n == 8 + 24 + 24);
	for (size_t cut = 0; cut < n; cut++)
		if (cut != 32) /* the first packet alone is whole */
			EXPECT(rtcp_parse(str_make((char *)p, cut), 77, &in) == ERR_INVALID);
	p[0] |= 31; /* more blocks than bytes */
	EXPECT(rtcp_parse(str_make((char *)p, n), 77, &in) == ERR_INVALID);
}
