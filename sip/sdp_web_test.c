/* sdp_web_test.c - offers of browsers and the answers to them: RFC 9429, 8839, 8842, 9143. */
#include "sip/sdp_web.h"
#include "sip/world_test.h"

#define PRINT                                                                                      \
	"5B:0A:6C:9C:E8:51:94:01:8E:17:2A:57:E0:CD:DA:4B:0B:B9:8A:4F:33:AC:F2:3B:0D:1F:57:33:9D:"  \
	"21:7C:E4"

/* As Chromium 120 describes one microphone. */
static const char chromium[] =
	"v=0\r\n"
	"o=- 4611731400430051336 2 IN IP4 127.0.0.1\r\n"
	"s=-\r\n"
	"t=0 0\r\n"
	"a=group:BUNDLE 0\r\n"
	"a=extmap-allow-mixed\r\n"
	"a=msid-semantic: WMS 4c2b7f3e-6b2e-4f57-8f8a-1f6c4d0b9a11\r\n"
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\n"
	"c=IN IP4 0.0.0.0\r\n"
	"a=rtcp:9 IN IP4 0.0.0.0\r\n"
	"a=ice-ufrag:s2F+\r\n"
	"a=ice-pwd:Vh4lF5Y1Jd0f2q3Kp7m8Zb9n\r\n"
	"a=ice-options:trickle\r\n"
	"a=fingerprint:sha-256 " PRINT "\r\n"
	"a=setup:actpass\r\n"
	"a=mid:0\r\n"
	"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
	"a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
	"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
	"a=sendrecv\r\n"
	"a=msid:4c2b7f3e-6b2e-4f57-8f8a-1f6c4d0b9a11 1f0e2d3c-aaaa-bbbb-cccc-000011112222\r\n"
	"a=rtcp-mux\r\n"
	"a=rtcp-rsize\r\n"
	"a=rtpmap:111 opus/48000/2\r\n"
	"a=rtcp-fb:111 transport-cc\r\n"
	"a=fmtp:111 minptime=10;useinbandfec=1\r\n"
	"a=rtpmap:63 red/48000/2\r\n"
	"a=fmtp:63 111/111\r\n"
	"a=rtpmap:9 G722/8000\r\n"
	"a=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:8 PCMA/8000\r\n"
	"a=rtpmap:13 CN/8000\r\n"
	"a=rtpmap:110 telephone-event/48000\r\n"
	"a=rtpmap:126 telephone-event/8000\r\n"
	"a=ssrc:2231627014 cname:pSxqmKvdW+8bNdPA\r\n"
	"a=ssrc:2231627014 msid:4c2b7f3e-6b2e-4f57-8f8a-1f6c4d0b9a11 1f0e2d3c-aaaa\r\n"
	"a=candidate:1467250027 1 udp 2122260223 192.0.2.77 46243 typ host generation 0\r\n"
	"a=candidate:435653019 1 tcp 1845501695 192.0.2.77 9 typ host tcptype active\r\n";

/* As Firefox 115 does, with a camera and a data channel offered beside it. */
static const char firefox[] =
	"v=0\r\n"
	"o=mozilla...THIS_IS_SDPARTA-99.0 7366384736514021842 0 IN IP4 0.0.0.0\r\n"
	"s=-\r\n"
	"t=0 0\r\n"
	"a=sendrecv\r\n"
	"a=fingerprint:sha-256 " PRINT "\r\n"
	"a=group:BUNDLE cam mic dc\r\n"
	"a=ice-options:trickle\r\n"
	"a=msid-semantic:WMS *\r\n"
	"m=video 9 UDP/TLS/RTP/SAVPF 120 124\r\n"
	"c=IN IP4 0.0.0.0\r\n"
	"a=ice-pwd:ffffffffffffffffffffffffffffffff\r\n"
	"a=ice-ufrag:00000000\r\n"
	"a=mid:cam\r\n"
	"a=setup:actpass\r\n"
	"a=rtpmap:120 VP8/90000\r\n"
	"m=audio 9 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r\n"
	"c=IN IP4 0.0.0.0\r\n"
	"a=sendrecv\r\n"
	"a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
	"a=extmap:2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level\r\n"
	"a=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1\r\n"
	"a=fmtp:101 0-15\r\n"
	"a=ice-pwd:3a0ed6dc7bd2f4a54c7ecb2b3d9ff18e\r\n"
	"a=ice-ufrag:c9a1d0f3\r\n"
	"a=mid:mic\r\n"
	"a=msid:{1c7d0f1e-9a6e-4f4c} {b53c2c58-8a31-4d67}\r\n"
	"a=rtcp-mux\r\n"
	"a=rtpmap:109 opus/48000/2\r\n"
	"a=rtpmap:9 G722/8000/1\r\n"
	"a=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:8 PCMA/8000\r\n"
	"a=rtpmap:101 telephone-event/8000/1\r\n"
	"a=setup:actpass\r\n"
	"a=ssrc:1432566384 cname:{c2b3a1f0-1111-2222}\r\n"
	"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
	"c=IN IP4 0.0.0.0\r\n"
	"a=sendrecv\r\n"
	"a=mid:dc\r\n"
	"a=sctp-port:5000\r\n";

