/* sdp_test.c - sound descriptions: RFC 4566 and 3264. */
#include "sip/world_test.h"

TEST(an_offer_is_read)
{
	struct sdp_audio a;
	EXPECT(sdp_parse(STR("v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
			     "t=0 0\r\na=sendonly\r\nm=audio 4000 RTP/AVP 8 0 99 101 98\r\n"
			     "a=rtpmap:99 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n"
			     "a=ptime:30\r\nm=video 1 RTP/AVP 31\r\na=sendrecv\r\n"),
			 &a) == ERR_OK);
	EXPECT_STR(a.address, "192.0.2.1");
	EXPECT(a.port == 4000 && a.codec_count == 4 && a.ptime_ms == 30 && a.extra_media == 1);
	EXPECT_STR(a.codecs[0].name, "PCMA");
	EXPECT_STR(a.codecs[1].name, "PCMU");
	EXPECT_STR(a.codecs[2].name, "opus");
	EXPECT(a.codecs[2].rate == 48000 && a.codecs[2].pt == 99);
	EXPECT_STR(a.codecs[3].name, "telephone-event");
	EXPECT(a.direction == SDP_SENDONLY); /* the session's, for the stream says nothing */
}

TEST(directions_and_holds)
{
	static const struct {
		const char *c, *attribute;
		enum sdp_direction want;
	} cases[] = {
		{"192.0.2.1", "sendrecv", SDP_SENDRECV}, {"192.0.2.1", "sendonly", SDP_SENDONLY},
		{"192.0.2.1", "recvonly", SDP_RECVONLY}, {"192.0.2.1", "inactive", SDP_INACTIVE},
		{"192.0.2.1", "x", SDP_SENDRECV},	 {"0.0.0.0", "x", SDP_SENDONLY},
		{"0.0.0.0", "inactive", SDP_INACTIVE},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[256];
		struct sdp_audio a;
		struct buf b = buf_make(text, sizeof text);
		buf_fmt(&b, "v=0\nm=audio 4000 RTP/AVP 8\nc=IN IP4 %s\na=%s\n", cases[i].c,
			cases[i].attribute);
		EXPECT(sdp_parse(buf_str(&b), &a) == ERR_OK && a.direction == cases[i].want);
		EXPECT_STR(a.address, cases[i].c);
	}
}

TEST(descriptions_that_are_none)
{
	static const struct {
		const char *text;
		enum err e;
	} cases[] = {
		{"", ERR_INVALID},
		{"hello", ERR_INVALID},
		{"v=1\nm=audio 1 RTP/AVP 8\nc=IN IP4 1.2.3.4\n", ERR_INVALID},
		{"v=0\n", ERR_UNSUPPORTED},
		{"v=0\nc=IN IP4 1.2.3.4\nm=video 1 RTP/AVP 31\n", ERR_UNSUPPORTED},
		{"v=0\nc=IN IP4 1.2.3.4\nm=audio 1 UDP/TLS/RTP/SAVPF 8\n", ERR_UNSUPPORTED},
		{"v=0\nm=audio 1 RTP/AVP 8\n", ERR_INVALID}, /* no address */
		{"v=0\nc=IN IP4 1.2.3.4\nm=audio 65536 RTP/AVP 8\n", ERR_INVALID},
		{"v=0\nc=IN IP4 1.2.3.4\nm=audio 1 RTP/AVP 128\n", ERR_INVALID},
		{"v=0\nc=IN IP4 1.2.3.4\nm=audio 1 RTP/AVP\n", ERR_INVALID},
		{"v=0\nc=IN IP4\nm=audio 1 RTP/AVP 8\n", ERR_INVALID},
		{"v=0\nnonsense\nm=audio 1 RTP/AVP 8\n", ERR_INVALID},
		{"v=0\nm=audio 0 RTP/AVP 8\n", ERR_OK}, /* refused: needs no address */
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct sdp_audio a;
		EXPECT(sdp_parse(str_of(cases[i].text), &a) == cases[i].e);
	}
}

TEST(many_codecs_and_media_stay_within_their_places)
{
	struct buf b = buf_grow(1024);
	struct sdp_audio a;
	buf_c(&b, "v=0\nc=IN IP4 1.2.3.4\nm=audio 1 RTP/AVP");
	for (int i = 0; i < 200; i++)
		buf_fmt(&b, " %d", i % 128);
	buf_c(&b, "\n");
	for (int i = 0; i < 128; i++)
		buf_fmt(&b, "a=rtpmap:%d X%d/8000\n", i, i);
	EXPECT(sdp_parse(buf_str(&b), &a) == ERR_OK && a.codec_count == SDP_CODEC_MAX);
	for (int i = 0; i < SDP_MEDIA_MAX - 1; i++)
		buf_c(&b, "m=video 1 RTP/AVP 31\n");
	EXPECT(sdp_parse(buf_str(&b), &a) == ERR_OK && a.extra_media == SDP_MEDIA_MAX - 1);
	buf_c(&b, "m=video 1 RTP/AVP 31\n");
	EXPECT(sdp_parse(buf_str(&b), &a) == ERR_INVALID);
	buf_free(&b);
}

