/*
 * sdp_fuzz.c - any bytes as a sound description.
 *
 * Law: what is accepted lies inside what came in, and what is written of it is read back the same.
 */
#include "sip/sdp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char room[65536], layout_room[SDP_LAYOUT_MAX];
	struct str all = str_make((const char *)data, size);
	struct buf b = buf_make(room, sizeof room);
	struct buf layout = buf_make(layout_room, sizeof layout_room);
	struct sdp_audio a, again;
	if (sdp_parse(all, &a) != ERR_OK)
		return 0;
	CHECK(a.codec_count <= SDP_CODEC_MAX && a.extra_media < SDP_MEDIA_MAX);
	for (uint32_t i = 0; i < a.codec_count; i++)
		CHECK(a.codecs[i].rate > 0 && a.codecs[i].name.n > 0 && a.codecs[i].pt < 128);
	for (uint32_t i = 0; i < a.crypto_count; i++)
		CHECK(a.cryptos[i].key.n > 0 && a.cryptos[i].key.p >= all.p &&
		      a.cryptos[i].mki_n <= 4);
	if (a.address.n)
		CHECK(a.address.p >= all.p && a.address.p + a.address.n <= all.p + all.n);
	if (sdp_layout(all, &layout) != ERR_OK)
		return 0;
	sdp_write_layout(&b, &a, 1, 1, buf_str(&layout));
	CHECK(!b.full && sdp_parse(buf_str(&b), &again) == ERR_OK);
	CHECK(again.port == a.port &&
	      again.codec_count == MAX(a.codec_count, a.codec_count ? 0 : 1));
	CHECK(again.extra_media == a.extra_media && again.secure == a.secure);
	CHECK(!a.port || again.crypto_count == a.crypto_count);
	for (uint32_t i = 0; i < again.crypto_count; i++)
		CHECK(str_eq(again.cryptos[i].key, a.cryptos[i].key) &&
		      str_eq(again.cryptos[i].suite, a.cryptos[i].suite) &&
		      again.cryptos[i].mki == a.cryptos[i].mki);
	CHECK(!a.port || again.direction == a.direction);
	return 0;
}
