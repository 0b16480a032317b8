/* place_test.c - names of hosts: RFC 3263 as far as we go, TTLs, failures, the next life. */
#include "channel/voice/place.h"
#include "tests/test.h"

#include <stdlib.h>

#define NOW 1000000

static struct dns_record at(const char *ip)
{
	struct sip_address a;
	CHECK(sip_address_parse(str_of(ip), 1, &a) == ERR_OK);
	struct dns_record r = {.family = a.family};
	memcpy(r.ip, a.ip, sizeof r.ip);
	return r;
}

static struct dns_record srv(uint16_t priority, uint16_t weight, const char *target, uint16_t port)
{
	struct dns_record r = {.priority = priority, .weight = weight, .port = port};
	CHECK(str_copy(str_of(target), r.target, sizeof r.target));
	return r;
}

/* What falls due to be asked for, in order, as "name name". */
static struct str asked(struct places *ps, int64_t now_ms)
{
	static char text[1024];
	struct buf b = buf_make(text, sizeof text);
	enum dns_kind kind;
	struct str name;
	while (places_due(ps, now_ms, &kind, &name)) {
		buf_c(&b, b.n ? " " : "");
		buf_put(&b, name);
		EXPECT(kind == (str_starts(name, STR("_sip")) ? DNS_SRV : DNS_ADDRESS));
	}
	return buf_str(&b);
}

static bool answer(struct places *ps, const char *name, enum err e, uint32_t ttl_s,
		   const struct dns_record *records, uint32_t count)
{
	uint32_t slot;
	return places_answer(ps,
			     &(struct dns_answer){.kind = name[0] == '_' ? DNS_SRV : DNS_ADDRESS,
						  .name = str_of(name),
						  .err = e,
						  .ttl_s = ttl_s,
						  .records = records,
						  .count = count},
			     NOW, 0, &slot);
}

/* The places of a peer, as "1.2.3.4:5060/udp ...". */
static struct str found(struct places *ps, const char *host, uint16_t port, enum place_way way)
{
	static char text[4096];
	struct buf b = buf_make(text, sizeof text);
	struct place p[16];
	places_begin(ps);
	uint32_t n = places_find(ps, str_of(host), port, way, p, COUNT_OF(p));
	places_end(ps);
	for (uint32_t i = 0; i < n; i++) {
		buf_c(&b, i ? " " : "");
		sip_address_text(&p[i].address, &b);
		buf_c(&b, p[i].address.transport == SIP_TLS   ? "/tls"
			  : p[i].address.transport == SIP_TCP ? "/tcp"
							      : "/udp");
	}
	return buf_str(&b);
}

TEST(literal_addresses_ask_nobody)
{
	struct places ps = {0};
	EXPECT_STR(found(&ps, "192.0.2.1", 0, PLACE_ANY), "192.0.2.1:5060/udp");
	EXPECT_STR(found(&ps, "192.0.2.1", 5070, PLACE_TCP), "192.0.2.1:5070/tcp");
	EXPECT_STR(found(&ps, "192.0.2.1", 0, PLACE_TLS), "192.0.2.1:5061/tls");
	EXPECT_STR(found(&ps, "2001:db8::1", 0, PLACE_ANY), "[2001:db8::1]:5060/udp");
	EXPECT_STR(asked(&ps, NOW), "");
	EXPECT(places_next_ms(&ps) == INT64_MAX);
	places_finish(&ps);
}

TEST(a_name_with_a_port_is_its_addresses)
{
	struct places ps = {0};
	struct dns_record two[] = {at("192.0.2.2"), at("192.0.2.1")};
	EXPECT_STR(found(&ps, "a.test", 5080, PLACE_ANY), "");
	EXPECT_STR(asked(&ps, NOW), "a.test");
	EXPECT_STR(asked(&ps, NOW), ""); /* once */
	EXPECT(answer(&ps, "A.TEST", ERR_OK, 60, two, 2));
	EXPECT_STR(found(&ps, "a.test", 5080, PLACE_ANY), "192.0.2.1:5080/udp 192.0.2.2:5080/udp");
	EXPECT_STR(found(&ps, "a.test", 5081, PLACE_TCP), "192.0.2.1:5081/tcp 192.0.2.2:5081/tcp");
	places_finish(&ps);
}