static struct sdp_web parsed(const char *text)
{
	struct sdp_web o = {0};
	const char *why = NULL;
	enum err e = sdp_web_parse(str_of(text), &o, &why);
	EXPECT(e == ERR_OK && !why);
	return o;
}

TEST(what_chromium_offers_is_understood)
{
	struct sdp_web o = parsed(chromium);
	EXPECT_STR(o.ufrag, "s2F+");
	EXPECT_STR(o.fingerprint, "sha-256 " PRINT);
	EXPECT_STR(o.mid, "0");
	EXPECT(o.bundled && o.audio.direction == SDP_SENDRECV && !o.audio.extra_media);
	EXPECT(o.audio.codec_count == 8);
	EXPECT_STR(o.audio.codecs[0].name, "opus");
	EXPECT_STR(o.audio.codecs[7].name, "telephone-event");
}

TEST(what_firefox_offers_is_understood)
{
	struct sdp_web o = parsed(firefox);
	EXPECT_STR(o.ufrag, "c9a1d0f3"); /* not the camera's */
	EXPECT_STR(o.fingerprint, "sha-256 " PRINT);
	EXPECT_STR(o.mid, "mic");
	EXPECT(o.bundled && o.audio.extra_media == 2);
	EXPECT(o.audio.direction == SDP_SENDRECV); /* 0.0.0.0 is no hold here */
}

static struct str answer_to(const struct sdp_web *o, struct buf *out)
{
	static const struct str addresses[] = {{"192.0.2.5", 9}, {"2001:db8::5", 11}};
	struct sdp_audio chosen = {.direction = SDP_SENDRECV, .ptime_ms = 20, .codec_count = 2};
	chosen.codecs[0] = (struct sdp_codec){STR("opus"), 48000, o->audio.codecs[0].pt,
					      STR("useinbandfec=1")};
	chosen.codecs[1] = (struct sdp_codec){STR("telephone-event"), 8000, 101, STR_NONE};
	sdp_web_answer(out, o,
		       &(struct sdp_web_answer){.audio = &chosen,
						.addresses = addresses,
						.address_count = 2,
						.port = 20000,
						.ufrag = STR("abcd1234"),
						.password = STR("0123456789abcdef01234567"),
						.fingerprint = STR("sha-256 " PRINT),
						.session_id = 77});
	EXPECT(!out->full);
	return buf_str(out);
}

TEST(the_answer_of_an_ice_lite_server)
{
	char room[SDP_WEB_BYTES];
	struct buf b = buf_make(room, sizeof room);
	struct sdp_web o = parsed(chromium);
	EXPECT_STR(answer_to(&o, &b),
		   "v=0\r\n"
		   "o=- 77 1 IN IP4 0.0.0.0\r\n"
		   "s=-\r\n"
		   "t=0 0\r\n"
		   "a=ice-lite\r\n"
		   "a=group:BUNDLE 0\r\n"
		   "m=audio 20000 UDP/TLS/RTP/SAVPF 111 101\r\n"
		   "c=IN IP4 192.0.2.5\r\n"
		   "a=mid:0\r\n"
		   "a=rtcp-mux\r\n"
		   "a=ice-ufrag:abcd1234\r\n"
		   "a=ice-pwd:0123456789abcdef01234567\r\n"
		   "a=fingerprint:sha-256 " PRINT "\r\n"
		   "a=setup:passive\r\n"
		   "a=sendrecv\r\n"
		   "a=msid:centrala sound\r\n"
		   "a=rtpmap:111 opus/48000/2\r\n"
		   "a=fmtp:111 useinbandfec=1\r\n"
		   "a=rtpmap:101 telephone-event/8000\r\n"
		   "a=fmtp:101 0-15\r\n"
		   "a=ptime:20\r\n"
		   "a=candidate:1 1 udp 2130706431 192.0.2.5 20000 typ host\r\n"
		   "a=candidate:2 1 udp 2130706175 2001:db8::5 20000 typ host\r\n"
		   "a=end-of-candidates\r\n");
}

