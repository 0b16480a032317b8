/* world_peers_test.c - the wire of the invented world, and the carrier and phones on it. */
#include "channel/voice/world_inside_test.h"

#include <stdlib.h>

enum { WIRE_MS = 5 };

const struct sip_address core_address = {.family = 4, .ip = {10, 0, 0, 100}, .port = 5060};
static char raw_last[4096];
static uint8_t raw_byte; /* who said something raw last */

/* -- the wire -- */

static void post(struct world *w, const struct sip_address *from, const struct sip_address *to,
		 struct str bytes)
{
	w->sent++;
	if (w->wire_cut)
		return;
	CHECK(w->packet_count < PACKETS_MAX);
	struct packet *p = &w->packets[w->packet_count++];
	*p = (struct packet){.at_ms = w->now_ms + WIRE_MS,
			     .order = ++w->packet_order,
			     .from = *from,
			     .to = *to,
			     .bytes = str_make(str_dup(bytes), bytes.n)};
}

void core_send_sip(void *arg, const struct sip_address *to, struct str bytes)
{
	post(arg, &core_address, to, bytes);
}

static void to_side(struct side *s, const struct packet *p)
{
	(void)str_copy(str_head(p->bytes, sizeof s->last - 1), s->last, sizeof s->last);
	sip_time(s->sip, s->w->now_ms);
	if (!s->scripted)
		sip_input(s->sip, &p->from, p->bytes);
}

static void carry(struct world *w, const struct packet *p)
{
	if (sip_address_eq(&p->to, &core_address)) {
		CHECK(w->voice); /* the run waits while no core lives */
		TURN(w, sip_input(voice_sip(w->voice), &p->from, p->bytes));
		return;
	}
	for (int i = 0; i < SIDES; i++)
		if (sip_address_eq(&p->to, &w->sides[i].address))
			to_side(&w->sides[i], p);
	if (p->to.ip[3] == raw_byte)
		(void)str_copy(str_head(p->bytes, sizeof raw_last - 1), raw_last, sizeof raw_last);
}

/* The oldest packet that is due; datagrams to a dead core wait in the socket. */
bool carry_one(struct world *w)
{
	struct packet *best = NULL;
	for (uint32_t i = 0; i < w->packet_count; i++) {
		struct packet *p = &w->packets[i];
		bool waits = !w->voice && sip_address_eq(&p->to, &core_address);
		if (p->at_ms <= w->now_ms && !waits && (!best || p->order < best->order))
			best = p;
	}
	if (!best)
		return false;
	struct packet p = *best;
	*best = w->packets[--w->packet_count];
	carry(w, &p);
	free((char *)(uintptr_t)p.bytes.p);
	return true;
}

struct str raw_say(struct world *w, uint8_t last_byte, const char *text)
{
	struct sip_address from = {.family = 4, .ip = {10, 0, 0, last_byte}, .port = 5060};
	struct buf b = buf_grow(1024);
	const char *body = strstr(text, "\n\n");
	size_t length = 0;
	for (const char *c = body ? body + 2 : ""; *c; c++)
		length += *c == '\n' ? 2 : 1;
	for (; *text; text++) {
		if (text == body)
			buf_fmt(&b, "\r\nContent-Length: %zu", length);
		if (*text == '\n')
			buf_ch(&b, '\r');
		buf_ch(&b, *text);
	}
	raw_last[0] = 0;
	raw_byte = last_byte;
	post(w, &from, &core_address, buf_str(&b));
	buf_free(&b);
	world_run(w, 20);
	return str_of(raw_last);
}

/* -- carrier and phones -- */

struct sdp_audio sound_of(const struct side *s)
{
	struct sdp_audio a = {.address = STR("10.0.0.1"), .port = s->port, .ptime_ms = 20};
	if (s->codec) {
		a.codecs[a.codec_count++] =
			(struct sdp_codec){str_of(s->codec), 8000,
					   str_is(str_of(s->codec), "PCMU")   ? 0
					   : str_is(str_of(s->codec), "PCMA") ? 8
									      : 97,
					   STR_NONE};
	} else {
		a.codecs[a.codec_count++] = (struct sdp_codec){STR("PCMA"), 8000, 8, STR_NONE};
		a.codecs[a.codec_count++] = (struct sdp_codec){STR("PCMU"), 8000, 0, STR_NONE};
	}
	a.codecs[a.codec_count++] = (struct sdp_codec){STR("telephone-event"), 8000, 96, STR_NONE};
	a.direction = s->direction;
	return a;
}

