/* digit_test.c - RFC 4733 events. */
#include "rtp/digit.h"
#include "tests/test.h"

#define END 0x80

struct ear {
	struct digit_in in;
	char heard[32];
	uint16_t ms[32];
	uint32_t n;
};

static void note(struct ear *e, const struct digit_told *told, uint32_t count)
{
	for (uint32_t i = 0; i < count && e->n < 31; i++, e->n++) {
		e->heard[e->n] = (char)told[i].digit;
		e->ms[e->n] = told[i].duration_ms;
	}
}

static void see(struct ear *e, uint8_t event, uint8_t flags, uint16_t duration, uint32_t ts,
		int64_t now_ms)
{
	uint8_t p[] = {event, (uint8_t)(flags | 10), (uint8_t)(duration >> 8), (uint8_t)duration};
	struct rtp r = {.ts = ts, .ssrc = 9, .payload = str_make((char *)p, sizeof p)};
	struct digit_told told[2];
	note(e, told, digit_in_see(&e->in, &r, now_ms, told));
}

static void wait_until(struct ear *e, int64_t now_ms)
{
	struct digit_told told;
	if (digit_in_late(&e->in, now_ms, &told))
		note(e, &told, 1);
}

TEST(digit_is_told_once_with_its_end)
{
	struct ear e = {0};
	for (uint16_t i = 1; i <= 4; i++)
		see(&e, 3, 0, (uint16_t)(i * 160), 8000, i * 20);
	EXPECT(e.n == 0);
	for (int i = 0; i < 3; i++)
		see(&e, 3, END, 800, 8000, 100 + i * 20);
	see(&e, 3, 0, 480, 8000, 170); /* one that went astray */
	wait_until(&e, 1000);
	EXPECT(e.n == 1 && e.heard[0] == '3' && e.ms[0] == 100);
}

TEST(digit_whose_ends_are_lost_is_told_after_a_while)
{
	struct ear e = {0};
	see(&e, 11, 0, 160, 8000, 20);
	see(&e, 11, 0, 320, 8000, 40);
	wait_until(&e, 200);
	EXPECT(e.n == 0);
	wait_until(&e, 240);
	EXPECT(e.n == 1 && e.heard[0] == '#' && e.ms[0] == 40);
	see(&e, 11, END, 800, 8000, 260); /* it was only late */
	EXPECT(e.n == 1);
}

TEST(digit_of_which_only_an_end_comes_is_told)
{
	struct ear e = {0};
	see(&e, 0, END, 800, 1000, 0);
	see(&e, 0, END, 800, 1000, 20);
	EXPECT(e.n == 1 && e.heard[0] == '0');
}

TEST(digit_next_ends_the_one_before_and_the_same_key_counts_twice)
{
	struct ear e = {0};
	see(&e, 1, 0, 160, 1000, 0);
	see(&e, 1, 0, 320, 3000, 250); /* again: the end between was lost */
	EXPECT(e.n == 1);
	see(&e, 2, END, 400, 5000, 500); /* and of this only the end came */
	EXPECT(e.n == 3 && !memcmp(e.heard, "112", 3));
	see(&e, 1, END, 800, 3000, 510); /* the end of the second, overtaken */
	EXPECT(e.n == 3);
}

TEST(digits_come_whole_through_a_net_that_loses_reorders_and_doubles)
{
	static const char keys[] = "4111111111111111";
	for (uint32_t seed = 1; seed < 200; seed++) {
		struct ear e = {0};
		uint32_t dice = seed;
		for (uint32_t k = 0; k < 16; k++) {
			uint32_t ts = 0xffffe000u + k * 1600; /* over the edge */
			int64_t at_ms = k * 200;
			for (uint32_t i = 1; i <= 7; i++) {
				dice = dice * 1664525u + 1013904223u;
				/* a fifth is lost, but of the ends one comes */
				bool lost = (dice >> 16) % 5 == 0 && i != 5 + dice % 3;
				uint16_t duration = (uint16_t)(MIN(i, 5u) * 160);
				int64_t now = at_ms + i * 20 + ((dice >> 8) % 4 == 0 ? 25 : 0);
				for (uint32_t copies = lost ? 0 : 1 + (dice >> 20) % 2; copies;
				     copies--)
					see(&e, (uint8_t)(keys[k] - '0'), i >= 5 ? END : 0,
					    duration, ts, now);
			}
		}
		EXPECT(e.n == 16 && !memcmp(e.heard, keys, 16));
	}
}

