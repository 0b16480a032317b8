/* house_sip.c - SIP between the sockets and the engine: what comes passes the gate; see house.h. */
#include "app/house.h"
#include "app/listen.h"
#include "app/secure.h"
#include "os/clock.h"

#define SERVE_US 4000 /* of a turn, for newcomers who had to wait */
#define NEWCOMERS_MAX 4096
#define CROWD 64 /* messages of streams in a turn; as many datagrams are read at once */

static void sip_take(void *arg, const struct sip_address *from, struct str bytes)
{
	struct house *h = arg;
	if (sip_is_stream(from->transport))
		sip_message(voice_sip(h->voice), from, bytes);
	else
		sip_input(voice_sip(h->voice), from, bytes);
	core_deliver(&h->core); /* each message is a cause of its own */
}

static void sip_bytes(void *arg, const struct sip_address *from, struct str bytes, bool crowded)
{
	struct house *h = arg;
	if (sip_is_stream(from->transport))
		sip_input(voice_sip(h->voice), from, bytes); /* framed there: stream_message */
	else
		gate_input(h->gate, from, bytes, crowded, h->turn_us);
}

/* As with datagrams: what comes in a crowd has more behind it. */
static void stream_message(void *arg, const struct sip_address *from, struct str message)
{
	struct house *h = arg;
	const bool crowded = h->streamed++ >= CROWD;
	gate_input(h->gate, from, message, crowded, h->turn_us);
}

static bool is_low(void *arg, const struct sip_address *from, struct str user)
{
	return voice_is_low(((struct house *)arg)->voice, from, user);
}

static bool is_trunk(void *arg, const struct sip_address *from)
{
	return voice_is_trunk(((struct house *)arg)->voice, from);
}

static bool is_busy(void *arg)
{
	return voice_is_busy(((struct house *)arg)->voice);
}

/* Newcomers who had to wait, as many as a turn has time for. */
void house_sip_serve(struct house *h)
{
	int64_t now_us = clock_mono_us(), until_us = now_us + SERVE_US;
	h->streamed = 0;
	if (!gate_waiting(h->gate) && !h->pressed)
		return;
	while (now_us < until_us && gate_serve(h->gate, now_us))
		now_us = clock_mono_us();
	h->pressed = gate_presses(h->gate, now_us);
	voice_pressed(h->voice, h->pressed);
}

static void stream_opened(void *arg, const struct sip_address *peer, uint32_t stream)
{
	struct house *h = arg;
	sip_stream_opened(voice_sip(h->voice), peer, stream);
}

static void stream_closed(void *arg, uint32_t stream)
{
	struct house *h = arg;
	sip_stream_closed(voice_sip(h->voice), stream);
	core_deliver(&h->core);
}

static void connect_failed(void *arg, const struct sip_address *to)
{
	struct house *h = arg;
	voice_connect_failed(h->voice, to);
}

int house_sip_socket(enum sip_transport t)
{
	static const int at[SIP_TRANSPORTS] = {-1, KIN_SIP_TCP, KIN_SIP_TLS, KIN_SIP_WS,
					       KIN_SIP_WSS};
	return at[t] >= 0 && listen_is(at[t]) ? at[t] : -1;
}

enum err house_sip_open(struct house *h, enum house_start start, struct buf *why)
{
	h->gate = gate_create(&(struct gate_options){.sip = voice_sip(h->voice),
						     .most = NEWCOMERS_MAX,
						     .seed = core_dice(&h->core),
						     .arg = h,
						     .take = sip_take,
						     .low = is_low,
						     .trusted = is_trunk,
						     .busy = is_busy});
	struct net_options o = {.loop = h->loop,
				.udp = KIN_SIP_UDP,
				.origins = str_of(h->set.sip_ws_origins),
				.streams_max = 4000,
				.arg = h,
				.failed = connect_failed,
				.input = sip_bytes,
				.opened = stream_opened,
				.closed = stream_closed,
				.trusted = is_trunk,
				.tls_name = secure_name,
				.tls_refused = secure_refused};
	enum err e = secure_open(h, start, why);
	if (e != ERR_OK)
		return e;
	o.tls = h->tls;
	for (enum sip_transport t = SIP_UDP; t < SIP_TRANSPORTS; t++)
		o.listening[t] = house_sip_socket(t);
	h->net = net_create(&o);
	sip_messages_to(voice_sip(h->voice), stream_message, h);
	return ERR_OK;
}
