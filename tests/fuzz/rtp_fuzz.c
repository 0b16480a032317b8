/* rtp_fuzz.c - packets from anywhere: RTP, RTCP, digits, the jitter buffer, WAV files. Laws: a
 * payload lies inside its packet; a digit is told at most twice a packet; nothing reads outside. */
#include "rtp/digit.h"
#include "audio/jitter.h"
#include "rtp/rtp.h"
#include "rtp/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input is a row of packets, each after a byte of length. */
static void hear_row(struct str rest)
{
	static struct jitter jitter;
	struct rtp_count count = {0};
	struct digit_in digits = {0};
	struct source source = {0};
	struct addr sdp = {0}, from = {0};
	int16_t pcm[JITTER_MAX], out[SOUND_FRAME];
	int64_t now_us = 1000000;
	CHECK(addr_parse(STR("192.0.2.1"), 4000, &sdp) == ERR_OK);
	source_expect(&source, &sdp);
	jitter_init(&jitter);
	while (rest.n) {
		size_t n = (uint8_t)rest.p[0];
		struct str packet = str_head(str_from(rest, 1), n);
		struct rtp r;
		rest = str_from(rest, 1 + packet.n);
		now_us += (int64_t)n * 1000;
		if (rtp_parse(packet, &r) != ERR_OK)
			continue;
		CHECK(r.payload.p >= packet.p &&
		      r.payload.p + r.payload.n ==
			      packet.p + packet.n -
				      (packet.p[0] & 0x20 ? (uint8_t)packet.p[packet.n - 1] : 0));
		from = sdp;
		addr_set_port(&from, (uint16_t)(r.ssrc & 3));
		(void)source_see(&source, &from, r.ssrc, r.seq, now_us / 1000);
		rtp_count_see(&count, &r, now_us);
		CHECK(rtp_count_lost(&count) <= 0x7fffffff);
		struct digit_told told[2];
		CHECK(digit_in_see(&digits, &r, now_us / 1000, told) <= 2);
		(void)digit_in_late(&digits, now_us / 1000 + 100, told);
		size_t samples = MIN(r.payload.n, COUNT_OF(pcm));
		sound_decode(SOUND_PCMA, (const uint8_t *)r.payload.p, pcm, samples);
		jitter_put(&jitter, r.ssrc, r.ts, pcm, (uint32_t)samples);
		jitter_take(&jitter, out, SOUND_FRAME);
	}
	uint8_t report[RTCP_MAX];
	struct rtcp_out o = {.ssrc = 1, .sent = true};
	struct rtcp_in in;
	size_t n = rtcp_write(report, &o, &count);
	CHECK(n <= RTCP_MAX && rtcp_parse(str_make((char *)report, n), count.ssrc, &in) == ERR_OK);
	CHECK(in.has_block == count.started);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = str_make((const char *)data, size);
	struct rtcp_in in;
	struct wav w;
	hear_row(whole);
	(void)rtcp_parse(whole, 1, &in);
	if (sound_wav_parse(whole, &w) == ERR_OK) {
		CHECK(w.data.p >= whole.p && w.data.p + w.data.n <= whole.p + whole.n);
		CHECK(w.data.n == sound_wav_frames(&w) * 2 * w.channels);
	}
	return 0;
}