TEST(digit_longer_than_16_bits_is_one)
{
	struct ear e = {0};
	see(&e, 5, 0, 0xf000, 1000, 7000);
	see(&e, 5, 0, 0xffff, 1000, 8100);
	see(&e, 5, 0, 160, 1000 + 0xffff, 8200); /* RFC 4733 §2.5.1.3: the next segment */
	see(&e, 5, END, 8000, 1000 + 0xffff, 9100);
	EXPECT(e.n == 1 && e.ms[0] == (0xffff + 8000) / 8);
}

TEST(digit_that_is_none_is_not_told)
{
	struct ear e = {0};
	see(&e, 16, END, 800, 1000, 0); /* hook flash */
	see(&e, 255, END, 800, 9000, 100);
	struct rtp r = {.payload = STR("abc")}; /* too short */
	struct digit_told told[2];
	EXPECT(digit_in_see(&e.in, &r, 0, told) == 0);
	EXPECT(e.n == 0);
}

TEST(digit_sent_has_a_growing_duration_three_ends_and_a_pause)
{
	struct digit_out out = {0};
	struct digit_packet p;
	EXPECT(digit_out_add(&out, '9', 100) == ERR_OK && digit_out_add(&out, '*', 1) == ERR_OK);
	EXPECT(digit_out_add(&out, 'x', 100) == ERR_INVALID);
	for (uint32_t i = 0; i < 7; i++) {
		EXPECT(digit_out_tick(&out, &p) && p.first == (i == 0));
		uint32_t duration = (uint32_t)p.payload[2] << 8 | p.payload[3];
		EXPECT(p.payload[0] == 9 && duration == MIN(i + 1, 5u) * 160);
		EXPECT((p.payload[1] & END) == (i >= 4 ? END : 0));
	}
	for (int i = 0; i < 3; i++)
		EXPECT(digit_out_busy(&out) && !digit_out_tick(&out, &p));
	for (uint32_t i = 0; i < 4; i++) /* 40 ms at least: two packets, the second an end */
		EXPECT(digit_out_tick(&out, &p) && p.first == (i == 0) && p.payload[0] == 10);
	for (int i = 0; i < 3; i++)
		EXPECT(!digit_out_tick(&out, &p));
	EXPECT(!digit_out_busy(&out));
}

TEST(digits_sent_wait_in_order_and_not_without_end)
{
	struct digit_out out = {0};
	for (int i = 0; i < DIGIT_QUEUE; i++)
		EXPECT(digit_out_add(&out, (uint8_t)('0' + i % 10), 40) == ERR_OK);
	EXPECT(digit_out_add(&out, '1', 40) == ERR_FULL);
	struct digit_packet p;
	uint32_t begun = 0;
	for (int i = 0; i < 1000 && digit_out_busy(&out); i++)
		if (digit_out_tick(&out, &p) && p.first)
			EXPECT(p.payload[0] == begun++ % 10);
	EXPECT(begun == DIGIT_QUEUE && !digit_out_busy(&out));
}

TEST(digit_characters_and_events)
{
	EXPECT(digit_event('0') == 0 && digit_event('9') == 9 && digit_event('*') == 10);
	EXPECT(digit_event('#') == 11 && digit_event('A') == 12 && digit_event('d') == 15);
	EXPECT(digit_event('E') == -1 && digit_event(' ') == -1);
	EXPECT(digit_char(15) == 'D' && digit_char(16) == 0);
}
