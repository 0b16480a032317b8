/*
 * sip_stream_fuzz.c - any bytes on a TCP stream: framing (RFC 3261 section 18.3).
 *
 * Law: however TCP cuts them, the engine says the same and drops the stream or not alike. First
 * byte: the size of the pieces.
 */
#include <stdlib.h>

#include "sip/sip.h"
#include "tests/fuzz/nobody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct house {
	struct sip *sip;
	struct timers timers;
	uint64_t dice;
	struct buf said;
	bool dropped;
};

static uint64_t roll(void *arg)
{
	struct house *h = arg;
	return h->dice += 0x9e3779b97f4a7c15;
}

static void on_event(void *arg, const struct sip_event *ev)
{
	struct house *h = arg;
	if (ev->kind == SIP_INCOMING)
		sip_call_reject(h->sip, ev->call, 486, 0);
}

static void on_send(void *arg, const struct sip_address *to, struct str bytes)
{
	struct house *h = arg;
	CHECK(to->transport == SIP_TCP && to->stream == 4);
	buf_put(&h->said, bytes);
}

static void on_drop(void *arg, uint32_t stream)
{
	struct house *h = arg;
	CHECK(stream == 4);
	h->dropped = true;
}

/* What comes of these bytes in pieces of this size. */
static void tell(struct house *h, struct str bytes, size_t piece)
{
	*h = (struct house){.dice = 1, .said = buf_grow(4096)};
	struct sip_options o = {.user = {.arg = h,
					 .event = on_event,
					 .send = on_send,
					 .trusted = nobody_distrusted,
					 .secret = nobody_secret,
					 .domain_ours = nobody_domain,
					 .drop = on_drop},
				.timers = &h->timers,
				.dice = roll,
				.dice_arg = h,
				.advertise_udp = STR("10.0.0.9:5060"),
				.calls_max = 4,
				.transactions_max = 8,
				.bindings_max = 4};
	struct sip_address from = {
		.transport = SIP_TCP, .family = 4, .ip = {10, 0, 0, 2}, .port = 5060, .stream = 4};
	timers_init(&h->timers);
	h->sip = sip_create(&o);
	sip_time(h->sip, 1000);
	sip_stream_opened(h->sip, &from, 4);
	for (; bytes.n && !h->dropped; bytes = str_from(bytes, piece)) {
		struct str head = str_head(bytes, piece);
		char *copy = xcalloc(1, head.n);
		memcpy(copy, head.p, head.n);
		sip_input(h->sip, &from, str_make(copy, head.n));
		free(copy);
	}
	sip_destroy(h->sip);
	timers_finish(&h->timers);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct house whole, cut;
	if (!size)
		return 0;
	struct str bytes = str_make((const char *)data + 1, size - 1);
	tell(&whole, bytes, SIZE_MAX);
	tell(&cut, bytes, data[0] + 1u);
	CHECK(whole.dropped == cut.dropped);
	CHECK(str_eq(buf_str(&whole.said), buf_str(&cut.said)));
	buf_free(&whole.said);
	buf_free(&cut.said);
	return 0;
}
