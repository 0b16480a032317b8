/*
 * keepalive.c - the keep-alive of phones behind NAT on UDP: a STUN binding request is answered with
 * the address it came from (RFC 5626 sections 3.5.2 and 8; RFC 5389). Only phones that are
 * registered from that address are answered: nobody is shot at through us, and nobody else has a
 * reason to ask.
 */
#include "sip/engine.h"

enum { STUN_HEAD = 20, BINDING_REQUEST = 0x0001, MAGIC = 0x2112a442 };

static uint32_t read_u32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

bool keepalive_is(struct str bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	return bytes.n >= STUN_HEAD && p[0] < 4 && read_u32(p + 4) == MAGIC;
}

size_t keepalive_answer(struct str request, const struct sip_address *from,
			unsigned char out[KEEPALIVE_MAX])
{
	const unsigned char *p = (const unsigned char *)request.p;
	size_t ip = from->family == 4 ? 4 : 16, length = (size_t)p[2] << 8 | p[3];
	if ((p[0] << 8 | p[1]) != BINDING_REQUEST || length + STUN_HEAD != request.n || length % 4)
		return 0;
	memcpy(out, p, STUN_HEAD);
	out[0] = 0x01; /* binding success */
	out[2] = 0;
	out[3] = (unsigned char)(8 + ip);
	unsigned char *a = out + STUN_HEAD;
	a[0] = 0x00; /* XOR-MAPPED-ADDRESS: RFC 5389 section 15.2 */
	a[1] = 0x20;
	a[2] = 0;
	a[3] = (unsigned char)(4 + ip);
	a[4] = 0;
	a[5] = from->family == 4 ? 1 : 2;
	a[6] = (unsigned char)(from->port >> 8 ^ 0x21);
	a[7] = (unsigned char)((from->port & 0xff) ^ 0x12);
	for (size_t i = 0; i < ip; i++)
		a[8 + i] = from->ip[i] ^ p[4 + i]; /* the cookie, then the transaction */
	return STUN_HEAD + 8 + ip;
}

void keepalive_input(struct sip *s, const struct sip_address *from, struct str bytes)
{
	unsigned char out[KEEPALIVE_MAX];
	size_t n = registrar_knows(s, from) ? keepalive_answer(bytes, from, out) : 0;
	if (n)
		s->o.user.send(s->o.user.arg, from, str_make((const char *)out, n));
}
