/*
 * sip_header_fuzz.c - the values of headers that ask for something: Refer-To, Replaces,
 * Session-Expires, identities, RAck. The first byte says which header, the rest is its value, given
 * to a whole engine: in an INVITE, then in a request inside the call that came of it.
 *
 * Laws: nothing crashes; display names hold no NUL; what we say can be read again and never begins
 * a call.
 */
#include <stdlib.h>

#include "sip/engine.h"
#include "tests/fuzz/nobody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct house {
	struct sip *sip;
	struct timers timers;
	uint64_t dice;
	char tag[64];
};

static uint64_t roll(void *arg)
{
	struct house *h = arg;
	return h->dice = h->dice * 6364136223846793005ull + 1442695040888963407ull;
}

/* What is told may hold folds, but nothing that ends a C string somewhere. */
static void clean(struct str s)
{
	CHECK(!s.n || !memchr(s.p, 0, s.n));
}

static void on_event(void *arg, const struct sip_event *ev)
{
	struct house *h = arg;
	struct sdp_audio mine = {.address = STR("192.0.2.1"), .port = 4000, .codec_count = 1};
	mine.codecs[0] = (struct sdp_codec){STR("PCMA"), 8000, 8, STR_NONE};
	if (ev->caller) {
		clean(ev->caller->asserted.name);
		clean(ev->caller->diverted.name);
	}
	if (ev->kind == SIP_INCOMING)
		sip_call_accept(h->sip, ev->call, &mine);
	if (ev->kind == SIP_REOFFER)
		sip_call_answer(h->sip, ev->call, &mine);
	if (ev->kind == SIP_REFER) {
		CHECK(ev->refer && ev->refer->uri.n <= URI_BYTES_MAX);
		sip_refer_answer(h->sip, ev->call, 202);
		sip_refer_progress(h->sip, ev->call, 200);
	}
}

static struct sip_message sent;

static void on_send(void *arg, const struct sip_address *to, struct str bytes)
{
	struct house *h = arg;
	(void)to;
	CHECK(sip_parse(bytes, &sent) == ERR_OK);
	CHECK(!str_starts(bytes, STR("INVITE ")) || sent.to.tag.n);
	if (!sent.request && sent.status == 200 && !h->tag[0])
		CHECK(str_copy(sent.to.tag, h->tag, sizeof h->tag));
}

static void say(struct house *h, const char *method, uint32_t cseq, const char *header,
		struct str value)
{
	static char text[MESSAGE_BYTES_MAX];
	struct buf b = buf_make(text, sizeof text);
	const struct sip_address from = {.family = 4, .ip = {192, 0, 2, 9}, .port = 5060};
	buf_fmt(&b,
		"%s sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK%u\r\n"
		"From: <sip:a@b>;tag=f\r\nTo: <sip:100@b>%s%s\r\nCall-ID: c\r\nCSeq: %u %s\r\n"
		"Contact: <sip:a@192.0.2.9>\r\nSupported: timer, 100rel\r\n",
		method, cseq, h->tag[0] ? ";tag=" : "", h->tag, cseq, method);
	put_header(&b, header, value);
	buf_c(&b, "Content-Length: 0\r\n\r\n");
	if (!b.full)
		sip_input(h->sip, &from, buf_str(&b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const headers[] = {
		"Refer-To",    "Replaces",     "Session-Expires", "P-Asserted-Identity",
		"Diversion",   "History-Info", "Remote-Party-ID", "Privacy",
		"Referred-By", "RAck",	       "Min-SE",	  "Reason"};
	static const char *const methods[] = {"REFER", "UPDATE", "PRACK", "INVITE", "BYE"};
	if (!size)
		return 0;
	struct house h = {.dice = 1};
	struct str value = str_make((const char *)data + 1, size - 1);
	const char *header = headers[data[0] % COUNT_OF(headers)];
	struct sip_options o = {
		.user = {.arg = &h,
			 .event = on_event,
			 .send = on_send,
			 .trusted = nobody_distrusted,
			 .secret = nobody_secret,
			 .domain_ours = nobody_domain},
		.timers = &h.timers,
		.dice = roll,
		.dice_arg = &h,
		.advertise_udp = STR("192.0.2.1:5060"),
		.calls_max = 4,
		.transactions_max = 32,
		.bindings_max = 4,
	};
	timers_init(&h.timers);
	h.sip = sip_create(&o);
	sip_time(h.sip, 1000);
	say(&h, "INVITE", 1, header, value);
	if (!h.tag[0]) /* that was refused: then a plain one */
		say(&h, "INVITE", 2, "Subject", STR("x"));
	say(&h, "ACK", h.tag[0] ? 1 : 2, "Subject", STR("x"));
	for (uint32_t i = 0; i < COUNT_OF(methods); i++)
		say(&h, methods[i], 10 + i, header, value);
	sip_time(h.sip, 200000);
	timers_run(&h.timers, 200000, 1000);
	sip_destroy(h.sip);
	timers_finish(&h.timers);
	return 0;
}
