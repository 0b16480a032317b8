/* rtcp_fuzz.c - compound packets from anywhere, and what we write about what came. Laws: what is
 * ours is understood by ourselves; a block is told only of our own stream. */
#include "rtp/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str whole = str_make((const char *)data, size);
	struct rtcp_in in = {.has_bye = true}, again;
	struct rtp_count count = {0};
	uint32_t ours = 1;
	if (size >= 12) /* so that blocks about us are found */
		memcpy(&ours, data + size - 4, sizeof ours);
	if (rtcp_parse(whole, ours, &in) == ERR_OK)
		CHECK(size >= 8 && (in.has_block || !in.last_sr));
	/* a row of numbers and times, three bytes each */
	int64_t now_us = 0;
	for (size_t i = 0; i + 3 <= size; i += 3) {
		struct rtp r = {.seq = (uint16_t)(data[i] << 8 | data[i + 1]),
				.ts = (uint32_t)data[i + 2] << 24,
				.ssrc = data[i] & 1};
		now_us += data[i + 2] * 100;
		rtp_count_see(&count, &r, now_us);
	}
	uint8_t report[RTCP_MAX];
	struct rtcp_out o = {.ssrc = ours, .sent = size & 1, .packets = (uint32_t)size};
	size_t n = rtcp_write(report, &o, &count);
	CHECK(n <= RTCP_MAX &&
	      rtcp_parse(str_make((char *)report, n), count.ssrc, &again) == ERR_OK);
	CHECK(again.has_block == count.started && again.has_sr == o.sent && again.ssrc == ours);
	return 0;
}
