/* transport.c - what the transports are called, and how peers over each of them reach us. */
#include "sip/engine.h"

static const struct {
	const char *name, *param;
} transports[SIP_TRANSPORTS] = {
	[SIP_UDP] = {"UDP", ""},
	[SIP_TCP] = {"TCP", ";transport=tcp"},
	[SIP_TLS] = {"TLS", ";transport=tls"},
	[SIP_WS] = {"WS", ";transport=ws"},
	/* RFC 7118 section 5.2.3: URIs know `ws` only */
	[SIP_WSS] = {"WSS", ";transport=ws"},
};

bool sip_is_stream(enum sip_transport t)
{
	return t != SIP_UDP;
}

bool sip_is_web(enum sip_transport t)
{
	return t == SIP_WS || t == SIP_WSS;
}

const char *sip_transport_name(enum sip_transport t)
{
	return transports[t].name;
}

const char *sip_transport_param(enum sip_transport t)
{
	return transports[t].param;
}

void transport_advertise(struct sip *s, const struct sip_options *o)
{
	const struct str tcp = o->advertise_tcp.n ? o->advertise_tcp : o->advertise_udp;
	for (size_t i = 0; i < SIP_TRANSPORTS; i++) {
		struct str said = i == SIP_UDP	 ? o->advertise_udp
				  : i == SIP_TCP ? tcp
						 : o->advertise_more[i];
		struct buf b = buf_make(s->advertise[i], ADVERTISE_MAX - 1);
		put_value(&b, said.n ? said : tcp);
		CHECK(!b.full); /* our own settings, checked where they are read */
		s->advertise[i][b.n] = 0;
		s->o.advertise_more[i] = str_of(s->advertise[i]);
	}
	s->o.advertise_udp = str_of(s->advertise[SIP_UDP]);
	s->o.advertise_tcp = str_of(s->advertise[SIP_TCP]);
}

void put_our_contact(const struct sip *s, struct buf *out, struct str user,
		     enum sip_transport transport, bool secure)
{
	bool tls = transport == SIP_TLS || transport == SIP_WSS;
	bool sips = secure && tls; /* not promised to who came in the clear */
	buf_c(out, sips ? "<sips:" : "<sip:");
	if (user.n) {
		put_value(out, user);
		buf_ch(out, '@');
	}
	buf_c(out, s->advertise[transport]);
	/* RFC 3261 section 26.2.2: beside sips `tls` is not said */
	buf_c(out, sips && transport == SIP_TLS ? "" : sip_transport_param(transport));
	buf_ch(out, '>');
}
