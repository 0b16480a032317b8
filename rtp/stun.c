/* stun.c - see stun.h. Numbers are in network order. */
#include "rtp/stun.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define COOKIE 0x2112a442u
#define HMAC_BYTES 20
#define FINGERPRINT_XOR 0x5354554eu
#define FAMILY_4 1
#define FAMILY_6 2

static uint16_t get16(const char *p)
{
	return (uint16_t)((uint8_t)p[0] << 8 | (uint8_t)p[1]);
}

static uint32_t get32(const char *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(char *p, uint32_t v)
{
	p[0] = (char)(v >> 8);
	p[1] = (char)v;
}

static void put32(char *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* ISO 3309, as in RFC 8489 §14.7. */
static uint32_t crc32(const char *p, size_t n)
{
	uint32_t crc = 0xffffffffu;
	for (size_t i = 0; i < n; i++) {
		crc ^= (uint8_t)p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* The message up to `n`, as if it ended after an attribute of `more` bytes from there. */
static void hmac(const char *message, size_t n, size_t more, struct str key,
		 uint8_t out[HMAC_BYTES])
{
	char head[STUN_HEADER];
	unsigned length = HMAC_BYTES;
	char text[STUN_MESSAGE_MAX * 4];
	CHECK(n >= STUN_HEADER && n <= sizeof text);
	memcpy(head, message, STUN_HEADER);
	put16(head + 2, (uint32_t)(n - STUN_HEADER + more));
	memcpy(text, head, STUN_HEADER);
	memcpy(text + STUN_HEADER, message + STUN_HEADER, n - STUN_HEADER);
	CHECK(HMAC(EVP_sha1(), key.p, (int)key.n, (const uint8_t *)text, n, out, &length));
}

bool stun_is(struct str packet)
{
	return packet.n >= STUN_HEADER && (uint8_t)packet.p[0] < 4 &&
	       get32(packet.p + 4) == COOKIE && packet.n % 4 == 0 &&
	       get16(packet.p + 2) == packet.n - STUN_HEADER;
}

/* RFC 8489 §14.2: xored with the cookie, IPv6 with the transaction's id, too. */
static bool get_mapped(struct str v, const struct stun *m, struct addr *out)
{
	char mask[16];
	struct addr a = {0};
	put32(mask, COOKIE);
	memcpy(mask + 4, m->id, STUN_ID);
	size_t bytes = v.n == 8 && v.p[1] == FAMILY_4 ? 4 : 16;
	if (v.n != 4 + bytes || (bytes == 16 && v.p[1] != FAMILY_6))
		return false;
	char *host = bytes == 4 ? (char *)&a.in.sin_addr : (char *)&a.in6.sin6_addr;
	a.sa.sa_family = bytes == 4 ? AF_INET : AF_INET6;
	a.len = bytes == 4 ? sizeof a.in : sizeof a.in6;
	for (size_t i = 0; i < bytes; i++)
		host[i] = (char)(v.p[4 + i] ^ mask[i]);
	addr_set_port(&a, (uint16_t)(get16(v.p + 2) ^ COOKIE >> 16));
	*out = a;
	return true;
}

/* False: the attribute's value is not what its name wants. */
static bool take(struct stun *m, uint16_t name, struct str v)
{
	switch (name) {
	case STUN_USERNAME:
		m->username = v;
		return v.n <= 513;
	case STUN_REALM:
		m->realm = v;
		return true;
	case STUN_NONCE:
		m->nonce = v;
		return true;
	case STUN_SOFTWARE:
		m->software = v;
		return true;
	case STUN_XOR_MAPPED_ADDRESS:
		return get_mapped(v, m, &m->mapped);
	case STUN_ERROR_CODE:
		if (v.n < 4 || (v.p[2] & 7) < 3 || (v.p[2] & 7) > 6 || (uint8_t)v.p[3] > 99)
			return false;
		m->error = (uint16_t)((v.p[2] & 7) * 100 + (uint8_t)v.p[3]);
		return true;
	case STUN_PRIORITY:
		m->priority = v.n == 4 ? get32(v.p) : 0;
		return v.n == 4;
	case STUN_USE_CANDIDATE:
		m->use_candidate = true;
		return v.n == 0;
	case STUN_ICE_CONTROLLED:
	case STUN_ICE_CONTROLLING:
		if (v.n != 8)
			return false;
		m->controlled |= name == STUN_ICE_CONTROLLED;
		m->controlling |= name == STUN_ICE_CONTROLLING;
		m->tie_breaker = (uint64_t)get32(v.p) << 32 | get32(v.p + 4);
		return true;
	default:
		break;
	}
	if (name >= 0x8000 || name == STUN_UNKNOWN_ATTRIBUTES)
		return true;
	if (m->unknown_count < STUN_UNKNOWN_MAX)
		m->unknown[m->unknown_count] = name;
	m->unknown_count++;
	return true;
}

enum err stun_parse(struct str packet, struct stun *out)
{
	if (!stun_is(packet))
		return ERR_INVALID;
	uint16_t type = get16(packet.p);
	struct stun m = {
		.class = (enum stun_class)((type >> 4 & 1) | (type >> 7 & 2)),
		.method = (uint16_t)((type & 0xf) | (type >> 1 & 0x70) | (type >> 2 & 0xf80)),
	};
	memcpy(m.id, packet.p + 8, STUN_ID);
	for (size_t at = STUN_HEADER; at < packet.n;) {
		if (packet.n - at < 4)
			return ERR_INVALID;
		uint16_t name = get16(packet.p + at);
		size_t n = get16(packet.p + at + 2), whole = (n + 3) & ~(size_t)3;
		if (whole > packet.n - at - 4)
			return ERR_INVALID;
		struct str v = str_make(packet.p + at + 4, n);
		if (name == STUN_FINGERPRINT) {
			if (n != 4 || at + 8 != packet.n ||
			    get32(v.p) != (crc32(packet.p, at) ^ FINGERPRINT_XOR))
				return ERR_INVALID;
			m.fingerprint = true;
		} else if (m.integrity) {
			/* not covered by it: anybody may have put it there */
		} else if (name == STUN_MESSAGE_INTEGRITY) {
			if (n != HMAC_BYTES)
				return ERR_INVALID;
			m.integrity = at;
		} else if (!take(&m, name, v)) {
			return ERR_INVALID;
		}
		at += 4 + whole;
	}
	*out = m;
	return ERR_OK;
}

bool stun_authentic(struct str packet, const struct stun *m, struct str key)
{
	uint8_t want[HMAC_BYTES];
	if (!m->integrity || packet.n > (size_t)STUN_MESSAGE_MAX * 4)
		return false;
	hmac(packet.p, m->integrity, 4 + HMAC_BYTES, key, want);
	return CRYPTO_memcmp(want, packet.p + m->integrity + 4, HMAC_BYTES) == 0;
}

/* -- writing -- */

void stun_begin(struct buf *b, enum stun_class class, uint16_t method, const uint8_t id[STUN_ID])
{
	char head[STUN_HEADER] = {0};
	CHECK(b->n == 0);
	put16(head, (method & 0xfu) | (method & 0x70u) << 1 | (method & 0xf80u) << 2 |
			    (class & 1u) << 4 | (class & 2u) << 7);
	put32(head + 4, COOKIE);
	memcpy(head + 8, id, STUN_ID);
	buf_put(b, str_make(head, sizeof head));
}

void stun_put(struct buf *b, uint16_t attribute, struct str value, char pad)
{
	char head[4];
	put16(head, attribute);
	put16(head + 2, (uint32_t)value.n);
	buf_put(b, str_make(head, sizeof head));
	buf_put(b, value);
	while (b->n % 4 && !b->full)
		buf_ch(b, pad);
	if (!b->full)
		put16(b->p + 2, (uint32_t)(b->n - STUN_HEADER));
}

void stun_put_mapped(struct buf *b, const struct addr *a)
{
	bool six = a->sa.sa_family == AF_INET6;
	char v[20] = {0, six ? FAMILY_6 : FAMILY_4};
	size_t bytes = six ? 16 : 4;
	const char *host = six ? (const char *)&a->in6.sin6_addr : (const char *)&a->in.sin_addr;
	put16(v + 2, addr_port(a) ^ COOKIE >> 16);
	for (size_t i = 0; i < bytes && !b->full; i++) /* cookie and id stand behind each other */
		v[4 + i] = (char)(host[i] ^ b->p[4 + i]);
	stun_put(b, STUN_XOR_MAPPED_ADDRESS, str_make(v, 4 + bytes), 0);
}

void stun_put_integrity(struct buf *b, struct str key)
{
	uint8_t mac[HMAC_BYTES];
	if (b->full)
		return;
	hmac(b->p, b->n, 4 + HMAC_BYTES, key, mac);
	stun_put(b, STUN_MESSAGE_INTEGRITY, str_make((const char *)mac, sizeof mac), 0);
}

void stun_put_fingerprint(struct buf *b)
{
	char v[4] = {0};
	size_t at = b->n;
	stun_put(b, STUN_FINGERPRINT, str_make(v, sizeof v), 0); /* the length counts it in */
	if (!b->full)
		put32(b->p + at + 4, crc32(b->p, at) ^ FINGERPRINT_XOR);
}

/* -- ICE-lite -- */

static void finish(struct buf *out, const struct stun_ice *ice)
{
	stun_put_integrity(out, ice->password);
	stun_put_fingerprint(out);
}

static enum stun_verdict refuse(const struct stun *request, const struct stun_ice *ice,
				uint32_t code, struct str why, struct buf *out)
{
	char room[64] = {0, 0, (char)(code / 100), (char)(code % 100)};
	struct buf v = buf_make(room, sizeof room);
	v.n = 4;
	buf_put(&v, why);
	stun_begin(out, STUN_ERROR, request->method, request->id);
	stun_put(out, STUN_ERROR_CODE, buf_str(&v), 0);
	if (code == 420) {
		char names[2 * STUN_UNKNOWN_MAX];
		uint32_t n = MIN(request->unknown_count, (uint32_t)STUN_UNKNOWN_MAX);
		for (uint32_t i = 0; i < n; i++)
			put16(names + 2 * (size_t)i, request->unknown[i]);
		stun_put(out, STUN_UNKNOWN_ATTRIBUTES, str_make(names, 2 * (size_t)n), 0);
	}
	finish(out, ice);
	return STUN_REFUSED;
}

/* RFC 8445 §7.2.2: OURS:THEIRS. */
static bool is_for(const struct stun_ice *ice, struct str username)
{
	struct str ours, theirs;
	if (!str_cut(username, ':', &ours, &theirs) || !str_eq(ours, ice->ufrag))
		return false;
	return !ice->peer_ufrag.n || str_eq(theirs, ice->peer_ufrag);
}

enum stun_verdict stun_answer(struct str packet, const struct stun *request,
			      const struct stun_ice *ice, const struct addr *from, struct buf *out)
{
	if (request->class != STUN_REQUEST || request->method != STUN_BINDING ||
	    !request->fingerprint || !is_for(ice, request->username) ||
	    !stun_authentic(packet, request, ice->password))
		return STUN_DROP;
	if (request->unknown_count)
		return refuse(request, ice, 420, STR("Unknown Attribute"), out);
	if (!request->priority)
		return refuse(request, ice, 400, STR("Bad Request"), out);
	if (request->controlled) /* RFC 8445 §6.1.1: who is not lite controls */
		return refuse(request, ice, 487, STR("Role Conflict"), out);
	stun_begin(out, STUN_SUCCESS, STUN_BINDING, request->id);
	stun_put_mapped(out, from);
	finish(out, ice);
	return request->use_candidate ? STUN_CHOSEN : STUN_CHECKED;
}
