/* forms_test.c - spans, dates, peers, addresses as people write them. */
#include "objects/forms.h"

#include "tests/test.h"

TEST(spans_end_after_they_begin)
{
	struct span s = {0};
	EXPECT(form_span(STR("08:00-16:00"), &s) == ERR_OK && s.from_min == 480 && s.to_min == 960);
	EXPECT(form_span(STR("00:00-24:00"), &s) == ERR_OK && s.from_min == 0 && s.to_min == 1440);
	static const char *const bad[] = {"",
					  "8:00-16:00",
					  "08:00-08:00",
					  "16:00-08:00",
					  "08:60-09:00",
					  "08:00-24:01",
					  "24:00-24:00",
					  "08:00 16:00",
					  "08:00-16:0x",
					  "08:00-16:000",
					  "25:00-26:00",
					  "08-00-16:00"};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(form_span(str_of(bad[i]), &s) == ERR_INVALID);
}

TEST(dates_are_days_of_the_calendar)
{
	int32_t y, m, d;
	EXPECT(form_date(STR("2026-12-24"), &y, &m, &d) == ERR_OK && y == 2026 && m == 12 &&
	       d == 24);
	EXPECT(form_date(STR("2028-02-29"), &y, &m, &d) == ERR_OK);
	static const char *const bad[] = {"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
					  "2026-1-01",	"2026-01-00", "2026/01/01", "26-01-01",
					  "",		"2100-02-29"};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(form_date(str_of(bad[i]), &y, &m, &d) == ERR_INVALID);
}

TEST(peers_are_address_or_address_and_port)
{
	static const struct {
		const char *text, *address;
		uint16_t port;
	} good[] = {
		{"127.0.0.1", "127.0.0.1", 0},
		{"127.0.0.1:5080", "127.0.0.1", 5080},
		{"[2001:db8::1]:5060", "2001:db8::1", 5060},
		{"[2001:db8::1]", "2001:db8::1", 0},
		{"2001:db8::1", "2001:db8::1", 0},
		{"sip.carrier.example", "sip.carrier.example", 0},
		{"sip.carrier.example:65535", "sip.carrier.example", 65535},
	};
	static const char *const bad[] = {"",
					  ":5060",
					  "10.0.0.256",
					  "10.0.0.1:0",
					  "10.0.0.1:65536",
					  "10.0.0.1:",
					  "10.0.0.1:x",
					  "[::1]x",
					  "[::1",
					  "[10.0.0.1]",
					  "-a.example",
					  "a..b",
					  "a_b.example",
					  "a b",
					  "1.2.3",
					  "sip:10.0.0.1"};
	for (size_t i = 0; i < COUNT_OF(good); i++) {
		struct trunk_peer p = {0};
		EXPECT(form_peer(str_of(good[i].text), &p) == ERR_OK);
		EXPECT_STR(p.address, good[i].address);
		EXPECT(p.port == good[i].port);
	}
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct trunk_peer p;
		if (form_peer(str_of(bad[i]), &p) != ERR_INVALID)
			test_failed(bad[i], __FILE__, __LINE__);
	}
}

TEST(sip_addresses_of_fixed_phones)
{
	static const char *const good[] = {"sip:a1@10.0.0.5:5060",
					   "sip:a1@10.0.0.5",
					   "sips:a1@phones.acme.test",
					   "sip:10.0.0.5",
					   "sip:a1@[2001:db8::5]:5070;transport=tcp",
					   "sip:a%20b@h"};
	static const char *const bad[] = {"",
					  "a1@10.0.0.5",
					  "tel:+48221000000",
					  "sip:",
					  "sip:@10.0.0.5",
					  "sip:a1@",
					  "sip:a1@10.0.0.5:99999",
					  "sip:a 1@10.0.0.5",
					  "sip:a1@10.0.0.5;",
					  "sip:a1@h?Subject=x",
					  "<sip:a1@10.0.0.5>",
					  "sip:a@b@c",
					  "sip:a1@10.0.0.5\r\nVia: x"};
	for (size_t i = 0; i < COUNT_OF(good); i++)
		if (!form_sip_uri(str_of(good[i])))
			test_failed(good[i], __FILE__, __LINE__);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		if (form_sip_uri(str_of(bad[i])))
			test_failed(bad[i], __FILE__, __LINE__);
}

TEST(numbers_are_e164_or_short_codes)
{
	static const char *const good[] = {
		"+48221000000", "+12", "112", "*98", "#21*", "echo", "12345678901234567890"};
	static const char *const bad[] = {"",
					  "+",
					  "+0123",
					  "+1234567890123456",
					  "Echo",
					  "+4822 100",
					  "123456789012345678901",
					  "a-b"};
	for (size_t i = 0; i < COUNT_OF(good); i++)
		EXPECT(form_number(str_of(good[i])));
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		EXPECT(!form_number(str_of(bad[i])));
}
