/*
 * sip_bench.c - what a message and a call cost in the SIP engine, both sides in one process.
 *
 *   cc -O2 -std=gnu11 -D_GNU_SOURCE -I. -o sip_bench bench/sip_bench.c sip/[a-z]*.c base/[a-z]*.c \
 *      -lcrypto -lm     (without the *_test.c files)
 *
 * Prints nanoseconds per parse of an INVITE of some 750 bytes, and microseconds of one engine's
 * share per INVITE/100/180/200/ACK/BYE/200 call. The wire is a queue in memory; time is virtual but
 * for the stopwatch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sip/message.h"
#include "sip/sip.h"
#include "tests/fuzz/nobody.h"

enum { CALLS = 100000, PARSES = 2000000, QUEUE = 4096 };

struct side {
	struct sip *sip;
	struct sip_address address;
	bool caller;
};

struct wire {
	char bytes[2048];
	size_t n;
	int to;
};

static struct side sides[2];
static struct wire queue[QUEUE];
static uint32_t queue_head, queue_tail, overs;
static struct timers timers;
static uint64_t dice = 1;
static int64_t now_ms = 1000;

static uint64_t roll(void *arg)
{
	(void)arg;
	return dice = dice * 6364136223846793005ull + 1442695040888963407ull;
}

static struct sdp_audio sound(void)
{
	struct sdp_audio a = {.address = STR("192.0.2.1"), .port = 4000, .codec_count = 2};
	a.codecs[0] = (struct sdp_codec){STR("PCMA"), 8000, 8, STR_NONE};
	a.codecs[1] = (struct sdp_codec){STR("telephone-event"), 8000, 101, STR_NONE};
	return a;
}

static void on_event(void *arg, const struct sip_event *ev)
{
	struct side *side = arg;
	struct sdp_audio mine = sound();
	if (ev->kind == SIP_INCOMING) {
		sip_call_ring(side->sip, ev->call, 180, NULL);
		sip_call_accept(side->sip, ev->call, &mine);
	} else if (ev->kind == SIP_ANSWERED) {
		sip_call_end(side->sip, ev->call);
	} else if (ev->kind == SIP_CALL_OVER) {
		overs++;
	}
}

static void on_send(void *arg, const struct sip_address *to, struct str bytes)
{
	struct wire *w = &queue[queue_tail++ % QUEUE];
	(void)arg;
	CHECK(bytes.n <= sizeof w->bytes && queue_tail - queue_head < QUEUE);
	memcpy(w->bytes, bytes.p, bytes.n);
	w->n = bytes.n;
	w->to = to->ip[3] - 1;
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void start_side(int n)
{
	struct side *side = &sides[n];
	struct sip_options o = {
		.user = {.arg = side,
			 .event = on_event,
			 .send = on_send,
			 .trusted = nobody_distrusted,
			 .secret = nobody_secret,
			 .domain_ours = nobody_domain},
		.timers = &timers,
		.dice = roll,
		.advertise_udp = n ? STR("10.0.0.2:5060") : STR("10.0.0.1:5060"),
		.calls_max = 1000,
		.transactions_max = 200000,
		.bindings_max = 10,
	};
	side->address =
		(struct sip_address){.family = 4, .ip = {10, 0, 0, (uint8_t)(n + 1)}, .port = 5060};
	side->sip = sip_create(&o);
}

static void drain(void)
{
	while (queue_head != queue_tail) {
		struct wire w = queue[queue_head++ % QUEUE];
		sip_input(sides[w.to].sip, &sides[1 - w.to].address, str_make(w.bytes, w.n));
	}
}

static void bench_calls(void)
{
	struct sip_invite invite = {.uri = STR("sip:100@10.0.0.2"),
				    .from_user = STR("alice"),
				    .from_host = STR("example.org"),
				    .sdp = sound()};
	struct sip_call_id id;
	start_side(0);
	start_side(1);
	invite.to = sides[1].address;
	double began = seconds();
	for (uint32_t i = 0; i < CALLS; i++) {
		now_ms += 1; /* a thousand calls a second: 32 s of dead transactions lie about */
		sip_time(sides[0].sip, now_ms);
		sip_time(sides[1].sip, now_ms);
		CHECK(sip_call_start(sides[0].sip, &invite, &id) == ERR_OK);
		drain();
		timers_run(&timers, now_ms, 1000);
	}
	double took = seconds() - began;
	CHECK(overs == 2 * CALLS);
	printf("call: %.1f us for one side\n", took / CALLS / 2 * 1e6);
	sip_destroy(sides[0].sip);
	sip_destroy(sides[1].sip);
}

static void bench_parse(void)
{
	static const char invite[] =
		"INVITE sip:+48221234567@sip.example.org;user=phone SIP/2.0\r\n"
		"Via: SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bK776asdhds;rport\r\n"
		"Max-Forwards: 70\r\n"
		"To: <sip:+48221234567@sip.example.org;user=phone>\r\n"
		"From: \"Jan Kowalski\" <sip:+48601234567@192.0.2.4>;tag=1928301774\r\n"
		"Call-ID: a84b4c76e66710-00112233445566778899@192.0.2.4\r\n"
		"CSeq: 314159 INVITE\r\n"
		"Contact: <sip:+48601234567@192.0.2.4:5060>\r\n"
		"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE\r\n"
		"User-Agent: carrier gateway 7.1\r\n"
		"Content-Type: application/sdp\r\n"
		"Content-Length: 150\r\n\r\n"
		"v=0\r\no=- 1 1 IN IP4 192.0.2.4\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n"
		"m=audio 49170 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
		"a=ptime:20\r\na=sendrecv\r\n            ";
	static struct sip_message m;
	struct str bytes = str_make(invite, sizeof invite - 1);
	double began = seconds();
	uint64_t sum = 0;
	for (uint32_t i = 0; i < PARSES; i++) {
		CHECK(sip_parse(bytes, &m) == ERR_OK);
		sum += m.cseq;
	}
	double took = seconds() - began;
	printf("parse: %.0f ns for %zu bytes (%llu)\n", took / PARSES * 1e9, bytes.n,
	       (unsigned long long)sum % 10);
}

int main(void)
{
	timers_init(&timers);
	bench_parse();
	bench_calls();
	timers_finish(&timers);
	return 0;
}