static void hear_sdp(struct side *s, const struct sdp_audio *sdp)
{
	s->peer_port = sdp->port;
	s->direction = sdp->direction;
	s->codec_count = sdp->codec_count;
	(void)str_copy(sdp->codecs[0].name, s->first_codec, sizeof s->first_codec);
}

static void side_incoming(struct side *s, const struct sip_event *ev)
{
	s->incoming++;
	s->call = ev->call;
	(void)str_copy(str_head(ev->from_user, 63), s->from_user, sizeof s->from_user);
	if (ev->sdp)
		hear_sdp(s, ev->sdp);
	s->direction = SDP_SENDRECV;
	struct sdp_audio mine = sound_of(s);
	if (s->refuses)
		sip_call_reject(s->sip, ev->call, s->refuses, 0);
	else if (s->rings)
		sip_call_ring(s->sip, ev->call, s->early ? 183 : 180, s->early ? &mine : NULL);
	if (!s->refuses && s->answers)
		sip_call_accept(s->sip, ev->call, &mine);
}

static void side_event(void *arg, const struct sip_event *ev)
{
	struct side *s = arg;
	struct sdp_audio mine;
	switch (ev->kind) {
	case SIP_INCOMING:
		side_incoming(s, ev);
		break;
	case SIP_ANSWERED:
		s->answered++;
		if (ev->sdp)
			hear_sdp(s, ev->sdp);
		break;
	case SIP_REOFFER:
		s->reoffers++;
		mine = sound_of(s);
		sip_call_answer(s->sip, ev->call, &mine);
		break;
	case SIP_REANSWER:
		s->reanswers++;
		s->status = ev->status;
		if (ev->sdp)
			hear_sdp(s, ev->sdp);
		break;
	case SIP_CALL_OVER:
		s->over++;
		s->status = ev->status;
		s->how = ev->over;
		break;
	case SIP_RINGING:
	case SIP_CONFIRMED:
	case SIP_DIGIT:
	case SIP_REFER:
		break;
	}
}

static void side_send(void *arg, const struct sip_address *to, struct str bytes)
{
	struct side *s = arg;
	post(s->w, &s->address, to, bytes);
}

static bool side_trusts(void *arg, const struct sip_address *from)
{
	(void)arg, (void)from;
	return true;
}

static enum err no_secret(void *arg, struct str user, struct str realm, struct str *md5,
			  struct str *sha256, bool *wants)
{
	(void)arg, (void)user, (void)realm, (void)md5, (void)sha256, (void)wants;
	return ERR_NOT_FOUND;
}

static bool no_domain(void *arg, struct str domain)
{
	(void)arg, (void)domain;
	return false;
}

static void no_binding(void *arg, uint32_t slot, struct str user, struct str domain,
		       struct str image)
{
	(void)arg, (void)slot, (void)user, (void)domain, (void)image;
}

static void no_trace(void *arg, struct sip_call_id call, bool out, const struct sip_address *peer,
		     struct str bytes)
{
	(void)arg, (void)call, (void)out, (void)peer, (void)bytes;
}

static void no_change(void *arg, struct sip_call_id call)
{
	(void)arg, (void)call;
}

static uint64_t side_dice(void *arg)
{
	static uint64_t z;
	(void)arg;
	z += 0x9e3779b97f4a7c15ull;
	return (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
}

void side_begin(struct world *w, int n)
{
	static const char *const names[] = {"10.0.0.1:5060", "10.0.0.2:5060", "10.0.0.3:5060"};
	struct side *s = &w->sides[n];
	*s = (struct side){
		.w = w, .rings = true, .answers = true, .port = (uint16_t)(4000 + 100 * n)};
	s->address =
		(struct sip_address){.family = 4, .ip = {10, 0, 0, (uint8_t)(n + 1)}, .port = 5060};
	timers_init(&s->timers);
	s->sip = sip_create(&(struct sip_options){
		.user = {.arg = s,
			 .event = side_event,
			 .send = side_send,
			 .trusted = side_trusts,
			 .secret = no_secret,
			 .domain_ours = no_domain,
			 .binding = no_binding,
			 .trace = no_trace,
			 .changed = no_change},
		.timers = &s->timers,
		.dice = side_dice,
		.advertise_udp = str_of(names[n]),
		.product = STR("peer"),
		.calls_max = 64,
		.transactions_max = 256,
		.bindings_max = 4,
		.secret = {(uint8_t)n},
	});
	sip_time(s->sip, w->now_ms);
}