/* RFC 3263 section 4.1 and 4.2, RFC 2782 */
TEST(a_name_without_a_port_asks_for_its_services_first)
{
	struct places ps = {0};
	struct dns_record services[] = {srv(20, 0, "c.test", 5062), srv(10, 5, "b.test", 5061),
					srv(10, 1, "192.0.2.9", 5063)};
	struct dns_record b = at("192.0.2.2"), c = at("2001:db8::3");
	EXPECT_STR(found(&ps, "a.test", 0, PLACE_ANY), "");
	EXPECT_STR(asked(&ps, NOW), "_sip._udp.a.test");
	EXPECT(answer(&ps, "_sip._udp.a.test", ERR_OK, 60, services, 3));
	EXPECT_STR(found(&ps, "a.test", 0, PLACE_ANY), "192.0.2.9:5063/udp");
	EXPECT_STR(asked(&ps, NOW), "b.test c.test");
	EXPECT(answer(&ps, "b.test", ERR_OK, 60, &b, 1));
	EXPECT(answer(&ps, "c.test", ERR_OK, 60, &c, 1));
	EXPECT_STR(found(&ps, "a.test", 0, PLACE_ANY),
		   "192.0.2.9:5063/udp 192.0.2.2:5061/udp [2001:db8::3]:5062/udp");
	/* over TCP only, as a URI may say: other services */
	EXPECT_STR(found(&ps, "a.test", 0, PLACE_TCP), "");
	EXPECT_STR(asked(&ps, NOW), "_sip._tcp.a.test");
	EXPECT_STR(found(&ps, "a.test", 0, PLACE_TLS), "");
	EXPECT_STR(asked(&ps, NOW), "_sips._tcp.a.test");
	places_finish(&ps);
}

TEST(without_services_the_address_serves)
{
	struct places ps = {0};
	struct dns_record a = at("192.0.2.1"), none = srv(0, 0, ".", 0);
	found(&ps, "a.test", 0, PLACE_ANY);
	EXPECT_STR(asked(&ps, NOW), "_sip._udp.a.test");
	EXPECT(answer(&ps, "_sip._udp.a.test", ERR_OK, 60, &none, 1)); /* "." is none */
	EXPECT_STR(found(&ps, "a.test", 0, PLACE_ANY), "");
	EXPECT_STR(asked(&ps, NOW), "_sip._tcp.a.test");
	EXPECT(answer(&ps, "_sip._tcp.a.test", ERR_NOT_FOUND, 0, NULL, 0));
	EXPECT_STR(found(&ps, "a.test", 0, PLACE_ANY), "");
	EXPECT_STR(asked(&ps, NOW), "a.test");
	EXPECT(answer(&ps, "a.test", ERR_OK, 60, &a, 1));
	EXPECT_STR(found(&ps, "a.test", 0, PLACE_ANY), "192.0.2.1:5060/udp");
	places_finish(&ps);
}

TEST(answers_grow_old_and_the_last_good_one_stays_when_dns_fails)
{
	struct places ps = {0};
	struct dns_record one = at("192.0.2.1"), other = at("192.0.2.7");
	found(&ps, "a.test", 5060, PLACE_ANY);
	EXPECT_STR(asked(&ps, NOW), "a.test");
	EXPECT(answer(&ps, "a.test", ERR_OK, 60, &one, 1));
	EXPECT(places_next_ms(&ps) == NOW + 60000);
	EXPECT_STR(asked(&ps, NOW + 59999), "");
	EXPECT_STR(asked(&ps, NOW + 60000), "a.test");
	EXPECT(!answer(&ps, "a.test", ERR_TIMEOUT, 0, NULL, 0)); /* nothing changed */
	EXPECT_STR(found(&ps, "a.test", 5060, PLACE_ANY), "192.0.2.1:5060/udp");
	EXPECT(places_next_ms(&ps) == NOW + PLACE_FAILED_MS);
	EXPECT_STR(asked(&ps, NOW + PLACE_FAILED_MS), "a.test");
	EXPECT(!answer(&ps, "a.test", ERR_OK, 0, &one, 1));
	EXPECT(places_next_ms(&ps) == NOW + PLACE_TTL_MIN_MS); /* TTL 0: not on every call */
	EXPECT_STR(asked(&ps, NOW + 60000), "a.test");
	EXPECT(answer(&ps, "a.test", ERR_OK, UINT32_MAX, &other, 1));
	EXPECT(places_next_ms(&ps) == NOW + PLACE_TTL_MAX_MS);
	EXPECT_STR(found(&ps, "a.test", 5060, PLACE_ANY), "192.0.2.7:5060/udp");
	/* said to be gone: that is an answer */
	EXPECT_STR(asked(&ps, NOW + PLACE_TTL_MAX_MS), "a.test");
	EXPECT(answer(&ps, "a.test", ERR_NOT_FOUND, 0, NULL, 0));
	EXPECT_STR(found(&ps, "a.test", 5060, PLACE_ANY), "");
	EXPECT(places_next_ms(&ps) == NOW + PLACE_NONE_MS);
	/* nobody uses it any more */
	found(&ps, "b.test", 5060, PLACE_ANY);
	EXPECT_STR(asked(&ps, NOW + PLACE_NONE_MS), "b.test");
	EXPECT(!answer(&ps, "a.test", ERR_OK, 60, &one, 1)); /* forgotten */
	places_finish(&ps);
}

