/*
 * sip_engine_fuzz.c - any bytes at a whole engine: datagrams and streams, trusted and not, with
 * time passing between them.
 *
 * Law: no bytes crash it, and none make it begin a call of its own. The input is pieces, each led
 * by one byte: bits 0..1 choose what it is (datagram from a stranger, from a trunk, stream bytes,
 * time), the rest times 16 is its length; 63 means all that is left.
 */
#include <stdlib.h>

#include "sip/message.h"
#include "sip/sip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct house {
	struct sip *sip;
	struct timers timers;
	int64_t now_ms;
	uint64_t dice;
};

static uint64_t roll(void *arg)
{
	struct house *h = arg;
	return h->dice = h->dice * 6364136223846793005ull + 1442695040888963407ull;
}

static void on_event(void *arg, const struct sip_event *ev)
{
	struct house *h = arg;
	struct sdp_audio mine = {.address = STR("192.0.2.1"), .port = 4000, .codec_count = 1};
	mine.codecs[0] = (struct sdp_codec){STR("PCMA"), 8000, 8, STR_NONE};
	uint64_t choice = roll(h) >> 33;
	CHECK(!memchr(ev->from_name.p ? ev->from_name.p : "", '\n', ev->from_name.n));
	if (ev->kind == SIP_INCOMING) {
		if (choice & 1)
			sip_call_ring(h->sip, ev->call, 183, choice & 32 ? &mine : NULL);
		if (choice & 14)
			sip_call_accept(h->sip, ev->call, &mine);
		else if (choice & 16)
			sip_call_reject(h->sip, ev->call, 486, 1);
	} else if (ev->kind == SIP_REOFFER) {
		sip_call_answer(h->sip, ev->call, choice & 3 ? &mine : NULL);
	} else if (ev->kind == SIP_REFER) {
		if (choice & 3)
			sip_refer_answer(h->sip, ev->call, 202);
		if (choice & 4)
			sip_refer_progress(h->sip, ev->call, choice & 8 ? 200 : 180);
	} else if (ev->kind == SIP_CONFIRMED && (choice & 3) == 0) {
		sip_call_end(h->sip, ev->call);
	}
}

static struct sip_message sent;

static void on_send(void *arg, const struct sip_address *to, struct str bytes)
{
	(void)arg;
	CHECK(to->family == 4 || to->family == 6);
	CHECK(bytes.n);
	if (str_starts(bytes, STR("INVITE "))) { /* inside a call it may refresh, or offer again */
		CHECK(sip_parse(bytes, &sent) == ERR_OK && sent.to.tag.n);
	}
	CHECK(!memchr(bytes.p, 0, bytes.n) || bytes.p[0] == 1); /* but for STUN */
}

static bool on_trusted(void *arg, const struct sip_address *from)
{
	(void)arg;
	return from->ip[3] == 2;
}

static enum err on_secret(void *arg, struct str user, struct str realm, struct str *md5,
			  struct str *sha256, bool *wants)
{
	(void)arg;
	(void)realm;
	if (!str_is(user, "alice"))
		return ERR_NOT_FOUND;
	*md5 = STR("0123456789abcdef0123456789abcdef");
	*sha256 = STR_NONE;
	*wants = false;
	return ERR_OK;
}

static bool on_domain(void *arg, struct str domain)
{
	(void)arg;
	return str_is(domain, "example.com");
}

static void on_changed(void *arg, struct sip_call_id call)
{
	struct house *h = arg;
	static char room[16384];
	struct buf b = buf_make(room, sizeof room);
	sip_call_save(h->sip, call, &b);
	CHECK(!b.full);
}

static void say(struct house *h, unsigned what, const uint8_t *p, size_t n)
{
	struct sip_address from = {.family = 4, .ip = {10, 0, 0, 1}, .port = 5060};
	if (what == 3) {
		h->now_ms += n ? (int64_t)p[0] * 200 : 1;
		sip_time(h->sip, h->now_ms);
		timers_run(&h->timers, h->now_ms, 1000);
		return;
	}
	from.ip[3] = what == 1 ? 2 : 1;
	if (what == 2) {
		from.transport = SIP_TCP;
		from.ip[3] = 2;
		from.stream = 4;
	}
	char *copy = xcalloc(1, n ? n : 1);
	if (n)
		memcpy(copy, p, n);
	sip_input(h->sip, &from, str_make(copy, n));
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct house h = {.dice = 1, .now_ms = 1000};
	struct sip_options o = {
		.user = {.arg = &h,
			 .event = on_event,
			 .send = on_send,
			 .trusted = on_trusted,
			 .secret = on_secret,
			 .domain_ours = on_domain,
			 .changed = on_changed},
		.timers = &h.timers,
		.dice = roll,
		.dice_arg = &h,
		.advertise_udp = STR("10.0.0.9:5060"),
		.calls_max = 4,
		.transactions_max = 8,
		.bindings_max = 4,
	};
	timers_init(&h.timers);
	h.sip = sip_create(&o);
	sip_time(h.sip, h.now_ms);
	while (size) {
		unsigned what = data[0] & 3;
		size_t n = (size_t)(data[0] >> 2) * 16;
		data++;
		size--;
		if (n == 63 * 16 || n > size)
			n = size;
		say(&h, what, data, n);
		data += n;
		size -= n;
	}
	for (int i = 0; i < 200; i++)
		say(&h, 3, (const uint8_t[]){255}, 1);
	sip_destroy(h.sip);
	CHECK(timers_next(&h.timers) == INT64_MAX);
	timers_finish(&h.timers);
	return 0;
}