/* RFC 9429 section 5.3.1: as many m= lines, in their order, with their mids; a refused one is in
 * no group (RFC 9143 section 7.3.3). */
TEST(other_streams_are_refused_in_their_places)
{
	char room[SDP_WEB_BYTES];
	struct buf b = buf_make(room, sizeof room);
	struct sdp_web o = parsed(firefox);
	struct str text = answer_to(&o, &b);
	static const char *const order[] = {
		"a=group:BUNDLE mic\r\n",
		"m=video 0 UDP/TLS/RTP/SAVPF 120\r\nc=IN IP4 "
		"0.0.0.0\r\na=mid:cam\r\na=inactive\r\n",
		"m=audio 20000 UDP/TLS/RTP/SAVPF 109 101\r\n",
		"a=mid:mic\r\n",
		"m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
		"a=mid:dc\r\na=inactive\r\n",
	};
	const char *at = text.p;
	room[text.n] = 0;
	for (size_t i = 0; i < COUNT_OF(order); i++) {
		at = strstr(at, order[i]);
		EXPECT(at != NULL);
	}
}

/* `cut` of a good offer is replaced by `put`. */
TEST(what_cannot_be_answered_says_why)
{
	static const struct {
		const char *cut, *put, *why;
		enum err e;
	} cases[] = {
		{"v=0", "v=1", "not a description (SDP)", ERR_INVALID},
		{"UDP/TLS/RTP/SAVPF", "RTP/AVP", "no sound over UDP/TLS/RTP/SAVPF",
		 ERR_UNSUPPORTED},
		{"m=audio 9", "m=audio 0", "its sound is refused (port 0)", ERR_UNSUPPORTED},
		{"a=ice-ufrag:s2F+", "a=x", "no ice-ufrag and ice-pwd", ERR_UNSUPPORTED},
		{"a=ice-ufrag:s2F+", "a=ice-ufrag:s2F", "no ice-ufrag and ice-pwd",
		 ERR_UNSUPPORTED},
		{"a=ice-ufrag:s2F+", "a=ice-ufrag:s2 F+", "no ice-ufrag and ice-pwd",
		 ERR_UNSUPPORTED},
		{"a=ice-pwd:Vh4lF", "a=ice-pwd:V", "no ice-ufrag and ice-pwd", ERR_UNSUPPORTED},
		{"sha-256", "sha-1", "no fingerprint of SHA-256", ERR_UNSUPPORTED},
		{"sha-256 5B:0A", "sha-256 5B-0A", "no fingerprint of SHA-256", ERR_UNSUPPORTED},
		{"sha-256 5B:0A", "sha-256 0A", "no fingerprint of SHA-256", ERR_UNSUPPORTED},
		{"actpass", "passive", "its DTLS does not begin (setup)", ERR_UNSUPPORTED},
		{"actpass", "holdconn", "its DTLS does not begin (setup)", ERR_UNSUPPORTED},
		{"a=rtcp-mux", "a=rtcp-mix", "no rtcp-mux", ERR_UNSUPPORTED},
		{"a=mid:0", "a=mid:a b", "a=mid is not a name", ERR_INVALID},
	};
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char text[sizeof chromium + 64];
		struct buf b = buf_make(text, sizeof text);
		const char *at = strstr(chromium, cases[i].cut), *why = NULL;
		struct sdp_web o;
		buf_put(&b, str_make(chromium, (size_t)(at - chromium)));
		buf_c(&b, cases[i].put);
		buf_c(&b, at + strlen(cases[i].cut));
		EXPECT(sdp_web_parse(buf_str(&b), &o, &why) == cases[i].e);
		EXPECT_STR(str_of(why ? why : "none"), cases[i].why);
	}
}

TEST(a_browser_that_begins_itself_and_speaks_of_no_group)
{
	char text[sizeof chromium], room[SDP_WEB_BYTES];
	struct buf b = buf_make(room, sizeof room);
	memcpy(text, chromium, sizeof text);
	memcpy(strstr(text, "actpass"), "active ", 7);
	memcpy(strstr(text, "a=group:BUNDLE 0"), "a=groups:none   ", 16);
	struct sdp_web o = parsed(text);
	EXPECT(!o.bundled);
	struct str answer = answer_to(&o, &b);
	room[answer.n] = 0;
	EXPECT(!strstr(room, "BUNDLE") && strstr(room, "a=setup:passive\r\n"));
}