TEST(many_records_in_any_order_are_the_same_set)
{
	struct places ps = {0};
	static struct dns_record many[300], turned[300];
	static struct place p[512];
	for (uint32_t i = 0; i < 300; i++) {
		many[i] = (struct dns_record){.family = 4,
					      .ip = {10, 1, (uint8_t)(i >> 8), (uint8_t)i}};
		turned[(i + 77) % 300] = many[i];
	}
	places_begin(&ps);
	EXPECT(places_find(&ps, STR("big.test"), 5060, false, p, COUNT_OF(p)) == 0);
	EXPECT_STR(asked(&ps, NOW), "big.test");
	EXPECT(answer(&ps, "big.test", ERR_OK, 1, many, 300));
	EXPECT(places_find(&ps, STR("big.test"), 5060, false, p, COUNT_OF(p)) == 300);
	EXPECT(places_find(&ps, STR("big.test"), 5060, false, p, 7) == 7);
	EXPECT_STR(asked(&ps, NOW + PLACE_TTL_MIN_MS), "big.test");
	EXPECT(!answer(&ps, "big.test", ERR_OK, 1, turned, 300));
	places_finish(&ps);
}

TEST(names_live_on_in_images)
{
	struct places ps = {0}, next = {0};
	struct dns_record services[] = {srv(1, 2, "b.test", 5061)}, b = at("192.0.2.2");
	found(&ps, "a.test", 0, PLACE_ANY);
	EXPECT_STR(asked(&ps, NOW), "_sip._udp.a.test");
	EXPECT(answer(&ps, "_sip._udp.a.test", ERR_OK, 60, services, 1));
	found(&ps, "a.test", 0, PLACE_ANY);
	EXPECT_STR(asked(&ps, NOW), "b.test");
	EXPECT(answer(&ps, "b.test", ERR_OK, 60, &b, 1));
	for (uint32_t slot = 0; slot < 2; slot++) {
		struct buf image = buf_grow(64);
		EXPECT(places_save(&ps, slot, &image));
		for (size_t n = 0; n < image.n; n++) /* torn anywhere: refused */
			if (places_load(&next, slot, str_head(buf_str(&image), n)) == ERR_OK)
				EXPECT_STR(STR("a torn image"), "is taken");
		EXPECT(places_load(&next, slot + 20, buf_str(&image)) == ERR_OK);
		EXPECT(places_load(&next, slot, buf_str(&image)) == ERR_INVALID); /* twice */
		buf_free(&image);
	}
	EXPECT_STR(found(&next, "a.test", 0, false), "192.0.2.2:5061/udp");
	EXPECT_STR(asked(&next, NOW), "_sip._udp.a.test b.test"); /* at once */
	places_finish(&ps);
	places_finish(&next);
}

TEST(a_name_too_long_is_nowhere)
{
	struct places ps = {0};
	char text[300];
	memset(text, 'a', sizeof text);
	text[260] = 0;
	EXPECT_STR(found(&ps, text, 0, PLACE_ANY), "");
	EXPECT_STR(found(&ps, text, 5060, PLACE_ANY), "");
	EXPECT_STR(asked(&ps, NOW), "");
	places_finish(&ps);
}
