/* source_test.c - who is heard. */
#include "rtp/source.h"
#include "tests/test.h"

static struct addr at(const char *ip, uint16_t port)
{
	struct addr a = {0};
	EXPECT(addr_parse(str_of(ip), port, &a) == ERR_OK);
	return a;
}

static enum source_verdict see(struct source *s, struct addr from, uint16_t seq, int64_t now_ms)
{
	return source_see(s, &from, 1, seq, now_ms);
}

TEST(source_of_the_sdp_locks_at_once)
{
	struct source s = {0};
	struct addr sdp = at("192.0.2.1", 4000), other = at("192.0.2.1", 4002);
	EXPECT(see(&s, sdp, 1, 0) == SOURCE_STRAY); /* nothing agreed */
	source_expect(&s, &sdp);
	EXPECT(addr_eq(source_target(&s), &sdp));
	EXPECT(see(&s, sdp, 1, 0) == SOURCE_OURS);
	for (uint16_t i = 0; i < 100; i++)
		EXPECT(see(&s, other, i, i * 20) == SOURCE_STRAY);
	EXPECT(see(&s, sdp, 900, 2000) == SOURCE_OURS);
}

TEST(source_behind_a_nat_locks_with_its_fifth_packet)
{
	struct source s = {0};
	struct addr sdp = at("10.0.0.1", 4000), nat = at("192.0.2.9", 61000);
	source_expect(&s, &sdp);
	for (uint16_t i = 0; i < 4; i++)
		EXPECT(see(&s, nat, (uint16_t)(65534 + i), i * 20) == SOURCE_LEARN);
	EXPECT(addr_eq(source_target(&s), &sdp)); /* until then it hears nothing */
	EXPECT(see(&s, nat, 2, 80) == SOURCE_OURS);
	EXPECT(addr_eq(source_target(&s), &nat));
	EXPECT(see(&s, sdp, 3, 100) == SOURCE_STRAY);
}

TEST(source_sdp_wins_while_another_is_learnt)
{
	struct source s = {0};
	struct addr sdp = at("10.0.0.1", 4000), thief = at("192.0.2.66", 1);
	source_expect(&s, &sdp);
	for (uint16_t i = 0; i < 4; i++)
		EXPECT(see(&s, thief, i, i * 20) == SOURCE_LEARN);
	EXPECT(see(&s, sdp, 50, 70) == SOURCE_OURS);
	EXPECT(see(&s, thief, 4, 80) == SOURCE_STRAY);
}

TEST(source_spraying_or_jumping_is_not_learnt)
{
	struct source s = {0};
	struct addr sdp = at("10.0.0.1", 4000), thief = at("192.0.2.66", 1);
	source_expect(&s, &sdp);
	for (uint16_t i = 0; i < 20; i++) /* a burst */
		EXPECT(see(&s, thief, i, 5) == SOURCE_LEARN);
	s = (struct source){0};
	source_expect(&s, &sdp);
	for (uint16_t i = 0; i < 50; i++) /* the same packet, or wild numbers */
		EXPECT(see(&s, thief, (uint16_t)(i % 2 ? 7 : i * 999), i * 20) == SOURCE_LEARN);
	EXPECT(!s.locked.len);
	/* many sources at a time do not grow any table */
	for (uint16_t i = 0; i < 1000; i++)
		EXPECT(see(&s, at("192.0.2.66", (uint16_t)(1 + i)), i, i * 20) == SOURCE_LEARN);
	EXPECT(!s.locked.len);
}

TEST(source_is_learnt_anew_only_with_a_new_sdp_address)
{
	struct source s = {0};
	struct addr one = at("10.0.0.1", 4000), two = at("10.0.0.2", 4000);
	source_expect(&s, &one);
	EXPECT(see(&s, one, 1, 0) == SOURCE_OURS);
	source_expect(&s, &one); /* a re-INVITE that changes nothing */
	EXPECT(s.locked.len != 0);
	source_expect(&s, &two);
	EXPECT(!s.locked.len && addr_eq(source_target(&s), &two));
	EXPECT(see(&s, one, 2, 20) == SOURCE_LEARN);
	EXPECT(see(&s, two, 1, 20) == SOURCE_OURS);
}

TEST(source_addresses_of_both_families)
{
	struct addr a = at("2001:db8::1", 5), b = at("2001:db8::2", 5), c = at("1.2.3.4", 5);
	struct addr none = {0}, out;
	EXPECT(addr_eq(&a, &a) && !addr_eq(&a, &b) && !addr_eq(&a, &c) && !addr_eq(&none, &none));
	EXPECT(addr_same_host(&c, &c) && addr_port(&a) == 5);
	addr_set_port(&c, 6);
	struct addr d = at("1.2.3.4", 5);
	EXPECT(!addr_eq(&c, &d) && addr_same_host(&c, &d));
	EXPECT(addr_is_host(&a) && addr_is_host(&c));
	static const char *const nobody[] = {"0.0.0.0", "224.0.0.1", "255.255.255.255",
					     "::", "ff02::1"};
	for (size_t i = 0; i < COUNT_OF(nobody); i++) {
		struct addr n = at(nobody[i], 5);
		EXPECT(!addr_is_host(&n));
	}
	struct addr pair[ADDR_FAMILIES];
	EXPECT(addr_parse_pair(STR("10.0.0.1"), pair) == ERR_OK && !pair[1].len);
	EXPECT(addr_parse_pair(STR("::1,127.0.0.1"), pair) == ERR_OK && pair[1].len);
	EXPECT(pair[0].sa.sa_family == AF_INET6 && pair[1].sa.sa_family == AF_INET);
	EXPECT(addr_parse_pair(STR("10.0.0.1,10.0.0.2"), pair) == ERR_INVALID);
	EXPECT(addr_parse_pair(STR("10.0.0.1,"), pair) == ERR_INVALID);
	EXPECT(addr_parse_pair(STR("10.0.0.1,::1,::2"), pair) == ERR_INVALID);
	EXPECT(addr_parse(STR("localhost"), 1, &out) == ERR_INVALID);
	EXPECT(addr_parse(STR(""), 1, &out) == ERR_INVALID);
	EXPECT(addr_parse(STR("1.2.3.4.5"), 1, &out) == ERR_INVALID);
}

TEST(source_of_a_trunk_declared_media_fixed_is_never_learnt)
{
	struct source s = {.fixed = true};
	struct addr sdp = at("10.0.0.1", 4000), nat = at("192.0.2.9", 61000);
	source_expect(&s, &sdp);
	for (uint16_t i = 0; i < 100; i++)
		EXPECT(see(&s, nat, i, i * 20) == SOURCE_STRAY);
	EXPECT(see(&s, sdp, 1, 3000) == SOURCE_OURS);
}
