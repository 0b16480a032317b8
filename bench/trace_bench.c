/*
 * trace_bench.c - what the trace of SIP messages (docs/decisions/0060) costs a call, and how much
 * of it is the masking of what must not be written.
 *
 *   make O=build && cc -O2 -g -std=gnu11 -D_GNU_SOURCE -I. -o trace_bench bench/trace_bench.c \
 *      $(ls build/obj/{base,sip,core}/[a-z]*.o | grep -v _test) -lcrypto -lm
 *   ./trace_bench FILE           (FILE: the trace, on the disk that is to be looked at)
 *
 * A call through a queue is two dialogs of seven messages and two legs. Processor time, of 16 MiB
 * that are gone round many times.
 */
#include <stdio.h>
#include <time.h>

#include "channel/voice/trace.c"

enum { CALLS = 20000 };

#define HEAD                                                                                       \
	"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-524287-1---a3f2b9c1d4e5f607;rport\r\n"    \
	"From: \"Anna Nowak\" <sip:+48501501501@carrier.example>;tag=8f3b2a1c\r\n"                 \
	"To: <sip:+48221234567@192.0.2.1:5060>;tag=5d6e7f80\r\n"                                   \
	"Call-ID: 7b3c9a10-52f1-4e0d-9d1a-3c5b7a9e1f20@192.0.2.10\r\n"                             \
	"Contact: <sip:+48501501501@192.0.2.10:5060;transport=udp>\r\n"                            \
	"Max-Forwards: 70\r\nUser-Agent: carrier 4.2\r\nAllow: INVITE, ACK, BYE, CANCEL, "         \
	"OPTIONS, "                                                                                \
	"UPDATE, PRACK, INFO, REFER, NOTIFY\r\nSupported: 100rel, timer, replaces\r\n"
#define SDP                                                                                        \
	"Content-Type: application/sdp\r\nContent-Length: 300\r\n\r\nv=0\r\no=- 20518 0 IN IP4 "   \
	"192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 9 101\r\n"  \
	"a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:9 G722/8000\r\n"                 \
	"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
#define NONE "Content-Length: 0\r\n\r\n"

static const char *const dialog[] = {
	"INVITE sip:+48221234567@192.0.2.1:5060 SIP/2.0\r\n" HEAD "CSeq: 1 INVITE\r\n" SDP,
	"SIP/2.0 100 Trying\r\n" HEAD "CSeq: 1 INVITE\r\n" NONE,
	"SIP/2.0 180 Ringing\r\n" HEAD "CSeq: 1 INVITE\r\n" NONE,
	"SIP/2.0 200 OK\r\n" HEAD "CSeq: 1 INVITE\r\n" SDP,
	"ACK sip:+48221234567@192.0.2.1:5060 SIP/2.0\r\n" HEAD "CSeq: 1 ACK\r\n" NONE,
	"BYE sip:+48221234567@192.0.2.1:5060 SIP/2.0\r\n" HEAD "CSeq: 2 BYE\r\n" NONE,
	"SIP/2.0 200 OK\r\n" HEAD "CSeq: 2 BYE\r\n" NONE,
};

static double cpu_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* As trace_message, with nothing looked at and nothing hidden. */
static void as_it_is(struct trace *t, const struct sip_address *peer, struct str bytes)
{
	char room[ENTRY_MAX], text[80];
	struct buf b = buf_make(room, sizeof room), p = buf_make(text, sizeof text);
	sip_address_text(peer, &p);
	put_u32(&b, 0);
	put_u8(&b, ENTRY_MESSAGE);
	put_i64(&b, 1);
	put_u8(&b, 0);
	put_word(&b, buf_str(&p));
	put_word(&b, STR("7b3c9a10-52f1-4e0d-9d1a-3c5b7a9e1f20@192.0.2.10"));
	put_text(&b, bytes);
	append(t, &b);
}

static double per_call_us(struct trace *t, bool masked)
{
	const struct sip_address peer = {0};
	const double from = cpu_us();
	for (uint32_t i = 0; i < CALLS; i++) {
		for (size_t m = 0; m < 2 * COUNT_OF(dialog); m++) {
			const struct str bytes = str_of(dialog[m % COUNT_OF(dialog)]);
			if (masked)
				trace_message(t, 1, m & 1, &peer, bytes);
			else
				as_it_is(t, &peer, bytes);
		}
		trace_leg(t, 1, (struct uuid){{1}}, STR("7b3c9a10@192.0.2.10"), PARTY_customer,
			  STR("carrier"));
		trace_leg(t, 1, (struct uuid){{1}}, STR("7b3c9a11@192.0.2.10"), PARTY_agent,
			  STR("anna"));
	}
	return (cpu_us() - from) / CALLS;
}

int main(int argc, char **argv)
{
	struct trace *t = trace_open(str_of(argc > 1 ? argv[1] : "trace_bench.trace"), 16);
	size_t bytes = 0;
	CHECK(t);
	for (size_t m = 0; m < COUNT_OF(dialog); m++)
		bytes += 2 * strlen(dialog[m]);
	(void)per_call_us(t, true); /* the pages are there */
	for (int i = 0; i < 3; i++) {
		const double plain = per_call_us(t, false), masked = per_call_us(t, true);
		printf("a call of %zu bytes: %.1f us unmasked, %.1f us masked\n", bytes, plain,
		       masked);
	}
	trace_close(t);
	return 0;
}
