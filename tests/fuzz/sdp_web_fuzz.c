/*
 * sdp_web_fuzz.c - any bytes as a browser's offer.
 *
 * Law: what is accepted lies inside what came in and is answered within its limit, with as many m=
 * lines as it has, and no line of it begins one of ours.
 */
#include "sip/sdp_web.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t media_lines(struct str s)
{
	uint32_t n = 0;
	struct sdp_media m;
	for (struct str line; str_line(&s, &line);)
		n += str_starts(line, STR("m=")) && sdp_media_split(str_from(line, 2), &m);
	return n;
}

static bool inside(struct str part, struct str all)
{
	return !part.n || (part.p >= all.p && part.p + part.n <= all.p + all.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char room[SDP_WEB_BYTES];
	static const struct str addresses[] = {{"192.0.2.5", 9}, {"2001:db8::5", 11}};
	struct str all = str_make((const char *)data, size);
	struct buf b = buf_make(room, sizeof room);
	struct sdp_web o;
	const char *why = NULL;
	struct sdp_audio chosen = {.codec_count = 1, .codecs = {{{"PCMA", 4}, 8000, 8, STR_NONE}}};
	enum err e = sdp_web_parse(all, &o, &why);
	CHECK((e == ERR_OK) == !why);
	if (e != ERR_OK)
		return 0;
	CHECK(inside(o.ufrag, all) && inside(o.fingerprint, all) && inside(o.mid, all));
	CHECK(o.ufrag.n >= 4 && o.fingerprint.n == 103 && o.audio.codec_count <= SDP_CODEC_MAX);
	sdp_web_answer(&b, &o,
		       &(struct sdp_web_answer){.audio = &chosen,
						.addresses = addresses,
						.address_count = 2,
						.port = 65535,
						.ufrag = STR("abcd1234"),
						.password = STR("0123456789abcdef01234567"),
						.fingerprint = o.fingerprint});
	CHECK(!b.full && media_lines(buf_str(&b)) == media_lines(all));
	return 0;
}