TEST(what_is_written_is_read_back)
{
	char text[2048];
	struct buf b = buf_make(text, sizeof text);
	struct sdp_audio a = sound(4321), r;
	a.direction = SDP_RECVONLY;
	a.ptime_ms = 20;
	a.extra_media = 2;
	a.codecs[a.codec_count++] = (struct sdp_codec){STR("opus"), 48000, 111, STR_NONE};
	sdp_write(&b, &a, 77, 3);
	EXPECT(has(buf_str(&b), "o=- 77 3 IN IP4 192.0.2.77\r\n"));
	EXPECT(has(buf_str(&b), "a=rtpmap:111 opus/48000/2\r\n"));
	EXPECT(sdp_parse(buf_str(&b), &r) == ERR_OK);
	EXPECT(r.port == 4321 && r.codec_count == 3 && r.direction == SDP_RECVONLY);
	EXPECT(r.ptime_ms == 20 && r.extra_media == 2);
	for (uint32_t i = 0; i < 3; i++)
		EXPECT(str_eq(r.codecs[i].name, a.codecs[i].name) &&
		       r.codecs[i].pt == a.codecs[i].pt && r.codecs[i].rate == a.codecs[i].rate);
	b.n = 0;
	a.address = STR("2001:db8::1");
	sdp_write(&b, &a, 77, 3);
	EXPECT(has(buf_str(&b), "c=IN IP6 2001:db8::1\r\n"));
}

/* RFC 4568 sections 9.1 and 10, the first lines of its examples. */
TEST(keys_are_read_and_written)
{
	struct sdp_audio a, again;
	char text[2048];
	struct buf b = buf_make(text, sizeof text);
	struct str body = STR(
		"v=0\r\nc=IN IP4 168.2.17.12\r\nm=audio 49170 RTP/SAVP 0 96\r\n"
		"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1; stereo=0\r\n"
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
		"inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4 FEC_ORDER=FEC_SRTP\r\n"
		"a=crypto:2 AES_CM_128_HMAC_SHA1_32 "
		"inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj|2^20|1:32\r\n"
		"a=crypto:3 AES_CM_128_HMAC_SHA1_32 "
		"inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj|2^20|66051:4\r\n"
		"a=crypto:4 AEAD_AES_128_GCM inline:AAAA WSH=128\r\n"
		"a=crypto:5 AEAD_AES_128_GCM inline:AAAA;inline:BBBB\r\n"
		"a=crypto:6 AEAD_AES_128_GCM inline:\r\n"
		"a=crypto:x AEAD_AES_128_GCM inline:AAAA\r\n"
		"a=crypto:7 AEAD_AES_128_GCM inline:AA\tAA\r\n"
		"a=crypto:8 AEAD_AES_128_GCM uri:AAAA\r\n");
	EXPECT(sdp_parse(body, &a) == ERR_OK && a.secure && a.crypto_count == 2);
	EXPECT(a.cryptos[0].tag == 3 && a.cryptos[0].mki == 66051 && a.cryptos[0].mki_n == 4);
	EXPECT_STR(a.cryptos[0].suite, "AES_CM_128_HMAC_SHA1_32");
	EXPECT_STR(a.cryptos[0].key, "NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj");
	EXPECT(a.cryptos[1].tag == 4 && !a.cryptos[1].mki_n);
	EXPECT_STR(a.codecs[1].fmtp, "useinbandfec=1; stereo=0");
	sdp_write(&b, &a, 1, 1);
	EXPECT(has(buf_str(&b), "m=audio 49170 RTP/SAVP 0 96\r\n"));
	EXPECT(has(buf_str(&b), "a=fmtp:96 useinbandfec=1; stereo=0\r\n"));
	EXPECT(has(buf_str(&b), "pX1Zj|66051:4\r\n"));
	EXPECT(sdp_parse(buf_str(&b), &again) == ERR_OK && again.crypto_count == 2);
	EXPECT(str_eq(again.cryptos[0].key, a.cryptos[0].key));
	/* a wish: keys on a plain line */
	EXPECT(sdp_parse(STR("v=0\nc=IN IP4 1.2.3.4\nm=audio 1 RTP/AVP 0\n"
			     "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA\n"),
			 &a) == ERR_OK);
	EXPECT(!a.secure && a.crypto_count == 1);
}

/* T.38 (RFC 3362, RFC 3264 section 6): fax alone is not ours; beside sound it is refused alone. */
TEST(fax_is_refused_and_sound_stays)
{
	struct sdp_audio a;
	char text[SDP_LAYOUT_MAX], out[1024];
	struct buf layout = buf_make(text, sizeof text), b = buf_make(out, sizeof out);
	struct str both = STR("v=0\r\nc=IN IP4 1.2.3.4\r\nm=audio 4000 RTP/AVP 8\r\n"
			      "m=image 4002 udptl t38\r\na=T38FaxVersion:0\r\n");
	EXPECT(sdp_parse(STR("v=0\r\nc=IN IP4 1.2.3.4\r\nm=image 4002 udptl t38\r\n"), &a) ==
	       ERR_UNSUPPORTED);
	EXPECT(sdp_parse(both, &a) == ERR_OK && a.port == 4000 && a.extra_media == 1);
	EXPECT(sdp_layout(both, &layout) == ERR_OK);
	a.port = 5000;
	sdp_write_layout(&b, &a, 1, 1, buf_str(&layout));
	EXPECT(has(buf_str(&b), "m=audio 5000 RTP/AVP 8\r\n"));
	EXPECT(has(buf_str(&b), "m=image 0 udptl t38\r\n"));
}
