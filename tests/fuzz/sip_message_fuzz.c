/*
 * sip_message_fuzz.c - any bytes as a SIP message and its values.
 *
 * Law: what is accepted lies inside what came in, and what is written of it holds no line break of
 * its own. Seeds: tests/fuzz/corpus/sip_message and tests/data/sip/rfc4475.
 */
#include <stdlib.h>

#include "sip/auth.h"
#include "sip/message.h"
#include "sip/uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct str all;

static void inside(struct str s)
{
	if (s.n)
		CHECK(s.p >= all.p && s.p + s.n <= all.p + all.n);
}

static void check_uri(struct str text)
{
	static char room[3 * URI_BYTES_MAX];
	struct buf b = buf_make(room, sizeof room);
	struct sip_uri u;
	struct sip_address a;
	struct str v = STR_NONE;
	if (sip_uri_parse(text, &u) != ERR_OK)
		return;
	inside(u.user);
	inside(u.host);
	inside(u.params);
	inside(u.headers);
	sip_uri_param(&u, "transport", &v);
	inside(v);
	CHECK(sip_uri_eq(&u, &u));
	(void)!sip_uri_address(&u, SIP_UDP, &a);
	if (sip_uri_person(&u, &b) == ERR_OK)
		CHECK(!b.full && !memchr(room, '\n', b.n) && !memchr(room, 0, b.n));
	b.n = 0;
	if (sip_unescape(u.user, &b) == ERR_OK)
		CHECK(!memchr(room, '\n', b.n) && !memchr(room, 0, b.n));
}

static void check_name_addr(const struct sip_name_addr *a)
{
	inside(a->name);
	inside(a->uri);
	inside(a->params);
	inside(a->tag);
	check_uri(a->uri);
}

static void check_values(const struct sip_message *m)
{
	static char room[2 * HEADER_BYTES_MAX];
	for (uint32_t i = 0; i < m->header_count; i++) {
		struct str v = m->headers[i].value, element;
		struct buf b = buf_make(room, sizeof room);
		struct sip_name_addr a;
		struct digest d;
		inside(v);
		put_value(&b, v);
		CHECK(!b.full && !memchr(room, '\n', b.n) && !memchr(room, '\r', b.n));
		CHECK(!memchr(room, 0, b.n));
		for (struct str rest = v; rest.n && sip_take_name_addr(&rest, &a) == ERR_OK;)
			check_name_addr(&a);
		for (struct str rest = v; sip_take_element(&rest, &element);)
			inside(element);
		if (digest_parse(v, &d) == ERR_OK) {
			inside(d.username);
			inside(d.nonce);
			inside(d.response);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_message m;
	size_t length;
	all = str_make((const char *)data, size);
	check_uri(all);
	if (sip_frame(all, &length) == ERR_OK)
		CHECK(length <= size);
	enum err e = sip_parse(all, &m);
	CHECK(e == ERR_OK ? !m.refuse : !m.refuse || (m.request && m.via.value.n));
	CHECK(m.header_count <= HEADERS_MAX);
	inside(m.uri);
	inside(m.reason);
	inside(m.body);
	inside(m.call_id);
	inside(m.via.branch);
	inside(m.via.value);
	check_values(&m);
	struct str part;
	if (sip_body_part(sip_header_get(&m, HDR_CONTENT_TYPE), m.body, "application/sdp", &part) ==
	    ERR_OK)
		inside(part);
	if (e != ERR_OK)
		return 0;
	CHECK(m.via.value.n && m.call_id.n && m.from.uri.n && m.to.uri.n);
	check_name_addr(&m.from);
	check_name_addr(&m.to);
	return 0;
}
